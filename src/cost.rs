//! Alerts become hours and money: one amount per line, low / base / high. Sees numbers only.
//!
//! What is saved is the time that is no longer spent on false alerts, and nothing else: time on attacks counts alike before and after, so
//! that a missed attack is never a saving, and what an attack would have cost enters nowhere. Rates measured in the judged part are taken
//! for a year of 365 days; the number of alerts is not scaled to `production`, only computing and ingested volume are. Nothing here
//! comes from a clock: the same experiment on the same data costs the same to the last digit (`cost/computing.rs`).
//!
//! Limits are those within which a share `confidence` of 10 000 seeded draws lie: amounts triangular between low, base and high, the
//! measured false alerts and their reduction by the limits of their intervals; a reduction without an interval may be none at all. The
//! three-year table, net present value, return on investment and payback follow Forrester's Total Economic Impact: what is paid first is not
//! discounted, a year's money counts at its end.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(crate) use self::defaults::CPU_HOUR_MEMORY;
pub use self::{
    check::{CODES, check},
    computing::{Spent, Stage, StageWork, Work, hours, projected},
    what_if::{Choice, Levers, Outcome, levers},
};
use crate::{
    evaluate::Point,
    spec::{self, Amount},
    text::Said,
};

mod check;
mod computing;
mod defaults;
mod model;
mod read;
mod simulate;
#[cfg(test)]
mod tests;
mod what_if;

/// What a cost report is made from.
#[derive(Debug, Clone, Copy)]
pub struct CostInput<'a> {
    /// What the experiment says.
    pub spec: &'a spec::Cost,
    /// The rule in place.
    pub baseline: &'a Point,
    /// The pick, at the budget.
    pub contender: &'a Point,
    /// Its name in the report.
    pub contender_title: &'a str,
    /// What this run did, to project computing from.
    pub work: Work,
    /// The confidence of the intervals in both points, and of the limits here.
    pub confidence: f64,
    /// Every random draw comes from this.
    pub seed: u64,
}

/// Turns two operating points into money; `None` where some of their alerts are of unknown kind, and where no time was judged: money is
/// counted by the week, and nobody knows how many weeks the rows of a plain table are.
pub fn assess(input: &CostInput<'_>) -> Option<CostReport> {
    let unknown = input.baseline.unknown_alerts > 0 || input.contender.unknown_alerts > 0;
    if unknown || input.work.judged_days <= 0.0 {
        return None;
    }
    let reading = read::read(input);
    let (model, base) = (&reading.model, reading.model.base());
    let draws = simulate::draw(model, input.confidence, input.seed);
    let hours = model.hours(&base);
    let options: Vec<OptionCost> = (0..model.options.len())
        .map(|index| {
            let option = &model.options[index];
            let money = model.money(option, &base);
            let (payback_low, payback_high) = draws.payback(index, money.payback);
            let lines = |terms: &[model::Term]| terms.iter().map(|term| term.line(model)).collect();
            OptionCost {
                name: option.name.clone(),
                initial: lines(&option.initial),
                yearly: lines(&option.yearly),
                table: model.table(&money),
                npv: draws.npv(index, money.npv),
                roi: (money.cost_now > 0.0).then(|| money.npv / money.cost_now),
                payback_months: money.payback,
                payback_low,
                payback_high,
                break_even_reduction: model.break_even(option, &base),
                chance_positive: draws.chance_positive(index),
            }
        })
        .collect();
    // The first of equals: max_by takes the last.
    let best = (0..options.len()).rev().max_by(|a, b| options[*a].npv.base.total_cmp(&options[*b].npv.base));
    Some(CostReport {
        currency: input.spec.currency.clone(),
        horizon_years: model.years,
        discount_rate: model.rate,
        contender: input.contender_title.to_owned(),
        hours_per_week_before: draws.range(simulate::Figure::Before, hours.before),
        hours_per_week_after: draws.range(simulate::Figure::After, hours.after),
        hours_per_week_freed: draws.range(simulate::Figure::Freed, hours.freed()),
        saving_per_year: draws.range(simulate::Figure::Saving, model.saving(&base)),
        sensitivity: best.map(|index| model.sensitivity(&model.options[index])).unwrap_or_default(),
        best: best.map(|index| options[index].name.clone()),
        options,
        defaults: reading.defaults,
        computing: input.work.stages(input.spec.production.as_ref(), true).to_vec(),
        cpu_hour: reading.cpu_hour,
    })
}

/// An amount with its range, as it is saved. Of what is given: lowest, most likely, highest. Of what is computed: the value at the most likely
/// amounts, between the limits of the draws.
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
    pub how: Option<Said>,
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
    /// Initial, then each year, then the total, then the present value.
    pub table: Vec<YearRow>,
    /// Present value of the savings less that of the costs.
    pub npv: Range,
    /// (present value of savings - present value of costs) / present value of costs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roi: Option<f64>,
    /// Months until the cumulative saving covers the cumulative cost, not discounted; `None`: not within ten years.
    pub payback_months: Option<f64>,
    /// Payback at the favourable limit of the draws; `None`: not within ten years.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payback_low: Option<f64>,
    /// Payback at the unfavourable limit of the draws; `None`: not within ten years.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payback_high: Option<f64>,
    /// The false-positive reduction at which the present value is zero; 0 where it pays without any, `None` where no reduction suffices.
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
    /// Its name: a key below `cost`, or a measure.
    pub name: String,
    /// Its low end.
    pub low: f64,
    /// Its high end.
    pub high: f64,
    /// Whether these ends are a fifth less and a fifth more, since only one number is known.
    pub assumed: bool,
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
    /// Hours a week spent on the baseline's alerts, true and false.
    pub hours_per_week_before: Range,
    /// Hours a week spent on the contender's false alerts, and on as many true ones as the baseline has.
    pub hours_per_week_after: Range,
    /// Hours a week that are no longer spent on false alerts: the difference of the two above.
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
    /// The work of a year of production, by stage: what `computing: auto` is made from.
    #[serde(default)]
    pub computing: Vec<StageWork>,
    /// What an hour of a processor with its memory costs.
    #[serde(default = "defaults::cpu_hour")]
    pub cpu_hour: Range,
}

/// The name of the measured reduction of false alerts among quantities and defaults.
const FP_REDUCTION: &str = "fp_reduction";

impl CostReport {
    /// Whether the reduction of false alerts was measured without an interval, and counts as one that may be none at all.
    pub fn reduction_may_be_none(&self) -> bool {
        self.defaults.iter().any(|used| used.name == FP_REDUCTION)
    }

    /// What an amount that is paid every year is worth now.
    pub fn present_of_yearly(&self, amount: f64) -> f64 {
        amount * model::present(self.horizon_years, self.discount_rate)
    }
}

/// A default that was used.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DefaultUsed {
    /// Which amount.
    pub name: String,
    /// The value taken.
    pub value: Range,
    /// Where it comes from.
    pub source: Said,
}
