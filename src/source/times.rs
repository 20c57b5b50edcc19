//! A time column whose first values cannot be read is an error, with the way of reading that would do.

use super::{clock::Clock, tally::cut};
use crate::{
    error::{Error, Result},
    spec,
};

const WAYS: [&str; 7] = ["auto", "epoch_s", "epoch_ms", "epoch_us", "epoch_ns", "%d/%m/%Y %H:%M:%S", "%m/%d/%Y %H:%M:%S"];
/// Ages that a log may plausibly have, in microseconds since 1970: 1990 to 2100.
const PLAUSIBLE: std::ops::Range<i64> = 631_152_000_000_000..4_102_444_800_000_000;

/// Fails where most of the values cannot be read.
pub(crate) fn refuse(column: &str, values: &[String], unreadable: usize) -> Result<()> {
    if values.is_empty() || unreadable * 2 <= values.len() {
        return Ok(());
    }
    let message = format!("the time column `{column}` cannot be read: its first value is `{}`", cut(&values[0]));
    let hint = match WAYS.iter().find(|way| fits(way, values)) {
        Some(way) => format!("write `time: {{ column: {column}, parse: \"{way}\" }}`"),
        None => "say how it is written: `time: { parse: ... }` takes `epoch_s`, `epoch_ms`, `epoch_us`, `epoch_ns`, or a strftime pattern"
            .into(),
    };
    Err(Error::data_hint(message, hint))
}

/// Ways in which languages of Windows write dates.
const DATES: [&str; 9] = [
    "%m/%d/%Y %I:%M:%S %p",
    "%m/%d/%Y %H:%M:%S",
    "%d/%m/%Y %H:%M:%S",
    "%d/%m/%Y %I:%M:%S %p",
    "%d-%m-%Y %H:%M:%S",
    "%m-%d-%Y %H:%M:%S",
    "%d.%m.%Y %H:%M:%S",
    "%Y/%m/%d %H:%M:%S",
    "%Y-%m-%d %I:%M:%S %p",
];

/// As [`refuse`], for dates whose form is an option of the format. Where the values fit several forms, all are named.
pub(crate) fn refuse_dates(option: &str, column: &str, values: &[String], unreadable: usize) -> Result<()> {
    if values.is_empty() || unreadable * 2 <= values.len() {
        return Ok(());
    }
    let message = format!("the dates of `{column}` cannot be read: the first is `{}`", cut(&values[0]));
    let ways: Vec<String> = DATES.iter().filter(|way| fits(way, values)).map(|way| format!("`{option}: \"{way}\"`")).collect();
    let hint = match &ways[..] {
        [] => format!("say how they are written: `{option}` takes a strftime pattern"),
        [way] => format!("write {way}"),
        ways => format!("they fit {}: write the one that the machine's language uses", ways.join(" and ")),
    };
    Err(Error::data_hint(message, hint))
}

fn fits(way: &str, values: &[String]) -> bool {
    let time = spec::Time { column: String::new(), parse: way.into(), timezone: "UTC".into() };
    let Ok(mut clock) = Clock::of(&time) else { return false };
    values.iter().all(|value| clock.read(value).is_some_and(|micros| PLAUSIBLE.contains(&micros)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_that_would_do_is_named() {
        for (value, way) in [("1642118409", "epoch_s"), ("1642118409000", "epoch_ms"), ("31/12/2025 10:00:00", "%d/%m/%Y")] {
            let error = refuse("t", &[value.into()], 1).unwrap_err();
            assert!(error.hint().unwrap().contains(way), "{error:?}");
        }
        for (value, hint) in [
            ("2/13/2026 8:00:00 AM", "write `options.date_format: \"%m/%d/%Y %I:%M:%S %p\"`"),
            ("13.02.2026 08:00:00", "write `options.date_format: \"%d.%m.%Y %H:%M:%S\"`"),
            (
                "02/03/2026 08:00:00",
                "they fit `options.date_format: \"%m/%d/%Y %H:%M:%S\"` and `options.date_format: \"%d/%m/%Y %H:%M:%S\"`",
            ),
        ] {
            let error = refuse_dates("options.date_format", "t", &[value.into()], 1).unwrap_err();
            assert!(error.hint().unwrap().starts_with(hint), "{error:?}");
        }
        assert!(refuse("t", &["x".into(), "y".into()], 1).is_ok());
    }
}
