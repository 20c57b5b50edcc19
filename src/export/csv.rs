//! CSV for spreadsheets: `contenders.csv` (one row each, every measure at the budget with its limits), `criteria.csv`, `incidents.csv` (who
//! caught which), `fields.csv`, `alerts.csv`. Numbers have a decimal point and no grouping; no cell is a formula.

use std::path::{Path, PathBuf};

use super::{Exported, Target, copy, write};
use crate::{
    decide::{METRICS, measured},
    error::Result,
    text::{csv_cell, csv_number},
};

pub(super) const TARGET: Target = Target {
    id: "csv",
    summary: "tables for spreadsheets",
    source: include_str!("csv.rs"),
    folder: None,
    next: "open FOLDER/contenders.csv in a spreadsheet",
    write: tables,
};

fn tables(exported: &Exported<'_>, folder: &Path) -> Result<Vec<PathBuf>> {
    let made = [("contenders.csv", contenders(exported)), ("criteria.csv", criteria(exported)), ("incidents.csv", incidents(exported)), ("fields.csv", fields(exported))];
    let mut written = made.into_iter().map(|(name, text)| write(&folder.join(name), text)).collect::<Result<Vec<_>>>()?;
    written.extend(copy(exported, "alerts.csv", folder)?);
    Ok(written)
}

/// Rows as CSV with a header.
fn csv(header: &[String], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let line = |cells: &[String]| format!("{}\r\n", cells.join(","));
    rows.into_iter().fold(line(header), |text, row| text + &line(&row))
}

fn number(value: Option<f64>) -> String {
    value.filter(|value| value.is_finite()).map(csv_number).unwrap_or_default()
}

fn words<const N: usize>(names: [&str; N]) -> Vec<String> {
    names.map(str::to_owned).to_vec()
}

/// A word of an enum, as JSON writes it.
fn word<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(csv_cell)).unwrap_or_default()
}

fn contenders(exported: &Exported<'_>) -> String {
    let evaluation = &exported.saved.evaluation;
    let shown: Vec<_> = METRICS.iter().filter(|metric| !metric.needs_cost).collect();
    let mut header = words(["id", "title", "kind", "method", "outcome", "reason", "judged", "alerts", "true_alerts", "false_alerts", "roc_auc", "average_precision"]);
    for metric in &shown {
        header.extend([metric.id.to_owned(), format!("{}_low", metric.id), format!("{}_high", metric.id)]);
    }
    csv(
        &header,
        evaluation.contenders.iter().map(|contender| {
            let judged = exported.saved.decision.pick.as_deref() == Some(contender.id.as_str());
            let point = contender.budget.as_ref();
            let count = |of: fn(&crate::evaluate::Point) -> u64| point.map(|point| of(point).to_string()).unwrap_or_default();
            let mut row = vec![
                csv_cell(&contender.id),
                csv_cell(&contender.title),
                word(&contender.kind),
                csv_cell(&contender.method),
                word(&contender.outcome),
                csv_cell(contender.reason.as_deref().unwrap_or_default()),
                judged.to_string(),
                count(|point| point.alerts),
                count(|point| point.true_alerts),
                count(|point| point.false_alerts),
                number(contender.roc_auc),
                number(contender.average_precision),
            ];
            for metric in &shown {
                let found = point.and_then(|point| measured(metric, point, evaluation.incidents, None));
                row.extend([found.map(|found| found.0), found.map(|found| found.1), found.map(|found| found.2)].map(number));
            }
            row
        }),
    )
}

fn criteria(exported: &Exported<'_>) -> String {
    let decision = &exported.saved.decision;
    csv(
        &words(["metric", "contender", "direction", "limit", "value", "low", "high", "standing", "needs"]),
        decision.criteria.iter().chain(&decision.controls).map(|judged| {
            vec![
                csv_cell(&judged.metric),
                csv_cell(&judged.contender),
                word(&judged.direction),
                number(Some(judged.limit)),
                number(judged.value),
                number(judged.low),
                number(judged.high),
                word(&judged.standing),
                csv_cell(judged.needs.as_ref().map_or("", |needs| &needs.en)),
            ]
        }),
    )
}

fn incidents(exported: &Exported<'_>) -> String {
    let evaluation = &exported.saved.evaluation;
    let ids: Vec<&str> = evaluation.contenders.iter().map(|contender| contender.id.as_str()).collect();
    let header: Vec<String> = words(["incident", "kind", "entity", "start_utc", "units"]).into_iter().chain(ids.iter().map(|id| csv_cell(id))).collect();
    let moment = |micros: i64| chrono::DateTime::from_timestamp_micros(micros).map(|time| time.to_rfc3339()).unwrap_or_default();
    csv(
        &header,
        evaluation.incident_list.iter().map(|incident| {
            let caught = ids.iter().map(|id| u8::from(incident.caught_by.iter().any(|by| by == id)).to_string());
            let own = vec![
                csv_cell(&incident.id),
                csv_cell(incident.kind.as_deref().unwrap_or_default()),
                csv_cell(&incident.entity),
                moment(incident.start),
                incident.units.to_string(),
            ];
            own.into_iter().chain(caught).collect()
        }),
    )
}

fn fields(exported: &Exported<'_>) -> String {
    csv(
        &words(["field", "definition", "scaling", "missing", "fill", "min", "q25", "median", "q75", "max", "drift", "dropped"]),
        exported.saved.fields.iter().map(|field| {
            let own = [csv_cell(&field.name), csv_cell(&field.definition.en), csv_cell(&field.scaling.en), number(Some(field.missing)), number(Some(field.fill))];
            let quantiles = field.quantiles.iter().map(|value| number(Some(*value)));
            let rest = [number(field.drift), csv_cell(field.dropped.as_ref().map_or("", |dropped| &dropped.en))];
            own.into_iter().chain(quantiles).chain(rest).collect()
        }),
    )
}
