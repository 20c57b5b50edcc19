//! The first screen as one picture, for slides and chats: drawn like the charts, from the same data.

use super::{
    figure,
    figure::drawing::{Drawing, Ink, Side, wrapped},
    markup, metric, page, tiles, verdict,
    view::View,
};
use crate::{
    decide::{Standing, Verdict},
    error::Result,
    text::visible_within,
};

phrases! { Say {
    synthetic() { en: "Synthetic demonstration data", fr: "Données de démonstration synthétiques" }
    in_sample() { en: "In sample: fitted and scored on the same rows", fr: "Apprentissage et évaluation sur les mêmes lignes" }
    asked() { en: "Asked", fr: "Demandé" }
    measured() { en: "Measured", fr: "Mesuré" }
    run(run) { en: "run {run}", fr: "exécution {run}" }
} }

/// Logical pixels across; the picture has twice as many.
const WIDTH: f64 = 800.0;
const MARGIN: f64 = 20.0;
/// By how much the chart is made smaller to stand beside the criteria.
const SMALLER: f64 = 0.82;

/// The picture as PNG, 1600 pixels wide.
pub(super) fn png(view: &View<'_>) -> Result<Vec<u8>> {
    figure::png(&drawing(view))
}

fn drawing(view: &View<'_>) -> Drawing {
    let mut drawing = Drawing::new(WIDTH, 0.0);
    let mut y = header(view, &mut drawing);
    y = verdict_box(view, &mut drawing, y);
    y = tile_row(view, &mut drawing, y);
    let left = criteria(view, &mut drawing, y);
    let right = chart(view, &mut drawing, y);
    drawing.height = left.max(right) + MARGIN;
    drawing
}

fn header(view: &View<'_>, drawing: &mut Drawing) -> f64 {
    let say = Say(view.language);
    let y = MARGIN + 4.0;
    drawing.bold((MARGIN, y), visible_within(&view.use_case(), 60), Side::Start, Ink::Strong, 13.0);
    let window = view.window().map(|[start, _, end]| view.dates.range(start, end));
    let run = say.run(visible_within(&view.manifest.run, 40));
    drawing.text((WIDTH - MARGIN, y), window.unwrap_or(run), Side::End, Ink::Soft, 11.0);
    let notes = [(view.manifest.synthetic, say.synthetic()), (view.evaluation.in_sample, say.in_sample())];
    let notes: Vec<String> = notes.into_iter().filter(|(applies, _)| *applies).map(|(_, note)| note).collect();
    if notes.is_empty() {
        return y + 18.0;
    }
    drawing.text((MARGIN, y + 18.0), notes.join(" · "), Side::Start, Ink::Limit, 11.0);
    y + 36.0
}

fn verdict_box(view: &View<'_>, drawing: &mut Drawing, top: f64) -> f64 {
    let tone = match view.decision.verdict {
        Verdict::Go => Ink::Go,
        Verdict::NoGo => Ink::NoGo,
        Verdict::Inconclusive => Ink::Doubt,
    };
    let sentences = format!("{} {}", verdict::gain(view), verdict::reason(view)).replace('`', "");
    let lines = wrapped(&sentences, 104);
    let bottom = top + 46.0 + 17.0 * lines.len() as f64;
    drawing.block((MARGIN, top), (WIDTH - MARGIN, bottom), tone, 0.07);
    drawing.block((MARGIN, top), (MARGIN + 5.0, bottom), tone, 1.0);
    let word = format!("{} — {}", page::word(view), verdict::advice(view));
    drawing.bold((MARGIN + 18.0, top + 21.0), word, Side::Start, tone, 19.0);
    for (index, line) in lines.into_iter().enumerate() {
        drawing.text((MARGIN + 18.0, top + 47.0 + 17.0 * index as f64), line, Side::Start, Ink::Strong, 12.0);
    }
    bottom + 12.0
}

fn tile_row(view: &View<'_>, drawing: &mut Drawing, top: f64) -> f64 {
    let tiles = tiles::texts(view);
    let gap = 10.0;
    let width = (WIDTH - 2.0 * MARGIN - gap * (tiles.len() as f64 - 1.0)) / tiles.len() as f64;
    for (index, [name, value, note]) in tiles.into_iter().enumerate() {
        let left = MARGIN + index as f64 * (width + gap);
        outline(drawing, (left, top), (left + width, top + 70.0));
        drawing.text((left + 10.0, top + 14.0), name, Side::Start, Ink::Soft, 10.5);
        drawing.bold((left + 10.0, top + 35.0), value, Side::Start, Ink::Strong, 17.0);
        drawing.text((left + 10.0, top + 57.0), visible_within(&note, 34), Side::Start, Ink::Soft, 9.5);
    }
    top + 88.0
}

fn outline(drawing: &mut Drawing, from: (f64, f64), to: (f64, f64)) {
    let corners = vec![from, (to.0, from.1), to, (from.0, to.1), from];
    drawing.path(corners, Ink::Grid, 1.0);
}

fn criteria(view: &View<'_>, drawing: &mut Drawing, top: f64) -> f64 {
    let say = Say(view.language);
    let [asked, measured, standing] = [MARGIN + 196.0, MARGIN + 276.0, MARGIN + 286.0];
    if view.decision.criteria.is_empty() {
        return top;
    }
    drawing.text((asked, top + 8.0), say.asked(), Side::End, Ink::Soft, 10.0);
    drawing.text((measured, top + 8.0), say.measured(), Side::End, Ink::Soft, 10.0);
    let mut y = top + 18.0;
    for judged in view.decision.criteria.iter().take(10) {
        drawing.line((MARGIN, y), (MARGIN + 366.0, y), Ink::Grid, 1.0);
        let (ink, sign) = match judged.standing {
            Standing::Met => (Ink::Go, "✓"),
            Standing::NotMet => (Ink::NoGo, "✗"),
            Standing::Open => (Ink::Doubt, "?"),
        };
        let middle = y + 14.0;
        drawing.text((MARGIN, middle), metric::name(view, &judged.metric), Side::Start, Ink::Strong, 11.0);
        drawing.text((asked, middle), metric::asked(view, judged), Side::End, Ink::Strong, 11.0);
        drawing.text((measured, middle), metric::measured(view, judged).unwrap_or_else(|| "—".into()), Side::End, Ink::Strong, 11.0);
        drawing.bold((standing, middle), format!("{sign} {}", markup::Shared(view.language).word(judged.standing)), Side::Start, ink, 10.5);
        y += 28.0;
    }
    y
}

fn chart(view: &View<'_>, drawing: &mut Drawing, top: f64) -> f64 {
    let Some(chart) = figure::FALSE_ALERTS(view) else { return top };
    let left = WIDTH - MARGIN - chart.drawing.width * SMALLER;
    let lines = wrapped(&chart.title, 58);
    let below = top + 6.0 + 15.0 * lines.len() as f64;
    for (index, line) in lines.into_iter().enumerate() {
        drawing.bold((left, top + 8.0 + 15.0 * index as f64), line, Side::Start, Ink::Strong, 11.5);
    }
    drawing.marks.extend(chart.drawing.marks.iter().map(|mark| mark.placed((left, below), SMALLER)));
    below + chart.drawing.height * SMALLER
}
