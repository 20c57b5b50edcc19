//! How far a row must reach to join the places where rows are dense.
//!
//! # What it finds
//! Rows that are hard to reach from dense places, also where those places differ in density.
//! # What it misses
//! Attacks that form a dense place of their own.
//! # Cost
//! Fitting: `fit_rows`² x columns (linfa's OPTICS takes more than a minute for 100 000 rows, so 4 000 are drawn). Scoring: rows x points x columns.
//!
//! # Source
//! Ankerst, Breunig, Kriegel, Sander 1999. linfa-clustering orders the sample and gives each row its core distance. A row's score is
//! its reachability from that ordered sample: the least, over the sample's rows, of the larger of the distance and that row's core
//! distance, in units of the sample's median reachability. The tolerance is finite (a row without `min_points` rows within it is noise
//! and reaches nobody), since linfa's ordering is a hundred times slower without one. The score is no sum over fields: what each adds is told by
//! giving it its median in turn.

use linfa::traits::Transformer;
use linfa_clustering::Optics;
use linfa_nn::{CommonNearestNeighbour, distance::L2Dist};
use ndarray::{Array2, Axis};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Detector, FitError, Job, Method, Model, ParamError, Work,
    dbscan::knee,
    frame::{Learned, PRODUCTS, median},
    params::density,
    reach::{Distances, Reach, core_distances, squared_distance},
};
use crate::{units::FeatureMatrix, said, text::{Numbers, Said, Shown}};

/// What is known of the method.
pub const METHOD: Method = Method::of::<OpticsParams>("optics", "Reachability from the ordered sample, in units of its median", include_str!("optics.rs"));

/// Parameters of `optics`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct OpticsParams {
    /// How near rows must be to count as neighbours at all, in the unit of the scaled columns; left out: twice the knee of the k-distance curve.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0))]
    pub tolerance: Option<f64>,
    /// How many rows, itself included, make a place dense.
    #[schemars(range(min = 2))]
    pub min_points: usize,
    /// How many training rows to learn from, drawn at random where there are more; fitting costs the square of it.
    #[schemars(range(min = 1, max = 20_000))]
    pub fit_rows: usize,
}

impl Default for OpticsParams {
    fn default() -> Self {
        Self { tolerance: None, min_points: 5, fit_rows: 4_000 }
    }
}

/// linfa's ordering visits every pair of neighbours several times: where there are more than this, the tolerance is made smaller.
const PAIRS: usize = 1_500_000;

impl Detector for OpticsParams {
    fn check(&self, _rows: Option<usize>, _columns: usize) -> Result<(), ParamError> {
        density(self.tolerance, self.min_points, self.fit_rows)
    }

    fn is_random(&self) -> bool {
        // Only through the sample that is drawn where there are more rows.
        true
    }

    fn explaining(&self) -> Option<f64> {
        None
    }

    fn work(&self, rows: usize, columns: usize) -> Work {
        let sample = rows.min(self.fit_rows);
        Work { fit: (30 * sample * sample * columns) as f64, row: (sample * columns) as f64 }
    }

    fn memory(&self, rows: usize, columns: usize) -> u64 {
        // The sample in its frame and as points, the neighbours that linfa's ordering keeps, and blocks of rows against them.
        (PRODUCTS + rows.min(self.fit_rows) * (16 * columns + 200) + 8 * rows) as u64
    }

    fn fit(&self, train: &FeatureMatrix, job: &Job<'_>) -> Result<Box<dyn Model>, FitError> {
        let Learned { frame, rows: all, mut notes } = Learned::uniform(train, self.fit_rows, job.seed)?;
        let (rows, repeats) = different(&all);
        job.step(0, 3)?;
        let unit = if frame.columns() == 0 { 1.0 } else { frame.scale(0) };
        let min_points = self.min_points.min(all.nrows());
        let cores = core_distances(all.view(), min_points);
        let tolerance = self.tolerance.map_or_else(|| 2.0 * knee(cores.clone()), |t| t / unit).clamp(f64::MIN_POSITIVE, f64::MAX);
        job.step(1, 3)?;
        let (tolerance, order) = ordered(&rows, tolerance, min_points, &mut notes)?;
        // The sample's median reachability, in units of the frame.
        let typical = median(order.iter().filter_map(|o| o.reachability).filter(|&r| r > 0.0).collect());
        job.step(2, 3)?;
        notes.push(said!(
            en: "tolerance {tolerance}, {n} different rows ordered",
            fr: "tolérance {tolerance}, {n} lignes différentes ordonnées",
            tolerance = Shown(|numbers: Numbers| numbers.decimal(tolerance * unit, 4)),
            n = rows.nrows(),
        ));
        let least = core_of(&order, &cores, &repeats, tolerance);
        let (points, least) = reachable(rows, least, &mut notes);
        let reach = Reach::new(points, &least);
        job.step(3, 3)?;
        Ok(Box::new(Distances { frame, reach, unit: if typical > 0.0 { typical } else { 1.0 }, is_distance: false, notes }))
    }
}

/// One row of linfa's ordering.
struct Ordered {
    row: usize,
    core: Option<f64>,
    reachability: Option<f64>,
}

/// linfa's ordering of the sample, with a tolerance that leaves few enough pairs.
fn ordered(rows: &Array2<f64>, wanted: f64, min_points: usize, notes: &mut Vec<Said>) -> Result<(f64, Vec<Ordered>), FitError> {
    let mut tolerance = wanted;
    while pairs_within(rows, tolerance) > PAIRS {
        tolerance *= 0.7;
    }
    if tolerance < wanted {
        notes.push(said!(
            en: "tolerance made smaller, since too many rows were neighbours",
            fr: "tolérance réduite, car trop de lignes étaient voisines",
        ));
    }
    let params = Optics::params_with::<f64, _, _>(min_points.max(2), L2Dist, CommonNearestNeighbour::KdTree).tolerance(tolerance);
    let analysis = params.transform(rows.view()).map_err(|error| FitError::Numeric(format!("OPTICS: {error}")))?;
    let order = analysis.iter().map(|s| Ordered { row: s.index(), core: *s.core_distance(), reachability: *s.reachability_distance() });
    Ok((tolerance, order.collect()))
}

/// Core distances of the different rows. linfa sees each of them once; where rows repeat, the distance that counts the repeats holds.
fn core_of(order: &[Ordered], cores: &[f64], first: &[usize], tolerance: f64) -> Vec<Option<f64>> {
    let mut least = vec![None; first.len()];
    for place in order {
        let counted = Some(cores[first[place.row]]).filter(|&c| c <= tolerance);
        least[place.row] = match (place.core, counted) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
    }
    least
}

/// The rows that can be reached from, with their core distances; all of them, at distance 0, where none can.
fn reachable(rows: Array2<f64>, least: Vec<Option<f64>>, notes: &mut Vec<Said>) -> (Array2<f64>, Vec<f64>) {
    let kept: Vec<usize> = (0..least.len()).filter(|&i| least[i].is_some()).collect();
    if kept.is_empty() {
        notes.push(said!(
            en: "no row of the sample is in a dense place; measured to the nearest row",
            fr: "aucune ligne de l’échantillon n’est en un lieu dense ; mesuré à la ligne la plus proche",
        ));
        let n = rows.nrows();
        return (rows, vec![0.0; n]);
    }
    (rows.select(Axis(0), &kept), least.into_iter().flatten().collect())
}

/// The different rows in the order of their first appearance, and that first place of each.
fn different(rows: &Array2<f64>) -> (Array2<f64>, Vec<usize>) {
    let mut order: Vec<usize> = (0..rows.nrows()).collect();
    let compare = |&a: &usize, &b: &usize| {
        rows.row(a).iter().zip(rows.row(b)).map(|(x, y)| x.total_cmp(y)).find(|o| o.is_ne()).unwrap_or(std::cmp::Ordering::Equal).then(a.cmp(&b))
    };
    order.sort_unstable_by(compare);
    order.dedup_by(|later, kept| rows.row(*later) == rows.row(*kept));
    order.sort_unstable();
    (rows.select(Axis(0), &order), order)
}

/// How many ordered pairs of rows are within `tolerance`, judged by every eighth row where there are many.
fn pairs_within(rows: &Array2<f64>, tolerance: f64) -> usize {
    let step = if rows.nrows() > 800 { 8 } else { 1 };
    let limit = tolerance * tolerance;
    let near = |i: usize| rows.rows().into_iter().filter(|other| squared_distance(rows.row(i), *other) < limit).count();
    step * (0..rows.nrows()).step_by(step).map(near).sum::<usize>()
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;
    use crate::detect::hard_cases::{assert_survives, matrix, uniform};

    #[test]
    fn survives_hard_cases() {
        assert_survives(&OpticsParams::default());
        assert_survives(&OpticsParams { tolerance: Some(1e-9), min_points: 50, ..Default::default() });
        assert_survives(&OpticsParams { tolerance: Some(1e9), fit_rows: 30, ..Default::default() });
    }

    #[test]
    fn reachability_by_hand() {
        // With three points (itself counted) core distances are 2, 1, 2, 3 and, for the last, none within 6.
        let train = matrix(array![[0.0], [1.0], [2.0], [4.0], [12.0]]);
        let params = OpticsParams { tolerance: Some(6.0), min_points: 3, ..Default::default() };
        let model = params.fit(&train, &Job::unwatched(1)).unwrap();
        let rows = matrix(array![[0.0], [2.0], [4.0], [12.0], [-3.0]]);
        let scores = model.score(&rows);
        let expected = [1.0, 1.0, 2.0, 8.0, 3.0];
        let unit = scores[1];
        assert!(scores.iter().zip(expected).all(|(s, e)| (s / unit - e).abs() < 1e-12), "{scores:?}");
    }

    #[test]
    fn many_equal_rows_end() {
        let train = matrix(Array2::from_shape_fn((4_000, 3), |(i, j)| if i == 7 { j as f64 } else { 1.0 }));
        let model = OpticsParams { fit_rows: 4_000, ..Default::default() }.fit(&train, &Job::unwatched(1)).unwrap();
        let scores = model.score(&train);
        assert!(scores[7] > scores[8]);
    }

    #[test]
    fn core_distances_are_linfas() {
        let rows = uniform(300, 3, 5);
        let own = core_distances(rows.view(), 5);
        let (_, order) = ordered(&rows, 10.0, 5, &mut Vec::new()).unwrap();
        assert_eq!(order.len(), 300);
        assert!(order.iter().all(|o| (o.core.unwrap() - own[o.row]).abs() < 1e-12));
    }
}
