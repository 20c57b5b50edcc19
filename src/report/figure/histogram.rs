//! Chart F: how the pick's scores are distributed, and where the incidents lie.

use super::{
    Chart,
    drawing::{Axis, Drawing, Ink, Side},
};
use crate::report::view::View;

phrases! { Say {
    title(pick, above, all) { en: "{above} of {all} attack units score above {pick}’s cut", fr: "{above} des {all} unités d’attaque dépassent le seuil de {pick}" }
    title_plain(pick) { en: "Scores of {pick} over all judged units", fr: "Scores de {pick} sur toutes les unités jugées" }
    x() { en: "Score (higher is stranger)", fr: "Score (plus il est haut, plus c’est inhabituel)" }
    y() { en: "Units (each grid line is ten times the one below)", fr: "Unités (chaque trait vaut dix fois le précédent)" }
    attacks() { en: "attacks", fr: "attaques" }
    cut() { en: "lowest score raised", fr: "plus bas score levé" }
    described(units, bins) { en: "{units} units in {bins} bins", fr: "{units} unités en {bins} classes" }
} }

const WIDTH: f64 = 760.0;
const LEFT: f64 = 66.0;
const RIGHT: f64 = 740.0;
const TOP: f64 = 30.0;
const BOTTOM: f64 = 220.0;

/// Bars on a logarithmic scale, attacks as ticks beneath, the cut as a line.
pub(super) fn chart(view: &View<'_>) -> Option<Chart> {
    let say = Say(view.language);
    let numbers = view.numbers;
    let histogram = view.histogram.as_ref()?;
    let pick = view.title_of(view.pick_id()?);
    let edges: Vec<f64> = histogram.edges.iter().copied().filter(|edge| edge.is_finite()).collect();
    if edges.len() != histogram.counts.len() + 1 || histogram.counts.is_empty() {
        return None;
    }
    let x = Axis::linear(edges[0], edges[edges.len() - 1], LEFT, RIGHT);
    let most = histogram.counts.iter().copied().max().unwrap_or(1).max(10) as f64;
    let y = Axis { low: 0.7, high: most * 1.2, start: BOTTOM, end: TOP, log: true };
    let mut drawing = Drawing::new(WIDTH, 300.0);
    for power in (0..12).map(|p| 10_f64.powi(p)).filter(|v| *v <= most * 1.2) {
        drawing.line((LEFT, y.place(power)), (RIGHT, y.place(power)), Ink::Grid, 1.0);
        drawing.text((LEFT - 10.0, y.place(power)), numbers.count(power), Side::End, Ink::Soft, 12.0);
    }
    for (bin, &count) in histogram.counts.iter().enumerate() {
        if count > 0 {
            drawing.block((x.place(edges[bin]) + 0.5, y.place(count as f64)), (x.place(edges[bin + 1]) - 0.5, BOTTOM), Ink::Other, 0.75);
        }
    }
    drawing.line((LEFT, BOTTOM), (RIGHT, BOTTOM), Ink::Soft, 1.0);
    for &attack in histogram.attacks.iter().take(2_000) {
        let at = x.place(attack);
        drawing.line((at, BOTTOM + 5.0), (at, BOTTOM + 17.0), Ink::Accent, 1.5);
    }
    if !histogram.attacks.is_empty() {
        drawing.text((LEFT - 10.0, BOTTOM + 11.0), say.attacks(), Side::End, Ink::Accent, 12.0);
    }
    for tick in x.ticks(7) {
        drawing.text((x.place(tick), BOTTOM + 32.0), numbers.significant(tick, 3), Side::Middle, Ink::Soft, 12.0);
    }
    drawing.text((f64::midpoint(LEFT, RIGHT), BOTTOM + 58.0), say.x(), Side::Middle, Ink::Soft, 12.0);
    drawing.text((4.0, TOP - 18.0), say.y(), Side::Start, Ink::Soft, 12.0);
    if let Some(cut) = histogram.cut {
        let at = x.place(cut);
        drawing.dashed((at, TOP - 6.0), (at, BOTTOM), Ink::Limit, 1.5);
        let side = if at > f64::midpoint(LEFT, RIGHT) { Side::End } else { Side::Start };
        let shift = if side == Side::End { -6.0 } else { 6.0 };
        drawing.text((at + shift, TOP + 4.0), say.cut(), side, Ink::Limit, 12.0);
    }
    let title = match histogram.cut.filter(|_| !histogram.attacks.is_empty()) {
        Some(cut) => {
            let above = histogram.attacks.iter().filter(|score| **score >= cut).count() as u64;
            say.title(&pick, numbers.integer(above), numbers.integer(histogram.attacks.len() as u64))
        }
        None => say.title_plain(&pick),
    };
    let units: u64 = histogram.counts.iter().sum();
    let description = say.described(numbers.integer(units), histogram.counts.len());
    Some(Chart { name: "scores", title, description, drawing })
}
