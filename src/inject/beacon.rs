//! Malware that calls home: small requests to one new host, again and again.
//!
//! Parameters: `period` (strength, a list: the shorter, the stronger), `jitter` (share of the period within which each contact moves, half of it
//! early and half of it late at the most, 0.1), `over` (1d), `bytes` (sent with each, 500B).

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Behaviour, Chance, Event, MICROS, Place, Plant, Several, Strength, Wrong, request};
use crate::spec::{Bytes, Duration, Fraction, Unit};

/// The behaviour of this file.
pub const BEHAVIOUR: Behaviour = Behaviour::of::<Beacon>(
    ["beacon", "period", "Regular small requests to one new host"],
    include_str!("beacon.rs"),
    false,
    &[&["host"]],
);

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Beacon {
    /// The time between two contacts; a list plants each by itself.
    period: Several<Duration>,
    /// The share of the period within which each contact moves at random, half of it early and half of it late at the most.
    #[serde(default = "a_tenth")]
    jitter: Fraction,
    /// For how long; cut at the end of the part.
    #[serde(default = "a_day")]
    over: Duration,
    /// Bytes sent with each.
    #[serde(default = "five_hundred")]
    bytes: Bytes,
}

fn a_tenth() -> Fraction {
    Fraction::of(0.1)
}

fn a_day() -> Duration {
    Duration { count: 1, unit: Unit::Day }
}

fn five_hundred() -> Bytes {
    Bytes(500)
}

impl Plant for Beacon {
    fn strengths(&self) -> Vec<Strength> {
        let per_day = |period: &Duration| 86_400.0 / period.seconds();
        self.period.iter().map(|period| Strength { value: per_day(period), text: format!("every {period}") }).collect()
    }

    fn count(&self, strength: usize) -> u64 {
        let period = self.period.at(strength, self.over).seconds();
        ((self.over.seconds() / period) as u64).max(1)
    }

    fn events(&self, strength: usize, place: &Place<'_>, chance: &mut Chance) -> Vec<Event> {
        let period = self.period.at(strength, self.over).seconds() * MICROS;
        let n = self.count(strength);
        let start = place.time.min(place.part.1 - (n as f64 * period) as i64);
        (0..n)
            .map(|i| {
                let moved = self.jitter.get() * (chance.unit() - 0.5);
                let at = start + ((i as f64 + moved) * period) as i64;
                request(at, place.fresh, "GET", self.bytes.0, 200)
            })
            .collect()
    }

    fn wrong(&self) -> Option<Wrong> {
        let fits = |period: &Duration| (1.0..=self.over.seconds()).contains(&period.seconds());
        (!self.period.iter().all(fits)).then(|| Wrong::of("period", "must be from a second to all of `over`"))
    }
}
