//! Distance from the tightest half of the rows.
//!
//! # What it finds
//! Rows far from the majority, measured by how the majority's columns go together; the strange rows among the training rows do not
//! disturb the measure as long as they are fewer than half.
//! # What it misses
//! Groups of different kinds of behaviour: the smaller ones are all far away.
//! # Cost
//! Fitting: rows (at most `fit_rows`; the starts look at 1 500) x columns² x turns. Scoring: rows x columns².
//!
//! # Source
//! minimum covariance determinant by FastMCD (Rousseeuw, Van Driessen 1999), with the consistency factor and the reweighting of that
//! paper as in scikit-learn's `MinCovDet`. The score is the squared robust distance. A column in which more than half of the rows are equal
//! has no robust spread, and MCD is not defined; there the column's ordinary spread stands in, without correlations, and the report says so.
//! Directions that do not vary at all count as varying a billionth.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Detector, FitError, Job, Method, Model, ParamError, Work,
    frame::Learned,
    linear::{CHUNK, QuadraticForm, Squares},
    params::require,
};
use crate::{units::FeatureMatrix, said};

mod fast;

/// What is known of the method.
pub const METHOD: Method = Method::of::<McdParams>("mcd", "Squared distance from the tightest half of the rows", include_str!("mcd.rs"));

/// Parameters of `mcd`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct McdParams {
    /// The share of the rows whose covariance is made smallest; left out: (rows + columns + 1) / 2 of them, which withstands most strange rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.5, max = 1.0))]
    pub support: Option<f64>,
    /// How many random starts.
    #[schemars(range(min = 1))]
    pub starts: usize,
    /// How many training rows to learn from, drawn at random where there are more.
    #[schemars(range(min = 1))]
    pub fit_rows: usize,
}

impl Default for McdParams {
    fn default() -> Self {
        Self { support: None, starts: 50, fit_rows: 20_000 }
    }
}

impl Detector for McdParams {
    fn check(&self, _rows: Option<usize>, _columns: usize) -> Result<(), ParamError> {
        require("support", self.support.is_none_or(|s| (0.5..=1.0).contains(&s)), "must be from 0.5 to 1")?;
        require("starts", self.starts >= 1, "must be at least 1")?;
        require("fit_rows", self.fit_rows >= 1, "must be at least 1")
    }

    fn is_random(&self) -> bool {
        true
    }

    fn work(&self, rows: usize, columns: usize) -> Work {
        let sample = rows.min(self.fit_rows);
        Work { fit: ((self.starts * 6 * 1_500 + 60 * sample) * columns * columns) as f64, row: (columns * columns) as f64 }
    }

    fn memory(&self, rows: usize, columns: usize) -> u64 {
        // The rows in their frame, the tightest half, and on each of two threads a part of them twice.
        let sample = rows.min(self.fit_rows);
        (8 * columns * (sample + sample / 2 + 4 * CHUNK.min(sample)) + 64 * columns * columns + 32 * sample + 16 * rows) as u64
    }

    fn fit(&self, train: &FeatureMatrix, job: &Job<'_>) -> Result<Box<dyn Model>, FitError> {
        let Learned { frame, rows, mut notes } = Learned::standard(train, self.fit_rows, job.seed)?;
        let (n, columns) = rows.dim();
        let support = self.support.map_or((n + columns).div_ceil(2), |s| (s * n as f64).ceil() as usize).clamp(1, n);
        if support == n && self.support.is_none() && n > 1 {
            notes.push(said!(
                en: "more columns than rows: all rows are the support, nothing is robust",
                fr: "plus de colonnes que de lignes : toutes servent de support, rien n’est robuste",
            ));
        }
        let found = fast::estimate(&rows, support, self.starts, job)?;
        if found.without_spread > 0 {
            notes.push(said!(
                en: "{n} columns have more than half of their rows equal; their ordinary spread is used",
                fr: "{n} colonnes ont plus de la moitié de leurs lignes égales ; leur dispersion ordinaire est prise",
                n = found.without_spread,
            ));
        }
        if !found.settled {
            notes.push(said!(
                en: "did not converge: the tightest rows still changed after {steps} steps",
                fr: "n’a pas convergé : les lignes les plus serrées changeaient encore après {steps} pas",
                steps = fast::STEPS,
            ));
        }
        let form = QuadraticForm::new(found.centre, &found.covariance);
        if form.flat > 0 {
            notes.push(said!(
                en: "{n} directions in which the usual rows do not vary",
                fr: "{n} directions dans lesquelles les lignes habituelles ne varient pas",
                n = form.flat,
            ));
        }
        Ok(Box::new(Squares { frame, form, notes }))
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;
    use crate::detect::hard_cases::{assert_survives, matrix, uniform};

    #[test]
    fn survives_hard_cases() {
        assert_survives(&McdParams { starts: 10, ..Default::default() });
        assert_survives(&McdParams { support: Some(0.9), starts: 2, fit_rows: 40 });
    }

    #[test]
    fn a_quarter_of_strange_rows_does_not_disturb_it() {
        let noise = uniform(400, 3, 2);
        let rows = Array2::from_shape_fn((400, 3), |(i, j)| noise[(i, j)] + if i < 100 { 4.0 } else { 0.0 });
        let train = matrix(rows);
        let scores = McdParams::default().fit(&train, &Job::unwatched(1)).unwrap().score(&train);
        let farthest = scores[100..].iter().copied().fold(0.0, f64::max);
        assert!(scores[..100].iter().all(|&s| s > 3.0 * farthest));
    }

    #[test]
    fn mostly_equal_columns_are_told() {
        let rows = Array2::from_shape_fn((200, 2), |(i, j)| if j == 0 { i as f64 } else { f64::from(i % 10 == 0) });
        let model = McdParams::default().fit(&matrix(rows), &Job::unwatched(1)).unwrap();
        assert_eq!(model.notes()[0].en, "1 columns have more than half of their rows equal; their ordinary spread is used");
    }
}
