//! Sources: log files of any known format become frames, batch by batch.
//!
//! ```text
//! files -> Stream (unpacked, hashed) -> blocks of whole records -> Layout on any thread -> frames, in order -> each
//! ```
//!
//! Files are read ahead and blocks parsed in parallel, but batches are delivered in the order of files and lines, with the same boundaries
//! whatever the number of threads and however the rows are spread over files. Lines that do not parse are counted, never dropped in silence.

use std::{
    collections::BTreeSet,
    ops::Range,
    path::{Path, PathBuf},
};

use polars::prelude::{BooleanChunked, DataFrame, DataType};
use schemars::Schema;

use self::{
    columns::{Column, Wanted},
    head::Head,
    layout::Body,
    opening::{Setup, missing},
};
use crate::{
    error::{Error, Result},
    observe::Observer,
    quality::SourceQuality,
    spec,
    text::{head_comment, nearest},
};

pub use self::{
    advice::{Advice, advise},
    cache::{Cache, Kept},
    columns::Kind,
    convert::{Converted, convert},
    files::no_text,
    stack::{Events, SOURCE},
};

mod advice;
mod cache;
mod clock;
mod columns;
mod convert;
mod cutter;
mod dates;
mod delimited;
mod envelope;
mod evtx;
mod files;
mod gather;
mod head;
mod json;
mod layout;
mod meaning;
mod named;
mod objects;
mod opening;
mod packing;
mod partitions;
mod pattern;
mod pipeline;
mod records;
mod scan;
mod split;
mod stack;
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
    zscaler,
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
    /// The names of its own that have a canonical column.
    names: &'static [named::Name],
    /// The schema of its `options`.
    pub schema: fn() -> Schema,
    fits: fn(&Head) -> bool,
    build: fn(&Setup<'_>) -> Result<Body>,
}

impl Format {
    /// Its documentation: layout, traps, columns, and which of its own names each column comes from; Markdown.
    pub fn documentation(&self) -> String {
        let own = named::documentation(self.names);
        head_comment(self.text) + &own
    }

    /// Finds a format by its name.
    ///
    /// # Errors
    /// Where there is none, with the nearest name.
    pub fn named(id: &str) -> Result<&'static Self> {
        FORMATS.iter().find(|f| f.id == id).ok_or_else(|| {
            let ids = FORMATS.iter().map(|f| f.id);
            let hint = match nearest(id, ids.clone()) {
                Some(found) => format!("did you mean `{found}`?"),
                None => format!("the formats are {}, and `auto`", ids.map(|i| format!("`{i}`")).collect::<Vec<_>>().join(", ")),
            };
            Error::data_hint(format!("`{id}` is not a format"), hint)
        })
    }
}

/// The documentation of envelopes: layout, traps, columns; Markdown.
pub fn envelope() -> String {
    head_comment(include_str!("source/envelope.rs"))
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
    /// Rows of a batch; the last may have fewer. Few enough that what is made of them stays in a core's cache, and so many that it pays to begin.
    pub chunk_rows: usize,
    /// Threads that parse; 0 for one per core.
    pub threads: usize,
    /// How much is read, where it is not everything.
    pub part: Option<Stretch>,
}

/// A stretch of a source, to be looked at before all of it is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stretch {
    /// Its files, by their place among the files of the source.
    pub files: Range<usize>,
    /// Reading ends with the block in which so many bytes of text were read (of tables, of memory).
    pub text: u64,
}

impl Default for ReadPlan<'_> {
    fn default() -> Self {
        Self { columns: None, window: None, filter: None, cache: None, chunk_rows: 16_384, threads: 0, part: None }
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
        opening::open(name, spec, base).map_err(|e| match e {
            Error::Data { message, hint } => Error::Data { message: format!("source `{name}`: {message}"), hint },
            other => other,
        })
    }

    /// Says a moment, in microseconds since 1970 UTC, that times without a year are near to: the middle of the window.
    #[must_use]
    pub fn near(mut self, moment: i64) -> Self {
        if let Body::Text(layout) = &mut self.body
            && layout.near(moment)
        {
            self.told.push_str(&format!(" near {moment}"));
        }
        self
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

    /// Reads the first rows that `filter` keeps, all columns, whatever the window; fewer where there are fewer.
    ///
    /// # Errors
    /// As [`Source::read`].
    pub fn first_rows(&self, rows: usize, filter: Option<RowFilter<'_>>) -> Result<DataFrame> {
        let plan = ReadPlan { filter, chunk_rows: rows.max(1), threads: 1, ..ReadPlan::default() };
        let mut first = None;
        // There is no other way out of reading than an error.
        match self.read(&plan, &crate::observe::Silent, &mut |frame| {
            first = Some(frame);
            Err(Error::Interrupted)
        }) {
            Err(Error::Interrupted) => {}
            Err(other) => return Err(other),
            Ok(_) => {}
        }
        match first {
            Some(frame) => Ok(frame),
            None => self.empty(&plan),
        }
    }

    /// The largest of a day, an hour, a minute, and a second that all times of some rows are multiples of, in seconds; less than one where a
    /// clock counts finer. `None` where there is no time, or too few to tell.
    pub fn clock_step(&self, rows: &DataFrame) -> Option<f64> {
        let column = rows.column(self.time()?).ok()?.cast(&DataType::Int64).ok()?;
        let times: Vec<i64> = column.i64().ok()?.iter().flatten().collect();
        // Few times are round by chance.
        if times.len() < 20 || times.iter().min() == times.iter().max() {
            return None;
        }
        let steps = [86_400_i64, 3_600, 60, 1];
        let step = steps.into_iter().find(|step| times.iter().all(|time| time % (step * 1_000_000) == 0));
        Some(step.map_or(0.001, |step| step as f64))
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

#[cfg(test)]
mod tests;
