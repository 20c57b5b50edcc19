//! Small dense linear algebra: eigenvalues of a symmetric matrix, Cholesky, covariance, and the quadratic form of a covariance.
//!
//! linfa-linalg has some of it, but only inside linfa-reduction; and its truncated solver is not made for all components.

use ndarray::{Array1, Array2, ArrayView2, Axis, linalg::general_mat_mul};
use rayon::prelude::*;

use super::{
    Model,
    frame::{Frame, rows_from},
};
use crate::{text::Said, units::FeatureMatrix};

mod eigen;

pub(crate) use eigen::symmetric_eigen;

/// Rows that one task sums up; the tasks' sums are then added in their order, so that the result does not depend on the number of threads.
pub(crate) const CHUNK: usize = 1024;

/// The weighted mean of `rows`, and their covariance (divided by the sum of the weights).
pub(crate) fn mean_and_covariance(rows: ArrayView2<'_, f64>, weights: Option<&[f64]>) -> (Array1<f64>, Array2<f64>) {
    let columns = rows.ncols();
    let weight = |i: usize| weights.map_or(1.0, |w| w[i]);
    let starts: Vec<usize> = (0..rows.nrows()).step_by(CHUNK).collect();
    let sums: Vec<(Array1<f64>, f64)> = starts
        .par_iter()
        .map(|&start| {
            let mut sum = Array1::zeros(columns);
            let mut total = 0.0;
            for i in start..(start + CHUNK).min(rows.nrows()) {
                sum.scaled_add(weight(i), &rows.row(i));
                total += weight(i);
            }
            (sum, total)
        })
        .collect();
    let total: f64 = sums.iter().map(|s| s.1).sum();
    let mean = sums.iter().fold(Array1::zeros(columns), |a: Array1<f64>, s| a + &s.0) / total.max(f64::MIN_POSITIVE);
    let parts: Vec<Array2<f64>> = starts
        .par_iter()
        .map(|&start| {
            let end = (start + CHUNK).min(rows.nrows());
            let mut centred = rows_from(rows, start..end).to_owned();
            for (i, mut row) in centred.rows_mut().into_iter().enumerate() {
                row -= &mean;
                row *= weight(start + i).sqrt();
            }
            centred.t().dot(&centred)
        })
        .collect();
    let covariance = parts.iter().fold(Array2::zeros((columns, columns)), |a: Array2<f64>, p| a + p) / total.max(f64::MIN_POSITIVE);
    (mean, covariance)
}

/// The lower triangle L with L Lᵀ = `matrix`; `None` where it is not positive definite.
pub(crate) fn cholesky(matrix: &Array2<f64>) -> Option<Array2<f64>> {
    let n = matrix.nrows();
    let mut lower = Array2::<f64>::zeros((n, n));
    for i in 0..n {
        for j in 0..=i {
            let known: f64 = lower.row(i).iter().zip(lower.row(j)).take(j).map(|(a, b)| a * b).sum();
            let rest = matrix[(i, j)] - known;
            if i == j {
                if rest.is_nan() || rest <= 0.0 {
                    return None;
                }
                lower[(i, i)] = rest.sqrt();
            } else {
                lower[(i, j)] = rest / lower[(j, j)];
            }
        }
    }
    Some(lower)
}

/// The inverse of a lower triangle.
pub(crate) fn lower_inverse(lower: &Array2<f64>) -> Array2<f64> {
    let n = lower.nrows();
    let mut inverse = Array2::<f64>::zeros((n, n));
    for i in 0..n {
        inverse[(i, i)] = 1.0 / lower[(i, i)];
        for j in 0..i {
            let sum: f64 = (j..i).map(|k| lower[(i, k)] * inverse[(k, j)]).sum();
            inverse[(i, j)] = -sum / lower[(i, i)];
        }
    }
    inverse
}

/// The squared Mahalanobis distance to a centre, and what each column adds to it.
///
/// The covariance is taken apart as D^½ R D^½ (D its diagonal, R the correlations). With the symmetric root of R's inverse the distance is a sum
/// of squares, one for each column, that are all positive and as close to their columns as can be (Garthwaite, Koch 2016, "Evaluating the
/// contributions of individual variables to a quadratic form").
#[derive(Debug, Clone)]
pub(crate) struct QuadraticForm {
    centre: Array1<f64>,
    /// D^-½ R^-½: what a centred row is multiplied by.
    root: Array2<f64>,
    /// Natural logarithm of the covariance's determinant.
    pub log_determinant: f64,
    /// How many directions in which nothing varied; a row that leaves them is far away.
    pub flat: usize,
}

/// Eigenvalues of a correlation matrix (mean 1) below this are as good as 0.
///
/// Not left out: a row that breaks what always held (a sum of shares that is 1, a column that is twice another) is strange.
pub(crate) const FLAT: f64 = 1e-9;

impl QuadraticForm {
    /// Takes a covariance apart.
    pub fn new(centre: Array1<f64>, covariance: &Array2<f64>) -> Self {
        let n = covariance.nrows();
        let largest = covariance.diag().iter().copied().fold(0.0, f64::max);
        let spread: Array1<f64> = covariance.diag().mapv(|v| v.max(FLAT * largest).max(f64::MIN_POSITIVE).sqrt());
        let correlation = Array2::from_shape_fn((n, n), |(i, j)| covariance[(i, j)] / (spread[i] * spread[j]));
        let (values, vectors) = symmetric_eigen(correlation);
        let mut log_determinant: f64 = spread.iter().map(|s| 2.0 * s.ln()).sum();
        let mut scaled = vectors.clone();
        for (mut vector, &value) in scaled.rows_mut().into_iter().zip(&values) {
            log_determinant += value.max(FLAT).ln();
            vector /= value.max(FLAT).sqrt();
        }
        let flat = values.iter().filter(|&&v| v < FLAT).count();
        let mut root = vectors.t().dot(&scaled);
        for (mut row, &s) in root.rows_mut().into_iter().zip(&spread) {
            row /= s;
        }
        Self { centre, root, log_determinant, flat }
    }

    /// The form of a known root: the squared length of (row - centre) · root.
    pub fn of_root(centre: Array1<f64>, root: Array2<f64>) -> Self {
        Self { centre, root, log_determinant: 0.0, flat: 0 }
    }

    /// What each column adds to the squared distance of each row of `block`, written to `out`.
    pub fn parts(&self, block: &Array2<f64>, out: &mut Array2<f64>) {
        let centred = block - &self.centre;
        general_mat_mul(1.0, &centred, &self.root, 0.0, out);
        out.mapv_inplace(|x| x * x);
    }

    /// The squared distance of each row of `block`.
    pub fn distances(&self, block: &Array2<f64>) -> Array1<f64> {
        let mut parts = Array2::zeros(block.dim());
        self.parts(block, &mut parts);
        parts.sum_axis(Axis(1))
    }
}

/// A row's squared distance by a quadratic form: what MCD and PCA leave behind.
pub(crate) struct Squares {
    pub frame: Frame,
    pub form: QuadraticForm,
    pub notes: Vec<Said>,
}

impl Model for Squares {
    fn score(&self, rows: &FeatureMatrix) -> Vec<f64> {
        self.frame.score(rows.values(), |block, out| {
            for (to, from) in out.iter_mut().zip(self.form.distances(block)) {
                *to = from;
            }
        })
    }

    fn contributions(&self, rows: &FeatureMatrix) -> Option<Array2<f64>> {
        Some(self.frame.contribute(rows.values(), |block, out| self.form.parts(block, out)))
    }

    fn notes(&self) -> Vec<Said> {
        self.notes.clone()
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn covariance_by_hand() {
        let rows = array![[1.0, 2.0], [3.0, 2.0], [5.0, 8.0]];
        let (mean, covariance) = mean_and_covariance(rows.view(), None);
        assert_eq!(mean, array![3.0, 4.0]);
        assert!((&covariance - &array![[8.0 / 3.0, 4.0], [4.0, 8.0]]).iter().all(|x| x.abs() < 1e-12));
        let (mean, covariance) = mean_and_covariance(rows.view(), Some(&[1.0, 1.0, 0.0]));
        assert_eq!((mean, covariance), (array![2.0, 2.0], array![[1.0, 0.0], [0.0, 0.0]]));
    }

    #[test]
    fn cholesky_by_hand() {
        let matrix = array![[4.0, 2.0], [2.0, 10.0]];
        let lower = cholesky(&matrix).unwrap();
        assert_eq!(lower, array![[2.0, 0.0], [1.0, 3.0]]);
        assert!((lower_inverse(&lower).dot(&lower) - Array2::<f64>::eye(2)).iter().all(|x| x.abs() < 1e-14));
        assert!(cholesky(&array![[1.0, 2.0], [2.0, 1.0]]).is_none());
    }

    #[test]
    fn quadratic_form_by_hand() {
        // Inverse of [[2, 1], [1, 2]] is [[2, -1], [-1, 2]] / 3: (1, 1) is at 2/3, (1, -1) at 2; both columns add the same.
        let form = QuadraticForm::new(array![10.0, 20.0], &array![[2.0, 1.0], [1.0, 2.0]]);
        let mut parts = Array2::zeros((2, 2));
        form.parts(&array![[11.0, 21.0], [11.0, 19.0]], &mut parts);
        assert!((&parts - &array![[1.0 / 3.0, 1.0 / 3.0], [1.0, 1.0]]).iter().all(|x| x.abs() < 1e-12), "{parts}");
        assert!((form.log_determinant - 3f64.ln()).abs() < 1e-12);
        assert_eq!(form.flat, 0);
    }

    #[test]
    fn a_broken_dependency_is_far_and_a_kept_one_is_not() {
        let form = QuadraticForm::new(array![0.0, 0.0], &array![[1.0, 1.0], [1.0, 1.0]]);
        let distances = form.distances(&array![[3.0, 3.0], [0.1, -0.1]]);
        assert!((distances[0] - 9.0).abs() < 1e-6 && distances[1] > 1e6, "{distances}");
        assert_eq!(form.flat, 1);
    }
}
