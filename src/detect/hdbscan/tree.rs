//! The hierarchy of density clusters: spanning tree by mutual reach, single linkage, clusters of a least size.

use ndarray::Array2;

use crate::detect::{FitError, Job, reach::squared_distance};

/// An edge of the spanning tree.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Edge {
    /// One row.
    pub from: usize,
    /// The other.
    pub to: usize,
    /// The largest of their distance and both core distances.
    pub reach: f64,
}

/// The minimum spanning tree by mutual reach (Prim's method; rows² x columns), shortest edge first.
///
/// # Errors
/// When the job was stopped.
pub(super) fn spanning_tree(rows: &Array2<f64>, cores: &[f64], job: &Job<'_>) -> Result<Vec<Edge>, FitError> {
    let n = rows.nrows();
    let mut edges = Vec::with_capacity(n.saturating_sub(1));
    let mut outside: Vec<usize> = (1..n).collect();
    let mut nearest: Vec<(f64, usize)> = vec![(f64::INFINITY, 0); n];
    let mut last = 0;
    while !outside.is_empty() {
        if edges.len() % 128 == 0 {
            job.step(1 + 8 * edges.len() / n, 10)?;
        }
        let mut best = (f64::INFINITY, 0);
        for (place, &row) in outside.iter().enumerate() {
            let reach = squared_distance(rows.row(last), rows.row(row)).sqrt().max(cores[last]).max(cores[row]);
            if reach < nearest[row].0 {
                nearest[row] = (reach, last);
            }
            if nearest[row].0 < best.0 {
                best = (nearest[row].0, place);
            }
        }
        last = outside.swap_remove(best.1);
        edges.push(Edge { from: nearest[last].1, to: last, reach: nearest[last].0 });
    }
    edges.sort_by(|a, b| a.reach.total_cmp(&b.reach).then(a.to.cmp(&b.to)));
    Ok(edges)
}

/// A cluster of the hierarchy.
#[derive(Debug, Clone, Copy)]
struct Cluster {
    parent: Option<usize>,
    /// The reach at which it parts from its parent; it exists below.
    birth: f64,
    /// The least reach at which two of its rows join.
    least: f64,
}

/// Clusters of at least a given size, and to which each row falls.
#[derive(Debug, Clone)]
pub(super) struct Condensed {
    clusters: Vec<Cluster>,
    /// For each row, the smallest cluster that holds it.
    of_row: Vec<usize>,
    /// For each row, the reach from which on it belongs to that cluster.
    joins_at: Vec<f64>,
}

/// A node of the single-linkage tree: two parts joined at a reach. Rows are the nodes before these.
struct Join {
    parts: [usize; 2],
    reach: f64,
    size: usize,
}

impl Condensed {
    /// Cuts the tree of `edges` (shortest first) over `rows` rows into clusters of at least `min_cluster` rows.
    pub fn new(edges: Vec<Edge>, rows: usize, min_cluster: usize) -> Self {
        let joins = join(edges, rows);
        let size = |node: usize| if node < rows { 1 } else { joins[node - rows].size };
        let mut condensed = Self { clusters: vec![Cluster { parent: None, birth: f64::INFINITY, least: f64::INFINITY }], of_row: vec![0; rows], joins_at: vec![0.0; rows] };
        // Nodes that are still to be cut, with the cluster that they belong to, and the reach at which they fell out of it, if they did.
        let mut open: Vec<(usize, usize, Option<f64>)> = if joins.is_empty() { Vec::new() } else { vec![(rows + joins.len() - 1, 0, None)] };
        while let Some((node, cluster, fell_at)) = open.pop() {
            if node < rows {
                condensed.of_row[node] = cluster;
                condensed.joins_at[node] = fell_at.unwrap_or(0.0);
                continue;
            }
            let Join { parts, reach, .. } = joins[node - rows];
            if fell_at.is_some() {
                open.extend(parts.map(|part| (part, cluster, fell_at)));
                continue;
            }
            condensed.clusters[cluster].least = condensed.clusters[cluster].least.min(reach);
            let splits = parts.iter().all(|&p| size(p) >= min_cluster);
            for part in parts {
                // Where only one part is large enough, the cluster goes on in it, and the others fall out here.
                let belongs = if splits {
                    condensed.clusters.push(Cluster { parent: Some(cluster), birth: reach, least: reach });
                    condensed.clusters.len() - 1
                } else {
                    cluster
                };
                open.push((part, belongs, (size(part) < min_cluster).then_some(reach)));
            }
        }
        condensed.pass_up();
        condensed
    }

    /// A cluster's least reach is that of the clusters inside it too; these come after it.
    fn pass_up(&mut self) {
        for index in (1..self.clusters.len()).rev() {
            let Cluster { parent, least, .. } = self.clusters[index];
            if let Some(parent) = parent {
                self.clusters[parent].least = self.clusters[parent].least.min(least);
            }
        }
    }

    /// For each row, the reach from which on it belongs to its cluster.
    pub fn joins_at(&self) -> &[f64] {
        &self.joins_at
    }

    /// How many clusters there are.
    pub fn count(&self) -> usize {
        self.clusters.len()
    }

    /// The least reach in the smallest cluster that holds `row` and exists at `reach`.
    pub fn least_reach(&self, row: usize, reach: f64) -> f64 {
        let mut cluster = &self.clusters[self.of_row[row]];
        while let Some(parent) = cluster.parent.filter(|_| reach >= cluster.birth) {
            cluster = &self.clusters[parent];
        }
        if cluster.least.is_finite() { cluster.least } else { reach }
    }
}

/// The single-linkage tree.
fn join(edges: Vec<Edge>, rows: usize) -> Vec<Join> {
    let mut above: Vec<usize> = (0..2 * rows).collect();
    let mut joins: Vec<Join> = Vec::with_capacity(edges.len());
    for Edge { from, to, reach } in edges {
        let parts = [top(&mut above, from), top(&mut above, to)];
        let size = parts.iter().map(|&p| if p < rows { 1 } else { joins[p - rows].size }).sum();
        let node = rows + joins.len();
        for part in parts {
            above[part] = node;
        }
        joins.push(Join { parts, reach, size });
    }
    joins
}

/// The topmost node over `node`, shortening the way there.
fn top(above: &mut [usize], mut node: usize) -> usize {
    while above[node] != node {
        above[node] = above[above[node]];
        node = above[node];
    }
    node
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;
    use crate::detect::reach::core_distances;

    #[test]
    fn two_groups_by_hand() {
        // 0, 1, 2 and 10, 10.5, 11; core distance to the second row (itself the first).
        let rows = Array2::from_shape_vec((6, 1), vec![0.0, 1.0, 2.0, 10.0, 10.5, 11.0]).unwrap();
        let cores = core_distances(rows.view(), 2);
        let edges = spanning_tree(&rows, &cores, &Job::unwatched(1)).unwrap();
        assert_eq!(edges.iter().map(|e| e.reach).collect::<Vec<_>>(), [0.5, 0.5, 1.0, 1.0, 8.0]);
        let tree = Condensed::new(edges, 6, 2);
        assert_eq!(tree.joins_at(), [1.0, 1.0, 1.0, 0.5, 0.5, 0.5]);
        assert_eq!(tree.clusters[0].least, 0.5);
        assert_eq!((tree.least_reach(0, 1.0), tree.least_reach(3, 1.0)), (1.0, 0.5));
        // At a reach of 8 and more only the whole is there.
        assert_eq!(tree.least_reach(0, 8.0), 0.5);
    }

    #[test]
    fn one_row_and_equal_rows() {
        assert_eq!(Condensed::new(Vec::new(), 1, 5).least_reach(0, 3.0), 3.0);
        let rows = Array2::zeros((20, 2));
        let edges = spanning_tree(&rows, &[0.0; 20], &Job::unwatched(1)).unwrap();
        assert_eq!(Condensed::new(edges, 20, 5).least_reach(7, 1.0), 0.0);
    }
}
