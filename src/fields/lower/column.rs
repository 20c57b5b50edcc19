//! A table and its columns in an engine: their names, their types here, and which of them is the time.

use polars::prelude::DataType;

use super::events::Lake;
use crate::{error::Problem, fields::Window, sql::render::Dialect};

/// The type of a moment in UTC.
pub(super) fn instant() -> DataType {
    DataType::Datetime(polars::prelude::TimeUnit::Microseconds, Some(polars::prelude::TimeZone::UTC))
}

/// The moment of an event in microseconds, and the range of the table's own column that holds the window.
pub(super) fn moment(lake: &Lake<'_>, column: &str, dtype: &DataType, window: &Window) -> Result<(String, String), Problem> {
    let (start, end) = (window.start, window.end);
    if matches!(dtype, DataType::Datetime(..)) {
        let moment = lake.dialect.cast(column, crate::sql::Kind::Time);
        let range = format!("{column} >= {} AND {column} < {}", lake.dialect.moment(start), lake.dialect.moment(end));
        return Ok((lake.dialect.micros(&moment), range));
    }
    let parse = lake.spec.time.as_ref().map_or("auto", |time| time.parse.as_str());
    let (micros, from, to) = match (parse, dtype.is_integer()) {
        // A column of 32 bits would overflow there.
        ("epoch_s", true) => (format!("CAST({column} AS BIGINT) * 1000000"), start.div_euclid(1_000_000), end.div_euclid(1_000_000) + 1),
        ("epoch_ms", true) => (format!("CAST({column} AS BIGINT) * 1000"), start.div_euclid(1_000), end.div_euclid(1_000) + 1),
        ("epoch_us", true) => (format!("CAST({column} AS BIGINT)"), start, end),
        ("epoch_ns", true) => (format!("CAST({column} AS BIGINT) DIV 1000"), start.saturating_mul(1_000), end.saturating_mul(1_000)),
        _ => {
            let message = format!("the column is {}, and a time is wanted", crate::sql::Kind::of(dtype).article());
            return Err(
                Problem::error("E212", "", message).help("name a timestamp, or a whole number with `parse: epoch_s` (`_ms`, `_us`, `_ns`)")
            );
        }
    };
    Ok((micros, format!("{column} >= {from} AND {column} < {to}")))
}

/// A type as the fields know it: 64 bits, microseconds.
pub(super) fn wide(dtype: &DataType) -> DataType {
    match dtype {
        DataType::Float32 => DataType::Float64,
        whole if whole.is_integer() => DataType::Int64,
        other => other.clone(),
    }
}

/// A column of the table as that type; NaN is no value.
pub(super) fn as_wide(dialect: &dyn Dialect, column: &str, dtype: &DataType) -> String {
    match wide(dtype) {
        DataType::Int64 => format!("CAST({column} AS BIGINT)"),
        DataType::Float64 => {
            let number = format!("CAST({column} AS DOUBLE)");
            format!("CASE WHEN NOT {} THEN {number} END", dialect.is_nan(&number))
        }
        DataType::Datetime(..) => dialect.cast(column, crate::sql::Kind::Time),
        _ => column.to_owned(),
    }
}

/// A table's name: parts between dots, of which one in backticks may hold dots.
pub(super) fn table_name(dialect: &dyn Dialect, name: &str) -> String {
    let mut parts = vec![String::new()];
    let mut quoted = false;
    for character in name.chars() {
        match character {
            '`' => quoted = !quoted,
            '.' if !quoted => parts.push(String::new()),
            other => parts.iter_mut().last().into_iter().for_each(|part| part.push(other)),
        }
    }
    parts.iter().map(|part| dialect.identifier(part)).collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::render::Spark;

    #[test]
    fn names_of_tables() {
        assert_eq!(table_name(&Spark, "lake.security.proxy"), "`lake`.`security`.`proxy`");
        assert_eq!(table_name(&Spark, "parquet.`/data/day.1`"), "`parquet`.`/data/day.1`");
        assert_eq!(table_name(&Spark, "proxy; DROP TABLE proxy"), "`proxy; DROP TABLE proxy`");
    }
}
