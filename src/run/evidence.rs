//! The raw events behind the alerts: read once more from the sources, since units are kept and events are not.

use std::collections::{BTreeSet, HashMap};

use chrono_tz::Tz;
use polars::prelude::{AnyValue, DataFrame, DataType, IdxCa, IdxSize};

use super::telling::Telling;
use crate::{
    error::{Error, Result},
    fields::{FieldSet, UnitTable},
    needs::names_the_answer,
    record::evidence::{Events, Evidence},
    sql::Expression,
};

/// How many events are kept for an alert.
const KEPT: usize = 20;
/// How many columns are shown of an event, its time apart.
const COLUMNS: usize = 10;
/// How much of a value is kept.
const LONGEST: usize = 500;
/// How many numbers and conditions of the fields may name events.
const SIGNALS: usize = 6;

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

/// What makes an event telling: the numbers and conditions of the experiment's fields.
pub struct Signals {
    amounts: Vec<String>,
    conditions: Vec<Expression>,
    zone: Tz,
}

impl Signals {
    /// Those of some fields, a bounded number; `zone` is the experiment's.
    pub fn of(fields: &FieldSet, zone: Tz) -> Self {
        let mut amounts: Vec<String> = fields.amounts().into_iter().map(str::to_owned).collect();
        let mut conditions: Vec<&str> = fields.conditions();
        amounts.truncate(SIGNALS / 2);
        conditions.truncate(SIGNALS - amounts.len());
        Self { amounts, conditions: conditions.iter().filter_map(|text| Expression::parse(text).ok()).collect(), zone }
    }

    fn len(&self) -> usize {
        self.amounts.len() + self.conditions.len()
    }

    /// For each of some events, how large each signal is; what the events do not have is 0.
    fn of_events(&self, events: &DataFrame) -> Vec<Vec<f64>> {
        let mut all = vec![vec![0.0; self.len()]; events.height()];
        for (at, name) in self.amounts.iter().enumerate() {
            let numbers = events.column(name).ok().filter(|column| column.dtype().is_primitive_numeric());
            let Some(numbers) = numbers.and_then(|column| column.cast(&DataType::Float64).ok()) else { continue };
            let Ok(numbers) = numbers.f64() else { continue };
            all.iter_mut().zip(numbers.iter()).for_each(|(signals, value)| signals[at] = value.unwrap_or(0.0));
        }
        for (at, condition) in (self.amounts.len()..).zip(&self.conditions) {
            // That it can be evaluated was seen when fields were built.
            let Ok(mask) = condition.evaluate_mask(events, self.zone) else { continue };
            all.iter_mut().zip(mask.iter()).for_each(|(signals, value)| signals[at] = f64::from(u8::from(value == Some(true))));
        }
        all
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
    signals: Signals,
    found: Vec<Telling>,
    destinations: Vec<HashMap<String, u64>>,
    /// The first moment that is wanted, and the first that is not any more.
    window: (i64, i64),
}

impl Collecting {
    /// Wants the events of these rows of the table, one for each alert. `known` are the columns of the source that may be shown, but for those that are
    /// named like the answer. `None` where there is no time or no entity, or nothing is wanted.
    pub fn new(table: &UnitTable, rows: &[usize], time: Option<&str>, known: &[String], signals: Signals) -> Option<Self> {
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
            found: vec![Telling::new(signals.len(), KEPT); rows.len()],
            signals,
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
        let mut hits: Vec<(IdxSize, i64, usize)> = Vec::new();
        for (row, (value, moment)) in first.iter().zip(time.iter()).enumerate() {
            let (Some(value), Some(moment)) = (value, moment) else { continue };
            if !self.first.contains(value) {
                continue;
            }
            let Some(key) = keys.iter().map(|column| column.get(row).map(str::to_owned)).collect::<Option<Vec<String>>>() else { continue };
            let Some(wanted) = self.wanted.get(&key) else { continue };
            let inside = wanted.iter().filter(|one| (one.start..one.end).contains(&moment));
            hits.extend(inside.map(|one| (row as IdxSize, moment, one.alert)));
        }
        if hits.is_empty() {
            return Ok(());
        }
        let rows: IdxCa = hits.iter().map(|(row, ..)| Some(*row)).collect();
        let events = frame.take(&rows).map_err(engine)?;
        for (row, ((_, moment, alert), signals)) in hits.iter().zip(self.signals.of_events(&events)).enumerate() {
            let place = self.destination.as_ref().and_then(|name| shown(&events, name, row));
            let is_new_place = place.is_some_and(|place| {
                let count = self.destinations[*alert].entry(place).or_insert(0);
                *count += 1;
                *count == 1
            });
            let columns = &self.columns;
            self.found[*alert]
                .push(&signals, is_new_place, || (Some(*moment), columns.iter().map(|name| shown(&events, name, row)).collect()));
        }
        Ok(())
    }

    /// What was found. Columns that no event fills are left out.
    pub fn finish(self) -> Evidence {
        let Self { columns, destination, answers_left_out, found, destinations, .. } = self;
        let mut alerts: Vec<Events> = Vec::with_capacity(found.len());
        for (telling, counts) in found.into_iter().zip(destinations) {
            let destination = counts.into_iter().max_by(|a, b| a.1.cmp(&b.1).then_with(|| b.0.cmp(&a.0)));
            alerts.push(Events { count: telling.seen(), rows: telling.finish(), destination });
        }
        let filled: Vec<usize> = (0..columns.len())
            .filter(|&at| alerts.iter().any(|events| events.rows.iter().any(|(_, values)| values[at].is_some())))
            .collect();
        for (_, values) in alerts.iter_mut().flat_map(|events| &mut events.rows) {
            *values = filled.iter().map(|&at| values[at].take()).collect();
        }
        Evidence { columns: filled.iter().map(|&at| columns[at].clone()).collect(), destination, answers_left_out, alerts }
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
