//! The stages in order: read, build units, score, judge, count the money, decide, write.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use chrono::Utc;
use sha2::{Digest, Sha256};

use super::{
    Manifest, Resolved, RunStatus,
    alerts::{alerts, histogram},
    earlier::earlier,
    estimate::laws::{Counted, to_scale},
    evidence::Evidence,
    folder::{self, RunFolder},
    gather::{Gathered, evidence, gather},
    guard::Guard,
    machine::{Clock, machine, peak_bytes},
    mass_volume::mass_volume,
    money::{money, work},
    openings::{count_openings, data_hash},
    planted,
    redacted::Names,
    rule::name_rule,
    saved::write_report,
    scores,
    shape::shape,
    sheet_events::{self, SheetEvents},
    state,
    study::{Bench, studies},
    warnings::{warn_of_events, warn_of_failures, warn_of_quality, warn_of_the_clock, warn_of_what_cannot_be_settled},
};
use crate::{
    decide::{self, Decision, Verdict},
    detect::{self, Contender, RunOptions, ScoreTable},
    error::{Error, ExitCode, Problem, Result},
    evaluate::{self, Alert, Evaluation},
    fields::{Matrices, scale},
    observe::{Event, Observer, Warning},
    redact::Ways,
    report::ReportInput,
    source::Cache,
    spec::load::{Loaded, hex},
    suppress,
};

pub use super::saved::{load, manifest, rendered};

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
        schema_version: super::SCHEMA_VERSION,
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
            let error = guard.reason(error, stage_after(&manifest));
            manifest.status = if matches!(error, Error::Interrupted) { RunStatus::Partial } else { RunStatus::Failed };
            manifest.finished = Some(folder::rfc3339(Utc::now()));
            manifest.exit_code = Some(error.exit_code() as u8);
            // The error that ended the run is told; that its mark could not be written either (a full disk) would only hide it.
            let _ = folder.write_json("run.json", &manifest);
            Err(error)
        }
    }
}

/// The stage that a run was in when it ended, by those that it had done.
fn stage_after(manifest: &Manifest) -> &'static str {
    let stages = [
        ("reading", "reading"),
        ("fields", "making the fields"),
        ("scoring", "scoring"),
        ("judging", "judging"),
        ("diagnostics", "making the diagnostics"),
        ("planting", "scoring what is planted"),
        ("studies", "making the studies"),
        ("deciding", "writing"),
    ];
    let planned = |stage: &str| !matches!(stage, "planting" | "studies");
    let left = stages.iter().filter(|(stage, _)| !manifest.seconds.contains_key(*stage) && planned(stage));
    left.map(|(_, words)| *words).next().unwrap_or("reading the events behind the alerts")
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

/// What the manifest says of the experiment: what its author should know, and the command that repeats it.
fn tell_experiment(loaded: &Loaded, options: &Options, names: &Names, manifest: &mut Manifest) {
    let warning = |problem: &Problem| Warning { code: problem.code.to_owned(), message: names.sentence(problem.said()) };
    manifest.warnings = loaded.warnings.iter().map(warning).collect();
    manifest.command = names.quoting(&options.command);
}

fn stages(
    loaded: &Loaded,
    options: &Options,
    (contenders, ways): (&[Contender], Option<Ways>),
    folder: &RunFolder,
    manifest: &mut Manifest,
    names: &mut Names,
    observer: &Guard<'_>,
) -> Result<(ReportInput, bool)> {
    let experiment = &loaded.experiment;
    let mut clock = Clock::start();

    let seed = manifest.seed;
    let resolved = Resolved {
        experiment: experiment.clone(),
        overrides: loaded.overrides.clone(),
        contenders: contenders.iter().map(|contender| (contender.id.clone(), contender.parameters.clone())).collect(),
        suppressed_first: None,
    };
    if ways.is_none() {
        folder.write_json("resolved.json", &resolved)?;
    }

    let mut gathered = gather(loaded, seed, options.cache.as_ref(), observer)?;
    clock.lap("reading", manifest);
    go_on(observer)?;
    // From here on nothing is written or told but by the names that are shown.
    *names = Names::of(ways, &gathered.table, experiment);
    let resolved = names.experiment(resolved)?;
    if names.are_redacted() {
        tell_experiment(loaded, options, names, manifest);
        folder.write("experiment.yaml", names.quoting(&loaded.text).as_bytes())?;
        folder.write_json("resolved.json", &resolved)?;
    }
    names.quality(&mut gathered.quality);
    manifest.synthetic = gathered.quality.sources.iter().any(|source| source.synthetic);
    manifest.data_hash = Some(data_hash(&gathered));
    count_openings(loaded, options, manifest);
    warn_of_the_clock(manifest, observer);
    warn_of_quality(&gathered, manifest, observer);
    warn_of_what_cannot_be_settled(loaded, &gathered, manifest, observer);
    folder.write_json("quality.json", &gathered.quality)?;

    observer.event(Event::Started { stage: "Fields", total: None });
    let units = gathered.parts.training_units.len() + gathered.parts.judged_units.len();
    observer.room_for(to_scale(units, gathered.table.fields.len()), "making the fields")?;
    let mut matrices = scale(&gathered.table, &gathered.parts.training_units, &gathered.parts.judged_units, experiment.scale)?;
    names.summaries(&mut matrices.summaries);
    folder.write_json("fields.json", &matrices.summaries)?;
    if options.keep_fields {
        folder.write("fields.parquet", &scores::fields_parquet(&gathered.table, &names.rows(&gathered.table.rows))?)?;
    }
    observer.event(Event::Finished { stage: "Fields", summary: fields_summary(&gathered, &matrices) });
    clock.lap("fields", manifest);
    go_on(observer)?;

    let in_sample = experiment.window.is_none();
    let parts = &gathered.parts;
    let shape = shape(&parts.training, &parts.judged, &matrices, gathered.table.below_min_events, in_sample, seed);
    folder.write_json("shape.json", &shape)?;
    let run_options = RunOptions { seed, repeats: experiment.evaluate.repeats, jobs: options.jobs.unwrap_or(0), in_sample, explain: true };
    let table = detect::run_all(contenders, &matrices.training, &matrices.judged, &run_options, observer)?;
    let some_failed = warn_of_failures(&table, manifest, observer)?;
    clock.lap("scoring", manifest);

    observer.event(Event::Started { stage: "Judging", total: None });
    let counts = Counted { judged: matrices.judged.nrows(), features: matrices.judged.ncols(), columns: table.columns.len() };
    observer.room_for(counts.to_judge(), "judging")?;
    let starts = (gathered.parts.training.starts.as_slice(), gathered.parts.judged.starts.as_slice());
    let suppressed = suppress::apply(&experiment.suppress, experiment, &matrices, starts, false)?;
    let input = evaluate::Input { suppressed: suppressed.as_ref(), ..judged_input(loaded, seed, &gathered, &table) };
    let mut evaluation = evaluate::evaluate(&input);
    clock.lap("judging", manifest);
    go_on(observer)?;
    evaluation.mass_volume = mass_volume(&matrices, contenders, &run_options, observer)?;
    clock.lap("diagnostics", manifest);
    let work = work(&gathered, matrices.judged.ncols());
    let injection = planted::injection(&gathered.planted, &input, &evaluation, contenders, &matrices.training, &run_options, observer)?;
    if let Some(injection) = &injection {
        folder.write_json("injection.json", injection)?;
        clock.lap("planting", manifest);
    }
    let bench = Bench { experiment, gathered: &gathered, matrices: &matrices, contenders, input: &input, options: run_options, observer };
    let studies = studies(&bench)?;
    if let Some(studies) = &studies {
        folder.write_json("study.json", studies)?;
        clock.lap("studies", manifest);
    }
    let cost = money(experiment.cost.as_ref(), seed, work, &evaluation);
    let mut decision = decide::decide(&evaluation, cost.as_ref(), experiment.decision.as_ref());
    name_rule(&mut decision, &evaluation, &table, &matrices);
    let evaluation = names.evaluation(evaluation)?;
    folder.write_json("evaluation.json", &evaluation)?;
    folder.write_json("decision.json", &decision)?;
    if let Some(cost) = &cost {
        folder.write_json("cost.json", cost)?;
    }
    if let Some(false_alerts) = decision.pick.as_deref().and_then(|id| evaluate::false_alerts(&input, id)) {
        folder.write_json("false_alerts.json", &false_alerts)?;
    }
    let pick = pick_id(&decision, &evaluation);
    let alerts = pick.as_deref().map_or_else(Vec::new, |id| alerts(id, &input, &matrices));
    let (units, mut alerts): (Vec<usize>, Vec<Alert>) = alerts.into_iter().unzip();
    names.alerts(&mut alerts);
    let histogram = pick.as_deref().and_then(|id| histogram(id, &evaluation, &input));
    folder.write_json("alerts.json", &alerts)?;
    folder.write_json("histogram.json", &histogram)?;
    observer.room_for(counts.to_write(&table), "writing")?;
    let (training, judged) = (names.part(input.training), names.part(input.judged));
    scores::files(&table, &judged.rows, &mut |id, bytes| folder.write(&format!("scores/{id}.parquet"), bytes))?;
    let mut write = |name: &str, bytes: &[u8]| folder.write(name, bytes);
    state::files((&training, &judged), in_sample, input.baseline, (&table, &matrices), suppressed.as_ref(), &work, &mut write)?;
    observer.event(Event::Finished { stage: "Judging", summary: decision.because.en.clone() });
    clock.lap("deciding", manifest);
    go_on(observer)?;
    let for_sheets = sheet_events::wanted(&input, &matrices);
    let events = if options.events { events(loaded, &gathered, (&units, &for_sheets), names, manifest, observer)? } else { None };
    let (events, of_sheets) = events.unzip();
    let events = events.filter(|_| !units.is_empty());
    if let Some(events) = &events {
        folder.write_json("events.json", events)?;
    }
    if let Some(of_sheets) = of_sheets.filter(|_| !for_sheets.is_empty()) {
        folder.write_json(sheet_events::FILE, &of_sheets)?;
    }
    clock.lap("events", manifest);
    go_on(observer)?;
    let saved = ReportInput {
        manifest: manifest.clone(),
        resolved,
        quality: gathered.quality,
        fields: matrices.summaries,
        evaluation,
        decision,
        cost,
        alerts,
        histogram,
        injection,
        studies,
        events,
        shape: Some(shape),
        earlier: None,
    };
    Ok((saved, some_failed))
}

/// Ends a run that is to stop.
fn go_on(observer: &dyn Observer) -> Result<()> {
    if observer.cancelled() { Err(Error::Interrupted) } else { Ok(()) }
}

/// The events behind the alerts, and those behind what a review may offer. That a source cannot be read again takes nothing from the result: it is a
/// warning.
fn events(
    loaded: &Loaded,
    gathered: &Gathered,
    (of_alerts, for_sheets): (&[usize], &[usize]),
    names: &mut Names,
    manifest: &mut Manifest,
    observer: &dyn Observer,
) -> Result<Option<(Evidence, SheetEvents)>> {
    let rows: Vec<usize> = of_alerts.iter().chain(for_sheets).map(|&unit| gathered.parts.judged_units[unit]).collect();
    match evidence(loaded, &gathered.table, &rows, observer) {
        Err(Error::Interrupted) => Err(Error::Interrupted),
        Err(error) => {
            warn_of_events(&names.withheld(error), manifest, observer);
            Ok(None)
        }
        Ok(None) => Ok(None),
        Ok(Some(mut found)) => {
            let keys_of = |row: &usize| gathered.table.keys.iter().map(|column| Arc::clone(&column[*row])).collect();
            names.evidence(&mut found, &gathered.table.key_columns, &rows.iter().map(keys_of).collect::<Vec<_>>());
            let rest = found.alerts.split_off(of_alerts.len());
            let of_sheets = SheetEvents::new(found.columns.clone(), for_sheets, rest);
            Ok(Some((found, of_sheets)))
        }
    }
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

fn judged_input<'a>(loaded: &'a Loaded, seed: u64, gathered: &'a Gathered, table: &'a ScoreTable) -> evaluate::Input<'a> {
    let experiment = &loaded.experiment;
    evaluate::Input {
        training: &gathered.parts.training,
        judged: &gathered.parts.judged,
        in_sample: experiment.window.is_none(),
        scores: table,
        baseline: gathered.baseline.as_ref().map(|(training, judged)| (training.as_slice(), judged.as_slice())),
        baseline_title: experiment.baseline.as_ref().map_or("", |baseline| baseline.title.as_str()),
        review: None,
        suppressed: None,
        settings: &experiment.evaluate,
        decision: experiment.decision.as_ref(),
        seed,
    }
}

/// Whose alerts are shown: the pick's; without one, the first contender's that gave scores.
pub(super) fn pick_id(decision: &Decision, evaluation: &Evaluation) -> Option<String> {
    let scored = |id: &String| evaluation.contender(id).is_some_and(|contender| contender.outcome == evaluate::Status::Scored);
    decision.pick.clone().filter(scored).or_else(|| {
        let detector = |kind| matches!(kind, detect::Kind::Detector | detect::Kind::Ensemble);
        evaluation.contenders.iter().find(|c| detector(c.kind) && c.outcome == evaluate::Status::Scored).map(|c| c.id.clone())
    })
}

fn fields_summary(gathered: &Gathered, matrices: &Matrices) -> String {
    format!(
        "{} features · {} units to learn from, {} to judge{}",
        matrices.training.ncols(),
        matrices.training.nrows(),
        matrices.judged.nrows(),
        match gathered.table.below_min_events {
            0 => String::new(),
            n => format!(" · {n} too quiet"),
        }
    )
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
