//! The verdict: one word, the advice, and two sentences from a fixed set. They never claim more than the criteria that were judged.

use maud::{Markup, html};

use super::{markup, metric, page, view::View};
use crate::{
    decide::{Judged, Reason, Standing, Verdict},
    text::visible_within,
};

phrases! { Say {
    advice_all_met() { en: "ready for the next phase", fr: "prêt pour la phase suivante" }
    advice_not_met() { en: "not good enough to continue", fr: "insuffisant pour continuer" }
    advice_field() { en: "write the simple rule instead", fr: "écrivez plutôt la règle simple" }
    advice_random() { en: "not shown better than chance", fr: "pas nettement mieux que le hasard" }
    advice_open() { en: "not enough evidence yet", fr: "pas encore assez de preuves" }
    advice_no_labels() { en: "label the alerts first", fr: "étiquetez d’abord les alertes" }
    advice_no_criteria() { en: "say what would convince you", fr: "dites ce qui vous convaincrait" }
    advice_no_incidents() { en: "no incident to judge by", fr: "aucun incident pour juger" }
    advice_no_baseline() { en: "nothing to compare it with", fr: "rien à quoi comparer" }
    advice_no_contender() { en: "no detector gave a result", fr: "aucun détecteur n’a abouti" }

    cut(pick, from, to, rate, change) {
        en: "{pick} would cut false alerts from {from} to {to}{rate} ({change})",
        fr: "{pick} ferait passer les fausses alertes de {from} à {to}{rate} ({change})",
    }
    raise(pick, from, to, rate, change) {
        en: "{pick} would raise false alerts from {from} to {to}{rate} ({change})",
        fr: "{pick} augmenterait les fausses alertes de {from} à {to}{rate} ({change})",
    }
    same(pick, to, rate) { en: "{pick} would leave false alerts at {to}{rate}", fr: "{pick} laisserait les fausses alertes à {to}{rate}" }
    alone(pick, to, rate) { en: "{pick} would raise {to} false alerts{rate}", fr: "{pick} lèverait {to} fausses alertes{rate}" }
    unlabelled(pick, to, rate) {
        en: "{pick} would raise {to} alerts{rate}; how many of them are false is not known.",
        fr: "{pick} lèverait {to} alertes{rate} ; on ignore combien sont fausses.",
    }
    unlabelled_against(pick, to, from, rate) {
        en: "{pick} would raise {to} alerts{rate} where the current rule raises {from}; how many of them are false is not known.",
        fr: "{pick} lèverait {to} alertes{rate}, la règle actuelle {from} ; on ignore combien sont fausses.",
    }
    no_pick() { en: "No detector can be recommended on these data.", fr: "Aucun détecteur ne peut être recommandé sur ces données." }
    catch(caught) { en: "catch {caught} incidents", fr: "détecterait {caught} incidents" }
    catch_one(caught) { en: "catch {caught} incident", fr: "détecterait {caught} incident" }
    catch_against(caught, rule) { en: "catch {caught} incidents (the current rule: {rule})", fr: "détecterait {caught} incidents (la règle actuelle : {rule})" }
    free(hours) { en: "free {hours} of analysts’ time a week", fr: "libérerait {hours} d’analyse par semaine" }
    take(hours) { en: "take {hours} more of analysts’ time a week", fr: "demanderait {hours} d’analyse de plus par semaine" }
    two(a, b) { en: "{a} and {b}.", fr: "{a} et {b}." }
    three(a, b, c) { en: "{a}, {b}, and {c}.", fr: "{a}, {b} et {c}." }

    all_met(count) {
        en: "It meets all {count} criteria over their whole intervals, and neither chance nor a rule on one field does as well.",
        fr: "Les {count} critères sont atteints sur tout leur intervalle, et ni le hasard ni une règle sur un seul champ ne fait aussi bien.",
    }
    one_met() {
        en: "It meets the one criterion over its whole interval, and neither chance nor a rule on one field does as well.",
        fr: "Le seul critère est atteint sur tout son intervalle, et ni le hasard ni une règle sur un seul champ ne fait aussi bien.",
    }
    not_met(name, measured, asked) { en: "“{name}” is not met: {measured} where {asked} was asked", fr: "« {name} » n’est pas atteint : {measured} pour {asked} demandé" }
    not_settled(name, measured, asked) { en: "“{name}” is not settled: {measured} where {asked} was asked", fr: "« {name} » n’est pas tranché : {measured} pour {asked} demandé" }
    not_measured(name, asked) { en: "“{name}” ({asked}) could not be measured", fr: "« {name} » ({asked}) n’a pas pu être mesuré" }
    others(count) { en: "{count} further criteria are not met either", fr: "{count} autres critères ne le sont pas non plus" }
    other() { en: "one further criterion is not met either", fr: "un autre critère ne l’est pas non plus" }
    others_open(count) { en: "{count} further criteria are not settled either", fr: "{count} autres critères ne sont pas tranchés non plus" }
    other_open() { en: "one further criterion is not settled either", fr: "un autre critère n’est pas tranché non plus" }
    field() { en: "A rule on one field does as well and needs no machine learning:", fr: "Une règle sur un seul champ fait aussi bien, sans apprentissage automatique :" }
    field_unnamed() { en: "A rule on one field does as well and needs no machine learning.", fr: "Une règle sur un seul champ fait aussi bien, sans apprentissage automatique." }
    random() { en: "What it catches is not more than picking alerts at random would, beyond noise.", fr: "Ce qu’il détecte ne dépasse pas un tirage au hasard, au bruit près." }
    no_labels() {
        en: "Without labels nothing can be decided yet: have the alerts read, then judge the same run again.",
        fr: "Sans étiquettes, rien ne peut encore être décidé : faites lire les alertes, puis jugez à nouveau la même exécution.",
    }
    some_labels(count) {
        en: "{count} of the judged units have no label, so nothing can be decided yet: have the alerts read, then judge the same run again.",
        fr: "{count} unités jugées n’ont pas d’étiquette, rien ne peut donc encore être décidé : faites lire les alertes, puis jugez à nouveau la même exécution.",
    }
    it() { en: "it ", fr: "" }
    no_criteria() {
        en: "Nothing was asked of it, so there is nothing to judge by: write the criteria down before the next run.",
        fr: "Rien n’a été demandé, il n’y a donc rien à juger : écrivez les critères avant la prochaine exécution.",
    }
    no_incidents() {
        en: "There is no incident in the judged part, so nobody can tell what would be missed.",
        fr: "La partie jugée ne contient aucun incident : on ne peut pas dire ce qui serait manqué.",
    }
    none_found() {
        en: "The review found no attack, so nobody can tell what would be missed.",
        fr: "La relecture n’a trouvé aucune attaque : on ne peut pas dire ce qui serait manqué.",
    }
    fields_not_compared() {
        en: "It meets every criterion, but the review does not cover the single fields: a rule on one of them may do as well.",
        fr: "Tous les critères sont atteints, mais la relecture ne couvre pas les champs isolés : une règle sur l’un d’eux fait peut-être aussi bien.",
    }
    no_baseline() {
        en: "There is no current rule in the experiment, so no gain can be stated: describe the rule in place today.",
        fr: "L’expérience ne décrit pas la règle actuelle, aucun gain ne peut donc être énoncé : décrivez la règle en place.",
    }
    no_contender() {
        en: "Every detector failed or was skipped; the reasons are in the table below.",
        fr: "Tous les détecteurs ont échoué ou ont été ignorés ; les raisons figurent dans le tableau ci-dessous.",
    }
} }

/// The advice beside the word.
pub(super) fn advice(view: &View<'_>) -> String {
    let say = Say(view.language);
    match view.decision.reason {
        Reason::AllMet => say.advice_all_met(),
        Reason::CriterionNotMet => say.advice_not_met(),
        Reason::FieldDoesAsWell => say.advice_field(),
        Reason::FieldsNotCompared => say.advice_open(),
        Reason::NotBetterThanRandom => say.advice_random(),
        Reason::NotSettled => say.advice_open(),
        Reason::NoLabels => say.advice_no_labels(),
        Reason::NoCriteria => say.advice_no_criteria(),
        Reason::NoIncidents => say.advice_no_incidents(),
        Reason::NoBaseline => say.advice_no_baseline(),
        Reason::NoContender => say.advice_no_contender(),
    }
}

/// The first sentence: what the pick would change, always with the incidents beside the alerts.
pub(super) fn gain(view: &View<'_>) -> String {
    let say = Say(view.language);
    let numbers = view.numbers;
    let Some((pick, point)) = view.pick() else { return say.no_pick() };
    let name = view.title(pick);
    let (rule, rate) = (view.baseline_point(), view.rate());
    if !view.has_labels() {
        let now = numbers.count(view.alerts(point));
        return match rule {
            Some(rule) => say.unlabelled_against(name, now, numbers.count(view.alerts(rule)), rate),
            None => say.unlabelled(name, now, rate),
        };
    }
    let after = point.false_alerts_per_week;
    let first = match rule.map(|rule| rule.false_alerts_per_week).filter(|before| *before > 0.0) {
        Some(before) if numbers.count(before) == numbers.count(after) => say.same(name, numbers.count(after), rate),
        Some(before) => {
            let change = numbers.signed_percent(after / before - 1.0);
            let (from, to) = (numbers.count(before), numbers.count(after));
            if after < before { say.cut(name, from, to, rate, change) } else { say.raise(name, from, to, rate, change) }
        }
        None => say.alone(name, numbers.count(after), rate),
    };
    let incidents = view.evaluation.incidents;
    let second = (incidents > 0).then(|| {
        let caught = numbers.of(point.incidents_caught, incidents);
        match rule {
            Some(rule) if rule.incidents_caught != point.incidents_caught => say.catch_against(caught, numbers.integer(rule.incidents_caught)),
            _ if incidents == 1 => say.catch_one(caught),
            _ => say.catch(caught),
        }
    });
    let third = view.cost.as_ref().filter(|_| view.is_costed(pick)).and_then(|cost| {
        let freed = cost.hours_per_week_freed.base;
        let hours = numbers.hours(freed.abs());
        (freed.abs() >= 0.5).then(|| if freed > 0.0 { say.free(hours) } else { say.take(hours) })
    });
    match (second, third) {
        (Some(second), Some(third)) => say.three(first, second, third),
        (Some(part), None) | (None, Some(part)) => say.two(first, part),
        (None, None) => format!("{first}."),
    }
}

fn with_interval(view: &View<'_>, judged: &Judged) -> Option<String> {
    let value = metric::measured(view, judged)?;
    Some(metric::interval(view, judged).map_or_else(|| value.clone(), |interval| format!("{value} ({interval})")))
}

/// The first criterion with a standing, in words, and how many others share it.
fn criterion(view: &View<'_>, wanted: Standing) -> Option<String> {
    let say = Say(view.language);
    let all: Vec<&Judged> = view.decision.criteria.iter().filter(|judged| judged.standing == wanted).collect();
    let first = all.first()?;
    let (name, asked) = (metric::name(view, &first.metric), metric::asked(view, first));
    let text = match (with_interval(view, first), wanted) {
        (Some(measured), Standing::NotMet) => say.not_met(name, measured, asked),
        (Some(measured), _) => say.not_settled(name, measured, asked),
        (None, _) => say.not_measured(name, asked),
    };
    let others = match (all.len() - 1, wanted) {
        (0, _) => None,
        (1, Standing::NotMet) => Some(say.other()),
        (n, Standing::NotMet) => Some(say.others(n)),
        (1, _) => Some(say.other_open()),
        (n, _) => Some(say.others_open(n)),
    };
    let semicolon = markup::Shared(view.language).semicolon();
    Some(match (others, first.needs.as_ref().filter(|_| wanted == Standing::Open)) {
        (Some(others), _) => format!("{text}{semicolon}{others}."),
        (None, Some(needs)) => {
            // What would settle it is a fragment: `takes at least 29 incidents`.
            let subject = if needs.en.starts_with("takes ") { say.it() } else { String::new() };
            format!("{text}{semicolon}{subject}{}.", visible_within(needs.told(view.language).trim_end_matches('.'), 260))
        }
        (None, None) => format!("{text}."),
    })
}

/// The second sentence: what decides.
pub(super) fn reason(view: &View<'_>) -> String {
    let say = Say(view.language);
    let decision = &view.decision;
    let fallback = || visible_within(&crate::text::sentence(decision.because.told(view.language)), 300).into_owned();
    match decision.reason {
        Reason::AllMet if decision.criteria.len() == 1 => say.one_met(),
        Reason::AllMet => say.all_met(decision.criteria.len()),
        Reason::CriterionNotMet => criterion(view, Standing::NotMet).unwrap_or_else(fallback),
        Reason::NotSettled => criterion(view, Standing::Open).unwrap_or_else(fallback),
        Reason::FieldDoesAsWell => match &decision.rule {
            Some(rule) => format!("{} `{}`.", say.field(), visible_within(rule, 120).replace('`', "'")),
            None => say.field_unnamed(),
        },
        Reason::FieldsNotCompared => say.fields_not_compared(),
        Reason::NotBetterThanRandom => say.random(),
        Reason::NoLabels => match &view.evaluation.labels {
            Some(labels) => say.some_labels(view.numbers.integer(labels.none)),
            None => say.no_labels(),
        },
        Reason::NoCriteria => say.no_criteria(),
        Reason::NoIncidents if view.evaluation.review.is_some() => say.none_found(),
        Reason::NoIncidents => say.no_incidents(),
        Reason::NoBaseline => say.no_baseline(),
        Reason::NoContender => say.no_contender(),
    }
}

section!("verdict", Front, |_| None, render);

fn render(view: &View<'_>) -> Option<Markup> {
    let verdict = view.decision.verdict;
    let class = match verdict {
        Verdict::Go => "go",
        Verdict::NoGo => "no-go",
        Verdict::Inconclusive => "inconclusive",
    };
    Some(html! {
        div.verdict.(class) {
            h1 { span.word { (page::word(view)) } " " span.advice { "— " (advice(view)) } }
            p { (gain(view)) " " (markup::code_words(&reason(view))) }
        }
    })
}
