//! The median of a column.
//!
//! # What it is
//! The middle value; of an even number of values, the mean of the two in the middle.
//! # Nulls
//! Null where the unit has no value. Nulls, NaN and infinities are left out.
//! # Cost
//! That of `quantile`: exact up to 256 values of a unit, above that at most 0.2 % too near to zero; memory is bounded by the units.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{EVENTS, Kind, from_events, quantile::Values};
use crate::{
    error::Problem,
    fields::{
        lower::{Lowered, Lowering},
        plan::{Accumulator, Field, Plan},
    },
    said,
    text::Said,
};

pub(super) const KIND: Kind = Kind::of::<Median>("median", "the median of a column", include_str!("median.rs"), EVENTS);

/// The median of a column.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Median {
    /// The column.
    median: String,
}

from_events!(Median);

impl Field for Median {
    fn definition(&self) -> Said {
        said!(en: "median of {column}", fr: "médiane de {column}", column = self.median)
    }

    fn columns(&self) -> Vec<(&'static str, &str)> {
        vec![("median", &self.median)]
    }

    fn amounts(&self) -> Vec<&str> {
        vec![&self.median]
    }

    fn plan(&self, plan: &mut Plan<'_>) -> Result<Box<dyn Accumulator>, Problem> {
        let number = plan.number("median", &self.median)?;
        Ok(Box::new(Values::new(plan.rows, number, 0.5)))
    }

    fn lower(&self, to: &Lowering<'_>) -> Result<Lowered, Problem> {
        let number = to.number("median", &self.median)?;
        Ok(Lowered::aggregate(to.over(&format!("percentile({number}, 0.5E0D)"))))
    }
}
