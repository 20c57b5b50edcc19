//! Isolation by nearest-neighbour spheres: how large, against its neighbour's, the smallest random sphere is that holds a row.
//!
//! # What it finds
//! Rows that no sphere of usual rows holds, and rows in thin places beside dense ones: like LOF, at the cost of random samples of eight.
//!
//! # What it misses
//! Fine structure: eight rows at a time are a coarse map. Columns that say nothing drown the others, and the scale of each is its weight.
//!
//! # Cost
//! Rows x estimators x sample x columns: some ten microseconds for a row of 20 columns; fitting costs next to nothing.
//!
//! # Source
//! Bandaragoda, Ting, Albrecht, Liu, Zhu, Wells: Isolation-based anomaly detection using nearest-neighbor ensembles (Computational
//! Intelligence 34, 2018). The ratio is that of the radii, as in the paper; PyOD divides their squares, which orders rows almost alike.

use ndarray::Array2;
use rayon::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Detector, FitError, Job, Method, Model, ParamError, Work,
    rows::{self, Sample},
};
use crate::units::FeatureMatrix;

/// What the registry knows.
pub const METHOD: Method =
    Method::of::<Inne>("inne", "How large the smallest random nearest-neighbour sphere is that holds the row", include_str!("inne.rs"));

/// Parameters.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Inne {
    /// How many sets of spheres.
    #[serde(default = "two_hundred")]
    #[schemars(range(min = 1, max = 10_000))]
    estimators: usize,
    /// How many rows each set is made of.
    #[serde(default = "eight")]
    #[schemars(range(min = 2, max = 4096))]
    sample: usize,
}

fn two_hundred() -> usize {
    200
}

fn eight() -> usize {
    8
}

impl Detector for Inne {
    fn check(&self, _rows: Option<usize>, _columns: usize) -> Result<(), ParamError> {
        rows::within("estimators", self.estimators as f64, 1.0, 10_000.0)?;
        rows::within("sample", self.sample as f64, 2.0, 4096.0)
    }

    fn memory(&self, rows: usize, columns: usize) -> u64 {
        (14 * self.estimators * self.sample.next_multiple_of(LANES) * (columns + 2) + 16 * rows) as u64
    }

    fn is_random(&self) -> bool {
        true
    }

    fn work(&self, _rows: usize, columns: usize) -> Work {
        let row = self.estimators * self.sample.next_multiple_of(LANES) * columns;
        // Against few spheres at a time a distance takes two and a half times as long as in a product of large matrices.
        Work { fit: (row * self.sample) as f64, row: 2.5 * row as f64 }
    }

    fn fit(&self, train: &FeatureMatrix, job: &Job<'_>) -> Result<Box<dyn Model>, FitError> {
        Sample::take(train, usize::MAX, 0)?;
        let largest = rows::flat(train).iter().fold(0.0_f64, |m, v| m.max(v.abs()));
        let scale = if largest == 0.0 || (1e-100..=1e100).contains(&largest) { 1.0 } else { largest };
        let count = self.sample.min(train.nrows());
        let sets = (0..self.estimators)
            .into_par_iter()
            .map(|number| {
                job.step(number, self.estimators)?;
                let mut rng = rows::rng_of(job.seed, number);
                let centres = rand::seq::index::sample(&mut rng, train.nrows(), count).into_vec();
                let centres: Vec<Vec<f64>> = centres.into_iter().map(|row| train.row(row).iter().map(|v| v / scale).collect()).collect();
                Ok(Spheres::new(&centres, train.ncols()))
            })
            .collect::<Result<Vec<_>, FitError>>()?;
        Ok(Box::new(Fitted { sets, scale }))
    }
}

const LANES: usize = 8;

/// Eight spheres.
struct Group {
    radii: [f64; LANES],
    isolation: [f64; LANES],
}

/// Spheres around a few rows, the smallest first; each reaches to the nearest of the others.
struct Spheres {
    /// For each group, one column after another.
    centres: Vec<[f64; LANES]>,
    groups: Vec<Group>,
}

impl Spheres {
    fn new(centres: &[Vec<f64>], columns: usize) -> Self {
        let square = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| (x - y) * (x - y)).sum::<f64>();
        let nearest: Vec<(f64, usize)> = (0..centres.len())
            .map(|i| {
                let others = (0..centres.len()).filter(|&j| j != i).map(|j| (square(&centres[i], &centres[j]), j));
                // One row alone has no neighbour: its sphere is a point.
                others.min_by(|a, b| a.0.total_cmp(&b.0)).unwrap_or((0.0, i))
            })
            .collect();
        let mut order: Vec<usize> = (0..centres.len()).collect();
        order.sort_by(|&a, &b| nearest[a].0.total_cmp(&nearest[b].0).then(a.cmp(&b)));
        let mut spheres = Self { centres: Vec::new(), groups: Vec::new() };
        for eight in order.chunks(LANES) {
            let mut group = Group { radii: [-1.0; LANES], isolation: [1.0; LANES] };
            let first = spheres.centres.len();
            spheres.centres.resize(first + columns, [0.0; LANES]);
            for (lane, &sphere) in eight.iter().enumerate() {
                let (radius, neighbour) = nearest[sphere];
                group.radii[lane] = radius;
                group.isolation[lane] = 1.0 - (nearest[neighbour].0.sqrt() + f64::EPSILON) / (radius.sqrt() + f64::EPSILON);
                for (j, value) in centres[sphere].iter().enumerate() {
                    spheres.centres[first + j][lane] = *value;
                }
            }
            spheres.groups.push(group);
        }
        spheres
    }

    /// The eight spheres among which is the one with the nearest centre, its place among them, and the squared distance.
    fn nearest(&self, row: &[f64]) -> (&[[f64; LANES]], usize, f64) {
        let mut best: (&[[f64; LANES]], usize, f64) = (&[], 0, f64::INFINITY);
        for (group, centres) in self.groups.iter().zip(self.centres.chunks_exact(row.len())) {
            for (lane, square) in squared_distances(row, centres).into_iter().enumerate() {
                // A place without a sphere has a radius below 0.
                if group.radii[lane] >= 0.0 && square < best.2 {
                    best = (centres, lane, square);
                }
            }
        }
        best
    }

    /// 1 where no sphere holds the row, else what the smallest that does says.
    fn isolation(&self, row: &[f64]) -> f64 {
        for (group, centres) in self.groups.iter().zip(self.centres.chunks_exact(row.len())) {
            let squares = squared_distances(row, centres);
            let mut isolation = f64::INFINITY;
            for lane in (0..LANES).rev() {
                if squares[lane] <= group.radii[lane] {
                    isolation = group.isolation[lane];
                }
            }
            if isolation.is_finite() {
                return isolation;
            }
        }
        1.0
    }
}

/// Squared distances of one row to eight, stored column by column.
fn squared_distances(row: &[f64], eight: &[[f64; LANES]]) -> [f64; LANES] {
    let mut squares = [0.0; LANES];
    for (x, lanes) in row.iter().zip(eight) {
        for (square, value) in squares.iter_mut().zip(lanes) {
            let difference = x - value;
            *square += difference * difference;
        }
    }
    squares
}

struct Fitted {
    sets: Vec<Spheres>,
    scale: f64,
}

impl Model for Fitted {
    fn score(&self, rows: &FeatureMatrix) -> Vec<f64> {
        let columns = rows.ncols();
        rows::by_block(rows, |values, scores| {
            let scaled: Vec<f64> = values.iter().map(|v| v / self.scale).collect();
            for set in &self.sets {
                for (row, score) in scaled.chunks_exact(columns).zip(scores.iter_mut()) {
                    *score += set.isolation(row);
                }
            }
            scores.iter_mut().for_each(|score| *score /= self.sets.len() as f64);
        })
    }

    /// Each column's share of the squared distance to the nearest centre of a set, times what the set says; the mean over the sets.
    fn contributions(&self, rows: &FeatureMatrix) -> Option<Array2<f64>> {
        Some(rows::contributions(rows, |row, terms| {
            let row: Vec<f64> = row.iter().map(|v| v / self.scale).collect();
            for set in &self.sets {
                let (centres, lane, square) = set.nearest(&row);
                let weight = set.isolation(&row) / self.sets.len() as f64;
                if square > 0.0 && square.is_finite() {
                    for ((term, x), centre) in terms.iter_mut().zip(&row).zip(centres) {
                        *term += weight * (x - centre[lane]).powi(2) / square;
                    }
                }
            }
        }))
    }
}
