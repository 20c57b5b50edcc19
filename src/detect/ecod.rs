//! How far out in the tails a row lies, column by column: the sum over the columns of `-ln` of the empirical tail share.
//!
//! # What it finds
//! Rows with an unusually large or small value in one column, and more so in several. Columns need no scaling: only their order counts.
//!
//! # What it misses
//! Combinations that are unusual while each value is not, and gaps in the middle of a distribution. It treats columns as independent, so a
//! block of columns that say the same counts several times.
//!
//! # Cost
//! One sort of each column of the sample; then rows x columns x log(sample): two microseconds for a row of 20 columns.
//!
//! # Source
//! Li, Zhao, Hu, Botta, Ionescu, Chen: ECOD: Unsupervised Outlier Detection Using Empirical Cumulative Distribution Functions (2022). The
//! paper takes the largest of three sums (left tails, right tails, the tail that the skewness chooses); the published tables and PyOD take
//! the sum of the largest in each column, and so does this. Where a column has no skewness at all, both tails are added, as in PyOD. The
//! distribution is that of the training part alone (PyOD joins the scored rows to it); beyond its extremes a tail falling as
//! 1 / (1 + gap / spread) continues it, so that farther stays stranger.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Detector, FitError, Job, Method, Model, ParamError, Work,
    rows,
    tails::{self, Tails},
};
use crate::units::FeatureMatrix;

/// What the registry knows.
pub const METHOD: Method = Method::of::<Ecod>(
    "ecod",
    "Sum over columns of how far out in its tails the value lies, by the empirical distribution",
    include_str!("ecod.rs"),
);

/// Parameters.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Ecod {
    /// How many training rows it learns from at most: a seeded sample where there are more.
    #[serde(default = "rows::fit_rows")]
    #[schemars(range(min = 1))]
    fit_rows: usize,
}

impl Detector for Ecod {
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
        tails::fit(train, self.fit_rows, job, largest)
    }
}

fn largest(tails: Tails) -> f64 {
    tails.left.max(tails.right).max(tails.chosen)
}
