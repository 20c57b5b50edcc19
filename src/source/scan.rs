//! Lines and their space-separated fields, found in one pass over the bytes that can end either.
//!
//! Sixty-four bytes are looked at at once, as the bits of a word. Which of them stand inside quotes is told by the parity of the quotes before
//! (as simdjson does it: Langdale and Lemire, *Parsing gigabytes of JSON per second*, 2019), so that all that is kept of a line are the ends of
//! its fields. A line whose quotes do not stand where fields begin and end is split again, byte by byte. This is the stage that decides how fast
//! proxy logs are read.

use std::ops::Range;

use memchr::memchr;
use wide::u8x16;

use super::split::{Field, Splitter};

const CHUNK: usize = 64;
/// Bytes that are looked at before lines are taken; they and their marks stay in the first-level cache.
const SEGMENT: usize = 128 * CHUNK;

/// A line and how many fields it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Line<'a> {
    pub(crate) text: &'a str,
    /// `None` where a quote is not closed.
    pub(crate) fields: Option<usize>,
}

/// A line that was found.
#[derive(Debug, Clone, Copy)]
struct Found {
    /// Where its line break stands, or the end of the text.
    end: usize,
    /// How many marks there are up to its last.
    marks: usize,
    /// Its quotes stand where fields begin and end.
    regular: bool,
}

/// What a chunk must know of the byte before it: the lowest bit.
#[derive(Debug, Clone, Copy)]
struct Before {
    separator: u64,
    closing: u64,
    /// All bits, where a quote is open.
    open: u64,
}

const LINE_START: Before = Before { separator: 1, closing: 0, open: 0 };

/// Goes through the lines of a text.
pub(crate) struct Scanner<'a> {
    text: &'a str,
    /// Where fields end, of the lines that were found and the one that begins behind them.
    marks: Vec<u32>,
    marked: usize,
    lines: Vec<Found>,
    /// Which of them is the next.
    next: usize,
    /// Up to where the text was looked at.
    gathered: usize,
    before: Before,
    /// Where the next line begins, and where the one behind the lines that were found.
    start: usize,
    begun: usize,
    /// The current line, and its marks.
    line: Range<usize>,
    own: Range<usize>,
    /// Its fields, where it was split byte by byte.
    splitter: Splitter,
    split: bool,
}

/// The bits of the bytes that are a space, a line break, a quote.
#[inline(always)]
fn classes(chunk: &[u8; CHUNK]) -> (u64, u64, u64) {
    let (mut spaces, mut breaks, mut quotes) = (0, 0, 0);
    for (i, part) in chunk.as_chunks::<16>().0.iter().enumerate() {
        let part = u8x16::new(*part);
        let bits = |byte: u8| u64::from(part.simd_eq(u8x16::splat(byte)).to_bitmask()) << (16 * i);
        spaces |= bits(b' ');
        breaks |= bits(b'\n');
        quotes |= bits(b'"');
    }
    (spaces, breaks, quotes)
}

/// Each bit the parity of itself and all below it.
#[inline(always)]
fn parity(mut bits: u64) -> u64 {
    for shift in [1, 2, 4, 8, 16, 32] {
        bits ^= bits << shift;
    }
    bits
}

impl<'a> Scanner<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self {
            text,
            marks: Vec::new(),
            marked: 0,
            lines: Vec::new(),
            next: 0,
            gathered: 0,
            before: LINE_START,
            start: 0,
            begun: 0,
            line: 0..0,
            own: 0..0,
            splitter: Splitter::default(),
            split: false,
        }
    }

    /// Finds the ends of fields and lines of one more segment. What was found before was taken.
    #[inline(never)]
    fn gather(&mut self) {
        let taken = self.lines.last().map_or(0, |line| line.marks);
        self.marks.copy_within(taken..self.marked, 0);
        self.marked -= taken;
        self.lines.clear();
        self.next = 0;
        if self.marks.len() < self.marked + SEGMENT + CHUNK {
            self.marks.resize(2 * self.marked + SEGMENT + CHUNK, 0);
        }
        let bytes = self.text.as_bytes();
        let end = bytes.len().min(self.gathered + SEGMENT);
        while self.gathered < end {
            let rest = &bytes[self.gathered..];
            let misplaced = match rest.first_chunk::<CHUNK>() {
                Some(chunk) => self.chunk(chunk, u64::MAX),
                None => {
                    let mut chunk = [0; CHUNK];
                    chunk[..rest.len()].copy_from_slice(rest);
                    self.chunk(&chunk, (1 << rest.len()) - 1)
                }
            };
            match misplaced {
                None => self.gathered += CHUNK,
                Some(at) => self.irregular(at),
            }
        }
        if end == bytes.len() && self.begun < end {
            if self.before.open != 0 {
                self.irregular(end);
            } else {
                if bytes[end - 1] != b' ' {
                    self.marks[self.marked] = end as u32;
                    self.marked += 1;
                }
                self.found(end, self.marked, true);
            }
        }
    }

    fn found(&mut self, end: usize, marks: usize, regular: bool) {
        self.lines.push(Found { end, marks, regular });
        self.begun = end + 1;
    }

    /// Notes what the next 64 bytes end, of which those `within` are text; where a quote is out of place, that place, and only what ends before.
    #[inline(always)]
    fn chunk(&mut self, chunk: &[u8; CHUNK], within: u64) -> Option<usize> {
        let Before { separator, closing, open } = self.before;
        let (spaces, breaks, quotes) = classes(chunk);
        let open = parity(quotes) ^ open;
        let separators = (spaces | breaks) & !open;
        let after = (separators << 1) | separator;
        let closed = quotes & !open;
        let opens_late = quotes & open & !after;
        let goes_on = ((closed << 1) | closing) & !separators & within;
        let misplaced = opens_late | goes_on | (breaks & open);
        let at = if misplaced == 0 { None } else { self.misplaced(misplaced) };
        let kept = at.map_or(u64::MAX, |at| (1 << (at - self.gathered)) - 1);
        self.note(separators & !after & kept, breaks & !open & kept);
        self.before = Before { separator: separators >> 63, closing: closed >> 63, open: ((open as i64) >> 63) as u64 };
        at
    }

    /// The first byte out of place: a line break of two bytes may follow a quote that closes.
    #[cold]
    fn misplaced(&self, mut bits: u64) -> Option<usize> {
        let bytes = self.text.as_bytes();
        while bits != 0 {
            let at = self.gathered + bits.trailing_zeros() as usize;
            if !bytes[at..].starts_with(b"\r\n") {
                return Some(at);
            }
            bits &= bits - 1;
        }
        None
    }

    /// Marks where fields and lines end, one bit for each.
    #[inline(always)]
    fn note(&mut self, fields: u64, mut breaks: u64) {
        let base = self.gathered;
        let mut rest = fields;
        let mut at = self.marked;
        // Eight at a time whatever there are: the processor cannot guess how many a chunk holds.
        while rest != 0 {
            if let Some(places) = self.marks.get_mut(at..at + 8) {
                for place in places {
                    // The bit beyond spares a test for none left.
                    *place = base as u32 + (rest | 1 << 63).trailing_zeros();
                    rest &= rest.wrapping_sub(1);
                }
            }
            at += 8;
        }
        while breaks != 0 {
            let bit = breaks.trailing_zeros();
            let marks = self.marked + (fields & (u64::MAX >> (63 - bit))).count_ones() as usize;
            self.found(base + bit as usize, marks, true);
            breaks &= breaks - 1;
        }
        self.marked += fields.count_ones() as usize;
    }

    /// Leaves the line with a quote out of place to be split byte by byte; the next begins with no quote open.
    #[cold]
    fn irregular(&mut self, at: usize) {
        let end = at + memchr(b'\n', &self.text.as_bytes()[at..]).unwrap_or(self.text.len() - at);
        self.marked = self.lines.last().map_or(0, |line| line.marks);
        self.found(end, self.marked, false);
        self.gathered = end + 1;
        self.before = LINE_START;
    }

    /// The next line, without its end (`\n`, `\r\n`). Its fields are separated by runs of spaces outside quotes.
    pub(crate) fn line(&mut self) -> Option<Line<'a>> {
        while self.next == self.lines.len() {
            if self.gathered >= self.text.len() {
                return None;
            }
            self.gather();
        }
        let Found { end, marks, regular } = self.lines[self.next];
        self.own = if self.next == 0 { 0 } else { self.lines[self.next - 1].marks }..marks;
        self.next += 1;
        self.line = self.start..end;
        self.start = end + 1;
        if self.text.as_bytes()[self.line.clone()].ends_with(b"\r") {
            self.leave_return_out();
        }
        let text = &self.text[self.line.clone()];
        self.split = !regular;
        Some(Line { text, fields: if regular { Some(self.own.len()) } else { self.splitter.split(text) } })
    }

    /// Ends the line, and its last field, before the `\r`.
    fn leave_return_out(&mut self) {
        let from = self.line.start;
        self.line.end -= 1;
        let end = self.line.end;
        if let Some(last) = self.marks[self.own.clone()].last_mut()
            && *last as usize > end
        {
            *last = end as u32;
            // It was the whole field.
            if end == from || self.text.as_bytes()[end - 1] == b' ' {
                self.own.end -= 1;
            }
        }
    }

    /// A field of the line by its place; nothing where there is none.
    #[inline]
    pub(crate) fn field(&self, i: usize) -> Field<'a> {
        if self.split {
            return self.splitter.field(&self.text[self.line.clone()], i);
        }
        let marks = &self.marks[self.own.clone()];
        let Some(&end) = marks.get(i) else { return Field::default() };
        let bytes = self.text.as_bytes();
        let mut start = if i == 0 { self.line.start } else { marks[i - 1] as usize + 1 };
        while bytes.get(start) == Some(&b' ') {
            start += 1;
        }
        let mut end = end as usize;
        if bytes.get(start) == Some(&b'"') {
            start += 1;
            end -= 1;
        }
        Field { text: self.text.get(start..end).unwrap_or_default(), escaped: false }
    }

    /// Splits the line at runs of spaces, whatever quotes there are; how many fields that gives.
    pub(crate) fn split_plain(&mut self) -> usize {
        self.split = true;
        self.splitter.split_plain(&self.text[self.line.clone()])
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::source::layout::lines;

    type Scanned = Vec<(String, Option<Vec<String>>)>;

    fn scanned(text: &str) -> Scanned {
        let mut scanner = Scanner::new(text);
        let mut found = Vec::new();
        while let Some(line) = scanner.line() {
            let fields = line.fields.map(|n| (0..n).map(|i| scanner.field(i).text.to_owned()).collect());
            found.push((line.text.to_owned(), fields));
        }
        found
    }

    /// The same, line by line.
    fn plainly(text: &str) -> Scanned {
        let mut splitter = Splitter::default();
        lines(text)
            .map(|line| {
                let fields = splitter.split(line).map(|n| (0..n).map(|i| splitter.field(line, i).text.to_owned()).collect());
                (line.to_owned(), fields)
            })
            .collect()
    }

    #[test]
    fn lines_and_fields() {
        let text = "a  \"b  c\" d\r\n\n\"x\"\"y\" !#\nopen \"z\nlast";
        assert_eq!(scanned(text), plainly(text));
        assert_eq!(scanned(text).len(), 5);
    }

    #[test]
    fn a_field_behind_the_last_is_nothing() {
        let mut scanner = Scanner::new("a b\n");
        assert_eq!(scanner.line().map(|line| line.fields), Some(Some(2)));
        assert_eq!(scanner.field(2), Field::default());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn agrees_with_line_by_line(text in "([ab #!é\"]|  |\r\n|\n|\"\"| \"|\" |\r){0,60}") {
            prop_assert_eq!(scanned(&text), plainly(&text));
        }

        #[test]
        fn agrees_over_chunks(words in prop::collection::vec("(a|\"a b\"|\"\"|é|a\"|\"a\"\"b\"|-)( |  |\n|\r\n)", 1..150)) {
            let text = words.concat();
            prop_assert_eq!(scanned(&text), plainly(&text));
        }

        #[test]
        fn agrees_across_segments(text in "[ab \"]{0,20}\n", n in 500usize..1_500) {
            let text = text.repeat(n);
            prop_assert_eq!(scanned(&text), plainly(&text));
        }

        #[test]
        fn plain_agrees_with_std(before in "[a\n]{0,5}\n", line in "[ ab\"é]{1,40}") {
            let text = format!("{before}{line}");
            let mut scanner = Scanner::new(&text);
            while scanner.start < before.len() {
                scanner.line();
            }
            scanner.line();
            let n = scanner.split_plain();
            let fields: Vec<&str> = (0..n).map(|i| scanner.field(i).text).collect();
            prop_assert_eq!(fields, line.split(' ').filter(|f| !f.is_empty()).collect::<Vec<_>>());
        }
    }
}
