//! `gonogo export`: a finished run for other tools.

use std::path::PathBuf;

use super::{Format, Global, next, print, print_json};
use crate::{
    error::{Error, ExitCode, Result},
    export::{self, TARGETS},
    record::folder,
    text::{did_you_mean, shell_word},
};

/// What `gonogo export` takes.
#[derive(Debug, clap::Args)]
#[command(
    after_long_help = "Examples:\n  gonogo export --to mlflow                 the latest run into ./mlruns\n  gonogo export latest~1 --to csv\n  gonogo export RUN --to sigma --dir rules\n  gonogo explain export:mlflow"
)]
pub struct Args {
    /// A run: its folder, `latest`, `latest~1`, an id or the beginning of one, or an experiment's name
    #[arg(default_value = "latest")]
    run: String,
    /// For which tool: csv, mlflow, notebook, sigma
    #[arg(long, value_name = "TOOL")]
    to: String,
    /// Write below this folder (default: `mlruns` for mlflow, else `exports/TOOL` in the run folder)
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Where the runs lie
    #[arg(long, value_name = "DIR", default_value = "reports", env = "GONOGO_OUT")]
    out: PathBuf,
}

/// Exports.
///
/// # Errors
/// When there is no such tool or run, a file cannot be written, or the run holds nothing that the tool could express.
pub fn run(args: &Args, global: &Global) -> Result<ExitCode> {
    let target = export::target(&args.to).ok_or_else(|| {
        let known = TARGETS.iter().map(|target| target.id);
        let list = || format!("one of {}", known.clone().map(|id| format!("`{id}`")).collect::<Vec<_>>().join(", "));
        Error::usage(format!("cannot export to `{}`", args.to), did_you_mean(&args.to, known.clone()).or(Some(list())))
    })?;
    let run = folder::find(&args.out, &args.run)?;
    let own = || target.folder.map_or_else(|| run.join("exports").join(target.id), PathBuf::from);
    let folder = args.dir.clone().unwrap_or_else(own);
    let written = target.export(&run, &folder)?;
    match global.format {
        Format::Markdown => return Err(Format::none_of("export")),
        Format::Json => print_json(&serde_json::json!({ "folder": folder.display().to_string(), "files": written.len() }))?,
        Format::Human => print(&format!("{} files below {}\n", written.len(), folder.display()))?,
    }
    next(&target.next.replace("FOLDER", &shell_word(&folder.display().to_string())), global)?;
    Ok(ExitCode::Done)
}
