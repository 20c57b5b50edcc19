//! Measures where labels are known of a sample: what the review says about this window, and what goes into the intervals for the weeks to come.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Estimate, Point, Question,
    cases::Truth,
    design::{KNOWN, STRATA, VOTES},
    finite::{self, Cell, Limits as Interval, Overlap},
    frame::Frame,
    misread::{self, ErrorRate, Misread},
    point::Limits,
    two_way::Cells,
};
use crate::{said, text::Said};

/// Which alerts a review reads, and which it has read. What it said of them is in the labels of the judged part.
#[derive(Debug, Clone, PartialEq)]
pub struct Reviewed {
    /// For each case of the judged part, its stratum; `None`: outside the frame.
    pub stratum: Vec<Option<u8>>,
    /// Which cases were read; those of the stratum [`KNOWN`] are.
    pub read: Vec<bool>,
    /// Which of them are the simple random part.
    pub simple: Vec<bool>,
    /// What is told of the review as a whole.
    pub summary: Summary,
}

/// A review in numbers.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Summary {
    /// Cases that the contenders raise at the budget or the baseline raises.
    pub frame: u64,
    /// Of those, how many were read by an analyst.
    pub read: u64,
    /// Of those, how many the labels of the experiment told before.
    pub known_before: u64,
    /// How many were offered and came back without a disposition.
    pub blank: u64,
    /// How many of those read are the simple random part.
    pub simple: u64,
    /// The strata: by votes, how many cases there are, and how many were read.
    pub strata: Vec<Stratum>,
    /// Who read.
    pub analysts: Vec<String>,
    /// How many cases were read by more than one analyst.
    pub read_twice: u64,
    /// On how many of those the analysts disagree.
    pub disagreements: u64,
    /// On how many of those they disagree on whether it is an attack.
    #[serde(default)]
    pub attack_disagreements: u64,
    /// What the next sheet would bring; `None` where everything was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<NextSheet>,
    /// Cohen's kappa of the two analysts who share the most cases, over the three dispositions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kappa: Option<f64>,
}

/// What the next sheet of a review would bring: widths of the intervals about this window, the median over contenders and imagined readings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct NextSheet {
    /// How many rows it would have.
    pub rows: u64,
    /// Width of the share of true alerts at the budget.
    pub precision: Option<f64>,
    /// Width of the false-alert reduction.
    pub fp_reduction: Option<f64>,
    /// Width of the share of the rule's true alerts kept, by units.
    pub recall_kept_by_units: Option<f64>,
}

/// One stratum of a review.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Stratum {
    /// How many contenders raise a case of it.
    pub votes: String,
    /// How many cases it holds.
    pub size: u64,
    /// How many of them were read: each had the chance `read / size` of being.
    pub read: u64,
}

/// What a review says about this window, of one contender. Every interval answers: what would full labels have said?
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Sampled {
    /// Alerts that were read.
    pub read: u64,
    /// Alerts that were not.
    pub unread: u64,
    /// True alerts.
    pub true_alerts: Estimate,
    /// False alerts.
    pub false_alerts: Estimate,
    /// True alerts / alerts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub precision: Option<Estimate>,
    /// 1 - false alerts / false alerts of the baseline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fp_reduction: Option<Estimate>,
    /// Of the baseline's true alerts, the share that is raised here too: by units, not by incidents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recall_kept_by_units: Option<Estimate>,
    /// What the limits would be if some verdicts were wrong.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub if_misread: Vec<Misread>,
}

/// One cell for each stratum, what was known before included.
type ByStratum = [Cell; STRATA + 1];

impl Reviewed {
    /// Counts the strata.
    pub fn strata(stratum: &[Option<u8>], read: &[bool]) -> Vec<Stratum> {
        let count = |h: usize, only_read: bool| {
            stratum.iter().zip(read).filter(|(s, read)| **s == Some(h as u8) && (**read || !only_read)).count() as u64
        };
        (0..STRATA).map(|h| Stratum { votes: VOTES[h].into(), size: count(h, false), read: count(h, true) }).collect()
    }
}

impl Frame<'_> {
    /// The cells of some cases: how many of each stratum, how many read, how many of those true.
    fn by_stratum(&self, reviewed: &Reviewed, of: impl Fn(usize) -> bool) -> ByStratum {
        let mut cells = ByStratum::default();
        for case in (0..self.judged.n).filter(|&case| of(case)) {
            let Some(h) = reviewed.stratum[case] else { continue };
            let cell = &mut cells[usize::from(h).min(KNOWN)];
            cell.size += 1;
            if reviewed.read[case] {
                cell.read += 1;
                cell.right += u64::from(self.judged.truth[case] == Truth::True);
            }
        }
        cells
    }

    /// Whether a review covers all of these cases.
    pub(super) fn covered(&self, raised: &[bool]) -> bool {
        self.input.review.is_some_and(|reviewed| raised.iter().zip(&reviewed.stratum).all(|(raised, h)| !raised || h.is_some()))
    }

    /// Of what is raised here, what the baseline raises too.
    fn in_baseline(&self, case: usize) -> bool {
        self.baseline.as_ref().is_some_and(|base| base.raised[case])
    }

    /// The share of true alerts to take where a cell of a stratum was not read: that of what was read of the stratum among these and the
    /// baseline's cases, else of all strata.
    fn shares(&self, reviewed: &Reviewed, raised: &[bool]) -> [f64; STRATA + 1] {
        let cells = self.by_stratum(reviewed, |case| raised[case] || self.in_baseline(case));
        let (right, read) = cells[..STRATA].iter().fold((0, 0), |(d, n), cell| (d + cell.right, n + cell.read));
        let pooled = (right as f64 + 0.5) / (read as f64 + 1.0);
        cells.map(|cell| if cell.read > 0 { cell.right as f64 / cell.read as f64 } else { pooled })
    }

    /// The expected true alerts among some cases that satisfy `also`, per cluster and day: each one that was read stands for those of its cell.
    ///
    /// Cells are strata by whether the baseline raises it, so that their sum is the estimate about this window.
    pub(super) fn weighted_true(&self, raised: &[bool], also: impl Fn(usize) -> bool) -> Vec<(u32, u32, f64)> {
        let Some(reviewed) = self.input.review else { return Vec::new() };
        let shares = self.shares(reviewed, raised);
        let sides = [true, false].map(|side| self.by_stratum(reviewed, |case| raised[case] && self.in_baseline(case) == side));
        let mut found = Vec::new();
        for case in (0..self.judged.n).filter(|&case| raised[case] && also(case)) {
            let Some(h) = reviewed.stratum[case].map(|h| usize::from(h).min(KNOWN)) else { continue };
            let cell = sides[usize::from(!self.in_baseline(case))][h];
            let weight = match (cell.read, reviewed.read[case], self.judged.truth[case]) {
                (0, ..) => shares[h],
                (read, true, Truth::True) => cell.size as f64 / read as f64,
                _ => continue,
            };
            found.push((self.judged.cluster[case], self.judged.day[case], weight));
        }
        found
    }

    /// Expected false alerts per cluster and day: alerts, which are known, less weighted true alerts.
    pub(super) fn weighted_false(&self, raised: &[bool]) -> Cells {
        let mut counts: Vec<(u32, u32, f64)> =
            (0..self.judged.n).filter(|&case| raised[case]).map(|case| (self.judged.cluster[case], self.judged.day[case], 1.0)).collect();
        counts.extend(self.weighted_true(raised, |_| true).into_iter().map(|(cluster, day, weight)| (cluster, day, -weight)));
        Cells::sum(self.judged.clusters, self.judged.days, counts)
    }

    /// Expected true alerts of these that the baseline raises too, per cluster and day.
    pub(super) fn weighted_kept(&self, raised: &[bool]) -> Cells {
        Cells::sum(self.judged.clusters, self.judged.days, self.weighted_true(raised, |case| self.in_baseline(case)))
    }

    /// Puts what a review says into a point: estimates in place of counts, and the intervals about this window.
    pub(super) fn estimate_from_review(&self, point: &mut Point, raised: &[bool], is_baseline: bool) {
        let Some(reviewed) = self.input.review.filter(|_| self.covered(raised)) else { return };
        let cells = self.by_stratum(reviewed, |case| raised[case]);
        let (size, read): (u64, u64) = cells.iter().fold((0, 0), |(n, r), cell| (n + cell.size, r + cell.read));
        let right = self.true_in_window(reviewed, raised, is_baseline, self.confidence);
        let alerts = size as f64;
        let method = if size == read {
            said!(en: "every alert was read", fr: "toutes les alertes ont été lues")
        } else {
            said!(en: "seen, and Korn-Graubard on the unread", fr: "vu, et Korn-Graubard sur le non-lu")
        };
        let estimate = |limits: Interval, method: &Said| this_window(limits, method.clone(), size == read);
        let count = |limits: Interval| estimate(limits, &method);
        let wrong = Interval { value: alerts - right.value, low: alerts - right.high, high: alerts - right.low };
        let joined = said!(en: "MOVER over hypergeometric cells", fr: "MOVER sur cellules hypergéométriques");
        let overlap = self.overlap(reviewed, raised);
        let whole = (0..self.judged.n).all(|case| !(raised[case] || self.in_baseline(case)) || reviewed.read[case]);
        let compared = |limits: Option<Interval>| limits.filter(|_| !is_baseline).map(|limits| this_window(limits, joined.clone(), whole));
        let share = |count: f64| count / alerts.max(1.0);
        point.true_alerts = right.value.round() as u64;
        point.false_alerts = size - point.true_alerts.min(size);
        point.benign_true_alerts = self.benign(reviewed, raised, wrong.value).min(point.false_alerts);
        point.unknown_alerts = 0;
        point.false_alerts_per_week = self.per_week(wrong.value);
        point.precision = (size > 0).then(|| share(right.value));
        point.sampled = Some(Sampled {
            read,
            unread: size - read,
            true_alerts: count(right),
            false_alerts: count(wrong),
            precision: (size > 0).then(|| {
                let limits = Interval { value: share(right.value), low: share(right.low), high: share(right.high) };
                estimate(limits, if is_baseline { &joined } else { &method })
            }),
            fp_reduction: overlap.and_then(|overlap| compared(overlap.fp_reduction())),
            recall_kept_by_units: overlap.and_then(|overlap| compared(overlap.recall_kept())),
            if_misread: self.if_misread(reviewed, raised, is_baseline),
        });
    }

    /// The limits at each rate of false verdicts.
    fn if_misread(&self, reviewed: &Reviewed, raised: &[bool], is_baseline: bool) -> Vec<Misread> {
        let base = self.baseline.as_ref().map(|base| base.raised.as_slice()).filter(|base| !is_baseline && self.covered(base));
        let rates = misread::rates(reviewed.summary.read_twice, reviewed.summary.attack_disagreements, self.confidence);
        // Each of these may be wrong on its own: what was not read, and the verdicts, of either queue.
        let sources = |raised: &[bool]| if raised.iter().zip(&reviewed.read).any(|(raised, read)| *raised && !read) { 2 } else { 1 };
        let own = sources(raised);
        rates
            .into_iter()
            .map(|rate| {
                let precision = self.true_if_misread(reviewed, (raised, is_baseline), rate, own).map(|(n, low, high)| [low / n, high / n]);
                let fp_reduction = base.and_then(|base| {
                    let of = own + sources(base);
                    let (n, low, high) = self.true_if_misread(reviewed, (raised, false), rate, of)?;
                    let (of_base, base_low, base_high) = self.true_if_misread(reviewed, (base, true), rate, of)?;
                    (of_base > base_high).then(|| [1.0 - (n - low) / (of_base - base_high), 1.0 - (n - high) / (of_base - base_low)])
                });
                Misread { rate, precision, fp_reduction }
            })
            .collect()
    }

    /// How many alerts there are, and the limits of the true ones where `sources` of error share the confidence.
    fn true_if_misread(
        &self,
        reviewed: &Reviewed,
        (raised, is_baseline): (&[bool], bool),
        rate: ErrorRate,
        sources: u32,
    ) -> Option<(f64, f64, f64)> {
        let alerts = raised.iter().filter(|raised| **raised).count();
        let tail = misread::shared_tail(self.confidence, sources);
        let said = self.true_in_window(reviewed, raised, is_baseline, 1.0 - 2.0 * tail);
        let said = (said.low.max(0.0).floor() as u64, said.high.max(0.0).ceil() as u64);
        let (low, high) = misread::true_alerts(said, alerts as u64, rate.error, tail).filter(|_| alerts > 0)?;
        Some((alerts as f64, low as f64, high as f64))
    }

    /// The true alerts among these. The baseline's go by hypergeometric cells: its stratum without votes is too large for Korn-Graubard.
    fn true_in_window(&self, reviewed: &Reviewed, raised: &[bool], is_baseline: bool, confidence: f64) -> Interval {
        let cells = self.by_stratum(reviewed, |case| raised[case]);
        if is_baseline { finite::part(&cells, &self.shares(reviewed, raised), confidence) } else { finite::true_alerts(&cells, confidence) }
    }

    /// These and the baseline's alerts in three parts; `None` without a baseline.
    fn overlap(&self, reviewed: &Reviewed, raised: &[bool]) -> Option<Overlap> {
        let base = &self.baseline.as_ref()?.raised;
        let shares = self.shares(reviewed, raised);
        let count = |of: &[bool]| of.iter().filter(|raised| **raised).count() as f64;
        let part = |own: bool, rule: bool| {
            finite::part(&self.by_stratum(reviewed, |case| raised[case] == own && base[case] == rule), &shares, self.confidence)
        };
        Some(Overlap {
            contender: count(raised),
            baseline: count(base),
            own: part(true, false),
            both: part(true, true),
            rest: part(false, true),
        })
    }

    /// How many of the false alerts are right but legitimate: the share of what was read, each weighted by its stratum.
    fn benign(&self, reviewed: &Reviewed, raised: &[bool], wrong: f64) -> u64 {
        let cells = self.by_stratum(reviewed, |case| raised[case]);
        let (mut benign, mut all) = (0.0, 0.0);
        for case in (0..self.judged.n).filter(|&case| raised[case] && reviewed.read[case]) {
            let Some(cell) = reviewed.stratum[case].map(|h| cells[usize::from(h).min(KNOWN)]) else { continue };
            let weight = cell.size as f64 / cell.read.max(1) as f64;
            match self.judged.truth[case] {
                Truth::BenignTrue => (benign, all) = (benign + weight, all + weight),
                Truth::False => all += weight,
                Truth::True | Truth::Unknown => {}
            }
        }
        if all > 0.0 { (wrong * benign / all).round() as u64 } else { 0 }
    }

    /// Of the baseline's incidents that the simple random part of the review hit, the share caught; of all of the baseline's where everything was
    /// read. `None`: it hit none.
    pub(super) fn recall_from_review(&self, raised: &[bool], caught: &[bool], limits: Limits) -> Option<Estimate> {
        let reviewed = self.input.review.filter(|_| self.covered(raised) && self.has_kept() && self.counted.contains(&true))?;
        let mut estimate = self.recall(caught, &self.counted, limits);
        let unread = |case: usize| raised[case] && !reviewed.read[case];
        let note = estimate.note.take().unwrap_or_default();
        estimate.note = Some(if self.all_read {
            said!(
                en: "{note}, of the incidents that the review found",
                fr: "{note}, des incidents trouvés par la relecture",
                note = note,
            )
        } else {
            said!(
                en: "{note}, of the incidents that the simple random part of the review found",
                fr: "{note}, des incidents trouvés par la part purement aléatoire de la relecture",
                note = note,
            )
        });
        // An incident may be caught by an alert that nobody read, so what was seen is a lower bound.
        if (0..self.judged.n).any(unread) && estimate.high.is_some() {
            estimate.high = Some(1.0);
        }
        Some(estimate)
    }

    /// The difference of the true alerts of two sets of cases about this window: what both raise cancels and needs no review.
    pub fn difference_in_window(&self, a: &[bool], b: &[bool]) -> Option<Estimate> {
        let reviewed = self.input.review.filter(|_| self.covered(a) && self.covered(b))?;
        let only = |x: &[bool], y: &[bool]| finite::true_alerts(&self.by_stratum(reviewed, |case| x[case] && !y[case]), self.confidence);
        let found = finite::mover(&[only(a, b), only(b, a)], |v| v[0] - v[1]);
        Some(this_window(
            found,
            said!(
                en: "MOVER over Korn-Graubard on the discordant alerts",
                fr: "MOVER sur Korn-Graubard pour les alertes discordantes",
            ),
            found.low == found.high,
        ))
    }
}

fn this_window(limits: Interval, method: Said, read: bool) -> Estimate {
    Estimate {
        value: limits.value,
        low: Some(limits.low),
        high: Some(limits.high),
        question: Question::ThisWindow,
        method,
        note: read.then(|| said!(en: "every alert was read: a point", fr: "toutes les alertes ont été lues : une valeur")),
    }
}

#[cfg(test)]
mod tests;
