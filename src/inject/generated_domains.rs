//! Malware that looks for its master: random domains, each asked for once, few of which exist.
//!
//! Parameters: `domains_per_day` (strength, a list), `length` (letters of each name, 14), `over` (within how long, 1h).

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Behaviour, Chance, Event, Place, Plant, Several, Strength, Wrong, counts, lookup, spread, wrong_label, wrong_stretch};
use crate::spec::{Duration, Unit};

/// The behaviour of this file.
pub const BEHAVIOUR: Behaviour = Behaviour::of::<GeneratedDomains>(
    ["generated_domains", "domains_per_day", "Random domains, each asked for once; one in twenty exists"],
    include_str!("generated_domains.rs"),
    false,
    &[&["host", "query"]],
);

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct GeneratedDomains {
    /// Domains asked for; a list plants each by itself.
    domains_per_day: Several<u64>,
    /// Letters of each name.
    #[serde(default = "fourteen")]
    length: usize,
    /// Within how long.
    #[serde(default = "an_hour")]
    over: Duration,
}

fn fourteen() -> usize {
    14
}

fn an_hour() -> Duration {
    Duration { count: 1, unit: Unit::Hour }
}

/// One in so many exists.
const EXISTS: usize = 20;

impl Plant for GeneratedDomains {
    fn strengths(&self) -> Vec<Strength> {
        counts(&self.domains_per_day)
    }

    fn count(&self, strength: usize) -> u64 {
        self.domains_per_day.at(strength, 0)
    }

    fn events(&self, strength: usize, place: &Place<'_>, chance: &mut Chance) -> Vec<Event> {
        spread(self.domains_per_day.at(strength, 0), self.over, place, chance)
            .into_iter()
            .map(|at| lookup(at, format!("{}.example", chance.letters(self.length)), chance.below(EXISTS) == 0))
            .collect()
    }

    fn wrong(&self) -> Option<Wrong> {
        wrong_label(self.length).or_else(|| wrong_stretch(self.over))
    }
}
