//! Whether the result hangs on a parameter.

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
    heading() { en: "Does it hang on a parameter?", fr: "Le résultat dépend-il d’un paramètre ?" }
    varied(pick, parameter, half, same, double) {
        en: "With its main parameter ({parameter}) halved {pick} gives {half}, as it is {same}, doubled {double}.",
        fr: "Avec son paramètre principal ({parameter}) divisé par deux, {pick} donne {half} ; tel quel, {same} ; doublé, {double}.",
    }
    steady() { en: "None of it differs beyond noise.", fr: "Rien ne diffère au-delà du bruit." }
    hangs() {
        en: "That differs beyond noise: treat the figures as those of this setting, and do not choose it by this window.",
        fr: "L’écart dépasse le bruit : lisez les chiffres comme ceux de ce réglage, et ne le choisissez pas d’après cette fenêtre.",
    }
} }

section!(
    "sensitivity",
    Body,
    |view| view.studies.as_ref()?.get("sensitivity").map(|_| Say(view.language).heading()),
    render
);

fn render(view: &View<'_>) -> Option<maud::Markup> {
    section(view, "sensitivity", figure::SENSITIVITY, sentences)
}

fn sentences(view: &View<'_>, study: &Study, points: &[(&StudyPoint, &StudyValue)]) -> Option<String> {
    let say = Say(view.language);
    let [(_, half), (_, same), (_, double)] = points else { return None };
    let prefix = format!("{}: ", same.contender);
    let parameter = study.about.iter().find_map(|words| words.strip_prefix(&prefix)).unwrap_or("—");
    let parameter = visible_within(parameter, 60).into_owned();
    let first = say.varied(view.title_of(&same.contender), parameter, told(view, half), told(view, same), told(view, double));
    let second = if differ(half, same) || differ(double, same) { say.hangs() } else { say.steady() };
    Some(format!("{first} {second}"))
}
