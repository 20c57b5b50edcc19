//! Random numbers: named streams of one seed, so that no part's draws depend on another's.

use rand::{RngCore, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

/// A stream of random numbers.
pub(super) struct Chance(Xoshiro256PlusPlus);

fn mix(mut z: u64) -> u64 {
    // The finaliser of SplitMix64 (Steele, Lea, Flood 2014).
    z = z.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

impl Chance {
    /// The stream of a seed with a name of three numbers.
    pub fn of(seed: u64, stream: [u64; 3]) -> Self {
        let state = stream.iter().fold(mix(seed), |state, part| mix(state ^ mix(*part)));
        Self(Xoshiro256PlusPlus::seed_from_u64(state))
    }

    /// 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// Uniform in [0, 1).
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Uniform in [low, high).
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// Uniform among 0 .. n; 0 for n = 0.
    pub fn below(&mut self, n: u64) -> u64 {
        ((u128::from(self.bits()) * u128::from(n)) >> 64) as u64
    }

    /// True with probability `p`.
    pub fn happens(&mut self, p: f64) -> bool {
        self.unit() < p
    }

    /// One of `items`, which must not be empty.
    pub fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len() as u64) as usize]
    }

    /// Standard normal (Box, Muller 1958).
    pub fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.unit()).cos()
    }

    /// Lognormal by its median and the standard deviation of its logarithm.
    pub fn lognormal(&mut self, median: f64, sigma: f64) -> f64 {
        median * (sigma * self.normal()).exp()
    }

    /// A lognormal size in bytes, at least 1, at most 4 GB.
    pub fn size(&mut self, median: f64, sigma: f64) -> u64 {
        self.lognormal(median, sigma).clamp(1.0, 4e9) as u64
    }

    /// Poisson (Knuth 1969); above a mean of 60 the normal of the same mean and variance, rounded.
    pub fn poisson(&mut self, mean: f64) -> u64 {
        if mean > 60.0 {
            return (mean + mean.sqrt() * self.normal()).round().max(0.0) as u64;
        }
        let limit = (-mean).exp();
        let (mut count, mut product) = (0, self.unit());
        while product > limit {
            count += 1;
            product *= self.unit();
        }
        count
    }

    /// Geometric on 0, 1, 2, ... with the given mean, at most 40.
    pub fn geometric(&mut self, mean: f64) -> u64 {
        let stay = mean / (1.0 + mean);
        ((1.0 - self.unit()).ln() / stay.ln()).floor().min(40.0) as u64
    }
}

/// Ranks drawn with probability proportional to 1 / rank^s.
pub(super) struct Zipf(Vec<f64>);

impl Zipf {
    /// Over `n` ranks, at least one.
    pub fn new(n: usize, s: f64) -> Self {
        let mut total = 0.0;
        Self(
            (1..=n.max(1))
                .map(|rank| {
                    total += (rank as f64).powf(-s);
                    total
                })
                .collect(),
        )
    }

    /// A rank, from 0.
    pub fn draw(&self, chance: &mut Chance) -> usize {
        let last = self.0.len() - 1;
        let at = chance.unit() * self.0[last];
        self.0.partition_point(|edge| *edge <= at).min(last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mean(n: u32, mut draw: impl FnMut() -> f64) -> f64 {
        (0..n).map(|_| draw()).sum::<f64>() / f64::from(n)
    }

    #[test]
    fn means_are_as_asked() {
        let mut chance = Chance::of(1, [2, 3, 4]);
        assert!((mean(20_000, || chance.poisson(3.5) as f64) - 3.5).abs() < 0.06);
        assert!((mean(20_000, || chance.poisson(90.0) as f64) - 90.0).abs() < 0.4);
        assert!((mean(20_000, || chance.geometric(2.2) as f64) - 2.2).abs() < 0.08);
        assert!(mean(20_000, || chance.normal()).abs() < 0.03);
        // The mean of a lognormal is median * exp(sigma^2 / 2).
        assert!((mean(20_000, || chance.lognormal(10.0, 0.5)) - 11.33).abs() < 0.25);
    }

    #[test]
    fn streams_differ_by_every_part_of_their_name() {
        let first = |seed, stream| Chance::of(seed, stream).bits();
        let all = [first(1, [0, 0, 0]), first(2, [0, 0, 0]), first(1, [1, 0, 0]), first(1, [0, 1, 0]), first(1, [0, 0, 1])];
        assert!(all.iter().enumerate().all(|(i, a)| all[i + 1..].iter().all(|b| a != b)));
        assert_eq!(first(7, [1, 2, 3]), first(7, [1, 2, 3]));
    }

    #[test]
    fn zipf_prefers_low_ranks_as_asked() {
        let (zipf, mut chance) = (Zipf::new(3, 1.0), Chance::of(5, [0, 0, 0]));
        let share = mean(30_000, || f64::from(u8::from(zipf.draw(&mut chance) == 0)));
        // 1 / (1 + 1/2 + 1/3).
        assert!((share - 6.0 / 11.0).abs() < 0.01);
    }
}
