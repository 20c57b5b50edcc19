//! Appendix A1: the experiment as it ran, defaults filled in.

use maud::{Markup, html};

use super::{markup, since, view::View};
use crate::text::visible_within;

phrases! { Say {
    heading() { en: "A1 The experiment as it ran", fr: "A1 L’expérience telle qu’exécutée" }
    question() { en: "Question", fr: "Question" }
    standard() { en: "Without machine learning", fr: "Sans apprentissage automatique" }
    attack() { en: "ATT&CK techniques", fr: "Techniques ATT&CK" }
    overrides() { en: "Changed on the command line", fr: "Modifié en ligne de commande" }
    path() { en: "Path", fr: "Chemin" }
    value() { en: "Value", fr: "Valeur" }
    resolved() { en: "Every default filled in:", fr: "Avec toutes les valeurs par défaut :" }
    cut() { en: "Cut here; the whole is in resolved.json.", fr: "Coupé ici ; le tout est dans resolved.json." }
} }

section!("a1", Appendix, |view| Some(Say(view.language).heading()), render);

const MOST: usize = 400;

fn render(view: &View<'_>) -> Option<Markup> {
    let say = Say(view.language);
    let case = &view.resolved.experiment.use_case;
    let text = serde_yaml::to_string(&view.resolved.experiment).unwrap_or_default();
    let lines: Vec<_> = text.lines().take(MOST).map(|line| visible_within(line, 300)).collect();
    Some(html! {
        dl.facts {
            @if let Some(question) = &case.question { dt { (say.question()) } dd { (visible_within(question, 400)) } }
            @if let Some(standard) = &case.standard_solution { dt { (say.standard()) } dd { (visible_within(standard, 400)) } }
            @if !case.attack.is_empty() { dt { (say.attack()) } dd { (visible_within(&case.attack.join(", "), 200)) } }
        }
        @if !view.resolved.overrides.is_empty() {
            h3 { (say.overrides()) }
            (markup::table("", &say.overrides(), false, &html! { (markup::head(&say.path(), false)) (markup::head(&say.value(), false)) }, &html! {
                @for (path, value) in &view.resolved.overrides { tr { th scope="row" { code { (visible_within(path, 100)) } } td { (visible_within(value, 300)) } } }
            }))
        }
        @if let Some(changes) = since::changes(view) { (changes) }
        p { (say.resolved()) }
        pre.snippet { code { @for line in &lines { (line) "\n" } } }
        @if text.lines().nth(MOST).is_some() { p { (say.cut()) } }
    })
}
