//! Appendix A3: who is scored and when, and how far the judged days differ from those that were learned from.

use maud::{Markup, html};

use super::{detectors, markup, view::View};
use crate::text::visible_within;

phrases! { Say {
    heading() { en: "A3 Entity, window, drift", fr: "A3 Entité, fenêtre, dérive" }
    entity() { en: "A unit is", fr: "Une unité est" }
    every(key, period) { en: "one {key} in each {period}", fr: "un {key} par période de {period}" }
    row() { en: "one row of the table", fr: "une ligne de la table" }
    training() { en: "Learned from", fr: "Apprentissage" }
    judged() { en: "Judged", fr: "Jugé" }
    units(count) { en: "{count} units", fr: "{count} unités" }
    cases(count) { en: "{count} cases", fr: "{count} cas" }
    period(units, when) { en: "{units}, {when}", fr: "{units}, {when}" }
    budget() { en: "Budget", fr: "Budget" }
    budget_of(count, period) { en: "{count} cases {period}", fr: "{count} cas {period}" }
    drift() { en: "Drift of each field between the two parts", fr: "Dérive de chaque champ entre les deux parties" }
    field() { en: "Field", fr: "Champ" }
    psi() { en: "PSI", fr: "PSI" }
    before() { en: "Median, training", fr: "Médiane, apprentissage" }
    after() { en: "Median, judged", fr: "Médiane, jugé" }
    quiet() { en: "Too quiet", fr: "Trop calmes" }
    quiet_units(count) { en: "{count} units had fewer events than `min_events` and were left out", fr: "{count} unités avaient moins d’événements que `min_events` et ont été écartées" }
    periods() { en: "Units in each period of the budget", fr: "Unités par période du budget" }
    begins() { en: "Begins", fr: "Début" }
    count() { en: "Units", fr: "Unités" }
    more(count) { en: "and {count} more periods, in shape.json", fr: "et {count} autres périodes, dans shape.json" }
    reading() {
        en: "Population stability index over the deciles of the training part: below 0.10 is read as stable, above 0.25 as shifted.",
        fr: "Indice de stabilité de la population sur les déciles de l’apprentissage : moins de 0,10 se lit comme stable, plus de 0,25 comme déplacé.",
    }
} }

section!("a3", Appendix, |view| Some(Say(view.language).heading()), render);

const PERIODS: usize = 31;

fn drift(view: &View<'_>, say: Say) -> Option<Markup> {
    let mut fields: Vec<_> = view.fields.iter().filter_map(|field| field.drift.map(|drift| (field, drift))).collect();
    if fields.is_empty() {
        return None;
    }
    fields.sort_by(|(a, x), (b, y)| y.total_cmp(x).then_with(|| a.name.cmp(&b.name)));
    let numbers = view.numbers;
    let head = html! { (markup::head(&say.field(), false)) (markup::head(&say.psi(), true)) (markup::head(&say.before(), true)) (markup::head(&say.after(), true)) };
    let body = html! {
        @for (field, drift) in fields {
            tr {
                th scope="row" { (visible_within(&field.name, 60)) }
                (markup::number(&numbers.decimal(drift, 2), drift))
                (markup::number(&numbers.significant(field.quantiles[2], 3), field.quantiles[2]))
                (markup::number(&numbers.significant(field.judged_quantiles[2], 3), field.judged_quantiles[2]))
            }
        }
    };
    Some(html! { h3 { (say.drift()) } (markup::table("", &say.drift(), true, &head, &body)) p.footnote { (say.reading()) } })
}

fn periods(view: &View<'_>, say: Say) -> Option<Markup> {
    let periods = &view.shape.as_ref()?.units_per_period;
    if view.window().is_none() || periods.len() < 2 {
        return None;
    }
    let head = html! { (markup::head(&say.begins(), false)) (markup::head(&say.count(), true)) };
    let body = html! {
        @for (start, units) in periods.iter().take(PERIODS) {
            tr { th scope="row" { (view.dates.moment(*start)) } (markup::number(&view.numbers.integer(*units), *units as f64)) }
        }
    };
    Some(html! {
        h3 { (say.periods()) }
        (markup::table("", &say.periods(), false, &head, &body))
        @if periods.len() > PERIODS { p { (say.more(periods.len() - PERIODS)) } }
    })
}

fn render(view: &View<'_>) -> Option<Markup> {
    let say = Say(view.language);
    let numbers = view.numbers;
    let evaluation = &view.evaluation;
    let part = |count: u64, when: Option<(i64, i64)>| {
        let units = say.units(numbers.integer(count));
        when.map_or_else(|| units.clone(), |(start, end)| say.period(&units, view.dates.range(start, end)))
    };
    let window = view.window();
    Some(html! {
        dl.facts {
            dt { (say.entity()) }
            dd {
                @match &view.resolved.experiment.entity {
                    Some(entity) => (say.every(visible_within(&entity.key.join(" · "), 80), entity.every)),
                    None => (say.row()),
                }
            }
            dt { (say.training()) }
            dd { (part(evaluation.units.training, window.map(|[start, end, _]| (start, end)))) }
            dt { (say.judged()) }
            dd { (part(evaluation.units.judged, window.map(|[_, start, end]| (start, end)))) ", " (say.cases(numbers.integer(evaluation.cases))) }
            dt { (say.budget()) }
            dd { (say.budget_of(numbers.integer(evaluation.budget), detectors::budget_period(view))) }
            @if let Some(quiet) = view.shape.as_ref().map(|shape| shape.too_quiet).filter(|count| *count > 0) {
                dt { (say.quiet()) }
                dd { (markup::code_words(&say.quiet_units(numbers.integer(quiet)))) }
            }
        }
        @if let Some(drift) = drift(view, say) { (drift) }
        @if let Some(periods) = periods(view, say) { (periods) }
    })
}
