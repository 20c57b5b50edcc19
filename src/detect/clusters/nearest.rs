//! The nearest of a few centres, and the score of k-means and CBLOF that is made of it.

use ndarray::{Array2, ArrayView2, linalg::general_mat_mul};
use rayon::prelude::*;

use crate::{
    detect::{
        Model,
        frame::{BLOCK, Frame, rows_from},
        rows::squared_distance,
    },
    text::Said,
    units::FeatureMatrix,
};

/// Finds the nearest of a few centres.
#[derive(Debug, Clone)]
pub(crate) struct Nearest {
    pub(super) centres: Array2<f64>,
    half_squares: Vec<f64>,
}

impl Nearest {
    /// Prepares the search among `centres`, one a row, at least one.
    pub fn new(centres: Array2<f64>) -> Self {
        let half_squares = centres.rows().into_iter().map(|c| c.dot(&c) / 2.0).collect();
        Self { centres, half_squares }
    }

    /// The number of centre `index`'s coordinates.
    pub fn centre(&self, index: u32) -> ndarray::ArrayView1<'_, f64> {
        self.centres.row(index as usize)
    }

    /// The nearest centre of each row of `block`, and the squared distance to it.
    ///
    /// Which one is nearest is found by a matrix product; how far it is, from the differences, since the product loses digits.
    pub fn of_block(&self, block: ArrayView2<'_, f64>, out: &mut Vec<(u32, f64)>) {
        let mut products = Array2::zeros((block.nrows(), self.centres.nrows()));
        general_mat_mul(1.0, &block, &self.centres.t(), 0.0, &mut products);
        out.clear();
        for (row, products) in block.rows().into_iter().zip(products.rows()) {
            let mut best = (0, f64::INFINITY);
            for (index, (&product, &half)) in products.iter().zip(&self.half_squares).enumerate() {
                if half - product < best.1 {
                    best = (index, half - product);
                }
            }
            let centre = self.centres.row(best.0);
            out.push((best.0 as u32, row.iter().zip(centre).map(|(a, b)| (a - b) * (a - b)).sum()));
        }
    }

    /// Tells of each row of `block` its nearest centre, the squared distance to it, and, as far as a product tells it, that to the next nearest
    /// (infinite where there is none).
    pub(super) fn two_of_block(&self, block: ArrayView2<'_, f64>, mut tell: impl FnMut(&[f64], u32, f64, f64)) {
        let mut products = Array2::zeros((block.nrows(), self.centres.nrows()));
        general_mat_mul(1.0, &block, &self.centres.t(), 0.0, &mut products);
        for (row, products) in block.rows().into_iter().zip(products.rows()) {
            let (mut best, mut second) = ((0, f64::INFINITY), f64::INFINITY);
            for (index, (&product, &half)) in products.iter().zip(&self.half_squares).enumerate() {
                if half - product < best.1 {
                    second = best.1;
                    best = (index, half - product);
                } else {
                    second = second.min(half - product);
                }
            }
            let Some(row) = row.to_slice() else { continue };
            let square = self.centres.row(best.0).to_slice().map_or(0.0, |centre| squared_distance(row, centre));
            let length: f64 = row.iter().map(|x| x * x).sum();
            tell(row, best.0 as u32, square, length + 2.0 * second);
        }
    }

    /// The largest square of a centre's length.
    pub(super) fn longest(&self) -> f64 {
        2.0 * self.half_squares.iter().copied().fold(0.0, f64::max)
    }

    /// The nearest centre of each row, and the squared distance to it, in parallel.
    pub fn of_all(&self, rows: ArrayView2<'_, f64>) -> Vec<(u32, f64)> {
        let blocks = rows.nrows().div_ceil(BLOCK);
        let parts: Vec<Vec<(u32, f64)>> = (0..blocks)
            .into_par_iter()
            .map(|block| {
                let end = ((block + 1) * BLOCK).min(rows.nrows());
                let mut found = Vec::new();
                self.of_block(rows_from(rows, block * BLOCK..end), &mut found);
                found
            })
            .collect();
        parts.concat()
    }
}

/// Scores rows by their distance to the nearest of some centres, in units of that centre's spread.
pub(in crate::detect) struct Distances {
    pub frame: Frame,
    pub nearest: Nearest,
    /// One for each centre.
    pub spreads: Vec<f64>,
    /// What a distance is multiplied by to be in the unit it is given in.
    pub unit: f64,
    pub notes: Vec<Said>,
}

impl Model for Distances {
    fn score(&self, rows: &FeatureMatrix) -> Vec<f64> {
        self.frame.score(rows.values(), |block, out| {
            let mut found = Vec::with_capacity(block.nrows());
            self.nearest.of_block(block.view(), &mut found);
            for (to, (centre, squared)) in out.iter_mut().zip(found) {
                *to = self.unit * squared.sqrt() / self.spreads[centre as usize];
            }
        })
    }

    /// A distance is the sum of the squared differences divided by itself.
    fn contributions(&self, rows: &FeatureMatrix) -> Option<Array2<f64>> {
        Some(self.frame.contribute(rows.values(), |block, out| {
            let mut found = Vec::with_capacity(block.nrows());
            self.nearest.of_block(block.view(), &mut found);
            for ((row, mut to), (centre, squared)) in block.rows().into_iter().zip(out.rows_mut()).zip(found) {
                let by = self.unit / self.spreads[centre as usize] / squared.sqrt().max(f64::MIN_POSITIVE);
                for ((to, x), c) in to.iter_mut().zip(row).zip(self.nearest.centre(centre)) {
                    *to = (x - c).powi(2) * by;
                }
            }
        }))
    }

    fn notes(&self) -> Vec<Said> {
        self.notes.clone()
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn nearest_by_hand() {
        let nearest = Nearest::new(array![[0.0, 0.0], [10.0, 0.0]]);
        let mut out = Vec::new();
        nearest.of_block(array![[1.0, 1.0], [9.0, 0.0], [5.0, 0.0]].view(), &mut out);
        assert_eq!(out, [(0, 2.0), (1, 1.0), (0, 25.0)]);
        assert_eq!(nearest.of_all(array![[1.0, 1.0]].view()), [(0, 2.0)]);
    }
}
