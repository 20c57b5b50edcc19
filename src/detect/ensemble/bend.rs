//! Fields bent before distances are measured in them: a long tail is drawn in, so that one skewed field does not decide who is near whom.
//!
//! A value becomes the inverse hyperbolic sine of its distance to the field's median, in units of the mean such distance: straight near the median,
//! a logarithm far from it, for either sign and for zeros. Median and mean come from the training part. A mean is taken, not a quantile: of a field that
//! is mostly zero every quantile near the middle is zero.

use rayon::prelude::*;

use super::super::frame::median;
use crate::units::FeatureMatrix;

/// Beyond so many units a value is as far away as can be, and the sum below stays a number.
const FAR: f64 = 1e300;

/// What is learned of each field.
pub(super) struct Bend {
    fields: Vec<(f64, f64)>,
}

impl Bend {
    /// Learns from these rows, of which there must be one.
    pub fn new(rows: &FeatureMatrix) -> Self {
        let of = |column: usize| {
            let values = rows.column(column).to_vec();
            let share = 1.0 / values.len().max(1) as f64;
            let middle = median(values.clone());
            // Halves, so that the difference of two large numbers does not overflow.
            let half: f64 = values.iter().map(|x| (x / 2.0 - middle / 2.0).abs() * share).sum();
            (middle, if half > 0.0 { half } else { 0.5 })
        };
        Self { fields: (0..rows.ncols()).into_par_iter().map(of).collect() }
    }

    fn of(&self, column: usize, value: f64) -> f64 {
        let (middle, half) = self.fields[column];
        ((value / 2.0 - middle / 2.0) / half).clamp(-FAR, FAR).asinh()
    }

    /// The rows, bent.
    pub fn rows(&self, rows: &FeatureMatrix) -> FeatureMatrix {
        rows.map(|column, value| self.of(column, value))
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;
    use crate::detect::hard_cases::matrix;

    #[test]
    fn bent_by_hand() {
        // Medians 2 and 5; mean distances 2 and, of a field that is constant, none: then one.
        let bend = Bend::new(&matrix(array![[0.0, 5.0], [2.0, 5.0], [6.0, 5.0]]));
        let bent = bend.rows(&matrix(array![[2.0, 6.0], [4.0, 5.0], [-4.0, 4.0]]));
        let expected = array![[0.0, 1f64.asinh()], [1f64.asinh(), 0.0], [-3f64.asinh(), -1f64.asinh()]];
        assert!((&bent.values() - &expected).iter().all(|d| d.abs() < 1e-15), "{bent:?}");
    }

    #[test]
    fn the_largest_numbers_stay_apart_and_finite() {
        let rows = matrix(array![[f64::MAX, 1e-300], [-f64::MAX, 0.0], [0.0, 3e-300], [1.0, f64::MAX]]);
        let bent = Bend::new(&rows).rows(&rows);
        assert!(bent.column(0)[0] > bent.column(0)[2] && bent.column(0)[2] > bent.column(0)[1], "{bent:?}");
    }
}
