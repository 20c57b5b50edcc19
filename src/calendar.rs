//! Periods: shorter than a day is elapsed time from the window's start; days and longer follow the wall clock of the window's zone.
//!
//! Period 0 begins at the start itself; a day that begins at 12:00 ends at 12:00 of the next day, after 23 or 25 hours where the clock
//! changes between them. The two 02:00 hours of autumn are two periods.

use std::ops::Range;

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, NaiveDateTime, Timelike};
use chrono_tz::Tz;

pub use self::{
    duration::{Duration, Unit},
    moment::{Moment, local_micros},
};

mod duration;
mod moment;

const SECOND: i64 = 1_000_000;
/// About 126 000 years on either side of 1970: two of them can be subtracted, the calendar library knows them, and no log reaches them.
const FAR: i64 = 4_000_000_000_000_000_000;
/// More boundaries than this are not laid out in advance.
const MOST_BOUNDARIES: i64 = 200_000;

/// Periods of equal name (an hour, a day, a month), numbered from a start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Calendar {
    zone: Tz,
    start: i64,
    step: Step,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Elapsed(i64),
    Days(i64),
    Months(i64),
}

impl Calendar {
    /// The periods of length `every` (at least one of its unit) from `start_us`, microseconds since 1970 UTC, in `zone`.
    pub fn new(zone: Tz, start_us: i64, every: Duration) -> Self {
        let count = i64::from(every.count.max(1));
        let step = match every.unit {
            Unit::Second => Step::Elapsed(count * SECOND),
            Unit::Minute => Step::Elapsed(count * 60 * SECOND),
            Unit::Hour => Step::Elapsed((count * 3_600).saturating_mul(SECOND)),
            Unit::Day => Step::Days(count),
            Unit::Week => Step::Days(count * 7),
            Unit::Month => Step::Months(count),
            Unit::Year => Step::Months(count * 12),
        };
        Self { zone, start: start_us.clamp(-FAR, FAR), step }
    }

    /// Whether its periods are days or longer, and so follow the wall clock.
    pub fn follows_wall_clock(&self) -> bool {
        !matches!(self.step, Step::Elapsed(_))
    }

    /// The number of the period that a moment lies in.
    pub fn period_of(&self, us: i64) -> i64 {
        let us = us.clamp(-FAR, FAR);
        let guess = match self.step {
            Step::Elapsed(length) => return (us - self.start).div_euclid(length),
            Step::Days(days) => local(us, self.zone).signed_duration_since(local(self.start, self.zone)).num_days().div_euclid(days),
            Step::Months(months) => (month_number(local(us, self.zone)) - month_number(local(self.start, self.zone))).div_euclid(months),
        };
        // The guess is off by at most one or two, at a clock change or within the first month.
        let mut period = guess;
        while us < self.start_of(period) {
            period -= 1;
        }
        while us >= self.start_of(period + 1) {
            period += 1;
        }
        period
    }

    /// When a period begins, microseconds since 1970 UTC.
    pub fn start_of(&self, period: i64) -> i64 {
        match self.step {
            Step::Elapsed(length) => self.start.saturating_add(period.saturating_mul(length)),
            // The start itself, even where its wall-clock time comes twice.
            _ if period == 0 => self.start,
            Step::Days(days) => self.moved(period, |local, back| {
                let days = Days::new(period.saturating_mul(days).unsigned_abs());
                if back { local.checked_sub_days(days) } else { local.checked_add_days(days) }
            }),
            Step::Months(months) => self.moved(period, |local, back| {
                let months = Months::new(u32::try_from(period.saturating_mul(months).unsigned_abs()).ok()?);
                if back { local.checked_sub_months(months) } else { local.checked_add_months(months) }
            }),
        }
    }

    fn moved(&self, period: i64, shift: impl Fn(NaiveDateTime, bool) -> Option<NaiveDateTime>) -> i64 {
        let far = if period < 0 { i64::MIN } else { i64::MAX };
        shift(local(self.start, self.zone), period < 0).map_or(far, |local| local_micros(local, self.zone))
    }

    /// When a period ends: where the next begins.
    pub fn end_of(&self, period: i64) -> i64 {
        self.start_of(period.saturating_add(1))
    }

    /// The periods that lie in `[from, to)`, wholly or in part.
    pub fn periods_between(&self, from: i64, to: i64) -> Range<i64> {
        let first = self.period_of(from);
        if to <= from { first..first } else { first..self.period_of(to - 1) + 1 }
    }

    /// The numbers of the periods of many moments, in their order: the same as [`Calendar::period_of`] for each, but quick.
    pub fn periods(&self, moments: &[i64]) -> Vec<i64> {
        if let Step::Elapsed(length) = self.step {
            return moments.iter().map(|us| ((*us).clamp(-FAR, FAR) - self.start).div_euclid(length)).collect();
        }
        let (Some(first), Some(last)) = (moments.iter().min(), moments.iter().max()) else { return Vec::new() };
        let (first, last) = (self.period_of(*first), self.period_of(*last));
        if last - first > MOST_BOUNDARIES {
            return moments.iter().map(|us| self.period_of(*us)).collect();
        }
        let starts: Vec<i64> = (first..=last + 1).map(|period| self.start_of(period)).collect();
        // Logs are nearly in order: the next event mostly lies in the period of the one before.
        let mut index = 0;
        moments
            .iter()
            .map(|us| {
                let us = (*us).clamp(-FAR, FAR);
                if us < starts[index] || us >= starts[index + 1] {
                    index = starts.partition_point(|start| *start <= us).saturating_sub(1).min(starts.len() - 2);
                }
                first + index as i64
            })
            .collect()
    }
}

/// The moment that lies `by` after another: elapsed time for hours and shorter, on the wall clock of `zone` for days and longer.
pub fn after(us: i64, by: Duration, zone: Tz) -> i64 {
    if by.count == 0 { us } else { Calendar::new(zone, us, by).end_of(0) }
}

fn local(us: i64, zone: Tz) -> NaiveDateTime {
    DateTime::from_timestamp_micros(us.clamp(-FAR, FAR)).map_or(NaiveDateTime::MIN, |time| time.with_timezone(&zone).naive_local())
}

fn month_number(local: NaiveDateTime) -> i64 {
    i64::from(local.year()) * 12 + i64::from(local.month0())
}

/// The day of the week (1 is Monday) and the hour (0 to 23) of a moment, on the wall clock of `zone`.
pub fn weekday_hour(us: i64, zone: Tz) -> (u32, u32) {
    let local = local(us, zone);
    (local.weekday().number_from_monday(), local.hour())
}

/// The date of a moment on the wall clock of `zone`.
pub fn local_date(us: i64, zone: Tz) -> NaiveDate {
    local(us, zone).date()
}

#[cfg(test)]
mod tests {
    use chrono_tz::Europe::Paris;
    use proptest::prelude::*;

    use super::Moment;
    use super::*;

    fn at(text: &str) -> i64 {
        text.parse::<Moment>().unwrap().micros(Paris)
    }

    fn calendar(start: &str, every: &str) -> Calendar {
        Calendar::new(Paris, at(start), every.parse().unwrap())
    }

    const HOUR: i64 = 3_600 * SECOND;

    #[test]
    fn hours_are_elapsed_time() {
        let hours = calendar("2026-10-24", "1h");
        assert_eq!(hours.period_of(at("2026-10-25T02:30:00+02:00")), 26);
        assert_eq!(hours.period_of(at("2026-10-25T02:30:00+01:00")), 27, "the two 02:00 hours are two periods");
        assert_eq!(hours.period_of(at("2026-10-23T23:59:59")), -1);
        assert_eq!(hours.periods_between(at("2026-10-25"), at("2026-10-26")).count(), 25);
        assert_eq!(hours.periods_between(at("2026-03-29"), at("2026-03-30")).count(), 23);
    }

    #[test]
    fn days_follow_the_wall_clock() {
        let days = calendar("2026-03-02", "1d");
        assert_eq!(days.period_of(at("2026-03-29T00:00")), 27);
        assert_eq!(days.period_of(at("2026-03-29T23:59")), 27);
        assert_eq!(days.end_of(27) - days.start_of(27), 23 * HOUR);
        assert_eq!(days.period_of(at("2026-03-30T00:00")), 28);
        let autumn = calendar("2026-10-24", "1d");
        assert_eq!(autumn.end_of(1) - autumn.start_of(1), 25 * HOUR);
        assert_eq!(autumn.start_of(2), at("2026-10-26"));
    }

    #[test]
    fn a_day_begins_where_the_window_does() {
        let days = calendar("2026-03-28T12:00", "1d");
        assert_eq!(days.start_of(1), at("2026-03-29T12:00"));
        assert_eq!(days.end_of(0) - days.start_of(0), 23 * HOUR);
        assert_eq!(days.period_of(at("2026-03-29T11:59:59")), 0);
    }

    #[test]
    fn months_keep_the_day_where_there_is_one() {
        let months = calendar("2026-01-31", "1mo");
        assert_eq!(months.start_of(1), at("2026-02-28"));
        assert_eq!(months.start_of(2), at("2026-03-31"));
        assert_eq!(months.period_of(at("2026-02-27T23:59")), 0);
        assert_eq!(months.period_of(at("2026-02-28")), 1);
        assert_eq!(months.start_of(-1), at("2025-12-31"));
        let weeks = calendar("2026-03-02", "1w");
        assert_eq!(weeks.start_of(4), at("2026-03-30"));
        let years = calendar("2026-03-02", "1y");
        assert_eq!(years.start_of(2), at("2028-03-02"));
    }

    #[test]
    fn a_start_in_the_second_of_two_hours_is_kept() {
        let start = at("2026-10-25T02:30:00+01:00");
        let days = Calendar::new(Paris, start, Duration::days(1));
        assert_eq!(days.start_of(0), start);
        assert_eq!(days.period_of(start), 0);
    }

    #[test]
    fn weekdays_hours_and_dates_are_local() {
        assert_eq!(weekday_hour(at("2026-03-02T00:30"), Paris), (1, 0));
        assert_eq!(weekday_hour(at("2026-03-01T23:30:00Z"), Paris), (1, 0));
        assert_eq!(local_date(at("2026-03-01T23:30:00Z"), Paris), NaiveDate::from_ymd_opt(2026, 3, 2).unwrap());
    }

    #[test]
    fn extremes_do_not_panic() {
        for every in ["1s", "1h", "1d", "1mo", "4294967295y", "0d"] {
            let calendar = calendar("2026-03-02", every);
            for us in [i64::MIN, i64::MAX, 0] {
                let period = calendar.period_of(us);
                assert_eq!(calendar.periods(&[us]), [period], "{every} {us}");
                let _ = (calendar.start_of(i64::MAX), calendar.end_of(i64::MIN), calendar.periods_between(i64::MIN, i64::MAX));
            }
        }
    }

    fn spring_to_autumn() -> std::ops::Range<i64> {
        at("2026-03-26")..at("2026-10-28")
    }

    proptest! {
        #[test]
        fn a_moment_lies_in_its_period(us in spring_to_autumn(), start in spring_to_autumn(), every in "([1-9]|[12][0-9])(m|h|d|w|mo|y)") {
            let calendar = Calendar::new(Paris, start, every.parse().unwrap());
            let period = calendar.period_of(us);
            prop_assert!(calendar.start_of(period) <= us && us < calendar.end_of(period));
            prop_assert_eq!(calendar.start_of(period + 1), calendar.end_of(period));
        }

        #[test]
        fn periods_never_go_back(a in spring_to_autumn(), step in 0..7_200_000_000_i64, near in prop::bool::ANY, every in "[1-3](h|d|mo)") {
            let a = if near { at("2026-10-25T00:00") + a % (6 * HOUR) } else { a };
            let calendar = calendar("2026-03-20", &every);
            prop_assert!(calendar.period_of(a) <= calendar.period_of(a + step));
        }

        #[test]
        fn many_at_once_are_the_same(moments in prop::collection::vec(spring_to_autumn(), 0..50), every in "[1-3](h|d|w|mo)") {
            let calendar = calendar("2026-04-01T07:30", &every);
            let one_by_one: Vec<i64> = moments.iter().map(|us| calendar.period_of(*us)).collect();
            prop_assert_eq!(calendar.periods(&moments), one_by_one);
        }
    }
}
