//! Apache and NGINX access logs: common, combined, combined with a virtual host before it, or by a format string.
//!
//! # Layout
//! `host ident user [10/Oct/2000:13:55:36 -0700] "GET /path?query HTTP/1.1" status bytes "referrer" "user agent"`; the last two may be missing,
//! and more may follow. Where a `name:port` stands before the client, it is the virtual host. Any other layout is given as the server's
//! configuration has it: `options: { log_format: '%h %l %u %t "%r" %>s %O %I "%{User-Agent}i"' }` (Apache's `LogFormat`), or
//! `options: { log_format: '$remote_addr [$time_local] "$request" $status $bytes_sent $request_length $request_time' }` (NGINX's `log_format`).
//! What means nothing here becomes a column under its own name (`%{cookie}C` as `cookie`, `$upstream_addr` as `upstream_addr`).
//!
//! # Traps
//! - There are no upload bytes, unless the format string has Apache's `%I` (mod_logio) or NGINX's `$request_length`.
//! - Apache's `%T` is in seconds, `%D` in microseconds, NGINX's `$request_time` in seconds: `duration_ms` is in milliseconds.
//! - `bytes_down` of `-` is 0: Apache writes it so; NGINX writes 0.
//! - Quotes inside a quoted field are `\"` (Apache) or `\x22` (NGINX); they are unescaped here.
//! - A request may be garbage or binary: then `method`, `path` and `query` have no value, and `request` has it whole.
//! - The client may be a name; it is `src_ip` all the same.
//!
//! # Columns
//! `timestamp`, `user`, `src_ip`, `method`, `host` and `port` (of the virtual host, or of a proxied request), `scheme`, `path`, `query`, `url` (the
//! target as requested), `status`, `bytes_down`, `user_agent`, `referrer`, and `request`, `protocol`; with a format string also `bytes_up`,
//! `duration_ms`, `mime`, `dst_ip`. `-` is no value.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    Format, Setup, clock,
    clock::Zone,
    columns::{Column, Kind, Rows},
    head::{Head, mismatch},
    layout::{Body, Layout, Reason, lines},
    meaning,
    pattern::{Pattern, Patterned},
    url::{self, Part},
};
use crate::error::Result;

mod apache;
mod nginx;

pub(super) const FORMAT: Format = Format {
    id: "combined",
    summary: "Apache and NGINX access logs: common, combined, or by a format string",
    text: include_str!("combined.rs"),
    columns: FORMATTED,
    names: &[],
    schema: || schemars::schema_for!(Options),
    fits: |head| head.mostly(|line| parse(line).is_ok()),
    build,
};

/// The columns that a format string can give.
const FORMATTED: &[(&str, Kind)] = &[
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
    ("bytes_up", Kind::Int),
    ("bytes_down", Kind::Int),
    ("duration_ms", Kind::Float),
    ("mime", Kind::Text),
    ("user_agent", Kind::Text),
    ("referrer", Kind::Text),
    ("dst_ip", Kind::Text),
];

/// The columns without one.
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
    ("bytes_down", Kind::Int),
    ("user_agent", Kind::Text),
    ("referrer", Kind::Text),
];

/// Options of `combined`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Options {
    /// Apache's `LogFormat` or NGINX's `log_format` string; combined and common.
    log_format: Option<String>,
    /// The zone of times that name none; UTC.
    timezone: Option<String>,
}

struct Combined {
    zone: Zone,
}

fn build(setup: &Setup<'_>) -> Result<Body> {
    let options: Options = setup.options()?;
    setup.log_clock(None, &["timestamp", "time"])?;
    if let Some(text) = options.log_format {
        let tokens = if text.contains('$') { nginx::tokens(&text)? } else { apache::tokens(&text)? };
        let pattern = Pattern::of("log_format", tokens, false)?;
        let clock = meaning::clock(&pattern.fields(), setup.time, options.timezone.as_deref())?;
        return Ok(Body::Text(Box::new(Patterned { format: FORMAT.id, pattern, clock, nulls: &[] })));
    }
    let zone = options.timezone.as_deref().or(setup.time.map(|t| t.timezone.as_str()));
    Ok(Body::Text(Box::new(Combined { zone: zone.map_or(Ok(Zone::utc()), Zone::named)? })))
}

/// A line, taken apart.
struct Line<'a> {
    vhost: Option<&'a str>,
    client: &'a str,
    user: &'a str,
    time: &'a str,
    request: &'a str,
    status: &'a str,
    bytes: &'a str,
    referrer: &'a str,
    user_agent: &'a str,
}

fn parse(line: &str) -> Result<Line<'_>, Reason> {
    let open = line.find(" [").ok_or("no time in brackets")?;
    let close = open + line[open..].find(']').ok_or("no time in brackets")?;
    let (before, time) = (&line[..open], &line[open + 2..close]);
    let (vhost, client, user) = who(before).ok_or("expected client, identity and user before the time")?;
    let rest = line[close + 1..].trim_start();
    let (request, rest) = quoted(rest).ok_or("no request in quotes after the time")?;
    let mut numbers = rest.trim_start().splitn(3, ' ');
    let (status, bytes) = (numbers.next().unwrap_or_default(), numbers.next().unwrap_or_default());
    if status.len() != 3 || !status.bytes().all(|b| b.is_ascii_digit()) {
        return Err("no status after the request".into());
    }
    if bytes != "-" && (bytes.is_empty() || !bytes.bytes().all(|b| b.is_ascii_digit())) {
        return Err("no size after the status".into());
    }
    let tail = numbers.next().unwrap_or_default();
    let (referrer, tail) = quoted(tail).unwrap_or(("-", ""));
    let (user_agent, _) = quoted(tail.trim_start()).unwrap_or(("-", ""));
    Ok(Line { vhost, client, user, time, request, status, bytes, referrer, user_agent })
}

/// Virtual host, client and user. A user's name may hold spaces; then the identity before it is `-`.
fn who(before: &str) -> Option<(Option<&str>, &str, &str)> {
    let (first, rest) = before.split_once(' ')?;
    let (second, rest) = rest.split_once(' ')?;
    match rest.split_once(' ') {
        Some((_, user)) if second != "-" => Some((Some(first), second, user)),
        _ => Some((None, first, rest)),
    }
}

/// The text in quotes at the beginning, and what follows it.
fn quoted(text: &str) -> Option<(&str, &str)> {
    let inside = text.strip_prefix('"')?;
    let bytes = inside.as_bytes();
    let mut at = 0;
    loop {
        at += bytes.get(at..)?.iter().position(|b| matches!(b, b'"' | b'\\'))?;
        if bytes[at] == b'"' {
            return Some((&inside[..at], &inside[at + 1..]));
        }
        at += 2;
    }
}

/// Escapes of quotes and backslashes undone: Apache's `\"` and `\\`, NGINX's `\x22` and `\x5C`.
pub(super) fn unescaped(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') {
        return text.into();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let (sign, length) = match rest.as_bytes() {
            [_, b'"', ..] => ('"', 2),
            [_, b'\\', ..] => ('\\', 2),
            [_, b'x', b'2', b'2', ..] => ('"', 4),
            [_, b'x', b'5', b'C' | b'c', ..] => ('\\', 4),
            _ => ('\\', 1),
        };
        out.push(sign);
        rest = &rest[length..];
    }
    out.push_str(rest);
    out.into()
}

/// A request, taken apart; nothing where it is none.
pub(super) struct Request<'a> {
    pub(super) method: Option<&'a str>,
    pub(super) target: Option<&'a str>,
    pub(super) protocol: Option<&'a str>,
}

pub(super) fn request(text: &str) -> Request<'_> {
    let parts = text.split_once(' ').and_then(|(method, rest)| rest.rsplit_once(' ').map(|(target, protocol)| (method, target, protocol)));
    match parts {
        Some((method, target, protocol)) if protocol.starts_with("HTTP/") && method.bytes().all(|b| b.is_ascii_alphabetic() || matches!(b, b'-' | b'_')) => {
            Request { method: Some(method), target: Some(target), protocol: Some(protocol) }
        }
        _ => Request { method: None, target: None, protocol: None },
    }
}

impl Layout for Combined {
    fn columns(&self, heads: &[Head]) -> Result<Vec<Column>> {
        if let Some(head) = heads.first()
            && !heads.iter().flat_map(Head::lines).any(|line| parse(line).is_ok())
        {
            return Err(mismatch(head, "combined", "no line has a client, a time in brackets, a request in quotes, and a status"));
        }
        let mut columns: Vec<Column> = COLUMNS.iter().map(|(name, kind)| Column::new(*name, own(name), *kind)).collect();
        columns.extend(["request", "protocol"].map(|name| Column::new(name, name, Kind::Text)));
        Ok(columns)
    }

    fn read(&self, _: &str, block: &str, rows: &mut Rows<'_>) {
        let mut zone = self.zone.clone();
        let slots: Vec<(usize, Get)> = rows.slots().filter_map(|(slot, c)| Get::of(&c.name).map(|get| (slot, get))).collect();
        for line in lines(block) {
            rows.line();
            if line.trim().is_empty() {
                rows.header();
                continue;
            }
            match parse(line) {
                Err(reason) => rows.malformed(reason, line),
                Ok(parsed) => {
                    if rows.admit(clock::apache(parsed.time, &mut zone)) {
                        parsed.put(&slots, rows);
                    }
                }
            }
        }
    }
}

/// Apache's own names of the columns.
fn own(name: &str) -> &str {
    match name {
        "timestamp" => "time",
        "src_ip" => "client",
        "bytes_down" => "bytes",
        other => other,
    }
}

/// How a column is got from a line.
#[derive(Clone, Copy)]
enum Get {
    User,
    Client,
    Method,
    Url,
    Part(Part),
    Status,
    Bytes,
    UserAgent,
    Referrer,
    Request,
    Protocol,
}

impl Get {
    fn of(name: &str) -> Option<Self> {
        Some(match name {
            "user" => Self::User,
            "src_ip" => Self::Client,
            "method" => Self::Method,
            "url" => Self::Url,
            "status" => Self::Status,
            "bytes_down" => Self::Bytes,
            "user_agent" => Self::UserAgent,
            "referrer" => Self::Referrer,
            "request" => Self::Request,
            "protocol" => Self::Protocol,
            part => Self::Part(Part::named(part)?),
        })
    }
}

impl Line<'_> {
    fn put(&self, slots: &[(usize, Get)], rows: &mut Rows<'_>) {
        let text = unescaped(self.request);
        let request = request(&text);
        let url = request.target.map(url::split).unwrap_or_default();
        let vhost = self.vhost.map(url::host_port).unwrap_or_default();
        for (slot, get) in slots {
            match get {
                Get::User => rows.put_or_dash(*slot, &unescaped(self.user)),
                Get::Client => rows.put_or_dash(*slot, self.client),
                Get::Method => rows.put_some(*slot, request.method),
                Get::Url => rows.put_some(*slot, request.target),
                Get::Part(Part::Host) => rows.put_some(*slot, url.host.or(vhost.0)),
                Get::Part(Part::Port) => rows.put_some(*slot, url.port.or(vhost.1)),
                Get::Part(part) => rows.put_some(*slot, url.part(*part)),
                Get::Status => rows.put(*slot, self.status),
                Get::Bytes => rows.put(*slot, if self.bytes == "-" { "0" } else { self.bytes }),
                Get::UserAgent => rows.put_or_dash(*slot, &unescaped(self.user_agent)),
                Get::Referrer => rows.put_or_dash(*slot, &unescaped(self.referrer)),
                Get::Request => rows.put_or_dash(*slot, &text),
                Get::Protocol => rows.put_some(*slot, request.protocol),
            }
        }
    }
}
