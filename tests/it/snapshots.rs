//! What people read, as it stands.

use std::fs;

use insta::assert_snapshot;

use crate::support::{gonogo, root, told};

#[test]
fn help() {
    let (_, stdout, _) = told(&gonogo(&["--help"]));
    assert_snapshot!("help", stdout);
    let (_, stdout, _) = told(&gonogo(&["run", "-h"]));
    assert_snapshot!("help-run", stdout);
}

#[test]
fn mistakes_are_drawn_into_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x.yaml");
    let text = "version: 1\nname: mistakes\nuse_case: { title: é, tilte: u }\nsources:\n  log: { path: a.csv, format: cvs }\nfields: { n: { count: '*' } }\n\n\n\n\nalgorithms:\n  - method: kmeens\n  - method: kmeans # é\n    clusters: three\n  - method: ecod\n    tail: 2\n";
    fs::write(&file, text).unwrap();
    let (code, stdout, _) = told(&gonogo(&["check", "--no-data", file.to_str().unwrap()]));
    assert_eq!(code, 2);
    assert_snapshot!("mistakes", stdout.replace(folder.path().to_str().unwrap(), "[dir]"));
}

#[test]
fn the_end_of_a_run() {
    let out = tempfile::tempdir().unwrap();
    let experiment = root().join("experiments/alert-triage.yaml");
    let (code, stdout, _) = told(&gonogo(&["run", experiment.to_str().unwrap(), "--out", out.path().to_str().unwrap()]));
    assert_eq!(code, 0);
    let stdout = stdout.replace(out.path().to_str().unwrap(), "[out]");
    let mut settings = insta::Settings::clone_current();
    settings.add_filter(r"\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ-[0-9a-f]{6}(-\d+)?", "[run]");
    settings.bind(|| assert_snapshot!("run", stdout));
}

#[test]
fn lists() {
    for what in ["methods", "formats", "fields", "metrics", "sections"] {
        let (code, stdout, _) = told(&gonogo(&["list", what]));
        assert_eq!(code, 0);
        assert_snapshot!(format!("list-{what}"), stdout);
    }
}

#[test]
fn explanations() {
    for topic in ["isolation-forest", "format:elff", "field:rarity", "recall_kept", "exit-codes"] {
        let (code, stdout, _) = told(&gonogo(&["explain", topic]));
        assert_eq!(code, 0);
        assert!(stdout.lines().count() >= 3, "{topic}: {stdout}");
    }
    let (code, _, stderr) = told(&gonogo(&["explain", "kmeens"]));
    assert_eq!(code, 2);
    assert!(stderr.contains("did you mean `kmeans`"), "{stderr}");
}
