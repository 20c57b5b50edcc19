//! What could make this wrong, each with the number behind it.

use maud::{Markup, html};

use super::{markup, view::View};

phrases! { Say {
    heading() { en: "What could make this wrong", fr: "Ce qui pourrait fausser le résultat" }
    opened(count) {
        en: "The judged part of these data has been opened {count} times: each look invites a choice that suits it.",
        fr: "La partie jugée de ces données a été ouverte {count} fois : chaque regard invite à un choix qui lui convient.",
    }
    chosen(count) {
        en: "The pick is the best of {count} contenders on this very window; what that choice flatters is taken off its lower limits.",
        fr: "Le candidat retenu est le meilleur de {count} sur cette même fenêtre ; l’avantage de ce choix est retiré de ses bornes inférieures.",
    }
    short(days) {
        en: "Only {days} days were judged: the intervals carry what differs between days, not what differs between months.",
        fr: "Seuls {days} jours ont été jugés : les intervalles reflètent les écarts entre jours, pas entre mois.",
    }
    short_one() {
        en: "Only one day was judged: the intervals carry what differs within it, not what differs between days.",
        fr: "Un seul jour a été jugé : les intervalles reflètent les écarts au sein de ce jour, pas entre jours.",
    }
    unfound() {
        en: "Incidents that nobody has found are in no label: what the rule and every detector miss alike does not show here.",
        fr: "Les incidents que personne n’a trouvés ne sont dans aucune étiquette : ce que la règle et tous les détecteurs manquent n’apparaît pas ici.",
    }
} }

section!("caveats", Body, |view| Some(Say(view.language).heading()), render);

fn render(view: &View<'_>) -> Option<Markup> {
    let say = Say(view.language);
    let evaluation = &view.evaluation;
    let known = |code: &str| evaluation.caveats.iter().any(|caveat| caveat.code.contains(code));
    let days = evaluation.judged_days;
    let among = evaluation.pick.as_ref().map_or(0, |pick| pick.among);
    Some(html! {
        ul.plain {
            @for caveat in &evaluation.caveats { li { (markup::sentence(view, &caveat.message)) } }
            @if days > 0.0 && days < 28.0 && !known("days") { li { (if days < 1.5 { say.short_one() } else { say.short(view.numbers.count(days)) }) } }
            @if among > 1 && !known("choice") { li { (say.chosen(view.numbers.integer(among))) } }
            @if view.manifest.judged_opened > 1 && !known("opened") { li { (say.opened(view.manifest.judged_opened)) } }
            @if view.has_labels() { li { (say.unfound()) } }
        }
    })
}
