//! Delimited records whose fields are known by their place or by a header of the vendor: what Palo Alto, Umbrella and Zscaler exports share.
//!
//! A record may have more fields than are known (later versions add at the end: they are left out), or fewer (earlier ones lack them: null),
//! but not fewer than the layout needs.

use std::borrow::Cow;

use super::{
    clock::Clock,
    columns::{Column, Rows},
    head::{Head, mismatch},
    layout::{Layout, Reason},
    meaning::{self, Field, Plan},
    records::{Dialect, Found, Record},
};
use crate::error::Result;

/// A record with more fields than this is malformed.
const MOST_FIELDS: usize = 1_000;

/// What a record is.
#[derive(Debug)]
pub(crate) enum Told {
    /// A header, with what the fields of the records after it hold.
    Header(Vec<Field>),
    /// A row of the layout of this number.
    Row(usize),
    /// A row that the header before it describes.
    Headed,
    /// Neither.
    Not(Reason),
}

/// Tells what a record is; `true` where a header stands before it.
pub(crate) type Tell = fn(&[&str], bool) -> Told;

/// A format of delimited records.
pub(crate) struct Delimited {
    pub(crate) format: &'static str,
    pub(crate) delimiter: u8,
    /// What the fields hold where no header says it.
    pub(crate) layouts: Vec<Vec<Field>>,
    pub(crate) tell: Tell,
    pub(crate) clock: Clock,
    /// Values that are no value, besides `-` and nothing.
    pub(crate) nulls: &'static [&'static str],
}

/// The fields of a line without line breaks; nothing where a quote is not closed.
pub(crate) fn fields<'a>(line: &'a str, delimiter: u8, record: &'a mut Record) -> Vec<&'a str> {
    match (Dialect { delimiter, quote: b'"' }).read(line, 0, record) {
        Found::Record(_) => record.fields(line).collect(),
        _ => Vec::new(),
    }
}

impl Delimited {
    fn dialect(&self) -> Dialect {
        Dialect { delimiter: self.delimiter, quote: b'"' }
    }

    /// Lets `each` see the records of a text.
    fn records(&self, text: &str, mut each: impl FnMut(Found, &str, &Record)) {
        let (mut record, mut at) = (Record::default(), 0);
        loop {
            let found = self.dialect().read(text, at, &mut record);
            let next = match found {
                Found::End => return,
                Found::Record(next) | Found::Blank(next) | Found::Unclosed(next) => next,
            };
            each(found, &text[at..next], &record);
            at = next;
        }
    }

    fn told(&self, text: &str, record: &Record, headed: bool) -> Told {
        if record.len() > MOST_FIELDS {
            return Told::Not(format!("more than {MOST_FIELDS} fields").into());
        }
        (self.tell)(&record.fields(text).collect::<Vec<_>>(), headed)
    }
}

impl Layout for Delimited {
    fn columns(&self, heads: &[Head]) -> Result<Vec<Column>> {
        let mut found: Vec<Field> = Vec::new();
        let mut used = vec![false; self.layouts.len()];
        let mut because = None;
        for head in heads {
            let mut headed = false;
            self.records(&head.text, |kind, _, record| {
                if !matches!(kind, Found::Record(_)) {
                    return;
                }
                match self.told(&head.text, record, headed) {
                    Told::Header(fields) => {
                        headed = true;
                        found.extend(fields);
                    }
                    Told::Row(layout) => used[layout] = true,
                    Told::Headed => {}
                    Told::Not(reason) => because = because.take().or(Some(reason)),
                }
            });
        }
        for (layout, _) in self.layouts.iter().zip(&used).filter(|(_, used)| **used || heads.is_empty()) {
            found.extend(layout.iter().cloned());
        }
        match heads.first() {
            Some(head) if found.is_empty() => Err(mismatch(head, self.format, &because.unwrap_or_else(|| "it has no record".into()))),
            _ => Ok(meaning::columns(&found)),
        }
    }

    fn cut(&self, _: &str, text: &[u8]) -> usize {
        self.dialect().cut(text)
    }

    fn carry(&self, preamble: &mut String, block: &[u8]) {
        let text = String::from_utf8_lossy(block);
        let mut headed = !preamble.is_empty();
        self.records(&text, |kind, raw, record| {
            if matches!(kind, Found::Record(_)) && matches!(self.told(&text, record, headed), Told::Header(_)) {
                headed = true;
                raw.clone_into(preamble);
            }
        });
    }

    fn read(&self, preamble: &str, block: &str, rows: &mut Rows<'_>) {
        let mut header: Option<Plan> = None;
        self.records(preamble, |_, _, record| {
            if let Told::Header(fields) = self.told(preamble, record, false) {
                header = Some(Plan::new(&fields, &self.clock, rows));
            }
        });
        let mut plans: Vec<Plan> = self.layouts.iter().map(|fields| Plan::new(fields, &self.clock, rows)).collect();
        self.records(block, |kind, raw, record| {
            rows.line();
            match kind {
                Found::Blank(_) => rows.header(),
                Found::Unclosed(_) => rows.malformed("a quote is not closed", raw.trim_end()),
                _ => {
                    let told = self.told(block, record, header.is_some());
                    let plan = match &told {
                        Told::Row(layout) => plans.get_mut(*layout),
                        Told::Headed => header.as_mut(),
                        Told::Header(_) | Told::Not(_) => None,
                    };
                    match (plan, told) {
                        (Some(plan), _) => plan.row(|i| Cow::Borrowed(record.field(block, i)), self.nulls, rows),
                        (None, Told::Header(fields)) => {
                            rows.header();
                            header = Some(Plan::new(&fields, &self.clock, rows));
                        }
                        (None, Told::Not(reason)) => rows.malformed(reason, raw.trim_end()),
                        (None, _) => rows.malformed("no header before it", raw.trim_end()),
                    }
                }
            }
            let breaks = raw.trim_end_matches(['\r', '\n']).bytes().filter(|b| *b == b'\n').count();
            rows.tally.spanned(breaks as i64);
        });
    }
}
