//! What is found before and beside reading, as findings with their consequence for the evaluation.

use crate::{
    error::Problem,
    quality::{Finding, SourceQuality, coverage},
    spec::Experiment,
};

/// A need of the use case that the sources meet only in part.
pub fn need_finding(problem: &Problem) -> Finding {
    Finding {
        code: problem.code.into(),
        severity: "warning".into(),
        subject: problem.path.clone(),
        message: format!("{}.", problem.message),
        consequence: "The report answers this part of the question less well than it may look.".into(),
        advice: problem.help.clone().unwrap_or_default(),
    }
}

/// Adds what the hours with rows tell of the events.
pub fn cover(events: &mut SourceQuality, experiment: &Experiment) {
    if let (Some((start, train_end, _)), Some(window)) = (experiment.window_micros(), &experiment.window) {
        let hours = &events.per_hour;
        events.coverage = Some(coverage::coverage(hours, start, train_end, experiment.zone(), &window.holidays));
    }
}
