//! JSON lines: one object a line.
//!
//! # Layout
//! Nested objects are flattened with dots (`event.action`), lists of plain values are joined by commas, objects in lists are left out. An object
//! that wraps each row (`_source` of Elasticsearch exports) is opened by `unwrap: _source`.
//!
//! # Traps
//! - Types come from the first 1 000 rows: whole numbers, numbers, true or false, else text; what does not fit later is null and counted. `types`
//!   fixes a type, and names columns that the first rows do not have.
//! - Numbers in quotes are text, unless `types` says otherwise.
//! - Whole numbers beyond 63 bits are text: as floating-point numbers they would lose digits.
//! - The time column is named in `time: { column, parse, timezone }`, by its flattened name.
//!
//! # Columns
//! The flattened keys of the first 1 000 rows, under their own names. `null` and an empty list are no value.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    Format, Setup,
    clock::Clock,
    columns::{Column, Kind, MOST_COLUMNS, Rows},
    head::{Head, INFER_ROWS, mismatch},
    json::{Flattener, Sink, Value},
    layout::{Body, Layout, lines},
    types::{Guess, Types},
};
use crate::error::Result;

pub(super) const FORMAT: Format = Format {
    id: "ndjson",
    summary: "JSON lines: one object a line",
    text: include_str!("ndjson.rs"),
    columns: &[],
    names: &[],
    schema: || schemars::schema_for!(Options),
    fits: |head| head.mostly(|line| line.trim_start().starts_with('{') && serde_json::from_str::<serde::de::IgnoredAny>(line).is_ok()),
    build,
};

/// Options of `ndjson`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Options {
    /// The key of an object that wraps each row.
    unwrap: Option<String>,
    /// Types of columns, by name.
    types: Types,
}

struct Ndjson {
    options: Options,
    time: Option<(String, Clock)>,
}

fn build(setup: &Setup<'_>) -> Result<Body> {
    let options = setup.options()?;
    let time = setup.table_time()?;
    Ok(Body::Text(Box::new(Ndjson { options, time })))
}

/// What the first rows tell.
#[derive(Default)]
pub(super) struct Guesses {
    pub(super) columns: Vec<(String, Guess)>,
    /// Values of the time column, as text.
    pub(super) times: Vec<String>,
    pub(super) time: Option<String>,
    /// Numbers may be written as text.
    pub(super) untyped: bool,
}

impl Sink for Guesses {
    fn wants(&self, _: &str) -> bool {
        true
    }

    fn take(&mut self, path: &str, value: Value, text: &str) {
        // One more than there may be, so that it is seen; the source is then refused, and the rest is of no matter.
        if self.columns.len() > MOST_COLUMNS {
            return;
        }
        let at = self.columns.iter().position(|(n, _)| n == path).unwrap_or_else(|| {
            self.columns.push((path.to_owned(), Guess::default()));
            self.columns.len() - 1
        });
        let guess = &mut self.columns[at].1;
        match &value {
            Value::Text(range) if self.untyped => guess.see(text.get(range.clone()).unwrap_or_default()),
            Value::Text(_) | Value::Big(_) => guess.see_kind(Kind::Text),
            Value::Int(_) => guess.see_kind(Kind::Int),
            Value::Float(_) => guess.see_kind(Kind::Float),
            Value::Bool(_) => guess.see_kind(Kind::Bool),
        }
        if self.time.as_deref() == Some(path) && self.times.len() < 100 {
            self.times.push(value.shown(text).into_owned());
        }
    }
}

/// Lets the guesses see the rows of heads.
pub(super) fn guess(heads: &[Head], unwrap: Option<&str>, guesses: &mut Guesses) -> usize {
    let mut flattener = Flattener::default();
    let first = heads.iter().flat_map(Head::lines).take(INFER_ROWS);
    first.filter(|line| flattener.read(line, unwrap, guesses).is_ok()).count()
}

/// The values of one object, by wanted column.
pub(super) struct Values {
    /// Flattened name of each wanted column, and of the time at the end.
    names: Vec<String>,
    values: Vec<Option<Value>>,
    text: String,
}

impl Values {
    pub(super) fn new(names: Vec<String>) -> Self {
        Self { values: vec![None; names.len()], names, text: String::new() }
    }

    pub(super) fn clear(&mut self) {
        self.values.fill(None);
        self.text.clear();
    }

    pub(super) fn get(&self, i: usize) -> Option<&Value> {
        self.values.get(i).and_then(Option::as_ref)
    }

    pub(super) fn str(&self, i: usize) -> Option<&str> {
        match self.get(i) {
            Some(Value::Text(range)) => self.text.get(range.clone()),
            _ => None,
        }
    }

    /// The value of a place as text.
    pub(super) fn shown(&self, i: usize) -> Option<std::borrow::Cow<'_, str>> {
        self.get(i).map(|value| value.shown(&self.text))
    }

    /// Gives a column the value of a place.
    pub(super) fn put(&self, i: usize, slot: usize, rows: &mut Rows<'_>) {
        match self.get(i) {
            None => rows.null(slot),
            Some(Value::Text(range)) => rows.put(slot, self.text.get(range.clone()).unwrap_or_default()),
            Some(Value::Int(v)) => rows.put_int(slot, *v),
            Some(Value::Big(v)) => rows.put(slot, &v.to_string()),
            Some(Value::Float(v)) => rows.put_float(slot, *v),
            Some(Value::Bool(v)) => rows.put_bool(slot, *v),
        }
    }

    /// Reads a place as a time.
    pub(super) fn time(&self, i: usize, clock: &mut Clock) -> Option<i64> {
        match self.get(i)? {
            Value::Text(_) => clock.read(self.str(i)?),
            Value::Int(v) => clock.epoch()?.whole(*v),
            Value::Float(v) => clock.epoch()?.float(*v),
            Value::Big(_) | Value::Bool(_) => None,
        }
    }
}

impl Sink for Values {
    fn wants(&self, path: &str) -> bool {
        self.names.iter().any(|name| name.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')))
    }

    fn take(&mut self, path: &str, value: Value, text: &str) {
        for (name, place) in self.names.iter().zip(&mut self.values) {
            if name == path && place.is_none() {
                *place = Some(match &value {
                    Value::Text(range) => {
                        let from = self.text.len();
                        self.text.push_str(text.get(range.clone()).unwrap_or_default());
                        Value::Text(from..self.text.len())
                    }
                    other => other.clone(),
                });
            }
        }
    }
}

impl Layout for Ndjson {
    fn columns(&self, heads: &[Head]) -> Result<Vec<Column>> {
        let mut guesses = Guesses { time: self.time().map(str::to_owned), ..Guesses::default() };
        if guess(heads, self.options.unwrap.as_deref(), &mut guesses) == 0 {
            return heads.first().map_or_else(|| Ok(Vec::new()), |head| Err(mismatch(head, "ndjson", "its lines are not JSON objects")));
        }
        for (name, _) in self.options.types.iter().filter(|(name, _)| !name.is_empty()) {
            if !guesses.columns.iter().any(|(n, _)| n == name) {
                guesses.columns.push((name.clone(), Guess::default()));
            }
        }
        if let Some((column, clock)) = &self.time {
            let mut clock = clock.clone();
            let bad = guesses.times.iter().filter(|text| clock.read(text).is_none()).count();
            super::times::refuse(column, &guesses.times, bad)?;
        }
        let time = self.time();
        let typed = guesses.columns.into_iter().map(|(name, guess)| {
            let said = self.options.types.get(&name).map(|named| Kind::from(*named));
            let kind = if time == Some(name.as_str()) { Kind::Time } else { said.unwrap_or_else(|| guess.kind()) };
            Column::new(name.clone(), name, kind)
        });
        Ok(typed.collect())
    }

    fn time(&self) -> Option<&str> {
        self.time.as_ref().map(|(column, _)| column.as_str())
    }

    fn read(&self, _: &str, block: &str, rows: &mut Rows<'_>) {
        let slots: Vec<usize> = rows.slots().map(|(slot, _)| slot).collect();
        let mut names: Vec<String> = rows.slots().map(|(_, column)| column.own.clone()).collect();
        names.extend(self.time.as_ref().map(|(column, _)| column.clone()));
        let mut clock = self.time.as_ref().map_or_else(Clock::auto, |(_, clock)| clock.clone());
        let (mut values, mut flattener) = (Values::new(names), Flattener::default());
        for line in lines(block) {
            rows.line();
            if line.trim().is_empty() {
                rows.header();
                continue;
            }
            values.clear();
            if let Err(reason) = flattener.read(line, self.options.unwrap.as_deref(), &mut values) {
                rows.malformed(reason, line);
                continue;
            }
            let time = if rows.timed() { values.time(slots.len(), &mut clock) } else { None };
            if rows.admit(time) {
                for (i, slot) in slots.iter().enumerate() {
                    values.put(i, *slot, rows);
                }
            }
        }
    }
}
