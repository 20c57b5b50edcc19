//! The events behind the alerts of a run, as they are kept.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::evaluate::Alert;

/// Some events of every alert. `events.json` in the run folder.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// The columns that are kept, the time apart.
    pub columns: Vec<String>,
    /// Which column tells where events went to, where one does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub destination: Option<String>,
    /// How many columns are left out because they are named like the answer: whoever judges alerts by their events must not read it there.
    #[serde(default, skip_serializing_if = "is_none")]
    pub answers_left_out: u64,
    /// For each alert, in their order: its events.
    pub alerts: Vec<Events>,
}

/// One event: time in microseconds since 1970 UTC, and a value for each column.
pub type Row = (Option<i64>, Vec<Option<String>>);

/// Whether nothing was left out, which a file need not say.
pub(crate) fn is_none(left_out: &u64) -> bool {
    *left_out == 0
}

/// The events of one alert.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Events {
    /// How many there are.
    pub count: u64,
    /// At most 20 of them, the most telling first. Earlier versions kept the first of the source.
    #[serde(alias = "first")]
    pub rows: Vec<Row>,
    /// The most frequent destination and its number of events; of equally frequent ones the first by code point.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub destination: Option<(String, u64)>,
}

impl Events {
    /// The most telling ones, at most so many, in the order of time.
    #[must_use]
    pub fn telling(&self, most: usize) -> Vec<&Row> {
        let mut rows: Vec<&Row> = self.rows.iter().take(most).collect();
        rows.sort_by_key(|(time, _)| *time);
        rows
    }
}

impl Evidence {
    /// The events of other alerts, as far as they are among these; `None` where none is.
    #[must_use]
    pub fn following(mut self, before: &[Alert], after: &[Alert]) -> Option<Self> {
        let unit = |alert: &Alert| (alert.entity.clone(), alert.start);
        let mut of: HashMap<_, Events> = before.iter().map(unit).zip(self.alerts).collect();
        self.alerts = after.iter().map(|alert| of.remove(&unit(alert)).unwrap_or_default()).collect();
        self.alerts.iter().any(|events| events.count > 0).then_some(self)
    }
}
