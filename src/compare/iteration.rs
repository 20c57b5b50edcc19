//! One saved run, as far as comparisons need it.

use std::path::Path;

use chrono::DateTime;

use crate::{
    cost::CostReport,
    decide::Decision,
    error::Result,
    evaluate::{Evaluation, FalseAlerts, Point},
    record::{self, Manifest, Resolved, folder},
};

/// One saved run.
#[derive(Debug, Clone)]
pub struct Iteration {
    /// What people call it: the experiment's `iteration`, else the moment it began.
    pub label: String,
    /// `run.json`.
    pub manifest: Manifest,
    /// `resolved.json`.
    pub resolved: Resolved,
    /// `evaluation.json`.
    pub evaluation: Evaluation,
    /// `decision.json`.
    pub decision: Decision,
    /// `cost.json`.
    pub cost: Option<CostReport>,
    /// `false_alerts.json`: of the current rule and of the pick, by entity and day.
    pub false_alerts: Option<FalseAlerts>,
}

impl Iteration {
    /// Loads a run.
    ///
    /// # Errors
    /// When the folder is not a whole run that this version can read.
    pub fn load(run: &Path) -> Result<Self> {
        let manifest = record::manifest(run)?;
        let resolved: Resolved = folder::read_json(run, "resolved.json")?;
        Ok(Self {
            label: Self::label(&manifest, &resolved),
            manifest,
            resolved,
            evaluation: folder::read_json(run, "evaluation.json")?,
            decision: folder::read_json(run, "decision.json")?,
            cost: folder::read_json_if_there(run, "cost.json")?,
            false_alerts: folder::read_json_if_there(run, "false_alerts.json")?,
        })
    }

    /// What people call a run.
    pub fn label(manifest: &Manifest, resolved: &Resolved) -> String {
        resolved.experiment.iteration.clone().unwrap_or_else(|| manifest.started.chars().take(16).collect())
    }

    /// What the judged contender gives at the budget, the bias of the choice taken off.
    pub fn point(&self) -> Option<&Point> {
        let id = self.decision.pick.as_deref()?;
        let pick = self.evaluation.pick.as_ref().filter(|pick| pick.id == id).map(|pick| &pick.budget);
        pick.or_else(|| self.evaluation.contender(id).and_then(|contender| contender.budget.as_ref()))
    }

    /// The name of the judged contender.
    pub fn pick_title(&self) -> Option<String> {
        let id = self.decision.pick.as_deref()?;
        Some(self.evaluation.contender(id).map_or_else(|| id.to_owned(), |contender| contender.title.clone()))
    }

    /// What its amounts of money are in.
    pub(super) fn currency(&self) -> String {
        let asked = || self.resolved.experiment.cost.as_ref().map(|cost| cost.currency.clone());
        self.cost.as_ref().map(|cost| cost.currency.clone()).or_else(asked).unwrap_or_else(|| "EUR".into())
    }

    /// Days between the beginnings of two runs; 0 where a time cannot be read, or the clock was set back in between.
    pub(super) fn days_since(&self, earlier: &Self) -> f64 {
        let read = |run: &Self| DateTime::parse_from_rfc3339(&run.manifest.started).ok();
        match (read(earlier), read(self)) {
            (Some(earlier), Some(later)) => ((later - earlier).num_seconds() as f64 / 86_400.0).max(0.0),
            _ => 0.0,
        }
    }
}
