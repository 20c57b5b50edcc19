//! Windows event logs as they lie on disk (EVTX), unpacked like any packed file: into one line of JSON an event, as `evtx_dump -o jsonl` writes it.
//!
//! Written after the description of the format by libyal (`libevtx`, "Windows XML Event Log (EVTX)"): a header of 4 096 bytes, then chunks of 65 536,
//! each with its own names and templates, so that a chunk at a time is held. The crate `evtx` is not used: through its own dependencies it changes the
//! features of `chrono`, `log` and `simdutf8`, which makes polars compile again, and those of `serde_json`, which changes the order of every object that is written.
//!
//! What cannot be read becomes a line that is no JSON and says where it was, so that it is counted and shown as malformed.

use std::io::{self, Read};

use self::binxml::Record;

mod binxml;
mod values;

/// How a line begins that stands for bytes that could not be read.
pub(super) const LOST: &str = "evtx: byte ";
/// What a file begins with.
pub(super) const MAGIC: &[u8] = b"ElfFile\0";

const HEADER: usize = 4_096;
const CHUNK: usize = 65_536;
/// Where the records of a chunk begin.
const RECORDS: usize = 512;
/// Bytes of a record that are not its event: magic, size, number and time before it, the size once more behind.
const RECORD_HEAD: usize = 24;
/// Text that one chunk may come to; values that stand in many places make more of it than it has.
const MOST_TEXT: usize = 64 * 1024 * 1024;
const RECORD_MAGIC: &[u8] = b"**\0\0";

/// The events of a file, as text.
pub(super) struct Events<R> {
    inner: R,
    /// What the header says; `None` before it was read.
    header: Option<Header>,
    chunks: u64,
    chunk: Vec<u8>,
    text: Vec<u8>,
    given: usize,
}

#[derive(Clone, Copy)]
struct Header {
    chunks: u64,
    /// The file was not closed: its checksums and counts may be old.
    open: bool,
}

impl<R> Events<R> {
    pub(super) fn new(inner: R) -> Self {
        Self { inner, header: None, chunks: 0, chunk: Vec::new(), text: Vec::new(), given: 0 }
    }

    pub(super) const fn get_ref(&self) -> &R {
        &self.inner
    }

    pub(super) fn into_inner(self) -> R {
        self.inner
    }
}

impl<R: Read> Events<R> {
    /// Reads the next so many bytes; `false` at the end of the file.
    fn piece(&mut self, size: usize) -> io::Result<bool> {
        self.chunk.clear();
        let read = (&mut self.inner).take(size as u64).read_to_end(&mut self.chunk)?;
        if read > 0 && read < size { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(read == size) }
    }

    /// Makes text of the next chunk; `false` at the end of the file.
    fn next_chunk(&mut self) -> io::Result<bool> {
        let header = match self.header {
            Some(header) => header,
            None => {
                if !self.piece(HEADER)? {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
                let at = |from: usize, size| number(&self.chunk, from, size).unwrap_or(0);
                *self.header.insert(Header { chunks: at(42, 2), open: at(120, 4) & 1 != 0 })
            }
        };
        if !self.piece(CHUNK)? {
            // The count has 16 bits, and stays behind while a file is written.
            return if self.chunks < header.chunks { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(false) };
        }
        let from = HEADER as u64 + self.chunks * CHUNK as u64;
        self.chunks += 1;
        (self.given, self.text) = (0, std::mem::take(&mut self.text));
        self.text.clear();
        events(&self.chunk, from, header.open, &mut self.text);
        Ok(true)
    }
}

impl<R: Read> Read for Events<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.given == self.text.len() {
            if !self.next_chunk()? {
                return Ok(0);
            }
        }
        let n = buffer.len().min(self.text.len() - self.given);
        buffer[..n].copy_from_slice(&self.text[self.given..self.given + n]);
        self.given += n;
        Ok(n)
    }
}

/// A little-endian number of so many bytes.
fn number(bytes: &[u8], from: usize, size: usize) -> Option<u64> {
    let bytes = bytes.get(from..from.checked_add(size)?)?;
    Some(bytes.iter().rev().fold(0, |sum, byte| sum << 8 | u64::from(*byte)))
}

/// Writes the events of the chunk that begins at byte `start` of the file, one a line, and a line for each that cannot be read.
fn events(chunk: &[u8], start: u64, open: bool, text: &mut Vec<u8>) {
    if chunk.iter().all(|byte| *byte == 0) {
        // Room that was taken beforehand.
        return;
    }
    let lost = |text: &mut Vec<u8>, at: usize, what: &str| {
        text.extend_from_slice(format!("{LOST}{}: {what}\n", start + at as u64).as_bytes());
    };
    if !chunk.starts_with(b"ElfChnk\0") {
        return lost(text, 0, "a chunk that does not begin with `ElfChnk`: its events are lost");
    }
    let field = |from: usize, size| number(chunk, from, size).unwrap_or(0);
    let end = (field(48, 4) as usize).clamp(RECORDS, CHUNK);
    if !open && field(120, 4) & 4 == 0 && u64::from(crc32fast::hash(&chunk[RECORDS..end])) != field(52, 4) {
        lost(text, 0, "a chunk whose checksum does not fit: its events are read as they stand, but some may be damaged");
    }
    let (mut at, mut last) = (RECORDS, None);
    while at + RECORD_HEAD < end {
        // Some writers count a tail of zeros among the records.
        if chunk[at..end].iter().take(RECORD_HEAD).all(|byte| *byte == 0) {
            break;
        }
        let size = field(at + 4, 4) as usize;
        if !chunk[at..].starts_with(RECORD_MAGIC) || size <= RECORD_HEAD + 4 || size > end - at {
            return lost(text, at, "an event that is damaged: it and those behind it in its chunk are lost");
        }
        let id = field(at + 8, 8);
        if text.len() > MOST_TEXT {
            return lost(text, at, "a chunk that comes to more than 64 MiB of text: the rest of its events are lost");
        }
        match Record::read(chunk, at + RECORD_HEAD, at + size - 4) {
            _ if field(at + size - 4, 4) as usize != size => lost(text, at, &format!("event {id} is damaged: its two sizes differ")),
            Ok(event) => text.extend_from_slice(format!("{event}\n").as_bytes()),
            Err(why) => lost(text, at, &format!("event {id} cannot be read: {why}")),
        }
        (at, last) = (at + size, Some(id));
    }
    if !open && last.is_some_and(|last| last < field(32, 8)) {
        lost(text, at, &format!("a chunk that ends with event {}, and should end with {}", last.unwrap_or(0), field(32, 8)));
    }
}
