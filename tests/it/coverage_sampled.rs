//! Do intervals from a review cover? Windows with a known truth, their labels hidden, are read in part and judged; and so are two real networks.
//!
//! About this window: the populations of `population`, 20 alerts a day; the truth is what full labels say. About the weeks to come: the worlds of
//! `coverage`, the truth the mean over all repetitions.
//!
//! `cargo test --release --test it coverage_sampled -- --ignored --nocapture` repeats the tables in `tests/it/coverage/`.

use std::{collections::BTreeMap, fmt::Write as _, fs, path::Path, sync::Arc};

use gonogo::{
    detect::{Kind, Outcome, ScoreColumn, ScoreTable, Scored},
    evaluate::{
        Estimate, Input, Reviewed,
        design::{ReviewFrame, STRATA},
        finite::{self, Cell, Limits},
        outlook::{AtBudgetOnly, at_budget},
        readings::{Reading, labelled},
    },
    run::{again, pipeline, state},
    spec::{Alerts, Evaluate},
    units::{Disposition, Part},
};
use rand::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;
use rayon::prelude::*;

use self::population::{SETTINGS, SHOWN, STUDY, Setting, Window, population};
use crate::{
    coverage::{
        CONTENDERS, Draws, Tally, UNITS, USUAL, World, assert_covers, assert_no_wider, at_most, draw_units, fixed_training, part_of,
        summary,
    },
    support::{aloud, run_json, shared},
};

mod misread;
mod population;

/// The width at each number of readings, and its last decimal.
type Published = [(f64, i32); 4];

/// Readings, and the median widths that the interval study printed for them, with their decimals; none where it has another design.
const READINGS: [u64; 4] = [50, 100, 200, 400];
const PUBLISHED: [(&str, Option<Published>); 7] = [
    ("precision", Some([(0.27, 2), (0.14, 2), (0.08, 2), (0.01, 2)])),
    ("fp_reduction", Some([(0.05, 2), (0.03, 2), (0.02, 2), (0.002, 3)])),
    ("the rule's precision", Some([(0.18, 2), (0.13, 2), (0.08, 2), (0.02, 2)])),
    ("recall_kept by units", Some([(0.63, 2), (0.50, 2), (0.35, 2), (0.15, 2)])),
    ("true alerts less another's, as a share", Some([(0.55, 2), (0.27, 2), (0.15, 2), (0.02, 2)])),
    ("true alerts less those of random", None),
    ("recall_kept by incidents", None),
];

/// What the labels say of a case, as an analyst would.
fn reading(part: &Part, units: &[usize]) -> Reading {
    let labels = part.labels.as_ref().unwrap();
    let attack = units.iter().any(|unit| labels.dispositions[*unit] == Some(Disposition::TruePositive));
    let incidents = units.iter().flat_map(|unit| &labels.incidents_of[*unit]).map(|at| labels.incidents[*at as usize].id.clone());
    Reading { disposition: if attack { Disposition::TruePositive } else { Disposition::FalsePositive }, incidents: incidents.collect() }
}

/// What a window gives for labels of its own and a review of them.
type Judge<'a> = dyn Fn(&Part, Option<&Reviewed>) -> Vec<AtBudgetOnly> + 'a;

/// Hides the labels of `full`, reads so many cases of the frame, and judges; gives the review too.
fn reviewed(full: &Part, frame: &ReviewFrame, reviews: u64, judge: &Judge<'_>) -> (Vec<AtBudgetOnly>, Reviewed) {
    let mut units: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    full.case_of.iter().enumerate().for_each(|(unit, case)| units.entry(*case).or_default().push(unit));
    let sheet = frame.next(&vec![false; full.cases.len()], reviews);
    let readings: BTreeMap<u32, Reading> = sheet.iter().map(|case| (*case, reading(full, &units[case]))).collect();
    let blind = Part { labels: None, ..full.clone() };
    let seen = Part { labels: Some(labelled(&blind, &readings)), ..blind };
    let review = frame.reviewed(&readings);
    (judge(&seen, Some(&review)), review)
}

/// The true alerts of one detector less those of another, as a review knows them, and in truth.
fn difference(window: &Window, review: &Reviewed, one: &[bool], other: &[bool]) -> (Limits, f64) {
    let only = |a: &[bool], b: &[bool]| {
        let mut cells = [Cell::default(); STRATA];
        for case in (0..a.len()).filter(|&case| a[case] && !b[case]) {
            let cell = &mut cells[usize::from(review.stratum[case].unwrap())];
            cell.size += 1;
            cell.read += u64::from(review.read[case]);
            cell.right += u64::from(review.read[case] && window.is_attack(case));
        }
        finite::true_alerts(&cells, 0.90)
    };
    let right = |of: &[bool]| (0..of.len()).filter(|&case| of[case] && window.is_attack(case)).count() as f64;
    (finite::mover(&[only(one, other), only(other, one)], |v| v[0] - v[1]), right(one) - right(other))
}

/// Coverage of each kind of estimate about this window.
#[derive(Default)]
struct InWindow {
    precision: Tally,
    reduction: Tally,
    rule_precision: Tally,
    kept: Tally,
    contenders: Tally,
    random: Tally,
    by_incidents: Tally,
}

impl InWindow {
    /// Compares what a review said with what full labels say; `everything` is a review that read all.
    fn add(&mut self, full: &[AtBudgetOnly], everything: &[AtBudgetOnly], found: &[AtBudgetOnly]) {
        for ((wanted, all), contender) in full.iter().zip(everything).zip(found) {
            let (Some(window), Some(all_read)) = (contender.point.sampled.as_ref(), all.point.sampled.as_ref()) else { continue };
            let precision = wanted.point.precision.unwrap_or(0.0);
            let value = |estimate: &Option<Estimate>| estimate.as_ref().map_or(f64::NAN, |e| e.value);
            if contender.is_baseline {
                self.rule_precision.add(window.precision.as_ref(), precision);
                continue;
            }
            self.precision.add(window.precision.as_ref(), precision);
            self.reduction.add(window.fp_reduction.as_ref(), value(&wanted.point.fp_reduction));
            self.kept.add(window.recall_kept_by_units.as_ref(), value(&all_read.recall_kept_by_units));
            self.random.add(contender.more_true_than_random.as_ref(), value(&all.more_true_than_random));
            self.by_incidents.add(contender.point.recall_kept.as_ref(), value(&wanted.point.recall_kept));
        }
    }

    fn join(&mut self, other: &Self) {
        let all = [
            &mut self.precision,
            &mut self.reduction,
            &mut self.rule_precision,
            &mut self.kept,
            &mut self.contenders,
            &mut self.random,
            &mut self.by_incidents,
        ];
        all.into_iter().zip(other.kinds()).for_each(|(sum, one)| sum.join(one));
    }

    /// In the order of [`PUBLISHED`].
    fn kinds(&self) -> [&Tally; 7] {
        [&self.precision, &self.reduction, &self.rule_precision, &self.kept, &self.contenders, &self.random, &self.by_incidents]
    }
}

/// For each number of readings, how often what it says of fresh populations holds; and how many times one detector's alerts the union of all is.
fn windows(setting: Setting, reviews: &[u64], repetitions: u64) -> (Vec<InWindow>, f64) {
    let found: Vec<_> = (0..repetitions)
        .into_par_iter()
        .map(|repetition| {
            let window = population(setting, repetition);
            let judge = |part: &Part, review: Option<&Reviewed>| at_budget(&window.input(part, review));
            let blind = Part { labels: None, ..window.part.clone() };
            let frame = ReviewFrame::new(&window.input(&blind, None), false, repetition);
            let raised = SHOWN.map(|detector| window.raised(detector));
            let alerts = raised[0].iter().filter(|raised| **raised).count() as f64;
            let full = judge(&window.part, None);
            let (everything, _) = reviewed(&window.part, &frame, u64::MAX / 2, &judge);
            let tallies = reviews.iter().map(|n| {
                let mut tally = InWindow::default();
                let (sample, review) = reviewed(&window.part, &frame, *n, &judge);
                tally.add(&full, &everything, &sample);
                for (one, other) in [(0, 1), (1, 2), (0, 2)] {
                    let (limits, truth) = difference(&window, &review, &raised[one], &raised[other]);
                    tally.contenders.hold((limits.value / alerts, limits.low / alerts, limits.high / alerts), truth / alerts);
                }
                tally
            });
            let union = frame.stratum.iter().filter(|h| h.is_some_and(|h| h > 0)).count() as f64 / alerts;
            (tallies.collect::<Vec<_>>(), union)
        })
        .collect();
    let mut tallies: Vec<InWindow> = reviews.iter().map(|_| InWindow::default()).collect();
    for (one, _) in &found {
        tallies.iter_mut().zip(one).for_each(|(sum, one)| sum.join(one));
    }
    (tallies, found.iter().map(|(_, union)| union).sum::<f64>() / repetitions as f64)
}

#[test]
fn this_window_is_covered() {
    let repetitions = 48;
    let (found, union) = windows(STUDY, &[READINGS[1]], repetitions);
    assert!((2.5..3.5).contains(&union), "the union is {union:.2} times one detector's alerts");
    for ((what, published), tally) in PUBLISHED.iter().zip(found[0].kinds()) {
        assert_covers(what, tally, repetitions);
        if let Some(published) = published {
            assert_no_wider(what, tally, published[1]);
        }
    }
}

/// The false-alert reduction for the weeks to come in one world of `coverage`: from complete labels, and from each number of readings.
fn weeks(world: &World, reviews: &[u64], repetitions: u64) -> Vec<Tally> {
    let training = fixed_training(world);
    let found: Vec<Vec<Vec<AtBudgetOnly>>> = (0..repetitions)
        .into_par_iter()
        .map(|repetition| {
            let units = draw_units(world, &mut Draws(Xoshiro256PlusPlus::seed_from_u64(90_000 + repetition)));
            let part = part_of(world, &units);
            let columns = (0..=CONTENDERS)
                .map(|c| {
                    let (id, kind) = if c == CONTENDERS { ("random".to_owned(), Kind::Control) } else { (format!("c{c}"), Kind::Detector) };
                    let scored = Scored { training: training.1.clone(), judged: units.scores[c].clone(), ..Scored::default() };
                    ScoreColumn { method: id.clone(), id, kind, outcome: Outcome::Scored(Box::new(scored)) }
                })
                .collect();
            let scores = ScoreTable { training: Arc::clone(&training.0.rows), judged: Arc::clone(&part.rows), columns };
            let budget = (0.2 * 0.25 * UNITS * world.entities as f64).round() as u64;
            let settings =
                Evaluate { alerts: Alerts { budget: Some(budget), policy: world.policy, ..Alerts::default() }, ..Evaluate::default() };
            let no_flags = vec![false; training.0.case_of.len()];
            let blank = Part { labels: None, ..part.clone() };
            let input = Input {
                training: &training.0,
                judged: &blank,
                in_sample: false,
                scores: &scores,
                baseline: Some((&no_flags, &units.flags)),
                baseline_title: "Rule",
                review: None,
                suppressed: None,
                settings: &settings,
                decision: None,
                seed: repetition,
            };
            let frame = ReviewFrame::new(&input, false, repetition);
            let judge = |judged: &Part, review: Option<&Reviewed>| at_budget(&Input { judged, review, ..input });
            let samples = reviews.iter().map(|n| reviewed(&part, &frame, *n, &judge).0);
            std::iter::once(judge(&part, None)).chain(samples).collect()
        })
        .collect();
    // The baseline first, then the contenders.
    let wrong = |at: usize| found.iter().map(|all| all[0][at].point.false_alerts as f64).sum::<f64>();
    let rule = wrong(0);
    let mut tallies = vec![Tally::default(); reviews.len() + 1];
    for c in 1..=CONTENDERS {
        let truth = 1.0 - wrong(c) / rule;
        for all in &found {
            tallies.iter_mut().zip(all).for_each(|(tally, sample)| tally.add(sample[c].point.fp_reduction.as_ref(), truth));
        }
    }
    tallies
}

/// What stands above the table about this window.
const HEAD: &str = "
## About this window

Populations of 1000 to 3000 units, 1 to 10 % of them attacks, a rule that raises all or a fifth, six detectors, 20 alerts a day. The interval study prints
neither for how many days nor how well its detectors tell attacks. The setting as the study is our choice of both: 5 days, from the size of its unions, and detectors
as sharp as its widths of precision suggest. None of its widths is wider there by more than a tenth, in any column. With the same readings of twice as many
days, fp_reduction is twice as wide and more (its width is that of the contender's true alerts, times its alerts, over the rule's false ones); where detectors
tell less, precision is wider by a quarter. Coverage stays.
The last two columns are of another design in the study and are not held to it.

";

/// All settings; writes `tests/it/coverage/sampled.md`: coverage in percent (truth below the interval, above it) / median width.
#[test]
#[ignore = "takes minutes"]
fn every_setting() {
    let repetitions = std::env::var("GONOGO_WINDOWS").ok().and_then(|n| n.parse().ok()).unwrap_or(600);
    let mut table = format!(
        "# Intervals from a review: do they cover?\n\nMade by `cargo test --release --test it coverage_sampled::every_setting -- --ignored`, {repetitions} windows a setting, nominal 90 %.\n\
         Coverage in percent (truth below the interval, above it) / median width.\n{HEAD}| setting | readings | {} |\n|---|---|---|---|---|---|---|---|---|\n",
        PUBLISHED.map(|(what, _)| what).join(" | ")
    );
    let mut failures = Vec::new();
    let least = 87.0 - 200.0 * (0.87 * 0.13 / repetitions as f64).sqrt();
    let judge = |failures: &mut Vec<String>, what: String, tally: &Tally| {
        if tally.n() > 0.0 && tally.percent() < least {
            failures.push(format!("{what}: {}", summary(tally)));
        }
    };
    for (at, reviews) in READINGS.iter().enumerate() {
        let cells =
            PUBLISHED.map(|(_, widths)| widths.map_or_else(String::new, |widths| format!("{:.*}", widths[at].1 as usize, widths[at].0)));
        let _ = writeln!(table, "| printed by the study | {reviews} | {} |", cells.join(" | "));
    }
    for setting in SETTINGS {
        let (found, union) = windows(setting, &READINGS, repetitions);
        for ((at, reviews), found) in READINGS.iter().enumerate().zip(&found) {
            let cells = found.kinds().map(|tally| if tally.width() < 0.1 { narrow(tally) } else { summary(tally) });
            let _ = writeln!(table, "| {}, union {union:.1} times | {reviews} | {} |", setting.name, cells.join(" | "));
            for ((what, published), tally) in PUBLISHED.iter().zip(found.kinds()) {
                let what = format!("{}, {what}, {reviews}", setting.name);
                let most = published.map_or(f64::INFINITY, |widths| at_most(widths[at].0, widths[at].1));
                if setting.name == STUDY.name && tally.width() > most {
                    failures.push(format!("{what}: {:.4} wide, at most {most:.4}", tally.width()));
                }
                judge(&mut failures, what, tally);
            }
        }
    }
    table.push_str("\n## About the weeks to come: fp_reduction at the budget\n\n| entities x days | complete | 50 readings | 200 |\n|---|---|---|---|\n");
    for (name, entities, days) in [("15 x 14", 15, 14), ("60 x 14", 60, 14)] {
        let found = weeks(&World { name, entities, days, ..USUAL }, &[50, 200], repetitions);
        found.iter().zip(["complete", "50", "200"]).for_each(|(tally, n)| judge(&mut failures, format!("weeks, {name}, {n}"), tally));
        let _ = writeln!(table, "| {name} | {} |", found.iter().map(summary).collect::<Vec<_>>().join(" | "));
    }
    println!("{table}");
    fs::write(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/coverage/sampled.md"), &table).unwrap();
    assert!(failures.is_empty(), "these cover too little, or are too wide:\n{}", failures.join("\n"));
}

/// As [`summary`], with three decimals.
fn narrow(tally: &Tally) -> String {
    let text = summary(tally);
    format!("{} / {:.3}", text.split(" / ").next().unwrap(), tally.width())
}

/// Two real networks: all labels hidden, 200 alerts read with 200 seeds. Writes `tests/it/coverage/networks.md`.
#[test]
#[ignore = "takes minutes, and the networks beside the project"]
fn two_real_networks() {
    let networks = [
        ("santos", "{ start: 2022-01-14, train_end: 2022-01-15T12:00:00Z, end: 2022-01-18 }"),
        ("fox", "{ start: 2022-01-15, train_end: 2022-01-17T00:00:00Z, end: 2022-01-20 }"),
    ];
    let seeds = std::env::var("GONOGO_SEEDS").ok().and_then(|n| n.parse().ok()).unwrap_or(200_u64);
    let mut table = format!(
        "# Two real alert networks: does a review of 200 alerts find the false-alert reduction?\n\nAIT-LDS alerts (not part of this repository). All labels hidden, 200 alerts of the frame read with each of {seeds} seeds, the hidden labels\n\
         playing the analyst; the interval about this window (90 %), and the value that full labels give.\n\
         Made by `cargo test --release --test it coverage_sampled::two_real_networks -- --ignored`.\n\n\
         | network | frame | contender | full labels | intervals that hold it | median width |\n|---|---|---|---|---|---|\n"
    );
    let (mut all, mut any) = (Tally::default(), false);
    for (name, window) in networks {
        let Some(path) = shared(&format!("ait-alerts/{name}.csv.gz")) else { continue };
        any = true;
        let folder = tempfile::tempdir().unwrap();
        let text = crate::shared_data::ALERTS
            .replace("PATH", path.to_str().unwrap())
            .replace("WINDOW", window)
            .replace("[isolation-forest, hbos, knn]", "[isolation-forest, hbos, knn, ecod, kmeans, gmm]");
        let file = folder.path().join("experiment.yaml");
        fs::write(&file, text).unwrap();
        let (code, told) = run_json(&file, folder.path(), &[]);
        assert_eq!(code, 0);
        let run = Path::new(told["run"].as_str().unwrap());
        let saved = pipeline::load(run).unwrap();
        let state = state::load(run, &saved).unwrap();
        let blind = Part { labels: None, ..state.judged.clone() };
        let judge = |part: &Part, review: Option<&Reviewed>| at_budget(&again::input(&saved, &state, part, review));
        let frame_of = |seed: u64| ReviewFrame::new(&again::input(&saved, &state, &blind, None), false, seed);
        let found: Vec<Vec<AtBudgetOnly>> =
            (0..seeds).into_par_iter().map(|seed| reviewed(&state.judged, &frame_of(seed), 200, &judge).0).collect();
        let frame = frame_of(0).shuffled.len();
        for (at, full) in judge(&state.judged, None).iter().enumerate().filter(|(_, full)| !full.is_baseline) {
            let Some(truth) = full.point.fp_reduction.as_ref().map(|e| e.value) else { continue };
            let mut tally = Tally::default();
            for sample in &found {
                let estimate = sample[at].point.sampled.as_ref().and_then(|s| s.fp_reduction.as_ref());
                tally.add(estimate, truth);
                all.add(estimate, truth);
            }
            let _ = writeln!(table, "| {name} | {frame} | {} | {truth:.4} | {:.1} % | {:.4} |", full.id, tally.percent(), tally.width());
        }
    }
    if !any {
        aloud("skipped: neither network is there");
        return;
    }
    let _ = writeln!(table, "| both | | all | | {:.1} % | {:.4} |", all.percent(), all.width());
    println!("{table}");
    fs::write(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/coverage/networks.md"), &table).unwrap();
    assert!(all.percent() >= 87.0, "{:.1} %", all.percent());
}
