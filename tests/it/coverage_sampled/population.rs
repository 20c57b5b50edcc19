//! Fixed populations with a known truth: 1000 to 3000 units, six correlated detectors, a rule that raises all or a fifth.

use std::sync::Arc;

use gonogo::{
    detect::{Kind, Outcome, ScoreColumn, ScoreTable, Scored},
    evaluate::{Input, Reviewed},
    spec::{Alerts, Evaluate},
    units::{BudgetPeriod, Case, Disposition, Incident, Labels, Part, RowKey},
};
use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::coverage::{DAY, Draws};

/// How many units a population has, and which share of them are attacks.
const SIZES: [(usize, f64); 6] = [(1000, 0.01), (1000, 0.10), (2000, 0.03), (2000, 0.05), (3000, 0.02), (3000, 0.06)];
/// Which share of the units the rule raises.
const RULES: [f64; 2] = [1.0, 0.2];

/// What the interval study leaves open of its populations: how many days they have, and how well the detectors tell attacks.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    pub name: &'static str,
    pub days: usize,
    /// By how many standard deviations attacks stand out, for all detectors alike.
    pub shared: f64,
    /// By how many more for the worst detector, and for each one after it.
    pub lift: (f64, f64),
}

/// The setting in which the study's widths are found again: 100 alerts of each detector, a union of six three times as large.
pub const STUDY: Setting = Setting { name: "as the study", days: 5, shared: 1.5, lift: (0.5, 0.4) };
pub const SETTINGS: [Setting; 3] = [
    STUDY,
    Setting { name: "twice as many days", days: 10, ..STUDY },
    Setting { name: "detectors that tell less", shared: 1.0, lift: (0.4, 0.3), ..STUDY },
];
/// Alerts a day.
pub const BUDGET: usize = 20;
/// The worst, a middling and the best detector.
pub const SHOWN: [usize; 3] = [0, 2, 5];

/// A window, its scores and its rule.
pub struct Window {
    pub part: Part,
    pub scores: ScoreTable,
    flags: Vec<bool>,
    settings: Evaluate,
}

impl Window {
    pub fn input<'a>(&'a self, part: &'a Part, review: Option<&'a Reviewed>) -> Input<'a> {
        Input {
            training: &self.part,
            judged: part,
            in_sample: false,
            scores: &self.scores,
            baseline: Some((&self.flags, &self.flags)),
            baseline_title: "Rule",
            review,
            suppressed: None,
            settings: &self.settings,
            decision: None,
            seed: 1,
        }
    }

    /// What a detector raises: its highest cases of each day.
    pub fn raised(&self, detector: usize) -> Vec<bool> {
        let Outcome::Scored(scored) = &self.scores.columns[detector].outcome else { panic!("no scores") };
        let mut raised = vec![false; self.part.cases.len()];
        for day in 0..self.part.budget_periods.len() as u32 {
            let mut cases: Vec<usize> = (0..raised.len()).filter(|case| self.part.cases[*case].budget_period == day).collect();
            cases.sort_by(|a, b| scored.judged[*b].total_cmp(&scored.judged[*a]));
            cases.into_iter().take(BUDGET).for_each(|case| raised[case] = true);
        }
        raised
    }

    pub fn is_attack(&self, case: usize) -> bool {
        self.part.labels.as_ref().is_some_and(|labels| labels.dispositions[case] == Some(Disposition::TruePositive))
    }
}

fn column(id: &str, kind: Kind, judged: Vec<f64>) -> ScoreColumn {
    ScoreColumn {
        id: id.into(),
        kind,
        method: id.into(),
        outcome: Outcome::Scored(Box::new(Scored { training: judged.clone(), judged, ..Scored::default() })),
    }
}

/// The population of a repetition: the sizes and the rules take turns.
pub fn population(setting: Setting, repetition: u64) -> Window {
    let mut rng = Draws(Xoshiro256PlusPlus::seed_from_u64(5_000 + repetition));
    let days = setting.days;
    let (units, attacks) = SIZES[repetition as usize % SIZES.len()];
    let rule = RULES[repetition as usize / SIZES.len() % RULES.len()];
    let attack: Vec<bool> = (0..units).map(|_| rng.0.r#gen::<f64>() < attacks).collect();
    let rows: Vec<(u32, u32)> = (0..units).map(|unit| ((unit % 100) as u32, (unit * days / units) as u32)).collect();
    let shared: Vec<f64> = attack.iter().map(|attack| rng.normal() + if *attack { setting.shared } else { 0.0 }).collect();
    let mut columns: Vec<ScoreColumn> = (0..6)
        .map(|c| {
            let lift = setting.lift.0 + setting.lift.1 * c as f64;
            let scores =
                shared.iter().zip(&attack).map(|(s, attack)| 0.7 * s + 0.7 * rng.normal() + if *attack { lift } else { 0.0 }).collect();
            column(&format!("c{c}"), Kind::Detector, scores)
        })
        .collect();
    columns.push(column("random", Kind::Control, (0..units).map(|_| rng.0.r#gen()).collect()));
    let flags = attack.iter().map(|attack| rng.0.r#gen::<f64>() < if *attack { rule.max(0.6) } else { rule }).collect();
    let mut incidents_of = vec![Vec::new(); units];
    let mut incidents = Vec::new();
    for unit in (0..units).filter(|unit| attack[*unit]) {
        // Three attack units, one after the other, are one incident.
        if incidents.is_empty() || rng.0.r#gen::<f64>() < 1.0 / 3.0 {
            incidents.push(Incident { id: incidents.len().to_string(), kind: None, start: 0 });
        }
        incidents_of[unit].push(incidents.len() as u32 - 1);
    }
    let part = Part {
        rows: rows.iter().map(|row| RowKey { entity: Arc::from(row.0.to_string()), period: i64::from(row.1) }).collect(),
        starts: rows.iter().map(|row| i64::from(row.1) * DAY).collect(),
        case_of: (0..units as u32).collect(),
        cases: rows.iter().map(|row| Case { cluster: row.0, budget_period: row.1 }).collect(),
        clusters: (0..100).map(|e| e.to_string()).collect(),
        budget_periods: (0..days).map(|d| BudgetPeriod { start: d as i64 * DAY, days: 1.0 }).collect(),
        labels: Some(Labels {
            complete: true,
            dispositions: attack.iter().map(|attack| attack.then_some(Disposition::TruePositive)).collect(),
            incidents,
            incidents_of,
        }),
    };
    let settings = Evaluate { alerts: Alerts { budget: Some(BUDGET as u64), ..Alerts::default() }, ..Evaluate::default() };
    Window { scores: ScoreTable { training: Arc::clone(&part.rows), judged: Arc::clone(&part.rows), columns }, part, flags, settings }
}
