//! What every method promises, over every entry of `METHODS` and the ensemble that has members of its own.

use std::sync::Arc;

use gonogo::{
    detect::{
        Contender, DEFAULT, Detector, FitError, Job, METHODS, Method, Model, Outcome, RunOptions, contenders, reduce::STEPS, run_all,
    },
    observe::Silent,
    spec::Entry,
    units::{FeatureMatrix, RowKey},
};
use ndarray::Array2;
use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use serde_yaml::{Mapping, Value};

fn all() -> impl Iterator<Item = &'static Method> {
    METHODS.iter().chain([&DEFAULT])
}

fn matrix(values: Array2<f64>) -> FeatureMatrix {
    let features: Arc<[String]> = (0..values.ncols()).map(|c| format!("f{c}")).collect();
    let rows = (0..values.nrows()).map(|r| RowKey { entity: format!("e{r}").into(), period: 0 }).collect();
    FeatureMatrix::new(values, features, rows).unwrap()
}

fn of(rows: usize, columns: usize, mut value: impl FnMut(usize, usize) -> f64) -> FeatureMatrix {
    matrix(Array2::from_shape_fn((rows, columns), |(r, c)| value(r, c)))
}

/// Two clusters of different width, some correlation, one column of small integers.
fn usual(rows: usize, seed: u64) -> FeatureMatrix {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut values = Array2::zeros((rows, 5));
    for mut row in values.rows_mut() {
        let cluster = f64::from(u8::from(rng.gen_bool(0.3)));
        let mut noise = || (0..6).map(|_| rng.gen_range(-0.5..0.5)).sum::<f64>();
        row[0] = 4.0 * cluster + noise();
        row[1] = row[0] * 0.5 + noise();
        row[2] = noise() * (1.0 + cluster);
        row[3] = noise() - 3.0 * cluster;
        row[4] = (noise() * 2.0).round();
    }
    matrix(values)
}

fn default(method: &Method) -> Box<dyn Detector> {
    method.build(Value::Mapping(Mapping::new())).unwrap_or_else(|e| panic!("{} has no defaults: {e:?}", method.id))
}

fn fitted(method: &Method, train: &FeatureMatrix, seed: u64) -> Box<dyn Model> {
    default(method).fit(train, &Job::unwatched(seed)).unwrap_or_else(|e| panic!("{}: {e}", method.id))
}

fn same(a: &[f64], b: &[f64]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() <= 1e-9 * (1.0 + a.abs().max(b.abs())))
}

#[test]
fn every_method_gives_one_finite_score_a_row_the_same_for_the_same_seed() {
    let (train, judged) = (usual(400, 1), usual(150, 2));
    for method in all() {
        let model = fitted(method, &train, 7);
        let scores = model.score(&judged);
        assert_eq!(scores.len(), judged.nrows(), "{}", method.id);
        assert!(scores.iter().all(|s| s.is_finite()), "{}", method.id);
        assert!(scores.iter().any(|s| *s != scores[0]), "{}: all rows are equal", method.id);
        assert_eq!(scores, fitted(method, &train, 7).score(&judged), "{}: same seed, other scores", method.id);
        // The others are random only in where they start, or in the sample that they draw from more rows than these.
        if ["isolation-forest", "extended-isolation-forest", "loda", "inne", "autoencoder"].contains(&method.id) {
            assert!(default(method).is_random(), "{}", method.id);
            assert_ne!(scores, fitted(method, &train, 8).score(&judged), "{}: is_random, but another seed changes nothing", method.id);
        }
        if let Some(training) = model.score_training(&train, &Job::unwatched(7)).unwrap() {
            assert!(training.len() == train.nrows() && training.iter().all(|s| s.is_finite()), "{}", method.id);
        }
        if let Some(terms) = model.contributions(&judged) {
            assert_eq!(terms.dim(), judged.values().dim(), "{}", method.id);
            assert!(terms.iter().all(|t| t.is_finite()), "{}", method.id);
            assert!(terms.iter().any(|t| *t != 0.0), "{}", method.id);
        }
    }
}

#[test]
fn a_score_depends_on_its_row_alone() {
    let (train, judged) = (usual(400, 1), usual(101, 2));
    let reversed: Vec<usize> = (0..judged.nrows()).rev().collect();
    for method in all() {
        let model = fitted(method, &train, 7);
        let scores = model.score(&judged);
        let mut back = model.score(&judged.select_rows(&reversed));
        back.reverse();
        assert!(same(&scores, &back), "{}: permuting rows changes scores", method.id);
        for row in [0, 50, 100] {
            let alone = model.score(&judged.select_rows(&[row]));
            assert!(same(&alone, &scores[row..=row]), "{}: row {row} alone {} in company {}", method.id, alone[0], scores[row]);
        }
    }
}

#[test]
fn threads_change_nothing() {
    let (train, judged) = (usual(400, 1), usual(1500, 2));
    let on = |threads: usize, method: &Method| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let model = fitted(method, &train, 7);
            let trained = model.score_training(&train, &Job::unwatched(7)).unwrap();
            (
                model.score(&judged),
                trained,
                model.contributions(&judged),
                model.notes().iter().map(|note| note.en.to_string()).collect::<Vec<_>>(),
            )
        })
    };
    for method in all() {
        let alone = on(1, method);
        assert!(alone == on(2, method) && alone == on(3, method), "{}", method.id);
    }
}

#[test]
fn a_far_row_outranks_the_median() {
    let train = usual(400, 1);
    let far = of(2, 5, |r, c| if r == 0 { 60.0 + c as f64 } else { -80.0 });
    for method in all() {
        let model = fitted(method, &train, 7);
        let mut usual = model.score(&train);
        usual.sort_unstable_by(f64::total_cmp);
        for (row, score) in model.score(&far).iter().enumerate() {
            assert!(*score > usual[200], "{}: far row {row} has {score}, the median is {}", method.id, usual[200]);
        }
    }
}

#[test]
fn the_column_that_makes_a_row_strange_is_named() {
    let train = usual(400, 1);
    let far = of(1, 5, |_, c| if c == 2 { 25.0 } else { 0.1 });
    for method in all() {
        let Some(terms) = fitted(method, &train, 7).contributions(&far) else { continue };
        let row = terms.row(0);
        let strongest = (0..5).max_by(|&a, &b| row[a].total_cmp(&row[b])).unwrap();
        assert_eq!(strongest, 2, "{}: {row}", method.id);
    }
}

fn shapes() -> Vec<(&'static str, FeatureMatrix)> {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(5);
    vec![
        ("one row", of(1, 3, |_, c| c as f64)),
        ("two equal rows", of(2, 3, |_, c| c as f64)),
        ("two rows", of(2, 3, |r, c| (r + c) as f64)),
        ("a constant column", of(60, 3, |r, c| if c == 1 { 7.0 } else { ((r * 7 + c) % 13) as f64 })),
        ("constant columns only", of(60, 3, |_, c| c as f64)),
        ("equal columns", of(60, 3, |r, _| ((r * 7) % 13) as f64)),
        ("1e-300", of(60, 3, |r, c| ((r * 7 + c) % 13) as f64 * 1e-300)),
        ("1e300", of(60, 3, |r, c| ((r * 7 + c) % 13) as f64 * 1e300)),
        ("one value of 1e300", of(60, 3, |r, c| if r == 9 && c == 0 { 1e300 } else { ((r * 7 + c) % 13) as f64 })),
        ("both ends", of(60, 3, |r, c| if (r + c) % 2 == 0 { 1e300 } else { -1e300 })),
        ("one column", of(60, 1, |r, _| ((r * 7) % 13) as f64)),
        ("500 columns, 200 rows", of(200, 500, |_, _| rng.gen_range(-1.0..1.0))),
        ("99 % zeros", of(300, 4, |r, c| if (r * 4 + c) % 100 == 0 { 1.0 + r as f64 } else { 0.0 })),
        ("one-hot", of(120, 6, |r, c| f64::from(u8::from(r % 6 == c)))),
        ("seven rows", of(7, 2, |r, c| ((r + 1) * (c + 2) % 5) as f64)),
    ]
}

/// Rows near and far, in both directions.
fn far(columns: usize) -> FeatureMatrix {
    of(5, columns, |r, c| [0.0, 1.0, -1e300, 1e300, 1e-300][r] * (1.0 + c as f64 / 1e3))
}

#[test]
fn no_shape_makes_a_method_panic_or_give_a_score_that_is_not_finite() {
    for (name, train) in &shapes() {
        let other = far(train.ncols());
        for method in all() {
            let detector = default(method);
            // One row is enough for all of them.
            let model = detector.fit(train, &Job::unwatched(3)).unwrap_or_else(|error| panic!("{} on {name}: {error}", method.id));
            assert!(detector.check(Some(train.nrows()), train.ncols()).is_ok(), "{} on {name}", method.id);
            for (part, scores) in [("training", model.score(train)), ("other", model.score(&other))] {
                assert!(scores.iter().all(|s| s.is_finite()), "{} on {name}: {part} {scores:?}", method.id);
            }
            if let Some(scores) = model.score_training(train, &Job::unwatched(3)).unwrap() {
                assert!(scores.iter().all(|s| s.is_finite()), "{} on {name}: {scores:?}", method.id);
            }
        }
    }
}

#[test]
fn no_rows_are_refused_with_the_reason() {
    for method in all() {
        let refused = default(method).fit(&of(0, 3, |_, _| 0.0), &Job::unwatched(3)).map(|_| ());
        assert_eq!(refused, Err(FitError::TooFewRows { needed: 1, found: 0 }), "{}", method.id);
    }
}

#[test]
fn more_asked_for_than_there_are_rows_gives_scores() {
    let asked = [
        ("kmeans", "clusters"),
        ("cblof", "clusters"),
        ("gmm", "components"),
        ("knn", "neighbours"),
        ("lof", "neighbours"),
        ("dbscan", "min_points"),
        ("optics", "min_points"),
        ("hdbscan", "min_points"),
        ("hdbscan", "min_cluster"),
        ("inne", "sample"),
        ("isolation-forest", "sample"),
    ];
    for (id, parameter) in asked {
        let method = METHODS.iter().find(|method| method.id == id).unwrap();
        let detector = method.build(Value::Mapping(Mapping::from_iter([(Value::from(parameter), Value::from(500))]))).unwrap();
        for rows in [1, 2, 7] {
            let train = of(rows, 3, |r, c| (r * 5 + c) as f64);
            let scores = detector.fit(&train, &Job::unwatched(3)).unwrap().score(&train);
            assert!(scores.len() == rows && scores.iter().all(|s| s.is_finite()), "{id}: {scores:?}");
        }
    }
}

#[test]
fn no_shape_makes_a_step_panic_or_give_a_column_that_is_not_finite() {
    for (name, train) in &shapes() {
        for step in STEPS {
            let params = Mapping::from_iter([(Value::from("components"), Value::from(2))]);
            let reducer = step.build(Value::Mapping(params)).unwrap_or_else(|e| panic!("{}: {e:?}", step.id));
            let reduction = match reducer.fit(train, &Job::unwatched(3)) {
                Ok(reduction) => reduction,
                Err(FitError::TooFewRows { .. }) => continue,
                Err(error) => panic!("{} on {name}: {error}", step.id),
            };
            for rows in [train, &far(train.ncols())] {
                let columns = reduction.apply(rows);
                assert_eq!(columns.dim(), (rows.nrows(), reduction.names().len()), "{} on {name}", step.id);
                assert!(columns.iter().all(|x| x.is_finite()), "{} on {name}", step.id);
                if let Some(terms) = reduction.back(rows, &columns) {
                    assert_eq!(terms.dim(), rows.values().dim(), "{} on {name}", step.id);
                }
            }
        }
    }
}

#[test]
fn parameters_out_of_range_are_refused() {
    for method in all() {
        for (name, schema) in method.parameters() {
            let tried =
                [schema.get("minimum").and_then(|m| Some(m.as_f64()? - 1.0)), schema.get("maximum").and_then(|m| Some(m.as_f64()? + 1.0))];
            let numeric = schema.get("type").is_some_and(|t| t.to_string().contains("integer") || t.to_string().contains("number"));
            assert!(!numeric || tried.iter().any(Option::is_some), "{}: `{name}` has no range in its schema", method.id);
            for value in tried.into_iter().flatten() {
                let whole = value.fract() == 0.0 && value.abs() < 1e15;
                let value = if whole { Value::from(value as i64) } else { Value::from(value) };
                let params = Mapping::from_iter([(Value::from(name.as_str()), value.clone())]);
                let refused = match method.build(Value::Mapping(params)) {
                    Ok(detector) => detector.check(None, 5).is_err(),
                    Err(_) => true,
                };
                assert!(refused, "{}: `{name}: {value:?}` is accepted", method.id);
            }
        }
        assert!(default(method).check(Some(1000), 5).is_ok(), "{}: the defaults are refused", method.id);
    }
}

#[test]
fn every_file_says_what_it_finds_what_it_misses_and_what_it_costs() {
    for method in all() {
        for heading in ["# What it finds", "# What it misses", "# Cost", "# Source"] {
            assert!(method.source.contains(&format!("//! {heading}\n")), "{}: no `{heading}`", method.id);
        }
        assert!(!method.summary.is_empty() && !method.summary.ends_with('.'), "{}", method.id);
    }
}

#[test]
fn detectors_and_models_cross_threads() {
    fn crosses<T: Send + Sync + ?Sized>() {}
    crosses::<dyn Detector>();
    crosses::<dyn Model>();
    crosses::<Contender>();
}

/// How it is told what each field adds to a score.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Told {
    /// By the method: contributions add up to the score.
    Score,
    /// By the method: to the score less a number that is the same for all rows.
    ScoreLess,
    /// By the method: to the binary logarithm of the score, times a number and plus another that are the same for all rows (how much shorter the paths
    /// are).
    Logarithm,
    /// By replacing fields: the score is no sum over them (a ratio of densities, a mixture, a reach, many lines).
    Replaced,
}

fn told_of(method: &str) -> Told {
    match method {
        "ecod" | "copod" | "pca" | "mcd" | "inne" | "autoencoder" | "kmeans" | "cblof" | "dbscan" | "knn" | "mad" | "default" => {
            Told::Score
        }
        "hbos" => Told::ScoreLess,
        "isolation-forest" | "extended-isolation-forest" => Told::Logarithm,
        "loda" | "lof" | "gmm" | "optics" | "hdbscan" | "ocsvm" => Told::Replaced,
        other => panic!("say how it is told what each field adds to a score of `{other}`"),
    }
}

fn close(a: &[f64], b: &[f64]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() <= 1e-9 * a.abs().max(b.abs()).max(1e-3))
}

/// That contributions add up as `told_of` says.
fn assert_adds_up(id: &str, scores: &[f64], terms: &Array2<f64>) {
    let sums: Vec<f64> = terms.rows().into_iter().map(|row| row.sum()).collect();
    let wanted: Vec<f64> = match told_of(id) {
        Told::Score => scores.to_vec(),
        Told::ScoreLess => scores.iter().map(|score| score - scores[0] + sums[0]).collect(),
        Told::Logarithm => {
            let logs: Vec<f64> = scores.iter().map(|score| score.log2()).collect();
            let (low, high) = (0..logs.len()).fold((0, 0), |(low, high), row| {
                (if logs[row] < logs[low] { row } else { low }, if logs[row] > logs[high] { row } else { high })
            });
            let slope = (sums[high] - sums[low]) / (logs[high] - logs[low]);
            assert!(slope > 0.0, "{id}");
            logs.iter().map(|log| sums[low] + slope * (log - logs[low])).collect()
        }
        Told::Replaced => unreachable!("{id}"),
    };
    assert!(close(&sums, &wanted), "{id}: contributions add up to {sums:?}, not to {wanted:?}");
}

#[test]
fn contributions_add_up_to_the_score_or_are_what_replacing_a_field_takes_off() {
    for seed in 0..4 {
        let (train, judged) = (usual(60 + 150 * seed as usize, seed), usual(80, 100 + seed));
        for method in all() {
            let model = fitted(method, &train, seed);
            let tells = default(method).explaining().is_some();
            assert_eq!(tells, told_of(method.id) != Told::Replaced, "{}: the time left is told by it", method.id);
            match (model.contributions(&judged), told_of(method.id)) {
                (Some(terms), told) if told != Told::Replaced => assert_adds_up(method.id, &model.score(&judged), &terms),
                (None, Told::Replaced) => {}
                (terms, told) => panic!("{}: {told:?}, but {terms:?}", method.id),
            }
        }
    }
}

#[test]
fn a_run_tells_of_each_method_what_its_fields_add() {
    let (train, judged) = (usual(260, 3), usual(60, 4));
    let middles: Vec<f64> = (0..train.ncols())
        .map(|column| {
            let mut values = train.column(column).to_vec();
            values.sort_unstable_by(f64::total_cmp);
            f64::midpoint(values[129], values[130])
        })
        .collect();
    let options = RunOptions { seed: 5, repeats: 1, jobs: 2, in_sample: false, explain: true };
    for method in all() {
        let key = if method.id == DEFAULT.id { "ensemble" } else { "method" };
        let entries: Vec<Entry> = serde_yaml::from_str(&format!("[{{ id: one, {key}: {} }}]", method.id)).unwrap();
        let score = |rows: &FeatureMatrix| {
            let table = run_all(&contenders(&entries, None).unwrap(), &train, rows, &options, &Silent).unwrap();
            let Outcome::Scored(scored) = &table.columns[0].outcome else { panic!("{:?}", table.columns[0]) };
            scored.clone()
        };
        let own = score(&judged);
        let terms = own.contributions.as_ref().unwrap();
        assert_eq!(own.replaced, told_of(method.id) == Told::Replaced, "{}", method.id);
        if !own.replaced {
            assert_adds_up(method.id, &own.judged, terms);
            continue;
        }
        for (column, &middle) in middles.iter().enumerate() {
            let without = of(judged.nrows(), judged.ncols(), |r, c| if c == column { middle } else { judged.values()[(r, c)] });
            let wanted: Vec<f64> = own.judged.iter().zip(score(&without).judged).map(|(score, without)| score - without).collect();
            assert!(same(&terms.column(column).to_vec(), &wanted), "{}, field {column}", method.id);
        }
    }
}
