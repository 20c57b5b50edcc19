//! What an experiment costs: amounts by line, for each way of implementing it.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Amount, AmountOrAuto, Duration, Fraction};

/// What it costs. Every amount is one number, or low / base / high.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cost {
    /// ISO 4217 code: three capital letters.
    #[serde(default = "eur")]
    #[schemars(regex(pattern = "^[A-Z]{3}$"))]
    pub currency: String,
    /// Over how long the money is counted: at most 30 years.
    #[serde(default = "three_years")]
    pub horizon: Duration,
    /// Per year.
    #[serde(default = "ten_percent")]
    pub discount_rate: Fraction,
    /// Minutes an analyst spends on an alert, by what it turns out to be.
    #[serde(default)]
    pub triage_minutes: TriageMinutes,
    /// What an hour of an analyst costs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub analyst_hour: Option<Amount>,
    /// The size it would have in production.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub production: Option<Production>,
    /// Ways of implementing it, by name (`build`, `product`, `siem_feature`).
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub options: IndexMap<String, CostOption>,
}

fn eur() -> String {
    "EUR".into()
}

fn three_years() -> Duration {
    Duration::years(3)
}

fn ten_percent() -> Fraction {
    Fraction::of(0.10)
}

/// Minutes an analyst spends on an alert, by what it turns out to be. What is not given takes a cited default.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TriageMinutes {
    /// An attack.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub true_positive: Option<Amount>,
    /// Rightly raised, but legitimate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub benign_true_positive: Option<Amount>,
    /// Nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub false_positive: Option<Amount>,
}

/// The size it would have in production.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Production {
    /// Events a day; as many as the run read where it is not given.
    #[schemars(range(max = 1e15), extend("exclusiveMinimum" = 0))]
    pub events_per_day: Option<f64>,
    /// Entities in all; where it is not given, units grow as events do.
    #[schemars(range(max = 1e15), extend("exclusiveMinimum" = 0))]
    pub entities: Option<f64>,
    /// How often the detector is fitted again.
    pub retrain_every: Option<Duration>,
}

/// One way of implementing it: amounts by line. `talent_days` and `integration_days` are multiplied by `day`, `ingest_gb_day` by 365 and
/// `per_gb`; `computing: auto` is projected from what this run did; every other line is money.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CostOption {
    /// Paid once, before the first year.
    pub initial: IndexMap<String, AmountOrAuto>,
    /// Paid every year.
    pub yearly: IndexMap<String, AmountOrAuto>,
}
