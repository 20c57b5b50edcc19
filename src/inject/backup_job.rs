//! A benign change: a backup begins to run, and some entities send large volumes to one new host, once a day at the same time.
//!
//! Parameters: `bytes_per_day` (strength, a list), `uploads` (into how many requests it is cut, 10); `copies` is the number of entities.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Behaviour, Chance, DAY, Event, Place, Plant, Several, Strength, WEEK_DAYS, Wrong, request, sizes, wrong_cut};
use crate::spec::Bytes;

/// The behaviour of this file.
pub const BEHAVIOUR: Behaviour = Behaviour::of::<BackupJob>(
    ["backup_job", "bytes_per_day", "Some entities send large volumes to one new host every day"],
    include_str!("backup_job.rs"),
    true,
    &[&["host"], &["bytes_up"]],
);

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct BackupJob {
    /// Bytes sent by each, each day; a list plants each by itself.
    bytes_per_day: Several<Bytes>,
    /// Into how many requests it is cut.
    #[serde(default = "ten")]
    uploads: u64,
}

fn ten() -> u64 {
    10
}

/// A day's uploads fall within so many microseconds: half an hour.
const WITHIN: f64 = 1.8e9;

impl Plant for BackupJob {
    fn strengths(&self) -> Vec<Strength> {
        sizes(&self.bytes_per_day)
    }

    fn count(&self, _: usize) -> u64 {
        self.uploads.saturating_mul(WEEK_DAYS)
    }

    fn events(&self, strength: usize, place: &Place<'_>, chance: &mut Chance) -> Vec<Event> {
        let each = self.bytes_per_day.at(strength, Bytes(0)).0 / self.uploads;
        let mut events = Vec::new();
        let mut day = place.time;
        while day < place.part.1 {
            for _ in 0..self.uploads {
                events.push(request(day + (chance.unit() * WITHIN) as i64, place.fresh, "PUT", each, 400));
            }
            day += DAY;
        }
        events
    }

    fn wrong(&self) -> Option<Wrong> {
        wrong_cut("uploads", self.uploads, &self.bytes_per_day)
    }
}
