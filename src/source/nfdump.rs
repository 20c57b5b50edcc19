//! nfdump: NetFlow records as CSV, of `-o csv` and `-o csv-fast`.
//!
//! # Layout
//! A header names the fields: `ts,te,td,sa,da,sp,dp,pr,flg,...` (1.6 and `csv` of 1.7), `cnt,af,firstSeen,lastSeen,proto,srcAddr,...` (`csv-fast`), or those
//! asked for (`csv:%ts,%sa,...`, named `firstSeen`, `srcAddr`, ...). The `Summary` block that may follow is no row; nor are the lines that nfdump
//! writes without `-q`.
//!
//! # Traps
//! - Flows go one way: `bytes_up` is what the source sent. The answer is a flow of its own, with the addresses the other way round; where the exporter
//!   joins both, the answer is `obyt` (`bytes_down`). To have uploads of clients, keep the rows whose `src_ip` is inside.
//! - Sampled exports count one packet in N: `options: { sampled: N }` multiplies packets and bytes. Rare and small flows are missing all the same.
//! - A long flow is cut every few minutes (the active timeout): sum it, and take no row for a connection.
//! - Times as text are those of the machine where nfdump ran: say its zone in `timezone`. `csv-fast` writes epoch seconds.
//! - Names of hosts and users are in no flow: join leases and inventories. Top-N statistics are no flows and are refused.
//!
//! # Columns
//! `timestamp` (of the first packet), `src_ip`, `src_port`, `dst_ip`, `dst_port`, `proto` (name or number), `bytes_up`, `bytes_down`, `duration_ms`, `packets_up`,
//! `packets_down`; every other field under its own name.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    Format, Setup,
    clock::Clock,
    columns::{Kind, int},
    dates::epoch,
    head::Head,
    json::Sink,
    layout::{Body, Reason, lines},
    named::{Grammar, How, Name, Named, Reader, Taken, give},
    ndjson::Values,
    types::Types,
};
use crate::error::{Error, Result};

pub(super) const FORMAT: Format = Format {
    id: "nfdump",
    summary: "NetFlow records as CSV, of nfdump",
    text: include_str!("nfdump.rs"),
    columns: &[
        ("timestamp", Kind::Time),
        ("src_ip", Kind::Text),
        ("src_port", Kind::Int),
        ("dst_ip", Kind::Text),
        ("dst_port", Kind::Int),
        ("proto", Kind::Text),
        ("bytes_up", Kind::Int),
        ("bytes_down", Kind::Int),
        ("packets_up", Kind::Int),
        ("packets_down", Kind::Int),
        ("duration_ms", Kind::Float),
    ],
    names: NAMES,
    schema: || schemars::schema_for!(Options),
    fits: |head| head.lines().take(5).any(|line| is_header(line) && !is_statistic(line)),
    build,
};

/// Options of `nfdump`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Options {
    /// The exporter counts one packet in so many; packets and bytes are multiplied by it.
    sampled: u32,
    /// Types of columns, by name.
    types: Types,
}

impl Default for Options {
    fn default() -> Self {
        Self { sampled: 1, types: Types::new() }
    }
}

const NAMES: &[Name] = &[
    ("srcAddr", "src_ip", How::Address),
    ("sa", "src_ip", How::Address),
    ("srcPort", "src_port", How::Plain),
    ("sp", "src_port", How::Plain),
    ("dstAddr", "dst_ip", How::Address),
    ("da", "dst_ip", How::Address),
    ("dstPort", "dst_port", How::Plain),
    ("dp", "dst_port", How::Plain),
    ("proto", "proto", How::Plain),
    ("pr", "proto", How::Plain),
    ("bytes", "bytes_up", How::Plain),
    ("ibyt", "bytes_up", How::Plain),
    ("byt", "bytes_up", How::Plain),
    ("obyt", "bytes_down", How::Plain),
    ("packets", "packets_up", How::Plain),
    ("ipkt", "packets_up", How::Plain),
    ("pkt", "packets_up", How::Plain),
    ("opkt", "packets_down", How::Plain),
    ("duration", "duration_ms", How::Times(1_000.0)),
    ("td", "duration_ms", How::Times(1_000.0)),
];
const TIMES: &[&str] = &["firstSeen", "ts"];
/// What sampling scales.
const SCALED: [&str; 8] = ["bytes", "ibyt", "byt", "obyt", "packets", "ipkt", "pkt", "opkt"];
/// The fields that the summary has.
const SUMMARY: usize = 6;
/// Beginnings of lines that nfdump writes around the records.
const AROUND: [&str; 7] = ["Summary", "Time window:", "Total flows processed:", "Total records processed:", "Blocks skipped:", "Sys:", "No matching flows"];

struct Nfdump {
    sampled: i64,
}

fn build(setup: &Setup<'_>) -> Result<Body> {
    let Options { sampled, types } = setup.options()?;
    if sampled == 0 {
        return Err(Error::data_hint("options.sampled: 0 is not a sampling rate", "write the N of one packet in N, or leave it out"));
    }
    let clock = setup.log_clock(None, &["timestamp", "firstSeen", "ts"])?;
    let (id, columns, because) = (FORMAT.id, FORMAT.columns, "no line names its fields (`ts,te,td,sa,da,...` or `...,firstSeen,lastSeen,proto,srcAddr,...`)");
    Ok(Named { grammar: Nfdump { sampled: sampled.into() }, id, columns, because, types, clock }.body())
}

fn is_header(line: &str) -> bool {
    let has = |name: &str| line.split(',').any(|field| field.trim() == name);
    has("ts") && has("te") || (has("firstSeen") || has("ts")) && (has("srcAddr") || has("sa") || has("dstAddr") || has("da"))
}

/// `ts,te,td,pr,val,...`: a table of the largest talkers.
fn is_statistic(line: &str) -> bool {
    line.split(',').any(|field| field.trim() == "val")
}

impl Grammar for Nfdump {
    fn names(&self) -> &[Name] {
        NAMES
    }

    fn times(&self) -> &'static [&'static str] {
        TIMES
    }

    fn given(&self, own: &str) -> bool {
        !matches!(own, "obyt" | "opkt")
    }

    fn refuse(&self, heads: &[Head]) -> Result<()> {
        match heads.iter().find(|head| head.lines().take(5).any(|line| is_header(line) && is_statistic(line))) {
            Some(head) => Err(Error::data_hint(
                format!("`{}` is a top-N statistic of nfdump, not flows", head.path.display()),
                "write flows: `nfdump -r FILE -o csv -q`, without `-s`",
            )),
            None => Ok(()),
        }
    }

    fn reader<'a>(&'a self, preamble: &str) -> Box<dyn Reader + 'a> {
        let mut reader = Lines { sampled: self.sampled, names: Vec::new(), ended: false };
        for line in preamble.lines() {
            reader.around(line);
        }
        Box::new(reader)
    }

    fn carry(&self, preamble: &mut String, block: &[u8]) {
        // Only the first line and those of letters can be no flow: flows begin with a digit.
        for line in lines(&String::from_utf8_lossy(block)).filter(|line| line.starts_with(|c: char| c.is_ascii_alphabetic())) {
            if is_header(line) {
                *preamble = line.to_owned();
            } else if line.starts_with(AROUND[0]) {
                preamble.push('\n');
                preamble.push_str(AROUND[0]);
            }
        }
    }
}

struct Lines {
    sampled: i64,
    names: Vec<String>,
    /// The summary has begun.
    ended: bool,
}

impl Lines {
    /// Takes note of a line that is no flow; `false` where it may be one.
    fn around(&mut self, line: &str) -> bool {
        if is_header(line) {
            self.names = line.split(',').map(|name| name.trim().to_owned()).collect();
            self.ended = false;
            return true;
        }
        self.ended |= line.starts_with(AROUND[0]);
        AROUND.iter().any(|start| line.starts_with(start)) || self.ended && line.split(',').count() == SUMMARY
    }
}

impl Reader for Lines {
    fn record(&mut self, text: &str, sink: &mut dyn Sink) -> Result<Taken, Reason> {
        if self.around(text) {
            return Ok(Taken::Header);
        }
        if self.names.is_empty() {
            return Err("no line that names the fields before it".into());
        }
        // A header of 1.6 ends with a comma that the lines do not have, or the other way round.
        let fields = text.split(',').count();
        let named = self.names.len();
        let text = if fields == named + 1 { text.strip_suffix(',').unwrap_or(text) } else { text };
        if text.split(',').count() != named {
            return Err(format!("expected {named} fields, found {fields}").into());
        }
        for (name, field) in self.names.iter().zip(text.split(',')) {
            let field = field.trim();
            match int(field).filter(|_| self.sampled > 1 && SCALED.contains(&name.as_str())) {
                Some(counted) => give(sink, name, &counted.saturating_mul(self.sampled).to_string()),
                None => give(sink, name, field),
            }
        }
        Ok(Taken::Row)
    }

    fn moment(&mut self, values: &Values, clock: &mut Clock) -> Option<i64> {
        let text = values.str(0).or_else(|| values.str(1))?;
        epoch(text).or_else(|| clock.read(text))
    }
}
