//! How a field says what it needs of the events, and how it is handed what was gathered.

use std::fmt::Debug;

use super::{
    batch::{Batch, Number},
    columns::Columns,
    footprint::held,
    history::History,
    inputs::{CodesId, GroupingId, Inputs, MaskId, NumberId, TableId},
    lower::{Lowered, Lowering},
    tables::Need,
    used::Used,
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

    /// Whether it tells one time from another: of events that have none it has no value, or one that says nothing.
    fn looks_at_times(&self) -> bool {
        false
    }

    /// What is wrong with the parameters: the option, and what.
    fn check(&self) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    /// The columns of the events that it names: the option, and the column.
    fn columns(&self) -> Vec<(&'static str, &str)>;

    /// The columns that it adds up or measures: an event with a large value there makes the field large.
    fn amounts(&self) -> Vec<&str> {
        Vec::new()
    }

    /// The conditions that it names: the option, and the SQL.
    fn conditions(&self) -> Vec<(&'static str, &str)> {
        Vec::new()
    }

    /// Asks for what it needs, and makes the accumulator.
    ///
    /// # Errors
    /// When a column is unknown or of the wrong type.
    fn plan(&self, plan: &mut Plan<'_>) -> Result<Box<dyn Accumulator>, Problem>;

    /// Says what it becomes where the events lie in an engine.
    ///
    /// # Errors
    /// When a column is unknown or of the wrong type, or the engine cannot compute it.
    fn lower(&self, to: &Lowering<'_>) -> Result<Lowered, Problem>;
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

    /// About how many bytes it holds by now. Fields that live on a table of pairs hold nothing themselves.
    fn bytes(&self) -> usize {
        0
    }

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

/// What was gathered of all events.
pub(crate) struct Finished<'a> {
    pub(crate) inputs: &'a Inputs,
    pub(crate) used: &'a [Used],
    /// By grouping: each group's period as its index among the distinct periods.
    pub(crate) ranks: &'a [Vec<u32>],
    /// By grouping: how many of the distinct periods, the first ones, belong to the training part.
    pub(crate) training: &'a [u32],
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

    fn bytes(&self) -> usize {
        held(&self.states)
    }

    fn finish(self: Box<Self>, _: &Finished<'_>) -> Vec<Option<f64>> {
        self.states.iter().map(S::value).collect()
    }
}
