//! Amounts as people write them: one number, or low / base / high; shares; sizes in bytes.

use std::{fmt, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, de};

/// Larger amounts are slips of the keyboard, and products of a few of them would not be numbers any more.
const MOST: f64 = 1e15;

/// One number, or low / base / high. From 0 to 1e15, in ascending order.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Amount {
    /// What it is at least.
    pub low: f64,
    /// What it is most likely.
    pub base: f64,
    /// What it is at most.
    pub high: f64,
}

impl Amount {
    fn checked(low: f64, base: f64, high: f64) -> Result<Self, String> {
        if let Some(value) = [low, base, high].iter().find(|value| !(0.0..=MOST).contains(*value)) {
            return Err(format!("an amount must be a number from 0 to {MOST:e}, found {value:?}"));
        }
        if low > base || base > high {
            return Err(format!("expected low, base, high in ascending order, found {low}, {base}, {high}"));
        }
        Ok(Self { low, base, high })
    }
}

impl Serialize for Amount {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.low == self.high { serializer.serialize_f64(self.base) } else { [self.low, self.base, self.high].serialize(serializer) }
    }
}

struct AmountVisitor {
    auto: bool,
}

impl<'de> de::Visitor<'de> for AmountVisitor {
    type Value = AmountOrAuto;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.auto { "a number, `[low, base, high]`, or `auto`" } else { "a number, or `[low, base, high]`" })
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<AmountOrAuto, E> {
        Amount::checked(value, value, value).map(AmountOrAuto::Amount).map_err(E::custom)
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<AmountOrAuto, E> {
        self.visit_f64(value as f64)
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<AmountOrAuto, E> {
        self.visit_f64(value as f64)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<AmountOrAuto, E> {
        if self.auto && text == "auto" { Ok(AmountOrAuto::Auto) } else { Err(E::invalid_value(de::Unexpected::Str(text), &self)) }
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, mut seq: A) -> Result<AmountOrAuto, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = seq.next_element::<f64>()? {
            values.push(value);
        }
        match values[..] {
            [low, base, high] => Amount::checked(low, base, high).map(AmountOrAuto::Amount).map_err(de::Error::custom),
            _ => Err(de::Error::custom(format!("expected three numbers (low, base, high), found {}", values.len()))),
        }
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match deserializer.deserialize_any(AmountVisitor { auto: false })? {
            AmountOrAuto::Amount(amount) => Ok(amount),
            AmountOrAuto::Auto => Err(de::Error::custom("expected a number")),
        }
    }
}

fn amount_schema(auto: bool) -> schemars::Schema {
    let number = serde_json::json!({ "type": "number", "minimum": 0, "maximum": MOST });
    let mut forms = vec![number.clone(), serde_json::json!({ "type": "array", "items": number, "minItems": 3, "maxItems": 3 })];
    if auto {
        forms.push(serde_json::json!({ "const": "auto" }));
    }
    schemars::json_schema!({ "anyOf": forms })
}

impl JsonSchema for Amount {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Amount".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        amount_schema(false)
    }
}

/// An amount, or `auto`: projected from what this run took.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum AmountOrAuto {
    /// As written.
    Amount(Amount),
    /// Projected.
    Auto,
}

impl Serialize for AmountOrAuto {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Amount(amount) => amount.serialize(serializer),
            Self::Auto => serializer.serialize_str("auto"),
        }
    }
}

impl<'de> Deserialize<'de> for AmountOrAuto {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AmountVisitor { auto: true })
    }
}

impl JsonSchema for AmountOrAuto {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "AmountOrAuto".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        amount_schema(true)
    }
}

/// A share, 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Fraction(f64);

impl Fraction {
    /// A share that is known to be one; anything else is clamped.
    pub const fn of(value: f64) -> Self {
        Self(value.clamp(0.0, 1.0))
    }

    /// The number.
    pub const fn get(self) -> f64 {
        self.0
    }
}

impl TryFrom<f64> for Fraction {
    type Error = String;

    fn try_from(value: f64) -> Result<Self, String> {
        let percent = if (1.0..=100.0).contains(&value) { format!(" ({value} % is {})", value / 100.0) } else { String::new() };
        if (0.0..=1.0).contains(&value) { Ok(Self(value)) } else { Err(format!("expected a share from 0 to 1, found {value}{percent}")) }
    }
}

impl From<Fraction> for f64 {
    fn from(fraction: Fraction) -> Self {
        fraction.0
    }
}

impl JsonSchema for Fraction {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Fraction".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "number", "minimum": 0, "maximum": 1 })
    }
}

/// A size: `500`, `10kB`, `10MB`, `1GB` (powers of 1000), `4MiB` (powers of 1024).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bytes(pub u64);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = [(1_000_000_000_000, "TB"), (1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB"), (1, "B")];
        let (factor, unit) = units.into_iter().find(|(factor, _)| self.0 >= *factor).unwrap_or((1, "B"));
        write!(f, "{}{unit}", (self.0 as f64 / factor as f64 * 100.0).round() / 100.0)
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Bytes;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a size such as `500`, `10MB`, `1GiB`")
            }

            fn visit_u64<E: de::Error>(self, bytes: u64) -> Result<Bytes, E> {
                Ok(Bytes(bytes))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Bytes, E> {
                text.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

impl JsonSchema for Bytes {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Bytes".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": ["integer", "string"] })
    }
}

impl FromStr for Bytes {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is not a size: expected a number and a unit, such as `500`, `10MB`, `1GiB`");
        let split = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
        let number: f64 = text[..split].parse().map_err(|_| wrong())?;
        let factor = match text[split..].trim() {
            "" | "B" => 1.0,
            "kB" | "KB" => 1e3,
            "MB" => 1e6,
            "GB" => 1e9,
            "TB" => 1e12,
            "KiB" => 1024.0,
            "MiB" => 1024.0 * 1024.0,
            "GiB" => 1024.0 * 1024.0 * 1024.0,
            "TiB" => 1024.0 * 1024.0 * 1024.0 * 1024.0,
            _ => return Err(wrong()),
        };
        Ok(Self((number * factor).round() as u64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amount(text: &str) -> Result<Amount, String> {
        serde_yaml::from_str(text).map_err(|error| error.to_string())
    }

    #[test]
    fn amounts_are_one_number_or_three() {
        assert_eq!(amount("3"), Ok(Amount { low: 3.0, base: 3.0, high: 3.0 }));
        assert_eq!(amount("[1, 2.5, 4]"), Ok(Amount { low: 1.0, base: 2.5, high: 4.0 }));
        assert_eq!(serde_yaml::from_str::<AmountOrAuto>("auto").unwrap(), AmountOrAuto::Auto);
        for (text, says) in [
            ("[3, 2, 1]", "in ascending order, found 3, 2, 1"),
            ("[1, 2]", "three numbers (low, base, high), found 2"),
            ("-1", "from 0 to 1e15, found -1.0"),
            ("1.0e308", "from 0 to 1e15, found 1e308"),
            (".nan", "found NaN"),
            (".inf", "found inf"),
            ("auto", "`[low, base, high]`"),
            ("{ low: 1 }", "`[low, base, high]`"),
        ] {
            assert!(amount(text).is_err_and(|error| error.contains(says)), "{text}: {:?}", amount(text));
        }
    }

    #[test]
    fn shares_lie_between_0_and_1() {
        let share = |text: &str| serde_yaml::from_str::<Fraction>(text).map_err(|error| error.to_string());
        assert_eq!(share("0.5").map(Fraction::get), Ok(0.5));
        assert!(share("5").is_err_and(|error| error.contains("5 % is 0.05")));
        assert!(share(".nan").is_err() && share("-0.1").is_err() && share("120").is_err());
    }

    #[test]
    fn sizes_have_units() {
        for (text, bytes, shown) in [
            ("0", 0, "0B"),
            ("500", 500, "500B"),
            ("1.5kB", 1_500, "1.5kB"),
            ("10 MB", 10_000_000, "10MB"),
            ("4MiB", 4_194_304, "4.19MB"),
            ("2TiB", 2_199_023_255_552, "2.2TB"),
        ] {
            let read: Bytes = text.parse().unwrap();
            assert_eq!((read, read.to_string().as_str()), (Bytes(bytes), shown), "{text}");
        }
        for text in ["", "MB", "1..2MB", "-1", "10 Mb", "1e9"] {
            assert!(text.parse::<Bytes>().is_err(), "{text}");
        }
    }
}
