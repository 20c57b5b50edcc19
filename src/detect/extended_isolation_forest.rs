//! How few random cuts at any angle set a row apart: `2^(-E[h] / c(psi))`.
//!
//! # What it finds
//! What the isolation forest finds, without the bands beside clusters that cuts along the axes leave: rows in the corners between clusters, and
//! rows off a diagonal.
//!
//! # What it misses
//! Rows that are unusual in one column among many: a cut at any angle mixes them all, so columns that say nothing do harm here, and scale
//! matters.
//!
//! # Cost
//! Fitting hardly depends on the rows. Scoring: rows x trees x 8 x columns, about seven microseconds for a row of 20 columns.
//!
//! # Source
//! Hariri, Carrasco Kind, Brunner: Extended Isolation Forest (IEEE TKDE 33, 2021; arXiv 2019). `extension` is the number of further columns that
//! a cut uses: 0 cuts along the axes, columns - 1 (the default) at any angle. What a cut shortens the way by is shared among its columns by
//! how far the row is from the cut's point along each.

use ndarray::Array2;
use rand::Rng;
use rand_xoshiro::Xoshiro256PlusPlus;
use rayon::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Detector, FitError, Job, Method, Model, ParamError, Work,
    isolation_forest::{average_depth, check_forest},
    loda::normal,
    rows::{self, Sample},
};
use crate::units::FeatureMatrix;

/// What the registry knows.
pub const METHOD: Method = Method::of::<ExtendedIsolationForest>(
    "extended-isolation-forest",
    "How few random cuts at any angle set the row apart",
    include_str!("extended_isolation_forest.rs"),
);

/// Parameters.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ExtendedIsolationForest {
    /// How many trees.
    #[serde(default = "hundred")]
    #[schemars(range(min = 1, max = 10_000))]
    trees: usize,
    /// How many rows each tree is grown from.
    #[serde(default = "psi")]
    #[schemars(range(min = 2))]
    sample: usize,
    /// How many further columns a cut uses besides the first; all where it is not given.
    #[serde(default)]
    #[schemars(range(min = 0))]
    extension: Option<usize>,
}

fn hundred() -> usize {
    100
}

fn psi() -> usize {
    256
}

impl Detector for ExtendedIsolationForest {
    fn check(&self, _rows: Option<usize>, columns: usize) -> Result<(), ParamError> {
        check_forest(self.trees, self.sample)?;
        match self.extension {
            Some(extension) if columns > 0 && extension >= columns => Err(ParamError {
                parameter: "extension",
                message: format!("must be below the number of fields, {columns}, found {extension}"),
            }),
            _ => Ok(()),
        }
    }

    fn is_random(&self) -> bool {
        true
    }

    fn work(&self, _rows: usize, columns: usize) -> Work {
        let steps = self.trees * 8;
        Work { fit: (40 * steps * self.sample * columns) as f64, row: (steps * (columns + 50)) as f64 }
    }

    fn memory(&self, rows: usize, columns: usize) -> u64 {
        // As the isolation forest, and for about every second row a cut's direction and point.
        (self.trees * self.sample.min(rows) * (36 + 5 * columns) + 16 * rows) as u64
    }

    fn fit(&self, train: &FeatureMatrix, job: &Job<'_>) -> Result<Box<dyn Model>, FitError> {
        Sample::take(train, usize::MAX, 0)?;
        let psi = self.sample.min(train.nrows());
        let levels = (psi.max(2) as f64).log2().ceil() as usize;
        let used = self.extension.map_or(train.ncols(), |extension| (extension + 1).min(train.ncols()));
        let trees = (0..self.trees)
            .into_par_iter()
            .map(|number| {
                job.step(number, self.trees)?;
                let mut rng = rows::rng_of(job.seed, number);
                let mut indices = rand::seq::index::sample(&mut rng, train.nrows(), psi).into_vec();
                let mut grower = Grower { train, levels, used, rng, tree: Tree { columns: train.ncols(), ..Tree::default() } };
                grower.tree.push(psi);
                grower.grow(0, &mut indices, 0);
                Ok(grower.tree)
            })
            .collect::<Result<Vec<_>, FitError>>()?;
        Ok(Box::new(Forest { trees, levels, usual: average_depth(psi).max(f64::MIN_POSITIVE) }))
    }
}

/// A place in a tree. At a leaf `offset` is infinite and `left` is the leaf itself, so that a walk of any length stays there.
#[derive(Debug, Clone, Copy)]
struct Node {
    left: u32,
    /// Which normal and point of the tree's cuts.
    cut: u32,
    offset: f64,
}

#[derive(Debug, Default)]
struct Tree {
    columns: usize,
    nodes: Vec<Node>,
    /// Directions and points of the cuts, in half the room: both are random, and an offset is made from the direction as it is kept.
    normals: Vec<f32>,
    points: Vec<f32>,
    path: Vec<f64>,
    expected: Vec<f64>,
}

impl Tree {
    fn push(&mut self, rows: usize) -> u32 {
        let place = self.nodes.len() as u32;
        self.nodes.push(Node { left: place, cut: 0, offset: f64::INFINITY });
        self.path.push(0.0);
        self.expected.push(average_depth(rows));
        place
    }

    fn of_cut<'a>(&self, of: &'a [f32], node: Node) -> &'a [f32] {
        &of[node.cut as usize * self.columns..][..self.columns]
    }

    /// The child that a row goes to.
    fn step(&self, node: Node, row: &[f64]) -> usize {
        node.left as usize + usize::from(dot(row, self.of_cut(&self.normals, node)) > node.offset)
    }
}

/// Four sums side by side, in a fixed order.
fn dot(a: &[f64], b: &[f32]) -> f64 {
    let mut sums = [0.0; 4];
    let (fours, rest) = a.as_chunks::<4>();
    let (others, other_rest) = b.as_chunks::<4>();
    for (x, y) in fours.iter().zip(others) {
        for lane in 0..4 {
            sums[lane] += x[lane] * f64::from(y[lane]);
        }
    }
    let tail: f64 = rest.iter().zip(other_rest).map(|(x, y)| x * f64::from(*y)).sum();
    (sums[0] + sums[1]) + (sums[2] + sums[3]) + tail
}

struct Grower<'a> {
    train: &'a FeatureMatrix,
    levels: usize,
    used: usize,
    rng: Xoshiro256PlusPlus,
    tree: Tree,
}

impl Grower<'_> {
    fn grow(&mut self, node: usize, indices: &mut [usize], depth: usize) {
        self.tree.path[node] = depth as f64 + average_depth(indices.len());
        if indices.len() <= 1 || depth >= self.levels {
            return;
        }
        let Some(mut cut) = self.cut(indices) else { return };
        let values = rows::flat(self.train);
        let columns = self.train.ncols();
        let mut middle = 0;
        for i in 0..indices.len() {
            let row = &values[indices[i] * columns..][..columns];
            if dot(row, self.tree.of_cut(&self.tree.normals, cut)) <= cut.offset {
                indices.swap(i, middle);
                middle += 1;
            }
        }
        let (low, high) = indices.split_at_mut(middle);
        cut.left = self.tree.push(low.len());
        self.tree.push(high.len());
        self.tree.nodes[node] = cut;
        self.grow(cut.left as usize, low, depth + 1);
        self.grow(cut.left as usize + 1, high, depth + 1);
    }

    /// A random direction over the columns used, and a random point in the box of these rows; `None` where the rows are equal.
    fn cut(&mut self, indices: &[usize]) -> Option<Node> {
        let columns = self.train.ncols();
        let extremes = |column: usize| {
            indices.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), &row| {
                let value = self.train.row(row)[column];
                (least.min(value), most.max(value))
            })
        };
        let boxes: Vec<(f64, f64)> = (0..columns).map(extremes).collect();
        if boxes.iter().all(|(least, most)| least == most) {
            return None;
        }
        let mut normal_of = vec![0.0_f32; columns];
        for column in rand::seq::index::sample(&mut self.rng, columns, self.used) {
            normal_of[column] = normal(&mut self.rng) as f32;
        }
        let point: Vec<f64> = boxes
            .iter()
            .map(|(least, most)| {
                let u: f64 = self.rng.gen_range(0.0..1.0);
                least * (1.0 - u) + most * u
            })
            .collect();
        let node = Node { left: 0, cut: (self.tree.normals.len() / columns) as u32, offset: dot(&point, &normal_of) };
        self.tree.normals.extend(normal_of);
        self.tree.points.extend(point.iter().map(|value| *value as f32));
        Some(node)
    }
}

/// Rows that walk down a tree side by side, so that one's wait is filled by the others.
const ABREAST: usize = 8;

struct Forest {
    trees: Vec<Tree>,
    levels: usize,
    usual: f64,
}

impl Model for Forest {
    fn score(&self, rows: &FeatureMatrix) -> Vec<f64> {
        let columns = rows.ncols();
        rows::by_block(rows, |values, scores| {
            // A tree whose rows are all equal has no cut.
            for tree in &self.trees {
                if tree.normals.is_empty() {
                    scores.iter_mut().for_each(|score| *score += tree.path[0]);
                    continue;
                }
                for (rows, scores) in values.chunks(ABREAST * columns).zip(scores.chunks_mut(ABREAST)) {
                    let mut places = [0_usize; ABREAST];
                    for _ in 0..self.levels {
                        for (place, row) in places.iter_mut().zip(rows.chunks_exact(columns)) {
                            *place = tree.step(tree.nodes[*place], row);
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
            let mut shares = vec![0.0; row.len()];
            for tree in &self.trees {
                let mut place = 0;
                while tree.nodes[place].left as usize != place {
                    let node = tree.nodes[place];
                    let next = tree.step(node, row);
                    let gain = tree.expected[place] - 1.0 - tree.expected[next];
                    let (normal, point) = (tree.of_cut(&tree.normals, node), tree.of_cut(&tree.points, node));
                    for (j, share) in shares.iter_mut().enumerate() {
                        *share = rows::finite((f64::from(normal[j]) * (row[j] - f64::from(point[j]))).abs());
                    }
                    let largest = shares.iter().copied().fold(0.0, f64::max);
                    let all: f64 = shares.iter().map(|s| s / largest).sum();
                    if largest > 0.0 {
                        terms.iter_mut().zip(&shares).for_each(|(term, share)| *term += gain * (share / largest) / all);
                    }
                    place = next;
                }
            }
            terms.iter_mut().for_each(|t| *t /= self.trees.len() as f64);
        }))
    }
}
