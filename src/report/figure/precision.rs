//! Chart G: how many of the alerts are true, at every share of the incidents caught.

use super::{
    Chart,
    drawing::{Axis, Drawing, Ink, Side},
};
use crate::{evaluate::CurvePoint, report::view::View};

phrases! { Say {
    title(pick, precision, recall) { en: "{precision} of {pick}’s alerts are true where it catches {recall} of the incidents", fr: "{precision} des alertes de {pick} sont vraies là où il détecte {recall} des incidents" }
    title_plain(pick) { en: "True among the alerts of {pick}, by incidents caught", fr: "Part de vraies alertes de {pick}, selon les incidents détectés" }
    x() { en: "Incidents caught", fr: "Incidents détectés" }
    y() { en: "True among alerts", fr: "Alertes justifiées" }
    prevalence(share) { en: "by chance: {share}", fr: "au hasard : {share}" }
    at(recall, precision) { en: "{precision} at {recall}", fr: "{precision} à {recall}" }
} }

const WIDTH: f64 = 760.0;
const LEFT: f64 = 66.0;
const RIGHT: f64 = 720.0;
const TOP: f64 = 34.0;
const BOTTOM: f64 = 262.0;

/// Steps along the pick's curve, its interval at the budget, and chance as a line.
pub(super) fn chart(view: &View<'_>) -> Option<Chart> {
    let say = Say(view.language);
    let numbers = view.numbers;
    let (pick, point) = view.pick()?;
    let incidents = view.evaluation.incidents;
    if incidents == 0 || !view.has_labels() {
        return None;
    }
    let recall = |caught: u64| caught as f64 / incidents as f64;
    let precision =
        |at: &CurvePoint| (at.alerts_per_week > 0.0).then(|| (1.0 - at.false_alerts_per_week / at.alerts_per_week).clamp(0.0, 1.0));
    // Of the places that catch as much, the one with the fewest alerts.
    let mut curve: Vec<(f64, f64)> = Vec::new();
    for at in pick.curve.iter().filter(|at| at.incidents_caught > 0) {
        let Some(share) = precision(at) else { continue };
        if curve.last().is_none_or(|(caught, _)| *caught < recall(at.incidents_caught)) {
            curve.push((recall(at.incidents_caught), share));
        }
    }
    if curve.len() < 2 {
        return None;
    }
    let x = Axis::linear(0.0, 1.0, LEFT, RIGHT);
    let y = Axis::linear(0.0, 1.0, BOTTOM, TOP);
    let mut drawing = Drawing::new(WIDTH, 316.0);
    for tick in [0.0, 0.25, 0.5, 0.75, 1.0] {
        drawing.line((LEFT, y.place(tick)), (RIGHT, y.place(tick)), Ink::Grid, 1.0);
        drawing.text((LEFT - 10.0, y.place(tick)), numbers.percent(tick), Side::End, Ink::Soft, 12.0);
        drawing.text((x.place(tick), BOTTOM + 16.0), numbers.percent(tick), Side::Middle, Ink::Soft, 12.0);
    }
    drawing.text((4.0, TOP - 18.0), say.y(), Side::Start, Ink::Soft, 12.0);
    drawing.text((f64::midpoint(LEFT, RIGHT), BOTTOM + 42.0), say.x(), Side::Middle, Ink::Soft, 12.0);
    if let Some(chance) = pick.prevalence.filter(|chance| (0.0..=1.0).contains(chance)) {
        drawing.dashed((LEFT, y.place(chance)), (RIGHT, y.place(chance)), Ink::Limit, 1.5);
        drawing.text((RIGHT, y.place(chance) - 9.0), say.prevalence(numbers.percent(chance)), Side::End, Ink::Limit, 12.0);
    }
    drawing.path(curve.iter().map(|(recall, share)| (x.place(*recall), y.place(*share))).collect(), Ink::Accent, 2.5);
    let at = x.place(recall(point.incidents_caught));
    if let Some((low, high)) = point.precision_interval.as_ref().and_then(|estimate| estimate.low.zip(estimate.high)) {
        drawing.line((at, y.place(low.max(0.0))), (at, y.place(high.min(1.0))), Ink::Strong, 2.0);
    }
    let title = match point.precision {
        Some(share) => {
            drawing.marker((at, y.place(share)), super::drawing::Shape::Circle, 5.0, Ink::Strong);
            say.title(view.title(pick), numbers.percent(share), numbers.percent(recall(point.incidents_caught)))
        }
        None => say.title_plain(view.title(pick)),
    };
    let description = curve
        .iter()
        .step_by(curve.len().div_ceil(8))
        .map(|(recall, share)| say.at(numbers.percent(*recall), numbers.percent(*share)))
        .collect::<Vec<_>>()
        .join("; ");
    Some(Chart { name: "precision", title, description, drawing })
}
