//! How much memory what was gathered takes.

use std::{iter::Sum, ops::Add};

/// How much what was gathered takes, by the elements of its parts; what only lasts a batch is not counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Footprint {
    /// Bytes.
    pub bytes: u64,
    /// Pairs of a group and a value that fields look back at, which are unpacked once all events were seen.
    pub pairs: u64,
}

impl Add for Footprint {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { bytes: self.bytes + other.bytes, pairs: self.pairs + other.pairs }
    }
}

impl Sum for Footprint {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), Add::add)
    }
}

/// The bytes of a vector's elements, with the room that it keeps to grow.
pub(crate) fn held<T>(elements: &Vec<T>) -> usize {
    elements.capacity() * size_of::<T>()
}

/// The bytes of a hash table of so many entries: a byte of control each, and an eighth to a half of it free.
pub(crate) fn hashed(entries: usize, size: usize) -> usize {
    entries * (size + 1) * 3 / 2
}
