//! Lines under the header in effect.

use super::{URL_PARTS, columns_of, fields_of};
use crate::source::{
    clock::{self, Clock, Epoch},
    columns::{MOST_COLUMNS, Rows},
    layout::Reason,
    scan::{Line, Scanner},
    split::Field,
    url,
};

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
pub(super) const REST: &str = "]";

fn is_bracketed(field: &str) -> bool {
    field.eq_ignore_ascii_case("gmttime") || field.eq_ignore_ascii_case("localtime")
}

/// Reads the lines of a block.
pub(super) struct Reader {
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
    pub(super) fn new(clock: Clock, declared: bool) -> Self {
        Self { clock, header: None, declared, day: None, last_date: [0; 10], last_days: None, iis: false, scratch: String::new() }
    }

    pub(super) fn comment(&mut self, line: &str, rows: &mut Rows<'_>) {
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

    pub(super) fn fields(&mut self, text: &str, rows: &Rows<'_>) {
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

    pub(super) fn row(&mut self, line: Line<'_>, scanner: &mut Scanner<'_>, rows: &mut Rows<'_>) -> Result<(), Reason> {
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
