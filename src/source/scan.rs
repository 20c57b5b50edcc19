//! Lines and their space-separated fields, found in one pass over the bytes that can end either.
//!
//! Eight bytes are looked at at once: the places of bytes up to `"` (space, line break, quote, and few others) are gathered first, and only
//! those are then looked at one by one. This is the stage that decides how fast proxy logs are read.

use super::split::Field;

/// Bytes whose marks are gathered at once; marks and text stay in the first-level cache.
const SEGMENT: usize = 8 * 1024;
const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = 0x8080_8080_8080_8080;
/// One more than the largest byte of interest, `"`.
const LIMIT: u64 = ONES * 0x23;

/// One bit for each byte up to `"`; bytes after such a byte that are `#` have one too, which is of no matter.
#[inline]
fn below_limit(chunk: &[u8; 64]) -> u64 {
    let mut bits = 0;
    for (i, word) in chunk.as_chunks::<8>().0.iter().enumerate() {
        let x = u64::from_le_bytes(*word);
        // The high bit of each byte below the limit, then those eight bits side by side (a multiplication sums them into the top byte).
        let hits = x.wrapping_sub(LIMIT) & !x & HIGHS;
        bits |= ((hits >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56) << (8 * i);
    }
    bits
}

/// A line and how many fields it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Line<'a> {
    pub(crate) text: &'a str,
    /// `None` where a quote is not closed.
    pub(crate) fields: Option<usize>,
}

/// Goes through the lines of a text.
pub(crate) struct Scanner<'a> {
    text: &'a str,
    marks: Vec<u32>,
    /// How many marks there are, and which is the next.
    found: usize,
    next: usize,
    /// Up to where marks were gathered.
    gathered: usize,
    line: usize,
    spans: Vec<(u32, u32)>,
    escaped: bool,
}

impl<'a> Scanner<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, marks: vec![0; SEGMENT + 64], found: 0, next: 0, gathered: 0, line: 0, spans: Vec::new(), escaped: false }
    }

    /// The place of the next byte that may end something.
    #[inline(always)]
    fn mark(&mut self) -> Option<usize> {
        while self.next == self.found {
            if self.gathered >= self.text.len() {
                return None;
            }
            self.gather();
        }
        let mark = self.marks[self.next] as usize;
        self.next += 1;
        Some(mark)
    }

    #[inline(never)]
    fn gather(&mut self) {
        let end = (self.gathered + SEGMENT).min(self.text.len());
        let segment = &self.text.as_bytes()[self.gathered..end];
        (self.found, self.next) = (0, 0);
        let mut base = self.gathered as u32;
        let (chunks, rest) = segment.as_chunks::<64>();
        for chunk in chunks {
            let mut hits = below_limit(chunk);
            let count = hits.count_ones() as usize;
            // Eight at a time whatever there are: the processor cannot guess how many marks a chunk holds.
            let mut at = self.found;
            while hits != 0 {
                if let Some(places) = self.marks.get_mut(at..at + 8) {
                    for place in places {
                        // The bit beyond spares a test for none left.
                        *place = base + (hits | 1 << 63).trailing_zeros();
                        hits &= hits.wrapping_sub(1);
                    }
                }
                at += 8;
            }
            self.found += count;
            base += 64;
        }
        for byte in rest {
            if *byte <= b'"' {
                self.marks[self.found] = base;
                self.found += 1;
            }
            base += 1;
        }
        self.gathered = end;
    }

    /// The next line, without its end (`\n`, `\r\n`). Its fields are separated by runs of spaces outside quotes.
    pub(crate) fn line(&mut self) -> Option<Line<'a>> {
        let bytes = self.text.as_bytes();
        if self.line >= bytes.len() {
            return None;
        }
        self.spans.clear();
        self.escaped = false;
        let from = self.line;
        let (mut start, mut open) = (from, None);
        let (end, closed) = loop {
            let mark = self.mark().unwrap_or(bytes.len());
            match bytes.get(mark) {
                Some(b' ') if open.is_none() => {
                    if mark > start {
                        self.spans.push((start as u32, mark as u32));
                    }
                    start = mark + 1;
                }
                Some(b'"') => match open {
                    None if mark == start => open = Some(mark + 1),
                    Some(first) if mark >= first => match bytes.get(mark + 1) {
                        Some(b' ' | b'\n') | None => {
                            self.spans.push((first as u32, mark as u32));
                            (open, start) = (None, mark + 1);
                        }
                        Some(b'\r') if bytes.get(mark + 2) == Some(&b'\n') => {
                            self.spans.push((first as u32, mark as u32));
                            (open, start) = (None, mark + 1);
                        }
                        Some(b'"') => {
                            // A doubled quote stands for one: the second is passed over.
                            self.escaped = true;
                            open = Some(first);
                            self.mark();
                        }
                        Some(_) => {}
                    },
                    _ => {}
                },
                Some(b'\n') | None => break (mark, open.is_none()),
                Some(_) => {}
            }
        };
        self.line = end + 1;
        let end = if end > from && bytes[end - 1] == b'\r' && end < bytes.len() { end - 1 } else { end };
        if closed && end > start {
            self.spans.push((start as u32, end as u32));
        }
        Some(Line { text: &self.text[from..end], fields: closed.then_some(self.spans.len()) })
    }

    /// A field of the line by its place; nothing where there is none.
    #[inline]
    pub(crate) fn field(&self, i: usize) -> Field<'a> {
        let text = self.spans.get(i).and_then(|(from, to)| self.text.get(*from as usize..*to as usize)).unwrap_or_default();
        Field { text, escaped: self.escaped && text.contains("\"\"") }
    }

    /// Splits the line at runs of spaces, whatever quotes there are; how many fields that gives.
    pub(crate) fn split_plain(&mut self, line: &str) -> usize {
        let base = line.as_ptr() as usize - self.text.as_ptr() as usize;
        self.spans.clear();
        self.escaped = false;
        let mut at = 0;
        for field in line.split(' ') {
            if !field.is_empty() {
                self.spans.push(((base + at) as u32, (base + at + field.len()) as u32));
            }
            at += field.len() + 1;
        }
        self.spans.len()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::source::{layout::lines, split::Splitter};

    fn scanned(text: &str) -> Vec<(String, Option<Vec<String>>)> {
        let mut scanner = Scanner::new(text);
        let mut found = Vec::new();
        while let Some(line) = scanner.line() {
            let fields = line.fields.map(|n| (0..n).map(|i| scanner.field(i).text.to_owned()).collect());
            found.push((line.text.to_owned(), fields));
        }
        found
    }

    /// The same, line by line.
    fn plainly(text: &str) -> Vec<(String, Option<Vec<String>>)> {
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

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn agrees_with_line_by_line(text in "([ab #!é\"]|  |\r\n|\n|\"\"){0,60}") {
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
            let part = &text[before.len()..];
            let n = scanner.split_plain(part);
            let fields: Vec<&str> = (0..n).map(|i| scanner.field(i).text).collect();
            prop_assert_eq!(fields, line.split(' ').filter(|f| !f.is_empty()).collect::<Vec<_>>());
        }
    }
}
