//! Chart A: false alerts a week with their intervals, and beside each the incidents caught.

use super::{
    Chart,
    drawing::{Axis, Drawing, Ink, Shape, Side},
};
use crate::{
    decide::Direction,
    detect::Kind,
    evaluate::{Measured, Point},
    report::view::View,
    text::visible_within,
};

phrases! { Say {
    leaves(pick, share) { en: "{pick} leaves {share} of today’s false alerts", fr: "{pick} laisse {share} des fausses alertes actuelles" }
    more(pick, now, then) { en: "{pick} raises more false alerts than today: {then} instead of {now}", fr: "{pick} lève plus de fausses alertes qu’aujourd’hui : {then} au lieu de {now}" }
    alone(pick, count, rate) { en: "{pick} raises {count} false alerts{rate}", fr: "{pick} lève {count} fausses alertes{rate}" }
    no_pick(rate) { en: "False alerts{rate}, by detector", fr: "Fausses alertes{rate}, par détecteur" }
    no_pick_unlabelled(rate) { en: "Alerts{rate}, by detector", fr: "Alertes{rate}, par détecteur" }
    unlabelled(pick, count, rate) { en: "{pick} raises {count} alerts{rate}; which are false is not known", fr: "{pick} lève {count} alertes{rate} ; on ignore lesquelles sont fausses" }
    axis(rate, confidence) { en: "False alerts{rate} (bar: {confidence} interval)", fr: "Fausses alertes{rate} (barre : intervalle à {confidence})" }
    axis_plain(rate) { en: "False alerts{rate}", fr: "Fausses alertes{rate}" }
    axis_unlabelled(rate) { en: "Alerts{rate}", fr: "Alertes{rate}" }
    a_week() { en: "a week", fr: "/sem." }
    in_all() { en: "in all", fr: "en tout" }
    caught() { en: "caught", fr: "détectés" }
    asked(limit) { en: "asked: ≤ {limit}", fr: "demandé : ≤ {limit}" }
    row(name, count, rate, caught) { en: "{name}: {count}{rate}, incidents caught {caught}", fr: "{name} : {count}{rate}, incidents détectés {caught}" }
} }

const WIDTH: f64 = 500.0;
const ROW: f64 = 26.0;
const TOP: f64 = 30.0;
const LEFT: f64 = 148.0;
const RIGHT: f64 = 378.0;
const MOST: usize = 12;

struct Row<'a> {
    contender: &'a Measured,
    caught: String,
    value: f64,
    interval: Option<(f64, f64)>,
    pick: bool,
}

/// The rows of the chart: all contenders, or the baseline, the pick, the best field, and the first of the others.
fn rows<'a>(view: &View<'a>) -> Vec<Row<'a>> {
    let all: Vec<(&Measured, &Point)> = view.measured().collect();
    let best = view.evaluation.best_field.as_deref();
    let must = |contender: &Measured| contender.kind == Kind::Baseline || view.is_pick(contender) || best == Some(contender.id.as_str());
    let mut free = MOST.saturating_sub(all.iter().filter(|(contender, _)| must(contender)).count());
    let mut rows = Vec::new();
    for (contender, point) in all {
        let shown = must(contender) || free > 0;
        if !must(contender) {
            free = free.saturating_sub(1);
        }
        if !shown {
            continue;
        }
        let labelled = view.has_labels();
        let estimate = point.false_alerts_per_week_interval.as_ref().filter(|_| labelled);
        rows.push(Row {
            contender,
            caught: if labelled && view.evaluation.incidents > 0 {
                format!("{}/{}", view.numbers.integer(point.incidents_caught), view.numbers.integer(view.evaluation.incidents))
            } else {
                String::new()
            },
            value: if labelled { point.false_alerts_per_week } else { view.alerts(point) },
            interval: estimate.and_then(|e| e.low.zip(e.high)),
            pick: view.is_pick(contender),
        });
    }
    rows
}

/// The number of false alerts a week that a criterion allows.
fn limit(view: &View<'_>) -> Option<f64> {
    view.decision.criteria.iter().find_map(|judged| match (judged.metric.as_str(), judged.direction) {
        ("false_alerts_per_week", Direction::AtMost) => Some(judged.limit),
        ("fp_reduction", Direction::AtLeast) => view.baseline_point().map(|point| point.false_alerts_per_week * (1.0 - judged.limit)),
        _ => None,
    })
}

fn title(view: &View<'_>, say: Say) -> String {
    let numbers = view.numbers;
    let Some((pick, point)) = view.pick() else {
        return if view.has_labels() { say.no_pick(view.rate()) } else { say.no_pick_unlabelled(view.rate()) };
    };
    let name = view.title(pick);
    if !view.has_labels() {
        return say.unlabelled(name, numbers.count(view.alerts(point)), view.rate());
    }
    match view.baseline_point() {
        Some(now) if now.false_alerts_per_week > 0.0 && point.false_alerts_per_week <= now.false_alerts_per_week => {
            say.leaves(name, numbers.percent(point.false_alerts_per_week / now.false_alerts_per_week))
        }
        Some(now) => say.more(name, numbers.count(now.false_alerts_per_week), numbers.count(point.false_alerts_per_week)),
        None => say.alone(name, numbers.count(point.false_alerts_per_week), view.rate()),
    }
}

/// Dots with intervals, the baseline first.
pub(super) fn chart(view: &View<'_>) -> Option<Chart> {
    let say = Say(view.language);
    let rows = rows(view);
    if rows.is_empty() {
        return None;
    }
    let limit = limit(view).filter(|_| view.has_labels());
    let highest = rows.iter().map(|row| row.interval.map_or(row.value, |(_, high)| high.max(row.value))).chain(limit).fold(0.0, f64::max);
    let bottom = TOP + ROW * rows.len() as f64;
    let mut drawing = Drawing::new(WIDTH, bottom + 48.0);
    let axis = Axis::linear(0.0, highest * 1.04, LEFT, RIGHT);
    for tick in axis.ticks(4) {
        let x = axis.place(tick);
        drawing.line((x, TOP - 4.0), (x, bottom), Ink::Grid, 1.0);
        drawing.text((x, bottom + 13.0), view.numbers.count(tick), Side::Middle, Ink::Soft, 12.0);
    }
    let intervals = rows.iter().any(|row| row.interval.is_some());
    let caption = match (view.has_labels(), intervals) {
        (true, true) => say.axis(view.rate(), view.confidence()),
        (true, false) => say.axis_plain(view.rate()),
        (false, _) => say.axis_unlabelled(view.rate()),
    };
    drawing.text((f64::midpoint(LEFT, RIGHT), bottom + 33.0), caption, Side::Middle, Ink::Soft, 12.0);
    drawing.text((436.0, TOP - 16.0), if view.rate().is_empty() { say.in_all() } else { say.a_week() }, Side::End, Ink::Soft, 12.0);
    if rows.iter().any(|row| !row.caught.is_empty()) {
        drawing.text((WIDTH - 2.0, TOP - 16.0), say.caught(), Side::End, Ink::Soft, 12.0);
    }
    if let Some(limit) = limit {
        let x = axis.place(limit);
        drawing.dashed((x, TOP - 6.0), (x, bottom), Ink::Limit, 1.5);
        let side = if x > 300.0 { Side::End } else { Side::Start };
        drawing.text((x, TOP - 16.0), say.asked(view.numbers.count(limit)), side, Ink::Limit, 12.0);
    }
    let mut described = Vec::new();
    for (index, row) in rows.iter().enumerate() {
        let y = TOP + ROW * (index as f64 + 0.5);
        let (ink, shape) = match row.contender.kind {
            Kind::Baseline => (Ink::Strong, Shape::Square),
            Kind::Control => (Ink::Other, Shape::Ring),
            _ if row.pick => (Ink::Accent, Shape::Circle),
            _ => (Ink::Other, Shape::Circle),
        };
        let name = visible_within(&view.title(row.contender), 20).into_owned();
        let number = view.numbers.count(row.value);
        let text_ink = if ink == Ink::Other { Ink::Strong } else { ink };
        if row.pick {
            drawing.block((0.0, y - ROW / 2.0 + 1.0), (WIDTH, y + ROW / 2.0 - 1.0), Ink::Accent, 0.09);
            drawing.bold((LEFT - 12.0, y), name.clone(), Side::End, text_ink, 12.5);
            drawing.bold((436.0, y), number.clone(), Side::End, text_ink, 13.0);
        } else {
            drawing.text((LEFT - 12.0, y), name.clone(), Side::End, text_ink, 12.5);
            drawing.text((436.0, y), number.clone(), Side::End, text_ink, 13.0);
        }
        drawing.text((WIDTH - 2.0, y), row.caught.clone(), Side::End, text_ink, 13.0);
        if let Some((low, high)) = row.interval {
            drawing.line((axis.place(low), y), (axis.place(high), y), ink, 2.5);
        }
        drawing.marker((axis.place(row.value), y), shape, 5.0, ink);
        described.push(say.row(name, number, view.rate(), if row.caught.is_empty() { "—" } else { &row.caught }));
    }
    Some(Chart { name: "false-alerts", title: title(view, say), description: described.join("; "), drawing })
}
