//! Planted rows are scored by the same detectors and judged against the real ranking.
//!
//! Detectors are fitted again on the same training part with the same seeds, which gives the same models (a row's score depends neither on the
//! other rows nor on the other contenders), and score the planted rows of all worlds at once.

use std::{collections::BTreeMap, sync::Arc};

use ndarray::{Axis, concatenate};

use super::plant::{Folded, Poisoned};
use crate::{
    detect::{self, Contender, Outcome, RunOptions, ScoreTable},
    error::{Error, Result},
    evaluate::{
        Evaluation, Injection, Input, PlantedWorld,
        planted::{self, AtStrength, BehaviourOutcome, Detection},
    },
    observe::{Observer, Quiet},
    units::{FeatureMatrix, RowKey},
};

/// Scores and judges every world; `None` where nothing was planted.
///
/// # Errors
/// When the user stops it, or rows do not fit, which would be a bug.
pub fn injection(
    folded: &[Folded],
    input: &Input<'_>,
    evaluation: &Evaluation,
    contenders: &[Contender],
    training: &FeatureMatrix,
    options: &RunOptions,
    observer: &dyn Observer,
) -> Result<Option<Injection>> {
    let Some(first) = folded.first() else { return Ok(None) };
    let options = RunOptions { repeats: 1, explain: false, ..*options };
    let shown = planted::shown(input.scores, evaluation.best_field.as_deref());
    let features = |folded: &&Folded| folded.rows.features() == training.features();
    let rows: Vec<&FeatureMatrix> = folded.iter().filter(features).map(|folded| &folded.rows).collect();
    let scores = score(contenders, training, &joined(training, &rows)?, &options, observer)?;
    let mut behaviours: BTreeMap<usize, BehaviourOutcome> = BTreeMap::new();
    let mut begin = 0;
    for one in folded.iter().filter(features) {
        let end = begin + one.rows.nrows();
        let of = |id: &str| columns(&scores, id).and_then(|all| all.get(begin..end));
        let world = &one.world;
        let mut at = AtStrength {
            value: world.strength,
            text: world.text.clone(),
            copies: world.sites.len() as u64,
            units: world.units.len() as u64,
            detections: Vec::new(),
            poisoned: Vec::new(),
            storms: Vec::new(),
            suppressed: planted::suppressed(input, &world.units),
        };
        if world.benign {
            at.storms = planted::storms(input, &shown, world, &of);
        } else {
            at.detections = planted::detections(input, &shown, world, &world.units, &of);
        }
        if let Some(poisoned) = &one.poisoned {
            at.poisoned = with_poison(poisoned, world, input, &shown, contenders, &options, observer)?;
        }
        behaviours.entry(world.entry).or_insert_with(|| outcome(world)).strengths.push(at);
        begin = end;
    }
    let mut behaviours: Vec<BehaviourOutcome> = behaviours.into_values().collect();
    for behaviour in &mut behaviours {
        behaviour.strengths.sort_by(|a, b| a.value.total_cmp(&b.value));
        behaviour.detectable = planted::detectable(&behaviour.strengths);
    }
    Ok(Some(Injection {
        schema_version: 1,
        budget: evaluation.budget,
        confidence: evaluation.confidence,
        fields_look_back: folded.iter().all(|folded| folded.same_training) && features(&first),
        behaviours,
    }))
}

fn outcome(world: &PlantedWorld) -> BehaviourOutcome {
    BehaviourOutcome {
        behaviour: world.behaviour.clone(),
        note: world.note.clone(),
        parameter: world.parameter.clone(),
        benign: world.benign,
        strengths: Vec::new(),
        detectable: Vec::new(),
    }
}

/// Fits on a training part that holds the plants, and judges the plants against the ranking that this gives.
fn with_poison(
    poisoned: &Poisoned,
    world: &PlantedWorld,
    input: &Input<'_>,
    shown: &[String],
    contenders: &[Contender],
    options: &RunOptions,
    observer: &dyn Observer,
) -> Result<Vec<Detection>> {
    let real = poisoned.judged.nrows();
    let all = joined(&poisoned.training, &[&poisoned.judged, &poisoned.rows])?;
    let mut table = score(contenders, &poisoned.training, &all, options, observer)?;
    let mut planted: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for column in &mut table.columns {
        if let Outcome::Scored(scored) = &mut column.outcome {
            planted.insert(column.id.clone(), scored.judged.split_off(real));
        }
    }
    let input = Input {
        training: input.training,
        judged: input.judged,
        in_sample: input.in_sample,
        scores: &table,
        baseline: input.baseline,
        baseline_title: input.baseline_title,
        review: input.review,
        suppressed: input.suppressed,
        settings: input.settings,
        decision: input.decision,
        seed: input.seed,
    };
    Ok(planted::detections(&input, shown, world, &poisoned.units, &|id| planted.get(id).map(Vec::as_slice)))
}

fn score(
    contenders: &[Contender],
    training: &FeatureMatrix,
    rows: &FeatureMatrix,
    options: &RunOptions,
    observer: &dyn Observer,
) -> Result<ScoreTable> {
    if observer.cancelled() {
        return Err(Error::Interrupted);
    }
    detect::run_all(contenders, training, rows, options, &Quiet(observer))
}

fn columns<'a>(scores: &'a ScoreTable, id: &str) -> Option<&'a [f64]> {
    scores.columns.iter().find(|column| column.id == id).and_then(|column| match &column.outcome {
        Outcome::Scored(scored) => Some(scored.judged.as_slice()),
        Outcome::Failed { .. } | Outcome::Skipped { .. } => None,
    })
}

/// Matrices of the same features, one below the other.
fn joined(like: &FeatureMatrix, parts: &[&FeatureMatrix]) -> Result<FeatureMatrix> {
    let wrong = |error: String| Error::Internal(format!("planted rows do not fit: {error}"));
    let views: Vec<_> = parts.iter().map(|part| part.values()).collect();
    let values = concatenate(Axis(0), &views).map_err(|error| wrong(error.to_string()))?;
    let rows: Arc<[RowKey]> = parts.iter().flat_map(|part| part.rows().iter().cloned()).collect();
    FeatureMatrix::new(values, Arc::clone(like.features()), rows).map_err(|error| wrong(error.to_string()))
}
