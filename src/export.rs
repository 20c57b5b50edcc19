//! A finished run for other tools. Reads the run folder only; the run is left as it is.

use std::path::{Path, PathBuf};

use crate::{
    error::{Error, Result},
    report::ReportInput,
    run::pipeline,
};

/// A run as it is exported.
pub struct Exported<'a> {
    /// Its folder.
    pub run: &'a Path,
    /// What was saved.
    pub saved: &'a ReportInput,
}

/// A tool that a run can be exported to.
#[derive(Debug)]
pub struct Target {
    /// Its name on the command line.
    pub id: &'static str,
    /// What is written, in one line.
    pub summary: &'static str,
    /// Its file's documentation, for `explain`.
    pub source: &'static str,
    /// The folder that is written to where the user names none; `None`: `exports/ID` in the run folder.
    pub folder: Option<&'static str>,
    /// What to do with it; `FOLDER` stands for where it was written.
    pub next: &'static str,
    write: fn(&Exported<'_>, &Path) -> Result<Vec<PathBuf>>,
}

macro_rules! targets {
    ($($module:ident),+ $(,)?) => {
        $(mod $module;)+
        /// Every tool, in the order the documentation lists them.
        pub static TARGETS: &[Target] = &[$($module::TARGET),+];
    };
}

targets!(csv, mlflow, notebook, sigma);

/// Finds a target by its name.
pub fn target(id: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.id == id)
}

impl Target {
    /// Its documentation.
    pub fn documentation(&self) -> String {
        crate::text::head_comment(self.source)
    }

    /// Writes a run below a folder, and gives what was written.
    ///
    /// # Errors
    /// When the run cannot be read, a file cannot be written, or the run holds nothing that the tool could express.
    pub fn export(&self, run: &Path, folder: &Path) -> Result<Vec<PathBuf>> {
        let saved = pipeline::load(run)?;
        (self.write)(&Exported { run, saved: &saved }, folder)
    }
}

/// Writes a file; folders on the way are created.
fn write(path: &Path, bytes: impl AsRef<[u8]>) -> Result<PathBuf> {
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent).map_err(|error| Error::io("create", parent, error))?;
    }
    std::fs::write(path, bytes).map_err(|error| Error::io("write", path, error))?;
    Ok(path.to_owned())
}

/// Copies a file of the run where it is there.
fn copy(exported: &Exported<'_>, name: &str, folder: &Path) -> Result<Option<PathBuf>> {
    let from = exported.run.join(name);
    if !from.is_file() {
        return Ok(None);
    }
    let bytes = std::fs::read(&from).map_err(|error| Error::io("read", &from, error))?;
    write(&folder.join(name), bytes).map(Some)
}

/// The files of a folder in the run, by name; none where there is no such folder.
fn names(exported: &Exported<'_>, folder: &str) -> Result<Vec<String>> {
    let path = exported.run.join(folder);
    if !path.is_dir() {
        return Ok(Vec::new());
    }
    let entries = std::fs::read_dir(&path).map_err(|error| Error::io("list", &path, error))?;
    let mut names: Vec<String> =
        entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).map(|name| format!("{folder}/{name}")).collect();
    names.sort();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_is_documented_under_its_own_name() {
        let mut ids: Vec<&str> = TARGETS.iter().map(|target| target.id).collect();
        assert!(TARGETS.iter().all(|target| target.documentation().len() > 80));
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), TARGETS.len());
    }
}
