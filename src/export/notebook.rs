//! Files for a notebook: every score as Parquet (`scores/`), the unit rows where the run kept them (`--keep-fields`), what was measured and
//! decided as JSON, and `load.py`, a short script without secrets that loads them with polars or pandas and prints what is there.

use std::path::{Path, PathBuf};

use super::{Exported, Target, copy, names, write};
use crate::error::Result;

pub(super) const TARGET: Target = Target {
    id: "notebook",
    summary: "Parquet and JSON files, and a script that loads them",
    source: include_str!("notebook.rs"),
    folder: None,
    next: "python3 FOLDER/load.py, or copy its lines into a notebook",
    write: files,
};

const SCRIPT: &str = include_str!("load.py");

fn files(exported: &Exported<'_>, folder: &Path) -> Result<Vec<PathBuf>> {
    let mut written = vec![write(&folder.join("load.py"), SCRIPT)?];
    let plain = ["evaluation.json", "decision.json", "cost.json", "fields.json", "resolved.json", "quality.json", "fields.parquet"];
    for name in plain.into_iter().map(str::to_owned).chain(names(exported, "scores")?) {
        written.extend(copy(exported, &name, folder)?);
    }
    Ok(written)
}
