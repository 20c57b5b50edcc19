//! Rows by the block: the bounded sample that is learned from, and scoring in parallel. Results do not depend on the number of threads.

use std::borrow::Cow;

use ndarray::Array2;
use rand::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;
use rayon::prelude::*;

use super::{FitError, ParamError, frame::sample_of};
use crate::{said, text::Said, units::FeatureMatrix};

/// How many rows a method learns from, unless the experiment says otherwise.
pub const FIT_ROWS: usize = 50_000;

/// Rows in a block: enough to share a table in the cache, few enough to stay in it.
pub(super) const BLOCK: usize = 512;

/// The default of every `fit_rows` parameter.
pub(super) fn fit_rows() -> usize {
    FIT_ROWS
}

/// Refuses a parameter below its least value.
pub(super) fn at_least(parameter: &'static str, value: usize, least: usize) -> Result<(), ParamError> {
    if value < least { Err(ParamError { parameter, message: format!("must be at least {least}, found {value}") }) } else { Ok(()) }
}

/// Refuses a parameter outside its range, both ends included.
pub(super) fn within(parameter: &'static str, value: f64, least: f64, most: f64) -> Result<(), ParamError> {
    if (least..=most).contains(&value) {
        return Ok(());
    }
    let range = if most == f64::MAX { format!("at least {least}") } else { format!("from {least} to {most}") };
    Err(ParamError { parameter, message: format!("must be {range}, found {value}") })
}

/// The random numbers of one purpose.
pub(super) fn rng(seed: u64) -> Xoshiro256PlusPlus {
    Xoshiro256PlusPlus::seed_from_u64(seed)
}

/// The random numbers of one of many parts of a model, which are made side by side.
pub(super) fn rng_of(seed: u64, number: usize) -> Xoshiro256PlusPlus {
    rng(seed.wrapping_add((number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15)))
}

/// Which rows are learned from: the training part, or a seeded sample of it.
pub(super) struct Chosen {
    /// Their indices in the training part; `None`: all of it.
    indices: Option<Vec<usize>>,
    of: usize,
}

impl Chosen {
    /// Chooses at most `at_most` rows.
    ///
    /// # Errors
    /// When there is no row or no column.
    pub fn of(train: &FeatureMatrix, at_most: usize, seed: u64) -> Result<Self, FitError> {
        let of = train.nrows();
        if of == 0 {
            return Err(FitError::TooFewRows { needed: 1, found: 0 });
        }
        if train.ncols() == 0 {
            return Err(FitError::Numeric("there is no feature to learn from".into()));
        }
        Ok(Self { indices: sample_of(of, at_most, seed ^ 0x5a3d_1e0f_77c1_9b25), of })
    }

    /// How many rows.
    pub fn count(&self) -> usize {
        self.indices.as_ref().map_or(self.of, Vec::len)
    }

    /// One column of the rows.
    pub fn column(&self, train: &FeatureMatrix, column: usize) -> Vec<f64> {
        let values = train.column(column);
        self.indices.as_ref().map_or_else(|| values.to_vec(), |indices| indices.iter().map(|&row| values[row]).collect())
    }

    /// What a reader should know of it.
    pub fn notes(&self) -> Vec<Said> {
        sampled(self.indices.as_deref(), self.of)
    }
}

fn sampled(indices: Option<&[usize]>, of: usize) -> Vec<Said> {
    match indices {
        Some(indices) => vec![said!(
            en: "learned from a seeded sample of {n} of {all} training rows",
            fr: "appris sur un échantillon de {n} lignes d’apprentissage sur {all}",
            n = indices.len(),
            all = of,
        )],
        None => Vec::new(),
    }
}

/// The rows that are learned from, as a matrix of their own where they are a sample.
pub(super) struct Sample<'a> {
    /// The rows, in the order of the training part.
    pub matrix: Cow<'a, FeatureMatrix>,
    /// Their indices in the training part; `None`: all of it.
    pub indices: Option<Vec<usize>>,
    of: usize,
}

impl<'a> Sample<'a> {
    /// Takes at most `at_most` rows.
    ///
    /// # Errors
    /// When there is no row or no column.
    pub fn take(train: &'a FeatureMatrix, at_most: usize, seed: u64) -> Result<Self, FitError> {
        let Chosen { indices, of } = Chosen::of(train, at_most, seed)?;
        let matrix = indices.as_ref().map_or(Cow::Borrowed(train), |indices| Cow::Owned(train.select_rows(indices)));
        Ok(Self { matrix, indices, of })
    }

    /// What a reader should know of it.
    pub fn notes(&self) -> Vec<Said> {
        sampled(self.indices.as_deref(), self.of)
    }
}

/// Bytes for what nearly every method takes: a sample with its keys and indices where one is drawn, and scores on their way.
pub(super) fn drawn(rows: usize, columns: usize, fit_rows: usize) -> usize {
    let sample = if rows > fit_rows { fit_rows * (8 * columns + 40) } else { 0 };
    sample + 16 * rows
}

/// The values of a matrix, row after row.
pub(super) fn flat(rows: &FeatureMatrix) -> &[f64] {
    // A FeatureMatrix is stored row after row by construction.
    rows.values().to_slice().unwrap_or_default()
}

/// Scores rows block by block: `score` is given whole rows, one after another, and one place for each score.
pub(super) fn by_block(rows: &FeatureMatrix, score: impl Fn(&[f64], &mut [f64]) + Sync) -> Vec<f64> {
    let columns = rows.ncols();
    let mut scores = vec![0.0; rows.nrows()];
    if columns > 0 {
        scores.par_chunks_mut(BLOCK).zip(flat(rows).par_chunks(BLOCK * columns)).for_each(|(scores, values)| score(values, scores));
        scores.par_iter_mut().for_each(|s| *s = finite(*s));
    }
    scores
}

/// Scores rows one by one.
pub(super) fn by_row(rows: &FeatureMatrix, score: impl Fn(&[f64]) -> f64 + Sync) -> Vec<f64> {
    let columns = rows.ncols();
    by_block(rows, |values, scores| {
        for (row, s) in values.chunks_exact(columns).zip(scores) {
            *s = score(row);
        }
    })
}

/// What each feature adds, row by row: `each` is given a row and one place for each feature.
pub(super) fn contributions(rows: &FeatureMatrix, each: impl Fn(&[f64], &mut [f64]) + Sync) -> Array2<f64> {
    let columns = rows.ncols();
    let mut terms = vec![0.0; rows.nrows() * columns];
    if columns > 0 {
        terms.par_chunks_mut(columns).zip(flat(rows).par_chunks(columns)).with_min_len(64).for_each(|(terms, row)| {
            each(row, terms);
            terms.iter_mut().for_each(|t| *t = finite(*t));
        });
    }
    Array2::from_shape_vec((rows.nrows(), columns), terms).unwrap_or_default()
}

/// The squared distance of two rows, summed in four strands so that it can be vectorised.
#[inline]
pub(super) fn squared_distance(a: &[f64], b: &[f64]) -> f64 {
    let mut strands = [0.0; 4];
    let (a4, b4) = (a.chunks_exact(4), b.chunks_exact(4));
    let rest: f64 = a4.remainder().iter().zip(b4.remainder()).map(|(x, y)| (x - y) * (x - y)).sum();
    for (x, y) in a4.zip(b4) {
        for lane in 0..4 {
            strands[lane] += (x[lane] - y[lane]) * (x[lane] - y[lane]);
        }
    }
    strands[0] + strands[1] + strands[2] + strands[3] + rest
}

/// A score that overflowed is the strangest there is; a sum of opposite infinities says nothing.
pub(super) fn finite(score: f64) -> f64 {
    if score.is_nan() { 0.0 } else { score.clamp(f64::MIN, f64::MAX) }
}
