//! What a reader may change after the run, and what the money is then: the same formulas as the report's, at the most likely amounts.
//!
//! The page carries these numbers and computes alike; a test in a browser compares both.

use serde::Serialize;

use super::{
    CostReport, defaults,
    model::{WEEKS, payback, present},
    read::{benign_after, benign_share, extra, reduction},
};
use crate::{evaluate::Point, spec};

/// The name of the line that a reader may change.
const LICENCE: &str = "licence";

/// False alerts a week, by what they turn out to be.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Load {
    /// Nothing.
    pub wrong: f64,
    /// Right, but legitimate.
    pub legitimate: f64,
}

/// What an option costs, without what a reader may change.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Sums {
    /// Its name; the page has it in words.
    #[serde(skip)]
    pub name: String,
    /// Paid once.
    pub initial: f64,
    /// Paid every year, without the licence.
    pub yearly: f64,
    /// The licence, every year.
    pub licence: f64,
}

/// Everything that the money is computed from.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Levers {
    /// Minutes on a false alert.
    pub minutes: f64,
    /// Minutes on an alert that is right but legitimate.
    pub minutes_legitimate: f64,
    /// What an hour of an analyst costs.
    pub hour: f64,
    /// Years that are counted.
    pub years: f64,
    /// Discount a year.
    pub rate: f64,
    /// The rule in place.
    pub before: Load,
    /// The pick at each budget that was evaluated.
    pub after: Vec<Load>,
    /// The ways of implementing it.
    pub options: Vec<Sums>,
}

/// What a reader chose.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Choice {
    /// Minutes on a false alert.
    pub minutes: f64,
    /// What an hour of an analyst costs.
    pub hour: f64,
    /// Years that are counted.
    pub years: f64,
    /// The licence, every year.
    pub licence: f64,
    /// Which budget, by its place in `after`.
    pub point: usize,
    /// Which option, by its place in `options`.
    pub option: usize,
}

/// What the money is then.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outcome {
    /// Hours a week no longer spent on false alerts.
    pub hours_freed: f64,
    /// What they are worth in a year.
    pub saving_per_year: f64,
    /// Present value of the savings less that of the costs.
    pub net_present_value: f64,
    /// Months until it has paid for itself; `None`: not within ten years.
    pub payback_months: Option<f64>,
}

/// Gathers what a reader may change; `points` are the pick at each budget.
pub fn levers(spec: &spec::Cost, report: &CostReport, baseline: &Point, points: &[&Point]) -> Levers {
    let likely = |given: Option<spec::Amount>, default: &defaults::Default| given.map_or(default.value.base, |amount| amount.base);
    let load = |weekly: f64, share: f64| Load { wrong: weekly * (1.0 - share), legitimate: weekly * share };
    let before = baseline.false_alerts_per_week;
    let after = |point: &&Point| load(before * (1.0 - reduction(baseline, point)) + extra(baseline, point), benign_after(baseline, point));
    let sums = |option: &super::OptionCost| {
        // The sum of nothing is a negative zero.
        let of = |lines: &[super::Line], of: fn(&str) -> bool| {
            lines.iter().filter(|line| of(&line.name)).map(|line| line.amount.base).sum::<f64>() + 0.0
        };
        Sums {
            name: option.name.clone(),
            initial: of(&option.initial, |_| true),
            yearly: of(&option.yearly, |name| name != LICENCE),
            licence: of(&option.yearly, |name| name == LICENCE),
        }
    };
    Levers {
        minutes: likely(spec.triage_minutes.false_positive, &defaults::FALSE_ALERT),
        minutes_legitimate: likely(spec.triage_minutes.benign_true_positive, &defaults::BENIGN_ALERT),
        hour: likely(spec.analyst_hour, &defaults::ANALYST_HOUR),
        years: report.horizon_years,
        rate: report.discount_rate,
        before: load(before, benign_share(baseline)),
        after: points.iter().map(after).collect(),
        options: report.options.iter().map(sums).collect(),
    }
}

impl Levers {
    /// As in the run: the first budget, and an option.
    pub fn unchanged(&self, option: usize) -> Choice {
        let licence = self.options.get(option).map_or(0.0, |option| option.licence);
        Choice { minutes: self.minutes, hour: self.hour, years: self.years, licence, point: 0, option }
    }

    /// The money at a choice; `None` where there is no such budget or option.
    pub fn at(&self, choice: &Choice) -> Option<Outcome> {
        let (after, option) = (self.after.get(choice.point)?, self.options.get(choice.option)?);
        let wrong = (self.before.wrong - after.wrong) * choice.minutes;
        let legitimate = (self.before.legitimate - after.legitimate) * self.minutes_legitimate;
        let hours_freed = (wrong + legitimate) / 60.0;
        let saving_per_year = hours_freed * WEEKS * choice.hour;
        let net = saving_per_year - option.yearly - choice.licence;
        Some(Outcome {
            hours_freed,
            saving_per_year,
            net_present_value: net * present(choice.years, self.rate) - option.initial,
            payback_months: payback(option.initial, net),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{super::tests::whole_with_points, *};

    #[test]
    fn unchanged_gives_the_report_again() {
        let (spec, report, baseline, pick) = whole_with_points();
        let levers = levers(&spec, &report, &baseline, &[&pick]);
        for (index, option) in report.options.iter().enumerate() {
            let found = levers.at(&levers.unchanged(index)).unwrap();
            let close = |a: f64, b: f64| assert!((a - b).abs() <= 1e-9 * (1.0 + b.abs()), "{}: {a} and {b}", option.name);
            close(found.net_present_value, option.npv.base);
            close(found.saving_per_year, report.saving_per_year.base);
            close(found.hours_freed, report.hours_per_week_freed.base);
            assert_eq!(found.payback_months.is_some(), option.payback_months.is_some());
            close(found.payback_months.unwrap_or(0.0), option.payback_months.unwrap_or(0.0));
        }
    }

    #[test]
    fn each_lever_moves_the_money_as_by_hand() {
        let load = |wrong| Load { wrong, legitimate: 0.0 };
        let option = Sums { name: "build".into(), initial: 10_000.0, yearly: 2_000.0, licence: 1_000.0 };
        let levers = Levers {
            minutes: 20.0,
            minutes_legitimate: 20.0,
            hour: 60.0,
            years: 1.0,
            rate: 0.10,
            before: load(100.0),
            after: vec![load(40.0), load(70.0)],
            options: vec![option],
        };
        // 60 alerts x 20 minutes are 20 hours a week, x 365 / 7 x 60 are 62 571.43 a year.
        let usual = levers.at(&levers.unchanged(0)).unwrap();
        assert!((usual.hours_freed - 20.0).abs() < 1e-12 && (usual.saving_per_year - 62_571.428_571).abs() < 1e-3);
        assert!((usual.net_present_value - ((62_571.428_571 - 3_000.0) / 1.1 - 10_000.0)).abs() < 1e-3);
        assert!((usual.payback_months.unwrap() - 12.0 * 10_000.0 / 59_571.428_571).abs() < 1e-6);
        let other = levers.at(&Choice { point: 1, licence: 0.0, ..levers.unchanged(0) }).unwrap();
        assert!((other.hours_freed - 10.0).abs() < 1e-12);
        assert_eq!(levers.at(&Choice { minutes: 0.0, ..levers.unchanged(0) }).unwrap().payback_months, None);
        assert_eq!(levers.at(&Choice { option: 1, ..levers.unchanged(0) }), None);
    }
}
