//! `gonogo convert`: logs as Parquet, for other tools.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::{Format, Global, next, print, print_json};
use crate::{
    error::{Error, ExitCode, Result},
    experiment::load::load,
    observe::{Event, Observer},
    source::{Source, convert},
    spec::{self, Language},
    text::{Numbers, shell_word},
    ui,
};

/// What `gonogo convert` takes.
#[derive(Debug, clap::Args)]
#[command(
    after_long_help = "All rows and columns are written, one folder a day (day=2026-03-02), under the names that experiments use; `where` and `window` are not applied.\n\nExamples:\n  gonogo convert experiments/proxy-exfiltration.yaml --out events\n  gonogo convert '/logs/*.log.gz' --as elff --out events\n\nThen, in DuckDB: SELECT * FROM read_parquet('events/**/*.parquet', hive_partitioning = true)"
)]
pub struct Args {
    /// An experiment, or log files (a path or a glob)
    path: PathBuf,
    /// Which source of the experiment (default: that of the events)
    #[arg(long, value_name = "NAME")]
    source: Option<String>,
    /// The format of log files (`gonogo list formats`)
    #[arg(long = "as", value_name = "FORMAT", default_value = "auto")]
    of: String,
    /// The folder that is written; it must not be there
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

/// Converts.
///
/// # Errors
/// As [`convert`], and where the file is not an experiment.
pub fn run(args: &Args, global: &Global) -> Result<ExitCode> {
    if global.format == Format::Markdown {
        return Err(Format::none_of("convert"));
    }
    ui::listen_for_interrupt();
    let terminal = global.terminal();
    let source = open(args)?;
    terminal.event(Event::Started { stage: "Reading", total: Some(source.disk_bytes()) });
    let converted = convert(&source, &args.out, None, &terminal)?;
    let (rows, out) = (converted.quality.rows, args.out.display());
    terminal.event(Event::Finished { stage: "Reading", summary: shown(converted.quality.files.len()) });
    match global.format {
        Format::Json => print_json(&json!({ "out": args.out, "files": converted.files, "rows": rows, "quality": converted.quality }))?,
        Format::Human | Format::Markdown => {
            let numbers = Numbers::new(Language::En);
            let files = if converted.files == 1 { "file" } else { "files" };
            print(&format!("{} rows in {} Parquet {files} below {out}\n", numbers.integer(rows), converted.files))?;
            let (malformed, no_time) = (converted.quality.malformed, converted.quality.no_time);
            if malformed + no_time > 0 {
                let [malformed, no_time] = [malformed, no_time].map(|n| numbers.integer(n));
                print(&format!("not written: {malformed} malformed lines, {no_time} rows without a time that can be read\n"))?;
            }
        }
    }
    next(&format!("gonogo init --from {}", shell_word(&out.to_string())), global)?;
    Ok(ExitCode::Done)
}

fn shown(files: usize) -> String {
    format!("{files} {}", if files == 1 { "file" } else { "files" })
}

fn open(args: &Args) -> Result<Source> {
    if args.path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml") {
        let loaded = load(&args.path, &[])?;
        let (name, source) = match &args.source {
            Some(name) => (name.as_str(), loaded.experiment.sources.get(name)),
            None => loaded
                .experiment
                .events_source()
                .map(|(name, source)| (name, Some(source)))
                .map_err(|message| Error::usage(message, Some("name one with --source".into())))?,
        };
        let source = source.ok_or_else(|| {
            let known: Vec<&str> = loaded.experiment.sources.keys().map(String::as_str).collect();
            Error::usage(format!("the experiment has no source `{name}`"), Some(format!("one of {}", known.join(", "))))
        })?;
        let source = Source::open(name, source, loaded.base())?;
        return Ok(match loaded.experiment.window_micros() {
            Some((start, _, end)) => source.near(start + (end - start) / 2),
            None => source,
        });
    }
    let source: spec::Source =
        serde_json::from_value(json!({ "path": args.path, "format": args.of })).map_err(|e| Error::usage(e.to_string(), None))?;
    Source::open("logs", &source, Path::new("."))
}
