//! A checked tree as a polars expression.

use chrono_tz::Tz;
use polars::prelude::*;

use super::{
    Env,
    domain::{registered_domains, url_hosts},
    error::SqlError,
    function::Function,
    hour::hours,
    node::{Arithmetic, Comparison, Glyph, Kind, Literal, Node},
    rowwise::{power, quotient, remainder, replaced},
};

/// Lowers a tree in which every coercion is written out.
pub(super) fn lower(node: &Node, env: &Env) -> Result<Expr, SqlError> {
    let sub = |node: &Node| lower(node, env);
    let all = |nodes: &[Node]| nodes.iter().map(|node| lower(node, env)).collect::<Result<Vec<_>, _>>();
    Ok(match node {
        Node::Column(name) => column(name, env)?,
        Node::Literal(value) => literal(value),
        Node::Not(inner) => sub(inner)?.not(),
        Node::Negate(inner) => lit(0.0) - sub(inner)?,
        Node::And(parts) => balanced(all(parts)?, &Expr::and),
        Node::Or(parts) => balanced(all(parts)?, &Expr::or),
        Node::Concat(parts) => concat_str(all(parts)?, "", false),
        Node::Compare(comparison, left, right) => compare(*comparison, sub(left)?, sub(right)?),
        Node::Arithmetic(operator, left, right) => arithmetic(*operator, sub(left)?, sub(right)?),
        Node::In(item, list) => membership(sub(item)?, list, env)?,
        Node::Between(item, low, high) => {
            let item = sub(item)?;
            item.clone().gt_eq(sub(low)?).and(item.lt_eq(sub(high)?))
        }
        Node::Like { item, pattern, ignore_case } => like(sub(item)?, pattern, *ignore_case),
        Node::IsNull(inner) => sub(inner)?.is_null(),
        Node::Case { branches, otherwise } => {
            let mut result = otherwise.as_deref().map_or_else(|| Ok(lit(NULL)), sub)?;
            for (condition, value) in branches.iter().rev() {
                result = when(sub(condition)?).then(sub(value)?).otherwise(result);
            }
            result
        }
        Node::Cast { item, from, to } => cast(sub(item)?, *from, *to, env.zone)?,
        Node::Call(function, arguments) => call(*function, arguments, all(arguments)?, env)?,
    })
}

/// Columns in the types that the rest counts on: 64 bits, microseconds, UTC.
fn column(name: &str, env: &Env) -> Result<Expr, SqlError> {
    let data_type = env.columns.get(name).ok_or_else(|| SqlError::unknown_column(name, env.columns.keys().map(String::as_str)))?;
    let column = col(PlSmallStr::from_str(name));
    Ok(match data_type {
        DataType::Int64 => column,
        // NaN in a source is no value, and compares with nothing.
        float if float.is_float() => {
            let number = if *float == DataType::Float64 { column } else { column.cast(DataType::Float64) };
            only(number.clone().is_not_nan(), number)
        }
        whole if whole.is_integer() => column.cast(DataType::Int64),
        DataType::Datetime(unit, zone) => {
            let column = match zone {
                None => column.dt().replace_time_zone(Some(TimeZone::UTC), lit("raise"), NonExistent::Raise),
                Some(zone) if *zone == TimeZone::UTC => column,
                Some(_) => column.dt().convert_time_zone(TimeZone::UTC),
            };
            if *unit == TimeUnit::Microseconds { column } else { column.dt().cast_time_unit(TimeUnit::Microseconds) }
        }
        _ => column,
    })
}

fn instant() -> DataType {
    DataType::Datetime(TimeUnit::Microseconds, Some(TimeZone::UTC))
}

fn literal(value: &Literal) -> Expr {
    match value {
        Literal::Null => lit(NULL),
        Literal::Bool(value) => lit(*value),
        // Untyped, it would be as narrow as it fits.
        Literal::Integer(value) => lit(Scalar::from(*value)),
        Literal::Number(value) => lit(*value),
        Literal::Text(text) => lit(text.clone()),
        Literal::Time(micros) => lit(*micros).cast(instant()),
        Literal::Date(date) => lit(days(*date)).cast(DataType::Date),
    }
}

fn days(date: chrono::NaiveDate) -> i32 {
    i32::try_from(date.signed_duration_since(chrono::NaiveDate::default()).num_days()).unwrap_or(0)
}

/// Joins many without making the expression as deep as it is long.
fn balanced(mut parts: Vec<Expr>, join: &impl Fn(Expr, Expr) -> Expr) -> Expr {
    match parts.len() {
        0 => lit(NULL).cast(DataType::Boolean),
        1 => parts.remove(0),
        count => {
            let right = parts.split_off(count / 2);
            join(balanced(parts, join), balanced(right, join))
        }
    }
}

fn compare(comparison: Comparison, left: Expr, right: Expr) -> Expr {
    match comparison {
        Comparison::Equal => left.eq(right),
        Comparison::NotEqual => left.neq(right),
        Comparison::Less => left.lt(right),
        Comparison::LessOrEqual => left.lt_eq(right),
        Comparison::Greater => left.gt(right),
        Comparison::GreaterOrEqual => left.gt_eq(right),
    }
}

/// The value where the condition holds, else null.
fn only(condition: Expr, value: Expr) -> Expr {
    when(condition).then(value).otherwise(lit(NULL))
}

fn arithmetic(operator: Arithmetic, left: Expr, right: Expr) -> Expr {
    match operator {
        Arithmetic::Add => left + right,
        Arithmetic::Subtract => left - right,
        Arithmetic::Multiply => left * right,
        Arithmetic::Divide => quotient(left, right),
        Arithmetic::Modulo => remainder(left, right),
    }
}

fn membership(item: Expr, list: &[Node], env: &Env) -> Result<Expr, SqlError> {
    let (nulls, values): (Vec<&Node>, Vec<&Node>) =
        list.iter().partition(|node| matches!(node, Node::Literal(Literal::Null) | Node::Cast { from: Kind::Null, .. }));
    let found = match constants(&values) {
        Some(constants) => item.is_in(lit(constants).implode(true), false),
        None => balanced(values.iter().map(|value| Ok(item.clone().eq(lower(value, env)?))).collect::<Result<_, SqlError>>()?, &Expr::or),
    };
    // `x in (1, null)` is true or null, never false.
    Ok(if nulls.is_empty() { found } else { only(found, lit(true)) })
}

/// The values as one series, where they are literals of one kind.
fn constants(values: &[&Node]) -> Option<Series> {
    fn all<'a, T>(values: &[&'a Node], of: impl Fn(&'a Literal) -> Option<T>) -> Option<Vec<T>> {
        values.iter().map(|node| if let Node::Literal(literal) = node { of(literal) } else { None }).collect()
    }
    let name = PlSmallStr::EMPTY;
    let Node::Literal(first) = values.first()? else { return None };
    match first {
        Literal::Text(_) => all(values, |literal| if let Literal::Text(text) = literal { Some(text.as_str()) } else { None })
            .map(|all| Series::new(name, all)),
        Literal::Integer(_) => {
            all(values, |literal| if let Literal::Integer(value) = literal { Some(*value) } else { None }).map(|all| Series::new(name, all))
        }
        Literal::Number(_) => {
            all(values, |literal| if let Literal::Number(value) = literal { Some(*value) } else { None }).map(|all| Series::new(name, all))
        }
        _ => None,
    }
}

fn like(item: Expr, pattern: &[Glyph], ignore_case: bool) -> Expr {
    let plain = |glyphs: &[Glyph]| glyphs.iter().map(|g| if let Glyph::Char(c) = g { Some(*c) } else { None }).collect::<Option<String>>();
    if !ignore_case {
        if let Some(text) = plain(pattern) {
            return item.eq(lit(text));
        }
        match pattern {
            [Glyph::Any] => return item.clone().eq(item),
            [Glyph::Any, middle @ .., Glyph::Any] => {
                if let Some(text) = plain(middle) {
                    return item.str().contains_literal(lit(text));
                }
            }
            [Glyph::Any, end @ ..] => {
                if let Some(text) = plain(end) {
                    return item.str().ends_with(lit(text));
                }
            }
            [start @ .., Glyph::Any] => {
                if let Some(text) = plain(start) {
                    return item.str().starts_with(lit(text));
                }
            }
            _ => {}
        }
    }
    let mut regex = String::from(if ignore_case { "(?is)^" } else { "(?s)^" });
    for glyph in pattern {
        match glyph {
            Glyph::Char(c) => regex.push_str(&regex::escape(c.encode_utf8(&mut [0; 4]))),
            Glyph::One => regex.push('.'),
            Glyph::Any => regex.push_str(".*"),
        }
    }
    regex.push('$');
    item.str().contains(lit(regex), true)
}

fn finite(number: Expr) -> Expr {
    only(number.clone().is_finite(), number)
}

fn cast(item: Expr, from: Kind, to: Kind, zone: Tz) -> Result<Expr, SqlError> {
    Ok(match (from, to) {
        (Kind::Time, Kind::Text) => local(item, zone).dt().to_string("%Y-%m-%dT%H:%M:%S%:z"),
        (Kind::Time, Kind::Date) => local(item, zone).dt().date(),
        (Kind::Date, Kind::Text) => item.dt().to_string("%Y-%m-%d"),
        // Zero has no sign in a text: whether the engine gives it one hangs on how many rows it is given.
        (Kind::Number, Kind::Text) => when(item.clone().eq(lit(0.0))).then(lit(0.0)).otherwise(item).cast(DataType::String),
        (Kind::Text, Kind::Number) => finite(item.cast(DataType::Float64)),
        (Kind::Text, Kind::Integer) => {
            coalesce(&[item.clone().cast(DataType::Int64), finite(item.cast(DataType::Float64)).cast(DataType::Int64)])
        }
        (_, Kind::Bool) if from != Kind::Null => item.neq(lit(0)),
        (_, Kind::Bool) => item.cast(DataType::Boolean),
        (_, Kind::Integer) => item.cast(DataType::Int64),
        (_, Kind::Number) => item.cast(DataType::Float64),
        (_, Kind::Text) => item.cast(DataType::String),
        (_, Kind::Time) => item.cast(instant()),
        (_, Kind::Date) => item.cast(DataType::Date),
        (_, Kind::Null | Kind::Other) => item,
    })
}

fn local(time: Expr, zone: Tz) -> Expr {
    if zone == Tz::UTC {
        return time;
    }
    match TimeZone::opt_try_new(Some(zone.name())) {
        Ok(Some(zone)) => time.dt().convert_time_zone(zone),
        _ => time,
    }
}

fn call(function: Function, nodes: &[Node], arguments: Vec<Expr>, env: &Env) -> Result<Expr, SqlError> {
    let mut rest = arguments.clone().into_iter();
    let mut next = || rest.next().unwrap_or_else(|| lit(NULL));
    let whole = |part: Expr| part.cast(DataType::Int64);
    Ok(match function {
        Function::Abs => next().abs(),
        Function::Ceil => next().ceil(),
        Function::Floor => next().floor(),
        Function::Round => {
            let digits =
                if let Some(Node::Literal(Literal::Integer(digits))) = nodes.get(1) { u32::try_from(*digits).unwrap_or(0) } else { 0 };
            next().round(digits, RoundMode::HalfAwayFromZero)
        }
        Function::Coalesce => coalesce(&arguments),
        Function::Greatest => polars::lazy::dsl::max_horizontal(arguments).map_err(|error| SqlError::engine("greatest", &error))?,
        Function::Least => polars::lazy::dsl::min_horizontal(arguments).map_err(|error| SqlError::engine("least", &error))?,
        Function::Nullif => {
            let (first, second) = (next(), next());
            when(first.clone().eq(second)).then(lit(NULL)).otherwise(first)
        }
        Function::Concat => concat_str(arguments, "", false),
        Function::Contains => next().str().contains_literal(next()),
        Function::StartsWith => next().str().starts_with(next()),
        Function::EndsWith => next().str().ends_with(next()),
        Function::Length => whole(next().str().len_chars()),
        Function::Lower => next().str().to_lowercase(),
        Function::Upper => next().str().to_uppercase(),
        Function::Trim => next().str().strip_chars(lit(NULL)),
        Function::Replace => replaced(next(), next(), next()),
        Function::Substr => {
            let (text, start) = (next(), next());
            let offset = when(start.clone().gt(lit(0))).then(start.clone() - lit(1)).otherwise(start);
            if nodes.len() > 2 {
                let length = next();
                // Of a length that is null the engine makes: to the end.
                only(length.clone().is_not_null(), text.str().slice(offset, length.clip_min(lit(0))))
            } else {
                text.str().slice(offset, lit(i64::from(i32::MAX)))
            }
        }
        Function::Ln => {
            let x = next();
            only(x.clone().gt(lit(0.0)), x.log(lit(std::f64::consts::E)))
        }
        Function::Log10 => {
            let x = next();
            only(x.clone().gt(lit(0.0)), x.log(lit(10.0)))
        }
        Function::Sqrt => {
            let x = next();
            only(x.clone().gt_eq(lit(0.0)), x.sqrt())
        }
        Function::Power => power(next(), next()),
        Function::Hour => {
            let zone = env.zone;
            next().map(
                move |times| Ok(hours(times.cast(&instant())?.as_materialized_series().to_physical_repr().i64()?, zone).into_column()),
                |_, field| Ok(Field::new(field.name().clone(), DataType::Int64)),
            )
        }
        Function::Minute => whole(local(next(), env.zone).dt().minute()),
        Function::Day => whole(day(next(), &nodes[0], env).dt().day()),
        Function::Month => whole(day(next(), &nodes[0], env).dt().month()),
        Function::Weekday => whole(day(next(), &nodes[0], env).dt().weekday()),
        Function::Year => whole(day(next(), &nodes[0], env).dt().year()),
        Function::Date => local(next(), env.zone).dt().date(),
        Function::Epoch => quotient(next().cast(DataType::Int64).cast(DataType::Float64), lit(1e6)),
        Function::RegisteredDomain => next().map(
            |hosts| Ok(registered_domains(hosts.str()?).into_column()),
            |_, field| Ok(Field::new(field.name().clone(), DataType::String)),
        ),
        Function::UrlHost => {
            next().map(|urls| Ok(url_hosts(urls.str()?).into_column()), |_, field| Ok(Field::new(field.name().clone(), DataType::String)))
        }
    })
}

/// A time in the window's zone; a date as it is.
fn day(time: Expr, node: &Node, env: &Env) -> Expr {
    match super::check::check(node, env) {
        Ok((_, Kind::Date)) => time,
        _ => local(time, env.zone),
    }
}
