//! Runs of one use case side by side: may they be compared, what changed, what it did.
//!
//! ```text
//! run folders -> Iteration ... Iteration -> compare -> Comparison (terminal, Markdown, JSON, page)
//! ```
//!
//! Neighbours that were judged on the same cases are compared in pairs, others by their own intervals; nothing is called better or worse
//! without an interval of the difference that lies wholly on one side. Sees saved runs only.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use self::{
    changes::{Change, Group},
    iteration::Iteration,
    lineup::{Difference, Disagreement, Refused},
    measures::{Measure, Reading, Step, Word},
    portfolio::{Entry, portfolio},
};
use crate::decide::Verdict;

mod changes;
mod iteration;
mod lineup;
mod measures;
mod portfolio;
#[cfg(test)]
mod tests;

/// One run in a comparison.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Column {
    /// Its label: the experiment's `iteration`, else the moment it began.
    pub label: String,
    /// Its id.
    pub run: String,
    /// When it began, RFC 3339 UTC.
    pub started: String,
    /// What it decided.
    pub verdict: Verdict,
    /// The name of the contender that was judged.
    pub pick: Option<String>,
    /// Why, in one sentence.
    pub because: String,
    /// What sets it apart from the run before it, beyond what is under test.
    pub differs: Vec<Difference>,
    /// Whether some source says that it is generated.
    pub synthetic: bool,
}

/// Runs side by side.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Comparison {
    /// The use case, by its title.
    pub use_case: String,
    /// The experiment's name.
    pub experiment: String,
    /// The confidence of every interval.
    pub confidence: f64,
    /// What amounts of money are in.
    pub currency: String,
    /// The runs, oldest first.
    pub columns: Vec<Column>,
    /// Runs of the same experiment that cannot be lined up with the newest, and why.
    pub refused: Vec<Refused>,
    /// For each run but the first, what its experiment changed.
    pub changes: Vec<Vec<Change>>,
    /// What it did: one measure a row.
    pub measures: Vec<Measure>,
    /// The required measures that the newest run has worse than the one before it, beyond noise.
    pub worse: Vec<String>,
    /// Days from the first run to the newest.
    pub days: f64,
}

/// A run beside the earlier ones that were there when it ended. `earlier.json` in the run folder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Earlier {
    /// All that could be read, this run last.
    pub comparison: Comparison,
    /// Ids of those that could not be.
    pub unreadable: Vec<String>,
}

/// Lines runs up, oldest first. The newest decides which of the others can stand beside it.
pub fn compare(iterations: &[Iteration]) -> Comparison {
    let mut ordered: Vec<&Iteration> = iterations.iter().collect();
    ordered.sort_by(|a, b| a.manifest.order().cmp(&b.manifest.order()));
    let (runs, refused) = lineup::line_up(&ordered);
    let newest = runs.last().copied();
    let measures = measures::measures(&runs);
    let columns = runs
        .iter()
        .enumerate()
        .map(|(index, run)| Column {
            label: run.label.clone(),
            run: run.manifest.run.clone(),
            started: run.manifest.started.clone(),
            verdict: run.decision.verdict,
            pick: run.pick_title(),
            because: run.decision.because.en.clone(),
            differs: index.checked_sub(1).map_or_else(Vec::new, |before| lineup::differences(runs[before], run)),
            synthetic: run.manifest.synthetic,
        })
        .collect();
    let required: Vec<&str> =
        newest.map_or_else(Vec::new, |run| run.decision.criteria.iter().map(|judged| judged.metric.as_str()).collect());
    let worse = measures
        .iter()
        .filter(|measure| required.contains(&measure.metric.as_str()))
        .filter(|measure| measure.steps.last().is_some_and(|step| step.as_ref().is_some_and(|step| step.word == Word::Worse)))
        .map(|measure| measure.metric.clone())
        .collect();
    Comparison {
        use_case: newest.map_or_else(String::new, |run| run.resolved.experiment.use_case.title.clone()),
        experiment: newest.map_or_else(String::new, |run| run.manifest.experiment.clone()),
        confidence: newest.map_or(0.0, |run| run.evaluation.confidence),
        currency: newest.map_or_else(String::new, Iteration::currency),
        changes: runs.windows(2).map(|pair| changes::changes(pair[0], pair[1])).collect(),
        days: match runs[..] {
            [first, .., last] => last.days_since(first),
            _ => 0.0,
        },
        columns,
        refused,
        measures,
        worse,
    }
}
