//! The fields that are proposed for what the first rows hold.

use std::fmt::Write as _;

use super::{
    Column, Holds, Profile,
    answers::{answers, is_answer},
    experiment::{DAY, Plan},
    sense::{is_time, names_something},
    writing::{plain, quoted, sql},
};

/// Where it went, the best first.
const PLACES: &[&str] = &["host", "domain", "dst_host", "dst_ip", "hostname", "url", "path"];
/// A column that fewer first rows fill is not built on.
const FILLED: f64 = 0.05;

/// One field: name, what it is, and why.
type Field = (String, String, &'static str);

pub(super) fn fields(profile: &Profile, plan: &Plan<'_>, text: &mut String) {
    let Some(entity) = plan.entity() else {
        let _ = writeln!(text, "# Each row is a unit: there is no time that passes, or nobody who comes again.");
        let numbers = profile.columns.iter().any(|column| column.holds == Holds::Number && column.fill > 0.0);
        let list =
            if numbers { vec![("all_numeric".to_owned(), without_answers(profile), "every numeric column")] } else { categories(profile) };
        write_fields(&list, text);
        return;
    };
    let mut list: Vec<Field> = vec![("events".into(), "count: \"*\"".into(), "how much")];
    let there = |name: &str| profile.column(name).filter(|column| column.fill >= FILLED && column.distinct >= 2 && column.name != entity);
    for (column, why) in [("bytes_up", "how much is sent"), ("bytes_down", "how much is received"), ("duration_ms", "how long")] {
        if there(column).is_some_and(|column| column.holds == Holds::Number) {
            list.push((column.into(), format!("sum: {column}, scale: log"), why));
        }
    }
    if let Some(place) = PLACES.iter().find_map(|name| there(name)) {
        let (name, by) = (quoted(&place.name), quoted(entity));
        list.push(("places".into(), format!("distinct: {name}"), "how many different places"));
        list.push(("new_places".into(), format!("unseen: {name}, by: {by}"), "never visited before by the same one; looks back only"));
        list.push(("rare_places".into(), format!("rarity: {name}, agg: max"), "visited by hardly anyone else in the same period"));
    }
    for (column, name, why) in [
        ("user_agent", "programs", "how many different programs"),
        ("dst_port", "ports", "how many different ports"),
        ("method", "methods", "how many different methods"),
    ] {
        if there(column).is_some() {
            list.push((name.into(), format!("distinct: {column}"), why));
        }
    }
    if let Some(column) = there("status") {
        let failed = if column.holds == Holds::Number { "share: \"status >= 400\"" } else { "distinct: status" };
        list.push(("refused".into(), failed.into(), "how much is refused"));
    }
    if plan.frame.as_ref().is_some_and(|frame| frame.end - frame.start >= 2 * DAY)
        && let Some(time) = &profile.time
    {
        list.push(("night".into(), format!("share: \"hour({}) < 6\"", sql(&time.column)), "at night, in the window's zone"));
    }
    if list.len() < 4 {
        list.extend(others(profile, entity, &list));
    }
    write_fields(&list, text);
}

/// Which columns `all_numeric` leaves out: answers, and numbers that only name something, unless there are no others.
fn without_answers(profile: &Profile) -> String {
    let numbers = || profile.columns.iter().filter(|column| column.holds == Holds::Number && !is_answer(column));
    let sizes = numbers().any(|column| !names_something(column));
    let naming = numbers().filter(|column| sizes && names_something(column));
    let names: Vec<String> = answers(profile).chain(naming).map(|column| quoted(&column.name)).collect();
    if names.is_empty() { String::new() } else { format!("except: [{}]", names.join(", ")) }
}

/// Fields of columns that have no canonical name.
fn others(profile: &Profile, entity: &str, list: &[Field]) -> Vec<Field> {
    let used = |name: &str| list.iter().any(|(field, ..)| field == name) || name == entity;
    let seldom = |column: &Column| column.distinct as u64 * 2 <= profile.seen;
    let good = profile.columns.iter().filter(|column| column.fill >= 0.5 && column.distinct >= 2 && !used(&column.name));
    let good = good.filter(|column| !is_answer(column) && !is_time(column));
    good.filter_map(|column| {
        let (name, of) = (plain(&column.name), quoted(&column.name));
        match column.holds {
            Holds::Number if !names_something(column) => Some((format!("mean_{name}"), format!("mean: {of}"), "its mean")),
            Holds::Text | Holds::Number if seldom(column) => {
                Some((format!("kinds_of_{name}"), format!("distinct: {of}"), "how many different values"))
            }
            _ => None,
        }
    })
    .take(6)
    .collect()
}

/// Rows without a number: how rare their categories are.
fn categories(profile: &Profile) -> Vec<Field> {
    let good = profile.columns.iter().filter(|column| {
        column.holds == Holds::Text && column.fill >= 0.5 && column.distinct >= 2 && !is_answer(column) && !is_time(column)
    });
    good.take(8)
        .map(|column| {
            (
                format!("rare_{}", plain(&column.name)),
                format!("category: {}, encode: rarity", quoted(&column.name)),
                "how rare its value is",
            )
        })
        .collect()
}

fn write_fields(list: &[Field], text: &mut String) {
    text.push_str("fields:                               # the columns of the matrix; `gonogo list fields` has more\n");
    for (name, what, why) in list {
        let entry = format!("  {name}: {{ {what} }}").replace("{  }", "{}");
        let _ = writeln!(text, "{entry:<51} # {why}");
    }
    text.push_str("scale: robust                         # (x - median) / IQR of the training part\n\n");
}
