//! Distance to the nearest large cluster's centre.
//!
//! # What it finds
//! Rows, and small groups of rows, far from every large group.
//! # What it misses
//! Attacks inside a large group; it does not know that groups differ in spread (`kmeans` does).
//! # Cost
//! Fitting: rows (at most `fit_rows`; restarts look at 5 000 of them) x clusters x columns x restarts. Scoring: rows x clusters x columns.
//!
//! # Source
//! He, Xu, Deng 2003, "Discovering cluster-based local outliers", in the form of the published tables (PyOD): clusters by k-means,
//! distances without weights. A cluster is large where, with those larger than it, it makes up `alpha` of the rows *and*
//! the next is `beta` times smaller; else where the first holds, else where the second does (the paper takes either); else all are large.

use ndarray::Axis;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Detector, FitError, Job, Method, Model, ParamError, Work,
    clusters::{self, Distances, Nearest, k_means},
    frame::Learned,
    params::require,
};
use crate::{units::FeatureMatrix, said};

/// What is known of the method.
pub const METHOD: Method = Method::of::<CblofParams>("cblof", "Distance to the nearest large cluster's centre", include_str!("cblof.rs"));

/// Parameters of `cblof`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CblofParams {
    /// How many clusters to look for.
    #[schemars(range(min = 1))]
    pub clusters: usize,
    /// How many times to start afresh; the best third after a few turns go on, and the best result is kept.
    #[schemars(range(min = 1))]
    pub restarts: usize,
    /// The share of the rows that large clusters hold together.
    #[schemars(range(min = 0.5, max = 1.0))]
    pub alpha: f64,
    /// How many times larger the last large cluster is than the first small one.
    #[schemars(range(min = 1.0))]
    pub beta: f64,
    /// How many training rows to learn from, drawn at random where there are more.
    #[schemars(range(min = 1))]
    pub fit_rows: usize,
}

impl Default for CblofParams {
    fn default() -> Self {
        Self { clusters: 8, restarts: 10, alpha: 0.9, beta: 5.0, fit_rows: 50_000 }
    }
}

impl Detector for CblofParams {
    fn check(&self, _rows: Option<usize>, _columns: usize) -> Result<(), ParamError> {
        require("clusters", self.clusters >= 1, "must be at least 1")?;
        require("restarts", self.restarts >= 1, "must be at least 1")?;
        require("alpha", (0.5..=1.0).contains(&self.alpha), "must be from 0.5 to 1")?;
        require("beta", self.beta >= 1.0 && self.beta.is_finite(), "must be at least 1")?;
        require("fit_rows", self.fit_rows >= 1, "must be at least 1")
    }

    fn is_random(&self) -> bool {
        true
    }

    fn work(&self, rows: usize, columns: usize) -> Work {
        let row = (self.clusters * columns + 4 * columns) as f64;
        Work { fit: row * clusters::turns(rows.min(self.fit_rows), self.restarts), row }
    }

    fn memory(&self, rows: usize, columns: usize) -> u64 {
        clusters::memory(rows, columns, self.fit_rows)
    }

    fn fit(&self, train: &FeatureMatrix, job: &Job<'_>) -> Result<Box<dyn Model>, FitError> {
        let Learned { frame, rows, mut notes } = Learned::uniform(train, self.fit_rows, job.seed)?;
        let clusters = k_means(&rows, self.clusters, self.restarts, job)?;
        notes.extend(clusters.notes(self.clusters));
        let large = large(&clusters.counts, self.alpha, self.beta);
        notes.push(said!(en: "{n} of {all} clusters are large", fr: "{n} groupes sur {all} sont grands", n = large.len(), all = clusters.counts.len()));
        let unit = if frame.columns() == 0 { 1.0 } else { frame.scale(0) };
        let nearest = Nearest::new(clusters.centres.select(Axis(0), &large));
        Ok(Box::new(Distances { spreads: vec![1.0; large.len()], nearest, unit, frame, notes }))
    }
}

/// The numbers of the large clusters, largest first.
fn large(counts: &[usize], alpha: f64, beta: f64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..counts.len()).collect();
    order.sort_by_key(|&c| (std::cmp::Reverse(counts[c]), c));
    let rows: usize = counts.iter().sum();
    let holds_alpha = |cut: usize| order[..cut].iter().map(|&c| counts[c]).sum::<usize>() as f64 >= alpha * rows as f64;
    let holds_beta = |cut: usize| counts[order[cut - 1]] as f64 >= beta * counts[order[cut]] as f64;
    let cuts = 1..counts.len();
    let cut = cuts
        .clone()
        .find(|&c| holds_alpha(c) && holds_beta(c))
        .or_else(|| cuts.clone().find(|&c| holds_alpha(c)))
        .or_else(|| cuts.clone().find(|&c| holds_beta(c)))
        .unwrap_or(counts.len());
    order.truncate(cut);
    order
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;
    use crate::detect::hard_cases::{assert_survives, matrix};

    #[test]
    fn survives_hard_cases() {
        assert_survives(&CblofParams::default());
    }

    #[test]
    fn large_clusters_by_hand() {
        // 90 of 100 rows are in the largest three, but only after the fourth is the next five times smaller.
        assert_eq!(large(&[9, 50, 1, 30, 10], 0.9, 5.0), [1, 3, 4, 0]);
        assert_eq!(large(&[50, 30, 10, 8, 2], 0.9, 50.0), [0, 1, 2]);
        assert_eq!(large(&[95, 5], 0.9, 5.0), [0]);
        assert_eq!(large(&[50, 50], 0.9, 5.0), [0, 1]);
        assert_eq!(large(&[80, 10, 10], 1.0, 5.0), [0]);
        assert_eq!(large(&[7], 0.9, 5.0), [0]);
    }

    #[test]
    fn a_small_group_is_far() {
        let rows = Array2::from_shape_fn((100, 2), |(i, j)| if i < 3 { 50.0 + i as f64 } else { (i % 10) as f64 + j as f64 });
        let train = matrix(rows);
        let scores = CblofParams { clusters: 2, ..Default::default() }.fit(&train, &Job::unwatched(1)).unwrap().score(&train);
        let farthest = scores[3..].iter().copied().fold(0.0, f64::max);
        assert!(scores[..3].iter().all(|&s| s > farthest));
    }
}
