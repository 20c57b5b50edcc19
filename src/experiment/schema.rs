//! The JSON Schema of experiment files, for editors: draft-07, which yaml-language-server supports.

use schemars::{SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};

use crate::{
    detect::{ENSEMBLES, METHODS},
    inject::BEHAVIOURS,
    spec::Experiment,
};

/// The schema as JSON text with a final newline.
pub fn text() -> String {
    let mut schema = SchemaGenerator::new(SchemaSettings::draft07()).into_root_schema_for::<Experiment>().to_value();
    let mut shared = Map::new();
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        put_items(properties, "algorithms", json!({ "anyOf": algorithms(&mut shared) }));
        put_items(properties, "inject", json!({ "anyOf": behaviours(&mut shared) }));
        if let Some(fields) = properties.get_mut("fields").and_then(Value::as_object_mut)
            && let Value::Object(kinds) = inline(crate::fields::schema().to_value(), &mut shared)
        {
            fields.extend(kinds);
        }
    }
    let needs: Vec<&str> = crate::needs::NEEDS.iter().map(|need| need.id).collect();
    if let Some(list) = schema.pointer_mut("/definitions/UseCase/properties/needs/items") {
        *list = json!({ "enum": needs });
    }
    if let Some(schema) = schema.as_object_mut() {
        schema.insert("$defs".into(), Value::Object(shared));
    }
    let mut text = serde_json::to_string_pretty(&schema).unwrap_or_default();
    text.push('\n');
    text
}

fn put_items(properties: &mut Map<String, Value>, name: &str, items: Value) {
    if let Some(list) = properties.get_mut(name).and_then(Value::as_object_mut) {
        list.insert("items".into(), items);
    }
}

/// One alternative for each method, so that an editor offers each method's own parameters.
fn algorithms(shared: &mut Map<String, Value>) -> Vec<Value> {
    let names: Vec<&str> = METHODS.iter().map(|method| method.id).collect();
    let mut forms = vec![json!({ "enum": names, "description": "A method with its defaults." })];
    for method in METHODS {
        let mut schema = inline((method.schema)().to_value(), shared);
        if let Some(schema) = schema.as_object_mut() {
            let properties = schema.entry("properties").or_insert_with(|| json!({}));
            if let Some(properties) = properties.as_object_mut() {
                properties.insert("method".into(), json!({ "const": method.id, "description": method.summary }));
                properties
                    .insert("id".into(), json!({ "type": "string", "description": "Its name in the report; unique in the experiment." }));
                properties.insert("reduce".into(), json!({ "type": ["string", "object"], "description": "A step before it." }));
                properties.insert("limits".into(), json!({ "type": "object", "description": "`seconds`, `memory`: what ends it." }));
            }
            schema.insert("required".into(), json!(["method"]));
        }
        forms.push(schema);
    }
    forms.push(json!({
        "type": "object",
        "required": ["ensemble"],
        "additionalProperties": false,
        "properties": {
            "id": { "type": "string" },
            "ensemble": { "enum": ENSEMBLES.iter().map(|(id, ..)| *id).collect::<Vec<_>>(), "description": "Several detectors as one." },
            "limits": { "type": "object", "description": "`seconds`, `memory`: what ends it (of `default`)." },
            "buckets": { "type": "integer", "minimum": 1, "description": "Groups of `average-of-maximum`." },
            "of": { "description": "`all`, or ids of members.", "anyOf": [{ "const": "all" }, { "type": "array", "items": { "type": "string" } }] }
        }
    }));
    forms
}

/// One alternative for each behaviour that can be planted.
fn behaviours(shared: &mut Map<String, Value>) -> Vec<Value> {
    let form = |behaviour: &&crate::inject::Behaviour| {
        let mut schema = inline(behaviour.schema().to_value(), shared);
        if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
            properties.insert("behaviour".into(), json!({ "const": behaviour.id, "description": behaviour.summary }));
            properties.insert("copies".into(), json!({ "type": "integer", "minimum": 1, "description": "Copies of each strength; 20." }));
            properties.insert(
                "benign".into(),
                json!({ "type": "boolean", "description": "Whether the alert storm is measured, not detection." }),
            );
            properties.insert("poison".into(), json!({ "type": "boolean", "description": "Also in the training part, as a test." }));
            properties
                .insert("set".into(), json!({ "type": "object", "description": "Values written into every planted event, by column." }));
        }
        if let Some(required) = schema.get_mut("required").and_then(Value::as_array_mut) {
            required.push(json!("behaviour"));
        }
        schema
    };
    BEHAVIOURS.iter().map(form).collect()
}

/// A schema as part of another: without its own `$schema` and title; what it refers to by `#/$defs/` goes to the root's.
fn inline(mut schema: Value, shared: &mut Map<String, Value>) -> Value {
    if let Some(schema) = schema.as_object_mut() {
        schema.remove("$schema");
        schema.remove("title");
        if let Some(Value::Object(definitions)) = schema.remove("$defs") {
            shared.extend(definitions);
        }
    }
    schema
}
