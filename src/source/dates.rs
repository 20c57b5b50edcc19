//! Times in the forms of event formats: epochs of any unit, months by name, patterns of Java.

use super::clock::{Clock, Epoch, checked_days, month, offset, time_of_day};

const SECOND: i64 = 1_000_000;

/// An epoch whose unit is told by the number of its digits: seconds to 10, milliseconds to 13, microseconds to 16, else nanoseconds. A decimal point
/// follows seconds. Right for moments from 1970-04 on.
pub(crate) fn epoch(text: &str) -> Option<i64> {
    let whole = text.split_once('.').map_or(text, |(whole, _)| whole);
    if whole.is_empty() || !whole.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    match whole.len() {
        ..=10 => Epoch::Seconds,
        11..=13 => Epoch::Millis,
        14..=16 => Epoch::Micros,
        _ => Epoch::Nanos,
    }
    .text(text)
}

/// `Mar 02 2026 08:09:10.123 UTC`; fractions and zone may be missing. A zone that is neither UTC nor an offset is the clock's.
pub(crate) fn month_first(text: &str, clock: &mut Clock) -> Option<i64> {
    let mut parts = text.split_ascii_whitespace();
    let (name, day, year, time) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    if name.len() != 3 || year.len() != 4 {
        return None;
    }
    let days = checked_days(year.parse().ok()?, month(name.as_bytes())?, day.parse().ok()?)?;
    let (micros, rest) = time_of_day(time.as_bytes())?;
    let local = days * 86_400 * SECOND + micros;
    let zone = if rest.is_empty() { parts.next().unwrap_or_default().as_bytes() } else { rest };
    Some(match offset(zone).flatten() {
        Some(seconds) => local - seconds * SECOND,
        None => clock.local(local),
    })
}

/// A time of an event that names no form: an epoch, month first, or ISO 8601.
pub(crate) fn event_time(text: &str, clock: &mut Clock) -> Option<i64> {
    let text = text.trim();
    epoch(text).or_else(|| month_first(text, clock)).or_else(|| clock.read(text))
}

/// The strftime pattern of a pattern of Java's `SimpleDateFormat`, as far as logs use them; `None` where a letter has no counterpart.
pub(crate) fn strftime(java: &str) -> Option<String> {
    let mut pattern = String::new();
    let mut rest = java;
    while let Some(first) = rest.chars().next() {
        if first == '\'' {
            let (quoted, after) = rest[1..].split_once('\'')?;
            pattern.push_str(if quoted.is_empty() { "'" } else { quoted });
            rest = after;
            continue;
        }
        let run = rest.find(|c| c != first).unwrap_or(rest.len());
        let (letters, after) = rest.split_at(run);
        rest = after;
        let meant = match (first, run) {
            ('y', 4) => "%Y",
            ('y', 2) => "%y",
            ('M', 3) => "%b",
            ('M', 4) => "%B",
            ('M', _) => "%m",
            ('d', _) => "%d",
            ('H', _) => "%H",
            ('h', _) => "%I",
            ('a', _) => "%p",
            ('m', _) => "%M",
            ('s', _) => "%S",
            // With the point before it, which strftime counts in.
            ('S', _) if pattern.ends_with('.') => {
                pattern.pop();
                "%.f"
            }
            ('E', 4) => "%A",
            ('E', _) => "%a",
            ('Z' | 'X', _) => "%z",
            _ if first.is_ascii_alphabetic() => return None,
            _ if first == '%' => return None,
            _ => letters,
        };
        pattern.push_str(meant);
    }
    Some(pattern)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const WANT: i64 = 1_772_438_950_123_000;

    #[test]
    fn forms() {
        let mut clock = Clock::auto();
        for text in [
            "1772438950123",
            "1772438950.123",
            "1772438950123000",
            "1772438950123000999",
            "Mar 02 2026 08:09:10.123",
            "Mar 2 2026 08:09:10.123 UTC",
            "Mar 02 2026 09:09:10.123 +0100",
            "Mar 02 2026 08:09:10.123 CET",
            "2026-03-02T08:09:10.123Z",
        ] {
            assert_eq!(event_time(text, &mut clock), Some(WANT), "{text}");
        }
        for text in ["", "Mar 02 08:09:10", "Foo 02 2026 08:09:10", "Feb 30 2026 08:09:10", "-1"] {
            assert_eq!(event_time(text, &mut clock), None, "{text}");
        }
    }

    #[test]
    fn patterns_of_java() {
        assert_eq!(strftime("MMM dd yyyy HH:mm:ss.SSS").as_deref(), Some("%b %d %Y %H:%M:%S%.f"));
        assert_eq!(strftime("yyyy-MM-dd'T'HH:mm:ssZ").as_deref(), Some("%Y-%m-%dT%H:%M:%S%z"));
        assert_eq!(strftime("yyyy-ww"), None);
        assert_eq!(strftime("'open"), None);
    }

    proptest! {
        #[test]
        fn no_text_panics(text in ".{0,40}") {
            let _ = event_time(&text, &mut Clock::auto());
            let _ = strftime(&text);
        }
    }
}
