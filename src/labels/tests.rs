use std::sync::Arc;

use chrono_tz::{Europe::Paris, Tz};
use polars::prelude::*;
use proptest::prelude::*;

use super::*;
use crate::{
    parts::Units,
    spec::Moment,
    units::{Disposition::*, RowKey},
};

const HOUR: i64 = 3_600_000_000;

fn at(text: &str) -> i64 {
    text.parse::<Moment>().unwrap().micros(Paris)
}

/// Four hours of two users on two hosts: ann 08:00 a, ann 09:00 a, ann 09:00 b, bob 09:00 a.
struct Made {
    rows: Vec<RowKey>,
    starts: Vec<i64>,
    ends: Vec<i64>,
    columns: [String; 2],
    keys: Vec<Vec<Arc<str>>>,
}

fn made() -> Made {
    let units = [("ann", "a", 8), ("ann", "a", 9), ("ann", "b", 9), ("bob", "a", 9)];
    let midnight = at("2026-03-12");
    Made {
        rows: units.iter().map(|(user, host, hour)| RowKey { entity: format!("{user} · {host}").into(), period: *hour }).collect(),
        starts: units.iter().map(|unit| midnight + unit.2 * HOUR).collect(),
        ends: units.iter().map(|unit| midnight + (unit.2 + 1) * HOUR).collect(),
        columns: ["user".into(), "host".into()],
        keys: vec![units.iter().map(|unit| unit.0.into()).collect(), units.iter().map(|unit| unit.1.into()).collect()],
    }
}

impl Made {
    fn units(&self) -> Units<'_> {
        Units { rows: &self.rows, starts: &self.starts, ends: &self.ends, key_columns: &self.columns, keys: &self.keys, events: &[1; 4] }
    }
}

fn file(text: &str) -> Result<LabelFile> {
    LabelFile::parse(text.as_bytes(), "labels.csv", &made().columns, Paris)
}

fn labelled(text: &str) -> (Labels, Vec<String>) {
    let (labels, findings) = file(text).unwrap().label(&made().units(), true).unwrap();
    (labels, findings.into_iter().map(|finding| finding.code).collect())
}

fn ids(labels: &Labels) -> Vec<&str> {
    labels.incidents.iter().map(|incident| incident.id.as_str()).collect()
}

#[test]
fn a_unit_is_labelled_when_its_period_overlaps() {
    let (labels, codes) = labelled(
        "user,host,start,end,incident,kind\n\
         ann,a,2026-03-12T08:59,2026-03-12T09:00,early,beacon\n\
         ann,b,2026-03-12T09:30:00+01:00,2026-03-13,late,\n\
         bob,a,2026-03-12T08:00,2026-03-12T09:00,missed,\n",
    );
    assert_eq!(labels.dispositions, [Some(TruePositive), None, Some(TruePositive), None], "the end is not part of it");
    assert_eq!(ids(&labels), ["early", "late"]);
    assert_eq!(labels.incidents[0].kind.as_deref(), Some("beacon"));
    assert_eq!(labels.incidents[1].start, at("2026-03-12T09:30"));
    assert_eq!(labels.incidents_of, [vec![0], vec![], vec![1], vec![]]);
    assert_eq!(codes, ["W151", "W152"], "a label without a unit is said");
}

#[test]
fn rows_of_one_incident_are_one_and_rows_without_are_their_own() {
    let (labels, codes) = labelled(
        "\u{feff}host,user,end,start,incident\n\
         b,ann,2026-03-12T10:00,2026-03-12T09:00,x\n\
         a,ann,2026-03-12T09:00,2026-03-12T08:00,x\n\
         a,bob,2026-03-12T10:00,2026-03-12T09:00,\n\
         a,bob,2026-03-12T10:00,2026-03-12T09:01,\n",
    );
    assert_eq!(ids(&labels), ["x", "line 4", "line 5"]);
    assert_eq!(labels.incidents[0].start, at("2026-03-12T08:00"));
    assert_eq!(labels.incidents_of, [vec![0], vec![], vec![0], vec![1, 2]]);
    assert!(codes.is_empty());
}

#[test]
fn a_part_of_the_key_that_is_missing_matches_all() {
    let (labels, _) = labelled("host,start,end,incident\na,2026-03-12T09:00,2026-03-12T10:00,x\n");
    assert_eq!(labels.incidents_of, [vec![], vec![0], vec![], vec![0]]);
    let (labels, _) = labelled("user,host,start,end\nann,,2026-03-12,2026-03-13\n");
    assert_eq!(labels.dispositions, [Some(TruePositive), Some(TruePositive), Some(TruePositive), None]);
    let (labels, codes) = labelled("start,end\n2026-03-12T09:00,2026-03-12T10:00\n");
    assert_eq!(labels.dispositions.iter().flatten().count(), 3);
    assert_eq!(codes, ["W153"]);
    assert!(file("user,host,start,end\n,,2026-03-12,2026-03-13\n").is_err(), "a row that names nobody");
}

#[test]
fn the_gravest_disposition_wins_and_only_attacks_are_incidents() {
    let (labels, _) = labelled(
        "user,host,start,end,disposition,incident\n\
         ann,a,2026-03-12T08:00,2026-03-12T10:00,false_positive,no\n\
         ann,a,2026-03-12T08:00,2026-03-12T10:00,benign_true_positive,no\n\
         ann,a,2026-03-12T09:00,2026-03-12T10:00,true_positive,yes\n\
         ann,a,2026-03-12T08:00,2026-03-12T10:00,false_positive,no\n\
         bob,a,2026-03-12T08:00,2026-03-12T10:00,false_positive,no\n",
    );
    assert_eq!(labels.dispositions, [Some(BenignTruePositive), Some(TruePositive), None, Some(FalsePositive)]);
    assert_eq!(ids(&labels), ["yes"]);
    assert_eq!(labels.incidents_of, [vec![], vec![0], vec![], vec![]]);
}

#[test]
fn lines_that_cannot_be_used_are_named() {
    let errors: Vec<String> = [
        "user,host,start,end,disposition\nann,a,2026-03-12,2026-03-13,true-positive\nann,a,2026-03-13,2026-03-12,\nann,a,yesterday,2026-03-12,\nann,a,2026-03-12,,\nann,a\n",
        "usr,host,start,end\nann,a,2026-03-12,2026-03-13\n",
        "user,host,start,until\nann,a,2026-03-12,2026-03-13\n",
        "user,host,start,end\nann,a,2026-03-12,2026-03-12\n",
        "user,host,start,end,disposition\nann,a,2026-03-12,2026-03-13,attack\n",
        "",
    ]
    .map(|text| {
        let error = file(text).unwrap_err();
        format!("{error}\n    {}", error.hint().unwrap())
    })
    .into();
    insta::assert_snapshot!(errors.join("\n"), @r##"
        `labels.csv`: 5 of 5 labels cannot be used: line 2: unknown disposition `true-positive`: did you mean `true_positive`?; line 3: ends (`2026-03-12`) before it starts (`2026-03-13`); line 4: `yesterday` is not a date or time: expected `2026-03-02`, `2026-03-02T08:00:00`, or `2026-03-02T08:00:00+01:00`; line 5: `end` is empty; line 6: has another number of cells than the header
            mend or remove these lines: a label that is left out in silence turns an attack into a benign unit
        `labels.csv` has no column `user`, but `usr`
            rename its column `usr` to `user`, or to something else if it is not the entity
        `labels.csv` has no column `end`
            its columns are `user`, `host`, `start`, `until`
        `labels.csv`: 1 of 1 labels cannot be used: line 2: ends (`2026-03-12`) before it starts (`2026-03-12`)
            mend or remove these lines: a label that is left out in silence turns an attack into a benign unit
        `labels.csv`: 1 of 1 labels cannot be used: line 2: unknown disposition `attack`: expected `true_positive`, `benign_true_positive`, or `false_positive`
            mend or remove these lines: a label that is left out in silence turns an attack into a benign unit
        `labels.csv` is empty
            expected a header with the entity's key columns, `start`, and `end`
        "##);
}

#[test]
fn entities_that_never_occur_are_counted() {
    let (labels, findings) = file("user,host,start,end\nAnn,a,2026-03-12,2026-03-13\nann,a,2026-03-12,2026-03-13\n")
        .unwrap()
        .label(&made().units(), false)
        .unwrap();
    assert!(!labels.complete);
    assert_eq!(findings[0].code, "W150");
    assert_eq!(findings[0].message, "1 of 2 labels name an entity that never occurs (labels.csv, line 2).");
    assert_eq!(findings[1].message, "One incident has no unit: `line 2`.");
}

#[test]
fn a_compressed_file_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("labels.csv.gz");
    let mut writer = flate2::write::GzEncoder::new(std::fs::File::create(&path).unwrap(), flate2::Compression::fast());
    std::io::Write::write_all(&mut writer, b"user,host,start,end\nann,a,2026-03-12,2026-03-13\n").unwrap();
    writer.finish().unwrap();
    assert_eq!(LabelFile::read(&path, &made().columns, Paris).unwrap().len(), 1);
    assert!(LabelFile::read(&folder.path().join("none.csv"), &made().columns, Paris).is_err());
}

fn source(text: &str) -> LabelSource {
    serde_yaml::from_str(text).unwrap()
}

/// Unit numbers 0..=3 are the rows 3, 1, 0 and none.
const ORDER: [Option<u32>; 4] = [Some(3), Some(1), Some(0), None];

fn events() -> DataFrame {
    let times = [
        at("2026-03-12T09:10"),
        at("2026-03-12T09:05"),
        at("2026-03-12T09:20"),
        at("2026-03-12T08:30"),
        at("2026-03-12T09:40"),
        at("2026-03-12T09:50"),
    ];
    let mut frame = df!(
        "label" => [Some("scan"), Some("dns"), Some("-"), Some(" "), None, Some("scan")],
        "case" => [Some("I1"), Some("I1"), Some("I9"), Some("I9"), None, Some("")],
        "flag" => [1.0, 1.0, 0.0, 0.0, 0.0, 1.0],
    )
    .unwrap();
    frame
        .with_column(Series::new("timestamp".into(), times).cast(&DataType::Datetime(TimeUnit::Microseconds, None)).unwrap().into_column())
        .unwrap();
    frame
}

fn by_column(spec: &str, units: &[u32], batches: &[(usize, usize)]) -> (Labels, Vec<String>) {
    let spec = source(spec);
    let mut labels = ColumnLabels::new(&spec, Some("timestamp")).unwrap();
    for &(from, to) in batches {
        labels.push(&events().slice(from as i64, to - from), &units[from..to]).unwrap();
    }
    let (labels, findings) = labels.finish(&made().units(), &ORDER, spec.complete, Paris);
    (labels, findings.into_iter().map(|finding| finding.code).collect())
}

#[test]
fn a_unit_is_an_attack_when_any_event_is() {
    for batches in [&[(0, 6)][..], &[(0, 1), (1, 4), (4, 6)], &[(4, 6), (0, 4)]] {
        let (labels, codes) = by_column("{ column: label, benign: ['-'], incident: label, complete: true }", &[0, 0, 0, 2, 1, 1], batches);
        assert!(labels.complete);
        assert_eq!(labels.dispositions, [None, Some(TruePositive), None, Some(TruePositive)]);
        assert_eq!(ids(&labels), ["dns", "scan"], "by the first of their events");
        assert_eq!(labels.incidents[1].start, at("2026-03-12T09:10"));
        assert_eq!(labels.incidents_of, [vec![], vec![1], vec![], vec![0, 1]]);
        assert!(codes.is_empty());
    }
}

#[test]
fn incidents_may_have_a_column_of_their_own() {
    let (labels, _) = by_column("{ column: label, benign: ['-'], incident: case, complete: true }", &[0, 0, 0, 2, 1, 1], &[(0, 6)]);
    assert_eq!(ids(&labels), ["I1", "ann · a @ 2026-03-12T09:00:00+01:00"], "where it is empty, the unit is its own incident");
    assert_eq!(labels.incidents[0].kind.as_deref(), Some("dns"), "of several kinds the first by code point");
    assert_eq!(labels.incidents[0].start, at("2026-03-12T09:05"));
}

#[test]
fn numbers_mean_the_same_as_texts() {
    let (labels, codes) = by_column("{ column: flag, benign: [0], complete: true }", &[0, 3, 0, 2, u32::MAX, u32::MAX], &[(0, 6)]);
    assert_eq!(labels.dispositions, [None, None, None, Some(TruePositive)]);
    assert_eq!(labels.incidents[0].kind, None);
    assert_eq!(codes, ["W154", "W155"], "attack events without a unit are counted");
    let (_, codes) = by_column("{ column: flag, benign: [0, 1] }", &[0; 6], &[(0, 6)]);
    assert_eq!(codes, ["W156"]);
}

#[test]
fn label_columns_are_hidden() {
    let hidden = columns_hidden(&source("{ column: event_label, incident: step, exclude: [time_label] }"));
    assert_eq!(hidden.iter().map(String::as_str).collect::<Vec<_>>(), ["event_label", "step", "time_label"]);
    let columns = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    assert!(refuse_hidden("fields.requests", &columns(&["host", "method"]), &hidden).is_ok());
    let error = refuse_hidden("fields.requests", &columns(&["host", "time_label"]), &hidden).unwrap_err();
    assert_eq!(error.to_string(), "`fields.requests` reads `time_label`, which is a label or derived from one");
    let mut missing = ColumnLabels::new(&source("{ column: lable }"), None).unwrap();
    assert_eq!(missing.push(&events(), &[0; 6]).unwrap_err().hint(), Some("did you mean `label`?"));
}

proptest! {
    #[test]
    fn no_label_file_panics(text in ".{0,200}") {
        let _ = file(&text);
        let _ = file(&format!("user,host,start,end,disposition\n{text}"));
    }

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = LabelFile::parse(&[b"user,host,start,end\n".to_vec(), bytes].concat(), "x", &made().columns, Tz::UTC);
    }
}
