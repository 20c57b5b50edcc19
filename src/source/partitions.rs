//! Hive partitions: folders named `key=value`, which are columns of the files below them.

use std::path::Path;

use super::{clock::checked_days, columns::Kind, types::Guess};

const DAY: i64 = 86_400_000_000;
/// What stands for no value.
const NULL: &str = "__HIVE_DEFAULT_PARTITION__";

/// The partitions that a file lies in, the outermost first: key, and value where there is one.
pub(super) fn of(path: &Path) -> Vec<(&str, Option<&str>)> {
    let folders = path.parent().into_iter().flat_map(|folder| folder.components()).filter_map(|part| part.as_os_str().to_str());
    let pairs = folders.filter_map(|name| name.split_once('=')).filter(|(key, _)| !key.is_empty());
    pairs.map(|(key, value)| (key, Some(value).filter(|value| !value.is_empty() && *value != NULL))).collect()
}

/// The partition columns of files, and what they hold: whole numbers where all values are, else text.
pub(super) fn columns<'a>(files: impl Iterator<Item = &'a Path>) -> Vec<(String, Kind)> {
    let mut columns: Vec<(String, Guess)> = Vec::new();
    for (key, value) in files.flat_map(of) {
        let at = columns.iter().position(|(name, _)| name == key).unwrap_or_else(|| {
            columns.push((key.to_owned(), Guess::default()));
            columns.len() - 1
        });
        if let Some(value) = value {
            columns[at].1.see(value);
        }
    }
    let kind = |guess: Guess| if guess.kind() == Kind::Int { Kind::Int } else { Kind::Text };
    columns.into_iter().map(|(name, guess)| (name, kind(guess))).collect()
}

/// The day that the partitions name, as days since 1970: `year`, `month`, `day` (or their first letters), or one of `date`, `dt`, `day`, `eventDay`,
/// `event_day` as `2026-03-02` or `20260302`.
fn day(path: &Path) -> Option<i64> {
    let found = of(path);
    let value =
        |keys: &[&str]| keys.iter().find_map(|key| found.iter().find(|(k, _)| k.eq_ignore_ascii_case(key)).and_then(|(_, value)| *value));
    let number = |text: &str| text.parse::<i64>().ok();
    let whole = value(&["date", "dt", "eventDay", "event_day", "day"]).and_then(|text| {
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        let plain = digits.len() == 8 && (text.len() == 8 || text.len() == 10 && text.as_bytes()[4] == b'-');
        plain.then(|| checked_days(number(&digits[..4])?, number(&digits[4..6])?, number(&digits[6..])?)).flatten()
    });
    whole.or_else(|| checked_days(number(value(&["year", "y"])?)?, number(value(&["month", "m"])?)?, number(value(&["day", "d"])?)?))
}

/// Whether no row of the file can lie in the window, by the day that its folders name. A day is allowed on either side: for the zone in which the day
/// is meant, and for events that arrived late.
pub(super) fn outside(path: &Path, window: Option<(i64, i64)>) -> bool {
    let (Some((start, end)), Some(day)) = (window, day(path)) else { return false };
    (day + 2) * DAY <= start || (day - 1) * DAY >= end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_values_and_days() {
        let path = Path::new("/logs/region=eu-west-1/accountId=012345678901/eventDay=20260302/x.parquet");
        assert_eq!(of(path), [("region", Some("eu-west-1")), ("accountId", Some("012345678901")), ("eventDay", Some("20260302"))]);
        let kinds = columns([path, Path::new("year=2026/month=03/day=2/k=__HIVE_DEFAULT_PARTITION__/y.parquet")].into_iter());
        let kinds: Vec<(&str, Kind)> = kinds.iter().map(|(name, kind)| (name.as_str(), *kind)).collect();
        use Kind::{Int, Text};
        assert_eq!(
            kinds,
            [("region", Text), ("accountId", Text), ("eventDay", Int), ("year", Int), ("month", Text), ("day", Int), ("k", Text)]
        );
        // 2 March 2026 is day 20514.
        for path in ["eventDay=20260302/x", "date=2026-03-02/x", "year=2026/month=03/day=2/x", "y=2026/m=3/d=2/h=5/x"] {
            assert_eq!(day(Path::new(path)), Some(20_514), "{path}");
        }
        for path in ["x", "year=2026/x", "date=2026-02-30/x", "day=2/x", "date=é026030é/x"] {
            assert_eq!(day(Path::new(path)), None, "{path}");
        }
    }

    #[test]
    fn a_day_is_allowed_on_either_side() {
        let path = Path::new("date=2026-03-02/x");
        let days = |from: i64, to: i64| outside(path, Some((from * DAY, to * DAY)));
        assert!(!days(20_514, 20_515) && !days(20_515, 20_520) && !days(20_500, 20_514));
        assert!(days(20_516, 20_520) && days(20_500, 20_513));
        assert!(!outside(path, None));
    }
}
