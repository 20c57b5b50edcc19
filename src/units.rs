//! Units: one entity in one period, the rows that are scored; and the matrix of their fields.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use ndarray::{ArcArray2, Array2, ArrayView1, ArrayView2, Axis};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::text::Said;

/// The name of an entity of several key columns: their values between ` · `.
///
/// A middle dot inside a value stands doubled, so that no two entities have the same name.
pub fn entity_name<'a>(parts: impl Iterator<Item = &'a str>) -> Arc<str> {
    let mut name = String::new();
    for (index, part) in parts.enumerate() {
        if index > 0 {
            name.push_str(" · ");
        }
        if part.contains('·') { name.push_str(&part.replace('·', "··")) } else { name.push_str(part) }
    }
    name.into()
}

/// The name of an entity by its parts: of one key column its value, of several [`entity_name`].
pub fn entity_of(parts: &[Arc<str>]) -> Arc<str> {
    if let [only] = parts { Arc::clone(only) } else { entity_name(parts.iter().map(|part| &**part)) }
}

/// Which entity, in which period.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RowKey {
    /// The values of the entity's key columns, joined by `" · "` where there are several; the row number where there is no entity.
    pub entity: Arc<str>,
    /// The number of the period, counted from the window's start; 0 where there is no time.
    pub period: i64,
}

/// Finite numbers, one row per unit, one column per feature.
///
/// Cannot hold NaN or an infinity. Rows are in the order of the `fields` stage (period, then entity), and stored row after row. Copies share
/// the values.
#[derive(Debug, Clone, PartialEq)]
pub struct FeatureMatrix {
    values: ArcArray2<f64>,
    features: Arc<[String]>,
    rows: Arc<[RowKey]>,
}

/// Why numbers are not a matrix.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum MatrixError {
    /// The shape does not fit the names and keys.
    #[error("{rows} keys and {features} names for a matrix of {shape:?}")]
    Shape {
        /// Number of keys.
        rows: usize,
        /// Number of names.
        features: usize,
        /// Rows and columns of the values.
        shape: (usize, usize),
    },
    /// A value is NaN or infinite.
    #[error("feature `{feature}` is {value} in row {row}")]
    NotFinite {
        /// The column's name.
        feature: String,
        /// The row's index.
        row: usize,
        /// The value.
        value: f64,
    },
}

/// A feature that was left out of the matrix, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Dropped {
    /// Its name.
    pub feature: String,
    /// Why: `constant in the training part`.
    pub reason: String,
}

impl FeatureMatrix {
    /// Makes a matrix of finite values.
    ///
    /// # Errors
    /// When the shape does not fit or a value is not finite.
    pub fn new(values: Array2<f64>, features: Arc<[String]>, rows: Arc<[RowKey]>) -> Result<Self, MatrixError> {
        if values.dim() != (rows.len(), features.len()) {
            return Err(MatrixError::Shape { rows: rows.len(), features: features.len(), shape: values.dim() });
        }
        if let Some(((row, column), &value)) = values.indexed_iter().find(|(_, v)| !v.is_finite()) {
            return Err(MatrixError::NotFinite { feature: features[column].clone(), row, value });
        }
        let values = if values.is_standard_layout() { values } else { values.as_standard_layout().into_owned() };
        Ok(Self { values: values.into_shared(), features, rows })
    }

    /// The values, row after row.
    pub fn values(&self) -> ArrayView2<'_, f64> {
        self.values.view()
    }

    /// The values, shared and not copied.
    pub fn shared(&self) -> ArcArray2<f64> {
        self.values.clone()
    }

    /// One row.
    pub fn row(&self, index: usize) -> ArrayView1<'_, f64> {
        self.values.row(index)
    }

    /// One feature.
    pub fn column(&self, index: usize) -> ArrayView1<'_, f64> {
        self.values.column(index)
    }

    /// The names of the columns.
    pub fn features(&self) -> &Arc<[String]> {
        &self.features
    }

    /// The keys of the rows.
    pub fn rows(&self) -> &Arc<[RowKey]> {
        &self.rows
    }

    /// How many rows.
    pub fn nrows(&self) -> usize {
        self.values.nrows()
    }

    /// How many columns.
    pub fn ncols(&self) -> usize {
        self.values.ncols()
    }

    /// The matrix with each value changed, by its column. What comes out infinite counts as the largest number of its sign, what is no number as 0.
    #[must_use]
    pub fn map(&self, change: impl Fn(usize, f64) -> f64 + Sync) -> Self {
        let (mut values, columns) = (self.values.to_owned(), self.ncols().max(1));
        if let Some(all) = values.as_slice_mut() {
            all.par_chunks_mut(1024 * columns).flat_map_iter(|rows| rows.chunks_mut(columns)).for_each(|row| {
                for (column, value) in row.iter_mut().enumerate() {
                    let changed = change(column, *value);
                    *value = if changed.is_nan() { 0.0 } else { changed.clamp(-f64::MAX, f64::MAX) };
                }
            });
        }
        Self { values: values.into_shared(), features: Arc::clone(&self.features), rows: Arc::clone(&self.rows) }
    }

    /// The matrix of some of its rows, in the order given.
    #[must_use]
    pub fn select_rows(&self, indices: &[usize]) -> Self {
        Self {
            values: self.values.select(Axis(0), indices).into_shared(),
            features: Arc::clone(&self.features),
            rows: indices.iter().map(|&i| self.rows[i].clone()).collect(),
        }
    }
}

/// What an analyst said, or the labels say, of a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Disposition {
    /// An attack.
    TruePositive,
    /// Rightly raised, but legitimate.
    BenignTruePositive,
    /// Nothing.
    FalsePositive,
}

/// One real attack; several units may belong to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incident {
    /// Its name, as labelled.
    pub id: String,
    /// Its kind, where the labels tell (`beacon`, `slow_drip`, ...).
    pub kind: Option<String>,
    /// When it began, microseconds since 1970 UTC: as labelled, else the first of its events.
    pub start: i64,
}

/// What is known of the units of one part.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Labels {
    /// Whether what is not labelled is benign.
    pub complete: bool,
    /// One for each unit; `None`: nothing is known (with `complete`: benign, never looked at).
    pub dispositions: Vec<Option<Disposition>>,
    /// The incidents with at least one unit in this part, by start, then id.
    pub incidents: Vec<Incident>,
    /// For each unit, the indices of its incidents.
    pub incidents_of: Vec<Vec<u32>>,
}

impl Labels {
    /// The labels of some of the units, in the order given; incidents without a unit among them are left out.
    #[must_use]
    pub fn select(&self, units: &[usize]) -> Self {
        let kept: BTreeSet<u32> = units.iter().flat_map(|unit| self.incidents_of[*unit].iter().copied()).collect();
        let numbers: BTreeMap<u32, u32> = kept.iter().copied().zip(0..).collect();
        let renumbered = |unit: &usize| self.incidents_of[*unit].iter().filter_map(|index| numbers.get(index).copied()).collect();
        Self {
            complete: self.complete,
            dispositions: units.iter().map(|unit| self.dispositions[*unit]).collect(),
            incidents: kept.iter().map(|index| self.incidents[*index as usize].clone()).collect(),
            incidents_of: units.iter().map(renumbered).collect(),
        }
    }
}

/// The units of one part (training or judged) as the evaluation sees them: who, when, in which case, with which label.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// The keys.
    pub rows: Arc<[RowKey]>,
    /// When each unit's period begins, microseconds since 1970 UTC.
    pub starts: Vec<i64>,
    /// For each unit, the index of its case: what an analyst opens. A case lies in one budget period.
    pub case_of: Vec<u32>,
    /// The cases, in the order of budget period, then of entity name.
    pub cases: Vec<Case>,
    /// The names of the clusters: whose days depend on each other (by default the entities). Indexed by [`Case::cluster`].
    pub clusters: Arc<[String]>,
    /// The budget periods of the part, in order, empty ones included.
    pub budget_periods: Vec<BudgetPeriod>,
    /// What is known of the units, where there are labels.
    pub labels: Option<Labels>,
}

/// What an analyst opens: the units of one entity within `alerts.group`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Case {
    /// Index into [`Part::clusters`].
    pub cluster: u32,
    /// Index into [`Part::budget_periods`].
    pub budget_period: u32,
}

/// A stretch of time with its own alert budget (`alerts.per`, by default a day). Empty ones count.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BudgetPeriod {
    /// When it begins, microseconds since 1970 UTC.
    pub start: i64,
    /// Its length in days (23 or 25 hours at a clock change).
    pub days: f64,
}

impl Part {
    /// The length of the part in days.
    pub fn days(&self) -> f64 {
        self.budget_periods.iter().map(|p| p.days).sum()
    }
}

/// What one field is and looked like, before scaling.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct FieldSummary {
    /// Its name.
    pub name: String,
    /// As the experiment defines it: `sum of bytes_up`.
    pub definition: Said,
    /// The share of training units without a value, before filling.
    pub missing: f64,
    /// What missing values were filled with.
    pub fill: f64,
    /// Smallest, first quartile, median, third quartile, largest value of the training part.
    pub quantiles: [f64; 5],
    /// The same of the judged part.
    pub judged_quantiles: [f64; 5],
    /// Population stability index between the parts, over the training deciles.
    pub drift: Option<f64>,
    /// How it was scaled: `log1p, robust`, `log1p, standard (IQR is zero)`.
    pub scaling: Said,
    /// Why it is not in the matrix, where it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dropped: Option<Said>,
}
