//! Hours since a value was last seen.
//!
//! # What it is
//! For each value of the column in the unit: the hours from its last event in any earlier period (of the same `by` columns, or of anyone)
//! to its first event in the unit; then the largest, smallest, or mean of them (`agg`, by default `max`).
//! # Nulls
//! Null where no value of the unit was seen in an earlier period. Null and NaN are no values, and a null in `by` is nobody's history.
//! # Cost
//! About 8 to 12 bytes for each pair of unit and value, shared with other fields of the same column.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{EVENTS, Kind, from_events};
use crate::{
    error::Problem,
    fields::{
        columns::{Columns, whose},
        gather::{Agg, Gathered},
        history::{History, NOBODY, Turn},
        lower::{Lowered, Lowering},
        plan::{Accumulator, Field, Finished, Plan},
        tables::Need,
    },
    said,
    text::Said,
};

pub(super) const KIND: Kind = Kind::of::<Since>("since", "hours since a value was last seen", include_str!("since.rs"), EVENTS);

/// Hours since a value was last seen.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Since {
    /// The column.
    since: String,
    /// Whose history counts: columns of the events; everyone's where none is named.
    #[serde(default)]
    by: Option<Columns>,
    /// Which of the unit's values counts.
    #[serde(default)]
    agg: Agg,
}

from_events!(Since);

impl Field for Since {
    fn definition(&self) -> Said {
        let whose = whose(self.by.as_ref());
        said!(
            en: "hours since {column} was last seen for {whose}, {agg} of the unit's values",
            fr: "heures depuis que {column} a été vu pour la dernière fois pour {whose}, {agg} des valeurs de l’unité",
            column = self.since,
            whose = whose,
            agg = self.agg.word(),
        )
    }

    fn looks_at_times(&self) -> bool {
        true
    }

    fn columns(&self) -> Vec<(&'static str, &str)> {
        let by = self.by.iter().flat_map(Columns::iter).map(|name| ("by", name));
        std::iter::once(("since", self.since.as_str())).chain(by).collect()
    }

    fn plan(&self, plan: &mut Plan<'_>) -> Result<Box<dyn Accumulator>, Problem> {
        let history = plan.history("since", &self.since, self.by.as_ref(), Need::SPANS)?;
        Ok(Box::new(LastSeen { history, agg: self.agg }))
    }

    fn lower(&self, to: &Lowering<'_>) -> Result<Lowered, Problem> {
        let columns = to.history("since", &self.since, self.by.as_ref())?;
        let (keys, of) = (to.keys(), columns.join(", "));
        // A window over periods runs over far fewer rows than one over events.
        let before = format!("max(max(us)) OVER (PARTITION BY {of} ORDER BY p RANGE BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)");
        let uses = format!("SELECT {keys}, min(us) AS first, {before} AS before {} GROUP BY {keys}, {of}", to.uses(&columns));
        let hours = self.agg.sql(&format!("CAST(first - before AS DOUBLE) / {MICROSECONDS_PER_HOUR:E}D"));
        Ok(Lowered::query(format!("SELECT {keys}, {hours} AS value FROM ({uses}) GROUP BY {keys}")))
    }
}

#[derive(Debug, Clone)]
struct LastSeen {
    history: History,
    agg: Agg,
}

const MICROSECONDS_PER_HOUR: f64 = 3.6e9;

impl Accumulator for LastSeen {
    fn finish(self: Box<Self>, done: &Finished<'_>) -> Vec<Option<f64>> {
        let used = done.table(self.history.table);
        let mut hours = Gathered::new(self.agg, done.groups(self.history.rows));
        // Of each value, who had it last of those gone through, and when.
        let mut last_seen = vec![(NOBODY, 0_i64); used.distinct()];
        done.for_each_period(&self.history, |Turn { owner, .. }, groups| {
            for &group in groups {
                for (&value, span) in used.values(group).iter().zip(used.spans(group)) {
                    let (seen_by, last) = last_seen[value as usize];
                    if seen_by == owner {
                        hours.add(group, span.first.saturating_sub(last) as f64 / MICROSECONDS_PER_HOUR);
                    }
                }
            }
            // Only now: others of the same period are not "before".
            for &group in groups {
                for (&value, span) in used.values(group).iter().zip(used.spans(group)) {
                    let (seen_by, last) = &mut last_seen[value as usize];
                    *last = if *seen_by == owner { span.last.max(*last) } else { span.last };
                    *seen_by = owner;
                }
            }
        });
        hours.values()
    }
}
