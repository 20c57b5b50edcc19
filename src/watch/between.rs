//! Rows that more than one of several stacked sources have: the same event, logged twice.
//!
//! Two rows are the same where they agree in the second and in every column that all sources give and that was read. As in [`super::Watch`], whole
//! seconds are left out once there are many rows, so that equal rows stay together.

use std::hash::{DefaultHasher, Hash, Hasher};

use hashbrown::HashMap;
use polars::prelude::{AnyValue, DataFrame, DataType};

use super::{ROWS, mix};

/// What is known of the rows of several sources.
#[derive(Debug)]
pub struct Between {
    time: String,
    columns: Vec<String>,
    one_in: u64,
    kept: HashMap<u64, Kept>,
}

#[derive(Debug, Clone, Copy)]
struct Kept {
    second: u64,
    /// The source that had it first.
    source: usize,
    others: bool,
    count: u64,
}

impl Between {
    /// Starts to watch rows by their time and the columns that all sources have.
    pub fn new(time: &str, columns: Vec<String>) -> Self {
        Self { time: time.to_owned(), columns, one_in: 1, kept: HashMap::new() }
    }

    /// Looks at rows of the source of this number.
    pub fn push(&mut self, source: usize, batch: &DataFrame) {
        let Some(times) = batch.column(&self.time).ok().and_then(|times| times.cast(&DataType::Int64).ok()) else { return };
        let Ok(times) = times.i64() else { return };
        let columns: Vec<_> = self.columns.iter().filter_map(|name| batch.column(name).ok()).collect();
        for (row, time) in times.iter().enumerate() {
            let second = time.unwrap_or_default().div_euclid(1_000_000) as u64;
            if !mix(second).is_multiple_of(self.one_in) {
                continue;
            }
            let mut hasher = DefaultHasher::new();
            second.hash(&mut hasher);
            for column in &columns {
                match column.get(row) {
                    // The same number may be whole in one source and not in another.
                    Ok(AnyValue::Int64(value)) => (value as f64).to_bits().hash(&mut hasher),
                    Ok(AnyValue::Float64(value)) => value.to_bits().hash(&mut hasher),
                    Ok(AnyValue::String(text)) => text.hash(&mut hasher),
                    Ok(AnyValue::Null) | Err(_) => 0_u8.hash(&mut hasher),
                    Ok(other) => other.to_string().hash(&mut hasher),
                }
            }
            let kept = self.kept.entry(hasher.finish()).or_insert(Kept { second, source, others: false, count: 0 });
            kept.others |= kept.source != source;
            kept.count += 1;
        }
        while self.kept.len() > ROWS {
            self.one_in *= 2;
            let one_in = self.one_in;
            self.kept.retain(|_, kept| mix(kept.second).is_multiple_of(one_in));
        }
    }

    /// The share of rows that more than one source has; `None` where there is no row.
    pub fn finish(self) -> Option<f64> {
        let rows: u64 = self.kept.values().map(|kept| kept.count).sum();
        let twice: u64 = self.kept.values().filter(|kept| kept.others).map(|kept| kept.count).sum();
        (rows > 0).then(|| twice as f64 / rows as f64)
    }
}

#[cfg(test)]
mod tests {
    use polars::prelude::{Column, IntoColumn, IntoSeries, NamedFrom, Series, TimeUnit, TimeZone};

    use super::*;

    fn frame(micros: &[i64], users: &[&str]) -> DataFrame {
        let times = Series::new("t".into(), micros).i64().unwrap().clone().into_datetime(TimeUnit::Microseconds, Some(TimeZone::UTC));
        DataFrame::new(users.len(), vec![times.into_series().into_column(), Column::new("user".into(), users)]).unwrap()
    }

    #[test]
    fn rows_of_both_sources_are_counted_in_each() {
        let mut between = Between::new("t", vec!["user".into(), "not there".into()]);
        // Twice in one source is no event of two; half a second is the same second.
        between.push(0, &frame(&[1_000_000, 1_000_000, 2_000_000, 3_000_000], &["a", "a", "b", "c"]));
        between.push(1, &frame(&[2_500_000, 3_000_000, 9_000_000], &["b", "d", "e"]));
        assert_eq!(between.finish(), Some(2.0 / 7.0));
        assert_eq!(Between::new("t", Vec::new()).finish(), None);
    }

    #[test]
    fn many_rows_are_looked_at_in_part() {
        let times: Vec<i64> = (0..200_000).map(|second| second * 1_000_000).collect();
        let users = vec!["a"; times.len()];
        let mut between = Between::new("t", vec!["user".into()]);
        between.push(0, &frame(&times, &users));
        between.push(1, &frame(&times[..100_000], &users[..100_000]));
        assert!(between.kept.len() <= ROWS && between.one_in > 1);
        let share = between.finish().unwrap();
        // 200 000 of 300 000 rows.
        assert!((share - 2.0 / 3.0).abs() < 0.02, "{share}");
    }
}
