//! A run in MLflow's file store, which `mlflow ui --backend-store-uri DIR` and its tracking API read: the run with the judged contender's
//! measures, the report and the alerts as artifacts, and below it one nested run for each contender with its parameters and measures.
//! Newer versions of MLflow keep the file store only where `MLFLOW_ALLOW_FILE_STORE=true` is set; `mlflow migrate-filestore` moves it into a
//! database. Exported again, a run replaces itself. MLflow keeps the place of artifacts as an absolute path: do not move the folder.

use std::{
    borrow::Cow,
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use chrono::DateTime;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Exported, Target, copy, names, write};
use crate::{decide::{METRICS, measured}, error::{Error, Result}, evaluate::{Measured, Point}, report, experiment::load::hex, text::{visible, visible_within}};

pub(super) const TARGET: Target = Target {
    id: "mlflow",
    summary: "MLflow's file store: parameters, metrics, artifacts",
    source: include_str!("mlflow.rs"),
    folder: Some("mlruns"),
    next: "MLFLOW_ALLOW_FILE_STORE=true mlflow ui --backend-store-uri FOLDER",
    write: store,
};

/// The longest value of a parameter that MLflow takes, and of a tag.
const LONGEST: usize = 6_000;
const LONGEST_TAG: usize = 8_000;

#[derive(Serialize, Deserialize)]
struct ExperimentMeta {
    artifact_location: String,
    creation_time: i64,
    experiment_id: String,
    last_update_time: i64,
    lifecycle_stage: String,
    name: String,
}

#[derive(Serialize)]
struct RunMeta<'a> {
    artifact_uri: String,
    end_time: i64,
    entry_point_name: &'a str,
    experiment_id: &'a str,
    lifecycle_stage: &'a str,
    run_id: &'a str,
    run_name: &'a str,
    run_uuid: &'a str,
    source_name: &'a str,
    source_type: u8,
    source_version: &'a str,
    start_time: i64,
    status: u8,
    tags: [&'a str; 0],
    user_id: &'a str,
}

/// What stands in one run of MLflow.
struct Entry {
    id: String,
    name: String,
    parameters: BTreeMap<String, String>,
    metrics: BTreeMap<String, f64>,
    tags: BTreeMap<String, String>,
}

fn store(exported: &Exported<'_>, folder: &Path) -> Result<Vec<PathBuf>> {
    std::fs::create_dir_all(folder).map_err(|error| Error::io("create", folder, error))?;
    let folder = folder.canonicalize().map_err(|error| Error::io("find", folder, error))?;
    let manifest = &exported.saved.manifest;
    let millis = |text: &str| DateTime::parse_from_rfc3339(text).map_or(0, |time| time.timestamp_millis());
    let (start, end) = (millis(&manifest.started), manifest.finished.as_deref().map_or(0, millis));
    let experiment = experiment(&folder, &manifest.experiment, start, end)?;
    let parent = parent(exported);
    let mut entries: Vec<Entry> = exported.saved.evaluation.contenders.iter().map(|contender| child(exported, contender, &parent.id)).collect();
    entries.insert(0, parent);
    let mut written = Vec::new();
    for (index, entry) in entries.iter().enumerate() {
        let place = folder.join(&experiment).join(&entry.id);
        let artifacts = place.join("artifacts");
        std::fs::create_dir_all(&artifacts).map_err(|error| Error::io("create", &artifacts, error))?;
        let meta = RunMeta {
            artifact_uri: uri(&artifacts),
            end_time: end,
            entry_point_name: "",
            experiment_id: &experiment,
            lifecycle_stage: "active",
            run_id: &entry.id,
            run_name: &visible(&entry.name),
            run_uuid: &entry.id,
            source_name: "",
            source_type: 4, // local
            source_version: "",
            start_time: start,
            status: 3, // finished
            tags: [],
            user_id: "gonogo",
        };
        written.push(write(&place.join("meta.yaml"), yaml(&meta)?)?);
        for (key, value) in &entry.parameters {
            write(&place.join("params").join(key), shown(value, LONGEST))?;
        }
        for (key, value) in &entry.metrics {
            write(&place.join("metrics").join(key), format!("{end} {value} 0\n"))?;
        }
        for (key, value) in &entry.tags {
            write(&place.join("tags").join(key), shown(value, LONGEST_TAG))?;
        }
        if index == 0 {
            let plain = ["report.html", "summary.md", "summary.png", "alerts.csv", "evaluation.json", "decision.json", "cost.json", "experiment.yaml"];
            for name in plain.into_iter().map(str::to_owned).chain(names(exported, "figures")?) {
                copy(exported, &name, &artifacts)?;
            }
        }
    }
    Ok(written)
}

/// The id of the experiment in the store; it is made where there is none of this name.
fn experiment(folder: &Path, name: &str, start: i64, end: i64) -> Result<String> {
    let entries = std::fs::read_dir(folder).map_err(|error| Error::io("list", folder, error))?;
    let mut known: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path().join("meta.yaml"))).filter(|path| path.is_file()).collect();
    known.sort();
    for path in known {
        let text = std::fs::read_to_string(&path).map_err(|error| Error::io("read", &path, error))?;
        if let Ok(meta) = serde_yaml::from_str::<ExperimentMeta>(&text)
            && meta.name == name
        {
            return Ok(meta.experiment_id);
        }
    }
    // MLflow's ids are numbers of 18 digits.
    let digits = u64::from_str_radix(&digest(&["experiment", name])[..15], 16).unwrap_or(0);
    let id = format!("{}", 100_000_000_000_000_000 + digits % 900_000_000_000_000_000);
    let place = folder.join(&id);
    let meta = ExperimentMeta {
        artifact_location: uri(&place),
        creation_time: start,
        experiment_id: id.clone(),
        last_update_time: end,
        lifecycle_stage: "active".into(),
        name: name.to_owned(),
    };
    write(&place.join("meta.yaml"), yaml(&meta)?)?;
    Ok(id)
}

fn parent(exported: &Exported<'_>) -> Entry {
    let saved = exported.saved;
    let (manifest, experiment) = (&saved.manifest, &saved.resolved.experiment);
    let mut parameters = BTreeMap::new();
    if let Ok(value) = serde_json::to_value(experiment) {
        flatten("", &value, &mut parameters);
    }
    let word = |verdict| serde_json::to_value(verdict).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default();
    let pick = saved.evaluation.pick.as_ref().filter(|pick| saved.decision.pick.as_ref() == Some(&pick.id));
    let name = experiment.iteration.as_ref().map_or_else(|| manifest.run.clone(), |iteration| format!("{iteration} {}", manifest.run));
    let mut tags = tags(&name);
    tags.insert("mlflow.note.content".into(), report::summary_md(saved));
    tags.insert("verdict".into(), word(saved.decision.verdict));
    tags.insert("gonogo.version".into(), manifest.version.clone());
    tags.insert("gonogo.run".into(), manifest.run.clone());
    tags.insert("gonogo.experiment_hash".into(), manifest.experiment_hash.clone());
    tags.extend(manifest.data_hash.clone().map(|hash| ("gonogo.data_hash".into(), hash)));
    tags.extend(saved.decision.pick.clone().map(|pick| ("pick".into(), pick)));
    Entry {
        id: digest(&["run", &manifest.experiment, &manifest.run])[..32].to_owned(),
        name,
        parameters,
        metrics: pick.map(|pick| measures(exported, &pick.budget)).unwrap_or_default(),
        tags,
    }
}

fn child(exported: &Exported<'_>, contender: &Measured, parent: &str) -> Entry {
    let saved = exported.saved;
    let mut parameters = BTreeMap::from([("method".to_owned(), contender.method.clone())]);
    if let Some((_, own)) = saved.resolved.contenders.iter().find(|(id, _)| *id == contender.id) {
        flatten("", own, &mut parameters);
    }
    let mut metrics = contender.budget.as_ref().map(|point| measures(exported, point)).unwrap_or_default();
    let more = [
        ("roc_auc", contender.roc_auc),
        ("average_precision", contender.average_precision),
        ("fit_seconds", Some(contender.fit_seconds)),
        ("score_seconds", Some(contender.score_seconds)),
    ];
    metrics.extend(more.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value.filter(|value| value.is_finite())?))));
    let mut tags = tags(&contender.id);
    tags.insert("mlflow.parentRunId".into(), parent.to_owned());
    tags.extend(contender.reason.clone().map(|reason| ("reason".into(), reason)));
    Entry { id: digest(&["contender", parent, &contender.id])[..32].to_owned(), name: contender.id.clone(), parameters, metrics, tags }
}

fn tags(name: &str) -> BTreeMap<String, String> {
    [("mlflow.runName", name), ("mlflow.user", "gonogo"), ("mlflow.source.name", "gonogo"), ("mlflow.source.type", "LOCAL")]
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .into()
}

/// Every measure of a point with its limits; what is not finite is left out.
fn measures(exported: &Exported<'_>, point: &Point) -> BTreeMap<String, f64> {
    let mut metrics = BTreeMap::new();
    for metric in METRICS {
        let Some((value, low, high)) = measured(metric, point, exported.saved.evaluation.incidents, exported.saved.cost.as_ref()) else { continue };
        let all = [(metric.id.to_owned(), value), (format!("{}_low", metric.id), low), (format!("{}_high", metric.id), high)];
        metrics.extend(all.into_iter().filter(|(key, number)| number.is_finite() && (metric.needs_interval || key == metric.id)));
    }
    metrics
}

fn flatten(prefix: &str, value: &serde_json::Value, into: &mut BTreeMap<String, String>) {
    match value {
        serde_json::Value::Null => {}
        serde_json::Value::Object(map) => {
            for (key, value) in map {
                flatten(&if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") }, value, into);
            }
        }
        other => {
            let text = other.as_str().map_or_else(|| other.to_string(), str::to_owned);
            into.insert(key_of(prefix), text);
        }
    }
}

/// A value as its pages show it: lines stay, what is hidden is made visible, and what is too long is cut.
fn shown(value: &str, longest: usize) -> String {
    let lines: Vec<Cow<'_, str>> = value.lines().map(|line| visible_within(line, longest)).collect();
    lines.join("\n").chars().take(longest).collect()
}

/// A parameter's name as MLflow takes it, and as a file may be called: whatever else becomes `_`.
fn key_of(path: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || "_-. ".contains(c) { c } else { '_' };
    let key: String = path.chars().map(plain).take(200).collect();
    if key.starts_with('.') { format!("_{key}") } else { key }
}

fn digest(parts: &[&str]) -> String {
    hex(&Sha256::digest(parts.join("\0").as_bytes()))
}

fn yaml<T: Serialize>(value: &T) -> Result<String> {
    serde_yaml::to_string(value).map_err(|error| Error::Internal(format!("meta.yaml: {error}")))
}

/// A path as a `file:` address (RFC 8089, with percent encoding of RFC 3986).
fn uri(path: &Path) -> String {
    let encode = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    };
    format!("file://{}", path.to_string_lossy().bytes().map(encode).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_names_of_files_and_values_show_all_that_is_in_them() {
        assert_eq!(key_of("fields.a/../../b.count"), "fields.a_.._.._b.count");
        assert_eq!(key_of("../x"), "_.._x");
        assert_eq!(shown("a\n\u{1b}[2J\u{202e}b", 100), "a\n\\u{1b}[2J\\u{202e}b");
        assert_eq!(uri(Path::new("/a b/é")), "file:///a%20b/%C3%A9");
    }
}
