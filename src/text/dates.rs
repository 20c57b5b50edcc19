//! Dates and times as a language writes them, in the zone of the window.

use chrono::{DateTime, Datelike, Timelike};
use chrono_tz::Tz;

use crate::spec::Language;

const MONTHS_EN: [&str; 12] =
    ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];
const MONTHS_FR: [&str; 12] =
    ["janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"];
const SHORT_EN: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const SHORT_FR: [&str; 12] = ["janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."];
const DAYS_EN: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const DAYS_FR: [&str; 7] = ["lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim."];

/// Writes dates and times in a language and a zone. Times are microseconds since 1970 UTC.
#[derive(Debug, Clone, Copy)]
pub struct Dates {
    language: Language,
    zone: Tz,
}

impl Dates {
    /// Writes times in a language and a zone.
    pub const fn new(language: Language, zone: Tz) -> Self {
        Self { language, zone }
    }

    fn local(self, micros: i64) -> Option<DateTime<Tz>> {
        DateTime::from_timestamp_micros(micros).map(|time| time.with_timezone(&self.zone))
    }

    /// A date in full: `14 March 2026`, `14 mars 2026`.
    pub fn date(self, micros: i64) -> String {
        self.local(micros).map_or_else(String::new, |time| format!("{} {} {}", self.day_of_month(&time), self.month(&time), time.year()))
    }

    /// A moment as a table shows it: `Sat 14 Mar 09:00`, `sam. 14 mars 09:00`.
    pub fn moment(self, micros: i64) -> String {
        let Some(time) = self.local(micros) else { return String::new() };
        let (days, months) = match self.language {
            Language::En => (DAYS_EN, SHORT_EN),
            Language::Fr => (DAYS_FR, SHORT_FR),
        };
        let day = days[time.weekday().num_days_from_monday() as usize];
        format!("{day} {} {} {:02}:{:02}", time.day(), months[time.month0() as usize], time.hour(), time.minute())
    }

    /// A moment as programs read it: RFC 3339 with the zone's offset.
    pub fn machine(self, micros: i64) -> String {
        self.local(micros).map_or_else(String::new, |time| time.to_rfc3339_opts(chrono::SecondsFormat::Secs, true))
    }

    /// Half-open days as people say them: `2 to 15 March 2026`, `du 2 au 15 mars 2026`. The end is the first moment outside.
    pub fn range(self, start: i64, end: i64) -> String {
        let (Some(first), Some(last)) = (self.local(start), self.local(end.saturating_sub(1).max(start))) else { return String::new() };
        if first.date_naive() == last.date_naive() {
            return self.date(start);
        }
        let from = match (first.year() == last.year(), first.month() == last.month()) {
            (true, true) => self.day_of_month(&first),
            (true, false) => format!("{} {}", self.day_of_month(&first), self.month(&first)),
            (false, _) => self.date(start),
        };
        let until = self.date(end.saturating_sub(1).max(start));
        match self.language {
            Language::En => format!("{from} to {until}"),
            Language::Fr => format!("du {from} au {until}"),
        }
    }

    /// Weekday (0: Monday) and hour of a moment.
    pub fn weekday_hour(self, micros: i64) -> Option<(usize, usize)> {
        self.local(micros).map(|time| (time.weekday().num_days_from_monday() as usize, time.hour() as usize))
    }

    /// The days of the week, Monday first.
    pub fn weekdays(self) -> [&'static str; 7] {
        match self.language {
            Language::En => DAYS_EN,
            Language::Fr => DAYS_FR,
        }
    }

    fn day_of_month(self, time: &DateTime<Tz>) -> String {
        match (self.language, time.day()) {
            (Language::Fr, 1) => "1er".into(),
            (_, day) => day.to_string(),
        }
    }

    fn month(self, time: &DateTime<Tz>) -> &'static str {
        match self.language {
            Language::En => MONTHS_EN[time.month0() as usize],
            Language::Fr => MONTHS_FR[time.month0() as usize],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::Moment;

    fn at(text: &str) -> i64 {
        text.parse::<Moment>().unwrap().micros(chrono_tz::Europe::Paris)
    }

    #[test]
    fn times_are_local() {
        let (en, fr) = (Dates::new(Language::En, chrono_tz::Europe::Paris), Dates::new(Language::Fr, chrono_tz::Europe::Paris));
        let time = at("2026-03-14T08:00:00Z");
        assert_eq!(en.moment(time), "Sat 14 Mar 09:00");
        assert_eq!(fr.moment(time), "sam. 14 mars 09:00");
        assert_eq!(en.machine(time), "2026-03-14T09:00:00+01:00");
        assert_eq!(en.weekday_hour(time), Some((5, 9)));
        assert_eq!(en.moment(i64::MAX), "");
    }

    #[test]
    fn ranges_name_the_last_day_inside() {
        let (en, fr) = (Dates::new(Language::En, chrono_tz::Europe::Paris), Dates::new(Language::Fr, chrono_tz::Europe::Paris));
        assert_eq!(en.range(at("2026-03-02"), at("2026-03-16")), "2 to 15 March 2026");
        assert_eq!(fr.range(at("2026-03-01"), at("2026-04-02")), "du 1er mars au 1er avril 2026");
        assert_eq!(en.range(at("2025-12-30"), at("2026-01-02")), "30 December 2025 to 1 January 2026");
        assert_eq!(en.range(at("2026-03-02"), at("2026-03-03")), "2 March 2026");
    }
}
