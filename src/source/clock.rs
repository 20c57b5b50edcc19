//! Times as logs write them, read by hand: ISO 8601 and its relatives, epochs, the forms of Apache and of C's `asctime`, strftime patterns.
//!
//! Everything becomes microseconds since 1970 UTC. A time without an offset is read in a zone; one that a clock change repeats is the first
//! of the two, one that it skips is moved past the gap (as [`crate::calendar::local_micros`] does).

use chrono::{
    NaiveDate, NaiveTime,
    format::{Item, Parsed, StrftimeItems, parse},
};

use self::forms::{asctime, fraction};
pub(crate) use self::{
    forms::{apache, checked_days, date, iso, month, offset, time_of_day},
    zone::Zone,
};
pub(crate) use crate::text::nearest as near;
use crate::{
    error::{Error, Result},
    spec,
};

mod forms;
mod zone;

const SECOND: i64 = 1_000_000;
/// Epochs beyond this many seconds (year 9999) are taken for something else.
const LAST_SECOND: i64 = 253_402_300_799;

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
    use crate::calendar::local_micros;

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
