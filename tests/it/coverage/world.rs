//! A world: how its windows come about, and how each is evaluated, as any experiment is.
//!
//! Every repetition draws new entities (lognormal sizes, own levels), days (a swing that moves counts and scores), and incidents (1 + Poisson(1.5)
//! units of one entity). Eight contenders are compared with a baseline that alerts on a quarter of the units. What a day adds to the scores is its
//! swing, the same for all contenders, as the interval study has it, or is drawn apart for each of them, which is harder.

use std::{f64::consts::TAU, sync::Arc};

use gonogo::{
    detect::{Kind, Outcome, ScoreColumn, ScoreTable, Scored},
    evaluate::{Evaluation, Input, evaluate},
    spec::{Alerts, Criterion, Decision, Evaluate, Policy},
    units::{BudgetPeriod, Case, Disposition, Incident, Labels, Part, RowKey},
};
use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use rayon::prelude::*;

pub const DAY: i64 = 86_400_000_000;
pub const CONTENDERS: usize = 8;
/// Units of a middling entity on a middling day.
pub const UNITS: f64 = 8.0;
/// What is asked of the share of incidents kept and of the false-alert reduction.
pub const KEPT: f64 = 0.8;
pub const REDUCED: f64 = 0.5;

/// How the data of a world come about.
#[derive(Debug, Clone, Copy)]
pub struct World {
    pub name: &'static str,
    pub entities: usize,
    pub days: usize,
    /// Standard deviation of the logarithm of an entity's size.
    pub spread: f64,
    /// Standard deviation of a day's factor.
    pub swing: f64,
    /// Standard deviations of what an entity and what a day add to all scores.
    pub levels: (f64, f64),
    /// Whether a day's swing is what moves its scores too, of all contenders alike.
    pub one_swing: bool,
    pub incidents: usize,
    /// How far each contender lifts attacks above the rest, in standard deviations.
    pub lift: [f64; CONTENDERS],
    pub policy: Policy,
}

const EQUAL: [f64; CONTENDERS] = [2.6; CONTENDERS];
pub const GRADED: [f64; CONTENDERS] = [3.2, 2.9, 2.7, 2.5, 2.3, 2.1, 1.9, 1.7];
/// About 0.79 of the incidents are kept at the budget, where 0.8 is asked.
pub const JUST_FAILS: [f64; CONTENDERS] = [2.2; CONTENDERS];
/// The same at a fixed threshold, which opens more alerts on days that have more.
pub const JUST_FAILS_AT_THRESHOLD: [f64; CONTENDERS] = [2.0; CONTENDERS];
pub const NOISE: [f64; CONTENDERS] = [0.0; CONTENDERS];

pub const USUAL: World = World {
    name: "60 x 14",
    entities: 60,
    days: 14,
    spread: 0.8,
    swing: 0.3,
    levels: (0.4, 0.3),
    one_swing: false,
    incidents: 15,
    lift: EQUAL,
    policy: Policy::Top,
};

/// Days as the interval study words them: "a 30 % swing that moves counts and scores". It does not print how far entities and days move the scores; these
/// are the figures with which false alerts a week are as wide as it has them, within 6 %, at all six sizes. The other rows were seen on the way: with entities at 0.35
/// to 0.5 none is wider than the study's by a tenth, wherever the days stood (0.10 to 0.14); at 0.75 some are.
pub const ONE_SWING: World = World { name: "60 x 14, one swing", levels: (0.35, 0.14), one_swing: true, ..USUAL };

pub struct Draws(pub Xoshiro256PlusPlus);

impl Draws {
    pub fn normal(&mut self) -> f64 {
        let (u, v): (f64, f64) = (self.0.r#gen(), self.0.r#gen());
        (-2.0 * (1.0 - u).ln()).sqrt() * (TAU * v).cos()
    }

    fn poisson(&mut self, mean: f64) -> usize {
        let (limit, mut product, mut n) = ((-mean).exp(), self.0.r#gen::<f64>(), 0);
        while product > limit {
            product *= self.0.r#gen::<f64>();
            n += 1;
        }
        n
    }

    fn below(&mut self, n: usize) -> usize {
        self.0.gen_range(0..n)
    }
}

/// The units of one window as they come about: who, when, which incident, which score of each contender, flagged by the rule.
#[derive(Default)]
pub struct Units {
    pub rows: Vec<(u32, u32, Option<u32>)>,
    pub scores: Vec<Vec<f64>>,
    pub flags: Vec<bool>,
}

pub fn draw_units(world: &World, rng: &mut Draws) -> Units {
    let sizes: Vec<f64> = (0..world.entities).map(|_| (world.spread * rng.normal() - world.spread.powi(2) / 2.0).exp()).collect();
    let swings: Vec<f64> = (0..world.days).map(|_| rng.normal()).collect();
    let days: Vec<f64> = swings.iter().map(|swing| (1.0 + world.swing * swing).max(0.2)).collect();
    // Levels of entities and days: half shared by all contenders, half their own.
    let level = |n: usize, of: f64, rng: &mut Draws| -> Vec<Vec<f64>> {
        let shared: Vec<f64> = (0..n).map(|_| rng.normal()).collect();
        (0..=CONTENDERS).map(|_| shared.iter().map(|s| of * (0.7 * s + 0.7 * rng.normal())).collect()).collect()
    };
    let entity_level = level(world.entities, world.levels.0, rng);
    let day_level = if world.one_swing {
        vec![swings.iter().map(|swing| world.levels.1 * swing).collect(); CONTENDERS + 1]
    } else {
        level(world.days, world.levels.1, rng)
    };
    let rule_level: Vec<f64> = (0..world.entities).map(|_| (0.5 * rng.normal() - 0.125).exp()).collect();

    let mut units = Units { scores: vec![Vec::new(); CONTENDERS + 2], ..Units::default() };
    let add = |units: &mut Units, rng: &mut Draws, e: usize, d: usize, attack: Option<(u32, f64)>| {
        units.rows.push((e as u32, d as u32, attack.map(|a| a.0)));
        let shared = rng.normal();
        for c in 0..CONTENDERS {
            let lift = attack.map_or(0.0, |(_, ease)| if world.lift[c] > 0.0 { world.lift[c] + ease } else { 0.0 });
            units.scores[c].push(entity_level[c][e] + day_level[c][d] + 0.5 * shared + 0.85 * rng.normal() + lift);
        }
        units.scores[CONTENDERS].push(rng.0.r#gen());
        // The single field: levels as any, and nothing of attacks.
        units.scores[CONTENDERS + 1].push(entity_level[CONTENDERS][e] + day_level[CONTENDERS][d] + 0.5 * shared + 0.85 * rng.normal());
        let chance = if attack.is_some() { 0.75 } else { (0.25 * rule_level[e] * days[d]).min(0.9) };
        units.flags.push(rng.0.r#gen::<f64>() < chance);
    };
    for (d, factor) in days.iter().enumerate() {
        for (e, size) in sizes.iter().enumerate() {
            for _ in 0..rng.poisson(UNITS * size * factor) {
                add(&mut units, rng, e, d, None);
            }
        }
    }
    for incident in 0..world.incidents {
        let (e, ease) = (rng.below(world.entities), 0.8 * rng.normal());
        for _ in 0..=rng.poisson(1.5) {
            let d = rng.below(world.days);
            add(&mut units, rng, e, d, Some((incident as u32, ease)));
        }
    }
    units
}

pub fn part_of(world: &World, units: &Units) -> Part {
    let n = units.rows.len();
    let attacks = units.rows.iter().map(|row| row.2);
    Part {
        rows: units.rows.iter().map(|row| RowKey { entity: Arc::from("e"), period: i64::from(row.1) }).collect(),
        starts: units.rows.iter().map(|row| i64::from(row.1) * DAY).collect(),
        case_of: (0..n as u32).collect(),
        cases: units.rows.iter().map(|row| Case { cluster: row.0, budget_period: row.1 }).collect(),
        clusters: (0..world.entities).map(|e| e.to_string()).collect(),
        budget_periods: (0..world.days).map(|d| BudgetPeriod { start: d as i64 * DAY, days: 1.0 }).collect(),
        labels: Some(Labels {
            complete: true,
            dispositions: attacks.clone().map(|attack| attack.map(|_| Disposition::TruePositive)).collect(),
            incidents: (0..world.incidents).map(|i| Incident { id: i.to_string(), kind: None, start: 0 }).collect(),
            incidents_of: attacks.map(|attack| attack.into_iter().collect()).collect(),
        }),
    }
}

/// A training part that gives the same cut in every repetition: the upper twentieth of the scores of attack-free units.
pub fn fixed_training(world: &World) -> (Part, Vec<f64>) {
    let n = (UNITS as usize) * world.entities;
    let mut rng = Draws(Xoshiro256PlusPlus::seed_from_u64(99));
    let deviation = (0.98 * world.levels.0.powi(2) + 0.98 * world.levels.1.powi(2) + 0.25 + 0.85_f64.powi(2)).sqrt();
    let scores = (0..n).map(|_| deviation * rng.normal()).collect();
    let one_day = World { days: 1, ..*world };
    let units = Units { rows: (0..n).map(|i| ((i % world.entities) as u32, 0, None)).collect(), ..Units::default() };
    (Part { labels: None, ..part_of(&one_day, &units) }, scores)
}

pub fn criteria() -> Decision {
    let at_least = |metric: &str, limit| Criterion { metric: metric.into(), at_least: Some(limit), at_most: None };
    Decision { require: vec![at_least("fp_reduction", REDUCED), at_least("recall_kept", KEPT)], prefer: None }
}

fn repetition(world: &World, training: &(Part, Vec<f64>), seed: u64) -> Evaluation {
    let units = draw_units(world, &mut Draws(Xoshiro256PlusPlus::seed_from_u64(seed)));
    let judged = part_of(world, &units);
    let column = |(c, scores): (usize, &Vec<f64>)| {
        let (id, kind) = match c.checked_sub(CONTENDERS) {
            None => (format!("c{c}"), Kind::Detector),
            Some(0) => ("random".to_owned(), Kind::Control),
            Some(_) => ("field:f".to_owned(), Kind::Control),
        };
        let scored = Scored { training: training.1.clone(), judged: scores.clone(), ..Scored::default() };
        ScoreColumn { method: id.clone(), id, kind, outcome: Outcome::Scored(Box::new(scored)) }
    };
    let columns = units.scores.iter().enumerate().map(column).collect();
    let scores = ScoreTable { training: Arc::clone(&training.0.rows), judged: Arc::clone(&judged.rows), columns };
    // A fifth of the baseline's alerts on a middling day.
    let budget = (0.2 * 0.25 * UNITS * world.entities as f64).round() as u64;
    let settings = Evaluate { alerts: Alerts { budget: Some(budget), policy: world.policy, ..Alerts::default() }, ..Evaluate::default() };
    let decision = criteria();
    evaluate(&Input {
        training: &training.0,
        judged: &judged,
        in_sample: false,
        scores: &scores,
        baseline: Some((&vec![false; training.0.case_of.len()], &units.flags)),
        baseline_title: "Rule",
        review: None,
        suppressed: None,
        settings: &settings,
        decision: Some(&decision),
        seed,
    })
}

pub fn simulate(world: &World, repetitions: u64) -> Vec<Evaluation> {
    let training = fixed_training(world);
    (0..repetitions).into_par_iter().map(|seed| repetition(world, &training, 1_000 + seed)).collect()
}
