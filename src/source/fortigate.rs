//! FortiGate: the key=value log of FortiOS, traffic and web filter.
//!
//! # Layout
//! `date=2026-03-02 time=08:00:00 ... type="utm" subtype="webfilter" eventtime=1772438400123456789 ... hostname="www.example" url="/path"`: pairs separated
//! by spaces, values in quotes where they hold any. What stands before the first pair is left out. `options: { type: utm, subtype: webfilter }` keeps
//! the events of one kind; others are counted as filtered out.
//!
//! # Traps
//! - Traffic logs (`type="traffic"`) have the bytes of whole sessions, web filter logs (`subtype="webfilter"`) the URLs, and often bytes of one request.
//!   Do not mix them: a byte is then counted twice.
//! - A long session is logged every two minutes, each time with all its bytes so far (`logid="0000000020"`): leave these out with `where`, or sum `sentdelta`.
//! - `timestamp` is `eventtime` (nanoseconds, in old versions seconds), else `date` and `time` with `tz`, else in `timezone`.
//! - `url` of the web filter is a path, or whole; `host` is `hostname`.
//! - Which keys there are differs by event and version: columns come from the first 1 000 rows; `types` names further ones and fixes types.
//!
//! # Columns
//! `timestamp`, `user`, `src_ip`, `src_port`, `src_host`, `dst_ip`, `dst_port`, `method`, `scheme`, `host`, `port`, `path`, `query`, `url`, `action`,
//! `bytes_up`, `bytes_down`, `duration_ms`, `user_agent`, `referrer`, `category`, `proto`; every other key under its own name.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    Format, Setup,
    clock::Clock,
    columns::Kind,
    dates::epoch,
    json::Sink,
    layout::{Body, Reason},
    named::{Grammar, How, Name, Named, Reader, Taken, give, unescaped},
    ndjson::Values,
    types::Types,
};
use crate::error::Result;

pub(super) const FORMAT: Format = Format {
    id: "fortigate",
    summary: "FortiGate: the key=value log of FortiOS, traffic and web filter",
    text: include_str!("fortigate.rs"),
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
        ("duration_ms", Kind::Float),
        ("user_agent", Kind::Text),
        ("referrer", Kind::Text),
        ("category", Kind::Text),
        ("proto", Kind::Text),
    ],
    names: NAMES,
    schema: || schemars::schema_for!(Options),
    fits: |head| head.mostly(|line| start(line).is_some_and(|at| line[at..].contains(" type=") && line[at..].contains(" logid="))),
    build,
};

/// Options of `fortigate`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Options {
    /// The `type` of the events that are read, such as `traffic`.
    r#type: Option<String>,
    /// The `subtype` of the events that are read, such as `webfilter`.
    subtype: Option<String>,
    /// Types of columns, by name.
    types: Types,
}

const NAMES: &[Name] = &[
    ("user", "user", How::Plain),
    ("unauthuser", "user", How::Plain),
    ("srcip", "src_ip", How::Address),
    ("srcport", "src_port", How::Plain),
    ("srcname", "src_host", How::Plain),
    ("dstip", "dst_ip", How::Address),
    ("dstport", "dst_port", How::Plain),
    ("httpmethod", "method", How::Plain),
    ("url", "url", How::Plain),
    ("hostname", "host", How::Plain),
    ("action", "action", How::Plain),
    ("utmaction", "action", How::Plain),
    ("sentbyte", "bytes_up", How::Plain),
    ("rcvdbyte", "bytes_down", How::Plain),
    ("duration", "duration_ms", How::Times(1_000.0)),
    ("agent", "user_agent", How::Plain),
    ("referralurl", "referrer", How::Plain),
    ("catdesc", "category", How::Plain),
    ("proto", "proto", How::Plain),
];
const TIMES: &[&str] = &["eventtime", "date", "time", "tz"];

struct FortiGate {
    kind: Option<String>,
    subtype: Option<String>,
}

fn build(setup: &Setup<'_>) -> Result<Body> {
    let Options { r#type: kind, subtype, types } = setup.options()?;
    let clock = setup.log_clock(None, &["timestamp", "eventtime", "date"])?;
    let (id, columns, because) = (FORMAT.id, FORMAT.columns, "no line is a list of `key=value` that begins with `date=` or `eventtime=`");
    Ok(Named { grammar: FortiGate { kind, subtype }, id, columns, because, types, clock }.body())
}

impl Grammar for FortiGate {
    fn names(&self) -> &[Name] {
        NAMES
    }

    fn times(&self) -> &'static [&'static str] {
        TIMES
    }

    fn reader<'a>(&'a self, _: &str) -> Box<dyn Reader + 'a> {
        Box::new(Lines { kept: self })
    }
}

/// Where the pairs of a line begin.
fn start(line: &str) -> Option<usize> {
    ["date=", "eventtime=", "logver=", "timestamp="]
        .iter()
        .filter_map(|key| line.match_indices(key).map(|(at, _)| at).find(|at| *at == 0 || matches!(line.as_bytes()[at - 1], b' ' | b'>')))
        .min()
}

/// Goes through the pairs of a text; the rest that is none is given as the error.
fn pairs<'a>(text: &'a str, mut each: impl FnMut(&'a str, &'a str)) -> Result<(), Reason> {
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let (key, after) = rest.split_once('=').filter(|(key, _)| !key.contains(' ')).ok_or("a word stands outside `key=value`")?;
        let (value, end) = match after.strip_prefix('"') {
            Some(inside) => {
                let close = closing(inside).ok_or("a quote is not closed")?;
                (&inside[..close], close + 2)
            }
            None => {
                let end = after.find(' ').unwrap_or(after.len());
                (&after[..end], end)
            }
        };
        each(key, value);
        rest = after.get(end..).unwrap_or_default().trim_start();
    }
    Ok(())
}

/// The place of the quote that closes: one before a space or the end, not escaped.
fn closing(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut escaped = false;
    bytes.iter().enumerate().find_map(|(at, b)| {
        let closes = *b == b'"' && !escaped && matches!(bytes.get(at + 1), None | Some(b' '));
        escaped = *b == b'\\' && !escaped;
        closes.then_some(at)
    })
}

struct Lines<'a> {
    kept: &'a FortiGate,
}

impl Reader for Lines<'_> {
    fn record(&mut self, text: &str, sink: &mut dyn Sink) -> Result<Taken, Reason> {
        let at = start(text).ok_or("no `date=` or `eventtime=`")?;
        let (mut kind, mut subtype) = ("", "");
        pairs(&text[at..], |key, value| {
            match key {
                "type" => kind = value,
                "subtype" => subtype = value,
                _ => {}
            }
            give(sink, key, &unescaped(value, |c| matches!(c, '"' | '\\').then_some(c)));
        })?;
        let keeps = |wanted: &Option<String>, found: &str| wanted.as_deref().is_none_or(|wanted| wanted == found);
        Ok(if keeps(&self.kept.kind, kind) && keeps(&self.kept.subtype, subtype) { Taken::Row } else { Taken::Other })
    }

    fn moment(&mut self, values: &Values, clock: &mut Clock) -> Option<i64> {
        if let Some(time) = values.str(0).and_then(epoch) {
            return Some(time);
        }
        clock.read(&format!("{} {}{}", values.str(1)?, values.str(2)?, values.str(3).unwrap_or_default()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn quotes_and_envelopes() {
        let line = r#"<189>Mar  2 08:00:00 fw date=2026-03-02 msg="say \"hi\" a=b" url="/x"y?z" n="#;
        let mut found = Vec::new();
        pairs(&line[start(line).unwrap()..], |key, value| found.push((key, value))).unwrap();
        assert_eq!(found, [("date", "2026-03-02"), ("msg", r#"say \"hi\" a=b"#), ("url", "/x\"y?z"), ("n", "")]);
        assert!(pairs("a=\"open b=1", |_, _| {}).is_err() && pairs("a=1 word b=1", |_, _| {}).is_err());
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "(date=)?[a=\" \\\\é]{0,40}") {
            let _ = pairs(&text, |_, _| {});
            let _ = start(&text);
        }
    }
}
