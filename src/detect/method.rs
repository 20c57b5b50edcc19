//! What is known of a method before any experiment names it, and how its parameters are read.

use schemars::{JsonSchema, Schema};
use serde::de::DeserializeOwned;

use super::Detector;

/// What is known of a method before any experiment names it.
pub struct Method {
    /// Its name in experiment files.
    pub id: &'static str,
    /// What its score is, in one line.
    pub summary: &'static str,
    /// Its file's documentation, for `explain`.
    pub source: &'static str,
    /// The schema of its parameters.
    pub schema: fn() -> Schema,
    build: fn(serde_yaml::Value) -> Result<Box<dyn Detector>, ParamsError>,
}

/// What is wrong with the parameters of an entry, and under which key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParamsError {
    /// The path below the entry, such as `clusters`; empty for the entry itself.
    pub path: String,
    /// What serde said.
    pub message: String,
}

impl ParamsError {
    /// Reads parameters, and keeps the key of what cannot be read.
    pub(crate) fn read<P: DeserializeOwned>(params: serde_yaml::Value) -> Result<P, Self> {
        serde_path_to_error::deserialize(params)
            .map_err(|error| Self { path: error.path().to_string(), message: error.inner().to_string() })
    }
}

impl Method {
    /// Describes the method whose parameters are `D`.
    pub const fn of<D: Detector + DeserializeOwned + JsonSchema + 'static>(
        id: &'static str,
        summary: &'static str,
        source: &'static str,
    ) -> Self {
        Self { id, summary, source, schema: || schemars::schema_for!(D), build: |params| Ok(Box::new(ParamsError::read::<D>(params)?)) }
    }

    /// The parameters by name, with their schemas.
    pub fn parameters(&self) -> serde_json::Map<String, serde_json::Value> {
        match (self.schema)().get("properties") {
            Some(serde_json::Value::Object(properties)) => properties.clone(),
            _ => serde_json::Map::new(),
        }
    }

    /// Reads the parameters (a mapping without `id`, `method`, `reduce`, `limits`).
    ///
    /// # Errors
    /// When they do not fit.
    pub fn build(&self, params: serde_yaml::Value) -> Result<Box<dyn Detector>, ParamsError> {
        (self.build)(params)
    }
}
