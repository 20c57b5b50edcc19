//! Squid's access log: the native one, or one written by a `logformat` string.
//!
//! # Layout
//! Ten fields separated by runs of spaces: time (epoch seconds with milliseconds, the end of the request), milliseconds, client, result/status,
//! bytes sent to the client with headers, method, URL, user, hierarchy/peer, MIME type. Where the configuration has another format,
//! `options: { logformat: '%ts.%03tu %6tr %>a %Ss/%03>Hs %>st %<st %rm %ru %[un "%{User-Agent}>h"' }` gives it as it stands there; `squid`, `common`,
//! `combined`, `referrer` and `useragent` are known by name. Codes that mean nothing here become columns under their own names, headers (`%{X}>h`)
//! under the header's.
//!
//! # Traps
//! - The native log has no upload bytes: `bytes_up` cannot be told, unless `%>st` is put into the `logformat`. Nor has it a user agent or a referrer.
//! - `strip_query_terms` is on by default: queries are missing. `client_netmask` may have zeroed the client's last byte.
//! - A tunnel (`CONNECT host:443`) has no path, and is logged when it ends, with all its bytes.
//! - With `log_mime_hdrs on` two bracketed fields follow; they are left out.
//! - Old versions write `DIRECT/` for `HIER_DIRECT/`; `hierarchy` has what was written.
//! - Users are percent-encoded; they are decoded here.
//!
//! # Columns
//! `timestamp`, `user`, `src_ip`, `method`, `scheme`, `host`, `port`, `path`, `query`, `url`, `status`, `action` (`TCP_MISS`, `TCP_DENIED`, ...),
//! `bytes_down`, `duration_ms`, `mime`, `dst_ip` (where the peer is an address), and `hierarchy` with its peer. With a `logformat` also `src_host`
//! (`%>A`), `bytes_up` (`%>st`), `user_agent`, `referrer`; then `hierarchy` is the code alone, and `peer` the other side. `-` is no value.

use std::{borrow::Cow, net::IpAddr};

use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    Format, Setup,
    clock::Epoch,
    columns::{Column, Kind, Rows},
    head::{Head, mismatch},
    layout::{Body, Layout, Reason, lines},
    meaning,
    pattern::{Pattern, Patterned},
    split::Splitter,
    url,
};
use crate::error::Result;

mod logformat;

pub(super) const FORMAT: Format = Format {
    id: "squid",
    summary: "Squid: the native access log, or one written by a `logformat` string",
    text: include_str!("squid.rs"),
    columns: FORMATTED,
    names: &[],
    schema: || schemars::schema_for!(Options),
    fits: |head| head.mostly(|line| parse(line, &mut Splitter::default()).is_ok()),
    build,
};

/// The columns that a `logformat` can give.
const FORMATTED: &[(&str, Kind)] = &[
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
    ("dst_ip", Kind::Text),
];

/// The columns of the native log.
const COLUMNS: &[(&str, Kind)] = &[
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
    ("bytes_down", Kind::Int),
    ("duration_ms", Kind::Float),
    ("mime", Kind::Text),
    ("dst_ip", Kind::Text),
];

/// Options of `squid`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Options {
    /// The `logformat` of the configuration, or the name of one that Squid defines; the native format.
    logformat: Option<String>,
    /// The zone of times that name none (`%{...}tl`); UTC.
    timezone: Option<String>,
}

struct Squid;

fn build(setup: &Setup<'_>) -> Result<Body> {
    let options: Options = setup.options()?;
    // Refuses another time column.
    setup.log_clock(options.timezone.as_deref(), &["timestamp", "time"])?;
    let Some(text) = options.logformat else { return Ok(Body::Text(Box::new(Squid))) };
    let pattern = Pattern::of("logformat", logformat::tokens(&text)?, true)?;
    let clock = meaning::clock(&pattern.fields(), setup.time, options.timezone.as_deref())?;
    Ok(Body::Text(Box::new(Patterned { format: FORMAT.id, pattern, clock, nulls: &[] })))
}

/// A line, taken apart.
struct Line<'a> {
    time: Option<i64>,
    fields: [&'a str; 10],
}

const RESULT: usize = 3;
const URL: usize = 6;
const USER: usize = 7;
const PEER: usize = 8;

fn parse<'a>(line: &'a str, splitter: &mut Splitter) -> Result<Line<'a>, Reason> {
    let found = splitter.split_plain(line);
    if found < 10 {
        return Err(format!("expected 10 fields, found {found}").into());
    }
    let mut fields = std::array::from_fn(|i| splitter.field(line, i).text);
    if found > 10 && !fields_end_with_headers(splitter.field(line, 10).text) {
        // `uri_whitespace allow` lets spaces into the URL: the fields after it are counted from the end.
        fields[URL] = splitter.range(line, URL, found - 4);
        for (i, from_end) in [(USER, 3), (PEER, 2), (9, 1)] {
            fields[i] = splitter.field(line, found - from_end).text;
        }
    }
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let (seconds, millis) = fields[0].split_once('.').unwrap_or((fields[0], "0"));
    if !digits(seconds) || !digits(millis) {
        return Err("the first field is no time".into());
    }
    if !fields[RESULT].split_once('/').is_some_and(|(_, status)| digits(status)) {
        return Err("the fourth field is no result/status".into());
    }
    if !fields[PEER].contains('/') {
        return Err("the ninth field is no hierarchy/peer".into());
    }
    Ok(Line { time: Epoch::Seconds.text(fields[0]), fields })
}

fn fields_end_with_headers(text: &str) -> bool {
    text.starts_with('[')
}

impl Layout for Squid {
    fn columns(&self, heads: &[Head]) -> Result<Vec<Column>> {
        let mut splitter = Splitter::default();
        let mut lines = heads.iter().flat_map(Head::lines);
        if let Some(head) = heads.first()
            && !lines.any(|line| parse(line, &mut splitter).is_ok())
        {
            return Err(mismatch(head, "squid", "no line has its ten fields"));
        }
        let mut columns: Vec<Column> = COLUMNS.iter().map(|(name, kind)| Column::new(*name, own(name), *kind)).collect();
        columns.push(Column::new("hierarchy", "hierarchy", Kind::Text));
        Ok(columns)
    }

    fn read(&self, _: &str, block: &str, rows: &mut Rows<'_>) {
        let slots: Vec<(usize, Get)> = rows.slots().filter_map(|(slot, c)| Get::of(&c.name).map(|get| (slot, get))).collect();
        let mut splitter = Splitter::default();
        for line in lines(block) {
            rows.line();
            if line.trim().is_empty() {
                rows.header();
                continue;
            }
            match parse(line, &mut splitter) {
                Err(reason) => rows.malformed(reason, line),
                Ok(parsed) => {
                    if rows.admit(parsed.time) {
                        parsed.put(&slots, rows);
                    }
                }
            }
        }
    }
}

/// Squid's own names of the columns.
fn own(name: &str) -> &str {
    match name {
        "timestamp" => "time",
        "src_ip" => "client",
        "bytes_down" => "bytes",
        "duration_ms" => "elapsed",
        other => other,
    }
}

/// How a column is got from a line.
#[derive(Clone, Copy)]
enum Get {
    Field(usize),
    User,
    Result { status: bool },
    Part(url::Part),
    Hierarchy,
    DstIp,
}

impl Get {
    fn of(name: &str) -> Option<Self> {
        Some(match name {
            "user" => Self::User,
            "src_ip" => Self::Field(2),
            "method" => Self::Field(5),
            "url" => Self::Field(URL),
            "status" => Self::Result { status: true },
            "action" => Self::Result { status: false },
            "bytes_down" => Self::Field(4),
            "duration_ms" => Self::Field(1),
            "mime" => Self::Field(9),
            "hierarchy" => Self::Hierarchy,
            "dst_ip" => Self::DstIp,
            part => Self::Part(url::Part::named(part)?),
        })
    }
}

impl Line<'_> {
    fn put(&self, slots: &[(usize, Get)], rows: &mut Rows<'_>) {
        let mut url = None;
        for (slot, get) in slots {
            match *get {
                Get::Field(i) => rows.put_or_dash(*slot, self.fields[i]),
                Get::User => rows.put_or_dash(*slot, &decoded(self.fields[USER])),
                Get::Result { status } => {
                    let (action, code) = self.fields[RESULT].split_once('/').unwrap_or_default();
                    rows.put_or_dash(*slot, if status { code } else { action });
                }
                Get::Part(part) => rows.put_some(*slot, url.get_or_insert_with(|| url::split(self.fields[URL])).part(part)),
                Get::Hierarchy => rows.put_or_dash(*slot, self.fields[PEER]),
                Get::DstIp => {
                    let peer = self.fields[PEER].split_once('/').map(|(_, peer)| peer);
                    rows.put_some(*slot, peer.filter(|peer| peer.parse::<IpAddr>().is_ok()));
                }
            }
        }
    }
}

/// Text with `%XX` decoded; as it is where that gives no UTF-8.
pub(super) fn decoded(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return text.into();
    }
    let bytes = text.as_bytes();
    let digit = |i: usize| bytes.get(i).and_then(|b| char::from(*b).to_digit(16));
    let (mut out, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while let Some(byte) = bytes.get(at) {
        match (byte, digit(at + 1), digit(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                out.push((high * 16 + low) as u8);
                at += 3;
            }
            _ => {
                out.push(*byte);
                at += 1;
            }
        }
    }
    String::from_utf8(out).map_or(text.into(), Cow::Owned)
}
