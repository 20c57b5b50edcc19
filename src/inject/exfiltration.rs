//! An entity sends its loot away within hours: uploads that together make up the volume of a day.
//!
//! Parameters: `bytes_per_day` (strength, a list), `uploads` (into how many requests it is cut, 10), `over` (within how long, 1h),
//! `destination` (`new`, or `popular`: to a host that most entities contact, which hides it from fields that look for what is rare).

use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    Behaviour, Chance, Destination, Event, Place, Plant, Several, Strength, Wrong, request, sizes, spread, wrong_cut, wrong_stretch,
};
use crate::spec::{Bytes, Duration, Unit};

/// The behaviour of this file.
pub const BEHAVIOUR: Behaviour = Behaviour::of::<Exfiltration>(
    ["exfiltration", "bytes_per_day", "Uploads of a day's volume within hours, to a new or a popular destination"],
    include_str!("exfiltration.rs"),
    false,
    &[&["host"], &["bytes_up"]],
);

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Exfiltration {
    /// Bytes sent in the day; a list plants each by itself.
    bytes_per_day: Several<Bytes>,
    /// Into how many requests it is cut.
    #[serde(default = "ten")]
    uploads: u64,
    /// Within how long.
    #[serde(default = "an_hour")]
    over: Duration,
    /// Where it goes.
    #[serde(default)]
    destination: Destination,
}

fn ten() -> u64 {
    10
}

fn an_hour() -> Duration {
    Duration { count: 1, unit: Unit::Hour }
}

impl Plant for Exfiltration {
    fn strengths(&self) -> Vec<Strength> {
        sizes(&self.bytes_per_day)
    }

    fn count(&self, _: usize) -> u64 {
        self.uploads
    }

    fn events(&self, strength: usize, place: &Place<'_>, chance: &mut Chance) -> Vec<Event> {
        let host = self.destination.host(place, chance);
        let each = self.bytes_per_day.at(strength, Bytes(0)).0 / self.uploads;
        spread(self.uploads, self.over, place, chance).into_iter().map(|at| request(at, &host, "POST", each, 400)).collect()
    }

    fn note(&self) -> Option<&'static str> {
        Some(self.destination.note())
    }

    fn wrong(&self) -> Option<Wrong> {
        wrong_cut("uploads", self.uploads, &self.bytes_per_day).or_else(|| wrong_stretch(self.over))
    }
}
