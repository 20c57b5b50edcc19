//! Does the verdict say what is true? Worlds whose answer is known go through scaled fields, detectors, evaluation and decision, as any run does.
//!
//! - noise: no field says anything about attacks. The answer is NO-GO or INCONCLUSIVE.
//! - gain: attacks break how fields go together (each of three pairs that rise and fall together goes apart), while every field alone is
//!   distributed as ever. The answer is GO.
//! - one field: attacks stand out in one field, and so do they for detectors. The answer is NO-GO, with a rule on that field.
//!
//! A rule in place flags two fifths of the units and four fifths of the incidents; the budget is a fifth of its alerts.
//!
//! The full table (100 seeds each):
//! `cargo test --release --test it verdicts::the_full_table -- --ignored --nocapture`

use std::{collections::BTreeMap, f64::consts::TAU, sync::Arc};

use gonogo::{
    decide::{Decision, Verdict, decide},
    detect::{self, RunOptions},
    evaluate::{Input, evaluate},
    observe::Silent,
    spec::{self, Alerts, Criterion, Evaluate},
    units::{BudgetPeriod, Case, Disposition, FeatureMatrix, Incident, Labels, Part, RowKey},
};
use ndarray::Array2;
use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use rayon::prelude::*;

const DAY: i64 = 86_400_000_000;
const ENTITIES: usize = 120;
const DAYS: usize = 14;
const INCIDENTS: usize = 60;
const FIELDS: usize = 6;
/// The field by which attacks stand out in the world of one field.
const TELLING: usize = 4;

#[derive(Debug, Clone, Copy, PartialEq)]
enum World {
    Noise,
    Gain,
    OneField,
}

struct Draws(Xoshiro256PlusPlus);

impl Draws {
    fn normal(&mut self) -> f64 {
        let (u, v): (f64, f64) = (self.0.r#gen(), self.0.r#gen());
        (-2.0 * (1.0 - u).ln()).sqrt() * (TAU * v).cos()
    }
}

/// The fields of one unit: three pairs, each with a correlation of 0.99.
fn fields(world: World, attack: bool, rng: &mut Draws) -> [f64; FIELDS] {
    let mut values = [0.0; FIELDS];
    for pair in 0..FIELDS / 2 {
        let (shared, one, other) = (rng.normal(), rng.normal(), rng.normal());
        let sign = if attack && world == World::Gain { -1.0 } else { 1.0 };
        values[2 * pair] = 0.995 * shared + 0.1 * one;
        values[2 * pair + 1] = sign * 0.995 * shared + 0.1 * other;
    }
    if attack && world == World::OneField {
        values[TELLING] += 12.0;
    }
    values
}

/// All units of some days: every entity on every day, each its own case.
fn part(world: World, incidents: usize, rng: &mut Draws) -> (Part, FeatureMatrix, Vec<bool>) {
    let n = ENTITIES * DAYS;
    let mut incident_of = vec![None; n];
    let mut drawn = 0;
    while drawn < incidents {
        let unit = rng.0.gen_range(0..n);
        if incident_of[unit].is_none() {
            incident_of[unit] = Some(drawn as u32);
            drawn += 1;
        }
    }
    let values: Vec<f64> = incident_of.iter().flat_map(|incident| fields(world, incident.is_some(), rng)).collect();
    let flags = incident_of.iter().map(|incident| rng.0.r#gen::<f64>() < if incident.is_some() { 0.8 } else { 0.4 }).collect();
    let rows: Arc<[RowKey]> =
        (0..n).map(|i| RowKey { entity: format!("e{}", i % ENTITIES).into(), period: (i / ENTITIES) as i64 }).collect();
    let names: Arc<[String]> = (0..FIELDS).map(|f| format!("f{f}")).collect();
    let matrix = FeatureMatrix::new(Array2::from_shape_vec((n, FIELDS), values).unwrap(), names, Arc::clone(&rows)).unwrap();
    let part = Part {
        rows,
        starts: (0..n).map(|i| (i / ENTITIES) as i64 * DAY).collect(),
        case_of: (0..n as u32).collect(),
        cases: (0..n).map(|i| Case { cluster: (i % ENTITIES) as u32, budget_period: (i / ENTITIES) as u32 }).collect(),
        clusters: (0..ENTITIES).map(|e| e.to_string()).collect(),
        budget_periods: (0..DAYS).map(|d| BudgetPeriod { start: d as i64 * DAY, days: 1.0 }).collect(),
        labels: Some(Labels {
            complete: true,
            dispositions: incident_of.iter().map(|incident| incident.map(|_| Disposition::TruePositive)).collect(),
            incidents: (0..incidents).map(|i| Incident { id: i.to_string(), kind: None, start: 0 }).collect(),
            incidents_of: incident_of.iter().map(|incident| incident.iter().copied().collect()).collect(),
        }),
    };
    (part, matrix, flags)
}

fn verdict(world: World, seed: u64) -> Decision {
    let mut rng = Draws(Xoshiro256PlusPlus::seed_from_u64(seed));
    let (training, training_matrix, training_flags) = part(world, 0, &mut rng);
    let (judged, judged_matrix, flags) = part(world, INCIDENTS, &mut rng);
    let entries = serde_yaml::from_str::<Vec<spec::Entry>>("[mcd, knn, isolation-forest, ecod]").unwrap();
    let contenders = detect::contenders(&entries, None).unwrap();
    let options = RunOptions { seed, repeats: 1, jobs: 1, in_sample: false, explain: false };
    let scores = detect::run_all(&contenders, &training_matrix, &judged_matrix, &options, &Silent).unwrap();
    let at_least = |metric: &str, limit| Criterion { metric: metric.into(), at_least: Some(limit), at_most: None };
    let asked = spec::Decision { require: vec![at_least("fp_reduction", 0.4), at_least("recall_kept", 0.8)], prefer: None };
    let settings = Evaluate { alerts: Alerts { budget: Some(10), ..Alerts::default() }, ..Evaluate::default() };
    let evaluation = evaluate(&Input {
        training: &training,
        judged: &judged,
        in_sample: false,
        scores: &scores,
        baseline: Some((&training_flags, &flags)),
        baseline_title: "Rule",
        review: None,
        suppressed: None,
        settings: &settings,
        decision: Some(&asked),
        seed,
    });
    decide(&evaluation, None, Some(&asked))
}

/// Whether the verdict is the one that is true.
fn is_right(world: World, decision: &Decision) -> bool {
    match world {
        World::Noise => decision.verdict != Verdict::Go,
        World::Gain => decision.verdict == Verdict::Go,
        World::OneField => {
            decision.verdict == Verdict::NoGo && decision.rule.as_deref().is_some_and(|rule| rule.starts_with(&format!("f{TELLING} ")))
        }
    }
}

/// How many of the seeds end right, and how often each verdict was reached.
fn count(world: World, seeds: u64) -> (u64, BTreeMap<String, u64>) {
    let decisions: Vec<Decision> = (0..seeds).into_par_iter().map(|seed| verdict(world, 1_000 + seed)).collect();
    let mut verdicts = BTreeMap::new();
    for decision in &decisions {
        *verdicts.entry(format!("{:?}", decision.verdict)).or_default() += 1;
    }
    (decisions.iter().filter(|decision| is_right(world, decision)).count() as u64, verdicts)
}

#[test]
fn noise_is_never_go() {
    let (right, verdicts) = count(World::Noise, 6);
    assert_eq!(right, 6, "{verdicts:?}");
}

#[test]
fn a_gain_that_no_single_field_shows_is_go() {
    let (right, verdicts) = count(World::Gain, 6);
    assert!(right >= 5, "{right} of 6: {verdicts:?}; {:#?}", verdict(World::Gain, 1_000));
}

#[test]
fn a_gain_that_one_field_shows_is_no_go_and_names_it() {
    let (right, verdicts) = count(World::OneField, 6);
    assert!(right >= 5, "{right} of 6: {verdicts:?}; {:#?}", verdict(World::OneField, 1_000));
}

#[test]
#[ignore = "minutes: the command is at the top of this file"]
fn the_full_table() {
    println!("| world | seeds | right | verdicts |\n| --- | --- | --- | --- |");
    for world in [World::Noise, World::Gain, World::OneField] {
        let (right, verdicts) = count(world, 100);
        let verdicts: Vec<String> = verdicts.iter().map(|(verdict, n)| format!("{verdict} {n}")).collect();
        println!("| {world:?} | 100 | {right} | {} |", verdicts.join(", "));
        assert!(right >= 95, "{world:?}: {right} of 100");
    }
}
