//! JSON lines of a feed, under the meaning of its fields.

use std::borrow::Cow;

use super::{
    FORMAT, NULLS,
    fields::{all, field},
};
use crate::{
    error::Result,
    source::{
        clock::Clock,
        columns::{Column, Kind, Rows},
        head::{Head, mismatch},
        json::Flattener,
        layout::{Layout, lines},
        meaning::{self, Field, Holds, Plan},
        ndjson::{self, Guesses, Values},
    },
    spec,
};

/// The object that some feeds put each event into.
const EVENT: Option<&str> = Some("event");

/// JSON lines.
pub(super) struct Lines {
    pub(super) time: Option<spec::Time>,
    pub(super) zone: Option<String>,
}

/// The fields that the first rows have. Where an epoch is among them, it is the time.
fn first(names: &[String]) -> Vec<Field> {
    let epoch = names.iter().any(|name| name == "epochtime");
    let fields = names.iter().map(|name| field(name));
    fields.filter(|field| !epoch || !matches!(field.holds, Holds::Time(_)) || field.own == "epochtime").collect()
}

/// Every field that may give one of these columns, whatever the first rows had.
fn wanted(columns: &[Column]) -> Vec<Field> {
    let gives = |field: &Field| match &field.holds {
        Holds::Time(_) => columns.iter().any(|column| column.kind == Kind::Time && column.own == field.own),
        _ => meaning::columns(std::slice::from_ref(field)).iter().any(|given| columns.iter().any(|column| column.name == given.name)),
    };
    let mut fields: Vec<Field> = all().filter(gives).collect();
    for column in columns {
        let own = field(&column.own);
        if gives(&own) && !fields.contains(&own) {
            fields.push(own);
        }
    }
    fields
}

impl Lines {
    fn guesses(&self, heads: &[Head]) -> Option<Guesses> {
        let mut guesses = Guesses { untyped: true, ..Guesses::default() };
        (ndjson::guess(heads, EVENT, &mut guesses) > 0).then_some(guesses)
    }

    fn clock(&self, fields: &[Field]) -> Clock {
        // What the experiment says was checked when the source was opened.
        meaning::clock(fields, self.time.as_ref(), self.zone.as_deref()).unwrap_or_else(|_| Clock::auto())
    }
}

impl Layout for Lines {
    fn columns(&self, heads: &[Head]) -> Result<Vec<Column>> {
        match (self.guesses(heads), heads.first()) {
            (None, Some(head)) => Err(mismatch(head, FORMAT.id, "its lines are no JSON objects")),
            (None, None) => Ok(Vec::new()),
            (Some(guesses), _) => Ok(meaning::columns(&first(&guesses.columns.into_iter().map(|(name, _)| name).collect::<Vec<_>>()))),
        }
    }

    fn read(&self, _: &str, block: &str, rows: &mut Rows<'_>) {
        let fields = wanted(rows.columns());
        let mut plan = Plan::new(&fields, &self.clock(&fields), rows);
        let (mut values, mut flattener) = (Values::new(fields.iter().map(|field| field.own.clone()).collect()), Flattener::default());
        for line in lines(block) {
            rows.line();
            if line.trim().is_empty() {
                rows.header();
                continue;
            }
            values.clear();
            match flattener.read(line, EVENT, &mut values) {
                Err(reason) => rows.malformed(reason, line),
                Ok(()) => plan.row(|i| values.shown(i).unwrap_or(Cow::Borrowed("")), NULLS, rows),
            }
        }
    }
}
