//! Principal components of standardised columns: all of them exactly, or the leading ones by linfa-reduction, checked.

use linfa::{DatasetBase, traits::Fit};
use linfa_reduction::Pca;
use ndarray::{Array2, ArrayView2};

use crate::{
    detect::{
        FitError,
        frame::{Frame, rows_from},
        linear::{mean_and_covariance, symmetric_eigen},
    },
    error::caught,
    said,
    text::Said,
};

/// Directions in which standardised columns vary, most first.
#[derive(Debug, Clone)]
pub(crate) struct Basis {
    /// Standardises the columns.
    pub frame: Frame,
    /// One direction of unit length a row, each with its largest coordinate positive.
    pub components: Array2<f64>,
    /// The variance (divided by n) along each direction, in the same order.
    pub variances: Vec<f64>,
    /// The variance of all columns together.
    pub total: f64,
}

impl Basis {
    /// All directions.
    pub fn all(sample: ArrayView2<'_, f64>) -> Self {
        let frame = Frame::standard(sample);
        let (_, covariance) = mean_and_covariance(frame.apply(sample).view(), None);
        Self::exact(frame, covariance)
    }

    fn exact(frame: Frame, covariance: Array2<f64>) -> Self {
        let (variances, components) = symmetric_eigen(covariance);
        let variances: Vec<f64> = variances.into_iter().map(|v| v.max(0.0)).collect();
        let total = variances.iter().sum();
        Self { frame, components, variances, total }
    }

    /// The `wanted` first directions, by linfa's PCA.
    ///
    /// linfa's solver (LOBPCG) is made for few components, returns fewer without a word where columns are constant, and its variances are wrong
    /// (divided by components - 1); so what it returns is checked against the covariance, and found exactly where it does not hold, with a note.
    ///
    /// # Errors
    /// When there are no rows.
    pub fn leading(sample: ArrayView2<'_, f64>, wanted: usize, notes: &mut Vec<Said>) -> Result<Self, FitError> {
        if sample.nrows() == 0 {
            return Err(FitError::TooFewRows { needed: 1, found: 0 });
        }
        let frame = Frame::standard(sample);
        let rows = frame.apply(sample);
        let (_, covariance) = mean_and_covariance(rows.view(), None);
        let total = covariance.diag().sum();
        let wanted = wanted.clamp(1, sample.ncols().max(1));
        if 3 * wanted > sample.ncols().min(sample.nrows()) {
            // Too many for LOBPCG: it takes three blocks of that size.
            return Ok(Self::exact(frame, covariance).first(wanted));
        }
        let found = by_linfa(rows, wanted).filter(|components| holds(components, &covariance));
        let Some(components) = found else {
            notes.push(said!(
                en: "linfa's PCA did not converge; components found exactly instead",
                fr: "la PCA de linfa n’a pas convergé ; composantes calculées exactement",
            ));
            return Ok(Self::exact(frame, covariance).first(wanted));
        };
        let variances = components.rows().into_iter().map(|v| v.dot(&covariance.dot(&v)).max(0.0)).collect();
        Ok(Self { frame, components, variances, total })
    }

    fn first(mut self, wanted: usize) -> Self {
        let kept = wanted.min(self.variances.len());
        self.components = rows_from(self.components.view(), 0..kept).to_owned();
        self.variances.truncate(kept);
        self
    }

    /// How many of the directions hold `share` of the variance, at least one.
    pub fn holding(&self, share: f64) -> usize {
        let mut sum = 0.0;
        for (index, variance) in self.variances.iter().enumerate() {
            sum += variance;
            // Rounding must not cost a component more.
            if sum >= (share - 1e-12) * self.total {
                return index + 1;
            }
        }
        self.variances.len()
    }
}

/// linfa's components, most variance first; `None` where it fails.
fn by_linfa(rows: Array2<f64>, wanted: usize) -> Option<Array2<f64>> {
    // It panics on some degenerate matrices (singular Gram matrix in LOBPCG); standardising removes the known ones.
    let model = caught(|| Pca::params(wanted).fit(&DatasetBase::from(rows))).ok()?.ok()?;
    let mut components = model.components().clone();
    for mut row in components.rows_mut() {
        let largest = row.iter().copied().fold(0.0, |a: f64, x| if x.abs() > a.abs() + 1e-12 { x } else { a });
        if largest < 0.0 {
            row.mapv_inplace(|x| -x);
        }
    }
    (components.nrows() == wanted).then_some(components)
}

/// Whether the rows of `components` are orthonormal eigenvectors of `covariance`, in falling order.
fn holds(components: &Array2<f64>, covariance: &Array2<f64>) -> bool {
    let gram = components.dot(&components.t());
    let turned = components.dot(covariance);
    let inner = turned.dot(&components.t());
    let size = inner.diag().iter().copied().fold(f64::MIN_POSITIVE, f64::max);
    let orthonormal = gram.indexed_iter().all(|((i, j), &x)| (x - f64::from(i == j)).abs() < 1e-8);
    let falling = (1..inner.nrows()).all(|i| inner[(i, i)] <= inner[(i - 1, i - 1)] * (1.0 + 1e-8));
    let residual = &turned - &inner.dot(components);
    let diagonal = inner.indexed_iter().all(|((i, j), &x)| i == j || x.abs() <= 1e-7 * size);
    orthonormal && falling && diagonal && residual.iter().all(|x| x.abs() <= 1e-6 * size)
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;
    use crate::detect::hard_cases::uniform;

    fn correlated() -> Array2<f64> {
        let noise = uniform(400, 12, 3);
        Array2::from_shape_fn((400, 12), |(i, j)| noise[(i, j)] + 3.0 * noise[(i, j % 3)])
    }

    #[test]
    fn linfa_finds_the_exact_components() {
        let mut notes = Vec::new();
        let leading = Basis::leading(correlated().view(), 3, &mut notes).unwrap();
        let exact = Basis::all(correlated().view());
        assert!(notes.is_empty(), "{notes:?}");
        for k in 0..3 {
            assert!((leading.variances[k] - exact.variances[k]).abs() < 1e-6);
            let cosine = leading.components.row(k).dot(&exact.components.row(k));
            assert!((cosine - 1.0).abs() < 1e-6, "component {k}: {cosine}");
        }
        assert!((exact.total - 12.0).abs() < 1e-9 && (leading.total - 12.0).abs() < 1e-9);
    }

    #[test]
    fn constant_columns_cost_no_component() {
        // linfa alone returns fewer components than asked, or none, without a word.
        let constant = Array2::from_shape_fn((300, 20), |(i, j)| if j < 1 { (i % 7) as f64 } else { 4.0 });
        let basis = Basis::leading(constant.view(), 3, &mut Vec::new()).unwrap();
        assert_eq!((basis.components.nrows(), basis.holding(0.99)), (3, 1));
        assert!((basis.variances[0] - 1.0).abs() < 1e-9 && basis.variances[1] < 1e-9);
    }

    #[test]
    fn different_sizes_do_not_panic() {
        let mut rows = correlated();
        rows.column_mut(4).mapv_inplace(|x| x * 1e7);
        rows.column_mut(5).mapv_inplace(|x| x * 1e-300);
        let basis = Basis::leading(rows.view(), 2, &mut Vec::new()).unwrap();
        assert!((basis.variances[0] - Basis::all(correlated().view()).variances[0]).abs() < 1e-6);
    }

    #[test]
    fn share_of_variance_by_hand() {
        let mut basis = Basis::all(uniform(10, 3, 1).view());
        (basis.variances, basis.total) = (vec![6.0, 3.0, 1.0], 10.0);
        assert_eq!([0.5, 0.6, 0.7, 0.9, 1.0].map(|s| basis.holding(s)), [1, 1, 2, 2, 3]);
    }
}
