//! How few entities use a value.
//!
//! # What it is
//! For each value of the column in the unit, minus the natural logarithm of the share of entities that use it; then the largest, smallest,
//! or mean of them (`agg`, by default `max`: the rarest value). Which entities count is the `scope`:
//!
//! - `period` (the default): entities of the unit's own period, `-ln(n / active)`;
//! - `so_far`: entities of this period and all earlier ones, `-ln(n / active)`;
//! - `training`: entities of the training part, `-ln((n + 1) / (active + 1))`, so that a value nobody used there has a rarity too.
//!
//! An entity is active where it has any event; `where` narrows the uses only. It is never counted over the whole window, which would tell
//! a unit its own future.
//! # Nulls
//! Null where the unit has no value. Null and NaN are no values.
//! # Cost
//! 8 bytes for each pair of unit and value, shared with other fields of the same column.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{EVENTS, Kind, from_events};
use crate::{
    error::Problem,
    fields::{
        gather::{Agg, Gathered},
        history::{History, Use},
        plan::{Accumulator, Field, Finished, Plan},
        tables::Need,
    },
    said,
    text::Said,
};

pub(super) const KIND: Kind = Kind::of::<Rarity>("rarity", "how few entities use a value", include_str!("rarity.rs"), EVENTS);

/// How few entities use a value.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Rarity {
    /// The column.
    rarity: String,
    /// Among which entities.
    #[serde(default)]
    scope: Scope,
    /// Which of the unit's values counts.
    #[serde(default)]
    agg: Agg,
}

/// Among which entities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "RarityScope")]
enum Scope {
    /// Those of the unit's own period.
    #[default]
    Period,
    /// Those of this period and all earlier ones.
    SoFar,
    /// Those of the training part.
    Training,
}

impl Scope {
    fn words(self) -> Said {
        match self {
            Self::Period => said!(en: "within the period", fr: "dans la période"),
            Self::SoFar => said!(en: "so far", fr: "jusque-là"),
            Self::Training => said!(en: "in the training part", fr: "dans la partie d’apprentissage"),
        }
    }
}

from_events!(Rarity);

impl Field for Rarity {
    fn definition(&self) -> Said {
        said!(
            en: "rarity of {column} {scope}, {agg} of the unit's values",
            fr: "rareté de {column} {scope}, {agg} des valeurs de l’unité",
            column = self.rarity,
            scope = self.scope.words(),
            agg = self.agg.word(),
        )
    }

    fn columns(&self) -> Vec<(&'static str, &str)> {
        vec![("rarity", &self.rarity)]
    }

    fn plan(&self, plan: &mut Plan<'_>) -> Result<Box<dyn Accumulator>, Problem> {
        let history = plan.history("rarity", &self.rarity, None, Need::PRESENCE)?;
        Ok(Box::new(Rare { history, scope: self.scope, agg: self.agg }))
    }
}

#[derive(Debug, Clone)]
struct Rare {
    history: History,
    scope: Scope,
    agg: Agg,
}

impl Accumulator for Rare {
    fn finish(self: Box<Self>, done: &Finished<'_>) -> Vec<Option<f64>> {
        let rows = self.history.rows;
        let active = Active::of(done, &self.history);
        let mut values = Gathered::new(self.agg, done.groups(rows));
        let mut users = Users::new(done.keys(rows));
        done.for_each_value(&self.history, |of_value| {
            match self.scope {
                Scope::Period => {
                    for of_period in of_value.chunk_by(|a, b| a.period == b.period) {
                        // The pairs are distinct, and a group is one entity in this period: each use is another entity.
                        add(&mut values, of_period, of_period.len() as f64, active.in_period[of_period[0].period as usize] as f64);
                    }
                }
                Scope::SoFar => {
                    users.begin();
                    for of_period in of_value.chunk_by(|a, b| a.period == b.period) {
                        let so_far = users.add(of_period);
                        add(&mut values, of_period, so_far as f64, active.so_far[of_period[0].period as usize] as f64);
                    }
                }
                Scope::Training => {
                    users.begin();
                    let until = done.training_periods(rows);
                    let n = users.add(&of_value[..of_value.partition_point(|one| one.period < until)]);
                    let all = if until == 0 { 0 } else { active.so_far[until as usize - 1] };
                    add(&mut values, of_value, n as f64 + 1.0, all as f64 + 1.0);
                }
            }
        });
        values.values()
    }
}

/// Adds `-ln(n / all)` to the group of each use.
fn add(values: &mut Gathered, uses: &[Use], n: f64, all: f64) {
    // The largest share gives a negative zero, which is zero.
    let rarity = -(n / all).ln() + 0.0;
    uses.iter().for_each(|one| values.add(one.group, rarity));
}

/// How many entities are active, by the index of the period.
struct Active {
    in_period: Vec<u64>,
    so_far: Vec<u64>,
}

impl Active {
    fn of(done: &Finished<'_>, history: &History) -> Self {
        let (ranks, keys) = (done.ranks(history.rows), done.keys(history.rows));
        let periods = ranks.iter().max().map_or(0, |&last| last as usize + 1);
        let mut first = vec![u32::MAX; keys.iter().max().map_or(0, |&last| last as usize + 1)];
        let mut in_period = vec![0; periods];
        for (&rank, &key) in ranks.iter().zip(keys) {
            in_period[rank as usize] += 1;
            let seen = &mut first[key as usize];
            *seen = rank.min(*seen);
        }
        let mut so_far = vec![0; periods];
        first.iter().filter(|&&rank| rank != u32::MAX).for_each(|&rank| so_far[rank as usize] += 1);
        for period in 1..periods {
            so_far[period] += so_far[period - 1];
        }
        Self { in_period, so_far }
    }
}

/// Counts the distinct entities among the uses of one value.
struct Users<'a> {
    keys: &'a [u32],
    /// The turn in which each entity was last counted.
    counted: Vec<u32>,
    turn: u32,
    count: u64,
}

impl<'a> Users<'a> {
    fn new(keys: &'a [u32]) -> Self {
        Self { keys, counted: vec![0; keys.iter().max().map_or(0, |&last| last as usize + 1)], turn: 0, count: 0 }
    }

    /// Starts with the next value.
    fn begin(&mut self) {
        self.turn += 1;
        self.count = 0;
    }

    /// Adds uses and gives the number of entities since `begin`.
    fn add(&mut self, uses: &[Use]) -> u64 {
        for one in uses {
            let counted = &mut self.counted[self.keys[one.group as usize] as usize];
            if *counted != self.turn {
                *counted = self.turn;
                self.count += 1;
            }
        }
        self.count
    }
}
