//! The bytes of a file, unpacked and hashed in one pass. What it is packed with is told by its first bytes, not its name.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read},
};

use flate2::bufread::GzDecoder;
use sha2::{Digest, Sha256};

const BUFFER: usize = 256 * 1024;

/// How a file is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packing {
    Plain,
    Gzip,
    Zstd,
    Bzip2,
}

impl Packing {
    /// Tells by the first bytes.
    fn of(start: &[u8]) -> Self {
        match start {
            [0x1f, 0x8b, ..] => Self::Gzip,
            // A zstd file may begin with a skippable frame.
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Self::Zstd,
            [b'B', b'Z', b'h', b'1'..=b'9', 0x31 | 0x17, ..] => Self::Bzip2,
            _ => Self::Plain,
        }
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
            Self::Bzip2 => "bzip2",
        }
    }
}

/// The bytes on disk, counted and hashed as they pass.
pub(super) struct Hashed {
    pub(super) file: File,
    pub(super) hash: Option<Sha256>,
    pub(super) bytes: u64,
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
    Done(Disk),
    Gone,
}

/// A file being unpacked.
pub(super) struct Unpacked {
    pub(super) packing: Packing,
    /// Bytes follow the packed stream that belong to nothing.
    pub(super) trailing: bool,
    decoder: Decoder,
}

impl Unpacked {
    /// Begins with a file. With `hash`, its bytes are hashed as they pass.
    pub(super) fn new(file: File, hash: bool) -> io::Result<Self> {
        let mut disk = BufReader::with_capacity(BUFFER, Hashed { file, hash: hash.then(Sha256::new), bytes: 0 });
        let packing = Packing::of(disk.fill_buf()?);
        let decoder = match packing {
            Packing::Plain => Decoder::Plain(disk),
            Packing::Gzip => Decoder::Gzip(Box::new(GzDecoder::new(disk))),
            Packing::Zstd => Decoder::Zstd(Box::new(zstd::stream::read::Decoder::with_buffer(disk)?)),
            Packing::Bzip2 => Decoder::Bzip2(Box::new(bzip2::bufread::MultiBzDecoder::new(disk))),
        };
        Ok(Self { packing, trailing: false, decoder })
    }

    fn disk(&self) -> Option<&Disk> {
        match &self.decoder {
            Decoder::Plain(disk) | Decoder::Done(disk) => Some(disk),
            Decoder::Gzip(d) => Some(d.get_ref()),
            Decoder::Zstd(d) => Some(d.get_ref()),
            Decoder::Bzip2(d) => Some(d.get_ref()),
            Decoder::Gone => None,
        }
    }

    /// Bytes that were taken from the disk so far.
    pub(super) fn disk_bytes(&self) -> u64 {
        self.disk().map_or(0, |disk| disk.get_ref().bytes)
    }

    /// Bytes of the file that what was given so far was unpacked from: what waits in the buffer is not among them.
    pub(super) fn used_bytes(&self) -> u64 {
        self.disk().map_or(0, |disk| disk.get_ref().bytes - disk.buffer().len() as u64)
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

    /// Reads what is left on the disk; `None` where an error took the file before.
    pub(super) fn finish(self) -> io::Result<Option<Hashed>> {
        let mut disk = match self.decoder {
            Decoder::Plain(disk) | Decoder::Done(disk) => disk,
            Decoder::Gzip(d) => d.into_inner(),
            Decoder::Zstd(d) => d.finish(),
            Decoder::Bzip2(d) => d.into_inner(),
            Decoder::Gone => return Ok(None),
        };
        io::copy(&mut disk, &mut io::sink())?;
        Ok(Some(disk.into_inner()))
    }
}

impl Read for Unpacked {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let n = match &mut self.decoder {
                Decoder::Plain(d) => return d.read(buffer),
                Decoder::Zstd(d) => return d.read(buffer),
                Decoder::Bzip2(d) => return d.read(buffer),
                Decoder::Done(_) | Decoder::Gone => return Ok(0),
                Decoder::Gzip(d) => d.read(buffer)?,
            };
            if n > 0 || !self.next_member()? {
                return Ok(n);
            }
        }
    }
}

/// SHA-256 and size of a file that is read by other means.
pub(super) fn hashed(file: File) -> io::Result<Hashed> {
    let mut file = Hashed { file, hash: Some(Sha256::new()), bytes: 0 };
    let mut buffer = vec![0; BUFFER];
    while file.read(&mut buffer)? > 0 {}
    Ok(file)
}
