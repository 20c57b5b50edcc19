//! Verdicts on small windows, whole: scores and labels in, decision out.

use proptest::prelude::*;

use super::*;
use crate::{
    detect::{Kind, Outcome, ScoreColumn},
    evaluate::{
        Evaluation, Input, evaluate,
        tests::{column, part, table},
    },
    spec::{self, Alerts, Criterion, Evaluate},
    units::Part,
};

const ENTITIES: u32 = 40;
const DAYS: u32 = 7;

/// 40 entities, 7 days, one hour a day; incident i on entity i, day i mod 7.
fn window(incidents: u32, complete: bool) -> (Part, Vec<bool>, Vec<bool>) {
    let units: Vec<(u32, u32, u32)> = (0..DAYS).flat_map(|d| (0..ENTITIES).map(move |e| (e, d, 9))).collect();
    let attack = |e: u32, d: u32| e < incidents && e % DAYS == d;
    let attacks: Vec<(usize, u32)> = units.iter().enumerate().filter(|(_, u)| attack(u.0, u.1)).map(|(at, u)| (at, u.0)).collect();
    let truth: Vec<bool> = units.iter().map(|&(e, d, _)| attack(e, d)).collect();
    // Today's rule opens the attacks and two thirds of the rest, more on some days.
    let flags = units.iter().map(|&(e, d, _)| attack(e, d) || (e * 7 + d * d) % 3 < 2).collect();
    (part(ENTITIES, DAYS, &units, &attacks, complete), truth, flags)
}

/// A score that depends on nothing but the place: noise.
fn noise(at: usize, salt: u64) -> f64 {
    let mut x = (at as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ salt.wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (x >> 11) as f64 / (1_u64 << 53) as f64
}

/// Noise, and the attacks on top for the share `seen` of them.
fn scores(truth: &[bool], seen: f64, salt: u64) -> Vec<f64> {
    truth.iter().enumerate().map(|(at, attack)| noise(at, salt) + if *attack && noise(at, salt + 999) < seen { 2.0 } else { 0.0 }).collect()
}

fn criteria(list: &[(&str, Option<f64>, Option<f64>)]) -> spec::Decision {
    let require = list.iter().map(|&(metric, at_least, at_most)| Criterion { metric: metric.into(), at_least, at_most }).collect();
    spec::Decision { require, prefer: None }
}

fn usual() -> spec::Decision {
    criteria(&[("fp_reduction", Some(0.4), None), ("recall_kept", Some(0.8), None)])
}

/// Evaluates detectors given by the share of attacks that they see; the control is noise.
fn evaluated(
    window: &(Part, Vec<bool>, Vec<bool>),
    columns: Vec<ScoreColumn>,
    decision: Option<&spec::Decision>,
    baseline: bool,
) -> Evaluation {
    let (part, truth, flags) = window;
    let random = scores(truth, 0.0, 7);
    let mut columns = columns;
    columns.push(column("random", Kind::Control, &random, &random));
    let scores = table(part, part, columns);
    let settings = Evaluate { alerts: Alerts { budget: Some(6), ..Alerts::default() }, ..Evaluate::default() };
    evaluate(&Input {
        training: part,
        judged: part,
        in_sample: false,
        scores: &scores,
        baseline: baseline.then_some((flags, flags)),
        baseline_title: "Rule",
        review: None,
        suppressed: None,
        settings: &settings,
        decision,
        seed: 5,
    })
}

fn detector(id: &str, window: &(Part, Vec<bool>, Vec<bool>), seen: f64, salt: u64) -> ScoreColumn {
    let values = scores(&window.1, seen, salt);
    column(id, Kind::Detector, &values, &values)
}

#[test]
fn a_perfect_detector_is_a_go() {
    let window = window(30, true);
    let found = evaluated(&window, vec![detector("a", &window, 1.0, 1), detector("b", &window, 0.3, 2)], Some(&usual()), true);
    let decision = decide(&found, None, Some(&usual()));
    assert_eq!((decision.verdict, decision.reason, decision.pick.as_deref()), (Verdict::Go, Reason::AllMet, Some("a")), "{decision:#?}");
    assert!(decision.because.starts_with("a meets every criterion: fp_reduction >= 0.40 (measured"), "{}", decision.because);
    // 30 of 30: 0.05^(1/30).
    assert!((decision.criteria[1].low.unwrap() - 0.05_f64.powf(1.0 / 30.0)).abs() < 1e-9);
    assert_eq!(decision.controls.iter().map(|c| c.contender.as_str()).collect::<Vec<_>>(), ["random", "random"]);
    assert_eq!(decision.criteria_hash.len(), 64);
    assert_ne!(decision.criteria_hash, decide(&found, None, Some(&criteria(&[("recall_kept", Some(0.81), None)]))).criteria_hash);
}

#[test]
fn too_few_incidents_leave_it_open() {
    let window = window(10, true);
    let found = evaluated(&window, vec![detector("a", &window, 1.0, 1)], Some(&usual()), true);
    let decision = decide(&found, None, Some(&usual()));
    assert_eq!((decision.verdict, decision.reason), (Verdict::Inconclusive, Reason::NotSettled));
    let needs = decision.criteria[1].needs.as_deref().unwrap();
    assert_eq!(needs, "takes at least 14 incidents with none missed, 22 with one, 30 with two (it caught 10 of 10)");
    assert_eq!(decision.next.len(), 1);
}

#[test]
fn a_detector_that_misses_is_a_no_go() {
    let window = window(30, true);
    let found = evaluated(&window, vec![detector("a", &window, 0.5, 1)], Some(&usual()), true);
    let decision = decide(&found, None, Some(&usual()));
    assert_eq!((decision.verdict, decision.reason), (Verdict::NoGo, Reason::CriterionNotMet), "{decision:#?}");
    assert!(decision.because.contains("does not meet recall_kept >= 0.80"), "{}", decision.because);
}

#[test]
fn noise_is_never_a_go() {
    let window = window(30, true);
    for salt in 0..20 {
        let found =
            evaluated(&window, (0..8).map(|i| detector(&format!("d{i}"), &window, 0.0, salt * 8 + i)).collect(), Some(&usual()), true);
        assert_eq!(decide(&found, None, Some(&usual())).verdict, Verdict::NoGo);
        // Saving alerts alone is what a random choice does too.
        let only_saving = criteria(&[("fp_reduction", Some(0.4), None)]);
        let found =
            evaluated(&window, (0..3).map(|i| detector(&format!("d{i}"), &window, 0.0, salt * 8 + i)).collect(), Some(&only_saving), true);
        assert_ne!(decide(&found, None, Some(&only_saving)).verdict, Verdict::Go);
    }
}

#[test]
fn a_field_that_does_as_well_is_the_rule_to_write() {
    let window = window(30, true);
    let field = ScoreColumn { id: "field:bytes_up".into(), kind: Kind::Control, ..detector("x", &window, 1.0, 3) };
    let found = evaluated(&window, vec![detector("a", &window, 1.0, 1), field.clone()], Some(&usual()), true);
    let decision = decide(&found, None, Some(&usual()));
    assert_eq!((decision.verdict, decision.reason), (Verdict::NoGo, Reason::FieldDoesAsWell), "{decision:#?}");
    assert!(decision.rule.as_deref().unwrap().starts_with("bytes_up >= "), "{:?}", decision.rule);
    assert!(decision.because.contains("no detector is better than it beyond noise"), "{}", decision.because);
    // A field that does not meet the criteria stands in nobody's way.
    let field = ScoreColumn { id: "field:bytes_up".into(), kind: Kind::Control, ..detector("x", &window, 0.5, 3) };
    let found = evaluated(&window, vec![detector("a", &window, 1.0, 1), field], Some(&usual()), true);
    assert_eq!(decide(&found, None, Some(&usual())).verdict, Verdict::Go);
}

#[test]
fn questions_that_cannot_be_put() {
    let complete = window(30, true);
    let perfect = || vec![detector("a", &complete, 1.0, 1)];
    let reason = |evaluation: &Evaluation, decision: Option<&spec::Decision>| {
        let found = decide(evaluation, None, decision);
        assert_eq!(found.verdict, Verdict::Inconclusive);
        assert!(!found.because.is_empty() && !found.next.is_empty());
        found.reason
    };
    assert_eq!(reason(&evaluated(&complete, perfect(), None, true), None), Reason::NoCriteria);
    assert_eq!(reason(&evaluated(&complete, perfect(), Some(&usual()), false), Some(&usual())), Reason::NoBaseline);
    let none = window(0, true);
    assert_eq!(reason(&evaluated(&none, vec![detector("a", &none, 1.0, 1)], Some(&usual()), true), Some(&usual())), Reason::NoIncidents);
    let partly = window(30, false);
    assert_eq!(reason(&evaluated(&partly, vec![detector("a", &partly, 1.0, 1)], Some(&usual()), true), Some(&usual())), Reason::NoLabels);
    let mut unlabelled = window(30, true);
    unlabelled.0.labels = None;
    let found = evaluated(&unlabelled, vec![detector("a", &complete, 1.0, 1)], None, true);
    assert_eq!(reason(&found, None), Reason::NoLabels);
    let decision = decide(&found, None, None);
    assert!(decision.next[0].contains("gonogo review") && decision.next.len() == 2);
    let failed = ScoreColumn { outcome: Outcome::Failed { reason: "no cluster".into() }, ..detector("a", &complete, 1.0, 1) };
    assert_eq!(reason(&evaluated(&complete, vec![failed], Some(&usual()), true), Some(&usual())), Reason::NoContender);
}

#[test]
fn counts_are_compared_as_they_are() {
    let window = window(3, true);
    let asked =
        criteria(&[("incidents_missed", None, Some(0.0)), ("alerts_per_day_p95", None, Some(6.0)), ("incidents_caught", Some(4.0), None)]);
    let found = evaluated(&window, vec![detector("a", &window, 1.0, 1)], Some(&asked), true);
    let decision = decide(&found, None, Some(&asked));
    assert_eq!(decision.criteria.iter().map(|c| c.standing).collect::<Vec<_>>(), [Standing::Met, Standing::Met, Standing::NotMet]);
    let money = criteria(&[("payback_months", None, Some(18.0))]);
    let decision = decide(&found, None, Some(&money));
    assert_eq!(decision.criteria[0].standing, Standing::Open);
    assert!(decision.criteria[0].needs.as_deref().unwrap().contains("`cost`"));
    let timeless = decide(&Evaluation { judged_days: 0.0, ..found }, None, Some(&money));
    assert!(timeless.criteria[0].needs.as_deref().unwrap().contains("`window`"));
}

#[test]
fn every_measure_is_described() {
    let mut ids: Vec<&str> = METRICS.iter().map(|metric| metric.id).collect();
    assert!(METRICS.iter().all(|m| !m.id.is_empty() && !m.title.is_empty() && m.doc.ends_with('.') && m.id.chars().count() < 24));
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), METRICS.len());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn loosening_and_adding_never_hurt(seen in 0.4..=1.0_f64, salt in 0u64..1000, incidents in 12u32..36, limit in 0.5..0.95_f64, looser in 0.0..0.4_f64) {
        let window = window(incidents, true);
        let with = |limit: f64| criteria(&[("fp_reduction", Some(limit / 2.0), None), ("recall_kept", Some(limit), None)]);
        let (strict, loose) = (with(limit), with(limit - looser));
        let columns = || vec![detector("a", &window, seen, salt), detector("b", &window, seen * 0.8, salt + 1)];
        let before = decide(&evaluated(&window, columns(), Some(&strict), true), None, Some(&strict));
        let after = decide(&evaluated(&window, columns(), Some(&loose), true), None, Some(&loose));
        prop_assert_eq!(&before.pick, &after.pick);
        for (strict, loose) in before.criteria.iter().zip(&after.criteria) {
            prop_assert!(strict.standing != Standing::Met || loose.standing == Standing::Met);
        }
        prop_assert!(before.verdict != Verdict::Go || after.verdict == Verdict::Go);
        let mut more = columns();
        more.push(detector("perfect", &window, 1.0, salt + 2));
        let added = decide(&evaluated(&window, more, Some(&strict), true), None, Some(&strict));
        prop_assert!(before.verdict != Verdict::Go || added.verdict != Verdict::NoGo);
    }
}
