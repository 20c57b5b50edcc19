//! Alerts that are known and not opened: rules of the experiment over units, each with its reason and an end.
//!
//! A unit that a rule matches raises no alert, of any contender and of the current rule alike; the places of the budget go to what ranks next.
//! Rules see what detectors see, the fields before scaling, and the entity's key columns. They need no logs, so a saved run takes other rules.

use std::collections::{BTreeMap, BTreeSet};

use chrono_tz::Tz;
use polars::prelude::*;

use crate::{
    error::{Error, Problem, Result},
    evaluate::Suppressed,
    fields::Matrices,
    said, spec,
    sql::{Env, Expression},
    units::FeatureMatrix,
};

/// What joins the values of several key columns in an entity's name.
const JOINT: &str = " · ";

/// What `gonogo explain suppress` says.
pub const EXPLAINED: &str = "\
suppress: alerts that are known and not opened

In an experiment
  suppress:
    - { when: \"user = 'svc-backup'\", reason: the nightly backup, until: 2026-06-30 }
    - { when: \"uploads > 1000 and hosts = 1\", reason: the patch server }

A unit for which `when` is true raises no alert, in the queue of every contender and of the current rule alike; with `policy: top` what ranks
next takes its place. `when` is SQL over units: the fields of the experiment before scaling, and the key columns of `entity`. A destination is
named by a field that counts it: `to_vendor: { share: \"host = 'update.example'\" }`, then `when: \"to_vendor > 0.9\"`. From `until` on the
rule no longer holds.

The report shows, for each contender and each rule, how many false alerts leave the queue and which true ones are lost with them. Planted
attacks (`inject`) are hidden by the rules as real ones are; the section on them shows how many.

On a saved run, from its scores and without the logs:
  gonogo report RUN --suppress experiment.yaml    takes the file's `suppress`, judges again, keeps the earlier results
  gonogo report RUN --suppress rules.yaml         the same of a file that holds nothing but the list of rules

Rules written after the alerts were seen suit this window: the report says so, and the audit warns. Run them on days that nobody has seen.
";

/// Says what is wrong with the rules of an experiment; `fields` are the names of its fields, where they are known before anything is read.
pub fn check(experiment: &spec::Experiment, fields: Option<Vec<&str>>) -> Vec<Problem> {
    let mut problems = Vec::new();
    let keys: Vec<String> = experiment.entity.iter().flat_map(|entity| entity.key.iter().cloned()).collect();
    for (index, rule) in experiment.suppress.iter().enumerate() {
        let path = format!("suppress[{index}]");
        let found = Expression::parse(&rule.when).and_then(|condition| match &fields {
            Some(fields) => condition.lower_condition(&env(experiment.zone(), fields.iter().copied(), &keys)).map(drop),
            None => Ok(()),
        });
        if let Err(error) = found {
            let problem = Problem::error("E025", format!("{path}.when"), error.to_string());
            problems.push(problem.help_if(error.hint()));
        }
        if rule.reason.trim().is_empty() {
            problems.push(
                Problem::error("E025", format!("{path}.reason"), "a rule without a reason outlives everyone who knew it")
                    .help("say why these alerts need no analyst"),
            );
        }
        if let (Some(until), Some((_, train_end, _))) = (&rule.until, experiment.window_micros())
            && until.micros(experiment.zone()) <= train_end
        {
            problems.push(
                Problem::warning(
                    "W032",
                    format!("{path}.until"),
                    said!(
                        en: "the rule ends before the judged part begins, and does nothing there",
                        fr: "la règle prend fin avant le début de la partie jugée, et n’y change rien",
                    ),
                )
                .help("move `until`, or take the rule out"),
            );
        }
    }
    problems
}

/// What a rule may refer to: the fields (numbers) and the entity's key columns (text).
fn env<'a>(zone: Tz, fields: impl Iterator<Item = &'a str>, keys: &[String]) -> Env {
    let mut columns: BTreeMap<String, DataType> = keys.iter().map(|name| (name.clone(), DataType::String)).collect();
    columns.extend(fields.map(|name| (name.to_owned(), DataType::Float64)));
    Env { zone, columns }
}

/// Which units the rules match; `None` where there is no rule. `starts` are those of the units of both parts.
///
/// `afterwards` says that the rules were written when the results were known.
///
/// # Errors
/// When a rule names something that is neither a field nor a key column, or its kinds do not fit.
pub fn apply(
    rules: &[spec::Suppress],
    experiment: &spec::Experiment,
    matrices: &Matrices,
    starts: (&[i64], &[i64]),
    afterwards: bool,
) -> Result<Option<Suppressed>> {
    if rules.is_empty() {
        return Ok(None);
    }
    let (keys, dropped) = named(experiment, matrices);
    let of = |matrix: &FeatureMatrix, starts: &[i64]| matching(rules, experiment.zone(), &keys, &dropped, matrix, starts);
    Ok(Some(Suppressed {
        training: of(&matrices.raw_training, starts.0)?,
        judged: of(&matrices.raw_judged, starts.1)?,
        rules: rules.to_vec(),
        afterwards,
    }))
}

/// For some judged units of matrices that are not the run's own (planted ones), the first of the experiment's rules that matches each.
///
/// # Errors
/// As [`apply`].
pub fn of_judged(experiment: &spec::Experiment, matrices: &Matrices, rows: &[usize], starts: &[i64]) -> Result<Vec<Option<u16>>> {
    if experiment.suppress.is_empty() {
        return Ok(vec![None; rows.len()]);
    }
    let (keys, dropped) = named(experiment, matrices);
    matching(&experiment.suppress, experiment.zone(), &keys, &dropped, &matrices.raw_judged.select_rows(rows), starts)
}

/// The entity's key columns, and the fields that the matrices dropped.
fn named<'a>(experiment: &spec::Experiment, matrices: &'a Matrices) -> (Vec<String>, Vec<&'a str>) {
    let keys = experiment.entity.iter().flat_map(|entity| entity.key.iter().cloned()).collect();
    (keys, matrices.dropped.iter().map(|dropped| dropped.feature.as_str()).collect())
}

/// For each unit, the first rule that matches it and holds when it begins.
fn matching(
    rules: &[spec::Suppress],
    zone: Tz,
    keys: &[String],
    dropped: &[&str],
    matrix: &FeatureMatrix,
    starts: &[i64],
) -> Result<Vec<Option<u16>>> {
    let mut first = vec![None; matrix.nrows()];
    for (index, rule) in rules.iter().enumerate() {
        let placed = |error: crate::sql::error::SqlError| {
            let message = format!("`suppress[{index}].when`: {error}");
            match error.hint() {
                Some(hint) => Error::data_hint(message, hint),
                None => Error::data(message),
            }
        };
        let condition = Expression::parse(&rule.when).map_err(placed)?;
        let mask = condition.evaluate_mask(&table(keys, dropped, matrix, condition.columns())?, zone).map_err(placed)?;
        let until = rule.until.as_ref().map_or(i64::MAX, |until| until.micros(zone));
        for ((hit, start), first) in mask.iter().zip(starts).zip(&mut first) {
            if hit == Some(true) && *start < until && first.is_none() {
                *first = u16::try_from(index).ok();
            }
        }
    }
    Ok(first)
}

/// The units as a frame. Every column is there by name, but only those that are used carry values; a field that the matrix dropped is null.
fn table(keys: &[String], dropped: &[&str], matrix: &FeatureMatrix, used: &BTreeSet<String>) -> Result<DataFrame> {
    let height = matrix.nrows();
    let mut columns: BTreeMap<&str, Column> = BTreeMap::new();
    for name in dropped {
        columns.insert(name, Column::full_null((*name).into(), height, &DataType::Float64));
    }
    for (index, name) in matrix.features().iter().enumerate() {
        let column = if used.contains(name) {
            Column::new(name.as_str().into(), matrix.column(index).to_vec())
        } else {
            Column::full_null(name.as_str().into(), height, &DataType::Float64)
        };
        columns.insert(name, column);
    }
    for (place, name) in keys.iter().enumerate() {
        let column = if used.contains(name) {
            let values: Vec<Option<&str>> = matrix.rows().iter().map(|row| value_of(&row.entity, place, keys.len())).collect();
            Column::new(name.as_str().into(), values)
        } else {
            Column::full_null(name.as_str().into(), height, &DataType::String)
        };
        columns.insert(name, column);
    }
    DataFrame::new(height, columns.into_values().collect()).map_err(|error| Error::Internal(format!("units as a table: {error}")))
}

/// The value of one key column in an entity's name; `None` where a value holds the joint itself, so that nothing is suppressed by mistake.
fn value_of(entity: &str, place: usize, keys: usize) -> Option<&str> {
    if keys == 1 {
        return Some(entity);
    }
    (entity.matches(JOINT).count() + 1 == keys).then(|| entity.split(JOINT).nth(place)).flatten()
}

#[cfg(test)]
mod tests;
