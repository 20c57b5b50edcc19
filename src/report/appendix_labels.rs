//! Appendix A8: what is known of the truth.

use maud::{Markup, html};

use super::{markup, view::View};
use crate::text::visible_within;

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
    bounds() { en: "What the pick would save, were all unlabelled alerts of one kind", fr: "Ce que le retenu éviterait si toutes les alertes non étiquetées étaient d’une même sorte" }
    assumed() { en: "Unlabelled alerts are", fr: "Les alertes non étiquetées sont" }
    all_benign() { en: "all benign", fr: "toutes bénignes" }
    all_attacks() { en: "all attacks", fr: "toutes des attaques" }
    before() { en: "False, current rule", fr: "Fausses, règle actuelle" }
    after() { en: "False, pick", fr: "Fausses, retenu" }
    saved() { en: "False alerts cut", fr: "Fausses alertes évitées" }
    none_unknown() { en: "Every alert of the current rule and of the pick is labelled or counts as benign: no assumption about unlabelled ones changes the result.", fr: "Chaque alerte de la règle actuelle et du retenu est étiquetée ou compte comme bénigne : aucune hypothèse sur les alertes non étiquetées ne change le résultat." }
    unsigned() { en: "Who labelled what, and how far two agreed on the same alert, is known of reviewed sheets only (`gonogo review`).", fr: "Qui a étiqueté quoi, et l’accord de deux analystes sur la même alerte, n’est connu que des feuilles relues (`gonogo review`)." }
    read(cases, analysts) { en: "{cases} cases were read by {analysts}.", fr: "{cases} cas lus par {analysts}." }
    twice(count, disagreements) { en: "{count} were read by more than one; they disagree on {disagreements}.", fr: "{count} lus par plusieurs ; désaccord sur {disagreements}." }
    kappa(value) { en: "Cohen’s kappa of the two who share the most cases: {value}.", fr: "Kappa de Cohen des deux qui partagent le plus de cas : {value}." }
    incidents(count) { en: "{count} incidents in the judged part.", fr: "{count} incidents dans la partie jugée." }
} }

section!("a8", Appendix, |view| Some(Say(view.language).heading()), render);

/// The reduction of false alerts under either assumption about what nobody looked at.
fn bounds(view: &View<'_>, say: Say) -> Option<Markup> {
    let (baseline, (_, pick)) = (view.baseline_point()?, view.pick()?);
    if baseline.unknown_alerts + pick.unknown_alerts == 0 {
        return Some(html! { p { (say.none_unknown()) } });
    }
    let head = html! { (markup::head(&say.assumed(), false)) (markup::head(&say.before(), true)) (markup::head(&say.after(), true)) (markup::head(&say.saved(), true)) };
    let row = |name: String, before: u64, after: u64| {
        html! {
            tr {
                th scope="row" { (name) }
                (markup::number(&view.numbers.integer(before), before as f64))
                (markup::number(&view.numbers.integer(after), after as f64))
                @if before > 0 { @let saved = 1.0 - after as f64 / before as f64; (markup::number(&view.numbers.percent(saved), saved)) } @else { (markup::none()) }
            }
        }
    };
    let body = html! {
        (row(say.all_benign(), baseline.false_alerts + baseline.unknown_alerts, pick.false_alerts + pick.unknown_alerts))
        (row(say.all_attacks(), baseline.false_alerts, pick.false_alerts))
    };
    Some(html! { h3 { (say.bounds()) } (markup::table("", &say.bounds(), false, &head, &body)) })
}

fn analysts(view: &View<'_>, say: Say) -> String {
    let numbers = view.numbers;
    let Some(review) = view.evaluation.review.as_ref().filter(|review| !review.analysts.is_empty()) else { return say.unsigned() };
    let names = review.analysts.join(", ").replace('`', "'");
    let mut told = vec![say.read(numbers.integer(review.read), visible_within(&names, 300))];
    told.push(say.twice(numbers.integer(review.read_twice), numbers.integer(review.disagreements)));
    told.extend(review.kappa.map(|kappa| say.kappa(numbers.decimal(kappa, 2))));
    told.join(" ")
}

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
        @if let Some(bounds) = bounds(view, say) { (bounds) }
        p { (markup::code_words(&analysts(view, say))) }
    })
}
