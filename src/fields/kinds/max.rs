//! The largest value of a column.
//!
//! # What it is
//! The largest of the column's values.
//! # Nulls
//! Null where the unit has no value. Nulls, NaN and infinities are left out.
//! # Cost
//! One number for each unit.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{EVENTS, Kind, from_events};
use crate::{
    error::Problem,
    fields::{
        batch::Number,
        lower::{Lowered, Lowering},
        plan::{Accumulator, Field, PerGroup, Plan, State},
    },
    said,
    text::Said,
};

pub(super) const KIND: Kind = Kind::of::<Max>("max", "the largest value of a column", include_str!("max.rs"), EVENTS);

/// The largest value of a column.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Max {
    /// The column.
    max: String,
}

from_events!(Max);

impl Field for Max {
    fn definition(&self) -> Said {
        said!(en: "largest {column}", fr: "plus grand {column}", column = self.max)
    }

    fn columns(&self) -> Vec<(&'static str, &str)> {
        vec![("max", &self.max)]
    }

    fn amounts(&self) -> Vec<&str> {
        vec![&self.max]
    }

    fn plan(&self, plan: &mut Plan<'_>) -> Result<Box<dyn Accumulator>, Problem> {
        let number = plan.number("max", &self.max)?;
        Ok(Box::new(PerGroup::<Extreme<true>>::new(plan.rows, number)))
    }

    fn lower(&self, to: &Lowering<'_>) -> Result<Lowered, Problem> {
        let number = to.number("max", &self.max)?;
        Ok(Lowered::aggregate(to.over(&format!("max({number})"))))
    }
}

/// The largest of the numbers, or the smallest.
#[derive(Debug, Clone, Default)]
pub(super) struct Extreme<const LARGEST: bool>(Option<f64>);

impl<const LARGEST: bool> State for Extreme<LARGEST> {
    fn add(&mut self, number: Number) {
        let value = number.real();
        self.0 = Some(self.0.map_or(value, |best| if LARGEST { best.max(value) } else { best.min(value) }));
    }

    fn value(&self) -> Option<f64> {
        self.0
    }
}
