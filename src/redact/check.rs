//! What an experiment says of redacted columns: whether it can be, and where it names their values.

use crate::{
    error::Problem,
    said,
    spec::{self, Redaction},
    sql::Expression,
};

/// Says what is wrong with the redaction of an experiment, as far as that needs no data.
pub fn check(experiment: &spec::Experiment) -> Vec<Problem> {
    let redact = &experiment.report.redact;
    let keys = || experiment.entity.iter().flat_map(|entity| &entity.key);
    let mut problems = Vec::new();
    for key in keys().filter(|key| redact.get(*key) == Some(&Redaction::Drop)) {
        problems.push(
            Problem::error("E024", format!("report.redact.{key}"), format!("without `{key}` alerts could not be told apart"))
                .help(format!("write `{key}: pseudonym`, or `prefix` for an address")),
        );
    }
    if let (false, Some(key)) = (redact.is_empty(), keys().find(|key| !redact.contains_key(*key))) {
        problems.push(
            Problem::warning(
                "W033",
                "report.redact",
                said!(
                    en: "`{key}` names the entities of every alert and is not redacted",
                    fr: "`{key}` désigne les entités de chaque alerte et n’est pas masquée",
                    key = key,
                ),
            )
            .help(format!("add `{key}: pseudonym` where it names people or machines")),
        );
    }
    let hidden = hidden(experiment);
    for (name, entry) in &experiment.fields {
        let column = entry.0.get("category").and_then(serde_yaml::Value::as_str).filter(|column| hidden.iter().any(|one| one == column));
        let named = entry.0.get("encode").is_none_or(|encode| encode.as_str() == Some("one_hot"));
        if let (Some(column), true) = (column, named) {
            problems.push(
                Problem::error(
                    "E024",
                    format!("fields.{name}"),
                    format!("its fields would be named after values of `{column}`, which is redacted"),
                )
                .help("write `encode: frequency` or `encode: rarity`"),
            );
        }
    }
    problems
}

/// The redacted columns and those that are derived from them.
fn hidden(experiment: &spec::Experiment) -> Vec<String> {
    let mut hidden: Vec<String> = experiment.report.redact.keys().cloned().collect();
    for (name, text) in &experiment.derive {
        let reads = |expression: Expression| expression.columns().iter().any(|column| hidden.contains(column));
        if Expression::parse(text).is_ok_and(reads) {
            hidden.push(name.clone());
        }
    }
    hidden
}

/// The texts that the experiment's expressions compare with redacted columns, each with such a column.
pub fn compared(experiment: &spec::Experiment) -> Vec<(String, String)> {
    let hidden = hidden(experiment);
    let mut expressions: Vec<&str> = experiment.derive.values().map(String::as_str).collect();
    expressions.extend(experiment.sources.values().filter_map(|source| source.filter.as_deref()));
    expressions.extend(experiment.baseline.iter().flat_map(|rule| [rule.rule.as_deref(), rule.events.as_deref()]).flatten());
    expressions.extend(experiment.suppress.iter().map(|rule| rule.when.as_str()));
    let options = experiment.fields.values().filter_map(|entry| entry.0.as_mapping()).flat_map(|options| options.values());
    expressions.extend(options.filter_map(serde_yaml::Value::as_str));
    let mut found = Vec::new();
    for text in expressions {
        let Ok(expression) = Expression::parse(text) else { continue };
        if let Some(column) = hidden.iter().find(|column| expression.columns().contains(*column)) {
            found.extend(texts(text).map(|text| (column.clone(), text)));
        }
    }
    found
}

/// What stands in single quotes in an expression.
fn texts(expression: &str) -> impl Iterator<Item = String> {
    expression.split('\'').skip(1).step_by(2).filter(|text| !text.is_empty()).map(str::to_owned)
}
