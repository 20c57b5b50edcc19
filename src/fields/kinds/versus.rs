//! Another field against the entity's own past, or against its peers.
//!
//! # What it is
//! With x the value of the field `of` (its signed logarithm, sign(x) ln(1 + |x|), where that field has `scale: log`), h the values it is
//! compared with, and n their number:
//!
//! ```text
//! (x - median(h)) / spread      spread = (n s + 5 p) / (n + 5)      s = IQR(h) / 1.349
//! ```
//!
//! - `versus: self`: h are the entity's values in earlier periods;
//! - `versus: peers`: h are the values of the other units of the same period, with the same value of the column `group` where one is named.
//!
//! p is the spread that is common to all: the IQR / 1.349 of the differences x - median(h) of the training part, their standard deviation
//! where that is 0, and 1 where that is 0 too. It steadies short histories and small groups, and keeps the quotient finite. IQR / 1.349
//! estimates the standard deviation of a normal distribution and ignores the tails (Rousseeuw and Croux 1993).
//! # Nulls
//! Null where x is null, where there is no earlier value or no peer with a value, and where the unit has no value of `group`.
//! # Cost
//! Works on units, not on events: one sorted list for each entity, or for each period and group.

use std::{collections::BTreeMap, sync::Arc};

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Kind, Shape, UNITS};
use crate::{
    fields::order::{median, quantile, quantile_by},
    said,
    text::Said,
};

pub(super) const KIND: Kind =
    Kind::of::<Versus>("versus", "another field against the entity's past, or its peers", include_str!("versus.rs"), UNITS);

/// Another field against the entity's own past, or against its peers.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Versus {
    /// What it is compared with.
    pub(crate) versus: Against,
    /// The field that is compared.
    pub(crate) of: String,
    /// With `versus: peers`, the column whose value peers share; without it all units of the period are peers.
    #[serde(default)]
    pub(crate) group: Option<String>,
}

/// What a value is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Against {
    /// The entity's own earlier periods.
    #[serde(rename = "self")]
    Own,
    /// The other units of the same period.
    Peers,
}

impl From<Versus> for Shape {
    fn from(versus: Versus) -> Self {
        Self::Units(versus)
    }
}

/// The units as they are compared, in the order of period, then entity.
pub(crate) struct Units<'a> {
    /// The code of each unit's entity.
    pub(crate) entities: &'a [u32],
    /// The period of each unit.
    pub(crate) periods: &'a [i64],
    /// The value of `group` of each unit, where it is named.
    pub(crate) groups: Option<&'a [Option<Arc<str>>]>,
    /// Whether each unit belongs to the training part.
    pub(crate) training: &'a [bool],
}

/// A difference to a median, with the spread around it and the number of values behind both.
#[derive(Debug, Clone, Copy)]
struct Difference {
    value: f64,
    spread: f64,
    count: usize,
}

/// The ratio of the interquartile range to the standard deviation of a normal distribution.
const IQR_OF_NORMAL: f64 = 1.349;
/// The weight of the common spread, in values.
const COMMON: f64 = 5.0;
/// Values beyond this are taken as this, so that no difference overflows.
const LARGEST: f64 = 1e100;

impl Versus {
    /// What it is, in words.
    pub(crate) fn definition(&self) -> Said {
        match (self.versus, &self.group) {
            (Against::Own, _) => {
                said!(en: "{field} against the entity's own past", fr: "{field} face au passé de l’entité", field = self.of)
            }
            (Against::Peers, Some(group)) => said!(
                en: "{field} against peers of the same {group}",
                fr: "{field} face aux pairs de même {group}",
                field = self.of,
                group = group.to_string(),
            ),
            (Against::Peers, None) => {
                said!(en: "{field} against all others of the period", fr: "{field} face à tous les autres de la période", field = self.of)
            }
        }
    }

    /// What is wrong with the parameters: the option, and what.
    pub(crate) fn check(&self) -> Vec<(&'static str, String)> {
        if self.versus == Against::Own && self.group.is_some() {
            vec![("group", "only `versus: peers` compares within a group".to_owned())]
        } else {
            Vec::new()
        }
    }

    /// Compares values, one for each unit.
    pub(crate) fn compare(&self, values: &[Option<f64>], units: &Units<'_>) -> Vec<Option<f64>> {
        let values: Vec<Option<f64>> = values.iter().map(|value| value.map(|value| value.clamp(-LARGEST, LARGEST))).collect();
        let differences = match self.versus {
            Against::Own => own(&values, units),
            Against::Peers => peers(&values, units),
        };
        let common = common_spread(&differences, units.training);
        let scaled = |difference: Difference| {
            let n = difference.count as f64;
            difference.value / ((n * difference.spread + COMMON * common) / (n + COMMON))
        };
        differences.into_iter().map(|difference| difference.map(scaled)).collect()
    }
}

/// Differences to the entity's earlier values.
fn own(values: &[Option<f64>], units: &Units<'_>) -> Vec<Option<Difference>> {
    let mut histories: BTreeMap<u32, Vec<f64>> = BTreeMap::new();
    values
        .iter()
        .zip(units.entities)
        .map(|(value, &entity)| {
            let value = (*value)?;
            let history = histories.entry(entity).or_default();
            let difference = difference(value, history.len(), |index| history[index]);
            history.insert(history.partition_point(|&other| other < value), value);
            difference
        })
        .collect()
}

/// Differences to the other units of the same period and group.
fn peers(values: &[Option<f64>], units: &Units<'_>) -> Vec<Option<Difference>> {
    let mut companies: BTreeMap<(i64, &str), Vec<(f64, usize)>> = BTreeMap::new();
    for (row, (value, &period)) in values.iter().zip(units.periods).enumerate() {
        let group = match units.groups {
            Some(groups) => groups[row].as_deref(),
            None => Some(""),
        };
        if let (Some(value), Some(group)) = (value, group) {
            companies.entry((period, group)).or_default().push((*value, row));
        }
    }
    let mut differences = vec![None; values.len()];
    for company in companies.values_mut() {
        company.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        for (place, &(value, row)) in company.iter().enumerate() {
            // All but this one.
            let other = |index: usize| company[index + usize::from(index >= place)].0;
            differences[row] = difference(value, company.len() - 1, other);
        }
    }
    differences
}

fn difference(value: f64, count: usize, sorted: impl Fn(usize) -> f64) -> Option<Difference> {
    let at = |q: f64| quantile_by(count, q, &sorted);
    let (low, middle, high) = (at(0.25)?, at(0.5)?, at(0.75)?);
    Some(Difference { value: value - middle, spread: (high - low) / IQR_OF_NORMAL, count })
}

/// The spread of the differences of the training part; never 0.
fn common_spread(differences: &[Option<Difference>], training: &[bool]) -> f64 {
    let mut known: Vec<f64> = differences
        .iter()
        .zip(training)
        .filter(|(_, training)| **training)
        .filter_map(|(difference, _)| difference.map(|d| d.value))
        .collect();
    known.sort_unstable_by(f64::total_cmp);
    let (Some(low), Some(high), Some(middle)) = (quantile(&known, 0.25), quantile(&known, 0.75), median(&known)) else { return 1.0 };
    let robust = (high - low) / IQR_OF_NORMAL;
    if robust > 0.0 {
        return robust;
    }
    let n = known.len() as f64;
    let deviation = (known.iter().map(|d| (d - middle) * (d - middle)).sum::<f64>() / (n - 1.0).max(1.0)).sqrt();
    if deviation > 0.0 { deviation } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn versus(versus: Against, group: bool) -> Versus {
        Versus { versus, of: "x".into(), group: group.then(|| "department".into()) }
    }

    #[test]
    fn against_the_past() {
        let units =
            Units { entities: &[0, 0, 0, 0, 1], periods: &[0, 1, 2, 3, 3], groups: None, training: &[true, true, true, false, false] };
        let found = versus(Against::Own, false).compare(&[Some(1.0), Some(3.0), None, Some(10.0), Some(5.0)], &units);
        // Only one training difference (3 - 1 = 2): its IQR and deviation are 0, so the common spread is 1.
        // Row 1: h = {1}, n = 1, s = 0: 2 / ((0 + 5) / 6) = 2.4.
        // Row 3: h = {1, 3}, median 2, IQR 1: 8 / ((2 / 1.349 + 5) / 7).
        let expected = 8.0 / ((2.0 / 1.349 + 5.0) / 7.0);
        assert_eq!((found[0], found[2], found[4]), (None, None, None));
        assert!((found[1].unwrap() - 2.4).abs() < 1e-12);
        assert!((found[3].unwrap() - expected).abs() < 1e-12);
    }

    #[test]
    fn the_future_does_not_matter() {
        let units = |n: usize| (vec![0; n], (0..n as i64).collect::<Vec<_>>(), vec![true, true, true, false, false, false]);
        let values = [1.0, 2.0, 4.0, 3.0, 100.0, 7.0].map(Some);
        let (entities, periods, training) = units(6);
        let all = versus(Against::Own, false)
            .compare(&values, &Units { entities: &entities, periods: &periods, groups: None, training: &training });
        let (entities, periods, _) = units(4);
        let some = versus(Against::Own, false)
            .compare(&values[..4], &Units { entities: &entities, periods: &periods, groups: None, training: &training[..4] });
        assert_eq!(all[..4], some[..]);
    }

    #[test]
    fn against_peers_without_oneself() {
        let a = Some(Arc::from("a"));
        let b = Some(Arc::from("b"));
        let groups = [a.clone(), a.clone(), a.clone(), b, None, a];
        let units = Units {
            entities: &[0, 1, 2, 3, 4, 5],
            periods: &[0, 0, 0, 0, 0, 1],
            groups: Some(&groups),
            training: &[true, true, true, true, true, false],
        };
        let found = versus(Against::Peers, true).compare(&[1.0, 2.0, 9.0, 4.0, 5.0, 6.0].map(Some), &units);
        // Differences: 1 - 5.5, 2 - 5, 9 - 1.5 = -4.5, -3, 7.5; IQR of them: 2.25 - -3.75 = 6, so p = 6 / 1.349.
        // Row 2: h = {1, 2}, IQR 0.5: 7.5 / ((2 * 0.5 + 5 * 6) / 1.349 / 7).
        let expected = 7.5 / ((2.0 * 0.5 + 5.0 * 6.0) / 1.349 / 7.0);
        assert!((found[2].unwrap() - expected).abs() < 1e-12);
        assert_eq!((found[3], found[4], found[5]), (None, None, None));
    }

    #[test]
    fn extreme_values_stay_finite() {
        let units = Units { entities: &[0, 0, 0], periods: &[0, 1, 2], groups: None, training: &[true, true, false] };
        let found = versus(Against::Own, false).compare(&[Some(f64::MAX), Some(f64::MAX), Some(f64::MIN)], &units);
        assert!(found.iter().flatten().all(|value| value.is_finite()));
    }
}
