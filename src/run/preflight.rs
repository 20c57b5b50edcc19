//! Whether the sources can answer, told by their first rows, before hours of reading.

use std::collections::BTreeMap;

use polars::prelude::DataFrame;

use super::stream::{Opened, Stream, engine, with_filter};
use crate::{
    error::{Problem, Result},
    needs::{self, Given},
    said,
    source::{Events, SOURCE, Source},
    spec::Experiment,
    sql::{Env, Expression},
    text::did_you_mean,
};

/// How many first rows are looked at.
const FIRST: usize = 5_000;

/// The first rows of each source of the events, all columns.
///
/// # Errors
/// When they cannot be read.
pub(super) fn first_rows(opened: &Opened) -> Result<Vec<DataFrame>> {
    opened.events.sources().iter().map(|source| source.first_rows(FIRST, None)).collect()
}

/// Whether the first rows of each source are all that it has.
pub(super) fn is_all(first: &[DataFrame]) -> bool {
    first.iter().all(|rows| rows.height() < FIRST)
}

/// What the first rows show to be wrong: needs that the columns do not meet, and text that is compared with numbers and never is one.
///
/// # Errors
/// When the first rows do not fit the joins and expressions.
pub(super) fn problems(experiment: &Experiment, opened: &Opened, raw: &[DataFrame], stream: &mut Stream) -> Result<Vec<Problem>> {
    let expressions = expressions(experiment);
    let columns = opened.events.columns().iter().map(|(name, _)| name.clone());
    let mut problems = redacted(experiment, columns.chain(stream.joined()).chain(experiment.derive.keys().cloned()).collect());
    problems.extend(answers(experiment, stream));
    let mut filtered = false;
    let mut kept: Option<DataFrame> = None;
    for (source, raw) in opened.events.sources().iter().zip(raw) {
        let filter = filter(experiment, source.name());
        filtered |= filter.is_some();
        problems.extend(numbers_of_text(filter.as_slice(), raw, experiment));
        let rows = with_filter(experiment, source.name(), |filter| match filter {
            Some(filter) => raw.filter(&(filter.keep)(raw)?).map_err(engine),
            None => Ok(raw.clone()),
        })?;
        let rows = opened.events.aligned(source, rows, None)?;
        match &mut kept {
            Some(kept) => {
                kept.vstack_mut_owned(rows).map_err(engine)?;
            }
            empty => *empty = Some(rows),
        }
    }
    let Some(kept) = kept else { return Ok(problems) };
    if experiment.use_case.needs.is_empty() && !filtered && expressions.is_empty() && !opened.events.stacked() {
        return Ok(problems);
    }
    let events = stream.columns_of(kept)?;
    problems.extend(keys(experiment, &opened.events, &stream.joined()));
    problems.extend(numbers_of_text(&expressions, &events, experiment));
    problems.extend(needs::check(&experiment.use_case.needs, &given(&opened.events, raw, &events, stream)));
    Ok(problems)
}

/// Redacted columns that there are not: a typing mistake would show what was to be hidden.
pub(super) fn redacted(experiment: &Experiment, known: Vec<String>) -> Vec<Problem> {
    let unknown = experiment.report.redact.keys().filter(|column| !known.contains(column));
    let problem = |column: &String| {
        let near = did_you_mean(column, known.iter().map(String::as_str));
        Problem::error("E024", format!("report.redact.{column}"), format!("the events have no column `{column}`"))
            .help(near.unwrap_or_else(|| format!("they have `{}`", known.iter().take(30).cloned().collect::<Vec<_>>().join("`, `"))))
    };
    unknown.map(problem).collect()
}

/// Fields over columns that are named like the answer: a detector that sees it finds what it was told, and every figure flatters.
fn answers(experiment: &Experiment, stream: &Stream) -> Vec<Problem> {
    let keys: Vec<&String> = experiment.entity.iter().flat_map(|entity| &entity.key).collect();
    let seen = stream.seen_by_fields().into_iter().filter(|column| needs::names_the_answer(column) && !keys.contains(&column));
    let named = |column: &str| {
        let mut fields = experiment.fields.iter();
        let field = fields.find(|(_, entry)| serde_yaml::to_string(&entry.0).is_ok_and(|text| text.contains(column)));
        let mut derived = experiment.derive.iter();
        let derived = derived.find(|(_, text)| text.contains(column)).map(|(name, _)| format!("derive.{name}"));
        field.map(|(name, _)| format!("fields.{name}")).or(derived).unwrap_or_else(|| "fields".into())
    };
    let problem = |column: String| {
        let said = said!(
            en: "`{column}` is named like the answer, and the detectors see it: what they find is what they were told",
            fr: "`{column}` porte le nom de la réponse, et les détecteurs le voient : ils trouvent ce qu’on leur a dit",
        );
        Problem::warning("W036", named(&column), said).help(format!(
            "where it is the truth, take it out of `fields` (`all_numeric: {{ except: [{column}] }}`) and name it in `labels: {{ column: {column} }}`; where it is a plain column of the logs, \
             give it another name in the source's `rename`"
        ))
    };
    seen.map(problem).collect()
}

/// Key columns that one of several sources does not have: its rows would be in no unit.
fn keys(experiment: &Experiment, events: &Events, joined: &[String]) -> Vec<Problem> {
    let made = |key: &str| experiment.derive.contains_key(key) || joined.iter().any(|column| column == key);
    let has = |source: &Source, key: &str| key == SOURCE || source.columns().iter().any(|(name, _)| name == key);
    let mut problems = Vec::new();
    for key in experiment.entity.iter().flat_map(|entity| &entity.key).filter(|key| !made(key)) {
        for source in events.sources().iter().filter(|source| events.stacked() && !has(source, key)) {
            let message = format!("source `{}` has no `{key}`: none of its rows would be in a unit", source.name());
            let help = format!("rename what it is called there (`rename: {{ login: {key} }}`), or take the source out of `events`");
            problems.push(Problem::error("E031", "entity.key", message).help(help));
        }
    }
    problems
}

/// The filter of a source, with its path.
fn filter<'a>(experiment: &'a Experiment, name: &str) -> Option<(String, &'a str)> {
    let source = experiment.sources.get(name)?;
    source.filter.as_deref().map(|text| (format!("sources.{name}.where"), text))
}

/// The expressions over events that passed the filter, each with its path.
fn expressions(experiment: &Experiment) -> Vec<(String, &str)> {
    let mut found: Vec<(String, &str)> = experiment.derive.iter().map(|(name, text)| (format!("derive.{name}"), text.as_str())).collect();
    found.extend(experiment.baseline.iter().filter_map(|rule| rule.events.as_deref()).map(|text| ("baseline.events".to_owned(), text)));
    for (name, entry) in &experiment.fields {
        for option in ["where", "share"] {
            found.extend(entry.0.get(option).and_then(serde_yaml::Value::as_str).map(|text| (format!("fields.{name}.{option}"), text)));
        }
    }
    found
}

/// Text columns that an expression takes for numbers, of which no first row is one.
fn numbers_of_text(expressions: &[(String, &str)], events: &DataFrame, experiment: &Experiment) -> Vec<Problem> {
    let env = Env::of(events, experiment.zone());
    let mut problems = Vec::new();
    for (path, text) in expressions {
        let Ok(columns) = Expression::parse(text).and_then(|expression| expression.texts_as_numbers(&env)) else { continue };
        for column in columns {
            let Ok(values) = events.column(&column).and_then(|column| Ok(column.str()?.clone())) else { continue };
            let filled = values.len() - values.null_count();
            let numbers = values.iter().flatten().filter(|value| value.trim().parse::<f64>().is_ok()).count();
            if filled > 0 && numbers == 0 {
                let message = format!("`{text}` takes `{column}` for a number, and none of its first {filled} values is one");
                problems.push(
                    Problem::error("E042", path.clone(), message)
                        .help(format!("compare text with text (`{column} = '...'`), or `length({column})` with a number")),
                );
            }
        }
    }
    problems
}

/// What the columns give, as far as the first rows show it.
fn given(sources: &Events, raw: &[DataFrame], events: &DataFrame, stream: &Stream) -> Given {
    let rows = events.height();
    let filled = |nulls: usize| if rows == 0 { 0.0 } else { 1.0 - nulls as f64 / rows as f64 };
    let fill: BTreeMap<String, f64> =
        events.columns().iter().map(|column| (column.name().to_string(), filled(column.null_count()))).collect();
    Given { format: sources.formats(), fill, rows: rows as u64, step: sources.clock_step(raw), joined: stream.joined() }
}
