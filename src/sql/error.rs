//! What can be wrong with an expression, said so that its author can mend it.

use polars::prelude::PolarsError;

use super::function::FUNCTIONS;
use crate::{
    error::Error,
    text::{similar, visible_within},
};

/// What is wrong with an expression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SqlError {
    /// It is not SQL.
    #[error("{}{message}", place(*.column))]
    Syntax {
        /// What is wrong.
        message: String,
        /// The character at which it is wrong, from 1.
        column: Option<u64>,
        /// What to write instead.
        hint: Option<&'static str>,
    },
    /// It is too long or too deeply nested.
    #[error("expression {what}: at most {limit} are understood")]
    TooLarge {
        /// What there is too much of.
        what: &'static str,
        /// How much is allowed.
        limit: usize,
    },
    /// It is SQL, but not an expression over one row that is understood here.
    #[error("{0} is not supported in an expression over one row")]
    Unsupported(String),
    /// A function over many rows.
    #[error("`{0}` looks at many rows, and this is an expression over one")]
    Aggregate(String),
    /// A function that does not exist.
    #[error("unknown function `{name}`")]
    UnknownFunction {
        /// The name.
        name: String,
        /// Similar names.
        near: Vec<String>,
    },
    /// A function with the wrong number or kind of arguments.
    #[error("`{function}` takes {expected}, found {found}")]
    Arguments {
        /// The function.
        function: &'static str,
        /// What it takes.
        expected: String,
        /// What it was given.
        found: String,
    },
    /// A column that does not exist.
    #[error("unknown column `{name}`")]
    UnknownColumn {
        /// The name.
        name: String,
        /// What to do.
        hint: String,
    },
    /// Kinds of values that do not fit.
    #[error("{message}")]
    Type {
        /// What does not fit.
        message: String,
        /// What to do.
        hint: Option<String>,
    },
    /// The engine refused; a bug, since every expression is checked before.
    #[error("cannot evaluate `{text}`: {message}")]
    Engine {
        /// The expression.
        text: String,
        /// What the engine said.
        message: String,
    },
}

/// What people write out of habit from elsewhere, and what it is here.
const HABITS: &[(&[&str], &str)] = &[
    (&["kB", "MB", "GB", "TB", "KiB", "MiB", "GiB", "k", "m", "g"], "sizes are written out, in bytes: `50000000`"),
    (&["\u{2018}", "\u{2019}", "\u{201c}", "\u{201d}"], "quotes are straight: `'text'`, `\"column\"`"),
    (&["`", "[", "]"], "a column name with other characters than letters, digits, `_`, and `.` takes double quotes: `\"cs-host\"`"),
    (&["~", "!~", "~*", "regexp", "rlike", "similar"], "a pattern is `like '%.example'`; there are `contains`, `starts_with`, `ends_with`"),
    (&["&", "&&", "|"], "conditions are joined by `and` and `or`"),
    (&["=>", "\u{2265}"], "write `>=`"),
    (&["\u{2264}"], "write `<=`"),
    (&[";"], "this is one expression, no statement"),
];

/// Functions of other tools, and what does the same here.
const ELSEWHERE: &[(&[&str], &str)] = &[
    (&["ifnull", "nvl"], "`coalesce(x, y)`"),
    (&["isnull"], "`x is null`"),
    (&["isnotnull"], "`x is not null`"),
    (&["if", "iif", "decode"], "`case when x > 0 then 1 else 0 end`"),
    (&["mod"], "`x % y`"),
    (&["len", "char_length", "strlen"], "`length(x)`"),
    (&["match", "regexp_like", "rlike"], "`x like '%.example'`, `contains(x, y)`"),
    (&["left"], "`substr(x, 1, 2)`"),
    (&["right"], "`substr(x, -2)`"),
    (&["log"], "`ln(x)` or `log10(x)`"),
    (&["dayofweek", "extract", "date_part"], "`weekday(x)`, `hour(x)`, `day(x)`"),
];

fn place(column: Option<u64>) -> String {
    column.map_or_else(String::new, |column| format!("at character {column}: "))
}

impl SqlError {
    /// Makes an error of what is not SQL, at a character from 1 where that is known.
    pub fn syntax(message: impl Into<String>, column: Option<u64>) -> Self {
        Self::Syntax { message: message.into(), column, hint: None }
    }

    /// Makes an error of a token, as it is written, where none or another should be.
    pub fn token(message: impl Into<String>, token: &str, column: Option<u64>) -> Self {
        let habits = HABITS.iter().find(|(tokens, _)| tokens.iter().any(|known| token.eq_ignore_ascii_case(known)));
        Self::Syntax { message: message.into(), column, hint: habits.map(|(_, hint)| *hint) }
    }

    /// Makes an error of kinds that do not fit.
    pub fn types(message: impl Into<String>) -> Self {
        Self::Type { message: message.into(), hint: None }
    }

    /// Makes an error of kinds that do not fit and says what to do.
    pub fn type_hint(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Type { message: message.into(), hint: Some(hint.into()) }
    }

    /// Makes an error of the engine.
    pub fn engine(text: &str, error: &PolarsError) -> Self {
        Self::Engine { text: excerpt(text), message: error.to_string() }
    }

    /// Makes an error of an unknown column, given those that exist.
    pub fn unknown_column<'a>(name: &str, known: impl Iterator<Item = &'a str> + Clone) -> Self {
        let hint =
            if let Some(dashed) = known.clone().find(|column| column.strip_prefix(name).is_some_and(|rest| rest.starts_with(['-', ' ']))) {
                format!("a column name with other characters than letters, digits, `_`, and `.` takes double quotes: `\"{dashed}\"`")
            } else {
                let near = similar(name, known.clone());
                if near.is_empty() {
                    let all: Vec<&str> = known.take(30).collect();
                    format!("text takes single quotes: `'{name}'`; columns are {}", listed(&all))
                } else {
                    format!("did you mean {}?", listed(&near))
                }
            };
        Self::UnknownColumn { name: name.to_owned(), hint }
    }

    /// What to do about it, where that is known.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::UnknownFunction { name, near } => {
                let names: Vec<&str> = FUNCTIONS.iter().map(|signature| signature.name).collect();
                let list = format!("functions are {}", listed(&names));
                let near: Vec<&str> = near.iter().map(String::as_str).collect();
                Some(match ELSEWHERE.iter().find(|(names, _)| names.iter().any(|other| name.eq_ignore_ascii_case(other))) {
                    Some((_, here)) => format!("write {here}; {list}"),
                    None if near.is_empty() => list,
                    None => format!("did you mean {}? {list}", listed(&near)),
                })
            }
            Self::Syntax { hint, .. } => hint.map(str::to_owned),
            Self::UnknownColumn { hint, .. } => Some(hint.clone()),
            Self::Type { hint, .. } => hint.clone(),
            Self::TooLarge { .. } => Some("split it into several `derive` columns".into()),
            Self::Aggregate(_) => Some("what looks at many rows is a field, such as `{ sum: bytes_up }` or `{ count: \"*\" }`".into()),
            Self::Unsupported(_) | Self::Arguments { .. } | Self::Engine { .. } => None,
        }
    }
}

impl From<SqlError> for Error {
    fn from(error: SqlError) -> Self {
        match error {
            SqlError::Engine { .. } => Self::Internal(error.to_string()),
            other => Self::Data { message: other.to_string(), hint: other.hint() },
        }
    }
}

/// The beginning of an expression, as much as fits into a message.
pub(super) fn excerpt(text: &str) -> String {
    visible_within(text, 60).into_owned()
}

/// Names in backticks, separated by commas.
pub(crate) fn listed(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
