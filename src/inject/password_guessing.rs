//! Passwords are tried on one account: refused attempts within minutes, then one that is let in.
//!
//! Attempts are written as `status` 401 (the last one 200) and `outcome`, `action` as `failure` (`success`); where the source says it otherwise,
//! `set: { column: value }` writes that value into every attempt instead. Parameters: `attempts` (strength, a list), `over` (10m).

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Behaviour, Chance, Event, Place, Plant, Several, Strength, Value, Wrong, counts, spread, wrong_stretch};
use crate::spec::{Duration, Unit};

/// The behaviour of this file.
pub const BEHAVIOUR: Behaviour = Behaviour::of::<PasswordGuessing>(
    ["password_guessing", "attempts", "Refused attempts on one account within minutes, then one that succeeds"],
    include_str!("password_guessing.rs"),
    false,
    &[&["status", "outcome", "action"]],
);

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct PasswordGuessing {
    /// How many attempts; a list plants each by itself.
    attempts: Several<u64>,
    /// Within how long.
    #[serde(default = "ten_minutes")]
    over: Duration,
}

fn ten_minutes() -> Duration {
    Duration { count: 10, unit: Unit::Minute }
}

impl Plant for PasswordGuessing {
    fn strengths(&self) -> Vec<Strength> {
        counts(&self.attempts)
    }

    fn count(&self, strength: usize) -> u64 {
        self.attempts.at(strength, 0)
    }

    fn events(&self, strength: usize, place: &Place<'_>, chance: &mut Chance) -> Vec<Event> {
        let mut times = spread(self.attempts.at(strength, 0), self.over, place, chance);
        times.sort_unstable();
        let last = times.len().saturating_sub(1);
        let attempt = |(index, at)| {
            let (status, word) = if index == last { (200, "success") } else { (401, "failure") };
            let text = || Value::Text(word.into());
            Event { at, set: vec![("status", Value::Int(status)), ("outcome", text()), ("action", text())] }
        };
        times.into_iter().enumerate().map(attempt).collect()
    }

    fn wrong(&self) -> Option<Wrong> {
        wrong_stretch(self.over)
    }
}
