//! How a source is opened: its files are found, its envelope and its format recognised, its columns learned from the first rows.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use polars::prelude::DataType;
use serde::de::DeserializeOwned;

use super::{
    FORMATS, Format, Source, advice,
    clock::{Clock, near},
    columns::{Column, Kind, MOST_COLUMNS},
    envelope::Envelope,
    files,
    head::{Head, INFER_ROWS},
    layout::Body,
    parquet, regex, tally,
};
use crate::{
    error::{Error, Result, caught},
    spec,
};

/// What an experiment says of how a source is read.
pub(super) struct Setup<'a> {
    pub(super) options: Option<&'a spec::Entry>,
    pub(super) time: Option<&'a spec::Time>,
    pub(super) format: &'a str,
}

impl Setup<'_> {
    /// The options of the format, each unknown or wrong one an error with its path.
    pub(super) fn options<T: DeserializeOwned + Default>(&self) -> Result<T> {
        let Some(entry) = self.options else { return Ok(T::default()) };
        serde_path_to_error::deserialize(entry.0.clone()).map_err(|e| {
            let path = e.path().to_string();
            let place = if path == "." { "options".into() } else { format!("options.{path}") };
            Error::data_hint(format!("{place}: {}", e.inner()), format!("`gonogo explain format:{}` lists its options", self.format))
        })
    }

    /// The time column of a table and its clock, where the experiment names them.
    pub(super) fn table_time(&self) -> Result<Option<(String, Clock)>> {
        let Some(time) = self.time else { return Ok(None) };
        if time.column.is_empty() {
            let hint = "write `time: { column: NAME }`; only formats of logs know which column is the time";
            return Err(Error::data_hint(format!("`time.column` is missing, and `{}` has no time of its own", self.format), hint));
        }
        Ok(Some((time.column.clone(), Clock::of(time)?)))
    }

    /// The clock of a log whose time column is fixed: only the zone can be chosen.
    pub(super) fn log_clock(&self, zone: Option<&str>, names: &[&str]) -> Result<Clock> {
        if let Some(time) = self.time
            && !time.column.is_empty()
            && !names.contains(&time.column.as_str())
        {
            return Err(Error::data_hint(
                format!("`{}` is not the time column of `{}`", time.column, self.format),
                format!("the time of this format is `{}`; leave `time.column` out or write that", names[0]),
            ));
        }
        if let Some(time) = self.time.filter(|time| time.parse != "auto") {
            return Err(Error::data_hint(
                format!("`time.parse: {}` has no meaning for `{}`, whose times are always written alike", time.parse, self.format),
                "leave `parse` out; only `timezone` can be chosen",
            ));
        }
        let mut time =
            self.time.cloned().unwrap_or_else(|| spec::Time { column: names[0].into(), parse: "auto".into(), timezone: "UTC".into() });
        if let Some(zone) = zone {
            time.timezone = zone.into();
        }
        Clock::of(&time)
    }
}

/// Opens a source; errors do not yet name it.
pub(super) fn open(name: &str, spec: &spec::Source, base: &Path) -> Result<Source> {
    if spec.engine.is_some() {
        return Err(Error::usage(
            format!("source `{name}` lies in an engine and is not read as files"),
            Some("`gonogo run` asks the engine".into()),
        ));
    }
    let named = if spec.format == "auto" { None } else { Some(Format::named(&spec.format)?) };
    let files = files::find(&spec.path, base)?;
    let lines = heads(&files, named)?;
    let table = lines.first().is_some_and(|head| head.text == parquet::MAGIC);
    if table && spec.envelope.is_some() {
        return Err(Error::data_hint("Parquet has no lines that an envelope could stand around", "leave `envelope` out"));
    }
    let own = named.is_some_and(|format| format.id == regex::FORMAT.id);
    let envelope = if table { None } else { Envelope::of(spec, own, &lines)? };
    let opened = |tags: bool| match &envelope {
        Some(envelope) => lines.iter().map(|head| envelope.opened(head, tags)).collect(),
        None => lines.clone(),
    };
    let mut heads: Vec<Head> = opened(false);
    let format = match (named, heads.first()) {
        (Some(format), _) => format,
        (None, Some(head)) => recognise(head)?,
        (None, None) => return Err(Error::data("no file")),
    };
    let mut body = (format.build)(&Setup { options: spec.options.as_ref(), time: spec.time.as_ref(), format: format.id })?;
    if let (Some(envelope), Body::Text(layout)) = (&envelope, &body)
        && layout.machines_own()
    {
        heads = lines.iter().map(|head| envelope.opened(head, true)).collect();
    }
    if let Some(envelope) = envelope
        && let Body::Text(layout) = body
    {
        body = Body::Text(envelope.around(layout));
    }
    let given = match &body {
        Body::Text(layout) => layout.columns(&heads)?,
        // polars ends in a panic on some files that are damaged.
        Body::Table(table) => caught(|| table.columns(&files)).unwrap_or_else(|_| {
            let name = files.first().map(|file| file.display().to_string()).unwrap_or_default();
            Err(Error::data_hint(
                format!("cannot read `{name}`: it is damaged"),
                "copy the file again from where it was written, or leave it out",
            ))
        })?,
    };
    if given.len() > MOST_COLUMNS {
        return Err(Error::data_hint(
            format!("its first rows name more than {MOST_COLUMNS} columns"),
            "no log has so many: is it the right `format`, and the right delimiter?",
        ));
    }
    let time_name = match &body {
        Body::Text(layout) => layout.time(),
        Body::Table(table) => table.time(),
    };
    let time = match time_name {
        Some(time) => Some(
            given
                .iter()
                .position(|c| c.kind == Kind::Time && (c.name == time || c.own == time))
                .ok_or_else(|| no_time(time, format, &given))?,
        ),
        None => None,
    };
    let columns = renamed(&given, spec)?;
    for required in &spec.require {
        if !columns.iter().any(|(name, _)| name == required) {
            return Err(missing(required, "required column", columns.iter().map(|(name, _)| name.as_str())));
        }
    }
    let told = serde_json::to_string(&(&spec.options, &spec.time, &spec.envelope)).map_err(|e| Error::Internal(e.to_string()))?;
    let (max_malformed, synthetic) = (spec.max_malformed.get(), spec.synthetic);
    Ok(Source { name: name.into(), base: base.into(), files, format, body, told, given, columns, time, max_malformed, synthetic })
}

/// The beginnings of the files; of the first as many rows as types are inferred from, of the others enough to see a header.
fn heads(files: &[PathBuf], format: Option<&Format>) -> Result<Vec<Head>> {
    if format.is_some_and(|f| f.id == parquet::FORMAT.id) || format.is_none() && files.first().is_some_and(|f| parquet::is_parquet(f)) {
        return Ok(files
            .first()
            .map(|f| Head { path: f.clone(), text: parquet::MAGIC.into(), whole: false, enveloped: None })
            .into_iter()
            .collect());
    }
    let mut heads = Vec::with_capacity(files.len());
    let mut missing = INFER_ROWS;
    for file in files {
        let head = Head::read(file, missing)?;
        missing = missing.saturating_sub(head.lines().count());
        heads.push(head);
    }
    Ok(heads)
}

fn recognise(head: &Head) -> Result<&'static Format> {
    FORMATS.iter().find(|f| (f.fits)(head)).ok_or_else(|| {
        if head.lines().next().is_none() {
            return super::head::empty(&head.path);
        }
        let message = format!("`{}` is of no format that is known; its first line is `{}`", head.path.display(), head.first_line());
        Error::data_hint(message, advice::hint(head))
    })
}

pub(super) fn missing<'a>(name: &str, what: &str, known: impl Iterator<Item = &'a str> + Clone) -> Error {
    let hint = match near(name, known.clone()) {
        Some(found) => format!("did you mean `{found}`?"),
        None => {
            let mut names: Vec<String> = known.map(|k| format!("`{k}`")).collect();
            let rest = names.len().saturating_sub(30);
            names.truncate(30);
            let more = if rest > 0 { format!(", and {rest} more") } else { String::new() };
            format!("it has {}{more}", names.join(", "))
        }
    };
    Error::data_hint(format!("there is no {what} `{name}`"), hint)
}

/// The error of a time column that there is not, often because the header was read otherwise than it was meant.
fn no_time(time: &str, format: &Format, given: &[Column]) -> Error {
    let names = || given.iter().map(|column| column.name.as_str());
    let hint = match (format.id, given) {
        ("csv", [only]) if only.name.contains(time) => {
            format!(
                "the whole header is one column, `{}`: name what separates it, `options: {{ delimiter: '...' }}`",
                tally::cut(&only.name)
            )
        }
        ("csv", [first, ..]) if first.name.starts_with(|c: char| c.is_ascii_digit()) => {
            "its first line looks like a row: where there is no header, write `options: { header: false, columns: [...] }`".to_owned()
        }
        _ => return missing(time, "time column", names()),
    };
    Error::data_hint(format!("there is no time column `{time}`"), hint)
}

/// The names of the columns in the frame. The left side of `rename` is the format's own name or the canonical one.
fn renamed(given: &[Column], spec: &spec::Source) -> Result<Vec<(String, DataType)>> {
    let mut names: Vec<String> = given.iter().map(|c| c.name.clone()).collect();
    for (old, new) in &spec.rename {
        let at = given.iter().position(|c| c.name == *old).or_else(|| given.iter().position(|c| c.own == *old));
        let at = at.ok_or_else(|| missing(old, "column to rename", given.iter().map(|c| c.name.as_str())))?;
        names[at].clone_from(new);
    }
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for (at, name) in names.iter().enumerate() {
        if let Some(other) = seen.insert(name, at) {
            return Err(Error::data_hint(
                format!("`rename` gives two columns the name `{name}`: `{}` and `{}`", given[other].own, given[at].own),
                "rename the other one as well",
            ));
        }
    }
    Ok(names.into_iter().zip(given).map(|(name, c)| (name, c.dtype.clone())).collect())
}
