//! Do the limits under false verdicts cover? The windows of `population`, read in part, each verdict turned round with the rate that the limits assume.

use gonogo::evaluate::Misread;
use rand::Rng;

use super::*;

/// The rates of false verdicts that every review is looked at with.
const RATES: [f64; 2] = [0.02, 0.05];
/// Readings, the last of which are all that there are.
const READ: [u64; 4] = [50, 200, 400, 100_000];

/// What is held at one rate and number of readings: limits under false verdicts, and the intervals that take verdicts for the truth.
#[derive(Default)]
struct Held {
    precision: Tally,
    reduction: Tally,
    plain_precision: Tally,
    plain_reduction: Tally,
    /// Limits of the reduction that were asked for, and those that could not be given.
    asked: u64,
    none: u64,
}

impl Held {
    fn add(&mut self, full: &[AtBudgetOnly], found: &[AtBudgetOnly], error: f64) {
        for (wanted, contender) in full.iter().zip(found).filter(|(wanted, _)| !wanted.is_baseline) {
            let (Some(window), Some(precision)) = (contender.point.sampled.as_ref(), wanted.point.precision) else { continue };
            let (Some(reduction), Some(misread)) = (wanted.point.fp_reduction.as_ref(), at(&window.if_misread, error)) else { continue };
            self.plain_precision.add(window.precision.as_ref(), precision);
            self.plain_reduction.add(window.fp_reduction.as_ref(), reduction.value);
            // No limits are a miss: the errors that were made were ruled out.
            let hold = |tally: &mut Tally, limits: Option<[f64; 2]>, truth: f64| match limits {
                Some([low, high]) => tally.hold((low, low - 1e-9, high + 1e-9), truth),
                None => tally.missed_above += 1,
            };
            hold(&mut self.precision, misread.precision, precision);
            hold(&mut self.reduction, misread.fp_reduction, reduction.value);
            self.asked += 1;
            self.none += u64::from(misread.fp_reduction.is_none());
        }
    }

    fn join(&mut self, other: &Self) {
        self.precision.join(&other.precision);
        self.reduction.join(&other.reduction);
        self.plain_precision.join(&other.plain_precision);
        self.plain_reduction.join(&other.plain_reduction);
        self.asked += other.asked;
        self.none += other.none;
    }
}

fn at(all: &[Misread], error: f64) -> Option<&Misread> {
    all.iter().find(|found| found.rate.error == error && !found.rate.from_readings)
}

/// For each rate and number of readings, how often the truth of fresh windows is held.
fn misread(setting: Setting, rates: &[f64], reviews: &[u64], repetitions: u64) -> Vec<Held> {
    let found: Vec<Vec<Held>> = (0..repetitions)
        .into_par_iter()
        .map(|repetition| {
            let window = population(setting, repetition);
            let judge = |part: &Part, review: Option<&Reviewed>| at_budget(&window.input(part, review));
            let blind = Part { labels: None, ..window.part.clone() };
            let frame = ReviewFrame::new(&window.input(&blind, None), false, repetition);
            let full = judge(&window.part, None);
            let pairs = rates.iter().flat_map(|rate| reviews.iter().map(move |n| (*rate, *n)));
            let held = pairs.map(|(rate, reviews)| {
                let mut rng = Xoshiro256PlusPlus::seed_from_u64(70_000 + repetition);
                let sheet = frame.next(&vec![false; window.part.cases.len()], reviews);
                let said = |case: &u32| {
                    let is_attack = window.is_attack(*case as usize) != rng.gen_bool(rate);
                    let disposition = if is_attack { Disposition::TruePositive } else { Disposition::FalsePositive };
                    (*case, Reading { disposition, incidents: Default::default() })
                };
                let readings: BTreeMap<u32, Reading> = sheet.iter().map(said).collect();
                let seen = Part { labels: Some(labelled(&blind, &readings)), ..blind.clone() };
                let mut held = Held::default();
                held.add(&full, &judge(&seen, Some(&frame.reviewed(&readings))), rate);
                held
            });
            held.collect()
        })
        .collect();
    let mut all: Vec<Held> = rates.iter().flat_map(|_| reviews.iter().map(|_| Held::default())).collect();
    found.iter().for_each(|one| all.iter_mut().zip(one).for_each(|(sum, one)| sum.join(one)));
    all
}

#[test]
fn limits_under_false_verdicts_cover() {
    let repetitions = 24;
    for held in misread(STUDY, &[0.05], &[200, 100_000], repetitions) {
        assert_covers("precision", &held.precision, repetitions);
        assert_covers("fp_reduction", &held.reduction, repetitions);
        assert!(held.none * 20 < held.asked, "{} of {} without limits", held.none, held.asked);
    }
}

/// All settings; writes `tests/it/coverage/misread.md`.
#[test]
#[ignore = "takes minutes"]
fn every_setting_misread() {
    let repetitions = std::env::var("GONOGO_WINDOWS").ok().and_then(|n| n.parse().ok()).unwrap_or(600);
    let mut table = format!(
        "# Limits under false verdicts: do they cover?\n\nMade by `cargo test --release --test it every_setting_misread -- --ignored`, {repetitions} windows a setting, nominal 90 %, about this window.\n\
         The populations of `sampled.md`; each verdict is turned round with the rate that the limits assume. Coverage in percent (truth below, above) /\n\
         median width; where no limits can be given, as they would rule out the errors that were made, that counts as a miss (above). The last two columns are the intervals that take every verdict for the truth.\n\n\
         | setting | rate | readings | precision | fp_reduction | no limits of fp_reduction | precision, errors ignored | fp_reduction, errors ignored |\n\
         |---|---|---|---|---|---|---|---|\n"
    );
    let least = 87.0 - 200.0 * (0.87 * 0.13 / repetitions as f64).sqrt();
    let mut failures = Vec::new();
    for setting in SETTINGS {
        let found = misread(setting, &RATES, &READ, repetitions);
        let pairs = RATES.iter().flat_map(|rate| READ.iter().map(move |n| (rate, n)));
        for ((rate, reviews), held) in pairs.zip(&found) {
            let read = if *reviews == READ[3] { "all".to_owned() } else { reviews.to_string() };
            let none = 100.0 * held.none as f64 / held.asked.max(1) as f64;
            let _ = writeln!(
                table,
                "| {} | {rate} | {read} | {} | {} | {none:.1} % | {} | {} |",
                setting.name,
                summary(&held.precision),
                summary(&held.reduction),
                summary(&held.plain_precision),
                summary(&held.plain_reduction)
            );
            for (what, tally) in [("precision", &held.precision), ("fp_reduction", &held.reduction)] {
                if tally.percent() < least {
                    failures.push(format!("{}, {rate}, {read}, {what}: {}", setting.name, summary(tally)));
                }
            }
        }
    }
    println!("{table}");
    fs::write(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/coverage/misread.md"), &table).unwrap();
    assert!(failures.is_empty(), "these cover too little:\n{}", failures.join("\n"));
}
