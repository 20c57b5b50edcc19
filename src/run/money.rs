//! What a run took, and the money of its pick.

use super::{Manifest, gather::Gathered, machine::cpu_seconds};
use crate::{
    cost::{self, CostReport, MeasuredRun},
    evaluate::Evaluation,
    spec,
};

/// What the run took so far.
pub(super) fn measured(gathered: &Gathered, manifest: &Manifest) -> MeasuredRun {
    let sources = &gathered.quality.sources;
    MeasuredRun {
        cpu_seconds: cpu_seconds().unwrap_or_else(|| manifest.seconds.values().sum()),
        text_bytes: sources.iter().flat_map(|source| &source.files).map(|file| file.text_bytes).sum(),
        events: sources.iter().map(|source| source.rows).sum(),
        days: gathered.parts.training.days() + gathered.parts.judged.days(),
    }
}

/// The money of the pick.
pub(super) fn money(spec: Option<&spec::Cost>, seed: u64, measured: MeasuredRun, evaluation: &Evaluation) -> Option<CostReport> {
    let spec = spec?;
    let pick = evaluation.pick.as_ref()?;
    let title = evaluation.contender(&pick.id).map_or(pick.id.as_str(), |contender| contender.title.as_str());
    cost::assess(&cost::CostInput {
        spec,
        baseline: evaluation.baseline()?.budget.as_ref()?,
        contender: &pick.budget,
        contender_title: title,
        measured,
        confidence: evaluation.confidence,
        seed,
    })
}
