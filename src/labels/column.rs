//! Labels from a column of the events: a unit is an attack when any of its events is not benign.

use std::collections::BTreeMap;

use chrono::DateTime;
use chrono_tz::Tz;
use hashbrown::HashMap;
use polars::prelude::*;

use super::Gathered;
use crate::{
    error::{Error, Result},
    parts::Units,
    quality::Finding,
    said,
    spec::{Entry, LabelSource},
    text::{Said, similar},
    units::{Disposition, Incident, Labels},
};

/// What the label column said of each unit so far.
#[derive(Debug)]
pub struct ColumnLabels {
    column: String,
    incident: Option<String>,
    time: Option<String>,
    benign: Vec<Benign>,
    /// For each unit number: its attacks, by incident; the empty name stands for an incident of the unit's own.
    attacks: BTreeMap<u32, BTreeMap<String, Attack>>,
    known: HashMap<String, bool>,
    no_unit: u64,
    events: u64,
    attack_events: u64,
}

#[derive(Debug, Clone, PartialEq)]
struct Attack {
    kind: Option<String>,
    first: Option<i64>,
}

/// A value that means benign: as text, and as a number where it is one (`0` and `0.0` are equal).
#[derive(Debug, Clone, PartialEq)]
struct Benign {
    text: String,
    number: Option<f64>,
}

impl ColumnLabels {
    /// Prepares for the labels of `source.column`; `time` is the events' time column, where they have one.
    ///
    /// # Errors
    /// When no column is named, or a benign value is no plain value.
    pub fn new(source: &LabelSource, time: Option<&str>) -> Result<Self> {
        let column =
            source.column.clone().ok_or_else(|| Error::data_hint("`labels` names no `column`", "name the column that holds the label"))?;
        let benign = source.benign.iter().map(Benign::of).collect::<Result<_>>()?;
        Ok(Self {
            column,
            incident: source.incident.clone(),
            time: time.map(str::to_owned),
            benign,
            attacks: BTreeMap::new(),
            known: HashMap::new(),
            no_unit: 0,
            events: 0,
            attack_events: 0,
        })
    }

    /// Takes note of a batch of events; `units` tells each event's unit, `u32::MAX` where it has none.
    ///
    /// # Errors
    /// When the events lack a label column.
    pub fn push(&mut self, events: &DataFrame, units: &[u32]) -> Result<()> {
        let labels = texts(events, &self.column)?;
        let incidents = match &self.incident {
            Some(name) if *name != self.column => Some(texts(events, name)?),
            Some(_) => Some(labels.clone()),
            None => None,
        };
        let times = self.time.as_deref().map(|time| micros(events, time)).transpose()?;
        // The label is the incident's kind, unless it is its name or says no more than yes.
        let named_by_label = self.incident.as_ref() == Some(&self.column);
        for (row, (label, &unit)) in labels.iter().zip(units).enumerate() {
            self.events += 1;
            let Some(label) = label.filter(|label| !self.is_benign(label)) else { continue };
            self.attack_events += 1;
            if unit == u32::MAX {
                self.no_unit += 1;
                continue;
            }
            let incident = incidents.as_ref().and_then(|incidents| incidents.get(row)).filter(|id| named_by_label || !self.is_benign(id));
            let kind = (!named_by_label && label.parse::<f64>().is_err() && label.parse::<bool>().is_err()).then_some(label);
            let time = times.as_ref().and_then(|times| times.get(row));
            let of_unit = self.attacks.entry(unit).or_default();
            match of_unit.get_mut(incident.unwrap_or_default()) {
                Some(attack) => attack.add(kind, time),
                None => {
                    let attack = Attack { kind: kind.map(str::to_owned), first: time };
                    of_unit.insert(incident.unwrap_or_default().to_owned(), attack);
                }
            }
        }
        Ok(())
    }

    fn is_benign(&mut self, label: &str) -> bool {
        if let Some(known) = self.known.get(label) {
            return *known;
        }
        let text = label.trim();
        let number = text.parse::<f64>().ok();
        let benign = text.is_empty() || self.benign.iter().any(|value| value.text == text || (number.is_some() && value.number == number));
        // Distinct labels are few; distinct incident names may not be.
        if self.known.len() < 100_000 {
            self.known.insert(label.to_owned(), benign);
        }
        benign
    }

    /// The labels of all units; `order` tells, for each unit number that was pushed, its row among the units.
    ///
    /// An incident begins with the first of its events; where events have no time, with its unit. Without an `incident` column (and where
    /// it has no value) each labelled unit is its own incident, named by its entity and, where there is time, the beginning of its period.
    pub fn finish(self, units: &Units<'_>, order: &[Option<u32>], complete: bool, zone: Tz) -> (Labels, Vec<Finding>) {
        let mut gathered = Gathered::new(units.len());
        let mut too_few = 0_u64;
        let mut placed: BTreeMap<usize, &BTreeMap<String, Attack>> = BTreeMap::new();
        for (unit, attacks) in &self.attacks {
            match order.get(*unit as usize).copied().flatten().map(|row| row as usize).filter(|row| *row < units.len()) {
                Some(row) => drop(placed.insert(row, attacks)),
                None => too_few += 1,
            }
        }
        // In the order of the units, not of their numbers, which follow the order of the events.
        for (row, attacks) in placed {
            gathered.dispose(row, Disposition::TruePositive);
            for (name, attack) in attacks {
                let id = if name.is_empty() { own_name(units, row, self.time.is_some(), zone) } else { name.clone() };
                gathered.attach(row, Incident { id, kind: attack.kind.clone(), start: attack.first.unwrap_or(units.starts[row]) });
            }
        }
        let findings = self.findings(too_few);
        (gathered.finish(complete), findings)
    }

    fn findings(&self, too_few: u64) -> Vec<Finding> {
        let mut found = Vec::new();
        let mut add = |code: &str, message: Said, consequence: Said, advice: Said| {
            found.push(Finding { code: code.into(), severity: "warning".into(), subject: "labels".into(), message, consequence, advice });
        };
        if self.no_unit > 0 {
            add(
                "W154",
                said!(
                    en: "{n} of {all} attack events have no entity or lie outside the window",
                    fr: "{n} événements d’attaque sur {all} n’ont pas d’entité ou sont hors de la fenêtre",
                    n = self.no_unit,
                    all = self.attack_events,
                ),
                said!(en: "They label nothing.", fr: "Ils n’étiquettent rien."),
                said!(
                    en: "Take key columns that every event has, or widen the window.",
                    fr: "Prenez des colonnes de clé que tout événement porte, ou élargissez la fenêtre.",
                ),
            );
        }
        if too_few > 0 {
            add(
                "W155",
                said!(
                    en: "{n} units with attack events have fewer than `min_events` events",
                    fr: "{n} unités avec des événements d’attaque ont moins de `min_events` événements",
                    n = too_few,
                ),
                said!(
                    en: "They are not scored, and their attacks are in no figure unless other units hold them too.",
                    fr: "Elles n’ont pas de score, et leurs attaques ne sont dans aucun chiffre, sauf si d’autres unités les portent aussi.",
                ),
                said!(en: "Lower `entity.min_events`.", fr: "Abaissez `entity.min_events`."),
            );
        }
        if self.events > 0 && self.attack_events == 0 {
            let values: Vec<&str> = self.benign.iter().map(|benign| benign.text.as_str()).collect();
            add(
                "W156",
                said!(
                    en: "every value of `{column}` means benign ({values})",
                    fr: "toutes les valeurs de `{column}` signifient bénin ({values})",
                    column = self.column,
                    values = if values.is_empty() { said!(en: "null or empty", fr: "vide") } else { Said::same(values.join(", ")) },
                ),
                said!(
                    en: "Without a single attack nothing can be said about detection.",
                    fr: "Sans une seule attaque, on ne peut rien dire de la détection.",
                ),
                said!(en: "Check `labels.column` and `labels.benign`.", fr: "Vérifiez `labels.column` et `labels.benign`."),
            );
        }
        found
    }
}

impl Attack {
    fn add(&mut self, kind: Option<&str>, time: Option<i64>) {
        // Not the first that was read, which hangs on the order of files: the smallest by code point.
        if let Some(kind) = kind
            && self.kind.as_deref().is_none_or(|known| kind < known)
        {
            self.kind = Some(kind.to_owned());
        }
        self.first = [self.first, time].into_iter().flatten().min();
    }
}

fn own_name(units: &Units<'_>, row: usize, timed: bool, zone: Tz) -> String {
    let entity = &units.rows[row].entity;
    match DateTime::from_timestamp_micros(units.starts[row]).filter(|_| timed) {
        Some(start) => format!("{entity} @ {}", start.with_timezone(&zone).format("%Y-%m-%dT%H:%M:%S%:z")),
        None => entity.to_string(),
    }
}

impl Benign {
    fn of(entry: &Entry) -> Result<Self> {
        let text = match &entry.0 {
            serde_yaml::Value::String(text) => text.trim().to_owned(),
            serde_yaml::Value::Bool(value) => value.to_string(),
            serde_yaml::Value::Number(value) => value.to_string(),
            serde_yaml::Value::Null => String::new(),
            serde_yaml::Value::Sequence(_) | serde_yaml::Value::Mapping(_) | serde_yaml::Value::Tagged(_) => {
                let hint = "expected plain values, such as `[\"-\", 0]`";
                return Err(Error::data_hint("a value of `labels.benign` is a list or a mapping", hint));
            }
        };
        Ok(Self { number: text.parse().ok(), text })
    }
}

fn column<'a>(events: &'a DataFrame, name: &str) -> Result<&'a Column> {
    events.column(name).map_err(|_| {
        let near = similar(name, events.columns().iter().map(|column| column.name().as_str()));
        let hint = near.first().map_or_else(|| "name a column of the events".to_owned(), |near| format!("did you mean `{near}`?"));
        Error::data_hint(format!("unknown label column `{name}`"), hint)
    })
}

fn texts(events: &DataFrame, name: &str) -> Result<StringChunked> {
    let texts = column(events, name)?.cast(&DataType::String).map_err(engine)?;
    Ok(texts.str().map_err(engine)?.rechunk().into_owned())
}

fn micros(events: &DataFrame, name: &str) -> Result<Int64Chunked> {
    let column = column(events, name)?;
    let zone = if let DataType::Datetime(_, zone) = column.dtype() { zone.clone() } else { None };
    let micros =
        column.cast(&DataType::Datetime(TimeUnit::Microseconds, zone)).and_then(|times| times.cast(&DataType::Int64)).map_err(engine)?;
    Ok(micros.i64().map_err(engine)?.rechunk().into_owned())
}

fn engine(error: PolarsError) -> Error {
    Error::Internal(format!("reading labels: {error}"))
}
