//! Columns and kinds: what does not fit is refused, and every coercion is written into the tree, so that a dialect only has to render it.

use chrono::NaiveDate;

use super::{
    Env,
    error::SqlError,
    function::Function,
    node::{Kind, Literal, Node},
};
use crate::spec::Moment;

/// The tree with every coercion written out, and the kind of its values.
pub(super) fn check(node: &Node, env: &Env) -> Result<(Node, Kind), SqlError> {
    Ok(match node {
        Node::Column(name) => (node.clone(), column(name, env)?),
        Node::Literal(literal) => (node.clone(), literal_kind(literal)),
        Node::Not(inner) => (Node::Not(Box::new(wanted(inner, Kind::Bool, env, "not")?)), Kind::Bool),
        Node::Negate(inner) => (Node::Negate(Box::new(wanted(inner, Kind::Number, env, "-")?)), Kind::Number),
        Node::And(parts) => (Node::And(all_wanted(parts, Kind::Bool, env, "and")?), Kind::Bool),
        Node::Or(parts) => (Node::Or(all_wanted(parts, Kind::Bool, env, "or")?), Kind::Bool),
        Node::Concat(parts) => (Node::Concat(all_wanted(parts, Kind::Text, env, "||")?), Kind::Text),
        Node::Compare(comparison, left, right) => {
            let ([left, right], kind) = unified([left, right], env)?;
            if kind == Kind::Null { never() } else { (Node::Compare(*comparison, Box::new(left), Box::new(right)), Kind::Bool) }
        }
        Node::Arithmetic(operator, left, right) => {
            let sign = operator.sign();
            let (left, right) = (wanted(left, Kind::Number, env, sign)?, wanted(right, Kind::Number, env, sign)?);
            (Node::Arithmetic(*operator, Box::new(left), Box::new(right)), Kind::Number)
        }
        Node::In(item, list) => {
            let all: Vec<&Node> = std::iter::once(&**item).chain(list).collect();
            let (mut all, kind) = unify(&all, Place::Comparison, env)?;
            let item = all.remove(0);
            if kind == Kind::Null { never() } else { (Node::In(Box::new(item), all), Kind::Bool) }
        }
        Node::Between(item, low, high) => {
            let ([item, low, high], kind) = unified([item, low, high], env)?;
            holds_something(&low, &high)?;
            if kind == Kind::Null { never() } else { (Node::Between(Box::new(item), Box::new(low), Box::new(high)), Kind::Bool) }
        }
        Node::Like { item, pattern, ignore_case } => {
            let item = Box::new(wanted(item, Kind::Text, env, "like")?);
            (Node::Like { item, pattern: pattern.clone(), ignore_case: *ignore_case }, Kind::Bool)
        }
        Node::IsNull(inner) => (Node::IsNull(Box::new(check(inner, env)?.0)), Kind::Bool),
        Node::Case { branches, otherwise } => case(branches, otherwise.as_deref(), env)?,
        Node::Cast { item, to, .. } => {
            let (item, from) = check(item, env)?;
            (cast(item, from, *to)?, *to)
        }
        Node::Call(function, arguments) => call(*function, arguments, env)?,
    })
}

/// Null as a condition: what comparing with null gives.
fn never() -> (Node, Kind) {
    (Node::Cast { item: Box::new(Node::Literal(Literal::Null)), from: Kind::Null, to: Kind::Bool }, Kind::Bool)
}

fn column(name: &str, env: &Env) -> Result<Kind, SqlError> {
    let data_type = env.columns.get(name).ok_or_else(|| SqlError::unknown_column(name, env.columns.keys().map(String::as_str)))?;
    Ok(Kind::of(data_type))
}

fn literal_kind(literal: &Literal) -> Kind {
    match literal {
        Literal::Null => Kind::Null,
        Literal::Bool(_) => Kind::Bool,
        Literal::Integer(_) => Kind::Integer,
        Literal::Number(_) => Kind::Number,
        Literal::Text(_) => Kind::Text,
        Literal::Time(_) => Kind::Time,
        Literal::Date(_) => Kind::Date,
    }
}

fn all_wanted(nodes: &[Node], kind: Kind, env: &Env, place: &str) -> Result<Vec<Node>, SqlError> {
    nodes.iter().map(|node| wanted(node, kind, env, place)).collect()
}

/// The node as `kind`, where that is what one would expect; else an error.
fn wanted(node: &Node, kind: Kind, env: &Env, place: &str) -> Result<Node, SqlError> {
    let (node, found) = check(node, env)?;
    as_wanted(node, found, kind, env, place)
}

fn as_wanted(node: Node, found: Kind, kind: Kind, env: &Env, place: &str) -> Result<Node, SqlError> {
    coerce(node, found, kind, env).map_err(|()| {
        let message = format!("`{place}` needs {}, found {}", kind.article(), found.article());
        match (kind, found) {
            (Kind::Bool, _) => SqlError::type_hint(message, "compare it with something, such as `x > 0` or `x = 'POST'`"),
            (Kind::Number, Kind::Time) => SqlError::type_hint(message, "`epoch(x)` is a time as seconds"),
            (Kind::Number, Kind::Bool) => SqlError::type_hint(message, "`case when x then 1 else 0 end` is a condition as a number"),
            _ => SqlError::types(message),
        }
    })
}

fn cast_node(node: Node, from: Kind, to: Kind) -> Node {
    if from == to { node } else { Node::Cast { item: Box::new(node), from, to } }
}

/// The node as `to` where nothing is lost or guessed.
fn coerce(node: Node, from: Kind, to: Kind, env: &Env) -> Result<Node, ()> {
    match (from, to) {
        (from, to) if from == to => Ok(node),
        (Kind::Null, to) => Ok(cast_node(node, Kind::Null, to)),
        (Kind::Integer, Kind::Number) => Ok(match node {
            Node::Literal(Literal::Integer(value)) => Node::Literal(Literal::Number(value as f64)),
            node => cast_node(node, from, to),
        }),
        (Kind::Bool | Kind::Integer | Kind::Number | Kind::Date | Kind::Time, Kind::Text) => Ok(cast_node(node, from, to)),
        (Kind::Text, _) => match node {
            Node::Literal(Literal::Text(text)) => text_as(&text, to, env).map(Node::Literal).ok_or(()),
            node if to == Kind::Number => Ok(cast_node(node, from, to)),
            _ => Err(()),
        },
        _ => Err(()),
    }
}

fn text_as(text: &str, kind: Kind, env: &Env) -> Option<Literal> {
    let text = text.trim();
    match kind {
        Kind::Number => text.parse().ok().filter(|number: &f64| number.is_finite()).map(Literal::Number),
        Kind::Bool => text.to_lowercase().parse().ok().map(Literal::Bool),
        Kind::Time => text.parse::<Moment>().ok().map(|moment| Literal::Time(moment.micros(env.zone))),
        Kind::Date => NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().map(Literal::Date),
        _ => None,
    }
}

fn unified<const N: usize>(nodes: [&Node; N], env: &Env) -> Result<([Node; N], Kind), SqlError> {
    let (nodes, kind) = unify(&nodes, Place::Comparison, env)?;
    let nodes = nodes.try_into().map_err(|_| SqlError::types("an operand is missing"))?;
    Ok((nodes, kind))
}

/// Why values must be of one kind.
#[derive(Clone, Copy)]
enum Place {
    /// They are compared with each other.
    Comparison,
    /// Each of them may be the value of this.
    ValuesOf(&'static str),
}

/// The nodes as values of one kind.
fn unify(nodes: &[&Node], place: Place, env: &Env) -> Result<(Vec<Node>, Kind), SqlError> {
    let checked = nodes.iter().map(|node| check(node, env)).collect::<Result<Vec<_>, _>>()?;
    let kind = checked.iter().map(|(_, kind)| *kind).reduce(common).unwrap_or(Kind::Null);
    if kind == Kind::Other {
        return Err(SqlError::types("a nested value can only be compared with null (`is null`)"));
    }
    let kinds: Vec<Kind> = checked.iter().map(|(_, kind)| *kind).collect();
    let nodes = checked
        .into_iter()
        .map(|(node, from)| {
            let shown = if let Node::Literal(Literal::Text(text)) = &node { format!("`'{text}'`") } else { from.article().to_owned() };
            coerce(node, from, kind, env).map_err(|()| mismatch(&shown, place, kind, &kinds))
        })
        .collect::<Result<_, _>>()?;
    Ok((nodes, kind))
}

/// That no value lies between two fixed ones is what a span over midnight looks like: it would silently never be true.
fn holds_something(low: &Node, high: &Node) -> Result<(), SqlError> {
    let (Node::Literal(low), Node::Literal(high)) = (low, high) else { return Ok(()) };
    let turned = match (low, high) {
        (Literal::Integer(low), Literal::Integer(high)) => low > high,
        (Literal::Number(low), Literal::Number(high)) => low > high,
        (Literal::Text(low), Literal::Text(high)) => low > high,
        (Literal::Time(low), Literal::Time(high)) => low > high,
        (Literal::Date(low), Literal::Date(high)) => low > high,
        _ => false,
    };
    if !turned {
        return Ok(());
    }
    Err(SqlError::type_hint(
        "nothing lies between the two values of `between`: the first is the larger",
        "turn them round; hours over midnight are `hour(timestamp) >= 22 or hour(timestamp) < 6`",
    ))
}

fn mismatch(shown: &str, place: Place, kind: Kind, kinds: &[Kind]) -> SqlError {
    if let Place::ValuesOf(function) = place {
        return SqlError::type_hint(
            format!("the values of `{function}` are of one kind, and {shown} cannot stand beside {}", kind.article()),
            "`cast(x as text)` makes text of any",
        );
    }
    let message = format!("{shown} cannot be compared with {}", kind.article());
    match kind {
        Kind::Time if kinds.contains(&Kind::Date) => SqlError::type_hint(message, "`date(x)` is the day of a time"),
        Kind::Time if kinds.iter().any(|kind| kind.is_numeric()) => SqlError::type_hint(message, "`epoch(x)` is a time as seconds"),
        Kind::Time | Kind::Date => SqlError::type_hint(message, "times are written `'2026-03-02T08:00'`, dates `'2026-03-02'`"),
        Kind::Bool => SqlError::type_hint(message, "write `x` or `not x`, or `x = true`"),
        _ => SqlError::types(message),
    }
}

/// The kind that both can be seen as; where there is none, the one that will be complained about.
fn common(a: Kind, b: Kind) -> Kind {
    match (a, b) {
        (a, b) if a == b => a,
        (Kind::Null, other) | (other, Kind::Null) => other,
        (Kind::Other, _) | (_, Kind::Other) => Kind::Other,
        (a, b) if a.is_numeric() && b.is_numeric() => Kind::Number,
        (Kind::Time, _) | (_, Kind::Time) => Kind::Time,
        (Kind::Date, _) | (_, Kind::Date) => Kind::Date,
        (Kind::Bool, _) | (_, Kind::Bool) => Kind::Bool,
        // One of them is text: text that is compared with a number is read as one.
        _ => Kind::Number,
    }
}

fn case(branches: &[(Node, Node)], otherwise: Option<&Node>, env: &Env) -> Result<(Node, Kind), SqlError> {
    let conditions = branches.iter().map(|(condition, _)| wanted(condition, Kind::Bool, env, "when")).collect::<Result<Vec<_>, _>>()?;
    let values: Vec<&Node> = branches.iter().map(|(_, value)| value).chain(otherwise).collect();
    let (mut values, kind) = unify(&values, Place::ValuesOf("case"), env)?;
    let otherwise = otherwise.and_then(|_| values.pop()).map(Box::new);
    Ok((Node::Case { branches: conditions.into_iter().zip(values).collect(), otherwise }, kind))
}

fn cast(node: Node, from: Kind, to: Kind) -> Result<Node, SqlError> {
    let possible = match (from, to) {
        (Kind::Other, _) | (_, Kind::Other | Kind::Null) => false,
        // No author can write a cast to a time, but a checked tree may hold one of null, and is checked again for the kinds of its parts.
        (from, Kind::Time) => from == Kind::Null,
        (from, to) if from == to => true,
        (Kind::Null, _) | (_, Kind::Text) | (Kind::Time, Kind::Date) => true,
        (Kind::Bool | Kind::Text | Kind::Integer | Kind::Number, Kind::Integer | Kind::Number) => true,
        (Kind::Integer | Kind::Number, Kind::Bool) => true,
        _ => false,
    };
    if possible {
        Ok(cast_node(node, from, to))
    } else {
        Err(SqlError::types(format!("{} cannot be cast to {}", from.article(), to.article())))
    }
}

fn call(function: Function, arguments: &[Node], env: &Env) -> Result<(Node, Kind), SqlError> {
    let made = |arguments, kind| Ok((Node::Call(function, arguments), kind));
    let name = function.name();
    match function {
        Function::Coalesce | Function::Greatest | Function::Least | Function::Nullif => {
            // `nullif` compares; the others give one of their arguments.
            let place = if function == Function::Nullif { Place::Comparison } else { Place::ValuesOf(name) };
            let (arguments, kind) = unify(&arguments.iter().collect::<Vec<_>>(), place, env)?;
            made(arguments, kind)
        }
        Function::Contains | Function::StartsWith | Function::EndsWith => made(all_wanted(arguments, Kind::Text, env, name)?, Kind::Bool),
        Function::Lower | Function::Upper | Function::Trim | Function::Replace | Function::RegisteredDomain | Function::UrlHost => {
            made(all_wanted(arguments, Kind::Text, env, name)?, Kind::Text)
        }
        Function::Concat => Ok((Node::Concat(all_wanted(arguments, Kind::Text, env, name)?), Kind::Text)),
        Function::Length => made(all_wanted(arguments, Kind::Text, env, name)?, Kind::Integer),
        Function::Substr => {
            let mut checked = all_wanted(&arguments[..1], Kind::Text, env, name)?;
            checked.extend(arguments[1..].iter().map(|argument| whole(argument, env, name)).collect::<Result<Vec<_>, _>>()?);
            made(checked, Kind::Text)
        }
        Function::Abs | Function::Ceil | Function::Floor | Function::Round => {
            if let Some(digits) = arguments.get(1)
                && !matches!(digits, Node::Literal(Literal::Integer(0..=15)))
            {
                return Err(SqlError::Arguments {
                    function: name,
                    expected: "a number of decimals from 0 to 15".into(),
                    found: "something else".into(),
                });
            }
            let (first, found) = check(&arguments[0], env)?;
            let kind = if found == Kind::Integer { Kind::Integer } else { Kind::Number };
            let first = as_wanted(first, found, kind, env, name)?;
            made(std::iter::once(first).chain(arguments[1..].iter().cloned()).collect(), kind)
        }
        Function::Ln | Function::Log10 | Function::Sqrt | Function::Power => {
            made(all_wanted(arguments, Kind::Number, env, name)?, Kind::Number)
        }
        Function::Hour | Function::Minute => made(vec![time(&arguments[0], false, env, name)?], Kind::Integer),
        Function::Day | Function::Month | Function::Weekday | Function::Year => {
            made(vec![time(&arguments[0], true, env, name)?], Kind::Integer)
        }
        Function::Date => {
            let (node, found) = check(&arguments[0], env)?;
            if found == Kind::Date { Ok((node, found)) } else { made(vec![as_time(node, found, true, env, name)?], Kind::Date) }
        }
        Function::Epoch => made(vec![time(&arguments[0], false, env, name)?], Kind::Number),
    }
}

fn whole(node: &Node, env: &Env, place: &str) -> Result<Node, SqlError> {
    match check(node, env)? {
        (node, Kind::Integer) => Ok(node),
        (node, from @ (Kind::Number | Kind::Null)) => Ok(cast_node(node, from, Kind::Integer)),
        (_, other) => Err(SqlError::types(format!("`{place}` needs a whole number, found {}", other.article()))),
    }
}

/// A time (or, where `dates` says so, a date); text that is written as one counts.
fn time(node: &Node, dates: bool, env: &Env, place: &str) -> Result<Node, SqlError> {
    let (node, found) = check(node, env)?;
    as_time(node, found, dates, env, place)
}

fn as_time(node: Node, found: Kind, dates: bool, env: &Env, place: &str) -> Result<Node, SqlError> {
    if found == Kind::Time || (dates && found == Kind::Date) {
        return Ok(node);
    }
    coerce(node, found, Kind::Time, env).map_err(|()| {
        SqlError::type_hint(format!("`{place}` needs a time, found {}", found.article()), "the time column of the events is `timestamp`")
    })
}
