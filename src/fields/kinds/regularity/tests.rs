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
    let mut intervals: Vec<f64> =
        contacts.windows(2).map(|pair| ((pair[1].time - pair[0].time) as f64 / 1e6).round()).filter(|d| *d > 0.0).collect();
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

/// A day of somebody who calls fifteen places a few times each.
fn errands(random: &mut Xoshiro256PlusPlus) -> Vec<Vec<Contact>> {
    let day = |random: &mut Xoshiro256PlusPlus| {
        let mut seconds: Vec<f64> = (0..random.gen_range(4..12)).map(|_| random.gen_range(28_000.0..64_000.0)).collect();
        seconds.sort_unstable_by(f64::total_cmp);
        sized(random, &seconds, 500.0..90_000.0)
    };
    (0..15).map(|_| day(random)).collect()
}

fn sized(random: &mut Xoshiro256PlusPlus, seconds: &[f64], sizes: std::ops::Range<f64>) -> Vec<Contact> {
    at(seconds).into_iter().map(|contact| Contact { size: random.gen_range(sizes.clone()), ..contact }).collect()
}

/// All four parts of RITA's score of a day: intervals, sizes, evenness over the hours, and the longest run of hours (of twelve).
fn rita_in_four_parts(contacts: &[Contact]) -> f64 {
    let as_intervals = |values: Vec<f64>| {
        let mut time = 0.0;
        let starts = std::iter::once(0.0).chain(values.into_iter().map(|value| {
            time += value;
            time
        }));
        at(&starts.collect::<Vec<_>>())
    };
    let sizes = rita(&as_intervals(contacts.iter().map(|contact| contact.size.round()).collect()));
    let mut hours = [0.0_f64; 24];
    contacts.iter().for_each(|contact| hours[(contact.time / 3_600_000_000) as usize % 24] += 1.0);
    let mean = hours.iter().sum::<f64>() / 24.0;
    let spread = (hours.iter().map(|n| (n - mean).powi(2)).sum::<f64>() / 24.0).sqrt();
    let longest = hours.iter().fold((0, 0), |(run, most), n| if *n > 0.0 { (run + 1, most.max(run + 1)) } else { (0, most) }).1;
    (rita(contacts) + sizes + (1.0 - spread / mean).max(0.0) + (f64::from(longest) / 12.0).min(1.0)) / 4.0
}

#[test]
fn places_called_a_few_times_do_not_pass_for_beacons() {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(8);
    let people: Vec<Vec<Vec<Contact>>> = (0..200).map(|_| errands(&mut random)).collect();
    let beacons: Vec<Vec<Contact>> = (0..200)
        .map(|_| {
            let seconds: Vec<f64> = beacon(&mut random, 300.0, 0.2, 0.3).iter().map(|contact| contact.time as f64 / 1e6).collect();
            sized(&mut random, &seconds, 700.0..720.0)
        })
        .collect();
    // The share of beacons above nineteen in twenty of the people, each by the steadiest of their places.
    let found = |score: &dyn Fn(&[Contact]) -> f64| {
        let mut best: Vec<f64> = people.iter().map(|places| places.iter().map(|place| score(place)).fold(0.0, f64::max)).collect();
        best.sort_unstable_by(f64::total_cmp);
        let cut = best[190];
        (beacons.iter().filter(|beacon| score(beacon) > cut).count() as f64 / 200.0, cut)
    };
    let ours = |least: usize, sized: bool| move |contacts: &[Contact]| super::score(contacts, least, sized).unwrap_or(0.0);
    let (few, few_cut) = found(&ours(6, false));
    let (own, own_cut) = found(&ours(CONTACTS, false));
    let (with_size, _) = found(&ours(CONTACTS, true));
    let (four, _) = found(&rita_in_four_parts);
    let (time_alone, _) = found(&rita);
    eprintln!(
        "six contacts {few} (people up to {few_cut:.2}), twelve {own} ({own_cut:.2}), with size {with_size}; RITA's four parts {four}, its time part {time_alone}"
    );
    assert!(few < 0.5 && few_cut > 0.8, "six contacts are too few: {few}, people up to {few_cut}");
    assert!(own >= 0.99 && with_size >= 0.99, "{own}, with size {with_size}");
    assert!(own >= four && four >= 0.95 && time_alone < own, "RITA: {four}, its time part alone {time_alone}");
}
