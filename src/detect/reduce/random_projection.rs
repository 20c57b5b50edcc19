//! Random directions, which keep distances roughly as they are.
//!
//! # What it finds
//! A few columns in which far rows stay far, without looking at the data: useful before distance methods where there are hundreds of columns.
//! # What it misses
//! What is strange in one column among many: it is mixed with all others.
//! # Cost
//! Fitting: columns x components. Applying: rows x columns x components.
//!
//! By linfa-reduction (Johnson, Lindenstrauss 1984; Gaussian directions). linfa scales its directions by the number of columns instead of
//! components; here distances keep their size on average.

use linfa::{DatasetBase, traits::{Fit, Transformer}};
use linfa_reduction::random_projection::GaussianRandomProjection;
use ndarray::Array2;
use rand::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Reducer, Reduction, Step, back_along};
use crate::{
    detect::{
        FitError, Job, ParamError,
        frame::{Frame, sample_rows},
        params::require,
    },
    units::FeatureMatrix,
};

/// What is known of the step.
pub const STEP: Step = Step::of::<RandomProjectionStep>("random-projection", "random directions that keep distances", include_str!("random_projection.rs"));

/// Parameters of the step `random-projection`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RandomProjectionStep {
    /// How many directions; as many as there are columns where there are fewer.
    #[schemars(range(min = 1))]
    pub components: usize,
}

impl Reducer for RandomProjectionStep {
    fn check(&self, _rows: Option<usize>, _columns: usize) -> Result<(), ParamError> {
        require("components", self.components >= 1, "must be at least 1")
    }

    fn is_random(&self) -> bool {
        true
    }

    fn fit(&self, train: &FeatureMatrix, job: &Job<'_>) -> Result<Box<dyn Reduction>, FitError> {
        job.step(0, 1)?;
        let (sample, _) = sample_rows(train.values(), 50_000, job.seed);
        let frame = Frame::uniform(sample.view());
        let columns = train.ncols();
        let components = self.components.min(columns.max(1));
        if columns == 0 {
            return Ok(Box::new(Fitted { frame, directions: Array2::zeros((0, components)) }));
        }
        let rng = Xoshiro256PlusPlus::seed_from_u64(job.seed);
        let projection = GaussianRandomProjection::<f64>::params_with_rng(rng)
            .target_dim(components)
            .fit(&DatasetBase::from(Array2::<f64>::zeros((1, columns))))
            .map_err(|error| FitError::Numeric(format!("random projection: {error}")))?;
        // The unit vectors' images are the matrix, which linfa keeps to itself.
        let directions = projection.transform(Array2::<f64>::eye(columns)) * (columns as f64 / components as f64).sqrt();
        job.step(1, 1)?;
        Ok(Box::new(Fitted { frame, directions }))
    }
}

struct Fitted {
    frame: Frame,
    /// One a column.
    directions: Array2<f64>,
}

impl Reduction for Fitted {
    fn names(&self) -> Vec<String> {
        (1..=self.directions.ncols()).map(|c| format!("direction {c}")).collect()
    }

    fn apply(&self, rows: &FeatureMatrix) -> Array2<f64> {
        self.frame.project(rows.values(), self.directions.ncols(), |block, out| out.assign(&block.dot(&self.directions)))
    }

    fn back(&self, rows: &FeatureMatrix, terms: &Array2<f64>) -> Option<Array2<f64>> {
        Some(back_along(&self.frame, &self.directions, rows, terms))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::{hard_cases::{matrix, uniform}, reduce::tests::assert_survives};

    #[test]
    fn survives_hard_cases() {
        assert_survives(&RandomProjectionStep { components: 2 });
        assert_survives(&RandomProjectionStep { components: 1000 });
    }

    #[test]
    fn distances_keep_their_size() {
        let rows = matrix(uniform(40, 300, 1));
        let out = RandomProjectionStep { components: 100 }.fit(&rows, &Job::unwatched(4)).unwrap().apply(&rows);
        let squared = |m: ndarray::ArrayView2<'_, f64>, i: usize, j: usize| (&m.row(i) - &m.row(j)).mapv(|x| x * x).sum();
        let ratios: Vec<f64> = (1..40).map(|i| squared(out.view(), 0, i) / squared(rows.values(), 0, i)).collect();
        let mean = ratios.iter().sum::<f64>() / 39.0;
        assert!((mean - 1.0).abs() < 0.15 && ratios.iter().all(|r| (0.4..2.0).contains(r)), "{mean} {ratios:?}");
    }
}
