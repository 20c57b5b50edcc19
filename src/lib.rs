//! gonogo: would unsupervised machine learning cut the false alerts of a security rule, by how much, and at what cost?
//!
//! One pipeline of plain types; each stage is a function of the one before it, and each result is saved as a file:
//!
//! ```text
//! Experiment -> events -> enrich -> fields -> FeatureMatrix -> ScoreTable -> Evaluation -> Decision -> report
//! experiment    source    enrich    fields       units          detect       evaluate     decide      report
//! ```
//!
//! Only `source`, `sql`, `enrich`, `fields`, `baseline` and `labels` know polars; `detect` sees numbers, no files, no clock, no labels;
//! `evaluate`, `cost` and `decide` see numbers only; `report` sees only what lies in a run folder.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

// Rows are made by one thread and dropped by another, a megabyte at a time. The system's allocator gives such memory back and asks for it again
// at each block, which takes a seventh of the time of reading.
#[cfg(not(test))]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

// The same, counted: tests hold what detectors say they need to what they take.
#[cfg(test)]
#[global_allocator]
static ALLOCATOR: cap::Cap<mimalloc::MiMalloc> = cap::Cap::new(mimalloc::MiMalloc, usize::MAX);

pub mod baseline;
pub mod calendar;
pub mod cli;
pub mod compare;
pub mod cost;
pub mod decide;
pub mod detect;
pub mod engine;
pub mod enrich;
pub mod error;
pub mod evaluate;
pub mod experiment;
pub mod export;
pub mod fields;
pub mod generate;
pub mod inject;
pub mod labels;
pub mod needs;
pub mod observe;
pub mod parts;
pub mod propose;
pub mod quality;
pub mod record;
pub mod redact;
pub mod report;
pub mod review;
pub mod run;
pub mod source;
pub mod spec;
pub mod sql;
pub mod suppress;
pub mod text;
pub mod ui;
pub mod units;
pub mod watch;
