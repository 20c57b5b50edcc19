//! Durations as people write them: `90s`, `15m`, `1h`, `2d`, `1w`, `1mo`, `3y`.

use std::{fmt, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A whole number of one unit, at least 1 of it, or `0d` for none.
///
/// Seconds to hours are elapsed time; days and longer follow the wall clock of a zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Duration {
    /// How many.
    pub count: u32,
    /// Of what.
    pub unit: Unit,
}

/// A unit of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unit {
    /// `s`.
    Second,
    /// `m`.
    Minute,
    /// `h`.
    Hour,
    /// `d`.
    Day,
    /// `w`.
    Week,
    /// `mo`.
    Month,
    /// `y`.
    Year,
}

impl Unit {
    const ALL: [(Self, &'static str); 7] = [
        (Self::Month, "mo"),
        (Self::Second, "s"),
        (Self::Minute, "m"),
        (Self::Hour, "h"),
        (Self::Day, "d"),
        (Self::Week, "w"),
        (Self::Year, "y"),
    ];

    /// The letters it is written with.
    fn symbol(self) -> &'static str {
        Self::ALL.iter().find(|(unit, _)| *unit == self).map_or("", |(_, symbol)| symbol)
    }

    /// Its length in seconds; 30 and 365 days for months and years.
    pub fn seconds(self) -> f64 {
        match self {
            Self::Second => 1.0,
            Self::Minute => 60.0,
            Self::Hour => 3_600.0,
            Self::Day => 86_400.0,
            Self::Week => 604_800.0,
            Self::Month => 30.0 * 86_400.0,
            Self::Year => 365.0 * 86_400.0,
        }
    }
}

impl Duration {
    /// So many days.
    pub const fn days(count: u32) -> Self {
        Self { count, unit: Unit::Day }
    }

    /// So many years.
    pub const fn years(count: u32) -> Self {
        Self { count, unit: Unit::Year }
    }

    /// Its length in seconds, where months are 30 days and years 365.
    pub fn seconds(self) -> f64 {
        f64::from(self.count) * self.unit.seconds()
    }

    /// Its length in days, where months are 30 days and years 365.
    pub fn as_days(self) -> f64 {
        self.seconds() / 86_400.0
    }
}

impl FromStr for Duration {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong =
            || format!("`{text}` is not a duration: expected a whole number and a unit, such as `15m`, `1h`, `2d`, `1w`, `1mo`, `3y`");
        let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (unit, _) = Unit::ALL.iter().find(|(_, symbol)| *symbol == &text[digits..]).ok_or_else(wrong)?;
        let count =
            text[..digits].parse().map_err(|_| if digits == 0 { wrong() } else { format!("`{text}` is longer than can be counted") })?;
        Ok(Self { count, unit: *unit })
    }
}

impl TryFrom<String> for Duration {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Duration> for String {
    fn from(duration: Duration) -> Self {
        duration.to_string()
    }
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.count, self.unit.symbol())
    }
}

impl JsonSchema for Duration {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Duration".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "pattern": "^[0-9]+(s|m|h|d|w|mo|y)$", "examples": ["1h", "1d", "3y"] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_writes() {
        for text in ["90s", "15m", "1h", "2d", "1w", "1mo", "3y", "0d"] {
            assert_eq!(text.parse::<Duration>().map(|d| d.to_string()), Ok(text.to_owned()));
        }
    }

    #[test]
    fn refuses_the_rest() {
        for text in ["", "h", "1", "1.5h", "-1d", "1 h", "99999999999d", "1é"] {
            assert!(text.parse::<Duration>().is_err(), "{text}");
        }
    }
}
