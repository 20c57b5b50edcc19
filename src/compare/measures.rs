//! What each run gave, and whether neighbours differ beyond noise.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Iteration, lineup};
use crate::{
    decide::{self, Direction, METRICS, Metric},
    evaluate::{
        FalseAlerts,
        intervals::{independent_difference, paired_difference},
        two_way,
    },
};

/// The measures that are always shown, in this order.
const SHOWN: &[&str] = &[
    "false_alerts_per_week",
    "fp_reduction",
    "recall_kept",
    "precision",
    "alerts_per_day_p95",
    "hours_to_alert",
    "net_present_value",
    "payback_months",
];

/// A change smaller than this share of the value, or than this as a share, is noise whatever its interval says (as criterion.rs has it).
const NOISE: f64 = 0.01;

/// One measure over the runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Measure {
    /// Its name.
    pub metric: String,
    /// Whether a criterion of the newest run names it.
    pub required: bool,
    /// What each run gave; `None` where it could not be measured.
    pub readings: Vec<Option<Reading>>,
    /// For each run but the first, how it differs from the one before; `None` where one was not measured, or there is no interval behind it.
    pub steps: Vec<Option<Step>>,
}

/// A measured value with its limits.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Reading {
    /// The value.
    pub value: f64,
    /// Its lower limit; `None` where there is none.
    pub low: Option<f64>,
    /// Its upper limit; `None` where there is none.
    pub high: Option<f64>,
}

/// A run against the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Step {
    /// This run's value less that of the one before.
    pub difference: f64,
    /// The lower limit of the difference.
    pub low: f64,
    /// The upper limit of the difference.
    pub high: f64,
    /// Whether both were judged on the same cases and compared case by case; else by their own intervals as if independent (MOVER, Zou and
    /// Donner 2008), which is wider where the same days were judged.
    pub paired: bool,
    /// What that says.
    pub word: Word,
}

/// What a difference says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Word {
    /// The whole interval is on the good side.
    Better,
    /// The whole interval is on the bad side.
    Worse,
    /// The interval holds zero.
    NoChange,
    /// The interval does not hold zero, but the difference is too small to matter.
    WithinNoise,
}

/// The measures of runs that were lined up, oldest first.
pub(super) fn measures(runs: &[&Iteration]) -> Vec<Measure> {
    let required: Vec<&str> =
        runs.last().map_or_else(Vec::new, |run| run.decision.criteria.iter().map(|judged| judged.metric.as_str()).collect());
    let more = required.iter().copied().filter(|id| !SHOWN.contains(id));
    SHOWN
        .iter()
        .copied()
        .chain(more)
        .filter_map(|id| METRICS.iter().find(|metric| metric.id == id))
        .map(|metric| measure(metric, runs, required.contains(&metric.id)))
        .filter(|measure| measure.readings.iter().any(Option::is_some))
        .collect()
}

fn measure(metric: &'static Metric, runs: &[&Iteration], required: bool) -> Measure {
    let readings: Vec<Option<Reading>> = runs.iter().map(|run| reading(metric, run)).collect();
    let steps =
        runs.windows(2).zip(readings.windows(2)).map(|(pair, values)| step(metric, pair[0], pair[1], values[0]?, values[1]?)).collect();
    Measure { metric: metric.id.to_owned(), required, readings, steps }
}

fn reading(metric: &Metric, run: &Iteration) -> Option<Reading> {
    let (value, low, high) = decide::measured(metric, run.point()?, run.evaluation.incidents, run.cost.as_ref())?;
    // What is compared as it is has no limits: a difference of it says nothing about the weeks to come.
    let limit = |limit: f64| Some(limit).filter(|limit| limit.is_finite() && metric.needs_interval);
    value.is_finite().then_some(Reading { value, low: limit(low), high: limit(high) })
}

fn step(metric: &Metric, before: &Iteration, now: &Iteration, old: Reading, new: Reading) -> Option<Step> {
    if !metric.needs_interval {
        return None;
    }
    let paired = lineup::same_cases(before, now).then(|| paired(metric.id, before, now)).flatten();
    let (difference, low, high) = match paired {
        Some(found) => found,
        None => {
            let (low, high) = independent_difference((new.value, new.low?, new.high?), (old.value, old.low?, old.high?));
            (new.value - old.value, low, high)
        }
    };
    let scale = if metric.unit == "share" { 1.0 } else { old.value.abs() };
    let word = match (low > 0.0, high < 0.0, metric.direction) {
        (false, false, _) => Word::NoChange,
        _ if difference.abs() < NOISE * scale => Word::WithinNoise,
        (true, _, Direction::AtLeast) | (_, true, Direction::AtMost) => Word::Better,
        _ => Word::Worse,
    };
    Some(Step { difference, low, high, paired: paired.is_some(), word })
}

/// The difference case by case, now less before, with its limits; `None` where the measure has none, or the runs did not save what it takes.
fn paired(metric: &str, before: &Iteration, now: &Iteration) -> Option<(f64, f64, f64)> {
    let confidence = now.evaluation.confidence;
    match metric {
        "recall_kept" => {
            let rule = now.evaluation.baseline()?.id.as_str();
            let (mut n, mut only_now, mut only_before) = (0u64, 0u64, 0u64);
            for incident in &now.evaluation.incident_list {
                let other = before.evaluation.incident_list.iter().find(|other| other.id == incident.id)?;
                if !incident.caught_by.iter().any(|id| id == rule) || !other.caught_by.iter().any(|id| id == rule) {
                    continue;
                }
                let caught = |run: &Iteration, by: &[String]| run.decision.pick.as_ref().is_some_and(|pick| by.contains(pick));
                n += 1;
                match (caught(now, &incident.caught_by), caught(before, &other.caught_by)) {
                    (true, false) => only_now += 1,
                    (false, true) => only_before += 1,
                    _ => {}
                }
            }
            if n == 0 {
                return None;
            }
            let (low, high) = paired_difference(only_now as f64, only_before as f64, n as f64, confidence);
            Some(((only_now as f64 - only_before as f64) / n as f64, low, high))
        }
        "fp_reduction" => {
            let (old, new) = (before.false_alerts.as_ref()?, now.false_alerts.as_ref()?);
            if old.baseline != new.baseline || (old.clusters, old.days) != (new.clusters, new.days) {
                return None;
            }
            let cells = |run: &FalseAlerts, of: &[(u32, u32, u32)]| run.cells(of);
            let (new_pick, old_pick, rule) = (cells(new, &new.pick), cells(old, &old.pick), cells(new, &new.baseline));
            two_way::difference(&new_pick, &old_pick, &rule, confidence).ok()
        }
        _ => None,
    }
}
