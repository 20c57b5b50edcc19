//! The stages in order: read, build units, score, judge, count the money, decide, write.

use std::sync::Arc;

use super::{
    Manifest, Resolved,
    alerts::{alerts, histogram},
    estimate::laws::{Counted, to_scale},
    evidence::Evidence,
    folder::RunFolder,
    gather::{Gathered, evidence, gather},
    guard::Guard,
    machine::Clock,
    mass_volume::mass_volume,
    money::{money, work},
    openings::{count_openings, data_hash},
    pipeline::Options,
    planted,
    redacted::Names,
    rule::name_rule,
    scores,
    shape::shape,
    sheet_events::{self, SheetEvents},
    state,
    study::{Bench, studies},
    warnings::{warn_of_events, warn_of_failures, warn_of_quality, warn_of_the_clock, warn_of_what_cannot_be_settled},
};
use crate::{
    decide::{self, Decision},
    detect::{self, Contender, RunOptions, ScoreTable},
    error::{Error, Problem, Result},
    evaluate::{self, Alert, Evaluation},
    fields::{Matrices, scale},
    observe::{Event, Observer, Warning},
    redact::Ways,
    report::ReportInput,
    spec::load::Loaded,
    suppress,
};

/// What the manifest says of the experiment: what its author should know, and the command that repeats it.
pub(super) fn tell_experiment(loaded: &Loaded, options: &Options, names: &Names, manifest: &mut Manifest) {
    let warning = |problem: &Problem| Warning { code: problem.code.to_owned(), message: names.sentence(problem.said()) };
    manifest.warnings = loaded.warnings.iter().map(warning).collect();
    manifest.command = names.quoting(&options.command);
}

/// Does everything between the folder that was made and the report: what is saved, and whether some contender failed.
///
/// # Errors
/// As [`super::pipeline::run`].
pub(super) fn stages(
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
    observer.begin("making the fields")?;
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
    observer.room_for(to_scale(units, gathered.table.fields.len()))?;
    let mut matrices = scale(&gathered.table, &gathered.parts.training_units, &gathered.parts.judged_units, experiment.scale)?;
    names.summaries(&mut matrices.summaries);
    folder.write_json("fields.json", &matrices.summaries)?;
    if options.keep_fields {
        folder.write("fields.parquet", &scores::fields_parquet(&gathered.table, &names.rows(&gathered.table.rows))?)?;
    }
    observer.event(Event::Finished { stage: "Fields", summary: fields_summary(&gathered, &matrices) });
    clock.lap("fields", manifest);
    observer.begin("scoring")?;

    let in_sample = experiment.window.is_none();
    let parts = &gathered.parts;
    let shape = shape(&parts.training, &parts.judged, &matrices, gathered.table.below_min_events, in_sample, seed);
    folder.write_json("shape.json", &shape)?;
    let run_options = RunOptions { seed, repeats: experiment.evaluate.repeats, jobs: options.jobs.unwrap_or(0), in_sample, explain: true };
    let table = detect::run_all(contenders, &matrices.training, &matrices.judged, &run_options, observer)?;
    let some_failed = warn_of_failures(&table, manifest, observer)?;
    clock.lap("scoring", manifest);
    observer.begin("judging")?;

    observer.event(Event::Started { stage: "Judging", total: None });
    let counts = Counted { judged: matrices.judged.nrows(), features: matrices.judged.ncols(), columns: table.columns.len() };
    observer.room_for(counts.to_judge())?;
    let starts = (gathered.parts.training.starts.as_slice(), gathered.parts.judged.starts.as_slice());
    let suppressed = suppress::apply(&experiment.suppress, experiment, &matrices, starts, false)?;
    let input = evaluate::Input { suppressed: suppressed.as_ref(), ..judged_input(loaded, seed, &gathered, &table) };
    let mut evaluation = evaluate::evaluate(&input);
    clock.lap("judging", manifest);
    observer.begin("making the diagnostics")?;
    evaluation.mass_volume = mass_volume(&matrices, contenders, &run_options, observer)?;
    clock.lap("diagnostics", manifest);
    observer.begin("scoring what is planted")?;
    let work = work(&gathered, matrices.judged.ncols());
    let injection = planted::injection(&gathered.planted, &input, &evaluation, contenders, &matrices.training, &run_options, observer)?;
    if let Some(injection) = &injection {
        folder.write_json("injection.json", injection)?;
        clock.lap("planting", manifest);
    }
    observer.begin("making the studies")?;
    let bench = Bench { experiment, gathered: &gathered, matrices: &matrices, contenders, input: &input, options: run_options, observer };
    let studies = studies(&bench)?;
    if let Some(studies) = &studies {
        folder.write_json("study.json", studies)?;
        clock.lap("studies", manifest);
    }
    observer.begin("writing")?;
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
    observer.room_for(counts.to_write(&table))?;
    let (training, judged) = (names.part(input.training), names.part(input.judged));
    scores::files(&table, &judged.rows, &mut |id, bytes| folder.write(&format!("scores/{id}.parquet"), bytes))?;
    let mut write = |name: &str, bytes: &[u8]| folder.write(name, bytes);
    state::files((&training, &judged), in_sample, input.baseline, (&table, &matrices), suppressed.as_ref(), &work, &mut write)?;
    observer.event(Event::Finished { stage: "Judging", summary: decision.because.en.clone() });
    clock.lap("deciding", manifest);
    observer.begin("reading the events behind the alerts")?;
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
    observer.begin("writing the report")?;
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
            let of_sheets = SheetEvents::new(found.columns.clone(), found.answers_left_out, for_sheets, rest);
            Ok(Some((found, of_sheets)))
        }
    }
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
