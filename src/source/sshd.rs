//! sshd: logins in an `auth.log`, the authentication log of Linux.
//!
//! # Layout
//! `Mar 27 13:08:09 host sshd[1361]: Accepted publickey for ann from 10.0.0.1 port 54259 ssh2`, or with an ISO 8601 time in place of the first; `<PRI>` may stand
//! before it. Lines of other programs, and what sshd says besides logins, are counted as filtered out.
//!
//! # Traps
//! - Such a time has no year. `options: { year: 2017 }` names that of the first line of each file: it goes on where the months begin again. Without it
//!   the year is the one that comes nearest to the window; without a window such rows have no time. Nor has it a zone: `timezone`.
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
    clock::{Clock, checked_days, month, time_of_day},
    columns::Kind,
    json::{Sink, Value},
    layout::{Body, Reason, lines},
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
    schema: || schemars::schema_for!(Options),
    fits: |head| head.mostly(|line| parse(line).is_some()) && head.lines().any(|line| parse(line).is_some_and(|l| l.is_sshd())),
    build,
};

/// Options of `sshd`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Options {
    /// The year of the first line of each file.
    year: Option<u16>,
}

const NAMES: &[Name] = &[
    ("action", "action", How::Plain),
    ("user", "user", How::Plain),
    ("from", "src_ip", How::Address),
    ("port", "src_port", How::Plain),
    ("server", "host", How::Plain),
    ("method", "method", How::Plain),
    ("invalid_user", "invalid_user", How::Plain),
    ("pid", "pid", How::Plain),
];
const TIMES: &[&str] = &["time"];
const DAY: i64 = 86_400_000_000;
/// More repetitions than this in one line are taken for no message of a logger.
const MOST_REPEATED: u64 = 1_000;

struct Sshd {
    year: Option<i64>,
}

fn build(setup: &Setup<'_>) -> Result<Body> {
    let Options { year } = setup.options()?;
    let clock = setup.log_clock(None, &["timestamp", "time"])?;
    let (id, columns, because) = (FORMAT.id, FORMAT.columns, "no line has a time, a host and a message of sshd");
    Ok(Named { grammar: Sshd { year: year.map(i64::from) }, id, columns, because, types: Types::new(), clock }.body())
}

/// A line, taken apart.
struct Line<'a> {
    time: &'a str,
    host: &'a str,
    /// Name and number of the process.
    program: &'a str,
    message: &'a str,
}

impl Line<'_> {
    fn is_sshd(&self) -> bool {
        self.program.starts_with("sshd")
    }

    fn pid(&self) -> Option<&str> {
        self.program.split_once('[').and_then(|(_, pid)| pid.strip_suffix(']'))
    }
}

fn parse(line: &str) -> Option<Line<'_>> {
    let line = line.strip_prefix('<').and_then(|rest| rest.split_once('>')).map_or(line, |(_, rest)| rest);
    let bytes = line.as_bytes();
    let end = if bytes.first()?.is_ascii_digit() && bytes.get(4) == Some(&b'-') {
        line.find(' ')?
    } else {
        // `Mar  7 13:08:09`
        month(bytes.get(..3)?)?;
        (bytes.get(3) == Some(&b' ') && bytes.get(6) == Some(&b' ') && bytes.get(15) == Some(&b' ')).then_some(15)?
    };
    let (time, rest) = (line.get(..end)?, line.get(end + 1..)?);
    let (host, rest) = rest.split_once(' ')?;
    let (program, message) = rest.split_once(": ").unwrap_or((rest, ""));
    Some(Line { time, host, program, message })
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

    fn reader<'a>(&'a self, preamble: &str) -> Box<dyn Reader + 'a> {
        let mut said = preamble.split(' ').map(|n| n.parse().ok());
        let year = said.next().flatten().or(self.year);
        Box::new(Lines { year, month: said.next().flatten() })
    }

    fn carry(&self, preamble: &mut String, block: &[u8]) {
        let Some(first) = self.year else { return };
        let mut numbers = preamble.split(' ').map(|n| n.parse::<i64>().ok());
        let mut lines_before = Lines { year: numbers.next().flatten().or(Some(first)), month: numbers.next().flatten() };
        for line in lines(&String::from_utf8_lossy(block)) {
            if let Some(line) = parse(line)
                && let Some(month) = month(line.time.get(..3).unwrap_or_default().as_bytes())
            {
                lines_before.turn(month);
            }
        }
        if let (Some(year), Some(month)) = (lines_before.year, lines_before.month) {
            *preamble = format!("{year} {month}");
        }
    }
}

/// The lines of a block, in order.
struct Lines {
    /// Of the line before.
    year: Option<i64>,
    month: Option<i64>,
}

impl Lines {
    /// Goes on to a line of this month: months that begin again are another year, one month back is a line out of order.
    fn turn(&mut self, month: i64) {
        if let (Some(year), Some(last)) = (&mut self.year, self.month) {
            *year += i64::from(month + 1 < last) - i64::from(last == 1 && month == 12);
        }
        self.month = Some(month);
    }
}

impl Reader for Lines {
    fn record(&mut self, text: &str, sink: &mut dyn Sink) -> Result<Taken, Reason> {
        let line = parse(text).ok_or("expected a time, a host, and a message")?;
        if let Some(month) = month(line.time.get(..3).unwrap_or_default().as_bytes()) {
            self.turn(month);
        }
        if !line.is_sshd() {
            return Ok(Taken::Other);
        }
        let (times, message) = repeated(line.message).unwrap_or((1, line.message));
        let Some(said) = said(message.trim_start()) else { return Ok(Taken::Other) };
        if times == 0 || times > MOST_REPEATED {
            return Err("repeated more often than is plausible".into());
        }
        give(sink, "time", line.time);
        give(sink, "action", said.action);
        let texts = [("server", Some(line.host)), ("pid", line.pid()), ("user", said.user), ("from", said.from), ("port", said.port), ("method", said.method)];
        for (name, text) in texts {
            if let Some(text) = text {
                give(sink, name, text);
            }
        }
        sink.take("invalid_user", Value::Bool(said.invalid), "");
        Ok(if times == 1 { Taken::Row } else { Taken::Rows(times) })
    }

    fn moment(&mut self, values: &Values, clock: &mut Clock, window: Option<(i64, i64)>) -> Option<i64> {
        let text = values.str(0)?;
        let Some(month) = month(text.get(..3)?.as_bytes()) else { return clock.read(text) };
        let day = text.get(4..6)?.trim_start().parse().ok()?;
        let (micros, rest) = time_of_day(text.get(7..)?.as_bytes())?;
        if !rest.is_empty() {
            return None;
        }
        let mut at = |year: i64| checked_days(year, month, day).map(|days| clock.local(days * DAY + micros));
        if let Some(year) = self.year {
            return at(year);
        }
        let (start, end) = window?;
        let middle = start + (end - start) / 2;
        // Within a year of the middle; days of 365.2425.
        let near = 1_970 + middle.div_euclid(31_556_952_000_000);
        (near - 1..=near + 1).filter_map(&mut at).min_by_key(|time| time.abs_diff(middle))
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

    #[test]
    fn years_turn_where_months_begin_again() {
        let mut lines = Lines { year: Some(2016), month: None };
        let years: Vec<Option<i64>> = [11, 12, 1, 12, 1, 2, 1, 10, 2]
            .into_iter()
            .map(|month| {
                lines.turn(month);
                lines.year
            })
            .collect();
        assert_eq!(years, [2016, 2016, 2017, 2016, 2017, 2017, 2017, 2017, 2018].map(Some));
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "(Failed |Invalid user |Disconnected from |<13>)?(a| from | port |for |é|\\[|: ){0,9}") {
            let _ = said(&text);
            let _ = parse(&text);
            let _ = repeated(&text);
        }
    }
}
