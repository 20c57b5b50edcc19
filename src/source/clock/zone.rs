//! Zones of times that are written without an offset.

use chrono::DateTime;
use chrono_tz::Tz;

use super::{SECOND, near};
use crate::{
    calendar::local_micros,
    error::{Error, Result},
};

/// Seconds of a quarter of an hour: no zone's offset changes inside one.
const QUARTER: i64 = 900;

/// A zone that remembers the offset of the last quarter of an hour: logs are nearly sorted, and looking an offset up is slow.
#[derive(Debug, Clone)]
pub(crate) struct Zone {
    tz: Option<Tz>,
    quarter: i64,
    offset: i64,
}

impl Zone {
    /// The zone without offsets.
    pub(crate) const fn utc() -> Self {
        Self { tz: None, quarter: i64::MIN, offset: 0 }
    }

    /// Reads a name of the IANA database.
    pub(crate) fn named(name: &str) -> Result<Self> {
        let tz: Tz = name.parse().map_err(|_| {
            Error::data_hint(
                format!("`{name}` is not a time zone"),
                near(name, chrono_tz::TZ_VARIANTS.iter().map(|tz| tz.name()))
                    .map_or_else(|| "write a name such as `Europe/Paris`, or `UTC`".into(), |n| format!("did you mean `{n}`?")),
            )
        })?;
        Ok(if tz == Tz::UTC { Self::utc() } else { Self { tz: Some(tz), ..Self::utc() } })
    }

    /// Microseconds UTC of a wall-clock time given as microseconds.
    pub(crate) fn utc_of(&mut self, local: i64) -> i64 {
        let Some(tz) = self.tz else { return local };
        let quarter = local.div_euclid(QUARTER * SECOND);
        if quarter != self.quarter {
            let start = quarter * QUARTER;
            let Some(time) = DateTime::from_timestamp(start, 0) else { return local };
            self.quarter = quarter;
            self.offset = local_micros(time.naive_utc(), tz) - start * SECOND;
        }
        local + self.offset
    }
}
