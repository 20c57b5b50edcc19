//! Data in the names that are asked for: many long, random names below one new domain.
//!
//! Parameters: `queries_per_day` (strength, a list), `length` (letters of the random label, 40), `over` (within how long, 4h).

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Behaviour, Chance, Event, Place, Plant, Several, Strength, Wrong, counts, lookup, spread, wrong_label, wrong_stretch};
use crate::spec::{Duration, Unit};

/// The behaviour of this file.
pub const BEHAVIOUR: Behaviour = Behaviour::of::<DnsTunnel>(
    ["dns_tunnel", "queries_per_day", "Many long random names below one new domain"],
    include_str!("dns_tunnel.rs"),
    false,
    &[&["host", "query"]],
);

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct DnsTunnel {
    /// Names asked for; a list plants each by itself.
    queries_per_day: Several<u64>,
    /// Letters of each random label.
    #[serde(default = "forty")]
    length: usize,
    /// Within how long.
    #[serde(default = "four_hours")]
    over: Duration,
}

fn forty() -> usize {
    40
}

fn four_hours() -> Duration {
    Duration { count: 4, unit: Unit::Hour }
}

impl Plant for DnsTunnel {
    fn strengths(&self) -> Vec<Strength> {
        counts(&self.queries_per_day)
    }

    fn count(&self, strength: usize) -> u64 {
        self.queries_per_day.at(strength, 0)
    }

    fn events(&self, strength: usize, place: &Place<'_>, chance: &mut Chance) -> Vec<Event> {
        spread(self.queries_per_day.at(strength, 0), self.over, place, chance)
            .into_iter()
            .map(|at| lookup(at, format!("{}.{}", chance.letters(self.length), place.fresh), true))
            .collect()
    }

    fn wrong(&self) -> Option<Wrong> {
        wrong_label(self.length).or_else(|| wrong_stretch(self.over))
    }
}
