//! sshd: logins in an `auth.log`, the authentication log of Linux.
//!
//! # Layout
//! `Mar 27 13:08:09 host sshd[1361]: Accepted publickey for ann from 10.0.0.1 port 54259 ssh2`: lines in the envelope of syslog, of either RFC (`gonogo explain
//! envelope`). Lines of other programs, and what sshd says besides logins, are counted as filtered out.
//!
//! # Traps
//! - Times have no year and no zone: `envelope: { year: 2017, timezone: Europe/Paris }`; without a year it is told by the window.
//! - `message repeated 5 times: [ Failed password ... ]` is five rows, as the five lines would have been.
//! - One attempt leaves several lines: for a name that does not exist, `invalid_user` and then `failure`. Count one of the actions, not rows.
//! - A failed `none` is a client that asks which methods there are, not a guess: leave it out with `where: "method <> 'none'"`.
//! - Names are what the client sent, and may be anything: passwords typed in the wrong place among them.
//!
//! # Columns
//! `timestamp`, `action` (`success`, `failure`, `invalid_user`, `too_many_attempts`, `disconnect`), `user`, `src_ip` (or a name, with `UseDNS`), `src_port`, `host` (the
//! server), `method` (`password`, `publickey`, ...), `invalid_user` (true where the server does not know the name), `pid`.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    Format, Setup,
    clock::Clock,
    columns::Kind,
    envelope::header,
    json::{Sink, Value},
    layout::{Body, Reason},
    named::{Grammar, How, Name, Named, Reader, Taken, give},
    ndjson::Values,
    types::Types,
};
use crate::error::Result;

pub(super) const FORMAT: Format = Format {
    id: "sshd",
    summary: "logins in an auth.log, as sshd writes them",
    text: include_str!("sshd.rs"),
    columns: &[
        ("timestamp", Kind::Time),
        ("action", Kind::Text),
        ("user", Kind::Text),
        ("src_ip", Kind::Text),
        ("src_port", Kind::Int),
        ("host", Kind::Text),
        ("method", Kind::Text),
        ("invalid_user", Kind::Bool),
        ("pid", Kind::Int),
    ],
    names: &[],
    schema: || schemars::schema_for!(Options),
    fits: |head| head.enveloped_lines().any(|line| header::parse(line).is_some_and(|header| header.app.is_some_and(is_sshd))),
    build,
};

/// Options of `sshd`: none.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Options {}

const NAMES: &[Name] = &[
    ("action", "action", How::Plain),
    ("user", "user", How::Plain),
    ("from", "src_ip", How::Address),
    ("port", "src_port", How::Plain),
    ("method", "method", How::Plain),
    ("invalid_user", "invalid_user", How::Plain),
    ("pid", "pid", How::Plain),
];
/// Messages have no time of their own.
const TIMES: &[&str] = &["syslog_time"];
/// More repetitions than this in one line are taken for no message of a logger.
const MOST_REPEATED: u64 = 1_000;

struct Sshd;

fn build(setup: &Setup<'_>) -> Result<Body> {
    let Options {} = setup.options()?;
    let clock = setup.log_clock(None, &["timestamp", "time"])?;
    let (id, columns, because) = (FORMAT.id, FORMAT.columns, "no line has a time, a host and a message of sshd");
    Ok(Named { grammar: Sshd, id, columns, because, types: Types::new(), clock }.body())
}

fn is_sshd(program: &str) -> bool {
    program.starts_with("sshd")
}

/// What a message says.
#[derive(Debug, Default, PartialEq, Eq)]
struct Said<'a> {
    action: &'static str,
    user: Option<&'a str>,
    from: Option<&'a str>,
    port: Option<&'a str>,
    method: Option<&'a str>,
    invalid: bool,
}

/// Takes a message of sshd apart; nothing where it tells of no login.
fn said(message: &str) -> Option<Said<'_>> {
    if let Some((action, rest)) = [("success", "Accepted "), ("failure", "Failed ")].iter().find_map(|(a, start)| Some((*a, message.strip_prefix(start)?))) {
        let (method, rest) = rest.split_once(" for ")?;
        return Some(Said { action, method: Some(method), ..attempt(rest)? });
    }
    if let Some(rest) = message.strip_prefix("Invalid user ") {
        // Without a name there are two spaces.
        return Some(Said { action: "invalid_user", invalid: true, ..attempt(rest)? });
    }
    let error = message.strip_prefix("error: ").unwrap_or(message);
    if let Some(rest) = error.strip_prefix("maximum authentication attempts exceeded for ") {
        return Some(Said { action: "too_many_attempts", ..attempt(rest)? });
    }
    let starts = ["Received disconnect from ", "Disconnected from ", "Connection closed by ", "Connection reset by "];
    let rest = starts.iter().find_map(|start| error.strip_prefix(start))?;
    let invalid = rest.strip_prefix("invalid user ");
    let named = invalid.or_else(|| rest.strip_prefix("authenticating user ")).or_else(|| rest.strip_prefix("user "));
    let (user, place) = match named {
        Some(named) => {
            let (user, place) = named.split_once(" port ").and_then(|(before, _)| before.rsplit_once(' ')).map(|(user, _)| (user, &named[user.len() + 1..]))?;
            (Some(user), place)
        }
        None => (None, rest),
    };
    let (from, port) = place_of(place);
    Some(Said { action: "disconnect", user, from, port, invalid: invalid.is_some(), ..Said::default() })
}

/// `[invalid user ]NAME from ADDRESS[ port PORT]...`; the name may itself hold ` from `.
fn attempt(text: &str) -> Option<Said<'_>> {
    let (user, place) = text.rsplit_once(" from ").or_else(|| text.strip_prefix("from ").map(|place| ("", place)))?;
    let (invalid, user) = user.strip_prefix("invalid user ").or_else(|| user.strip_prefix("illegal user ")).map_or((false, user), |user| (true, user));
    let (from, port) = place_of(place);
    Some(Said { user: Some(user).filter(|user| !user.is_empty()), from, port, invalid, ..Said::default() })
}

/// Address and port at the beginning.
fn place_of(text: &str) -> (Option<&str>, Option<&str>) {
    let mut words = text.split_ascii_whitespace();
    let from = words.next().map(|word| word.trim_end_matches([':', ',']));
    // `1.2.3.4: 11: Bye` of old versions, `1.2.3.4 port 22:11: Bye` of new ones.
    let port = (words.next() == Some("port")).then(|| words.next()).flatten().map(|word| word.split(':').next().unwrap_or_default());
    (from, port.filter(|port| port.bytes().all(|b| b.is_ascii_digit())))
}

/// The message that was repeated, and how often.
fn repeated(message: &str) -> Option<(u64, &str)> {
    let (times, rest) = message.strip_prefix("message repeated ")?.split_once(" times: [")?;
    Some((times.parse().ok()?, rest.trim().strip_suffix(']')?))
}

impl Grammar for Sshd {
    fn names(&self) -> &[Name] {
        NAMES
    }

    fn times(&self) -> &'static [&'static str] {
        TIMES
    }

    fn machines_own(&self) -> bool {
        true
    }

    fn reader<'a>(&'a self, _: &str) -> Box<dyn Reader + 'a> {
        Box::new(Lines)
    }
}

struct Lines;

impl Reader for Lines {
    fn record(&mut self, text: &str, sink: &mut dyn Sink) -> Result<Taken, Reason> {
        let (program, message) = text.split_once(": ").unwrap_or((text, ""));
        if !is_sshd(program) {
            return Ok(Taken::Other);
        }
        let (times, message) = repeated(message).unwrap_or((1, message));
        let Some(said) = said(message.trim_start()) else { return Ok(Taken::Other) };
        if times == 0 || times > MOST_REPEATED {
            return Err("repeated more often than is plausible".into());
        }
        give(sink, "action", said.action);
        let pid = program.split_once('[').and_then(|(_, pid)| pid.strip_suffix(']'));
        for (name, text) in [("pid", pid), ("user", said.user), ("from", said.from), ("port", said.port), ("method", said.method)] {
            if let Some(text) = text {
                give(sink, name, text);
            }
        }
        sink.take("invalid_user", Value::Bool(said.invalid), "");
        Ok(if times == 1 { Taken::Row } else { Taken::Rows(times) })
    }

    fn moment(&mut self, _: &Values, _: &mut Clock) -> Option<i64> {
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn messages() {
        let of = |message: &'static str| said(message).map(|s| (s.action, s.user, s.from, s.port, s.method, s.invalid));
        let ip = Some("1.2.3.4");
        for (message, want) in [
            ("Accepted publickey for ann from 1.2.3.4 port 22 ssh2: RSA SHA256:x", ("success", Some("ann"), ip, Some("22"), Some("publickey"), false)),
            ("Failed password for invalid user bob from 1.2.3.4 port 22 ssh2", ("failure", Some("bob"), ip, Some("22"), Some("password"), true)),
            ("Failed none for invalid user  from 1.2.3.4 port 22 ssh2", ("failure", None, ip, Some("22"), Some("none"), true)),
            ("Failed password for root from 9.9.9.9 from 1.2.3.4 port 22 ssh2", ("failure", Some("root from 9.9.9.9"), ip, Some("22"), Some("password"), false)),
            ("Invalid user admin from 1.2.3.4", ("invalid_user", Some("admin"), ip, None, None, true)),
            ("Invalid user  from 1.2.3.4 port 5", ("invalid_user", None, ip, Some("5"), None, true)),
            ("Invalid user from 1.2.3.4", ("invalid_user", None, ip, None, None, true)),
            ("error: maximum authentication attempts exceeded for root from 1.2.3.4 port 22 ssh2 [preauth]", ("too_many_attempts", Some("root"), ip, Some("22"), None, false)),
            ("Received disconnect from 1.2.3.4: 11: Bye Bye [preauth]", ("disconnect", None, ip, None, None, false)),
            ("Received disconnect from 1.2.3.4 port 22:11: Bye", ("disconnect", None, ip, Some("22"), None, false)),
            ("Connection closed by invalid user a b 1.2.3.4 port 22 [preauth]", ("disconnect", Some("a b"), ip, Some("22"), None, true)),
            ("Connection reset by authenticating user root 1.2.3.4 port 22 [preauth]", ("disconnect", Some("root"), ip, Some("22"), None, false)),
        ] {
            assert_eq!(of(message), Some(want), "{message}");
        }
        assert_eq!(of("Server listening on 0.0.0.0 port 22."), None);
        assert_eq!(repeated("message repeated 5 times: [ Failed x]"), Some((5, "Failed x")));
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "(Failed |Invalid user |Disconnected from |<13>)?(a| from | port |for |é|\\[|: ){0,9}") {
            let _ = said(&text);
            let _ = repeated(&text);
        }
    }
}
