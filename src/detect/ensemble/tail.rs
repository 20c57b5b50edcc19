//! How far in the tail of its own training scores a score is: scores of different detectors made comparable, with no ceiling.
//!
//! A law with two parameters tells more of the tail than the few training rows that lie there, and goes on where they end. Of the laws of Kriegel,
//! Kröger, Schubert, Zimek (Interpreting and Unifying Outlier Scores, 2011) the gamma law is the one for scores that have a lowest value and
//! a long tail above it; as there, its moments are those of the scores.

use rayon::prelude::*;
use statrs::function::gamma::{gamma_ur, ln_gamma};

/// Beyond so many units a score is as far away as can be.
const FAR: f64 = 1e300;
/// Shapes are kept within these bounds: below, all of the law lies at its lowest value; above, it is a normal law.
const SHAPES: (f64, f64) = (1e-6, 1e4);

/// A gamma law with the moments of training scores, counted from the lowest of them.
#[derive(Debug, Clone, Copy)]
pub(super) struct GammaTail {
    low: f64,
    shape: f64,
    /// Half of the law's scale, since differences are taken of halves: the difference of two large numbers does not overflow.
    half_scale: f64,
    ln_gamma: f64,
}

impl GammaTail {
    /// The law of these scores; of scores that are all the same, the exponential law of unit mean above them.
    pub fn of(training: &[f64]) -> Self {
        let low = training.iter().copied().fold(f64::INFINITY, f64::min);
        let low = if low.is_finite() { low } else { 0.0 };
        let halves = || training.iter().map(|score| score / 2.0 - low / 2.0);
        let most = halves().fold(0.0, f64::max);
        let law = |shape: f64, half_scale: f64| Self { low, shape, half_scale, ln_gamma: ln_gamma(shape) };
        if most <= 0.0 {
            return law(1.0, 0.5);
        }
        // In shares of the largest, so that no square overflows.
        let share = 1.0 / training.len() as f64;
        let mean: f64 = halves().map(|half| half / most * share).sum();
        let variance: f64 = halves().map(|half| (half / most - mean) * (half / most - mean) * share).sum();
        let shape = (mean * mean / variance).clamp(SHAPES.0, SHAPES.1);
        law(shape, (mean / shape * most).max(f64::MIN_POSITIVE))
    }

    /// `-ln p`, p the share of the law that lies at or above a score: 0 at the lowest training score and below.
    pub fn surprise(&self, score: f64) -> f64 {
        let x = ((score / 2.0 - self.low / 2.0) / self.half_scale).clamp(0.0, FAR);
        if x <= 0.0 {
            0.0
        } else if x < self.shape + 1.0 {
            -gamma_ur(self.shape, x).ln()
        } else {
            x - self.shape * x.ln() + self.ln_gamma - upper_fraction(self.shape, x).ln()
        }
    }

    /// The surprise of each score.
    pub fn of_all(&self, scores: &[f64]) -> Vec<f64> {
        scores.par_iter().with_min_len(256).map(|score| self.surprise(*score)).collect()
    }
}

/// The continued fraction of the upper incomplete gamma function, for `x >= shape + 1`: `Γ(a, x) = e^-x x^a` times this. By Lentz's method; its logarithm
/// goes on where the function itself is too small for a number. Source: Press et al., Numerical Recipes (3rd ed. 2007), section 6.2.
fn upper_fraction(shape: f64, x: f64) -> f64 {
    const LEAST: f64 = 1e-300;
    let guarded = |value: f64| if value.abs() < LEAST { LEAST } else { value };
    let mut b = x + 1.0 - shape;
    let (mut c, mut d) = (1.0 / LEAST, 1.0 / b);
    let mut fraction = d;
    for step in 1..=10_000 {
        let step = f64::from(step);
        let a = -step * (step - shape);
        b += 2.0;
        d = 1.0 / guarded(a * d + b);
        c = guarded(b + a / c);
        fraction *= d * c;
        if (d * c - 1.0).abs() < 1e-15 {
            break;
        }
    }
    fraction
}

#[cfg(test)]
mod tests {
    use super::*;

    fn law(shape: f64) -> GammaTail {
        GammaTail { low: 0.0, shape, half_scale: 0.5, ln_gamma: ln_gamma(shape) }
    }

    /// `-scipy.stats.gamma.logsf(x, a)` of scipy 1.14; the last but one by the asymptotic series, which scipy's result has no number for.
    #[test]
    fn tails_as_scipy_has_them() {
        let known = [
            (0.3, 0.01, 0.327_450_450_497_272_84),
            (0.3, 2.0, 3.815_532_575_704_351),
            (1.0, 5.0, 5.0),
            (2.5, 1.0, 0.163_525_275_594_650_35),
            (2.5, 30.0, 25.133_315_903_506_49),
            (40.0, 35.0, 0.248_217_228_620_457_25),
            (40.0, 41.5, 0.949_030_197_366_096_2),
            (40.0, 90.0, 20.585_174_523_949_377),
            (5_000.0, 5_300.0, 11.071_764_066_072_32),
            (2.5, 2_000.0, 1_988.882_579_274_956_5),
            (1e-6, 0.5, 14.395_732_905_905_389),
        ];
        for (shape, x, tail) in known {
            let found = law(shape).surprise(x);
            assert!((found - tail).abs() <= 1e-9 * tail, "{shape}, {x}: {found}, not {tail}");
        }
    }

    #[test]
    fn the_law_has_the_moments_of_the_scores() {
        // Counted from 1: 0, 1, 1, 6, with mean 2 and variance 5.5; by scipy as above with shape 4/5.5 and scale 2.75.
        let law = GammaTail::of(&[1.0, 2.0, 2.0, 7.0]);
        for (score, tail) in [(1.0, 0.0), (2.0, 0.602_241_568_101_803_1), (5.0, 1.906_131_226_286_28), (50.0, 18.846_758_017_499_95)] {
            assert!((law.surprise(score) - tail).abs() < 1e-9, "{score}: {}", law.surprise(score));
        }
        assert_eq!(law.surprise(-3.0), 0.0);
    }

    #[test]
    fn higher_scores_are_never_less_surprising() {
        for shape in [1e-6, 0.2, 1.0, 7.0, 300.0, 1e4] {
            let law = law(shape);
            let mut last = 0.0;
            // Also where the two formulas meet, at shape + 1.
            let steps = (0..2_000).map(|i| 1.01_f64.powi(i - 600)).chain((-50..50).map(|i| shape + 1.0 + f64::from(i) * 1e-9));
            let mut all: Vec<f64> = steps.collect();
            all.sort_by(f64::total_cmp);
            for x in all {
                let tail = law.surprise(x);
                assert!(tail.is_finite() && tail >= last - 1e-9 * last, "{shape}, {x}: {tail} after {last}");
                last = tail;
            }
        }
    }

    #[test]
    fn hard_scores_give_numbers() {
        let same = GammaTail::of(&[7.0; 100]);
        assert!(same.surprise(7.0) == 0.0 && (same.surprise(9.0) - 2.0).abs() < 1e-12);
        for training in [vec![0.0, 1e300], vec![-1e300, 1e300], vec![-f64::MAX, f64::MAX], vec![1.0, 1.0 + 1e-15], vec![]] {
            let law = GammaTail::of(&training);
            for score in [f64::MIN, -1.0, 0.0, 1.0, 1e300, f64::MAX] {
                assert!(law.surprise(score).is_finite(), "{training:?}, {score}: {}", law.surprise(score));
            }
        }
    }
}
