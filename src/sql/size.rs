//! How large an expression becomes once it is written out for an engine.
//!
//! Engines have no names for parts: what a lowering uses twice stands there twice, so `ln(ln(ln(x)))` doubles at every level, and a line of an
//! experiment could fill the machine's memory. So the size is counted before anything is written out.

use super::{
    error::SqlError,
    function::Function,
    node::{Kind, Literal, Node},
};

/// The most parts of an expression, written out. Ten thousand take the engine some tenths of a second to prepare, once for each batch of events.
const LARGEST: usize = 10_000;

/// Refuses what becomes too large.
pub(super) fn bounded(node: &Node) -> Result<(), SqlError> {
    bounded_times(node, 1)
}

/// Refuses what becomes too large when it is written so many times.
pub(super) fn bounded_times(node: &Node, times: usize) -> Result<(), SqlError> {
    if written(node).saturating_mul(times) <= LARGEST {
        return Ok(());
    }
    Err(SqlError::TooLarge { what: "grows too large (parts, where what is used twice counts twice)", limit: LARGEST })
}

/// The number of parts once each use is written out, to a constant factor: by [`super::lower`] or [`super::render`], whichever repeats more.
fn written(node: &Node) -> usize {
    let all = |nodes: &[Node]| nodes.iter().map(written).fold(0, usize::saturating_add);
    let parts = match node {
        Node::Column(_) | Node::Literal(_) => 0,
        Node::Not(inner) | Node::Negate(inner) | Node::IsNull(inner) => written(inner),
        Node::And(parts) | Node::Or(parts) | Node::Concat(parts) => all(parts),
        Node::Compare(_, left, right) | Node::Arithmetic(_, left, right) => written(left).saturating_add(written(right)),
        // Literals become one list.
        Node::In(item, list) if list.iter().all(is_constant) => written(item),
        Node::In(item, list) => all(list).saturating_add(times(list.len(), item)),
        Node::Between(item, low, high) => times(2, item).saturating_add(written(low)).saturating_add(written(high)),
        Node::Like { item, .. } => times(2, item),
        Node::Case { branches, otherwise } => branches
            .iter()
            .flat_map(|(condition, value)| [condition, value])
            .chain(otherwise.as_deref())
            .map(written)
            .fold(0, usize::saturating_add),
        Node::Cast { item, from: Kind::Text, .. } => times(3, item),
        Node::Cast { item, from: Kind::Number, to: Kind::Text } => times(2, item),
        Node::Cast { item, .. } => written(item),
        Node::Call(function, arguments) => all(arguments).saturating_mul(uses(*function)),
    };
    parts.saturating_add(1)
}

fn times(count: usize, node: &Node) -> usize {
    written(node).saturating_mul(count)
}

fn is_constant(node: &Node) -> bool {
    match node {
        Node::Literal(literal) => !matches!(literal, Literal::Bool(_) | Literal::Time(_) | Literal::Date(_)),
        Node::Cast { item, .. } => matches!(**item, Node::Literal(Literal::Null)),
        _ => false,
    }
}

/// How often a function's arguments are written at the most.
fn uses(function: Function) -> usize {
    match function {
        Function::Ceil | Function::Floor | Function::Substr => 3,
        Function::Ln | Function::Log10 | Function::Sqrt | Function::Power | Function::Nullif => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use chrono_tz::Tz;
    use polars::prelude::{DataType, TimeUnit, TimeZone};

    use super::*;
    use crate::sql::{
        Env, Expression, lower,
        render::{Scope, Spark},
    };

    /// Each nests into itself by the `x`.
    const SHAPES: [&str; 24] = [
        "1 / (x)",
        "(x) / 2",
        "(x) % 7",
        "7 % (x)",
        "ln(x)",
        "sqrt(x)",
        "power(x, 2)",
        "power(2, x)",
        "ceil(x + 0.5)",
        "floor(x + 0.5)",
        "round(x + 0.5)",
        "abs(x)",
        "nullif(x, 3)",
        "coalesce(x, 3)",
        "greatest(x, 3)",
        "length(substr(x, x, 2))",
        "length(substr('abc', x, 2)) + x",
        "cast(concat(x, 'a') as int)",
        "cast(concat(x, 'a') as double)",
        "length(replace(x, 'a', x))",
        "case x when 1 then 2 when 3 then 4 end",
        "case when x in (1, up, 3) then 1 end",
        "case when x between 1 and up then 1 end",
        "case when concat(x, '') like '%' then 1 else x end",
    ];

    /// However deep: what is counted keeps pace with what the engines are given.
    #[test]
    fn what_is_counted_grows_like_what_is_written() {
        let time = DataType::Datetime(TimeUnit::Microseconds, Some(TimeZone::UTC));
        let columns = [("up", DataType::Int64), ("rate", DataType::Float64), ("host", DataType::String), ("time", time)];
        let columns: BTreeMap<String, DataType> = columns.into_iter().map(|(name, dtype)| (name.to_owned(), dtype)).collect();
        let env = Env { zone: Tz::UTC, columns };
        for shape in SHAPES {
            for start in ["up", "rate"] {
                let mut text = start.to_owned();
                for depth in 0..6 {
                    text = shape.replace('x', &text);
                    let Ok((node, _)) = Expression::parse(&text).and_then(|expression| expression.checked(&env)) else { break };
                    let counted = written(&node);
                    let lowered = lower::lower(&node, &env).unwrap().into_iter().count();
                    assert!(lowered <= 20 * counted, "{shape} at depth {depth}: {lowered} parts, {counted} counted");
                    let scope = Scope { dialect: &Spark, env: &env, column: &|name| Some(name.to_owned()) };
                    if let Ok(sql) = Expression::parse(&text).unwrap().render(&scope) {
                        assert!(sql.len() <= 400 * counted, "{shape} at depth {depth}: {} bytes, {counted} counted", sql.len());
                    }
                }
            }
        }
    }
}
