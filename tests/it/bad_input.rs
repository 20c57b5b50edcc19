//! Bad input of every kind: a clear message with its place and what to do, the documented exit code, nothing lost, never a panic.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use tempfile::TempDir;

use crate::support::{aloud, gonogo, program, told};

mod commands;
mod data;
mod places;
mod values;
mod yaml;

pub const TABLE: &str = "time,user,host,bytes,label\n2026-03-02T10:00:00Z,ann,a.example,5,0\n2026-03-02T11:00:00Z,bob,b.example,7,0\n2026-03-03T10:00:00Z,ann,a.example,900,1\n2026-03-03T11:30:00Z,bob,c.example,4,0\n2026-03-03T12:30:00Z,cid,c.example,6,0\n";

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

/// One bad input: what is wrong, how it is laid out in the folder of the small experiment, and what is typed there (`NAME=value` before the verb
/// is the environment).
pub type Case = (&'static str, fn(&Path), &'static str);

/// Writes a file below the folder.
pub fn write(at: &Path, name: &str, bytes: impl AsRef<[u8]>) {
    fs::write(at.join(name), bytes).unwrap();
}

/// Changes the experiment: `from` becomes `to`.
pub fn change(at: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(at.join("x.yaml")).unwrap();
    assert!(text.contains(from), "{from}");
    write(at, "x.yaml", text.replacen(from, to, 1));
}

/// Lays down a finished run of the small experiment, called `whole`.
pub fn kept(at: &Path) {
    static RUN: OnceLock<(TempDir, PathBuf)> = OnceLock::new();
    let (_, run) = RUN.get_or_init(|| {
        let folder = folder("complete: true", "complete: false");
        let (code, _, stderr) = run(&folder, &[]);
        assert_eq!(code, 0, "{stderr}");
        let run = gonogo::record::folder::find(&folder.path().join("out"), "latest").unwrap();
        (folder, run)
    });
    copy(run, &at.join("whole"));
}

/// As [`kept`], with a file of the run written anew, or taken away.
pub fn spoil(at: &Path, name: &str, text: Option<&str>) {
    kept(at);
    let path = at.join("whole").join(name);
    assert!(path.exists(), "{name}");
    match text {
        Some(text) => fs::write(path, text).unwrap(),
        None => fs::remove_file(path).unwrap(),
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() { copy(&entry.path(), &target) } else { fs::copy(entry.path(), target).map(drop).unwrap() }
    }
}

/// What a bad input is answered with: the exit code, and what stands on stderr and stdout.
fn answered((what, lay, typed): &Case) -> (i32, String) {
    let folder = folder("t }", "t }");
    lay(folder.path());
    let mut command = program();
    command.current_dir(folder.path()).env("COLUMNS", "140").env_remove("GONOGO_NO_CACHE");
    command.env("XDG_CONFIG_HOME", folder.path().join("settings")).env("XDG_CACHE_HOME", folder.path().join("cache"));
    for word in typed.split(' ') {
        match word.split_once('=') {
            Some((name, value)) if name.starts_with("GONOGO_") => command.env(name, value),
            _ => command.arg(word),
        };
    }
    let (code, stdout, stderr) = told(&command.output().unwrap());
    let text = format!("── {what}\n$ gonogo {typed}\n{stderr}{stdout}exit code {code}\n\n");
    assert!(!text.contains("panicked at") && !text.contains("internal error"), "{text}");
    assert!(!text.contains('\0') && text.len() < 10_000, "{what}: {} bytes", text.len());
    let says_what_to_do = ["hint:", "expected", "--help", "[E"].iter().any(|sign| stderr.contains(sign));
    assert!(code == 0 || (code <= 2 && says_what_to_do), "{text}");
    (code, text.replace(folder.path().to_str().unwrap(), "[dir]"))
}

/// Answers to a group of bad inputs, as they stand in a snapshot.
fn snapshot(name: &str, cases: &[Case]) {
    let text: String = cases.iter().map(|case| answered(case).1).collect();
    let mut settings = insta::Settings::clone_current();
    settings.add_filter(r"\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ-[0-9a-f]+(-\d+)?", "[run]");
    settings.bind(|| insta::assert_snapshot!(name, text));
}

#[test]
fn files_that_are_no_experiment() {
    snapshot("bad-yaml", yaml::CASES);
}

#[test]
fn experiments_that_cannot_be() {
    snapshot("bad-values", values::CASES);
}

#[test]
fn data_that_do_not_fit() {
    snapshot("bad-data", data::CASES);
}

#[test]
fn command_lines_that_cannot_be() {
    snapshot("bad-commands", commands::CASES);
}

#[test]
fn surroundings_that_fail() {
    snapshot("bad-places", places::CASES);
}

#[test]
fn the_bad_inputs_are_many_and_each_is_there_once() {
    let all: Vec<&str> = [yaml::CASES, values::CASES, data::CASES, commands::CASES, places::CASES]
        .iter()
        .flat_map(|cases| cases.iter().map(|(what, _, _)| *what))
        .collect();
    assert!(all.len() >= 60, "{}", all.len());
}

/// Runs the program as a user who owns nothing; `None` where one may not become another.
#[cfg(target_os = "linux")]
fn as_nobody(folder: &TempDir, typed: &str) -> Option<(i32, String)> {
    let program = [env!("CARGO_BIN_EXE_gonogo")].into_iter().chain(typed.split(' '));
    let mut command = std::process::Command::new("setpriv");
    command.args(["--reuid=65534", "--regid=65534", "--clear-groups", "--"]).args(program);
    command.current_dir(folder.path()).env("NO_COLOR", "1").env("GONOGO_NO_CACHE", "1").env("HOME", "/nonexistent");
    let (code, stdout, stderr) = told(&command.output().ok()?);
    assert!(!stderr.contains("panicked at"), "{stderr}");
    (!stderr.starts_with("setpriv")).then_some((code, format!("{stderr}{stdout}")))
}

#[cfg(target_os = "linux")]
#[test]
fn what_may_not_be_read_or_written_is_told() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = folder("t }", "t }");
    let allow = |name: &str, mode: u32| fs::set_permissions(folder.path().join(name), fs::Permissions::from_mode(mode)).unwrap();
    for name in ["out", "closed"] {
        fs::create_dir(folder.path().join(name)).unwrap();
    }
    for (name, mode) in [(".", 0o755), ("out", 0o555), ("closed", 0o000), ("log.csv", 0o600), ("x.yaml", 0o644)] {
        allow(name, mode);
    }
    if as_nobody(&folder, "list methods").is_none_or(|(code, _)| code != 0) {
        aloud("skipped: one may not become another user here");
        return;
    }
    let asked = |typed: &str, place: &str, todo: &str| {
        let (code, text) = as_nobody(&folder, typed).unwrap();
        assert_eq!(code, 1, "{typed}: {text}");
        assert!(text.contains(place) && text.contains("ermission denied") && text.contains(todo), "{typed}: {text}");
    };
    asked("run x.yaml --out /tmp", "log.csv", "the right to read it");
    allow("log.csv", 0o644);
    asked("run x.yaml --out out", "cannot create `out/bad`", "name a folder where you may write");
    asked("run x.yaml --out closed", "cannot create `closed/bad`", "name a folder where you may write");
    asked("list runs --out closed", "cannot list `closed`", "the right to read it");
    asked("convert log.csv --out out/parquet", "cannot create `out`", "name a folder where you may write");
    asked("init out/new", "out/new", "name a folder where you may write");
    allow("x.yaml", 0o600);
    asked("run x.yaml", "cannot read `x.yaml`", "the right to read it");
    asked("check x.yaml", "cannot read `x.yaml`", "the right to read it");
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
    let run = gonogo::record::folder::find(&folder.path().join("out"), "latest").unwrap();
    for name in ["report.html", "summary.md", "figures/false-alerts.svg"] {
        let text = fs::read_to_string(run.join(name)).unwrap();
        for bad in ["<script>alert", "<img src=x", "\u{1b}", "\u{202e}"] {
            assert!(!text.contains(bad), "{name} holds {bad:?}");
        }
    }
    let alerts = fs::read_to_string(run.join("alerts.csv")).unwrap();
    assert!(!alerts.contains(",=cmd") && !alerts.contains("\"=cmd") && !alerts.contains('\u{1b}'), "{alerts}");
}
