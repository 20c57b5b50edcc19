//! LEEF 1.0 and 2.0: the log event extended format of QRadar.
//!
//! # Layout
//! `LEEF:1.0|vendor|product|version|event|key=value<tab>key=value`. Version 2.0 has one more header field, the delimiter of the pairs: one character, or
//! its code (`x5E`, `0x5E`); nothing is a tab. What stands before `LEEF:` is left out.
//!
//! # Traps
//! - `timestamp` is `devTime`, in the form that `devTimeFormat` says (a pattern of Java's `SimpleDateFormat`), else epoch milliseconds,
//!   `MMM dd yyyy HH:mm:ss`, or ISO 8601; where there is none, that of a syslog envelope. A time without a zone is read in `timezone`.
//! - `srcBytes` is what the source sent (`bytes_up`), `dstBytes` what it received (`bytes_down`); some vendors mean the packets' own direction.
//! - Some products write version 1.0 and still use another delimiter than a tab: `options: { delimiter: "^" }`.
//! - Which keys there are differs by vendor and by event: columns come from the first 1 000 rows; `types` names further ones and fixes types.
//!
//! # Columns
//! `timestamp`, `user`, `src_ip`, `src_port`, `src_host`, `dst_ip`, `dst_port`, `method`, `scheme`, `host`, `port`, `path`, `query`, `url`, `status`,
//! `action`, `bytes_up`, `bytes_down`, `user_agent`, `referrer`, `category`, `proto`; the header as `deviceVendor`, `deviceProduct`, `deviceVersion`,
//! `eventId`; every other key under its own name.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    Format, Setup,
    clock::Clock,
    columns::Kind,
    dates::{event_time, strftime},
    json::Sink,
    layout::{Body, Reason},
    named::{Grammar, How, Name, Named, Reader, Taken, give},
    ndjson::Values,
    types::Types,
};
use crate::{
    error::{Error, Result},
    spec,
};

pub(super) const FORMAT: Format = Format {
    id: "leef",
    summary: "LEEF 1.0 and 2.0: the log event extended format of QRadar",
    text: include_str!("leef.rs"),
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
        ("status", Kind::Int),
        ("action", Kind::Text),
        ("bytes_up", Kind::Int),
        ("bytes_down", Kind::Int),
        ("user_agent", Kind::Text),
        ("referrer", Kind::Text),
        ("category", Kind::Text),
        ("proto", Kind::Text),
    ],
    names: NAMES,
    schema: || schemars::schema_for!(Options),
    fits: |head| head.mostly(|line| header(line).is_ok()),
    build,
};

/// Options of `leef`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Options {
    /// What separates pairs, in place of what the lines say: one character, `tab`, or a code such as `x5E`.
    delimiter: Option<String>,
    /// Types of columns, by name.
    types: Types,
}

const NAMES: &[Name] = &[
    ("usrName", "user", How::Plain),
    ("accountName", "user", How::Plain),
    ("src", "src_ip", How::Address),
    ("srcPort", "src_port", How::Plain),
    ("identHostName", "src_host", How::Plain),
    ("dst", "dst_ip", How::Address),
    ("dstPort", "dst_port", How::Plain),
    ("url", "url", How::Plain),
    ("srcBytes", "bytes_up", How::Plain),
    ("dstBytes", "bytes_down", How::Plain),
    ("userAgent", "user_agent", How::Plain),
    ("referer", "referrer", How::Plain),
    ("cat", "category", How::Plain),
    ("proto", "proto", How::Plain),
];
const TIMES: &[&str] = &["devTime", "devTimeFormat"];
const HEADER: [&str; 4] = ["deviceVendor", "deviceProduct", "deviceVersion", "eventId"];

struct Leef {
    delimiter: Option<char>,
    timezone: String,
}

fn build(setup: &Setup<'_>) -> Result<Body> {
    let options: Options = setup.options()?;
    let delimiter = options.delimiter.as_deref().map(|text| {
        code(text).ok_or_else(|| {
            Error::data_hint(format!("options.delimiter: `{text}` is not one character"), "write one character, `tab`, or a code such as `x5E`")
        })
    });
    let timezone = setup.time.map_or_else(|| "UTC".to_owned(), |time| time.timezone.clone());
    let grammar = Leef { delimiter: delimiter.transpose()?, timezone };
    let clock = setup.log_clock(None, &["timestamp", "devTime"])?;
    let (id, columns, because) = (FORMAT.id, FORMAT.columns, "no line holds `LEEF:` and its header fields");
    Ok(Named { grammar, id, columns, because, types: options.types, clock }.body())
}

/// A delimiter as version 2.0 writes it.
fn code(text: &str) -> Option<char> {
    let mut signs = text.chars();
    match (text, signs.next(), signs.next()) {
        ("" | "tab" | "\\t", ..) => Some('\t'),
        (_, Some(one), None) => Some(one),
        _ => {
            let hex = text.strip_prefix("0x").or_else(|| text.strip_prefix(['x', 'X']))?;
            u32::from_str_radix(hex, 16).ok().and_then(char::from_u32)
        }
    }
}

/// A line, taken apart: four header fields, the delimiter, and the pairs.
struct Line<'a> {
    header: [&'a str; 4],
    delimiter: char,
    pairs: &'a str,
}

fn header(line: &str) -> Result<Line<'_>, Reason> {
    let start = line.match_indices("LEEF:").map(|(at, _)| at).find(|at| line[at + 5..].starts_with(['1', '2'])).ok_or("no `LEEF:` with its version")?;
    let mut parts = line[start..].splitn(6, '|');
    let mut next = || parts.next().ok_or("expected 5 header fields");
    let version = next()?;
    let header = [next()?, next()?, next()?, next()?];
    let rest = next()?;
    let plain = Line { header, delimiter: '\t', pairs: rest };
    if !version.starts_with("LEEF:2") {
        return Ok(plain);
    }
    // A bar may itself be the delimiter; a pair here means that the field was left out.
    if let Some(pairs) = rest.strip_prefix("||") {
        return Ok(Line { delimiter: '|', pairs, ..plain });
    }
    match rest.split_once('|').and_then(|(field, pairs)| Some((code(field)?, pairs))) {
        Some((delimiter, pairs)) => Ok(Line { delimiter, pairs, ..plain }),
        None => Ok(plain),
    }
}

impl Grammar for Leef {
    fn names(&self) -> &[Name] {
        NAMES
    }

    fn times(&self) -> &'static [&'static str] {
        TIMES
    }

    fn reader<'a>(&'a self, _: &str) -> Box<dyn Reader + 'a> {
        Box::new(Lines { leef: self, form: None })
    }
}

struct Lines<'a> {
    leef: &'a Leef,
    /// The last `devTimeFormat`, and its clock where it is one that is known.
    form: Option<(String, Option<Clock>)>,
}

impl Reader for Lines<'_> {
    fn record(&mut self, text: &str, sink: &mut dyn Sink) -> Result<Taken, Reason> {
        let line = header(text)?;
        for (name, value) in HEADER.iter().zip(line.header) {
            give(sink, name, value);
        }
        for pair in line.pairs.split(self.leef.delimiter.unwrap_or(line.delimiter)) {
            if let Some((key, value)) = pair.split_once('=') {
                give(sink, key.trim(), value.trim());
            } else if !pair.trim().is_empty() {
                return Err("a pair has no `=`".into());
            }
        }
        Ok(Taken::Row)
    }

    fn moment(&mut self, values: &Values, clock: &mut Clock) -> Option<i64> {
        let text = values.str(0)?;
        let Some(form) = values.str(1) else { return event_time(text, clock) };
        if self.form.as_ref().is_none_or(|(known, _)| known != form) {
            self.form = Some((form.to_owned(), self.leef.clock(form)));
        }
        let said = self.form.as_mut().and_then(|(_, clock)| clock.as_mut()?.read(text));
        said.or_else(|| event_time(text, clock))
    }
}

impl Leef {
    /// The clock of a pattern of Java.
    fn clock(&self, form: &str) -> Option<Clock> {
        // The name of a zone tells less than its offset would: the clock's own is taken.
        let parse = strftime(form.trim_end_matches(['z', ' ']))?;
        Clock::of(&spec::Time { column: TIMES[0].into(), parse, timezone: self.timezone.clone() }).ok()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn delimiters() {
        let told = |line: &str| header(line).map(|l| (l.delimiter, l.pairs.to_owned())).unwrap();
        assert_eq!(told("LEEF:1.0|v|p|1|e|a=1\tb=2"), ('\t', "a=1\tb=2".into()));
        for (field, sign) in [("^", '^'), ("x5E", '^'), ("0x5e", '^'), ("", '\t'), ("x09", '\t'), ("é", 'é')] {
            assert_eq!(told(&format!("<13>x LEEF:2.0|v|p|1|e|{field}|a=1")), (sign, "a=1".into()), "{field}");
        }
        assert_eq!(told("LEEF:2.0|v|p|1|e|||a=1|b=2"), ('|', "a=1|b=2".into()));
        assert_eq!(told("LEEF:2.0|v|p|1|e|a=1\tb=x|y"), ('\t', "a=1\tb=x|y".into()));
        assert!(header("LEEF:1.0|v|p|1|e").is_err());
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "LEEF:[12].0\\|([a|=x5^\t]{0,30}|.{0,60})") {
            let _ = header(&text);
        }
    }
}
