//! Where rows come from: files, or a table in an engine.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Duration, Entry, Envelope, Fraction};

/// One source of rows.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// A file, a glob (sorted by name), or a folder of Parquet; relative to the experiment file.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub path: String,
    /// In place of `path`: the engine that aggregates where the logs lie. Only unit rows come back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub engine: Option<Engine>,
    /// Where the engine listens: `sc://host:15002`, with TLS `sc://host:15002/;use_ssl=true`. Tokens come from the environment, never from here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The table or view in the engine: `catalog.schema.table`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
    /// How long the engine may take for one query; 30m.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline: Option<Duration>,
    /// How a file becomes rows; `auto` looks at the first lines.
    #[serde(default = "auto")]
    pub format: String,
    /// The header of syslog before each line: `auto`, `none`, `rfc3164`, `rfc5424`, or a mapping. It is taken off before the format sees the line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub envelope: Option<Envelope>,
    /// Parameters of the format (`delimiter`, `pattern`, ...), read by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub options: Option<Entry>,
    /// Where the time is, and how it is written. The default is the format's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<Time>,
    /// Which rows are read: SQL over the rows of this source.
    #[serde(default, rename = "where", skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
    /// New names of columns, by old name.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub rename: IndexMap<String, String>,
    /// Columns without which the experiment makes no sense: a missing one is an error, not a null.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub require: Vec<String>,
    /// The share of lines that may fail to parse before the run stops.
    #[serde(default = "one_percent")]
    pub max_malformed: Fraction,
    /// Says that the data are made, not logged; the report says so on its first screen. Generated files say it themselves.
    #[serde(default)]
    pub synthetic: bool,
    /// Under which licence or rules the data may be used, in words; the report repeats it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub licence: Option<String>,
}

/// An engine that aggregates where the logs lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Engine {
    /// A Spark Connect server.
    Spark,
}

fn auto() -> String {
    "auto".into()
}

fn one_percent() -> Fraction {
    Fraction::of(0.01)
}

/// Where the time is, and how it is written.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Time {
    /// The column, by its name before `rename`. Formats of logs know theirs.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub column: String,
    /// `auto` (RFC 3339 and its relatives, `02/Mar/2026:08:00:00 +0100`, `Mon Mar  2 08:00:00 2026`), `epoch_s`, `epoch_ms`, `epoch_us`, `epoch_ns`, or a strftime pattern.
    #[serde(default = "auto")]
    pub parse: String,
    /// The zone of times that name none; UTC.
    #[serde(default = "utc")]
    pub timezone: String,
}

/// The zone where none is named.
pub(super) fn utc() -> String {
    "UTC".into()
}
