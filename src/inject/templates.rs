//! Real events that planted ones are copies of: a sample of the entities of the judged part, and of each a few of its events.
//!
//! Entities are sampled by the smallest hash of their name, and events by the smallest hash of their number: the sample depends on the seed and on
//! the order of the events alone, is the same whatever the sizes of batches, and needs memory for itself only.

use std::collections::BTreeMap;

use polars::prelude::*;

use crate::error::{Error, Result};

/// Entities in the sample.
pub(super) const ENTITIES: usize = 4_096;
/// Events of each.
const EVENTS: usize = 4;
/// Hosts that count as popular.
const POPULAR: usize = 20;

/// One event as it was read, with its time and the number of its unit.
#[derive(Debug, Clone)]
pub(super) struct Template {
    pub time: i64,
    pub unit: u32,
    pub values: Vec<AnyValue<'static>>,
}

/// The sample.
#[derive(Debug)]
pub struct Templates {
    pub(super) columns: Vec<(String, DataType)>,
    pub(super) time: String,
    pub(super) judged: (i64, i64),
    seed: u64,
    seen: u64,
    entities: BTreeMap<u64, BTreeMap<u64, Template>>,
}

fn engine(error: PolarsError) -> Error {
    Error::Internal(format!("events to copy: {error}"))
}

fn mix(mut z: u64) -> u64 {
    // The finaliser of SplitMix64 (Steele, Lea, Flood 2014).
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A number for the entity of each event, from its key columns (FNV-1a, mixed).
pub(super) fn entity_hashes(events: &DataFrame, keys: &[String], seed: u64) -> Result<Vec<u64>> {
    let mut hashes = vec![seed ^ 0xcbf2_9ce4_8422_2325; events.height()];
    for key in keys {
        let column = events.column(key).map_err(engine)?.cast(&DataType::String).map_err(engine)?;
        for (hash, value) in hashes.iter_mut().zip(column.str().map_err(engine)?.iter()) {
            let bytes = value.unwrap_or("\u{0}").bytes().chain([0x1f]);
            *hash = bytes.fold(*hash, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
        }
    }
    Ok(hashes.into_iter().map(mix).collect())
}

/// The time of each event, in microseconds since 1970 UTC.
pub(super) fn times(events: &DataFrame, column: &str) -> Result<Vec<Option<i64>>> {
    let column = events.column(column).map_err(engine)?;
    let zone = if let DataType::Datetime(_, zone) = column.dtype() { zone.clone() } else { None };
    let micros = column.cast(&DataType::Datetime(TimeUnit::Microseconds, zone)).and_then(|column| column.cast(&DataType::Int64));
    Ok(micros.map_err(engine)?.i64().map_err(engine)?.iter().collect())
}

impl Templates {
    /// An empty sample of events whose time is in a column, from the judged part (half open).
    pub fn new(time: &str, judged: (i64, i64), seed: u64) -> Self {
        Self { columns: Vec::new(), time: time.to_owned(), judged, seed, seen: 0, entities: BTreeMap::new() }
    }

    /// Takes note of a batch: the events as they were read, the same with everything that was derived, and the unit of each.
    ///
    /// # Errors
    /// When a column is missing, which would be a bug.
    pub fn push(&mut self, raw: &DataFrame, events: &DataFrame, keys: &[String], units: &[u32]) -> Result<()> {
        if self.columns.is_empty() {
            self.columns = raw.columns().iter().map(|column| (column.name().to_string(), column.dtype().clone())).collect();
        }
        let entities = entity_hashes(events, keys, self.seed)?;
        let times = times(raw, &self.time)?;
        for (row, (entity, time)) in entities.into_iter().zip(times).enumerate() {
            self.seen += 1;
            let Some(time) = time.filter(|time| (self.judged.0..self.judged.1).contains(time) && units[row] != u32::MAX) else { continue };
            let full = self.entities.len() >= ENTITIES;
            if full && !self.entities.contains_key(&entity) && self.entities.last_key_value().is_some_and(|(last, _)| entity > *last) {
                continue;
            }
            let order = mix(self.seed ^ self.seen.wrapping_mul(0x9e37_79b9_7f4a_7c15));
            let kept = self.entities.entry(entity).or_default();
            if kept.len() >= EVENTS && kept.last_key_value().is_some_and(|(last, _)| order > *last) {
                continue;
            }
            let values = raw.get(row).unwrap_or_default().into_iter().map(AnyValue::into_static).collect();
            kept.insert(order, Template { time, unit: units[row], values });
            if kept.len() > EVENTS {
                kept.pop_last();
            }
            if self.entities.len() > ENTITIES {
                self.entities.pop_last();
            }
        }
        Ok(())
    }

    /// The events of each entity of the sample, in an order that has nothing to do with them.
    pub(super) fn entities(&self) -> Vec<Vec<&Template>> {
        self.entities.values().map(|events| events.values().collect()).collect()
    }

    /// The hosts that most entities of the sample contact, the most popular first.
    pub(super) fn popular(&self) -> Vec<String> {
        let Some(host) = self.columns.iter().position(|(name, _)| name == "host") else { return Vec::new() };
        let mut by: BTreeMap<&str, u64> = BTreeMap::new();
        for events in self.entities.values() {
            let hosts = events.values().filter_map(|event| event.values.get(host).and_then(AnyValue::get_str));
            for host in hosts.collect::<std::collections::BTreeSet<_>>() {
                *by.entry(host).or_default() += 1;
            }
        }
        let mut hosts: Vec<(&str, u64)> = by.into_iter().collect();
        hosts.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        hosts.into_iter().take(POPULAR).map(|(host, _)| host.to_owned()).collect()
    }
}
