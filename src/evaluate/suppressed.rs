//! What rules of `suppress` keep out of every queue, and what is lost with it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{cases::Truth, frame::Frame};
use crate::spec::Suppress;

/// Which units raise no alert, by the rules of the experiment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppressed {
    /// For each unit of the training part, the first rule that matches it.
    pub training: Vec<Option<u16>>,
    /// For each unit of the judged part, the first rule that matches it.
    pub judged: Vec<Option<u16>>,
    /// The rules.
    pub rules: Vec<Suppress>,
    /// Whether they were written when the results were known.
    pub afterwards: bool,
}

/// The rules that suppress alerts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Suppression {
    /// Each rule, in the order of the experiment.
    pub rules: Vec<SuppressedBy>,
    /// Whether they were written when the results were known: then they suit this window.
    pub afterwards: bool,
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SuppressedBy {
    /// The rule.
    pub rule: Suppress,
    /// Judged units that it is the first to match.
    pub units: u64,
}

/// What the rules take out of a contender's alerts at the budget.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Removed {
    /// Alerts that leave the queue.
    pub alerts: u64,
    /// Of those, attacks: they are lost, unless something else raises them.
    pub true_alerts: u64,
    /// Of those, false alerts (benign true positives included).
    pub false_alerts: u64,
    /// Of those, alerts of which nothing is known.
    pub unknown_alerts: u64,
    /// Alerts that take the places which become free.
    pub taken_in: u64,
    /// False alerts in seven days without the rules; `None` where labels do not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub false_alerts_per_week_before: Option<f64>,
    /// Incidents caught without the rules.
    pub incidents_caught_before: u64,
    /// Incidents that are caught without the rules and not with them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub incidents_lost: Vec<String>,
    /// For each rule, the alerts that leave the queue by it.
    pub by_rule: Vec<u64>,
}

impl Suppressed {
    /// Which units of the training part are suppressed.
    pub fn training_units(&self) -> Vec<bool> {
        self.training.iter().map(Option::is_some).collect()
    }

    /// Which units of the judged part are suppressed.
    pub fn judged_units(&self) -> Vec<bool> {
        self.judged.iter().map(Option::is_some).collect()
    }

    /// The rules and how many units each matches.
    pub fn summary(&self) -> Suppression {
        let units = |at: usize| self.judged.iter().filter(|rule| **rule == Some(at as u16)).count() as u64;
        Suppression {
            rules: self.rules.iter().enumerate().map(|(at, rule)| SuppressedBy { rule: rule.clone(), units: units(at) }).collect(),
            afterwards: self.afterwards,
        }
    }
}

impl Frame<'_> {
    /// What the rules change between these sets of raised cases; `None` where there are no rules.
    pub(super) fn removed(&self, before: &[bool], after: &[bool]) -> Option<Removed> {
        let rules = self.input.suppressed?;
        let left: Vec<usize> = (0..self.judged.n).filter(|&case| before[case] && !after[case]).collect();
        let of = |wanted: &dyn Fn(Truth) -> bool| left.iter().filter(|&&case| wanted(self.judged.truth[case])).count() as u64;
        let (caught_before, caught_after) = (self.judged.caught(before), self.judged.caught(after));
        let incidents = self.input.judged.labels.as_ref().map_or(&[][..], |labels| &labels.incidents);
        let lost = incidents.iter().zip(caught_before.iter().zip(&caught_after)).filter(|(_, (before, after))| **before && !**after);
        Some(Removed {
            alerts: left.len() as u64,
            true_alerts: of(&|truth| truth == Truth::True),
            false_alerts: of(&|truth| matches!(truth, Truth::False | Truth::BenignTrue)),
            unknown_alerts: of(&|truth| truth == Truth::Unknown),
            taken_in: before.iter().zip(after).filter(|(before, after)| !**before && **after).count() as u64,
            false_alerts_per_week_before: self.is_known(before).then(|| self.per_week(self.false_cells(before).total)),
            incidents_caught_before: caught_before.iter().filter(|caught| **caught).count() as u64,
            incidents_lost: lost.map(|(incident, _)| incident.id.clone()).collect(),
            by_rule: self.by_rule(&rules.judged, rules.rules.len(), &left),
        })
    }

    /// How many of these cases leave by each rule: that of the first of their suppressed units.
    fn by_rule(&self, rule_of: &[Option<u16>], rules: usize, left: &[usize]) -> Vec<u64> {
        let mut first = vec![None; self.judged.n];
        for (rule, &case) in rule_of.iter().zip(&self.judged.part.case_of) {
            if let (Some(rule), slot @ None) = (rule, &mut first[case as usize]) {
                *slot = Some(usize::from(*rule));
            }
        }
        let mut counts = vec![0; rules];
        left.iter().filter_map(|&case| first[case]).for_each(|rule| counts[rule] += 1);
        counts
    }
}
