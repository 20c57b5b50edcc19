//! Thresholds with a bound: conformal p-values from days that were not learned from.
//!
//! Detectors are fitted on the older part of the training days; the cases of the newer part, the calibration part, give every judged case a
//! p-value: the share of calibration cases that score as high. What is promised, and under which condition, is in each function.
//!
//! # Source
//! Bates, Candès, Lei, Romano, Sesia: Testing for outliers with conformal p-values (Annals of Statistics, 2023); Massart: The tight constant in the
//! Dvoretzky-Kiefer-Wolfowitz inequality (Annals of Probability, 1990); Benjamini, Hochberg (JRSS B, 1995).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The false-discovery rates at which Benjamini-Hochberg is told.
pub const LEVELS: [f64; 3] = [0.05, 0.1, 0.2];

/// What Benjamini-Hochberg raises at one level.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Discoveries {
    /// The share of false discoveries that is aimed at.
    pub level: f64,
    /// Judged cases that are raised.
    pub raised: u64,
    /// Of them, not attacks, where the labels tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wrong: Option<u64>,
}

/// One contender's calibration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Calibrated {
    /// Its id.
    pub contender: String,
    /// The threshold that fills the budget in the calibration part.
    pub threshold: f64,
    /// The share of calibration cases that reach it.
    pub rate: f64,
    /// With the run's confidence the share of cases like those of the calibration part that reach it is at most this; and so at every other
    /// threshold at the same time, by the same margin.
    pub bound: f64,
    /// What the judged part gave: of the cases that are no attack (of all, where labels do not tell), the share that reached it.
    pub observed: f64,
    /// Benjamini-Hochberg at several levels.
    pub discoveries: Vec<Discoveries>,
}

/// Every contender's calibration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Calibration {
    /// Days that were learned from.
    pub fitted_days: u64,
    /// Days that calibrate.
    pub calibration_days: u64,
    /// Cases that calibrate.
    pub cases: u64,
    /// Judged cases per day: a rate means nothing without it.
    pub decisions_per_day: f64,
    /// How far the bound lies above the rate, at every threshold.
    pub margin: f64,
    /// Every detector and ensemble.
    pub contenders: Vec<Calibrated>,
}

/// How far the distribution of `n` independent values may lie from the true one, on one side, at every point at once: sqrt(ln(1/d) / 2n) with d one
/// minus the confidence (Dvoretzky-Kiefer-Wolfowitz with Massart's constant; one-sided for d up to 1/2).
pub fn margin(n: usize, confidence: f64) -> f64 {
    let miss = (1.0 - confidence).clamp(1e-12, 0.5);
    ((1.0 / miss).ln() / (2.0 * n.max(1) as f64)).sqrt().min(1.0)
}

/// The p-value of each score: (1 + calibration scores that reach it) / (n + 1). For a case that is exchangeable with the calibration cases it is at
/// most a with probability at most a.
pub fn p_values(calibration: &[f64], scores: &[f64]) -> Vec<f64> {
    let mut sorted = calibration.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let n = sorted.len() as f64;
    scores.iter().map(|score| (1.0 + n - sorted.partition_point(|other| other < score) as f64) / (n + 1.0)).collect()
}

/// Which p-values Benjamini-Hochberg rejects at a level: the smallest k with p(k) <= level k / m.
pub fn benjamini_hochberg(p_values: &[f64], level: f64) -> Vec<bool> {
    let mut sorted = p_values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let m = sorted.len() as f64;
    let cut = sorted.iter().enumerate().rev().find(|(at, p)| **p <= level * (*at as f64 + 1.0) / m).map(|(_, p)| *p);
    p_values.iter().map(|p| cut.is_some_and(|cut| *p <= cut)).collect()
}

/// Calibrates one contender on the scores of cases. `attack` tells, for each judged case, whether it is one, where labels are complete; `places`
/// is how many calibration cases fill the budget.
pub fn calibrate(
    contender: &str,
    calibration: &[f64],
    judged: &[f64],
    attack: Option<&[bool]>,
    places: usize,
    confidence: f64,
) -> Option<Calibrated> {
    let mut sorted = calibration.to_vec();
    sorted.sort_unstable_by(|a, b| b.total_cmp(a));
    let threshold = *sorted.get(places.clamp(1, sorted.len().max(1)) - 1)?;
    let n = sorted.len() as f64;
    let rate = sorted.partition_point(|score| *score >= threshold) as f64 / n;
    let benign: Vec<bool> = attack.map_or_else(|| vec![true; judged.len()], |attack| attack.iter().map(|a| !a).collect());
    let reached = judged.iter().zip(&benign).filter(|(score, benign)| **benign && **score >= threshold).count() as f64;
    let p = p_values(calibration, judged);
    let discoveries = LEVELS.into_iter().map(|level| {
        let raised = benjamini_hochberg(&p, level);
        let count = |of: &dyn Fn(usize) -> bool| raised.iter().enumerate().filter(|(at, raised)| **raised && of(*at)).count() as u64;
        Discoveries { level, raised: count(&|_| true), wrong: attack.map(|attack| count(&|at| !attack[at])) }
    });
    Some(Calibrated {
        contender: contender.to_owned(),
        threshold,
        rate,
        bound: (rate + margin(sorted.len(), confidence)).min(1.0),
        observed: reached / benign.iter().filter(|b| **b).count().max(1) as f64,
        discoveries: discoveries.collect(),
    })
}

#[cfg(test)]
mod tests {
    use rand::{Rng, SeedableRng};
    use rand_xoshiro::Xoshiro256PlusPlus;

    use super::*;

    #[test]
    fn p_values_and_rejections_by_hand() {
        let calibration: Vec<f64> = (1..=9).map(f64::from).collect();
        // 9.5: none reaches it, 1/10; 9: one does (itself equal), 2/10; 0: all, 10/10.
        assert_eq!(p_values(&calibration, &[9.5, 9.0, 0.0]), [0.1, 0.2, 1.0]);
        // The example of Benjamini and Hochberg (1995), table 1: at 0.05 the first four of fifteen are rejected.
        let p = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0];
        assert_eq!(benjamini_hochberg(&p, 0.05).iter().filter(|r| **r).count(), 4);
        assert!(benjamini_hochberg(&[0.9, 0.8], 0.05).iter().all(|r| !r));
        // sqrt(ln(10) / 2000)
        assert!((margin(1_000, 0.90) - 0.033_930_7).abs() < 1e-6);
    }

    #[test]
    fn the_bound_holds_at_every_threshold_at_once() {
        // Uniform scores: the true share that reaches t is 1 - t. The bound may fail at some threshold in at most 10 of 100 samples.
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(5);
        let (n, samples) = (200, 2_000);
        let held = (0..samples).filter(|_| {
            let mut scores: Vec<f64> = (0..n).map(|_| rng.r#gen()).collect();
            scores.sort_unstable_by(f64::total_cmp);
            let margin = margin(n, 0.90);
            // The share is furthest below the truth just above a sample value.
            scores.iter().enumerate().all(|(at, t)| 1.0 - t <= (n - at - 1) as f64 / n as f64 + margin) && 1.0 <= 1.0 + margin
        });
        let held = held.count() as f64 / f64::from(samples);
        assert!(held >= 0.90 - 2.0 * (0.09_f64 / f64::from(samples)).sqrt(), "{held}");
    }

    #[test]
    fn false_discoveries_stay_at_the_level() {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(6);
        let mut shares = Vec::new();
        for _ in 0..200 {
            let calibration: Vec<f64> = (0..1_000).map(|_| rng.r#gen()).collect();
            let attack: Vec<bool> = (0..500).map(|i| i < 25).collect();
            let judged: Vec<f64> = attack.iter().map(|a| rng.r#gen::<f64>() + f64::from(u8::from(*a))).collect();
            let found = calibrate("a", &calibration, &judged, Some(&attack), 50, 0.90).unwrap();
            let at = found.discoveries.iter().find(|d| d.level == 0.1).unwrap();
            shares.push(at.wrong.unwrap() as f64 / at.raised.max(1) as f64);
        }
        let mean = shares.iter().sum::<f64>() / shares.len() as f64;
        assert!(mean <= 0.1, "{mean}");
    }
}
