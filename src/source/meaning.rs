//! What the fields of a line mean: which columns each gives, and how a column is got from the fields that may give it.
//!
//! Formats whose fields are named by a template, by a header, or by their place share this: they split a line into fields, and a [`Plan`]
//! does the rest.

use std::{borrow::Cow, net::IpAddr};

use super::{
    clock::Clock,
    columns::{Column, Kind, Rows, float, int},
    combined::request,
    squid::decoded,
    url::{self, Part},
};
use crate::{error::Result, spec};

/// The canonical columns, in the order in which formats give them.
pub(crate) const CANONICAL: &[(&str, Kind)] = &[
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
];

/// What a field holds.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Holds {
    /// A column under a name of its own or a canonical one.
    Column(Cow<'static, str>, Kind),
    /// Text with `%XX`.
    Encoded(&'static str),
    /// A whole number; `-` is 0.
    Count(&'static str),
    /// A duration, with the factor that makes milliseconds of it.
    Duration(f64),
    /// A URL, or `host:port` of a tunnel.
    Url,
    /// A URL that is written without its scheme.
    BareUrl,
    /// A path with its query.
    Target,
    /// `host` or `host:port`.
    HostPort,
    /// A name of the DNS, with or without its last dot.
    Domain,
    /// `GET /path HTTP/1.1`.
    Request,
    /// The other side: its address, where it is one.
    Peer(&'static str),
    /// The time, and how it is written (`auto`, `epoch_s`, ..., a strftime pattern).
    Time(Cow<'static, str>),
    /// What is added to the time: microseconds of one unit.
    Subsecond(i64),
}

/// A field of a line.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Field {
    /// The format's own name.
    pub(crate) own: String,
    pub(crate) holds: Holds,
    /// Another field that gives the same column is preferred, wherever it stands.
    pub(crate) late: bool,
}

impl Field {
    pub(crate) fn new(own: impl Into<String>, holds: Holds) -> Self {
        Self { own: own.into(), holds, late: false }
    }

    /// A field that is only used where no other gives its columns.
    pub(crate) fn late(own: impl Into<String>, holds: Holds) -> Self {
        Self { late: true, ..Self::new(own, holds) }
    }

    /// A field that nothing canonical is made of.
    pub(crate) fn own(own: impl Into<String>, kind: Kind) -> Self {
        let own = own.into();
        Self::new(own.clone(), Holds::Column(own.into(), kind))
    }

    /// The columns that the field gives.
    fn gives(&self) -> Vec<(Cow<'static, str>, Kind, Get)> {
        let parts = |get: fn(Part) -> Get| {
            let names = ["scheme", "host", "port", "path", "query"];
            names.into_iter().filter_map(move |name| Part::named(name).map(|part| (name.into(), kind_of(name), get(part)))).collect()
        };
        let one = |name: &'static str, kind, get| vec![(name.into(), kind, get)];
        match &self.holds {
            Holds::Column(name, kind) => vec![(name.clone(), *kind, Get::Text)],
            Holds::Encoded(name) => one(name, Kind::Text, Get::Decoded),
            Holds::Count(name) => one(name, Kind::Int, Get::Count),
            Holds::Duration(factor) => one("duration_ms", Kind::Float, Get::Scaled(*factor)),
            Holds::Url => [one("url", Kind::Text, Get::Text), parts(Get::Url)].concat(),
            Holds::BareUrl => [one("url", Kind::Text, Get::Text), parts(Get::BareUrl)].concat(),
            Holds::Target => [one("url", Kind::Text, Get::Text), parts(Get::Url)].concat(),
            Holds::HostPort => vec![("host".into(), Kind::Text, Get::Host), ("port".into(), Kind::Int, Get::Port)],
            Holds::Domain => one("host", Kind::Text, Get::Undotted),
            Holds::Request => [
                vec![("method".into(), Kind::Text, Get::Method), ("url".into(), Kind::Text, Get::RequestUrl(None))],
                parts(|part| Get::RequestUrl(Some(part))),
                vec![("request".into(), Kind::Text, Get::Text), ("protocol".into(), Kind::Text, Get::Protocol)],
            ]
            .concat(),
            Holds::Peer(name) => vec![("dst_ip".into(), Kind::Text, Get::Address), ((*name).into(), Kind::Text, Get::Text)],
            Holds::Time(_) => one("timestamp", Kind::Time, Get::Text),
            Holds::Subsecond(_) => Vec::new(),
        }
    }
}

fn kind_of(name: &str) -> Kind {
    CANONICAL.iter().find(|(n, _)| *n == name).map_or(Kind::Text, |(_, kind)| *kind)
}

/// The columns that fields give: the time and the canonical ones first, then the format's own in the order of the fields.
pub(crate) fn columns(fields: &[Field]) -> Vec<Column> {
    let mut columns: Vec<Column> = Vec::new();
    for field in fields.iter().filter(|f| !f.late).chain(fields.iter().filter(|f| f.late)) {
        for (name, kind, _) in field.gives() {
            if !columns.iter().any(|c| c.name == name) {
                columns.push(Column::new(name.clone(), if kind == Kind::Time { field.own.clone() } else { own_of(field, &name) }, kind));
            }
        }
    }
    columns.sort_by_key(|c| CANONICAL.iter().position(|(name, _)| *name == c.name).unwrap_or(usize::MAX));
    columns
}

/// A column that is the whole of a field has the field's own name; a part of one has its canonical name.
fn own_of(field: &Field, name: &str) -> String {
    match &field.holds {
        Holds::Url | Holds::BareUrl | Holds::Target | Holds::Request | Holds::HostPort if name != "url" => name.into(),
        Holds::Peer(own) if name == *own => name.into(),
        _ => field.own.clone(),
    }
}

/// How a column is got from the text of a field.
#[derive(Debug, Clone, Copy)]
enum Get {
    Text,
    Decoded,
    Count,
    Scaled(f64),
    Url(Part),
    BareUrl(Part),
    Host,
    Port,
    Undotted,
    Method,
    RequestUrl(Option<Part>),
    Protocol,
    Address,
}

impl Get {
    /// Gives a column its value; `false` where the field has none.
    fn put(self, slot: usize, text: &str, rows: &mut Rows<'_>) -> bool {
        let found: Option<Cow<'_, str>> = match self {
            Self::Text => Some(text.into()),
            Self::Decoded => Some(decoded(text)),
            Self::Count => Some(if text == "-" { "0".into() } else { text.into() }),
            Self::Scaled(factor) => {
                if let Some(value) = float(text) {
                    rows.put_float(slot, value * factor);
                    return true;
                }
                Some(text.into())
            }
            Self::Url(part) => url::split(text).part(part).map(Into::into),
            Self::BareUrl(part) => bare(text, part).map(Into::into),
            Self::Host => url::host_port(text).0.map(Into::into),
            Self::Port => url::host_port(text).1.map(Into::into),
            Self::Undotted => Some(text.strip_suffix('.').unwrap_or(text).into()),
            Self::Method => request(text).method.map(Into::into),
            Self::RequestUrl(None) => request(text).target.map(Into::into),
            Self::RequestUrl(Some(part)) => request(text).target.and_then(|target| url::split(target).part(part)).map(Into::into),
            Self::Protocol => request(text).protocol.map(Into::into),
            Self::Address => text.parse::<IpAddr>().is_ok().then(|| text.into()),
        };
        match found.filter(|text| !text.is_empty() && *text != "-") {
            Some(text) => {
                rows.put(slot, &text);
                true
            }
            None => false,
        }
    }
}

/// A part of a URL without a scheme: `host/path?query`, `host:port`, or one with a scheme after all.
fn bare(text: &str, part: Part) -> Option<&str> {
    if text.contains("://") {
        return url::split(text).part(part);
    }
    let end = text.find(['/', '?']).unwrap_or(text.len());
    let (host, port) = url::host_port(&text[..end]);
    match part {
        Part::Scheme => None,
        Part::Host => host,
        Part::Port => port,
        Part::Path | Part::Query => url::target(&text[end..]).part(part),
    }
}

/// How the wanted columns are got from the fields of a line.
pub(crate) struct Plan {
    time: Option<(usize, Clock)>,
    /// Fields that are added to the time, with the microseconds of their unit.
    subseconds: Vec<(usize, i64)>,
    slots: Vec<(usize, Vec<(usize, Get)>)>,
}

/// Says how the time field is read: as the experiment says, else as the format says.
///
/// # Errors
/// Where the zone or the pattern is none.
pub(crate) fn clock(fields: &[Field], said: Option<&spec::Time>, zone: Option<&str>) -> Result<Clock> {
    let parse = fields.iter().find_map(|f| if let Holds::Time(parse) = &f.holds { Some(parse.as_ref()) } else { None });
    let mut time = said.cloned().unwrap_or_else(|| spec::Time { column: "timestamp".into(), parse: "auto".into(), timezone: "UTC".into() });
    if time.parse == "auto" {
        time.parse = parse.unwrap_or("auto").into();
    }
    if let Some(zone) = zone {
        time.timezone = zone.into();
    }
    Clock::of(&time)
}

impl Plan {
    /// Works out where the wanted columns come from.
    pub(crate) fn new(fields: &[Field], clock: &Clock, rows: &Rows<'_>) -> Self {
        let time = fields.iter().position(|f| matches!(f.holds, Holds::Time(_))).map(|at| (at, clock.clone()));
        let subsecond = |(at, f): (usize, &Field)| if let Holds::Subsecond(unit) = f.holds { Some((at, unit)) } else { None };
        let slots = rows.slots().map(|(slot, column)| {
            let of = |late: bool| {
                fields.iter().enumerate().filter(move |(_, f)| f.late == late).flat_map(|(at, f)| {
                    let found = f.gives().into_iter().find(|(name, ..)| *name == column.name);
                    found.map(|(.., get)| (at, get))
                })
            };
            (slot, of(false).chain(of(true)).collect())
        });
        Self { time, subseconds: fields.iter().enumerate().filter_map(subsecond).collect(), slots: slots.collect() }
    }

    /// Gives a row its values. `-` and nothing are no value, nor are `nulls`.
    pub(crate) fn row<'a>(&mut self, field: impl Fn(usize) -> Cow<'a, str>, nulls: &[&str], rows: &mut Rows<'_>) {
        let mut time = self.time.as_mut().and_then(|(at, clock)| clock.read(&field(*at)));
        for (at, unit) in &self.subseconds {
            time = time.and_then(|time| int(&field(*at)).filter(|n| (0..1_000_000).contains(n)).map(|n| time + n * unit));
        }
        if !rows.admit(time) {
            return;
        }
        for (slot, sources) in &self.slots {
            let found = sources.iter().any(|(at, get)| {
                let text = field(*at);
                let none = text.is_empty() || nulls.contains(&text.as_ref()) || text == "-" && !matches!(get, Get::Count);
                !none && get.put(*slot, &text, rows)
            });
            if !found {
                rows.null(*slot);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_without_a_scheme() {
        let parts = |text| [Part::Scheme, Part::Host, Part::Port, Part::Path, Part::Query].map(|part| bare(text, part));
        assert_eq!(parts("a.b/x?y"), [None, Some("a.b"), None, Some("/x"), Some("?y")]);
        assert_eq!(parts("a.b:443"), [None, Some("a.b"), Some("443"), None, None]);
        assert_eq!(parts("a.b"), [None, Some("a.b"), None, None, None]);
        assert_eq!(parts("https://a.b/"), [Some("https"), Some("a.b"), Some("443"), Some("/"), None]);
    }

    #[test]
    fn a_late_field_gives_way() {
        let fields = [
            Field::late("body", Holds::Count("bytes_down")),
            Field::new("t", Holds::Time("epoch_s".into())),
            Field::new("sent", Holds::Count("bytes_down")),
        ];
        let columns = columns(&fields);
        assert_eq!(
            columns.iter().map(|c| (c.name.as_str(), c.own.as_str())).collect::<Vec<_>>(),
            [("timestamp", "t"), ("bytes_down", "sent")]
        );
    }
}
