//! Whether the data are good enough: what was read, what was lost and why, what joined.

use maud::{Markup, html};

use super::{markup, view::View};
use crate::{quality::SourceQuality, text::visible_within};

phrases! { Say {
    heading() { en: "Quality of the data", fr: "Qualité des données" }
    source() { en: "Source", fr: "Source" }
    files() { en: "Files", fr: "Fichiers" }
    lines() { en: "Lines", fr: "Lignes" }
    malformed() { en: "Unreadable", fr: "Illisibles" }
    filtered() { en: "Filtered out", fr: "Filtrées" }
    no_time() { en: "Without time", fr: "Sans date" }
    outside() { en: "Outside window", fr: "Hors fenêtre" }
    used() { en: "Used", fr: "Utilisées" }
    synthetic() { en: "generated", fr: "générée" }
    joins() { en: "Joins", fr: "Jointures" }
    join() { en: "Joined table", fr: "Table jointe" }
    matched() { en: "Events that found a row", fr: "Événements rapprochés" }
    expected() { en: "Expected", fr: "Attendu" }
    duplicates() { en: "Keys that stand twice", fr: "Clés en double" }
    findings() { en: "What was found", fr: "Constats" }
    nothing() { en: "Nothing that would weaken the result was found.", fr: "Rien qui affaiblisse le résultat n’a été trouvé." }
} }

section!("quality", Body, |view| Some(Say(view.language).heading()), render);

fn source_row(view: &View<'_>, say: Say, source: &SourceQuality) -> Markup {
    let numbers = view.numbers;
    let part = |count: u64| {
        let share = (source.lines > 0 && count > 0).then(|| numbers.percent(count as f64 / source.lines as f64));
        markup::with_interval(&numbers.integer(count), share, count as f64)
    };
    html! {
        tr {
            th scope="row" {
                (visible_within(&source.name, 40)) " " span.tag { (visible_within(&source.format, 20)) }
                @if source.synthetic { " " span.tag { (say.synthetic()) } }
            }
            (markup::number(&numbers.integer(source.files.len() as u64), source.files.len() as f64))
            (markup::number(&numbers.integer(source.lines), source.lines as f64))
            (part(source.malformed)) (part(source.filtered)) (part(source.no_time)) (part(source.outside_window))
            (markup::number(&numbers.integer(source.rows), source.rows as f64))
        }
    }
}

fn sources(view: &View<'_>, say: Say) -> Markup {
    let head = html! {
        (markup::head(&say.source(), false))
        @for name in [say.files(), say.lines(), say.malformed(), say.filtered(), say.no_time(), say.outside(), say.used()] { (markup::head(&name, true)) }
    };
    let body = html! { @for source in &view.quality.sources { (source_row(view, say, source)) } };
    markup::table("", &say.heading(), false, &head, &body)
}

fn joins(view: &View<'_>, say: Say) -> Option<Markup> {
    if view.quality.joins.is_empty() {
        return None;
    }
    let numbers = view.numbers;
    let head = html! { (markup::head(&say.join(), false)) (markup::head(&say.matched(), true)) (markup::head(&say.expected(), true)) (markup::head(&say.duplicates(), true)) };
    let body = html! {
        @for join in &view.quality.joins {
            @let share = if join.events == 0 { 0.0 } else { join.matched as f64 / join.events as f64 };
            tr {
                th scope="row" { (visible_within(&join.source, 40)) }
                (markup::with_interval(&numbers.percent(share), Some(numbers.of(join.matched, join.events)), share))
                @match join.expected { Some(expected) => (markup::number(&format!("≥\u{202f}{}", numbers.percent(expected)), expected)), None => (markup::none()) }
                (markup::number(&numbers.integer(join.duplicate_keys), join.duplicate_keys as f64))
            }
        }
    };
    Some(html! { h3 { (say.joins()) } (markup::table("", &say.joins(), false, &head, &body)) })
}

fn render(view: &View<'_>) -> Option<Markup> {
    let say = Say(view.language);
    Some(html! {
        @if !view.quality.sources.is_empty() { (sources(view, say)) }
        @if let Some(joins) = joins(view, say) { (joins) }
        h3 { (say.findings()) }
        @if view.quality.findings.is_empty() { p { (say.nothing()) } } @else {
            ul.plain {
                @for finding in view.quality.findings.iter().take(30) {
                    li {
                        strong { (visible_within(&finding.subject, 60)) } (markup::Shared(view.language).colon()) (markup::sentence(view, &finding.message)) " "
                        (markup::sentence(view, &finding.consequence)) " " (markup::sentence(view, &finding.advice)) " " small.nowrap { (markup::shown(&finding.code)) }
                    }
                }
            }
        }
    })
}
