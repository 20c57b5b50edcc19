//! Studies: what the result would be with less to learn from, later, without some fields, with other parameters, with other luck.
//!
//! Every point of a study is a whole fit and a whole ranking of the same judged part at the same budget (the highest cases of each period).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Estimate, Evaluation, Input, Kind, conformal::Calibration, measure::jaccard, opened};

/// What one contender gives at one point of a study.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StudyValue {
    /// Its id.
    pub contender: String,
    /// Of all incidents, the share caught at the budget, with its interval, where there are labels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recall: Option<Estimate>,
    /// The same as a count.
    pub incidents_caught: u64,
    /// False alerts in seven days at the cut that catches as many incidents as the rule, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub false_alerts_at_equal_detection: Option<f64>,
    /// Of the alerts here and those of the run, the share that is in both (Jaccard).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overlap: Option<f64>,
    /// Alerts per day at a threshold that was set long before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alerts_per_day: Option<f64>,
}

/// One point of a study.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StudyPoint {
    /// What was different: `7`, `clusters=6`, `seed 2`, `without 2026-03-05`.
    pub label: String,
    /// Where it stands: days, factors, a number in order.
    pub x: f64,
    /// Every contender that was scored.
    pub values: Vec<StudyValue>,
}

/// One study.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Study {
    /// `learning_curve`, `ageing`, ...
    pub id: String,
    /// Its points, in order.
    pub points: Vec<StudyPoint>,
    /// What it is about: the fields that were left out; the days that were fitted on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub about: Vec<String>,
    /// Why there is no point.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
}

impl Study {
    /// The value of a contender at each point that has one.
    pub fn of<'a>(&'a self, contender: &'a str) -> impl Iterator<Item = (&'a StudyPoint, &'a StudyValue)> {
        self.points
            .iter()
            .filter_map(move |point| point.values.iter().find(|value| value.contender == contender).map(|value| (point, value)))
    }
}

/// Every study of a run. `study.json` in the run folder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Studies {
    /// Raised when a field that matters changes.
    pub schema_version: u32,
    /// The confidence of every interval.
    pub confidence: f64,
    /// In the order of the experiment.
    pub studies: Vec<Study>,
    /// Thresholds with a bound, where the experiment asks for them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calibration: Option<Calibration>,
}

impl Studies {
    /// A study by its name.
    pub fn get(&self, id: &str) -> Option<&Study> {
        self.studies.iter().find(|study| study.id == id)
    }
}

/// What each detector and ensemble gives, from its evaluation; `here` is what was evaluated, `run` the run that it is compared with.
pub fn values(evaluation: &Evaluation, here: &Input<'_>, run: &Input<'_>) -> Vec<StudyValue> {
    let raised = |input: &Input<'_>, id: &str| {
        let mut raised = vec![false; input.judged.cases.len()];
        opened(input, id).into_iter().for_each(|case| raised[case] = true);
        raised
    };
    let measured = evaluation.contenders.iter().filter(|c| matches!(c.kind, Kind::Detector | Kind::Ensemble));
    measured
        .filter_map(|contender| {
            let point = contender.budget.as_ref()?;
            Some(StudyValue {
                contender: contender.id.clone(),
                recall: point.recall.clone(),
                incidents_caught: point.incidents_caught,
                false_alerts_at_equal_detection: contender.equal_detection.as_ref().map(|point| point.false_alerts_per_week),
                overlap: Some(jaccard(&raised(here, &contender.id), &raised(run, &contender.id))),
                alerts_per_day: None,
            })
        })
        .collect()
}
