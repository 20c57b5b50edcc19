//! The mean of a column.
//!
//! # What it is
//! The exact sum of the column's values divided by their number.
//! # Nulls
//! Null where the unit has no value. Nulls, NaN and infinities are left out.
//! # Cost
//! One exact sum and one number for each unit.

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

pub(super) const KIND: Kind = Kind::of::<Mean>("mean", "the mean of a column", include_str!("mean.rs"), EVENTS);

/// The mean of a column.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Mean {
    /// The column.
    mean: String,
}

from_events!(Mean);

impl Field for Mean {
    fn definition(&self) -> Said {
        said!(en: "mean of {column}", fr: "moyenne de {column}", column = self.mean)
    }

    fn columns(&self) -> Vec<(&'static str, &str)> {
        vec![("mean", &self.mean)]
    }

    fn amounts(&self) -> Vec<&str> {
        vec![&self.mean]
    }

    fn plan(&self, plan: &mut Plan<'_>) -> Result<Box<dyn Accumulator>, Problem> {
        let number = plan.number("mean", &self.mean)?;
        Ok(Box::new(PerGroup::<MeanState>::new(plan.rows, number)))
    }

    fn lower(&self, to: &Lowering<'_>) -> Result<Lowered, Problem> {
        let (sum, number) = (to.sum("mean", &self.mean)?, to.number("mean", &self.mean)?);
        Ok(Lowered::aggregate(format!("{sum} / nullif({}, 0)", to.over(&format!("count({number})")))))
    }
}

#[derive(Debug, Clone, Default)]
struct MeanState {
    sum: ExactSum,
    count: u64,
}

impl State for MeanState {
    fn add(&mut self, number: Number) {
        State::add(&mut self.sum, number);
        self.count += 1;
    }

    fn value(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum.value() / self.count as f64)
    }
}
