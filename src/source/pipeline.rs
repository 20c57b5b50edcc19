//! The way from files to frames: readers unpack and cut, workers parse, the caller's thread takes everything in order.
//!
//! Each file has a short queue of blocks. A reader puts the promise of a block into it before a worker fills the promise, so that the order is
//! that of the text. Readers take files in order, and the caller empties queues in order: the first unfinished file always has a reader, so
//! nothing waits in a circle, and what is held is bounded by the queues.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
};

use polars::prelude::DataFrame;

use super::{
    ReadPlan, Source,
    columns::{Rows, Wanted},
    head::BOM,
    layout::{Body, Layout, Table},
    stream::{Digested, Stream, digest},
    tally::Tally,
};
use crate::{
    error::{Error, Result},
    observe::{Event, Observer},
    quality::SourceQuality,
};

#[path = "gather.rs"]
mod gather;

use gather::Gather;

/// Text of a block in bytes. Small enough to stay in a core's cache, large enough to make frames cheap.
const BLOCK: usize = 1024 * 1024;
/// A record longer than this is malformed.
const LONGEST_RECORD: usize = 4 * BLOCK;
/// Blocks of a file that may wait.
const QUEUE: usize = 4;

/// What a reader tells of its file, in order.
enum Item {
    /// A block that is being parsed, and the disk bytes it took.
    Pending(Receiver<Result<Parsed>>, u64),
    /// A piece that is a frame already.
    Ready(Result<Parsed>, u64),
    /// The end.
    End(FileEnd),
    /// The file could not be read.
    Failed(Error),
}

/// A piece of a file.
pub(super) struct Parsed {
    pub(super) frame: DataFrame,
    pub(super) tally: Tally,
}

/// What is known of a file at its end.
pub(super) struct FileEnd {
    pub(super) digested: Digested,
    pub(super) text_bytes: u64,
}

struct Job {
    text: Vec<u8>,
    preamble: String,
    /// The file ends with this block, and not with a line break.
    unfinished: bool,
    reply: SyncSender<Result<Parsed>>,
}

/// What readers and workers share.
struct Shared<'a> {
    wanted: &'a Wanted,
    plan: &'a ReadPlan<'a>,
    stop: AtomicBool,
    next_file: AtomicUsize,
    buffers: Mutex<Vec<Vec<u8>>>,
}

impl Shared<'_> {
    fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    fn buffer(&self) -> Vec<u8> {
        self.buffers.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default()
    }

    fn give_back(&self, mut buffer: Vec<u8>) {
        let mut buffers = self.buffers.lock().unwrap_or_else(PoisonError::into_inner);
        if buffers.len() < 16 && buffer.capacity() <= 2 * BLOCK {
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
    let readers = cores.clamp(1, 8).min(source.files.len().max(1));
    let shared = Shared { wanted, plan, stop: AtomicBool::new(false), next_file: AtomicUsize::new(0), buffers: Mutex::default() };
    let (senders, receivers): (Vec<_>, Vec<_>) = source.files.iter().map(|_| sync_channel(QUEUE)).map(|(s, r)| (Mutex::new(Some(s)), r)).unzip();
    let (jobs, queue) = sync_channel(cores);
    let queue = Mutex::new(queue);
    let mut gather = Gather::new(source, wanted, plan, each);
    thread::scope(|scope| {
        let mut handles = Vec::new();
        for _ in 0..readers {
            let (jobs, senders, shared) = (jobs.clone(), &senders, &shared);
            handles.push(scope.spawn(move || read_files(source, senders, &jobs, shared)));
        }
        drop(jobs);
        if let Body::Text(layout) = &source.body {
            for _ in 0..cores {
                let (queue, shared) = (&queue, &shared);
                handles.push(scope.spawn(move || parse_blocks(layout.as_ref(), queue, shared)));
            }
        }
        let result = take(receivers, &mut gather, observer);
        shared.stop.store(true, Ordering::Relaxed);
        let panicked = handles.into_iter().map(thread::ScopedJoinHandle::join).filter(Result::is_err).count();
        if panicked > 0 && result.is_ok() { Err(Error::Internal("a reading thread panicked".into())) } else { result }
    })?;
    gather.finish()
}

/// Takes everything in order. The queues are dropped on the way out, which ends readers that wait on them.
fn take(receivers: Vec<Receiver<Item>>, gather: &mut Gather<'_, '_>, observer: &dyn Observer) -> Result<()> {
    let lost = || Error::Internal("a reading thread ended early".into());
    for (file, items) in receivers.into_iter().enumerate() {
        loop {
            if observer.cancelled() {
                return Err(Error::Interrupted);
            }
            let (parsed, bytes) = match items.recv().map_err(|_| lost())? {
                Item::Pending(promise, bytes) => (promise.recv().map_err(|_| lost())??, bytes),
                Item::Ready(parsed, bytes) => (parsed?, bytes),
                Item::Failed(error) => return Err(error),
                Item::End(end) => {
                    gather.file_end(file, end);
                    break;
                }
            };
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
fn read_files(source: &Source, senders: &Senders, jobs: &SyncSender<Job>, shared: &Shared<'_>) {
    loop {
        let file = shared.next_file.fetch_add(1, Ordering::Relaxed);
        let Some(path) = source.files.get(file) else { return };
        let sender = senders[file].lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(sender) = sender else { return };
        let end = match &source.body {
            Body::Text(layout) => read_text(path, layout.as_ref(), &sender, jobs, shared),
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

fn read_table(path: &Path, table: &dyn Table, sender: &SyncSender<Item>, shared: &Shared<'_>) -> Result<Option<FileEnd>> {
    let digested = digest(path)?;
    let mut disk = digested.bytes;
    let mut listening = true;
    let mut send = |piece: Result<(DataFrame, Tally)>| {
        let parsed = piece.and_then(|(frame, tally)| filtered(frame, tally, shared));
        listening = !shared.stopped() && sender.send(Item::Ready(parsed, std::mem::take(&mut disk))).is_ok();
        listening
    };
    if catch_unwind(AssertUnwindSafe(|| table.read(path, shared.wanted, &mut send))).is_err() {
        return Err(Error::data(format!("cannot read `{}`: its contents are of a kind that is not supported", path.display())));
    }
    let text_bytes = digested.bytes;
    Ok(listening.then_some(FileEnd { digested, text_bytes }))
}

/// Cuts the text of a file into blocks of whole records.
fn read_text(path: &Path, layout: &dyn Layout, sender: &SyncSender<Item>, jobs: &SyncSender<Job>, shared: &Shared<'_>) -> Result<Option<FileEnd>> {
    let mut stream = Stream::open(path, true)?;
    let mut cutter = Cutter { layout, sender, jobs, shared, preamble: String::new(), disk: 0 };
    let mut buffer = shared.buffer();
    let (mut held, mut text_bytes, mut first) = (0, 0, true);
    loop {
        if shared.stopped() {
            return Ok(None);
        }
        let size = BLOCK.max(held * 2);
        buffer.resize(size, 0);
        let filled = held + stream.fill(&mut buffer[held..])?;
        text_bytes += (filled - held) as u64;
        if first && buffer[..filled].starts_with(BOM) {
            buffer.copy_within(BOM.len()..filled, 0);
            buffer.truncate(filled - BOM.len());
            (first, held) = (false, filled - BOM.len());
            continue;
        }
        first = false;
        let ended = filled < size;
        buffer.truncate(filled);
        let disk = stream.disk_bytes();
        let cut = layout.cut(&cutter.preamble, &buffer);
        let mut next = shared.buffer();
        let (block, listening) = if ended && !stream.is_truncated() {
            (std::mem::take(&mut buffer), true)
        } else if cut > 0 || filled == 0 {
            next.extend_from_slice(&buffer[cut..]);
            buffer.truncate(cut);
            (std::mem::take(&mut buffer), true)
        } else if filled >= LONGEST_RECORD {
            let listening = cutter.too_long(&buffer, &mut next, &mut stream, &mut text_bytes)?;
            (Vec::new(), listening)
        } else {
            next.extend_from_slice(&buffer);
            (Vec::new(), true)
        };
        if !listening || !block.is_empty() && !cutter.send(block, disk, ended && !stream.is_truncated()) {
            return Ok(None);
        }
        if ended {
            if stream.is_truncated() && !next.is_empty() && !cutter.lost(&next, "the packed file ends in the middle of this line") {
                return Ok(None);
            }
            return Ok(Some(FileEnd { digested: stream.finish()?, text_bytes }));
        }
        held = next.len();
        buffer = next;
    }
}

struct Cutter<'a> {
    layout: &'a dyn Layout,
    sender: &'a SyncSender<Item>,
    jobs: &'a SyncSender<Job>,
    shared: &'a Shared<'a>,
    preamble: String,
    disk: u64,
}

impl Cutter<'_> {
    /// Hands a block on; `false` where nobody listens any more.
    fn send(&mut self, text: Vec<u8>, disk: u64, last: bool) -> bool {
        let mut next = self.preamble.clone();
        self.layout.carry(&mut next, &text);
        let preamble = std::mem::replace(&mut self.preamble, next);
        let unfinished = last && text.last() != Some(&b'\n');
        let (reply, promise) = sync_channel(1);
        let bytes = disk - std::mem::replace(&mut self.disk, disk);
        self.sender.send(Item::Pending(promise, bytes)).is_ok() && self.jobs.send(Job { text, preamble, unfinished, reply }).is_ok()
    }

    /// Counts text that belongs to no record as one malformed line.
    fn lost(&self, text: &[u8], reason: &'static str) -> bool {
        let mut tally = Tally::new(self.shared.wanted.columns.len());
        tally.lines = 1;
        tally.text_lines = 1;
        let shown = &text[..text.len().min(1_000)];
        tally.malformed(reason, String::from_utf8_lossy(shown).lines().next().unwrap_or_default());
        let parsed = Rows::new(self.shared.wanted, 0).finish().map(|(frame, _)| Parsed { frame, tally });
        self.sender.send(Item::Ready(parsed, 0)).is_ok()
    }

    /// Leaves out the line that makes a record too long, and goes on after it.
    fn too_long(&self, buffer: &[u8], next: &mut Vec<u8>, stream: &mut Stream, text_bytes: &mut u64) -> Result<bool> {
        let listening = self.lost(buffer, "the record is longer than 4 MiB (is a quote not closed?)");
        if let Some(end) = super::layout::find(b'\n', buffer) {
            next.extend_from_slice(&buffer[end + 1..]);
            return Ok(listening);
        }
        let mut piece = vec![0; BLOCK];
        loop {
            let filled = stream.fill(&mut piece)?;
            *text_bytes += filled as u64;
            if let Some(end) = super::layout::find(b'\n', &piece[..filled]) {
                next.extend_from_slice(&piece[end + 1..filled]);
                return Ok(listening);
            }
            if filled < piece.len() || self.shared.stopped() {
                return Ok(listening);
            }
        }
    }
}

/// Parses blocks until there is none left.
fn parse_blocks(layout: &dyn Layout, queue: &Mutex<Receiver<Job>>, shared: &Shared<'_>) {
    loop {
        let job = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(Job { text, preamble, unfinished, reply }) = job else { return };
        if !shared.stopped() {
            // The caller may have gone; then the block is not needed.
            let parsed = catch_unwind(AssertUnwindSafe(|| parse(layout, &text, &preamble, unfinished, shared)));
            let _ = reply.send(parsed.unwrap_or_else(|_| Err(Error::Internal("a parser panicked".into()))));
        }
        shared.give_back(text);
    }
}

fn parse(layout: &dyn Layout, text: &[u8], preamble: &str, unfinished: bool, shared: &Shared<'_>) -> Result<Parsed> {
    let text_lines = text.iter().filter(|b| **b == b'\n').count() as u64;
    let mut rows = Rows::new(shared.wanted, text_lines as usize);
    match std::str::from_utf8(text) {
        Ok(text) => layout.read(preamble, text, &mut rows),
        Err(_) => {
            rows.tally.invalid_utf8 = text.split(|b| *b == b'\n').filter(|line| std::str::from_utf8(line).is_err()).count() as u64;
            layout.read(preamble, &String::from_utf8_lossy(text), &mut rows);
        }
    }
    let (frame, mut tally) = rows.finish()?;
    tally.text_lines = text_lines;
    tally.cut_short = unfinished && tally.ends_malformed();
    filtered(frame, tally, shared)
}

/// Applies the filter, and leaves out the columns that only it looks at.
fn filtered(mut frame: DataFrame, mut tally: Tally, shared: &Shared<'_>) -> Result<Parsed> {
    let Some(filter) = &shared.plan.filter else { return Ok(Parsed { frame, tally }) };
    if frame.height() > 0 {
        let mask = (filter.keep)(&frame)?;
        let before = frame.height();
        frame = frame.filter_seq(&mask).map_err(|e| Error::Internal(format!("filter: {e}")))?;
        tally.filtered += (before - frame.height()) as u64;
    }
    let names: Vec<&str> = delivered(shared.plan, shared.wanted).into_iter().map(|at| shared.wanted.names[at].as_str()).collect();
    let frame = frame.select(names).map_err(|e| Error::Internal(e.to_string()))?;
    Ok(Parsed { frame, tally })
}
