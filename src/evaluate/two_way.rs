//! Intervals for the weeks to come: counts per cluster and day, their totals, ratios and differences of ratios.
//!
//! The variance is the sum of that between clusters (leave one out) and that between days, in the spirit of Cameron, Gelbach and Miller (2011)
//! and Owen (2007), but **without taking off the interaction**: taking it off costs 3 to 9 points of coverage. Degrees of freedom count the
//! clusters that there are in effect (as many of equal size as are as unequal together; in the spirit of Carter, Schnepel, Steigerwald 2017).
//! The sum, the degrees of freedom and the guards are ours, justified by simulation (`tests/it/coverage.rs`).

use super::intervals::{student_t, tail};
use crate::{said, text::Said};

/// Fewer days than this give no interval.
pub const MIN_DAYS: usize = 4;
/// Fewer clusters than this give no interval.
pub const MIN_CLUSTERS: usize = 10;
/// What stands in for a zero before a logarithm is taken.
const FLOOR: f64 = 0.5;

/// Counts per cluster and day; what is not listed is zero.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Cells {
    /// Cluster, day, count; each pair once.
    pub cells: Vec<(u32, u32, f64)>,
    /// Sums by cluster; its length is the number of clusters, those without any count included.
    pub by_cluster: Vec<f64>,
    /// Sums by day; its length is the number of days, empty ones included.
    pub by_day: Vec<f64>,
    /// The sum of all.
    pub total: f64,
}

impl Cells {
    /// Counts occurrences; clusters and days out of range are the caller's error and are left out.
    pub fn count(clusters: usize, days: usize, occurrences: impl IntoIterator<Item = (u32, u32)>) -> Self {
        let mut sorted: Vec<(u32, u32)> =
            occurrences.into_iter().filter(|&(c, d)| (c as usize) < clusters && (d as usize) < days).collect();
        sorted.sort_unstable();
        let mut result = Self { cells: Vec::new(), by_cluster: vec![0.0; clusters], by_day: vec![0.0; days], total: 0.0 };
        for run in sorted.chunk_by(|a, b| a == b) {
            let ((cluster, day), n) = (run[0], run.len() as f64);
            result.cells.push((cluster, day, n));
            result.by_cluster[cluster as usize] += n;
            result.by_day[day as usize] += n;
            result.total += n;
        }
        result
    }

    /// Adds up amounts per cluster and day, which may be fractions and negative (alerts less weighted true alerts).
    pub fn sum(clusters: usize, days: usize, mut amounts: Vec<(u32, u32, f64)>) -> Self {
        amounts.retain(|&(c, d, _)| (c as usize) < clusters && (d as usize) < days);
        // A stable sort: the sums are taken in the order given, whatever the number of threads.
        amounts.sort_by_key(|&(c, d, _)| (c, d));
        let mut result = Self { cells: Vec::new(), by_cluster: vec![0.0; clusters], by_day: vec![0.0; days], total: 0.0 };
        for run in amounts.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
            let (cluster, day, n) = (run[0].0, run[0].1, run.iter().map(|cell| cell.2).sum::<f64>());
            result.cells.push((cluster, day, n));
            result.by_cluster[cluster as usize] += n;
            result.by_day[day as usize] += n;
            result.total += n;
        }
        result
    }

    /// The sum with each count weighted by its cluster's and its day's weight.
    pub fn weighted(&self, clusters: &[f64], days: &[f64]) -> f64 {
        self.cells.iter().map(|&(c, d, n)| clusters[c as usize] * days[d as usize] * n).sum()
    }

    /// As many clusters of equal size as there are in effect: the number of clusters where all hold the same, 1 where one holds all.
    fn effective_clusters(&self) -> f64 {
        self.by_cluster.len() as f64 / self.inequality()
    }

    /// How unequal the clusters are: 1 where all hold the same, the number of clusters where one holds all; less what chance alone makes unequal.
    pub fn inequality(&self) -> f64 {
        if self.total <= 1.0 {
            return 1.0;
        }
        let squares: f64 = self.by_cluster.iter().map(|n| n * n).sum();
        ((squares - self.total).max(0.0) * self.by_cluster.len() as f64 / (self.total * self.total)).max(1.0)
    }
}

/// The logarithm of a total or a ratio, and its variance by clusters and by days.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TwoWay {
    /// The logarithm of the total, or of the ratio.
    pub log: f64,
    /// The part of the variance that clusters make.
    pub by_clusters: f64,
    /// The part of the variance that days make.
    pub by_days: f64,
    /// Degrees of freedom, at least 1.
    pub freedom: f64,
    /// How many clusters of equal size there are in effect.
    pub clusters: f64,
}

/// Why there is no interval.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The numerator is zero: the rule of three stands in its place.
    NothingSeen,
    /// There cannot be one, and why.
    None(Said),
}

/// What a total counts, for the reason why there is no interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// Alerts.
    Alerts,
    /// False alerts.
    FalseAlerts,
    /// False alerts of the rule in place.
    BaselineFalseAlerts,
}

impl Counted {
    fn said(self) -> Said {
        match self {
            Self::Alerts => said!(en: "alerts", fr: "alertes"),
            Self::FalseAlerts => said!(en: "false alerts", fr: "fausses alertes"),
            Self::BaselineFalseAlerts => said!(en: "false alerts of the baseline", fr: "fausses alertes de la règle actuelle"),
        }
    }
}

impl TwoWay {
    /// Half the width on the logarithmic scale.
    pub fn half(&self, confidence: f64) -> f64 {
        student_t(self.freedom, tail(confidence)) * self.deviation()
    }

    /// The same with `more` times as many days like these; what makes entities differ stays.
    #[must_use]
    pub fn over_days(&self, days: usize, more: f64) -> Self {
        let by_days = self.by_days / more;
        let freedom = satterthwaite(self.by_clusters, by_days, self.clusters, (days as f64 * more).max(2.0));
        Self { by_days, freedom, ..*self }
    }

    /// The standard error on the logarithmic scale.
    pub fn deviation(&self) -> f64 {
        (self.by_clusters + self.by_days).max(0.0).sqrt()
    }

    /// The limits of the total or ratio.
    pub fn limits(&self, confidence: f64) -> (f64, f64) {
        let half = self.half(confidence);
        ((self.log - half).exp(), (self.log + half).exp())
    }
}

/// Says why counts over these clusters and days cannot have an interval.
fn guard(cells: &Cells, what: Counted) -> Result<(), Refusal> {
    let (clusters, days) = (cells.by_cluster.len(), cells.by_day.len());
    if days < MIN_DAYS {
        return Err(Refusal::None(said!(
            en: "{days} days are too few for an interval, it takes at least {least}",
            fr: "{days} jours ne suffisent pas pour un intervalle, il en faut au moins {least}",
            days = days,
            least = MIN_DAYS,
        )));
    }
    if clusters < MIN_CLUSTERS {
        return Err(Refusal::None(said!(
            en: "{clusters} entities are too few for an interval, it takes at least {least}",
            fr: "{clusters} entités ne suffisent pas pour un intervalle, il en faut au moins {least}",
            clusters = clusters,
            least = MIN_CLUSTERS,
        )));
    }
    if cells.total > 0.0 && cells.by_cluster.iter().any(|&n| n >= cells.total) {
        return Err(Refusal::None(said!(
            en: "one entity holds all {what}: how much entities differ cannot be told",
            fr: "une seule entité porte toutes les {what} : on ne peut dire combien les entités diffèrent",
            what = what.said(),
        )));
    }
    Ok(())
}

/// The total of `counts` for windows like this one.
///
/// # Errors
/// Where there can be no interval.
pub fn total(counts: &Cells, what: Counted) -> Result<TwoWay, Refusal> {
    if counts.total <= 0.0 {
        return Err(Refusal::NothingSeen);
    }
    guard(counts, what)?;
    let (e, d) = (counts.by_cluster.len() as f64, counts.by_day.len() as f64);
    let log = counts.total.ln();
    // Each cluster and day counts as one in the denominator, so that leaving one out compares rates, not sums.
    let without = |n: &f64| (counts.total - n).max(FLOOR).ln() + (e / (e - 1.0)).ln() - log;
    let by_clusters = (e - 1.0) / e * counts.by_cluster.iter().map(|n| without(n).powi(2)).sum::<f64>();
    let by_days = d / (d - 1.0) * counts.by_day.iter().map(|n| (n / counts.total - 1.0 / d).powi(2)).sum::<f64>();
    let clusters = counts.effective_clusters();
    Ok(TwoWay { log, by_clusters, by_days, freedom: (clusters.min(d) - 1.0).max(1.0), clusters })
}

/// The ratio of two totals over the same clusters and days.
///
/// # Errors
/// Where there can be no interval; a zero denominator is one reason.
pub fn ratio(num: &Cells, den: &Cells, what: (Counted, Counted)) -> Result<TwoWay, Refusal> {
    if den.total <= 0.0 {
        return Err(Refusal::None(said!(
            en: "there are no {what} to compare with",
            fr: "il n’y a pas de {what} à comparer",
            what = what.1.said(),
        )));
    }
    if num.total <= 0.0 {
        return Err(Refusal::NothingSeen);
    }
    guard(num, what.0)?;
    guard(den, what.1)?;
    let (e, d) = (num.by_cluster.len() as f64, num.by_day.len() as f64);
    let log = (num.total / den.total).ln();
    let by_clusters = (e - 1.0) / e
        * num
            .by_cluster
            .iter()
            .zip(&den.by_cluster)
            .map(|(a, b)| (((num.total - a).max(FLOOR) / (den.total - b).max(FLOOR)).ln() - log).powi(2))
            .sum::<f64>();
    let by_days = d / (d - 1.0) * num.by_day.iter().zip(&den.by_day).map(|(a, b)| (a / num.total - b / den.total).powi(2)).sum::<f64>();
    let clusters = den.effective_clusters();
    Ok(TwoWay { log, by_clusters, by_days, freedom: satterthwaite(by_clusters, by_days, clusters, d), clusters })
}

/// The ratio where a budget fills the numerator, whatever the entities: what then varies from window to window is the denominator as well, and
/// the larger of the two variances counts. Where few entities make most of the alerts that is the denominator's: the ratio's alone covered 76 of
/// 100 there.
///
/// # Errors
/// As [`ratio`].
pub fn ratio_at_budget(num: &Cells, den: &Cells, what: (Counted, Counted)) -> Result<TwoWay, Refusal> {
    let found = ratio(num, den, what)?;
    let of_den = total(den, what.1)?;
    if of_den.deviation() <= found.deviation() {
        return Ok(found);
    }
    let freedom = satterthwaite(of_den.by_clusters, of_den.by_days, of_den.clusters, den.by_day.len() as f64);
    Ok(TwoWay { log: found.log, freedom, ..of_den })
}

/// The difference of two reductions against the same denominator, `second / den - first / den` (positive: the first has fewer), and its limits.
///
/// # Errors
/// Where there can be no interval.
pub fn difference(first: &Cells, second: &Cells, den: &Cells, confidence: f64) -> Result<(f64, f64, f64), Refusal> {
    if den.total <= 0.0 {
        return Err(Refusal::None(said!(en: "there are no alerts to compare with", fr: "il n’y a pas d’alertes à comparer")));
    }
    guard(den, Counted::Alerts)?;
    let (e, d) = (den.by_cluster.len() as f64, den.by_day.len() as f64);
    let value = (second.total - first.total) / den.total;
    let part = |first: &[f64], second: &[f64], den_by: &[f64], n: f64| {
        n / (n - 1.0) * first.iter().zip(second).zip(den_by).map(|((a, b), c)| ((b - a - value * c) / den.total).powi(2)).sum::<f64>()
    };
    let by_clusters = part(&first.by_cluster, &second.by_cluster, &den.by_cluster, e);
    let by_days = part(&first.by_day, &second.by_day, &den.by_day, d);
    let freedom = satterthwaite(by_clusters, by_days, den.effective_clusters(), d);
    let half = student_t(freedom, tail(confidence)) * (by_clusters + by_days).sqrt();
    Ok((value, value - half, value + half))
}

/// Satterthwaite's degrees of freedom of a sum of two variances, at least 1.
fn satterthwaite(by_clusters: f64, by_days: f64, clusters: f64, days: f64) -> f64 {
    let below = by_clusters.powi(2) / (clusters - 1.0).max(1.0) + by_days.powi(2) / (days - 1.0);
    if below <= 0.0 { (clusters.min(days) - 1.0).max(1.0) } else { ((by_clusters + by_days).powi(2) / below).max(1.0) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Ten clusters, four days; cluster c has c alerts on day 0 and one on every other.
    fn sample(scale: u32) -> Cells {
        Cells::count(
            10,
            4,
            (0..10).flat_map(|c| (0..4).flat_map(move |d| std::iter::repeat_n((c, d), (if d == 0 { c * scale } else { 1 }) as usize))),
        )
    }

    #[test]
    fn counts_add_up() {
        let cells = sample(1);
        assert_eq!(cells.total, 45.0 + 30.0);
        assert_eq!(cells.by_day, [45.0, 10.0, 10.0, 10.0]);
        assert_eq!(cells.by_cluster[9], 12.0);
        assert_eq!(cells.weighted(&[1.0; 10], &[1.0; 4]), 75.0);
        assert_eq!(cells.weighted(&[2.0; 10], &[0.0, 1.0, 0.0, 0.0]), 20.0);
    }

    #[test]
    fn a_total_by_hand() {
        let found = total(&sample(1), Counted::Alerts).unwrap();
        let (mut by_clusters, mut by_days) = (0.0, 0.0);
        for c in 0..10 {
            let rate_without: f64 = (75.0 - f64::from(c + 3)) / 9.0;
            by_clusters += (rate_without / 7.5).ln().powi(2) * 0.9;
        }
        for n in [45.0, 10.0, 10.0, 10.0_f64] {
            by_days += (n / 75.0 - 0.25).powi(2) * 4.0 / 3.0;
        }
        assert!((found.by_clusters - by_clusters).abs() < 1e-12 && (found.by_days - by_days).abs() < 1e-12);
        assert_eq!(found.freedom, 3.0);
        // t(3) at 0.95 is 2.353363.
        assert!((found.half(0.90) - 2.353_363_434_801_823 * (by_clusters + by_days).sqrt()).abs() < 1e-9);
    }

    #[test]
    fn a_ratio_by_hand() {
        let (num, den) = (sample(1), sample(3));
        let found = ratio(&num, &den, (Counted::Alerts, Counted::Alerts)).unwrap();
        assert!((found.log - (75.0_f64 / 165.0).ln()).abs() < 1e-12);
        let by_days: f64 =
            [(45.0, 135.0), (10.0, 10.0), (10.0, 10.0), (10.0, 10.0)].iter().map(|(a, b)| (a / 75.0 - b / 165.0_f64).powi(2)).sum::<f64>()
                * 4.0
                / 3.0;
        let by_clusters: f64 =
            (0..10).map(f64::from).map(|c| (((72.0 - c) / (162.0 - 3.0 * c)) / (75.0 / 165.0)).ln().powi(2)).sum::<f64>() * 0.9;
        assert!((found.by_days - by_days).abs() < 1e-12 && (found.by_clusters - by_clusters).abs() < 1e-12);
        // The clusters of the denominator hold 3 to 30 of 165, squares 3465: less what chance makes unequal there are 165 x 165 / (3465 - 165) = 8.25 in effect.
        let clusters = 8.25;
        assert!((found.clusters - clusters).abs() < 1e-9);
        let v = by_clusters + by_days;
        assert!((found.freedom - (v * v / (by_clusters.powi(2) / (clusters - 1.0) + by_days.powi(2) / 3.0))).abs() < 1e-9);
    }

    #[test]
    fn at_a_budget_the_larger_variance_counts() {
        // Numerator and denominator share their clusters, so the ratio hardly varies, and the denominator does.
        let (num, den) = (sample(1), sample(3));
        let what = (Counted::Alerts, Counted::Alerts);
        let (plain, budget, of_den) =
            (ratio(&num, &den, what).unwrap(), ratio_at_budget(&num, &den, what).unwrap(), total(&den, Counted::Alerts).unwrap());
        assert!(of_den.deviation() > plain.deviation());
        assert_eq!((budget.log, budget.deviation()), (plain.log, of_den.deviation()));
        // Where the denominator hardly varies, the ratio's own variance stays.
        let even = Cells::count(10, 4, (0..10).flat_map(|c| (0..4).flat_map(move |d| std::iter::repeat_n((c, d), 9))));
        assert_eq!(ratio_at_budget(&num, &even, what).unwrap(), ratio(&num, &even, what).unwrap());
    }

    #[test]
    fn the_same_counts_have_the_ratio_one() {
        let found = ratio(&sample(1), &sample(1), (Counted::Alerts, Counted::Alerts)).unwrap();
        assert_eq!(found.limits(0.90), (1.0, 1.0));
        assert_eq!(difference(&sample(1), &sample(1), &sample(2), 0.90).unwrap().0, 0.0);
    }

    #[test]
    fn guards() {
        let few_days = Cells::count(20, 3, (0..20).map(|c| (c, c % 3)));
        let few_clusters = Cells::count(9, 7, (0..9).map(|c| (c, c % 7)));
        let one_holds_all = Cells::count(20, 7, (0..7).map(|d| (3, d)));
        for cells in [few_days, few_clusters, one_holds_all] {
            assert!(matches!(total(&cells, Counted::Alerts), Err(Refusal::None(_))));
        }
        assert_eq!(total(&Cells::count(20, 7, []), Counted::Alerts), Err(Refusal::NothingSeen));
        assert_eq!(ratio(&Cells::count(10, 4, []), &sample(1), (Counted::Alerts, Counted::Alerts)), Err(Refusal::NothingSeen));
        assert!(matches!(ratio(&sample(1), &Cells::count(10, 4, []), (Counted::Alerts, Counted::Alerts)), Err(Refusal::None(_))));
    }

    #[test]
    fn inequality_of_equal_and_unequal_clusters() {
        assert_eq!(Cells::count(10, 1, (0..10).flat_map(|c| std::iter::repeat_n((c, 0), 50))).inequality(), 1.0);
        assert!(Cells::count(10, 1, std::iter::repeat_n((0, 0), 500)).inequality() > 9.9);
    }

    proptest! {
        #[test]
        fn limits_hold_the_value(num in proptest::collection::vec((0u32..15, 0u32..6), 1..80), den in proptest::collection::vec((0u32..15, 0u32..6), 1..80)) {
            let (num, den) = (Cells::count(15, 6, num), Cells::count(15, 6, den));
            if let Ok(found) = ratio(&num, &den, (Counted::Alerts, Counted::Alerts)) {
                let (low, high) = found.limits(0.90);
                let value = num.total / den.total;
                prop_assert!(low <= value * (1.0 + 1e-12) && value <= high * (1.0 + 1e-12));
                prop_assert!(found.freedom >= 1.0 && found.freedom <= 20.0);
            }
            if let Ok(found) = total(&num, Counted::Alerts) {
                let (low, high) = found.limits(0.90);
                prop_assert!(low <= num.total * (1.0 + 1e-12) && num.total <= high * (1.0 + 1e-12));
            }
        }
    }
}
