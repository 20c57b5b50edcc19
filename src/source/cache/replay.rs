//! From all rows and columns of a file, freshly parsed or from an entry, to those that a plan wants.

use std::{fs, path::Path};

use polars::prelude::{BooleanChunked, DataFrame, NewChunkedArray, PolarsError};

use super::Keeping;
use crate::{
    error::{Error, Result},
    source::{
        columns::Wanted,
        parquet,
        pipeline::FileEnd,
        stream::digest,
        tally::{Tally, UnreadableAt},
    },
};

/// Leaves what a plan does not want out of rows that hold everything.
pub(in crate::source) struct Narrow<'a> {
    wanted: &'a Wanted,
    /// Where each wanted column stands among all.
    places: Vec<usize>,
}

impl<'a> Narrow<'a> {
    pub(in crate::source) fn new(wanted: &'a Wanted, all: &Wanted) -> Self {
        let place = |name: &String| all.names.iter().position(|other| other == name).unwrap_or_default();
        Self { wanted, places: wanted.columns.iter().map(|column| place(&column.name)).collect() }
    }

    /// The wanted columns and rows of a frame whose columns are the wanted ones under their own names. `tally` is that of the frame;
    /// `unreadable` tells the values without meaning, rows counted from the beginning of the frame.
    fn apply(&self, mut frame: DataFrame, mut tally: Tally, unreadable: impl Iterator<Item = UnreadableAt>) -> Result<(DataFrame, Tally)> {
        let failed = |e: PolarsError| Error::Internal(format!("kept events: {e}"));
        frame.set_column_names(&self.wanted.names).map_err(failed)?;
        let inside: Option<Vec<bool>> = match (self.wanted.time, self.wanted.window) {
            (Some(time), Some((start, end))) => {
                let times = frame.columns()[time].as_materialized_series().to_physical_repr();
                Some(times.i64().map_err(failed)?.iter().map(|time| time.is_some_and(|time| (start..end).contains(&time))).collect())
            }
            _ => None,
        };
        tally.unreadable = vec![0; self.places.len()];
        for UnreadableAt { column, row } in unreadable {
            if inside.as_ref().is_none_or(|inside| inside[row as usize])
                && let Some(slot) = self.places.iter().position(|place| *place == column)
            {
                tally.unreadable[slot] += 1;
            }
        }
        if let Some(inside) = inside.filter(|inside| inside.contains(&false)) {
            tally.outside_window += inside.iter().filter(|inside| !**inside).count() as u64;
            frame = frame.filter_seq(&BooleanChunked::from_slice("inside".into(), &inside)).map_err(failed)?;
        }
        Ok((frame, tally))
    }

    /// Of a block that was parsed.
    pub(in crate::source) fn parsed(&self, frame: &DataFrame, tally: &Tally) -> Result<(DataFrame, Tally)> {
        let columns = self.places.iter().map(|place| frame.columns()[*place].clone()).collect();
        let wanted = DataFrame::new(frame.height(), columns).map_err(|e| Error::Internal(e.to_string()))?;
        self.apply(wanted, tally.clone(), tally.unreadable_at.iter().copied())
    }
}

/// Reads what is kept of a file, if anything is; `each` takes its rows, the name of the entry with the first, and says whether to go on.
pub(in crate::source) fn replay(
    path: &Path,
    keeping: &Keeping<'_>,
    narrow: &Narrow<'_>,
    each: &mut dyn FnMut((DataFrame, Tally), Option<String>) -> bool,
) -> Result<Option<FileEnd>> {
    let key = keeping.key(&digest(path)?);
    let Some((entry, events)) = keeping.cache.find(&key) else { return Ok(None) };
    let damaged = |e: &dyn std::fmt::Display| {
        Error::data_hint(
            format!("what is kept of `{}` cannot be read: {e}", path.display()),
            "run with `--no-cache`, or clear it with `gonogo cache --clear`",
        )
    };
    let names: Vec<String> = narrow.places.iter().map(|place| keeping.all.names[*place].clone()).collect();
    let mut tally = entry.tally;
    let unreadable = std::mem::take(&mut tally.unreadable_at);
    let key_of_entry = key.clone();
    let (mut first, mut key) = (Some(tally), Some(key));
    // Opened once: an entry that another run removes meanwhile is read to its end.
    let opened = parquet::Footer::open(&events).and_then(|footer| parquet::check_pages(&footer, &events, &names).map(|()| footer));
    let Ok(footer) = opened else {
        // Removed by another run just now, or spoilt on disk: the file is parsed, and what is parsed takes its place.
        let _ = fs::remove_dir_all(keeping.cache.folder.join(&key_of_entry));
        return Ok(None);
    };
    if footer.groups().next().is_none() {
        let columns =
            keeping.all.columns.iter().map(|column| polars::prelude::Column::new_empty(column.name.as_str().into(), &column.dtype));
        let empty = DataFrame::new(0, columns.collect()).map_err(|e| damaged(&e))?;
        let (frame, tally) = narrow.parsed(&empty, &first.take().unwrap_or_default())?;
        each((frame, tally), key.take());
    }
    let mut from = 0;
    for (group, rows) in footer.groups().enumerate() {
        let frame = footer.frame(group, &names, false).map_err(|e| damaged(&e))?;
        let tally = first.take().unwrap_or_default();
        let own = from..from + rows as u64;
        from = own.end;
        let within = unreadable.iter().filter(|at| own.contains(&at.row)).map(|at| UnreadableAt { row: at.row - own.start, ..*at });
        if !each(narrow.apply(frame, tally, within)?, key.take()) {
            break;
        }
    }
    Ok(Some(FileEnd { digested: entry.digested, text_bytes: entry.text_bytes }))
}
