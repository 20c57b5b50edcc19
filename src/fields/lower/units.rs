//! From the answers of the engine to the table of units.

use std::{collections::BTreeMap, sync::Arc};

use hashbrown::HashMap;
use polars::prelude::{DataFrame, DataType};

use super::plan::{Group, How, RemotePlan};
use crate::{
    error::{Error, Result},
    fields::{
        finish::compared,
        table::{FieldColumn, UnitTable},
    },
    units::{RowKey, entity_of},
};

/// What the engine answered, query by query, in the order in which they were asked.
pub(crate) struct Answers(pub(crate) Vec<DataFrame>);

/// Which answer is that of the units: totals and hours come first.
const UNITS: usize = 2;

/// The values of the columns that name a group, and its period.
type Key = (Vec<Arc<str>>, i64);

/// Values of one column by group.
type Values<'a> = HashMap<&'a Key, Option<f64>>;

/// One answer whose rows are groups.
struct Grouped {
    keys: Vec<Key>,
    frame: DataFrame,
}

impl Grouped {
    fn of(answers: &Answers, index: usize, keys: usize) -> Result<Self> {
        let frame = answers.frame(index)?;
        let texts = (0..keys).map(|key| texts(frame, &format!("k{key}"))).collect::<Result<Vec<_>>>()?;
        let periods = whole(frame, "p")?;
        let keys = periods.iter().enumerate().map(|(row, period)| {
            let values = texts.iter().map(|column| column[row].clone().unwrap_or_default());
            (values.collect(), *period)
        });
        Ok(Self { keys: keys.collect(), frame: frame.clone() })
    }

    fn values(&self, column: &str) -> Result<Values<'_>> {
        Ok(self.keys.iter().zip(real(&self.frame, column)?).collect())
    }
}

impl Answers {
    /// How many bytes came back.
    pub(crate) fn bytes(&self) -> u64 {
        self.0.iter().map(|frame| frame.estimated_size() as u64).sum()
    }

    /// That of the units.
    pub(crate) fn units(&self) -> Result<&DataFrame> {
        self.frame(UNITS)
    }

    /// One of the answers.
    pub(crate) fn frame(&self, index: usize) -> Result<&DataFrame> {
        self.0.get(index).ok_or_else(|| Error::Internal(format!("the engine was not asked query {index}")))
    }
}

/// The labels' answer, and the number of each row's unit, which is its place in the answer of the units.
pub(super) fn labelled<'a>(plan: &RemotePlan, answers: &'a Answers) -> Result<(&'a DataFrame, Vec<u32>)> {
    let keys = plan.key_columns.len();
    let last = answers.0.len().saturating_sub(1);
    let (units, labels) = (Grouped::of(answers, UNITS, keys)?, Grouped::of(answers, last, keys)?);
    let numbers: HashMap<&Key, u32> = units.keys.iter().zip(0..).collect();
    Ok((answers.frame(last)?, labels.keys.iter().map(|key| numbers.get(key).copied().unwrap_or(u32::MAX)).collect()))
}

/// Makes the table.
pub(super) fn table(plan: &RemotePlan, answers: &Answers) -> Result<UnitTable> {
    let mut next = UNITS;
    let groups = plan.groups.iter().map(|group| read(answers, &mut next, group.names.len())).collect::<Result<Vec<_>>>()?;
    let Some(units) = groups.first() else { return Err(Error::Internal("there is no group of units".into())) };
    let queried: Vec<usize> =
        plan.fields.iter().filter_map(|field| if let How::Query { group, .. } = field.how { Some(group) } else { None }).collect();
    let queried = queried.into_iter().map(|group| read(answers, &mut next, plan.groups[group].names.len())).collect::<Result<Vec<_>>>()?;
    let counts = whole(&units.frame, "n")?;
    let order = kept_in_order(&units.keys, &counts, plan.min_events);
    let rows: Vec<&Key> = order.iter().map(|&row| &units.keys[row]).collect();
    let parents: Vec<Vec<Option<Key>>> = plan
        .groups
        .iter()
        .enumerate()
        .map(|(index, group)| parents(plan, group, index, &rows, answers, &mut next))
        .collect::<Result<_>>()?;
    let mut attributes = BTreeMap::new();
    for name in plan.attributes.keys() {
        let grouped = read(answers, &mut next, plan.key_columns.len())?;
        let values = texts(&grouped.frame, "a0")?;
        let known: HashMap<&Key, Option<Arc<str>>> = grouped.keys.iter().zip(values).collect();
        attributes.insert(name.clone(), rows.iter().map(|row| known.get(row).cloned().flatten()).collect());
    }
    let mut fields = Vec::with_capacity(plan.fields.len());
    let mut comparisons = Vec::new();
    for field in &plan.fields {
        let values = match &field.how {
            How::Aggregate { group, index, absent } => of_units(&groups[*group].values(&format!("v{index}"))?, &parents[*group], *absent),
            How::Query { group, index, absent } => of_units(&queried[*index].values("v")?, &parents[*group], *absent),
            How::Units(versus) => {
                comparisons.push((fields.len(), versus));
                Vec::new()
            }
        };
        fields.push(FieldColumn {
            name: field.name.clone(),
            definition: field.definition.clone(),
            values,
            log: field.log,
            fill: field.fill,
        });
    }
    let periods: Vec<i64> = rows.iter().map(|(_, period)| *period).collect();
    let mut codes = HashMap::new();
    let entities: Vec<u32> = rows
        .iter()
        .map(|(names, _)| {
            let next = codes.len() as u32;
            *codes.entry(names).or_insert(next)
        })
        .collect();
    let events = plan.events();
    let in_training: Vec<bool> = periods.iter().map(|period| events.is_training(*period)).collect();
    for (index, versus) in comparisons {
        fields[index].values = compared(versus, &fields, &attributes, &entities, &periods, &in_training)?;
    }
    let (starts, ends) = periods.iter().map(|period| events.times(*period)).unzip();
    let mut row_of = vec![None; units.keys.len()];
    order.iter().enumerate().for_each(|(row, &unit)| row_of[unit] = Some(row as u32));
    Ok(UnitTable {
        rows: rows.iter().map(|(names, period)| RowKey { entity: entity_of(names), period: *period }).collect(),
        starts,
        ends,
        keys: (0..plan.key_columns.len()).map(|column| rows.iter().map(|(names, _)| names[column].clone()).collect()).collect(),
        key_columns: plan.key_columns.clone(),
        attributes,
        events: order.iter().map(|&row| counts[row].max(0) as u64).collect(),
        fields,
        below_min_events: (units.keys.len() - order.len()) as u64,
        order: row_of,
        no_entity: whole(answers.frame(0)?, "no_entity")?.first().map_or(0, |n| *n as u64),
        // The engine is asked for the window only.
        outside_window: 0,
    })
}

fn read(answers: &Answers, next: &mut usize, keys: usize) -> Result<Grouped> {
    *next += 1;
    Grouped::of(answers, *next - 1, keys)
}

/// The units with enough events, in the order of period, then entity.
fn kept_in_order(keys: &[Key], counts: &[i64], least: u64) -> Vec<usize> {
    let mut kept: Vec<usize> = (0..keys.len()).filter(|&row| counts[row] >= least as i64).collect();
    kept.sort_by_cached_key(|&row| (keys[row].1, entity_of(&keys[row].0), keys[row].0.clone()));
    kept
}

/// For each unit its group: known from its key, or that of most of its events.
fn parents(plan: &RemotePlan, group: &Group, index: usize, rows: &[&Key], answers: &Answers, next: &mut usize) -> Result<Vec<Option<Key>>> {
    if index == 0 {
        return Ok(rows.iter().map(|key| Some((*key).clone())).collect());
    }
    if plan.is_of_key(group) {
        let places: Vec<usize> = group.names.iter().filter_map(|name| plan.key_columns.iter().position(|key| key == name)).collect();
        return Ok(rows
            .iter()
            .map(|(names, period)| Some((places.iter().map(|&place| names[place].clone()).collect(), *period)))
            .collect());
    }
    let grouped = read(answers, next, plan.key_columns.len())?;
    let columns = (0..group.names.len()).map(|column| texts(&grouped.frame, &format!("a{column}"))).collect::<Result<Vec<_>>>()?;
    let known: HashMap<&Key, usize> = grouped.keys.iter().enumerate().map(|(row, key)| (key, row)).collect();
    let of = |key: &&Key| {
        let row = *known.get(*key)?;
        Some((columns.iter().map(|column| column[row].clone()).collect::<Option<Vec<_>>>()?, key.1))
    };
    Ok(rows.iter().map(of).collect())
}

/// The values of the units, each that of its group.
fn of_units(values: &Values<'_>, parents: &[Option<Key>], absent: Option<u8>) -> Vec<Option<f64>> {
    let absent = absent.map(f64::from);
    let of = |parent: &Option<Key>| {
        parent.as_ref().and_then(|key| values.get(key).copied().flatten().filter(|value| value.is_finite()).or(absent))
    };
    parents.iter().map(of).collect()
}

fn column<'a>(frame: &'a DataFrame, name: &str) -> Result<&'a polars::prelude::Column> {
    frame.column(name).map_err(|_| Error::Internal(format!("the engine's answer has no column `{name}`")))
}

/// A column of text.
pub(crate) fn texts(frame: &DataFrame, name: &str) -> Result<Vec<Option<Arc<str>>>> {
    let column = column(frame, name)?.cast(&DataType::String).map_err(shape)?;
    Ok(column.str().map_err(shape)?.iter().map(|text| text.map(Arc::from)).collect())
}

/// A column of whole numbers; 0 where there is none.
pub(crate) fn whole(frame: &DataFrame, name: &str) -> Result<Vec<i64>> {
    let column = column(frame, name)?.cast(&DataType::Int64).map_err(shape)?;
    Ok(column.i64().map_err(shape)?.iter().map(Option::unwrap_or_default).collect())
}

fn real(frame: &DataFrame, name: &str) -> Result<Vec<Option<f64>>> {
    let column = column(frame, name)?.cast(&DataType::Float64).map_err(shape)?;
    Ok(column.f64().map_err(shape)?.iter().collect())
}

fn shape(error: polars::prelude::PolarsError) -> Error {
    Error::Internal(format!("the engine's answer has another shape: {error}"))
}
