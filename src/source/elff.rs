//! W3C extended log format: Blue Coat, Symantec and Broadcom ProxySG, IIS, and others.
//!
//! # Layout
//! `#Fields:` names the columns of the lines that follow; header lines recur after a rotation, and the names may change. Values are separated
//! by spaces; a value with spaces stands in double quotes. `date` and `time` are UTC unless `timezone` says otherwise.
//!
//! # Traps
//! - ProxySG writes two spaces before `sc-status` at times: runs of spaces are one separator, but only outside quotes.
//! - IIS does not quote, and a query of an attacker may begin with a quote: where quotes do not work out, the line is split at spaces alone.
//! - `sc-bytes` goes to the client (`bytes_down`), `cs-bytes` comes from it (`bytes_up`).
//! - Tunnels have the method `CONNECT` or `unknown` and no path.
//! - Lines from syslog have no header, and headers may be wrong: `options: { fields: "date time ..." }` names the fields in place of `#Fields:`, or a list
//!   that ProxySG has by itself: `main`, `bcreportermain_v1` (SGOS 5), `bcreportermain_v1-6` (two more), `bcreportermain_v1-7` (SGOS 7).
//! - IIS writes the spaces of `cs(User-Agent)` as `+`; after `#Software: Microsoft Internet Information` they become spaces again, and a `+` of the
//!   agent's own becomes one too.
//! - `gmttime` and `localtime` (`[02/Mar/2026:08:00:00 +0100]`) are read where there is no `date`; they stand in brackets and hold a space.
//!
//! # Columns
//! `timestamp`, `user`, `src_ip`, `src_host`, `method`, `scheme`, `host`, `port`, `path`, `query`, `url`, `status`, `action`, `bytes_up`, `bytes_down`,
//! `duration_ms`, `mime`, `user_agent`, `referrer`, `category`, `dst_ip`; every other field under its own name. `-` is no value.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    Format, Setup,
    clock::Clock,
    columns::{Column, Kind, MOST_COLUMNS, Rows},
    head::{Head, mismatch},
    layout::{Body, Layout, comments},
    scan::Scanner,
};
use crate::error::Result;

mod lacking;
mod lists;
mod reader;

pub(super) use self::lacking::listed;
use self::reader::{REST, Reader};

pub(super) const FORMAT: Format = Format {
    id: "elff",
    summary: "W3C extended log format: Blue Coat and Symantec ProxySG, IIS",
    text: include_str!("elff.rs"),
    columns: &[
        ("timestamp", Kind::Time),
        ("user", Kind::Text),
        ("src_ip", Kind::Text),
        ("src_host", Kind::Text),
        ("method", Kind::Text),
        ("scheme", Kind::Text),
        ("host", Kind::Text),
        ("port", Kind::Int),
        ("path", Kind::Text),
        ("query", Kind::Text),
        ("url", Kind::Text),
        ("status", Kind::Int),
        ("action", Kind::Text),
        ("bytes_up", Kind::Int),
        ("bytes_down", Kind::Int),
        ("duration_ms", Kind::Float),
        ("mime", Kind::Text),
        ("user_agent", Kind::Text),
        ("referrer", Kind::Text),
        ("category", Kind::Text),
        ("dst_ip", Kind::Text),
    ],
    names: &[],
    schema: || schemars::schema_for!(Options),
    fits: |head| head.lines().take(10).any(|line| line.starts_with("#Fields:") || line.starts_with("#Software:")),
    build,
};

/// Options of `elff`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Options {
    /// The names of the fields, separated by spaces, in place of those of `#Fields:`; or the name of a list of ProxySG.
    fields: Option<String>,
    /// The zone of `date` and `time`; UTC.
    timezone: Option<String>,
}

/// Own name, canonical name, kind. The first that a file has gives the canonical column.
const NAMES: &[(&str, &str, Kind)] = &[
    ("cs-username", "user", Kind::Text),
    ("cs-user", "user", Kind::Text),
    ("c-ip", "src_ip", Kind::Text),
    ("c-dns", "src_host", Kind::Text),
    ("cs-method", "method", Kind::Text),
    ("cs-uri-scheme", "scheme", Kind::Text),
    ("cs-host", "host", Kind::Text),
    ("cs-uri-host", "host", Kind::Text),
    ("cs-uri-port", "port", Kind::Int),
    ("s-port", "port", Kind::Int),
    ("cs-uri-path", "path", Kind::Text),
    ("cs-uri-stem", "path", Kind::Text),
    ("cs-uri-query", "query", Kind::Text),
    ("cs-uri", "url", Kind::Text),
    ("sc-status", "status", Kind::Int),
    ("sc-filter-result", "action", Kind::Text),
    ("s-action", "action", Kind::Text),
    ("cs-bytes", "bytes_up", Kind::Int),
    ("sc-bytes", "bytes_down", Kind::Int),
    ("time-taken", "duration_ms", Kind::Float),
    ("rs(Content-Type)", "mime", Kind::Text),
    ("sc(Content-Type)", "mime", Kind::Text),
    ("cs(User-Agent)", "user_agent", Kind::Text),
    ("cs(Referer)", "referrer", Kind::Text),
    ("cs-categories", "category", Kind::Text),
    ("cs-category", "category", Kind::Text),
    ("sc-filter-category", "category", Kind::Text),
    ("r-ip", "dst_ip", Kind::Text),
    ("cs-ip", "dst_ip", Kind::Text),
    ("s-supplier-ip", "dst_ip", Kind::Text),
];

const INTEGERS: &[&str] = &["sc-substatus", "sc-win32-status", "c-port", "cs-threat-risk"];

/// The parts of `cs-uri` that stand for fields a file does not have.
const URL_PARTS: [&str; 5] = ["scheme", "host", "port", "path", "query"];

struct Elff {
    fields: Option<String>,
    clock: Clock,
}

fn build(setup: &Setup<'_>) -> Result<Body> {
    let options: Options = setup.options()?;
    let clock = setup.log_clock(options.timezone.as_deref(), &["timestamp", "date", "time"])?;
    let fields = options.fields.map(lists::fields).transpose()?;
    Ok(Body::Text(Box::new(Elff { fields, clock })))
}

/// The canonical columns of a header: own name and kind by canonical name, then the rest under their own names.
fn columns_of(fields: &[&str]) -> Vec<Column> {
    let mut columns = Vec::new();
    let mut taken = vec![false; fields.len()];
    for (own, name, kind) in NAMES {
        if let Some(at) = fields.iter().position(|f| f.eq_ignore_ascii_case(own))
            && !columns.iter().any(|c: &Column| c.name == *name)
        {
            taken[at] = true;
            columns.push(Column::new(*name, fields[at], *kind));
        }
    }
    let has = |columns: &[Column], name: &str| columns.iter().any(|c| c.name == name);
    if has(&columns, "url") {
        for part in URL_PARTS {
            if !has(&columns, part) {
                columns.push(Column::new(part, "cs-uri", if part == "port" { Kind::Int } else { Kind::Text }));
            }
        }
    } else if has(&columns, "host") {
        columns.push(Column::new("url", "url", Kind::Text));
    }
    for (at, field) in fields.iter().enumerate() {
        if !taken[at] && !matches!(*field, "date" | "time" | REST) && !has(&columns, field) {
            columns.push(Column::new(*field, *field, if INTEGERS.contains(field) { Kind::Int } else { Kind::Text }));
        }
    }
    columns
}

impl Layout for Elff {
    fn columns(&self, heads: &[Head]) -> Result<Vec<Column>> {
        if self.fields.is_none()
            && let Some((head, lacking)) = heads.first().zip(lacking::Lacking::of(heads))
        {
            return Err(lacking.error(head));
        }
        let declared = self.fields.iter().map(String::as_str);
        let said = heads.iter().flat_map(|head| head.lines().filter_map(fields_of)).filter(|_| self.fields.is_none());
        let mut columns = vec![Column::new("timestamp", "date", Kind::Time)];
        for column in declared.chain(said).flat_map(|fields| columns_of(&fields.split_ascii_whitespace().take(MOST_COLUMNS + 1).collect::<Vec<_>>())) {
            if !columns.iter().any(|c| c.name == column.name) {
                columns.push(column);
            }
        }
        match heads.first() {
            Some(head) if columns.len() == 1 => Err(mismatch(head, "elff", "no `#Fields:` line names its columns (or name them in `options: { fields: ... }`)")),
            _ => {
                // The canonical columns first, whichever file named them.
                columns.sort_by_key(|c| FORMAT.columns.iter().position(|(name, _)| *name == c.name).unwrap_or(usize::MAX));
                Ok(columns)
            }
        }
    }

    fn carry(&self, preamble: &mut String, block: &[u8]) {
        for line in comments(block) {
            for kept in ["#Fields:", "#Date:", "#Software:"] {
                if line.starts_with(kept.as_bytes()) {
                    let others: Vec<&str> = preamble.lines().filter(|l| !l.starts_with(kept)).collect();
                    *preamble = others.join("\n");
                    preamble.push('\n');
                    preamble.push_str(&String::from_utf8_lossy(line));
                }
            }
        }
    }

    fn read(&self, preamble: &str, block: &str, rows: &mut Rows<'_>) {
        let mut reader = Reader::new(self.clock.clone(), self.fields.is_some());
        if let Some(fields) = &self.fields {
            reader.fields(fields, rows);
        }
        for line in preamble.lines() {
            reader.comment(line, rows);
        }
        let mut scanner = Scanner::new(block);
        while let Some(line) = scanner.line() {
            rows.line();
            if line.text.is_empty() {
                rows.header();
            } else if line.text.starts_with('#') {
                rows.header();
                reader.comment(line.text, rows);
            } else if let Err(reason) = reader.row(line, &mut scanner, rows) {
                rows.malformed(reason, line.text);
            }
        }
    }
}

fn fields_of(line: &str) -> Option<&str> {
    line.strip_prefix("#Fields:")
}
