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

#[cfg(test)]
mod tests {
    use super::{
        super::tests::{RUN, near},
        *,
    };

    #[test]
    fn computing_grows_by_the_law_of_each_stage() {
        let production = |text: &str| serde_yaml::from_str::<spec::Production>(text).unwrap();
        let here = RUN.stages(Some(&production("{ retrain_every: 73d }")), true);
        let times = |stages: [StageWork; 3]| stages.map(|stage| stage.times);
        // 365 + 5 x 10 days of 14; 5 lessons; 365 of 4 days.
        let [reading, fitting, scoring] = times(here);
        near(reading, 415.0 / 14.0, 1e-12);
        near(fitting, 5.0, 1e-12);
        near(scoring, 365.0 / 4.0, 1e-12);
        // Twice the events, three times the entities: units grow with the entities, lessons with their square.
        let twice = 2.0 * 271_068.0 / 14.0;
        let grown =
            times(RUN.stages(Some(&production(&format!("{{ events_per_day: {twice}, entities: 180, retrain_every: 73d }}"))), true));
        for (found, expected) in grown.into_iter().zip([2.0 * reading, 9.0 * fitting, 3.0 * scoring]) {
            near(found, expected, 1e-9);
        }
        // No more than 50 000 rows are learned from.
        let bounded = times(RUN.stages(Some(&production("{ entities: 6000, retrain_every: 73d }")), true));
        near(bounded[1], 5.0 * (50_000.0_f64 / 10_792.0).powi(2), 1e-9);
        // Once: the training days are read, and learned from.
        assert_eq!(times(RUN.stages(None, false)), [10.0 / 14.0, 1.0, 0.0]);
        // 14 x 360 seconds of reading here, 4 x 36 of scoring: 415 x 0.1 + 365 x 0.01 hours.
        let spent = [Spent { stage: Stage::Reading, seconds: 14.0 * 360.0 }, Spent { stage: Stage::Scoring, seconds: 4.0 * 36.0 }];
        near(projected(&here, &spent), 41.5 + 3.65, 1e-12);
        let timeless = Work { days: 0.0, judged_days: 0.0, ..RUN };
        assert_eq!(hours(&timeless.stages(None, true)), Range { low: 0.0, base: 0.0, high: 0.0 });
    }

    #[test]
    fn counted_computing_holds_what_the_readme_measured() {
        // README, *How fast*: a matrix of 13 fields from 1.07 million events, 0.35 GB, in 1.40 processor seconds.
        let work =
            Work { text_bytes: 350_000_000, events: 1_070_000, days: 365.0, training_days: 0.0, fields: 13, training_units: 0, ..RUN };
        let [reading, ..] = work.stages(None, true);
        let seconds = 1.40 / 3_600.0;
        assert!(
            reading.hours.low < seconds && seconds < reading.hours.high && (0.5..2.0).contains(&(reading.hours.base / seconds)),
            "{reading:?}"
        );
    }
}
