//! Ids of contenders: as given, else from the method and the parameters in which several of one method differ.

use std::collections::{BTreeMap, BTreeSet};

use crate::error::Problem;

/// What a contender's id is made from.
pub(super) struct Named<'a> {
    pub path: &'a str,
    pub id: Option<&'a str>,
    pub base: &'a str,
    pub stated: &'a BTreeMap<String, String>,
    pub chosen: &'a [String],
}

/// Gives every contender its id, and says which cannot be.
pub(super) fn ids(named: &[Named<'_>], problems: &mut Vec<Problem>) -> Vec<String> {
    let ids: Vec<String> = named.iter().map(|n| id(n, named)).collect();
    let mut first: BTreeMap<&str, usize> = BTreeMap::new();
    for (index, (id, n)) in ids.iter().zip(named).enumerate() {
        let path = if n.id.is_some() { format!("{}.id", n.path) } else { n.path.to_owned() };
        if let Some(wrong) = unusable(id) {
            problems.push(Problem::error("E305", path, format!("the id `{id}` {wrong}")));
        } else if let Some(&other) = first.get(id.as_str()) {
            let message = format!("the id `{id}` is already that of `{}`", named[other].path);
            problems.push(Problem::error("E305", path, message).help("give one of them an `id` of its own"));
        } else {
            first.insert(id, index);
        }
    }
    ids
}

fn id(named: &Named<'_>, all: &[Named<'_>]) -> String {
    let mut parts = vec![named.id.unwrap_or(named.base).to_owned()];
    parts.extend(named.chosen.iter().map(|choice| clean(choice)));
    if named.id.is_none() && named.chosen.is_empty() {
        let alike: Vec<&Named<'_>> = all.iter().filter(|n| n.id.is_none() && n.chosen.is_empty() && n.base == named.base).collect();
        let names: BTreeSet<&String> = alike.iter().flat_map(|n| n.stated.keys()).collect();
        for name in names {
            let value = named.stated.get(name);
            if alike.iter().any(|n| n.stated.get(name) != value) {
                parts.extend(value.map(|value| clean(value)));
            }
        }
    }
    parts.join("-")
}

/// Values may hold anything; ids name files.
fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-') { c } else { '_' }).collect()
}

fn unusable(id: &str) -> Option<&'static str> {
    if matches!(id, "baseline" | "random") {
        return Some("is taken: it names the rule in place, or a control");
    }
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    if id.is_empty() || id.len() > 100 || !id.chars().all(allowed) || !id.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        return Some(
            "cannot be used: it may hold letters, digits, `-`, `_`, `.`, begins with a letter or digit, and has at most 100 characters",
        );
    }
    None
}
