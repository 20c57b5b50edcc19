//! Numbers made fit for arithmetic: shifted and scaled so that no square, sum or product of them overflows or vanishes.

use std::ops::Range;

use ndarray::{Array2, ArrayView2, Axis, CowArray, Ix2, Slice};
use rayon::prelude::*;

use super::{FitError, rows::rng};
use crate::{said, text::Said, units::FeatureMatrix};

/// Rows that are scored in one go. A multiple of the rows that a matrix kernel takes at once, so that a row's result does not depend on its place.
pub(crate) const BLOCK: usize = 256;

/// Bytes of the products of a block with as many points, on two threads.
pub(crate) const PRODUCTS: usize = 2 * 8 * BLOCK * BLOCK;

/// Beyond this many units a value is as far away as can be: its square, times what any method multiplies it by, is still finite.
const FAR: f64 = 1e60;

/// Per column, what is taken off and what it is then divided by.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Frame {
    shift: Vec<f64>,
    scale: Vec<f64>,
}

impl Frame {
    /// Mean 0 and standard deviation 1 (divided by n) in every column of `sample`; a constant column is only shifted.
    pub fn standard(sample: ArrayView2<'_, f64>) -> Self {
        let (shift, scale) = sample.columns().into_iter().map(|column| mean_and_spread(column.iter().copied())).unzip();
        Self { shift, scale }
    }

    /// Every column shifted by its median, and all divided by the same number, so that distances keep their order: by 1 unless the values are so
    /// large or so small that their squares could not be told apart.
    pub fn uniform(sample: ArrayView2<'_, f64>) -> Self {
        let shift: Vec<f64> = sample.columns().into_iter().map(|column| median(column.to_vec())).collect();
        let mut sizes: Vec<f64> = Vec::with_capacity(sample.nrows());
        for row in sample.rows() {
            let largest = row.iter().zip(&shift).map(|(&x, &s)| (x / 2.0 - s / 2.0).abs()).fold(0.0, f64::max);
            if largest > 0.0 {
                sizes.push(largest);
            }
        }
        // The typical row decides: one absurd value must not make all others equal.
        let typical = if sizes.is_empty() { 1.0 } else { 2.0 * median(sizes).min(f64::MAX / 4.0) };
        let unit = if (1e-30..=1e30).contains(&typical) { 1.0 } else { typical };
        Self { scale: vec![unit; shift.len()], shift }
    }

    /// How many columns.
    pub fn columns(&self) -> usize {
        self.shift.len()
    }

    /// What one unit of column `column` is in the values' own unit.
    pub fn scale(&self, column: usize) -> f64 {
        self.scale[column]
    }

    /// One value of column `column`, in units of this frame.
    #[inline]
    fn place(&self, column: usize, value: f64) -> f64 {
        ((value - self.shift[column]) / self.scale[column]).clamp(-FAR, FAR)
    }

    /// All rows, in units of this frame.
    pub fn apply(&self, rows: ArrayView2<'_, f64>) -> Array2<f64> {
        let mut out = Array2::zeros(rows.dim());
        self.fill(rows, &mut out);
        out
    }

    /// The same of rows that are not needed any more: in place, where they are not borrowed.
    pub fn take(&self, rows: CowArray<'_, f64, Ix2>) -> Array2<f64> {
        let mut rows = rows.into_owned();
        for mut row in rows.rows_mut() {
            for (column, value) in row.iter_mut().enumerate() {
                *value = self.place(column, *value);
            }
        }
        rows
    }

    /// Writes `rows` into the first rows of `out`, and zeros behind them.
    pub fn fill(&self, rows: ArrayView2<'_, f64>, out: &mut Array2<f64>) {
        for (i, mut to) in out.rows_mut().into_iter().enumerate() {
            if i < rows.nrows() {
                for (column, (to, &from)) in to.iter_mut().zip(rows.row(i)).enumerate() {
                    *to = self.place(column, from);
                }
            } else {
                to.fill(0.0);
            }
        }
    }

    /// Scores `rows` block after block, in parallel. `kernel` is given a block of [`BLOCK`] rows in units of this frame (the last one filled up with
    /// zeros) and writes one score for each of them. A score that is not finite counts as the largest number.
    pub fn score(&self, rows: ArrayView2<'_, f64>, kernel: impl Fn(&Array2<f64>, &mut [f64]) + Sync) -> Vec<f64> {
        let mut scores = vec![0.0; rows.nrows()];
        let buffers = || (Array2::zeros((BLOCK, self.columns())), vec![0.0; BLOCK]);
        scores.par_chunks_mut(BLOCK).enumerate().for_each_init(buffers, |(block, results), (index, out)| {
            let start = index * BLOCK;
            self.fill(rows_from(rows, start..start + out.len()), block);
            kernel(block, results);
            for (to, &from) in out.iter_mut().zip(results.iter()) {
                *to = if from.is_finite() { from } else { f64::MAX };
            }
        });
        scores
    }

    /// Says what each column adds to each row, block after block, in parallel; see [`Frame::project`].
    pub fn contribute(&self, rows: ArrayView2<'_, f64>, kernel: impl Fn(&Array2<f64>, &mut Array2<f64>) + Sync) -> Array2<f64> {
        self.project(rows, self.columns(), kernel)
    }

    /// Turns each row into `width` numbers, block after block, in parallel. `kernel` is given a block as in [`Frame::score`], and a block
    /// of `width` columns to write to. What is not finite counts as the largest number.
    pub fn project(&self, rows: ArrayView2<'_, f64>, width: usize, kernel: impl Fn(&Array2<f64>, &mut Array2<f64>) + Sync) -> Array2<f64> {
        let mut all = Array2::zeros((rows.nrows(), width));
        let buffers = || (Array2::zeros((BLOCK, self.columns())), Array2::zeros((BLOCK, width)));
        if let Some(out) = all.as_slice_mut().filter(|_| width > 0) {
            out.par_chunks_mut(BLOCK * width).enumerate().for_each_init(buffers, |(block, results), (index, out)| {
                let start = index * BLOCK;
                self.fill(rows_from(rows, start..start + out.len() / width), block);
                kernel(block, results);
                for (to, &from) in out.iter_mut().zip(results.iter()) {
                    *to = if from.is_finite() { from } else { f64::MAX.copysign(from) };
                }
            });
        }
        all
    }
}

/// Some of the rows, in place. (ndarray's slicing macro expands to unsafe code, which this crate forbids.)
pub(crate) fn rows_from(rows: ArrayView2<'_, f64>, range: Range<usize>) -> ArrayView2<'_, f64> {
    rows.slice_axis_move(Axis(0), Slice::from(range))
}

/// The indices of at most `limit` of `rows` rows, drawn without replacement, in their order; `None` where all are taken.
pub(crate) fn sample_of(rows: usize, limit: usize, seed: u64) -> Option<Vec<usize>> {
    if rows <= limit {
        return None;
    }
    let mut indices = rand::seq::index::sample(&mut rng(seed), rows, limit).into_vec();
    indices.sort_unstable();
    Some(indices)
}

/// At most `limit` of the rows (all of them are not copied), and a note where they are not all.
pub(crate) fn sample_rows(rows: ArrayView2<'_, f64>, limit: usize, seed: u64) -> (CowArray<'_, f64, Ix2>, Option<Said>) {
    match sample_of(rows.nrows(), limit, seed) {
        None => (rows.into(), None),
        Some(indices) => {
            let note = said!(
                en: "fitted on a sample of {limit} of {all} rows",
                fr: "appris sur un échantillon de {limit} lignes sur {all}",
                limit = limit,
                all = rows.nrows(),
            );
            (rows.select(Axis(0), &indices).into(), Some(note))
        }
    }
}

/// The rows that a method learns from, in units of their frame.
pub(crate) struct Learned {
    pub frame: Frame,
    pub rows: Array2<f64>,
    /// How large the sample is, where it is not all rows.
    pub notes: Vec<Said>,
}

impl Learned {
    /// At most `limit` rows in their standard frame.
    ///
    /// # Errors
    /// When there is no row.
    pub fn standard(train: &FeatureMatrix, limit: usize, seed: u64) -> Result<Self, FitError> {
        Self::within(Frame::standard, train, limit, seed)
    }

    /// At most `limit` rows in their uniform frame, in which distances keep their order.
    ///
    /// # Errors
    /// When there is no row.
    pub fn uniform(train: &FeatureMatrix, limit: usize, seed: u64) -> Result<Self, FitError> {
        Self::within(Frame::uniform, train, limit, seed)
    }

    fn within(frame: fn(ArrayView2<'_, f64>) -> Frame, train: &FeatureMatrix, limit: usize, seed: u64) -> Result<Self, FitError> {
        let (sample, note) = sample_rows(train.values(), limit, seed);
        if sample.nrows() == 0 {
            return Err(FitError::TooFewRows { needed: 1, found: 0 });
        }
        let frame = frame(sample.view());
        Ok(Self { rows: frame.take(sample), frame, notes: note.into_iter().collect() })
    }
}

/// The middle value (mean of the two middle ones); 0 of none.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    let n = values.len();
    if n == 0 {
        return 0.0;
    }
    let (below, &mut upper, _) = values.select_nth_unstable_by(n / 2, f64::total_cmp);
    if n % 2 == 1 {
        return upper;
    }
    let lower = below.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    lower / 2.0 + upper / 2.0
}

/// Mean and standard deviation without overflow. The spread of a constant column is 1, or its size where that is larger.
fn mean_and_spread(values: impl ExactSizeIterator<Item = f64> + Clone) -> (f64, f64) {
    let n = values.len() as f64;
    let (low, high) = values.clone().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), x| (l.min(x), h.max(x)));
    if n == 0.0 || low == high {
        let at = if n == 0.0 { 0.0 } else { low };
        return (at, at.abs().max(1.0));
    }
    let size = low.abs().max(high.abs());
    let mean = size * (values.clone().map(|x| x / size).sum::<f64>() / n);
    let reach = (high / 2.0 - mean / 2.0).max(mean / 2.0 - low / 2.0);
    let variance = values.map(|x| ((x / 2.0 - mean / 2.0) / reach).powi(2)).sum::<f64>() / n;
    let spread = (2.0 * variance.sqrt()).min(f64::MAX / reach.max(1.0)) * reach;
    // Below this, what varies is the rounding of the values themselves.
    if spread <= 1e-14 * size { (mean, size.max(1.0)) } else { (mean, spread) }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn standard_frame_has_mean_zero_and_unit_spread() {
        let sample = array![[1.0, 1e300, 5.0, 1e-300], [3.0, -1e300, 5.0, 3e-300]];
        let out = Frame::standard(sample.view()).apply(sample.view());
        assert!((&out - &array![[-1.0, 1.0, 0.0, -1.0], [1.0, -1.0, 0.0, 1.0]]).iter().all(|x| x.abs() < 1e-12), "{out}");
    }

    #[test]
    fn the_largest_numbers_stay_finite() {
        let sample = array![[f64::MAX, f64::MIN_POSITIVE], [-f64::MAX, -f64::MIN_POSITIVE], [f64::MAX, 5e-324]];
        for frame in [Frame::standard(sample.view()), Frame::uniform(sample.view())] {
            let out = frame.apply(sample.view());
            assert!(out.iter().all(|x| x.is_finite() && x.abs() <= FAR), "{out}");
        }
    }

    #[test]
    fn uniform_frame_keeps_distances() {
        let sample = array![[0.0, 10.0], [3.0, 14.0], [1.0, 11.0]];
        let out = Frame::uniform(sample.view()).apply(sample.view());
        assert_eq!(out, array![[-1.0, -1.0], [2.0, 3.0], [0.0, 0.0]]);
    }

    #[test]
    fn a_score_does_not_depend_on_its_place() {
        let rows = Array2::from_shape_fn((600, 3), |(i, j)| (i * 7 + j * 3) as f64 % 11.0);
        let frame = Frame::standard(rows.view());
        let weights = array![[0.3, 0.1, 0.7], [0.2, 0.9, 0.4], [0.5, 0.6, 0.8]];
        let kernel = |block: &Array2<f64>, out: &mut [f64]| {
            for (to, row) in out.iter_mut().zip(block.dot(&weights).rows()) {
                *to = row.sum();
            }
        };
        let all = frame.score(rows.view(), kernel);
        for i in [0, 1, 255, 256, 599] {
            assert_eq!(frame.score(rows_from(rows.view(), i..i + 1), kernel), vec![all[i]]);
        }
    }

    #[test]
    fn samples_are_seeded_and_sorted() {
        assert_eq!(sample_of(10, 10, 1), None);
        let one = sample_of(1000, 10, 1).unwrap();
        assert!(one.windows(2).all(|w| w[0] < w[1]) && one.len() == 10);
        assert_eq!(Some(&one), sample_of(1000, 10, 1).as_ref());
        assert_ne!(Some(one), sample_of(1000, 10, 2));
    }
}
