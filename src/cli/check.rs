//! `gonogo check`: says everything that is wrong with experiments, without running them.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::{Format, Global, aside, next, print, print_json};
use crate::{
    error::{Error, ExitCode, InvalidExperiment, Problem, Result, Severity},
    experiment::load::{Loaded, load, place},
    propose,
    run::{gather, remote},
    text::shell_word,
    ui::{self, diagnostics},
};

mod reach;

/// What `gonogo check` takes.
#[derive(Debug, clap::Args)]
#[command(
    after_long_help = "Examples:\n  gonogo check experiments/*.yaml\n  gonogo check FILE --no-data --deny-warnings\n  gonogo check --sample /var/log/squid/access.log\n  gonogo check FILE --format json"
)]
pub struct Args {
    /// The experiment files
    #[arg(required_unless_present = "sample")]
    files: Vec<PathBuf>,
    /// Look at a bare log file (or glob): its format, its columns, what could be asked of it, and a first experiment
    #[arg(long, value_name = "FILE", conflicts_with = "files")]
    sample: Option<PathBuf>,
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
    if let Some(file) = &args.sample {
        return sample(file, global);
    }
    let mut checked = Vec::new();
    for file in &args.files {
        checked.push(check(file, args, global)?);
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
        Format::Json => {
            print_json(&checked.iter().flat_map(listed).collect::<Vec<_>>())?;
            checked.iter().try_for_each(|invalid| aside(&after(invalid), global))?;
        }
    }
    Ok(if checked.iter().any(bad) { ExitCode::Change } else { ExitCode::Done })
}

/// Shows what a log file is, and a first experiment on it.
fn sample(file: &Path, global: &Global) -> Result<ExitCode> {
    let profile = propose::profile(file, &global.terminal())?;
    match global.format {
        Format::Human => {
            let experiment = propose::experiment(&profile, Path::new("experiments"));
            print(&format!("{}\n{}", ui::profile::table(&profile), experiment))?;
        }
        Format::Json => print_json(&ui::profile::json(&profile))?,
        Format::Markdown => return Err(Format::none_of("check")),
    }
    next(&format!("gonogo init --from {}", shell_word(&file.display().to_string())), global)?;
    Ok(ExitCode::Done)
}

fn check(file: &Path, args: &Args, global: &Global) -> Result<InvalidExperiment> {
    match load(file, &args.overrides) {
        Ok(loaded) => {
            let mut problems = loaded.warnings.clone();
            problems.extend(reach::outside(&loaded));
            place(&mut problems, &loaded.text);
            if !args.no_data {
                problems.extend(gather::check(&loaded));
                place(&mut problems, &loaded.text);
                if remote::is_remote(&loaded.experiment) && !problems.iter().any(|problem| problem.severity == Severity::Error) {
                    tell_what_is_asked(&remote::asked(&loaded, &global.terminal())?)?;
                }
            }
            let Loaded { path, text, .. } = loaded;
            Ok(InvalidExperiment { path, text, problems })
        }
        Err(Error::Experiment(invalid)) => Ok(*invalid),
        Err(error) => Err(error),
    }
}

/// What a run would send to the engine, on stderr: the problems are the data.
fn tell_what_is_asked(asked: &remote::Asked) -> Result<()> {
    let what: Vec<&str> = asked.queries.iter().map(|(what, _)| what.as_str()).collect();
    let text = format!(
        "the engine would be asked {} queries ({}); {} unit rows would come back from each that is of units\n`gonogo run --dry-run` prints the SQL\n",
        what.len(),
        what.join(", "),
        asked.units
    );
    std::io::Write::write_all(&mut anstream::stderr(), crate::text::lines(&text).as_bytes())
        .map_err(|error| Error::io("write to", "stderr", error))
}

fn human(invalid: &InvalidExperiment) -> String {
    let (name, next) = (invalid.path.display(), after(invalid));
    if invalid.problems.is_empty() {
        return format!("{}✓{} {name}: nothing wrong\n  next: {next}\n", ui::GREEN, ui::RESET);
    }
    format!("{}{name}: {}\n  next: {next}\n", diagnostics::draw(invalid), ui::counts(invalid))
}

/// The next command.
fn after(invalid: &InvalidExperiment) -> String {
    let path = invalid.path.display().to_string();
    let name = shell_word(&path);
    let errors = invalid.problems.iter().any(|problem| problem.severity == Severity::Error);
    if errors { format!("mend it, then: gonogo check {name}") } else { format!("gonogo run {name}") }
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
