//! The command line: one verb a file, `Args` and `run`.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

use crate::{
    error::{ExitCode, Result},
    ui::{Terminal, Verbosity},
};

pub mod cache;
pub mod check;
pub mod compare;
pub mod convert;
mod estimate;
pub mod explain;
pub mod export;
pub mod generate;
pub mod init;
pub mod list;
pub mod report;
pub mod review;
pub mod run;

/// Would unsupervised machine learning cut the false alerts of a security rule, by how much, at what cost?
///
/// gonogo reads one YAML experiment and real logs, compares algorithms with the rule in place, and writes a report that ends in GO, NO-GO, or
/// INCONCLUSIVE. Everything works offline.
#[derive(Debug, Parser)]
#[command(
    name = "gonogo",
    version,
    max_term_width = 100,
    after_long_help = "Examples:\n  gonogo init --from access.log\n  gonogo check experiments/proxy-exfiltration.yaml\n  gonogo run experiments/proxy-exfiltration.yaml\n  gonogo run FILE --set evaluate.alerts.budget=10 --gate\n  gonogo report latest --open\n\nExit codes: 0 done, 1 failed, 2 change the command or the experiment, 3 some algorithms failed,\n10/11 NO-GO/INCONCLUSIVE with --gate, 12 worse with compare --fail-on, 130 interrupted. `gonogo explain exit-codes` says more."
)]
pub struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    verb: Verb,
}

/// Flags that every verb takes.
#[derive(Debug, Clone, clap::Args)]
pub struct Global {
    /// How results are written to stdout
    #[arg(long, global = true, help_heading = "Everywhere", value_enum, default_value_t = Format::Human, env = "GONOGO_FORMAT")]
    pub format: Format,
    /// Say errors only
    #[arg(long, short, global = true, help_heading = "Everywhere")]
    quiet: bool,
    /// Colours: where the output is a terminal, always, never
    #[arg(long, global = true, help_heading = "Everywhere", value_enum, default_value_t = Color::Auto)]
    color: Color,
    /// Draw no progress bars
    #[arg(long, global = true, help_heading = "Everywhere", env = "GONOGO_NO_PROGRESS", value_parser = clap::builder::FalseyValueParser::new())]
    no_progress: bool,
    /// Work as if started in this folder
    #[arg(short = 'C', long = "directory", global = true, help_heading = "Everywhere", value_name = "DIR")]
    directory: Option<PathBuf>,
}

impl Global {
    /// The terminal as the flags ask for it.
    pub fn terminal(&self) -> Terminal {
        Terminal::new(if self.quiet { Verbosity::Quiet } else { Verbosity::Normal }, !self.no_progress && self.format == Format::Human)
    }
}

/// How results are written to stdout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Human,
    /// For programs.
    Json,
    /// For a merge request or a mail.
    Markdown,
}

impl Format {
    /// The error of a verb that writes no Markdown.
    pub fn none_of(verb: &str) -> crate::error::Error {
        crate::error::Error::usage(format!("`gonogo {verb}` writes no Markdown"), Some("`--format human` or `--format json`".into()))
    }
}

/// Whether colours are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Color {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Write an experiment to begin with, from a template or from a log file
    Init(init::Args),
    /// Say everything that is wrong with experiments, without running them
    Check(check::Args),
    /// Read, score, evaluate, decide, report
    Run(run::Args),
    /// Render a report again from a saved run
    Report(report::Args),
    /// Set runs side by side: what changed, and what it did
    Compare(compare::Args),
    /// Write a finished run for other tools: spreadsheets, MLflow, notebooks, Sigma
    Export(export::Args),
    /// Draw alerts to read, and judge a run by what came back
    Review(review::Args),
    /// List runs, methods, formats, field kinds, metrics, sections
    List(list::Args),
    /// Say what a method, format, field kind, metric or exit code is
    Explain(explain::Args),
    /// Make demonstration data, the JSON Schema, completions, manual pages
    Generate(generate::Args),
    /// Write logs as Parquet for other tools, one folder a day
    Convert(convert::Args),
    /// List or clear what is kept of files that were read
    Cache(cache::Args),
}

/// Parses the command line, does what it asks, and says with which code the process ends.
pub fn main() -> std::process::ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return answered(&error),
    };
    match cli.global.color {
        Color::Auto => {}
        Color::Always => anstream::ColorChoice::Always.write_global(),
        Color::Never => anstream::ColorChoice::Never.write_global(),
    }
    let code = dispatch(&cli).unwrap_or_else(|error| {
        if is_closed_pipe(&error) {
            return ExitCode::Done;
        }
        crate::ui::tell(&error);
        error.exit_code()
    });
    std::process::ExitCode::from(code as u8)
}

/// What parsers of numbers say, and what is said in its place.
const NUMBERS: &[(&str, &str)] = &[
    ("invalid digit found in string", "expected a whole number"),
    ("invalid float literal", "expected a number"),
    ("number too large to fit in target type", "the number is too large"),
];

/// The variable of the environment that a refused value came from.
fn from_environment(said: &str) -> Option<&'static str> {
    ["GONOGO_FORMAT", "GONOGO_CACHE_SIZE", "GONOGO_MAX_MEMORY"].into_iter().find(|name| {
        let refused = |value: &String| said.contains(&format!("invalid value '{value}'"));
        let typed = |value: &str| std::env::args().any(|argument| argument.rsplit('=').next() == Some(value));
        std::env::var(name).is_ok_and(|value| refused(&value) && !typed(&value))
    })
}

/// Help, and what is wrong with a command line: it quotes words that may come from the names of files.
fn answered(error: &clap::Error) -> std::process::ExitCode {
    let mut rendered = error.render().ansi().to_string();
    for (parser, said) in NUMBERS {
        rendered = rendered.replace(parser, said);
    }
    if let Some(name) = from_environment(&error.to_string()) {
        rendered.push_str(&format!("  tip: the value stands in the environment, as {name}\n"));
    }
    let shown = crate::text::lines(&rendered);
    use std::io::Write as _;
    // Closed streams leave nobody to tell.
    let _ = if error.use_stderr() { write!(anstream::stderr(), "{shown}") } else { write!(anstream::stdout(), "{shown}") };
    std::process::ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}

fn dispatch(cli: &Cli) -> Result<ExitCode> {
    if let Some(directory) = &cli.global.directory {
        std::env::set_current_dir(directory).map_err(|error| crate::error::Error::io("enter", directory, error))?;
    }
    match &cli.verb {
        Verb::Init(args) => init::run(args, &cli.global),
        Verb::Check(args) => check::run(args, &cli.global),
        Verb::Run(args) => run::run(args, &cli.global),
        Verb::Report(args) => report::run(args, &cli.global),
        Verb::Compare(args) => compare::run(args, &cli.global),
        Verb::Export(args) => export::run(args, &cli.global),
        Verb::Review(args) => review::run(args, &cli.global),
        Verb::List(args) => list::run(args, &cli.global),
        Verb::Explain(args) => explain::run(args, &cli.global),
        Verb::Generate(args) => generate::run(args, &cli.global),
        Verb::Convert(args) => convert::run(args, &cli.global),
        Verb::Cache(args) => cache::run(args, &cli.global),
    }
}

/// Whoever reads our output (`head`, `less`) may stop reading: that is no failure.
fn is_closed_pipe(error: &crate::error::Error) -> bool {
    matches!(error, crate::error::Error::Io { source, .. } if source.kind() == std::io::ErrorKind::BrokenPipe)
}

/// Writes to stdout, colours as the terminal takes them.
///
/// # Errors
/// When stdout is closed or full.
pub fn print(text: &str) -> Result<()> {
    use std::io::Write as _;
    let mut out = anstream::stdout().lock();
    out.write_all(crate::text::lines(text).as_bytes())
        .and_then(|()| out.flush())
        .map_err(|error| crate::error::Error::io("write", "stdout", error))
}

/// Says the next command to type: below what people read, and on stderr beside data.
///
/// # Errors
/// When stdout is closed or full.
pub fn next(command: &str, global: &Global) -> Result<()> {
    if global.format == Format::Human { print(&format!("\nnext: {command}\n")) } else { aside(command, global) }
}

/// As [`next`], for what is data in every form.
///
/// # Errors
/// When stderr is closed or full.
pub fn aside(command: &str, global: &Global) -> Result<()> {
    use std::io::Write as _;
    if global.quiet {
        return Ok(());
    }
    let line = format!("next: {command}\n");
    anstream::stderr().write_all(crate::text::lines(&line).as_bytes()).map_err(|error| crate::error::Error::io("write", "stderr", error))
}

/// Writes a value to stdout as JSON.
///
/// # Errors
/// When stdout is closed or full.
pub fn print_json<T: serde::Serialize>(value: &T) -> Result<()> {
    let text = crate::text::json_pretty(value).map_err(|error| crate::error::Error::Internal(error.to_string()))?;
    print(&format!("{text}\n"))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        super::Cli::command().debug_assert();
    }
}
