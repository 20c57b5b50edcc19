//! Histories: who used which value, gone through value by value in the order of time.
//!
//! What several fields share of a history is the order of the table's pairs, four bytes for each; a use is put together when it is looked at.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use super::{
    inputs::TableId,
    intern::unpair,
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

/// A value used in a group.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Use {
    /// Whose history it belongs to.
    owner: u32,
    pub(crate) value: u32,
    /// Index among the distinct periods.
    pub(crate) period: u32,
    pub(crate) group: u32,
    /// Index into the table.
    pub(crate) row: u32,
}

/// The order of each history, by table and columns of the owner: several fields look back at the same one.
#[derive(Debug, Default)]
pub(crate) struct Histories(Mutex<BTreeMap<(TableId, Vec<usize>), Arc<OnceLock<Order>>>>);

/// The pairs of a table by owner, value, period.
#[derive(Debug)]
struct Order {
    rows: Vec<u32>,
    /// Whose history each group's is; `None`: everyone's.
    owners: Option<Vec<u32>>,
}

impl Finished<'_> {
    /// Calls `see` with the uses of each value in the history of each owner, by period.
    pub(crate) fn for_each_value(&self, history: &History, mut see: impl FnMut(&[Use])) {
        let mut histories = self.histories.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = Arc::clone(histories.entry((history.table, history.owner.clone())).or_default());
        // Others may look for other histories meanwhile; who looks for this one waits.
        drop(histories);
        let Order { rows, owners } = known.get_or_init(|| self.order(history));
        let (keys, ranks) = (&self.table(history.table).keys, self.ranks(history.rows));
        let mut uses: Vec<Use> = Vec::new();
        for &row in rows {
            let (group, value) = unpair(keys[row as usize]);
            let owner = owners.as_ref().map_or(0, |owners| owners[group as usize]);
            if uses.first().is_some_and(|first| (first.owner, first.value) != (owner, value)) {
                see(&uses);
                uses.clear();
            }
            uses.push(Use { owner, value, period: ranks[group as usize], group, row });
        }
        if !uses.is_empty() {
            see(&uses);
        }
    }

    fn order(&self, history: &History) -> Order {
        let owners = self.owners(history);
        let (keys, ranks) = (&self.table(history.table).keys, self.ranks(history.rows));
        let pair = |row: u32| unpair(keys[row as usize]);
        // The table lies in the order of groups and their values, and each sort keeps the order of what is equal.
        let mut rows: Vec<u32> = (0..keys.len() as u32).collect();
        rows = sorted_by(rows, |row| ranks[pair(row).0 as usize]);
        rows = sorted_by(rows, |row| pair(row).1);
        if let Some(owners) = &owners {
            rows = sorted_by(rows, |row| owners[pair(row).0 as usize]);
        }
        Order { rows, owners }
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
