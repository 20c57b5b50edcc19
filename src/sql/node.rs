//! What an expression says, free of any dialect: parsed into, checked as, and rendered from this tree.

use chrono::NaiveDate;
use polars::prelude::{DataType, TimeUnit, TimeZone};

use super::function::Function;

/// The kind of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Never a value: `null`, or a column that is empty.
    Null,
    /// True or false.
    Bool,
    /// A whole number of 64 bits.
    Integer,
    /// A 64-bit float.
    Number,
    /// Text.
    Text,
    /// A moment.
    Time,
    /// A day of the calendar.
    Date,
    /// Something that can only be null or not (lists, structures).
    Other,
}

impl Kind {
    /// As it stands in a sentence: `a number`.
    pub const fn article(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool => "true or false",
            Self::Integer => "a whole number",
            Self::Number => "a number",
            Self::Text => "text",
            Self::Time => "a time",
            Self::Date => "a date",
            Self::Other => "a nested value",
        }
    }

    /// The kind of the values of a column.
    pub fn of(dtype: &DataType) -> Self {
        match dtype {
            DataType::Null => Self::Null,
            DataType::Boolean => Self::Bool,
            DataType::String => Self::Text,
            DataType::Date => Self::Date,
            DataType::Datetime(..) => Self::Time,
            float if float.is_float() => Self::Number,
            whole if whole.is_integer() => Self::Integer,
            _ => Self::Other,
        }
    }

    /// The type of a column that holds such values.
    pub fn data_type(self) -> DataType {
        match self {
            Self::Null | Self::Other => DataType::Null,
            Self::Bool => DataType::Boolean,
            Self::Integer => DataType::Int64,
            Self::Number => DataType::Float64,
            Self::Text => DataType::String,
            Self::Time => DataType::Datetime(TimeUnit::Microseconds, Some(TimeZone::UTC)),
            Self::Date => DataType::Date,
        }
    }

    /// Whether it can be calculated with.
    pub const fn is_numeric(self) -> bool {
        matches!(self, Self::Integer | Self::Number)
    }
}

/// A value that the expression names.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// `null`.
    Null,
    /// `true`, `false`.
    Bool(bool),
    /// `403`.
    Integer(i64),
    /// `0.5`; finite.
    Number(f64),
    /// `'POST'`.
    Text(String),
    /// A moment in microseconds since 1970 UTC; made of text that is compared with a time.
    Time(i64),
    /// A day; made of text that is compared with a date.
    Date(NaiveDate),
}

/// How two values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `=`.
    Equal,
    /// `<>`, `!=`.
    NotEqual,
    /// `<`.
    Less,
    /// `<=`.
    LessOrEqual,
    /// `>`.
    Greater,
    /// `>=`.
    GreaterOrEqual,
}

/// How two numbers are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arithmetic {
    /// `+`.
    Add,
    /// `-`.
    Subtract,
    /// `*`.
    Multiply,
    /// `/`; null where the divisor is 0.
    Divide,
    /// `%`; null where the divisor is 0.
    Modulo,
}

impl Comparison {
    /// As SQL writes it.
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "<>",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }
}

impl Arithmetic {
    /// As SQL writes it.
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Modulo => "%",
        }
    }
}

/// An expression.
#[derive(Debug, Clone, PartialEq)]
pub enum Node {
    /// The value of a column.
    Column(String),
    /// A value.
    Literal(Literal),
    /// `not x`.
    Not(Box<Node>),
    /// `-x`.
    Negate(Box<Node>),
    /// `x and y and ...`.
    And(Vec<Node>),
    /// `x or y or ...`.
    Or(Vec<Node>),
    /// `x < y`.
    Compare(Comparison, Box<Node>, Box<Node>),
    /// `x + y`.
    Arithmetic(Arithmetic, Box<Node>, Box<Node>),
    /// `x || y || ...`; null where any is.
    Concat(Vec<Node>),
    /// `x in (a, b, ...)`.
    In(Box<Node>, Vec<Node>),
    /// `x between low and high`.
    Between(Box<Node>, Box<Node>, Box<Node>),
    /// `x like 'pattern'`.
    Like {
        /// The text.
        item: Box<Node>,
        /// What it must look like.
        pattern: Vec<Glyph>,
        /// `ilike`.
        ignore_case: bool,
    },
    /// `x is null`.
    IsNull(Box<Node>),
    /// `case when c then x ... else y end`.
    Case {
        /// Conditions and values, in order.
        branches: Vec<(Node, Node)>,
        /// The value where none is true.
        otherwise: Option<Box<Node>>,
    },
    /// A value as another kind; null where it cannot be read as that. The kind it has is known only after the check.
    Cast {
        /// The value.
        item: Box<Node>,
        /// The kind it has.
        from: Kind,
        /// The kind it gets.
        to: Kind,
    },
    /// A function of values.
    Call(Function, Vec<Node>),
}

/// One piece of a `like` pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Glyph {
    /// This character.
    Char(char),
    /// Any one character (`_`).
    One,
    /// Any characters, or none (`%`).
    Any,
}

impl Node {
    /// Calls `see` with the name of each column, as often as it occurs.
    pub fn visit_columns<'a>(&'a self, see: &mut impl FnMut(&'a str)) {
        if let Self::Column(name) = self {
            see(name);
        }
        self.visit_children(&mut |child| child.visit_columns(see));
    }

    /// Calls `see` with each column that is cast, and the kinds before and after.
    pub fn visit_casts<'a>(&'a self, see: &mut impl FnMut(&'a str, (Kind, Kind))) {
        if let Self::Cast { item, from, to } = self
            && let Self::Column(name) = &**item
        {
            see(name, (*from, *to));
        }
        self.visit_children(&mut |child| child.visit_casts(see));
    }

    fn visit_children<'a>(&'a self, see: &mut dyn FnMut(&'a Node)) {
        match self {
            Self::Column(_) | Self::Literal(_) => {}
            Self::Not(x) | Self::Negate(x) | Self::IsNull(x) => see(x),
            Self::Like { item, .. } | Self::Cast { item, .. } => see(item),
            Self::And(all) | Self::Or(all) | Self::Concat(all) | Self::Call(_, all) => all.iter().for_each(see),
            Self::Compare(_, a, b) | Self::Arithmetic(_, a, b) => {
                see(a);
                see(b);
            }
            Self::In(item, list) => {
                see(item);
                list.iter().for_each(see);
            }
            Self::Between(item, low, high) => [item, low, high].into_iter().for_each(|x| see(x)),
            Self::Case { branches, otherwise } => {
                for (condition, value) in branches {
                    see(condition);
                    see(value);
                }
                if let Some(value) = otherwise {
                    see(value);
                }
            }
        }
    }
}
