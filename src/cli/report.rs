//! `gonogo report`: renders a report again from a saved run, without the data; with other rules that suppress alerts, judges it again first.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    path::{Path, PathBuf},
};

use super::{Format, Global, next, print, print_json};
use crate::{
    error::{Error, ExitCode, Result},
    experiment::load::load_rules,
    record::folder,
    review,
    run::{pipeline, share},
    spec::Language,
    text::{did_you_mean, shell_word},
    ui::summary::{suppressed, verdict},
};

/// What `gonogo report` takes.
#[derive(Debug, clap::Args)]
#[command(
    after_long_help = "Examples:\n  gonogo report                 the latest run\n  gonogo report latest~1 --open\n  gonogo report 2026-11-20T09 --html /shared/report.html\n  gonogo report --lang fr --sections cost,what-if,scaling --html argent.html\n  gonogo report --suppress experiment.yaml\n  gonogo report --share for-the-board"
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
    /// The language of the report, instead of the experiment's
    #[arg(long, value_name = "LANGUAGE", value_parser = ["en", "fr"])]
    lang: Option<String>,
    /// Only these sections, by their address in the page (`cost,what-if,a3`), beside the verdict
    #[arg(long, value_name = "IDS", value_delimiter = ',')]
    sections: Vec<String>,
    /// Take the rules `suppress` of this experiment file, or of a file that holds them alone, judge the run again from its scores, and keep the earlier results
    #[arg(long, value_name = "FILE", conflicts_with_all = ["html", "sections", "lang"])]
    suppress: Option<PathBuf>,
    /// Make this folder, which may leave the house: the report without events, scores, paths, and without the names of entities
    #[arg(long, value_name = "FOLDER", conflicts_with_all = ["html", "sections", "suppress"])]
    share: Option<PathBuf>,
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
    if let Some(file) = &args.suppress {
        return suppress(&run, file, args.open, global);
    }
    let mut saved = pipeline::load(&run)?;
    match args.lang.as_deref() {
        Some("fr") => saved.resolved.experiment.report.language = Language::Fr,
        Some(_) => saved.resolved.experiment.report.language = Language::En,
        None => {}
    }
    if let Some(folder) = &args.share {
        let files = share::share(saved, folder)?;
        match global.format {
            Format::Json => print_json(&serde_json::json!({ "folder": folder.display().to_string(), "files": files }))?,
            Format::Human | Format::Markdown => {
                let mut shown = format!("Shared: {}\n", folder.display());
                files.iter().for_each(|(name, bytes)| shown.push_str(&format!("  {bytes:>9}  {name}\n")));
                shown.push_str("Read the page once before it leaves the house; CONTENTS.md says what was left out.\n");
                print(&shown)?;
            }
        }
        next(&format!("less {}", shell_word(&folder.join("CONTENTS.md").display().to_string())), global)?;
        return if args.open { open(&folder.join("report.html")).map(|()| ExitCode::Done) } else { Ok(ExitCode::Done) };
    }
    known(&args.sections)?;
    let html = crate::report::page_of(&saved, &args.sections);
    let page = match &args.html {
        Some(path) => {
            std::fs::write(path, &html).map_err(|error| Error::io("write", path, error))?;
            path.clone()
        }
        None => {
            for (name, bytes) in pipeline::rendered(&saved)? {
                folder::replace(&run, &name, if name == "report.html" { html.as_bytes() } else { &bytes })?;
            }
            run.join("report.html")
        }
    };
    match global.format {
        Format::Human => print(&format!("Report: {}\n", page.display()))?,
        Format::Markdown => print(&crate::report::summary_md(&saved))?,
        Format::Json => print_json(&serde_json::json!({ "run": run.display().to_string(), "report": page.display().to_string() }))?,
    }
    let name = shell_word(&run.display().to_string());
    let elsewhere = args.html.as_ref().map(|path| format!(" --html {}", shell_word(&path.display().to_string()))).unwrap_or_default();
    let command = if args.open { format!("gonogo compare {name}") } else { format!("gonogo report {name}{elsewhere} --open") };
    next(&command, global)?;
    if args.open {
        open(&page)?;
    }
    Ok(ExitCode::Done)
}

/// Judges again with the rules of a file.
fn suppress(run: &Path, file: &Path, open_it: bool, global: &Global) -> Result<ExitCode> {
    let rules = load_rules(file, &pipeline::load(run)?.resolved.experiment)?;
    let (saved, earlier) = review::judge_with(run, rules)?;
    let page = run.join("report.html");
    match global.format {
        Format::Human => {
            let mut shown = suppressed(&saved).unwrap_or_else(|| "No rule suppresses any alert.\n".to_owned());
            let because = crate::text::terminal(&saved.decision.because.en);
            let _ = writeln!(shown, "{}: {because}", verdict(saved.decision.verdict));
            let _ = writeln!(shown, "Report: {}\nEarlier results: {}", page.display(), earlier.display());
            print(&shown)?;
        }
        Format::Markdown => print(&crate::report::summary_md(&saved))?,
        Format::Json => print_json(&serde_json::json!({
            "run": run.display().to_string(),
            "report": page.display().to_string(),
            "earlier": earlier.display().to_string(),
            "verdict": saved.decision.verdict,
            "suppression": saved.evaluation.suppression,
            "contenders": saved.evaluation.contenders.iter().filter_map(|c| Some((c.id.as_str(), c.removed.as_ref()?))).collect::<BTreeMap<_, _>>(),
        }))?,
    }
    next(&format!("gonogo report {} --open", shell_word(&run.display().to_string())), global)?;
    if open_it {
        open(&page)?;
    }
    Ok(ExitCode::Done)
}

/// Refuses sections that do not exist.
fn known(asked: &[String]) -> Result<()> {
    let ids: Vec<&str> = crate::report::sections().map(|(id, _)| id).collect();
    match asked.iter().find(|id| !ids.contains(&id.as_str())) {
        Some(id) => {
            let near = did_you_mean(id, ids.iter().copied());
            Err(Error::usage(format!("the report has no section `{id}`"), near.or(Some(format!("one of {}", ids.join(", "))))))
        }
        None => Ok(()),
    }
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
