//! Any text, by a regular expression with named groups.
//!
//! # Layout
//! `options: { pattern: '^(?<timestamp>\S+ \S+) (?<src_ip>\S+) (?<user>\S+) (?<bytes_up>\d+) "(?<url>[^"]*)"' }`: each named group is a column.
//! The syntax is that of the Rust crate `regex`: no look-around, no back-references, and a time linear in the line. A group with the name of a
//! canonical column has its type; `types: { n: int }` types others, else they are text. A group `url` (or `request`, as `GET /path HTTP/1.1`)
//! gives the parts of the URL as well, `host_port` gives `host` and `port`. The time is the group named in `time: { column, parse, timezone }`,
//! or the group `timestamp`.
//!
//! # Traps
//! - A line that does not match is malformed, and counted; `skip: '^--'` is a second pattern for lines that are no records.
//! - The pattern may match anywhere in the line, unless it begins with `^` and ends with `$`.
//! - `-` and nothing are no value; `nulls: ["N/A"]` adds others.
//!
//! # Columns
//! The named groups. Of the canonical ones any: `timestamp`, `user`, `src_ip`, `src_host`, `method`, `scheme`, `host`, `port`, `path`, `query`, `url`, `status`,
//! `action`, `bytes_up`, `bytes_down`, `duration_ms`, `mime`, `user_agent`, `referrer`, `category`, `dst_ip`.

use std::borrow::Cow;

use ::regex::{CaptureLocations, Regex as Expression, RegexBuilder};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    Format, Setup,
    clock::Clock,
    columns::{Column, Kind, Rows},
    head::{Head, mismatch},
    layout::{Body, Layout, lines},
    meaning::{self, CANONICAL, Field, Holds, Plan},
    types::Types,
};
use crate::error::{Error, Result};

pub(super) const FORMAT: Format = Format {
    id: "regex",
    summary: "any text, by a regular expression with named groups",
    text: include_str!("regex.rs"),
    columns: CANONICAL,
    names: &[],
    schema: || schemars::schema_for!(Options),
    fits: |_| false,
    build,
};

/// Bytes that a compiled pattern may take.
const LARGEST: usize = 1 << 20;
const MOST_GROUPS: usize = 200;

/// Options of `regex`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Options {
    /// The pattern, with named groups.
    pattern: String,
    /// A pattern of lines that are no records.
    skip: Option<String>,
    /// Values that are no value, besides `-` and nothing.
    nulls: Vec<String>,
    /// Types of columns, by name.
    types: Types,
}

struct Regex {
    pattern: Expression,
    skip: Option<Expression>,
    nulls: Vec<String>,
    /// The group of each field.
    groups: Vec<usize>,
    fields: Vec<Field>,
    clock: Clock,
    time: Option<String>,
}

fn compiled(option: &str, pattern: &str) -> Result<Expression> {
    RegexBuilder::new(pattern).size_limit(LARGEST).dfa_size_limit(4 * LARGEST).build().map_err(|e| {
        let hint = "named groups are written `(?<name>...)`; look-around and back-references do not exist";
        match e {
            ::regex::Error::CompiledTooBig(_) => {
                Error::data_hint(format!("options.{option}: the pattern is too large"), "repeat less: `{1,1000}` copies what it repeats")
            }
            // The message draws the pattern with a mark under the place.
            other => Error::data_hint(format!("options.{option}: {other}"), hint),
        }
    })
}

fn build(setup: &Setup<'_>) -> Result<Body> {
    let options: Options = setup.options()?;
    if options.pattern.is_empty() {
        return Err(Error::data_hint("options.pattern: there is none", "write a pattern with named groups; `gonogo explain format:regex` shows one"));
    }
    let pattern = compiled("pattern", &options.pattern)?;
    let named: Vec<(usize, &str)> = pattern.capture_names().enumerate().filter_map(|(i, name)| name.map(|name| (i, name))).collect();
    if named.is_empty() || named.len() > MOST_GROUPS {
        let message = format!("options.pattern: it has {} named groups", named.len());
        return Err(Error::data_hint(message, format!("write from 1 to {MOST_GROUPS} groups as `(?<name>...)`")));
    }
    if let Some(name) = options.types.keys().find(|name| !named.iter().any(|(_, n)| n == name)) {
        return Err(super::missing(name, "group (in `options.types`)", named.iter().map(|(_, n)| *n)));
    }
    let time = setup.time.map(|time| time.column.as_str()).filter(|column| !column.is_empty()).unwrap_or("timestamp");
    if setup.time.is_some() && !named.iter().any(|(_, name)| *name == time) {
        return Err(super::missing(time, "group (in `time.column`)", named.iter().map(|(_, n)| *n)));
    }
    let fields: Vec<Field> = named.iter().map(|(_, name)| field(name, time, &options.types)).collect();
    let clock = meaning::clock(&fields, setup.time, None)?;
    let groups = named.iter().map(|(i, _)| *i).collect();
    let time = named.iter().any(|(_, name)| *name == time).then(|| "timestamp".to_owned());
    let skip = options.skip.as_deref().map(|skip| compiled("skip", skip)).transpose()?;
    Ok(Body::Text(Box::new(Regex { skip, nulls: options.nulls, groups, fields, clock, time, pattern })))
}

fn field(name: &str, time: &str, types: &Types) -> Field {
    let said = types.get(name).map(|named| Kind::from(*named));
    let canonical = CANONICAL.iter().find(|(n, kind)| *n == name && *kind != Kind::Time).map(|(_, kind)| *kind);
    let holds = match (name, said) {
        _ if name == time => Holds::Time("auto".into()),
        ("url", None) => Holds::Url,
        ("request", None) => Holds::Request,
        ("host_port", None) => Holds::HostPort,
        _ => Holds::Column(name.to_owned().into(), said.or(canonical).unwrap_or(Kind::Text)),
    };
    Field { own: name.into(), late: matches!(holds, Holds::Url | Holds::Request | Holds::HostPort), holds }
}

impl Layout for Regex {
    fn columns(&self, heads: &[Head]) -> Result<Vec<Column>> {
        if let Some(head) = heads.first()
            && !heads.iter().flat_map(Head::lines).any(|line| self.pattern.is_match(line))
        {
            return Err(mismatch(head, FORMAT.id, "no line of its beginning matches `options.pattern`"));
        }
        Ok(meaning::columns(&self.fields))
    }

    fn time(&self) -> Option<&str> {
        self.time.as_deref()
    }

    fn read(&self, _: &str, block: &str, rows: &mut Rows<'_>) {
        let mut plan = Plan::new(&self.fields, &self.clock, rows);
        let nulls: Vec<&str> = self.nulls.iter().map(String::as_str).collect();
        let mut places: CaptureLocations = self.pattern.capture_locations();
        for line in lines(block) {
            rows.line();
            if line.trim().is_empty() || self.skip.as_ref().is_some_and(|skip| skip.is_match(line)) {
                rows.header();
            } else if self.pattern.captures_read(&mut places, line).is_none() {
                rows.malformed("it does not match the pattern", line);
            } else {
                let group = |i: usize| self.groups.get(i).and_then(|group| places.get(*group)).and_then(|(from, to)| line.get(from..to));
                plan.row(|i| Cow::Borrowed(group(i).unwrap_or_default()), &nulls, rows);
            }
        }
    }
}
