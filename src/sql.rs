//! SQL expressions over one row: parsed, checked against the columns that exist, and lowered to the engine; never pasted.
//!
//! ```text
//! text -> parse -> Node -> check (columns, types, coercions) -> Node -> lower -> polars::Expr
//! ```
//!
//! What an expression means does not depend on the engine: [`node::Node`] is what any further dialect is rendered from, after
//! the check has written every coercion into it. Arithmetic is in 64-bit floats (nothing wraps, 7/2 = 3.5), a division by zero and the logarithm of
//! 0 are null, and so is a result that is not finite (inside a condition, what overflows compares as larger than all), strings compare by code
//! point, and null is neither true nor false.

use std::collections::{BTreeMap, BTreeSet};

use chrono_tz::Tz;
use polars::prelude::*;

pub use self::{
    domain::{registered_domain, url_host},
    error::SqlError,
    node::Kind,
};

mod check;
mod domain;
pub mod error;
pub mod function;
mod hour;
mod lower;
pub mod node;
mod parse;
pub mod render;
mod rowwise;
mod size;

/// What an expression may refer to, and in which zone days and hours are counted.
#[derive(Debug, Clone)]
pub struct Env {
    /// The zone of `hour`, `day`, `date`, ..., and of times that name none.
    pub zone: Tz,
    /// The columns by name.
    pub columns: BTreeMap<String, DataType>,
}

impl Env {
    /// The environment of the columns of a frame.
    pub fn of(frame: &DataFrame, zone: Tz) -> Self {
        Self { zone, columns: frame.columns().iter().map(|column| (column.name().to_string(), column.dtype().clone())).collect() }
    }
}

/// An SQL expression over one row, parsed.
#[derive(Debug, Clone, PartialEq)]
pub struct Expression {
    text: String,
    node: node::Node,
    columns: BTreeSet<String>,
}

impl Expression {
    /// Reads an expression.
    ///
    /// # Errors
    /// When the text is not an expression over one row: syntax, something that is not on the list of what is understood, too long, too deep.
    pub fn parse(text: &str) -> Result<Self, SqlError> {
        let node = parse::parse(text)?;
        let mut columns = BTreeSet::new();
        node.visit_columns(&mut |name| {
            columns.insert(name.to_owned());
        });
        Ok(Self { text: text.to_owned(), node, columns })
    }

    /// The columns that it reads.
    pub fn columns(&self) -> &BTreeSet<String> {
        &self.columns
    }

    /// As its author wrote it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// As it was understood, before types are known.
    pub fn node(&self) -> &node::Node {
        &self.node
    }

    /// The kind of its values.
    ///
    /// # Errors
    /// When a column is unknown or kinds do not fit.
    pub fn kind(&self, env: &Env) -> Result<Kind, SqlError> {
        self.checked(env).map(|(_, kind)| kind)
    }

    /// Its tree with every coercion written out, and the kind of its values: what a dialect renders.
    ///
    /// # Errors
    /// When a column is unknown, kinds do not fit, or the coercions make it too large.
    pub fn checked(&self, env: &Env) -> Result<(node::Node, Kind), SqlError> {
        let (node, kind) = check::check(&self.node, env)?;
        size::bounded(&node)?;
        Ok((node, kind))
    }

    /// The text columns that it compares, or calculates with, as numbers, though its author wrote no `cast`.
    ///
    /// # Errors
    /// When a column is unknown or kinds do not fit.
    pub fn texts_as_numbers(&self, env: &Env) -> Result<BTreeSet<String>, SqlError> {
        let (node, _) = self.checked(env)?;
        let (mut read, mut said) = (BTreeSet::new(), BTreeSet::new());
        node.visit_casts(&mut |name, kinds| {
            if matches!(kinds, (Kind::Text, Kind::Number | Kind::Integer)) {
                read.insert(name.to_owned());
            }
        });
        self.node.visit_casts(&mut |name, _| {
            said.insert(name.to_owned());
        });
        Ok(&read - &said)
    }

    /// The same as a polars expression.
    ///
    /// # Errors
    /// When a column is unknown or kinds do not fit.
    pub fn lower(&self, env: &Env) -> Result<Expr, SqlError> {
        let (node, _) = self.checked(env)?;
        lower::lower(&node, env)
    }

    /// The same as a polars expression that must be true or false.
    ///
    /// # Errors
    /// As [`Expression::lower`], and when it is no condition.
    pub fn lower_condition(&self, env: &Env) -> Result<Expr, SqlError> {
        let (node, kind) = self.checked(env)?;
        match kind {
            Kind::Bool => lower::lower(&node, env),
            Kind::Null => Ok(lit(NULL).cast(DataType::Boolean)),
            other => Err(SqlError::type_hint(
                format!("`{}` is {}, not a condition", error::excerpt(&self.text), other.article()),
                "compare it with something, such as `x > 0`",
            )),
        }
    }

    /// Its value for every row of a frame. Values that are not finite become null.
    ///
    /// # Errors
    /// When a column is unknown or kinds do not fit.
    pub fn evaluate(&self, frame: &DataFrame, zone: Tz) -> Result<Series, SqlError> {
        let expr = self.lower(&Env::of(frame, zone))?;
        let series = self.run(frame, expr)?;
        finite(series).map_err(|error| SqlError::engine(&self.text, &error))
    }

    /// Whether each row of a frame satisfies it; null counts as false.
    ///
    /// # Errors
    /// When a column is unknown, kinds do not fit, or it is no condition.
    pub fn evaluate_mask(&self, frame: &DataFrame, zone: Tz) -> Result<BooleanChunked, SqlError> {
        let expr = self.lower_condition(&Env::of(frame, zone))?;
        let series = self.run(frame, expr)?;
        mask(&series).map_err(|error| SqlError::engine(&self.text, &error))
    }

    /// Whether each row of a frame satisfies each of some conditions; null counts as false. They go through the engine together, which takes longer
    /// to prepare than many a condition takes to run.
    ///
    /// # Errors
    /// As [`Expression::evaluate_mask`].
    pub fn evaluate_masks(conditions: &[Self], frame: &DataFrame, zone: Tz) -> Result<Vec<BooleanChunked>, SqlError> {
        let each = || conditions.iter().map(|condition| condition.evaluate_mask(frame, zone)).collect();
        if conditions.len() < 2 {
            return each();
        }
        let env = Env::of(frame, zone);
        let named = (0..).zip(conditions).map(|(at, condition): (usize, &Self)| Ok(condition.lower_condition(&env)?.alias(at.to_string())));
        let named: Vec<Expr> = named.collect::<Result<_, SqlError>>()?;
        let together = frame.clone().lazy().select(named).collect();
        match together {
            Ok(masks) if masks.height() == frame.height() => masks
                .columns()
                .iter()
                .zip(conditions)
                .map(|(column, condition)| mask(column.as_materialized_series()).map_err(|error| SqlError::engine(&condition.text, &error)))
                .collect(),
            // One by one it is told which of them fails; conditions without columns give one row for all.
            _ => each(),
        }
    }

    fn run(&self, frame: &DataFrame, expr: Expr) -> Result<Series, SqlError> {
        let height = frame.height();
        let column = frame
            .clone()
            .lazy()
            .select([expr.alias("expression")])
            .collect()
            .and_then(|result| result.column("expression").cloned())
            .map_err(|error| SqlError::engine(&self.text, &error))?;
        let series = column.take_materialized_series();
        // An expression without columns has one value for all rows.
        Ok(match (series.len(), height) {
            (found, wanted) if found == wanted => series,
            (1, 0) => series.clear(),
            (1, wanted) => series.new_from_index(0, wanted),
            (found, wanted) => {
                return Err(SqlError::Engine { text: error::excerpt(&self.text), message: format!("{found} values for {wanted} rows") });
            }
        })
    }
}

fn mask(series: &Series) -> PolarsResult<BooleanChunked> {
    let mask = series.bool()?;
    Ok(if mask.null_count() == 0 {
        mask.clone()
    } else {
        BooleanChunked::from_iter_values(mask.name().clone(), mask.iter().map(|value| value.unwrap_or(false)))
    })
}

fn finite(series: Series) -> PolarsResult<Series> {
    if series.dtype() != &DataType::Float64 {
        return Ok(series);
    }
    let values = series.f64()?;
    if values.iter().flatten().all(f64::is_finite) {
        return Ok(series);
    }
    let name = values.name().clone();
    Ok(Float64Chunked::from_iter_options(name, values.iter().map(|value| value.filter(|v| v.is_finite()))).into_series())
}

#[cfg(test)]
mod tests;
