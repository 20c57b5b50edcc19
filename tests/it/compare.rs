//! Runs side by side, as their users see them.

use std::path::Path;

use crate::support::{gonogo, root, run_json, told};

fn run(out: &Path, iteration: &str, more: &[&str]) {
    let label = format!("iteration={iteration}");
    let mut arguments = vec!["--set", &label, "--set", "evaluate.repeats=1"];
    arguments.extend(more);
    let (code, _) = run_json(&root().join("experiments/proxy-exfiltration.yaml"), out, &arguments);
    assert_eq!(code, 0);
}

fn compare(out: &Path, more: &[&str]) -> (i32, String, String) {
    let mut arguments = vec!["compare", "--out", out.to_str().unwrap()];
    arguments.extend(more);
    told(&gonogo(&arguments))
}

#[test]
fn iterations_are_lined_up_and_the_portfolio_shows_the_newest() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path();
    let (code, _, stderr) = compare(out, &[]);
    assert_eq!(code, 2, "{stderr}");
    assert!(stderr.contains("there is no whole run below"), "{stderr}");

    run(out, "sprint-1", &["--set", "algorithms=[ecod]"]);
    // Ids begin with the second: the order of two runs within one is that of their hashes.
    std::thread::sleep(std::time::Duration::from_millis(1_100));
    run(out, "sprint-2", &["--set", "algorithms=[hbos]", "--set", "evaluate.alerts.budget=1"]);

    let (code, stdout, _) = compare(out, &["--format", "json"]);
    assert_eq!(code, 0);
    let comparison: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    let labels: Vec<&str> = comparison["columns"].as_array().unwrap().iter().map(|column| column["label"].as_str().unwrap()).collect();
    assert_eq!(labels, ["sprint-1", "sprint-2"]);
    assert_eq!(comparison["columns"][1]["differs"], serde_json::json!(["budget"]));
    let paths: Vec<&str> = comparison["changes"][0].as_array().unwrap().iter().map(|change| change["path"].as_str().unwrap()).collect();
    assert_eq!(paths, ["algorithms.ecod", "algorithms.hbos", "evaluate.alerts.budget"]);
    let measures = comparison["measures"].as_array().unwrap();
    let step = |id: &str| measures.iter().find(|measure| measure["metric"] == id).unwrap()["steps"][0].clone();
    assert_eq!(step("fp_reduction")["paired"], true, "both judged the same cases");
    assert_eq!(step("recall_kept")["paired"], true);
    assert!(step("alerts_per_day_p95").is_null(), "no interval, no word");

    // One alert a day catches less than twenty.
    assert_eq!(step("recall_kept")["word"], "worse", "{}", step("recall_kept"));
    let page = out.join("pages/trend.html");
    let (code, stdout, stderr) = compare(out, &["sprint-1", "sprint-2", "--fail-on", "worse", "--html", page.to_str().unwrap()]);
    assert_eq!(code, 12, "{stderr}");
    assert!(stdout.contains("worse than before:") && stdout.contains("sprint-2 against sprint-1"), "{stdout}");
    let (code, ..) = compare(out, &["latest", "--fail-on", "worse"]);
    assert_eq!(code, 0, "one run is not worse than anything");

    let html = std::fs::read_to_string(&page).unwrap();
    assert!(html.contains("<svg") && html.contains("Content-Security-Policy"));
    for forbidden in ["<script", "src=", "href=\"http", "url("] {
        assert!(!html.contains(forbidden), "{forbidden} in the page");
    }
    let again = out.join("pages/again.html");
    compare(out, &["sprint-1", "sprint-2", "--html", again.to_str().unwrap()]);
    assert_eq!(html, std::fs::read_to_string(&again).unwrap(), "the same runs, the same bytes");

    let (_, markdown, _) = compare(out, &["--format", "markdown", "--lang", "fr"]);
    assert!(markdown.contains("| Mesure | sprint-1 | sprint-2 |") && markdown.contains("moins bien"), "{markdown}");

    let (code, stdout, _) = compare(out, &["--portfolio", "--format", "json"]);
    let entries: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!((code, entries.as_array().unwrap().len()), (0, 1));
    assert_eq!(entries[0]["runs"], 2);
    assert_eq!(entries[0]["pick"], "hbos");
    let (code, stdout, _) = compare(out, &["--portfolio"]);
    assert!(code == 0 && stdout.contains("synthetic data"), "{stdout}");
}
