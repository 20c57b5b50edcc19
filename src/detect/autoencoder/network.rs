//! A network with one hidden layer that learns to give back what it is given.

use ndarray::{Array1, Array2, Axis};
use rand::{Rng, SeedableRng, seq::SliceRandom};
use rand_xoshiro::Xoshiro256PlusPlus;

/// Rows of one step.
const BATCH: usize = 128;

/// Standardised values beyond this are cut while learning, so that a few extreme rows do not lead all steps.
const CUT: f64 = 10.0;

/// Weights from columns to hidden units and back.
#[derive(Debug, Clone)]
pub(super) struct Network {
    into: Array2<f64>,
    into_bias: Array1<f64>,
    back: Array2<f64>,
    back_bias: Array1<f64>,
}

impl Network {
    /// Small random weights (Glorot, Bengio 2010).
    fn random(columns: usize, hidden: usize, rng: &mut Xoshiro256PlusPlus) -> Self {
        let size = (6.0 / (columns + hidden).max(1) as f64).sqrt();
        Self {
            into: Array2::from_shape_fn((columns, hidden), |_| rng.gen_range(-size..size)),
            into_bias: Array1::zeros(hidden),
            back: Array2::from_shape_fn((hidden, columns), |_| rng.gen_range(-size..size)),
            back_bias: Array1::zeros(columns),
        }
    }

    fn hidden(&self, rows: &Array2<f64>) -> Array2<f64> {
        let mut hidden = rows.dot(&self.into) + &self.into_bias;
        hidden.mapv_inplace(f64::tanh);
        hidden
    }

    /// What the network makes of rows.
    pub fn rebuild(&self, rows: &Array2<f64>) -> Array2<f64> {
        self.hidden(rows).dot(&self.back) + &self.back_bias
    }

    fn error(&self, rows: &Array2<f64>) -> f64 {
        (self.rebuild(rows) - rows).mapv(|x| x * x).mean().unwrap_or(0.0)
    }

    /// How the mean squared error changes with each weight.
    fn gradient(&self, rows: &Array2<f64>) -> Self {
        let hidden = self.hidden(rows);
        let scale = 2.0 / rows.len().max(1) as f64;
        let out = (hidden.dot(&self.back) + &self.back_bias - rows) * scale;
        let inner = out.dot(&self.back.t()) * hidden.mapv(|h| 1.0 - h * h);
        Self { into: rows.t().dot(&inner), into_bias: inner.sum_axis(Axis(0)), back: hidden.t().dot(&out), back_bias: out.sum_axis(Axis(0)) }
    }

    fn weights(&mut self) -> impl Iterator<Item = &mut f64> {
        self.into.iter_mut().chain(&mut self.into_bias).chain(&mut self.back).chain(&mut self.back_bias)
    }

    fn zeros(&self) -> Self {
        Self {
            into: Array2::zeros(self.into.dim()),
            into_bias: Array1::zeros(self.into_bias.dim()),
            back: Array2::zeros(self.back.dim()),
            back_bias: Array1::zeros(self.back_bias.dim()),
        }
    }
}

/// A network on the way, with Adam's memory.
pub(super) struct Training {
    rows: Array2<f64>,
    /// The rows that are learned from.
    order: Vec<usize>,
    held_aside: Array2<f64>,
    /// Whether a step led to weights that are no numbers.
    diverged: bool,
    network: Network,
    momentum: Network,
    size: Network,
    steps: i32,
    rate: f64,
    rng: Xoshiro256PlusPlus,
    best: (f64, Network),
}

impl Training {
    /// Sets a tenth of the rows aside.
    pub fn new(mut rows: Array2<f64>, hidden: usize, rate: f64, seed: u64) -> Self {
        rows.mapv_inplace(|x| x.clamp(-CUT, CUT));
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        let mut order: Vec<usize> = (0..rows.nrows()).collect();
        order.shuffle(&mut rng);
        let aside = rows.nrows() / 10;
        let network = Network::random(rows.ncols(), hidden, &mut rng);
        let held_aside = rows.select(Axis(0), if aside == 0 { &order } else { &order[..aside] });
        order.drain(..aside);
        let best = (network.error(&held_aside), network.clone());
        Self { momentum: network.zeros(), size: network.zeros(), network, rows, order, held_aside, diverged: false, steps: 0, rate, rng, best }
    }

    /// Goes through all rows once, in random order; whether the error on the rows held aside fell by a thousandth.
    pub fn epoch(&mut self) -> bool {
        self.order.shuffle(&mut self.rng);
        for start in (0..self.order.len()).step_by(BATCH) {
            let batch = self.rows.select(Axis(0), &self.order[start..(start + BATCH).min(self.order.len())]);
            self.step(&batch);
        }
        let error = self.network.error(&self.held_aside);
        if !error.is_finite() {
            self.network = self.best.1.clone();
            self.diverged = true;
            return false;
        }
        let gained = error < 0.999 * self.best.0;
        if error < self.best.0 {
            self.best = (error, self.network.clone());
        }
        gained
    }

    /// One step of Adam.
    fn step(&mut self, batch: &Array2<f64>) {
        self.steps += 1;
        let mut gradient = self.network.gradient(batch);
        let rate = self.rate * (1.0 - 0.999f64.powi(self.steps)).sqrt() / (1.0 - 0.9f64.powi(self.steps));
        let memory = self.momentum.weights().zip(self.size.weights());
        for ((weight, gradient), (momentum, size)) in self.network.weights().zip(gradient.weights()).zip(memory) {
            *momentum = 0.9 * *momentum + 0.1 * *gradient;
            *size = 0.999 * *size + 0.001 * *gradient * *gradient;
            *weight -= rate * *momentum / (size.sqrt() + 1e-8);
        }
    }

    /// Whether it ever left the numbers, and was set back.
    pub fn diverged(&self) -> bool {
        self.diverged
    }

    /// The network of the smallest error on the rows held aside.
    pub fn into_best(self) -> Network {
        self.best.1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::hard_cases::uniform;

    #[test]
    fn gradient_is_that_of_the_error() {
        let rows = uniform(7, 3, 1);
        let mut network = Network::random(3, 2, &mut Xoshiro256PlusPlus::seed_from_u64(1));
        let mut gradient = network.gradient(&rows);
        let analytic: Vec<f64> = gradient.weights().map(|w| *w).collect();
        for (index, expected) in analytic.iter().enumerate() {
            let mut moved = |by: f64| {
                if let Some(weight) = network.weights().nth(index) {
                    *weight += by;
                }
                network.error(&rows)
            };
            let (up, down) = (moved(1e-6), moved(-2e-6));
            moved(1e-6);
            assert!(((up - down) / 2e-6 - expected).abs() < 1e-6, "weight {index}");
        }
    }
}
