//! Dependencies point one way: the `use crate::...` lines of each module against a short list.

use std::{collections::BTreeMap, fs, path::Path};

/// For each module, the modules that it may use. What every module may use is not repeated.
const ALLOWED: &[(&str, &[&str])] = &[
    ("error", &[]),
    ("observe", &[]),
    ("text", &[]),
    ("units", &[]),
    ("quality", &["calendar"]),
    ("watch", &["calendar", "quality"]),
    ("calendar", &[]),
    ("sql", &[]),
    ("needs", &[]),
    (
        "spec",
        &["baseline", "calendar", "cost", "decide", "detect", "fields", "inject", "labels", "needs", "redact", "source", "sql", "suppress"],
    ),
    ("source", &["quality"]),
    ("engine", &["sql"]),
    ("enrich", &["sql", "quality"]),
    ("derive", &["sql", "enrich"]),
    ("fields", &["calendar", "sql", "units"]),
    ("baseline", &["parts", "sql", "units"]),
    ("redact", &["sql"]),
    ("suppress", &["evaluate", "fields", "sql", "units"]),
    ("inject", &[]),
    ("labels", &["calendar", "parts", "quality", "sql", "units"]),
    ("parts", &["calendar", "quality", "sql", "units"]),
    ("detect", &["units", "reduce"]),
    ("reduce", &["units", "detect"]),
    ("evaluate", &["detect", "units"]),
    ("cost", &["detect", "evaluate"]),
    ("decide", &["evaluate", "cost", "detect"]),
    ("compare", &["cost", "decide", "evaluate", "report", "run"]),
    ("export", &["decide", "evaluate", "report", "run", "sql"]),
    ("generate", &[]),
    ("propose", &["generate", "needs", "source", "sql"]),
    ("report", &["compare", "cost", "decide", "detect", "evaluate", "quality", "run", "units"]),
    ("review", &["evaluate", "report", "run", "suppress", "units"]),
    (
        "run",
        &[
            "baseline", "calendar", "compare", "cost", "decide", "derive", "detect", "engine", "enrich", "evaluate", "fields", "inject",
            "labels", "needs", "parts", "quality", "redact", "report", "source", "sql", "suppress", "units", "watch",
        ],
    ),
    ("ui", &["compare", "decide", "detect", "evaluate", "needs", "propose", "report", "run"]),
    (
        "cli",
        &[
            "compare", "cost", "decide", "export", "detect", "evaluate", "fields", "generate", "inject", "needs", "propose", "redact",
            "report", "review", "run", "source", "suppress", "ui",
        ],
    ),
];

/// What every module may use.
const EVERYWHERE: &[&str] = &["error", "observe", "said", "spec", "text"];

/// Crates that only some modules may name.
const CRATES: &[(&str, &[&str])] = &[
    (
        "polars",
        &["source", "sql", "enrich", "derive", "fields", "baseline", "inject", "labels", "propose", "run", "suppress", "watch", "engine"],
    ),
    ("spark_connect", &["engine"]),
    ("arrow_array", &["engine"]),
    ("plotters", &["report"]),
    ("linfa", &["detect", "reduce"]),
    ("linfa_clustering", &["detect", "reduce"]),
    ("linfa_reduction", &["detect", "reduce"]),
    ("indicatif", &["ui"]),
    ("clap", &["cli"]),
];

fn sources(folder: &Path, found: &mut Vec<(String, String)>, root: &Path) {
    let mut entries: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            sources(&path, found, root);
        } else if path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("tests.rs") {
            let relative = path.strip_prefix(root).unwrap();
            let module = relative.iter().next().unwrap().to_str().unwrap().trim_end_matches(".rs").to_owned();
            found.push((module, fs::read_to_string(&path).unwrap()));
        }
    }
}

/// The text before the tests: they may use anything.
fn code(text: &str) -> &str {
    text.split("#[cfg(test)]").next().unwrap()
}

/// The modules named in `crate::...` paths, `use crate::{a, b::c}` included.
fn used(text: &str) -> Vec<String> {
    let lines: Vec<&str> = code(text).lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let text = lines.join("\n");
    let mut found = Vec::new();
    for (at, _) in text.match_indices("crate::") {
        let rest = &text[at + "crate::".len()..];
        if let Some(list) = rest.strip_prefix('{') {
            let mut depth = 0;
            let mut name = String::new();
            for c in list.chars() {
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => found.push(std::mem::take(&mut name)),
                    _ if depth == 0 => name.push(c),
                    _ => {}
                }
            }
            found.push(name);
        } else {
            found.push(rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect());
        }
    }
    let first = |name: String| name.trim().split("::").next().unwrap_or_default().split_whitespace().next().unwrap_or_default().to_owned();
    found.into_iter().map(first).filter(|name| !name.is_empty() && name.starts_with(char::is_lowercase)).collect()
}

#[test]
fn dependencies_point_one_way() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files, &root);
    let allowed: BTreeMap<_, _> = ALLOWED.iter().copied().collect();
    let mut wrong = Vec::new();
    for (module, text) in &files {
        if module == "lib" || module == "main" {
            continue;
        }
        let Some(may) = allowed.get(module.as_str()) else {
            wrong.push(format!("`{module}` is not in the list of arrows"));
            continue;
        };
        for target in used(text) {
            if target != *module && !may.contains(&target.as_str()) && !EVERYWHERE.contains(&target.as_str()) {
                wrong.push(format!("`{module}` uses `{target}`"));
            }
        }
        for (name, modules) in CRATES {
            let named = code(text).lines().any(|line| !line.trim_start().starts_with("//") && line.contains(&format!("{name}::")));
            if named && !modules.contains(&module.as_str()) {
                wrong.push(format!("`{module}` names the crate `{name}`"));
            }
        }
    }
    wrong.sort();
    wrong.dedup();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Nothing chooses by what is counted without labels: what holds the curves is made, kept and shown, and read by nothing that judges.
#[test]
fn no_judgement_reads_the_curves_without_labels() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files, &root);
    let named = |module: &str| files.iter().filter(|(of, text)| of == module && code(text).contains("mass_volume")).count();
    for module in ["decide", "cost", "compare", "export", "review", "ui", "cli", "suppress"] {
        assert_eq!(named(module), 0, "`{module}` reads them");
    }
    assert!(named("report") > 0 && named("run") > 1, "they are made and shown");
    let judging = ["choice.rs", "measure.rs", "point.rs", "frame.rs", "sampled.rs", "contender.rs", "study.rs", "two_way.rs", "caveats.rs"];
    for file in judging {
        let text = fs::read_to_string(root.join("evaluate").join(file)).unwrap();
        assert!(!text.contains("mass_volume"), "evaluate/{file} reads them");
    }
}
