//! Run folders of the current schema version keep rendering: one that an earlier state of the program wrote is kept for each version.
//!
//! `tests/fixtures/run-v1` is `alert-triage` with `hbos` alone, costs with `computing: auto` and a criterion on the payback; its `run.json`
//! holds the command. Only what `gonogo report` reads is kept: no data, no scores, no state.

use std::{fs, path::Path};

use crate::support::{gonogo, root, told};

fn copied(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
    }
}

#[test]
fn a_run_of_the_current_version_renders_without_its_data() {
    let kept = root().join(format!("tests/fixtures/run-v{}", gonogo::record::SCHEMA_VERSION));
    assert!(kept.is_dir(), "a new schema version needs a run of its own in {}", kept.display());
    let out = tempfile::tempdir().unwrap();
    let run = out.path().join("alert-triage/2026-11-24T13-18-07Z-6b8abf");
    copied(&kept, &run);
    let (code, stdout, stderr) = told(&gonogo(&["report", run.to_str().unwrap()]));
    assert_eq!(code, 0, "{stdout}{stderr}");
    let page = fs::read_to_string(run.join("report.html")).unwrap();
    assert!(page.contains("INCONCLUSIVE") && page.contains("id=\"cost\"") && page.contains("Computing in a year of production"));
    for name in ["summary.md", "summary.png", "appendix.md", "alerts.csv", "figures/false-alerts.svg", "figures/money.png"] {
        assert!(run.join(name).is_file(), "{name}");
    }
    let french = out.path().join("fr.html");
    let (code, ..) =
        told(&gonogo(&["report", run.to_str().unwrap(), "--lang", "fr", "--sections", "cost", "--html", french.to_str().unwrap()]));
    assert_eq!(code, 0);
    assert!(fs::read_to_string(french).unwrap().contains("NON CONCLUANT"));
    let (code, stdout, _) = told(&gonogo(&["compare", run.to_str().unwrap(), "--format", "json"]));
    assert_eq!(code, 0, "{stdout}");
}
