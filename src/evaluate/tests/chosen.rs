//! Who is chosen: the pick, and the best field.

use super::*;

#[test]
fn the_best_field_is_listed_and_the_others_are_not() {
    let judged = small();
    let columns = vec![
        column("a", Kind::Detector, &[0.0; 7], &[0.9, 0.4, 0.5, 0.1, 0.2, 0.8, 0.3]),
        column("random", Kind::Control, &[0.0; 7], &[0.1, 0.2, 0.9, 0.4, 0.5, 0.6, 0.1]),
        column("field:bad", Kind::Control, &[0.0; 7], &[0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0]),
        column("field:good", Kind::Control, &[0.0; 7], &[0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0]),
    ];
    let (scores, settings, flags) = (table(&judged, &judged, columns), settings(1, Policy::Top), [true; 7]);
    let input = input(&judged, &judged, &scores, Some((&flags, &flags)), &settings);
    let found = evaluate(&input);
    assert_eq!(found.contenders.iter().map(|c| c.id.as_str()).collect::<Vec<_>>(), ["baseline", "a", "random", "field:good"]);
    let field = found.contenders.last().unwrap();
    assert_eq!((field.title.as_str(), field.budget.as_ref().unwrap().incidents_caught), ("Best single field: good", 2));
    assert_eq!(found.best_field.as_deref(), Some("field:good"));
    let a = found.contender("a").unwrap();
    assert_eq!(a.better_than_field.as_ref().unwrap().value, -0.5);
    assert_eq!(a.better_than_random.as_ref().unwrap().value, 0.5);
    assert_eq!(found.agreement.len(), 3);
    assert_eq!(serde_json::from_str::<Evaluation>(&serde_json::to_string(&found).unwrap()).unwrap(), found);
}

#[test]
fn what_no_threshold_holds_to_the_budget_is_not_chosen_for_opening_everything() {
    let (training, judged) = (small(), small());
    // One case a day may be opened. `field:night` has one value in all cases of the training part but one, and opens nearly all that are judged;
    // `flood` likewise. Each catches both incidents; `field:good` and `a` catch one, with two alerts.
    let (ties, most) = ([1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0], [1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 1.0]);
    let (seen, scores) = ([0.1, 0.1, 0.7, 0.2, 0.3, 0.9, 0.1], [0.1, 0.4, 0.2, 0.1, 0.2, 0.8, 0.9]);
    let of = |with: bool| {
        let mut columns = vec![column("flood", Kind::Detector, &ties, &most), column("field:night", Kind::Control, &ties, &most)];
        if with {
            columns.extend([column("a", Kind::Detector, &seen, &scores), column("field:good", Kind::Control, &seen, &scores)]);
        }
        let (scores, flags) = (table(&training, &judged, columns), [true; 7]);
        let settings = settings(1, Policy::Threshold);
        let found = evaluate(&input(&training, &judged, &scores, Some((&flags, &flags)), &settings));
        let said = found.caveats.iter().find(|caveat| caveat.code == "overfilled-budget").map(|caveat| caveat.message.to_string());
        (found.best_field.clone(), found.pick.map(|pick| pick.id), said.unwrap_or_default())
    };
    let (field, pick, said) = of(true);
    assert_eq!((field, pick), (Some("field:good".into()), Some("a".into())));
    assert!(said.contains("(flood): not chosen"), "{said}");
    let (field, pick, said) = of(false);
    assert_eq!((field, pick), (Some("field:night".into()), Some("flood".into())), "where there is nobody else");
    assert!(said.contains("(flood): the choice is among them all the same"), "{said}");
}

#[test]
fn the_pick_is_chosen_as_written() {
    let require = |metric: &str| spec::Decision {
        require: vec![Criterion { metric: metric.into(), at_least: Some(0.5), at_most: None }],
        prefer: None,
    };
    let words = |decision: Option<&spec::Decision>| choice::Rule::new(decision, "recall_kept").words;
    assert_eq!(words(None), "recall_kept, then fewer false alerts");
    let money = spec::Decision { prefer: Some("net_present_value".into()), ..require("recall_kept") };
    assert_eq!(words(Some(&money)), "recall_kept, then net_present_value");
    let only_fp = spec::Decision { prefer: Some("fp_reduction".into()), ..require("fp_reduction") };
    assert_eq!(words(Some(&only_fp)), "fp_reduction");
}
