//! Dependencies point one way: the `use crate::...` lines of each module against a list that is in order.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

/// For each module, the modules that it uses: only such as stand above it, so that no two need each other.
const ARROWS: &[(&str, &[&str])] = &[
    ("calendar", &[]),
    ("spec", &["calendar"]),
    ("text", &["spec"]),
    ("error", &["text"]),
    ("observe", &["text"]),
    ("units", &["text"]),
    ("sql", &["error", "spec", "text"]),
    ("generate", &["error", "observe"]),
    ("quality", &["calendar", "spec", "text"]),
    ("watch", &["calendar", "quality"]),
    ("engine", &["error", "observe", "spec", "sql"]),
    ("redact", &["error", "spec", "sql"]),
    ("inject", &["error", "spec", "text"]),
    ("needs", &["error", "text"]),
    ("enrich", &["error", "quality", "spec", "sql", "text"]),
    ("source", &["calendar", "error", "observe", "quality", "spec", "text"]),
    ("fields", &["calendar", "error", "spec", "sql", "text", "units"]),
    ("parts", &["calendar", "error", "quality", "spec", "text", "units"]),
    ("baseline", &["error", "parts", "spec", "sql"]),
    ("labels", &["error", "parts", "quality", "spec", "text", "units"]),
    ("propose", &["error", "generate", "needs", "observe", "source", "spec", "sql", "text"]),
    ("detect", &["error", "observe", "spec", "text", "units"]),
    ("evaluate", &["detect", "spec", "text", "units"]),
    ("cost", &["detect", "error", "evaluate", "spec", "text"]),
    ("decide", &["cost", "error", "evaluate", "spec", "text"]),
    ("suppress", &["error", "evaluate", "fields", "spec", "sql", "units"]),
    (
        "experiment",
        &[
            "baseline", "calendar", "cost", "decide", "detect", "error", "fields", "inject", "labels", "needs", "redact", "source", "spec",
            "sql", "suppress", "text",
        ],
    ),
    ("record", &["decide", "error", "evaluate", "observe", "spec", "text"]),
    ("compare", &["cost", "decide", "error", "evaluate", "record"]),
    ("report", &["compare", "cost", "decide", "detect", "error", "evaluate", "observe", "quality", "record", "spec", "text", "units"]),
    (
        "run",
        &[
            "baseline",
            "calendar",
            "compare",
            "cost",
            "decide",
            "detect",
            "engine",
            "enrich",
            "error",
            "evaluate",
            "experiment",
            "fields",
            "inject",
            "labels",
            "needs",
            "observe",
            "parts",
            "quality",
            "record",
            "redact",
            "report",
            "source",
            "spec",
            "sql",
            "suppress",
            "text",
            "units",
            "watch",
        ],
    ),
    ("review", &["error", "evaluate", "record", "report", "run", "spec", "suppress", "text", "units"]),
    ("export", &["decide", "error", "evaluate", "experiment", "report", "run", "spec", "sql", "text"]),
    ("ui", &["compare", "decide", "detect", "error", "evaluate", "needs", "observe", "propose", "report", "run", "spec", "text"]),
    (
        "cli",
        &[
            "compare",
            "cost",
            "decide",
            "detect",
            "error",
            "evaluate",
            "experiment",
            "export",
            "fields",
            "generate",
            "inject",
            "needs",
            "observe",
            "propose",
            "record",
            "redact",
            "report",
            "review",
            "run",
            "source",
            "spec",
            "suppress",
            "text",
            "ui",
        ],
    ),
];

/// Crates that only some modules may name.
const CRATES: &[(&str, &[&str])] = &[
    ("polars", &["source", "sql", "enrich", "fields", "baseline", "inject", "labels", "propose", "run", "suppress", "watch", "engine"]),
    ("spark_connect", &["engine"]),
    ("arrow_array", &["engine"]),
    ("plotters", &["report"]),
    ("linfa", &["detect"]),
    ("linfa_clustering", &["detect"]),
    ("linfa_reduction", &["detect"]),
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
    files.retain(|(module, _)| module != "lib" && module != "main");
    let mut found: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    let mut wrong = Vec::new();
    for (module, text) in &files {
        let targets = used(text).into_iter().filter(|target| target != module && target != "said");
        found.entry(module).or_default().extend(targets);
        for (name, modules) in CRATES {
            let named = code(text).lines().any(|line| !line.trim_start().starts_with("//") && line.contains(&format!("{name}::")));
            if named && !modules.contains(&module.as_str()) {
                wrong.push(format!("`{module}` names the crate `{name}`"));
            }
        }
    }
    for (place, (module, targets)) in ARROWS.iter().enumerate() {
        let above: Vec<&str> = ARROWS[..place].iter().map(|(above, _)| *above).collect();
        let listed: BTreeSet<String> = targets.iter().map(|target| (*target).to_owned()).collect();
        let used = found.remove(module).unwrap_or_default();
        wrong.extend(listed.iter().filter(|target| !above.contains(&target.as_str())).map(|t| format!("`{module}` stands above `{t}`")));
        wrong.extend(used.difference(&listed).map(|target| format!("`{module}` uses `{target}`")));
        wrong.extend(listed.difference(&used).map(|target| format!("`{module}` does not use `{target}` any more")));
    }
    wrong.extend(found.keys().map(|module| format!("`{module}` is not in the list of arrows")));
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
