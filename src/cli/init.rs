//! `gonogo init`: an experiment to begin with, from a template or from a log file.

use std::path::{Path, PathBuf};

use super::{Global, next, print};
use crate::{
    error::{Error, ExitCode, Result},
    experiment::schema,
    propose::{
        self,
        templates::{self, TEMPLATES},
    },
    text::{did_you_mean, shell_word},
    ui,
};

/// What `gonogo init` takes.
#[derive(Debug, clap::Args)]
#[command(
    after_long_help = "Examples:\n  gonogo init\n  gonogo init try --template dns\n  gonogo init --from /var/log/squid/access.log\n  gonogo init try --from 'logs/*.log.gz' --force\n\nTemplates: proxy, dns, auth, flows, alert-triage, table, each with a little synthetic data."
)]
pub struct Args {
    /// The folder that is written to
    #[arg(default_value = "experiments")]
    folder: PathBuf,
    /// Begin with this template: proxy, dns, auth, flows, alert-triage, table
    #[arg(long, value_name = "NAME", default_value = "proxy", conflicts_with = "from")]
    template: String,
    /// Look at this log file (or glob) and write an experiment on it
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    /// Write over files that are there
    #[arg(long)]
    force: bool,
}

/// Writes an experiment and the schema that editors complete it by.
///
/// # Errors
/// When there is no such template, the log file cannot be read, or a file is there already.
pub fn run(args: &Args, global: &Global) -> Result<ExitCode> {
    let path = match &args.from {
        Some(file) => from_file(file, args, global)?,
        None => from_template(args)?,
    };
    // The schema is generated: the newest is always right.
    templates::put(&args.folder.join("experiment.schema.json"), &schema::text(), true)?;
    let path = path.display().to_string();
    let name = shell_word(&path);
    let command = if args.from.is_some() {
        format!("look at the lines marked TO SAY, then: gonogo check {name}")
    } else {
        format!("gonogo run {name}")
    };
    print(&format!("{}✓{} {path}\n", ui::GREEN, ui::RESET))?;
    next(&command, global)?;
    Ok(ExitCode::Done)
}

fn from_template(args: &Args) -> Result<PathBuf> {
    let found = TEMPLATES.iter().find(|template| template.id == args.template);
    let template = found.ok_or_else(|| {
        let names = || TEMPLATES.iter().map(|template| template.id);
        let hint = did_you_mean(&args.template, names()).unwrap_or_else(|| format!("one of {}", names().collect::<Vec<_>>().join(", ")));
        Error::usage(format!("there is no template `{}`", args.template), Some(hint))
    })?;
    template.write(&args.folder, args.force)
}

fn from_file(file: &Path, args: &Args, global: &Global) -> Result<PathBuf> {
    let path = args.folder.join(format!("{}.yaml", propose::name_of(file)));
    if path.exists() && !args.force {
        // Before a long look at the file, not after it.
        templates::put(&path, "", false)?;
    }
    let profile = propose::profile(file, &global.terminal())?;
    templates::put(&path, &propose::experiment(&profile, &args.folder), args.force)?;
    Ok(path)
}
