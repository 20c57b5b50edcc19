//! Parquet for other tools holds what was read, day by day.

use super::*;

#[test]
fn one_folder_a_day_and_every_column() {
    let dir = tempfile::tempdir().unwrap();
    // A row of an earlier day comes late.
    let text =
        "#Fields: date time cs-username cs-bytes\n2026-03-01 23:00:00 ann 1\n2026-03-02 00:00:00 bob 2\n2026-03-01 23:59:59 - 3\nx y z 4\n";
    fs::write(dir.path().join("x.log"), text).unwrap();
    let source = Source::open("s", &spec("x.log", "elff"), dir.path()).unwrap();
    let out = dir.path().join("a/out");
    let converted = convert(&source, &out, None, &Silent).unwrap();
    assert_eq!((converted.files, converted.quality.rows, converted.quality.no_time), (2, 3, 1));
    let back = |day: &str| {
        let yaml = format!("{{ path: 'a/out/day={day}', format: parquet, time: {{ column: timestamp }} }}");
        let spec: spec::Source = serde_yaml::from_str(&yaml).unwrap();
        read_all(&Source::open("p", &spec, dir.path()).unwrap()).0
    };
    let first = back("2026-03-01");
    assert_eq!((strings(&first, "user"), sum(&first, "bytes_up")), (vec![Some("ann".into()), None], 4.0));
    assert_eq!((text_of(&first), back("2026-03-02").height()), (["1772406000000000".into(), "1772409599000000".into()], 1));
    let again = convert(&source, &out, None, &Silent).unwrap_err();
    assert!(again.to_string().ends_with("is there already"), "{again}");
    assert_eq!(fs::read_dir(dir.path().join("a")).unwrap().count(), 1, "nothing half written is left");
}

fn text_of(frame: &DataFrame) -> [String; 2] {
    [text(frame, "timestamp", 0), text(frame, "timestamp", 1)]
}

#[test]
fn a_day_that_was_closed_goes_on_in_its_next_part() {
    let dir = tempfile::tempdir().unwrap();
    let days = (1..=31).map(|day| format!("2026-01-{day:02}")).chain((1..=9).map(|day| format!("2026-02-{day:02}")));
    let mut text = String::from("#Fields: date time cs-username\n");
    days.chain(["2026-01-01".to_owned()]).for_each(|day| text += &format!("{day} 12:00:00 ann\n"));
    fs::write(dir.path().join("x.log"), text).unwrap();
    let source = Source::open("s", &spec("x.log", "elff"), dir.path()).unwrap();
    // Batches of one row, so that the last one comes back to a day that is closed.
    let out = dir.path().join("out");
    let mut days = crate::source::convert::Days::new(out.clone(), source.time());
    source.read(&ReadPlan { chunk_rows: 1, ..ReadPlan::default() }, &Silent, &mut |batch| days.add(batch)).unwrap();
    assert_eq!(days.finish().unwrap(), 41);
    assert!(out.join("day=2026-01-01/part-1.parquet").exists());
}
