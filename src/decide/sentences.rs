//! The words of a decision: one sentence that says why, and what to do next. They never claim more than the judged criteria.

use super::{Decision, Direction, Judged, Reason, Standing, Verdict, metrics::metric};
use crate::evaluate::{Evaluation, FIELD_PREFIX};

/// Why, in one sentence, and what to do next, in the order of use.
pub(super) fn sentences(evaluation: &Evaluation, decision: &Decision) -> (String, Vec<String>) {
    let pick = decision.pick.as_deref().unwrap_or("the detector");
    match decision.reason {
        Reason::AllMet => (
            format!("{pick} meets every criterion: {}.", list(&decision.criteria, Standing::Met)),
            vec![format!("Put {pick} into service beside the current rule, and compare both again after four weeks.")],
        ),
        Reason::CriterionNotMet => (
            format!("{pick} does not meet {}.", list(&decision.criteria, Standing::NotMet)),
            vec!["Stop here, or change the fields and measure again: a clear no is a good result.".into()],
        ),
        Reason::FieldDoesAsWell => field(evaluation, decision),
        Reason::FieldsNotCompared => (
            format!(
                "{pick} meets every criterion, but the review does not cover the single fields, so a rule on one of them may do as well."
            ),
            vec!["Draw a sheet with them: `gonogo review --fields`.".into()],
        ),
        Reason::NotBetterThanRandom => not_better(evaluation, decision, pick),
        Reason::NotSettled => not_settled(decision, pick),
        Reason::NoLabels => no_labels(evaluation, decision),
        Reason::NoCriteria => (
            "The experiment has no criteria, so there is nothing to decide by.".into(),
            vec!["Write down under `decision` what must be shown for a GO, before the next run.".into()],
        ),
        Reason::NoIncidents if evaluation.review.is_some() => (
            "The review found no attack, so nothing can be said about what would be missed.".into(),
            vec!["Read more: `gonogo review` draws the next sheet. Or choose a window with known incidents.".into()],
        ),
        Reason::NoIncidents => (
            "There is no labelled incident in the judged part, so nothing can be said about what would be missed.".into(),
            vec!["Choose a window with incidents, or add replayed and red-team incidents to `labels`.".into()],
        ),
        Reason::NoBaseline => (
            "The criteria compare with the current rule, and the experiment has no `baseline`.".into(),
            vec!["Describe the current rule under `baseline`.".into()],
        ),
        Reason::NoContender => no_contender(evaluation),
    }
}

fn field(evaluation: &Evaluation, decision: &Decision) -> (String, Vec<String>) {
    let name = evaluation.best_field.as_deref().unwrap_or_default().trim_start_matches(FIELD_PREFIX);
    let pick = decision.pick.as_deref().and_then(|id| evaluation.contender(id)).and_then(|c| c.better_than_field.as_ref());
    let margin = pick.map_or(String::new(), |difference| match (difference.low, difference.high) {
        (Some(low), Some(high)) => {
            format!(" (difference in incidents caught: {} points, {} to {})", points(difference.value), points(low), points(high))
        }
        _ => String::new(),
    });
    let rule = decision.rule.clone().unwrap_or_else(|| name.to_owned());
    (
        format!("A rule on `{name}` alone meets every criterion, and no detector is better than it beyond noise{margin}."),
        vec![format!("Write the rule `{rule}` and measure it as the new `baseline`: that is a standard solution.")],
    )
}

fn not_better(evaluation: &Evaluation, decision: &Decision, pick: &str) -> (String, Vec<String>) {
    let difference = evaluation.contender(pick).and_then(|c| c.better_than_random.as_ref());
    let margin = difference.map_or(String::new(), |d| match (d.low, d.high) {
        (Some(low), Some(high)) => {
            format!(": the difference in incidents caught is {} points, {} to {}", points(d.value), points(low), points(high))
        }
        _ => String::new(),
    });
    let mut because = format!("{pick} is not better than a random choice beyond noise{margin}.");
    if decision.verdict == Verdict::NoGo {
        let violated = list(&decision.criteria, Standing::NotMet);
        if violated.is_empty() {
            because.push_str(" A random choice meets the criteria too.");
        } else {
            because.push_str(&format!(" It does not meet {violated}."));
        }
        return (because, vec!["Change the fields or the question: these detectors do not see these incidents.".into()]);
    }
    let incidents = evaluation.incidents;
    let there = if incidents == 1 { "there is 1".to_owned() } else { format!("there are {incidents}") };
    (because, vec![format!("Judge a window with more incidents ({there}), or a smaller budget.")])
}

fn not_settled(decision: &Decision, pick: &str) -> (String, Vec<String>) {
    let open: Vec<&Judged> = decision.criteria.iter().filter(|judged| judged.standing == Standing::Open).collect();
    let names = list(&decision.criteria, Standing::Open);
    let verb = if open.len() == 1 { "is" } else { "are" };
    let first = open.first().and_then(|judged| judged.needs.as_deref()).map_or(String::new(), |needs| format!(": {needs}"));
    let because = match open.as_slice() {
        [_] => format!("{pick} leaves open {names}{first}."),
        _ => format!("{pick} leaves open {names}, which {verb} not settled."),
    };
    let next = open.iter().filter_map(|judged| judged.needs.as_ref().map(|needs| format!("{}: {needs}.", asked(judged)))).collect();
    (because, next)
}

fn no_labels(evaluation: &Evaluation, decision: &Decision) -> (String, Vec<String>) {
    let because = match &evaluation.labels {
        None => "There are no labels, so no alert can be called false and nothing can be decided yet.".to_owned(),
        Some(labels) => format!(
            "{} of {} judged units have no label, so the false alerts cannot be counted and nothing can be decided yet.",
            labels.none,
            labels.none + labels.true_positive + labels.benign_true_positive + labels.false_positive
        ),
    };
    let mut next = vec![
        "Draw a review sheet with `gonogo review`, have it read, and bring it back with `gonogo review --import FILE`; or name a label file under \
         `labels` in the experiment."
            .to_owned(),
    ];
    if decision.criteria_hash == empty_hash() {
        next.push("Write down under `decision` what must be shown for a GO.".into());
    }
    (because, next)
}

/// The SHA-256 of nothing: there are no criteria.
fn empty_hash() -> &'static str {
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
}

fn no_contender(evaluation: &Evaluation) -> (String, Vec<String>) {
    let why =
        evaluation.contenders.iter().filter_map(|c| c.reason.as_ref().map(|reason| format!("{}: {reason}", c.id))).collect::<Vec<_>>();
    let because =
        if why.is_empty() { "No detector gave scores.".to_owned() } else { format!("No detector gave scores ({}).", why.join("; ")) };
    (because, vec!["Correct the parameters of the detectors that failed, or add others under `algorithms`.".into()])
}

/// The criteria that stand so, with what was measured: `recall_kept >= 0.90 (0.97, 0.91 to 1.00)`.
fn list(criteria: &[Judged], standing: Standing) -> String {
    let found: Vec<String> = criteria.iter().filter(|judged| judged.standing == standing).map(measured).collect();
    match found.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
    }
}

fn asked(judged: &Judged) -> String {
    let sign = match judged.direction {
        Direction::AtLeast => ">=",
        Direction::AtMost => "<=",
    };
    format!("{} {sign} {}", judged.metric, number(&judged.metric, judged.limit))
}

fn measured(judged: &Judged) -> String {
    let name = &judged.metric;
    match (judged.value, judged.low, judged.high) {
        (Some(value), Some(low), Some(high)) if low < high => {
            format!("{} (measured {}, {} to {})", asked(judged), number(name, value), number(name, low), number(name, high))
        }
        (Some(value), ..) => format!("{} (measured {})", asked(judged), number(name, value)),
        _ => format!("{} (not measured)", asked(judged)),
    }
}

/// Two decimals for shares, whole numbers from 100 on, one decimal between; no decimals that are zero.
fn number(name: &str, value: f64) -> String {
    let share = metric(name).is_some_and(|metric| metric.unit == "share");
    let text = match value.abs() {
        _ if share => format!("{value:.2}"),
        size if size >= 100.0 => format!("{value:.0}"),
        _ => format!("{value:.1}"),
    };
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

/// A difference of shares in points of a hundred, with its sign.
fn points(share: f64) -> String {
    let points = (share * 100.0).round();
    if points == 0.0 { "0".to_owned() } else { format!("{points:+.0}") }
}
