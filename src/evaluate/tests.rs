//! Hand-computed windows, and properties of every evaluation.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::{
    detect::{Outcome, ScoreColumn, Scored},
    spec::{Alerts, Criterion, Evaluate, Policy},
    units::{BudgetPeriod, Case, Disposition, Incident, Labels, RowKey},
};

mod chosen;
mod cuts;

const HOUR: i64 = 3_600_000_000;
const DAY: i64 = 24 * HOUR;
/// Monday 2026-03-02, midnight UTC.
const START: i64 = 1_772_409_600_000_000;

/// A part of hourly units: entity, day, hour; cases are entity and day. Units must be given by day.
pub(crate) fn part(entities: u32, days: u32, units: &[(u32, u32, u32)], attacks: &[(usize, u32)], complete: bool) -> Part {
    let mut keys: Vec<(u32, u32)> = units.iter().map(|&(e, d, _)| (d, e)).collect();
    keys.sort_unstable();
    keys.dedup();
    let case_of = units.iter().map(|&(e, d, _)| keys.binary_search(&(d, e)).unwrap() as u32).collect();
    let mut labels =
        Labels { complete, dispositions: vec![None; units.len()], incidents: Vec::new(), incidents_of: vec![Vec::new(); units.len()] };
    let mut names: Vec<u32> = attacks.iter().map(|a| a.1).collect();
    names.sort_unstable();
    names.dedup();
    let attacks: Vec<(usize, u32)> = attacks.iter().map(|&(unit, name)| (unit, names.binary_search(&name).unwrap() as u32)).collect();
    for &(unit, incident) in &attacks {
        labels.dispositions[unit] = Some(Disposition::TruePositive);
        labels.incidents_of[unit].push(incident);
    }
    for incident in 0..attacks.iter().map(|a| a.1 + 1).max().unwrap_or(0) {
        let first = attacks.iter().find(|a| a.1 == incident).map_or(0, |a| a.0);
        let (_, d, h) = units[first];
        labels.incidents.push(Incident {
            id: format!("i{incident}"),
            kind: None,
            start: START + i64::from(d) * DAY + i64::from(h) * HOUR + HOUR / 2,
        });
    }
    Part {
        rows: units.iter().map(|&(e, d, h)| RowKey { entity: Arc::from(format!("e{e}")), period: i64::from(d * 24 + h) }).collect(),
        starts: units.iter().map(|&(_, d, h)| START + i64::from(d) * DAY + i64::from(h) * HOUR).collect(),
        case_of,
        cases: keys.iter().map(|&(d, e)| Case { cluster: e, budget_period: d }).collect(),
        clusters: (0..entities).map(|e| format!("e{e}")).collect(),
        budget_periods: (0..days).map(|d| BudgetPeriod { start: START + i64::from(d) * DAY, days: 1.0 }).collect(),
        labels: Some(labels),
    }
}

pub(crate) fn column(id: &str, kind: Kind, training: &[f64], judged: &[f64]) -> ScoreColumn {
    let scored = Scored { training: training.to_vec(), judged: judged.to_vec(), ..Scored::default() };
    ScoreColumn { id: id.into(), kind, method: id.into(), outcome: Outcome::Scored(Box::new(scored)) }
}

pub(crate) fn table(training: &Part, judged: &Part, columns: Vec<ScoreColumn>) -> ScoreTable {
    ScoreTable { training: Arc::clone(&training.rows), judged: Arc::clone(&judged.rows), columns }
}

fn settings(budget: u64, policy: Policy) -> Evaluate {
    Evaluate { alerts: Alerts { budget: Some(budget), policy, ..Alerts::default() }, ..Evaluate::default() }
}

fn input<'a>(
    training: &'a Part,
    judged: &'a Part,
    scores: &'a ScoreTable,
    baseline: Option<(&'a [bool], &'a [bool])>,
    settings: &'a Evaluate,
) -> Input<'a> {
    Input {
        training,
        judged,
        in_sample: false,
        scores,
        baseline,
        baseline_title: "Rule",
        settings,
        decision: None,
        review: None,
        suppressed: None,
        seed: 1,
    }
}

/// Two days, three entities, one hour each, and a second hour of e0 on day 0; attacks: i0 = (e0, day 0, hour 1), i1 = (e2, day 1).
fn small() -> Part {
    part(3, 2, &[(0, 0, 0), (0, 0, 1), (1, 0, 0), (2, 0, 0), (0, 1, 0), (1, 1, 0), (2, 1, 0)], &[(1, 0), (6, 1)], true)
}

#[test]
fn the_budget_by_hand() {
    let (training, judged) = (small(), small());
    // Cases: day 0: e0 (0.9, its benign hour), e1 0.5, e2 0.1; day 1: e0 0.2, e1 0.8, e2 0.3.
    let scores = table(&training, &judged, vec![column("a", Kind::Detector, &[0.0; 7], &[0.9, 0.4, 0.5, 0.1, 0.2, 0.8, 0.3])]);
    let settings = settings(1, Policy::Top);
    let flags = [true, true, false, true, true, false, true];
    let input = input(&training, &judged, &scores, Some((&flags, &flags)), &settings);
    let found = evaluate(&input);
    assert_eq!((found.cases, found.incidents, found.judged_days, found.budget), (6, 2, 2.0, 1));
    // The baseline opens e0 and e2 on both days: four cases, two of them false, both incidents.
    let base = found.baseline().unwrap().budget.as_ref().unwrap();
    assert_eq!((base.alerts, base.false_alerts, base.true_alerts, base.incidents_caught), (4, 2, 2, 2));
    // The detector opens e0 on day 0 (its case holds i0) and e1 on day 1.
    let a = found.contender("a").unwrap();
    let point = a.budget.as_ref().unwrap();
    assert_eq!((point.alerts, point.false_alerts, point.true_alerts, point.incidents_caught), (2, 1, 1, 1));
    assert_eq!((point.alerts_per_day, point.false_alerts_per_week, point.precision), (1.0, 3.5, Some(0.5)));
    assert_eq!(point.fp_reduction.as_ref().unwrap().value, 0.5);
    assert_eq!(point.recall_kept.as_ref().unwrap().value, 0.5);
    assert_eq!((point.recall_kept.as_ref().unwrap().low, point.fp_reduction.as_ref().unwrap().low), (None, None));
    // i0 began half past one; its own unit (0.4) stays below the case's alert (0.9), the hour ends at two.
    assert_eq!(point.hours_to_alert, Some(0.5));
    // By one cut over the window: 0.9 (i0), 0.8, 0.5, 0.3 (i1): four alerts for both incidents, two of them false.
    let equal = a.equal_detection.as_ref().unwrap();
    assert_eq!((equal.alerts, equal.false_alerts, equal.incidents_caught), (4, 2, 2));
    assert_eq!(a.agreement, Some(1.0 / 5.0));
    assert_eq!(a.only_here, 1);
    assert_eq!(a.threshold, Some(0.8));
    assert_eq!(found.incident_list[0].caught_by, ["baseline", "a"]);
    assert_eq!(found.incident_list[1].caught_by, ["baseline"]);
    assert_eq!((found.incident_list[1].entity.as_str(), found.incident_list[1].units), ("e2", 1));
    assert!(found.caveats.iter().any(|c| c.code == "few-days" && c.message.contains("Monday, Tuesday")), "{:?}", found.caveats);
    assert!(found.caveats.iter().any(|c| c.code == "no-interval"));
    assert!(found.caveats.iter().any(|c| c.code == "contaminated-training"));
}

#[test]
fn the_threshold_is_fixed_on_the_training_part() {
    let (training, judged) = (small(), small());
    // Training: the two highest cases (one a day over two days) reach 0.7; of the judged cases three do.
    let columns = vec![column("a", Kind::Detector, &[0.1, 0.1, 0.7, 0.2, 0.3, 0.9, 0.1], &[0.9, 0.4, 0.7, 0.1, 0.2, 0.8, 0.3])];
    let scores = table(&training, &judged, columns);
    let settings = settings(1, Policy::Threshold);
    let input = input(&training, &judged, &scores, None, &settings);
    let found = evaluate(&input);
    let a = found.contender("a").unwrap();
    let point = a.budget.as_ref().unwrap();
    assert_eq!((a.threshold, point.alerts, point.alerts_per_day, point.alerts_per_day_max), (Some(0.7), 3, 1.5, 2.0));
    assert_eq!((point.fp_reduction.as_ref(), point.recall_kept.as_ref(), a.equal_detection.as_ref()), (None, None, None));
    assert_eq!(point.recall.as_ref().unwrap().value, 0.5);
}

#[test]
fn ties_never_overfill_a_threshold() {
    let one = part(4, 1, &[(0, 0, 0), (1, 0, 0), (2, 0, 0), (3, 0, 0)], &[], true);
    let cases = cases::Cases::new(&one, 1.0);
    let ranked = |scores: [f64; 4]| cases::Ranked::new(&cases, &scores, None, "a", 7);
    assert_eq!(ranked([3.0, 2.0, 2.0, 1.0]).cut_for(2), Some(3.0));
    assert_eq!(ranked([3.0, 2.0, 2.0, 1.0]).cut_for(3), Some(2.0));
    assert_eq!(ranked([3.0, 2.0, 2.0, 1.0]).cut_for(9), Some(1.0));
    assert_eq!(ranked([3.0, 3.0, 3.0, 1.0]).cut_for(2), Some(3.0));
    // The same seed and id break ties alike; another id does not have to.
    assert_eq!(ranked([1.0; 4]).order, ranked([1.0; 4]).order);
}

#[test]
fn what_is_suppressed_leaves_every_queue_and_what_is_lost_is_told() {
    let (training, judged) = (small(), small());
    // As in `the_budget_by_hand`; a rule on e0 takes its units of day 0 and of day 1 (units 0, 1, 4), another the benign e1 of day 1 (unit 5).
    let columns = vec![column("a", Kind::Detector, &[0.0; 7], &[0.9, 0.4, 0.5, 0.1, 0.2, 0.8, 0.3])];
    let scores = table(&training, &judged, columns);
    let settings = settings(1, Policy::Top);
    let flags = [true, true, false, true, true, false, true];
    let rule = |when: &str| spec::Suppress { when: when.into(), reason: "known".into(), until: None };
    let suppressed = Suppressed {
        training: vec![None; 7],
        judged: vec![Some(0), Some(0), None, None, Some(0), Some(1), None],
        rules: vec![rule("user = 'e0'"), rule("user = 'e1'")],
        afterwards: true,
    };
    let found = evaluate(&Input { suppressed: Some(&suppressed), ..input(&training, &judged, &scores, Some((&flags, &flags)), &settings) });
    // The baseline opened e0 and e2 on both days; e0 leaves on both: two cases, one of them the attack i0.
    let base = found.baseline().unwrap();
    assert_eq!(base.budget.as_ref().map(|point| (point.alerts, point.false_alerts, point.incidents_caught)), Some((2, 1, 1)));
    let removed = base.removed.as_ref().unwrap();
    assert_eq!((removed.alerts, removed.true_alerts, removed.false_alerts, removed.taken_in), (2, 1, 1, 0));
    assert_eq!(
        (removed.incidents_caught_before, removed.incidents_lost.as_slice(), removed.by_rule.as_slice()),
        (2, &["i0".to_owned()][..], &[2, 0][..])
    );
    // The detector opened e0 on day 0 (with i0) and e1 on day 1. Their places go to e1 on day 0 and to e2 (with i1) on day 1.
    let a = found.contender("a").unwrap();
    let point = a.budget.as_ref().unwrap();
    assert_eq!((point.alerts, point.false_alerts, point.true_alerts, point.incidents_caught), (2, 1, 1, 1));
    assert_eq!((point.fp_reduction.as_ref().unwrap().value, point.recall_kept.as_ref().unwrap().value), (0.0, 1.0));
    let removed = a.removed.as_ref().unwrap();
    assert_eq!((removed.alerts, removed.true_alerts, removed.false_alerts, removed.taken_in), (2, 1, 1, 2));
    assert_eq!((removed.incidents_lost.as_slice(), removed.by_rule.as_slice()), (&["i0".to_owned()][..], &[1, 1][..]));
    assert_eq!(removed.false_alerts_per_week_before, Some(3.5));
    // i0 can be caught at no cut any more: equal detection needs the rule's one incident, i1, third after 0.5 (day 0) and 0.3.
    assert_eq!(a.equal_detection.as_ref().map(|point| (point.alerts, point.incidents_caught)), Some((2, 1)));
    assert_eq!(a.curve.last().map(|place| place.incidents_caught), Some(1));
    let summary = found.suppression.unwrap();
    assert_eq!((summary.afterwards, summary.rules[0].units, summary.rules[1].units), (true, 3, 1));
    assert!(found.caveats.iter().any(|caveat| caveat.code == "suppressed-afterwards"));
}

#[test]
fn without_time_the_budget_is_the_number_of_anomalies() {
    let mut table_part = part(6, 1, &(0..6).map(|e| (e, 0, 0)).collect::<Vec<_>>(), &[(2, 0), (4, 1)], true);
    table_part.budget_periods = vec![BudgetPeriod { start: 0, days: 0.0 }];
    let scores = table(&table_part, &table_part, vec![column("a", Kind::Detector, &[0.0; 6], &[0.0, 0.1, 0.9, 0.8, 0.7, 0.2])]);
    let settings = Evaluate::default();
    let input = Input {
        training: &table_part,
        judged: &table_part,
        in_sample: true,
        scores: &scores,
        baseline: None,
        baseline_title: "",
        settings: &settings,
        decision: None,
        review: None,
        suppressed: None,
        seed: 1,
    };
    let found = evaluate(&input);
    let a = found.contender("a").unwrap();
    assert_eq!((found.budget, found.judged_days), (2, 0.0));
    assert_eq!(a.budget.as_ref().unwrap().precision, Some(0.5));
    assert_eq!(a.roc_auc, Some(7.0 / 8.0));
    assert!((a.average_precision.unwrap() - (0.5 + 0.5 * 2.0 / 3.0)).abs() < 1e-12);
    assert_eq!(a.prevalence, Some(2.0 / 6.0));
    assert!(found.caveats.iter().any(|c| c.code == "in-sample"));
    assert_eq!(found.pick.unwrap().id, "a");
}

#[test]
fn what_is_not_labelled_is_unknown() {
    let mut judged = small();
    judged.labels.as_mut().unwrap().complete = false;
    let scores = table(&judged, &judged, vec![column("a", Kind::Detector, &[0.0; 7], &[0.9, 0.4, 0.5, 0.1, 0.2, 0.8, 0.3])]);
    let (settings, flags) = (settings(1, Policy::Top), [true; 7]);
    let mut input = input(&judged, &judged, &scores, Some((&flags, &flags)), &settings);
    let found = evaluate(&input);
    let point = found.contender("a").unwrap().budget.as_ref().unwrap();
    assert_eq!((point.alerts, point.true_alerts, point.false_alerts, point.unknown_alerts), (2, 1, 0, 1));
    assert!(point.fp_reduction.is_none() && point.precision.is_none() && point.recall_kept.is_none());
    assert!(found.pick.is_none());
    let mut without = judged.clone();
    without.labels = None;
    (input.training, input.judged) = (&without, &without);
    let found = evaluate(&input);
    let point = found.contender("a").unwrap().budget.as_ref().unwrap();
    assert_eq!((point.alerts, point.unknown_alerts, found.labels), (2, 2, None));
    assert!(found.incident_list.is_empty());
}

#[test]
fn bad_scores_are_a_row_not_a_panic() {
    let judged = small();
    let columns = vec![
        column("short", Kind::Detector, &[0.0; 7], &[1.0; 3]),
        column("nan", Kind::Detector, &[0.0; 7], &[f64::NAN; 7]),
        ScoreColumn { outcome: Outcome::Failed { reason: "no cluster".into() }, ..column("failed", Kind::Detector, &[], &[]) },
    ];
    let (scores, settings) = (table(&judged, &judged, columns), settings(1, Policy::Top));
    let input = input(&judged, &judged, &scores, None, &settings);
    let found = evaluate(&input);
    assert!(found.contenders.iter().all(|c| c.outcome == Status::Failed && c.reason.is_some() && c.budget.is_none()));
    assert!(found.pick.is_none());
}

#[test]
fn nothing_to_judge_is_no_panic() {
    let empty = part(0, 0, &[], &[], true);
    let columns = vec![column("a", Kind::Detector, &[], &[]), column("random", Kind::Control, &[], &[])];
    let (scores, settings) = (table(&empty, &empty, columns), settings(20, Policy::Threshold));
    let input = input(&empty, &empty, &scores, Some((&[], &[])), &settings);
    let found = evaluate(&input);
    assert_eq!((found.cases, found.incidents, found.pick.as_ref()), (0, 0, None));
    assert_eq!(found.contender("a").unwrap().budget.as_ref().unwrap().alerts, 0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn counts_add_up_and_curves_rise(
        scores in proptest::collection::vec(0u8..30, 120), flags in proptest::collection::vec(any::<bool>(), 120),
        attacks in proptest::collection::vec((0usize..120, 0u32..6), 0..12), budget in 1u64..8, seed in any::<u64>(), threshold in any::<bool>(),
    ) {
        let units: Vec<(u32, u32, u32)> = (0..120).map(|i| (i % 12, i / 24, (i / 12) % 2)).collect();
        let judged = part(12, 5, &units, &attacks, true);
        let values: Vec<f64> = scores.iter().map(|s| f64::from(*s)).collect();
        let turned: Vec<f64> = values.iter().map(|v| -v).collect();
        let columns = vec![column("a", Kind::Detector, &values, &values), column("b", Kind::Detector, &turned, &turned), column("random", Kind::Control, &values, &values)];
        let table = table(&judged, &judged, columns);
        let settings = Evaluate { also_at: vec![2, 5], ..settings(budget, if threshold { Policy::Threshold } else { Policy::Top }) };
        let input = Input { training: &judged, judged: &judged, in_sample: false, scores: &table, baseline: Some((&flags, &flags)), baseline_title: "Rule", settings: &settings, decision: None, review: None, suppressed: None, seed };
        let found = evaluate(&input);
        prop_assert_eq!(&evaluate(&input), &found);
        for contender in &found.contenders {
            let points = contender.budget.iter().chain(&contender.equal_detection).chain(&contender.prospective).chain(contender.also_at.iter().map(|a| &a.point));
            for point in points {
                prop_assert_eq!(point.true_alerts + point.false_alerts + point.unknown_alerts, point.alerts);
                prop_assert!(point.benign_true_alerts <= point.false_alerts && point.incidents_caught <= found.incidents);
                let estimates = point.fp_reduction.iter().chain(&point.recall_kept).chain(&point.recall).chain(&point.false_alerts_per_week_interval).chain(&point.precision_interval);
                for estimate in estimates {
                    prop_assert!(estimate.low.is_none_or(|low| low <= estimate.value + 1e-9), "{estimate:?}");
                    prop_assert!(estimate.high.is_none_or(|high| high >= estimate.value - 1e-9), "{estimate:?}");
                }
            }
            if contender.kind != Kind::Baseline && !threshold {
                prop_assert!(contender.budget.as_ref().unwrap().alerts_per_day_max <= budget as f64);
            }
            if let (Some(equal), Some(base)) = (&contender.equal_detection, found.baseline()) {
                prop_assert!(equal.incidents_caught >= base.budget.as_ref().unwrap().incidents_caught);
            }
            prop_assert!(contender.curve.len() <= 200);
            for pair in contender.curve.windows(2) {
                prop_assert!(pair[0].alerts_per_week < pair[1].alerts_per_week && pair[0].incidents_caught <= pair[1].incidents_caught && pair[0].false_alerts_per_week <= pair[1].false_alerts_per_week);
            }
            if contender.kind != Kind::Baseline {
                prop_assert_eq!(contender.curve.last().unwrap().incidents_caught, found.incidents);
            }
        }
        if let Some(pick) = &found.pick {
            let (plain, chosen) = (found.contender(&pick.id).unwrap().budget.as_ref().unwrap(), &pick.budget);
            prop_assert!(pick.bias_recall_kept >= 0.0 && pick.bias_log_ratio >= 0.0);
            let low = |point: &Point| point.recall_kept.as_ref().and_then(|e| e.low);
            prop_assert!(low(chosen) <= low(plain));
            prop_assert_eq!(chosen.alerts, plain.alerts);
        }
    }
}
