//! What the labels alone tell before any log is read: whether they can be read, and which criteria they cannot settle.

use super::settle::{label_path, no_labels};
use crate::{decide, error::Problem, experiment::load::Loaded, labels::file::LabelFile, spec::Experiment};

const DAY: f64 = 86_400_000_000.0;

/// What is wrong with the labels, and criteria that so many incidents and days cannot settle whatever a detector does: `W031`.
pub(super) fn problems(loaded: &Loaded) -> Vec<Problem> {
    let experiment = &loaded.experiment;
    let Some(path) = label_path(loaded) else { return unsettled(experiment, None) };
    if let Err(source) = std::fs::metadata(&path) {
        return vec![refused(&no_labels(&path, source))];
    }
    // Whose keys are meant is said by the entity; a table says it elsewhere.
    let Some(entity) = &experiment.entity else { return unsettled(experiment, None) };
    match LabelFile::read(&path, &entity.key, experiment.zone()) {
        Ok(labels) => unsettled(experiment, Some(&labels)),
        Err(error) => vec![refused(&error)],
    }
}

fn refused(error: &crate::error::Error) -> Problem {
    let problem = Problem::error("E030", "labels.path", error.to_string());
    problem.help_if(error.hint())
}

fn unsettled(experiment: &Experiment, labels: Option<&LabelFile>) -> Vec<Problem> {
    let (Some(decision), Some((_, from, end))) = (&experiment.decision, experiment.window_micros()) else { return Vec::new() };
    let incidents = labels.map(|labels| labels.incidents_between(from, end) as u64);
    decide::settle_warnings(&decision.require, incidents, Some((end - from) as f64 / DAY), experiment.evaluate.confidence.get())
}
