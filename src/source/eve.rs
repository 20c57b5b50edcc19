//! Suricata's EVE log: one JSON object a line, events of several types in one file.
//!
//! # Layout
//! Every object has `timestamp`, `event_type`, addresses and ports, and an object named as its type (`http`, `dns`, `tls`, `flow`, `alert`). A source
//! is the events of one type: `options: { event_type: http }`. The others are counted as filtered out.
//!
//! # Traps
//! - `http` has no upload bytes: `http.length` is the body of the response. `flow` has both directions (`bytes_up`, `bytes_down`), once a flow ends:
//!   its `timestamp` is then the end, and `flow.start` the beginning.
//! - `timestamp` has an offset without a colon (`+0100`); it is read as it is. `flow_id` may exceed 2^53 and is text.
//! - `dns` logs question and answer apart (`dns.type`): keep one of them with `where`. Version 3 (Suricata 8) holds lists: the first question is read.
//! - An alert has parts of the protocol it was found in, such as `http.hostname`. `action` is `alert.action` (`allowed` where nothing was blocked).
//! - Fields are optional and depend on Suricata's configuration: columns beyond those named here come from the first 1 000 rows; `types` names
//!   further ones.
//!
//! # Columns
//! `timestamp`, `src_ip`, `src_port`, `dst_ip`, `dst_port`, `proto`, `flow_id`; http: `method`, `host`, `port`, `path`, `query`, `url` (as requested),
//! `status`, `bytes_down`, `mime`, `user_agent`, `referrer`; dns: `host` (the name asked for, which is `query` too); tls: `host`; flow: `bytes_up`,
//! `bytes_down`, `duration_ms`; alert: `action`, `category`. `scheme` and `user` where the first rows have them. Every other field under its
//! flattened name.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    Format, Setup,
    columns::Kind,
    layout::Body,
    named::{How, Name, Named},
    objects::{Kept, Objects, has_keys, text_time},
    types::Types,
};
use crate::error::Result;

pub(super) const FORMAT: Format = Format {
    id: "eve",
    summary: "Suricata's EVE log: http, dns, tls, flow, alert",
    text: include_str!("eve.rs"),
    columns: &[
        ("timestamp", Kind::Time),
        ("user", Kind::Text),
        ("src_ip", Kind::Text),
        ("src_port", Kind::Int),
        ("dst_ip", Kind::Text),
        ("dst_port", Kind::Int),
        ("proto", Kind::Text),
        ("flow_id", Kind::Text),
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
        ("duration_ms", Kind::Float),
        ("mime", Kind::Text),
        ("user_agent", Kind::Text),
        ("referrer", Kind::Text),
        ("category", Kind::Text),
    ],
    names: NAMES,
    schema: || schemars::schema_for!(Options),
    fits: |head| head.mostly(|line| has_keys(line, |has| has("timestamp") && has("event_type") && (has("flow_id") || has("src_ip") || has("stats")))),
    build,
};

/// Options of `eve`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Options {
    /// The type of the events that are read.
    event_type: Option<String>,
    /// Types of columns, by name.
    types: Types,
}

const NAMES: &[Name] = &[
    ("src_ip", "src_ip", How::Address),
    ("src_port", "src_port", How::Plain),
    ("dest_ip", "dst_ip", How::Address),
    ("dest_port", "dst_port", How::Plain),
    ("proto", "proto", How::Plain),
    ("flow_id", "flow_id", How::Plain),
    ("http.hostname", "host", How::Plain),
    ("http.url", "url", How::Plain),
    ("http.http_port", "port", How::Plain),
    ("http.http_method", "method", How::Plain),
    ("http.http_user_agent", "user_agent", How::Plain),
    ("http.http_refer", "referrer", How::Plain),
    ("http.http_content_type", "mime", How::Plain),
    ("http.status", "status", How::Plain),
    ("http.length", "bytes_down", How::Plain),
    ("tls.sni", "host", How::Plain),
    ("dns.rrname", "host", How::Plain),
    ("dns.queries.rrname", "host", How::Plain),
    ("dns.query.rrname", "host", How::Plain),
    ("dns.rrname", "query", How::Plain),
    ("dns.queries.rrname", "query", How::Plain),
    ("dns.query.rrname", "query", How::Plain),
    ("flow.bytes_toserver", "bytes_up", How::Plain),
    ("flow.bytes_toclient", "bytes_down", How::Plain),
    ("flow.age", "duration_ms", How::Times(1_000.0)),
    ("alert.action", "action", How::Plain),
    ("alert.category", "category", How::Plain),
];

fn build(setup: &Setup<'_>) -> Result<Body> {
    let Options { event_type, types } = setup.options()?;
    let mut grammar = Objects::of(NAMES, &["timestamp"], text_time);
    grammar.opens_lists = true;
    grammar.kind = Some(Kept { own: &["event_type"], value: event_type, option: "event_type" });
    // The parts of other types are there only where rows have them.
    grammar.absent = |own, objects| {
        let kind = objects.kind.as_ref().and_then(|kept| kept.value.as_deref());
        own.split_once('.').is_some_and(|(part, _)| Some(part) != kind)
    };
    let clock = setup.log_clock(None, &["timestamp"])?;
    let (id, columns, because) = (FORMAT.id, FORMAT.columns, "its lines are no JSON objects with `event_type`");
    Ok(Named { grammar, id, columns, because, types, clock }.body())
}
