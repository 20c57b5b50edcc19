//! Runs on real data, where they lie beside the project: the small forms exactly as documented.

use std::{fs, path::Path};

use serde_json::Value;

use crate::support::{json, root, run_json, shared};

pub const ALERTS: &str = r#"version: 1
name: alert-triage
use_case: { title: "Which alerts of today's rules deserve an analyst?" }
sources:
  alerts:
    path: PATH
    format: csv
    time: { column: time, parse: epoch_s }
window: WINDOW
entity: { key: [host, short], every: 1h }
fields:
  alerts:       { count: "*" }
  names:        { distinct: name }
  rule_rarity:  { rarity: short }
  first_here:   { unseen: short, by: host }
  since_here:   { since: short, by: host }
  other_rules:  { distinct: short, at: [host] }
algorithms: [isolation-forest, hbos, knn]
baseline: { title: Every alert is opened, rule: "true" }
labels: { column: event_label, benign: ["-"], incident: event_label, complete: true }
evaluate: { alerts: { budget: 20, per: 1d } }
"#;

fn run_text(text: &str) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("experiment.yaml");
    fs::write(&file, text).unwrap();
    let (code, told) = run_json(&file, folder.path(), &[]);
    assert_eq!(code, 0);
    json(Path::new(told["run"].as_str().unwrap()), "evaluation.json")
}

fn contender<'a>(evaluation: &'a Value, id: &str) -> &'a Value {
    evaluation["contenders"].as_array().unwrap().iter().find(|contender| contender["id"] == id).unwrap()
}

#[test]
fn alerts_of_two_real_networks_are_ranked() {
    // The days of the two captures; the judged part begins after the first 40 % or so.
    let networks = [
        ("ait-alerts/santos.csv.gz", "{ start: 2022-01-14, train_end: 2022-01-15T12:00:00Z, end: 2022-01-18 }"),
        ("ait-alerts/fox.csv.gz", "{ start: 2022-01-15, train_end: 2022-01-17T00:00:00Z, end: 2022-01-20 }"),
    ];
    for (name, window) in networks {
        let Some(path) = shared(name) else { continue };
        let evaluation = run_text(&ALERTS.replace("PATH", path.to_str().unwrap()).replace("WINDOW", window));
        let baseline = contender(&evaluation, "baseline");
        let incidents = evaluation["incidents"].as_u64().unwrap();
        assert!(incidents >= 5, "{name}: {incidents} attack steps in the judged part");
        assert_eq!(
            baseline["budget"]["incidents_caught"].as_u64(),
            Some(incidents),
            "{name}: every alert is opened, so every step is caught"
        );
        let forest = contender(&evaluation, "isolation-forest");
        let caught = forest["budget"]["incidents_caught"].as_u64().unwrap();
        let chance = contender(&evaluation, "random")["budget"]["incidents_caught"].as_u64().unwrap();
        assert!(caught >= 4 && caught > chance, "{name}: isolation forest catches {caught}, random {chance}");
        let reduction = forest["equal_detection"]["fp_reduction"]["value"].as_f64().unwrap();
        println!("{name}: {incidents} steps, isolation-forest catches {caught} at 20 a day, equal detection {reduction:.2}");
        assert!(reduction > 0.3, "{name}: {reduction}");
    }
}

#[test]
fn detectors_give_the_published_figures_on_a_published_table() {
    let (Some(table), Some(published)) = (shared("adbench/cardio.csv.gz"), shared("adbench/published_roc_auc.csv")) else { return };
    let text = format!(
        "version: 1\nname: cardio\nuse_case: {{ title: Detector check on a published table }}\nsources: {{ table: {{ path: {}, format: csv }} }}\n\
         fields: {{ all_numeric: {{}} }}\nscale: none\nalgorithms: [isolation-forest, ecod, copod, hbos, knn, lof, pca, kmeans, gmm, loda, ocsvm]\n\
         labels: {{ column: label, benign: [0], complete: true }}\nevaluate: {{ repeats: 5 }}\n",
        table.display()
    );
    let evaluation = run_text(&text);
    let rows = fs::read_to_string(published).unwrap();
    let mut lines = rows.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let header = lines.next().unwrap();
    let cardio = lines.find(|line| line[0] == "cardio").unwrap();
    for (id, most) in [("isolation-forest", 1.5), ("ecod", 0.3)] {
        let column = header.iter().position(|name| {
            name.to_lowercase().replace(['_', '-'], "") == id.replace('-', "")
                || (id == "isolation-forest" && name.to_lowercase() == "iforest")
        });
        let wanted: f64 = cardio[column.unwrap_or_else(|| panic!("{id} not in {header:?}"))].parse().unwrap();
        let found = 100.0 * contender(&evaluation, id)["roc_auc"].as_f64().unwrap();
        println!("{id}: {found:.2}, published {wanted:.2}");
        assert!((found - wanted).abs() <= most, "{id}: {found:.2}, published {wanted:.2}");
    }
}

#[test]
fn every_shipped_experiment_is_in_the_readme_of_its_folder() {
    let readme = fs::read_to_string(root().join("experiments/README.md")).unwrap();
    for file in fs::read_dir(root().join("experiments")).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()) {
        assert!(!file.ends_with(".yaml") || readme.contains(&format!("]({file})")), "experiments/README.md does not tell of {file}");
    }
}
