//! The sum of one column divided by the sum of another.
//!
//! # What it is
//! `{ ratio: [bytes_up, bytes_down] }` is the exact sum of `bytes_up` divided by the exact sum of `bytes_down`.
//! # Nulls
//! Null where the divisor's sum is 0. Nulls, NaN and infinities of either column are left out of its sum.
//! # Cost
//! Two exact sums for each unit.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{EVENTS, Kind, from_events};
use crate::{
    error::Problem,
    fields::{
        batch::Batch,
        exact::ExactSum,
        lower::{Lowered, Lowering},
        plan::{Accumulator, Field, Finished, PerGroup, Plan},
    },
    said,
    text::Said,
};

pub(super) const KIND: Kind =
    Kind::of::<Ratio>("ratio", "the sum of one column divided by the sum of another", include_str!("ratio.rs"), EVENTS);

/// The sum of one column divided by the sum of another.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Ratio {
    /// The column that is divided, and the one it is divided by.
    ratio: [String; 2],
}

from_events!(Ratio);

impl Field for Ratio {
    fn definition(&self) -> Said {
        said!(en: "sum of {above} / sum of {below}", fr: "somme de {above} / somme de {below}", above = self.ratio[0], below = self.ratio[1])
    }

    fn columns(&self) -> Vec<(&'static str, &str)> {
        vec![("ratio[0]", &self.ratio[0]), ("ratio[1]", &self.ratio[1])]
    }

    fn amounts(&self) -> Vec<&str> {
        vec![&self.ratio[0]]
    }

    fn plan(&self, plan: &mut Plan<'_>) -> Result<Box<dyn Accumulator>, Problem> {
        let above = plan.number("ratio[0]", &self.ratio[0])?;
        let below = plan.number("ratio[1]", &self.ratio[1])?;
        Ok(Box::new(Sums { above: Box::new(PerGroup::new(plan.rows, above)), below: Box::new(PerGroup::new(plan.rows, below)) }))
    }

    fn lower(&self, to: &Lowering<'_>) -> Result<Lowered, Problem> {
        let (above, below) = (to.sum("ratio[0]", &self.ratio[0])?, to.sum("ratio[1]", &self.ratio[1])?);
        Ok(Lowered::aggregate(format!("{above} / nullif({below}, 0E0D)")))
    }
}

#[derive(Debug, Clone)]
struct Sums {
    above: Box<PerGroup<ExactSum>>,
    below: Box<PerGroup<ExactSum>>,
}

impl Accumulator for Sums {
    fn push(&mut self, batch: &Batch) {
        self.above.push(batch);
        self.below.push(batch);
    }

    fn bytes(&self) -> usize {
        self.above.bytes() + self.below.bytes()
    }

    fn finish(self: Box<Self>, done: &Finished<'_>) -> Vec<Option<f64>> {
        let (above, below) = (self.above.finish(done), self.below.finish(done));
        above.into_iter().zip(below).map(|pair| if let (Some(above), Some(below)) = pair { divide(above, below) } else { None }).collect()
    }
}

/// A quotient; none by zero, and none that no float holds.
fn divide(above: f64, below: f64) -> Option<f64> {
    (below != 0.0).then(|| above / below).filter(|ratio| ratio.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_divides_by_zero() {
        assert_eq!(divide(7.0, 2.0), Some(3.5));
        assert_eq!(divide(1.0, 0.0), None);
        assert_eq!(divide(0.0, -0.0), None);
        assert_eq!(divide(1e300, 1e-300), None);
    }
}
