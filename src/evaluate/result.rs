//! Everything that an evaluation gives: `evaluation.json` and `alerts.json` in the run folder.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Estimate, Kind, MassVolume, Measured, Point, ReviewSummary, Suppression};
use crate::{text::Said, units::Disposition};

/// One incident, and who caught it at the budget.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct IncidentOutcome {
    /// Its name.
    pub id: String,
    /// Its kind, where labelled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Its entity (the first of its units).
    pub entity: String,
    /// When it began, microseconds since 1970 UTC.
    pub start: i64,
    /// How many units belong to it.
    pub units: u64,
    /// Ids of the contenders (the baseline's is `baseline`) that catch it at the budget.
    pub caught_by: Vec<String>,
}

/// How many units of each kind there are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Counts {
    /// Units that were learned from.
    pub training: u64,
    /// Units that were judged.
    pub judged: u64,
}

/// How many judged units have which label.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LabelCounts {
    /// Whether what is not labelled counts as benign.
    pub complete: bool,
    /// Attacks.
    pub true_positive: u64,
    /// Right but legitimate.
    pub benign_true_positive: u64,
    /// False.
    pub false_positive: u64,
    /// Not labelled.
    pub none: u64,
}

/// Something that could make the result wrong, with the number behind it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Caveat {
    /// `few-incidents`, `unlabelled`, `drift`, `single-field`, ...
    pub code: String,
    /// One sentence with the number in it.
    pub message: Said,
}

/// Everything that was measured. `evaluation.json` in the run folder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Evaluation {
    /// Raised when a field that matters changes.
    pub schema_version: u32,
    /// How many units.
    pub units: Counts,
    /// How many cases in the judged part.
    pub cases: u64,
    /// How many incidents in the judged part.
    pub incidents: u64,
    /// The length of the judged part in days; 0 without time.
    pub judged_days: f64,
    /// Whether training and judged part are the same rows.
    pub in_sample: bool,
    /// Cases per budget period at the primary operating point.
    pub budget: u64,
    /// The confidence of every interval.
    pub confidence: f64,
    /// The labels, where there are any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub labels: Option<LabelCounts>,
    /// The review, where labels are known of a sample.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review: Option<ReviewSummary>,
    /// The rules that suppress alerts, where there are any. All other figures hold with them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suppression: Option<Suppression>,
    /// The baseline first (where there is one), then the detectors and ensembles in the order of the experiment, then the controls: `random` and
    /// the best fields.
    pub contenders: Vec<Measured>,
    /// The id of the best control that is one field (by the measure the pick is chosen by). Its budget point has the bias of that choice taken off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub best_field: Option<String>,
    /// The contender that is judged, with the bias of the choice taken off its lower limits; `None` where nothing can be picked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pick: Option<Pick>,
    /// The incidents of the judged part.
    pub incident_list: Vec<IncidentOutcome>,
    /// Rank correlation (Spearman) of the judged scores of each pair, lower triangle by contender order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub agreement: Vec<PairAgreement>,
    /// How tightly the scores enclose the data, counted without labels: a diagnostic that nothing is chosen by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mass_volume: Option<MassVolume>,
    /// What could make this wrong.
    pub caveats: Vec<Caveat>,
}

/// How much two contenders agree.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PairAgreement {
    /// One.
    pub a: String,
    /// The other.
    pub b: String,
    /// Spearman's rank correlation over judged units.
    pub rank_correlation: f64,
    /// Jaccard overlap of the alerts at the budget.
    pub overlap: f64,
}

/// The chosen contender.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Pick {
    /// Its id.
    pub id: String,
    /// By which measure it was chosen.
    pub chosen_by: String,
    /// Out of how many.
    pub among: u64,
    /// Its budget point, the bias of the choice taken off the lower limits.
    pub budget: Point,
    /// By how much the choice flatters `recall_kept` (taken off).
    pub bias_recall_kept: f64,
    /// By how much the choice flatters the logarithm of the false-alert ratio (taken off).
    pub bias_log_ratio: f64,
    /// Paired difference of recall_kept to the best single field, at the budget (bias taken off).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub better_than_field: Option<Estimate>,
}

impl Evaluation {
    /// A contender by its id.
    pub fn contender(&self, id: &str) -> Option<&Measured> {
        self.contenders.iter().find(|contender| contender.id == id)
    }

    /// The baseline, where there is one.
    pub fn baseline(&self) -> Option<&Measured> {
        self.contenders.iter().find(|contender| contender.kind == Kind::Baseline)
    }
}

/// One alert of the pick at the budget. `alerts.json` in the run folder holds the first 200 by score.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Alert {
    /// 1 is the highest.
    pub rank: u64,
    /// The unit's entity.
    pub entity: String,
    /// When its period begins, microseconds since 1970 UTC.
    pub start: i64,
    /// How many units the case holds; this is the one with the highest score.
    pub units: u64,
    /// Its score.
    pub score: f64,
    /// What the labels say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disposition: Option<Disposition>,
    /// Its incidents.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub incidents: Vec<String>,
    /// The fields that drove it, the strongest first, at most 3.
    pub drivers: Vec<Driver>,
    /// Whether the baseline raises it too.
    pub in_baseline: bool,
}

/// A field that drove an alert.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Driver {
    /// The field.
    pub field: String,
    /// Its value, before scaling.
    pub value: f64,
    /// Its median in the training part, before scaling.
    pub usual: f64,
    /// Its median over the entity's own units of the training part; `None` where it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own: Option<f64>,
    /// Its median over the other entities in the same period; `None` where there is no other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peers: Option<f64>,
    /// Its share of the score's contributions, 0 to 1.
    pub share: f64,
}
