//! A checked tree as SQL text for an engine.
//!
//! What is written is made from the tree, never from what an author typed: names and values are quoted by the dialect. What no engine says with the
//! same meaning is refused by name.

mod spark;

use chrono::NaiveDate;
use chrono_tz::Tz;

pub use self::spark::Spark;
use super::{
    Env, Expression,
    error::SqlError,
    function::Function,
    node::{Arithmetic, Glyph, Kind, Literal, Node},
};

/// How an engine writes SQL: the pieces in which engines differ.
pub trait Dialect: std::fmt::Debug + Send + Sync {
    /// Its name in messages.
    fn name(&self) -> &'static str;
    /// A name of one part, quoted.
    fn identifier(&self, name: &str) -> String;
    /// A text, quoted.
    fn text(&self, text: &str) -> String;
    /// A finite 64-bit float that reads back as itself.
    fn number(&self, value: f64) -> String;
    /// A moment, from microseconds since 1970 UTC.
    fn moment(&self, micros: i64) -> String;
    /// A day.
    fn day(&self, day: NaiveDate) -> String;
    /// The microseconds since 1970 UTC of a moment.
    fn micros(&self, moment: &str) -> String;
    /// The moment of microseconds since 1970 UTC, given as an expression.
    fn of_micros(&self, micros: &str) -> String;
    /// Whether a float is neither NaN nor infinite, and not null.
    fn is_finite(&self, number: &str) -> String;
    /// Whether a float is NaN.
    fn is_nan(&self, number: &str) -> String;
    /// A moment as the wall clock of a zone shows it.
    fn local(&self, moment: &str, zone: Tz) -> String;
    /// A value as another type.
    fn cast(&self, value: &str, to: Kind) -> String;
    /// A text as a finite number; null where it is none.
    fn parsed(&self, text: &str) -> String;
    /// Whether a text fits a regular expression as a whole; `.` is any character.
    fn matches(&self, text: &str, regex: &str, ignore_case: bool) -> String;
    /// A character as a regular expression that matches it only.
    fn escaped(&self, character: char) -> String;
    /// A function; `None` where the engine has none of the same meaning.
    fn call(&self, function: Function, arguments: &[String]) -> Option<String>;
}

/// Whatever an expression may name, and how each column is written.
pub struct Scope<'a> {
    /// How the engine writes.
    pub dialect: &'a dyn Dialect,
    /// The columns and their types.
    pub env: &'a Env,
    /// How a column is written, by its name.
    pub column: &'a dyn Fn(&str) -> Option<String>,
}

impl Expression {
    /// The same as SQL text. A value that is not finite becomes null.
    ///
    /// # Errors
    /// When a column is unknown, kinds do not fit, or the engine cannot say it with the same meaning.
    pub fn render(&self, scope: &Scope<'_>) -> Result<String, SqlError> {
        let (node, kind) = self.checked(scope.env)?;
        let text = render(&node, scope)?;
        Ok(if kind == Kind::Number { format!("(CASE WHEN {} THEN {text} END)", scope.dialect.is_finite(&text)) } else { text })
    }

    /// The same as SQL text that is true or false; null counts as false.
    ///
    /// # Errors
    /// As [`Expression::render`], and when it is no condition.
    pub fn render_condition(&self, scope: &Scope<'_>) -> Result<String, SqlError> {
        // That it is a condition is told as it is where polars computes it.
        self.lower_condition(scope.env).map(drop)?;
        let (node, _) = self.checked(scope.env)?;
        Ok(format!("coalesce({}, FALSE)", render(&node, scope)?))
    }
}

/// Refuses what has no equal meaning on an engine.
fn refused(what: &str, scope: &Scope<'_>) -> SqlError {
    SqlError::Type {
        message: format!("{what} has no equal on {}", scope.dialect.name()),
        hint: Some("compute it in a view there, and name its column here".into()),
    }
}

/// Renders a tree in which every coercion is written out.
fn render(node: &Node, scope: &Scope<'_>) -> Result<String, SqlError> {
    let sub = |node: &Node| render(node, scope);
    let all = |nodes: &[Node]| nodes.iter().map(|node| render(node, scope)).collect::<Result<Vec<_>, _>>();
    let dialect = scope.dialect;
    Ok(match node {
        Node::Column(name) => {
            (scope.column)(name).ok_or_else(|| SqlError::unknown_column(name, scope.env.columns.keys().map(String::as_str)))?
        }
        Node::Literal(value) => literal(value, dialect),
        Node::Not(inner) => format!("(NOT {})", sub(inner)?),
        Node::Negate(inner) => format!("({} - {})", dialect.number(0.0), sub(inner)?),
        Node::And(parts) => format!("({})", all(parts)?.join(" AND ")),
        Node::Or(parts) => format!("({})", all(parts)?.join(" OR ")),
        Node::Concat(parts) => format!("concat({})", all(parts)?.join(", ")),
        Node::Compare(comparison, left, right) => format!("({} {} {})", sub(left)?, comparison.sign(), sub(right)?),
        Node::Arithmetic(operator, left, right) => arithmetic(*operator, &sub(left)?, &sub(right)?, dialect),
        Node::In(item, list) => format!("({} IN ({}))", sub(item)?, all(list)?.join(", ")),
        Node::Between(item, low, high) => format!("({} BETWEEN {} AND {})", sub(item)?, sub(low)?, sub(high)?),
        Node::Like { item, pattern, ignore_case } => like(&sub(item)?, pattern, *ignore_case, dialect),
        Node::IsNull(inner) => format!("({} IS NULL)", sub(inner)?),
        Node::Case { branches, otherwise } => {
            let mut text = String::from("(CASE");
            for (condition, value) in branches {
                text += &format!(" WHEN {} THEN {}", sub(condition)?, sub(value)?);
            }
            match otherwise {
                Some(value) => text + &format!(" ELSE {} END)", sub(value)?),
                None => text + " END)",
            }
        }
        Node::Cast { item, from, to } => cast(&sub(item)?, *from, *to, scope)?,
        Node::Call(function, arguments) => call(*function, arguments, all(arguments)?, scope)?,
    })
}

fn literal(value: &Literal, dialect: &dyn Dialect) -> String {
    match value {
        Literal::Null => "NULL".into(),
        Literal::Bool(value) => if *value { "TRUE" } else { "FALSE" }.into(),
        // The smallest one cannot be written as the negative of a positive one.
        Literal::Integer(i64::MIN) => format!("(-{} - 1)", i64::MAX),
        Literal::Integer(value) => format!("({value})"),
        Literal::Number(value) => dialect.number(*value),
        Literal::Text(text) => dialect.text(text),
        Literal::Time(micros) => dialect.moment(*micros),
        Literal::Date(day) => dialect.day(*day),
    }
}

fn arithmetic(operator: Arithmetic, left: &str, right: &str, dialect: &dyn Dialect) -> String {
    let sign = operator.sign();
    match operator {
        Arithmetic::Add | Arithmetic::Subtract | Arithmetic::Multiply => format!("({left} {sign} {right})"),
        // Every engine gives the remainder the sign of the dividend.
        Arithmetic::Divide | Arithmetic::Modulo => format!("({left} {sign} nullif({right}, {}))", dialect.number(0.0)),
    }
}

fn like(item: &str, pattern: &[Glyph], ignore_case: bool, dialect: &dyn Dialect) -> String {
    let plain: Option<String> = pattern.iter().map(|glyph| if let Glyph::Char(c) = glyph { Some(*c) } else { None }).collect();
    if let (false, Some(text)) = (ignore_case, plain) {
        return format!("({item} = {})", dialect.text(&text));
    }
    let regex: String = pattern
        .iter()
        .map(|glyph| match glyph {
            Glyph::Char(c) => dialect.escaped(*c),
            Glyph::One => ".".into(),
            Glyph::Any => ".*".into(),
        })
        .collect();
    dialect.matches(item, &regex, ignore_case)
}

fn cast(item: &str, from: Kind, to: Kind, scope: &Scope<'_>) -> Result<String, SqlError> {
    let dialect = scope.dialect;
    Ok(match (from, to) {
        (Kind::Time, Kind::Date) => dialect.cast(&dialect.local(item, scope.env.zone), Kind::Date),
        (Kind::Time | Kind::Number, Kind::Text) => return Err(refused(&format!("{} as text", from.article()), scope)),
        (Kind::Text, Kind::Number) => dialect.parsed(item),
        (Kind::Text, Kind::Integer) => dialect.cast(&dialect.parsed(item), Kind::Integer),
        (Kind::Number | Kind::Integer, Kind::Bool) => format!("({item} <> 0)"),
        (_, Kind::Null | Kind::Other) => item.to_owned(),
        (_, to) => dialect.cast(item, to),
    })
}

fn call(function: Function, nodes: &[Node], arguments: Vec<String>, scope: &Scope<'_>) -> Result<String, SqlError> {
    let (dialect, zone) = (scope.dialect, scope.env.zone);
    let first = arguments.first().map_or("NULL", String::as_str);
    let guarded = |condition: String, value: String| format!("(CASE WHEN {condition} THEN {value} END)");
    let called = |arguments: &[String]| dialect.call(function, arguments).ok_or_else(|| refused(&format!("`{}`", function.name()), scope));
    let given = || called(&arguments);
    let is = |kind: Kind| nodes.first().is_some_and(|node| matches!(super::check::check(node, scope.env), Ok((_, found)) if found == kind));
    Ok(match function {
        Function::Ceil | Function::Floor | Function::Round if is(Kind::Integer) => first.to_owned(),
        Function::Round if nodes.len() > 1 => return Err(refused("rounding to decimals", scope)),
        Function::Replace if !matches!(nodes.get(1), Some(Node::Literal(Literal::Text(text))) if !text.is_empty()) => {
            return Err(refused("`replace` of anything but a fixed text", scope));
        }
        Function::Substr if !fixed_piece(nodes) => return Err(refused("`substr` from anything but a fixed position", scope)),
        Function::Ln | Function::Log10 => guarded(format!("{first} > 0"), given()?),
        Function::Sqrt => guarded(format!("{first} >= 0"), given()?),
        Function::Power => {
            let value = given()?;
            guarded(dialect.is_finite(&value), value)
        }
        Function::Hour | Function::Minute => called(&[dialect.local(first, zone)])?,
        Function::Day | Function::Month | Function::Weekday | Function::Year => {
            called(&[if is(Kind::Date) { first.to_owned() } else { dialect.local(first, zone) }])?
        }
        Function::Date => dialect.cast(&dialect.local(first, zone), Kind::Date),
        Function::Epoch => format!("({} / {})", dialect.cast(&dialect.micros(first), Kind::Number), dialect.number(1e6)),
        _ => given()?,
    })
}

/// Whether a piece of text is cut from a position that is known, and not before its beginning.
fn fixed_piece(nodes: &[Node]) -> bool {
    let is_from = |node: &Node, least: i64| matches!(node, Node::Literal(Literal::Integer(value)) if *value >= least);
    nodes.get(1).is_some_and(|start| is_from(start, 1)) && nodes.get(2).is_none_or(|length| is_from(length, 0))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use polars::prelude::{DataType, TimeUnit, TimeZone};

    use super::*;

    fn rendered(text: &str) -> Result<String, SqlError> {
        let time = DataType::Datetime(TimeUnit::Microseconds, Some(TimeZone::UTC));
        let columns = [("host", DataType::String), ("up", DataType::Int64), ("time", time)];
        let columns: BTreeMap<String, DataType> = columns.into_iter().map(|(name, dtype)| (name.to_owned(), dtype)).collect();
        let env = Env { zone: Tz::UTC, columns };
        let column = |name: &str| Some(Spark.identifier(name));
        Expression::parse(text)?.render(&Scope { dialect: &Spark, env: &env, column: &column })
    }

    #[test]
    fn nothing_that_an_author_typed_is_pasted() {
        assert_eq!(rendered("host = 'it''s \\ `x`'").unwrap(), r"(`host` = 'it\'s \\ `x`')");
        assert_eq!(Spark.identifier("a`; drop table t"), "`a``; drop table t`");
        assert_eq!(Spark.text("a\u{0}b\n\u{1b}"), r"'a\u0000b\u000a\u001b'");
        assert_eq!(Spark.text("${env:HOME}"), r"'\u0024{env:HOME}'");
        assert_eq!(rendered("host like '%.x_y%'").unwrap(), r"(`host` RLIKE '(?s)\\A.*\\x{2e}x.y.*\\z')");
    }

    #[test]
    fn meaning_is_written_out() {
        assert_eq!(rendered("up / 2 > 1").unwrap(), "((CAST(`up` AS DOUBLE) / nullif(2E0D, 0E0D)) > 1E0D)");
        assert_eq!(rendered("host > 5").unwrap().matches("RLIKE").count(), 1, "a text is a number only where it looks like one");
        assert_eq!(rendered("hour(time)").unwrap(), "CAST(hour(`time`) AS BIGINT)");
    }

    #[test]
    fn what_has_no_equal_is_refused_by_name() {
        let message = |text: &str| rendered(text).unwrap_err().to_string();
        assert_eq!(message("registered_domain(host)"), "`registered_domain` has no equal on Spark");
        assert_eq!(message("cast(up * 2 as varchar)"), "a number as text has no equal on Spark");
    }
}
