//! Watches the rows of the events on their way: duplicates, what columns hold, columns that come and go, secrets in URLs.
//!
//! What is kept is bounded, whatever the number of rows: once the table of row hashes is full, half of the seconds are no longer looked at,
//! and what was counted of them is taken out or weighed down. The choice of seconds depends on nothing but the second, so that equal rows are
//! either both looked at or not at all.

use std::{collections::BTreeMap, hash::BuildHasher};

use chrono::NaiveDate;
use chrono_tz::Tz;
use foldhash::fast::FixedState;
use hashbrown::HashMap;
use polars::prelude::{AnyValue, Column, DataFrame, DataType};

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
/// Seconds in which the local day is looked up once.
const QUARTER: i64 = 900;
/// What stands in the hash of a row for no value.
const NOTHING: u64 = 0;
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
    days: BTreeMap<NaiveDate, Day>,
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
    /// Rows with a text, until the table is full.
    texts: u64,
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
        let chosen: Vec<usize> = (0..batch.height()).filter(|&row| mix(seconds[row]) & (self.one_in - 1) == 0).collect();
        self.passed += batch.height() as u64;
        if chosen.is_empty() {
            return;
        }
        let days = self.time.as_ref().map(|_| LocalDays::of(chosen.iter().map(|&row| seconds[row]), self.zone));
        for (day, rows) in days.iter().flat_map(LocalDays::counts) {
            self.days.entry(day).or_default().rows += rows;
        }
        let mut rows = vec![NOTHING; chosen.len()];
        for column in batch.columns() {
            let name = column.name().as_str();
            let hashes = hashes(column, &chosen);
            for (row, hash) in rows.iter_mut().zip(&hashes) {
                *row = mix(row.rotate_left(1) ^ hash.unwrap_or(NOTHING));
            }
            if self.time.as_deref() == Some(name) {
                continue;
            }
            let values = self.columns.entry(name.to_owned()).or_default();
            let is_text = column.dtype() == &DataType::String;
            hashes.iter().flatten().for_each(|hash| {
                values.add(*hash);
                values.texts += u64::from(is_text && !values.full);
            });
            for (day, filled) in days.iter().flat_map(|days| days.counts_where(|place| hashes[place].is_some())) {
                *self.days.entry(day).or_default().filled.entry(name.to_owned()).or_default() += filled;
            }
        }
        self.looked += chosen.len() as u64;
        for (hash, &row) in rows.into_iter().zip(&chosen) {
            self.kept.entry(hash).or_insert(Kept { second: seconds[row], count: 0 }).count += 1;
        }
        while self.kept.len() > ROWS {
            self.thin();
        }
    }

    /// Looks at half of the seconds from now on.
    fn thin(&mut self) {
        self.one_in *= 2;
        let one_in = self.one_in;
        self.kept.retain(|_, kept| mix(kept.second) & (one_in - 1) == 0);
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

    /// What came of it.
    pub fn finish(self) -> Watched {
        let rows: u64 = self.kept.values().map(|kept| kept.count).sum();
        let duplicates = (self.time.is_some() && rows > 0).then(|| (rows - self.kept.len() as u64) as f64 / rows as f64);
        let changes = changes(&self.days);
        let columns = self.columns.into_iter().map(|(name, values)| (name, values.held())).collect();
        Watched { rows: self.looked, one_in: self.one_in, duplicates, columns, changes, ..self.first }
    }
}

/// The local days of some moments.
struct LocalDays {
    days: Vec<NaiveDate>,
    /// Of each moment, which of them.
    of: Vec<usize>,
}

impl LocalDays {
    fn of(seconds: impl Iterator<Item = u64>, zone: Tz) -> Self {
        let date = |second: i64| local_date(second.saturating_mul(1_000_000), zone);
        let mut days: Vec<NaiveDate> = Vec::new();
        let mut last = None;
        let of = seconds
            .map(|second| {
                let second = second as i64;
                let quarter = second.div_euclid(QUARTER);
                if let Some((known, day)) = last
                    && known == quarter
                {
                    return day;
                }
                let day = date(second);
                let index = days.iter().rposition(|other| *other == day).unwrap_or_else(|| {
                    days.push(day);
                    days.len() - 1
                });
                // A day may begin inside a quarter where a zone counts by its own sun.
                let whole = [quarter * QUARTER, quarter * QUARTER + QUARTER - 1].iter().all(|edge| date(*edge) == day);
                last = whole.then_some((quarter, index));
                index
            })
            .collect();
        Self { days, of }
    }

    /// How many moments lie in each day.
    fn counts(&self) -> impl Iterator<Item = (NaiveDate, f64)> + '_ {
        self.counts_where(|_| true)
    }

    /// How many of the moments, told by their place, lie in each day; days without any are left out.
    fn counts_where(&self, counted: impl Fn(usize) -> bool) -> impl Iterator<Item = (NaiveDate, f64)> + '_ {
        let mut counts = vec![0_u32; self.days.len()];
        for (place, day) in self.of.iter().enumerate() {
            counts[*day] += u32::from(counted(place));
        }
        self.days.iter().zip(counts).filter(|(_, count)| *count > 0).map(|(day, count)| (*day, f64::from(count)))
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
        Held { distinct: counts.len() as u64 + u64::from(self.full), top, texts: self.texts }
    }
}

/// The hash of each chosen row's value; `None` where it has none. The same in every run.
fn hashes(column: &Column, chosen: &[usize]) -> Vec<Option<u64>> {
    let hasher = FixedState::with_seed(0);
    if let Ok(text) = column.str() {
        let hash = |text: Option<&str>| text.map(|text| hasher.hash_one(text));
        // A batch is mostly of one piece, whose rows need not be looked for.
        let mut pieces = text.downcast_iter();
        return match (pieces.next(), pieces.next()) {
            (Some(only), None) => chosen.iter().map(|&row| hash(only.get(row))).collect(),
            _ => chosen.iter().map(|&row| hash(text.get(row))).collect(),
        };
    }
    if (column.dtype().is_integer() || matches!(column.dtype(), DataType::Datetime(..)))
        && let Ok(whole) = column.cast(&DataType::Int64)
        && let Ok(whole) = whole.i64()
    {
        return chosen.iter().map(|&row| whole.get(row).map(|value| hasher.hash_one(value))).collect();
    }
    chosen
        .iter()
        .map(|&row| match column.get(row) {
            Ok(AnyValue::Null) | Err(_) => None,
            Ok(value) => Some(hasher.hash_one(value.to_string())),
        })
        .collect()
}

/// Columns that are filled on some days and empty on others: the day on which the difference is largest.
fn changes(days: &BTreeMap<NaiveDate, Day>) -> Vec<Change> {
    let days: Vec<(&NaiveDate, &Day)> = days.iter().filter(|(_, day)| day.rows >= DAY_ROWS).collect();
    let names: std::collections::BTreeSet<&String> = days.iter().flat_map(|(_, day)| day.filled.keys()).collect();
    let share = |part: &[(&NaiveDate, &Day)], name: &String| {
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
            comes_or_goes.then(|| Change { column: name.clone(), day: days[cut].0.format("%Y-%m-%d").to_string(), before, after })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use polars::prelude::{IntoColumn, IntoSeries, NamedFrom, Series, TimeUnit, TimeZone};

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
        assert_eq!(found.columns["v"], Held { distinct: 2, top: 0.8, texts: 5 });
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
