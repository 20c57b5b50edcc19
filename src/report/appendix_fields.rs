//! Appendix A4: what each field is and looked like before scaling.

use maud::{Markup, html};

use super::{markup, view::View};
use crate::{text::visible_within, units::FieldSummary};

phrases! { Say {
    heading() { en: "A4 Fields", fr: "A4 Champs" }
    field() { en: "Field", fr: "Champ" }
    definition() { en: "Definition", fr: "Définition" }
    missing() { en: "Missing", fr: "Manquant" }
    filled() { en: "Filled with", fr: "Remplacé par" }
    low() { en: "Least", fr: "Minimum" }
    middle() { en: "Middle half", fr: "Moitié centrale" }
    high() { en: "Most", fr: "Maximum" }
    skew() { en: "Skew", fr: "Asymétrie" }
    alike() { en: "Fields that say nearly the same", fr: "Champs qui disent presque la même chose" }
    pair(a, b, correlation) { en: "`{a}` and `{b}`: correlation {correlation}", fr: "`{a}` et `{b}` : corrélation {correlation}" }
    more(count) { en: "and {count} more pairs, in shape.json", fr: "et {count} autres paires, dans shape.json" }
    none_alike() { en: "No two fields are correlated beyond 0.9 in the training part, as scaled.", fr: "Aucune paire de champs n’est corrélée au-delà de 0,9 dans l’apprentissage, après mise à l’échelle." }
    scaling() { en: "Scaling", fr: "Mise à l’échelle" }
    dropped(reason) { en: "left out: {reason}", fr: "écarté : {reason}" }
} }

section!("a4", Appendix, |view| Some(Say(view.language).heading()), render);

fn row(view: &View<'_>, say: Say, field: &FieldSummary) -> Markup {
    let numbers = view.numbers;
    let number = |value: f64| markup::number(&numbers.significant(value, 3), value);
    html! {
        tr {
            th scope="row" { (visible_within(&field.name, 60)) }
            td { (markup::told(view, &field.definition)) @if let Some(reason) = &field.dropped { small { (say.dropped(visible_within(reason.told(view.language), 120))) } } }
            (markup::number(&numbers.percent(field.missing), field.missing))
            (number(field.fill))
            (number(field.quantiles[0]))
            td.n { (numbers.to(&numbers.significant(field.quantiles[1], 3), &numbers.significant(field.quantiles[3], 3))) }
            (number(field.quantiles[4]))
            @match view.shape.as_ref().and_then(|shape| shape.skew.iter().find(|(name, _)| *name == field.name)) {
                Some((_, skew)) => (markup::number(&numbers.decimal(*skew, 1), *skew)),
                None => (markup::none()),
            }
            td { (markup::told(view, &field.scaling)) }
        }
    }
}

fn alike(view: &View<'_>, say: Say, pairs: &[(String, String, f64)]) -> Markup {
    if pairs.is_empty() {
        return html! { p { (say.none_alike()) } };
    }
    let told = |(a, b, correlation): &(String, String, f64)| {
        say.pair(visible_within(a, 60), visible_within(b, 60), view.numbers.decimal(*correlation, 2))
    };
    html! {
        h3 { (say.alike()) }
        ul.plain {
            @for pair in pairs.iter().take(PAIRS) { li { (markup::code_words(&told(pair))) } }
            @if pairs.len() > PAIRS { li { (say.more(pairs.len() - PAIRS)) } }
        }
    }
}

const PAIRS: usize = 20;

fn render(view: &View<'_>) -> Option<Markup> {
    let say = Say(view.language);
    if view.fields.is_empty() {
        return None;
    }
    let head = html! {
        (markup::head(&say.field(), false)) (markup::head(&say.definition(), false)) (markup::head(&say.missing(), true)) (markup::head(&say.filled(), true))
        (markup::head(&say.low(), true)) (markup::head(&say.middle(), true)) (markup::head(&say.high(), true)) (markup::head(&say.skew(), true)) (markup::head(&say.scaling(), false))
    };
    let body = html! { @for field in &view.fields { (row(view, say, field)) } };
    Some(html! {
        (markup::table("", &say.heading(), true, &head, &body))
        @if let Some(shape) = &view.shape { (alike(view, say, &shape.alike)) }
    })
}
