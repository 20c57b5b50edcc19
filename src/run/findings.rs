//! What is found before and beside reading, as findings with their consequence for the evaluation.

use crate::{
    error::Problem,
    quality::{Finding, SourceQuality, coverage},
    said,
    spec::Experiment,
    text::Said,
};

/// The code of a column among the fields that is named like the answer.
const ANSWER: &str = "W036";

/// A need of the use case that the sources meet only in part.
pub fn need_finding(problem: &Problem) -> Finding {
    Finding {
        code: problem.code.into(),
        severity: "warning".into(),
        subject: problem.path.clone(),
        message: Said::of(
            format!("{}.", problem.message),
            format!("{}.", problem.french.as_ref().map_or(&problem.message, |said| &said.fr)),
        ),
        consequence: if problem.code == ANSWER {
            said!(
                en: "If it is the truth, every figure of the detectors flatters.",
                fr: "S’il s’agit de la vérité, tous les chiffres des détecteurs flattent.",
            )
        } else {
            said!(
                en: "The report answers this part of the question less well than it may look.",
                fr: "Le rapport répond à cette partie de la question moins bien qu’il n’y paraît.",
            )
        },
        advice: Said::of(
            problem.help.as_deref().unwrap_or_default().to_owned(),
            if problem.code == ANSWER {
                "Retirez la colonne de `fields`, ou donnez-lui un autre nom dans le `rename` de la source.".into()
            } else {
                "`gonogo explain need:ID` dit ce que chaque besoin demande aux journaux.".into()
            },
        ),
    }
}

/// Adds what the hours with rows tell of the events.
pub fn cover(events: &mut SourceQuality, experiment: &Experiment) {
    if let (Some((start, train_end, _)), Some(window)) = (experiment.window_micros(), &experiment.window) {
        let hours = &events.per_hour;
        events.coverage = Some(coverage::coverage(hours, start, train_end, experiment.zone(), &window.holidays));
    }
}
