//! Chart I: how far a contender's false alerts hang on its seed.

use super::{
    Chart,
    drawing::{Axis, Drawing, Ink, Shape, Side},
};
use crate::{evaluate::Measured, report::view::View, text::visible_within};

phrases! { Say {
    title(name, share) { en: "{name} moves most with its seed: by {share} of its false alerts", fr: "{name} dépend le plus de sa graine : {share} de ses fausses alertes" }
    title_same() { en: "No seed changes the number of false alerts", fr: "Aucune graine ne change le nombre de fausses alertes" }
    x(rate) { en: "False alerts{rate}, one dot a seed", fr: "Fausses alertes{rate}, un point par graine" }
    row(name, range) { en: "{name}: {range}", fr: "{name} : {range}" }
} }

const WIDTH: f64 = 760.0;
const LEFT: f64 = 180.0;
const RIGHT: f64 = 730.0;
const ROW: f64 = 26.0;
const TOP: f64 = 14.0;
const MOST: usize = 12;

fn ends(contender: &Measured) -> (f64, f64) {
    let values = || contender.seeds.iter().map(|seed| seed.false_alerts_per_week);
    (values().fold(f64::INFINITY, f64::min), values().fold(f64::NEG_INFINITY, f64::max))
}

/// A strip of dots for each contender that ran with several seeds.
pub(super) fn chart(view: &View<'_>) -> Option<Chart> {
    let say = Say(view.language);
    let numbers = view.numbers;
    let rows: Vec<&Measured> = view.measured().map(|(contender, _)| contender).filter(|c| c.seeds.len() > 1).take(MOST).collect();
    if rows.is_empty() || !view.has_labels() {
        return None;
    }
    let highest = rows.iter().map(|contender| ends(contender).1).fold(0.0, f64::max);
    let axis = Axis::linear(0.0, highest * 1.05, LEFT, RIGHT);
    let bottom = TOP + ROW * rows.len() as f64;
    let mut drawing = Drawing::new(WIDTH, bottom + 52.0);
    for tick in axis.ticks(6) {
        drawing.line((axis.place(tick), TOP - 4.0), (axis.place(tick), bottom), Ink::Grid, 1.0);
        drawing.text((axis.place(tick), bottom + 14.0), numbers.count(tick), Side::Middle, Ink::Soft, 12.0);
    }
    let mut described = Vec::new();
    for (index, contender) in rows.iter().enumerate() {
        let y = TOP + ROW * (index as f64 + 0.5);
        let ink = if view.is_pick(contender) { Ink::Accent } else { Ink::Other };
        let name = visible_within(&view.title(contender), 24).into_owned();
        let (low, high) = ends(contender);
        drawing.text((LEFT - 12.0, y), name.clone(), Side::End, Ink::Strong, 12.5);
        drawing.line((axis.place(low), y), (axis.place(high), y), ink, 1.5);
        for seed in &contender.seeds {
            drawing.marker((axis.place(seed.false_alerts_per_week), y), Shape::Circle, 4.5, ink);
        }
        described.push(say.row(name, numbers.between(low, high)));
    }
    drawing.text((f64::midpoint(LEFT, RIGHT), bottom + 38.0), say.x(view.rate()), Side::Middle, Ink::Soft, 12.0);
    let spread = |contender: &Measured| {
        let (low, high) = ends(contender);
        if high > 0.0 { (high - low) / high } else { 0.0 }
    };
    let most = rows.iter().copied().max_by(|a, b| spread(a).total_cmp(&spread(b)))?;
    let title = if spread(most) > 0.0 { say.title(view.title(most), numbers.percent(spread(most))) } else { say.title_same() };
    Some(Chart { name: "seeds", title, description: described.join("; "), drawing })
}
