//! Side tables are joined to the events, and new columns derived from each row: batch by batch, no row lost, none added.

use std::{
    collections::{BTreeMap, BTreeSet},
    hash::{DefaultHasher, Hash, Hasher},
};

use hashbrown::HashSet;
use polars::prelude::*;

use self::lookup::Lookup;
pub use self::{derive::Derive, findings::findings};
use crate::{
    error::{Error, Result},
    quality::JoinQuality,
    spec,
    text::similar,
};

mod derive;
mod findings;
mod lookup;

/// Different keys that are counted to tell which share of them finds a row.
const KEYS: usize = 200_000;

/// The joins of an experiment, in order.
#[derive(Debug, Clone)]
pub struct Enricher {
    joins: Vec<Prepared>,
    time: Option<String>,
}

#[derive(Debug, Clone)]
struct Prepared {
    source: String,
    event_keys: Vec<String>,
    taken: Vec<Column>,
    once: Vec<String>,
    /// The rows that some event found, where something is given once.
    given: HashSet<IdxSize>,
    lookup: Lookup,
    /// Hashes of keys that found a row, and of those that did not.
    keys: [HashSet<u64>; 2],
    quality: JoinQuality,
}

impl Enricher {
    /// Prepares the joins: `tables` are the side tables by the name of their source.
    ///
    /// Keys are compared as they are written: the number 403 and the text `403` are equal, `0403` is another. Of rows with the same key
    /// the first is taken; null is equal to nothing. Events have their time in the column `time`.
    ///
    /// # Errors
    /// When a table or one of its columns does not exist, or a column would be taken twice.
    pub fn new(joins: &[spec::Join], tables: &BTreeMap<String, DataFrame>, time: Option<&str>) -> Result<Self> {
        let joins = joins.iter().map(|join| Prepared::new(join, tables)).collect::<Result<Vec<_>>>()?;
        let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
        for join in &joins {
            for column in &join.taken {
                if let Some(other) = seen.insert(column.name(), &join.source) {
                    return Err(clash(column.name(), &join.source, &format!("the join of `{other}` takes it too")));
                }
            }
        }
        if let Some(join) = joins.iter().find(|join| join.lookup.takes_time() && time.is_none()) {
            return Err(Error::data_hint(
                format!("the join of `{}` takes the nearest row in time, and the events have no time", join.source),
                "say where the time of the events is: `time: { column: ... }` in their source",
            ));
        }
        Ok(Self { joins, time: time.map(str::to_owned) })
    }

    /// The columns that the joins read from the events (or from a join before them).
    pub fn columns(&self) -> BTreeSet<String> {
        let times = self.time.iter().filter(|_| self.joins.iter().any(|join| join.lookup.takes_time()));
        self.joins.iter().flat_map(|join| join.event_keys.iter().cloned()).chain(times.cloned()).collect()
    }

    /// The columns that the joins add.
    pub fn added(&self) -> Vec<String> {
        self.joins.iter().flat_map(|join| join.taken.iter().map(|column| column.name().to_string())).collect()
    }

    /// Joins a batch of events: the same rows in the same order, with more columns.
    ///
    /// # Errors
    /// When the events lack a key column, or already have a column that is taken.
    pub fn apply(&mut self, mut events: DataFrame) -> Result<DataFrame> {
        for join in &mut self.joins {
            join.apply(&mut events, self.time.as_deref())?;
        }
        Ok(events)
    }

    /// Forgets what was counted so far.
    pub fn start_over(&mut self) {
        for join in &mut self.joins {
            (join.quality.matched, join.quality.events) = (0, 0);
            join.keys = Default::default();
            join.given.clear();
        }
    }

    /// What joining found, in the order of the experiment.
    pub fn finish(self) -> Vec<JoinQuality> {
        self.joins.into_iter().map(Prepared::finish).collect()
    }
}

fn clash(column: &str, source: &str, why: &str) -> Error {
    Error::data_hint(
        format!("the join of `{source}` takes the column `{column}`, but {why}"),
        "name the columns you want in `take`, or give the column another name in the source's `rename`",
    )
}

impl Prepared {
    fn finish(mut self) -> JoinQuality {
        let [found, lost] = &self.keys;
        // A key that found a row at one time and none at another counts as found.
        self.quality.keys_matched = found.len() as u64;
        self.quality.keys = (found.len() + lost.difference(found).count()) as u64;
        self.quality
    }

    fn new(join: &spec::Join, tables: &BTreeMap<String, DataFrame>) -> Result<Self> {
        let table = tables.get(&join.join).ok_or_else(|| {
            let hint = format!("sources are {}", names(tables.keys().map(String::as_str)));
            Error::data_hint(format!("the source `{}` of a join does not exist", join.join), hint)
        })?;
        if join.on.is_empty() {
            return Err(Error::data_hint(format!("the join of `{}` has no key", join.join), "name one: `on: { src_ip: ip }`"));
        }
        let side_keys: Vec<&str> = join.on.values().map(String::as_str).collect();
        let (lookup, duplicate_keys) = Lookup::of(join, table)?;
        let taken = if join.take.is_empty() {
            table.columns().iter().filter(|column| !side_keys.contains(&column.name().as_str())).cloned().collect()
        } else {
            join.take.iter().map(|name| column(table, name, &join.join).cloned()).collect::<Result<Vec<_>>>()?
        };
        if let Some(name) = join.once.iter().find(|name| !taken.iter().any(|column| column.name() == name.as_str())) {
            return Err(Error::data_hint(
                format!("the join of `{}` gives `{name}` once, and does not take it", join.join),
                format!("it takes {}", names(taken.iter().map(|column| column.name().as_str()))),
            ));
        }
        let quality =
            JoinQuality { source: join.join.clone(), expected: join.expect_match.map(f64::from), duplicate_keys, ..JoinQuality::default() };
        Ok(Self {
            source: join.join.clone(),
            event_keys: join.on.keys().cloned().collect(),
            taken,
            once: join.once.clone(),
            given: HashSet::new(),
            lookup,
            keys: Default::default(),
            quality,
        })
    }

    fn apply(&mut self, events: &mut DataFrame, time: Option<&str>) -> Result<()> {
        let names: Vec<&str> = self.event_keys.iter().map(String::as_str).collect();
        let keys = texts(events, &names, "the events")?;
        let times = match time.filter(|_| self.lookup.takes_time()) {
            Some(time) => {
                let times = column(events, time, "the events")?
                    .cast(&micros_utc())
                    .and_then(|times| times.cast(&DataType::Int64))
                    .map_err(engine)?;
                times.i64().map_err(engine)?.iter().collect()
            }
            None => Vec::new(),
        };
        let mut buffer = String::new();
        let mut found: Vec<Option<IdxSize>> = Vec::with_capacity(events.height());
        for row in 0..events.height() {
            buffer.clear();
            let key = match &keys[..] {
                [only] => only.get(row),
                _ => write_key(&keys, row, &mut buffer).map(|()| buffer.as_str()),
            };
            let place = key.and_then(|key| self.lookup.find(key, times.get(row).copied().flatten()));
            if let Some(key) = key {
                // The first key that is too many is still counted, which tells "at least".
                let seen = &mut self.keys[usize::from(place.is_none())];
                if seen.len() < KEYS {
                    let mut hasher = DefaultHasher::new();
                    key.hash(&mut hasher);
                    seen.insert(hasher.finish());
                }
            }
            found.push(place);
        }
        self.quality.events += found.len() as u64;
        self.quality.matched += found.iter().flatten().count() as u64;
        let given = &mut self.given;
        let first = (!self.once.is_empty()).then(|| rows_of(found.iter().map(|place| place.filter(|&row| given.insert(row)))));
        let found = rows_of(found.iter().copied());
        for column in &self.taken {
            if events.column(column.name()).is_ok() {
                return Err(clash(column.name(), &self.source, "the events already have a column of that name"));
            }
            let rows = first.as_ref().filter(|_| self.once.iter().any(|name| name == column.name().as_str())).unwrap_or(&found);
            let values = column.as_materialized_series().take(rows).map_err(engine)?;
            events.with_column(values.into_column()).map_err(engine)?;
        }
        Ok(())
    }
}

fn rows_of(rows: impl Iterator<Item = Option<IdxSize>>) -> IdxCa {
    IdxCa::from_iter_options(PlSmallStr::EMPTY, rows)
}

/// The type of times as they are compared.
fn micros_utc() -> DataType {
    DataType::Datetime(TimeUnit::Microseconds, Some(TimeZone::UTC))
}

fn engine(error: PolarsError) -> Error {
    Error::Internal(format!("joining: {error}"))
}

fn names<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

fn column<'a>(frame: &'a DataFrame, name: &str, place: &str) -> Result<&'a Column> {
    frame.column(name).map_err(|_| {
        let known = || frame.columns().iter().map(|column| column.name().as_str());
        let near = similar(name, known());
        let hint = if near.is_empty() {
            format!("its columns are {}", names(known().take(30)))
        } else {
            format!("did you mean {}?", names(near.into_iter()))
        };
        Error::data_hint(format!("unknown column `{name}` in `{place}`").replace("`the events`", "the events"), hint)
    })
}

/// Each value for itself, so that the text does not depend on the batch.
fn number(value: f64) -> String {
    if value.fract() == 0.0 && value.abs() < 9e15 { (value as i64).to_string() } else { value.to_string() }
}

/// Key columns as text; whole numbers that are stored as floats lose their point.
fn texts(frame: &DataFrame, keys: &[&str], place: &str) -> Result<Vec<StringChunked>> {
    keys.iter()
        .map(|name| {
            let column = column(frame, name, place)?.as_materialized_series();
            let column = match column.dtype() {
                DataType::String => column.clone(),
                float if float.is_float() => {
                    let numbers = column.cast(&DataType::Float64).map_err(engine)?;
                    let numbers = numbers.f64().map_err(engine)?;
                    StringChunked::from_iter_options(numbers.name().clone(), numbers.iter().map(|value| value.map(number))).into_series()
                }
                plain if plain.is_integer() || plain.is_bool() || plain.is_temporal() || plain.is_null() => {
                    column.cast(&DataType::String).map_err(engine)?
                }
                _ => return Err(Error::data(format!("column `{name}` in `{place}` is nested and cannot be a key"))),
            };
            // One chunk: values are read by row.
            Ok(column.str().map_err(engine)?.rechunk().into_owned())
        })
        .collect()
}

/// Writes the key of a row; `None` where a part is null. Parts carry their length, so that no two keys look alike.
fn write_key(columns: &[StringChunked], row: usize, key: &mut String) -> Option<()> {
    if let [only] = columns {
        key.push_str(only.get(row)?);
        return Some(());
    }
    for column in columns {
        let part = column.get(row)?;
        key.push_str(&part.len().to_string());
        key.push(':');
        key.push_str(part);
    }
    Some(())
}

#[cfg(test)]
mod tests;
