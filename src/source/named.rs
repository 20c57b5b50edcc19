//! Records of named values (pairs in a line, objects, fields under a header) under canonical columns: what their formats have in common.
//!
//! A format of this kind is a table of its own names with the canonical ones, and a [`Reader`] that takes a record apart. What the table does not
//! name becomes a column under its own name where the first rows have it.

use std::borrow::Cow;

use memchr::memchr;

use super::{
    clock::Clock,
    columns::{Column, Kind, Rows},
    head::{Head, INFER_ROWS, mismatch},
    json::{Sink, Value},
    layout::{Body, Layout, Reason},
    ndjson::{Guesses, Values},
    types::Types,
};
use crate::error::Result;

mod place;

use self::place::{places, row};

/// How a value becomes that of its canonical column.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum How {
    /// As it is.
    Plain,
    /// A number, multiplied: seconds that become milliseconds.
    Times(f64),
    /// A number, divided: nanoseconds that become milliseconds.
    Over(f64),
    /// A query, which begins with `?` in every format.
    Query,
    /// An address; IPv4 written as IPv6 (`::ffff:10.0.0.1`) is IPv4.
    Address,
}

/// Own name, canonical name, and the way from one to the other. The first name of a canonical column that has a value gives it.
pub(super) type Name = (&'static str, &'static str, How);

/// Which names each canonical column comes from, in the order of the table; nothing where there is no table. Markdown.
pub(super) fn documentation(names: &[Name]) -> String {
    let mut columns: Vec<(&str, Vec<String>)> = Vec::new();
    for (own, canonical, how) in names {
        let told = match how {
            How::Plain | How::Query | How::Address => format!("`{own}`"),
            How::Times(by) => format!("`{own}` times {by}"),
            How::Over(by) => format!("`{own}` divided by {by}"),
        };
        match columns.iter_mut().find(|(known, _)| known == canonical) {
            Some((_, known)) => known.push(told),
            None => columns.push((canonical, vec![told])),
        }
    }
    let lines = columns.iter().map(|(column, own)| format!("\n- `{column}`: {}", own.join(", else ")));
    if columns.is_empty() { String::new() } else { format!("\n\n# Own names{}", lines.collect::<String>()) }
}

/// What a record turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Taken {
    /// A row.
    Row,
    /// So many rows that are alike.
    Rows(u64),
    /// A record of a kind that was not asked for.
    Other,
    /// A header, or a line that is no record.
    Header,
}

/// Takes records of a block apart.
pub(super) trait Reader {
    /// Looks at the whole block before its records are read.
    fn begin(&mut self, _block: &str) {}

    /// Gives the values of a record to the sink, by their own names.
    fn record(&mut self, text: &str, sink: &mut dyn Sink) -> Result<Taken, Reason>;

    /// The time of the record just read; the values are those of [`Grammar::times`], in their order.
    fn moment(&mut self, values: &Values, clock: &mut Clock) -> Option<i64>;
}

/// A format of named values, with its options.
pub(super) trait Grammar: Send + Sync {
    /// The names that have a canonical column.
    fn names(&self) -> &[Name];

    /// The own names that the time is read from; they are no columns.
    fn times(&self) -> &'static [&'static str];

    /// Whether a name of the table gives its column even where the first rows do not have it.
    fn given(&self, _own: &str) -> bool {
        true
    }

    /// Whether numbers are written as text.
    fn untyped(&self) -> bool {
        true
    }

    /// As [`Layout::machines_own`].
    fn machines_own(&self) -> bool {
        false
    }

    /// An error where the first rows do not fit the options.
    fn refuse(&self, _heads: &[Head]) -> Result<()> {
        Ok(())
    }

    /// Begins to read a block.
    fn reader<'a>(&'a self, preamble: &str) -> Box<dyn Reader + 'a>;

    /// Notes what the next blocks must know.
    fn carry(&self, _preamble: &mut String, _block: &[u8]) {}

    /// The length of the whole records at the beginning of `text`.
    fn cut(&self, _preamble: &str, text: &[u8]) -> usize {
        text.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1)
    }

    /// Where the record that begins at `from` ends, with its line break.
    fn end(&self, text: &str, from: usize) -> usize {
        text.as_bytes().get(from..).and_then(|rest| memchr(b'\n', rest)).map_or(text.len(), |n| from + n + 1)
    }
}

/// A grammar as a format.
pub(super) struct Named<G> {
    pub(super) grammar: G,
    /// The format's name and columns.
    pub(super) id: &'static str,
    pub(super) columns: &'static [(&'static str, Kind)],
    /// What no line has where a file is of another format.
    pub(super) because: &'static str,
    pub(super) types: Types,
    pub(super) clock: Clock,
}

impl<G: Grammar + 'static> Named<G> {
    pub(super) fn body(self) -> Body {
        Body::Text(Box::new(self))
    }

    /// The records at the beginning of a file.
    fn records<'a>(&'a self, head: &'a Head) -> impl Iterator<Item = &'a str> {
        let (text, mut at) = (head.text.as_str(), 0);
        std::iter::from_fn(move || {
            (at < text.len()).then(|| {
                let from = at;
                at = self.grammar.end(text, from).clamp(from + 1, text.len());
                text.get(from..at).unwrap_or_default().trim_end_matches(['\r', '\n'])
            })
        })
    }

    /// What the first rows hold; nothing where no record can be read.
    fn guesses(&self, heads: &[Head]) -> Option<Guesses> {
        let mut guesses = Guesses { untyped: self.grammar.untyped(), ..Guesses::default() };
        let mut rows = 0;
        for head in heads {
            let mut reader = self.grammar.reader("");
            reader.begin(&head.text);
            for record in self.records(head).filter(|r| !r.trim().is_empty()).take(INFER_ROWS - rows) {
                rows += usize::from(matches!(reader.record(record, &mut guesses), Ok(Taken::Row | Taken::Rows(_))));
            }
        }
        (rows > 0).then_some(guesses)
    }
}

const URL_PARTS: [&str; 5] = ["scheme", "host", "port", "path", "query"];

impl<G: Grammar + 'static> Layout for Named<G> {
    fn columns(&self, heads: &[Head]) -> Result<Vec<Column>> {
        self.grammar.refuse(heads)?;
        let Some(guesses) = self.guesses(heads) else {
            return heads.first().map_or_else(|| Ok(Vec::new()), |head| Err(mismatch(head, self.id, self.because)));
        };
        let seen = |own: &str| guesses.columns.iter().any(|(name, _)| name == own);
        let names = self.grammar.names();
        let mut columns = vec![Column::new("timestamp", self.grammar.times()[0], Kind::Time)];
        for (canonical, kind) in self.columns.iter().filter(|(name, _)| *name != "timestamp") {
            let from_table = names.iter().filter(|(_, name, _)| name == canonical).map(|(own, ..)| *own);
            let given = from_table.clone().find(|own| seen(own)).or_else(|| from_table.clone().find(|own| self.grammar.given(own)));
            if let Some(own) = given {
                columns.push(Column::new(*canonical, own, *kind));
            } else if seen(canonical) {
                columns.push(Column::new(*canonical, *canonical, *kind));
            } else if URL_PARTS.contains(canonical)
                && let Some(url) = columns.iter().find(|c| c.name == "url")
            {
                columns.push(Column::new(*canonical, url.own.clone(), *kind));
            }
        }
        for (own, guess) in &guesses.columns {
            let named = names.iter().any(|(name, ..)| name == own) || self.grammar.times().contains(&own.as_str());
            if !named && !columns.iter().any(|c| c.name == *own) {
                let kind = self.types.get(own).map_or_else(|| guess.kind(), |named| Kind::from(*named));
                columns.push(Column::new(own, own, kind));
            }
        }
        for (own, kind) in &self.types {
            if !columns.iter().any(|c| c.name == *own) {
                columns.push(Column::new(own, own, Kind::from(*kind)));
            }
        }
        Ok(columns)
    }

    fn machines_own(&self) -> bool {
        self.grammar.machines_own()
    }

    fn cut(&self, preamble: &str, text: &[u8]) -> usize {
        self.grammar.cut(preamble, text)
    }

    fn carry(&self, preamble: &mut String, block: &[u8]) {
        self.grammar.carry(preamble, block);
    }

    fn read(&self, preamble: &str, block: &str, rows: &mut Rows<'_>) {
        let (mut values, columns) = places(&self.grammar, rows);
        let (mut reader, mut clock) = (self.grammar.reader(preamble), self.clock.clone());
        reader.begin(block);
        let mut at = 0;
        while at < block.len() {
            let end = self.grammar.end(block, at).clamp(at + 1, block.len());
            let raw = block.get(at..end).unwrap_or_default().trim_end_matches(['\r', '\n']);
            at = end;
            rows.line();
            values.clear();
            if raw.trim().is_empty() {
                rows.header();
                continue;
            }
            match reader.record(raw, &mut values) {
                Err(reason) => rows.malformed(reason, raw),
                Ok(Taken::Header) => rows.header(),
                Ok(Taken::Other) => rows.pass_over(),
                Ok(taken) => {
                    let time = reader.moment(&values, &mut clock);
                    row(&values, &columns, time, rows);
                    for _ in 1..if let Taken::Rows(n) = taken { n } else { 1 } {
                        rows.again();
                        row(&values, &columns, time, rows);
                    }
                }
            }
            rows.tally.spanned(raw.bytes().filter(|b| *b == b'\n').count() as i64);
        }
    }
}

/// Gives a sink a value that is text.
pub(super) fn give(sink: &mut dyn Sink, own: &str, text: &str) {
    if sink.wants(own) {
        sink.take(own, Value::Text(0..text.len()), text);
    }
}

/// Hands values on, and keeps those of some names.
pub(super) struct Watched<'a> {
    sink: &'a mut dyn Sink,
    names: &'static [&'static str],
    found: Vec<Option<String>>,
}

impl<'a> Watched<'a> {
    pub(super) fn new(sink: &'a mut dyn Sink, names: &'static [&'static str]) -> Self {
        Self { sink, names, found: vec![None; names.len()] }
    }

    /// The value of a name as text.
    pub(super) fn get(&self, own: &str) -> Option<&str> {
        self.names.iter().zip(&self.found).find_map(|(name, found)| found.as_deref().filter(|_| *name == own))
    }

    /// Gives the sink a value that is made of others.
    pub(super) fn add(&mut self, own: &str, text: &str) {
        give(self.sink, own, text);
    }
}

impl Sink for Watched<'_> {
    fn wants(&self, path: &str) -> bool {
        self.sink.wants(path)
            || self.names.iter().any(|name| name.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')))
    }

    fn take(&mut self, path: &str, value: Value, text: &str) {
        for (name, found) in self.names.iter().zip(&mut self.found) {
            if *name == path && found.is_none() {
                *found = Some(value.shown(text).into_owned());
            }
        }
        if self.sink.wants(path) {
            self.sink.take(path, value, text);
        }
    }
}

/// Text with backslashes before the signs that `plain` turns into what they stand for; other backslashes are text.
pub(super) fn unescaped(text: &str, plain: impl Fn(char) -> Option<char>) -> Cow<'_, str> {
    if !text.contains('\\') {
        return text.into();
    }
    let mut out = String::with_capacity(text.len());
    let mut signs = text.chars().peekable();
    while let Some(sign) = signs.next() {
        match signs.peek().copied().filter(|_| sign == '\\').and_then(&plain) {
            Some(meant) => {
                signs.next();
                out.push(meant);
            }
            None => out.push(sign),
        }
    }
    out.into()
}

#[cfg(test)]
mod tests {
    use super::{place::address, *};

    #[test]
    fn addresses_and_escapes() {
        assert_eq!(
            ["::ffff:10.0.0.1", "::FFFF:10.0.0.1", "::1", "::ffff:1:2", "é"].map(address),
            ["10.0.0.1", "10.0.0.1", "::1", "::ffff:1:2", "é"]
        );
        let plain = |c| matches!(c, '=' | '\\').then_some(c);
        assert_eq!(unescaped("a\\=b\\\\c\\d\\", plain), "a=b\\c\\d\\");
    }
}
