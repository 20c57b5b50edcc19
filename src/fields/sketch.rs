//! The values of one group, kept so that a quantile can be told: all of them while they are few, then how many fall into each narrow range.
//!
//! What is told depends on the values alone, not on their order: up to [`EXACT`] it is exact; above, ranges are floats that agree in sign,
//! exponent, and the first nine bits of their fraction (as in HdrHistogram), so that a value is told at most 0.2 % too near to zero, and whole
//! numbers up to 1023 are told exactly. Nothing is rounded by a logarithm, which systems compute differently.

use std::{collections::BTreeMap, mem};

use super::{footprint::held, order};

/// So many values are kept as they are.
const EXACT: usize = 256;
/// The bits of a float's fraction that a range leaves out.
const LEFT_OUT: u32 = 52 - 9;

/// Values of one group.
#[derive(Debug, Clone)]
pub(crate) enum Sketch {
    All(Vec<f64>),
    /// How many values each range holds, in the order of the ranges.
    Ranges(BTreeMap<i64, u64>),
}

impl Default for Sketch {
    fn default() -> Self {
        Self::All(Vec::new())
    }
}

impl Sketch {
    /// Adds a finite value.
    pub(crate) fn add(&mut self, value: f64) {
        match self {
            Self::All(values) if values.len() < EXACT => values.push(value),
            Self::All(values) => {
                let mut ranges = BTreeMap::new();
                mem::take(values).into_iter().chain([value]).for_each(|value| *ranges.entry(range(value)).or_insert(0) += 1);
                *self = Self::Ranges(ranges);
            }
            Self::Ranges(ranges) => *ranges.entry(range(value)).or_insert(0) += 1,
        }
    }

    /// About how many bytes it holds besides itself.
    pub(crate) fn bytes(&self) -> usize {
        match self {
            Self::All(values) => held(values),
            Self::Ranges(ranges) => ranges.len() * size_of::<(i64, u64)>(),
        }
    }

    /// The value below which the share `q` lies, linearly interpolated between neighbours; `None` without values.
    pub(crate) fn quantile(&self, q: f64) -> Option<f64> {
        match self {
            Self::All(values) => {
                let mut values = values.clone();
                values.sort_unstable_by(f64::total_cmp);
                order::quantile(&values, q)
            }
            Self::Ranges(ranges) => {
                let count = ranges.values().sum::<u64>();
                order::quantile_by(count as usize, q, |rank| at(ranges, rank as u64))
            }
        }
    }
}

/// The range of a value; ranges are ordered as their values. Both zeros are one.
fn range(value: f64) -> i64 {
    let magnitude = (value.abs().to_bits() >> LEFT_OUT) as i64;
    if value < 0.0 { -magnitude } else { magnitude }
}

/// The value of a rank: the end of its range that is nearer to zero.
fn at(ranges: &BTreeMap<i64, u64>, rank: u64) -> f64 {
    let mut upto = 0;
    let found = ranges.iter().find(|(_, count)| {
        upto += **count;
        upto > rank
    });
    let range = found.map_or(0, |(range, _)| *range);
    let magnitude = f64::from_bits(range.unsigned_abs() << LEFT_OUT);
    if range < 0 { -magnitude } else { magnitude }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sketch(values: &[f64]) -> Sketch {
        let mut sketch = Sketch::default();
        values.iter().for_each(|&value| sketch.add(value));
        sketch
    }

    #[test]
    fn whole_numbers_are_exact_whatever_their_number() {
        let values: Vec<f64> = (0..=1_000).map(f64::from).collect();
        for (q, want) in [(0.0, 0.0), (0.25, 250.0), (0.5, 500.0), (0.7505, 750.5), (1.0, 1_000.0)] {
            assert!((sketch(&values).quantile(q).unwrap() - want).abs() < 1e-9, "{q}");
        }
        assert_eq!(sketch(&[]).quantile(0.5), None);
        assert_eq!(sketch(&[-0.0, 0.0]).quantile(0.5), Some(0.0));
    }

    proptest! {
        #[test]
        fn exact_below_the_cap(values in prop::collection::vec(-1e9..1e9f64, 1..=EXACT), q in 0.0..=1.0f64) {
            let mut sorted = values.clone();
            sorted.sort_unstable_by(f64::total_cmp);
            prop_assert_eq!(sketch(&values).quantile(q), order::quantile(&sorted, q));
        }

        #[test]
        fn near_above_the_cap_and_blind_to_order(
            mut values in prop::collection::vec((-9f64..9.0, prop::bool::ANY).prop_map(|(e, sign)| if sign { 10f64.powf(e) } else { -(10f64.powf(e)) }), EXACT + 1..600),
            q in 0.0..=1.0f64,
        ) {
            let told = sketch(&values).quantile(q).unwrap();
            values.sort_unstable_by(f64::total_cmp);
            prop_assert_eq!(sketch(&values).quantile(q).unwrap(), told);
            let place = q * (values.len() - 1) as f64;
            let (below, above) = (values[place.floor() as usize], values[place.ceil() as usize]);
            let exact = order::quantile(&values, q).unwrap();
            prop_assert!((told - exact).abs() <= 0.002 * below.abs().max(above.abs()), "{told} for {exact}");
        }
    }
}
