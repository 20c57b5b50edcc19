//! The beginnings of files: what a format is told by, and where columns and types come from.

use std::path::{Path, PathBuf};

use super::{layout::lines, stream::Stream, tally::cut};
use crate::error::{Error, Result};

/// How many rows types are inferred from.
pub(crate) const INFER_ROWS: usize = 1_000;
const STEP: usize = 64 * 1024;
const LIMIT: usize = 8 * 1024 * 1024;

/// The beginning of a file, unpacked, whole lines.
#[derive(Debug, Clone)]
pub(crate) struct Head {
    pub(crate) path: PathBuf,
    /// As UTF-8; other bytes are replaced.
    pub(crate) text: String,
    /// Whether that is all of the file.
    pub(crate) whole: bool,
    /// The same with the envelopes of its lines, where they stand in some.
    pub(crate) enveloped: Option<String>,
}

impl Head {
    /// Reads at least so many lines of a file, where it has them.
    pub(crate) fn read(path: &Path, least: usize) -> Result<Self> {
        let mut stream = Stream::open(path, false)?;
        let mut bytes = Vec::new();
        let mut found = 0;
        loop {
            let from = bytes.len();
            bytes.resize(from + STEP, 0);
            let filled = stream.fill(&mut bytes[from..])?;
            bytes.truncate(from + filled);
            found += bytes[from..].iter().filter(|b| **b == b'\n').count();
            let whole = filled < STEP;
            if whole || found > least || bytes.len() >= LIMIT {
                if matches!(bytes[..], [0xff, 0xfe, ..] | [0xfe, 0xff, ..]) {
                    return Err(Error::data_hint(
                        format!("`{}` is UTF-16 text", path.display()),
                        "convert it to UTF-8: `iconv -f UTF-16 -t UTF-8 IN > OUT`",
                    ));
                }
                if let Some((what, hint)) = binary(&bytes) {
                    return Err(Error::data_hint(format!("`{}` is no text: {what}", path.display()), hint.replace("FILE", &shell(path))));
                }
                if !whole {
                    let end = bytes.iter().rposition(|b| *b == b'\n').map_or(bytes.len(), |at| at + 1);
                    bytes.truncate(end);
                }
                let text = bytes.strip_prefix(BOM).unwrap_or(&bytes);
                return Ok(Self { path: path.to_owned(), text: String::from_utf8_lossy(text).into_owned(), whole, enveloped: None });
            }
        }
    }

    /// The lines that are not blank.
    pub(crate) fn lines(&self) -> impl Iterator<Item = &str> {
        lines(&self.text).filter(|line| !line.trim().is_empty())
    }

    /// The lines that are not blank, with their envelopes; none where they stand in none.
    pub(crate) fn enveloped_lines(&self) -> impl Iterator<Item = &str> {
        lines(self.enveloped.as_deref().unwrap_or_default()).filter(|line| !line.trim().is_empty())
    }

    /// The first line that is not blank, cut, for a message.
    pub(crate) fn first_line(&self) -> String {
        let line: String = self.lines().next().unwrap_or_default().chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        cut(&line)
    }

    /// Whether most of the first lines pass a test.
    pub(crate) fn mostly(&self, test: impl Fn(&str) -> bool) -> bool {
        let (mut seen, mut passed) = (0, 0);
        for line in self.lines().take(20) {
            seen += 1;
            passed += usize::from(test(line));
        }
        passed > 0 && passed * 2 >= seen
    }
}

/// How many NUL bytes the beginning of a text may hold: a log that was cut off by a crash has some, a program or a picture many.
const MOST_NULS: usize = 16;

const AS_TEXT: &str = "give the log as text, plain or packed with gzip, zstd or bzip2; save a spreadsheet as CSV first";
const UNTAR: &str = "take the logs out of it, and name them with a glob: `mkdir logs && tar -xf FILE -C logs`, then `path: logs/*`";
const UNZIP: &str =
    "take the logs out of it, and name them with a glob: `unzip FILE -d logs`, then `path: logs/*`; save a spreadsheet as CSV first";

/// What a file is that is no text, as its first bytes tell, and what to do.
fn binary(bytes: &[u8]) -> Option<(&'static str, &'static str)> {
    let start = &bytes[..bytes.len().min(4096)];
    match start {
        [b'P', b'K', 3 | 5, 4 | 6, ..] if is_office(bytes) => {
            Some(("it is a spreadsheet (XLSX) or another file of an office program", AS_TEXT))
        }
        [b'P', b'K', 3 | 5, 4 | 6, ..] => Some(("it is a ZIP archive", UNZIP)),
        _ if start.get(257..262) == Some(b"ustar") => Some(("it is a tar archive", UNTAR)),
        [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Some(("it is packed with xz", "unpack it first: `xz -dk FILE`")),
        [b'7', b'z', 0xbc, 0xaf, 0x27, 0x1c, ..] => {
            Some(("it is a 7z archive", "take the logs out of it, and name them with a glob: `7z x FILE -ologs`, then `path: logs/*`"))
        }
        [b'R', b'a', b'r', b'!', 0x1a, ..] => {
            Some(("it is a RAR archive", "take the logs out of it, and name them with a glob: `unrar x FILE logs/`, then `path: logs/*`"))
        }
        [0x89, b'P', b'N', b'G', ..] | [0xff, 0xd8, 0xff, ..] => Some(("it is a picture", AS_TEXT)),
        [b'%', b'P', b'D', b'F', ..] => Some(("it is a PDF", AS_TEXT)),
        _ if start.iter().filter(|byte| **byte == 0).count() > MOST_NULS => Some(("its beginning holds many NUL bytes", AS_TEXT)),
        _ => None,
    }
}

/// A path as a shell takes it.
fn shell(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/._-".contains(&byte));
    if plain { text } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

/// Whether a ZIP archive holds what files of office programs begin with.
fn is_office(bytes: &[u8]) -> bool {
    [&b"[Content_Types].xml"[..], b"mimetypeapplication/vnd.", b"xl/", b"docProps/"]
        .iter()
        .any(|name| memchr::memmem::find(bytes, name).is_some())
}

/// The error of a file that holds nothing.
pub(crate) fn empty(path: &Path) -> Error {
    Error::data_hint(
        format!("`{}` is empty", path.display()),
        "look at its size where it was logged and copy it again, or name another file; its lines may all be blank",
    )
}

/// The mark that some tools put before UTF-8 text.
pub(crate) const BOM: &[u8] = b"\xef\xbb\xbf";

/// The error of a file that is not of the format it was said to be.
pub(crate) fn mismatch(head: &Head, format: &str, because: &str) -> Error {
    let fits = super::FORMATS.iter().find(|f| f.id != format && (f.fits)(head));
    if head.lines().next().is_none() {
        return empty(&head.path);
    }
    let message = format!("`{}` is not `{format}`: {because}; its first line is `{}`", head.path.display(), head.first_line());
    match fits {
        Some(fit) => Error::data_hint(message, format!("it looks like `{}` ({}): write `format: {}`", fit.id, fit.summary, fit.id)),
        None => Error::data_hint(message, "`gonogo list formats` names the formats; `gonogo explain format:ID` shows one"),
    }
}
