//! Parquet files, or a folder of them.
//!
//! # Layout
//! A file, a glob, or a folder whose `.parquet` files are read in the order of their paths. Row groups are read one by one. Folders named
//! `key=value` (hive partitions: `year=2026/month=03/day=02`, `eventDay=20260302`) are columns of the files below them.
//!
//! # Traps
//! - Whole numbers of any width become 64 bits, floats 64 bits; a dictionary of text is text. Lists, binary and decimal columns are left out.
//! - A structure (OCSF as Amazon Security Lake writes it, nested ECS) is not a column, but each value in it is one: `src_endpoint.ip`. Where the
//!   structure is missing, so are all its values.
//! - Files of one source may have different columns: the first names them, what another does not have is null there.
//! - Where the folders name the day of a file (`year`, `month`, `day`; or `date`, `dt`, `day`, `eventDay`), files that lie more than a day outside the window
//!   are not opened; `quality.json` lists them without a hash. A partition `month=03` is text, `month=3` a whole number; all of a key are alike.
//! - The time column is named in `time: { column, parse, timezone }`. A Parquet timestamp needs no `parse`; one without a zone is read in
//!   `timezone`. Numbers are epochs and need `parse: epoch_s` (or `_ms`, `_us`, `_ns`).
//!
//! # Columns
//! Those of the first file, under their own names, and the partitions. A partition that the files hold too is read from the files.

use std::{
    collections::BTreeSet,
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};

use polars::prelude::{
    AnyValue, ArrowDataType, Scalar, BooleanChunked, ChunkedArray, Column as Series, DataFrame, DataType, Int64Type, IntoColumn, IntoSeries, NewChunkedArray, TimeUnit, TimeZone,
};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    Format, Setup,
    clock::Clock,
    columns::{Column, Kind, Wanted, int, time_dtype},
    layout::{Body, Table},
    partitions,
    tally::Tally,
};
use crate::error::{Error, Result};

mod footer;
mod pages;

pub(super) use self::{footer::Footer, pages::check as check_pages};

pub(super) const FORMAT: Format = Format {
    id: "parquet",
    summary: "Parquet files, or a folder of them",
    text: include_str!("parquet.rs"),
    columns: &[],
    names: &[],
    schema: || schemars::schema_for!(Options),
    fits: |head| head.text.starts_with(MAGIC),
    build,
};

/// What a Parquet file begins with.
pub(super) const MAGIC: &str = "PAR1";

/// Options of `parquet`: none yet.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Options {}

pub(super) fn is_parquet(path: &Path) -> bool {
    let mut start = [0; 4];
    File::open(path).and_then(|mut file| file.read_exact(&mut start)).is_ok() && start == *MAGIC.as_bytes()
}

struct Parquet {
    time: Option<(String, Clock)>,
}

fn build(setup: &Setup<'_>) -> Result<Body> {
    let Options {} = setup.options()?;
    let time = setup.table_time()?;
    Ok(Body::Table(Box::new(Parquet { time })))
}

/// What columns of a type are read as; `None` for those that are left out.
fn read_as(dtype: &ArrowDataType) -> Option<DataType> {
    use polars::prelude::ArrowDataType as A;
    Some(match dtype {
        A::Boolean => DataType::Boolean,
        A::Int32 | A::Int64 | A::UInt32 | A::UInt64 => DataType::Int64,
        A::Float32 | A::Float64 => DataType::Float64,
        A::Utf8 | A::LargeUtf8 | A::Utf8View => DataType::String,
        A::Date32 => DataType::Date,
        A::Timestamp(..) | A::Date64 => time_dtype(),
        _ => return None,
    })
}

fn wrong(path: &Path, error: &dyn std::fmt::Display) -> Error {
    let text = error.to_string();
    Error::data_hint(format!("cannot read `{}` as Parquet: {}", path.display(), text.lines().next().unwrap_or_default()), "is it whole, and Parquet?")
}

impl Table for Parquet {
    fn columns(&self, files: &[PathBuf]) -> Result<Vec<Column>> {
        let Some(path) = files.first() else { return Ok(Vec::new()) };
        if !is_parquet(path) {
            let head = super::head::Head::read(path, 20)?;
            return Err(super::head::mismatch(&head, "parquet", "it does not begin with `PAR1`"));
        }
        let footer = Footer::open(path)?;
        let kept = footer.columns().filter_map(|(name, dtype)| {
            let is_time = self.time() == Some(name);
            let dtype = if is_time { time_dtype() } else { read_as(dtype)? };
            let kind = if is_time { Kind::Time } else { Kind::Text };
            Some(Column { name: name.to_owned(), own: name.to_owned(), dtype, kind })
        });
        let mut columns: Vec<Column> = kept.collect();
        for (name, kind) in partitions::columns(files.iter().map(PathBuf::as_path)) {
            if !columns.iter().any(|c| c.name == name) {
                columns.push(Column::new(name.clone(), name, kind));
            }
        }
        if let Some((name, clock)) = &self.time
            && footer.dtype(name).and_then(read_as) == Some(DataType::Int64)
            && clock.epoch().is_none()
        {
            return Err(Error::data_hint(
                format!("the time column `{name}` holds whole numbers"),
                format!("say what they count: `time: {{ column: {name}, parse: epoch_s }}` (or `epoch_ms`, `epoch_us`, `epoch_ns`)"),
            ));
        }
        Ok(columns)
    }

    fn time(&self) -> Option<&str> {
        self.time.as_ref().map(|(name, _)| name.as_str())
    }

    fn skips(&self, path: &Path, window: Option<(i64, i64)>) -> bool {
        self.time.is_some() && partitions::outside(path, window)
    }

    fn rows(&self, path: &Path) -> Result<u64> {
        Ok(Footer::open(path)?.groups().map(|rows| rows as u64).sum())
    }

    fn read(&self, path: &Path, wanted: &Wanted, each: &mut dyn FnMut(Result<(DataFrame, Tally)>) -> bool) {
        let names: Vec<String> = wanted.columns.iter().map(|column| column.own.clone()).collect();
        let footer = match Footer::open(path).and_then(|footer| pages::check(&footer, path, &names).map(|()| footer)) {
            Ok(footer) => footer,
            Err(error) => {
                each(Err(error));
                return;
            }
        };
        for (group, rows) in footer.groups().enumerate() {
            if !each(self.group(&footer, path, group, rows, wanted)) {
                return;
            }
        }
    }
}

impl Parquet {
    fn group(&self, footer: &Footer, path: &Path, group: usize, rows: usize, wanted: &Wanted) -> Result<(DataFrame, Tally)> {
        let failed = |e: polars::prelude::PolarsError| wrong(path, &e);
        let is_there = |own: &String| footer.dtype(own).and_then(read_as).is_some();
        let there: BTreeSet<String> = wanted.columns.iter().map(|column| column.own.clone()).filter(is_there).collect();
        let frame = footer.frame(group, &there.iter().cloned().collect::<Vec<_>>(), true).map_err(failed)?;
        let mut tally = Tally::new(wanted.columns.len());
        (tally.lines, tally.rows_parsed) = (rows as u64, rows as u64);
        let mut columns = Vec::with_capacity(wanted.columns.len());
        let mut times = None;
        for (slot, (column, name)) in wanted.columns.iter().zip(&wanted.names).enumerate() {
            let found = there.contains(&column.own).then(|| frame.column(&column.own)).transpose().map_err(failed)?;
            let series = match found {
                Some(series) if wanted.time == Some(slot) => {
                    let read = self.times(series)?;
                    times = Some(read.clone());
                    read.into_datetime(TimeUnit::Microseconds, Some(TimeZone::UTC)).into_series().into_column()
                }
                Some(series) => {
                    let nulls = series.null_count();
                    let cast = series.cast(&column.dtype).map_err(failed)?;
                    tally.unreadable[slot] += (cast.null_count() - nulls) as u64;
                    cast
                }
                None => partition(path, column, name, rows),
            };
            columns.push(series.with_name(name.as_str().into()));
        }
        let mut frame = DataFrame::new(rows, columns).map_err(failed)?;
        if wanted.time.is_some() {
            frame = keep(&frame, times, wanted.window, &mut tally).map_err(failed)?;
        }
        Ok((frame, tally))
    }

    /// A time column as microseconds UTC, whatever it is in the file.
    fn times(&self, series: &Series) -> Result<ChunkedArray<Int64Type>> {
        let mut clock = self.time.as_ref().map_or_else(Clock::auto, |(_, clock)| clock.clone());
        let internal = |e: polars::prelude::PolarsError| Error::Internal(format!("time column: {e}"));
        let name = series.name().clone();
        let times: ChunkedArray<Int64Type> = match series.dtype() {
            DataType::String => {
                let text = series.str().map_err(internal)?;
                NewChunkedArray::from_iter_options(name, text.iter().map(|t| t.and_then(|t| clock.read(t))))
            }
            DataType::Float32 | DataType::Float64 => {
                let floats = series.cast(&DataType::Float64).map_err(internal)?;
                let floats = floats.f64().map_err(internal)?;
                NewChunkedArray::from_iter_options(name, floats.iter().map(|v| clock.epoch()?.float(v?)))
            }
            DataType::Date | DataType::Datetime(..) => {
                let zoned = matches!(series.dtype(), DataType::Datetime(_, Some(_)));
                let micros = series.cast(&DataType::Datetime(TimeUnit::Microseconds, None)).and_then(|s| s.cast(&DataType::Int64)).map_err(internal)?;
                let micros = micros.i64().map_err(internal)?;
                NewChunkedArray::from_iter_options(name, micros.iter().map(|v| v.map(|v| if zoned { v } else { clock.local(v) })))
            }
            _ => {
                let whole = series.cast(&DataType::Int64).map_err(internal)?;
                let whole = whole.i64().map_err(internal)?;
                NewChunkedArray::from_iter_options(name, whole.iter().map(|v| clock.epoch()?.whole(v?)))
            }
        };
        Ok(times)
    }
}

/// A column that the file does not hold: the value of the file's partition, else nothing.
fn partition(path: &Path, column: &Column, name: &str, rows: usize) -> Series {
    let value = partitions::of(path).into_iter().find(|(key, _)| *key == column.own).and_then(|(_, value)| value);
    let scalar = match (value, &column.dtype) {
        (Some(text), DataType::Int64) => int(text).map(AnyValue::Int64),
        (Some(text), DataType::String) => Some(AnyValue::String(text)),
        _ => None,
    };
    match scalar {
        Some(value) => Series::new_scalar(name.into(), Scalar::new(column.dtype.clone(), value.into_static()), rows),
        None => Series::full_null(name.into(), rows, &column.dtype),
    }
}

/// The rows that have a time, inside the window.
fn keep(frame: &DataFrame, times: Option<ChunkedArray<Int64Type>>, window: Option<(i64, i64)>, tally: &mut Tally) -> polars::prelude::PolarsResult<DataFrame> {
    let Some(times) = times else {
        tally.no_time += frame.height() as u64;
        return Ok(frame.clear());
    };
    let mask: Vec<bool> = times
        .iter()
        .map(|time| match (time, window) {
            (None, _) => {
                tally.no_time += 1;
                false
            }
            (Some(time), Some((start, end))) if time < start || time >= end => {
                tally.outside_window += 1;
                false
            }
            _ => true,
        })
        .collect();
    frame.filter_seq(&BooleanChunked::from_slice("keep".into(), &mask))
}
