//! Scores and labels become measures with intervals. Sees numbers only: no linfa, no polars, no files.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use self::sampled::{NextSheet, Reviewed, Sampled, Stratum, Summary as ReviewSummary};
pub use self::{
    assemble::{FIELD_PREFIX, SCHEMA_VERSION, evaluate},
    opened::{FalseAlerts, false_alerts, opened},
    planted::{Injection, PlantedUnit, PlantedWorld},
    suppressed::{Removed, Suppressed, SuppressedBy, Suppression},
};
pub use crate::detect::Kind;
use crate::{detect::ScoreTable, spec, text::Said, units::Part};

mod assemble;
mod cases;
mod caveats;
mod choice;
pub mod conformal;
pub mod design;
pub mod finite;
mod frame;
pub mod intervals;
mod measure;
mod opened;
pub mod outlook;
pub mod planted;
mod point;
pub mod ranking;
pub mod readings;
mod sampled;
pub mod study;
mod suppressed;
pub mod two_way;

#[cfg(test)]
pub(crate) mod tests;

/// Which question an interval answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Question {
    /// What would full labels on the judged part have said?
    ThisWindow,
    /// What will be, in weeks like those of the window?
    WeeksToCome,
}

/// A measured value and the interval it lies in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Estimate {
    /// The value in this window.
    pub value: f64,
    /// The lower limit; `None`: none can be given (see `note`).
    pub low: Option<f64>,
    /// The upper limit; `None`: none can be given.
    pub high: Option<f64>,
    /// Which question the interval answers.
    pub question: Question,
    /// How the interval is made: Clopper-Pearson, two-way variance, ...
    pub method: Said,
    /// Why there is no limit, or what to bear in mind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Said>,
}

/// What a contender gives at one cut. Without time (`judged_days` 0) the table is one period, and every rate is a total.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Point {
    /// Cases opened in the judged part.
    pub alerts: u64,
    /// The same per day.
    pub alerts_per_day: f64,
    /// Median over budget periods, per day.
    pub alerts_per_day_p50: f64,
    /// 95th percentile over budget periods, per day.
    pub alerts_per_day_p95: f64,
    /// Worst budget period, per day.
    pub alerts_per_day_max: f64,
    /// Cases that are attacks.
    pub true_alerts: u64,
    /// Cases that are right but legitimate, where the labels tell.
    pub benign_true_alerts: u64,
    /// Cases that are not attacks (benign true positives included).
    pub false_alerts: u64,
    /// Cases of which nothing is known (0 where labels are complete, and where a review covers them: then the three counts above are estimates,
    /// rounded, and `sampled` tells how many were read).
    pub unknown_alerts: u64,
    /// False alerts in seven days.
    pub false_alerts_per_week: f64,
    /// The same with its interval for the weeks to come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub false_alerts_per_week_interval: Option<Estimate>,
    /// Incidents with at least one alert.
    pub incidents_caught: u64,
    /// True alerts / alerts; `None` where there is no alert.
    pub precision: Option<f64>,
    /// The same with its interval for the weeks to come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub precision_interval: Option<Estimate>,
    /// 1 - false alerts / false alerts of the baseline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fp_reduction: Option<Estimate>,
    /// Of the incidents that the baseline catches, the share caught.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recall_kept: Option<Estimate>,
    /// Of all incidents, the share caught.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recall: Option<Estimate>,
    /// Median hours from an incident's start to the end of the period of its first alert.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours_to_alert: Option<f64>,
    /// What a review of a sample says about this window.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sampled: Option<Sampled>,
}

/// One place on a contender's curve.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CurvePoint {
    /// Cases opened per week.
    pub alerts_per_week: f64,
    /// False alerts per week.
    pub false_alerts_per_week: f64,
    /// Incidents caught.
    pub incidents_caught: u64,
}

/// How one contender measures up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Measured {
    /// Its id.
    pub id: String,
    /// Its name in the report.
    pub title: String,
    /// What kind it is.
    pub kind: Kind,
    /// Its method.
    pub method: String,
    /// `scored`, `failed` or `skipped`.
    pub outcome: Status,
    /// Why it failed or was skipped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Area under the ROC curve over units, the mean over seeds; appendix only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roc_auc: Option<f64>,
    /// Average precision over units, the mean over seeds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub average_precision: Option<f64>,
    /// Share of attack units: what average precision would be by chance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prevalence: Option<f64>,
    /// Seconds of the fit. Not compared between runs.
    pub fit_seconds: f64,
    /// Seconds to score the judged part. Not compared between runs.
    pub score_seconds: f64,
    /// What a reader should know.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Said>,
    /// At the budget (the baseline: as it is).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget: Option<Point>,
    /// The score at the cut of the budget: of the training part with `policy: threshold`, else of the one cut with as many alerts over the
    /// whole judged part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<f64>,
    /// At the smallest number of alerts with which it catches as many incidents as the baseline (retrospective).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub equal_detection: Option<Point>,
    /// At the cut that keeps a given share of the baseline's incidents, for the weeks to come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_recall: Option<AtRecall>,
    /// The same cut placed on the training part, or by the budget.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prospective: Option<Point>,
    /// At further budgets (`also_at`), by budget.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also_at: Vec<AtBudget>,
    /// Alerts against incidents, thinned to at most 200 places.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub curve: Vec<CurvePoint>,
    /// False alerts at the budget and incidents caught, for each seed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub seeds: Vec<SeedResult>,
    /// Alerts at the budget that nothing else raises.
    pub only_here: u64,
    /// Jaccard overlap of its alerts at the budget with those of the baseline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agreement: Option<f64>,
    /// recall_kept minus that of `random`, at the budget, paired.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub better_than_random: Option<Estimate>,
    /// recall_kept minus that of the best single field, at the budget, paired.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub better_than_field: Option<Estimate>,
    /// fp_reduction minus that of the best single field, at the budget, paired.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fewer_false_than_field: Option<Estimate>,
    /// True alerts at the budget less those of `random`, about this window, where labels are known of a sample.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub more_true_than_random: Option<Estimate>,
    /// What rules of `suppress` take out of its alerts at the budget; `None` where there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removed: Option<Removed>,
}

/// What is saved at the cut that keeps a given share of the incidents.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AtRecall {
    /// The share of the baseline's incidents that is kept.
    pub recall: f64,
    /// 1 - false alerts / false alerts of the baseline, there.
    pub fp_reduction: Estimate,
}

/// Whether a contender gave scores.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It did.
    Scored,
    /// It could not.
    Failed,
    /// It was not tried.
    Skipped,
}

/// A point at another budget.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AtBudget {
    /// Cases per budget period.
    pub budget: u64,
    /// What it gives there.
    pub point: Point,
}

/// What one seed gives at the budget.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SeedResult {
    /// False alerts per week.
    pub false_alerts_per_week: f64,
    /// Incidents caught.
    pub incidents_caught: u64,
}

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

/// What an evaluation is made from.
pub struct Input<'a> {
    /// The training part.
    pub training: &'a Part,
    /// The judged part; the same as `training` without time.
    pub judged: &'a Part,
    /// Whether both are the same rows.
    pub in_sample: bool,
    /// The scores.
    pub scores: &'a ScoreTable,
    /// For each unit of the training and the judged part, whether the baseline flags it.
    pub baseline: Option<(&'a [bool], &'a [bool])>,
    /// The baseline's name.
    pub baseline_title: &'a str,
    /// What was read, where labels are known of a sample; what was said of it is in the labels of `judged`.
    pub review: Option<&'a Reviewed>,
    /// Which units rules keep out of every queue.
    pub suppressed: Option<&'a Suppressed>,
    /// How it is judged.
    pub settings: &'a spec::Evaluate,
    /// The criteria, for the choice of the pick.
    pub decision: Option<&'a spec::Decision>,
    /// Every random choice comes from this.
    pub seed: u64,
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
    pub disposition: Option<crate::units::Disposition>,
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
