//! All eigenvalues and eigenvectors of a symmetric matrix: Householder's reduction, then the QL method with implicit shifts
//! (Bowdler, Martin, Reinsch, Wilkinson 1968; the formulation of EISPACK's `tred2` and `tql2`).

use ndarray::Array2;

/// More turns than any matrix of finite numbers takes for one eigenvalue.
const TURNS: usize = 60;

/// The eigenvalues, largest first, and the eigenvectors in the same order, one a row, each with its largest coordinate positive.
///
/// Only the lower triangle of `matrix` is read.
pub(crate) fn symmetric_eigen(matrix: Array2<f64>) -> (Vec<f64>, Array2<f64>) {
    let n = matrix.nrows();
    if n == 0 {
        return (Vec::new(), matrix);
    }
    // One vector for each column of the matrix that becomes the eigenvectors, so that inner loops run along memory.
    let mut columns: Vec<Vec<f64>> = (0..n).map(|j| (0..n).map(|i| matrix[(i.max(j), i.min(j))]).collect()).collect();
    let (mut diagonal, mut beside) = tridiagonalise(&mut columns);
    iterate(&mut columns, &mut diagonal, &mut beside);
    sorted(columns, &diagonal)
}

fn sorted(columns: Vec<Vec<f64>>, values: &[f64]) -> (Vec<f64>, Array2<f64>) {
    let n = values.len();
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&a, &b| values[b].total_cmp(&values[a]));
    let mut vectors = Array2::zeros((n, n));
    for (mut row, &from) in vectors.rows_mut().into_iter().zip(&order) {
        let largest = columns[from].iter().copied().fold(0.0, |a: f64, x| if x.abs() > a.abs() + 1e-12 { x } else { a });
        let sign = if largest < 0.0 { -1.0 } else { 1.0 };
        for (to, &x) in row.iter_mut().zip(&columns[from]) {
            *to = sign * x;
        }
    }
    (order.iter().map(|&i| values[i]).collect(), vectors)
}

/// Turns `v` into the orthogonal matrix of the reduction; returns the diagonal and what stands beside it (from index 1).
fn tridiagonalise(v: &mut [Vec<f64>]) -> (Vec<f64>, Vec<f64>) {
    let n = v.len();
    let mut d: Vec<f64> = (0..n).map(|j| v[j][n - 1]).collect();
    let mut e = vec![0.0; n];
    for i in (1..n).rev() {
        d[i] = reflect(v, &mut d, &mut e, i);
    }
    accumulate(v, &mut d);
    e[0] = 0.0;
    (d, e)
}

/// One Householder reflection, for row `i`; returns half the squared length of its vector (0 where none is needed).
fn reflect(v: &mut [Vec<f64>], d: &mut [f64], e: &mut [f64], i: usize) -> f64 {
    let scale: f64 = d[..i].iter().map(|x| x.abs()).sum();
    if scale == 0.0 {
        e[i] = d[i - 1];
        for j in 0..i {
            d[j] = v[j][i - 1];
            v[j][i] = 0.0;
            v[i][j] = 0.0;
        }
        return 0.0;
    }
    let mut h = 0.0;
    for x in &mut d[..i] {
        *x /= scale;
        h += *x * *x;
    }
    let f = d[i - 1];
    let g = if f > 0.0 { -h.sqrt() } else { h.sqrt() };
    e[i] = scale * g;
    h -= f * g;
    d[i - 1] = f - g;
    e[..i].fill(0.0);
    for j in 0..i {
        let f = d[j];
        v[i][j] = f;
        let mut g = e[j] + v[j][j] * f;
        for k in j + 1..i {
            g += v[j][k] * d[k];
            e[k] += v[j][k] * f;
        }
        e[j] = g;
    }
    let mut f = 0.0;
    for j in 0..i {
        e[j] /= h;
        f += e[j] * d[j];
    }
    let half = f / (h + h);
    for j in 0..i {
        e[j] -= half * d[j];
    }
    for j in 0..i {
        let (f, g) = (d[j], e[j]);
        for k in j..i {
            v[j][k] -= f * e[k] + g * d[k];
        }
        d[j] = v[j][i - 1];
        v[j][i] = 0.0;
    }
    h
}

/// Multiplies the reflections together.
fn accumulate(v: &mut [Vec<f64>], d: &mut [f64]) {
    let n = v.len();
    for i in 0..n - 1 {
        v[i][n - 1] = v[i][i];
        v[i][i] = 1.0;
        let h = d[i + 1];
        let (left, right) = v.split_at_mut(i + 1);
        let next = &mut right[0];
        if h != 0.0 {
            for k in 0..=i {
                d[k] = next[k] / h;
            }
            for column in left.iter_mut() {
                let g: f64 = next[..=i].iter().zip(&column[..=i]).map(|(a, b)| a * b).sum();
                for (x, &step) in column[..=i].iter_mut().zip(&d[..=i]) {
                    *x -= g * step;
                }
            }
        }
        next[..=i].fill(0.0);
    }
    for j in 0..n {
        d[j] = v[j][n - 1];
        v[j][n - 1] = 0.0;
    }
    v[n - 1][n - 1] = 1.0;
}

/// Drives what stands beside the diagonal to zero, turning `v` along.
fn iterate(v: &mut [Vec<f64>], d: &mut [f64], e: &mut [f64]) {
    let n = d.len();
    e.rotate_left(1);
    e[n - 1] = 0.0;
    let (mut shifted, mut size) = (0.0, 0.0f64);
    for l in 0..n {
        size = size.max(d[l].abs() + e[l].abs());
        let m = (l..n).find(|&m| e[m].abs() <= f64::EPSILON * size).unwrap_or(n - 1);
        if m > l {
            for _ in 0..TURNS {
                shifted += shift(d, e, l);
                sweep(v, d, e, l, m);
                if e[l].abs() <= f64::EPSILON * size {
                    break;
                }
            }
        }
        d[l] += shifted;
        e[l] = 0.0;
    }
}

/// Takes an approximate eigenvalue off the diagonal from `l`, and returns it.
fn shift(d: &mut [f64], e: &[f64], l: usize) -> f64 {
    let g = d[l];
    let p = (d[l + 1] - g) / (2.0 * e[l]);
    let r = if p < 0.0 { -p.hypot(1.0) } else { p.hypot(1.0) };
    d[l] = e[l] / (p + r);
    d[l + 1] = e[l] * (p + r);
    let h = g - d[l];
    for x in &mut d[l + 2..] {
        *x -= h;
    }
    h
}

/// One QL turn over the block from `l` to `m`.
fn sweep(v: &mut [Vec<f64>], d: &mut [f64], e: &mut [f64], l: usize, m: usize) {
    let (next_d, next_e) = (d[l + 1], e[l + 1]);
    let mut p = d[m];
    let (mut c, mut c2, mut c3) = (1.0, 1.0, 1.0);
    let (mut s, mut s2) = (0.0, 0.0);
    for i in (l..m).rev() {
        (c3, c2, s2) = (c2, c, s);
        let (g, h) = (c * e[i], c * p);
        let r = p.hypot(e[i]);
        e[i + 1] = s * r;
        (s, c) = if r == 0.0 { (0.0, 1.0) } else { (e[i] / r, p / r) };
        p = c * d[i] - s * g;
        d[i + 1] = h + s * (c * g + s * d[i]);
        let (left, right) = v.split_at_mut(i + 1);
        for (a, b) in left[i].iter_mut().zip(right[0].iter_mut()) {
            let old = *b;
            *b = s * *a + c * old;
            *a = c * *a - s * old;
        }
    }
    p = if next_d == 0.0 { 0.0 } else { -s * s2 * c3 * next_e * e[l] / next_d };
    e[l] = s * p;
    d[l] = c * p;
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, array};
    use rand::{Rng, SeedableRng};

    use super::*;

    #[test]
    fn two_by_two_by_hand() {
        let (values, vectors) = symmetric_eigen(array![[2.0, 1.0], [1.0, 2.0]]);
        assert!((values[0] - 3.0).abs() < 1e-14 && (values[1] - 1.0).abs() < 1e-14);
        assert!((vectors[(0, 0)] - 0.5f64.sqrt()).abs() < 1e-14 && (vectors[(0, 1)] - 0.5f64.sqrt()).abs() < 1e-14);
    }

    #[test]
    fn rebuilds_any_matrix() {
        let mut rng = rand_xoshiro::Xoshiro256PlusPlus::seed_from_u64(1);
        for n in [1, 2, 3, 7, 30, 100] {
            for rank in [0, 1, n / 2, n] {
                let half = Array2::from_shape_fn((rank, n), |_| rng.gen_range(-1.0..1.0));
                let matrix = half.t().dot(&half);
                let (values, vectors) = symmetric_eigen(matrix.clone());
                let rebuilt = vectors.t().dot(&(Array2::from_diag(&ndarray::Array1::from(values.clone())).dot(&vectors)));
                let size = values[0].max(1e-300);
                assert!((rebuilt - matrix).iter().all(|x| x.abs() <= 1e-12 * size), "n {n} rank {rank}");
                assert!((vectors.dot(&vectors.t()) - Array2::<f64>::eye(n)).iter().all(|x| x.abs() < 1e-12), "n {n} rank {rank}");
                assert!(values.windows(2).all(|w| w[0] >= w[1]));
            }
        }
    }
}
