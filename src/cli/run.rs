//! `gonogo run`: reads, scores, evaluates, decides, reports.

use std::path::PathBuf;

use super::{Format, Global, aside, next, print, print_json};
use crate::{
    error::{ExitCode, Result},
    experiment::load::{Loaded, load},
    observe::Observer,
    run::{
        pipeline::{self, Options},
        remote,
    },
    said,
    spec::Bytes,
    text::shell_word,
    ui,
};

/// What `gonogo run` takes.
#[derive(Debug, clap::Args)]
#[command(
    after_long_help = "Examples:\n  gonogo run experiments/proxy-exfiltration.yaml\n  gonogo run FILE --algorithm ecod --algorithm kmeans --seed 7\n  gonogo run FILE --set 'sources.proxy.path=/logs/*.gz' --set evaluate.alerts.budget=10\n  gonogo run FILE --format json --gate"
)]
pub struct Args {
    /// The experiment file
    file: PathBuf,
    /// Change a value for this run: `evaluate.alerts.budget=10`
    #[arg(long = "set", value_name = "PATH=VALUE")]
    overrides: Vec<String>,
    /// Use this seed in place of the experiment's
    #[arg(long)]
    seed: Option<u64>,
    /// Run only these algorithms (ids); may be given several times
    #[arg(long = "algorithm", value_name = "ID")]
    algorithms: Vec<String>,
    /// Put the run below this folder
    #[arg(long, value_name = "DIR", default_value = "reports", env = "GONOGO_OUT")]
    out: PathBuf,
    /// Run so many algorithms at once (default: one a core)
    #[arg(long, value_name = "N", value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1..=1024))]
    jobs: Option<usize>,
    #[command(flatten)]
    cache: super::cache::Place,
    /// Parse every file again, and keep nothing
    #[arg(long, env = "GONOGO_NO_CACHE", value_parser = clap::builder::FalseyValueParser::new())]
    no_cache: bool,
    /// The key of `report.redact` (default: gonogo/redact.key in the user's folder of settings); made where there is none
    #[arg(long, value_name = "FILE", env = "GONOGO_REDACT_KEY")]
    redact_key: Option<PathBuf>,
    /// Keep the unit rows as fields.parquet
    #[arg(long)]
    keep_fields: bool,
    /// Do not read the sources a second time for the events behind the alerts
    #[arg(long)]
    no_events: bool,
    /// End with 10 for NO-GO, 11 for INCONCLUSIVE
    #[arg(long)]
    gate: bool,
    /// End the run when it holds more memory than this: `4GB`, `500MB`
    #[arg(long, value_name = "SIZE", env = "GONOGO_MAX_MEMORY", value_parser = size)]
    max_memory: Option<u64>,
    /// Run nothing: estimate rows, memory and time from a part of the files, or print the SQL for an engine
    #[arg(long)]
    dry_run: bool,
    /// Open the report when done
    #[arg(long)]
    open: bool,
}

/// Runs the experiment.
///
/// # Errors
/// As [`pipeline::run`], and where the file is not an experiment.
pub fn run(args: &Args, global: &Global) -> Result<ExitCode> {
    ui::listen_for_interrupt();
    let terminal = global.terminal();
    let loaded = load(&args.file, &args.overrides)?;
    for problem in &loaded.warnings {
        let mut said = problem.said();
        if let Some(help) = &problem.help {
            said.en.push_str(&format!(" ({help})"));
        }
        terminal.event(crate::observe::Event::Warning(crate::observe::Warning { code: problem.code.to_owned(), message: said }));
    }
    if args.dry_run && remote::is_remote(&loaded.experiment) {
        return print_sql(&loaded, global);
    }
    // What is kept of parsed files are their values as they are.
    let cache = if args.no_cache {
        None
    } else if loaded.experiment.report.redact.is_empty() || args.cache.is_named() {
        args.cache.open()?
    } else {
        let message = said!(
            en: "nothing is kept of parsed files, whose values `report.redact` hides (--cache DIR keeps them there)",
            fr: "rien n’est gardé des fichiers lus, dont `report.redact` masque les valeurs (--cache DIR les garde là)",
        );
        terminal.event(crate::observe::Event::Warning(crate::observe::Warning { code: "W203".to_owned(), message }));
        None
    };
    let options = Options {
        out: args.out.clone(),
        seed: args.seed,
        only: args.algorithms.clone(),
        jobs: args.jobs,
        cache,
        redact_key: args.redact_key.clone(),
        keep_fields: args.keep_fields,
        events: !args.no_events,
        gate: args.gate,
        max_memory: args.max_memory,
        command: command(args),
    };
    if args.dry_run {
        return super::estimate::print_estimate(&loaded, &options, &args.file, global);
    }
    let finished = pipeline::run(&loaded, &options, &terminal)?;
    match global.format {
        Format::Human => {
            print(&format!("\n{}", ui::summary::table(&finished)))?;
            if let Some(names) = &finished.names {
                print(&format!("Names: {} tells what each pseudonym stands for; it stays with the logs\n", names.display()))?;
            }
        }
        Format::Markdown => print(&crate::report::summary_md(&finished.saved))?,
        Format::Json => print_json(&ui::summary::outcome(&finished))?,
    }
    next(&ui::summary::next(&finished, &args.out), global)?;
    if args.open {
        super::report::open(&finished.path.join("report.html"))?;
    }
    Ok(pipeline::exit_code(finished.saved.decision.verdict, finished.some_failed, args.gate))
}

/// A size: `4GB`, or bytes.
fn size(text: &str) -> std::result::Result<u64, String> {
    text.parse::<Bytes>().map(|bytes| bytes.0).map_err(|error| error.to_string())
}

/// Prints what a run would send to the engine.
fn print_sql(loaded: &Loaded, global: &Global) -> Result<ExitCode> {
    let asked = remote::asked(loaded, &global.terminal())?;
    match global.format {
        Format::Human => {
            let statements = asked.queries.iter().map(|(what, sql)| format!("-- {what}\n{sql};\n"));
            print(&format!("-- {} unit rows would come back from each query of units\n{}", asked.units, statements.collect::<String>()))?;
        }
        Format::Json => print_json(&asked)?,
        Format::Markdown => return Err(Format::none_of("run --dry-run")),
    }
    aside(&format!("gonogo run {}", shell_word(&loaded.path.display().to_string())), global)?;
    Ok(ExitCode::Done)
}

/// The command that repeats the run, as it is shown in the report.
fn command(args: &Args) -> String {
    let mut words = vec!["gonogo".to_owned(), "run".to_owned(), shell_word(&args.file.display().to_string())];
    words.extend(args.overrides.iter().map(|change| format!("--set {}", shell_word(change))));
    words.extend(args.seed.map(|seed| format!("--seed {seed}")));
    words.extend(args.algorithms.iter().map(|id| format!("--algorithm {}", shell_word(id))));
    words.join(" ")
}
