//! What changed between two experiments: only the lines that differ, in groups.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Iteration;

/// What a change is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Group {
    /// Sources, window, joins, labels.
    Data,
    /// Fields and their scale.
    Fields,
    /// Contenders and their parameters.
    Detectors,
    /// Budget, rule, criteria.
    Evaluation,
    /// Amounts of money.
    Cost,
}

/// One line that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Change {
    /// What it is about.
    pub group: Group,
    /// Where, as keys and indices.
    pub path: String,
    /// What stood there; `None`: nothing.
    pub before: Option<String>,
    /// What stands there now; `None`: nothing.
    pub now: Option<String>,
}

/// The lines that differ between two runs, defaults filled in, by group, then path.
pub(super) fn changes(before: &Iteration, now: &Iteration) -> Vec<Change> {
    let (mut old, mut new) = (lines(before), lines(now));
    // A contender that came or went is one line, with its parameters.
    for (run, other, kept) in [(before, now, &mut old), (now, before, &mut new)] {
        let is_there = |id: &str| other.resolved.contenders.iter().any(|(known, _)| known == id);
        for (id, parameters) in run.resolved.contenders.iter().filter(|(id, _)| !is_there(id)) {
            let place = format!("algorithms.{id}");
            kept.retain(|(group, path), _| *group != Group::Detectors || !(path == &place || path.starts_with(&format!("{place}."))));
            kept.insert((Group::Detectors, place), parameters_in_words(parameters));
        }
    }
    let paths: std::collections::BTreeSet<&(Group, String)> = old.keys().chain(new.keys()).collect();
    paths
        .into_iter()
        .filter(|path| old.get(*path) != new.get(*path))
        .map(|path| Change { group: path.0, path: path.1.clone(), before: old.get(path).cloned(), now: new.get(path).cloned() })
        .collect()
}

/// Every value of a resolved experiment by its path.
fn lines(run: &Iteration) -> BTreeMap<(Group, String), String> {
    let mut lines = BTreeMap::new();
    let experiment = serde_json::to_value(&run.resolved.experiment).unwrap_or(Value::Null);
    for (key, value) in experiment.as_object().into_iter().flatten() {
        if let Some(group) = group_of(key) {
            flatten(group, key.clone(), value, &mut lines);
        }
    }
    for (id, parameters) in &run.resolved.contenders {
        let place = format!("algorithms.{id}");
        flatten(Group::Detectors, place, parameters, &mut lines);
    }
    lines.insert((Group::Evaluation, "seed".into()), run.manifest.seed.to_string());
    lines
}

/// What a key of an experiment is about. Contenders are listed with their defaults elsewhere; names and the report's look change no figure.
pub(super) fn group_of(key: &str) -> Option<Group> {
    Some(match key {
        "sources" | "events" | "window" | "enrich" | "derive" | "entity" | "labels" | "inject" => Group::Data,
        "fields" | "scale" => Group::Fields,
        "baseline" | "evaluate" | "suppress" | "decision" | "seed" => Group::Evaluation,
        "cost" => Group::Cost,
        _ => return None,
    })
}

/// `clusters 12, restarts 10`.
fn parameters_in_words(parameters: &Value) -> String {
    let mut lines = BTreeMap::new();
    flatten(Group::Detectors, String::new(), parameters, &mut lines);
    let words: Vec<String> = lines.iter().map(|((_, path), value)| format!("{} {value}", path.trim_start_matches('.'))).collect();
    if words.is_empty() { "without parameters".into() } else { words.join(", ") }
}

fn flatten(group: Group, path: String, value: &Value, lines: &mut BTreeMap<(Group, String), String>) {
    match value {
        Value::Null => {}
        Value::Object(map) => map.iter().for_each(|(key, value)| flatten(group, format!("{path}.{key}"), value, lines)),
        // A list of plain values is one line: an item more is one change, not a shift of all that follow.
        Value::Array(items) if items.iter().any(Value::is_object) => {
            items.iter().enumerate().for_each(|(index, value)| flatten(group, format!("{path}[{index}]"), value, lines));
        }
        Value::String(text) => drop(lines.insert((group, path), text.clone())),
        other => drop(lines.insert((group, path), other.to_string())),
    }
}
