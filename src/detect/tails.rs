//! The empirical distribution of each column of the training part, and how far out in its tails a value lies. Shared by ECOD and COPOD.

use rayon::prelude::*;

use super::rows::{self, Sample};
use crate::units::FeatureMatrix;

/// One column of the training part, sorted.
#[derive(Debug)]
pub(super) struct Column {
    sorted: Vec<f64>,
    /// `-ln(k / n)` for every count k; the first, of no row at all, is that of less than one row.
    surprise: Vec<f64>,
    spread_low: f64,
    spread_high: f64,
    skew: f64,
}

/// How surprising a value is from either side.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tails {
    /// `-ln` of the share of training rows that are not larger.
    pub left: f64,
    /// `-ln` of the share of training rows that are not smaller.
    pub right: f64,
    /// The side that the skewness of the column chooses; both added where it has none.
    pub chosen: f64,
}

impl Column {
    fn new(mut sorted: Vec<f64>) -> Self {
        sorted.sort_unstable_by(f64::total_cmp);
        let n = sorted.len();
        let median = sorted[n / 2];
        let (least, most) = (sorted[0], sorted[n - 1]);
        let spread = |side: f64| [side, most - least, 1.0].into_iter().find(|s| *s > 0.0).unwrap_or(1.0);
        let surprise = (0..=n).map(|k| if k == 0 { ((n + 1) as f64).ln() } else { -(k as f64 / n as f64).ln() }).collect();
        Self { surprise, spread_low: spread(median - least), spread_high: spread(most - median), skew: skewness(&sorted), sorted }
    }

    /// How surprising a value is.
    pub fn tails(&self, value: f64) -> Tails {
        let n = self.sorted.len();
        let not_larger = self.sorted.partition_point(|s| *s <= value);
        // Equal values are rare and near each other: from the first place on, or by bisection of the part below.
        let smaller = if not_larger > 0 && self.sorted[not_larger - 1] == value {
            self.sorted[..not_larger].partition_point(|s| *s < value)
        } else {
            not_larger
        };
        let mut left = self.surprise[not_larger];
        let mut right = self.surprise[n - smaller];
        if not_larger == 0 {
            left += beyond(self.sorted[0] - value, self.spread_low);
        }
        if smaller == n {
            right += beyond(value - self.sorted[n - 1], self.spread_high);
        }
        let chosen = if self.skew < 0.0 {
            left
        } else if self.skew > 0.0 {
            right
        } else {
            left + right
        };
        Tails { left, right, chosen }
    }
}

/// Beyond the training part's extremes the empirical distribution knows nothing: a tail that falls as 1 / (1 + gap / spread) continues it.
fn beyond(gap: f64, spread: f64) -> f64 {
    (gap / spread).min(f64::MAX).ln_1p()
}

/// The columns of the training part.
pub(super) fn columns(sample: &Sample<'_>) -> Vec<Column> {
    (0..sample.matrix.ncols()).into_par_iter().map(|column| Column::new(sample.matrix.column(column).to_vec())).collect()
}

/// Sums `term` over the columns of each row.
pub(super) fn score(columns: &[Column], rows: &FeatureMatrix, term: impl Fn(Tails) -> f64 + Sync) -> Vec<f64> {
    rows::by_block(rows, |values, scores| {
        // Column by column, so that one sorted column at a time is in the cache.
        for (j, column) in columns.iter().enumerate() {
            for (row, score) in values.chunks_exact(columns.len()).zip(scores.iter_mut()) {
                *score += term(column.tails(row[j]));
            }
        }
    })
}

/// The terms of [`score`].
pub(super) fn contributions(columns: &[Column], rows: &FeatureMatrix, term: impl Fn(Tails) -> f64 + Sync) -> ndarray::Array2<f64> {
    rows::contributions(rows, |row, terms| {
        for ((value, column), place) in row.iter().zip(columns).zip(terms) {
            *place = term(column.tails(*value));
        }
    })
}

/// Sample skewness `m3 / m2^1.5` without bias correction, as in `scipy.stats.skew`; 0 for a constant column.
///
/// Deviations are taken in units of the largest, so that neither 1e-300 nor 1e300 leaves the range.
pub(super) fn skewness(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    let largest = values.iter().fold(0.0_f64, |m, v| m.max(v.abs()));
    if largest == 0.0 {
        return 0.0;
    }
    let mean = values.iter().map(|v| v / largest).sum::<f64>() / n;
    let spread = values.iter().fold(0.0_f64, |m, v| m.max((v / largest - mean).abs()));
    // scipy calls a spread within rounding of the mean constant.
    if spread <= f64::EPSILON * mean.abs() {
        return 0.0;
    }
    let (m2, m3) = values.iter().fold((0.0, 0.0), |(m2, m3), v| {
        let d = (v / largest - mean) / spread;
        (m2 + d * d, m3 + d * d * d)
    });
    (m3 / n) / (m2 / n).powf(1.5)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn skewness_is_that_of_scipy() {
        // scipy.stats.skew([1, 2, 3, 4, 10]) = 1.1384199576606166
        assert!((skewness(&[1.0, 2.0, 3.0, 4.0, 10.0]) - 1.138_419_957_660_616_6).abs() < 1e-12);
        assert!((skewness(&[1e300, 2e300, 3e300, 4e300, 10e300]) - 1.138_419_957_660_616_6).abs() < 1e-12);
        assert_eq!(skewness(&[3.0, 3.0]), 0.0);
        assert_eq!(skewness(&[-1.0, 0.0, 1.0]), 0.0);
    }

    #[test]
    fn tails_count_ties_on_both_sides() {
        let column = Column::new(vec![2.0, 1.0, 2.0, 5.0]);
        let tails = column.tails(2.0);
        assert!((tails.left - -(0.75_f64.ln())).abs() < 1e-15);
        assert!((tails.right - -(0.75_f64.ln())).abs() < 1e-15);
        assert!((column.tails(5.0).right - 4.0_f64.ln()).abs() < 1e-15);
        assert!((column.tails(3.0).left - -(0.75_f64.ln())).abs() < 1e-15);
        assert!((column.tails(3.0).right - 4.0_f64.ln()).abs() < 1e-15);
    }

    #[test]
    fn beyond_the_training_part_farther_is_stranger() {
        let column = Column::new(vec![0.0, 1.0, 2.0, 3.0]);
        assert!(column.tails(4.0).right > column.tails(3.0).right);
        assert!(column.tails(1e9).right > column.tails(4.0).right);
        assert!(column.tails(-1e300).left.is_finite() && column.tails(1e300).right.is_finite());
    }
}
