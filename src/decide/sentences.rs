//! The words of a decision: one sentence that says why, and what to do next. They never claim more than the judged criteria.

use super::{Decision, Direction, Judged, Reason, Standing, Verdict, metrics::metric};
use crate::{
    evaluate::{Estimate, Evaluation, FIELD_PREFIX},
    said,
    text::{Numbers, Said, Shown},
};

/// Why, in one sentence, and what to do next, in the order of use.
pub(super) fn sentences(evaluation: &Evaluation, decision: &Decision) -> (Said, Vec<Said>) {
    let pick = decision.pick.as_deref().unwrap_or("the detector");
    match decision.reason {
        Reason::AllMet => (
            said!(en: "{pick} meets every criterion: {list}.", fr: "{pick} atteint tous les critères : {list}.", pick = pick, list = list(&decision.criteria, Standing::Met)),
            vec![said!(
                en: "Put {pick} into service beside the current rule, and compare both again after four weeks.",
                fr: "Mettez {pick} en service à côté de la règle actuelle, et comparez à nouveau les deux après quatre semaines.",
                pick = pick,
            )],
        ),
        Reason::CriterionNotMet => (
            said!(en: "{pick} does not meet {list}.", fr: "{pick} n’atteint pas {list}.", pick = pick, list = list(&decision.criteria, Standing::NotMet)),
            vec![said!(
                en: "Stop here, or change the fields and measure again: a clear no is a good result.",
                fr: "Arrêtez là, ou changez les champs et mesurez à nouveau : un non clair est un bon résultat.",
            )],
        ),
        Reason::FieldDoesAsWell => field(evaluation, decision),
        Reason::FieldsNotCompared => (
            said!(
                en: "{pick} meets every criterion, but the review does not cover the single fields, so a rule on one of them may do as well.",
                fr: "{pick} atteint tous les critères, mais la relecture ne couvre pas les champs seuls : une règle sur l’un d’eux fait peut-être aussi bien.",
                pick = pick,
            ),
            vec![said!(
                en: "Draw a sheet with them: `gonogo review --fields`.",
                fr: "Tirez une feuille avec eux : `gonogo review --fields`.",
            )],
        ),
        Reason::NotBetterThanRandom => not_better(evaluation, decision, pick),
        Reason::NotSettled => not_settled(decision, pick),
        Reason::NoLabels => no_labels(evaluation, decision),
        Reason::NoCriteria => (
            said!(
                en: "The experiment has no criteria, so there is nothing to decide by.",
                fr: "L’expérience n’a pas de critères, il n’y a donc rien pour décider.",
            ),
            vec![said!(
                en: "Write down under `decision` what must be shown for a GO, before the next run.",
                fr: "Écrivez sous `decision`, avant la prochaine exécution, ce qu’il faut montrer pour un GO.",
            )],
        ),
        Reason::NoIncidents if evaluation.review.is_some() => (
            said!(
                en: "The review found no attack among the alerts it read, so nothing can be said about what would be missed.",
                fr: "La relecture n’a trouvé aucune attaque parmi les alertes lues, on ne peut donc rien dire de ce qui serait manqué.",
            ),
            vec![said!(
                en: "Have more alerts read: `gonogo review` draws the next sheet.",
                fr: "Faites lire plus d’alertes : `gonogo review` tire la feuille suivante.",
            )],
        ),
        Reason::NoIncidents => (
            said!(
                en: "There is no labelled incident in the judged part, so nothing can be said about what would be missed.",
                fr: "La partie jugée ne contient aucun incident étiqueté, on ne peut donc rien dire de ce qui serait manqué.",
            ),
            vec![said!(
                en: "Choose a window with incidents, or add replayed and red-team incidents to `labels`.",
                fr: "Choisissez une fenêtre avec des incidents, ou ajoutez à `labels` des incidents rejoués ou d’équipe rouge.",
            )],
        ),
        Reason::NoBaseline => (
            said!(
                en: "The criteria compare with the current rule, and the experiment has no `baseline`.",
                fr: "Les critères comparent à la règle actuelle, et l’expérience n’a pas de `baseline`.",
            ),
            vec![said!(en: "Describe the current rule under `baseline`.", fr: "Décrivez la règle actuelle sous `baseline`.")],
        ),
        Reason::NoContender => no_contender(evaluation),
    }
}

/// A difference in points of a hundred between its limits: `-3 points, -9 to 4`.
fn margin(difference: Option<&Estimate>) -> Option<Said> {
    let difference = difference?;
    let (low, high) = difference.low.zip(difference.high)?;
    Some(said!(
        en: "{value} points, {low} to {high}",
        fr: "{value} points, {low} à {high}",
        value = points(difference.value),
        low = points(low),
        high = points(high),
    ))
}

fn field(evaluation: &Evaluation, decision: &Decision) -> (Said, Vec<Said>) {
    let name = evaluation.best_field.as_deref().unwrap_or_default().trim_start_matches(FIELD_PREFIX);
    let pick = decision.pick.as_deref().and_then(|id| evaluation.contender(id));
    let margin = margin(pick.and_then(|c| c.better_than_field.as_ref())).map_or_else(
        Said::default,
        |margin| said!(en: " (difference in incidents caught: {margin})", fr: " (écart d’incidents détectés : {margin})", margin = margin),
    );
    (
        said!(
            en: "A rule on `{name}` alone meets every criterion, and no detector is better than it beyond noise{margin}.",
            fr: "Une règle sur `{name}` seul atteint tous les critères, et aucun détecteur n’est meilleur au bruit près{margin}.",
            name = name,
            margin = margin,
        ),
        vec![said!(
            en: "Write the rule `{rule}` and measure it as the new `baseline`: that is a standard solution.",
            fr: "Écrivez la règle `{rule}` et mesurez-la comme nouvelle `baseline` : c’est une solution standard.",
            rule = decision.rule.as_deref().unwrap_or(name),
        )],
    )
}

fn not_better(evaluation: &Evaluation, decision: &Decision, pick: &str) -> (Said, Vec<Said>) {
    let difference = evaluation.contender(pick).and_then(|c| c.better_than_random.as_ref());
    let margin = margin(difference).map_or_else(Said::default, |margin| {
        said!(en: ": the difference in incidents caught is {margin}", fr: " : l’écart d’incidents détectés est de {margin}", margin = margin)
    });
    let because = said!(
        en: "{pick} is not better than a random choice beyond noise{margin}.",
        fr: "{pick} ne fait pas mieux qu’un choix au hasard, au bruit près{margin}.",
        pick = pick,
        margin = margin,
    );
    if decision.verdict == Verdict::NoGo {
        let violated = list(&decision.criteria, Standing::NotMet);
        let also = if violated.en.is_empty() {
            said!(en: "A random choice meets the criteria too.", fr: "Un choix au hasard atteint aussi les critères.")
        } else {
            said!(en: "It does not meet {violated}.", fr: "Il n’atteint pas {violated}.", violated = violated)
        };
        let next = said!(
            en: "Change the fields or the question: these detectors do not see these incidents.",
            fr: "Changez les champs ou la question : ces détecteurs ne voient pas ces incidents.",
        );
        return (Said::join(&[because, also], " "), vec![next]);
    }
    let there = match evaluation.incidents {
        1 => said!(en: "there is 1", fr: "il y en a 1"),
        n => said!(en: "there are {n}", fr: "il y en a {n}", n = n),
    };
    let next = said!(
        en: "Judge a window with more incidents ({there}), or a smaller budget.",
        fr: "Jugez une fenêtre avec plus d’incidents ({there}), ou un budget plus petit.",
        there = there,
    );
    (because, vec![next])
}

fn not_settled(decision: &Decision, pick: &str) -> (Said, Vec<Said>) {
    let open: Vec<&Judged> = decision.criteria.iter().filter(|judged| judged.standing == Standing::Open).collect();
    let names = list(&decision.criteria, Standing::Open);
    let because = match open.as_slice() {
        [one] => {
            let needs = one.needs.as_ref().map_or_else(Said::default, |needs| said!(en: ": {needs}", fr: " : {needs}", needs = needs));
            said!(en: "{pick} leaves open {names}{needs}.", fr: "{pick} laisse ouvert {names}{needs}.", pick = pick, names = names, needs = needs)
        }
        _ => said!(
            en: "{pick} leaves open {names}, which are not settled.",
            fr: "{pick} laisse ouverts {names}, qui ne sont pas tranchés.",
            pick = pick,
            names = names,
        ),
    };
    let next = |judged: &&Judged| {
        let needs = judged.needs.as_ref()?;
        Some(said!(en: "{asked}: {needs}.", fr: "{asked} : {needs}.", asked = asked(judged), needs = needs))
    };
    (because, open.iter().filter_map(next).collect())
}

fn no_labels(evaluation: &Evaluation, decision: &Decision) -> (Said, Vec<Said>) {
    let because = match &evaluation.labels {
        None => said!(
            en: "There are no labels, so no alert can be called false and nothing can be decided yet.",
            fr: "Il n’y a pas d’étiquettes : aucune alerte ne peut être dite fausse, et rien ne peut encore être décidé.",
        ),
        Some(labels) => said!(
            en: "{none} of {all} judged units have no label, so the false alerts cannot be counted and nothing can be decided yet.",
            fr: "{none} unités jugées sur {all} n’ont pas d’étiquette : les fausses alertes ne peuvent être comptées, et rien ne peut encore être décidé.",
            none = labels.none,
            all = labels.none + labels.true_positive + labels.benign_true_positive + labels.false_positive,
        ),
    };
    let mut next = vec![said!(
        en: "Draw a review sheet with `gonogo review`, have it read, and bring it back with `gonogo review --import FILE`; or name a label file under `labels` in the experiment.",
        fr: "Tirez une feuille de relecture avec `gonogo review`, faites-la lire, et rapportez-la avec `gonogo review --import FILE` ; ou nommez un fichier d’étiquettes sous `labels` dans l’expérience.",
    )];
    if decision.criteria_hash == empty_hash() {
        next.push(said!(
            en: "Write down under `decision` what must be shown for a GO.",
            fr: "Écrivez sous `decision` ce qu’il faut montrer pour un GO.",
        ));
    }
    (because, next)
}

/// The SHA-256 of nothing: there are no criteria.
fn empty_hash() -> &'static str {
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
}

fn no_contender(evaluation: &Evaluation) -> (Said, Vec<Said>) {
    let why =
        evaluation.contenders.iter().filter_map(|c| c.reason.as_ref().map(|reason| format!("{}: {reason}", c.id))).collect::<Vec<_>>();
    let because = if why.is_empty() {
        said!(en: "No detector gave scores.", fr: "Aucun détecteur n’a donné de scores.")
    } else {
        said!(en: "No detector gave scores ({why}).", fr: "Aucun détecteur n’a donné de scores ({why}).", why = why.join("; "))
    };
    let next = said!(
        en: "Correct the parameters of the detectors that failed, or add others under `algorithms`.",
        fr: "Corrigez les paramètres des détecteurs qui ont échoué, ou ajoutez-en d’autres sous `algorithms`.",
    );
    (because, vec![next])
}

/// The criteria that stand so, with what was measured: `recall_kept >= 0.90 (0.97, 0.91 to 1.00)`.
fn list(criteria: &[Judged], standing: Standing) -> Said {
    let found: Vec<Said> = criteria.iter().filter(|judged| judged.standing == standing).map(measured).collect();
    match found.as_slice() {
        [] => Said::default(),
        [one] => one.clone(),
        [rest @ .., last] => said!(en: "{rest} and {last}", fr: "{rest} et {last}", rest = Said::join(rest, ", "), last = last),
    }
}

fn asked(judged: &Judged) -> Said {
    let sign = match judged.direction {
        Direction::AtLeast => ">=",
        Direction::AtMost => "<=",
    };
    let limit = number(&judged.metric, judged.limit);
    said!(en: "{measure} {sign} {limit}", fr: "{measure} {sign} {limit}", measure = judged.metric, sign = sign, limit = limit)
}

fn measured(judged: &Judged) -> Said {
    let name = &judged.metric;
    let asked = asked(judged);
    match (judged.value, judged.low, judged.high) {
        (Some(value), Some(low), Some(high)) if low < high => said!(
            en: "{asked} (measured {value}, {low} to {high})",
            fr: "{asked} (mesuré {value}, {low} à {high})",
            asked = asked,
            value = number(name, value),
            low = number(name, low),
            high = number(name, high),
        ),
        (Some(value), ..) => {
            said!(en: "{asked} (measured {value})", fr: "{asked} (mesuré {value})", asked = asked, value = number(name, value))
        }
        _ => said!(en: "{asked} (not measured)", fr: "{asked} (non mesuré)", asked = asked),
    }
}

/// Two decimals for shares, whole numbers from 100 on, one decimal between; no decimals that are zero.
fn number(name: &str, value: f64) -> Shown<impl Fn(Numbers) -> String> {
    let share = metric(name).is_some_and(|metric| metric.unit == "share");
    let whole = value.abs() >= 100.0 || (value * 10.0).round() % 10.0 == 0.0;
    Shown(move |numbers: Numbers| numbers.decimal(value, if share { 2 } else { usize::from(!whole) }))
}

/// A difference of shares in points of a hundred, with its sign.
fn points(share: f64) -> Shown<impl Fn(Numbers) -> String> {
    Shown(move |numbers: Numbers| numbers.signed(share * 100.0))
}
