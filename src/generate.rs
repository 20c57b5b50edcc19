//! Synthetic data, made from a seed: a company's proxy logs with planted attacks; small logs of an office for the other use cases.
//!
//! Nothing here is real: no person, host, address or event. One seed gives the same bytes at any number of threads. The parts are
//! independent: `people` and `web` say who and what there is, `browse`, `upload`, `machines` and `rollout` what is ordinary, `attack`
//! what is not, `elff_writer` how it is written. The other logs (`beacons`, `names`, `logons`, `netflow`) are of another, smaller `office`, each
//! with what is ordinary, what looks like an attack and is none, and what is one; `samples` names their files.

use std::path::PathBuf;

use chrono::NaiveDate;

pub use self::demo::demo;

mod alerts;
mod attack;
mod beacons;
mod browse;
mod chance;
mod demo;
mod elff_writer;
mod event;
mod files;
mod logons;
mod machines;
mod names;
mod netflow;
mod office;
mod people;
mod rollout;
pub mod samples;
mod side_files;
mod table;
mod upload;
mod web;

/// What `gonogo generate demo` makes.
#[derive(Debug, Clone, PartialEq)]
pub struct DemoOptions {
    /// Every random choice comes from this.
    pub seed: u64,
    /// People in the company, at least 20. Each has a machine; three service accounts come on top.
    pub users: u32,
    /// Events of a person a day, on average over all days, at most 100 000; uploads, machines and attacks come on top.
    pub events_per_user_day: f64,
    /// Days, 2 to 400. The last two sevenths (at least one day) are the part meant to be judged.
    pub days: u32,
    /// The first day, UTC.
    pub start: NaiveDate,
    /// The folder that is written to.
    pub out: PathBuf,
}

impl DemoOptions {
    /// The seed of the committed data.
    pub const SEED: u64 = 42;
    /// The number of people of the committed data.
    pub const USERS: u32 = 240;
    /// The events per person and day of the committed data.
    pub const EVENTS_PER_USER_DAY: f64 = 70.0;
    /// The days of the committed data.
    pub const DAYS: u32 = 14;

    /// Makes the options of the committed data, written to `out`.
    pub fn committed(out: impl Into<PathBuf>) -> Self {
        Self {
            seed: Self::SEED,
            users: Self::USERS,
            events_per_user_day: Self::EVENTS_PER_USER_DAY,
            days: Self::DAYS,
            start: NaiveDate::from_ymd_opt(2026, 3, 2).unwrap_or_default(),
            out: out.into(),
        }
    }

    /// The days that come before the part meant to be judged.
    pub fn training_days(&self) -> u32 {
        self.days - ((f64::from(self.days) * 2.0 / 7.0).round() as u32).clamp(1, self.days)
    }
}

/// What `generate demo` wrote.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DemoSummary {
    /// Every file, in the order written.
    pub files: Vec<PathBuf>,
    /// Events in the proxy logs.
    pub events: u64,
    /// Size of all files on disk in bytes.
    pub bytes: u64,
    /// Size of the proxy logs' text in bytes.
    pub text_bytes: u64,
    /// Incidents in the training part.
    pub training_incidents: u64,
    /// Incidents in the part meant to be judged.
    pub judged_incidents: u64,
    /// Proxy logs in the folder that this run did not write, and that a glob would read too.
    pub leftover: Vec<PathBuf>,
}
