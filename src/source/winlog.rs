//! Windows event logs: EVTX files as they lie on disk, and JSON lines of winlogbeat or of `evtx_dump -o jsonl`.
//!
//! # Layout
//! winlogbeat: `@timestamp`, `winlog.event_id`, `winlog.event_data.*`, keys nested or dotted, in `_source` or not (winlogbeat 6: without `winlog`).
//! EVTX: a binary file (`ElfFile`), told by its first bytes, or the lines that `evtx_dump -o jsonl` makes of one: `Event.System.*`, `Event.EventData.*`.
//! It may be packed once more (`.evtx.gz`).
//!
//! # Traps
//! - Which fields an event has depends on its id: keep the ids that are needed with `where: "event_id in (4624, 4625)"`.
//! - `action` is made of the id: 4624 `success`, 4625 and 4771 `failure`; 4768, 4769, 4770, 4776 by their status; 4634 and 4647 `logoff`; 4648
//!   `explicit_credentials`; 4672 `privileges`; 4688 `process`; 4740 `lockout`; others have none.
//! - `user` is the account acted on (`TargetUserName`), else the one that acts (`SubjectUserName`). Names that end in `$` are machines.
//! - `src_ip` is written `::ffff:10.0.0.1` by domain controllers; it is `10.0.0.1` here. `-` and `LOCAL` logons have no address.
//! - `host` is the computer that logged the event: the one that was logged on to, or the domain controller asked.
//! - An EVTX file that is cut short ends in an error. A damaged event is counted as malformed, with its byte in the file; so is a chunk whose checksum does
//!   not fit (its events are read as they stand). A file that was copied while Windows wrote it (not closed) has old checksums, which are not held against it.
//! - Tools may write records out of order; `timestamp` is the event's own time.
//!
//! # Columns
//! `timestamp`, `event_id`, `action`, `user`, `src_ip`, `src_port`, `src_host`, `host`, `method` (the authentication package), `logon_type`; every other
//! field of the first 1 000 rows under its flattened name.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    Format, Setup,
    clock::Clock,
    evtx,
    layout::Body,
    named::{How, Name, Named},
    ndjson::Values,
    objects::{Derived, Objects, has_keys},
    types::Types,
    windows::{ACTION, COLUMNS, add_action},
};
use crate::error::Result;

pub(super) const FORMAT: Format = Format {
    id: "winlog",
    summary: "Windows event logs: EVTX files, winlogbeat, `evtx_dump -o jsonl`",
    text: include_str!("winlog.rs"),
    columns: COLUMNS,
    names: NAMES,
    schema: || schemars::schema_for!(Options),
    fits: |head| {
        head.mostly(|line| {
            // A binary log whose first chunk is damaged begins with what was lost of it.
            line.starts_with(evtx::LOST)
                || has_keys(line, |has| {
                    has("winlog") || has("Event") || has("@timestamp") && has("event_id") && (has("log_name") || has("event_data"))
                })
        })
    },
    build,
};

/// Options of `winlog`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Options {
    /// Types of columns, by name.
    types: Types,
}

const NAMES: &[Name] = &[
    ACTION,
    ("winlog.event_id", "event_id", How::Plain),
    ("event_id", "event_id", How::Plain),
    ("Event.System.EventID", "event_id", How::Plain),
    ("Event.System.EventID.#text", "event_id", How::Plain),
    ("winlog.computer_name", "host", How::Plain),
    ("computer_name", "host", How::Plain),
    ("Event.System.Computer", "host", How::Plain),
    ("winlog.event_data.TargetUserName", "user", How::Plain),
    ("event_data.TargetUserName", "user", How::Plain),
    ("Event.EventData.TargetUserName", "user", How::Plain),
    ("winlog.event_data.SubjectUserName", "user", How::Plain),
    ("event_data.SubjectUserName", "user", How::Plain),
    ("Event.EventData.SubjectUserName", "user", How::Plain),
    ("winlog.event_data.IpAddress", "src_ip", How::Address),
    ("event_data.IpAddress", "src_ip", How::Address),
    ("Event.EventData.IpAddress", "src_ip", How::Address),
    ("winlog.event_data.IpPort", "src_port", How::Plain),
    ("event_data.IpPort", "src_port", How::Plain),
    ("Event.EventData.IpPort", "src_port", How::Plain),
    ("winlog.event_data.WorkstationName", "src_host", How::Plain),
    ("event_data.WorkstationName", "src_host", How::Plain),
    ("Event.EventData.WorkstationName", "src_host", How::Plain),
    ("winlog.event_data.Workstation", "src_host", How::Plain),
    ("event_data.Workstation", "src_host", How::Plain),
    ("Event.EventData.Workstation", "src_host", How::Plain),
    ("winlog.event_data.AuthenticationPackageName", "method", How::Plain),
    ("event_data.AuthenticationPackageName", "method", How::Plain),
    ("Event.EventData.AuthenticationPackageName", "method", How::Plain),
    ("winlog.event_data.LogonType", "logon_type", How::Plain),
    ("event_data.LogonType", "logon_type", How::Plain),
    ("Event.EventData.LogonType", "logon_type", How::Plain),
];
const TIMES: &[&str] = &["@timestamp", "Event.System.TimeCreated.#attributes.SystemTime"];
const EVENT_ID: [&str; 4] = ["winlog.event_id", "event_id", "Event.System.EventID", "Event.System.EventID.#text"];
const STATUS: [&str; 3] = ["winlog.event_data.Status", "event_data.Status", "Event.EventData.Status"];
const WATCHED: &[&str] = &[EVENT_ID[0], EVENT_ID[1], EVENT_ID[2], EVENT_ID[3], STATUS[0], STATUS[1], STATUS[2]];

fn build(setup: &Setup<'_>) -> Result<Body> {
    let Options { types } = setup.options()?;
    let mut grammar = Objects::of(NAMES, TIMES, moment);
    grammar.unwrap = Some("_source");
    grammar.derived = Some(Derived { of: WATCHED, add: |watched| add_action(watched, &EVENT_ID, &STATUS) });
    let clock = setup.log_clock(None, &["timestamp", "@timestamp"])?;
    let (id, columns, because) = (FORMAT.id, FORMAT.columns, "its lines are no JSON objects of events");
    Ok(Named { grammar, id, columns, because, types, clock }.body())
}

fn moment(values: &Values, clock: &mut Clock) -> Option<i64> {
    (0..TIMES.len()).find_map(|i| clock.read(values.str(i)?))
}
