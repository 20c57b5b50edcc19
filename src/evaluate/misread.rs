//! What a review would say if some of its verdicts were wrong: the intervals about this window, under an assumed rate of false verdicts.
//!
//! Each verdict is taken to be wrong with the same chance, in both directions, whatever the others (the model of Rogan and Gladen 1978 with equal
//! sensitivity and specificity). Of N alerts of which T are attacks, Bin(T, 1 - e) + Bin(N - T, e) are then called attacks; the limits of T are
//! those at which what was called so would be as rare as the confidence says. Where only a part was read, the limits of what reading all of it
//! would have called so come first, and the two chances of being wrong are added (Bonferroni). Two readings that differ tell the rate of errors
//! that analysts do not share: e from 2 e (1 - e), the share that differs. What both get wrong stays hidden, so this is a floor.
//!
//! It stands beside the intervals and in no verdict: the rate is assumed. Incidents have no such limits: an attack that was called false has no name.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::intervals::{clopper_pearson, tail};

/// One verdict in fifty, one in twenty.
const ASSUMED: [f64; 2] = [0.02, 0.05];
/// Fewer alerts read twice tell no rate.
const READ_TWICE: u64 = 20;

/// A rate of false verdicts, and where it is from.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ErrorRate {
    /// The chance that a verdict is wrong.
    pub error: f64,
    /// Whether it follows from second readings; else it is assumed.
    pub from_readings: bool,
}

/// What follows for one contender, about this window.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Misread {
    /// The rate.
    #[serde(flatten)]
    pub rate: ErrorRate,
    /// Limits of true alerts / alerts; `None`: what was read rules so many errors out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub precision: Option<[f64; 2]>,
    /// Limits of 1 - false alerts / false alerts of the baseline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fp_reduction: Option<[f64; 2]>,
}

/// The rates to look at: assumed ones, and the highest that the second readings leave open, of `twice` alerts on `differ` of which analysts differ on
/// whether it is an attack.
pub fn rates(twice: u64, differ: u64, confidence: f64) -> Vec<ErrorRate> {
    let mut rates: Vec<ErrorRate> = ASSUMED.iter().map(|&error| ErrorRate { error, from_readings: false }).collect();
    if twice >= READ_TWICE {
        let (_, most) = clopper_pearson(differ as f64, twice as f64, confidence);
        // At one half verdicts say nothing.
        if most < 0.5 {
            rates.push(ErrorRate { error: (1.0 - (1.0 - 2.0 * most).sqrt()) / 2.0, from_readings: true });
        }
    }
    rates
}

/// Limits of the true alerts among `alerts`, when reading all of them would have called between `said.0` and `said.1` of them true and each verdict is
/// wrong with chance `error`, below one half. Each side is wrong with chance `tail`.
///
/// `None`: so many errors are ruled out. With none true at all they alone would have called more so (or, with all true, fewer).
pub fn true_alerts(said: (u64, u64), alerts: u64, error: f64, tail: f64) -> Option<(u64, u64)> {
    let plausible_from_below = |truth: u64| called_at_least(said.0, truth, alerts, error) > tail;
    let too_many = |truth: u64| called_at_least(said.1.saturating_add(1), truth, alerts, error) >= 1.0 - tail;
    if too_many(0) || !plausible_from_below(alerts) {
        return None;
    }
    // The more are true, the more are called so: both searches go through a chance that grows.
    let low = first(alerts, plausible_from_below);
    let high = first(alerts + 1, |truth| truth > alerts || too_many(truth)) - 1;
    (low <= high).then_some((low, high))
}

/// The chance on each side for one of so many sources of error.
pub(super) fn shared_tail(confidence: f64, sources: u32) -> f64 {
    tail(confidence) / f64::from(sources.max(1))
}

/// The first number up to `last` of which `is` holds, given that it then holds of all after it; `last` where of none.
fn first(last: u64, is: impl Fn(u64) -> bool) -> u64 {
    let (mut low, mut high) = (0, last);
    while low < high {
        let middle = low + (high - low) / 2;
        if is(middle) { high = middle } else { low = middle + 1 }
    }
    low
}

/// The chance that at least `least` of `alerts` are called true when `truth` are.
fn called_at_least(least: u64, truth: u64, alerts: u64, error: f64) -> f64 {
    let (right, wrong) = (binomial(truth, 1.0 - error), binomial(alerts - truth, error));
    // The chance of at least so many among the false ones, from the last on.
    let mut above = vec![0.0; wrong.chances.len() + 1];
    for (at, chance) in wrong.chances.iter().enumerate().rev() {
        above[at] = above[at + 1] + chance;
    }
    let among_false = |count: u64| match count.checked_sub(wrong.from) {
        None | Some(0) => above[0],
        Some(at) => above.get(at as usize).copied().unwrap_or(0.0),
    };
    let chances = right.chances.iter().zip(right.from..);
    chances.map(|(chance, called)| chance * among_false(least.saturating_sub(called))).sum::<f64>().clamp(0.0, 1.0)
}

/// A binomial distribution, without what is rarer than any tail that is asked for.
struct Binomial {
    /// The count of the first chance.
    from: u64,
    chances: Vec<f64>,
}

fn binomial(n: u64, p: f64) -> Binomial {
    let (trials, odds) = (n as f64, p / (1.0 - p));
    let reach = 12.0 * (trials * p * (1.0 - p)).sqrt() + 12.0;
    let from = (trials * p - reach).floor().max(0.0) as u64;
    let to = ((trials * p + reach).ceil() as u64).min(n);
    let mode = ((trials + 1.0) * p).floor().min(trials) as u64;
    let mut chances = vec![0.0; (to - from + 1) as usize];
    // From the most likely count outwards, where nothing vanishes that matters, then to a sum of 1.
    let at = |count: u64| (count - from) as usize;
    chances[at(mode)] = 1.0;
    for count in mode + 1..=to {
        chances[at(count)] = chances[at(count - 1)] * odds * (n - count + 1) as f64 / count as f64;
    }
    for count in (from..mode).rev() {
        chances[at(count)] = chances[at(count + 1)] * (count + 1) as f64 / ((n - count) as f64 * odds);
    }
    let sum: f64 = chances.iter().sum();
    chances.iter_mut().for_each(|chance| *chance /= sum);
    Binomial { from, chances }
}

#[cfg(test)]
mod tests {
    use rand::{Rng, SeedableRng};
    use rand_xoshiro::Xoshiro256PlusPlus;

    use super::*;
    use crate::evaluate::finite::{self, Cell};

    #[test]
    fn chances_by_hand() {
        // Two true of three, one verdict in ten wrong: none called true .1 x .1 x .9, all .9 x .9 x .1.
        assert!((called_at_least(1, 2, 3, 0.1) - (1.0 - 0.009)).abs() < 1e-12);
        assert!((called_at_least(3, 2, 3, 0.1) - 0.081).abs() < 1e-12);
        assert!((called_at_least(0, 2, 3, 0.1) - 1.0).abs() < 1e-12);
        assert_eq!(called_at_least(4, 2, 3, 0.1), 0.0);
        // Bin(20, 0.3): scipy.stats.binom.sf(8, 20, 0.3).
        assert!((called_at_least(9, 20, 20, 0.7) - 0.113_331_462_876_978_26).abs() < 1e-12);
        // Bin(50 000, 0.05): scipy.stats.binom.sf(2550, 50000, 0.05).
        let far = called_at_least(2_551, 0, 50_000, 0.05);
        assert!((far - 0.150_094_629_603_340_52).abs() < 1e-9, "{far}");
    }

    #[test]
    fn without_errors_what_is_said_holds() {
        assert_eq!(true_alerts((7, 7), 40, 0.0, 0.05), Some((7, 7)));
        assert_eq!(true_alerts((0, 40), 40, 0.0, 0.05), Some((0, 40)));
        assert_eq!(true_alerts((3, 9), 40, 0.0, 0.05), Some((3, 9)));
    }

    #[test]
    fn half_of_the_true_ones_may_be_errors() {
        // Of 100 alerts 5 are true and one verdict in twenty is wrong: about ten are called true.
        let (low, high) = true_alerts((10, 10), 100, 0.05, 0.05).unwrap();
        assert!(low <= 2 && (7..=10).contains(&high), "{low} to {high}");
        // None called true of so many: one verdict in twenty cannot have been wrong.
        assert_eq!(true_alerts((0, 0), 100, 0.05, 0.05), None);
        assert_eq!(true_alerts((100, 100), 100, 0.05, 0.05), None);
    }

    /// Coverage of all that was read, without simulation: the chance of every count that the limits of which hold the truth.
    #[test]
    fn they_cover_whatever_is_true() {
        for (alerts, error) in [(20, 0.02), (20, 0.1), (80, 0.05), (200, 0.02), (200, 0.05)] {
            let limits: Vec<Option<(u64, u64)>> = (0..=alerts).map(|said| true_alerts((said, said), alerts, error, 0.05)).collect();
            let mut widths = 0.0;
            for truth in 0..=alerts {
                let chance = |said: u64| called_at_least(said, truth, alerts, error) - called_at_least(said + 1, truth, alerts, error);
                let held: f64 = (0..=alerts)
                    .filter(|&said| limits[said as usize].is_some_and(|(low, high)| low <= truth && truth <= high))
                    .map(chance)
                    .sum();
                assert!(held >= 0.90 - 1e-9, "{alerts} alerts, {error}: {truth} true ones are held in {:.1} %", 100.0 * held);
                widths +=
                    (0..=alerts).map(|said| chance(said) * limits[said as usize].map_or(0, |(low, high)| high - low) as f64).sum::<f64>();
            }
            let width = widths / (alerts + 1) as f64 / alerts as f64;
            let normal = 2.0 * 1.645 * (error * (1.0 - error) / alerts as f64).sqrt() / (1.0 - 2.0 * error);
            assert!(width < normal + 1.5 / alerts as f64, "{alerts}, {error}: {width:.3} wide, normal {normal:.3}");
        }
    }

    /// Some read, some of what was read judged wrongly: how often the limits hold the truth. Seeded.
    #[test]
    fn they_cover_where_a_part_was_read() {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(3);
        for (sizes, read, shares, error) in [
            ([60, 40, 30, 20], [15, 15, 15, 15], [0.02, 0.1, 0.3, 0.6], 0.05),
            ([200, 30, 20, 10], [30, 15, 10, 10], [0.01, 0.05, 0.2, 0.5], 0.02),
        ] {
            let (mut held, mut plain, windows) = (0, 0, 1_000);
            for _ in 0..windows {
                let mut truth = 0;
                let cells: Vec<Cell> = (0..4)
                    .map(|h| {
                        let units: Vec<bool> = (0..sizes[h]).map(|_| rng.r#gen::<f64>() < shares[h]).collect();
                        truth += units.iter().filter(|is| **is).count() as u64;
                        let drawn = rand::seq::index::sample(&mut rng, sizes[h], read[h]).into_vec();
                        let right = drawn.iter().filter(|&&at| units[at] != (rng.r#gen::<f64>() < error)).count();
                        Cell { size: sizes[h] as u64, read: read[h] as u64, right: right as u64 }
                    })
                    .collect();
                let alerts = sizes.iter().sum::<usize>() as u64;
                let tail = shared_tail(0.90, 2);
                let said = finite::true_alerts(&cells, 1.0 - 2.0 * tail);
                let limits = true_alerts((said.low as u64, said.high as u64), alerts, error, tail);
                held += u32::from(limits.is_some_and(|(low, high)| (low..=high).contains(&truth)));
                let ignored = finite::true_alerts(&cells, 0.90);
                plain += u32::from(ignored.low <= truth as f64 && truth as f64 <= ignored.high);
            }
            println!("error {error}: {:.1} % held, {:.1} % where errors are ignored", f64::from(held) / 10.0, f64::from(plain) / 10.0);
            assert!(held >= 870, "held in {held} of {windows}");
        }
    }

    #[test]
    fn second_readings_bound_the_rate_from_above() {
        assert_eq!(rates(0, 0, 0.90).len(), 2);
        assert_eq!(rates(19, 1, 0.90).len(), 2, "too few to tell");
        let found = rates(100, 10, 0.90)[2];
        // The upper limit of 10 of 100 is 0.1637; 2 e (1 - e) is that at e = 0.0899.
        assert!(found.from_readings && (found.error - 0.0899).abs() < 5e-4, "{found:?}");
        assert_eq!(rates(40, 30, 0.90).len(), 2, "verdicts that differ more often than not tell nothing");
    }
}
