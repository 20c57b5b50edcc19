//! Values as small numbers: each distinct value of a column is kept once, and rows carry its code.

use std::{fmt::Write as _, sync::Arc};

use hashbrown::{DefaultHashBuilder, HashMap, HashTable, hash_table::Entry};
use polars::prelude::{Column, DataType, PolarsError};
use std::hash::BuildHasher;

use super::footprint::{hashed, held};

/// The code of "no value": a null, or a row that belongs to nothing.
pub(crate) const NONE: u32 = u32::MAX;

/// The distinct values of one column. Codes follow the order of first appearance, so they mean nothing across runs: results never depend
/// on them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Interner {
    texts: Texts,
    wholes: HashMap<i64, u32>,
    values: Vec<i64>,
    is_whole: bool,
}

/// Distinct texts, in one buffer.
#[derive(Debug, Clone, Default)]
struct Texts {
    buffer: String,
    ends: Vec<usize>,
    table: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

/// Places of the codes that were given last.
const RECENT: usize = 1 << 11;

impl Texts {
    /// Adds the codes of the rows of an array, each given by its view and its text.
    ///
    /// Within an array equal views are equal texts: short texts stand in them, and of one that came from a dictionary all rows have the same.
    /// So most rows are known by their view, without a look at the text or at the table.
    fn codes<'a>(&mut self, views: impl Iterator<Item = u128>, text: impl Fn(usize) -> Option<&'a str>, codes: &mut Vec<u32>) {
        let mut recent = vec![(0_u128, NONE); RECENT];
        for (row, view) in views.enumerate() {
            let (low, high) = (view as u64, (view >> 64) as u64);
            let mixed = u128::from(low.rotate_left(23) ^ high ^ 0x243f_6a88_85a3_08d3) * 0x9e37_79b9_7f4a_7c15;
            let place = &mut recent[((mixed >> 64) as usize ^ mixed as usize) & (RECENT - 1)];
            // A null may have any view.
            let Some(text) = text(row) else {
                codes.push(NONE);
                continue;
            };
            if place.1 == NONE || place.0 != view {
                *place = (view, self.code(text));
            }
            codes.push(place.1);
        }
    }

    fn get(&self, code: u32) -> &str {
        text_at(&self.buffer, &self.ends, code)
    }

    fn code(&mut self, text: &str) -> u32 {
        let Self { buffer, ends, table, hasher } = self;
        let hash = hasher.hash_one(text);
        match table.entry(hash, |&code| text_at(buffer, ends, code) == text, |&code| hasher.hash_one(text_at(buffer, ends, code))) {
            Entry::Occupied(entry) => *entry.get(),
            Entry::Vacant(entry) => {
                let code = u32::try_from(ends.len()).unwrap_or(NONE);
                entry.insert(code);
                buffer.push_str(text);
                ends.push(buffer.len());
                code
            }
        }
    }
}

fn text_at<'a>(buffer: &'a str, ends: &[usize], code: u32) -> &'a str {
    let index = code as usize;
    let start = if index == 0 { 0 } else { ends[index - 1] };
    &buffer[start..ends[index]]
}

impl Interner {
    /// Makes an interner for a column of this type.
    pub(crate) fn of(dtype: &DataType) -> Self {
        Self {
            is_whole: matches!(dtype, DataType::Int16 | DataType::Int32 | DataType::Int64 | DataType::UInt16 | DataType::UInt32),
            ..Self::default()
        }
    }

    /// Gives the code of each row; [`NONE`] for null and NaN.
    pub(crate) fn encode(&mut self, column: &Column) -> Result<Vec<u32>, PolarsError> {
        let mut codes = Vec::with_capacity(column.len());
        if self.is_whole {
            let column = column.cast(&DataType::Int64)?;
            let Self { wholes, values, .. } = self;
            let mut code = |value: i64| {
                *wholes.entry(value).or_insert_with(|| {
                    values.push(value);
                    u32::try_from(values.len() - 1).unwrap_or(NONE)
                })
            };
            codes.extend(column.i64()?.iter().map(|value| value.map_or(NONE, &mut code)));
            return Ok(codes);
        }
        match column.dtype() {
            DataType::String => {
                for array in column.str()?.downcast_iter() {
                    self.texts.codes(array.views().iter().map(|view| view.as_u128()), |row| array.get(row), &mut codes);
                }
            }
            DataType::Float32 | DataType::Float64 => {
                let column = column.cast(&DataType::Float64)?;
                let mut text = String::new();
                for value in column.f64()?.iter() {
                    codes.push(match value {
                        // Adding zero makes the two zeros one value.
                        Some(value) if !value.is_nan() => {
                            text.clear();
                            let _ = write!(text, "{}", value + 0.0);
                            self.texts.code(&text)
                        }
                        _ => NONE,
                    });
                }
            }
            _ => {
                let column = column.cast(&DataType::String)?;
                codes.extend(column.str()?.iter().map(|value| value.map_or(NONE, |text| self.texts.code(text))));
            }
        }
        Ok(codes)
    }

    /// About how many bytes it holds.
    pub(crate) fn bytes(&self) -> usize {
        let Texts { buffer, ends, table, .. } = &self.texts;
        let texts = buffer.capacity() + held(ends) + hashed(table.len(), size_of::<u32>());
        texts + hashed(self.wholes.len(), size_of::<(i64, u32)>()) + held(&self.values)
    }

    /// The value of a code as text.
    pub(crate) fn text(&self, code: u32) -> Arc<str> {
        if self.is_whole { self.values[code as usize].to_string().into() } else { self.texts.get(code).into() }
    }
}

/// Distinct tuples of codes of several columns, each a code again. A tuple with a null is [`NONE`].
#[derive(Debug, Clone, Default)]
pub(crate) struct Tuples {
    levels: Vec<Level>,
}

/// Pairs of a shorter tuple's code and one more column's code.
#[derive(Debug, Clone, Default)]
struct Level {
    codes: HashMap<u64, u32>,
    pairs: Vec<u64>,
}

impl Tuples {
    /// Makes an interner of tuples of so many columns; of one column the codes stay as they are.
    pub(crate) fn new(columns: usize) -> Self {
        Self { levels: (1..columns).map(|_| Level::default()).collect() }
    }

    /// About how many bytes it holds.
    pub(crate) fn bytes(&self) -> usize {
        self.levels.iter().map(|level| hashed(level.codes.len(), size_of::<(u64, u32)>()) + held(&level.pairs)).sum()
    }

    /// Gives the code of each row's tuple.
    pub(crate) fn encode(&mut self, columns: &[&[u32]]) -> Vec<u32> {
        let Some((first, others)) = columns.split_first() else { return Vec::new() };
        let mut codes = first.to_vec();
        for (level, column) in self.levels.iter_mut().zip(others) {
            let mut last = (u64::MAX, NONE);
            for (code, &other) in codes.iter_mut().zip(*column) {
                *code = if *code == NONE || other == NONE { NONE } else { level.code(pair(*code, other), &mut last) };
            }
        }
        codes
    }

    /// The codes of a tuple's columns.
    pub(crate) fn members(&self, code: u32) -> Vec<u32> {
        let mut members = Vec::with_capacity(self.levels.len() + 1);
        let mut rest = code;
        for level in self.levels.iter().rev() {
            let (before, last) = unpair(level.pairs[rest as usize]);
            members.push(last);
            rest = before;
        }
        members.push(rest);
        members.reverse();
        members
    }
}

impl Level {
    fn code(&mut self, key: u64, last: &mut (u64, u32)) -> u32 {
        if last.0 != key {
            let code = *self.codes.entry(key).or_insert_with(|| {
                self.pairs.push(key);
                u32::try_from(self.pairs.len() - 1).unwrap_or(NONE)
            });
            *last = (key, code);
        }
        last.1
    }
}

/// Two codes as one number that sorts by the first, then the second.
pub(crate) fn pair(first: u32, second: u32) -> u64 {
    (u64::from(first) << 32) | u64::from(second)
}

/// The two codes of [`pair`].
pub(crate) fn unpair(pair: u64) -> (u32, u32) {
    ((pair >> 32) as u32, pair as u32)
}

#[cfg(test)]
mod tests {
    use polars::prelude::*;

    use super::*;

    #[test]
    fn equal_values_have_equal_codes_over_batches() {
        let mut interner = Interner::of(&DataType::String);
        let first = interner.encode(&Column::new("a".into(), [Some("x"), None, Some(""), Some("x")])).unwrap();
        let second = interner.encode(&Column::new("a".into(), [Some("é"), Some("x")])).unwrap();
        assert_eq!((first, second), (vec![0, NONE, 1, 0], vec![2, 0]));
        assert_eq!(interner.text(2).as_ref(), "é");
        assert_eq!(interner.text(1).as_ref(), "");
    }

    #[test]
    fn texts_are_told_apart_by_their_whole_length() {
        let mut interner = Interner::of(&DataType::String);
        // Equal beginnings, lengths around that of a short text; more values than are remembered, each of them twice.
        let texts: Vec<String> = (0..5_000).map(|i| format!("{}{i:05}", "x".repeat(i % 20))).collect();
        let twice = texts.iter().chain(&texts).map(String::as_str);
        let codes = interner.encode(&Column::new("a".into(), twice.collect::<Vec<_>>())).unwrap();
        assert_eq!(codes, (0..5_000).chain(0..5_000).collect::<Vec<_>>());
        // One dictionary value behind many rows, beside nulls, over several chunks.
        let mut column = StringChunked::new("a".into(), [Some("a text beyond twelve bytes"), None, Some("short")]);
        column
            .append(&StringChunked::new("a".into(), [Some("b text beyond twelve bytes"), None, Some("a text beyond twelve bytes")]))
            .unwrap();
        let many = column.take(&IdxCa::new("i".into(), [0, 0, 1, 3, 5, 2, 4, 3, 0])).unwrap().into_series().into_column();
        let codes = Interner::of(&DataType::String).encode(&many).unwrap();
        assert_eq!(codes, [0, 0, NONE, 1, 0, 2, NONE, 1, 0]);
    }

    #[test]
    fn whole_numbers_and_floats_have_texts() {
        let mut whole = Interner::of(&DataType::Int64);
        assert_eq!(whole.encode(&Column::new("a".into(), [i64::MIN, 7, i64::MIN])).unwrap(), [0, 1, 0]);
        assert_eq!(whole.text(0).as_ref(), "-9223372036854775808");
        let mut real = Interner::of(&DataType::Float64);
        assert_eq!(real.encode(&Column::new("a".into(), [0.0, -0.0, f64::NAN, 1.5])).unwrap(), [0, 0, NONE, 1]);
        assert_eq!(real.text(1).as_ref(), "1.5");
        let mut flag = Interner::of(&DataType::Boolean);
        assert_eq!(flag.encode(&Column::new("a".into(), [true, false, true])).unwrap(), [0, 1, 0]);
        assert_eq!(flag.text(1).as_ref(), "false");
    }

    #[test]
    fn many_texts_survive_growth() {
        let mut texts = Texts::default();
        for i in 0..10_000 {
            assert_eq!(texts.code(&format!("value {i}")), i);
        }
        assert!((0..10_000).all(|i| texts.code(&format!("value {i}")) == i && texts.get(i) == format!("value {i}")));
    }

    #[test]
    fn tuples_give_their_members_back() {
        let mut tuples = Tuples::new(3);
        let codes = tuples.encode(&[&[0, 0, 1, 0], &[5, 5, 5, NONE], &[2, 3, 2, 2]]);
        assert_eq!(codes, [0, 1, 2, NONE]);
        assert_eq!(tuples.members(1), [0, 5, 3]);
        assert_eq!(tuples.members(2), [1, 5, 2]);
        assert_eq!(Tuples::new(1).members(9), [9]);
    }
}
