//! New columns of the events.

use std::collections::BTreeSet;

use chrono_tz::Tz;
use indexmap::IndexMap;
use polars::prelude::{DataFrame, IntoColumn, PlSmallStr};

use super::engine;
use crate::{
    error::{Error, Result},
    sql::Expression,
};

/// New columns of the events, each an SQL expression over the row; later ones may use earlier ones.
#[derive(Debug, Clone)]
pub struct Derive {
    columns: Vec<(String, Expression)>,
    zone: Tz,
}

impl Derive {
    /// Reads the expressions, in order.
    ///
    /// # Errors
    /// When one of them is not an expression over one row.
    pub fn new(derive: &IndexMap<String, String>, zone: Tz) -> Result<Self> {
        let columns = derive
            .iter()
            .map(|(name, text)| Expression::parse(text).map(|e| (name.clone(), e)).map_err(|error| placed(name, error.into())))
            .collect::<Result<Vec<_>>>()?;
        Ok(Self { columns, zone })
    }

    /// The columns of the events that it reads and does not make itself.
    pub fn columns(&self) -> BTreeSet<String> {
        let mut made = BTreeSet::new();
        let mut read = BTreeSet::new();
        for (name, expression) in &self.columns {
            read.extend(expression.columns().iter().filter(|column| !made.contains(column)).cloned());
            made.insert(name);
        }
        read
    }

    /// Adds the columns to a batch of events.
    ///
    /// # Errors
    /// When the events already have a column of that name, or lack one that is used.
    pub fn apply(&self, mut events: DataFrame) -> Result<DataFrame> {
        for (name, expression) in &self.columns {
            if events.column(name).is_ok() {
                return Err(Error::data_hint(
                    format!("`derive.{name}`: the events already have a column `{name}`"),
                    "derived columns need a new name: history is not overwritten",
                ));
            }
            let values = expression.evaluate(&events, self.zone).map_err(|error| placed(name, error.into()))?;
            events.with_column(values.with_name(PlSmallStr::from_str(name)).into_column()).map_err(engine)?;
        }
        Ok(events)
    }
}

fn placed(name: &str, error: Error) -> Error {
    match error {
        Error::Data { message, hint } => Error::Data { message: format!("`derive.{name}`: {message}"), hint },
        other => other,
    }
}
