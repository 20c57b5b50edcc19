//! The largest robust z-score of any column: `0.6745 |x - median| / MAD`.
//!
//! # What it finds
//! Rows with one value far from the middle of its column, whatever the others say. The simplest detector that is worth running: what a rule
//! with a threshold for every field would find.
//!
//! # What it misses
//! Anything that shows only in several columns together, and anything between two usual values.
//!
//! # Cost
//! Rows x columns: about 0.1 microseconds for a row of 20 columns.
//!
//! # Source
//! Iglewicz, Hoaglin: How to Detect and Handle Outliers (1993). Where more than half of a column has one value, the MAD is zero; the mean
//! absolute deviation takes its place (`|x - median| / (1.253314 MeanAD)`, as they advise), and the standard unit where that is zero too.
//! Contributions are the Shapley value of that maximum, with a column at its median for one that is left out (Littlechild, Owen 1973: the step from
//! one z-score to the next higher one is shared by the columns that reach it); they add up to the score.

use ndarray::Array2;
use rayon::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Detector, FitError, Job, Method, Model, ParamError,
    rows::{self, Sample},
};
use crate::{units::FeatureMatrix, text::Said};

/// What the registry knows.
pub const METHOD: Method = Method::of::<Mad>("mad", "Largest robust z-score of any column", include_str!("mad.rs"));

/// Parameters.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Mad {
    /// How many training rows it learns from at most: a seeded sample where there are more.
    #[serde(default = "rows::fit_rows")]
    #[schemars(range(min = 1))]
    fit_rows: usize,
}

impl Detector for Mad {
    fn check(&self, _rows: Option<usize>, _columns: usize) -> Result<(), ParamError> {
        rows::at_least("fit_rows", self.fit_rows, 1)
    }

    fn memory(&self, rows: usize, columns: usize) -> u64 {
        // Two copies of a column on each thread.
        (rows::drawn(rows, columns, self.fit_rows) + 32 * rows.min(self.fit_rows)) as u64
    }

    fn fit(&self, train: &FeatureMatrix, job: &Job<'_>) -> Result<Box<dyn Model>, FitError> {
        let sample = Sample::take(train, self.fit_rows, job.seed)?;
        let columns = (0..train.ncols()).into_par_iter().map(|column| Column::new(sample.matrix.column(column).to_vec())).collect();
        Ok(Box::new(Fitted { columns, notes: sample.notes() }))
    }
}

struct Column {
    median: f64,
    /// What one unit of the score is.
    unit: f64,
}

impl Column {
    fn new(mut values: Vec<f64>) -> Self {
        let median = median(&mut values);
        let mut deviations: Vec<f64> = values.iter().map(|v| (v - median).abs().min(f64::MAX)).collect();
        let mad = self::median(&mut deviations);
        let mean = deviations.iter().map(|d| d / deviations.len() as f64).sum::<f64>();
        let unit = [mad / 0.6745, 1.253_314 * mean].into_iter().find(|u| u.is_normal()).unwrap_or(1.0);
        Self { median, unit }
    }

    fn score(&self, value: f64) -> f64 {
        rows::finite((value - self.median).abs() / self.unit)
    }
}

/// The middle value, or the mean of the two in the middle; reorders `values`.
pub(super) fn median(values: &mut [f64]) -> f64 {
    let n = values.len();
    if n == 0 {
        return 0.0;
    }
    let (below, &mut high, _) = values.select_nth_unstable_by(n / 2, f64::total_cmp);
    if n % 2 == 1 {
        return high;
    }
    let low = below.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    low.midpoint(high)
}

struct Fitted {
    columns: Vec<Column>,
    notes: Vec<Said>,
}

impl Model for Fitted {
    fn score(&self, rows: &FeatureMatrix) -> Vec<f64> {
        rows::by_row(rows, |row| row.iter().zip(&self.columns).map(|(value, column)| column.score(*value)).fold(0.0, f64::max))
    }

    fn contributions(&self, rows: &FeatureMatrix) -> Option<Array2<f64>> {
        let columns = self.columns.len();
        Some(rows::contributions(rows, |row, terms| {
            let scores: Vec<f64> = row.iter().zip(&self.columns).map(|(value, column)| column.score(*value)).collect();
            let mut order: Vec<usize> = (0..columns).collect();
            order.sort_by(|&a, &b| scores[a].total_cmp(&scores[b]));
            // What lies between one z-score and the next lower one is shared by all columns that reach it.
            let (mut lower, mut share) = (0.0, 0.0);
            for (place, &column) in order.iter().enumerate() {
                share += (scores[column] - lower) / (columns - place) as f64;
                lower = scores[column];
                terms[column] = share;
            }
        }))
    }

    fn notes(&self) -> Vec<Said> {
        self.notes.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::hard_cases::matrix;

    #[test]
    fn robust_z_score_by_hand() {
        // median 3, deviations 2 1 0 1 97: MAD 1
        let column = Column::new(vec![1.0, 2.0, 3.0, 4.0, 100.0]);
        assert!((column.score(100.0) - 0.6745 * 97.0).abs() < 1e-9);
        // MAD 0, mean absolute deviation 2
        let column = Column::new(vec![0.0, 0.0, 0.0, 0.0, 10.0]);
        assert!((column.score(10.0) - 10.0 / (1.253_314 * 2.0)).abs() < 1e-9);
        assert_eq!(median(&mut [4.0, 1.0, 3.0, 2.0]), 2.5);
    }

    #[test]
    fn contributions_are_the_mean_over_all_orders_of_leaving_columns_out() {
        let columns = [1.0, 3.0, 3.0, 0.5].map(|unit| Column { median: 0.0, unit: 1.0 / unit });
        let model = Fitted { columns: columns.into(), notes: Vec::new() };
        let terms = model.contributions(&matrix(ndarray::array![[2.0, -1.0, 2.0, 0.0]])).unwrap();
        // z-scores 2, 3, 6, 0. Steps: up to 2 shared by three, from 2 to 3 by two, from 3 to 6 by one.
        let wanted = [2.0 / 3.0, 2.0 / 3.0 + 0.5, 2.0 / 3.0 + 0.5 + 3.0, 0.0];
        assert!(terms.iter().zip(wanted).all(|(term, wanted)| (term - wanted).abs() < 1e-12), "{terms}");
    }
}
