//! Whether other luck gives the same alerts.

use super::{figure, study::section, view::View};
use crate::evaluate::study::{Study, StudyPoint, StudyValue};

phrases! { Say {
    heading() { en: "Would other luck give the same alerts?", fr: "Un autre hasard donnerait-il les mêmes alertes ?" }
    overlap(pick, count, least, most) {
        en: "Over {count} other seeds and left-out days {pick} raises the same alerts to {least} at least, {most} at most.",
        fr: "Sur {count} autres graines et jours retirés, {pick} lève les mêmes alertes à {least} au moins, {most} au plus.",
    }
    caught(low, high, all) { en: "It catches {low} to {high} of {all} incidents.", fr: "Il détecte de {low} à {high} des {all} incidents." }
    diagnostic() {
        en: "That is a diagnostic: a detector that always raises the same alerts may always be wrong.",
        fr: "C’est un diagnostic : un détecteur qui lève toujours les mêmes alertes peut toujours se tromper.",
    }
} }

section!(
    "stability",
    Body,
    |view| view.studies.as_ref()?.get("stability").map(|_| Say(view.language).heading()),
    render
);

fn render(view: &View<'_>) -> Option<maud::Markup> {
    section(view, "stability", figure::STABILITY, sentences)
}

fn sentences(view: &View<'_>, _: &Study, points: &[(&StudyPoint, &StudyValue)]) -> Option<String> {
    let say = Say(view.language);
    let overlaps = || points.iter().filter_map(|(_, value)| value.overlap);
    let (least, most) = (overlaps().fold(f64::INFINITY, f64::min), overlaps().fold(0.0, f64::max));
    let first = points.first()?;
    let share = |value: f64| view.numbers.percent(value);
    let told = say.overlap(view.title_of(&first.1.contender), points.len(), share(least.min(most)), share(most));
    let counts = || points.iter().filter(|(_, value)| value.recall.is_some()).map(|(_, value)| value.incidents_caught);
    let second = match (counts().min(), counts().max()) {
        (Some(low), Some(high)) => say.caught(view.numbers.integer(low), view.numbers.integer(high), view.numbers.integer(view.evaluation.incidents)),
        _ => say.diagnostic(),
    };
    Some(format!("{told} {second}"))
}
