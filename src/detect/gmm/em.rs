//! Expectation-maximisation for a mixture of normal distributions with full covariances (Dempster, Laird, Rubin 1977).

use ndarray::{Array1, Array2, ArrayView2, Axis};
use rayon::prelude::*;

use crate::detect::{
    frame::{BLOCK, rows_from},
    linear::{CHUNK, cholesky, lower_inverse, mean_and_covariance},
};

/// What is added to each variance of standardised columns.
const RIDGE: f64 = 1e-6;

/// One normal distribution.
#[derive(Debug, Clone)]
pub(super) struct Component {
    /// Its share of the rows.
    pub weight: f64,
    /// Its centre.
    pub mean: Array1<f64>,
    /// Its covariance, the ridge included.
    pub covariance: Array2<f64>,
}

/// Several normal distributions.
#[derive(Debug, Clone)]
pub(super) struct Mixture {
    /// Them.
    pub components: Vec<Component>,
}

/// What one chunk of rows adds to a component's next estimate.
struct Sums {
    weight: f64,
    /// Of the differences to the current mean.
    first: Array1<f64>,
    second: Array2<f64>,
}

/// A component ready to be evaluated.
struct Prepared<'a> {
    mean: &'a Array1<f64>,
    /// Transposed inverse of the covariance's Cholesky triangle.
    whitener: Array2<f64>,
    /// Logarithm of weight over the root of the determinant.
    offset: f64,
}

impl Mixture {
    /// The mixture in which each row belongs to one component.
    pub fn of_members(rows: ArrayView2<'_, f64>, members: &[u32], components: usize) -> Self {
        let one = |component: usize| {
            let weights: Vec<f64> = members.iter().map(|&m| f64::from(u8::from(m as usize == component))).collect();
            let (mean, mut covariance) = mean_and_covariance(rows, Some(&weights));
            covariance.diag_mut().mapv_inplace(|v| v + RIDGE);
            Component { weight: weights.iter().sum::<f64>() / rows.nrows().max(1) as f64, mean, covariance }
        };
        Self { components: (0..components).map(one).collect() }
    }

    /// The mixture without the components that hold fewer rows than columns + 1, of `rows` in all, and how many these are. The largest stays.
    pub fn without_spurious(mut self, rows: usize) -> (Self, usize) {
        let all = self.components.len();
        let largest = self.components.iter().map(|c| c.weight).fold(0.0, f64::max);
        self.components.retain(|c| c.weight >= largest || c.weight * rows as f64 >= c.mean.len() as f64 + 1.0 - 1e-6);
        let total: f64 = self.components.iter().map(|c| c.weight).sum();
        self.components.iter_mut().for_each(|c| c.weight /= total.max(f64::MIN_POSITIVE));
        let left_out = all - self.components.len();
        (self, left_out)
    }

    /// The mixture after one turn, and the mean log-likelihood *before* it (without the constant of the density).
    pub fn improved(&self, rows: ArrayView2<'_, f64>) -> (Self, f64) {
        let prepared: Vec<Prepared<'_>> = self.components.iter().map(Component::prepare).collect();
        let starts: Vec<usize> = (0..rows.nrows()).step_by(CHUNK).collect();
        let parts: Vec<(f64, Vec<Sums>)> = starts
            .par_iter()
            .map(|&start| expectation(&prepared, rows_from(rows, start..(start + CHUNK).min(rows.nrows()))))
            .collect();
        let likelihood = parts.iter().map(|p| p.0).sum::<f64>() / rows.nrows().max(1) as f64;
        let components = self.components.iter().enumerate().map(|(k, old)| old.next(&parts, k, rows.nrows())).collect();
        (Self { components }, likelihood)
    }
}

impl Component {
    fn prepare(&self) -> Prepared<'_> {
        let mut covariance = self.covariance.clone();
        let mut ridge = RIDGE;
        let lower = loop {
            if let Some(lower) = cholesky(&covariance) {
                break lower;
            }
            // Rounding can leave a matrix of rank one indefinite in spite of the ridge; ends at the latest when the ridge outweighs the rest.
            ridge *= 10.0;
            covariance.diag_mut().mapv_inplace(|v| if v.is_finite() { v + ridge } else { 1.0 });
            if ridge > 1e12 {
                covariance = Array2::eye(covariance.nrows());
            }
        };
        let offset = self.weight.max(f64::MIN_POSITIVE).ln() - lower.diag().mapv(f64::ln).sum();
        Prepared { mean: &self.mean, whitener: lower_inverse(&lower).reversed_axes().as_standard_layout().into_owned(), offset }
    }

    /// Maximisation for component `index`.
    fn next(&self, parts: &[(f64, Vec<Sums>)], index: usize, rows: usize) -> Self {
        let mut sums = Sums { weight: 0.0, first: Array1::zeros(self.mean.len()), second: Array2::zeros(self.covariance.dim()) };
        for (_, part) in parts {
            sums.weight += part[index].weight;
            sums.first += &part[index].first;
            sums.second += &part[index].second;
        }
        let weight = (sums.weight / rows.max(1) as f64).max(1e-12);
        if sums.weight < 1e-6 {
            // Nobody belongs to it any more; it stays where it is, with next to no weight.
            return Self { weight, ..self.clone() };
        }
        let moved = sums.first / sums.weight;
        let mut covariance = sums.second / sums.weight;
        for ((i, j), value) in covariance.indexed_iter_mut() {
            *value -= moved[i] * moved[j];
        }
        covariance.diag_mut().mapv_inplace(|v| v.max(0.0) + RIDGE);
        Self { weight, mean: &self.mean + &moved, covariance }
    }
}

/// How likely a chunk of rows is, and what it adds to each component's next estimate. Block by block, since each component needs the rows less its mean.
fn expectation(components: &[Prepared<'_>], rows: ArrayView2<'_, f64>) -> (f64, Vec<Sums>) {
    let mut blocks = (0..rows.nrows()).step_by(BLOCK).map(|start| expect(components, rows_from(rows, start..(start + BLOCK).min(rows.nrows()))));
    let (mut likelihood, mut sums) = blocks.next().unwrap_or_default();
    for (more, parts) in blocks {
        likelihood += more;
        for (sum, part) in sums.iter_mut().zip(parts) {
            sum.weight += part.weight;
            sum.first += &part.first;
            sum.second += &part.second;
        }
    }
    (likelihood, sums)
}

fn expect(components: &[Prepared<'_>], rows: ArrayView2<'_, f64>) -> (f64, Vec<Sums>) {
    let centred: Vec<Array2<f64>> = components.iter().map(|c| &rows - c.mean).collect();
    let mut logs = Array2::zeros((rows.nrows(), components.len()));
    for (k, component) in components.iter().enumerate() {
        let mut white = centred[k].dot(&component.whitener);
        white.mapv_inplace(|x| x * x);
        let distances = white.sum_axis(Axis(1));
        logs.column_mut(k).assign(&distances.mapv(|d| component.offset - d / 2.0));
    }
    let mut likelihood = 0.0;
    for mut row in logs.rows_mut() {
        let largest = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        row.mapv_inplace(|l| (l - largest).exp());
        let sum = row.sum();
        row /= sum;
        likelihood += largest + sum.ln();
    }
    let sums = centred
        .into_iter()
        .enumerate()
        .map(|(k, mut centred)| {
            let shares = logs.column(k);
            let first = centred.t().dot(&shares);
            for (mut row, share) in centred.rows_mut().into_iter().zip(shares) {
                row *= share.sqrt();
            }
            Sums { weight: shares.sum(), first, second: centred.t().dot(&centred) }
        })
        .collect();
    (likelihood, sums)
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;
    use crate::detect::hard_cases::uniform;

    #[test]
    fn one_component_is_found_in_one_turn() {
        let rows = array![[0.0, 1.0], [2.0, 1.0], [4.0, 7.0]];
        let start = Mixture { components: vec![Component { weight: 1.0, mean: array![1.0, 1.0], covariance: Array2::eye(2) }] };
        let (found, _) = start.improved(rows.view());
        let (mean, covariance) = mean_and_covariance(rows.view(), None);
        assert!((&found.components[0].mean - &mean).iter().all(|x| x.abs() < 1e-12));
        assert!((&found.components[0].covariance - &covariance).iter().all(|x| x.abs() < 2e-6));
    }

    #[test]
    fn components_of_few_rows_are_left_out() {
        let component = |weight: f64| Component { weight, mean: array![0.0, 0.0], covariance: Array2::eye(2) };
        let mixture = Mixture { components: vec![component(0.5), component(0.25), component(0.25)] };
        let (kept, left_out) = mixture.without_spurious(10);
        assert_eq!(left_out, 2);
        assert_eq!(kept.components.iter().map(|c| c.weight).collect::<Vec<_>>(), [1.0]);
        assert_eq!(Mixture { components: vec![component(1.0)] }.without_spurious(1).1, 0);
    }

    #[test]
    fn likelihood_never_falls() {
        let rows = uniform(3_000, 4, 1);
        let members: Vec<u32> = (0..3_000).map(|i| i % 3).collect();
        let mut mixture = Mixture::of_members(rows.view(), &members, 3);
        let mut before = f64::NEG_INFINITY;
        for _ in 0..30 {
            let (next, likelihood) = mixture.improved(rows.view());
            assert!(likelihood >= before - 1e-6);
            (mixture, before) = (next, likelihood);
        }
        let total: f64 = mixture.components.iter().map(|c| c.weight).sum();
        assert!((total - 1.0).abs() < 1e-9);
    }
}
