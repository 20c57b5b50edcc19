//! Every numeric column of a plain table.
//!
//! # What it is
//! `fields: { all_numeric: {} }` makes a field of every numeric column but those of the labels (and those of `except`), with its value as
//! it is. Another field of a column's name takes the place of the column. For tables without `entity`, where each row is a unit.
//! # Nulls
//! Null where the column is null, NaN, or infinite.
//! # Cost
//! 8 bytes for each value of the table.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Kind, Shape, UNITS};
use crate::fields::{
    batch::Batch,
    columns::Columns,
    footprint::held,
    inputs::NumberId,
    plan::{Accumulator, Finished, Rows},
};

pub(super) const KIND: Kind =
    Kind::of::<AllNumeric>("all_numeric", "every numeric column of a plain table", include_str!("all_numeric.rs"), UNITS);

/// Every numeric column of a plain table.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct AllNumeric {
    /// Columns that are left out, such as row numbers.
    pub(crate) except: Option<Columns>,
}

impl From<AllNumeric> for Shape {
    fn from(all: AllNumeric) -> Self {
        Self::Columns(all)
    }
}

/// The value of the one event of each group; of several, the last.
#[derive(Debug, Clone)]
pub(crate) struct Plain {
    rows: Rows,
    number: NumberId,
    values: Vec<Option<f64>>,
}

impl Plain {
    /// Starts with no groups.
    pub(crate) fn new(rows: Rows, number: NumberId) -> Self {
        Self { rows, number, values: Vec::new() }
    }
}

impl Accumulator for Plain {
    fn push(&mut self, batch: &Batch) {
        self.rows.grow(&mut self.values, batch);
        let values = &mut self.values;
        batch.numbers[self.number.0]
            .each(self.rows.groups(batch), self.rows.mask(batch), |group, number| values[group as usize] = Some(number.real()));
    }

    fn bytes(&self) -> usize {
        held(&self.values)
    }

    fn finish(self: Box<Self>, _: &Finished<'_>) -> Vec<Option<f64>> {
        self.values
    }
}
