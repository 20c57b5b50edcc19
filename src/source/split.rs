//! Fields separated by runs of spaces.

/// A field of a line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Field<'a> {
    /// Without its quotes.
    pub(crate) text: &'a str,
    /// It may hold doubled quotes that stand for one.
    pub(crate) escaped: bool,
}

/// Splits lines, reusing its memory.
#[derive(Debug, Default)]
pub(crate) struct Splitter {
    spans: Vec<(u32, u32)>,
    escaped: bool,
}

impl Splitter {
    /// Splits at runs of spaces outside quotes; the number of fields, or `None` where a quote is not closed. What [`super::scan`] must agree with.
    pub(crate) fn split(&mut self, line: &str) -> Option<usize> {
        let bytes = line.as_bytes();
        self.spans.clear();
        self.escaped = false;
        let mut at = 0;
        while at < bytes.len() {
            match bytes[at] {
                b' ' => at += 1,
                b'"' => {
                    let end = self.closing(bytes, at + 1)?;
                    self.spans.push((at as u32 + 1, end as u32));
                    at = end + 1;
                }
                _ => {
                    let end = space(bytes, at);
                    self.spans.push((at as u32, end as u32));
                    at = end;
                }
            }
        }
        Some(self.spans.len())
    }

    /// Splits at runs of spaces, whatever quotes there are.
    pub(crate) fn split_plain(&mut self, line: &str) -> usize {
        let bytes = line.as_bytes();
        self.spans.clear();
        self.escaped = false;
        let mut at = 0;
        while at < bytes.len() {
            if bytes[at] == b' ' {
                at += 1;
            } else {
                let end = space(bytes, at);
                self.spans.push((at as u32, end as u32));
                at = end;
            }
        }
        self.spans.len()
    }

    /// A field by its place; nothing where there is none.
    #[inline]
    pub(crate) fn field<'a>(&self, line: &'a str, i: usize) -> Field<'a> {
        let text = self.spans.get(i).and_then(|(from, to)| line.get(*from as usize..*to as usize)).unwrap_or_default();
        Field { text, escaped: self.escaped && text.contains("\"\"") }
    }

    /// The text from one field to another, both included.
    pub(crate) fn range<'a>(&self, line: &'a str, from: usize, to: usize) -> &'a str {
        let span = self.spans.get(from).zip(self.spans.get(to));
        span.and_then(|(from, to)| line.get(from.0 as usize..to.1 as usize)).unwrap_or_default()
    }

    /// The quote that closes: one before a space or the end. Doubled quotes stand for one; a lone quote inside is text.
    fn closing(&mut self, bytes: &[u8], from: usize) -> Option<usize> {
        let mut at = from;
        loop {
            at += bytes.get(at..)?.iter().position(|b| *b == b'"')?;
            match bytes.get(at + 1) {
                None | Some(b' ') => return Some(at),
                Some(b'"') => {
                    self.escaped = true;
                    at += 2;
                }
                Some(_) => at += 1,
            }
        }
    }
}

#[inline]
fn space(bytes: &[u8], from: usize) -> usize {
    next(b' ', bytes, from)
}

/// The place of the next such byte, or the end. For short fields: eight bytes at once (Mycroft's test for a zero byte).
#[inline]
pub(crate) fn next(byte: u8, bytes: &[u8], from: usize) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGHS: u64 = 0x8080_8080_8080_8080;
    let wanted = ONES * u64::from(byte);
    let mut at = from;
    while let Some(chunk) = bytes.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
        let x = u64::from_le_bytes(*chunk) ^ wanted;
        let hit = x.wrapping_sub(ONES) & !x & HIGHS;
        if hit != 0 {
            return at + (hit.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    bytes[at..].iter().position(|b| *b == byte).map_or(bytes.len(), |n| at + n)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn split(line: &str) -> Option<Vec<&str>> {
        let mut splitter = Splitter::default();
        splitter.split(line).map(|n| (0..n).map(|i| splitter.field(line, i).text).collect())
    }

    #[test]
    fn runs_of_spaces_collapse_outside_quotes_only() {
        assert_eq!(split("a  b \"c  d\" e"), Some(vec!["a", "b", "c  d", "e"]));
        assert_eq!(split("\"\" x"), Some(vec!["", "x"]));
        assert_eq!(split("\"a \"\"b\"\" c\" d"), Some(vec!["a \"\"b\"\" c", "d"]));
        assert_eq!(split("\"a\"b c\" d"), Some(vec!["a\"b c", "d"]));
        assert_eq!(split("a\"b c"), Some(vec!["a\"b", "c"]));
        assert_eq!(split("a \"b"), None);
        assert_eq!(split("  "), Some(vec![]));
    }

    proptest! {
        #[test]
        fn plain_agrees_with_std(line in "[ ab\"é]{0,60}") {
            let mut splitter = Splitter::default();
            let n = splitter.split_plain(&line);
            let fields: Vec<&str> = (0..n).map(|i| splitter.field(&line, i).text).collect();
            prop_assert_eq!(fields, line.split(' ').filter(|f| !f.is_empty()).collect::<Vec<_>>());
            let _ = splitter.split(&line);
        }
    }
}
