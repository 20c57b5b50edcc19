//! Everything that events flow through on their way to units.

use std::collections::{BTreeMap, BTreeSet};

use chrono_tz::Tz;
use polars::prelude::{Column, DataFrame, DataType};

use super::{
    evidence::Collecting,
    findings::{cover, need_finding, without_entity},
    gather::Gathered,
    plant::Planting,
    settle::{Settled, settle},
};
use crate::{
    baseline::Baseline,
    enrich::{self, Derive, Enricher},
    error::{Error, InvalidExperiment, Problem, Result},
    experiment::load::{Loaded, place},
    fields::{Collector, FieldSet, Footprint, UnitTable, Window},
    labels::{self, column::ColumnLabels},
    observe::{Observer, Silent},
    quality::{Finding, Quality, SourceQuality, Stacked, rules},
    source::{Cache, Events, ReadPlan, RowFilter, Source, Stretch},
    spec::{self, Experiment, Language},
    sql::Expression,
    text::Dates,
    watch::{Between, Watch},
};

/// The sources, found and recognised.
pub(super) struct Opened {
    pub(super) events: Events,
    pub(super) sides: BTreeMap<String, Source>,
}

impl Opened {
    pub(super) fn open(loaded: &Loaded) -> Result<Self> {
        let events = loaded.experiment.events_sources().map_err(|message| Error::usage(message, None))?;
        let mut sides = BTreeMap::new();
        for (name, spec) in loaded.experiment.sources.iter().filter(|(name, _)| !events.iter().any(|(event, _)| event == name)) {
            sides.insert(name.clone(), open(name, spec, loaded)?);
        }
        let events = events.into_iter().map(|(name, spec)| open(name, spec, loaded)).collect::<Result<_>>()?;
        Ok(Self { events: Events::stack(events)?, sides })
    }
}

/// Opens a source; times without a year are near to the middle of the window.
pub(super) fn open(name: &str, spec: &spec::Source, loaded: &Loaded) -> Result<Source> {
    let source = Source::open(name, spec, loaded.base())?;
    Ok(match loaded.experiment.window_micros() {
        Some((start, _, end)) => source.near(start + (end - start) / 2),
        None => source,
    })
}

/// Gives a source's `where` to whoever reads it.
pub(super) fn with_filter<T>(experiment: &Experiment, name: &str, read: impl FnOnce(Option<RowFilter<'_>>) -> Result<T>) -> Result<T> {
    let Some(text) = experiment.sources.get(name).and_then(|source| source.filter.as_deref()) else { return read(None) };
    let expression = Expression::parse(text)?;
    let zone = experiment.zone();
    let keep = |frame: &DataFrame| expression.evaluate_mask(frame, zone).map_err(Error::from);
    read(Some(RowFilter { columns: expression.columns().clone(), keep: &keep }))
}

/// Why events cannot flow.
pub(super) enum Refused {
    /// The experiment names what the columns do not give: all of it, each with its path.
    Problems(Vec<Problem>),
    /// Anything else.
    Error(Error),
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

impl Refused {
    /// As the error of a run, each problem with its place in the file.
    pub(super) fn in_file(self, loaded: &Loaded) -> Error {
        match self {
            Self::Problems(mut problems) => {
                place(&mut problems, &loaded.text);
                Error::Experiment(Box::new(InvalidExperiment { path: loaded.path.clone(), text: loaded.text.clone(), problems }))
            }
            Self::Error(error) => error,
        }
    }
}

/// Columns in which the same event agrees, whoever logged it. Paths do not: of a tunnel, one product writes `/` and another nothing.
const SAME_EVENT: [&str; 9] = ["user", "src_ip", "dst_ip", "dst_port", "method", "host", "status", "bytes_up", "bytes_down"];

/// Everything that events flow through.
pub(super) struct Stream {
    enricher: Enricher,
    derive: Derive,
    collector: Collector,
    baseline: Option<Baseline>,
    column_labels: Option<ColumnLabels>,
    hidden: BTreeSet<String>,
    needed: BTreeSet<String>,
    window: Option<(i64, i64)>,
    between: Option<Between>,
    planting: Option<Planting>,
    /// The earliest time of the first rows that were looked at, inside the window or not.
    begins: Option<i64>,
}

impl Stream {
    pub(super) fn new(experiment: &Experiment, opened: &Opened, tables: &BTreeMap<String, DataFrame>, seed: u64) -> Result<Self, Refused> {
        let zone = experiment.zone();
        let hidden = experiment.labels.as_ref().map(labels::columns_hidden).unwrap_or_default();
        let mut enricher = Enricher::new(&experiment.enrich, tables, opened.events.time())?;
        let derive = Derive::new(&experiment.derive, zone)?;
        let baseline = experiment.baseline.as_ref().map(|spec| Baseline::new(spec, zone)).transpose()?;
        labels::refuse_hidden("enrich", &enricher.columns(), &hidden)?;
        labels::refuse_hidden("derive", &derive.columns(), &hidden)?;
        if let Some(baseline) = &baseline {
            labels::refuse_hidden("baseline", &baseline.columns(), &hidden)?;
        }
        let time = opened.events.time();
        let window = match (experiment.window_micros(), time) {
            (Some((start, train_end, end)), Some(time)) => Some(Window { time: time.to_owned(), start, train_end, end }),
            (Some(_), None) => {
                return Err(Refused::Error(Error::data_hint(
                    format!("source `{}` has no time, and the experiment has a `window`", opened.events.name()),
                    "say where the time is: `time: { column: ... }`",
                )));
            }
            (None, _) => None,
        };
        let column_labels = match &experiment.labels {
            Some(labels) if labels.column.is_some() => Some(ColumnLabels::new(labels, time)?),
            _ => None,
        };
        // What fields may see: what a batch without rows has, once joined and derived, but for the labels.
        let empty = opened.events.columns().iter().filter(|(name, _)| !hidden.contains(name));
        let empty = empty.map(|(name, dtype)| Column::new_empty(name.as_str().into(), dtype)).collect();
        let schema = derive.apply(enricher.apply(DataFrame::new(0, empty).map_err(engine)?)?)?;
        let schema: Vec<(String, DataType)> =
            schema.columns().iter().map(|column| (column.name().to_string(), column.dtype().clone())).collect();
        let set = FieldSet::read(experiment).map_err(|problems| Error::Internal(format!("fields were not checked: {problems:?}")))?;
        let range = window.as_ref().map(|window| (window.start, window.end));
        let collector = Collector::checked(set, experiment, zone, window.clone(), &schema).map_err(Refused::Problems)?;
        let planting = Planting::new(experiment, window.as_ref(), &collector, baseline.as_ref(), seed);
        let column = |name: &str| {
            let there = opened.events.columns().iter().find(|(column, _)| column == name && !hidden.contains(name));
            there.map(|(_, dtype)| dtype.clone())
        };
        let missing = planting.as_ref().map(|planting| planting.missing(&column)).unwrap_or_default();
        if !missing.is_empty() {
            return Err(Refused::Problems(missing));
        }
        let mut wanted = collector.columns();
        wanted.extend(enricher.columns());
        wanted.extend(derive.columns());
        wanted.extend(baseline.iter().flat_map(Baseline::columns));
        let known = |name: &String| opened.events.columns().iter().any(|(column, _)| column == name);
        for name in &hidden {
            if !known(name) {
                let columns = || opened.events.columns().iter().map(|(name, _)| name.as_str());
                let near = crate::text::did_you_mean(name, columns());
                let near = near.or_else(|| Some(format!("it has `{}`", columns().take(30).collect::<Vec<_>>().join("`, `"))));
                return Err(Refused::Error(Error::Data {
                    message: format!("the label column `{name}` does not exist in source `{}`", opened.events.name()),
                    hint: near,
                }));
            }
        }
        wanted.extend(hidden.iter().cloned());
        let mut needed: BTreeSet<String> = wanted.into_iter().filter(known).collect();
        if opened.events.stacked() {
            // Whether two sources logged the same event is told by what was asked, not by what fields happen to read.
            needed.extend(opened.events.shared().into_iter().filter(|name| SAME_EVENT.contains(&name.as_str()) && !hidden.contains(name)));
        }
        let shared = || opened.events.shared().into_iter().filter(|name| needed.contains(name)).collect();
        let between = time.filter(|_| opened.events.stacked()).map(|time| Between::new(time, shared()));
        Ok(Self { enricher, derive, collector, baseline, column_labels, hidden, needed, window: range, between, planting, begins: None })
    }

    /// Reads the events, source after source; what was found in each. `first` are the first rows of each.
    pub(super) fn read(
        &mut self,
        events: &Events,
        first: Vec<DataFrame>,
        experiment: &Experiment,
        cache: Option<&Cache>,
        observer: &dyn Observer,
    ) -> Result<Vec<SourceQuality>> {
        let mut found = Vec::new();
        for ((number, source), first) in events.sources().iter().enumerate().zip(first) {
            let mut watch = Watch::new(source.time(), experiment.zone());
            watch.first_rows(&first);
            self.begins = times_of(&first, source.time().filter(|_| first.height() > 0))?.into_iter().chain(self.begins).min();
            drop(first);
            let mut quality = with_filter(experiment, source.name(), |filter| {
                let columns = Some(events.of(source, &self.needed));
                let plan = ReadPlan { columns, window: self.window, filter, cache, ..ReadPlan::default() };
                source.read(&plan, observer, &mut |batch| {
                    let seen = batch.clone();
                    let watched = || watch.push(&seen);
                    let counted = || {
                        if let Some(between) = &mut self.between {
                            between.push(number, &batch);
                        }
                        let batch = events.aligned(source, batch, Some(&self.needed))?;
                        self.push(batch).map(drop)
                    };
                    rayon::join(watched, counted).1
                })
            })?;
            cover(&mut quality, experiment);
            quality.watched = Some(watch.finish());
            found.push(quality);
        }
        Ok(found)
    }

    /// What the sources of the events have in common, once they are read.
    pub(super) fn stacked(&mut self, events: &Events) -> Option<Stacked> {
        let duplicates = self.between.take()?.finish();
        let sources = events.sources().iter().map(|source| source.name().to_owned()).collect();
        let columns = events.shared().into_iter().filter(|name| self.needed.contains(name)).collect();
        Some(Stacked { sources, columns, duplicates })
    }

    /// What fields see of rows that are only looked at, not counted: joined and derived, without the labels.
    pub(super) fn columns_of(&mut self, rows: DataFrame) -> Result<DataFrame> {
        let events = self.seen(&rows)?;
        self.enricher.start_over();
        Ok(events)
    }

    /// The columns that fields are made of, those behind derived ones among them.
    pub(super) fn seen_by_fields(&self) -> BTreeSet<String> {
        self.collector.columns().into_iter().chain(self.derive.columns()).collect()
    }

    /// The columns that joins bring.
    pub(super) fn joined(&self) -> Vec<String> {
        self.enricher.added()
    }

    fn seen(&mut self, batch: &DataFrame) -> Result<DataFrame> {
        // Labels are taken out before anything is joined, derived or counted, so that nothing can see them.
        let visible = batch.drop_many(self.hidden.iter().map(String::as_str));
        self.derive.apply(self.enricher.apply(visible)?)
    }

    /// Takes a batch; the number of each event's unit, as [`Collector::push`] gives it.
    fn push(&mut self, batch: DataFrame) -> Result<Vec<u32>> {
        let events = self.seen(&batch)?;
        let units = self.collector.push(&events)?;
        if let Some(planting) = &mut self.planting {
            planting.push(&batch.drop_many(self.hidden.iter().map(String::as_str)), &events, &units)?;
        }
        if let Some(labels) = &mut self.column_labels {
            labels.push(&batch, &units)?;
        }
        if let Some(baseline) = &mut self.baseline {
            baseline.push(&events, &units)?;
        }
        Ok(units)
    }

    /// Reads a stretch of a source as a run would; `seen` is told the time (0 without one) and the unit of each event.
    pub(super) fn read_stretch(
        &mut self,
        events: &Events,
        source: &Source,
        experiment: &Experiment,
        part: Stretch,
        seen: &mut dyn FnMut(&[i64], &[u32]),
    ) -> Result<SourceQuality> {
        with_filter(experiment, source.name(), |filter| {
            let columns = Some(events.of(source, &self.needed));
            let plan = ReadPlan { columns, window: self.window, filter, part: Some(part), ..ReadPlan::default() };
            source.read(&plan, &Silent, &mut |batch| {
                let times = times_of(&batch, source.time())?;
                let units = self.push(events.aligned(source, batch, Some(&self.needed))?)?;
                seen(&times, &units);
                Ok(())
            })
        })
    }

    /// Reads the events of some time once more, for what is behind some units.
    pub(super) fn read_again(
        &mut self,
        events: &Events,
        experiment: &Experiment,
        collecting: &mut Collecting,
        observer: &dyn Observer,
    ) -> Result<()> {
        self.needed.extend(collecting.columns());
        self.window = Some(collecting.window());
        for source in events.sources() {
            with_filter(experiment, source.name(), |filter| {
                let columns = Some(events.of(source, &self.needed));
                let plan = ReadPlan { columns, window: self.window, filter, ..ReadPlan::default() };
                source.read(&plan, observer, &mut |batch| {
                    let batch = events.aligned(source, batch, Some(&self.needed))?;
                    collecting.push(&self.seen(&batch)?)
                })
            })?;
        }
        Ok(())
    }

    /// How much memory what was gathered takes by now.
    pub(super) fn footprint(&self) -> Footprint {
        self.collector.footprint()
    }

    /// The units of what was read, without their labels.
    pub(super) fn units(self) -> Result<UnitTable> {
        self.collector.finish()
    }

    pub(super) fn finish(
        self,
        loaded: &Loaded,
        sources: Vec<SourceQuality>,
        stacked: Option<Stacked>,
        preflight: &[Problem],
        observer: &dyn Observer,
    ) -> Result<Gathered> {
        let experiment = &loaded.experiment;
        let pristine =
            self.planting.map(|planting| planting.pristine(&self.enricher, &self.derive, &self.collector, self.baseline.as_ref()));
        let table = self.collector.finish()?;
        if table.is_empty() {
            return Err(no_units(&sources, self.begins));
        }
        let settled = settle(loaded, &table, self.column_labels, self.baseline)?;
        let Settled { parts, baseline, label_hash, findings: told } = settled;
        let mut findings: Vec<Finding> = sources.iter().flat_map(rules::findings).collect();
        findings.extend(stacked.as_ref().and_then(rules::logged_twice));
        findings.extend(preflight.iter().map(need_finding));
        findings.extend(told);
        let planted = pristine.map(|pristine| pristine.fold(experiment, &table, &parts, observer)).transpose()?.unwrap_or_default();
        findings.extend(without_entity(table.no_entity, experiment, &sources));
        let joins = self.enricher.finish();
        findings.extend(enrich::findings(&joins));
        findings.sort_by_key(|finding| (finding.severity != "warning", finding.code.clone()));
        Ok(Gathered { parts, baseline, quality: Quality { sources, stacked, joins, findings }, label_hash, table, planted })
    }
}

/// The time of each row, microseconds since 1970 UTC; 0 where it has none.
fn times_of(batch: &DataFrame, time: Option<&str>) -> Result<Vec<i64>> {
    let Some(time) = time else { return Ok(vec![0; batch.height()]) };
    let column = batch.column(time).and_then(|column| column.cast(&DataType::Int64)).map_err(engine)?;
    Ok(column.i64().map_err(engine)?.iter().map(Option::unwrap_or_default).collect())
}

pub(super) fn engine(error: polars::prelude::PolarsError) -> Error {
    Error::Internal(error.to_string())
}

fn no_units(sources: &[SourceQuality], first: Option<i64>) -> Error {
    let outside: u64 = sources.iter().map(|source| source.outside_window).sum();
    let filtered: u64 = sources.iter().map(|source| source.filtered).sum();
    let hint = if outside > 0 {
        let first = first
            .map(|first| format!(" (the first lines are of {})", Dates::new(Language::En, Tz::UTC).machine(first)))
            .unwrap_or_default();
        format!("{outside} rows lie outside the window{first}: look at `window` and its `timezone`")
    } else if filtered > 0 {
        format!("`where`, or an option of the format that keeps one kind of record, leaves out {filtered} rows")
    } else {
        "the key columns of the entity are empty in every row".to_owned()
    };
    Error::data_hint("no row is left inside the window, so there is no unit", hint)
}
