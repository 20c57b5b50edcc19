//! A saved run: what a report is made from, and the files that it becomes.

use std::path::Path;

use crate::{
    error::Result,
    record::{
        folder::{self, RunFolder},
        manifest,
    },
    report::{self, ReportInput},
};

/// Writes everything that a person reads: it can be made again from the rest.
///
/// # Errors
/// When a file cannot be written.
pub fn write_report(folder: &RunFolder, saved: &ReportInput) -> Result<()> {
    for (name, bytes) in rendered(saved)? {
        folder.write(&name, &bytes)?;
    }
    Ok(())
}

/// The files that a person reads, by name.
///
/// # Errors
/// When a figure cannot be drawn.
pub fn rendered(saved: &ReportInput) -> Result<Vec<(String, Vec<u8>)>> {
    let mut files = vec![
        ("report.html".to_owned(), report::page(saved).into_bytes()),
        ("summary.md".to_owned(), report::summary_md(saved).into_bytes()),
        ("summary.png".to_owned(), report::summary_png(saved)?),
        ("appendix.md".to_owned(), report::appendix_md(saved).into_bytes()),
        ("alerts.csv".to_owned(), report::alerts_csv(saved).into_bytes()),
    ];
    for figure in report::figures(saved)? {
        files.push((format!("figures/{}.svg", figure.name), figure.svg.into_bytes()));
        files.push((format!("figures/{}.png", figure.name), figure.png));
    }
    Ok(files)
}

/// Loads what a report is made from.
///
/// # Errors
/// When the folder is not a whole run of this version.
pub fn load(run: &Path) -> Result<ReportInput> {
    Ok(ReportInput {
        manifest: manifest(run)?,
        resolved: folder::read_json(run, "resolved.json")?,
        quality: folder::read_json(run, "quality.json")?,
        fields: folder::read_json(run, "fields.json")?,
        evaluation: folder::read_json(run, "evaluation.json")?,
        decision: folder::read_json(run, "decision.json")?,
        cost: folder::read_json_if_there(run, "cost.json")?,
        alerts: folder::read_json(run, "alerts.json")?,
        histogram: folder::read_json(run, "histogram.json")?,
        injection: folder::read_json_if_there(run, "injection.json")?,
        studies: folder::read_json_if_there(run, "study.json")?,
        events: folder::read_json_if_there(run, "events.json")?,
        shape: folder::read_json_if_there(run, "shape.json")?,
        earlier: folder::read_json_if_there(run, "earlier.json")?,
    })
}
