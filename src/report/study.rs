//! What the sections of all studies share: the pick's values, and how they are told.

use maud::{Markup, html};

use super::{detectors::budget_period, figure::Maker, markup, view::View};
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
    at_budget(budget, period) {
        en: "To be alike, all points here open the {budget} highest alerts {period}; the run opens what reaches its threshold, and its own figures differ.",
        fr: "Pour être comparables, tous les points ouvrent ici les {budget} alertes les plus hautes {period} ; l’exécution ouvre ce qui atteint son seuil, et ses chiffres diffèrent.",
    }
    caught_plain(count) { en: "{count} incidents", fr: "{count} incidents" }
} }

/// The study that sets a threshold, whatever the run does; all others open the highest alerts of each period.
const OF_A_THRESHOLD: &str = "ageing";

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
        @if view.fixed_threshold() && id != OF_A_THRESHOLD {
            p.note { (say.at_budget(view.numbers.integer(view.evaluation.budget), budget_period(view))) }
        }
    })
}

#[cfg(test)]
mod tests {
    use crate::report::{fixture, page};

    #[test]
    fn a_study_without_the_pick_does_not_say_that_nothing_was_picked() {
        let none = "No contender was picked: the chart shows all of them.";
        let mut input = fixture::full();
        assert!(page(&input).contains("With its main parameter (clusters 12) halved"));
        let studies = &mut input.studies.as_mut().unwrap().studies;
        let sensitivity = studies.iter_mut().find(|study| study.id == "sensitivity").unwrap();
        sensitivity.points.iter_mut().for_each(|point| point.values.clear());
        let told = page(&input);
        assert!(told.contains("has too few points here") && !told.contains(none));
        (input.decision.pick, input.evaluation.pick) = (None, None);
        assert!(page(&input).contains(none));
    }

    #[test]
    fn what_is_shown_of_a_difference_is_the_difference_of_what_is_shown() {
        let mut input = fixture::full();
        let studies = &mut input.studies.as_mut().unwrap().studies;
        let ablation = studies.iter_mut().find(|study| study.id == "peers_ablation").unwrap();
        for (point, alerts) in ablation.points.iter_mut().zip([297.6, 276.4]) {
            point.values.iter_mut().for_each(|value| value.false_alerts_at_equal_detection = Some(alerts));
        }
        // 21.2 apart, and shown as 298 and 276.
        assert!(page(&input).contains("298 false alerts a week with them and 276 without: they cost 22 in this window"));
    }

    #[test]
    fn a_run_with_a_threshold_is_told_that_studies_compare_at_the_budget() {
        let told = "To be alike, all points here open the 20 highest alerts per day;";
        let mut input = fixture::full();
        assert!(!page(&input).contains(told));
        input.resolved.experiment.evaluate.alerts.policy = crate::spec::Policy::Threshold;
        // Learning curve, peers, parameter, stability: not ageing.
        assert_eq!(page(&input).matches(told).count(), 4);
    }

    #[test]
    fn the_busiest_day_is_named() {
        assert!(page(&fixture::full()).contains("raises 21 on the first day after, 19 on the last, 25 on the busiest."));
    }
}
