//! How many values were never seen before.
//!
//! # What it is
//! The number of distinct values of the column in the unit that do not occur in any earlier period: of the same `by` columns
//! (`{ unseen: domain, by: user }`: new for this user), or of anyone where there is no `by`. It looks back only, and the unit's own period
//! is not "before". With `scope: training`, only earlier periods of the training part count, so that what is new in the judged part stays
//! new; the default, `so_far`, looks back over all earlier periods. Where `by` names columns that are not part of the unit's key, each
//! value counts once for each of their values in the unit.
//!
//! At the start of the window everything is new: `window.warm_up` keeps that out of what is learned.
//! # Nulls
//! Never null: no values are 0. Null and NaN are no values, and a null in `by` is nobody's history.
//! # Cost
//! 4 bytes for each pair of unit and value, shared with other fields of the same column.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{EVENTS, Kind, from_events};
use crate::{
    error::Problem,
    fields::{
        columns::{Columns, whose},
        history::{History, NOBODY, Turn},
        lower::{Lowered, Lowering},
        plan::{Accumulator, Field, Finished, Plan},
        tables::Need,
    },
    said,
    text::Said,
};

pub(super) const KIND: Kind = Kind::of::<Unseen>("unseen", "how many values were never seen before", include_str!("unseen.rs"), EVENTS);

/// How many values were never seen before.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Unseen {
    /// The column.
    unseen: String,
    /// Whose history counts: columns of the events; everyone's where none is named.
    #[serde(default)]
    by: Option<Columns>,
    /// Which past counts.
    #[serde(default)]
    scope: Scope,
}

/// Which past counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "UnseenScope")]
enum Scope {
    /// All earlier periods.
    #[default]
    SoFar,
    /// Earlier periods of the training part.
    Training,
}

from_events!(Unseen);

impl Field for Unseen {
    fn definition(&self) -> Said {
        let whose = whose(self.by.as_ref());
        match self.scope {
            Scope::Training => said!(
                en: "values of {column} never seen before for {whose} in the training part",
                fr: "valeurs de {column} jamais vues pour {whose} dans la partie d’apprentissage",
                column = self.unseen,
                whose = whose,
            ),
            Scope::SoFar => said!(
                en: "values of {column} never seen before for {whose}",
                fr: "valeurs de {column} jamais vues auparavant pour {whose}",
                column = self.unseen,
                whose = whose,
            ),
        }
    }

    fn fill(&self) -> Option<f64> {
        Some(0.0)
    }

    fn looks_at_times(&self) -> bool {
        true
    }

    fn columns(&self) -> Vec<(&'static str, &str)> {
        let by = self.by.iter().flat_map(Columns::iter).map(|name| ("by", name));
        std::iter::once(("unseen", self.unseen.as_str())).chain(by).collect()
    }

    fn plan(&self, plan: &mut Plan<'_>) -> Result<Box<dyn Accumulator>, Problem> {
        let history = plan.history("unseen", &self.unseen, self.by.as_ref(), Need::PRESENCE)?;
        Ok(Box::new(FirstSeen { history, scope: self.scope }))
    }

    fn lower(&self, to: &Lowering<'_>) -> Result<Lowered, Problem> {
        let columns = to.history("unseen", &self.unseen, self.by.as_ref())?;
        let (keys, of) = (to.keys(), columns.join(", "));
        let uses = format!("SELECT {keys}, min(p) OVER (PARTITION BY {of}) AS first {} GROUP BY {keys}, {of}", to.uses(&columns));
        let new = match self.scope {
            Scope::SoFar => "p = first".to_owned(),
            // What the training part never had stays new.
            Scope::Training => format!("(p = first OR first >= {})", to.training_periods()),
        };
        Ok(Lowered::query(format!("SELECT {keys}, count_if({new}) AS value FROM ({uses}) GROUP BY {keys}")).or_zero())
    }
}

#[derive(Debug, Clone)]
struct FirstSeen {
    history: History,
    scope: Scope,
}

impl Accumulator for FirstSeen {
    fn finish(self: Box<Self>, done: &Finished<'_>) -> Vec<Option<f64>> {
        let rows = self.history.rows;
        let known_until = if self.scope == Scope::Training { done.training_periods(rows) } else { u32::MAX };
        let used = done.table(self.history.table);
        let mut counts = vec![0u64; done.groups(rows)];
        // Of each value, who had it last of those gone through, and when for the first time.
        let mut first = vec![(NOBODY, 0); used.distinct()];
        done.for_each_period(&self.history, |Turn { owner, period }, groups| {
            for &group in groups {
                for &value in used.values(group) {
                    let (known_to, since) = &mut first[value as usize];
                    if *known_to != owner {
                        (*known_to, *since) = (owner, period);
                    }
                    counts[group as usize] += u64::from(*since == period || *since >= known_until);
                }
            }
        });
        counts.into_iter().map(|count| Some(count as f64)).collect()
    }
}
