//! The `inject` of an experiment is read: names are looked up, parameters checked; all that is wrong is said at once.

use std::collections::BTreeMap;

use serde_yaml::{Mapping, Value};

use super::{BEHAVIOURS, Behaviour, Plant, Strength};
use crate::{error::Problem, spec::Entry, text::did_you_mean};

/// What can be wrong with `inject`, by code, for `explain`.
pub static PROBLEMS: &[(&str, &str)] = &[
    ("E401", "an entry of `inject` is no mapping with a `behaviour`, or there is none of this name"),
    ("E402", "a parameter of a behaviour cannot be read, or is out of its range"),
    ("E403", "the events lack a column that a behaviour is made of"),
];

/// Keys of an entry that every behaviour has.
const SHARED: [&str; 5] = ["behaviour", "copies", "benign", "poison", "set"];
/// Copies of a strength where the experiment names no number.
const COPIES: u64 = 20;

/// One entry of `inject`, read.
#[derive(Debug)]
pub struct Injected {
    /// What is planted.
    pub behaviour: &'static Behaviour,
    /// Copies of each strength, each on an entity of its own.
    pub copies: u64,
    /// Whether the alert storm is measured, not detection.
    pub benign: bool,
    /// Whether it is planted into the training part too, as a test.
    pub poison: bool,
    /// Values written into every planted event, by column.
    pub set: BTreeMap<String, String>,
    pub(super) plant: Box<dyn Plant>,
}

impl Injected {
    /// How strong it is planted, one after the other.
    pub fn strengths(&self) -> Vec<Strength> {
        self.plant.strengths()
    }

    /// On whom it is planted.
    pub fn reach(&self, strength: usize) -> super::Reach {
        self.plant.reach(strength)
    }

    /// What is said beside its name: `new destination`.
    pub fn note(&self) -> Option<&'static str> {
        self.plant.note()
    }

    /// What the events lack for it; `at` is its place in `inject`.
    pub fn missing(&self, at: usize, has: &dyn Fn(&str) -> bool) -> Vec<Problem> {
        let given = |column: &&str| has(column) || self.set.contains_key(*column);
        let mut problems = Vec::new();
        for group in self.behaviour.columns.iter().filter(|group| !group.iter().any(given)) {
            let names: Vec<String> = group.iter().map(|name| format!("`{name}`")).collect();
            problems.push(
                Problem::error(
                    "E403",
                    format!("inject[{at}]"),
                    format!("`{}` is made of {}, which the events do not have", self.behaviour.id, names.join(" or ")),
                )
                .help("name the column with `rename` in the source, or take the entry out"),
            );
        }
        for column in self.set.keys().filter(|column| !has(column)) {
            problems.push(Problem::error("E403", format!("inject[{at}].set.{column}"), format!("the events have no column `{column}`")));
        }
        problems
    }

    /// The columns of the events that it writes, where they are there.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.behaviour.columns.iter().flat_map(|group| group.iter().copied()).chain(self.set.keys().map(String::as_str))
    }
}

/// Reads the `inject` of an experiment.
///
/// # Errors
/// Everything that is wrong, in the order of the file.
pub fn read(entries: &[Entry]) -> Result<Vec<Injected>, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut read = Vec::new();
    for (at, entry) in entries.iter().enumerate() {
        match one(&entry.0, &format!("inject[{at}]")) {
            Ok(injected) => read.push(injected),
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() { Ok(read) } else { Err(problems) }
}

fn one(entry: &Value, path: &str) -> Result<Injected, Problem> {
    let known = || BEHAVIOURS.iter().map(|behaviour| behaviour.id);
    let mapping = entry.as_mapping();
    let Some(name) = mapping.and_then(|mapping| mapping.get("behaviour")).and_then(Value::as_str) else {
        return Err(Problem::error("E401", path, "expected a mapping with `behaviour`")
            .help("for example `{ behaviour: exfiltration, bytes_per_day: [10MB, 100MB], copies: 20 }`"));
    };
    let mapping = mapping.cloned().unwrap_or_default();
    let Some(behaviour) = BEHAVIOURS.iter().copied().find(|behaviour| behaviour.id == name) else {
        let list: Vec<String> = known().map(|id| format!("`{id}`")).collect();
        let problem = Problem::error("E401", format!("{path}.behaviour"), format!("unknown behaviour `{name}`"));
        return Err(problem.help(did_you_mean(name, known()).unwrap_or_else(|| format!("one of {}", list.join(", ")))));
    };
    let own: Mapping = mapping
        .iter()
        .filter(|(key, _)| !key.as_str().is_some_and(|key| SHARED.contains(&key)))
        .map(|(k, v)| (k.clone(), v.clone()))
        .collect();
    let wrong =
        |message: String| Problem::error("E402", path, message).help(format!("`gonogo explain behaviour:{name}` says what it takes"));
    let plant = (behaviour.build)(Value::Mapping(own)).map_err(wrong)?;
    if let Some(message) = plant.wrong() {
        return Err(Problem::error("E402", path, message));
    }
    let strengths = plant.strengths();
    if strengths.is_empty() || strengths.iter().any(|strength| strength.value <= 0.0) {
        return Err(Problem::error("E402", format!("{path}.{}", behaviour.strength), "takes at least one value, all above 0"));
    }
    let copies = match mapping.get("copies") {
        None => COPIES,
        Some(value) => value
            .as_u64()
            .filter(|copies| (1..=10_000).contains(copies))
            .ok_or_else(|| Problem::error("E402", format!("{path}.copies"), "expected a number from 1 to 10000"))?,
    };
    let flag = |key: &str, otherwise: bool| match mapping.get(key) {
        None => Ok(otherwise),
        Some(value) => value.as_bool().ok_or_else(|| Problem::error("E402", format!("{path}.{key}"), "expected `true` or `false`")),
    };
    let benign = flag("benign", behaviour.benign)?;
    if behaviour.benign && !benign {
        return Err(Problem::error("E402", format!("{path}.benign"), format!("`{name}` is a benign change: it cannot count as an attack")));
    }
    let poison = flag("poison", false)?;
    if poison && benign {
        return Err(Problem::error("E402", format!("{path}.poison"), "only attacks can poison the training part"));
    }
    let set = match mapping.get("set") {
        None => BTreeMap::new(),
        Some(value) => serde_yaml::from_value(value.clone())
            .map_err(|_| Problem::error("E402", format!("{path}.set"), "expected texts by column, such as `{ outcome: refused }`"))?,
    };
    Ok(Injected { behaviour, copies, benign, poison, set, plant })
}
