//! How few random cuts set a row apart: `2^(-E[h] / c(psi))`, h the depth at which random trees isolate it.
//!
//! # What it finds
//! Rows that differ in few columns by much, or in many by some. It needs no scaling, bears columns that say nothing, and its small samples
//! keep dense groups of attacks from hiding each other.
//!
//! # What it misses
//! Rows that are unusual only against their neighbourhood, and rows inside the box of usual values: cuts run along the axes, which leaves
//! bands of low scores beside every cluster (`extended-isolation-forest` cuts at any angle).
//!
//! # Cost
//! Fitting hardly depends on the rows (100 trees of 256). Scoring: rows x trees x 8 steps, about two microseconds a row, whatever the number
//! of columns.
//!
//! # Source
//! Liu, Ting, Zhou: Isolation Forest (ICDM 2008). As in scikit-learn, a node picks a column among those that are not constant in it.
//! Contributions are additive: each cut on a row's way adds what it shortens the way by, `c(n) - 1 - c(n of the child)`, to its column; the
//! sum is `c(psi) - E[h]`.

use ndarray::Array2;
use rand::Rng;
use rand_xoshiro::Xoshiro256PlusPlus;
use rayon::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Detector, FitError, Job, Method, Model, ParamError, Work,
    rows::{self, Sample},
};
use crate::units::FeatureMatrix;

/// What the registry knows.
pub const METHOD: Method =
    Method::of::<IsolationForest>("isolation-forest", "How few random cuts set the row apart", include_str!("isolation_forest.rs"));

/// Parameters.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct IsolationForest {
    /// How many trees.
    #[serde(default = "hundred")]
    #[schemars(range(min = 1, max = 10_000))]
    trees: usize,
    /// How many rows each tree is grown from.
    #[serde(default = "psi")]
    #[schemars(range(min = 2))]
    sample: usize,
}

fn hundred() -> usize {
    100
}

fn psi() -> usize {
    256
}

/// The average depth at which a search tree of `n` keys fails to find one: `2 H(n - 1) - 2 (n - 1) / n` (equation 1 of the paper).
pub(super) fn average_depth(n: usize) -> f64 {
    match n {
        0 | 1 => 0.0,
        2 => 1.0,
        _ => {
            let m = (n - 1) as f64;
            2.0 * (m.ln() + 0.577_215_664_901_532_9) - 2.0 * m / n as f64
        }
    }
}

/// Whether the counts of an isolation forest can be used; shared with the extended one.
pub(super) fn check_forest(trees: usize, sample: usize) -> Result<(), ParamError> {
    rows::at_least("trees", trees, 1)?;
    if trees > 10_000 {
        return Err(ParamError { parameter: "trees", message: format!("must be at most 10000, found {trees}") });
    }
    rows::at_least("sample", sample, 2)
}

impl Detector for IsolationForest {
    fn check(&self, _rows: Option<usize>, _columns: usize) -> Result<(), ParamError> {
        check_forest(self.trees, self.sample)
    }

    fn is_random(&self) -> bool {
        true
    }

    fn work(&self, _rows: usize, _columns: usize) -> Work {
        // A step down a tree waits for memory.
        Work { fit: (self.trees * self.sample * 500) as f64, row: (self.trees * 70) as f64 }
    }

    fn memory(&self, rows: usize, _columns: usize) -> u64 {
        // Two nodes a row, with cut, path and depth.
        (self.trees * self.sample.min(rows) * 36 + 16 * rows) as u64
    }

    fn fit(&self, train: &FeatureMatrix, job: &Job<'_>) -> Result<Box<dyn Model>, FitError> {
        Sample::take(train, usize::MAX, 0)?;
        let psi = self.sample.min(train.nrows());
        let levels = (psi.max(2) as f64).log2().ceil() as usize;
        let trees = (0..self.trees)
            .into_par_iter()
            .map(|tree| {
                job.step(tree, self.trees)?;
                let mut rng = rows::rng_of(job.seed, tree);
                let mut indices = rand::seq::index::sample(&mut rng, train.nrows(), psi).into_vec();
                let mut grower = Grower { train, levels, rng, candidates: Vec::new(), tree: Tree::default() };
                grower.tree.push(psi);
                grower.grow(0, &mut indices, 0);
                Ok(grower.tree)
            })
            .collect::<Result<Vec<_>, FitError>>()?;
        Ok(Box::new(Forest { trees, levels, usual: average_depth(psi).max(f64::MIN_POSITIVE) }))
    }
}

/// A place in a tree. At a leaf `cut` is infinite and `left` is the leaf itself, so that a walk of any length stays there.
#[derive(Debug, Clone, Copy)]
struct Node {
    cut: f64,
    column: u32,
    left: u32,
}

#[derive(Debug, Default)]
struct Tree {
    nodes: Vec<Node>,
    /// Depth of each node plus the average depth of the rows it holds: the path length of the rows that end here.
    path: Vec<f64>,
    /// The average depth that the rows of a node would take from there.
    expected: Vec<f64>,
}

impl Tree {
    fn push(&mut self, rows: usize) -> u32 {
        let place = self.nodes.len() as u32;
        self.nodes.push(Node { cut: f64::INFINITY, column: 0, left: place });
        self.path.push(average_depth(rows));
        self.expected.push(average_depth(rows));
        place
    }
}

struct Grower<'a> {
    train: &'a FeatureMatrix,
    levels: usize,
    rng: Xoshiro256PlusPlus,
    candidates: Vec<usize>,
    tree: Tree,
}

impl Grower<'_> {
    fn grow(&mut self, node: usize, indices: &mut [usize], depth: usize) {
        self.tree.path[node] = depth as f64 + average_depth(indices.len());
        if indices.len() <= 1 || depth >= self.levels {
            return;
        }
        let Some((column, cut)) = self.cut(indices) else { return };
        let mut middle = 0;
        for i in 0..indices.len() {
            if self.train.row(indices[i])[column] <= cut {
                indices.swap(i, middle);
                middle += 1;
            }
        }
        let (low, high) = indices.split_at_mut(middle);
        let left = self.tree.push(low.len());
        self.tree.push(high.len());
        self.tree.nodes[node] = Node { cut, column: column as u32, left };
        self.grow(left as usize, low, depth + 1);
        self.grow(left as usize + 1, high, depth + 1);
    }

    /// A column that is not constant in these rows, all such being equally likely, and a place between its extremes.
    fn cut(&mut self, indices: &[usize]) -> Option<(usize, f64)> {
        self.candidates.clear();
        self.candidates.extend(0..self.train.ncols());
        while !self.candidates.is_empty() {
            let pick = self.rng.gen_range(0..self.candidates.len());
            let column = self.candidates.swap_remove(pick);
            let (least, most) = indices.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), &i| {
                let value = self.train.row(i)[column];
                (least.min(value), most.max(value))
            });
            if least < most {
                let u: f64 = self.rng.gen_range(0.0..1.0);
                let cut = least * (1.0 - u) + most * u;
                // Rounding may put the cut on the upper end, where it would separate nothing.
                return Some((column, if cut < most { cut.max(least) } else { least }));
            }
        }
        None
    }
}

struct Forest {
    trees: Vec<Tree>,
    levels: usize,
    usual: f64,
}

/// Rows that walk down a tree side by side, so that one's wait for memory is filled by the others.
const ABREAST: usize = 8;

impl Forest {
    fn walk(&self, tree: &Tree, row: &[f64]) -> usize {
        let mut place = 0;
        for _ in 0..self.levels {
            let node = tree.nodes[place];
            place = node.left as usize + usize::from(row[node.column as usize] > node.cut);
        }
        place
    }
}

impl Model for Forest {
    fn score(&self, rows: &FeatureMatrix) -> Vec<f64> {
        let columns = rows.ncols();
        rows::by_block(rows, |values, scores| {
            for tree in &self.trees {
                for (rows, scores) in values.chunks(ABREAST * columns).zip(scores.chunks_mut(ABREAST)) {
                    let mut places = [0_usize; ABREAST];
                    for _ in 0..self.levels {
                        for (place, row) in places.iter_mut().zip(rows.chunks_exact(columns)) {
                            let node = tree.nodes[*place];
                            *place = node.left as usize + usize::from(row[node.column as usize] > node.cut);
                        }
                    }
                    for (score, place) in scores.iter_mut().zip(places) {
                        *score += tree.path[place];
                    }
                }
            }
            for score in scores {
                *score = (-*score / self.trees.len() as f64 / self.usual).exp2();
            }
        })
    }

    fn contributions(&self, rows: &FeatureMatrix) -> Option<Array2<f64>> {
        Some(rows::contributions(rows, |row, terms| {
            for tree in &self.trees {
                let mut place = 0;
                let end = self.walk(tree, row);
                while place != end {
                    let node = tree.nodes[place];
                    let column = node.column as usize;
                    let next = node.left as usize + usize::from(row[column] > node.cut);
                    terms[column] += tree.expected[place] - 1.0 - tree.expected[next];
                    place = next;
                }
            }
            terms.iter_mut().for_each(|t| *t /= self.trees.len() as f64);
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn average_depth_is_that_of_the_paper() {
        // scikit-learn's _average_path_length([1, 2, 5, 999]) = 0, 1, 2.327020052..., 12.967939884...
        assert_eq!(average_depth(1), 0.0);
        assert_eq!(average_depth(2), 1.0);
        assert!((average_depth(5) - 2.327_020_052_042_847).abs() < 1e-12);
        assert!((average_depth(999) - 12.967_939_884_427_995).abs() < 1e-12);
    }
}
