//! What is counted while reading: per block, added up in the order of the files.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// How many malformed lines are kept.
pub(crate) const SAMPLES: usize = 5;
/// How many characters of each.
const SAMPLE_CHARS: usize = 200;

/// A malformed line, with its number counted from the beginning of the block (0 is the first).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Malformed {
    pub(crate) line: u64,
    pub(crate) reason: Cow<'static, str>,
    pub(crate) text: String,
}

/// A value that is not of its column's type: the column's place among the wanted ones, and the row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct UnreadableAt {
    pub(crate) column: usize,
    pub(crate) row: u64,
}

/// Counts of a block.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
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
    /// The same, one by one.
    pub(crate) unreadable_at: Vec<UnreadableAt>,
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

    /// Notes that a value of a row is not of its column's type.
    pub(crate) fn unreadable(&mut self, column: usize, row: usize) {
        self.unreadable[column] += 1;
        self.unreadable_at.push(UnreadableAt { column, row: row as u64 });
    }

    /// Counts of messages become those of the lines they stood in: `outer` is the line of each message.
    pub(crate) fn in_lines(&mut self, outer: &[u64]) {
        for sample in &mut self.samples {
            sample.line = outer.get(sample.line as usize).copied().unwrap_or(sample.line);
        }
    }

    /// Adds lines that stood between those that were counted: so many without a failure, and so many malformed ones.
    pub(crate) fn beside(&mut self, lines: u64, malformed: u64, samples: Vec<Malformed>, ends_malformed: bool) {
        self.lines += lines + malformed;
        self.malformed += malformed;
        self.samples.extend(samples);
        self.samples.sort_by_key(|sample| sample.line);
        self.samples.truncate(SAMPLES);
        self.last_malformed = if ends_malformed { self.lines } else { 0 };
    }

    /// Adds the counts of the block that follows; before it, the file gave so many rows.
    pub(crate) fn join(&mut self, next: Self, rows: u64) {
        let lines = self.text_lines();
        let room = SAMPLES.saturating_sub(self.samples.len());
        self.samples.extend(next.samples.into_iter().take(room).map(|sample| Malformed { line: lines + sample.line, ..sample }));
        for (sum, more) in [
            (&mut self.lines, next.lines),
            (&mut self.header, next.header),
            (&mut self.malformed, next.malformed),
            (&mut self.rows_parsed, next.rows_parsed),
            (&mut self.filtered, next.filtered),
            (&mut self.no_time, next.no_time),
            (&mut self.outside_window, next.outside_window),
            (&mut self.invalid_utf8, next.invalid_utf8),
        ] {
            *sum += more;
        }
        self.extra_lines += next.extra_lines;
        self.unreadable.iter_mut().zip(next.unreadable).for_each(|(sum, more)| *sum += more);
        self.unreadable_at.extend(next.unreadable_at.into_iter().map(|at| UnreadableAt { row: rows + at.row, ..at }));
        self.cut_short |= next.cut_short;
        self.synthetic |= next.synthetic;
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
