//! The hour on the wall clock. Conditions ask for it of every event, and the engine's way takes longer than all the rest of a condition.

use chrono::{DateTime, Timelike};
use chrono_tz::Tz;
use polars::prelude::{Int64Chunked, NewChunkedArray};

/// Clocks change at the edges of quarters, or so that the hour of the edges tells it.
const QUARTER: i64 = 900_000_000;

/// The hour (0 to 23) of each moment, microseconds since 1970 UTC, in a zone; none of a moment that no calendar knows.
pub(super) fn hours(times: &Int64Chunked, zone: Tz) -> Int64Chunked {
    // Logs come in the order of time: the next event mostly lies in the quarter of the one before.
    let mut last: Option<(i64, i64)> = None;
    let mut hour = |time: i64| {
        let quarter = time.div_euclid(QUARTER);
        if let Some((known, hour)) = last
            && known == quarter
        {
            return Some(hour);
        }
        let hour = hour_of(time, zone)?;
        let begin = quarter.checked_mul(QUARTER)?;
        let edges = [begin, begin.checked_add(QUARTER - 1)?];
        // An hour may begin inside a quarter where a zone counts by its own sun.
        if edges.iter().all(|edge| hour_of(*edge, zone) == Some(hour)) {
            last = Some((quarter, hour));
        }
        Some(hour)
    };
    NewChunkedArray::from_iter_options(times.name().clone(), times.iter().map(|time| hour(time?)))
}

fn hour_of(time: i64, zone: Tz) -> Option<i64> {
    Some(DateTime::from_timestamp_micros(time)?.with_timezone(&zone).hour().into())
}

#[cfg(test)]
mod tests {
    use chrono_tz::{America::New_York, Asia::Kathmandu, Australia::Lord_Howe, Europe::Paris};
    use polars::prelude::*;
    use proptest::prelude::*;

    use super::*;

    /// As the engine tells it.
    fn engine(times: &[Option<i64>], zone: Tz) -> Vec<Option<i64>> {
        let column = Int64Chunked::new("t".into(), times).into_datetime(TimeUnit::Microseconds, Some(TimeZone::UTC)).into_series();
        let frame = DataFrame::new(times.len(), vec![column.into_column()]).unwrap();
        let zone = TimeZone::opt_try_new(Some(zone.name())).unwrap().unwrap();
        let hour = col("t").dt().convert_time_zone(zone).dt().hour().cast(DataType::Int64);
        let frame = frame.lazy().select([hour]).collect().unwrap();
        frame.column("t").unwrap().i64().unwrap().iter().collect()
    }

    proptest! {
        #[test]
        fn hours_are_those_of_the_engine(
            start in prop_oneof![Just(1_774_744_200_000_000_i64), Just(1_792_887_000_000_000), -4_000_000_000_000_000..4_000_000_000_000_000_i64],
            steps in prop::collection::vec((0..4_000_000_000_i64, any::<bool>()), 1..60),
        ) {
            let mut time = start;
            let times: Vec<Option<i64>> = steps.iter().map(|(step, there)| { time += step; there.then_some(time) }).collect();
            for zone in [Tz::UTC, Paris, New_York, Kathmandu, Lord_Howe] {
                let ours: Vec<Option<i64>> = hours(&Int64Chunked::new("t".into(), &times), zone).iter().collect();
                prop_assert_eq!(ours, engine(&times, zone));
            }
        }
    }

    #[test]
    fn a_moment_beyond_all_calendars_has_no_hour() {
        let hours: Vec<Option<i64>> = hours(&Int64Chunked::new("t".into(), [i64::MAX, 0, i64::MIN]), Paris).iter().collect();
        assert_eq!(hours, [None, Some(1), None]);
    }
}
