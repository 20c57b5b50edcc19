//! FastMCD (Rousseeuw, Van Driessen 1999): random starts, concentration steps, consistency factor, reweighting.

use ndarray::{Array1, Array2, Axis};
use rand::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;
use rayon::prelude::*;
use statrs::distribution::{ChiSquared, ContinuousCDF};

use crate::detect::{
    FitError, Job,
    frame::{BLOCK, median, rows_from, sample_of},
    linear::{cholesky, lower_inverse, mean_and_covariance},
};

/// Rows that the starts look at (the paper's five subsets of 300).
const TRIAL_ROWS: usize = 1_500;

/// Concentration steps of a start before the best are chosen.
const FIRST_STEPS: usize = 2;

/// Starts that are followed to the end on the trial rows, and of these on all rows.
const FOLLOWED: (usize, usize) = (10, 3);

/// Concentration steps to the end; in practice ten suffice.
pub(super) const STEPS: usize = 100;

/// What is added to the variances of standardised columns while concentrating, so that each step has an inverse.
const RIDGE: f64 = 1e-9;

/// Below this a standardised column's variance among the support is that of equal rows.
const EQUAL: f64 = 1e-10;

/// Where the usual rows are.
pub(super) struct Robust {
    /// Their centre.
    pub centre: Array1<f64>,
    /// Their covariance.
    pub covariance: Array2<f64>,
    /// How many columns have no robust spread.
    pub without_spread: usize,
    /// Whether the concentration steps ended by themselves.
    pub settled: bool,
}

/// A centre and covariance on the way.
#[derive(Clone)]
struct Shape {
    centre: Array1<f64>,
    covariance: Array2<f64>,
    log_determinant: f64,
    without_spread: usize,
    settled: bool,
}

/// Looks for the `support` rows whose covariance has the smallest determinant, corrects it, and reweights. `rows` are standardised.
pub(super) fn estimate(rows: &Array2<f64>, support: usize, starts: usize, job: &Job<'_>) -> Result<Robust, FitError> {
    let (n, columns) = rows.dim();
    let raw = if support >= n || columns == 0 { Shape::of(rows) } else { search(rows, support, starts, job)? };
    let chi = ChiSquared::new(columns.max(1) as f64).map_err(|error| FitError::Numeric(error.to_string()))?;
    let mut distances = raw.distances(rows);
    // scikit-learn's form of the consistency factor: the median distance is that of a normal distribution.
    let factor = median(distances.clone()) / chi.inverse_cdf(0.5);
    let factor = if factor > 0.0 && factor.is_finite() { factor } else { 1.0 };
    distances.iter_mut().for_each(|d| *d /= factor);
    let limit = chi.inverse_cdf(0.975);
    let kept: Vec<f64> = distances.iter().map(|d| f64::from(u8::from(*d < limit))).collect();
    if kept.iter().sum::<f64>() < 2.0 {
        return Ok(Robust { centre: raw.centre, covariance: raw.covariance * factor, without_spread: raw.without_spread, settled: raw.settled });
    }
    let last = Shape::weighted(rows, Some(&kept));
    Ok(Robust { centre: last.centre, covariance: last.covariance, without_spread: raw.without_spread, settled: raw.settled })
}

fn search(rows: &Array2<f64>, support: usize, starts: usize, job: &Job<'_>) -> Result<Shape, FitError> {
    let n = rows.nrows();
    let trial = sample_of(n, TRIAL_ROWS, job.seed ^ 0x6d63).map(|indices| rows.select(Axis(0), &indices));
    let looked_at = trial.as_ref().unwrap_or(rows);
    let within = (support * looked_at.nrows()).div_ceil(n).clamp(1, looked_at.nrows());
    let mut found = Vec::with_capacity(starts);
    for start in 0..starts {
        job.step(start, starts + 20)?;
        let mut shape = Shape::of(&random_start(looked_at, job.seed.wrapping_add(start as u64)));
        for _ in 0..FIRST_STEPS {
            shape = shape.concentrated(looked_at, within);
        }
        found.push(shape);
    }
    keep_best(&mut found, FOLLOWED.0);
    for (done, shape) in found.iter_mut().enumerate() {
        job.step(starts + done, starts + 20)?;
        *shape = shape.to_the_end(looked_at, within, STEPS);
    }
    if trial.is_some() {
        // Its rows are not needed any more.
        drop(trial);
        keep_best(&mut found, FOLLOWED.1);
        for (done, shape) in found.iter_mut().enumerate() {
            job.step(starts + 10 + 3 * done, starts + 20)?;
            *shape = shape.to_the_end(rows, support, STEPS);
        }
    }
    keep_best(&mut found, 1);
    found.pop().ok_or_else(|| FitError::Numeric("no start gave a covariance".into()))
}

/// Columns + 1 random rows, and more until they span as many directions as all do, or twice as many rows are taken.
fn random_start(rows: &Array2<f64>, seed: u64) -> Array2<f64> {
    let (n, columns) = rows.dim();
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    let order = rand::seq::index::sample(&mut rng, n, (2 * columns + 2).min(n)).into_vec();
    let mut taken = (columns + 1).min(order.len());
    loop {
        let chosen = rows.select(Axis(0), &order[..taken]);
        if taken == order.len() || cholesky(&mean_and_covariance(chosen.view(), None).1).is_some() {
            return chosen;
        }
        taken = (taken + columns.div_ceil(4)).min(order.len());
    }
}

/// Keeps the `count` shapes of the smallest determinant, smallest first.
fn keep_best(shapes: &mut Vec<Shape>, count: usize) {
    shapes.sort_by(|a, b| a.log_determinant.total_cmp(&b.log_determinant));
    shapes.truncate(count);
}

impl Shape {
    fn of(rows: &Array2<f64>) -> Self {
        Self::weighted(rows, None)
    }

    fn weighted(rows: &Array2<f64>, weights: Option<&[f64]>) -> Self {
        let (centre, mut covariance) = mean_and_covariance(rows.view(), weights);
        let columns = covariance.nrows();
        let mut without_spread = 0;
        for column in 0..columns {
            if covariance[(column, column)] < EQUAL {
                covariance.row_mut(column).fill(0.0);
                covariance.column_mut(column).fill(0.0);
                // The ordinary variance of a standardised column.
                covariance[(column, column)] = 1.0;
                without_spread += 1;
            }
        }
        Self { centre, covariance, log_determinant: 0.0, without_spread, settled: true }
    }

    /// The shape of the `support` rows nearest to this one; determinants never grow by it.
    fn concentrated(&self, rows: &Array2<f64>, support: usize) -> Self {
        let distances = self.distances(rows);
        let mut order: Vec<usize> = (0..rows.nrows()).collect();
        // By row where distances are equal, so that the choice does not depend on the sorting.
        order.select_nth_unstable_by(support - 1, |&a, &b| distances[a].total_cmp(&distances[b]).then(a.cmp(&b)));
        order.truncate(support);
        order.sort_unstable();
        let mut next = Self::of(&rows.select(Axis(0), &order));
        next.log_determinant = next.triangle().diag().iter().map(|d| 2.0 * d.ln()).sum();
        next
    }

    fn to_the_end(&self, rows: &Array2<f64>, support: usize, steps: usize) -> Self {
        let mut shape = self.concentrated(rows, support);
        shape.settled = false;
        for _ in 0..steps {
            let next = shape.concentrated(rows, support);
            let gain = shape.log_determinant - next.log_determinant;
            shape = next;
            shape.settled = gain <= 1e-9;
            if shape.settled {
                break;
            }
        }
        shape
    }

    /// The Cholesky triangle of the covariance, with a ridge where it takes one.
    fn triangle(&self) -> Array2<f64> {
        let mut covariance = self.covariance.clone();
        let mut ridge = RIDGE;
        loop {
            covariance.diag_mut().mapv_inplace(|v| v + ridge);
            match cholesky(&covariance) {
                Some(lower) => return lower,
                None if ridge > 1e3 => return Array2::eye(covariance.nrows()),
                None => ridge *= 10.0,
            }
        }
    }

    /// The squared distance of every row.
    fn distances(&self, rows: &Array2<f64>) -> Vec<f64> {
        let whitener = lower_inverse(&self.triangle());
        let starts: Vec<usize> = (0..rows.nrows()).step_by(BLOCK).collect();
        let parts: Vec<Vec<f64>> = starts
            .par_iter()
            .map(|&start| {
                let chunk = rows_from(rows.view(), start..(start + BLOCK).min(rows.nrows()));
                let mut white = (&chunk - &self.centre).dot(&whitener.t());
                white.mapv_inplace(|x| x * x);
                white.sum_axis(Axis(1)).to_vec()
            })
            .collect();
        parts.concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::hard_cases::uniform;

    #[test]
    fn concentration_never_grows_the_determinant() {
        let rows = uniform(300, 4, 1).mapv(|x| x * x);
        let mut shape = Shape::of(&rows).concentrated(&rows, 160);
        for _ in 0..10 {
            let next = shape.concentrated(&rows, 160);
            assert!(next.log_determinant <= shape.log_determinant + 1e-9);
            shape = next;
        }
    }

    #[test]
    fn says_whether_it_settled() {
        let rows = uniform(300, 4, 1).mapv(|x| x * x);
        let shape = Shape::of(&rows);
        assert!(!shape.to_the_end(&rows, 160, 1).settled && shape.to_the_end(&rows, 160, STEPS).settled);
    }

    #[test]
    fn finds_the_tightest_half_of_few_rows() {
        // Of seven rows in one column the four tightest are 5, 6, 7, 8 (variance 1.25).
        let rows = Array2::from_shape_vec((7, 1), vec![0.0, 3.0, 5.0, 6.0, 7.0, 8.0, 20.0]).unwrap();
        let shape = search(&rows, 4, 30, &Job::unwatched(1)).unwrap();
        assert!((shape.centre[0] - 6.5).abs() < 1e-12 && (shape.covariance[(0, 0)] - 1.25).abs() < 1e-12);
    }
}
