//! Text becomes a tree. What is not on the list of what is understood is refused here, before it reaches any engine.
//!
//! The text is cut into tokens first, and only a short list of them goes on to the parser: words that are no keyword of this small language
//! lose that role (so `user`, `timestamp`, or `group` are plain column names), dotted names become one name, and nesting is bounded.

use sqlparser::{
    ast::{BinaryOperator, DataType, Expr, FunctionArg, FunctionArgExpr, FunctionArguments, ObjectName, UnaryOperator, Value},
    dialect::Dialect,
    keywords::Keyword,
    parser::{Parser, ParserError},
    tokenizer::{Token, TokenWithSpan, Tokenizer, Whitespace, Word},
};

use super::{
    error::{SqlError, excerpt},
    function::{FUNCTIONS, Function},
    node::{Arithmetic, Comparison, Glyph, Kind, Literal, Node},
    size,
};
use crate::text::similar;

/// The longest text, in bytes.
const LONGEST: usize = 65_536;
/// The most tokens that are neither values nor commas: what makes a tree deep.
const MOST_OPERATORS: usize = 2_000;
/// The deepest nesting of the tree, and of parentheses.
const DEEPEST: usize = 40;
/// The longest `like` pattern, in characters.
const LONGEST_PATTERN: usize = 1_000;

/// Functions over many rows, which people know from queries.
const AGGREGATES: &[&str] =
    &["count", "sum", "avg", "mean", "min", "max", "median", "stddev", "variance", "row_number", "rank", "lag", "lead"];

const WORDS: &[Keyword] = &[
    Keyword::AND,
    Keyword::OR,
    Keyword::NOT,
    Keyword::IN,
    Keyword::BETWEEN,
    Keyword::LIKE,
    Keyword::ILIKE,
    Keyword::ESCAPE,
    Keyword::IS,
    Keyword::NULL,
    Keyword::TRUE,
    Keyword::FALSE,
    Keyword::CASE,
    Keyword::WHEN,
    Keyword::THEN,
    Keyword::ELSE,
    Keyword::END,
    Keyword::CAST,
    Keyword::AS,
];

/// The small language: double quotes for columns, single quotes for text.
#[derive(Debug)]
struct RowDialect;

impl Dialect for RowDialect {
    fn is_delimited_identifier_start(&self, ch: char) -> bool {
        ch == '"'
    }

    fn is_identifier_start(&self, ch: char) -> bool {
        ch.is_alphabetic() || ch == '_'
    }

    fn is_identifier_part(&self, ch: char) -> bool {
        ch.is_alphanumeric() || ch == '_'
    }

    // Without this, a failed keyword expression is tried again as a name, at every level of nesting.
    fn is_reserved_for_identifier(&self, keyword: Keyword) -> bool {
        WORDS.contains(&keyword)
    }
}

/// Reads an expression.
pub(super) fn parse(text: &str) -> Result<Node, SqlError> {
    if text.len() > LONGEST {
        return Err(SqlError::TooLarge { what: "is too long (bytes)", limit: LONGEST });
    }
    let tokens = tokens(text)?;
    if tokens.is_empty() {
        return Err(SqlError::syntax("the expression is empty", None));
    }
    let mut parser = Parser::new(&RowDialect).with_recursion_limit(2 * DEEPEST).with_tokens_with_locations(tokens);
    let tree = parser.parse_expr().map_err(syntax)?;
    let rest = parser.peek_token();
    if rest.token != Token::EOF {
        let found = rest.token.to_string();
        return Err(SqlError::token(format!("expected the end, found `{found}`"), &found, column(&rest)));
    }
    let node = convert(&tree, DEEPEST)?;
    size::bounded(&node)?;
    Ok(node)
}

fn column(token: &TokenWithSpan) -> Option<u64> {
    // Expressions of several lines are folded by YAML into one; a column is only clear on the first.
    (token.span.start.line == 1).then_some(token.span.start.column)
}

fn syntax(error: ParserError) -> SqlError {
    match error {
        ParserError::RecursionLimitExceeded => SqlError::TooLarge { what: "is nested too deeply (levels)", limit: DEEPEST },
        ParserError::TokenizerError(message) | ParserError::ParserError(message) => {
            let (what, place) = message.rsplit_once(" at Line: ").unwrap_or((&message, ""));
            let column = place.strip_prefix("1, Column: ").and_then(|column| column.trim().parse().ok());
            let what = what.replace("Expected: ", "expected ").replace(", found: EOF", ", found the end").replace(", found: ", ", found ");
            SqlError::syntax(lowercase_first(&what), column)
        }
    }
}

fn lowercase_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

fn tokens(text: &str) -> Result<Vec<TokenWithSpan>, SqlError> {
    let found = Tokenizer::new(&RowDialect, text)
        .tokenize_with_location()
        .map_err(|error| SqlError::syntax(lowercase_first(&error.message), (error.location.line == 1).then_some(error.location.column)))?;
    let mut kept: Vec<TokenWithSpan> = Vec::with_capacity(found.len());
    let (mut operators, mut depth) = (0, 0);
    let mut found = found.into_iter().peekable();
    while let Some(mut token) = found.next() {
        match &mut token.token {
            Token::Whitespace(Whitespace::Space | Whitespace::Newline | Whitespace::Tab | Whitespace::SingleLineComment { .. }) => continue,
            Token::Whitespace(_) | Token::EOF => continue,
            Token::Word(word) => {
                while found.next_if(|next| next.token == Token::Period).is_some() {
                    let Some(Token::Word(part)) = found.next().map(|next| next.token) else {
                        return Err(SqlError::syntax(format!("a name must follow `{}.`", word.value), column(&token)));
                    };
                    *word = Word { value: format!("{}.{}", word.value, part.value), quote_style: Some('"'), keyword: Keyword::NoKeyword };
                }
                if !WORDS.contains(&word.keyword) {
                    word.keyword = Keyword::NoKeyword;
                }
                operators += 1;
            }
            Token::Number(_, false) | Token::SingleQuotedString(_) | Token::Comma => {}
            Token::LParen => {
                depth += 1;
                operators += 1;
            }
            Token::RParen => depth -= 1,
            Token::Eq | Token::DoubleEq | Token::Neq | Token::Lt | Token::Gt | Token::LtEq | Token::GtEq => operators += 1,
            Token::Plus | Token::Minus | Token::Mul | Token::Div | Token::Mod | Token::StringConcat | Token::DoubleColon => operators += 1,
            other => {
                let found = other.to_string();
                return Err(SqlError::token(format!("unexpected `{found}`"), &found, column(&token)));
            }
        }
        if depth > DEEPEST as i64 {
            return Err(SqlError::TooLarge { what: "is nested too deeply (levels)", limit: DEEPEST });
        }
        if operators > MOST_OPERATORS {
            return Err(SqlError::TooLarge { what: "is too long (names and operators)", limit: MOST_OPERATORS });
        }
        kept.push(token);
    }
    Ok(kept)
}

/// Turns the parser's tree into ours; `depth` is how many further levels are allowed.
fn convert(tree: &Expr, depth: usize) -> Result<Node, SqlError> {
    let Some(depth) = depth.checked_sub(1) else {
        return Err(SqlError::TooLarge { what: "is nested too deeply (levels)", limit: DEEPEST });
    };
    let boxed = |tree: &Expr| convert(tree, depth).map(Box::new);
    let negated_if = |negated: bool, node: Node| if negated { Node::Not(Box::new(node)) } else { node };
    Ok(match tree {
        Expr::Nested(inner) => convert(inner, depth + 1)?,
        Expr::Identifier(name) => Node::Column(name.value.clone()),
        Expr::Value(value) => Node::Literal(literal(&value.value)?),
        Expr::UnaryOp { op: UnaryOperator::Not, expr } => Node::Not(boxed(expr)?),
        Expr::UnaryOp { op: UnaryOperator::Plus, expr } => convert(expr, depth)?,
        Expr::UnaryOp { op: UnaryOperator::Minus, expr } => match convert(expr, depth)? {
            Node::Literal(Literal::Integer(value)) => Node::Literal(value.checked_neg().map_or(Literal::Null, Literal::Integer)),
            Node::Literal(Literal::Number(value)) => Node::Literal(Literal::Number(-value)),
            other => Node::Negate(Box::new(other)),
        },
        Expr::BinaryOp { op, .. } => binary(tree, op, depth)?,
        Expr::InList { expr, list, negated } => {
            let list = list.iter().map(|item| convert(item, depth)).collect::<Result<_, _>>()?;
            negated_if(*negated, Node::In(boxed(expr)?, list))
        }
        Expr::Between { expr, negated, low, high } => negated_if(*negated, Node::Between(boxed(expr)?, boxed(low)?, boxed(high)?)),
        Expr::Like { negated, any: false, expr, pattern, escape_char } => negated_if(
            *negated,
            Node::Like { item: boxed(expr)?, pattern: glyphs(pattern, escape_char.as_ref().map(|c| &c.value))?, ignore_case: false },
        ),
        Expr::ILike { negated, any: false, expr, pattern, escape_char } => negated_if(
            *negated,
            Node::Like { item: boxed(expr)?, pattern: glyphs(pattern, escape_char.as_ref().map(|c| &c.value))?, ignore_case: true },
        ),
        Expr::IsNull(inner) => Node::IsNull(boxed(inner)?),
        Expr::IsNotNull(inner) => Node::Not(Box::new(Node::IsNull(boxed(inner)?))),
        Expr::IsTrue(inner) => truth(convert(inner, depth)?),
        Expr::IsNotTrue(inner) => Node::Not(Box::new(truth(convert(inner, depth)?))),
        Expr::IsFalse(inner) => truth(Node::Not(boxed(inner)?)),
        Expr::IsNotFalse(inner) => Node::Not(Box::new(truth(Node::Not(boxed(inner)?)))),
        Expr::Case { operand, conditions, else_result, .. } => {
            let operand = operand.as_ref().map(|operand| boxed(operand)).transpose()?;
            if let Some(operand) = &operand {
                // Each branch gets a copy.
                size::bounded_times(operand, conditions.len())?;
            }
            let mut branches = Vec::with_capacity(conditions.len());
            for branch in conditions {
                let condition = convert(&branch.condition, depth)?;
                let condition = match &operand {
                    Some(operand) => Node::Compare(Comparison::Equal, operand.clone(), Box::new(condition)),
                    None => condition,
                };
                branches.push((condition, convert(&branch.result, depth)?));
            }
            Node::Case { branches, otherwise: else_result.as_ref().map(|value| boxed(value)).transpose()? }
        }
        Expr::Cast { expr, data_type, format: None, .. } => Node::Cast { item: boxed(expr)?, from: Kind::Null, to: kind(data_type)? },
        Expr::Function(function) => call(function, depth)?,
        other => return Err(SqlError::Unsupported(format!("`{}`", excerpt(&other.to_string())))),
    })
}

fn truth(node: Node) -> Node {
    Node::Call(Function::Coalesce, vec![node, Node::Literal(Literal::Bool(false))])
}

fn binary(tree: &Expr, op: &BinaryOperator, depth: usize) -> Result<Node, SqlError> {
    let Expr::BinaryOp { left, right, .. } = tree else { return Err(SqlError::Unsupported(format!("`{}`", excerpt(&tree.to_string())))) };
    // Chains lean to the left as deep as they are long; they become one level.
    if matches!(op, BinaryOperator::And | BinaryOperator::Or | BinaryOperator::StringConcat) {
        let mut parts = vec![&**right];
        let mut rest = &**left;
        while let Expr::BinaryOp { left, op: inner, right } = rest
            && inner == op
        {
            parts.push(right);
            rest = left;
        }
        parts.push(rest);
        let parts = parts.into_iter().rev().map(|part| convert(part, depth)).collect::<Result<_, _>>()?;
        return Ok(match op {
            BinaryOperator::And => Node::And(parts),
            BinaryOperator::Or => Node::Or(parts),
            _ => Node::Concat(parts),
        });
    }
    let (left, right) = (Box::new(convert(left, depth)?), Box::new(convert(right, depth)?));
    let compare = |comparison, left, right| Node::Compare(comparison, left, right);
    let arithmetic = |operator, left, right| Node::Arithmetic(operator, left, right);
    Ok(match op {
        BinaryOperator::Eq => compare(Comparison::Equal, left, right),
        BinaryOperator::NotEq => compare(Comparison::NotEqual, left, right),
        BinaryOperator::Lt => compare(Comparison::Less, left, right),
        BinaryOperator::LtEq => compare(Comparison::LessOrEqual, left, right),
        BinaryOperator::Gt => compare(Comparison::Greater, left, right),
        BinaryOperator::GtEq => compare(Comparison::GreaterOrEqual, left, right),
        BinaryOperator::Plus => arithmetic(Arithmetic::Add, left, right),
        BinaryOperator::Minus => arithmetic(Arithmetic::Subtract, left, right),
        BinaryOperator::Multiply => arithmetic(Arithmetic::Multiply, left, right),
        BinaryOperator::Divide => arithmetic(Arithmetic::Divide, left, right),
        BinaryOperator::Modulo => arithmetic(Arithmetic::Modulo, left, right),
        other => return Err(SqlError::Unsupported(format!("`{other}`"))),
    })
}

fn literal(value: &Value) -> Result<Literal, SqlError> {
    Ok(match value {
        Value::Number(digits, _) => match digits.parse::<i64>() {
            Ok(whole) => Literal::Integer(whole),
            Err(_) => {
                let number = digits.parse::<f64>().ok().filter(|number| number.is_finite());
                Literal::Number(number.ok_or_else(|| SqlError::syntax(format!("`{digits}` is not a number"), None))?)
            }
        },
        Value::SingleQuotedString(text) => Literal::Text(text.clone()),
        Value::Boolean(value) => Literal::Bool(*value),
        Value::Null => Literal::Null,
        other => return Err(SqlError::Unsupported(format!("`{other}`"))),
    })
}

fn glyphs(pattern: &Expr, escape: Option<&Value>) -> Result<Vec<Glyph>, SqlError> {
    let Expr::Value(value) = pattern else { return Err(SqlError::Unsupported("`like` with a pattern that is not a quoted text".into())) };
    let Value::SingleQuotedString(text) = &value.value else {
        return Err(SqlError::Unsupported("`like` with a pattern that is not a quoted text".into()));
    };
    if text.chars().count() > LONGEST_PATTERN {
        return Err(SqlError::TooLarge { what: "has a `like` pattern that is too long (characters)", limit: LONGEST_PATTERN });
    }
    let escape = match escape {
        None => None,
        Some(Value::SingleQuotedString(text)) if text.chars().count() == 1 => text.chars().next(),
        Some(other) => return Err(SqlError::Unsupported(format!("`escape {other}` (one character is expected)"))),
    };
    let mut glyphs = Vec::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            c if Some(c) == escape => match chars.next() {
                Some(next) => glyphs.push(Glyph::Char(next)),
                None => return Err(SqlError::syntax("the `like` pattern ends with its escape character", None)),
            },
            '%' if glyphs.last() == Some(&Glyph::Any) => {}
            '%' => glyphs.push(Glyph::Any),
            '_' => glyphs.push(Glyph::One),
            c => glyphs.push(Glyph::Char(c)),
        }
    }
    Ok(glyphs)
}

fn kind(data_type: &DataType) -> Result<Kind, SqlError> {
    let name = data_type.to_string().to_lowercase();
    let bare = name.split(['(', ' ']).next().unwrap_or_default();
    match bare {
        "int" | "integer" | "bigint" | "smallint" | "long" => Ok(Kind::Integer),
        "float" | "double" | "real" | "numeric" | "decimal" => Ok(Kind::Number),
        "text" | "varchar" | "char" | "string" => Ok(Kind::Text),
        "bool" | "boolean" => Ok(Kind::Bool),
        "date" => Ok(Kind::Date),
        _ => Err(SqlError::Unsupported(format!("`cast` to `{name}` (expected `int`, `double`, `text`, `bool`, or `date`)"))),
    }
}

fn call(function: &sqlparser::ast::Function, depth: usize) -> Result<Node, SqlError> {
    let name = written(&function.name);
    let lower = name.to_lowercase();
    if AGGREGATES.contains(&lower.as_str()) {
        return Err(SqlError::Aggregate(lower));
    }
    let Some(signature) = FUNCTIONS.iter().find(|signature| signature.name == lower) else {
        let near = similar(&lower, FUNCTIONS.iter().map(|signature| signature.name)).into_iter().map(str::to_owned).collect();
        return Err(SqlError::UnknownFunction { name, near });
    };
    let FunctionArguments::List(list) = &function.args else {
        return Err(SqlError::Unsupported(format!("`{name}` without arguments in parentheses")));
    };
    let mut arguments = Vec::with_capacity(list.args.len());
    for argument in &list.args {
        let FunctionArg::Unnamed(FunctionArgExpr::Expr(tree)) = argument else {
            return Err(SqlError::Unsupported(format!("`{name}({argument})`")));
        };
        arguments.push(convert(tree, depth)?);
    }
    if !(signature.least..=signature.most).contains(&arguments.len()) {
        let expected = match (signature.least, signature.most) {
            (1, 1) => "1 argument".into(),
            (least, most) if least == most => format!("{least} arguments"),
            (least, most) if most >= 100 => format!("at least {least} arguments"),
            (least, most) => format!("{least} to {most} arguments"),
        };
        return Err(SqlError::Arguments { function: signature.name, expected, found: arguments.len().to_string() });
    }
    Ok(if signature.function == Function::Concat { Node::Concat(arguments) } else { Node::Call(signature.function, arguments) })
}

fn written(name: &ObjectName) -> String {
    name.0.iter().filter_map(|part| part.as_ident()).map(|ident| ident.value.as_str()).collect::<Vec<_>>().join(".")
}
