//! One contender, measured: its points, its curve, its ranking of units.

use super::{
    AtBudget, CurvePoint, Estimate, Measured, Point, SeedResult, Status,
    cases::{Ranked, Truth, unit_truth},
    frame::Frame,
    intervals::paired_difference,
    point::{Bias, Limits, UnitAlerts, weeks_to_come},
    ranking::{average_precision, mean_ranks, roc_auc},
    two_way::{self, Cells},
};
use crate::{
    detect::{Kind, Outcome, ScoreColumn, Scored},
    said,
};

mod cuts;

/// A curve has at most this many places.
const CURVE: usize = 200;

/// One contender at the budget: what choosing, comparing and measuring need.
pub(super) struct Contestant<'a> {
    pub column: &'a ScoreColumn,
    pub scored: &'a Scored,
    pub ranked: Ranked,
    pub training: Option<Ranked>,
    pub raised: Vec<bool>,
    /// The same without the rules that suppress; empty where there are none.
    pub before: Vec<bool>,
    pub cut: Option<f64>,
    pub caught: Vec<bool>,
    pub false_cells: Cells,
    pub all_cells: Cells,
    /// Expected true alerts that the baseline raises too, where labels are known of a sample that covers them.
    pub kept_cells: Option<Cells>,
}

impl<'a> Contestant<'a> {
    /// Ranks the cases of a column that gave scores for every unit, all of them finite.
    ///
    /// # Errors
    /// Why there is nothing to rank.
    pub fn new(frame: &Frame<'_>, column: &'a ScoreColumn) -> Result<Self, (Status, String)> {
        let scored = match &column.outcome {
            Outcome::Scored(scored) => scored.as_ref(),
            Outcome::Failed { reason } => return Err((Status::Failed, reason.clone())),
            Outcome::Skipped { reason } => return Err((Status::Skipped, reason.clone())),
        };
        let units = frame.input.judged.case_of.len();
        if scored.judged.len() != units {
            return Err((Status::Failed, format!("gave {} scores for {units} units", scored.judged.len())));
        }
        if let Some(at) = scored.judged.iter().chain(&scored.training).position(|score| !score.is_finite()) {
            return Err((Status::Failed, format!("gave a score that is not finite (row {at})")));
        }
        let ranked = frame.rank(&scored.judged, &column.id);
        let training = frame.rank_training(scored, &column.id);
        let (raised, cut) = frame.at_budget(&ranked, training.as_ref(), frame.budget);
        let caught = frame.judged.caught(&raised);
        let (false_cells, all_cells) = (frame.false_cells(&raised), frame.all_cells(&raised));
        let kept_cells = (!frame.complete && frame.covered(&raised)).then(|| frame.weighted_kept(&raised));
        let before = if frame.suppressed.is_some() { frame.unsuppressed(scored, &column.id) } else { Vec::new() };
        Ok(Self { column, scored, ranked, training, raised, before, cut, caught, false_cells, all_cells, kept_cells })
    }

    fn alerting(&self) -> UnitAlerts<'_> {
        UnitAlerts::Scores(&self.scored.judged, &self.ranked)
    }

    /// Whether no threshold of its holds the budget.
    pub fn overfills(&self, frame: &Frame<'_>) -> bool {
        frame.overfills(self.training.as_ref())
    }

    /// Its point at the budget.
    pub fn budget(&self, frame: &Frame<'_>, bias: Bias) -> Point {
        frame.point(&self.raised, self.alerting(), frame.limits_at_budget(self.training.as_ref(), bias))
    }

    /// Everything about it that does not depend on the others. `unit_ranks` are the mean ranks of its judged scores.
    pub fn measured(&self, frame: &Frame<'_>, title: String, unit_ranks: &[f64]) -> Measured {
        let input = frame.input;
        let positive: Vec<bool> = (0..input.judged.case_of.len()).map(|unit| unit_truth(input.judged, unit) == Truth::True).collect();
        let labelled = frame.complete && !positive.is_empty();
        Measured {
            id: self.column.id.clone(),
            title,
            kind: self.column.kind,
            method: self.column.method.clone(),
            outcome: Status::Scored,
            reason: None,
            roc_auc: if labelled {
                self.mean_over_seeds(roc_auc(unit_ranks, &positive), |scores| roc_auc(&mean_ranks(scores), &positive))
            } else {
                None
            },
            average_precision: if labelled {
                self.mean_over_seeds(average_precision(&self.scored.judged, &positive), |scores| average_precision(scores, &positive))
            } else {
                None
            },
            prevalence: labelled.then(|| positive.iter().filter(|p| **p).count() as f64 / positive.len() as f64),
            fit_seconds: self.scored.fit_seconds,
            score_seconds: self.scored.score_seconds,
            notes: self.scored.notes.clone(),
            budget: Some(self.budget(frame, Bias::default())),
            threshold: self.cut,
            equal_detection: self.equal_detection(frame),
            at_recall: self.at_recall(frame),
            prospective: self.prospective(frame),
            also_at: self.also_at(frame),
            curve: self.curve(frame),
            seeds: self.seeds(frame),
            only_here: 0,
            agreement: frame.baseline.as_ref().map(|base| jaccard(&self.raised, &base.raised)),
            better_than_random: None,
            better_than_field: None,
            fewer_false_than_field: None,
            more_true_than_random: None,
            removed: frame.removed(&self.before, &self.raised),
        }
    }

    /// A measure of the ranking, averaged over the seeds that it was run with: one seed of a random method says little.
    fn mean_over_seeds(&self, first: Option<f64>, of: impl Fn(&[f64]) -> Option<f64>) -> Option<f64> {
        let rest = self.scored.repeats.iter().filter(|scores| scores.len() == self.scored.judged.len()).filter_map(|scores| of(scores));
        let (sum, n) = rest.fold((first?, 1.0), |(sum, n), value| (sum + value, n + 1.0));
        Some(sum / n)
    }

    fn also_at(&self, frame: &Frame<'_>) -> Vec<AtBudget> {
        let mut budgets: Vec<u64> = frame.input.settings.also_at.iter().copied().filter(|b| *b > 0).collect();
        budgets.sort_unstable();
        budgets.dedup();
        budgets
            .into_iter()
            .map(|budget| {
                let (raised, _) = frame.at_budget(&self.ranked, self.training.as_ref(), budget);
                let limits = frame.limits_at_budget(self.training.as_ref(), Bias::default());
                AtBudget { budget, point: frame.point(&raised, self.alerting(), limits) }
            })
            .collect()
    }

    /// Alerts against incidents under one fixed cut, at places that grow by a constant factor and wherever an incident is first caught.
    fn curve(&self, frame: &Frame<'_>) -> Vec<CurvePoint> {
        let n = self.ranked.order.len();
        let mut incidents: Vec<usize> =
            self.ranked.incident_places(&frame.judged).into_iter().flatten().map(|place| place as usize + 1).collect();
        incidents.sort_unstable();
        let mut places = thinned(&incidents, CURVE / 2);
        let grid = CURVE - places.len();
        places.extend((0..grid).map(|i| (n as f64).powf(i as f64 / (grid - 1) as f64).round() as usize));
        places.sort_unstable();
        places.dedup();
        let mut next = places.into_iter().filter(|place| (1..=n).contains(place)).peekable();
        let (mut wrong, mut curve) = (0_u64, Vec::new());
        for (at, &case) in self.ranked.order.iter().enumerate() {
            wrong += u64::from(is_false(frame.judged.truth[case as usize]));
            if next.next_if_eq(&(at + 1)).is_some() {
                curve.push(CurvePoint {
                    alerts_per_week: frame.per_week((at + 1) as f64),
                    false_alerts_per_week: frame.per_week(wrong as f64),
                    incidents_caught: incidents.partition_point(|&place| place <= at + 1) as u64,
                });
            }
        }
        curve
    }

    /// The budget with each seed, the highest cases of each period (further seeds have no scores of the training part).
    fn seeds(&self, frame: &Frame<'_>) -> Vec<SeedResult> {
        if self.scored.repeats.is_empty() {
            return Vec::new();
        }
        std::iter::once(&self.scored.judged)
            .chain(&self.scored.repeats)
            .filter(|scores| scores.len() == self.scored.judged.len())
            .map(|scores| {
                let raised = frame.rank(scores, &self.column.id).top(&frame.judged, frame.budget);
                SeedResult {
                    false_alerts_per_week: frame.per_week(frame.false_cells(&raised).total),
                    incidents_caught: frame.judged.caught(&raised).iter().filter(|c| **c).count() as u64,
                }
            })
            .collect()
    }

    /// Share of the incidents that count caught here less the share caught there, paired; the biases of the two choices taken off their sides.
    pub fn better_than(&self, frame: &Frame<'_>, other: &Self, bias: (f64, f64)) -> Option<Estimate> {
        let pairs = || self.caught.iter().zip(&other.caught).zip(&frame.counted).filter(|(_, counted)| **counted).map(|(pair, _)| pair);
        let n = pairs().count() as f64;
        if !frame.is_known(&self.raised) || !frame.is_known(&other.raised) || n == 0.0 {
            return None;
        }
        let only = |a: bool| pairs().filter(|(x, y)| **x == a && **y != a).count() as f64;
        let (mine, theirs) = (only(true), only(false));
        let (low, high) = paired_difference(mine, theirs, n, frame.confidence);
        let mut estimate = weeks_to_come(
            (mine - theirs) / n,
            said!(en: "paired, one pseudo-count per discordant cell", fr: "apparié, un pseudo-compte par case discordante"),
        );
        estimate.low = Some((low - bias.0).max(-1.0));
        estimate.high = Some((high + bias.1).min(1.0));
        estimate.note = Some(said!(
            en: "{mine} incidents only here, {theirs} only there, of {n}",
            fr: "{mine} incidents seulement ici, {theirs} seulement là, sur {n}",
            mine = mine as u64,
            theirs = theirs as u64,
            n = n as u64,
        ));
        Some(estimate)
    }

    /// fp_reduction here less that of another, on the same days and entities.
    pub fn fewer_false_than(&self, frame: &Frame<'_>, other: &Self) -> Option<Estimate> {
        let known = frame.is_known(&self.raised) && frame.is_known(&other.raised);
        let base = frame.baseline.as_ref().filter(|_| known && frame.has_time)?;
        let (value, low, high) = two_way::difference(&self.false_cells, &other.false_cells, &base.false_cells, frame.confidence).ok()?;
        Some(Estimate {
            low: Some(low),
            high: Some(high),
            ..weeks_to_come(value, said!(en: "two-way variance of the difference", fr: "variance à deux facteurs de la différence"))
        })
    }

    /// Mean ranks of its judged units.
    pub fn unit_ranks(&self) -> Vec<f64> {
        mean_ranks(&self.scored.judged)
    }
}

/// A column that gave nothing to measure.
pub(super) fn unmeasured(column: &ScoreColumn, title: String, (outcome, reason): (Status, String)) -> Measured {
    empty(column.id.clone(), title, column.kind, column.method.clone(), outcome, Some(reason))
}

/// The baseline, as it is.
pub(super) fn baseline(frame: &Frame<'_>) -> Option<Measured> {
    let base = frame.baseline.as_ref()?;
    let mut point = frame.point(&base.raised, UnitAlerts::Flags(&base.flags), Limits::All(Bias::default()));
    // Against itself there is nothing to reduce or keep.
    point.fp_reduction = None;
    point.recall_kept = None;
    let mut measured = empty("baseline".into(), frame.input.baseline_title.into(), Kind::Baseline, "rule".into(), Status::Scored, None);
    measured.budget = Some(point);
    measured.removed = frame.removed(&base.before, &base.raised);
    Some(measured)
}

fn empty(id: String, title: String, kind: Kind, method: String, outcome: Status, reason: Option<String>) -> Measured {
    Measured {
        id,
        title,
        kind,
        method,
        outcome,
        reason,
        roc_auc: None,
        average_precision: None,
        prevalence: None,
        fit_seconds: 0.0,
        score_seconds: 0.0,
        notes: Vec::new(),
        budget: None,
        threshold: None,
        equal_detection: None,
        at_recall: None,
        prospective: None,
        also_at: Vec::new(),
        curve: Vec::new(),
        seeds: Vec::new(),
        only_here: 0,
        agreement: None,
        better_than_random: None,
        better_than_field: None,
        fewer_false_than_field: None,
        more_true_than_random: None,
        removed: None,
    }
}

fn is_false(truth: Truth) -> bool {
    matches!(truth, Truth::False | Truth::BenignTrue)
}

/// At most `n` of these, evenly spread, the last one included.
fn thinned(values: &[usize], n: usize) -> Vec<usize> {
    if values.len() <= n {
        return values.to_vec();
    }
    (1..=n).map(|i| values[i * values.len() / n - 1]).collect()
}

/// Size of the intersection over size of the union; 0 where both are empty.
pub(super) fn jaccard(a: &[bool], b: &[bool]) -> f64 {
    let (mut both, mut any) = (0_u64, 0_u64);
    for (x, y) in a.iter().zip(b) {
        both += u64::from(*x && *y);
        any += u64::from(*x || *y);
    }
    if any == 0 { 0.0 } else { both as f64 / any as f64 }
}
