//! What a verb prints ends with the next command to type: below what people read, on stderr beside data, and it is one that is understood.

use std::{collections::BTreeSet, fs, path::Path};

use clap::{CommandFactory, Parser};
use gonogo::cli::Cli;

use crate::support::{program, told};

/// Runs a command in a folder; gives stdout, and the command behind the last `next: `.
fn next_of(at: &Path, arguments: &[&str]) -> (String, String) {
    let output =
        program().current_dir(at).env("XDG_CACHE_HOME", at.join("cache")).env("XDG_CONFIG_HOME", at).args(arguments).output().unwrap();
    let (code, stdout, stderr) = told(&output);
    assert_eq!(code, 0, "{arguments:?}: {stdout}{stderr}");
    let human = !arguments.iter().any(|argument| matches!(*argument, "json" | "markdown" | "explain" | "completions"));
    let said = if human { &stdout } else { &stderr };
    let last = said.lines().last().unwrap_or_default().trim_start().to_owned();
    assert!(human || !stdout.contains("next: "), "{arguments:?}: {stdout}");
    let command = last.strip_prefix("next: ").unwrap_or_else(|| panic!("{arguments:?} ends with `{last}`\n{stdout}{stderr}"));
    (stdout, command.to_owned())
}

/// A command of ours is understood, whatever stands before it in words and behind it in a shell.
fn understood(command: &str) {
    let Some(at) = command.find("gonogo ") else { return };
    let words = command[at..].split(" >").next().unwrap_or_default().split_whitespace().map(|word| word.trim_matches('\''));
    Cli::try_parse_from(words).unwrap_or_else(|error| panic!("`{command}`: {error}"));
}

#[test]
fn every_verb_ends_with_the_next_command() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let mut verbs = BTreeSet::new();
    let mut follow = |arguments: &[&str]| {
        verbs.insert(arguments[0].to_owned());
        let (stdout, command) = next_of(at, arguments);
        understood(&command);
        (stdout, command)
    };
    let (_, run) = follow(&["init", ".", "--template", "auth"]);
    assert_eq!(run, "gonogo run ./auth.yaml");
    let (_, checked) = follow(&["check", "auth.yaml"]);
    assert_eq!(checked, "gonogo run auth.yaml");
    let (_, first) = follow(&["run", "auth.yaml", "--algorithm", "ecod"]);
    assert!(first.starts_with("gonogo report reports/auth/") && first.ends_with(" --open"), "{first}");
    let (_, second) = follow(&["run", "auth.yaml", "--algorithm", "kmeans", "--format", "json"]);
    assert_eq!(second, "gonogo compare auth --out reports");
    let (_, third) = follow(&["run", "auth.yaml", "--algorithm", "ecod", "--set", "labels.complete=false"]);
    assert!(third.starts_with("gonogo review reports/auth/") && third.ends_with(" --plan"), "{third}");
    for arguments in [
        "run auth.yaml --dry-run",
        "run auth.yaml --dry-run --format json",
        "check auth.yaml --format json",
        "check --sample data/logons.ndjson.gz",
        "init other --from data/logons.ndjson.gz",
        "report",
        "report --format json",
        "report --format markdown",
        "report --share shared",
        "compare",
        "compare --format json",
        "compare --portfolio",
        "export --to csv",
        "export --to csv --format json",
        "review --plan",
        "review",
        "review --format json",
        "list runs",
        "list methods --format json",
        "explain ecod",
        "explain format:elff",
        "explain review",
        "explain W031",
        "convert auth.yaml --out events",
        "cache",
        "cache --clear",
        "generate schema",
        "generate completions bash",
        "generate man --out man",
        "generate demo --out demo --users 20 --days 14 --events-per-user-day 5",
    ] {
        follow(&arguments.split(' ').collect::<Vec<_>>());
    }
    let all: BTreeSet<String> =
        Cli::command().get_subcommands().map(|verb| verb.get_name().to_owned()).filter(|name| name != "help").collect();
    assert_eq!(verbs, all, "each verb is tried");
    // Whoever asks for silence has it.
    let output = program().current_dir(at).args(["list", "methods", "--format", "json", "--quiet"]).output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty());
    assert!(fs::read_dir(at.join("demo")).unwrap().count() > 0);
}
