//! A comparison as one self-contained page, with the look of the report.

use maud::{Markup, PreEscaped, html};

use super::{Cell, Say, Written, history, written};
use crate::{
    compare::{Comparison, Word},
    report::{markup, page},
    spec::Language,
};

/// A comparison as one HTML page: no script, no request. The same comparison gives the same bytes.
pub fn comparison_page(comparison: &Comparison, language: Language) -> String {
    let say = Say(language);
    let written = written(comparison, language);
    let chart = history::chart(comparison, &written.labels, language);
    let body = html! {
        header { div.top { span { (written.subtitle) } } }
        main {
            h1.plain { (written.title) }
            @if !written.banners.is_empty() {
                section.card.warnings #warnings { ul { @for banner in &written.banners { li { span.sign aria-hidden="true" { "!" } (banner) } } } }
            }
            section.card #did aria-labelledby="did-heading" {
                h2 #did-heading { (say.did()) }
                (table(&written, say))
                p.footnote { (written.understanding) }
            }
            @if let Some(chart) = &chart {
                section.card #history { figure.chart { figcaption { (chart.title) } div.canvas { (drawn(chart, language)) } } }
            }
            @if !written.changes.is_empty() {
                section.card #changed aria-labelledby="changed-heading" { h2 #changed-heading { (written.changed) } (changes(&written)) }
            }
        }
    };
    page::bare(language, &written.title, &body)
}

pub(super) fn drawn(chart: &crate::report::figure::Chart, language: Language) -> Markup {
    match chart.svg() {
        Ok(svg) => html! { (PreEscaped(svg)) },
        Err(_) => html! { p { (markup::Shared(language).not_drawn()) } },
    }
}

fn table(written: &Written, say: Say) -> Markup {
    let head = html! {
        (markup::head(&written.measure, false))
        @for label in &written.labels { (markup::head(label, true)) }
    };
    let body = html! {
        @for row in &written.rows {
            tr { th scope="row" { (row.name) } @for cell in &row.cells { (shown(cell)) } }
        }
    };
    markup::table("wide", &say.did(), false, &head, &body)
}

fn shown(cell: &Cell) -> Markup {
    html! {
        td.iteration {
            (cell.value)
            @if let Some(interval) = &cell.interval { small.nowrap { (interval) } }
            @if let Some((word, text, difference)) = &cell.step { small { span class=(tone(*word)) { (text) } " " (difference) } }
        }
    }
}

fn tone(word: Word) -> &'static str {
    match word {
        Word::Better => "standing met",
        Word::Worse => "standing not-met",
        Word::NoChange | Word::WithinNoise => "soft",
    }
}

fn changes(written: &Written) -> Markup {
    html! {
        @for (label, lines) in &written.changes {
            h3 { (label) }
            ul.plain {
                @for [group, path, change] in lines {
                    li { (group) @if !path.is_empty() { " · " code { (path) } " " (change) } }
                }
            }
        }
    }
}
