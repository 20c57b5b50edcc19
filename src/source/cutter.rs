//! A text file, cut into blocks of whole records for others to parse.

use std::{
    path::Path,
    sync::mpsc::{SyncSender, sync_channel},
};

use memchr::memchr;

use super::{
    columns::Rows,
    head::BOM,
    layout::Layout,
    pipeline::{FileEnd, Item, Job, Shared},
    stream::{Digested, Stream},
    tally::Tally,
};
use crate::error::Result;

/// Text of a block in bytes. Small enough to stay in a core's cache, large enough to make frames cheap.
const BLOCK: usize = 1024 * 1024;
/// A record longer than this is malformed.
const LONGEST_RECORD: usize = 4 * BLOCK;

/// Text at the beginning of memory that stays initialised from use to use.
#[derive(Debug, Default)]
pub(super) struct Buffer {
    memory: Vec<u8>,
    used: usize,
}

impl Buffer {
    pub(super) fn bytes(&self) -> &[u8] {
        &self.memory[..self.used]
    }

    pub(super) fn clear(&mut self) {
        self.used = 0;
    }

    pub(super) fn is_small(&self) -> bool {
        self.memory.len() <= 2 * BLOCK
    }

    fn make_room(&mut self, size: usize) {
        if self.memory.len() < size {
            self.memory.resize(size, 0);
        }
    }

    fn push(&mut self, text: &[u8]) {
        self.make_room(self.used + text.len());
        self.memory[self.used..self.used + text.len()].copy_from_slice(text);
        self.used += text.len();
    }

    /// Fills it with text of the stream up to `size`; whether the stream ended before that.
    fn fill(&mut self, stream: &mut Stream, size: usize) -> Result<bool> {
        self.make_room(size);
        self.used += stream.fill(&mut self.memory[self.used..size])?;
        Ok(self.used < size)
    }

    fn drop_front(&mut self, n: usize) {
        self.memory.copy_within(n..self.used, 0);
        self.used -= n;
    }
}

/// Cuts the text of a file into blocks, and hands them on; `None` where nobody listens any more.
pub(super) fn read_text(
    path: &Path,
    layout: &dyn Layout,
    sender: &SyncSender<Item>,
    jobs: &SyncSender<Job>,
    shared: &Shared<'_>,
) -> Result<Option<FileEnd>> {
    let mut stream = Stream::open(path, true)?;
    let mut cutter = Cutter { layout, sender, jobs, shared, preamble: String::new(), disk: 0 };
    let mut buffer = shared.buffer();
    let (mut text_bytes, mut first) = (0, true);
    let mut noted = 0;
    loop {
        if shared.stopped() {
            return Ok(None);
        }
        if shared.has_enough(text_bytes - std::mem::replace(&mut noted, text_bytes)) {
            // What is left in the buffer is not parsed.
            let parsed = text_bytes - buffer.used as u64;
            let bytes = stream.used_bytes() as f64 * parsed as f64 / text_bytes.max(1) as f64;
            return Ok(Some(FileEnd { digested: Digested { bytes: bytes as u64, ..Digested::default() }, text_bytes: parsed }));
        }
        let held = buffer.used;
        let ended = buffer.fill(&mut stream, BLOCK.max(held * 2))?;
        text_bytes += (buffer.used - held) as u64;
        if std::mem::take(&mut first) && buffer.bytes().starts_with(BOM) {
            buffer.drop_front(BOM.len());
        }
        let disk = stream.disk_bytes();
        if ended {
            if buffer.used > 0 && !cutter.send(buffer, disk, true) {
                return Ok(None);
            }
            return Ok(Some(FileEnd { digested: stream.finish()?, text_bytes }));
        }
        let cut = layout.cut(&cutter.preamble, buffer.bytes());
        let mut next = shared.buffer();
        next.push(&buffer.bytes()[cut..]);
        if cut > 0 {
            buffer.used = cut;
            if !cutter.send(buffer, disk, false) {
                return Ok(None);
            }
        }
        if cut == 0 && next.used >= LONGEST_RECORD {
            let listening = cutter.lost(next.bytes(), "the record is longer than 4 MiB (is a quote not closed?)");
            text_bytes += skip_line(&mut next, &mut stream)?;
            if !listening {
                return Ok(None);
            }
        }
        buffer = next;
    }
}

/// Leaves out text up to the end of a line; how many bytes more were read for it.
fn skip_line(buffer: &mut Buffer, stream: &mut Stream) -> Result<u64> {
    let mut read = 0;
    loop {
        if let Some(end) = memchr(b'\n', buffer.bytes()) {
            buffer.drop_front(end + 1);
            return Ok(read);
        }
        buffer.clear();
        let ended = buffer.fill(stream, BLOCK)?;
        read += buffer.used as u64;
        if ended && memchr(b'\n', buffer.bytes()).is_none() {
            buffer.clear();
            return Ok(read);
        }
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
    fn send(&mut self, text: Buffer, disk: u64, last: bool) -> bool {
        let mut next = self.preamble.clone();
        self.layout.carry(&mut next, text.bytes());
        let preamble = std::mem::replace(&mut self.preamble, next);
        let unfinished = last && text.bytes().last() != Some(&b'\n');
        let (reply, promise) = sync_channel(1);
        let bytes = disk - std::mem::replace(&mut self.disk, disk);
        self.sender.send(Item::Pending(promise, bytes)).is_ok() && self.jobs.send(Job { text, preamble, unfinished, reply }).is_ok()
    }

    /// Counts text that belongs to no record as one malformed line.
    fn lost(&self, text: &[u8], reason: &'static str) -> bool {
        let mut tally = Tally::new(self.shared.parsed().columns.len());
        tally.lines = 1;
        let shown = &text[..text.len().min(1_000)];
        tally.malformed(reason, String::from_utf8_lossy(shown).lines().next().unwrap_or_default());
        let parsed = Rows::new(self.shared.parsed(), 0).finish().and_then(|(frame, _)| self.shared.parsed_block(frame, tally));
        self.sender.send(Item::Ready(Box::new(parsed), 0)).is_ok()
    }
}
