//! A small office, which the logs other than the proxy's come from: who works when, lines in order of time, and what is true of them.

use std::fmt::Write as _;

use chrono::DateTime;

use super::chance::Chance;

/// 2026-03-02 00:00 UTC, a Monday, in seconds since 1970.
pub(super) const START: i64 = 1_772_409_600;
/// Two weeks: the first is for learning, the second is judged.
pub(super) const DAYS: i64 = 14;
/// The office lies an hour east of UTC, all year.
const OFFSET: f64 = 3_600.0;
/// The part of each stream's name that says whose working hours it draws.
const SHIFTS: u64 = 0x7368_6966;

/// A moment: seconds since 1970 of an hour of the office's own day, which may lie beyond midnight.
pub(super) fn at(day: i64, hour: f64) -> f64 {
    (START + day * 86_400) as f64 + hour * 3_600.0 - OFFSET
}

/// Whether the office is closed.
pub(super) fn weekend(day: i64) -> bool {
    day.rem_euclid(7) >= 5
}

/// From when to when someone works on a day, in seconds since 1970; none on a day off.
pub(super) fn shift(seed: u64, who: u64, day: i64) -> Option<(f64, f64)> {
    let mut habit = Chance::of(seed, [SHIFTS, who, u64::MAX]);
    let (from, length) = (habit.between(6.9, 9.6), habit.between(8.0, 10.0));
    let mut chance = Chance::of(seed, [SHIFTS, who, day as u64]);
    if weekend(day) {
        let from = chance.between(9.0, 17.0);
        return chance.happens(0.05).then(|| (at(day, from), at(day, from + chance.between(0.7, 4.0))));
    }
    let (early, late) = (0.3 * chance.normal(), 0.6 * chance.normal());
    chance.happens(0.92).then(|| (at(day, from + early), at(day, from + length + late)))
}

/// A moment within a shift; fewer at noon.
pub(super) fn moment((from, to): (f64, f64), chance: &mut Chance) -> f64 {
    let drawn = chance.between(from, to);
    let noon = (drawn + OFFSET).rem_euclid(86_400.0) as i64 / 3_600 == 12;
    if noon && chance.happens(0.5) { chance.between(from, to) } else { drawn }
}

/// A log that is put in order of time once everything has written to it.
#[derive(Default)]
pub(super) struct Log(Vec<(f64, String)>);

impl Log {
    /// Adds a line, without its break.
    pub fn add(&mut self, moment: f64, line: String) {
        self.0.push((moment, line));
    }

    /// The text of the two weeks: lines of one moment stay in the order in which they were written.
    pub fn text(mut self) -> String {
        let (from, to) = (START as f64, (START + DAYS * 86_400) as f64);
        self.0.retain(|(moment, _)| (from..to).contains(moment));
        self.0.sort_by(|a, b| a.0.total_cmp(&b.0));
        self.0.into_iter().fold(String::new(), |text, (_, line)| text + &line + "\n")
    }
}

/// What a label says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// An attack.
    Attack,
    /// It did happen, and was allowed.
    Allowed,
}

/// What is true: incidents, and what looks like one and is none.
pub(super) struct Truth {
    rows: String,
    incidents: u32,
}

impl Truth {
    /// Begins a table; `key` names the columns of an entity, joined by commas.
    pub fn of(key: &str) -> Self {
        Self { rows: format!("{key},start,end,incident,kind,disposition\n"), incidents: 0 }
    }

    /// Adds one happening, of one entity, over one or more stretches of time: each from its first event to a second after its last.
    pub fn add(&mut self, verdict: Verdict, kind: &str, entity: &str, stretches: &[(f64, f64)]) {
        let (id, disposition) = match verdict {
            Verdict::Attack => {
                self.incidents += 1;
                (format!("INC-{:03}", self.incidents), "true_positive")
            }
            Verdict::Allowed => (String::new(), "benign_true_positive"),
        };
        for (from, to) in stretches {
            let _ = writeln!(self.rows, "{entity},{},{},{id},{kind},{disposition}", second(*from), second(*to + 1.0));
        }
    }

    /// The table as CSV.
    pub fn text(self) -> String {
        self.rows
    }
}

/// The stretches that moments make: one ends where nothing happens for an hour.
pub(super) fn stretches(moments: &[f64]) -> Vec<(f64, f64)> {
    let mut sorted = moments.to_vec();
    sorted.sort_by(f64::total_cmp);
    let mut found: Vec<(f64, f64)> = Vec::new();
    for moment in sorted {
        match found.last_mut() {
            Some((_, to)) if moment - *to < 3_600.0 => *to = moment,
            _ => found.push((moment, moment)),
        }
    }
    found
}

/// A moment as labels write it.
fn second(moment: f64) -> String {
    DateTime::from_timestamp(moment as i64, 0).map(|time| time.format("%Y-%m-%dT%H:%M:%SZ").to_string()).unwrap_or_default()
}

/// A moment as text, to the millisecond.
pub(super) fn millisecond(moment: f64, form: &str) -> String {
    DateTime::from_timestamp_millis((moment * 1_000.0) as i64).map(|time| time.format(form).to_string()).unwrap_or_default()
}

/// A Zeek log's header; names and types are separated by spaces.
pub(super) fn zeek(path: &str, fields: &str, types: &str) -> String {
    let tabs = |list: &str| list.replace(' ', "\t");
    format!(
        "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\t{path}\n#fields\t{}\n#types\t{}\n",
        tabs(fields),
        tabs(types)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_office_opens_on_a_monday_an_hour_before_utc_says_so() {
        assert_eq!(second(at(0, 8.0)), "2026-03-02T07:00:00Z");
        assert!(!weekend(4) && weekend(5) && weekend(6) && !weekend(7));
        let here = |day| (0..100).filter(|who| shift(1, *who, day).is_some()).count();
        assert!(here(1) > 80 && here(5) < 15, "{} {}", here(1), here(5));
    }

    #[test]
    fn a_pause_of_an_hour_ends_a_stretch() {
        assert_eq!(stretches(&[7_200.0, 0.0, 3_599.0, 11_000.0]), [(0.0, 3_599.0), (7_200.0, 7_200.0), (11_000.0, 11_000.0)]);
        let mut truth = Truth::of("user");
        truth.add(Verdict::Attack, "guessing", "ann", &[(0.0, 10.0)]);
        truth.add(Verdict::Allowed, "typing", "bob", &[(60.0, 61.5)]);
        assert_eq!(
            truth.text(),
            "user,start,end,incident,kind,disposition\nann,1970-01-01T00:00:00Z,1970-01-01T00:00:11Z,INC-001,guessing,true_positive\nbob,1970-01-01T00:01:00Z,1970-01-01T00:01:02Z,,typing,benign_true_positive\n"
        );
    }
}
