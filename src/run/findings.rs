//! What is found before and beside reading, as findings with their consequence for the evaluation.

use crate::{
    error::Problem,
    quality::{Finding, SourceQuality, coverage},
    said,
    spec::Experiment,
    text::{Numbers, Said, Shown},
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

/// Rows without a value in a key column: they are in no unit.
pub fn without_entity(none: u64, experiment: &Experiment, sources: &[SourceQuality]) -> Option<Finding> {
    let rows: u64 = sources.iter().map(|source| source.rows).sum();
    let key = experiment.entity.as_ref().map(|entity| entity.key.join(", ")).filter(|_| none > 0)?;
    let share = none as f64 / rows.max(1) as f64;
    Some(Finding {
        code: "W143".into(),
        severity: if share > 0.01 { "warning" } else { "note" }.into(),
        subject: "entity.key".into(),
        message: said!(
            en: "{none} of {rows} rows ({share}) have no value in a key column ({key}), and are in no unit.",
            fr: "{none} lignes sur {rows} ({share}) n’ont pas de valeur dans une colonne de la clé ({key}), et n’entrent dans aucune unité.",
            none = none,
            rows = rows,
            share = Shown(|numbers: Numbers| numbers.percent(share)),
            key = key,
        ),
        consequence: said!(
            en: "Nobody judges what happened there, and an attack in these rows cannot be caught.",
            fr: "Personne ne juge ce qui s’y est passé, et une attaque dans ces lignes ne peut pas être détectée.",
        ),
        advice: said!(
            en: "Take a key that every row has, or derive one: `derive: {{ who: \"coalesce(user, src_ip)\" }}`.",
            fr: "Prenez une clé que chaque ligne possède, ou dérivez-en une : `derive: {{ who: \"coalesce(user, src_ip)\" }}`.",
        ),
    })
}

/// Adds what the hours with rows tell of the events.
pub fn cover(events: &mut SourceQuality, experiment: &Experiment) {
    if let (Some((start, train_end, _)), Some(window)) = (experiment.window_micros(), &experiment.window) {
        let hours = &events.per_hour;
        events.coverage = Some(coverage::coverage(hours, start, train_end, experiment.zone(), &window.holidays));
    }
}
