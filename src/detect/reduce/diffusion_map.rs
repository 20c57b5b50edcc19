//! Where a random walk between similar rows leads: columns that follow curved shapes.
//!
//! # What it finds
//! A few columns in which rows that are joined by a chain of similar rows lie together. The last column says how far a row is from all of them.
//! # What it misses
//! Rare behaviour of which the bounded sample holds no row: such rows differ in the last column only.
//! # Cost
//! Fitting: `fit_rows`² x (columns + components x turns). Applying: rows x `fit_rows` x columns.
//!
//! Sources: Coifman, Lafon 2006; Nyström's extension for rows outside the sample (Bengio et al. 2004). The kernel is Gaussian, its width the
//! median distance to the tenth neighbour of the sample's rows. linfa-reduction's diffusion map wants linfa-kernel's matrix, which is not
//! among this crate's dependencies, and has no extension; so the walk is ours. The extension says nothing of a row that is like no row of
//! the sample; so the distance to the nearest of them, in widths, is added as a column.

use ndarray::{Array1, Array2, Axis};
use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Reducer, Reduction, Step};
use crate::{
    detect::{
        FitError, Job, ParamError,
        frame::{Frame, median, sample_rows},
        linear::symmetric_eigen,
        params::require,
        reach::{core_distances, squared_distance},
    },
    units::FeatureMatrix,
    said,
    text::{Numbers, Said, Shown},
};

/// What is known of the step.
pub const STEP: Step = Step::of::<DiffusionMapStep>("diffusion-map", "where a random walk between similar rows leads", include_str!("diffusion_map.rs"));

/// Parameters of the step `diffusion-map`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DiffusionMapStep {
    /// How many coordinates, besides the distance to the sample.
    #[schemars(range(min = 1, max = 50))]
    pub components: usize,
    /// How many steps the walk takes: more of them smooth over small gaps.
    #[serde(default = "one")]
    #[schemars(range(min = 1))]
    pub steps: u32,
    /// How many training rows to learn from, drawn at random where there are more; fitting costs the square of it.
    #[serde(default = "thousand")]
    #[schemars(range(min = 1, max = 5_000))]
    pub fit_rows: usize,
}

fn one() -> u32 {
    1
}

fn thousand() -> usize {
    1_000
}

/// Turns of the power iteration; coordinates that have not settled by then differ too little to matter.
const TURNS: usize = 200;

impl Reducer for DiffusionMapStep {
    fn check(&self, _rows: Option<usize>, _columns: usize) -> Result<(), ParamError> {
        require("components", (1..=50).contains(&self.components), "must be from 1 to 50")?;
        require("steps", self.steps >= 1, "must be at least 1")?;
        require("fit_rows", (1..=5_000).contains(&self.fit_rows), "must be from 1 to 5000: fitting costs its square")
    }

    fn is_random(&self) -> bool {
        true
    }

    fn fit(&self, train: &FeatureMatrix, job: &Job<'_>) -> Result<Box<dyn Reduction>, FitError> {
        let (sample, note) = sample_rows(train.values(), self.fit_rows, job.seed);
        if sample.nrows() == 0 {
            return Err(FitError::TooFewRows { needed: 1, found: 0 });
        }
        let frame = Frame::uniform(sample.view());
        let points = frame.apply(sample.view());
        let width = median(core_distances(points.view(), 11).into_iter().filter(|&d| d > 0.0).collect());
        let width = if width > 0.0 { width } else { 1.0 };
        let kernel = kernel(&points, width);
        let degrees: Array1<f64> = kernel.sum_axis(Axis(1));
        let mut walk = kernel;
        for ((i, j), value) in walk.indexed_iter_mut() {
            *value /= (degrees[i] * degrees[j]).sqrt();
        }
        let wanted = (self.components + 1).min(points.nrows());
        let (values, vectors) = leading(&walk, wanted, job)?;
        // The first is the same for all rows. A coordinate of the walk's right eigenvectors is the symmetric one over the root of the degree.
        let mut extension = Array2::zeros((points.nrows(), self.components));
        for component in 1..wanted {
            let value = values[component];
            if value > 1e-6 {
                let factor = value.powi(self.steps as i32 - 1) * degrees.sum().sqrt();
                for (i, degree) in degrees.iter().enumerate() {
                    extension[(i, component - 1)] = factor * vectors[(i, component)] / degree.sqrt();
                }
            }
        }
        let mut notes: Vec<Said> = note.into_iter().collect();
        notes.push(said!(
            en: "kernel width {width}",
            fr: "largeur du noyau {width}",
            width = Shown(|numbers: Numbers| numbers.decimal(width * if frame.columns() == 0 { 1.0 } else { frame.scale(0) }, 4)),
        ));
        Ok(Box::new(Fitted { frame, points, width, extension, notes }))
    }
}

/// The Gaussian similarity of every two rows.
fn kernel(points: &Array2<f64>, width: f64) -> Array2<f64> {
    let n = points.nrows();
    let mut kernel = Array2::eye(n);
    for i in 0..n {
        for j in 0..i {
            let similarity = similarity(squared_distance(points.row(i), points.row(j)), width);
            kernel[(i, j)] = similarity;
            kernel[(j, i)] = similarity;
        }
    }
    kernel
}

fn similarity(squared: f64, width: f64) -> f64 {
    (-squared / (2.0 * width * width)).exp()
}

/// The `wanted` leading eigenvalues of a positive semidefinite matrix, and their vectors, one a column, by power iteration of a block
/// with a few columns to spare (Rutishauser 1970).
fn leading(matrix: &Array2<f64>, wanted: usize, job: &Job<'_>) -> Result<(Vec<f64>, Array2<f64>), FitError> {
    let n = matrix.nrows();
    let width = (wanted + 5).min(n);
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(job.seed);
    let mut block = Array2::from_shape_fn((n, width), |_| rng.gen_range(-1.0..1.0));
    let mut before = vec![0.0; width];
    let mut values = before.clone();
    for turn in 0..TURNS {
        job.step(turn, TURNS)?;
        orthonormalise(&mut block);
        let image = matrix.dot(&block);
        let (found, rotation) = symmetric_eigen(block.t().dot(&image));
        values = found;
        block = image.dot(&rotation.t());
        if values[..wanted].iter().zip(&before).all(|(a, b)| (a - b).abs() < 1e-10) {
            break;
        }
        before.clone_from(&values);
    }
    orthonormalise(&mut block);
    for mut column in block.columns_mut() {
        let largest = column.iter().copied().fold(0.0, |a: f64, x| if x.abs() > a.abs() + 1e-9 { x } else { a });
        if largest < 0.0 {
            column.mapv_inplace(|x| -x);
        }
    }
    Ok((values, block))
}

/// Gram and Schmidt's method, twice, since once loses digits. A column that depends on those before it becomes 0.
fn orthonormalise(block: &mut Array2<f64>) {
    for column in 0..block.ncols() {
        for _ in 0..2 {
            for earlier in 0..column {
                let (before, mut rest) = block.view_mut().split_at(Axis(1), column);
                let earlier = before.column(earlier);
                let share = earlier.dot(&rest.column(0));
                rest.column_mut(0).scaled_add(-share, &earlier);
            }
            let mut column = block.column_mut(column);
            let length = column.dot(&column).sqrt();
            column.mapv_inplace(|x| if length > 1e-150 { x / length } else { 0.0 });
        }
    }
}

struct Fitted {
    frame: Frame,
    points: Array2<f64>,
    width: f64,
    /// What each point adds to the coordinates of a row, times the row's chance to walk there.
    extension: Array2<f64>,
    notes: Vec<Said>,
}

impl Reduction for Fitted {
    fn names(&self) -> Vec<String> {
        let coordinates = (1..=self.extension.ncols()).map(|c| format!("coordinate {c}"));
        coordinates.chain(["distance to the sample".to_owned()]).collect()
    }

    fn apply(&self, rows: &FeatureMatrix) -> Array2<f64> {
        let components = self.extension.ncols();
        self.frame.project(rows.values(), components + 1, |block, out| {
            for (row, mut out) in block.rows().into_iter().zip(out.rows_mut()) {
                let squares: Vec<f64> = self.points.rows().into_iter().map(|p| squared_distance(row, p)).collect();
                let least = squares.iter().copied().fold(f64::INFINITY, f64::min);
                // The nearest point's share is taken out before dividing, so that the walk from a far row is defined.
                let scaled = |squared: f64| similarity(squared - least, self.width);
                let degree: f64 = squares.iter().map(|&s| scaled(s)).sum();
                out.fill(0.0);
                for (&squared, point) in squares.iter().zip(self.extension.rows()) {
                    let chance = scaled(squared) / degree;
                    if chance > 1e-300 {
                        for (to, from) in out.iter_mut().zip(point) {
                            *to += chance * from;
                        }
                    }
                }
                out[components] = least.sqrt() / self.width;
            }
        })
    }

    fn notes(&self) -> Vec<Said> {
        self.notes.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::{hard_cases::{matrix, uniform}, reduce::tests::assert_survives};

    #[test]
    fn survives_hard_cases() {
        assert_survives(&DiffusionMapStep { components: 2, steps: 1, fit_rows: 60 });
        assert_survives(&DiffusionMapStep { components: 40, steps: 3, fit_rows: 60 });
    }

    #[test]
    fn leading_eigenvalues_are_those_of_the_whole_matrix() {
        let half = uniform(80, 40, 1);
        let matrix = half.t().dot(&half) / 1000.0;
        let (all, _) = symmetric_eigen(matrix.clone());
        let (values, vectors) = leading(&matrix, 3, &Job::unwatched(1)).unwrap();
        for k in 0..3 {
            assert!((values[k] - all[k]).abs() < 1e-9);
            let v = vectors.column(k);
            assert!((matrix.dot(&v) - &v * values[k]).iter().all(|x| x.abs() < 1e-4), "{k}");
        }
    }

    #[test]
    fn two_groups_come_apart() {
        let noise = uniform(60, 2, 3);
        let rows = Array2::from_shape_fn((60, 2), |(i, j)| noise[(i, j)] + if i < 30 { 0.0 } else { 2.0 });
        let out = DiffusionMapStep { components: 1, steps: 1, fit_rows: 100 }.fit(&matrix(rows.clone()), &Job::unwatched(1)).unwrap().apply(&matrix(rows));
        let (first, second): (Vec<f64>, Vec<f64>) = ((0..30).map(|i| out[(i, 0)]).collect(), (30..60).map(|i| out[(i, 0)]).collect());
        let range = |v: &[f64]| (v.iter().copied().fold(f64::INFINITY, f64::min), v.iter().copied().fold(f64::NEG_INFINITY, f64::max));
        assert!(range(&first).1 < range(&second).0 || range(&second).1 < range(&first).0, "{first:?} {second:?}");
    }
}
