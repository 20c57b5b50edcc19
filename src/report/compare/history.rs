//! Chart D: false alerts a week and incidents kept, iteration by iteration, with their intervals; the verdict fills the markers.

use crate::{
    compare::{Comparison, Measure, Reading},
    decide::Verdict,
    report::{
        figure::{
            Chart,
            drawing::{Axis, Drawing, Ink, Shape, Side},
        },
        metric::Pen,
    },
    spec::Language,
    text::visible_within,
};

phrases! { Say {
    title(first, last, now, then) { en: "From {first} to {last}: {then} false alerts a week became {now}", fr: "De {first} à {last} : {then} fausses alertes par semaine sont devenues {now}" }
    plain() { en: "The measures, iteration by iteration", fr: "Les mesures, itération par itération" }
    legend() { en: "filled: GO · ring: NO-GO · diamond: INCONCLUSIVE", fr: "plein : GO · anneau : NO-GO · losange : NON CONCLUANT" }
    point(label, name, value) { en: "{label}, {name}: {value}", fr: "{label}, {name} : {value}" }
} }

const WIDTH: f64 = 760.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = 740.0;
const PANEL: f64 = 130.0;
const GAP: f64 = 62.0;
const TOP: f64 = 30.0;
/// More iterations than this are thinned to the newest.
const MOST: usize = 16;

/// One panel for each measure that every team asks for first; `None` with fewer than two iterations.
pub(super) fn chart(comparison: &Comparison, labels: &[String], language: Language) -> Option<Chart> {
    let say = Say(language);
    let pen = Pen::new(language, &comparison.currency);
    if comparison.columns.len() < 2 {
        return None;
    }
    let panels: Vec<&Measure> = ["false_alerts_per_week", "recall_kept"]
        .into_iter()
        .filter_map(|id| comparison.measures.iter().find(|measure| measure.metric == id))
        .collect();
    let first = comparison.columns.len().saturating_sub(MOST);
    let shown = &labels[first..];
    let place = |index: usize| LEFT + (RIGHT - LEFT) * (index as f64 + 0.5) / shown.len() as f64;
    let mut drawing = Drawing::new(WIDTH, TOP + (PANEL + GAP) * panels.len() as f64 + 22.0);
    let mut described = Vec::new();
    for (number, measure) in panels.iter().enumerate() {
        let top = TOP + (PANEL + GAP) * number as f64;
        let bottom = top + PANEL;
        let readings = &measure.readings[first..];
        let axis = axis(measure, readings, bottom, top);
        drawing.bold((4.0, top - 20.0), pen.name(&measure.metric), Side::Start, Ink::Strong, 13.0);
        for tick in axis.ticks(3) {
            drawing.line((LEFT, axis.place(tick)), (RIGHT, axis.place(tick)), Ink::Grid, 1.0);
            drawing.text((LEFT - 10.0, axis.place(tick)), pen.value(&measure.metric, tick, None, None), Side::End, Ink::Soft, 12.0);
        }
        let values = readings.iter().enumerate().filter_map(|(index, reading)| reading.map(|reading| (index, reading)));
        drawing.path(values.clone().map(|(index, reading)| (place(index), axis.place(reading.value))).collect(), Ink::Other, 1.5);
        for (index, reading) in values {
            let x = place(index);
            if let (Some(low), Some(high)) = (reading.low, reading.high) {
                drawing.line((x, axis.place(low)), (x, axis.place(high)), Ink::Accent, 2.0);
            }
            let shape = match comparison.columns[first + index].verdict {
                Verdict::Go => Shape::Circle,
                Verdict::NoGo => Shape::Ring,
                Verdict::Inconclusive => Shape::Diamond,
            };
            drawing.marker((x, axis.place(reading.value)), shape, 6.0, Ink::Accent);
            let value = pen.value(&measure.metric, reading.value, reading.low, reading.high);
            drawing.text((x + 8.0, axis.place(reading.value) - 11.0), value.clone(), Side::Start, Ink::Strong, 12.0);
            described.push(say.point(&shown[index], pen.name(&measure.metric), value));
        }
        for (index, label) in shown.iter().enumerate() {
            let room = ((RIGHT - LEFT) / shown.len() as f64 / 7.0) as usize;
            drawing.text((place(index), bottom + 15.0), visible_within(label, room).into_owned(), Side::Middle, Ink::Soft, 12.0);
        }
    }
    drawing.text((RIGHT, drawing.height - 10.0), say.legend(), Side::End, Ink::Soft, 12.0);
    Some(Chart { name: "history", title: title(comparison, labels, &pen, say), description: described.join("; "), drawing })
}

fn axis(measure: &Measure, readings: &[Option<Reading>], bottom: f64, top: f64) -> Axis {
    let highest = readings.iter().flatten().flat_map(|reading| [Some(reading.value), reading.high]).flatten().fold(0.0, f64::max);
    let high = if measure.metric == "recall_kept" { 1.0 } else { highest * 1.08 };
    Axis::linear(0.0, high, bottom, top)
}

fn title(comparison: &Comparison, labels: &[String], pen: &Pen, say: Say) -> String {
    let measure = comparison.measures.iter().find(|measure| measure.metric == "false_alerts_per_week");
    let ends = measure.and_then(|measure| Some((measure.readings.first()?.as_ref()?.value, measure.readings.last()?.as_ref()?.value)));
    match (ends, labels) {
        (Some((then, now)), [first, .., last]) => say.title(first, last, pen.numbers.count(now), pen.numbers.count(then)),
        _ => say.plain(),
    }
}
