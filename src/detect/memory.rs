//! What detectors say they need, held to what the allocator counts. Tests only.
//!
//! Each method runs in a process of its own, so that nothing else is counted.

use std::process::Command;

use super::{Job, METHODS, hard_cases::uniform};
use crate::{
    ALLOCATOR,
    units::{FeatureMatrix, RowKey},
};

/// Which method, how many rows and columns.
const ASKED: &str = "GONOGO_MEASURED";

#[test]
#[ignore = "run by the test below, in a process of its own"]
fn one_method_alone() {
    let Ok(asked) = std::env::var(ASKED) else { return };
    let parts: Vec<&str> = asked.split(' ').collect();
    let (rows, columns) = (parts[1].parse().unwrap(), parts[2].parse().unwrap());
    let key = RowKey { entity: "row".into(), period: 0 };
    let names = (0..columns).map(|column| format!("x{column}")).collect();
    let matrix = FeatureMatrix::new(uniform(rows, columns, 1), names, vec![key; rows].into()).unwrap();
    let detector = super::method(parts[0]).unwrap().build(serde_yaml::Value::Mapping(serde_yaml::Mapping::new())).unwrap();
    let before = ALLOCATOR.allocated();
    let model = detector.fit(&matrix, &Job::unwatched(1)).unwrap();
    let scores = model.score_training(&matrix, &Job::unwatched(1)).unwrap().unwrap_or_else(|| model.score(&matrix));
    assert_eq!(scores.len(), rows);
    println!("\npeak {}", ALLOCATOR.max_allocated() - before);
}

fn measured(method: &str, rows: usize, columns: usize) -> u64 {
    let done = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "detect::memory::one_method_alone", "--ignored", "--nocapture"])
        .env(ASKED, format!("{method} {rows} {columns}"))
        .env("RAYON_NUM_THREADS", "2")
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&done.stdout).into_owned();
    let peak = told.lines().find_map(|line| line.strip_prefix("peak "));
    peak.unwrap_or_else(|| panic!("{method}: {told} {}", String::from_utf8_lossy(&done.stderr))).parse().unwrap()
}

/// Limits and the dry run stand on these: never much less than what is taken, nor more than twice as much.
#[test]
fn estimates_are_what_is_taken() {
    let mut wrong = Vec::new();
    for (rows, columns) in [(6_000, 20), (3_000, 4)] {
        let matrix = (8 * rows * columns) as f64 / 1e6;
        for method in METHODS {
            let detector = method.build(serde_yaml::Value::Mapping(serde_yaml::Mapping::new())).unwrap();
            let estimate = detector.memory(rows, columns) as f64 / 1e6;
            let taken = measured(method.id, rows, columns) as f64 / 1e6;
            println!(
                "{:28}{rows:>8} x {columns:<4} estimate {estimate:>6.2} MB, taken {taken:>6.2} MB, {:>5.1} matrices",
                method.id,
                taken / matrix
            );
            // A tenth for buffers of threads, and half a megabyte either way for what does not grow with the rows.
            if estimate < 0.9 * taken - 0.5 || estimate > 2.0 * taken + 0.5 {
                wrong.push((method.id, rows, columns));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}
