//! `gonogo generate`: demonstration data, the JSON Schema, completions, manual pages.

use std::path::{Path, PathBuf};

use clap::{CommandFactory, Subcommand};
use clap_complete::Shell;

use super::{Cli, Global, aside, next, print};
use crate::{
    error::{Error, ExitCode, Result},
    experiment::schema,
    generate::{self, DemoOptions},
    text::shell_word,
};

/// What `gonogo generate` takes.
#[derive(Debug, clap::Args)]
#[command(
    after_long_help = "Examples:\n  gonogo generate demo --seed 42 --out datasets\n  gonogo generate demo --users 2000 --events-per-user-day 400 --out big\n  gonogo generate schema --check\n  gonogo generate man --out ~/.local/share/man/man1"
)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Synthetic logs with labelled attacks, for demonstrations and benchmarks
    Demo(Demo),
    /// The JSON Schema of experiment files (draft-07)
    Schema(Schema),
    /// Completions for a shell
    Completions {
        /// Which shell
        #[arg(value_enum)]
        shell: Shell,
    },
    /// Manual pages: one of the program, one of each verb
    Man {
        /// The folder they go to
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
}

#[derive(Debug, clap::Args)]
struct Demo {
    /// Every random choice comes from this
    #[arg(long, default_value_t = DemoOptions::SEED)]
    seed: u64,
    /// How many users (20 to 1000000)
    #[arg(long, default_value_t = DemoOptions::USERS)]
    users: u32,
    /// Requests of a user a day, on average over all days, weekends too (1 to 100000)
    #[arg(long, default_value_t = DemoOptions::EVENTS_PER_USER_DAY)]
    events_per_user_day: f64,
    /// How many days, from 2026-03-02 (2 to 400)
    #[arg(long, default_value_t = DemoOptions::DAYS)]
    days: u32,
    /// Where the files go
    #[arg(long, value_name = "DIR", default_value = "datasets")]
    out: PathBuf,
}

#[derive(Debug, clap::Args)]
struct Schema {
    /// Where it goes
    #[arg(long, value_name = "PATH", default_value = "experiments/experiment.schema.json")]
    out: PathBuf,
    /// Write nothing; end with 13 where the file is out of date
    #[arg(long)]
    check: bool,
}

/// Generates.
///
/// # Errors
/// When a file cannot be written or read.
pub fn run(args: &Args, global: &Global) -> Result<ExitCode> {
    match &args.what {
        What::Demo(args) => demo(args, global),
        What::Schema(args) => write_schema(args, global),
        What::Completions { shell } => {
            let mut bytes = Vec::new();
            clap_complete::generate(*shell, &mut Cli::command(), "gonogo", &mut bytes);
            print(&String::from_utf8_lossy(&bytes))?;
            aside(installed(*shell), global)?;
            Ok(ExitCode::Done)
        }
        What::Man { out } => man(out),
    }
}

/// The command that puts completions where the shell finds them.
fn installed(shell: Shell) -> &'static str {
    match shell {
        Shell::Bash => "gonogo generate completions bash > ~/.local/share/bash-completion/completions/gonogo",
        Shell::Elvish => "gonogo generate completions elvish >> ~/.config/elvish/rc.elv",
        Shell::Fish => "gonogo generate completions fish > ~/.config/fish/completions/gonogo.fish",
        Shell::PowerShell => "gonogo generate completions powershell >> $PROFILE",
        Shell::Zsh => "gonogo generate completions zsh > \"${fpath[1]}/_gonogo\"",
        // The list of the crate may grow.
        _ => "gonogo --help",
    }
}

fn man(out: &Path) -> Result<ExitCode> {
    std::fs::create_dir_all(out).map_err(|error| Error::io("create", out, error))?;
    clap_mangen::generate_to(Cli::command(), out).map_err(|error| Error::io("write", out, error))?;
    print(&format!("{}\n\nnext: man {}\n", out.display(), out.join("gonogo.1").display())).map(|()| ExitCode::Done)
}

fn demo(args: &Demo, global: &Global) -> Result<ExitCode> {
    let options = DemoOptions {
        seed: args.seed,
        users: args.users,
        events_per_user_day: args.events_per_user_day,
        days: args.days,
        ..DemoOptions::committed(&args.out)
    };
    let summary = generate::demo(&options, &global.terminal())?;
    for path in &summary.leftover {
        eprintln!("warning: `{}` is not of this data set, and `proxy/*.log.gz` finds it too", path.display());
    }
    print(&format!(
        "{} files below {}: {} events, {} incidents to judge. Synthetic: nothing in them is real.\n",
        summary.files.len(),
        args.out.display(),
        summary.events,
        summary.judged_incidents
    ))?;
    // The shipped experiment reads the data of the checkout that it lies in.
    let shipped = Path::new("experiments/proxy-exfiltration.yaml");
    let command = if args.out == Path::new("datasets") && shipped.is_file() {
        format!("gonogo run {}", shipped.display())
    } else {
        format!("gonogo init --from {}", shell_word(&args.out.join("proxy/*.log.gz").display().to_string()))
    };
    next(&command, global)?;
    Ok(ExitCode::Done)
}

fn write_schema(args: &Schema, global: &Global) -> Result<ExitCode> {
    let text = schema::text();
    if args.check {
        let there = std::fs::read_to_string(&args.out).map_err(|error| Error::io("read", &args.out, error))?;
        if there != text {
            print(&format!("`{}` is out of date\n", args.out.display()))?;
            next("gonogo generate schema", global)?;
            return Ok(ExitCode::OutOfDate);
        }
        return Ok(ExitCode::Done);
    }
    if let Some(parent) = args.out.parent() {
        std::fs::create_dir_all(parent).map_err(|error| Error::io("create", parent, error))?;
    }
    std::fs::write(&args.out, text).map_err(|error| Error::io("write", &args.out, error))?;
    print(&format!("{}\n", args.out.display()))?;
    next("gonogo init", global)?;
    Ok(ExitCode::Done)
}
