//! What is decided of the units once they are known, wherever they were made: their truth, their parts, and what the rule flags.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use sha2::{Digest, Sha256};

use crate::{
    baseline::Baseline,
    error::{Error, Result},
    experiment::load::{Loaded, hex},
    fields::UnitTable,
    labels::{column::ColumnLabels, file::LabelFile},
    parts::{self, Frame, Split, Units},
    quality::Finding,
    said,
    spec::Experiment,
    units::Labels,
};

/// What became of the units.
pub(super) struct Settled {
    /// Training and judged part.
    pub(super) parts: Split,
    /// For each unit of the training and of the judged part, whether the baseline flags it.
    pub(super) baseline: Option<(Vec<bool>, Vec<bool>)>,
    /// SHA-256 of the label file, where there is one.
    pub(super) label_hash: Option<String>,
    /// What labels and parts showed.
    pub(super) findings: Vec<Finding>,
}

/// Labels the units, parts them, and asks the rule. `column_labels` is what a label column said, where there is one.
///
/// # Errors
/// When the label file cannot be read or does not fit, a part is empty, or the rule does not fit the fields.
pub(super) fn settle(
    loaded: &Loaded,
    table: &UnitTable,
    column_labels: Option<ColumnLabels>,
    baseline: Option<Baseline>,
) -> Result<Settled> {
    let experiment = &loaded.experiment;
    let units = units(table);
    let mut findings = Vec::new();
    let mut label_hash = None;
    let labels = match (&experiment.labels, column_labels) {
        (Some(spec), Some(labels)) => {
            let (labels, found) = labels.finish(&units, &table.order, spec.complete, experiment.zone());
            findings.extend(found);
            Some(labels)
        }
        (Some(spec), None) => match label_path(loaded) {
            Some(path) => {
                label_hash = Some(hash(&path)?);
                let (labels, found) = LabelFile::read(&path, units.key_columns, experiment.zone())?.label(&units, spec.complete)?;
                findings.extend(found);
                Some(labels)
            }
            None => None,
        },
        (None, _) => None,
    };
    let frame = experiment.window.as_ref().map(Frame::of).transpose()?;
    let clusters = clusters(experiment, table)?;
    let parts = parts::split(&units, frame.as_ref(), &experiment.evaluate.alerts, clusters.as_deref(), labels.as_ref())?;
    findings.extend(parts.findings());
    findings.extend(no_attacks(labels.as_ref(), &parts));
    let baseline = match baseline {
        Some(baseline) => Some(flagged(baseline, &units, table, &parts)?),
        None => None,
    };
    Ok(Settled { parts, baseline, label_hash, findings })
}

/// Units as rules and parts see them.
pub(super) fn units(table: &UnitTable) -> Units<'_> {
    Units {
        rows: &table.rows,
        starts: &table.starts,
        ends: &table.ends,
        key_columns: &table.key_columns,
        keys: &table.keys,
        events: &table.events,
    }
}

/// For each unit of the training and of the judged part, whether the rule flags it.
pub(super) fn flagged(baseline: Baseline, units: &Units<'_>, table: &UnitTable, parts: &Split) -> Result<(Vec<bool>, Vec<bool>)> {
    let fields: Vec<(&str, &[Option<f64>])> = table.fields.iter().map(|field| (field.name.as_str(), field.values.as_slice())).collect();
    let all = baseline.finish(units, &fields, &table.order)?;
    let of = |rows: &[usize]| rows.iter().map(|row| all[*row]).collect();
    Ok((of(&parts.training_units), of(&parts.judged_units)))
}

/// Whose days depend on each other, where it is not the entity.
pub(super) fn clusters(experiment: &Experiment, table: &UnitTable) -> Result<Option<Vec<Option<Arc<str>>>>> {
    let Some(column) = &experiment.evaluate.clusters else { return Ok(None) };
    if let Some(index) = table.key_columns.iter().position(|key| key == column) {
        return Ok(Some(table.keys[index].iter().cloned().map(Some).collect()));
    }
    match table.attributes.get(column) {
        Some(values) => Ok(Some(values.clone())),
        None => Err(Error::data_hint(
            format!("`evaluate.clusters`: `{column}` is neither a key column of the entity nor known for each unit"),
            format!("use one of {}", table.key_columns.join(", ")),
        )),
    }
}

/// The file of the labels, where there is one.
pub(super) fn label_path(loaded: &Loaded) -> Option<PathBuf> {
    loaded.experiment.labels.as_ref().and_then(|labels| labels.path.as_ref()).map(|path| loaded.base().join(path))
}

/// Says that it cannot be read.
pub(super) fn no_labels(path: &Path, source: std::io::Error) -> Error {
    let hint = "paths are relative to the experiment file; take `labels` out to run without them";
    Error::data_hint(format!("`labels.path`: cannot read `{}`: {source}", path.display()), hint)
}

fn hash(path: &Path) -> Result<String> {
    std::fs::read(path).map(|bytes| hex(&Sha256::digest(bytes))).map_err(|error| Error::io("read", path, error))
}

/// Labels that say nothing about the judged part cannot settle anything.
fn no_attacks(labels: Option<&Labels>, parts: &Split) -> Option<Finding> {
    let all = labels?;
    let judged = parts.judged.labels.as_ref()?;
    judged.incidents.is_empty().then(|| Finding {
        code: "W142".into(),
        severity: "warning".into(),
        subject: "labels".into(),
        message: said!(
            en: "There is no incident in the judged part ({n} in the whole window).",
            fr: "La partie jugée ne contient aucun incident ({n} dans toute la fenêtre).",
            n = all.incidents.len(),
        ),
        consequence: said!(
            en: "Nothing can be said about attacks caught or missed.",
            fr: "On ne peut rien dire des attaques détectées ou manquées.",
        ),
        advice: said!(en: "Choose a window that holds known incidents.", fr: "Choisissez une fenêtre qui contient des incidents connus."),
    })
}
