//! Which values each group used, as it is looked at when all events were seen: four bytes a pair, and a few for what else is known of it.

use std::ops::Range;

use super::{
    intern::unpair,
    pairs::{Payload, Span},
    pieces::Run,
    tables::Need,
};

const SECOND: i64 = 1_000_000;

/// Which values each group used, by group, then value's code.
#[derive(Debug, Clone, Default)]
pub(crate) struct Used {
    /// Where the pairs of each group begin, and where those of the last end.
    starts: Vec<usize>,
    values: Vec<u32>,
    /// One more than the largest value.
    distinct: usize,
    counts: Counts,
    spans: Spans,
}

impl Used {
    /// Unpacks a run; `what` tells what is known of a pair.
    pub(super) fn of<P: Payload>(run: Run<P>, need: Need, what: impl Fn(P) -> (u64, Span)) -> Self {
        let room = |needed: bool| if needed { run.len() } else { 0 };
        let mut used = Self {
            starts: vec![0],
            values: Vec::with_capacity(run.len()),
            distinct: 0,
            counts: Counts { small: Vec::with_capacity(room(need.counts)), large: Vec::new() },
            spans: Spans::new(run.in_seconds(), room(need.spans)),
        };
        for (key, payload) in run {
            let (group, value) = unpair(key);
            while used.starts.len() <= group as usize {
                used.end_group();
            }
            used.distinct = used.distinct.max(value as usize + 1);
            used.values.push(value);
            let (count, span) = what(payload);
            if need.counts {
                used.counts.push(count);
            }
            if need.spans {
                used.spans.waiting.push(span);
            }
        }
        used.end_group();
        used
    }

    fn end_group(&mut self) {
        self.spans.end_group();
        self.starts.push(self.values.len());
    }

    /// How many pairs.
    pub(crate) fn len(&self) -> usize {
        self.values.len()
    }

    /// All values are below this.
    pub(crate) fn distinct(&self) -> usize {
        self.distinct
    }

    /// Where the pairs of a group stand among all.
    pub(crate) fn places(&self, group: u32) -> Range<usize> {
        let end = self.values.len();
        let at = |group: usize| self.starts.get(group).copied().unwrap_or(end);
        at(group as usize)..at(group as usize + 1)
    }

    /// The values of a group.
    pub(crate) fn values(&self, group: u32) -> &[u32] {
        &self.values[self.places(group)]
    }

    /// For each value of a group how many events, where that was asked for.
    pub(crate) fn counts(&self, group: u32) -> impl Iterator<Item = u64> {
        self.places(group).map(|place| self.counts.get(place))
    }

    /// For each value of a group when first and last, where that was asked for.
    pub(crate) fn spans(&self, group: u32) -> impl Iterator<Item = Span> {
        let base = self.spans.bases.get(group as usize).copied().unwrap_or_default();
        self.places(group).map(move |place| self.spans.get(base, place))
    }

    /// For each value whether any group used it.
    pub(crate) fn are_there(&self) -> Vec<bool> {
        let mut there = vec![false; self.distinct];
        self.values.iter().for_each(|&value| there[value as usize] = true);
        there
    }
}

/// Numbers of events: a byte each, and the few that are larger beside, by their place.
#[derive(Debug, Clone, Default)]
struct Counts {
    small: Vec<u8>,
    large: Vec<(usize, u64)>,
}

impl Counts {
    fn push(&mut self, count: u64) {
        let small = u8::try_from(count).unwrap_or(u8::MAX);
        if small == u8::MAX {
            self.large.push((self.small.len(), count));
        }
        self.small.push(small);
    }

    fn get(&self, place: usize) -> u64 {
        match self.small[place] {
            u8::MAX => self.large.binary_search_by_key(&place, |(place, _)| *place).map_or(u64::from(u8::MAX), |at| self.large[at].1),
            small => u64::from(small),
        }
    }
}

/// First and last moments, counted from the first of the group.
#[derive(Debug, Clone, Default)]
struct Spans {
    /// What is counted, in microseconds.
    unit: i64,
    bases: Vec<i64>,
    firsts: Narrow,
    lengths: Narrow,
    /// Those of the group that is not ended yet.
    waiting: Vec<Span>,
}

impl Spans {
    fn new(in_seconds: bool, room: usize) -> Self {
        let narrow = || Narrow::Two(Vec::with_capacity(room));
        let unit = if in_seconds { SECOND } else { 1 };
        Self { unit, bases: Vec::new(), firsts: narrow(), lengths: narrow(), waiting: Vec::new() }
    }

    fn end_group(&mut self) {
        let base = self.waiting.iter().map(|span| span.first).min().unwrap_or_default();
        self.bases.push(base);
        for Span { first, last } in self.waiting.drain(..) {
            self.firsts.push((first.wrapping_sub(base) / self.unit) as u64);
            self.lengths.push((last.wrapping_sub(first) / self.unit) as u64);
        }
    }

    fn get(&self, base: i64, place: usize) -> Span {
        let moments = |narrow: &Narrow| (narrow.get(place) as i64).wrapping_mul(self.unit);
        let first = base.wrapping_add(moments(&self.firsts));
        Span { first, last: first.wrapping_add(moments(&self.lengths)) }
    }
}

/// Numbers in as many bytes as the largest of them takes.
#[derive(Debug, Clone)]
enum Narrow {
    Two(Vec<u16>),
    Four(Vec<u32>),
    Eight(Vec<u64>),
}

impl Default for Narrow {
    fn default() -> Self {
        Self::Two(Vec::new())
    }
}

impl Narrow {
    fn push(&mut self, number: u64) {
        match self {
            Self::Two(numbers) => match u16::try_from(number) {
                Ok(number) => return numbers.push(number),
                Err(_) => *self = Self::Four(widened(numbers)),
            },
            Self::Four(numbers) => match u32::try_from(number) {
                Ok(number) => return numbers.push(number),
                Err(_) => *self = Self::Eight(widened(numbers)),
            },
            Self::Eight(numbers) => return numbers.push(number),
        }
        self.push(number);
    }

    fn get(&self, place: usize) -> u64 {
        match self {
            Self::Two(numbers) => numbers[place].into(),
            Self::Four(numbers) => numbers[place].into(),
            Self::Eight(numbers) => numbers[place],
        }
    }
}

/// The same numbers, with room for as many as there was room for.
fn widened<A: Copy, B: From<A>>(numbers: &Vec<A>) -> Vec<B> {
    let mut wide = Vec::with_capacity(numbers.capacity());
    wide.extend(numbers.iter().map(|&number| B::from(number)));
    wide
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::fields::{intern::pair, pieces::Packing};

    type Known = Vec<(u32, u32, u64, Span)>;

    fn unpacked(used: &Used, groups: u32) -> Known {
        (0..groups)
            .flat_map(|group| {
                used.values(group)
                    .iter()
                    .zip(used.counts(group))
                    .zip(used.spans(group))
                    .map(move |((&value, count), span)| (group, value, count, span))
            })
            .collect()
    }

    fn any_known() -> impl Strategy<Value = Known> {
        let unit = prop_oneof![Just(SECOND), Just(1_000), Just(1)];
        let reach = prop_oneof![Just(3_600i64), Just(100_000), Just(8_000_000_000)];
        let pair = (0u32..6, 0u32..9);
        (unit, reach, prop::collection::btree_set(pair, 0..30), any::<u64>()).prop_map(|(unit, reach, pairs, seed)| {
            let some = |n: usize| (seed.rotate_left(n as u32) >> 3) as i64 % reach;
            let known = pairs.into_iter().enumerate();
            known
                .map(|(n, (group, value))| {
                    let first = some(n) * unit;
                    (group, value, 1 + (seed.rotate_left(7 * n as u32) & 0x1ff), Span { first, last: first + some(n + 9) * unit })
                })
                .collect()
        })
    }

    proptest! {
        #[test]
        fn all_that_is_known_comes_back(known in any_known()) {
            let mut packing = Packing::default();
            known.iter().for_each(|&(group, value, count, span)| packing.push(pair(group, value), (count, span)));
            let used = Used::of(packing.finish(), Need { counts: true, spans: true }, |both| both);
            prop_assert_eq!(used.len(), known.len());
            prop_assert_eq!(used.distinct(), known.iter().map(|one| one.1 as usize + 1).max().unwrap_or(0));
            prop_assert_eq!(unpacked(&used, 8), known);
        }
    }

    #[test]
    fn groups_that_used_nothing_are_empty() {
        let mut packing = Packing::default();
        packing.push(pair(2, 7), ());
        let used = Used::of(packing.finish(), Need::PRESENCE, |()| (0, Span { first: 0, last: 0 }));
        assert_eq!((0..5).map(|group| used.values(group).to_vec()).collect::<Vec<_>>(), [vec![], vec![], vec![7], vec![], vec![]]);
        assert_eq!(used.are_there().iter().filter(|there| **there).count(), 1);
        let none = Used::of(Packing::<()>::default().finish(), Need::PRESENCE, |()| (0, Span { first: 0, last: 0 }));
        assert!(none.values(0).is_empty() && none.len() == 0);
    }
}
