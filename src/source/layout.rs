//! What a text format must be able to do, and the little that lines have in common.

use std::borrow::Cow;

use memchr::{memchr, memrchr};
use polars::prelude::DataFrame;

use super::{
    columns::{Column, Rows, Wanted},
    head::Head,
    tally::Tally,
};
use crate::error::Result;

/// A text format with its options: how blocks of text become rows.
///
/// Blocks are cut at the end of records and parsed on any thread in any order. What a block must know of the text before it is the `preamble`:
/// the header lines in effect.
pub(crate) trait Layout: Send + Sync {
    /// The columns that files with these beginnings give.
    ///
    /// # Errors
    /// Where no beginning is of this format.
    fn columns(&self, heads: &[Head]) -> Result<Vec<Column>>;

    /// The name of the time among the columns.
    fn time(&self) -> Option<&str> {
        Some("timestamp")
    }

    /// Whether the lines are a machine's own log: the program stands before each message, and the sender of an envelope is the `host`.
    fn machines_own(&self) -> bool {
        false
    }

    /// Takes note of a moment that times without a year are near to; whether that tells their year.
    fn near(&mut self, _moment: i64) -> bool {
        false
    }

    /// The length of the whole records at the beginning of `text`, 0 where none ends in it.
    fn cut(&self, _preamble: &str, text: &[u8]) -> usize {
        memrchr(b'\n', text).map_or(0, |at| at + 1)
    }

    /// Notes the header lines of a block into the preamble of the next.
    fn carry(&self, _preamble: &mut String, _block: &[u8]) {}

    /// Turns a block into rows. Never fails: what does not parse is counted.
    fn read(&self, preamble: &str, block: &str, rows: &mut Rows<'_>);
}

/// A format of binary tables: how files become frames.
pub(crate) trait Table: Send + Sync {
    /// The columns of the files.
    fn columns(&self, files: &[std::path::PathBuf]) -> Result<Vec<Column>>;

    /// The name of the time among the columns.
    fn time(&self) -> Option<&str>;

    /// Whether a file has no row in the window, by what its path says; it is then not opened.
    fn skips(&self, path: &std::path::Path, window: Option<(i64, i64)>) -> bool;

    /// How many rows a file has.
    ///
    /// # Errors
    /// Where it cannot be told.
    fn rows(&self, path: &std::path::Path) -> Result<u64>;

    /// Reads a file piece by piece, in order; stops where `each` says `false`.
    fn read(&self, path: &std::path::Path, wanted: &Wanted, each: &mut dyn FnMut(Result<(DataFrame, Tally)>) -> bool);
}

/// How a format reads.
pub(crate) enum Body {
    Text(Box<dyn Layout>),
    Table(Box<dyn Table>),
}

/// Why a line does not parse.
pub(crate) type Reason = Cow<'static, str>;

/// The lines of a text without their ends (`\n`, `\r\n`).
pub(crate) fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.split_terminator('\n').map(|line| line.strip_suffix('\r').unwrap_or(line))
}

/// The lines of a block that begin with `#`. Few blocks hold any: looked for by the byte, not line by line.
pub(crate) fn comments(block: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut from = 0;
    std::iter::from_fn(move || {
        loop {
            let at = from + memchr(b'#', block.get(from..)?)?;
            from = at + 1;
            if at == 0 || block[at - 1] == b'\n' {
                let rest = &block[at..];
                let end = memchr(b'\n', rest).unwrap_or(rest.len());
                from = at + end;
                let line = &rest[..end];
                return Some(line.strip_suffix(b"\r").unwrap_or(line));
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_are_found_at_the_start_of_lines_only() {
        let found: Vec<&[u8]> = comments(b"#a\r\nx #b\n#c\n\n#").collect();
        assert_eq!(found, [&b"#a"[..], b"#c", b"#"]);
        assert_eq!(comments(b"").count(), 0);
    }
}
