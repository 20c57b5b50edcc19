//! What is known of the truth: rows of a file that name an entity and a time, or a column of the events.
//!
//! Either becomes a [`Labels`] of all units; [`Labels::select`] takes those of one part. What cannot be used is an error that names the line;
//! what fits no unit is counted and reported, never dropped in silence.

use std::collections::{BTreeMap, BTreeSet};

pub use self::{column::ColumnLabels, file::LabelFile};
use crate::{
    error::{Error, Result},
    spec::LabelSource,
    units::{Disposition, Incident, Labels},
};

pub mod column;
pub mod file;

/// The columns of the events that no field, rule, or join may see.
pub fn columns_hidden(source: &LabelSource) -> BTreeSet<String> {
    source.column.iter().chain(&source.incident).chain(&source.exclude).cloned().collect()
}

/// Refuses an expression, field, or join that reads a hidden column.
///
/// # Errors
/// When `columns` and `hidden` have a column in common; `place` says whose columns they are (`fields.requests`).
pub fn refuse_hidden(place: &str, columns: &BTreeSet<String>, hidden: &BTreeSet<String>) -> Result<()> {
    match columns.intersection(hidden).next() {
        None => Ok(()),
        Some(column) => Err(Error::data_hint(
            format!("`{place}` reads `{column}`, which is a label or derived from one"),
            "what the labels say is hidden from fields, rules and joins: a detector that sees the answer proves nothing",
        )),
    }
}

/// Labels of units, as they come to be known.
#[derive(Debug)]
struct Gathered {
    dispositions: Vec<Option<Disposition>>,
    incidents: BTreeMap<String, Incident>,
    of: Vec<BTreeSet<String>>,
}

impl Gathered {
    fn new(units: usize) -> Self {
        Self { dispositions: vec![None; units], incidents: BTreeMap::new(), of: vec![BTreeSet::new(); units] }
    }

    /// Adds what one label says of a unit: the graver disposition stays.
    fn dispose(&mut self, unit: usize, disposition: Disposition) {
        let known = &mut self.dispositions[unit];
        if known.is_none_or(|known| gravity(disposition) > gravity(known)) {
            *known = Some(disposition);
        }
    }

    /// Says that a unit belongs to an incident, which began no later than `incident.start`.
    fn attach(&mut self, unit: usize, incident: Incident) {
        self.of[unit].insert(incident.id.clone());
        let known = self.incidents.entry(incident.id.clone()).or_insert_with(|| incident.clone());
        known.start = known.start.min(incident.start);
        if known.kind.is_none() {
            known.kind = incident.kind;
        }
    }

    fn finish(self, complete: bool) -> Labels {
        let mut incidents: Vec<Incident> = self.incidents.into_values().collect();
        incidents.sort_by(|a, b| a.start.cmp(&b.start).then_with(|| a.id.cmp(&b.id)));
        let numbers: BTreeMap<&str, u32> = incidents.iter().map(|incident| incident.id.as_str()).zip(0..).collect();
        let incidents_of = self
            .of
            .iter()
            .map(|ids| {
                let mut indices: Vec<u32> = ids.iter().filter_map(|id| numbers.get(id.as_str()).copied()).collect();
                indices.sort_unstable();
                indices
            })
            .collect();
        Labels { complete, dispositions: self.dispositions, incidents_of, incidents }
    }
}

fn gravity(disposition: Disposition) -> u8 {
    match disposition {
        Disposition::TruePositive => 2,
        Disposition::BenignTruePositive => 1,
        Disposition::FalsePositive => 0,
    }
}

#[cfg(test)]
mod tests;
