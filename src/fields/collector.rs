//! Folding batches of events into units.

use std::collections::{BTreeMap, BTreeSet};

use chrono_tz::Tz;
use polars::prelude::{DataFrame, DataType, TimeUnit};
use rayon::prelude::*;

use super::{
    columns::Columns,
    finish,
    footprint::{Footprint, held},
    inputs::{CodesId, GroupingId, Inputs, TableId, UNITS},
    intern::NONE,
    kinds::{
        Shape,
        all_numeric::{AllNumeric, Plain},
        category::Category,
        versus::Versus,
    },
    plan::{Accumulator, Plan, Rows},
    read::{Definition, FieldScale, FieldSet, Shared},
    table::UnitTable,
    tables::Need,
};
use crate::{
    calendar::Calendar,
    error::{Error, Problem, Result},
    said,
    spec::Experiment,
    text::Said,
};

/// The time that is looked at, in microseconds since 1970 UTC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// The column of the events that holds their time.
    pub time: String,
    /// The first moment of the window.
    pub start: i64,
    /// The first moment of the judged part.
    pub train_end: i64,
    /// The first moment after the window.
    pub end: i64,
}

/// Folds events into units, batch by batch.
#[derive(Debug, Clone)]
pub struct Collector {
    pub(super) inputs: Inputs,
    pub(super) planned: Vec<Planned>,
    pub(super) key_columns: Vec<String>,
    pub(super) attributes: BTreeMap<String, Attribute>,
    /// For each grouping but the units, the table that tells which of its groups a unit belongs to.
    pub(super) parents: Vec<Option<TableId>>,
    pub(super) window: Option<Window>,
    pub(super) calendar: Option<Calendar>,
    pub(super) min_events: u64,
    pub(super) events: Vec<u64>,
    pub(super) no_entity: u64,
    pub(super) outside_window: u64,
}

/// Where the most frequent value of a column in each unit is counted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Attribute {
    pub(super) codes: CodesId,
    pub(super) table: TableId,
}

/// One field that is being computed, and how.
#[derive(Debug, Clone)]
pub(super) struct Planned<H = How> {
    pub(super) name: String,
    pub(super) definition: Said,
    pub(super) log: bool,
    pub(super) fill: Option<f64>,
    pub(super) how: H,
}

#[derive(Debug, Clone)]
pub(super) enum How {
    Events { accumulator: Box<dyn Accumulator>, grouping: GroupingId },
    Categories { category: Category, rows: Rows, codes: CodesId, table: TableId },
    Units(Versus),
}

impl Collector {
    /// Makes a collector for events with these columns.
    ///
    /// # Errors
    /// When a column that is named does not exist or has the wrong type, or an expression does not fit the columns. [`Collector::checked`]
    /// tells all of them with their places.
    pub fn new(set: FieldSet, experiment: &Experiment, zone: Tz, window: Option<Window>, schema: &[(String, DataType)]) -> Result<Self> {
        Self::checked(set, experiment, zone, window, schema).map_err(|problems| match &problems[..] {
            [] => Error::Internal("a collector was refused for no reason".into()),
            [first, others @ ..] => {
                let more = if others.is_empty() { String::new() } else { format!(" (and {} more)", others.len()) };
                Error::Data {
                    message: format!("`{}`: {}{more}", first.path, first.message),
                    hint: first.help.as_deref().map(str::to_owned),
                }
            }
        })
    }

    /// Makes a collector for events with these columns.
    ///
    /// # Errors
    /// Everything that does not fit the columns, each with its path (`fields.new_hosts.by`).
    pub fn checked(
        set: FieldSet,
        experiment: &Experiment,
        zone: Tz,
        window: Option<Window>,
        schema: &[(String, DataType)],
    ) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut inputs = Inputs::new(zone, schema);
        let days = experiment.window.iter().flat_map(|window| &window.holidays);
        inputs.clock.holidays = days.filter_map(|day| day.parse().ok()).collect();
        let key_columns = experiment.entity.as_ref().map(|entity| entity.key.clone()).unwrap_or_default();
        let key = if key_columns.is_empty() { Ok(None) } else { inputs.tuple(&key_columns, "entity.key").map(Some) };
        inputs.grouping(key.unwrap_or_else(|problem| {
            problems.push(problem);
            None
        }));
        if let Some(window) = &window {
            match inputs.dtype(&window.time, "window") {
                Ok(DataType::Datetime(..)) => {}
                Ok(dtype) => {
                    problems.push(Problem::error("E212", "window", format!("the time column `{}` is {dtype}, not a time", window.time)))
                }
                Err(problem) => problems.push(problem),
            }
        }
        let calendar = match (&window, &experiment.entity) {
            (Some(window), Some(entity)) => Some(Calendar::new(zone, window.start, entity.every)),
            _ => None,
        };
        let min_events = experiment.entity.as_ref().map_or(0, |entity| entity.min_events);
        let mut collector = Self {
            inputs,
            planned: Vec::new(),
            key_columns,
            attributes: BTreeMap::new(),
            parents: Vec::new(),
            window,
            calendar,
            min_events,
            events: Vec::new(),
            no_entity: 0,
            outside_window: 0,
        };
        problems.extend(collector.attribute_columns(experiment).err());
        // What no column of `all_numeric` becomes: labels, and what another field has the name of.
        let named = set.fields.iter().map(|field| field.name.clone());
        let left_out: BTreeSet<String> = set.hidden.into_iter().chain(named).collect();
        for field in set.fields {
            problems.extend(collector.plan(field, &left_out, schema).err());
        }
        if problems.is_empty() { Ok(collector) } else { Err(problems) }
    }

    fn attribute_columns(&mut self, experiment: &Experiment) -> Result<(), Problem> {
        if let Some(clusters) = &experiment.evaluate.clusters {
            self.attribute(clusters, "evaluate.clusters")?;
        }
        for (index, column) in experiment.evaluate.alerts.group.by.iter().enumerate() {
            self.attribute(column, &format!("evaluate.alerts.group.by[{index}]"))?;
        }
        Ok(())
    }

    fn attribute(&mut self, column: &str, place: &str) -> Result<(), Problem> {
        if !self.attributes.contains_key(column) {
            let codes = self.inputs.column(column, place)?;
            let table = self.inputs.table(codes, UNITS, None, Need::COUNTS);
            self.attributes.insert(column.to_owned(), Attribute { codes, table });
        }
        Ok(())
    }

    fn plan(&mut self, field: Definition, left_out: &BTreeSet<String>, schema: &[(String, DataType)]) -> Result<(), Problem> {
        let place = format!("fields.{}", field.name);
        let log = field.shared.scale == Some(FieldScale::Log);
        match field.shape {
            Shape::Events(events) => {
                let definition = told(events.definition(), &field.shared);
                let fill = field.shared.fill.or(events.fill());
                let rows = self.rows(&place, &field.shared)?;
                let accumulator = events.plan(&mut Plan { inputs: &mut self.inputs, place: &place, rows })?;
                let how = How::Events { accumulator, grouping: rows.grouping };
                self.planned.push(Planned { name: field.name, definition, log, fill, how });
            }
            Shape::Categories(category) => {
                let fill = field.shared.fill.or(category.fill());
                let rows = self.rows(&place, &field.shared)?;
                let codes = self.inputs.column(&category.category, &format!("{place}.category"))?;
                let table = self.inputs.table(codes, rows.grouping, rows.mask, Need::COUNTS);
                let definition = told(Said::default(), &field.shared);
                let how = How::Categories { category, rows, codes, table };
                self.planned.push(Planned { name: field.name, definition, log, fill, how });
            }
            Shape::Units(versus) => {
                if let Some(group) = &versus.group {
                    self.attribute(group, &format!("{place}.group"))?;
                }
                let definition = versus.definition();
                self.planned.push(Planned { name: field.name, definition, log, fill: field.shared.fill, how: How::Units(versus) });
            }
            Shape::Columns(all) => self.every_number(&all, &place, &field.shared, left_out, schema)?,
        }
        Ok(())
    }

    /// Plans a field for every numeric column but those that are left out.
    fn every_number(
        &mut self,
        all: &AllNumeric,
        place: &str,
        shared: &Shared,
        left_out: &BTreeSet<String>,
        schema: &[(String, DataType)],
    ) -> Result<(), Problem> {
        let except: BTreeSet<&str> = all.except.iter().flat_map(Columns::iter).collect();
        for name in except.iter().filter(|name| !left_out.contains(**name)) {
            self.inputs.dtype(name, &format!("{place}.except"))?;
        }
        let rows = Rows { grouping: UNITS, mask: None };
        let before = self.planned.len();
        for (name, dtype) in schema {
            if !dtype.is_primitive_numeric() || left_out.contains(name) || except.contains(name.as_str()) {
                continue;
            }
            let accumulator = Box::new(Plain::new(rows, self.inputs.number(name, place)?));
            self.planned.push(Planned {
                name: name.clone(),
                definition: said!(en: "column {name}", fr: "colonne {name}", name = name),
                log: shared.scale == Some(FieldScale::Log),
                fill: shared.fill,
                how: How::Events { accumulator, grouping: UNITS },
            });
        }
        if self.planned.len() > before {
            return Ok(());
        }
        Err(Problem::error("E212", place, "no numeric column is left").help("check the types of the columns with `gonogo check`"))
    }

    /// Which events a field sees, and how they are grouped.
    fn rows(&mut self, place: &str, shared: &Shared) -> Result<Rows, Problem> {
        let mask = match &shared.filter {
            Some(text) => Some(self.inputs.condition(text, &format!("{place}.where"))?),
            None => None,
        };
        let grouping = match &shared.at {
            Some(at) => {
                let codes = self.inputs.tuple(at.names(), &format!("{place}.at"))?;
                let grouping = self.inputs.grouping(Some(codes));
                self.parents.resize(self.inputs.groupings.len(), None);
                if grouping != UNITS {
                    self.parents[grouping.0] = Some(self.inputs.table(codes, UNITS, None, Need::COUNTS));
                }
                grouping
            }
            None => UNITS,
        };
        Ok(Rows { grouping, mask })
    }

    /// The columns of the events that must be in every batch.
    pub fn columns(&self) -> BTreeSet<String> {
        self.inputs.needed().into_iter().chain(self.window.iter().map(|window| window.time.clone())).collect()
    }

    /// Adds a batch, and gives the number of each event's unit (`u32::MAX` where it has none). Numbers follow the order of first
    /// appearance; [`UnitTable::order`] tells the rows that they become.
    ///
    /// # Errors
    /// When the batch lacks a column.
    pub fn push(&mut self, frame: &DataFrame) -> Result<Vec<u32>> {
        let mut batch = self.inputs.prepare(frame)?;
        let mut periods = self.periods(frame, &mut batch.times)?;
        let timed: Vec<bool> = periods.iter().map(Option::is_some).collect();
        self.inputs.group(&mut batch, &mut periods);
        let units = &batch.groups[UNITS.0];
        self.events.resize(batch.sizes[UNITS.0], 0);
        for (row, &unit) in units.iter().enumerate() {
            match (unit, timed[row]) {
                (NONE, true) => self.no_entity += 1,
                (NONE, false) => self.outside_window += 1,
                (unit, _) => self.events[unit as usize] += 1,
            }
        }
        let batch = &batch;
        let (tables, planned) = (&mut self.inputs.tables, &mut self.planned);
        rayon::join(
            || tables.par_iter_mut().for_each(|table| table.push(batch)),
            || {
                planned.par_iter_mut().for_each(|planned| {
                    if let How::Events { accumulator, .. } = &mut planned.how {
                        accumulator.push(batch);
                    }
                });
            },
        );
        Ok(batch.groups[UNITS.0].clone())
    }

    /// What it holds by now: bounded by units, entities, and distinct values, not by events.
    pub fn footprint(&self) -> Footprint {
        let planned = self.planned.iter().map(|planned| match &planned.how {
            How::Events { accumulator, .. } => accumulator.bytes(),
            How::Categories { .. } | How::Units(_) => 0,
        });
        let own = held(&self.events) + planned.sum::<usize>();
        Footprint { bytes: own as u64, pairs: 0 } + self.inputs.footprint()
    }

    /// The period of each event; none where it has no time or one outside the window.
    fn periods(&self, frame: &DataFrame, times: &mut Vec<i64>) -> Result<Vec<Option<i64>>> {
        let Some(window) = &self.window else { return Ok(vec![Some(0); frame.height()]) };
        let engine = |error: polars::error::PolarsError| Error::Internal(format!("cannot read the time of events: {error}"));
        let column = frame.column(&window.time).map_err(engine)?;
        // Casting between time units keeps the moment; casting to an integer then gives the microseconds.
        let zone = if let DataType::Datetime(_, zone) = column.dtype() { zone.clone() } else { None };
        let column =
            column.cast(&DataType::Datetime(TimeUnit::Microseconds, zone)).map_err(engine)?.cast(&DataType::Int64).map_err(engine)?;
        let column = column.i64().map_err(engine)?;
        let inside = |time: Option<i64>| time.filter(|time| (window.start..window.end).contains(time));
        // A moment that is not looked at is never counted, but must not be far away for the calendar.
        times.extend(column.iter().map(|time| inside(time).unwrap_or(window.start)));
        let periods = self.calendar.as_ref().map_or_else(|| vec![0; times.len()], |calendar| calendar.periods(times));
        Ok(column.iter().zip(periods).map(|(time, period)| inside(time).map(|_| period)).collect())
    }

    /// Makes the units of everything that was added.
    ///
    /// # Errors
    /// When there are more units than can be numbered.
    pub fn finish(self) -> Result<UnitTable> {
        finish::units(self)
    }
}

/// What a field is, with the options that narrow it.
pub(super) fn told(said: Said, shared: &Shared) -> Said {
    let mut parts = vec![said];
    if let Some(filter) = &shared.filter {
        parts.push(said!(en: "where {filter}", fr: "où {filter}", filter = filter));
    }
    if let Some(at) = &shared.at {
        parts.push(said!(en: "per {at} and period", fr: "par {at} et par période", at = at.to_string()));
    }
    Said::join(&parts, ", ")
}
