//! How much sparser a row's place is than the densest part of the cluster it belongs to (GLOSH).
//!
//! # What it finds
//! Rows at the edge of, or beside, clusters of different densities and shapes: each is compared with its own cluster.
//! # What it misses
//! Attacks that form a dense cluster of their own, of at least `min_cluster` rows.
//! # Cost
//! Fitting: `fit_rows`² x columns. Scoring: rows x `fit_rows` x columns.
//!
//! # Source
//! Campello, Moulavi, Zimek, Sander 2015: 1 - ε_min / ε, with ε the reach at which the row joins a cluster and ε_min the least reach in
//! that cluster. Any row joins where a row of the sample does that it can reach: at the largest of their distance, the reach at which that
//! one joins, and its own distance to the `min_points`-th row of the sample; and belongs to the smallest cluster on that row's branch
//! which exists at that reach. The score is no sum over fields: what each adds is told by giving it its median in turn.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Detector, FitError, Job, Method, Model, ParamError, Work,
    frame::{Frame, Learned, PRODUCTS, median},
    params::require,
    reach::{Reach, Reached, core_distances},
};
use crate::{units::FeatureMatrix, said, text::Said};

mod tree;

use tree::Condensed;

/// What is known of the method.
pub const METHOD: Method = Method::of::<HdbscanParams>("hdbscan", "How much sparser a row's place is than its cluster's core (GLOSH)", include_str!("hdbscan.rs"));

/// Parameters of `hdbscan`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct HdbscanParams {
    /// How many rows, itself included, make a place dense.
    #[schemars(range(min = 2))]
    pub min_points: usize,
    /// How many rows make a cluster.
    #[schemars(range(min = 2))]
    pub min_cluster: usize,
    /// How many training rows to learn from, drawn at random where there are more; fitting costs the square of it.
    #[schemars(range(min = 1, max = 20_000))]
    pub fit_rows: usize,
}

impl Default for HdbscanParams {
    fn default() -> Self {
        Self { min_points: 5, min_cluster: 5, fit_rows: 2_000 }
    }
}

impl Detector for HdbscanParams {
    fn check(&self, _rows: Option<usize>, _columns: usize) -> Result<(), ParamError> {
        require("min_points", self.min_points >= 2, "must be at least 2")?;
        require("min_cluster", self.min_cluster >= 2, "must be at least 2")?;
        require("fit_rows", (1..=20_000).contains(&self.fit_rows), "must be from 1 to 20000: fitting costs its square")
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
        Work { fit: (5 * sample * sample * columns) as f64, row: (2 * sample * columns) as f64 }
    }

    fn memory(&self, rows: usize, columns: usize) -> u64 {
        // The sample in its frame, its tree, and blocks of rows against it.
        (PRODUCTS + rows.min(self.fit_rows) * (16 * columns + 100) + 8 * rows) as u64
    }

    fn fit(&self, train: &FeatureMatrix, job: &Job<'_>) -> Result<Box<dyn Model>, FitError> {
        let Learned { frame, rows, mut notes } = Learned::uniform(train, self.fit_rows, job.seed)?;
        job.step(0, 10)?;
        let cores = core_distances(rows.view(), self.min_points);
        let edges = tree::spanning_tree(&rows, &cores, job)?;
        // Equal rows are reached at 0; a floor keeps all ratios finite.
        let floor = 1e-9 * median(edges.iter().map(|e| e.reach).filter(|&r| r > 0.0).collect());
        let clusters = Condensed::new(edges, rows.nrows(), self.min_cluster);
        notes.push(said!(en: "{n} clusters in the hierarchy", fr: "{n} groupes dans la hiérarchie", n = clusters.count()));
        job.step(10, 10)?;
        let reach = Reach::new(rows, clusters.joins_at());
        Ok(Box::new(Fitted { reach, min_points: self.min_points, frame, clusters, floor: floor.max(f64::MIN_POSITIVE), notes }))
    }
}

struct Fitted {
    frame: Frame,
    reach: Reach,
    clusters: Condensed,
    min_points: usize,
    floor: f64,
    notes: Vec<Said>,
}

impl Fitted {
    fn outlierness(&self, found: Reached, core: f64) -> f64 {
        let reach = found.reach.max(core).max(self.floor);
        let least = self.clusters.least_reach(found.point, reach).max(self.floor);
        (1.0 - least / reach).max(0.0)
    }
}

impl Model for Fitted {
    fn score(&self, rows: &FeatureMatrix) -> Vec<f64> {
        self.frame.score(rows.values(), |block, out| {
            for (to, (found, core)) in out.iter_mut().zip(self.reach.of_block_and_kth(block, self.min_points)) {
                *to = self.outlierness(found, core);
            }
        })
    }

    fn notes(&self) -> Vec<Said> {
        self.notes.clone()
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;
    use crate::detect::hard_cases::{assert_survives, matrix, uniform};

    #[test]
    fn survives_hard_cases() {
        assert_survives(&HdbscanParams::default());
        assert_survives(&HdbscanParams { min_points: 300, min_cluster: 300, fit_rows: 50 });
    }

    #[test]
    fn each_cluster_has_its_own_scale() {
        // A tight cluster and a wide one: half a unit beside the tight one is stranger than in the wide one.
        let noise = uniform(400, 2, 1);
        let rows = Array2::from_shape_fn((400, 2), |(i, j)| if i < 200 { 0.1 * noise[(i, j)] } else { 10.0 * (1.0 + noise[(i, j)]) });
        let model = HdbscanParams::default().fit(&matrix(rows), &Job::unwatched(1)).unwrap();
        let scores = model.score(&matrix(ndarray::array![[0.6, 0.6], [15.2, 15.2], [0.05, 0.05], [60.0, 60.0]]));
        assert!(scores[0] > 0.9 && scores[1] < 0.9 && scores[2] < 0.6 && scores[3] > 0.95, "{scores:?}");
    }
}
