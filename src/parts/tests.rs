use chrono_tz::Europe::Paris;

use super::*;
use crate::spec::{Duration, Moment};

fn at(text: &str) -> i64 {
    text.parse::<Moment>().unwrap().micros(Paris)
}

struct Made {
    rows: Vec<RowKey>,
    starts: Vec<i64>,
    ends: Vec<i64>,
    columns: Vec<String>,
    keys: Vec<Vec<Arc<str>>>,
    events: Vec<u64>,
}

impl Made {
    /// Units of `user` and `host`, an hour each, in the order given.
    fn new(units: &[(&str, &str, &str)]) -> Self {
        let hour = 3_600_000_000;
        Self {
            rows: units
                .iter()
                .map(|(user, host, start)| RowKey { entity: format!("{user} · {host}").into(), period: at(start) / hour })
                .collect(),
            starts: units.iter().map(|unit| at(unit.2)).collect(),
            ends: units.iter().map(|unit| at(unit.2) + hour).collect(),
            columns: vec!["user".into(), "host".into()],
            keys: vec![units.iter().map(|unit| unit.0.into()).collect(), units.iter().map(|unit| unit.1.into()).collect()],
            events: vec![1; units.len()],
        }
    }

    fn units(&self) -> Units<'_> {
        Units {
            rows: &self.rows,
            starts: &self.starts,
            ends: &self.ends,
            key_columns: &self.columns,
            keys: &self.keys,
            events: &self.events,
        }
    }
}

fn frame() -> Frame {
    Frame { start: at("2026-03-26"), train_end: at("2026-03-28T12:00"), end: at("2026-03-31"), zone: Paris, learned_from: at("2026-03-27") }
}

fn sample() -> Made {
    Made::new(&[
        ("ann", "a", "2026-03-26T08:00"),
        ("ann", "a", "2026-03-27T00:00"),
        ("bob", "a", "2026-03-28T11:00"),
        ("bob", "a", "2026-03-28T11:30"),
        ("bob", "a", "2026-03-28T12:00"),
        ("ann", "a", "2026-03-29T11:00"),
        ("ann", "b", "2026-03-29T11:00"),
        ("ann", "a", "2026-03-29T12:00"),
        ("ann", "a", "2026-03-29T13:00"),
        ("bob", "a", "2026-03-30T23:00"),
    ])
}

#[test]
fn no_unit_is_in_both_parts_and_what_straddles_is_counted() {
    let made = sample();
    let split = split(&made.units(), Some(&frame()), &spec::Alerts::default(), None, None).unwrap();
    assert_eq!(split.training_units, [1, 2], "the warm-up is not learned from");
    assert_eq!(split.judged_units, [4, 5, 6, 7, 8, 9]);
    assert_eq!((split.in_warm_up, split.straddling, split.in_sample), (1, 1, false));
    assert_eq!(split.findings().iter().map(|finding| finding.code.as_str()).collect::<Vec<_>>(), ["W140", "W141"]);
}

#[test]
fn units_that_the_end_cuts_short_are_counted() {
    let made = sample();
    let of = |end: &str| split(&made.units(), Some(&Frame { end: at(end), ..frame() }), &spec::Alerts::default(), None, None).unwrap();
    assert_eq!(of("2026-03-31").cut_short, 0);
    let cut = of("2026-03-30T23:30");
    assert_eq!((cut.cut_short, cut.judged_units.len()), (1, 6));
    assert!(cut.findings().iter().any(|finding| finding.code == "W144"));
}

#[test]
fn budget_periods_are_counted_from_the_parts_beginning() {
    let made = sample();
    let split = split(&made.units(), Some(&frame()), &spec::Alerts::default(), None, None).unwrap();
    let judged: Vec<(i64, f64)> = split.judged.budget_periods.iter().map(|period| (period.start, period.days * 24.0)).collect();
    // The clock goes forward on the 29th: the first day, from noon to noon, has 23 hours; the last ends with the window.
    assert_eq!(judged, [(at("2026-03-28T12:00"), 23.0), (at("2026-03-29T12:00"), 24.0), (at("2026-03-30T12:00"), 12.0)]);
    let training: Vec<(i64, f64)> = split.training.budget_periods.iter().map(|period| (period.start, period.days * 24.0)).collect();
    assert_eq!(training, [(at("2026-03-27"), 24.0), (at("2026-03-28"), 12.0)], "without the warm-up");
}

#[test]
fn alerts_of_one_entity_in_a_day_are_one_case() {
    let made = sample();
    let part = split(&made.units(), Some(&frame()), &spec::Alerts::default(), None, None).unwrap().judged;
    // By budget period, then name: ann · a, ann · b, bob · a | ann · a (two hours of it) | bob · a.
    assert_eq!(part.case_of, [2, 0, 1, 3, 3, 4]);
    assert_eq!(part.cases.iter().map(|case| case.budget_period).collect::<Vec<_>>(), [0, 0, 0, 1, 2]);
    assert_eq!(*part.clusters, ["ann · a", "ann · b", "bob · a"].map(str::to_owned));
    assert_eq!(part.cases.iter().map(|case| case.cluster).collect::<Vec<_>>(), [0, 1, 2, 0, 2]);
}

#[test]
fn cases_may_be_coarser_or_shorter() {
    let made = sample();
    let by_host = spec::Alerts { group: spec::Group { by: vec!["host".into()], per: Duration::days(7) }, ..spec::Alerts::default() };
    let part = split(&made.units(), Some(&frame()), &by_host, None, None).unwrap().judged;
    assert_eq!(part.case_of, [0, 0, 1, 2, 2, 3], "a case lies in one budget period, even where its group is longer");
    assert_eq!(*part.clusters, ["a", "b"].map(str::to_owned));
    let hourly = spec::Alerts { group: spec::Group { by: Vec::new(), per: "1h".parse().unwrap() }, ..spec::Alerts::default() };
    let part = split(&made.units(), Some(&frame()), &hourly, None, None).unwrap().judged;
    assert_eq!(part.cases.len(), 6);
    let unknown = spec::Alerts { group: spec::Group { by: vec!["hosts".into()], per: Duration::days(1) }, ..spec::Alerts::default() };
    let error = split(&made.units(), Some(&frame()), &unknown, None, None).unwrap_err();
    assert_eq!(error.hint(), Some("did you mean `host`?"));
}

#[test]
fn clusters_may_be_named() {
    let made = sample();
    let clusters: Vec<Option<Arc<str>>> = (0..10).map(|unit| (unit != 9).then(|| "staff".into())).collect();
    let part = split(&made.units(), Some(&frame()), &spec::Alerts::default(), Some(&clusters), None).unwrap().judged;
    assert_eq!(*part.clusters, ["bob · a", "staff"].map(str::to_owned), "who has none is on its own");
}

#[test]
fn labels_follow_their_units() {
    let made = sample();
    let incident = |id: &str| crate::units::Incident { id: id.into(), kind: None, start: 0 };
    let mut of = vec![Vec::new(); 10];
    of[1] = vec![0];
    of[5] = vec![0, 2];
    of[9] = vec![2];
    let labels = Labels {
        complete: true,
        dispositions: vec![None; 10],
        incidents: vec![incident("x"), incident("lost"), incident("y")],
        incidents_of: of,
    };
    let split = split(&made.units(), Some(&frame()), &spec::Alerts::default(), None, Some(&labels)).unwrap();
    let judged = split.judged.labels.unwrap();
    assert_eq!(judged.incidents.iter().map(|incident| incident.id.as_str()).collect::<Vec<_>>(), ["x", "y"]);
    assert_eq!(judged.incidents_of, [vec![], vec![0, 1], vec![], vec![], vec![], vec![1]]);
    assert_eq!(split.training.labels.unwrap().incidents_of, [vec![0], vec![]]);
}

#[test]
fn a_table_without_time_is_one_part() {
    let mut made = sample();
    made.starts = vec![0; 10];
    made.ends = vec![0; 10];
    let split = split(&made.units(), None, &spec::Alerts::default(), None, None).unwrap();
    assert!(split.in_sample);
    assert_eq!(split.training, split.judged);
    assert_eq!(split.judged.cases.len(), 10);
    assert_eq!(split.judged.budget_periods, [BudgetPeriod { start: 0, days: 0.0 }]);
}

#[test]
fn empty_parts_are_errors() {
    let nobody = Made::new(&[]);
    assert!(split(&nobody.units(), Some(&frame()), &spec::Alerts::default(), None, None).is_err());
    let early = Made::new(&[("ann", "a", "2026-03-27T00:00")]);
    let error = split(&early.units(), Some(&frame()), &spec::Alerts::default(), None, None).unwrap_err();
    assert_eq!(error.to_string(), "the judged part has no unit");
    let late = Made::new(&[("ann", "a", "2026-03-26T00:00"), ("ann", "a", "2026-03-30T00:00")]);
    let error = split(&late.units(), Some(&frame()), &spec::Alerts::default(), None, None).unwrap_err();
    assert_eq!(error.to_string(), "the training part has no unit");
}

#[test]
fn windows_must_be_in_order() {
    let window = |text: &str| Frame::of(&serde_yaml::from_str(text).unwrap());
    assert_eq!(
        window("{ start: 2026-03-26, train_end: 2026-03-28T12:00, end: 2026-03-31, timezone: Europe/Paris, warm_up: 1d }").unwrap(),
        frame()
    );
    assert!(window("{ start: 2026-03-26, train_end: 2026-03-26, end: 2026-03-31 }").is_err());
    let error = window("{ start: 2026-03-26, train_end: 2026-03-27, end: 2026-03-31, timezone: Europe/Pariss }").unwrap_err();
    assert_eq!(error.hint(), Some("did you mean `Europe/Paris`?"));
    let without = window("{ start: 2026-03-26, train_end: 2026-03-28T12:00, end: 2026-03-31, timezone: Europe/Paris }").unwrap();
    assert_eq!(without, Frame { learned_from: frame().start, ..frame() });
}
