//! A file as a stream of text: unpacked, and where it is a binary log of Windows, its events as lines of JSON.

use std::{
    fs::File,
    io::{self, Chain, Cursor, Read},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use sha2::Digest;

use super::{
    evtx,
    packing::{self, Hashed, Packing, Unpacked},
};
use crate::error::{Error, Result};

/// A packed file with more text than this, and more than so many times the bytes read of it, is taken for a bomb. Logs shrink to a tenth or a
/// hundredth; gzip reaches 1 032.
const BOMB_TEXT: u64 = 256 * 1024 * 1024;
const BOMB_RATIO: u64 = 500;

/// The bytes of a file, of which the first were looked at.
type Bytes = Chain<Cursor<Vec<u8>>, Unpacked>;

enum Text {
    Bytes(Box<Bytes>),
    Evtx(Box<evtx::Events<Bytes>>),
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

impl Digested {
    fn of(hashed: Hashed, trailing: bool) -> Self {
        Self { bytes: hashed.bytes, sha256: hashed.hash.map(|h| hex(&h.finalize())).unwrap_or_default(), trailing }
    }
}

/// A file being read.
pub(crate) struct Stream {
    path: PathBuf,
    from: Text,
    /// Bytes of text that were given.
    text: u64,
}

impl Stream {
    /// Opens a file. With `hash`, its bytes are hashed as they pass.
    pub(crate) fn open(path: &Path, hash: bool) -> Result<Self> {
        let failed = |e| Error::io("read", path, e);
        let mut unpacked = Unpacked::new(File::open(path).map_err(failed)?, hash).map_err(failed)?;
        let mut first = Vec::with_capacity(evtx::MAGIC.len());
        let looked = (&mut unpacked).take(evtx::MAGIC.len() as u64).read_to_end(&mut first);
        let is_evtx = first == evtx::MAGIC;
        let bytes = Cursor::new(first).chain(unpacked);
        let from = if is_evtx { Text::Evtx(Box::new(evtx::Events::new(bytes))) } else { Text::Bytes(Box::new(bytes)) };
        let stream = Self { path: path.to_owned(), from, text: 0 };
        looked.map_err(|error| stream.failed(error, 0))?;
        Ok(stream)
    }

    fn unpacked(&self) -> &Unpacked {
        match &self.from {
            Text::Bytes(bytes) => bytes.get_ref().1,
            Text::Evtx(events) => events.get_ref().get_ref().1,
        }
    }

    /// Bytes that were taken from the disk so far.
    pub(crate) fn disk_bytes(&self) -> u64 {
        self.unpacked().disk_bytes()
    }

    /// Bytes of the file that the text so far came from.
    pub(crate) fn used_bytes(&self) -> u64 {
        self.unpacked().used_bytes()
    }

    /// What is not read as it lies on disk, and is told of in errors.
    fn packing(&self) -> Option<&'static str> {
        match (&self.from, self.unpacked().packing) {
            (Text::Bytes(_), Packing::Plain) => None,
            (Text::Evtx(_), Packing::Plain) => Some("evtx"),
            (_, packing) => Some(packing.name()),
        }
    }

    /// Reads text into `buffer` until it is full or the file ends; says how many bytes.
    ///
    /// # Errors
    /// Where the file cannot be read, a packed file is damaged or ends before its end, or unpacks to more than a log does.
    pub(crate) fn fill(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let mut filled = 0;
        while filled < buffer.len() {
            let read = match &mut self.from {
                Text::Bytes(bytes) => bytes.read(&mut buffer[filled..]),
                Text::Evtx(events) => events.read(&mut buffer[filled..]),
            };
            match read {
                Ok(0) => break,
                Ok(n) => filled += n,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(self.failed(e, filled as u64)),
            }
        }
        self.text += filled as u64;
        let (text, disk) = (self.text, self.disk_bytes());
        if text > BOMB_TEXT
            && text / disk.max(1) > BOMB_RATIO
            && let Some(packing) = self.packing()
        {
            return Err(Error::data_hint(
                format!(
                    "`{}` ({packing}) unpacks to {text} bytes of text by byte {disk} of the file, more than {BOMB_RATIO} times its size: no log does",
                    self.path.display(),
                ),
                "leave the file out; if it is what it should be, unpack it first and name the unpacked file",
            ));
        }
        Ok(filled)
    }

    /// The error of a file that cannot be read to its end. What was read of it so far is not used.
    fn failed(&self, error: io::Error, filled: u64) -> Error {
        let Some(packing) = self.packing() else { return Error::io("read", &self.path, error) };
        let (path, disk, text) = (self.path.display(), self.disk_bytes(), self.text + filled);
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

    /// Reads what is left of the disk file and gives its hash.
    pub(crate) fn finish(self) -> Result<Digested> {
        let (_, unpacked) = match self.from {
            Text::Bytes(bytes) => bytes.into_inner(),
            Text::Evtx(events) => events.into_inner().into_inner(),
        };
        let trailing = unpacked.trailing;
        let hashed = unpacked.finish().map_err(|e| Error::io("read", &self.path, e))?;
        let hashed = hashed.ok_or_else(|| Error::Internal(format!("stream of `{}` lost", self.path.display())))?;
        Ok(Digested::of(hashed, trailing))
    }
}

/// SHA-256 and size of a file that is read by other means.
pub(crate) fn digest(path: &Path) -> Result<Digested> {
    let hashed = File::open(path).and_then(packing::hashed).map_err(|e| Error::io("read", path, e))?;
    Ok(Digested::of(hashed, false))
}

/// Bytes in hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use sha2::Sha256;

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
        let mut stream = match Stream::open(&path, true) {
            Ok(stream) => stream,
            Err(e) => return (Err(e), None),
        };
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
