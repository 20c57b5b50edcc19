//! What the hours with rows tell: silences, the days that are covered, and whether night falls at night.

use chrono::{Datelike, NaiveDate};
use chrono_tz::Tz;

use super::{Coverage, Gap};
use crate::calendar::{local_date, weekday_hour};

const HOUR: i64 = 3_600_000_000;
/// Fewer expected rows than this may be missing by chance: at a rate of 20 an empty hour has a probability of e^-20.
const EXPECTED: f64 = 20.0;
/// An hour with less than this share of what was expected counts as silent.
const SILENT: f64 = 0.02;
/// How many silences are kept, the worst first.
const GAPS: usize = 20;
/// The length of the night that is looked for, in hours.
const NIGHT: usize = 6;

/// What the rows of each hour since `start` say. `holidays` are days as `YYYY-MM-DD`, `train_end` parts the two parts of the window.
pub fn coverage(per_hour: &[u64], start: i64, train_end: i64, zone: Tz, holidays: &[String]) -> Coverage {
    let hours: Vec<Hour> = per_hour
        .iter()
        .enumerate()
        .map(|(index, &rows)| {
            let at = start.saturating_add(index as i64 * HOUR);
            let (weekday, hour) = weekday_hour(at, zone);
            let day = local_date(at, zone);
            Hour { at, weekday, hour, rows, day, holiday: holidays.contains(&day.format("%Y-%m-%d").to_string()) }
        })
        .collect();
    let mut coverage = Coverage { gaps: gaps(&hours), ..Coverage::default() };
    for day in hours.chunk_by(|a, b| a.day == b.day) {
        let rows: u64 = day.iter().map(|hour| hour.rows).sum();
        let part = usize::from(day[0].at >= train_end);
        coverage.days[part] += 1;
        if rows == 0 {
            coverage.empty_days[part] += 1;
            continue;
        }
        coverage.weekdays[part][day[0].weekday as usize - 1] += 1;
        coverage.holidays[part] += u64::from(day[0].holiday);
    }
    (coverage.quiet_from, coverage.night_share) = night(&hours);
    coverage
}

struct Hour {
    at: i64,
    weekday: u32,
    hour: u32,
    rows: u64,
    day: NaiveDate,
    holiday: bool,
}

impl Hour {
    fn weekend(&self) -> bool {
        self.day.weekday().num_days_from_monday() >= 5
    }
}

/// Hours between the first and the last row in which far fewer rows came than at the same hour of the same weekday (or, where the window has
/// fewer than two other such weeks, of the same kind of day). Holidays are like no other day: they are neither silent nor compared with.
fn gaps(hours: &[Hour]) -> Vec<Gap> {
    let (Some(first), Some(last)) = (hours.iter().position(|hour| hour.rows > 0), hours.iter().rposition(|hour| hour.rows > 0)) else {
        return Vec::new();
    };
    let mut silent: Vec<(usize, f64)> = Vec::new();
    for index in first..=last {
        let hour = &hours[index];
        if hour.holiday {
            continue;
        }
        let others = |alike: &dyn Fn(&Hour) -> bool| -> Vec<u64> {
            let found =
                hours[first..=last].iter().filter(|other| !other.holiday && other.at != hour.at && other.hour == hour.hour && alike(other));
            found.map(|other| other.rows).collect()
        };
        let mut rows = others(&|other| other.weekday == hour.weekday);
        if rows.len() < 2 {
            rows = others(&|other| other.weekend() == hour.weekend());
        }
        let expected = median(&mut rows);
        if rows.len() >= 2 && expected >= EXPECTED && (hour.rows as f64) < SILENT * expected {
            silent.push((index, expected));
        }
    }
    let mut gaps: Vec<Gap> = silent
        .chunk_by(|a, b| b.0 == a.0 + 1)
        .map(|run| Gap {
            start: hours[run[0].0].at,
            hours: run.len() as u64,
            expected: run.iter().map(|(_, expected)| expected).sum::<f64>().round() as u64,
        })
        .collect();
    gaps.sort_by(|a, b| b.expected.cmp(&a.expected).then(a.start.cmp(&b.start)));
    gaps.truncate(GAPS);
    gaps
}

fn median(rows: &mut [u64]) -> f64 {
    rows.sort_unstable();
    let middle = rows.len() / 2;
    match rows.len() {
        0 => 0.0,
        n if n % 2 == 1 => rows[middle] as f64,
        _ => (rows[middle - 1] + rows[middle]) as f64 / 2.0,
    }
}

/// The wall-clock hour at which the six quietest hours of working days begin, and the share of rows in them; `None` where there are too few
/// rows to tell.
fn night(hours: &[Hour]) -> (Option<u32>, Option<f64>) {
    let mut curve = [0u64; 24];
    for hour in hours.iter().filter(|hour| !hour.weekend()) {
        curve[hour.hour as usize] += hour.rows;
    }
    let all: u64 = curve.iter().sum();
    let days =
        hours.iter().filter(|hour| !hour.weekend() && hour.rows > 0).map(|hour| hour.day).collect::<std::collections::BTreeSet<_>>().len();
    if all < 1_000 || days < 2 {
        return (None, None);
    }
    let rows_from = |from: usize| (from..from + NIGHT).map(|hour| curve[hour % 24]).sum::<u64>();
    let quiet = (0..24).min_by_key(|&from| rows_from(from)).unwrap_or(0);
    (Some(quiet as u32), Some(rows_from(quiet) as f64 / all as f64))
}

#[cfg(test)]
mod tests {
    use chrono_tz::Europe::Paris;

    use super::*;
    use crate::spec::Moment;

    fn at(text: &str) -> i64 {
        text.parse::<Moment>().unwrap().micros(Paris)
    }

    /// Two weeks from a Monday: 100 rows an hour from 08:00 to 18:00 of working days, 4 otherwise.
    fn office(start: i64, hours: usize) -> Vec<u64> {
        (0..hours)
            .map(|hour| {
                let (weekday, of_day) = weekday_hour(start + hour as i64 * HOUR, Paris);
                if weekday <= 5 && (8..18).contains(&of_day) { 100 } else { 4 }
            })
            .collect()
    }

    #[test]
    fn a_silence_is_found_and_a_quiet_night_is_none() {
        let start = at("2026-03-02");
        let mut rows = office(start, 14 * 24);
        assert_eq!(coverage(&rows, start, at("2026-03-12"), Paris, &[]).gaps, []);
        // The second Tuesday from 09:00 to 12:00 is silent; so is a night, where four rows are expected.
        let from = 8 * 24 + 9;
        rows[from..from + 3].fill(0);
        rows[8 * 24 + 2] = 0;
        let found = coverage(&rows, start, at("2026-03-12"), Paris, &[]);
        assert_eq!(found.gaps, [Gap { start: at("2026-03-10T09:00"), hours: 3, expected: 300 }]);
        assert_eq!(coverage(&rows, start, at("2026-03-12"), Paris, &["2026-03-10".into()]).gaps, [], "a holiday");
    }

    #[test]
    fn days_weekdays_and_holidays_are_counted_by_part() {
        let start = at("2026-03-02");
        let mut rows = office(start, 14 * 24);
        rows[24..48].fill(0);
        let found = coverage(&rows, start, at("2026-03-12"), Paris, &["2026-03-09".into()]);
        assert_eq!((found.days, found.empty_days, found.holidays), ([10, 4], [1, 0], [1, 0]));
        assert_eq!(found.weekdays, [[2, 1, 2, 1, 1, 1, 1], [0, 0, 0, 1, 1, 1, 1]]);
    }

    #[test]
    fn night_follows_the_wall_clock_through_both_changes() {
        for start in ["2026-03-23", "2026-10-19"] {
            let start = at(start);
            let found = coverage(&office(start, 14 * 24), start, i64::MAX, Paris, &[]);
            let quiet = found.quiet_from.unwrap();
            assert!(!(7..=15).contains(&quiet), "the quiet hours begin at {quiet}");
            assert_eq!(found.gaps, [], "the hour that is missing or comes twice is no silence");
        }
        // The same rows, read in a zone nine hours away: the quiet hours fall into the day.
        let start = at("2026-03-02");
        let shifted: Vec<u64> = office(start, 14 * 24).into_iter().cycle().skip(12).take(14 * 24).collect();
        let quiet = coverage(&shifted, start, i64::MAX, Paris, &[]).quiet_from.unwrap();
        assert!((6..=14).contains(&quiet), "{quiet}");
    }

    #[test]
    fn too_little_says_nothing() {
        let found = coverage(&[], 0, 0, Paris, &[]);
        assert_eq!((found.quiet_from, found.gaps.len()), (None, 0));
        assert_eq!(coverage(&[5; 48], 0, 0, Paris, &[]).quiet_from, None);
    }
}
