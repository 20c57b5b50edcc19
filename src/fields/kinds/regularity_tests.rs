//! By hand, and against the score of RITA on planted beacons and human browsing.

use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

use super::*;

fn at(seconds: &[f64]) -> Vec<Contact> {
    seconds.iter().map(|second| Contact { time: (second * 1e6) as i64, size: f64::NAN }).collect()
}

#[test]
fn by_hand() {
    assert_eq!(score(&at(&[0.0, 60.0, 120.0, 180.0, 240.0, 300.0]), 6, false), Some(1.0));
    // The contacts at 120 and 240 are missing: intervals of 120, 60, 120 fold onto 60.
    assert_eq!(score(&at(&[0.0, 60.0, 180.0, 300.0, 360.0, 420.0]), 6, false), Some(1.0));
    // Contacts within a second are one, and five have no rhythm.
    assert_eq!(score(&at(&[0.0, 0.5, 60.0, 120.0, 180.0, 240.0]), 6, false), None);
    // Intervals 50, 60, 70, 60, 60 around 60: deviations 1/6, 0, 1/6, 0, 0.
    assert_eq!(score(&at(&[0.0, 50.0, 110.0, 180.0, 240.0, 300.0]), 6, false), Some(1.0));
    // Intervals 30, 50, 60, 70, 90 around 60: deviations 1/2, 1/6, 0, 1/6, 1/2; their median 1/6; 1 - 2/6.
    let shaky = score(&at(&[0.0, 30.0, 80.0, 140.0, 210.0, 300.0]), 6, false).unwrap();
    assert!((shaky - 2.0 / 3.0).abs() < 0.07, "{shaky}");
    let sized: Vec<Contact> = [10.0, 10.0, 10.0, 20.0, 10.0, 40.0]
        .iter()
        .enumerate()
        .map(|(index, size)| Contact { time: index as i64 * 60_000_000, size: *size })
        .collect();
    // Sizes: median 10, deviations 0, 0, 0, 0, 10, 30 with the median 0.
    assert_eq!(score(&sized, 6, true), Some(1.0));
}

/// The timestamp part of RITA's score (v5, `analysis/beacons.go`): Bowley's skewness and the median absolute deviation of the intervals,
/// each 0 to 1, and their mean.
fn rita(contacts: &[Contact]) -> f64 {
    let mut intervals: Vec<f64> = contacts.windows(2).map(|pair| ((pair[1].time - pair[0].time) as f64 / 1e6).round()).filter(|d| *d > 0.0).collect();
    intervals.sort_unstable_by(f64::total_cmp);
    let quantile = |share: f64| intervals[((intervals.len() - 1) as f64 * share).round() as usize];
    let (low, mid, high) = (quantile(0.25), quantile(0.5), quantile(0.75));
    let skew = if high - low < 10.0 || mid == low || mid == high { 0.0 } else { (low + high - 2.0 * mid) / (high - low) };
    let mut deviations: Vec<f64> = intervals.iter().map(|d| (d - mid).abs()).collect();
    let spread = median(&mut deviations);
    let madm = if mid >= 1.0 { (mid - spread).max(0.0) / mid } else { 0.0 };
    (1.0 - skew.abs() + madm) / 2.0
}

/// A day of a beacon: a sleep of `period` seconds, shortened by up to `jitter` of it, `missing` of the contacts not logged.
fn beacon(random: &mut Xoshiro256PlusPlus, period: f64, jitter: f64, missing: f64) -> Vec<Contact> {
    let mut time = random.gen_range(0.0..period);
    let mut seconds = Vec::new();
    while time < 86_400.0 {
        if !random.gen_bool(missing) {
            seconds.push(time);
        }
        time += period * (1.0 - jitter * random.gen_range(0.0..1.0));
    }
    at(&seconds)
}

/// A day of somebody who browses: visits some minutes to hours apart, each a burst of pages with reading times between them.
fn browsing(random: &mut Xoshiro256PlusPlus) -> Vec<Contact> {
    let mut time = 30_000.0;
    let mut seconds = Vec::new();
    while time < 65_000.0 {
        for _ in 0..random.gen_range(2..12) {
            seconds.push(time);
            // Reading times are lognormal: median 20 s, sigma 1.3.
            let normal: f64 = (0..12).map(|_| random.gen_range(0.0..1.0)).sum::<f64>() - 6.0;
            time += 20.0 * (1.3 * normal).exp();
        }
        time += -1_800.0 * (1.0 - random.gen_range(0.0..1.0f64)).ln();
    }
    at(&seconds)
}

/// The share of beacons that score above nineteen in twenty of those who browse.
fn found(score: impl Fn(&[Contact]) -> f64, jitter: f64, missing: f64) -> f64 {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(7);
    let mut people: Vec<f64> = (0..400).map(|_| score(&browsing(&mut random))).collect();
    people.sort_unstable_by(f64::total_cmp);
    let cut = people[380];
    let beacons = (0..200).filter(|_| score(&beacon(&mut random, 300.0, jitter, missing)) > cut).count();
    beacons as f64 / 200.0
}

#[test]
fn beacons_stand_out_from_browsing_as_far_as_with_rita_and_further_where_contacts_are_missing() {
    let ours = |contacts: &[Contact]| super::score(contacts, 6, false).unwrap_or(0.0);
    for jitter in [0.0, 0.1, 0.2, 0.3, 0.4, 0.5] {
        for missing in [0.0, 0.3] {
            let (own, their) = (found(ours, jitter, missing), found(rita, jitter, missing));
            eprintln!("jitter {jitter:.1}, missing {missing:.1}: {own:.2} found, {their:.2} by RITA's timestamp score");
            assert!(own >= 0.95, "jitter {jitter}, missing {missing}: {own}");
            assert!(own >= their - 0.05, "jitter {jitter}, missing {missing}: {own} against {their}");
        }
    }
}
