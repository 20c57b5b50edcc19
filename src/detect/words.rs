//! What serde says of a parameter, in the words of an experiment's author; and what the author may have meant.

/// Says a message of serde in plain words; `None` where it is not one of its usual forms.
pub(super) fn plain(message: &str) -> Option<String> {
    if let Some(rest) = message.strip_prefix("invalid type: ").or_else(|| message.strip_prefix("invalid value: ")) {
        let (found, expected) = rest.rsplit_once(", expected ")?;
        return Some(format!("expected {}, found {}", expectation(expected), finding(found)));
    }
    if let Some(rest) = message.strip_prefix("unknown variant ") {
        let (found, expected) = rest.split_once(", expected ")?;
        return Some(format!("expected {expected}, found {found}"));
    }
    if let Some(name) = message.strip_prefix("missing field ") {
        return Some(format!("needs {name}"));
    }
    None
}

/// The name in `unknown field ...`.
pub(super) fn unknown_field(message: &str) -> Option<&str> {
    message.strip_prefix("unknown field `")?.split('`').next()
}

fn expectation(expected: &str) -> &str {
    match expected {
        "u8" | "u16" | "u32" | "u64" | "usize" | "i8" | "i16" | "i32" | "i64" | "isize" => "a whole number",
        "a nonzero u8" | "a nonzero u16" | "a nonzero u32" | "a nonzero u64" | "a nonzero usize" => "a whole number above 0",
        "f32" | "f64" => "a number",
        "a boolean" => "`true` or `false`",
        "a string" | "a borrowed string" => "a text",
        "a sequence" => "a list",
        "a map" => "a mapping",
        other => other,
    }
}

fn finding(found: &str) -> String {
    for kind in ["string ", "integer ", "floating point ", "boolean ", "character "] {
        if let Some(value) = found.strip_prefix(kind) {
            return format!("`{}`", value.trim_matches(['"', '`']));
        }
    }
    match found {
        "unit value" | "null" => "nothing".into(),
        "map" => "a mapping".into(),
        "sequence" => "a list".into(),
        other => other.into(),
    }
}

/// Names in backticks, with commas.
pub(super) fn listed<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serde_speaks_plainly() {
        assert_eq!(plain("invalid type: string \"three\", expected usize").unwrap(), "expected a whole number, found `three`");
        assert_eq!(plain("invalid value: integer `-1`, expected usize").unwrap(), "expected a whole number, found `-1`");
        assert_eq!(plain("invalid type: floating point `2.5`, expected usize").unwrap(), "expected a whole number, found `2.5`");
        assert_eq!(plain("invalid type: sequence, expected f64").unwrap(), "expected a number, found a list");
        assert_eq!(
            plain("unknown variant `first`, expected one of `mean`, `median`").unwrap(),
            "expected one of `mean`, `median`, found `first`"
        );
        assert_eq!(unknown_field("unknown field `tail`, there are no fields"), Some("tail"));
        assert_eq!(plain("something else"), None);
    }
}
