//! One value, or a list of values that are tried one after the other.

use std::{
    borrow::Cow,
    slice::{Iter, from_ref},
};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, de::DeserializeOwned, de::Error as _};
use serde_yaml::Value;

/// One value or several.
#[derive(Debug, Clone)]
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

/// By hand, since an untagged enumeration does not say what is wrong with the value.
impl<'de, T: DeserializeOwned> Deserialize<'de> for Several<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::Sequence(many) => many.into_iter().map(serde_yaml::from_value).collect::<Result<_, _>>().map(Self::Many),
            one => serde_yaml::from_value(one).map(Self::One),
        }
        .map_err(D::Error::custom)
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
