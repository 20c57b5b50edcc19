//! The leading principal components of the standardised columns.
//!
//! # What it finds
//! A few columns that hold most of the variance; detectors that measure distances then see less noise.
//! # What it misses
//! What is strange only in directions of little variance, which are left out (the detector `pca` with `score: residual` looks there).
//! # Cost
//! Fitting: rows (at most `fit_rows`) x columns² x turns. Applying: rows x columns x components.
//!
//! By linfa-reduction (Pearson 1901, Hotelling 1933). Columns are standardised first: linfa's PCA panics where one column is a million times
//! larger than the others.

use ndarray::Array2;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Reducer, Reduction, Step, back_along, basis::Basis};
use crate::{
    detect::{FitError, Job, ParamError, frame::sample_rows, params::require},
    units::FeatureMatrix,
    said,
    text::{Numbers, Said, Shown},
};

/// What is known of the step.
pub const STEP: Step = Step::of::<PcaStep>("pca", "the leading principal components", include_str!("pca.rs"));

/// Parameters of the step `pca`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PcaStep {
    /// How many components to keep; all columns where there are fewer.
    #[schemars(range(min = 1))]
    pub components: usize,
    /// Whether each component is scaled to variance 1.
    #[serde(default)]
    pub whiten: bool,
    /// How many training rows to learn from, drawn at random where there are more.
    #[serde(default = "fifty_thousand")]
    #[schemars(range(min = 1))]
    pub fit_rows: usize,
}

fn fifty_thousand() -> usize {
    50_000
}

impl Reducer for PcaStep {
    fn check(&self, _rows: Option<usize>, _columns: usize) -> Result<(), ParamError> {
        require("components", self.components >= 1, "must be at least 1")?;
        require("fit_rows", self.fit_rows >= 1, "must be at least 1")
    }

    fn fit(&self, train: &FeatureMatrix, job: &Job<'_>) -> Result<Box<dyn Reduction>, FitError> {
        job.step(0, 1)?;
        let (sample, note) = sample_rows(train.values(), self.fit_rows, job.seed);
        let mut notes: Vec<Said> = note.into_iter().collect();
        let basis = Basis::leading(sample.view(), self.components, &mut notes)?;
        let share = basis.variances.iter().sum::<f64>() / basis.total.max(f64::MIN_POSITIVE);
        notes.push(said!(
            en: "{n} components hold {share} of the variance",
            fr: "{n} composantes portent {share} de la variance",
            n = basis.variances.len(),
            share = Shown(|numbers: Numbers| numbers.percent_decimals(share, 0)),
        ));
        let mut directions = basis.components.clone();
        if self.whiten {
            for (mut direction, variance) in directions.rows_mut().into_iter().zip(&basis.variances) {
                // A direction without variance stays as it is: whitening it would blow up rounding.
                if *variance > 1e-9 {
                    direction /= variance.sqrt();
                }
            }
        }
        job.step(1, 1)?;
        Ok(Box::new(Fitted { directions: directions.reversed_axes().as_standard_layout().into_owned(), basis, notes }))
    }
}

struct Fitted {
    basis: Basis,
    /// One a column.
    directions: Array2<f64>,
    notes: Vec<Said>,
}

impl Reduction for Fitted {
    fn names(&self) -> Vec<String> {
        (1..=self.directions.ncols()).map(|c| format!("component {c}")).collect()
    }

    fn apply(&self, rows: &FeatureMatrix) -> Array2<f64> {
        self.basis.frame.project(rows.values(), self.directions.ncols(), |block, out| out.assign(&block.dot(&self.directions)))
    }

    fn back(&self, rows: &FeatureMatrix, terms: &Array2<f64>) -> Option<Array2<f64>> {
        Some(back_along(&self.basis.frame, &self.directions, rows, terms))
    }

    fn notes(&self) -> Vec<Said> {
        self.notes.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::{hard_cases::matrix, reduce::tests::assert_survives};

    #[test]
    fn survives_hard_cases() {
        assert_survives(&PcaStep { components: 2, whiten: false, fit_rows: 100 });
        assert_survives(&PcaStep { components: 1000, whiten: true, fit_rows: 100 });
    }

    #[test]
    fn a_line_becomes_one_column() {
        let rows = matrix(Array2::from_shape_fn((50, 3), |(i, j)| i as f64 * (j + 1) as f64));
        let step = PcaStep { components: 1, whiten: true, fit_rows: 100 }.fit(&rows, &Job::unwatched(1)).unwrap();
        let out = step.apply(&rows);
        let variance = out.column(0).mapv(|x| x * x).mean().unwrap();
        assert!((variance - 1.0).abs() < 1e-9 && out.column(0).iter().zip(out.column(0).iter().skip(1)).all(|(a, b)| a < b));
    }
}
