//! What reading found: what failed, what is missing, what time is covered. Plain data; `quality.json` in the run folder.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{spec::Experiment, text::Said};

pub mod coverage;
pub mod rules;

/// What reading and joining found.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Quality {
    /// One for each source, in the order of the experiment.
    pub sources: Vec<SourceQuality>,
    /// What stacked sources have in common; with several sources of events only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stacked: Option<Stacked>,
    /// One for each join, in the order of the experiment.
    pub joins: Vec<JoinQuality>,
    /// What was found wrong, the worst first.
    pub findings: Vec<Finding>,
}

impl Quality {
    /// What was found in the sources that the events are read from: side tables are none.
    pub fn of_events(&self, experiment: &Experiment) -> Vec<&SourceQuality> {
        let events = experiment.events_sources().unwrap_or_default();
        self.sources.iter().filter(|source| events.iter().any(|(name, _)| *name == source.name)).collect()
    }
}

/// What reading one source found. Line and row counts add up: `lines = header + malformed + rows_parsed`,
/// `rows_parsed = filtered + no_time + outside_window + rows`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SourceQuality {
    /// Its name in the experiment.
    pub name: String,
    /// The format that was used.
    pub format: String,
    /// The files, sorted by name.
    pub files: Vec<FileRead>,
    /// Lines (or records) seen.
    pub lines: u64,
    /// Of them, header and comment lines.
    pub header: u64,
    /// Of them, lines that do not parse.
    pub malformed: u64,
    /// The first of those, at most 5, cut to 200 characters.
    pub malformed_samples: Vec<Sample>,
    /// Rows that parsed.
    pub rows_parsed: u64,
    /// Of them, left out by `where`, or by an option of the format that keeps one kind of record.
    pub filtered: u64,
    /// Of them, without a time that can be read.
    pub no_time: u64,
    /// Of them, outside the window.
    pub outside_window: u64,
    /// What was left: the rows that were used.
    pub rows: u64,
    /// First and last time of the used rows, microseconds since 1970 UTC.
    pub first: Option<i64>,
    /// See `first`.
    pub last: Option<i64>,
    /// Used rows per hour of the window (index: hours since its start).
    pub per_hour: Vec<u64>,
    /// For each column that was used: the share of rows that have a value.
    pub fill: BTreeMap<String, f64>,
    /// Values that could not be read as the column's type and became null, by column.
    pub unreadable: BTreeMap<String, u64>,
    /// Rows whose time is before that of the row before them in the same file.
    pub out_of_order: u64,
    /// Lines with bytes that are not UTF-8; those bytes were replaced.
    #[serde(default)]
    pub invalid_utf8: u64,
    /// Files that end in the middle of a line.
    #[serde(default)]
    pub truncated: Vec<String>,
    /// Packed files with bytes after their end that belong to nothing; they were left out.
    #[serde(default)]
    pub trailing_bytes: Vec<String>,
    /// Whether the file says that it is generated.
    pub synthetic: bool,
    /// What the hours with rows tell; for the events only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coverage: Option<Coverage>,
    /// What the rows themselves tell; for the events only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub watched: Option<Watched>,
}

/// What sources that were stacked have in common.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Stacked {
    /// Their names.
    pub sources: Vec<String>,
    /// The columns by which rows were compared, the time apart (to the second): those that all have and that were read.
    pub columns: Vec<String>,
    /// The share of rows that more than one of them has.
    pub duplicates: Option<f64>,
}

/// What the hours with rows tell. Pairs are the training part and the judged part.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Coverage {
    /// Silent hours where rows were to be expected, the worst first, at most 20.
    pub gaps: Vec<Gap>,
    /// Days of each part, those cut by its ends among them.
    pub days: [u64; 2],
    /// Of them, days without a row.
    pub empty_days: [u64; 2],
    /// Days with rows, by weekday from Monday.
    pub weekdays: [[u64; 7]; 2],
    /// Days with rows that are holidays.
    pub holidays: [u64; 2],
    /// The hour of the window's wall clock at which the six quietest hours of working days begin.
    pub quiet_from: Option<u32>,
    /// The share of the rows of working days in those six hours; a quarter where there is no night.
    pub night_share: Option<f64>,
}

/// Hours without rows, or nearly without, where the same hours of other weeks have them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Gap {
    /// When it begins, microseconds since 1970 UTC.
    pub start: i64,
    /// How many hours.
    pub hours: u64,
    /// How many rows those hours have in other weeks.
    pub expected: u64,
}

/// What the rows themselves tell. Where there are many, a share of the seconds is looked at, whole, so that equal rows stay together.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Watched {
    /// Rows that were looked at.
    pub rows: u64,
    /// One second in so many was looked at towards the end; 1: all.
    pub one_in: u64,
    /// The share of rows that equal another in all columns that were read, the time included. `None` without a time.
    pub duplicates: Option<f64>,
    /// What the columns hold that were read.
    pub columns: BTreeMap<String, Held>,
    /// Columns that begin or cease to have values inside the window.
    pub changes: Vec<Change>,
    /// The share of first rows that have the most common source address.
    pub top_source: Option<f64>,
    /// How many different source addresses the first rows have.
    pub sources: u64,
    /// First rows that were looked at for secrets.
    pub first_rows: u64,
    /// Of them, rows whose URL holds a secret or personal data, by kind; never the value.
    pub sensitive: BTreeMap<String, u64>,
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// What a column holds.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Held {
    /// How many different values; from 20 000 on, at least so many.
    pub distinct: u64,
    /// The share of rows that have the most common value, of those that have any.
    pub top: f64,
    /// Of a column of text: how many rows had one while different values were counted.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub texts: u64,
}

/// A column that begins or ceases to have values.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Change {
    /// The column.
    pub column: String,
    /// The first day (YYYY-MM-DD) after the change.
    pub day: String,
    /// The share of rows with a value before.
    pub before: f64,
    /// And from that day on.
    pub after: f64,
}

/// A file that was read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FileRead {
    /// As the experiment's pattern found it, relative to the experiment where it lies below its folder.
    pub path: String,
    /// Size on disk in bytes.
    pub bytes: u64,
    /// Size of its text in bytes.
    pub text_bytes: u64,
    /// SHA-256 of the file as it lies on disk, in hexadecimal; empty where its folder's day lies outside the window and it was not opened.
    pub sha256: String,
}

/// A line that did not parse.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Sample {
    /// The file's path.
    pub file: String,
    /// The line's number, from 1.
    pub line: u64,
    /// Why it did not parse.
    pub reason: String,
    /// Its text, cut.
    pub text: String,
}

/// What joining found.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct JoinQuality {
    /// The side table.
    pub source: String,
    /// Events that found a row.
    pub matched: u64,
    /// Events that could have.
    pub events: u64,
    /// The share that should.
    pub expected: Option<f64>,
    /// Keys that stand more than once in the side table (the first row was taken).
    pub duplicate_keys: u64,
    /// Different keys among the events; from 200 000 that find nothing on, at least so many.
    #[serde(default)]
    pub keys: u64,
    /// Of them, keys that found a row.
    #[serde(default)]
    pub keys_matched: u64,
}

/// Something that was found wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// `W101` and the like.
    pub code: String,
    /// `warning` or `note`.
    pub severity: String,
    /// Which source, join or column.
    pub subject: String,
    /// What was seen.
    pub message: Said,
    /// What it means for the evaluation.
    pub consequence: Said,
    /// What to do.
    pub advice: Said,
}
