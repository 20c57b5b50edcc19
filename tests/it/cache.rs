//! What is kept of a run's files makes the next run faster and changes nothing.

use std::{fs, path::Path};

use crate::support::{program, root, told};

/// A run, its files kept below `folder`.
fn run(folder: &Path, out: &str, more: &[&str]) -> std::path::PathBuf {
    let mut command = program();
    command.env_remove("GONOGO_NO_CACHE").args(["run", "experiments/proxy-exfiltration.yaml", "--format", "json", "--algorithm", "ecod"]);
    command.arg("--cache").arg(folder.join("cache")).arg("--out").arg(folder.join(out)).args(more);
    let (code, stdout, stderr) = told(&command.output().unwrap());
    assert_eq!(code, 0, "{stderr}");
    let said: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    root().join(said["run"].as_str().unwrap())
}

#[test]
fn the_second_run_parses_nothing_and_gives_the_same_bytes() {
    let dir = tempfile::tempdir().unwrap();
    let first = run(dir.path(), "1", &["--no-cache"]);
    assert!(!dir.path().join("cache").exists());
    for out in ["2", "3"] {
        let other = run(dir.path(), out, &[]);
        for name in ["quality.json", "fields.json", "alerts.csv", "scores/ecod.parquet"] {
            assert!(fs::read(first.join(name)).unwrap() == fs::read(other.join(name)).unwrap(), "{name} of run {out}");
        }
    }
    let cache = |more: &[&str]| {
        let (code, stdout, _) = told(&program().args(["cache", "--cache"]).arg(dir.path().join("cache")).args(more).output().unwrap());
        assert_eq!(code, 0);
        stdout
    };
    let listed = cache(&[]);
    assert!(listed.contains("14 files") && listed.contains("proxy-2026-03-02.log.gz"), "{listed}");
    // Other fields of other columns come from the same entries.
    run(dir.path(), "4", &["--set", "fields.agents={distinct: user_agent}"]);
    assert_eq!(cache(&[]), listed);
    assert!(cache(&["--clear"]).contains("removed"));
    assert!(cache(&[]).starts_with("nothing is kept"));
}
