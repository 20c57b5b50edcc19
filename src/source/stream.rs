//! A file as a stream of text: opened, hashed and decompressed in one pass. What it is packed with is told by its first bytes, not its name.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read},
    path::{Path, PathBuf},
};

use flate2::bufread::GzDecoder;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::evtx;
use crate::error::{Error, Result};

const BUFFER: usize = 256 * 1024;
/// A packed file with more text than this, and more than so many times the bytes read of it, is taken for a bomb. Logs shrink to a tenth or a
/// hundredth; gzip reaches 1 032.
const BOMB_TEXT: u64 = 256 * 1024 * 1024;
const BOMB_RATIO: u64 = 500;

/// How a file is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Packing {
    Plain,
    Gzip,
    Zstd,
    Bzip2,
    /// A binary log of Windows, whose events become lines of JSON.
    Evtx,
}

impl Packing {
    /// Tells by the first bytes.
    pub(crate) fn of(start: &[u8]) -> Self {
        match start {
            [0x1f, 0x8b, ..] => Self::Gzip,
            // A zstd file may begin with a skippable frame.
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Self::Zstd,
            [b'B', b'Z', b'h', b'1'..=b'9', 0x31 | 0x17, ..] => Self::Bzip2,
            _ if start.starts_with(evtx::MAGIC) => Self::Evtx,
            _ => Self::Plain,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
            Self::Bzip2 => "bzip2",
            Self::Evtx => "evtx",
        }
    }
}

/// The bytes on disk, counted and hashed as they pass.
struct Hashed {
    file: File,
    hash: Option<Sha256>,
    bytes: u64,
}

impl Read for Hashed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.file.read(buffer)?;
        if let Some(hash) = &mut self.hash {
            hash.update(&buffer[..n]);
        }
        self.bytes += n as u64;
        Ok(n)
    }
}

type Disk = BufReader<Hashed>;

enum Decoder {
    Plain(Disk),
    // Boxed: hundreds of bytes of state each.
    Gzip(Box<GzDecoder<Disk>>),
    Zstd(Box<zstd::stream::read::Decoder<'static, Disk>>),
    Bzip2(Box<bzip2::bufread::MultiBzDecoder<Disk>>),
    Evtx(Box<evtx::Events<Disk>>),
    Done(Disk),
    Gone,
}

/// What is known of a file once it is read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Digested {
    /// Bytes on disk.
    pub(crate) bytes: u64,
    /// SHA-256 of them.
    pub(crate) sha256: String,
    /// Bytes that follow the packed stream and belong to nothing.
    pub(crate) trailing: bool,
}

/// A file being read.
pub(crate) struct Stream {
    path: PathBuf,
    packing: Packing,
    decoder: Decoder,
    /// Bytes of text that were given.
    text: u64,
    trailing: bool,
}

impl Stream {
    /// Opens a file. With `hash`, its bytes are hashed as they pass.
    pub(crate) fn open(path: &Path, hash: bool) -> Result<Self> {
        let failed = |e| Error::io("read", path, e);
        let file = File::open(path).map_err(failed)?;
        let mut disk = BufReader::with_capacity(BUFFER, Hashed { file, hash: hash.then(Sha256::new), bytes: 0 });
        let packing = Packing::of(disk.fill_buf().map_err(failed)?);
        let decoder = match packing {
            Packing::Plain => Decoder::Plain(disk),
            Packing::Gzip => Decoder::Gzip(Box::new(GzDecoder::new(disk))),
            Packing::Zstd => Decoder::Zstd(Box::new(zstd::stream::read::Decoder::with_buffer(disk).map_err(failed)?)),
            Packing::Bzip2 => Decoder::Bzip2(Box::new(bzip2::bufread::MultiBzDecoder::new(disk))),
            Packing::Evtx => Decoder::Evtx(Box::new(evtx::Events::new(disk))),
        };
        Ok(Self { path: path.to_owned(), packing, decoder, text: 0, trailing: false })
    }

    /// Bytes that were taken from the disk so far.
    pub(crate) fn disk_bytes(&self) -> u64 {
        match &self.decoder {
            Decoder::Plain(disk) | Decoder::Done(disk) => disk.get_ref().bytes,
            Decoder::Gzip(d) => d.get_ref().get_ref().bytes,
            Decoder::Zstd(d) => d.get_ref().get_ref().bytes,
            Decoder::Bzip2(d) => d.get_ref().get_ref().bytes,
            Decoder::Evtx(d) => d.get_ref().get_ref().bytes,
            Decoder::Gone => 0,
        }
    }

    /// Reads text into `buffer` until it is full or the file ends; says how many bytes.
    ///
    /// # Errors
    /// Where the file cannot be read, a packed file is damaged or ends before its end, or unpacks to more than a log does.
    pub(crate) fn fill(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let mut filled = 0;
        while filled < buffer.len() {
            match self.read(&mut buffer[filled..]) {
                Ok(0) => break,
                Ok(n) => filled += n,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) if self.packing == Packing::Plain => return Err(Error::io("read", &self.path, e)),
                Err(e) => return Err(self.damaged(&e, filled as u64)),
            }
        }
        self.text += filled as u64;
        let (text, disk) = (self.text, self.disk_bytes());
        if self.packing != Packing::Plain && text > BOMB_TEXT && text / disk.max(1) > BOMB_RATIO {
            return Err(Error::data_hint(
                format!(
                    "`{}` ({}) unpacks to {text} bytes of text by byte {disk} of the file, more than {BOMB_RATIO} times its size: no log does",
                    self.path.display(),
                    self.packing.name()
                ),
                "leave the file out; if it is what it should be, unpack it first and name the unpacked file",
            ));
        }
        Ok(filled)
    }

    /// The error of a packed file that cannot be unpacked to its end. What was read of it so far is not used.
    fn damaged(&self, error: &io::Error, filled: u64) -> Error {
        let (path, packing, disk, text) = (self.path.display(), self.packing.name(), self.disk_bytes(), self.text + filled);
        if error.kind() == io::ErrorKind::UnexpectedEof {
            return Error::data_hint(
                format!(
                    "`{path}` ({packing}) is cut short: it ends at byte {disk} in the middle of its packed stream, after {text} bytes of text"
                ),
                "copy the file again once it is complete, or leave it out",
            );
        }
        Error::data_hint(
            format!("cannot unpack `{path}` ({packing}), damaged before byte {disk}, after {text} bytes of text: {error}"),
            "copy the file again from where it was logged, or leave it out",
        )
    }

    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let n = match &mut self.decoder {
                Decoder::Plain(d) => return d.read(buffer),
                Decoder::Zstd(d) => return d.read(buffer),
                Decoder::Bzip2(d) => return d.read(buffer),
                Decoder::Evtx(d) => return d.read(buffer),
                Decoder::Done(_) | Decoder::Gone => return Ok(0),
                Decoder::Gzip(d) => d.read(buffer)?,
            };
            if n > 0 || !self.next_member()? {
                return Ok(n);
            }
        }
    }

    /// Goes on to the next gzip member; `false` where there is none. What follows and is none is left, as `gzip` does.
    fn next_member(&mut self) -> io::Result<bool> {
        let Decoder::Gzip(decoder) = std::mem::replace(&mut self.decoder, Decoder::Gone) else { return Ok(false) };
        let mut disk = decoder.into_inner();
        let rest = disk.fill_buf()?;
        let more = rest.first() == Some(&0x1f);
        // Tapes pad with zeros.
        self.trailing = !more && rest.iter().any(|b| *b != 0);
        self.decoder = if more { Decoder::Gzip(Box::new(GzDecoder::new(disk))) } else { Decoder::Done(disk) };
        Ok(more)
    }

    /// Reads what is left of the disk file and gives its hash.
    pub(crate) fn finish(self) -> Result<Digested> {
        let mut disk = match self.decoder {
            Decoder::Plain(disk) | Decoder::Done(disk) => disk,
            Decoder::Gzip(d) => d.into_inner(),
            Decoder::Zstd(d) => d.finish(),
            Decoder::Bzip2(d) => d.into_inner(),
            Decoder::Evtx(d) => d.into_inner(),
            Decoder::Gone => return Err(Error::Internal(format!("stream of `{}` lost", self.path.display()))),
        };
        io::copy(&mut disk, &mut io::sink()).map_err(|e| Error::io("read", &self.path, e))?;
        let hashed = disk.into_inner();
        Ok(Digested { bytes: hashed.bytes, sha256: hashed.hash.map(|h| hex(&h.finalize())).unwrap_or_default(), trailing: self.trailing })
    }
}

/// SHA-256 and size of a file that is read by other means.
pub(crate) fn digest(path: &Path) -> Result<Digested> {
    let failed = |e| Error::io("read", path, e);
    let mut file = Hashed { file: File::open(path).map_err(failed)?, hash: Some(Sha256::new()), bytes: 0 };
    let mut buffer = vec![0; BUFFER];
    while file.read(&mut buffer).map_err(failed)? > 0 {}
    Ok(Digested { bytes: file.bytes, sha256: file.hash.map(|h| hex(&h.finalize())).unwrap_or_default(), trailing: false })
}

/// Bytes in hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn gz(text: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn read(bytes: &[u8]) -> (Result<Vec<u8>>, Option<Digested>) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.log");
        std::fs::write(&path, bytes).unwrap();
        let mut stream = Stream::open(&path, true).unwrap();
        let mut text = Vec::new();
        let mut buffer = [0; 7];
        loop {
            match stream.fill(&mut buffer) {
                Ok(0) => break,
                Ok(n) => text.extend_from_slice(&buffer[..n]),
                Err(e) => return (Err(e), None),
            }
        }
        (Ok(text), Some(stream.finish().unwrap()))
    }

    #[test]
    fn every_packing_by_its_bytes() {
        let text = b"a line of a log\nand another\n";
        let mut bz = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::best());
        bz.write_all(text).unwrap();
        let zst = zstd::stream::encode_all(&text[..], 3).unwrap();
        for bytes in [text.to_vec(), gz(text), zst, bz.finish().unwrap()] {
            let (read, digested) = read(&bytes);
            assert_eq!(read.unwrap(), text);
            let digested = digested.unwrap();
            assert_eq!(digested.bytes, bytes.len() as u64);
            assert_eq!(digested.sha256, hex(&Sha256::digest(&bytes)));
            assert!(!digested.trailing);
        }
    }

    #[test]
    fn members_follow_each_other() {
        let bytes = [gz(b"one\n"), gz(b""), gz(b"two\n")].concat();
        assert_eq!(read(&bytes).0.unwrap(), b"one\ntwo\n");
        let zst = [zstd::stream::encode_all(&b"one\n"[..], 1).unwrap(), zstd::stream::encode_all(&b"two\n"[..], 1).unwrap()].concat();
        assert_eq!(read(&zst).0.unwrap(), b"one\ntwo\n");
    }

    #[test]
    fn what_follows_the_last_member_is_noted() {
        let (text, digested) = read(&[gz(b"one\n"), b"garbage".to_vec()].concat());
        assert_eq!(text.unwrap(), b"one\n");
        assert!(digested.unwrap().trailing);
        assert!(!read(&[gz(b"one\n"), vec![0; 600]].concat()).1.unwrap().trailing);
    }

    #[test]
    fn truncated_and_damaged_streams_fail_with_file_and_place() {
        let text: Vec<u8> = (0..5_000u32).flat_map(|i| format!("line {}\n", i.wrapping_mul(2_654_435_761)).into_bytes()).collect();
        let whole = gz(&text);
        let half = whole.len() / 2;
        let message = read(&whole[..half]).0.unwrap_err().to_string();
        assert!(message.contains("x.log` (gzip) is cut short") && message.contains(&format!("at byte {half} ")), "{message}");
        let zst = zstd::stream::encode_all(&text[..], 3).unwrap();
        assert!(read(&zst[..zst.len() / 2]).0.unwrap_err().to_string().contains("is cut short"));
        let mut bz = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::best());
        bz.write_all(&text).unwrap();
        let bz = bz.finish().unwrap();
        assert!(read(&bz[..bz.len() / 2]).0.unwrap_err().to_string().contains("is cut short"));
        let mut damaged = whole;
        damaged[half..half + 50].fill(0xff);
        let message = read(&damaged).0.unwrap_err().to_string();
        assert!(message.starts_with("cannot unpack") && message.contains("gzip"), "{message}");
    }

    #[test]
    fn bombs_end_early() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("bomb.gz");
        let mut encoder = flate2::write::GzEncoder::new(std::fs::File::create(&path).unwrap(), flate2::Compression::best());
        for _ in 0..300 {
            encoder.write_all(&vec![b'a'; 1024 * 1024]).unwrap();
        }
        encoder.finish().unwrap();
        let mut stream = Stream::open(&path, false).unwrap();
        let mut buffer = vec![0; 1024 * 1024];
        let error = loop {
            match stream.fill(&mut buffer) {
                Ok(n) => assert!(n > 0, "not taken for a bomb"),
                Err(e) => break e.to_string(),
            }
        };
        assert!(error.contains("bomb.gz` (gzip) unpacks to") && stream.text <= BOMB_TEXT + 1024 * 1024, "{error}");
    }

    #[test]
    fn an_empty_file_is_empty_text() {
        assert_eq!(read(b"").0.unwrap(), b"");
    }
}
