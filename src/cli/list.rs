//! `gonogo list`: what there is.

use std::path::PathBuf;

use clap::ValueEnum;
use comfy_table::{Cell, Table};
use serde_json::{Value, json};

use super::{Format, Global, next, print, print_json};
use crate::{
    decide::METRICS,
    detect::{ENSEMBLES, METHODS},
    error::{ExitCode, Result},
    fields::KINDS,
    inject::BEHAVIOURS,
    needs::NEEDS,
    record::{RunStatus, folder},
    source::FORMATS,
    text,
};

/// What `gonogo list` takes.
#[derive(Debug, clap::Args)]
#[command(
    after_long_help = "Examples:\n  gonogo list runs\n  gonogo list methods\n  gonogo list formats --format json\n\nWith `--format json` each of the methods stands as in `algorithms`: { \"method\": ID } or { \"ensemble\": ID }, with its `score` in words."
)]
pub struct Args {
    /// What is listed
    #[arg(value_enum)]
    what: What,
    /// Where the runs lie
    #[arg(long, value_name = "DIR", default_value = "reports", env = "GONOGO_OUT")]
    out: PathBuf,
}

/// What can be listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum What {
    /// Runs below the folder of reports, oldest first
    Runs,
    /// Algorithms, and ensembles of them
    Methods,
    /// Log formats
    Formats,
    /// Field kinds
    Fields,
    /// What a use case may need of its logs
    Needs,
    /// Measures for criteria
    Metrics,
    /// Behaviours that can be planted
    Behaviours,
    /// Sections of the report
    Sections,
}

/// Lists.
///
/// # Errors
/// When the folder of reports cannot be listed.
pub fn run(args: &Args, global: &Global) -> Result<ExitCode> {
    let (header, rows, command) = match args.what {
        What::Runs => (vec!["run", "experiment", "status", "verdict", "folder"], runs(args)?, "gonogo report RUN"),
        What::Methods => {
            let methods = METHODS.iter().map(|m| vec![m.id.into(), m.summary.into()]);
            let ensembles = ENSEMBLES.iter().map(|(id, summary, _)| vec![format!("ensemble: {id}"), (*summary).into()]);
            (vec!["method", "score"], methods.chain(ensembles).collect(), "gonogo explain METHOD")
        }
        What::Formats => (
            vec!["format", "what it reads"],
            FORMATS.iter().map(|f| vec![f.id.into(), f.summary.into()]).collect(),
            "gonogo explain format:ID",
        ),
        What::Fields => {
            (vec!["kind", "value"], KINDS.iter().map(|k| vec![k.id.into(), k.summary.into()]).collect(), "gonogo explain field:KIND")
        }
        What::Metrics => (
            vec!["metric", "unit", "what it is"],
            METRICS.iter().map(|m| vec![m.id.into(), m.unit.into(), m.title.into()]).collect(),
            "gonogo explain METRIC",
        ),
        What::Needs => {
            (vec!["need", "what is asked"], NEEDS.iter().map(|n| vec![n.id.into(), n.title.into()]).collect(), "gonogo explain need:ID")
        }
        What::Behaviours => (
            vec!["behaviour", "strength", "what is planted"],
            BEHAVIOURS.iter().map(|b| vec![b.id.into(), b.strength.into(), b.summary.into()]).collect(),
            "gonogo explain behaviour:ID",
        ),
        What::Sections => (
            vec!["section", "where"],
            crate::report::sections().map(|(id, place)| vec![id.into(), place.into()]).collect(),
            "gonogo explain section:ID",
        ),
    };
    match global.format {
        Format::Json if args.what == What::Methods => print_json(&methods())?,
        Format::Json => print_json(&objects(&header, &rows))?,
        Format::Markdown => print(&markdown(&header, &rows))?,
        Format::Human if rows.is_empty() => print(&format!("nothing below `{}`\n", args.out.display()))?,
        Format::Human => print(&format!("{}\n", table(&header, &rows)))?,
    }
    next(if rows.is_empty() { "gonogo run FILE" } else { command }, global)?;
    Ok(ExitCode::Done)
}

/// Methods and ensembles, each under the key that names it in `algorithms`.
fn methods() -> Value {
    let methods = METHODS.iter().map(|method| json!({ "method": method.id, "score": method.summary }));
    methods.chain(ENSEMBLES.iter().map(|(id, summary, _)| json!({ "ensemble": id, "score": summary }))).collect()
}

fn runs(args: &Args) -> Result<Vec<Vec<String>>> {
    let runs = folder::runs(&args.out)?;
    Ok(runs
        .into_iter()
        .map(|run| {
            // What a run that was killed had decided may rest on files that it never wrote.
            let decided = run.verdict.filter(|_| run.manifest.status == RunStatus::Done);
            let verdict =
                decided.and_then(|verdict| serde_json::to_value(verdict).ok()).and_then(|value| value.as_str().map(str::to_owned));
            let status = format!("{:?}", run.manifest.status).to_lowercase();
            vec![run.manifest.run, run.manifest.experiment, status, verdict.unwrap_or_else(|| "—".into()), run.path.display().to_string()]
        })
        .collect())
}

fn table(header: &[&str], rows: &[Vec<String>]) -> String {
    let mut table = Table::new();
    table.load_style(comfy_table::presets::NOTHING).set_header(header.iter().map(Cell::new));
    table.add_rows(rows.iter().map(|row| row.iter().map(|cell| Cell::new(text::terminal(cell))).collect::<Vec<_>>()));
    table.trim_fmt()
}

fn markdown(header: &[&str], rows: &[Vec<String>]) -> String {
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let head = line(header.iter().map(|&name| name.to_owned()).collect()) + &line(vec!["---".to_owned(); header.len()]);
    rows.iter().fold(head, |text, row| text + &line(row.iter().map(|cell| text::markdown_text(cell)).collect()))
}

fn objects(header: &[&str], rows: &[Vec<String>]) -> Value {
    rows.iter()
        .map(|row| header.iter().zip(row).map(|(key, cell)| ((*key).to_owned(), json!(cell))).collect::<serde_json::Map<_, _>>())
        .map(Value::Object)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{detect::contenders, spec::Entry};

    #[test]
    fn what_json_lists_can_stand_in_algorithms() {
        let all = methods();
        let mut ensembles = 0;
        for one in all.as_array().unwrap() {
            let mut entry = one.as_object().unwrap().clone();
            assert!(entry.remove("score").is_some_and(|words| words.is_string()), "{one}");
            if entry.contains_key("ensemble") {
                ensembles += 1;
                entry.insert("of".into(), json!(["ecod", "hbos"]));
                if one["ensemble"] == "default" {
                    entry.remove("of");
                }
            }
            let entry = Entry(serde_yaml::to_value(entry).unwrap());
            let others = ["ecod", "hbos"].map(|id| Entry(serde_yaml::Value::String(id.into())));
            let others = others.into_iter().filter(|other| one["method"] != json!(other.0.as_str().unwrap()));
            assert!(contenders(&others.chain([entry]).collect::<Vec<_>>(), None).is_ok(), "{one}");
        }
        assert_eq!(ensembles, ENSEMBLES.len());
    }
}
