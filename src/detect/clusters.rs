//! k-means: Lloyd's turns (1982) from the start of Arthur, Vassilvitskii (2007).
//!
//! Our own, not linfa-clustering's: linfa 0.8.1 takes about four times as long, does not say whether it converged, panics on infinities, on no
//! rows, on no columns and on more clusters than rows, counts the members of the last restart instead of the best, and moves each centre to the mean
//! of its rows and its old place. Here values come from a [`Frame`](super::frame::Frame), there are never more clusters than different rows,
//! and the tolerance is measured by the spread of the rows (as scikit-learn does: 1e-4 of the mean variance).
//!
//! Most restarts are lost early: each makes a few turns, the best third a few more, half of them again, and so on; the last settles, and goes on over all rows.

use ndarray::{Array2, ArrayView1, ArrayView2, Axis};
use rand::Rng;
use rayon::prelude::*;

use super::{
    FitError, Job,
    frame::sample_of,
    rows::{rng, squared_distance},
};
use crate::{said, text::Said};

use self::bounds::Bounded;
pub(super) use self::nearest::{Distances, Nearest};

mod bounds;
mod nearest;

/// Restarts look at no more rows than this; the best then goes on over all rows.
const TRIAL_ROWS: usize = 5_000;

/// Turns that each restart makes before the worse ones are given up.
const GLANCE: usize = 5;

/// Turns of one restart.
const TURNS: usize = 300;

/// Centres stand still when the sum of their squared moves is at most so many mean variances.
const FINE: f64 = 1e-4;

/// The same for restarts, of which the best goes on: enough to tell which that is.
const COARSE: f64 = 1e-2;

/// Centres of groups of rows, and how the rows they were learnt from fell to them.
#[derive(Debug, Clone)]
pub(crate) struct Clusters {
    /// One centre a row.
    pub centres: Array2<f64>,
    /// How many rows each centre is the nearest of; never 0.
    pub counts: Vec<usize>,
    /// For each row, the number of its centre.
    pub members: Vec<u32>,
    /// For each centre, the sum of its rows' squared distances.
    pub inertia: Vec<f64>,
    /// Whether the centres stood still at the end.
    pub settled: bool,
}

impl Clusters {
    /// What a reader should know: that there are fewer than asked for, that they were still moving.
    pub fn notes(&self, asked: usize) -> Vec<Said> {
        let found = self.counts.len();
        let fewer = (found < asked).then(|| {
            said!(
                en: "{found} of {asked} clusters: the rows do not differ enough for more",
                fr: "{found} groupes sur {asked} : les lignes ne diffèrent pas assez pour plus",
                found = found,
                asked = asked,
            )
        });
        let moving = (!self.settled).then(|| {
            said!(
                en: "did not converge: the centres of the clusters still moved after {turns} turns",
                fr: "n’a pas convergé : les centres des groupes bougeaient encore après {turns} tours",
                turns = TURNS,
            )
        });
        fewer.into_iter().chain(moving).collect()
    }
}

/// Looks for at most `clusters` centres in `rows` (finite, from a frame), with the best of `restarts` starts.
///
/// # Errors
/// When there are no rows, or the job was stopped.
pub(crate) fn k_means(rows: &Array2<f64>, clusters: usize, restarts: usize, job: &Job<'_>) -> Result<Clusters, FitError> {
    if rows.nrows() == 0 {
        return Err(FitError::TooFewRows { needed: 1, found: 0 });
    }
    if rows.iter().any(|x| !x.is_finite()) {
        return Err(FitError::Numeric("k-means needs finite values".into()));
    }
    if rows.ncols() == 0 {
        // Without columns all rows are equal.
        return Ok(count(rows, Array2::zeros((1, 0)), true));
    }
    let wanted = different_rows(rows.view(), clusters.max(1));
    let trial = sample_of(rows.nrows(), TRIAL_ROWS, job.seed ^ 0x7269_616c).map(|indices| rows.select(Axis(0), &indices));
    let looked_at = trial.as_ref().unwrap_or(rows);
    let clusters = wanted.min(different_rows(looked_at.view(), wanted));
    let restarts = restarts.max(1);
    let going_on = restarts.div_ceil(3);
    // Each restart is one step, each few turns more of one that goes on another, and so is the pass over all rows.
    let steps = restarts + 2 * going_on + 1;
    let coarse = COARSE * mean_variance(looked_at);
    let begin = |restart: usize| {
        job.step(restart, steps)?;
        Ok(Course::start(looked_at, clusters, job.seed.wrapping_add(restart as u64)).turns(looked_at, GLANCE, coarse))
    };
    let mut courses = (0..restarts).into_par_iter().map(begin).collect::<Result<Vec<_>, FitError>>()?;
    keep_best(&mut courses, going_on);
    let mut done = restarts;
    while courses.len() > 1 {
        job.step(done.min(steps - 1), steps)?;
        done += courses.len();
        courses.par_iter_mut().for_each(|course| course.turns_more(looked_at, GLANCE, coarse));
        let half = courses.len().div_ceil(2);
        keep_best(&mut courses, half);
    }
    let best = courses.pop().ok_or_else(|| FitError::Numeric("k-means found no centres".into()))?;
    job.step(steps - 1, steps)?;
    // Most of the way on few rows, the rest on all.
    let best = if trial.is_some() { best.turns(looked_at, TURNS, coarse) } else { best };
    let best = Course { settled: false, ..best }.turns(rows, TURNS, FINE * mean_variance(rows));
    Ok(count(rows, best.centres, best.settled))
}

/// About how many times a row is compared with all centres, over all rows.
pub(crate) fn turns(rows: usize, restarts: usize) -> f64 {
    // Most rows are not looked at in most turns.
    let settling = 10;
    let trial = (restarts * GLANCE + restarts.div_ceil(3) * 2 * GLANCE + settling) * rows.min(TRIAL_ROWS);
    (trial + if rows > TRIAL_ROWS { settling * rows } else { 0 }) as f64
}

/// About how many bytes it takes: the rows in their frame, those that restarts look at, and to which centre each row falls.
pub(crate) fn memory(rows: usize, columns: usize, fit_rows: usize) -> u64 {
    let sample = rows.min(fit_rows);
    let trial = if sample > TRIAL_ROWS { TRIAL_ROWS } else { 0 };
    (8 * columns * (sample + trial) + 40 * sample + 16 * rows) as u64
}

fn mean_variance(rows: &Array2<f64>) -> f64 {
    rows.var_axis(Axis(0), 0.0).mean().unwrap_or(0.0)
}

/// Keeps the courses of the smallest inertia; of equals the first.
fn keep_best(courses: &mut Vec<Course>, count: usize) {
    courses.sort_by(|a, b| a.inertia.total_cmp(&b.inertia));
    courses.truncate(count);
}

/// Centres on their way.
struct Course {
    centres: Array2<f64>,
    /// The sum of the squared distances of rows to the centres that they fell to.
    inertia: f64,
    settled: bool,
}

impl Course {
    /// Different rows as centres: one at random, each other with a chance in proportion to its squared distance from those already chosen.
    fn start(rows: &Array2<f64>, clusters: usize, seed: u64) -> Self {
        let mut rng = rng(seed);
        let mut centres = Array2::zeros((clusters, rows.ncols()));
        let mut squares = vec![f64::INFINITY; rows.nrows()];
        let mut next = rng.gen_range(0..rows.nrows());
        for index in 0..clusters {
            centres.row_mut(index).assign(&rows.row(next));
            let centre = rows.row(next);
            let squared =
                |row: ArrayView1<'_, f64>| row.to_slice().zip(centre.to_slice()).map_or(0.0, |(row, centre)| squared_distance(row, centre));
            squares.iter_mut().zip(rows.rows()).for_each(|(square, row)| *square = square.min(squared(row)));
            let drawn = rng.gen_range(0.0..1.0) * squares.iter().sum::<f64>();
            let mut passed = 0.0;
            next = squares
                .iter()
                .position(|square| {
                    passed += square;
                    passed > drawn
                })
                // Rounding: the last row that is no centre yet.
                .or_else(|| squares.iter().rposition(|square| *square > 0.0))
                .unwrap_or(0);
        }
        Self { centres, inertia: f64::INFINITY, settled: false }
    }

    /// Moves the centres at most so many times, until their squared moves come to no more than `still`: each to the mean of the rows it is the nearest of; one that is of none stays.
    fn turns(mut self, rows: &Array2<f64>, most: usize, still: f64) -> Self {
        self.turns_more(rows, most, still);
        self
    }

    fn turns_more(&mut self, rows: &Array2<f64>, most: usize, still: f64) {
        if self.settled || most == 0 {
            return;
        }
        let mut bounded = Bounded::new(rows, &self.centres);
        for turn in 0..most {
            let moves = bounded.moved(&mut self.centres);
            self.settled = moves.iter().map(|moved| moved * moved).sum::<f64>() <= still;
            if self.settled || turn + 1 == most {
                break;
            }
            bounded.fall(&self.centres, &moves);
        }
        self.inertia = bounded.inertia(&self.centres);
    }
}

/// Counts members, and leaves out centres without any.
fn count(rows: &Array2<f64>, centres: Array2<f64>, settled: bool) -> Clusters {
    let nearest = Nearest::new(centres);
    let found: Vec<(u32, f64)> = nearest.of_all(rows.view());
    let mut counts = vec![0; nearest.centres.nrows()];
    let mut inertia = vec![0.0; counts.len()];
    for &(centre, distance) in &found {
        counts[centre as usize] += 1;
        inertia[centre as usize] += distance;
    }
    let kept: Vec<usize> = (0..counts.len()).filter(|&c| counts[c] > 0).collect();
    let mut renamed = vec![0u32; counts.len()];
    for (new, &old) in kept.iter().enumerate() {
        renamed[old] = new as u32;
    }
    Clusters {
        centres: nearest.centres.select(Axis(0), &kept),
        members: found.iter().map(|&(centre, _)| renamed[centre as usize]).collect(),
        counts: kept.iter().map(|&c| counts[c]).collect(),
        inertia: kept.iter().map(|&c| inertia[c]).collect(),
        settled,
    }
}

/// How many different rows there are, counted up to `enough`.
pub(crate) fn different_rows(rows: ArrayView2<'_, f64>, enough: usize) -> usize {
    let mut seen: Vec<ndarray::ArrayView1<'_, f64>> = Vec::new();
    for row in rows.rows() {
        if seen.len() >= enough {
            break;
        }
        if !seen.contains(&row) {
            seen.push(row);
        }
    }
    seen.len()
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    fn two_groups() -> Array2<f64> {
        Array2::from_shape_fn((40, 2), |(i, j)| if i < 30 { 0.01 * (i + j) as f64 } else { 100.0 + 0.01 * (i * j) as f64 })
    }

    #[test]
    fn members_are_counted_for_the_best_restart() {
        let clusters = k_means(&two_groups(), 2, 10, &Job::unwatched(1)).unwrap();
        let mut counts = clusters.counts.clone();
        counts.sort_unstable();
        assert_eq!(counts, [10, 30]);
        assert_eq!(clusters.members.iter().filter(|&&m| m == clusters.members[0]).count(), 30);
    }

    #[test]
    fn no_panic_on_hard_rows() {
        let job = Job::unwatched(1);
        assert!(matches!(k_means(&Array2::zeros((0, 2)), 2, 3, &job), Err(FitError::TooFewRows { .. })));
        assert!(matches!(k_means(&array![[f64::INFINITY], [1.0]], 2, 3, &job), Err(FitError::Numeric(_))));
        assert!(matches!(k_means(&array![[f64::NAN], [1.0]], 2, 3, &job), Err(FitError::Numeric(_))));
        let few = k_means(&array![[1.0], [1.0], [2.0]], 8, 3, &job).unwrap();
        assert_eq!(few.counts.len(), 2);
        assert_eq!(few.notes(8)[0].en, "2 of 8 clusters: the rows do not differ enough for more");
        assert_eq!(k_means(&Array2::zeros((100, 3)), 8, 3, &job).unwrap().counts, [100]);
        assert_eq!(k_means(&Array2::zeros((5, 0)), 8, 3, &job).unwrap().counts, [5]);
        let huge = Array2::from_shape_fn((50, 2), |(i, _)| if i == 7 { 1e60 } else { i as f64 });
        assert!(k_means(&huge, 3, 3, &job).unwrap().inertia.iter().all(|x| x.is_finite()));
    }

    #[test]
    fn equal_seeds_give_equal_centres() {
        let rows = Array2::from_shape_fn((500, 3), |(i, j)| ((i * 37 + j * 11) % 101) as f64);
        let one = k_means(&rows, 8, 3, &Job::unwatched(5)).unwrap();
        let two = k_means(&rows, 8, 3, &Job::unwatched(5)).unwrap();
        assert_eq!(one.centres, two.centres);
    }

    #[test]
    fn centres_that_still_move_are_named() {
        let rows = two_groups();
        let clusters = k_means(&rows, 2, 10, &Job::unwatched(1)).unwrap();
        assert!(clusters.settled && clusters.notes(2).is_empty());
        let mut course = Course { centres: array![[0.0, 0.0], [0.1, 0.0]], inertia: f64::INFINITY, settled: false };
        course = course.turns(&rows, 1, FINE);
        assert!(!course.settled);
        assert!(count(&rows, course.centres.clone(), course.settled).notes(2)[0].en.starts_with("did not converge"));
        assert!(course.turns(&rows, TURNS, FINE).settled);
    }

    #[test]
    fn turns_by_hand() {
        // From 0 and 9: {0, 2} and {10} give 1 and 10, and there they stay.
        let rows = array![[0.0], [2.0], [10.0]];
        let course = Course { centres: array![[0.0], [9.0]], inertia: 0.0, settled: false }.turns(&rows, TURNS, FINE);
        assert_eq!((course.centres, course.inertia, course.settled), (array![[1.0], [10.0]], 2.0, true));
    }

    #[test]
    fn stops_when_told() {
        let stop = |_: f64| Err(FitError::Interrupted);
        assert_eq!(k_means(&two_groups(), 2, 10, &Job::new(1, &stop)).unwrap_err(), FitError::Interrupted);
    }
}
