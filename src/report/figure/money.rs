//! Chart B: what each option has cost and saved by each month.

use super::{
    Chart,
    drawing::{Axis, Drawing, Ink, Side},
};
use crate::{
    cost::{CostReport, OptionCost, Range},
    report::{metric, view::View},
    text::{Numbers, THIN},
};

phrases! { Say {
    pays(option, months) { en: "{option} has paid for itself after {months}", fr: "{option} : investissement remboursé après {months}" }
    at_once(option) { en: "{option} has paid for itself within the first month", fr: "{option} : investissement remboursé dès le premier mois" }
    never(option) { en: "{option} does not pay for itself within the horizon", fr: "{option} : pas rentabilisé sur la durée étudiée" }
    x() { en: "Months after the start", fr: "Mois après le démarrage" }
    y(unit) { en: "Saved less spent so far, {unit}", fr: "Économies moins dépenses cumulées, {unit}" }
    thousand(currency) { en: "thousand {currency}", fr: "milliers {currency}" }
    at_end(name, money) { en: "{name}: {money} at the end", fr: "{name} : {money} à la fin" }
    break_even() { en: "break-even", fr: "équilibre" }
} }

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 320.0;
const LEFT: f64 = 66.0;
const RIGHT: f64 = 560.0;
const TOP: f64 = 34.0;
const BOTTOM: f64 = 262.0;

/// What has been saved less what has been spent, by month, not discounted: low, base and high.
fn position(option: &OptionCost, saving: Range, month: f64) -> Range {
    let sum = |part: &[crate::cost::Line], pick: fn(&Range) -> f64| part.iter().map(|line| pick(&line.amount)).sum::<f64>();
    let at = |saving: f64, cost: fn(&Range) -> f64| month / 12.0 * (saving - sum(&option.yearly, cost)) - sum(&option.initial, cost);
    Range { low: at(saving.low, |r| r.high), base: at(saving.base, |r| r.base), high: at(saving.high, |r| r.low) }
}

/// The best option first.
fn ordered(cost: &CostReport) -> Vec<&OptionCost> {
    let mut options: Vec<&OptionCost> = cost.options.iter().collect();
    options.sort_by_key(|option| cost.best.as_deref() != Some(option.name.as_str()));
    options.truncate(6);
    options
}

/// One line an option, a band for the best, the zero line and where it is crossed.
pub(super) fn chart(view: &View<'_>) -> Option<Chart> {
    let say = Say(view.language);
    let numbers = view.numbers;
    let cost = view.cost.as_ref()?;
    let options = ordered(cost);
    let best = *options.first()?;
    let horizon = (cost.horizon_years * 12.0).clamp(1.0, 240.0);
    let ends = |option: &OptionCost| [position(option, cost.saving_per_year, 0.0), position(option, cost.saving_per_year, horizon)];
    let band = ends(best).into_iter().flat_map(|r| [r.low, r.high]);
    let all = || options.iter().flat_map(|o| ends(o)).map(|r| r.base).chain(band.clone()).chain([0.0]).map(|v| v / 1_000.0);
    let (low, high) = (all().fold(0.0, f64::min), all().fold(0.0, f64::max));
    let room = (high - low).max(1.0) * 0.04;
    let y = Axis::linear(low - room, high + room, BOTTOM, TOP);
    let x = Axis::linear(0.0, horizon, LEFT, RIGHT);
    let mut drawing = Drawing::new(WIDTH, HEIGHT);
    for tick in y.ticks(5) {
        let zero = tick.abs() < 1e-9;
        drawing.line((LEFT, y.place(tick)), (RIGHT, y.place(tick)), if zero { Ink::Soft } else { Ink::Grid }, if zero { 1.5 } else { 1.0 });
        drawing.text((LEFT - 10.0, y.place(tick)), numbers.count(tick), Side::End, Ink::Soft, 12.0);
    }
    let step = if horizon > 48.0 { 12.0 } else { 6.0 };
    for tick in (0..=(horizon / step) as usize).map(|k| k as f64 * step) {
        drawing.line((x.place(tick), BOTTOM), (x.place(tick), BOTTOM + 5.0), Ink::Soft, 1.0);
        drawing.text((x.place(tick), BOTTOM + 17.0), numbers.count(tick), Side::Middle, Ink::Soft, 12.0);
    }
    drawing.text((f64::midpoint(LEFT, RIGHT), BOTTOM + 42.0), say.x(), Side::Middle, Ink::Soft, 12.0);
    let unit = numbers.money(0.0, 1.0, &cost.currency);
    drawing.text((4.0, TOP - 20.0), say.y(say.thousand(unit.trim_start_matches(['0', THIN]))), Side::Start, Ink::Soft, 12.0);

    let place = |month: f64, value: f64| (x.place(month), y.place(value / 1_000.0));
    let of = |option: &OptionCost, month: f64| position(option, cost.saving_per_year, month);
    let band = vec![
        place(0.0, of(best, 0.0).low),
        place(horizon, of(best, horizon).low),
        place(horizon, of(best, horizon).high),
        place(0.0, of(best, 0.0).high),
    ];
    drawing.marks.push(super::drawing::Mark::Area { points: band, ink: Ink::Accent, alpha: 0.13 });
    let mut labels: Vec<(f64, String, String, bool)> = Vec::new();
    for option in options.iter().rev() {
        let first = option.name == best.name;
        let ink = if first { Ink::Accent } else { Ink::Other };
        drawing.path(vec![place(0.0, of(option, 0.0).base), place(horizon, of(option, horizon).base)], ink, if first { 3.0 } else { 1.8 });
        let end = of(option, horizon);
        let step = Numbers::money_step(end.low, end.base, end.high);
        let name = super::super::cost::option_name(view, &option.name);
        labels.push((place(horizon, end.base).1, name, numbers.money(end.base, step, &cost.currency), first));
    }
    spread(&mut labels, 36.0);
    let mut described = Vec::new();
    for (at, name, money, first) in labels {
        let ink = if first { Ink::Accent } else { Ink::Strong };
        drawing.bold((RIGHT + 12.0, at - 8.0), name.clone(), Side::Start, ink, 12.5);
        drawing.text((RIGHT + 12.0, at + 8.0), money.clone(), Side::Start, Ink::Soft, 12.0);
        described.push(say.at_end(name, money));
    }
    let name = super::super::cost::option_name(view, &best.name);
    let crossing = best.payback_months.filter(|months| *months <= horizon);
    if let Some(months) = crossing {
        let at = place(months, 0.0);
        drawing.marker(at, super::drawing::Shape::Ring, 6.5, Ink::Accent);
        // Below the zero line, or above where the months stand.
        let beside = if at.1 + 26.0 < BOTTOM { 18.0 } else { -16.0 };
        drawing.text((at.0 + 4.0, at.1 + beside), say.break_even(), Side::Start, Ink::Accent, 12.0);
    }
    let title = crossing.map_or_else(
        || say.never(&name),
        |months| if months < 0.5 { say.at_once(&name) } else { say.pays(&name, metric::month_count(view.language, months)) },
    );
    Some(Chart { name: "money", title, description: described.join("; "), drawing })
}

/// Moves labels apart so that none lies on another.
fn spread(labels: &mut [(f64, String, String, bool)], gap: f64) {
    labels.sort_by(|a, b| a.0.total_cmp(&b.0));
    for i in 1..labels.len() {
        labels[i].0 = labels[i].0.max(labels[i - 1].0 + gap);
    }
    let over = labels.last().map_or(0.0, |last| (last.0 - (BOTTOM - 4.0)).max(0.0));
    for label in labels.iter_mut() {
        label.0 -= over;
    }
}
