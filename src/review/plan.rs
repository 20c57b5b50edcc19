//! What a review can give before it is begun: how many readings give which width, what it takes to settle each criterion.

use std::collections::BTreeMap;

use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use serde::Serialize;

use super::{Review, agree};
use crate::{
    evaluate::{
        Estimate, NextSheet,
        design::{KNOWN, STRATA, VOTES},
        intervals::incidents_needed,
        outlook::{Variation, at_budget, chance_of_share, readings_for, variation},
        readings::{Reading, labelled},
    },
    run::again::input,
    spec::Criterion,
    units::{Disposition, Part},
};

/// Imagined reviews for each number of readings.
const DRAWS: u64 = 12;
/// Guesses of the share of true alerts in each stratum, each worth so many readings.
const GUESS: [f64; STRATA] = [0.01, 0.05, 0.15, 0.35];
const WORTH: f64 = 4.0;

/// A plan, for people and programs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Plan {
    /// How many cases the frame holds that no label told.
    pub frame: u64,
    /// How many of them were read.
    pub read: u64,
    /// Whether reading all of it is offered first.
    pub whole_first: bool,
    /// The strata.
    pub strata: Vec<PlannedStratum>,
    /// About this window: what so many readings in all give.
    pub window: Vec<Widths>,
    /// About the weeks to come: half the width of the false-alert ratio on the logarithmic scale, by judged days.
    pub weeks: Vec<Weeks>,
    /// How many simple random readings it takes for a share of one half to be known to plus or minus ten points.
    pub simple_readings: u64,
    /// What settles each criterion.
    pub criteria: Vec<PlannedCriterion>,
}

/// One stratum.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlannedStratum {
    /// How many contenders raise a case of it.
    pub votes: &'static str,
    /// How many cases it holds.
    pub size: u64,
    /// The share of true alerts that the plan assumes: a guess, until some were read.
    pub assumed: f64,
}

/// Widths about this window, the median over contenders and imagined reviews.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Widths {
    /// Readings in all.
    pub readings: u64,
    /// Of each stratum.
    pub by_stratum: [u64; STRATA],
    /// Of the share of true alerts at the budget.
    pub precision: Option<f64>,
    /// Of the false-alert reduction.
    pub fp_reduction: Option<f64>,
    /// Of the share of the rule's true alerts kept, by units.
    pub recall_kept_by_units: Option<f64>,
}

/// The weeks to come, from so many days.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Weeks {
    /// Judged days.
    pub days: f64,
    /// Half the width on the logarithmic scale.
    pub half: f64,
}

/// What settles one criterion.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlannedCriterion {
    /// As asked: `recall_kept >= 0.8`.
    pub asked: String,
    /// What it takes, a line each.
    pub lines: Vec<String>,
    /// The chances to show it: what is at hand, the truth, the chance.
    pub chances: Vec<(String, f64, f64)>,
}

/// Plans a review.
pub fn plan(review: &Review) -> Plan {
    let given = agree::agree(&review.given).readings;
    let assumed = assumed(review, &given);
    let frame = review.size() as u64;
    let read = review.read_count() as u64;
    let mut readings: Vec<u64> = [50, 100, 200, 400].into_iter().filter(|n| *n > read && *n < frame).collect();
    readings.push(frame);
    let blind = &review.state.judged;
    let varied = variation(&input(&review.saved, &review.state, blind, None));
    let confidence = review.saved.evaluation.confidence;
    let days = blind.days();
    let criteria = review.saved.resolved.experiment.decision.as_ref().map_or(&[][..], |decision| &decision.require);
    Plan {
        frame,
        read,
        whole_first: frame - read <= super::WHOLE as u64,
        strata: (0..STRATA).map(|h| PlannedStratum { votes: VOTES[h], size: review.frame.sizes()[h], assumed: assumed[h] }).collect(),
        window: readings.into_iter().map(|n| widths(review, &given, assumed, n)).collect(),
        weeks: varied
            .map_or_else(Vec::new, |varied| [1.0, 2.0, 4.0].map(|more| Weeks { days: days * more, half: varied.half(more) }).into()),
        simple_readings: readings_for(0.5, 0.1, confidence),
        criteria: criteria.iter().map(|criterion| settle(criterion, varied.as_ref(), days, confidence)).collect(),
    }
}

/// What the next sheet would bring; `None` where everything was read.
pub(super) fn next(review: &Review) -> Option<NextSheet> {
    let left = review.size() - review.read_count();
    let rows = super::usual(left);
    let given = agree::agree(&review.given).readings;
    let Widths { precision, fp_reduction, recall_kept_by_units, .. } =
        (left > 0).then(|| widths(review, &given, assumed(review, &given), given.len() as u64 + rows))?;
    Some(NextSheet { rows, precision, fp_reduction, recall_kept_by_units })
}

/// The share of true alerts in each stratum: what was read, and a guess worth four readings.
fn assumed(review: &Review, given: &BTreeMap<u32, Reading>) -> [f64; STRATA] {
    std::array::from_fn(|h| {
        let read: Vec<&Reading> = review.frame.order[h].iter().filter_map(|case| given.get(case)).collect();
        let right = read.iter().filter(|reading| reading.disposition == Disposition::TruePositive).count();
        (right as f64 + WORTH * GUESS[h]) / (read.len() as f64 + WORTH)
    })
}

/// Imagines the truth of every case from the assumed shares, reads so many, and takes the widths.
fn widths(review: &Review, given: &BTreeMap<u32, Reading>, assumed: [f64; STRATA], readings: u64) -> Widths {
    let read = review.read();
    let sheet = review.frame.next(&read, readings.saturating_sub(given.len() as u64));
    let mut found: [Vec<f64>; 3] = Default::default();
    for draw in 0..DRAWS {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(review.design.seed ^ draw);
        let mut said = given.clone();
        for &case in &sheet {
            let h = review.frame.stratum[case as usize].map_or(KNOWN, usize::from).min(STRATA - 1);
            let disposition = if rng.r#gen::<f64>() < assumed[h] { Disposition::TruePositive } else { Disposition::FalsePositive };
            said.insert(case, Reading { disposition, incidents: Default::default() });
        }
        let judged = Part { labels: Some(labelled(&review.state.judged, &said)), ..review.state.judged.clone() };
        let reviewed = review.frame.reviewed(&said);
        let contenders = at_budget(&input(&review.saved, &review.state, &judged, Some(&reviewed)));
        for window in contenders.into_iter().filter(|contender| !contender.is_baseline).filter_map(|contender| contender.point.sampled) {
            let width = |estimate: &Option<Estimate>| estimate.as_ref().and_then(|e| Some(e.high? - e.low?));
            for (found, estimate) in found.iter_mut().zip([&window.precision, &window.fp_reduction, &window.recall_kept_by_units]) {
                found.extend(width(estimate));
            }
        }
    }
    let [precision, fp_reduction, recall_kept_by_units] = found.map(|mut widths| {
        widths.sort_by(f64::total_cmp);
        widths.get(widths.len() / 2).copied()
    });
    let done: [u64; STRATA] = std::array::from_fn(|h| review.frame.order[h].iter().filter(|&&case| read[case as usize]).count() as u64);
    Widths { readings, by_stratum: review.frame.allocate(done, readings), precision, fp_reduction, recall_kept_by_units }
}

fn settle(criterion: &Criterion, varied: Option<&Variation>, days: f64, confidence: f64) -> PlannedCriterion {
    let (sign, limit) = match (criterion.at_least, criterion.at_most) {
        (Some(limit), _) => (">=", limit),
        (None, limit) => ("<=", limit.unwrap_or(0.0)),
    };
    let asked = format!("{} {sign} {limit}", criterion.metric);
    let (mut lines, mut chances) = (Vec::new(), Vec::new());
    match (criterion.metric.as_str(), sign) {
        ("recall_kept" | "recall", ">=") => {
            let needed: Vec<u64> = (0..=3).filter_map(|missed| incidents_needed(limit, missed, confidence)).collect();
            match needed.as_slice() {
                [none, one, two, three] => {
                    lines.push(format!("incidents needed with none, one, two, three missed: {none}, {one}, {two}, {three}"))
                }
                _ => lines.push("no number of incidents can show it".into()),
            }
            lines.push("from a review only incidents hit by its simple random part count, unless all of the frame is read; `recall` takes a complete list".into());
            for n in needed {
                chances.extend(
                    [0.90, 0.95, 0.98]
                        .into_iter()
                        .filter(|t| *t > limit)
                        .map(|t| (format!("{n} incidents"), t, chance_of_share(n, limit, t, confidence))),
                );
            }
        }
        ("fp_reduction", ">=") => match varied {
            Some(varied) => {
                lines.push(format!(
                    "with even chance where it is truly {:.2} ({days:.0} days), {:.2} ({:.0} days)",
                    varied.even(limit, 1.0),
                    varied.even(limit, 2.0),
                    2.0 * days
                ));
                lines.push("more reviews hardly narrow it: entities and days dominate".into());
                for more in [1.0, 2.0, 4.0] {
                    let truths = [0.6, 0.7, 0.8, 0.9].into_iter().filter(|t| *t > limit);
                    chances.extend(truths.map(|t| (format!("{:.0} days", days * more), t, varied.chance(limit, t, more))));
                }
            }
            None => lines.push("no interval for the weeks to come: it takes at least 4 days, 10 entities, and a current rule".into()),
        },
        _ => lines.push("no chance is worked out for this measure".into()),
    }
    PlannedCriterion { asked, lines, chances }
}
