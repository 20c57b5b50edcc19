//! serde's words, in the words of an author of experiments.

/// Names of Rust types in serde's messages, and what an author calls them.
const KINDS: &[(&str, &str)] = &[
    ("a nonzero usize", "a whole number from 1"),
    ("a nonzero u64", "a whole number from 1"),
    ("a nonzero u32", "a whole number from 1"),
    ("usize", "a whole number"),
    ("u64", "a whole number"),
    ("u32", "a whole number"),
    ("u16", "a whole number"),
    ("i64", "a whole number"),
    ("f64", "a number"),
    ("a boolean", "`true` or `false`"),
    ("a string", "text"),
    ("a map", "a mapping (`key: value`)"),
    ("a sequence", "a list"),
    ("unit", "nothing"),
    ("a Value::Tagged enum", "a single word"),
];

/// Names of Rust types in serde's messages on whole numbers that they do not hold, and which ones they do.
const RANGES: &[(&str, &str)] = &[
    ("usize", "a whole number from 0"),
    ("u64", "a whole number from 0"),
    ("u32", "a whole number from 0 to 4294967295"),
    ("u16", "a whole number from 0 to 65535"),
];

/// Says a message of serde's in an author's words: `invalid type: string "three", expected usize` becomes
/// `expected a whole number, found "three"`.
pub fn translate(message: &str) -> String {
    let message = strip_place(message);
    for (prefix, kinds) in [("invalid type: ", KINDS), ("invalid value: ", RANGES)] {
        if let Some((found, expected)) = message.strip_prefix(prefix).and_then(|rest| rest.split_once(", expected ")) {
            return format!("expected {}, found {}", kind(expected, kinds), found_value(found));
        }
    }
    if let Some(name) = message.strip_prefix("missing field ") {
        return format!("{name} is missing");
    }
    if let Some(rest) = message.strip_prefix("unknown field ") {
        return format!("unknown key {rest}").replace("there are no fields", "there are no keys here");
    }
    if let Some(rest) = message.strip_prefix("unknown variant ") {
        return format!("unknown value {rest}");
    }
    message.to_owned()
}

/// Takes off the place that serde_yaml adds (` at line 3 column 5`): ours is better.
fn strip_place(message: &str) -> &str {
    match message.rfind(" at line ") {
        Some(at) if message[at + 9..].chars().all(|c| c.is_ascii_digit() || " column".contains(c)) => &message[..at],
        _ => message,
    }
}

fn kind(expected: &str, first: &[(&str, &'static str)]) -> String {
    match first.iter().chain(KINDS).find(|(rust, _)| *rust == expected) {
        Some((_, plain)) => (*plain).to_owned(),
        None if expected.starts_with("struct ") => "a mapping (`key: value`)".to_owned(),
        None => expected.to_owned(),
    }
}

fn found_value(found: &str) -> String {
    if let Some(value) = ["string ", "integer ", "floating point ", "boolean "].iter().find_map(|kind| found.strip_prefix(kind)) {
        return value.to_owned();
    }
    match found {
        "unit value" => "nothing".to_owned(),
        "map" => "a mapping".to_owned(),
        "sequence" => "a list".to_owned(),
        other => other.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speaks_plainly() {
        assert_eq!(translate("invalid type: string \"three\", expected usize"), "expected a whole number, found \"three\"");
        assert_eq!(
            translate("invalid type: sequence, expected struct UseCase at line 3 column 5"),
            "expected a mapping (`key: value`), found a list"
        );
        assert_eq!(translate("invalid type: map, expected a Value::Tagged enum"), "expected a single word, found a mapping");
        assert_eq!(translate("invalid value: integer `-1`, expected u32"), "expected a whole number from 0 to 4294967295, found `-1`");
        assert_eq!(translate("missing field `path`"), "`path` is missing");
        assert_eq!(translate("unknown field `tail`, there are no fields"), "unknown key `tail`, there are no keys here");
    }
}
