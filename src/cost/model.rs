//! The money as formulas over quantities: hours, savings, costs, present value, payback, and what each quantity moves.
//!
//! Everything that can be uncertain is a quantity with a number; a figure is a function of the numbers of all quantities. So the draws,
//! the limits, and the tornado evaluate the same formulas.

use super::{Line, Range, Sensitivity, YearRow};
use crate::text::Said;

/// Where a quantity's uncertainty comes from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Known {
    /// Given as lowest, most likely, highest.
    Given,
    /// Measured, with the limits of an interval; a side without a limit does not vary.
    Measured,
}

/// Something with a number.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Quantity {
    /// Its name in the report.
    pub name: String,
    /// Its numbers.
    pub amount: Range,
    /// Where its uncertainty comes from.
    pub known: Known,
}

// Places of the quantities that every model has.
/// False alerts of the rule in place, per week.
pub(super) const FALSE_ALERTS: usize = 0;
/// Their reduction, as a share.
pub(super) const REDUCTION: usize = 1;
/// Minutes on an attack.
pub(super) const ON_TRUE: usize = 2;
/// Minutes on what is right but legitimate.
pub(super) const ON_BENIGN: usize = 3;
/// Minutes on a false alert.
pub(super) const ON_FALSE: usize = 4;
/// Cost of an hour.
pub(super) const HOUR: usize = 5;

/// A line: a number times quantities.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Term {
    /// Its name in the report.
    pub name: String,
    /// How it was reached, for the report.
    pub how: Option<Said>,
    /// The number.
    pub factor: f64,
    /// The quantities, by place.
    pub of: Vec<usize>,
}

impl Term {
    fn value(&self, values: &[f64]) -> f64 {
        self.of.iter().fold(self.factor, |product, place| product * values[*place])
    }

    /// As it stands in the report.
    pub fn line(&self, model: &Model) -> Line {
        let at =
            |end: fn(&Range) -> f64| self.of.iter().fold(self.factor, |product, place| product * end(&model.quantities[*place].amount));
        Line {
            name: self.name.clone(),
            amount: Range { low: at(|r| r.low), base: at(|r| r.base), high: at(|r| r.high) },
            how: self.how.clone(),
        }
    }
}

/// One way of implementing it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Choice {
    /// Its name.
    pub name: String,
    /// Paid once.
    pub initial: Vec<Term>,
    /// Paid every year.
    pub yearly: Vec<Term>,
}

/// What the alerts are, in shares.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Alerts {
    /// True alerts of the rule in place, per week.
    pub true_alerts: f64,
    /// Of its false alerts, the share that is right but legitimate.
    pub benign_before: f64,
    /// The same of the contender.
    pub benign_after: f64,
    /// False alerts of the contender per week where the rule has none, so that there is no reduction.
    pub extra: f64,
}

/// All quantities, and what is computed from them.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Model {
    /// The quantities.
    pub quantities: Vec<Quantity>,
    /// The ways of implementing it.
    pub options: Vec<Choice>,
    /// What the alerts are.
    pub alerts: Alerts,
    /// Years that are counted.
    pub years: f64,
    /// Discount a year.
    pub rate: f64,
}

/// Hours a week.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Hours {
    /// On the alerts of the rule in place.
    pub before: f64,
    /// On those of the contender.
    pub after: f64,
}

impl Hours {
    /// The difference.
    pub fn freed(self) -> f64 {
        self.before - self.after
    }
}

/// One way of implementing it, in money.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Money {
    initial: f64,
    yearly: f64,
    saving: f64,
    /// Present value of all costs.
    pub cost_now: f64,
    /// Present value of savings less costs.
    pub npv: f64,
    /// Months until it has paid for itself; `None`: not within ten years.
    pub payback: Option<f64>,
}

/// Weeks in a year of 365 days.
pub(super) const WEEKS: f64 = 365.0 / 7.0;

impl Model {
    /// The most likely number of every quantity.
    pub fn base(&self) -> Vec<f64> {
        self.quantities.iter().map(|quantity| quantity.amount.base).collect()
    }

    /// Hours a week on alerts; attacks count alike on both sides.
    pub fn hours(&self, values: &[f64]) -> Hours {
        let minutes = |benign: f64| benign * values[ON_BENIGN] + (1.0 - benign) * values[ON_FALSE];
        let attacks = self.alerts.true_alerts * values[ON_TRUE];
        let left = values[FALSE_ALERTS] * (1.0 - values[REDUCTION]) + self.alerts.extra;
        Hours {
            before: (values[FALSE_ALERTS] * minutes(self.alerts.benign_before) + attacks) / 60.0,
            after: (left * minutes(self.alerts.benign_after) + attacks) / 60.0,
        }
    }

    /// What the freed hours are worth in a year.
    pub fn saving(&self, values: &[f64]) -> f64 {
        self.hours(values).freed() * WEEKS * values[HOUR]
    }

    fn calendar(&self) -> impl Iterator<Item = (f64, f64)> {
        calendar(self.years, self.rate)
    }

    /// An option in money.
    pub fn money(&self, option: &Choice, values: &[f64]) -> Money {
        // The sum of nothing is a negative zero.
        let sum = |terms: &[Term]| terms.iter().map(|term| term.value(values)).sum::<f64>() + 0.0;
        let (initial, yearly, saving) = (sum(&option.initial), sum(&option.yearly), self.saving(values));
        let annuity = present(self.years, self.rate);
        let cost_now = initial + yearly * annuity;
        Money { initial, yearly, saving, cost_now, npv: saving * annuity - cost_now, payback: payback(initial, saving - yearly) }
    }

    /// The table of years.
    pub fn table(&self, money: &Money) -> Vec<YearRow> {
        let row = |label: String, cost: f64, saving: f64| YearRow { label, cost, saving };
        let mut rows = vec![row("initial".into(), money.initial, 0.0)];
        for (index, (share, _)) in self.calendar().enumerate() {
            rows.push(row(format!("year {}", index + 1), money.yearly * share, money.saving * share));
        }
        let total = |of: fn(&YearRow) -> f64| rows.iter().map(of).sum::<f64>();
        let (cost, saving) = (total(|row| row.cost), total(|row| row.saving));
        rows.push(row("total".into(), cost, saving));
        rows.push(row("present value".into(), money.cost_now, money.npv + money.cost_now));
        rows
    }

    fn npv_with(&self, option: &Choice, values: &[f64], place: usize, value: f64) -> f64 {
        let mut values = values.to_vec();
        values[place] = value;
        self.money(option, &values).npv
    }

    /// The reduction at which the present value is zero: 0 where it is not negative without any, `None` where none suffices.
    pub fn break_even(&self, option: &Choice, values: &[f64]) -> Option<f64> {
        let (none, all) = (self.npv_with(option, values, REDUCTION, 0.0), self.npv_with(option, values, REDUCTION, 1.0));
        if values[FALSE_ALERTS] <= 0.0 || all <= none {
            return None;
        }
        let share = none / (none - all);
        (share <= 1.0).then(|| share.max(0.0))
    }

    /// What each quantity moves, the strongest first; those that move nothing are left out.
    pub fn sensitivity(&self, option: &Choice) -> Vec<Sensitivity> {
        let base = self.base();
        let npv = self.money(option, &base).npv;
        let mut moved: Vec<Sensitivity> = self
            .quantities
            .iter()
            .enumerate()
            .map(|(place, quantity)| {
                let Range { low, base: value, high } = quantity.amount;
                let assumed = low == high;
                let (low, high) = if assumed { spread(place, value) } else { (low, high) };
                let at = |value| self.npv_with(option, &base, place, value);
                let flips_at = flip(value, npv, high, at(high)).or_else(|| flip(value, npv, low, at(low)));
                let possible = |value: &f64| *value >= 0.0 && (place != REDUCTION || *value <= 1.0);
                let (npv_at_low, npv_at_high) = (at(low), at(high));
                let flips_at = flips_at.filter(possible);
                Sensitivity { name: quantity.name.clone(), low, high, assumed, npv_at_low, npv_at_high, base: value, flips_at }
            })
            // What cancels out moves by rounding alone.
            .filter(|moved| (moved.npv_at_high - moved.npv_at_low).abs() > 1e-9 * (1.0 + npv.abs()))
            .collect();
        let width = |moved: &Sensitivity| (moved.npv_at_high - moved.npv_at_low).abs();
        moved.sort_by(|a, b| width(b).total_cmp(&width(a)));
        moved
    }
}

/// The years that are counted: the share of each, and what a unit of money at its end is worth now.
fn calendar(years: f64, rate: f64) -> impl Iterator<Item = (f64, f64)> {
    (1..=years.ceil() as u32).map(move |year| {
        let end = f64::from(year).min(years);
        (end - f64::from(year - 1), (1.0 + rate).powf(-end))
    })
}

/// What a unit of money in every year is worth now.
pub(super) fn present(years: f64, rate: f64) -> f64 {
    calendar(years, rate).map(|(share, worth)| share * worth).sum()
}

/// A fifth less and a fifth more; a share stays one.
fn spread(place: usize, value: f64) -> (f64, f64) {
    let (low, high) = (0.8 * value, 1.2 * value);
    if place == REDUCTION { (low.min(high), low.max(high).min(1.0)) } else { (low, high) }
}

/// Where the line through two points is zero; every figure is linear in every single quantity.
fn flip(value: f64, npv: f64, other: f64, npv_there: f64) -> Option<f64> {
    let at = value - npv * (other - value) / (npv_there - npv);
    (other != value && at.is_finite()).then_some(at)
}

/// Months until `yearly` has made up for `initial`; `None` beyond ten years.
pub(super) fn payback(initial: f64, yearly: f64) -> Option<f64> {
    let months = match (initial > 0.0, yearly > 0.0) {
        (false, _) if yearly >= 0.0 => 0.0,
        (true, true) => 12.0 * initial / yearly,
        _ => return None,
    };
    (months <= 120.0).then_some(months)
}
