//! Scores and unit rows as Parquet, for whoever wants to look further.

use polars::prelude::{Column, DataFrame, DataType, NamedFrom, Series, TimeUnit};
use polars_io::prelude::{ParquetCompression, ParquetWriter};

use super::state::is_field;
use crate::{
    detect::{Outcome, ScoreTable},
    error::{Error, Result},
    fields::UnitTable,
    units::RowKey,
};

/// Makes one file for each contender that gave scores, but for the single-field controls (their scores are the fields), and hands it on by the contender's id.
/// `judged` are the keys of the judged units as they are shown.
///
/// # Errors
/// When a file cannot be encoded, or `write` fails.
pub fn files(table: &ScoreTable, judged: &[RowKey], write: &mut dyn FnMut(&str, &[u8]) -> Result<()>) -> Result<()> {
    for column in &table.columns {
        let Outcome::Scored(scored) = &column.outcome else { continue };
        if is_field(&column.id) {
            continue;
        }
        let mut columns = keys(judged);
        columns.push(Column::new("score".into(), &scored.judged));
        columns.push(Column::new("rank".into(), ranks(&scored.judged)));
        write(&column.id, &parquet(columns)?)?;
    }
    Ok(())
}

/// The unit rows before scaling; `rows` are their keys as they are shown.
///
/// # Errors
/// When the file cannot be encoded.
pub fn fields_parquet(table: &UnitTable, rows: &[RowKey]) -> Result<Vec<u8>> {
    let mut columns = keys(rows);
    let starts = Series::new("start".into(), &table.starts).cast(&DataType::Datetime(TimeUnit::Microseconds, None));
    columns.push(starts.map_err(|error| Error::Internal(error.to_string()))?.into());
    columns.push(Column::new("events".into(), &table.events));
    columns.extend(table.fields.iter().map(|field| Column::new(field.name.as_str().into(), &field.values)));
    parquet(columns)
}

fn keys(rows: &[RowKey]) -> Vec<Column> {
    let entities: Vec<&str> = rows.iter().map(|row| row.entity.as_ref()).collect();
    let periods: Vec<i64> = rows.iter().map(|row| row.period).collect();
    vec![Column::new("entity".into(), entities), Column::new("period".into(), periods)]
}

/// 1 for the highest score; equal scores share the best rank.
fn ranks(scores: &[f64]) -> Vec<u32> {
    let mut sorted: Vec<f64> = scores.to_vec();
    sorted.sort_by(f64::total_cmp);
    scores.iter().map(|score| 1 + (sorted.len() - sorted.partition_point(|other| other <= score)) as u32).collect()
}

/// Columns of one length as the bytes of a Parquet file.
///
/// # Errors
/// When they cannot be encoded.
pub(super) fn parquet(columns: Vec<Column>) -> Result<Vec<u8>> {
    let failed = |error: polars::prelude::PolarsError| Error::Internal(format!("Parquet: {error}"));
    let height = columns.first().map_or(0, Column::len);
    let mut frame = DataFrame::new(height, columns).map_err(failed)?;
    let mut bytes = Vec::new();
    ParquetWriter::new(&mut bytes).with_compression(ParquetCompression::Zstd(None)).finish(&mut frame).map_err(failed)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_scores_share_the_best_rank() {
        assert_eq!(ranks(&[0.5, 2.0, 0.5, 1.0]), [3, 1, 3, 2]);
    }
}
