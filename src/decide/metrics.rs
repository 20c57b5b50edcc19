//! The measures that criteria may name: one place for `check`, `list metrics`, `explain`, and the verdict.

use super::Direction;
use crate::{
    cost::CostReport,
    evaluate::{Estimate, Point},
    said,
    text::Said,
};

/// A measure that a criterion may name.
#[derive(Debug)]
pub struct Metric {
    /// Its name in experiment files.
    pub id: &'static str,
    /// Its name in the report.
    pub title: &'static str,
    /// What it is counted in: `share`, `alerts a week`, `months`, ...
    pub unit: &'static str,
    /// Whether it is judged on an interval; false: a count of this window, compared as it is.
    pub needs_interval: bool,
    /// Whether it compares with the baseline.
    pub needs_baseline: bool,
    /// Whether it needs the experiment's `cost`.
    pub needs_cost: bool,
    /// The usual direction of its limit.
    pub direction: Direction,
    /// What it is, in one or two sentences.
    pub doc: &'static str,
    read: fn(&Point, &Context<'_>) -> Option<Value>,
}

/// What measures are read from, besides the point.
pub(super) struct Context<'a> {
    /// Incidents in the judged part.
    pub incidents: u64,
    pub cost: Option<&'a CostReport>,
}

/// A measure with its limits; infinite where there is none on that side.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Value {
    pub value: f64,
    pub low: f64,
    pub high: f64,
    /// Why a limit is missing.
    pub note: Option<Said>,
}

impl Value {
    fn exactly(value: f64) -> Self {
        Self { value, low: value, high: value, note: None }
    }

    fn estimate(estimate: &Estimate) -> Self {
        Self {
            value: estimate.value,
            low: estimate.low.unwrap_or(f64::NEG_INFINITY),
            high: estimate.high.unwrap_or(f64::INFINITY),
            note: estimate.note.clone(),
        }
    }
}

impl Metric {
    pub(super) fn read(&self, point: &Point, context: &Context<'_>) -> Option<Value> {
        (self.read)(point, context)
    }

    /// Whether it is a share of incidents, for which incidents can be counted that settle it.
    pub fn is_share_of_incidents(&self) -> bool {
        matches!(self.id, "recall_kept" | "recall")
    }
}

/// Finds a measure by its name.
pub fn metric(id: &str) -> Option<&'static Metric> {
    METRICS.iter().find(|metric| metric.id == id)
}

/// What a point gives of a measure: the value, and its limits (infinite where there is none on that side).
pub fn measured(metric: &Metric, point: &Point, incidents: u64, cost: Option<&CostReport>) -> Option<(f64, f64, f64)> {
    metric.read(point, &Context { incidents, cost }).map(|found| (found.value, found.low, found.high))
}

const SHARE: Metric = Metric {
    id: "",
    title: "",
    unit: "share",
    needs_interval: true,
    needs_baseline: false,
    needs_cost: false,
    direction: Direction::AtLeast,
    doc: "",
    read: |_, _| None,
};
const COUNT: Metric = Metric { needs_interval: false, direction: Direction::AtMost, ..SHARE };
const MONEY: Metric = Metric { needs_cost: true, unit: "money", ..SHARE };

/// Every measure that a criterion may name, in the order the documentation lists them.
pub static METRICS: &[Metric] = &[
    Metric {
        id: "fp_reduction",
        title: "False alerts saved",
        needs_baseline: true,
        doc: "1 - false alerts / false alerts of the current rule, at the budget. Judged on its interval for the weeks to come (two-way variance over \
              entities and days on the log ratio). At the budget it says little alone: any ranking saves alerts, read it with `recall_kept`.",
        read: |point, _| point.fp_reduction.as_ref().map(Value::estimate),
        ..SHARE
    },
    Metric {
        id: "recall_kept",
        title: "Incidents still caught",
        needs_baseline: true,
        doc: "Of the incidents that the current rule catches, the share that is caught at the budget. Judged on its Clopper-Pearson interval: with none \
              missed it takes 14 incidents to show 0.8, 29 to show 0.9, 59 to show 0.95 (at a confidence of 0.90).",
        read: |point, _| point.recall_kept.as_ref().map(Value::estimate),
        ..SHARE
    },
    Metric {
        id: "recall",
        title: "Incidents caught",
        doc: "Of all labelled incidents, the share that is caught at the budget. Judged on its Clopper-Pearson interval.",
        read: |point, _| point.recall.as_ref().map(Value::estimate),
        ..SHARE
    },
    Metric {
        id: "precision",
        title: "True alerts",
        doc: "True alerts / alerts at the budget: 1 - false discovery rate. Judged on its interval for the weeks to come.",
        read: |point, _| point.precision_interval.as_ref().map(Value::estimate),
        ..SHARE
    },
    Metric {
        id: "false_alerts_per_week",
        title: "False alerts a week",
        unit: "alerts a week",
        direction: Direction::AtMost,
        doc: "Cases opened in seven days that are not attacks, benign true positives included. Judged on its interval for the weeks to come.",
        read: |point, _| point.false_alerts_per_week_interval.as_ref().map(Value::estimate),
        ..SHARE
    },
    Metric {
        id: "alerts_per_day",
        title: "Alerts a day",
        unit: "alerts a day",
        doc: "Cases opened per day, on average over the judged part. Compared as it is: the budget fixes it.",
        read: |point, _| Some(Value::exactly(point.alerts_per_day)),
        ..COUNT
    },
    Metric {
        id: "alerts_per_day_p95",
        title: "Alerts on a busy day",
        unit: "alerts a day",
        doc: "95th percentile over budget periods of the cases opened, per day. Compared as it is.",
        read: |point, _| Some(Value::exactly(point.alerts_per_day_p95)),
        ..COUNT
    },
    Metric {
        id: "incidents_caught",
        title: "Incidents caught, counted",
        unit: "incidents",
        direction: Direction::AtLeast,
        doc: "Incidents of this window with at least one alert at the budget. A count of this window, compared as it is.",
        read: |point, _| Some(Value::exactly(point.incidents_caught as f64)),
        ..COUNT
    },
    Metric {
        id: "incidents_missed",
        title: "Incidents missed",
        unit: "incidents",
        doc: "Labelled incidents of this window without any alert at the budget. A count of this window, compared as it is: it can be settled with few \
              incidents, and says nothing about the weeks to come.",
        read: |point, context| Some(Value::exactly(context.incidents.saturating_sub(point.incidents_caught) as f64)),
        ..COUNT
    },
    Metric {
        id: "hours_to_alert",
        title: "Hours to the first alert",
        unit: "hours",
        doc: "Median over the caught incidents of the hours from the start to the end of the period of the first alert. Compared as it is.",
        read: |point, _| point.hours_to_alert.map(Value::exactly),
        ..COUNT
    },
    Metric {
        id: "payback_months",
        title: "Months to pay back",
        unit: "months",
        direction: Direction::AtMost,
        doc: "Months until the cumulative saving of the best option covers its cumulative cost. Judged on its best and worst case.",
        read: |_, context| {
            let option = best_option(context)?;
            // Not within ten years is never, as far as a criterion goes.
            let months = |months: Option<f64>| months.unwrap_or(f64::INFINITY);
            let value = months(option.payback_months);
            let (low, high) = (months(option.payback_low).min(value), option.payback_high.map_or(f64::INFINITY, |high| high.max(value)));
            Some(Value {
                value,
                low,
                high,
                note: match value.is_infinite() {
                    true => Some(said!(en: "not paid back within ten years", fr: "pas amorti en dix ans")),
                    false => without_interval(context),
                },
            })
        },
        ..MONEY
    },
    Metric {
        id: "net_present_value",
        title: "Net present value",
        doc: "Present value of what the freed hours are worth, less that of the best option's costs, over the horizon. Judged on its low and high case.",
        read: |_, context| {
            best_option(context).map(|o| Value { value: o.npv.base, low: o.npv.low, high: o.npv.high, note: without_interval(context) })
        },
        ..MONEY
    },
    Metric {
        id: "roi",
        title: "Return on investment",
        unit: "share",
        needs_interval: false,
        doc: "(present value of savings - present value of costs) / present value of costs, of the best option. Compared as it is.",
        read: |_, context| best_option(context)?.roi.map(Value::exactly),
        ..MONEY
    },
    Metric {
        id: "net_saving_per_year",
        title: "Net saving a year",
        doc: "What the freed hours are worth in a year, less the best option's yearly costs. Judged on its low and high case.",
        read: |_, context| {
            let (saving, option) = (context.cost?.saving_per_year, best_option(context)?);
            let yearly = |end: fn(&crate::cost::Range) -> f64| option.yearly.iter().map(|line| end(&line.amount)).sum::<f64>();
            Some(Value {
                value: saving.base - yearly(|r| r.base),
                low: saving.low - yearly(|r| r.high),
                high: saving.high - yearly(|r| r.low),
                note: without_interval(context),
            })
        },
        ..MONEY
    },
];

/// Why money hangs on more than its amounts, where it does.
fn without_interval(context: &Context<'_>) -> Option<Said> {
    context.cost?.reduction_may_be_none().then(|| {
        said!(
            en: "met at the base values, and the reduction of false alerts has no interval: judge more days, or read more alerts",
            fr: "atteint aux valeurs de base, et la baisse des fausses alertes n’a pas d’intervalle : jugez plus de jours, ou lisez plus d’alertes",
        )
    })
}

fn best_option<'a>(context: &Context<'a>) -> Option<&'a crate::cost::OptionCost> {
    let cost = context.cost?;
    let best = cost.best.as_deref()?;
    cost.options.iter().find(|option| option.name == best)
}
