//! Sequential minimal optimisation of the one-class machine: two weights are moved at a time (Platt 1999; working sets by second-order
//! information, Fan, Chen, Lin 2005).

use super::kernel::Kernel;
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
pub(super) fn solve(kernel: &mut Kernel<'_>, nu: f64, tolerance: f64, job: &Job<'_>) -> Result<Solution, FitError> {
    let turns = (100 * kernel.len()).max(10_000);
    solve_in(turns, kernel, nu, tolerance, job)
}

fn solve_in(turns: usize, kernel: &mut Kernel<'_>, nu: f64, tolerance: f64, job: &Job<'_>) -> Result<Solution, FitError> {
    let n = kernel.len();
    let mut alpha = start(n, nu);
    let mut gradient = vec![0.0; n];
    for (row, weight) in alpha.iter().enumerate().filter(|(_, weight)| **weight > 0.0) {
        gradient.iter_mut().zip(kernel.row(row)).for_each(|(g, &k)| *g += weight * f64::from(k));
    }
    for turn in 0..turns {
        if turn % 256 == 0 {
            job.step(turn, turns)?;
        }
        let Some((up, down)) = working_set(kernel, &alpha, &gradient, tolerance) else {
            return Ok(Solution { rho: offset(&alpha, &gradient), alpha, converged: true });
        };
        // `up` gains what `down` loses.
        let (of_up, of_down) = kernel.two(up, down);
        let curvature = (2.0 - 2.0 * f64::from(of_up[down])).max(1e-12);
        let step = ((gradient[down] - gradient[up]) / curvature).min(1.0 - alpha[up]).min(alpha[down]);
        alpha[up] = if step == 1.0 - alpha[up] { 1.0 } else { alpha[up] + step };
        alpha[down] = if step == alpha[down] { 0.0 } else { alpha[down] - step };
        for ((g, a), b) in gradient.iter_mut().zip(of_up).zip(of_down) {
            *g += step * (f64::from(*a) - f64::from(*b));
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
fn working_set(kernel: &mut Kernel<'_>, alpha: &[f64], gradient: &[f64], tolerance: f64) -> Option<(usize, usize)> {
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
            let gain = gap * gap / (2.0 - 2.0 * f64::from(similarity)).max(1e-12);
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
        // Half alike, so each has half of nu * 2 = 1; the gradient is (1 + 0.5) / 2.
        let rows = array![[0.0], [1.0]];
        let solution = solve(&mut Kernel::new(&rows, 2f64.ln()), 0.5, 1e-9, &Job::unwatched(1)).unwrap();
        assert!(solution.converged && solution.alpha.iter().all(|a| (a - 0.5).abs() < 1e-9));
        assert!((solution.rho - 0.75).abs() < 1e-9);
    }

    #[test]
    fn too_few_turns_are_told() {
        let rows = crate::detect::hard_cases::uniform(200, 2, 1);
        let solved = |turns: usize| solve_in(turns, &mut Kernel::new(&rows, 1.0), 0.5, 1e-6, &Job::unwatched(1)).unwrap();
        assert!(!solved(3).converged && solved(20_000).converged);
    }

    #[test]
    fn all_weights_at_their_bounds() {
        let rows = array![[0.0], [1e3], [2e3]];
        let solution = solve(&mut Kernel::new(&rows, 1.0), 1.0, 1e-9, &Job::unwatched(1)).unwrap();
        assert_eq!((solution.alpha, solution.rho), (vec![1.0; 3], 1.0));
    }
}
