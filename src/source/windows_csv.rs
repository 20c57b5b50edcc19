//! Windows event logs as CSV: of the Event Viewer, of PowerShell's `Get-WinEvent | Export-Csv`, of EvtxECmd.
//!
//! # Layout
//! Event Viewer: the header `Keywords,Date and Time,Source,Event ID,Task Category` has five names, and the rows six fields, the last being the message
//! with line breaks and tabs in it. `Get-WinEvent`: `Message,Id,...,TimeCreated,...`, a `#TYPE` line before it in old versions. EvtxECmd:
//! `RecordNumber,EventRecordId,TimeCreated,EventId,...,Payload`. Which one it is, is told by the header; the Event Viewer's is known in any
//! language, by its five names and six fields.
//!
//! # Traps
//! - Dates of the Event Viewer and of `Get-WinEvent` are written as the machine's language writes them, in its zone: say how with
//!   `options: { date_format: "%m/%d/%Y %I:%M:%S %p" }` and `timezone`. `03/04/2026` fits two ways; nothing is guessed.
//! - User and address are taken from the message, whose words are those of the machine's language: English ones are read. From other languages there
//!   are `event_id` and the time, but no `user`: export as EVTX or XML instead.
//! - `user` is the last account that a message names (the one logged on to), or the field `TargetUserName`. Names that end in `$` are machines.
//! - `action` is made of the id, and of the status where the id needs one (`gonogo explain format:winlog` lists it).
//! - The Event Viewer exports what its filter shows, newest first, and no computer's name: one export is one machine's.
//!
//! # Columns
//! `timestamp`, `event_id`, `action`, `user`, `src_ip`, `src_port`, `src_host`, `host`, `method` (the authentication package), `logon_type`; every other field
//! under its own name, the Event Viewer's sixth as `Message`.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    Format, Setup,
    clock::Clock,
    head::{Head, INFER_ROWS},
    json::Sink,
    layout::{Body, Reason},
    named::{Grammar, How, Name, Named, Reader, Taken, give},
    ndjson::Values,
    records::{Dialect, Found, Record},
    times::refuse_dates,
    types::Types,
    windows::{ACTION, COLUMNS, EVENT_DATA, action},
};
use crate::{error::Result, spec};

pub(super) const FORMAT: Format = Format {
    id: "windows-csv",
    summary: "Windows event logs as CSV: Event Viewer, Get-WinEvent, EvtxECmd",
    text: include_str!("windows_csv.rs"),
    columns: COLUMNS,
    names: &NAMES,
    schema: || schemars::schema_for!(Options),
    fits: |head| Sheet::of(&head.text).is_some(),
    build,
};

/// Options of `windows-csv`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Options {
    /// How dates are written, as a strftime pattern; ISO 8601 where it is not given.
    date_format: Option<String>,
    /// Types of columns, by name.
    types: Types,
}

const COMMA: Dialect = Dialect { delimiter: b',', quote: b'"' };
/// The Event Viewer's fields, whatever its language calls them.
const VIEWER: [&str; 6] = ["Keywords", "Date and Time", "Source", "Event ID", "Task Category", "Message"];
const TIMES: &[&str] = &["Date and Time", "TimeCreated"];

/// What messages call the fields of event data.
const MESSAGE: [(&str, &str); 11] = [
    ("Account Name", "TargetUserName"),
    ("Logon Account", "TargetUserName"),
    ("Source Network Address", "IpAddress"),
    ("Client Address", "IpAddress"),
    ("Source Port", "IpPort"),
    ("Client Port", "IpPort"),
    ("Workstation Name", "WorkstationName"),
    ("Source Workstation", "WorkstationName"),
    ("Authentication Package", "AuthenticationPackageName"),
    ("Logon Type", "LogonType"),
    ("Error Code", "Status"),
];

/// Where the parts of an event stand in the records of a file.
struct Sheet {
    names: Vec<String>,
    /// The header names fields by place, one fewer than there are.
    viewer: bool,
    /// Where the rows begin.
    rows: usize,
}

impl Sheet {
    /// Reads the header at the beginning of a text.
    fn of(text: &str) -> Option<Self> {
        let (mut record, mut at) = (Record::default(), 0);
        loop {
            let next = match COMMA.read(text, at, &mut record) {
                Found::Blank(next) => next,
                Found::Record(next) if record.field(text, 0).starts_with("#TYPE") => next,
                Found::Record(next) => return Self::named(record.fields(text).map(str::to_owned).collect(), text, next),
                Found::Unclosed(_) | Found::End => return None,
            };
            at = next;
        }
    }

    fn named(names: Vec<String>, text: &str, rows: usize) -> Option<Self> {
        let has = |name: &str| names.iter().any(|n| n == name);
        if has("TimeCreated") && (has("Id") && has("ProviderName") || has("EventId") && has("Payload")) {
            return Some(Self { names, viewer: false, rows });
        }
        let mut record = Record::default();
        let sixth = matches!(COMMA.read(text, rows, &mut record), Found::Record(_)) && record.len() == 6 && record.field(text, 3).parse::<u32>().is_ok();
        (names.len() == 5 && (sixth || has("Event ID") && has("Date and Time"))).then(|| Self { names: VIEWER.map(str::to_owned).to_vec(), viewer: true, rows })
    }
}

struct WindowsCsv {
    dates: Option<Clock>,
}

fn build(setup: &Setup<'_>) -> Result<Body> {
    let Options { date_format, types } = setup.options()?;
    let timezone = setup.time.map_or_else(|| "UTC".into(), |time| time.timezone.clone());
    let dates = date_format.map(|parse| Clock::of(&spec::Time { column: TIMES[0].into(), parse, timezone })).transpose()?;
    let clock = setup.log_clock(None, &["timestamp", TIMES[0], TIMES[1]])?;
    let (id, columns, because) = (FORMAT.id, FORMAT.columns, "its header is none of the Event Viewer, Get-WinEvent, or EvtxECmd");
    Ok(Named { grammar: WindowsCsv { dates }, id, columns, because, types, clock }.body())
}

const NAMES: [Name; 15] = [
    ACTION,
    ("Event ID", "event_id", How::Plain),
    ("Id", "event_id", How::Plain),
    ("EventId", "event_id", How::Plain),
    ("MachineName", "host", How::Plain),
    ("Computer", "host", How::Plain),
    EVENT_DATA[0],
    EVENT_DATA[1],
    EVENT_DATA[2],
    EVENT_DATA[3],
    EVENT_DATA[4],
    EVENT_DATA[5],
    EVENT_DATA[6],
    EVENT_DATA[7],
    EVENT_DATA[8],
];

impl Grammar for WindowsCsv {
    fn names(&self) -> &[Name] {
        &NAMES
    }

    fn times(&self) -> &'static [&'static str] {
        TIMES
    }

    /// Dates that cannot be read are an error with the pattern that would do, where only one does.
    fn refuse(&self, heads: &[Head]) -> Result<()> {
        let Some((head, sheet)) = heads.iter().find_map(|head| Sheet::of(&head.text).map(|sheet| (head, sheet))) else { return Ok(()) };
        let Some(place) = sheet.names.iter().position(|name| TIMES.contains(&name.as_str())) else { return Ok(()) };
        let (mut record, mut at, mut dates) = (Record::default(), sheet.rows, Vec::new());
        while dates.len() < INFER_ROWS
            && let Found::Record(next) | Found::Blank(next) = COMMA.read(&head.text, at, &mut record)
        {
            at = next;
            if record.len() == sheet.names.len() {
                dates.push(record.field(&head.text, place).to_owned());
            }
        }
        let mut clock = self.dates.clone().unwrap_or_else(Clock::auto);
        let bad = dates.iter().filter(|date| clock.read(date).is_none()).count();
        refuse_dates("options.date_format", TIMES[0], &dates, bad)
    }

    fn reader<'a>(&'a self, preamble: &str) -> Box<dyn Reader + 'a> {
        Box::new(Rows { dates: self.dates.clone(), sheet: Sheet::of(preamble), record: Record::default() })
    }

    fn carry(&self, preamble: &mut String, block: &[u8]) {
        if preamble.is_empty() {
            let text = String::from_utf8_lossy(block);
            if let Some(sheet) = Sheet::of(&text) {
                // With the first row, which tells the Event Viewer's header in any language.
                let mut record = Record::default();
                let end = match COMMA.read(&text, sheet.rows, &mut record) {
                    Found::Record(next) => next,
                    _ => sheet.rows,
                };
                preamble.push_str(text.get(..end).unwrap_or_default());
            }
        }
    }

    fn cut(&self, _: &str, text: &[u8]) -> usize {
        COMMA.cut(text)
    }

    fn end(&self, text: &str, from: usize) -> usize {
        match COMMA.read(text, from, &mut Record::default()) {
            Found::Record(next) | Found::Blank(next) | Found::Unclosed(next) => next,
            Found::End => text.len(),
        }
    }
}

struct Rows {
    dates: Option<Clock>,
    sheet: Option<Sheet>,
    record: Record,
}

impl Reader for Rows {
    fn begin(&mut self, block: &str) {
        if self.sheet.is_none() {
            self.sheet = Sheet::of(block);
        }
    }

    fn record(&mut self, text: &str, sink: &mut dyn Sink) -> Result<Taken, Reason> {
        if !matches!(COMMA.read(text, 0, &mut self.record), Found::Record(_)) {
            return Err("a quote is not closed".into());
        }
        let Some(sheet) = &self.sheet else { return Err("no header before it".into()) };
        let record = &self.record;
        let is_header = if sheet.viewer { record.len() == 5 } else { record.fields(text).eq(sheet.names.iter().map(String::as_str)) };
        if record.field(text, 0).starts_with("#TYPE") || is_header {
            return Ok(Taken::Header);
        }
        if record.len() != sheet.names.len() {
            return Err(format!("expected {} fields, found {}", sheet.names.len(), record.len()).into());
        }
        let (mut id, mut status, mut keywords) = ("", None, "");
        for (name, field) in sheet.names.iter().zip(record.fields(text)) {
            match name.as_str() {
                "Event ID" | "Id" | "EventId" => id = field,
                "Keywords" => keywords = field,
                _ => {}
            }
            give(sink, name, field);
            for (own, value) in fields_of(name, field) {
                if own == "Status" {
                    status = Some(value.into_owned());
                } else {
                    give(sink, own, &value);
                }
            }
        }
        let status = status.or_else(|| (keywords == "Audit Failure").then(|| keywords.to_owned()));
        if let Some(action) = action(id, status.as_deref()) {
            give(sink, ACTION.0, action);
        }
        Ok(Taken::Row)
    }

    fn moment(&mut self, values: &Values, clock: &mut Clock) -> Option<i64> {
        let text = values.str(0).or_else(|| values.str(1))?;
        self.dates.as_mut().unwrap_or(clock).read(text)
    }
}

/// The fields of event data that a field of the CSV holds.
fn fields_of<'a>(name: &str, field: &'a str) -> Vec<(&'static str, Cow<'a, str>)> {
    match name {
        "Message" => message(field),
        "Payload" => payload(field),
        _ => Vec::new(),
    }
}

/// The fields that a message in English names, the last of each kind that has a value.
fn message(text: &str) -> Vec<(&'static str, Cow<'_, str>)> {
    let mut found: Vec<(&'static str, Cow<'_, str>)> = Vec::new();
    for line in text.lines() {
        let Some((label, value)) = line.split_once(':') else { continue };
        let value = value.trim();
        let own = MESSAGE.iter().find(|(name, _)| *name == label.trim()).map(|(_, own)| *own);
        if let Some(own) = own.filter(|_| !matches!(value, "" | "-")) {
            found.retain(|(name, _)| *name != own);
            found.push((own, value.into()));
        }
    }
    found
}

/// The fields of EvtxECmd's payload: `{"EventData":{"Data":[{"@Name":"TargetUserName","#text":"ann"},...]}}`.
fn payload(text: &str) -> Vec<(&'static str, Cow<'_, str>)> {
    let Ok(payload) = serde_json::from_str::<serde_json::Value>(text) else { return Vec::new() };
    let Some(data) = payload.pointer("/EventData/Data").and_then(|data| data.as_array()) else { return Vec::new() };
    let known = EVENT_DATA.iter().map(|(own, ..)| *own).chain(["Status"]);
    known
        .filter_map(|own| {
            let field = data.iter().find(|field| field.get("@Name").and_then(|name| name.as_str()) == Some(own))?;
            Some((own, field.get("#text")?.as_str()?.to_owned().into()))
        })
        .collect()
}
