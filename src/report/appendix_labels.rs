//! Appendix A8: what is known of the truth.

use maud::{Markup, html};

use super::{markup, view::View};

phrases! { Say {
    heading() { en: "A8 Labels", fr: "A8 Étiquettes" }
    none() {
        en: "There are no labels. Have the alerts in alerts.csv looked at, write what they were to a file, and name it under `labels` in the experiment.",
        fr: "Il n’y a pas d’étiquettes. Faites examiner les alertes d’alerts.csv, notez ce qu’elles étaient dans un fichier, et indiquez-le sous `labels` dans l’expérience.",
    }
    complete() { en: "What is not labelled counts as benign.", fr: "Ce qui n’est pas étiqueté compte comme bénin." }
    partial() { en: "What is not labelled is unknown, not benign.", fr: "Ce qui n’est pas étiqueté est inconnu, et non bénin." }
    label() { en: "Label", fr: "Étiquette" }
    units() { en: "Judged units", fr: "Unités jugées" }
    attack() { en: "Attack", fr: "Attaque" }
    legitimate() { en: "Right, but legitimate", fr: "Fondée, mais légitime" }
    wrong() { en: "False", fr: "Fausse" }
    unlabelled() { en: "Not labelled", fr: "Non étiquetée" }
    incidents(count) { en: "{count} incidents in the judged part.", fr: "{count} incidents dans la partie jugée." }
} }

section!("a8", Appendix, |view| Some(Say(view.language).heading()), render);

fn render(view: &View<'_>) -> Option<Markup> {
    let say = Say(view.language);
    let Some(labels) = &view.evaluation.labels else { return Some(html! { p { (markup::code_words(&say.none())) } }) };
    let total = (labels.true_positive + labels.benign_true_positive + labels.false_positive + labels.none).max(1);
    let head = html! { (markup::head(&say.label(), false)) (markup::head(&say.units(), true)) };
    let body = html! {
        @for (name, count) in [
            (say.attack(), labels.true_positive),
            (say.legitimate(), labels.benign_true_positive),
            (say.wrong(), labels.false_positive),
            (say.unlabelled(), labels.none),
        ] {
            tr { th scope="row" { (name) } (markup::with_interval(&view.numbers.integer(count), Some(view.numbers.percent(count as f64 / total as f64)), count as f64)) }
        }
    };
    Some(html! {
        p { (if labels.complete { say.complete() } else { say.partial() }) " " (say.incidents(view.numbers.integer(view.evaluation.incidents))) }
        (markup::table("", &say.heading(), false, &head, &body))
    })
}
