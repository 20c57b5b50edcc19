//! What a small network cannot rebuild from fewer numbers.
//!
//! # What it finds
//! Rows whose columns do not go together as usual, also where the usual is curved (for straight relations `pca` with `score: residual` is enough).
//! # What it misses
//! Large values along usual directions, while the network can follow them; attacks frequent enough to be learnt.
//! # Cost
//! Fitting: rows (at most `fit_rows`) x columns x hidden x epochs. Scoring: rows x columns x hidden.
//!
//! # Source
//! Hawkins, He, Williams, Baxter 2002 (replicator networks), here with one hidden layer of tanh units, trained by Adam (Kingma, Ba 2015)
//! on standardised columns until the error on a tenth of the rows held aside stops falling. The score is the mean squared error.

use ndarray::Array2;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Detector, FitError, Job, Method, Model, ParamError, Work,
    frame::{Frame, Learned},
    params::require,
};
use crate::{units::FeatureMatrix, said, text::Said};

mod network;

use network::Network;

/// What is known of the method.
pub const METHOD: Method = Method::of::<AutoencoderParams>("autoencoder", "What a small network cannot rebuild from fewer numbers", include_str!("autoencoder.rs"));

/// Parameters of `autoencoder`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AutoencoderParams {
    /// How many numbers a row is squeezed into; left out: half the columns, at most 64.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub hidden: Option<usize>,
    /// How many times to go through the rows at most.
    #[schemars(range(min = 1))]
    pub epochs: usize,
    /// After how many epochs without gain to stop.
    #[schemars(range(min = 1))]
    pub patience: usize,
    /// How far each step goes.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub learning_rate: f64,
    /// How many training rows to learn from, drawn at random where there are more.
    #[schemars(range(min = 1))]
    pub fit_rows: usize,
}

impl Default for AutoencoderParams {
    fn default() -> Self {
        Self { hidden: None, epochs: 100, patience: 5, learning_rate: 0.01, fit_rows: 20_000 }
    }
}

impl Detector for AutoencoderParams {
    fn check(&self, _rows: Option<usize>, _columns: usize) -> Result<(), ParamError> {
        require("hidden", self.hidden.is_none_or(|h| (1..=4096).contains(&h)), "must be from 1 to 4096")?;
        require("epochs", self.epochs >= 1, "must be at least 1")?;
        require("patience", self.patience >= 1, "must be at least 1")?;
        require("learning_rate", self.learning_rate > 0.0 && self.learning_rate <= 1.0, "must be above 0 and at most 1")?;
        require("fit_rows", self.fit_rows >= 1, "must be at least 1")
    }

    fn is_random(&self) -> bool {
        true
    }

    fn work(&self, rows: usize, columns: usize) -> Work {
        let row = 2 * columns * self.hidden.unwrap_or(columns.div_ceil(2));
        Work { fit: (3 * row * rows.min(self.fit_rows) * self.epochs.min(30)) as f64, row: row as f64 }
    }

    fn memory(&self, rows: usize, columns: usize) -> u64 {
        // The rows in their frame, a tenth of them held aside, and a few networks.
        let sample = rows.min(self.fit_rows);
        let hidden = self.hidden.unwrap_or((columns / 2).clamp(1, 64));
        (9 * sample * columns + 96 * hidden * columns + 24 * sample + 16 * rows) as u64
    }

    fn fit(&self, train: &FeatureMatrix, job: &Job<'_>) -> Result<Box<dyn Model>, FitError> {
        let Learned { frame, rows, mut notes } = Learned::standard(train, self.fit_rows, job.seed)?;
        let hidden = self.hidden.unwrap_or((rows.ncols() / 2).clamp(1, 64));
        let mut training = network::Training::new(rows, hidden, self.learning_rate, job.seed);
        let mut stopped = None;
        let mut since_best = 0;
        for epoch in 0..self.epochs {
            job.step(epoch, self.epochs)?;
            since_best = if training.epoch() { 0 } else { since_best + 1 };
            if since_best >= self.patience {
                stopped = Some(epoch + 1);
                break;
            }
        }
        notes.push(match stopped {
            Some(epoch) => said!(
                en: "{hidden} hidden units, stopped after {epoch} epochs",
                fr: "{hidden} unités cachées, arrêt après {epoch} époques",
                hidden = hidden,
                epoch = epoch,
            ),
            None => said!(
                en: "did not converge: {hidden} hidden units, still gaining after {epochs} epochs",
                fr: "n’a pas convergé : {hidden} unités cachées, encore en progrès après {epochs} époques",
                hidden = hidden,
                epochs = self.epochs,
            ),
        });
        if training.diverged() {
            notes.push(said!(
                en: "did not converge: the weights left the range of numbers and were set back; try a smaller learning_rate",
                fr: "n’a pas convergé : les poids ont quitté le domaine des nombres et ont été rétablis ; essayer un learning_rate plus petit",
            ));
        }
        Ok(Box::new(Fitted { frame, network: training.into_best(), notes }))
    }
}

struct Fitted {
    frame: Frame,
    network: Network,
    notes: Vec<Said>,
}

impl Model for Fitted {
    fn score(&self, rows: &FeatureMatrix) -> Vec<f64> {
        let columns = self.frame.columns().max(1) as f64;
        self.frame.score(rows.values(), |block, out| {
            let rebuilt = self.network.rebuild(block);
            for ((to, row), other) in out.iter_mut().zip(block.rows()).zip(rebuilt.rows()) {
                *to = row.iter().zip(other).map(|(a, b)| (a - b) * (a - b)).sum::<f64>() / columns;
            }
        })
    }

    fn contributions(&self, rows: &FeatureMatrix) -> Option<Array2<f64>> {
        let columns = self.frame.columns().max(1) as f64;
        Some(self.frame.contribute(rows.values(), |block, out| {
            let rebuilt = self.network.rebuild(block);
            out.assign(&(block - &rebuilt));
            out.mapv_inplace(|x| x * x / columns);
        }))
    }

    fn notes(&self) -> Vec<Said> {
        self.notes.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::hard_cases::{assert_survives, matrix, uniform};

    #[test]
    fn survives_hard_cases() {
        assert_survives(&AutoencoderParams { epochs: 10, ..Default::default() });
        assert_survives(&AutoencoderParams { hidden: Some(3), learning_rate: 1.0, epochs: 10, ..Default::default() });
    }

    #[test]
    fn says_when_it_did_not_converge() {
        let train = matrix(uniform(500, 4, 1));
        let params = AutoencoderParams { epochs: 2, patience: 5, ..Default::default() };
        let notes = params.fit(&train, &Job::unwatched(1)).unwrap().notes();
        assert!(notes.iter().any(|note| note.en.starts_with("did not converge")), "{notes:?}");
        let notes = AutoencoderParams::default().fit(&train, &Job::unwatched(1)).unwrap().notes();
        assert!(notes.iter().any(|note| note.en.contains("stopped after")), "{notes:?}");
    }

    #[test]
    fn what_does_not_go_together_is_not_rebuilt() {
        let noise = uniform(1_000, 1, 1);
        let train = matrix(Array2::from_shape_fn((1_000, 4), |(i, j)| noise[(i, 0)] * (1.0 + j as f64)));
        let model = AutoencoderParams { hidden: Some(1), ..Default::default() }.fit(&train, &Job::unwatched(1)).unwrap();
        let scores = model.score(&matrix(ndarray::array![[0.5, 1.0, 1.5, 2.0], [0.5, 1.0, 1.5, 0.4]]));
        assert!(scores[0] < 0.05 && scores[1] > 0.3, "{scores:?}");
    }
}
