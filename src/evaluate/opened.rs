//! The cases that a contender opens, and the false ones among them by entity and day.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Input, frame::Frame, two_way::Cells};
use crate::detect::Outcome;

/// False alerts at the budget, of the current rule and of the pick: what a later run is compared with in pairs. `false_alerts.json` in the run
/// folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FalseAlerts {
    /// How many clusters (entities, where the experiment names no other) the judged part has, those without any alert included.
    pub clusters: u32,
    /// How many days the judged part has.
    pub days: u32,
    /// Cluster, day, and the number of the rule's false alerts; each pair once, in order.
    pub baseline: Vec<(u32, u32, u32)>,
    /// The same of the pick.
    pub pick: Vec<(u32, u32, u32)>,
}

impl FalseAlerts {
    /// One of its lists as cells.
    pub fn cells(&self, list: &[(u32, u32, u32)]) -> Cells {
        let each = list.iter().flat_map(|&(cluster, day, count)| std::iter::repeat_n((cluster, day), count as usize));
        Cells::count(self.clusters as usize, self.days as usize, each)
    }
}

/// The false alerts of the current rule and of a contender; `None` without a rule, without complete labels, or without its scores.
pub fn false_alerts(input: &Input<'_>, id: &str) -> Option<FalseAlerts> {
    let frame = Frame::new(input);
    let rule = frame.baseline.as_ref().filter(|_| frame.complete)?;
    let mut raised = vec![false; frame.judged.n];
    let cases = opened(input, id);
    if cases.is_empty() {
        return None;
    }
    cases.into_iter().for_each(|case| raised[case] = true);
    let list = |cells: &Cells| cells.cells.iter().map(|&(cluster, day, count)| (cluster, day, count as u32)).collect();
    Some(FalseAlerts {
        clusters: frame.judged.clusters as u32,
        days: frame.judged.days as u32,
        baseline: list(&rule.false_cells),
        pick: list(&frame.false_cells(&raised)),
    })
}

/// The cases (indices into [`crate::units::Part::cases`]) that a contender opens in the judged part at the budget, under the experiment's policy.
pub fn opened(input: &Input<'_>, id: &str) -> Vec<usize> {
    let Some(Outcome::Scored(scored)) = input.scores.columns.iter().find(|column| column.id == id).map(|column| &column.outcome) else {
        return Vec::new();
    };
    let frame = Frame::new(input);
    let training = frame.rank_training(scored, id);
    let (raised, _) = frame.at_budget(&frame.rank(&scored.judged, id), training.as_ref(), frame.budget);
    raised.iter().enumerate().filter(|(_, raised)| **raised).map(|(case, _)| case).collect()
}
