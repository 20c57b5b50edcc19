//! Measures, money and criteria become a verdict. Sees numbers only; this is what an auditor reads.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::text::Said;

pub use self::{
    judge::settle_warnings,
    metrics::{METRICS, Metric, measured, metric},
    verdict::{SCHEMA_VERSION, decide, judged_at},
};

mod judge;
mod metrics;
mod sentences;
mod verdict;

#[cfg(test)]
mod tests;

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Verdict {
    /// The pick meets every criterion, and no control does as well.
    #[serde(rename = "GO")]
    Go,
    /// The pick violates some criterion, or a control does as well.
    #[serde(rename = "NO-GO")]
    NoGo,
    /// Otherwise.
    #[serde(rename = "INCONCLUSIVE")]
    Inconclusive,
}

/// How a criterion stands. Three values, because "we cannot tell yet" is an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// The whole interval satisfies the limit.
    Met,
    /// The whole interval violates the limit.
    NotMet,
    /// Otherwise, or not measured.
    Open,
}

/// One criterion, judged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Judged {
    /// The measure.
    pub metric: String,
    /// Whose measure: the pick, or a control.
    pub contender: String,
    /// `at_least` or `at_most`.
    pub direction: Direction,
    /// The limit asked.
    pub limit: f64,
    /// What was measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    /// The lower limit of its interval.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub low: Option<f64>,
    /// The upper limit of its interval.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub high: Option<f64>,
    /// How it stands.
    pub standing: Standing,
    /// What would settle it, where it is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub needs: Option<Said>,
}

/// On which side of the limit the measure must lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Not lower.
    AtLeast,
    /// Not higher.
    AtMost,
}

/// Why the verdict is what it is: chooses the sentences of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Every criterion is met, and no control does as well.
    AllMet,
    /// The pick violates a criterion.
    CriterionNotMet,
    /// A rule on one field does as well.
    FieldDoesAsWell,
    /// A review does not cover the single-field controls, so that nobody knows whether one of them does as well.
    FieldsNotCompared,
    /// The pick is not better than chance beyond noise.
    NotBetterThanRandom,
    /// A criterion is not settled.
    NotSettled,
    /// There are no labels.
    NoLabels,
    /// No criteria were given.
    NoCriteria,
    /// There is no incident in the judged part.
    NoIncidents,
    /// There is no baseline to compare with.
    NoBaseline,
    /// No contender gave scores.
    NoContender,
}

/// The best single field at its own cut: what a rule without machine learning would be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FieldRule {
    /// The field.
    pub field: String,
    /// On which side of the limit a unit is raised.
    pub direction: Direction,
    /// The limit, in the field's own unit.
    pub limit: f64,
}

impl std::fmt::Display for FieldRule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sign = match self.direction {
            Direction::AtLeast => ">=",
            Direction::AtMost => "<=",
        };
        write!(f, "{} {sign} {}", self.field, self.limit)
    }
}

/// The verdict and how it was reached. `decision.json` in the run folder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Decision {
    /// Raised when a field that matters changes.
    pub schema_version: u32,
    /// What to do.
    pub verdict: Verdict,
    /// Why.
    pub reason: Reason,
    /// The contender that was judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pick: Option<String>,
    /// Its criteria, in the order of the experiment.
    pub criteria: Vec<Judged>,
    /// The same criteria for the controls (`random`, the best field).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub controls: Vec<Judged>,
    /// The control that does as well, where one does, and as a rule: `bytes_up > 5.2e7`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// The best single field at the cut of the budget, whatever the verdict.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field_rule: Option<FieldRule>,
    /// One sentence for the terminal: why.
    pub because: Said,
    /// What to do next, in the order of use.
    pub next: Vec<Said>,
    /// SHA-256 of the criteria as written, so that moved goalposts show.
    pub criteria_hash: String,
}
