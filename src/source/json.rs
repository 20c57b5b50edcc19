//! One JSON object a line, flattened with dots, without building a tree: values go into a reused record, in the order of the columns wanted.

use std::{fmt, ops::Range};

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// A value of a flattened object.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    /// A place in the record's text.
    Text(Range<usize>),
    Int(i64),
    /// A whole number beyond 63 bits.
    Big(u64),
    Float(f64),
    Bool(bool),
}

/// Takes the values of an object by their flattened names. Names in `unwrap` are left out of the path: `{"_source": {"a": 1}}` gives `a`.
pub(crate) trait Sink {
    /// Whether a value of this name is wanted, or one below it: no need to look at it otherwise.
    fn wants(&self, path: &str) -> bool;
    /// Takes a value.
    fn take(&mut self, path: &str, value: Value, text: &str);
}

/// Reads the objects of lines, reusing its memory.
#[derive(Debug, Default)]
pub(crate) struct Flattener {
    path: String,
    text: String,
}

/// Objects nested deeper than this are taken as malformed; serde_json's own limit is 128.
const DEPTH: usize = 64;

impl Flattener {
    /// Gives every value of the object to the sink; says what is wrong where the line is not one object.
    pub(crate) fn read(&mut self, line: &str, unwrap: Option<&str>, sink: &mut dyn Sink) -> Result<(), String> {
        self.path.clear();
        self.text.clear();
        let mut deserializer = serde_json::Deserializer::from_str(line);
        let seed = Node { path: &mut self.path, text: &mut self.text, sink, unwrap, depth: 0, top: true };
        seed.deserialize(&mut deserializer).and_then(|()| deserializer.end()).map_err(|e| {
            let message = e.to_string();
            // The line is given elsewhere; the column remains.
            message.replace(" at line 1 column ", " at column ")
        })
    }
}

struct Node<'a> {
    path: &'a mut String,
    text: &'a mut String,
    sink: &'a mut dyn Sink,
    unwrap: Option<&'a str>,
    depth: usize,
    top: bool,
}

impl Node<'_> {
    fn give(self, value: Value) {
        self.sink.take(self.path, value, self.text);
    }
}

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        if self.top { deserializer.deserialize_map(self) } else { deserializer.deserialize_any(self) }
    }
}

impl<'de> Visitor<'de> for Node<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.top { "an object" } else { "a value" })
    }

    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        self.give(Value::Bool(value));
        Ok(())
    }

    fn visit_i64<E>(self, value: i64) -> Result<(), E> {
        self.give(Value::Int(value));
        Ok(())
    }

    fn visit_u64<E>(self, value: u64) -> Result<(), E> {
        self.give(i64::try_from(value).map_or(Value::Big(value), Value::Int));
        Ok(())
    }

    fn visit_f64<E>(self, value: f64) -> Result<(), E> {
        self.give(Value::Float(value));
        Ok(())
    }

    fn visit_str<E>(self, value: &str) -> Result<(), E> {
        let from = self.text.len();
        self.text.push_str(value);
        let value = Value::Text(from..self.text.len());
        self.give(value);
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        // As Zeek writes sets: joined by commas. Objects in lists are left out.
        let from = self.text.len();
        while let Some(element) = seq.next_element::<Element>()? {
            if let Some(element) = element.0 {
                if self.text.len() > from {
                    self.text.push(',');
                }
                self.text.push_str(&element);
            }
        }
        if self.text.len() > from {
            let value = Value::Text(from..self.text.len());
            self.give(value);
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Node { path, text, sink, unwrap, depth, .. } = self;
        if depth > DEPTH {
            return Err(serde::de::Error::custom("objects are nested too deeply"));
        }
        let base = path.len();
        while let Some(key) = map.next_key_seed(Key)? {
            let unwrapped = base == 0 && unwrap == Some(key.as_ref());
            if !unwrapped {
                if base > 0 {
                    path.push('.');
                }
                path.push_str(&key);
            }
            if unwrapped || sink.wants(path) {
                map.next_value_seed(Node { path, text, sink, unwrap: None, depth: depth + 1, top: false })?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
            path.truncate(base);
        }
        Ok(())
    }
}

/// A key, borrowed where it holds no escapes.
struct Key;

impl<'de> DeserializeSeed<'de> for Key {
    type Value = std::borrow::Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Key {
    type Value = std::borrow::Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_borrowed_str<E>(self, key: &'de str) -> Result<Self::Value, E> {
        Ok(key.into())
    }

    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        Ok(key.to_owned().into())
    }
}

/// An element of a list as text; `None` for what has none.
struct Element(Option<String>);

impl<'de> serde::Deserialize<'de> for Element {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ElementVisitor)
    }
}

struct ElementVisitor;

impl<'de> Visitor<'de> for ElementVisitor {
    type Value = Element;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Element, E> {
        Ok(Element(Some(value.to_string())))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Element, E> {
        Ok(Element(Some(value.to_string())))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Element, E> {
        Ok(Element(Some(value.to_string())))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Element, E> {
        Ok(Element(Some(value.to_string())))
    }

    fn visit_str<E>(self, value: &str) -> Result<Element, E> {
        Ok(Element(Some(value.to_owned())))
    }

    fn visit_unit<E>(self) -> Result<Element, E> {
        Ok(Element(None))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Element, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Element(None))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Element, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Element(None))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct All(Vec<(String, String)>);

    impl Sink for All {
        fn wants(&self, path: &str) -> bool {
            path != "skipped"
        }

        fn take(&mut self, path: &str, value: Value, text: &str) {
            let shown = match value {
                Value::Text(range) => text[range].to_owned(),
                other => format!("{other:?}"),
            };
            self.0.push((path.to_owned(), shown));
        }
    }

    fn flat(line: &str, unwrap: Option<&str>) -> Result<Vec<(String, String)>, String> {
        let mut all = All(Vec::new());
        Flattener::default().read(line, unwrap, &mut all)?;
        Ok(all.0)
    }

    #[test]
    fn objects_are_flattened() {
        let line = r#"{"a":{"b":1,"c":{"d":"x\n"}},"e.f":2.5,"g":[1,"two",null,{"h":3}],"i":null,"j":[],"skipped":{"k":1},"l":true,"m":18446744073709551615}"#;
        let want = [("a.b", "Int(1)"), ("a.c.d", "x\n"), ("e.f", "Float(2.5)"), ("g", "1,two"), ("l", "Bool(true)"), ("m", "Big(18446744073709551615)")];
        let got = flat(line, None).unwrap();
        assert_eq!(got.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect::<Vec<_>>(), want);
        assert_eq!(flat(r#"{"_id":1,"_source":{"a":1}}"#, Some("_source")).unwrap()[1].0, "a");
    }

    #[test]
    fn what_is_no_object_is_refused() {
        for line in ["", "1", "[1]", "{", "{\"a\":1} x", "{\"a\":}", "{\"a\" 1}"] {
            assert!(flat(line, None).is_err(), "{line}");
        }
        let deep = "{\"a\":".repeat(100) + "1" + &"}".repeat(100);
        assert!(flat(&deep, None).is_err());
    }
}
