//! Whether the sources can answer, told by their first rows, before hours of reading.

use std::collections::BTreeMap;

use polars::prelude::DataFrame;

use super::gather::{Opened, Stream, engine, with_filter};
use crate::{
    error::{Problem, Result},
    needs::{self, Given},
    source::Source,
    spec::Experiment,
    sql::{Env, Expression},
};

/// How many first rows are looked at.
const FIRST: usize = 5_000;

/// The first rows of the events, all columns.
///
/// # Errors
/// When they cannot be read.
pub(super) fn first_rows(opened: &Opened) -> Result<DataFrame> {
    opened.events.first_rows(FIRST, None)
}

/// What the first rows show to be wrong: needs that the columns do not meet, and text that is compared with numbers and never is one.
///
/// # Errors
/// When the first rows do not fit the joins and expressions.
pub(super) fn problems(experiment: &Experiment, opened: &Opened, raw: &DataFrame, stream: &mut Stream) -> Result<Vec<Problem>> {
    let (filter, expressions) = (filter(experiment), expressions(experiment));
    if experiment.use_case.needs.is_empty() && filter.is_none() && expressions.is_empty() {
        return Ok(Vec::new());
    }
    let mut problems = numbers_of_text(filter.as_slice(), raw, experiment);
    let kept = with_filter(experiment, opened.events.name(), |filter| match filter {
        Some(filter) => raw.filter(&(filter.keep)(raw)?).map_err(engine),
        None => Ok(raw.clone()),
    })?;
    let events = stream.columns_of(kept)?;
    problems.extend(numbers_of_text(&expressions, &events, experiment));
    problems.extend(needs::check(&experiment.use_case.needs, &given(&opened.events, &events, stream)));
    Ok(problems)
}

/// The filter of the events, with its path.
fn filter(experiment: &Experiment) -> Option<(String, &str)> {
    let (name, source) = experiment.events_source().ok()?;
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
fn given(source: &Source, events: &DataFrame, stream: &Stream) -> Given {
    let rows = events.height();
    let filled = |nulls: usize| if rows == 0 { 0.0 } else { 1.0 - nulls as f64 / rows as f64 };
    let fill: BTreeMap<String, f64> =
        events.columns().iter().map(|column| (column.name().to_string(), filled(column.null_count()))).collect();
    Given { format: source.format().id.into(), fill, rows: rows as u64, step: source.clock_step(events), joined: stream.joined() }
}
