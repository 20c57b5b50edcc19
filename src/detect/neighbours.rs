//! The nearest rows of a reference set: one exact kernel and one table for every method that looks at neighbours.
//!
//! The reference rows are sorted into leaves by halving the widest column, and stored sixteen abreast in single precision ([`coarse`]), which rules
//! out most of them; the rest are looked at exactly. A query visits the leaves in the order of their boxes' distance and stops where no box can
//! hold a nearer row: on logs, whose rows crowd in few places, that is soon; in the worst case it is a plain pass over all. Distances are sums of
//! squared differences, never the expanded square, so that equal rows are at distance zero exactly.

use std::borrow::Cow;

use ndarray::{ArcArray2, Axis};
use rayon::prelude::*;

use self::coarse::Coarse;
use super::{
    FitError, Job,
    rows::{self, Sample, squared_distance},
};
use crate::{said, text::Said, units::FeatureMatrix};

pub(super) use self::{search::Scratch, table::Table};

mod coarse;
mod search;
mod table;

/// Rows abreast.
const LANES: usize = 16;
/// Rows in a leaf.
const LEAF: usize = 2 * LANES;

/// Up to so many training rows, each is compared with all of them.
pub(super) const EXACT_ROWS: usize = 20_000;
/// Above [`EXACT_ROWS`], with a seeded sample of so many.
pub(super) const SAMPLED_ROWS: usize = 4_096;

/// How many training rows are compared with: as the experiment says, else all up to [`EXACT_ROWS`], else [`SAMPLED_ROWS`].
pub(super) fn reference_rows(asked: Option<usize>, rows: usize) -> usize {
    asked.unwrap_or(if rows <= EXACT_ROWS { EXACT_ROWS } else { SAMPLED_ROWS })
}

/// Bytes that are taken for so many reference rows, besides themselves: twice in single precision until they are in their leaves.
pub(super) fn memory(reference: usize, columns: usize) -> usize {
    reference * (8 * columns + 16)
}

/// A row of the reference set near another row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Neighbour {
    /// Its distance.
    pub distance: f64,
    /// Its place in the reference set.
    pub row: usize,
}

/// The rows that others are compared with.
pub(super) struct Reference {
    columns: usize,
    rows: usize,
    /// Values are divided by this where their squares would leave the range; else 1.
    scale: f64,
    coarse: Coarse,
    /// The place in the reference set of each place in the leaves; more than there are rows where there is none.
    places: Vec<u32>,
    /// The reference rows themselves, shared with the training part where they are all of it.
    original: ArcArray2<f64>,
    /// Places of training rows in the reference set, where it is a sample: sorted indices.
    indices: Option<Vec<usize>>,
}

impl Reference {
    /// Takes the reference set from the training part: all of it or a seeded sample; and what a reader should know of that.
    ///
    /// # Errors
    /// When there is no row or no column.
    pub fn new(train: &FeatureMatrix, asked: Option<usize>, seed: u64) -> Result<(Self, Vec<Said>), FitError> {
        let sample = Sample::take(train, reference_rows(asked, train.nrows()), seed)?;
        let notes = match &sample.indices {
            Some(indices) => vec![said!(
                en: "compared with a seeded sample of {n} of {all} training rows",
                fr: "comparé à un échantillon de {n} lignes d’apprentissage sur {all}",
                n = indices.len(),
                all = train.nrows(),
            )],
            None => Vec::new(),
        };
        let mut reference = Self::of(sample.matrix.shared());
        reference.indices = sample.indices;
        Ok((reference, notes))
    }

    /// Makes a reference set of these rows.
    pub fn of(original: ArcArray2<f64>) -> Self {
        let (rows, columns) = original.dim();
        let values = original.as_slice().unwrap_or_default();
        let largest = values.iter().fold(0.0_f64, |m, v| m.max(v.abs()));
        let scale = if largest == 0.0 || (1e-100..=1e100).contains(&largest) { 1.0 } else { largest };
        let scaled: Cow<'_, [f64]> = if scale == 1.0 { values.into() } else { values.iter().map(|v| v / scale).collect() };
        let mut order: Vec<u32> = (0..rows as u32).collect();
        let mut coarse = Coarse::new(&scaled, columns);
        let turned = coarse.turned(&scaled);
        arrange(&mut order, &turned, columns);
        coarse.fill(&turned, &order);
        order.resize(rows.div_ceil(LEAF) * LEAF, u32::MAX);
        Self { columns, rows, scale, coarse, places: order, original, indices: None }
    }

    /// A reference set of some of its rows.
    pub fn only(&self, wanted: impl Fn(usize) -> bool) -> Self {
        let kept: Vec<usize> = (0..self.rows).filter(|&row| wanted(row)).collect();
        Self::of(self.original.select(Axis(0), &kept).into_shared())
    }

    /// How many rows it has.
    pub fn len(&self) -> usize {
        self.rows
    }

    /// A row as it was given.
    pub fn row(&self, place: usize) -> &[f64] {
        &self.values()[place * self.columns..][..self.columns]
    }

    /// The place in the reference set of a training row, where it has one.
    pub fn place_of(&self, training_row: usize) -> Option<usize> {
        match &self.indices {
            None => (training_row < self.rows).then_some(training_row),
            Some(indices) => indices.binary_search(&training_row).ok(),
        }
    }

    /// All rows as they were given, one after another.
    fn values(&self) -> &[f64] {
        self.original.as_slice().unwrap_or_default()
    }

    /// The distance between two reference rows, as a search gives it.
    fn between(&self, row: usize, other: u32) -> f64 {
        let square = if self.scale == 1.0 {
            squared_distance(self.row(row), self.row(other as usize))
        } else {
            self.row(row).iter().zip(self.row(other as usize)).map(|(x, y)| (x / self.scale - y / self.scale).powi(2)).sum()
        };
        square.sqrt() * self.scale
    }

    /// The exact squared distance of a scaled row to a reference row.
    fn square(&self, scaled: &[f64], place: u32) -> f64 {
        let other = self.row(place as usize);
        if self.scale == 1.0 {
            return squared_distance(scaled, other);
        }
        scaled.iter().zip(other).map(|(x, y)| (x - y / self.scale).powi(2)).sum()
    }
}

/// Puts rows that are near each other next to each other, by halving the widest column down to a leaf.
fn arrange(order: &mut [u32], values: &[f32], columns: usize) {
    if order.len() <= LEAF {
        return;
    }
    let value = |row: u32, column: usize| values[row as usize * columns + column];
    let width = |column: usize| {
        let (least, most) =
            order.iter().fold((f32::INFINITY, f32::NEG_INFINITY), |(l, m), &row| (l.min(value(row, column)), m.max(value(row, column))));
        most - least
    };
    let widest = (0..columns).map(|c| (width(c), c)).max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1))).map_or(0, |(_, column)| column);
    // Whole leaves on the left, so that only the last leaf of all is not full.
    let middle = (order.len() / LEAF).div_ceil(2).max(1) * LEAF;
    if middle >= order.len() {
        return;
    }
    order.select_nth_unstable_by(middle, |&a, &b| value(a, widest).total_cmp(&value(b, widest)).then(a.cmp(&b)));
    let (left, right) = order.split_at_mut(middle);
    arrange(left, values, columns);
    arrange(right, values, columns);
}

/// Computes something of every row from its nearest rows, in parallel; `place_of` says which row of the reference set a row itself is.
pub(super) fn of_each<T: Send>(
    reference: &Reference,
    rows: &FeatureMatrix,
    count: usize,
    place_of: impl Fn(usize) -> Option<usize> + Sync,
    compute: impl Fn(usize, &[Neighbour]) -> T + Sync,
) -> Vec<T> {
    of_part(reference, rows::flat(rows), 0, count, &place_of, &compute)
}

/// Rows between two looks at whether to go on.
const WATCHED: usize = 2048;

/// The same, where somebody may stop it.
///
/// # Errors
/// When the job was stopped.
pub(super) fn of_each_watched<T: Send>(
    reference: &Reference,
    rows: &FeatureMatrix,
    count: usize,
    job: &Job<'_>,
    place_of: impl Fn(usize) -> Option<usize> + Sync,
    compute: impl Fn(usize, &[Neighbour]) -> T + Sync,
) -> Result<Vec<T>, FitError> {
    let mut all = Vec::with_capacity(rows.nrows());
    watched(rows::flat(rows), reference.columns, job, |first, values| {
        all.extend(of_part(reference, values, first, count, &place_of, &compute));
    })?;
    Ok(all)
}

/// Gives the rows to `look` part by part, each with the place of its first, and asks in between whether to go on.
fn watched(values: &[f64], columns: usize, job: &Job<'_>, mut look: impl FnMut(usize, &[f64])) -> Result<(), FitError> {
    let columns = columns.max(1);
    for (part, rows) in values.chunks(WATCHED * columns).enumerate() {
        job.step(part * WATCHED, values.len() / columns)?;
        look(part * WATCHED, rows);
    }
    Ok(())
}

/// Rows of which the first is the `first` of all.
fn of_part<T: Send>(
    reference: &Reference,
    values: &[f64],
    first: usize,
    count: usize,
    place_of: &(impl Fn(usize) -> Option<usize> + Sync),
    compute: &(impl Fn(usize, &[Neighbour]) -> T + Sync),
) -> Vec<T> {
    values
        .par_chunks(reference.columns.max(1))
        .enumerate()
        .with_min_len(32)
        .map_init(
            || (Scratch::default(), Vec::with_capacity(count)),
            |(scratch, out), (index, row)| {
                reference.nearest(row, count, place_of(first + index), scratch, out);
                compute(first + index, out)
            },
        )
        .collect()
}

/// How much each column adds to the distances from the nearest rows, of which each counts as `weights` says: a distance is the sum of the squared
/// differences divided by itself.
pub(super) fn contributions(
    reference: &Reference,
    rows: &FeatureMatrix,
    count: usize,
    weights: impl Fn(&[Neighbour]) -> Vec<f64> + Sync,
) -> ndarray::Array2<f64> {
    let terms = of_each(
        reference,
        rows,
        count,
        |_| None,
        |index, near| {
            let row = rows.row(index);
            let mut terms = vec![0.0; rows.ncols()];
            let counting = near.iter().zip(weights(near)).filter(|(neighbour, weight)| neighbour.distance > 0.0 && *weight > 0.0);
            for (neighbour, weight) in counting {
                for ((term, x), y) in terms.iter_mut().zip(row).zip(reference.row(neighbour.row)) {
                    *term += weight * ((x - y) / neighbour.distance) * (x - y);
                }
            }
            terms
        },
    );
    ndarray::Array2::from_shape_vec(rows.values().dim(), terms.concat()).unwrap_or_default()
}

/// Refuses a number of neighbours, or of rows to compare with, that cannot be.
pub(super) fn check(neighbours: usize, fit_rows: Option<usize>) -> Result<(), super::ParamError> {
    rows::within("neighbours", neighbours as f64, 1.0, 10_000.0)?;
    rows::at_least("fit_rows", fit_rows.unwrap_or(1), 1)
}

/// Names for messages: `20`, or `all 12` where there are fewer.
pub(super) fn too_few(asked: usize, reference: &Reference) -> Option<Said> {
    let others = reference.len().saturating_sub(1);
    (others < asked).then(|| {
        said!(
            en: "only {others} other rows to compare with; `neighbours` is {asked}",
            fr: "seulement {others} autres lignes à comparer ; `neighbours` vaut {asked}",
            others = others,
            asked = asked,
        )
    })
}

#[cfg(test)]
mod tests {
    use rand::Rng;

    use super::*;

    fn plain(values: &[f64], columns: usize, row: &[f64], count: usize, skip: Option<usize>) -> Vec<f64> {
        let mut all: Vec<f64> = values
            .chunks_exact(columns)
            .enumerate()
            .filter(|(i, _)| Some(*i) != skip)
            .map(|(_, other)| row.iter().zip(other).map(|(x, y)| (x - y) * (x - y)).sum::<f64>().sqrt())
            .collect();
        all.sort_unstable_by(f64::total_cmp);
        all.truncate(count);
        all
    }

    #[test]
    fn the_same_as_a_plain_search() {
        let mut rng = rows::rng(3);
        for (n, columns) in [(1, 1), (2, 3), (31, 2), (33, 2), (257, 5), (1000, 1), (1500, 20)] {
            // A coarse grid, so that there are ties and equal rows.
            let values: Vec<f64> = (0..n * columns)
                .map(|_| f64::from(rng.gen_range(0..6)) + if columns > 3 { rng.gen_range(0.0..1.0) } else { 0.0 })
                .collect();
            let reference = Reference::of(ArcArray2::from_shape_vec((n, columns), values.clone()).unwrap());
            let (mut scratch, mut out) = (Scratch::default(), Vec::new());
            for (place, row) in values.chunks_exact(columns).enumerate().take(60) {
                for skip in [None, Some(place)] {
                    reference.nearest(row, 7, skip, &mut scratch, &mut out);
                    let found: Vec<f64> = out.iter().map(|n| n.distance).collect();
                    let expected = plain(&values, columns, row, 7, skip);
                    assert_eq!(found.len(), expected.len());
                    assert!(found.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-12), "{found:?} {expected:?}");
                    assert!(out.iter().all(|n| Some(n.row) != skip));
                }
            }
        }
    }

    #[test]
    fn squares_stay_in_range() {
        for size in [1e300, 1e-300] {
            let reference = Reference::of(ndarray::arr2(&[[0.0], [size], [3.0 * size]]).into_shared());
            let (mut scratch, mut out) = (Scratch::default(), Vec::new());
            reference.nearest(&[2.0 * size], 3, None, &mut scratch, &mut out);
            let distances: Vec<f64> = out.iter().map(|n| n.distance / size).collect();
            assert!(distances.iter().zip([1.0, 1.0, 2.0]).all(|(a, b)| (a - b).abs() < 1e-12), "{distances:?}");
        }
    }
}
