//! k-means by linfa-clustering, guarded: what it panics on, or counts wrongly, does not reach a caller.
//!
//! linfa 0.8.1 panics on infinities, on no rows, on no columns, and on more clusters than rows; its `KMeans||` start differs between equal seeds; its
//! `cluster_count` is that of the last restart, not of the best; its tolerance is absolute. So values come from a
//! [`Frame`](super::frame::Frame), there are never more clusters than different rows, the start is `KMeansPlusPlus`, members are counted
//! here, and the tolerance is measured by the spread of the rows (as scikit-learn does: 1e-4 of the mean variance).

use linfa::{DatasetBase, traits::Fit};
use linfa_clustering::{KMeans, KMeansInit};
use linfa_nn::distance::L2Dist;
use ndarray::{Array2, ArrayView2, Axis, linalg::general_mat_mul};
use rand::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;
use rayon::prelude::*;

use super::{
    FitError, Job,
    frame::{BLOCK, rows_from, sample_of},
};
use crate::{said, text::Said};

/// Restarts look at no more rows than this; the best then goes on over all rows.
const TRIAL_ROWS: usize = 10_000;

/// Turns of one restart.
const TURNS: u64 = 300;

/// Centres of groups of rows, and how the rows they were learnt from fell to them.
#[derive(Debug, Clone)]
pub(crate) struct Clusters {
    /// One centre a row.
    pub centres: Array2<f64>,
    /// How many rows each centre is the nearest of; never 0.
    pub counts: Vec<usize>,
    /// For each row, the number of its centre.
    pub members: Vec<u32>,
    /// For each centre, the sum of its rows' squared distances.
    pub inertia: Vec<f64>,
}

impl Clusters {
    /// How the fit compares with what was asked, where that differs.
    pub fn note(&self, asked: usize) -> Option<Said> {
        let found = self.counts.len();
        (found < asked).then(|| {
            said!(
                en: "{found} of {asked} clusters: the rows do not differ enough for more",
                fr: "{found} groupes sur {asked} : les lignes ne diffèrent pas assez pour plus",
                found = found,
                asked = asked,
            )
        })
    }
}

/// Looks for at most `clusters` centres in `rows` (finite, from a frame), with the best of `restarts` starts.
///
/// # Errors
/// When there are no rows, or the job was stopped.
pub(crate) fn k_means(rows: &Array2<f64>, clusters: usize, restarts: usize, job: &Job<'_>) -> Result<Clusters, FitError> {
    if rows.nrows() == 0 {
        return Err(FitError::TooFewRows { needed: 1, found: 0 });
    }
    if rows.iter().any(|x| !x.is_finite()) {
        return Err(FitError::Numeric("k-means needs finite values".into()));
    }
    if rows.ncols() == 0 {
        // linfa panics without columns; without them all rows are equal.
        return Ok(count(rows, Array2::zeros((1, 0))));
    }
    let wanted = different_rows(rows.view(), clusters.max(1));
    let trial = sample_of(rows.nrows(), TRIAL_ROWS, job.seed ^ 0x7269_616c).map(|indices| rows.select(Axis(0), &indices));
    let looked_at = trial.as_ref().unwrap_or(rows);
    let clusters = wanted.min(different_rows(looked_at.view(), wanted));
    let mut best: Option<(f64, Array2<f64>)> = None;
    for restart in 0..restarts.max(1) {
        job.step(restart, restarts + 1)?;
        let rng = Xoshiro256PlusPlus::seed_from_u64(job.seed.wrapping_add(restart as u64));
        let (inertia, centres) = lloyd(looked_at, clusters, KMeansInit::KMeansPlusPlus, rng)?;
        if best.as_ref().is_none_or(|(least, _)| inertia < *least) {
            best = Some((inertia, centres));
        }
    }
    let (_, mut centres) = best.ok_or_else(|| FitError::Numeric("k-means found no centres".into()))?;
    if trial.is_some() {
        job.step(restarts, restarts + 1)?;
        let rng = Xoshiro256PlusPlus::seed_from_u64(job.seed);
        centres = lloyd(rows, clusters, KMeansInit::Precomputed(centres), rng)?.1;
    }
    Ok(count(rows, centres))
}

/// One start of linfa's k-means; its inertia is the mean squared distance before the last move of the centres, comparable between starts.
fn lloyd(rows: &Array2<f64>, clusters: usize, init: KMeansInit<f64>, rng: Xoshiro256PlusPlus) -> Result<(f64, Array2<f64>), FitError> {
    let variance = rows.var_axis(Axis(0), 0.0).mean().unwrap_or(0.0);
    let tolerance = (1e-4 * variance).sqrt().max(f64::MIN_POSITIVE);
    let model = KMeans::params_with(clusters, rng, L2Dist)
        .n_runs(1)
        .tolerance(tolerance)
        .max_n_iterations(TURNS)
        .init_method(init)
        .fit(&DatasetBase::from(rows.view()))
        .map_err(|error| FitError::Numeric(format!("k-means: {error}")))?;
    Ok((model.inertia(), model.centroids().clone()))
}

/// Counts members, and leaves out centres without any.
fn count(rows: &Array2<f64>, centres: Array2<f64>) -> Clusters {
    let nearest = Nearest::new(centres);
    let found: Vec<(u32, f64)> = nearest.of_all(rows.view());
    let mut counts = vec![0; nearest.centres.nrows()];
    let mut inertia = vec![0.0; counts.len()];
    for &(centre, distance) in &found {
        counts[centre as usize] += 1;
        inertia[centre as usize] += distance;
    }
    let kept: Vec<usize> = (0..counts.len()).filter(|&c| counts[c] > 0).collect();
    let mut renamed = vec![0u32; counts.len()];
    for (new, &old) in kept.iter().enumerate() {
        renamed[old] = new as u32;
    }
    Clusters {
        centres: nearest.centres.select(Axis(0), &kept),
        members: found.iter().map(|&(centre, _)| renamed[centre as usize]).collect(),
        counts: kept.iter().map(|&c| counts[c]).collect(),
        inertia: kept.iter().map(|&c| inertia[c]).collect(),
    }
}

/// How many different rows there are, counted up to `enough`.
pub(crate) fn different_rows(rows: ArrayView2<'_, f64>, enough: usize) -> usize {
    let mut seen: Vec<ndarray::ArrayView1<'_, f64>> = Vec::new();
    for row in rows.rows() {
        if seen.len() >= enough {
            break;
        }
        if !seen.contains(&row) {
            seen.push(row);
        }
    }
    seen.len()
}

/// Finds the nearest of a few centres.
#[derive(Debug, Clone)]
pub(crate) struct Nearest {
    centres: Array2<f64>,
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
    pub fn of_block(&self, block: &Array2<f64>, out: &mut Vec<(u32, f64)>) {
        let mut products = Array2::zeros((block.nrows(), self.centres.nrows()));
        general_mat_mul(1.0, block, &self.centres.t(), 0.0, &mut products);
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

    /// The nearest centre of each row, and the squared distance to it, in parallel.
    pub fn of_all(&self, rows: ArrayView2<'_, f64>) -> Vec<(u32, f64)> {
        let blocks = rows.nrows().div_ceil(BLOCK);
        let parts: Vec<Vec<(u32, f64)>> = (0..blocks)
            .into_par_iter()
            .map(|block| {
                let end = ((block + 1) * BLOCK).min(rows.nrows());
                let mut found = Vec::new();
                self.of_block(&rows_from(rows, block * BLOCK..end).to_owned(), &mut found);
                found
            })
            .collect();
        parts.concat()
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    fn two_groups() -> Array2<f64> {
        Array2::from_shape_fn((40, 2), |(i, j)| if i < 30 { 0.01 * (i + j) as f64 } else { 100.0 + 0.01 * (i * j) as f64 })
    }

    #[test]
    fn members_are_counted_for_the_best_restart() {
        let clusters = k_means(&two_groups(), 2, 10, &Job::unwatched(1)).unwrap();
        let mut counts = clusters.counts.clone();
        counts.sort_unstable();
        assert_eq!(counts, [10, 30]);
        assert_eq!(clusters.members.iter().filter(|&&m| m == clusters.members[0]).count(), 30);
    }

    #[test]
    fn no_panic_on_what_linfa_panics_on() {
        let job = Job::unwatched(1);
        assert!(matches!(k_means(&Array2::zeros((0, 2)), 2, 3, &job), Err(FitError::TooFewRows { .. })));
        assert!(matches!(k_means(&array![[f64::INFINITY], [1.0]], 2, 3, &job), Err(FitError::Numeric(_))));
        assert!(matches!(k_means(&array![[f64::NAN], [1.0]], 2, 3, &job), Err(FitError::Numeric(_))));
        let few = k_means(&array![[1.0], [1.0], [2.0]], 8, 3, &job).unwrap();
        assert_eq!(few.counts.len(), 2);
        assert_eq!(few.note(8).unwrap().en, "2 of 8 clusters: the rows do not differ enough for more");
        assert_eq!(k_means(&Array2::zeros((100, 3)), 8, 3, &job).unwrap().counts, [100]);
        assert_eq!(k_means(&Array2::zeros((5, 0)), 8, 3, &job).unwrap().counts, [5]);
        let huge = Array2::from_shape_fn((50, 2), |(i, _)| if i == 7 { 1e60 } else { i as f64 });
        assert!(k_means(&huge, 3, 3, &job).unwrap().inertia.iter().all(|x| x.is_finite()));
    }

    #[test]
    fn equal_seeds_give_equal_centres() {
        let rows = Array2::from_shape_fn((500, 3), |(i, j)| ((i * 37 + j * 11) % 101) as f64);
        let one = k_means(&rows, 8, 3, &Job::unwatched(5)).unwrap();
        let two = k_means(&rows, 8, 3, &Job::unwatched(5)).unwrap();
        assert_eq!(one.centres, two.centres);
    }

    #[test]
    fn stops_when_told() {
        let stop = |_: f64| Err(FitError::Interrupted);
        assert_eq!(k_means(&two_groups(), 2, 10, &Job::new(1, &stop)).unwrap_err(), FitError::Interrupted);
    }

    #[test]
    fn nearest_by_hand() {
        let nearest = Nearest::new(array![[0.0, 0.0], [10.0, 0.0]]);
        let mut out = Vec::new();
        nearest.of_block(&array![[1.0, 1.0], [9.0, 0.0], [5.0, 0.0]], &mut out);
        assert_eq!(out, [(0, 2.0), (1, 1.0), (0, 25.0)]);
        assert_eq!(nearest.of_all(array![[1.0, 1.0]].view()), [(0, 2.0)]);
    }
}
