//! Every kind that looks at one unit, computed by hand.

use super::*;

const FIELDS: &str = "requests: { count: '*' }
    with_bytes: { count: bytes }
    sum: { sum: bytes }
    mean: { mean: bytes }
    median: { median: bytes }
    min: { min: bytes }
    max: { max: bytes }
    std: { std: bytes }
    q90: { quantile: bytes, q: 0.9 }
    hosts: { distinct: host }
    entropy: { entropy: host }
    large: { share: 'bytes > 2' }
    to_x: { count: '*', where: \"host = 'x'\" }
    to_x_sum: { sum: bytes, where: \"host = 'x'\" }
    to_x_mean: { mean: bytes, where: \"host = 'x'\" }
    ratio: { ratio: [bytes, bytes] }";

fn events() -> Vec<Event> {
    vec![
        (0, Some("b"), Some("x"), Some(1)),
        (10, Some("b"), Some("x"), Some(2)),
        (20, Some("b"), Some("y"), Some(6)),
        (30, Some("b"), None, None),
        (40, Some("a"), None, None),
        (HOUR, Some("b"), Some("y"), Some(0)),
        (50, None, Some("x"), Some(99)),
        (-1, Some("b"), Some("x"), Some(99)),
        (240 * HOUR, Some("b"), Some("x"), Some(99)),
    ]
}

#[test]
fn one_unit_at_a_time() {
    let table = collect(&experiment(FIELDS), &[frame(&events())]).unwrap();
    let rows: Vec<(&str, i64)> = table.rows.iter().map(|row| (row.entity.as_ref(), row.period)).collect();
    assert_eq!(rows, [("a", 0), ("b", 0), ("b", 1)]);
    assert_eq!((table.no_entity, table.outside_window, table.below_min_events), (1, 2, 0));
    assert_eq!(table.events, [1, 4, 1]);
    let field = |name: &str| plain(&table, name);
    assert_eq!(field("requests"), [Some(1.0), Some(4.0), Some(1.0)]);
    assert_eq!(field("with_bytes"), [Some(0.0), Some(3.0), Some(1.0)]);
    assert_eq!(field("sum"), [Some(0.0), Some(9.0), Some(0.0)]);
    assert_eq!(field("mean"), [None, Some(3.0), Some(0.0)]);
    assert_eq!(field("median"), [None, Some(2.0), Some(0.0)]);
    assert_eq!(field("min"), [None, Some(1.0), Some(0.0)]);
    assert_eq!(field("max"), [None, Some(6.0), Some(0.0)]);
    assert_eq!(field("std"), [None, Some(7f64.sqrt()), None]);
    assert_eq!(field("hosts"), [Some(0.0), Some(2.0), Some(1.0)]);
    assert_eq!(field("large"), [Some(0.0), Some(0.25), Some(0.0)]);
    assert_eq!(field("to_x"), [Some(0.0), Some(2.0), Some(0.0)]);
    assert_eq!(field("to_x_sum"), [Some(0.0), Some(3.0), Some(0.0)]);
    assert_eq!(field("to_x_mean"), [None, Some(1.5), None]);
    assert_eq!(field("ratio"), [None, Some(1.0), None]);
    // 2 + 0.8 (6 - 2).
    assert!((field("q90")[1].unwrap() - 5.2).abs() < 1e-12);
    // Counts 2 and 1: ln 3 - 2 ln 2 / 3.
    assert!((field("entropy")[1].unwrap() - (3f64.ln() - 2.0 * 2f64.ln() / 3.0)).abs() < 1e-15);
    assert_eq!((field("entropy")[0], field("entropy")[2]), (None, Some(0.0)));
}

#[test]
fn times_keys_and_definitions() {
    let table =
        collect(&experiment("up: { sum: bytes, scale: log, where: \"host = 'x'\" }\nall: { mean: bytes, fill: -1 }"), &[frame(&events())])
            .unwrap();
    assert_eq!(table.starts[2], (START + HOUR) * 1_000_000);
    assert_eq!(table.ends[2], (START + 2 * HOUR) * 1_000_000);
    assert_eq!(table.key_columns, ["user"]);
    assert_eq!(table.keys[0].iter().map(|name| name.as_ref()).collect::<Vec<_>>(), ["a", "b", "b"]);
    assert_eq!(table.fields[0].definition, "sum of bytes, where host = 'x'");
    assert_eq!((table.fields[0].log, table.fields[0].fill), (true, Some(0.0)));
    assert_eq!((table.fields[1].log, table.fields[1].fill), (false, Some(-1.0)));
}

#[test]
fn unit_numbers_lead_to_rows() {
    let experiment = with_entity("{ key: [user], every: 1h, min_events: 2 }", "n: { count: '*' }");
    let set = FieldSet::read(&experiment).unwrap();
    let batch = frame(&events());
    let mut collector = Collector::new(set, &experiment, Tz::UTC, Some(window()), &schema(&batch)).unwrap();
    assert_eq!(collector.columns().into_iter().collect::<Vec<_>>(), ["time", "user"]);
    let units = collector.push(&batch).unwrap();
    assert_eq!(units, [0, 0, 0, 0, 1, 2, u32::MAX, u32::MAX, u32::MAX]);
    let table = collector.finish().unwrap();
    assert_eq!(table.order, [Some(0), None, None]);
    assert_eq!((table.len(), table.below_min_events), (1, 2));
}

#[test]
fn sums_of_extremes_do_not_wrap() {
    let events: Vec<Event> = vec![
        (0, Some("a"), Some("x"), Some(i64::MAX)),
        (1, Some("a"), Some("x"), Some(i64::MAX)),
        (2, Some("b"), Some("x"), Some(i64::MIN)),
        (3, Some("b"), Some("x"), Some(i64::MIN)),
        (4, Some("b"), Some("x"), Some(i64::MAX)),
    ];
    let table = collect(&experiment("sum: { sum: bytes }\nmean: { mean: bytes }\nmin: { min: bytes }"), &[frame(&events)]).unwrap();
    assert_eq!(plain(&table, "sum"), [Some(18_446_744_073_709_551_614.0), Some(-9_223_372_036_854_775_809.0)]);
    assert_eq!(plain(&table, "mean"), [Some(9_223_372_036_854_775_807.0), Some(-3_074_457_345_618_258_603.0)]);
    assert_eq!(plain(&table, "min"), [Some(9_223_372_036_854_775_807.0), Some(-9_223_372_036_854_775_808.0)]);
}

#[test]
fn nan_is_null_and_floats_are_summed_exactly() {
    let experiment = experiment("sum: { sum: x }\nmax: { max: x }\nn: { count: x }\ndistinct: { distinct: x }\nwide: { sum: small }");
    let times = Column::new("time".into(), vec![START * 1_000_000; 6]).cast(&DataType::Datetime(TimeUnit::Microseconds, None)).unwrap();
    let frame = DataFrame::new_infer_height(vec![
        times,
        Column::new("user".into(), ["a"; 6]),
        Column::new("x".into(), [Some(1e16), Some(1.0), Some(-1e16), Some(f64::NAN), None, Some(f64::INFINITY)]),
        Column::new("small".into(), [i32::MAX; 6]),
    ])
    .unwrap();
    let table = collect(&experiment, &[frame]).unwrap();
    assert_eq!(plain(&table, "sum"), [Some(1.0)]);
    assert_eq!(plain(&table, "max"), [Some(1e16)]);
    assert_eq!(plain(&table, "n"), [Some(4.0)]);
    assert_eq!(plain(&table, "distinct"), [Some(4.0)]);
    assert_eq!(plain(&table, "wide"), [Some(6.0 * 2_147_483_647.0)]);
}

#[test]
fn several_keys_sort_by_code_point() {
    let events: Vec<Event> = vec![
        (0, Some("b"), Some("é"), Some(1)),
        (0, Some("b"), Some("z"), Some(2)),
        (0, Some("B"), Some("z"), Some(3)),
        (0, Some("b"), None, None),
    ];
    let experiment = with_entity("{ key: [user, host], every: 1d }", "sum: { sum: bytes }");
    let table = collect(&experiment, &[frame(&events)]).unwrap();
    let names: Vec<&str> = table.rows.iter().map(|row| row.entity.as_ref()).collect();
    assert_eq!(names, ["B · z", "b · z", "b · é"]);
    assert_eq!(plain(&table, "sum"), [Some(3.0), Some(2.0), Some(1.0)]);
    assert_eq!(table.no_entity, 1);
    assert_eq!(table.keys[1].iter().map(|name| name.as_ref()).collect::<Vec<_>>(), ["z", "z", "é"]);
}

#[test]
fn a_coarser_key_is_joined_back() {
    // a and b are in sales, c in labs.
    let events: Vec<Event> = vec![
        (0, Some("a"), Some("x"), Some(1)),
        (1, Some("b"), Some("y"), Some(2)),
        (2, Some("b"), Some("x"), Some(3)),
        (3, Some("c"), Some("z"), Some(4)),
        (HOUR, Some("a"), Some("y"), Some(5)),
        (4, None, Some("w"), Some(6)),
    ];
    let fields = "hosts: { distinct: host, at: department }\nbytes_all: { sum: bytes, at: [department] }\nown: { sum: bytes, at: [user] }";
    let table = collect(&experiment(fields), &[frame(&events)]).unwrap();
    assert_eq!(plain(&table, "hosts"), [Some(2.0), Some(2.0), Some(1.0), Some(1.0)]);
    assert_eq!(plain(&table, "bytes_all"), [Some(6.0), Some(6.0), Some(4.0), Some(5.0)]);
    assert_eq!(plain(&table, "own"), [Some(1.0), Some(5.0), Some(4.0), Some(5.0)]);
    assert_eq!(table.fields[0].definition, "distinct values of host, per department and period");
}

#[test]
fn attributes_are_the_most_frequent_value() {
    let events: Vec<Event> = vec![
        (0, Some("a"), Some("y"), None),
        (1, Some("a"), Some("x"), None),
        (2, Some("b"), Some("y"), None),
        (3, Some("b"), Some("y"), None),
        (4, Some("b"), Some("x"), None),
        (5, Some("c"), None, None),
    ];
    let mut experiment = experiment("n: { count: '*' }");
    experiment.evaluate.clusters = Some("host".into());
    let table = collect(&experiment, &[frame(&events)]).unwrap();
    let hosts: Vec<Option<&str>> = table.attributes["host"].iter().map(|host| host.as_deref()).collect();
    assert_eq!(hosts, [Some("x"), Some("y"), None]);
}

#[test]
fn categories_are_learned_from_the_training_part() {
    // Units of the training part: a with x, b with x and x and y, c with y, d with nothing. Two of four units have x, two have y.
    let events = [
        (0, Some("a"), Some("x"), Some(1)),
        (0, Some("b"), Some("x"), Some(1)),
        (1, Some("b"), Some("x"), Some(1)),
        (2, Some("b"), Some("y"), Some(1)),
        (0, Some("c"), Some("y"), Some(1)),
        (0, Some("d"), None, Some(1)),
        (20 * HOUR, Some("a"), Some("new"), Some(1)),
        (20 * HOUR, Some("b"), Some("y"), Some(1)),
        (20 * HOUR, Some("b"), Some("new"), Some(1)),
    ];
    let fields = "host: { category: host }
        one: { category: host, at_most: 1 }
        common: { category: host, encode: frequency }
        rare: { category: host, encode: rarity }
        bytes: { category: bytes, where: \"host = 'x'\" }";
    let table = collect(&experiment(fields), &[frame(&events[..4]), frame(&events[4..])]).unwrap();
    let names: Vec<&str> = table.fields.iter().map(|field| field.name.as_str()).collect();
    assert_eq!(names, ["host=x", "host=y", "host=(other)", "one=x", "one=(other)", "common", "rare", "bytes=1", "bytes=(other)"]);
    // In the order a, b, c, d, then a and b twenty hours later.
    let third = 1.0 / 3.0;
    let (half, none) = (Some(0.5), None);
    assert_eq!(plain(&table, "host=x"), [Some(1.0), Some(2.0 * third), Some(0.0), none, Some(0.0), Some(0.0)]);
    assert_eq!(plain(&table, "host=y"), [Some(0.0), Some(third), Some(1.0), none, Some(0.0), half]);
    assert_eq!(plain(&table, "host=(other)"), [Some(0.0), Some(0.0), Some(0.0), none, Some(1.0), half]);
    // Of equally common ones the first by code point.
    assert_eq!(plain(&table, "one=(other)"), [Some(0.0), Some(third), Some(1.0), none, Some(1.0), Some(1.0)]);
    assert_eq!(plain(&table, "common"), [half, half, half, none, Some(0.0), Some(0.25)]);
    let (known, new) = (-(3.0f64 / 5.0).ln(), -(1.0f64 / 5.0).ln());
    let near = |values: Vec<Option<f64>>, expected: [Option<f64>; 6]| {
        values.iter().zip(expected).all(|(a, b)| a.zip(b).map_or(a.is_none() && b.is_none(), |(a, b)| (a - b).abs() < 1e-12))
    };
    assert!(near(plain(&table, "rare"), [Some(known), Some(known), Some(known), None, Some(new), Some((known + new) / 2.0)]));
    assert_eq!(table.field("host=(other)").unwrap().definition, "share of events with another host (0 in the training part)");
    assert_eq!(table.field("one=(other)").unwrap().definition, "share of events with another host (1 in the training part)");
    assert_eq!(table.field("bytes=1").unwrap().definition, "share of events with bytes = 1, where host = 'x'");
    assert_eq!(table.field("host=x").unwrap().fill, Some(0.0));
}

#[test]
fn a_plain_table_has_a_unit_for_each_row() {
    let text = "name: t\nuse_case: { title: T }\nsources: { t: { path: t.csv } }\nfields: { all_numeric: {} }\nalgorithms: [ecod]\nlabels: { column: label }\n";
    let experiment: Experiment = serde_yaml::from_str(text).unwrap();
    let part = |from: usize, to: usize| {
        let rows = from..to;
        DataFrame::new_infer_height(vec![
            Column::new("a".into(), rows.clone().map(|row| row as f64 / 2.0).collect::<Vec<_>>()),
            Column::new("name".into(), rows.clone().map(|row| format!("n{row}")).collect::<Vec<_>>()),
            Column::new("b".into(), rows.clone().map(|row| (row != 1).then_some(row as i64)).collect::<Vec<_>>()),
            Column::new("label".into(), rows.map(|row| row as i64 % 2).collect::<Vec<_>>()),
        ])
        .unwrap()
    };
    let table = collect_in(&experiment, Tz::UTC, None, &[part(0, 3), part(3, 12)]).unwrap();
    assert_eq!(table.fields.iter().map(|field| field.name.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(table.len(), 12);
    assert_eq!((table.rows[9].entity.as_ref(), table.rows[9].period, table.starts[9]), ("10", 0, 0));
    assert_eq!(plain(&table, "a")[11], Some(5.5));
    assert_eq!(plain(&table, "b")[..3], [Some(0.0), None, Some(2.0)]);
}

#[test]
fn a_field_takes_the_place_of_a_column_of_its_name() {
    for fields in ["all_numeric: {}, a: { sum: b }", "a: { sum: b }, all_numeric: {}"] {
        let text =
            format!("name: t\nuse_case: {{ title: T }}\nsources: {{ t: {{ path: t.csv }} }}\nfields: {{ {fields} }}\nalgorithms: [ecod]\n");
        let rows = DataFrame::new_infer_height(vec![Column::new("a".into(), [1, 2]), Column::new("b".into(), [3, 4])]).unwrap();
        let table = collect_in(&serde_yaml::from_str(&text).unwrap(), Tz::UTC, None, &[rows]).unwrap();
        let mut names: Vec<&str> = table.fields.iter().map(|field| field.name.as_str()).collect();
        names.sort_unstable();
        assert_eq!(names, ["a", "b"], "{fields}");
        assert_eq!(plain(&table, "a"), [Some(3.0), Some(4.0)], "{fields}");
    }
}

#[test]
fn a_column_that_is_left_out_must_be_there() {
    let except = |column: &str| {
        let text = format!(
            "name: t\nuse_case: {{ title: T }}\nsources: {{ t: {{ path: t.csv }} }}\nfields: {{ all_numeric: {{ except: {column} }} }}\nalgorithms: [ecod]\nlabels: {{ column: late }}\n"
        );
        let rows = DataFrame::new_infer_height(vec![Column::new("id".into(), [1, 2]), Column::new("b".into(), [3, 4])]).unwrap();
        let table = collect_in(&serde_yaml::from_str(&text).unwrap(), Tz::UTC, None, &[rows]);
        table.map(|table| table.fields.len()).map_err(|error| error.to_string())
    };
    assert_eq!(except("id"), Ok(1));
    assert_eq!(except("idd"), Err("`fields.all_numeric.except`: unknown column `idd`".into()));
    assert_eq!(except("late"), Ok(2), "no field sees the column of the labels anyway");
}

#[test]
fn a_column_that_changes_its_type_is_refused() {
    let experiment = experiment("sum: { sum: bytes }");
    let first = frame(&events());
    let second = first.clone().lazy().with_column(col("bytes").cast(DataType::String)).collect().unwrap();
    assert!(collect(&experiment, &[first, second]).unwrap_err().to_string().contains("column `bytes` became str"));
}
