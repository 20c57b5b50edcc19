//! Planted attacks: the share caught by the pick and by the current rule, for each strength.

use super::{
    Chart,
    drawing::{Axis, Drawing, Ink, Shape, Side},
};
use crate::{
    evaluate::planted::{AtStrength, BehaviourOutcome, Detection},
    report::{
        markup::Shared,
        planted::{self, Say as Words},
        view::View,
    },
    text::visible_within,
};

phrases! { Say {
    title(pick, caught, all) {
        en: "{pick} catches {caught} of {all} planted attacks at their strongest",
        fr: "{pick} détecte {caught} des {all} attaques simulées à leur plus forte intensité",
    }
    axis(confidence) { en: "Share of the planted copies caught (bar: {confidence} interval)", fr: "Part des cas simulés détectés (barre : intervalle à {confidence})" }
    row(behaviour, strength, pick, rule) { en: "{behaviour}, {strength}: pick {pick}, rule {rule}", fr: "{behaviour}, {strength} : candidat {pick}, règle {rule}" }
} }

const WIDTH: f64 = 900.0;
const LEFT: f64 = 380.0;
const RIGHT: f64 = 820.0;
const TOP: f64 = 44.0;
const ROW: f64 = 30.0;
/// The strongest strengths of so many rows are drawn.
const MOST: usize = 24;

fn of<'a>(at: &'a AtStrength, id: &str) -> Option<&'a Detection> {
    at.detections.iter().find(|detection| detection.contender == id)
}

/// A row for each strength of each attack; the pick as a circle, the rule as a square.
pub(super) fn chart(view: &View<'_>) -> Option<Chart> {
    let say = Say(view.language);
    let words = Words(view.language);
    let id = view.pick_id()?;
    let attacks = || view.injection.iter().flat_map(|injection| &injection.behaviours).filter(|b| !b.benign);
    let rows: Vec<(&BehaviourOutcome, &AtStrength)> =
        attacks().flat_map(|b| b.strengths.iter().map(move |at| (b, at))).take(MOST).collect();
    if !rows.iter().any(|(_, at)| of(at, id).is_some()) {
        return None;
    }
    let bottom = TOP + ROW * rows.len() as f64;
    let mut drawing = Drawing::new(WIDTH, bottom + 48.0);
    let axis = Axis::linear(0.0, 1.0, LEFT, RIGHT);
    for tick in [0.0, 0.25, 0.5, 0.75, 1.0] {
        drawing.line((axis.place(tick), TOP - 4.0), (axis.place(tick), bottom), Ink::Grid, 1.0);
        drawing.text((axis.place(tick), bottom + 13.0), view.numbers.percent(tick), Side::Middle, Ink::Soft, 12.0);
    }
    drawing.text((f64::midpoint(LEFT, RIGHT), bottom + 33.0), say.axis(view.confidence()), Side::Middle, Ink::Soft, 12.0);
    let rule = view.baseline().map(|baseline| view.title(baseline));
    drawing.marker((LEFT, 14.0), Shape::Circle, 5.0, Ink::Accent);
    drawing.text((LEFT + 12.0, 14.0), view.title_of(id), Side::Start, Ink::Accent, 12.5);
    if let Some(rule) = rule {
        drawing.marker((LEFT + 220.0, 14.0), Shape::Square, 5.0, Ink::Strong);
        drawing.text((LEFT + 232.0, 14.0), rule, Side::Start, Ink::Strong, 12.5);
    }
    let mut described = Vec::new();
    for (index, (behaviour, at)) in rows.iter().enumerate() {
        let y = TOP + ROW * (index as f64 + 0.5);
        let (name, strength) = (planted::name(words, behaviour), planted::strength(words, behaviour, at));
        let label = format!("{name}{}{strength}", Shared(view.language).colon());
        drawing.text((LEFT - 14.0, y), visible_within(&label, 56).into_owned(), Side::End, Ink::Strong, 12.5);
        let share = |d: &Detection| d.caught as f64 / at.copies.max(1) as f64;
        for (id, shape, ink, dy) in [("baseline", Shape::Square, Ink::Strong, 5.0), (id, Shape::Circle, Ink::Accent, -5.0)] {
            if let Some(found) = of(at, id) {
                drawing.line((axis.place(found.low), y + dy), (axis.place(found.high), y + dy), ink, 2.0);
                drawing.marker((axis.place(share(found)), y + dy), shape, 4.5, ink);
            }
        }
        let told = |id: &str| of(at, id).map_or_else(|| "—".to_owned(), |d| view.numbers.of(d.caught, at.copies));
        drawing.text((WIDTH - 2.0, y), told(id), Side::End, Ink::Accent, 12.5);
        described.push(say.row(name, strength, told(id), told("baseline")));
    }
    let strongest = || attacks().filter_map(|b| b.strengths.last());
    let caught: u64 = strongest().filter_map(|at| of(at, id)).map(|d| d.caught).sum();
    let all: u64 = strongest().map(|at| at.copies).sum();
    let title = say.title(view.title_of(id), view.numbers.integer(caught), view.numbers.integer(all));
    Some(Chart { name: "planted", title, description: described.join("; "), drawing })
}
