//! The units with their fields, before scaling.

use std::{collections::BTreeMap, sync::Arc};

use crate::{text::Said, units::RowKey};

/// All units, sorted by period, then entity, with the value of every field.
#[derive(Debug, Clone, PartialEq)]
pub struct UnitTable {
    /// Which entity, in which period.
    pub rows: Arc<[RowKey]>,
    /// When each unit's period begins, microseconds since 1970 UTC; 0 without time.
    pub starts: Vec<i64>,
    /// When each unit's period ends; the first moment that is not part of it, 0 without time.
    pub ends: Vec<i64>,
    /// The columns that name the entity.
    pub key_columns: Vec<String>,
    /// For each key column, its value for each unit.
    pub keys: Vec<Vec<Arc<str>>>,
    /// For each column that clusters or groups units, its most frequent value among each unit's events (of equally frequent ones the first
    /// by code point); `None` where it is never known.
    pub attributes: BTreeMap<String, Vec<Option<Arc<str>>>>,
    /// How many events each unit has.
    pub events: Vec<u64>,
    /// The fields, in the order of the experiment.
    pub fields: Vec<FieldColumn>,
    /// For each unit number that [`super::Collector::push`] gave, its row here; `None` where it has fewer than `min_events` events.
    pub order: Vec<Option<u32>>,
    /// How many units have fewer than `min_events` events.
    pub below_min_events: u64,
    /// How many events have no entity (a null in a key column) and so are in no unit, no group, and no history.
    pub no_entity: u64,
    /// How many events have no time, or one outside the window.
    pub outside_window: u64,
}

/// One field of all units.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldColumn {
    /// Its name.
    pub name: String,
    /// What it is, in words: `sum of bytes_up`.
    pub definition: Said,
    /// Its value for each unit; `None` is no value, and never NaN or infinite.
    pub values: Vec<Option<f64>>,
    /// Whether its signed logarithm is scaled in place of itself.
    pub log: bool,
    /// What stands for no value; `None`: the median of the training part.
    pub fill: Option<f64>,
}

impl UnitTable {
    /// How many units.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// A field by its name.
    pub fn field(&self, name: &str) -> Option<&FieldColumn> {
        self.fields.iter().find(|field| field.name == name)
    }
}
