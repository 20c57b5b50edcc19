//! What the sections of all studies share: the pick's values, and how they are told.

use maud::{Markup, html};

use super::{figure::Maker, markup, view::View};
use crate::evaluate::study::{Study, StudyPoint, StudyValue};

phrases! { pub(super) Say {
    refused(why) { en: "This study could not be made: {why}.", fr: "Cette étude n’a pas pu être faite : {why}." }
    no_pick() { en: "No contender was picked: the chart shows all of them.", fr: "Aucun candidat n’a été retenu : le graphique les montre tous." }
    not_studied(pick) {
        en: "{pick} has too few points here to say anything of it: it has no such setting, or learned from too few days. The chart shows what there is.",
        fr: "{pick} a trop peu de points ici pour qu’on en dise quelque chose : il n’a pas ce réglage, ou a appris sur trop peu de jours. Le graphique montre ce qu’il y a.",
    }
    same(share) { en: "{share} of its alerts are the same", fr: "{share} de ses alertes sont les mêmes" }
    caught(count, interval) { en: "{count} incidents ({interval})", fr: "{count} incidents ({interval})" }
    caught_plain(count) { en: "{count} incidents", fr: "{count} incidents" }
} }

/// The pick's values at the points of a study, where it was made and there is a pick.
pub(super) fn of_pick<'a>(view: &'a View<'_>, study: &'a Study) -> Vec<(&'a StudyPoint, &'a StudyValue)> {
    view.pick_id().map(|id| study.of(id).collect()).unwrap_or_default()
}

/// What was caught, as a count with its interval; without incidents, how many alerts are the same as in the run.
pub(super) fn told(view: &View<'_>, value: &StudyValue) -> String {
    let say = Say(view.language);
    match &value.recall {
        Some(recall) => {
            let count = view.numbers.of(value.incidents_caught, view.evaluation.incidents);
            match recall.low.zip(recall.high) {
                Some((low, high)) => say.caught(count, view.numbers.percent_between(low, high)),
                None => say.caught_plain(count),
            }
        }
        None => say.same(value.overlap.map_or_else(|| "—".to_owned(), |share| view.numbers.percent(share))),
    }
}

/// Whether two values differ by more than either's interval allows.
pub(super) fn differ(one: &StudyValue, other: &StudyValue) -> bool {
    let outside = |a: &StudyValue, b: &StudyValue| {
        let (Some(a), Some(b)) = (&a.recall, &b.recall) else { return false };
        a.low.zip(a.high).is_some_and(|(low, high)| b.value < low || b.value > high)
    };
    outside(one, other) || outside(other, one)
}

/// What a layman reads of a study's points.
type Sentences = fn(&View<'_>, &Study, &[(&StudyPoint, &StudyValue)]) -> Option<String>;

/// A study's chart with its sentences; what was refused says why.
pub(super) fn section(view: &View<'_>, id: &str, chart: Maker, sentences: Sentences) -> Option<Markup> {
    let say = Say(view.language);
    let study = view.studies.as_ref()?.get(id)?;
    if let Some(why) = &study.refused {
        return Some(html! { p { (say.refused(crate::text::visible_within(why, 120))) } });
    }
    let points = of_pick(view, study);
    let text = sentences(view, study, &points)
        .unwrap_or_else(|| view.pick_id().map_or_else(|| say.no_pick(), |id| say.not_studied(view.title_of(id))));
    Some(html! {
        p.lead { (text) }
        @if let Some(chart) = markup::chart(view, chart) { (chart) }
    })
}
