//! Numbers, shares, money and lengths of time as a language writes them.

use crate::spec::Language;

/// Between groups of three digits, and between a number and its unit: a narrow space that does not break.
pub const THIN: char = '\u{202f}';

/// The sign of negative numbers.
pub const MINUS: char = '\u{2212}';

/// What is shown where there is no number.
const NONE: &str = "—";

/// Writes numbers as a language does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Numbers {
    language: Language,
}

impl Numbers {
    /// Writes numbers in a language.
    pub const fn new(language: Language) -> Self {
        Self { language }
    }

    /// A count: `4 218 377`.
    pub fn integer(self, value: u64) -> String {
        grouped(&value.to_string())
    }

    /// A number with so many decimals: `1 234.5`, `1 234,5`.
    pub fn decimal(self, value: f64, decimals: usize) -> String {
        if !value.is_finite() {
            return NONE.into();
        }
        let text = format!("{:.decimals$}", value.abs());
        let (whole, rest) = text.split_once('.').unwrap_or((&text, ""));
        let mut shown = String::new();
        // A number that rounds to nothing has no sign.
        if value < 0.0 && text.chars().any(|c| ('1'..='9').contains(&c)) {
            shown.push(MINUS);
        }
        shown.push_str(&grouped(whole));
        if !rest.is_empty() {
            shown.push(match self.language {
                Language::En => '.',
                Language::Fr => ',',
            });
            shown.push_str(rest);
        }
        shown
    }

    /// A measured quantity: whole from 10 up, one decimal below where it has one.
    pub fn count(self, value: f64) -> String {
        let small = value.abs() < 9.95 && (value - value.round()).abs() >= 0.05;
        self.decimal(value, usize::from(small))
    }

    /// A number rounded to so many significant digits, without trailing zeros after the mark: `0.0123`, `52 400 000`.
    pub fn significant(self, value: f64, digits: i32) -> String {
        if value == 0.0 || !value.is_finite() {
            return self.decimal(value, 0);
        }
        let magnitude = value.abs().log10().floor() as i32;
        if !(-9..15).contains(&magnitude) {
            let text = format!("{value:.2e}");
            return text.replace('-', &MINUS.to_string());
        }
        let decimals = (digits - 1 - magnitude).clamp(0, 12);
        let step = 10_f64.powi(magnitude - digits + 1);
        let rounded = if step > 1.0 { (value / step).round() * step } else { value };
        let text = self.decimal(rounded, decimals as usize);
        if decimals == 0 { text } else { text.trim_end_matches('0').trim_end_matches(['.', ',']).to_owned() }
    }

    /// A share as a percentage, with no more digits than it takes: `77 %`, `4.5 %`, `0.12 %`.
    ///
    /// What is not quite all or not quite nothing never reads `100 %` or `0 %`.
    pub fn percent(self, share: f64) -> String {
        format!("{}{THIN}%", self.percent_digits(share))
    }

    /// As [`Self::percent`] with a fixed number of decimals.
    pub fn percent_decimals(self, share: f64, decimals: usize) -> String {
        format!("{}{THIN}%", self.decimal(share * 100.0, decimals))
    }

    fn percent_digits(self, share: f64) -> String {
        let value = share * 100.0;
        let size = value.abs();
        if size > 0.0 && size < 0.005 {
            return format!("<{THIN}{}", self.decimal(0.01, 2));
        }
        if (99.995..100.0).contains(&size) {
            return format!(">{THIN}{}", self.decimal(value.signum() * 99.99, 2));
        }
        let decimals = match size {
            s if s == 0.0 || s == 100.0 => 0,
            s if s < 0.995 => 2,
            s if s < 9.95 => 1,
            s if (99.95..100.0).contains(&s) => 2,
            s if (99.5..100.0).contains(&s) => 1,
            _ => 0,
        };
        let text = self.decimal(value, decimals);
        if decimals == 0 { text } else { text.trim_end_matches('0').trim_end_matches(['.', ',']).to_owned() }
    }

    /// A change as a percentage with its sign: `−77 %`, `+5 %`, `0 %`.
    pub fn signed_percent(self, change: f64) -> String {
        let text = self.percent(change);
        if change > 0.0 && !text.starts_with('<') { format!("+{text}") } else { text }
    }

    /// A whole number with its sign: `+29`, `−3`, `0`.
    pub fn signed(self, value: f64) -> String {
        let text = self.decimal(value, 0);
        if value.round() > 0.0 { format!("+{text}") } else { text }
    }

    /// Two ends of an interval in words: `81 to 113`, `81 à 113`.
    pub fn to(self, low: &str, high: &str) -> String {
        match self.language {
            Language::En => format!("{low} to {high}"),
            Language::Fr => format!("{low} à {high}"),
        }
    }

    /// An interval of quantities: `81 to 113`.
    pub fn between(self, low: f64, high: f64) -> String {
        self.to(&self.count(low), &self.count(high))
    }

    /// An interval of shares: `72 to 81 %`; whole per cents where it is at least five of them wide.
    pub fn percent_between(self, low: f64, high: f64) -> String {
        if high - low >= 0.05 {
            return self.to(&self.decimal(low * 100.0, 0), &self.percent_decimals(high, 0));
        }
        self.to(&self.percent_digits(low), &self.percent(high))
    }

    /// Some of a number: `18 of 19`, `18 sur 19`.
    pub fn of(self, some: u64, all: u64) -> String {
        let (some, all) = (self.integer(some), self.integer(all));
        match self.language {
            Language::En => format!("{some} of {all}"),
            Language::Fr => format!("{some} sur {all}"),
        }
    }

    /// The singular or the plural: one in English is exactly 1, in French everything below 2.
    pub fn plural(self, count: f64, one: &'static str, many: &'static str) -> &'static str {
        let single = match self.language {
            Language::En => count == 1.0,
            Language::Fr => count.abs() < 2.0,
        };
        if single { one } else { many }
    }

    /// An amount of money, rounded to a multiple of `step`: `68 000 €`. The currency is an ISO 4217 code.
    pub fn money(self, value: f64, step: f64, currency: &str) -> String {
        format!("{}{THIN}{}", self.rounded(value, step), symbol(currency))
    }

    /// Both ends of a range of money with one symbol: `62 000 to 72 000 €`.
    pub fn money_between(self, low: f64, high: f64, step: f64, currency: &str) -> String {
        self.to(&self.rounded(low, step), &self.money(high, step, currency))
    }

    fn rounded(self, value: f64, step: f64) -> String {
        let step = if step > 0.0 && step.is_finite() { step } else { 1.0 };
        self.decimal((value / step).round() * step, 0)
    }

    /// The multiple to which a range of money is rounded: a power of ten of which its width holds at least five, and no finer than three
    /// significant digits of its middle.
    pub fn money_step(low: f64, base: f64, high: f64) -> f64 {
        let power = |value: f64| if value > 0.0 && value.is_finite() { 10_f64.powi(value.log10().floor() as i32) } else { 1.0 };
        let width = high - low;
        power(width / 5.0).max(power(base.abs()) / 100.0).max(1.0)
    }

    /// A length of time: `0.4 s`, `11 s`, `2 min`, `1.5 h`.
    pub fn seconds(self, seconds: f64) -> String {
        let unit = |text: String, unit: &str| format!("{text}{THIN}{unit}");
        match seconds {
            s if !s.is_finite() => NONE.into(),
            s if s <= 0.0 => unit("0".into(), "s"),
            s if s < 0.01 => format!("<{THIN}{}{THIN}s", self.decimal(0.01, 2)),
            s if s < 0.995 => unit(self.decimal(s, 2), "s"),
            s if s < 9.95 => unit(self.decimal(s, 1), "s"),
            s if s < 119.5 => unit(self.decimal(s, 0), "s"),
            s if s < 7_170.0 => unit(self.decimal(s / 60.0, 0), "min"),
            s if s < 172_000.0 => unit(self.count(s / 3_600.0), "h"),
            s => unit(self.count(s / 86_400.0), if self.language == Language::Fr { "j" } else { "d" }),
        }
    }

    /// Hours: `26 h`, `2.4 h`.
    pub fn hours(self, hours: f64) -> String {
        format!("{}{THIN}h", self.count(hours))
    }

    /// A size, in powers of 1000: `12 MB`, `12 Mo`.
    pub fn bytes(self, bytes: u64) -> String {
        let letter = if self.language == Language::Fr { "o" } else { "B" };
        let mut value = bytes as f64;
        let mut prefix = "";
        for next in ["k", "M", "G", "T"] {
            if value < 999.5 {
                break;
            }
            value /= 1_000.0;
            prefix = next;
        }
        let text = if prefix.is_empty() { self.decimal(value, 0) } else { self.count(value) };
        format!("{text}{THIN}{prefix}{letter}")
    }
}

/// Groups digits by three.
fn grouped(digits: &str) -> String {
    let mut shown = String::with_capacity(digits.len() * 2);
    for (index, c) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            shown.push(THIN);
        }
        shown.push(c);
    }
    shown
}

/// The sign of a currency, or the first three letters of its code.
fn symbol(currency: &str) -> String {
    match currency {
        "EUR" => "€".into(),
        "USD" => "$".into(),
        "GBP" => "£".into(),
        "JPY" => "¥".into(),
        other => other.chars().filter(char::is_ascii_alphanumeric).take(3).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EN: Numbers = Numbers::new(Language::En);
    const FR: Numbers = Numbers::new(Language::Fr);

    fn plain(text: &str) -> String {
        text.replace(THIN, " ").replace(MINUS, "-")
    }

    #[test]
    fn digits_are_grouped() {
        for (value, text) in [(0, "0"), (999, "999"), (1_000, "1 000"), (4_218_377, "4 218 377")] {
            assert_eq!(plain(&EN.integer(value)), text);
        }
        assert_eq!(plain(&EN.decimal(-1234.56, 1)), "-1 234.6");
        assert_eq!(plain(&FR.decimal(1234.56, 1)), "1 234,6");
        assert_eq!(EN.decimal(-0.04, 1), "0.0");
        assert_eq!(EN.decimal(f64::NAN, 1), "—");
    }

    #[test]
    fn no_more_digits_than_the_data_carry() {
        assert_eq!([3.0, 3.46, 9.96, 96.4].map(|v| EN.count(v)), ["3", "3.5", "10", "96"]);
        assert_eq!([52_412_345.0, 0.012_345, 5.0, -1.5].map(|v| plain(&EN.significant(v, 3))), ["52 400 000", "0.0123", "5", "-1.5"]);
        assert_eq!(plain(&EN.significant(1e300, 3)), "1.00e300");
    }

    #[test]
    fn shares_are_never_rounded_to_all_or_nothing() {
        let shown = [0.767, 0.0451, 0.0012, 0.00001, 0.9999, 1.0, 0.0, 0.997, 0.05].map(|v| plain(&EN.percent(v)));
        assert_eq!(shown, ["77 %", "4.5 %", "0.12 %", "< 0.01 %", "99.99 %", "100 %", "0 %", "99.7 %", "5 %"]);
        assert_eq!([-0.767, 0.05, 0.0].map(|v| plain(&EN.signed_percent(v))), ["-77 %", "+5 %", "0 %"]);
        assert_eq!(plain(&FR.percent_between(0.721, 0.809)), "72 à 81 %");
        assert_eq!([28.6, -3.2, 0.2].map(|v| plain(&EN.signed(v))), ["+29", "-3", "0"]);
    }

    #[test]
    fn money_is_rounded_as_its_range_allows() {
        assert_eq!(Numbers::money_step(62_900.0, 67_690.0, 71_900.0), 1_000.0);
        assert_eq!(Numbers::money_step(67_690.0, 67_690.0, 67_690.0), 100.0);
        assert_eq!(plain(&EN.money(67_690.0, 1_000.0, "EUR")), "68 000 €");
        assert_eq!(plain(&FR.money_between(-62_900.0, 71_900.0, 1_000.0, "CHF")), "-63 000 à 72 000 CHF");
    }

    #[test]
    fn lengths_and_sizes() {
        assert_eq!(
            [0.004, 0.4, 3.2, 11.4, 125.0, 5_400.0].map(|v| plain(&EN.seconds(v))),
            ["< 0.01 s", "0.40 s", "3.2 s", "11 s", "2 min", "90 min"]
        );
        assert_eq!(plain(&FR.bytes(12_300_000)), "12 Mo");
        assert_eq!(plain(&EN.bytes(999_600)), "1 MB");
    }

    #[test]
    fn plurals_differ_by_language() {
        assert_eq!([0.0, 1.0, 1.5].map(|n| EN.plural(n, "one", "many")), ["many", "one", "many"]);
        assert_eq!([0.0, 1.0, 1.5, 2.0].map(|n| FR.plural(n, "one", "many")), ["one", "one", "one", "many"]);
    }
}
