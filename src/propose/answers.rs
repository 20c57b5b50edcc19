//! Columns that hold the answer: what an analyst or a benchmark said of a row. A detector that sees one finds what it was told.

use std::fmt::Write as _;

use super::{
    Column, Profile,
    writing::{comment, quoted},
};
use crate::needs::names_the_answer;

/// Values that mean no attack, whoever wrote them.
const BENIGN: &[&str] = &["0", "-", "benign", "normal", "none", "no", "false"];

/// Whether a column is named like one that holds the answer.
pub(super) fn is_answer(column: &Column) -> bool {
    names_the_answer(column.own.as_ref().unwrap_or(&column.name))
}

pub(super) fn answers(profile: &Profile) -> impl Iterator<Item = &Column> {
    profile.columns.iter().filter(|column| is_answer(column))
}

/// What is proposed as the truth, as comments: what the values mean only its author knows.
pub(super) fn labels(profile: &Profile) -> String {
    let mut named = answers(profile);
    let Some(first) = named.next() else {
        return "# labels: { path: labels.csv, complete: true }\n".to_owned();
    };
    // Which of its values is harmless must not be guessed: the other way round every figure would be turned.
    let benign = first.examples.iter().find(|value| BENIGN.contains(&value.to_lowercase().as_str()));
    let mut text = format!(
        "# Columns named like an answer are in no field above: a detector that sees it finds what it was told.\n\
         # labels: {{ column: {}, benign: [{}], complete: true",
        comment(&quoted(&first.name)),
        benign.map(|value| comment(&quoted(value))).unwrap_or_default(),
    );
    let others: Vec<String> = named.map(|column| comment(&quoted(&column.name))).collect();
    if !others.is_empty() {
        let _ = write!(text, ", exclude: [{}]", others.join(", "));
    }
    text.push_str(" }   # `benign`: the values that mean no attack\n");
    text
}
