//! NGINX's `log_format` strings: text with `$variables`.

use crate::{
    error::Result,
    source::{
        columns::Kind,
        meaning::{Field, Holds},
        pattern::{Token, refuse},
    },
};

const OPTION: &str = "log_format";

fn field(name: &str) -> Field {
    let text = |column: &'static str| Holds::Column(column.into(), Kind::Text);
    let (holds, late) = match name {
        "remote_addr" | "realip_remote_addr" => (text("src_ip"), name != "remote_addr"),
        "remote_user" => (text("user"), false),
        "time_local" | "time_iso8601" => (Holds::Time("auto".into()), false),
        "msec" => (Holds::Time("epoch_s".into()), false),
        "request" => (Holds::Request, false),
        "request_method" => (text("method"), false),
        "request_uri" => (Holds::Target, false),
        "uri" | "document_uri" => (text("path"), true),
        "args" | "query_string" => (text("query"), true),
        "server_protocol" => (text("protocol"), true),
        "scheme" => (text("scheme"), true),
        "host" | "http_host" | "ssl_server_name" | "server_name" | "proxy_host" => (Holds::HostPort, true),
        "server_port" => (Holds::Column("port".into(), Kind::Int), true),
        "server_addr" => (text("dst_ip"), false),
        "status" => (Holds::Column("status".into(), Kind::Int), false),
        "bytes_sent" => (Holds::Count("bytes_down"), false),
        "body_bytes_sent" => (Holds::Count("bytes_down"), true),
        "request_length" => (Holds::Count("bytes_up"), false),
        "request_time" => (Holds::Duration(1_000.0), false),
        "http_referer" => (text("referrer"), false),
        "http_user_agent" => (text("user_agent"), false),
        "sent_http_content_type" => (text("mime"), false),
        _ => return Field::own(name, Kind::Text),
    };
    Field { own: name.into(), holds, late }
}

/// Takes a format string apart, as it stands in the configuration: with or without `log_format NAME` and the quotes of its pieces.
///
/// # Errors
/// Where a `$` has no name, with its place.
pub(crate) fn tokens(text: &str) -> Result<Vec<Token>> {
    let text = configured(text);
    let (mut tokens, mut at) = (Vec::new(), 0);
    while let Some(n) = text[at..].find('$') {
        tokens.push(Token::Text(text[at..at + n].into()));
        at += n;
        let rest = &text[at + 1..];
        let braced = rest.strip_prefix('{');
        let name = braced.unwrap_or(rest);
        let name = &name[..name.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(name.len())];
        let closed = braced.is_none_or(|inside| inside[name.len()..].starts_with('}'));
        if name.is_empty() || !closed {
            return Err(refuse(OPTION, &text, at, "a `$` names no variable"));
        }
        at += 1 + name.len() + if braced.is_some() { 2 } else { 0 };
        // Variables of upstreams are lists where several servers were asked.
        tokens.push(Token::Field { field: field(name), wide: false, list: name.starts_with("upstream_") });
    }
    tokens.push(Token::Text(text[at..].into()));
    Ok(tokens)
}

/// The string that a configuration gives: `log_format name escape=default 'piece' 'piece';` without what is around the pieces.
fn configured(text: &str) -> String {
    let text = text.trim();
    let Some(rest) = text.strip_prefix("log_format") else {
        return if text.starts_with('\'') { pieces(text) } else { text.to_owned() };
    };
    pieces(&rest[rest.find('\'').unwrap_or(0)..])
}

/// The insides of the quoted pieces, put together.
fn pieces(text: &str) -> String {
    text.split('\'').skip(1).step_by(2).collect::<String>().replace("\\t", "\t")
}
