//! The reference rows once more, in single precision: eight times as many a cache line as a distance needs to be told apart from a limit.
//!
//! A search throws nearly every row away. Single precision decides that for four rows at once on any processor of this kind, twice as many as
//! double precision; what it cannot rule out is looked at exactly. The limit it compares with is raised by what rounding may have taken off, so
//! that no row is lost: with `u` the unit of rounding, values `a`, `b` of length `|a|`, `|b|` and distance `d` become values whose distance is at
//! most `d + u (|a| + |b|)`, `|b|` is at most `|a| + d`, and a sum of squares over n columns grows by at most the factor `(1 + u)^(n + 3)`
//! (Higham: Accuracy and Stability of Numerical Algorithms, 2002, section 3.1).

use super::{LANES, LEAF};
use crate::detect::frame::median;

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

/// Leaves of rows near each other, and the boxes around them.
pub(super) struct Coarse {
    columns: usize,
    leaves: usize,
    /// Taken off each column, so that a common offset costs no digits.
    shift: Vec<f64>,
    /// The size of a typical row.
    unit: f64,
    /// For each leaf and each group, one [`Lanes`] per column. Places without a row are infinitely far.
    values: Vec<Lanes>,
    /// Lower ends of the leaves' boxes: for each [`LANES`] leaves, one [`Lanes`] per column.
    low: Vec<Lanes>,
    high: Vec<Lanes>,
}

/// A row that is looked for, as the leaves see it.
#[derive(Default)]
pub(super) struct Query {
    values: Vec<f32>,
    length: f64,
}

impl Coarse {
    /// Prepares `rows` (whole rows, one after another), which are put into leaves in this `order`.
    pub fn new(rows: &[f64], columns: usize, order: &[u32]) -> Self {
        let shift: Vec<f64> = (0..columns).map(|j| median(rows.iter().skip(j).step_by(columns.max(1)).copied().collect())).collect();
        let size = |row: &[f64]| row.iter().zip(&shift).fold(0.0_f64, |size, (x, s)| size.max((x - s).abs()));
        let sizes: Vec<f64> = rows.chunks_exact(columns.max(1)).map(size).filter(|size| *size > 0.0).collect();
        let unit = if sizes.is_empty() { 1.0 } else { median(sizes).max(f64::MIN_POSITIVE) };
        let leaves = order.len().div_ceil(LEAF);
        let mut coarse = Self {
            columns,
            leaves,
            shift,
            unit,
            values: vec![[f32::INFINITY; LANES]; leaves * GROUPS * columns],
            low: vec![[f32::INFINITY; LANES]; leaves.div_ceil(LANES) * columns],
            high: vec![[f32::NEG_INFINITY; LANES]; leaves.div_ceil(LANES) * columns],
        };
        for (place, &row) in order.iter().enumerate() {
            let (group, lane, leaf) = (place / LANES, place % LANES, place / LEAF);
            for (j, &value) in rows[row as usize * columns..][..columns].iter().enumerate() {
                let value = coarse.place(j, value) as f32;
                coarse.values[group * columns + j][lane] = value;
                let (low, high) = (&mut coarse.low[leaf / LANES * columns + j], &mut coarse.high[leaf / LANES * columns + j]);
                low[leaf % LANES] = low[leaf % LANES].min(value);
                high[leaf % LANES] = high[leaf % LANES].max(value);
            }
        }
        coarse
    }

    fn place(&self, column: usize, value: f64) -> f64 {
        ((value - self.shift[column]) / self.unit).clamp(-FAR, FAR)
    }

    /// Looks at a row as the leaves do.
    pub fn look(&self, row: &[f64], query: &mut Query) {
        query.values.clear();
        let mut square = 0.0;
        for (column, &value) in row.iter().enumerate() {
            let placed = self.place(column, value);
            square += placed * placed;
            query.values.push(placed as f32);
        }
        query.length = square.sqrt();
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
            let coarse = Coarse::new(&values, 2, &order);
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
