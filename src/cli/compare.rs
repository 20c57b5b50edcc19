//! `gonogo compare`: runs side by side.

use std::path::{Path, PathBuf};

use clap::ValueEnum;

use super::{Format, Global, next, print, print_json};
use crate::{
    compare::{self, Iteration, portfolio},
    error::{Error, ExitCode, Result},
    record::{RunStatus, folder},
    report,
    spec::Language,
    ui,
};

/// What `gonogo compare` takes.
#[derive(Debug, clap::Args)]
#[command(
    after_long_help = "Examples:\n  gonogo compare                             all runs of the latest run's experiment\n  gonogo compare latest~1 latest --fail-on worse\n  gonogo compare sprint-1 sprint-2 --format markdown\n  gonogo compare proxy-exfiltration --html reports/proxy-exfiltration/trend.html\n  gonogo compare --portfolio --html reports/portfolio.html"
)]
pub struct Args {
    /// Runs: folders, `latest`, `latest~1`, ids or beginnings of them, iteration labels; an experiment's name stands for all of its runs
    runs: Vec<String>,
    /// Where the runs lie
    #[arg(long, value_name = "DIR", default_value = "reports", env = "GONOGO_OUT")]
    out: PathBuf,
    /// Write a page here
    #[arg(long, value_name = "PATH")]
    html: Option<PathBuf>,
    /// The language of the page and of Markdown (default: that of the newest run's report)
    #[arg(long, value_enum, value_name = "LANGUAGE")]
    lang: Option<Lang>,
    /// End with 12 where a required measure of the newest run is worse than before, beyond noise
    #[arg(long, value_enum, value_name = "WHAT")]
    fail_on: Option<FailOn>,
    /// Show the newest run of every experiment instead
    #[arg(long, conflicts_with_all = ["runs", "fail_on"])]
    portfolio: bool,
}

/// A language of reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Lang {
    /// English
    En,
    /// French
    Fr,
}

impl From<Lang> for Language {
    fn from(lang: Lang) -> Self {
        match lang {
            Lang::En => Self::En,
            Lang::Fr => Self::Fr,
        }
    }
}

/// What makes the comparison fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FailOn {
    /// A required measure that got worse
    Worse,
}

/// Compares.
///
/// # Errors
/// When a run cannot be found or read, there is nothing to compare, or the page cannot be written.
pub fn run(args: &Args, global: &Global) -> Result<ExitCode> {
    if args.portfolio {
        return several_use_cases(args, global);
    }
    let iterations = chosen(args)?.iter().map(|path| Iteration::load(path)).collect::<Result<Vec<_>>>()?;
    let comparison = compare::compare(&iterations);
    let newest = iterations.iter().max_by(|a, b| a.manifest.order().cmp(&b.manifest.order()));
    let language = args.lang.map_or_else(|| newest.map_or(Language::En, |run| run.resolved.experiment.report.language), Language::from);
    match global.format {
        Format::Json => print_json(&comparison)?,
        Format::Markdown => print(&report::compare::comparison_md(&comparison, language))?,
        Format::Human => print(&ui::compare::comparison(&report::compare::written(&comparison, Language::En)))?,
    }
    if let Some(path) = &args.html {
        write(path, &report::compare::comparison_page(&comparison, language), global)?;
    }
    let two = iterations.len() > 1;
    next(if two { "gonogo report latest --open" } else { "gonogo run FILE --set iteration=sprint-2" }, global)?;
    let worse = args.fail_on == Some(FailOn::Worse) && !comparison.worse.is_empty();
    Ok(if worse { ExitCode::Worse } else { ExitCode::Done })
}

fn several_use_cases(args: &Args, global: &Global) -> Result<ExitCode> {
    let entries = portfolio(&args.out)?;
    if entries.is_empty() {
        return Err(nothing(&args.out));
    }
    let language = args.lang.map_or(Language::En, Language::from);
    match global.format {
        Format::Json => print_json(&entries)?,
        Format::Markdown => print(&report::compare::portfolio_md(&entries, language))?,
        Format::Human => {
            let rows = report::compare::portfolio_rows(&entries, Language::En);
            print(&ui::compare::portfolio(&report::compare::portfolio_header(Language::En), rows))?;
        }
    }
    if let Some(path) = &args.html {
        write(path, &report::compare::portfolio_page(&entries, language), global)?;
    }
    next("gonogo compare EXPERIMENT", global)?;
    Ok(ExitCode::Done)
}

fn write(path: &Path, page: &str, global: &Global) -> Result<()> {
    if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        std::fs::create_dir_all(parent).map_err(|error| Error::io("create", parent, error))?;
    }
    std::fs::write(path, page).map_err(|error| Error::io("write", path, error))?;
    if global.format == Format::Human { print(&format!("Page: {}\n", path.display())) } else { Ok(()) }
}

/// The folders of the runs that are asked for.
fn chosen(args: &Args) -> Result<Vec<PathBuf>> {
    let whole: Vec<folder::Listed> = folder::runs(&args.out)?.into_iter().filter(|run| run.manifest.status == RunStatus::Done).collect();
    let of =
        |experiment: &str| whole.iter().filter(|run| run.manifest.experiment == experiment).map(|run| run.path.clone()).collect::<Vec<_>>();
    if args.runs.is_empty() {
        return whole.last().map(|latest| of(&latest.manifest.experiment)).ok_or_else(|| nothing(&args.out));
    }
    let mut paths: Vec<PathBuf> = Vec::new();
    for what in &args.runs {
        let all = of(what);
        let found = if all.is_empty() { vec![folder::find(&args.out, what)?] } else { all };
        for path in found {
            if !paths.contains(&path) {
                paths.push(path);
            }
        }
    }
    Ok(paths)
}

fn nothing(out: &Path) -> Error {
    Error::usage(format!("there is no whole run below `{}`", out.display()), Some("`gonogo run FILE` makes one".into()))
}
