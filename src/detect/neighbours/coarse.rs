//! The reference rows once more, in single precision: eight times as many a cache line as a distance needs to be told apart from a limit.
//!
//! A search throws nearly every row away. Single precision decides that for four rows at once on any processor of this kind, twice as many as
//! double precision; what it cannot rule out is looked at exactly. The limit it compares with is raised by what rounding may have taken off, so
//! that no row is lost: with `u` the unit of rounding, values `a`, `b` of length `|a|`, `|b|` and distance `d` become values whose distance is at
//! most `d + u (|a| + |b|)`, `|b|` is at most `|a| + d`, and a sum of squares over n columns grows by at most the factor `(1 + u)^(n + 3)`
//! (Higham: Accuracy and Stability of Numerical Algorithms, 2002, section 3.1). Rows are turned onto their principal axes first, in double precision:
//! distances stay, and the first few columns of a sum tell most rows from near ones. What that rounds, about columns x 1e-16 of the lengths, is a small
//! part of the room between `u` and the unit that is reckoned with.

use ndarray::ArrayView2;

use super::{LANES, LEAF};
use crate::detect::{
    frame::median,
    linear::{mean_and_covariance, symmetric_eigen},
};

/// Groups of [`LANES`] rows in a leaf.
pub(super) const GROUPS: usize = LEAF / LANES;

/// Columns that are added up between two looks at whether to go on.
const BETWEEN: usize = 6;

/// Values of one column of [`LANES`] rows.
type Lanes = [f32; LANES];

/// Beyond this many units a value counts as so far; moving two values to the border never moves them apart.
const FAR: f64 = 1e16;

/// Above the unit of rounding of single precision, 6e-8.
const ROUNDING: f64 = 1e-7;

/// Rows are turned up to so many columns; above, finding the axes costs more than it saves.
const MOST_TURNED: usize = 64;

/// Axes are told from about so many rows, and from no value farther than so many units.
const AXES_ROWS: usize = 2_000;
const NEAR: f64 = 4.0;

/// Four sums side by side, in a fixed order.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; 4];
    let (fours, rest) = a.as_chunks::<4>();
    let (others, other_rest) = b.as_chunks::<4>();
    for (x, y) in fours.iter().zip(others) {
        for lane in 0..4 {
            sums[lane] += x[lane] * y[lane];
        }
    }
    let tail: f64 = rest.iter().zip(other_rest).map(|(x, y)| x * y).sum();
    (sums[0] + sums[1]) + (sums[2] + sums[3]) + tail
}

/// Leaves of rows near each other, and the boxes around them.
pub(super) struct Coarse {
    columns: usize,
    leaves: usize,
    /// Taken off each column, so that a common offset costs no digits.
    shift: Vec<f64>,
    /// The size of a typical row.
    unit: f64,
    /// Directions in which the rows are turned, one after another, the one they vary along most first; none where there are too many columns.
    axes: Vec<f64>,
    /// For each leaf and each group, one [`Lanes`] per column. Places without a row are infinitely far.
    values: Vec<Lanes>,
    /// Lower ends of the leaves' boxes: for each [`LANES`] leaves, one [`Lanes`] per column.
    low: Vec<Lanes>,
    high: Vec<Lanes>,
}

/// A row that is looked for, as the leaves see it.
#[derive(Default)]
pub(super) struct Query {
    placed: Vec<f64>,
    values: Vec<f32>,
    length: f64,
}

impl Coarse {
    /// Prepares to look at `rows` (whole rows, one after another), which [`Self::fill`] then takes in.
    pub fn new(rows: &[f64], columns: usize) -> Self {
        let shift: Vec<f64> = (0..columns).map(|j| median(rows.iter().skip(j).step_by(columns.max(1)).copied().collect())).collect();
        let size = |row: &[f64]| row.iter().zip(&shift).fold(0.0_f64, |size, (x, s)| size.max((x - s).abs()));
        let sizes: Vec<f64> = rows.chunks_exact(columns.max(1)).map(size).filter(|size| *size > 0.0).collect();
        let unit = if sizes.is_empty() { 1.0 } else { median(sizes).max(f64::MIN_POSITIVE) };
        let mut coarse = Self { columns, leaves: 0, shift, unit, axes: Vec::new(), values: Vec::new(), low: Vec::new(), high: Vec::new() };
        coarse.axes = coarse.axes_of(rows);
        coarse
    }

    /// All rows as the leaves see them, one after another.
    pub fn turned(&self, rows: &[f64]) -> Vec<f32> {
        let mut query = Query::default();
        let mut all = Vec::with_capacity(rows.len());
        for row in rows.chunks_exact(self.columns.max(1)) {
            self.look(row, &mut query);
            all.extend_from_slice(&query.values);
        }
        all
    }

    /// Puts the rows, as [`Self::turned`] gives them, into leaves in this `order`.
    pub fn fill(&mut self, turned: &[f32], order: &[u32]) {
        let columns = self.columns;
        self.leaves = order.len().div_ceil(LEAF);
        self.values = vec![[f32::INFINITY; LANES]; self.leaves * GROUPS * columns];
        self.low = vec![[f32::INFINITY; LANES]; self.leaves.div_ceil(LANES) * columns];
        self.high = vec![[f32::NEG_INFINITY; LANES]; self.leaves.div_ceil(LANES) * columns];
        for (place, &row) in order.iter().enumerate() {
            let (group, lane, leaf) = (place / LANES, place % LANES, place / LEAF);
            for (j, &value) in turned[row as usize * columns..][..columns].iter().enumerate() {
                self.values[group * columns + j][lane] = value;
                let (low, high) = (&mut self.low[leaf / LANES * columns + j], &mut self.high[leaf / LANES * columns + j]);
                low[leaf % LANES] = low[leaf % LANES].min(value);
                high[leaf % LANES] = high[leaf % LANES].max(value);
            }
        }
    }

    fn place(&self, column: usize, value: f64) -> f64 {
        ((value - self.shift[column]) / self.unit).clamp(-FAR, FAR)
    }

    /// The principal axes of some of the rows. Any turn keeps distances; this one lets the first few columns of a sum tell most rows from near ones.
    fn axes_of(&self, rows: &[f64]) -> Vec<f64> {
        let columns = self.columns;
        if !(2..=MOST_TURNED).contains(&columns) {
            return Vec::new();
        }
        let every = (rows.len() / columns).div_ceil(AXES_ROWS).max(1);
        // One row far away must not decide where all others are told apart.
        let near = |column: usize, value: f64| self.place(column, value).clamp(-NEAR, NEAR);
        let looked_at: Vec<f64> =
            rows.chunks_exact(columns).step_by(every).flat_map(|row| row.iter().enumerate().map(|(j, &value)| near(j, value))).collect();
        let Ok(looked_at) = ArrayView2::from_shape((looked_at.len() / columns, columns), &looked_at) else { return Vec::new() };
        let axes = symmetric_eigen(mean_and_covariance(looked_at, None).1).1;
        // Orthogonal to rounding, or not at all.
        let product = axes.dot(&axes.t());
        let orthogonal = product.indexed_iter().all(|((i, j), &p)| (p - f64::from(u8::from(i == j))).abs() < 1e-11);
        if orthogonal { axes.iter().copied().collect() } else { Vec::new() }
    }

    /// Looks at a row as the leaves do.
    pub fn look(&self, row: &[f64], query: &mut Query) {
        let Query { placed, values, length } = query;
        placed.clear();
        placed.extend(row.iter().enumerate().map(|(column, &value)| self.place(column, value)));
        *length = dot(placed, placed).sqrt();
        values.clear();
        if self.axes.is_empty() {
            values.extend(placed.iter().map(|&x| x as f32));
        } else {
            values.extend(self.axes.chunks_exact(self.columns).map(|axis| dot(axis, placed) as f32));
        }
    }

    /// The square, in single precision, up to which a row or a box may hold something whose exact square is below `square`.
    pub fn limit(&self, query: &Query, square: f64) -> f32 {
        if square == f64::INFINITY {
            return f32::INFINITY;
        }
        let distance = square.sqrt() / self.unit;
        let raised = distance + ROUNDING * (2.0 * query.length + distance);
        // The last term is for numbers so small that rounding is not relative.
        ((raised * raised * (1.0 + ROUNDING * (self.columns + 8) as f64)) * (1.0 + ROUNDING) + 1e-36).min(f64::from(f32::MAX)) as f32
    }

    /// The same limit for a row that is known by its square in single precision alone: what it may be exactly at most, and then as [`Self::limit`].
    pub fn limit_of_coarse(&self, query: &Query, square: f32) -> f32 {
        let distance = f64::from(square).sqrt() * (1.0 + ROUNDING * (self.columns + 8) as f64) + 1e-18;
        if query.length >= FAR / 2.0 || distance >= FAR / 4.0 {
            // One of the two may lie at the border, and be any distance beyond it.
            return f32::INFINITY;
        }
        let most = (distance + 2.0 * ROUNDING * query.length) * (1.0 + 2.0 * ROUNDING) * self.unit;
        self.limit(query, most * most)
    }

    /// Writes the squared distance to each leaf's box.
    pub fn boxes(&self, query: &Query, bounds: &mut Vec<f32>) {
        bounds.clear();
        for (first, (low, high)) in self.low.chunks_exact(self.columns).zip(self.high.chunks_exact(self.columns)).enumerate() {
            let mut squares = [0.0; LANES];
            for ((x, low), high) in query.values.iter().zip(low).zip(high) {
                for ((square, low), high) in squares.iter_mut().zip(low).zip(high) {
                    let below = low - x;
                    let above = x - high;
                    let gap = if below > above { below } else { above };
                    let gap = if gap > 0.0 { gap } else { 0.0 };
                    *square += gap * gap;
                }
            }
            let first = first * LANES;
            bounds.extend_from_slice(&squares[..(self.leaves - first).min(LANES)]);
        }
    }

    /// Squared distances to the rows of one group of a leaf; `None` where all of them are above `limit`, which a part of the columns often tells.
    #[inline]
    pub fn squares(&self, query: &Query, group: usize, limit: f32) -> Option<Lanes> {
        let mut squares = [0.0; LANES];
        let values = &self.values[group * self.columns..][..self.columns];
        for (query, values) in query.values.chunks(BETWEEN).zip(values.chunks(BETWEEN)) {
            for (x, lanes) in query.iter().zip(values) {
                for (square, value) in squares.iter_mut().zip(lanes) {
                    let difference = x - value;
                    *square += difference * difference;
                }
            }
            // Sums only grow.
            if !squares.iter().fold(false, |any, square| any | (*square <= limit)) {
                return None;
            }
        }
        Some(squares)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Whatever the sizes and offsets, a row nearer than a limit is never ruled out, nor its box.
        #[test]
        fn nothing_near_is_ruled_out(
            rows in proptest::collection::vec((-1.0..1.0_f64, -1.0..1.0_f64), 2..80),
            offset in -1e9..1e9_f64,
            exponent in -12..12_i32,
        ) {
            let size = 10f64.powi(exponent);
            let values: Vec<f64> = rows.iter().flat_map(|(x, y)| [offset + size * x, size * y]).collect();
            let order: Vec<u32> = (0..rows.len() as u32).collect();
            let mut coarse = Coarse::new(&values, 2);
            coarse.fill(&coarse.turned(&values), &order);
            let (mut query, mut bounds) = (Query::default(), Vec::new());
            for from in values.chunks_exact(2) {
                coarse.look(from, &mut query);
                coarse.boxes(&query, &mut bounds);
                for (place, to) in values.chunks_exact(2).enumerate() {
                    let square = (from[0] - to[0]).powi(2) + (from[1] - to[1]).powi(2);
                    let limit = coarse.limit(&query, square);
                    let found = coarse.squares(&query, place / LANES, limit).map(|squares| squares[place % LANES]);
                    prop_assert!(found.is_some_and(|square| square <= limit));
                    prop_assert!(bounds[place / LEAF] <= limit);
                    prop_assert!(coarse.limit_of_coarse(&query, found.unwrap()) >= limit);
                }
            }
        }
    }
}
