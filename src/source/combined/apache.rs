//! Apache's `LogFormat` strings: `%[<>][!,codes]{argument}code`.

use crate::{
    error::Result,
    source::{
        columns::Kind,
        meaning::{Field, Holds},
        pattern::{Token, refuse},
    },
};

const OPTION: &str = "log_format";

fn text(name: &'static str) -> Holds {
    Holds::Column(name.into(), Kind::Text)
}

/// What a code holds, and whether it gives way to another.
fn holds(code: char, argument: Option<&str>, last: bool) -> Option<(Holds, bool)> {
    Some(match code {
        'a' => (text("src_ip"), argument.is_some()),
        'h' => (text("src_ip"), true),
        'u' => (text("user"), false),
        'r' => (Holds::Request, false),
        's' => (Holds::Column("status".into(), Kind::Int), !last),
        'b' | 'B' => (Holds::Count("bytes_down"), true),
        'O' => (Holds::Count("bytes_down"), false),
        'I' => (Holds::Count("bytes_up"), false),
        'S' => (Holds::Count("bytes_total"), false),
        'D' => (Holds::Duration(0.001), false),
        'T' => (Holds::Duration(match argument { Some("ms") => 1.0, Some("us") => 0.001, _ => 1_000.0 }), argument.is_none()),
        'm' => (text("method"), false),
        'U' => (text("path"), false),
        'q' => (text("query"), false),
        'H' => (text("protocol"), false),
        'v' => (text("host"), true),
        'V' => (text("host"), true),
        'p' => (Holds::Column("port".into(), Kind::Int), true),
        'A' => (text("dst_ip"), false),
        't' => time(argument),
        _ => return None,
    })
}

fn time(argument: Option<&str>) -> (Holds, bool) {
    let pattern = argument.map(|a| a.strip_prefix("begin:").or_else(|| a.strip_prefix("end:")).unwrap_or(a));
    let holds = match pattern {
        None => Holds::Time("auto".into()),
        Some("sec") => Holds::Time("epoch_s".into()),
        Some("msec") => Holds::Time("epoch_ms".into()),
        Some("usec") => Holds::Time("epoch_us".into()),
        Some("msec_frac") => Holds::Subsecond(1_000),
        Some("usec_frac") => Holds::Subsecond(1),
        Some(pattern) => Holds::Time(pattern.to_owned().into()),
    };
    (holds, false)
}

fn header(name: &str, request: bool) -> Field {
    let lower = name.to_ascii_lowercase();
    match (lower.as_str(), request) {
        ("user-agent", true) => Field::new(name, text("user_agent")),
        ("referer", true) => Field::new(name, text("referrer")),
        ("host", true) => Field::late(name, Holds::HostPort),
        ("content-type", false) => Field::new(name, text("mime")),
        _ => Field::own(name, Kind::Text),
    }
}

/// Takes a format string apart, as it stands in the configuration: with or without its directive, its quotes and its name.
///
/// # Errors
/// Where a code is none, with its place.
pub(crate) fn tokens(text: &str) -> Result<Vec<Token>> {
    let text = configured(text);
    let (mut tokens, mut at) = (Vec::new(), 0);
    while let Some(n) = text[at..].find('%') {
        tokens.push(Token::Text(text[at..at + n].into()));
        at += n;
        let (found, end) = code(&text, at)?;
        tokens.extend(found);
        at = end;
    }
    tokens.push(Token::Text(text[at..].into()));
    Ok(tokens)
}

/// The string that a configuration gives: `LogFormat "..." name` without what is around it, its backslashes undone.
fn configured(text: &str) -> String {
    let text = text.trim();
    let text = text.strip_prefix("LogFormat").map_or(text, str::trim_start);
    let inside = text.strip_prefix('"').and_then(|rest| rest.rsplit_once('"')).filter(|(inside, name)| inside.contains("\\\"") || !inside.contains('"') && !name.contains('%'));
    let (text, escaped) = inside.map_or((text, text.contains("\\\"")), |(inside, _)| (inside, true));
    if escaped { text.replace("\\\"", "\"").replace("\\t", "\t").replace("\\n", "").replace("\\\\", "\\") } else { text.replace("\\t", "\t") }
}

fn code(text: &str, start: usize) -> Result<(Vec<Token>, usize)> {
    let mut rest = &text[start + 1..];
    if let Some(after) = rest.strip_prefix('%') {
        return Ok((vec![Token::Text("%".into())], text.len() - after.len()));
    }
    let last = rest.starts_with('>');
    rest = rest.trim_start_matches(['<', '>', '!', ',']).trim_start_matches(|c: char| c.is_ascii_digit() || c == ',');
    rest = rest.trim_start_matches(['<', '>']);
    let mut argument = None;
    if let Some(inside) = rest.strip_prefix('{') {
        let (found, after) = inside.split_once('}').ok_or_else(|| refuse(OPTION, text, start, "a brace is not closed"))?;
        (argument, rest) = (Some(found), after);
    }
    let (code, after) = match rest.strip_prefix('^') {
        Some(after) => (None, after.get(2..).unwrap_or_default()),
        None => (rest.chars().next(), rest.get(rest.chars().next().map_or(0, char::len_utf8)..).unwrap_or_default()),
    };
    let end = text.len() - after.len();
    let field = match (code, argument) {
        (Some('i'), Some(name)) => header(name, true),
        (Some('o'), Some(name)) => header(name, false),
        (Some(c), argument) if c.is_ascii_alphabetic() => match holds(c, argument, last) {
            Some((holds, late)) => Field { own: format!("%{c}"), holds, late },
            None => Field::own(argument.map_or_else(|| format!("%{c}"), str::to_owned), Kind::Text),
        },
        (None, Some(name)) => Field::own(name, Kind::Text),
        _ => return Err(refuse(OPTION, text, start, "there is no code of Apache")),
    };
    let brackets = code == Some('t') && argument.is_none();
    let around = |text: &str| Token::Text(if brackets { text.into() } else { String::new() });
    let field = Token::field(field);
    Ok((if brackets { vec![around("["), field, around("]")] } else { vec![field] }, end))
}
