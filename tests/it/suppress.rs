//! `suppress:` — rules that keep known alerts out of every queue, from the start and on a run that is already there.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

use crate::{
    export::{printed, python},
    support::{gonogo, json, root, run_json, told},
};

const RULES: &str = "
suppress:
  - { when: \"short = 'W-404'\", reason: crawlers, until: 2026-03-05 }
  - { when: \"host = 'mail' and rule_rarity < 1\", reason: spam is refused }
";

/// The alerts of the demonstration as an experiment of their own, with more at its end.
fn experiment(folder: &Path, name: &str, more: &str) -> PathBuf {
    let text = fs::read_to_string(root().join("experiments/alert-triage.yaml")).unwrap();
    let file = folder.join(name);
    fs::write(&file, text.replace("../datasets", root().join("datasets").to_str().unwrap()) + more).unwrap();
    file
}

fn run(file: &Path, out: &Path) -> PathBuf {
    let (code, told) = run_json(file, out, &[]);
    assert_eq!(code, 0);
    PathBuf::from(told["run"].as_str().unwrap())
}

fn contender<'a>(evaluation: &'a Value, id: &str) -> &'a Value {
    evaluation["contenders"].as_array().unwrap().iter().find(|contender| contender["id"] == id).unwrap()
}

/// The rule on a key column is a filter of Sigma; the one on a field is said not to be.
fn filtered_in_sigma(run: &Path, folder: &Path) {
    let (code, _, stderr) = told(&gonogo(&["export", run.to_str().unwrap(), "--to", "sigma", "--dir", folder.to_str().unwrap()]));
    assert_eq!(code, 0, "{stderr}");
    let path = folder.join("alert-triage-suppress.yml");
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains("'short|cased': ['W-404']") && text.contains("Not expressible: host = 'mail' and rule_rarity < 1"), "{text}");
    let Some(mut python) = python("sigma.collection") else { return };
    let script = "import sys\nfrom sigma.collection import SigmaCollection\n\
        read = SigmaCollection.from_yaml(open(sys.argv[1]).read())\n\
        print(len(read.filters), len(read.errors), read.filters[0].filter.condition)\n";
    python.args(["-c", script]).arg(&path);
    assert_eq!(printed(python).trim(), "1 0 ['not suppressed_0']");
}

#[test]
fn a_saved_run_takes_rules_without_the_logs_and_gives_what_a_run_with_them_gives() {
    let out = tempfile::tempdir().unwrap();
    let (plain, with) = (experiment(out.path(), "plain.yaml", ""), experiment(out.path(), "with.yaml", RULES));
    let (later, first) = (run(&plain, &out.path().join("a")), run(&with, &out.path().join("b")));
    let before = json(&later, "evaluation.json");
    assert!(before["suppression"].is_null());

    let (code, stdout, stderr) = told(&gonogo(&["report", later.to_str().unwrap(), "--suppress", with.to_str().unwrap()]));
    assert_eq!(code, 0, "{stderr}");
    assert!(stdout.contains("false alerts that leave") && stdout.contains("written when the results were known"), "{stdout}");
    let (after, from_start) = (json(&later, "evaluation.json"), json(&first, "evaluation.json"));
    for id in ["baseline", "isolation-forest", "hbos", "knn", "random"] {
        let (a, b) = (contender(&after, id), contender(&from_start, id));
        assert_eq!(a["budget"], b["budget"], "{id}");
        assert_eq!(a["removed"], b["removed"], "{id}");
        // Without the rules it is as it was.
        assert_eq!(a["removed"]["incidents_caught_before"], contender(&before, id)["budget"]["incidents_caught"], "{id}");
    }
    let rule = &contender(&after, "baseline")["removed"];
    assert!(rule["false_alerts"].as_u64().unwrap() > 0, "{rule}");
    let base = |evaluation: &Value| contender(evaluation, "baseline")["budget"]["alerts"].as_u64().unwrap();
    assert_eq!(base(&before) - base(&after), rule["alerts"].as_u64().unwrap(), "the rule in place loses its alerts too");
    assert_eq!((&after["suppression"]["afterwards"], &from_start["suppression"]["afterwards"]), (&true.into(), &false.into()));

    let page = fs::read_to_string(later.join("report.html")).unwrap();
    assert!(page.contains("id=\"suppressed\"") && page.contains("crawlers"));
    assert_eq!(json(&later, "review/results-0/evaluation.json"), before, "earlier results are kept");

    filtered_in_sigma(&first, out.path());

    // A file that holds the rules alone is enough, with their key or without.
    let alone = out.path().join("rules.yaml");
    for text in [RULES, RULES.trim_start().strip_prefix("suppress:").unwrap()] {
        fs::write(&alone, text).unwrap();
        let (code, _, stderr) = told(&gonogo(&["report", later.to_str().unwrap(), "--suppress", alone.to_str().unwrap()]));
        assert_eq!(code, 0, "{stderr}");
        assert_eq!(json(&later, "evaluation.json"), after);
    }
    fs::write(&alone, "- { when: \"short = 'W-404'\" }\n").unwrap();
    let (code, _, stderr) = told(&gonogo(&["report", later.to_str().unwrap(), "--suppress", alone.to_str().unwrap()]));
    assert!(code == 2 && stderr.contains("reason") && !stderr.contains("use_case"), "{code}: {stderr}");

    // Taking the rules away again gives the first result.
    assert_eq!(told(&gonogo(&["report", later.to_str().unwrap(), "--suppress", plain.to_str().unwrap()])).0, 0);
    let restored = json(&later, "evaluation.json");
    assert_eq!(restored["contenders"], before["contenders"]);
    assert!(restored["suppression"].is_null());
}

#[test]
fn rules_that_name_nothing_are_found_by_check() {
    let out = tempfile::tempdir().unwrap();
    let file = experiment(out.path(), "wrong.yaml", "\nsuppress:\n  - { when: \"shrt = 'W-404'\", reason: crawlers }\n");
    let (code, stdout, stderr) = told(&gonogo(&["check", file.to_str().unwrap()]));
    let all = stdout + &stderr;
    assert!(code == 2 && all.contains("E025") && all.contains("short"), "{code}: {all}");
    let (code, stdout, _) = told(&gonogo(&["explain", "suppress"]));
    assert!(code == 0 && stdout.contains("gonogo report RUN --suppress"));
}
