//! How one contender measures up: estimates, points, and what is told beside them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Kind, Removed, Sampled};
use crate::text::Said;

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
