//! The nearest of many points, where each point also has a distance of its own below which nothing reaches it.
//!
//! DBSCAN, OPTICS and HDBSCAN score a row by it: how far it is to the nearest core point; or, with the core distance as the least,
//! how far it is to be reached. Searching a bounded sample by matrix products costs rows x points x columns; trees lose at 20 columns.

use ndarray::{Array2, ArrayView1, ArrayView2, Axis, Slice, linalg::general_mat_mul};
use rayon::prelude::*;

use super::{
    Model,
    frame::{Frame, rows_from},
    rows,
};
use crate::{text::Said, units::FeatureMatrix};

/// Points that are compared with a block of rows in one product; both fit a core's cache.
const TILE: usize = 256;

/// Points with the distance from which on each is reached.
#[derive(Debug, Clone)]
pub(crate) struct Reach {
    points: Array2<f64>,
    squares: Vec<f64>,
    /// Squared.
    least: Vec<f64>,
}

/// What was found for a row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Reached {
    /// The point.
    pub point: usize,
    /// How far it is: the larger of the distance to it and its own least distance.
    pub reach: f64,
}

impl Reach {
    /// Points, one a row, and from which distance on each is reached.
    pub fn new(points: Array2<f64>, least: &[f64]) -> Self {
        let squares = points.rows().into_iter().map(|p| p.dot(&p)).collect();
        Self { points, squares, least: least.iter().map(|l| l * l).collect() }
    }

    /// The point `index`.
    pub fn point(&self, index: usize) -> ndarray::ArrayView1<'_, f64> {
        self.points.row(index)
    }

    /// For each row of `block` the point by which it is reached first; the first of equals. There must be a point.
    pub fn of_block(&self, block: &Array2<f64>) -> Vec<Reached> {
        let mut best = vec![(0usize, f64::INFINITY); block.nrows()];
        self.compare(block, |row, start, squares| self.improve(start, squares, &mut best[row]));
        self.exact(block, &best)
    }

    /// The same, and the distance to each row's `k`-th nearest point (the farthest where there are fewer).
    pub fn of_block_and_kth(&self, block: &Array2<f64>, k: usize) -> Vec<(Reached, f64)> {
        let k = k.clamp(1, self.points.nrows().max(1));
        let mut best = vec![(0usize, f64::INFINITY); block.nrows()];
        let mut nearest = vec![Vec::with_capacity(k + 1); block.nrows()];
        self.compare(block, |row, start, squares| {
            self.improve(start, squares, &mut best[row]);
            squares.iter().for_each(|&square| keep_smallest(&mut nearest[row], square, k));
        });
        let kth = nearest.iter().map(|kept| kept.last().copied().unwrap_or(0.0).sqrt());
        self.exact(block, &best).into_iter().zip(kth).collect()
    }

    /// Gives `visit` the squared distances of each row of `block` to the points from a place on, tile after tile.
    fn compare(&self, block: &Array2<f64>, mut visit: impl FnMut(usize, usize, &[f64])) {
        let own: Vec<f64> = block.rows().into_iter().map(|x| x.dot(&x)).collect();
        let mut products = Array2::zeros((block.nrows(), TILE));
        for start in (0..self.points.nrows()).step_by(TILE) {
            let end = (start + TILE).min(self.points.nrows());
            let mut products = products.slice_axis_mut(Axis(1), Slice::from(..end - start));
            general_mat_mul(-2.0, block, &rows_from(self.points.view(), start..end).t(), 0.0, &mut products);
            for (row, mut products) in products.rows_mut().into_iter().enumerate() {
                for (product, square) in products.iter_mut().zip(&self.squares[start..end]) {
                    *product = (*product + (own[row] + square)).max(0.0);
                }
                if let Some(squares) = products.as_slice() {
                    visit(row, start, squares);
                }
            }
        }
    }

    /// Looks for a better point among those from `start`.
    #[inline]
    fn improve(&self, start: usize, squares: &[f64], best: &mut (usize, f64)) {
        for (index, (&square, &least)) in squares.iter().zip(&self.least[start..]).enumerate() {
            let reach = square.max(least);
            if reach < best.1 {
                *best = (start + index, reach);
            }
        }
    }

    /// The reach of the points found, from differences, since products lose digits.
    fn exact(&self, block: &Array2<f64>, best: &[(usize, f64)]) -> Vec<Reached> {
        let exact = |(row, &(point, _)): (ndarray::ArrayView1<'_, f64>, &(usize, f64))| {
            let squared: f64 = row.iter().zip(self.points.row(point)).map(|(a, b)| (a - b) * (a - b)).sum();
            Reached { point, reach: squared.max(self.least[point]).sqrt() }
        };
        block.rows().into_iter().zip(best).map(exact).collect()
    }
}

/// Keeps the `k` smallest values, in order.
#[inline]
fn keep_smallest(kept: &mut Vec<f64>, value: f64, k: usize) {
    if kept.len() == k && kept.last().is_none_or(|&largest| value >= largest) {
        return;
    }
    let place = kept.partition_point(|&x| x <= value);
    kept.insert(place, value);
    kept.truncate(k);
}

/// How far a row is to be reached from the nearest point, in a unit: what DBSCAN and OPTICS leave behind.
pub(crate) struct Distances {
    pub frame: Frame,
    pub reach: Reach,
    /// In units of the frame.
    pub unit: f64,
    /// Whether the reach is a distance, which fields add up to: not where points have a least distance of their own.
    pub is_distance: bool,
    pub notes: Vec<Said>,
}

impl Model for Distances {
    fn score(&self, rows: &FeatureMatrix) -> Vec<f64> {
        self.frame.score(rows.values(), |block, out| {
            for (to, found) in out.iter_mut().zip(self.reach.of_block(block)) {
                *to = found.reach / self.unit;
            }
        })
    }

    /// A distance is the sum of the squared differences divided by itself.
    fn contributions(&self, rows: &FeatureMatrix) -> Option<Array2<f64>> {
        self.is_distance.then(|| {
            self.frame.contribute(rows.values(), |block, out| {
                let found = self.reach.of_block(block);
                for ((row, mut to), found) in block.rows().into_iter().zip(out.rows_mut()).zip(found) {
                    let by = 1.0 / self.unit / found.reach.max(f64::MIN_POSITIVE);
                    for ((to, x), p) in to.iter_mut().zip(row).zip(self.reach.point(found.point)) {
                        *to = (x - p).powi(2) * by;
                    }
                }
            })
        })
    }

    fn notes(&self) -> Vec<Said> {
        self.notes.clone()
    }
}

/// For each row the distance to its `k`-th nearest row, itself counted as the first (so `k` 1 gives 0), as DBSCAN counts.
///
/// From differences, not products: equal rows are at distance 0 exactly. Costs rows² x columns.
pub(crate) fn core_distances(rows: ArrayView2<'_, f64>, k: usize) -> Vec<f64> {
    let n = rows.nrows();
    let k = k.clamp(1, n.max(1));
    (0..n)
        .into_par_iter()
        .map_init(
            || vec![0.0; n],
            |squares, i| {
                let from = rows.row(i);
                for (to, other) in squares.iter_mut().zip(rows.rows()) {
                    *to = squared_distance(from, other);
                }
                let (_, &mut kth, _) = squares.select_nth_unstable_by(k - 1, f64::total_cmp);
                kth.sqrt()
            },
        )
        .collect()
}

/// The squared distance of two rows.
#[inline]
pub(crate) fn squared_distance(a: ArrayView1<'_, f64>, b: ArrayView1<'_, f64>) -> f64 {
    match (a.to_slice(), b.to_slice()) {
        (Some(a), Some(b)) => rows::squared_distance(a, b),
        _ => a.iter().zip(b).map(|(x, y)| (x - y) * (x - y)).sum(),
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;
    use crate::detect::hard_cases::uniform;

    #[test]
    fn core_distances_by_hand() {
        let rows = array![[0.0], [1.0], [3.0], [3.0], [10.0]];
        assert_eq!(core_distances(rows.view(), 1), [0.0; 5]);
        assert_eq!(core_distances(rows.view(), 2), [1.0, 1.0, 0.0, 0.0, 7.0]);
        assert_eq!(core_distances(rows.view(), 9), [10.0, 9.0, 7.0, 7.0, 10.0]);
    }

    #[test]
    fn reach_is_the_same_as_by_comparing_all() {
        let points = uniform(700, 5, 1);
        let rows = uniform(100, 5, 2);
        let least: Vec<f64> = uniform(700, 1, 3).iter().map(|x| 0.5 * x).collect();
        for (row, found) in rows.rows().into_iter().zip(Reach::new(points.clone(), &least).of_block(&rows)) {
            let direct =
                points.rows().into_iter().zip(&least).map(|(p, &l)| squared_distance(row, p).sqrt().max(l)).fold(f64::INFINITY, f64::min);
            assert!((found.reach - direct).abs() < 1e-12);
        }
    }

    #[test]
    fn kth_nearest_by_hand() {
        let reach = Reach::new(array![[0.0], [1.0], [3.0], [7.0]], &[0.0; 4]);
        let found = reach.of_block_and_kth(&array![[1.5], [7.0]], 3);
        assert_eq!(found, [(Reached { point: 1, reach: 0.5 }, 1.5), (Reached { point: 3, reach: 0.0 }, 6.0)]);
        assert_eq!(reach.of_block_and_kth(&array![[1.0]], 99)[0].1, 6.0);
    }

    #[test]
    fn a_far_point_does_not_blur_near_ones() {
        let reach = Reach::new(array![[1e60, 0.0], [0.0, 1.0], [0.0, 3.0]], &[0.0, 0.5, 0.0]);
        assert_eq!(reach.of_block(&array![[0.0, 1.0]]), [Reached { point: 1, reach: 0.5 }]);
        assert_eq!(reach.of_block(&array![[0.0, 3.5]]), [Reached { point: 2, reach: 0.5 }]);
    }
}
