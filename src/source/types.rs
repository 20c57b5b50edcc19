//! Types of columns that a format does not fix: inferred from the first rows, or as the experiment says.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::columns::{Kind, float, int, is_no_number};

/// A type that an experiment may give a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Named {
    /// Text.
    Text,
    /// Whole numbers.
    Int,
    /// Numbers.
    Float,
    /// True or false.
    Bool,
}

impl From<Named> for Kind {
    fn from(named: Named) -> Self {
        match named {
            Named::Text => Self::Text,
            Named::Int => Self::Int,
            Named::Float => Self::Float,
            Named::Bool => Self::Bool,
        }
    }
}

/// Types by column.
pub(crate) type Types = BTreeMap<String, Named>;

/// What a column may still be, after the values that were seen: whole numbers, then numbers, then truth values, else text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Guess {
    seen: bool,
    int: bool,
    float: bool,
    boolean: bool,
}

impl Default for Guess {
    fn default() -> Self {
        Self { seen: false, int: true, float: true, boolean: true }
    }
}

impl Guess {
    /// Sees a value of text. A number with zeros before it is a name, not a number.
    pub(crate) fn see(&mut self, text: &str) {
        if is_no_number(text) {
            return;
        }
        self.seen = true;
        let digits = text.strip_prefix(['-', '+']).unwrap_or(text).as_bytes();
        let name = digits.len() > 1 && digits[0] == b'0' && digits[1].is_ascii_digit();
        let whole = digits.iter().all(u8::is_ascii_digit);
        self.int &= !name && int(text).is_some();
        // A whole number too large for 64 bits is an identifier; as a float it would lose digits.
        self.float &= !name && float(text).is_some() && (!whole || int(text).is_some());
        self.boolean &= matches!(text, "true" | "false" | "True" | "False" | "TRUE" | "FALSE");
    }

    /// Sees a typed value.
    pub(crate) fn see_kind(&mut self, kind: Kind) {
        self.seen = true;
        self.int &= kind == Kind::Int;
        self.float &= matches!(kind, Kind::Int | Kind::Float);
        self.boolean &= kind == Kind::Bool;
    }

    /// The narrowest type that holds every value seen.
    pub(crate) fn kind(self) -> Kind {
        match self {
            Self { seen: false, .. } => Kind::Text,
            Self { int: true, .. } => Kind::Int,
            Self { float: true, .. } => Kind::Float,
            Self { boolean: true, .. } => Kind::Bool,
            _ => Kind::Text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_narrowest_type_that_holds_all() {
        for (values, kind) in [
            (&["1", "-2", ""][..], Kind::Int),
            (&["1", "2.5", "NaN"], Kind::Float),
            (&["1", "x"], Kind::Text),
            (&["true", "False"], Kind::Bool),
            (&["001606050200"], Kind::Text),
            (&["18446744073709551615"], Kind::Text),
            (&["0.5", "0", "1e3"], Kind::Float),
            (&["", "None"], Kind::Text),
            (&["1", "true"], Kind::Text),
        ] {
            let mut guess = Guess::default();
            values.iter().for_each(|v| guess.see(v));
            assert_eq!(guess.kind(), kind, "{values:?}");
        }
    }
}
