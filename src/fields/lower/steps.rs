//! What changes with time in steps, as SQL: the number of a period, the offset of a zone.

use chrono::{DateTime, Offset, TimeZone as _};
use chrono_tz::Tz;

/// Microseconds of a day.
pub(super) const DAY: i64 = 86_400_000_000;

/// The value of the last step that begins at or before `us`, as a balanced tree of conditions: a window of years has thousands of days.
pub(super) fn stairs(starts: &[i64], values: &[i64]) -> String {
    match values {
        [] => "0".into(),
        [only] => only.to_string(),
        _ => {
            let middle = values.len() / 2;
            let (left, right) = (stairs(&starts[..middle], &values[..middle]), stairs(&starts[middle..], &values[middle..]));
            format!("CASE WHEN us < {} THEN {left} ELSE {right} END", starts[middle])
        }
    }
}

/// The zone's offsets inside a window, microseconds, with the moment from which each holds. Clocks change on a quarter of an hour.
pub(super) fn offsets(zone: Tz, start: i64, end: i64) -> (Vec<i64>, Vec<i64>) {
    const QUARTER: i64 = DAY / 96;
    let at = |us: i64| {
        let moment = DateTime::from_timestamp_micros(us).unwrap_or_default();
        i64::from(zone.offset_from_utc_datetime(&moment.naive_utc()).fix().local_minus_utc()) * 1_000_000
    };
    let (mut starts, mut offsets) = (vec![start], vec![at(start)]);
    let mut quarter = start.div_euclid(QUARTER) * QUARTER + QUARTER;
    while quarter < end {
        let offset = at(quarter);
        if offsets.last() != Some(&offset) {
            starts.push(quarter);
            offsets.push(offset);
        }
        quarter += QUARTER;
    }
    (starts, offsets)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_of_a_clock_change() {
        // On 2026-03-29 at 01:00 UTC Berlin went from +1 to +2 hours.
        let at = |text: &str| text.parse::<DateTime<chrono::Utc>>().unwrap().timestamp_micros();
        let (starts, found) = offsets(Tz::Europe__Berlin, at("2026-03-28T00:00:00Z"), at("2026-03-30T00:00:00Z"));
        assert_eq!(starts, [at("2026-03-28T00:00:00Z"), at("2026-03-29T01:00:00Z")]);
        assert_eq!(found, [3_600_000_000, 7_200_000_000]);
        assert_eq!(stairs(&[0, 10, 20], &[5, 6, 7]), "CASE WHEN us < 10 THEN 5 ELSE CASE WHEN us < 20 THEN 6 ELSE 7 END END");
    }
}
