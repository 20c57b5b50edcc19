//! How unlikely a row is under a mixture of normal distributions.
//!
//! # What it finds
//! Rows that fit none of several kinds of behaviour, each with its own way in which columns go together.
//! # What it misses
//! Groups of attackers large enough to become a component of their own; heavy tails make harmless large values look unlikely (take logarithms).
//! # Cost
//! Fitting: rows (at most `fit_rows`) x components x columns² x turns. Scoring: rows x components x columns².
//!
//! # Source
//! The score is the negative log-likelihood per row (natural logarithm, in the values' own units). Sources: Dempster, Laird, Rubin 1977 for the
//! method (expectation-maximisation), Biernacki, Celeux, Govaert 2003 for the starts (short runs from several, a long one from the best). The
//! starts are those of `kmeans`. The mixture is not linfa's: its log-sum-exp takes off no maximum, so that rows far away
//! become infinitely likely or undefined, and its `n_runs` continues the same run instead of starting afresh.
//!
//! Covariances are full, with a millionth of each column's variance added on the diagonal. A component that ends with no more rows than
//! columns describes these few rows exactly and nothing else (McLachlan, Peel 2000, section 3.10); among rows that hold attacks it
//! would excuse them, so it is left out. The score is no sum over fields: what each adds is told by giving it its median in turn.

use ndarray::{Array1, Array2};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Detector, FitError, Job, Method, Model, ParamError, Work,
    clusters::{different_rows, k_means},
    frame::{BLOCK, Frame, Learned, sample_of},
    linear::QuadraticForm,
    params::require,
};
use crate::{units::FeatureMatrix, said, text::{Numbers, Said, Shown}};

mod em;

use em::Mixture;

/// What is known of the method.
pub const METHOD: Method = Method::of::<GmmParams>("gmm", "Negative log-likelihood under a mixture of normal distributions", include_str!("gmm.rs"));

/// Rows that the short runs look at.
const TRIAL_ROWS: usize = 2_000;

/// Turns of a short run.
const TRIAL_TURNS: usize = 10;

/// Parameters of `gmm`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct GmmParams {
    /// How many normal distributions.
    #[schemars(range(min = 1))]
    pub components: usize,
    /// How many times to start afresh; the best result is kept.
    #[schemars(range(min = 1))]
    pub starts: usize,
    /// The most turns of the final run; the report says when they did not suffice.
    #[schemars(range(min = 1))]
    pub turns: usize,
    /// The gain in mean log-likelihood below which a run has converged.
    #[schemars(range(min = 0.0))]
    pub tolerance: f64,
    /// How many training rows to learn from, drawn at random where there are more.
    #[schemars(range(min = 1))]
    pub fit_rows: usize,
}

impl Default for GmmParams {
    fn default() -> Self {
        Self { components: 8, starts: 10, turns: 100, tolerance: 1e-3, fit_rows: 20_000 }
    }
}

impl Detector for GmmParams {
    fn check(&self, _rows: Option<usize>, _columns: usize) -> Result<(), ParamError> {
        require("components", self.components >= 1, "must be at least 1")?;
        require("starts", self.starts >= 1, "must be at least 1")?;
        require("turns", self.turns >= 1, "must be at least 1")?;
        require("tolerance", self.tolerance > 0.0 && self.tolerance.is_finite(), "must be above 0")?;
        require("fit_rows", self.fit_rows >= 1, "must be at least 1")
    }

    fn is_random(&self) -> bool {
        true
    }

    fn explaining(&self) -> Option<f64> {
        None
    }

    fn work(&self, rows: usize, columns: usize) -> Work {
        // Two products of the rows with square matrices a turn; about thirty turns.
        let row = self.components * columns * (columns + 8);
        Work { fit: (2 * row * (30 * rows.min(self.fit_rows) + self.starts * TRIAL_TURNS * rows.min(TRIAL_ROWS))) as f64, row: row as f64 }
    }

    fn memory(&self, rows: usize, columns: usize) -> u64 {
        // The rows in their frame; on each of two threads a block of rows less each component's mean; a few covariances.
        let (sample, trial) = (rows.min(self.fit_rows), rows.min(TRIAL_ROWS));
        let blocks = 2 * self.components * BLOCK.min(sample) * columns;
        (8 * ((sample + trial) * columns + blocks + 4 * self.components * columns * columns) + 24 * sample + 16 * rows) as u64
    }

    fn fit(&self, train: &FeatureMatrix, job: &Job<'_>) -> Result<Box<dyn Model>, FitError> {
        let Learned { frame, rows, mut notes } = Learned::standard(train, self.fit_rows, job.seed)?;
        let components = self.affordable(&rows);
        if components < self.components {
            notes.push(said!(
                en: "{n} of {all} components: there are too few different rows for more",
                fr: "{n} composantes sur {all} : trop peu de lignes différentes pour plus",
                n = components,
                all = self.components,
            ));
        }
        let (mixture, converged) = self.best(&rows, components, job)?;
        if !converged {
            notes.push(said!(en: "did not converge in {turns} turns", fr: "n’a pas convergé en {turns} tours", turns = self.turns));
        }
        let (mixture, spurious) = mixture.without_spurious(rows.nrows());
        if spurious > 0 {
            notes.push(said!(
                en: "{n} components left out: they held fewer rows than it takes for a covariance",
                fr: "{n} composantes écartées : elles portaient moins de lignes qu’il n’en faut pour une covariance",
                n = spurious,
            ));
        }
        Ok(Box::new(Fitted::new(frame, mixture, notes)))
    }
}

impl GmmParams {
    /// At least as many rows for each component as it takes for a covariance, and no more components than different rows.
    fn affordable(&self, rows: &Array2<f64>) -> usize {
        let by_rows = rows.nrows() / (rows.ncols() + 1);
        different_rows(rows.view(), self.components.min(by_rows.max(1))).max(1)
    }

    /// Short runs from several starts, a long one from the best; and whether that converged.
    fn best(&self, rows: &Array2<f64>, components: usize, job: &Job<'_>) -> Result<(Mixture, bool), FitError> {
        let trial = sample_of(rows.nrows(), TRIAL_ROWS, job.seed ^ 0x656d).map(|indices| rows.select(ndarray::Axis(0), &indices));
        let looked_at = trial.as_ref().unwrap_or(rows);
        let all = self.starts * TRIAL_TURNS + self.turns;
        let mut best: Option<(f64, Mixture)> = None;
        let starts = if components == 1 { 1 } else { self.starts };
        for start in 0..starts {
            let seeded = Job { seed: job.seed.wrapping_add(1 + start as u64), step: &|_| job.step(start * TRIAL_TURNS, all) };
            let clusters = k_means(looked_at, components, 1, &seeded)?;
            let mut mixture = Mixture::of_members(looked_at.view(), &clusters.members, clusters.counts.len());
            let mut likelihood = f64::NEG_INFINITY;
            for turn in 0..TRIAL_TURNS {
                job.step(start * TRIAL_TURNS + turn, all)?;
                (mixture, likelihood) = mixture.improved(looked_at.view());
            }
            if best.as_ref().is_none_or(|(most, _)| likelihood > *most) {
                best = Some((likelihood, mixture));
            }
        }
        let (_, mut mixture) = best.ok_or_else(|| FitError::Numeric("no start gave a mixture".into()))?;
        let mut before = f64::NEG_INFINITY;
        for turn in 0..self.turns {
            job.step(self.starts * TRIAL_TURNS + turn, all)?;
            let (next, likelihood) = mixture.improved(rows.view());
            if (likelihood - before).abs() < self.tolerance {
                return Ok((mixture, true));
            }
            (mixture, before) = (next, likelihood);
        }
        Ok((mixture, false))
    }
}

struct Fitted {
    frame: Frame,
    forms: Vec<QuadraticForm>,
    /// Logarithm of each component's weight, less half its log-determinant.
    offsets: Vec<f64>,
    /// What is added to every score: the constant of the density, and the change to the values' own units.
    constant: f64,
    notes: Vec<Said>,
}

impl Fitted {
    fn new(frame: Frame, mixture: Mixture, mut notes: Vec<Said>) -> Self {
        let columns = frame.columns();
        let units: f64 = (0..columns).map(|c| frame.scale(c).ln()).sum();
        let constant = columns as f64 * std::f64::consts::TAU.ln() / 2.0 + units;
        let forms: Vec<QuadraticForm> = mixture.components.iter().map(|c| QuadraticForm::new(c.mean.clone(), &c.covariance)).collect();
        let offsets = mixture.components.iter().zip(&forms).map(|(c, f)| c.weight.ln() - f.log_determinant / 2.0).collect();
        let smallest = mixture.components.iter().map(|c| c.weight).fold(f64::INFINITY, f64::min);
        notes.push(said!(
            en: "{n} components, the smallest with {share} of the rows",
            fr: "{n} composantes, la plus petite avec {share} des lignes",
            n = forms.len(),
            share = Shown(|numbers: Numbers| numbers.percent_decimals(smallest, 1)),
        ));
        Self { frame, forms, offsets, constant, notes }
    }

    /// The logarithm of weight times density, but for the constant, for each component.
    fn logs(&self, block: &Array2<f64>) -> Vec<Array1<f64>> {
        self.forms.iter().zip(&self.offsets).map(|(form, offset)| form.distances(block).mapv(|d| offset - d / 2.0)).collect()
    }
}

impl Model for Fitted {
    fn score(&self, rows: &FeatureMatrix) -> Vec<f64> {
        self.frame.score(rows.values(), |block, out| {
            let logs = self.logs(block);
            for (i, to) in out.iter_mut().enumerate() {
                let largest = logs.iter().map(|l| l[i]).fold(f64::NEG_INFINITY, f64::max);
                let sum: f64 = logs.iter().map(|l| (l[i] - largest).exp()).sum();
                *to = self.constant - largest - sum.ln();
            }
        })
    }

    fn notes(&self) -> Vec<Said> {
        self.notes.clone()
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;
    use crate::detect::hard_cases::{assert_survives, matrix, uniform};

    #[test]
    fn survives_hard_cases() {
        assert_survives(&GmmParams::default());
        assert_survives(&GmmParams { components: 300, starts: 1, turns: 3, ..Default::default() });
    }

    #[test]
    fn one_component_is_the_normal_density() {
        // Mean 1, variance 2/3 (+ a millionth): -log density of 3 is (4 / (2/3) + ln(2 pi 2/3)) / 2.
        let train = matrix(array![[0.0], [1.0], [2.0]]);
        let model = GmmParams { components: 1, ..Default::default() }.fit(&train, &Job::unwatched(1)).unwrap();
        let expected = (6.0 + (std::f64::consts::TAU * 2.0 / 3.0).ln()) / 2.0;
        let score = model.score(&matrix(array![[3.0]]))[0];
        assert!((score - expected).abs() < 1e-5, "{score} {expected}");
    }

    #[test]
    fn far_rows_are_ordered() {
        // linfa's mixture gives infinities here.
        let train = matrix(uniform(500, 3, 1));
        let model = GmmParams::default().fit(&train, &Job::unwatched(1)).unwrap();
        let far: Vec<f64> = (1..20).map(|p| 10f64.powi(p)).collect();
        let rows = matrix(Array2::from_shape_fn((far.len(), 3), |(i, _)| far[i]));
        let scores = model.score(&rows);
        assert!(scores.windows(2).all(|w| w[0] < w[1]) && scores.iter().all(|s| s.is_finite()), "{scores:?}");
    }

    #[test]
    fn says_when_it_did_not_converge() {
        let train = matrix(uniform(500, 3, 1));
        let params = GmmParams { turns: 1, tolerance: 1e-12, ..Default::default() };
        let model = params.fit(&train, &Job::unwatched(1)).unwrap();
        assert!(model.notes().iter().any(|note| note.en == "did not converge in 1 turns"), "{:?}", model.notes());
    }
}
