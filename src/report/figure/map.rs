//! Chart J: where units lie on the two main components of the fields, incidents marked.

use super::{
    Chart,
    drawing::{Axis, Drawing, Ink, Shape, Side},
};
use crate::report::view::View;

phrases! { Say {
    title(outside, all) { en: "{outside} of {all} attack units on this map lie outside the middle 95 % of the other units", fr: "Sur cette carte, {outside} unités d’attaque sur {all} sont hors des 95 % centraux des autres unités" }
    title_unlabelled(share) { en: "The two main components hold {share} of what the fields vary", fr: "Les deux composantes principales portent {share} de la variation des champs" }
    description(points, units) { en: "{points} of {units} judged units, drawn at random; fields in standard deviations of the training part, components of their correlations; what lies beyond the axes is drawn at their ends", fr: "{points} unités jugées sur {units}, tirées au hasard ; champs en écarts-types de l’apprentissage, composantes de leurs corrélations ; ce qui dépasse les axes est dessiné à leur bout" }
    axis(number, share) { en: "Component {number} ({share} of the variance)", fr: "Composante {number} ({share} de la variance)" }
    attack() { en: "attack", fr: "attaque" }
    other() { en: "other", fr: "autre" }
} }

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 430.0;
const LEFT: f64 = 56.0;
const RIGHT: f64 = 740.0;
const TOP: f64 = 28.0;
const BOTTOM: f64 = 372.0;
/// The share of points at either end of an axis that it does not reach out for.
const BEYOND: f64 = 0.005;
/// The share of other units that count as the middle.
const MIDDLE: f64 = 0.95;

/// A sample of judged units; `None` where the run kept no map.
pub(super) fn chart(view: &View<'_>) -> Option<Chart> {
    let say = Say(view.language);
    let numbers = view.numbers;
    let map = view.shape.as_ref()?.map.as_ref().filter(|map| map.points.len() > 1)?;
    let (across, down) = (ends(map.points.iter().map(|point| point.0)), ends(map.points.iter().map(|point| point.1)));
    let (x, y) = (Axis::linear(across.0, across.1, LEFT, RIGHT), Axis::linear(down.0, down.1, BOTTOM, TOP));
    let mut drawing = Drawing::new(WIDTH, HEIGHT);
    for tick in x.ticks(6) {
        drawing.line((x.place(tick), TOP), (x.place(tick), BOTTOM), Ink::Grid, 1.0);
        drawing.text((x.place(tick), BOTTOM + 14.0), numbers.significant(tick, 3), Side::Middle, Ink::Soft, 12.0);
    }
    for tick in y.ticks(5) {
        drawing.line((LEFT, y.place(tick)), (RIGHT, y.place(tick)), Ink::Grid, 1.0);
        drawing.text((LEFT - 8.0, y.place(tick)), numbers.significant(tick, 3), Side::End, Ink::Soft, 12.0);
    }
    let place = |point: &(f64, f64, bool)| (x.place(point.0.clamp(across.0, across.1)), y.place(point.1.clamp(down.0, down.1)));
    // Every second pixel, each once: a dot is wider.
    let on_grid = |value: f64| 2 * (value / 2.0).round() as i64;
    let mut others: Vec<(i64, i64)> =
        map.points.iter().filter(|point| !point.2).map(place).map(|(x, y)| (on_grid(x), on_grid(y))).collect();
    others.sort_unstable();
    others.dedup();
    for (x, y) in others {
        drawing.marker((x as f64, y as f64), Shape::Circle, 1.5, Ink::Other);
    }
    let attacks: Vec<&(f64, f64, bool)> = map.points.iter().filter(|point| point.2).collect();
    for point in &attacks {
        drawing.marker(place(point), Shape::Cross, 4.0, Ink::Limit);
    }
    if !attacks.is_empty() {
        drawing.marker((RIGHT - 150.0, 12.0), Shape::Cross, 4.0, Ink::Limit);
        drawing.text((RIGHT - 140.0, 12.0), say.attack(), Side::Start, Ink::Soft, 12.0);
        drawing.marker((RIGHT - 64.0, 12.0), Shape::Circle, 3.0, Ink::Other);
        drawing.text((RIGHT - 56.0, 12.0), say.other(), Side::Start, Ink::Soft, 12.0);
    }
    let named = |number: usize| say.axis(number, numbers.percent(map.shares[number - 1]));
    drawing.text((f64::midpoint(LEFT, RIGHT), HEIGHT - 16.0), named(1), Side::Middle, Ink::Soft, 12.0);
    drawing.text((LEFT - 40.0, 12.0), named(2), Side::Start, Ink::Soft, 12.0);
    let title = match outside(&map.points) {
        Some((outside, all)) => say.title(numbers.integer(outside), numbers.integer(all)),
        None => say.title_unlabelled(numbers.percent(map.shares[0] + map.shares[1])),
    };
    let description = say.description(numbers.integer(map.points.len() as u64), numbers.integer(map.units));
    Some(Chart { name: "map", title, description, drawing })
}

/// From where to where an axis reaches.
fn ends(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let mut values: Vec<f64> = values.collect();
    values.sort_unstable_by(f64::total_cmp);
    let last = values.len() - 1;
    let low = values[(last as f64 * BEYOND).round() as usize];
    let high = values[(last as f64 * (1.0 - BEYOND)).round() as usize];
    if high > low { (low, high) } else { (low - 1.0, low + 1.0) }
}

/// Of the attacks, those that lie farther from the middle of the other units than [`MIDDLE`] of these do, each component in units of its
/// deviation; and all attacks. `None` without either.
fn outside(points: &[(f64, f64, bool)]) -> Option<(u64, u64)> {
    let others: Vec<(f64, f64)> = points.iter().filter(|point| !point.2).map(|point| (point.0, point.1)).collect();
    let attacks: Vec<(f64, f64)> = points.iter().filter(|point| point.2).map(|point| (point.0, point.1)).collect();
    if others.len() < 2 || attacks.is_empty() {
        return None;
    }
    let count = others.len() as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| others.iter().map(of).sum::<f64>() / count;
    let (centre_x, centre_y) = (mean(|point| point.0), mean(|point| point.1));
    let spread = |of: fn(&(f64, f64)) -> f64, centre: f64| {
        (others.iter().map(|point| (of(point) - centre).powi(2)).sum::<f64>() / count).sqrt().max(f64::MIN_POSITIVE)
    };
    let (spread_x, spread_y) = (spread(|point| point.0, centre_x), spread(|point| point.1, centre_y));
    let distance = |point: &(f64, f64)| ((point.0 - centre_x) / spread_x).hypot((point.1 - centre_y) / spread_y);
    let mut distances: Vec<f64> = others.iter().map(distance).collect();
    distances.sort_unstable_by(f64::total_cmp);
    let edge = distances[((distances.len() - 1) as f64 * MIDDLE).round() as usize];
    Some((attacks.iter().filter(|point| distance(point) > edge).count() as u64, attacks.len() as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_outside_is_counted() {
        let mut points: Vec<(f64, f64, bool)> = (0..100).map(|i| (f64::from(i % 10), f64::from(i / 10), false)).collect();
        assert_eq!(outside(&points), None);
        points.extend([(4.5, 4.5, true), (30.0, 4.5, true), (4.5, -30.0, true)]);
        assert_eq!(outside(&points), Some((2, 3)));
        assert_eq!(ends([3.0, 3.0].into_iter()), (2.0, 4.0));
    }
}
