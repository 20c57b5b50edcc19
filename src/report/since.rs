//! Since last time: the earlier runs of the use case that were there when this one ended, one line each, and what changed.
//!
//! What is shown lies in `earlier.json` of the run folder, so that a report is rendered again whatever became of the others.

use maud::{Markup, html};

use super::{
    compare::{self, Cell, Written},
    figure::{self, Chart},
    markup,
    view::View,
};
use crate::text::visible_within;

phrases! { Say {
    heading() { en: "Since last time", fr: "Depuis la dernière fois" }
    iteration() { en: "Iteration", fr: "Itération" }
    begun() { en: "Begun", fr: "Début" }
    verdict() { en: "Verdict", fr: "Verdict" }
    judged() { en: "Judged", fr: "Jugé" }
    this_run() { en: "this run", fr: "cette exécution" }
    unreadable(runs) { en: "Could not be read, and is left out: {runs}.", fr: "Illisible, laissé de côté : {runs}." }
    changed(label) { en: "What changed since {label}", fr: "Ce qui a changé depuis {label}" }
    more(count) { en: "and {count} more lines; `gonogo compare` shows them", fr: "et {count} autres lignes ; `gonogo compare` les montre" }
} }

section!("since", Body, |view| Some(Say(view.language).heading()), render);

/// Measures that stand in the table, in this order; `gonogo compare` shows all.
const SHOWN: [&str; 3] = ["false_alerts_per_week", "recall_kept", "net_present_value"];
/// Lines of changes on the page.
const LINES: usize = 20;

/// Chart D; `None` where there is no earlier run that can be lined up.
pub(super) fn chart(view: &View<'_>) -> Option<Chart> {
    let comparison = &view.earlier.as_ref()?.comparison;
    compare::history(comparison, view.language)
}

/// What the experiment changed since the run before this one, for the appendix.
pub(super) fn changes(view: &View<'_>) -> Option<Markup> {
    let comparison = &view.earlier.as_ref()?.comparison;
    let written = compare::written(comparison, view.language);
    let (_, lines) = written.changes.last()?;
    let before = written.labels.get(written.labels.len().checked_sub(2)?)?;
    let say = Say(view.language);
    let rest = lines.len().saturating_sub(LINES);
    Some(html! {
        h3 { (say.changed(before)) }
        ul.plain {
            @for [group, path, change] in lines.iter().take(LINES) {
                li { (group) @if !path.is_empty() { " · " code { (visible_within(path, 120)) } " " (visible_within(change, 300)) } }
            }
            @if rest > 0 { li { (markup::code_words(&say.more(rest))) } }
        }
    })
}

fn table(view: &View<'_>, say: Say, written: &Written) -> Markup {
    let comparison = view.earlier.as_ref().map(|earlier| &earlier.comparison);
    let columns = comparison.map_or(&[][..], |comparison| &comparison.columns);
    let measures: Vec<_> = SHOWN
        .iter()
        .filter_map(|id| comparison?.measures.iter().position(|measure| measure.metric == *id))
        // Verdict and judged contender are the first two rows of what is written.
        .filter_map(|index| written.rows.get(index + 2))
        .filter(|row| row.cells.iter().any(|cell| cell.value != "—"))
        .collect();
    let (verdicts, judged) = (&written.rows[0], &written.rows[1]);
    let head = html! {
        (markup::head(&say.iteration(), false)) (markup::head(&say.begun(), false)) (markup::head(&say.verdict(), false)) (markup::head(&say.judged(), false))
        @for row in &measures { (markup::head(&row.name, true)) }
    };
    let body = html! {
        @for (index, label) in written.labels.iter().enumerate() {
            @let newest = index + 1 == written.labels.len();
            tr class=[newest.then_some("pick")] {
                th scope="row" { (label) @if newest { " " span.tag { (say.this_run()) } } }
                td.nowrap { (columns.get(index).map_or_else(String::new, |column| moment(&column.started))) }
                td { (verdicts.cells[index].value) }
                td { (judged.cells[index].value) }
                @for row in &measures { (cell(&row.cells[index])) }
            }
        }
    };
    markup::table("", &say.heading(), false, &head, &body)
}

/// `2026-03-09 08:00` of `2026-03-09T08:00:01Z`.
fn moment(rfc3339: &str) -> String {
    let minutes: String = rfc3339.chars().take(16).collect();
    visible_within(&minutes.replace('T', " "), 60).into_owned()
}

fn cell(cell: &Cell) -> Markup {
    html! {
        td.n {
            (cell.value)
            @if let Some(interval) = &cell.interval { small { (interval) } }
            @if let Some((_, word, _)) = &cell.step { small { (word) } }
        }
    }
}

fn render(view: &View<'_>) -> Option<Markup> {
    let say = Say(view.language);
    let earlier = view.earlier.as_ref()?;
    let written = compare::written(&earlier.comparison, view.language);
    let unreadable = (!earlier.unreadable.is_empty()).then(|| say.unreadable(visible_within(&earlier.unreadable.join(", "), 300)));
    // What is known of all columns alike stands at the top of the page already.
    let banners = written.banners.iter().skip(usize::from(view.manifest.synthetic));
    Some(html! {
        @if written.labels.len() > 1 { (table(view, say, &written)) }
        @for banner in banners { p.footnote { (markup::sentence_of(banner)) } }
        @if let Some(unreadable) = unreadable { p.footnote { (unreadable) } }
        @if let Some(chart) = markup::chart(view, figure::HISTORY) { (chart) }
    })
}
