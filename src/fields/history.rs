//! Histories: who used what before. Groups are gone through owner by owner, in the order of their periods; what a field has to remember
//! stands in a list with a place for each value, which the next owner takes over without clearing it.

use super::{
    inputs::TableId,
    plan::{Finished, Rows},
};

/// A table of pairs, and whose history counts.
#[derive(Debug, Clone)]
pub(crate) struct History {
    pub(crate) table: TableId,
    pub(crate) rows: Rows,
    /// Which columns of the groups' key name whose history it is; none: everyone's.
    pub(crate) owner: Vec<usize>,
}

/// Whose groups of which period are gone through.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Turn {
    /// A number of its own for each owner, from 1.
    pub(crate) owner: u32,
    /// Index among the distinct periods.
    pub(crate) period: u32,
}

/// No owner.
pub(crate) const NOBODY: u32 = 0;

impl Finished<'_> {
    /// Calls `see` with the groups of each owner of a history and each period, those of one owner together, the earlier periods first.
    pub(crate) fn for_each_period(&self, history: &History, see: impl FnMut(Turn, &[u32])) {
        walk(self.ranks(history.rows), self.owners(history).as_deref(), see);
    }

    /// The same with each entity as an owner.
    pub(crate) fn for_each_period_of_entities(&self, history: &History, see: impl FnMut(Turn, &[u32])) {
        walk(self.ranks(history.rows), Some(self.keys(history.rows)), see);
    }

    /// For each value how many entities used it in the training part.
    pub(crate) fn users_in_training(&self, history: &History) -> Vec<u64> {
        let used = self.table(history.table);
        let until = self.training_periods(history.rows);
        let (mut users, mut known_to) = (vec![0; used.distinct()], vec![NOBODY; used.distinct()]);
        self.for_each_period_of_entities(history, |Turn { owner, period }, groups| {
            for &value in groups.iter().filter(|_| period < until).flat_map(|&group| used.values(group)) {
                users[value as usize] += u64::from(known_to[value as usize] != owner);
                known_to[value as usize] = owner;
            }
        });
        users
    }

    fn owners(&self, history: &History) -> Option<Vec<u32>> {
        if history.owner.is_empty() {
            return None;
        }
        let grouping = &self.inputs.groupings[history.rows.grouping.0];
        let key = grouping.key?;
        if history.owner.len() == self.inputs.columns_of(key).len() {
            return Some(grouping.groups.keys.clone());
        }
        let mut known = hashbrown::HashMap::new();
        Some(
            grouping
                .groups
                .keys
                .iter()
                .map(|&code| {
                    let members = self.inputs.members(key, code);
                    let part: Vec<u32> = history.owner.iter().map(|&index| members[index]).collect();
                    let next = known.len() as u32;
                    *known.entry(part).or_insert(next)
                })
                .collect(),
        )
    }
}

/// Goes through groups by owner, then period. Without owners all are one's.
fn walk(ranks: &[u32], owners: Option<&[u32]>, mut see: impl FnMut(Turn, &[u32])) {
    let mut groups = sorted_by((0..ranks.len() as u32).collect(), |group| ranks[group as usize]);
    let owner = |group: u32| owners.map_or(0, |owners| owners[group as usize]);
    if owners.is_some() {
        groups = sorted_by(groups, owner);
    }
    let (mut turn, mut last) = (NOBODY, None);
    for groups in groups.chunk_by(|&a, &b| owner(a) == owner(b) && ranks[a as usize] == ranks[b as usize]) {
        if last.replace(owner(groups[0])) != Some(owner(groups[0])) {
            turn += 1;
        }
        see(Turn { owner: turn, period: ranks[groups[0] as usize] }, groups);
    }
}

/// Sorts rows by small numbers, equal ones in the order in which they were: a counting sort, in linear time.
fn sorted_by(rows: Vec<u32>, number: impl Fn(u32) -> u32) -> Vec<u32> {
    if rows.is_sorted_by_key(|row| number(*row)) {
        return rows;
    }
    let mut places = vec![0_u32; rows.iter().map(|row| number(*row) as usize + 2).max().unwrap_or(0)];
    rows.iter().for_each(|row| places[number(*row) as usize + 1] += 1);
    for next in 1..places.len() {
        places[next] += places[next - 1];
    }
    let mut sorted = vec![0; rows.len()];
    for row in rows {
        let place = &mut places[number(row) as usize];
        sorted[*place as usize] = row;
        *place += 1;
    }
    sorted
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_owners_periods_follow_each_other() {
        let mut seen = Vec::new();
        walk(&[1, 0, 1, 2, 0], Some(&[7, 9, 7, 7, 7]), |Turn { owner, period }, groups| seen.push((owner, period, groups.to_vec())));
        assert_eq!(seen, [(1, 0, vec![4]), (1, 1, vec![0, 2]), (1, 2, vec![3]), (2, 0, vec![1])]);
        seen.clear();
        walk(&[1, 0, 1, 2, 0], None, |Turn { owner, period }, groups| seen.push((owner, period, groups.to_vec())));
        assert_eq!(seen, [(1, 0, vec![1, 4]), (1, 1, vec![0, 2]), (1, 2, vec![3])]);
    }

    proptest! {
        #[test]
        fn counting_sorts_as_comparing_does(numbers in prop::collection::vec((0u32..4, 0u32..9), 0..60)) {
            let rows: Vec<u32> = (0..numbers.len() as u32).collect();
            let (owner, value) = (|row: u32| numbers[row as usize].0, |row: u32| numbers[row as usize].1);
            let sorted = sorted_by(sorted_by(rows.clone(), value), owner);
            let mut expected = rows;
            expected.sort_by_key(|row| (owner(*row), value(*row)));
            prop_assert_eq!(sorted, expected);
        }
    }
}
