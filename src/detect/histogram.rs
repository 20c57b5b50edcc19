//! Histograms of equal width over one line of numbers. Shared by HBOS and LODA.

/// A histogram of equal width.
#[derive(Debug)]
pub(super) struct Histogram {
    /// Ascending; one more than counts.
    pub edges: Vec<f64>,
    /// Values in each bin: closed on the left, the last one on both sides.
    pub counts: Vec<u64>,
    per_unit: f64,
}

/// Where a value lies.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Place {
    /// In this bin.
    Bin(usize),
    /// So far below the first edge.
    Below(f64),
    /// So far above the last edge.
    Above(f64),
}

impl Histogram {
    /// Counts values; those of a constant line lie in the middle of bins that span one unit (as in `numpy.histogram`), or, where they are so
    /// large that a unit is lost in rounding, a share of the value.
    pub fn new(values: impl Iterator<Item = f64> + Clone, bins: usize) -> Self {
        let (mut least, mut most) = values.clone().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, m), v| (l.min(v), m.max(v)));
        if !(bins as f64 / (most - least)).is_finite() || !(most - least).is_finite() || least.midpoint(most) == least {
            let middle = if least.is_finite() { least.midpoint(most) } else { 0.0 };
            let half = 0.5_f64.max(middle.abs() * 1e-12);
            (least, most) = (least.min(middle - half), most.max(middle + half));
        }
        // Numbers near the limits of the type: their width would overflow.
        let (least, most) = (least.max(f64::MIN / 4.0), most.min(f64::MAX / 4.0));
        let width = most - least;
        let edges: Vec<f64> = (0..=bins).map(|i| if i == bins { most } else { least + width * (i as f64 / bins as f64) }).collect();
        let mut histogram = Self { edges, counts: vec![0; bins], per_unit: bins as f64 / width };
        for value in values {
            let bin = match histogram.place(value) {
                Place::Bin(bin) => bin,
                Place::Below(_) => 0,
                Place::Above(_) => bins - 1,
            };
            histogram.counts[bin] += 1;
        }
        histogram
    }

    /// Finds a value.
    pub fn place(&self, value: f64) -> Place {
        let bins = self.counts.len();
        if value < self.edges[0] {
            return Place::Below(self.edges[0] - value);
        }
        if value > self.edges[bins] {
            return Place::Above(value - self.edges[bins]);
        }
        // Rounding may miss by one bin: the edges decide.
        let mut bin = (((value - self.edges[0]) * self.per_unit) as usize).min(bins - 1);
        if value < self.edges[bin] {
            bin -= 1;
        } else if bin + 1 < bins && value >= self.edges[bin + 1] {
            bin += 1;
        }
        Place::Bin(bin)
    }

    /// The width of a bin.
    pub fn width(&self) -> f64 {
        1.0 / self.per_unit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_are_those_of_numpy() {
        // numpy.histogram([1, 2, 2, 3, 4, 4.5, 5], bins=4): counts [1, 2, 1, 3]
        let values = [1.0, 2.0, 2.0, 3.0, 4.0, 4.5, 5.0];
        let histogram = Histogram::new(values.into_iter(), 4);
        assert_eq!(histogram.edges, [1.0, 2.0, 3.0, 4.0, 5.0]);
        assert_eq!(histogram.counts, [1, 2, 1, 3]);
        assert_eq!(histogram.place(5.0), Place::Bin(3));
        assert_eq!(histogram.place(2.0), Place::Bin(1));
        assert_eq!(histogram.place(0.5), Place::Below(0.5));
        assert_eq!(histogram.place(7.0), Place::Above(2.0));
    }

    #[test]
    fn any_line_has_a_histogram() {
        for values in [vec![3.0], vec![1e300, 1e300], vec![-1e308, 1e308], vec![0.0, 1e-320], vec![1e16, 1e16 + 2.0]] {
            let histogram = Histogram::new(values.iter().copied(), 10);
            assert_eq!(histogram.counts.iter().sum::<u64>(), values.len() as u64, "{values:?}");
            assert!(histogram.edges.is_sorted() && histogram.width() > 0.0 && histogram.width().is_finite(), "{values:?} {histogram:?}");
        }
    }
}
