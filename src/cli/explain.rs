//! `gonogo explain`: from the same text as the documentation.

use std::fmt::Write as _;

pub use self::codes::code;
use super::{Global, aside, print};
use crate::{
    decide::METRICS,
    detect::{DEFAULT, ENSEMBLES, METHODS},
    error::{Error, ExitCode, Result},
    fields::KINDS,
    inject::BEHAVIOURS,
    needs,
    source::{FORMATS, envelope},
    text::{did_you_mean, head_comment},
};

mod codes;
mod report;

/// What `gonogo explain` takes.
#[derive(Debug, clap::Args)]
#[command(
    after_long_help = "Examples:\n  gonogo explain isolation-forest\n  gonogo explain format:elff\n  gonogo explain field:rarity\n  gonogo explain need:beaconing\n  gonogo explain recall_kept\n  gonogo explain section:audit\n  gonogo explain pitfall:snooping\n  gonogo explain W031\n  gonogo explain exit-codes"
)]
pub struct Args {
    /// A method, `format:ID`, `field:KIND`, `need:ID`, `behaviour:ID`, `export:TOOL`, `section:ID`, `pitfall:ID`, a metric, `envelope`, a code such as `W031`, an exit code such as `11`, `codes`, `exit-codes`, `pitfalls`, `redact`, `review`, or `suppress`
    topic: String,
}

const EXIT_CODES: &str = "\
Exit codes

  0    done (whatever the verdict, unless --gate)
  1    the run failed: unreadable data, no algorithm survived, more memory than --max-memory, disk full, bug
  2    the command line or the experiment must be changed
  3    done, but some algorithms failed; the report is there
  10   with --gate: NO-GO
  11   with --gate: INCONCLUSIVE
  12   compare --fail-on worse: a required measure got worse beyond noise
  13   generate --check: a generated file is out of date
  130  interrupted; the partial run is kept as *.partial
";

const REVIEW: &str = "\
Review: a verdict without complete labels

  gonogo review RUN --plan          how many readings, days and incidents give which width and chance
  gonogo review RUN                 draws the next sheet: CSV, XLSX, and a page that works offline (keys 1 2 3)
  gonogo review RUN --import FILE   takes in what came back, judges the run again, renders the report

What is read. The frame is what the detectors, the ensembles, `random` and the current rule raise at the budget. Where 300 alerts or
fewer are left, all of them are offered: then this window's figures are points. Else a sheet takes at least ten of each of four strata
(0, 1, 2 to 3, 4 or more detectors raise it) and the rest where they say most. The order is random; the sheet tells nothing of who
raised a row: columns of the events that are named like the answer (`label`, `attack`, ...) are left out, and it says how many. The next
sheet goes on where the last one stopped; rows without a disposition are offered again.

What is asked. `true_positive`: an attack (name its incident where you can). `benign_true_positive`: right, but legitimate.
`false_positive`: nothing. The three stay three up to the money. Where analysts disagree the majority counts, else the graver.

What it tells. About this window: true and false alerts, precision, false alerts saved, the share of the rule's true alerts kept.
About the weeks to come: false alerts a week and the share saved; more days help there, more reviews hardly do. The share of
incidents kept comes only from incidents that a simple random part of the sheets hit, or from a frame that was read in full.
Incidents that nobody raised are in no sheet. `--fields` adds what single fields alone raise: a GO takes that comparison.

Wrong verdicts. Every interval takes the verdicts as right. Beside them the report shows what the limits would be if one verdict in fifty
or in twenty were wrong by chance, or as many as second readings leave open (alerts that two analysts read, at least twenty of them). What
analysts get wrong alike stays hidden, and nothing of it enters the verdict. Incidents have no such limits.

A row that cannot be used stops the import with its file and line; nothing is taken in, and nothing is lost. Earlier results are
kept in review/results-N of the run folder.
";

/// Explains.
///
/// # Errors
/// When there is no such topic.
pub fn run(args: &Args, global: &Global) -> Result<ExitCode> {
    let topic = args.topic.trim();
    let (kind, name) = topic.split_once(':').map_or(("", topic), |(kind, name)| (kind, name));
    let text = match kind {
        "" if name == "exit-codes" => Some(EXIT_CODES.to_owned()),
        "" if name == "pitfalls" => Some(report::pitfalls()),
        "" if name == "review" => Some(REVIEW.to_owned()),
        "" if name == "codes" => Some(codes::list()),
        "" if name == "envelope" => Some(format!("envelope: the header of syslog around the lines of a source\n\n{}", envelope())),
        "" if name == "redact" => Some(crate::redact::EXPLAINED.to_owned()),
        "" if name == "suppress" => Some(crate::suppress::EXPLAINED.to_owned()),
        "" => method(name)
            .or_else(|| code(name))
            .or_else(|| metric(name))
            .or_else(|| field(name))
            .or_else(|| format(name))
            .or_else(|| need(name))
            .or_else(|| behaviour(name))
            .or_else(|| report::section(name))
            .or_else(|| report::pitfall(name))
            .or_else(|| exit_code(name)),
        "method" => method(name),
        "ensemble" => ensemble(name),
        "format" => format(name),
        "field" => field(name),
        "need" => need(name),
        "metric" | "criterion" => metric(name),
        "section" => report::section(name),
        "pitfall" => report::pitfall(name),
        "code" => code(name),
        "exit-code" => exit_code(name),
        "behaviour" => behaviour(name),
        "export" => crate::export::target(name).map(|target| format!("{}: {}\n\n{}\n", target.id, target.summary, target.documentation())),
        _ => None,
    };
    match text {
        Some(text) => {
            print(&text)?;
            aside(&use_of(name), global)?;
            Ok(ExitCode::Done)
        }
        None => Err(Error::usage(
            format!("there is nothing to explain under `{topic}`"),
            did_you_mean(name, topics()).or(Some(
                "`gonogo list methods`, `formats`, `fields`, `needs`, `metrics`, `sections` list the topics; `gonogo explain codes` the codes"
                    .into(),
            )),
        )),
    }
}

/// Where a topic is used.
fn use_of(name: &str) -> String {
    if METHODS.iter().any(|method| method.id == name) {
        format!("gonogo run FILE --algorithm {name}")
    } else if FORMATS.iter().any(|format| format.id == name) {
        "gonogo check --sample LOGFILE".to_owned()
    } else if crate::export::target(name).is_some() {
        format!("gonogo export --to {name}")
    } else if crate::report::sections().any(|(id, _)| id == name) {
        format!("gonogo report --sections {name}")
    } else if name == "review" {
        "gonogo review --plan".to_owned()
    } else {
        "gonogo check FILE".to_owned()
    }
}

fn topics() -> impl Iterator<Item = &'static str> {
    METHODS
        .iter()
        .map(|m| m.id)
        .chain(ENSEMBLES.iter().map(|(id, ..)| *id))
        .chain(METRICS.iter().map(|m| m.id))
        .chain(KINDS.iter().map(|k| k.id))
        .chain(FORMATS.iter().map(|f| f.id))
        .chain(needs::NEEDS.iter().map(|n| n.id))
        .chain(BEHAVIOURS.iter().map(|b| b.id))
        .chain(crate::report::sections().map(|(id, _)| id))
        .chain(["codes", "envelope", "exit-codes", "pitfalls", "redact", "review", "suppress"])
}

/// One of the exit codes.
fn exit_code(code: &str) -> Option<String> {
    let line = EXIT_CODES.lines().find(|line| line.split_whitespace().next() == Some(code) && line.starts_with("  "))?;
    Some(format!("exit code {}\n\n`gonogo explain exit-codes` lists all\n", line.trim()))
}

fn method(id: &str) -> Option<String> {
    let Some(method) = METHODS.iter().find(|method| method.id == id) else { return ensemble(id) };
    let mut text = format!("{}: {}\n\n{}", method.id, method.summary, module_doc(method.source));
    let schema = (method.schema)();
    let _ = write!(text, "\nParameters\n{}\nIn an experiment\n  algorithms:\n    - {id}\n", parameters(&schema));
    if let Some((name, value)) = first_default(&schema) {
        let _ = writeln!(text, "    - {{ method: {id}, {name}: {value} }}");
        let half = match (value.as_u64(), value.as_f64()) {
            (Some(value), _) => serde_json::json!(value / 2),
            (None, value) => serde_json::json!(value.unwrap_or_default() / 2.0),
        };
        let _ = writeln!(text, "    - {{ method: {id}, {name}: [{half}, {value}] }}   # a sweep: one contender for each");
    }
    let _ = writeln!(
        text,
        "    - {{ method: {id}, limits: {{ seconds: 60, memory: 2GB }} }}   # given up, with the reason, where it needs more"
    );
    Some(text)
}

/// A parameter that is a number, to show how one is written, and its default: a count before others.
fn first_default(schema: &schemars::Schema) -> Option<(&str, &serde_json::Value)> {
    let properties = schema.get("properties")?.as_object()?;
    let numbers = |counts: bool| {
        properties.iter().filter(|(name, _)| *name != "fit_rows").find_map(|(name, property)| {
            let value = property.get("default").filter(|value| if counts { value.is_u64() } else { value.is_number() })?;
            Some((name.as_str(), value))
        })
    };
    numbers(true).or_else(|| numbers(false))
}

fn ensemble(id: &str) -> Option<String> {
    let (id, summary, source) = ENSEMBLES.iter().find(|(known, ..)| *known == id)?;
    let (of, comment) = match *id {
        id if id == DEFAULT.id => ("", "   # brings its members along"),
        "average-of-maximum" => {
            (", of: all, buckets: 5", "   # `of`: all detectors of the experiment, or a list of their ids; `buckets`: how many groups")
        }
        _ => (", of: all", "   # `of`: all detectors of the experiment, or a list of their ids"),
    };
    Some(format!(
        "{id}: {summary}

{}
In an experiment
  algorithms:
    - {{ ensemble: {id}{of} }}{comment}
",
        module_doc(source)
    ))
}

fn format(id: &str) -> Option<String> {
    let format = FORMATS.iter().find(|format| format.id == id)?;
    Some(format!("{}: {}\n\n{}", format.id, format.summary, format.documentation()))
}

fn field(id: &str) -> Option<String> {
    let kind = KINDS.iter().find(|kind| kind.id == id)?;
    let mut text = format!("{}: {}\n\n{}", kind.id, kind.summary, module_doc(kind.source));
    let _ = write!(text, "\nOptions\n{}", parameters(&kind.schema()));
    Some(text)
}

fn need(id: &str) -> Option<String> {
    let need = needs::find(id)?;
    Some(format!("{}: {}\n\n{}", need.id, need.title, need.documentation()))
}

fn behaviour(id: &str) -> Option<String> {
    let behaviour = BEHAVIOURS.iter().find(|behaviour| behaviour.id == id)?;
    let mut text = format!("{}: {}\n\n{}", behaviour.id, behaviour.summary, module_doc(behaviour.source));
    let _ = write!(text, "\nParameters\n{}", parameters(&behaviour.schema()));
    text.push_str("  copies, benign, poison, set\n      Of every behaviour: copies of each strength (20), whether it is benign, whether the training part\n      holds it too (a test), values written into every event by column.\n");
    Some(text)
}

fn metric(id: &str) -> Option<String> {
    let metric = METRICS.iter().find(|metric| metric.id == id)?;
    Some(format!("{}: {} ({})\n\n{}\n", metric.id, metric.title, metric.unit, metric.doc))
}

/// The module documentation of a source file, as plain text.
fn module_doc(source: &str) -> String {
    head_comment(source).lines().fold(String::new(), |mut text, line| {
        let heading = line.strip_prefix("# ");
        if heading.is_some() && !text.is_empty() && !text.ends_with("\n\n") {
            text.push('\n');
        }
        text.push_str(heading.unwrap_or(line));
        text.push('\n');
        text
    })
}

/// The parameters of a schema, a line each: name, default, what it is.
fn parameters(schema: &schemars::Schema) -> String {
    let Some(properties) = schema.get("properties").and_then(|value| value.as_object()) else { return "  none\n".into() };
    if properties.is_empty() {
        return "  none\n".into();
    }
    properties.iter().fold(String::new(), |mut text, (name, property)| {
        // What is left out where nothing is given is told in words.
        let default =
            property.get("default").filter(|value| !value.is_null()).map(|value| format!(" (default {value})")).unwrap_or_default();
        let what = property.get("description").and_then(|value| value.as_str()).unwrap_or_default().replace('\n', " ");
        let _ = writeln!(text, "  {name}{default}\n      {what}");
        for (value, meaning) in values(schema, property) {
            let _ = writeln!(text, "      `{value}`: {meaning}");
        }
        text
    })
}

/// The values among which a parameter chooses, and what each means, where its type names them.
fn values<'a>(schema: &'a schemars::Schema, property: &'a serde_json::Value) -> Vec<(&'a str, String)> {
    let options = ["anyOf", "allOf"].iter().filter_map(|key| property.get(key)?.as_array()).flatten();
    let named = std::iter::once(property).chain(options).find_map(|option| option.get("$ref")?.as_str()?.strip_prefix("#/$defs/"));
    let Some(choices) = named.and_then(|name| schema.get("$defs")?.get(name)?.get("oneOf")?.as_array()) else { return Vec::new() };
    let of = |choice: &'a serde_json::Value| {
        let meaning = choice.get("description").and_then(|text| text.as_str()).unwrap_or_default().replace('\n', " ");
        Some((choice.get("const")?.as_str()?, meaning))
    };
    choices.iter().filter_map(of).collect()
}
