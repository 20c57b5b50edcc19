//! A benign change: a new application is rolled out, and a share of the entities begins to use its host, which nobody knew before.
//!
//! Parameters: `users` (strength, a list of shares of the entities), `requests_per_day` (20), `bytes` (sent with each, 2kB).

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Behaviour, Chance, DAY, Event, Place, Plant, Reach, Several, Strength, WEEK_DAYS, Wrong, request, shares};
use crate::spec::{Bytes, Fraction};

/// The behaviour of this file.
pub const BEHAVIOUR: Behaviour = Behaviour::of::<NewApplication>(
    ["new_application", "users", "A share of the entities begins to use one new host"],
    include_str!("new_application.rs"),
    true,
    &[&["host"]],
);

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewApplication {
    /// The share of the entities that use it; a list plants each by itself.
    users: Several<Fraction>,
    /// How many requests each makes a day.
    #[serde(default = "twenty")]
    requests_per_day: u64,
    /// Bytes sent with each.
    #[serde(default = "two_kilobytes")]
    bytes: Bytes,
}

fn twenty() -> u64 {
    20
}

fn two_kilobytes() -> Bytes {
    Bytes(2_000)
}

/// A day's requests fall within so many hours.
const HOURS: f64 = 6.0;

impl Plant for NewApplication {
    fn strengths(&self) -> Vec<Strength> {
        shares(&self.users)
    }

    fn reach(&self, strength: usize) -> Reach {
        Reach::Share(self.users.at(strength, Fraction::of(0.0)).get())
    }

    fn count(&self, _: usize) -> u64 {
        self.requests_per_day.saturating_mul(WEEK_DAYS)
    }

    fn events(&self, _: usize, place: &Place<'_>, chance: &mut Chance) -> Vec<Event> {
        let mut events = Vec::new();
        let mut day = place.time;
        while day < place.part.1 {
            for _ in 0..self.requests_per_day {
                let at = day + (chance.unit() * HOURS / 24.0 * DAY as f64) as i64;
                events.push(request(at, place.fresh, "GET", self.bytes.0, 20_000));
            }
            day += DAY;
        }
        events
    }

    fn wrong(&self) -> Option<Wrong> {
        (!(1..=10_000).contains(&self.requests_per_day)).then(|| Wrong::of("requests_per_day", "must be from 1 to 10000"))
    }
}
