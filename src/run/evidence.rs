//! The raw events behind the alerts: read once more from the sources, since units are kept and events are not.

use std::collections::{BTreeSet, HashMap};

use polars::prelude::{AnyValue, DataFrame, DataType};
use serde::{Deserialize, Serialize};

use crate::{
    error::{Error, Result},
    evaluate::Alert,
    fields::UnitTable,
    needs::names_the_answer,
};

/// How many events are kept for an alert.
pub const KEPT: usize = 20;
/// How many columns are shown of an event, its time apart.
const COLUMNS: usize = 10;
/// How much of a value is kept.
const LONGEST: usize = 500;

/// What an analyst looks at first, as far as the source has it.
const PREFERRED: &[&str] = &[
    "user",
    "src_ip",
    "hostname",
    "method",
    "host",
    "registered_domain",
    "domain",
    "query",
    "dst_ip",
    "dst_port",
    "rule",
    "name",
    "action",
    "url",
    "path",
    "status",
    "bytes_up",
    "bytes_down",
    "user_agent",
    "category",
    "protocol",
];
/// Where events went to, or which rule they are of: what alerts are grouped by. The first that the source has.
const DESTINATIONS: &[&str] = &["registered_domain", "domain", "host", "query", "dst_ip", "rule", "name", "short"];

/// Some events of every alert. `events.json` in the run folder.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// The columns that are kept, the time apart.
    pub columns: Vec<String>,
    /// Which column tells where events went to, where one does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub destination: Option<String>,
    /// How many columns are left out because they are named like the answer: whoever judges alerts by their events must not read it there.
    #[serde(default, skip_serializing_if = "is_none")]
    pub answers_left_out: u64,
    /// For each alert, in their order: its events.
    pub alerts: Vec<Events>,
}

/// Whether nothing was left out, which a file need not say.
pub(super) fn is_none(left_out: &u64) -> bool {
    *left_out == 0
}

/// The events of one alert.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Events {
    /// How many there are.
    pub count: u64,
    /// The first of them in the order of the source, at most 20: time in microseconds since 1970 UTC, and a value for each column.
    pub first: Vec<(Option<i64>, Vec<Option<String>>)>,
    /// The most frequent destination and its number of events; of equally frequent ones the first by code point.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub destination: Option<(String, u64)>,
}

impl Evidence {
    /// The events of other alerts, as far as they are among these; `None` where none is.
    #[must_use]
    pub fn following(mut self, before: &[Alert], after: &[Alert]) -> Option<Self> {
        let unit = |alert: &Alert| (alert.entity.clone(), alert.start);
        let mut of: HashMap<_, Events> = before.iter().map(unit).zip(self.alerts).collect();
        self.alerts = after.iter().map(|alert| of.remove(&unit(alert)).unwrap_or_default()).collect();
        self.alerts.iter().any(|events| events.count > 0).then_some(self)
    }
}

/// One unit whose events are wanted.
struct Wanted {
    start: i64,
    end: i64,
    alert: usize,
}

/// Picks the events of some units out of batches.
pub struct Collecting {
    key_columns: Vec<String>,
    time: String,
    columns: Vec<String>,
    answers_left_out: u64,
    destination: Option<String>,
    /// By the values of the entity's key columns.
    wanted: HashMap<Vec<String>, Vec<Wanted>>,
    /// The values of the first key column, so that most rows are passed over at once.
    first: BTreeSet<String>,
    found: Vec<Events>,
    destinations: Vec<HashMap<String, u64>>,
    /// The first moment that is wanted, and the first that is not any more.
    window: (i64, i64),
}

impl Collecting {
    /// Wants the events of these rows of the table, one for each alert. `known` are the columns of the source that may be shown, but for those that are
    /// named like the answer. `None` where there is no time or no entity, or nothing is wanted.
    pub fn new(table: &UnitTable, rows: &[usize], time: Option<&str>, known: &[String]) -> Option<Self> {
        let key_columns = &table.key_columns;
        let time = time.filter(|_| !key_columns.is_empty() && !rows.is_empty())?;
        let mut wanted: HashMap<Vec<String>, Vec<Wanted>> = HashMap::new();
        let mut window = (i64::MAX, i64::MIN);
        for (alert, &row) in rows.iter().enumerate() {
            let (start, end) = (table.starts[row], table.ends[row]);
            window = (window.0.min(start), window.1.max(end));
            let key = table.keys.iter().map(|column| column[row].to_string()).collect();
            wanted.entry(key).or_default().push(Wanted { start, end, alert });
        }
        let is_answer = |name: &&String| names_the_answer(name) && !key_columns.contains(name);
        let answers_left_out = known.iter().filter(is_answer).count() as u64;
        let known: Vec<String> = known.iter().filter(|name| !is_answer(name)).cloned().collect();
        let has = |name: &&&str| known.iter().any(|column| column == **name) && !key_columns.iter().any(|key| key == **name);
        let mut columns: Vec<String> = PREFERRED.iter().filter(has).map(|name| (*name).to_owned()).collect();
        let rest = known.iter().filter(|name| *name != time && !key_columns.contains(name) && !PREFERRED.contains(&name.as_str()));
        columns.extend(rest.cloned());
        // An address says again what its host and its path say.
        if ["host", "path"].iter().all(|part| columns.iter().any(|column| column == part)) {
            columns.retain(|column| column != "url");
        }
        columns.truncate(COLUMNS);
        Some(Self {
            key_columns: key_columns.clone(),
            time: time.to_owned(),
            destination: DESTINATIONS.iter().find(|name| known.iter().any(|column| column == *name)).map(|name| (*name).to_owned()),
            columns,
            answers_left_out,
            first: wanted.keys().filter_map(|key| key.first().cloned()).collect(),
            wanted,
            found: vec![Events::default(); rows.len()],
            destinations: vec![HashMap::new(); rows.len()],
            window,
        })
    }

    /// The columns that batches must hold where the source has them.
    pub fn columns(&self) -> BTreeSet<String> {
        self.columns.iter().chain(&self.destination).cloned().collect()
    }

    /// The time that is wanted, half open.
    pub fn window(&self) -> (i64, i64) {
        self.window
    }

    /// Takes what is wanted out of a batch.
    ///
    /// # Errors
    /// When the batch lacks a key column or the time.
    pub fn push(&mut self, frame: &DataFrame) -> Result<()> {
        let engine = |error: polars::prelude::PolarsError| Error::Internal(format!("cannot look at a batch of events: {error}"));
        let text = |name: &String| frame.column(name).and_then(|column| column.cast(&DataType::String)).map_err(engine);
        let keys = self.key_columns.iter().map(text).collect::<Result<Vec<_>>>()?;
        let keys = keys.iter().map(|column| column.str().map_err(engine)).collect::<Result<Vec<_>>>()?;
        let time = frame.column(&self.time).and_then(|column| column.cast(&DataType::Int64)).map_err(engine)?;
        let time = time.i64().map_err(engine)?;
        let Some(first) = keys.first() else { return Ok(()) };
        for (row, (value, moment)) in first.iter().zip(time.iter()).enumerate() {
            let (Some(value), Some(moment)) = (value, moment) else { continue };
            if !self.first.contains(value) {
                continue;
            }
            let Some(key) = keys.iter().map(|column| column.get(row).map(str::to_owned)).collect::<Option<Vec<String>>>() else { continue };
            let Some(wanted) = self.wanted.get(&key) else { continue };
            for one in wanted.iter().filter(|one| (one.start..one.end).contains(&moment)) {
                let found = &mut self.found[one.alert];
                found.count += 1;
                if let Some(name) = &self.destination
                    && let Some(value) = shown(frame, name, row)
                {
                    *self.destinations[one.alert].entry(value).or_insert(0) += 1;
                }
                if found.first.len() < KEPT {
                    found.first.push((Some(moment), self.columns.iter().map(|name| shown(frame, name, row)).collect()));
                }
            }
        }
        Ok(())
    }

    /// What was found. Columns that no event fills are left out.
    pub fn finish(self) -> Evidence {
        let Self { columns, destination, answers_left_out, mut found, destinations, .. } = self;
        for (events, counts) in found.iter_mut().zip(destinations) {
            events.destination = counts.into_iter().max_by(|a, b| a.1.cmp(&b.1).then_with(|| b.0.cmp(&a.0)));
        }
        let filled: Vec<usize> = (0..columns.len())
            .filter(|&at| found.iter().any(|events| events.first.iter().any(|(_, values)| values[at].is_some())))
            .collect();
        for (_, values) in found.iter_mut().flat_map(|events| &mut events.first) {
            *values = filled.iter().map(|&at| values[at].take()).collect();
        }
        Evidence { columns: filled.iter().map(|&at| columns[at].clone()).collect(), destination, answers_left_out, alerts: found }
    }
}

/// A value as text; `None` where it is null or the batch has no such column.
fn shown(frame: &DataFrame, name: &str, row: usize) -> Option<String> {
    let text = match frame.column(name).ok()?.get(row).ok()? {
        AnyValue::Null => return None,
        AnyValue::String(text) => text.to_owned(),
        AnyValue::StringOwned(text) => text.to_string(),
        other => other.to_string(),
    };
    Some(if text.chars().nth(LONGEST).is_some() { text.chars().take(LONGEST).collect() } else { text }).filter(|text| !text.is_empty())
}
