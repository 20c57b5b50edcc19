//! Spark's SQL, from version 4.0 on.
//!
//! The session's zone must be UTC, and errors of arithmetic off (`spark.sql.ansi.enabled = false`): whoever opens the session sets both.

use chrono::NaiveDate;
use chrono_tz::Tz;

use super::Dialect;
use crate::sql::{function::Function, node::Kind};

/// Spark's dialect.
#[derive(Debug, Clone, Copy)]
pub struct Spark;

/// What polars reads as a number, without `inf` and `nan`.
const NUMBER: &str = "[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?";

impl Dialect for Spark {
    fn name(&self) -> &'static str {
        "Spark"
    }

    fn identifier(&self, name: &str) -> String {
        format!("`{}`", name.replace('`', "``"))
    }

    fn text(&self, text: &str) -> String {
        let mut quoted = String::with_capacity(text.len() + 2);
        quoted.push('\'');
        for character in text.chars() {
            match character {
                '\'' | '\\' => quoted.extend(['\\', character]),
                // Spark puts variables of its own, even of its environment, in the place of `${...}` before it parses.
                c if c.is_control() || c == '$' => quoted.push_str(&format!("\\u{:04x}", u32::from(c))),
                c => quoted.push(c),
            }
        }
        quoted.push('\'');
        quoted
    }

    fn number(&self, value: f64) -> String {
        if value.is_sign_negative() { format!("({value:E}D)") } else { format!("{value:E}D") }
    }

    fn moment(&self, micros: i64) -> String {
        format!("timestamp_micros({micros})")
    }

    fn day(&self, day: NaiveDate) -> String {
        format!("DATE '{}'", day.format("%Y-%m-%d"))
    }

    fn micros(&self, moment: &str) -> String {
        format!("unix_micros({moment})")
    }

    fn of_micros(&self, micros: &str) -> String {
        format!("timestamp_micros({micros})")
    }

    fn is_finite(&self, number: &str) -> String {
        // A comparison with NaN is true for `>` here: NaN is the largest of all.
        format!("abs({number}) < double('Infinity')")
    }

    fn is_nan(&self, number: &str) -> String {
        format!("isnan({number})")
    }

    fn local(&self, moment: &str, zone: Tz) -> String {
        if zone == Tz::UTC { moment.to_owned() } else { format!("from_utc_timestamp({moment}, {})", self.text(zone.name())) }
    }

    fn cast(&self, value: &str, to: Kind) -> String {
        let name = match to {
            Kind::Bool => "BOOLEAN",
            Kind::Integer => "BIGINT",
            Kind::Number => "DOUBLE",
            Kind::Text => "STRING",
            Kind::Time => "TIMESTAMP",
            Kind::Date => "DATE",
            Kind::Null | Kind::Other => return value.to_owned(),
        };
        format!("CAST({value} AS {name})")
    }

    fn parsed(&self, text: &str) -> String {
        let number = format!("CAST({text} AS DOUBLE)");
        format!("(CASE WHEN {} AND {} THEN {number} END)", self.matches(text, NUMBER, false), self.is_finite(&number))
    }

    fn matches(&self, text: &str, regex: &str, ignore_case: bool) -> String {
        let flags = if ignore_case { "(?siu)" } else { "(?s)" };
        format!("({text} RLIKE {})", self.text(&format!("{flags}\\A{regex}\\z")))
    }

    fn escaped(&self, character: char) -> String {
        if character.is_alphanumeric() { character.to_string() } else { format!("\\x{{{:x}}}", u32::from(character)) }
    }

    fn call(&self, function: Function, arguments: &[String]) -> Option<String> {
        let all = arguments.join(", ");
        let first = arguments.first()?;
        let whole = |call: String| Some(format!("CAST({call} AS BIGINT)"));
        // Both give whole numbers of 64 bits, which hold what lies nearer to zero than 2^53; beyond it every float is whole.
        let rounded =
            |name: &str| Some(format!("(CASE WHEN abs({first}) < 9.0E15D THEN CAST({name}({first}) AS DOUBLE) ELSE {first} END)"));
        match function {
            Function::Abs => Some(format!("abs({all})")),
            Function::Ceil => rounded("ceil"),
            Function::Floor => rounded("floor"),
            Function::Coalesce => Some(format!("coalesce({all})")),
            Function::Greatest if arguments.len() > 1 => Some(format!("greatest({all})")),
            Function::Least if arguments.len() > 1 => Some(format!("least({all})")),
            Function::Greatest | Function::Least => Some(first.clone()),
            Function::Nullif => Some(format!("nullif({all})")),
            Function::Contains => Some(format!("contains({all})")),
            Function::StartsWith => Some(format!("startswith({all})")),
            Function::EndsWith => Some(format!("endswith({all})")),
            Function::Length => whole(format!("char_length({all})")),
            Function::Lower => Some(format!("lower({all})")),
            Function::Upper => Some(format!("upper({all})")),
            Function::Trim => Some(format!("regexp_replace({first}, {}, '')", self.text("(?U)\\A\\s+|\\s+\\z"))),
            Function::Ln => Some(format!("ln({all})")),
            Function::Log10 => Some(format!("log10({all})")),
            Function::Sqrt => Some(format!("sqrt({all})")),
            Function::Power => Some(format!("power({all})")),
            Function::Hour => whole(format!("hour({all})")),
            Function::Minute => whole(format!("minute({all})")),
            Function::Day => whole(format!("day({all})")),
            Function::Month => whole(format!("month({all})")),
            Function::Weekday => whole(format!("weekday({all}) + 1")),
            Function::Year => whole(format!("year({all})")),
            Function::Round => Some(format!("round({first}, 0)")),
            Function::Replace => Some(format!("replace({all})")),
            Function::Substr => Some(format!("substring({all})")),
            Function::RegisteredDomain | Function::UrlHost | Function::Date | Function::Epoch | Function::Concat => None,
        }
    }
}
