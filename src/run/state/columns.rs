//! The columns of one part, as they are read again.

use std::{io::Cursor, path::Path, sync::Arc};

use ndarray::Array2;
use polars::prelude::{Column, DataFrame};
use polars_io::{SerReader, prelude::ParquetReader};

use super::{FOLDER, KeptPart, SUPPRESSED};
use crate::{
    error::{Error, Result},
    record::folder::damaged,
    units::{BudgetPeriod, Case, FeatureMatrix, Part, RowKey},
};

/// The columns of one part.
pub(super) struct Columns {
    path: std::path::PathBuf,
    frame: DataFrame,
    ids: Vec<String>,
}

impl Columns {
    pub(super) fn read(run: &Path, name: &str, ids: Vec<String>) -> Result<Self> {
        let path = run.join(FOLDER).join(name);
        let bytes = std::fs::read(&path).map_err(|error| Error::io("read", &path, error))?;
        let frame = ParquetReader::new(Cursor::new(bytes)).finish().map_err(|error| damaged(&path, error))?;
        Ok(Self { path, frame, ids })
    }

    pub(super) fn index_of(&self, id: &str) -> usize {
        self.ids.iter().position(|known| known == id).unwrap_or(usize::MAX)
    }

    pub(super) fn column(&self, name: &str) -> Result<&Column> {
        self.frame.column(name).map_err(|_| damaged(&self.path, format!("it has no column `{name}`")))
    }

    fn damaged(&self, name: &str) -> Error {
        damaged(&self.path, format!("`{name}` is of another kind"))
    }

    pub(super) fn numbers(&self, name: &str) -> Result<Vec<f64>> {
        let values = self.column(name)?.f64().map_err(|_| self.damaged(name))?;
        Ok(values.into_no_null_iter().collect())
    }

    pub(super) fn whole(&self, name: &str) -> Result<Vec<i64>> {
        let values = self.column(name)?.i64().map_err(|_| self.damaged(name))?;
        Ok(values.into_no_null_iter().collect())
    }

    pub(super) fn flags(&self, name: &str) -> Result<Vec<bool>> {
        let values = self.column(name)?.bool().map_err(|_| self.damaged(name))?;
        Ok(values.iter().map(|value| value.unwrap_or(false)).collect())
    }

    pub(super) fn suppressed(&self) -> Result<Option<Vec<Option<u16>>>> {
        if self.frame.column(SUPPRESSED).is_err() {
            return Ok(None);
        }
        Ok(Some(self.whole(SUPPRESSED)?.into_iter().map(|rule| u16::try_from(rule).ok()).collect()))
    }

    pub(super) fn part(&self, kept: &KeptPart) -> Result<Part> {
        let entities = self.column("entity")?.str().map_err(|_| self.damaged("entity"))?;
        let rows: Arc<[RowKey]> = entities
            .iter()
            .zip(self.whole("period")?)
            .map(|(entity, period)| RowKey { entity: entity.unwrap_or_default().into(), period })
            .collect();
        let case_of: Vec<u32> = self.column("case")?.u32().map_err(|_| self.damaged("case"))?.into_no_null_iter().collect();
        if case_of.iter().any(|&case| case as usize >= kept.cases.len()) {
            return Err(self.damaged("case"));
        }
        Ok(Part {
            starts: self.whole("start")?,
            cases: kept.cases.iter().map(|&(cluster, budget_period)| Case { cluster, budget_period }).collect(),
            clusters: kept.clusters.clone().into(),
            budget_periods: kept.budget_periods.iter().map(|&(start, days)| BudgetPeriod { start, days }).collect(),
            labels: kept.labels(case_of.len()),
            case_of,
            rows,
        })
    }

    pub(super) fn matrix(&self, what: &str, features: &Arc<[String]>, rows: &Arc<[RowKey]>) -> Result<FeatureMatrix> {
        let columns = (0..features.len()).map(|index| self.numbers(&format!("{what} {index}"))).collect::<Result<Vec<_>>>()?;
        let values = Array2::from_shape_fn((rows.len(), features.len()), |(row, at)| columns[at][row]);
        FeatureMatrix::new(values, Arc::clone(features), Arc::clone(rows)).map_err(|error| damaged(&self.path, error))
    }
}
