//! Whole runs of the collector: hand-computed units, and properties against a plain rendering of the definitions.

use chrono_tz::Tz;
use polars::prelude::*;

use super::{Collector, FieldSet, UnitTable, Window};
use crate::{
    error::{Problem, Result},
    spec::Experiment,
};

mod clock;
mod hand;
mod history;
mod properties;
mod reading;

/// One event: seconds since the window's start, who, where, how much.
type Event = (i64, Option<&'static str>, Option<&'static str>, Option<i64>);

const HOUR: i64 = 3_600;
/// 2026-03-02T00:00:00Z.
const START: i64 = 1_772_409_600;

/// An experiment on the columns `time`, `user`, `host`, `bytes`, and `department`.
fn experiment(fields: &str) -> Experiment {
    with_entity("{ key: [user], every: 1h }", fields)
}

fn with_entity(entity: &str, fields: &str) -> Experiment {
    let text = format!(
        "name: test\nuse_case: {{ title: Test }}\nsources: {{ events: {{ path: x.csv }} }}\nentity: {entity}\nfields:\n{}\nalgorithms: [ecod]\n",
        indented(fields)
    );
    serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("  {}\n", line.trim())).collect()
}

fn frame(events: &[Event]) -> DataFrame {
    let times: Vec<i64> = events.iter().map(|event| (START + event.0) * 1_000_000).collect();
    let time = Column::new("time".into(), times).cast(&DataType::Datetime(TimeUnit::Microseconds, Some(TimeZone::UTC))).unwrap();
    let department = |user: Option<&str>| user.map(|user| if user < "c" { "sales" } else { "labs" });
    DataFrame::new_infer_height(vec![
        time,
        Column::new("user".into(), events.iter().map(|event| event.1).collect::<Vec<_>>()),
        Column::new("host".into(), events.iter().map(|event| event.2).collect::<Vec<_>>()),
        Column::new("bytes".into(), events.iter().map(|event| event.3).collect::<Vec<_>>()),
        Column::new("department".into(), events.iter().map(|event| department(event.1)).collect::<Vec<_>>()),
    ])
    .unwrap()
}

fn schema(frame: &DataFrame) -> Vec<(String, DataType)> {
    frame.columns().iter().map(|column| (column.name().to_string(), column.dtype().clone())).collect()
}

/// A window of ten days whose training part is the first ten hours.
fn window() -> Window {
    Window {
        time: "time".into(),
        start: START * 1_000_000,
        train_end: (START + 10 * HOUR) * 1_000_000,
        end: (START + 240 * HOUR) * 1_000_000,
    }
}

fn collect(experiment: &Experiment, batches: &[DataFrame]) -> Result<UnitTable> {
    collect_in(experiment, Tz::UTC, Some(window()), batches)
}

fn collect_in(experiment: &Experiment, zone: Tz, window: Option<Window>, batches: &[DataFrame]) -> Result<UnitTable> {
    let set = FieldSet::read(experiment).unwrap_or_else(|problems| panic!("{problems:?}"));
    let mut collector = Collector::new(set, experiment, zone, window, &schema(&batches[0]))?;
    for batch in batches {
        collector.push(batch)?;
    }
    collector.finish()
}

fn problems(experiment: &Experiment) -> Vec<Problem> {
    FieldSet::read(experiment).map(|_| Vec::new()).unwrap_or_else(|problems| problems)
}

/// The values of a field by unit, as `(entity, period, value)`.
fn values(table: &UnitTable, field: &str) -> Vec<(String, i64, Option<f64>)> {
    let values = &table.field(field).unwrap_or_else(|| panic!("no field `{field}`")).values;
    table.rows.iter().zip(values).map(|(row, value)| (row.entity.to_string(), row.period, *value)).collect()
}

/// The values of a field in the order of the units.
fn plain(table: &UnitTable, field: &str) -> Vec<Option<f64>> {
    values(table, field).into_iter().map(|(_, _, value)| value).collect()
}
