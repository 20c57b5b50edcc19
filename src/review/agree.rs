//! Several analysts on the same rows: what counts, and how far they agree.

use std::collections::{BTreeMap, BTreeSet};

use super::Given;
use crate::{evaluate::readings::Reading, units::Disposition};

/// What counts where analysts disagree.
pub const RULE: &str =
    "where analysts disagree the majority counts; where there is none, the graver: attack, then right but legitimate, then false";

/// What the analysts said together.
#[derive(Debug, PartialEq)]
pub(super) struct Agreed {
    pub readings: BTreeMap<u32, Reading>,
    pub analysts: Vec<String>,
    pub read_twice: u64,
    pub disagreements: u64,
    /// Of those, where some say attack and some do not.
    pub attack_disagreements: u64,
    pub kappa: Option<f64>,
}

/// The graver first.
const BY_GRAVITY: [Disposition; 3] = [Disposition::TruePositive, Disposition::BenignTruePositive, Disposition::FalsePositive];

pub(super) fn agree(given: &[Given]) -> Agreed {
    let mut of_case: BTreeMap<u32, Vec<&Given>> = BTreeMap::new();
    given.iter().for_each(|given| of_case.entry(given.case).or_default().push(given));
    let several = || of_case.values().filter(|all| all.len() > 1);
    let analysts: BTreeSet<&str> = given.iter().map(|given| given.analyst.as_str()).collect();
    Agreed {
        readings: of_case.iter().map(|(case, all)| (*case, one(all))).collect(),
        read_twice: several().count() as u64,
        disagreements: several().filter(|all| all.iter().any(|given| given.disposition != all[0].disposition)).count() as u64,
        attack_disagreements: several()
            .filter(|all| {
                let attack = |given: &&Given| given.disposition == Disposition::TruePositive;
                all.iter().any(attack) && !all.iter().all(attack)
            })
            .count() as u64,
        kappa: kappa(&of_case, &analysts),
        analysts: analysts.into_iter().map(str::to_owned).collect(),
    }
}

fn one(all: &[&Given]) -> Reading {
    let votes = |wanted: Disposition| all.iter().filter(|given| given.disposition == wanted).count();
    // The first of equal numbers is the graver.
    let disposition = BY_GRAVITY.into_iter().rev().max_by_key(|d| votes(*d)).unwrap_or(Disposition::FalsePositive);
    let incidents = all
        .iter()
        .filter(|given| given.disposition == Disposition::TruePositive && disposition == Disposition::TruePositive)
        .filter_map(|given| given.incident.clone())
        .collect();
    Reading { disposition, incidents }
}

/// Cohen's kappa (Cohen 1960) of the two analysts who share the most cases; `None` where no two do, or where chance alone would agree always.
fn kappa(of_case: &BTreeMap<u32, Vec<&Given>>, analysts: &BTreeSet<&str>) -> Option<f64> {
    let names: Vec<&str> = analysts.iter().copied().collect();
    let said = |all: &[&Given], name: &str| all.iter().find(|given| given.analyst == name).map(|given| given.disposition);
    let pairs = (0..names.len()).flat_map(|a| (a + 1..names.len()).map(move |b| (a, b)));
    let shared = |(a, b): (usize, usize)| -> Vec<(Disposition, Disposition)> {
        of_case.values().filter_map(|all| said(all, names[a]).zip(said(all, names[b]))).collect()
    };
    // The first of the pairs that share as many.
    let both = pairs.map(shared).reduce(|best, pair| if pair.len() > best.len() { pair } else { best }).filter(|both| !both.is_empty())?;
    let n = both.len() as f64;
    let share = |of: &dyn Fn(&(Disposition, Disposition)) -> bool| both.iter().filter(|pair| of(pair)).count() as f64 / n;
    let observed = share(&|(a, b)| a == b);
    let chance: f64 = BY_GRAVITY.iter().map(|d| share(&|(a, _)| a == d) * share(&|(_, b)| b == d)).sum();
    (chance < 1.0).then(|| (observed - chance) / (1.0 - chance))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(case: u32, analyst: &str, disposition: Disposition, incident: &str) -> Given {
        let incident = Some(incident.to_owned()).filter(|text| !text.is_empty());
        Given { case, analyst: analyst.into(), disposition, incident, note: None }
    }

    use Disposition::{BenignTruePositive as B, FalsePositive as F, TruePositive as T};

    #[test]
    fn the_majority_counts_then_the_graver() {
        let all = [
            given(1, "a", F, ""),
            given(1, "b", T, "x"),
            given(2, "a", F, ""),
            given(2, "b", F, ""),
            given(2, "c", T, "y"),
            given(3, "a", B, ""),
            given(4, "a", B, ""),
            given(4, "b", F, ""),
        ];
        let found = agree(&all);
        assert_eq!(found.readings[&1], Reading { disposition: T, incidents: BTreeSet::from(["x".to_owned()]) });
        assert_eq!(found.readings[&2], Reading { disposition: F, incidents: BTreeSet::new() });
        assert_eq!(found.readings[&3].disposition, B);
        assert_eq!((found.read_twice, found.disagreements, found.attack_disagreements, found.analysts.len()), (3, 3, 2, 3));
    }

    #[test]
    fn kappa_by_hand() {
        // 50 cases, yes/no 20 and 15 together, 5 and 10 apart: observed 0.7, chance 0.5, kappa 0.4 (the usual textbook table).
        let table = [(20, T, T), (5, T, F), (10, F, T), (15, F, F)];
        let mut all = Vec::new();
        let mut case = 0;
        for (n, a, b) in table {
            for _ in 0..n {
                all.push(given(case, "a", a, ""));
                all.push(given(case, "b", b, ""));
                case += 1;
            }
        }
        assert!((agree(&all).kappa.unwrap() - 0.4).abs() < 1e-12);
        assert_eq!(agree(&all[..1]).kappa, None);
        assert_eq!(agree(&[given(1, "a", F, ""), given(1, "b", F, "")]).kappa, None);
    }
}
