//! Distance to the nearest row in a dense place.
//!
//! # What it finds
//! Rows away from every place where rows are dense, whatever the shape of those places.
//! # What it misses
//! Attacks that form a dense place of their own; differences in sparse regions where there are several densities (`optics`, `hdbscan`, `lof`).
//! # Cost
//! Fitting: `fit_rows`² x columns (linfa's DBSCAN takes more than a minute for 100 000 rows, so 2 000 are drawn). Scoring: rows x core points x columns.
//!
//! # Source
//! Ester, Kriegel, Sander, Xu 1996. A row of the sample is a core point where it has `min_points` rows (itself counted) within
//! `tolerance`; linfa-clustering then tells which core points hang together. DBSCAN itself only says noise or not; the score is
//! the distance to the nearest core point in units of `tolerance`: above 1 is noise. Where `tolerance` is left out it is the knee of
//! the sorted distances to the `min_points`-th row (the paper's k-distance graph; the knee is the point farthest from the chord, as in
//! Satopaa et al. 2011).

use linfa::traits::Transformer;
use linfa_clustering::Dbscan;
use linfa_nn::{CommonNearestNeighbour, distance::L2Dist};
use ndarray::{Array2, Axis};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Detector, FitError, Job, Method, Model, ParamError, Work,
    frame::{Learned, PRODUCTS},
    params::density,
    reach::{Distances, Reach, core_distances},
};
use crate::{units::FeatureMatrix, said, text::{Numbers, Said, Shown}};

/// What is known of the method.
pub const METHOD: Method = Method::of::<DbscanParams>("dbscan", "Distance to the nearest core point, in units of the tolerance", include_str!("dbscan.rs"));

/// Parameters of `dbscan`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DbscanParams {
    /// How near rows must be to count as neighbours, in the unit of the scaled columns; left out: the knee of the k-distance curve.
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

impl Default for DbscanParams {
    fn default() -> Self {
        Self { tolerance: None, min_points: 5, fit_rows: 2_000 }
    }
}

impl Detector for DbscanParams {
    fn check(&self, _rows: Option<usize>, _columns: usize) -> Result<(), ParamError> {
        density(self.tolerance, self.min_points, self.fit_rows)
    }

    fn is_random(&self) -> bool {
        // Only through the sample that is drawn where there are more rows.
        true
    }

    fn work(&self, rows: usize, columns: usize) -> Work {
        let sample = rows.min(self.fit_rows);
        Work { fit: (10 * sample * sample * columns) as f64, row: (sample * columns) as f64 }
    }

    fn memory(&self, rows: usize, columns: usize) -> u64 {
        // The sample in its frame and as core points, linfa's tree, and blocks of rows against them.
        (PRODUCTS + rows.min(self.fit_rows) * (16 * columns + 40) + 8 * rows) as u64
    }

    fn fit(&self, train: &FeatureMatrix, job: &Job<'_>) -> Result<Box<dyn Model>, FitError> {
        let Learned { frame, rows, mut notes } = Learned::uniform(train, self.fit_rows, job.seed)?;
        job.step(0, 3)?;
        let min_points = self.min_points.min(rows.nrows());
        let cores = core_distances(rows.view(), min_points);
        job.step(1, 3)?;
        let unit = if frame.columns() == 0 { 1.0 } else { frame.scale(0) };
        let tolerance = self.tolerance.map_or_else(|| knee(cores.clone()), |t| t / unit);
        let tolerance = tolerance.clamp(f64::MIN_POSITIVE, f64::MAX);
        if self.tolerance.is_none() {
            notes.push(said!(
                en: "tolerance {tolerance} from the k-distance curve",
                fr: "tolérance {tolerance} d’après la courbe des k-distances",
                tolerance = Shown(|numbers: Numbers| numbers.decimal(tolerance * unit, 4)),
            ));
        }
        let mut dense: Vec<usize> = (0..rows.nrows()).filter(|&i| cores[i] <= tolerance).collect();
        if dense.is_empty() {
            notes.push(said!(
                en: "no row of the sample is in a dense place; measured to the nearest row",
                fr: "aucune ligne de l’échantillon n’est en un lieu dense ; mesuré à la ligne la plus proche",
            ));
            dense = (0..rows.nrows()).collect();
        } else {
            notes.push(self.clusters(&rows, tolerance, min_points, &dense));
        }
        job.step(3, 3)?;
        let points = rows.select(Axis(0), &dense);
        let reach = Reach::new(points, &vec![0.0; dense.len()]);
        Ok(Box::new(Distances { frame, reach, unit: tolerance, is_distance: true, notes }))
    }
}

impl DbscanParams {
    /// What linfa's DBSCAN says of the sample, in words.
    ///
    /// It panics on values that are not finite and on views with gaps, of which there are none here; its ball tree does not finish where many
    /// rows are equal, so the k-d tree is used.
    fn clusters(&self, rows: &Array2<f64>, tolerance: f64, min_points: usize, dense: &[usize]) -> Said {
        let n = rows.nrows();
        let share = dense.len() as f64 / n as f64;
        let share = Shown(move |numbers: Numbers| numbers.percent_decimals(share, 0));
        let params = Dbscan::params_with(min_points.max(2), L2Dist, CommonNearestNeighbour::KdTree);
        match params.tolerance(tolerance).transform(rows) {
            Ok(labels) => {
                let clusters = labels.iter().flatten().max().map_or(0, |&last| last + 1);
                let noise = labels.iter().filter(|l| l.is_none()).count();
                said!(
                    en: "{clusters} dense places; of the sample {share} core points, {noise} noise",
                    fr: "{clusters} lieux denses ; de l’échantillon, {share} de points centraux, {noise} de bruit",
                    clusters = clusters,
                    share = share,
                    noise = Shown(|numbers: Numbers| numbers.percent_decimals(noise as f64 / n as f64, 1)),
                )
            }
            Err(error) => said!(
                en: "{share} of the sample are core points; clusters unknown: {error}",
                fr: "{share} de l’échantillon sont des points centraux ; groupes inconnus : {error}",
                share = share,
                error = error.to_string(),
            ),
        }
    }
}

/// The knee of the sorted distances: the one farthest below the line from the first to the last. Half the smallest positive one where the knee
/// is 0, so that only rows with equals are dense.
pub(crate) fn knee(mut distances: Vec<f64>) -> f64 {
    distances.sort_by(f64::total_cmp);
    let (Some(&first), Some(&last)) = (distances.first(), distances.last()) else { return 1.0 };
    if last == 0.0 {
        return 1.0;
    }
    let steps = (distances.len() - 1).max(1) as f64;
    let below = |i: usize| i as f64 / steps - (distances[i] - first) / (last - first).max(f64::MIN_POSITIVE);
    let mut best = 0;
    for i in 0..distances.len() {
        if below(i) > below(best) + 1e-12 {
            best = i;
        }
    }
    if distances[best] > 0.0 { distances[best] } else { distances.iter().copied().find(|&d| d > 0.0).unwrap_or(2.0) / 2.0 }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;
    use crate::detect::hard_cases::{assert_survives, matrix};

    #[test]
    fn survives_hard_cases() {
        assert_survives(&DbscanParams::default());
        assert_survives(&DbscanParams { tolerance: Some(1e-9), min_points: 50, ..Default::default() });
        assert_survives(&DbscanParams { tolerance: Some(1e9), fit_rows: 30, ..Default::default() });
    }

    #[test]
    fn score_by_hand() {
        // Four rows within 1 of each other are core points; the fifth is noise at 4 / 1.
        let train = matrix(array![[0.0], [0.5], [1.0], [0.5], [5.0]]);
        let params = DbscanParams { tolerance: Some(1.0), min_points: 3, ..Default::default() };
        let model = params.fit(&train, &Job::unwatched(1)).unwrap();
        assert_eq!(model.score(&train), [0.0, 0.0, 0.0, 0.0, 4.0]);
        assert_eq!(model.notes()[0].en, "1 dense places; of the sample 80\u{202f}% core points, 20.0\u{202f}% noise");
        assert_eq!(model.contributions(&train).unwrap()[(4, 0)], 4.0);
    }

    #[test]
    fn many_equal_rows_end() {
        let train = matrix(Array2::from_shape_fn((4_000, 3), |(i, j)| if i == 7 { j as f64 } else { 1.0 }));
        let model = DbscanParams { fit_rows: 4_000, ..Default::default() }.fit(&train, &Job::unwatched(1)).unwrap();
        assert!(model.score(&train)[7] > 1.0);
    }

    #[test]
    fn knee_by_hand() {
        assert_eq!(knee(vec![1.0, 1.1, 1.2, 1.3, 9.0]), 1.3);
        assert_eq!(knee(vec![0.0, 0.0, 0.0, 2.0]), 1.0);
        assert_eq!(knee(vec![0.0, 0.0]), 1.0);
        assert_eq!(knee(vec![3.0]), 3.0);
    }
}
