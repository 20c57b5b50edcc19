//! What a run would read, build and need, before it does: rows, units, memory and time, from stretches of the sources.
//!
//! The stretches go through everything that a run reads with, so that what is told of the rest is measured, not guessed: bytes to rows, rows to units,
//! what is held of a unit, seconds. The detectors are fitted on some of the units that came of it, and their time goes on by the law of each one's cost.

use std::time::Instant;

use serde::Serialize;

use self::{
    laws::Sizes,
    survey::{Survey, survey},
    times::{Tried, reading_seconds, seconds},
};
use super::{
    gather::{self, Prepared},
    machine,
    pipeline::{Options, contenders},
    remote,
    stream::Opened,
};
use crate::{
    detect::Contender,
    error::{Error, Result},
    experiment::load::Loaded,
    fields::{Footprint, UnitTable},
    observe::{Observer, Quiet},
    parts::Frame,
    spec::Experiment,
};

pub(super) mod laws;
mod survey;
mod times;

/// Text that is looked at of each source, in bytes: it takes some seconds, and of most logs it holds whole days.
const TEXT: u64 = 768 * 1024 * 1024;

/// What a run would read, build and need.
#[derive(Debug, Clone, Serialize)]
pub struct Estimate {
    /// Each source of the events.
    pub sources: Vec<SourceEstimate>,
    /// Events of the window that would be used.
    pub events: u64,
    /// Units: all, those that are learned from, those that are judged.
    pub units: u64,
    /// Units of the training part.
    pub training_units: u64,
    /// Units of the judged part.
    pub judged_units: u64,
    /// Columns of the matrix.
    pub features: u64,
    /// The most memory of each stage, in bytes, in the order of a run.
    pub memory: Vec<StageBytes>,
    /// The largest of them.
    pub peak_bytes: u64,
    /// Memory that this machine has left, where it tells.
    pub available_bytes: Option<u64>,
    /// Seconds of each stage, in the order of a run.
    pub seconds: Vec<StageSeconds>,
    /// Their sum.
    pub total_seconds: f64,
    /// Seconds of each contender, all its seeds, were it alone on one core.
    pub contenders: Vec<ContenderSeconds>,
    /// What to bear in mind.
    pub notes: Vec<String>,
}

/// A source of the events.
#[derive(Debug, Clone, Serialize)]
pub struct SourceEstimate {
    /// Its name.
    pub name: String,
    /// How many files it has.
    pub files: u64,
    /// Their bytes on disk.
    pub disk_bytes: u64,
    /// The share of them that was looked at.
    pub seen: f64,
    /// Rows of all files.
    pub rows: u64,
    /// The share of them that lies in the window.
    pub in_window: f64,
}

/// The most memory of a stage.
#[derive(Debug, Clone, Serialize)]
pub struct StageBytes {
    /// Which.
    pub stage: &'static str,
    /// Bytes.
    pub bytes: u64,
}

/// The seconds of a stage.
#[derive(Debug, Clone, Serialize)]
pub struct StageSeconds {
    /// Which.
    pub stage: &'static str,
    /// Seconds.
    pub seconds: f64,
}

/// The seconds of a contender.
#[derive(Debug, Clone, Serialize)]
pub struct ContenderSeconds {
    /// Its id.
    pub id: String,
    /// Seconds of fitting and scoring.
    pub seconds: f64,
}

/// Estimates what a run with these options would need.
///
/// # Errors
/// When a source cannot be read or cannot answer, as a run would say; when the events lie in an engine; or the user stops it.
pub fn estimate(loaded: &Loaded, options: &Options, observer: &dyn Observer) -> Result<Estimate> {
    estimate_from(loaded, options, TEXT, observer)
}

/// The same from so many bytes of text of each source.
///
/// # Errors
/// As [`estimate`].
pub fn estimate_from(loaded: &Loaded, options: &Options, text: u64, observer: &dyn Observer) -> Result<Estimate> {
    let experiment = &loaded.experiment;
    if remote::is_remote(experiment) {
        return Err(Error::usage("what an engine would read is not estimated", Some("`gonogo run --dry-run` prints the SQL".into())));
    }
    let contenders = contenders(loaded, options)?;
    let began = Instant::now();
    let opened = Opened::open(loaded)?;
    let Prepared { mut stream, .. } = gather::prepare(loaded, &opened, experiment.seed, &Quiet(observer))?;
    let opening = began.elapsed().as_secs_f64();
    let mut surveys = Vec::new();
    for source in opened.events.sources() {
        surveys.push(survey(&mut stream, &opened.events, source, experiment, text)?);
        if observer.cancelled() {
            return Err(Error::Interrupted);
        }
    }
    let held = stream.footprint();
    let began = Instant::now();
    let table = stream.units()?;
    let finishing = began.elapsed().as_secs_f64();
    let mut notes = notes(&opened, &surveys, &table);
    let tried = Tried::on(&table, experiment, &contenders, options, observer)?;
    if tried.is_none() && !table.is_empty() {
        notes.push(format!("so few units were seen ({}) that the detectors were not tried: scoring is not estimated", table.len()));
    }
    let sizes = sizes(experiment, &surveys, &table, tried.as_ref(), &contenders);
    let memory = memory(experiment, &sizes, (held, &table), &opened, &contenders, options);
    let reading = opening + finishing * sizes.units / (table.len() as f64).max(1.0) + surveys.iter().map(reading_seconds).sum::<f64>();
    let (seconds, of_contenders) = seconds(experiment, reading, &sizes, tried.as_ref(), &contenders, options);
    Ok(Estimate {
        sources: opened.events.sources().iter().zip(&surveys).map(|(source, survey)| SourceEstimate::of(source.name(), survey)).collect(),
        events: surveys.iter().map(Survey::used).sum::<f64>() as u64,
        units: sizes.units as u64,
        training_units: sizes.training as u64,
        judged_units: sizes.judged as u64,
        features: sizes.features as u64,
        peak_bytes: memory.iter().map(|stage| stage.bytes).max().unwrap_or(0),
        memory,
        available_bytes: machine::available_bytes(),
        total_seconds: seconds.iter().map(|stage| stage.seconds).sum(),
        seconds,
        contenders: of_contenders,
        notes,
    })
}

impl SourceEstimate {
    fn of(name: &str, survey: &Survey) -> Self {
        let rows = survey.rows_seen as f64 * if survey.whole { 1.0 } else { survey.factor() };
        Self {
            name: name.to_owned(),
            files: survey.files as u64,
            disk_bytes: survey.disk,
            seen: (survey.disk_seen as f64 / survey.disk.max(1) as f64).min(1.0),
            rows: rows as u64,
            in_window: if survey.whole { survey.used_seen as f64 / survey.rows_seen.max(1) as f64 } else { survey.in_window * survey.kept },
        }
    }
}

/// What to bear in mind of the estimate.
fn notes(opened: &Opened, surveys: &[Survey], table: &UnitTable) -> Vec<String> {
    let mut notes = Vec::new();
    for (source, survey) in opened.events.sources().iter().zip(surveys) {
        if survey.part_of_a_period {
            notes.push(format!(
                "what was looked at of source `{}` lies within one period of the entities: how many units there are is an extrapolation from how new ones came",
                source.name()
            ));
        }
    }
    if table.is_empty() {
        notes.push("nothing that was looked at lies in the window: units, memory and scoring are not estimated".into());
    }
    notes
}

/// The sizes that a run would have.
fn sizes(experiment: &Experiment, surveys: &[Survey], table: &UnitTable, tried: Option<&Tried>, contenders: &[Contender]) -> Sizes {
    // The same entities stand in several sources.
    let gathered = surveys.iter().map(|survey| survey.units).fold(0.0, f64::max);
    let seen = table.len() as f64 + table.below_min_events as f64;
    let units = gathered * if seen > 0.0 { table.len() as f64 / seen } else { 0.0 };
    let (training, judged) = match experiment.window.as_ref().map(Frame::of) {
        Some(Ok(frame)) => {
            let length = (frame.end - frame.start) as f64;
            let share = |from: i64, to: i64| units * (to - from).max(0) as f64 / length;
            (share(frame.learned_from, frame.train_end), share(frame.train_end, frame.end))
        }
        _ => (units, units),
    };
    let fields = table.fields.len() as f64;
    Sizes {
        units,
        training,
        judged,
        fields,
        features: tried.map_or(fields, |tried| tried.features as f64),
        keys: table.key_columns.len() as f64,
        contenders: contenders.len() as f64,
        repeats: f64::from(experiment.evaluate.repeats.max(1)),
    }
}

/// The most memory of each stage.
fn memory(
    experiment: &Experiment,
    sizes: &Sizes,
    (held, table): (Footprint, &UnitTable),
    opened: &Opened,
    contenders: &[Contender],
    options: &Options,
) -> Vec<StageBytes> {
    let more = (sizes.units / (table.len() as f64).max(1.0)).max(1.0);
    let gathered = held.bytes as f64 * more;
    // Plants go into copies of what was gathered.
    let gathered = if experiment.inject.is_empty() { gathered } else { 3.0 * gathered };
    let jobs = options.jobs.unwrap_or_else(cores);
    let detectors = laws::detectors(contenders, sizes, jobs);
    let readers = opened.events.sources().iter().map(|source| source.files().len().clamp(1, cores())).max().unwrap_or(1);
    let whole = laws::memory(sizes, gathered, held.pairs as f64 * more, detectors, readers as f64 * READER);
    let stage = |stage, bytes: f64| StageBytes { stage, bytes: bytes as u64 };
    vec![
        stage("reading", whole.reading),
        stage("fields", whole.fields),
        stage("scoring", whole.scoring),
        stage("judging", whole.judging),
        stage("writing", whole.writing),
    ]
}

/// Bytes of blocks, rows and queues that a reader keeps busy.
const READER: f64 = 25e6;

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}
