//! Do intervals from a review cover? Windows with a known truth, their labels hidden, are read in part and judged; and so are two real networks.
//!
//! About this window: populations of 1000 to 3000 units, six correlated detectors, 20 alerts a day, a rule that raises all or a fifth; the truth is
//! what full labels say. About the weeks to come: the worlds of `coverage`, the truth the mean over all repetitions.
//!
//! `cargo test --release --test it coverage_sampled -- --ignored --nocapture` repeats the tables in `tests/it/coverage/`.

use std::{collections::BTreeMap, fmt::Write as _, fs, path::Path, sync::Arc};

use gonogo::{
    detect::{Kind, Outcome, ScoreColumn, ScoreTable, Scored},
    evaluate::{
        Estimate, Input, Reviewed,
        design::ReviewFrame,
        outlook::{AtBudgetOnly, at_budget},
        readings::{Reading, labelled},
    },
    run::{again, pipeline, state},
    spec::{Alerts, Evaluate},
    units::{BudgetPeriod, Case, Disposition, Incident, Labels, Part, RowKey},
};
use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use rayon::prelude::*;

use crate::{
    coverage::{CONTENDERS, DAY, Draws, Tally, UNITS, USUAL, World, assert_covers, draw_units, fixed_training, part_of, summary},
    support::{aloud, run_json, shared},
};

/// A fixed population: how many units, which share attacks, which share the rule raises.
#[derive(Debug, Clone, Copy)]
struct Population {
    units: usize,
    attacks: f64,
    rule: f64,
}

const POPULATIONS: [Population; 6] = [
    Population { units: 1000, attacks: 0.01, rule: 1.0 },
    Population { units: 1000, attacks: 0.10, rule: 0.2 },
    Population { units: 2000, attacks: 0.03, rule: 1.0 },
    Population { units: 2000, attacks: 0.05, rule: 0.2 },
    Population { units: 3000, attacks: 0.02, rule: 1.0 },
    Population { units: 3000, attacks: 0.06, rule: 0.2 },
];

/// A window, its scores and its rule.
struct Window {
    part: Part,
    scores: ScoreTable,
    flags: Vec<bool>,
    settings: Evaluate,
}

impl Window {
    fn input<'a>(&'a self, part: &'a Part, review: Option<&'a Reviewed>) -> Input<'a> {
        Input {
            training: &self.part,
            judged: part,
            in_sample: false,
            scores: &self.scores,
            baseline: Some((&self.flags, &self.flags)),
            baseline_title: "Rule",
            review,
            suppressed: None,
            settings: &self.settings,
            decision: None,
            seed: 1,
        }
    }
}

fn column(id: &str, kind: Kind, judged: Vec<f64>) -> ScoreColumn {
    ScoreColumn {
        id: id.into(),
        kind,
        method: id.into(),
        outcome: Outcome::Scored(Box::new(Scored { training: judged.clone(), judged, ..Scored::default() })),
    }
}

fn population(of: Population, seed: u64) -> Window {
    let mut rng = Draws(Xoshiro256PlusPlus::seed_from_u64(seed));
    let days = 10;
    let attack: Vec<bool> = (0..of.units).map(|_| rng.0.r#gen::<f64>() < of.attacks).collect();
    let rows: Vec<(u32, u32)> = (0..of.units).map(|unit| ((unit % 100) as u32, (unit * days / of.units) as u32)).collect();
    let shared: Vec<f64> = attack.iter().map(|attack| rng.normal() + if *attack { 1.0 } else { 0.0 }).collect();
    let mut columns: Vec<ScoreColumn> = (0..6)
        .map(|c| {
            let lift = 0.4 + 0.3 * c as f64;
            let scores =
                shared.iter().zip(&attack).map(|(s, attack)| 0.7 * s + 0.7 * rng.normal() + if *attack { lift } else { 0.0 }).collect();
            column(&format!("c{c}"), Kind::Detector, scores)
        })
        .collect();
    columns.push(column("random", Kind::Control, (0..of.units).map(|_| rng.0.r#gen()).collect()));
    let flags = attack.iter().map(|attack| rng.0.r#gen::<f64>() < if *attack { of.rule.max(0.6) } else { of.rule }).collect();
    let mut incidents_of = vec![Vec::new(); of.units];
    let mut incidents = Vec::new();
    for unit in (0..of.units).filter(|unit| attack[*unit]) {
        // Three attack units, one after the other, are one incident.
        if incidents.is_empty() || rng.0.r#gen::<f64>() < 1.0 / 3.0 {
            incidents.push(Incident { id: incidents.len().to_string(), kind: None, start: 0 });
        }
        incidents_of[unit].push(incidents.len() as u32 - 1);
    }
    let part = Part {
        rows: rows.iter().map(|row| RowKey { entity: Arc::from(row.0.to_string()), period: i64::from(row.1) }).collect(),
        starts: rows.iter().map(|row| i64::from(row.1) * DAY).collect(),
        case_of: (0..of.units as u32).collect(),
        cases: rows.iter().map(|row| Case { cluster: row.0, budget_period: row.1 }).collect(),
        clusters: (0..100).map(|e| e.to_string()).collect(),
        budget_periods: (0..days).map(|d| BudgetPeriod { start: d as i64 * DAY, days: 1.0 }).collect(),
        labels: Some(Labels {
            complete: true,
            dispositions: attack.iter().map(|attack| attack.then_some(Disposition::TruePositive)).collect(),
            incidents,
            incidents_of,
        }),
    };
    let settings = Evaluate { alerts: Alerts { budget: Some(20), ..Alerts::default() }, ..Evaluate::default() };
    Window { scores: ScoreTable { training: Arc::clone(&part.rows), judged: Arc::clone(&part.rows), columns }, part, flags, settings }
}

/// What the labels say of a case, as an analyst would.
fn reading(part: &Part, units: &[usize]) -> Reading {
    let labels = part.labels.as_ref().unwrap();
    let attack = units.iter().any(|unit| labels.dispositions[*unit] == Some(Disposition::TruePositive));
    let incidents = units.iter().flat_map(|unit| &labels.incidents_of[*unit]).map(|at| labels.incidents[*at as usize].id.clone());
    Reading { disposition: if attack { Disposition::TruePositive } else { Disposition::FalsePositive }, incidents: incidents.collect() }
}

/// What a window gives for labels of its own and a review of them.
type Judge<'a> = dyn Fn(&Part, Option<&Reviewed>) -> Vec<AtBudgetOnly> + 'a;

/// Hides the labels of `full`, reads so many cases of the frame, and judges.
fn reviewed(full: &Part, frame: &ReviewFrame, reviews: u64, judge: &Judge<'_>) -> Vec<AtBudgetOnly> {
    let mut units: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    full.case_of.iter().enumerate().for_each(|(unit, case)| units.entry(*case).or_default().push(unit));
    let sheet = frame.next(&vec![false; full.cases.len()], reviews);
    let readings: BTreeMap<u32, Reading> = sheet.iter().map(|case| (*case, reading(full, &units[case]))).collect();
    let blind = Part { labels: None, ..full.clone() };
    let seen = Part { labels: Some(labelled(&blind, &readings)), ..blind };
    judge(&seen, Some(&frame.reviewed(&readings)))
}

/// Coverage of each kind of estimate about this window.
#[derive(Default)]
struct InWindow {
    precision: Tally,
    reduction: Tally,
    rule_precision: Tally,
    kept: Tally,
    difference: Tally,
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
            self.difference.add(contender.more_true_than_random.as_ref(), value(&all.more_true_than_random));
            self.by_incidents.add(contender.point.recall_kept.as_ref(), value(&wanted.point.recall_kept));
        }
    }

    fn kinds(&self) -> [(&'static str, &Tally); 6] {
        [
            ("precision", &self.precision),
            ("fp_reduction", &self.reduction),
            ("the rule's precision", &self.rule_precision),
            ("recall_kept by units", &self.kept),
            ("difference to random (alerts)", &self.difference),
            ("recall_kept by incidents", &self.by_incidents),
        ]
    }
}

/// For each number of readings, how often what it says of fresh populations holds.
fn windows(reviews: &[u64], repetitions: u64) -> Vec<InWindow> {
    let found: Vec<_> = (0..repetitions)
        .into_par_iter()
        .map(|repetition| {
            let window = population(POPULATIONS[repetition as usize % POPULATIONS.len()], 5_000 + repetition);
            let judge = |part: &Part, review: Option<&Reviewed>| at_budget(&window.input(part, review));
            let blind = Part { labels: None, ..window.part.clone() };
            let frame = ReviewFrame::new(&window.input(&blind, None), false, repetition);
            let read = |n: u64| reviewed(&window.part, &frame, n, &judge);
            (judge(&window.part, None), read(u64::MAX / 2), reviews.iter().map(|n| read(*n)).collect::<Vec<_>>())
        })
        .collect();
    let mut tallies: Vec<InWindow> = reviews.iter().map(|_| InWindow::default()).collect();
    for (full, everything, samples) in &found {
        tallies.iter_mut().zip(samples).for_each(|(tally, sample)| tally.add(full, everything, sample));
    }
    tallies
}

#[test]
fn this_window_is_covered() {
    let repetitions = 48;
    let found = windows(&[100], repetitions);
    for (what, tally) in found[0].kinds() {
        assert_covers(what, tally, repetitions);
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
            let samples = reviews.iter().map(|n| reviewed(&part, &frame, *n, &judge));
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

/// All settings; writes `tests/it/coverage/sampled.md`: coverage in percent (truth below the interval, above it) / median width.
#[test]
#[ignore = "takes minutes"]
fn every_setting() {
    let repetitions = std::env::var("GONOGO_WINDOWS").ok().and_then(|n| n.parse().ok()).unwrap_or(600);
    let mut table = format!(
        "# Intervals from a review: do they cover?\n\nMade by `cargo test --release --test it coverage_sampled::every_setting -- --ignored`, {repetitions} windows a setting, nominal 90 %.\n\
         Coverage in percent (truth below the interval, above it) / median width.\n\n## About this window\n\nSix populations of 1000 to 3000 units, six detectors, 20 alerts a day.\n\n\
         | readings | precision | fp_reduction | the rule's precision | recall_kept by units | difference to random (alerts) | recall_kept by incidents |\n|---|---|---|---|---|---|---|\n"
    );
    let mut failures = Vec::new();
    let least = 87.0 - 200.0 * (0.87 * 0.13 / repetitions as f64).sqrt();
    let mut judge = |what: String, tally: &Tally| {
        if tally.n() > 0.0 && tally.percent() < least {
            failures.push(format!("{what}: {}", summary(tally)));
        }
    };
    let readings = [50, 100, 200, 400];
    for (reviews, found) in readings.iter().zip(windows(&readings, repetitions)) {
        let cells: Vec<String> = found.kinds().iter().map(|(_, tally)| summary(tally)).collect();
        let _ = writeln!(table, "| {reviews} | {} |", cells.join(" | "));
        found.kinds().iter().for_each(|(what, tally)| judge(format!("{what}, {reviews}"), tally));
    }
    table.push_str("\n## About the weeks to come: fp_reduction at the budget\n\n| entities x days | complete | 50 readings | 200 |\n|---|---|---|---|\n");
    for (name, entities, days) in [("15 x 14", 15, 14), ("60 x 14", 60, 14)] {
        let found = weeks(&World { name, entities, days, ..USUAL }, &[50, 200], repetitions);
        found.iter().zip(["complete", "50", "200"]).for_each(|(tally, n)| judge(format!("weeks, {name}, {n}"), tally));
        let _ = writeln!(table, "| {name} | {} |", found.iter().map(summary).collect::<Vec<_>>().join(" | "));
    }
    println!("{table}");
    fs::write(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/coverage/sampled.md"), &table).unwrap();
    assert!(failures.is_empty(), "these cover too little:\n{}", failures.join("\n"));
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
            (0..seeds).into_par_iter().map(|seed| reviewed(&state.judged, &frame_of(seed), 200, &judge)).collect();
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
