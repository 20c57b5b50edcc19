//! From what was gathered to the table of units.

use std::{collections::BTreeMap, mem, sync::Arc};

use rayon::prelude::*;

use super::{
    collector::{Attribute, Collector, How, Planned},
    inputs::{GroupingId, Inputs, UNITS},
    intern::NONE,
    kinds::versus::{self, Versus},
    plan::Finished,
    table::{FieldColumn, UnitTable},
    tables::Table,
    used::Used,
};
use crate::{
    error::{Error, Result},
    said,
    units::{RowKey, entity_of},
};

/// Makes the table.
pub(super) fn units(mut collector: Collector) -> Result<UnitTable> {
    let tables: Vec<Table> = mem::take(&mut collector.inputs.tables);
    let used: Vec<Used> = tables.into_par_iter().map(Table::finish).collect();
    let planned = mem::take(&mut collector.planned);
    let inputs = &collector.inputs;
    let groups = &inputs.groupings[UNITS.0].groups;
    if groups.len() >= NONE as usize {
        return Err(Error::data_hint(
            "there are more units than can be numbered",
            "take a coarser `entity.key` or a longer `entity.every`",
        ));
    }
    let names = EntityNames::of(inputs, &collector.key_columns);
    let rows = kept_in_order(&collector, &names);
    let (ranks, training): (Vec<Vec<u32>>, Vec<u32>) = inputs
        .groupings
        .iter()
        .map(|grouping| {
            let (distinct, ranks) = grouping.groups.ranked_periods();
            (ranks, distinct.partition_point(|&period| collector.is_training(period)) as u32)
        })
        .unzip();
    let done = Finished { inputs, used: &used, ranks: &ranks, training: &training };

    let attributes: BTreeMap<String, Vec<Option<Arc<str>>>> = collector
        .attributes
        .iter()
        .map(|(column, attribute)| (column.clone(), attribute_values(inputs, &used, attribute, groups.len(), &rows)))
        .collect();
    let parents = (0..inputs.groupings.len()).map(|index| collector.parent_of(index, &used, &rows)).collect();
    let (mut fields, comparisons) = of_events(planned, &done, &InUnits { rows: &rows, parents });
    let entities: Vec<u32> = rows.iter().map(|&unit| groups.keys[unit as usize]).collect();
    let periods: Vec<i64> = rows.iter().map(|&unit| groups.periods[unit as usize]).collect();
    let in_training: Vec<bool> = periods.iter().map(|&period| collector.is_training(period)).collect();
    for (index, comparison) in comparisons {
        let values = compared(&comparison, &fields, &attributes, &entities, &periods, &in_training)?;
        fields[index].values = values;
    }

    let mut order = vec![None; groups.len()];
    rows.iter().enumerate().for_each(|(row, &unit)| order[unit as usize] = Some(row as u32));
    let (starts, ends) = collector.times(&periods);
    Ok(UnitTable {
        rows: entities.iter().zip(&periods).map(|(&entity, &period)| RowKey { entity: names.full(entity), period }).collect(),
        starts,
        ends,
        keys: (0..collector.key_columns.len()).map(|column| entities.iter().map(|&entity| names.part(entity, column)).collect()).collect(),
        key_columns: collector.key_columns.clone(),
        attributes,
        events: rows.iter().map(|&unit| collector.events[unit as usize]).collect(),
        fields,
        below_min_events: (groups.len() - rows.len()) as u64,
        order,
        no_entity: collector.no_entity,
        outside_window: collector.outside_window,
    })
}

/// The units with enough events, in the order of period, then entity.
fn kept_in_order(collector: &Collector, names: &EntityNames) -> Vec<u32> {
    let groups = &collector.inputs.groupings[UNITS.0].groups;
    let mut rows: Vec<u32> = (0..groups.len() as u32).filter(|&unit| collector.events[unit as usize] >= collector.min_events).collect();
    if !collector.key_columns.is_empty() {
        let places = names.places();
        rows.sort_unstable_by_key(|&unit| (groups.periods[unit as usize], places[groups.keys[unit as usize] as usize]));
    }
    rows
}

/// The fields that are computed from events, in their order, and of those that compare units the places that are still empty.
fn of_events(planned: Vec<Planned>, done: &Finished<'_>, units: &InUnits<'_>) -> (Vec<FieldColumn>, Vec<(usize, Versus)>) {
    let one = |Planned { name, definition, log, fill, how }| match how {
        How::Events { accumulator, grouping } => {
            let values = units.each_of(accumulator.finish(done), grouping, done);
            (vec![FieldColumn { name, definition, values, log, fill }], None)
        }
        How::Categories { category, rows, codes, table } => {
            let encoded = category.encode(rows, codes, table, done).into_iter().map(|encoded| FieldColumn {
                name: encoded.of.map_or_else(|| name.clone(), |of| format!("{name}={of}")),
                definition: said!(en: "{own}{options}", fr: "{own}{options}", own = encoded.definition, options = definition),
                values: units.each_of(encoded.values, rows.grouping, done),
                log,
                fill,
            });
            (encoded.collect(), None)
        }
        How::Units(comparison) => (vec![FieldColumn { name, definition, values: Vec::new(), log, fill }], Some(comparison)),
    };
    let finished: Vec<(Vec<FieldColumn>, Option<Versus>)> = planned.into_par_iter().map(one).collect();
    let (mut fields, mut comparisons) = (Vec::with_capacity(finished.len()), Vec::new());
    for (columns, comparison) in finished {
        comparisons.extend(comparison.map(|comparison| (fields.len(), comparison)));
        fields.extend(columns);
    }
    (fields, comparisons)
}

/// The units, and where each of them lies in the coarser groupings.
struct InUnits<'a> {
    rows: &'a [u32],
    /// By grouping, for each unit its group there; `None` for that of the units.
    parents: Vec<Option<Vec<Option<u32>>>>,
}

impl InUnits<'_> {
    /// A field's values for the units, each that of its group.
    fn each_of(&self, mut by_group: Vec<Option<f64>>, grouping: GroupingId, done: &Finished<'_>) -> Vec<Option<f64>> {
        // Groups that came after the field's last batch do not exist; a collector without batches has none at all.
        by_group.resize(done.ranks[grouping.0].len(), None);
        let finite = |group: u32| by_group[group as usize].filter(|value| value.is_finite());
        match &self.parents[grouping.0] {
            Some(parents) => parents.iter().map(|group| group.and_then(finite)).collect(),
            None => self.rows.iter().map(|&unit| finite(unit)).collect(),
        }
    }
}

/// The values of a field that compares another with the unit's own past or its peers.
pub(super) fn compared(
    comparison: &Versus,
    fields: &[FieldColumn],
    attributes: &BTreeMap<String, Vec<Option<Arc<str>>>>,
    entities: &[u32],
    periods: &[i64],
    training: &[bool],
) -> Result<Vec<Option<f64>>> {
    let of = fields.iter().find(|field| field.name == comparison.of);
    let of = of.ok_or_else(|| Error::Internal(format!("there is no field `{}` to compare", comparison.of)))?;
    let values: Vec<Option<f64>> =
        of.values.iter().map(|value| value.map(|value| if of.log { super::scale::signed_log(value) } else { value })).collect();
    let groups = comparison.group.as_ref().and_then(|group| attributes.get(group)).map(Vec::as_slice);
    Ok(comparison.compare(&values, &versus::Units { entities, periods, groups, training }))
}

/// The most frequent value of a column in each of the units.
fn attribute_values(inputs: &Inputs, used: &[Used], attribute: &Attribute, units: usize, rows: &[u32]) -> Vec<Option<Arc<str>>> {
    let mut texts: BTreeMap<u32, Arc<str>> = BTreeMap::new();
    let codes =
        most_frequent(&used[attribute.table.0], units, |a, b| inputs.text(attribute.codes, a).cmp(&inputs.text(attribute.codes, b)));
    rows.iter()
        .map(|&unit| {
            let code = codes[unit as usize];
            (code != NONE).then(|| texts.entry(code).or_insert_with(|| inputs.text(attribute.codes, code)).clone())
        })
        .collect()
}

/// For each group, the code with the most events; of equally frequent ones the first by `compare`.
fn most_frequent(used: &Used, groups: usize, compare: impl Fn(u32, u32) -> std::cmp::Ordering) -> Vec<u32> {
    let mut best: Vec<(u64, u32)> = vec![(0, NONE); groups];
    for (group, (most, kept)) in (0..).zip(&mut best) {
        for (&code, count) in used.values(group).iter().zip(used.counts(group)) {
            if count > *most || (count == *most && compare(code, *kept).is_lt()) {
                (*most, *kept) = (count, code);
            }
        }
    }
    best.into_iter().map(|(_, code)| code).collect()
}

impl Collector {
    /// Whether a period lies in the training part, wholly; without a window everything does.
    fn is_training(&self, period: i64) -> bool {
        match (&self.window, &self.calendar) {
            (Some(window), Some(calendar)) => calendar.end_of(period) <= window.train_end,
            _ => true,
        }
    }

    /// For each unit, its group in a coarser grouping: that of the most frequent coarser key among its events.
    fn parent_of(&self, grouping: usize, used: &[Used], rows: &[u32]) -> Option<Vec<Option<u32>>> {
        let table = (*self.parents.get(grouping)?)?;
        let key = self.inputs.groupings[grouping].key?;
        let columns = self.inputs.columns_of(key);
        let texts = |code: u32| -> Vec<Arc<str>> {
            columns.iter().zip(self.inputs.members(key, code)).map(|(&column, code)| self.inputs.text(column, code)).collect()
        };
        let units = &self.inputs.groupings[UNITS.0].groups;
        let coarser = &self.inputs.groupings[grouping].groups;
        let codes = most_frequent(&used[table.0], units.len(), |a, b| texts(a).cmp(&texts(b)));
        let group = |&unit: &u32| {
            let code = codes[unit as usize];
            if code == NONE { None } else { coarser.find(code, units.periods[unit as usize]) }
        };
        Some(rows.iter().map(group).collect())
    }

    /// When the units begin and end; 0 without time.
    fn times(&self, periods: &[i64]) -> (Vec<i64>, Vec<i64>) {
        match &self.calendar {
            Some(calendar) => {
                let mut known: BTreeMap<i64, (i64, i64)> = BTreeMap::new();
                periods
                    .iter()
                    .map(|&period| *known.entry(period).or_insert_with(|| (calendar.start_of(period), calendar.end_of(period))))
                    .unzip()
            }
            None => (vec![0; periods.len()], vec![0; periods.len()]),
        }
    }
}

/// The names of the entities, by their code.
struct EntityNames {
    parts: Vec<Vec<Arc<str>>>,
    full: Vec<Arc<str>>,
}

impl EntityNames {
    fn of(inputs: &Inputs, key_columns: &[String]) -> Self {
        let grouping = &inputs.groupings[UNITS.0];
        let codes = grouping.groups.keys.iter().max().map_or(0, |&last| last + 1);
        let Some(key) = grouping.key else {
            // People count rows from 1.
            return Self { parts: Vec::new(), full: (0..codes).map(|row| (u64::from(row) + 1).to_string().into()).collect() };
        };
        let columns = inputs.columns_of(key);
        let mut parts = vec![Vec::with_capacity(codes as usize); key_columns.len()];
        let mut full = Vec::with_capacity(codes as usize);
        let mut known: Vec<BTreeMap<u32, Arc<str>>> = vec![BTreeMap::new(); columns.len()];
        for code in 0..codes {
            let texts: Vec<Arc<str>> = columns
                .iter()
                .zip(inputs.members(key, code))
                .zip(&mut known)
                .map(|((&column, member), known)| known.entry(member).or_insert_with(|| inputs.text(column, member)).clone())
                .collect();
            full.push(entity_of(&texts));
            parts.iter_mut().zip(texts).for_each(|(part, text)| part.push(text));
        }
        Self { parts, full }
    }

    fn full(&self, entity: u32) -> Arc<str> {
        Arc::clone(&self.full[entity as usize])
    }

    fn part(&self, entity: u32, column: usize) -> Arc<str> {
        Arc::clone(&self.parts[column][entity as usize])
    }

    /// The place of each entity in the order of names, and of their parts where two names look alike.
    fn places(&self) -> Vec<u32> {
        let mut sorted: Vec<u32> = (0..self.full.len() as u32).collect();
        let parts = |entity: u32| self.parts.iter().map(move |part| &part[entity as usize]);
        sorted.sort_by(|&a, &b| self.full[a as usize].cmp(&self.full[b as usize]).then_with(|| parts(a).cmp(parts(b))));
        let mut places = vec![0; sorted.len()];
        sorted.iter().enumerate().for_each(|(place, &entity)| places[entity as usize] = place as u32);
        places
    }
}
