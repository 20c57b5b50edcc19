//! A text with a comma that stands without quotes between braces: YAML takes what follows the comma for a key.

use crate::{error::Problem, experiment::spans::Places};

/// A longer text is not repeated in a hint.
const LONGEST: usize = 100;

/// What to do where a key is wrong that is no more than the rest of a text after its comma.
pub(super) fn help(problem: &Problem, places: &Places, text: &str) -> Option<String> {
    if !matches!(problem.code, "E005" | "E006") || !is_lone(&problem.path, places, text) {
        return None;
    }
    let end = places.key(&problem.path)?.end;
    // Of several commas each makes such a key.
    let mut path = problem.path.as_str();
    let (key, begin) = loop {
        let (before, value) = places.before(path)?;
        if !is_lone(before, places, text) {
            break (places.key(before)?, value.start);
        }
        path = before;
    };
    let whole = text.get(begin..end)?;
    if whole.starts_with(['"', '\'', '[', '{', '*', '&', '!']) {
        return None;
    }
    let quoted = match whole.contains(['"', '\\']) {
        true => format!("'{}'", whole.replace('\'', "''")),
        false => format!("\"{whole}\""),
    };
    let shown = if whole.len() <= LONGEST && !whole.contains('\n') { format!(": `{}: {quoted}`", text.get(key)?) } else { String::new() };
    Some(format!("between braces a text with a comma needs quotes{shown}"))
}

/// Whether a path's key stands alone between braces, without a colon.
fn is_lone(path: &str, places: &Places, text: &str) -> bool {
    let after = |key: std::ops::Range<usize>| text.get(key.end..).is_some_and(|rest| rest.trim_start().starts_with([',', '}']));
    places.has(path) && places.key(path).is_some_and(after)
}
