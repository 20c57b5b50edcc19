//! A run from its folder to its report: what it is asked, how it begins, and how it ends.

use std::{collections::BTreeMap, path::PathBuf};

use chrono::Utc;
use sha2::{Digest, Sha256};

use super::{
    earlier::earlier,
    guard::Guard,
    machine::{machine, peak_bytes},
    redacted::Names,
    saved::write_report,
    stages::{stages, tell_experiment},
};
use crate::{
    decide::Verdict,
    detect::{self, Contender},
    error::{Error, ExitCode, Result},
    experiment::load::{Loaded, hex},
    observe::Observer,
    record::{
        Manifest, RunStatus,
        folder::{self, RunFolder},
    },
    redact::Ways,
    report::ReportInput,
    source::Cache,
};

pub use super::saved::{load, rendered};

/// How an experiment is run.
#[derive(Debug, Clone)]
pub struct Options {
    /// The folder of reports.
    pub out: PathBuf,
    /// In place of the experiment's seed.
    pub seed: Option<u64>,
    /// Ids of the contenders that run; empty: all.
    pub only: Vec<String>,
    /// How many contenders run at once; `None`: as many as there are cores.
    pub jobs: Option<usize>,
    /// Where parsed events are kept for the next run; not where `None`.
    pub cache: Option<Cache>,
    /// The key of `report.redact`, where the user names one.
    pub redact_key: Option<PathBuf>,
    /// Whether the unit rows are kept.
    pub keep_fields: bool,
    /// Whether the events behind the alerts are read, which takes a second reading of the sources.
    pub events: bool,
    /// Whether the exit code tells the verdict.
    pub gate: bool,
    /// Bytes of memory that the run may hold; no limit where `None`.
    pub max_memory: Option<u64>,
    /// The command that repeats the run, for the report.
    pub command: String,
}

/// A run that ended.
#[derive(Debug)]
pub struct Finished {
    /// Its folder.
    pub path: PathBuf,
    /// Everything that was saved.
    pub saved: ReportInput,
    /// Whether some contender failed.
    pub some_failed: bool,
    /// Where it stands what each pseudonym means, where names are redacted.
    pub names: Option<PathBuf>,
}

/// Runs an experiment.
///
/// # Errors
/// When the data cannot be read or cannot answer, no detector survives, a file cannot be written, or the user stops it. What was written stays in
/// `<id>.partial`, whose `run.json` says so.
pub fn run(loaded: &Loaded, options: &Options, observer: &dyn Observer) -> Result<Finished> {
    let started = Utc::now();
    // A mistyped command leaves no folder behind.
    let guard = Guard::new(observer, options.max_memory)?;
    let contenders = contenders(loaded, options)?;
    let ways = Ways::of(&loaded.experiment.report.redact, options.redact_key.as_deref(), &options.out)?;
    let mut folder = RunFolder::create(&options.out, &loaded.experiment.name, started)?;
    let seed = options.seed.unwrap_or(loaded.experiment.seed);
    let mut manifest = Manifest {
        schema_version: crate::record::SCHEMA_VERSION,
        status: RunStatus::Running,
        experiment: loaded.experiment.name.clone(),
        run: folder::stamp(started),
        started: folder::rfc3339(started),
        after: folder::later_than(&options.out, started),
        finished: None,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        seed,
        experiment_hash: loaded.hash.clone(),
        data_hash: None,
        synthetic: false,
        judged_opened: 1,
        judged_key: None,
        seconds: BTreeMap::new(),
        cpu_seconds: BTreeMap::new(),
        peak_bytes: None,
        machine: machine(),
        warnings: Vec::new(),
        command: String::new(),
        exit_code: None,
    };
    let mut names = Names::default();
    if ways.is_none() {
        tell_experiment(loaded, options, &names, &mut manifest);
        folder.write("experiment.yaml", loaded.text.as_bytes())?;
    }
    folder.write_json("run.json", &manifest)?;
    let ended = stages(loaded, options, (&contenders, ways), &folder, &mut manifest, &mut names, &guard)
        .and_then(|ended| Ok((names.keep()?, ended)))
        .and_then(|(names, (saved, some_failed))| {
            let (path, saved) = publish(&mut folder, &manifest, saved, some_failed, options.gate, loaded)?;
            Ok(Finished { path, saved, some_failed, names })
        });
    match ended {
        Ok(finished) => Ok(finished),
        Err(error) => {
            let error = guard.reason(error);
            manifest.status = if matches!(error, Error::Interrupted) { RunStatus::Partial } else { RunStatus::Failed };
            manifest.finished = Some(folder::rfc3339(Utc::now()));
            manifest.exit_code = Some(error.exit_code() as u8);
            // The error that ended the run is told; that its mark could not be written either (a full disk) would only hide it.
            let _ = folder.write_json("run.json", &manifest);
            Err(error)
        }
    }
}

/// Writes the report and gives the folder its name; with another number, where a run of the same second and data was faster.
fn publish(
    folder: &mut RunFolder,
    manifest: &Manifest,
    mut saved: ReportInput,
    some_failed: bool,
    gate: bool,
    loaded: &Loaded,
) -> Result<(PathBuf, ReportInput)> {
    loop {
        saved = finish(folder, manifest.clone(), saved, some_failed, gate, loaded)?;
        if let Some(path) = folder.publish(&saved.manifest.run)? {
            return Ok((path, saved));
        }
    }
}

fn finish(
    folder: &RunFolder,
    mut manifest: Manifest,
    mut saved: ReportInput,
    some_failed: bool,
    gate: bool,
    loaded: &Loaded,
) -> Result<ReportInput> {
    manifest.status = RunStatus::Done;
    manifest.finished = Some(folder::rfc3339(Utc::now()));
    manifest.peak_bytes = peak_bytes();
    manifest.exit_code = Some(exit_code(saved.decision.verdict, some_failed, gate) as u8);
    let data = manifest.data_hash.clone().unwrap_or_default();
    let hash = hex(&Sha256::digest(format!("{}{data}", loaded.hash).as_bytes()));
    manifest.run = folder.id(&hash);
    saved.manifest = manifest;
    let false_alerts = folder::read_json_if_there(folder.path(), "false_alerts.json")?;
    saved.earlier = earlier(folder.reports(), &saved, false_alerts);
    if let Some(earlier) = &saved.earlier {
        folder.write_json("earlier.json", earlier)?;
    }
    write_report(folder, &saved)?;
    folder.write_json("run.json", &saved.manifest)?;
    Ok(saved)
}

pub(super) fn contenders(loaded: &Loaded, options: &Options) -> Result<Vec<Contender>> {
    let mut contenders = detect::contenders(&loaded.experiment.algorithms, None)
        .map_err(|problems| Error::Internal(format!("algorithms were not checked: {problems:?}")))?;
    for id in &options.only {
        if !contenders.iter().any(|contender| contender.id == *id) {
            let known: Vec<&str> = contenders.iter().map(|contender| contender.id.as_str()).collect();
            let near = crate::text::did_you_mean(id, known.iter().copied());
            return Err(Error::usage(
                format!("the experiment has no algorithm `{id}`"),
                near.or(Some(format!("one of {}", known.join(", ")))),
            ));
        }
    }
    if !options.only.is_empty() {
        contenders.retain(|contender| options.only.contains(&contender.id));
    }
    Ok(contenders)
}

/// The exit code of a run that ended.
pub fn exit_code(verdict: Verdict, some_failed: bool, gate: bool) -> ExitCode {
    match verdict {
        Verdict::NoGo if gate => ExitCode::NoGo,
        Verdict::Inconclusive if gate => ExitCode::Inconclusive,
        _ if some_failed => ExitCode::Partly,
        _ => ExitCode::Done,
    }
}
