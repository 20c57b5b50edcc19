//! Scores of different detectors made comparable: each by its place among the scores that the same detector gave to the training part.

/// The place of a score among the training scores, 0 to 1: known at each of them, straight lines between, bounded beyond.
pub(super) struct Scale {
    /// Different training scores, ascending.
    values: Vec<f64>,
    /// The place of each.
    levels: Vec<f64>,
    spread: f64,
}

impl Scale {
    /// Learned from these scores; equal ones share the middle of their places.
    pub fn ranks(training: &[f64]) -> Self {
        let rows = training.len() as f64;
        let mut sorted = training.to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        let (mut values, mut levels) = (Vec::new(), Vec::new());
        let mut start = 0;
        while start < sorted.len() {
            let end = start + sorted[start..].partition_point(|s| *s <= sorted[start]).max(1);
            values.push(sorted[start]);
            levels.push((start + end) as f64 / 2.0 / rows);
            start = end;
        }
        let middle = sorted.get(sorted.len() / 2).copied().unwrap_or(0.0);
        let top = sorted.last().copied().unwrap_or(0.0);
        let bottom = sorted.first().copied().unwrap_or(0.0);
        let spread = [top - middle, top - bottom].into_iter().find(|s| *s > 0.0 && s.is_finite()).unwrap_or(1.0);
        Self { values, levels, spread }
    }

    /// The place of a score. Above the highest 1 is approached, without being reached, so that the order at the top is kept.
    pub fn of(&self, score: f64) -> f64 {
        let above = self.values.partition_point(|v| *v <= score);
        let squash = |gap: f64| {
            let gap = (gap / self.spread).min(1e15);
            gap / (1.0 + gap)
        };
        match above {
            0 => {
                let (first, level) = self.values.first().zip(self.levels.first()).unwrap_or((&0.0, &0.0));
                level * (1.0 - squash(first - score))
            }
            _ if above == self.values.len() => {
                let last = self.levels[above - 1];
                last + (1.0 - last) * squash(score - self.values[above - 1])
            }
            _ => {
                let (low, high) = (self.values[above - 1], self.values[above]);
                // Halves, so that the difference of two large numbers does not overflow.
                let share = (score / 2.0 - low / 2.0) / (high / 2.0 - low / 2.0);
                self.levels[above - 1] + (self.levels[above] - self.levels[above - 1]) * share.clamp(0.0, 1.0)
            }
        }
    }

    /// The place of each score.
    pub fn of_all(&self, scores: &[f64]) -> Vec<f64> {
        use rayon::prelude::*;
        scores.par_iter().with_min_len(1024).map(|s| self.of(*s)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_are_places_among_the_training_scores() {
        let ranks = Scale::ranks(&[1.0, 2.0, 2.0, 4.0]);
        assert_eq!(ranks.of(1.0), 0.125);
        assert_eq!(ranks.of(2.0), 0.5);
        assert_eq!(ranks.of(4.0), 0.875);
        assert_eq!(ranks.of(3.0), 0.6875);
        assert!(ranks.of(5.0) > ranks.of(4.0) && ranks.of(500.0) > ranks.of(5.0) && ranks.of(f64::MAX) <= 1.0);
        assert!(ranks.of(0.0) < ranks.of(1.0) && ranks.of(f64::MIN) >= 0.0);
    }
}
