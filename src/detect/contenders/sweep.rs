//! A list where a parameter is one value: one contender for each value.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};
use serde_yaml::{Mapping, Value};

use super::{describe, join};
use crate::error::Problem;

/// Contenders that one sweep may expand into.
const MOST_OF_A_SWEEP: usize = 100;

/// One setting of a sweep.
pub(super) struct Variant {
    pub parameters: Mapping,
    pub chosen: Vec<String>,
    /// Where the chosen values stand in the file, by parameter.
    pub places: BTreeMap<String, String>,
}

/// Expands lists that stand where one value is expected: every combination, the first parameter changing slowest.
pub(super) fn expand(path: &str, given: &Mapping, known: &Map<String, Json>) -> Result<Vec<Variant>, Vec<Problem>> {
    let mut variants = vec![Variant { parameters: Mapping::new(), chosen: Vec::new(), places: BTreeMap::new() }];
    for (key, value) in given {
        let Some(name) = key.as_str() else {
            return Err(vec![Problem::error("E303", path, "expected the name of a parameter as a text")]);
        };
        let sweep = match value {
            Value::Sequence(values) if known.get(name).is_some_and(is_scalar) => values,
            _ => {
                for variant in &mut variants {
                    variant.parameters.insert(key.clone(), value.clone());
                }
                continue;
            }
        };
        if sweep.is_empty() || variants.len() * sweep.len() > MOST_OF_A_SWEEP {
            let message =
                if sweep.is_empty() { "the list is empty".to_owned() } else { format!("makes more than {MOST_OF_A_SWEEP} contenders") };
            return Err(vec![Problem::error("E303", join(path, name), message)]);
        }
        variants = variants
            .into_iter()
            .flat_map(|variant| {
                sweep.iter().enumerate().map(move |(index, choice)| {
                    let (mut parameters, mut chosen, mut places) =
                        (variant.parameters.clone(), variant.chosen.clone(), variant.places.clone());
                    parameters.insert(key.clone(), choice.clone());
                    chosen.push(format!("{name}-{}", describe(choice)));
                    places.insert(name.to_owned(), format!("{path}.{name}[{index}]"));
                    Variant { parameters, chosen, places }
                })
            })
            .collect();
    }
    Ok(variants)
}

fn is_scalar(schema: &Json) -> bool {
    match schema.get("type") {
        Some(Json::String(kind)) => kind != "array" && kind != "object",
        Some(Json::Array(kinds)) => !kinds.iter().any(|kind| kind == "array" || kind == "object"),
        // An enumeration, or a reference to one.
        _ => true,
    }
}
