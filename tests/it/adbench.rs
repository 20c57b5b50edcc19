//! Ten published tables: ROC-AUC of our detectors against the published figures, columns standardised, the whole set in and out, three seeds.
//!
//! `cargo test --release --test it adbench -- --nocapture` prints the table. Without the data the test says so and passes.

use std::{
    collections::BTreeMap,
    fs::File,
    io::Read,
    path::{Path, PathBuf},
    sync::Arc,
};

use gonogo::{
    detect::{METHODS, Outcome, RunOptions, contenders, run_all},
    observe::Silent,
    spec::Entry,
    units::{FeatureMatrix, RowKey},
};
use ndarray::Array2;

use crate::support::readme_tells;

/// Contender, its column in the published table, and the mean absolute difference in points that is allowed.
///
/// `pca` follows the paper, the published figures follow PyOD's formula, which is `score: length`: both are shown, the latter is held.
const PUBLISHED: &[(&str, &str, f64)] = &[
    ("pca", "PCA", f64::INFINITY),
    ("ecod", "ECOD", 0.3),
    ("copod", "COPOD", 0.3),
    ("isolation-forest", "IForest", 1.5),
    ("knn", "KNN", 1.5),
    ("lof", "LOF", 2.0),
    ("hbos", "HBOS", 3.0),
    ("ocsvm", "OCSVM", 3.0),
    ("pca-length", "PCA", 6.0),
    ("mcd", "MCD", 6.0),
    ("loda", "LODA", 8.0),
    ("cblof", "CBLOF", 8.0),
];

/// The folder of shared data, where there is one.
fn data() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let root = std::env::var_os("GONOGO_SHARED").map_or(beside, PathBuf::from);
    let folder = root.join("data/adbench");
    folder.join("published_roc_auc.csv").exists().then_some(folder)
}

fn published(folder: &Path) -> BTreeMap<String, BTreeMap<String, f64>> {
    let mut reader = csv::Reader::from_path(folder.join("published_roc_auc.csv")).unwrap();
    reader
        .deserialize::<BTreeMap<String, String>>()
        .map(|row| {
            let mut row = row.unwrap();
            let name = row.remove("dataset").unwrap();
            (name, row.into_iter().map(|(method, value)| (method, value.parse().unwrap())).collect())
        })
        .collect()
}

/// A table: standardised columns, and which rows are anomalies. Constant columns are left out, as `fields` does.
fn table(path: &Path) -> (FeatureMatrix, Vec<bool>) {
    let mut text = String::new();
    flate2::read::MultiGzDecoder::new(File::open(path).unwrap()).read_to_string(&mut text).unwrap();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let rows: Vec<Vec<f64>> = reader.records().map(|r| r.unwrap().iter().map(|v| v.parse().unwrap()).collect()).collect();
    let labels = rows.iter().map(|row| *row.last().unwrap() != 0.0).collect();
    let n = rows.len() as f64;
    let mut columns = Vec::new();
    for c in 0..rows[0].len() - 1 {
        let mean = rows.iter().map(|r| r[c]).sum::<f64>() / n;
        let deviation = (rows.iter().map(|r| (r[c] - mean).powi(2)).sum::<f64>() / n).sqrt();
        if deviation > 0.0 {
            columns.push(rows.iter().map(|r| (r[c] - mean) / deviation).collect::<Vec<f64>>());
        }
    }
    let values = Array2::from_shape_fn((rows.len(), columns.len()), |(r, c)| columns[c][r]);
    let features: Arc<[String]> = (0..columns.len()).map(|c| format!("x{c}")).collect();
    let keys = (0..rows.len()).map(|r| RowKey { entity: r.to_string().into(), period: 0 }).collect();
    (FeatureMatrix::new(values, features, keys).unwrap(), labels)
}

/// Area under the ROC curve in percent: the share of pairs in the right order, ties counted half.
pub fn roc_auc(scores: &[f64], labels: &[bool]) -> f64 {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_unstable_by(|&a, &b| scores[a].total_cmp(&scores[b]));
    let (mut sum, mut start) = (0.0, 0);
    while start < order.len() {
        let end = start + order[start..].iter().take_while(|&&i| scores[i] == scores[order[start]]).count();
        let rank = (start + 1 + end) as f64 / 2.0;
        sum += rank * order[start..end].iter().filter(|&&i| labels[i]).count() as f64;
        start = end;
    }
    let positive = labels.iter().filter(|l| **l).count() as f64;
    let negative = labels.len() as f64 - positive;
    100.0 * (sum - positive * (positive + 1.0) / 2.0) / (positive * negative)
}

#[test]
fn roc_auc_by_hand() {
    assert_eq!(roc_auc(&[0.1, 0.4, 0.35, 0.8], &[false, false, true, true]), 75.0);
    assert_eq!(roc_auc(&[1.0, 1.0], &[false, true]), 50.0);
}

#[test]
fn adbench_figures_are_the_published_ones() {
    let Some(folder) = data() else {
        crate::support::aloud("skipped: no ../shared/data");
        return;
    };
    let published = published(&folder);
    let length: Entry = serde_yaml::from_str("{ id: pca-length, method: pca, score: length }").unwrap();
    let ensemble: Entry = serde_yaml::from_str("{ ensemble: default }").unwrap();
    let entries: Vec<Entry> = METHODS.iter().map(|m| Entry(m.id.into())).chain([length, ensemble]).collect();
    let mut ours: BTreeMap<(String, &str), f64> = BTreeMap::new();
    for name in published.keys() {
        let (rows, labels) = table(&folder.join(format!("{name}.csv.gz")));
        let all = contenders(&entries, Some(rows.ncols())).unwrap();
        let table =
            run_all(&all, &rows, &rows, &RunOptions { seed: 1, repeats: 3, jobs: 0, in_sample: true, explain: false }, &Silent).unwrap();
        for column in table.columns.iter().take(entries.len()) {
            match &column.outcome {
                Outcome::Scored(scored) => {
                    let seeds = std::iter::once(&scored.judged).chain(&scored.repeats);
                    let figures: Vec<f64> = seeds.map(|scores| roc_auc(scores, &labels)).collect();
                    ours.insert((column.id.clone(), name), figures.iter().sum::<f64>() / figures.len() as f64);
                }
                other => println!("{name}: {} gave no scores: {other:?}", column.id),
            }
        }
    }
    println!("ours (published)");
    println!("{:28}{}  mean |diff|", "", published.keys().map(|name| format!("{name:>16}")).collect::<String>());
    let mut wrong = Vec::new();
    for id in METHODS.iter().map(|m| m.id).chain(["pca-length", "default"]) {
        let reference = PUBLISHED.iter().find(|(known, ..)| *known == id);
        let mut differences = Vec::new();
        let mut line = String::new();
        for (name, row) in &published {
            let value = ours.get(&(id.to_owned(), name.as_str())).copied().unwrap_or(f64::NAN);
            let theirs = reference.and_then(|(_, column, _)| row.get(*column));
            differences.extend(theirs.map(|theirs| (value - theirs).abs()));
            line += &format!("{:>16}", theirs.map_or(format!("{value:.2}"), |t| format!("{value:.2} ({t:.2})")));
        }
        let mean = differences.iter().sum::<f64>() / differences.len().max(1) as f64;
        let verdict = reference.map_or(String::new(), |(.., allowed)| format!("  {mean:.2} of {allowed}"));
        println!("{id:28}{line}{verdict}");
        if let Some((.., allowed)) = reference {
            let name = if id == "pca-length" { "`pca` with `score: length`".to_owned() } else { format!("`{id}`") };
            let allowed = if allowed.is_finite() { allowed.to_string() } else { "-".to_owned() };
            readme_tells(&format!("| {name} | {mean:.2} | {allowed} |"), 0.05);
        }
        if reference.is_some_and(|(.., allowed)| mean.is_nan() || mean > *allowed) {
            wrong.push(format!("{id}:{verdict}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}
