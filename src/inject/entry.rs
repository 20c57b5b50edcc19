//! The `inject` of an experiment is read: names are looked up, parameters checked; all that is wrong is said at once.

use std::collections::BTreeMap;

use polars::prelude::DataType;
use serde_yaml::{Mapping, Value};

use super::{BEHAVIOURS, Behaviour, Plant, Reach, Strength, Wrong, templates::ENTITIES, world::written};
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
/// Strengths of an entry at the most: each is folded and scored by itself.
const STRENGTHS: usize = 50;
/// Events of all entries and strengths at the most: they are held in memory together, each with all of its columns.
const EVENTS: f64 = 2e6;

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
    pub(super) fn reach(&self, strength: usize) -> Reach {
        self.plant.reach(strength)
    }

    /// What is said beside its name: `new destination`.
    pub fn note(&self) -> Option<&'static str> {
        self.plant.note()
    }

    /// How many events are planted at the most, at all strengths.
    fn most_events(&self) -> f64 {
        let entities = |strength| match self.reach(strength) {
            Reach::Copies => self.copies as f64,
            Reach::Share(share) => share * ENTITIES as f64,
            Reach::Away(_) => 0.0,
        };
        let parts = if self.poison { 2.0 } else { 1.0 };
        (0..self.strengths().len()).map(|strength| parts * entities(strength) * self.plant.count(strength) as f64).sum()
    }

    /// What the events lack for it, or cannot hold of what it writes. `at` is its place in `inject`, `column` tells the type of a column, and `fixed`
    /// are the columns that say whose an event is and when: they are the entity's own.
    pub fn missing(&self, at: usize, column: &dyn Fn(&str) -> Option<DataType>, fixed: &[&str]) -> Vec<Problem> {
        let given = |name: &&str| column(name).is_some() || self.set.contains_key(*name);
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
        for (name, text) in &self.set {
            let place = format!("inject[{at}].set.{name}");
            match column(name) {
                None => problems.push(Problem::error("E403", place, format!("the events have no column `{name}`"))),
                Some(_) if fixed.contains(&name.as_str()) => problems.push(
                    Problem::error("E402", place, format!("`{name}` says whose the event is, or when"))
                        .help("it is that of the entity which the behaviour is planted on"),
                ),
                Some(dtype) if written(text, &dtype).is_none() => {
                    problems.push(Problem::error("E402", place, format!("`{text}` is no value of `{name}`, which holds {dtype}")));
                }
                Some(_) => {}
            }
        }
        problems
    }
}

/// Reads the `inject` of an experiment.
///
/// # Errors
/// Everything that is wrong, in the order of the file.
pub fn read(entries: &[Entry]) -> Result<Vec<Injected>, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut read: Vec<Injected> = Vec::new();
    for (at, entry) in entries.iter().enumerate() {
        let path = format!("inject[{at}]");
        match one(&entry.0, &path) {
            Ok(injected) => {
                let events = injected.most_events() + read.iter().map(Injected::most_events).sum::<f64>();
                if events > EVENTS {
                    let message = format!("with this, about {events:.0} events would be planted, and at most {EVENTS:.0} are");
                    problems.push(Problem::error("E402", path, message).help("lower `copies`, or how much each of them does"));
                }
                read.push(injected);
            }
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() { Ok(read) } else { Err(problems) }
}

/// Values by column, as texts.
fn texts(set: &Value) -> Option<BTreeMap<String, String>> {
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(value) => Some(value.to_string()),
        _ => None,
    };
    set.as_mapping()?.iter().map(|(column, value)| Some((text(column)?, text(value)?))).collect()
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
    let wrong = |Wrong { parameter, message }| {
        let place = if parameter.is_empty() { path.to_owned() } else { format!("{path}.{parameter}") };
        Problem::error("E402", place, message).help(format!("`gonogo explain behaviour:{name}` says what it takes"))
    };
    let plant = (behaviour.build)(Value::Mapping(own)).map_err(wrong)?;
    if let Some(found) = plant.wrong() {
        return Err(wrong(found));
    }
    let strengths = plant.strengths();
    if strengths.is_empty() || strengths.iter().any(|strength| strength.value <= 0.0) {
        return Err(Problem::error("E402", format!("{path}.{}", behaviour.strength), "takes at least one value, all above 0"));
    }
    if strengths.len() > STRENGTHS {
        let message = format!("takes at most {STRENGTHS} values, found {}", strengths.len());
        return Err(Problem::error("E402", format!("{path}.{}", behaviour.strength), message));
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
        Some(value) => texts(value).ok_or_else(|| {
            Problem::error("E402", format!("{path}.set"), "expected a value for each column, such as `{ outcome: refused, status: 403 }`")
        })?,
    };
    Ok(Injected { behaviour, copies, benign, poison, set, plant })
}
