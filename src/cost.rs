//! Alerts become hours and money: one amount per line, low / base / high. Sees numbers only.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::spec::Amount;

/// An amount with its range, as it is saved.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Range {
    /// At least.
    pub low: f64,
    /// Most likely.
    pub base: f64,
    /// At most.
    pub high: f64,
}

impl From<Amount> for Range {
    fn from(amount: Amount) -> Self {
        Self { low: amount.low, base: amount.base, high: amount.high }
    }
}

/// One line of an option.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Line {
    /// Its name: `hardware`, `licence`, `talent`, ...
    pub name: String,
    /// What it costs (once, or per year).
    pub amount: Range,
    /// How it was reached: `60 days x 650`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub how: Option<String>,
}

/// One way of implementing it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OptionCost {
    /// `build`, `product`, `siem_feature`.
    pub name: String,
    /// Paid once.
    pub initial: Vec<Line>,
    /// Paid every year.
    pub yearly: Vec<Line>,
    /// Initial, then each year, then the total: cost, saving, net.
    pub table: Vec<YearRow>,
    /// Present value of the savings less that of the costs.
    pub npv: Range,
    /// (present value of savings - present value of costs) / present value of costs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roi: Option<f64>,
    /// Months until the cumulative saving covers the cumulative cost; `None`: not within ten years. Low is the best case.
    pub payback_months: Option<f64>,
    /// Payback in the best and the worst case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payback_low: Option<f64>,
    /// See `payback_low`; `None`: not within ten years.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payback_high: Option<f64>,
    /// The false-positive reduction at which the present value is zero.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub break_even_reduction: Option<f64>,
    /// The share of draws over all amounts and the measured interval in which the present value is positive.
    pub chance_positive: f64,
}

/// One row of the table of years.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct YearRow {
    /// `initial`, `year 1`, ..., `total`, `present value`.
    pub label: String,
    /// What is paid.
    pub cost: f64,
    /// What the freed hours are worth.
    pub saving: f64,
}

/// An amount that moves the result, and where it flips.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Sensitivity {
    /// Its name.
    pub name: String,
    /// Net present value at its low and its high end, everything else at base.
    pub npv_at_low: f64,
    /// See `npv_at_low`.
    pub npv_at_high: f64,
    /// Its base value.
    pub base: f64,
    /// The value at which the net present value is zero, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flips_at: Option<f64>,
}

/// What it costs, and what it saves. `cost.json` in the run folder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CostReport {
    /// ISO 4217 code.
    pub currency: String,
    /// Years.
    pub horizon_years: f64,
    /// Per year.
    pub discount_rate: f64,
    /// The contender whose alerts are counted.
    pub contender: String,
    /// Hours a week spent on the baseline's alerts.
    pub hours_per_week_before: Range,
    /// Hours a week spent on the contender's alerts.
    pub hours_per_week_after: Range,
    /// Hours a week that are freed.
    pub hours_per_week_freed: Range,
    /// Worth of the freed hours in a year.
    pub saving_per_year: Range,
    /// The options, in the order of the experiment.
    pub options: Vec<OptionCost>,
    /// The option with the highest net present value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub best: Option<String>,
    /// The amounts that move the best option's result most, the strongest first.
    pub sensitivity: Vec<Sensitivity>,
    /// Amounts that were not given, with the value taken and its source.
    pub defaults: Vec<DefaultUsed>,
}

/// A default that was used.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DefaultUsed {
    /// Which amount.
    pub name: String,
    /// The value taken.
    pub value: Range,
    /// Where it comes from.
    pub source: String,
}
