//! Sequential minimal optimisation of the one-class machine: two weights are moved at a time (Platt 1999; working sets by second-order
//! information, Fan, Chen, Lin 2005).

use ndarray::Array2;

use crate::detect::{FitError, Job};

/// A solved machine.
pub(super) struct Solution {
    /// The weight of each row, from 0 to 1, together `nu` times the number of rows.
    pub alpha: Vec<f64>,
    /// The offset of the boundary.
    pub rho: f64,
    /// Whether the tolerance was reached.
    pub converged: bool,
}

/// Minimises half of alpha' K alpha with weights from 0 to 1 that sum up to `nu` times the number of rows.
///
/// # Errors
/// When the job was stopped.
pub(super) fn solve(kernel: &Array2<f64>, nu: f64, tolerance: f64, job: &Job<'_>) -> Result<Solution, FitError> {
    let n = kernel.nrows();
    let mut alpha = start(n, nu);
    let mut gradient: Vec<f64> = kernel.rows().into_iter().map(|row| row.iter().zip(&alpha).map(|(k, a)| k * a).sum()).collect();
    let turns = (100 * n).max(10_000);
    for turn in 0..turns {
        if turn % 256 == 0 {
            job.step(turn, turns)?;
        }
        let Some((up, down)) = working_set(kernel, &alpha, &gradient, tolerance) else {
            return Ok(Solution { rho: offset(&alpha, &gradient), alpha, converged: true });
        };
        // `up` gains what `down` loses.
        let curvature = (kernel[(up, up)] + kernel[(down, down)] - 2.0 * kernel[(up, down)]).max(1e-12);
        let step = ((gradient[down] - gradient[up]) / curvature).min(1.0 - alpha[up]).min(alpha[down]);
        alpha[up] = if step == 1.0 - alpha[up] { 1.0 } else { alpha[up] + step };
        alpha[down] = if step == alpha[down] { 0.0 } else { alpha[down] - step };
        for ((g, a), b) in gradient.iter_mut().zip(kernel.row(up)).zip(kernel.row(down)) {
            *g += step * (a - b);
        }
    }
    Ok(Solution { rho: offset(&alpha, &gradient), alpha, converged: false })
}

/// The first `nu` of the rows have all the weight.
fn start(n: usize, nu: f64) -> Vec<f64> {
    let total = nu * n as f64;
    let whole = (total.floor() as usize).min(n);
    let mut alpha = vec![0.0; n];
    alpha[..whole].fill(1.0);
    if whole < n {
        alpha[whole] = total - whole as f64;
    }
    alpha
}

/// The row whose weight should grow most, and the one whose weight, moved to it, lowers the objective most; `None` at the optimum.
fn working_set(kernel: &Array2<f64>, alpha: &[f64], gradient: &[f64], tolerance: f64) -> Option<(usize, usize)> {
    let up = (0..alpha.len()).filter(|&i| alpha[i] < 1.0).min_by(|&a, &b| gradient[a].total_cmp(&gradient[b]))?;
    let mut best: Option<(f64, usize)> = None;
    let mut worst = f64::NEG_INFINITY;
    let beside = kernel.row(up);
    for (down, &similarity) in beside.iter().enumerate() {
        if alpha[down] <= 0.0 {
            continue;
        }
        worst = worst.max(gradient[down]);
        let gap = gradient[down] - gradient[up];
        if gap > 0.0 {
            let gain = gap * gap / (2.0 - 2.0 * similarity).max(1e-12);
            if best.is_none_or(|(most, _)| gain > most) {
                best = Some((gain, down));
            }
        }
    }
    if worst - gradient[up] < tolerance { None } else { best.map(|(_, down)| (up, down)) }
}

/// The gradient where weights are neither 0 nor 1 (mean); between the bounds where all are.
fn offset(alpha: &[f64], gradient: &[f64]) -> f64 {
    let (mut sum, mut free) = (0.0, 0usize);
    let (mut low, mut high) = (f64::NEG_INFINITY, f64::INFINITY);
    for (&a, &g) in alpha.iter().zip(gradient) {
        if a >= 1.0 {
            low = low.max(g);
        } else if a <= 0.0 {
            high = high.min(g);
        } else {
            sum += g;
            free += 1;
        }
    }
    match (free, low.is_finite(), high.is_finite()) {
        (0, true, true) => (low + high) / 2.0,
        (0, true, false) => low,
        (0, false, true) => high,
        (0, false, false) => 0.0,
        _ => sum / free as f64,
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn two_rows_share_the_weight() {
        // Alike, so each has half of nu * 2 = 1; the gradient is (1 + 0.5) / 2.
        let solution = solve(&array![[1.0, 0.5], [0.5, 1.0]], 0.5, 1e-9, &Job::unwatched(1)).unwrap();
        assert!(solution.converged && solution.alpha.iter().all(|a| (a - 0.5).abs() < 1e-9));
        assert!((solution.rho - 0.75).abs() < 1e-9);
    }

    #[test]
    fn all_weights_at_their_bounds() {
        let solution = solve(&Array2::eye(3), 1.0, 1e-9, &Job::unwatched(1)).unwrap();
        assert_eq!((solution.alpha, solution.rho), (vec![1.0; 3], 1.0));
    }
}
