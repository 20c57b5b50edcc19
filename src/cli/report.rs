//! `gonogo report`: renders a report again from a saved run, without the data.

use std::path::{Path, PathBuf};

use super::{Format, Global, print, print_json};
use crate::{
    error::{Error, ExitCode, Result},
    run::{folder, pipeline},
};

/// What `gonogo report` takes.
#[derive(Debug, clap::Args)]
#[command(
    after_long_help = "Examples:\n  gonogo report                 the latest run\n  gonogo report latest~1 --open\n  gonogo report 2026-11-20T09 --html /shared/report.html"
)]
pub struct Args {
    /// A run: its folder, `latest`, `latest~1`, an id or the beginning of one, or an experiment's name
    #[arg(default_value = "latest")]
    run: String,
    /// Where the runs lie
    #[arg(long, value_name = "DIR", default_value = "reports", env = "GONOGO_OUT")]
    out: PathBuf,
    /// Write the page here and leave the run folder as it is
    #[arg(long, value_name = "PATH")]
    html: Option<PathBuf>,
    /// Open the report when done
    #[arg(long)]
    open: bool,
}

/// Renders the report.
///
/// # Errors
/// When the run cannot be found or read, or a file cannot be written.
pub fn run(args: &Args, global: &Global) -> Result<ExitCode> {
    let run = folder::find(&args.out, &args.run)?;
    let saved = pipeline::load(&run)?;
    let page = match &args.html {
        Some(path) => {
            std::fs::write(path, crate::report::page(&saved)).map_err(|error| Error::io("write", path, error))?;
            path.clone()
        }
        None => {
            for (name, bytes) in pipeline::rendered(&saved)? {
                folder::replace(&run, &name, &bytes)?;
            }
            run.join("report.html")
        }
    };
    match global.format {
        Format::Human => print(&format!("Report: {}\n", page.display()))?,
        Format::Markdown => print(&crate::report::summary_md(&saved))?,
        Format::Json => print_json(&serde_json::json!({ "run": run.display().to_string(), "report": page.display().to_string() }))?,
    }
    if args.open {
        open(&page)?;
    }
    Ok(ExitCode::Done)
}

/// Opens a page in the user's browser.
///
/// # Errors
/// When the system's opener cannot be started.
pub fn open(page: &Path) -> Result<()> {
    let opener = match std::env::consts::OS {
        "macos" => "open",
        "windows" => "explorer",
        _ => "xdg-open",
    };
    std::process::Command::new(opener)
        .arg(page)
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .map(drop)
        .map_err(|error| {
            Error::data_hint(format!("cannot open a browser with `{opener}`: {error}"), format!("open {} yourself", page.display()))
        })
}
