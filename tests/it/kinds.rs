//! Simulated worlds with the four kinds of anomaly of the ADBench paper (Han, Hu, Huang, Jiang, Zhao 2022, section 3.2), on which defaults were
//! decided: seeded, part of the project, and no published table.
//!
//! Usual rows come from a mixture of three correlated Gaussians; half of the worlds bend every second column to a long tail, as counts and volumes
//! of logs are. Two, five or ten rows in a hundred are strange, in training as in the judged part. *Local*: the covariance of their group, five times as
//! large. *Global*: uniform over a range a tenth wider than that of the usual rows. *Dependency*: each column on its own as usual, but drawn
//! independently of the others. *Clustered*: a tight pack of rows far from all groups. Columns are standardised by the training part.
//!
//! `kinds::ensembles_on_rows_like_logs` does the same for the ensembles and their members on worlds with what logs have besides: many equal rows, rare
//! marks, harmless groups that are new. `cargo test --release --test it kinds::every_method -- --ignored --nocapture` prints the mean ROC-AUC of every method on each kind.

use std::sync::Arc;

use gonogo::{
    detect::{METHODS, Outcome, RunOptions, ScoreTable, contenders, run_all},
    observe::Silent,
    spec::Entry,
    units::{FeatureMatrix, RowKey},
};
use ndarray::{Array2, Axis};
use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::{adbench::roc_auc, support::readme_tells};

mod candidates;
mod further;

const KINDS: [&str; 4] = ["local", "global", "dependency", "clustered"];
const SMOOTH: [Shape; 2] = [Shape::Plain, Shape::Bent];
const GROUPS: usize = 3;
/// Rows of a part, and which share of them is strange, world by world.
const ROWS: usize = 600;
const STRANGE: [f64; 3] = [0.02, 0.05, 0.1];

/// A world: what to learn from, what to judge, and which of the judged rows are strange.
struct World {
    training: FeatureMatrix,
    judged: FeatureMatrix,
    labels: Vec<bool>,
    /// What random detectors are run with here: with one seed for all worlds they would draw the same places everywhere, strange rows among them or not.
    seed: u64,
}

/// Groups of usual rows: a centre, and the matrix that turns independent normal numbers into a row.
struct Usual {
    groups: Vec<(Vec<f64>, Array2<f64>)>,
    columns: usize,
}

fn normal(rng: &mut (impl Rng + ?Sized)) -> f64 {
    let radius = (-2.0 * (1.0 - rng.gen_range(0.0..1.0_f64)).ln()).sqrt();
    radius * (std::f64::consts::TAU * rng.gen_range(0.0..1.0_f64)).cos()
}

impl Usual {
    fn new(columns: usize, rng: &mut impl Rng) -> Self {
        let groups = (0..GROUPS).map(|_| {
            let centre = (0..columns).map(|_| 3.0 * normal(rng)).collect();
            let mix = Array2::from_shape_fn((columns, columns), |_| normal(rng) / (columns as f64).sqrt());
            (centre, mix)
        });
        Self { groups: groups.collect(), columns }
    }

    fn row(&self, spread: f64, rng: &mut impl Rng) -> Vec<f64> {
        let (centre, mix) = &self.groups[rng.gen_range(0..GROUPS)];
        let independent: Vec<f64> = (0..self.columns).map(|_| normal(rng)).collect();
        centre.iter().zip(mix.rows()).map(|(c, m)| c + spread * m.iter().zip(&independent).map(|(a, b)| a * b).sum::<f64>()).collect()
    }
}

/// What becomes of the columns of a world.
#[derive(Clone, Copy, PartialEq)]
enum Shape {
    Plain,
    /// Every second column has a long tail.
    Bent,
    /// As logs are: of three columns one is a small count (many equal rows), one says yes or no and mostly no, one has a long tail; and of the usual
    /// rows that are judged, three in a hundred come from a group that the training part has not seen.
    Logs,
}

impl Shape {
    fn bend(self, row: &mut [f64]) {
        match self {
            Self::Plain => {}
            Self::Bent => row.iter_mut().step_by(2).for_each(|x| *x = (*x / 3.0).exp()),
            Self::Logs => {
                for (column, x) in row.iter_mut().enumerate() {
                    *x = match column % 3 {
                        0 => (*x / 3.0).exp().floor().ln_1p(),
                        1 => f64::from(u8::from(*x > 4.0)),
                        _ => (*x / 3.0).exp(),
                    };
                }
            }
        }
    }
}

fn world(kind: &str, columns: usize, shape: Shape, seed: u64) -> World {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    let usual = Usual::new(columns, &mut rng);
    let pack: Vec<f64> = (0..columns).map(|_| 6.0 * normal(&mut rng)).collect();
    let share = STRANGE[seed as usize % STRANGE.len()];
    let range: Vec<(f64, f64)> = {
        let many: Vec<Vec<f64>> = (0..ROWS).map(|_| usual.row(1.0, &mut rng)).collect();
        let ends = |c: usize| many.iter().fold((f64::MAX, f64::MIN), |(l, h), r| (l.min(r[c]), h.max(r[c])));
        (0..columns).map(ends).map(|(l, h)| (l - 0.05 * (h - l), h + 0.05 * (h - l))).collect()
    };
    let unseen = (shape == Shape::Logs).then(|| Usual::new(columns, &mut rng));
    let mut part = |judged: bool| {
        let mut labels = Vec::new();
        let mut values = Vec::new();
        for row in 0..ROWS {
            let strange = (row as f64) < share * ROWS as f64;
            let mut drawn = match (strange, kind) {
                (true, "local") => usual.row(5f64.sqrt(), &mut rng),
                (true, "global") => range.iter().map(|&(l, h)| rng.gen_range(l..h)).collect(),
                (true, "dependency") => (0..columns).map(|c| usual.row(1.0, &mut rng)[c]).collect(),
                (true, _) => pack.iter().map(|p| p + 0.3 * normal(&mut rng)).collect(),
                (false, _) => match unseen.as_ref().filter(|_| judged && row % 33 == 0) {
                    Some(unseen) => unseen.row(1.0, &mut rng),
                    None => usual.row(1.0, &mut rng),
                },
            };
            shape.bend(&mut drawn);
            labels.push(strange);
            values.extend(drawn);
        }
        (Array2::from_shape_vec((ROWS, columns), values).unwrap(), labels)
    };
    let (training, _) = part(false);
    let (judged, labels) = part(true);
    let mean = training.mean_axis(Axis(0)).unwrap();
    // A column that is constant in the training part stays as it is.
    let spread = training.std_axis(Axis(0), 0.0).mapv(|s| if s > 0.0 { s } else { 1.0 });
    let matrix = |values: Array2<f64>| {
        let keys: Arc<[RowKey]> = (0..values.nrows()).map(|r| RowKey { entity: r.to_string().into(), period: 0 }).collect();
        let names: Arc<[String]> = (0..columns).map(|c| format!("x{c}")).collect();
        FeatureMatrix::new((values - &mean) / &spread, names, keys).unwrap()
    };
    World { training: matrix(training), judged: matrix(judged), labels, seed }
}

fn run(entries: &[&str], world: &World) -> ScoreTable {
    let entries: Vec<Entry> = entries.iter().map(|text| serde_yaml::from_str(text).unwrap()).collect();
    let all = contenders(&entries, Some(world.training.ncols())).unwrap();
    let options = RunOptions { seed: world.seed, repeats: 1, jobs: 0, in_sample: false, explain: false };
    run_all(&all, &world.training, &world.judged, &options, &Silent).unwrap()
}

/// Mean ROC-AUC in percent of each entry on each kind, over worlds of 6 and 20 columns in each of these shapes.
fn means(entries: &[&str], shapes: &[Shape], seeds: u64) -> Vec<(String, [f64; 4])> {
    let mut found: Vec<(String, [f64; 4])> = Vec::new();
    for (k, kind) in KINDS.iter().enumerate() {
        for seed in 0..seeds {
            for (columns, shape) in [6, 20].into_iter().flat_map(|columns| shapes.iter().map(move |&shape| (columns, shape))) {
                let world = world(kind, columns, shape, seed + 3 * (10 * k as u64 + columns as u64));
                for (index, column) in run(entries, &world).columns.iter().take(entries.len()).enumerate() {
                    let Outcome::Scored(scored) = &column.outcome else { panic!("{}: {:?}", column.id, column.outcome) };
                    if found.len() <= index {
                        found.push((column.id.clone(), [0.0; 4]));
                    }
                    found[index].1[k] += roc_auc(&scored.judged, &world.labels) / (2 * shapes.len() as u64 * seeds) as f64;
                }
            }
        }
    }
    found
}

fn print(found: &[(String, [f64; 4])]) {
    println!("{:34}{}      mean  least", "", KINDS.map(|kind| format!("{kind:>12}")).concat());
    for (id, figures) in found {
        let (mean, least) = (figures.iter().sum::<f64>() / 4.0, figures.iter().copied().fold(f64::MAX, f64::min));
        println!("{id:34}{}{mean:>10.1}{least:>7.1}", figures.map(|f| format!("{f:>12.1}")).concat());
    }
}

/// Holds README to the figures of those entries that it lists, by the name that it gives them; with their mean, where it has a column for that.
fn hold_readme(found: &[(String, [f64; 4])], listed: &[(&str, &str)], with_mean: bool) {
    for (id, name) in listed {
        let (_, figures) = found.iter().find(|(found, _)| found == id).unwrap_or_else(|| panic!("no {id}"));
        let mean = with_mean.then(|| figures.iter().sum::<f64>() / 4.0);
        let cells: Vec<String> = figures.iter().copied().chain(mean).map(|figure| format!("{figure:.1}")).collect();
        readme_tells(&format!("| {name} | {} |", cells.join(" | ")), 0.1);
    }
}

#[test]
#[ignore = "minutes: prints what the defaults were decided on, and holds README to it"]
fn every_method() {
    let entries = METHODS.iter().map(|method| method.id).chain(["{ ensemble: default }", "{ ensemble: mean-rank }"]);
    let found = means(&entries.collect::<Vec<_>>(), &SMOOTH, 6);
    print(&found);
    let listed = [("default", "`ensemble: default`"), ("inne", "`inne`"), ("isolation-forest", "`isolation-forest`"), ("pca", "`pca`")];
    hold_readme(&found, &listed, false);
}

#[test]
#[ignore = "minutes: prints how ensembles and their members bear what logs are like, and holds README to it"]
fn ensembles_on_rows_like_logs() {
    let tails = "{ id: tails-cuts, ensemble: mean-rank, of: [ecod, hbos, isolation-forest] }";
    let entries = [
        "ecod",
        "hbos",
        "isolation-forest",
        "inne",
        "knn",
        "lof",
        "dbscan",
        "{ ensemble: default }",
        "{ ensemble: mean-rank }",
        "{ ensemble: max-rank }",
        "{ ensemble: average-of-maximum }",
        tails,
    ];
    let found = means(&entries, &[Shape::Logs], 3);
    print(&found);
    let listed = [
        ("default", "`ensemble: default`"),
        ("mean-rank", "`ensemble: mean-rank`"),
        ("max-rank", "`ensemble: max-rank`"),
        ("average-of-maximum", "`ensemble: average-of-maximum`"),
        ("tails-cuts", "mean-rank of `ecod`, `hbos`, `isolation-forest`"),
        ("inne", "`inne` (best single member)"),
    ];
    hold_readme(&found, &listed, true);
}

#[test]
#[ignore = "minutes: prints what the defaults were decided on"]
fn settings_that_were_weighed() {
    let entries = [
        "{ method: knn, neighbours: 5 }",
        "{ method: knn, neighbours: 10 }",
        "{ method: knn, neighbours: 20 }",
        "{ method: knn, neighbours: 30 }",
        "{ method: knn, neighbours: 50 }",
        "{ method: pca, keep: 0.5 }",
        "{ method: pca, keep: 0.8 }",
        "{ method: pca, keep: 1.0 }",
        "{ method: pca, score: length }",
        "{ method: kmeans, spread: true }",
        "{ method: kmeans, spread: false }",
    ];
    print(&means(&entries, &SMOOTH, 3));
}
