//! What every contender is measured against: the cases of both parts, the baseline, the budget, the incidents that count.

use super::{
    Input,
    cases::{Cases, Ranked, Truth, period_ends},
    point::{Bias, Limits},
    two_way::Cells,
};
use crate::{detect::Scored, said, spec::Policy, text::Said};

/// What every contender is measured against.
pub(super) struct Frame<'a> {
    pub input: &'a Input<'a>,
    pub judged: Cases<'a>,
    pub training: Cases<'a>,
    /// Whether there is time; without it the table is one period, and rates are totals.
    pub has_time: bool,
    /// Whether every judged unit has a label or counts as benign.
    pub complete: bool,
    /// Cases per budget period.
    pub budget: u64,
    /// The length of a budget period in days, as asked for.
    pub nominal: f64,
    pub confidence: f64,
    pub baseline: Option<Base>,
    /// Which units of the training and of the judged part are suppressed, where there are rules for it.
    pub suppressed: Option<(Vec<bool>, Vec<bool>)>,
    /// When the period of each judged unit ends; empty without time.
    pub ends: Vec<i64>,
    /// Whether every case of the review's frame was read, so that what was raised is known as with complete labels.
    pub all_read: bool,
    /// The incidents of which the share is asked: those that the baseline catches, or all where there is none or it catches none; from a review
    /// that did not read all, those that its simple random part hit.
    pub counted: Vec<bool>,
}

/// The rule in place, as cases.
pub(super) struct Base {
    /// The units that it flags, those left out that are suppressed.
    pub flags: Vec<bool>,
    pub raised: Vec<bool>,
    /// The same without the rules that suppress; empty where there are none.
    pub before: Vec<bool>,
    pub training_raised: Vec<bool>,
    pub caught: Vec<bool>,
    pub false_cells: Cells,
    /// Expected true alerts, where labels are known of a sample.
    pub true_cells: Option<Cells>,
}

impl<'a> Frame<'a> {
    pub fn new(input: &'a Input<'a>) -> Self {
        let nominal = input.settings.alerts.per.as_days();
        let judged = Cases::new(input.judged, nominal);
        let training = Cases::new(input.training, nominal);
        let has_time = input.judged.days() > 0.0;
        let complete = input.judged.labels.as_ref().is_some_and(|labels| labels.complete);
        let attacks = judged.truth.iter().filter(|t| **t == Truth::True).count() as u64;
        // Precision at n: without time, the team would open as many rows as there are anomalies.
        let default = if has_time || attacks == 0 { 20 } else { attacks };
        let budget = input.settings.alerts.budget.unwrap_or(default).max(1);
        let suppressed = input.suppressed.map(|rules| (rules.training_units(), rules.judged_units()));
        let baseline = input.baseline.map(|(training_flags, judged_flags)| {
            let before = if suppressed.is_some() { judged.with_flagged(judged_flags) } else { Vec::new() };
            let (training_flags, flags) = match &suppressed {
                Some((training, judged)) => (less(training_flags, training), less(judged_flags, judged)),
                None => (training_flags.to_vec(), judged_flags.to_vec()),
            };
            let raised = judged.with_flagged(&flags);
            let false_cells = cells_of(&judged, &raised, |truth| matches!(truth, Truth::False | Truth::BenignTrue));
            let training_raised = training.with_flagged(&training_flags);
            Base { caught: judged.caught(&raised), training_raised, flags, raised, before, false_cells, true_cells: None }
        });
        let all_read =
            input.review.is_some_and(|reviewed| reviewed.stratum.iter().zip(&reviewed.read).all(|(h, read)| h.is_none() || *read));
        let counted = match (&baseline, input.review) {
            (Some(base), Some(reviewed)) if !all_read => judged.caught(&both(&base.raised, &reviewed.simple)),
            (_, Some(reviewed)) if !all_read => judged.caught(&reviewed.simple),
            (Some(base), _) if base.caught.contains(&true) => base.caught.clone(),
            _ => vec![true; judged.incidents()],
        };
        let ends = if has_time { period_ends(input.judged) } else { Vec::new() };
        let mut frame = Self {
            all_read,
            suppressed,
            ends,
            confidence: input.settings.confidence.get(),
            input,
            judged,
            training,
            has_time,
            complete,
            budget,
            nominal,
            baseline,
            counted,
        };
        if frame.input.review.is_some()
            && let Some(raised) = frame.baseline.as_ref().map(|base| base.raised.clone())
        {
            let (wrong, right) = (frame.weighted_false(&raised), frame.weighted_kept(&raised));
            if let Some(base) = &mut frame.baseline {
                (base.false_cells, base.true_cells) = (wrong, Some(right));
            }
        }
        frame
    }

    /// Whether what these cases are is known, or estimated from a review that covers them and the baseline.
    pub fn is_known(&self, raised: &[bool]) -> bool {
        self.complete || self.covered(raised)
    }

    /// Whether the incidents that count are those of the baseline.
    pub fn has_kept(&self) -> bool {
        self.baseline.as_ref().is_some_and(|base| base.caught.contains(&true))
    }

    /// False cases per cluster and day among these; expected ones where a sample was read that covers them.
    pub fn false_cells(&self, raised: &[bool]) -> Cells {
        if !self.complete && self.covered(raised) {
            return self.weighted_false(raised);
        }
        cells_of(&self.judged, raised, |truth| matches!(truth, Truth::False | Truth::BenignTrue))
    }

    /// Cases per cluster and day among these.
    pub fn all_cells(&self, raised: &[bool]) -> Cells {
        cells_of(&self.judged, raised, |_| true)
    }

    /// A count of the judged part per day; without time, the count.
    pub fn per_day(&self, count: f64) -> f64 {
        if self.has_time { count / self.input.judged.days() } else { count }
    }

    /// A count of the judged part in seven days; without time, the count.
    pub fn per_week(&self, count: f64) -> f64 {
        if self.has_time { count / self.input.judged.days() * 7.0 } else { count }
    }

    /// How many cases the budget holds over the whole training part.
    fn training_places(&self, budget: u64) -> usize {
        if self.has_time {
            (budget as f64 * self.input.training.days() / self.nominal.max(f64::MIN_POSITIVE)).round() as usize
        } else {
            budget as usize
        }
    }

    /// What is raised with `budget` cases a period, under the experiment's policy, and the score of the cut.
    ///
    /// `policy: top` has a cut for each period; the score given is that of the one cut over the whole part with as many alerts.
    pub fn at_budget(&self, ranked: &Ranked, training: Option<&Ranked>, budget: u64) -> (Vec<bool>, Option<f64>) {
        if let Some(cut) = self.fixed_cut(training, budget) {
            return (ranked.reaching(cut), Some(cut));
        }
        let raised = ranked.top(&self.judged, budget);
        let n = raised.iter().filter(|r| **r).count();
        let cut = n.checked_sub(1).and_then(|last| ranked.order.get(last)).map(|&case| ranked.score[case as usize]);
        (raised, cut)
    }

    /// The cut that the training part fixes, under `policy: threshold`.
    fn fixed_cut(&self, training: Option<&Ranked>, budget: u64) -> Option<f64> {
        let fixed = self.has_time && self.input.settings.alerts.policy == Policy::Threshold;
        training.filter(|_| fixed).and_then(|training| training.cut_for(self.training_places(budget)))
    }

    /// Whether the cut that the training part fixes raises more there than the budget holds: where too many cases share the highest score. By such a
    /// cut a contender keeps incidents by opening everything, so it is compared with others only where there is nobody else.
    pub fn overfills(&self, training: Option<&Ranked>) -> bool {
        let raised = |cut: f64| training.map_or(0, |training| training.reaching(cut).into_iter().filter(|raised| *raised).count());
        self.fixed_cut(training, self.budget).is_some_and(|cut| raised(cut) > self.training_places(self.budget))
    }

    /// The limits of what [`Frame::at_budget`] raises.
    pub fn limits_at_budget(&self, training: Option<&Ranked>, bias: Bias) -> Limits {
        match self.fixed_cut(training, self.budget) {
            Some(_) => Limits::All(bias),
            None => Limits::AtBudget(bias),
        }
    }

    /// The score at which the training part catches as many incidents as the baseline does there, or that fills the budget there.
    pub fn prospective_cut(&self, training: &Ranked) -> Option<(f64, Said)> {
        let caught = self.baseline.as_ref().map_or(0, |base| self.training.caught(&base.training_raised).iter().filter(|c| **c).count());
        if let Some(n) = training.alerts_to_catch(&self.training, caught) {
            let how = said!(
                en: "cut placed on the incidents of the training part",
                fr: "seuil placé sur les incidents de la partie d’apprentissage",
            );
            return Some((training.score[training.order[n - 1] as usize], how));
        }
        training.cut_for(self.training_places(self.budget)).map(|cut| {
            let how = said!(
                en: "cut placed where it fills the budget in the training part",
                fr: "seuil placé où il remplit le budget dans la partie d’apprentissage",
            );
            (cut, how)
        })
    }

    /// The ranking of the training part, where its scores are there.
    pub fn rank_training(&self, scored: &Scored, id: &str) -> Option<Ranked> {
        (scored.training.len() == self.input.training.case_of.len() && self.training.n > 0)
            .then(|| Ranked::new(&self.training, &scored.training, self.suppressed.as_ref().map(|s| s.0.as_slice()), id, self.input.seed))
    }

    /// The ranking of the judged part.
    pub fn rank(&self, unit_scores: &[f64], id: &str) -> Ranked {
        Ranked::new(&self.judged, unit_scores, self.suppressed.as_ref().map(|s| s.1.as_slice()), id, self.input.seed)
    }

    /// What a contender would raise at the budget without the rules that suppress.
    pub fn unsuppressed(&self, scored: &Scored, id: &str) -> Vec<bool> {
        let ranked = Ranked::new(&self.judged, &scored.judged, None, id, self.input.seed);
        let training = (scored.training.len() == self.input.training.case_of.len() && self.training.n > 0)
            .then(|| Ranked::new(&self.training, &scored.training, None, id, self.input.seed));
        self.at_budget(&ranked, training.as_ref(), self.budget).0
    }

    /// Whether a judged unit is suppressed.
    pub fn is_suppressed(&self, unit: usize) -> bool {
        self.suppressed.as_ref().is_some_and(|(_, judged)| judged[unit])
    }
}

fn both(a: &[bool], b: &[bool]) -> Vec<bool> {
    a.iter().zip(b).map(|(a, b)| *a && *b).collect()
}

fn less(a: &[bool], b: &[bool]) -> Vec<bool> {
    a.iter().zip(b).map(|(a, b)| *a && !*b).collect()
}

/// The raised cases that satisfy `which`, per cluster and day.
fn cells_of(cases: &Cases<'_>, raised: &[bool], which: impl Fn(Truth) -> bool) -> Cells {
    let occurrences =
        (0..cases.n).filter(|&case| raised[case] && which(cases.truth[case])).map(|case| (cases.cluster[case], cases.day[case]));
    Cells::count(cases.clusters, cases.days, occurrences)
}
