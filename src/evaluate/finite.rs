//! What full labels on a fixed set of alerts would say, known from a sample of it: intervals about this window.
//!
//! Two methods, each where simulation found it to cover. True alerts of one contender: what was read is certain, the share among the unread has a
//! Korn-Graubard interval (Korn, Graubard 1998) with a smoothed variance. Ratios of two contenders: hypergeometric mid-p limits in each cell,
//! joined by MOVER (Zou, Donner 2008; Donner, Zou 2012). The unread part, the smoothing and the outward rounding are ours.

use statrs::function::gamma::ln_gamma;

use super::intervals::{clopper_pearson, tail};

/// A part of a finite population: how large it is, how much of it was read, and how much of that was right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cell {
    /// How many there are.
    pub size: u64,
    /// How many were read.
    pub read: u64,
    /// How many of those are true alerts.
    pub right: u64,
}

impl Cell {
    fn unread(self) -> u64 {
        self.size.saturating_sub(self.read)
    }
}

/// A count of a finite population, and the limits it lies in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// The estimate.
    pub value: f64,
    /// The lower limit.
    pub low: f64,
    /// The upper limit.
    pub high: f64,
}

impl Limits {
    /// A count that is known.
    pub fn exactly(value: f64) -> Self {
        Self { value, low: value, high: value }
    }
}

/// The true alerts of one contender, from its cells, one for each stratum of the review: seen, and Korn-Graubard on the unread.
///
/// All read is a point.
pub fn true_alerts(strata: &[Cell], confidence: f64) -> Limits {
    let seen: u64 = strata.iter().map(|cell| cell.right).sum();
    let open: Vec<Cell> = strata.iter().copied().filter(|cell| cell.unread() > 0).collect();
    let left: f64 = open.iter().map(|cell| cell.unread() as f64).sum();
    if left == 0.0 {
        return Limits::exactly(seen as f64);
    }
    let (right, read) = open.iter().fold((0.0, 0.0), |(d, n), cell| (d + cell.right as f64, n + cell.read as f64));
    let pooled = (right + 0.5) / (read + 1.0);
    let (mut expected, mut variance, mut spread) = (0.0, 0.0, 0.0);
    for cell in &open {
        let (size, n, d) = (cell.size as f64, cell.read as f64, cell.right as f64);
        let rate = if cell.read > 0 { d / n } else { pooled };
        // Shrunk twice: a stratum with 0 of 10 still varies.
        let shrunk = (d + (d + pooled) / (n + 1.0)) / (n + 1.0);
        let (k, correction) = (n.max(1.0), 1.0 - n / size);
        expected += rate * (size - n);
        variance += size * size * correction * shrunk * (1.0 - shrunk) / k;
        spread += n * (size / k).powi(2) * correction;
    }
    let share = (expected / left).clamp(0.0, 1.0);
    let effective =
        if share > 0.0 && share < 1.0 && variance > 0.0 { share * (1.0 - share) * left * left / variance } else { left * left / spread };
    let effective = if effective.is_finite() { effective.max(1.0) } else { 1.0 };
    let (low, high) = clopper_pearson(share * effective, effective, confidence);
    let seen = seen as f64;
    Limits { value: seen + expected, low: seen + (low * left).floor(), high: seen + (high * left).ceil() }
}

/// The limits of the true alerts in one cell: hypergeometric, mid-p.
pub fn hypergeometric(cell: Cell, confidence: f64) -> (u64, u64) {
    let Cell { size, read, right } = cell;
    if read >= size {
        return (right, right);
    }
    if read == 0 {
        return (0, size);
    }
    // A hair above, so that chances of exactly a tenth do not hang on rounding.
    let tail = tail(confidence) + 1e-12;
    // Both grow or fall in K, so that halving finds the first and the last.
    let above = |k: u64| (right + 1..=read.min(k)).map(|y| chance(y, size, k, read)).sum::<f64>() + chance(right, size, k, read) / 2.0;
    let below = |k: u64| (0..right).map(|y| chance(y, size, k, read)).sum::<f64>() + chance(right, size, k, read) / 2.0;
    let (first, last) = (right, size - read + right);
    let low = search(first, last, |k| above(k) > tail);
    // The first K at which it no longer holds, less one.
    let high = search(first, last + 1, |k| k > last || below(k) <= tail);
    (low, high.saturating_sub(1).max(low))
}

/// The first number from `first` to `last` of which `is` holds, given that it then holds of all after it; `last` where of none.
fn search(first: u64, last: u64, is: impl Fn(u64) -> bool) -> u64 {
    let (mut low, mut high) = (first, last);
    while low < high {
        let middle = low + (high - low) / 2;
        if is(middle) { high = middle } else { low = middle + 1 }
    }
    low
}

/// The chance that `y` of the `read` ones are right, when `k` of `size` are.
fn chance(y: u64, size: u64, k: u64, read: u64) -> f64 {
    if y > k || y > read || read - y > size - k {
        return 0.0;
    }
    (ln_choose(k, y) + ln_choose(size - k, read - y) - ln_choose(size, read)).exp()
}

fn ln_choose(n: u64, k: u64) -> f64 {
    let ln_factorial = |n: u64| ln_gamma(n as f64 + 1.0);
    ln_factorial(n) - ln_factorial(k) - ln_factorial(n - k)
}

/// The true alerts of one part of several strata, joined by MOVER.
///
/// `shares` are the shares to take where a stratum's cell was not read at all.
pub fn part(cells: &[Cell], shares: &[f64], confidence: f64) -> Limits {
    let (mut value, mut below, mut above) = (0.0, 0.0, 0.0);
    for (cell, share) in cells.iter().zip(shares) {
        let estimate = estimate(*cell, *share);
        let (low, high) = hypergeometric(*cell, confidence);
        value += estimate;
        below += (estimate - low as f64).powi(2);
        above += (high as f64 - estimate).powi(2);
    }
    let most: f64 = cells.iter().map(|cell| cell.size as f64).sum();
    Limits { value, low: (value - below.sqrt()).max(0.0), high: (value + above.sqrt()).min(most) }
}

/// The true alerts of a cell in expectation: by its own share, or by the stratum's where none of it was read.
pub fn estimate(cell: Cell, share: f64) -> f64 {
    if cell.read > 0 { cell.size as f64 * cell.right as f64 / cell.read as f64 } else { cell.size as f64 * share }
}

/// A function of independent parts: each part in turn is moved to its limits, and what lies below and above is joined in quadrature.
pub fn mover(parts: &[Limits], of: impl Fn(&[f64]) -> f64) -> Limits {
    let mut values: Vec<f64> = parts.iter().map(|part| part.value).collect();
    let centre = of(&values);
    let (mut below, mut above) = (0.0, 0.0);
    for (at, part) in parts.iter().enumerate() {
        for limit in [part.low, part.high] {
            values[at] = limit;
            let change = of(&values) - centre;
            if change < 0.0 { below += change * change } else { above += change * change }
        }
        values[at] = part.value;
    }
    Limits { value: centre, low: centre - f64::sqrt(below), high: centre + f64::sqrt(above) }
}

/// How many alerts a contender and the baseline raise, and which of them are true: of the contender only, of both, of the baseline only.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Overlap {
    /// Alerts of the contender.
    pub contender: f64,
    /// Alerts of the baseline.
    pub baseline: f64,
    /// True alerts only of the contender.
    pub own: Limits,
    /// True alerts of both.
    pub both: Limits,
    /// True alerts only of the baseline.
    pub rest: Limits,
}

impl Overlap {
    fn parts(&self) -> [Limits; 3] {
        [self.own, self.both, self.rest]
    }

    /// 1 - false alerts / false alerts of the baseline; `None` where the baseline has no false alert in expectation.
    pub fn fp_reduction(&self) -> Option<Limits> {
        if self.baseline - self.both.value - self.rest.value <= 0.0 {
            return None;
        }
        let ratio = |[own, both, rest]: [f64; 3]| 1.0 - (self.contender - own - both).max(0.0) / (self.baseline - both - rest).max(0.5);
        let found = mover(&self.parts(), |v| ratio([v[0], v[1], v[2]]));
        Some(Limits { high: found.high.min(1.0), ..found })
    }

    /// Of the baseline's true alerts, the share that the contender raises too; `None` where the baseline has none in expectation.
    pub fn recall_kept(&self) -> Option<Limits> {
        let share = |both: f64, rest: f64| if both + rest > 0.0 { both / (both + rest) } else { 0.0 };
        if self.both.value + self.rest.value <= 0.0 {
            return None;
        }
        let found = mover(&self.parts()[1..], |v| share(v[0], v[1]));
        Some(Limits { value: found.value, low: found.low.max(0.0), high: found.high.min(1.0) })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cell(size: u64, read: u64, right: u64) -> Cell {
        Cell { size, read, right }
    }

    fn close(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-8 * expected.abs().max(1.0), "found {found}, expected {expected}");
    }

    /// `finite.json`, made by `finite.py` beside it with scipy: the formulas written a second time.
    #[test]
    fn as_scipy_has_them() {
        let rows: serde_json::Value = serde_json::from_str(include_str!("fixture/finite.json")).unwrap();
        let number = |value: &serde_json::Value| value.as_f64().unwrap();
        let cells = |value: &serde_json::Value| -> Vec<Cell> {
            let of = |c: &serde_json::Value, i: usize| c[i].as_u64().unwrap();
            value.as_array().unwrap().iter().map(|c| cell(of(c, 0), of(c, 1), of(c, 2))).collect()
        };
        let same = |found: Limits, row: &serde_json::Value, what: &str| {
            for (found, expected) in [found.value, found.low, found.high].into_iter().zip(row.as_array().unwrap()) {
                assert!((found - number(expected)).abs() < 1e-7 * number(expected).abs().max(1.0), "{what}: {found}, {expected}");
            }
        };
        for row in rows["true_alerts"].as_array().unwrap() {
            same(true_alerts(&cells(&row["cells"]), 0.90), &row["limits"], &row["cells"].to_string());
        }
        for row in rows["hypergeometric"].as_array().unwrap() {
            let (low, high) = hypergeometric(cells(&row["cells"])[0], 0.90);
            assert_eq!((low, high), (row["low"].as_u64().unwrap(), row["high"].as_u64().unwrap()), "{row}");
        }
        for row in rows["overlap"].as_array().unwrap() {
            let shares: Vec<f64> = row["shares"].as_array().unwrap().iter().map(number).collect();
            let of = |name: &str| part(&cells(&row[name]), &shares, 0.90);
            let overlap = Overlap {
                contender: number(&row["contender"]),
                baseline: number(&row["baseline"]),
                own: of("own"),
                both: of("both"),
                rest: of("rest"),
            };
            same(overlap.fp_reduction().unwrap(), &row["fp_reduction"], "fp_reduction");
            same(overlap.recall_kept().unwrap(), &row["recall_kept"], "recall_kept");
        }
    }

    #[test]
    fn what_was_read_is_certain() {
        // All read, hits or none: a point, whatever 0/0 gives.
        assert_eq!(true_alerts(&[cell(10, 10, 4), cell(5, 5, 0)], 0.90), Limits::exactly(4.0));
        assert_eq!(true_alerts(&[], 0.90), Limits::exactly(0.0));
        assert_eq!(hypergeometric(cell(7, 7, 3), 0.90), (3, 3));
        // A full stratum adds its count and nothing else: the interval is that of the open one, moved.
        let open = true_alerts(&[cell(100, 10, 2)], 0.90);
        let both = true_alerts(&[cell(100, 10, 2), cell(30, 30, 30)], 0.90);
        assert_eq!((both.low - open.low, both.high - open.high, both.value - open.value), (30.0, 30.0, 30.0));
    }

    #[test]
    fn nothing_found_is_not_nothing_there() {
        // 0 of 10 of 100: n* = 90^2 / (10 x 100 x 0.9) = 9; (0.05)^(1/9): 1 - 0.7169 = 0.2831 x 90 = 25.5.
        assert_eq!(true_alerts(&[cell(100, 10, 0)], 0.90), Limits { value: 0.0, low: 0.0, high: 26.0 });
        let all = true_alerts(&[cell(100, 10, 10)], 0.90);
        assert_eq!((all.value, all.high), (100.0, 100.0));
        assert!(all.low < 80.0);
    }

    #[test]
    fn a_stratum_without_any_review_is_no_nan() {
        let found = true_alerts(&[cell(50, 0, 0)], 0.90);
        assert_eq!((found.value, found.low, found.high), (25.0, 0.0, 50.0));
        let found = true_alerts(&[cell(50, 0, 0), cell(50, 20, 10)], 0.90);
        assert!(found.value.is_finite() && found.low < found.value && found.value < found.high, "{found:?}");
        assert_eq!(hypergeometric(cell(50, 0, 0), 0.90), (0, 50));
        close(part(&[cell(50, 0, 0)], &[0.2], 0.90).value, 10.0);
    }

    #[test]
    fn one_cell_is_the_hypergeometric_interval_itself() {
        let limits = part(&[cell(40, 20, 5)], &[0.0], 0.90);
        let (low, high) = hypergeometric(cell(40, 20, 5), 0.90);
        close(limits.low, low as f64);
        close(limits.high, high as f64);
        close(limits.value, 10.0);
    }

    #[test]
    fn nothing_to_compare_with() {
        let none = Limits::exactly(0.0);
        let overlap = Overlap { contender: 5.0, baseline: 3.0, own: none, both: Limits::exactly(3.0), rest: none };
        assert_eq!(overlap.fp_reduction(), None);
        assert_eq!(overlap.recall_kept(), Some(Limits::exactly(1.0)));
        assert_eq!(Overlap { both: none, ..overlap }.recall_kept(), None);
    }

    proptest! {
        #[test]
        fn limits_hold_what_is_estimated(sizes in proptest::collection::vec((1u64..400, 0.0..=1.0_f64, 0.0..=1.0_f64), 1..5)) {
            let cells: Vec<Cell> = sizes.iter().map(|&(size, read, right)| {
                let read = (read * size as f64) as u64;
                cell(size, read, (right * read as f64) as u64)
            }).collect();
            let (size, seen): (u64, u64) = cells.iter().fold((0, 0), |(n, d), c| (n + c.size, d + c.right));
            let found = true_alerts(&cells, 0.90);
            prop_assert!(found.low <= found.value + 1e-9 && found.value <= found.high + 1e-9, "{found:?}");
            prop_assert!(found.low >= seen as f64 && found.high <= size as f64);
            let wider = true_alerts(&cells, 0.95);
            prop_assert!(wider.low <= found.low && wider.high >= found.high);
            let joined = part(&cells, &vec![0.5; cells.len()], 0.90);
            prop_assert!(joined.low <= joined.value && joined.value <= joined.high + 1e-9);
            for c in cells {
                let (low, high) = hypergeometric(c, 0.90);
                prop_assert!(c.right <= low && low <= high && high <= c.size - c.read + c.right);
                let estimate = estimate(c, 0.5);
                prop_assert!(low as f64 <= estimate.ceil() + 1e-9 && estimate.floor() <= high as f64 + 1e-9, "{c:?} {low} {high}");
            }
        }
    }
}
