//! The standard deviation of a column.
//!
//! # What it is
//! The standard deviation of a sample (division by n - 1): the square root of (n S2 - S1^2) / (n (n - 1)), where the sums S1 of the values
//! and S2 of their squares are exact, so that nothing cancels and the order of the events does not matter.
//! # Nulls
//! Null of fewer than two values. Nulls, NaN and infinities are left out; values beyond 1e70 are taken as 1e70.
//! # Cost
//! Two exact sums and one number for each unit.

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

pub(super) const KIND: Kind = Kind::of::<Std>("std", "the standard deviation of a column", include_str!("std.rs"), EVENTS);

/// The standard deviation of a column.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Std {
    /// The column.
    std: String,
}

from_events!(Std);

impl Field for Std {
    fn definition(&self) -> Said {
        said!(en: "standard deviation of {column}", fr: "écart-type de {column}", column = self.std)
    }

    fn columns(&self) -> Vec<(&'static str, &str)> {
        vec![("std", &self.std)]
    }

    fn amounts(&self) -> Vec<&str> {
        vec![&self.std]
    }

    fn plan(&self, plan: &mut Plan<'_>) -> Result<Box<dyn Accumulator>, Problem> {
        let number = plan.number("std", &self.std)?;
        Ok(Box::new(PerGroup::<Moments>::new(plan.rows, number)))
    }

    fn lower(&self, to: &Lowering<'_>) -> Result<Lowered, Problem> {
        let number = to.number("std", &self.std)?;
        // `least` and `greatest` would take a bound for a null.
        let bounded = format!(
            "CASE WHEN {number} > {LARGEST:E}D THEN {LARGEST:E}D WHEN {number} < -{LARGEST:E}D THEN -{LARGEST:E}D ELSE {number} END"
        );
        Ok(Lowered::aggregate(to.over(&format!("stddev_samp({bounded})"))))
    }
}

/// Fourth powers of this, summed over any number of events, do not overflow.
const LARGEST: f64 = 1e70;

/// Exact sums of values and of their squares.
#[derive(Debug, Clone, Default)]
struct Moments {
    count: u64,
    sum: ExactSum,
    squares: ExactSum,
}

impl State for Moments {
    fn add(&mut self, number: Number) {
        self.count += 1;
        match number {
            Number::Whole(value) => {
                self.sum.whole(value);
                self.squares.whole_square(value);
            }
            Number::Real(value) => {
                let value = value.clamp(-LARGEST, LARGEST);
                self.sum.real(value);
                self.squares.product(value, value);
            }
        }
    }

    fn value(&self) -> Option<f64> {
        if self.count < 2 {
            return None;
        }
        let n = self.count as f64;
        let mut spread = ExactSum::default();
        self.squares.parts().into_iter().for_each(|part| spread.product(part, n));
        let sum = self.sum.parts();
        for &a in &sum {
            sum.iter().for_each(|&b| spread.product(-a, b));
        }
        Some((spread.value().max(0.0) / (n * (n - 1.0))).sqrt())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn std(values: &[f64]) -> Option<f64> {
        let mut moments = Moments::default();
        values.iter().for_each(|&value| moments.add(Number::Real(value)));
        moments.value()
    }

    #[test]
    fn hand_computed() {
        assert_eq!(std(&[1.0]), None);
        assert_eq!(std(&[1.0, 3.0]), Some(2f64.sqrt()));
        assert_eq!(std(&[2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]), Some((32.0f64 / 7.0).sqrt()));
        assert_eq!(std(&[0.1, 0.1, 0.1]), Some(0.0));
        // 1e16 + {0, 2, 4}: the textbook formula in floats gives 0 or NaN.
        assert_eq!(std(&[1e16, 1e16 + 2.0, 1e16 + 4.0]), Some(2.0));
        assert!(std(&[f64::MAX, f64::MIN]).is_some_and(f64::is_finite));
    }

    #[test]
    fn extremes_of_64_bits() {
        let mut moments = Moments::default();
        moments.add(Number::Whole(i64::MAX));
        moments.add(Number::Whole(i64::MIN));
        // Half the range times the square root of 2.
        let expected = 18_446_744_073_709_551_615.0 / 2f64.sqrt();
        assert!((moments.value().unwrap() / expected - 1.0).abs() < 1e-15);
    }

    proptest! {
        #[test]
        fn is_close_to_two_passes(values in prop::collection::vec(-1e6f64..1e6, 2..50)) {
            let mean = values.iter().sum::<f64>() / values.len() as f64;
            let expected = (values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / (values.len() - 1) as f64).sqrt();
            let found = std(&values).unwrap();
            prop_assert!((found - expected).abs() <= 1e-9 * expected.max(1.0));
        }
    }
}
