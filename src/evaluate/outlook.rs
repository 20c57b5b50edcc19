//! What a review or a longer window would give, from what is known before either: widths, and chances to settle a limit.

use statrs::function::{erf::erfc, gamma::ln_gamma};

use super::{
    Estimate, Input, Point,
    assemble::is_candidate,
    frame::Frame,
    intervals::{clopper_pearson, normal, student_t, tail},
    measure::{self, Contestant},
    point::{Bias, Limits},
    two_way::{self, Counted, TwoWay},
};

/// A contender at the budget, and nothing that takes the others.
#[derive(Debug, Clone, PartialEq)]
pub struct AtBudgetOnly {
    /// Its id; the baseline's is `baseline`.
    pub id: String,
    /// Whether it is the baseline.
    pub is_baseline: bool,
    /// What it gives.
    pub point: Point,
    /// True alerts less those of `random`, about this window, where labels are known of a sample.
    pub more_true_than_random: Option<Estimate>,
}

/// The baseline, each detector and each ensemble at the budget: the same points as of an evaluation, at a small part of its work.
pub fn at_budget(input: &Input<'_>) -> Vec<AtBudgetOnly> {
    let frame = Frame::new(input);
    let random = input.scores.columns.iter().find(|column| column.id == "random").and_then(|column| Contestant::new(&frame, column).ok());
    let baseline = measure::baseline(&frame).and_then(|measured| measured.budget);
    let baseline = baseline.map(|point| AtBudgetOnly { id: "baseline".into(), is_baseline: true, point, more_true_than_random: None });
    let of = |contestant: Contestant<'_>| AtBudgetOnly {
        id: contestant.column.id.clone(),
        is_baseline: false,
        point: contestant.budget(&frame, Bias::default()),
        more_true_than_random: random.as_ref().and_then(|random| frame.difference_in_window(&contestant.raised, &random.raised)),
    };
    baseline.into_iter().chain(candidates(&frame).into_iter().map(of)).collect()
}

/// How alerts vary between entities and days: the logarithm of a detector's alerts over the baseline's.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Variation {
    /// The two parts of the variance.
    pub two_way: TwoWay,
    /// How many days there are.
    pub days: usize,
    confidence: f64,
}

/// The variation of the detector in the middle, taking all alerts for false ones; `None` where there is no interval for the weeks to come.
pub fn variation(input: &Input<'_>) -> Option<Variation> {
    let frame = Frame::new(input);
    let base = frame.baseline.as_ref().filter(|_| frame.has_time)?;
    let den = frame.all_cells(&base.raised);
    let mut found: Vec<TwoWay> = candidates(&frame)
        .iter()
        .filter_map(|contestant| {
            let of = match frame.limits_at_budget(contestant.training.as_ref(), Bias::default()) {
                Limits::AtBudget(_) => two_way::ratio_at_budget,
                _ => two_way::ratio,
            };
            of(&contestant.all_cells, &den, (Counted::Alerts, Counted::Alerts)).ok()
        })
        .collect();
    found.sort_by(|a, b| a.half(frame.confidence).total_cmp(&b.half(frame.confidence)));
    let two_way = *found.get(found.len() / 2)?;
    Some(Variation { two_way, days: frame.judged.days, confidence: frame.confidence })
}

impl Variation {
    /// Half the width on the logarithmic scale, were there `more` times as many days like these.
    pub fn half(&self, more: f64) -> f64 {
        self.two_way.over_days(self.days, more).half(self.confidence)
    }

    /// The chance that the lower limit of a reduction reaches `limit`, where it is truly `truth`.
    pub fn chance(&self, limit: f64, truth: f64, more: f64) -> f64 {
        let longer = self.two_way.over_days(self.days, more);
        let half = longer.half(self.confidence);
        let deviation = half / student_t(longer.freedom, tail(self.confidence)).max(f64::MIN_POSITIVE);
        let margin = ((1.0 - limit) / (1.0 - truth).max(f64::MIN_POSITIVE)).ln() - half;
        if deviation <= 0.0 { f64::from(u8::from(margin >= 0.0)) } else { 0.5 * erfc(-margin / deviation / std::f64::consts::SQRT_2) }
    }

    /// The reduction that is shown to reach `limit` with even chance.
    pub fn even(&self, limit: f64, more: f64) -> f64 {
        1.0 - (1.0 - limit) * (-self.half(more)).exp()
    }
}

/// The chance that k of n incidents show a share of at least `limit`, where each is caught with chance `truth`.
pub fn chance_of_share(n: u64, limit: f64, truth: f64, confidence: f64) -> f64 {
    let enough = |k: u64| clopper_pearson(k as f64, n as f64, confidence).0 >= limit;
    let ln_factorial = |n: u64| ln_gamma(n as f64 + 1.0);
    let chance = |k: u64| {
        let (hit, miss) = (k as f64 * truth.ln(), if k == n { 0.0 } else { (n - k) as f64 * (1.0 - truth).ln() });
        (ln_factorial(n) - ln_factorial(k) - ln_factorial(n - k) + hit + miss).exp()
    };
    // The limits grow with k.
    (0..=n).rev().take_while(|&k| enough(k)).map(chance).sum::<f64>().min(1.0)
}

/// How many simple random readings it takes for a share around `share` to be known to plus or minus `half` (normal approximation).
pub fn readings_for(share: f64, half: f64, confidence: f64) -> u64 {
    ((normal(tail(confidence)) / half).powi(2) * share * (1.0 - share)).ceil() as u64
}

fn candidates<'a>(frame: &Frame<'a>) -> Vec<Contestant<'a>> {
    frame
        .input
        .scores
        .columns
        .iter()
        .filter(|column| is_candidate(column))
        .filter_map(|column| Contestant::new(frame, column).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chances_as_tabled() {
        // The power table of the interval study, computed there by simulation of 300: to show 0.8 at n = 14, 22, 30, 40, 60, 100.
        let table = [(0.90, [23, 34, 41, 42, 61, 88]), (0.95, [49, 70, 81, 86, 97, 100]), (0.98, [75, 93, 98, 99, 100, 100])];
        for (truth, expected) in table {
            for (n, expected) in [14, 22, 30, 40, 60, 100].into_iter().zip(expected) {
                let found = 100.0 * chance_of_share(n, 0.8, truth, 0.90);
                assert!((found - f64::from(expected)).abs() < 1.0, "{truth}, {n}: {found}, {expected}");
            }
        }
        // None missed of 14: 0.95^14.
        assert!((chance_of_share(14, 0.8, 0.95, 0.90) - 0.95_f64.powi(14)).abs() < 1e-12);
        assert_eq!(chance_of_share(13, 0.8, 0.99, 0.90), 0.0);
        // 96 readings for plus or minus 10 points at one half with 95 %, 385 for 5.
        assert_eq!((readings_for(0.5, 0.1, 0.95), readings_for(0.5, 0.05, 0.95)), (97, 385));
    }

    #[test]
    fn at_even_chance_the_chance_is_even() {
        let two_way = TwoWay { log: -1.0, by_clusters: 0.02, by_days: 0.01, freedom: 20.0, clusters: 60.0 };
        let variation = Variation { two_way, days: 14, confidence: 0.90 };
        let truth = variation.even(0.5, 1.0);
        assert!(truth > 0.5 && (variation.chance(0.5, truth, 1.0) - 0.5).abs() < 1e-9, "{truth}");
        assert!(variation.half(4.0) < variation.half(1.0) && variation.chance(0.5, truth, 4.0) > 0.5);
        assert!(variation.chance(0.5, 0.4, 1.0) < 0.05);
    }
}
