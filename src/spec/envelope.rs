//! What stands before each line of a source: the header of syslog.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, de};

/// The form of a header.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum EnvelopeForm {
    /// Either form, where most of the first lines have one; a line without one is read as it stands.
    #[default]
    Auto,
    /// No header: lines are read as they stand.
    None,
    /// `<PRI>Mmm dd hh:mm:ss host tag: message`, or with an ISO 8601 time; `<PRI>`, host and tag may be missing.
    Rfc3164,
    /// `<PRI>1 time host app process id [data] message`.
    Rfc5424,
}

/// The header of syslog around each line: a form, or a form with what is to be known of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Envelope {
    /// The form.
    pub form: EnvelopeForm,
    /// The program whose messages are read; those of others are left out and counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app: Option<String>,
    /// The year of the first line of each file, where times have none; it goes on where the months begin again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub year: Option<u16>,
    /// The zone of times that name none; that of the source's `time`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
}

impl<'de> Deserialize<'de> for Envelope {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> de::Visitor<'de> for Visitor {
            type Value = Envelope;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("one of `auto`, `none`, `rfc3164`, `rfc5424`, or a mapping such as `{ form: rfc3164, year: 2026 }`")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Envelope, E> {
                let form = EnvelopeForm::deserialize(de::value::StrDeserializer::<E>::new(text))?;
                Ok(Envelope { form, ..Envelope::default() })
            }

            fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<Envelope, A::Error> {
                let Mapping { form, app, year, timezone } = Mapping::deserialize(de::value::MapAccessDeserializer::new(map))?;
                Ok(Envelope { form, app, year, timezone })
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

/// The long form of an envelope.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Mapping {
    /// The form.
    #[serde(default)]
    form: EnvelopeForm,
    /// The program whose messages are read; those of others are left out and counted.
    app: Option<String>,
    /// The year of the first line of each file, where times have none; it goes on where the months begin again. Without it the year is the one
    /// that comes nearest to the middle of the window.
    year: Option<u16>,
    /// The zone of times that name none; that of the source's `time`.
    timezone: Option<String>,
}

impl JsonSchema for Envelope {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Envelope".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let (form, mapping) = (generator.subschema_for::<EnvelopeForm>(), Mapping::json_schema(generator));
        schemars::json_schema!({ "anyOf": [form, mapping] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_and_long() {
        let read = |text: &str| serde_yaml::from_str::<Envelope>(text);
        assert_eq!(read("rfc5424").unwrap().form, EnvelopeForm::Rfc5424);
        let long = Envelope { form: EnvelopeForm::Auto, app: Some("nginx".into()), year: Some(2026), timezone: None };
        assert_eq!(read("{ app: nginx, year: 2026 }").unwrap(), long);
        assert_eq!(read(&serde_yaml::to_string(&long).unwrap()).unwrap(), long);
        assert!(read("rfc5242").unwrap_err().to_string().contains("rfc5242") && read("{ from: x }").is_err());
    }
}
