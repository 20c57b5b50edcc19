//! What fields ask of each batch. Whatever two fields both ask for is prepared once: codes of a column, a condition, a table of pairs.

use std::collections::{BTreeMap, BTreeSet};

use chrono_tz::Tz;
use polars::prelude::{DataFrame, DataType, PolarsError};
use rayon::prelude::*;

use super::{
    batch::{Batch, Numbers, is_number},
    footprint::Footprint,
    group::Groups,
    intern::{Interner, NONE, Tuples},
    tables::{Need, Table},
};
use crate::{
    error::{Error, Problem, Result},
    sql::{Env, Expression, SqlError},
    text::similar,
};

/// Which codes of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct CodesId(pub(crate) usize);

/// Which numbers of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NumberId(pub(crate) usize);

/// Which condition of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MaskId(pub(crate) usize);

/// Which groups of a batch; the units are the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct GroupingId(pub(crate) usize);

/// Which table of pairs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TableId(pub(crate) usize);

/// The groups of the units.
pub(crate) const UNITS: GroupingId = GroupingId(0);

/// Where codes come from.
#[derive(Debug, Clone)]
enum Coded {
    Column { name: String, interner: Interner },
    Tuple { columns: Vec<CodesId>, tuples: Tuples },
}

/// Groups by the codes of a key; each row its own where there is none.
#[derive(Debug, Clone)]
pub(crate) struct Grouping {
    pub(crate) key: Option<CodesId>,
    pub(crate) groups: Groups,
}

/// Everything that is prepared of a batch.
#[derive(Debug, Clone)]
pub(crate) struct Inputs {
    env: Env,
    coded: Vec<Coded>,
    numbers: Vec<String>,
    conditions: Vec<Expression>,
    pub(crate) groupings: Vec<Grouping>,
    pub(crate) tables: Vec<Table>,
    pub(crate) clock: WallClock,
}

/// The wall clock and the days that are not like others.
#[derive(Debug, Clone)]
pub(crate) struct WallClock {
    pub(crate) zone: Tz,
    pub(crate) holidays: BTreeSet<chrono::NaiveDate>,
}

impl Inputs {
    /// Makes the inputs of events with these columns.
    pub(crate) fn new(zone: Tz, schema: &[(String, DataType)]) -> Self {
        let columns: BTreeMap<String, DataType> = schema.iter().cloned().collect();
        Self {
            env: Env { zone, columns },
            coded: Vec::new(),
            numbers: Vec::new(),
            conditions: Vec::new(),
            groupings: Vec::new(),
            tables: Vec::new(),
            clock: WallClock { zone, holidays: BTreeSet::new() },
        }
    }

    /// What codes, groups and tables of pairs hold by now.
    pub(crate) fn footprint(&self) -> Footprint {
        let coded = self.coded.iter().map(|coded| match coded {
            Coded::Column { interner, .. } => interner.bytes(),
            Coded::Tuple { tuples, .. } => tuples.bytes(),
        });
        let groups = self.groupings.iter().map(|grouping| grouping.groups.bytes());
        let tables = self.tables.iter().map(Table::footprint).sum::<Footprint>();
        Footprint { bytes: tables.bytes + coded.chain(groups).sum::<usize>() as u64, ..tables }
    }

    /// The type of a column.
    ///
    /// # Errors
    /// When there is none of this name; `place` is the key of the experiment that names it.
    pub(crate) fn dtype(&self, name: &str, place: &str) -> Result<&DataType, Problem> {
        self.env.columns.get(name).ok_or_else(|| {
            let known = self.env.columns.keys().map(String::as_str);
            let near = similar(name, known.clone());
            let list = |names: Vec<&str>| names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
            let help = match near.is_empty() {
                true => format!("the columns are {}", list(known.take(30).collect())),
                false => format!("did you mean {}?", list(near)),
            };
            Problem::error("E211", place, format!("unknown column `{name}`")).help(help)
        })
    }

    /// Asks for the codes of a column.
    pub(crate) fn column(&mut self, name: &str, place: &str) -> Result<CodesId, Problem> {
        let dtype = self.dtype(name, place)?.clone();
        if let Some(index) = self.coded.iter().position(|coded| matches!(coded, Coded::Column { name: other, .. } if other == name)) {
            return Ok(CodesId(index));
        }
        self.coded.push(Coded::Column { name: name.to_owned(), interner: Interner::of(&dtype) });
        Ok(CodesId(self.coded.len() - 1))
    }

    /// Asks for the codes of the tuple of some columns; of one column they are its own.
    pub(crate) fn tuple(&mut self, names: &[String], place: &str) -> Result<CodesId, Problem> {
        let columns = names.iter().map(|name| self.column(name, place)).collect::<Result<Vec<_>, Problem>>()?;
        if let [only] = columns[..] {
            return Ok(only);
        }
        if let Some(index) = self.coded.iter().position(|coded| matches!(coded, Coded::Tuple { columns: other, .. } if *other == columns)) {
            return Ok(CodesId(index));
        }
        let tuples = Tuples::new(columns.len());
        self.coded.push(Coded::Tuple { columns, tuples });
        Ok(CodesId(self.coded.len() - 1))
    }

    /// Asks for the values of a numeric column.
    pub(crate) fn number(&mut self, name: &str, place: &str) -> Result<NumberId, Problem> {
        let dtype = self.dtype(name, place)?;
        if !is_number(dtype) {
            let problem = Problem::error("E212", place, format!("column `{name}` is not a number, but {}", said(dtype)));
            return Err(problem.help(format!("count it (`distinct: {name}`), or make a number of it in `derive`")));
        }
        let index = self.numbers.iter().position(|other| other == name).unwrap_or_else(|| {
            self.numbers.push(name.to_owned());
            self.numbers.len() - 1
        });
        Ok(NumberId(index))
    }

    /// Asks for a condition.
    pub(crate) fn condition(&mut self, text: &str, place: &str) -> Result<MaskId, Problem> {
        let expression = Expression::parse(text).map_err(|error| at_place(place, &error))?;
        expression.lower_condition(&self.env).map(drop).map_err(|error| at_place(place, &error))?;
        let index = self.conditions.iter().position(|other| other.text() == text).unwrap_or_else(|| {
            self.conditions.push(expression);
            self.conditions.len() - 1
        });
        Ok(MaskId(index))
    }

    /// Asks for groups of a key.
    pub(crate) fn grouping(&mut self, key: Option<CodesId>) -> GroupingId {
        let index = self.groupings.iter().position(|other| other.key == key).unwrap_or_else(|| {
            self.groupings.push(Grouping { key, groups: Groups::default() });
            self.groupings.len() - 1
        });
        GroupingId(index)
    }

    /// Asks for the table of a code's values in each group.
    pub(crate) fn table(&mut self, codes: CodesId, grouping: GroupingId, mask: Option<MaskId>, need: Need) -> TableId {
        let index = self.tables.iter().position(|table| table.is_of(codes, grouping, mask)).unwrap_or_else(|| {
            self.tables.push(Table::new(codes, grouping, mask));
            self.tables.len() - 1
        });
        self.tables[index].also(need);
        TableId(index)
    }

    /// The columns that the codes stand for.
    pub(crate) fn columns_of(&self, codes: CodesId) -> Vec<CodesId> {
        match &self.coded[codes.0] {
            Coded::Column { .. } => vec![codes],
            Coded::Tuple { columns, .. } => columns.clone(),
        }
    }

    /// The codes of a tuple's columns.
    pub(crate) fn members(&self, codes: CodesId, code: u32) -> Vec<u32> {
        match &self.coded[codes.0] {
            Coded::Column { .. } => vec![code],
            Coded::Tuple { tuples, .. } => tuples.members(code),
        }
    }

    /// The text of a column's code.
    pub(crate) fn text(&self, column: CodesId, code: u32) -> std::sync::Arc<str> {
        match &self.coded[column.0] {
            Coded::Column { interner, .. } => interner.text(code),
            Coded::Tuple { .. } => "".into(),
        }
    }

    /// The columns of the events that are read.
    pub(crate) fn needed(&self) -> BTreeSet<String> {
        let coded = self.coded.iter().filter_map(|coded| match coded {
            Coded::Column { name, .. } => Some(name.clone()),
            Coded::Tuple { .. } => None,
        });
        coded
            .chain(self.numbers.iter().cloned())
            .chain(self.conditions.iter().flat_map(|condition| condition.columns().iter().cloned()))
            .collect()
    }

    /// Prepares all but the groups of a batch.
    pub(crate) fn prepare(&mut self, frame: &DataFrame) -> Result<Batch> {
        let engine = |error: polars::error::PolarsError| Error::Internal(format!("cannot read a batch of events: {error}"));
        for name in self.needed() {
            let dtype = frame.column(&name).map_err(engine)?.dtype();
            if self.env.columns.get(&name) != Some(dtype) {
                return Err(Error::Internal(format!("column `{name}` became {dtype} in the middle of the events")));
            }
        }
        let Self { coded, numbers, conditions, env, .. } = self;
        // Together, and not one after the other: waking the threads takes longer than many a column.
        let (codes, (numbers, masks)) = rayon::join(
            || codes_of(coded, frame).map_err(engine),
            || {
                rayon::join(
                    || numbers.iter().map(|name| Numbers::of(frame.column(name)?)).collect::<Result<_, _>>().map_err(engine),
                    || -> Result<_> {
                        let masks = Expression::evaluate_masks(conditions, frame, env.zone)?;
                        Ok(masks.iter().map(|mask| mask.iter().map(|value| value == Some(true)).collect()).collect())
                    },
                )
            },
        );
        let (codes, numbers, masks) = (codes?, numbers?, masks?);
        Ok(Batch { codes, numbers, masks, ..Batch::default() })
    }

    /// Gives each event of a batch its groups. Events without a unit are in no group at all.
    pub(crate) fn group(&mut self, batch: &mut Batch, periods: &mut [Option<i64>]) {
        for grouping in &mut self.groupings {
            let groups = match grouping.key {
                Some(key) => grouping.groups.assign(&batch.codes[key.0], periods),
                None => grouping.groups.assign_rows(periods),
            };
            if batch.groups.is_empty() {
                for (period, group) in periods.iter_mut().zip(&groups) {
                    *period = period.filter(|_| *group != NONE);
                }
            }
            batch.groups.push(groups);
            batch.sizes.push(grouping.groups.len());
        }
    }
}

/// The codes of all columns and tuples of a batch.
fn codes_of(coded: &mut [Coded], frame: &DataFrame) -> Result<Vec<Vec<u32>>, PolarsError> {
    let columns = coded.par_iter_mut().map(|coded| match coded {
        Coded::Column { name, interner } => interner.encode(frame.column(name)?),
        Coded::Tuple { .. } => Ok(Vec::new()),
    });
    let mut codes: Vec<Vec<u32>> = columns.collect::<Result<_, _>>()?;
    for (index, coded) in coded.iter_mut().enumerate() {
        if let Coded::Tuple { columns, tuples } = coded {
            let parts: Vec<&[u32]> = columns.iter().map(|id| codes[id.0].as_slice()).collect();
            codes[index] = tuples.encode(&parts);
        }
    }
    Ok(codes)
}

/// What is wrong with a condition, in the place that names it.
fn at_place(place: &str, error: &SqlError) -> Problem {
    let code = if matches!(error, SqlError::UnknownColumn { .. }) { "E211" } else { "E209" };
    let problem = Problem::error(code, place, error.to_string());
    problem.help_if(error.hint())
}

/// A type in words.
fn said(dtype: &DataType) -> &'static str {
    match dtype {
        DataType::String => "text",
        DataType::Datetime(..) => "a time",
        DataType::Date => "a date",
        DataType::Duration(_) => "a length of time",
        _ => "something else",
    }
}
