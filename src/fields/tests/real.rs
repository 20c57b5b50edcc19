//! Real alerts, against figures of an independent program (plain Python over the same file).

use std::path::PathBuf;

use super::*;

/// The shared logs, where they are.
fn shared_data() -> Option<PathBuf> {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let data = std::env::var_os("GONOGO_SHARED").map_or(beside, PathBuf::from).join("data");
    if data.is_dir() {
        return Some(data);
    }
    // Past the test runner, which keeps what `println!` says of a test that passes.
    let _ = std::io::Write::write_all(&mut std::io::stderr(), b"skipped: no ../shared/data\n");
    None
}

fn alerts(path: &std::path::Path) -> DataFrame {
    let mut reader = csv::Reader::from_reader(flate2::read::GzDecoder::new(std::fs::File::open(path).unwrap()));
    let names: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let records: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>().unwrap();
    let seconds: Vec<i64> = records.iter().map(|record| record[0].parse().unwrap()).collect();
    let time = Column::new("time".into(), seconds.iter().map(|second| second * 1_000_000).collect::<Vec<_>>());
    let mut columns = vec![time.cast(&DataType::Datetime(TimeUnit::Microseconds, Some(TimeZone::UTC))).unwrap()];
    columns.push(Column::new("second".into(), seconds.iter().map(|second| second % 3_600).collect::<Vec<_>>()));
    columns.extend(
        (1..names.len())
            .map(|index| Column::new(names[index].as_str().into(), records.iter().map(|record| &record[index]).collect::<Vec<_>>())),
    );
    DataFrame::new_infer_height(columns).unwrap()
}

/// For each field: units without a value, the sum of the values, and the sum of the values times their row (from 1).
const FIGURES: [(&str, usize, f64, f64); 12] = [
    ("alerts", 0, 130_779.0, 121_840_650.0),
    ("names", 0, 2_061.0, 1_946_878.0),
    ("rule_rarity", 0, 4_477.455_226_400_884, 4_171_097.331_163_337),
    ("first_here", 0, 181.0, 109_274.0),
    ("since_here", 181, 5_515.284_444_444_445, 6_747_046.539_166_667),
    ("other_rules", 0, 8_885.0, 8_365_989.0),
    ("entropy", 0, 78.576_575_768_999_63, 62_369.592_769_320_414),
    ("new_names", 0, 131.0, 64_053.0),
    ("since_ip", 42, 1_656.818_055_555_555_5, 1_798_532.084_444_444_4),
    ("rare_so_far", 0, 6_992.039_426_887_946, 6_871_319.670_592_748),
    ("rare_training", 0, 6_521.624_303_742_476, 6_278_177.643_909_503),
    ("seconds", 0, 3_386_470.5, 3_217_496_977.5),
];

#[test]
fn real_alerts_equal_an_independent_count() {
    let Some(data) = shared_data() else { return };
    let events = alerts(&data.join("ait-alerts/santos.csv.gz"));
    let experiment = with_entity(
        "{ key: [host, short], every: 1h }",
        "alerts: { count: '*' }
        names: { distinct: name }
        rule_rarity: { rarity: short }
        first_here: { unseen: short, by: host }
        since_here: { since: short, by: host }
        other_rules: { distinct: short, at: [host] }
        entropy: { entropy: name }
        new_names: { unseen: name }
        since_ip: { since: ip, agg: mean }
        rare_so_far: { rarity: name, scope: so_far }
        rare_training: { rarity: name, scope: training }
        seconds: { median: second }",
    );
    let micros = |text: &str| chrono::DateTime::parse_from_rfc3339(text).unwrap().timestamp_micros();
    let window = Window {
        time: "time".into(),
        start: micros("2022-01-14T00:00:00Z"),
        train_end: micros("2022-01-15T12:00:00Z"),
        end: micros("2022-01-18T00:00:00Z"),
    };
    let batches: Vec<DataFrame> = (0..events.height()).step_by(10_000).map(|row| events.slice(row as i64, 10_000)).collect();
    let table = collect_in(&experiment, Tz::UTC, Some(window), &batches).unwrap();
    assert_eq!((table.len(), table.no_entity, table.outside_window), (1_911, 0, 0));
    for (field, missing, sum, weighted) in FIGURES {
        let values = plain(&table, field);
        let known = || values.iter().enumerate().filter_map(|(row, value)| value.map(|value| (row, value)));
        // A median of more than 256 values is told within 0.2 %.
        let most = if field == "seconds" { 2e-3 } else { 1e-9 };
        let close = |found: f64, expected: f64| assert!((found / expected - 1.0).abs() < most, "{field}: {found} is not {expected}");
        assert_eq!(values.iter().filter(|value| value.is_none()).count(), missing, "{field}");
        close(known().map(|(_, value)| value).sum(), sum);
        close(known().map(|(row, value)| (row + 1) as f64 * value).sum(), weighted);
    }
}
