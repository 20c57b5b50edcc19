//! What a set of raised cases amounts to: counts, rates, intervals.

use super::{
    Estimate, Point, Question,
    cases::Ranked,
    frame::Frame,
    intervals::{clopper_pearson, nothing_seen},
    ranking::quantile,
    two_way::{self, Cells, Counted, Refusal, TwoWay},
};
use crate::{
    said,
    text::{Numbers, Said, Shown},
};

/// Fewer incidents than this are told as k of n only.
const MIN_INCIDENTS: usize = 5;
const HOUR: f64 = 3_600e6;

/// By how much a choice flatters the chosen one; nothing where nothing was chosen.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Bias {
    /// Of the share of incidents caught.
    pub recall: f64,
    /// Of the logarithm of the false-alert ratio.
    pub log_ratio: f64,
}

/// Which intervals a point has.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Limits {
    /// All, with the bias of a choice taken off.
    All(Bias),
    /// All, at a cut that the budget of each period places, whatever the scores; with the bias of a choice taken off.
    AtBudget(Bias),
    /// None: the cut hangs on the labels themselves, and nothing covers there.
    None,
}

impl Limits {
    /// The bias that is taken off; `None` where there are no limits.
    fn bias(self) -> Option<Bias> {
        match self {
            Self::All(bias) | Self::AtBudget(bias) => Some(bias),
            Self::None => None,
        }
    }
}

/// When a unit of a raised case is itself an alert.
#[derive(Clone, Copy)]
pub(super) enum UnitAlerts<'a> {
    /// Flagged by a rule.
    Flags(&'a [bool]),
    /// Its score reaches the lowest raised case of its budget period.
    Scores(&'a [f64], &'a Ranked),
}

impl Frame<'_> {
    /// What these raised cases amount to.
    pub fn point(&self, raised: &[bool], alerting: UnitAlerts<'_>, limits: Limits) -> Point {
        let mut point = self.counted_point(raised, alerting, limits);
        if !self.complete {
            self.estimate_from_review(&mut point, raised, matches!(alerting, UnitAlerts::Flags(_)));
        }
        point
    }

    fn counted_point(&self, raised: &[bool], alerting: UnitAlerts<'_>, limits: Limits) -> Point {
        let cases = &self.judged;
        let mut by_truth = [0_u64; 4];
        let mut by_period = vec![0.0; cases.part.budget_periods.len().max(1)];
        for case in (0..cases.n).filter(|&case| raised[case]) {
            by_truth[cases.truth[case] as usize] += 1;
            if let Some(n) = by_period.get_mut(cases.period[case] as usize) {
                *n += if self.has_time { 1.0 / self.nominal } else { 1.0 };
            }
        }
        let [unknown, wrong, benign, right] = by_truth;
        let alerts: u64 = by_truth.iter().sum();
        let caught = cases.caught(raised);
        let known = self.is_known(raised) || (unknown == 0 && cases.part.labels.is_some());
        let cells = self.false_cells(raised);
        Point {
            alerts,
            alerts_per_day: self.per_day(alerts as f64),
            alerts_per_day_p50: quantile(&by_period, 0.5),
            alerts_per_day_p95: quantile(&by_period, 0.95),
            alerts_per_day_max: by_period.iter().copied().fold(0.0, f64::max),
            true_alerts: right,
            benign_true_alerts: benign,
            false_alerts: wrong + benign,
            unknown_alerts: unknown,
            false_alerts_per_week: self.per_week((wrong + benign) as f64),
            false_alerts_per_week_interval: (known && self.has_time).then(|| self.false_alerts(&cells, limits)),
            incidents_caught: caught.iter().filter(|c| **c).count() as u64,
            precision: (known && alerts > 0).then(|| right as f64 / alerts as f64),
            precision_interval: (known && alerts > 0).then(|| self.precision(&cells, raised, limits)),
            fp_reduction: if self.is_known(raised) { self.fp_reduction(&cells, limits) } else { None },
            recall_kept: if self.complete {
                self.has_kept().then(|| self.recall(&caught, &self.counted, limits))
            } else {
                self.recall_from_review(raised, &caught, limits)
            },
            recall: (self.complete && cases.incidents() > 0).then(|| self.recall(&caught, &vec![true; caught.len()], limits)),
            hours_to_alert: self.hours_to_alert(raised, alerting),
            sampled: None,
        }
    }

    /// False alerts in seven days, and the limits for the weeks to come.
    fn false_alerts(&self, cells: &Cells, limits: Limits) -> Estimate {
        let mut estimate = weeks_to_come(
            self.per_week(cells.total),
            said!(en: "two-way variance, log scale", fr: "variance à deux facteurs, échelle logarithmique"),
        );
        let Some(bias) = limits.bias() else { return retrospective(estimate) };
        match two_way::total(cells, Counted::FalseAlerts) {
            Ok(found) => {
                let (low, high) = found.limits(self.confidence);
                estimate.low = Some(self.per_week(low));
                estimate.high = Some(self.per_week(high * bias.log_ratio.exp()));
            }
            Err(Refusal::NothingSeen) => {
                estimate.low = Some(0.0);
                estimate.high = Some(self.per_week(nothing_seen(self.confidence)));
                rule_of_three(&mut estimate);
            }
            Err(Refusal::None(why)) => estimate.note = Some(why),
        }
        estimate
    }

    /// The logarithm of false alerts over those of the baseline, with its variance.
    pub fn log_ratio(&self, cells: &Cells, limits: Limits) -> Option<Result<TwoWay, Refusal>> {
        let base = self.baseline.as_ref()?;
        let of = if matches!(limits, Limits::AtBudget(_)) { two_way::ratio_at_budget } else { two_way::ratio };
        Some(of(cells, &base.false_cells, (Counted::FalseAlerts, Counted::BaselineFalseAlerts)))
    }

    /// 1 - false alerts / false alerts of the baseline.
    fn fp_reduction(&self, cells: &Cells, limits: Limits) -> Option<Estimate> {
        let base = self.baseline.as_ref().filter(|base| base.false_cells.total > 0.0)?;
        let value = 1.0 - cells.total / base.false_cells.total;
        let mut estimate = weeks_to_come(value, log_ratio_method());
        let Some(bias) = limits.bias() else { return Some(retrospective(estimate)) };
        if !self.has_time {
            estimate.note = Some(without_time());
            return Some(estimate);
        }
        match self.log_ratio(cells, limits)? {
            Ok(found) => {
                let (low, high) = found.limits(self.confidence);
                estimate.low = Some(1.0 - high * bias.log_ratio.exp());
                estimate.high = Some(1.0 - low);
            }
            Err(Refusal::NothingSeen) => {
                estimate.low = Some((1.0 - nothing_seen(self.confidence) / base.false_cells.total).max(0.0));
                estimate.high = Some(1.0);
                rule_of_three(&mut estimate);
            }
            Err(Refusal::None(why)) => estimate.note = Some(why),
        }
        Some(estimate)
    }

    /// True alerts / alerts; its complement is a ratio of counts and has the ratio's interval.
    fn precision(&self, false_cells: &Cells, raised: &[bool], limits: Limits) -> Estimate {
        let all = self.all_cells(raised);
        let mut estimate = weeks_to_come((all.total - false_cells.total) / all.total.max(1.0), log_ratio_method());
        let Some(bias) = limits.bias() else { return retrospective(estimate) };
        if !self.has_time {
            estimate.note = Some(without_time());
            return estimate;
        }
        match two_way::ratio(false_cells, &all, (Counted::FalseAlerts, Counted::Alerts)) {
            Ok(found) => {
                let (low, high) = found.limits(self.confidence);
                estimate.low = Some((1.0 - high * bias.log_ratio.exp()).max(0.0));
                estimate.high = Some((1.0 - low).min(1.0));
            }
            Err(Refusal::NothingSeen) => {
                estimate.low = Some((1.0 - nothing_seen(self.confidence) / all.total).max(0.0));
                estimate.high = Some(1.0);
                rule_of_three(&mut estimate);
            }
            Err(Refusal::None(why)) => estimate.note = Some(why),
        }
        estimate
    }

    /// The share of some incidents that is caught: k of n, n divided by the design effect where entities have several.
    pub(super) fn recall(&self, caught: &[bool], of: &[bool], limits: Limits) -> Estimate {
        let n = of.iter().filter(|o| **o).count();
        let k = of.iter().zip(caught).filter(|(o, c)| **o && **c).count();
        let value = k as f64 / n.max(1) as f64;
        let mut estimate = weeks_to_come(value, Said::same("Clopper-Pearson"));
        let Some(bias) = limits.bias() else {
            (estimate.question, estimate.method) = (Question::ThisWindow, point_only());
            estimate.note = Some(said!(
                en: "{k} of {n}, at a cut placed on these incidents",
                fr: "{k} sur {n}, à un seuil placé sur ces incidents",
                k = k,
                n = n,
            ));
            return estimate;
        };
        if n < MIN_INCIDENTS {
            estimate.note = Some(said!(
                en: "{k} of {n}: fewer than {least} incidents are told as a count only",
                fr: "{k} sur {n} : à moins de {least} incidents, seul le compte est donné",
                k = k,
                n = n,
                least = MIN_INCIDENTS,
            ));
            return estimate;
        }
        let effect = self.design_effect(caught, of);
        let effective = n as f64 / effect;
        let low = clopper_pearson((value - bias.recall).max(0.0) * effective, effective, self.confidence).0;
        let high = clopper_pearson(value * effective, effective, self.confidence).1;
        (estimate.low, estimate.high) = (Some(low), Some(high));
        estimate.note = Some(if effect > 1.005 {
            let effect = Shown(|numbers: Numbers| numbers.decimal(effect, 2));
            said!(en: "{k} of {n}, design effect {effect}", fr: "{k} sur {n}, effet de grappe {effect}", k = k, n = n, effect = effect)
        } else {
            said!(en: "{k} of {n}", fr: "{k} sur {n}", k = k, n = n)
        });
        estimate
    }

    /// How much less incidents say because several lie on one entity: the variance over entities over that of independent ones (Kish 1965), at
    /// least 1. Where all or none are caught it cannot be seen, and is 1.
    fn design_effect(&self, caught: &[bool], of: &[bool]) -> f64 {
        let mut sums = vec![(0.0, 0.0); self.judged.clusters.max(1)];
        for incident in (0..caught.len()).filter(|&i| of[i]) {
            if let Some((k, n)) = sums.get_mut(self.judged.cluster_of_incident(incident) as usize) {
                *n += 1.0;
                *k += f64::from(u8::from(caught[incident]));
            }
        }
        let (k, n) = sums.iter().fold((0.0, 0.0), |(k, n), (a, b)| (k + a, n + b));
        let p = k / n;
        let holding = sums.iter().filter(|(_, n)| *n > 0.0).count() as f64;
        if holding < 2.0 || holding == n || p <= 0.0 || p >= 1.0 {
            return 1.0;
        }
        let between = holding / (holding - 1.0) * sums.iter().map(|(k, m)| (k - p * m).powi(2)).sum::<f64>();
        (between / (n * p * (1.0 - p))).clamp(1.0, n)
    }

    /// Median over the caught incidents of the hours from the start to when an analyst can first see it: its case is raised (the period of the
    /// case's first alerting unit has ended), and so has that of its first unit in the case.
    fn hours_to_alert(&self, raised: &[bool], alerting: UnitAlerts<'_>) -> Option<f64> {
        let cases = &self.judged;
        let labels = cases.part.labels.as_ref().filter(|_| self.has_time && cases.incidents() > 0)?;
        let lowest = match alerting {
            UnitAlerts::Scores(_, ranked) => lowest_raised(cases.period.as_slice(), raised, ranked),
            UnitAlerts::Flags(_) => Vec::new(),
        };
        let mut case_alert = vec![i64::MAX; cases.n];
        let mut first_seen = vec![i64::MAX; labels.incidents.len()];
        let is_alert = |unit: usize, case: usize| match alerting {
            UnitAlerts::Flags(flags) => flags.get(unit).copied().unwrap_or(false),
            UnitAlerts::Scores(scores, _) => scores[unit] >= lowest[cases.period[case] as usize] && !self.is_suppressed(unit),
        };
        let ends = &self.ends;
        for (unit, &case) in cases.part.case_of.iter().enumerate() {
            let case = case as usize;
            if raised[case] && is_alert(unit, case) {
                case_alert[case] = case_alert[case].min(ends[unit]);
            }
        }
        for (unit, of) in labels.incidents_of.iter().enumerate() {
            let Some(&alert) = cases.part.case_of.get(unit).map(|&case| &case_alert[case as usize]) else { continue };
            if alert < i64::MAX {
                for &incident in of {
                    if let Some(first) = first_seen.get_mut(incident as usize) {
                        *first = (*first).min(alert.max(ends[unit]));
                    }
                }
            }
        }
        let hours: Vec<f64> = first_seen
            .iter()
            .zip(&labels.incidents)
            .filter(|(seen, _)| **seen < i64::MAX)
            .map(|(seen, incident)| ((seen - incident.start) as f64 / HOUR).max(0.0))
            .collect();
        (!hours.is_empty()).then(|| quantile(&hours, 0.5))
    }
}

/// The lowest score raised in each budget period.
fn lowest_raised(period: &[u32], raised: &[bool], ranked: &Ranked) -> Vec<f64> {
    let periods = period.iter().map(|&p| p as usize + 1).max().unwrap_or(0);
    let mut lowest = vec![f64::INFINITY; periods];
    for (case, &p) in period.iter().enumerate().filter(|(case, _)| raised[*case]) {
        lowest[p as usize] = lowest[p as usize].min(ranked.score[case]);
    }
    lowest
}

pub(super) fn weeks_to_come(value: f64, method: Said) -> Estimate {
    Estimate { value, low: None, high: None, question: Question::WeeksToCome, method, note: None }
}

fn point_only() -> Said {
    said!(en: "point", fr: "valeur seule")
}

fn log_ratio_method() -> Said {
    said!(en: "two-way variance, log ratio", fr: "variance à deux facteurs, logarithme du rapport")
}

fn without_time() -> Said {
    said!(en: "without time there are no days to compare", fr: "sans date, il n’y a pas de jours à comparer")
}

fn retrospective(mut estimate: Estimate) -> Estimate {
    estimate.question = Question::ThisWindow;
    estimate.method = point_only();
    estimate.note = Some(said!(
        en: "the cut is placed on the incidents themselves: no interval covers there",
        fr: "le seuil est placé sur les incidents eux-mêmes : aucun intervalle n’y est juste",
    ));
    estimate
}

fn rule_of_three(estimate: &mut Estimate) {
    estimate.method = said!(en: "rule of three", fr: "règle de trois");
    estimate.note = Some(said!(
        en: "no false alert was seen: a one-sided limit",
        fr: "aucune fausse alerte n’a été vue : une borne d’un seul côté",
    ));
}
