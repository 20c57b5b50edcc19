//! Fits every contender on few features at a time and scores uniform points beside judged units: what the mass-volume and excess-mass curves are
//! counted from. Diagnostics alone; nothing is chosen by them.
//!
//! Volume cannot be counted in many dimensions, so features are sub-sampled as in algorithm 1 of Goix (2016): each draw takes five, fits anew on
//! them, and the curves are averaged. Rows, points and draws are bounded, whatever the size of the run.

use std::sync::Arc;

use ndarray::{Array2, Axis, concatenate};
use rand::{Rng, SeedableRng, seq::index};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::{
    detect::{self, Contender, Kind, Outcome, RunOptions},
    error::{Error, Result},
    evaluate::mass_volume::{Enclosure, MASSES, MassVolume, PRICES, Sets},
    fields::Matrices,
    observe::{Observer, Quiet},
    units::{FeatureMatrix, RowKey},
};

/// Features in a draw: the paper takes as many where there are more.
const FEATURES: usize = 5;
/// Draws of features. The paper takes fifty; what they differ by is told beside their mean.
const DRAWS: usize = 6;
/// Rows that each fit learns from.
const LEARNED: usize = 1_000;
/// Judged rows whose mass is counted.
const JUDGED: usize = 2_000;
/// Uniform points whose volume is counted.
const POINTS: usize = 5_000;
/// Fewer rows than this of either part say nothing.
const LEAST_ROWS: usize = 50;
/// Keeps these draws apart from all others that come from the run's seed.
const PURPOSE: u64 = 0x6d76_5f65_6d5f_6375;

/// How many times every contender is fitted for it where there are so many features, the features of a fit, the rows that it learns from, and those that
/// it scores; all at most.
pub(super) fn bounds(features: usize) -> (usize, usize, usize, usize) {
    (if features > FEATURES { DRAWS } else { 1 }, features.min(FEATURES), LEARNED, JUDGED + POINTS)
}

/// Both curves of every contender; `None` where there are too few rows.
///
/// # Errors
/// When the user stops it.
pub fn mass_volume(
    matrices: &Matrices,
    contenders: &[Contender],
    options: &RunOptions,
    observer: &dyn Observer,
) -> Result<Option<MassVolume>> {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(options.seed ^ PURPOSE);
    let (learned, judged) = rows(matrices, options.in_sample, &mut rng);
    let columns = matrices.training.ncols();
    if learned.len() < LEAST_ROWS || judged.len() < LEAST_ROWS || columns == 0 {
        return Ok(None);
    }
    // Fits never see what they score, not even where the run has one part only.
    let options = RunOptions { repeats: 1, in_sample: false, explain: false, ..*options };
    let (draws, ..) = bounds(columns);
    let mut sets: Vec<(String, Vec<Sets>)> = Vec::new();
    for _ in 0..draws {
        if observer.cancelled() {
            return Err(Error::Interrupted);
        }
        let mut features = index::sample(&mut rng, columns, columns.min(FEATURES)).into_vec();
        features.sort_unstable();
        let training = part(&matrices.training, &learned, &features)?;
        let (judged, points) = (part(&matrices.judged, &judged, &features)?, judged.len());
        let both = beside_points(&judged, &mut rng)?;
        let table = detect::run_all(contenders, &training, &both, &options, &Quiet(observer))?;
        for column in table.columns.iter().filter(|column| column.kind != Kind::Control || column.id == "random") {
            let found = match &column.outcome {
                Outcome::Scored(scored) => Sets::new(&scored.judged[..points], &scored.judged[points..]),
                Outcome::Failed { .. } | Outcome::Skipped { .. } => None,
            };
            match sets.iter_mut().find(|(id, _)| *id == column.id) {
                Some((_, all)) => all.extend(found),
                None => sets.push((column.id.clone(), found.into_iter().collect())),
            }
        }
    }
    // Whoever failed on some of the draws would be averaged over others than the rest.
    let contenders = sets.iter().filter(|(_, all)| all.len() == draws).filter_map(|(id, all)| Enclosure::mean(id, all)).collect();
    Ok(Some(MassVolume {
        draws: draws as u64,
        features: columns.min(FEATURES) as u64,
        of_features: columns as u64,
        learned: learned.len() as u64,
        judged: judged.len() as u64,
        points: POINTS as u64,
        masses: MASSES.to_vec(),
        prices: PRICES.to_vec(),
        contenders,
    }))
}

/// Which rows are learned from and which are judged: bounded samples; of rows that are one part, each in one of them at most.
fn rows(matrices: &Matrices, in_sample: bool, rng: &mut Xoshiro256PlusPlus) -> (Vec<usize>, Vec<usize>) {
    let mut some = |of: usize, at_most: usize| index::sample(rng, of, at_most.min(of)).into_vec();
    let (mut learned, mut judged) = if in_sample {
        let n = matrices.judged.nrows();
        let mut all = some(n, LEARNED + JUDGED);
        let judged = all.split_off((n / 2).min(LEARNED));
        (all, judged)
    } else {
        (some(matrices.training.nrows(), LEARNED), some(matrices.judged.nrows(), JUDGED))
    };
    learned.sort_unstable();
    judged.sort_unstable();
    (learned, judged)
}

/// Some rows and features of a matrix.
fn part(of: &FeatureMatrix, rows: &[usize], features: &[usize]) -> Result<FeatureMatrix> {
    let values = of.values().select(Axis(1), features).select(Axis(0), rows);
    let names = features.iter().map(|&feature| of.features()[feature].clone()).collect();
    matrix(values, names, rows.iter().map(|&row| of.rows()[row].clone()).collect())
}

fn matrix(values: Array2<f64>, names: Arc<[String]>, rows: Arc<[RowKey]>) -> Result<FeatureMatrix> {
    FeatureMatrix::new(values, names, rows).map_err(|error| Error::Internal(format!("mass-volume: {error}")))
}

/// The rows, then points drawn evenly in the smallest box around them.
fn beside_points(rows: &FeatureMatrix, rng: &mut Xoshiro256PlusPlus) -> Result<FeatureMatrix> {
    let limits: Vec<(f64, f64)> = (rows.values().columns().into_iter())
        .map(|column| column.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &v| (low.min(v), high.max(v))))
        .collect();
    let points = Array2::from_shape_fn((POINTS, limits.len()), |(_, column)| {
        let (low, high) = limits[column];
        let at: f64 = rng.r#gen();
        // Written so that a box as wide as numbers go does not overflow.
        low * (1.0 - at) + high * at
    });
    let values = concatenate(Axis(0), &[rows.values(), points.view()]).map_err(|error| Error::Internal(format!("mass-volume: {error}")))?;
    let keys = (0..POINTS).map(|point| RowKey { entity: Arc::from("uniform"), period: point as i64 });
    matrix(values, Arc::clone(rows.features()), rows.rows().iter().cloned().chain(keys).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{observe::Silent, spec::Entry};

    /// Two parts of normal, independent features.
    fn matrices(rows: usize, columns: usize, seed: u64) -> Matrices {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        let mut of = |rows: usize| {
            let normal = |rng: &mut Xoshiro256PlusPlus| (0..12).map(|_| rng.r#gen::<f64>()).sum::<f64>() - 6.0;
            let values = Array2::from_shape_fn((rows, columns), |_| normal(&mut rng));
            let names = (0..columns).map(|column| format!("f{column}")).collect();
            let keys = (0..rows).map(|row| RowKey { entity: Arc::from("e"), period: row as i64 }).collect();
            FeatureMatrix::new(values, names, keys).unwrap()
        };
        let (training, judged) = (of(rows), of(rows));
        Matrices {
            raw_training: training.clone(),
            raw_judged: judged.clone(),
            training,
            judged,
            summaries: Vec::new(),
            dropped: Vec::new(),
        }
    }

    fn contenders(text: &str) -> Vec<Contender> {
        let entries: Vec<Entry> = serde_yaml::from_str(text).unwrap();
        detect::contenders(&entries, None).unwrap()
    }

    const OPTIONS: RunOptions = RunOptions { seed: 7, repeats: 3, jobs: 2, in_sample: false, explain: true };

    #[test]
    fn a_density_encloses_more_tightly_than_chance() {
        let text = "[gmm, isolation-forest, knn, { ensemble: mean-rank }]";
        let found = mass_volume(&matrices(400, 8, 1), &contenders(text), &OPTIONS, &Silent).unwrap().unwrap();
        assert_eq!((found.draws, found.features, found.of_features), (6, 5, 8));
        assert_eq!((found.learned, found.judged, found.points), (400, 400, 5_000));
        let ids: Vec<&str> = found.contenders.iter().map(|c| c.contender.as_str()).collect();
        assert_eq!(ids, ["gmm", "isolation-forest", "knn", "mean-rank", "random"]);
        let random = &found.contenders[4];
        assert!((random.volume_area[0] - 0.095).abs() < 0.01, "{random:?}");
        for learned in &found.contenders[..4] {
            assert!(learned.volume_area[0] < 0.7 * random.volume_area[0], "{learned:?}");
            assert!(learned.excess_area[0] > 1.5 * random.excess_area[0], "{learned:?}");
            assert!(learned.volume_area[1] <= learned.volume_area[0] && learned.volume_area[0] <= learned.volume_area[2]);
        }
    }

    #[test]
    fn the_sets_of_a_normal_density_have_the_volume_of_their_discs() {
        // Two features, so that no draw is needed: a disc of radius r holds 1 - exp(-r^2 / 2) of a normal density.
        let matrices = matrices(20_000, 2, 3);
        let found = mass_volume(&matrices, &contenders("[{ method: gmm, components: 1 }]"), &OPTIONS, &Silent).unwrap().unwrap();
        assert_eq!((found.draws, found.learned, found.judged), (1, 1_000, 2_000));
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(OPTIONS.seed ^ PURPOSE);
        let (_, judged) = rows(&matrices, false, &mut rng);
        let drawn = part(&matrices.judged, &judged, &[0, 1]).unwrap();
        let side = |column: usize| {
            drawn.column(column).iter().copied().fold(f64::MIN, f64::max) - drawn.column(column).iter().copied().fold(f64::MAX, f64::min)
        };
        let area = side(0) * side(1);
        for (&mass, volume) in MASSES.iter().zip(&found.contenders[0].volume_at) {
            let disc = -2.0 * std::f64::consts::PI * (1.0 - mass).ln() / area;
            // What 2000 units leave open of the mass, 5000 points of the volume.
            let noise = 2.0 * std::f64::consts::PI * (mass / (1.0 - mass) / 2_000.0).sqrt() / area + (disc / 5_000.0).sqrt();
            assert!((volume - disc).abs() < 3.0 * noise, "{mass}: {volume}, a disc has {disc}");
        }
    }

    #[test]
    fn neither_threads_nor_the_others_change_it() {
        let matrices = matrices(300, 7, 5);
        let run = |text: &str, jobs| mass_volume(&matrices, &contenders(text), &RunOptions { jobs, ..OPTIONS }, &Silent).unwrap().unwrap();
        let (one, two) = (run("[isolation-forest, ecod]", 1), run("[isolation-forest, ecod]", 2));
        assert_eq!(one, two);
        assert_eq!(run("[ecod]", 2).contenders[0], one.contenders[1]);
    }

    #[test]
    fn in_sample_rows_are_learned_from_or_judged() {
        let matrices = matrices(300, 3, 6);
        let (learned, judged) = rows(&matrices, true, &mut Xoshiro256PlusPlus::seed_from_u64(1));
        assert_eq!((learned.len(), judged.len()), (150, 150));
        assert!(learned.iter().all(|row| !judged.contains(row)));
        let few = self::matrices(40, 3, 6);
        assert_eq!(mass_volume(&few, &contenders("[ecod]"), &OPTIONS, &Silent).unwrap(), None);
    }
}
