//! The distance to the k-th nearest row of the training part.
//!
//! # What it finds
//! Rows far from everything usual, in any direction, whatever the shape of the usual.
//!
//! # What it misses
//! Groups of more than k equal attacks: they are each other's neighbours. A dense and a thin region of usual rows get the same yardstick
//! (`lof` has a local one). Columns that say nothing drown the others, and the scale of each column is its weight.
//!
//! # Cost
//! Exact while the training part has at most 20 000 rows; above, rows are compared with a seeded sample of 4 096 (`fit_rows` sets it), and the
//! report says so. At worst rows x reference rows x columns: some 20 microseconds for a row of 20 columns against 4 096; much less on data
//! that crowd in few places.
//!
//! # Source
//! Ramaswamy, Rastogi, Shim: Efficient Algorithms for Mining Outliers from Large Data Sets (SIGMOD 2000); `mean` after Angiulli, Pizzuti
//! (2002). Sampled reference sets: Sugiyama, Borgwardt (2013). A row of the training part is not its own neighbour when that part is scored.
//! k is 30, the middle of a rule of thumb, 10 < k < 50 (Goldstein, Uchida, PLOS ONE 2016, "A Comparative Evaluation of Unsupervised Anomaly
//! Detection Algorithms for Multivariate Data", who average over many k themselves). Our reason for the middle rather than the lower end: attacks
//! come in bursts, and what is more numerous than k hides itself. On the simulated kinds of `tests/it/kinds.rs` (packs of 12 to 60 rows) 5
//! neighbours reach a ROC-AUC of 18 on packs and 95 on local anomalies, 30 reach 54 and 94. Contributions are the squared differences to the k-th
//! row (or to those that count), divided by the distance: they add up to it.
//!
//! Published tables name PyOD's default, 5, and cannot have been made with it: fitted with 5 neighbours PyOD itself is 5.9 points of ROC-AUC off
//! that table on average (11.2 by the protocol in its authors' code, a bootstrap sample), and 0.9 with 30.

use ndarray::Array2;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Detector, FitError, Job, Method, Model, ParamError, Work, mad,
    neighbours::{self, Neighbour, Reference},
    rows::{self, finite},
};
use crate::{units::FeatureMatrix, text::Said};

/// What the registry knows.
pub const METHOD: Method = Method::of::<Knn>("knn", "Distance to the k-th nearest row of the training part", include_str!("knn.rs"));

/// Parameters.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Knn {
    /// How many neighbours are looked at (k).
    #[serde(default = "thirty")]
    #[schemars(range(min = 1, max = 10_000))]
    neighbours: usize,
    /// What of their distances is the score.
    #[serde(default)]
    distance: Distance,
    /// How many training rows it compares with at most: a seeded sample where there are more. Without it, all up to 20 000 rows, else 4 096.
    #[serde(default)]
    #[schemars(range(min = 1))]
    fit_rows: Option<usize>,
}

fn thirty() -> usize {
    30
}

/// What of the neighbours' distances is the score.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Distance {
    /// The distance to the k-th.
    #[default]
    Largest,
    /// The mean of the k distances.
    Mean,
    /// Their median.
    Median,
}

impl Detector for Knn {
    fn check(&self, _rows: Option<usize>, _columns: usize) -> Result<(), ParamError> {
        neighbours::check(self.neighbours, self.fit_rows)
    }

    fn memory(&self, rows: usize, columns: usize) -> u64 {
        // The reference rows once more in single precision; as they are, only where they are a sample.
        let reference = neighbours::reference_rows(self.fit_rows, rows);
        (neighbours::memory(reference.min(rows), columns) + rows::drawn(rows, columns, reference)) as u64
    }

    fn work(&self, rows: usize, columns: usize) -> Work {
        let reference = neighbours::reference_rows(self.fit_rows, rows).min(rows);
        Work { fit: (20 * reference * columns) as f64, row: (reference * columns) as f64 }
    }

    fn fit(&self, train: &FeatureMatrix, job: &Job<'_>) -> Result<Box<dyn Model>, FitError> {
        let (reference, mut notes) = Reference::new(train, self.fit_rows, job.seed)?;
        notes.extend(neighbours::too_few(self.neighbours, &reference));
        Ok(Box::new(Fitted { count: self.neighbours, distance: self.distance, reference, notes }))
    }
}

struct Fitted {
    count: usize,
    distance: Distance,
    reference: Reference,
    notes: Vec<Said>,
}

impl Fitted {
    fn of(&self, near: &[Neighbour], itself: bool) -> f64 {
        let others = self.reference.len() - usize::from(itself);
        let wanted = self.count.min(others);
        match self.distance {
            _ if near.len() < wanted => largest(near, wanted),
            Distance::Largest => largest(near, wanted),
            Distance::Mean => finite(near.iter().map(|n| n.distance / near.len() as f64).sum()),
            Distance::Median => finite(mad::median(&mut near.iter().map(|n| n.distance).collect::<Vec<_>>())),
        }
    }

    /// What the distance to each of `found` neighbours, nearest first, counts in the score.
    fn weights(&self, found: usize) -> Vec<f64> {
        let counts = match self.distance {
            Distance::Largest => found.saturating_sub(1)..found,
            Distance::Mean => 0..found,
            Distance::Median => found.saturating_sub(1) / 2..found / 2 + usize::from(found > 0),
        };
        (0..found).map(|place| if counts.contains(&place) { 1.0 / counts.len() as f64 } else { 0.0 }).collect()
    }
}

/// The distance to the last of `wanted` neighbours; the largest number where the others are too far for a number to say.
pub(super) fn largest(near: &[Neighbour], wanted: usize) -> f64 {
    if near.len() < wanted { f64::MAX } else { finite(near.last().map_or(0.0, |n| n.distance)) }
}

impl Model for Fitted {
    fn score(&self, rows: &FeatureMatrix) -> Vec<f64> {
        neighbours::of_each(&self.reference, rows, self.count, |_| None, |_, near| self.of(near, false))
    }

    fn score_training(&self, train: &FeatureMatrix, job: &Job<'_>) -> Result<Option<Vec<f64>>, FitError> {
        let place = |row: usize| self.reference.place_of(row);
        let of = |row: usize, near: &[Neighbour]| self.of(near, place(row).is_some());
        neighbours::of_each_watched(&self.reference, train, self.count, job, place, of).map(Some)
    }

    /// A distance is the sum of the squared differences divided by itself.
    fn contributions(&self, rows: &FeatureMatrix) -> Option<Array2<f64>> {
        Some(neighbours::contributions(&self.reference, rows, self.count, |near| self.weights(near.len())))
    }

    fn notes(&self) -> Vec<Said> {
        self.notes.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::hard_cases::{matrix, uniform};

    #[test]
    fn contributions_add_up_to_each_distance() {
        let (train, judged) = (matrix(uniform(200, 4, 1)), matrix(uniform(40, 4, 2)));
        for distance in ["largest", "mean", "median"] {
            for neighbours in [1, 2, 7, 8] {
                let knn: Knn = serde_yaml::from_str(&format!("{{ neighbours: {neighbours}, distance: {distance} }}")).unwrap();
                let model = knn.fit(&train, &Job::unwatched(1)).unwrap();
                let terms = model.contributions(&judged).unwrap();
                for (score, terms) in model.score(&judged).iter().zip(terms.rows()) {
                    assert!((terms.sum() - score).abs() <= 1e-9 * score, "{distance} of {neighbours}: {} {score}", terms.sum());
                }
            }
        }
    }
}
