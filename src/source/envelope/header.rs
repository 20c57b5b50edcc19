//! One header of syslog, in whatever form devices and relays write it.

use crate::source::clock::{date, month, time_of_day};

/// Headers that relays put around each other; more are text.
const MOST_HEADERS: usize = 3;
const LONGEST_NAME: usize = 255;
const LONGEST_TAG: usize = 64;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Rfc3164,
    Rfc5424,
}

/// The time of a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stamp<'a> {
    None,
    /// ISO 8601.
    Iso(&'a str),
    /// Month and day, microseconds of the day, and the year of those few devices that write it.
    Short {
        month: i64,
        day: i64,
        micros: i64,
        year: Option<i64>,
    },
}

/// A line, taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Header<'a> {
    pub(crate) form: Form,
    pub(crate) time: Stamp<'a>,
    /// The machine that logged.
    pub(crate) host: Option<&'a str>,
    /// The program.
    pub(crate) app: Option<&'a str>,
    /// Its process.
    pub(crate) pid: Option<&'a str>,
    pub(crate) message: &'a str,
}

impl Header<'_> {
    /// Writes the message, with the program before it where it is known.
    pub(crate) fn write_tagged(&self, into: &mut String) {
        if let Some(app) = self.app {
            into.push_str(app);
            if let Some(pid) = self.pid {
                into.push('[');
                into.push_str(pid);
                into.push(']');
            }
            into.push_str(": ");
        }
        into.push_str(self.message);
    }
}

/// Takes the header of a line off; nothing where it has none.
pub(crate) fn parse(line: &str) -> Option<Header<'_>> {
    let mut header = one(line)?;
    for _ in 1..MOST_HEADERS {
        // Behind a tag or an app stands what a program wrote, or whoever writes to it: only a relay puts a header right behind its own.
        let Some(inner) = (if header.app.is_none() { one(header.message) } else { None }) else { break };
        let time = if inner.time == Stamp::None { header.time } else { inner.time };
        header = Header { time, host: inner.host.or(header.host), form: header.form, ..inner };
    }
    Some(header)
}

fn one(line: &str) -> Option<Header<'_>> {
    let counted = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let line = match counted.strip_prefix(" <") {
        Some(_) if (1..=6).contains(&(line.len() - counted.len())) => &counted[1..],
        _ => line,
    };
    let rest = priority(line);
    if let Some(after) = rest.and_then(|rest| rest.strip_prefix("1 ")) {
        return rfc5424(after);
    }
    rfc3164(rest.unwrap_or(line), rest.is_some())
}

/// What follows `<PRI>`, where it is there: a number up to 191.
fn priority(line: &str) -> Option<&str> {
    let (number, rest) = line.strip_prefix('<')?.split_once('>')?;
    let digits = (1..=3).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit());
    (digits && number.parse::<u16>().is_ok_and(|n| n <= 191)).then_some(rest)
}

fn rfc3164(text: &str, prioritised: bool) -> Option<Header<'_>> {
    let short = short(text);
    let (time, rest) = match short.or_else(|| iso(text)) {
        Some(found) => found,
        // Some devices write nothing but `<PRI>` before their message.
        None if prioritised => {
            return Some(Header { form: Form::Rfc3164, time: Stamp::None, host: None, app: None, pid: None, message: text });
        }
        None => return None,
    };
    let (host, rest) = match rest.split_once(' ').unwrap_or((rest, "")) {
        (word, after) if is_host(word) => (Some(word), after.trim_start_matches(' ')),
        _ => (None, rest),
    };
    let tag = tag(rest);
    // Many a log begins with an ISO 8601 time; a header has a host and a tag behind it as well.
    if short.is_none() && !prioritised && (host.is_none() || tag.is_none()) {
        return None;
    }
    let (app, pid, message) = tag.map_or((None, None, rest), |(app, pid, message)| (Some(app), pid, message));
    Some(Header { form: Form::Rfc3164, time, host, app, pid, message })
}

/// `Mar  2 08:00:00` or `Mar 02 2026 08:00:00`, and what follows.
fn short(text: &str) -> Option<(Stamp<'_>, &str)> {
    let bytes = text.as_bytes();
    let month = month(bytes.get(..3)?)?;
    let rest = text.get(3..)?.strip_prefix(' ')?.trim_start_matches(' ');
    let (day, rest) = rest.split_once(' ')?;
    let day = number(day, 2)?;
    let (year, rest) = match rest.split_once(' ').and_then(|(year, after)| Some((number(year, 4).filter(|_| year.len() == 4)?, after))) {
        Some((year, after)) => (Some(year), after),
        None => (None, rest),
    };
    let (micros, after) = time_of_day(rest.as_bytes())?;
    let after = &rest[rest.len() - after.len()..];
    // Cisco ends the time with a colon.
    let after = after.strip_prefix(':').unwrap_or(after);
    let after = if after.is_empty() { after } else { after.strip_prefix(' ')? };
    Some((Stamp::Short { month, day, micros, year }, after.trim_start_matches(' ')))
}

fn number(text: &str, most: usize) -> Option<i64> {
    ((1..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

/// `2026-03-02T08:00:00.123+01:00`, and what follows.
fn iso(text: &str) -> Option<(Stamp<'_>, &str)> {
    let (time, rest) = text.split_once(' ')?;
    is_iso(time).then(|| (Stamp::Iso(time), rest.trim_start_matches(' ')))
}

fn is_iso(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() >= 19 && bytes[10] == b'T' && date(&bytes[..10]).is_some() && time_of_day(&bytes[11..]).is_some()
}

fn is_host(word: &str) -> bool {
    let sign = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'%') || b >= 0x80;
    let address = |b: u8| b.is_ascii_hexdigit() || matches!(b, b':' | b'.' | b'[' | b']');
    !word.is_empty()
        && word.len() <= LONGEST_NAME
        && !word.ends_with(':')
        && (word.bytes().all(sign) || word.matches(':').count() > 1 && word.bytes().all(address))
}

/// `tag:` or `tag[pid]:` at the beginning, and the message behind it.
fn tag(text: &str) -> Option<(&str, Option<&str>, &str)> {
    let (word, message) = text.split_once(' ').unwrap_or((text, ""));
    let word = word.strip_suffix(':')?;
    let (name, pid) = match word.split_once('[') {
        Some((name, pid)) => (name, Some(pid.strip_suffix(']')?)),
        None => (word, None),
    };
    let sign = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'/' | b'(' | b')' | b'@' | b'%');
    (!name.is_empty() && name.len() <= LONGEST_TAG && name.bytes().all(sign)).then(|| (name, pid, message.trim_start_matches(' ')))
}

/// `time host app process id [data] message`, behind `<PRI>1 `.
fn rfc5424(text: &str) -> Option<Header<'_>> {
    let (mut words, mut rest) = ([""; 5], text);
    for word in &mut words {
        let (found, after) = rest.split_once(' ')?;
        (*word, rest) = (found, after);
    }
    let [time, host, app, pid, _] = words;
    if time != "-" && !is_iso(time) {
        return None;
    }
    let message = data(rest)?;
    let message = message.strip_prefix('\u{feff}').unwrap_or(message);
    let some = |word| Some(word).filter(|word: &&str| *word != "-" && !word.is_empty());
    let time = if time == "-" { Stamp::None } else { Stamp::Iso(time) };
    Some(Header { form: Form::Rfc5424, time, host: some(host), app: some(app), pid: some(pid), message })
}

/// What follows the structured data: `-`, or `[id name="value" ...]` once or more, with `\"`, `\\` and `\]` in values.
fn data(text: &str) -> Option<&str> {
    let mut rest = match text.strip_prefix('-') {
        Some(rest) => rest,
        None => {
            let mut rest = text;
            while rest.starts_with('[') {
                let (mut quoted, mut escaped) = (false, false);
                let end = rest.bytes().position(|b| {
                    let closes = b == b']' && !quoted;
                    quoted ^= b == b'"' && !escaped;
                    escaped = b == b'\\' && quoted && !escaped;
                    closes
                })?;
                rest = &rest[end + 1..];
            }
            if rest.len() == text.len() {
                return None;
            }
            rest
        }
    };
    if !rest.is_empty() {
        rest = rest.strip_prefix(' ')?;
    }
    Some(rest)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Told<'a> = (Option<&'a str>, Option<&'a str>, &'a str);

    fn told(line: &str) -> Option<Told<'_>> {
        parse(line).map(|h| (h.host, h.app, h.message))
    }

    #[test]
    fn forms_that_devices_and_relays_write() {
        let fw = Some("fw");
        for (line, want) in [
            ("Mar 27 13:08:09 fw sshd[1361]: Accepted", (fw, Some("sshd"), "Accepted")),
            ("<134>Mar  2 08:00:00 fw date=2026-03-02 a=b", (fw, None, "date=2026-03-02 a=b")),
            ("<189>date=2026-03-02 a=b", (None, None, "date=2026-03-02 a=b")),
            ("<13>Mar 2 08:00:00 CEF:0|a|b|c|d|e|5|x=y", (None, None, "CEF:0|a|b|c|d|e|5|x=y")),
            ("Mar  2 08:00:00 fw 1,2026/03/02 08:00:00,x", (fw, None, "1,2026/03/02 08:00:00,x")),
            ("Mar  2 2026 08:00:00: %ASA-6-302013: Built", (None, Some("%ASA-6-302013"), "Built")),
            ("Mar  2 08:00:00 2001:db8::1 squid[7]: 1772438400.1 161", (Some("2001:db8::1"), Some("squid"), "1772438400.1 161")),
            ("2026-03-02T08:00:00.5+01:00 fw nginx: 10.0.0.1 - -", (fw, Some("nginx"), "10.0.0.1 - -")),
            ("<34>1 2026-03-02T08:00:00Z fw su 12 ID47 - \u{feff}done", (fw, Some("su"), "done")),
            ("83 <34>1 - - - - - [a b=\"]\\\"\"][c] {\"x\":1}", (None, None, "{\"x\":1}")),
            ("<13>Mar  2 08:00:01 relay <189>Mar  2 07:59:59 fw a=b", (fw, None, "a=b")),
            ("Mar  2 08:00:01 relay Mar  2 07:59:59 fw app[1]: Mar  2 07:00:00 x y", (fw, Some("app"), "Mar  2 07:00:00 x y")),
            ("Mar 27 13:08:09 fw last message repeated 2 times", (fw, None, "last message repeated 2 times")),
            ("<13>1 2026-03-02T08:00:00Z fw - - - -", (fw, None, "")),
        ] {
            assert_eq!(told(line), Some(want), "{line}");
        }
        for line in [
            "",
            "2026-03-02T08:00:00Z ann logged in",
            "2026-03-02 08:00:00 10.0.0.1 -",
            "Marvellous 27 13:08:09",
            "<999>x",
            "<1>1 x y z",
            "Mar 27 13",
            "1461576382.642    161 127.0.0.1",
            "<34>1 2026-03-02T08:00:00Z fw su 12 ID47 [open",
        ] {
            assert_eq!(parse(line), None, "{line}");
        }
        assert_eq!(parse("<13>Mar  2 08:00:01 relay <189>a=b").map(|h| h.time), parse("Mar  2 08:00:01 x y").map(|h| h.time));
    }

    proptest! {
        #[test]
        fn no_text_panics_and_messages_end_the_line(text in "(12 )?(<13>)?(1 )?(Mar  2 |2026-03-02T)?(08:00:00Z? |- )?([a:é\\[\\]\"\\\\< -]|Mar  2 08:00:00 ){0,30}") {
            if let Some(header) = parse(&text) {
                prop_assert!(text.ends_with(header.message));
            }
        }
    }
}
