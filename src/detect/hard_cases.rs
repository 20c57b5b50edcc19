//! Matrices that break careless arithmetic, and what every method must do with them. Tests only.

use std::sync::Arc;

use ndarray::{Array2, array};
use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

use super::{Detector, Job};
use crate::units::{FeatureMatrix, RowKey};

/// Makes a matrix with names and keys that do not matter.
pub(crate) fn matrix(values: Array2<f64>) -> FeatureMatrix {
    let features: Vec<String> = (0..values.ncols()).map(|j| format!("f{j}")).collect();
    let rows: Vec<RowKey> = (0..values.nrows()).map(|i| RowKey { entity: i.to_string().into(), period: 0 }).collect();
    FeatureMatrix::new(values, Arc::from(features), Arc::from(rows)).unwrap()
}

/// `rows` rows along a line of two columns, with a little noise.
pub(crate) fn line(rows: usize) -> FeatureMatrix {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(9);
    matrix(Array2::from_shape_fn((rows, 2), |(i, _)| i as f64 / 10.0 + rng.gen_range(-0.5..0.5)))
}

/// `rows` rows of independent numbers from 0 to 1.
pub(crate) fn uniform(rows: usize, columns: usize, seed: u64) -> Array2<f64> {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    Array2::from_shape_fn((rows, columns), |_| rng.gen_range(0.0..1.0))
}

/// Training matrices with their names.
pub(crate) fn cases() -> Vec<(&'static str, FeatureMatrix)> {
    let noise = uniform(200, 4, 1);
    let doubled = Array2::from_shape_fn((200, 6), |(i, j)| match j {
        4 => 7.0,
        5 => 2.0 * noise[(i, 0)],
        _ => noise[(i, j)],
    });
    let sizes = Array2::from_shape_fn((200, 4), |(i, j)| noise[(i, j)] * [1e-300, 1.0, 1e300, -1e300][j]);
    let spike = Array2::from_shape_fn((200, 3), |(i, j)| if (i, j) == (17, 1) { 1e300 } else { noise[(i, j)] });
    let largest = Array2::from_shape_fn((60, 2), |(i, j)| if (i + j) % 2 == 0 { f64::MAX } else { -f64::MAX });
    let one_hot = Array2::from_shape_fn((200, 12), |(i, j)| f64::from(i * i % 12 == j));
    let zeros = Array2::from_shape_fn((500, 5), |(i, j)| if i % 100 == 0 { noise[(i % 200, j.min(3))] } else { 0.0 });
    vec![
        ("one row", matrix(array![[1.0, 2.0, 3.0]])),
        ("two equal rows", matrix(array![[1.0, 2.0], [1.0, 2.0]])),
        ("two rows", matrix(array![[1.0, 2.0], [5.0, -2.0]])),
        ("three rows", matrix(array![[1.0, 2.0], [5.0, -2.0], [1.5, 2.0]])),
        ("constant and doubled columns", matrix(doubled)),
        ("all constant", matrix(Array2::from_elem((100, 3), 1e15))),
        ("sizes", matrix(sizes)),
        ("tiny", matrix(uniform(100, 3, 2) * 1e-300)),
        ("huge", matrix(uniform(100, 3, 3) * 1e300)),
        ("one spike", matrix(spike)),
        ("largest", matrix(largest)),
        ("one column", matrix(uniform(150, 1, 4))),
        ("more columns than rows", matrix(uniform(200, 500, 5))),
        ("one-hot", matrix(one_hot)),
        ("zeros", matrix(zeros)),
        ("integers", matrix(uniform(300, 3, 6).mapv(|x| (x * 4.0).floor()))),
    ]
}

/// Fits on every case, and scores its own rows, far rows, and each row alone.
pub(crate) fn assert_survives(detector: &dyn Detector) {
    for (name, train) in cases() {
        detector.check(Some(train.nrows()), train.ncols()).unwrap();
        let model = detector.fit(&train, &Job::unwatched(7)).unwrap_or_else(|e| panic!("{name}: {e}"));
        let mut rows = train.values().to_owned();
        let columns = rows.ncols();
        for (i, &value) in [0.0, 1.0, -1e300, 1e300, 1e-300, f64::MAX, -f64::MAX].iter().enumerate() {
            rows.push_row(ndarray::ArrayView1::from(&vec![value; columns])).unwrap();
            let last = rows.nrows() - 1;
            rows[(last, i % columns)] = 0.5;
        }
        let rows = matrix(rows);
        let scores = model.score(&rows);
        assert_eq!(scores.len(), rows.nrows(), "{name}");
        assert!(scores.iter().all(|s| s.is_finite()), "{name}: {scores:?}");
        let again = detector.fit(&train, &Job::unwatched(7)).unwrap().score(&rows);
        assert_eq!(scores, again, "{name}: another result with the same seed");
        for i in [0, rows.nrows() / 2, rows.nrows() - 3] {
            assert_eq!(model.score(&rows.select_rows(&[i])), [scores[i]], "{name}: row {i} alone");
        }
        if let Some(parts) = model.contributions(&rows) {
            assert_eq!(parts.dim(), (rows.nrows(), rows.ncols()), "{name}");
            assert!(parts.iter().all(|p| p.is_finite()), "{name}: contributions");
        }
        assert!(model.score(&rows.select_rows(&[])).is_empty(), "{name}: no rows");
    }
}
