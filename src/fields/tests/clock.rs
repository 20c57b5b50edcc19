//! The two clock changes, in units.

use super::*;

fn berlin(start: &str, hours: &[i64], every: &str) -> UnitTable {
    let start = chrono::DateTime::parse_from_rfc3339(start).unwrap().timestamp_micros();
    let times: Vec<i64> = hours.iter().map(|hour| start + hour * 3_600_000_000).collect();
    let frame = DataFrame::new_infer_height(vec![
        Column::new("time".into(), times).cast(&DataType::Datetime(TimeUnit::Microseconds, Some(TimeZone::UTC))).unwrap(),
        Column::new("user".into(), vec!["a"; hours.len()]),
    ])
    .unwrap();
    let experiment = with_entity(&format!("{{ key: [user], every: {every} }}"), "n: { count: '*' }\nearly: { share: 'hour(time) < 3' }");
    let window = Window { time: "time".into(), start, train_end: start + 1, end: start + 100 * 3_600_000_000 };
    collect_in(&experiment, chrono_tz::Europe::Berlin, Some(window), &[frame]).unwrap()
}

#[test]
fn the_two_hours_of_autumn_are_two_periods() {
    // 2026-10-25 begins at 22:00Z of the day before; 02:00 comes twice, 2 and 3 hours later.
    let table = berlin("2026-10-25T00:00:00+02:00", &[0, 1, 2, 3, 4], "1h");
    assert_eq!(table.rows.iter().map(|row| row.period).collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
    // Both are two o'clock.
    assert_eq!(plain(&table, "early"), [1.0, 1.0, 1.0, 1.0, 0.0].map(Some));
}

#[test]
fn the_day_of_autumn_has_25_hours() {
    let table = berlin("2026-10-25T00:00:00+02:00", &[0, 24, 25], "1d");
    assert_eq!(plain(&table, "n"), [2.0, 1.0].map(Some));
    assert_eq!((table.ends[0] - table.starts[0]) / 3_600_000_000, 25);
}

#[test]
fn the_day_of_spring_has_23_hours() {
    let table = berlin("2026-03-29T00:00:00+01:00", &[0, 22, 23], "1d");
    assert_eq!(plain(&table, "n"), [2.0, 1.0].map(Some));
    assert_eq!((table.ends[0] - table.starts[0]) / 3_600_000_000, 23);
    let hours = berlin("2026-03-29T00:00:00+01:00", &[0, 1, 2, 3], "1h");
    // 00:00, 01:00, 03:00, 04:00.
    assert_eq!(plain(&hours, "early"), [1.0, 1.0, 0.0, 0.0].map(Some));
}
