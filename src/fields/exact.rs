//! Sums that do not depend on the order of what is added: exact until they are read.
//!
//! Whole numbers add up in 128 bits; the rest in a list of floats that do not overlap (Shewchuk, *Adaptive precision floating-point
//! arithmetic*, 1997), which is rounded once, at the end, as Python's `math.fsum` does.

/// Values beyond this are taken as this, so that no sum overflows: 1e300.
const LARGEST: f64 = 1e300;

/// An exact sum of numbers. Most are of whole numbers and fit 64 bits; there is one for each unit and field.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct ExactSum {
    near: i64,
    far: Option<Box<Far>>,
}

/// What 64 bits do not hold.
#[derive(Debug, Clone, Default, PartialEq)]
struct Far {
    whole: i128,
    parts: Vec<f64>,
}

impl ExactSum {
    /// Adds a whole number.
    pub(crate) fn whole(&mut self, value: i64) {
        match self.near.checked_add(value) {
            Some(sum) => self.near = sum,
            None => {
                let sum = std::mem::replace(&mut self.near, value);
                self.far().wide(sum.into());
            }
        }
    }

    fn far(&mut self) -> &mut Far {
        self.far.get_or_insert_default()
    }

    /// Adds a finite number; beyond 1e300 it is taken as 1e300.
    pub(crate) fn real(&mut self, value: f64) {
        match exact_whole(value) {
            Some(whole) => self.whole(whole),
            None => self.far().part(value.clamp(-LARGEST, LARGEST)),
        }
    }

    /// Adds the exact square of a whole number.
    pub(crate) fn whole_square(&mut self, value: i64) {
        self.far().wide(i128::from(value) * i128::from(value));
    }

    /// Adds the exact product of two numbers (exact as long as neither it nor its rounding error underflows).
    pub(crate) fn product(&mut self, a: f64, b: f64) {
        let product = a * b;
        self.far().part(product);
        self.far().part(a.mul_add(b, -product));
    }

    /// All of it in one.
    fn all(&self) -> Far {
        let mut all = self.far.as_deref().cloned().unwrap_or_default();
        all.wide(self.near.into());
        all
    }

    /// The floats whose exact sum this is.
    pub(crate) fn parts(&self) -> Vec<f64> {
        self.all().into_parts()
    }

    /// The sum, rounded once.
    pub(crate) fn value(&self) -> f64 {
        if self.far.is_none() {
            return self.near as f64;
        }
        let all = self.all();
        if all.parts.is_empty() { all.whole as f64 } else { round(&all.into_parts()) }
    }
}

impl Far {
    fn wide(&mut self, value: i128) {
        if let Some(sum) = self.whole.checked_add(value) {
            self.whole = sum;
        } else {
            let sum = std::mem::replace(&mut self.whole, value);
            for part in split(sum) {
                self.part(part);
            }
        }
    }

    fn part(&mut self, value: f64) {
        let mut x = value;
        let mut kept = 0;
        for i in 0..self.parts.len() {
            let mut y = self.parts[i];
            if x.abs() < y.abs() {
                std::mem::swap(&mut x, &mut y);
            }
            let high = x + y;
            let low = y - (high - x);
            if low != 0.0 {
                self.parts[kept] = low;
                kept += 1;
            }
            x = high;
        }
        self.parts.truncate(kept);
        if x != 0.0 {
            self.parts.push(x);
        }
    }

    fn into_parts(mut self) -> Vec<f64> {
        for part in split(std::mem::take(&mut self.whole)) {
            self.part(part);
        }
        self.parts
    }
}

/// The whole number that a float is, where it is one that 64 bits hold.
fn exact_whole(value: f64) -> Option<i64> {
    let whole = value as i64;
    (whole as f64 == value && whole != i64::MAX).then_some(whole)
}

/// At most four floats whose exact sum is `value`.
fn split(value: i128) -> impl Iterator<Item = f64> {
    let mut rest = value;
    std::iter::from_fn(move || {
        if rest == 0 {
            return None;
        }
        // Rounding up at the very top of the range saturates on the way back; half of it never does.
        let float = if rest.unsigned_abs() > (1 << 126) { (rest / 2) as f64 } else { rest as f64 };
        rest -= float as i128;
        Some(float)
    })
}

/// Rounds the sum of floats that do not overlap, smallest first, correctly: half to even, as one addition would.
fn round(parts: &[f64]) -> f64 {
    let Some((&top, mut rest)) = parts.split_last() else { return 0.0 };
    let mut high = top;
    let mut low = 0.0;
    while let Some((&next, before)) = rest.split_last() {
        rest = before;
        let sum = high + next;
        low = next - (sum - high);
        high = sum;
        if low != 0.0 {
            break;
        }
    }
    // What lies below decides a tie: `low` is exactly half a unit in the last place, and the remainder pushes it over.
    if let Some(&below) = rest.last()
        && ((low < 0.0 && below < 0.0) || (low > 0.0 && below > 0.0))
    {
        let twice = low * 2.0;
        let pushed = high + twice;
        if twice == pushed - high {
            high = pushed;
        }
    }
    high
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sum(values: &[f64]) -> f64 {
        let mut sum = ExactSum::default();
        values.iter().for_each(|&value| sum.real(value));
        sum.value()
    }

    // Expected values: Python's math.fsum on the same lists.
    #[test]
    fn adds_as_fsum_does() {
        assert_eq!(sum(&[]), 0.0);
        assert_eq!(sum(&[0.1; 10]), 1.0);
        assert_eq!(sum(&[1e16, 1.0, -1e16]), 1.0);
        assert_eq!(sum(&[1e100, 1.0, -1e100, 1e-100, 1e50, -1e-100, -1e50]), 1.0);
        assert_eq!(sum(&[2f64.powi(53), 0.5, 2f64.powi(-100)]), 2f64.powi(53));
        assert_eq!(sum(&[2f64.powi(53), 1.0, 2f64.powi(-100)]), 2f64.powi(53) + 2.0);
        assert_eq!(sum(&[16_331_239_353_195_370.0, 0.25, 0.75, -3e-5]), 16_331_239_353_195_370.0);
    }

    #[test]
    fn whole_extremes_do_not_wrap() {
        let mut sum = ExactSum::default();
        for _ in 0..3 {
            sum.whole(i64::MAX);
        }
        assert_eq!(sum.value(), 27_670_116_110_564_327_421.0);
        sum.whole(i64::MIN);
        sum.whole(i64::MIN);
        sum.whole(i64::MIN);
        assert_eq!(sum.value(), -3.0);
    }

    #[test]
    fn squares_past_128_bits_go_on_as_floats() {
        let mut sum = ExactSum::default();
        for _ in 0..5 {
            sum.whole_square(i64::MIN);
        }
        assert_eq!(sum.value(), 5.0 * 2f64.powi(126));
    }

    #[test]
    fn huge_values_do_not_become_infinite() {
        assert!(sum(&[f64::MAX; 1000]).is_finite());
    }

    proptest! {
        #[test]
        fn order_does_not_matter(mut values in prop::collection::vec(prop_oneof![any::<f64>().prop_filter("finite", |v| v.is_finite()), (-1000i32..1000).prop_map(|v| f64::from(v) / 10.0), any::<i64>().prop_map(|v| v as f64)], 0..40)) {
            let forward = sum(&values);
            values.sort_by(f64::total_cmp);
            prop_assert_eq!(forward.to_bits(), sum(&values).to_bits());
            values.reverse();
            prop_assert_eq!(forward.to_bits(), sum(&values).to_bits());
        }

        #[test]
        fn parts_of_whole_numbers_are_exact(value in any::<i128>()) {
            let value = value >> 1;
            prop_assert_eq!(split(value).map(|part| part as i128).sum::<i128>(), value);
            prop_assert!(split(value).count() <= 4);
        }
    }
}
