//! W3C extended log format: Blue Coat, Symantec and Broadcom ProxySG, IIS, and others.
//!
//! # Layout
//! `#Fields:` names the columns of the lines that follow; header lines recur after a rotation, and the names may change. Values are separated
//! by spaces; a value with spaces stands in double quotes. `date` and `time` are UTC unless `timezone` says otherwise.
//!
//! # Traps
//! - ProxySG writes two spaces before `sc-status` at times: runs of spaces are one separator, but only outside quotes.
//! - IIS does not quote, and a query of an attacker may begin with a quote: where quotes do not work out, the line is split at spaces alone.
//! - `sc-bytes` goes to the client (`bytes_down`), `cs-bytes` comes from it (`bytes_up`).
//! - Tunnels have the method `CONNECT` or `unknown` and no path.
//! - Lines from syslog have no header, and headers may be wrong: `options: { fields: "date time ..." }` names the fields in place of `#Fields:`, or a list
//!   that ProxySG has by itself: `main`, `bcreportermain_v1` (SGOS 5), `bcreportermain_v1-6` (two more), `bcreportermain_v1-7` (SGOS 7).
//! - IIS writes the spaces of `cs(User-Agent)` as `+`; after `#Software: Microsoft Internet Information` they become spaces again, and a `+` of the
//!   agent's own becomes one too.
//! - `gmttime` and `localtime` (`[02/Mar/2026:08:00:00 +0100]`) are read where there is no `date`; they stand in brackets and hold a space.
//!
//! # Columns
//! `timestamp`, `user`, `src_ip`, `src_host`, `method`, `scheme`, `host`, `port`, `path`, `query`, `url`, `status`, `action`, `bytes_up`, `bytes_down`,
//! `duration_ms`, `mime`, `user_agent`, `referrer`, `category`, `dst_ip`; every other field under its own name. `-` is no value.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    Format, Setup,
    clock::{self, Clock, Epoch},
    columns::{Column, Kind, MOST_COLUMNS, Rows},
    head::{Head, mismatch},
    layout::{Body, Layout, Reason, comments},
    scan::{Line, Scanner},
    split::Field,
    url,
};
use crate::error::Result;

mod lacking;
mod lists;

pub(super) use self::lacking::listed;

pub(super) const FORMAT: Format = Format {
    id: "elff",
    summary: "W3C extended log format: Blue Coat and Symantec ProxySG, IIS",
    text: include_str!("elff.rs"),
    columns: &[
        ("timestamp", Kind::Time),
        ("user", Kind::Text),
        ("src_ip", Kind::Text),
        ("src_host", Kind::Text),
        ("method", Kind::Text),
        ("scheme", Kind::Text),
        ("host", Kind::Text),
        ("port", Kind::Int),
        ("path", Kind::Text),
        ("query", Kind::Text),
        ("url", Kind::Text),
        ("status", Kind::Int),
        ("action", Kind::Text),
        ("bytes_up", Kind::Int),
        ("bytes_down", Kind::Int),
        ("duration_ms", Kind::Float),
        ("mime", Kind::Text),
        ("user_agent", Kind::Text),
        ("referrer", Kind::Text),
        ("category", Kind::Text),
        ("dst_ip", Kind::Text),
    ],
    schema: || schemars::schema_for!(Options),
    fits: |head| head.lines().take(10).any(|line| line.starts_with("#Fields:") || line.starts_with("#Software:")),
    build,
};

/// Options of `elff`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Options {
    /// The names of the fields, separated by spaces, in place of those of `#Fields:`; or the name of a list of ProxySG.
    fields: Option<String>,
    /// The zone of `date` and `time`; UTC.
    timezone: Option<String>,
}

/// Own name, canonical name, kind. The first that a file has gives the canonical column.
const NAMES: &[(&str, &str, Kind)] = &[
    ("cs-username", "user", Kind::Text),
    ("cs-user", "user", Kind::Text),
    ("c-ip", "src_ip", Kind::Text),
    ("c-dns", "src_host", Kind::Text),
    ("cs-method", "method", Kind::Text),
    ("cs-uri-scheme", "scheme", Kind::Text),
    ("cs-host", "host", Kind::Text),
    ("cs-uri-host", "host", Kind::Text),
    ("cs-uri-port", "port", Kind::Int),
    ("s-port", "port", Kind::Int),
    ("cs-uri-path", "path", Kind::Text),
    ("cs-uri-stem", "path", Kind::Text),
    ("cs-uri-query", "query", Kind::Text),
    ("cs-uri", "url", Kind::Text),
    ("sc-status", "status", Kind::Int),
    ("sc-filter-result", "action", Kind::Text),
    ("s-action", "action", Kind::Text),
    ("cs-bytes", "bytes_up", Kind::Int),
    ("sc-bytes", "bytes_down", Kind::Int),
    ("time-taken", "duration_ms", Kind::Float),
    ("rs(Content-Type)", "mime", Kind::Text),
    ("sc(Content-Type)", "mime", Kind::Text),
    ("cs(User-Agent)", "user_agent", Kind::Text),
    ("cs(Referer)", "referrer", Kind::Text),
    ("cs-categories", "category", Kind::Text),
    ("cs-category", "category", Kind::Text),
    ("sc-filter-category", "category", Kind::Text),
    ("r-ip", "dst_ip", Kind::Text),
    ("cs-ip", "dst_ip", Kind::Text),
    ("s-supplier-ip", "dst_ip", Kind::Text),
];

const INTEGERS: &[&str] = &["sc-substatus", "sc-win32-status", "c-port", "cs-threat-risk"];

/// The parts of `cs-uri` that stand for fields a file does not have.
const URL_PARTS: [&str; 5] = ["scheme", "host", "port", "path", "query"];

struct Elff {
    fields: Option<String>,
    clock: Clock,
}

fn build(setup: &Setup<'_>) -> Result<Body> {
    let options: Options = setup.options()?;
    let clock = setup.log_clock(options.timezone.as_deref(), &["timestamp", "date", "time"])?;
    let fields = options.fields.map(lists::fields).transpose()?;
    Ok(Body::Text(Box::new(Elff { fields, clock })))
}

/// The canonical columns of a header: own name and kind by canonical name, then the rest under their own names.
fn columns_of(fields: &[&str]) -> Vec<Column> {
    let mut columns = Vec::new();
    let mut taken = vec![false; fields.len()];
    for (own, name, kind) in NAMES {
        if let Some(at) = fields.iter().position(|f| f.eq_ignore_ascii_case(own))
            && !columns.iter().any(|c: &Column| c.name == *name)
        {
            taken[at] = true;
            columns.push(Column::new(*name, fields[at], *kind));
        }
    }
    let has = |columns: &[Column], name: &str| columns.iter().any(|c| c.name == name);
    if has(&columns, "url") {
        for part in URL_PARTS {
            if !has(&columns, part) {
                columns.push(Column::new(part, "cs-uri", if part == "port" { Kind::Int } else { Kind::Text }));
            }
        }
    } else if has(&columns, "host") {
        columns.push(Column::new("url", "url", Kind::Text));
    }
    for (at, field) in fields.iter().enumerate() {
        if !taken[at] && !matches!(*field, "date" | "time" | REST) && !has(&columns, field) {
            columns.push(Column::new(*field, *field, if INTEGERS.contains(field) { Kind::Int } else { Kind::Text }));
        }
    }
    columns
}

impl Layout for Elff {
    fn columns(&self, heads: &[Head]) -> Result<Vec<Column>> {
        if self.fields.is_none()
            && let Some((head, lacking)) = heads.first().zip(lacking::Lacking::of(heads))
        {
            return Err(lacking.error(head));
        }
        let declared = self.fields.iter().map(String::as_str);
        let said = heads.iter().flat_map(|head| head.lines().filter_map(fields_of)).filter(|_| self.fields.is_none());
        let mut columns = vec![Column::new("timestamp", "date", Kind::Time)];
        for column in declared.chain(said).flat_map(|fields| columns_of(&fields.split_ascii_whitespace().take(MOST_COLUMNS + 1).collect::<Vec<_>>())) {
            if !columns.iter().any(|c| c.name == column.name) {
                columns.push(column);
            }
        }
        match heads.first() {
            Some(head) if columns.len() == 1 => Err(mismatch(head, "elff", "no `#Fields:` line names its columns (or name them in `options: { fields: ... }`)")),
            _ => {
                // The canonical columns first, whichever file named them.
                columns.sort_by_key(|c| FORMAT.columns.iter().position(|(name, _)| *name == c.name).unwrap_or(usize::MAX));
                Ok(columns)
            }
        }
    }

    fn carry(&self, preamble: &mut String, block: &[u8]) {
        for line in comments(block) {
            for kept in ["#Fields:", "#Date:", "#Software:"] {
                if line.starts_with(kept.as_bytes()) {
                    let others: Vec<&str> = preamble.lines().filter(|l| !l.starts_with(kept)).collect();
                    *preamble = others.join("\n");
                    preamble.push('\n');
                    preamble.push_str(&String::from_utf8_lossy(line));
                }
            }
        }
    }

    fn read(&self, preamble: &str, block: &str, rows: &mut Rows<'_>) {
        let mut reader = Reader {
            clock: self.clock.clone(),
            header: None,
            declared: self.fields.is_some(),
            day: None,
            last_date: [0; 10],
            last_days: None,
            iis: false,
            scratch: String::new(),
        };
        if let Some(fields) = &self.fields {
            reader.fields(fields, rows);
        }
        for line in preamble.lines() {
            reader.comment(line, rows);
        }
        let mut scanner = Scanner::new(block);
        while let Some(line) = scanner.line() {
            rows.line();
            if line.text.is_empty() {
                rows.header();
            } else if line.text.starts_with('#') {
                rows.header();
                reader.comment(line.text, rows);
            } else if let Err(reason) = reader.row(line, &mut scanner, rows) {
                rows.malformed(reason, line.text);
            }
        }
    }
}

fn fields_of(line: &str) -> Option<&str> {
    line.strip_prefix("#Fields:")
}

/// Where a wanted column comes from, under the header in effect.
#[derive(Debug, Clone, Copy)]
enum From {
    Field(usize),
    /// A user agent, whose spaces IIS writes as `+`.
    Agent(usize),
    /// A part of the URL in a field.
    Part(usize, url::Part),
    /// The URL, put together from the places of its five parts.
    Compose([Option<usize>; 5]),
    Nowhere,
}

struct Header {
    fields: usize,
    time: Option<Time>,
    from: Vec<(usize, From)>,
}

#[derive(Clone, Copy)]
enum Time {
    Both(usize, usize),
    /// The date stands in `#Date:`.
    OfDay(usize),
    Epoch(usize),
    /// `[day/month/year:time` and, in the field behind it, `zone]`.
    Bracketed(usize),
}

/// What stands behind the first half of a time in brackets: no column.
const REST: &str = "]";

fn is_bracketed(field: &str) -> bool {
    field.eq_ignore_ascii_case("gmttime") || field.eq_ignore_ascii_case("localtime")
}

struct Reader {
    clock: Clock,
    header: Option<Header>,
    /// The experiment names the fields.
    declared: bool,
    /// Of `#Date:`.
    day: Option<i64>,
    last_date: [u8; 10],
    last_days: Option<i64>,
    /// The server wrote `+` for the spaces of user agents.
    iis: bool,
    scratch: String,
}

impl Reader {
    fn comment(&mut self, line: &str, rows: &mut Rows<'_>) {
        if let Some(fields) = fields_of(line) {
            if !self.declared {
                self.fields(fields, rows);
            }
        } else if let Some(date) = line.strip_prefix("#Date:") {
            self.day = date.trim().get(..10).and_then(|d| clock::date(d.as_bytes()));
        } else if let Some(software) = line.strip_prefix("#Software:") {
            self.iis = software.trim_start().starts_with("Microsoft Internet Information");
            rows.tally.synthetic |= software.trim_start().starts_with("gonogo");
        } else if line.strip_prefix("#Remark:").is_some_and(|r| r.trim_start().starts_with("synthetic")) {
            rows.tally.synthetic = true;
        }
    }

    fn fields(&mut self, text: &str, rows: &Rows<'_>) {
        let fields: Vec<&str> = text.split_ascii_whitespace().flat_map(|field| [field, if is_bracketed(field) { REST } else { "" }]).filter(|f| !f.is_empty()).collect();
        if fields.len() > MOST_COLUMNS {
            self.header = None;
            return;
        }
        let at = |own: &str| fields.iter().position(|f| f.eq_ignore_ascii_case(own));
        let given = columns_of(&fields);
        let place = |name: &str| given.iter().find(|c| c.name == name).and_then(|c| at(&c.own));
        let from = rows
            .slots()
            .map(|(slot, column)| {
                let part = url::Part::named(&column.name);
                let from = match (given.iter().find(|c| c.name == column.name), part) {
                    (Some(c), Some(part)) if c.own == "cs-uri" => at("cs-uri").map_or(From::Nowhere, |i| From::Part(i, part)),
                    (Some(c), _) if c.name == "url" && c.own == "url" => From::Compose(URL_PARTS.map(place)),
                    (Some(c), _) if c.name == "user_agent" => at(&c.own).map_or(From::Nowhere, From::Agent),
                    (Some(c), _) => at(&c.own).map_or(From::Nowhere, From::Field),
                    (None, _) => From::Nowhere,
                };
                (slot, from)
            })
            .collect();
        let time = match (at("date"), at("time"), at("x-timestamp-unix-utc").or(at("x-timestamp-unix"))) {
            (Some(date), Some(time), _) => Some(Time::Both(date, time)),
            (_, _, Some(epoch)) => Some(Time::Epoch(epoch)),
            (None, Some(time), None) => Some(Time::OfDay(time)),
            _ => at("gmttime").or(at("localtime")).map(Time::Bracketed),
        };
        self.header = Some(Header { fields: fields.len(), time, from });
    }

    fn row(&mut self, line: Line<'_>, scanner: &mut Scanner<'_>, rows: &mut Rows<'_>) -> Result<(), Reason> {
        let Self { clock, header, day, last_date, last_days, iis, scratch, .. } = self;
        let Some(header) = header else { return Err("no `#Fields:` line before it".into()) };
        if line.fields != Some(header.fields) && scanner.split_plain() != header.fields {
            return Err(match line.fields {
                Some(n) => format!("expected {} fields as named before it, found {n}", header.fields).into(),
                None => "a quote is not closed".into(),
            });
        }
        let field = |i: usize| scanner.field(i);
        let time = match header.time {
            Some(Time::Both(date, time)) => {
                let date = field(date).text.as_bytes();
                if date != last_date {
                    *last_days = clock::date(date);
                    *last_date = date.try_into().unwrap_or_default();
                }
                wall(*last_days, field(time).text, clock)
            }
            Some(Time::OfDay(time)) => wall(*day, field(time).text, clock),
            Some(Time::Epoch(at)) => Epoch::Seconds.text(field(at).text),
            Some(Time::Bracketed(at)) => bracketed(field(at).text, field(at + 1).text, clock),
            None => None,
        };
        if rows.admit(time) {
            for (slot, from) in &header.from {
                match *from {
                    From::Agent(i) if *iis && field(i).text.contains('+') => rows.put(*slot, &field(i).text.replace('+', " ")),
                    From::Field(i) | From::Agent(i) => put(rows, *slot, field(i)),
                    From::Part(i, part) => rows.put_some(*slot, url::split(field(i).text).part(part)),
                    From::Compose(places) => {
                        compose(scratch, places.map(|p| p.map(|i| field(i).text).filter(|t| *t != "-")));
                        rows.put_or_dash(*slot, scratch);
                    }
                    From::Nowhere => rows.null(*slot),
                }
            }
        }
        Ok(())
    }
}

fn wall(days: Option<i64>, time: &str, clock: &mut Clock) -> Option<i64> {
    let (micros, rest) = clock::time_of_day(time.as_bytes())?;
    rest.is_empty().then(|| clock.local(days.unwrap_or_default() * 86_400_000_000 + micros)).filter(|_| days.is_some())
}

/// A time whose month is a name or, as some versions write it, a number.
fn bracketed(day: &str, zone: &str, clock: &mut Clock) -> Option<i64> {
    let (day, zone) = (day.strip_prefix('[')?, zone.strip_suffix(']')?);
    let numbered = |text: &str| {
        let (date, time) = text.split_once(':')?;
        let mut parts = date.split('/');
        let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
        Some(format!("{year}-{month}-{day} {time}"))
    };
    let text = if day.as_bytes().get(3).is_some_and(u8::is_ascii_digit) { numbered(day)? } else { day.to_owned() };
    clock.read(&format!("{text} {zone}"))
}

#[inline]
fn put(rows: &mut Rows<'_>, slot: usize, field: Field<'_>) {
    if field.escaped { rows.put_or_dash(slot, &field.text.replace("\"\"", "\"")) } else { rows.put_or_dash(slot, field.text) }
}

/// Puts a URL together; empty where there is no host. The port is left out where it is the scheme's own.
fn compose(into: &mut String, [scheme, host, port, path, query]: [Option<&str>; 5]) {
    into.clear();
    let Some(host) = host else { return };
    if let Some(scheme) = scheme {
        into.push_str(scheme);
        into.push_str("://");
    }
    into.push_str(host);
    if let Some(port) = port
        && !matches!((scheme, port), (Some("http"), "80") | (Some("https"), "443"))
    {
        into.push(':');
        into.push_str(port);
    }
    into.push_str(path.unwrap_or_default());
    if let Some(query) = query {
        if !query.starts_with('?') {
            into.push('?');
        }
        into.push_str(query);
    }
}
