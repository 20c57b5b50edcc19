//! What the engine means otherwise than SQL, computed row by row: the remainder of a division, and replacement in texts.

use polars::prelude::*;

/// The remainder with the sign of the dividend, as SQL has it; null where there is none. The engine's own takes the sign of the divisor, and by
/// way of the quotient it loses digits of what is large.
pub(super) fn remainder(dividend: Expr, divisor: Expr) -> Expr {
    let each = |columns: &mut [Column]| {
        let [dividends, divisors] = [0, 1].map(|at| column(columns, at).and_then(Column::f64));
        let (dividends, divisors) = (dividends?, divisors?);
        let rest = |row| Some(at(dividends, row)? % at(divisors, row)?).filter(|rest: &f64| rest.is_finite());
        Ok(Float64Chunked::from_iter_options(dividends.name().clone(), (0..rows(columns)).map(rest)).into_column())
    };
    dividend.map_many(each, &[divisor], |_, fields| named_as_first(fields, DataType::Float64))
}

/// A text with every occurrence of another replaced; as it is where there is nothing to look for. The engine's own wants one pattern for all rows.
pub(super) fn replaced(text: Expr, pattern: Expr, replacement: Expr) -> Expr {
    let each = |columns: &mut [Column]| {
        let [texts, patterns, replacements] = [0, 1, 2].map(|at| column(columns, at).and_then(Column::str));
        let (texts, patterns, replacements) = (texts?, patterns?, replacements?);
        let mut built = StringChunkedBuilder::new(texts.name().clone(), rows(columns));
        for row in 0..rows(columns) {
            built.append_option(match (text_at(texts, row), text_at(patterns, row), text_at(replacements, row)) {
                (Some(text), Some(""), Some(_)) => Some(text.to_owned()),
                (Some(text), Some(pattern), Some(replacement)) => Some(text.replace(pattern, replacement)),
                _ => None,
            });
        }
        Ok(built.finish().into_column())
    };
    text.map_many(each, &[pattern, replacement], |_, fields| named_as_first(fields, DataType::String))
}

fn named_as_first(fields: &[Field], dtype: DataType) -> PolarsResult<Field> {
    Ok(Field::new(fields.first().map(|field| field.name().clone()).unwrap_or_default(), dtype))
}

fn column(columns: &[Column], at: usize) -> PolarsResult<&Column> {
    columns.get(at).ok_or_else(|| polars_err!(ComputeError: "an argument is missing"))
}

/// The rows of columns of which those with one row stand for all.
fn rows(columns: &[Column]) -> usize {
    columns.iter().map(Column::len).find(|rows| *rows != 1).unwrap_or(1)
}

fn at(values: &Float64Chunked, row: usize) -> Option<f64> {
    values.get(if values.len() == 1 { 0 } else { row })
}

fn text_at(values: &StringChunked, row: usize) -> Option<&str> {
    values.get(if values.len() == 1 { 0 } else { row })
}
