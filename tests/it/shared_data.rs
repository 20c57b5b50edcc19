//! Runs on real data, where they lie beside the project: the small forms exactly as documented.

use std::{fs, path::Path};

use gonogo::{experiment::load, observe::Silent, run::gather::gather};
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

const SESSIONS: &str = r#"version: 1
name: sessions
use_case: { title: Which URLs carried much? }
sources:
  urls: { path: FOLDER/threat.csv, format: paloalto }
  traffic: { path: FOLDER/traffic.csv.gz, format: paloalto, time: { column: start_time }, where: "type = 'TRAFFIC' and subtype = 'end'" }
events: [urls]
enrich:
  - { join: traffic, on: { session_id: session_id, device: device }, how: nearest, within: 1d, take: [bytes_up], ONCE }
window: { start: 2017-03-28, train_end: 2017-04-15, end: 2017-05-10 }
entity: { key: [src_ip], every: 1d }
fields: { events: { count: "*" }, up: { sum: bytes_up } }
algorithms: [hbos]
"#;

/// Python: for each of the 347 rows the last session of its number and device that began before it (the first in the file of those of one second),
/// over a dictionary of sorted lists: 53 rows find one of 45 sessions, whose bytes sum to the first figure; over the rows they sum to the second.
#[test]
fn a_session_of_palo_alto_gives_its_bytes_once() {
    let Some(path) = shared("paloalto/threat.csv") else { return };
    for (once, bytes) in [("once: [bytes_up]", 67_272_085_239.0), ("once: []", 75_456_233_568.0)] {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("experiment.yaml");
        fs::write(&file, SESSIONS.replace("FOLDER", path.parent().unwrap().to_str().unwrap()).replace("ONCE", once)).unwrap();
        let gathered = gather(&load::load(&file, &[]).unwrap(), 1, None, &Silent).unwrap();
        let join = &gathered.quality.joins[0];
        assert_eq!((join.events, join.matched), (347, 53));
        let up: f64 = gathered.table.field("up").unwrap().values.iter().flatten().sum();
        assert_eq!(up, bytes, "{once}");
        // Sessions that no event of the window can find are not kept.
        let traffic = gathered.quality.sources.iter().find(|source| source.name == "traffic").unwrap();
        assert!(
            traffic.outside_window > 0 && traffic.rows + traffic.outside_window == 65_532,
            "{} {}",
            traffic.rows,
            traffic.outside_window
        );
    }
}
