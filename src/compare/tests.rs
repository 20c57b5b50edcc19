use serde_json::json;

use super::*;
use crate::evaluate::{Estimate, FalseAlerts, IncidentOutcome};

/// A run with a rule and one detector, `picked`, that catches the first `caught` of ten incidents.
fn run(label: &str, day: u32, caught: usize) -> Iteration {
    let point = |caught: usize| {
        json!({
            "alerts": 100, "alerts_per_day": 25.0, "alerts_per_day_p50": 25.0, "alerts_per_day_p95": 30.0, "alerts_per_day_max": 30.0,
            "true_alerts": 10, "benign_true_alerts": 0, "false_alerts": 90, "unknown_alerts": 0, "false_alerts_per_week": 157.5,
            "incidents_caught": caught,
            "fp_reduction": { "value": 0.5, "low": 0.3, "high": 0.6, "question": "weeks_to_come", "method": { "en": "two-way variance", "fr": "variance" } },
            "recall_kept": { "value": caught as f64 / 10.0, "low": 0.1, "high": 0.99, "question": "weeks_to_come", "method": { "en": "Clopper-Pearson", "fr": "Clopper-Pearson" } },
        })
    };
    let contender = |id: &str, kind: &str, caught: usize| {
        json!({ "id": id, "title": id, "kind": kind, "method": id, "outcome": "scored", "fit_seconds": 0.0, "score_seconds": 0.0, "only_here": 0,
            "budget": point(caught) })
    };
    let incidents: Vec<IncidentOutcome> = (0..10)
        .map(|index| IncidentOutcome {
            id: format!("i{index}"),
            kind: None,
            entity: "e".into(),
            start: 0,
            units: 1,
            caught_by: [("baseline", true), ("picked", index < caught)]
                .iter()
                .filter(|(_, by)| *by)
                .map(|(id, _)| (*id).to_owned())
                .collect(),
        })
        .collect();
    let experiment = json!({
        "name": "t", "iteration": label, "use_case": { "title": "T" }, "sources": { "s": { "path": "x.csv" } },
        "window": { "start": "2026-03-02", "train_end": "2026-03-05", "end": "2026-03-09" },
        "entity": { "key": ["user"], "every": "1h" }, "fields": { "n": { "count": "*" } }, "algorithms": ["ecod"],
        "labels": { "path": "l.csv", "complete": true },
    });
    Iteration {
        label: label.to_owned(),
        manifest: serde_json::from_value(json!({
            "schema_version": 1, "status": "done", "experiment": "t", "run": format!("r{day}"), "started": format!("2026-11-{day:02}T00:00:00Z"),
            "version": "0", "seed": 1, "experiment_hash": "h", "data_hash": "d", "synthetic": false, "judged_opened": 1, "seconds": {},
            "machine": "m", "warnings": [], "command": "c"
        }))
        .unwrap(),
        resolved: crate::record::Resolved {
            experiment: serde_json::from_value(experiment).unwrap(),
            overrides: Default::default(),
            contenders: vec![("ecod".into(), json!({})), ("picked".into(), json!({ "clusters": 8, "restarts": 10 }))],
            suppressed_first: None,
        },
        evaluation: serde_json::from_value(json!({
            "schema_version": 1, "units": { "training": 100, "judged": 100 }, "cases": 100, "incidents": 10, "judged_days": 4.0, "in_sample": false,
            "budget": 20, "confidence": 0.9, "contenders": [contender("baseline", "baseline", 10), contender("picked", "detector", caught)],
            "incident_list": serde_json::to_value(incidents).unwrap(), "caveats": []
        }))
        .unwrap(),
        decision: serde_json::from_value(json!({
            "schema_version": 1, "verdict": "INCONCLUSIVE", "reason": "not_settled", "pick": "picked", "because": { "en": "b", "fr": "b" }, "next": [], "criteria_hash": "c",
            "criteria": [{ "metric": "recall_kept", "contender": "picked", "direction": "at_least", "limit": 0.8, "standing": "open" }]
        }))
        .unwrap(),
        cost: None,
        false_alerts: None,
    }
}

/// Twelve entities on five days; `each` false alerts of the pick on every one, four of the rule.
fn false_alerts(each: u32) -> FalseAlerts {
    let list = |count: u32| (0..12).flat_map(|cluster| (0..5).map(move |day| (cluster, day, count + (cluster + day) % 2))).collect();
    FalseAlerts { clusters: 12, days: 5, baseline: list(4), pick: list(each) }
}

fn measure<'a>(comparison: &'a Comparison, id: &str) -> &'a Measure {
    comparison.measures.iter().find(|measure| measure.metric == id).unwrap()
}

#[test]
fn the_same_cases_are_compared_one_by_one() {
    let (mut old, mut new) = (run("a", 1, 2), run("b", 3, 9));
    (old.false_alerts, new.false_alerts) = (Some(false_alerts(1)), Some(false_alerts(3)));
    let comparison = compare(&[new.clone(), old.clone()]);
    assert_eq!(comparison.columns.iter().map(|column| column.label.as_str()).collect::<Vec<_>>(), ["a", "b"], "oldest first");
    assert_eq!((comparison.days, comparison.columns[1].differs.len()), (2.0, 0));

    // Seven incidents only now, none only before, of ten: (8 - 1) / 12 -+ 1.645 sqrt((9/12 - (7/12)^2) / 12).
    let step = measure(&comparison, "recall_kept").steps[0].unwrap();
    let half = 1.644_853_626_951_472 * ((0.75f64 - (7.0f64 / 12.0).powi(2)) / 12.0).sqrt();
    assert!((step.difference - 0.7).abs() < 1e-12 && step.paired && step.word == Word::Better);
    assert!((step.low - (7.0 / 12.0 - half)).abs() < 1e-9 && (step.high - (7.0 / 12.0 + half)).abs() < 1e-9);

    // Two more false alerts in each of 60 cells, over 4.5 of the rule: (210 - 90) / 270, the same everywhere.
    let step = measure(&comparison, "fp_reduction").steps[0].unwrap();
    assert!((step.difference + 120.0 / 270.0).abs() < 1e-12 && step.paired && step.word == Word::Worse, "{step:?}");
    assert!(comparison.worse.is_empty(), "no criterion asks for fp_reduction");

    // The other way round recall_kept, which is asked for, got worse.
    (old.manifest.started, new.manifest.started) = (new.manifest.started.clone(), old.manifest.started.clone());
    assert_eq!(compare(&[old, new]).worse, ["recall_kept"]);
}

#[test]
fn other_cases_are_compared_by_their_intervals() {
    let (old, mut new) = (run("a", 1, 2), run("b", 3, 9));
    new.manifest.data_hash = Some("other".into());
    let comparison = compare(&[old, new]);
    assert_eq!(comparison.columns[1].differs, [Difference::Data]);
    let step = measure(&comparison, "recall_kept").steps[0].unwrap();
    // 0.9 (0.1 to 0.99) less 0.2 (0.1 to 0.99).
    let expected = (0.7 - 0.8f64.hypot(0.79), 0.7 + 0.09f64.hypot(0.1));
    assert!(!step.paired && (step.low - expected.0).abs() < 1e-12 && (step.high - expected.1).abs() < 1e-12, "{step:?}");
    assert_eq!(step.word, Word::NoChange);
}

#[test]
fn without_an_interval_nothing_is_called_better() {
    let (mut old, new) = (run("a", 1, 9), run("b", 3, 9));
    let keep: Option<Estimate> = None;
    for contender in &mut old.evaluation.contenders {
        contender.budget.as_mut().unwrap().recall_kept.clone_from(&keep);
    }
    let comparison = compare(&[old, new]);
    let recall = measure(&comparison, "recall_kept");
    assert!(recall.readings[0].is_none() && recall.steps[0].is_none());
    let busy = measure(&comparison, "alerts_per_day_p95");
    assert!(busy.readings.iter().all(Option::is_some) && busy.steps[0].is_none(), "a count of the window has no difference");
}

#[test]
fn equal_runs_show_no_change_and_a_tiny_one_is_noise() {
    let (mut old, mut new) = (run("a", 1, 5), run("b", 3, 5));
    (old.false_alerts, new.false_alerts) = (Some(false_alerts(2)), Some(false_alerts(2)));
    let comparison = compare(&[old.clone(), new.clone()]);
    assert!(comparison.changes[0].is_empty());
    for measure in &comparison.measures {
        assert!(measure.steps.iter().flatten().all(|step| step.word == Word::NoChange), "{measure:?}");
    }
    // One false alert less on every day, always of the same size: beyond chance, and below a hundredth of the rule's.
    let large = |each: u32| FalseAlerts {
        clusters: 12,
        days: 5,
        baseline: (0..12).flat_map(|c| (0..5).map(move |d| (c, d, 1_000))).collect(),
        pick: (0..12).flat_map(|c| (0..5).map(move |d| (c, d, each))).collect(),
    };
    (old.false_alerts, new.false_alerts) = (Some(large(500)), Some(large(495)));
    let comparison = compare(&[old, new]);
    let step = measure(&comparison, "fp_reduction").steps[0].unwrap();
    assert!(step.low > 0.0 && step.word == Word::WithinNoise, "{step:?}");
}

#[test]
fn what_answers_another_question_is_left_out() {
    let (mut old, middle, new) = (run("a", 1, 5), run("b", 2, 5), run("c", 3, 5));
    old.resolved.experiment.entity.as_mut().unwrap().key = vec!["host".into()];
    let comparison = compare(&[old, middle, new]);
    assert_eq!(comparison.columns.len(), 2);
    assert_eq!(comparison.refused[0].because, [Disagreement::Entity]);
}

#[test]
fn only_what_differs_is_listed() {
    let (old, mut new) = (run("a", 1, 5), run("b", 3, 5));
    new.resolved.contenders[1].1 = json!({ "clusters": 12, "restarts": 10 });
    new.resolved.contenders.push(("knn".into(), json!({ "neighbours": 5, "distance": "mean" })));
    new.resolved.contenders.remove(0);
    new.resolved.experiment.evaluate.alerts.budget = Some(40);
    new.manifest.seed = 7;
    let comparison = compare(&[old, new]);
    let lines: Vec<(Group, &str, Option<&str>, Option<&str>)> = comparison.changes[0]
        .iter()
        .map(|change| (change.group, change.path.as_str(), change.before.as_deref(), change.now.as_deref()))
        .collect();
    assert_eq!(
        lines,
        [
            (Group::Detectors, "algorithms.ecod", Some("without parameters"), None),
            (Group::Detectors, "algorithms.knn", None, Some("distance mean, neighbours 5")),
            (Group::Detectors, "algorithms.picked.clusters", Some("8"), Some("12")),
            (Group::Evaluation, "evaluate.alerts.budget", None, Some("40")),
            (Group::Evaluation, "seed", Some("1"), Some("7")),
        ]
    );
    assert_eq!(comparison.columns[1].differs, [Difference::Budget]);
}

#[test]
fn every_key_that_changes_a_figure_is_compared() {
    let schema = schemars::schema_for!(crate::spec::Experiment).to_value();
    let keys: Vec<&String> = schema["properties"].as_object().unwrap().keys().collect();
    assert!(keys.len() > 15, "{keys:?}");
    let silent: Vec<&str> = keys.iter().map(|key| key.as_str()).filter(|key| changes::group_of(key).is_none()).collect();
    assert_eq!(silent, ["algorithms", "iteration", "name", "report", "use_case", "version"]);
}

#[test]
fn rules_that_suppress_alerts_are_a_change() {
    let (before, mut now) = (run("before", 1, 9), run("now", 2, 9));
    now.resolved.experiment.suppress = serde_yaml::from_str("[{ when: \"user = 'svc'\", reason: backups }]").unwrap();
    let changed = compare(&[before, now]).changes;
    let told = changed[0].iter().find(|change| change.path == "suppress[0].when").unwrap();
    assert_eq!((told.group, told.before.as_deref(), told.now.as_deref()), (Group::Evaluation, None, Some("user = 'svc'")));
}
