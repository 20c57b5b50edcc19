//! Fields: events folded into units, entity by period, batch by batch.
//!
//! ```text
//! Experiment -> FieldSet -> Collector  push(batch) ... push(batch)  finish -> UnitTable -> scale -> FeatureMatrix
//! ```
//!
//! Events are never gathered: memory is bounded by units, entities, and distinct values. What a field
//! gives does not depend on the order of the events, nor on how they are split into batches. Rules for nulls, overflow and clock changes
//! are the same for every engine: sums are exact, null and NaN are no values, quantiles interpolate linearly, strings compare by code
//! point. An event with a null in a key column of the entity is in no unit, no group, and no history; such events are counted.

pub use self::{
    collector::{Collector, Window},
    footprint::Footprint,
    kinds::{KINDS, Kind, ParamsError, kind},
    read::{FieldSet, schema},
    scale::{Matrices, scale},
    table::{FieldColumn, UnitTable},
};

mod batch;
mod collector;
mod columns;
mod exact;
mod finish;
mod footprint;
mod gather;
mod group;
mod history;
mod inputs;
mod intern;
mod kinds;
pub(crate) mod lower;
mod order;
mod pairs;
mod pieces;
mod plan;
mod read;
mod scale;
mod sketch;
mod table;
mod tables;
#[cfg(test)]
mod tests;
mod used;
