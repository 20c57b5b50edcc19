//! `gonogo check`: says everything that is wrong with experiments, without running them.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::{Format, Global, print, print_json};
use crate::{
    error::{Error, ExitCode, InvalidExperiment, Problem, Result, Severity},
    run::gather,
    spec::load::{Loaded, load, place},
    ui::{self, diagnostics},
};

/// What `gonogo check` takes.
#[derive(Debug, clap::Args)]
#[command(
    after_long_help = "Examples:\n  gonogo check experiments/*.yaml\n  gonogo check FILE --no-data --deny-warnings\n  gonogo check FILE --format json"
)]
pub struct Args {
    /// The experiment files
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Change a value for this check: `evaluate.alerts.budget=10`
    #[arg(long = "set", value_name = "PATH=VALUE")]
    overrides: Vec<String>,
    /// Do not open the sources
    #[arg(long)]
    no_data: bool,
    /// End with 2 where there are warnings
    #[arg(long)]
    deny_warnings: bool,
}

#[derive(Debug, Serialize)]
struct Listed<'a> {
    file: String,
    #[serde(flatten)]
    problem: &'a Problem,
    line: Option<usize>,
    column: Option<usize>,
}

/// Checks the experiments.
///
/// # Errors
/// When a file cannot be read, or an override is malformed; what is wrong in experiments is printed, not returned.
pub fn run(args: &Args, global: &Global) -> Result<ExitCode> {
    let mut checked = Vec::new();
    for file in &args.files {
        checked.push(check(file, args)?);
    }
    let bad = |invalid: &InvalidExperiment| {
        invalid
            .problems
            .iter()
            .any(|problem| problem.severity == Severity::Error || (args.deny_warnings && problem.severity == Severity::Warning))
    };
    match global.format {
        Format::Human => {
            for invalid in &checked {
                print(&human(invalid))?;
            }
        }
        Format::Markdown => return Err(Format::none_of("check")),
        Format::Json => print_json(&checked.iter().flat_map(listed).collect::<Vec<_>>())?,
    }
    Ok(if checked.iter().any(bad) { ExitCode::Change } else { ExitCode::Done })
}

fn check(file: &Path, args: &Args) -> Result<InvalidExperiment> {
    match load(file, &args.overrides) {
        Ok(loaded) => {
            let mut problems = loaded.warnings.clone();
            if !args.no_data {
                problems.extend(gather::check(&loaded));
                place(&mut problems, &loaded.text);
            }
            let Loaded { path, text, .. } = loaded;
            Ok(InvalidExperiment { path, text, problems })
        }
        Err(Error::Experiment(invalid)) => Ok(*invalid),
        Err(error) => Err(error),
    }
}

fn human(invalid: &InvalidExperiment) -> String {
    let name = invalid.path.display();
    if invalid.problems.is_empty() {
        return format!("{}✓{} {name}: nothing wrong\n  next: gonogo run {name}\n", ui::GREEN, ui::RESET);
    }
    format!("{}{name}: {}\n", diagnostics::draw(invalid), ui::counts(invalid))
}

fn listed(invalid: &InvalidExperiment) -> Vec<Listed<'_>> {
    let place = |at: usize| {
        let before = invalid.text.get(..at).unwrap_or_default();
        let line = 1 + before.matches('\n').count();
        let column = 1 + before.rsplit('\n').next().unwrap_or_default().chars().count();
        (line, column)
    };
    invalid
        .problems
        .iter()
        .map(|problem| {
            let at = problem.at.as_ref().map(|at| place(at.start));
            Listed {
                file: invalid.path.display().to_string(),
                problem,
                line: at.map(|(line, _)| line),
                column: at.map(|(_, column)| column),
            }
        })
        .collect()
}
