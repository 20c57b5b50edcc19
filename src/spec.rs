//! The experiment, as its author wrote it. Plain data: `experiment` reads and checks it.
//!
//! Names and defaults here are the contract with every experiment file. Parts whose keys depend on a registry (fields, algorithms) stay
//! mappings here and are read by their registry, which gives exact error places and all errors at once.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::calendar::after;
pub use crate::calendar::{Duration, Moment, Unit};

pub use self::{
    amount::{Amount, AmountOrAuto, Bytes, Fraction},
    envelope::{Envelope, EnvelopeForm},
    judging::{Alerts, Criterion, Decision, Evaluate, Group, Policy, Suppress},
    money::{Cost, CostOption, Production, TriageMinutes},
    source::{Engine, Source, Time},
};

pub mod amount;
mod envelope;
mod judging;
mod money;
mod source;
pub mod wording;

/// One experiment.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Experiment {
    /// Version of the experiment file's format; 1.
    #[serde(default = "one")]
    pub version: u32,
    /// Names the folder under `reports/`: letters, digits, `-`, `_`, `.`.
    pub name: String,
    /// A label for comparisons, such as `sprint-2`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iteration: Option<String>,
    /// Every random choice comes from this.
    #[serde(default = "forty_two")]
    pub seed: u64,
    /// What is asked.
    pub use_case: UseCase,
    /// What is read, by name. Sources named in `enrich` or `labels` are side tables; the other is the events.
    pub sources: IndexMap<String, Source>,
    /// The sources of the events, where there are several: stacked under each other, with the name of each in the column `source`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<String>,
    /// The time that is read, and where training ends. Without it, the table is one part, fitted and scored at once ("in sample").
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<Window>,
    /// Joins, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub enrich: Vec<Join>,
    /// New columns of the events, each an SQL expression over the row, in order.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub derive: IndexMap<String, String>,
    /// Who is scored, and how often. Without it, each row is a unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entity: Option<Entity>,
    /// The columns of the matrix, by name. Each names one field kind and its parameters.
    pub fields: IndexMap<String, Entry>,
    /// How the fields are scaled, fitted on the training part.
    #[serde(default)]
    pub scale: Scale,
    /// The rule in place today.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<Baseline>,
    /// What is compared: names of methods, or mappings with `method` or `ensemble` and parameters.
    pub algorithms: Vec<Entry>,
    /// What is known of the truth.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub labels: Option<LabelSource>,
    /// How it is judged.
    #[serde(default)]
    pub evaluate: Evaluate,
    /// Alerts that are known and not opened, in any contender's queue.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub suppress: Vec<Suppress>,
    /// Behaviours planted into the events.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inject: Vec<Entry>,
    /// What it costs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<Cost>,
    /// What must be shown for a GO; frozen before the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<Decision>,
    /// How the report is written.
    #[serde(default)]
    pub report: Report,
}

impl Experiment {
    /// The names and the sources of the events: those of `events`, else the one that is no side table.
    ///
    /// # Errors
    /// When there is none, more than one and `events` does not name them, or `events` names what is none.
    pub fn events_sources(&self) -> Result<Vec<(&str, &Source)>, String> {
        let side = |name: &str| self.enrich.iter().any(|join| join.join == name);
        let free: Vec<(&str, &Source)> =
            self.sources.iter().filter(|(name, _)| !side(name)).map(|(name, source)| (name.as_str(), source)).collect();
        if self.events.is_empty() {
            return match free[..] {
                [one] => Ok(vec![one]),
                [] => Err("there is no source of events: every source is joined in `enrich`, or there is none".into()),
                _ => {
                    let names: Vec<String> = free.iter().map(|(name, _)| format!("`{name}`")).collect();
                    let list = names.join(", ").replace('`', "");
                    Err(format!(
                        "{} could each be the events: name all but one in `enrich`, take them out, or stack them: `events: [{list}]`",
                        names.join(", ")
                    ))
                }
            };
        }
        for (at, name) in self.events.iter().enumerate() {
            if !self.sources.contains_key(name) {
                return Err(format!("`events` names `{name}`, and there is no such source"));
            }
            if side(name) || self.events[..at].contains(name) {
                return Err(format!(
                    "`events` names `{name}`, which is {}",
                    if side(name) { "joined in `enrich`" } else { "named before" }
                ));
            }
        }
        match free.iter().find(|(name, _)| !self.events.iter().any(|event| event == name)) {
            Some((name, _)) => Err(format!("source `{name}` is neither among `events` nor joined in `enrich`")),
            None => Ok(self.events.iter().filter_map(|name| self.sources.get_key_value(name)).map(|(n, s)| (n.as_str(), s)).collect()),
        }
    }

    /// The name and the source of the events, where they are one.
    ///
    /// # Errors
    /// As [`Experiment::events_sources`]; when they are several.
    pub fn events_source(&self) -> Result<(&str, &Source), String> {
        let sources = self.events_sources()?;
        match sources[..] {
            [one] => Ok(one),
            _ => Err(format!("the events are {} sources: {}", sources.len(), self.events.join(", "))),
        }
    }

    /// The zone of the window; UTC without one.
    pub fn zone(&self) -> chrono_tz::Tz {
        self.window.as_ref().and_then(|window| window.timezone.parse().ok()).unwrap_or(chrono_tz::UTC)
    }

    /// Start, end of training, and end of the window, in microseconds since 1970 UTC.
    pub fn window_micros(&self) -> Option<(i64, i64, i64)> {
        let zone = self.zone();
        self.window.as_ref().map(|window| (window.start.micros(zone), window.train_end.micros(zone), window.end.micros(zone)))
    }
}

fn one() -> u32 {
    1
}

fn forty_two() -> u64 {
    42
}

/// A part that a registry reads: a name alone, or a mapping.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Entry(pub serde_yaml::Value);

impl JsonSchema for Entry {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Entry".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": ["string", "number", "boolean", "object", "null"] })
    }
}

/// What is asked.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UseCase {
    /// The report's heading.
    pub title: String,
    /// The question in one sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question: Option<String>,
    /// Who answers for what: `security`, `data`.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub owner: IndexMap<String, String>,
    /// MITRE ATT&CK techniques, shown in the report.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attack: Vec<String>,
    /// What the sources must be able to tell, checked before anything runs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<String>,
    /// What would be done without machine learning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub standard_solution: Option<String>,
}

/// The time that is read; half open.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// The first moment that is read.
    pub start: Moment,
    /// Where the training part ends and the judged part begins.
    pub train_end: Moment,
    /// The first moment that is not read.
    pub end: Moment,
    /// The zone in which dates are midnight and days begin; UTC.
    #[serde(default = "source::utc")]
    pub timezone: String,
    /// The beginning of the window in which everything is "new"; its units are not learned from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warm_up: Option<Duration>,
    /// Days (YYYY-MM-DD) that are not like others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holidays: Vec<String>,
}

impl Window {
    /// The first moment that is learned from, in microseconds since 1970 UTC: where the warm-up ends, as days of this zone do.
    pub fn learned_from(&self, zone: chrono_tz::Tz) -> i64 {
        let start = self.start.micros(zone);
        self.warm_up.map_or(start, |warm_up| after(start, warm_up, zone))
    }
}

/// One join of a side table to the events.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Join {
    /// The source that is joined.
    pub join: String,
    /// Columns of the events, and the column of the side table that each is held against.
    pub on: IndexMap<String, String>,
    /// How they are held against each other.
    #[serde(default)]
    pub how: How,
    /// `nearest`: the time column of the side table; needless where it has only one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
    /// `nearest`: how old a row may be at most; any age where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<Duration>,
    /// Columns of the side table that are taken; all but the keys where none is named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub take: Vec<String>,
    /// Those of them that only the first event gets that finds a row: the bytes of a session, which a sum over its events would count several times.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub once: Vec<String>,
    /// The share of events that should find a row; fewer is a warning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expect_match: Option<Fraction>,
}

/// How the keys of events and of a side table are held against each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum How {
    /// They are written alike.
    #[default]
    Exact,
    /// The side table holds networks (`10.0.0.0/8`): the narrowest that holds the address.
    Cidr,
    /// The side table holds beginnings of texts: the longest that the value begins with.
    Prefix,
    /// They are written alike, and of the rows that are not after the event the last: DHCP leases, sessions. Never one from the future.
    Nearest,
}

/// Who is scored, and how often.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Entity {
    /// The columns that name the entity.
    pub key: Vec<String>,
    /// The length of a period. Shorter than a day it is elapsed time from the window's start; days and longer follow the wall clock.
    pub every: Duration,
    /// Units with fewer events are not scored; they are counted in the report.
    #[serde(default = "one_event")]
    pub min_events: u64,
}

fn one_event() -> u64 {
    1
}

/// How a field is scaled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Scale {
    /// (x - median) / IQR of the training part, falling back to the standard deviation where the IQR is zero.
    #[default]
    Robust,
    /// (x - mean) / standard deviation of the training part.
    Standard,
    /// Share of the training part below x, ties counted half.
    Rank,
    /// As it is.
    None,
}

/// The rule in place today. Exactly one of `rule` and `events`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    /// Its name in the report.
    #[serde(default = "current_rule")]
    pub title: String,
    /// SQL over the units: the fields before scaling, and the entity's key columns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// SQL over the events: a unit is flagged when any of its events is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub events: Option<String>,
}

fn current_rule() -> String {
    "Current rule".into()
}

/// What is known of the truth: a file (`path`), a source, or a column of the events (`column`).
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LabelSource {
    /// A CSV file with the entity's key columns, `start`, `end`, and optionally `incident`, `kind`, `disposition`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// A column of the events (or of the table) that holds the label.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// The values of `column` that mean benign; null and empty do too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub benign: Vec<Entry>,
    /// The column whose distinct values are the incidents; without it each labelled unit is its own incident.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident: Option<String>,
    /// Further columns that no field, rule, or join may see.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exclude: Vec<String>,
    /// What is not labelled is benign; false: unknown.
    #[serde(default)]
    pub complete: bool,
}

/// How the report is written.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Report {
    /// `en` or `fr`.
    pub language: Language,
    /// Columns whose values are not shown as they are.
    pub redact: IndexMap<String, Redaction>,
}

impl Default for Report {
    fn default() -> Self {
        Self { language: Language::En, redact: IndexMap::new() }
    }
}

/// The report's language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// English.
    #[default]
    En,
    /// French.
    Fr,
}

/// What is shown in place of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Redaction {
    /// A keyed pseudonym.
    Pseudonym,
    /// The network part of an address.
    Prefix,
    /// Nothing.
    Drop,
}
