//! What a running experiment tells whoever watches: the terminal, a log, a test. Stages emit events and know nothing of terminals.

use crate::text::Said;

/// The parts into which scoring is divided, by the work that each contender is.
pub const SCORING_PARTS: u64 = 1000;

/// Something that happened in a run.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// A stage began; `total` is in the stage's own unit (bytes for reading, [`SCORING_PARTS`] for scoring).
    Started {
        /// `Reading`, `Fields`, `Scoring`, `Judging`.
        stage: &'static str,
        /// How much there is to do, where that is known.
        total: Option<u64>,
    },
    /// So much more of the stage is done.
    Advanced {
        /// The stage.
        stage: &'static str,
        /// How much more, in the unit of `total`.
        by: u64,
    },
    /// A stage ended, with one line to show.
    Finished {
        /// The stage.
        stage: &'static str,
        /// What came of it: `28 files, 4 218 377 rows`; empty where there is nothing to show.
        summary: String,
    },
    /// A detector is so far (0 to 1) in fitting and scoring.
    Detector {
        /// Which contender.
        id: String,
        /// How far, 0 to 1; 1 is done.
        fraction: f64,
        /// With how many seeds it is run. Those of one contender do not follow one another: between them it waits.
        seeds: usize,
    },
    /// Something the user should know, that does not stop the run.
    Warning(Warning),
}

/// Something the user should know, that does not stop the run.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
pub struct Warning {
    /// `W031` and the like; `gonogo explain` knows it.
    pub code: String,
    /// One sentence: what was seen, and what it means for the result.
    pub message: Said,
}

/// Whoever watches a run.
pub trait Observer: Sync {
    /// Takes note of an event.
    fn event(&self, event: Event);

    /// Says whether the user asked to stop.
    fn cancelled(&self) -> bool {
        false
    }
}

/// Says nothing of what it is told, and still knows whether the user asked to stop: for work within a stage.
#[derive(Clone, Copy)]
pub struct Quiet<'a>(pub &'a dyn Observer);

impl Observer for Quiet<'_> {
    fn event(&self, _: Event) {}

    fn cancelled(&self) -> bool {
        self.0.cancelled()
    }
}

/// An observer that sees nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Observer for Silent {
    fn event(&self, _: Event) {}
}
