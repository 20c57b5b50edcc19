//! Which events of a unit are shown: the largest of each number that fields add up, those that their conditions single out, one of every place
//! that it went to; then its first. A transfer of 200 MB among three hundred small requests is what an analyst has to see.

use std::collections::BTreeMap;

use crate::record::evidence::Row;

/// How many events each signal may name.
const NAMED: usize = 5;

/// The events of one unit, as they come; their number stays bounded.
#[derive(Debug, Clone)]
pub(super) struct Telling {
    most: usize,
    /// How many were seen; an event's number is its place in the order of the source.
    seen: u64,
    /// For each signal its largest, the largest first, of equal ones the earlier.
    largest: Vec<Vec<(f64, u64)>>,
    /// The first event of each place.
    places: Vec<u64>,
    /// The first events.
    first: Vec<u64>,
    rows: BTreeMap<u64, Row>,
}

impl Telling {
    /// None seen so far; at most so many events will be named.
    pub fn new(signals: usize, most: usize) -> Self {
        let empty = Vec::new;
        Self { most, seen: 0, largest: vec![empty(); signals], places: Vec::new(), first: Vec::new(), rows: BTreeMap::new() }
    }

    /// How many were seen.
    pub fn seen(&self) -> u64 {
        self.seen
    }

    /// Takes the next event of the source: for each signal how large it is there (nothing at or below zero tells), and whether it is the first
    /// at its place. `row` is asked for only where it may be named.
    pub fn push(&mut self, signals: &[f64], is_new_place: bool, row: impl FnOnce() -> Row) {
        let number = self.seen;
        self.seen += 1;
        let mut taken = false;
        let mut dropped = Vec::new();
        for (largest, &value) in self.largest.iter_mut().zip(signals) {
            if value > 0.0 {
                let at = largest.partition_point(|(known, _)| *known >= value);
                if at < NAMED {
                    largest.insert(at, (value, number));
                    taken = true;
                    dropped.extend(largest.drain(NAMED.min(largest.len())..).map(|(_, number)| number));
                }
            }
        }
        for (list, wanted) in [(&mut self.places, is_new_place), (&mut self.first, true)] {
            if wanted && list.len() < self.most {
                list.push(number);
                taken = true;
            }
        }
        if taken {
            self.rows.insert(number, row());
        }
        for number in dropped {
            if !self.is_named(number) {
                self.rows.remove(&number);
            }
        }
    }

    fn is_named(&self, number: u64) -> bool {
        let named = |list: &[u64]| list.binary_search(&number).is_ok();
        named(&self.places) || named(&self.first) || self.largest.iter().flatten().any(|(_, known)| *known == number)
    }

    /// The events that are named, the most telling first: in turns the next of every signal and the next place, then the first ones.
    pub fn finish(mut self) -> Vec<Row> {
        let mut order: Vec<u64> = Vec::new();
        for turn in 0..self.most {
            let of_signals = self.largest.iter().filter_map(|largest| largest.get(turn).map(|(_, number)| *number));
            order.extend(of_signals.chain(self.places.get(turn).copied()));
        }
        order.extend(&self.first);
        // An event that several name is taken out once.
        order.into_iter().filter_map(|number| self.rows.remove(&number)).take(self.most).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(events: &[(f64, bool, bool)], most: usize) -> Vec<i64> {
        let mut telling = Telling::new(2, most);
        for (number, &(amount, singled_out, is_new_place)) in (0..).zip(events) {
            telling.push(&[amount, f64::from(u8::from(singled_out))], is_new_place, || (Some(number), Vec::new()));
        }
        assert!(telling.rows.len() <= 2 * most + 2 * NAMED, "{}", telling.rows.len());
        telling.finish().into_iter().filter_map(|(time, _)| time).collect()
    }

    #[test]
    fn the_largest_the_singled_out_and_each_place_come_before_the_first() {
        let mut events: Vec<(f64, bool, bool)> = (0..300).map(|number| (f64::from(number % 7), false, number == 0)).collect();
        events[250].0 = 2e8;
        events[251].1 = true;
        events[252].2 = true;
        assert_eq!(chosen(&events, 8), [250, 251, 0, 6, 252, 13, 20, 27]);
    }

    #[test]
    fn events_that_no_signal_tells_apart_are_the_first() {
        assert_eq!(chosen(&[(0.0, false, false); 30], 5), [0, 1, 2, 3, 4]);
        assert_eq!(chosen(&[(f64::NAN, false, false); 3], 5), [0, 1, 2]);
        assert_eq!(chosen(&[], 5), [] as [i64; 0]);
    }

    #[test]
    fn growing_values_keep_the_last_ones() {
        let events: Vec<(f64, bool, bool)> = (0..1_000).map(|number| (f64::from(number), false, false)).collect();
        assert_eq!(chosen(&events, 7), [999, 998, 997, 996, 995, 0, 1]);
    }
}
