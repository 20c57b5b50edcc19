//! How many different values a column has.
//!
//! # What it is
//! The number of distinct values of the column among the unit's events.
//! # Nulls
//! Never null: no values are 0. Null and NaN are no values.
//! # Cost
//! 8 bytes for each pair of unit and value, shared with other fields of the same column.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{EVENTS, Kind, from_events};
use crate::{
    error::Problem,
    fields::{
        inputs::TableId,
        lower::{Lowered, Lowering},
        plan::{Accumulator, Field, Finished, Plan, Rows},
        tables::Need,
    },
    said,
    text::Said,
};

pub(super) const KIND: Kind = Kind::of::<Distinct>("distinct", "how many different values", include_str!("distinct.rs"), EVENTS);

/// How many different values a column has.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Distinct {
    /// The column.
    distinct: String,
}

from_events!(Distinct);

impl Field for Distinct {
    fn definition(&self) -> Said {
        said!(en: "distinct values of {column}", fr: "valeurs distinctes de {column}", column = self.distinct)
    }

    fn fill(&self) -> Option<f64> {
        Some(0.0)
    }

    fn columns(&self) -> Vec<(&'static str, &str)> {
        vec![("distinct", &self.distinct)]
    }

    fn plan(&self, plan: &mut Plan<'_>) -> Result<Box<dyn Accumulator>, Problem> {
        let table = plan.table("distinct", &self.distinct, Need::PRESENCE)?;
        Ok(Box::new(Counted { rows: plan.rows, table }))
    }

    fn lower(&self, to: &Lowering<'_>) -> Result<Lowered, Problem> {
        let column = to.column("distinct", &self.distinct)?;
        Ok(Lowered::aggregate(to.over(&format!("count(DISTINCT {column})"))).or_zero())
    }
}

#[derive(Debug, Clone)]
struct Counted {
    rows: Rows,
    table: TableId,
}

impl Accumulator for Counted {
    fn finish(self: Box<Self>, done: &Finished<'_>) -> Vec<Option<f64>> {
        let used = done.table(self.table);
        (0..done.groups(self.rows) as u32).map(|group| Some(used.values(group).len() as f64)).collect()
    }
}
