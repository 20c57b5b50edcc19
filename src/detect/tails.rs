//! The empirical distribution of each column of the training part, and how far out in its tails a value lies. Shared by ECOD and COPOD.

use rayon::prelude::*;

use super::rows::{self, Sample};
use crate::units::FeatureMatrix;

/// One column of the training part: its distinct values, and what a value at each of them, or between two, adds to the score.
///
/// A grid of equal cells leads to the few values near the one that is looked up: a plain bisection waits for memory at every step, which cost
/// six times as much.
#[derive(Debug)]
pub(super) struct Column {
    values: Vec<f64>,
    /// For each cell, how many values lie in cells before it; one more than cells.
    before: Vec<u32>,
    cells_per_unit: f64,
    /// At `2 i + 1` for a value that equals `values[i]`, at `2 i` for one in the gap before it.
    terms: Vec<f64>,
    outside: Outside,
    term: fn(Tails) -> f64,
}

/// What is needed beyond the extremes.
#[derive(Debug)]
struct Outside {
    /// `-ln` of less than one row.
    surprise: f64,
    spread_low: f64,
    spread_high: f64,
    skew: f64,
}

/// How surprising a value is from either side.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Tails {
    /// `-ln` of the share of training rows that are not larger.
    pub left: f64,
    /// `-ln` of the share of training rows that are not smaller.
    pub right: f64,
    /// The side that the skewness of the column chooses; both added where it has none.
    pub chosen: f64,
}

impl Tails {
    fn new(left: f64, right: f64, skew: f64) -> Self {
        let chosen = if skew < 0.0 {
            left
        } else if skew > 0.0 {
            right
        } else {
            left + right
        };
        Self { left, right, chosen }
    }
}

const MOST_CELLS: usize = 16_384;

impl Column {
    fn new(mut sorted: Vec<f64>, term: fn(Tails) -> f64) -> Self {
        sorted.sort_unstable_by(f64::total_cmp);
        let n = sorted.len();
        let (least, median, most) = (sorted[0], sorted[n / 2], sorted[n - 1]);
        let spread = |side: f64| [side, most - least, 1.0].into_iter().find(|s| *s > 0.0).unwrap_or(1.0);
        let outside = Outside {
            surprise: ((n + 1) as f64).ln(),
            spread_low: spread(median - least),
            spread_high: spread(most - median),
            skew: skewness(&sorted),
        };
        let surprise = |rows: usize| if rows == 0 { outside.surprise } else { -(rows as f64 / n as f64).ln() };
        let (mut values, mut terms) = (Vec::new(), Vec::new());
        let mut start = 0;
        while start < n {
            let end = start + sorted[start..].iter().take_while(|v| **v == sorted[start]).count();
            values.push(sorted[start]);
            terms.push(term(Tails::new(surprise(start), surprise(n - start), outside.skew)));
            terms.push(term(Tails::new(surprise(end), surprise(n - start), outside.skew)));
            start = end;
        }
        let cells = (2 * values.len()).min(MOST_CELLS);
        let mut column = Self { before: vec![0; cells + 1], cells_per_unit: cells as f64 / (most - least), values, terms, outside, term };
        for index in 0..column.values.len() {
            let cell = column.cell(column.values[index]);
            column.before[cell + 1] += 1;
        }
        for cell in 0..cells {
            column.before[cell + 1] += column.before[cell];
        }
        column
    }

    /// Never falls as the value rises, whatever rounding does: so that a value's cell bounds its place.
    fn cell(&self, value: f64) -> usize {
        (((value - self.values[0]) * self.cells_per_unit) as usize).min(self.before.len() - 2)
    }

    /// What a value adds to the score.
    pub fn score(&self, value: f64) -> f64 {
        let last = self.values.len() - 1;
        if value < self.values[0] {
            let left = self.outside.surprise + beyond(self.values[0] - value, self.outside.spread_low);
            return (self.term)(Tails::new(left, 0.0, self.outside.skew));
        }
        if value > self.values[last] {
            let right = self.outside.surprise + beyond(value - self.values[last], self.outside.spread_high);
            return (self.term)(Tails::new(0.0, right, self.outside.skew));
        }
        let cell = self.cell(value);
        let (from, to) = (self.before[cell] as usize, self.before[cell + 1] as usize);
        let place = from + self.values[from..to].partition_point(|v| *v < value);
        // Within the extremes there is always a value that is not smaller.
        self.terms[2 * place + usize::from(self.values[place] == value)]
    }
}

/// Beyond the training part's extremes the empirical distribution knows nothing: a tail that falls as 1 / (1 + gap / spread) continues it.
fn beyond(gap: f64, spread: f64) -> f64 {
    (gap / spread).min(f64::MAX).ln_1p()
}

/// The columns of the training part; `term` is what a value's tails add to the score.
pub(super) fn columns(sample: &Sample<'_>, term: fn(Tails) -> f64) -> Vec<Column> {
    (0..sample.matrix.ncols()).into_par_iter().map(|column| Column::new(sample.matrix.column(column).to_vec(), term)).collect()
}

/// Sums the terms of each row.
pub(super) fn score(columns: &[Column], rows: &FeatureMatrix) -> Vec<f64> {
    rows::by_block(rows, |values, scores| {
        // Column by column, so that one column's tables at a time are in the cache.
        for (j, column) in columns.iter().enumerate() {
            for (row, score) in values.chunks_exact(columns.len()).zip(scores.iter_mut()) {
                *score += column.score(row[j]);
            }
        }
    })
}

/// The terms of [`score`].
pub(super) fn contributions(columns: &[Column], rows: &FeatureMatrix) -> ndarray::Array2<f64> {
    rows::contributions(rows, |row, terms| {
        for ((value, column), place) in row.iter().zip(columns).zip(terms) {
            *place = column.score(*value);
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
        let rows = vec![2.0, 1.0, 2.0, 5.0];
        let (left, right) = (Column::new(rows.clone(), |t| t.left), Column::new(rows.clone(), |t| t.right));
        let chosen = Column::new(rows, |t| t.chosen);
        assert!((left.score(2.0) - -(0.75_f64.ln())).abs() < 1e-15);
        assert!((right.score(2.0) - -(0.75_f64.ln())).abs() < 1e-15);
        assert!((right.score(5.0) - 4.0_f64.ln()).abs() < 1e-15);
        assert!((left.score(3.0) - -(0.75_f64.ln())).abs() < 1e-15);
        assert!((right.score(3.0) - 4.0_f64.ln()).abs() < 1e-15);
        assert_eq!(left.score(1.0), 4.0_f64.ln());
        assert_eq!(right.score(1.0), 0.0);
        // Skewed to the right.
        assert_eq!(chosen.score(3.0), right.score(3.0));
    }

    #[test]
    fn beyond_the_training_part_farther_is_stranger() {
        let column = Column::new(vec![0.0, 1.0, 2.0, 3.0], |t| t.left.max(t.right));
        assert!(column.score(4.0) > column.score(3.0));
        assert!(column.score(1e9) > column.score(4.0));
        assert!(column.score(-1e300).is_finite() && column.score(1e300).is_finite());
    }

    proptest::proptest! {
        #[test]
        fn the_grid_finds_what_counting_finds(
            rows in proptest::collection::vec(proptest::num::f64::NORMAL | proptest::num::f64::ZERO | proptest::num::f64::SUBNORMAL, 1..60),
            near in proptest::num::f64::NORMAL,
        ) {
            let column = Column::new(rows.clone(), |t| t.left);
            let inside = |v: &f64| rows.iter().any(|r| r <= v);
            for value in rows.iter().copied().chain([near]).filter(inside) {
                let share = rows.iter().filter(|r| **r <= value).count() as f64 / rows.len() as f64;
                proptest::prop_assert!((column.score(value) - -share.ln()).abs() < 1e-12 || value > rows.iter().copied().fold(f64::MIN, f64::max));
            }
        }
    }
}
