//! How much thinner a row's surroundings are than those of its neighbours (local outlier factor; about 1 is usual).
//!
//! # What it finds
//! Rows that are unusual for where they are: just beside a dense region, though nearer to others than rows of a thin region are to each other.
//!
//! # What it misses
//! Groups of more than k attacks. On columns with few distinct values many distances are zero and the factor says little; it is the most
//! sensitive of all to columns that say nothing, and to their scale.
//!
//! # Cost
//! As k-NN (exact up to 20 000 training rows, else against a seeded sample of 4 096), and the same once more for the reference rows themselves.
//!
//! # Source
//! Breunig, Kriegel, Ng, Sander: LOF: Identifying Density-Based Local Outliers (SIGMOD 2000), with exactly k neighbours and 1e-10 added to the
//! mean reachability distance, as in scikit-learn. A row of the training part is not its own neighbour when that part is scored.
//! The score is no sum over fields: what each adds is told by giving it its median in turn.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Detector, FitError, Job, Method, Model, ParamError, Work,
    neighbours::{self, Neighbour, Reference, Table},
    rows::{self, finite},
};
use crate::{units::FeatureMatrix, text::Said};

/// What the registry knows.
pub const METHOD: Method =
    Method::of::<Lof>("lof", "How much thinner the row's surroundings are than those of its neighbours", include_str!("lof.rs"));

/// Parameters.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Lof {
    /// How many neighbours are looked at (k).
    #[serde(default = "twenty")]
    #[schemars(range(min = 1, max = 10_000))]
    neighbours: usize,
    /// How many training rows it compares with at most: a seeded sample where there are more. Without it, all up to 20 000 rows, else 4 096.
    #[serde(default)]
    #[schemars(range(min = 1))]
    fit_rows: Option<usize>,
}

fn twenty() -> usize {
    20
}

impl Detector for Lof {
    fn check(&self, _rows: Option<usize>, _columns: usize) -> Result<(), ParamError> {
        neighbours::check(self.neighbours, self.fit_rows)
    }

    fn memory(&self, rows: usize, columns: usize) -> u64 {
        // As k-NN, and the places of the neighbours of each reference row.
        let reference = neighbours::reference_rows(self.fit_rows, rows);
        let kept = reference.min(rows);
        (neighbours::memory(kept, columns) + kept * (4 * self.neighbours.min(kept) + 24) + rows::drawn(rows, columns, reference)) as u64
    }

    fn explaining(&self) -> Option<f64> {
        None
    }

    fn work(&self, rows: usize, columns: usize) -> Work {
        let reference = neighbours::reference_rows(self.fit_rows, rows).min(rows);
        Work { fit: (reference * reference * columns) as f64, row: (reference * columns) as f64 }
    }

    fn fit(&self, train: &FeatureMatrix, job: &Job<'_>) -> Result<Box<dyn Model>, FitError> {
        let (reference, mut notes) = Reference::new(train, self.fit_rows, job.seed)?;
        notes.extend(neighbours::too_few(self.neighbours, &reference));
        let table = job.part(0.1, 0.9, |job| Table::new(&reference, self.neighbours, job))?;
        let densities = Densities::new(&table, &reference, self.neighbours);
        let itself = table.of_each(&reference, |_, near| densities.factor(near));
        Ok(Box::new(Fitted { count: self.neighbours, itself, densities, reference, notes }))
    }
}

/// How dense the surroundings of every reference row are.
pub(super) struct Densities {
    count: usize,
    /// The distance of each reference row's k-th neighbour.
    reach: Vec<f64>,
    density: Vec<f64>,
}

impl Densities {
    /// From the nearest rows of every reference row, at least `count` of them where there are as many, none its own neighbour.
    pub fn new(table: &Table, reference: &Reference, count: usize) -> Self {
        let first = |near: &[Neighbour]| near.len().min(count);
        let reach = table.of_each(reference, |_, near| near[..first(near)].last().map_or(0.0, |n| n.distance));
        let density = table.of_each(reference, |_, near| density(&near[..first(near)], &reach));
        Self { count, reach, density }
    }

    /// The factor of a row with these nearest rows.
    pub fn factor(&self, near: &[Neighbour]) -> f64 {
        let near = &near[..near.len().min(self.count)];
        if near.is_empty() {
            // Alone, or so far off that no number says it.
            return if self.reach.len() <= 1 { 1.0 } else { f64::MAX };
        }
        let theirs: f64 = near.iter().map(|n| self.density[n.row] / near.len() as f64).sum();
        finite(theirs / density(near, &self.reach))
    }
}

/// The local reachability density of a row with these neighbours.
fn density(near: &[Neighbour], reach: &[f64]) -> f64 {
    let mean: f64 = near.iter().map(|n| n.distance.max(reach[n.row]) / near.len() as f64).sum();
    1.0 / (mean + 1e-10)
}

struct Fitted {
    count: usize,
    /// The factors of the reference rows, none its own neighbour.
    itself: Vec<f64>,
    densities: Densities,
    reference: Reference,
    notes: Vec<Said>,
}

impl Model for Fitted {
    fn score(&self, rows: &FeatureMatrix) -> Vec<f64> {
        neighbours::of_each(&self.reference, rows, self.count, |_| None, |_, near| self.densities.factor(near))
    }

    fn score_training(&self, train: &FeatureMatrix, job: &Job<'_>) -> Result<Option<Vec<f64>>, FitError> {
        if self.reference.len() == train.nrows() {
            return Ok(Some(self.itself.clone()));
        }
        // The few rows of the sample are looked for once more: sparing that would take a copy of all others.
        let place = |row: usize| self.reference.place_of(row);
        let factor = |row: usize, near: &[Neighbour]| place(row).map_or_else(|| self.densities.factor(near), |place| self.itself[place]);
        neighbours::of_each_watched(&self.reference, train, self.count, job, place, factor).map(Some)
    }

    fn notes(&self) -> Vec<Said> {
        self.notes.clone()
    }
}
