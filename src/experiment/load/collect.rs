//! From YAML to an experiment piece by piece, so that every mistake is found and not only the first.

use std::collections::{BTreeMap, BTreeSet};

use serde::de::DeserializeOwned;
use serde_yaml::Value;

use crate::{
    error::Problem,
    spec::{Experiment, wording::translate},
    text::did_you_mean,
};

/// A step on a path.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Step<'a> {
    Key(&'a str),
    Index(usize),
}

/// `algorithms[1].clusters` and `algorithms.1.clusters` (as `serde_path_to_error` and people write it).
pub(super) fn steps(path: &str) -> Vec<Step<'_>> {
    path.split(['.', '['])
        .map(|step| step.trim_end_matches(']'))
        .filter(|step| !step.is_empty())
        .map(|step| step.parse().map_or(Step::Key(step), Step::Index))
        .collect()
}

/// Keys without which nothing can be read, and what stands in for them so that the rest is read all the same.
const REQUIRED: &[(&str, &str)] =
    &[("name", "missing"), ("use_case", "{title: missing}"), ("sources", "{}"), ("fields", "{}"), ("algorithms", "[]")];

/// Reads the whole, taking out what is wrong piece by piece, so that every problem is found.
pub(super) fn collect(value: &mut Value, problems: &mut Vec<Problem>) -> Option<Experiment> {
    let Value::Mapping(mapping) = &mut *value else {
        problems.push(Problem::error("E003", "", "expected a mapping with `name`, `use_case`, `sources`, `fields`, `algorithms`"));
        return None;
    };
    for (key, stand_in) in REQUIRED {
        if mapping.get(*key).is_none_or(Value::is_null) {
            problems.push(
                Problem::error("E004", *key, format!("`{key}` is missing"))
                    .help(format!("add `{key}:`; `gonogo check` goes on from there")),
            );
            let stand_in = serde_yaml::from_str(stand_in).unwrap_or(Value::Null);
            mapping.insert(Value::String((*key).to_owned()), stand_in);
        }
    }
    read_all(value, problems)
}

/// Deserializes; where that fails, notes the problem, takes the piece out, and tries again.
pub(super) fn read_all<T: DeserializeOwned>(value: &mut Value, problems: &mut Vec<Problem>) -> Option<T> {
    let mut taken: BTreeSet<String> = BTreeSet::new();
    let mut gone = Gone::default();
    // Each turn takes one piece out, so the number of pieces bounds the turns; a file with more mistakes than this is not being read for them.
    for _ in 0..100 {
        let error = match serde_path_to_error::deserialize::<_, T>(value.clone()) {
            Ok(read) => return Some(read),
            Err(error) => error,
        };
        let path = if error.path().iter().next().is_none() { String::new() } else { error.path().to_string() };
        let message = error.inner().to_string();
        let piece = piece(value, &path, &message);
        // What is missing only because it was taken out is no problem of its own.
        if !missing_because_taken(&path, &message, &taken) {
            problems.push(problem(&gone.original(&piece), &message));
        }
        if piece.is_empty() || !take(value, &piece) {
            return None;
        }
        gone.note(&piece);
        taken.insert(piece);
    }
    None
}

/// Items that were taken out of lists, so that the indices of those after them can be told as they stand in the file.
#[derive(Default)]
struct Gone(BTreeMap<String, BTreeSet<usize>>);

impl Gone {
    fn note(&mut self, path: &str) {
        if let Some((list, index)) =
            path.strip_suffix(']').and_then(|path| path.rsplit_once('[')).and_then(|(l, i)| Some((l, i.parse().ok()?)))
        {
            let index = self.index(list, index);
            self.0.entry(list.to_owned()).or_default().insert(index);
        }
    }

    fn index(&self, list: &str, index: usize) -> usize {
        self.0.get(list).into_iter().flatten().fold(index, |index, gone| if *gone <= index { index + 1 } else { index })
    }

    fn original(&self, path: &str) -> String {
        let mut told = String::new();
        let mut seen = String::new();
        for piece in path.split_inclusive(']') {
            match piece.strip_suffix(']').and_then(|piece| piece.rsplit_once('[')) {
                Some((before, index)) => {
                    seen.push_str(before);
                    told.push_str(before);
                    let index: usize = index.parse().unwrap_or(0);
                    told.push_str(&format!("[{}]", self.index(&seen, index)));
                    seen.push_str(&format!("[{index}]"));
                }
                None => told.push_str(piece),
            }
        }
        told
    }
}

fn missing_because_taken(path: &str, message: &str, taken: &BTreeSet<String>) -> bool {
    let Some(name) = message.strip_prefix("missing field `").and_then(|rest| rest.split('`').next()) else { return false };
    taken.contains(&join(path, name))
}

fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

/// The path of the piece that is wrong: the unknown key itself, else what serde was reading.
fn piece(value: &mut Value, path: &str, message: &str) -> String {
    let unknown = message.strip_prefix("unknown field `").and_then(|rest| rest.split('`').next());
    match unknown.filter(|key| path.rsplit('.').next() != Some(key)).map(|key| join(path, key)) {
        Some(below) if at(value, &below, &mut |_, _| true) => below,
        _ => path.to_owned(),
    }
}

/// Takes a piece out of the whole; says whether it was there.
fn take(value: &mut Value, path: &str) -> bool {
    at(value, path, &mut |parent, step| match (parent, step) {
        (Value::Mapping(mapping), Step::Key(key)) => mapping.remove(key).is_some(),
        (Value::Sequence(list), Step::Index(index)) => {
            list.remove(index);
            true
        }
        _ => false,
    })
}

/// Goes down a path and calls `done` with what holds its last step; says whether the path is there, and `done` said so. Keys may hold dots and
/// digits, which only the value itself tells from steps.
fn at(value: &mut Value, path: &str, done: &mut dyn FnMut(&mut Value, Step<'_>) -> bool) -> bool {
    match value {
        Value::Sequence(list) => {
            let Some((index, rest)) = path.strip_prefix('[').and_then(|path| path.split_once(']')) else { return false };
            match index.parse() {
                Ok(index) if index < list.len() && rest.is_empty() => done(value, Step::Index(index)),
                Ok(index) if index < list.len() => at(&mut list[index], rest, done),
                _ => false,
            }
        }
        Value::Mapping(mapping) => {
            let path = path.strip_prefix('.').unwrap_or(path);
            if mapping.contains_key(path) {
                return done(value, Step::Key(path));
            }
            mapping.iter_mut().any(|(key, child)| {
                let rest = key.as_str().and_then(|key| path.strip_prefix(key));
                rest.is_some_and(|rest| rest.starts_with(['.', '[']) && at(child, rest, done))
            })
        }
        _ => false,
    }
}

fn problem(path: &str, message: &str) -> Problem {
    let code = match message {
        m if m.starts_with("unknown field") => "E005",
        m if m.starts_with("missing field") => "E004",
        _ => "E006",
    };
    let problem = Problem::error(code, path, translate(message));
    let unknown =
        message.strip_prefix("unknown field `").or_else(|| message.strip_prefix("unknown variant `")).and_then(|rest| rest.split_once('`'));
    if message.starts_with("unknown field `<<`") {
        return problem.help("what an anchor stands for is not merged: write its keys out");
    }
    problem.help_if(unknown.and_then(|(word, rest)| did_you_mean(word, rest.split('`').skip(1).step_by(2))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(text: &str) -> Vec<String> {
        let mut problems = Vec::new();
        let _ = collect(&mut serde_yaml::from_str(text).unwrap(), &mut problems);
        problems.into_iter().map(|problem| format!("{} {}", problem.code, problem.path)).collect()
    }

    const REST: &str = "name: x\nuse_case: { title: t }\nalgorithms: [ecod]\nfields: { n: { count: '*' } }\n";

    #[test]
    fn keys_with_dots_and_digits_do_not_end_the_search() {
        let text =
            format!("{REST}sources: {{ a: {{ path: a.csv, rename: {{ src.ip: [3], '7': [2] }} }} }}\nderive: {{ a.b: [1] }}\nseed: no\n");
        let mut found = places(&text);
        found.sort();
        assert_eq!(found, ["E006 derive.a.b", "E006 seed", "E006 sources.a.rename.7", "E006 sources.a.rename.src.ip"]);
    }

    #[test]
    fn an_unknown_key_is_told_by_its_own_place() {
        // Mappings that are read by hand tell serde's place as their own, which may end like the key.
        let text = format!(
            "{REST}sources: {{ a: {{ path: a.csv, envelope: {{ lope: 3 }} }} }}\nevaluate: {{ alerts: {{ group: {{ by: [], up: 1 }} }} }}\n"
        );
        assert_eq!(places(&text), ["E005 sources.a.envelope.lope", "E005 evaluate.alerts.group.up"]);
    }
}
