use super::*;

fn read(text: &str) -> Result<Vec<Contender>, Vec<Problem>> {
    let entries: Vec<Entry> = serde_yaml::from_str(text).unwrap();
    contenders(&entries, None)
}

fn read_help(text: &str) -> String {
    read(text).unwrap_err()[0].help.clone().unwrap().into()
}

fn ids(text: &str) -> Vec<String> {
    read(text).unwrap().into_iter().map(|c| c.id).collect()
}

fn problems(text: &str) -> Vec<String> {
    read(text).unwrap_err().iter().map(|p| format!("{} {}: {}", p.code, p.path, p.message)).collect()
}

#[test]
fn names_mappings_and_ensembles() {
    let read = read("[ecod, { id: trees, method: isolation-forest, trees: 50 }, { id: vote, ensemble: mean-rank, of: all }]").unwrap();
    assert_eq!(read.iter().map(|c| c.id.as_str()).collect::<Vec<_>>(), ["ecod", "trees", "vote"]);
    assert_eq!(read[1].parameters, serde_json::json!({ "trees": 50, "sample": 256 }));
    assert!(matches!(&read[2].plan, Plan::Ensemble { how, of, .. } if how == "mean-rank" && of.is_empty()));
}

#[test]
fn ids_tell_contenders_of_one_method_apart() {
    assert_eq!(ids("[isolation-forest, { method: isolation-forest, trees: 50 }]"), ["isolation-forest", "isolation-forest-50"]);
    assert_eq!(
        ids("[{ method: isolation-forest, trees: [10, 50] }, ecod]"),
        ["isolation-forest-trees-10", "isolation-forest-trees-50", "ecod"]
    );
    assert_eq!(ids("[{ id: f, method: isolation-forest, trees: [10, 50], sample: [8, 16] }]").len(), 4);
    assert_eq!(problems("[ecod, ecod]"), ["E305 algorithms[1]: the id `ecod` is already that of `algorithms[0]`"]);
    assert_eq!(
        problems("[ecod, { id: ../x, method: ecod }, { id: random, method: ecod }]")
            .iter()
            .map(|p| p.split(':').next().unwrap().to_owned())
            .collect::<Vec<_>>(),
        ["E305 algorithms[1].id", "E305 algorithms[2].id"]
    );
}

#[test]
fn everything_wrong_is_said_at_once() {
    let found = problems(
        "[isolation_forest, { method: isolation-forest, trees: three }, { method: isolation-forest, tree: 3 }, 7, { method: isolation-forest, trees: 0 }, {}]",
    );
    assert!(
        found[0].starts_with("E302 algorithms[0]: unknown method `isolation_forest`, expected one of `isolation-forest`, "),
        "{found:?}"
    );
    assert_eq!(found[1], "E303 algorithms[1].trees: expected a whole number, found `three`");
    assert!(found[2].starts_with("E303 algorithms[2].tree: `isolation-forest` has no parameter `tree`; it has `"), "{found:?}");
    assert_eq!(found[3], "E301 algorithms[3]: expected the name of a method, or a mapping, found `7`");
    assert_eq!(found[4], "E304 algorithms[4].trees: must be at least 1, found 0");
    assert_eq!(found[5], "E301 algorithms[5]: has neither `method` nor `ensemble`");
    assert_eq!(found.len(), 6);
}

#[test]
fn a_slip_is_answered_with_what_was_meant() {
    let help = read_help;
    assert_eq!(help("[isolation-forrest]"), "did you mean `isolation-forest`?");
    assert_eq!(help("[{ method: isolation-forest, tree: 3 }]"), "did you mean `trees`?");
    assert!(help("[mean-rank]").contains("ensemble: mean-rank"));
}

#[test]
fn members_must_be_detectors_of_the_experiment() {
    assert_eq!(
        problems("[ecod, { id: vote, ensemble: max-rank, of: [ecod, ecot] }]"),
        ["E306 algorithms[1].of[1]: no detector has the id `ecot`; there are `ecod`"]
    );
    assert_eq!(problems("[{ ensemble: mean-rank }]"), ["E306 algorithms[0]: there is no detector to make an ensemble of"]);
    assert_eq!(problems("[ecod, { ensemble: median-rank }]").len(), 1);
    assert_eq!(problems("[]"), ["E309 algorithms: there is nothing to compare"]);
}

#[test]
fn sweeps_name_the_value_that_is_wrong() {
    assert_eq!(
        problems("[{ method: isolation-forest, trees: [10, 0, ten] }]"),
        ["E304 algorithms[0].trees[1]: must be at least 1, found 0", "E303 algorithms[0].trees[2]: expected a whole number, found `ten`"]
    );
    assert_eq!(problems("[{ method: isolation-forest, trees: [] }]"), ["E303 algorithms[0].trees: the list is empty"]);
}

#[test]
fn limits_are_read() {
    let read = read("[{ method: ecod, limits: { seconds: 2.5, memory: 10MB } }]").unwrap();
    assert_eq!(read[0].limits, Limits { seconds: Some(2.5), memory: Some(10_000_000) });
    assert_eq!(problems("[{ method: ecod, limits: { seconds: 0, speed: 3 } }]").len(), 2);
}

#[test]
fn a_step_may_come_before_the_detector() {
    let read =
        read("[ecod, { id: pca-ecod, reduce: { method: pca, components: 2 }, method: ecod }, { method: ecod, reduce: { method: random-projection, components: 2 } }]")
            .unwrap();
    assert_eq!(read.iter().map(|c| c.id.as_str()).collect::<Vec<_>>(), ["ecod", "pca-ecod", "ecod-random-projection"]);
    assert_eq!(read[1].parameters["reduce"]["method"], "pca");
    assert_eq!(read[1].parameters["reduce"]["components"], 2);
    let found =
        problems("[{ method: ecod, reduce: pcr }, { method: ecod, reduce: { method: pca, component: 2 } }, { method: ecod, reduce: 3 }]");
    assert!(found[0].starts_with("E307 algorithms[0].reduce: unknown step `pcr`, expected one of `pca`"), "{found:?}");
    assert!(found[1].starts_with("E307 algorithms[1].reduce.component: `pca` has no parameter `component`; it has"), "{found:?}");
    assert!(found[2].starts_with("E307 algorithms[2].reduce: expected the name of a step"), "{found:?}");
}

#[test]
fn the_default_ensemble_brings_its_members() {
    let read = read("[{ ensemble: default, limits: { seconds: 60 } }]").unwrap();
    assert_eq!(read[0].id, "default");
    assert_eq!(read[0].limits.seconds, Some(60.0));
    assert_eq!(read[0].parameters["members"][6], "dbscan");
    assert_eq!(problems("[ecod, { ensemble: default, of: all }]"), ["E303 algorithms[1].of: `default` has members of its own"]);
    assert_eq!(
        problems("[{ ensemble: default }, { id: vote, ensemble: mean-rank }]"),
        ["E306 algorithms[1]: there is no detector to make an ensemble of"]
    );
    assert!(read_help("[default]").contains("write `- { ensemble: default }`"));
}
