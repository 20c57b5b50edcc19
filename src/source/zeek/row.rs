//! Lines of text logs, split and unescaped.

use std::borrow::Cow;

use super::{Header, NAMES};
use crate::source::{
    clock::{Epoch, Zone, iso},
    columns::Rows,
    layout::Reason,
    split::next,
    url,
};

/// Where a wanted column comes from.
#[derive(Debug, Clone, Copy)]
pub(super) enum From {
    Field(usize),
    /// Seconds that become milliseconds.
    Millis(usize),
    Target(usize, url::Part),
    Nowhere,
}

impl From {
    pub(super) fn place(self) -> Option<usize> {
        match self {
            Self::Field(i) | Self::Millis(i) | Self::Target(i, _) => Some(i),
            Self::Nowhere => None,
        }
    }
}

pub(super) struct Places {
    time: Option<usize>,
    from: Vec<(usize, From)>,
}

impl Places {
    /// Finds each wanted column among fields. The first field that gives a canonical column is taken.
    pub(super) fn of(fields: &[String], rows: &Rows<'_>) -> Self {
        let at = |own: &str| fields.iter().position(|f| f == own);
        let from = rows.slots().map(|(slot, column)| {
            let name = column.name.as_str();
            let renamed = fields.iter().position(|f| NAMES.iter().any(|(own, canonical, _)| own == f && *canonical == name));
            let from = match (renamed, at(name), at("uri"), at("query")) {
                (Some(i), ..) if name == "duration_ms" => From::Millis(i),
                (Some(i), ..) | (None, Some(i), ..) => From::Field(i),
                (None, None, Some(uri), _) if matches!(name, "path" | "query") => url::Part::named(name).map_or(From::Nowhere, |part| From::Target(uri, part)),
                (None, None, _, Some(query)) if name == "host" => From::Field(query),
                _ => From::Nowhere,
            };
            (slot, from)
        });
        Self { time: at("ts"), from: from.collect() }
    }
}

pub(super) fn seconds(text: &str) -> Option<i64> {
    Epoch::Seconds.text(text).or_else(|| iso(text, &mut Zone::utc()))
}

pub(super) fn row(line: &str, header: &Header, places: &Places, spans: &mut Vec<(usize, usize)>, rows: &mut Rows<'_>) -> Result<(), Reason> {
    if header.fields.is_empty() {
        return Err("no `#fields` line before it".into());
    }
    spans.clear();
    let (bytes, mut at) = (line.as_bytes(), 0);
    loop {
        let end = next(header.separator, bytes, at);
        spans.push((at, end));
        if end == bytes.len() {
            break;
        }
        at = end + 1;
    }
    if spans.len() != header.fields.len() {
        return Err(format!("expected {} fields, found {}", header.fields.len(), spans.len()).into());
    }
    let field = |i: usize| {
        let text = spans.get(i).and_then(|(from, to)| line.get(*from..*to)).unwrap_or_default();
        (text != header.unset && text != header.empty && !text.is_empty()).then_some(text)
    };
    if rows.admit(places.time.and_then(field).and_then(seconds)) {
        for (slot, from) in &places.from {
            match *from {
                From::Field(i) if header.set_separator != ',' && header.is_list(i) => {
                    let joined = field(i).map(|text| text.replace(header.set_separator, ","));
                    put(rows, *slot, joined.as_deref());
                }
                From::Field(i) => put(rows, *slot, field(i)),
                From::Millis(i) => put_millis(rows, *slot, field(i)),
                From::Target(i, part) => {
                    let text = unescaped(field(i).unwrap_or_default());
                    put_plain(rows, *slot, url::split(&text).part(part));
                }
                From::Nowhere => rows.null(*slot),
            }
        }
    }
    Ok(())
}

fn put(rows: &mut Rows<'_>, slot: usize, text: Option<&str>) {
    match text {
        Some(text) => rows.put(slot, &unescaped(text)),
        None => rows.null(slot),
    }
}

pub(super) fn put_plain(rows: &mut Rows<'_>, slot: usize, text: Option<&str>) {
    match text {
        Some(text) => rows.put(slot, text),
        None => rows.null(slot),
    }
}

fn put_millis(rows: &mut Rows<'_>, slot: usize, text: Option<&str>) {
    match text.map(str::parse::<f64>) {
        Some(Ok(seconds)) => rows.put_float(slot, seconds * 1_000.0),
        Some(Err(_)) => rows.put(slot, "?"),
        None => rows.null(slot),
    }
}

/// `\xNN` as the byte it stands for, `\\` as one backslash: the escapes of text logs.
fn unescaped(text: &str) -> Cow<'_, str> {
    decoded(text, true)
}

/// `\xNN` as the byte it stands for: JSON logs write so what is not UTF-8.
pub(super) fn bytes_unescaped(text: &str) -> Cow<'_, str> {
    decoded(text, false)
}

fn decoded(text: &str, backslashes: bool) -> Cow<'_, str> {
    if !text.contains('\\') {
        return text.into();
    }
    let bytes = text.as_bytes();
    let (mut out, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while let Some(byte) = bytes.get(at) {
        let code = match bytes.get(at..at + 4) {
            Some([b'\\', b'x', high, low]) => char::from(*high).to_digit(16).zip(char::from(*low).to_digit(16)),
            _ => None,
        };
        if let Some((high, low)) = code {
            out.push((high * 16 + low) as u8);
            at += 4;
        } else {
            out.push(*byte);
            at += if backslashes && *byte == b'\\' && bytes.get(at + 1) == Some(&b'\\') { 2 } else { 1 };
        }
    }
    String::from_utf8(out).map_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned().into(), Cow::Owned)
}
