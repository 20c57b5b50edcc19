//! Sources stacked under each other: one table of events, whatever the formats that they came in.
//!
//! The columns are those of all sources; where a source has no such column, its rows have no value. The column `source` says where a row is from.

use std::collections::BTreeSet;

use polars::prelude::{Column, DataFrame, DataType, IntoColumn, NamedFrom, PolarsError, Series};

use super::Source;
use crate::error::{Error, Result};

/// The column that names the source of a row.
pub const SOURCE: &str = "source";

/// The source of the events, or several.
#[derive(Debug)]
pub struct Events {
    sources: Vec<Source>,
    columns: Vec<(String, DataType)>,
}

impl Events {
    /// Stacks sources; one alone stays as it is.
    ///
    /// # Errors
    /// Where a source has no time or another name for it, a column is text in one and a number in another, or sources have no column in common.
    pub fn stack(sources: Vec<Source>) -> Result<Self> {
        let [first, others @ ..] = &sources[..] else { return Err(Error::data("there is no source of events")) };
        let mut columns = first.columns().to_vec();
        if others.is_empty() {
            return Ok(Self { sources, columns });
        }
        for source in &sources {
            match (first.time(), source.time()) {
                (Some(time), Some(other)) if time == other => {}
                (Some(time), Some(other)) => {
                    return Err(Error::data_hint(
                        format!("the time is `{time}` in source `{}` and `{other}` in `{}`", first.name(), source.name()),
                        format!("give it one name: `rename: {{ {other}: {time} }}`"),
                    ));
                }
                (time, _) => {
                    let without = if time.is_none() { first } else { source };
                    return Err(Error::data_hint(
                        format!("source `{}` has no time, and cannot be stacked with others", without.name()),
                        "say where it is: `time: { column: ... }`; a table without times is joined: `enrich: [{ join: ..., on: ... }]`",
                    ));
                }
            }
            if let Some((own, _)) = source.columns().iter().find(|(name, _)| name == SOURCE) {
                return Err(Error::data_hint(
                    format!("source `{}` has a column `{own}`, which is to hold the names of the sources", source.name()),
                    format!("`rename: {{ {own}: logged_source }}`"),
                ));
            }
        }
        for source in others {
            let time = source.time();
            if !source
                .columns()
                .iter()
                .any(|(name, _)| Some(name.as_str()) != time && first.columns().iter().any(|(other, _)| other == name))
            {
                return Err(Error::data_hint(
                    format!("sources `{}` and `{}` have no column in common but the time", first.name(), source.name()),
                    "give what is the same one name: `rename: { login: user }`",
                ));
            }
            for (name, dtype) in source.columns() {
                match columns.iter_mut().find(|(known, _)| known == name) {
                    None => columns.push((name.clone(), dtype.clone())),
                    Some((_, known)) if known == dtype => {}
                    Some((_, known)) if known.is_primitive_numeric() && dtype.is_primitive_numeric() => *known = DataType::Float64,
                    Some((_, known)) => {
                        let (a, b) = (word(known), word(dtype));
                        return Err(Error::data_hint(
                            format!("column `{name}` is {a} in source `{}` and {b} in `{}`", first.name(), source.name()),
                            format!(
                                "fix its type in one of them (`options: {{ types: {{ {name}: text }} }}`, where the format has it), or give it another name there: `rename: {{ {name}: {name}_{} }}`",
                                source.name()
                            ),
                        ));
                    }
                }
            }
        }
        columns.push((SOURCE.to_owned(), DataType::String));
        Ok(Self { sources, columns })
    }

    /// The sources, in the order in which they are read.
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// Whether there are several.
    pub fn stacked(&self) -> bool {
        self.sources.len() > 1
    }

    /// The names of the sources.
    pub fn name(&self) -> String {
        self.sources.iter().map(Source::name).collect::<Vec<_>>().join(" + ")
    }

    /// The names of their formats, each once.
    pub fn formats(&self) -> String {
        let mut ids: Vec<&str> = self.sources.iter().map(|source| source.format().id).collect();
        ids.dedup();
        ids.join(" + ")
    }

    /// The columns of all, and their types.
    pub fn columns(&self) -> &[(String, DataType)] {
        &self.columns
    }

    /// The name of the time column.
    pub fn time(&self) -> Option<&str> {
        self.sources.first().and_then(Source::time)
    }

    /// The size of all files on disk in bytes.
    pub fn disk_bytes(&self) -> u64 {
        self.sources.iter().map(Source::disk_bytes).sum()
    }

    /// Columns that every source has, the time apart.
    pub fn shared(&self) -> Vec<String> {
        let all = |name: &str| self.sources.iter().all(|source| source.columns().iter().any(|(other, _)| other == name));
        let names = self.columns.iter().map(|(name, _)| name.clone());
        names.filter(|name| all(name) && Some(name.as_str()) != self.time()).collect()
    }

    /// The columns of a source among some of the events.
    pub fn of(&self, source: &Source, names: &BTreeSet<String>) -> BTreeSet<String> {
        source.columns().iter().map(|(name, _)| name).filter(|name| names.contains(*name)).cloned().collect()
    }

    /// Rows of a source as rows of the events, with the time and the columns that are named; all where `None`.
    ///
    /// # Errors
    /// Where a column is not of its type.
    pub fn aligned(&self, source: &Source, rows: DataFrame, names: Option<&BTreeSet<String>>) -> Result<DataFrame> {
        if !self.stacked() {
            return Ok(rows);
        }
        let failed = |e: PolarsError| Error::Internal(format!("stacked sources: {e}"));
        let height = rows.height();
        let wanted =
            self.columns.iter().filter(|(name, _)| names.is_none_or(|names| names.contains(name)) || Some(name.as_str()) == self.time());
        let columns = wanted.map(|(name, dtype)| match rows.column(name) {
            Ok(column) if column.dtype() == dtype => Ok(column.clone()),
            Ok(column) => column.cast(dtype).map_err(failed),
            Err(_) if name == SOURCE => Ok(Series::new(name.as_str().into(), vec![source.name(); height]).into_column()),
            Err(_) => Ok(Column::full_null(name.as_str().into(), height, dtype)),
        });
        DataFrame::new(height, columns.collect::<Result<_>>()?).map_err(failed)
    }

    /// As [`Source::clock_step`], of the coarsest of the sources.
    pub fn clock_step(&self, rows: &[DataFrame]) -> Option<f64> {
        self.sources.iter().zip(rows).filter_map(|(source, rows)| source.clock_step(rows)).max_by(f64::total_cmp)
    }
}

fn word(dtype: &DataType) -> &'static str {
    match dtype {
        DataType::String => "text",
        DataType::Boolean => "true or false",
        DataType::Datetime(..) | DataType::Date => "a time",
        other if other.is_primitive_numeric() => "a number",
        _ => "nested",
    }
}
