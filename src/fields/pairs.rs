//! Which values each group used: the table behind `distinct`, `entropy`, `unseen`, `since`, and `rarity`.
//!
//! Pairs of (group, value) are gathered in a buffer, sorted, and merged into runs of doubling size, so that memory is bounded by the
//! distinct pairs, and the result is the same whatever the order of the events. Runs lie in pieces, each given back once it is merged: two runs
//! and what comes of them are never whole side by side.

use std::{iter::Flatten, mem, vec::IntoIter};

use super::intern::{NONE, pair};

/// How many pairs are gathered before they are sorted.
const BUFFER: usize = 1 << 17;
/// How many pairs are remembered, as a power of two: most events repeat a pair of the last minutes, and are joined with it at once.
const RECENT: u32 = 14;
/// Pairs of a piece of a run.
const PIECE: usize = 1 << 13;
/// No pair: groups and values are numbers below [`NONE`].
const EMPTY: u64 = u64::MAX;

/// What is kept with each pair.
pub(crate) trait Payload: Copy + Send + Sync + std::fmt::Debug {
    /// What one event at this time adds.
    fn of(time: i64) -> Self;
    /// Joins what two events, or two runs, say of the same pair.
    fn merge(&mut self, other: Self);
}

impl Payload for () {
    fn of(_: i64) {}
    fn merge(&mut self, (): ()) {}
}

/// How many events.
impl Payload for u64 {
    fn of(_: i64) -> Self {
        1
    }
    fn merge(&mut self, other: Self) {
        *self += other;
    }
}

/// The times of the first and the last event, in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) first: i64,
    pub(crate) last: i64,
}

impl Payload for Span {
    fn of(time: i64) -> Self {
        Self { first: time, last: time }
    }
    fn merge(&mut self, other: Self) {
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
    }
}

/// Distinct pairs with what is known of each.
#[derive(Debug, Clone)]
pub(crate) struct Pairs<P> {
    /// Recent pairs, each in the one place that its key may have.
    recent: Vec<(u64, P)>,
    buffer: Vec<(u64, P)>,
    runs: Vec<Run<P>>,
}

/// Pairs in order, in pieces.
#[derive(Debug, Clone)]
pub(crate) struct Run<P> {
    pieces: Vec<Vec<(u64, P)>>,
    len: usize,
}

impl<P> Default for Run<P> {
    fn default() -> Self {
        Self { pieces: Vec::new(), len: 0 }
    }
}

impl<P> Run<P> {
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    fn push(&mut self, pair: (u64, P)) {
        self.len += 1;
        match self.pieces.last_mut() {
            Some(piece) if piece.len() < PIECE => piece.push(pair),
            _ => {
                let mut piece = Vec::with_capacity(PIECE);
                piece.push(pair);
                self.pieces.push(piece);
            }
        }
    }
}

impl<P> FromIterator<(u64, P)> for Run<P> {
    fn from_iter<I: IntoIterator<Item = (u64, P)>>(pairs: I) -> Self {
        let mut run = Self::default();
        pairs.into_iter().for_each(|pair| run.push(pair));
        run
    }
}

impl<P> IntoIterator for Run<P> {
    type Item = (u64, P);
    type IntoIter = Flatten<IntoIter<Vec<(u64, P)>>>;

    /// Gives each piece back once it is gone through.
    fn into_iter(self) -> Self::IntoIter {
        self.pieces.into_iter().flatten()
    }
}

impl<P> Default for Pairs<P> {
    fn default() -> Self {
        Self { recent: Vec::new(), buffer: Vec::new(), runs: Vec::new() }
    }
}

impl<P: Payload> Pairs<P> {
    /// Adds the rows that have a group and a value, and that `mask` keeps.
    pub(crate) fn push(&mut self, groups: &[u32], values: &[u32], times: &[i64], mask: Option<&[bool]>) {
        for (row, (&group, &value)) in groups.iter().zip(values).enumerate() {
            if group == NONE || value == NONE || mask.is_some_and(|mask| !mask[row]) {
                continue;
            }
            let key = pair(group, value);
            self.add(key, P::of(times.get(row).copied().unwrap_or(0)));
        }
    }

    fn add(&mut self, key: u64, payload: P) {
        if self.recent.is_empty() {
            self.recent.resize(1 << RECENT, (EMPTY, payload));
        }
        // Fibonacci hashing: the high bits of a product with the golden ratio.
        let place = (key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (u64::BITS - RECENT)) as usize;
        let (known, kept) = &mut self.recent[place];
        if *known == key {
            kept.merge(payload);
            return;
        }
        let old = mem::replace(&mut self.recent[place], (key, payload));
        if old.0 != EMPTY {
            if self.buffer.len() == BUFFER {
                self.flush();
            }
            self.buffer.push(old);
        }
    }

    fn flush(&mut self) {
        self.buffer.sort_unstable_by_key(|(key, _)| *key);
        self.buffer.dedup_by(|next, kept| {
            let equal = next.0 == kept.0;
            if equal {
                kept.1.merge(next.1);
            }
            equal
        });
        let mut run: Run<P> = self.buffer.drain(..).collect();
        while let Some(last) = self.runs.pop_if(|last| last.len <= 2 * run.len) {
            run = merge(last, run);
        }
        self.runs.push(run);
    }

    /// All pairs, sorted by group, then value.
    pub(crate) fn finish(mut self) -> Run<P> {
        let recent = mem::take(&mut self.recent);
        self.buffer.extend(recent.into_iter().filter(|(key, _)| *key != EMPTY));
        self.flush();
        self.buffer = Vec::new();
        mem::take(&mut self.runs).into_iter().rev().reduce(|small, large| merge(large, small)).unwrap_or_default()
    }
}

fn merge<P: Payload>(left: Run<P>, right: Run<P>) -> Run<P> {
    let mut merged = Run::default();
    let (mut left, mut right) = (left.into_iter(), right.into_iter());
    let (mut a, mut b) = (left.next(), right.next());
    while let (Some(one), Some(other)) = (a, b) {
        if one.0 < other.0 {
            merged.push(one);
            a = left.next();
        } else if one.0 > other.0 {
            merged.push(other);
            b = right.next();
        } else {
            let mut both = one;
            both.1.merge(other.1);
            merged.push(both);
            (a, b) = (left.next(), right.next());
        }
    }
    a.into_iter().chain(left).chain(b).chain(right).for_each(|pair| merged.push(pair));
    merged
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn all<P: Payload>(pairs: Pairs<P>) -> Vec<(u64, P)> {
        pairs.finish().into_iter().collect()
    }

    #[test]
    fn keeps_counts_and_spans() {
        let mut counts = Pairs::<u64>::default();
        counts.push(&[0, 0, 1, NONE, 0], &[3, 3, 3, 3, NONE], &[], None);
        counts.push(&[0, 1], &[3, 4], &[], Some(&[true, false]));
        assert_eq!(all(counts), [(pair(0, 3), 3), (pair(1, 3), 1)]);
        let mut spans = Pairs::<Span>::default();
        spans.push(&[0, 0, 0], &[3, 4, 3], &[50, 10, 20], None);
        assert_eq!(all(spans), [(pair(0, 3), Span { first: 20, last: 50 }), (pair(0, 4), Span { first: 10, last: 10 })]);
    }

    #[test]
    fn more_than_a_buffer_equals_a_map() {
        let mut pairs = Pairs::<u64>::default();
        let mut expected = BTreeMap::new();
        // A linear congruential sequence, so that keys repeat in no order.
        let mut state = 1u32;
        for _ in 0..50 {
            let rows: Vec<(u32, u32)> = (0..10_000)
                .map(|_| {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    (state >> 24, (state >> 8) & 0x3ff)
                })
                .collect();
            rows.iter().for_each(|&(group, value)| *expected.entry(pair(group, value)).or_insert(0u64) += 1);
            let (groups, values): (Vec<u32>, Vec<u32>) = rows.into_iter().unzip();
            pairs.push(&groups, &values, &[], None);
        }
        assert_eq!(all(pairs), expected.into_iter().collect::<Vec<_>>());
    }

    proptest! {
        #[test]
        fn merging_is_a_union(left in prop::collection::btree_map(0u64..50, 1u64..9, 0..30), right in prop::collection::btree_map(0u64..50, 1u64..9, 0..30)) {
            let merged: Vec<_> = merge(left.clone().into_iter().collect(), right.clone().into_iter().collect()).into_iter().collect();
            let mut expected = left;
            for (key, count) in right {
                *expected.entry(key).or_insert(0) += count;
            }
            prop_assert_eq!(merged, expected.into_iter().collect::<Vec<_>>());
        }
    }
}
