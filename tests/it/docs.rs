//! What the registries hold and what lies in the folders agree, and every entry is documented.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use clap::{CommandFactory, Parser};
use gonogo::{
    cli::{Cli, explain},
    detect::{ENSEMBLES, METHODS, contenders},
    spec::Entry,
};

use crate::support::{gonogo, told};

#[test]
fn every_method_says_what_it_finds_and_misses_and_costs() {
    for method in METHODS {
        for heading in ["# What it finds", "# What it misses", "# Cost"] {
            assert!(method.source.contains(&format!("//! {heading}")), "{} lacks `{heading}`", method.id);
        }
    }
}

#[test]
fn no_method_is_forgotten() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/detect");
    let files: BTreeSet<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .filter(|path| fs::read_to_string(path).unwrap().contains("pub const METHOD: Method"))
        .map(|path| path.file_stem().unwrap().to_str().unwrap().replace('_', "-"))
        .collect();
    let registered: BTreeSet<String> = METHODS.iter().map(|method| method.id.to_owned()).collect();
    assert_eq!(files, registered);
}

#[test]
fn the_generated_schema_is_up_to_date() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("experiments/experiment.schema.json");
    let (file, made) = (fs::read_to_string(file).unwrap(), gonogo::experiment::schema::text());
    let differs = file.lines().zip(made.lines()).position(|(a, b)| a != b);
    assert!(file == made, "run `gonogo generate schema`; the first line that differs is {differs:?} (from 0)");
}

#[test]
fn every_shipped_experiment_fits_the_schema() {
    let schema: serde_json::Value = serde_json::from_str(&gonogo::experiment::schema::text()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("experiments");
    let mut seen = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "yaml") {
            let value: serde_json::Value = serde_yaml::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
            let errors: Vec<String> = validator.iter_errors(&value).map(|error| format!("{}: {error}", error.instance_path())).collect();
            assert!(errors.is_empty(), "{}: {errors:#?}", path.display());
            seen += 1;
        }
    }
    assert!(seen >= 4, "only {seen} experiments");
}

/// The commands in the blocks of shell of a page, without the comment behind them.
fn commands(page: &str) -> Vec<Vec<String>> {
    let mut inside = false;
    let mut found = Vec::new();
    for line in page.lines() {
        if let Some(language) = line.strip_prefix("```") {
            inside = language == "sh";
        } else if inside && line.starts_with("gonogo ") {
            let command = line.split(" #").next().unwrap_or_default();
            found.push(command.split_whitespace().map(str::to_owned).collect());
        }
    }
    found
}

#[test]
fn every_command_that_the_pages_name_is_understood() {
    let mut seen = 0;
    for page in ["README.md", "docs/guide.md"] {
        let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(page)).unwrap();
        for command in commands(&text) {
            Cli::try_parse_from(&command).unwrap_or_else(|error| panic!("{page}: `{}`: {error}", command.join(" ")));
            seen += 1;
        }
    }
    assert!(seen >= 10, "only {seen} commands");
}

/// The files of a folder and of those below it.
fn files_below(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}

#[test]
fn every_code_is_explained() {
    let form = regex::Regex::new("\"([EW][0-9]{3})\"").unwrap();
    let sources = files_below(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    let texts = sources.iter().filter(|path| path.extension().is_some_and(|e| e == "rs")).map(|path| fs::read_to_string(path).unwrap());
    let codes: BTreeSet<String> =
        texts.flat_map(|text| form.captures_iter(&text).map(|found| found[1].to_owned()).collect::<Vec<_>>()).collect();
    let missing: Vec<&String> = codes.iter().filter(|code| explain::code(code).is_none()).collect();
    assert!(codes.len() > 60 && missing.is_empty(), "`src/cli/explain/codes.rs` lacks {missing:?}");
}

#[test]
fn sections_pitfalls_and_exit_codes_are_explained() {
    let said = |topic: &str| {
        let (code, stdout, stderr) = crate::support::told(&crate::support::gonogo(&["explain", topic]));
        assert_eq!(code, 0, "{topic}: {stderr}");
        stdout
    };
    for (id, _) in gonogo::report::sections() {
        assert!(said(&format!("section:{id}")).lines().count() > 3, "{id}");
    }
    let pitfalls = said("pitfalls");
    let ids: Vec<&str> = pitfalls.lines().filter_map(|line| line.strip_prefix("  ")?.split(':').next()).collect();
    assert_eq!(ids.len(), 10, "{pitfalls}");
    for id in ids {
        assert!(said(&format!("pitfall:{id}")).contains("What to do") || id == "threat" || id == "base-rate", "{id}");
    }
    for code in ["0", "1", "2", "3", "10", "11", "12", "13", "130"] {
        assert!(said(code).starts_with(&format!("exit code {code} ")), "{code}");
    }
}

#[test]
fn what_explain_shows_of_methods_can_be_written() {
    let shown = |id: &str| told(&gonogo(&["explain", id])).1;
    for id in METHODS.iter().map(|method| method.id).chain(ENSEMBLES.iter().map(|(id, ..)| *id)) {
        let text = shown(id);
        let (_, example) = text.split_once("In an experiment\n").unwrap_or_else(|| panic!("{id}: no example"));
        let written: BTreeMap<String, Vec<Entry>> = serde_yaml::from_str(example).unwrap_or_else(|error| panic!("{id}: {error}"));
        for entry in &written["algorithms"] {
            // Two others, which a vote needs.
            let others = ["{ id: one, method: mad }", "{ id: two, method: hbos }"].map(|text| serde_yaml::from_str(text).unwrap());
            let all: Vec<Entry> = others.into_iter().chain([entry.clone()]).collect();
            assert!(contenders(&all, None).is_ok(), "{id}: {entry:?} {:?}", contenders(&all, None).err());
        }
    }
    let pca = shown("pca");
    assert!(pca.contains("`residual`: ") && pca.contains("`length`: "), "{pca}");
}

#[test]
fn reading_outside_of_the_folder_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    fs::create_dir(at.join("own")).unwrap();
    for name in ["own/log.csv", "secret.csv"] {
        fs::write(at.join(name), "n\n1\n").unwrap();
    }
    let told_of = |path: &str| {
        let text = format!(
            "version: 1\nname: x\nuse_case: {{ title: t }}\nsources: {{ log: {{ path: '{path}', format: csv }} }}\nfields: {{ all_numeric: {{}} }}\nalgorithms: [ecod]\n"
        );
        fs::write(at.join("own/x.yaml"), text).unwrap();
        let file = at.join("own/x.yaml");
        let (_, stdout, _) =
            crate::support::told(&crate::support::gonogo(&["check", file.to_str().unwrap(), "--no-data", "--format", "json"]));
        stdout.contains("W034")
    };
    assert!(!told_of("log.csv") && !told_of("./log.csv") && !told_of("../own/log.csv"));
    assert!(told_of("../secret.csv") && told_of("/etc/passwd") && told_of("/etc/*.conf") && told_of("a/../../secret.csv"));
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(at.join("secret.csv"), at.join("own/link.csv")).unwrap();
        assert!(told_of("link.csv"), "by a link");
    }
}

#[test]
fn every_verb_has_a_manual_page() {
    let out = tempfile::tempdir().unwrap();
    let (code, _, stderr) = told(&gonogo(&["generate", "man", "--out", out.path().to_str().unwrap()]));
    assert_eq!(code, 0, "{stderr}");
    for verb in Cli::command().get_subcommands() {
        let page = fs::read_to_string(out.path().join(format!("gonogo-{}.1", verb.get_name()))).unwrap();
        assert!(page.contains(".SH SYNOPSIS") && page.contains(".SH OPTIONS"), "{}", verb.get_name());
    }
    assert!(out.path().join("gonogo.1").is_file());
}

/// Files and folders that a page names in backticks, such as `src/detect/hbos.rs`.
fn paths(page: &str) -> BTreeSet<String> {
    let form = regex::Regex::new(r"`((?:src|tests|docs|experiments|datasets|benches|fuzz|reports/example)/[A-Za-z0-9_./-]*)`").unwrap();
    form.captures_iter(page).map(|found| found[1].trim_end_matches('/').to_owned()).collect()
}

#[test]
fn every_file_that_the_pages_name_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut seen = 0;
    for page in ["README.md", "ARCHITECTURE.md", "docs/guide.md", "experiments/README.md", "datasets/README.md"] {
        for path in paths(&fs::read_to_string(root.join(page)).unwrap()) {
            // A module is named as its file or as its folder.
            let there = root.join(&path).exists() || root.join(format!("{path}.rs")).is_file();
            assert!(there, "{page} names `{path}`");
            seen += 1;
        }
    }
    assert!(seen > 30, "only {seen} files are named");
}

/// What the lists in the guide call the words to add to.
#[test]
fn the_lists_that_the_guide_names_are_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let guide = fs::read_to_string(root.join("docs/guide.md")).unwrap();
    for (list, file) in
        [("methods!", "src/detect.rs"), ("formats!", "src/source.rs"), ("kinds!", "src/fields/kinds.rs"), ("sections!", "src/report.rs")]
    {
        assert!(guide.contains(&format!("`{list}` of `{file}`")), "{list}");
        let text = fs::read_to_string(root.join(file)).unwrap();
        assert!(text.contains(&format!("\n{list}")), "{list} in {file}");
    }
}

/// The table of what may be added: each list is a macro's call or a static of the file that is named.
#[test]
fn the_lists_that_the_architecture_names_are_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("ARCHITECTURE.md")).unwrap();
    let form = regex::Regex::new(r"one (?:word|entry) (?:in|of) `([A-Za-z_]+!?)` (?:of|in) `(src/[a-z_/]+\.rs)`").unwrap();
    let named: Vec<(&str, &str)> = form
        .captures_iter(&page)
        .map(|found| {
            let (_, [list, file]) = found.extract();
            (list, file)
        })
        .collect();
    assert_eq!(named.len(), 9, "{named:?}");
    for (list, file) in named {
        let text = fs::read_to_string(root.join(file)).unwrap();
        let there = if list.ends_with('!') { format!("\n{list}") } else { format!("pub static {list}:") };
        assert!(text.contains(&there), "{list} in {file}");
    }
}

#[test]
fn the_tables_of_the_readme_are_complete() {
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let part = |from: &str| readme.split(from).nth(1).unwrap_or_else(|| panic!("no {from}")).split("\n## ").next().unwrap().to_owned();
    let first_cells = |table: &str| -> BTreeSet<String> {
        let form = regex::Regex::new("`([^`]+)`").unwrap();
        let cells = table.lines().filter_map(|line| line.strip_prefix("| ")?.split(" | ").next());
        cells.flat_map(|cell| form.captures_iter(cell).map(|found| found[1].to_owned()).collect::<Vec<_>>()).collect()
    };
    let verbs: BTreeSet<String> =
        first_cells(&part("\n## Verbs\n")).iter().filter_map(|cell| cell.split(' ').nth(1).map(str::to_owned)).collect();
    let known: BTreeSet<String> =
        Cli::command().get_subcommands().map(|verb| verb.get_name().to_owned()).filter(|name| name != "help").collect();
    assert_eq!(verbs, known);
    let formats: BTreeSet<String> = gonogo::source::FORMATS.iter().map(|format| format.id.to_owned()).collect();
    assert_eq!(first_cells(&part("\n## What it reads\n")), formats);
    let compared = part("\n## What it compares\n");
    let named = compared.split("; the steps").next().unwrap();
    let methods: BTreeSet<String> = named.split('`').skip(1).step_by(2).map(str::to_owned).collect();
    assert_eq!(methods, METHODS.iter().map(|method| method.id.to_owned()).collect());
    let behaviours = part("\n## What it plants\n");
    assert!(gonogo::inject::BEHAVIOURS.iter().all(|behaviour| behaviours.contains(&format!("`{}`", behaviour.id))));
    let verbs = part("\n## Verbs\n");
    assert!(gonogo::export::TARGETS.iter().all(|target| verbs.contains(&format!("`{}`", target.id))));
}
