//! How a field says what it needs of the events, and how it is handed what was gathered.

use std::{
    collections::BTreeMap,
    fmt::Debug,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use super::{
    batch::{Batch, Number},
    columns::Columns,
    inputs::{CodesId, GroupingId, Inputs, MaskId, NumberId, TableId},
    intern::unpair,
    tables::{Need, Used},
};
use crate::{error::Problem, text::Said};

/// A field that is computed from events, as the experiment defines it.
pub(crate) trait Field: Debug + Send + Sync {
    /// What it is, in words: `sum of bytes_up`.
    fn definition(&self) -> Said;

    /// What stands for no value, where the experiment does not say; `None`: the median of the training part.
    fn fill(&self) -> Option<f64> {
        None
    }

    /// What is wrong with the parameters: the option, and what.
    fn check(&self) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    /// The columns of the events that it names: the option, and the column.
    fn columns(&self) -> Vec<(&'static str, &str)>;

    /// The conditions that it names: the option, and the SQL.
    fn conditions(&self) -> Vec<(&'static str, &str)> {
        Vec::new()
    }

    /// Asks for what it needs, and makes the accumulator.
    ///
    /// # Errors
    /// When a column is unknown or of the wrong type.
    fn plan(&self, plan: &mut Plan<'_>) -> Result<Box<dyn Accumulator>, Problem>;
}

/// Copies an accumulator behind its box, so that what was folded so far can go on in two ways.
pub(crate) trait Duplicate {
    /// A copy with the same state.
    fn duplicate(&self) -> Box<dyn Accumulator>;
}

impl<A: Accumulator + Clone + 'static> Duplicate for A {
    fn duplicate(&self) -> Box<dyn Accumulator> {
        Box::new(self.clone())
    }
}

impl Clone for Box<dyn Accumulator> {
    fn clone(&self) -> Self {
        (**self).duplicate()
    }
}

/// Gathers what a field needs over batches of events. Its result does not depend on the order of the events or on the split into batches.
pub(crate) trait Accumulator: Debug + Send + Sync + Duplicate {
    /// Adds a batch. Fields that live on a table of pairs have nothing to do here.
    fn push(&mut self, _: &Batch) {}

    /// Gives one value for each group.
    fn finish(self: Box<Self>, done: &Finished<'_>) -> Vec<Option<f64>>;
}

/// Which events a field sees, and how they are grouped.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rows {
    pub(crate) grouping: GroupingId,
    pub(crate) mask: Option<MaskId>,
}

impl Rows {
    /// The group of each event.
    pub(crate) fn groups<'a>(&self, batch: &'a Batch) -> &'a [u32] {
        &batch.groups[self.grouping.0]
    }

    /// Which events count; all where there is no condition.
    pub(crate) fn mask<'a>(&self, batch: &'a Batch) -> Option<&'a [bool]> {
        self.mask.map(|mask| batch.masks[mask.0].as_slice())
    }

    /// Makes room for the groups seen so far.
    pub(crate) fn grow<T: Clone + Default>(&self, states: &mut Vec<T>, batch: &Batch) {
        states.resize(batch.sizes[self.grouping.0], T::default());
    }
}

/// What one field may ask for.
pub(crate) struct Plan<'a> {
    pub(crate) inputs: &'a mut Inputs,
    /// `fields.` and the field's name.
    pub(crate) place: &'a str,
    pub(crate) rows: Rows,
}

impl Plan<'_> {
    fn place(&self, option: &str) -> String {
        format!("{}.{option}", self.place)
    }

    /// Asks for a numeric column.
    pub(crate) fn number(&mut self, option: &str, column: &str) -> Result<NumberId, Problem> {
        self.inputs.number(column, &self.place(option))
    }

    /// Asks for the codes of a column.
    pub(crate) fn codes(&mut self, option: &str, column: &str) -> Result<CodesId, Problem> {
        self.inputs.column(column, &self.place(option))
    }

    /// Asks for a condition.
    pub(crate) fn condition(&mut self, option: &str, text: &str) -> Result<MaskId, Problem> {
        self.inputs.condition(text, &self.place(option))
    }

    /// Asks for the table of a column's values in each group.
    pub(crate) fn table(&mut self, option: &str, column: &str, need: Need) -> Result<TableId, Problem> {
        let codes = self.codes(option, column)?;
        Ok(self.inputs.table(codes, self.rows.grouping, self.rows.mask, need))
    }

    /// Asks for the table of a column's values in each group, together with whose history counts: `by`, or everyone's.
    ///
    /// Where `by` is part of the groups' key, it is known from the group; else it becomes part of the value.
    pub(crate) fn history(&mut self, option: &str, column: &str, by: Option<&Columns>, need: Need) -> Result<History, Problem> {
        let Some(by) = by else { return Ok(History { table: self.table(option, column, need)?, rows: self.rows, owner: Vec::new() }) };
        let place = self.place("by");
        let owners = by.iter().map(|name| self.inputs.column(name, &place)).collect::<Result<Vec<_>, Problem>>()?;
        let key = self.inputs.groupings[self.rows.grouping.0].key.map(|key| self.inputs.columns_of(key)).unwrap_or_default();
        let positions: Option<Vec<usize>> = owners.iter().map(|owner| key.iter().position(|column| column == owner)).collect();
        if let Some(mut owner) = positions {
            owner.sort_unstable();
            owner.dedup();
            return Ok(History { table: self.table(option, column, need)?, rows: self.rows, owner });
        }
        self.codes(option, column)?;
        let names: Vec<String> = by.iter().map(str::to_owned).chain([column.to_owned()]).collect();
        let codes = self.inputs.tuple(&names, &place)?;
        let table = self.inputs.table(codes, self.rows.grouping, self.rows.mask, need);
        Ok(History { table, rows: self.rows, owner: Vec::new() })
    }
}

/// A table of pairs, and whose history counts.
#[derive(Debug, Clone)]
pub(crate) struct History {
    pub(crate) table: TableId,
    pub(crate) rows: Rows,
    /// Which columns of the groups' key name whose history it is; none: everyone's.
    owner: Vec<usize>,
}

impl Use {
    /// Whether another use is of the same value in the same history.
    pub(crate) fn same(&self, other: &Self) -> bool {
        (self.owner, self.value) == (other.owner, other.value)
    }
}

/// What was gathered of all events.
pub(crate) struct Finished<'a> {
    pub(crate) inputs: &'a Inputs,
    pub(crate) used: &'a [Used],
    /// By grouping: each group's period as its index among the distinct periods.
    pub(crate) ranks: &'a [Vec<u32>],
    /// By grouping: how many of the distinct periods, the first ones, belong to the training part.
    pub(crate) training: &'a [u32],
    /// Uses that some field asked for already.
    pub(crate) histories: Histories,
}

/// The uses of each history, by table and columns of the owner: several fields look back at the same one.
#[derive(Debug, Default)]
pub(crate) struct Histories(Mutex<BTreeMap<(TableId, Vec<usize>), SharedUses>>);

type SharedUses = Arc<OnceLock<Arc<[Use]>>>;

/// A value used in a group.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Use {
    /// Whose history it belongs to.
    pub(crate) owner: u32,
    pub(crate) value: u32,
    /// Index among the distinct periods.
    pub(crate) period: u32,
    pub(crate) group: u32,
    /// Index into the table.
    pub(crate) row: u32,
}

impl Finished<'_> {
    /// How many groups there are.
    pub(crate) fn groups(&self, rows: Rows) -> usize {
        self.ranks[rows.grouping.0].len()
    }

    /// The table of a history.
    pub(crate) fn table(&self, table: TableId) -> &Used {
        &self.used[table.0]
    }

    /// How many of the distinct periods belong to the training part.
    pub(crate) fn training_periods(&self, rows: Rows) -> u32 {
        self.training[rows.grouping.0]
    }

    /// The index of each group's period among the distinct ones.
    pub(crate) fn ranks(&self, rows: Rows) -> &[u32] {
        &self.ranks[rows.grouping.0]
    }

    /// The key of each group.
    pub(crate) fn keys(&self, rows: Rows) -> &[u32] {
        &self.inputs.groupings[rows.grouping.0].groups.keys
    }

    /// All uses of a history, by owner, value, period.
    pub(crate) fn uses(&self, history: &History) -> Arc<[Use]> {
        let mut histories = self.histories.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = Arc::clone(histories.entry((history.table, history.owner.clone())).or_default());
        // Others may look for other histories meanwhile; who looks for this one waits.
        drop(histories);
        Arc::clone(known.get_or_init(|| self.sorted_uses(history).into()))
    }

    fn sorted_uses(&self, history: &History) -> Vec<Use> {
        let owners = self.owners(history);
        let ranks = self.ranks(history.rows);
        let keys = &self.table(history.table).keys;
        let uses: Vec<Use> = keys
            .iter()
            .enumerate()
            .map(|(row, &key)| {
                let (group, value) = unpair(key);
                let owner = owners.as_ref().map_or(0, |owners| owners[group as usize]);
                Use { owner, value, period: ranks[group as usize], group, row: row as u32 }
            })
            .collect();
        // The table lies in the order of groups and their values, and each sort keeps the order of what is equal.
        sorted_by(sorted_by(sorted_by(uses, |one| one.period), |one| one.value), |one| one.owner)
    }

    /// Whose history each group's is; `None`: everyone's.
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

/// Sorts uses by small numbers, equal ones in the order in which they were: a counting sort, in linear time.
fn sorted_by(uses: Vec<Use>, number: impl Fn(&Use) -> u32) -> Vec<Use> {
    if uses.is_sorted_by_key(&number) {
        return uses;
    }
    let mut places = vec![0; uses.iter().map(|one| number(one) as usize + 2).max().unwrap_or(0)];
    uses.iter().for_each(|one| places[number(one) as usize + 1] += 1);
    for next in 1..places.len() {
        places[next] += places[next - 1];
    }
    let mut sorted = uses.clone();
    for one in &uses {
        let place = &mut places[number(one) as usize];
        sorted[*place] = *one;
        *place += 1;
    }
    sorted
}

/// What is kept of the numbers of one group.
pub(crate) trait State: Debug + Default + Clone + Send + Sync {
    /// Adds a number.
    fn add(&mut self, number: Number);
    /// What came of them.
    fn value(&self) -> Option<f64>;
}

/// A state for each group, fed by one column.
#[derive(Debug, Clone)]
pub(crate) struct PerGroup<S> {
    rows: Rows,
    number: NumberId,
    states: Vec<S>,
}

impl<S: State> PerGroup<S> {
    /// Starts with no groups.
    pub(crate) fn new(rows: Rows, number: NumberId) -> Self {
        Self { rows, number, states: Vec::new() }
    }
}

impl<S: State + 'static> Accumulator for PerGroup<S> {
    fn push(&mut self, batch: &Batch) {
        self.rows.grow(&mut self.states, batch);
        let states = &mut self.states;
        batch.numbers[self.number.0]
            .each(self.rows.groups(batch), self.rows.mask(batch), |group, number| states[group as usize].add(number));
    }

    fn finish(self: Box<Self>, _: &Finished<'_>) -> Vec<Option<f64>> {
        self.states.iter().map(S::value).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn counting_sorts_as_comparing_does(numbers in prop::collection::vec((0u32..4, 0u32..9, 0u32..5), 0..60)) {
            let uses: Vec<Use> = numbers
                .iter()
                .enumerate()
                .map(|(row, &(owner, value, period))| Use { owner, value, period, group: row as u32 / 2, row: row as u32 })
                .collect();
            let sorted = sorted_by(sorted_by(sorted_by(uses.clone(), |one| one.period), |one| one.value), |one| one.owner);
            let mut expected = uses;
            expected.sort_by_key(|one| (one.owner, one.value, one.period, one.group));
            let rows = |uses: &[Use]| uses.iter().map(|one| one.row).collect::<Vec<_>>();
            prop_assert_eq!(rows(&sorted), rows(&expected));
        }
    }
}
