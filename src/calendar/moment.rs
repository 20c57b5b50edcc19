//! Moments as people write them: `2026-03-02`, `2026-03-02T08:00`, `2026-03-02T08:00:00+01:00`.

use std::{fmt, ops::RangeInclusive, str::FromStr};

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone};
use chrono_tz::Tz;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A moment: with an offset it is fixed; a date alone is midnight, and a time without offset is read, in the zone of the window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Moment {
    text: String,
    read: Read,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Read {
    Fixed(i64),
    Local(NaiveDateTime),
}

/// Years as people write them. What reckons with moments need not fear that two of them lie too far apart.
const YEARS: RangeInclusive<i32> = 0..=9_999;

impl Read {
    fn year(self) -> i32 {
        match self {
            Self::Fixed(micros) => DateTime::from_timestamp_micros(micros).map_or(i32::MAX, |time| time.year()),
            Self::Local(local) => local.year(),
        }
    }
}

impl Moment {
    /// Microseconds since 1970 UTC. A local time that a clock change repeats is the first of the two; one that it skips is moved past the gap.
    pub fn micros(&self, zone: Tz) -> i64 {
        match self.read {
            Read::Fixed(micros) => micros,
            Read::Local(local) => local_micros(local, zone),
        }
    }
}

/// Microseconds since 1970 UTC of a wall-clock time: the first where it is repeated; where it is skipped, the moment the gap ends.
pub fn local_micros(local: NaiveDateTime, zone: Tz) -> i64 {
    let at = |local: NaiveDateTime| zone.from_local_datetime(&local).earliest().map(|time| time.timestamp_micros());
    at(local).unwrap_or_else(|| end_of_gap(local, zone, at).unwrap_or_else(|| local.and_utc().timestamp_micros()))
}

/// The moment at which the clock jumps over a wall-clock time; `at` tells the moment of those that exist.
fn end_of_gap(local: NaiveDateTime, zone: Tz, at: impl Fn(NaiveDateTime) -> Option<i64>) -> Option<i64> {
    // A gap is at most a day long (a change of the date line), and a day on either side lies outside of it.
    let day = TimeDelta::days(1);
    let seconds = |local: Option<NaiveDateTime>| Some(at(local?)?.div_euclid(1_000_000));
    let (mut before, mut after) = (seconds(local.checked_sub_signed(day))?, seconds(local.checked_add_signed(day))?);
    while after - before > 1 {
        let middle = before + (after - before) / 2;
        let shown = DateTime::from_timestamp(middle, 0)?.with_timezone(&zone).naive_local();
        if shown < local { before = middle } else { after = middle }
    }
    Some(after * 1_000_000)
}

impl FromStr for Moment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let read = DateTime::parse_from_rfc3339(&text.replacen(' ', "T", 1))
            .map(|time| Read::Fixed(time.timestamp_micros()))
            .ok()
            .or_else(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().map(|date| Read::Local(date.and_time(NaiveTime::MIN))))
            .or_else(|| {
                ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M"]
                    .iter()
                    .find_map(|format| NaiveDateTime::parse_from_str(&text.replacen(' ', "T", 1), format).ok())
                    .map(Read::Local)
            })
            .filter(|read| YEARS.contains(&read.year()))
            .ok_or_else(|| {
                format!("`{text}` is not a date or time: expected `2026-03-02`, `2026-03-02T08:00:00`, or `2026-03-02T08:00:00+01:00`")
            })?;
        Ok(Self { text: text.to_owned(), read })
    }
}

impl TryFrom<String> for Moment {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Moment> for String {
    fn from(moment: Moment) -> Self {
        moment.text
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl JsonSchema for Moment {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Moment".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "examples": ["2026-03-02", "2026-03-02T00:00:00+01:00"] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_midnight_in_the_zone() {
        let moment: Moment = "2026-03-02".parse().unwrap();
        assert_eq!(moment.micros(chrono_tz::UTC), 1_772_409_600_000_000);
        assert_eq!(moment.micros(chrono_tz::Europe::Paris), 1_772_409_600_000_000 - 3_600_000_000);
    }

    #[test]
    fn an_offset_is_fixed() {
        let moment: Moment = "2026-03-02T00:00:00+01:00".parse().unwrap();
        assert_eq!(moment.micros(chrono_tz::Asia::Tokyo), 1_772_409_600_000_000 - 3_600_000_000);
    }

    #[test]
    fn clock_changes_are_handled() {
        let skipped: Moment = "2026-03-29T02:30".parse().unwrap();
        assert_eq!(skipped.micros(chrono_tz::Europe::Paris), "2026-03-29T03:00:00+02:00".parse::<Moment>().unwrap().micros(chrono_tz::UTC));
        for inside in ["2026-03-29T02:00", "2026-03-29T02:37", "2026-03-29T02:59:59.9"] {
            let moment: Moment = inside.parse().unwrap();
            assert_eq!(moment.micros(chrono_tz::Europe::Paris), skipped.micros(chrono_tz::Europe::Paris), "{inside}");
        }
        // Samoa had no 30th of December 2011: the date line moved.
        let whole_day: Moment = "2011-12-30T17:10".parse().unwrap();
        let next: Moment = "2011-12-31T00:00:00+14:00".parse().unwrap();
        assert_eq!(whole_day.micros(chrono_tz::Pacific::Apia), next.micros(chrono_tz::UTC));
        let twice: Moment = "2026-10-25T02:30".parse().unwrap();
        assert_eq!(twice.micros(chrono_tz::Europe::Paris), "2026-10-25T02:30:00+02:00".parse::<Moment>().unwrap().micros(chrono_tz::UTC));
    }

    #[test]
    fn refuses_the_rest() {
        for text in ["", "2026-13-01", "02/03/2026", "2026-03-02T25:00", "yesterday", "-0004-03-02", "+200000-03-02T10:00"] {
            assert!(text.parse::<Moment>().is_err(), "{text}");
        }
    }
}
