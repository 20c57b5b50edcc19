//! What computing takes in production: counted work, stage by stage, and how many processor hours that is.
//!
//! No two runs take the same seconds, and money that no two runs agree on cannot be judged. So the money is made from what can be counted
//! (events, bytes, units, fields, lessons) and from ranges of seconds that such work takes, wide enough for any machine and method; a
//! verdict judged on the whole range does not hang on a clock. What this run measured stands in `run.json`; the report projects it by the
//! same laws, in hours and in money, beside the range.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Range;
use crate::{detect::FIT_ROWS, spec};

/// What the run did, counted: the same for the same experiment on the same data.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Work {
    /// Bytes of text that were read.
    pub text_bytes: u64,
    /// Events that were read.
    pub events: u64,
    /// Days that the events cover.
    pub days: f64,
    /// Those of them that were learned from.
    pub training_days: f64,
    /// Columns of the matrix.
    pub fields: u64,
    /// Units that were learned from.
    pub training_units: u64,
    /// Units that were judged.
    pub judged_units: u64,
    /// Days that were judged.
    pub judged_days: f64,
    /// Entities in the judged part.
    pub entities: u64,
}

/// A part of the work, and how it grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// Reading, joining and making the fields: in proportion to the events.
    Reading,
    /// Learning: at most with the square of the units that are learned from, of which no method takes more than [`FIT_ROWS`].
    Fitting,
    /// Scoring: in proportion to the units.
    Scoring,
}

/// One stage in a year of production.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StageWork {
    /// Which.
    pub stage: Stage,
    /// How many times the work of this run.
    pub times: f64,
    /// Processor hours, from the counted work.
    pub hours: Range,
}

/// What one stage took in a run, in processor seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spent {
    /// Which.
    pub stage: Stage,
    /// Seconds.
    pub seconds: f64,
}

/// Seconds a gigabyte of text, to events. README, *How fast*: 530 MB a second for delimited text with 8 of 25 columns kept; formats that are
/// parsed by a regular expression, and slow machines, take up to ten times as long.
const GIGABYTE: Range = Range { low: 1.5, base: 3.0, high: 30.0 };
/// Seconds for a field of a million events. *How fast*: 0.75 s for 13 fields of 1.07 million events; `regularity` and `surprise` take more.
const FIELD: Range = Range { low: 0.02, base: 0.05, high: 1.0 };
/// Seconds for a million cells (unit x field) that are learned from or scored by a method that looks at each once. README, *What it
/// compares*: from 0.0 (`hbos`) to 4 (`gmm`) at 10 000 rows x 20 columns.
const CELL: Range = Range { low: 0.05, base: 2.0, high: 50.0 };
/// Seconds for a million cells and another row each is compared with: `knn` takes 0.00022 there.
const PAIR: f64 = 0.002;

impl Work {
    /// Events a day in production; as many as in the run where the experiment does not say.
    pub(super) fn events_per_day(&self, production: Option<&spec::Production>) -> f64 {
        let here = if self.days > 0.0 { self.events as f64 / self.days } else { 0.0 };
        production.and_then(|production| production.events_per_day).unwrap_or(here)
    }

    /// A year of production, or what is done once: reading the training days and learning from them.
    pub(super) fn stages(&self, production: Option<&spec::Production>, yearly: bool) -> [StageWork; 3] {
        let events = ratio(self.events_per_day(production) * self.days, self.events as f64);
        let entities = production.and_then(|production| production.entities).map(|entities| ratio(entities, self.entities as f64));
        let units = entities.unwrap_or(events);
        let again = production.and_then(|production| production.retrain_every).map(spec::Duration::as_days).filter(|every| *every > 0.0);
        let lessons = if yearly { again.map_or(0.0, |every| 365.0 / every) } else { 1.0 };
        let days = if yearly { 365.0 } else { 0.0 };

        let read = ratio(days + lessons * self.training_days, self.days) * events;
        let (here, there) = (learned(self.training_units as f64), learned(self.training_units as f64 * units));
        let learn = lessons * ratio(there, here).powi(2);
        let score = ratio(days, self.judged_days) * units;
        let fields = self.fields as f64;
        let (gigabytes, events) = (self.text_bytes as f64 / 1e9 * read, self.events as f64 / 1e6 * read);
        let reading = |of: fn(&Range) -> f64| gigabytes * of(&GIGABYTE) + events * fields * of(&FIELD);
        let (lesson, scored) = (there * fields / 1e6, self.judged_units as f64 * fields / 1e6 * score);
        // Whether a method compares rows with rows is not known here: the high end says that it does.
        let cells = |cells: f64| Range { low: cells * CELL.low, base: cells * CELL.base, high: cells * (CELL.high + there * PAIR) };
        [
            stage(Stage::Reading, read, Range { low: reading(|r| r.low), base: reading(|r| r.base), high: reading(|r| r.high) }),
            stage(Stage::Fitting, learn, cells(lessons * lesson)),
            stage(Stage::Scoring, score, cells(scored)),
        ]
    }
}

/// The processor hours of all stages.
pub fn hours(stages: &[StageWork]) -> Range {
    let sum = |of: fn(&Range) -> f64| stages.iter().map(|stage| of(&stage.hours)).sum();
    Range { low: sum(|r| r.low), base: sum(|r| r.base), high: sum(|r| r.high) }
}

/// The processor hours of all stages, had each taken what it took in a run.
pub fn projected(stages: &[StageWork], spent: &[Spent]) -> f64 {
    let seconds = |stage: &StageWork| spent.iter().filter(|spent| spent.stage == stage.stage).map(|spent| spent.seconds).sum::<f64>();
    stages.iter().map(|stage| stage.times * seconds(stage) / 3_600.0).sum()
}

fn stage(stage: Stage, times: f64, seconds: Range) -> StageWork {
    let hours = Range { low: seconds.low / 3_600.0, base: seconds.base / 3_600.0, high: seconds.high / 3_600.0 };
    StageWork { stage, times, hours }
}

/// Units that a method learns from, of so many.
fn learned(units: f64) -> f64 {
    units.min(FIT_ROWS as f64)
}

fn ratio(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { 0.0 }
}
