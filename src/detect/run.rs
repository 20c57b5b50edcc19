//! Every contender on the same rows: in parallel, each with seeds of its own, none able to end the run.

use std::{sync::Arc, time::Instant};

use ndarray::Array2;
use sha2::{Digest, Sha256};

use self::{
    progress::{Part, Parts, Progress},
    threads::in_parallel,
};
use super::{
    Contender, DEFAULT, Detector, FitError, Job, Kind, Limits, Model, Outcome, Plan, ScoreColumn, ScoreTable, Scored, control,
    ensemble::{self, Member, Repeats},
    replaced,
};
use crate::{
    error::{Error, Result, caught},
    observe::{Event, Observer},
    said,
    spec::Language,
    text::{Numbers, Said},
    units::FeatureMatrix,
};

mod progress;
mod threads;

/// How the contenders are run.
#[derive(Debug, Clone, Copy)]
pub struct RunOptions {
    /// Every random choice comes from this, from the contender's id, and from the number of the repeat.
    pub seed: u64,
    /// How many seeds each random contender is run with; at least 1.
    pub repeats: u32,
    /// How many threads work at once; 0: `RAYON_NUM_THREADS` where it is set, else as many as there are cores.
    pub jobs: usize,
    /// Whether the training and the judged part are the same rows: a row is then not its own neighbour in either.
    pub in_sample: bool,
    /// Whether it is said what each field adds to the scores of the judged part.
    pub explain: bool,
}

/// Rows that are scored between two looks at limits and at whether to go on.
pub(super) const SCORE_BLOCK: usize = 16_384;

/// Contributions are kept for every row up to so many values; above, for the highest rows.
const ALL_CONTRIBUTIONS: usize = 4_000_000;

/// Fits and scores every contender, combines the ensembles, and adds the controls.
///
/// Emits [`Event::Detector`] for each contender, 1 when it is done (or has failed). A contender that fails, panics, or gives scores that are
/// not finite is [`Outcome::Failed`]. The result depends on the contender, its id and the seed alone: neither on the other contenders, nor on
/// their order, nor on the number of threads (but for seconds, and for what `limits: { seconds }` ends).
///
/// # Errors
/// When the user stops the run, or no threads can be made.
pub fn run_all(
    contenders: &[Contender],
    training: &FeatureMatrix,
    judged: &FeatureMatrix,
    options: &RunOptions,
    observer: &dyn Observer,
) -> Result<ScoreTable> {
    let repeats = options.repeats.max(1);
    let with_ensembles = contenders.iter().any(|c| matches!(c.plan, Plan::Ensemble { .. }));
    let tasks = tasks(contenders, repeats);
    let scale = Scale { rows: training.nrows(), judged: judged.nrows(), columns: training.ncols(), with_ensembles };
    let work: Vec<f64> = tasks.iter().map(|task| scale.work(task, options).iter().sum()).collect();
    let progress = Progress::new(contenders, &tasks, &work, observer);
    let stage = Stage { training, judged, options, scale, progress: &progress, observer };
    let results = in_parallel(&tasks, options.jobs, |task| stage.run(task))?;
    if observer.cancelled() || results.iter().any(|result| matches!(result, Err(FitError::Interrupted))) {
        return Err(Error::Interrupted);
    }
    let mut runs: Vec<Vec<TaskResult>> = contenders.iter().map(|_| Vec::new()).collect();
    for (task, result) in tasks.iter().zip(results) {
        runs[task.index].push(result);
    }
    let mut columns = Vec::with_capacity(contenders.len());
    let mut repeats_of: Vec<Repeats> = Vec::with_capacity(contenders.len());
    for (contender, runs) in contenders.iter().zip(runs) {
        let (outcome, further) = gather(runs);
        let (kind, method) = match &contender.plan {
            Plan::Method { method, .. } if *method == DEFAULT.id => (Kind::Ensemble, (*method).to_owned()),
            Plan::Method { method, .. } => (Kind::Detector, (*method).to_owned()),
            Plan::Ensemble { how, .. } => (Kind::Ensemble, how.clone()),
        };
        columns.push(ScoreColumn { id: contender.id.clone(), kind, method, outcome });
        repeats_of.push(further);
    }
    combine_ensembles(contenders, &mut columns, &repeats_of, options.seed, observer);
    columns.extend(control::controls(training, judged, options.seed, repeats));
    Ok(ScoreTable { training: Arc::clone(training.rows()), judged: Arc::clone(judged.rows()), columns })
}

/// A seed for one purpose, from the run's seed: the first eight bytes of SHA-256 over seed, id and repeat.
pub(super) fn derive_seed(seed: u64, id: &str, repeat: u32) -> u64 {
    let digest = Sha256::new().chain_update(seed.to_le_bytes()).chain_update(repeat.to_le_bytes()).chain_update(id.as_bytes()).finalize();
    digest.iter().take(8).fold(0, |value, byte| (value << 8) | u64::from(*byte))
}

/// One contender with one seed.
struct Task<'a> {
    index: usize,
    id: &'a str,
    detector: &'a dyn Detector,
    limits: Limits,
    repeat: u32,
}

fn tasks(contenders: &[Contender], repeats: u32) -> Vec<Task<'_>> {
    let mut tasks = Vec::new();
    // First seeds first: when a run is stopped by its user's patience, the main results are the ones most worth having waited for.
    for repeat in 0..repeats {
        for (index, contender) in contenders.iter().enumerate() {
            if let Plan::Method { detector, .. } = &contender.plan
                && (repeat == 0 || detector.is_random())
            {
                tasks.push(Task { index, id: &contender.id, detector: detector.as_ref(), limits: contender.limits, repeat });
            }
        }
    }
    tasks
}

type TaskResult = std::result::Result<Scored, FitError>;

/// How much there is to learn from and to score.
#[derive(Clone, Copy)]
struct Scale {
    rows: usize,
    judged: usize,
    columns: usize,
    with_ensembles: bool,
}

impl Scale {
    fn training_needed(&self, task: &Task<'_>, options: &RunOptions) -> bool {
        task.repeat == 0 || self.with_ensembles || options.in_sample
    }

    /// The work of each part of a task, by the law of the detector's cost.
    fn work(&self, task: &Task<'_>, options: &RunOptions) -> [f64; 4] {
        let work = task.detector.work(self.rows, self.columns);
        let training = self.training_needed(task, options) && !options.in_sample;
        let explained = match task.detector.explaining() {
            _ if task.repeat > 0 || !options.explain => 0.0,
            Some(times) => times * self.judged.min(ALL_CONTRIBUTIONS / self.columns.max(1)) as f64,
            None => (self.judged.min(replaced::ROWS) * self.columns) as f64,
        };
        [work.fit, work.row * self.judged as f64, if training { work.row * self.rows as f64 } else { 0.0 }, work.row * explained]
    }
}

/// What all tasks share.
struct Stage<'a> {
    training: &'a FeatureMatrix,
    judged: &'a FeatureMatrix,
    options: &'a RunOptions,
    scale: Scale,
    progress: &'a Progress<'a>,
    observer: &'a dyn Observer,
}

impl Stage<'_> {
    fn run(&self, task: &Task<'_>) -> TaskResult {
        let result = caught(|| self.fit_and_score(task)).unwrap_or_else(|said| Err(FitError::Numeric(format!("panicked: {said}"))));
        self.progress.set(task, 1.0);
        result
    }

    fn fit_and_score(&self, task: &Task<'_>) -> TaskResult {
        let (rows, columns) = (self.training.nrows(), self.training.ncols());
        task.detector.check(Some(rows), columns).map_err(|error| FitError::Numeric(error.to_string()))?;
        if let Some(memory) = task.limits.memory {
            let needed = task.detector.memory(rows, columns);
            if needed > memory {
                let bytes = |bytes: u64| Numbers::new(Language::En).bytes(bytes);
                return Err(FitError::Limit(format!(
                    "would need about {}, more than the {} of `limits.memory`",
                    bytes(needed),
                    bytes(memory)
                )));
            }
        }
        let training_needed = self.scale.training_needed(task, self.options);
        let parts = Parts::new(self.scale.work(task, self.options));
        let begin = Instant::now();
        let watch = |part: Part, done: f64| {
            self.progress.set(task, parts.done(part, done));
            if self.observer.cancelled() {
                return Err(FitError::Interrupted);
            }
            match task.limits.seconds {
                Some(limit) if begin.elapsed().as_secs_f64() > limit => {
                    Err(FitError::Limit(format!("took longer than the {limit} s of `limits.seconds`")))
                }
                _ => Ok(()),
            }
        };
        watch(Part::Fit, 0.0)?;
        let step = |done: f64| watch(Part::Fit, done);
        let model = task.detector.fit(self.training, &Job::new(derive_seed(self.options.seed, task.id, task.repeat), &step))?;
        let fit_seconds = begin.elapsed().as_secs_f64();
        let begin = Instant::now();
        let (training, judged);
        if self.options.in_sample {
            training = self.training_scores(model.as_ref(), task, &|done| watch(Part::Judged, done))?;
            judged = training.clone();
        } else {
            judged = in_blocks(model.as_ref(), self.judged, &|done| watch(Part::Judged, done))?;
            training =
                if training_needed { self.training_scores(model.as_ref(), task, &|done| watch(Part::Training, done))? } else { Vec::new() };
        }
        let score_seconds = begin.elapsed().as_secs_f64();
        if training_needed {
            sound(&training, rows)?;
        }
        sound(&judged, self.judged.nrows())?;
        let mut notes = model.notes();
        let begin = Instant::now();
        let (contributions, replaced) = if task.repeat == 0 && self.options.explain {
            let watch = |done| watch(Part::Contributions, done);
            contributions(model.as_ref(), [self.training, self.judged], &judged, &mut notes, &watch)?
        } else {
            (None, false)
        };
        let explain_seconds = begin.elapsed().as_secs_f64();
        Ok(Scored { training, judged, repeats: Vec::new(), contributions, fit_seconds, score_seconds, explain_seconds, replaced, notes })
    }

    fn training_scores(
        &self,
        model: &dyn Model,
        task: &Task<'_>,
        watch: &(dyn Fn(f64) -> std::result::Result<(), FitError> + Sync),
    ) -> std::result::Result<Vec<f64>, FitError> {
        let seed = derive_seed(self.options.seed, task.id, task.repeat);
        match model.score_training(self.training, &Job::new(seed, watch))? {
            Some(scores) => Ok(scores),
            None => in_blocks(model, self.training, watch),
        }
    }
}

/// Scores block by block, which changes nothing (a row's score does not depend on the other rows given) but lets the user stop.
fn in_blocks(
    model: &dyn Model,
    rows: &FeatureMatrix,
    watch: &dyn Fn(f64) -> std::result::Result<(), FitError>,
) -> std::result::Result<Vec<f64>, FitError> {
    if rows.nrows() <= SCORE_BLOCK {
        return Ok(model.score(rows));
    }
    let mut scores = Vec::with_capacity(rows.nrows());
    while scores.len() < rows.nrows() {
        let block: Vec<usize> = (scores.len()..(scores.len() + SCORE_BLOCK).min(rows.nrows())).collect();
        scores.extend(model.score(&rows.select_rows(&block)));
        watch(scores.len() as f64 / rows.nrows() as f64)?;
    }
    Ok(scores)
}

fn sound(scores: &[f64], rows: usize) -> std::result::Result<(), FitError> {
    let wrong = scores.iter().filter(|score| !score.is_finite()).count();
    if scores.len() != rows {
        return Err(FitError::Numeric(format!("gave {} scores for {rows} rows", scores.len())));
    }
    if wrong > 0 {
        return Err(FitError::Numeric(format!("gave scores that are not finite for {wrong} of {rows} rows")));
    }
    Ok(())
}

/// What each field adds to the scores, and whether fields were replaced to tell it.
fn contributions(
    model: &dyn Model,
    [training, rows]: [&FeatureMatrix; 2],
    scores: &[f64],
    notes: &mut Vec<Said>,
    watch: &dyn Fn(f64) -> std::result::Result<(), FitError>,
) -> std::result::Result<(Option<Array2<f64>>, bool), FitError> {
    let columns = rows.ncols().max(1);
    // A method whose score is no sum tells of one row neither.
    let first: Vec<usize> = (0..rows.nrows().min(1)).collect();
    if model.contributions(&rows.select_rows(&first)).is_none() {
        return replaced::contributions(model, training, rows, scores, notes, watch).map(|terms| (Some(cleaned(terms)), true));
    }
    let keep = rows.nrows().min(ALL_CONTRIBUTIONS / columns);
    let mut highest: Vec<usize> = (0..rows.nrows()).collect();
    highest.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]).then(a.cmp(&b)));
    highest.truncate(keep);
    highest.sort_unstable();
    let mut all = Array2::zeros((rows.nrows(), rows.ncols()));
    for (number, block) in highest.chunks(SCORE_BLOCK).enumerate() {
        watch((number * SCORE_BLOCK) as f64 / keep.max(1) as f64)?;
        let Some(terms) = model.contributions(&rows.select_rows(block)) else { return Ok((None, false)) };
        for (&row, terms) in block.iter().zip(cleaned(terms).rows()) {
            all.row_mut(row).assign(&terms);
        }
    }
    if keep < rows.nrows() {
        notes.push(said!(
            en: "contributions of fields are known for the {keep} highest of {all} rows",
            fr: "les contributions des champs sont connues pour les {keep} plus hautes lignes sur {all}",
            keep = keep,
            all = rows.nrows(),
        ));
    }
    Ok((Some(all), false))
}

fn cleaned(mut terms: Array2<f64>) -> Array2<f64> {
    terms.mapv_inplace(super::rows::finite);
    terms
}

/// Joins the results of a contender's seeds: the first gives the scores, the others the repeats.
fn gather(runs: Vec<TaskResult>) -> (Outcome, Repeats) {
    let mut runs = runs.into_iter();
    let mut scored = match runs.next() {
        Some(Ok(scored)) => scored,
        Some(Err(error)) => return (Outcome::Failed { reason: error.to_string() }, Repeats::new()),
        // An ensemble: its column is filled in once its members are there.
        None => return (Outcome::Skipped { reason: "has no members".into() }, Repeats::new()),
    };
    let mut further = Repeats::new();
    for (number, run) in runs.enumerate() {
        match run {
            Ok(repeat) => further.push((repeat.training, repeat.judged)),
            Err(error) => scored.notes.push(
                said!(en: "seed {n} failed: {error}", fr: "la graine {n} a échoué : {error}", n = number + 2, error = error.to_string()),
            ),
        }
    }
    scored.repeats = further.iter().map(|(_, judged)| judged.clone()).collect();
    (Outcome::Scored(Box::new(scored)), further)
}

fn combine_ensembles(contenders: &[Contender], columns: &mut [ScoreColumn], repeats: &[Repeats], seed: u64, observer: &dyn Observer) {
    for (index, contender) in contenders.iter().enumerate() {
        let Plan::Ensemble { how, of, buckets } = &contender.plan else { continue };
        let begin = Instant::now();
        let wanted = |column: &ScoreColumn| column.kind == Kind::Detector && (of.is_empty() || of.contains(&column.id));
        let mut members = Vec::new();
        let mut missing = Vec::new();
        for (column, repeats) in columns.iter().zip(repeats).filter(|(column, _)| wanted(column)) {
            match &column.outcome {
                Outcome::Scored(scored) => members.push(Member { scored, repeats }),
                Outcome::Failed { .. } | Outcome::Skipped { .. } => missing.push(column.id.clone()),
            }
        }
        let mut outcome = ensemble::combine(&contender.id, how, *buckets, &members, seed);
        if let Outcome::Scored(scored) = &mut outcome {
            scored.score_seconds = begin.elapsed().as_secs_f64();
        }
        columns[index].outcome = outcome;
        ensemble::note_missing(&mut columns[index], &missing.iter().map(String::as_str).collect::<Vec<_>>());
        observer.event(Event::Detector { id: contender.id.clone(), fraction: 1.0, seeds: 1 });
    }
}

#[cfg(test)]
mod tests;
