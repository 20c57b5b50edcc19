//! Which runs may stand side by side, and what sets neighbours apart.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Iteration;

/// A run that cannot be lined up with the newest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Refused {
    /// Its label.
    pub label: String,
    /// Its id.
    pub run: String,
    /// What they do not agree in.
    pub because: Vec<Disagreement>,
}

/// What makes two runs answer different questions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Disagreement {
    /// Another use case.
    UseCase,
    /// Another entity or period.
    Entity,
    /// Other rules for what is labelled.
    LabelPolicy,
}

/// What sets a run apart from the one before it: figures then differ for this reason too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Difference {
    /// Another window.
    Window,
    /// Other data in the same window.
    Data,
    /// Another alert budget or grouping.
    Budget,
    /// Another rule in place.
    Baseline,
    /// Other criteria: moved goalposts.
    Criteria,
    /// Other amounts of money.
    Cost,
    /// Another version of the program.
    Version,
}

fn value<T: Serialize>(part: &T) -> Value {
    serde_json::to_value(part).unwrap_or(Value::Null)
}

/// The runs that agree with the newest in use case, entity and label policy; and those that do not.
pub(super) fn line_up<'a>(ordered: &[&'a Iteration]) -> (Vec<&'a Iteration>, Vec<Refused>) {
    let Some(newest) = ordered.last() else { return Default::default() };
    let mut refused = Vec::new();
    let mut kept = Vec::new();
    for run in ordered {
        let because = disagreements(run, newest);
        if because.is_empty() {
            kept.push(*run);
        } else {
            refused.push(Refused { label: run.label.clone(), run: run.manifest.run.clone(), because });
        }
    }
    (kept, refused)
}

fn disagreements(run: &Iteration, newest: &Iteration) -> Vec<Disagreement> {
    let (a, b) = (&run.resolved.experiment, &newest.resolved.experiment);
    let policy = |run: &Iteration| {
        let labels = run.resolved.experiment.labels.as_ref();
        json!({ "complete": labels.map(|labels| labels.complete), "benign": labels.map(|labels| value(&labels.benign)), "none": labels.is_none() })
    };
    let checks = [
        (Disagreement::UseCase, a.name == b.name),
        (Disagreement::Entity, value(&a.entity) == value(&b.entity)),
        (Disagreement::LabelPolicy, policy(run) == policy(newest)),
    ];
    checks.into_iter().filter(|(_, agree)| !agree).map(|(what, _)| what).collect()
}

/// What sets a run apart from the one before it.
pub(super) fn differences(before: &Iteration, run: &Iteration) -> Vec<Difference> {
    let (a, b) = (&before.resolved.experiment, &run.resolved.experiment);
    let same_window = value(&a.window) == value(&b.window);
    let checks = [
        (Difference::Window, same_window),
        (Difference::Data, !same_window || before.manifest.data_hash == run.manifest.data_hash),
        (Difference::Budget, value(&a.evaluate.alerts) == value(&b.evaluate.alerts)),
        (Difference::Baseline, value(&a.baseline) == value(&b.baseline)),
        (Difference::Criteria, before.decision.criteria_hash == run.decision.criteria_hash),
        (Difference::Cost, value(&a.cost) == value(&b.cost)),
        (Difference::Version, before.manifest.version == run.manifest.version),
    ];
    checks.into_iter().filter(|(_, same)| !same).map(|(what, _)| what).collect()
}

/// Whether both were judged on the same cases, so that they can be compared in pairs.
pub(super) fn same_cases(before: &Iteration, run: &Iteration) -> bool {
    let grouped = |run: &Iteration| value(&run.resolved.experiment.evaluate.alerts.group);
    let clusters = |run: &Iteration| run.resolved.experiment.evaluate.clusters.clone();
    let read = |run: &Iteration| {
        let experiment = &run.resolved.experiment;
        json!([value(&experiment.sources), value(&experiment.labels)])
    };
    before.manifest.data_hash.is_some()
        && before.manifest.data_hash == run.manifest.data_hash
        && value(&before.resolved.experiment.window) == value(&run.resolved.experiment.window)
        && grouped(before) == grouped(run)
        && clusters(before) == clusters(run)
        && read(before) == read(run)
}
