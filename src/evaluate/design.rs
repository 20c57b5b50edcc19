//! Which alerts a review reads: the frame, its strata by votes, how many of each, and in which order.
//!
//! The frame is the union of what the contenders raise at the budget and the baseline's alerts. Its strata are 0, 1, 2 to 3, and 4 or more votes of
//! the contenders; nothing else (more strata are wider and cover less). Each stratum has a permanent random order, of which a review reads the
//! beginning: a later sheet goes on where the last one stopped, and whatever was read is a simple random sample of its stratum.

use rand::{SeedableRng, seq::SliceRandom};
use rand_xoshiro::Xoshiro256PlusPlus;

use super::{
    Input,
    assemble::{is_candidate, is_field},
    cases::{Truth, fingerprint, unit_truth},
    frame::Frame,
    measure::Contestant,
};

/// How many strata a review samples from.
pub const STRATA: usize = 4;
/// The stratum of what was known before the review: read in full, and no part of any share.
pub const KNOWN: usize = STRATA;
/// What the strata are called.
pub const VOTES: [&str; STRATA] = ["0", "1", "2 to 3", "4 or more"];
/// At least so many are read of each stratum.
const FLOOR: u64 = 10;
/// Guesses of the share of true alerts in each stratum; only the allocation hangs on them.
const GUESS: [f64; STRATA] = [0.01, 0.05, 0.15, 0.35];

/// The alerts that a review is about.
#[derive(Debug, Clone, PartialEq)]
pub struct ReviewFrame {
    /// For each case of the judged part, its stratum (below [`STRATA`], or [`KNOWN`]); `None`: nobody raises it.
    pub stratum: Vec<Option<u8>>,
    /// Which cases the baseline raises.
    pub in_baseline: Vec<bool>,
    /// The cases of each stratum in their permanent random order.
    pub order: [Vec<u32>; STRATA],
    /// All of them in the permanent random order of the sheet, which tells nothing.
    pub shuffled: Vec<u32>,
    /// The mean number of votes in each stratum.
    pub mean_votes: [f64; STRATA],
}

impl ReviewFrame {
    /// The frame of an evaluation. `random` is in it without a vote: what it alone raises bounds what nobody sees. With `fields` so is every
    /// single-field control, which makes it much larger.
    pub fn new(input: &Input<'_>, fields: bool, seed: u64) -> Self {
        let frame = Frame::new(input);
        let n = frame.judged.n;
        let mut votes = vec![0_u32; n];
        let mut inside = vec![false; n];
        for column in &input.scores.columns {
            let candidate = is_candidate(column);
            if !candidate && is_field(column) && !fields {
                continue;
            }
            let Ok(contestant) = Contestant::new(&frame, column) else { continue };
            // What rules suppress is read too: only so is it known whether an attack is lost with it.
            let before = |case: usize| contestant.before.get(case).is_some_and(|raised| *raised);
            for case in (0..n).filter(|&case| contestant.raised[case] || before(case)) {
                inside[case] = true;
                votes[case] += u32::from(candidate);
            }
        }
        let in_baseline = match &frame.baseline {
            Some(base) if base.before.is_empty() => base.raised.clone(),
            Some(base) => base.before.clone(),
            None => vec![false; n],
        };
        let known = known_before(&frame);
        let stratum: Vec<Option<u8>> = (0..n)
            .map(|case| match (inside[case] || in_baseline[case], known[case]) {
                (false, _) => None,
                (true, true) => Some(KNOWN as u8),
                (true, false) => Some(match votes[case] {
                    0 => 0,
                    1 => 1,
                    2 | 3 => 2,
                    _ => 3,
                }),
            })
            .collect();
        let sampled = |case: &u32| stratum[*case as usize].is_some_and(|h| (h as usize) < STRATA);
        let mut shuffled: Vec<u32> = (0..n as u32).filter(sampled).collect();
        shuffled.shuffle(&mut Xoshiro256PlusPlus::seed_from_u64(seed ^ fingerprint("review")));
        let mut order: [Vec<u32>; STRATA] = Default::default();
        let mut mean_votes = [0.0; STRATA];
        for &case in &shuffled {
            let h = usize::from(stratum[case as usize].unwrap_or_default());
            order[h].push(case);
            mean_votes[h] += f64::from(votes[case as usize]);
        }
        mean_votes.iter_mut().zip(&order).for_each(|(sum, of)| *sum /= of.len().max(1) as f64);
        Self { stratum, in_baseline, order, shuffled, mean_votes }
    }

    /// How many cases each stratum holds.
    pub fn sizes(&self) -> [u64; STRATA] {
        std::array::from_fn(|h| self.order[h].len() as u64)
    }

    /// The cases of the next sheet, in its order: those of each stratum that come next, `reviews` more than are read already.
    pub fn next(&self, read: &[bool], reviews: u64) -> Vec<u32> {
        let done: [u64; STRATA] = std::array::from_fn(|h| self.order[h].iter().filter(|&&case| read[case as usize]).count() as u64);
        let wanted = self.allocate(done, done.iter().sum::<u64>().saturating_add(reviews));
        let mut chosen = vec![false; self.stratum.len()];
        for (h, order) in self.order.iter().enumerate() {
            let more = wanted[h].saturating_sub(done[h]) as usize;
            order.iter().filter(|&&case| !read[case as usize]).take(more).for_each(|&case| chosen[case as usize] = true);
        }
        self.shuffled.iter().copied().filter(|&case| chosen[case as usize]).collect()
    }

    /// How many cases of each stratum are read when `total` are, at least those that are already.
    pub fn allocate(&self, done: [u64; STRATA], total: u64) -> [u64; STRATA] {
        allocate(self.sizes(), self.mean_votes, done, total)
    }

    /// The simple random part of what was read: of each stratum the same share, from the beginning of its order.
    pub fn simple_part(&self, read: &[bool]) -> Vec<bool> {
        let begun = |order: &Vec<u32>| order.iter().take_while(|&&case| read[case as usize]).count();
        let counts = |order: &Vec<u32>| order.iter().any(|&case| self.in_baseline[case as usize]);
        let share =
            self.order.iter().filter(|order| counts(order)).map(|order| begun(order) as f64 / order.len() as f64).fold(1.0, f64::min);
        let mut simple = vec![false; self.stratum.len()];
        for order in self.order.iter().filter(|order| counts(order)) {
            let n = ((share * order.len() as f64).round() as usize).min(begun(order));
            order[..n].iter().for_each(|&case| simple[case as usize] = true);
        }
        // What was known before is there in full: it belongs to the simple random part only where that is everything.
        let known = |case: usize| self.stratum[case] == Some(KNOWN as u8);
        if share >= 1.0 {
            (0..simple.len()).filter(|&case| known(case)).for_each(|case| simple[case] = true);
        }
        simple
    }
}

/// Which cases the labels of the experiment tell all of: an attack, or a label for every unit.
fn known_before(frame: &Frame<'_>) -> Vec<bool> {
    let part = frame.input.judged;
    let mut known = vec![true; frame.judged.n];
    for (unit, &case) in part.case_of.iter().enumerate() {
        known[case as usize] &= unit_truth(part, unit) != Truth::Unknown;
    }
    known.iter().zip(&frame.judged.truth).map(|(known, truth)| *known || *truth == Truth::True).collect()
}

/// Splits reviews over the strata: a floor in each, the rest in proportion to N sqrt(g (1 - g)) sqrt(mean votes + 0.1), what a full stratum cannot
/// take to the others, by largest remainders.
fn allocate(sizes: [u64; STRATA], mean_votes: [f64; STRATA], done: [u64; STRATA], total: u64) -> [u64; STRATA] {
    let whole: u64 = sizes.iter().sum();
    if total >= whole || total == 0 {
        return if total == 0 { done } else { sizes };
    }
    let filled = sizes.iter().filter(|n| **n > 0).count() as u64;
    let floor = total.checked_div(filled).map_or(0, |each| each.clamp(1, FLOOR));
    let mut given: [u64; STRATA] = std::array::from_fn(|h| sizes[h].min(floor).max(done[h]));
    let weights: [f64; STRATA] =
        std::array::from_fn(|h| sizes[h] as f64 * (GUESS[h] * (1.0 - GUESS[h])).sqrt() * (mean_votes[h] + 0.1).sqrt());
    // Each round fills at least one stratum, or ends.
    loop {
        let left = total.saturating_sub(given.iter().sum());
        let open: Vec<usize> = (0..STRATA).filter(|&h| given[h] < sizes[h]).collect();
        let sum: f64 = open.iter().map(|&h| weights[h]).sum();
        if left == 0 || open.is_empty() || sum <= 0.0 {
            return given;
        }
        let share = |h: usize| left as f64 * weights[h] / sum;
        if let Some(&full) = open.iter().find(|&&h| share(h) >= (sizes[h] - given[h]) as f64) {
            given[full] = sizes[full];
            continue;
        }
        let mut rest = left;
        for &h in &open {
            let whole = share(h).floor() as u64;
            given[h] += whole;
            rest -= whole;
        }
        let mut by_remainder = open;
        by_remainder.sort_by(|&a, &b| share(b).fract().total_cmp(&share(a).fract()).then(a.cmp(&b)));
        by_remainder.into_iter().take(rest as usize).for_each(|h| given[h] += 1);
        return given;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn allocation_by_hand() {
        // Floors 10 each; 60 more by 1000 x 0.0995 x 0.316 = 31.5, 300 x 0.218 x 1.049 = 68.6, 200 x 0.357 x 1.612 = 115.1,
        // 100 x 0.477 x 2.214 = 105.6, of 320.7: 5.9, 12.8, 21.5, 19.8.
        let found = allocate([1000, 300, 200, 100], [0.0, 1.0, 2.5, 4.8], [0; 4], 100);
        assert_eq!(found, [16, 23, 31, 30]);
        // What the last cannot take goes to the others.
        assert_eq!(allocate([1000, 300, 200, 12], [0.0, 1.0, 2.5, 4.8], [0; 4], 100)[3], 12);
        // Fewer than the floors: scaled down, never below one.
        assert_eq!(allocate([1000, 300, 200, 100], [0.0, 1.0, 2.5, 4.8], [0; 4], 8), [2, 2, 2, 2]);
        assert_eq!(allocate([1000, 300, 0, 100], [0.0, 1.0, 0.0, 4.8], [0; 4], 3), [1, 1, 0, 1]);
        // More than there are: all.
        assert_eq!(allocate([10, 0, 2, 5], [0.0, 0.0, 2.0, 5.0], [0; 4], 400), [10, 0, 2, 5]);
        assert_eq!(allocate([0; 4], [0.0; 4], [0; 4], 10), [0; 4]);
    }

    proptest! {
        #[test]
        fn as_many_as_asked(sizes in proptest::array::uniform4(0u64..300), total in 0u64..900, before in 0u64..200) {
            let votes = [0.0, 1.0, 2.4, 5.0];
            let whole: u64 = sizes.iter().sum();
            let done = allocate(sizes, votes, [0; 4], before);
            let found = allocate(sizes, votes, done, total);
            let least: u64 = done.iter().zip(sizes).map(|(d, n)| (*d).max(n.min(10))).sum();
            prop_assert!((0..4).all(|h| found[h] <= sizes[h] && found[h] >= done[h]));
            if total >= least {
                prop_assert_eq!(found.iter().sum::<u64>(), total.min(whole));
            }
        }
    }
}
