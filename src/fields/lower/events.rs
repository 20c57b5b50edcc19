//! The events as the engine sees them: a table's columns under names of our own, inside the window, with their period.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
};

use chrono::NaiveDate;
use chrono_tz::Tz;
use indexmap::{IndexMap, IndexSet};
use polars::prelude::DataType;

use super::{
    column::{as_wide, instant, moment, table_name, wide},
    steps::{DAY, offsets, stairs},
};
use crate::{
    calendar::Calendar,
    error::Problem,
    fields::{Window, batch::is_number},
    spec,
    sql::{
        Env, Expression, SqlError,
        render::{Dialect, Scope},
    },
    text::did_you_mean,
};

/// What queries read of the table.
#[derive(Debug, Clone, Default)]
pub(super) struct Reads {
    /// Columns of the table, under their new names.
    pub(super) columns: BTreeSet<String>,
    /// Columns of the events by which they are grouped.
    pub(super) grouped: IndexSet<String>,
}

impl Reads {
    /// The name of a column that events are grouped by.
    pub(super) fn group(&mut self, name: &str) -> String {
        format!("g{}", self.grouped.insert_full(name.to_owned()).0)
    }
}

/// A table in an engine: where it is, and what it holds.
pub(crate) struct Lake<'a> {
    /// How SQL is written for it.
    pub(crate) dialect: &'static dyn Dialect,
    /// Its name in the experiment, and what is said of it there.
    pub(crate) name: &'a str,
    pub(crate) spec: &'a spec::Source,
    /// Its columns, under the names they have there.
    pub(crate) columns: Vec<(String, DataType)>,
}

impl Lake<'_> {
    /// The table as SQL names it.
    pub(crate) fn table(&self) -> String {
        table_name(self.dialect, self.spec.table.as_deref().unwrap_or_default())
    }
}

/// Everything that a query may name, and the text that every query begins with.
pub(crate) struct Events {
    dialect: &'static dyn Dialect,
    table: String,
    zone: Tz,
    window: Window,
    calendar: Calendar,
    /// The columns of the table under their new names: what they are there, and their type here.
    raw: IndexMap<String, (String, DataType)>,
    /// The moment of an event in microseconds, and what the engine is asked for so that it need not read all.
    micros: String,
    range: String,
    filter: Option<String>,
    /// Derived columns: their SQL, and the columns of the table that it reads.
    derived: IndexMap<String, (String, BTreeSet<String>)>,
    /// All of them with their types, but for what no field may see.
    env: Env,
    pub(super) training_periods: i64,
    pub(super) holidays: Vec<i64>,
    key: Vec<String>,
}

impl Events {
    /// Puts together what queries may name. `hidden` are the columns of the labels.
    ///
    /// # Errors
    /// Everything that the table's columns do not fit, each with its path.
    pub(crate) fn new(
        lake: &Lake<'_>,
        experiment: &spec::Experiment,
        window: Window,
        hidden: &BTreeSet<String>,
    ) -> Result<Self, Vec<Problem>> {
        let place = |option: &str| format!("sources.{}.{option}", lake.name);
        let zone = experiment.zone();
        let Some(entity) = &experiment.entity else {
            return Err(vec![Problem::error("E051", "entity", "an engine aggregates by `entity` and `window`, and there is no `entity`")]);
        };
        let mut problems = Vec::new();
        let mut raw = IndexMap::new();
        let time = lake.spec.time.as_ref().map_or("", |time| time.column.as_str());
        let (mut micros, mut range) = (String::new(), String::new());
        for (there, dtype) in &lake.columns {
            let name = lake.spec.rename.get(there).unwrap_or(there);
            let quoted = lake.dialect.identifier(there);
            let (mut sql, mut dtype) = (as_wide(lake.dialect, &quoted, dtype), wide(dtype));
            if there == time {
                match moment(lake, &quoted, &dtype, &window) {
                    Ok((us, asked)) => (micros, range) = (us, asked),
                    Err(problem) => problems.push(Problem { path: place("time.column"), ..problem }),
                }
                sql = lake.dialect.of_micros(&micros);
                dtype = instant();
            }
            raw.insert(name.clone(), (sql, dtype));
        }
        if !lake.columns.iter().any(|(there, _)| there == time) {
            let help = did_you_mean(time, lake.columns.iter().map(|(name, _)| name.as_str()));
            let problem = Problem::error("E211", place("time.column"), format!("the table has no column `{time}`"));
            problems.push(problem.help_if(help));
        }
        let renamed = lake.spec.rename.keys().filter(|name| !lake.columns.iter().any(|(there, _)| there == *name));
        let required = lake.spec.require.iter().filter(|name| !raw.contains_key(*name));
        for (option, name) in renamed.map(|name| ("rename", name)).chain(required.map(|name| ("require", name))) {
            problems.push(Problem::error("E211", place(option), format!("the table has no column `{name}`")));
        }
        let calendar = Calendar::new(zone, window.start, entity.every);
        let training_periods =
            calendar.periods_between(window.start, window.train_end).filter(|p| calendar.end_of(*p) <= window.train_end).count();
        let holidays: Vec<NaiveDate> =
            experiment.window.iter().flat_map(|window| &window.holidays).filter_map(|day| day.parse().ok()).collect();
        let all: BTreeMap<String, DataType> = raw.iter().map(|(name, (_, dtype))| (name.clone(), dtype.clone())).collect();
        let mut events = Self {
            dialect: lake.dialect,
            table: lake.table(),
            zone,
            calendar,
            window,
            raw,
            micros,
            range,
            filter: None,
            derived: IndexMap::new(),
            env: Env { zone, columns: all },
            training_periods: training_periods as i64,
            holidays: holidays.iter().map(|day| day.signed_duration_since(NaiveDate::default()).num_days()).collect(),
            key: entity.key.clone(),
        };
        match lake.spec.filter.as_deref().map(|text| events.where_of_source(text)).transpose() {
            Ok(filter) => events.filter = filter,
            Err(error) => problems.push(placed(place("where"), &error)),
        }
        events.env.columns.retain(|name, _| !hidden.contains(name));
        for (name, text) in &experiment.derive {
            if let Err(error) = events.derive(name, text) {
                problems.push(placed(format!("derive.{name}"), &error));
            }
        }
        if problems.is_empty() { Ok(events) } else { Err(problems) }
    }

    fn where_of_source(&self, text: &str) -> Result<String, SqlError> {
        let column = |name: &str| self.raw.get(name).map(|(sql, _)| sql.clone());
        Expression::parse(text)?.render_condition(&Scope { dialect: self.dialect, env: &self.env, column: &column })
    }

    /// A derived column is written out wherever it is named: engines differ in whether a column may name its neighbour.
    fn derive(&mut self, name: &str, text: &str) -> Result<(), SqlError> {
        if self.env.columns.contains_key(name) {
            return Err(SqlError::Type {
                message: format!("the events already have a column `{name}`"),
                hint: Some("derived columns need a new name: history is not overwritten".into()),
            });
        }
        let expression = Expression::parse(text)?;
        let sql = expression.render(&Scope { dialect: self.dialect, env: &self.env, column: &|name| self.named(name) })?;
        let dtype = expression.kind(&self.env)?.data_type();
        let mut reads = BTreeSet::new();
        for column in expression.columns() {
            match self.derived.get(column) {
                Some((_, of_its_own)) => reads.extend(of_its_own.iter().cloned()),
                None => drop(reads.insert(column.clone())),
            }
        }
        self.derived.insert(name.to_owned(), (sql, reads));
        self.env.columns.insert(name.to_owned(), dtype);
        Ok(())
    }

    /// How a column is named in the events, `None` where no field may see it.
    fn named(&self, name: &str) -> Option<String> {
        self.env.columns.contains_key(name).then(|| self.derived.get(name).map_or_else(|| self.alias(name), |(sql, _)| format!("({sql})")))
    }

    fn alias(&self, name: &str) -> String {
        self.raw.get_index_of(name).map_or_else(String::new, |index| format!("c{index}"))
    }

    /// A column, null where it is null or NaN.
    pub(super) fn column(&self, name: &str, place: &str, reads: &RefCell<Reads>) -> Result<String, Problem> {
        let named = self.named(name).ok_or_else(|| {
            let problem = Problem::error("E211", place, format!("unknown column `{name}`"));
            problem.help_if(did_you_mean(name, self.env.columns.keys().map(String::as_str)))
        })?;
        self.note(name, reads);
        Ok(named)
    }

    /// Remembers which columns of the table are read.
    fn note(&self, name: &str, reads: &RefCell<Reads>) {
        match self.derived.get(name) {
            Some((_, of_its_own)) => reads.borrow_mut().columns.extend(of_its_own.iter().cloned()),
            None => drop(reads.borrow_mut().columns.insert(name.to_owned())),
        }
    }

    /// A numeric column as a 64-bit float, null where it is not finite.
    pub(super) fn number(&self, name: &str, place: &str, reads: &RefCell<Reads>) -> Result<String, Problem> {
        let column = self.column(name, place, reads)?;
        let dtype = &self.env.columns[name];
        if !is_number(dtype) {
            return Err(Problem::error("E212", place, format!("column `{name}` is not a number"))
                .help(format!("count it (`distinct: {name}`), or make a number of it in `derive`")));
        }
        let number = format!("CAST({column} AS DOUBLE)");
        let float = matches!(dtype, DataType::Float32 | DataType::Float64);
        Ok(if float { format!("(CASE WHEN {} THEN {number} END)", self.dialect.is_finite(&number)) } else { number })
    }

    /// Whether a column holds whole numbers, whose sums are exact.
    pub(super) fn is_whole(&self, name: &str) -> bool {
        self.env.columns.get(name).is_some_and(DataType::is_integer)
    }

    /// A condition over one event, never null.
    pub(super) fn condition(&self, text: &str, place: &str, reads: &RefCell<Reads>) -> Result<String, Problem> {
        let expression = Expression::parse(text).map_err(|error| placed(place.to_owned(), &error))?;
        let scope = Scope { dialect: self.dialect, env: &self.env, column: &|name| self.named(name) };
        let sql = expression.render_condition(&scope).map_err(|error| placed(place.to_owned(), &error))?;
        expression.columns().iter().for_each(|name| self.note(name, reads));
        Ok(sql)
    }

    /// A column that events are grouped by: its name there. Its values come back as text, so it must have one way to be written.
    pub(super) fn grouped(&self, name: &str, place: &str, reads: &RefCell<Reads>) -> Result<String, Problem> {
        self.column(name, place, reads)?;
        match self.env.columns.get(name) {
            Some(DataType::String | DataType::Boolean | DataType::Int64) => Ok(reads.borrow_mut().group(name)),
            _ => Err(Problem::error("E050", place, format!("`{name}` is neither text nor a whole number: an engine does not group by it"))
                .help("make a text of it in a view there")),
        }
    }

    /// The beginning of every query: the events with the columns of the table that are read, and those that they are grouped by as `g0`, `g1`, ...
    /// `labels` are columns that only the query of the labels names.
    pub(super) fn with(&self, reads: &Reads, labels: &[String]) -> String {
        let columns = self.raw.iter().filter(|(name, _)| reads.columns.contains(*name) || labels.contains(name));
        let columns: String = columns.map(|(name, (sql, _))| format!(", {sql} AS {}", self.alias(name))).collect();
        let filter = self.filter.as_ref().map(|filter| format!(" AND {filter}")).unwrap_or_default();
        let groups = reads.grouped.iter().enumerate().filter_map(|(index, name)| Some(format!(", {} AS g{index}", self.named(name)?)));
        let groups: String = groups.collect();
        let keys: Vec<String> = self.key.iter().filter_map(|name| self.named(name)).map(|key| format!(" AND {key} IS NOT NULL")).collect();
        format!(
            "WITH r AS (SELECT {us} AS us{columns}\n  FROM {table}\n  WHERE {range}{filter}),\ne AS (SELECT *, {period} AS p{groups}\n  FROM r WHERE us >= {start} AND us < {end}{keys})\n",
            us = self.micros,
            table = self.table,
            range = self.range,
            period = self.period(),
            start = self.window.start,
            end = self.window.end,
            keys = keys.concat(),
        )
    }

    /// How many rows there are inside the window, how many of them have no entity, the first and the last moment.
    pub(super) fn totals(&self, reads: &Reads) -> String {
        let null = self.key.iter().filter_map(|name| self.named(name)).map(|key| format!("{key} IS NULL")).collect::<Vec<_>>().join(" OR ");
        let columns = self.raw.iter().filter(|(name, _)| reads.columns.contains(*name));
        let fill: String = columns.enumerate().map(|(index, (name, _))| format!(", count({}) AS f{index}", self.alias(name))).collect();
        format!(
            "{}SELECT count(*) AS events, count_if({null}) AS no_entity, min(us) AS first, max(us) AS last{fill}\nFROM r WHERE us >= {} AND us < {}",
            self.with(reads, &[]),
            self.window.start,
            self.window.end,
        )
    }

    /// How many events there are in each hour since the window's start.
    pub(super) fn hours(&self, reads: &Reads) -> String {
        let (hour, with) = (format!("(us - {}) DIV {}", self.window.start, DAY / 24), self.with(reads, &[]));
        let (start, end) = (self.window.start, self.window.end);
        format!("{with}SELECT {hour} AS hour, count(*) AS events\nFROM r WHERE us >= {start} AND us < {end} GROUP BY {hour}")
    }

    /// The names of all columns, those of the labels among them.
    pub(crate) fn names(&self) -> impl Iterator<Item = &String> {
        self.raw.keys().chain(self.derived.keys())
    }

    /// The columns of the table that are read, in the order of the totals.
    pub(super) fn read_in_order(&self, reads: &Reads) -> Vec<String> {
        self.raw.keys().filter(|name| reads.columns.contains(*name)).cloned().collect()
    }

    /// Whether a period lies in the training part, wholly.
    pub(super) fn is_training(&self, period: i64) -> bool {
        self.calendar.end_of(period) <= self.window.train_end
    }

    /// When a period begins and ends.
    pub(super) fn times(&self, period: i64) -> (i64, i64) {
        (self.calendar.start_of(period), self.calendar.end_of(period))
    }

    /// The alias of a label's column.
    pub(super) fn label(&self, name: &str) -> Option<String> {
        self.raw.contains_key(name).then(|| self.alias(name))
    }

    /// The number of the period that `us` lies in.
    fn period(&self) -> String {
        if !self.calendar.follows_wall_clock() {
            let length = self.calendar.end_of(0) - self.calendar.start_of(0);
            return format!("(us - {}) DIV {length}", self.window.start);
        }
        let periods = self.calendar.periods_between(self.window.start, self.window.end);
        let starts: Vec<i64> = periods.clone().map(|period| self.calendar.start_of(period)).collect();
        stairs(&starts, &periods.collect::<Vec<_>>())
    }

    /// `us` as the wall clock of the window's zone shows it, microseconds since 1970 there.
    pub(super) fn wall_clock(&self) -> String {
        let (starts, offsets) = offsets(self.zone, self.window.start, self.window.end);
        format!("(us + {})", stairs(&starts, &offsets))
    }
}

fn placed(path: String, error: &SqlError) -> Problem {
    let code = if matches!(error, SqlError::UnknownColumn { .. }) { "E211" } else { "E209" };
    let problem = Problem::error(code, path, error.to_string());
    problem.help_if(error.hint())
}
