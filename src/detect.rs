//! Detectors: methods that learn what is usual and say how unusual a row is. Sees numbers only: no polars, no files, no clock, no labels.

use std::fmt;

use ndarray::Array2;

use crate::{text::Said, units::FeatureMatrix};

pub use self::{
    contenders::{PROBLEMS, contenders},
    ensemble::{DEFAULT, ENSEMBLES},
    method::{Method, ParamsError},
    replaced::ROWS as REPLACED_ROWS,
    rows::FIT_ROWS,
    run::{RunOptions, run_all},
    scores::{Kind, Outcome, ScoreColumn, ScoreTable, Scored},
};

mod clusters;
mod contenders;
mod control;
mod ensemble;
pub(crate) mod frame;
#[cfg(test)]
pub(crate) mod hard_cases;
mod histogram;
pub(crate) mod linear;
#[cfg(test)]
mod memory;
mod method;
mod neighbours;
pub(crate) mod params;
pub(crate) mod reach;
pub mod reduce;
mod replaced;
mod rows;
mod run;
mod scores;
mod tails;
mod words;

/// A method that learns what is usual and says how unusual a row is.
///
/// Implementations are plain parameter structs, read from the experiment file: what an author may write is what the struct has fields for.
pub trait Detector: fmt::Debug + Send + Sync {
    /// Says what is wrong with the parameters, given the size of the data. `gonogo check` calls it with no data (`rows` is `None`).
    ///
    /// # Errors
    /// When a parameter cannot be used.
    fn check(&self, _rows: Option<usize>, _columns: usize) -> Result<(), ParamError> {
        Ok(())
    }

    /// About how many bytes a fit and scoring need besides the matrix, which `limits: { memory }` is compared with.
    ///
    /// Unless a method knows better: the bounded sample that is learned from, three times (as drawn, as scaled, and what is learned of each of its
    /// values), and one score per row. Every method of the catalogue does, and a test holds it to what the allocator counts.
    fn memory(&self, rows: usize, columns: usize) -> u64 {
        let sample = 3 * rows.min(rows::FIT_ROWS) * columns;
        (8 * (sample + rows)) as u64
    }

    /// About how much work a fit and the scoring of one row are, in one unit: what the progress that is shown, and the time left, are told by.
    ///
    /// Unless a method knows better: the bounded sample and each row are looked at about as often.
    fn work(&self, rows: usize, columns: usize) -> Work {
        Work { fit: (4 * rows.min(rows::FIT_ROWS) * columns) as f64, row: columns as f64 }
    }

    /// How many times the work of scoring a row it is to tell what drove its score; `None` where no model of this tells, and fields are replaced one at a time.
    fn explaining(&self) -> Option<f64> {
        Some(1.0)
    }

    /// Whether another seed gives other scores, the choice of a bounded sample aside.
    fn is_random(&self) -> bool {
        false
    }

    /// Learns from `train`. The result depends on nothing but `train`, the parameters, and the job's seed.
    ///
    /// # Errors
    /// When the method cannot learn from these rows, or the job was stopped.
    fn fit(&self, train: &FeatureMatrix, job: &Job<'_>) -> Result<Box<dyn Model>, FitError>;
}

/// How much work a method is; the unit is a multiplication of a tight loop, or what takes as long.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Work {
    /// To learn.
    pub fit: f64,
    /// To score one row.
    pub row: f64,
}

/// A fitted method.
pub trait Model: Send + Sync {
    /// One score per row, in the order of `rows`: finite, and higher is stranger. A row's score does not depend on the other rows given.
    fn score(&self, rows: &FeatureMatrix) -> Vec<f64>;

    /// The scores of the rows it was fitted on, where they differ from [`Model::score`]; `None`: they do not.
    ///
    /// A method that looks at neighbours finds every row of the training part at distance zero from itself. Here, and only here, a row
    /// is not its own neighbour: `train` must be the matrix that was fitted on, row for row. An equal row elsewhere counts.
    ///
    /// # Errors
    /// When the job was stopped.
    fn score_training(&self, _train: &FeatureMatrix, _job: &Job<'_>) -> Result<Option<Vec<f64>>, FitError> {
        Ok(None)
    }

    /// How much each feature adds to each row's score (rows x features), where the score is a sum over them: they add up to the score, less what is the
    /// same for all rows. `None`: it is no such sum, and fields are replaced one at a time instead.
    fn contributions(&self, _rows: &FeatureMatrix) -> Option<Array2<f64>> {
        None
    }

    /// What a reader of the report should know: that it did not converge, how large the sample was.
    fn notes(&self) -> Vec<Said> {
        Vec::new()
    }
}

/// What a fit is given besides its data: a seed, and a way to say how far it is and to learn that it should stop.
pub struct Job<'a> {
    /// Every random choice comes from this.
    pub seed: u64,
    step: &'a (dyn Fn(f64) -> Result<(), FitError> + Sync),
}

impl<'a> Job<'a> {
    /// Makes a job; `step` is told how far the work is (0 to 1) and answers whether to go on.
    pub fn new(seed: u64, step: &'a (dyn Fn(f64) -> Result<(), FitError> + Sync)) -> Self {
        Self { seed, step }
    }

    /// A job that nobody watches.
    pub fn unwatched(seed: u64) -> Job<'static> {
        Job { seed, step: &|_| Ok(()) }
    }

    /// Does a part of the work, which says of itself how far it is from 0 to 1: here from `from` to `to`.
    pub fn part<R>(&self, from: f64, to: f64, work: impl FnOnce(&Job<'_>) -> R) -> R {
        let step = |fraction: f64| (self.step)(from + (to - from) * fraction.clamp(0.0, 1.0));
        work(&Job { seed: self.seed, step: &step })
    }

    /// Says how far the work is.
    ///
    /// # Errors
    /// When the run was cancelled or a limit is reached; pass it on with `?`.
    pub fn step(&self, done: usize, total: usize) -> Result<(), FitError> {
        (self.step)(done as f64 / total.max(1) as f64)
    }
}

/// What is wrong with a parameter.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{parameter}`: {message}")]
pub struct ParamError {
    /// Its name.
    pub parameter: &'static str,
    /// What is wrong: `must be at least 1`.
    pub message: String,
}

/// Why a method could not learn.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FitError {
    /// There are too few rows.
    #[error("needs at least {needed} rows, found {found}")]
    TooFewRows {
        /// How many it takes.
        needed: usize,
        /// How many there are.
        found: usize,
    },
    /// The numbers do not let it.
    #[error("{0}")]
    Numeric(String),
    /// A limit of time or memory was reached.
    #[error("{0}")]
    Limit(String),
    /// The user stopped the run.
    #[error("interrupted")]
    Interrupted,
}

/// Finds a method by its name.
pub fn method(id: &str) -> Option<&'static Method> {
    METHODS.iter().find(|method| method.id == id)
}

macro_rules! methods {
    ($($module:ident),* $(,)?) => {
        $(mod $module;)*
        /// Every method, in the order the documentation lists them.
        pub static METHODS: &[Method] = &[$($module::METHOD),*];
    };
}

// One a line, in the order of the documentation.
methods! {
    isolation_forest,
    extended_isolation_forest,
    ecod,
    copod,
    hbos,
    loda,
    knn,
    lof,
    kmeans,
    cblof,
    gmm,
    dbscan,
    optics,
    hdbscan,
    pca,
    mcd,
    ocsvm,
    inne,
    mad,
    autoencoder,
}

/// One contender as the experiment asks for it, read and checked.
#[derive(Debug)]
pub struct Contender {
    /// Its id: unique in the run.
    pub id: String,
    /// What it is.
    pub plan: Plan,
    /// Its parameters as JSON, defaults included, for the report.
    pub parameters: serde_json::Value,
    /// What ends it.
    pub limits: Limits,
}

/// What ends a contender, with a reason, instead of the run.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Limits {
    /// Seconds of fitting and scoring, for each seed.
    pub seconds: Option<f64>,
    /// Bytes that it may be expected to need besides the matrix.
    pub memory: Option<u64>,
}

/// What a contender does.
#[derive(Debug)]
pub enum Plan {
    /// One method.
    Method {
        /// Its name.
        method: &'static str,
        /// It, with its parameters.
        detector: Box<dyn Detector>,
    },
    /// Several contenders as one.
    Ensemble {
        /// `mean-rank`, ...
        how: String,
        /// Ids of the members; empty: all detectors.
        of: Vec<String>,
        /// How many groups `average-of-maximum` makes.
        buckets: usize,
    },
}
