//! Dates and times in fixed forms, byte by byte.

use super::{SECOND, Zone};

/// Days since 1970 of a date of the Gregorian calendar (Hinnant, "chrono-compatible low-level date algorithms", 2013).
const fn days_of(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year - era * 400;
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The same, where there is such a date.
pub(crate) fn checked_days(year: i64, month: i64, day: i64) -> Option<i64> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let last = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    ((1..=last).contains(&day) && year >= 1).then(|| days_of(year, month, day))
}

fn two(bytes: &[u8], at: usize) -> Option<i64> {
    let (a, b) = (bytes.get(at)?.wrapping_sub(b'0'), bytes.get(at + 1)?.wrapping_sub(b'0'));
    (a < 10 && b < 10).then(|| i64::from(a) * 10 + i64::from(b))
}

/// Days since 1970 of `YYYY-MM-DD` (any one separator byte).
pub(crate) fn date(bytes: &[u8]) -> Option<i64> {
    if bytes.len() != 10 || bytes[4] != bytes[7] || !matches!(bytes[4], b'-' | b'/') {
        return None;
    }
    checked_days(two(bytes, 0)? * 100 + two(bytes, 2)?, two(bytes, 5)?, two(bytes, 8)?)
}

/// Microseconds of `HH:MM`, `HH:MM:SS`, or `HH:MM:SS.fff`, and what follows. A leap second is the second before it.
pub(crate) fn time_of_day(bytes: &[u8]) -> Option<(i64, &[u8])> {
    let (hour, minute) = (two(bytes, 0)?, two(bytes, 3)?);
    if bytes.get(2) != Some(&b':') || hour > 23 || minute > 59 {
        return None;
    }
    let mut micros = (hour * 3_600 + minute * 60) * SECOND;
    let mut rest = bytes.get(5..)?;
    if rest.first() == Some(&b':') {
        let second = two(rest, 1)?;
        if second > 60 {
            return None;
        }
        micros += second.min(59) * SECOND;
        rest = &rest[3..];
        if matches!(rest.first(), Some(b'.' | b',')) {
            let digits = rest[1..].iter().take_while(|b| b.is_ascii_digit()).count();
            if digits == 0 {
                return None;
            }
            micros += fraction(&rest[1..=digits]).min(SECOND - 1);
            rest = &rest[digits + 1..];
        }
    }
    Some((micros, rest))
}

/// Microseconds of the digits after a decimal point, rounded at the seventh.
pub(super) fn fraction(digits: &[u8]) -> i64 {
    let mut micros = 0;
    for place in 0..6 {
        micros = micros * 10 + digits.get(place).map_or(0, |b| i64::from(b - b'0'));
    }
    micros + i64::from(digits.get(6).is_some_and(|b| *b >= b'5'))
}

/// Seconds of `Z`, `+HH:MM`, `+HHMM`, `+HH`; `None` inside where nothing (or only `Z`-less space) is there.
pub(crate) fn offset(bytes: &[u8]) -> Option<Option<i64>> {
    let bytes = bytes.trim_ascii();
    match bytes {
        [] => Some(None),
        [b'Z' | b'z'] | b"UTC" | b"GMT" => Some(Some(0)),
        [sign @ (b'+' | b'-'), rest @ ..] => {
            let hours = two(rest, 0)?;
            let minutes = match rest.len() {
                2 => 0,
                4 => two(rest, 2)?,
                5 if rest[2] == b':' => two(rest, 3)?,
                _ => return None,
            };
            let seconds = hours * 3_600 + minutes * 60;
            (hours < 24 && minutes < 60).then_some(Some(if *sign == b'-' { -seconds } else { seconds }))
        }
        _ => None,
    }
}

/// RFC 3339 and its relatives: `YYYY-MM-DD`, then `T` or a space and a time, then an offset or none; `/` for `-` as well.
pub(crate) fn iso(text: &str, zone: &mut Zone) -> Option<i64> {
    let bytes = text.as_bytes().trim_ascii();
    let days = date(bytes.get(..10)?)?;
    let midnight = days * 86_400 * SECOND;
    if bytes.len() == 10 {
        return Some(zone.utc_of(midnight));
    }
    if !matches!(bytes[10], b'T' | b't' | b' ' | b'_') {
        return None;
    }
    let (micros, rest) = time_of_day(bytes.get(11..)?)?;
    Some(match offset(rest)? {
        Some(seconds) => midnight + micros - seconds * SECOND,
        None => zone.utc_of(midnight + micros),
    })
}

/// Apache's `10/Oct/2000:13:55:36 -0700`.
pub(crate) fn apache(text: &str, zone: &mut Zone) -> Option<i64> {
    let bytes = text.as_bytes();
    if bytes.len() < 20 || bytes[2] != b'/' || bytes[6] != b'/' || bytes[11] != b':' {
        return None;
    }
    let month = month(&bytes[3..6])?;
    let days = checked_days(two(bytes, 7)? * 100 + two(bytes, 9)?, month, two(bytes, 0)?)?;
    let (micros, rest) = time_of_day(&bytes[12..])?;
    let local = days * 86_400 * SECOND + micros;
    Some(match offset(rest)? {
        Some(seconds) => local - seconds * SECOND,
        None => zone.utc_of(local),
    })
}

/// C's `Mon Mar  2 08:09:10 2026`. A weekday that contradicts the date says nothing.
pub(super) fn asctime(text: &str, zone: &mut Zone) -> Option<i64> {
    let mut words = text.split_ascii_whitespace();
    let (weekday, name, day, time, year) = (words.next()?, words.next()?, words.next()?, words.next()?, words.next()?);
    if weekday.len() != 3 || name.len() != 3 || year.len() != 4 || words.next().is_some() {
        return None;
    }
    let days = checked_days(year.parse().ok()?, month(name.as_bytes())?, day.parse().ok()?)?;
    let (micros, rest) = time_of_day(time.as_bytes())?;
    rest.is_empty().then(|| zone.utc_of(days * 86_400 * SECOND + micros))
}

/// The month (1 to 12) of an English name of three letters.
pub(crate) fn month(name: &[u8]) -> Option<i64> {
    const NAMES: [&[u8]; 12] = [b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec"];
    NAMES.iter().position(|n| n.eq_ignore_ascii_case(name)).map(|i| i as i64 + 1)
}
