//! A run without labels, reviewed: sheets, what comes back, and what it changes.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

use crate::support::{gonogo, json, root, run_json, told};

/// The alerts of the demonstration without their labels.
const UNLABELLED: &str = "version: 1
name: unlabelled
use_case: { title: Which alerts deserve an analyst? }
sources:
  alerts: { path: ALERTS, format: csv, time: { column: time, parse: epoch_s }, synthetic: true }
window: { start: 2026-03-02, train_end: 2026-03-03T12:00:00Z, end: 2026-03-06 }
entity: { key: [host, short], every: 1h }
fields:
  alerts:      { count: \"*\" }
  names:       { distinct: name }
  rule_rarity: { rarity: short }
  first_here:  { unseen: short, by: host }
algorithms: [isolation-forest, hbos]
baseline: { title: Every alert is opened, rule: \"true\" }
evaluate: { alerts: { budget: 20, per: 1d } }
decision: { require: [{ metric: fp_reduction, at_least: 0.5 }, { metric: recall_kept, at_least: 0.8 }] }
";

pub fn unlabelled(out: &Path) -> PathBuf {
    let file = out.join("experiment.yaml");
    fs::write(&file, UNLABELLED.replace("ALERTS", root().join("datasets/alerts/*.csv.gz").to_str().unwrap())).unwrap();
    let (code, told) = run_json(&file, out, &[]);
    assert_eq!(code, 0);
    PathBuf::from(told["run"].as_str().unwrap())
}

pub fn review(run: &Path, more: &[&str]) -> (i32, Value, String) {
    let mut arguments = vec!["review", run.to_str().unwrap(), "--format", "json"];
    arguments.extend(more);
    let (code, stdout, stderr) = told(&gonogo(&arguments));
    (code, serde_json::from_str(&stdout).unwrap_or(Value::Null), stderr)
}

pub fn ids(sheet: &Path) -> Vec<String> {
    let mut reader = csv::Reader::from_path(sheet).unwrap();
    reader.records().map(|record| record.unwrap()[0].to_owned()).collect()
}

#[test]
fn a_run_without_labels_is_reviewed_sheet_by_sheet() {
    let out = tempfile::tempdir().unwrap();
    let run = unlabelled(out.path());
    let before = json(&run, "decision.json");
    assert_eq!(before["verdict"], "INCONCLUSIVE");
    assert!(before["next"][0]["en"].as_str().unwrap().contains("gonogo review"), "{before}");

    let (code, drawn, stderr) = review(&run, &["--reviews", "40"]);
    assert_eq!((code, drawn["number"].as_u64(), drawn["rows"].as_u64()), (0, Some(1), Some(40)), "{stderr}");
    let sheet = run.join("review/sheet-1.csv");
    let text = fs::read_to_string(&sheet).unwrap();
    for contender in ["isolation", "hbos", "random", "score", "rank", "stratum", "votes"] {
        assert!(!text.replace("rule_rarity", "").contains(contender), "the sheet tells of `{contender}`");
    }
    assert!(fs::read(run.join("review/sheet-1.xlsx")).unwrap().starts_with(b"PK"));
    let page = fs::read_to_string(run.join("review/sheet-1.html")).unwrap();
    assert!(page.contains("default-src 'none'") && !page.contains("http://") && !page.contains("https://"));

    // What an analyst needs to tell: the events behind each row, which name no contender either.
    let events = fs::read_to_string(run.join("review/sheet-1-events.csv")).unwrap();
    assert!(events.starts_with("id,entity,time,name,"), "{}", events.lines().next().unwrap_or_default());
    let behind: BTreeSet<String> = ids(&run.join("review/sheet-1-events.csv")).into_iter().collect();
    assert_eq!(behind, ids(&sheet).into_iter().collect(), "each row has events, and nothing else has");
    assert!(page.contains(r#""columns":["name","#) && page.contains("Some of its events"));
    // The file's own labels, which the experiment does not declare, would tell the verdict: no file of the sheet shows them, each says so.
    let kept = fs::read_to_string(run.join("state/sheet_events.json")).unwrap();
    assert!(kept.contains(r#""answers_left_out": 2"#), "{}", &kept[..200]);
    for (file, text) in [("events", &events), ("page", &page), ("sheet", &text), ("kept", &kept)] {
        assert!(["time_label", "event_label"].iter().all(|column| !text.contains(column)), "the {file} shows labels");
    }
    assert!(page.contains("2 columns of the events are left out: named like the answer"));
    let kept = json(&run, "state/sheet_events.json");
    assert!(kept["units"].as_array().unwrap().iter().all(|unit| (1..=8).contains(&unit[1]["rows"].as_array().unwrap().len())));

    // Wrong rows are named, all of them, and nothing is taken in.
    let first = ids(&sheet);
    let wrong = out.path().join("wrong.csv");
    fs::write(&wrong, format!("id,disposition\n{},false_positive\n{},maybe\n7-ffff,false_positive\n", first[0], first[1])).unwrap();
    let (code, _, stderr) = review(&run, &["--import", wrong.to_str().unwrap()]);
    assert_eq!(code, 1);
    assert!(stderr.contains("2 rows") && stderr.contains("line 3") && stderr.contains("line 4"), "{stderr}");
    assert!(!run.join("review/readings.json").exists() && json(&run, "decision.json") == before);

    // Two analysts, the second on half of the rows, one of which differs; five rows stay blank.
    let (ann, bob) = (out.path().join("ann.csv"), out.path().join("bob.csv"));
    let line = |index: usize, id: &String, other: bool| {
        let word = if index >= 35 {
            ""
        } else if index.is_multiple_of(7) && !(other && index == 0) {
            "true_positive"
        } else {
            "false_positive"
        };
        format!("{id},{word}\n")
    };
    let file = |n: usize, other: bool| {
        first.iter().take(n).enumerate().fold("id,disposition\n".to_owned(), |text, (i, id)| text + &line(i, id, other))
    };
    fs::write(&ann, file(40, false)).unwrap();
    fs::write(&bob, file(20, true)).unwrap();
    let (code, told, stderr) = review(&run, &["--import", ann.to_str().unwrap(), bob.to_str().unwrap()]);
    assert_eq!(code, 0, "{stderr}");
    assert_eq!((told["rows"].as_u64(), told["blank"].as_u64()), (Some(55), Some(5)));
    let summary = &told["review"];
    assert_eq!(
        (summary["read"].as_u64(), summary["blank"].as_u64(), summary["read_twice"].as_u64(), summary["disagreements"].as_u64()),
        (Some(35), Some(5), Some(20), Some(1))
    );
    assert!(summary["kappa"].as_f64().unwrap() > 0.5);
    let evaluation = json(&run, "evaluation.json");
    let forest = evaluation["contenders"].as_array().unwrap().iter().find(|c| c["id"] == "isolation-forest").unwrap();
    assert_eq!(forest["budget"]["sampled"]["fp_reduction"]["question"], "this_window");
    assert_eq!(forest["budget"]["fp_reduction"]["question"], "weeks_to_come");
    assert_eq!(json(&run, "review/results-0/decision.json"), before, "earlier results are kept");
    assert!(fs::read_to_string(run.join("report.html")).unwrap().contains("35"));

    // The next sheet goes on: nothing that was read, the blank rows among what is offered.
    let (code, drawn, _) = review(&run, &[]);
    assert_eq!((code, drawn["left"].as_u64().is_some()), (0, true));
    let second: BTreeSet<String> = ids(&run.join("review/sheet-2.csv")).into_iter().collect();
    assert!(first[..35].iter().all(|id| !second.contains(id)));
    let (code, _, stderr) = review(&run, &["--seed", "99"]);
    assert_eq!(code, 2, "{stderr}");

    let (code, plan, _) = review(&run, &["--plan"]);
    assert_eq!((code, plan["read"].as_u64()), (0, Some(35)));
    let widths: Vec<f64> = plan["window"].as_array().unwrap().iter().map(|row| row["precision"].as_f64().unwrap()).collect();
    assert!(widths.first() > widths.last() && *widths.last().unwrap() == 0.0, "{widths:?}");
    // Rendering again needs nothing but the folder.
    assert_eq!(told_code(&["report", run.to_str().unwrap()]), 0);
}

fn told_code(arguments: &[&str]) -> i32 {
    told(&gonogo(arguments)).0
}

#[test]
fn complete_labels_need_no_review() {
    let (code, _, stderr) = review(crate::support::demo(), &["--plan"]);
    assert_eq!(code, 2);
    assert!(stderr.contains("complete"), "{stderr}");
}
