//! The run folder: written as `<id>.partial/`, renamed when done, so that a folder without the suffix is whole.

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Serialize, de::DeserializeOwned};

use super::{Manifest, RunStatus};
use crate::error::{Error, Result};

/// What a folder under construction is called.
pub const PARTIAL: &str = ".partial";

/// A file that the process of a run holds locked. The system gives the lock back however the process ends.
const HELD: &str = ".held";
/// Names that are tried where others are taken.
const MOST_NAMES: u32 = 1_000;

/// A run folder under construction.
#[derive(Debug)]
pub struct RunFolder {
    /// The folder of the experiment, in which the run lies.
    parent: PathBuf,
    /// Where it is written.
    path: PathBuf,
    /// The moment it began, as ids begin with it.
    stamp: String,
    /// What tells others that the run goes on; `None` where the file system knows no locks.
    held: Option<fs::File>,
}

/// The time as it stands in a run's id: no colons, sorts by time.
pub fn stamp(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%dT%H-%M-%SZ").to_string()
}

/// The time as it stands in `run.json`.
pub fn rfc3339(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

impl RunFolder {
    /// Creates the folder, and finds out before the work whether files can be written there.
    ///
    /// # Errors
    /// When it cannot be created or written to.
    pub fn create(out: &Path, experiment: &str, started: DateTime<Utc>) -> Result<Self> {
        let parent = out.join(experiment);
        fs::create_dir_all(&parent).map_err(|error| Error::io("create", &parent, error))?;
        let stamp = stamp(started);
        // Two runs may begin in one second: the process's number keeps them apart until the hash names them. In containers that share the
        // folder, that may be one number too.
        let name = format!("{stamp}-{}", std::process::id());
        for number in 1..=MOST_NAMES {
            let path = parent.join(format!("{}{PARTIAL}", numbered(&name, number)));
            match fs::create_dir(&path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && number < MOST_NAMES => {}
                Err(error) => return Err(Error::io("create", &path, error)),
                Ok(()) => return Ok(Self { held: hold(&path), parent, path, stamp }),
            }
        }
        Err(Error::Internal(format!("no name is left for a run in `{}`", parent.display())))
    }

    /// The folder of reports, in which the experiment's lies.
    pub fn reports(&self) -> &Path {
        self.parent.parent().unwrap_or(Path::new("."))
    }

    /// Where it is written.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes a file below it; folders on the way are created.
    ///
    /// # Errors
    /// When it cannot be written (a full disk, a folder that was taken away).
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<()> {
        write(&self.path.join(name), bytes)
    }

    /// Writes a value as JSON with a final newline.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write_json<T: Serialize>(&self, name: &str, value: &T) -> Result<()> {
        self.write(name, &json(name, value)?)
    }

    /// The run's id: the moment it began, and six digits of the hash of experiment and data.
    pub fn id(&self, hash: &str) -> String {
        let name = format!("{}-{}", self.stamp, &hash[..6.min(hash.len())]);
        let free = |name: &String| !self.parent.join(name).exists();
        (1..MOST_NAMES).map(|number| numbered(&name, number)).find(free).unwrap_or_else(|| numbered(&name, MOST_NAMES))
    }

    /// Gives the folder its final name; `None` where another run took that name meanwhile.
    ///
    /// # Errors
    /// When it cannot be renamed.
    pub fn publish(&mut self, id: &str) -> Result<Option<PathBuf>> {
        let last = self.parent.join(id);
        self.let_go();
        match fs::rename(&self.path, &last) {
            Ok(()) => Ok(Some(last)),
            Err(_) if last.exists() && !last.to_string_lossy().ends_with(&format!("-{MOST_NAMES}")) => Ok(None),
            Err(error) => Err(Error::io("rename", &self.path, error)),
        }
    }

    fn let_go(&mut self) {
        if self.held.take().is_some() {
            // Where it cannot be removed it is an empty file too many.
            let _ = fs::remove_file(self.path.join(HELD));
        }
    }
}

impl Drop for RunFolder {
    fn drop(&mut self) {
        self.let_go();
    }
}

/// A name, and where that is taken, the second, the third.
fn numbered(name: &str, number: u32) -> String {
    if number == 1 { name.to_owned() } else { format!("{name}-{number}") }
}

/// Says that a run goes on, for as long as this process does.
fn hold(run: &Path) -> Option<fs::File> {
    let file = fs::File::create(run.join(HELD)).ok()?;
    file.try_lock().ok().map(|()| file)
}

/// Whether the process that writes a run has ended without a word: killed, or its machine went off.
fn is_abandoned(run: &Path) -> bool {
    match fs::File::open(run.join(HELD)) {
        // It is held from the moment the folder is there, and to its end.
        Ok(file) => file.try_lock_shared().is_ok(),
        Err(error) => error.kind() == io::ErrorKind::NotFound,
    }
}

/// The latest moment at which a run below a folder of reports began, where that is later than this one.
pub fn later_than(out: &Path, started: DateTime<Utc>) -> Option<String> {
    // A folder that cannot be listed tells of no other run.
    let runs = runs(out).unwrap_or_default();
    let latest = runs.last().map(|run| run.manifest.order().0.to_owned())?;
    (latest > rfc3339(started)).then_some(latest)
}

/// Writes a file through a temporary neighbour, so that a file with its name is whole.
fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(|error| Error::io("create", parent, error))?;
    }
    let folder = path.parent().unwrap_or(Path::new("."));
    let failed = |error| Error::io("write", path, error);
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
    file.write_all(bytes).and_then(|()| file.flush()).map_err(failed)?;
    let file = file.persist(path).map_err(|error| failed(error.error))?;
    // A report is mailed and served: it is readable by whoever may read the folder, unlike other temporary files.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        file.set_permissions(fs::Permissions::from_mode(0o644)).map_err(failed)?;
    }
    drop(file);
    Ok(())
}

/// Replaces a file of a finished run (`gonogo report` renders again).
///
/// # Errors
/// When it cannot be written.
pub fn replace(run: &Path, name: &str, bytes: &[u8]) -> Result<()> {
    write(&run.join(name), bytes)
}

/// As [`replace`], a value as JSON with a final newline.
///
/// # Errors
/// When it cannot be written.
pub fn replace_json<T: Serialize>(run: &Path, name: &str, value: &T) -> Result<()> {
    replace(run, name, &json(name, value)?)
}

fn json<T: Serialize>(name: &str, value: &T) -> Result<Vec<u8>> {
    let mut text =
        crate::text::json_pretty(value).map_err(|error| Error::Internal(format!("`{name}` cannot be written as JSON: {error}")))?;
    text.push('\n');
    Ok(text.into_bytes())
}

/// Reads a JSON file of a run.
///
/// # Errors
/// When it cannot be read, or is not what this version writes.
pub fn read_json<T: DeserializeOwned>(run: &Path, name: &str) -> Result<T> {
    let path = run.join(name);
    let bytes = fs::read(&path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => damaged(&path, "it is gone"),
        _ => Error::io("read", &path, error),
    })?;
    serde_json::from_slice(&bytes).map_err(|error| damaged(&path, error))
}

/// The error of a file of a run that is not as it was written.
pub fn damaged(path: &Path, why: impl std::fmt::Display) -> Error {
    Error::data_hint(format!("`{}` is damaged: {why}", path.display()), "take the run's folder from a copy, or run the experiment again")
}

/// Reads a JSON file of a run that not every run has.
///
/// # Errors
/// When it is there and cannot be read.
pub fn read_json_if_there<T: DeserializeOwned>(run: &Path, name: &str) -> Result<Option<T>> {
    if run.join(name).exists() { read_json(run, name).map(Some) } else { Ok(None) }
}

/// A run as a list shows it.
#[derive(Debug, Clone, Serialize)]
pub struct Listed {
    /// Its folder.
    pub path: PathBuf,
    /// Its manifest.
    pub manifest: Manifest,
    /// Its verdict, where it has one.
    pub verdict: Option<crate::decide::Verdict>,
}

/// Whether a folder still has the name of one under construction.
pub fn is_partial(run: &Path) -> bool {
    // `report .` inside the folder is that folder too.
    let run = run.canonicalize().unwrap_or_else(|_| run.to_owned());
    run.file_name().is_some_and(|name| name.to_string_lossy().ends_with(PARTIAL))
}

/// All runs below a folder of reports, oldest first; folders that hold no readable `run.json` are left out.
///
/// # Errors
/// When a folder cannot be listed.
pub fn runs(out: &Path) -> Result<Vec<Listed>> {
    let mut found = Vec::new();
    for experiment in folders(out)? {
        found.extend(runs_of(&experiment)?);
    }
    found.sort_by(|a, b| (a.manifest.order(), &a.path).cmp(&(b.manifest.order(), &b.path)));
    Ok(found)
}

/// As [`runs`], those of one experiment, whose folder is given.
///
/// # Errors
/// When the folder cannot be listed.
pub fn runs_of(experiment: &Path) -> Result<Vec<Listed>> {
    let mut found = Vec::new();
    for run in folders(experiment)? {
        let Ok(mut manifest) = read_json::<Manifest>(&run, "run.json") else { continue };
        // Killed: at work, or between the last file and the new name.
        let killed = match manifest.status {
            RunStatus::Done => is_partial(&run),
            RunStatus::Running => is_abandoned(&run),
            RunStatus::Partial | RunStatus::Failed => false,
        };
        if killed {
            manifest.status = RunStatus::Partial;
        }
        let verdict = read_json::<crate::decide::Decision>(&run, "decision.json").ok().map(|decision| decision.verdict);
        found.push(Listed { path: run, manifest, verdict });
    }
    found.sort_by(|a, b| (a.manifest.order(), &a.path).cmp(&(b.manifest.order(), &b.path)));
    Ok(found)
}

fn folders(path: &Path) -> Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(|error| Error::io("list", path, error))?,
    };
    let mut found: Vec<PathBuf> = entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).filter(|path| path.is_dir()).collect();
    found.sort();
    Ok(found)
}

/// Finds a run: a folder's path, `latest`, `latest~1`, an id, a unique beginning of one, an experiment's name or an iteration's label (the
/// latest run of it).
///
/// # Errors
/// When there is none, or more than one.
pub fn find(out: &Path, what: &str) -> Result<PathBuf> {
    let path = Path::new(what);
    if path.join("run.json").is_file() {
        return Ok(path.to_owned());
    }
    let whole: Vec<Listed> = runs(out)?.into_iter().filter(|run| run.manifest.status == RunStatus::Done).collect();
    let next = match whole.is_empty() {
        true => format!("`gonogo run FILE` makes one; where runs lie elsewhere than in `{}`, name the folder with --out", out.display()),
        false => "`gonogo list runs` lists them".to_owned(),
    };
    let none = |message: String| Err(Error::usage(message, Some(next)));
    if let Some(back) = what.strip_prefix("latest") {
        let back: usize = match back.strip_prefix('~') {
            Some(number) => number.parse().map_err(|_| {
                Error::usage(format!("`{what}`: expected `latest~1` and the like"), Some("`latest~1` is the run before the latest".into()))
            })?,
            None if back.is_empty() => 0,
            None => return none(format!("there is no run `{what}`")),
        };
        return match whole.len().checked_sub(back + 1) {
            Some(index) => Ok(whole[index].path.clone()),
            None if whole.is_empty() => none(format!("there is no whole run below `{}`", out.display())),
            None => none(format!("there are {} whole runs below `{}`, none is `{what}`", whole.len(), out.display())),
        };
    }
    if let Some(run) = whole.iter().rev().find(|run| run.manifest.experiment == what) {
        return Ok(run.path.clone());
    }
    // Resolved experiments are read only where nothing shorter names the run.
    let is_iteration = |run: &&Listed| {
        let resolved = read_json::<super::Resolved>(&run.path, "resolved.json");
        resolved.is_ok_and(|resolved| resolved.experiment.iteration.as_deref() == Some(what))
    };
    if let Some(run) = whole.iter().rev().find(is_iteration) {
        return Ok(run.path.clone());
    }
    let matches: Vec<&Listed> = whole.iter().filter(|run| run.manifest.run.starts_with(what)).collect();
    match matches[..] {
        [run] => Ok(run.path.clone()),
        [] if path.is_dir() => none(format!("the folder `{what}` holds no `run.json`: it is no run")),
        [] => none(format!("there is no whole run `{what}` below `{}`", out.display())),
        _ => none(format!("`{what}` could be {} runs", matches.len())),
    }
}
