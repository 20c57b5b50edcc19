//! The share of events that satisfy a condition.
//!
//! # What it is
//! The number of events for which the SQL condition is true, divided by the number of events (those that `where` keeps).
//! # Nulls
//! A condition that is null counts as false. Null where there are no events.
//! # Cost
//! Two numbers for each unit, and the condition once for each event.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{EVENTS, Kind, from_events};
use crate::{
    error::Problem,
    fields::{
        batch::Batch,
        footprint::held,
        inputs::MaskId,
        intern::NONE,
        lower::{Lowered, Lowering},
        plan::{Accumulator, Field, Finished, Plan, Rows},
    },
    said,
    text::Said,
};

pub(super) const KIND: Kind = Kind::of::<Share>("share", "the share of events that satisfy a condition", include_str!("share.rs"), EVENTS);

/// The share of events that satisfy a condition.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Share {
    /// The condition: SQL over one event, such as `status = 403`.
    share: String,
}

from_events!(Share);

impl Field for Share {
    fn definition(&self) -> Said {
        said!(en: "share of events with {condition}", fr: "part des événements avec {condition}", condition = self.share)
    }

    fn columns(&self) -> Vec<(&'static str, &str)> {
        Vec::new()
    }

    fn conditions(&self) -> Vec<(&'static str, &str)> {
        vec![("share", &self.share)]
    }

    fn plan(&self, plan: &mut Plan<'_>) -> Result<Box<dyn Accumulator>, Problem> {
        let condition = plan.condition("share", &self.share)?;
        Ok(Box::new(Shares { rows: plan.rows, condition, counts: Vec::new() }))
    }

    fn lower(&self, to: &Lowering<'_>) -> Result<Lowered, Problem> {
        let condition = to.condition("share", &self.share)?;
        let (of, all) = (to.over(&format!("count_if({condition})")), to.over("count(*)"));
        Ok(Lowered::aggregate(format!("CAST({of} AS DOUBLE) / nullif({all}, 0)")))
    }
}

/// For each group, how many events, and how many satisfy the condition.
#[derive(Debug, Clone)]
struct Shares {
    rows: Rows,
    condition: MaskId,
    counts: Vec<(u64, u64)>,
}

impl Accumulator for Shares {
    fn push(&mut self, batch: &Batch) {
        self.rows.grow(&mut self.counts, batch);
        let condition = &batch.masks[self.condition.0];
        let mask = self.rows.mask(batch);
        for (row, &group) in self.rows.groups(batch).iter().enumerate() {
            if group != NONE && mask.is_none_or(|mask| mask[row]) {
                let (all, of) = &mut self.counts[group as usize];
                *all += 1;
                *of += u64::from(condition[row]);
            }
        }
    }

    fn bytes(&self) -> usize {
        held(&self.counts)
    }

    fn finish(self: Box<Self>, _: &Finished<'_>) -> Vec<Option<f64>> {
        self.counts.iter().map(|&(all, of)| (all > 0).then(|| of as f64 / all as f64)).collect()
    }
}
