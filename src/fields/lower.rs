//! Fields as SQL, where the events lie in an engine that aggregates: only unit rows come back.
//!
//! ```text
//! Experiment + columns of the table -> Lowering -> queries -> (engine) -> answers -> UnitTable
//! ```
//!
//! Every query begins with the same events: those inside the window that have an entity, under names of our own (`us` the moment in microseconds, `p`
//! the period, `c0`, `c1`, ... the columns), so that nothing an author or a log wrote stands in the rest of the text. Each field kind says what it
//! becomes in its own file; what it cannot become is refused by name, before anything runs. The meaning is that of the local fields: sums do not
//! overflow, null and NaN are no values, quantiles interpolate linearly, zone offsets are computed here and sent as numbers.

use std::cell::RefCell;

use self::events::Reads;
use super::{columns::Columns, gather::Agg};
use crate::error::Problem;

pub(crate) use self::{
    events::{Events, Lake},
    plan::{Query, RemotePlan},
    units::{Answers, texts, whole},
};

mod column;
mod events;
mod plan;
mod steps;
mod units;

/// What a field becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Lowered {
    pub(crate) how: Form,
    /// The value of a unit about which the engine says nothing.
    pub(crate) absent: Option<u8>,
}

/// The shape of the SQL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Form {
    /// An aggregate over the events of a group.
    Aggregate(String),
    /// A query that gives the columns of the group's key, `p`, and `value`.
    Query(String),
}

impl Lowered {
    /// An aggregate over the events of a group, null of nothing.
    pub(crate) fn aggregate(sql: String) -> Self {
        Self { how: Form::Aggregate(sql), absent: None }
    }

    /// A query of its own: the columns of the group's key, `p`, and `value`.
    pub(crate) fn query(sql: String) -> Self {
        Self { how: Form::Query(sql), absent: None }
    }

    /// Whatever the engine does not tell is 0.
    pub(crate) fn or_zero(self) -> Self {
        Self { absent: Some(0), ..self }
    }
}

/// What one field may name, in the SQL of the engine.
pub(crate) struct Lowering<'a> {
    events: &'a Events,
    /// `fields.` and the field's name.
    place: &'a str,
    /// The columns of the group's key, as they are named in the query.
    group: Vec<String>,
    /// The condition of `where`.
    filter: Option<String>,
    reads: &'a RefCell<Reads>,
}

impl Lowering<'_> {
    /// Says that the engine cannot compute this.
    pub(crate) fn refused(&self, kind: &str, why: &str) -> Problem {
        refused(self.place, kind, why)
    }

    fn place(&self, option: &str) -> String {
        format!("{}.{option}", self.place)
    }

    /// A column, null where it is null or NaN.
    pub(crate) fn column(&self, option: &str, name: &str) -> Result<String, Problem> {
        self.events.column(name, &self.place(option), self.reads)
    }

    /// A numeric column as a 64-bit float, null where it is not finite.
    pub(crate) fn number(&self, option: &str, name: &str) -> Result<String, Problem> {
        self.events.number(name, &self.place(option), self.reads)
    }

    /// A condition, never null.
    pub(crate) fn condition(&self, option: &str, text: &str) -> Result<String, Problem> {
        self.events.condition(text, &self.place(option), self.reads)
    }

    /// An aggregate over those events that `where` keeps.
    pub(crate) fn over(&self, aggregate: &str) -> String {
        self.filter.as_ref().map_or_else(|| aggregate.to_owned(), |filter| format!("{aggregate} FILTER (WHERE {filter})"))
    }

    /// The sum of a numeric column as a 64-bit float; 0 of nothing. Whole numbers are added as decimals of 38 digits, which do not overflow.
    pub(crate) fn sum(&self, option: &str, name: &str) -> Result<String, Problem> {
        if self.events.is_whole(name) {
            let column = self.column(option, name)?;
            let sum = self.over(&format!("sum(CAST({column} AS DECIMAL(38, 0)))"));
            return Ok(format!("coalesce(CAST({sum} AS DOUBLE), 0E0D)"));
        }
        let number = self.number(option, name)?;
        Ok(format!("coalesce({}, 0E0D)", self.over(&format!("sum({number})"))))
    }

    /// The columns of the group's key and `p`, as a list.
    pub(crate) fn keys(&self) -> String {
        self.group.iter().map(String::as_str).chain(["p"]).collect::<Vec<_>>().join(", ")
    }

    /// The columns that name the entity, as a list.
    pub(crate) fn entity(&self) -> String {
        self.group.join(", ")
    }

    /// The uses of values by groups: `FROM events WHERE ...`, for those that `where` keeps and that have every one of these columns.
    pub(crate) fn uses(&self, columns: &[String]) -> String {
        let present = self.group.iter().chain(columns).map(|column| format!("{column} IS NOT NULL"));
        let conditions: Vec<String> = self.filter.iter().cloned().chain(present).collect();
        format!("FROM e WHERE {}", conditions.join(" AND "))
    }

    /// The groups that have any event: `FROM events WHERE ...`. An event without a value in the key of a coarser group is in none.
    pub(crate) fn active(&self) -> String {
        let present: Vec<String> = self.group.iter().map(|column| format!("{column} IS NOT NULL")).collect();
        format!("FROM e WHERE {}", present.join(" AND "))
    }

    /// The columns of a history: those of `by`, then the value's.
    pub(crate) fn history(&self, option: &str, column: &str, by: Option<&Columns>) -> Result<Vec<String>, Problem> {
        let owners = by.iter().flat_map(|by| by.iter()).map(|name| self.column("by", name));
        let mut columns = owners.collect::<Result<Vec<_>, _>>()?;
        columns.push(self.column(option, column)?);
        Ok(columns)
    }

    /// How many of the periods, the first ones, lie in the training part.
    pub(crate) fn training_periods(&self) -> i64 {
        self.events.training_periods
    }

    /// `us` as the wall clock of the window's zone shows it, microseconds since 1970 there.
    pub(crate) fn wall_clock(&self) -> String {
        self.events.wall_clock()
    }

    /// The days of `window.holidays`, as days since 1970.
    pub(crate) fn holidays(&self) -> &[i64] {
        &self.events.holidays
    }
}

/// Says that an engine cannot compute a field of this kind.
fn refused(place: &str, kind: &str, why: &str) -> Problem {
    Problem::error("E050", format!("{place}.{kind}"), format!("`{kind}` is not computed by an engine: {why}"))
        .help("take the field out, or export the window's events (Parquet) and read them as files")
}

impl Agg {
    /// As an aggregate of SQL.
    pub(crate) fn sql(self, value: &str) -> String {
        match self {
            Self::Max => format!("max({value})"),
            Self::Mean => format!("avg({value})"),
            Self::Min => format!("min({value})"),
        }
    }
}
