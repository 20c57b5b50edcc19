//! Experiments to begin with, each with a little synthetic data, so that the next command works.

use std::path::{Path, PathBuf};

use crate::{
    error::{Error, Result},
    generate::samples::Sample,
};

/// An experiment to begin with.
pub struct Template {
    /// Its name.
    pub id: &'static str,
    /// What it asks, in one line.
    pub summary: &'static str,
    /// The experiment; its data lie in `data/` beside it.
    pub text: &'static str,
    data: Sample,
}

/// All of them; the first where none is named.
pub static TEMPLATES: &[Template] = &[
    Template {
        id: "proxy",
        summary: "suspicious outbound web traffic, in a proxy's logs",
        text: include_str!("templates/proxy.yaml"),
        data: Sample::Proxy,
    },
    Template {
        id: "dns",
        summary: "generated and rare names, in Zeek's dns.log",
        text: include_str!("templates/dns.yaml"),
        data: Sample::Dns,
    },
    Template {
        id: "auth",
        summary: "unusual logons, in Windows events as winlogbeat sends them",
        text: include_str!("templates/auth.yaml"),
        data: Sample::Auth,
    },
    Template {
        id: "flows",
        summary: "volumes and scans, in flows of nfdump",
        text: include_str!("templates/flows.yaml"),
        data: Sample::Flows,
    },
    Template {
        id: "alert-triage",
        summary: "which alerts of today's rules deserve an analyst",
        text: include_str!("templates/alert-triage.yaml"),
        data: Sample::Alerts,
    },
    Template {
        id: "table",
        summary: "detectors on a plain table with known outliers",
        text: include_str!("templates/table.yaml"),
        data: Sample::Table,
    },
];

impl Template {
    /// Writes the experiment and its data below a folder; gives the experiment's path.
    ///
    /// # Errors
    /// When a file is there already and `force` is not said, or cannot be written.
    pub fn write(&self, folder: &Path, force: bool) -> Result<PathBuf> {
        let (path, data) = (folder.join(format!("{}.yaml", self.id)), folder.join("data"));
        // Another template's labels, or one's own logs, are not written over.
        let in_the_way = || if path.exists() { Some(path.clone()) } else { self.data.in_the_way(&data) };
        if let Some(there) = (!force).then(in_the_way).flatten() {
            return Err(is_there(&there));
        }
        put(&path, self.text, force)?;
        self.data.write(&data)?;
        Ok(path)
    }
}

fn is_there(path: &Path) -> Error {
    let hint = "name another folder, or pass `--force` to write over it".to_owned();
    Error::usage(format!("`{}` is there already", path.display()), Some(hint))
}

/// Writes a text where none is, or where `force` says so.
///
/// # Errors
/// When a file is there already, or it cannot be written.
pub fn put(path: &Path, text: &str, force: bool) -> Result<()> {
    if path.exists() && !force {
        return Err(is_there(path));
    }
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(|source| Error::io("create", folder, source))?;
    }
    std::fs::write(path, text).map_err(|source| Error::io("write", path, source))
}
