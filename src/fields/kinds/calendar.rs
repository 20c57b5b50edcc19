//! What share of the events falls on unusual days and hours.
//!
//! # What it is
//! The share of the unit's events, 0 to 1, whose moment lies, on the wall clock of the window's zone,
//!
//! - `off_hours`: before `from` (8) or from `to` (18) on, on a Saturday or Sunday, or on one of `window.holidays`;
//! - `night`: before 06:00 or from 22:00 on;
//! - `weekend`: on a Saturday or Sunday;
//! - `holiday`: on one of `window.holidays`.
//!
//! The wall clock is that of the moment itself: an hour that the clock skips in spring has no events, and both of those that come twice in
//! autumn count as the hour they are called.
//! # Nulls
//! Null where the unit has no event that counts.
//! # Cost
//! 16 bytes for each unit.

use hashbrown::HashMap;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{EVENTS, Kind, from_events};
use crate::{
    calendar::{local_date, weekday_hour},
    error::Problem,
    fields::{
        batch::Batch,
        footprint::{hashed, held},
        inputs::WallClock,
        intern::NONE,
        lower::{Lowered, Lowering},
        plan::{Accumulator, Field, Finished, Plan, Rows},
    },
    said,
    text::Said,
};

pub(super) const KIND: Kind = Kind::of::<Calendar>(
    "calendar",
    "share of events at unusual hours, at night, on weekends or holidays",
    include_str!("calendar.rs"),
    EVENTS,
);

/// What share of the events falls on unusual days and hours.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Calendar {
    /// Which days and hours count.
    calendar: When,
    /// `off_hours`: the hour at which work begins; 8.
    #[serde(default)]
    from: Option<u32>,
    /// `off_hours`: the hour at which work ends; 18.
    #[serde(default)]
    to: Option<u32>,
}

/// Which days and hours count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum When {
    /// Outside working hours, on weekends and holidays.
    OffHours,
    /// Before 06:00 and from 22:00 on.
    Night,
    /// Saturday and Sunday.
    Weekend,
    /// The days of `window.holidays`.
    Holiday,
}

from_events!(Calendar);

impl Calendar {
    fn hours(&self) -> (u32, u32) {
        (self.from.unwrap_or(8), self.to.unwrap_or(18))
    }
}

impl Field for Calendar {
    fn definition(&self) -> Said {
        let (from, to) = self.hours();
        match self.calendar {
            When::OffHours => said!(
                en: "share of events outside {from}:00 to {to}:00, on weekends or holidays",
                fr: "part des événements hors de {from}:00 à {to}:00, le week-end ou un jour férié",
                from = from,
                to = to,
            ),
            When::Night => said!(en: "share of events at night", fr: "part des événements de nuit"),
            When::Weekend => said!(en: "share of events on weekends", fr: "part des événements du week-end"),
            When::Holiday => said!(en: "share of events on holidays", fr: "part des événements des jours fériés"),
        }
    }

    fn check(&self) -> Vec<(&'static str, String)> {
        let (from, to) = self.hours();
        let mut wrong = Vec::new();
        if self.calendar != When::OffHours && (self.from.is_some() || self.to.is_some()) {
            wrong.push(("calendar", "`from` and `to` go with `off_hours` only".into()));
        }
        if from >= to || to > 24 {
            wrong.push(("to", format!("must be after `from` ({from}) and at most 24, found {to}")));
        }
        wrong
    }

    fn looks_at_times(&self) -> bool {
        true
    }

    fn columns(&self) -> Vec<(&'static str, &str)> {
        Vec::new()
    }

    fn plan(&self, plan: &mut Plan<'_>) -> Result<Box<dyn Accumulator>, Problem> {
        let clock = plan.inputs.clock.clone();
        Ok(Box::new(Share { rows: plan.rows, clock, when: self.calendar, hours: self.hours(), known: HashMap::new(), counts: Vec::new() }))
    }

    fn lower(&self, to: &Lowering<'_>) -> Result<Lowered, Problem> {
        const DAY: i64 = 86_400_000_000;
        let clock = to.wall_clock();
        // 1970-01-01 was a Thursday: day 4 of its week, from Monday.
        let (day, hour) = (format!("CAST(floor({clock} / {DAY}) AS BIGINT)"), format!("(pmod({clock}, {DAY}) DIV {})", DAY / 24));
        let weekend = format!("pmod({day} + 3, 7) >= 5");
        let days = to.holidays().iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let holiday = if days.is_empty() { "FALSE".to_owned() } else { format!("{day} IN ({days})") };
        let condition = match (self.calendar, self.hours()) {
            (When::OffHours, (from, to)) => format!("({hour} < {from} OR {hour} >= {to} OR {weekend} OR {holiday})"),
            (When::Night, _) => format!("({hour} < 6 OR {hour} >= 22)"),
            (When::Weekend, _) => weekend,
            (When::Holiday, _) => holiday,
        };
        let (of, all) = (to.over(&format!("count_if({condition})")), to.over("count(*)"));
        Ok(Lowered::aggregate(format!("CAST({of} AS DOUBLE) / nullif({all}, 0)")))
    }
}

/// Microseconds of a quarter of an hour: no zone's offset, hour or day changes inside one, since 1972.
const QUARTER: i64 = 900_000_000;

#[derive(Debug, Clone)]
struct Share {
    rows: Rows,
    clock: WallClock,
    when: When,
    hours: (u32, u32),
    /// Whether the moments of a quarter of an hour count.
    known: HashMap<i64, bool>,
    /// Events that count, and all.
    counts: Vec<(u64, u64)>,
}

impl Share {
    fn counts(clock: &WallClock, when: When, hours: (u32, u32), moment: i64) -> bool {
        let (weekday, hour) = weekday_hour(moment, clock.zone);
        let holiday = || clock.holidays.contains(&local_date(moment, clock.zone));
        match when {
            When::OffHours => !(hours.0..hours.1).contains(&hour) || weekday > 5 || holiday(),
            When::Night => !(6..22).contains(&hour),
            When::Weekend => weekday > 5,
            When::Holiday => holiday(),
        }
    }
}

impl Accumulator for Share {
    fn push(&mut self, batch: &Batch) {
        self.rows.grow(&mut self.counts, batch);
        let mask = self.rows.mask(batch);
        for (row, (&group, &time)) in self.rows.groups(batch).iter().zip(&batch.times).enumerate() {
            if group == NONE || mask.is_some_and(|mask| !mask[row]) {
                continue;
            }
            let (clock, when, hours) = (&self.clock, self.when, self.hours);
            let counts = *self.known.entry(time.div_euclid(QUARTER)).or_insert_with(|| Self::counts(clock, when, hours, time));
            let (some, all) = &mut self.counts[group as usize];
            *some += u64::from(counts);
            *all += 1;
        }
    }

    fn bytes(&self) -> usize {
        held(&self.counts) + hashed(self.known.len(), size_of::<(i64, bool)>())
    }

    fn finish(self: Box<Self>, _: &Finished<'_>) -> Vec<Option<f64>> {
        self.counts.iter().map(|&(some, all)| (all > 0).then(|| some as f64 / all as f64)).collect()
    }
}

#[cfg(test)]
mod tests {
    use chrono_tz::Europe::Paris;

    use super::*;
    use crate::spec::Moment;

    #[test]
    fn hours_days_and_both_clock_changes_by_hand() {
        let clock = WallClock { zone: Paris, holidays: [chrono::NaiveDate::from_ymd_opt(2026, 3, 9).unwrap()].into() };
        let at = |text: &str| text.parse::<Moment>().unwrap().micros(Paris);
        let counts = |when, text| Share::counts(&clock, when, (8, 18), at(text));
        for (when, text, expected) in [
            (When::OffHours, "2026-03-03T07:59:59", true),
            (When::OffHours, "2026-03-03T08:00", false),
            (When::OffHours, "2026-03-03T17:59:59", false),
            (When::OffHours, "2026-03-03T18:00", true),
            (When::OffHours, "2026-03-07T10:00", true),
            (When::OffHours, "2026-03-09T10:00", true),
            (When::Holiday, "2026-03-09T23:59", true),
            (When::Holiday, "2026-03-10T00:00", false),
            (When::Weekend, "2026-03-08T23:59", true),
            (When::Weekend, "2026-03-09T00:00", false),
            // In spring 05:30 of Paris is 03:30 UTC after the change and 04:30 UTC before it.
            (When::Night, "2026-03-28T04:59:00Z", true),
            (When::Night, "2026-03-28T05:00:00Z", false),
            (When::Night, "2026-03-29T03:59:00Z", true),
            (When::Night, "2026-03-29T04:00:00Z", false),
            (When::Night, "2026-10-25T04:59:00Z", true),
            (When::Night, "2026-10-25T05:00:00Z", false),
            (When::Night, "2026-10-24T04:00:00Z", false),
        ] {
            assert_eq!(counts(when, text), expected, "{when:?} {text}");
        }
    }
}
