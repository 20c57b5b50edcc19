//! What contenders gave: scores of the same rows, or why there are none.

use std::sync::Arc;

use ndarray::Array2;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{text::Said, units::RowKey};

/// What kind of thing is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The rule in place today.
    Baseline,
    /// A detector.
    Detector,
    /// Several detectors as one.
    Ensemble,
    /// What needs no machine learning: random, or one field alone.
    Control,
}

/// The scores of every contender on the same rows, and how each fared.
#[derive(Debug, Clone)]
pub struct ScoreTable {
    /// The rows of the training part (for which [`Scored::training`] holds scores).
    pub training: Arc<[RowKey]>,
    /// The rows of the judged part.
    pub judged: Arc<[RowKey]>,
    /// One for each contender, in the order of the experiment, controls last.
    pub columns: Vec<ScoreColumn>,
}

/// One contender's scores.
#[derive(Debug, Clone)]
pub struct ScoreColumn {
    /// Its id: unique in the run.
    pub id: String,
    /// What kind it is.
    pub kind: Kind,
    /// The method (`kmeans`, `mean-rank`, `random`, `single-field`).
    pub method: String,
    /// How it fared.
    pub outcome: Outcome,
}

/// How a contender fared. One that fails is a result to show, not the end of the run.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// It gave scores.
    Scored(Box<Scored>),
    /// It could not.
    Failed {
        /// Why, as a lowercase fragment.
        reason: String,
    },
    /// It was not tried.
    Skipped {
        /// Why.
        reason: String,
    },
}

/// What a contender gave.
#[derive(Debug, Clone, Default)]
pub struct Scored {
    /// Scores of the training part.
    pub training: Vec<f64>,
    /// Scores of the judged part.
    pub judged: Vec<f64>,
    /// Scores of the judged part with further seeds (`evaluate.repeats` - 1 of them), where the method is random.
    pub repeats: Vec<Vec<f64>>,
    /// How much each feature adds to each judged row's score: as the method tells, or else by replacing each in turn. Above four million values, or
    /// [`super::REPLACED_ROWS`], only the rows with the highest scores have them (a note says how many); the others are zero.
    pub contributions: Option<Array2<f64>>,
    /// Seconds of the fit (wall clock of its thread).
    pub fit_seconds: f64,
    /// Seconds to score the judged part.
    pub score_seconds: f64,
    /// Seconds to tell the contributions.
    pub explain_seconds: f64,
    /// Whether the contributions were told by replacing fields ([`super::REPLACED_ROWS`] rows at most), since the method's score is no sum over them.
    pub replaced: bool,
    /// What a reader should know.
    pub notes: Vec<Said>,
}
