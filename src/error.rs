//! What can go wrong, said so that a user can act on it, and with which exit code.

use std::{fmt, io, ops::Range, path::PathBuf};

use serde::Serialize;

pub use self::panics::{caught, silence_this_thread};
use crate::text::Said;

mod panics;

/// The result of a stage.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What ends a command.
///
/// Messages are lowercase fragments that fit after "failed to ...", without a final period, values in backticks.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The command line asks for something that cannot be.
    #[error("{message}")]
    Usage {
        /// What is wrong.
        message: String,
        /// Something to type instead.
        hint: Option<String>,
    },
    /// The experiment file must be changed.
    #[error("invalid experiment: {}", text_count(.0.problems.len()))]
    Experiment(Box<InvalidExperiment>),
    /// The data cannot be read, or cannot answer.
    #[error("{message}")]
    Data {
        /// What is wrong, with its place (path, line).
        message: String,
        /// What to do about it.
        hint: Option<String>,
    },
    /// A file could not be read or written.
    #[error("cannot {action} `{}`: {source}", path.display())]
    Io {
        /// `read`, `write`, `create`, ...
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The user stopped the run.
    #[error("interrupted")]
    Interrupted,
    /// Something that should be impossible: a bug in gonogo.
    #[error("internal error: {0}")]
    Internal(String),
}

fn text_count(n: usize) -> String {
    if n == 1 { "1 problem".into() } else { format!("{n} problems") }
}

impl Error {
    /// Makes a data error without a hint.
    pub fn data(message: impl Into<String>) -> Self {
        Self::Data { message: message.into(), hint: None }
    }

    /// Makes a data error that says what to do.
    pub fn data_hint(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Data { message: message.into(), hint: Some(hint.into()) }
    }

    /// Makes a usage error that says what to type.
    pub fn usage(message: impl Into<String>, hint: Option<String>) -> Self {
        Self::Usage { message: message.into(), hint }
    }

    /// Makes an input/output error with its path.
    pub fn io(action: &'static str, path: impl Into<PathBuf>, source: io::Error) -> Self {
        Self::Io { action, path: path.into(), source }
    }

    /// What to do about it, where that is known.
    pub fn hint(&self) -> Option<&str> {
        match self {
            Self::Usage { hint, .. } | Self::Data { hint, .. } => hint.as_deref(),
            Self::Internal(_) => Some("this is a bug in gonogo: please report it with the experiment file"),
            Self::Io { action, source, .. } => what_to_do(action, source.kind()),
            Self::Experiment(_) | Self::Interrupted => None,
        }
    }

    /// The exit code of the process that ends with this error.
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Usage { .. } | Self::Experiment(_) => ExitCode::Change,
            Self::Data { .. } | Self::Io { .. } | Self::Internal(_) => ExitCode::Failed,
            Self::Interrupted => ExitCode::Interrupted,
        }
    }
}

/// What to do about a file or folder that the system refuses.
fn what_to_do(action: &str, kind: io::ErrorKind) -> Option<&'static str> {
    Some(match kind {
        io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists => {
            "a file stands where a folder is wanted: name another folder, or move it"
        }
        io::ErrorKind::IsADirectory => "it is a folder, and a file is wanted: name a file in it",
        io::ErrorKind::PermissionDenied if matches!(action, "read" | "list" | "enter") => "ask whoever owns it for the right to read it",
        io::ErrorKind::PermissionDenied => "name a folder where you may write, or ask for the right to write there",
        io::ErrorKind::ReadOnlyFilesystem => "nothing can be written there: name a folder on another disk",
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "the disk is full: make room, or name a folder on another disk",
        io::ErrorKind::NotFound if action == "enter" => "make the folder first, or look for a typing mistake in its name",
        io::ErrorKind::NotFound => "look for a typing mistake in its name, and whether something took it away",
        _ => return None,
    })
}

/// Exit codes of the process; `gonogo explain exit-codes` prints them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum ExitCode {
    /// Done, whatever the verdict.
    Done = 0,
    /// The run failed: unreadable data, no detector survived, more memory than `--max-memory`, disk full, bug.
    Failed = 1,
    /// The command line or the experiment must be changed.
    Change = 2,
    /// Done, but some detectors failed; the report is there.
    Partly = 3,
    /// With `--gate`: NO-GO.
    NoGo = 10,
    /// With `--gate`: INCONCLUSIVE.
    Inconclusive = 11,
    /// With `compare --fail-on worse`: a required measure got worse beyond noise.
    Worse = 12,
    /// With `generate --check`: a generated file is out of date.
    OutOfDate = 13,
    /// Interrupted; the partial run is kept as `*.partial`.
    Interrupted = 130,
}

/// An experiment file with what is wrong in it.
#[derive(Debug)]
pub struct InvalidExperiment {
    /// The file.
    pub path: PathBuf,
    /// Its text, to draw the places in.
    pub text: String,
    /// Everything that is wrong, in the order of the file.
    pub problems: Vec<Problem>,
}

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The experiment runs, but its result may not say what its author hopes.
    Warning,
    /// The experiment cannot run.
    Error,
}

/// One thing that is wrong in an experiment file.
///
/// Domain code knows paths (`algorithms[1].clusters`); `experiment::spans` turns them into places.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// `E` (error) or `W` (warning) and three digits; `gonogo explain E012` knows it.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// Where, as keys and indices: `algorithms[1].clusters`.
    pub path: String,
    /// What is wrong: a lowercase fragment without a final period.
    pub message: String,
    /// The same in French, for the report; errors never reach one.
    #[serde(skip)]
    pub french: Option<Box<Said>>,
    /// What to do.
    pub help: Option<Box<str>>,
    /// The bytes of the file that it is about, once known.
    #[serde(skip)]
    pub at: Option<Range<usize>>,
}

impl Problem {
    /// Makes a problem that stops the experiment.
    pub fn error(code: &'static str, path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { code, severity: Severity::Error, path: path.into(), message: message.into(), french: None, help: None, at: None }
    }

    /// Makes a problem that lets the experiment run: the report shows it, in its language.
    pub fn warning(code: &'static str, path: impl Into<String>, message: Said) -> Self {
        Self { severity: Severity::Warning, french: Some(Box::new(message.clone())), ..Self::error(code, path, message.en) }
    }

    /// The place and what is wrong, in every language.
    pub fn said(&self) -> Said {
        Said { en: self.to_string(), fr: format!("{}\u{a0}: {}", self.path, self.french.as_ref().map_or(&self.message, |said| &said.fr)) }
    }

    /// Adds what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into().into());
        self
    }

    /// Adds what to do, where that is known.
    #[must_use]
    pub fn help_if(self, help: Option<impl Into<String>>) -> Self {
        match help {
            Some(help) => self.help(help),
            None => self,
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.message)
    }
}
