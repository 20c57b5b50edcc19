//! Cuts other than the budget's, and the intervals at them, computed by hand.

use super::*;

/// Ten days of twelve entities, two units a day; incident i on entity i at day i mod 10; every unit flagged.
fn longer(attacks: &[(usize, u32)]) -> Part {
    part(12, 10, &(0..240).map(|i| (i % 12, i / 24, (i / 12) % 2)).collect::<Vec<_>>(), attacks, true)
}

#[test]
fn the_prospective_cut_is_placed_on_the_incidents_of_the_training_part() {
    // The training part's incidents score 5 and 3: both are caught at 3; five judged units reach it, one of them an attack.
    let (training, judged) = (longer(&[(3, 0), (50, 1)]), longer(&[(7, 0), (99, 1)]));
    let mut seen = vec![0.0; 240];
    (seen[3], seen[50], seen[60]) = (5.0, 3.0, 2.0);
    let mut scores = vec![0.0; 240];
    (scores[7], scores[99]) = (4.0, 2.9);
    [20, 70, 120, 170].iter().for_each(|&i| scores[i] = 3.0);
    let table = table(&training, &judged, vec![column("a", Kind::Detector, &seen, &scores)]);
    let (settings, flags) = (settings(1, Policy::Top), [true; 240]);
    let input = input(&training, &judged, &table, Some((&flags, &flags)), &settings);
    let found = evaluate(&input);
    let point = found.contender("a").unwrap().prospective.as_ref().unwrap();
    assert_eq!((point.alerts, point.true_alerts, point.incidents_caught), (5, 1, 1));
    let reduction = point.fp_reduction.as_ref().unwrap();
    assert!(reduction.note.as_deref().unwrap().starts_with("cut placed on the incidents of the training part"), "{reduction:?}");
    // 120 cases, two of them attacks: 4 of 118 false alerts are left.
    assert!((reduction.value - (1.0 - 4.0 / 118.0)).abs() < 1e-12);
    assert!(reduction.low.is_some() && reduction.high.is_some());
}

#[test]
fn the_reduction_at_a_recall_by_hand() {
    // Twenty incidents, two on each of ten cases of entity 0; between them two false cases a day.
    let attacks: Vec<(usize, u32)> = (0..20).map(|i| (12 * i, i as u32)).collect();
    let judged = longer(&attacks);
    let mut scores = vec![0.0; 240];
    for i in 0..20 {
        scores[12 * i] = 100.0 - i as f64;
    }
    // Further cases (entity 5 and 8, one a day) fall in between.
    for day in 0..10 {
        scores[24 * day + 5] = 99.6 - 2.0 * day as f64;
        scores[24 * day + 8] = 98.6 - 2.0 * day as f64;
    }
    let table = table(&judged, &judged, vec![column("a", Kind::Detector, &scores, &scores)]);
    let (settings, flags) = (settings(3, Policy::Top), [true; 240]);
    let decision =
        spec::Decision { require: vec![Criterion { metric: "recall_kept".into(), at_least: Some(0.8), at_most: None }], prefer: None };
    let input = Input { decision: Some(&decision), ..input(&judged, &judged, &table, Some((&flags, &flags)), &settings) };
    let found = evaluate(&input);
    let at = found.contender("a").unwrap().at_recall.as_ref().unwrap();
    assert_eq!(at.recall, 0.8);
    // Unit 12 i is entity 0 in hour i mod 2 of day i / 2: ten attack cases of two incidents each, 110 false ones. The cut with 16 of 20
    // incidents is that of the eighth attack case, with the 14 false cases before it: 99.6, 98.6, ..., 86.6 lie above 86 = 100 - 14.
    assert!((at.fp_reduction.value - (1.0 - 14.0 / 110.0)).abs() < 1e-12, "{at:?}");
    assert!(at.fp_reduction.low.unwrap() < 1.0 - 18.0 / 110.0 && at.fp_reduction.high.unwrap() > 1.0 - 12.0 / 110.0, "{at:?}");
}

#[test]
fn incidents_on_the_same_entity_say_less() {
    // Four entities with three incidents each: all or none of an entity's are caught, so twelve say no more than four.
    let attacks: Vec<(usize, u32)> = (0..12).map(|i| ((i / 4) * 48 + i % 4, i as u32)).collect();
    let judged = longer(&attacks);
    let scores: Vec<f64> = (0..240)
        .map(|i| {
            if i % 12 < 2 {
                2.0
            } else if i % 12 < 4 {
                0.0
            } else {
                1.0
            }
        })
        .collect();
    let table = table(&judged, &judged, vec![column("a", Kind::Detector, &scores, &scores)]);
    let (settings, flags) = (settings(2, Policy::Top), [true; 240]);
    let input = input(&judged, &judged, &table, Some((&flags, &flags)), &settings);
    let found = evaluate(&input);
    let kept = found.contender("a").unwrap().budget.as_ref().unwrap().recall_kept.clone().unwrap();
    // V = 4/3 x 4 x 1.5^2 = 12 (of sums), independent: 12 x 0.25 = 3: the effect is 4, the effective number 3.
    let (low, high) = intervals::clopper_pearson(1.5, 3.0, 0.90);
    assert_eq!((kept.value, kept.low, kept.high), (0.5, Some(low), Some(high)));
    assert_eq!(kept.note.as_deref(), Some("6 of 12, design effect 4.00"));
    assert!(found.caveats.iter().any(|c| c.code == "clustered-incidents" && c.message.contains("4 entities")), "{:?}", found.caveats);
}
