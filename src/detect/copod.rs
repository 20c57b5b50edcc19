//! How far out in the tails a row lies, by the empirical copula: the sum over the columns of the tail surprise that counts there.
//!
//! # What it finds
//! Rows with an extreme value in one column, and more so in several. Columns need no scaling: only their order counts.
//!
//! # What it misses
//! Combinations that are unusual while each value is not, and gaps in the middle of a distribution. Despite its name it models no dependence:
//! a block of columns that say the same counts several times.
//!
//! # Cost
//! As ECOD: one sort of each column of the sample, then rows x columns x log(sample), two microseconds for a row of 20 columns.
//!
//! # Source
//! Li, Zhao, Botta, Ionescu, Hu: COPOD: Copula-Based Outlier Detection (ICDM 2020). The paper takes the largest of three sums (left tails,
//! right tails, tails chosen by the skewness); the published tables and PyOD sum, column by column, the larger of the tail that the skewness
//! chooses and the mean of both tails, and so does this. Where a column has no skewness at all, both tails are added, as in PyOD. The
//! distribution is that of the training part alone, continued beyond its extremes as in ECOD.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Detector, FitError, Job, Method, Model, ParamError, Work,
    rows,
    tails::{self, Tails},
};
use crate::units::FeatureMatrix;

/// What the registry knows.
pub const METHOD: Method = Method::of::<Copod>(
    "copod",
    "Sum over columns of how far out in its tails the value lies, by the empirical copula",
    include_str!("copod.rs"),
);

/// Parameters.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Copod {
    /// How many training rows it learns from at most: a seeded sample where there are more.
    #[serde(default = "rows::fit_rows")]
    #[schemars(range(min = 1))]
    fit_rows: usize,
}

impl Detector for Copod {
    fn check(&self, _rows: Option<usize>, _columns: usize) -> Result<(), ParamError> {
        rows::at_least("fit_rows", self.fit_rows, 1)
    }

    fn work(&self, rows: usize, columns: usize) -> Work {
        tails::work(rows.min(self.fit_rows), columns)
    }

    fn memory(&self, rows: usize, columns: usize) -> u64 {
        tails::memory(rows, columns, self.fit_rows)
    }

    fn fit(&self, train: &FeatureMatrix, job: &Job<'_>) -> Result<Box<dyn Model>, FitError> {
        tails::fit(train, self.fit_rows, job, term)
    }
}

fn term(tails: Tails) -> f64 {
    tails.chosen.max((tails.left + tails.right) / 2.0)
}
