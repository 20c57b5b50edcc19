//! Numbers and truth values as logs write them.

/// What tools write for a number that is not there.
pub(crate) fn is_no_number(text: &str) -> bool {
    matches!(text, "" | "NA" | "N/A" | "NaN" | "nan" | "null" | "NULL" | "None" | "none" | "-")
}

/// Reads a whole number.
#[inline]
pub(crate) fn int(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    if bytes.is_empty() || bytes.len() > 18 {
        return text.parse().ok();
    }
    let mut value: i64 = 0;
    for b in bytes {
        let digit = b.wrapping_sub(b'0');
        if digit > 9 {
            return text.parse().ok();
        }
        value = value * 10 + i64::from(digit);
    }
    Some(value)
}

/// Reads a finite number.
pub(crate) fn float(text: &str) -> Option<f64> {
    let bytes = text.as_bytes();
    if bytes.len() <= 15 && bytes.iter().all(u8::is_ascii_digit) {
        return int(text).map(|v| v as f64);
    }
    text.parse().ok().filter(|v: &f64| v.is_finite())
}

/// Reads a truth value; `T` and `F` are Zeek's.
pub(crate) fn boolean(text: &str) -> Option<bool> {
    match text {
        "true" | "True" | "TRUE" | "T" => Some(true),
        "false" | "False" | "FALSE" | "F" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers() {
        for (text, want) in [("0", Some(0)), ("123456789012345678", Some(123_456_789_012_345_678)), ("-5", Some(-5)), ("+5", Some(5))] {
            assert_eq!(int(text), want, "{text}");
        }
        for text in ["", "-", "1.5", "9223372036854775808", "1 ", "0x10", "１"] {
            assert_eq!(int(text), None, "{text}");
        }
        assert_eq!(float("1e3"), Some(1000.0));
        assert_eq!(float("123456789012345"), Some(123_456_789_012_345.0));
        for text in ["", "inf", "NaN", "1e999", "1,5"] {
            assert_eq!(float(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn int_agrees_with_std(text in "[+-]?[0-9a]{0,20}") {
            prop_assert_eq!(int(&text), text.parse::<i64>().ok());
        }
    }
}
