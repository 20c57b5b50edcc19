//! Which units rules match, and what is said of rules that cannot be used.

use std::sync::Arc;

use ndarray::array;

use super::*;
use crate::units::{Dropped, RowKey};

const HOUR: i64 = 3_600_000_000;

fn experiment(key: &str, rules: &str) -> spec::Experiment {
    serde_yaml::from_str(&format!(
        "name: x\nuse_case: {{ title: x }}\nsources: {{ a: {{ path: a }} }}\n\
         window: {{ start: 1970-01-01, train_end: 1970-01-02, end: 1970-01-03 }}\nentity: {{ key: {key}, every: 1h }}\n\
         fields: {{ bytes: {{ sum: b }}, hosts: {{ distinct: h }} }}\nalgorithms: [ecod]\nsuppress: {rules}\n"
    ))
    .unwrap()
}

fn matrices(entities: [&str; 3]) -> Matrices {
    let rows: Arc<[RowKey]> = entities.iter().map(|name| RowKey { entity: (*name).into(), period: 0 }).collect();
    let matrix = || FeatureMatrix::new(array![[5.0], [60.0], [70.0]], Arc::new(["bytes".to_owned()]), Arc::clone(&rows)).unwrap();
    Matrices {
        training: matrix(),
        judged: matrix(),
        raw_training: matrix(),
        raw_judged: matrix(),
        summaries: Vec::new(),
        dropped: vec![Dropped { feature: "hosts".into(), reason: "constant".into() }],
    }
}

fn judged(key: &str, rules: &str, entities: [&str; 3]) -> Result<Vec<Option<u16>>> {
    let experiment = experiment(key, rules);
    let starts = [0, HOUR, 2 * HOUR];
    apply(&experiment.suppress, &experiment, &matrices(entities), (&starts, &starts), false).map(|found| found.unwrap().judged)
}

#[test]
fn the_first_rule_that_matches_counts_until_it_ends() {
    let rules = "[{ when: \"bytes > 50\", reason: a, until: 1970-01-01T02:00 }, { when: \"user = 'svc'\", reason: b }]";
    assert_eq!(judged("[user]", rules, ["svc", "svc", "ann"]).unwrap(), [Some(1), Some(0), None]);
    let none = experiment("[user]", "[]");
    assert!(apply(&none.suppress, &none, &matrices(["a", "b", "c"]), (&[0; 3], &[0; 3]), false).unwrap().is_none());
}

#[test]
fn several_key_columns_are_told_apart_and_never_guessed() {
    let rules = "[{ when: \"host = 'web'\", reason: a }]";
    // The second user has the joint in its name: which part is the host is not known, so nothing is suppressed.
    assert_eq!(judged("[user, host]", rules, ["ann · web", "a · b · web", "web · db"]).unwrap(), [Some(0), None, None]);
}

#[test]
fn a_field_that_is_not_in_the_matrix_is_null() {
    assert_eq!(judged("[user]", "[{ when: \"hosts = 1\", reason: a }]", ["a", "b", "c"]).unwrap(), [None; 3]);
    let unknown = judged("[user]", "[{ when: \"hotss = 1\", reason: a }]", ["a", "b", "c"]).unwrap_err();
    assert!(unknown.to_string().contains("`suppress[0].when`"), "{unknown}");
}

#[test]
fn mistakes_are_found_before_anything_is_read() {
    let of = |rules: &str| {
        let problems = check(&experiment("[user]", rules), Some(vec!["bytes", "hosts"]));
        problems.into_iter().map(|problem| (problem.code, problem.path, problem.message)).collect::<Vec<_>>()
    };
    assert_eq!(of("[{ when: \"bytes > 1 and user = 'x'\", reason: known }]"), []);
    let [syntax, unknown, empty, ended] = <[_; 4]>::try_from(of(
        "[{ when: \"bytes >\", reason: a }, { when: \"byte > 1\", reason: b }, { when: \"bytes > 1\", reason: \" \" }, \
         { when: \"bytes > 1\", reason: c, until: 1970-01-02 }]",
    ))
    .unwrap();
    assert_eq!((syntax.0, syntax.1.as_str()), ("E025", "suppress[0].when"));
    assert_eq!((unknown.0, unknown.1.as_str()), ("E025", "suppress[1].when"));
    assert!(unknown.2.contains("byte"), "{}", unknown.2);
    assert_eq!((empty.0, empty.1.as_str()), ("E025", "suppress[2].reason"));
    assert_eq!((ended.0, ended.1.as_str()), ("W032", "suppress[3].until"));
}
