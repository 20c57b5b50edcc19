//! How far a row is outside the boundary that a one-class support vector machine draws.
//!
//! # What it finds
//! Rows away from where most rows are, with a smooth boundary of any shape.
//! # What it misses
//! Differences among rows that are very far: the kernel cannot tell them apart (a millionth part of the distance to the nearest support vector
//! is added, so that they keep an order). Columns of different size: it does not scale them.
//! # Cost
//! Fitting: `fit_rows`² x columns. Scoring: rows x support vectors (about `nu` x `fit_rows`) x columns.
//!
//! # Source
//! Schölkopf, Platt, Shawe-Taylor, Smola, Williamson 2001; solved exactly on a bounded sample by sequential minimal optimisation with
//! second-order working sets (Fan, Chen, Lin 2005, as in LIBSVM, whose scale the score has: the negative decision value). linfa's
//! one-class machine keeps a dense kernel of all rows (770 MB for 10 000) and is not used. The score is no sum over fields: what each adds is told by
//! giving it its median in turn.

use ndarray::{Array2, Axis, Slice, linalg::general_mat_mul};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use self::kernel::Kernel;
use super::{
    Detector, FitError, Job, Method, Model, ParamError, Work,
    frame::{Frame, Learned, PRODUCTS, rows_from},
    params::require,
};
use crate::{units::FeatureMatrix, said, text::Said};

mod kernel;
mod smo;

/// What is known of the method.
pub const METHOD: Method = Method::of::<OcsvmParams>("ocsvm", "Distance outside a one-class support vector machine's boundary", include_str!("ocsvm.rs"));

/// Parameters of `ocsvm`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct OcsvmParams {
    /// The share of the training rows that may lie outside the boundary.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub nu: f64,
    /// How fast similarity falls with the squared distance; left out: one over the number of columns.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0))]
    pub gamma: Option<f64>,
    /// How exactly the machine is solved.
    #[schemars(range(min = 0.0))]
    pub tolerance: f64,
    /// How many training rows to learn from, drawn at random where there are more; fitting costs the square of it.
    #[schemars(range(min = 1, max = 10_000))]
    pub fit_rows: usize,
}

impl Default for OcsvmParams {
    fn default() -> Self {
        Self { nu: 0.5, gamma: None, tolerance: 1e-3, fit_rows: 2_000 }
    }
}

impl Detector for OcsvmParams {
    fn check(&self, _rows: Option<usize>, _columns: usize) -> Result<(), ParamError> {
        require("nu", self.nu > 0.0 && self.nu <= 1.0, "must be above 0 and at most 1")?;
        require("gamma", self.gamma.is_none_or(|g| g > 0.0 && g.is_finite()), "must be above 0")?;
        require("tolerance", self.tolerance > 0.0 && self.tolerance.is_finite(), "must be above 0")?;
        require("fit_rows", (1..=10_000).contains(&self.fit_rows), "must be from 1 to 10000: fitting costs its square")
    }

    fn is_random(&self) -> bool {
        // Only through the sample that is drawn where there are more rows.
        true
    }

    fn explaining(&self) -> Option<f64> {
        None
    }

    fn work(&self, rows: usize, columns: usize) -> Work {
        let sample = rows.min(self.fit_rows);
        Work { fit: (sample * sample * (columns + 40)) as f64, row: self.nu * (sample * (columns + 20)) as f64 }
    }

    fn memory(&self, rows: usize, columns: usize) -> u64 {
        // The similarities that are kept while it learns; then blocks of rows against the support vectors.
        let sample = rows.min(self.fit_rows);
        ((4 * kernel::kept(sample) * sample).max(PRODUCTS) + sample * (14 * columns + 40) + 8 * rows) as u64
    }

    fn fit(&self, train: &FeatureMatrix, job: &Job<'_>) -> Result<Box<dyn Model>, FitError> {
        let Learned { frame, rows, mut notes } = Learned::uniform(train, self.fit_rows, job.seed)?;
        let gamma = self.gamma.unwrap_or(1.0 / frame.columns().max(1) as f64);
        job.step(0, 10)?;
        let solution = smo::solve(&mut Kernel::new(&rows, gamma), self.nu, self.tolerance, job)?;
        if !solution.converged {
            notes.push(said!(en: "did not converge", fr: "n’a pas convergé"));
        }
        let support: Vec<usize> = (0..rows.nrows()).filter(|&i| solution.alpha[i] > 0.0).collect();
        notes.push(said!(en: "{n} support vectors", fr: "{n} vecteurs de support", n = support.len()));
        let points = rows.select(Axis(0), &support);
        let squares = points.rows().into_iter().map(|p| p.dot(&p)).collect();
        let alpha = support.iter().map(|&i| solution.alpha[i]).collect();
        Ok(Box::new(Fitted { frame, points, squares, alpha, rho: solution.rho, gamma, notes }))
    }
}

/// Below this exponent a similarity adds nothing to a sum of others.
const NOTHING: f64 = -50.0;

/// Support vectors that are compared with a block of rows in one product.
const TILE: usize = 256;

struct Fitted {
    frame: Frame,
    points: Array2<f64>,
    squares: Vec<f64>,
    alpha: Vec<f64>,
    rho: f64,
    gamma: f64,
    notes: Vec<Said>,
}

impl Fitted {
    /// For each row of a block, the weighted sum of similarities, and the least squared distance to a support vector.
    fn sums(&self, block: &Array2<f64>) -> Vec<(f64, f64)> {
        let squares: Vec<f64> = block.rows().into_iter().map(|x| x.dot(&x)).collect();
        let mut sums = vec![(0.0, f64::INFINITY); block.nrows()];
        let mut products = Array2::zeros((block.nrows(), TILE));
        for start in (0..self.points.nrows()).step_by(TILE) {
            let end = (start + TILE).min(self.points.nrows());
            let mut products = products.slice_axis_mut(Axis(1), Slice::from(..end - start));
            general_mat_mul(-2.0, block, &rows_from(self.points.view(), start..end).t(), 0.0, &mut products);
            for ((row, &square), (sum, least)) in products.rows().into_iter().zip(&squares).zip(&mut sums) {
                for ((&product, own), alpha) in row.iter().zip(&self.squares[start..end]).zip(&self.alpha[start..end]) {
                    let squared = (square + own + product).max(0.0);
                    *least = least.min(squared);
                    let exponent = -self.gamma * squared;
                    if exponent > NOTHING {
                        *sum += alpha * exponent.exp();
                    }
                }
            }
        }
        sums
    }
}

impl Model for Fitted {
    fn score(&self, rows: &FeatureMatrix) -> Vec<f64> {
        // Small against what the decision value can tell, large against rounding.
        let order = 1e-9 * self.rho.abs().max(1e-9);
        self.frame.score(rows.values(), |block, out| {
            for (to, (sum, least)) in out.iter_mut().zip(self.sums(block)) {
                *to = self.rho - sum + order * (self.gamma * least).ln_1p();
            }
        })
    }

    fn notes(&self) -> Vec<Said> {
        self.notes.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::hard_cases::{assert_survives, line, matrix, uniform};

    #[test]
    fn survives_hard_cases() {
        assert_survives(&OcsvmParams::default());
        assert_survives(&OcsvmParams { nu: 0.01, gamma: Some(10.0), fit_rows: 50, ..Default::default() });
        assert_survives(&OcsvmParams { nu: 1.0, ..Default::default() });
    }

    #[test]
    fn far_rows_keep_an_order() {
        let model = OcsvmParams::default().fit(&line(300), &Job::unwatched(1)).unwrap();
        let rows = matrix(Array2::from_shape_fn((10, 2), |(i, _)| 10f64.powi(i as i32 + 2)));
        assert!(model.score(&rows).windows(2).all(|w| w[0] < w[1]));
    }

    #[test]
    fn about_nu_of_the_rows_are_outside() {
        let train = matrix(uniform(400, 2, 1));
        let model = OcsvmParams { nu: 0.1, tolerance: 1e-6, ..Default::default() }.fit(&train, &Job::unwatched(1)).unwrap();
        let outside = model.score(&train).iter().filter(|&&s| s > 1e-5).count();
        assert!((30..=40).contains(&outside), "{outside}");
    }
}
