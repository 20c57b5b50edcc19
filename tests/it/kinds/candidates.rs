//! Other ways to make one score of the default ensemble's members, weighed against the way it has.
//!
//! # What is weighed
//! Written down before any was measured. A member's *surprise* is what the default takes of it: -ln of the share of training rows that score at least as
//! high. *Families* are the default's four, each the mean of its members.
//!
//! - Surprise, joined otherwise: the three most surprised families, all four, the seven members (Fisher 1932), the members without the highest and the
//!   lowest (trimmed mean), the Cauchy combination of the families (Liu, Xie 2020).
//! - Unified scores (Kriegel, Kröger, Schubert, Zimek 2011): by a normal law, by a gamma law, mean of the families.
//! - -ln of the tail of these laws, which has no ceiling: two families and all four.
//! - Agreement with the consensus, as in SELECT (Rayana, Akoglu 2016), told on the training part without labels: members weighed by their correlation with
//!   the mean surprise of the others; without the member, or the family, that agrees least.
//! - Fields bent before the members that measure distances (`inne`, `knn`, `lof`, `dbscan`): asinh of the distance to the median in mean distances, or
//!   normal scores of the places in the training part.
//!
//! LSCP (Zhao et al. 2019) is left out: it looks for the neighbours of each row again in many drawn subspaces, which doubles the cost of the ensemble.
//!
//! # The rule
//! Also written before. A candidate replaces the default if, over the worlds with rows like logs, its mean ROC-AUC is above the default's by more than two standard
//! errors of the paired difference, if on none of the four kinds of the smooth worlds it is below by more than two, and if both hold once more on worlds
//! that were not looked at before (`FRESH`); of several the one with the largest difference. Average precision is shown and decides nothing.
//!
//! # What came of it
//! `asinh` of the fields, by all three conditions; it is the default now, and the README shows the differences. What else passed was weighed again upon it (`further`). The first measurement ran all random
//! members with one seed in all worlds, so that they drew the same places everywhere; it was made again with a seed for each world, and led to the same choice.
//!
//! `cargo test --release --test it kinds::candidates -- --ignored --nocapture` prints both comparisons.

use std::collections::BTreeMap;

use gonogo::detect::Outcome;
use statrs::function::{
    erf::{erf, erfc, erfc_inv},
    gamma::{gamma_ur, ln_gamma},
};

use super::{KINDS, SMOOTH, Shape, World, run, world};
use crate::{adbench::roc_auc, support::readme_tells};

/// The default's members, and the family of each.
pub const MEMBERS: [(&str, usize); 7] =
    [("ecod", 0), ("hbos", 0), ("isolation-forest", 1), ("inne", 2), ("knn", 3), ("lof", 3), ("dbscan", 3)];
/// From here on members measure distances; in what was the default before they saw the fields as they are.
pub const DISTANCES: usize = 3;
/// Worlds of each kind, width and shape.
const SEEDS: u64 = 15;
/// The first seed of the worlds that confirm a choice.
const FRESH: u64 = 30_000;

/// A member's scores of both parts.
#[derive(Clone)]
pub struct Both {
    pub training: Vec<f64>,
    pub judged: Vec<f64>,
}

impl Both {
    fn map(&self, law: impl Fn(f64) -> f64) -> Self {
        Self { training: self.training.iter().map(|s| law(*s)).collect(), judged: self.judged.iter().map(|s| law(*s)).collect() }
    }
}

/// -ln of the share of training rows that score at least as high, straight between them, bounded above: what the default takes.
pub fn surprise(of: &Both) -> Both {
    let mut sorted = of.training.clone();
    sorted.sort_by(f64::total_cmp);
    let rows = sorted.len() as f64;
    let level = |start: usize| -((rows - start as f64 + 1.0) / (rows + 1.0)).ln();
    let start = |value: f64| sorted.partition_point(|s| *s < value);
    let (top, middle) = (sorted[sorted.len() - 1], sorted[sorted.len() / 2]);
    let spread = if top > middle { top - middle } else { 1.0 };
    of.map(|score| match sorted.partition_point(|s| *s <= score) {
        0 => 0.0,
        above if above == sorted.len() => {
            let (last, gap) = (level(start(top)), (score - top) / spread);
            last + ((rows + 1.0).ln() + 1.0 - last) * gap / (1.0 + gap)
        }
        above => {
            let (low, high) = (sorted[above - 1], sorted[above]);
            let (from, to) = (level(start(low)), level(start(high)));
            from + (to - from) * (score - low) / (high - low)
        }
    })
}

fn moments(values: &[f64]) -> (f64, f64) {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let variance = values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / values.len() as f64;
    (mean, variance.sqrt().max(1e-12))
}

/// Kriegel et al.'s Gaussian scaling: 0 up to the mean, then the error function.
fn gaussian(of: &Both) -> Both {
    let (mean, spread) = moments(&of.training);
    of.map(|s| erf((s - mean) / spread / std::f64::consts::SQRT_2).max(0.0))
}

/// -ln of a normal law's upper tail.
fn gaussian_tail(of: &Both) -> Both {
    let (mean, spread) = moments(&of.training);
    of.map(|s| {
        let z = (s - mean) / spread;
        // Beyond, the tail is too small for a number; its asymptote is not.
        if z > 30.0 {
            z * z / 2.0 + (z * (2.0 * std::f64::consts::PI).sqrt()).ln()
        } else {
            -(erfc(z / std::f64::consts::SQRT_2) / 2.0).ln()
        }
    })
}

/// The upper tail, as -ln, of the gamma law with the training scores' moments, counted from the lowest score.
fn gamma_log(of: &Both) -> (Both, f64) {
    let low = of.training.iter().copied().fold(f64::MAX, f64::min);
    let (mean, spread) = moments(&of.training.iter().map(|s| s - low).collect::<Vec<_>>());
    let (shape, scale) = ((mean / spread).powi(2).max(1e-6), (spread * spread / mean.max(1e-12)).max(1e-12));
    let tail = |s: f64| {
        let x = (s / scale).max(1e-12);
        let tail = gamma_ur(shape, x);
        if tail > 1e-280 { -tail.ln() } else { x - (shape - 1.0) * x.ln() + ln_gamma(shape) }
    };
    (of.map(|s| tail(s - low)), tail(mean))
}

pub fn gamma_tail(of: &Both) -> Both {
    gamma_log(of).0
}

/// Kriegel et al.'s gamma scaling: 0 up to the mean, then the share of the law beyond the mean that lies below.
fn gamma(of: &Both) -> Both {
    let (tail, mean) = gamma_log(of);
    tail.map(|t| (1.0 - (mean - t).exp()).max(0.0))
}

/// One value of each member for each row, as one score.
type Join = fn(&[f64]) -> f64;

/// The mean of the members of each family, those with weight zero left out.
fn weighed(values: &[f64], weights: &[f64]) -> Vec<f64> {
    let family = |f: usize| {
        let (mut sum, mut all) = (0.0, 0.0);
        for ((value, weight), _) in values.iter().zip(weights).zip(MEMBERS).filter(|(_, (_, family))| *family == f) {
            (sum, all) = (sum + weight * value, all + f64::from(u8::from(*weight > 0.0)));
        }
        if all > 0.0 { sum / all } else { 0.0 }
    };
    (0..4).map(family).collect()
}

fn highest(values: &[f64], count: usize) -> f64 {
    let mut values = weighed(values, &[1.0; 7]);
    values.sort_by(|a, b| b.total_cmp(a));
    values[..count].iter().sum::<f64>() / count as f64
}

pub fn two(values: &[f64]) -> f64 {
    highest(values, 2)
}

fn three(values: &[f64]) -> f64 {
    highest(values, 3)
}

fn four(values: &[f64]) -> f64 {
    highest(values, 4)
}

fn members(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn trimmed(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    members(&values[1..values.len() - 1])
}

/// The Cauchy combination of p-values, of surprises -ln p.
fn cauchy(values: &[f64]) -> f64 {
    weighed(values, &[1.0; 7]).iter().map(|s| ((0.5 - (-s).exp()) * std::f64::consts::PI).tan()).sum()
}

pub fn joined(of: &[Both], join: impl Fn(&[f64]) -> f64) -> Vec<f64> {
    let row = |row: usize| join(&of.iter().map(|b| b.judged[row]).collect::<Vec<_>>());
    (0..of[0].judged.len()).map(row).collect()
}

fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let ((mean_a, spread_a), (mean_b, spread_b)) = (moments(a), moments(b));
    a.iter().zip(b).map(|(a, b)| (a - mean_a) * (b - mean_b)).sum::<f64>() / a.len() as f64 / spread_a / spread_b
}

/// How each agrees, in the training part, with the mean of the others.
fn agreement(of: &[Vec<f64>]) -> Vec<f64> {
    let others = |one: usize| {
        let row = |row: usize| (0..of.len()).filter(|other| *other != one).map(|other| of[other][row]).sum::<f64>();
        correlation(&of[one], &(0..of[one].len()).map(row).collect::<Vec<_>>()).max(0.0)
    };
    (0..of.len()).map(others).collect()
}

fn least(values: &[f64]) -> usize {
    (0..values.len()).min_by(|&a, &b| values[a].total_cmp(&values[b])).unwrap()
}

/// The three candidates that know who agrees with whom.
pub fn agreeing(of: &[Both]) -> [(&'static str, Vec<f64>); 3] {
    let training: Vec<Vec<f64>> = of.iter().map(|b| b.training.clone()).collect();
    let agreed = agreement(&training);
    let strength = agreed.iter().sum::<f64>() / agreed.len() as f64;
    let weights: Vec<f64> = agreed.iter().map(|a| (a / strength.max(1e-12)).max(1e-9)).collect();
    let mut without = vec![1.0; agreed.len()];
    without[least(&agreed)] = 0.0;
    let two_of = |weights: &[f64], values: &[f64]| {
        let mut families = weighed(values, weights);
        families.sort_by(|a, b| b.total_cmp(a));
        families[0] + families[1]
    };
    let rows = 0..training[0].len();
    let of_rows: Vec<Vec<f64>> = rows.map(|row| weighed(&training.iter().map(|t| t[row]).collect::<Vec<_>>(), &[1.0; 7])).collect();
    let dropped = least(&agreement(&(0..4).map(|f| of_rows.iter().map(|r| r[f]).collect()).collect::<Vec<_>>()));
    let three = |values: &[f64]| {
        let families = weighed(values, &[1.0; 7]);
        families.iter().sum::<f64>() - families[dropped]
    };
    [
        ("two of four, agreeing weigh more", joined(of, |values| two_of(&weights, values))),
        ("two of four, less the least agreeing", joined(of, |values| two_of(&without, values))),
        ("families but the least agreeing", joined(of, three)),
    ]
}

/// What bends a field, made from its values in the training part.
type Bend = fn(&[f64]) -> Box<dyn Fn(f64) -> f64>;

/// The world with its fields bent, by what the training part says of each.
pub fn bent(world: &World, bend: Bend) -> World {
    let (training, judged) = (world.training.values(), world.judged.values());
    let bends: Vec<_> = training.columns().into_iter().map(|column| bend(&column.to_vec())).collect();
    let matrix = |part: &gonogo::units::FeatureMatrix, values: ndarray::ArrayView2<'_, f64>| {
        let values = ndarray::Array2::from_shape_fn(values.dim(), |(row, column)| bends[column](values[(row, column)]));
        gonogo::units::FeatureMatrix::new(values, part.features().clone(), part.rows().clone()).unwrap()
    };
    World {
        training: matrix(&world.training, training),
        judged: matrix(&world.judged, judged),
        labels: world.labels.clone(),
        seed: world.seed,
    }
}

pub fn by_asinh(column: &[f64]) -> Box<dyn Fn(f64) -> f64> {
    let mut sorted = column.to_vec();
    sorted.sort_by(f64::total_cmp);
    let median = sorted[sorted.len() / 2];
    let distance = sorted.iter().map(|x| (x - median).abs()).sum::<f64>() / sorted.len() as f64;
    Box::new(move |x| ((x - median) / if distance > 0.0 { distance } else { 1.0 }).asinh())
}

fn by_normal_scores(column: &[f64]) -> Box<dyn Fn(f64) -> f64> {
    let mut sorted = column.to_vec();
    sorted.sort_by(f64::total_cmp);
    Box::new(move |x| {
        let (below, up_to) = (sorted.partition_point(|s| *s < x), sorted.partition_point(|s| *s <= x));
        let place = ((below + up_to) as f64 / 2.0 + 0.5) / (sorted.len() as f64 + 1.0);
        -std::f64::consts::SQRT_2 * erfc_inv(2.0 * place)
    })
}

pub fn scores(entries: &[&str], world: &World) -> Vec<Both> {
    let of = |outcome: &Outcome| match outcome {
        Outcome::Scored(scored) => Both { training: scored.training.clone(), judged: scored.judged.clone() },
        other => panic!("{other:?}"),
    };
    run(entries, world).columns.iter().take(entries.len()).map(|column| of(&column.outcome)).collect()
}

/// Every candidate's scores of the judged rows; what was the default when they were weighed, made of the same members, stands first.
fn candidates(world: &World) -> Vec<(&'static str, Vec<f64>)> {
    let ids = MEMBERS.map(|(id, _)| id);
    let entries: Vec<&str> = ids.into_iter().chain(["{ ensemble: default }", "{ ensemble: mean-rank }"]).collect();
    let all = scores(&entries, world);
    let (raw, ensembles) = all.split_at(ids.len());
    let by = |law: fn(&Both) -> Both| raw.iter().map(law).collect::<Vec<_>>();
    let surprised = by(surprise);
    let joins: [(&str, Join); 6] = [
        ("two of four families (as before)", two),
        ("three of four families", three),
        ("four families", four),
        ("seven members", members),
        ("trimmed members", trimmed),
        ("Cauchy combination of families", cauchy),
    ];
    let mut found: Vec<(&str, Vec<f64>)> = joins.iter().map(|(name, join)| (*name, joined(&surprised, join))).collect();
    found.push(("unified by a normal law", joined(&by(gaussian), four)));
    found.push(("unified by a gamma law", joined(&by(gamma), four)));
    for (name, law) in [("normal", gaussian_tail as fn(&Both) -> Both), ("gamma", gamma_tail)] {
        let tails = by(law);
        found.push((if name == "normal" { "normal tail, two of four" } else { "gamma tail, two of four" }, joined(&tails, two)));
        found.push((if name == "normal" { "normal tail, four families" } else { "gamma tail, four families" }, joined(&tails, four)));
    }
    found.extend(agreeing(&surprised));
    for (name, bend) in [("asinh of fields for distances", by_asinh as fn(&[f64]) -> _), ("normal scores for distances", by_normal_scores)]
    {
        let near = scores(&ids[DISTANCES..], &bent(world, bend));
        let mixed: Vec<Both> = surprised[..DISTANCES].iter().cloned().chain(near.iter().map(surprise)).collect();
        found.push((name, joined(&mixed, two)));
    }
    found.extend(["ensemble: default", "ensemble: mean-rank"].into_iter().zip(ensembles.iter().map(|b| b.judged.clone())));
    found.extend(ids.into_iter().zip(raw.iter().map(|b| b.judged.clone())));
    found
}

fn average_precision(scores: &[f64], labels: &[bool]) -> f64 {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]));
    let (mut caught, mut sum) = (0.0, 0.0);
    for (place, &row) in order.iter().enumerate() {
        if labels[row] {
            caught += 1.0;
            sum += caught / (place + 1) as f64;
        }
    }
    100.0 * sum / caught
}

/// Mean and squared standard error of paired differences.
fn paired(differences: &[f64]) -> (f64, f64) {
    let n = differences.len() as f64;
    let (mean, spread) = moments(differences);
    (mean, spread * spread / (n - 1.0))
}

/// By kind of anomaly, number of columns and shape: of each world the differences to the default and the levels, ROC-AUC and average precision.
type Strata = BTreeMap<(usize, usize, usize), Vec<[f64; 4]>>;

/// Mean ROC-AUC over all kinds; how far it is from the first candidate's, and the standard error of that.
pub type Weighed = (&'static str, f64, (f64, f64));

/// What gives every candidate's scores of a world's judged rows.
pub type Candidates = fn(&World) -> Vec<(&'static str, Vec<f64>)>;

/// Prints, over worlds of 6 and 20 columns: the mean of each kind and how far it is from the first, with its standard error; the same of all kinds.
pub fn compare(candidates: Candidates, shapes: &[Shape], first: u64) -> Vec<Weighed> {
    // Of each candidate, by its place.
    let mut table: BTreeMap<usize, (&'static str, Strata)> = BTreeMap::new();
    for (k, kind) in KINDS.iter().enumerate() {
        for (columns, (s, &shape)) in [6, 20].into_iter().flat_map(|columns| shapes.iter().enumerate().map(move |shape| (columns, shape))) {
            for seed in 0..SEEDS {
                let world = world(kind, columns, shape, first + seed + 3 * (10 * k as u64 + columns as u64));
                let found = candidates(&world);
                let figures = |scores: &[f64]| [roc_auc(scores, &world.labels), average_precision(scores, &world.labels)];
                let ours = figures(&found[0].1);
                for (index, (name, scores)) in found.iter().enumerate() {
                    let theirs = figures(scores);
                    let entry = table.entry(index).or_insert_with(|| (name, Strata::new()));
                    entry.1.entry((k, columns, s)).or_default().push([theirs[0] - ours[0], theirs[1] - ours[1], theirs[0], theirs[1]]);
                }
            }
        }
    }
    let mut weighed = Vec::new();
    println!("{:38}{}   ROC-AUC{:22}AP", "", KINDS.map(|kind| format!("{kind:>22}")).concat(), "");
    for (name, strata) in table.values() {
        let of = |wanted: &dyn Fn(usize) -> bool, measure: usize| {
            let parts: Vec<(f64, f64)> = strata
                .iter()
                .filter(|((k, _, _), _)| wanted(*k))
                .map(|(_, worlds)| paired(&worlds.iter().map(|w| w[measure]).collect::<Vec<_>>()))
                .collect();
            let n = parts.len() as f64;
            (parts.iter().map(|p| p.0).sum::<f64>() / n, parts.iter().map(|p| p.1).sum::<f64>().sqrt() / n)
        };
        let cell = |wanted: &dyn Fn(usize) -> bool, measure: usize| {
            let ((level, _), (difference, error)) = (of(wanted, measure + 2), of(wanted, measure));
            format!("{level:7.2} {difference:+6.2} ±{error:5.2} ")
        };
        let kinds: String = (0..4).map(|k| cell(&|kind| kind == k, 0)).collect();
        println!("{name:38}{kinds} | {} | {}", cell(&|_| true, 0), cell(&|_| true, 1));
        weighed.push((*name, of(&|_| true, 2).0, of(&|_| true, 0)));
    }
    weighed
}

/// What README calls a candidate; only those that it lists.
fn in_readme(name: &str) -> Option<&str> {
    match name {
        "two of four families (as before)" => Some("two of four families, fields as they are (the default before)"),
        "asinh of fields for distances" => Some("**asinh of fields for distances** (the default now)"),
        "ensemble: default" => Some("the default now, with draws of its own"),
        "ensemble: mean-rank" => Some("`ensemble: mean-rank`"),
        "inne" => Some("`inne` alone, the best member"),
        member if MEMBERS.iter().any(|(id, _)| *id == member) => None,
        other => Some(other),
    }
}

/// Holds README's table to what was found: the first candidate's level, the differences of the others.
pub fn hold_readme(found: &[Vec<Weighed>; 4], in_readme: for<'a> fn(&'a str) -> Option<&'a str>) {
    for index in 0..found[0].len() {
        let Some(name) = in_readme(found[0][index].0) else { continue };
        let cell = |(_, level, (difference, error)): &Weighed| match index {
            0 => format!("{level:.2}"),
            _ => format!("{difference:+.2} ± {error:.2}").replace('-', "−"),
        };
        readme_tells(&format!("| {name} | {} |", found.each_ref().map(|of| cell(&of[index])).join(" | ")), 0.005);
    }
}

#[test]
#[ignore = "minutes: prints what other ways to join the default's members would give, and holds README to it"]
fn ways_to_join_the_members() {
    let titled = |what: &str, shapes: &[Shape], first: u64| {
        println!("\n{what}, worlds to {} on", if first == FRESH { "confirm" } else { "choose" });
        compare(candidates, shapes, first)
    };
    let of = |first: u64| (titled("Rows like logs", &[Shape::Logs], first), titled("Smooth rows", &SMOOTH, first));
    let ((logs, smooth), (fresh_logs, fresh_smooth)) = (of(0), of(FRESH));
    hold_readme(&[logs, smooth, fresh_logs, fresh_smooth], in_readme);
}
