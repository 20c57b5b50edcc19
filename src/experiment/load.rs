//! From a file to an experiment: everything that is wrong with it at once, each with its place.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Read as _,
    path::{Path, PathBuf},
};

use serde_yaml::Value;
use sha2::{Digest, Sha256};

use self::collect::{Step, collect, steps};
pub use self::rules::load_rules;
use super::spans::Places;
use crate::{
    error::{Error, InvalidExperiment, Problem, Result, Severity},
    spec::{Experiment, wording::translate},
    text::did_you_mean,
};

mod collect;
mod commas;
mod rules;

/// Larger files are refused: nobody writes them by hand.
const MAX_BYTES: u64 = 1_000_000;

/// An experiment with what it was read from.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The experiment, overrides applied.
    pub experiment: Experiment,
    /// The file.
    pub path: PathBuf,
    /// Its text, byte for byte.
    pub text: String,
    /// SHA-256 of its text, in hexadecimal.
    pub hash: String,
    /// What `--set` changed, by path.
    pub overrides: BTreeMap<String, String>,
    /// What runs, but may not say what its author hopes.
    pub warnings: Vec<Problem>,
}

impl Loaded {
    /// The folder that relative paths of the experiment start from.
    pub fn base(&self) -> &Path {
        match self.path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        }
    }
}

/// Reads an experiment file, applies overrides (`path=value`), and checks all that needs no data.
///
/// # Errors
/// When the file cannot be read, an override is malformed, or anything in the file must be changed: all of it at once.
pub fn load(path: &Path, overrides: &[String]) -> Result<Loaded> {
    let text = read_text(path)?;
    let hash = hex(&Sha256::digest(text.as_bytes()));
    let overrides = parse_overrides(overrides)?;
    let (experiment, mut problems) = read(&text, &overrides)?;
    if let Some(experiment) = &experiment {
        // What follows only from a key that is missing altogether, or could not be read, is no problem of its own.
        let key = |path: &str| path.split(['.', '[']).next().unwrap_or_default().to_owned();
        let missing: BTreeSet<String> =
            problems.iter().filter(|problem| problem.code == "E004").map(|problem| problem.path.clone()).collect();
        let unread: BTreeSet<String> = problems.iter().map(|problem| key(&problem.path)).collect();
        let follows = |problem: &Problem| match problem.path.as_str() {
            "entity" => unread.contains("window"),
            "window" => unread.contains("entity"),
            path => missing.contains(&key(path)),
        };
        problems.extend(super::check::check(experiment).into_iter().filter(|problem| !follows(problem)));
    }
    if let Some(error) = typed(&problems, &overrides, &text) {
        return Err(error);
    }
    place(&mut problems, &text);
    match experiment {
        Some(experiment) if problems.iter().all(|problem| problem.severity == Severity::Warning) => {
            Ok(Loaded { experiment, path: path.to_owned(), text, hash, overrides, warnings: problems })
        }
        _ => Err(Error::Experiment(Box::new(InvalidExperiment { path: path.to_owned(), text, problems }))),
    }
}

/// The error of a value that was typed, not written: there is no place of it in the file.
fn typed(problems: &[Problem], overrides: &BTreeMap<String, String>, text: &str) -> Option<Error> {
    let places = Places::read(text).ok()?;
    let below = |path: &str, top: &str| path.strip_prefix(top).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']));
    problems.iter().filter(|problem| problem.severity == Severity::Error && !problem.path.is_empty()).find_map(|problem| {
        let of = |path: &str| below(&problem.path, path) || (below(path, &problem.path) && !places.has(&problem.path));
        let (path, value) = overrides.iter().find(|(path, _)| of(path))?;
        Some(Error::usage(format!("`--set {path}={value}`: {}", problem.message), problem.help.as_deref().map(str::to_owned)))
    })
}

fn read_text(path: &Path) -> Result<String> {
    if std::fs::metadata(path).map_err(|error| unreadable(path, error))?.len() > MAX_BYTES {
        return Err(too_long(path));
    }
    // A device says that it is empty, and never ends.
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(|error| unreadable(path, error))?;
    file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(|error| unreadable(path, error))?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(too_long(path));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let line = 1 + error.as_bytes()[..error.utf8_error().valid_up_to()].iter().filter(|b| **b == b'\n').count();
        Error::usage(format!("`{}` is not UTF-8 text (line {line})", path.display()), Some("save the file as UTF-8".into()))
    })?;
    Ok(text.strip_prefix('\u{feff}').map_or(text.clone(), str::to_owned))
}

fn too_long(path: &Path) -> Error {
    let hint = "an experiment is a short YAML file; a log file goes to `gonogo init --from FILE`".to_owned();
    Error::usage(format!("`{}` is longer than {MAX_BYTES} bytes: not an experiment file", path.display()), Some(hint))
}

/// A file that is not there is most often mistyped.
fn unreadable(path: &Path, error: std::io::Error) -> Error {
    if error.kind() != std::io::ErrorKind::NotFound {
        return Error::io("read", path, error);
    }
    let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut there: Vec<String> = entries
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| name.ends_with(".yaml") || name.ends_with(".yml"))
        .collect();
    there.sort();
    let wanted = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let hint = match did_you_mean(&wanted, there.iter().map(String::as_str)) {
        Some(near) => near,
        None if there.is_empty() => format!("there is no experiment (`*.yaml`) in `{}`", folder.display()),
        None => format!(
            "in `{}` there are {}",
            folder.display(),
            there.iter().take(8).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
        ),
    };
    Error::data_hint(format!("cannot read `{}`: there is no such file", path.display()), hint)
}

/// Writes bytes in hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn parse_overrides(overrides: &[String]) -> Result<BTreeMap<String, String>> {
    let mut parsed = BTreeMap::new();
    for text in overrides {
        let wrong = |what: &str| Error::usage(format!("`--set {text}` {what}"), Some("write `--set evaluate.alerts.budget=10`".into()));
        let (path, value) = text.split_once('=').ok_or_else(|| wrong("has no `=`"))?;
        if path.trim().is_empty() {
            return Err(wrong("names nothing before its `=`"));
        }
        parsed.insert(path.trim().to_owned(), absolute_source_path(path.trim(), value));
    }
    Ok(parsed)
}

/// A relative source path in `--set` is relative to the working directory, not to the experiment file.
fn absolute_source_path(path: &str, value: &str) -> String {
    let is_path = path == "labels.path" || (path.starts_with("sources.") && path.ends_with(".path"));
    match std::path::absolute(value) {
        Ok(absolute) if is_path => absolute.display().to_string(),
        _ => value.to_owned(),
    }
}

/// Reads the text: the experiment where its shape is right, and every problem of its shape.
fn read(text: &str, overrides: &BTreeMap<String, String>) -> Result<(Option<Experiment>, Vec<Problem>)> {
    let places = match Places::read(text) {
        Ok(places) => places,
        Err(malformed) => {
            let mut problem = Problem::error("E001", "", format!("not valid YAML: {}", malformed.message));
            if text.contains("<<<<<<<") || text.contains(">>>>>>>") {
                problem = problem.help("the file holds marks of an unfinished merge (`<<<<<<<`)");
            } else if text.lines().any(|line| line.trim_start_matches(' ').starts_with('\t')) {
                problem = problem.help("YAML indents with spaces: there is a line that begins with a tab");
            }
            problem.at = Some(malformed.at..malformed.at);
            return Ok((None, vec![problem]));
        }
    };
    let mut problems: Vec<Problem> = places
        .duplicates
        .iter()
        .map(|(path, at)| Problem { at: Some(at.clone()), ..Problem::error("E002", path, "this key stands twice") })
        .collect();
    if !problems.is_empty() {
        return Ok((None, problems));
    }
    let mut value: Value = match serde_yaml::from_str(text) {
        Ok(value) => value,
        Err(error) => {
            let at = error.location().map_or(0, |location| location.index());
            let problem = Problem::error("E001", "", format!("not valid YAML: {}", translate(&error.to_string())));
            let help = help_of_yaml(&problem.message);
            let problem = problem.help_if(help);
            return Ok((None, vec![Problem { at: Some(at..at), ..problem }]));
        }
    };
    for (path, text) in overrides {
        apply_override(&mut value, path, text)?;
    }
    let experiment = collect(&mut value, &mut problems);
    Ok((experiment, problems))
}

/// What to do about a text that is YAML to the letter and cannot be read all the same.
fn help_of_yaml(message: &str) -> Option<&'static str> {
    const HELP: [(&str, &str); 3] = [
        ("more than one document", "one file is one experiment: take out what follows the line `---`"),
        ("repetition limit", "aliases (`*name`) stand for too much: write out what they stand for"),
        ("expected any YAML value", "the number has more digits than a number of 64 bits: write a smaller one, or put a text in quotes"),
    ];
    HELP.iter().find(|(part, _)| message.contains(part)).map(|(_, help)| *help)
}

fn apply_override(root: &mut Value, path: &str, text: &str) -> Result<()> {
    let new: Value = serde_yaml::from_str(text).map_err(|error| {
        Error::usage(
            format!("`--set {path}=...`: the value is not YAML: {}", translate(&error.to_string())),
            Some(format!("put it in quotes: `--set '{path}=...'`, as it would stand in the file")),
        )
    })?;
    let mut node = root;
    for step in steps(path) {
        node = match step {
            Step::Key(key) => {
                if node.is_null() {
                    *node = Value::Mapping(serde_yaml::Mapping::new());
                }
                let Value::Mapping(mapping) = node else {
                    return Err(Error::usage(
                        format!("`--set {path}`: `{key}` is below a value that has no keys"),
                        Some("name a key that the file may have there: `gonogo generate schema` lists them".into()),
                    ));
                };
                mapping.entry(Value::String(key.to_owned())).or_insert(Value::Null)
            }
            Step::Index(index) => {
                let length = node.as_sequence().map_or(0, Vec::len);
                node.get_mut(index).ok_or_else(|| {
                    let hint = "items are counted from 0, and only those of the file can be changed".to_owned();
                    Error::usage(format!("`--set {path}`: there is no item {index}, the list has {length}"), Some(hint))
                })?
            }
        };
    }
    *node = new;
    Ok(())
}

/// Turns paths into places, and puts the problems into the order of the file.
pub fn place(problems: &mut [Problem], text: &str) {
    if let Ok(places) = Places::read(text) {
        for problem in problems.iter_mut().filter(|problem| problem.at.is_none()) {
            problem.help = commas::help(problem, &places, text).map(Into::into).or_else(|| problem.help.take());
            problem.at = match problem.code {
                "E004" | "E005" => places.key(&problem.path),
                _ => places.value(&problem.path),
            };
        }
    }
    problems.sort_by_key(|problem| (problem.at.as_ref().map_or(0, |at| at.start), problem.path.clone()));
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str =
        "name: x\nuse_case: { title: t }\nsources: { a: { path: a.csv } }\nfields: { n: { count: '*' } }\nalgorithms: [ecod]\n";

    fn problems(text: &str) -> Vec<(String, String)> {
        let (_, problems) = read(text, &BTreeMap::new()).unwrap();
        problems.into_iter().map(|p| (p.path, p.message)).collect()
    }

    #[test]
    fn finds_every_mistake_of_shape_at_once() {
        let text = "name: x\nuse_case: { title: t, tilte: u }\nsources:\n  a: { pth: a.csv, format: 3 }\n  b: { path: b.csv, max_malformed: 7 }\nseed: three\nwindow: { start: 2026-13-01 }\nfields: {}\nalgorithms: []\n";
        let found = problems(text);
        for path in ["use_case.tilte", "sources.a.pth", "sources.a.format", "sources.b.max_malformed", "seed", "window.start"] {
            assert!(found.iter().any(|(p, _)| p == path), "{path} not in {found:?}");
        }
    }

    #[test]
    fn indices_are_those_of_the_file() {
        let text = format!("{GOOD}enrich: [{{ jion: a }}, {{ join: a, on: {{ x: y }} }}, {{ join: a, on: 3 }}]\n");
        let found = problems(&text);
        assert!(found.iter().any(|(path, _)| path == "enrich[0].jion"), "{found:?}");
        assert!(found.iter().any(|(path, _)| path == "enrich[2].on"), "{found:?}");
    }

    #[test]
    fn says_what_is_missing_and_reads_on() {
        let found = problems("seed: -1\n");
        assert!(found.iter().any(|(path, _)| path == "name"));
        assert!(found.iter().any(|(path, _)| path == "seed"), "{found:?}");
    }

    #[test]
    fn a_text_with_a_comma_needs_quotes() {
        let helps = |line: &str| {
            let text = format!("{}{line}\n", GOOD.replace("use_case: { title: t }\n", ""));
            let (_, mut problems) = read(&text, &BTreeMap::new()).unwrap();
            place(&mut problems, &text);
            problems.into_iter().map(|problem| problem.help.map(String::from).unwrap_or_default()).collect::<Vec<_>>()
        };
        let of = |hint: &str| format!("between braces a text with a comma needs quotes: `{hint}`");
        assert_eq!(helps("use_case: { title: Beacons, tunnels and questions }"), [of("title: \"Beacons, tunnels and questions\"")]);
        assert_eq!(helps("use_case: { title: a, b, c }"), [of("title: \"a, b\""), of("title: \"a, b, c\"")]);
        assert_eq!(helps("use_case: { title: a \"b\", c's }"), [of("title: 'a \"b\", c''s'")]);
        assert_eq!(helps("use_case: { title: t, owner: { data: Smith, John } }"), [of("data: \"Smith, John\"")]);
        assert_eq!(helps("use_case: { title: t }\nderive: { x: coalesce(user, host), y: n }"), [of("x: \"coalesce(user, host)\"")]);
        // A key with its colon, or after a text in quotes, is another mistake.
        assert_eq!(helps("use_case: { title: t, b: }"), [""]);
        assert_eq!(helps("use_case: { title: \"t\", b }"), [""]);
        assert_eq!(helps("use_case: { title: t, qestion: q }"), ["did you mean `question`?"]);
    }

    #[test]
    fn overrides_reach_every_depth() {
        let overrides = parse_overrides(&["evaluate.alerts.budget=7".into(), "algorithms[0]=kmeans".into()]).unwrap();
        let (experiment, problems) = read(GOOD, &overrides).unwrap();
        assert!(problems.is_empty(), "{problems:?}");
        let experiment = experiment.unwrap();
        assert_eq!(experiment.evaluate.alerts.budget, Some(7));
        assert_eq!(experiment.algorithms[0].0, Value::String("kmeans".into()));
        assert!(parse_overrides(&["budget".into()]).is_err());
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(text in "\\PC{0,200}") {
            let _ = read(&text, &BTreeMap::new());
        }
    }
}
