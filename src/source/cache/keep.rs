//! Writing entries, file after file, while their rows are used.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    path::Path,
    sync::mpsc::Receiver,
};

use polars::prelude::{DataFrame, PolarsError, Schema};
use polars_io::parquet::write::{BatchedWriter, ParquetCompression, ParquetWriter, StatisticsOptions};
use tempfile::TempDir;

use super::{ENTRY, EVENTS, Entry, Keeping, private_partial};
use crate::{
    error::{Error, Result},
    source::{pipeline::FileEnd, tally::Tally},
};

/// Rows of a row group: few enough to be held in memory twice.
const ROWS: usize = 32_768;
/// A file with more values than this that are not of their columns' types is not kept: where each stands is.
const MOST_UNREADABLE: usize = 1_000_000;

/// What a keeper is told, in the order of files and lines.
pub(in crate::source) enum Keep {
    /// All rows and counts of a block.
    Block(DataFrame, Tally),
    /// The file ends.
    End { file: String, end: FileEnd },
    /// The file came from an entry.
    Used(String),
}

/// Writes entries.
pub(in crate::source) struct Keeper<'a> {
    keeping: &'a Keeping<'a>,
    part: Option<Part>,
    in_use: BTreeSet<String>,
}

/// An entry being written.
struct Part {
    folder: TempDir,
    writer: BatchedWriter<File>,
    waiting: Option<DataFrame>,
    rows: u64,
    tally: Tally,
    given_up: bool,
}

impl<'a> Keeper<'a> {
    pub(in crate::source) fn new(keeping: &'a Keeping<'a>) -> Self {
        Self { keeping, part: None, in_use: BTreeSet::new() }
    }

    /// Takes everything, then removes what is too much. After an error it goes on to listen, so that reading does not wait for it.
    pub(in crate::source) fn run(mut self, told: &Receiver<Keep>) -> Result<()> {
        let mut failed = None;
        for keep in told {
            if failed.is_none() {
                failed = self.take(keep).err();
            }
        }
        // A half written entry goes with its temporary folder.
        self.part = None;
        failed.map_or(Ok(()), Err).and_then(|()| self.keeping.cache.trim(&self.in_use))
    }

    fn take(&mut self, keep: Keep) -> Result<()> {
        match keep {
            Keep::Block(frame, tally) => {
                let part = match &mut self.part {
                    Some(part) => part,
                    empty => empty.insert(Part::new(self.keeping, frame.schema())?),
                };
                part.add(frame, tally)
            }
            Keep::End { file, end } => match self.part.take() {
                Some(part) if !part.given_up => self.commit(part, file, end),
                _ => Ok(()),
            },
            Keep::Used(key) => {
                self.in_use.insert(key);
                Ok(())
            }
        }
    }

    /// Ends an entry and gives it its name.
    fn commit(&mut self, mut part: Part, file: String, FileEnd { digested, text_bytes }: FileEnd) -> Result<()> {
        part.write()?;
        let events_bytes = part.writer.finish().map_err(|e| part.failed(&e))?;
        let key = self.keeping.key(&digested);
        let entry =
            Entry { file, format: self.keeping.format.into(), rows: part.rows, events_bytes, digested, text_bytes, tally: part.tally };
        let path = part.folder.path().join(ENTRY);
        let text = serde_json::to_vec(&entry).map_err(|e| Error::Internal(e.to_string()))?;
        fs::write(&path, text).map_err(|e| Error::io("write", &path, e))?;
        let target = self.keeping.cache.folder.join(&key);
        // Another run may have been faster; its entry is the same, and ours goes with its temporary folder.
        if fs::rename(part.folder.path(), &target).is_err() && !target.is_dir() {
            return Err(Error::data(format!("cannot name the entry `{}`", target.display())));
        }
        self.in_use.insert(key);
        Ok(())
    }
}

impl Part {
    fn new(keeping: &Keeping<'_>, schema: &Schema) -> Result<Self> {
        let folder = private_partial(&keeping.cache.folder)?;
        let path = folder.path().join(EVENTS);
        let file = File::create(&path).map_err(|e| Error::io("create", &path, e))?;
        let writer = ParquetWriter::new(file)
            .with_compression(ParquetCompression::Lz4Raw)
            .with_statistics(StatisticsOptions::empty())
            .batched(schema)
            .map_err(|e| failed(&path, &e))?;
        Ok(Self { folder, writer, waiting: None, rows: 0, tally: Tally::new(keeping.all.columns.len()), given_up: false })
    }

    fn add(&mut self, frame: DataFrame, tally: Tally) -> Result<()> {
        self.given_up |= self.tally.unreadable_at.len() + tally.unreadable_at.len() > MOST_UNREADABLE;
        if self.given_up {
            return Ok(());
        }
        self.tally.join(tally, self.rows);
        self.rows += frame.height() as u64;
        match &mut self.waiting {
            Some(waiting) => {
                waiting.vstack_mut_owned(frame).map_err(|e| Error::Internal(e.to_string()))?;
            }
            empty => *empty = Some(frame),
        }
        if self.waiting.as_ref().is_some_and(|waiting| waiting.height() >= ROWS) { self.write() } else { Ok(()) }
    }

    fn write(&mut self) -> Result<()> {
        let Some(mut frame) = self.waiting.take().filter(|frame| frame.height() > 0) else { return Ok(()) };
        frame.rechunk_mut();
        self.writer.write_batch(&frame).map_err(|e| self.failed(&e))
    }

    fn failed(&self, error: &PolarsError) -> Error {
        failed(&self.folder.path().join(EVENTS), error)
    }
}

fn failed(path: &Path, error: &PolarsError) -> Error {
    Error::data(format!("cannot write `{}`: {error}", path.display()))
}
