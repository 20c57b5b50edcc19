//! k-NN, LOF and DBSCAN from one table of neighbours.
//!
//! Each of them asks for the nearest rows of every row, and little else: the distance to the k-th is k-NN's score, LOF compares the distances of a
//! few of them, and a row of the reference set is a core point of DBSCAN where its `min_points`-th is near. The search is nearly all of their
//! cost, so it is done once.

use super::super::{
    FitError, Job,
    dbscan::knee,
    knn,
    lof::Densities,
    neighbours::{Neighbour, Reference, Scratch, Table, of_each, of_each_watched},
    rows::flat,
};
use crate::{text::Said, units::FeatureMatrix};

/// The three, in the order of their scores.
pub(super) const MEMBERS: [&str; 3] = ["knn", "lof", "dbscan"];

/// Neighbours that are looked for: k-NN's default.
pub(super) const NEAREST: usize = 30;
/// LOF's default.
const LOF_NEAREST: usize = 20;
/// DBSCAN's default, without the row itself.
const CORE_NEAREST: usize = 4;

/// The three, fitted.
pub(super) struct Neighbourhood {
    pub reference: Reference,
    densities: Densities,
    /// Whether each reference row is a core point.
    core: Vec<bool>,
    cores: Reference,
    tolerance: f64,
}

/// The three fitted detectors, the scores of the rows fitted on, and what a reader should know.
pub(super) type Fitted = (Neighbourhood, Vec<[f64; 3]>, Vec<Said>);

impl Neighbourhood {
    /// Fits all three: to all of `train`, or to the seeded sample that k-NN compares with. Also gives the scores of the rows fitted on, for each of
    /// the three, none its own neighbour, and what a reader should know.
    ///
    /// # Errors
    /// When there is nothing to learn from, or the job was stopped.
    pub fn fit(train: &FeatureMatrix, job: &Job<'_>) -> Result<Fitted, FitError> {
        let (reference, notes) = Reference::new(train, None, job.seed)?;
        let table = Table::new(&reference, NEAREST, job)?;
        let reach = table.of_each(&reference, |_, near| near.get(CORE_NEAREST.min(near.len()).wrapping_sub(1)).map_or(0.0, |n| n.distance));
        let tolerance = knee(reach.clone()).clamp(f64::MIN_POSITIVE, f64::MAX);
        let mut core: Vec<bool> = reach.iter().map(|r| *r <= tolerance).collect();
        if !core.contains(&true) {
            core.fill(true);
        }
        let cores = reference.only(|row| core[row]);
        let densities = Densities::new(&table, &reference, LOF_NEAREST);
        let fitted = Self { densities, core, cores, tolerance, reference };
        let itself = table.of_each(&fitted.reference, |row, near| fitted.of(fitted.reference.row(row), near, Some(row)));
        Ok((fitted, itself, notes))
    }

    /// The scores of a row with these nearest rows; `itself` is its place in the reference set.
    fn of(&self, row: &[f64], near: &[Neighbour], itself: Option<usize>) -> [f64; 3] {
        let others = self.reference.len() - usize::from(itself.is_some());
        let reach = match itself {
            Some(place) if self.core[place] => 0.0,
            _ => near.iter().find(|n| self.core[n.row]).map_or_else(|| self.to_core(row), |n| n.distance),
        };
        [knn::largest(near, NEAREST.min(others)), self.densities.factor(near), (reach / self.tolerance).min(f64::MAX)]
    }

    /// How far the nearest core point is, for the few rows that have none among their nearest.
    fn to_core(&self, row: &[f64]) -> f64 {
        let mut found = Vec::with_capacity(1);
        self.cores.nearest(row, 1, None, &mut Scratch::default(), &mut found);
        found.first().map_or(f64::MAX, |n| n.distance)
    }

    /// The three scores of each row.
    pub fn score(&self, rows: &FeatureMatrix) -> Vec<[f64; 3]> {
        of_each(
            &self.reference,
            rows,
            NEAREST,
            |_| None,
            |row, near| self.of(&flat(rows)[row * rows.ncols()..][..rows.ncols()], near, None),
        )
    }

    /// The three scores of each row of the training part.
    ///
    /// # Errors
    /// When the job was stopped.
    pub fn score_training(&self, train: &FeatureMatrix, job: &Job<'_>) -> Result<Vec<[f64; 3]>, FitError> {
        let place = |row: usize| self.reference.place_of(row);
        let of = |row: usize, near: &[Neighbour]| self.of(&flat(train)[row * train.ncols()..][..train.ncols()], near, place(row));
        of_each_watched(&self.reference, train, NEAREST, job, place, of)
    }
}
