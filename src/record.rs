//! What a run leaves that says what it was: its folder, its manifest, the experiment as it ran, the events behind its alerts. Plain data, that whoever
//! shows, compares or exports runs reads without knowing how they are made.

use std::{collections::BTreeMap, path::Path};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    error::{Error, Result},
    observe::Warning,
    spec,
};

pub mod evidence;
pub mod folder;

/// The version of the files of a run folder.
pub const SCHEMA_VERSION: u32 = 1;

/// How a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum RunStatus {
    /// It has begun.
    Running,
    /// It ended, whole.
    Done,
    /// It was interrupted.
    Partial,
    /// It failed.
    Failed,
}

/// What ran, on what, with what. `run.json` in the run folder, written first and last.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Manifest {
    /// Raised when a field that matters changes.
    pub schema_version: u32,
    /// How it stands.
    pub status: RunStatus,
    /// The experiment's name.
    pub experiment: String,
    /// The run's id: start in UTC and six hexadecimal digits of the hash of experiment and data.
    pub run: String,
    /// When it began, RFC 3339 UTC.
    pub started: String,
    /// The latest moment at which a run beside it had begun, where that is later than `started`: the clock was set back since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// When it ended, RFC 3339 UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished: Option<String>,
    /// gonogo's version.
    pub version: String,
    /// The seed.
    pub seed: u64,
    /// SHA-256 of the experiment file.
    pub experiment_hash: String,
    /// SHA-256 over the hashes of all files that were read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_hash: Option<String>,
    /// Whether some source says that it is generated.
    pub synthetic: bool,
    /// How often the judged part of these data was opened, this run included.
    pub judged_opened: u32,
    /// What that is counted by: the hash of the data and of the window.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub judged_key: Option<String>,
    /// Seconds of each stage.
    pub seconds: BTreeMap<String, f64>,
    /// CPU seconds of each stage, where the system tells.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub cpu_seconds: BTreeMap<String, f64>,
    /// Largest memory of the process in bytes, where the system tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peak_bytes: Option<u64>,
    /// Operating system and number of cores.
    pub machine: String,
    /// What the user should know.
    pub warnings: Vec<Warning>,
    /// The command that repeats it.
    pub command: String,
    /// The exit code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<u8>,
}

impl Manifest {
    /// Where it stands among other runs, by when they began. A clock that was set back does not put it before what was there already.
    pub fn order(&self) -> (&str, bool, &str, &str) {
        match &self.after {
            Some(after) if *after > self.started => (after, true, &self.started, &self.run),
            _ => (&self.started, false, &self.started, &self.run),
        }
    }
}

/// The experiment as it ran: every default filled in, every override applied. `resolved.json` in the run folder.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Resolved {
    /// The experiment.
    pub experiment: spec::Experiment,
    /// What `--set` changed, by path.
    pub overrides: BTreeMap<String, String>,
    /// Each contender with its parameters, defaults included, by id.
    pub contenders: Vec<(String, serde_json::Value)>,
    /// The rules of `suppress` that it ran with, where others were applied when its results were known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suppressed_first: Option<Vec<spec::Suppress>>,
}

impl Resolved {
    /// Takes other rules of `suppress` than the run was made with.
    pub fn suppress(&mut self, rules: Vec<spec::Suppress>) {
        let now = std::mem::replace(&mut self.experiment.suppress, rules);
        let first = self.suppressed_first.take().unwrap_or(now);
        self.suppressed_first = Some(first).filter(|first| *first != self.experiment.suppress);
    }
}

/// The manifest of a whole run.
///
/// # Errors
/// When the folder is not a whole run of this version.
pub fn manifest(run: &Path) -> Result<Manifest> {
    let manifest: Manifest = folder::read_json(run, "run.json")?;
    if manifest.schema_version > SCHEMA_VERSION {
        return Err(Error::data_hint(
            format!("`{}` was written by gonogo {}, which is newer than this one", run.display(), manifest.version),
            "use that version, or run the experiment again",
        ));
    }
    if manifest.status != RunStatus::Done || folder::is_partial(run) {
        let why = match manifest.status {
            RunStatus::Failed => "it ended in an error",
            RunStatus::Partial => "it was interrupted",
            RunStatus::Running => "it is still running, or was killed",
            RunStatus::Done => "it was killed before its folder got its name",
        };
        return Err(Error::data_hint(format!("`{}` is not whole: {why}", run.display()), "run the experiment again"));
    }
    Ok(manifest)
}
