//! The rule in place today, on the same units: an SQL condition over units, or over events.

use std::collections::{BTreeMap, BTreeSet};

use chrono_tz::Tz;
use polars::prelude::*;

use crate::{
    error::{Error, Result},
    parts::Units,
    spec,
    sql::{Env, Expression},
};

/// The rule in place today.
#[derive(Debug, Clone)]
pub struct Baseline {
    title: String,
    zone: Tz,
    how: How,
}

#[derive(Debug, Clone)]
enum How {
    Rule(Expression),
    Events { condition: Expression, flagged: Vec<bool> },
}

/// A field of all units: its name, and its value for each unit before scaling.
pub type Field<'a> = (&'a str, &'a [Option<f64>]);

impl Baseline {
    /// Reads the rule.
    ///
    /// # Errors
    /// When there is not exactly one of `rule` and `events`, or it is no expression over one row.
    pub fn new(baseline: &spec::Baseline, zone: Tz) -> Result<Self> {
        let parse = |key: &str, text: &str| Expression::parse(text).map_err(|error| placed(key, error.into()));
        let how = match (&baseline.rule, &baseline.events) {
            (Some(rule), None) => How::Rule(parse("rule", rule)?),
            (None, Some(events)) => How::Events { condition: parse("events", events)?, flagged: Vec::new() },
            _ => {
                return Err(Error::data_hint(
                    "`baseline` needs exactly one of `rule` and `events`",
                    "`rule` is SQL over units, `events` SQL over events",
                ));
            }
        };
        Ok(Self { title: baseline.title.clone(), zone, how })
    }

    /// Its name in the report.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// The columns of the events that it reads; none where it is a rule over units.
    pub fn columns(&self) -> BTreeSet<String> {
        match &self.how {
            How::Rule(_) => BTreeSet::new(),
            How::Events { condition, .. } => condition.columns().clone(),
        }
    }

    /// What a rule over units may refer to: the fields (numbers), the entity's key columns (text), and `events` (how many there are).
    pub fn env<'a>(zone: Tz, fields: impl Iterator<Item = &'a str>, key_columns: impl Iterator<Item = &'a str>) -> Env {
        let mut columns: BTreeMap<String, DataType> = BTreeMap::from([("events".into(), DataType::Int64)]);
        columns.extend(key_columns.map(|name| (name.to_owned(), DataType::String)));
        columns.extend(fields.map(|name| (name.to_owned(), DataType::Float64)));
        Env { zone, columns }
    }

    /// Takes note of a batch of events; `units` tells each event's unit, `u32::MAX` where it has none.
    ///
    /// # Errors
    /// When the events lack a column, or the condition does not fit their types.
    pub fn push(&mut self, events: &DataFrame, units: &[u32]) -> Result<()> {
        let How::Events { condition, flagged } = &mut self.how else { return Ok(()) };
        let mask = condition.evaluate_mask(events, self.zone).map_err(|error| placed("events", error.into()))?;
        for (hit, &unit) in mask.iter().zip(units) {
            if unit == u32::MAX {
                continue;
            }
            let unit = unit as usize;
            if unit >= flagged.len() {
                flagged.resize(unit + 1, false);
            }
            flagged[unit] |= hit == Some(true);
        }
        Ok(())
    }

    /// Takes over which units the condition on events flags, where an engine told: one for each unit number.
    pub fn told(&mut self, of_units: Vec<bool>) {
        if let How::Events { flagged, .. } = &mut self.how {
            *flagged = of_units;
        }
    }

    /// Tells which units the rule flags. `fields` are those of all units; `order` tells, for each unit number that was pushed, its row
    /// among the units.
    ///
    /// # Errors
    /// When the rule names something that is neither a field nor a key column, or its kinds do not fit.
    pub fn finish(self, units: &Units<'_>, fields: &[Field<'_>], order: &[Option<u32>]) -> Result<Vec<bool>> {
        match self.how {
            How::Rule(rule) => {
                let mask =
                    rule.evaluate_mask(&table(units, fields, rule.columns())?, self.zone).map_err(|error| placed("rule", error.into()))?;
                Ok(mask.iter().map(|hit| hit == Some(true)).collect())
            }
            How::Events { flagged, .. } => {
                let mut rows = vec![false; units.len()];
                for (hit, row) in flagged.into_iter().zip(order) {
                    if let Some(row) = row.filter(|row| hit && (*row as usize) < rows.len()) {
                        rows[row as usize] = true;
                    }
                }
                Ok(rows)
            }
        }
    }
}

/// The units as a frame. Every column is there by name, but only those that are used carry values.
fn table(units: &Units<'_>, fields: &[Field<'_>], used: &BTreeSet<String>) -> Result<DataFrame> {
    let height = units.len();
    let mut columns: BTreeMap<&str, Column> = BTreeMap::new();
    let add = |name: &str, data_type: DataType, values: &mut dyn FnMut() -> Series| -> Column {
        let name = PlSmallStr::from_str(name);
        if used.contains(name.as_str()) { values().with_name(name).into_column() } else { Column::full_null(name, height, &data_type) }
    };
    columns.insert(
        "events",
        add("events", DataType::Int64, &mut || {
            Int64Chunked::from_iter_values(PlSmallStr::EMPTY, units.events.iter().map(|count| *count as i64)).into_series()
        }),
    );
    for (name, values) in units.key_columns.iter().zip(units.keys) {
        columns.insert(
            name,
            add(name, DataType::String, &mut || values.iter().map(|value| Some(&**value)).collect::<StringChunked>().into_series()),
        );
    }
    for (name, values) in fields {
        columns.insert(name, add(name, DataType::Float64, &mut || values.iter().copied().collect::<Float64Chunked>().into_series()));
    }
    DataFrame::new(height, columns.into_values().collect()).map_err(|error| Error::Internal(format!("units as a table: {error}")))
}

fn placed(key: &str, error: Error) -> Error {
    match error {
        Error::Data { message, hint } => Error::Data { message: format!("`baseline.{key}`: {message}"), hint },
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::units::RowKey;

    fn keys() -> Vec<Vec<Arc<str>>> {
        vec![["ann", "bob", "ann"].map(Arc::from).to_vec()]
    }

    fn flags(rule: Option<&str>, events: Option<&str>) -> Result<Vec<bool>> {
        let (rows, keys, columns) = (vec![RowKey { entity: "x".into(), period: 0 }; 3], keys(), ["user".to_owned()]);
        let units = Units { rows: &rows, starts: &[0; 3], ends: &[0; 3], key_columns: &columns, keys: &keys, events: &[1, 5, 9] };
        let spec = spec::Baseline { title: "t".into(), rule: rule.map(Into::into), events: events.map(Into::into) };
        let mut baseline = Baseline::new(&spec, Tz::UTC)?;
        let batch = df!("method" => ["GET", "POST", "POST", "GET"]).unwrap();
        // Unit numbers are those of first appearance; number 0 is the last row, number 2 has too few events to be a row.
        baseline.push(&batch, &[0, 0, 2, 1])?;
        baseline.push(&batch, &[1, u32::MAX, u32::MAX, 3])?;
        let bytes = [Some(6e7), None, Some(1.0)];
        baseline.finish(&units, &[("bytes", &bytes)], &[Some(2), Some(0), None, Some(1)])
    }

    #[test]
    fn a_rule_over_units_sees_fields_keys_and_events() {
        assert_eq!(flags(Some("bytes > 50000000"), None).unwrap(), [true, false, false]);
        assert_eq!(flags(Some("user = 'ann' and events > 1"), None).unwrap(), [false, false, true]);
        assert_eq!(flags(Some("bytes is null"), None).unwrap(), [false, true, false]);
        assert_eq!(flags(Some("true"), None).unwrap(), [true; 3]);
    }

    #[test]
    fn a_unit_is_flagged_when_any_event_is() {
        assert_eq!(flags(None, Some("method = 'POST'")).unwrap(), [false, false, true]);
        assert_eq!(flags(None, Some("method = 'GET'")).unwrap(), [true, true, true]);
    }

    #[test]
    fn errors_say_where() {
        let error = flags(Some("byte > 5"), None).unwrap_err();
        assert_eq!(error.to_string(), "`baseline.rule`: unknown column `byte`");
        assert_eq!(error.hint(), Some("did you mean `bytes`?"));
        assert!(flags(Some("bytes"), None).is_err(), "no condition");
        assert!(flags(None, Some("bytes > 1")).is_err(), "a field is no column of the events");
        assert!(flags(None, None).is_err());
        assert!(flags(Some("true"), Some("true")).is_err());
    }
}
