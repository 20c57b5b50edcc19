//! The output format of a feed: text with `%s{name}`, `%d{name}`, `%02d{name}`, ...

use std::borrow::Cow;

use super::fields::field;
use crate::{
    error::{Error, Result},
    source::{
        meaning::{Field, Holds},
        pattern::{Token, refuse},
    },
};

const OPTION: &str = "template";

/// Parts of a time, and how strftime writes them.
const PARTS: [(&str, &str); 9] = [
    ("yyyy", "%Y"),
    ("yy", "%Y"),
    ("mth", "%m"),
    ("mon", "%b"),
    ("dd", "%d"),
    ("hh", "%H"),
    ("mm", "%M"),
    ("ss", "%S"),
    ("day", "%a"),
];

/// Takes a template apart.
///
/// # Errors
/// Where a `%` names no field, with its place; where the template is that of JSON.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>> {
    if text.trim_start().trim_start_matches('\\').starts_with('{') {
        return Err(Error::data_hint("options.template: it writes JSON", "leave `template` out: JSON lines say their names themselves"));
    }
    let (mut tokens, mut plain, mut at) = (Vec::new(), String::new(), 0);
    while let Some(sign) = text[at..].chars().next() {
        at += sign.len_utf8();
        match sign {
            '\\' => {
                let Some(meant) = text[at..].chars().next() else { break };
                at += meant.len_utf8();
                match meant {
                    't' => plain.push('\t'),
                    'n' | 'r' => {}
                    other => plain.push(other),
                }
            }
            '%' if text[at..].starts_with('%') => {
                plain.push('%');
                at += 1;
            }
            '%' => {
                let rest = text[at..].trim_start_matches(|c: char| c.is_ascii_digit() || c == '-');
                let named = rest.strip_prefix(|c: char| c.is_ascii_alphabetic()).and_then(|rest| rest.strip_prefix('{')).and_then(|rest| rest.split_once('}'));
                let (name, after) = named.filter(|(name, _)| !name.is_empty()).ok_or_else(|| refuse(OPTION, text, at - 1, "a `%` names no field"))?;
                tokens.push(Token::Text(std::mem::take(&mut plain)));
                tokens.push(Token::field(field(name)));
                at = text.len() - after.len();
            }
            other => plain.push(other),
        }
    }
    tokens.push(Token::Text(plain));
    Ok(one_time(joined(tokens)))
}

/// The strftime pattern of a part of a time.
fn part(token: &Token) -> Option<&'static str> {
    let Token::Field { field, .. } = token else { return None };
    PARTS.iter().find(|(name, _)| *name == field.own).map(|(_, pattern)| *pattern)
}

/// Puts the parts of a time together, where they give a whole one.
fn joined(tokens: Vec<Token>) -> Vec<Token> {
    let Some(from) = tokens.iter().position(|token| part(token).is_some()) else { return tokens };
    let mut pattern = String::new();
    let mut to = from;
    for (at, token) in tokens.iter().enumerate().skip(from) {
        match (part(token), token, tokens.get(at + 1).and_then(part)) {
            (Some(part), ..) => {
                pattern.push_str(part);
                to = at + 1;
            }
            (None, Token::Text(text), Some(_)) => pattern.push_str(&text.replace('%', "%%")),
            _ => break,
        }
    }
    let whole = ["%Y", "%d", "%H", "%M"].iter().all(|needed| pattern.contains(needed));
    if !whole {
        return tokens;
    }
    let time = Token::field(Field::new("time", Holds::Time(Cow::Owned(pattern))));
    tokens[..from].iter().cloned().chain([time]).chain(tokens[to..].iter().cloned()).collect()
}

/// Leaves one time: the epoch where there is one, else the first.
fn one_time(mut tokens: Vec<Token>) -> Vec<Token> {
    let is_time = |token: &Token| matches!(token, Token::Field { field: Field { holds: Holds::Time(_), .. }, .. });
    let is_epoch = |token: &Token| matches!(token, Token::Field { field, .. } if field.own == "epochtime");
    let Some(kept) = tokens.iter().position(is_epoch).or_else(|| tokens.iter().position(is_time)) else { return tokens };
    for (at, token) in tokens.iter_mut().enumerate() {
        if at != kept
            && is_time(token)
            && let Token::Field { field, .. } = token
        {
            *field = Field::own(field.own.clone(), crate::source::columns::Kind::Text);
        }
    }
    tokens
}
