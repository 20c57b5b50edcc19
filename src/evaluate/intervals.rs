//! Intervals of shares: k of n, paired differences, order statistics of incident scores; and how many incidents a limit takes.
//!
//! Confidence is two-sided throughout: 0.90 leaves 0.05 on either side.

use statrs::function::beta::checked_beta_reg;

/// Above this many trials the continued fraction of the incomplete beta function is cut short, and Wilson's interval agrees to four digits.
const EXACT_UP_TO: f64 = 20_000.0;

/// The share of the distribution that each side of a two-sided interval leaves out.
pub(crate) fn tail(confidence: f64) -> f64 {
    ((1.0 - confidence) / 2.0).clamp(1e-9, 0.5)
}

/// The value at which the Beta(a, b) distribution reaches `p`, by bisection: never fails, and ends at the precision of `f64`.
fn beta_quantile(p: f64, a: f64, b: f64) -> f64 {
    let (mut low, mut high) = (0.0_f64, 1.0_f64);
    for _ in 0..200 {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            break;
        }
        // Where the function is not defined (never, for the arguments used here) the search simply stops moving.
        if checked_beta_reg(a, b, middle).is_ok_and(|reached| reached < p) {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

/// The upper quantile of Student's t: exceeded with chance `tail`, at `freedom` degrees (real, at least 1).
pub fn student_t(freedom: f64, tail: f64) -> f64 {
    let freedom = freedom.max(1.0);
    if tail >= 0.5 {
        return 0.0;
    }
    if freedom > EXACT_UP_TO {
        return normal(tail);
    }
    let x = beta_quantile(2.0 * tail, freedom / 2.0, 0.5);
    (freedom * (1.0 - x) / x).sqrt()
}

/// The upper quantile of the normal distribution: exceeded with chance `tail`.
pub fn normal(tail: f64) -> f64 {
    statrs::function::erf::erfc_inv(2.0 * tail.clamp(1e-12, 1.0)) * std::f64::consts::SQRT_2
}

/// The Clopper-Pearson interval of a share, k of n (Clopper, Pearson 1934), with real arguments (incomplete beta function).
///
/// `k` is clamped to 0..=n; without trials the interval is 0 to 1.
pub fn clopper_pearson(k: f64, n: f64, confidence: f64) -> (f64, f64) {
    if n <= 0.0 || !n.is_finite() {
        return (0.0, 1.0);
    }
    let (k, tail) = (k.clamp(0.0, n), tail(confidence));
    if n > EXACT_UP_TO {
        return wilson(k, n, tail);
    }
    let low = if k <= 0.0 { 0.0 } else { beta_quantile(tail, k, n - k + 1.0) };
    let high = if k >= n { 1.0 } else { beta_quantile(1.0 - tail, k + 1.0, n - k) };
    (low, high)
}

/// Wilson's interval (Wilson 1927).
fn wilson(k: f64, n: f64, tail: f64) -> (f64, f64) {
    let (p, z) = (k / n, normal(tail));
    let centre = (p + z * z / (2.0 * n)) / (1.0 + z * z / n);
    let half = z / (1.0 + z * z / n) * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
    ((centre - half).max(0.0), (centre + half).min(1.0))
}

/// The interval of the difference of two shares on the same incidents: `only_a` caught by the first alone, `only_b` by the second alone, of `n`.
///
/// One pseudo-count per discordant cell (Agresti, Min 2005; Bonett, Price 2012), clamped to -1..=1.
pub fn paired_difference(only_a: f64, only_b: f64, n: f64, confidence: f64) -> (f64, f64) {
    let (a, b) = ((only_a + 1.0) / (n + 2.0), (only_b + 1.0) / (n + 2.0));
    let half = normal(tail(confidence)) * ((a + b - (a - b).powi(2)).max(0.0) / (n + 2.0)).sqrt();
    ((a - b - half).max(-1.0), (a - b + half).min(1.0))
}

/// The limits of `a - b` of two independent estimates `(value, low, high)`: each limit is moved by its own distance, in quadrature (MOVER; Zou
/// and Donner 2008). Where the two move together, as on the same days, it is wider than need be.
pub fn independent_difference(a: (f64, f64, f64), b: (f64, f64, f64)) -> (f64, f64) {
    let difference = a.0 - b.0;
    (difference - (a.0 - a.1).hypot(b.2 - b.0), difference + (a.2 - a.0).hypot(b.0 - b.1))
}

/// The upper limit of a count of which nothing was seen: 3.0 at a confidence of 0.90 two-sided (the rule of three).
pub fn nothing_seen(confidence: f64) -> f64 {
    -tail(confidence).ln()
}

/// P(X <= j) for X binomial of n trials with chance q.
fn binomial_at_most(j: i64, n: u64, q: f64) -> f64 {
    if j < 0 {
        return 0.0;
    }
    let j = j.unsigned_abs();
    if j >= n || q <= 0.0 {
        return 1.0;
    }
    checked_beta_reg((n - j) as f64, j as f64 + 1.0, 1.0 - q).unwrap_or(1.0)
}

/// Ranks (1 is the highest score) of the incident scores between which the cut with recall `q` lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CutRanks {
    /// The rank of the point: the q-th share of the incidents.
    pub point: usize,
    /// The rank of the deeper cut (lower limit of the reduction); `None`: there are too few incidents.
    pub deep: Option<usize>,
    /// The rank of the shallower cut (upper limit); 0: above all incidents.
    pub shallow: usize,
}

/// The order statistics that bracket the cut with recall `q` on n incidents.
pub fn cut_ranks(n: usize, q: f64, confidence: f64) -> CutRanks {
    let tail = tail(confidence);
    let at_most = |j: usize| binomial_at_most(j as i64, n as u64, q);
    let deep = (0..n).find(|&j| at_most(j) >= 1.0 - tail).map(|j| j + 1);
    let shallow = (0..n).take_while(|&j| at_most(j) <= tail).count();
    let point = ((q * n as f64 - 1e-9).ceil() as usize).clamp(1, n.max(1));
    CutRanks { point, deep, shallow }
}

/// The rank from below (1 is the lowest incident score) whose reduction bounds that of the next window at equal detection, one-sided.
///
/// The smallest r with the product over i < r of (n - i) / (2n - i) at most 1 - confidence: both windows' incidents are exchangeable, and the
/// product is the chance that the r lowest of all fall into one of them. `None` where n is too small.
pub fn equal_detection_rank(n: usize, confidence: f64) -> Option<usize> {
    // A hair above, so that n = 8 (a product of exactly a tenth) does not hang on rounding.
    let (mut product, limit) = (1.0, 1.0 - confidence + 1e-12);
    for r in 1..=n {
        let i = (r - 1) as f64;
        product *= (n as f64 - i) / (2.0 * n as f64 - i);
        if product <= limit {
            return Some(r);
        }
    }
    None
}

/// How many incidents it takes, `missed` of them missed, for the lower limit of the share caught to reach `limit`.
///
/// `None` where no number would do (a limit of 1).
pub fn incidents_needed(limit: f64, missed: u64, confidence: f64) -> Option<u64> {
    let enough = |n: u64| n > missed && clopper_pearson((n - missed) as f64, n as f64, confidence).0 >= limit;
    let (mut low, mut high) = (missed, missed + 1);
    while !enough(high) {
        low = high;
        high *= 2;
        if high > 1_000_000 {
            return None;
        }
    }
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if enough(middle) { high = middle } else { low = middle }
    }
    Some(high)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn close(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-9 * expected.abs().max(1.0), "found {found}, expected {expected}");
    }

    #[test]
    fn independent_differences_by_hand() {
        // 0.8 (0.7 to 0.86) less 0.5 (0.42 to 0.62): 0.3 - hypot(0.1, 0.12), 0.3 + hypot(0.06, 0.08).
        let (low, high) = independent_difference((0.8, 0.7, 0.86), (0.5, 0.42, 0.62));
        assert!((low - (0.3 - 0.0244f64.sqrt())).abs() < 1e-12 && (high - 0.4).abs() < 1e-12);
    }

    #[test]
    fn clopper_pearson_of_whole_numbers() {
        // None missed: (alpha / 2)^(1/n).
        close(clopper_pearson(14.0, 14.0, 0.90).0, 0.05_f64.powf(1.0 / 14.0));
        close(clopper_pearson(0.0, 20.0, 0.90).1, 1.0 - 0.05_f64.powf(1.0 / 20.0));
        assert_eq!(clopper_pearson(0.0, 20.0, 0.90).0, 0.0);
        assert_eq!(clopper_pearson(20.0, 20.0, 0.90).1, 1.0);
        assert_eq!(clopper_pearson(0.0, 0.0, 0.90), (0.0, 1.0));
    }

    #[test]
    fn real_arguments_as_scipy_has_them() {
        // scipy 1.x: beta.ppf(0.05, k, n - k + 1), beta.ppf(0.95, k + 1, n - k).
        let rows = [
            (3.5, 12.25, 0.094_251_684_741_924_6, 0.559_993_267_831_784),
            (0.4, 7.9, 5.053_998_900_883_870_7e-5, 0.384_657_943_706_004),
            (11.2, 11.9, 0.691_829_474_224_041, 0.998_991_263_600_073),
            (150.5, 4000.0, 0.032_803_309_197_189_12, 0.042_956_286_348_337_445),
            (19.0, 20.0, 0.783_893_835_793_152_6, 0.997_438_621_223_469_7),
        ];
        for (k, n, low, high) in rows {
            let found = clopper_pearson(k, n, 0.90);
            assert!((found.0 - low).abs() < 1e-10 && (found.1 - high).abs() < 1e-10, "{k} of {n}: {found:?}");
        }
        // scipy 1.x: t.ppf(1 - tail, freedom).
        let rows = [
            (1.0, 0.05, 6.313_751_514_675_037),
            (3.7, 0.05, 2.182_493_803_914_600_7),
            (12.5, 0.025, 2.169_185_942_712_541),
            (250.3, 0.05, 1.650_964_129_823_079_3),
            (30_000.0, 0.05, 1.644_904_420_834_431_4),
        ];
        for (freedom, tail, expected) in rows {
            let found = student_t(freedom, tail);
            assert!((found / expected - 1.0).abs() < 1e-4, "{freedom}: {found}");
            assert!(freedom > EXACT_UP_TO || (found - expected).abs() < 1e-8, "{freedom}: {found}");
        }
    }

    #[test]
    fn incidents_needed_as_tabled() {
        // The power table of the interval study: none, one, two, three missed.
        let rows = [(0.7, [9, 14, 19, 24]), (0.8, [14, 22, 30, 37]), (0.9, [29, 46, 61, 76]), (0.95, [59, 93, 124, 153])];
        for (limit, expected) in rows {
            for (missed, n) in expected.into_iter().enumerate() {
                assert_eq!(incidents_needed(limit, missed as u64, 0.90), Some(n), "{limit} with {missed} missed");
            }
        }
        // Two-sided 95 %: 72, 36, 17 with none missed.
        assert_eq!([0.95, 0.9, 0.8].map(|limit| incidents_needed(limit, 0, 0.95)), [Some(72), Some(36), Some(17)]);
        assert_eq!(incidents_needed(1.0, 0, 0.90), None);
    }

    #[test]
    fn ranks_of_the_cut() {
        // Finite from n = 14 (q 0.8), 29 (0.9), 59 (0.95).
        for (q, n) in [(0.8, 14), (0.9, 29), (0.95, 59)] {
            assert_eq!(cut_ranks(n - 1, q, 0.90).deep, None, "{q}");
            assert_eq!(cut_ranks(n, q, 0.90).deep, Some(n), "{q}");
        }
        // Bin(20, 0.8): P(X <= 12) = 0.0321, P(X <= 13) = 0.0867; P(X <= 18) = 0.9308, P(X <= 19) = 0.9885.
        assert_eq!(cut_ranks(20, 0.8, 0.90), CutRanks { point: 16, deep: Some(20), shallow: 13 });
    }

    #[test]
    fn ranks_at_equal_detection() {
        for n in 4..=8 {
            assert_eq!(equal_detection_rank(n, 0.90), Some(3), "{n}");
        }
        for n in 9..=200 {
            assert_eq!(equal_detection_rank(n, 0.90), Some(4), "{n}");
        }
        assert_eq!(equal_detection_rank(1, 0.90), None);
    }

    #[test]
    fn paired_difference_by_hand() {
        // n = 8, 5 and 1: a = 0.6, b = 0.2; 0.4 -+ 1.6448536 sqrt(0.64 / 10).
        let (low, high) = paired_difference(5.0, 1.0, 8.0, 0.90);
        close(low, 0.4 - 1.644_853_626_951_472_2 * 0.064_f64.sqrt());
        close(high, 0.4 + 1.644_853_626_951_472_2 * 0.064_f64.sqrt());
    }

    proptest! {
        #[test]
        fn the_share_lies_inside(n in 1u32..400, share in 0.0..=1.0_f64, confidence in 0.5..0.99_f64) {
            let k = share * f64::from(n);
            let (low, high) = clopper_pearson(k, f64::from(n), confidence);
            prop_assert!(0.0 <= low && low <= share + 1e-12 && share <= high + 1e-12 && high <= 1.0, "{low} {share} {high}");
            let (wider_low, wider_high) = clopper_pearson(k, f64::from(n), confidence + 0.009);
            prop_assert!(wider_low <= low && high <= wider_high);
        }

        #[test]
        fn the_difference_lies_inside(n in 1u32..200, a in 0u32..200, b in 0u32..200) {
            let a = a % (n + 1);
            let b = b % (n - a + 1);
            let (low, high) = paired_difference(f64::from(a), f64::from(b), f64::from(n), 0.90);
            let value = (f64::from(a) - f64::from(b)) / f64::from(n);
            prop_assert!(low <= value && value <= high);
        }
    }
}
