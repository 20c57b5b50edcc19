//! Whole runs: what is left behind, what a program reads of it, and that the same input gives the same output.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

use crate::support::{demo, gonogo, json, root, run_json, told};

/// Every file below a folder, by its path below it.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    fn walk(folder: &Path, root: &Path, found: &mut BTreeMap<String, Vec<u8>>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, root, found);
            } else {
                found.insert(path.strip_prefix(root).unwrap().display().to_string(), fs::read(&path).unwrap());
            }
        }
    }
    let mut found = BTreeMap::new();
    walk(folder, folder, &mut found);
    found
}

#[test]
fn a_run_leaves_everything_behind() {
    let files = files(demo());
    for name in [
        "run.json",
        "experiment.yaml",
        "resolved.json",
        "quality.json",
        "evaluation.json",
        "decision.json",
        "cost.json",
        "alerts.csv",
        "report.html",
        "summary.md",
        "appendix.md",
        "shape.json",
        "figures/map.png",
        "figures/false-alerts.svg",
        "figures/false-alerts.png",
        "figures/trade-off.svg",
        "figures/trade-off.png",
        "scores/ecod.parquet",
    ] {
        assert!(files.contains_key(name), "{name} not in {:?}", files.keys().collect::<Vec<_>>());
    }
    let manifest = json(demo(), "run.json");
    assert_eq!(manifest["status"], "done");
    assert_eq!(manifest["synthetic"], true);
    let page = String::from_utf8(files["report.html"].clone()).unwrap();
    assert!(page.contains("Synthetic demonstration data"));
    assert!(page.len() <= 300_000, "the page is {} bytes", page.len());
    assert!(files["figures/false-alerts.png"].starts_with(b"\x89PNG"));
}

/// What the contract of the files promises of each contender.
fn check_contender(contender: &Value) {
    for key in ["id", "kind", "method", "outcome", "fit_seconds", "score_seconds"] {
        assert!(!contender[key].is_null(), "{key} of {}", contender["id"]);
    }
    assert!(["baseline", "detector", "ensemble", "control"].contains(&contender["kind"].as_str().unwrap()));
    let point = &contender["budget"];
    for key in ["alerts", "alerts_per_day", "true_alerts", "false_alerts", "false_alerts_per_week", "incidents_caught", "precision"] {
        assert!(point[key].is_number(), "budget.{key} of {}", contender["id"]);
    }
    assert_eq!(
        point["alerts"].as_u64().unwrap(),
        point["true_alerts"].as_u64().unwrap() + point["false_alerts"].as_u64().unwrap(),
        "complete labels: every alert is true or false"
    );
}

#[test]
fn a_program_can_read_the_evaluation_and_the_decision() {
    let evaluation = json(demo(), "evaluation.json");
    assert!(evaluation["schema_version"].is_u64());
    for key in ["training", "judged"] {
        assert!(evaluation["units"][key].as_u64().unwrap() > 1000);
    }
    assert_eq!(evaluation["judged_days"], 4.0);
    for key in ["complete", "true_positive", "benign_true_positive", "false_positive", "none"] {
        assert!(!evaluation["labels"][key].is_null(), "labels.{key}");
    }
    let contenders = evaluation["contenders"].as_array().unwrap();
    contenders.iter().for_each(check_contender);
    let ids: Vec<&str> = contenders.iter().map(|contender| contender["id"].as_str().unwrap()).collect();
    for id in ["isolation-forest", "ecod", "gmm", "dbscan", "optics", "pca", "vote", "random"] {
        assert!(ids.contains(&id), "{id} not in {ids:?}");
    }
    assert!(ids.iter().any(|id| id.starts_with("field:")), "every field alone is a control, the best is listed");
    let decision = json(demo(), "decision.json");
    assert!(["GO", "NO-GO", "INCONCLUSIVE"].contains(&decision["verdict"].as_str().unwrap()));
    for criterion in decision["criteria"].as_array().unwrap() {
        assert!(["met", "not_met", "open"].contains(&criterion["standing"].as_str().unwrap()));
        for key in ["metric", "contender", "limit"] {
            assert!(!criterion[key].is_null());
        }
    }
}

#[test]
fn random_is_a_control_that_catches_by_chance_only() {
    let evaluation = json(demo(), "evaluation.json");
    let random = evaluation["contenders"].as_array().unwrap().iter().find(|contender| contender["id"] == "random").unwrap();
    let area = random["roc_auc"].as_f64().unwrap();
    assert!((0.4..0.6).contains(&area), "{area}");
}

/// The same with what a clock has put into it taken out.
fn without_clock(name: &str, bytes: &[u8]) -> Vec<u8> {
    fn strip(value: &mut Value) {
        match value {
            Value::Object(map) => {
                map.retain(|key, _| !key.ends_with("_seconds"));
                map.values_mut().for_each(strip);
            }
            Value::Array(list) => list.iter_mut().for_each(strip),
            _ => {}
        }
    }
    if !name.ends_with(".json") {
        return bytes.to_vec();
    }
    let mut value: Value = serde_json::from_slice(bytes).unwrap();
    strip(&mut value);
    serde_json::to_vec(&value).unwrap()
}

/// The experiment on alerts with money in it: computing to be projected, and a criterion on the money.
fn with_money(folder: &Path) -> PathBuf {
    let text = fs::read_to_string(root().join("experiments/alert-triage.yaml")).unwrap();
    let datasets = root().join("datasets");
    let money = "
cost:
  production: { retrain_every: 7d }
  options: { build: { initial: { talent_days: 5, computing: auto }, yearly: { computing: auto, ingest_gb_day: auto } } }
decision: { require: [{ metric: payback_months, at_most: 12 }] }
";
    let path = folder.join("alert-triage.yaml");
    fs::write(&path, text.replace("../datasets", datasets.to_str().unwrap()) + money).unwrap();
    path
}

#[test]
fn the_same_input_gives_the_same_output_whatever_the_number_of_threads() {
    let out = tempfile::tempdir().unwrap();
    let experiment = with_money(out.path());
    let run = |jobs: &str| PathBuf::from(run_json(&experiment, out.path(), &["--jobs", jobs]).1["run"].as_str().unwrap());
    let (first, second) = (run("1"), run("2"));
    assert_ne!(first, second);
    let (a, mut b) = (files(&first), files(&second));
    // The second run finds the first beside it, and shows both.
    for name in ["earlier.json", "figures/history.svg", "figures/history.png"] {
        assert!(!a.contains_key(name) && b.remove(name).is_some(), "{name}");
    }
    let priced = json(&first, "cost.json");
    assert!(priced["options"][0]["yearly"][0]["amount"]["base"].as_f64().unwrap() > 0.0, "computing is projected: {priced}");
    let judged = json(&first, "decision.json");
    assert!(judged["criteria"][0]["value"].is_number(), "the money is judged: {judged}");
    assert_eq!(a.keys().collect::<Vec<_>>(), b.keys().collect::<Vec<_>>());
    for (name, bytes) in &a {
        // These two name the run and its seconds.
        if !["run.json", "report.html", "summary.md", "appendix.md"].contains(&name.as_str()) {
            assert!(without_clock(name, bytes) == without_clock(name, &b[name]), "{name} differs");
        }
    }
    let opened = |run: &Path| json(run, "run.json")["judged_opened"].as_u64().unwrap();
    assert_eq!((opened(&first), opened(&second)), (1, 2), "each opening of the same judged days is counted");
}

#[test]
fn another_seed_gives_other_scores() {
    let experiment = root().join("experiments/alert-triage.yaml");
    let out = tempfile::tempdir().unwrap();
    let scores = |seed: &str| {
        let (_, told) = run_json(&experiment, out.path(), &["--seed", seed, "--algorithm", "isolation-forest"]);
        fs::read(Path::new(told["run"].as_str().unwrap()).join("scores/isolation-forest.parquet")).unwrap()
    };
    assert_ne!(scores("1"), scores("2"));
}

#[test]
fn a_report_is_rendered_again_from_its_folder_byte_for_byte() {
    let out = tempfile::tempdir().unwrap();
    let (_, run) = run_json(&root().join("experiments/alert-triage.yaml"), out.path(), &[]);
    let run = PathBuf::from(run["run"].as_str().unwrap());
    let before = files(&run);
    fs::remove_file(run.join("report.html")).unwrap();
    let (code, stdout, _) = told(&gonogo(&["report", "alert-triage", "--out", out.path().to_str().unwrap()]));
    assert_eq!(code, 0);
    assert!(stdout.contains("report.html"));
    let after = files(&run);
    for (name, bytes) in &before {
        assert!(after.get(name) == Some(bytes), "{name} differs");
    }
}

#[test]
fn stdout_holds_the_result_and_nothing_else() {
    let out = tempfile::tempdir().unwrap();
    let (code, told) = run_json(&root().join("experiments/plain-table.yaml"), out.path(), &[]);
    assert_eq!(code, 0);
    let keys: Vec<&String> = told.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["pick", "report", "run", "verdict", "warnings"]);
    assert!(Path::new(told["report"].as_str().unwrap()).is_file());
    let evaluation = json(Path::new(told["run"].as_str().unwrap()), "evaluation.json");
    assert_eq!(evaluation["in_sample"], true);
    assert_eq!(evaluation["judged_days"], 0.0);
    assert_eq!(evaluation["budget"], 160, "without time, the budget is the number of labelled anomalies");
}

#[test]
fn the_gate_speaks_through_the_exit_code() {
    let out = tempfile::tempdir().unwrap();
    let (code, told) = run_json(&root().join("experiments/first-look.yaml"), out.path(), &["--gate"]);
    assert_eq!(told["verdict"], "INCONCLUSIVE");
    assert_eq!(code, 11);
    assert_eq!(json(Path::new(told["run"].as_str().unwrap()), "run.json")["exit_code"], 11);
    let (code, _) = run_json(&root().join("experiments/first-look.yaml"), out.path(), &[]);
    assert_eq!(code, 0);
}

#[test]
fn values_can_be_set_for_one_run() {
    let out = tempfile::tempdir().unwrap();
    let (_, told) = run_json(&root().join("experiments/alert-triage.yaml"), out.path(), &["--set", "evaluate.alerts.budget=7"]);
    let run = PathBuf::from(told["run"].as_str().unwrap());
    assert_eq!(json(&run, "evaluation.json")["budget"], 7);
    assert_eq!(json(&run, "resolved.json")["overrides"]["evaluate.alerts.budget"], "7");
}

#[test]
fn runs_are_listed() {
    let out = tempfile::tempdir().unwrap();
    run_json(&root().join("experiments/plain-table.yaml"), out.path(), &[]);
    let (code, stdout, _) = told(&gonogo(&["list", "runs", "--out", out.path().to_str().unwrap(), "--format", "json"]));
    assert_eq!(code, 0);
    let listed: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(listed[0]["experiment"], "plain-table");
    assert_eq!(listed[0]["status"], "done");
}

/// How many lines of the demonstration's logs a user has in an hour, and the largest upload among them, but for what the proxy denied (which the
/// experiment leaves out), counted without any of the program's readers.
fn lines_of(user: &str, start: i64) -> (u64, u64) {
    use std::io::Read as _;
    let (mut count, mut largest) = (0, 0);
    for entry in fs::read_dir(root().join("datasets/proxy")).unwrap() {
        let mut text = String::new();
        flate2::read::MultiGzDecoder::new(fs::File::open(entry.unwrap().path()).unwrap()).read_to_string(&mut text).unwrap();
        let names: Vec<&str> = text.lines().find_map(|line| line.strip_prefix("#Fields: ")).unwrap().split(' ').collect();
        let at = |name: &str| names.iter().position(|known| *known == name).unwrap();
        let (date, time, who) = (at("date"), at("time"), at("cs-username"));
        for line in text.lines().filter(|line| !line.starts_with('#') && line.contains(user) && !line.contains(" DENIED ")) {
            let fields: Vec<&str> = line.split(' ').collect();
            let moment = chrono::NaiveDateTime::parse_from_str(&format!("{} {}", fields[date], fields[time]), "%Y-%m-%d %H:%M:%S").unwrap();
            let micros = moment.and_utc().timestamp_micros();
            if fields[who] == user && (start..start + 3_600_000_000).contains(&micros) {
                count += 1;
                largest = largest.max(fields[fields.len() - 2].parse().unwrap());
            }
        }
    }
    (count, largest)
}

#[test]
fn every_alert_shows_the_events_behind_it_and_what_is_usual() {
    let (alerts, events) = (json(demo(), "alerts.json"), json(demo(), "events.json"));
    let (alerts, found) = (alerts.as_array().unwrap(), events["alerts"].as_array().unwrap());
    assert_eq!(alerts.len(), found.len());
    let columns: Vec<&str> = events["columns"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    assert!(columns.contains(&"host") && !columns.contains(&"user"), "{columns:?}");
    for (alert, events) in alerts.iter().zip(found).take(3) {
        let (user, start) = (alert["entity"].as_str().unwrap(), alert["start"].as_i64().unwrap());
        let count = events["count"].as_u64().unwrap();
        let (lines, largest) = lines_of(user, start);
        assert_eq!(count, lines, "{user} {start}");
        let first = events["rows"].as_array().unwrap();
        assert_eq!(first.len() as u64, count.min(20));
        let sent = columns.iter().position(|name| *name == "bytes_up").unwrap();
        let sent = |event: &Value| event[1][sent].as_str().and_then(|bytes| bytes.parse::<u64>().ok());
        assert_eq!(first.iter().filter_map(sent).max(), Some(largest), "the largest upload is shown, wherever in the hour it stands");
        let moment = |event: &Value| event[0].as_i64().unwrap();
        assert!(first.iter().all(|event| (start..start + 3_600_000_000).contains(&moment(event)) && event[1].as_array().unwrap().len() == columns.len()));
    }
    let driver = |key: &str| alerts.iter().flat_map(|alert| alert["drivers"].as_array().unwrap()).any(|driver| driver[key].is_number());
    assert!(driver("own") && driver("peers"), "what is usual for the entity itself and for others");
    let page = fs::read_to_string(demo().join("report.html")).unwrap();
    assert!(page.contains("itself usually") && page.contains("td class=events"));
}
