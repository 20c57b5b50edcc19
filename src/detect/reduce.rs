//! Fewer columns before a detector looks: a step that is fitted on the training part, then applied to any row.
//!
//! In an experiment: `{ method: knn, reduce: { method: pca, components: 5 } }`. A step and a detector together are again a detector, [`Reduced`].

use std::{fmt, sync::Arc};

use ndarray::Array2;
use schemars::{JsonSchema, Schema};
use serde::de::DeserializeOwned;

use crate::{
    detect::{Detector, FitError, Job, Model, ParamError, ParamsError, frame::Frame},
    text::Said,
    units::FeatureMatrix,
};

pub(crate) mod basis;

/// Learns how to write rows with fewer columns.
///
/// Implementations are plain parameter structs, read from the experiment file.
pub trait Reducer: fmt::Debug + Send + Sync {
    /// Says what is wrong with the parameters, given the size of the data (`None` where it is not known yet).
    ///
    /// # Errors
    /// When a parameter cannot be used.
    fn check(&self, _rows: Option<usize>, _columns: usize) -> Result<(), ParamError> {
        Ok(())
    }

    /// Whether another seed gives other columns.
    fn is_random(&self) -> bool {
        false
    }

    /// Learns from `train`. The result depends on nothing but `train`, the parameters, and the job's seed.
    ///
    /// # Errors
    /// When the step cannot learn from these rows, or the job was stopped.
    fn fit(&self, train: &FeatureMatrix, job: &Job<'_>) -> Result<Box<dyn Reduction>, FitError>;
}

/// A fitted step.
pub trait Reduction: Send + Sync {
    /// The names of the new columns.
    fn names(&self) -> Vec<String>;

    /// The new columns of every row (finite). A row's values do not depend on the other rows given.
    fn apply(&self, rows: &FeatureMatrix) -> Array2<f64>;

    /// Takes what the new columns add to each row's score back to the fields (rows x fields), where the step is linear; `None`: it cannot tell.
    fn back(&self, _rows: &FeatureMatrix, _terms: &Array2<f64>) -> Option<Array2<f64>> {
        None
    }

    /// What a reader of the report should know.
    fn notes(&self) -> Vec<Said> {
        Vec::new()
    }
}

/// [`Reduction::back`] of a linear step: `directions` holds one direction a column. A new column's term falls to the fields by the size of what
/// each adds to that column's value in the row.
pub(crate) fn back_along(frame: &Frame, directions: &Array2<f64>, rows: &FeatureMatrix, terms: &Array2<f64>) -> Array2<f64> {
    let framed = frame.apply(rows.values());
    let mut all = Array2::zeros(framed.dim());
    for ((row, terms), mut out) in framed.rows().into_iter().zip(terms.rows()).zip(all.rows_mut()) {
        for (direction, term) in directions.columns().into_iter().zip(terms) {
            let size: f64 = row.iter().zip(direction).map(|(x, d)| (x * d).abs()).sum();
            if size > 0.0 && size.is_finite() {
                out.iter_mut().zip(row.iter().zip(direction)).for_each(|(to, (x, d))| *to += term * ((x * d).abs() / size));
            }
        }
    }
    all
}

/// What is known of a step before any experiment names it.
pub struct Step {
    /// Its name in experiment files.
    pub id: &'static str,
    /// What it does, in one line.
    pub summary: &'static str,
    /// Its file's documentation, for `explain`.
    pub source: &'static str,
    /// The schema of its parameters.
    pub schema: fn() -> Schema,
    build: fn(serde_yaml::Value) -> Result<Box<dyn Reducer>, ParamsError>,
}

impl Step {
    /// Describes the step whose parameters are `R`.
    pub const fn of<R: Reducer + DeserializeOwned + JsonSchema + 'static>(
        id: &'static str,
        summary: &'static str,
        source: &'static str,
    ) -> Self {
        Self { id, summary, source, schema: || schemars::schema_for!(R), build: |params| Ok(Box::new(ParamsError::read::<R>(params)?)) }
    }

    /// Reads the parameters (a mapping without `method`).
    ///
    /// # Errors
    /// When they do not fit.
    pub fn build(&self, params: serde_yaml::Value) -> Result<Box<dyn Reducer>, ParamsError> {
        (self.build)(params)
    }
}

/// Finds a step by its name.
pub fn step(id: &str) -> Option<&'static Step> {
    STEPS.iter().find(|step| step.id == id)
}

macro_rules! steps {
    ($($module:ident),* $(,)?) => {
        $(mod $module;)*
        /// Every step, in the order the documentation lists them.
        pub static STEPS: &[Step] = &[$($module::STEP),*];
    };
}

steps!(pca, random_projection, diffusion_map);

/// A step, then a detector on its columns.
#[derive(Debug)]
pub struct Reduced {
    /// The step.
    pub step: Box<dyn Reducer>,
    /// The detector.
    pub detector: Box<dyn Detector>,
}

impl Detector for Reduced {
    fn check(&self, rows: Option<usize>, columns: usize) -> Result<(), ParamError> {
        self.step.check(rows, columns)?;
        // How many columns the step leaves is known once it is fitted.
        self.detector.check(rows, columns)
    }

    fn memory(&self, rows: usize, columns: usize) -> u64 {
        self.detector.memory(rows, columns) + (8 * rows * columns) as u64
    }

    fn explaining(&self) -> Option<f64> {
        self.detector.explaining()
    }

    fn is_random(&self) -> bool {
        self.step.is_random() || self.detector.is_random()
    }

    fn fit(&self, train: &FeatureMatrix, job: &Job<'_>) -> Result<Box<dyn Model>, FitError> {
        // The step is told to take the first tenth of the work, which is all that progress needs.
        let reduction = job.part(0.0, 0.1, |job| self.step.fit(train, job))?;
        let columns = narrowed(reduction.as_ref(), train)?;
        let model = job.part(0.1, 1.0, |job| self.detector.fit(&columns, job))?;
        Ok(Box::new(ReducedModel { reduction, model }))
    }
}

struct ReducedModel {
    reduction: Box<dyn Reduction>,
    model: Box<dyn Model>,
}

impl Model for ReducedModel {
    fn score(&self, rows: &FeatureMatrix) -> Vec<f64> {
        match narrowed(self.reduction.as_ref(), rows) {
            Ok(columns) => self.model.score(&columns),
            // A step gives finite values of the right shape; if one does not, no row is told apart.
            Err(_) => vec![0.0; rows.nrows()],
        }
    }

    fn score_training(&self, train: &FeatureMatrix, job: &Job<'_>) -> Result<Option<Vec<f64>>, FitError> {
        self.model.score_training(&narrowed(self.reduction.as_ref(), train)?, job)
    }

    fn contributions(&self, rows: &FeatureMatrix) -> Option<Array2<f64>> {
        let terms = self.model.contributions(&narrowed(self.reduction.as_ref(), rows).ok()?)?;
        self.reduction.back(rows, &terms)
    }

    fn notes(&self) -> Vec<Said> {
        self.reduction.notes().into_iter().chain(self.model.notes()).collect()
    }
}

/// The rows with the step's columns.
fn narrowed(reduction: &dyn Reduction, rows: &FeatureMatrix) -> Result<FeatureMatrix, FitError> {
    let names: Arc<[String]> = reduction.names().into();
    FeatureMatrix::new(reduction.apply(rows), names, Arc::clone(rows.rows())).map_err(|error| FitError::Numeric(error.to_string()))
}

#[cfg(test)]
mod tests {
    use ndarray::ArrayView1;

    use super::*;
    use crate::detect::hard_cases::{cases, matrix};

    /// Fits a step on every hard case, and applies it to its own rows, far rows, and rows alone.
    pub(super) fn assert_survives(step: &dyn Reducer) {
        for (name, train) in cases() {
            step.check(Some(train.nrows()), train.ncols()).unwrap();
            let reduction = step.fit(&train, &Job::unwatched(7)).unwrap_or_else(|e| panic!("{name}: {e}"));
            let mut rows = train.values().to_owned();
            for value in [0.0, -1e300, f64::MAX] {
                rows.push_row(ArrayView1::from(&vec![value; train.ncols()])).unwrap();
            }
            let rows = matrix(rows);
            let out = reduction.apply(&rows);
            assert_eq!(out.dim(), (rows.nrows(), reduction.names().len()), "{name}");
            assert!(out.iter().all(|x| x.is_finite()), "{name}");
            assert_eq!(out, step.fit(&train, &Job::unwatched(7)).unwrap().apply(&rows), "{name}");
            let last = rows.nrows() - 1;
            assert_eq!(out.row(last), reduction.apply(&rows.select_rows(&[last])).row(0), "{name}");
        }
    }

    #[test]
    fn every_step_is_explained() {
        for step in STEPS {
            for heading in ["# What it finds", "# What it misses", "# Cost"] {
                assert!(step.source.contains(heading), "{}: {heading}", step.id);
            }
            assert!(super::step(step.id).is_some());
        }
    }

    #[test]
    fn a_step_and_a_detector_are_a_detector() {
        let steps = [("pca", "components: 1"), ("random-projection", "components: 1"), ("diffusion-map", "components: 1")];
        for (id, params) in steps {
            let step = super::step(id).unwrap().build(serde_yaml::from_str(params).unwrap()).unwrap();
            let detector = crate::detect::method("kmeans").unwrap().build(serde_yaml::from_str("clusters: 2").unwrap()).unwrap();
            let reduced = Reduced { step, detector };
            let mut rows = ndarray::Array2::from_shape_fn((50, 3), |(i, j)| (i % 5 + j) as f64);
            rows.row_mut(9).fill(500.0);
            let train = matrix(rows);
            let model = reduced.fit(&train, &Job::unwatched(1)).unwrap();
            let scores = model.score(&train);
            assert!(scores.iter().enumerate().all(|(i, &s)| i == 9 || s < scores[9]), "{id}: {scores:?}");
            assert_eq!(model.contributions(&train).is_some(), id != "diffusion-map", "{id}");
        }
    }

    #[test]
    fn what_new_columns_add_goes_back_to_the_fields() {
        // One direction (0.6, 0.8, 0): of its term of 10, fields at 1, 1 and 5 get 10 * 0.6 / 1.4, 10 * 0.8 / 1.4, and nothing.
        let rows = matrix(ndarray::array![[1.0, 1.0, 5.0], [-1.0, -1.0, -5.0]]);
        let frame = Frame::uniform(rows.values());
        let back = back_along(&frame, &ndarray::array![[0.6], [0.8], [0.0]], &rows, &ndarray::array![[10.0], [10.0]]);
        for row in back.rows() {
            assert!((row[0] - 6.0 / 1.4).abs() < 1e-12 && (row[1] - 8.0 / 1.4).abs() < 1e-12 && row[2] == 0.0, "{row}");
        }
    }

    #[test]
    fn behind_a_step_the_strange_field_is_named() {
        for (id, params) in [("pca", "components: 4"), ("random-projection", "components: 4")] {
            let step = super::step(id).unwrap().build(serde_yaml::from_str(params).unwrap()).unwrap();
            let detector = crate::detect::method("knn").unwrap().build(serde_yaml::from_str("neighbours: 5").unwrap()).unwrap();
            let train = matrix(crate::detect::hard_cases::uniform(200, 4, 8));
            let model = Reduced { step, detector }.fit(&train, &Job::unwatched(1)).unwrap();
            let terms = model.contributions(&matrix(ndarray::array![[0.5, 0.5, 30.0, 0.5]])).unwrap();
            assert!((0..4).all(|j| j == 2 || terms[(0, j)] < terms[(0, 2)]), "{id}: {terms}");
        }
    }
}
