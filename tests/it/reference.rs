//! Our detectors against independent implementations (PyOD, scikit-learn), on the tables of `tests/fixtures/detect`, which
//! `make_fixtures.py` beside them made. Methods without chance agree to 1e-6; random ones, each averaged over seeds, in rank.

use std::{path::Path, sync::Arc};

use gonogo::{
    detect::{Job, method},
    units::{FeatureMatrix, RowKey},
};
use ndarray::Array2;

/// Columns of a fixture, by name.
struct Table {
    names: Vec<String>,
    values: Array2<f64>,
}

fn read(name: &str) -> Table {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/detect").join(name);
    let mut reader = csv::Reader::from_path(path).unwrap();
    let names: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let values: Vec<f64> = reader.records().flat_map(|r| r.unwrap().iter().map(|v| v.parse().unwrap()).collect::<Vec<f64>>()).collect();
    Table { values: Array2::from_shape_vec((values.len() / names.len(), names.len()), values).unwrap(), names }
}

impl Table {
    fn column(&self, name: &str) -> Option<Vec<f64>> {
        self.names.iter().position(|n| n == name).map(|c| self.values.column(c).to_vec())
    }

    fn matrix(self) -> FeatureMatrix {
        let rows: Arc<[RowKey]> = (0..self.values.nrows()).map(|r| RowKey { entity: r.to_string().into(), period: 0 }).collect();
        FeatureMatrix::new(self.values, self.names.into(), rows).unwrap()
    }
}

/// Scores of the training part and of the judged part, averaged over seeds.
fn scores(id: &str, parameters: &str, seeds: u64) -> (Vec<f64>, Vec<f64>) {
    let (train, judged) = (read("training.csv").matrix(), read("judged.csv").matrix());
    let (mut inside, mut outside) = (vec![0.0; train.nrows()], vec![0.0; judged.nrows()]);
    for seed in 0..seeds {
        let detector = method(id).unwrap().build(serde_yaml::from_str(parameters).unwrap()).unwrap();
        let model = detector.fit(&train, &Job::unwatched(seed)).unwrap();
        let add = |sum: &mut Vec<f64>, scores: Vec<f64>| sum.iter_mut().zip(scores).for_each(|(s, x)| *s += x / seeds as f64);
        add(&mut inside, model.score_training(&train, &Job::unwatched(seed)).unwrap().unwrap_or_else(|| model.score(&train)));
        add(&mut outside, model.score(&judged));
    }
    (inside, outside)
}

fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    let mut start = 0;
    while start < order.len() {
        let end = start + order[start..].iter().take_while(|&&i| values[i] == values[order[start]]).count();
        order[start..end].iter().for_each(|&i| ranks[i] = (start + end) as f64 / 2.0);
        start = end;
    }
    ranks
}

fn spearman(a: &[f64], b: &[f64]) -> f64 {
    let (a, b) = (ranks(a), ranks(b));
    let mean = |v: &[f64]| v.iter().sum::<f64>() / v.len() as f64;
    let (ma, mb) = (mean(&a), mean(&b));
    let (mut ab, mut aa, mut bb) = (0.0, 0.0, 0.0);
    for (x, y) in a.iter().zip(&b) {
        ab += (x - ma) * (y - mb);
        aa += (x - ma).powi(2);
        bb += (y - mb).powi(2);
    }
    ab / (aa * bb).sqrt()
}

#[test]
fn methods_without_chance_give_the_same_scores() {
    let fixtures = [
        ("ecod", "ecod", "{}"),
        ("copod", "copod", "{}"),
        ("hbos", "hbos", "{}"),
        ("knn_5", "knn", "{ neighbours: 5 }"),
        ("knn_30_mean", "knn", "{ neighbours: 30, distance: mean }"),
        ("knn_10_median", "knn", "{ neighbours: 10, distance: median }"),
        ("mad", "mad", "{}"),
        ("lof", "lof", "{}"),
    ];
    for (column, id, parameters) in fixtures {
        let (inside, outside) = scores(id, parameters, 1);
        for (part, ours) in [("training", inside), ("judged", outside)] {
            // PyOD's ECOD and COPOD join the judged rows to the training part: only that part can be compared.
            let Some(theirs) = read(&format!("scores_{part}.csv")).column(column) else {
                assert!(part == "judged" && ["ecod", "copod"].contains(&id), "{column}");
                continue;
            };
            let worst = ours.iter().zip(&theirs).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
            assert!(worst < 1e-6, "{column}, {part}: {worst}");
        }
    }
}

#[test]
fn random_methods_give_the_same_order() {
    for id in ["isolation-forest", "extended-isolation-forest", "loda", "inne"] {
        let (inside, outside) = scores(id, "{}", 20);
        for (part, ours) in [("training", inside), ("judged", outside)] {
            let theirs = read(&format!("scores_{part}.csv")).column(id).unwrap();
            let agreement = spearman(&ours, &theirs);
            println!("{id}, {part}: {agreement:.4}");
            assert!(agreement >= 0.98, "{id}, {part}: {agreement}");
        }
    }
}
