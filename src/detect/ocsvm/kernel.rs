//! Similarities of the sample's rows, row after row, of which only those that were asked for lately are kept.
//!
//! A table of all would take the square of the sample. The solver returns to the same few rows again and again, so a small store answers most
//! of what it asks (as in LIBSVM, whose similarities are of single precision too: what rounding takes off is far below any tolerance).

use ndarray::Array2;

use crate::detect::reach::squared_distance;

/// What the rows that are kept may take, in bytes.
const KEPT: usize = 2 << 20;

/// Rows that are kept at least: the solver looks at two at a time.
const LEAST: usize = 2;

/// How many rows of similarities to `rows` rows are kept.
pub(super) fn kept(rows: usize) -> usize {
    (KEPT / (4 * rows.max(1))).clamp(LEAST, rows.max(LEAST))
}

/// The similarities `exp(-gamma * squared distance)` of every row to every row.
pub(super) struct Kernel<'a> {
    rows: &'a Array2<f64>,
    gamma: f64,
    slots: Vec<Slot>,
    /// In which slot each row is kept.
    slot_of: Vec<Option<usize>>,
    clock: u64,
}

struct Slot {
    row: usize,
    used: u64,
    similarities: Vec<f32>,
}

impl<'a> Kernel<'a> {
    /// Of these rows.
    pub fn new(rows: &'a Array2<f64>, gamma: f64) -> Self {
        Self { rows, gamma, slots: Vec::new(), slot_of: vec![None; rows.nrows()], clock: 0 }
    }

    /// How many rows.
    pub fn len(&self) -> usize {
        self.rows.nrows()
    }

    /// The similarities of one row to all.
    pub fn row(&mut self, row: usize) -> &[f32] {
        let slot = self.slot(row);
        &self.slots[slot].similarities
    }

    /// Those of two rows.
    pub fn two(&mut self, one: usize, other: usize) -> (&[f32], &[f32]) {
        // The second cannot displace the first, which was used last.
        let (one, other) = (self.slot(one), self.slot(other));
        (&self.slots[one].similarities, &self.slots[other].similarities)
    }

    fn slot(&mut self, row: usize) -> usize {
        self.clock += 1;
        let slot = self.slot_of[row].unwrap_or_else(|| self.computed(row));
        self.slots[slot].used = self.clock;
        slot
    }

    /// Computes a row, in place of the one that was not used for longest where there is no room.
    fn computed(&mut self, row: usize) -> usize {
        let oldest = (0..self.slots.len()).min_by_key(|&slot| self.slots[slot].used);
        let slot = match oldest.filter(|_| self.slots.len() >= kept(self.rows.nrows())) {
            Some(slot) => {
                self.slot_of[self.slots[slot].row] = None;
                slot
            }
            None => {
                self.slots.push(Slot { row, used: 0, similarities: vec![0.0; self.rows.nrows()] });
                self.slots.len() - 1
            }
        };
        self.slots[slot].row = row;
        self.slot_of[row] = Some(slot);
        // From differences, so that equal rows are exactly alike.
        let from = self.rows.row(row);
        for (to, other) in self.slots[slot].similarities.iter_mut().zip(self.rows.rows()) {
            *to = (-self.gamma * squared_distance(from, other)).exp() as f32;
        }
        slot
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::hard_cases::uniform;

    #[test]
    fn what_was_displaced_comes_back_the_same() {
        let rows = uniform(3_000, 2, 1);
        let mut kernel = Kernel::new(&rows, 0.7);
        let first = kernel.row(0).to_vec();
        (1..400).for_each(|row| assert_eq!(kernel.row(row)[row], 1.0));
        assert!(kernel.slots.len() == kept(3_000) && kept(3_000) < 400 && kernel.slot_of[0].is_none());
        let (again, other) = kernel.two(0, 399);
        assert!(again == first && other[0] == first[399]);
        let expected = (-0.7 * squared_distance(rows.row(0), rows.row(17))).exp();
        assert!((f64::from(first[17]) - expected).abs() < 1e-7);
    }
}
