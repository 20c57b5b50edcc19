//! Against figures computed by hand, against a spreadsheet (`spreadsheet.xlsx`, made by `spreadsheet.py`), and against `fixture.json`, which
//! `fixture.py` makes by other means.

use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::{
    evaluate::{Estimate, Question},
    text::Said,
};

fn point(days: f64, [alerts, true_alerts, benign, false_alerts]: [u64; 4]) -> Point {
    let per_day = alerts as f64 / days;
    Point {
        alerts,
        alerts_per_day: per_day,
        alerts_per_day_p50: per_day,
        alerts_per_day_p95: per_day,
        alerts_per_day_max: per_day,
        true_alerts,
        benign_true_alerts: benign,
        false_alerts,
        unknown_alerts: 0,
        false_alerts_per_week: false_alerts as f64 / days * 7.0,
        false_alerts_per_week_interval: None,
        incidents_caught: true_alerts,
        precision: None,
        precision_interval: None,
        fp_reduction: None,
        recall_kept: None,
        recall: None,
        hours_to_alert: None,
        sampled: None,
    }
}

fn estimate(low: f64, value: f64, high: f64) -> Option<Estimate> {
    Some(Estimate {
        value,
        low: Some(low),
        high: Some(high),
        question: Question::WeeksToCome,
        method: Said::same("two-way variance"),
        note: None,
    })
}

pub(super) const RUN: Work = Work {
    text_bytes: 86_600_000,
    events: 271_068,
    days: 14.0,
    training_days: 10.0,
    fields: 15,
    training_units: 10_792,
    judged_units: 4_402,
    judged_days: 4.0,
    entities: 60,
};

fn run(spec: &spec::Cost, baseline: &Point, contender: &Point) -> Option<CostReport> {
    assess(&CostInput { spec, baseline, contender, contender_title: "Vote", work: RUN, confidence: 0.90, seed: 42 })
}

fn spec(yaml: &str) -> spec::Cost {
    serde_yaml::from_str(yaml).unwrap()
}

pub(super) fn near(a: f64, b: f64, share: f64) {
    assert!((a - b).abs() <= share * b.abs().max(1e-9), "{a} is not {b}");
}

/// 70 false alerts a week, half of them gone, 30 minutes each, 60 an hour: 35 x 0.5 x 60 x 365 / 7 = 54 750 a year.
const BY_HAND: &str = "{ horizon: 2y, discount_rate: 0, analyst_hour: 60, triage_minutes: { true_positive: 600, false_positive: 30 },
  options: { only: { initial: { hardware: 27375 } } } }";

fn halved() -> (Point, Point) {
    let contender = Point { fp_reduction: estimate(0.5, 0.5, 0.5), ..point(7.0, [45, 10, 0, 35]) };
    (point(7.0, [80, 10, 0, 70]), contender)
}

#[test]
fn a_reduction_without_an_interval_may_be_none() {
    let (baseline, exact) = halved();
    let few_days =
        exact.fp_reduction.clone().map(|estimate| Estimate { low: None, high: None, note: Some(Said::same("1 day")), ..estimate });
    for (unknown, why) in [(few_days, "(1 day)"), (None, "this window only")] {
        let report = run(&spec(BY_HAND), &baseline, &Point { fp_reduction: unknown, ..exact.clone() }).unwrap();
        let option = &report.options[0];
        // What it is at the value itself stays; at the worst 27 375 are paid for nothing, in one of twenty draws or so for less.
        near(option.npv.base, 82_125.0, 1e-12);
        assert!((-35_000.0..-20_000.0).contains(&option.npv.low), "{}", option.npv.low);
        assert_eq!((option.npv.high, option.payback_high), (option.npv.base, None));
        assert!(
            report.reduction_may_be_none()
                && report.defaults.iter().any(|used| used.name == "fp_reduction" && used.source.en.contains(why)),
            "{:?}",
            report.defaults
        );
    }
    let worse = Point { fp_reduction: None, ..point(7.0, [150, 10, 0, 140]) };
    let report = run(&spec(BY_HAND), &baseline, &worse).unwrap();
    assert!(!report.reduction_may_be_none());
    assert_eq!(report.saving_per_year.base, report.saving_per_year.low, "what saves nothing needs no doubt");
}

#[test]
fn small_numbers_by_hand() {
    let (baseline, contender) = halved();
    let report = run(&spec(BY_HAND), &baseline, &contender).unwrap();
    // 70 x 30 / 60 = 35 hours on false alerts, 10 x 600 / 60 = 100 on attacks.
    near(report.hours_per_week_before.base, 135.0, 1e-12);
    near(report.hours_per_week_after.base, 117.5, 1e-12);
    near(report.hours_per_week_freed.base, 17.5, 1e-12);
    near(report.saving_per_year.base, 54_750.0, 1e-12);
    let option = &report.options[0];
    // 2 x 54 750 - 27 375; 82 125 / 27 375; 12 x 27 375 / 54 750; 27 375 / (2 x 109 500).
    near(option.npv.base, 82_125.0, 1e-12);
    near(option.roi.unwrap(), 3.0, 1e-12);
    near(option.payback_months.unwrap(), 6.0, 1e-12);
    near(option.break_even_reduction.unwrap(), 0.125, 1e-12);
    assert_eq!(option.chance_positive, 1.0);
    let rows: Vec<(&str, f64, f64)> = option.table.iter().map(|row| (row.label.as_str(), row.cost, row.saving)).collect();
    let expected = [("initial", 27_375.0, 0.0), ("year 1", 0.0, 54_750.0), ("year 2", 0.0, 54_750.0), ("total", 27_375.0, 109_500.0)];
    assert_eq!(rows[..4], expected);
    assert_eq!(rows[4], ("present value", 27_375.0, 109_500.0));
    // Where nothing is uncertain, the limits are the value.
    assert_eq!((option.npv.low, option.npv.high), (option.npv.base, option.npv.base));
    assert_eq!(report.best.as_deref(), Some("only"));
}

const WHOLE: &str = "
currency: EUR
horizon: 3y
discount_rate: 0.10
triage_minutes: { true_positive: 45, benign_true_positive: 15, false_positive: [10, 20, 30] }
analyst_hour: 65
production: { events_per_day: 700000, entities: 480, retrain_every: 1mo }
options:
  build:        { initial: { talent_days: 60, day: 650, hardware: 8000 }, yearly: { computing: auto, maintenance: 12000, talent_days: 30 } }
  product:      { initial: { integration_days: 20, day: 650 }, yearly: { licence: [30000, 45000, 70000] } }
  siem_feature: { initial: { integration_days: 8, day: 650 }, yearly: { licence: 15000, ingest_gb_day: 0.4, per_gb: 2.5 } }
";

fn whole() -> CostReport {
    whole_with_points().1
}

/// What the whole experiment says, its report, and the two points that it is made from.
pub(super) fn whole_with_points() -> (spec::Cost, CostReport, Point, Point) {
    let mut baseline = point(4.0, [206, 20, 72, 186]);
    baseline.false_alerts_per_week_interval = estimate(250.0, 325.5, 420.0);
    let mut contender = point(4.0, [80, 22, 15, 58]);
    contender.fp_reduction = estimate(0.55, 1.0 - 58.0 / 186.0, 0.78);
    let report = run(&spec(WHOLE), &baseline, &contender).unwrap();
    (spec(WHOLE), report, baseline, contender)
}

fn pair(value: &Value) -> (f64, f64) {
    (value[0].as_f64().unwrap(), value[1].as_f64().unwrap())
}

#[test]
fn a_whole_experiment_as_python_computes_it() {
    let expected: Value = serde_json::from_str(include_str!("fixture.json")).unwrap();
    let report = whole();
    let number = |value: &Value| value.as_f64().unwrap();
    near(report.hours_per_week_before.base, number(&expected["hours_before"]), 1e-9);
    near(report.hours_per_week_after.base, number(&expected["hours_after"]), 1e-9);
    near(report.saving_per_year.base, number(&expected["saving"]), 1e-9);
    let (low, high) = pair(&expected["saving_limits"]);
    near(report.saving_per_year.low, low, 0.02);
    near(report.saving_per_year.high, high, 0.02);
    assert_eq!(report.options.len(), 3);
    for option in &report.options {
        let expected = &expected["options"][&option.name];
        near(option.npv.base, number(&expected["npv"]), 1e-9);
        near(option.roi.unwrap(), number(&expected["roi"]), 1e-9);
        near(option.payback_months.unwrap(), number(&expected["payback"]), 1e-9);
        near(option.break_even_reduction.unwrap(), number(&expected["break_even"]), 1e-9);
        for (row, expected) in option.table.iter().zip(expected["table"].as_array().unwrap()) {
            let (cost, saving) = pair(expected);
            near(row.cost, cost, 1e-9);
            near(row.saving, saving, 1e-9);
        }
        // Draws against draws: other random numbers, so only about the same.
        let ((low, high), (soon, late)) = (pair(&expected["npv_limits"]), pair(&expected["payback_limits"]));
        near(option.npv.low, low, 0.03);
        near(option.npv.high, high, 0.03);
        near(option.payback_low.unwrap(), soon, 0.03);
        near(option.payback_high.unwrap(), late, 0.03);
        assert!((option.chance_positive - number(&expected["chance_positive"])).abs() < 0.01);
    }
    assert_eq!(report.best.as_deref(), expected["best"].as_str());
    for (name, moves) in expected["moves"].as_object().unwrap() {
        let found = report.sensitivity.iter().find(|moved| moved.name == *name).unwrap();
        near(found.npv_at_low, number(&moves[0]), 1e-9);
        near(found.npv_at_high, number(&moves[1]), 1e-9);
        match found.flips_at {
            Some(at) => near(at, number(&moves[2]), 1e-6),
            None => assert!(number(&moves[2]) < 0.0, "{name}"),
        }
        assert_eq!(found.assumed, name == "analyst_hour");
    }
    let width = |moved: &Sensitivity| (moved.npv_at_high - moved.npv_at_low).abs();
    assert!(report.sensitivity.is_sorted_by(|a, b| width(a) >= width(b)));
    assert!(report.sensitivity.iter().all(|moved| moved.name != "triage_minutes.true_positive"));
}

#[test]
fn a_whole_experiment_as_a_spreadsheet_computes_it() {
    // `spreadsheet.py` says how it was made; the workbook beside it holds the formulas.
    let mut sheet = csv::Reader::from_reader(&include_bytes!("spreadsheet.csv")[..]);
    let cells: std::collections::BTreeMap<String, f64> =
        sheet.records().map(|record| record.unwrap()).map(|record| (record[1].to_owned(), record[3].parse().unwrap())).collect();
    let report = whole();
    let same = |name: &str, found: f64| near(found, cells[name], 1e-9);
    same("hours before", report.hours_per_week_before.base);
    same("hours after", report.hours_per_week_after.base);
    same("saving a year", report.saving_per_year.base);
    same("computing", report.options[0].yearly[0].amount.base);
    for option in &report.options {
        let same = |name: &str, found: f64| same(&format!("{}: {name}", option.name), found);
        same("npv", option.npv.base);
        same("roi", option.roi.unwrap());
        same("payback", option.payback_months.unwrap());
        same("break even", option.break_even_reduction.unwrap());
        same("initial", option.table[0].cost);
        same("yearly", option.table[1].cost);
        same("cost in today's money", option.table[5].cost);
        for (row, year) in option.table[1..=3].iter().zip(["year 1", "year 2", "year 3"]) {
            same(year, row.saving - row.cost);
        }
    }
}

#[test]
fn lines_say_how_they_were_reached() {
    let report = whole();
    let line = |option: usize, part: fn(&OptionCost) -> &[Line], name: &str| {
        part(&report.options[option]).iter().find(|line| line.name == name).unwrap().clone()
    };
    let talent = line(0, |option| &option.yearly, "talent");
    assert_eq!((talent.amount.base, talent.how.as_deref()), (19_500.0, Some("30 days × 650")));
    let ingest = line(2, |option| &option.yearly, "ingest");
    assert_eq!((ingest.amount.base, ingest.how.as_deref()), (365.0, Some("0.4 GB a day × 365 × 2.5")));
    let licence = line(1, |option| &option.yearly, "licence");
    assert_eq!(licence.amount, Range { low: 30_000.0, base: 45_000.0, high: 70_000.0 });
    let computing = line(0, |option| &option.yearly, "computing");
    let expected: Value = serde_json::from_str(include_str!("fixture.json")).unwrap();
    for (end, expected) in
        [computing.amount.low, computing.amount.base, computing.amount.high].into_iter().zip(expected["computing"].as_array().unwrap())
    {
        near(end, expected.as_f64().unwrap(), 1e-12);
    }
    assert!(computing.how.unwrap().contains("events a day"));
    let used: Vec<&str> = report.defaults.iter().map(|used| used.name.as_str()).collect();
    assert_eq!(used, ["cpu_hour"]);
}

#[test]
fn what_is_not_given_takes_a_cited_default() {
    let (baseline, contender) = halved();
    let yaml = "{ options: { a: { initial: { talent_days: 10 }, yearly: { computing: auto, ingest_gb_day: auto } } } }";
    let report = run(&spec(yaml), &baseline, &contender).unwrap();
    let used: Vec<&str> = report.defaults.iter().map(|used| used.name.as_str()).collect();
    let minutes = ["triage_minutes.true_positive", "triage_minutes.benign_true_positive", "triage_minutes.false_positive"];
    assert_eq!(used[..3], minutes);
    assert_eq!(used[3..], ["analyst_hour", "a.day", "production.events_per_day", "cpu_hour", "a.per_gb"]);
    assert!(report.defaults.iter().all(|used| used.source.en.len() > 10 && used.source.fr.len() > 10));
    // Eight hours of an analyst.
    near(report.options[0].initial[0].amount.base, 10.0 * 8.0 * 49.0, 1e-12);
    // 86.6 MB in 14 days.
    near(report.options[0].yearly[1].amount.base, 86.6e6 / 14.0 / 1e9 * 365.0 * 2.46, 1e-9);
}

#[test]
fn a_missed_attack_is_no_saving() {
    let spec = spec(BY_HAND);
    let (baseline, all) = halved();
    let none = Point { fp_reduction: all.fp_reduction.clone(), ..point(7.0, [35, 0, 0, 35]) };
    let saving = |contender| run(&spec, &baseline, contender).unwrap().saving_per_year;
    assert_eq!(saving(&all), saving(&none));
}

#[test]
fn alerts_of_unknown_kind_have_no_price() {
    let (baseline, contender) = halved();
    let unknown = Point { unknown_alerts: 1, ..contender.clone() };
    assert_eq!(run(&spec(BY_HAND), &baseline, &unknown), None);
    assert_eq!(run(&spec(BY_HAND), &Point { unknown_alerts: 3, ..baseline }, &contender), None);
}

#[test]
fn without_time_there_is_no_week_to_count_by() {
    let (baseline, contender) = halved();
    let spec = spec(BY_HAND);
    let timeless = Work { days: 0.0, training_days: 0.0, judged_days: 0.0, ..RUN };
    let input = CostInput {
        spec: &spec,
        baseline: &baseline,
        contender: &contender,
        contender_title: "Vote",
        work: timeless,
        confidence: 0.90,
        seed: 42,
    };
    assert_eq!(assess(&input), None);
}

#[test]
fn edges_have_an_answer() {
    let spec = spec(BY_HAND);
    let (baseline, contender) = halved();
    let nothing = point(7.0, [0, 0, 0, 0]);
    // The rule has no false alert: there is nothing to save, and 35 a week are 17.5 hours more.
    let worse = run(&spec, &nothing, &contender).unwrap();
    near(worse.hours_per_week_freed.base, -17.5, 1e-12);
    let option = &worse.options[0];
    assert_eq!((option.payback_months, option.payback_low, option.break_even_reduction), (None, None, None));
    assert_eq!(option.chance_positive, 0.0);
    // No false alert is left.
    near(run(&spec, &baseline, &nothing).unwrap().saving_per_year.base, 109_500.0, 1e-12);
    // Without options there is a saving, and nothing to compare it with.
    let bare = run(&super::spec::Cost { options: indexmap::IndexMap::new(), ..spec.clone() }, &baseline, &contender).unwrap();
    assert_eq!((bare.best, bare.options.len(), bare.sensitivity.len()), (None, 0, 0));
    // Free: it pays at once, and there is no return on nothing.
    let mut free = spec;
    free.options[0].initial.clear();
    let free = run(&free, &baseline, &contender).unwrap();
    assert_eq!((free.options[0].payback_months, free.options[0].roi, free.options[0].break_even_reduction), (Some(0.0), None, Some(0.0)));
    assert!(free.options[0].table.iter().all(|row| row.cost.is_sign_positive()), "no cost is a negative zero");
}

#[test]
fn a_broken_year_counts_its_share() {
    let (baseline, contender) = halved();
    let mut spec = spec(BY_HAND);
    spec.horizon = "18mo".parse().unwrap();
    spec.discount_rate = spec::Fraction::of(0.21);
    let report = run(&spec, &baseline, &contender).unwrap();
    assert_eq!(report.horizon_years, 1.5);
    // 54 750 / 1.21 + 54 750 / 2 / 1.21^1.5, and 1.21^1.5 = 1.331.
    near(report.options[0].npv.base, 54_750.0 / 1.21 + 27_375.0 / 1.331 - 27_375.0, 1e-12);
    near(report.options[0].table[2].saving, 27_375.0, 1e-12);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn limits_hold_the_value_and_more_reduction_is_worth_more(
        before in 1_u64..2_000, after in 0_u64..2_000, benign in 0.0..1.0_f64, low in 1.0..20.0_f64, more in 0.0..20.0_f64, initial in 0.0..1e5_f64, yearly in 0.0..1e5_f64,
    ) {
        let text = format!(
            "{{ triage_minutes: {{ false_positive: [{low}, {}, {}] }}, options: {{ a: {{ initial: {{ x: {initial} }}, yearly: {{ y: {yearly} }} }} }} }}",
            low + more, low + 2.0 * more
        );
        let spec = spec(&text);
        let of = |alerts: u64| (alerts as f64 * benign) as u64;
        let baseline = point(4.0, [before, 0, of(before), before]);
        let report = run(&spec, &baseline, &point(4.0, [after, 0, of(after), after])).unwrap();
        let fewer = run(&spec, &baseline, &point(4.0, [after / 2, 0, of(after / 2), after / 2])).unwrap();
        for range in [report.saving_per_year, report.hours_per_week_freed, report.options[0].npv] {
            prop_assert!(range.low <= range.base && range.base <= range.high);
            prop_assert!(range.low.is_finite() && range.high.is_finite());
        }
        let option = &report.options[0];
        prop_assert!((0.0..=1.0).contains(&option.chance_positive));
        prop_assert!(option.break_even_reduction.is_none_or(|share| (0.0..=1.0).contains(&share)));
        prop_assert!(option.payback_months.is_none_or(|months| (0.0..=120.0).contains(&months)));
        // Halving all false alerts of the same mix saves at least as much, but for the rounding of the mix.
        prop_assert!(fewer.saving_per_year.base >= report.saving_per_year.base - 1e-6 || of(after / 2) * after != of(after) * (after / 2));
    }
}

#[test]
fn the_seed_decides() {
    assert_eq!(check(&spec(WHOLE), true), []);
    assert_eq!(whole(), whole());
}
