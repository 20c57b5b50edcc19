//! How an experiment is judged: budgets, confidence, criteria.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Duration, Fraction, Moment};

/// How it is judged.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Evaluate {
    /// What the team can open.
    pub alerts: Alerts,
    /// Further budgets that are evaluated.
    pub also_at: Vec<u64>,
    /// Of every interval.
    pub confidence: Fraction,
    /// The share of units that are attacks in production, as far as anyone knows: the audit says what precision becomes there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prevalence: Option<Fraction>,
    /// The column whose days depend on each other; the entity where none is named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clusters: Option<String>,
    /// How many seeds each random method is run with.
    pub repeats: u32,
    /// Studies on request: `learning_curve`, `ageing`, `peers_ablation`, `sensitivity`, `stability`, `calibration`. Each fits again.
    pub study: Vec<String>,
}

impl Default for Evaluate {
    fn default() -> Self {
        Self {
            alerts: Alerts::default(),
            also_at: Vec::new(),
            confidence: Fraction::of(0.90),
            prevalence: None,
            clusters: None,
            repeats: 1,
            study: Vec::new(),
        }
    }
}

/// What the team can open.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Alerts {
    /// Cases per budget period; without time, in all. Default 20; without time, the number of labelled anomalies.
    pub budget: Option<u64>,
    /// The budget period.
    pub per: Duration,
    /// How the budget is filled.
    pub policy: Policy,
    /// Which alerts are one case.
    pub group: Group,
}

impl Default for Alerts {
    fn default() -> Self {
        Self { budget: None, per: Duration::days(1), policy: Policy::Top, group: Group::default() }
    }
}

/// How the budget is filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Policy {
    /// The highest cases of each budget period.
    #[default]
    Top,
    /// All cases above the score that would have filled the budget in the training part.
    Threshold,
}

/// Which alerts are one case: those of one entity (or of the same `by` columns) within `per`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Group {
    /// Columns of the entity that name what the analyst opens; empty: the entity.
    pub by: Vec<String>,
    /// Within how long.
    pub per: Duration,
}

impl Default for Group {
    fn default() -> Self {
        Self { by: Vec::new(), per: Duration::days(1) }
    }
}

impl JsonSchema for Group {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Group".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let duration = generator.subschema_for::<Duration>();
        schemars::json_schema!({
            "anyOf": [
                duration,
                {
                    "type": "object",
                    "required": ["by"],
                    "additionalProperties": false,
                    "properties": { "by": { "type": "array", "items": { "type": "string" } }, "per": duration }
                }
            ]
        })
    }
}

impl<'de> Deserialize<'de> for Group {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Group;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a duration such as `1d`, or `{ by: [column], per: 1d }`")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Group, E> {
                text.parse().map(|per| Group { by: Vec::new(), per }).map_err(E::custom)
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(self, map: A) -> Result<Group, A::Error> {
                #[derive(Deserialize)]
                #[serde(deny_unknown_fields)]
                struct Mapping {
                    by: Vec<String>,
                    #[serde(default = "a_day")]
                    per: Duration,
                }
                fn a_day() -> Duration {
                    Duration::days(1)
                }
                let Mapping { by, per } = Mapping::deserialize(serde::de::value::MapAccessDeserializer::new(map))?;
                Ok(Group { by, per })
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

/// Alerts that are known and not opened: they leave the queue of every contender and of the current rule alike.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Suppress {
    /// SQL over the units: the fields before scaling, and the entity's key columns. A unit for which it is true raises no alert.
    pub when: String,
    /// Why alerts like these need no analyst; it stands in the report.
    pub reason: String,
    /// The first moment at which the rule no longer holds; without it, it holds throughout.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Moment>,
}

/// What must be shown for a GO.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// The criteria; all must be met.
    pub require: Vec<Criterion>,
    /// The measure by which the pick is chosen among the contenders.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefer: Option<String>,
}

/// One criterion: a measure, and its limit. Exactly one of `at_least` and `at_most`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Criterion {
    /// `fp_reduction`, `recall_kept`, `alerts_per_day_p95`, `payback_months`, ... (`gonogo list metrics`).
    pub metric: String,
    /// The measure must not be lower.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<f64>,
    /// The measure must not be higher.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<f64>,
}
