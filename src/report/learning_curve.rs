//! Whether more training days would help.

use super::{
    figure,
    study::{differ, section, told},
    view::View,
};
use crate::evaluate::study::{Study, StudyPoint, StudyValue};

phrases! { Say {
    heading() { en: "Would more training days help?", fr: "Plus de jours d’apprentissage aideraient-ils ?" }
    grows(pick, all, most, least, few) {
        en: "Having learned from {all} days {pick} gives {most}; from {least} days only, {few}.",
        fr: "Après {all} jours d’apprentissage, {pick} donne {most} ; après {least} jours seulement, {few}.",
    }
    grows_from_one(pick, all, most, few) {
        en: "Having learned from {all} days {pick} gives {most}; from one day only, {few}.",
        fr: "Après {all} jours d’apprentissage, {pick} donne {most} ; après un seul jour, {few}.",
    }
    flat() {
        en: "Between the last two points nothing changes beyond noise: more days would rather not help.",
        fr: "Entre les deux derniers points, rien ne change au-delà du bruit : plus de jours n’aideraient sans doute pas.",
    }
    slope() {
        en: "The curve still moves at its end: more days would change the result.",
        fr: "La courbe bouge encore à sa fin : plus de jours changeraient le résultat.",
    }
} }

section!(
    "learning-curve",
    Body,
    |view| view.studies.as_ref()?.get("learning_curve").map(|_| Say(view.language).heading()),
    render
);

fn render(view: &View<'_>) -> Option<maud::Markup> {
    section(view, "learning_curve", figure::LEARNING_CURVE, sentences)
}

fn sentences(view: &View<'_>, _: &Study, points: &[(&StudyPoint, &StudyValue)]) -> Option<String> {
    let say = Say(view.language);
    let [first, .., before, last] = points else { return None };
    let (pick, most, few) = (view.title_of(&last.1.contender), told(view, last.1), told(view, first.1));
    let grows = match first.0.label.as_str() {
        "1" => say.grows_from_one(pick, &last.0.label, most, few),
        least => say.grows(pick, &last.0.label, most, least, few),
    };
    let end = if differ(before.1, last.1) { say.slope() } else { say.flat() };
    Some(format!("{grows} {end}"))
}
