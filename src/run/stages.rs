//! The stages in order: read, build units, score, judge, count the money, decide, write.

use std::sync::Arc;

use super::{
    alerts::{alerts, histogram},
    estimate::laws::{Counted, to_scale},
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
    warnings::{warn_of_events, warn_of_failures, warn_of_fields, warn_of_quality, warn_of_the_clock, warn_of_what_cannot_be_settled},
};
use crate::{
    cost::{CostReport, Work},
    decide::{self, Decision},
    detect::{self, Contender, RunOptions, ScoreTable},
    error::{Error, Problem, Result},
    evaluate::{self, Alert, Evaluation, Injection, study::Studies},
    experiment::load::Loaded,
    fields::{Matrices, scale},
    observe::{Event, Observer, SCORING_PARTS, Warning},
    record::{Manifest, Resolved, evidence::Evidence, folder::RunFolder},
    redact::Ways,
    report::{Histogram, ReportInput, Shape},
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
    let run_options = RunOptions {
        seed: manifest.seed,
        repeats: experiment.evaluate.repeats,
        jobs: options.jobs.unwrap_or(0),
        in_sample: experiment.window.is_none(),
        explain: true,
    };
    let mut stages = Stages { loaded, options, contenders, run_options, folder, manifest, names, observer, clock: Clock::start() };
    let (gathered, resolved) = stages.read(ways)?;
    let matrices = stages.fields(&gathered)?;
    let (table, shape, some_failed) = stages.score(&gathered, &matrices)?;

    let starts = (gathered.parts.training.starts.as_slice(), gathered.parts.judged.starts.as_slice());
    observer.room_for(counted(&matrices, &table).to_judge())?;
    let suppressed = suppress::apply(&experiment.suppress, experiment, &matrices, starts, false)?;
    let input = evaluate::Input { suppressed: suppressed.as_ref(), ..judged_input(loaded, run_options.seed, &gathered, &table) };
    let evaluation = stages.judge(&input, &matrices)?;
    let injection = stages.planted(&gathered, &input, &evaluation, &matrices)?;
    let studies = stages.studies(&gathered, &input, &matrices)?;

    observer.begin("writing")?;
    let work = work(experiment, &gathered, matrices.judged.ncols());
    let cost = money(experiment.cost.as_ref(), run_options.seed, work, &evaluation);
    let mut decision = decide::decide(&evaluation, cost.as_ref(), experiment.decision.as_ref());
    name_rule(&mut decision, &evaluation, &table, &matrices);
    let evaluation = stages.names.evaluation(evaluation)?;
    stages.write_judgement(&input, &evaluation, &decision, cost.as_ref())?;
    let (units, alerts, histogram) = stages.alerts(&input, &evaluation, &decision, &matrices)?;
    stages.write_scores(&input, &matrices, &work)?;
    observer.event(Event::Finished { stage: "Judging", summary: decision.because.en.clone() });
    stages.clock.lap("deciding", stages.manifest);
    let events = stages.events(&gathered, &units, &sheet_events::wanted(&input, &matrices))?;

    observer.begin("writing the report")?;
    let saved = ReportInput {
        manifest: stages.manifest.clone(),
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

/// What every stage works with: what is asked, where to write, whom to tell.
struct Stages<'a> {
    loaded: &'a Loaded,
    options: &'a Options,
    contenders: &'a [Contender],
    run_options: RunOptions,
    folder: &'a RunFolder,
    manifest: &'a mut Manifest,
    names: &'a mut Names,
    observer: &'a Guard<'a>,
    clock: Clock,
}

impl Stages<'_> {
    /// From files to units. From the end of it on nothing is written or told but by the names that are shown.
    fn read(&mut self, ways: Option<Ways>) -> Result<(Gathered, Resolved)> {
        let experiment = &self.loaded.experiment;
        let resolved = Resolved {
            experiment: experiment.clone(),
            overrides: self.loaded.overrides.clone(),
            contenders: self.contenders.iter().map(|contender| (contender.id.clone(), contender.parameters.clone())).collect(),
            suppressed_first: None,
        };
        if ways.is_none() {
            self.folder.write_json("resolved.json", &resolved)?;
        }
        let mut gathered = gather(self.loaded, self.run_options.seed, self.options.cache.as_ref(), self.observer)?;
        self.clock.lap("reading", self.manifest);
        self.observer.begin("making the fields")?;
        *self.names = Names::of(ways, &gathered.table, experiment);
        let resolved = self.names.experiment(resolved)?;
        if self.names.are_redacted() {
            tell_experiment(self.loaded, self.options, self.names, self.manifest);
            self.folder.write("experiment.yaml", self.names.quoting(&self.loaded.text).as_bytes())?;
            self.folder.write_json("resolved.json", &resolved)?;
        }
        self.names.quality(&mut gathered.quality);
        self.manifest.synthetic = gathered.quality.sources.iter().any(|source| source.synthetic);
        self.manifest.data_hash = Some(data_hash(&gathered));
        count_openings(self.loaded, self.options, self.manifest);
        warn_of_the_clock(self.manifest, self.observer);
        warn_of_quality(&gathered, self.manifest, self.observer);
        warn_of_what_cannot_be_settled(self.loaded, &gathered, self.manifest, self.observer);
        self.folder.write_json("quality.json", &gathered.quality)?;
        Ok((gathered, resolved))
    }

    /// From units to the matrices that are learned from and judged.
    fn fields(&mut self, gathered: &Gathered) -> Result<Matrices> {
        self.observer.event(Event::Started { stage: "Fields", total: None });
        let parts = &gathered.parts;
        let units = parts.training_units.len() + parts.judged_units.len();
        self.observer.room_for(to_scale(units, gathered.table.fields.len()))?;
        let mut matrices = scale(&gathered.table, &parts.training_units, &parts.judged_units, self.loaded.experiment.scale)?;
        self.names.summaries(&mut matrices.summaries);
        self.folder.write_json("fields.json", &matrices.summaries)?;
        warn_of_fields(&matrices.summaries, self.manifest, self.observer);
        if self.options.keep_fields {
            let rows = self.names.rows(&gathered.table.rows);
            self.folder.write("fields.parquet", &scores::fields_parquet(&gathered.table, &rows)?)?;
        }
        self.observer.event(Event::Finished { stage: "Fields", summary: fields_summary(gathered, &matrices) });
        self.clock.lap("fields", self.manifest);
        Ok(matrices)
    }

    /// From matrices to scores, and whether some contender failed.
    fn score(&mut self, gathered: &Gathered, matrices: &Matrices) -> Result<(ScoreTable, Shape, bool)> {
        self.observer.begin("scoring")?;
        let parts = &gathered.parts;
        let RunOptions { in_sample, seed, .. } = self.run_options;
        let shape = shape(&parts.training, &parts.judged, matrices, gathered.table.below_min_events, in_sample, seed);
        self.folder.write_json("shape.json", &shape)?;
        self.observer.event(Event::Started { stage: "Scoring", total: Some(SCORING_PARTS) });
        let table = detect::run_all(self.contenders, &matrices.training, &matrices.judged, &self.run_options, self.observer)?;
        self.observer.event(Event::Finished { stage: "Scoring", summary: String::new() });
        let some_failed = warn_of_failures(&table, self.manifest, self.observer)?;
        self.clock.lap("scoring", self.manifest);
        self.observer.begin("judging")?;
        self.observer.event(Event::Started { stage: "Judging", total: None });
        Ok((table, shape, some_failed))
    }

    /// From scores to what they are worth.
    fn judge(&mut self, input: &evaluate::Input<'_>, matrices: &Matrices) -> Result<Evaluation> {
        let mut evaluation = evaluate::evaluate(input);
        self.clock.lap("judging", self.manifest);
        self.observer.begin("making the diagnostics")?;
        evaluation.mass_volume = mass_volume(matrices, self.contenders, &self.run_options, self.observer)?;
        self.clock.lap("diagnostics", self.manifest);
        Ok(evaluation)
    }

    /// What is caught of the behaviour that was planted.
    fn planted(
        &mut self,
        gathered: &Gathered,
        input: &evaluate::Input<'_>,
        evaluation: &Evaluation,
        matrices: &Matrices,
    ) -> Result<Option<Injection>> {
        self.observer.begin("scoring what is planted")?;
        let (planted, training) = (&gathered.planted, &matrices.training);
        let injection = planted::injection(planted, input, evaluation, self.contenders, training, &self.run_options, self.observer)?;
        if let Some(injection) = &injection {
            self.folder.write_json("injection.json", injection)?;
            self.clock.lap("planting", self.manifest);
        }
        Ok(injection)
    }

    /// The same contenders, fitted otherwise.
    fn studies(&mut self, gathered: &Gathered, input: &evaluate::Input<'_>, matrices: &Matrices) -> Result<Option<Studies>> {
        self.observer.begin("making the studies")?;
        let (experiment, contenders, options) = (&self.loaded.experiment, self.contenders, self.run_options);
        let studies = studies(&Bench { experiment, gathered, matrices, contenders, input, options, observer: self.observer })?;
        if let Some(studies) = &studies {
            self.folder.write_json("study.json", studies)?;
            self.clock.lap("studies", self.manifest);
        }
        Ok(studies)
    }

    fn write_judgement(
        &self,
        input: &evaluate::Input<'_>,
        evaluation: &Evaluation,
        decision: &Decision,
        cost: Option<&CostReport>,
    ) -> Result<()> {
        self.folder.write_json("evaluation.json", evaluation)?;
        self.folder.write_json("decision.json", decision)?;
        if let Some(cost) = cost {
            self.folder.write_json("cost.json", cost)?;
        }
        if let Some(false_alerts) = decision.pick.as_deref().and_then(|id| evaluate::false_alerts(input, id)) {
            self.folder.write_json("false_alerts.json", &false_alerts)?;
        }
        Ok(())
    }

    /// The alerts that are shown, their units among the judged ones, and the histogram of the scores that they come from.
    fn alerts(
        &self,
        input: &evaluate::Input<'_>,
        evaluation: &Evaluation,
        decision: &Decision,
        matrices: &Matrices,
    ) -> Result<(Vec<usize>, Vec<Alert>, Option<Histogram>)> {
        let pick = pick_id(decision, evaluation);
        let alerts = pick.as_deref().map_or_else(Vec::new, |id| alerts(id, input, matrices));
        let (units, mut alerts): (Vec<usize>, Vec<Alert>) = alerts.into_iter().unzip();
        self.names.alerts(&mut alerts);
        let histogram = pick.as_deref().and_then(|id| histogram(id, evaluation, input));
        self.folder.write_json("alerts.json", &alerts)?;
        self.folder.write_json("histogram.json", &histogram)?;
        Ok((units, alerts, histogram))
    }

    /// What a later judgement needs: scores, and the units with their fields.
    fn write_scores(&self, input: &evaluate::Input<'_>, matrices: &Matrices, work: &Work) -> Result<()> {
        let table = input.scores;
        self.observer.room_for(counted(matrices, table).to_write(table))?;
        let (training, judged) = (self.names.part(input.training), self.names.part(input.judged));
        scores::files(table, &judged.rows, &mut |id, bytes| self.folder.write(&format!("scores/{id}.parquet"), bytes))?;
        let mut write = |name: &str, bytes: &[u8]| self.folder.write(name, bytes);
        state::files((&training, &judged), input.in_sample, input.baseline, (table, matrices), input.suppressed, work, &mut write)
    }

    /// The events behind the alerts of these judged units; those behind what a review may offer are written only.
    fn events(&mut self, gathered: &Gathered, of_alerts: &[usize], for_sheets: &[usize]) -> Result<Option<Evidence>> {
        self.observer.begin("reading the events behind the alerts")?;
        let events = if self.options.events {
            events(self.loaded, gathered, (of_alerts, for_sheets), self.names, self.manifest, self.observer)?
        } else {
            None
        };
        let (events, of_sheets) = events.unzip();
        let events = events.filter(|_| !of_alerts.is_empty());
        if let Some(events) = &events {
            self.folder.write_json("events.json", events)?;
        }
        if let Some(of_sheets) = of_sheets.filter(|_| !for_sheets.is_empty()) {
            self.folder.write_json(sheet_events::FILE, &of_sheets)?;
        }
        self.clock.lap("events", self.manifest);
        Ok(events)
    }
}

fn counted(matrices: &Matrices, table: &ScoreTable) -> Counted {
    Counted { judged: matrices.judged.nrows(), features: matrices.judged.ncols(), columns: table.columns.len() }
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
