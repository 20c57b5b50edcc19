//! The way from files to frames: readers unpack and cut, workers parse, the caller's thread takes everything in order.
//!
//! Each file has a short queue of blocks. A reader puts the promise of a block into it before a worker fills the promise, so that the order is
//! that of the text. Readers take files in order, and the caller empties queues in order: the first unfinished file always has a reader, so
//! nothing waits in a circle, and what is held is bounded by the queues.

use std::{
    path::Path,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
};

use polars::prelude::DataFrame;

use super::{
    ReadPlan, Source,
    cache::{Keep, Keeper, Keeping, Narrow, replay},
    columns::{Rows, Wanted},
    cutter::{Buffer, read_text},
    gather::Gather,
    layout::{Body, Layout, Table},
    stream::{Digested, digest},
    tally::Tally,
};
use crate::{
    error::{Error, Result, caught},
    observe::{Event, Observer, Warning},
    quality::SourceQuality,
    said,
};

/// Rows of a block that columns have room for before they grow.
const ROWS: usize = 4_096;
/// Blocks of a file that may wait.
const QUEUE: usize = 4;
/// Buffers that are kept for use again.
const MOST_BUFFERS: usize = 16;

/// What a reader tells of its file, in order.
pub(super) enum Item {
    /// A block that is being parsed, and the disk bytes it took.
    Pending(Receiver<Result<Parsed>>, u64),
    /// A piece that is a frame already.
    Ready(Box<Result<Parsed>>, u64),
    /// The end.
    End(FileEnd),
    /// Enough was read before this file.
    Beyond,
    /// The file could not be read.
    Failed(Error),
}

/// A piece of a file.
pub(super) struct Parsed {
    pub(super) frame: DataFrame,
    pub(super) tally: Tally,
    /// What is to be kept of it.
    pub(super) keep: Option<Keep>,
}

/// What is known of a file at its end.
#[derive(Debug, Clone)]
pub(super) struct FileEnd {
    pub(super) digested: Digested,
    pub(super) text_bytes: u64,
}

pub(super) struct Job {
    pub(super) text: Buffer,
    pub(super) preamble: String,
    /// The file ends with this block, and not with a line break.
    pub(super) unfinished: bool,
    pub(super) reply: SyncSender<Result<Parsed>>,
}

/// What readers and workers share.
pub(super) struct Shared<'a> {
    pub(super) wanted: &'a Wanted,
    plan: &'a ReadPlan<'a>,
    keeping: Option<(&'a Keeping<'a>, Narrow<'a>)>,
    stop: AtomicBool,
    next_file: AtomicUsize,
    /// Bytes of text that were read so far.
    read: AtomicU64,
    buffers: Mutex<Vec<Buffer>>,
}

impl Shared<'_> {
    pub(super) fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Notes that so many bytes of text were read; whether that is all that was asked for.
    pub(super) fn has_enough(&self, bytes: u64) -> bool {
        let before = self.read.fetch_add(bytes, Ordering::Relaxed);
        self.plan.part.as_ref().is_some_and(|part| before + bytes >= part.text)
    }

    /// What is parsed: what is wanted, or everything, where that is kept.
    pub(super) fn parsed(&self) -> &Wanted {
        self.keeping.as_ref().map_or(self.wanted, |(keeping, _)| &keeping.all)
    }

    /// A block of what is parsed: what is wanted of it, and what is kept.
    pub(super) fn parsed_block(&self, frame: DataFrame, tally: Tally) -> Result<Parsed> {
        let Some((_, narrow)) = &self.keeping else { return filtered(frame, tally, self) };
        let (wanted, counts) = narrow.parsed(&frame, &tally)?;
        Ok(Parsed { keep: Some(Keep::Block(frame, tally)), ..filtered(wanted, counts, self)? })
    }

    /// An empty buffer, used before where there is one.
    pub(super) fn buffer(&self) -> Buffer {
        self.buffers.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default()
    }

    fn give_back(&self, mut buffer: Buffer) {
        let mut buffers = self.buffers.lock().unwrap_or_else(PoisonError::into_inner);
        if buffers.len() < MOST_BUFFERS && buffer.is_small() {
            buffer.clear();
            buffers.push(buffer);
        }
    }
}

/// The places of the wanted columns that are delivered: all but those that only the filter looks at.
pub(super) fn delivered(plan: &ReadPlan<'_>, wanted: &Wanted) -> Vec<usize> {
    let asked = |name: &String| plan.columns.as_ref().is_none_or(|names| names.contains(name));
    (0..wanted.names.len()).filter(|at| wanted.time == Some(*at) || asked(&wanted.names[*at])).collect()
}

pub(super) fn run(
    source: &Source,
    wanted: &Wanted,
    plan: &ReadPlan<'_>,
    observer: &dyn Observer,
    each: &mut dyn FnMut(DataFrame) -> Result<()>,
) -> Result<SourceQuality> {
    let cores = if plan.threads > 0 { plan.threads } else { thread::available_parallelism().map_or(1, Into::into) };
    let files = plan.part.as_ref().map_or(0..source.files.len(), |part| part.files.start..part.files.end.min(source.files.len()));
    // Of a stretch file after file is read, so that it has no gaps.
    let readers = if plan.part.is_some() { 1 } else { cores.clamp(1, 8).min(files.len().max(1)) };
    let keeping = plan.cache.filter(|_| matches!(source.body, Body::Text(_))).map(|cache| Keeping::of(source, cache));
    let narrowing = keeping.as_ref().map(|keeping| (keeping, Narrow::new(wanted, &keeping.all)));
    let shared = Shared {
        wanted,
        plan,
        keeping: narrowing,
        stop: AtomicBool::new(false),
        next_file: AtomicUsize::new(files.start),
        read: AtomicU64::new(0),
        buffers: Mutex::default(),
    };
    let (senders, receivers): (Vec<_>, Vec<_>) =
        source.files.iter().map(|_| sync_channel(QUEUE)).map(|(s, r)| (Mutex::new(Some(s)), r)).unzip();
    let (jobs, queue) = sync_channel(cores);
    let queue = Mutex::new(queue);
    let mut gather = Gather::new(source, wanted, plan, each);
    let files_end = files.end;
    thread::scope(|scope| {
        let mut handles = Vec::new();
        for _ in 0..readers {
            let (jobs, senders, shared) = (jobs.clone(), &senders, &shared);
            handles.push(scope.spawn(move || read_files(source, files_end, senders, &jobs, shared)));
        }
        drop(jobs);
        if let Body::Text(layout) = &source.body {
            for _ in 0..cores {
                let (queue, shared) = (&queue, &shared);
                handles.push(scope.spawn(move || parse_blocks(layout.as_ref(), queue, shared)));
            }
        }
        let (kept, told) = sync_channel(QUEUE);
        let keeper = keeping.as_ref().map(|keeping| scope.spawn(move || Keeper::new(keeping).run(&told)));
        let receivers = receivers.into_iter().enumerate().skip(files.start).take(files.len());
        let result = take(source, receivers, &mut gather, observer, &kept);
        shared.stop.store(true, Ordering::Relaxed);
        drop(kept);
        match keeper.map(thread::ScopedJoinHandle::join) {
            // That nothing is kept makes the next run slower, and this one no worse.
            Some(Ok(Err(error))) => observer.event(Event::Warning(Warning {
                code: "W109".into(),
                message: said!(
                    en: "parsed events of source `{source}` are not kept: {error}",
                    fr: "les événements lus de la source `{source}` ne sont pas conservés : {error}",
                    source = source.name,
                    error = error.to_string()
                ),
            })),
            Some(Err(_)) => return Err(Error::Internal("the thread that keeps parsed events panicked".into())),
            Some(Ok(Ok(()))) | None => {}
        }
        let panicked = handles.into_iter().map(thread::ScopedJoinHandle::join).filter(Result::is_err).count();
        if panicked > 0 && result.is_ok() { Err(Error::Internal("a reading thread panicked".into())) } else { result }
    })?;
    gather.finish()
}

/// Takes everything in order. The queues are dropped on the way out, which ends readers that wait on them.
fn take(
    source: &Source,
    receivers: impl Iterator<Item = (usize, Receiver<Item>)>,
    gather: &mut Gather<'_, '_>,
    observer: &dyn Observer,
    kept: &SyncSender<Keep>,
) -> Result<()> {
    let lost = || Error::Internal("a reading thread ended early".into());
    for (file, items) in receivers {
        loop {
            if observer.cancelled() {
                return Err(Error::Interrupted);
            }
            let (mut parsed, bytes) = match items.recv().map_err(|_| lost())? {
                Item::Pending(promise, bytes) => (promise.recv().map_err(|_| lost())??, bytes),
                Item::Ready(parsed, bytes) => ((*parsed)?, bytes),
                Item::Failed(error) => return Err(error),
                Item::Beyond => break,
                Item::End(end) => {
                    // Where nothing is kept nobody listens, here and below.
                    let _ = kept.send(Keep::End { file: source.files[file].display().to_string(), end: end.clone() });
                    gather.file_end(file, end);
                    break;
                }
            };
            if let Some(keep) = parsed.keep.take() {
                let _ = kept.send(keep);
            }
            gather.take(file, parsed)?;
            if bytes > 0 {
                observer.event(Event::Advanced { stage: "Reading", by: bytes });
            }
        }
    }
    Ok(())
}

type Senders = [Mutex<Option<SyncSender<Item>>>];

/// Reads files, one after the other, until there is none left.
fn read_files(source: &Source, files_end: usize, senders: &Senders, jobs: &SyncSender<Job>, shared: &Shared<'_>) {
    loop {
        let file = shared.next_file.fetch_add(1, Ordering::Relaxed);
        let Some(path) = source.files.get(file).filter(|_| file < files_end) else { return };
        let sender = senders[file].lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(sender) = sender else { return };
        if shared.has_enough(0) {
            let _ = sender.send(Item::Beyond);
            continue;
        }
        let end = match &source.body {
            Body::Text(layout) => match read_kept(path, &sender, shared) {
                Ok(None) => read_text(path, layout.as_ref(), &sender, jobs, shared),
                kept => kept.map(Option::flatten),
            },
            Body::Table(table) => read_table(path, table.as_ref(), &sender, shared),
        };
        let item = match end {
            Ok(Some(end)) => Item::End(end),
            // Nobody listens any more.
            Ok(None) => return,
            Err(error) => Item::Failed(error),
        };
        if sender.send(item).is_err() {
            return;
        }
    }
}

/// Reads what is kept of a file: nothing is, or nobody listens any more, or its end.
fn read_kept(path: &Path, sender: &SyncSender<Item>, shared: &Shared<'_>) -> Result<Option<Option<FileEnd>>> {
    let Some((keeping, narrow)) = &shared.keeping else { return Ok(None) };
    let mut disk = path.metadata().map_or(0, |about| about.len());
    let mut listening = true;
    let end = replay(path, keeping, narrow, &mut |(frame, tally), key| {
        let parsed = filtered(frame, tally, shared).map(|parsed| Parsed { keep: key.map(Keep::Used), ..parsed });
        listening = !shared.stopped() && sender.send(Item::Ready(Box::new(parsed), std::mem::take(&mut disk))).is_ok();
        listening
    })?;
    Ok(end.map(|end| Some(end).filter(|_| listening)))
}

fn read_table(path: &Path, table: &dyn Table, sender: &SyncSender<Item>, shared: &Shared<'_>) -> Result<Option<FileEnd>> {
    if table.skips(path, shared.wanted.window) {
        let bytes = path.metadata().map_or(0, |m| m.len());
        return Ok(Some(FileEnd { digested: Digested { bytes, ..Digested::default() }, text_bytes: 0 }));
    }
    // A stretch tells nothing of the file as a whole.
    let digested = if shared.plan.part.is_some() { Digested::default() } else { digest(path)? };
    let mut disk = digested.bytes;
    let (mut listening, mut enough) = (true, false);
    let (mut rows, mut held) = (0, 0);
    let mut send = |piece: Result<(DataFrame, Tally)>| {
        if let Ok((frame, tally)) = &piece {
            rows += tally.rows_parsed;
            held += frame.estimated_size() as u64;
            enough = shared.has_enough(frame.estimated_size() as u64);
        }
        let parsed = piece.and_then(|(frame, tally)| filtered(frame, tally, shared));
        listening = !shared.stopped() && sender.send(Item::Ready(Box::new(parsed), std::mem::take(&mut disk))).is_ok();
        listening && !enough
    };
    if caught(|| table.read(path, shared.wanted, &mut send)).is_err() {
        return Err(Error::data(format!("cannot read `{}`: its contents are of a kind that is not supported", path.display())));
    }
    if shared.plan.part.is_some() {
        // As much of the file as its rows are of all its rows.
        let share = rows as f64 / table.rows(path)?.max(1) as f64;
        let bytes = path.metadata().map_or(0, |about| about.len()) as f64 * share.min(1.0);
        return Ok(listening.then_some(FileEnd { digested: Digested { bytes: bytes as u64, ..Digested::default() }, text_bytes: held }));
    }
    let text_bytes = digested.bytes;
    Ok(listening.then_some(FileEnd { digested, text_bytes }))
}

/// Parses blocks until there is none left.
fn parse_blocks(layout: &dyn Layout, queue: &Mutex<Receiver<Job>>, shared: &Shared<'_>) {
    loop {
        let job = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(Job { text, preamble, unfinished, reply }) = job else { return };
        if !shared.stopped() {
            // The caller may have gone; then the block is not needed.
            let parsed = caught(|| parse(layout, text.bytes(), &preamble, unfinished, shared));
            let _ = reply.send(parsed.unwrap_or_else(|said| Err(Error::Internal(format!("a parser panicked: {said}")))));
        }
        shared.give_back(text);
    }
}

fn parse(layout: &dyn Layout, text: &[u8], preamble: &str, unfinished: bool, shared: &Shared<'_>) -> Result<Parsed> {
    let mut rows = Rows::new(shared.parsed(), ROWS);
    match simdutf8::basic::from_utf8(text) {
        Ok(text) => layout.read(preamble, text, &mut rows),
        Err(_) => {
            rows.tally.invalid_utf8 = text.split(|b| *b == b'\n').filter(|line| std::str::from_utf8(line).is_err()).count() as u64;
            layout.read(preamble, &String::from_utf8_lossy(text), &mut rows);
        }
    }
    let (frame, mut tally) = rows.finish()?;
    tally.cut_short = unfinished && tally.ends_malformed();
    shared.parsed_block(frame, tally)
}

/// Applies the filter, and leaves out the columns that only it looks at.
fn filtered(mut frame: DataFrame, mut tally: Tally, shared: &Shared<'_>) -> Result<Parsed> {
    let Some(filter) = &shared.plan.filter else { return Ok(Parsed { frame, tally, keep: None }) };
    if frame.height() > 0 {
        let mask = (filter.keep)(&frame)?;
        let before = frame.height();
        frame = frame.filter_seq(&mask).map_err(|e| Error::Internal(format!("filter: {e}")))?;
        tally.filtered += (before - frame.height()) as u64;
    }
    let names: Vec<&str> = delivered(shared.plan, shared.wanted).into_iter().map(|at| shared.wanted.names[at].as_str()).collect();
    let frame = frame.select(names).map_err(|e| Error::Internal(e.to_string()))?;
    Ok(Parsed { frame, tally, keep: None })
}
