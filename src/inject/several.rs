//! One value, or a list of values that are tried one after the other.

use std::{
    borrow::Cow,
    slice::{Iter, from_ref},
};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

/// One value or several.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged, expecting = "expected a value, or a list of values, of the right kind")]
pub(super) enum Several<T> {
    /// One.
    One(T),
    /// Several.
    Many(Vec<T>),
}

impl<T> Several<T> {
    /// The values, in their order.
    pub fn iter(&self) -> Iter<'_, T> {
        match self {
            Self::One(one) => from_ref(one).iter(),
            Self::Many(many) => many.iter(),
        }
    }
}

impl<T: Copy> Several<T> {
    /// The value at a place; the last where there are fewer, `otherwise` where there is none.
    pub fn at(&self, index: usize, otherwise: T) -> T {
        self.iter().nth(index).or(self.iter().last()).copied().unwrap_or(otherwise)
    }
}

impl<T: JsonSchema> JsonSchema for Several<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("Several{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let one = generator.subschema_for::<T>();
        json_schema!({ "anyOf": [one, { "type": "array", "items": one }] })
    }
}
