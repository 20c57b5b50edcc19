//! Parsed events, kept so that the next experiment over the same files need not parse them again.
//!
//! ```text
//! CACHE/KEY/events.parquet   all rows of one file that have a time, all columns that its format gives, in the order of the lines
//! CACHE/KEY/entry.json       what was counted while parsing; written last
//! CACHE/.partial-XXXX/       an entry being written; it takes its name once it is whole
//! ```
//!
//! The key is a hash of the file's bytes, of the format with its options and columns, and of the parsers themselves: a file that changed is
//! another file, and another gonogo parses again. The bytes are hashed before each use, so an entry is never stale; what is wanted of them
//! (columns, window, filter) is applied afterwards, by the same code whether the rows come from a parser or from an entry.
//!
//! Entries hold log content as it is. The folder is for its owner alone (0700). Where all entries together grow beyond what is allowed, those
//! that were not used for the longest time go.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

pub(super) use self::{
    keep::{Keep, Keeper},
    replay::{Narrow, replay},
};
use super::{Source, columns::Wanted, stream::Digested, stream::hex, tally::Tally};
use crate::error::{Error, Result};

mod keep;
mod replay;

const EVENTS: &str = "events.parquet";
const ENTRY: &str = "entry.json";
const PARTIAL: &str = ".partial-";
/// After so long, nobody writes a partial entry any more.
const ABANDONED: Duration = Duration::from_secs(24 * 3_600);

/// A folder of parsed events.
#[derive(Debug, Clone)]
pub struct Cache {
    folder: PathBuf,
    most_bytes: u64,
}

/// What is kept of one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Kept {
    /// The name of the entry.
    pub key: String,
    /// The file's path when it was read.
    pub file: String,
    /// Its format.
    pub format: String,
    /// How many events.
    pub rows: u64,
    /// Size of the entry on disk in bytes.
    pub bytes: u64,
    /// When it was last used.
    #[serde(skip)]
    pub used: SystemTime,
}

/// `entry.json`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Entry {
    file: String,
    format: String,
    rows: u64,
    /// Size of `events.parquet`.
    events_bytes: u64,
    digested: Digested,
    text_bytes: u64,
    tally: Tally,
}

impl Cache {
    /// The most that a cache holds where nobody says otherwise: 20 GB.
    pub const MOST_BYTES: u64 = 20_000_000_000;

    /// The user's own cache: `$XDG_CACHE_HOME/gonogo`, else `$HOME/.cache/gonogo`; `None` where neither is known.
    pub fn usual_folder() -> Option<PathBuf> {
        let below = |variable: &str| std::env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from);
        Some(below("XDG_CACHE_HOME").or_else(|| Some(below("HOME")?.join(".cache")))?.join("gonogo"))
    }

    /// Opens a cache; its folder is made where it is not there, for its owner alone.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn open(folder: impl Into<PathBuf>, most_bytes: u64) -> Result<Self> {
        let folder = folder.into();
        make_private(&folder).map_err(|e| Error::io("create", &folder, e))?;
        Ok(Self { folder, most_bytes })
    }

    /// Where it lies.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Its whole entries, the longest unused first.
    ///
    /// # Errors
    /// When the folder cannot be listed.
    pub fn entries(&self) -> Result<Vec<Kept>> {
        let mut kept: Vec<Kept> = self.folders()?.iter().filter_map(|folder| self.kept(folder)).collect();
        kept.sort_by(|a, b| (a.used, &a.key).cmp(&(b.used, &b.key)));
        Ok(kept)
    }

    /// Removes every entry; how many bytes that freed.
    ///
    /// # Errors
    /// When the folder cannot be listed, or an entry cannot be removed.
    pub fn clear(&self) -> Result<u64> {
        let entries = self.entries()?;
        for folder in self.folders()? {
            fs::remove_dir_all(&folder).map_err(|e| Error::io("remove", &folder, e))?;
        }
        Ok(entries.iter().map(|entry| entry.bytes).sum())
    }

    /// The folders of entries, whole or not; whatever else lies there is not ours.
    fn folders(&self) -> Result<Vec<PathBuf>> {
        let listed = fs::read_dir(&self.folder).map_err(|e| Error::io("list", &self.folder, e))?;
        let ours = |name: &str| name.starts_with(PARTIAL) || name.len() == 64 && name.bytes().all(|b| b.is_ascii_hexdigit());
        Ok(listed
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| path.is_dir() && path.file_name().and_then(|name| name.to_str()).is_some_and(ours))
            .collect())
    }

    fn kept(&self, folder: &Path) -> Option<Kept> {
        let key = folder.file_name()?.to_str().filter(|key| !key.starts_with(PARTIAL))?.to_owned();
        let (entry, path) = (read(folder)?, folder.join(ENTRY));
        let about = path.metadata().ok()?;
        let used = about.modified().ok()?;
        Some(Kept { key, file: entry.file, format: entry.format, rows: entry.rows, bytes: entry.events_bytes + about.len(), used })
    }

    /// A whole entry, marked as used now.
    fn find(&self, key: &str) -> Option<(Entry, PathBuf)> {
        let folder = self.folder.join(key);
        let entry = read(&folder)?;
        let events = folder.join(EVENTS);
        if events.metadata().ok()?.len() != entry.events_bytes {
            return None;
        }
        // Where the time cannot be set, the entry is only forgotten earlier.
        let _ = File::options().append(true).open(folder.join(ENTRY)).and_then(|file| file.set_modified(SystemTime::now()));
        Some((entry, events))
    }

    /// Removes what is too much, the longest unused first, but nothing that was used just now; and what was abandoned half written.
    fn trim(&self, in_use: &BTreeSet<String>) -> Result<()> {
        let entries = self.entries()?;
        let mut bytes: u64 = entries.iter().map(|entry| entry.bytes).sum();
        for entry in entries.iter().filter(|entry| !in_use.contains(&entry.key)) {
            if bytes <= self.most_bytes {
                break;
            }
            // First out of sight, then removed: a folder that has its name is whole.
            let (folder, gone) = (self.folder.join(&entry.key), self.folder.join(format!("{PARTIAL}{}", entry.key)));
            fs::rename(&folder, &gone).and_then(|()| fs::remove_dir_all(&gone)).map_err(|e| Error::io("remove", &folder, e))?;
            bytes -= entry.bytes;
        }
        let old = |path: &PathBuf| {
            path.metadata().and_then(|about| about.modified()).is_ok_and(|time| time.elapsed().is_ok_and(|age| age > ABANDONED))
        };
        let partial = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(PARTIAL));
        for folder in self.folders()?.into_iter().filter(|folder| partial(folder) && old(folder)) {
            fs::remove_dir_all(&folder).map_err(|e| Error::io("remove", &folder, e))?;
        }
        Ok(())
    }
}

fn read(folder: &Path) -> Option<Entry> {
    serde_json::from_slice(&fs::read(folder.join(ENTRY)).ok()?).ok()
}

/// Makes a folder that only its owner can look into.
fn make_private(folder: &Path) -> io::Result<()> {
    if let Some(parent) = folder.parent() {
        fs::create_dir_all(parent)?;
    }
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    match builder.create(folder) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && folder.is_dir() => Ok(()),
        done => done,
    }
}

/// A temporary folder that only its owner can look into; it goes where it is not given another name.
pub(super) fn private_partial(parent: &Path) -> Result<TempDir> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(PARTIAL);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
    builder.tempdir_in(parent).map_err(|e| Error::io("create", parent, e))
}

/// How the files of a source are kept: the cache, and what the key of each begins with.
pub(super) struct Keeping<'a> {
    pub(super) cache: &'a Cache,
    /// Everything that the source gives, under its own names, whatever the time.
    pub(super) all: Wanted,
    format: &'static str,
    base: Sha256,
}

impl<'a> Keeping<'a> {
    pub(super) fn of(source: &Source, cache: &'a Cache) -> Self {
        let all = Wanted {
            names: source.given.iter().map(|column| column.name.clone()).collect(),
            columns: source.given.clone(),
            time: source.time,
            window: None,
        };
        let columns: Vec<_> = all.columns.iter().map(|column| (&column.name, &column.own, column.kind)).collect();
        let mut base = Sha256::new();
        // The digest of the parsers is made by build.rs.
        for part in [env!("GONOGO_PARSERS"), source.format.id, &source.told, &format!("{columns:?}")] {
            base.update((part.len() as u64).to_le_bytes());
            base.update(part);
        }
        Self { cache, all, format: source.format.id, base }
    }

    fn key(&self, digested: &Digested) -> String {
        hex(&self.base.clone().chain_update(&digested.sha256).finalize())
    }
}
