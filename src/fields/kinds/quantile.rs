//! A quantile of a column.
//!
//! # What it is
//! The value below which the share `q` of the column's values lie, linearly interpolated between neighbours.
//! # Nulls
//! Null where the unit has no value. Nulls, NaN and infinities are left out.
//! # Cost
//! Every value is kept until the end (12 bytes an event), since quantiles cannot be joined from parts: on long windows prefer `mean`,
//! `max`, or a narrow `where`.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{EVENTS, Kind, from_events};
use crate::{
    error::Problem,
    fields::{
        batch::Batch,
        inputs::NumberId,
        order,
        plan::{Accumulator, Field, Finished, Plan, Rows},
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

    fn plan(&self, plan: &mut Plan<'_>) -> Result<Box<dyn Accumulator>, Problem> {
        let number = plan.number("quantile", &self.quantile)?;
        Ok(Box::new(Values::new(plan.rows, number, self.q)))
    }
}

/// All values, with the group of each.
#[derive(Debug)]
pub(super) struct Values {
    rows: Rows,
    number: NumberId,
    q: f64,
    groups: Vec<u32>,
    values: Vec<f64>,
}

impl Values {
    /// Starts without values.
    pub(super) fn new(rows: Rows, number: NumberId, q: f64) -> Self {
        Self { rows, number, q, groups: Vec::new(), values: Vec::new() }
    }
}

impl Accumulator for Values {
    fn push(&mut self, batch: &Batch) {
        let Self { rows, number, groups, values, .. } = self;
        batch.numbers[number.0].each(rows.groups(batch), rows.mask(batch), |group, number| {
            groups.push(group);
            values.push(number.real());
        });
    }

    fn finish(self: Box<Self>, done: &Finished<'_>) -> Vec<Option<f64>> {
        let count = done.groups(self.rows);
        let mut starts = vec![0usize; count + 1];
        self.groups.iter().for_each(|&group| starts[group as usize + 1] += 1);
        for group in 0..count {
            starts[group + 1] += starts[group];
        }
        let mut next = starts.clone();
        let mut ordered = vec![0.0; self.values.len()];
        for (&group, &value) in self.groups.iter().zip(&self.values) {
            ordered[next[group as usize]] = value;
            next[group as usize] += 1;
        }
        (0..count)
            .map(|group| {
                let own = &mut ordered[starts[group]..starts[group + 1]];
                own.sort_unstable_by(f64::total_cmp);
                order::quantile(own, self.q)
            })
            .collect()
    }
}
