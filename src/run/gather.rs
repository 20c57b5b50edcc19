//! From files to units: reads the sources batch by batch, and keeps units, not events.

use polars::prelude::DataFrame;

use super::{
    evidence::{Collecting, Signals},
    few,
    plant::Folded,
    preflight, remote,
    settle::{label_path, no_labels},
    sides::read_sides,
    stream::{Opened, Refused, Stream, open},
    truth,
};
use crate::{
    error::{Error, Problem, Result, Severity},
    experiment::load::Loaded,
    fields::{FieldSet, UnitTable},
    labels,
    observe::{Event, Observer, Silent},
    parts::Split,
    quality::{Quality, SourceQuality},
    record::evidence::Evidence,
    source::{Cache, Source},
    text::Numbers,
};

/// Everything that was built from the sources.
pub struct Gathered {
    /// The units.
    pub table: UnitTable,
    /// Training and judged part.
    pub parts: Split,
    /// For each unit of the training and of the judged part, whether the baseline flags it.
    pub baseline: Option<(Vec<bool>, Vec<bool>)>,
    /// What reading and joining found.
    pub quality: Quality,
    /// SHA-256 of the label file, where there is one.
    pub label_hash: Option<String>,
    /// The rows of each planted behaviour at each strength.
    pub planted: Vec<Folded>,
}

/// Reads the sources of an experiment and builds its units. Events come from the cache where they are kept there, and are kept where not.
/// `seed` is that of the run, from which planted behaviour gets its places.
///
/// # Errors
/// When a source cannot be read, a column does not exist, a part is empty, or the user stops it.
pub fn gather(loaded: &Loaded, seed: u64, cache: Option<&Cache>, observer: &dyn Observer) -> Result<Gathered> {
    let experiment = &loaded.experiment;
    if remote::is_remote(experiment) {
        return remote::gather(loaded, observer);
    }
    let opened = Opened::open(loaded)?;
    let Prepared { mut stream, first, preflight, side_quality } = prepare(loaded, &opened, seed, observer)?;
    let mut sources = stream.read(&opened.events, first, experiment, cache, observer)?;
    let stacked = stream.stacked(&opened.events);
    sources.extend(side_quality);
    // In the order of the experiment.
    sources.sort_by_key(|source| experiment.sources.get_index_of(&source.name));
    observer.event(Event::Finished { stage: "Reading", summary: reading_summary(&sources) });
    stream.finish(loaded, sources, stacked, &preflight, observer)
}

/// What there is before the first event: the side tables are read, and the first rows were looked at.
pub(super) struct Prepared {
    pub(super) stream: Stream,
    first: Vec<DataFrame>,
    preflight: Vec<Problem>,
    side_quality: Vec<SourceQuality>,
}

/// Makes ready to read.
///
/// # Errors
/// When a side table cannot be read, or the first rows show that the sources cannot answer.
pub(super) fn prepare(loaded: &Loaded, opened: &Opened, seed: u64, observer: &dyn Observer) -> Result<Prepared> {
    let experiment = &loaded.experiment;
    // Before an hour of reading, not after it.
    if let Some(path) = label_path(loaded) {
        std::fs::metadata(&path).map_err(|source| no_labels(&path, source))?;
    }
    let total = opened.events.disk_bytes() + opened.sides.values().map(Source::disk_bytes).sum::<u64>();
    observer.event(Event::Started { stage: "Reading", total: Some(total) });
    let (tables, side_quality) = read_sides(&opened.sides, experiment, observer)?;
    let mut stream = Stream::new(experiment, opened, &tables, seed).map_err(|refused| refused.in_file(loaded))?;
    let first = preflight::first_rows(opened)?;
    let preflight = preflight::problems(experiment, opened, &first, &mut stream)?;
    if preflight.iter().any(|problem| problem.severity == Severity::Error) {
        return Err(Refused::Problems(preflight).in_file(loaded));
    }
    Ok(Prepared { stream, first, preflight, side_quality })
}

/// Reads the events once more, for those behind some units: `rows` of the table, one for each alert. `None` where units have no events of their
/// own (a plain table).
///
/// # Errors
/// When a source cannot be read again, or the user stops it.
pub fn evidence(loaded: &Loaded, table: &UnitTable, rows: &[usize], observer: &dyn Observer) -> Result<Option<Evidence>> {
    let experiment = &loaded.experiment;
    if remote::is_remote(experiment) {
        return Ok(None);
    }
    let opened = Opened::open(loaded)?;
    let hidden = experiment.labels.as_ref().map(labels::columns_hidden).unwrap_or_default();
    let known: Vec<String> = opened.events.columns().iter().map(|(name, _)| name.clone()).filter(|name| !hidden.contains(name)).collect();
    let fields = FieldSet::read(experiment).map_err(|problems| Error::Internal(format!("fields were not checked: {problems:?}")))?;
    let zone = experiment.window.as_ref().and_then(|window| window.timezone.parse().ok()).unwrap_or(chrono_tz::UTC);
    let signals = Signals::of(&fields, zone);
    let Some(mut collecting) = Collecting::new(table, rows, opened.events.time(), &known, signals) else { return Ok(None) };
    let (tables, _) = read_sides(&opened.sides, experiment, &Silent)?;
    let mut stream = Stream::new(experiment, &opened, &tables, experiment.seed).map_err(|refused| refused.in_file(loaded))?;
    stream.read_again(&opened.events, experiment, &mut collecting, observer)?;
    Ok(Some(collecting.finish()))
}

/// Says what is wrong once the sources are opened: their files, formats, columns; nothing but the first rows is read.
pub fn check(loaded: &Loaded) -> Vec<Problem> {
    let problem = |path: String, error: &Error| {
        let problem = Problem::error("E030", path, error.to_string());
        problem.help_if(error.hint())
    };
    let experiment = &loaded.experiment;
    if remote::is_remote(experiment) {
        return remote::check(loaded);
    }
    let mut problems = Vec::new();
    for (name, spec) in &experiment.sources {
        if let Err(error) = open(name, spec, loaded) {
            problems.push(problem(format!("sources.{name}.path"), &error));
        }
    }
    problems.extend(truth::problems(loaded));
    if problems.iter().all(|problem| problem.severity == Severity::Warning) {
        let opened = match Opened::open(loaded) {
            Ok(opened) => opened,
            Err(error) => return vec![problem(if experiment.events.is_empty() { "sources" } else { "events" }.into(), &error)],
        };
        let built = (|| {
            let (tables, _) = read_sides(&opened.sides, experiment, &Silent)?;
            let mut stream = match Stream::new(experiment, &opened, &tables, experiment.seed) {
                Ok(stream) => stream,
                Err(refused) => return Ok(Err(refused)),
            };
            let first = preflight::first_rows(&opened)?;
            let found = preflight::problems(experiment, &opened, &first, &mut stream)?;
            Ok(Ok((found, preflight::is_all(&first))))
        })();
        match built {
            Ok(Ok((found, is_all))) => {
                let refused = found.iter().any(|problem| problem.severity == Severity::Error);
                problems.extend(found);
                if is_all && !refused {
                    problems.extend(few::problem(loaded));
                }
            }
            Ok(Err(Refused::Problems(found))) => problems.extend(found),
            Ok(Err(Refused::Error(error))) | Err(error) => problems.push(problem("fields".into(), &error)),
        }
    }
    problems
}

fn reading_summary(sources: &[SourceQuality]) -> String {
    let numbers = Numbers::new(crate::spec::Language::En);
    let names: Vec<String> = sources
        .iter()
        .map(|source| {
            let files = if source.files.len() == 1 { "1 file".to_owned() } else { format!("{} files", source.files.len()) };
            format!("{} {files}", source.name)
        })
        .collect();
    let rows: u64 = sources.iter().map(|source| source.rows).sum();
    format!("{}  {} rows", names.join(" · "), numbers.integer(rows))
}
