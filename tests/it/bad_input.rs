//! Bad input of every kind: a clear message with its place and what to do, the documented exit code, nothing lost, never a panic.

use std::fs;

use tempfile::TempDir;

use crate::support::{aloud, gonogo, told};

const TABLE: &str = "time,user,host,bytes,label\n2026-03-02T10:00:00Z,ann,a.example,5,0\n2026-03-02T11:00:00Z,bob,b.example,7,0\n2026-03-03T10:00:00Z,ann,a.example,900,1\n2026-03-03T11:30:00Z,bob,c.example,4,0\n2026-03-03T12:30:00Z,cid,c.example,6,0\n";

const GOOD: &str = r#"version: 1
name: bad
use_case: { title: t }
sources: { log: { path: log.csv, format: csv, time: { column: time } } }
window: { start: 2026-03-02, train_end: 2026-03-03, end: 2026-03-04 }
entity: { key: [user], every: 1h }
fields: { n: { count: "*" }, bytes: { sum: bytes } }
algorithms: [ecod]
labels: { column: label, benign: [0], complete: true }
baseline: { rule: "bytes > 6" }
"#;

/// A folder with a small log and an experiment, changed as told: `from` becomes `to`.
fn folder(from: &str, to: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("log.csv"), TABLE).unwrap();
    assert!(GOOD.contains(from), "{from}");
    fs::write(folder.path().join("x.yaml"), GOOD.replacen(from, to, 1)).unwrap();
    folder
}

fn run(folder: &TempDir, more: &[&str]) -> (i32, String, String) {
    let (file, out) = (folder.path().join("x.yaml"), folder.path().join("out"));
    let mut arguments = vec!["run", file.to_str().unwrap(), "--out", out.to_str().unwrap()];
    arguments.extend(more);
    told(&gonogo(&arguments))
}

#[test]
fn the_small_experiment_runs() {
    let folder = folder("t }", "t }");
    let (code, stdout, stderr) = run(&folder, &[]);
    assert_eq!(code, 0, "{stderr}");
    assert!(stdout.contains("INCONCLUSIVE"), "{stdout}");
}

/// What is changed in the small experiment, the exit code, and what the message must hold: where, and what to do.
const CASES: &[(&str, &str, i32, &[&str])] = &[
    ("version: 1", "version: 2", 2, &["version 2 is not known", "a newer gonogo"]),
    ("name: bad", "name: ../bad", 2, &["the name must be"]),
    (
        "use_case: { title: t }",
        "use_cases: { title: t }",
        2,
        &["`use_case` is missing", "unknown key `use_cases`", "did you mean `use_case`"],
    ),
    ("name: bad", "name: bad\nname: worse", 2, &["this key stands twice"]),
    ("name: bad", "name: [bad", 2, &["not valid YAML"]),
    ("path: log.csv", "path: nothing.csv", 1, &["nothing.csv"]),
    ("path: log.csv", "path: '*.gz'", 1, &["*.gz"]),
    ("format: csv", "format: cvs", 2, &["unknown format `cvs`", "did you mean `csv`"]),
    ("format: csv", "format: elff", 1, &["source `log`"]),
    ("column: time", "column: tiem", 1, &["`tiem`", "did you mean `time`"]),
    ("train_end: 2026-03-03", "train_end: 2026-03-01", 2, &["the training part is empty", "put `train_end` between"]),
    ("end: 2026-03-04", "end: 2026-03-03", 2, &["the judged part is empty"]),
    ("start: 2026-03-02", "start: 2026-13-02", 2, &["is not a date or time"]),
    (
        "start: 2026-03-02, train_end: 2026-03-03, end: 2026-03-04",
        "start: 2025-03-02, train_end: 2025-03-03, end: 2025-03-04",
        1,
        &["no row is left", "outside the window"],
    ),
    ("train_end: 2026-03-03", "train_end: 2026-03-02T09:00:00Z", 1, &["the training part"]),
    ("every: 1h", "every: 1 hour", 2, &["is not a duration"]),
    ("every: 1h", "every: 0h", 2, &["longer than nothing"]),
    ("key: [user]", "key: [usr]", 2, &["`usr`", "did you mean `user`"]),
    ("sum: bytes", "sum: byts", 2, &["`byts`", "`bytes`"]),
    ("sum: bytes", "summ: bytes", 2, &["fields.bytes"]),
    ("sum: bytes", "sum: label", 2, &["label"]),
    ("algorithms: [ecod]", "algorithms: [ekod]", 2, &["unknown method `ekod`", "`ecod`"]),
    ("algorithms: [ecod]", "algorithms: []", 2, &["algorithm"]),
    ("algorithms: [ecod]", "algorithms: [{ method: kmeans, clusters: three }]", 2, &["clusters: three", "expected a whole number"]),
    ("algorithms: [ecod]", "algorithms: [{ method: kmeans, clusters: 0 }]", 2, &["clusters"]),
    ("algorithms: [ecod]", "algorithms: [{ id: a, method: ecod }, { id: a, method: hbos }]", 2, &["algorithms[1]"]),
    ("column: label", "column: lable", 1, &["`lable`", "did you mean `label`"]),
    ("rule: \"bytes > 6\"", "rule: \"bytes >\"", 2, &["expected an expression", "baseline: { rule"]),
    ("rule: \"bytes > 6\"", "rule: \"byte > 6\"", 2, &["`byte`", "`bytes`"]),
    ("rule: \"bytes > 6\"", "rule: \"frobnicate(bytes) > 6\"", 2, &["frobnicate"]),
    (
        "baseline:",
        "decision: { require: [{ metric: fp_reducton, at_least: 0.4 }] }\nbaseline:",
        2,
        &["unknown metric `fp_reducton`", "did you mean `fp_reduction`"],
    ),
    ("baseline:", "decision: { require: [{ metric: recall_kept }] }\nbaseline:", 2, &["`at_least` or `at_most` is missing"]),
    ("baseline:", "enrich: [{ join: cmdb, on: { user: user } }]\nbaseline:", 2, &["there is no source `cmdb`"]),
    ("baseline:", "evaluate: { alerts: { budget: 0 } }\nbaseline:", 2, &["a budget of 0"]),
    ("baseline:", "evaluate: { confidence: 90 }\nbaseline:", 2, &["a share from 0 to 1"]),
    ("baseline:", "report: { redact: { user: drop } }\nbaseline:", 2, &["could not be told apart", "`user: pseudonym`"]),
    ("baseline:", "report: { redact: { usr: pseudonym } }\nbaseline:", 2, &["no column `usr`", "did you mean `user`"]),
];

#[test]
fn every_mistake_gets_a_message_with_its_place_and_what_to_do() {
    let mut wrong = Vec::new();
    for (from, to, code, fragments) in CASES {
        let folder = folder(from, to);
        let (found, stdout, stderr) = run(&folder, &[]);
        if found != *code {
            wrong.push(format!("{to}: exit code {found}, expected {code}: {stderr}{stdout}"));
        }
        for fragment in *fragments {
            if !stderr.contains(fragment) {
                wrong.push(format!("{to}: `{fragment}` not in: {stderr}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n----\n"));
}

#[test]
fn all_mistakes_of_a_file_are_told_at_once() {
    let folder =
        folder("algorithms: [ecod]", "seed: three\nalgorithms: [ekod, { method: kmeans, clusters: three }]\nreport: { language: de }");
    let (code, _, stderr) = run(&folder, &[]);
    assert_eq!(code, 2);
    for fragment in ["seed", "three", "unknown value"] {
        assert!(stderr.contains(fragment), "{fragment} not in {stderr}");
    }
}

#[test]
fn a_missing_experiment_is_told() {
    let (code, _, stderr) = told(&gonogo(&["run", "no-such-file.yaml"]));
    assert_eq!(code, 1);
    assert!(stderr.contains("cannot read `no-such-file.yaml`"), "{stderr}");
}

#[test]
fn an_unknown_algorithm_on_the_command_line_is_told() {
    let folder = folder("t }", "t }");
    let (code, _, stderr) = run(&folder, &["--algorithm", "ekod"]);
    assert_eq!(code, 2);
    assert!(stderr.contains("no algorithm `ekod`") && stderr.contains("did you mean `ecod`"), "{stderr}");
}

#[test]
fn an_override_without_a_value_is_told() {
    let folder = folder("t }", "t }");
    let (code, _, stderr) = run(&folder, &["--set", "seed"]);
    assert_eq!(code, 2);
    assert!(stderr.contains("has no `=`"), "{stderr}");
}

#[test]
fn an_output_folder_that_is_a_file_is_told_before_the_work() {
    let folder = folder("t }", "t }");
    fs::write(folder.path().join("out"), "a file").unwrap();
    let (code, _, stderr) = run(&folder, &[]);
    assert_eq!(code, 1);
    assert!(stderr.contains("cannot create") && stderr.contains("out"), "{stderr}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told_and_leaves_no_run_that_looks_whole() {
    let full = tempfile::tempdir().unwrap();
    let mounted = std::process::Command::new("mount").args(["-t", "tmpfs", "-o", "size=64k", "tmpfs"]).arg(full.path()).output();
    if !mounted.is_ok_and(|output| output.status.success()) {
        aloud("skipped: a small tmpfs cannot be mounted here");
        return;
    }
    let folder = folder("t }", "t }");
    let (file, out) = (folder.path().join("x.yaml"), full.path().to_str().unwrap().to_owned());
    let (code, _, stderr) = told(&gonogo(&["run", file.to_str().unwrap(), "--out", &out]));
    let (_, listed, _) = told(&gonogo(&["list", "runs", "--out", &out, "--format", "json"]));
    std::process::Command::new("umount").arg(full.path()).output().unwrap();
    assert_eq!(code, 1, "{stderr}");
    assert!(stderr.contains("cannot write"), "{stderr}");
    assert!(!listed.contains("\"done\""), "{listed}");
}

#[test]
fn lines_that_do_not_parse_are_counted_and_shown() {
    let folder = folder("format: csv,", "format: csv, max_malformed: 0.5,");
    fs::write(folder.path().join("log.csv"), format!("{TABLE}2026-03-03T10:00:00Z,too,few\n")).unwrap();
    let (code, _, stderr) = run(&folder, &[]);
    assert_eq!(code, 0, "{stderr}");
    assert!(stderr.contains("1 of") && stderr.contains("do not parse") && stderr.contains("log.csv:7"), "{stderr}");
}

#[test]
fn too_many_lines_that_do_not_parse_end_the_run() {
    let folder = folder("t }", "t }");
    fs::write(folder.path().join("log.csv"), format!("{TABLE}{}", "only,three,cells\n".repeat(3))).unwrap();
    let (code, _, stderr) = run(&folder, &[]);
    assert_eq!(code, 1, "{stderr}");
    assert!(stderr.contains("malformed") || stderr.contains("do not parse"), "{stderr}");
}

#[test]
fn no_incident_one_unit_and_a_budget_above_the_units_are_no_crash() {
    for (from, to) in [
        ("benign: [0]", "benign: [0, 1]"),
        ("train_end: 2026-03-03", "train_end: 2026-03-03T12:00:00Z"),
        ("baseline:", "evaluate: { alerts: { budget: 100000 }, also_at: [200000] }\nbaseline:"),
        ("algorithms: [ecod]", "algorithms: [isolation-forest, kmeans, gmm, dbscan, optics, pca, knn, lof, hbos, copod, loda, ocsvm, mcd]"),
        ("n: { count: \"*\" }, ", ""),
    ] {
        let folder = folder(from, to);
        let (code, stdout, stderr) = run(&folder, &[]);
        assert!([0, 1, 3].contains(&code), "{to}: {code} {stderr}");
        assert!(code == 1 || stdout.contains("INCONCLUSIVE") || stdout.contains("NO-GO"), "{to}: {stdout}{stderr}");
    }
}

#[test]
fn what_attackers_write_into_logs_reaches_nothing_unescaped() {
    let folder = folder("t }", "\"<script>alert(1)</script>\" }");
    let hostile = ["<script>alert(1)</script>", "=cmd|' /C calc'!A0", "\u{1b}[31mred", "a\u{202e}b", "</svg><img src=x onerror=alert(1)>"];
    let mut log = TABLE.to_owned();
    for (index, name) in hostile.iter().enumerate() {
        log.push_str(&format!("2026-03-03T13:{index:02}:00Z,\"{name}\",h.example,{},1\n", 1000 * (index + 1)));
    }
    fs::write(folder.path().join("log.csv"), log).unwrap();
    let (code, stdout, stderr) = run(&folder, &[]);
    assert_eq!(code, 0, "{stderr}");
    assert!(!stdout.contains('\u{1b}') && !stderr.contains('\u{1b}') && !stdout.contains('\u{202e}'));
    let run = gonogo::run::folder::find(&folder.path().join("out"), "latest").unwrap();
    for name in ["report.html", "summary.md", "figures/false-alerts.svg"] {
        let text = fs::read_to_string(run.join(name)).unwrap();
        for bad in ["<script>alert", "<img src=x", "\u{1b}", "\u{202e}"] {
            assert!(!text.contains(bad), "{name} holds {bad:?}");
        }
    }
    let alerts = fs::read_to_string(run.join("alerts.csv")).unwrap();
    assert!(!alerts.contains(",=cmd") && !alerts.contains("\"=cmd") && !alerts.contains('\u{1b}'), "{alerts}");
}
