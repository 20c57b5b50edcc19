//! The functions of the language: how each is called, and what it gives. What they mean stands in `lower` and `render`.

/// A function of values of one row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is described in `FUNCTIONS`")]
pub enum Function {
    Abs,
    Ceil,
    Coalesce,
    Contains,
    Date,
    Day,
    EndsWith,
    Epoch,
    Floor,
    Greatest,
    Hour,
    Least,
    Length,
    Ln,
    Log10,
    Lower,
    Minute,
    Month,
    Nullif,
    Power,
    RegisteredDomain,
    Replace,
    Round,
    Sqrt,
    StartsWith,
    Substr,
    Trim,
    Upper,
    UrlHost,
    Weekday,
    Year,
    /// `concat(...)`; becomes [`super::node::Node::Concat`].
    Concat,
}

/// How a function is called.
#[derive(Debug, Clone, Copy)]
pub struct Signature {
    /// Its name in SQL.
    pub name: &'static str,
    /// Which it is.
    pub function: Function,
    /// The least number of arguments.
    pub least: usize,
    /// The greatest number of arguments.
    pub most: usize,
    /// What it gives, in one line.
    pub summary: &'static str,
}

const fn signature(name: &'static str, function: Function, least: usize, most: usize, summary: &'static str) -> Signature {
    Signature { name, function, least, most, summary }
}

const MANY: usize = 100;

/// Every function, by name. Another spelling of the same function follows it.
pub static FUNCTIONS: &[Signature] = &[
    signature("abs", Function::Abs, 1, 1, "the value without its sign"),
    signature("ceil", Function::Ceil, 1, 1, "the next whole number"),
    signature("ceiling", Function::Ceil, 1, 1, "the next whole number"),
    signature("coalesce", Function::Coalesce, 1, MANY, "the first value that is not null"),
    signature("concat", Function::Concat, 1, MANY, "the texts joined; null where any is null"),
    signature("contains", Function::Contains, 2, 2, "whether the first text holds the second"),
    signature("date", Function::Date, 1, 1, "the day of a time, in the window's zone"),
    signature("day", Function::Day, 1, 1, "the day of the month, in the window's zone"),
    signature("ends_with", Function::EndsWith, 2, 2, "whether the first text ends with the second"),
    signature("epoch", Function::Epoch, 1, 1, "a time as seconds since 1970 UTC"),
    signature("floor", Function::Floor, 1, 1, "the whole number below"),
    signature("greatest", Function::Greatest, 1, MANY, "the greatest value, nulls left out"),
    signature("hour", Function::Hour, 1, 1, "the hour (0 to 23) of a time, in the window's zone"),
    signature("least", Function::Least, 1, MANY, "the least value, nulls left out"),
    signature("length", Function::Length, 1, 1, "the number of characters"),
    signature("ln", Function::Ln, 1, 1, "the natural logarithm; null at 0 and below"),
    signature("log10", Function::Log10, 1, 1, "the decimal logarithm; null at 0 and below"),
    signature("lower", Function::Lower, 1, 1, "the text in small letters"),
    signature("minute", Function::Minute, 1, 1, "the minute (0 to 59) of a time, in the window's zone"),
    signature("month", Function::Month, 1, 1, "the month (1 to 12) of a time, in the window's zone"),
    signature("nullif", Function::Nullif, 2, 2, "null where both values are equal, else the first"),
    signature("power", Function::Power, 2, 2, "the first number raised to the second"),
    signature("pow", Function::Power, 2, 2, "the first number raised to the second"),
    signature(
        "registered_domain",
        Function::RegisteredDomain,
        1,
        1,
        "the part of a host name that was registered, by the public suffix list",
    ),
    signature("replace", Function::Replace, 3, 3, "the first text with the second replaced by the third"),
    signature("round", Function::Round, 1, 2, "the nearest number with so many decimals, halves away from 0"),
    signature("sqrt", Function::Sqrt, 1, 1, "the square root; null below 0"),
    signature("starts_with", Function::StartsWith, 2, 2, "whether the first text begins with the second"),
    signature("substr", Function::Substr, 2, 3, "the characters from a position (the first is 1), at most so many"),
    signature("substring", Function::Substr, 2, 3, "the characters from a position (the first is 1), at most so many"),
    signature("trim", Function::Trim, 1, 1, "the text without white space at its ends"),
    signature("upper", Function::Upper, 1, 1, "the text in capital letters"),
    signature("url_host", Function::UrlHost, 1, 1, "the host name or address in a URL; null where it names none"),
    signature("weekday", Function::Weekday, 1, 1, "the day of the week (1 is Monday), in the window's zone"),
    signature("year", Function::Year, 1, 1, "the year of a time, in the window's zone"),
];

impl Function {
    /// Its name in SQL.
    pub fn name(self) -> &'static str {
        FUNCTIONS.iter().find(|signature| signature.function == self).map_or("function", |signature| signature.name)
    }
}
