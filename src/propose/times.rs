//! Which column of a table is the time, and how it is written.

use std::path::Path;

use polars::prelude::{ChunkQuantile, DataFrame, DataType};

use crate::{source::Source, spec};

/// Names that a time column likes to have, in small letters; the likeliest first.
const NAMES: &[&str] =
    &["timestamp", "@timestamp", "time", "datetime", "date_time", "event_time", "ts", "_time", "date", "start", "created", "first", "seen"];

/// Epochs by their unit: the values of 2001 to 2065 in it.
const EPOCHS: &[(&str, f64, f64)] = &[("epoch_s", 1e9, 3e9), ("epoch_ms", 1e12, 3e12), ("epoch_us", 1e15, 3e15), ("epoch_ns", 1e18, 3e18)];

/// Ways of writing a time that `auto` does not know.
const PATTERNS: &[&str] = &["%Y/%m/%d %H:%M:%S", "%d/%m/%Y %H:%M:%S", "%m/%d/%Y %I:%M:%S %p", "%d-%m-%Y %H:%M:%S"];

/// Finds the time among the columns of the first rows: tries the likeliest, and keeps what can be read.
pub(super) fn guess(spec: &spec::Source, first: &DataFrame) -> Option<spec::Time> {
    let mut candidates: Vec<(usize, &str, &DataType)> = first
        .columns()
        .iter()
        .filter_map(|column| {
            let name = column.name().as_str();
            let lower = name.to_lowercase();
            let rank = NAMES
                .iter()
                .position(|likely| lower == *likely)
                .or_else(|| NAMES.iter().position(|likely| lower.contains(likely)).map(|at| at + NAMES.len()));
            Some((rank?, name, column.dtype()))
        })
        .collect();
    candidates.sort_by_key(|(rank, ..)| *rank);
    candidates.into_iter().find_map(|(_, name, dtype)| {
        let ways: Vec<&str> = if dtype.is_primitive_numeric() {
            let middle = first.column(name).ok()?.cast(&DataType::Float64).ok()?.f64().ok()?.median()?;
            EPOCHS.iter().filter(|(_, low, high)| (*low..*high).contains(&middle)).map(|(way, ..)| *way).collect()
        } else if *dtype == DataType::String {
            std::iter::once("auto").chain(PATTERNS.iter().copied()).collect()
        } else {
            Vec::new()
        };
        ways.into_iter().find_map(|way| reads(spec, name, way))
    })
}

/// Whether nearly all first rows have a time when it is read so.
fn reads(spec: &spec::Source, column: &str, way: &str) -> Option<spec::Time> {
    let time = spec::Time { column: column.to_owned(), parse: way.to_owned(), timezone: "UTC".into() };
    let tried = spec::Source { time: Some(time.clone()), ..spec.clone() };
    let rows = |spec: &spec::Source| {
        Source::open("events", spec, Path::new(".")).and_then(|source| source.first_rows(200, None)).map(|frame| frame.height())
    };
    (rows(&tried).ok()? * 10 >= rows(spec).ok()? * 9).then_some(time)
}
