//! McAfee, Skyhigh and Trellix Web Gateway: the access log.
//!
//! # Layout
//! Values separated by spaces, the time in brackets, texts in double quotes. Which values there are is set in the gateway; the log then begins
//! with the line `#time_stamp "auth_user" src_ip status_code "req_line" ...`, whose quotes tell those of the values. Where that line is missing
//! it is given by `options: { fields: '...' }`, or the layouts that the gateway had by default are tried: the one of 12 fields of the handbook, and one
//! of 19 with both addresses and both sizes.
//!
//! # Traps
//! - The handbook's layout has `bytes_to_client` only: `bytes_up` needs `bytes_from_client` in the gateway's log handler.
//! - A header counts for the lines after it; it may change inside a file, and from file to file.
//! - Quotes inside a quoted value are not always escaped (`"text/html; charset="utf-8""`): a quote that no space and next value follow is text.
//! - `category` holds several categories, separated by commas; `reputation` is padded at times (`"low risk "`).
//!
//! # Columns
//! `timestamp`, `user`, `src_ip`, `method`, `scheme`, `host`, `port`, `path`, `query`, `url`, `status`, `action`, `bytes_up`, `bytes_down`, `mime`, `user_agent`, `referrer`,
//! `category`, `dst_ip`; every other value under its name in the header. `-` is no value.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    Format, Setup,
    clock::Clock,
    columns::{Column, Kind, Rows},
    head::{Head, mismatch},
    layout::{Body, Layout, Reason, comments, lines},
    meaning::{self, Field, Holds, Plan},
    pattern::{self, Pattern, Span, Token},
};
use crate::error::Result;

pub(super) const FORMAT: Format = Format {
    id: "webgateway",
    summary: "McAfee, Skyhigh and Trellix Web Gateway: the access log",
    text: include_str!("webgateway.rs"),
    columns: &[
        ("timestamp", Kind::Time),
        ("user", Kind::Text),
        ("src_ip", Kind::Text),
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
        ("mime", Kind::Text),
        ("user_agent", Kind::Text),
        ("referrer", Kind::Text),
        ("category", Kind::Text),
        ("dst_ip", Kind::Text),
    ],
    names: &[],
    schema: || schemars::schema_for!(Options),
    fits: |head| head.lines().take(10).any(|line| header(line).is_some()) || DEFAULTS.iter().any(|fields| head.mostly(|line| suits(fields, line))),
    build,
};

/// Options of `webgateway`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Options {
    /// The header line, with the quotes that the values have.
    fields: Option<String>,
    /// The zone of times that name none; UTC.
    timezone: Option<String>,
}

const DEFAULTS: [&str; 3] = [
    r#"time_stamp "auth_user" src_ip server_ip server_port status_code cache_status "req_line" "categories" "rep_level" "media_type" bytes_from_client bytes_to_client "user_agent" "referer" "virus_name" "block_res" "application_name" "rule_name""#,
    r#"time_stamp "auth_user" src_ip status_code "req_line" "categories" "rep_level" "media_type" bytes_to_client "user_agent" "virus_name" "block_res" "application_name""#,
    r#"time_stamp "auth_user" src_ip status_code "req_line" "categories" "rep_level" "media_type" bytes_to_client "user_agent" "virus_name" "block_res""#,
];

fn header(line: &str) -> Option<&str> {
    line.strip_prefix('#').map(str::trim_start).filter(|rest| rest.starts_with("time_stamp"))
}

fn field(name: &str) -> Field {
    let text = |column: &'static str| Holds::Column(column.into(), Kind::Text);
    let holds = match name {
        "time_stamp" => Holds::Time("auto".into()),
        "auth_user" => text("user"),
        "src_ip" => text("src_ip"),
        "server_ip" | "dst_ip" => text("dst_ip"),
        "status_code" => Holds::Column("status".into(), Kind::Int),
        "cache_status" => text("action"),
        "req_line" => Holds::Request,
        "categories" => text("category"),
        "rep_level" => text("reputation"),
        "media_type" => text("mime"),
        "bytes_from_client" => Holds::Count("bytes_up"),
        "bytes_to_client" => Holds::Count("bytes_down"),
        "user_agent" => text("user_agent"),
        "referer" => text("referrer"),
        _ => return Field::own(name, Kind::Text),
    };
    Field::new(name, holds)
}

/// The pattern of a header line.
fn pattern_of(fields: &str) -> Result<Pattern> {
    let mut tokens = Vec::new();
    for name in fields.trim_start_matches('#').split_whitespace() {
        let plain = name.trim_matches(['"', '[', ']']);
        let (open, close) = match name.as_bytes().first() {
            Some(b'"') => ("\"", "\""),
            _ if plain == "time_stamp" => ("[", "]"),
            _ => ("", ""),
        };
        let space = if tokens.is_empty() { "" } else { " " };
        tokens.extend([Token::Text(format!("{space}{open}")), Token::field(field(plain)), Token::Text(close.into())]);
    }
    Pattern::of("fields", tokens, false)
}

fn suits(fields: &str, line: &str) -> bool {
    line.starts_with('[') && pattern_of(fields).is_ok_and(|pattern| pattern.split(line, &mut Vec::new()).is_ok())
}

/// The layouts to try where no header stands before a line.
struct WebGateway {
    known: Vec<Pattern>,
    /// The experiment names the values: headers are not looked at.
    said: bool,
    clock: Clock,
}

fn build(setup: &Setup<'_>) -> Result<Body> {
    let options: Options = setup.options()?;
    let clock = setup.log_clock(options.timezone.as_deref(), &["timestamp", "time_stamp"])?;
    let known = match &options.fields {
        Some(fields) => vec![pattern_of(fields)?],
        None => DEFAULTS.into_iter().map(pattern_of).collect::<Result<_>>()?,
    };
    Ok(Body::Text(Box::new(WebGateway { known, said: options.fields.is_some(), clock })))
}

impl WebGateway {
    fn headed(&self, line: &str) -> Option<Pattern> {
        header(line).filter(|_| !self.said).and_then(|fields| pattern_of(fields).ok())
    }
}

impl Layout for WebGateway {
    fn columns(&self, heads: &[Head]) -> Result<Vec<Column>> {
        let mut spans = Vec::new();
        let mut used: Vec<Pattern> = heads.iter().flat_map(Head::lines).filter_map(|line| self.headed(line)).collect();
        used.dedup();
        for head in heads.iter().filter(|head| !head.lines().any(|line| self.headed(line).is_some())) {
            let fitting = self.known.iter().find(|pattern| head.lines().any(|line| pattern.split(line, &mut spans).is_ok()));
            used.extend(fitting.filter(|fitting| !used.contains(fitting)).cloned());
        }
        match heads.first() {
            Some(head) if used.is_empty() => Err(mismatch(head, FORMAT.id, "no line has its values (name them in `options: { fields: ... }`)")),
            _ => Ok(meaning::columns(&used.iter().flat_map(Pattern::fields).collect::<Vec<_>>())),
        }
    }

    fn carry(&self, preamble: &mut String, block: &[u8]) {
        if let Some(last) = comments(block).map(String::from_utf8_lossy).filter(|line| header(line).is_some()).last() {
            *preamble = last.into_owned();
        }
    }

    fn read(&self, preamble: &str, block: &str, rows: &mut Rows<'_>) {
        let reader = |pattern: Pattern, rows: &Rows<'_>| (Plan::new(&pattern.fields(), &self.clock, rows), pattern);
        let before = self.headed(preamble).map_or_else(|| self.known.clone(), |pattern| vec![pattern]);
        let mut readers: Vec<(Plan, Pattern)> = before.into_iter().map(|pattern| reader(pattern, rows)).collect();
        let mut spans: Vec<Span> = Vec::new();
        for line in lines(block) {
            rows.line();
            if line.trim().is_empty() || line.starts_with('#') {
                rows.header();
                if let Some(pattern) = self.headed(line) {
                    readers = vec![reader(pattern, rows)];
                }
                continue;
            }
            let mut reason: Option<Reason> = None;
            let fitting = readers.iter_mut().find_map(|(plan, pattern)| match pattern.split(line, &mut spans) {
                Ok(()) => Some(plan),
                Err(found) => {
                    reason.get_or_insert(found);
                    None
                }
            });
            match fitting {
                Some(plan) => plan.row(|i| spans.get(i).map_or(Cow::Borrowed(""), |span| pattern::text(line, *span)), &[], rows),
                None => rows.malformed(reason.unwrap_or_default(), line),
            }
        }
    }
}
