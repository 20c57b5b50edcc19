//! Sources as Parquet for other tools: every column, one folder for each day.
//!
//! ```text
//! OUT/day=2026-03-02/part-0.parquet      UTC days, as hive partitions are named; rows in the order of files and lines
//! OUT/part-0.parquet                     where the source has no time
//! ```

use std::{
    collections::BTreeMap,
    fs::{self, File},
    path::{Path, PathBuf},
};

use chrono::DateTime;
use polars::prelude::{BooleanChunked, DataFrame, NewChunkedArray, PolarsError};
use polars_io::parquet::write::{BatchedWriter, ParquetCompression, ParquetWriter};

use super::{Cache, ReadPlan, Source, cache::private_partial};
use crate::{
    error::{Error, Result},
    observe::Observer,
    quality::SourceQuality,
};

/// Rows of a row group.
const ROWS: usize = 65_536;
/// So many days are written at once; a day that goes on after it was closed goes on in its next part.
const MOST_OPEN: usize = 32;
const DAY: i64 = 86_400_000_000;

/// What was converted.
#[derive(Debug)]
pub struct Converted {
    /// How many Parquet files.
    pub files: usize,
    /// What reading found.
    pub quality: SourceQuality,
}

/// Writes all rows of a source that have a time (where it has one) with all their columns. `out` must not be there: it takes its name once it
/// is whole, and is for its owner alone.
///
/// # Errors
/// As [`Source::read`]; where `out` is there already or cannot be written; where no line becomes a row.
pub fn convert(source: &Source, out: &Path, cache: Option<&Cache>, observer: &dyn Observer) -> Result<Converted> {
    if out.exists() {
        return Err(Error::usage(
            format!("`{}` is there already", out.display()),
            Some("name a folder that is not there with --out".into()),
        ));
    }
    let parent = out.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(parent).map_err(|e| Error::io("create", parent, e))?;
    let folder = private_partial(parent)?;
    let mut days = Days::new(folder.path().to_owned(), source.time());
    let quality = source.read(&ReadPlan { cache, ..ReadPlan::default() }, observer, &mut |batch| days.add(batch))?;
    let files = days.finish()?;
    if quality.rows == 0 && quality.lines > quality.header {
        return Err(nothing(&quality));
    }
    fs::rename(folder.path(), out).map_err(|e| Error::io("create", out, e))?;
    Ok(Converted { files, quality })
}

fn nothing(quality: &SourceQuality) -> Error {
    let message = format!(
        "no row can be written: of {} lines, {} are malformed and {} have no time that can be read",
        quality.lines - quality.header,
        quality.malformed,
        quality.no_time
    );
    let hint = if quality.no_time > 0 {
        "name an experiment in place of the logs, and say there how times are written (`time: { column, parse }`), or of which year they are where they do not say it (`envelope: { form: rfc3164, year: 2026 }`)"
    } else {
        "is the format the right one? name it with --as; `gonogo check --sample FILE` proposes one"
    };
    Error::data_hint(message, hint)
}

/// The days being written, by their number since 1970.
pub(super) struct Days {
    folder: PathBuf,
    time: Option<String>,
    open: BTreeMap<i64, Part>,
    /// How many files each day has.
    parts: BTreeMap<i64, usize>,
}

/// A file being written.
struct Part {
    path: PathBuf,
    writer: BatchedWriter<File>,
    waiting: DataFrame,
}

impl Days {
    pub(super) fn new(folder: PathBuf, time: Option<&str>) -> Self {
        Self { folder, time: time.map(str::to_owned), open: BTreeMap::new(), parts: BTreeMap::new() }
    }

    /// Takes a batch.
    pub(super) fn add(&mut self, batch: DataFrame) -> Result<()> {
        let Some(time) = &self.time else { return self.append(0, batch) };
        let times = batch.column(time).and_then(|times| Ok(times.as_materialized_series().to_physical_repr().i64()?.clone()));
        let times = times.map_err(|e| Error::Internal(format!("time column: {e}")))?;
        let days: Vec<i64> = times.iter().map(|time| time.unwrap_or_default().div_euclid(DAY)).collect();
        let mut distinct = days.clone();
        distinct.sort_unstable();
        distinct.dedup();
        for day in distinct {
            let mask: Vec<bool> = days.iter().map(|other| *other == day).collect();
            let rows = batch.filter_seq(&BooleanChunked::from_slice("day".into(), &mask)).map_err(|e| Error::Internal(e.to_string()))?;
            self.append(day, rows)?;
        }
        Ok(())
    }

    fn append(&mut self, day: i64, rows: DataFrame) -> Result<()> {
        if !self.open.contains_key(&day) {
            if self.open.len() == MOST_OPEN
                && let Some((_, oldest)) = self.open.pop_first()
            {
                oldest.finish()?;
            }
            let part = self.part(day, &rows)?;
            self.open.insert(day, part);
        }
        match self.open.get_mut(&day) {
            Some(part) => part.add(rows),
            None => Ok(()),
        }
    }

    /// Opens the next file of a day.
    fn part(&mut self, day: i64, rows: &DataFrame) -> Result<Part> {
        let number = self.parts.entry(day).or_insert(0);
        let name = format!("part-{number}.parquet");
        *number += 1;
        let folder = match (&self.time, DateTime::from_timestamp(day * (DAY / 1_000_000), 0)) {
            (Some(_), Some(date)) => self.folder.join(format!("day={}", date.format("%Y-%m-%d"))),
            _ => self.folder.clone(),
        };
        fs::create_dir_all(&folder).map_err(|e| Error::io("create", &folder, e))?;
        let path = folder.join(name);
        let file = File::create(&path).map_err(|e| Error::io("create", &path, e))?;
        let writer = ParquetWriter::new(file).with_compression(ParquetCompression::Zstd(None)).batched(rows.schema());
        Ok(Part { writer: writer.map_err(|e| wrong(&path, &e))?, path, waiting: rows.clear() })
    }

    /// Closes all files; how many there are.
    pub(super) fn finish(self) -> Result<usize> {
        self.open.into_values().try_for_each(Part::finish)?;
        Ok(self.parts.values().sum())
    }
}

impl Part {
    fn add(&mut self, rows: DataFrame) -> Result<()> {
        self.waiting.vstack_mut_owned(rows).map_err(|e| wrong(&self.path, &e))?;
        if self.waiting.height() >= ROWS { self.write() } else { Ok(()) }
    }

    fn write(&mut self) -> Result<()> {
        let empty = self.waiting.clear();
        let mut rows = std::mem::replace(&mut self.waiting, empty);
        rows.rechunk_mut();
        self.writer.write_batch(&rows).map_err(|e| wrong(&self.path, &e))
    }

    fn finish(mut self) -> Result<()> {
        if self.waiting.height() > 0 {
            self.write()?;
        }
        self.writer.finish().map(drop).map_err(|e| wrong(&self.path, &e))
    }
}

fn wrong(path: &Path, error: &PolarsError) -> Error {
    Error::data(format!("cannot write `{}`: {error}", path.display()))
}
