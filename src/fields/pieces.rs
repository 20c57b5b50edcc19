//! Pairs in order, packed: pieces of a few thousand, each as the differences between neighbours.
//!
//! A pair of an hour's log takes about seven bytes, with how many events it had and when the first and the last of them were, instead of the 32
//! that it takes unpacked.

use std::{marker::PhantomData, sync::Arc, vec::IntoIter};

use super::pairs::Payload;

/// Pairs of a piece.
const PIECE: usize = 1 << 12;
const SECOND: i64 = 1_000_000;

/// Pairs in order, in pieces. A copy shares their bytes.
#[derive(Debug, Clone)]
pub(crate) struct Run<P> {
    pieces: Vec<Piece>,
    len: usize,
    of: PhantomData<P>,
}

/// Some pairs that follow each other.
#[derive(Debug, Clone)]
struct Piece {
    first: u64,
    last: u64,
    len: usize,
    /// All times are whole seconds.
    whole: bool,
    bytes: Arc<[u8]>,
}

impl<P> Default for Run<P> {
    fn default() -> Self {
        Self { pieces: Vec::new(), len: 0, of: PhantomData }
    }
}

impl<P> Run<P> {
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// How many bytes its pairs take.
    pub(crate) fn bytes(&self) -> usize {
        self.pieces.iter().map(|piece| size_of::<Piece>() + piece.bytes.len()).sum()
    }

    /// Whether all times are whole seconds.
    pub(crate) fn in_seconds(&self) -> bool {
        self.pieces.iter().all(|piece| piece.whole)
    }

    fn append(&mut self, piece: Piece) {
        self.len += piece.len;
        self.pieces.push(piece);
    }
}

/// What is written behind each key.
pub(crate) struct Written {
    pub(super) bytes: Vec<u8>,
    /// The time that the next one is told from.
    time: i64,
    whole: bool,
}

/// Packed pairs as they are read again.
pub(crate) struct Packed<'a> {
    bytes: &'a [u8],
    time: i64,
}

impl Written {
    /// Writes a number, seven bits a byte, the lowest first (LEB128).
    pub(crate) fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.bytes.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.bytes.push(number as u8);
    }

    /// Writes two moments, the first by its distance from the one before.
    pub(crate) fn times(&mut self, first: i64, last: i64) {
        self.distance(first.wrapping_sub(self.time));
        self.distance(last.wrapping_sub(first));
        self.time = first;
    }

    /// Seconds first: most logs count nothing smaller.
    fn distance(&mut self, micros: i64) {
        let (seconds, rest) = (micros.div_euclid(SECOND), micros.rem_euclid(SECOND));
        // Small numbers of either sign become small ones without.
        let seconds = ((seconds << 1) ^ (seconds >> 63)) as u64;
        self.number((seconds << 1) | u64::from(rest != 0));
        if rest != 0 {
            self.whole = false;
            self.number(rest as u64);
        }
    }
}

impl Packed<'_> {
    /// Reads what [`Written::number`] wrote.
    pub(crate) fn number(&mut self) -> u64 {
        let (mut number, mut shift) = (0, 0);
        while let Some((&byte, rest)) = self.bytes.split_first() {
            self.bytes = rest;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                break;
            }
            shift += 7;
        }
        number
    }

    /// Reads what [`Written::times`] wrote.
    pub(crate) fn times(&mut self) -> (i64, i64) {
        let first = self.time.wrapping_add(self.distance());
        self.time = first;
        (first, first.wrapping_add(self.distance()))
    }

    fn distance(&mut self) -> i64 {
        let number = self.number();
        let seconds = number >> 1;
        let seconds = (seconds >> 1) as i64 ^ -((seconds & 1) as i64);
        let rest = if number & 1 == 1 { self.number() as i64 } else { 0 };
        seconds.wrapping_mul(SECOND).wrapping_add(rest)
    }
}

impl Piece {
    fn pairs<P: Payload>(&self) -> impl Iterator<Item = (u64, P)> {
        let mut packed = Packed { bytes: &self.bytes, time: 0 };
        let mut key = 0_u64;
        (0..self.len).map(move |_| {
            key = key.wrapping_add(packed.number());
            (key, P::read(&mut packed))
        })
    }
}

/// Packs pairs that come in order.
pub(crate) struct Packing<P> {
    run: Run<P>,
    written: Written,
    first: u64,
    last: u64,
    len: usize,
}

impl<P> Default for Packing<P> {
    fn default() -> Self {
        Self { run: Run::default(), written: Written { bytes: Vec::new(), time: 0, whole: true }, first: 0, last: 0, len: 0 }
    }
}

impl<P: Payload> Packing<P> {
    /// Adds the next pair.
    pub(crate) fn push(&mut self, key: u64, payload: P) {
        if self.len == PIECE {
            self.close();
        }
        if self.len == 0 {
            (self.first, self.last) = (key, 0);
        }
        self.written.number(key - self.last);
        payload.write(&mut self.written);
        self.last = key;
        self.len += 1;
    }

    fn close(&mut self) {
        let Written { bytes, time, whole } = &mut self.written;
        if self.len > 0 {
            self.run.append(Piece { first: self.first, last: self.last, len: self.len, whole: *whole, bytes: bytes.as_slice().into() });
        }
        bytes.clear();
        (*time, *whole, self.len) = (0, true, 0);
    }

    /// Adds pairs that are packed already.
    fn append(&mut self, piece: Piece) {
        self.close();
        self.run.append(piece);
    }

    /// All that was packed.
    pub(crate) fn finish(mut self) -> Run<P> {
        self.close();
        self.run
    }
}

/// Goes through a run; each piece is given back once it is unpacked.
pub(crate) struct Unpacked<P> {
    pieces: IntoIter<Piece>,
    unpacked: IntoIter<(u64, P)>,
}

impl<P: Payload> Iterator for Unpacked<P> {
    type Item = (u64, P);

    fn next(&mut self) -> Option<(u64, P)> {
        loop {
            if let Some(pair) = self.unpacked.next() {
                return Some(pair);
            }
            self.unpacked = self.pieces.next()?.pairs().collect::<Vec<_>>().into_iter();
        }
    }
}

impl<P: Payload> IntoIterator for Run<P> {
    type Item = (u64, P);
    type IntoIter = Unpacked<P>;

    fn into_iter(self) -> Unpacked<P> {
        Unpacked { pieces: self.pieces.into_iter(), unpacked: Vec::new().into_iter() }
    }
}

impl<P: Payload> Unpacked<P> {
    /// The key of the next pair.
    fn head(&self) -> Option<u64> {
        self.unpacked.as_slice().first().map(|(key, _)| *key).or_else(|| self.pieces.as_slice().first().map(|piece| piece.first))
    }

    /// The next piece, where all of it comes before a key. Small ones are packed again, so that they do not become many.
    fn whole_before(&mut self, key: u64) -> Option<Piece> {
        let next = self.pieces.as_slice().first().filter(|_| self.unpacked.as_slice().is_empty())?;
        if next.last < key && next.len >= PIECE / 2 { self.pieces.next() } else { None }
    }
}

/// Joins two runs into one. Logs come in the order of time, and groups are numbered as they come: most pieces of one run lie wholly before those
/// of the other, and are passed on as they are.
pub(crate) fn merge<P: Payload>(left: Run<P>, right: Run<P>) -> Run<P> {
    let mut merged = Packing::default();
    let (mut left, mut right) = (left.into_iter(), right.into_iter());
    loop {
        let (low, limit) = match (left.head(), right.head()) {
            (Some(one), Some(other)) if one == other => {
                if let (Some((key, mut both)), Some((_, more))) = (left.next(), right.next()) {
                    both.merge(more);
                    merged.push(key, both);
                }
                continue;
            }
            (Some(one), Some(other)) if one < other => (&mut left, other),
            (Some(one), Some(_)) => (&mut right, one),
            (Some(_), None) => (&mut left, u64::MAX),
            (None, Some(_)) => (&mut right, u64::MAX),
            (None, None) => return merged.finish(),
        };
        match low.whole_before(limit) {
            Some(piece) => merged.append(piece),
            None => low.next().into_iter().for_each(|(key, payload)| merged.push(key, payload)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::fields::pairs::Span;

    fn packed<P: Payload>(pairs: impl IntoIterator<Item = (u64, P)>) -> Run<P> {
        let mut packing = Packing::default();
        pairs.into_iter().for_each(|(key, payload)| packing.push(key, payload));
        packing.finish()
    }

    fn any_pairs() -> impl Strategy<Value = BTreeMap<u64, (u64, Span)>> {
        let time = prop_oneof![(-5_000i64..5_000).prop_map(|s| s * SECOND), any::<i64>(), Just(i64::MIN), Just(i64::MAX)];
        let span = (time.clone(), time).prop_map(|(first, last)| Span { first, last });
        let key = prop_oneof![0..50u64, any::<u64>().prop_filter("a key", |key| *key != u64::MAX)];
        prop::collection::btree_map(key, (any::<u64>(), span), 0..40)
    }

    proptest! {
        #[test]
        fn what_is_packed_comes_back(pairs in any_pairs()) {
            let run = packed(pairs.clone());
            prop_assert_eq!(run.len(), pairs.len());
            let whole = pairs.values().all(|(_, span)| span.first.rem_euclid(SECOND) == 0 && span.last.wrapping_sub(span.first).rem_euclid(SECOND) == 0);
            prop_assert!(run.in_seconds() || !whole);
            prop_assert_eq!(run.into_iter().collect::<Vec<_>>(), pairs.into_iter().collect::<Vec<_>>());
        }

        #[test]
        fn merging_is_a_union(left in prop::collection::btree_map(0u64..50, 1u64..9, 0..30), right in prop::collection::btree_map(0u64..50, 1u64..9, 0..30)) {
            let merged: Vec<_> = merge(packed(left.clone()), packed(right.clone())).into_iter().collect();
            let mut expected = left;
            for (key, count) in right {
                *expected.entry(key).or_insert(0) += count;
            }
            prop_assert_eq!(merged, expected.into_iter().collect::<Vec<_>>());
        }

        #[test]
        fn whole_pieces_are_passed_on(cuts in prop::collection::vec(0u64..40_000, 2..6), shared in 0u64..3_000) {
            // Runs that follow each other, and share some keys where they meet.
            let mut merged = Run::<u64>::default();
            let mut expected: BTreeMap<u64, u64> = BTreeMap::new();
            for cut in cuts {
                let keys = || cut..cut + 9_000 + shared;
                keys().for_each(|key| *expected.entry(key).or_insert(0) += 2);
                merged = merge(merged, packed(keys().map(|key| (key, 2))));
            }
            prop_assert_eq!(merged.len(), expected.len());
            prop_assert!(merged.pieces.len() <= 4 * (expected.len() / PIECE + 1), "{} pieces", merged.pieces.len());
            prop_assert_eq!(merged.into_iter().collect::<Vec<_>>(), expected.into_iter().collect::<Vec<_>>());
        }
    }

    #[test]
    fn pairs_of_an_hours_log_are_small() {
        let pairs = (0..20_000u64)
            .map(|i| (((i / 20) << 32) | (i % 20 * 400), (1, Span { first: i as i64 * 90 * SECOND, last: i as i64 * 90 * SECOND })));
        let run = packed(pairs);
        let bytes: usize = run.pieces.iter().map(|piece| piece.bytes.len()).sum();
        assert!(bytes < 8 * run.len(), "{bytes} bytes");
        assert!(run.in_seconds());
    }
}
