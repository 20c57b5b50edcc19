//! One JSON object a line, flattened with dots, without building a tree: values go into a reused record, in the order of the columns wanted.

use std::{borrow::Cow, fmt, ops::Range};

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

impl Value {
    /// The value as text; `text` is the record's.
    pub(crate) fn shown<'a>(&self, text: &'a str) -> Cow<'a, str> {
        match self {
            Self::Text(range) => text.get(range.clone()).unwrap_or_default().into(),
            Self::Int(v) => v.to_string().into(),
            Self::Big(v) => v.to_string().into(),
            Self::Float(v) => v.to_string().into(),
            Self::Bool(v) => v.to_string().into(),
        }
    }
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
    /// Whether the first object of a list is opened, as if it stood there alone.
    opens_lists: bool,
}

/// Objects nested deeper than this are taken as malformed; serde_json's own limit is 128.
const DEPTH: usize = 64;

impl Flattener {
    /// One that opens the first object of lists, or not.
    pub(crate) fn opening_lists(opens_lists: bool) -> Self {
        Self { opens_lists, ..Self::default() }
    }

    /// Gives every value of the object to the sink; says what is wrong where the line is not one object.
    pub(crate) fn read(&mut self, line: &str, unwrap: Option<&str>, sink: &mut dyn Sink) -> Result<(), String> {
        self.path.clear();
        self.text.clear();
        let mut deserializer = serde_json::Deserializer::from_str(line);
        let lists = self.opens_lists;
        let seed = Node { path: &mut self.path, text: &mut self.text, sink, unwrap, lists, depth: 0, top: true };
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
    lists: bool,
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
        // As Zeek writes sets: joined by commas. Objects in lists are left out, unless the first is asked for.
        let Node { path, text, sink, mut lists, depth, .. } = self;
        let mut joined = String::new();
        loop {
            let object = lists.then(|| Node { path, text, sink, unwrap: None, lists, depth: depth + 1, top: false });
            match seq.next_element_seed(ElementSeed { object })? {
                None => break,
                Some(Element::Opened) => lists = false,
                Some(Element::Nothing) => {}
                Some(Element::Text(element)) => {
                    if !joined.is_empty() {
                        joined.push(',');
                    }
                    joined.push_str(&element);
                }
            }
        }
        if !joined.is_empty() {
            let from = text.len();
            text.push_str(&joined);
            let value = Value::Text(from..text.len());
            sink.take(path, value, text);
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Node { path, text, sink, unwrap, lists, depth, .. } = self;
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
                map.next_value_seed(Node { path, text, sink, unwrap: None, lists, depth: depth + 1, top: false })?;
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
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Key {
    type Value = Cow<'de, str>;

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

/// What an element of a list gave.
enum Element {
    Text(String),
    /// An object whose values were taken.
    Opened,
    Nothing,
}

/// Reads an element of a list; `object` takes it where it is an object.
struct ElementSeed<'a> {
    object: Option<Node<'a>>,
}

impl<'de> DeserializeSeed<'de> for ElementSeed<'_> {
    type Value = Element;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Element, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ElementSeed<'_> {
    type Value = Element;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Element, E> {
        Ok(Element::Text(value.to_string()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Element, E> {
        Ok(Element::Text(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Element, E> {
        Ok(Element::Text(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Element, E> {
        Ok(Element::Text(value.to_string()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Element, E> {
        Ok(Element::Text(value.to_owned()))
    }

    fn visit_unit<E>(self) -> Result<Element, E> {
        Ok(Element::Nothing)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Element, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Element::Nothing)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Element, A::Error> {
        if let Some(node) = self.object {
            return node.visit_map(map).map(|()| Element::Opened);
        }
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Element::Nothing)
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
        let want = [
            ("a.b", "Int(1)"),
            ("a.c.d", "x\n"),
            ("e.f", "Float(2.5)"),
            ("g", "1,two"),
            ("l", "Bool(true)"),
            ("m", "Big(18446744073709551615)"),
        ];
        let got = flat(line, None).unwrap();
        assert_eq!(got.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect::<Vec<_>>(), want);
        assert_eq!(flat(r#"{"_id":1,"_source":{"a":1}}"#, Some("_source")).unwrap()[1].0, "a");
        let mut all = All(Vec::new());
        let line = r#"{"a":[1,{"b":"x","c":["y","z"]},{"b":"left out"},2]}"#;
        Flattener::opening_lists(true).read(line, None, &mut all).unwrap();
        assert_eq!(all.0, [("a.b", "x"), ("a.c", "y,z"), ("a", "1,2")].map(|(k, v)| (k.to_owned(), v.to_owned())));
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
