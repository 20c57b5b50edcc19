//! One value of several in a group: the largest, the smallest, or their mean.

use schemars::JsonSchema;
use serde::Deserialize;

use super::exact::ExactSum;
use crate::{said, text::Said};

/// Which of several values counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Agg {
    /// The largest.
    #[default]
    Max,
    /// The mean.
    Mean,
    /// The smallest.
    Min,
}

impl Agg {
    /// As it stands in a definition.
    pub(crate) fn word(self) -> Said {
        match self {
            Self::Max => said!(en: "largest", fr: "plus grande"),
            Self::Mean => said!(en: "mean", fr: "moyenne"),
            Self::Min => said!(en: "smallest", fr: "plus petite"),
        }
    }
}

/// Values gathered by group, whatever their order.
#[derive(Debug)]
pub(crate) struct Gathered {
    agg: Agg,
    best: Vec<Option<f64>>,
    sums: Vec<(ExactSum, u64)>,
}

impl Gathered {
    /// Starts with no value in any of so many groups.
    pub(crate) fn new(agg: Agg, groups: usize) -> Self {
        let (best, sums) = if agg == Agg::Mean { (0, groups) } else { (groups, 0) };
        Self { agg, best: vec![None; best], sums: vec![(ExactSum::default(), 0); sums] }
    }

    /// Adds a finite value.
    pub(crate) fn add(&mut self, group: u32, value: f64) {
        let index = group as usize;
        match self.agg {
            Agg::Max => self.best[index] = Some(self.best[index].map_or(value, |best| best.max(value))),
            Agg::Min => self.best[index] = Some(self.best[index].map_or(value, |best| best.min(value))),
            Agg::Mean => {
                let (sum, count) = &mut self.sums[index];
                sum.real(value);
                *count += 1;
            }
        }
    }

    /// What came of each group.
    pub(crate) fn values(self) -> Vec<Option<f64>> {
        if self.agg == Agg::Mean {
            self.sums.iter().map(|(sum, count)| (*count > 0).then(|| sum.value() / *count as f64)).collect()
        } else {
            self.best
        }
    }
}
