//! The verdict: only the pick is judged, and a control that does as well turns it down.

use sha2::{Digest, Sha256};

use super::{
    Decision, Judged, Reason, Standing, Verdict,
    judge::{Settling, judge},
    metrics::{Context, metric},
    sentences,
};
use crate::{
    cost::CostReport,
    evaluate::{Estimate, Evaluation, FIELD_PREFIX, Kind, Measured, Point, Status},
    spec,
    text::Said,
};

/// The version of `decision.json`.
pub const SCHEMA_VERSION: u32 = 1;

/// Judges the pick by the criteria, and the controls by the same.
///
/// - GO: the pick meets every criterion, catches more than `random` beyond noise, and no control does as well.
/// - NO-GO: the pick violates a criterion, or a control does as well: it meets every criterion, and nothing is better than it beyond noise.
/// - INCONCLUSIVE: otherwise, and wherever the question cannot be put (no labels, no criteria, no incidents, no baseline, no contender).
pub fn decide(evaluation: &Evaluation, cost: Option<&CostReport>, decision: Option<&spec::Decision>) -> Decision {
    let criteria = decision.map_or(&[][..], |decision| &decision.require);
    let mut result = Decision {
        schema_version: SCHEMA_VERSION,
        verdict: Verdict::Inconclusive,
        reason: Reason::NotSettled,
        pick: evaluation.pick.as_ref().map(|pick| pick.id.clone()),
        criteria: Vec::new(),
        controls: Vec::new(),
        rule: None,
        field_rule: None,
        because: Said::default(),
        next: Vec::new(),
        criteria_hash: criteria_hash(decision),
    };
    let context = Context { incidents: evaluation.incidents, cost };
    let settling = Settling { confidence: evaluation.confidence, days: evaluation.judged_days, review: evaluation.review.is_some() };
    let judge_all = |contender: &str, point: &Point| -> Vec<Judged> {
        criteria.iter().map(|criterion| judge(criterion, contender, point, &context, &settling)).collect()
    };
    if let Some(pick) = &evaluation.pick {
        result.criteria = judge_all(&pick.id, &pick.budget);
        for control in controls(evaluation) {
            // Money is counted for the pick: for a control it would be another report.
            let Some(point) = &control.budget else { continue };
            result.controls.extend(judge_all(&control.id, point).into_iter().filter(|judged| !is_money(judged)));
        }
    }
    (result.verdict, result.reason) = match obstacle(evaluation, criteria) {
        Some(reason) => (Verdict::Inconclusive, reason),
        None => verdict(evaluation, &result),
    };
    if result.reason == Reason::FieldDoesAsWell {
        result.rule = evaluation.best_field.as_deref().and_then(|id| rule(evaluation, id));
    }
    (result.because, result.next) = sentences::sentences(evaluation, &result);
    result
}

/// Judges the criteria, but for those on money, by another of the pick's points. At a budget that was not judged the bias of the choice is not
/// taken off.
pub fn judged_at(evaluation: &Evaluation, decision: &spec::Decision, point: &Point) -> Vec<Judged> {
    let context = Context { incidents: evaluation.incidents, cost: None };
    let settling = Settling { confidence: evaluation.confidence, days: evaluation.judged_days, review: evaluation.review.is_some() };
    let pick = evaluation.pick.as_ref().map_or("", |pick| pick.id.as_str());
    let all = decision.require.iter().map(|criterion| judge(criterion, pick, point, &context, &settling));
    all.filter(|judged| !is_money(judged)).collect()
}

/// Why the question cannot be put at all.
fn obstacle(evaluation: &Evaluation, criteria: &[spec::Criterion]) -> Option<Reason> {
    let scored = |c: &Measured| matches!(c.kind, Kind::Detector | Kind::Ensemble) && c.outcome == Status::Scored;
    if !evaluation.contenders.iter().any(scored) {
        return Some(Reason::NoContender);
    }
    if evaluation.review.is_none() && evaluation.labels.as_ref().is_none_or(|labels| !labels.complete) {
        return Some(Reason::NoLabels);
    }
    if criteria.is_empty() {
        return Some(Reason::NoCriteria);
    }
    if evaluation.incidents == 0 {
        return Some(Reason::NoIncidents);
    }
    if evaluation.baseline().is_none() && criteria.iter().any(|c| metric(&c.metric).is_some_and(|m| m.needs_baseline)) {
        return Some(Reason::NoBaseline);
    }
    evaluation.pick.is_none().then_some(Reason::NoContender)
}

fn verdict(evaluation: &Evaluation, result: &Decision) -> (Verdict, Reason) {
    let violated = result.criteria.iter().any(|judged| judged.standing == Standing::NotMet);
    let met = result.criteria.iter().all(|judged| judged.standing == Standing::Met);
    let better_than_random = beats_random(evaluation);
    if field_does_as_well(evaluation, &result.controls) {
        return (Verdict::NoGo, Reason::FieldDoesAsWell);
    }
    if !better_than_random && meets_all(&result.controls, |id| id == "random") {
        return (Verdict::NoGo, Reason::NotBetterThanRandom);
    }
    match (violated, better_than_random, met) {
        (true, true, _) => (Verdict::NoGo, Reason::CriterionNotMet),
        (true, false, _) => (Verdict::NoGo, Reason::NotBetterThanRandom),
        (false, false, _) => (Verdict::Inconclusive, Reason::NotBetterThanRandom),
        (false, true, true) if evaluation.review.is_some() && evaluation.best_field.is_none() => {
            (Verdict::Inconclusive, Reason::FieldsNotCompared)
        }
        (false, true, true) => (Verdict::Go, Reason::AllMet),
        (false, true, false) => (Verdict::Inconclusive, Reason::NotSettled),
    }
}

/// Whether the pick catches more than chance, beyond noise; without a random control nothing can be held against it. A review may find too little
/// to tell, and then it does not.
fn beats_random(evaluation: &Evaluation) -> bool {
    let pick = evaluation.pick.as_ref().and_then(|pick| evaluation.contender(&pick.id));
    match pick.and_then(|pick| pick.better_than_random.as_ref()) {
        Some(difference) => above_zero(Some(difference)),
        None => evaluation.review.is_none(),
    }
}

/// Whether the best field meets every criterion, and nothing is better than it beyond noise.
///
/// Better is a higher share of incidents caught. With `policy: threshold` fewer false alerts count too; with `policy: top` their number is
/// fixed by the budget, whoever ranks. The caller sees that from the intervals: a difference is only there where both could be compared.
fn field_does_as_well(evaluation: &Evaluation, controls: &[Judged]) -> bool {
    let Some(field) = evaluation.best_field.as_deref() else { return false };
    if !meets_all(controls, |id| id == field) {
        return false;
    }
    let pick = evaluation.pick.as_ref();
    // The pick's difference carries the bias of its own choice; the others were not chosen.
    let better = |contender: &Measured| {
        let difference = match pick {
            Some(pick) if pick.id == contender.id => pick.better_than_field.as_ref(),
            _ => contender.better_than_field.as_ref(),
        };
        above_zero(difference) || fewer_at_no_loss(contender, evaluation.contender(field))
    };
    !evaluation.contenders.iter().filter(|c| matches!(c.kind, Kind::Detector | Kind::Ensemble)).any(better)
}

/// Whether a contender opens fewer cases than the field, with fewer false ones beyond noise, and catches as much.
fn fewer_at_no_loss(contender: &Measured, field: Option<&Measured>) -> bool {
    let alerts = |m: &Measured| m.budget.as_ref().map_or(0, |point| point.alerts);
    above_zero(contender.fewer_false_than_field.as_ref())
        && field.is_some_and(|field| alerts(contender) < alerts(field))
        && contender.better_than_field.as_ref().is_some_and(|difference| difference.value >= 0.0)
}

fn above_zero(difference: Option<&Estimate>) -> bool {
    difference.and_then(|difference| difference.low).is_some_and(|low| low > 0.0)
}

fn meets_all(controls: &[Judged], is: impl Fn(&str) -> bool) -> bool {
    let mut own = controls.iter().filter(|judged| is(&judged.contender)).peekable();
    own.peek().is_some() && own.all(|judged| judged.standing == Standing::Met)
}

fn controls(evaluation: &Evaluation) -> impl Iterator<Item = &Measured> {
    evaluation.contenders.iter().filter(|contender| contender.kind == Kind::Control)
}

fn is_money(judged: &Judged) -> bool {
    metric(&judged.metric).is_some_and(|metric| metric.needs_cost)
}

/// The field as a rule, in the units of its scaled scores: who knows the scaling translates it.
fn rule(evaluation: &Evaluation, id: &str) -> Option<String> {
    let threshold = evaluation.contender(id)?.threshold?;
    Some(format!("{} >= {threshold:.4} (scaled)", id.strip_prefix(FIELD_PREFIX).unwrap_or(id)))
}

/// SHA-256 of the criteria as JSON, so that moved goalposts show.
fn criteria_hash(decision: Option<&spec::Decision>) -> String {
    let text = decision.and_then(|decision| serde_json::to_string(decision).ok()).unwrap_or_default();
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}
