//! The empirical distribution of each column of the training part, and how far out in its tails a value lies: ECOD and COPOD, which differ in
//! what they make of the tails.

use std::sync::Arc;

use ndarray::Array2;
use rayon::prelude::*;

use super::{
    FitError, Job, Model, Work,
    rows::{self, Chosen},
};
use crate::{text::Said, units::FeatureMatrix};

/// Rows that are scored in one go: so many that a column's tables, once in the cache, are used often.
const BLOCK: usize = 8_192;

/// What is added to the score for a value's tails.
pub(super) trait Term: Fn(Tails) -> f64 + Copy + Send + Sync + 'static {}

impl<F: Fn(Tails) -> f64 + Copy + Send + Sync + 'static> Term for F {}

/// Learns the distributions of the columns; the score is the sum over the columns of what `term` makes of the tails.
///
/// # Errors
/// When there is no row or no column.
pub(super) fn fit(train: &FeatureMatrix, fit_rows: usize, job: &Job<'_>, term: impl Term) -> Result<Box<dyn Model>, FitError> {
    let sample = Chosen::of(train, fit_rows, job.seed)?;
    let surprise: Arc<[f64]> = surprises(sample.count()).into();
    let column = |column: usize| Column::new(sample.column(train, column), &surprise);
    let columns = (0..train.ncols()).into_par_iter().map(column).collect();
    Ok(Box::new(Fitted { columns, term, notes: sample.notes() }))
}

/// About how much work it is: a sort, and a look-up that waits for memory.
pub(super) fn work(sample: usize, columns: usize) -> Work {
    Work { fit: (400 * sample * columns) as f64, row: (600 * columns) as f64 }
}

/// About how many bytes it takes: the values of the sample, their grid, what lies below them where some are equal, and the logarithms.
pub(super) fn memory(rows: usize, columns: usize, fit_rows: usize) -> u64 {
    let sample = rows.min(fit_rows);
    (16 * sample * columns + 8 * sample + 16 * rows) as u64
}

struct Fitted<F> {
    columns: Vec<Column>,
    term: F,
    notes: Vec<Said>,
}

impl<F: Term> Model for Fitted<F> {
    fn score(&self, rows: &FeatureMatrix) -> Vec<f64> {
        let width = self.columns.len();
        let mut scores = vec![0.0; rows.nrows()];
        scores.par_chunks_mut(BLOCK).zip(rows::flat(rows).par_chunks(BLOCK * width)).for_each(|(scores, values)| {
            // Column by column, so that one column's tables at a time are in the cache.
            for (j, column) in self.columns.iter().enumerate() {
                for (row, score) in values.chunks_exact(width).zip(scores.iter_mut()) {
                    *score += (self.term)(column.tails(row[j]));
                }
            }
        });
        scores.iter_mut().for_each(|score| *score = rows::finite(*score));
        scores
    }

    fn contributions(&self, rows: &FeatureMatrix) -> Option<Array2<f64>> {
        Some(rows::contributions(rows, |row, terms| {
            for ((value, column), place) in row.iter().zip(&self.columns).zip(terms) {
                *place = (self.term)(column.tails(*value));
            }
        }))
    }

    fn notes(&self) -> Vec<Said> {
        self.notes.clone()
    }
}

/// `-ln` of the share that 0, 1, ... of `rows` rows are; of none: a little more than of one.
fn surprises(rows: usize) -> Vec<f64> {
    let n = rows as f64;
    (0..=rows).map(|count| if count == 0 { (n + 1.0).ln() } else { -(count as f64 / n).ln() }).collect()
}

/// One column of the training part: its distinct values, and how many rows lie below each.
///
/// A grid of equal cells leads to the few values near the one that is looked up: a plain bisection waits for memory at every step, which cost
/// six times as much.
#[derive(Debug)]
struct Column {
    values: Vec<f64>,
    /// How many rows are smaller than each value, and than infinity; left out where all values differ, since it is their place then.
    below: Option<Vec<u32>>,
    /// For each cell, how many values lie in cells before it; one more than cells.
    before: Vec<u32>,
    cells_per_unit: f64,
    surprise: Arc<[f64]>,
    outside: Outside,
}

/// What is needed beyond the extremes.
#[derive(Debug)]
struct Outside {
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
    fn new(mut sorted: Vec<f64>, surprise: &Arc<[f64]>) -> Self {
        sorted.sort_unstable_by(f64::total_cmp);
        let n = sorted.len();
        let (least, median, most) = (sorted[0], sorted[n / 2], sorted[n - 1]);
        let spread = |side: f64| [side, most - least, 1.0].into_iter().find(|s| *s > 0.0).unwrap_or(1.0);
        let outside = Outside { spread_low: spread(median - least), spread_high: spread(most - median), skew: skewness(&sorted) };
        let first = |row: &usize| *row == 0 || sorted[*row - 1] != sorted[*row];
        let below = ((1..n).any(|row| !first(&row))).then(|| (0..n).filter(first).chain([n]).map(|row| row as u32).collect());
        sorted.dedup();
        sorted.shrink_to_fit();
        let values = sorted;
        let cells = values.len().min(MOST_CELLS);
        let mut column = Self {
            before: vec![0; cells + 1],
            cells_per_unit: cells as f64 / (most - least),
            values,
            below,
            surprise: Arc::clone(surprise),
            outside,
        };
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

    /// How surprising a value is from either side.
    #[inline]
    fn tails(&self, value: f64) -> Tails {
        let last = self.values.len() - 1;
        if value < self.values[0] {
            let left = self.surprise[0] + beyond(self.values[0] - value, self.outside.spread_low);
            return Tails::new(left, 0.0, self.outside.skew);
        }
        if value > self.values[last] {
            let right = self.surprise[0] + beyond(value - self.values[last], self.outside.spread_high);
            return Tails::new(0.0, right, self.outside.skew);
        }
        let cell = self.cell(value);
        let (from, to) = (self.before[cell] as usize, self.before[cell + 1] as usize);
        let place = from + self.values[from..to].partition_point(|v| *v < value);
        // Within the extremes there is always a value that is not smaller.
        let up_to = place + usize::from(self.values[place] == value);
        let (smaller, not_larger) = match &self.below {
            None => (place, up_to),
            Some(below) => (below[place] as usize, below[up_to] as usize),
        };
        Tails::new(self.surprise[not_larger], self.surprise[self.surprise.len() - 1 - smaller], self.outside.skew)
    }
}

/// Beyond the training part's extremes the empirical distribution knows nothing: a tail that falls as 1 / (1 + gap / spread) continues it.
fn beyond(gap: f64, spread: f64) -> f64 {
    (gap / spread).min(f64::MAX).ln_1p()
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

    fn column(rows: &[f64]) -> Column {
        Column::new(rows.to_vec(), &surprises(rows.len()).into())
    }

    #[test]
    fn tails_count_ties_on_both_sides() {
        let column = column(&[2.0, 1.0, 2.0, 5.0]);
        let (left, right) = (|v| column.tails(v).left, |v| column.tails(v).right);
        assert!((left(2.0) - -(0.75_f64.ln())).abs() < 1e-15);
        assert!((right(2.0) - -(0.75_f64.ln())).abs() < 1e-15);
        assert!((right(5.0) - 4.0_f64.ln()).abs() < 1e-15);
        assert!((left(3.0) - -(0.75_f64.ln())).abs() < 1e-15);
        assert!((right(3.0) - 4.0_f64.ln()).abs() < 1e-15);
        assert_eq!(left(1.0), 4.0_f64.ln());
        assert_eq!(right(1.0), 0.0);
        // Skewed to the right.
        assert_eq!(column.tails(3.0).chosen, right(3.0));
    }

    #[test]
    fn beyond_the_training_part_farther_is_stranger() {
        let column = column(&[0.0, 1.0, 2.0, 3.0]);
        let score = |value| column.tails(value).left.max(column.tails(value).right);
        assert!(score(4.0) > score(3.0));
        assert!(score(1e9) > score(4.0));
        assert!(score(-1e300).is_finite() && score(1e300).is_finite());
    }

    proptest::proptest! {
        #[test]
        fn the_grid_finds_what_counting_finds(
            rows in proptest::collection::vec(proptest::num::f64::NORMAL | proptest::num::f64::ZERO | proptest::num::f64::SUBNORMAL, 1..60),
            near in proptest::num::f64::NORMAL,
        ) {
            let column = column(&rows);
            let inside = |v: &f64| rows.iter().any(|r| r <= v);
            for value in rows.iter().copied().chain([near]).filter(inside) {
                let share = rows.iter().filter(|r| **r <= value).count() as f64 / rows.len() as f64;
                let found = column.tails(value).left;
                proptest::prop_assert!((found - -share.ln()).abs() < 1e-12 || value > rows.iter().copied().fold(f64::MIN, f64::max));
            }
        }
    }
}
