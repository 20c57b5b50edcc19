//! Studies on request (`evaluate.study`): the same judged part, fitted otherwise.
//!
//! Fields are not built again: what they know of the past stays as it was, and what changes is what detectors learn from. Each point costs a fit
//! of every contender with one seed.

use std::collections::BTreeMap;

use serde_yaml::Value;

use self::sensitivity::sensitivity;
use super::{calibration::calibration, gather::Gathered};
use crate::{
    detect::{self, Contender, Outcome, RunOptions, ScoreTable},
    error::{Error, Result},
    evaluate::{
        Input, evaluate,
        study::{Studies, Study, StudyPoint, StudyValue, values},
    },
    fields::{Matrices, scale},
    observe::{Observer, Quiet},
    spec::{Entry, Evaluate, Experiment, Policy},
    units::{FeatureMatrix, Part},
};

mod sensitivity;

/// What every study works on.
pub struct Bench<'a> {
    /// The experiment.
    pub experiment: &'a Experiment,
    /// The units and their parts.
    pub gathered: &'a Gathered,
    /// The run's matrices.
    pub matrices: &'a Matrices,
    /// The run's contenders.
    pub contenders: &'a [Contender],
    /// What the run evaluated.
    pub input: &'a Input<'a>,
    /// How contenders are run.
    pub options: RunOptions,
    /// Who may stop it.
    pub observer: &'a dyn Observer,
}

type Make = fn(&Bench<'_>) -> Result<Study>;

/// Every study, by its name in experiment files.
const MAKERS: [(&str, Make); 5] = [
    ("learning_curve", learning_curve),
    ("ageing", ageing),
    ("peers_ablation", peers_ablation),
    ("sensitivity", sensitivity),
    ("stability", stability),
];

/// The study that is no curve.
const CALIBRATION: &str = "calibration";

pub(super) const DAY: i64 = 86_400_000_000;
/// Fewer rows than this are not learned from.
const LEAST_ROWS: usize = 50;
/// Days that are left out one by one, at most.
const LEFT_OUT: usize = 7;
/// Further seeds.
pub(super) const SEEDS: u64 = 4;

/// Makes the studies that an experiment asks for; `None` where it asks for none.
///
/// # Errors
/// When the user stops it, or a part cannot be scaled.
pub fn studies(bench: &Bench<'_>) -> Result<Option<Studies>> {
    let asked = &bench.experiment.evaluate.study;
    if asked.is_empty() {
        return Ok(None);
    }
    let mut studies = Vec::new();
    let mut calibrated = None;
    for id in asked {
        if id == CALIBRATION {
            match if bench.options.in_sample { Err("without time there are no days".to_owned()) } else { calibration(bench)? } {
                Ok(found) => calibrated = Some(found),
                Err(why) => studies.push(refused(id, &why)),
            }
            continue;
        }
        let Some((_, make)) = MAKERS.iter().find(|(name, _)| name == id) else { continue };
        let needs_time = matches!(id.as_str(), "learning_curve" | "ageing");
        studies.push(if bench.options.in_sample && needs_time { refused(id, "without time there are no days") } else { make(bench)? });
    }
    Ok(Some(Studies { schema_version: 1, confidence: bench.experiment.evaluate.confidence.get(), studies, calibration: calibrated }))
}

fn refused(id: &str, why: &str) -> Study {
    Study { id: id.to_owned(), points: Vec::new(), about: Vec::new(), refused: Some(why.to_owned()) }
}

fn study(id: &str, points: Vec<StudyPoint>, about: Vec<String>) -> Study {
    Study { id: id.to_owned(), points, about, refused: None }
}

impl Bench<'_> {
    fn settings(&self) -> Evaluate {
        let mut settings = self.input.settings.clone();
        settings.alerts.policy = Policy::Top;
        settings.also_at.clear();
        settings
    }

    fn input<'b>(&'b self, scores: &'b ScoreTable, settings: &'b Evaluate) -> Input<'b> {
        let run = self.input;
        Input {
            training: run.training,
            judged: run.judged,
            in_sample: run.in_sample,
            scores,
            baseline: run.baseline,
            baseline_title: run.baseline_title,
            review: run.review,
            suppressed: run.suppressed,
            settings,
            decision: run.decision,
            seed: run.seed,
        }
    }

    /// Fits, and scores.
    pub(super) fn score(
        &self,
        contenders: &[Contender],
        training: &FeatureMatrix,
        judged: &FeatureMatrix,
        seed: u64,
    ) -> Result<ScoreTable> {
        if self.observer.cancelled() {
            return Err(Error::Interrupted);
        }
        let options = RunOptions { seed, repeats: 1, explain: false, ..self.options };
        detect::run_all(contenders, training, judged, &options, &Quiet(self.observer))
    }

    /// Fits, ranks the judged part, and measures at the budget.
    fn point(
        &self,
        label: impl Into<String>,
        x: f64,
        contenders: &[Contender],
        [training, judged]: [&FeatureMatrix; 2],
        seed: u64,
    ) -> Result<StudyPoint> {
        let scores = self.score(contenders, training, judged, seed)?;
        let settings = self.settings();
        let (here, run) = (self.input(&scores, &settings), self.input(self.input.scores, &settings));
        Ok(StudyPoint { label: label.into(), x, values: values(&evaluate(&here), &here, &run) })
    }

    /// The same on some of the training units, by their place among them, scaled by them.
    fn point_on(&self, label: impl Into<String>, x: f64, keep: &dyn Fn(i64) -> bool) -> Result<Option<StudyPoint>> {
        let parts = &self.gathered.parts;
        let rows: Vec<usize> =
            parts.training_units.iter().zip(&parts.training.starts).filter(|(_, start)| keep(**start)).map(|(row, _)| *row).collect();
        if rows.len() < LEAST_ROWS {
            return Ok(None);
        }
        let matrices = scale(&self.gathered.table, &rows, &parts.judged_units, self.experiment.scale)?;
        self.point(label, x, self.contenders, [&matrices.training, &matrices.judged], self.options.seed).map(Some)
    }

    /// How many alerts a day may be opened.
    pub(super) fn budget_a_day(&self) -> f64 {
        let alerts = &self.input.settings.alerts;
        alerts.budget.unwrap_or(20) as f64 / alerts.per.as_days()
    }

    /// The first moment of the training part, and how many days it has.
    pub(super) fn learned(&self) -> (i64, i64) {
        let starts = &self.gathered.parts.training.starts;
        let first = starts.iter().copied().min().unwrap_or(0);
        let begin = self.input.training.budget_periods.first().map_or(first, |period| period.start.min(first));
        let end = self.experiment.window_micros().map_or(first, |(_, train_end, _)| train_end);
        (begin, (end - begin + DAY / 2) / DAY)
    }
}

/// How many of the training days the points of the learning curve learn from: the last from all.
pub(super) fn curve_days(days: i64) -> impl Iterator<Item = i64> {
    [1, 2, 3, 5, 7, 10, 14, 21, 28, 42, 56, 84].into_iter().filter(move |k| *k < days).chain([days])
}

/// Fit on growing parts of the training days, the most recent ones; judge on the same days.
fn learning_curve(bench: &Bench<'_>) -> Result<Study> {
    let (begin, days) = bench.learned();
    let mut points = Vec::new();
    for k in curve_days(days) {
        let from = begin + (days - k) * DAY;
        points.extend(bench.point_on(k.to_string(), k as f64, &|start| start >= from)?);
    }
    Ok(study("learning_curve", points, Vec::new()))
}

/// Fit on the older half of the training days, set the threshold that fills the budget there, and count what each later day then gives.
fn ageing(bench: &Bench<'_>) -> Result<Study> {
    let (begin, days) = bench.learned();
    let oldest = (days / 2).max(1);
    let split = begin + oldest * DAY;
    let parts = &bench.gathered.parts;
    // The cases of the training part come first, then those of the judged part.
    let mut all = Row::of(&parts.training_units, &parts.training, 0);
    all.extend(Row::of(&parts.judged_units, &parts.judged, parts.training.cases.len() as u32));
    let (old, later): (Vec<Row>, Vec<Row>) = all.into_iter().partition(|unit| unit.start < split);
    if old.len() < LEAST_ROWS || later.is_empty() {
        return Ok(refused("ageing", "half of the training days are too few rows to learn from"));
    }
    let rows = |units: &[Row]| units.iter().map(|unit| unit.row).collect::<Vec<_>>();
    let matrices = scale(&bench.gathered.table, &rows(&old), &rows(&later), bench.experiment.scale)?;
    let scores = bench.score(bench.contenders, &matrices.training, &matrices.judged, bench.options.seed)?;
    let budget = bench.budget_a_day();
    let places = ((budget * oldest as f64).round() as usize).max(1);
    let mut by_day: BTreeMap<i64, Vec<StudyValue>> = BTreeMap::new();
    for column in scores.columns.iter().filter(|column| column.kind != detect::Kind::Control) {
        let Outcome::Scored(scored) = &column.outcome else { continue };
        let mut fitted: Vec<f64> = cases(&old, &scored.training).into_values().map(|(score, _)| score).collect();
        fitted.sort_unstable_by(|a, b| b.total_cmp(a));
        let Some(&cut) = fitted.get(places.min(fitted.len()) - 1) else { continue };
        let mut alerts: BTreeMap<i64, u64> = later.iter().map(|unit| ((unit.start - split) / DAY, 0)).collect();
        for (score, start) in cases(&later, &scored.judged).into_values() {
            *alerts.entry((start - split) / DAY).or_default() += u64::from(score >= cut);
        }
        for (day, count) in alerts {
            by_day.entry(day).or_default().push(StudyValue {
                contender: column.id.clone(),
                recall: None,
                incidents_caught: 0,
                false_alerts_at_equal_detection: None,
                overlap: None,
                alerts_per_day: Some(count as f64),
            });
        }
    }
    let points = by_day.into_iter().map(|(day, values)| StudyPoint { label: (day + 1).to_string(), x: (day + 1) as f64, values }).collect();
    Ok(study("ageing", points, vec![oldest.to_string(), budget.to_string()]))
}

/// A unit: its row in the table, when it begins, its case.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    /// Its row among all units.
    pub row: usize,
    /// When it begins.
    pub start: i64,
    /// The number of its case.
    pub case: u32,
}

impl Row {
    /// The units of a part; their cases are numbered from `offset`.
    pub fn of(rows: &[usize], part: &Part, offset: u32) -> Vec<Self> {
        let units = rows.iter().zip(&part.starts).zip(&part.case_of);
        units.map(|((row, start), case)| Self { row: *row, start: *start, case: offset + case }).collect()
    }
}

/// The highest score of each case, and when its first unit begins.
pub(super) fn cases(units: &[Row], scores: &[f64]) -> BTreeMap<u32, (f64, i64)> {
    let mut cases = BTreeMap::new();
    for (unit, score) in units.iter().zip(scores) {
        let entry = cases.entry(unit.case).or_insert((f64::NEG_INFINITY, i64::MAX));
        *entry = (score.max(entry.0), unit.start.min(entry.1));
    }
    cases
}

/// Whether a field knows the mass of users: how many others do the same, or what the peers do.
fn knows_the_mass(entry: &Entry) -> bool {
    let has = |key: &str| entry.0.get(key).is_some();
    has("rarity") || has("at") || (has("unseen") && !has("by")) || entry.0.get("versus").and_then(Value::as_str) == Some("peers")
}

/// The same detectors without the fields that know the mass of users.
fn peers_ablation(bench: &Bench<'_>) -> Result<Study> {
    let mass: Vec<String> =
        bench.experiment.fields.iter().filter(|(_, entry)| knows_the_mass(entry)).map(|(name, _)| name.clone()).collect();
    let (training, judged) = (&bench.matrices.training, &bench.matrices.judged);
    let kept: Vec<usize> = training.features().iter().enumerate().filter(|(_, name)| !mass.contains(name)).map(|(at, _)| at).collect();
    if mass.is_empty() || kept.is_empty() || kept.len() == training.ncols() {
        return Ok(refused("peers_ablation", "no field knows the mass of users, or no other is left"));
    }
    let without = |matrix: &FeatureMatrix| {
        let names = kept.iter().map(|at| matrix.features()[*at].clone()).collect();
        FeatureMatrix::new(matrix.values().select(ndarray::Axis(1), &kept), names, std::sync::Arc::clone(matrix.rows()))
            .map_err(|error| Error::Internal(error.to_string()))
    };
    let points = vec![
        bench.point("with", 0.0, bench.contenders, [training, judged], bench.options.seed)?,
        bench.point("without", 1.0, bench.contenders, [&without(training)?, &without(judged)?], bench.options.seed)?,
    ];
    Ok(study("peers_ablation", points, mass))
}

/// The training days that are left out one by one.
pub(super) fn left_out(days: i64) -> impl Iterator<Item = i64> {
    let step = (days.max(0) as usize).div_ceil(LEFT_OUT).max(1);
    (0..days).step_by(step).filter(move |_| days > 1)
}

/// Other seeds, and every training day left out once (seven at most, evenly).
fn stability(bench: &Bench<'_>) -> Result<Study> {
    let matrices = [&bench.matrices.training, &bench.matrices.judged];
    let mut points = Vec::new();
    for seed in 1..=SEEDS {
        let other = bench.options.seed.wrapping_add(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        points.push(bench.point(format!("seed {}", seed + 1), seed as f64, bench.contenders, matrices, other)?);
    }
    if !bench.options.in_sample {
        let (begin, days) = bench.learned();
        for day in left_out(days) {
            let out = begin + day * DAY..begin + (day + 1) * DAY;
            let label = format!("without day {}", day + 1);
            points.extend(bench.point_on(label, (SEEDS as i64 + 1 + day) as f64, &|start| !out.contains(&start))?);
        }
    }
    Ok(study("stability", points, Vec::new()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_that_know_the_mass_of_users_are_told_from_others() {
        let entry = |text: &str| Entry(serde_yaml::from_str(text).unwrap());
        for mass in
            ["{ rarity: domain, agg: max }", "{ unseen: domain }", "{ versus: peers, of: x }", "{ distinct: domain, at: [department] }"]
        {
            assert!(knows_the_mass(&entry(mass)), "{mass}");
        }
        for own in ["{ unseen: domain, by: user }", "{ versus: self, of: x }", "{ sum: bytes_up }"] {
            assert!(!knows_the_mass(&entry(own)), "{own}");
        }
    }

    #[test]
    fn every_study_that_an_experiment_may_ask_for_is_made() {
        let names: Vec<&str> = MAKERS.iter().map(|(name, _)| *name).chain([CALIBRATION]).collect();
        assert_eq!(names, crate::experiment::check::STUDIES);
    }
}
