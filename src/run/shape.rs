//! What only the rows can tell of the matrix, kept for the appendix: how many units each period has, how skewed and how alike the fields
//! are, and where the units lie on the two main components.

use ndarray::{Array2, ArrayView2};
use rand::{SeedableRng, seq::index::sample};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::{
    detect::linear::{mean_and_covariance, symmetric_eigen},
    fields::Matrices,
    report::{Map, Shape},
    units::{Disposition, Part},
};

/// Units on the map at most.
const POINTS: usize = 2_000;
/// The correlation from which two fields say nearly the same.
const ALIKE: f64 = 0.9;

/// Describes the matrix of a run: `too_quiet` units had fewer events than `min_events`.
pub fn shape(training: &Part, judged: &Part, matrices: &Matrices, too_quiet: u64, in_sample: bool, seed: u64) -> Shape {
    let parts = if in_sample { vec![judged] } else { vec![training, judged] };
    Shape {
        too_quiet,
        units_per_period: parts.into_iter().flat_map(units_per_period).collect(),
        skew: skew(matrices),
        alike: alike(matrices),
        map: map(judged, matrices, seed),
    }
}

/// The beginning of each budget period, and how many units begin in it.
fn units_per_period(part: &Part) -> Vec<(i64, u64)> {
    let mut counts = vec![0; part.budget_periods.len()];
    for case in &part.case_of {
        let period = part.cases[*case as usize].budget_period;
        counts[period as usize] += 1;
    }
    part.budget_periods.iter().map(|period| period.start).zip(counts).collect()
}

/// Each field's third standardised moment over the training part, before scaling; fields that do not vary have none.
fn skew(matrices: &Matrices) -> Vec<(String, f64)> {
    let raw = &matrices.raw_training;
    let of = |column: Vec<f64>| {
        let rows = column.len() as f64;
        let mean = column.iter().sum::<f64>() / rows;
        let moment = |power: i32| column.iter().map(|value| (value - mean).powi(power)).sum::<f64>() / rows;
        let skew = moment(3) / moment(2).powf(1.5);
        skew.is_finite().then_some(skew)
    };
    raw.features().iter().enumerate().filter_map(|(index, name)| Some((name.clone(), of(raw.column(index).to_vec())?))).collect()
}

/// Pairs of fields whose scaled values in the training part are correlated beyond [`ALIKE`], the closest first.
fn alike(matrices: &Matrices) -> Vec<(String, String, f64)> {
    let names = matrices.training.features();
    let (_, covariance) = mean_and_covariance(matrices.training.values(), None);
    let mut pairs = Vec::new();
    for i in 0..names.len() {
        for j in 0..i {
            let correlation = covariance[(i, j)] / (covariance[(i, i)] * covariance[(j, j)]).sqrt();
            if correlation.abs() > ALIKE {
                pairs.push((names[j].clone(), names[i].clone(), correlation));
            }
        }
    }
    pairs.sort_by(|a, b| b.2.abs().total_cmp(&a.2.abs()));
    pairs
}

/// A random sample of judged units on the two main components of the training part, every field in units of its standard deviation there.
fn map(judged: &Part, matrices: &Matrices, seed: u64) -> Option<Map> {
    let (training, rows) = (matrices.training.values(), matrices.judged.values());
    let columns = training.ncols();
    if columns < 2 || training.nrows() < 2 || rows.nrows() == 0 {
        return None;
    }
    let (mean, covariance) = mean_and_covariance(training, None);
    let deviation: Vec<f64> = (0..columns).map(|i| covariance[(i, i)].sqrt()).collect();
    let varies = |i: usize| deviation[i] > 0.0;
    let correlation = Array2::from_shape_fn((columns, columns), |(i, j)| {
        if varies(i) && varies(j) { covariance[(i, j)] / (deviation[i] * deviation[j]) } else { 0.0 }
    });
    let (values, vectors) = symmetric_eigen(correlation);
    let sum: f64 = values.iter().sum();
    if sum <= 0.0 {
        return None;
    }
    let place = |rows: ArrayView2<'_, f64>, row: usize, component: usize| {
        (0..columns).filter(|i| varies(*i)).map(|i| (rows[(row, i)] - mean[i]) / deviation[i] * vectors[(component, i)]).sum::<f64>()
    };
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed ^ 0x006d_6170);
    let mut drawn = sample(&mut random, rows.nrows(), POINTS.min(rows.nrows())).into_vec();
    drawn.sort_unstable();
    let is_attack = |unit: usize| judged.labels.as_ref().is_some_and(|labels| labels.dispositions[unit] == Some(Disposition::TruePositive));
    // Four digits place a dot; the rest would only make the file longer.
    let short = |value: f64| format!("{value:.3e}").parse().unwrap_or(value);
    Some(Map {
        shares: [values[0] / sum, values[1] / sum],
        units: rows.nrows() as u64,
        points: drawn.into_iter().map(|unit| (short(place(rows, unit, 0)), short(place(rows, unit, 1)), is_attack(unit))).collect(),
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::units::{FeatureMatrix, RowKey};

    fn matrices(rows: &[[f64; 3]]) -> Matrices {
        let keys: Arc<[RowKey]> = (0..rows.len()).map(|row| RowKey { entity: format!("e{row}").into(), period: 0 }).collect();
        let features: Arc<[String]> = ["a".to_owned(), "b".to_owned(), "c".to_owned()].into();
        let matrix = FeatureMatrix::new(Array2::from_shape_fn((rows.len(), 3), |(i, j)| rows[i][j]), features, keys).unwrap();
        Matrices {
            training: matrix.clone(),
            judged: matrix.clone(),
            raw_training: matrix.clone(),
            raw_judged: matrix,
            summaries: Vec::new(),
            dropped: Vec::new(),
        }
    }

    fn part(matrices: &Matrices) -> Part {
        let rows = matrices.judged.rows().iter().cloned().collect::<Arc<[RowKey]>>();
        let case_of = vec![0; rows.len()];
        Part {
            starts: vec![0; rows.len()],
            rows,
            case_of,
            cases: vec![crate::units::Case { cluster: 0, budget_period: 0 }],
            clusters: ["all".to_owned()].into(),
            budget_periods: vec![crate::units::BudgetPeriod { start: 7, days: 1.0 }],
            labels: None,
        }
    }

    #[test]
    fn two_fields_that_say_the_same_are_one_component() {
        // b = 2a, c is not correlated with either: correlations 1, 0, 0, eigenvalues 2, 1, 0.
        let matrices = matrices(&[[1.0, 2.0, 1.0], [-1.0, -2.0, 1.0], [1.0, 2.0, -1.0], [-1.0, -2.0, -1.0]]);
        let found = shape(&part(&matrices), &part(&matrices), &matrices, 5, true, 1);
        let map = found.map.unwrap();
        assert!((map.shares[0] - 2.0 / 3.0).abs() < 1e-12 && (map.shares[1] - 1.0 / 3.0).abs() < 1e-12, "{:?}", map.shares);
        // Both a and b are one deviation from their mean: (1 + 1) / sqrt(2).
        let first = map.points[0].0;
        assert!((first.abs() - 2.0_f64.sqrt()).abs() < 1e-3, "{first}");
        assert_eq!((map.units, map.points.len(), found.too_quiet), (4, 4, 5));
        assert_eq!(found.alike.len(), 1);
        assert!((found.alike[0].2 - 1.0).abs() < 1e-12 && found.alike[0].0 == "a" && found.alike[0].1 == "b");
        assert_eq!(found.units_per_period, [(7, 4)]);
    }

    #[test]
    fn skew_is_that_of_the_formula() {
        // Mean 1, second moment 2, third 2: 2 / 2^1.5. A column that does not vary has none.
        let matrices = matrices(&[[0.0, 1.0, 0.0], [0.0, 1.0, 0.0], [3.0, 1.0, 0.0]]);
        let found = skew(&matrices);
        assert_eq!(found.len(), 1);
        assert!((found[0].1 - 2.0 / 2.0_f64.powf(1.5)).abs() < 1e-12, "{found:?}");
    }
}
