//! The alerts of the pick, with the fields that drove them; and the distribution of its scores.

use std::{collections::BTreeMap, sync::Arc};

use ndarray::Array2;

use crate::{
    detect::{Outcome, ScoreTable, Scored},
    evaluate::{self, Alert, Driver, Evaluation, Input},
    fields::Matrices,
    report::Histogram,
    units::{Disposition, FeatureMatrix, Part, RowKey},
};

/// How many alerts are kept.
pub const KEPT: usize = 200;

/// The fields that are named for an alert.
const DRIVERS: usize = 3;

/// The cases that a contender opens at the budget, highest first; at most [`KEPT`]. Each with the judged unit that gives it its score.
pub fn alerts(id: &str, input: &Input<'_>, matrices: &Matrices) -> Vec<(usize, Alert)> {
    let Some(scored) = scored(input.scores, id) else { return Vec::new() };
    let part = input.judged;
    let mut drivers = Drivers {
        contributions: scored.contributions.as_ref(),
        matrices,
        own: rows_by(&matrices.raw_training, |key| key.entity.clone()),
        period: rows_by(&matrices.raw_judged, |key| key.period),
        sorted: BTreeMap::new(),
    };
    let mut members: BTreeMap<usize, Vec<usize>> = evaluate::opened(input, id).into_iter().map(|case| (case, Vec::new())).collect();
    for (unit, case) in part.case_of.iter().enumerate() {
        if let Some(units) = members.get_mut(&(*case as usize)) {
            units.push(unit);
        }
    }
    let alerting = |unit: &usize| input.suppressed.is_none_or(|rules| rules.judged[*unit].is_none());
    // Each case with the unit that gives it its score: the highest that is not suppressed, the first of equal ones.
    let highest = |units: &Vec<usize>| {
        units.iter().copied().filter(alerting).reduce(|best, unit| if scored.judged[unit] > scored.judged[best] { unit } else { best })
    };
    let mut cases: Vec<(usize, Vec<usize>)> = members.into_values().filter_map(|units| Some((highest(&units)?, units))).collect();
    cases.sort_by(|a, b| scored.judged[b.0].total_cmp(&scored.judged[a.0]).then(a.0.cmp(&b.0)));
    cases
        .iter()
        .take(KEPT)
        .enumerate()
        .map(|(rank, (unit, units))| {
            let alert = Alert {
                rank: rank as u64 + 1,
                entity: part.rows[*unit].entity.to_string(),
                start: part.starts[*unit],
                units: units.len() as u64,
                score: scored.judged[*unit],
                disposition: disposition(part, units),
                incidents: incidents(part, units),
                drivers: drivers.of(*unit),
                in_baseline: input.baseline.is_some_and(|(_, judged)| units.iter().any(|unit| judged[*unit] && alerting(unit))),
            };
            (*unit, alert)
        })
        .collect()
}

/// The rows of a matrix by some part of their key.
fn rows_by<K: Ord>(matrix: &FeatureMatrix, part: impl Fn(&RowKey) -> K) -> BTreeMap<K, Vec<usize>> {
    let mut rows: BTreeMap<K, Vec<usize>> = BTreeMap::new();
    for (row, key) in matrix.rows().iter().enumerate() {
        rows.entry(part(key)).or_default().push(row);
    }
    rows
}

/// The middle of some values: the mean of the middle two where their number is even.
fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_unstable_by(f64::total_cmp);
    let (last, odd) = (values.len().checked_sub(1)?, values.len() % 2 == 1);
    Some(if odd { values[last / 2] } else { f64::midpoint(values[last / 2], values[last / 2 + 1]) })
}

/// The middle of sorted values, but for the one at `out`.
fn middle_without(sorted: &[f64], out: usize) -> Option<f64> {
    let left = sorted.len().checked_sub(1).filter(|left| *left > 0)?;
    let at = |rank: usize| sorted[if rank < out { rank } else { rank + 1 }];
    Some(if left % 2 == 1 { at(left / 2) } else { f64::midpoint(at(left / 2 - 1), at(left / 2)) })
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
    /// Rows of the training part by entity.
    own: BTreeMap<Arc<str>, Vec<usize>>,
    /// Rows of the judged part by period.
    period: BTreeMap<i64, Vec<usize>>,
    /// What a field is in each unit of a period, in order, for the periods and fields that alerts asked for so far.
    sorted: BTreeMap<(i64, usize), Vec<f64>>,
}

impl Drivers<'_> {
    /// The middle of a field over the entity's own units of the training part.
    fn own_usual(&self, unit: usize, field: usize) -> Option<f64> {
        let rows = self.own.get(&self.matrices.raw_judged.rows()[unit].entity)?;
        let column = self.matrices.raw_training.column(field);
        median(rows.iter().map(|&row| column[row]).collect())
    }

    /// The middle of a field over the other entities in the unit's own period, in which its entity has no other unit.
    fn peers_usual(&mut self, unit: usize, field: usize) -> Option<f64> {
        let period = self.matrices.raw_judged.rows()[unit].period;
        let rows = self.period.get(&period)?;
        let column = self.matrices.raw_judged.column(field);
        let sorted = self.sorted.entry((period, field)).or_insert_with(|| {
            let mut values: Vec<f64> = rows.iter().map(|&row| column[row]).collect();
            values.sort_unstable_by(f64::total_cmp);
            values
        });
        let own = column[unit];
        middle_without(sorted, sorted.partition_point(|value| value.total_cmp(&own).is_lt()))
    }

    fn of(&mut self, unit: usize) -> Vec<Driver> {
        let weights: Vec<f64> = match self.contributions {
            // A row far down, or one that nothing raises, has none.
            Some(contributions) if contributions.row(unit).iter().any(|value| *value > 0.0) => {
                contributions.row(unit).iter().map(|value| value.max(0.0)).collect()
            }
            _ => self.matrices.judged.row(unit).iter().map(|value| value.abs()).collect(),
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
                    own: self.own_usual(unit, index),
                    peers: self.peers_usual(unit, index),
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_middle_without_one_is_the_median_of_the_others(values in prop::collection::vec(-5_i8..5, 1..40), out in 0_usize..40) {
            let mut sorted: Vec<f64> = values.iter().map(|value| f64::from(*value)).collect();
            sorted.sort_unstable_by(f64::total_cmp);
            let out = out % sorted.len();
            let mut others = sorted.clone();
            others.remove(out);
            prop_assert_eq!(middle_without(&sorted, out), median(others));
        }
    }
}
