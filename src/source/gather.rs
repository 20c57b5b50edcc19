//! The end of the pipeline: adds counts up in order, and deals rows out in batches of one size.

use polars::prelude::{ChunkedArray, DataFrame, Int64Type};

use super::{
    ReadPlan, Source,
    columns::Wanted,
    files::shown,
    pipeline::{FileEnd, Parsed, delivered},
    tally::{SAMPLES, Tally},
};
use crate::{
    error::{Error, Result},
    quality::{FileRead, Sample, SourceQuality},
};

const HOUR: i64 = 3_600_000_000;
/// Hours of a window that are counted one by one: ten years.
const MOST_HOURS: i64 = 87_672;
/// Before so many lines, a run is not given up.
const EARLY_LINES: u64 = 1_000;

pub(super) struct Gather<'a, 'e> {
    source: &'a Source,
    wanted: &'a Wanted,
    chunk_rows: usize,
    each: &'e mut dyn FnMut(DataFrame) -> Result<()>,
    window: Option<(i64, i64)>,
    quality: SourceQuality,
    waiting: Option<DataFrame>,
    /// Lines of the current file before the current block.
    lines: u64,
    file: usize,
    previous: Option<i64>,
    nulls: Vec<(String, u64)>,
    unreadable: Vec<u64>,
}

impl<'a, 'e> Gather<'a, 'e> {
    pub(super) fn new(
        source: &'a Source,
        wanted: &'a Wanted,
        plan: &ReadPlan<'_>,
        each: &'e mut dyn FnMut(DataFrame) -> Result<()>,
    ) -> Self {
        let window = plan.window.filter(|_| wanted.time.is_some());
        let hours = window.map_or(0, |(start, end)| ((end - start).max(0) as u64).div_ceil(HOUR as u64).min(MOST_HOURS as u64));
        let quality = SourceQuality {
            name: source.name.clone(),
            format: source.format.id.into(),
            synthetic: source.synthetic,
            per_hour: vec![0; hours as usize],
            ..SourceQuality::default()
        };
        Self {
            source,
            wanted,
            chunk_rows: plan.chunk_rows.max(1),
            each,
            window,
            quality,
            waiting: None,
            lines: 0,
            file: 0,
            previous: None,
            nulls: delivered(plan, wanted).into_iter().map(|at| (wanted.names[at].clone(), 0)).collect(),
            unreadable: vec![0; wanted.columns.len()],
        }
    }

    /// Takes the next piece of a file.
    pub(super) fn take(&mut self, file: usize, Parsed { frame, tally, .. }: Parsed) -> Result<()> {
        if file != self.file {
            (self.file, self.lines, self.previous) = (file, 0, None);
        }
        self.count(tally);
        self.look(&frame)?;
        self.give_up_early()?;
        self.deal(frame)
    }

    fn count(&mut self, tally: Tally) {
        let text_lines = tally.text_lines();
        let q = &mut self.quality;
        q.lines += tally.lines;
        q.header += tally.header;
        q.malformed += tally.malformed;
        q.rows_parsed += tally.rows_parsed;
        q.filtered += tally.filtered;
        q.no_time += tally.no_time;
        q.outside_window += tally.outside_window;
        q.invalid_utf8 += tally.invalid_utf8;
        q.synthetic |= tally.synthetic;
        let file = shown(&self.source.files[self.file], &self.source.base);
        for sample in tally.samples {
            if q.malformed_samples.len() < SAMPLES {
                let line = self.lines + sample.line + 1;
                q.malformed_samples.push(Sample { file: file.clone(), line, reason: sample.reason.into(), text: sample.text });
            }
        }
        if tally.cut_short && !q.truncated.contains(&file) {
            q.truncated.push(file);
        }
        for (sum, n) in self.unreadable.iter_mut().zip(tally.unreadable) {
            *sum += n;
        }
        self.lines += text_lines;
    }

    /// Learns what the used rows tell: times, gaps, filling.
    fn look(&mut self, frame: &DataFrame) -> Result<()> {
        self.quality.rows += frame.height() as u64;
        for ((_, nulls), column) in self.nulls.iter_mut().zip(frame.columns()) {
            *nulls += column.null_count() as u64;
        }
        let Some(time) = self.wanted.time.filter(|_| frame.height() > 0) else { return Ok(()) };
        let times = frame.column(&self.wanted.names[time]).and_then(|c| Ok(c.as_materialized_series().to_physical_repr().i64()?.clone()));
        self.times(&times.map_err(|e| Error::Internal(format!("time column: {e}")))?);
        Ok(())
    }

    fn times(&mut self, times: &ChunkedArray<Int64Type>) {
        let start = self.window.map(|(start, _)| start);
        let (mut first, mut last) = (self.quality.first.unwrap_or(i64::MAX), self.quality.last.unwrap_or(i64::MIN));
        for time in times.iter().flatten() {
            first = first.min(time);
            last = last.max(time);
            self.quality.out_of_order += u64::from(self.previous.is_some_and(|previous| time < previous));
            self.previous = Some(time);
            if let Some(start) = start
                && let Some(hour) = self.quality.per_hour.get_mut(((time - start) / HOUR) as usize)
            {
                *hour += 1;
            }
        }
        if first <= last {
            (self.quality.first, self.quality.last) = (Some(first), Some(last));
        }
    }

    /// Deals rows out in batches of one size, so that their boundaries do not depend on files and blocks.
    fn deal(&mut self, frame: DataFrame) -> Result<()> {
        if frame.height() == 0 {
            return Ok(());
        }
        let waiting = match self.waiting.take() {
            Some(mut waiting) => {
                waiting.vstack_mut_owned(frame).map_err(|e| Error::Internal(e.to_string()))?;
                waiting
            }
            None => frame,
        };
        let mut from = 0;
        while waiting.height() - from >= self.chunk_rows {
            let mut batch = waiting.slice(from as i64, self.chunk_rows);
            batch.rechunk_mut();
            (self.each)(batch)?;
            from += self.chunk_rows;
        }
        if from < waiting.height() {
            self.waiting = Some(waiting.slice(from as i64, waiting.height() - from));
        }
        Ok(())
    }

    /// Takes note of the end of a file.
    pub(super) fn file_end(&mut self, file: usize, FileEnd { digested, text_bytes }: FileEnd) {
        let path = shown(&self.source.files[file], &self.source.base);
        if digested.trailing {
            self.quality.trailing_bytes.push(path.clone());
        }
        self.quality.files.push(FileRead { path, bytes: digested.bytes, text_bytes, sha256: digested.sha256 });
    }

    fn share(&self) -> f64 {
        let records = self.quality.lines - self.quality.header;
        if records == 0 { 0.0 } else { self.quality.malformed as f64 / records as f64 }
    }

    /// Stops where so much is malformed that the rest can hardly mend it.
    fn give_up_early(&self) -> Result<()> {
        let hopeless =
            self.quality.lines > EARLY_LINES && self.share() > 5.0 * self.source.max_malformed && self.share() > self.source.max_malformed;
        if hopeless { Err(self.too_many()) } else { Ok(()) }
    }

    fn too_many(&self) -> Error {
        let q = &self.quality;
        let samples =
            q.malformed_samples.iter().take(2).map(|s| format!("{}:{}: {}: `{}`", s.file, s.line, s.reason, crate::text::visible(&s.text)));
        Error::data_hint(
            format!(
                "source `{}`: {} of {} lines read so far are malformed ({:.1} %, allowed are {} %), such as {}",
                q.name,
                q.malformed,
                q.lines - q.header,
                100.0 * self.share(),
                100.0 * self.source.max_malformed,
                samples.collect::<Vec<_>>().join(", ")
            ),
            format!("is it really `{}`? If these lines may be left out, raise `max_malformed`", q.format),
        )
    }

    /// Gives the last batch out and the quality back.
    pub(super) fn finish(mut self) -> Result<SourceQuality> {
        if self.share() > self.source.max_malformed {
            return Err(self.too_many());
        }
        if let Some(mut last) = self.waiting.take() {
            last.rechunk_mut();
            (self.each)(last)?;
        }
        let rows = self.quality.rows;
        if rows > 0 {
            self.quality.fill = self.nulls.iter().map(|(name, nulls)| (name.clone(), 1.0 - *nulls as f64 / rows as f64)).collect();
        }
        let unreadable = self.wanted.names.iter().zip(&self.unreadable).filter(|(_, n)| **n > 0);
        self.quality.unreadable = unreadable.map(|(name, n)| (name.clone(), *n)).collect();
        Ok(self.quality)
    }
}
