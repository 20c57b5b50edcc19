//! Records of delimited text, with the meaning of the `csv` crate: a quote opens a quoted field only at the field's beginning, a doubled quote
//! stands for one, text after the closing quote is added as it is, blank lines are no records. A lone `\r` is text.

use memchr::memchr;
/// How fields are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Dialect {
    pub(crate) delimiter: u8,
    pub(crate) quote: u8,
}

/// The fields of a record; reused from record to record.
#[derive(Debug, Default)]
pub(crate) struct Record {
    /// Place and end, in the text or in `unescaped`.
    spans: Vec<(usize, usize, bool)>,
    unescaped: String,
}

impl Record {
    pub(crate) fn len(&self) -> usize {
        self.spans.len()
    }

    /// A field by its place; nothing where there is none.
    #[inline]
    pub(crate) fn field<'a>(&'a self, text: &'a str, i: usize) -> &'a str {
        match self.spans.get(i) {
            Some((from, to, false)) => text.get(*from..*to).unwrap_or_default(),
            Some((from, to, true)) => self.unescaped.get(*from..*to).unwrap_or_default(),
            None => "",
        }
    }

    pub(crate) fn fields<'a>(&'a self, text: &'a str) -> impl Iterator<Item = &'a str> {
        (0..self.len()).map(|i| self.field(text, i))
    }
}

/// What stands at a place of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    /// A record, and where the next one begins.
    Record(usize),
    /// A blank line.
    Blank(usize),
    /// A quote that is not closed before the end of the text; where the line ends.
    Unclosed(usize),
    End,
}

impl Dialect {
    /// Reads the record that begins at `from`.
    pub(crate) fn read(self, text: &str, from: usize, record: &mut Record) -> Found {
        record.spans.clear();
        record.unescaped.clear();
        let bytes = text.as_bytes();
        if from >= bytes.len() {
            return Found::End;
        }
        let rest = &bytes[from..];
        let end = memchr(b'\n', rest).map_or(bytes.len(), |n| from + n);
        let next = (end + 1).min(bytes.len());
        let line_end = without_return(bytes, from, end);
        if line_end == from {
            return Found::Blank(next);
        }
        if memchr(self.quote, &bytes[from..line_end]).is_none() {
            let mut at = from;
            for (n, b) in bytes[from..line_end].iter().enumerate() {
                if *b == self.delimiter {
                    record.spans.push((at, from + n, false));
                    at = from + n + 1;
                }
            }
            record.spans.push((at, line_end, false));
            return Found::Record(next);
        }
        self.careful(text, from, record).map_or(Found::Unclosed(next), Found::Record)
    }

    /// Reads a record that holds quotes; where the next one begins, or `None` where a quote is not closed.
    fn careful(self, text: &str, from: usize, record: &mut Record) -> Option<usize> {
        let bytes = text.as_bytes();
        let mut at = from;
        loop {
            if bytes.get(at) != Some(&self.quote) {
                let end = self.unquoted_end(bytes, at);
                let cut = if bytes.get(end) == Some(&self.delimiter) { end } else { without_return(bytes, at, end) };
                record.spans.push((at, cut, false));
                at = end;
            } else {
                at = self.quoted(text, at + 1, record)?;
            }
            match bytes.get(at) {
                Some(b) if *b == self.delimiter => at += 1,
                Some(_) => return Some(at + 1),
                None => return Some(at),
            }
        }
    }

    /// Reads a field whose quote was opened before `from`; where its delimiter or line end stands.
    fn quoted(self, text: &str, from: usize, record: &mut Record) -> Option<usize> {
        let bytes = text.as_bytes();
        let mut close = from + memchr(self.quote, bytes.get(from..)?)?;
        let ends = |at: usize| bytes.get(at).is_none_or(|b| *b == self.delimiter || *b == b'\n') || bytes[at..].starts_with(b"\r\n");
        if ends(close + 1) {
            record.spans.push((from, close, false));
            return Some(
                close
                    + 1
                    + usize::from(bytes.get(close + 1) == Some(&b'\r') && bytes.get(close + 2) == Some(&b'\n') && self.delimiter != b'\r'),
            );
        }
        let start = record.unescaped.len();
        let mut piece = from;
        while bytes.get(close + 1) == Some(&self.quote) {
            record.unescaped.push_str(text.get(piece..=close).unwrap_or_default());
            piece = close + 2;
            close = piece + memchr(self.quote, bytes.get(piece..)?)?;
        }
        record.unescaped.push_str(text.get(piece..close).unwrap_or_default());
        let end = self.unquoted_end(bytes, close + 1);
        let cut = if bytes.get(end) == Some(&self.delimiter) { end } else { without_return(bytes, close + 1, end) };
        record.unescaped.push_str(text.get(close + 1..cut).unwrap_or_default());
        record.spans.push((start, record.unescaped.len(), true));
        Some(end)
    }

    fn unquoted_end(self, bytes: &[u8], from: usize) -> usize {
        bytes.get(from..).and_then(|rest| rest.iter().position(|b| *b == self.delimiter || *b == b'\n')).map_or(bytes.len(), |n| from + n)
    }

    /// The length of the whole records at the beginning of `bytes`, 0 where none ends in it.
    pub(crate) fn cut(self, bytes: &[u8]) -> usize {
        if memchr(self.quote, bytes).is_none() {
            return bytes.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
        }
        let mut at = 0;
        while let Some(end) = memchr(b'\n', &bytes[at..]).map(|n| at + n) {
            let next = if memchr(self.quote, &bytes[at..end]).is_none() { Some(end + 1) } else { self.past(bytes, at) };
            match next {
                Some(next) => at = next,
                None => break,
            }
        }
        at
    }

    /// Where the record that begins at `at` ends with a line break; the same walk as [`Dialect::careful`], over bytes that may not be UTF-8.
    fn past(self, bytes: &[u8], mut at: usize) -> Option<usize> {
        loop {
            if bytes.get(at) == Some(&self.quote) {
                at += 1;
                loop {
                    at += memchr(self.quote, bytes.get(at..)?)?;
                    // A quote at the very end may be the first of two.
                    if bytes.get(at + 1)? != &self.quote {
                        break;
                    }
                    at += 2;
                }
                at += 1;
            }
            let end = self.unquoted_end(bytes, at);
            match bytes.get(end)? {
                b'\n' => return Some(end + 1),
                _ => at = end + 1,
            }
        }
    }
}

/// The end of a line without the `\r` before it.
fn without_return(bytes: &[u8], from: usize, end: usize) -> usize {
    if end > from && bytes[end - 1] == b'\r' { end - 1 } else { end }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const COMMA: Dialect = Dialect { delimiter: b',', quote: b'"' };

    fn ours(text: &str) -> (Vec<Vec<String>>, bool) {
        let (mut record, mut at, mut rows) = (Record::default(), 0, Vec::new());
        loop {
            match COMMA.read(text, at, &mut record) {
                Found::Record(next) => {
                    rows.push(record.fields(text).map(str::to_owned).collect());
                    at = next;
                }
                Found::Blank(next) => at = next,
                Found::Unclosed(_) => return (rows, true),
                Found::End => return (rows, false),
            }
        }
    }

    fn theirs(text: &str) -> Vec<Vec<String>> {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
        reader.records().map(|r| r.unwrap().iter().map(str::to_owned).collect()).collect()
    }

    #[test]
    fn quotes() {
        let text = "a,\"b\nc\",\"d\"\"e\"\r\n\r\n\"x\"y\"z,\"\",\n";
        assert_eq!(ours(text).0, [vec!["a", "b\nc", "d\"e"], vec!["xy\"z", "", ""]]);
        assert_eq!(ours("a,\"b\nc"), (vec![], true));
    }

    proptest! {
        #[test]
        fn agrees_with_the_csv_crate(text in "([abé,\"\n]|\r\n){0,40}") {
            let (rows, unclosed) = ours(&text);
            let theirs = theirs(&text);
            if unclosed {
                prop_assert!(theirs.starts_with(&rows));
            } else {
                prop_assert_eq!(rows, theirs);
            }
        }

        #[test]
        fn cutting_anywhere_keeps_the_records(text in "([ab,\"\n]|\r\n){0,60}", at in 0usize..60) {
            let at = at.min(text.len());
            let cut = COMMA.cut(&text.as_bytes()[..at]);
            let (mut first, unclosed) = ours(&text[..cut]);
            prop_assert!(!unclosed);
            let (second, _) = ours(&text[cut..]);
            first.extend(second);
            prop_assert_eq!(first, ours(&text).0);
        }
    }
}
