//! The newest run of each use case, for whoever has several of them.

use std::path::Path;

use schemars::JsonSchema;
use serde::Serialize;

use super::Iteration;
use crate::{
    decide::{Standing, Verdict},
    error::Result,
    evaluate::Estimate,
    record::{RunStatus, folder},
};

/// One use case: its newest whole run.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Entry {
    /// The experiment's name.
    pub experiment: String,
    /// The use case, by its title.
    pub use_case: String,
    /// The run's id.
    pub run: String,
    /// When it began, RFC 3339 UTC.
    pub started: String,
    /// What it decided.
    pub verdict: Verdict,
    /// Why, in one sentence.
    pub because: String,
    /// The name of the contender that was judged.
    pub pick: Option<String>,
    /// How many false alerts it saves.
    pub fp_reduction: Option<Estimate>,
    /// Of the incidents that the current rule catches, the share that it keeps.
    pub recall_kept: Option<Estimate>,
    /// Incidents caught, and how many there are.
    pub incidents: Option<(u64, u64)>,
    /// Net present value of the best option: value, low, high.
    pub net_present_value: Option<(f64, f64, f64)>,
    /// What money is in.
    pub currency: String,
    /// Criteria met, not met, open.
    pub criteria: (u64, u64, u64),
    /// Whether some source says that it is generated.
    pub synthetic: bool,
    /// How many whole runs the use case has.
    pub runs: u64,
}

/// The newest whole run of every experiment below a folder, by name.
///
/// # Errors
/// When the folder cannot be listed, or a run that says it is whole cannot be read.
pub fn portfolio(out: &Path) -> Result<Vec<Entry>> {
    let whole: Vec<folder::Listed> = folder::runs(out)?.into_iter().filter(|run| run.manifest.status == RunStatus::Done).collect();
    let mut names: Vec<&str> = whole.iter().map(|run| run.manifest.experiment.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    names
        .into_iter()
        .filter_map(|name| {
            let runs = whole.iter().filter(|run| run.manifest.experiment == name);
            // `folder::runs` lists the oldest first.
            let newest = runs.clone().next_back()?;
            Some(Iteration::load(&newest.path).map(|run| entry(&run, runs.count() as u64)))
        })
        .collect()
}

fn entry(run: &Iteration, runs: u64) -> Entry {
    let point = run.point();
    let count = |standing: Standing| run.decision.criteria.iter().filter(|judged| judged.standing == standing).count() as u64;
    let best = run.cost.as_ref().and_then(|cost| cost.options.iter().find(|option| Some(&option.name) == cost.best.as_ref()));
    Entry {
        experiment: run.manifest.experiment.clone(),
        use_case: run.resolved.experiment.use_case.title.clone(),
        run: run.manifest.run.clone(),
        started: run.manifest.started.clone(),
        verdict: run.decision.verdict,
        because: run.decision.because.en.clone(),
        pick: run.pick_title(),
        fp_reduction: point.and_then(|point| point.fp_reduction.clone()),
        recall_kept: point.and_then(|point| point.recall_kept.clone()),
        incidents: point.filter(|_| run.evaluation.incidents > 0).map(|point| (point.incidents_caught, run.evaluation.incidents)),
        net_present_value: best.map(|option| (option.npv.base, option.npv.low, option.npv.high)),
        currency: run.currency(),
        criteria: (count(Standing::Met), count(Standing::NotMet), count(Standing::Open)),
        synthetic: run.manifest.synthetic,
        runs,
    }
}
