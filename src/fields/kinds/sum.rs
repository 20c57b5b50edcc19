//! The sum of a column.
//!
//! # What it is
//! The exact sum of the column's values, rounded once: whole numbers are added in 128 bits, floats without any rounding error, so that
//! nothing wraps and the order of the events does not matter.
//! # Nulls
//! Never null: a sum over nothing is 0. Nulls, NaN and infinities are left out.
//! # Cost
//! One exact sum for each unit.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{EVENTS, Kind, from_events};
use crate::{
    error::Problem,
    fields::{
        batch::Number,
        exact::ExactSum,
        lower::{Lowered, Lowering},
        plan::{Accumulator, Field, PerGroup, Plan, State},
    },
    said,
    text::Said,
};

pub(super) const KIND: Kind = Kind::of::<Sum>("sum", "the sum of a column", include_str!("sum.rs"), EVENTS);

/// The sum of a column.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Sum {
    /// The column that is summed.
    sum: String,
}

from_events!(Sum);

impl Field for Sum {
    fn definition(&self) -> Said {
        said!(en: "sum of {column}", fr: "somme de {column}", column = self.sum)
    }

    fn fill(&self) -> Option<f64> {
        Some(0.0)
    }

    fn columns(&self) -> Vec<(&'static str, &str)> {
        vec![("sum", &self.sum)]
    }

    fn amounts(&self) -> Vec<&str> {
        vec![&self.sum]
    }

    fn plan(&self, plan: &mut Plan<'_>) -> Result<Box<dyn Accumulator>, Problem> {
        let number = plan.number("sum", &self.sum)?;
        Ok(Box::new(PerGroup::<ExactSum>::new(plan.rows, number)))
    }

    fn lower(&self, to: &Lowering<'_>) -> Result<Lowered, Problem> {
        Ok(Lowered::aggregate(to.sum("sum", &self.sum)?).or_zero())
    }
}

impl State for ExactSum {
    fn add(&mut self, number: Number) {
        match number {
            Number::Whole(value) => self.whole(value),
            Number::Real(value) => self.real(value),
        }
    }

    fn value(&self) -> Option<f64> {
        Some(Self::value(self))
    }
}
