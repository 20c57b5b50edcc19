//! Fit and score of every method on 10 000 rows x 20 columns, one per cent of them far away: `cargo bench --bench detect`.
//!
//! Compare the ratios between methods, or between two commits on one machine; single times say little.

use std::sync::Arc;

use gonogo::{
    detect::{Job, METHODS, Method},
    units::{FeatureMatrix, RowKey},
};
use ndarray::Array2;
use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

fn main() {
    divan::main();
}

/// Sums of uniform draws, near enough to normal; every hundredth row is moved away.
fn table(rows: usize, columns: usize) -> Option<FeatureMatrix> {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(42);
    let values = Array2::from_shape_fn((rows, columns), |(row, _)| {
        let usual = (0..6).map(|_| random.r#gen::<f64>() - 0.5).sum::<f64>();
        if row % 100 == 0 { usual + 4.0 } else { usual }
    });
    let names: Arc<[String]> = (0..columns).map(|column| format!("x{column}")).collect();
    let keys: Arc<[RowKey]> = (0..rows).map(|row| RowKey { entity: row.to_string().into(), period: 0 }).collect();
    FeatureMatrix::new(values, names, keys).ok()
}

#[divan::bench(args = METHODS.iter().map(|method| method.id).collect::<Vec<_>>(), sample_count = 3, sample_size = 1)]
fn fit_and_score(bencher: divan::Bencher<'_, '_>, id: &str) {
    let method: Option<&Method> = METHODS.iter().find(|method| method.id == id);
    let Some((method, rows)) = method.zip(table(10_000, 20)) else { return };
    bencher.bench(|| {
        let detector = method.build(serde_yaml::Value::Mapping(serde_yaml::Mapping::new())).ok()?;
        let model = detector.fit(&rows, &Job::unwatched(7)).ok()?;
        Some(model.score(&rows).len())
    });
}
