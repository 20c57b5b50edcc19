//! What is counted while reading: per block, added up in the order of the files.

use std::borrow::Cow;

/// How many malformed lines are kept.
pub(crate) const SAMPLES: usize = 5;
/// How many characters of each.
const SAMPLE_CHARS: usize = 200;

/// A malformed line, with its number counted from the beginning of the block (0 is the first).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Malformed {
    pub(crate) line: u64,
    pub(crate) reason: Cow<'static, str>,
    pub(crate) text: String,
}

/// Counts of a block.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Tally {
    /// Lines or records.
    pub(crate) lines: u64,
    pub(crate) header: u64,
    pub(crate) malformed: u64,
    pub(crate) samples: Vec<Malformed>,
    pub(crate) rows_parsed: u64,
    pub(crate) filtered: u64,
    pub(crate) no_time: u64,
    pub(crate) outside_window: u64,
    /// By wanted column.
    pub(crate) unreadable: Vec<u64>,
    /// Lines with bytes that are not UTF-8.
    pub(crate) invalid_utf8: u64,
    /// The last line has no end and does not parse.
    pub(crate) cut_short: bool,
    /// A comment says that the data are generated.
    pub(crate) synthetic: bool,
    /// Line breaks inside the records before the current one, less the rows that have no line of their own.
    extra_lines: i64,
    last_malformed: u64,
}

impl Tally {
    pub(crate) fn new(columns: usize) -> Self {
        Self { unreadable: vec![0; columns], ..Self::default() }
    }

    /// Notes that the current line does not parse.
    pub(crate) fn malformed(&mut self, reason: impl Into<Cow<'static, str>>, text: &str) {
        self.malformed += 1;
        self.last_malformed = self.lines;
        if self.samples.len() < SAMPLES {
            let line = self.text_lines().saturating_sub(1);
            self.samples.push(Malformed { line, reason: reason.into(), text: cut(text) });
        }
    }

    /// Notes that the record just read holds line breaks, or (negative) that rows share a line.
    pub(crate) fn spanned(&mut self, breaks: i64) {
        self.extra_lines += breaks;
    }

    /// Lines of text; more than `lines` where a record spans several.
    pub(crate) fn text_lines(&self) -> u64 {
        self.lines.saturating_add_signed(self.extra_lines)
    }

    /// Whether the last line was malformed.
    pub(crate) fn ends_malformed(&self) -> bool {
        self.malformed > 0 && self.last_malformed == self.lines
    }
}

/// The beginning of a line, for people to see.
pub(crate) fn cut(text: &str) -> String {
    match text.char_indices().nth(SAMPLE_CHARS) {
        Some((at, _)) => text[..at].to_owned(),
        None => text.to_owned(),
    }
}
