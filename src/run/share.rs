//! A copy of a run's report that may leave the house: without events, scores, state, lines, paths; with entities and incidents that have no names.

use std::{collections::HashMap, fmt::Write as _, fs, path::Path};

use super::{redacted::withheld, saved::rendered};
use crate::{
    error::{Error, Result},
    report::ReportInput,
    text::Numbers,
};

/// What is said of the contents, before the list of files.
const CONTENTS: &str = "\
# What this folder contains

The report of one run of gonogo, made to be shared. Left out: the events behind the alerts, lines that did not parse, scores, state, the experiment file,
names and paths of log files, values that its expressions compare with, its owners, and earlier runs. Entities ENTITIES; incidents are numbers.

Still in it, as the experiment's author wrote it: title, question, reasons, names of sources and fields. A field that is named after a category shows it.
Read the page once before it leaves the house.

";

/// What stands for a value that is left out.
const LEFT_OUT: &str = "…";

/// Gives each name a number, in the order in which they come.
struct Numbered {
    word: &'static str,
    known: HashMap<String, String>,
}

impl Numbered {
    fn of(word: &'static str) -> Self {
        Self { word, known: HashMap::new() }
    }

    fn put(&mut self, name: &mut String) {
        let next = self.known.len() + 1;
        *name = self.known.entry(std::mem::take(name)).or_insert_with(|| format!("{} {next}", self.word)).clone();
    }
}

/// Takes out of a run what its report need not show elsewhere.
fn prepared(mut saved: ReportInput) -> Result<(ReportInput, bool)> {
    saved.events = None;
    saved.earlier = None;
    let experiment = &saved.resolved.experiment;
    let redacted = |key: &String| experiment.report.redact.contains_key(key);
    // Where each row is a unit, it is named by its number.
    let pseudonyms = experiment.entity.as_ref().is_none_or(|entity| entity.key.iter().all(redacted));
    let (mut entities, mut incidents) = (Numbered::of("entity"), Numbered::of("incident"));
    for alert in &mut saved.alerts {
        if !pseudonyms {
            entities.put(&mut alert.entity);
        }
        alert.incidents.iter_mut().for_each(|id| incidents.put(id));
    }
    for incident in &mut saved.evaluation.incident_list {
        if !pseudonyms {
            entities.put(&mut incident.entity);
        }
        incidents.put(&mut incident.id);
    }
    for removed in saved.evaluation.contenders.iter_mut().filter_map(|contender| contender.removed.as_mut()) {
        removed.incidents_lost.iter_mut().for_each(|id| incidents.put(id));
    }
    for source in &mut saved.quality.sources {
        source.malformed_samples.clear();
        for (number, file) in (1..).zip(&mut source.files) {
            file.path = format!("file {number}");
        }
        let cut = source.truncated.iter_mut().chain(&mut source.trailing_bytes);
        cut.for_each(|path| LEFT_OUT.clone_into(path));
    }
    // What is said of labels and files quotes them.
    for finding in saved.quality.findings.iter_mut().filter(|finding| !finding.subject.starts_with("window")) {
        (finding.message.en, finding.message.fr) = (withheld(&finding.message.en), withheld(&finding.message.fr));
    }
    for warning in &mut saved.manifest.warnings {
        (warning.message.en, warning.message.fr) = (withheld(&warning.message.en), withheld(&warning.message.fr));
    }
    saved.manifest.command = format!("gonogo run {}.yaml", saved.manifest.experiment);
    saved.resolved.overrides.values_mut().for_each(|value| LEFT_OUT.clone_into(value));
    let internal = |error: serde_json::Error| Error::Internal(error.to_string());
    let mut value = serde_json::to_value(&saved.resolved.experiment).map_err(internal)?;
    without_values(&mut value);
    saved.resolved.experiment = serde_json::from_value(value).map_err(internal)?;
    saved.resolved.experiment.use_case.owner.clear();
    saved.resolved.suppressed_first = None;
    for definition in saved.fields.iter_mut().map(|field| &mut field.definition) {
        (definition.en, definition.fr) = (without_texts(&definition.en), without_texts(&definition.fr));
    }
    for rule in saved.evaluation.suppression.iter_mut().flat_map(|suppression| &mut suppression.rules) {
        rule.rule.when = without_texts(&rule.rule.when);
    }
    Ok((saved, pseudonyms))
}

/// Takes paths and the texts of expressions out of an experiment.
fn without_values(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::String(text) => *text = without_texts(text),
        serde_json::Value::Array(items) => items.iter_mut().for_each(without_values),
        serde_json::Value::Object(map) => {
            for (key, item) in map {
                match item {
                    serde_json::Value::String(text) if matches!(key.as_str(), "path" | "url" | "table" | "alerts" | "sigma") => {
                        LEFT_OUT.clone_into(text)
                    }
                    item => without_values(item),
                }
            }
        }
        _ => {}
    }
}

/// A text without what stands in single quotes in it: `user = '…'`. An apostrophe inside a word opens nothing.
fn without_texts(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\'') {
        let opens = !rest[..at].chars().next_back().is_some_and(char::is_alphanumeric);
        out.push_str(&rest[..=at]);
        rest = &rest[at + 1..];
        if let (true, Some(end)) = (opens, rest.find('\'')) {
            out.push_str(LEFT_OUT);
            out.push('\'');
            rest = &rest[end + 1..];
        }
    }
    out.push_str(rest);
    out
}

/// Writes the report of a run into a folder that is new or empty, with `CONTENTS.md`, which lists what is in it; gives the files' names and sizes.
///
/// # Errors
/// When the folder holds something, or a file cannot be written.
pub fn share(saved: ReportInput, folder: &Path) -> Result<Vec<(String, u64)>> {
    fs::create_dir_all(folder).map_err(|error| Error::io("create", folder, error))?;
    if fs::read_dir(folder).map_err(|error| Error::io("list", folder, error))?.next().is_some() {
        return Err(Error::usage(
            format!("`{}` is not empty: what is in it would be shared too", folder.display()),
            Some("name a folder that is new".into()),
        ));
    }
    let (saved, pseudonyms) = prepared(saved)?;
    let mut listed = Vec::new();
    let mut contents =
        CONTENTS.replace("ENTITIES", if pseudonyms { "stand as `report.redact` of the experiment shows them" } else { "are numbers" });
    contents.push_str("| file | size |\n| --- | ---: |\n");
    let numbers = Numbers::new(crate::spec::Language::En);
    for (name, bytes) in rendered(&saved)? {
        write(&folder.join(&name), &bytes)?;
        let size = bytes.len() as u64;
        let _ = writeln!(contents, "| `{name}` | {} |", numbers.bytes(size));
        listed.push((name, size));
    }
    write(&folder.join("CONTENTS.md"), contents.as_bytes())?;
    listed.push(("CONTENTS.md".to_owned(), contents.len() as u64));
    Ok(listed)
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(|error| Error::io("create", parent, error))?;
    }
    fs::write(path, bytes).map_err(|error| Error::io("write", path, error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_left_out_and_apostrophes_are_not() {
        assert_eq!(without_texts("user = 'ann' or host in ('a', 'b')"), "user = '…' or host in ('…', '…')");
        assert_eq!(without_texts("mean of the unit's events where x = 'y'"), "mean of the unit's events where x = '…'");
        assert_eq!(without_texts("not closed: 'x"), "not closed: 'x");
    }
}
