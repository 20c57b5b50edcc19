//! Log content made harmless for what shows it.

use std::{borrow::Cow, fmt::Write as _};

/// How many characters of a text are shown where nothing else is said.
const SHOWN: usize = 200;

/// How many characters of a message a terminal shows.
const MESSAGE: usize = 2_000;

/// Shows a text so that nothing in it is hidden or reorders its surroundings: control, bidirectional, zero-width and other invisible
/// characters become `\u{...}`, and what is longer than 200 characters is cut with an ellipsis.
pub fn visible(text: &str) -> Cow<'_, str> {
    visible_within(text, SHOWN)
}

/// As [`visible`], cut to `limit` characters as shown (at least one), the ellipsis included.
pub fn visible_within(text: &str, limit: usize) -> Cow<'_, str> {
    let limit = limit.max(1);
    if !text.chars().any(is_hidden) && text.chars().nth(limit).is_none() {
        return Cow::Borrowed(text);
    }
    let mut pieces: Vec<String> = Vec::new();
    let mut length = 0;
    for c in text.chars() {
        let piece = if is_hidden(c) { format!("\\u{{{:x}}}", u32::from(c)) } else { c.to_string() };
        length += piece.chars().count();
        pieces.push(piece);
        if length > limit {
            break;
        }
    }
    if length > limit {
        while length + 1 > limit {
            let Some(piece) = pieces.pop() else { break };
            length -= piece.chars().count();
        }
        pieces.push("…".into());
    }
    Cow::Owned(pieces.concat())
}

/// Whether a character shows nothing, moves its neighbours, or may not stand in XML.
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}' | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// One cell of a CSV file that no spreadsheet takes for a formula: made visible, with a leading apostrophe where it begins with `=`, `+`,
/// `-`, `@` (or their full-width forms), and quoted where it must be.
pub fn csv_cell(text: &str) -> String {
    let shown = visible_within(text, 2_000);
    let formula = shown.trim_start().starts_with(['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}', '\u{2212}']);
    let cell = if formula { Cow::Owned(format!("'{shown}")) } else { shown };
    if cell.contains([',', ';', '"', '\'']) || cell.starts_with(' ') || cell.ends_with(' ') {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.into_owned()
    }
}

/// A word of a command as a shell takes it.
pub fn shell_word(text: &str) -> String {
    let plain = text.chars().all(|c| c.is_ascii_alphanumeric() || "-_./=,:+@%".contains(c));
    if plain && !text.is_empty() { text.to_owned() } else { format!("'{}'", text.replace('\'', "'\\''")) }
}

/// A number as a CSV cell: shortest form with a point, empty where it is not finite.
pub fn csv_number(value: f64) -> String {
    if value.is_finite() { format!("{value}") } else { String::new() }
}

/// A text as a Markdown code span that nothing in it can leave, also inside a table.
pub fn markdown_code(text: &str) -> String {
    let shown = visible(text);
    if shown.trim().is_empty() {
        return "(empty)".into();
    }
    let longest = shown.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let pad = if shown.starts_with('`') || shown.ends_with('`') { " " } else { "" };
    format!("{fence}{pad}{}{pad}{fence}", shown.replace('|', "\\|"))
}

/// A sentence as Markdown text: every character that Markdown or HTML gives a meaning to is escaped.
pub fn markdown_text(text: &str) -> String {
    let shown = visible_within(text, 1_000);
    let mut escaped = String::with_capacity(shown.len());
    for c in shown.chars() {
        match c {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '@' => escaped.push_str("&#64;"),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '#' | '|' | '~' | '!' | '$' => {
                let _ = write!(escaped, "\\{c}");
            }
            // A bare address must not become a link.
            ':' if escaped.ends_with("http") || escaped.ends_with("https") || escaped.ends_with("ftp") => escaped.push_str("\\:"),
            _ => escaped.push(c),
        }
    }
    escaped
}

/// Shows a text on a terminal: escape sequences are taken out whole, then it is made visible. Messages are long; only what exceeds 2 000
/// characters is cut.
pub fn terminal(text: &str) -> Cow<'_, str> {
    if !text.contains(['\u{1b}', '\u{9b}', '\u{9d}', '\u{90}', '\u{9e}', '\u{9f}', '\u{98}']) {
        return visible_within(text, MESSAGE);
    }
    Cow::Owned(visible_within(&without_escapes(text), MESSAGE).into_owned())
}

/// What goes to a terminal as a whole, at the very exit: lines and our own colours stay, whatever else a terminal would obey or not show
/// is made visible. Values are escaped where they are put into sentences; this holds where one was forgotten, as in the name of a file.
pub fn lines(text: &str) -> Cow<'_, str> {
    if !text.chars().any(|c| c != '\n' && is_hidden(c)) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 64);
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let length = colour(rest).unwrap_or(c.len_utf8());
        let (piece, after) = rest.split_at(length);
        if c == '\n' || length > 1 && c == '\u{1b}' || !is_hidden(c) {
            shown.push_str(piece);
        } else {
            let _ = write!(shown, "\\u{{{:x}}}", u32::from(c));
        }
        rest = after;
    }
    Cow::Owned(shown)
}

/// The length of the sequence that sets a colour (`ESC [ digits m`) at the beginning of a text.
fn colour(text: &str) -> Option<usize> {
    let inside = text.strip_prefix("\u{1b}[")?;
    let end = inside.find(|c: char| !c.is_ascii_digit() && c != ';')?;
    inside[end..].starts_with('m').then_some(2 + end + 1)
}

/// Takes out ANSI escape sequences (ECMA-48: CSI, OSC and other strings, two-character escapes).
fn without_escapes(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let introducer = match c {
            '\u{1b}' => chars.next(),
            '\u{9b}' => Some('['),
            '\u{90}' | '\u{98}' | '\u{9d}' | '\u{9e}' | '\u{9f}' => Some(']'),
            _ => {
                kept.push(c);
                continue;
            }
        };
        match introducer {
            Some('[') => {
                for c in chars.by_ref() {
                    if ('\u{40}'..='\u{7e}').contains(&c) {
                        break;
                    }
                }
            }
            Some(']' | 'P' | 'X' | '^' | '_') => {
                while let Some(c) = chars.next() {
                    if c == '\u{7}' || c == '\u{9c}' || (c == '\u{1b}' && chars.next_if_eq(&'\\').is_some()) {
                        break;
                    }
                }
            }
            // Intermediate characters, then a final one.
            Some('\u{20}'..='\u{2f}') => while chars.next().is_some_and(|c| ('\u{20}'..='\u{2f}').contains(&c)) {},
            _ => {}
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn hidden_characters_are_shown() {
        assert_eq!(visible("alice"), "alice");
        assert_eq!(visible("a\u{202e}b\tc\u{200b}\u{0}"), "a\\u{202e}b\\u{9}c\\u{200b}\\u{0}");
        assert_eq!(visible("é\u{202f}€"), "é\\u{202f}€".replace("\\u{202f}", "\u{202f}"));
        assert!(matches!(visible("plain"), Cow::Borrowed(_)));
    }

    #[test]
    fn long_texts_are_cut_at_the_limit() {
        assert_eq!(visible_within("abcdef", 6), "abcdef");
        assert_eq!(visible_within("abcdefg", 6), "abcde…");
        assert_eq!(visible_within("abc\u{7}defg", 6), "abc…");
        assert_eq!(visible(&"x".repeat(5_000)).chars().count(), 200);
    }

    #[test]
    fn cells_are_no_formulas() {
        assert_eq!(csv_cell("alice"), "alice");
        assert_eq!(csv_cell("=1+1"), "\"'=1+1\"");
        assert_eq!(csv_cell("\t=1"), "\\u{9}=1");
        assert_eq!(csv_cell(" @x"), "\"' @x\"");
        assert_eq!(csv_cell("a,\"b\""), "\"a,\"\"b\"\"\"");
        assert_eq!(csv_cell("a\nb"), "a\\u{a}b");
    }

    #[test]
    fn code_spans_hold() {
        assert_eq!(markdown_code("alice"), "`alice`");
        assert_eq!(markdown_code("a`b``c"), "```a`b``c```");
        assert_eq!(markdown_code("`"), "`` ` ``");
        assert_eq!(markdown_code("a|b"), "`a\\|b`");
        assert_eq!(markdown_text("<b>*@x* http://e"), "&lt;b&gt;\\*&#64;x\\* http\\://e");
    }

    #[test]
    fn terminal_sequences_are_taken_out() {
        assert_eq!(terminal("\u{1b}[31mred\u{1b}[0m"), "red");
        assert_eq!(terminal("\u{1b}]8;;http://e\u{7}link\u{1b}]8;;\u{1b}\\."), "link.");
        assert_eq!(terminal("\u{9b}2Ja\u{1b}(Bb\u{1b}"), "ab");
        assert_eq!(terminal("plain"), "plain");
        assert_eq!(lines("\u{1b}[1;31mred\u{1b}[0m\nb"), "\u{1b}[1;31mred\u{1b}[0m\nb");
        assert_eq!(lines("\u{1b}[2J\u{1b}]52;c;x\u{7}\u{202e}\u{9b}31m\u{1b}"), "\\u{1b}[2J\\u{1b}]52;c;x\\u{7}\\u{202e}\\u{9b}31m\\u{1b}");
    }

    proptest! {
        #[test]
        fn nothing_hidden_is_left(text in "\\PC*|.{0,40}", limit in 1_usize..50) {
            let shown = visible_within(&text, limit);
            prop_assert!(!shown.chars().any(is_hidden));
            prop_assert!(shown.chars().count() <= limit);
            prop_assert_eq!(terminal(&text).find('\u{1b}'), None);
            let cell = csv_cell(&text);
            // What a spreadsheet reads: `"""@"` is a quotation mark and an at sign, which is no formula.
            let read = cell.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).map_or_else(|| cell.clone(), |inner| inner.replace("\"\"", "\""));
            prop_assert!(!read.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']), "{}", cell);
        }
    }
}
