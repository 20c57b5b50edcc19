//! Scores of different detectors made comparable: each by its place among the scores that the same detector gave to the training part.

/// What a score is worth, learnt from the training scores: known at each of them, straight lines between, bounded beyond.
pub(super) struct Scale {
    /// Different training scores, ascending.
    values: Vec<f64>,
    /// What each is worth.
    levels: Vec<f64>,
    /// What is approached above the highest, without being reached, so that the order at the top is kept.
    ceiling: f64,
    spread: f64,
}

impl Scale {
    /// The place among the training scores, 0 to 1; equal scores share the middle of their places.
    pub fn ranks(training: &[f64]) -> Self {
        Self::new(training, 1.0, |start, end, rows| (start + end) as f64 / 2.0 / rows)
    }

    /// How surprising a score is: `-ln p`, p the share of training scores that are at least as high (the score itself counted among them, as in
    /// conformal prediction). A score that many rows share is no surprise, however high its rank.
    pub fn surprise(training: &[f64]) -> Self {
        let rows = training.len() as f64;
        Self::new(training, (rows + 1.0).ln() + 1.0, |start, _, rows| -((rows - start as f64 + 1.0) / (rows + 1.0)).ln())
    }

    /// `level` is given the places of the first and behind the last of equal scores, and the number of all.
    fn new(training: &[f64], ceiling: f64, level: impl Fn(usize, usize, f64) -> f64) -> Self {
        let mut sorted = training.to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        let (mut values, mut levels) = (Vec::new(), Vec::new());
        let mut start = 0;
        while start < sorted.len() {
            let end = start + sorted[start..].partition_point(|s| *s <= sorted[start]).max(1);
            values.push(sorted[start]);
            levels.push(level(start, end, sorted.len() as f64));
            start = end;
        }
        let middle = sorted.get(sorted.len() / 2).copied().unwrap_or(0.0);
        let top = sorted.last().copied().unwrap_or(0.0);
        let bottom = sorted.first().copied().unwrap_or(0.0);
        let spread = [top - middle, top - bottom].into_iter().find(|s| *s > 0.0 && s.is_finite()).unwrap_or(1.0);
        Self { values, levels, ceiling, spread }
    }

    /// What a score is worth.
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
                last + (self.ceiling - last) * squash(score - self.values[above - 1])
            }
            _ => {
                let (low, high) = (self.values[above - 1], self.values[above]);
                // Halves, so that the difference of two large numbers does not overflow.
                let share = (score / 2.0 - low / 2.0) / (high / 2.0 - low / 2.0);
                self.levels[above - 1] + (self.levels[above] - self.levels[above - 1]) * share.clamp(0.0, 1.0)
            }
        }
    }

    /// What each score is worth.
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

    #[test]
    fn surprise_by_hand() {
        // Of 4 training scores all are at least 1, three at least 2, one at least 4; the score itself is counted with them.
        let surprise = Scale::surprise(&[1.0, 2.0, 2.0, 4.0]);
        assert_eq!(surprise.of(1.0), 0.0);
        assert!((surprise.of(2.0) - (5.0f64 / 4.0).ln()).abs() < 1e-15);
        assert!((surprise.of(4.0) - (5.0f64 / 2.0).ln()).abs() < 1e-15);
        assert!(surprise.of(9.0) > surprise.of(5.0) && surprise.of(f64::MAX) <= 5f64.ln() + 1.0);
        assert_eq!(surprise.of(f64::MIN), 0.0);
        // What all rows have is no surprise.
        assert_eq!(Scale::surprise(&[7.0; 100]).of(7.0), 0.0);
    }
}
