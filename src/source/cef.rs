//! CEF: the common event format of ArcSight, as many gateways and firewalls send it.
//!
//! # Layout
//! `CEF:0|vendor|product|version|event class|name|severity|key=value key=value ...`. In the header `\|` and `\\` are escaped, in the values `\=`, `\\`,
//! `\n` and `\r`; values may hold spaces: a value ends where ` key=` begins. What stands before `CEF:` is left out.
//!
//! # Traps
//! - The specification counts from the source of the traffic: `in` flows from source to destination (`bytes_up`), `out` comes back (`bytes_down`).
//!   Vendors differ: look which is the larger on a day of browsing, and write `options: { in: down }` where `in` is what the client received.
//! - `timestamp` is `rt`, else `end`, `start`, or that of a syslog envelope. A time without a zone is read in `timezone`.
//! - A custom field has its name in another: `cs1Label=Reputation cs1=bad` gives the column `Reputation`; `cs1` has the value where there is no label.
//! - A value may hold ` word=` unescaped: it is then cut there. `user` is `suser`, else `duser`.
//! - Which keys there are differs by vendor and by event: columns come from the first 1 000 rows; `types` names further ones and fixes types.
//!
//! # Columns
//! `timestamp`, `user`, `src_ip`, `src_port`, `src_host`, `dst_ip`, `dst_port`, `method`, `scheme`, `host`, `port`, `path`, `query`, `url`, `action`,
//! `bytes_up`, `bytes_down`, `user_agent`, `referrer`, `category`, `proto`; the header as `deviceVendor`, `deviceProduct`, `deviceVersion`,
//! `deviceEventClassId`, `name`, `severity`; every other key under its own name.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    Format, Setup,
    clock::Clock,
    columns::{Kind, MOST_COLUMNS},
    dates::event_time,
    json::Sink,
    layout::{Body, Reason},
    named::{Grammar, How, Name, Named, Reader, Taken, give, unescaped},
    ndjson::Values,
    types::Types,
};
use crate::error::Result;

pub(super) const FORMAT: Format = Format {
    id: "cef",
    summary: "CEF: the common event format of ArcSight",
    text: include_str!("cef.rs"),
    columns: &[
        ("timestamp", Kind::Time),
        ("user", Kind::Text),
        ("src_ip", Kind::Text),
        ("src_port", Kind::Int),
        ("src_host", Kind::Text),
        ("dst_ip", Kind::Text),
        ("dst_port", Kind::Int),
        ("method", Kind::Text),
        ("url", Kind::Text),
        ("scheme", Kind::Text),
        ("host", Kind::Text),
        ("port", Kind::Int),
        ("path", Kind::Text),
        ("query", Kind::Text),
        ("action", Kind::Text),
        ("bytes_up", Kind::Int),
        ("bytes_down", Kind::Int),
        ("user_agent", Kind::Text),
        ("referrer", Kind::Text),
        ("category", Kind::Text),
        ("proto", Kind::Text),
    ],
    names: &NAMES,
    schema: || schemars::schema_for!(Options),
    fits: |head| head.mostly(|line| header(line).is_ok()),
    build,
};

/// Which way bytes flow, seen from the client.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Direction {
    /// From the client.
    #[default]
    Up,
    /// To the client.
    Down,
}

/// Options of `cef`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Options {
    /// What `in` counts; `out` counts the other way.
    #[serde(rename = "in")]
    inbound: Direction,
    /// Types of columns, by name.
    types: Types,
}

const NAMES: [Name; 18] = [
    ("suser", "user", How::Plain),
    ("duser", "user", How::Plain),
    ("src", "src_ip", How::Address),
    ("spt", "src_port", How::Plain),
    ("shost", "src_host", How::Plain),
    ("dst", "dst_ip", How::Address),
    ("dpt", "dst_port", How::Plain),
    ("dhost", "host", How::Plain),
    ("request", "url", How::Plain),
    ("requestMethod", "method", How::Plain),
    ("requestClientApplication", "user_agent", How::Plain),
    ("requestContext", "referrer", How::Plain),
    ("act", "action", How::Plain),
    ("outcome", "action", How::Plain),
    ("cat", "category", How::Plain),
    ("proto", "proto", How::Plain),
    ("in", "bytes_up", How::Plain),
    ("out", "bytes_down", How::Plain),
];
const TIMES: &[&str] = &["rt", "end", "start"];
const HEADER: [&str; 6] = ["deviceVendor", "deviceProduct", "deviceVersion", "deviceEventClassId", "name", "severity"];

struct Cef {
    names: [Name; 18],
}

fn build(setup: &Setup<'_>) -> Result<Body> {
    let options: Options = setup.options()?;
    let mut names = NAMES;
    if options.inbound == Direction::Down {
        for (own, canonical, _) in &mut names {
            match *own {
                "in" => *canonical = "bytes_down",
                "out" => *canonical = "bytes_up",
                _ => {}
            }
        }
    }
    let clock = setup.log_clock(None, &["timestamp", "rt"])?;
    let (id, columns, because) = (FORMAT.id, FORMAT.columns, "no line holds `CEF:` and its seven header fields");
    Ok(Named { grammar: Cef { names }, id, columns, because, types: options.types, clock }.body())
}

impl Grammar for Cef {
    fn names(&self) -> &[Name] {
        &self.names
    }

    fn times(&self) -> &'static [&'static str] {
        TIMES
    }

    fn reader<'a>(&'a self, _: &str) -> Box<dyn Reader + 'a> {
        Box::new(Lines::default())
    }
}

/// The six header fields after the version, and the extension.
fn header(line: &str) -> Result<([&str; 6], &str), Reason> {
    let start = line
        .match_indices("CEF:")
        .map(|(at, _)| at)
        .find(|at| line[at + 4..].starts_with(|c: char| c.is_ascii_digit()))
        .ok_or("no `CEF:` with its version")?;
    let mut rest = line[start..].split_once('|').map(|(_, rest)| rest).ok_or("expected 7 header fields")?;
    let mut fields = [""; 6];
    for field in &mut fields {
        let end = bar(rest).ok_or("expected 7 header fields")?;
        (*field, rest) = (&rest[..end], &rest[end + 1..]);
    }
    Ok((fields, rest))
}

/// The place of the first bar that is not escaped.
fn bar(text: &str) -> Option<usize> {
    let mut escaped = false;
    text.bytes().position(|b| {
        let found = b == b'|' && !escaped;
        escaped = b == b'\\' && !escaped;
        found
    })
}

fn meant(sign: char) -> Option<char> {
    match sign {
        '=' | '\\' | '|' => Some(sign),
        'n' => Some('\n'),
        'r' => Some('\r'),
        _ => None,
    }
}

/// Key and value places of an extension.
type Pair = ((usize, usize), (usize, usize));

/// Finds the pairs: an `=` that is not escaped ends a key where a word of key signs stands before it, after a space or at the beginning.
fn pairs(text: &str, found: &mut Vec<Pair>) {
    found.clear();
    let bytes = text.as_bytes();
    let (mut word, mut escaped) = (0, false);
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b' ' => word = at + 1,
            b'=' if !escaped && at > word && bytes[word..at].iter().all(is_key) => {
                if let Some((_, value)) = found.last_mut() {
                    value.1 = word.saturating_sub(1).max(value.0);
                }
                found.push(((word, at), (at + 1, text.len())));
                // No other key in this word.
                word = usize::MAX;
            }
            _ => {}
        }
        escaped = *byte == b'\\' && !escaped;
    }
}

fn is_key(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b',' | b'[' | b']' | b'-')
}

#[derive(Default)]
struct Lines {
    pairs: Vec<Pair>,
}

impl Reader for Lines {
    fn record(&mut self, text: &str, sink: &mut dyn Sink) -> Result<Taken, Reason> {
        let (header, extension) = header(text)?;
        for (name, value) in HEADER.iter().zip(header) {
            give(sink, name, &unescaped(value, |c| matches!(c, '|' | '\\').then_some(c)));
        }
        pairs(extension, &mut self.pairs);
        if self.pairs.len() > MOST_COLUMNS {
            return Err("more pairs than an event has".into());
        }
        let slice = |(from, to): (usize, usize)| extension.get(from..to).unwrap_or_default();
        let label = |key: &str| {
            let is_label = |name: &str| name.strip_suffix("Label") == Some(key);
            self.pairs.iter().find(|(name, _)| is_label(slice(*name))).map(|(_, value)| slice(*value).trim())
        };
        for (key, value) in &self.pairs {
            let (key, value) = (slice(*key), slice(*value).trim());
            if key.ends_with("Label") && key.len() > 5 {
                continue;
            }
            let name = label(key).filter(|label| !label.is_empty()).unwrap_or(key);
            give(sink, &unescaped(name, meant), &unescaped(value, meant));
        }
        Ok(Taken::Row)
    }

    fn moment(&mut self, values: &Values, clock: &mut Clock) -> Option<i64> {
        (0..TIMES.len()).find_map(|i| event_time(values.str(i)?, clock))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn found(text: &str) -> Vec<(&str, &str)> {
        let mut places = Vec::new();
        pairs(text, &mut places);
        places.iter().map(|(key, value)| (&text[key.0..key.1], &text[value.0..value.1])).collect()
    }

    #[test]
    fn values_with_spaces_and_equal_signs() {
        assert_eq!(found("act=blocked a b msg=x \\= y"), [("act", "blocked a b"), ("msg", "x \\= y")]);
        assert_eq!(found("request=http://a/?x=1&y=2 dst=1.2.3.4"), [("request", "http://a/?x=1&y=2"), ("dst", "1.2.3.4")]);
        assert_eq!(found("cs1= cs2=b"), [("cs1", ""), ("cs2", "b")]);
        assert_eq!(found("x"), []);
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "CEF:0\\|([a|=\\\\ é]{0,40}|.{0,60})") {
            let _ = header(&text);
            let mut places = Vec::new();
            pairs(&text, &mut places);
            for (key, value) in places {
                prop_assert!(text.get(key.0..key.1).is_some() && text.get(value.0..value.1).is_some());
            }
        }
    }
}
