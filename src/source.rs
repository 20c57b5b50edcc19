//! Sources: log files of any known format become frames, batch by batch.
//!
//! ```text
//! files -> Stream (unpacked, hashed) -> blocks of whole records -> Layout on any thread -> frames, in order -> each
//! ```
//!
//! Files are read ahead and blocks parsed in parallel, but batches are delivered in the order of files and lines, with the same boundaries
//! whatever the number of threads and however the rows are spread over files. Lines that do not parse are counted, never dropped in silence.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use polars::prelude::{BooleanChunked, DataFrame, DataType};
use schemars::Schema;
use serde::de::DeserializeOwned;

use self::{
    clock::{Clock, near},
    columns::{Column, MOST_COLUMNS, Wanted},
    head::{Head, INFER_ROWS},
    layout::Body,
};
use crate::{
    error::{Error, Result},
    observe::Observer,
    quality::SourceQuality,
    spec,
};

pub use self::{
    cache::{Cache, Kept},
    columns::Kind,
    convert::{Converted, convert},
    findings::findings,
};

mod cache;
mod clock;
mod columns;
mod convert;
mod cutter;
mod dates;
mod delimited;
mod files;
mod findings;
mod gather;
mod head;
mod json;
mod layout;
mod meaning;
mod named;
mod objects;
mod partitions;
mod pattern;
mod pipeline;
mod records;
mod scan;
mod split;
mod stream;
mod tally;
mod times;
mod types;
mod url;
mod windows;

macro_rules! formats {
    ($($module:ident),+ $(,)?) => {
        $(mod $module;)+
        /// Every format. `auto` takes the first that fits, so the particular stand before the general.
        pub static FORMATS: &[Format] = &[$($module::FORMAT),+];
    };
}
formats!(
    parquet,
    elff,
    zeek,
    squid,
    combined,
    webgateway,
    paloalto,
    umbrella,
    cef,
    leef,
    fortigate,
    sshd,
    eve,
    ocsf,
    winlog,
    ecs,
    ndjson,
    nfdump,
    windows_csv,
    regex,
    csv
);

/// What is known of a format before any file is opened.
pub struct Format {
    /// Its name in experiments.
    pub id: &'static str,
    /// What it is, in one line.
    pub summary: &'static str,
    text: &'static str,
    /// The canonical columns that it can give.
    pub columns: &'static [(&'static str, Kind)],
    /// The schema of its `options`.
    pub schema: fn() -> Schema,
    fits: fn(&Head) -> bool,
    build: fn(&Setup<'_>) -> Result<Body>,
}

impl Format {
    /// Its documentation: layout, traps, columns; Markdown.
    pub fn documentation(&self) -> String {
        let lines = self.text.lines().map_while(|line| line.strip_prefix("//!"));
        lines.map(|line| line.strip_prefix(' ').unwrap_or(line)).collect::<Vec<_>>().join("\n")
    }

    /// Finds a format by its name.
    ///
    /// # Errors
    /// Where there is none, with the nearest name.
    pub fn named(id: &str) -> Result<&'static Self> {
        FORMATS.iter().find(|f| f.id == id).ok_or_else(|| {
            let ids = FORMATS.iter().map(|f| f.id);
            let hint = match near(id, ids.clone()) {
                Some(found) => format!("did you mean `{found}`?"),
                None => format!("the formats are {}, and `auto`", ids.map(|i| format!("`{i}`")).collect::<Vec<_>>().join(", ")),
            };
            Error::data_hint(format!("`{id}` is not a format"), hint)
        })
    }
}

/// What an experiment says of how a source is read.
struct Setup<'a> {
    options: Option<&'a spec::Entry>,
    time: Option<&'a spec::Time>,
    format: &'a str,
}

impl Setup<'_> {
    /// The options of the format, each unknown or wrong one an error with its path.
    fn options<T: DeserializeOwned + Default>(&self) -> Result<T> {
        let Some(entry) = self.options else { return Ok(T::default()) };
        serde_path_to_error::deserialize(entry.0.clone()).map_err(|e| {
            let path = e.path().to_string();
            let place = if path == "." { "options".into() } else { format!("options.{path}") };
            Error::data_hint(format!("{place}: {}", e.inner()), format!("`gonogo explain format:{}` lists its options", self.format))
        })
    }

    /// The clock of a log whose time column is fixed: only the zone can be chosen.
    fn log_clock(&self, zone: Option<&str>, names: &[&str]) -> Result<Clock> {
        if let Some(time) = self.time
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

/// Which rows are kept: a test over frames that hold the columns it names.
pub struct RowFilter<'a> {
    /// The columns it looks at, by their names in the frame.
    pub columns: BTreeSet<String>,
    /// True for the rows that are kept; null is false. Called from several threads.
    pub keep: &'a (dyn Fn(&DataFrame) -> Result<BooleanChunked> + Sync),
}

/// What is to be read of a source.
pub struct ReadPlan<'a> {
    /// The columns that are built; all where `None`. The time is always built.
    pub columns: Option<BTreeSet<String>>,
    /// The rows that are built: half open, microseconds since 1970 UTC. Ignored where the source has no time.
    pub window: Option<(i64, i64)>,
    /// The rows that are delivered.
    pub filter: Option<RowFilter<'a>>,
    /// Where parsed text is kept, and looked for before it is parsed; not where `None`.
    pub cache: Option<&'a Cache>,
    /// Rows of a batch; the last may have fewer.
    pub chunk_rows: usize,
    /// Threads that parse; 0 for one per core.
    pub threads: usize,
}

impl Default for ReadPlan<'_> {
    fn default() -> Self {
        Self { columns: None, window: None, filter: None, cache: None, chunk_rows: 65_536, threads: 0 }
    }
}

/// A source that was found and recognised: its files, its format, its columns.
pub struct Source {
    name: String,
    base: PathBuf,
    files: Vec<PathBuf>,
    format: &'static Format,
    body: Body,
    /// What the experiment says of how it is parsed.
    told: String,
    given: Vec<Column>,
    columns: Vec<(String, DataType)>,
    time: Option<usize>,
    max_malformed: f64,
    synthetic: bool,
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Source")
            .field("name", &self.name)
            .field("format", &self.format.id)
            .field("files", &self.files)
            .finish_non_exhaustive()
    }
}

impl Source {
    /// Finds the files of a source, recognises their format, and learns their columns from the first rows. `base` is the experiment's folder.
    ///
    /// # Errors
    /// Where there is no file, the format is unknown or another, an option is wrong, or a column that is named does not exist.
    pub fn open(name: &str, spec: &spec::Source, base: &Path) -> Result<Self> {
        Self::opened(name, spec, base).map_err(|e| match e {
            Error::Data { message, hint } => Error::Data { message: format!("source `{name}`: {message}"), hint },
            other => other,
        })
    }

    fn opened(name: &str, spec: &spec::Source, base: &Path) -> Result<Self> {
        let named = if spec.format == "auto" { None } else { Some(Format::named(&spec.format)?) };
        let files = files::find(&spec.path, base)?;
        let heads = heads(&files, named)?;
        let format = match (named, heads.first()) {
            (Some(format), _) => format,
            (None, Some(head)) => recognise(head)?,
            (None, None) => return Err(Error::data("no file")),
        };
        let body = (format.build)(&Setup { options: spec.options.as_ref(), time: spec.time.as_ref(), format: format.id })?;
        let given = match &body {
            Body::Text(layout) => layout.columns(&heads)?,
            Body::Table(table) => table.columns(&files)?,
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
                    .position(|c| c.name == time || c.own == time)
                    .ok_or_else(|| missing(time, "time column", given.iter().map(|c| c.name.as_str())))?,
            ),
            None => None,
        };
        let columns = renamed(&given, spec)?;
        for required in &spec.require {
            if !columns.iter().any(|(name, _)| name == required) {
                return Err(missing(required, "required column", columns.iter().map(|(name, _)| name.as_str())));
            }
        }
        let told = serde_json::to_string(&(&spec.options, &spec.time)).map_err(|e| Error::Internal(e.to_string()))?;
        let (max_malformed, synthetic) = (spec.max_malformed.get(), spec.synthetic);
        Ok(Self { name: name.into(), base: base.into(), files, format, body, told, given, columns, time, max_malformed, synthetic })
    }

    /// Its name in the experiment.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its format.
    pub fn format(&self) -> &'static Format {
        self.format
    }

    /// Its files, in the order in which they are read.
    pub fn files(&self) -> &[PathBuf] {
        &self.files
    }

    /// The size of its files on disk in bytes, as far as the system tells; the total of `Event::Advanced` while reading.
    pub fn disk_bytes(&self) -> u64 {
        self.files.iter().filter_map(|f| f.metadata().ok()).map(|m| m.len()).sum()
    }

    /// Its columns and their types, after `rename`.
    pub fn columns(&self) -> &[(String, DataType)] {
        &self.columns
    }

    /// The name of its time column, after `rename`; `Datetime(Microseconds, UTC)`.
    pub fn time(&self) -> Option<&str> {
        self.time.map(|at| self.columns[at].0.as_str())
    }

    /// Reads the rows and gives them to `each`, batch by batch, in the order of files and lines; says what was found on the way.
    ///
    /// # Errors
    /// Where a file cannot be read or unpacked, more lines are malformed than the source allows, a planned column does not exist, or `each` fails;
    /// [`Error::Interrupted`] where the observer says so.
    pub fn read(
        &self,
        plan: &ReadPlan<'_>,
        observer: &dyn Observer,
        each: &mut dyn FnMut(DataFrame) -> Result<()>,
    ) -> Result<SourceQuality> {
        let wanted = self.wanted(plan)?;
        pipeline::run(self, &wanted, plan, observer, each)
    }

    /// Reads everything into one frame; for side tables.
    ///
    /// # Errors
    /// As [`Source::read`].
    pub fn read_table(&self, plan: &ReadPlan<'_>, observer: &dyn Observer) -> Result<(DataFrame, SourceQuality)> {
        let mut table: Option<DataFrame> = None;
        let quality = self.read(plan, observer, &mut |frame| {
            match &mut table {
                Some(table) => {
                    table.vstack_mut_owned(frame).map_err(|e| Error::Internal(e.to_string()))?;
                }
                None => table = Some(frame),
            }
            Ok(())
        })?;
        let mut table = match table {
            Some(table) => table,
            None => self.empty(plan)?,
        };
        table.rechunk_mut();
        Ok((table, quality))
    }

    fn empty(&self, plan: &ReadPlan<'_>) -> Result<DataFrame> {
        let wanted = self.wanted(plan)?;
        let kept = pipeline::delivered(plan, &wanted);
        let columns =
            kept.iter().map(|at| polars::prelude::Column::new_empty(wanted.names[*at].as_str().into(), &wanted.columns[*at].dtype));
        DataFrame::new(0, columns.collect()).map_err(|e| Error::Internal(e.to_string()))
    }

    fn wanted(&self, plan: &ReadPlan<'_>) -> Result<Wanted> {
        let none = BTreeSet::new();
        let filter = plan.filter.as_ref().map_or(&none, |f| &f.columns);
        for name in plan.columns.iter().flatten().chain(filter) {
            if !self.columns.iter().any(|(n, _)| n == name) {
                let error = missing(name, "column", self.columns.iter().map(|(n, _)| n.as_str()));
                return Err(Error::data_hint(format!("source `{}`: {error}", self.name), error.hint().unwrap_or_default()));
            }
        }
        let mut wanted = Wanted { window: plan.window, ..Wanted::default() };
        for (at, (column, (name, _))) in self.given.iter().zip(&self.columns).enumerate() {
            let asked = plan.columns.as_ref().is_none_or(|names| names.contains(name)) || filter.contains(name);
            if asked || Some(at) == self.time {
                if Some(at) == self.time {
                    wanted.time = Some(wanted.columns.len());
                }
                wanted.columns.push(column.clone());
                wanted.names.push(name.clone());
            }
        }
        Ok(wanted)
    }
}

/// The beginnings of the files; of the first as many rows as types are inferred from, of the others enough to see a header.
fn heads(files: &[PathBuf], format: Option<&Format>) -> Result<Vec<Head>> {
    if format.is_some_and(|f| f.id == parquet::FORMAT.id) || format.is_none() && files.first().is_some_and(|f| parquet::is_parquet(f)) {
        return Ok(files.first().map(|f| Head { path: f.clone(), text: parquet::MAGIC.into() }).into_iter().collect());
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
        let message = match head.lines().next() {
            None => format!("`{}` is empty", head.path.display()),
            Some(_) => format!("`{}` is of no format that is known; its first line is `{}`", head.path.display(), head.first_line()),
        };
        Error::data_hint(message, "name it with `format:`; `gonogo list formats` names them")
    })
}

fn missing<'a>(name: &str, what: &str, known: impl Iterator<Item = &'a str> + Clone) -> Error {
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

#[cfg(test)]
mod tests;
