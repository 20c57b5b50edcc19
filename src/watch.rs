//! Watches the rows of the events on their way: duplicates, what columns hold, columns that come and go, secrets in URLs.
//!
//! What is kept is bounded, whatever the number of rows: once the table of row hashes is full, half of the seconds are no longer looked at,
//! and what was counted of them is taken out or weighed down. The choice of seconds depends on nothing but the second, so that equal rows are
//! either both looked at or not at all.

use std::{
    collections::BTreeMap,
    hash::{DefaultHasher, Hash, Hasher},
};

use chrono_tz::Tz;
use hashbrown::HashMap;
use polars::prelude::{AnyValue, DataFrame, DataType};

use crate::{
    calendar::local_date,
    quality::{Change, Held, Watched},
};

mod between;
mod sensitive;

pub use self::between::Between;

/// Row hashes that are kept; each takes 24 bytes.
const ROWS: usize = 1 << 16;
/// Different values of a column that are counted.
const VALUES: usize = 20_000;
/// Days need so many rows to say whether a column is filled.
const DAY_ROWS: f64 = 20.0;
/// Columns that may hold the address of whoever asks.
const SOURCES: [&str; 2] = ["src_ip", "src_host"];
/// Columns that hold a URL or a part of one.
const URLS: [&str; 6] = ["url", "query", "path", "uri", "referrer", "request"];

/// What is known of the rows so far.
#[derive(Debug)]
pub struct Watch {
    time: Option<String>,
    zone: Tz,
    /// A second is looked at where its hash is a multiple of this power of two.
    one_in: u64,
    /// Rows that came by.
    passed: u64,
    looked: u64,
    kept: HashMap<u64, Kept>,
    columns: BTreeMap<String, Values>,
    days: BTreeMap<String, Day>,
    first: Watched,
}

#[derive(Debug, Clone, Copy)]
struct Kept {
    second: u64,
    count: u64,
}

#[derive(Debug, Default)]
struct Values {
    counts: HashMap<u64, f64>,
    /// Rows with a value that is not counted by itself.
    others: f64,
    full: bool,
}

#[derive(Debug, Default)]
struct Day {
    rows: f64,
    filled: BTreeMap<String, f64>,
}

/// The finaliser of SplitMix64 (Steele, Lea, Flood 2014): the same everywhere, so that the same seconds are looked at.
fn mix(mut z: u64) -> u64 {
    z = z.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

impl Watch {
    /// Starts watching events whose time is in this column, of a window in this zone.
    pub fn new(time: Option<&str>, zone: Tz) -> Self {
        Self {
            time: time.map(str::to_owned),
            zone,
            one_in: 1,
            passed: 0,
            looked: 0,
            kept: HashMap::new(),
            columns: BTreeMap::new(),
            days: BTreeMap::new(),
            first: Watched::default(),
        }
    }

    /// Looks at the first rows, which have all columns: source addresses, and secrets in URLs.
    pub fn first_rows(&mut self, rows: &DataFrame) {
        self.first.first_rows = rows.height() as u64;
        if let Some(column) = SOURCES.iter().find_map(|name| rows.column(name).ok())
            && let Ok(text) = column.str()
        {
            let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
            text.iter().flatten().for_each(|value| *counts.entry(value).or_default() += 1);
            let all: u64 = counts.values().sum();
            self.first.sources = counts.len() as u64;
            self.first.top_source = counts.values().max().map(|most| *most as f64 / all as f64);
        }
        let urls: Vec<_> = URLS.iter().filter_map(|name| rows.column(name).ok()?.str().ok().cloned()).collect();
        for row in 0..rows.height() {
            let kinds = urls.iter().filter_map(|text| text.get(row)).flat_map(sensitive::kinds);
            for kind in kinds.collect::<std::collections::BTreeSet<_>>() {
                *self.first.sensitive.entry(kind.to_owned()).or_default() += 1;
            }
        }
    }

    /// Looks at a batch.
    pub fn push(&mut self, batch: &DataFrame) {
        let seconds = self.seconds(batch);
        let chosen: Vec<usize> = (0..batch.height()).filter(|&row| mix(seconds[row]).is_multiple_of(self.one_in)).collect();
        self.passed += batch.height() as u64;
        if chosen.is_empty() {
            return;
        }
        let mut rows: Vec<DefaultHasher> = chosen.iter().map(|_| DefaultHasher::new()).collect();
        let days: Vec<Option<String>> = chosen.iter().map(|&row| self.day(seconds[row])).collect();
        for (day, _) in days.iter().flatten().zip(&chosen) {
            self.days.entry(day.clone()).or_default().rows += 1.0;
        }
        for column in batch.columns() {
            let name = column.name().as_str();
            let is_time = self.time.as_deref() == Some(name);
            let hashes = hashes(column, &chosen);
            for (place, hash) in hashes.iter().enumerate() {
                hash.hash(&mut rows[place]);
                if let (Some(hash), false) = (hash, is_time) {
                    self.columns.entry(name.to_owned()).or_default().add(*hash);
                    if let Some(day) = &days[place] {
                        *self.days.entry(day.clone()).or_default().filled.entry(name.to_owned()).or_default() += 1.0;
                    }
                }
            }
            if !is_time {
                self.columns.entry(name.to_owned()).or_default();
            }
        }
        self.looked += chosen.len() as u64;
        for (place, hasher) in rows.into_iter().enumerate() {
            let second = seconds[chosen[place]];
            self.kept.entry(hasher.finish()).or_insert(Kept { second, count: 0 }).count += 1;
        }
        while self.kept.len() > ROWS {
            self.thin();
        }
    }

    /// Looks at half of the seconds from now on.
    fn thin(&mut self) {
        self.one_in *= 2;
        let one_in = self.one_in;
        self.kept.retain(|_, kept| mix(kept.second).is_multiple_of(one_in));
        for values in self.columns.values_mut() {
            values.others /= 2.0;
            values.counts.values_mut().for_each(|count| *count /= 2.0);
        }
    }

    /// The second of each row; its number among all where there is no time.
    fn seconds(&self, batch: &DataFrame) -> Vec<u64> {
        let times = self.time.as_ref().and_then(|time| batch.column(time).ok()?.cast(&DataType::Int64).ok());
        match times.as_ref().and_then(|times| times.i64().ok()) {
            Some(times) => times.iter().map(|time| time.unwrap_or(0).div_euclid(1_000_000) as u64).collect(),
            None => (0..batch.height() as u64).map(|row| self.passed + row).collect(),
        }
    }

    fn day(&self, second: u64) -> Option<String> {
        self.time.as_ref().map(|_| local_date((second as i64).saturating_mul(1_000_000), self.zone).format("%Y-%m-%d").to_string())
    }

    /// What came of it.
    pub fn finish(self) -> Watched {
        let rows: u64 = self.kept.values().map(|kept| kept.count).sum();
        let duplicates = (self.time.is_some() && rows > 0).then(|| (rows - self.kept.len() as u64) as f64 / rows as f64);
        let changes = changes(&self.days);
        let columns = self.columns.into_iter().map(|(name, values)| (name, values.held())).collect();
        Watched { rows: self.looked, one_in: self.one_in, duplicates, columns, changes, ..self.first }
    }
}

impl Values {
    fn add(&mut self, hash: u64) {
        if let Some(count) = self.counts.get_mut(&hash) {
            *count += 1.0;
        } else if self.counts.len() < VALUES {
            self.counts.insert(hash, 1.0);
        } else {
            self.others += 1.0;
            self.full = true;
        }
    }

    fn held(self) -> Held {
        // In a fixed order, so that the sum is the same every time.
        let mut counts: Vec<f64> = self.counts.into_values().collect();
        counts.sort_by(f64::total_cmp);
        let all = counts.iter().sum::<f64>() + self.others;
        let top = counts.last().map_or(0.0, |most| most / all);
        Held { distinct: counts.len() as u64 + u64::from(self.full), top }
    }
}

/// The hash of each chosen row's value; `None` where it has none.
fn hashes(column: &polars::prelude::Column, chosen: &[usize]) -> Vec<Option<u64>> {
    let hash = |value: &dyn Fn(&mut DefaultHasher)| {
        let mut hasher = DefaultHasher::new();
        value(&mut hasher);
        hasher.finish()
    };
    if let Ok(text) = column.str() {
        return chosen.iter().map(|&row| text.get(row).map(|text| hash(&|hasher| text.hash(hasher)))).collect();
    }
    chosen
        .iter()
        .map(|&row| match column.get(row) {
            Ok(AnyValue::Null) | Err(_) => None,
            Ok(value) => Some(hash(&|hasher| value.to_string().hash(hasher))),
        })
        .collect()
}

/// Columns that are filled on some days and empty on others: the day on which the difference is largest.
fn changes(days: &BTreeMap<String, Day>) -> Vec<Change> {
    let days: Vec<(&String, &Day)> = days.iter().filter(|(_, day)| day.rows >= DAY_ROWS).collect();
    let names: std::collections::BTreeSet<&String> = days.iter().flat_map(|(_, day)| day.filled.keys()).collect();
    let share = |part: &[(&String, &Day)], name: &String| {
        let (filled, rows) =
            part.iter().fold((0.0, 0.0), |(filled, rows), (_, day)| (filled + day.filled.get(name).unwrap_or(&0.0), rows + day.rows));
        filled / f64::max(rows, 1.0)
    };
    names
        .into_iter()
        .filter_map(|name| {
            let cut = (1..days.len())
                .map(|cut| (cut, share(&days[..cut], name), share(&days[cut..], name)))
                .max_by(|a, b| (a.1 - a.2).abs().total_cmp(&(b.1 - b.2).abs()))?;
            let (cut, before, after) = cut;
            let comes_or_goes = before.min(after) < 0.01 && before.max(after) > 0.3;
            comes_or_goes.then(|| Change { column: name.clone(), day: days[cut].0.clone(), before, after })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use polars::prelude::{Column, IntoColumn, IntoSeries, NamedFrom, Series, TimeUnit, TimeZone};

    use super::*;

    fn frame(times: &[i64], values: &[Option<&str>]) -> DataFrame {
        let times = Series::new("t".into(), times).i64().unwrap().clone().into_datetime(TimeUnit::Microseconds, Some(TimeZone::UTC));
        let columns = vec![times.into_series().into_column(), Column::new("v".into(), values)];
        DataFrame::new(values.len(), columns).unwrap()
    }

    #[test]
    fn equal_rows_are_counted_however_far_apart() {
        let mut watch = Watch::new(Some("t"), Tz::UTC);
        let second = 1_000_000;
        watch.push(&frame(&[0, second, second, second], &[Some("a"), Some("a"), Some("a"), Some("b")]));
        watch.push(&frame(&[0, 2 * second], &[Some("a"), None]));
        let found = watch.finish();
        assert_eq!(found.duplicates, Some(2.0 / 6.0));
        assert_eq!(found.columns["v"], Held { distinct: 2, top: 0.8 });
        assert!(!found.columns.contains_key("t"));
    }

    #[test]
    fn memory_is_bounded_and_shares_stay_true() {
        let mut watch = Watch::new(Some("t"), Tz::UTC);
        let (mut time, mut rows) = (0, 0);
        // 400 000 rows, each fourth equal to the one before it; two values, one of them in three quarters.
        for _ in 0..100 {
            let times: Vec<i64> = (0..4_000)
                .map(|row| {
                    if row % 4 != 3 {
                        time += 1_000_000;
                    }
                    time
                })
                .collect();
            let values: Vec<Option<&str>> = (0..4_000).map(|row| Some(if row % 4 >= 2 || row % 8 == 0 { "x" } else { "y" })).collect();
            rows += times.len();
            watch.push(&frame(&times, &values));
            assert!(watch.kept.len() <= ROWS);
        }
        let found = watch.finish();
        assert!(found.one_in > 1 && found.rows < rows as u64, "{found:?}");
        assert!((found.duplicates.unwrap() - 0.25).abs() < 0.01, "{found:?}");
        assert!((found.columns["v"].top - 0.625).abs() < 0.01, "{found:?}");
    }

    #[test]
    fn a_column_that_begins_inside_the_window_is_found() {
        let mut watch = Watch::new(Some("t"), Tz::UTC);
        for day in 0..6_i64 {
            let times: Vec<i64> = (0..50).map(|row| (day * 86_400 + row) * 1_000_000).collect();
            watch.push(&frame(&times, &vec![(day >= 4).then_some("x"); 50]));
        }
        assert_eq!(watch.finish().changes, [Change { column: "v".into(), day: "1970-01-05".into(), before: 0.0, after: 1.0 }]);
    }

    #[test]
    fn first_rows_tell_sources_and_secrets() {
        let mut watch = Watch::new(None, Tz::UTC);
        let rows = DataFrame::new(
            3,
            vec![
                Column::new("src_ip".into(), ["10.0.0.1", "10.0.0.1", "10.0.0.2"]),
                Column::new("query".into(), [Some("?token=abcdef123456"), Some("?q=cats"), None]),
            ],
        );
        watch.first_rows(&rows.unwrap());
        let found = watch.finish();
        assert_eq!((found.sources, found.top_source), (2, Some(2.0 / 3.0)));
        assert_eq!(found.sensitive, BTreeMap::from([("token".to_owned(), 1)]));
    }
}
