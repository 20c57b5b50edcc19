//! Turns of k-means that look only at rows whose centre may have changed (Hamerly 2010).
//!
//! For each row an upper bound of the distance to its centre and a lower bound of the distance to every other are carried along by how far the centres moved;
//! a row whose bounds do not cross keeps its centre unseen. The result is that of Lloyd's turns: bounds are loosened by more than rounding can amount to.

use ndarray::{Array2, ArrayView2};
use rayon::prelude::*;

use super::nearest::Nearest;
use crate::detect::{
    frame::{BLOCK, rows_from},
    rows::squared_distance,
};

/// What rounding may change of a distance, relative to it.
const SLACK: f64 = 1e-12;
/// What rounding may change of a squared distance that comes of a product, relative to the squares of both lengths.
const LOST: f64 = 1e-13;

/// What is known of a row.
#[derive(Debug, Clone, Copy)]
struct Known {
    centre: u32,
    /// At least the distance to its centre.
    upper: f64,
    /// At most the distance to any other.
    lower: f64,
}

/// Sums and counts of the rows of each centre, or how they changed.
struct Sums {
    sums: Array2<f64>,
    counts: Vec<i64>,
}

impl Sums {
    fn none(clusters: usize, columns: usize) -> Self {
        Self { sums: Array2::zeros((clusters, columns)), counts: vec![0; clusters] }
    }

    fn add(&mut self, centre: u32, row: &[f64], sign: f64) {
        let mut sums = self.sums.row_mut(centre as usize);
        sums.iter_mut().zip(row).for_each(|(sum, value)| *sum += sign * value);
        self.counts[centre as usize] += if sign > 0.0 { 1 } else { -1 };
    }
}

/// Rows on the way to their centres.
pub(super) struct Bounded<'a> {
    rows: &'a Array2<f64>,
    known: Vec<Known>,
    sums: Sums,
}

impl<'a> Bounded<'a> {
    /// Looks at every row once.
    pub fn new(rows: &'a Array2<f64>, centres: &Array2<f64>) -> Self {
        let nearest = Nearest::new(centres.clone());
        let (clusters, columns) = centres.dim();
        let all: Vec<(Vec<Known>, Sums)> = (0..rows.nrows().div_ceil(BLOCK))
            .into_par_iter()
            .map(|block| {
                let block = block_of(rows, block);
                let mut sums = Sums::none(clusters, columns);
                let mut known = Vec::with_capacity(block.nrows());
                nearest.two_of_block(block, |row, centre, square, second| {
                    let lengths = row.iter().map(|x| x * x).sum::<f64>() + nearest.longest();
                    known.push(Known { centre, upper: square.sqrt(), lower: (second - LOST * lengths).max(0.0).sqrt() });
                    sums.add(centre, row, 1.0);
                });
                (known, sums)
            })
            .collect();
        let mut bounded = Self { rows, known: Vec::with_capacity(rows.nrows()), sums: Sums::none(clusters, columns) };
        for (known, part) in all {
            bounded.known.extend(known);
            bounded.merge(&part);
        }
        bounded
    }

    // Block by block in their order, so that the sums do not depend on the number of threads.
    fn merge(&mut self, part: &Sums) {
        self.sums.sums += &part.sums;
        self.sums.counts.iter_mut().zip(&part.counts).for_each(|(count, of)| *count += of);
    }

    /// Moves each centre to the mean of its rows; one without rows stays. Returns how far each moved.
    pub fn moved(&self, centres: &mut Array2<f64>) -> Vec<f64> {
        let parts = centres.rows_mut().into_iter().zip(self.sums.sums.rows()).zip(&self.sums.counts);
        parts
            .map(|((mut centre, sum), &count)| {
                if count <= 0 {
                    return 0.0;
                }
                let mut moved = 0.0;
                for (from, to) in centre.iter_mut().zip(sum.iter().map(|sum| sum / count as f64)) {
                    moved += (*from - to) * (*from - to);
                    *from = to;
                }
                moved.sqrt()
            })
            .collect()
    }

    /// Lets rows fall to centres that moved so far.
    pub fn fall(&mut self, centres: &Array2<f64>, moves: &[f64]) {
        let (clusters, columns) = centres.dim();
        let farthest = (0..clusters).max_by(|a, b| moves[*a].total_cmp(&moves[*b]).then(b.cmp(a))).unwrap_or(0);
        let second = moves.iter().enumerate().filter(|(c, _)| *c != farthest).map(|(_, m)| *m).fold(0.0, f64::max);
        let of_others = |centre: u32| if centre as usize == farthest { second } else { moves[farthest] };
        let apart = half_apart(centres);
        let rows = self.rows;
        let changes: Vec<Sums> = self
            .known
            .par_chunks_mut(BLOCK)
            .enumerate()
            .map(|(block, known)| {
                let mut change = Sums::none(clusters, columns);
                for (known, row) in known.iter_mut().zip(block_of(rows, block).rows()) {
                    let Some(row) = row.to_slice() else { continue };
                    let own = known.centre as usize;
                    known.upper = (known.upper + moves[own]) * (1.0 + SLACK);
                    known.lower = (known.lower - of_others(known.centre)) * (1.0 - SLACK);
                    let bound = known.lower.max(apart[own]);
                    if known.upper < bound {
                        continue;
                    }
                    known.upper = distance(row, centres, own) * (1.0 + SLACK);
                    if known.upper < bound {
                        continue;
                    }
                    let was = known.centre;
                    *known = looked_at(row, centres);
                    if known.centre != was {
                        change.add(was, row, -1.0);
                        change.add(known.centre, row, 1.0);
                    }
                }
                change
            })
            .collect();
        changes.iter().for_each(|change| self.merge(change));
    }

    /// The sum of the rows' squared distances to their centres.
    pub fn inertia(&self, centres: &Array2<f64>) -> f64 {
        let parts: Vec<f64> = self
            .known
            .par_chunks(BLOCK)
            .enumerate()
            .map(|(block, known)| {
                let rows = block_of(self.rows, block);
                let squares = known.iter().zip(rows.rows()).map(|(known, row)| {
                    let centre = centres.row(known.centre as usize);
                    row.to_slice().zip(centre.to_slice()).map_or(0.0, |(row, centre)| squared_distance(row, centre))
                });
                squares.sum()
            })
            .collect();
        parts.iter().sum()
    }
}

fn block_of(rows: &Array2<f64>, block: usize) -> ArrayView2<'_, f64> {
    rows_from(rows.view(), block * BLOCK..((block + 1) * BLOCK).min(rows.nrows()))
}

fn distance(row: &[f64], centres: &Array2<f64>, centre: usize) -> f64 {
    centres.row(centre).to_slice().map_or(f64::INFINITY, |centre| squared_distance(row, centre).sqrt())
}

/// Half of each centre's distance to the nearest other: a row that is nearer to it than that is nearest to it.
fn half_apart(centres: &Array2<f64>) -> Vec<f64> {
    let clusters = centres.nrows();
    let nearest = |a: usize| {
        let others = (0..clusters).filter(|b| *b != a);
        others.map(|b| centres.row(a).to_slice().map_or(0.0, |a| distance(a, centres, b))).fold(f64::INFINITY, f64::min)
    };
    (0..clusters).map(|a| nearest(a) * 0.5 * (1.0 - SLACK)).collect()
}

/// The nearest centre of a row, the first of equals, and the distance to the next.
fn looked_at(row: &[f64], centres: &Array2<f64>) -> Known {
    let mut known = Known { centre: 0, upper: f64::INFINITY, lower: f64::INFINITY };
    for centre in 0..centres.nrows() {
        let distance = distance(row, centres, centre);
        if distance < known.upper {
            known = Known { centre: centre as u32, upper: distance, lower: known.upper };
        } else {
            known.lower = known.lower.min(distance);
        }
    }
    known
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::hard_cases::uniform;

    /// Each row by itself, as Lloyd has it.
    fn plainly(rows: &Array2<f64>, centres: &mut Array2<f64>) -> f64 {
        let (mut sums, mut counts) = (Array2::<f64>::zeros(centres.dim()), vec![0.0; centres.nrows()]);
        let mut inertia = 0.0;
        for row in rows.rows() {
            let known = looked_at(row.to_slice().unwrap(), centres);
            let centre = known.centre as usize;
            inertia += known.upper * known.upper;
            sums.row_mut(centre).zip_mut_with(&row, |sum, value| *sum += value);
            counts[centre] += 1.0;
        }
        for (centre, count) in counts.iter().enumerate().filter(|(_, count)| **count > 0.0) {
            centres.row_mut(centre).assign(&(&sums.row(centre) / *count));
        }
        inertia
    }

    #[test]
    fn bounds_change_nothing_of_what_the_turns_give() {
        for (seed, (rows, columns, clusters)) in [(3_000, 5, 8), (1_500, 2, 3), (700, 20, 40), (600, 1, 2)].into_iter().enumerate() {
            let rows = uniform(rows, columns, seed as u64 + 1);
            let first = rows.slice(ndarray::s![..clusters, ..]).to_owned();
            let (mut plain, mut centres) = (first.clone(), first);
            let mut bounded = Bounded::new(&rows, &centres);
            for _ in 0..25 {
                plainly(&rows, &mut plain);
                let moves = bounded.moved(&mut centres);
                bounded.fall(&centres, &moves);
            }
            let off = (&plain - &centres).iter().fold(0.0_f64, |most, d| most.max(d.abs()));
            assert!(off < 1e-9, "{clusters} clusters: {off}");
            let inertia = plainly(&rows, &mut plain);
            assert!((inertia - bounded.inertia(&centres)).abs() < 1e-6 * inertia);
        }
    }
}
