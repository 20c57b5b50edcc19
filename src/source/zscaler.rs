//! Zscaler: the web log of Nanolog Streaming Service, by the feed's own template, as JSON lines, or as CSV.
//!
//! # Layout
//! What a feed writes is set in it, by a string such as `%s{time}\t%s{login}\t%s{eurl}\t%s{action}\t%d{reqsize}\t%d{respsize}\n`. Give that string as it stands
//! there: `options: { template: '...' }`. Without it lines that begin with `{` are JSON, with the template's names as keys (in `event` or not); other lines
//! are CSV: under a header, or 32 values in the order of the feed that Elastic describes (`time`, `login`, `proto`, `eurl`, `action`, ...).
//!
//! # Traps
//! - `%s{time}` names no zone: say `timezone`, or put `%d{epochtime}` into the feed, which is preferred. `%s{tz}` is not looked at. A time put together of
//!   `%d{yy}`, `%02d{mth}`, `%02d{dd}`, `%02d{hh}`, `%02d{mm}`, `%02d{ss}` is read as one.
//! - `reqsize` is the upload (`bytes_up`), `respsize` the download. Firewall and DNS feeds are other logs: read them as CSV or JSON of their own.
//! - Fields with an `o` before their name are obfuscated (`ologin`): the same person may have another name after a change of the key. Those with an `e` are
//!   percent-encoded; they are decoded here, but for URLs.
//! - `src_ip` is `cip`, behind a proxy or a tunnel the address of a whole site at times: look at the share of the top address, and at `cintip`.
//! - `None`, `N/A`, `NA`, `Unknown` and `Other` are no value. URLs have no scheme.
//!
//! # Columns
//! `timestamp`, `user`, `src_ip`, `src_host`, `method`, `scheme`, `host`, `port`, `path`, `query`, `url`, `status`, `action`, `bytes_up`, `bytes_down`, `duration_ms`, `mime`,
//! `user_agent`, `referrer`, `category`, `dst_ip`; every other field under its own name.

use schemars::JsonSchema;
use serde::Deserialize;

use self::{fields::field, lines::Lines};
use super::{
    Format, Setup,
    clock::month,
    columns::{Column, Rows},
    delimited::{self, Delimited, Told},
    head::{Head, mismatch},
    layout::{Body, Layout},
    meaning::{self, CANONICAL},
    pattern::{Pattern, Patterned},
    records::Record,
};
use crate::error::Result;

mod fields;
mod lines;
mod template;

pub(super) const FORMAT: Format = Format {
    id: "zscaler",
    summary: "Zscaler: the web log of NSS, by the feed's template, as JSON or as CSV",
    text: include_str!("zscaler.rs"),
    columns: CANONICAL,
    names: &[],
    schema: || schemars::schema_for!(Options),
    fits: |head| {
        let is_json = |line: &str| line.starts_with('{') && ["reqsize", "respsize"].iter().all(|key| line.contains(&format!("\"{key}\"")));
        let is_row = |line: &str| matches!(tell(&delimited::fields(line, b',', &mut Record::default()), false), Told::Row(_));
        head.mostly(is_json) || head.mostly(is_row)
    },
    build,
};

/// Options of `zscaler`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Options {
    /// The feed's output format, as it stands in the feed.
    template: Option<String>,
    /// The zone of times that name none; UTC.
    timezone: Option<String>,
}

/// What feeds write for a value that is not there, besides `-` and nothing.
const NULLS: &[&str] = &["None", "N/A", "NA", "Unknown", "Other"];
/// The order of CSV without a header.
const ORDER: &str = "time,login,proto,eurl,action,appname,appclass,reqsize,respsize,stime,ctime,urlclass,urlsupercat,urlcat,malwarecat,threatname,riskscore,\
    dlpeng,dlpdict,location,dept,cip,sip,reqmethod,respcode,ua,ereferer,ruletype,rulelabel,contenttype,unscannabletype,deviceowner,devicehostname";
/// With fewer values a line is of another feed.
const LEAST: usize = 24;

struct Zscaler {
    json: Lines,
    csv: Delimited,
}

fn build(setup: &Setup<'_>) -> Result<Body> {
    let options: Options = setup.options()?;
    let zone = options.timezone.as_deref();
    let clock = setup.log_clock(zone, &["timestamp", "time", "datetime", "epochtime"])?;
    if let Some(template) = options.template {
        let pattern = Pattern::of("template", template::tokens(&template)?, false)?;
        let clock = meaning::clock(&pattern.fields(), setup.time, zone)?;
        return Ok(Body::Text(Box::new(Patterned { format: FORMAT.id, pattern, clock, nulls: NULLS })));
    }
    let csv = Delimited { format: FORMAT.id, delimiter: b',', layouts: vec![ORDER.split(',').map(|name| field(name.trim())).collect()], tell, clock, nulls: NULLS };
    let json = Lines { time: setup.time.cloned(), zone: options.timezone };
    Ok(Body::Text(Box::new(Zscaler { json, csv })))
}

/// Whether a text of this format is JSON.
fn is_json(text: &[u8]) -> bool {
    text.trim_ascii_start().starts_with(b"{")
}

fn tell(fields: &[&str], headed: bool) -> Told {
    let first = fields.first().copied().unwrap_or_default();
    let is_time = |text: &str| text.len() == 24 && text.get(4..7).is_some_and(|name| month(name.as_bytes()).is_some());
    if matches!(first, "time" | "datetime") && fields.len() > 4 {
        return Told::Header(fields.iter().map(|name| field(name)).collect());
    }
    match fields.len() {
        _ if headed => Told::Headed,
        n if n >= LEAST && is_time(first) => Told::Row(0),
        n => Told::Not(format!("expected a time as in `Mon Mar 02 08:00:00 2026` and at least {LEAST} values, found {n} values").into()),
    }
}

impl Layout for Zscaler {
    fn columns(&self, heads: &[Head]) -> Result<Vec<Column>> {
        let (json, csv): (Vec<Head>, Vec<Head>) = heads.iter().cloned().partition(|head| is_json(head.text.as_bytes()));
        match (json.first(), csv.first()) {
            (Some(_), Some(other)) => Err(mismatch(other, FORMAT.id, "other files of this source are JSON lines: read them as a source of their own")),
            (Some(_), None) => self.json.columns(&json),
            _ => self.csv.columns(heads),
        }
    }

    fn cut(&self, preamble: &str, text: &[u8]) -> usize {
        if is_json(text) { self.json.cut(preamble, text) } else { self.csv.cut(preamble, text) }
    }

    fn carry(&self, preamble: &mut String, block: &[u8]) {
        if !is_json(block) {
            self.csv.carry(preamble, block);
        }
    }

    fn read(&self, preamble: &str, block: &str, rows: &mut Rows<'_>) {
        if is_json(block.as_bytes()) { self.json.read(preamble, block, rows) } else { self.csv.read(preamble, block, rows) }
    }
}
