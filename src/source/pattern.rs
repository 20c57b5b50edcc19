//! Lines written by a format string: fields with fixed text between them. What Squid, Apache, NGINX and Zscaler have in common.
//!
//! A field ends where the text that follows it begins. In quotes it ends at the first quote that is not escaped and that the following text
//! fits; a space of the text stands for a run of spaces.

use std::borrow::Cow;

use super::{
    clock::Clock,
    columns::{Column, Rows},
    combined::unescaped,
    head::{Head, mismatch},
    layout::{Layout, Reason, lines},
    meaning::{self, Field, Plan},
};
use crate::error::{Error, Result};

/// A format string with more fields than this is a mistake.
const MOST_FIELDS: usize = 200;

/// A piece of a format string.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Token {
    Text(String),
    Field {
        field: Field,
        /// Filled up with spaces on the left.
        wide: bool,
        /// A list: a space after a comma or around a colon does not end it.
        list: bool,
    },
}

impl Token {
    /// A field that is neither filled up nor a list.
    pub(crate) fn field(field: Field) -> Self {
        Self::Field { field, wide: false, list: false }
    }
}

/// The error of a format string, with the place.
pub(crate) fn refuse(option: &str, text: &str, at: usize, because: &str) -> Error {
    let place = text.get(..at).map_or(at, |before| before.chars().count()) + 1;
    let rest: String = text.get(at..).unwrap_or_default().chars().take(12).collect();
    Error::data_hint(
        format!("options.{option}: {because} at character {place} (`{rest}`)"),
        "write it as the log's own configuration has it",
    )
}

/// A format string, ready to take lines apart.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Pattern {
    tokens: Vec<Token>,
    /// What follows the last field may be bracketed headers (Squid's `log_mime_hdrs`).
    headers_follow: bool,
}

/// Where a field stands in its line.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Span {
    from: usize,
    to: usize,
    quoted: bool,
}

impl Pattern {
    /// Joins neighbouring texts, and refuses what cannot be told apart.
    pub(crate) fn of(option: &str, tokens: Vec<Token>, headers_follow: bool) -> Result<Self> {
        let mut joined: Vec<Token> = Vec::new();
        for token in tokens.into_iter().filter(|token| !matches!(token, Token::Text(text) if text.is_empty())) {
            match (joined.last_mut(), &token) {
                (Some(Token::Text(text)), Token::Text(more)) => text.push_str(more),
                (Some(Token::Field { field: a, .. }), Token::Field { field: b, .. }) => {
                    return Err(Error::data_hint(
                        format!("options.{option}: `{}` follows `{}` with nothing between them", b.own, a.own),
                        "put a space, a tab or a quote between them in the log's configuration: where one ends cannot be told",
                    ));
                }
                _ => joined.push(token),
            }
        }
        if let Some(Token::Text(text)) = joined.last_mut() {
            text.truncate(text.trim_end_matches(['\n', '\r', ' ']).len());
        }
        joined.retain(|token| !matches!(token, Token::Text(text) if text.is_empty()));
        let fields = joined.iter().filter(|t| matches!(t, Token::Field { .. })).count();
        if fields == 0 || fields > MOST_FIELDS {
            return Err(Error::data_hint(
                format!("options.{option}: it names {fields} fields"),
                format!("from 1 to {MOST_FIELDS} are possible"),
            ));
        }
        Ok(Self { tokens: joined, headers_follow })
    }

    /// Its fields.
    pub(crate) fn fields(&self) -> Vec<Field> {
        self.tokens.iter().filter_map(|t| if let Token::Field { field, .. } = t { Some(field.clone()) } else { None }).collect()
    }

    /// Takes a line apart: one span for each field.
    pub(crate) fn split(&self, line: &str, spans: &mut Vec<Span>) -> Result<(), Reason> {
        spans.clear();
        let mut at = 0;
        let mut before = "";
        for (i, token) in self.tokens.iter().enumerate() {
            match token {
                Token::Text(text) => {
                    at = literal(line, at, text)
                        .ok_or_else(|| Reason::from(format!("expected `{}` after field {}", text.trim(), spans.len())))?;
                    before = text;
                }
                Token::Field { field, wide, list } => {
                    if *wide {
                        at += line[at..].len() - line[at..].trim_start_matches(' ').len();
                    }
                    let next = self.tokens.get(i + 1).and_then(|t| if let Token::Text(text) = t { Some(text.as_str()) } else { None });
                    let quoted = before.ends_with('"') && next.is_some_and(|next| next.starts_with('"'));
                    let end = match next {
                        None => Some(self.last(line, at)),
                        Some(next) if quoted => closing(line, at, next, true).or_else(|| closing(line, at, next, false)),
                        Some(next) => until(line, at, next, *list),
                    };
                    let to =
                        end.ok_or_else(|| Reason::from(format!("the end of `{}` (field {}) was not found", field.own, spans.len() + 1)))?;
                    spans.push(Span { from: at, to, quoted });
                    at = to;
                }
            }
        }
        let rest = line[at..].trim();
        if rest.is_empty() || self.headers_follow && rest.starts_with('[') { Ok(()) } else { Err("text follows the last field".into()) }
    }

    /// The end of a field that nothing follows.
    fn last(&self, line: &str, from: usize) -> usize {
        let headers = if self.headers_follow { line[from..].find(" [") } else { None };
        headers.map_or(line.len(), |n| from + n)
    }
}

/// The text of a span.
pub(crate) fn text<'a>(line: &'a str, span: Span) -> Cow<'a, str> {
    let text = line.get(span.from..span.to).unwrap_or_default();
    if span.quoted { unescaped(text) } else { text.into() }
}

/// The end of the text where it stands at `at`. A space stands for a run of spaces.
fn literal(line: &str, at: usize, text: &str) -> Option<usize> {
    let bytes = line.as_bytes();
    let mut at = at;
    let mut previous = 0;
    for byte in text.bytes() {
        if byte == b' ' {
            if previous == b' ' {
                continue;
            }
            if bytes.get(at) != Some(&b' ') {
                return None;
            }
            at += bytes[at..].iter().take_while(|b| **b == b' ').count();
        } else if bytes.get(at) == Some(&byte) {
            at += 1;
        } else {
            return None;
        }
        previous = byte;
    }
    Some(at)
}

/// The first place at which the text stands.
fn until(line: &str, from: usize, text: &str, list: bool) -> Option<usize> {
    let first = *text.as_bytes().first()?;
    let bytes = line.as_bytes();
    let mut at = from;
    loop {
        at += bytes.get(at..)?.iter().position(|b| *b == first)?;
        let inside = list && first == b' ' && (at > from && matches!(bytes[at - 1], b',' | b':') || bytes.get(at + 1) == Some(&b':'));
        if !inside && literal(line, at, text).is_some() {
            return Some(at);
        }
        at += 1;
    }
}

/// The quote that closes: one that the following text fits.
fn closing(line: &str, from: usize, text: &str, escapes: bool) -> Option<usize> {
    let bytes = line.as_bytes();
    let mut at = from;
    loop {
        at += bytes.get(at..)?.iter().position(|b| *b == b'"' || escapes && *b == b'\\')?;
        if bytes[at] == b'\\' {
            at += 2;
            continue;
        }
        if literal(line, at, text).is_some() {
            return Some(at);
        }
        at += 1;
    }
}

/// A format whose lines are written by a format string.
pub(crate) struct Patterned {
    pub(crate) format: &'static str,
    pub(crate) pattern: Pattern,
    pub(crate) clock: Clock,
    /// Values that are no value, besides `-` and nothing.
    pub(crate) nulls: &'static [&'static str],
}

impl Layout for Patterned {
    fn columns(&self, heads: &[Head]) -> Result<Vec<Column>> {
        let mut spans = Vec::new();
        let mut first = None;
        for line in heads.iter().flat_map(Head::lines).filter(|line| !line.starts_with('#')) {
            match self.pattern.split(line, &mut spans) {
                Ok(()) => return self.given(),
                Err(reason) => first = first.or(Some(reason)),
            }
        }
        match heads.first() {
            Some(head) => {
                let because = format!("no line has the fields of the format string: {}", first.unwrap_or_else(|| "there is none".into()));
                Err(mismatch(head, self.format, &because))
            }
            None => self.given(),
        }
    }

    fn read(&self, _: &str, block: &str, rows: &mut Rows<'_>) {
        let mut plan = Plan::new(&self.pattern.fields(), &self.clock, rows);
        let mut spans = Vec::new();
        for line in lines(block) {
            rows.line();
            if line.trim().is_empty() || line.starts_with('#') {
                rows.header();
                continue;
            }
            match self.pattern.split(line, &mut spans) {
                Ok(()) => plan.row(|i| spans.get(i).map_or(Cow::Borrowed(""), |span| text(line, *span)), self.nulls, rows),
                Err(reason) => rows.malformed(reason, line),
            }
        }
    }
}

impl Patterned {
    fn given(&self) -> Result<Vec<Column>> {
        let columns = meaning::columns(&self.pattern.fields());
        if columns.iter().any(|c| c.name == "timestamp") {
            return Ok(columns);
        }
        Err(Error::data_hint(
            "the format string names no time",
            "events without a time cannot be evaluated: log one, such as `%ts.%03tu` (Squid), `%t` (Apache), `$time_iso8601` (NGINX), `%d{epochtime}` (Zscaler)",
        ))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::source::columns::Kind;

    fn pattern(pieces: &[&str]) -> Pattern {
        let token = |p: &&str| match p.strip_prefix('%') {
            Some(name) => Token::Field { field: Field::own(name, Kind::Text), wide: name == "wide", list: name == "list" },
            None => Token::Text((*p).into()),
        };
        Pattern::of("x", pieces.iter().map(token).collect(), false).unwrap()
    }

    fn split(pieces: &[&str], line: &str) -> Option<Vec<String>> {
        let mut spans = Vec::new();
        pattern(pieces).split(line, &mut spans).ok()?;
        Some(spans.iter().map(|span| text(line, *span).into_owned()).collect())
    }

    #[test]
    fn fields_end_where_the_next_text_begins() {
        assert_eq!(split(&["%a", " ", "%wide", " ", "%c"], "x      7 y z").unwrap(), ["x", "7", "y z"]);
        assert_eq!(
            split(&["%a", " [", "%t", "] \"", "%q", "\" ", "%n"], "ann smith [now] \"say \\\"hi\\\"\" 1").unwrap(),
            ["ann smith", "now", "say \"hi\"", "1"]
        );
        assert_eq!(split(&["\"", "%a", "\" ", "%n"], "\"charset=\"utf-8\"\" 1").unwrap(), ["charset=\"utf-8\"", "1"]);
        assert_eq!(split(&["\"", "%a", "\" ", "%n"], "\"C:\\\" 1").unwrap(), ["C:\\", "1"]);
        assert_eq!(split(&["%list", " ", "%n"], "0.1, 0.2 : 0.3 1").unwrap(), ["0.1, 0.2 : 0.3", "1"]);
        assert_eq!(split(&["%a", "\t", "%b", "\t", "%c"], "x\t\ty").unwrap(), ["x", "", "y"]);
        assert_eq!(split(&["%a", " ", "%b"], "x"), None);
        assert_eq!(split(&["%a", "|"], "x| y"), None);
    }

    proptest! {
        #[test]
        fn no_line_panics_and_fields_lie_in_it(line in "[ab \"\\\\é\\[\\]:,]{0,40}") {
            for pieces in [&["%a", " ", "%wide", " \"", "%q", "\" ", "%list", " ", "%c"][..], &["[", "%a", "] \"", "%b", "\""], &["%a"]] {
                if let Some(fields) = split(pieces, &line) {
                    prop_assert_eq!(fields.len(), pieces.iter().filter(|p| p.starts_with('%')).count());
                }
            }
        }
    }
}
