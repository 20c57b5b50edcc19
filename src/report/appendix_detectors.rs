//! Appendix A5: with which parameters each contender ran, how long it took, how much it depends on its seed.

use maud::{Markup, html};

use super::{markup, view::View};
use crate::{
    evaluate::{Measured, Status},
    text::visible_within,
};

phrases! { Say {
    heading() { en: "A5 Detectors", fr: "A5 Détecteurs" }
    detector() { en: "Detector", fr: "Détecteur" }
    parameters() { en: "Parameters", fr: "Paramètres" }
    fit() { en: "Fit", fr: "Apprentissage" }
    score() { en: "Score", fr: "Calcul des scores" }
    seeds() { en: "Over its seeds", fr: "Selon la graine" }
    notes() { en: "Notes", fr: "Remarques" }
    spread(count, alerts, rate, caught) { en: "{count} seeds: {alerts} false alerts{rate}, {caught} incidents", fr: "{count} graines : {alerts} fausses alertes{rate}, {caught} incidents" }
    random(interval) { en: "kept minus random: {interval}", fr: "conservés moins hasard : {interval}" }
} }

section!("a5", Appendix, |view| Some(Say(view.language).heading()), render);

fn spread(view: &View<'_>, say: Say, contender: &Measured) -> Option<String> {
    let seeds = &contender.seeds;
    if seeds.len() < 2 {
        return None;
    }
    let numbers = view.numbers;
    let ends = |values: Vec<f64>| (values.iter().copied().fold(f64::INFINITY, f64::min), values.iter().copied().fold(f64::NEG_INFINITY, f64::max));
    let shown = |(low, high): (f64, f64)| if numbers.count(low) == numbers.count(high) { numbers.count(low) } else { numbers.between(low, high) };
    let alerts = shown(ends(seeds.iter().map(|seed| seed.false_alerts_per_week).collect()));
    let caught = shown(ends(seeds.iter().map(|seed| seed.incidents_caught as f64).collect()));
    Some(say.spread(seeds.len(), alerts, view.rate(), caught))
}

/// Parameters as an experiment would name them; those that are left to the method are left out.
fn parameters(value: &serde_json::Value) -> String {
    let of = |value: &serde_json::Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let Some(all) = value.as_object() else { return of(value) };
    let named = all.iter().filter(|(_, value)| !value.is_null()).map(|(name, value)| format!("{name}: {}", of(value)));
    named.collect::<Vec<_>>().join(", ")
}

fn row(view: &View<'_>, say: Say, contender: &Measured) -> Markup {
    let parameters = view.resolved.contenders.iter().find(|(id, _)| *id == contender.id).map(|(_, value)| parameters(value));
    let scored = contender.outcome == Status::Scored;
    let random = contender.better_than_random.as_ref().and_then(|e| e.low.zip(e.high)).map(|(low, high)| say.random(view.numbers.percent_between(low, high)));
    html! {
        tr {
            th scope="row" { (view.title(contender)) small { code { (visible_within(&contender.id, 40)) } " " (visible_within(&contender.method, 40)) } }
            td { @if let Some(parameters) = &parameters { code { (visible_within(parameters, 400)) } } }
            @if scored {
                (markup::number(&view.numbers.seconds(contender.fit_seconds), contender.fit_seconds))
                (markup::number(&view.numbers.seconds(contender.score_seconds), contender.score_seconds))
            } @else { (markup::none()) (markup::none()) }
            td { @if let Some(spread) = spread(view, say, contender) { (spread) } @if let Some(random) = random { small { (random) } } }
            td {
                @if let Some(reason) = &contender.reason { (markup::prose(view, reason)) }
                @for note in contender.notes.iter().take(6) { small { (markup::told(view, note)) } }
            }
        }
    }
}

fn render(view: &View<'_>) -> Option<Markup> {
    let say = Say(view.language);
    if view.evaluation.contenders.is_empty() {
        return None;
    }
    let head = html! {
        (markup::head(&say.detector(), false)) (markup::head(&say.parameters(), false)) (markup::head(&say.fit(), true)) (markup::head(&say.score(), true))
        (markup::head(&say.seeds(), false)) (markup::head(&say.notes(), false))
    };
    let body = html! { @for contender in &view.evaluation.contenders { (row(view, say, contender)) } };
    Some(markup::table("", &say.heading(), false, &head, &body))
}
