//! An entity sends its loot away in small uploads over days, each of them unremarkable: evasion by splitting.
//!
//! Parameters: `bytes_per_day` (strength, a list), `over` (how many days, 3d), `uploads_per_day` (24), `destination` (`new` or `popular`).

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Behaviour, Chance, DAY, Destination, Event, Place, Plant, Several, Strength, Wrong, request, sizes, wrong_cut};
use crate::spec::{Bytes, Duration, Unit};

/// The behaviour of this file.
pub const BEHAVIOUR: Behaviour = Behaviour::of::<SlowDrip>(
    ["slow_drip", "bytes_per_day", "Small uploads over days: a volume that is split"],
    include_str!("slow_drip.rs"),
    false,
    &[&["host"], &["bytes_up"]],
);

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SlowDrip {
    /// Bytes sent in each day; a list plants each by itself.
    bytes_per_day: Several<Bytes>,
    /// For how long; cut at the end of the part.
    #[serde(default = "three_days")]
    over: Duration,
    /// Into how many requests a day's volume is cut.
    #[serde(default = "hourly")]
    uploads_per_day: u64,
    /// Where it goes.
    #[serde(default)]
    destination: Destination,
}

fn three_days() -> Duration {
    Duration { count: 3, unit: Unit::Day }
}

fn hourly() -> u64 {
    24
}

/// A day's uploads fall within so many hours from the time of the entity's own event: nobody works around the clock.
const HOURS: f64 = 6.0;

impl SlowDrip {
    fn days(&self) -> i64 {
        self.over.as_days().round() as i64
    }
}

impl Plant for SlowDrip {
    fn strengths(&self) -> Vec<Strength> {
        sizes(&self.bytes_per_day)
    }

    fn count(&self, _: usize) -> u64 {
        self.uploads_per_day.saturating_mul(self.days() as u64)
    }

    fn events(&self, strength: usize, place: &Place<'_>, chance: &mut Chance) -> Vec<Event> {
        let host = self.destination.host(place, chance);
        let each = self.bytes_per_day.at(strength, Bytes(0)).0 / self.uploads_per_day;
        let days = self.days();
        let start = place.time.min(place.part.1 - days * DAY);
        let within = |chance: &mut Chance| (chance.unit() * HOURS / 24.0 * DAY as f64) as i64;
        (0..days)
            .flat_map(|day| (0..self.uploads_per_day).map(move |_| start + day * DAY))
            .map(|day| request(day + within(chance), &host, "POST", each, 400))
            .collect()
    }

    fn note(&self) -> Option<&'static str> {
        Some(self.destination.note())
    }

    fn wrong(&self) -> Option<Wrong> {
        wrong_cut("uploads_per_day", self.uploads_per_day, &self.bytes_per_day).or_else(|| {
            let fits = (1.0..=366.0).contains(&self.over.as_days());
            (!fits).then(|| Wrong::of("over", "must be from a day to a year"))
        })
    }
}
