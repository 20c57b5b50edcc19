//! The earlier runs of an experiment that lie beside a run, compared with it when it ends.

use std::path::Path;

use crate::{
    compare::{Earlier, Iteration, compare},
    evaluate::FalseAlerts,
    record::{RunStatus, folder},
    report::ReportInput,
};

/// Runs before this one that are compared with it: the newest.
const MOST: usize = 15;

/// Compares a run with those of its experiment that lie in the same folder of reports and began before it; `None` where there is none.
pub(super) fn earlier(reports: &Path, saved: &ReportInput, false_alerts: Option<FalseAlerts>) -> Option<Earlier> {
    let manifest = &saved.manifest;
    // A folder that cannot be listed holds nothing to compare with.
    let mut before: Vec<folder::Listed> = folder::runs_of(&reports.join(&manifest.experiment))
        .unwrap_or_default()
        .into_iter()
        .filter(|run| run.manifest.status == RunStatus::Done && run.manifest.order() < manifest.order())
        .collect();
    before.drain(..before.len().saturating_sub(MOST));
    let mut unreadable = Vec::new();
    let mut iterations: Vec<Iteration> =
        before.iter().filter_map(|run| Iteration::load(&run.path).map_err(|_| unreadable.push(run.manifest.run.clone())).ok()).collect();
    if iterations.is_empty() && unreadable.is_empty() {
        return None;
    }
    iterations.push(saved.iteration(false_alerts));
    Some(Earlier { comparison: compare(&iterations), unreadable })
}
