//! One column or several, as an experiment names them.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, de};

use crate::{said, text::Said};

/// Names of columns: one text, or a list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Columns(Vec<String>);

impl Columns {
    /// The names, in the order written.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// The names, in the order written.
    pub fn names(&self) -> &[String] {
        &self.0
    }
}

/// Of whom a value is remembered: of anyone, or of those that are alike in `by`.
pub(crate) fn whose(by: Option<&Columns>) -> Said {
    by.map_or_else(|| said!(en: "anyone", fr: "quiconque"), |by| said!(en: "the same {by}", fr: "le même {by}", by = by.to_string()))
}

impl fmt::Display for Columns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(", "))
    }
}

impl<'de> Deserialize<'de> for Columns {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> de::Visitor<'de> for Visitor {
            type Value = Columns;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a column, or a list of columns")
            }

            fn visit_str<E: de::Error>(self, name: &str) -> Result<Columns, E> {
                Ok(Columns(vec![name.to_owned()]))
            }

            fn visit_seq<A: de::SeqAccess<'de>>(self, mut items: A) -> Result<Columns, A::Error> {
                let mut names: Vec<String> = Vec::new();
                while let Some(name) = items.next_element::<String>()? {
                    if names.contains(&name) {
                        return Err(de::Error::custom(format!("`{name}` is named twice")));
                    }
                    names.push(name);
                }
                if names.is_empty() { Err(de::Error::custom("at least one column is needed")) } else { Ok(Columns(names)) }
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

impl JsonSchema for Columns {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Columns".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "anyOf": [{ "type": "string" }, { "type": "array", "items": { "type": "string" }, "minItems": 1, "uniqueItems": true }] })
    }
}
