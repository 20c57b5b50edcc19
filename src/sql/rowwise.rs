//! What the engine means otherwise than SQL, computed row by row: quotients, remainders, powers, and replacement in texts.

use polars::prelude::*;

/// The quotient; null where the divisor is 0. The engine multiplies by the reciprocal of a divisor that is the same for all rows (`49 / 49` is then
/// 0.9999999999999999), and divides where there is one row.
pub(super) fn quotient(dividend: Expr, divisor: Expr) -> Expr {
    of_two(dividend, divisor, |dividend, divisor| (divisor != 0.0).then(|| dividend / divisor))
}

/// The remainder with the sign of the dividend, as SQL has it; null where there is none. The engine's own takes the sign of the divisor, and by
/// way of the quotient it loses digits of what is large.
pub(super) fn remainder(dividend: Expr, divisor: Expr) -> Expr {
    of_two(dividend, divisor, |dividend, divisor| Some(dividend % divisor).filter(|rest| rest.is_finite()))
}

/// The first raised to the second; null where that is not finite. The engine has other ways, with other last digits, where one of them is the same for
/// all rows.
pub(super) fn power(base: Expr, exponent: Expr) -> Expr {
    of_two(base, exponent, |base, exponent| Some(base.powf(exponent)).filter(|power| power.is_finite()))
}

fn of_two(left: Expr, right: Expr, of: fn(f64, f64) -> Option<f64>) -> Expr {
    let each = move |columns: &mut [Column]| {
        let (left, right) = (column(columns, 0)?.f64()?, column(columns, 1)?.f64()?);
        let name = left.name().clone();
        let values = match (left.len(), right.len()) {
            (_, 1) => {
                let right = right.get(0);
                Float64Chunked::from_iter_options(name, left.iter().map(|left| of(left?, right?)))
            }
            (1, _) => {
                let left = left.get(0);
                Float64Chunked::from_iter_options(name, right.iter().map(|right| of(left?, right?)))
            }
            _ => Float64Chunked::from_iter_options(name, left.iter().zip(right.iter()).map(|(left, right)| of(left?, right?))),
        };
        Ok(values.into_column())
    };
    left.map_many(each, &[right], |_, fields| named_as_first(fields, DataType::Float64))
}

/// Bytes of text that replacing may make of a batch of events: replacements within replacements multiply.
const MOST_TEXT: usize = 1 << 30;

/// A text with every occurrence of another replaced; as it is where there is nothing to look for. The engine's own wants one pattern for all rows.
pub(super) fn replaced(text: Expr, pattern: Expr, replacement: Expr) -> Expr {
    let each = |columns: &mut [Column]| {
        let [texts, patterns, replacements] = [0, 1, 2].map(|at| column(columns, at).and_then(Column::str));
        let (texts, patterns, replacements) = (texts?, patterns?, replacements?);
        let mut built = StringChunkedBuilder::new(texts.name().clone(), rows(columns));
        let mut room = MOST_TEXT;
        for row in 0..rows(columns) {
            let Some(((text, pattern), replacement)) = text_at(texts, row).zip(text_at(patterns, row)).zip(text_at(replacements, row))
            else {
                built.append_null();
                continue;
            };
            let left = room.checked_sub(length(text, pattern, replacement));
            room = left
                .ok_or_else(|| polars_err!(ComputeError: "`replace` makes more than {} bytes of text of a batch of events", MOST_TEXT))?;
            if pattern.is_empty() {
                built.append_value(text);
            } else {
                built.append_value(text.replace(pattern, replacement));
            }
        }
        Ok(built.finish().into_column())
    };
    text.map_many(each, &[pattern, replacement], |_, fields| named_as_first(fields, DataType::String))
}

/// The length of a text once it is replaced; above the exact one only where that is short.
fn length(text: &str, pattern: &str, replacement: &str) -> usize {
    if pattern.is_empty() {
        return text.len();
    }
    let at_most = text.len().saturating_add((text.len() / pattern.len()).saturating_mul(replacement.len()));
    if at_most < 4_096 { at_most } else { text.len().saturating_add(text.matches(pattern).count().saturating_mul(replacement.len())) }
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

fn text_at(values: &StringChunked, row: usize) -> Option<&str> {
    values.get(if values.len() == 1 { 0 } else { row })
}
