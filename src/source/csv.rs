//! Delimited text with a header: CSV, TSV, and exports of tools.
//!
//! # Layout
//! The first record names the columns (`header: false` and `columns: [...]` where it does not). Fields in double quotes may hold delimiters, line
//! breaks, and doubled quotes. The delimiter is told from the header (`,` `;` `|` or a tab) unless `delimiter` says it. A header that comes again,
//! as in files put one after the other, is no row.
//!
//! # Traps
//! - Types come from the first 1 000 rows: whole numbers, numbers, true or false, else text. What does not fit later is null and counted; `types`
//!   fixes a type. Numbers with zeros before them are text.
//! - Nothing is no value; `-` is a value. `nulls: ["-", "NA"]` says otherwise.
//! - A record with more or fewer fields than the header is malformed, unless `ragged: true`: then what is missing is null, what is too much is left out.
//! - The time column is named in `time: { column, parse, timezone }`.
//!
//! # Columns
//! Those of the header, under their own names. A column without a name is `column_1`, the second of one name `name_2`.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    Format, Setup,
    clock::Clock,
    columns::{Column, Kind, MOST_COLUMNS, Rows},
    head::{Head, INFER_ROWS, mismatch},
    layout::{Body, Layout, lines},
    records::{Dialect, Found, Record},
    types::{Guess, Types},
};
use crate::error::{Error, Result};

pub(super) const FORMAT: Format = Format {
    id: "csv",
    summary: "delimited text with a header: CSV, TSV, exports of tools",
    text: include_str!("csv.rs"),
    columns: &[],
    names: &[],
    schema: || schemars::schema_for!(Options),
    fits,
    build,
};

/// Options of `csv`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Options {
    /// One character, or `tab`; told from the header where it is not given.
    delimiter: Option<String>,
    /// The quote; `"`.
    quote: char,
    /// Whether the first record names the columns.
    header: bool,
    /// The names of the columns, where no header gives them or others are wanted.
    columns: Vec<String>,
    /// Values that are no value.
    nulls: Vec<String>,
    /// Types of columns, by name.
    types: Types,
    /// Whether records may have more or fewer fields than the header.
    ragged: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { delimiter: None, quote: '"', header: true, columns: Vec::new(), nulls: vec![String::new()], types: Types::new(), ragged: false }
    }
}

const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

struct Csv {
    options: Options,
    dialect: Option<Dialect>,
    quote: u8,
    time: Option<(String, Clock)>,
}

fn fits(head: &Head) -> bool {
    let Some(first) = head.lines().next() else { return false };
    let delimiter = told(first);
    let count = |line: &str| line.bytes().filter(|b| *b == delimiter).count();
    // A time names no column: that is a row.
    if matches!(first.trim_start_matches('"').as_bytes(), [a, b, c, d, b'-' | b'/', ..] if [a, b, c, d].iter().all(|digit| digit.is_ascii_digit())) {
        return false;
    }
    // Quoted delimiters and line breaks make counts differ; most lines agree all the same.
    count(first) > 0 && !first.starts_with(['#', '{', '[', '<']) && head.mostly(|line| count(line) >= count(first).div_ceil(2))
}

fn told(header: &str) -> u8 {
    let count = |d: u8| header.bytes().filter(|b| *b == d).count();
    DELIMITERS.into_iter().rev().max_by_key(|d| count(*d)).unwrap_or(b',')
}

fn build(setup: &Setup<'_>) -> Result<Body> {
    let mut options: Options = setup.options()?;
    if !options.nulls.iter().any(String::is_empty) {
        options.nulls.push(String::new());
    }
    let quote = u8::try_from(options.quote).map_err(|_| Error::data("options.quote: expected one ASCII character"))?;
    let delimiter = options.delimiter.as_deref().map(one_byte).transpose()?;
    if !options.header && options.columns.is_empty() {
        return Err(Error::data_hint("options.header: without a header the columns must be named", "write `columns: [time, user, ...]`"));
    }
    let time = setup.table_time()?;
    Ok(Body::Text(Box::new(Csv { dialect: delimiter.map(|delimiter| Dialect { delimiter, quote }), options, quote, time })))
}

fn one_byte(text: &str) -> Result<u8> {
    match text.as_bytes() {
        b"tab" | b"\\t" => Ok(b'\t'),
        [b] if !b.is_ascii_alphanumeric() => Ok(*b),
        _ => Err(Error::data_hint(format!("options.delimiter: `{text}` is not one character"), "write one of `,` `;` `|`, or `tab`")),
    }
}

/// The names of a header: those without one by place, doubled ones numbered.
fn names<'a>(fields: impl Iterator<Item = &'a str>) -> Vec<String> {
    let (mut names, mut taken) = (Vec::new(), BTreeSet::new());
    // One more than there may be, so that it is seen.
    for (i, field) in fields.take(MOST_COLUMNS + 1).enumerate() {
        let plain = if field.trim().is_empty() { format!("column_{}", i + 1) } else { field.trim().to_owned() };
        let mut name = plain.clone();
        let mut n = 1;
        while !taken.insert(name.clone()) {
            n += 1;
            name = format!("{plain}_{n}");
        }
        names.push(name);
    }
    names
}

impl Csv {
    fn dialect(&self, header: &str) -> Dialect {
        self.dialect.unwrap_or_else(|| Dialect { delimiter: told(header), quote: self.quote })
    }

    fn is_null(&self, text: &str) -> bool {
        text.is_empty() || self.options.nulls.iter().any(|null| null == text)
    }

    /// The names of the columns of a text, and where its rows begin.
    fn header(&self, text: &str) -> Option<(Dialect, Vec<String>, usize)> {
        let first = text.lines().find(|line| !line.is_empty())?;
        let dialect = self.dialect(first);
        let (mut record, mut at) = (Record::default(), 0);
        if !self.options.header {
            return Some((dialect, self.options.columns.clone(), 0));
        }
        loop {
            match dialect.read(text, at, &mut record) {
                Found::Blank(next) => at = next,
                Found::Record(next) => {
                    let said = names(record.fields(text));
                    let names = if self.options.columns.is_empty() { said } else { self.options.columns.clone() };
                    return Some((dialect, names, next));
                }
                Found::Unclosed(_) | Found::End => return None,
            }
        }
    }

    /// Lets the guesses see the rows of a head; how many there were.
    fn guess(&self, head: &Head, most: usize, columns: &mut Vec<(String, Guess)>) -> usize {
        let Some((dialect, names, mut at)) = self.header(&head.text) else { return 0 };
        let places: Vec<usize> = names
            .iter()
            .map(|name| {
                columns.iter().position(|(n, _)| n == name).unwrap_or_else(|| {
                    columns.push((name.clone(), Guess::default()));
                    columns.len() - 1
                })
            })
            .collect();
        let header = if self.options.header { head.text[..at].trim() } else { "" };
        let (mut record, mut rows) = (Record::default(), 0);
        while rows < most {
            match dialect.read(&head.text, at, &mut record) {
                Found::Record(next) => {
                    let raw = &head.text[at..next];
                    at = next;
                    if raw.trim_end() == header || record.len() != names.len() && !self.options.ragged {
                        continue;
                    }
                    rows += 1;
                    for (field, place) in record.fields(&head.text).zip(&places) {
                        if !self.is_null(field) {
                            columns[*place].1.see(field);
                        }
                    }
                }
                Found::Blank(next) => at = next,
                Found::Unclosed(_) | Found::End => break,
            }
        }
        rows
    }

    /// An error where most of the first times cannot be read, so that a wrong `parse` does not end as an empty window.
    fn check_time(&self, head: &Head) -> Result<()> {
        let (Some((column, clock)), Some((dialect, names, mut at))) = (&self.time, self.header(&head.text)) else { return Ok(()) };
        let Some(place) = names.iter().position(|n| n == column) else { return Ok(()) };
        let (mut record, mut clock, mut values, mut bad) = (Record::default(), clock.clone(), Vec::new(), 0);
        while values.len() < 100 {
            match dialect.read(&head.text, at, &mut record) {
                Found::Record(next) => {
                    at = next;
                    // A row with another number of fields is malformed, whatever stands in the time's place.
                    if record.fields(&head.text).count() != names.len() {
                        continue;
                    }
                    let text = record.field(&head.text, place).to_owned();
                    if !self.is_null(&text) {
                        bad += usize::from(clock.read(&text).is_none());
                        values.push(text);
                    }
                }
                Found::Blank(next) => at = next,
                Found::Unclosed(_) | Found::End => break,
            }
        }
        super::times::refuse(column, &values, bad)
    }
}

impl Layout for Csv {
    fn columns(&self, heads: &[Head]) -> Result<Vec<Column>> {
        let mut columns = Vec::new();
        let mut missing = INFER_ROWS;
        for (i, head) in heads.iter().enumerate() {
            let known = |name: &String| columns.iter().any(|(n, _)| n == name);
            let alike = self.header(&head.text).is_none_or(|(_, names, _)| names.iter().any(known));
            if i > 0 && !columns.is_empty() && !alike {
                return Err(Error::data_hint(
                    format!("`{}` has no column in common with `{}`: it begins with `{}`", head.path.display(), heads[0].path.display(), head.first_line()),
                    "is its header missing? Give it one, or read it as a source of its own",
                ));
            }
            missing -= self.guess(head, missing, &mut columns);
        }
        if let Some(head) = heads.first() {
            if columns.is_empty() {
                return Err(mismatch(head, "csv", "it has no header"));
            }
            let is_other = |line: &str| line.starts_with('{') || (columns.len() == 1 && line.starts_with('#'));
            if head.lines().take(if columns.len() == 1 { 20 } else { 1 }).any(is_other) {
                return Err(mismatch(head, "csv", "its lines are not delimited"));
            }
            if self.options.header && heads.iter().all(|head| head.lines().nth(1).is_none()) {
                let which = if heads.len() == 1 { format!("`{}` has", head.path.display()) } else { format!("all {} files have", heads.len()) };
                return Err(Error::data_hint(format!("{which} a header and no rows"), "give a file that has rows; nothing can be told from a header"));
            }
            // Of a longer file more is known when it is read: what does not fit is counted.
            if missing == INFER_ROWS && columns.len() <= MOST_COLUMNS && heads.iter().all(|head| head.whole) {
                let because = format!("no line has the {} fields of the first, or a quote is not closed", columns.len());
                return Err(mismatch(head, "csv", &because));
            }
            self.check_time(head)?;
        }
        if let Some(name) = self.options.types.keys().find(|name| !columns.iter().any(|(n, _)| n == *name)) {
            return Err(super::opening::missing(name, "column (in `options.types`)", columns.iter().map(|(n, _)| n.as_str())));
        }
        let time = self.time();
        Ok(columns
            .into_iter()
            .map(|(name, guess)| {
                let said = self.options.types.get(&name).map(|named| Kind::from(*named));
                let kind = if time == Some(name.as_str()) { Kind::Time } else { said.unwrap_or_else(|| guess.kind()) };
                Column::new(name.clone(), name, kind)
            })
            .collect())
    }

    fn time(&self) -> Option<&str> {
        self.time.as_ref().map(|(column, _)| column.as_str())
    }

    fn cut(&self, preamble: &str, text: &[u8]) -> usize {
        // Where quotes open depends on the delimiter, and that on the first line of the file.
        let first = preamble.as_bytes().split(|b| *b == b'\n').chain(text.split(|b| *b == b'\n')).find(|line| !line.trim_ascii().is_empty());
        self.dialect(&String::from_utf8_lossy(first.unwrap_or_default())).cut(text)
    }

    fn carry(&self, preamble: &mut String, block: &[u8]) {
        if preamble.is_empty() {
            let text = String::from_utf8_lossy(block);
            if !self.options.header {
                preamble.push_str(text.lines().find(|line| !line.is_empty()).unwrap_or_default());
            } else if let Some((_, _, at)) = self.header(&text) {
                preamble.push_str(text.get(..at).unwrap_or_default());
            }
            // Not empty any more, so that no later block is taken for the first.
            preamble.push('\n');
        }
    }

    fn read(&self, preamble: &str, block: &str, rows: &mut Rows<'_>) {
        let first_of_file = preamble.is_empty();
        let Some((dialect, names, start)) = self.header(if first_of_file { block } else { preamble }) else {
            for line in lines(block) {
                rows.line();
                if line.is_empty() { rows.header() } else { rows.malformed("no header before it", line) }
            }
            return;
        };
        let header = if self.options.header { if first_of_file { &block[..start] } else { preamble } } else { "" };
        let header = header.trim_end();
        let time = self.time.as_ref().and_then(|(column, _)| names.iter().position(|n| n == column));
        let mut clock = self.time.as_ref().map_or_else(Clock::auto, |(_, clock)| clock.clone());
        let slots: Vec<(usize, Option<usize>)> = rows.slots().map(|(slot, c)| (slot, names.iter().position(|n| *n == c.name))).collect();
        let (mut record, mut at) = (Record::default(), 0);
        loop {
            let (next, found) = match dialect.read(block, at, &mut record) {
                Found::End => return,
                found @ (Found::Record(next) | Found::Blank(next) | Found::Unclosed(next)) => (next, found),
            };
            rows.line();
            let raw = &block[at..next];
            at = next;
            match found {
                Found::Blank(_) => rows.header(),
                Found::Unclosed(_) => rows.malformed("a quote is not closed", raw.trim_end()),
                _ if !header.is_empty() && raw.trim_end() == header.trim_start() => rows.header(),
                _ if record.len() != names.len() && !self.options.ragged => {
                    rows.malformed(format!("expected {} fields, found {}", names.len(), record.len()), raw.trim_end());
                }
                _ => {
                    if rows.admit(time.and_then(|i| clock.read(record.field(block, i)))) {
                        for (slot, place) in &slots {
                            match place.map(|i| record.field(block, i)).filter(|text| !self.is_null(text)) {
                                Some(text) => rows.put(*slot, text),
                                None => rows.null(*slot),
                            }
                        }
                    }
                }
            }
            let breaks = raw.trim_end_matches(['\r', '\n']).bytes().filter(|b| *b == b'\n').count();
            rows.tally.spanned(breaks as i64);
        }
    }
}
