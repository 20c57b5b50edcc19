//! The alerts of the pick, with the fields that drove them; and the distribution of its scores.

use std::collections::BTreeMap;

use ndarray::Array2;

use super::gather::Gathered;
use crate::{
    detect::{Outcome, ScoreTable, Scored},
    evaluate::{self, Alert, Driver, Evaluation},
    fields::Matrices,
    report::Histogram,
    spec::Experiment,
    units::{Disposition, Part},
};

/// How many alerts are kept.
pub const KEPT: usize = 200;

/// The fields that are named for an alert.
const DRIVERS: usize = 3;

/// The cases that a contender opens at the budget, highest first; at most [`KEPT`].
pub fn alerts(id: &str, evaluation: &Evaluation, table: &ScoreTable, gathered: &Gathered, matrices: &Matrices, experiment: &Experiment, seed: u64) -> Vec<Alert> {
    let Some(scored) = scored(table, id) else { return Vec::new() };
    let part = &gathered.parts.judged;
    let opened = evaluate::opened(id, &scored.judged, &scored.training, &gathered.parts.training, part, &experiment.evaluate, evaluation.budget, seed);
    let drivers = Drivers { contributions: scored.contributions.as_ref(), matrices };
    let mut best: BTreeMap<u32, (usize, u64)> = BTreeMap::new();
    for (unit, case) in part.case_of.iter().enumerate() {
        let entry = best.entry(*case).or_insert((unit, 0));
        entry.1 += 1;
        if scored.judged[unit] > scored.judged[entry.0] {
            entry.0 = unit;
        }
    }
    let mut cases: Vec<(usize, u64, u32)> = opened.iter().filter_map(|case| best.get(case).map(|(unit, units)| (*unit, *units, *case))).collect();
    cases.sort_by(|a, b| scored.judged[b.0].total_cmp(&scored.judged[a.0]).then(a.0.cmp(&b.0)));
    cases
        .iter()
        .take(KEPT)
        .enumerate()
        .map(|(rank, (unit, units, case))| {
            let members: Vec<usize> = part.case_of.iter().enumerate().filter(|(_, c)| *c == case).map(|(unit, _)| unit).collect();
            Alert {
                rank: rank as u64 + 1,
                entity: part.rows[*unit].entity.to_string(),
                start: part.starts[*unit],
                units: *units,
                score: scored.judged[*unit],
                disposition: disposition(part, &members),
                incidents: incidents(part, &members),
                drivers: drivers.of(*unit),
                in_baseline: gathered.baseline.as_ref().is_some_and(|(_, judged)| members.iter().any(|unit| judged[*unit])),
            }
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
                let usual = self.matrices.summaries.iter().find(|summary| summary.name == *field).map_or(0.0, |summary| summary.quantiles[2]);
                Driver { field: field.clone(), value: self.matrices.raw_judged.row(unit)[index], usual, share: if sum > 0.0 { weights[index] / sum } else { 0.0 } }
            })
            .collect()
    }
}

/// How a contender's scores are distributed over the judged units, in at most 60 bins.
pub fn histogram(id: &str, evaluation: &Evaluation, table: &ScoreTable, gathered: &Gathered) -> Option<Histogram> {
    let scores = &scored(table, id)?.judged;
    let low = scores.iter().copied().fold(f64::INFINITY, f64::min);
    let high = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if !(low < high) {
        return None;
    }
    let bins = 60.min(scores.len());
    let width = (high - low) / bins as f64;
    let mut counts = vec![0; bins];
    for score in scores {
        counts[(((score - low) / width) as usize).min(bins - 1)] += 1;
    }
    let attacks = gathered.parts.judged.labels.as_ref().map_or_else(Vec::new, |labels| {
        let attack = |unit: &usize| labels.dispositions[*unit] == Some(Disposition::TruePositive);
        (0..scores.len()).filter(attack).map(|unit| scores[unit]).collect()
    });
    let edges = (0..=bins).map(|bin| low + width * bin as f64).collect();
    Some(Histogram { edges, counts, attacks, cut: evaluation.contender(id).and_then(|contender| contender.threshold) })
}
