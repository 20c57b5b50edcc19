//! Names and texts of a log, as they stand in YAML, in SQL within it, and in its comments.

/// A name as a YAML value: quoted where it must be.
pub(super) fn quoted(text: &str) -> String {
    let plain = text.chars().next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_' || c == '/' || c == '.')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "_-./".contains(c))
        && !matches!(text.to_lowercase().as_str(), "true" | "false" | "null" | "yes" | "no" | "on" | "off" | "y" | "n" | "." | "..");
    if plain {
        return text.to_owned();
    }
    // What shows nothing, or turns the direction of writing, must not reach an editor as it is.
    serde_json::Value::from(text).to_string().chars().fold(String::new(), |mut shown, c| {
        match u32::from(c) {
            _ if c.is_ascii() || c.is_alphanumeric() => shown.push(c),
            code if code <= 0xffff => shown.push_str(&format!("\\u{code:04x}")),
            code => shown.push_str(&format!("\\U{code:08x}")),
        }
        shown
    })
}

/// A column in SQL inside a double-quoted YAML text.
pub(super) fn sql(name: &str) -> String {
    if name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
        name.to_owned()
    } else {
        format!("\\\"{}\\\"", name.replace('\\', "\\\\").replace('"', "\\\"\\\""))
    }
}

/// A column's name as part of a field's name.
pub(super) fn plain(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' }).take(40).collect()
}

/// A text that cannot end the comment it stands in.
pub(super) fn comment(text: &str) -> String {
    crate::text::visible_within(text, 300).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stay_values() {
        for text in ["a", "x: y", "#", "true", "1", "@timestamp", "a\"b\\c", "\u{1}", "- a", "Source User", "*.log", "a\u{202e}b\u{1f600}é"]
        {
            let parsed: serde_yaml::Value = serde_yaml::from_str(&format!("{{ k: {} }}", quoted(text))).unwrap();
            assert_eq!(parsed.get("k").and_then(serde_yaml::Value::as_str), Some(text), "{text}");
        }
        let parsed: serde_yaml::Value = serde_yaml::from_str(&format!("k: \"hour({}) < 6\"", sql("a \"b\""))).unwrap();
        assert_eq!(parsed.get("k").and_then(serde_yaml::Value::as_str), Some("hour(\"a \"\"b\"\"\") < 6"));
    }
}
