//! One search for the nearest rows: what cannot be ruled out in single precision is kept aside, and only the last few are looked at exactly.

use super::{
    LANES, Neighbour, Reference,
    coarse::{GROUPS, Query},
};

/// How many of the nearest leaves are put in order; by then the limit is tight, and the others come as they are stored.
const FIRST_LEAVES: usize = 32;

/// Memory that searches of one thread share.
#[derive(Default)]
pub(in crate::detect) struct Scratch {
    scaled: Vec<f64>,
    query: Query,
    bounds: Vec<f32>,
    first: Vec<(f32, u32)>,
    kept: Vec<(f32, u32)>,
    exact: Vec<Exact>,
}

impl Reference {
    /// The `count` nearest rows, the nearest first, of equals the first in the reference set; fewer where there are fewer, or where the others
    /// are too far for a number to say.
    ///
    /// `skip` is the place of the row itself, which is not its own neighbour.
    pub fn nearest(&self, row: &[f64], count: usize, skip: Option<usize>, scratch: &mut Scratch, out: &mut Vec<Neighbour>) {
        let Scratch { scaled, query, bounds, first, kept, exact } = scratch;
        scaled.clear();
        scaled.extend(row.iter().map(|v| v / self.scale));
        self.coarse.look(scaled, query);
        self.coarse.boxes(query, bounds);
        first.clear();
        first.extend(bounds.iter().enumerate().map(|(leaf, bound)| (*bound, leaf as u32)));
        let order = |a: &(f32, u32), b: &(f32, u32)| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1));
        if first.len() > FIRST_LEAVES {
            first.select_nth_unstable_by(FIRST_LEAVES, order);
            first.truncate(FIRST_LEAVES);
        }
        first.sort_unstable_by(order);
        kept.clear();
        let mut search = Search {
            reference: self,
            row: scaled,
            query,
            count,
            skip: skip.map_or(u32::MAX, |place| place as u32),
            limit: f32::INFINITY,
            kept,
            exact,
        };
        for &(bound, leaf) in first.iter() {
            search.visit(bound, leaf);
        }
        if let Some(last) = first.last() {
            for (leaf, &bound) in bounds.iter().enumerate() {
                if order(&(bound, leaf as u32), last).is_gt() {
                    search.visit(bound, leaf as u32);
                }
            }
        }
        search.tighten();
        search.look_exactly();
        out.clear();
        out.extend(exact.iter().map(|near| Neighbour { distance: near.square.sqrt() * self.scale, row: near.place as usize }));
    }
}

/// A row that was looked at exactly.
#[derive(Clone, Copy)]
struct Exact {
    square: f64,
    place: u32,
    coarse: f32,
}

/// A search on its way.
struct Search<'a> {
    reference: &'a Reference,
    row: &'a [f64],
    query: &'a Query,
    count: usize,
    skip: u32,
    /// What a square in single precision must not exceed; below 0 where nothing can be nearer any more.
    limit: f32,
    /// Rows that may be among the nearest, with their squares in single precision.
    kept: &'a mut Vec<(f32, u32)>,
    exact: &'a mut Vec<Exact>,
}

impl Search<'_> {
    fn visit(&mut self, bound: f32, leaf: u32) {
        if bound > self.limit {
            return;
        }
        let first = leaf as usize * GROUPS;
        for group in first..first + GROUPS {
            let Some(squares) = self.reference.coarse.squares(self.query, group, self.limit) else { continue };
            for (square, &place) in squares.iter().zip(&self.reference.places[group * LANES..]) {
                if *square <= self.limit && place != u32::MAX && place != self.skip {
                    self.kept.push((*square, place));
                }
            }
        }
        // Room enough that what is done now and then costs little a row.
        if self.kept.len() >= self.count + (self.count / 2).max(32) {
            self.tighten();
            if self.kept.len() >= self.count + (self.count / 4).max(16) {
                self.settle_ties();
            }
        }
    }

    /// Lets go of what cannot be among the nearest.
    fn tighten(&mut self) {
        if self.kept.len() <= self.count {
            return;
        }
        let (_, &mut (square, _), _) = self.kept.select_nth_unstable_by(self.count - 1, |a, b| a.0.total_cmp(&b.0));
        let limit = self.reference.coarse.limit_of_coarse(self.query, square);
        self.limit = self.limit.min(limit);
        self.kept.retain(|(square, _)| *square <= limit);
    }

    /// Many rows at nearly the same distance: keeps those that are nearest exactly.
    fn settle_ties(&mut self) {
        self.look_exactly();
        self.kept.clear();
        self.kept.extend(self.exact.iter().map(|near| (near.coarse, near.place)));
        if let Some(&Exact { square, .. }) = self.exact.last().filter(|_| self.exact.len() == self.count) {
            self.limit = if square == 0.0 { -1.0 } else { self.limit.min(self.reference.coarse.limit(self.query, square)) };
        }
    }

    /// The nearest of the rows kept, exactly.
    fn look_exactly(&mut self) {
        let Self { reference, row, kept, exact, .. } = self;
        exact.clear();
        let looked = kept.iter().map(|&(coarse, place)| Exact { square: reference.square(row, place), place, coarse });
        exact.extend(looked.filter(|near| near.square.is_finite()));
        exact.sort_unstable_by(|a, b| a.square.total_cmp(&b.square).then(a.place.cmp(&b.place)));
        exact.truncate(self.count);
    }
}
