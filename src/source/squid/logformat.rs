//! Squid's `logformat` strings: `%[encoding][-][0][width][.most][{argument}]code[{argument}]`.

use std::borrow::Cow;

use crate::{
    error::Result,
    source::{
        columns::Kind,
        meaning::{Field, Holds},
        pattern::{Token, refuse},
    },
};

const OPTION: &str = "logformat";

/// The formats that Squid defines itself.
const DEFINED: &[(&str, &str)] = &[
    ("squid", "%ts.%03tu %6tr %>a %Ss/%03>Hs %<st %rm %ru %[un %Sh/%<a %mt"),
    ("common", "%>a - %[un [%tl] \"%rm %ru HTTP/%rv\" %>Hs %<st %Ss:%Sh"),
    ("combined", "%>a - %[un [%tl] \"%rm %ru HTTP/%rv\" %>Hs %<st \"%{Referer}>h\" \"%{User-Agent}>h\" %Ss:%Sh"),
    ("referrer", "%ts.%03tu %>a %{Referer}>h %ru"),
    ("useragent", "%>a [%tl] \"%{User-Agent}>h\""),
];

/// What the codes hold. Where several give one column, the first stands before the others.
fn holds(code: &str) -> Option<(Holds, bool)> {
    let text = |name: &'static str| Holds::Column(name.into(), Kind::Text);
    let int = |name: &'static str| Holds::Column(name.into(), Kind::Int);
    let (holds, late) = match code {
        "ts" => (Holds::Time("epoch_s".into()), false),
        "tu" => (Holds::Subsecond(1_000), false),
        "tl" | "tg" => (Holds::Time("auto".into()), false),
        "tr" => (Holds::Duration(1.0), false),
        ">a" => (text("src_ip"), false),
        ">A" => (text("src_host"), false),
        ">p" => (int("src_port"), false),
        "un" | "ul" => (Holds::Encoded("user"), false),
        "ue" | "us" | "ui" | "credentials" => (Holds::Encoded("user"), true),
        "rm" | ">rm" => (text("method"), false),
        "<rm" => (text("method"), true),
        "ru" | ">ru" => (Holds::Url, false),
        "<ru" => (Holds::Url, true),
        "rp" | ">rp" | "<rp" => (Holds::Target, true),
        "rs" | ">rs" => (text("scheme"), true),
        "rd" | ">rd" => (text("host"), true),
        "rP" | ">rP" => (int("port"), true),
        "ssl::>sni" | ">sni" => (text("host"), true),
        "rv" | ">rv" => (text("protocol"), false),
        ">Hs" | "Hs" => (int("status"), false),
        "<Hs" => (int("status"), true),
        "Ss" => (text("action"), false),
        "Sh" => (text("hierarchy"), false),
        "<a" => (Holds::Peer("peer"), false),
        "mt" => (text("mime"), false),
        ">st" => (Holds::Count("bytes_up"), false),
        "<st" => (Holds::Count("bytes_down"), false),
        ">sh" => (Holds::Count("request_header_bytes"), false),
        "<sh" => (Holds::Count("reply_header_bytes"), false),
        "st" => (Holds::Count("bytes_total"), false),
        "<p" | "<lp" | ">lp" | "lp" | "la" | ">la" | "<la" | "<A" | "dt" | "<pt" | "<tt" | "sn" | "err_code" | "err_detail" | "et" | "ea" | ">h" | "<h" | ">ha"
        | ">eui" | "note" | "adapt::sum_trs" | "adapt::all_trs" | "tS" | ">qos" | "<qos" | ">nfmark" | "<nfmark" | "busy_time" | "master_xaction"
        | "external_acl" | "ssl::bump_mode" | "ssl::>cert_subject" | "ssl::>cert_issuer" | "transport::>connection_id" | ">handshake" => {
            (Holds::Column(code.to_owned().into(), Kind::Text), false)
        }
        _ => return None,
    };
    Some((holds, late))
}

/// A request or reply header.
fn header(name: &str, request: bool) -> Option<Holds> {
    let column = match (name.to_ascii_lowercase().as_str(), request) {
        ("user-agent", true) => "user_agent",
        ("referer", true) => "referrer",
        ("content-type", false) => "mime",
        ("host", true) => return Some(Holds::HostPort),
        _ => return None,
    };
    Some(Holds::Column(column.into(), Kind::Text))
}

/// Takes a format string apart; a name that Squid defines stands for its own.
///
/// # Errors
/// Where a code is none, with its place.
pub(crate) fn tokens(text: &str) -> Result<Vec<Token>> {
    let text = DEFINED.iter().find(|(name, _)| *name == text.trim()).map_or(text, |(_, defined)| defined);
    let (mut tokens, mut at) = (Vec::new(), 0);
    while let Some(n) = text[at..].find('%') {
        tokens.push(Token::Text(text[at..at + n].into()));
        at += n;
        if text[at + 1..].starts_with('%') {
            tokens.push(Token::Text("%".into()));
            at += 2;
        } else {
            let (token, end) = code(text, at)?;
            tokens.push(token);
            at = end;
        }
    }
    tokens.push(Token::Text(text[at..].into()));
    Ok(tokens)
}

/// Reads the code that begins with the `%` at `start`; where it ends.
fn code(text: &str, start: usize) -> Result<(Token, usize)> {
    let mut rest = &text[start + 1..];
    rest = rest.strip_prefix(['"', '\'', '[', '#', '/']).unwrap_or(rest);
    let left = rest.starts_with('-');
    rest = rest.strip_prefix('-').unwrap_or(rest);
    let digits = rest.trim_start_matches(|c: char| c.is_ascii_digit());
    let width = &rest[..rest.len() - digits.len()];
    rest = digits;
    if let Some(most) = rest.strip_prefix('.') {
        rest = most.trim_start_matches(|c: char| c.is_ascii_digit());
    }
    let mut argument = braces(text, &mut rest)?;
    let letters = rest.find(|c: char| !(c.is_ascii_alphabetic() || matches!(c, '<' | '>' | ':' | '_'))).unwrap_or(rest.len());
    // Codes run into text at times (`%ruX`): the longest that is known. A colon after a code is text.
    let known = (1..=letters).rev().find(|n| rest.is_char_boundary(*n) && holds(&rest[..*n]).is_some());
    let Some(known) = known else { return Err(refuse(OPTION, text, start, "there is no code of Squid")) };
    let name = &rest[..known];
    rest = &rest[known..];
    if argument.is_none() {
        argument = braces(text, &mut rest)?;
    }
    let end = text.len() - rest.len();
    let Some((mut holds, mut late)) = holds(name) else { return Err(refuse(OPTION, text, start, "there is no code of Squid")) };
    let mut own: Cow<'_, str> = name.into();
    match (argument, name) {
        (Some(argument), ">h" | "<h" | ">ha") => {
            own = argument.into();
            let found = header(argument, name != "<h");
            late = matches!(found, Some(Holds::HostPort));
            holds = found.unwrap_or_else(|| Holds::Column(argument.to_owned().into(), Kind::Text));
        }
        (Some(argument), "tl" | "tg") => holds = Holds::Time(argument.to_owned().into()),
        (Some(argument), _) => {
            own = format!("{name}.{argument}").into();
            holds = Holds::Column(own.clone().into_owned().into(), Kind::Text);
        }
        (None, _) => {}
    }
    let field = Field { own: own.into_owned(), holds, late };
    Ok((Token::Field { field, wide: !left && !width.is_empty() && !width.starts_with('0'), list: false }, end))
}

/// Takes `{...}` off the front.
fn braces<'a>(text: &'a str, rest: &mut &'a str) -> Result<Option<&'a str>> {
    let Some(inside) = rest.strip_prefix('{') else { return Ok(None) };
    let Some((argument, after)) = inside.split_once('}') else {
        return Err(refuse(OPTION, text, text.len() - rest.len(), "a brace is not closed"));
    };
    *rest = after;
    Ok(Some(argument))
}
