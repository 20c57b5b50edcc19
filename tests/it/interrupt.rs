//! A run that is stopped: it is marked, never mistaken for a whole one, and the next run works.
#![cfg(unix)]

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use crate::support::{gonogo, json, program, root, run_json, told};

/// Starts a run that takes some seconds, stops it with a signal, and gives its exit code and its folder.
fn stopped(out: &Path, signal: &str) -> (Option<i32>, PathBuf) {
    let experiment = root().join("experiments/proxy-exfiltration.yaml");
    let mut child = program()
        .args(["run", experiment.to_str().unwrap(), "--out", out.to_str().unwrap(), "--set", "evaluate.repeats=50"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let folder = out.join("proxy-exfiltration");
    let begun = || fs::read_dir(&folder).ok().and_then(|mut entries| entries.next()).map(|entry| entry.unwrap().path());
    let path = loop {
        match begun() {
            Some(path) if path.join("experiment.yaml").exists() => break path,
            _ => std::thread::sleep(Duration::from_millis(5)),
        }
        assert!(child.try_wait().unwrap().is_none(), "the run ended before it was stopped");
    };
    assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
    (child.wait().unwrap().code(), path)
}

#[test]
fn control_c_leaves_a_run_that_is_marked() {
    let out = tempfile::tempdir().unwrap();
    let (code, path) = stopped(out.path(), "-INT");
    assert_eq!(code, Some(130));
    assert!(path.to_str().unwrap().ends_with(".partial"));
    assert_eq!(json(&path, "run.json")["status"], "partial");
}

#[test]
fn a_killed_run_is_never_taken_for_whole() {
    let out = tempfile::tempdir().unwrap();
    let (_, path) = stopped(out.path(), "-KILL");
    assert!(path.to_str().unwrap().ends_with(".partial"));
    assert_ne!(json(&path, "run.json")["status"], "done");
    let (code, _, stderr) = told(&gonogo(&["report", "latest", "--out", out.path().to_str().unwrap()]));
    assert_eq!(code, 2, "{stderr}");
    let (code, _) = run_json(&root().join("experiments/plain-table.yaml"), out.path(), &[]);
    assert_eq!(code, 0, "the next run works");
}
