//! What surrounds the program: folders, settings, runs that were spoilt or come from elsewhere.

use std::fs;

use super::{Case, change, kept, spoil, write};

/// What is wrong, how it comes about, what is typed.
pub const CASES: &[Case] = &[
    ("the reports are a file", |at| write(at, "out", "a file"), "run x.yaml --out out"),
    ("the reports lie below a file", |at| write(at, "out", "a file"), "run x.yaml --out out/below"),
    (
        "the use case is a file",
        |at| {
            fs::create_dir(at.join("out")).unwrap();
            write(at, "out/bad", "");
        },
        "run x.yaml --out out",
    ),
    ("a form in the environment", |_| {}, "GONOGO_FORMAT=yaml run x.yaml"),
    ("a cache that is a file", |at| write(at, "kept", "a file"), "run x.yaml --cache kept"),
    (
        "a key that is empty",
        |at| {
            write(at, "key", "");
            change(at, "baseline:", "report: { redact: { user: pseudonym } }\nbaseline:");
        },
        "run x.yaml --redact-key key",
    ),
    (
        "a key that is a folder",
        |at| change(at, "baseline:", "report: { redact: { user: pseudonym } }\nbaseline:"),
        "run x.yaml --redact-key .",
    ),
    ("a log that is a device", |at| change(at, "path: log.csv", "path: /dev/null"), "run x.yaml"),
    (
        "a log that points to itself",
        |at| {
            fs::remove_file(at.join("log.csv")).unwrap();
            std::os::unix::fs::symlink("log.csv", at.join("log.csv")).unwrap();
        },
        "run x.yaml",
    ),
    ("an empty folder for a run", |at| fs::create_dir(at.join("empty")).unwrap(), "report empty"),
    ("a run without its manifest", |at| spoil(at, "run.json", None), "report whole"),
    ("an empty manifest", |at| spoil(at, "run.json", Some("")), "report whole"),
    ("a manifest of something else", |at| spoil(at, "run.json", Some("{\"name\": \"x\"}")), "report whole"),
    ("a run of a later version", later, "report whole"),
    ("a comparison with a later version", later, "compare whole whole"),
    ("a review of a later version", later, "review whole"),
    ("an export of a later version", later, "export whole --to csv"),
    ("a run without its evaluation", |at| spoil(at, "evaluation.json", None), "report whole"),
    ("a run whose evaluation breaks off", |at| spoil(at, "evaluation.json", Some("{\"contenders\": [")), "report whole"),
    ("a comparison with what breaks off", |at| spoil(at, "evaluation.json", Some("{\"contenders\": [")), "compare whole whole"),
    ("an export of what breaks off", |at| spoil(at, "decision.json", Some("[]")), "export whole --to csv"),
    (
        "a review without the state",
        |at| {
            kept(at);
            fs::remove_dir_all(at.join("whole/state")).unwrap();
        },
        "review whole",
    ),
    ("a review of a broken state", |at| spoil(at, "state/judged.parquet", Some("PAR1 no more")), "review whole"),
    ("other rules on a broken state", |at| spoil(at, "state/judged.parquet", Some("")), "report whole --suppress x.yaml"),
    (
        "a run that was not finished",
        |at| {
            kept(at);
            fs::rename(at.join("whole"), at.join("2026-03-04T00-00-00Z-7.partial")).unwrap();
        },
        "report 2026-03-04T00-00-00Z-7.partial",
    ),
    (
        "an unfinished run to compare",
        |at| {
            kept(at);
            fs::create_dir(at.join("b")).unwrap();
            fs::rename(at.join("whole"), at.join("b/2026-03-04T00-00-00Z-7.partial")).unwrap();
        },
        "compare b/2026-03-04T00-00-00Z-7.partial b/2026-03-04T00-00-00Z-7.partial",
    ),
    (
        "an unfinished run to review",
        |at| {
            kept(at);
            fs::rename(at.join("whole"), at.join("2026-03-04T00-00-00Z-7.partial")).unwrap();
        },
        "review 2026-03-04T00-00-00Z-7.partial",
    ),
    (
        "an unfinished run to export",
        |at| {
            kept(at);
            fs::rename(at.join("whole"), at.join("2026-03-04T00-00-00Z-7.partial")).unwrap();
        },
        "export 2026-03-04T00-00-00Z-7.partial --to csv",
    ),
];

/// A run whose manifest says that a later gonogo wrote it.
fn later(at: &std::path::Path) {
    kept(at);
    let mut manifest = crate::support::json(&at.join("whole"), "run.json");
    manifest["schema_version"] = 99.into();
    write(at, "whole/run.json", manifest.to_string());
}
