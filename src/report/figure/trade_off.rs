//! Chart C: how many incidents are caught for how many alerts, and where the budget and the current rule stand.

use super::{
    Chart,
    drawing::{Axis, Drawing, Ink, Shape, Side},
};
use crate::{
    detect::Kind,
    evaluate::Measured,
    report::{markup::Shared, view::View},
    text::visible_within,
};

phrases! { Say {
    title_better(pick, caught, alerts, rate, rule, rule_caught) {
        en: "At {alerts} alerts{rate} {pick} catches {caught} of the incidents; the current rule needs {rule} for {rule_caught}",
        fr: "À {alerts} alertes{rate}, {pick} détecte {caught} des incidents ; la règle actuelle en demande {rule} pour {rule_caught}",
    }
    title_alone(pick, caught, alerts, rate) {
        en: "At {alerts} alerts{rate} {pick} catches {caught} of the incidents",
        fr: "À {alerts} alertes{rate}, {pick} détecte {caught} des incidents",
    }
    plain(rate) { en: "Alerts{rate} against incidents caught", fr: "Alertes{rate} et incidents détectés" }
    x(rate) { en: "Alerts{rate} (logarithmic scale)", fr: "Alertes{rate} (échelle logarithmique)" }
    y() { en: "Incidents caught", fr: "Incidents détectés" }
    budget() { en: "budget", fr: "budget" }
    series(caught, alerts, rate) { en: "{caught} at {alerts} alerts{rate}", fr: "{caught} à {alerts} alertes{rate}" }
} }

const WIDTH: f64 = 1080.0;
const HEIGHT: f64 = 380.0;
const LEFT: f64 = 62.0;
const RIGHT: f64 = 830.0;
const TOP: f64 = 24.0;
const BOTTOM: f64 = 318.0;
const MOST: usize = 6;

/// The pick, then the controls that stand for no machine learning, then the other detectors: six lines at most.
fn series<'a>(view: &View<'a>) -> Vec<&'a Measured> {
    let best = view.evaluation.best_field.as_deref();
    let rank = |contender: &Measured| match contender.kind {
        _ if view.is_pick(contender) => 0,
        Kind::Control if best == Some(contender.id.as_str()) => 1,
        Kind::Control if contender.method == "random" => 2,
        Kind::Control => 4,
        _ => 3,
    };
    let mut all: Vec<&Measured> = view.measured().map(|(contender, _)| contender).filter(|contender| contender.curve.len() > 1).collect();
    all.sort_by_key(|contender| rank(contender));
    all.truncate(MOST);
    all
}

/// At most `most` of the points of a curve, its ends and corners first.
fn thinned(points: Vec<(f64, f64)>, most: usize) -> Vec<(f64, f64)> {
    let every = points.len().div_ceil(most).max(1);
    let last = points.len().saturating_sub(1);
    points.into_iter().enumerate().filter(|(i, _)| i % every == 0 || *i == last).map(|(_, point)| point).collect()
}

/// Incidents are caught one by one: a line goes across, then up.
fn steps(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let mut path: Vec<(f64, f64)> = Vec::new();
    for &(x, y) in points {
        if let Some(&(_, before)) = path.last().filter(|(_, before)| *before != y) {
            path.push((x, before));
        }
        path.push((x, y));
    }
    path
}

/// One line a contender, the current rule as a cross, the budget as a line.
pub(super) fn chart(view: &View<'_>) -> Option<Chart> {
    let say = Say(view.language);
    let numbers = view.numbers;
    let incidents = view.evaluation.incidents;
    let series = series(view);
    if incidents == 0 || !view.has_labels() || series.is_empty() {
        return None;
    }
    let share = |caught: u64| caught as f64 / incidents as f64;
    let baseline = view.baseline().and_then(|contender| contender.budget.as_ref().map(|point| (contender, point)));
    let values = || {
        series
            .iter()
            .flat_map(|c| c.curve.iter().map(|p| p.alerts_per_week))
            .chain(baseline.map(|(_, p)| view.alerts(p)))
            .filter(|v| v.is_finite())
    };
    let high = values().fold(10.0, f64::max);
    let low = values().filter(|v| *v > 0.0).fold(high, f64::min).max(high / 3_000.0).max(0.5);
    let x = Axis { low, high: high.max(low * 2.0), start: LEFT, end: RIGHT, log: true };
    let y = Axis::linear(0.0, 1.0, BOTTOM, TOP);
    let mut drawing = Drawing::new(WIDTH, HEIGHT);
    for tick in [0.0, 0.25, 0.5, 0.75, 1.0] {
        drawing.line((LEFT, y.place(tick)), (RIGHT, y.place(tick)), Ink::Grid, 1.0);
        drawing.text((LEFT - 10.0, y.place(tick)), numbers.percent(tick), Side::End, Ink::Soft, 12.0);
    }
    for tick in x.ticks(9) {
        drawing.line((x.place(tick), BOTTOM), (x.place(tick), BOTTOM + 5.0), Ink::Soft, 1.0);
        drawing.text((x.place(tick), BOTTOM + 17.0), numbers.count(tick), Side::Middle, Ink::Soft, 12.0);
    }
    drawing.text((f64::midpoint(LEFT, RIGHT), BOTTOM + 42.0), say.x(view.rate()), Side::Middle, Ink::Soft, 12.0);
    drawing.text((4.0, TOP - 14.0), say.y(), Side::Start, Ink::Soft, 12.0);

    let pick_point = view.pick().map(|(_, point)| point);
    if let Some(point) = pick_point.filter(|point| point.alerts_per_day > 0.0) {
        let at = x.place(view.alerts(point));
        drawing.dashed((at, TOP - 4.0), (at, BOTTOM), Ink::Limit, 1.5);
        drawing.text((at, TOP - 14.0), say.budget(), Side::Middle, Ink::Limit, 12.0);
    }

    let shapes = [Shape::Circle, Shape::Square, Shape::Triangle, Shape::Diamond, Shape::Ring, Shape::Plus];
    let mut described = Vec::new();
    let mut legend_y = TOP + 8.0;
    for (index, contender) in series.iter().enumerate().rev() {
        let pick = view.is_pick(contender);
        let ink = if pick { Ink::Accent } else { Ink::Other };
        let points = contender
            .curve
            .iter()
            .filter(|p| p.alerts_per_week >= low)
            .map(|p| (x.place(p.alerts_per_week), y.place(share(p.incidents_caught))));
        drawing.path(steps(&thinned(points.collect(), 100)), ink, if pick { 3.0 } else { 1.5 });
        let markers = contender.also_at.iter().map(|at| &at.point).chain(contender.budget.as_ref());
        for point in markers.filter(|point| view.alerts(point) >= low) {
            drawing.marker(
                (x.place(view.alerts(point)), y.place(share(point.incidents_caught))),
                shapes[index],
                if pick { 5.5 } else { 4.5 },
                ink,
            );
        }
    }
    let mut legend = |drawing: &mut Drawing, shape, ink, name: String, value: String, bold: bool| {
        drawing.marker((RIGHT + 34.0, legend_y), shape, 5.0, ink);
        let ink = if ink == Ink::Other { Ink::Strong } else { ink };
        if bold {
            drawing.bold((RIGHT + 48.0, legend_y), name, Side::Start, ink, 13.0);
        } else {
            drawing.text((RIGHT + 48.0, legend_y), name, Side::Start, ink, 13.0);
        }
        drawing.text((RIGHT + 48.0, legend_y + 16.0), value, Side::Start, Ink::Soft, 11.5);
        legend_y += 41.0;
    };
    for (index, contender) in series.iter().enumerate() {
        let Some(point) = &contender.budget else { continue };
        let pick = view.is_pick(contender);
        let name = visible_within(&view.title(contender), 24).into_owned();
        let value = say.series(numbers.of(point.incidents_caught, incidents), numbers.count(view.alerts(point)), view.rate());
        described.push(format!("{name}{}{value}", Shared(view.language).colon()));
        legend(&mut drawing, shapes[index], if pick { Ink::Accent } else { Ink::Other }, name, value, pick);
    }
    if let Some((contender, point)) = baseline {
        let name = visible_within(&view.title(contender), 24).into_owned();
        let value = say.series(numbers.of(point.incidents_caught, incidents), numbers.count(view.alerts(point)), view.rate());
        drawing.marker((x.place(view.alerts(point).max(low)), y.place(share(point.incidents_caught))), Shape::Cross, 6.5, Ink::Strong);
        described.push(format!("{name}{}{value}", Shared(view.language).colon()));
        legend(&mut drawing, Shape::Cross, Ink::Strong, name, value, false);
    }
    let title = match (view.pick(), baseline) {
        (Some((pick, point)), Some((_, rule))) => say.title_better(
            view.title(pick),
            numbers.percent(share(point.incidents_caught)),
            numbers.count(view.alerts(point)),
            view.rate(),
            numbers.count(view.alerts(rule)),
            numbers.percent(share(rule.incidents_caught)),
        ),
        (Some((pick, point)), None) => say.title_alone(
            view.title(pick),
            numbers.percent(share(point.incidents_caught)),
            numbers.count(view.alerts(point)),
            view.rate(),
        ),
        (None, _) => say.plain(view.rate()),
    };
    Some(Chart { name: "trade-off", title, description: described.join("; "), drawing })
}
