//! How unlikely a row is along random lines: the mean of `-ln` of the share of training rows in its bin, over sparse random projections.
//!
//! # What it finds
//! Rows that are unusual in a combination of a few columns, at a cost near that of a histogram.
//!
//! # What it misses
//! What shows in one column of many only: few lines use it with weight. Lines depend on the columns' scale, so scale them. With ten bins one
//! far row makes the others share a few.
//!
//! # Cost
//! Rows x projections x sqrt(columns): about a microsecond for a row of 20 columns.
//!
//! # Source
//! Pevny: Loda: Lightweight on-line detector of anomalies (Machine Learning 102, 2016). Each line uses sqrt(columns) columns with normal
//! weights. The published tables come from PyOD, which looks a value up one bin too high (all but the last two bins: it leaves out the first
//! edge's step); here each value is looked up in its own bin, as in the paper. Beyond the training part's range the share is that of half a
//! row, falling with the distance. The score is no sum over fields: what each adds is told by giving it its median in turn.

use rand::Rng;
use rayon::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Detector, FitError, Job, Method, Model, ParamError, Work,
    histogram::{Histogram, Place},
    rows::{self, Sample},
};
use crate::{units::FeatureMatrix, text::Said};

/// What the registry knows.
pub const METHOD: Method = Method::of::<Loda>("loda", "How unlikely the row is along sparse random lines", include_str!("loda.rs"));

/// Parameters.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Loda {
    /// How many random lines.
    #[serde(default = "hundred")]
    #[schemars(range(min = 1, max = 100_000))]
    projections: usize,
    /// How many bins each line has.
    #[serde(default = "ten")]
    #[schemars(range(min = 2, max = 100_000))]
    bins: usize,
    /// How many training rows it learns from at most: a seeded sample where there are more.
    #[serde(default = "rows::fit_rows")]
    #[schemars(range(min = 1))]
    fit_rows: usize,
}

fn hundred() -> usize {
    100
}

fn ten() -> usize {
    10
}

impl Detector for Loda {
    fn check(&self, _rows: Option<usize>, _columns: usize) -> Result<(), ParamError> {
        rows::at_least("fit_rows", self.fit_rows, 1)?;
        rows::within("projections", self.projections as f64, 1.0, 100_000.0)?;
        rows::within("bins", self.bins as f64, 2.0, 100_000.0)
    }

    fn is_random(&self) -> bool {
        true
    }

    fn explaining(&self) -> Option<f64> {
        None
    }

    fn work(&self, rows: usize, _columns: usize) -> Work {
        let row = self.projections * 40;
        Work { fit: (row * rows.min(self.fit_rows)) as f64, row: row as f64 }
    }

    fn memory(&self, rows: usize, columns: usize) -> u64 {
        rows::drawn(rows, columns, self.fit_rows) as u64
    }

    fn fit(&self, train: &FeatureMatrix, job: &Job<'_>) -> Result<Box<dyn Model>, FitError> {
        let sample = Sample::take(train, self.fit_rows, job.seed)?;
        let columns = train.ncols();
        let used = (columns as f64).sqrt() as usize;
        let lines = (0..self.projections)
            .into_par_iter()
            .map(|number| {
                job.step(number, self.projections)?;
                let mut rng = rows::rng_of(job.seed, number);
                let mut chosen = rand::seq::index::sample(&mut rng, columns, used.max(1)).into_vec();
                chosen.sort_unstable();
                let weights = chosen.into_iter().map(|column| (column, normal(&mut rng))).collect();
                Ok(Line::new(weights, &sample.matrix, self.bins))
            })
            .collect::<Result<Vec<_>, FitError>>()?;
        Ok(Box::new(Fitted { lines, columns, notes: sample.notes() }))
    }
}

/// A number from the standard normal distribution (Box, Muller 1958).
pub(super) fn normal(rng: &mut impl Rng) -> f64 {
    let radius = (-2.0 * (1.0 - rng.gen_range(0.0..1.0_f64)).ln()).sqrt();
    radius * (std::f64::consts::TAU * rng.gen_range(0.0..1.0_f64)).cos()
}

struct Line {
    weights: Vec<(usize, f64)>,
    histogram: Histogram,
    /// `-ln` of the share of each bin.
    strange: Vec<f64>,
    /// The same for half a row.
    beyond: f64,
}

impl Line {
    fn new(weights: Vec<(usize, f64)>, train: &FeatureMatrix, bins: usize) -> Self {
        let projected: Vec<f64> = rows::flat(train).chunks_exact(train.ncols()).map(|row| project(&weights, row)).collect();
        let histogram = Histogram::new(projected.iter().copied(), bins);
        let rows = projected.len() as f64;
        let strange = histogram.counts.iter().map(|&count| -((count as f64).max(0.5) / rows).ln()).collect();
        Self { weights, histogram, strange, beyond: (2.0 * rows).ln() }
    }

    fn score(&self, row: &[f64]) -> f64 {
        match self.histogram.place(project(&self.weights, row)) {
            Place::Bin(bin) => self.strange[bin],
            Place::Below(gap) | Place::Above(gap) => self.beyond + (gap / self.histogram.width()).min(f64::MAX).ln_1p(),
        }
    }
}

fn project(weights: &[(usize, f64)], row: &[f64]) -> f64 {
    rows::finite(weights.iter().map(|&(column, weight)| row[column] * weight).sum())
}

struct Fitted {
    lines: Vec<Line>,
    columns: usize,
    notes: Vec<Said>,
}

impl Model for Fitted {
    fn score(&self, rows: &FeatureMatrix) -> Vec<f64> {
        rows::by_block(rows, |values, scores| {
            for line in &self.lines {
                for (row, score) in values.chunks_exact(self.columns).zip(scores.iter_mut()) {
                    *score += line.score(row);
                }
            }
            scores.iter_mut().for_each(|score| *score /= self.lines.len() as f64);
        })
    }

    fn notes(&self) -> Vec<Said> {
        self.notes.clone()
    }
}
