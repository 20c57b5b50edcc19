//! What a run did, counted, and the money of its pick.

use super::gather::Gathered;
use crate::{
    cost::{self, CostReport, Work},
    evaluate::Evaluation,
    spec,
};

/// What the run did, with so many columns in its matrix. Side tables are no events, and events of the warm-up were read.
pub(super) fn work(experiment: &spec::Experiment, gathered: &Gathered, fields: usize) -> Work {
    let sources = gathered.quality.of_events(experiment);
    let (training, judged) = (&gathered.parts.training, &gathered.parts.judged);
    Work {
        text_bytes: sources.iter().flat_map(|source| &source.files).map(|file| file.text_bytes).sum(),
        events: sources.iter().map(|source| source.rows).sum(),
        days: experiment.window_micros().map_or(0.0, |(start, _, end)| (end - start) as f64 / 86_400e6),
        training_days: training.days(),
        fields: fields as u64,
        training_units: training.rows.len() as u64,
        judged_units: judged.rows.len() as u64,
        judged_days: judged.days(),
        entities: judged.clusters.len() as u64,
    }
}

/// The money of the pick.
pub(super) fn money(spec: Option<&spec::Cost>, seed: u64, work: Work, evaluation: &Evaluation) -> Option<CostReport> {
    let spec = spec?;
    let pick = evaluation.pick.as_ref()?;
    let title = evaluation.contender(&pick.id).map_or(pick.id.as_str(), |contender| contender.title.as_str());
    cost::assess(&cost::CostInput {
        spec,
        baseline: evaluation.baseline()?.budget.as_ref()?,
        contender: &pick.budget,
        contender_title: title,
        work,
        confidence: evaluation.confidence,
        seed,
    })
}
