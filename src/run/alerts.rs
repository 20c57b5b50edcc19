//! The alerts of the pick, with the fields that drove them; and the distribution of its scores.

use std::collections::BTreeMap;

use ndarray::Array2;

use crate::{
    detect::{Outcome, ScoreTable, Scored},
    evaluate::{self, Alert, Driver, Evaluation, Input},
    fields::Matrices,
    report::Histogram,
    units::{Disposition, Part},
};

/// How many alerts are kept.
pub const KEPT: usize = 200;

/// The fields that are named for an alert.
const DRIVERS: usize = 3;

/// The cases that a contender opens at the budget, highest first; at most [`KEPT`].
pub fn alerts(id: &str, input: &Input<'_>, matrices: &Matrices) -> Vec<Alert> {
    let Some(scored) = scored(input.scores, id) else { return Vec::new() };
    let part = input.judged;
    let drivers = Drivers { contributions: scored.contributions.as_ref(), matrices };
    let mut members: BTreeMap<usize, Vec<usize>> = evaluate::opened(input, id).into_iter().map(|case| (case, Vec::new())).collect();
    for (unit, case) in part.case_of.iter().enumerate() {
        if let Some(units) = members.get_mut(&(*case as usize)) {
            units.push(unit);
        }
    }
    // Each case with the unit that gives it its score: the highest, the first of equal ones.
    let highest =
        |units: &Vec<usize>| units.iter().copied().reduce(|best, unit| if scored.judged[unit] > scored.judged[best] { unit } else { best });
    let mut cases: Vec<(usize, Vec<usize>)> = members.into_values().filter_map(|units| Some((highest(&units)?, units))).collect();
    cases.sort_by(|a, b| scored.judged[b.0].total_cmp(&scored.judged[a.0]).then(a.0.cmp(&b.0)));
    cases
        .iter()
        .take(KEPT)
        .enumerate()
        .map(|(rank, (unit, units))| Alert {
            rank: rank as u64 + 1,
            entity: part.rows[*unit].entity.to_string(),
            start: part.starts[*unit],
            units: units.len() as u64,
            score: scored.judged[*unit],
            disposition: disposition(part, units),
            incidents: incidents(part, units),
            drivers: drivers.of(*unit),
            in_baseline: input.baseline.is_some_and(|(_, judged)| units.iter().any(|unit| judged[*unit])),
        })
        .collect()
}

fn scored<'a>(table: &'a ScoreTable, id: &str) -> Option<&'a Scored> {
    table.columns.iter().find(|column| column.id == id).and_then(|column| match &column.outcome {
        Outcome::Scored(scored) => Some(scored.as_ref()),
        _ => None,
    })
}

/// What the labels say of a case: an attack where any of its units is one; with complete labels, what is not labelled is false.
fn disposition(part: &Part, members: &[usize]) -> Option<Disposition> {
    let labels = part.labels.as_ref()?;
    let of = |wanted| members.iter().any(|unit| labels.dispositions[*unit] == Some(wanted));
    [Disposition::TruePositive, Disposition::BenignTruePositive, Disposition::FalsePositive]
        .into_iter()
        .find(|wanted| of(*wanted))
        .or(labels.complete.then_some(Disposition::FalsePositive))
}

fn incidents(part: &Part, members: &[usize]) -> Vec<String> {
    let Some(labels) = &part.labels else { return Vec::new() };
    let mut found: Vec<u32> = members.iter().flat_map(|unit| labels.incidents_of[*unit].iter().copied()).collect();
    found.sort_unstable();
    found.dedup();
    found.into_iter().map(|index| labels.incidents[index as usize].id.clone()).collect()
}

/// Finds the fields that drove a unit's score: by the method's own contributions, else by how far each scaled field lies from its middle.
struct Drivers<'a> {
    contributions: Option<&'a Array2<f64>>,
    matrices: &'a Matrices,
}

impl Drivers<'_> {
    fn of(&self, unit: usize) -> Vec<Driver> {
        let weights: Vec<f64> = match self.contributions {
            Some(contributions) => contributions.row(unit).iter().map(|value| value.max(0.0)).collect(),
            None => self.matrices.judged.row(unit).iter().map(|value| value.abs()).collect(),
        };
        let sum: f64 = weights.iter().sum();
        let mut order: Vec<usize> = (0..weights.len()).filter(|index| weights[*index] > 0.0).collect();
        order.sort_by(|a, b| weights[*b].total_cmp(&weights[*a]).then(a.cmp(b)));
        order
            .into_iter()
            .take(DRIVERS)
            .map(|index| {
                let field = &self.matrices.judged.features()[index];
                let usual =
                    self.matrices.summaries.iter().find(|summary| summary.name == *field).map_or(0.0, |summary| summary.quantiles[2]);
                Driver {
                    field: field.clone(),
                    value: self.matrices.raw_judged.row(unit)[index],
                    usual,
                    share: if sum > 0.0 { weights[index] / sum } else { 0.0 },
                }
            })
            .collect()
    }
}

/// How a contender's scores are distributed over the judged units, in at most 60 bins.
pub fn histogram(id: &str, evaluation: &Evaluation, input: &Input<'_>) -> Option<Histogram> {
    let scores = &scored(input.scores, id)?.judged;
    let low = scores.iter().copied().fold(f64::INFINITY, f64::min);
    let high = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    // Scores are finite; no rows leaves `low` above `high`.
    if low >= high {
        return None;
    }
    let bins = 60.min(scores.len());
    let width = (high - low) / bins as f64;
    let mut counts = vec![0; bins];
    for score in scores {
        counts[(((score - low) / width) as usize).min(bins - 1)] += 1;
    }
    let attacks = input.judged.labels.as_ref().map_or_else(Vec::new, |labels| {
        let attack = |unit: &usize| labels.dispositions[*unit] == Some(Disposition::TruePositive);
        (0..scores.len()).filter(attack).map(|unit| scores[unit]).collect()
    });
    let edges = (0..=bins).map(|bin| low + width * bin as f64).collect();
    Some(Histogram { edges, counts, attacks, cut: evaluation.contender(id).and_then(|contender| contender.threshold) })
}
