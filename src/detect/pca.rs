//! Distance from the usual in the directions in which the columns vary together.
//!
//! # What it finds
//! `weighted`: rows that go unusually far along common directions. `residual`: rows whose columns do not go together as they usually do.
//! # What it misses
//! Groups of different kinds of behaviour, which one cloud cannot describe; what is strange inside the cloud.
//! # Cost
//! Fitting: rows (at most `fit_rows`) x columns² + columns³. Scoring: rows x columns².
//!
//! # Source
//! Columns are standardised first: linfa-reduction's PCA panics where one column is a million times larger than others. Source: Shyu, Chen,
//! Sarinnapakorn, Chang 2003, "A novel anomaly detection scheme based on principal component classifier": the sum of squared coordinates over
//! eigenvalues. Over all components, as here unless `keep` or `components` says otherwise, it is the squared Mahalanobis distance; over those that
//! hold half of the variance it is the paper's major part, blind to rows that break how columns go together.
//!
//! Published tables (PyOD) follow another formula. PyOD sums, over all components, the distance between the row and the *end point of the
//! unit vector*, divided by the component's share of the variance; that is almost the length of the standardised row, here `length`.
//! On the ten tables of `tests/it/adbench.rs` the mean difference to the published ROC-AUC is 0.4 points with `score: length` and 10.7 with the
//! paper's formula, which is the *better* detector on four of them (vowels 91 instead of 60). The paper is followed; on the simulated kinds of
//! `tests/it/kinds.rs` it reaches a mean ROC-AUC of 92, `length` 81, and `keep: 0.8` 69.

use ndarray::{Array1, Array2, Axis};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Detector, FitError, Job, Method, Model, ParamError, Work,
    frame::{Frame, rows_from, sample_rows},
    linear::{CHUNK, QuadraticForm, Squares},
    params::require,
};
use crate::{detect::reduce::basis::Basis, units::FeatureMatrix, said, text::{Numbers, Said, Shown}};

/// What is known of the method.
pub const METHOD: Method = Method::of::<PcaParams>("pca", "Distance along the principal components, or beside them", include_str!("pca.rs"));

/// Parameters of `pca`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PcaParams {
    /// What is measured.
    pub score: PcaScore,
    /// How many components count as the usual directions; left out: as many as hold `keep` of the variance.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub components: Option<usize>,
    /// Which share of the variance the usual directions hold (1, that is all, for `weighted`, 0.9 for `residual` where left out).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub keep: Option<f64>,
    /// How many training rows to learn from, drawn at random where there are more.
    #[schemars(range(min = 1))]
    pub fit_rows: usize,
}

impl Default for PcaParams {
    fn default() -> Self {
        Self { score: PcaScore::Weighted, components: None, keep: None, fit_rows: 50_000 }
    }
}

/// What `pca` measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum PcaScore {
    /// Squared coordinates along the usual directions, each in units of its variance.
    Weighted,
    /// The squared length of what lies beside the usual directions.
    Residual,
    /// The squared length of the standardised row; no direction counts more than another.
    Length,
}

impl Detector for PcaParams {
    fn check(&self, _rows: Option<usize>, _columns: usize) -> Result<(), ParamError> {
        require("components", self.components != Some(0), "must be at least 1")?;
        require("keep", self.keep.is_none_or(|k| k > 0.0 && k <= 1.0), "must be above 0 and at most 1")?;
        require("keep", self.keep.is_none() || self.components.is_none(), "cannot be given together with `components`")?;
        require("fit_rows", self.fit_rows >= 1, "must be at least 1")
    }

    fn work(&self, rows: usize, columns: usize) -> Work {
        let sample = rows.min(self.fit_rows);
        Work { fit: ((4 * sample + 10 * columns) * columns * columns) as f64, row: (columns * columns) as f64 }
    }

    fn memory(&self, rows: usize, columns: usize) -> u64 {
        // The rows in their frame, and on each of two threads a part of them less its mean.
        let sample = rows.min(self.fit_rows);
        let drawn = if rows > sample { sample } else { 0 };
        (8 * columns * (drawn + sample + 2 * CHUNK.min(sample)) + 64 * columns * columns + 16 * rows) as u64
    }

    fn fit(&self, train: &FeatureMatrix, job: &Job<'_>) -> Result<Box<dyn Model>, FitError> {
        let (sample, note) = sample_rows(train.values(), self.fit_rows, job.seed);
        if sample.nrows() == 0 {
            return Err(FitError::TooFewRows { needed: 1, found: 0 });
        }
        job.step(0, 3)?;
        let mut notes: Vec<Said> = note.into_iter().collect();
        let (frame, root) = if self.score == PcaScore::Length {
            (Frame::standard(sample.view()), Array2::eye(sample.ncols()))
        } else {
            let basis = match self.components {
                Some(components) => Basis::leading(sample.view(), components, &mut notes)?,
                None => Basis::all(sample.view()),
            };
            job.step(2, 3)?;
            let root = self.root(&basis, &mut notes);
            (basis.frame, root)
        };
        job.step(3, 3)?;
        let form = QuadraticForm::of_root(Array1::zeros(sample.ncols()), root);
        Ok(Box::new(Squares { frame, form, notes }))
    }
}

impl PcaParams {
    /// What a standardised row is multiplied by, so that the squares sum up to its score.
    fn root(&self, basis: &Basis, notes: &mut Vec<Said>) -> Array2<f64> {
        let keep = self.keep.unwrap_or(if self.score == PcaScore::Residual { 0.9 } else { 1.0 });
        let kept = self.components.map_or_else(|| basis.holding(keep), |c| c.min(basis.variances.len()));
        let share = basis.variances[..kept].iter().sum::<f64>() / basis.total.max(f64::MIN_POSITIVE);
        notes.push(said!(
            en: "{kept} of {all} components, {share} of the variance",
            fr: "{kept} composantes sur {all}, {share} de la variance",
            kept = kept,
            all = basis.components.ncols(),
            share = Shown(|numbers: Numbers| numbers.percent_decimals(share, 0)),
        ));
        let components = rows_from(basis.components.view(), 0..kept);
        if self.score == PcaScore::Residual {
            return Array2::eye(components.ncols()) - components.t().dot(&components);
        }
        let spread = Array1::from(basis.variances[..kept].to_vec()).mapv(|v| v.max(super::linear::FLAT).sqrt());
        components.t().dot(&(&components / &spread.insert_axis(Axis(1))))
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;
    use crate::detect::hard_cases::{assert_survives, matrix};

    #[test]
    fn survives_hard_cases() {
        for score in [PcaScore::Weighted, PcaScore::Residual, PcaScore::Length] {
            assert_survives(&PcaParams { score, ..Default::default() });
            assert_survives(&PcaParams { score, components: Some(3), ..Default::default() });
            assert_survives(&PcaParams { score, keep: Some(1.0), ..Default::default() });
        }
    }

    #[test]
    fn weighted_by_hand() {
        // Standardised columns (±1) with correlation 0: the score is the squared length.
        let train = matrix(array![[0.0, 0.0], [2.0, 0.0], [0.0, 4.0], [2.0, 4.0]]);
        let model = PcaParams { keep: Some(1.0), ..Default::default() }.fit(&train, &Job::unwatched(1)).unwrap();
        let rows = matrix(array![[1.0, 2.0], [3.0, 2.0], [1.0, 8.0]]);
        let scores = model.score(&rows);
        assert!((scores[0]).abs() < 1e-12 && (scores[1] - 4.0).abs() < 1e-12 && (scores[2] - 9.0).abs() < 1e-12, "{scores:?}");
        let parts = model.contributions(&rows).unwrap();
        assert!((parts[(2, 1)] - 9.0).abs() < 1e-12 && parts[(2, 0)].abs() < 1e-12);
    }

    #[test]
    fn residual_sees_what_does_not_go_together() {
        let train = matrix(Array2::from_shape_fn((100, 2), |(i, j)| i as f64 * if j == 0 { 1.0 } else { 3.0 }));
        let params = PcaParams { score: PcaScore::Residual, components: Some(1), ..Default::default() };
        let model = params.fit(&train, &Job::unwatched(1)).unwrap();
        let scores = model.score(&matrix(array![[50.0, 150.0], [200.0, 600.0], [80.0, 60.0]]));
        assert!(scores[0] < 1e-12 && scores[1] < 1e-12 && scores[2] > 0.5, "{scores:?}");
    }

    #[test]
    fn refuses_parameters() {
        for params in [
            PcaParams { components: Some(0), ..Default::default() },
            PcaParams { keep: Some(1.5), ..Default::default() },
            PcaParams { keep: Some(0.5), components: Some(1), ..Default::default() },
        ] {
            assert!(params.check(None, 3).is_err());
        }
    }
}
