//! How evenly the events spread over a column's values.
//!
//! # What it is
//! Shannon's entropy in nats, ln N - sum(n ln n) / N, over the counts n of each value; 0 where all events have the same value.
//! # Nulls
//! Null where the unit has no value. Null and NaN are no values.
//! # Cost
//! 16 bytes for each pair of unit and value, shared with other fields of the same column.

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

pub(super) const KIND: Kind = Kind::of::<Entropy>("entropy", "how evenly events spread over values", include_str!("entropy.rs"), EVENTS);

/// How evenly the events spread over a column's values.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Entropy {
    /// The column.
    entropy: String,
}

from_events!(Entropy);

impl Field for Entropy {
    fn definition(&self) -> Said {
        said!(en: "entropy of {column}", fr: "entropie de {column}", column = self.entropy)
    }

    fn columns(&self) -> Vec<(&'static str, &str)> {
        vec![("entropy", &self.entropy)]
    }

    fn plan(&self, plan: &mut Plan<'_>) -> Result<Box<dyn Accumulator>, Problem> {
        let table = plan.table("entropy", &self.entropy, Need::COUNTS)?;
        Ok(Box::new(Counted { rows: plan.rows, table }))
    }

    fn lower(&self, to: &Lowering<'_>) -> Result<Lowered, Problem> {
        let (keys, column) = (to.keys(), to.column("entropy", &self.entropy)?);
        let counts =
            format!("SELECT {keys}, CAST(count(*) AS DOUBLE) AS n {} GROUP BY {keys}, {column}", to.uses(std::slice::from_ref(&column)));
        Ok(Lowered::query(format!(
            "SELECT {keys}, greatest(ln(sum(n)) - sum(n * ln(n)) / sum(n), 0E0D) AS value FROM ({counts}) GROUP BY {keys}"
        )))
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
        let mut counts: Vec<u64> = Vec::new();
        (0..done.groups(self.rows) as u32)
            .map(|group| {
                counts.clear();
                counts.extend(used.counts(group));
                entropy(&mut counts)
            })
            .collect()
    }
}

/// The entropy of counts, in nats. They are sorted first, so that the sum does not depend on their order.
fn entropy(counts: &mut [u64]) -> Option<f64> {
    counts.sort_unstable();
    let all: u64 = counts.iter().sum();
    let all = all as f64;
    let weighted: f64 = counts.iter().map(|&count| count as f64 * (count as f64).ln()).sum();
    (!counts.is_empty()).then(|| (all.ln() - weighted / all).max(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hand_computed() {
        assert_eq!(entropy(&mut []), None);
        assert_eq!(entropy(&mut [5]), Some(0.0));
        assert!((entropy(&mut [1, 1, 1, 1]).unwrap() - 4f64.ln()).abs() < 1e-15);
        // p = 1/4, 3/4: -(0.25 ln 0.25 + 0.75 ln 0.75) = 0.562335144618808...
        assert!((entropy(&mut [3, 1]).unwrap() - 0.562_335_144_618_808_3).abs() < 1e-15);
    }
}
