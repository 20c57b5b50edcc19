//! The methods built on clusters, covariances and density, against other implementations, on a small table made by
//! `tests/fixtures/detect2/make.py`.

use std::{fs::File, io::Read, path::Path, sync::Arc};

use gonogo::{
    detect::{Job, method, reduce::step},
    units::{FeatureMatrix, RowKey},
};
use ndarray::Array2;

/// Columns by name, and the rows of numbers.
struct Table {
    names: Vec<String>,
    values: Array2<f64>,
}

impl Table {
    fn read(from: impl Read) -> Self {
        let mut reader = csv::Reader::from_reader(from);
        let names: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
        let values: Vec<f64> =
            reader.records().flat_map(|r| r.unwrap().iter().map(|v| v.parse::<f64>().unwrap()).collect::<Vec<_>>()).collect();
        let values = Array2::from_shape_vec((values.len() / names.len(), names.len()), values).unwrap();
        Self { names, values }
    }

    fn column(&self, name: &str) -> Vec<f64> {
        self.values.column(self.names.iter().position(|n| n == name).unwrap()).to_vec()
    }
}

fn matrix(values: Array2<f64>) -> FeatureMatrix {
    let features: Vec<String> = (0..values.ncols()).map(|j| format!("f{j}")).collect();
    let rows: Vec<RowKey> = (0..values.nrows()).map(|i| RowKey { entity: i.to_string().into(), period: 0 }).collect();
    FeatureMatrix::new(values, Arc::from(features), Arc::from(rows)).unwrap()
}

fn scores(id: &str, params: &str, rows: &FeatureMatrix, seed: u64) -> Vec<f64> {
    let detector = method(id).unwrap().build(serde_yaml::from_str(params).unwrap()).unwrap();
    detector.check(Some(rows.nrows()), rows.ncols()).unwrap();
    detector.fit(rows, &Job::unwatched(seed)).unwrap().score(rows)
}

fn fixture(name: &str) -> Table {
    Table::read(File::open(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/detect2").join(name)).unwrap())
}

/// Ranks from 1, the mean of them for equals.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    let mut start = 0;
    while start < order.len() {
        let end = (start..order.len()).find(|&i| values[order[i]] != values[order[start]]).unwrap_or(order.len());
        for &row in &order[start..end] {
            ranks[row] = (start + 1 + end) as f64 / 2.0;
        }
        start = end;
    }
    ranks
}

fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let mean = |v: &[f64]| v.iter().sum::<f64>() / v.len() as f64;
    let (ma, mb) = (mean(a), mean(b));
    let product = |x: &[f64], mx: f64, y: &[f64], my: f64| x.iter().zip(y).map(|(p, q)| (p - mx) * (q - my)).sum::<f64>();
    product(a, ma, b, mb) / (product(a, ma, a, ma) * product(b, mb, b, mb)).sqrt()
}

fn spearman(a: &[f64], b: &[f64]) -> f64 {
    correlation(&ranks(a), &ranks(b))
}

#[test]
fn deterministic_methods_agree_to_a_millionth() {
    let table = matrix(fixture("table.csv").values);
    let expected = fixture("scores.csv");
    let cases = [
        ("pca_weighted_all", "pca", "keep: 1.0"),
        ("pca_weighted_2", "pca", "components: 2"),
        ("pca_residual_2", "pca", "{ score: residual, components: 2 }"),
        ("dbscan", "dbscan", "{ tolerance: 2.5, min_points: 5 }"),
        ("ocsvm", "ocsvm", "{ tolerance: 1.0e-10 }"),
    ];
    for (column, id, params) in cases {
        let (found, expected) = (scores(id, params, &table, 1), expected.column(column));
        for (row, (a, b)) in found.iter().zip(&expected).enumerate() {
            assert!((a - b).abs() <= 1e-6 * b.abs().max(1.0), "{column}, row {row}: {a} instead of {b}");
        }
    }
    // The unit of `optics` is its own; what is in units of it is not.
    let (found, expected) = (scores("optics", "{ tolerance: 1000 }", &table, 1), expected.column("optics"));
    for (row, (a, b)) in found.iter().zip(&expected).enumerate() {
        assert!((a / found[0] - b / expected[0]).abs() <= 1e-6 * b / expected[0], "optics, row {row}");
    }
}

#[test]
fn random_methods_agree_in_rank() {
    let table = matrix(fixture("table.csv").values);
    let expected = fixture("scores.csv");
    let cases = [
        ("pca_pyod", "pca", "score: length", 0.98),
        ("kmeans_4", "kmeans", "{ clusters: 4, spread: false }", 0.98),
        ("cblof_4", "cblof", "clusters: 4", 0.98),
        ("gmm_5", "gmm", "components: 5", 0.98),
        ("hdbscan", "hdbscan", "{ min_points: 5, min_cluster: 5 }", 0.98),
        ("mcd", "mcd", "{}", 0.98),
        // Two networks of random weights that stop at different times agree less.
        ("autoencoder", "autoencoder", "{ hidden: 3, patience: 20, epochs: 1000 }", 0.9),
    ];
    let mut failed = Vec::new();
    for (column, id, params, least) in cases {
        let found = spearman(&scores(id, params, &table, 1), &expected.column(column));
        println!("{column}: {found:.4}");
        if found < least {
            failed.push((column, found));
        }
    }
    assert!(failed.is_empty(), "{failed:?}");
}

#[test]
fn the_step_pca_agrees_but_for_the_sign() {
    let table = matrix(fixture("table.csv").values);
    let expected = fixture("scores.csv");
    let reduction =
        step("pca").unwrap().build(serde_yaml::from_str("components: 2").unwrap()).unwrap().fit(&table, &Job::unwatched(1)).unwrap();
    let columns = reduction.apply(&table);
    for (index, name) in ["step_pca_1", "step_pca_2"].iter().enumerate() {
        for (a, b) in columns.column(index).iter().zip(expected.column(name)) {
            assert!((a.abs() - b).abs() < 1e-6, "{name}: {a} {b}");
        }
    }
}
