//! Columns that hold the answer: what an analyst or a benchmark said of a row. A detector that sees one finds what it was told.

use std::fmt::Write as _;

use super::{
    Column, Profile,
    writing::{comment, quoted},
};

/// Words in the names of columns that hold the answer: what an analyst or a benchmark said of a row, which no detector may see.
const ANSWERS: &[&str] =
    &["label", "labels", "attack", "malicious", "anomaly", "anomalous", "outlier", "truth", "disposition", "is_attack"];
/// Whole names that do.
const ANSWER_NAMES: &[&str] = &["class", "target", "y"];
/// Values that mean no attack, whoever wrote them.
const BENIGN: &[&str] = &["0", "-", "benign", "normal", "none", "no", "false"];

/// Whether a column is named like one that holds the answer.
pub(super) fn is_answer(column: &Column) -> bool {
    let name = column.own.as_ref().unwrap_or(&column.name).to_lowercase();
    ANSWER_NAMES.contains(&name.as_str()) || name.split(|c: char| !c.is_alphanumeric()).any(|word| ANSWERS.contains(&word))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::propose::Holds;

    #[test]
    fn the_answer_is_told_by_its_name() {
        let named = |name: &str| {
            is_answer(&Column { name: name.into(), own: None, holds: Holds::Text, fill: 1.0, distinct: 2, examples: Vec::new() })
        };
        for name in ["label", "event_label", "time_label", "Class", "attack.cat", "is_malicious", "ground_truth"] {
            assert!(named(name), "{name}");
        }
        for name in ["user", "event_class", "attacker_ip", "labelled_by_host", "target_user", "host", "short"] {
            assert!(!named(name), "{name}");
        }
    }
}
