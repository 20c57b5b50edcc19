//! Units from an engine that aggregates where the logs lie: SQL goes there, unit rows come back; from there on a run is as any other.

use polars::prelude::{Column, DataFrame, DataType, PlSmallStr, TimeUnit, TimeZone};
use sha2::{Digest, Sha256};

use super::{
    findings::cover,
    gather::Gathered,
    preflight,
    settle::{Settled, label_path, no_labels, settle},
    stream::engine as broken,
};
use crate::{
    baseline::Baseline,
    engine::{self, Engine},
    error::{Error, InvalidExperiment, Problem, Result},
    experiment::load::{Loaded, hex, place},
    fields::{
        FieldSet, UnitTable, Window,
        lower::{Answers, Events, Lake, Query, RemotePlan, texts, whole},
    },
    labels::{self, column::ColumnLabels},
    observe::{Event, Observer, Silent},
    quality::{FileRead, Quality, SourceQuality, rules},
    spec::Experiment,
    text::Numbers,
};

/// Whether an engine gives the units.
pub fn is_remote(experiment: &Experiment) -> bool {
    experiment.sources.values().any(|source| source.engine.is_some())
}

/// Asks the engine for the units of an experiment.
///
/// # Errors
/// When the engine cannot be reached, refuses, or does not answer in time; when the table does not fit the experiment, a part is empty, or the
/// user stops it.
pub(super) fn gather(loaded: &Loaded, observer: &dyn Observer) -> Result<Gathered> {
    let experiment = &loaded.experiment;
    if let Some(path) = label_path(loaded) {
        std::fs::metadata(&path).map_err(|source| no_labels(&path, source))?;
    }
    let engine = engine_of(experiment)?;
    let plan = planned(loaded, &*engine, observer)?;
    let queries = plan.queries();
    observer.event(Event::Started { stage: "Asking", total: Some(queries.len() as u64) });
    let mut answers = Vec::with_capacity(queries.len());
    for query in &queries {
        answers.push(engine.query(&query.sql, observer).map_err(|error| of_query(error, &query.what))?);
        observer.event(Event::Advanced { stage: "Asking", by: 1 });
    }
    let answers = Answers(answers);
    let table = plan.units(&answers)?;
    if table.is_empty() {
        return Err(Error::data_hint(
            "the table has no row inside the window with an entity, so there is no unit",
            "look at `window` and its `timezone`, at `where`, and whether the key columns are filled",
        ));
    }
    let source = quality(experiment, &plan, &answers, &table)?;
    observer.event(Event::Finished { stage: "Asking", summary: summary(&source, &table, queries.len()) });
    let Settled { parts, baseline, label_hash, findings: told } =
        settle(loaded, &table, column_labels(experiment, &plan, &answers)?, rule(experiment, &answers)?)?;
    let mut findings = rules::findings(&source);
    findings.extend(told);
    findings.sort_by_key(|finding| (finding.severity != "warning", finding.code.clone()));
    let quality = Quality { sources: vec![source], stacked: None, joins: Vec::new(), findings };
    Ok(Gathered { table, parts, baseline, quality, label_hash, planted: Vec::new() })
}

/// Says what is wrong with an experiment on the table that the engine has.
pub(super) fn check(loaded: &Loaded) -> Vec<Problem> {
    let found = engine_of(&loaded.experiment).and_then(|engine| planned(loaded, &*engine, &Silent).map(drop));
    match found {
        Ok(()) => Vec::new(),
        Err(Error::Experiment(invalid)) => invalid.problems,
        Err(error) => {
            let problem = Problem::error("E030", "sources", error.to_string());
            vec![error.hint().map(str::to_owned).into_iter().fold(problem, Problem::help)]
        }
    }
}

/// What a run would ask of an engine.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Asked {
    /// The queries, in order: what each is for, and its text.
    pub queries: Vec<(String, String)>,
    /// How many unit rows would come back from each query of units.
    pub units: u64,
}

/// Says what a run would send to the engine, and how many unit rows would come back.
///
/// # Errors
/// When the engine cannot be reached or does not answer in time, or the table does not fit the experiment.
pub fn asked(loaded: &Loaded, observer: &dyn Observer) -> Result<Asked> {
    let engine = engine_of(&loaded.experiment)?;
    let plan = planned(loaded, &*engine, observer)?;
    let count = engine.query(&plan.count_of_units(), observer)?;
    let units = whole(&count, "units")?.first().map_or(0, |units| *units as u64);
    Ok(Asked { queries: plan.queries().into_iter().map(|Query { what, sql }| (what, sql)).collect(), units })
}

fn engine_of(experiment: &Experiment) -> Result<Box<dyn Engine>> {
    let (name, source) = experiment.events_source().map_err(|message| Error::usage(message, None))?;
    engine::open(name, source)
}

/// Everything that will be asked, checked against the columns of the table.
fn planned(loaded: &Loaded, engine: &dyn Engine, observer: &dyn Observer) -> Result<RemotePlan> {
    let experiment = &loaded.experiment;
    let invalid = |mut problems: Vec<Problem>| {
        place(&mut problems, &loaded.text);
        Error::Experiment(Box::new(InvalidExperiment { path: loaded.path.clone(), text: loaded.text.clone(), problems }))
    };
    let (name, spec) = experiment.events_source().map_err(|message| Error::usage(message, None))?;
    let Some((start, train_end, end)) = experiment.window_micros() else {
        return Err(invalid(vec![Problem::error("E051", "sources", "an engine aggregates by `entity` and `window`")]));
    };
    let column = spec.time.as_ref().map(|time| time.column.as_str()).unwrap_or_default();
    let time = spec.rename.get(column).cloned().unwrap_or_else(|| column.to_owned());
    let mut lake = Lake { dialect: engine.dialect(), name, spec, columns: Vec::new() };
    lake.columns = engine.columns(&lake.table(), observer)?;
    let hidden = experiment.labels.as_ref().map(labels::columns_hidden).unwrap_or_default();
    let window = Window { time, start, train_end, end };
    let events = Events::new(&lake, experiment, window, &hidden).map_err(invalid)?;
    let unknown = preflight::redacted(experiment, events.names().cloned().collect());
    if !unknown.is_empty() {
        return Err(invalid(unknown));
    }
    let set = FieldSet::read(experiment).map_err(invalid)?;
    RemotePlan::new(events, set, experiment, &hidden).map_err(invalid)
}

fn of_query(error: Error, what: &str) -> Error {
    match error {
        Error::Data { message, hint } => Error::Data { message: format!("{message} (asked for: {what})"), hint },
        other => other,
    }
}

/// The rule over events, as the engine applied it.
fn rule(experiment: &Experiment, answers: &Answers) -> Result<Option<Baseline>> {
    let Some(spec) = &experiment.baseline else { return Ok(None) };
    let mut baseline = Baseline::new(spec, experiment.zone())?;
    if spec.events.is_some() {
        baseline.told(whole(answers.units()?, "flagged")?.into_iter().map(|flagged| flagged == 1).collect());
    }
    Ok(Some(baseline))
}

/// What the label columns said of each unit.
fn column_labels(experiment: &Experiment, plan: &RemotePlan, answers: &Answers) -> Result<Option<ColumnLabels>> {
    let Some(spec) = experiment.labels.as_ref().filter(|labels| labels.column.is_some()) else { return Ok(None) };
    let (frame, units) = plan.labelled_units(answers)?;
    const TIME: &str = "us";
    let moments = frame.column(TIME).and_then(|us| us.cast(&DataType::Int64)).map_err(broken)?;
    let moments = moments.cast(&DataType::Datetime(TimeUnit::Microseconds, Some(TimeZone::UTC))).map_err(broken)?;
    let mut columns = vec![moments.with_name(PlSmallStr::from_static(TIME))];
    for (index, name) in plan.labels().iter().enumerate() {
        let values = texts(frame, &format!("l{index}"))?;
        let values: polars::prelude::StringChunked = values.iter().map(Option::as_deref).collect();
        columns.push(Column::from(polars::prelude::IntoSeries::into_series(values)).with_name(PlSmallStr::from_str(name)));
    }
    let mut found = ColumnLabels::new(spec, Some(TIME))?;
    found.push(&DataFrame::new(frame.height(), columns).map_err(broken)?, &units)?;
    Ok(Some(found))
}

/// What came back, as far as an engine tells: it reads the window only, and every row of it parses.
fn quality(experiment: &Experiment, plan: &RemotePlan, answers: &Answers, table: &UnitTable) -> Result<SourceQuality> {
    let (name, spec) = experiment.events_source().map_err(Error::Internal)?;
    let totals = answers.frame(0)?;
    let one = |column: &str| Ok::<_, Error>(whole(totals, column)?.first().copied().unwrap_or(0));
    let rows = one("events")?;
    let hours = answers.frame(1)?;
    let mut per_hour =
        vec![0; experiment.window_micros().map_or(0, |(start, _, end)| (end - start).div_euclid(3_600_000_000) + 1) as usize];
    for (hour, events) in whole(hours, "hour")?.into_iter().zip(whole(hours, "events")?) {
        if let Some(count) = usize::try_from(hour).ok().and_then(|hour| per_hour.get_mut(hour)) {
            *count = events as u64;
        }
    }
    while per_hour.len() > 1 && per_hour.last() == Some(&0) {
        per_hour.pop();
    }
    let mut fill = std::collections::BTreeMap::new();
    for (index, column) in plan.columns_read().into_iter().enumerate() {
        fill.insert(column, one(&format!("f{index}"))? as f64 / rows.max(1) as f64);
    }
    let mut source = SourceQuality {
        name: name.to_owned(),
        format: "spark".into(),
        files: vec![FileRead {
            path: spec.table.clone().unwrap_or_default(),
            bytes: answers.bytes(),
            text_bytes: 0,
            sha256: hash_of(table),
        }],
        lines: rows as u64,
        rows_parsed: rows as u64,
        rows: rows as u64,
        first: Some(one("first")?),
        last: Some(one("last")?),
        per_hour,
        fill,
        synthetic: spec.synthetic,
        ..SourceQuality::default()
    };
    cover(&mut source, experiment);
    Ok(source)
}

/// The identity of what came back: units and fields, not the table's files, which may change under it.
fn hash_of(table: &UnitTable) -> String {
    let mut hash = Sha256::new();
    for (row, events) in table.rows.iter().zip(&table.events) {
        hash.update(row.entity.as_bytes());
        hash.update([0]);
        hash.update(row.period.to_le_bytes());
        hash.update(events.to_le_bytes());
    }
    for value in table.fields.iter().flat_map(|field| &field.values) {
        hash.update(value.map_or([0xff; 8], f64::to_le_bytes));
    }
    hex(&hash.finalize())
}

fn summary(source: &SourceQuality, table: &UnitTable, queries: usize) -> String {
    let numbers = Numbers::new(crate::spec::Language::En);
    format!(
        "{} · {} rows there, {} units here, {queries} queries",
        source.name,
        numbers.integer(source.rows),
        numbers.integer(table.len() as u64)
    )
}
