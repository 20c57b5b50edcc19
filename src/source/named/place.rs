//! From the values of a record to those of the wanted columns.

use super::{Grammar, How};
use crate::source::{
    columns::{Rows, float},
    json::Value,
    ndjson::Values,
    url::{self, Part},
};

/// Where a wanted column comes from: the places of the values that may give it, else a part of the URL in others.
pub(super) struct From {
    slot: usize,
    places: Vec<(usize, How)>,
    part: Option<(Part, Vec<usize>)>,
}

/// The values to be read of a record, the times first, and what each wanted column is made of.
pub(super) fn places<G: Grammar>(grammar: &G, rows: &Rows<'_>) -> (Values, Vec<From>) {
    let mut wanted: Vec<String> = grammar.times().iter().map(|&own| own.to_owned()).collect();
    let mut place = |own: &str| {
        wanted.iter().position(|n| n == own).unwrap_or_else(|| {
            wanted.push(own.to_owned());
            wanted.len() - 1
        })
    };
    let named = |canonical: &str| grammar.names().iter().filter(|(_, name, _)| *name == canonical).collect::<Vec<_>>();
    let mut columns = Vec::new();
    for (slot, column) in rows.slots() {
        let mut places: Vec<(usize, How)> = named(&column.name).iter().map(|(own, _, how)| (place(own), *how)).collect();
        // A field of the column's name that means another column is not looked at.
        if !grammar.names().iter().any(|(own, ..)| *own == column.name) {
            places.push((place(&column.name), How::Plain));
        }
        let part = Part::named(&column.name).map(|part| (part, named("url").iter().map(|(own, ..)| place(own)).collect()));
        columns.push(From { slot, places, part });
    }
    (Values::new(wanted), columns)
}

/// Gives each wanted column of a row its value.
pub(super) fn row(values: &Values, columns: &[From], time: Option<i64>, rows: &mut Rows<'_>) {
    if !rows.admit(time) {
        return;
    }
    let there = |place: usize| match values.get(place) {
        Some(Value::Text(_)) => values.str(place).is_some_and(|text| !text.is_empty() && text != "-"),
        other => other.is_some(),
    };
    for From { slot, places, part } in columns {
        if let Some((place, how)) = places.iter().find(|(place, _)| there(*place)) {
            put(values, *place, *how, *slot, rows);
        } else if let Some((part, urls)) = part {
            let url = urls.iter().find_map(|place| values.str(*place));
            rows.put_some(*slot, url.and_then(|url| url::split(url).part(*part)));
        } else {
            rows.null(*slot);
        }
    }
}

fn put(values: &Values, place: usize, how: How, slot: usize, rows: &mut Rows<'_>) {
    match (how, values.str(place)) {
        (How::Times(by), _) => put_number(values, place, slot, rows, |v| v * by),
        (How::Over(by), _) => put_number(values, place, slot, rows, |v| v / by),
        (How::Query, Some(text)) if !text.starts_with('?') => rows.put(slot, &format!("?{text}")),
        (How::Address, Some(text)) => rows.put(slot, address(text)),
        _ => values.put(place, slot, rows),
    }
}

fn put_number(values: &Values, place: usize, slot: usize, rows: &mut Rows<'_>, change: impl Fn(f64) -> f64) {
    match number(values, place) {
        Some(value) => rows.put_float(slot, change(value)),
        // Counted as what cannot be read.
        None => rows.put(slot, "?"),
    }
}

fn number(values: &Values, place: usize) -> Option<f64> {
    match values.get(place)? {
        Value::Int(v) => Some(*v as f64),
        Value::Big(v) => Some(*v as f64),
        Value::Float(v) => Some(*v),
        Value::Bool(_) => None,
        Value::Text(_) => float(values.str(place)?),
    }
}

/// An address as it is compared with those of other logs.
pub(super) fn address(text: &str) -> &str {
    match text.get(..7) {
        Some(start) if start.eq_ignore_ascii_case("::ffff:") && text[7..].contains('.') => &text[7..],
        _ => text,
    }
}
