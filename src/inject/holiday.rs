//! A benign change: a day on which a share of the entities is away. Nothing is added; the events of those entities on that day are left out, and
//! every field that compares with the mass of users sees the empty day.
//!
//! The day is one of the judged part, drawn from the seed. Parameter: `away` (strength, a list of shares of the entities).

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Behaviour, Chance, Event, Place, Plant, Reach, Several, Strength, shares};
use crate::spec::Fraction;

/// The behaviour of this file.
pub const BEHAVIOUR: Behaviour = Behaviour::of::<Holiday>(
    ["holiday", "away", "The events of a share of the entities are left out for a day"],
    include_str!("holiday.rs"),
    true,
    &[],
);

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Holiday {
    /// The share of the entities that are away; a list takes each by itself.
    away: Several<Fraction>,
}

impl Plant for Holiday {
    fn strengths(&self) -> Vec<Strength> {
        shares(&self.away)
    }

    fn reach(&self, strength: usize) -> Reach {
        Reach::Away(self.away.at(strength, Fraction::of(0.0)).get())
    }

    fn count(&self, _: usize) -> u64 {
        0
    }

    fn events(&self, _: usize, _: &Place<'_>, _: &mut Chance) -> Vec<Event> {
        Vec::new()
    }
}
