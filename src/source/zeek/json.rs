//! Zeek's JSON lines.

use super::{
    NAMES,
    row::{From, bytes_unescaped, put_plain, seconds},
};
use crate::source::{
    clock::Epoch,
    columns::Rows,
    json::{Flattener, Value},
    layout::Reason,
    ndjson::Values,
    url,
};

/// Rows of JSON objects.
pub(super) struct Json {
    values: Values,
    flattener: Flattener,
    /// The fields that may give each wanted column, in the order in which they are looked for.
    from: Vec<(usize, Vec<From>)>,
}

impl Json {
    pub(super) fn new(rows: &Rows<'_>) -> Self {
        let mut names: Vec<String> = vec!["ts".into()];
        let mut place = |own: &str| {
            names.iter().position(|n| n == own).unwrap_or_else(|| {
                names.push(own.to_owned());
                names.len() - 1
            })
        };
        let from = rows.slots().map(|(slot, column)| {
            let name = column.name.as_str();
            let millis = name == "duration_ms";
            let sources = NAMES.iter().filter(|(_, canonical, _)| *canonical == name).map(|(own, ..)| *own);
            let field = |i: usize| if millis { From::Millis(i) } else { From::Field(i) };
            let mut from: Vec<From> = sources.map(|own| field(place(own))).collect();
            match name {
                "path" => from.push(From::Target(place("uri"), url::Part::Path)),
                "query" => from.extend([From::Field(place("query")), From::Target(place("uri"), url::Part::Query)]),
                "host" => from.push(From::Field(place("query"))),
                _ if from.is_empty() => from.push(From::Field(place(name))),
                _ => {}
            }
            (slot, from)
        });
        let from = from.collect();
        Self { values: Values::new(names), flattener: Flattener::default(), from }
    }

    pub(super) fn row(&mut self, line: &str, rows: &mut Rows<'_>) -> Result<(), Reason> {
        self.values.clear();
        self.flattener.read(line, None, &mut self.values)?;
        let time = match self.values.get(0) {
            Some(Value::Int(v)) => Epoch::Seconds.whole(*v),
            Some(Value::Float(v)) => Epoch::Seconds.float(*v),
            Some(Value::Text(_)) => self.values.str(0).and_then(seconds),
            _ => None,
        };
        if !rows.admit(time) {
            return Ok(());
        }
        for (slot, from) in &self.from {
            // An object holds the fields of one kind of log: the first that is there is meant.
            let found = from.iter().find(|from| from.place().is_some_and(|i| self.values.get(i).is_some()));
            self.put(*slot, found.copied().unwrap_or(From::Nowhere), rows);
        }
        Ok(())
    }

    fn put(&self, slot: usize, from: From, rows: &mut Rows<'_>) {
        let values = &self.values;
        match from {
            From::Field(i) => match values.str(i) {
                Some("") => rows.null(slot),
                Some(text) => rows.put(slot, &bytes_unescaped(text)),
                None => values.put(i, slot, rows),
            },
            From::Millis(i) => match values.get(i) {
                Some(Value::Float(v)) => rows.put_float(slot, *v * 1_000.0),
                Some(Value::Int(v)) => rows.put_float(slot, *v as f64 * 1_000.0),
                _ => values.put(i, slot, rows),
            },
            From::Target(i, part) => {
                let text = bytes_unescaped(values.str(i).unwrap_or_default());
                put_plain(rows, slot, url::split(&text).part(part));
            }
            From::Nowhere => rows.null(slot),
        }
    }
}
