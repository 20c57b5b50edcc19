//! The kinds of fields: one file each, and one word in the list below.

use schemars::{JsonSchema, Schema};
use serde::de::DeserializeOwned;

use super::plan::Field;

/// What is known of a kind of field before any experiment names it.
#[derive(Debug)]
pub struct Kind {
    /// Its name, which is the key of its argument in experiment files.
    pub id: &'static str,
    /// What it is, in one line.
    pub summary: &'static str,
    /// Its file's documentation, for `explain`.
    pub source: &'static str,
    /// Which of the options that many kinds share it understands: `where`, `at`, `scale`, `fill`.
    pub shared: &'static [&'static str],
    schema: fn() -> Schema,
    build: fn(serde_yaml::Value) -> Result<Shape, ParamsError>,
}

/// How a field is computed.
#[derive(Debug)]
pub(crate) enum Shape {
    /// From events.
    Events(Box<dyn Field>),
    /// From another field of the units.
    Units(versus::Versus),
    /// From the categories of a column: one field or several, known once all events are.
    Categories(category::Category),
    /// It stands for every numeric column.
    Columns(all_numeric::AllNumeric),
}

impl Shape {
    /// Whether it tells one time from another, and so says nothing of rows without.
    pub(crate) fn looks_at_times(&self) -> bool {
        match self {
            Self::Events(field) => field.looks_at_times(),
            Self::Units(versus) => versus.versus == versus::Against::Own,
            Self::Categories(_) | Self::Columns(_) => false,
        }
    }
}

/// What is wrong with the parameters of a field, and under which key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParamsError {
    /// The path below the field, such as `q`; empty for the field itself.
    pub path: String,
    /// What serde said.
    pub message: String,
}

/// Options of fields that are computed from events.
const EVENTS: &[&str] = &["where", "at", "scale", "fill"];
/// Options of fields that are computed from units.
const UNITS: &[&str] = &["scale", "fill"];

impl Kind {
    const fn of<P: DeserializeOwned + JsonSchema + Into<Shape>>(
        id: &'static str,
        summary: &'static str,
        source: &'static str,
        shared: &'static [&'static str],
    ) -> Self {
        Self { id, summary, source, shared, schema: || schemars::schema_for!(P), build: |params| deserialize::<P>(params).map(Into::into) }
    }

    /// Its documentation: what it is, where it is null, what it costs.
    pub fn documentation(&self) -> String {
        crate::text::head_comment(self.source)
    }

    /// The schema of its own parameters, its argument among them; the shared options are not in it.
    pub fn schema(&self) -> Schema {
        (self.schema)()
    }

    /// The names of its own parameters, its argument among them.
    pub(crate) fn parameters(&self) -> Vec<String> {
        let schema = self.schema();
        let properties = schema.get("properties").and_then(serde_json::Value::as_object);
        properties.map(|properties| properties.keys().cloned().collect()).unwrap_or_default()
    }

    /// Reads its own parameters.
    ///
    /// # Errors
    /// When they do not fit.
    pub(crate) fn build(&self, params: serde_yaml::Value) -> Result<Shape, ParamsError> {
        (self.build)(params)
    }
}

/// Reads a value with the place of what is wrong.
pub(crate) fn deserialize<P: DeserializeOwned>(params: serde_yaml::Value) -> Result<P, ParamsError> {
    serde_path_to_error::deserialize::<_, P>(params).map_err(|error| {
        let path = error.path().to_string();
        ParamsError { path: if path == "." { String::new() } else { path }, message: error.inner().to_string() }
    })
}

/// Finds a kind by its name.
pub fn kind(id: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.id == id)
}

macro_rules! kinds {
    ($($module:ident),+ $(,)?) => {
        $(pub(crate) mod $module;)+
        /// Every kind of field, in the order the documentation lists them.
        pub static KINDS: &[Kind] = &[$($module::KIND),+];
    };
}

kinds!(
    count,
    sum,
    mean,
    median,
    min,
    max,
    std,
    quantile,
    distinct,
    share,
    ratio,
    entropy,
    unseen,
    since,
    rarity,
    regularity,
    surprise,
    calendar,
    category,
    versus,
    all_numeric
);

macro_rules! from_events {
    ($kind:ty) => {
        impl From<$kind> for crate::fields::kinds::Shape {
            fn from(field: $kind) -> Self {
                Self::Events(Box::new(field))
            }
        }
    };
}
use from_events;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_documented_and_has_its_own_name() {
        let mut ids: Vec<&str> = KINDS.iter().map(|kind| kind.id).collect();
        for kind in KINDS {
            for heading in ["# What it is", "# Nulls", "# Cost"] {
                assert!(kind.documentation().lines().any(|line| line == heading), "`{}` lacks `{heading}`", kind.id);
            }
            assert!(kind.id == "all_numeric" || kind.parameters().iter().any(|name| name == kind.id), "`{}` has no argument", kind.id);
            assert!(kind.parameters().iter().all(|name| !kind.shared.contains(&name.as_str())), "`{}` hides a shared option", kind.id);
        }
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), KINDS.len());
    }
}
