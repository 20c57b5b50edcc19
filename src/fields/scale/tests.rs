use proptest::prelude::*;

use super::*;
use crate::text::Said;

fn field(name: &str, values: &[Option<f64>]) -> FieldColumn {
    FieldColumn {
        name: name.into(),
        definition: Said::same(format!("definition of {name}")),
        values: values.to_vec(),
        log: false,
        fill: None,
    }
}

fn table(fields: Vec<FieldColumn>) -> UnitTable {
    let units = fields.first().map_or(0, |field| field.values.len());
    UnitTable {
        rows: (0..units).map(|row| RowKey { entity: row.to_string().into(), period: 0 }).collect(),
        starts: vec![0; units],
        ends: vec![0; units],
        key_columns: Vec::new(),
        keys: Vec::new(),
        attributes: std::collections::BTreeMap::new(),
        events: vec![1; units],
        fields,
        order: (0..units as u32).map(Some).collect(),
        below_min_events: 0,
        no_entity: 0,
        outside_window: 0,
    }
}

fn some(values: &[f64]) -> Vec<Option<f64>> {
    values.iter().copied().map(Some).collect()
}

#[test]
fn robust_is_fitted_on_the_training_part() {
    let table = table(vec![field("a", &some(&[1.0, 2.0, 3.0, 4.0, 100.0, -7.0]))]);
    let matrices = scale(&table, &[0, 1, 2, 3], &[4, 5], Scale::Robust).unwrap();
    // Median 2.5, quartiles 1.75 and 3.25.
    assert_eq!(matrices.training.column(0).to_vec(), [-1.0, -0.5 / 1.5, 0.5 / 1.5, 1.0]);
    assert_eq!(matrices.judged.column(0).to_vec(), [97.5 / 1.5, -9.5 / 1.5]);
    assert_eq!(matrices.raw_judged.column(0).to_vec(), [100.0, -7.0]);
    assert_eq!(matrices.summaries[0].scaling, "robust");
    assert_eq!(matrices.summaries[0].quantiles, [1.0, 1.75, 2.5, 3.25, 4.0]);
    assert_eq!(matrices.judged.rows()[1].entity.as_ref(), "5");
}

#[test]
fn zero_iqr_falls_back_to_the_standard_deviation_and_says_so() {
    let table = table(vec![field("a", &some(&[0.0, 0.0, 0.0, 0.0, 5.0, 10.0]))]);
    let matrices = scale(&table, &[0, 1, 2, 3, 4], &[5], Scale::Robust).unwrap();
    // Mean 1, standard deviation 2.
    assert_eq!(matrices.judged.column(0).to_vec(), [4.5]);
    assert_eq!(matrices.summaries[0].scaling, "standard (IQR is zero)");
}

#[test]
fn log_fill_and_missing_are_told() {
    let mut a = field("a", &[Some(0.0), None, Some(9.0), Some(-9.0), None]);
    a.log = true;
    a.fill = Some(0.0);
    let matrices =
        scale(&table(vec![a, field("b", &[Some(1.0), None, Some(2.0), Some(4.0), None])]), &[0, 1, 2, 3], &[4], Scale::None).unwrap();
    assert_eq!(matrices.training.column(0).to_vec(), [0.0, 0.0, 10f64.ln(), -(10f64.ln())]);
    assert_eq!(matrices.training.column(1).to_vec(), [1.0, 2.0, 2.0, 4.0]);
    assert_eq!((matrices.summaries[0].missing, matrices.summaries[0].fill), (0.25, 0.0));
    assert_eq!((matrices.summaries[1].missing, matrices.summaries[1].fill), (0.25, 2.0));
    assert_eq!(matrices.summaries[0].scaling, "log1p, as it is");
    assert_eq!(matrices.raw_training.column(0).to_vec(), [0.0, 0.0, 9.0, -9.0]);
}

#[test]
fn ranks_count_ties_half() {
    let table = table(vec![field("a", &some(&[1.0, 2.0, 2.0, 3.0, 2.0, 9.0, 0.0]))]);
    let matrices = scale(&table, &[0, 1, 2, 3], &[4, 5, 6], Scale::Rank).unwrap();
    assert_eq!(matrices.judged.column(0).to_vec(), [0.5, 1.0, 0.0]);
}

#[test]
fn constant_columns_are_dropped_and_reported() {
    let table =
        table(vec![field("same", &some(&[3.0, 3.0, 9.0])), field("never", &[None, None, Some(1.0)]), field("a", &some(&[1.0, 2.0, 3.0]))]);
    let matrices = scale(&table, &[0, 1], &[2], Scale::Robust).unwrap();
    assert_eq!(matrices.training.features().to_vec(), ["a"]);
    let reasons: Vec<(&str, &str)> = matrices.dropped.iter().map(|field| (field.feature.as_str(), field.reason.as_str())).collect();
    assert_eq!(reasons, [("same", "constant in the training part"), ("never", "without any value in the training part")]);
    assert_eq!(matrices.summaries.len(), 3);
    // 0.1 + 0.2 and 0.3 differ by rounding only.
    assert!(scale(&super::tests::table(vec![field("a", &some(&[0.1 + 0.2, 0.3, 1.0]))]), &[0, 1], &[2], Scale::Standard).is_err());
}

#[test]
fn nothing_to_learn_from_is_an_error_that_says_why() {
    let full = table(vec![field("a", &some(&[1.0, 1.0]))]);
    for (training, judged, part) in
        [(&[][..], &[0][..], "the training part"), (&[0], &[], "the judged part"), (&[0], &[1], "`a` is constant")]
    {
        let error = scale(&full, training, judged, Scale::Robust).unwrap_err();
        assert!(error.to_string().contains(part) && error.hint().is_some(), "{error}");
    }
}

#[test]
fn extreme_values_are_bounded_visibly() {
    let table = table(vec![field("a", &some(&[0.0, 1.0, 2.0, 1e300, -1e300])), field("b", &some(&[0.0, 1e-200, 1.0, f64::MAX, 0.0]))]);
    for scaling in [Scale::Robust, Scale::Standard, Scale::Rank, Scale::None] {
        let matrices = scale(&table, &[0, 1, 2, 3, 4], &[3, 4], scaling).unwrap();
        assert!(
            matrices.summaries[0].scaling.contains("3 values bounded at 1e100")
                || matrices.summaries[0].scaling.contains("4 values bounded at 1e100")
        );
        let squares: f64 = matrices.training.values().iter().map(|value| value * value).sum();
        assert!(squares.is_finite());
    }
    let matrices = scale(&table, &[0, 1, 2], &[3, 4], Scale::Robust).unwrap();
    assert_eq!(matrices.judged.column(0).to_vec(), [1e9, -1e9]);
    assert!(matrices.summaries[0].scaling.contains("2 scaled values bounded at 1e9"));
}

proptest! {
    #[test]
    fn always_finite(values in prop::collection::vec(prop::option::of(any::<f64>().prop_filter("finite", |v| v.is_finite())), 4..30), log: bool) {
        let mut column = field("a", &values);
        column.log = log;
        let half = values.len() / 2;
        let (training, judged): (Vec<usize>, Vec<usize>) = (0..values.len()).partition(|row| *row < half);
        for scaling in [Scale::Robust, Scale::Standard, Scale::Rank, Scale::None] {
            if let Ok(matrices) = scale(&table(vec![column.clone()]), &training, &judged, scaling) {
                prop_assert!(matrices.summaries[0].drift.is_some_and(f64::is_finite));
                prop_assert!(matrices.training.values().iter().all(|v| v.is_finite()));
            }
        }
    }
}
