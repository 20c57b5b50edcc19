//! Times as logs write them, read by hand: ISO 8601 and its relatives, epochs, the forms of Apache and of C's `asctime`, strftime patterns.
//!
//! Everything becomes microseconds since 1970 UTC. A time without an offset is read in a zone; one that a clock change repeats is the first
//! of the two, one that it skips is moved past the gap (as [`crate::spec::moment::local_micros`] does).

use chrono::{
    NaiveDate, NaiveTime,
    format::{Item, Parsed, StrftimeItems, parse},
};

pub(crate) use self::zone::Zone;
pub(crate) use crate::text::nearest as near;
use crate::{
    error::{Error, Result},
    spec,
};

mod zone;

const SECOND: i64 = 1_000_000;
/// Epochs beyond this many seconds (year 9999) are taken for something else.
const LAST_SECOND: i64 = 253_402_300_799;

/// Days since 1970 of a date of the Gregorian calendar (Hinnant, "chrono-compatible low-level date algorithms", 2013).
const fn days_of(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year - era * 400;
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

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
fn fraction(digits: &[u8]) -> i64 {
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
fn asctime(text: &str, zone: &mut Zone) -> Option<i64> {
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

/// The unit of an epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Epoch {
    Seconds,
    Millis,
    Micros,
    Nanos,
}

impl Epoch {
    const fn micros_times(self, value: i64) -> Option<i64> {
        match self {
            Self::Seconds => value.checked_mul(SECOND),
            Self::Millis => value.checked_mul(1_000),
            Self::Micros => Some(value),
            Self::Nanos => Some(value.div_euclid(1_000)),
        }
    }

    /// Microseconds of a whole number of this unit.
    pub(crate) fn whole(self, value: i64) -> Option<i64> {
        self.micros_times(value).filter(|micros| micros.abs() / SECOND <= LAST_SECOND)
    }

    /// Microseconds of a number of this unit, rounded.
    pub(crate) fn float(self, value: f64) -> Option<i64> {
        let micros = match self {
            Self::Seconds => value * 1e6,
            Self::Millis => value * 1e3,
            Self::Micros => value,
            Self::Nanos => value / 1e3,
        };
        (micros.is_finite() && micros.abs() / 1e6 <= LAST_SECOND as f64).then(|| micros.round() as i64)
    }

    /// Microseconds of a decimal number of this unit, exact to the microsecond.
    pub(crate) fn text(self, text: &str) -> Option<i64> {
        let bytes = text.as_bytes();
        let point = bytes.iter().position(|b| *b == b'.').unwrap_or(bytes.len());
        let digits = bytes[..point].strip_prefix(b"-").unwrap_or(&bytes[..point]);
        if digits.is_empty() || digits.len() > 19 || !digits.iter().all(u8::is_ascii_digit) {
            return text.parse().ok().and_then(|v| self.float(v));
        }
        let whole: i64 = text[..point].parse().ok()?;
        let decimals = bytes.get(point + 1..).unwrap_or_default();
        if !decimals.iter().all(u8::is_ascii_digit) {
            return text.parse().ok().and_then(|v| self.float(v));
        }
        let part = match self {
            Self::Seconds => fraction(decimals),
            Self::Millis => (fraction(decimals) + 500) / 1_000,
            Self::Micros | Self::Nanos => 0,
        };
        self.whole(whole).map(|micros| if bytes[0] == b'-' { micros - part } else { micros + part })
    }
}

/// How the times of a column are written.
#[derive(Debug, Clone)]
pub(crate) struct Clock {
    how: How,
    zone: Zone,
}

#[derive(Debug, Clone)]
enum How {
    Auto,
    Epoch(Epoch),
    Pattern(Vec<Item<'static>>),
}

impl Clock {
    /// Takes what the experiment says of the time.
    pub(crate) fn of(time: &spec::Time) -> Result<Self> {
        let how = match time.parse.as_str() {
            "auto" => How::Auto,
            "epoch_s" => How::Epoch(Epoch::Seconds),
            "epoch_ms" => How::Epoch(Epoch::Millis),
            "epoch_us" => How::Epoch(Epoch::Micros),
            "epoch_ns" => How::Epoch(Epoch::Nanos),
            pattern => How::Pattern(items(pattern).ok_or_else(|| {
                Error::data_hint(
                    format!("`{pattern}` is not a way to read times"),
                    "write `auto`, `epoch_s`, `epoch_ms`, `epoch_us`, `epoch_ns`, or a strftime pattern such as `%d/%m/%Y %H:%M:%S`",
                )
            })?),
        };
        Ok(Self { how, zone: Zone::named(&time.timezone)? })
    }

    /// The clock of times that tell their own form.
    pub(crate) const fn auto() -> Self {
        Self { how: How::Auto, zone: Zone::utc() }
    }

    /// The unit, where times are epochs.
    pub(crate) fn epoch(&self) -> Option<Epoch> {
        if let How::Epoch(unit) = self.how { Some(unit) } else { None }
    }

    /// Reads a time; `None` where it cannot be read.
    pub(crate) fn read(&mut self, text: &str) -> Option<i64> {
        match &self.how {
            How::Auto => iso(text, &mut self.zone).or_else(|| apache(text, &mut self.zone)).or_else(|| asctime(text, &mut self.zone)),
            How::Epoch(unit) => unit.text(text.trim()),
            How::Pattern(items) => {
                let mut parsed = Parsed::new();
                parse(&mut parsed, text.trim(), items.iter()).ok()?;
                pattern_micros(&parsed, &mut self.zone)
            }
        }
    }

    /// Microseconds UTC of a wall-clock time without an offset.
    pub(crate) fn local(&mut self, micros: i64) -> i64 {
        self.zone.utc_of(micros)
    }
}

fn items(pattern: &str) -> Option<Vec<Item<'static>>> {
    if !pattern.contains('%') {
        return None;
    }
    let items = StrftimeItems::new(pattern).parse_to_owned().ok()?;
    Some(items)
}

fn pattern_micros(parsed: &Parsed, zone: &mut Zone) -> Option<i64> {
    if parsed.offset().is_some() || parsed.timestamp().is_some() {
        let mut parsed = parsed.clone();
        if parsed.offset().is_none() {
            parsed.set_offset(0).ok()?;
        }
        return parsed.to_datetime().ok().map(|time| time.timestamp_micros());
    }
    // A weekday that contradicts the date says nothing: exports and anonymised logs have such.
    let date = parsed.to_naive_date().ok().or_else(|| NaiveDate::from_ymd_opt(parsed.year()?, parsed.month()?, parsed.day()?))?;
    let time = match parsed.to_naive_time() {
        Ok(time) => time,
        // A pattern of a date alone is midnight.
        Err(_) if parsed.hour_mod_12().is_none() && parsed.minute().is_none() => NaiveTime::MIN,
        Err(_) => return None,
    };
    Some(zone.utc_of(date.and_time(time).and_utc().timestamp_micros()))
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use chrono_tz::Tz;
    use proptest::prelude::*;

    use super::*;
    use crate::spec::moment::local_micros;

    fn chrono_micros(text: &str) -> i64 {
        DateTime::parse_from_rfc3339(text).unwrap().timestamp_micros()
    }

    fn clock(parse: &str, timezone: &str) -> Clock {
        Clock::of(&spec::Time { column: "t".into(), parse: parse.into(), timezone: timezone.into() }).unwrap()
    }

    #[test]
    fn iso_and_relatives() {
        let want = chrono_micros("2026-03-02T08:09:10.123456+00:00");
        for text in [
            "2026-03-02T08:09:10.123456Z",
            "2026-03-02 08:09:10.123456",
            "2026/03/02 08:09:10.1234564",
            "2026-03-02T09:09:10.123456+0100",
            "2026-03-02T06:39:10,123456-01:30",
            " 2026-03-02 08:09:10.123456 UTC",
        ] {
            assert_eq!(clock("auto", "UTC").read(text), Some(want), "{text}");
        }
        assert_eq!(clock("auto", "Europe/Paris").read("2026-03-02"), Some(chrono_micros("2026-03-02T00:00:00+01:00")));
        for text in ["", "2026-13-01", "2026-02-30", "2026-03-02T24:00", "2026-03-02T08:61", "2026-03-02 08:09:10 CET", "1772409600"] {
            assert_eq!(clock("auto", "UTC").read(text), None, "{text}");
        }
    }

    #[test]
    fn clock_changes() {
        let mut paris = clock("auto", "Europe/Paris");
        assert_eq!(paris.read("2026-03-29 02:30:00"), Some(chrono_micros("2026-03-29T03:00:00+02:00")));
        assert_eq!(paris.read("2026-10-25 02:30:00"), Some(chrono_micros("2026-10-25T02:30:00+02:00")));
        assert_eq!(paris.read("2026-10-25 03:00:00"), Some(chrono_micros("2026-10-25T03:00:00+01:00")));
    }

    #[test]
    fn epochs() {
        assert_eq!(Epoch::Seconds.text("1517336154.078555"), Some(1_517_336_154_078_555));
        assert_eq!(Epoch::Seconds.text("1642118409"), Some(1_642_118_409_000_000));
        assert_eq!(Epoch::Seconds.text("-1.5"), Some(-1_500_000));
        assert_eq!(Epoch::Seconds.text("1.5e9"), Some(1_500_000_000_000_000));
        assert_eq!(Epoch::Millis.text("1517336154078"), Some(1_517_336_154_078_000));
        assert_eq!(Epoch::Nanos.text("1517336154078555123"), Some(1_517_336_154_078_555));
        assert_eq!(Epoch::Seconds.text("1517336154078555"), None, "microseconds taken for seconds");
        assert_eq!(Epoch::Seconds.float(1_517_336_154.078_555), Some(1_517_336_154_078_555));
        for text in ["", "-", "x", "1.2.3", "nan", "inf"] {
            assert_eq!(Epoch::Seconds.text(text), None, "{text}");
        }
    }

    #[test]
    fn apache_and_patterns() {
        assert_eq!(apache("10/Oct/2000:13:55:36 -0700", &mut Zone::utc()), Some(chrono_micros("2000-10-10T13:55:36-07:00")));
        assert_eq!(apache("30/Feb/2000:13:55:36 -0700", &mut Zone::utc()), None);
        assert_eq!(clock("%d/%m/%Y %H:%M", "UTC").read("02/03/2026 08:09"), Some(chrono_micros("2026-03-02T08:09:00Z")));
        // 29 August 2022 was a Monday.
        assert_eq!(clock("auto", "UTC").read("Thu Aug 29 09:20:35 2022"), Some(chrono_micros("2022-08-29T09:20:35Z")));
        assert_eq!(clock("auto", "Europe/Paris").read("Mon Mar  2 09:00:00 2026"), Some(chrono_micros("2026-03-02T08:00:00Z")));
        assert_eq!(clock("%a %b %d %H:%M:%S %Y", "UTC").read("Thu Aug 29 09:20:35 2022"), Some(chrono_micros("2022-08-29T09:20:35Z")));
        assert_eq!(clock("%d/%m/%Y", "Europe/Paris").read("02/03/2026"), Some(chrono_micros("2026-03-02T00:00:00+01:00")));
        assert_eq!(
            clock("%Y-%m-%dT%H:%M:%S%z", "Europe/Paris").read("2026-03-02T08:09:10-0500"),
            Some(chrono_micros("2026-03-02T08:09:10-05:00"))
        );
        assert!(Clock::of(&spec::Time { column: "t".into(), parse: "iso".into(), timezone: "UTC".into() }).is_err());
        let wrong = Clock::of(&spec::Time { column: "t".into(), parse: "auto".into(), timezone: "Europe/Pari".into() }).unwrap_err();
        assert_eq!(wrong.hint(), Some("did you mean `Europe/Paris`?"));
    }

    proptest! {
        #[test]
        fn agrees_with_chrono(micros in -62_135_596_800_000_000i64..253_402_300_799_000_000) {
            let time = DateTime::from_timestamp_micros(micros).unwrap();
            prop_assert_eq!(iso(&time.to_rfc3339(), &mut Zone::utc()), Some(micros));
            prop_assert_eq!(apache(&time.format("%d/%b/%Y:%H:%M:%S%.6f %z").to_string(), &mut Zone::utc()), Some(micros));
        }

        #[test]
        fn zones_agree_with_moments(seconds in 0i64..2_000_000_000, zone in prop::sample::select(vec!["Europe/Paris", "Australia/Lord_Howe", "Asia/Kathmandu", "America/New_York"])) {
            let local = DateTime::from_timestamp(seconds, 0).unwrap().naive_utc();
            let mut cached = Zone::named(zone).unwrap();
            let exists = chrono::TimeZone::from_local_datetime(&zone.parse::<Tz>().unwrap(), &local).earliest().is_some();
            if exists {
                prop_assert_eq!(cached.utc_of(seconds * SECOND), local_micros(local, zone.parse().unwrap()));
            }
        }

        #[test]
        fn no_text_panics(text in ".{0,40}") {
            for parse in ["auto", "epoch_s", "epoch_ns", "%d/%b/%Y %H:%M:%S %z", "%s"] {
                let _ = clock(parse, "Europe/Paris").read(&text);
            }
            let _ = apache(&text, &mut Zone::utc());
        }
    }
}
