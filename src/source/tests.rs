use std::{fs, path::PathBuf};

use polars::prelude::{AnyValue, ChunkAgg, ChunkFull, IntoLazy, col, lit};
use proptest::prelude::*;

use super::*;
use crate::observe::{Event, Silent};

mod cache;
mod convert;
mod envelopes;
mod events;
mod evtx;
mod formats;
mod logons;
mod newcomers;
mod properties;
mod samples;
mod templates;
mod zscaler;

/// A source of the format with everything else at its default.
fn spec(path: &str, format: &str) -> spec::Source {
    serde_yaml::from_str(&format!("{{ path: '{path}', format: {format} }}")).unwrap()
}

fn read_all(source: &Source) -> (DataFrame, SourceQuality) {
    source.read_table(&ReadPlan::default(), &Silent).unwrap()
}

/// Writes a file and reads it as a source given in YAML, with `{path}` in it.
fn read_text(text: &[u8], yaml: &str) -> Result<(DataFrame, SourceQuality)> {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("x.log"), text).unwrap();
    let spec: spec::Source = serde_yaml::from_str(&yaml.replace("{path}", "x.log")).unwrap();
    Source::open("s", &spec, dir.path())?.read_table(&ReadPlan::default(), &Silent)
}

fn adds_up(q: &SourceQuality) {
    assert_eq!(q.lines, q.header + q.malformed + q.rows_parsed, "{q:?}");
    assert_eq!(q.rows_parsed, q.filtered + q.no_time + q.outside_window + q.rows, "{q:?}");
}

fn strings(frame: &DataFrame, name: &str) -> Vec<Option<String>> {
    let cast = frame.column(name).unwrap().cast(&DataType::String).unwrap();
    cast.str().unwrap().iter().map(|v| v.map(str::to_owned)).collect()
}

fn text(frame: &DataFrame, name: &str, row: usize) -> String {
    match frame.column(name).unwrap().get(row).unwrap() {
        AnyValue::Null => "null".into(),
        AnyValue::String(text) => text.to_owned(),
        AnyValue::StringOwned(text) => text.to_string(),
        AnyValue::Datetime(micros, ..) | AnyValue::DatetimeOwned(micros, ..) => micros.to_string(),
        other => other.to_string(),
    }
}

fn sum(frame: &DataFrame, name: &str) -> f64 {
    frame.column(name).unwrap().cast(&DataType::Float64).unwrap().f64().unwrap().sum().unwrap_or(0.0)
}

/// The folder of real logs, where it is there.
fn shared() -> Option<PathBuf> {
    let near = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let root = std::env::var_os("GONOGO_SHARED").map_or(near, PathBuf::from).join("data");
    if root.is_dir() {
        Some(root)
    } else {
        // Past the test runner, which keeps what `println!` says of a test that passes.
        let _ = std::io::Write::write_all(&mut std::io::stderr(), b"skipped: no ../shared/data\n");
        None
    }
}
