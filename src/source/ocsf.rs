//! OCSF: HTTP activity in the open cybersecurity schema, as JSON lines (Amazon Security Lake and others).
//!
//! # Layout
//! One object a line, of the class `class_uid`: 4002 is HTTP activity. `options: { class_uid: 4001 }` reads another (network activity; 4003 is
//! DNS, 3002 authentication); records of other classes are counted as filtered out. Parquet of Security Lake is the format `parquet`.
//!
//! # Traps
//! - `time` is epoch milliseconds.
//! - `traffic.bytes_out` flows from source to destination (`bytes_up`), `traffic.bytes_in` comes back (`bytes_down`). Where there is no `traffic`, the
//!   lengths of request and response are taken, which a producer may leave out for encrypted traffic. `cumulative_traffic` are running totals: never sum them.
//! - `action` is what the device did, else its `disposition`, else the activity's name.
//! - Fields of the same meaning moved between versions of the schema; both places are looked at.
//! - `status` of the schema (`Success`, `Failure`) is `outcome`; `status` is the code of an HTTP response.
//! - What a field of the first 1 000 rows does not have is no column; `types` names further ones.
//!
//! # Columns
//! `timestamp`, `user`, `src_ip`, `src_port`, `src_host`, `dst_ip`, `dst_port`, `method`, `scheme`, `host`, `port`, `path`, `query`, `url`, `status`,
//! `action`, `outcome`, `bytes_up`, `bytes_down`, `duration_ms`, `mime`, `user_agent`, `referrer`, `category`, `proto`; every other field under its flattened name.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    Format, Setup,
    clock::Epoch,
    columns::Kind,
    json::Value,
    layout::Body,
    named::{How, Name, Named},
    objects::{Kept, Objects, has_keys},
    types::Types,
};
use crate::error::Result;

pub(super) const FORMAT: Format = Format {
    id: "ocsf",
    summary: "OCSF: HTTP activity in the open cybersecurity schema, as JSON lines",
    text: include_str!("ocsf.rs"),
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
        ("outcome", Kind::Text),
        ("bytes_up", Kind::Int),
        ("bytes_down", Kind::Int),
        ("duration_ms", Kind::Float),
        ("mime", Kind::Text),
        ("user_agent", Kind::Text),
        ("referrer", Kind::Text),
        ("category", Kind::Text),
        ("proto", Kind::Text),
    ],
    names: NAMES,
    schema: || schemars::schema_for!(Options),
    fits: |head| head.mostly(|line| has_keys(line, |has| has("class_uid") && has("time"))),
    build,
};

/// Options of `ocsf`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Options {
    /// The class of the records that are read.
    class_uid: u32,
    /// Types of columns, by name.
    types: Types,
}

impl Default for Options {
    fn default() -> Self {
        Self { class_uid: 4_002, types: Types::new() }
    }
}

const NAMES: &[Name] = &[
    // The account of a logon; the actor may be the service that checked it.
    ("user.name", "user", How::Plain),
    ("actor.user.name", "user", How::Plain),
    ("src_endpoint.owner.name", "user", How::Plain),
    ("actor.user.email_addr", "user", How::Plain),
    ("src_endpoint.ip", "src_ip", How::Address),
    ("src_endpoint.port", "src_port", How::Plain),
    ("src_endpoint.hostname", "src_host", How::Plain),
    ("dst_endpoint.ip", "dst_ip", How::Address),
    ("dst_endpoint.port", "dst_port", How::Plain),
    ("http_request.http_method", "method", How::Plain),
    ("http_request.url.url_string", "url", How::Plain),
    ("http_request.url.text", "url", How::Plain),
    ("http_request.url.scheme", "scheme", How::Plain),
    ("http_request.url.hostname", "host", How::Plain),
    ("query.hostname", "host", How::Plain),
    ("dst_endpoint.hostname", "host", How::Plain),
    ("http_request.url.port", "port", How::Plain),
    ("http_request.url.path", "path", How::Plain),
    ("http_request.url.query_string", "query", How::Query),
    ("http_response.code", "status", How::Plain),
    ("action", "action", How::Plain),
    ("disposition", "action", How::Plain),
    ("activity_name", "action", How::Plain),
    ("status", "outcome", How::Plain),
    ("traffic.bytes_out", "bytes_up", How::Plain),
    ("http_request.length", "bytes_up", How::Plain),
    ("traffic.bytes_in", "bytes_down", How::Plain),
    ("http_response.length", "bytes_down", How::Plain),
    ("duration", "duration_ms", How::Plain),
    ("http_response.latency", "duration_ms", How::Plain),
    ("http_response.content_type", "mime", How::Plain),
    ("http_request.user_agent", "user_agent", How::Plain),
    ("http_request.referrer", "referrer", How::Plain),
    ("http_request.url.categories", "category", How::Plain),
    ("connection_info.protocol_name", "proto", How::Plain),
];

fn build(setup: &Setup<'_>) -> Result<Body> {
    let Options { class_uid, types } = setup.options()?;
    let mut grammar = Objects::of(NAMES, &["time"], |values, _| match values.get(0)? {
        Value::Int(millis) => Epoch::Millis.whole(*millis),
        Value::Float(millis) => Epoch::Millis.float(*millis),
        Value::Text(_) => Epoch::Millis.text(values.str(0)?),
        Value::Big(_) | Value::Bool(_) => None,
    });
    grammar.kind = Some(Kept { own: &["class_uid"], value: Some(class_uid.to_string()), option: "class_uid" });
    let clock = setup.log_clock(None, &["timestamp", "time"])?;
    let (id, columns, because) = (FORMAT.id, FORMAT.columns, "its lines are no JSON objects with `class_uid`");
    Ok(Named { grammar, id, columns, because, types, clock }.body())
}
