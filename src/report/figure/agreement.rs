//! Chart H: which contenders raise the same alerts, and rank the same way.

use super::{
    Chart,
    drawing::{Drawing, Ink, Side},
};
use crate::{report::view::View, text::visible_within};

phrases! { Say {
    title(a, b, share) { en: "{a} and {b} share the most alerts ({share})", fr: "{a} et {b} partagent le plus d’alertes ({share})" }
    note() { en: "Share of their alerts at the budget that both raise, in per cent", fr: "Part de leurs alertes au budget levées par les deux, en pour cent" }
    below() { en: "Below it: rank correlation of all their scores (Spearman)", fr: "Dessous : corrélation de rang de tous leurs scores (Spearman)" }
    pair(a, b, share, correlation) {
        en: "{a} with {b}: {share}, rank correlation {correlation}",
        fr: "{a} avec {b} : {share}, corrélation de rang {correlation}",
    }
} }

const LEFT: f64 = 170.0;
const CELL: (f64, f64) = (58.0, 38.0);
const MOST: usize = 10;

/// A triangle of overlaps (Jaccard) and rank correlations, numbers in the cells.
pub(super) fn chart(view: &View<'_>) -> Option<Chart> {
    let say = Say(view.language);
    let pairs = &view.evaluation.agreement;
    let pair = |a: &str, b: &str| pairs.iter().find(|p| (p.a == a && p.b == b) || (p.a == b && p.b == a));
    let known = |id: &str| pairs.iter().any(|p| p.a == id || p.b == id);
    let names: Vec<(&str, String)> = view
        .measured()
        .filter(|(contender, _)| known(&contender.id))
        .take(MOST)
        .map(|(contender, _)| (contender.id.as_str(), visible_within(&view.title(contender), 22).into_owned()))
        .collect();
    if names.len() < 2 {
        return None;
    }
    let across = (names.len() - 1) as f64;
    let mut drawing = Drawing::new((LEFT + across * CELL.0 + 120.0).max(640.0), 14.0 + (across + 1.0) * CELL.1 + 64.0);
    let mut best: Option<(&str, &str, f64)> = None;
    let mut described = Vec::new();
    for (row, (a, name)) in names.iter().enumerate() {
        let y = 8.0 + row as f64 * CELL.1;
        if row > 0 {
            drawing.text((LEFT - 12.0, y + CELL.1 / 2.0), name.clone(), Side::End, Ink::Strong, 12.5);
        }
        for (column, (b, other)) in names.iter().enumerate().take(row) {
            let x = LEFT + column as f64 * CELL.0;
            let Some(pair) = pair(a, b) else { continue };
            let share = pair.overlap;
            let correlation = view.numbers.decimal(pair.rank_correlation, 2);
            drawing.block((x + 1.0, y + 1.0), (x + CELL.0 - 1.0, y + CELL.1 - 1.0), Ink::Accent, 0.05 + 0.42 * share.clamp(0.0, 1.0));
            let (centre, shown) = (x + CELL.0 / 2.0, view.numbers.decimal(share * 100.0, 0));
            drawing.text((centre, y + 0.34 * CELL.1), shown, Side::Middle, Ink::Strong, 12.0);
            drawing.text((centre, y + 0.72 * CELL.1), correlation.clone(), Side::Middle, Ink::Strong, 10.5);
            described.push(say.pair(name, other, view.numbers.percent(share), correlation));
            if best.is_none_or(|(_, _, most)| share > most) {
                best = Some((name, other, share));
            }
        }
        // The diagonal names the column.
        let x = LEFT + row as f64 * CELL.0;
        if row + 1 < names.len() {
            drawing.text((x + 6.0, y + CELL.1 / 2.0), name.clone(), Side::Start, Ink::Soft, 12.0);
        }
    }
    let bottom = 8.0 + names.len() as f64 * CELL.1;
    drawing.text((LEFT, bottom + 22.0), say.note(), Side::Start, Ink::Soft, 12.0);
    drawing.text((LEFT, bottom + 40.0), say.below(), Side::Start, Ink::Soft, 12.0);
    let (a, b, share) = best?;
    Some(Chart { name: "agreement", title: say.title(a, b, view.numbers.percent(share)), description: described.join("; "), drawing })
}
