//! Scores and labels become measures with intervals. Sees numbers only: no linfa, no polars, no files.

pub use self::sampled::{NextSheet, Reviewed, Sampled, Stratum, Summary as ReviewSummary};
pub use self::{
    assemble::{FIELD_PREFIX, SCHEMA_VERSION, evaluate},
    contender::{AtBudget, AtRecall, CurvePoint, Estimate, Measured, Point, Question, SeedResult, Status},
    mass_volume::{Enclosure, MassVolume},
    misread::{ErrorRate, Misread},
    opened::{FalseAlerts, false_alerts, opened},
    planted::{Injection, PlantedUnit, PlantedWorld},
    result::{Alert, Caveat, Counts, Driver, Evaluation, IncidentOutcome, LabelCounts, PairAgreement, Pick},
    suppressed::{Removed, Suppressed, SuppressedBy, Suppression},
};
pub use crate::detect::Kind;
use crate::{detect::ScoreTable, spec, units::Part};

mod assemble;
mod cases;
mod caveats;
mod choice;
pub mod conformal;
mod contender;
pub mod design;
pub mod finite;
mod frame;
pub mod intervals;
pub mod mass_volume;
mod measure;
pub mod misread;
mod opened;
pub mod outlook;
pub mod planted;
mod point;
pub mod ranking;
pub mod readings;
mod result;
mod sampled;
pub mod study;
mod suppressed;
pub mod two_way;

#[cfg(test)]
pub(crate) mod tests;

/// What an evaluation is made from.
pub struct Input<'a> {
    /// The training part.
    pub training: &'a Part,
    /// The judged part; the same as `training` without time.
    pub judged: &'a Part,
    /// Whether both are the same rows.
    pub in_sample: bool,
    /// The scores.
    pub scores: &'a ScoreTable,
    /// For each unit of the training and the judged part, whether the baseline flags it.
    pub baseline: Option<(&'a [bool], &'a [bool])>,
    /// The baseline's name.
    pub baseline_title: &'a str,
    /// What was read, where labels are known of a sample; what was said of it is in the labels of `judged`.
    pub review: Option<&'a Reviewed>,
    /// Which units rules keep out of every queue.
    pub suppressed: Option<&'a Suppressed>,
    /// How it is judged.
    pub settings: &'a spec::Evaluate,
    /// The criteria, for the choice of the pick.
    pub decision: Option<&'a spec::Decision>,
    /// Every random choice comes from this.
    pub seed: u64,
}
