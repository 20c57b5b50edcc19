//! How many events there are, or how many of them have a value.
//!
//! # What it is
//! `{ count: "*" }` is the number of events; `{ count: column }` the number of events in which the column is not null.
//! # Nulls
//! Never null: no events are 0.
//! # Cost
//! One number for each unit.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{EVENTS, Kind, from_events};
use crate::{
    error::Problem,
    fields::{
        batch::Batch,
        footprint::held,
        inputs::CodesId,
        intern::NONE,
        lower::{Lowered, Lowering},
        plan::{Accumulator, Field, Finished, Plan, Rows},
    },
    said,
    text::Said,
};

pub(super) const KIND: Kind = Kind::of::<Count>("count", "how many events", include_str!("count.rs"), EVENTS);

/// How many events.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Count {
    /// `*` for all events, or a column that must not be null.
    count: String,
}

from_events!(Count);

impl Field for Count {
    fn definition(&self) -> Said {
        if self.count == "*" {
            said!(en: "number of events", fr: "nombre d’événements")
        } else {
            said!(en: "number of events with {column}", fr: "nombre d’événements avec {column}", column = self.count)
        }
    }

    fn fill(&self) -> Option<f64> {
        Some(0.0)
    }

    fn columns(&self) -> Vec<(&'static str, &str)> {
        if self.count == "*" { Vec::new() } else { vec![("count", &self.count)] }
    }

    fn plan(&self, plan: &mut Plan<'_>) -> Result<Box<dyn Accumulator>, Problem> {
        let codes = if self.count == "*" { None } else { Some(plan.codes("count", &self.count)?) };
        Ok(Box::new(Counts { rows: plan.rows, codes, counts: Vec::new() }))
    }

    fn lower(&self, to: &Lowering<'_>) -> Result<Lowered, Problem> {
        let of = if self.count == "*" { "*".to_owned() } else { to.column("count", &self.count)? };
        Ok(Lowered::aggregate(to.over(&format!("count({of})"))).or_zero())
    }
}

#[derive(Debug, Clone)]
struct Counts {
    rows: Rows,
    codes: Option<CodesId>,
    counts: Vec<u64>,
}

impl Accumulator for Counts {
    fn push(&mut self, batch: &Batch) {
        self.rows.grow(&mut self.counts, batch);
        let codes = self.codes.map(|codes| batch.codes[codes.0].as_slice());
        let mask = self.rows.mask(batch);
        for (row, &group) in self.rows.groups(batch).iter().enumerate() {
            if group != NONE && mask.is_none_or(|mask| mask[row]) && codes.is_none_or(|codes| codes[row] != NONE) {
                self.counts[group as usize] += 1;
            }
        }
    }

    fn bytes(&self) -> usize {
        held(&self.counts)
    }

    fn finish(self: Box<Self>, _: &Finished<'_>) -> Vec<Option<f64>> {
        self.counts.iter().map(|&count| Some(count as f64)).collect()
    }
}
