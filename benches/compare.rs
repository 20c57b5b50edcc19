//! One method on a matrix in a file, for `benches/compare/compare.py`: `cargo bench --bench compare -- METHOD PARAMETERS FILE ROWS COLUMNS SEED`.
//!
//! The file holds ROWS x COLUMNS numbers, then ROWS labels (1: anomaly), all as little-endian f64. Prints the ROC-AUC of the scores of the very rows
//! that were learned from, and what the process used: CPU seconds (user and system; the mean of as many runs as take a second) and peak memory,
//! both without reading the file.

use std::{fs, io::Read, process::ExitCode, sync::Arc};

use gonogo::{
    detect::{Job, method},
    units::{FeatureMatrix, RowKey},
};
use ndarray::Array2;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    match run(&arguments) {
        Some(line) => {
            println!("{line}");
            ExitCode::SUCCESS
        }
        None => {
            eprintln!("usage: compare METHOD PARAMETERS FILE ROWS COLUMNS SEED");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Option<String> {
    let [id, parameters, file, rows, columns, seed] = arguments else { return None };
    let (rows, columns): (usize, usize) = (rows.parse().ok()?, columns.parse().ok()?);
    let mut reader = std::io::BufReader::with_capacity(1 << 20, fs::File::open(file).ok()?);
    let values = numbers(&mut reader, rows * columns)?;
    let labels = numbers(&mut reader, rows)?;
    let names: Arc<[String]> = (0..columns).map(|column| format!("x{column}")).collect();
    // One key for all: what names cost is not what is measured.
    let key = RowKey { entity: "row".into(), period: 0 };
    let keys: Arc<[RowKey]> = vec![key; rows].into();
    let matrix = FeatureMatrix::new(Array2::from_shape_vec((rows, columns), values).ok()?, names, keys).ok()?;
    let detector = method(id)?.build(serde_yaml::from_str(parameters).ok()?).ok()?;
    let resting = status("VmRSS:")?;
    let job = Job::unwatched(seed.parse().ok()?);
    let (begin, mut runs, mut scores) = (cpu()?, 0, Vec::new());
    while runs < RUNS && (runs == 0 || cpu()? - begin < ENOUGH) {
        let model = detector.fit(&matrix, &job).ok()?;
        scores = model.score_training(&matrix, &job).ok()?.unwrap_or_else(|| model.score(&matrix));
        runs += 1;
    }
    let used = (cpu()? - begin) / runs as f64;
    Some(format!("{used:.4} {} {:.5}", status("VmHWM:")?.saturating_sub(resting), roc_auc(&scores, &labels)))
}

fn numbers(reader: &mut impl Read, count: usize) -> Option<Vec<f64>> {
    let mut bytes = [0; 8];
    (0..count).map(|_| reader.read_exact(&mut bytes).ok().map(|()| f64::from_le_bytes(bytes))).collect()
}

/// The kernel counts in hundredths: runs are repeated until they have taken so many CPU seconds.
const ENOUGH: f64 = 1.0;
/// But no more often than this.
const RUNS: usize = 20;

/// CPU seconds of this process, user and system, in the kernel's hundredths.
fn cpu() -> Option<f64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    let after = stat.rsplit(')').next()?;
    let mut fields = after.split_whitespace().skip(11);
    let (user, system): (f64, f64) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    Some((user + system) / 100.0)
}

/// A line of `/proc/self/status`, in bytes.
fn status(name: &str) -> Option<u64> {
    let text = fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    line.split_whitespace().nth(1)?.parse::<u64>().ok().map(|kilobytes| 1024 * kilobytes)
}

/// Area under the ROC curve: the share of pairs in the right order, ties counted half.
fn roc_auc(scores: &[f64], labels: &[f64]) -> f64 {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_unstable_by(|&a, &b| scores[a].total_cmp(&scores[b]));
    let (mut sum, mut start) = (0.0, 0);
    while start < order.len() {
        let end = start + order[start..].iter().take_while(|&&i| scores[i] == scores[order[start]]).count();
        sum += (start + 1 + end) as f64 / 2.0 * order[start..end].iter().filter(|&&i| labels[i] == 1.0).count() as f64;
        start = end;
    }
    let positive = labels.iter().filter(|l| **l == 1.0).count() as f64;
    (sum - positive * (positive + 1.0) / 2.0) / (positive * (labels.len() as f64 - positive))
}
