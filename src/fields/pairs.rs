//! Which values each group used: the table behind `distinct`, `entropy`, `unseen`, `since`, and `rarity`.
//!
//! Pairs of (group, value) are joined in a table of bounded size. When it is full they are sorted, packed, and merged into runs of doubling
//! size, so that memory is bounded by the distinct pairs, and the result is the same whatever the order of the events.

use std::mem;

use super::{
    footprint::Footprint,
    intern::{NONE, pair},
    pieces::{Packed, Packing, Run, Written, merge},
};

/// Places of the table at first, and at most: it stays in a core's second-level cache.
const FEW: usize = 1 << 10;
const MOST: usize = 1 << 17;
/// Bytes of a packed pair, where none was packed yet.
const PACKED: f64 = 7.0;
/// No pair: groups and values are numbers below [`NONE`].
const EMPTY: u64 = u64::MAX;
/// Bits of a key that are sorted by at once.
const DIGIT: u32 = 11;

/// What is kept with each pair.
pub(crate) trait Payload: Copy + Send + Sync + std::fmt::Debug {
    /// What one event at this time adds.
    fn of(time: i64) -> Self;
    /// Joins what two events, or two runs, say of the same pair.
    fn merge(&mut self, other: Self);
    /// Writes it behind its key.
    fn write(self, to: &mut Written);
    /// Reads what was written.
    fn read(from: &mut Packed<'_>) -> Self;
}

impl Payload for () {
    fn of(_: i64) {}
    fn merge(&mut self, (): ()) {}
    fn write(self, _: &mut Written) {}
    fn read(_: &mut Packed<'_>) {}
}

/// How many events.
impl Payload for u64 {
    fn of(_: i64) -> Self {
        1
    }
    fn merge(&mut self, other: Self) {
        *self += other;
    }
    fn write(self, to: &mut Written) {
        to.number(self);
    }
    fn read(from: &mut Packed<'_>) -> Self {
        from.number()
    }
}

/// The times of the first and the last event, in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) first: i64,
    pub(crate) last: i64,
}

/// What stands where no times were asked for.
pub(crate) const NO_SPAN: Span = Span { first: 0, last: 0 };

impl Payload for Span {
    fn of(time: i64) -> Self {
        Self { first: time, last: time }
    }
    fn merge(&mut self, other: Self) {
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
    }
    fn write(self, to: &mut Written) {
        to.times(self.first, self.last);
    }
    fn read(from: &mut Packed<'_>) -> Self {
        let (first, last) = from.times();
        Self { first, last }
    }
}

impl<A: Payload, B: Payload> Payload for (A, B) {
    fn of(time: i64) -> Self {
        (A::of(time), B::of(time))
    }
    fn merge(&mut self, other: Self) {
        self.0.merge(other.0);
        self.1.merge(other.1);
    }
    fn write(self, to: &mut Written) {
        self.0.write(to);
        self.1.write(to);
    }
    fn read(from: &mut Packed<'_>) -> Self {
        (A::read(from), B::read(from))
    }
}

/// Distinct pairs with what is known of each.
#[derive(Debug, Clone)]
pub(crate) struct Pairs<P> {
    /// The pairs of the last events: the key of each place, [`EMPTY`] where there is none, and what is kept with it.
    keys: Vec<u64>,
    payloads: Vec<P>,
    held: usize,
    runs: Vec<Run<P>>,
}

impl<P> Default for Pairs<P> {
    fn default() -> Self {
        Self { keys: Vec::new(), payloads: Vec::new(), held: 0, runs: Vec::new() }
    }
}

/// Mixes a key by one wide multiplication, both halves of which count.
fn place(key: u64) -> usize {
    let wide = u128::from(key ^ 0x243f_6a88_85a3_08d3) * 0x9e37_79b9_7f4a_7c15;
    ((wide >> 64) as u64 ^ wide as u64) as usize
}

impl<P: Payload> Pairs<P> {
    /// Adds the rows that have a group and a value, and that `mask` keeps.
    pub(crate) fn push(&mut self, groups: &[u32], values: &[u32], times: &[i64], mask: Option<&[bool]>) {
        for (row, (&group, &value)) in groups.iter().zip(values).enumerate() {
            if group == NONE || value == NONE || mask.is_some_and(|mask| !mask[row]) {
                continue;
            }
            self.add(pair(group, value), P::of(times.get(row).copied().unwrap_or(0)));
        }
    }

    fn add(&mut self, key: u64, payload: P) {
        // Five eighths at most are taken, so that a free place is near.
        if self.held * 8 >= self.keys.len() * 5 {
            self.make_room(payload);
        }
        let last = self.keys.len() - 1;
        let mut at = place(key) & last;
        loop {
            let known = self.keys[at];
            if known == key {
                self.payloads[at].merge(payload);
                return;
            }
            if known == EMPTY {
                (self.keys[at], self.payloads[at]) = (key, payload);
                self.held += 1;
                return;
            }
            at = (at + 1) & last;
        }
    }

    /// Makes the table larger, or empty where it is as large as it may be. `any` is what stands where there is nothing.
    fn make_room(&mut self, any: P) {
        if self.keys.len() == MOST {
            return self.flush();
        }
        let places = (2 * self.keys.len()).max(FEW);
        let keys = mem::replace(&mut self.keys, vec![EMPTY; places]);
        let payloads = mem::replace(&mut self.payloads, vec![any; places]);
        self.held = 0;
        for (key, payload) in keys.into_iter().zip(payloads).filter(|(key, _)| *key != EMPTY) {
            self.add(key, payload);
        }
    }

    /// Sorts what the table holds into a run.
    fn flush(&mut self) {
        let held = (0..).zip(&self.keys).filter(|(_, key)| **key != EMPTY).map(|(at, key)| (*key, at));
        let mut packing = Packing::default();
        for (key, at) in sorted(held.collect()) {
            packing.push(key, self.payloads[at as usize]);
        }
        self.keys.fill(EMPTY);
        self.held = 0;
        let mut run = packing.finish();
        while let Some(last) = self.runs.pop_if(|last| last.len() <= 2 * run.len()) {
            run = merge(last, run);
        }
        self.runs.push(run);
    }

    /// How many pairs there are by now, and about how many bytes they take once packed. Pairs of a run that is not yet merged may be in another too.
    pub(crate) fn footprint(&self) -> Footprint {
        let packed: usize = self.runs.iter().map(Run::len).sum();
        let bytes: usize = self.runs.iter().map(Run::bytes).sum();
        // What still lies in the table takes, once packed, as much a pair as the rest does.
        let each = if packed > 0 { bytes as f64 / packed as f64 } else { PACKED };
        Footprint { bytes: bytes as u64 + (self.held as f64 * each) as u64, pairs: (packed + self.held) as u64 }
    }

    /// All pairs, sorted by group, then value.
    pub(crate) fn finish(mut self) -> Run<P> {
        self.flush();
        (self.keys, self.payloads) = (Vec::new(), Vec::new());
        mem::take(&mut self.runs).into_iter().rev().reduce(|small, large| merge(large, small)).unwrap_or_default()
    }
}

/// Sorts keys with the places that they come from, some bits at a time, the lowest first; bits in which no two keys differ are passed over.
fn sorted(mut pairs: Vec<(u64, u32)>) -> Vec<(u64, u32)> {
    let Some(&(first, _)) = pairs.first() else { return pairs };
    let mut differing = pairs.iter().fold(0, |bits, (key, _)| bits | (key ^ first));
    let mut other = vec![(0, 0); pairs.len()];
    while differing != 0 {
        let shift = differing.trailing_zeros();
        let digit = |key: u64| (key >> shift) as usize & ((1 << DIGIT) - 1);
        let mut ends = [0_u32; 1 << DIGIT];
        pairs.iter().for_each(|(key, _)| ends[digit(*key)] += 1);
        let mut begin = 0;
        for end in &mut ends {
            begin += mem::replace(end, begin);
        }
        for pair in &pairs {
            let end = &mut ends[digit(pair.0)];
            other[*end as usize] = *pair;
            *end += 1;
        }
        mem::swap(&mut pairs, &mut other);
        differing &= u64::MAX.checked_shl(shift + DIGIT).unwrap_or(0);
    }
    pairs
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
        assert_eq!(all(Pairs::<()>::default()), []);
    }

    #[test]
    fn more_than_a_table_equals_a_map() {
        let mut pairs = Pairs::<(u64, Span)>::default();
        let mut expected = BTreeMap::new();
        // A linear congruential sequence, so that keys repeat in no order; groups go on as they do in a log.
        let mut state = 1u32;
        for turn in 0..100u32 {
            let rows: Vec<(u32, u32)> = (0..10_000)
                .map(|_| {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    (2 * turn + (state >> 29), (state >> 8) & 0xfff)
                })
                .collect();
            let times: Vec<i64> = (0..10_000).map(|row| i64::from(turn) * 3_600_000_000 + row * 1_000).collect();
            for (&(group, value), &time) in rows.iter().zip(&times) {
                expected
                    .entry(pair(group, value))
                    .and_modify(|known: &mut (u64, Span)| known.merge((1, Span::of(time))))
                    .or_insert((1, Span::of(time)));
            }
            let (groups, values): (Vec<u32>, Vec<u32>) = rows.into_iter().unzip();
            pairs.push(&groups, &values, &times, None);
        }
        assert!(pairs.runs.len() > 1, "the table was never full");
        assert_eq!(all(pairs), expected.into_iter().collect::<Vec<_>>());
    }

    proptest! {
        #[test]
        fn digits_sort_as_comparing_does(keys in prop::collection::vec(prop_oneof![any::<u64>(), 0u64..9, (0u64..9).prop_map(|key| key << 60)], 0..50)) {
            let pairs: Vec<(u64, u32)> = keys.into_iter().zip(0..).collect();
            let mut expected = pairs.clone();
            expected.sort_by_key(|(key, _)| *key);
            prop_assert_eq!(sorted(pairs), expected);
        }
    }
}
