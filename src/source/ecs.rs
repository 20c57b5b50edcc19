//! ECS: JSON lines in the Elastic common schema, as beats, Logstash and exports of Elasticsearch write them.
//!
//! # Layout
//! One object a line; keys nested (`{"user": {"name": ...}}`) or dotted (`{"user.name": ...}`), alike or mixed. An object `_source`, as exports of
//! Elasticsearch and Kibana wrap each row in, is opened.
//!
//! # Traps
//! - `@timestamp` is ISO 8601; one without an offset is read in `timezone`. In some pipelines it is when the event arrived: compare `event.created`.
//! - `http.request.bytes` and `http.response.bytes` come first for `bytes_up` and `bytes_down`, then `source.bytes` and `destination.bytes`, which
//!   count packets with their headers: a source that mixes both is not of one measure.
//! - `event.duration` is nanoseconds; `duration_ms` is milliseconds. `url.query` has no `?` before it; `query` has.
//! - `network.bytes` is the sum of both directions and is neither.
//! - What a field of the first 1 000 rows does not have is no column; `types` names further ones.
//!
//! # Columns
//! `timestamp`, `user`, `src_ip`, `src_port`, `src_host`, `dst_ip`, `dst_port`, `method`, `scheme`, `host`, `port`, `path`, `query`, `url`, `status`,
//! `action`, `bytes_up`, `bytes_down`, `duration_ms`, `mime`, `user_agent`, `referrer`, `category`, `proto`; every other field under its flattened name.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    Format, Setup,
    columns::Kind,
    layout::Body,
    named::{How, Name, Named},
    objects::{Objects, has_keys, text_time},
    types::Types,
};
use crate::error::Result;

pub(super) const FORMAT: Format = Format {
    id: "ecs",
    summary: "JSON lines in the Elastic common schema",
    text: include_str!("ecs.rs"),
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
        ("duration_ms", Kind::Float),
        ("mime", Kind::Text),
        ("user_agent", Kind::Text),
        ("referrer", Kind::Text),
        ("category", Kind::Text),
        ("proto", Kind::Text),
    ],
    names: NAMES,
    schema: || schemars::schema_for!(Options),
    fits: |head| head.mostly(|line| has_keys(line, |has| has("@timestamp") && ["ecs", "source", "destination", "url", "user"].iter().any(|key| has(key)))),
    build,
};

/// Options of `ecs`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Options {
    /// Types of columns, by name.
    types: Types,
}

const NAMES: &[Name] = &[
    ("user.name", "user", How::Plain),
    ("source.user.name", "user", How::Plain),
    ("client.user.name", "user", How::Plain),
    ("source.ip", "src_ip", How::Address),
    ("client.ip", "src_ip", How::Address),
    ("source.port", "src_port", How::Plain),
    ("client.port", "src_port", How::Plain),
    ("source.domain", "src_host", How::Plain),
    ("client.domain", "src_host", How::Plain),
    ("destination.ip", "dst_ip", How::Address),
    ("server.ip", "dst_ip", How::Address),
    ("destination.port", "dst_port", How::Plain),
    ("server.port", "dst_port", How::Plain),
    ("http.request.method", "method", How::Plain),
    ("url.full", "url", How::Plain),
    ("url.original", "url", How::Plain),
    ("url.scheme", "scheme", How::Plain),
    ("url.domain", "host", How::Plain),
    ("destination.domain", "host", How::Plain),
    ("server.domain", "host", How::Plain),
    ("dns.question.name", "host", How::Plain),
    ("url.port", "port", How::Plain),
    ("url.path", "path", How::Plain),
    ("url.query", "query", How::Query),
    ("http.response.status_code", "status", How::Plain),
    ("event.action", "action", How::Plain),
    ("event.outcome", "action", How::Plain),
    ("http.request.bytes", "bytes_up", How::Plain),
    ("source.bytes", "bytes_up", How::Plain),
    ("client.bytes", "bytes_up", How::Plain),
    ("http.response.bytes", "bytes_down", How::Plain),
    ("destination.bytes", "bytes_down", How::Plain),
    ("server.bytes", "bytes_down", How::Plain),
    ("event.duration", "duration_ms", How::Over(1e6)),
    ("http.response.mime_type", "mime", How::Plain),
    ("user_agent.original", "user_agent", How::Plain),
    ("http.request.referrer", "referrer", How::Plain),
    ("rule.category", "category", How::Plain),
    ("network.transport", "proto", How::Plain),
];

fn build(setup: &Setup<'_>) -> Result<Body> {
    let Options { types } = setup.options()?;
    let mut grammar = Objects::of(NAMES, &["@timestamp"], text_time);
    grammar.unwrap = Some("_source");
    let clock = setup.log_clock(None, &["timestamp", "@timestamp"])?;
    let (id, columns, because) = (FORMAT.id, FORMAT.columns, "its lines are no JSON objects");
    Ok(Named { grammar, id, columns, because, types, clock }.body())
}
