//! The go/no-go report: a function of what was saved, so that it renders again without the data.

use crate::{
    cost::CostReport,
    decide::Decision,
    evaluate::{Alert, Evaluation},
    quality::Quality,
    run::{Manifest, Resolved},
    units::FieldSummary,
};

/// Everything a report is made from, as loaded from a run folder.
#[derive(Debug, Clone)]
pub struct ReportInput {
    /// `run.json`.
    pub manifest: Manifest,
    /// `resolved.json`.
    pub resolved: Resolved,
    /// `quality.json`.
    pub quality: Quality,
    /// `fields.json`.
    pub fields: Vec<FieldSummary>,
    /// `evaluation.json`.
    pub evaluation: Evaluation,
    /// `decision.json`.
    pub decision: Decision,
    /// `cost.json`.
    pub cost: Option<CostReport>,
    /// `alerts.json`.
    pub alerts: Vec<Alert>,
    /// `histogram.json`: the pick's scores over all judged units.
    pub histogram: Option<Histogram>,
}

/// How the pick's scores are distributed over the judged units.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Histogram {
    /// Edges of the bins, ascending; one more than counts.
    pub edges: Vec<f64>,
    /// Units in each bin.
    pub counts: Vec<u64>,
    /// The scores of attack units.
    pub attacks: Vec<f64>,
    /// The lowest score that was raised at the budget.
    pub cut: Option<f64>,
}
