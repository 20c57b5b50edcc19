//! Groups of events: one key in one period. The units are such groups, and so are the coarser ones of `at:`.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable, hash_table::Entry};

use super::{
    footprint::{hashed, held},
    intern::NONE,
};

/// The groups seen so far, numbered by first appearance.
#[derive(Debug, Clone, Default)]
pub(crate) struct Groups {
    /// The numbers of the groups, to be found by key and period.
    lookup: HashTable<u32>,
    hasher: DefaultHashBuilder,
    /// For each key, the period of its last event and that group: logs come in the order of time, so it is nearly always the one asked for.
    recent: Vec<(i64, u32)>,
    /// How many rows were seen, where each is its own group.
    rows: u32,
    /// The key of each group.
    pub(crate) keys: Vec<u32>,
    /// The period of each group.
    pub(crate) periods: Vec<i64>,
}

impl Groups {
    /// About how many bytes it holds.
    pub(crate) fn bytes(&self) -> usize {
        hashed(self.lookup.len(), size_of::<u32>()) + held(&self.recent) + held(&self.keys) + held(&self.periods)
    }

    /// Gives the group of each row; [`NONE`] where the key or the period is none.
    pub(crate) fn assign(&mut self, keys: &[u32], periods: &[Option<i64>]) -> Vec<u32> {
        keys.iter()
            .zip(periods)
            .map(|(&key, &period)| period.filter(|_| key != NONE).map_or(NONE, |period| self.group(key, period)))
            .collect()
    }

    fn group(&mut self, key: u32, period: i64) -> u32 {
        let index = key as usize;
        if index >= self.recent.len() {
            self.recent.resize(index + 1, (0, NONE));
        }
        let (recent, group) = self.recent[index];
        if group != NONE && recent == period {
            return group;
        }
        let Self { lookup, hasher, keys, periods, .. } = self;
        let of = |group: &u32| (keys[*group as usize], periods[*group as usize]);
        let found =
            match lookup.entry(hasher.hash_one((key, period)), |group| of(group) == (key, period), |group| hasher.hash_one(of(group))) {
                Entry::Occupied(entry) => Ok(*entry.get()),
                Entry::Vacant(entry) => {
                    let group = u32::try_from(keys.len()).unwrap_or(NONE);
                    entry.insert(group);
                    Err(group)
                }
            };
        let group = found.unwrap_or_else(|group| {
            keys.push(key);
            periods.push(period);
            group
        });
        self.recent[index] = (period, group);
        group
    }

    /// Makes each row that has a period its own group; its key is the number of the row, counting all.
    pub(crate) fn assign_rows(&mut self, periods: &[Option<i64>]) -> Vec<u32> {
        let mut codes = Vec::with_capacity(periods.len());
        for period in periods {
            let row = self.rows;
            self.rows += 1;
            codes.push(match period {
                Some(period) => {
                    self.keys.push(row);
                    self.periods.push(*period);
                    u32::try_from(self.keys.len() - 1).unwrap_or(NONE)
                }
                None => NONE,
            });
        }
        codes
    }

    /// The group of a key in a period.
    pub(crate) fn find(&self, key: u32, period: i64) -> Option<u32> {
        self.lookup
            .find(self.hasher.hash_one((key, period)), |group| (self.keys[*group as usize], self.periods[*group as usize]) == (key, period))
            .copied()
    }

    /// How many.
    pub(crate) fn len(&self) -> usize {
        self.keys.len()
    }

    /// The distinct periods in order, and each group's index among them.
    pub(crate) fn ranked_periods(&self) -> (Vec<i64>, Vec<u32>) {
        let mut distinct = self.periods.clone();
        distinct.sort_unstable();
        distinct.dedup();
        let ranks = self.periods.iter().map(|period| distinct.partition_point(|other| other < period) as u32).collect();
        (distinct, ranks)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_found_again_in_any_order() {
        let mut groups = Groups::default();
        let some = |period: i64| Some(period);
        assert_eq!(groups.assign(&[0, 0, 1, NONE, 0], &[some(0), some(1), some(0), some(0), some(0)]), [0, 1, 2, NONE, 0]);
        assert_eq!(groups.assign(&[0, 7, 1], &[some(1), some(-3), None]), [1, 3, NONE]);
        assert_eq!(groups.find(7, -3), Some(3));
        assert_eq!(groups.find(7, 0), None);
        assert_eq!(groups.ranked_periods(), (vec![-3, 0, 1], vec![1, 2, 1, 0]));
    }
}
