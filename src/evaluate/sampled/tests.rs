//! Reviews of windows whose labels are known: what is read in full is exact, what is read in part is an estimate by hand.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    detect::{Kind, ScoreTable},
    evaluate::{
        Evaluation, Input, Question,
        design::ReviewFrame,
        evaluate,
        readings::{Reading, labelled},
        tests::{column, part, table},
    },
    spec::{Alerts, Evaluate},
    units::{Disposition, Part},
};

/// Six days of twenty entities, one unit a day each; an attack on entity 0 on days 0 to 3, on entity 7 on day 5, one incident each day.
fn window() -> Part {
    let units: Vec<(u32, u32, u32)> = (0..120).map(|i| (i % 20, i / 20, 0)).collect();
    part(20, 6, &units, &[(0, 0), (20, 1), (40, 2), (60, 3), (107, 4)], true)
}

/// Without any label.
fn hidden(part: &Part) -> Part {
    Part { labels: None, ..part.clone() }
}

fn columns(judged: &Part) -> ScoreTable {
    let scores = |of: &dyn Fn(usize) -> f64| (0..120).map(of).collect::<Vec<f64>>();
    let a = scores(&|i| if i % 20 < 3 { 9.0 - (i % 20) as f64 } else { (i * 37 % 101) as f64 / 101.0 });
    let b = scores(&|i| if i % 20 == 0 { 9.0 } else { (i * 53 % 103) as f64 / 103.0 });
    let random = scores(&|i| (i * 71 % 107) as f64);
    let low = scores(&|i| f64::from(u8::from([9, 11, 13].contains(&(i % 20)))));
    let all = [("a", Kind::Detector, a), ("b", Kind::Detector, b), ("random", Kind::Control, random), ("field:size", Kind::Control, low)];
    table(judged, judged, all.iter().map(|(id, kind, s)| column(id, *kind, s, s)).collect())
}

fn settings() -> Evaluate {
    Evaluate { alerts: Alerts { budget: Some(3), ..Alerts::default() }, ..Evaluate::default() }
}

/// Every second entity is flagged.
fn flags() -> Vec<bool> {
    (0..120).map(|i| i % 2 == 0 || i % 20 == 7).collect()
}

fn input<'a>(judged: &'a Part, scores: &'a ScoreTable, flags: &'a [bool], settings: &'a Evaluate) -> Input<'a> {
    Input {
        training: judged,
        judged,
        in_sample: false,
        scores,
        baseline: Some((flags, flags)),
        baseline_title: "Rule",
        review: None,
        suppressed: None,
        settings,
        decision: None,
        seed: 1,
    }
}

/// Reads the first `n` of the sheet as the labels say, and evaluates.
fn read(n: u64, fields: bool) -> (Evaluation, Evaluation, ReviewFrame) {
    let (complete, flags, settings) = (window(), flags(), settings());
    let scores = columns(&complete);
    let full = evaluate(&input(&complete, &scores, &flags, &settings));
    let blind = hidden(&complete);
    let frame = ReviewFrame::new(&input(&blind, &scores, &flags, &settings), fields, 5);
    let sheet = frame.next(&[false; 120], n);
    let readings: BTreeMap<u32, Reading> = sheet.iter().map(|&case| (case, reading(&complete, case))).collect();
    let reviewed = frame.reviewed(&readings);
    let seen = Part { labels: Some(labelled(&blind, &readings)), ..blind.clone() };
    let found = evaluate(&Input { review: Some(&reviewed), ..input(&seen, &scores, &flags, &settings) });
    (full, found, frame)
}

fn reading(part: &Part, case: u32) -> Reading {
    let labels = part.labels.as_ref().unwrap();
    let unit = part.case_of.iter().position(|c| *c == case).unwrap();
    let incidents: BTreeSet<String> = labels.incidents_of[unit].iter().map(|i| labels.incidents[*i as usize].id.clone()).collect();
    Reading { disposition: labels.dispositions[unit].unwrap_or(Disposition::FalsePositive), incidents }
}

#[test]
fn strata_are_votes() {
    let (_, _, frame) = read(0, false);
    // a raises entities 0, 1, 2 each day, b entity 0 and two others; the baseline ten or eleven entities a day.
    assert!(frame.order[2].iter().all(|&case| frame.stratum[case as usize] == Some(2)));
    assert!((0..6).all(|day| frame.stratum[day * 20] == Some(2)), "both raise entity 0");
    assert_eq!(frame.order[3].len(), 0);
    assert!(
        frame.order[0].iter().any(|&case| !frame.in_baseline[case as usize]),
        "what random alone raises is in the frame, without a vote"
    );
    assert_eq!(frame.shuffled.len() as u64, frame.sizes().iter().sum::<u64>());
    assert!(frame.mean_votes[0] == 0.0 && frame.mean_votes[1] == 1.0 && frame.mean_votes[2] == 2.0);
    let (_, _, wide) = read(0, true);
    assert!(wide.shuffled.len() >= frame.shuffled.len());
}

#[test]
fn all_read_is_as_complete_labels_say() {
    let (full, found, frame) = read(10_000, true);
    assert_eq!(found.review.as_ref().unwrap().read, frame.shuffled.len() as u64);
    for contender in &full.contenders {
        let (wanted, got) = (contender.budget.as_ref().unwrap(), found.contender(&contender.id).unwrap().budget.as_ref().unwrap());
        assert_eq!(
            (got.true_alerts, got.false_alerts, got.unknown_alerts),
            (wanted.true_alerts, wanted.false_alerts, 0),
            "{}",
            contender.id
        );
        assert_eq!(got.incidents_caught, wanted.incidents_caught);
        assert_eq!(got.precision, wanted.precision);
        let limits = |e: &Option<crate::evaluate::Estimate>| e.as_ref().map(|e| (e.value, e.low, e.high));
        assert_eq!(limits(&got.fp_reduction), limits(&wanted.fp_reduction));
        assert_eq!(limits(&got.recall_kept), limits(&wanted.recall_kept));
        assert_eq!(limits(&got.false_alerts_per_week_interval), limits(&wanted.false_alerts_per_week_interval));
        let window = got.sampled.as_ref().unwrap();
        assert_eq!(
            (window.unread, window.true_alerts.low, window.true_alerts.high),
            (0, Some(wanted.true_alerts as f64), Some(wanted.true_alerts as f64))
        );
        for estimate in [&window.precision, &window.fp_reduction, &window.recall_kept_by_units].into_iter().flatten() {
            assert_eq!(
                (estimate.low, estimate.high, estimate.question),
                (Some(estimate.value), Some(estimate.value), Question::ThisWindow)
            );
        }
    }
    assert_eq!(found.pick.as_ref().map(|pick| &pick.id), full.pick.as_ref().map(|pick| &pick.id));
    assert_eq!(found.best_field, full.best_field);
}

#[test]
fn a_sample_is_an_estimate_with_its_question() {
    let (full, found, frame) = read(30, false);
    let review = found.review.as_ref().unwrap();
    assert_eq!((review.read, review.frame), (30, frame.shuffled.len() as u64));
    assert_eq!(review.strata.iter().map(|s| s.read).sum::<u64>(), 30);
    for contender in found.contenders.iter().filter(|c| c.kind == Kind::Detector) {
        let (got, wanted) = (contender.budget.as_ref().unwrap(), full.contender(&contender.id).unwrap().budget.as_ref().unwrap());
        let window = got.sampled.as_ref().unwrap();
        assert!(window.unread > 0 && window.read > 0);
        let (low, high) = (window.true_alerts.low.unwrap(), window.true_alerts.high.unwrap());
        assert!(low < high && low <= wanted.true_alerts as f64 && wanted.true_alerts as f64 <= high, "{low} {high} {}", wanted.true_alerts);
        let reduction = window.fp_reduction.as_ref().unwrap();
        assert_eq!(reduction.question, Question::ThisWindow);
        let weeks = got.fp_reduction.as_ref().unwrap();
        assert_eq!(weeks.question, Question::WeeksToCome);
        assert!((weeks.value - reduction.value).abs() < 0.05, "{} {}", weeks.value, reduction.value);
        assert_eq!(got.true_alerts + got.false_alerts, got.alerts);
        assert_eq!(got.recall, None);
    }
    // Without the fields in the frame nobody knows how well they do.
    assert_eq!(found.best_field, None);
}

#[test]
fn recall_by_incidents_comes_from_the_simple_random_part_only() {
    let (_, found, _) = read(30, false);
    let review = found.review.as_ref().unwrap();
    assert!(review.simple > 0 && review.simple < review.read, "{review:?}");
    let point = found.contender("a").unwrap().budget.as_ref().unwrap();
    if let Some(kept) = &point.recall_kept {
        assert!(kept.note.as_deref().unwrap().contains("simple random part"));
        assert!(kept.high.is_none_or(|high| high == 1.0), "an alert nobody read may catch it too");
    }
    // Nothing read: nothing can be said, and nothing is divided by zero.
    let (_, none, _) = read(0, false);
    let point = none.contender("a").unwrap().budget.as_ref().unwrap();
    assert_eq!((point.recall_kept.as_ref(), none.pick.as_ref()), (None, None));
    let window = point.sampled.as_ref().unwrap();
    assert!(window.true_alerts.value.is_finite() && window.fp_reduction.as_ref().is_none_or(|e| e.value.is_finite()));
}

#[test]
fn a_later_sheet_goes_on_where_the_last_one_stopped() {
    let (_, _, frame) = read(0, false);
    let first = frame.next(&[false; 120], 20);
    let mut done = [false; 120];
    first.iter().for_each(|&case| done[case as usize] = true);
    let second = frame.next(&done, 15);
    assert!(second.iter().all(|case| !first.contains(case)));
    assert_eq!(second.len(), 15);
    // Both together are what a sheet of 35 would have been, but for rounding between strata: each stratum's beginning.
    second.iter().for_each(|&case| done[case as usize] = true);
    for order in &frame.order {
        let n = order.iter().filter(|&&case| done[case as usize]).count();
        assert!(order[..n].iter().all(|&case| done[case as usize]));
    }
    // What came back blank is offered again first.
    done[first[0] as usize] = false;
    assert!(frame.next(&done, 1).contains(&first[0]) || frame.next(&done, 10).contains(&first[0]));
    assert_eq!(frame.next(&done, 1_000).len(), frame.shuffled.len() - 34);
}

#[test]
fn what_was_known_before_is_read_in_full_and_no_part_of_any_share() {
    let (complete, flags, settings) = (window(), flags(), settings());
    let scores = columns(&complete);
    let mut partial = complete.clone();
    let labels = partial.labels.as_mut().unwrap();
    labels.complete = false;
    let frame = ReviewFrame::new(&input(&partial, &scores, &flags, &settings), false, 5);
    // The five attacks are labelled already.
    assert_eq!(frame.stratum.iter().filter(|h| **h == Some(super::KNOWN as u8)).count(), 5);
    assert!(frame.shuffled.iter().all(|&case| case % 20 != 0 || case >= 80));
    let reviewed = frame.reviewed(&BTreeMap::new());
    assert_eq!((reviewed.summary.known_before, reviewed.summary.read), (5, 0));
    let found = evaluate(&Input { review: Some(&reviewed), ..input(&partial, &scores, &flags, &settings) });
    let window = found.contender("b").unwrap().budget.as_ref().unwrap().sampled.clone().unwrap();
    assert!(window.true_alerts.low.unwrap() >= 4.0, "{window:?}");
}

#[test]
fn a_budget_beyond_the_day_and_an_empty_day() {
    let (complete, flags) = (window(), flags());
    let scores = columns(&complete);
    let settings = Evaluate { alerts: Alerts { budget: Some(50), ..Alerts::default() }, ..Evaluate::default() };
    let blind = hidden(&complete);
    let frame = ReviewFrame::new(&input(&blind, &scores, &flags, &settings), false, 5);
    assert_eq!(frame.shuffled.len(), 120, "every contender raises everything");
    let readings = frame.next(&[false; 120], 500).iter().map(|&case| (case, reading(&complete, case))).collect();
    let reviewed = frame.reviewed(&readings);
    let seen = Part { labels: Some(labelled(&blind, &readings)), ..blind };
    let found = evaluate(&Input { review: Some(&reviewed), ..input(&seen, &scores, &flags, &settings) });
    let point = found.contender("a").unwrap().budget.as_ref().unwrap();
    // Fewer alerts than 50 a day over six days: the denominator is what was raised.
    assert_eq!((point.alerts, point.precision), (120, Some(5.0 / 120.0)));
}
