//! The smallest value of a column.
//!
//! # What it is
//! The smallest of the column's values.
//! # Nulls
//! Null where the unit has no value. Nulls, NaN and infinities are left out.
//! # Cost
//! One number for each unit.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{EVENTS, Kind, from_events, max::Extreme};
use crate::{
    error::Problem,
    fields::{
        lower::{Lowered, Lowering},
        plan::{Accumulator, Field, PerGroup, Plan},
    },
    said,
    text::Said,
};

pub(super) const KIND: Kind = Kind::of::<Min>("min", "the smallest value of a column", include_str!("min.rs"), EVENTS);

/// The smallest value of a column.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Min {
    /// The column.
    min: String,
}

from_events!(Min);

impl Field for Min {
    fn definition(&self) -> Said {
        said!(en: "smallest {column}", fr: "plus petit {column}", column = self.min)
    }

    fn columns(&self) -> Vec<(&'static str, &str)> {
        vec![("min", &self.min)]
    }

    fn plan(&self, plan: &mut Plan<'_>) -> Result<Box<dyn Accumulator>, Problem> {
        let number = plan.number("min", &self.min)?;
        Ok(Box::new(PerGroup::<Extreme<false>>::new(plan.rows, number)))
    }

    fn lower(&self, to: &Lowering<'_>) -> Result<Lowered, Problem> {
        let number = to.number("min", &self.min)?;
        Ok(Lowered::aggregate(to.over(&format!("min({number})"))))
    }
}
