//! Which rows of a reference set are nearest to each of its rows: their places alone, a quarter of what distances would take besides.

use rayon::prelude::*;

use super::{Neighbour, Reference, of_part, watched};
use crate::detect::{FitError, Job};

/// No row.
const NONE: u32 = u32::MAX;

/// The nearest rows of every row of a reference set, none its own neighbour.
pub(in crate::detect) struct Table {
    width: usize,
    places: Vec<u32>,
}

impl Table {
    /// Looks for the `count` nearest of each, or for all others where there are fewer.
    ///
    /// # Errors
    /// When the job was stopped.
    pub fn new(reference: &Reference, count: usize, job: &Job<'_>) -> Result<Self, FitError> {
        let width = count.min(reference.len().saturating_sub(1));
        let mut places = Vec::with_capacity(width * reference.len());
        watched(reference.values(), reference.columns, job, |first, values| {
            let near = |_: usize, near: &[Neighbour]| near.iter().map(|n| n.row as u32).collect::<Vec<_>>();
            for found in of_part(reference, values, first, width, &Some, &near) {
                places.extend(&found);
                places.extend(std::iter::repeat_n(NONE, width - found.len()));
            }
        })?;
        Ok(Self { width, places })
    }

    /// Computes something of every row from its nearest rows, the nearest first; fewer where the others are too far for a number to say.
    pub fn of_each<T: Send>(&self, reference: &Reference, compute: impl Fn(usize, &[Neighbour]) -> T + Sync) -> Vec<T> {
        (0..reference.len())
            .into_par_iter()
            .with_min_len(256)
            .map_init(
                || Vec::with_capacity(self.width),
                |near, row| {
                    near.clear();
                    let places = self.places[row * self.width..][..self.width].iter().take_while(|place| **place != NONE);
                    near.extend(places.map(|&place| Neighbour { distance: reference.between(row, place), row: place as usize }));
                    compute(row, near)
                },
            )
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use ndarray::ArcArray2;

    use super::*;
    use crate::detect::{
        hard_cases::uniform,
        neighbours::{Scratch, of_each},
    };

    #[test]
    fn gives_what_a_search_gives() {
        for size in [1.0, 1e300] {
            let rows = crate::detect::hard_cases::matrix(uniform(300, 3, 4) * size);
            let reference = Reference::of(rows.shared());
            let table = Table::new(&reference, 7, &Job::unwatched(1)).unwrap();
            let searched = of_each(&reference, &rows, 7, Some, |_, near| near.to_vec());
            assert_eq!(table.of_each(&reference, |_, near| near.to_vec()), searched);
        }
    }

    #[test]
    fn few_rows_and_rows_too_far_to_tell() {
        let reference = Reference::of(ArcArray2::from_shape_vec((3, 1), vec![0.0, 1.0, 3.0]).unwrap());
        let table = Table::new(&reference, 20, &Job::unwatched(1)).unwrap();
        assert_eq!(table.of_each(&reference, |_, near| near.iter().map(|n| n.row).collect::<Vec<_>>()), [[1, 2], [0, 2], [1, 0]]);
        let alone = Reference::of(ArcArray2::zeros((1, 2)));
        assert_eq!(Table::new(&alone, 5, &Job::unwatched(1)).unwrap().of_each(&alone, |_, near| near.len()), [0]);
        let ends = Reference::of(ArcArray2::from_shape_vec((2, 2), vec![f64::MAX, 0.0, -f64::MAX, 0.0]).unwrap());
        let (mut scratch, mut out) = (Scratch::default(), Vec::new());
        ends.nearest(ends.row(0), 1, Some(0), &mut scratch, &mut out);
        assert_eq!(Table::new(&ends, 1, &Job::unwatched(1)).unwrap().of_each(&ends, |_, near| near.to_vec())[0], out);
    }
}
