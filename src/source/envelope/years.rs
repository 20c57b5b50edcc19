//! The years of times that have none.

use super::header::Stamp;
use crate::source::clock::{Clock, checked_days};

const DAY: i64 = 86_400_000_000;

/// What is known of the years of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Years {
    /// That of the first line of each file.
    pub(super) given: Option<i64>,
    /// A moment that times are near to, where no year is given.
    pub(super) near: Option<i64>,
}

/// The lines of a file, in order: year and month of the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Turn {
    years: Years,
    year: Option<i64>,
    month: Option<i64>,
}

impl Turn {
    /// At the beginning of a file.
    pub(super) fn new(years: Years) -> Self {
        Self { years, year: years.given, month: None }
    }

    /// Where an earlier block ended.
    pub(super) fn resumed(years: Years, state: &str) -> Self {
        let mut said = state.split(' ').map(|n| n.parse().ok());
        Self { years, year: said.next().flatten().or(years.given), month: said.next().flatten() }
    }

    /// What a later block must know.
    pub(super) fn state(&self) -> String {
        let text = |number: Option<i64>| number.map(|n| n.to_string()).unwrap_or_default();
        format!("{} {}", text(self.year), text(self.month))
    }

    /// Goes on to a line of this month: months that begin again are another year, one month back is a line out of order.
    fn turn(&mut self, month: i64) {
        if let (Some(year), Some(last)) = (&mut self.year, self.month) {
            *year += i64::from(month + 1 < last) - i64::from(last == 1 && month == 12);
        }
        self.month = Some(month);
    }

    /// Microseconds since 1970 UTC of the time of the next line; nothing where it has none or its year cannot be told.
    pub(super) fn moment(&mut self, stamp: &Stamp<'_>, clock: &mut Clock) -> Option<i64> {
        let (month, day, micros, said) = match *stamp {
            Stamp::None => return None,
            Stamp::Iso(text) => return clock.read(text),
            Stamp::Short { month, day, micros, year } => (month, day, micros, year),
        };
        let mut at = |year: i64| checked_days(year, month, day).map(|days| clock.local(days * DAY + micros));
        if said.is_some() {
            return said.and_then(at);
        }
        self.turn(month);
        if let Some(year) = self.year {
            return at(year);
        }
        let near = self.years.near?;
        // Days of 365.2425.
        let year = 1_970 + near.div_euclid(31_556_952_000_000);
        (year - 1..=year + 1).filter_map(at).min_by_key(|time| time.abs_diff(near))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn years_turn_where_months_begin_again() {
        let mut turn = Turn::new(Years { given: Some(2016), near: None });
        let years: Vec<Option<i64>> = [11, 12, 1, 12, 1, 2, 1, 10, 2]
            .into_iter()
            .map(|month| {
                turn.turn(month);
                turn = Turn::resumed(turn.years, &turn.state());
                turn.year
            })
            .collect();
        assert_eq!(years, [2016, 2016, 2017, 2016, 2017, 2017, 2017, 2017, 2018].map(Some));
    }

    #[test]
    fn the_year_that_comes_nearest() {
        // 1 January 2026.
        let (new_year, hour) = (1_767_225_600_000_000_i64, 3_600_000_000);
        let mut clock = Clock::auto();
        let mut at = |near, month, day| {
            let stamp = Stamp::Short { month, day, micros: hour, year: None };
            Turn::new(Years { given: None, near }).moment(&stamp, &mut clock)
        };
        assert_eq!(at(Some(new_year), 12, 31), Some(new_year - 23 * hour));
        assert_eq!(at(Some(new_year), 1, 1), Some(new_year + hour));
        // 182 days before, 183 days after.
        assert_eq!(at(Some(new_year), 7, 3), Some(new_year - 182 * 24 * hour + hour));
        // 2024 is the only leap year near.
        assert_eq!(at(Some(new_year), 2, 29), None);
        assert_eq!(at(None, 1, 1), None);
    }
}
