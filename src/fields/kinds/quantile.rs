//! A quantile of a column.
//!
//! # What it is
//! The value below which the share `q` of the column's values lie, linearly interpolated between neighbours.
//! # Nulls
//! Null where the unit has no value. Nulls, NaN and infinities are left out.
//! # Cost
//! Up to 256 values of a unit are kept, 8 bytes each, and the quantile is exact. Of more, only how many fall into each narrow range is kept:
//! the values between which it interpolates are then told at most 0.2 % too near to zero, and whole numbers up to 1023 exactly. Memory is
//! bounded by the units, whatever the number of events.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{EVENTS, Kind, from_events};
use crate::{
    error::Problem,
    fields::{
        batch::Batch,
        footprint::held,
        inputs::NumberId,
        lower::{Lowered, Lowering},
        plan::{Accumulator, Field, Finished, Plan, Rows},
        sketch::Sketch,
    },
    said,
    text::{Numbers, Said, Shown},
};

pub(super) const KIND: Kind = Kind::of::<Quantile>("quantile", "a quantile of a column", include_str!("quantile.rs"), EVENTS);

/// A quantile of a column.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Quantile {
    /// The column.
    quantile: String,
    /// The share of values below it, 0 to 1.
    q: f64,
}

from_events!(Quantile);

impl Field for Quantile {
    fn definition(&self) -> Said {
        said!(
            en: "{q} quantile of {column}",
            fr: "quantile {q} de {column}",
            q = Shown(|numbers: Numbers| numbers.significant(self.q, 4)),
            column = self.quantile,
        )
    }

    fn check(&self) -> Vec<(&'static str, String)> {
        if (0.0..=1.0).contains(&self.q) { Vec::new() } else { vec![("q", format!("must lie between 0 and 1, found `{}`", self.q))] }
    }

    fn columns(&self) -> Vec<(&'static str, &str)> {
        vec![("quantile", &self.quantile)]
    }

    fn amounts(&self) -> Vec<&str> {
        vec![&self.quantile]
    }

    fn plan(&self, plan: &mut Plan<'_>) -> Result<Box<dyn Accumulator>, Problem> {
        let number = plan.number("quantile", &self.quantile)?;
        Ok(Box::new(Values::new(plan.rows, number, self.q)))
    }

    fn lower(&self, to: &Lowering<'_>) -> Result<Lowered, Problem> {
        let number = to.number("quantile", &self.quantile)?;
        Ok(Lowered::aggregate(to.over(&format!("percentile({number}, {:E}D)", self.q))))
    }
}

/// The values of each group.
#[derive(Debug, Clone)]
pub(super) struct Values {
    rows: Rows,
    number: NumberId,
    q: f64,
    sketches: Vec<Sketch>,
}

impl Values {
    /// Starts without values.
    pub(super) fn new(rows: Rows, number: NumberId, q: f64) -> Self {
        Self { rows, number, q, sketches: Vec::new() }
    }
}

impl Accumulator for Values {
    fn push(&mut self, batch: &Batch) {
        self.rows.grow(&mut self.sketches, batch);
        let Self { rows, number, sketches, .. } = self;
        batch.numbers[number.0].each(rows.groups(batch), rows.mask(batch), |group, number| sketches[group as usize].add(number.real()));
    }

    fn bytes(&self) -> usize {
        held(&self.sketches) + self.sketches.iter().map(Sketch::bytes).sum::<usize>()
    }

    fn finish(self: Box<Self>, _: &Finished<'_>) -> Vec<Option<f64>> {
        self.sketches.iter().map(|sketch| sketch.quantile(self.q)).collect()
    }
}
