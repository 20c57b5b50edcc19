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
            td { (markup::told(view, &field.scaling)) }
        }
    }
}

fn render(view: &View<'_>) -> Option<Markup> {
    let say = Say(view.language);
    if view.fields.is_empty() {
        return None;
    }
    let head = html! {
        (markup::head(&say.field(), false)) (markup::head(&say.definition(), false)) (markup::head(&say.missing(), true)) (markup::head(&say.filled(), true))
        (markup::head(&say.low(), true)) (markup::head(&say.middle(), true)) (markup::head(&say.high(), true)) (markup::head(&say.scaling(), false))
    };
    let body = html! { @for field in &view.fields { (row(view, say, field)) } };
    Some(markup::table("", &say.heading(), true, &head, &body))
}
