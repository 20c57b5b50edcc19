//! Typed columns under construction: what every text format writes its rows into.
//!
//! A parser asks once per block which columns are wanted ([`Rows::slots`]), reads the time of each record, asks whether the row is wanted
//! ([`Rows::admit`]), and only then gives one value for each wanted column.

use std::borrow::Cow;

use polars::prelude::{
    BooleanChunkedBuilder, ChunkedBuilder, Column as Series, DataFrame, DataType, Float64Type, Int64Type, IntoColumn, IntoSeries,
    PrimitiveChunkedBuilder, StringChunkedBuilder, TimeUnit, TimeZone,
};

pub(crate) use self::values::{boolean, float, int, is_no_number};
use super::tally::Tally;
use crate::error::{Error, Result};

mod values;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// Whole numbers of 64 bits.
    Int,
    /// Floating-point numbers of 64 bits, always finite.
    Float,
    /// True or false.
    Bool,
    /// Microseconds since 1970 UTC.
    Time,
}

impl Kind {
    /// The type of the column in a frame.
    pub fn dtype(self) -> DataType {
        match self {
            Self::Text => DataType::String,
            Self::Int => DataType::Int64,
            Self::Float => DataType::Float64,
            Self::Bool => DataType::Boolean,
            Self::Time => time_dtype(),
        }
    }
}

/// More columns than this are no log, but an attack on whoever reads it.
pub(crate) const MOST_COLUMNS: usize = 4_096;

pub(crate) fn time_dtype() -> DataType {
    DataType::Datetime(TimeUnit::Microseconds, Some(TimeZone::UTC))
}

/// A column that a format gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Column {
    /// The canonical name where there is one, else the format's own.
    pub(crate) name: String,
    /// The format's own name.
    pub(crate) own: String,
    pub(crate) dtype: DataType,
    pub(crate) kind: Kind,
}

impl Column {
    pub(crate) fn new(name: impl Into<String>, own: impl Into<String>, kind: Kind) -> Self {
        Self { name: name.into(), own: own.into(), dtype: kind.dtype(), kind }
    }
}

/// What is to be read.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wanted {
    /// The columns to build, in the order of the source. The time is among them where the source has one.
    pub(crate) columns: Vec<Column>,
    /// Their names in the frame.
    pub(crate) names: Vec<String>,
    /// Which of them is the time.
    pub(crate) time: Option<usize>,
    /// Half open, microseconds since 1970 UTC.
    pub(crate) window: Option<(i64, i64)>,
}

enum Values {
    Text(StringChunkedBuilder),
    Int(PrimitiveChunkedBuilder<Int64Type>),
    Float(PrimitiveChunkedBuilder<Float64Type>),
    Bool(BooleanChunkedBuilder),
    Time(PrimitiveChunkedBuilder<Int64Type>),
}

/// What stands around the lines of a block, before and beside what their format reads.
#[derive(Debug, Default)]
pub(crate) struct Around {
    /// For each line its time, and the place of its names.
    pub(crate) lines: Vec<(Option<i64>, usize)>,
    pub(crate) names: Vec<[Option<String>; 2]>,
    /// The wanted columns that hold a name, and which.
    pub(crate) slots: Vec<(usize, usize)>,
}

/// The rows of a block under construction, and what was counted on the way.
pub(crate) struct Rows<'a> {
    wanted: &'a Wanted,
    values: Vec<Values>,
    rows: usize,
    around: Around,
    pub(crate) tally: Tally,
}

impl<'a> Rows<'a> {
    pub(crate) fn new(wanted: &'a Wanted, capacity: usize) -> Self {
        let values = wanted
            .columns
            .iter()
            .zip(&wanted.names)
            .map(|(column, name)| {
                let name = name.as_str().into();
                match column.kind {
                    Kind::Text => Values::Text(StringChunkedBuilder::new(name, capacity)),
                    Kind::Int => Values::Int(PrimitiveChunkedBuilder::new(name, capacity)),
                    Kind::Float => Values::Float(PrimitiveChunkedBuilder::new(name, capacity)),
                    Kind::Bool => Values::Bool(BooleanChunkedBuilder::new(name, capacity)),
                    Kind::Time => Values::Time(PrimitiveChunkedBuilder::new(name, capacity)),
                }
            })
            .collect();
        Self { wanted, values, rows: 0, around: Around::default(), tally: Tally::new(wanted.columns.len()) }
    }

    /// The places of the wanted columns that the format fills, with the columns: all but the time, and what stands around the lines.
    pub(crate) fn slots(&self) -> impl Iterator<Item = (usize, &'a Column)> + use<'a> {
        let (time, around) = (self.wanted.time, self.around.slots.clone());
        self.wanted
            .columns
            .iter()
            .enumerate()
            .filter(move |(slot, _)| Some(*slot) != time && !around.iter().any(|(other, _)| other == slot))
    }

    /// All wanted columns.
    pub(crate) fn columns(&self) -> &'a [Column] {
        &self.wanted.columns
    }

    /// Says what stands around the lines, before the first of them is read.
    pub(crate) fn enclose(&mut self, around: Around) {
        self.around = around;
    }

    /// Whether rows have a time.
    pub(crate) fn timed(&self) -> bool {
        self.wanted.time.is_some()
    }

    /// Counts a line or record that begins.
    pub(crate) fn line(&mut self) {
        self.tally.lines += 1;
    }

    /// Says that the line is header, comment, or blank.
    pub(crate) fn header(&mut self) {
        self.tally.header += 1;
    }

    /// Says that the line does not parse.
    pub(crate) fn malformed(&mut self, reason: impl Into<Cow<'static, str>>, text: &str) {
        self.tally.malformed(reason, text);
    }

    /// Counts a row that parsed, with its time; `false` where the row is not wanted. Give every wanted column a value where it is.
    pub(crate) fn admit(&mut self, time: Option<i64>) -> bool {
        self.tally.rows_parsed += 1;
        let line = self.around.lines.get(self.tally.text_lines().saturating_sub(1) as usize).copied();
        if let Some(slot) = self.wanted.time {
            let Some(micros) = time.or_else(|| line.and_then(|(time, _)| time)) else {
                self.tally.no_time += 1;
                return false;
            };
            if self.wanted.window.is_some_and(|(start, end)| micros < start || micros >= end) {
                self.tally.outside_window += 1;
                return false;
            }
            if let Values::Time(values) = &mut self.values[slot] {
                values.append_value(micros);
            }
        }
        self.rows += 1;
        self.put_names(line.map(|(_, names)| names));
        true
    }

    /// Gives the current row the names that stand around its line.
    fn put_names(&mut self, names: Option<usize>) {
        for at in 0..self.around.slots.len() {
            let (slot, which) = self.around.slots[at];
            let name = names.and_then(|names| self.around.names.get(names)).and_then(|names| names[which].as_deref());
            match (&mut self.values[slot], name) {
                (Values::Text(values), name) => values.append_option(name),
                _ => self.null(slot),
            }
        }
    }

    /// Says that the value of the current row is not of the column's type.
    fn unreadable(&mut self, slot: usize) {
        self.tally.unreadable(slot, self.rows.saturating_sub(1));
    }

    /// Counts a record that parsed and is of a kind that was not asked for.
    pub(crate) fn pass_over(&mut self) {
        self.tally.rows_parsed += 1;
        self.tally.filtered += 1;
    }

    /// Begins another row of the record just read.
    pub(crate) fn again(&mut self) {
        self.tally.lines += 1;
        self.tally.spanned(-1);
    }

    /// Gives a column no value.
    pub(crate) fn null(&mut self, slot: usize) {
        match &mut self.values[slot] {
            Values::Text(v) => v.append_null(),
            Values::Int(v) | Values::Time(v) => v.append_null(),
            Values::Float(v) => v.append_null(),
            Values::Bool(v) => v.append_null(),
        }
    }

    /// Gives a column its value as text; what cannot be read as the column's type is counted and null.
    #[inline]
    pub(crate) fn put(&mut self, slot: usize, text: &str) {
        let read = match &mut self.values[slot] {
            Values::Text(v) => {
                v.append_value(text);
                return;
            }
            Values::Int(v) => int(text).map(|value| v.append_value(value)),
            Values::Float(v) => float(text).map(|value| v.append_value(value)),
            Values::Bool(v) => boolean(text).map(|value| v.append_value(value)),
            Values::Time(_) => None,
        };
        if read.is_none() {
            if !is_no_number(text) {
                self.unreadable(slot);
            }
            self.null(slot);
        }
    }

    /// As [`Rows::put`], where `-` and nothing are no value.
    #[inline]
    pub(crate) fn put_or_dash(&mut self, slot: usize, text: &str) {
        if text.is_empty() || text == "-" { self.null(slot) } else { self.put(slot, text) }
    }

    /// As [`Rows::put_or_dash`], for a value that may not be there.
    pub(crate) fn put_some(&mut self, slot: usize, text: Option<&str>) {
        match text {
            Some(text) => self.put_or_dash(slot, text),
            None => self.null(slot),
        }
    }

    /// Gives a column a number.
    pub(crate) fn put_float(&mut self, slot: usize, value: f64) {
        match &mut self.values[slot] {
            Values::Float(v) if value.is_finite() => v.append_value(value),
            Values::Int(v) if value.fract() == 0.0 && value.abs() < 9e18 => v.append_value(value as i64),
            Values::Text(v) => v.append_value(value.to_string()),
            _ => {
                self.unreadable(slot);
                self.null(slot);
            }
        }
    }

    /// Gives a column a whole number.
    pub(crate) fn put_int(&mut self, slot: usize, value: i64) {
        match &mut self.values[slot] {
            Values::Int(v) => v.append_value(value),
            Values::Float(v) => v.append_value(value as f64),
            Values::Text(v) => v.append_value(value.to_string()),
            _ => {
                self.unreadable(slot);
                self.null(slot);
            }
        }
    }

    /// Gives a column a truth value.
    pub(crate) fn put_bool(&mut self, slot: usize, value: bool) {
        match &mut self.values[slot] {
            Values::Bool(v) => v.append_value(value),
            Values::Text(v) => v.append_value(if value { "true" } else { "false" }),
            _ => {
                self.unreadable(slot);
                self.null(slot);
            }
        }
    }

    /// The rows as a frame, and the counts.
    pub(crate) fn finish(self) -> Result<(DataFrame, Tally)> {
        let columns: Vec<Series> = self
            .values
            .into_iter()
            .map(|values| match values {
                Values::Text(v) => v.finish().into_series().into_column(),
                Values::Int(v) => v.finish().into_series().into_column(),
                Values::Float(v) => v.finish().into_series().into_column(),
                Values::Bool(v) => v.finish().into_series().into_column(),
                Values::Time(v) => v.finish().into_datetime(TimeUnit::Microseconds, Some(TimeZone::UTC)).into_series().into_column(),
            })
            .collect();
        let frame = DataFrame::new(self.rows, columns).map_err(|e| Error::Internal(format!("uneven columns: {e}")))?;
        Ok((frame, self.tally))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unreadable_values_are_counted_and_null() {
        let wanted = Wanted { columns: vec![Column::new("n", "n", Kind::Int)], names: vec!["n".into()], time: None, window: None };
        let mut rows = Rows::new(&wanted, 4);
        for text in ["1", "x", "NA", "-"] {
            assert!(rows.admit(None));
            rows.put(0, text);
        }
        let (frame, tally) = rows.finish().unwrap();
        assert_eq!((frame.height(), frame.columns()[0].null_count()), (4, 3));
        assert_eq!(tally.unreadable, [1]);
    }

    #[test]
    fn the_window_is_half_open() {
        let wanted =
            Wanted { columns: vec![Column::new("t", "t", Kind::Time)], names: vec!["t".into()], time: Some(0), window: Some((10, 20)) };
        let mut rows = Rows::new(&wanted, 4);
        let admitted: Vec<bool> = [Some(9), Some(10), Some(19), Some(20), None].map(|t| rows.admit(t)).to_vec();
        assert_eq!(admitted, [false, true, true, false, false]);
        assert_eq!((rows.tally.rows_parsed, rows.tally.outside_window, rows.tally.no_time), (5, 2, 1));
    }
}
