//! JSON in which nothing is hidden: characters that show nothing or reorder their surroundings stand as `\\u....`, so that a file printed on a
//! terminal or opened in an editor does not deceive. Whoever reads it gets the same values.

use std::io;

use serde::Serialize;
use serde_json::{
    Serializer,
    ser::{CompactFormatter, Formatter, PrettyFormatter},
};

use super::escape::is_hidden;

/// A value as indented JSON.
///
/// # Errors
/// When the value has no form in JSON.
pub fn json_pretty<T: Serialize + ?Sized>(value: &T) -> serde_json::Result<String> {
    written(value, Visible(PrettyFormatter::new()))
}

/// A value as JSON on one line.
///
/// # Errors
/// When the value has no form in JSON.
pub fn json_line<T: Serialize + ?Sized>(value: &T) -> serde_json::Result<String> {
    written(value, Visible(CompactFormatter))
}

fn written<T: Serialize + ?Sized, F: Formatter>(value: &T, formatter: F) -> serde_json::Result<String> {
    let mut bytes = Vec::new();
    value.serialize(&mut Serializer::with_formatter(&mut bytes, formatter))?;
    String::from_utf8(bytes).map_err(serde::ser::Error::custom)
}

/// Lays JSON out as another formatter does, and escapes what is hidden.
struct Visible<F>(F);

macro_rules! as_the_other {
    ($($name:ident($($argument:ident: $kind:ty),*)),* $(,)?) => {
        $(fn $name<W: ?Sized + io::Write>(&mut self, writer: &mut W $(, $argument: $kind)*) -> io::Result<()> {
            self.0.$name(writer $(, $argument)*)
        })*
    };
}

impl<F: Formatter> Formatter for Visible<F> {
    as_the_other! {
        begin_array(), end_array(), begin_array_value(first: bool), end_array_value(),
        begin_object(), end_object(), begin_object_key(first: bool), end_object_key(), begin_object_value(), end_object_value(),
    }

    fn write_string_fragment<W: ?Sized + io::Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let mut rest = fragment;
        while let Some(at) = rest.find(is_hidden) {
            writer.write_all(&rest.as_bytes()[..at])?;
            let mut hidden = rest[at..].chars();
            for c in hidden.by_ref().take(1) {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    write!(writer, "\\u{unit:04x}")?;
                }
            }
            rest = hidden.as_str();
        }
        writer.write_all(rest.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn hidden_characters_are_escaped_and_layout_is_the_usual() {
        let value = serde_json::json!({ "a": ["x\u{202e}y", "\u{e0041}", "\u{7f}\u{9b}"], "b": {}, "c": 1.5 });
        let text = json_pretty(&value).unwrap();
        assert!(text.contains(r#""x\u202ey""#) && text.contains(r#""\udb40\udc41""#) && text.contains(r#""\u007f\u009b""#), "{text}");
        let plain = serde_json::json!({ "a": ["é", {}, []], "b": null });
        assert_eq!(json_pretty(&plain).unwrap(), serde_json::to_string_pretty(&plain).unwrap());
        assert_eq!(json_line(&plain).unwrap(), plain.to_string());
    }

    proptest! {
        #[test]
        fn the_values_stay(text in "\\PC*|.{0,40}") {
            let shown = json_line(&text).unwrap();
            prop_assert!(!shown.chars().any(is_hidden));
            prop_assert_eq!(serde_json::from_str::<String>(&shown).unwrap(), text);
        }
    }
}
