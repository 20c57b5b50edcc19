//! A file of rules alone: what `gonogo report --suppress` takes besides a whole experiment.

use std::path::Path;

use serde_yaml::Value;

use super::{collect::read_all, load, place, read_text};
use crate::{
    error::{Error, InvalidExperiment, Problem, Result, Severity},
    spec::{Experiment, Suppress},
    suppress,
};

/// Keys that only a whole experiment has.
const OF_EXPERIMENTS: [&str; 5] = ["name", "use_case", "sources", "fields", "algorithms"];

const SHAPE: &str = "write a list: `- { when: \"user = 'svc-backup'\", reason: the nightly backup }`";

/// Reads the rules that suppress alerts: those of an experiment file, or of a file that holds nothing else, under `suppress:` or as a bare list.
/// `experiment` is the one that they will be applied to.
///
/// # Errors
/// When the file cannot be read or anything in it must be changed: all of it at once.
pub fn load_rules(path: &Path, experiment: &Experiment) -> Result<Vec<Suppress>> {
    let text = read_text(path)?;
    // What is no YAML, or holds a key twice, is told where experiments are read.
    let Some((mut list, prefix)) = serde_yaml::from_str(&text).ok().and_then(alone) else {
        return Ok(load(path, &[])?.experiment.suppress);
    };
    let mut problems = Vec::new();
    let rules: Vec<Suppress> = match &list {
        Value::Sequence(_) => read_all(&mut list, &mut problems).unwrap_or_default(),
        _ => {
            problems.push(Problem::error("E006", "", "expected a list of rules").help(SHAPE));
            Vec::new()
        }
    };
    for problem in &mut problems {
        problem.path = below(prefix, &problem.path);
    }
    // Indices are those of the file only while nothing was taken out.
    if problems.is_empty() {
        let with = Experiment { suppress: rules.clone(), ..experiment.clone() };
        problems.extend(suppress::check(&with, None).into_iter().map(|problem| {
            let path = problem.path.strip_prefix("suppress").unwrap_or(&problem.path).to_owned();
            Problem { path: below(prefix, &path), ..problem }
        }));
    }
    if problems.iter().all(|problem| problem.severity == Severity::Warning) {
        return Ok(rules);
    }
    place(&mut problems, &text);
    Err(Error::Experiment(Box::new(InvalidExperiment { path: path.to_owned(), text, problems })))
}

/// The rules of a file that is no experiment, and the path they stand under; one rule without its list is told as such.
fn alone(value: Value) -> Option<(Value, &'static str)> {
    match value {
        Value::Sequence(_) => Some((value, "")),
        Value::Mapping(ref mapping) if OF_EXPERIMENTS.iter().any(|key| mapping.contains_key(*key)) => None,
        Value::Mapping(mut mapping) if mapping.contains_key("suppress") => mapping.remove("suppress").map(|list| (list, "suppress")),
        Value::Mapping(ref mapping) if mapping.contains_key("when") => Some((value, "")),
        _ => None,
    }
}

fn below(prefix: &str, path: &str) -> String {
    if prefix.is_empty() || path.is_empty() || path.starts_with('[') { format!("{prefix}{path}") } else { format!("{prefix}.{path}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXPERIMENT: &str =
        "name: x\nuse_case: { title: t }\nsources: { a: { path: a.csv } }\nfields: { n: { count: '*' } }\nalgorithms: [ecod]\n";

    fn read(text: &str) -> Result<Vec<Suppress>> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("rules.yaml");
        std::fs::write(&file, text).unwrap();
        load_rules(&file, &serde_yaml::from_str(EXPERIMENT).unwrap())
    }

    fn problems(text: &str) -> Vec<(String, String)> {
        match read(text) {
            Err(Error::Experiment(invalid)) => {
                // A key that is missing has no place.
                let placed = |problem: &Problem| problem.at.is_some() || problem.code == "E004";
                assert!(invalid.problems.iter().all(placed), "each has its place: {:?}", invalid.problems);
                invalid.problems.into_iter().map(|problem| (problem.path, problem.message)).collect()
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn three_shapes_are_the_same_rules() {
        let list = "- { when: 'n > 3', reason: known }\n- { when: 'n = 1', reason: 'known, too', until: 2026-03-05 }\n";
        let bare = read(list).unwrap();
        assert_eq!(bare.len(), 2);
        let indented = list.replace("- {", "  - {");
        assert_eq!(read(&format!("suppress:\n{indented}")).unwrap(), bare);
        assert_eq!(read(&format!("{EXPERIMENT}suppress:\n{indented}")).unwrap(), bare);
        assert_eq!(read("[]").unwrap(), []);
    }

    #[test]
    fn every_mistake_has_its_place() {
        let text = "- { when: 'n > 3', reson: known }\n- { when: 'n >', reason: known }\n- 3\n";
        let found = problems(text);
        assert!(found.iter().any(|(path, _)| path == "[0].reson"), "{found:?}");
        assert!(found.iter().any(|(path, _)| path == "[2]"), "{found:?}");
        assert_eq!(problems("- { when: 'n >', reason: known }\n")[0].0, "[0].when");
        assert_eq!(problems("suppress:\n- { when: 'n > 3', reason: ' ' }\n")[0].0, "suppress[0].reason");
    }

    #[test]
    fn one_rule_is_no_list() {
        for text in ["when: 'n > 3'\nreason: known\n", "suppress: { when: 'n > 3', reason: known }\n"] {
            assert_eq!(problems(text)[0].1, "expected a list of rules");
        }
        // Neither rules nor an experiment: told as an experiment.
        assert!(problems("supress: []\n").len() > 3);
    }
}
