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
//! 4 bytes for each pair of unit and value, shared with other fields of the same column.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{EVENTS, Kind, from_events};
use crate::{
    error::Problem,
    fields::{
        gather::{Agg, Gathered},
        history::{History, NOBODY, Turn},
        lower::{Lowered, Lowering},
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

    fn lower(&self, to: &Lowering<'_>) -> Result<Lowered, Problem> {
        let (keys, entity, column) = (to.keys(), to.entity(), to.column("rarity", &self.rarity)?);
        let uses = format!("SELECT {keys}, {column} AS x {} GROUP BY {keys}, {column}", to.uses(std::slice::from_ref(&column)));
        let active = |of: &str| format!("SELECT {of} {} GROUP BY {of}", to.active());
        // Entities counted when they come first, added up over the periods that there are.
        let so_far = |first: &str, of: &str, by: &str| {
            let firsts =
                format!("SELECT {of}p, count(*) AS n FROM (SELECT {of}min(p) AS p FROM ({first}) GROUP BY {of}{entity}) GROUP BY {of}p");
            let periods = format!("SELECT DISTINCT {of}p FROM ({first})");
            let equal = if of.is_empty() { "f.p = t.p" } else { "f.x = t.x AND f.p = t.p" };
            let t = if of.is_empty() { "t.p" } else { "t.x, t.p" };
            format!("SELECT {t}, sum(coalesce(f.n, 0)) OVER ({by}ORDER BY t.p) AS n FROM ({periods}) t LEFT JOIN ({firsts}) f ON {equal}")
        };
        let (users, all, rare) = match self.scope {
            Scope::Period => (
                format!("SELECT x, p, count(*) AS n FROM ({uses}) GROUP BY x, p"),
                format!("SELECT p, count(*) AS n FROM ({}) GROUP BY p", active(&keys)),
                "CAST(r.n AS DOUBLE) / a.n",
            ),
            Scope::SoFar => (so_far(&uses, "x, ", "PARTITION BY t.x "), so_far(&active(&keys), "", ""), "CAST(r.n AS DOUBLE) / a.n"),
            Scope::Training => {
                let known = format!("p < {}", to.training_periods());
                (
                    format!("SELECT x, count(DISTINCT {entity}) AS n FROM ({uses}) WHERE {known} GROUP BY x"),
                    format!("SELECT count(DISTINCT {entity}) AS n FROM ({}) WHERE {known}", active(&keys)),
                    "(coalesce(r.n, 0) + 1E0D) / (a.n + 1E0D)",
                )
            }
        };
        let (with_users, with_all) = match self.scope {
            Scope::Training => ("LEFT JOIN", "CROSS JOIN"),
            _ => ("JOIN", "JOIN"),
        };
        let (on_users, on_all) =
            if self.scope == Scope::Training { ("ON u.x = r.x", "") } else { ("ON u.x = r.x AND u.p = r.p", " ON u.p = a.p") };
        let named = keys.split(", ").map(|key| format!("u.{key}")).collect::<Vec<_>>().join(", ");
        let value = self.agg.sql(&format!("0E0D - ln({rare})"));
        Ok(Lowered::query(format!(
            "SELECT {named}, {value} AS value FROM ({uses}) u {with_users} ({users}) r {on_users} {with_all} ({all}) a{on_all} GROUP BY {named}"
        )))
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
        let used = done.table(self.history.table);
        let active = Active::of(done, &self.history);
        let mut values = Gathered::new(self.agg, done.groups(rows));
        match self.scope {
            Scope::Period => {
                // A group is one entity in this period: each of them that has a value is another user.
                let mut users = vec![(NOBODY, 0); used.distinct()];
                done.for_each_period(&self.history, |Turn { period, .. }, groups| {
                    let mut rarity = Rarities::new(active.in_period[period as usize]);
                    for &value in groups.iter().flat_map(|&group| used.values(group)) {
                        let (when, count) = &mut users[value as usize];
                        *count = if *when == period + 1 { *count + 1 } else { 1 };
                        *when = period + 1;
                    }
                    for &group in groups {
                        used.values(group).iter().for_each(|&value| values.add(group, rarity.of(users[value as usize].1)));
                    }
                });
            }
            Scope::SoFar => {
                let new = new_to_entities(done, &self.history);
                let mut users = vec![0; used.distinct()];
                done.for_each_period(&self.history, |Turn { period, .. }, groups| {
                    let mut rarity = Rarities::new(active.so_far[period as usize]);
                    for &group in groups {
                        let news = &new[used.places(group)];
                        used.values(group).iter().zip(news).for_each(|(&value, &new)| users[value as usize] += u64::from(new));
                    }
                    for &group in groups {
                        used.values(group).iter().for_each(|&value| values.add(group, rarity.of(users[value as usize])));
                    }
                });
            }
            Scope::Training => {
                let users = done.users_in_training(&self.history);
                let until = done.training_periods(rows);
                let all = if until == 0 { 0 } else { active.so_far[until as usize - 1] };
                let mut rarity = Rarities::new(all + 1);
                for group in 0..done.groups(rows) as u32 {
                    used.values(group).iter().for_each(|&value| values.add(group, rarity.of(users[value as usize] + 1)));
                }
            }
        }
        values.values()
    }
}

/// What each number of users among all of them is worth, `-ln(users / all)`, computed once.
struct Rarities {
    all: u64,
    known: Vec<Option<f64>>,
}

impl Rarities {
    fn new(all: u64) -> Self {
        Self { all, known: Vec::new() }
    }

    fn of(&mut self, users: u64) -> f64 {
        let at = users as usize;
        if at >= self.known.len() {
            self.known.resize(at + 1, None);
        }
        // The largest share gives a negative zero, which is zero.
        *self.known[at].get_or_insert_with(|| -(users as f64 / self.all as f64).ln() + 0.0)
    }
}

/// For each pair of the table, whether its entity uses the value for the first time, as far as periods tell.
fn new_to_entities(done: &Finished<'_>, history: &History) -> Vec<bool> {
    let used = done.table(history.table);
    let mut new = vec![false; used.len()];
    let mut known_to = vec![NOBODY; used.distinct()];
    done.for_each_period_of_entities(history, |Turn { owner, .. }, groups| {
        for &group in groups {
            for (place, &value) in used.places(group).zip(used.values(group)) {
                new[place] = known_to[value as usize] != owner;
                known_to[value as usize] = owner;
            }
        }
    });
    new
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
