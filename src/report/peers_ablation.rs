//! What the fields that know the mass of users are worth.

use super::{
    figure,
    study::{differ, section, told},
    view::View,
};
use crate::{
    evaluate::study::{Study, StudyPoint, StudyValue},
    text::visible_within,
};

phrases! { Say {
    heading() { en: "What does knowing the mass of users save?", fr: "Que rapporte la connaissance de la masse des utilisateurs ?" }
    without(pick, fields, with, without) {
        en: "With the fields that know what other users do ({fields}) {pick} gives {with}; without them, at the same budget, {without}.",
        fr: "Avec les champs qui savent ce que font les autres utilisateurs ({fields}), {pick} donne {with} ; sans eux, au même budget, {without}.",
    }
    saves(count, with, without) {
        en: "To catch as many incidents as the current rule it takes {with} false alerts a week with them and {without} without: they save {count} in this window, a figure that no interval holds.",
        fr: "Pour détecter autant d’incidents que la règle actuelle, il faut {with} fausses alertes par semaine avec eux et {without} sans : ils en évitent {count} dans cette fenêtre, un chiffre sans intervalle.",
    }
    costs(count, with, without) {
        en: "To catch as many incidents as the current rule it takes {with} false alerts a week with them and {without} without: they cost {count} in this window, a figure that no interval holds.",
        fr: "Pour détecter autant d’incidents que la règle actuelle, il faut {with} fausses alertes par semaine avec eux et {without} sans : ils en coûtent {count} dans cette fenêtre, un chiffre sans intervalle.",
    }
    noise() { en: "The difference is within noise.", fr: "L’écart est dans le bruit." }
    beyond() { en: "The difference is beyond noise.", fr: "L’écart dépasse le bruit." }
} }

section!(
    "peers-ablation",
    Body,
    |view| view.studies.as_ref()?.get("peers_ablation").map(|_| Say(view.language).heading()),
    render
);

fn render(view: &View<'_>) -> Option<maud::Markup> {
    section(view, "peers_ablation", figure::PEERS_ABLATION, sentences)
}

fn sentences(view: &View<'_>, study: &Study, points: &[(&StudyPoint, &StudyValue)]) -> Option<String> {
    let say = Say(view.language);
    let [(_, with), (_, without)] = points else { return None };
    let fields = visible_within(&study.about.join(", "), 120).into_owned();
    let first = say.without(view.title_of(&with.contender), fields, told(view, with), told(view, without));
    let count = |value: f64| view.numbers.count(value);
    // Rounded first, so that what is shown of the difference is the difference of what is shown.
    let whole = |value: &StudyValue| value.false_alerts_at_equal_detection.map(f64::round);
    let second = match (whole(with), whole(without)) {
        (Some(a), Some(b)) if b >= a => say.saves(count(b - a), count(a), count(b)),
        (Some(a), Some(b)) => say.costs(count(a - b), count(a), count(b)),
        _ if differ(with, without) => say.beyond(),
        _ => say.noise(),
    };
    Some(format!("{first} {second}"))
}
