//! One batch of events, prepared once for all fields: codes, numbers, conditions, groups.

use polars::prelude::{Column, DataType, PolarsError};

use super::intern::NONE;

/// A batch as fields see it: plain slices, one value per event.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    /// When each event happened, microseconds since 1970 UTC; empty where there is no time.
    pub(crate) times: Vec<i64>,
    /// By [`super::inputs::CodesId`].
    pub(crate) codes: Vec<Vec<u32>>,
    /// By [`super::inputs::NumberId`].
    pub(crate) numbers: Vec<Numbers>,
    /// By [`super::inputs::MaskId`].
    pub(crate) masks: Vec<Vec<bool>>,
    /// By [`super::inputs::GroupingId`]; the units are the first.
    pub(crate) groups: Vec<Vec<u32>>,
    /// How many groups there are so far, by [`super::inputs::GroupingId`].
    pub(crate) sizes: Vec<usize>,
}

/// One number of an event: whole numbers stay whole, since sums of them are exact.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Number {
    Whole(i64),
    Real(f64),
}

impl Number {
    /// As a float.
    pub(crate) fn real(self) -> f64 {
        match self {
            Self::Whole(value) => value as f64,
            Self::Real(value) => value,
        }
    }
}

/// A numeric column. Nulls, NaN and infinities are no values.
#[derive(Debug)]
pub(crate) enum Numbers {
    Whole { values: Vec<i64>, valid: Option<Vec<bool>> },
    Real(Vec<f64>),
}

/// Whether fields can calculate with a column of this type.
pub(crate) fn is_number(dtype: &DataType) -> bool {
    dtype.is_primitive_numeric() || matches!(dtype, DataType::Boolean | DataType::Null)
}

impl Numbers {
    /// Reads a column.
    pub(crate) fn of(column: &Column) -> Result<Self, PolarsError> {
        // Above 2^63 whole numbers of 64 bits without sign are rounded to floats; all of them, so that it does not depend on the batch.
        if matches!(column.dtype(), DataType::Float32 | DataType::Float64 | DataType::UInt64) {
            let column = column.cast(&DataType::Float64)?;
            return Ok(Self::Real(column.f64()?.iter().map(|value| value.unwrap_or(f64::NAN)).collect()));
        }
        let column = column.cast(&DataType::Int64)?;
        let numbers = column.i64()?;
        Ok(if numbers.null_count() == 0 {
            Self::Whole { values: numbers.downcast_iter().flat_map(|part| part.values().iter().copied()).collect(), valid: None }
        } else {
            let (values, valid) = numbers.iter().map(|value| (value.unwrap_or(0), value.is_some())).unzip();
            Self::Whole { values, valid: Some(valid) }
        })
    }

    /// Calls `see` with the group and the value of each event that has both and that `mask` keeps.
    pub(crate) fn each(&self, groups: &[u32], mask: Option<&[bool]>, mut see: impl FnMut(u32, Number)) {
        let kept = |row: usize, group: u32| group != NONE && mask.is_none_or(|mask| mask[row]);
        match self {
            Self::Whole { values, valid } => {
                for (row, (&group, &value)) in groups.iter().zip(values).enumerate() {
                    if kept(row, group) && valid.as_ref().is_none_or(|valid| valid[row]) {
                        see(group, Number::Whole(value));
                    }
                }
            }
            Self::Real(values) => {
                for (row, (&group, &value)) in groups.iter().zip(values).enumerate() {
                    if kept(row, group) && value.is_finite() {
                        see(group, Number::Real(value));
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use polars::prelude::*;

    use super::*;

    fn seen(column: Column, groups: &[u32], mask: Option<&[bool]>) -> Vec<(u32, Number)> {
        let mut seen = Vec::new();
        Numbers::of(&column).unwrap().each(groups, mask, |group, value| seen.push((group, value)));
        seen
    }

    #[test]
    fn nulls_nan_and_infinities_are_no_values() {
        let column = Column::new("x".into(), [Some(1.5), None, Some(f64::NAN), Some(f64::INFINITY), Some(-2.0)]);
        assert_eq!(seen(column, &[0, 0, 0, 0, NONE], None), [(0, Number::Real(1.5))]);
        let column = Column::new("x".into(), [Some(1i64), None, Some(3)]);
        assert_eq!(seen(column, &[0, 1, 2], Some(&[true, true, false])), [(0, Number::Whole(1))]);
    }

    #[test]
    fn every_numeric_type_is_read() {
        assert_eq!(seen(Column::new("x".into(), [i32::MAX]), &[0], None), [(0, Number::Whole(2_147_483_647))]);
        assert_eq!(seen(Column::new("x".into(), [u64::MAX]), &[0], None), [(0, Number::Real(18_446_744_073_709_551_615.0))]);
        assert_eq!(seen(Column::new("x".into(), [true, false]), &[0, 1], None), [(0, Number::Whole(1)), (1, Number::Whole(0))]);
        assert!(!is_number(&DataType::String));
    }
}
