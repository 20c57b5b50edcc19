//! Moments as people write them: `2026-03-02`, `2026-03-02T08:00`, `2026-03-02T08:00:00+01:00`.

use std::{fmt, str::FromStr};

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeZone};
use chrono_tz::Tz;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Window;
use crate::calendar::Calendar;

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
    if let Some(time) = zone.from_local_datetime(&local).earliest() {
        return time.timestamp_micros();
    }
    // Gaps are at most a day (a date line change); step forward to the first time that exists.
    (1..=96)
        .find_map(|quarter| zone.from_local_datetime(&(local + chrono::TimeDelta::minutes(15 * quarter))).earliest())
        .map_or_else(|| local.and_utc().timestamp_micros(), |time| time.timestamp_micros())
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

impl Window {
    /// The first moment that is learned from, in microseconds since 1970 UTC: where the warm-up ends, as days of this zone do.
    pub fn learned_from(&self, zone: Tz) -> i64 {
        let start = self.start.micros(zone);
        self.warm_up.filter(|duration| duration.count > 0).map_or(start, |duration| Calendar::new(zone, start, duration).end_of(0))
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
        let twice: Moment = "2026-10-25T02:30".parse().unwrap();
        assert_eq!(twice.micros(chrono_tz::Europe::Paris), "2026-10-25T02:30:00+02:00".parse::<Moment>().unwrap().micros(chrono_tz::UTC));
    }

    #[test]
    fn refuses_the_rest() {
        for text in ["", "2026-13-01", "02/03/2026", "2026-03-02T25:00", "yesterday"] {
            assert!(text.parse::<Moment>().is_err(), "{text}");
        }
    }
}
