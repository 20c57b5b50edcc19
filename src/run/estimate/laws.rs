//! How memory and time grow, stage by stage.
//!
//! Laws are counted from what each stage keeps of a unit (a value is 8 bytes); their few constants were measured on tables of 300 000 units, 20 fields
//! and 1 to 6 detectors, and a test holds sizes and memory to real runs; no test looks at times.

use std::time::Instant;

use crate::{
    detect::{Contender, Outcome, Plan, ScoreColumn, ScoreTable},
    evaluate::FIELD_PREFIX,
};

/// The sizes that everything grows with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Sizes {
    /// Units of all parts, of the training part, of the judged part.
    pub units: f64,
    pub training: f64,
    pub judged: f64,
    /// Fields of the experiment, once expanded, and those of them that are in the matrix.
    pub fields: f64,
    pub features: f64,
    /// Key columns.
    pub keys: f64,
    /// Contenders, and the seeds of each.
    pub contenders: f64,
    pub repeats: f64,
}

/// Values are 8 bytes.
const VALUE: f64 = 8.0;
/// Threads, buffers, code, and what a small run needs besides: measured on the shipped experiments.
const BASE: f64 = 70e6;
/// Of each pair, once it is unpacked to be looked back at.
const PAIR: f64 = 12.0;
/// Of a unit: its key, period, events, case.
const UNIT: f64 = 140.0;
/// Of each judged unit and contender, field controls included, while they are measured: scores in order, cases, flags.
const MEASURED: f64 = 52.0;
/// What is kept of a part for `state/` is held twice while it is written: as columns, and packed.
const WRITTEN: f64 = 1.9;

impl Sizes {
    /// Contenders, the two controls of each field, and chance.
    fn columns(&self) -> f64 {
        self.contenders + 2.0 * self.features + 2.0
    }

    fn table(&self) -> f64 {
        self.units * (2.0 * VALUE * self.fields + 2.0 * VALUE * self.keys + UNIT)
    }

    fn matrices(&self) -> f64 {
        (self.training + self.judged) * 2.0 * VALUE * self.features
    }

    fn scores(&self) -> f64 {
        let of_contenders = self.contenders * (1.0 + self.repeats) * (self.training + self.judged) * VALUE;
        let contributions = self.contenders * self.judged * self.features * VALUE;
        of_contenders + contributions
    }

    fn controls(&self) -> f64 {
        2.0 * self.features * (self.training + self.judged) * VALUE
    }
}

/// What is made of units and fields while they are scaled: every value twice, raw and as it is learned from, and the same again for a moment.
pub(in crate::run) fn to_scale(units: usize, fields: usize) -> f64 {
    4.0 * VALUE * (units * fields) as f64
}

/// The sizes of a run that has its scores.
pub(in crate::run) struct Counted {
    pub judged: usize,
    pub features: usize,
    /// Contenders, with the controls.
    pub columns: usize,
}

impl Counted {
    /// Bytes that judging adds.
    pub fn to_judge(&self) -> f64 {
        MEASURED * (self.columns * self.judged) as f64
    }

    /// Bytes that writing adds: the larger part as columns, and packed.
    pub fn to_write(&self, table: &ScoreTable) -> f64 {
        let kept = |column: &ScoreColumn| match &column.outcome {
            Outcome::Scored(scored) if !column.id.starts_with(FIELD_PREFIX) => {
                1 + scored.repeats.len() + scored.contributions.as_ref().map_or(0, |terms| terms.ncols())
            }
            _ => 0,
        };
        let columns: usize = table.columns.iter().map(kept).sum();
        WRITTEN * VALUE * (self.judged * (columns + 2 * self.features)) as f64
    }
}

/// The most memory of each stage, in bytes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Memory {
    pub reading: f64,
    pub fields: f64,
    pub scoring: f64,
    pub judging: f64,
    pub writing: f64,
}

/// What a run of these sizes needs. `gathered` bytes are held when the last event was read, with `pairs` to be unpacked; the detectors that run at once
/// need `detectors` bytes.
pub(super) fn memory(sizes: &Sizes, gathered: f64, pairs: f64, detectors: f64, buffers: f64) -> Memory {
    let reading = BASE + buffers + gathered + pairs * PAIR + sizes.table();
    let built = BASE + sizes.table();
    // Scaling holds every value twice more for a moment.
    let fields = built + 2.0 * sizes.matrices();
    let scored = built + sizes.matrices() + sizes.scores() + sizes.controls();
    let judging = scored + MEASURED * sizes.columns() * sizes.judged;
    // One file after the other: the judged part is the larger.
    let kept = sizes.contenders * sizes.judged * (sizes.repeats + sizes.features) + 2.0 * sizes.features * sizes.judged.max(sizes.training);
    let writing = scored + WRITTEN * VALUE * kept;
    Memory { reading, fields, scoring: scored + detectors, judging, writing }
}

/// What the detectors that run at once need besides the matrices: the largest, as many as there are threads.
pub(super) fn detectors(contenders: &[Contender], sizes: &Sizes, jobs: usize) -> f64 {
    let mut needs: Vec<u64> = contenders
        .iter()
        .filter_map(|contender| match &contender.plan {
            Plan::Method { detector, .. } => Some(detector.memory(sizes.training as usize, sizes.features as usize)),
            Plan::Ensemble { .. } => None,
        })
        .collect();
    needs.sort_unstable_by(|a, b| b.cmp(a));
    needs.iter().take(jobs.max(1)).sum::<u64>() as f64
}

/// Seconds that measuring takes for each judged unit and contender, on a machine whose yardstick is [`YARDSTICK`].
const MEASURE_SECONDS: f64 = 1.9e-7;
/// Seconds that keeping takes for each value of scores, contributions, and matrices.
const KEEP_SECONDS: f64 = 5.2e-8;
/// Seconds that scaling takes for each value of a field in a part.
const SCALE_SECONDS: f64 = 5.4e-8;
/// What sorting 200 000 numbers takes on the machine on which these were measured.
const YARDSTICK: f64 = 0.0041;
/// Whatever its size, a run writes a report.
const LEAST_SECONDS: f64 = 0.05;

/// Seconds that judging and writing take.
pub(super) fn judging_seconds(sizes: &Sizes, pace: f64) -> f64 {
    let measured = sizes.columns() * sizes.judged * MEASURE_SECONDS;
    let kept = (sizes.scores() + sizes.matrices()) / VALUE * KEEP_SECONDS;
    LEAST_SECONDS + pace * (measured + kept)
}

/// Seconds that scaling the fields takes.
pub(super) fn scaling_seconds(sizes: &Sizes, pace: f64) -> f64 {
    pace * (sizes.training + sizes.judged) * sizes.fields * SCALE_SECONDS
}

/// How many times slower this machine is than the one on which the constants were measured: the best of three sorts.
pub(super) fn pace() -> f64 {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64
    };
    let values: Vec<f64> = (0..200_000).map(|_| next()).collect();
    let best = (0..3).map(|_| {
        let mut values = values.clone();
        let began = Instant::now();
        values.sort_by(f64::total_cmp);
        std::hint::black_box(&values);
        began.elapsed().as_secs_f64()
    });
    best.fold(f64::INFINITY, f64::min) / YARDSTICK
}
