//! Zeek logs of every kind (http, conn, dns, ssl, ...), as tab-separated text with a header or as JSON lines.
//!
//! # Layout
//! Text: `#separator`, `#fields`, `#types` say what the lines hold; the header comes again where files were put one after the other. JSON: one
//! object a line, with the same names; what is not set is absent.
//!
//! # Traps
//! - Field sets differ with the scripts that Zeek runs and change at rotations: columns are matched by name. In JSON a field that is seldom set may
//!   not occur in the first rows; those that Zeek's own http, conn, dns and ssl logs have are known all the same.
//! - `-` (not set) and `(empty)` are no value. `\xNN` is unescaped. Sets and lists are joined by commas.
//! - `ts` is epoch seconds, or ISO 8601 in JSON (`LogAscii::json_timestamps`). Intervals are seconds; `duration_ms` is milliseconds.
//! - Behind a proxy, `dst_ip` is the proxy: use `host`.
//! - `request_body_len` and `orig_bytes` are `bytes_up`; `response_body_len` and `resp_bytes` are `bytes_down`.
//!
//! # Columns
//! `timestamp`, `src_ip`, `src_port`, `dst_ip`, `dst_port`; http: `user`, `method`, `host`, `path`, `query`, `status`, `bytes_up`, `bytes_down`,
//! `mime`, `user_agent`, `referrer`; conn: `bytes_up`, `bytes_down`, `duration_ms`; dns: `host` (the name asked for, which is `query` too); ssl:
//! `host`. Every other field under its own name.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    Format, Setup,
    columns::{Column, Kind, MOST_COLUMNS, Rows},
    head::{Head, mismatch},
    layout::{Body, Layout, comments, lines},
    ndjson::{Guesses, guess},
};
use crate::error::Result;

mod json;
mod kinds;
mod row;

use self::row::{Places, row};

pub(super) const FORMAT: Format = Format {
    id: "zeek",
    summary: "Zeek logs of any kind, as text with a header or as JSON lines",
    text: include_str!("zeek.rs"),
    columns: &[
        ("timestamp", Kind::Time),
        ("user", Kind::Text),
        ("src_ip", Kind::Text),
        ("src_port", Kind::Int),
        ("dst_ip", Kind::Text),
        ("dst_port", Kind::Int),
        ("method", Kind::Text),
        ("host", Kind::Text),
        ("path", Kind::Text),
        ("query", Kind::Text),
        ("status", Kind::Int),
        ("bytes_up", Kind::Int),
        ("bytes_down", Kind::Int),
        ("duration_ms", Kind::Float),
        ("mime", Kind::Text),
        ("user_agent", Kind::Text),
        ("referrer", Kind::Text),
    ],
    names: &[],
    schema: || schemars::schema_for!(Options),
    fits: |head| head.mostly(|line| line.starts_with("#separator") || line.starts_with("#fields\t")) || head.lines().take(3).any(|line| line.starts_with("#separator ")) || head.mostly(is_json),
    build,
};

/// Options of `zeek`: none yet.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Options {}

fn is_json(line: &str) -> bool {
    let has = |object: &serde_json::Map<String, serde_json::Value>, name: &str| object.contains_key(name);
    line.starts_with('{')
        && serde_json::from_str(line)
            .is_ok_and(|object| has(&object, "ts") && ["uid", "uids", "fuid", "_path", "id.orig_h", "id"].iter().any(|name| has(&object, name)))
}

/// Own name, canonical name, kind.
const NAMES: &[(&str, &str, Kind)] = &[
    ("ts", "timestamp", Kind::Time),
    ("username", "user", Kind::Text),
    ("id.orig_h", "src_ip", Kind::Text),
    ("id.orig_p", "src_port", Kind::Int),
    ("id.resp_h", "dst_ip", Kind::Text),
    ("id.resp_p", "dst_port", Kind::Int),
    ("method", "method", Kind::Text),
    ("host", "host", Kind::Text),
    ("server_name", "host", Kind::Text),
    ("status_code", "status", Kind::Int),
    ("request_body_len", "bytes_up", Kind::Int),
    ("orig_bytes", "bytes_up", Kind::Int),
    ("response_body_len", "bytes_down", Kind::Int),
    ("resp_bytes", "bytes_down", Kind::Int),
    ("duration", "duration_ms", Kind::Float),
    ("resp_mime_types", "mime", Kind::Text),
    ("user_agent", "user_agent", Kind::Text),
    ("referrer", "referrer", Kind::Text),
];

/// A field that only this log has, and the log's fields with their types (s text, n whole number, f number, b truth value).
const LOGS: [(&str, &str); 4] = [
    (
        "trans_depth",
        "ts:f uid:s id.orig_h:s id.orig_p:n id.resp_h:s id.resp_p:n trans_depth:n method:s host:s uri:s referrer:s version:s user_agent:s origin:s \
         request_body_len:n response_body_len:n status_code:n status_msg:s info_code:n info_msg:s tags:s username:s password:s proxied:s \
         orig_fuids:s orig_filenames:s orig_mime_types:s resp_fuids:s resp_filenames:s resp_mime_types:s",
    ),
    (
        "conn_state",
        "ts:f uid:s id.orig_h:s id.orig_p:n id.resp_h:s id.resp_p:n proto:s service:s duration:f orig_bytes:n resp_bytes:n conn_state:s \
         local_orig:b local_resp:b missed_bytes:n history:s orig_pkts:n orig_ip_bytes:n resp_pkts:n resp_ip_bytes:n tunnel_parents:s",
    ),
    (
        "trans_id",
        "ts:f uid:s id.orig_h:s id.orig_p:n id.resp_h:s id.resp_p:n proto:s trans_id:n rtt:f query:s qclass:n qclass_name:s qtype:n qtype_name:s \
         rcode:n rcode_name:s AA:b TC:b RD:b RA:b Z:n answers:s TTLs:s rejected:b",
    ),
    (
        "cipher",
        "ts:f uid:s id.orig_h:s id.orig_p:n id.resp_h:s id.resp_p:n version:s cipher:s curve:s server_name:s resumed:b last_alert:s \
         next_protocol:s established:b validation_status:s",
    ),
];

struct Zeek;

fn build(setup: &Setup<'_>) -> Result<Body> {
    let Options {} = setup.options()?;
    setup.log_clock(None, &["timestamp", "ts"])?;
    Ok(Body::Text(Box::new(Zeek)))
}

/// The kind of a type of `#types`.
fn kind_of(zeek: &str) -> Kind {
    match zeek {
        "count" | "int" | "port" | "n" => Kind::Int,
        "double" | "interval" | "time" | "f" => Kind::Float,
        "bool" | "b" => Kind::Bool,
        _ => Kind::Text,
    }
}

/// The columns that fields of these names and kinds give.
fn columns_of(fields: &[(String, Kind)]) -> Vec<Column> {
    let mut columns: Vec<Column> = Vec::new();
    let mut add = |column: Column| {
        if !columns.iter().any(|c| c.name == column.name) {
            columns.push(column);
        }
    };
    for (own, kind) in fields {
        match NAMES.iter().find(|(name, ..)| name == own) {
            Some((_, name, kind)) => add(Column::new(*name, own, *kind)),
            None => add(Column::new(own, own, *kind)),
        }
    }
    let has = |own: &str| fields.iter().any(|(name, _)| name == own);
    if has("uri") {
        add(Column::new("path", "uri", Kind::Text));
        add(Column::new("query", "uri", Kind::Text));
    } else if has("query") {
        add(Column::new("host", "query", Kind::Text));
    }
    columns
}

impl Layout for Zeek {
    fn columns(&self, heads: &[Head]) -> Result<Vec<Column>> {
        if let Some(error) = kinds::mixed(heads) {
            return Err(error);
        }
        let mut fields: Vec<(String, Kind)> = Vec::new();
        let mut add = |name: &str, kind: Kind| {
            if !fields.iter().any(|(n, _)| n == name) {
                fields.push((name.to_owned(), kind));
            }
        };
        for head in heads {
            let mut header = Header::default();
            let mut comments = head.lines().filter(|line| line.starts_with('#')).peekable();
            while let Some(line) = comments.next() {
                header.note(line);
                // The types stand after the fields, and a header may come again with others.
                if comments.peek().is_none_or(|next| next.starts_with("#fields")) {
                    for (i, name) in header.fields.iter().enumerate() {
                        add(name, header.types.get(i).map_or(Kind::Text, |t| kind_of(t)));
                    }
                }
            }
        }
        let mut guesses = Guesses::default();
        if heads.iter().any(|head| head.text.starts_with('{')) && guess(heads, None, &mut guesses) > 0 {
            let known = LOGS.iter().find(|(sign, _)| guesses.columns.iter().any(|(n, _)| n == sign)).map_or("", |(_, fields)| fields);
            for (name, kind) in known.split_ascii_whitespace().filter_map(|field| field.split_once(':')) {
                add(name, kind_of(kind));
            }
            for (name, guess) in &guesses.columns {
                add(name, guess.kind());
            }
        }
        match heads.first() {
            Some(head) if fields.is_empty() => Err(mismatch(head, "zeek", "it has neither a `#fields` line nor JSON objects")),
            _ => Ok(columns_of(&fields)),
        }
    }

    fn carry(&self, preamble: &mut String, block: &[u8]) {
        for line in comments(block) {
            let line = String::from_utf8_lossy(line);
            let key = line.split(|c: char| c.is_ascii_whitespace()).next().unwrap_or_default();
            if matches!(key, "#separator" | "#set_separator" | "#empty_field" | "#unset_field" | "#fields" | "#types") {
                // Every line but the one of the same key; what the separator governs comes after it.
                let mut kept: Vec<&str> = preamble.lines().filter(|l| !l.starts_with(key)).collect();
                kept.push(&line);
                *preamble = kept.join("\n");
            }
        }
    }

    fn read(&self, preamble: &str, block: &str, rows: &mut Rows<'_>) {
        let mut header = Header::default();
        let mut places = None;
        preamble.lines().for_each(|line| header.note(line));
        let mut json = json::Json::new(rows);
        let mut spans = Vec::new();
        for line in lines(block) {
            rows.line();
            if line.is_empty() {
                rows.header();
            } else if line.starts_with('#') {
                rows.header();
                header.note(line);
                places = None;
            } else {
                let read = if line.starts_with('{') {
                    json.row(line, rows)
                } else {
                    let places = places.get_or_insert_with(|| Places::of(&header.fields, rows));
                    row(line, &header, places, &mut spans, rows)
                };
                if let Err(reason) = read {
                    rows.malformed(reason, line);
                }
            }
        }
    }
}

/// What the header lines in effect say.
struct Header {
    separator: u8,
    empty: String,
    unset: String,
    set_separator: char,
    fields: Vec<String>,
    types: Vec<String>,
}

impl Default for Header {
    fn default() -> Self {
        Self { separator: b'\t', empty: "(empty)".into(), unset: "-".into(), set_separator: ',', fields: Vec::new(), types: Vec::new() }
    }
}

impl Header {
    /// Whether a field holds several values.
    fn is_list(&self, i: usize) -> bool {
        self.types.get(i).is_some_and(|kind| kind.starts_with("set[") || kind.starts_with("vector["))
    }

    fn note(&mut self, line: &str) {
        if let Some(separator) = line.strip_prefix("#separator ") {
            let code = separator.trim().strip_prefix("\\x").and_then(|hex| u8::from_str_radix(hex, 16).ok());
            self.separator = code.or(separator.bytes().next()).filter(u8::is_ascii).unwrap_or(b'\t');
            return;
        }
        let separator = char::from(self.separator);
        let Some((key, rest)) = line.split_once(separator) else { return };
        match key {
            "#empty_field" => self.empty = rest.into(),
            "#unset_field" => self.unset = rest.into(),
            "#set_separator" => self.set_separator = rest.chars().next().unwrap_or(','),
            // Too many fields are none: the lines below are then malformed.
            "#fields" if rest.split(separator).nth(MOST_COLUMNS).is_some() => self.fields.clear(),
            "#fields" => self.fields = rest.split(separator).map(str::to_owned).collect(),
            "#types" => self.types = rest.split(separator).map(str::to_owned).collect(),
            _ => {}
        }
    }
}
