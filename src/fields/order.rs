//! Order statistics of sorted values.

/// The quantile `q` (0 to 1) of sorted values, linearly interpolated between neighbours (type 7 of Hyndman and Fan 1996, as numpy and
/// Spark's `percentile` have it). `None` of none.
pub(crate) fn quantile(sorted: &[f64], q: f64) -> Option<f64> {
    quantile_by(sorted.len(), q, |index| sorted[index])
}

/// The same of `len` sorted values, each given by its index.
pub(crate) fn quantile_by(len: usize, q: f64, at: impl Fn(usize) -> f64) -> Option<f64> {
    let last = len.checked_sub(1)?;
    let place = q.clamp(0.0, 1.0) * last as f64;
    let below = (place.floor() as usize).min(last);
    let above = (below + 1).min(last);
    let share = place - below as f64;
    let (low, high) = (at(below), at(above));
    // The difference of two huge values of opposite sign would overflow; a weighted sum does not. Equal neighbours stay exact.
    Some(if low == high { low } else { low * (1.0 - share) + high * share })
}

/// The middle of sorted values.
pub(crate) fn median(sorted: &[f64]) -> Option<f64> {
    quantile(sorted, 0.5)
}

#[cfg(test)]
mod tests {
    use super::*;

    // Expected values: numpy.quantile.
    #[test]
    fn quantiles_interpolate_linearly() {
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[3.0]), Some(3.0));
        assert_eq!(median(&[1.0, 2.0]), Some(1.5));
        assert_eq!(quantile(&[1.0, 2.0, 3.0, 4.0], 0.25), Some(1.75));
        assert_eq!(quantile(&[1.0, 2.0, 4.0, 8.0, 16.0], 0.5), Some(4.0));
        assert_eq!(quantile(&[0.0, 10.0], 1.0), Some(10.0));
        assert_eq!(quantile(&[0.0, 10.0], 0.0), Some(0.0));
        assert_eq!(quantile(&[-f64::MAX, f64::MAX], 0.5), Some(0.0));
    }
}
