//! What a column means, as far as its name and its first values tell: a time is nobody, and the mean of ports says nothing.

use super::{Column, Holds};

/// The words of a name: `destPort_id` is `dest`, `port`, `id`.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut before = ' ';
    let letters: Vec<char> = name.chars().collect();
    for (at, &c) in letters.iter().enumerate() {
        let begins = !before.is_alphanumeric()
            || (c.is_uppercase() && (before.is_lowercase() || before.is_ascii_digit()))
            // `VMName`: the last capital of a run begins the next word.
            || (c.is_uppercase() && before.is_uppercase() && letters.get(at + 1).is_some_and(|next| next.is_lowercase()));
        if c.is_alphanumeric() {
            if begins {
                words.push(String::new());
            }
            if let Some(word) = words.last_mut() {
                word.extend(c.to_lowercase());
            }
        }
        before = c;
    }
    words
}

/// Words in the names of numbers that only name something.
const NAMING: &[&str] = &[
    "id", "ids", "uid", "gid", "pid", "ppid", "tid", "lpid", "guid", "uuid", "port", "ports", "sport", "dport", "row", "index", "idx",
    "number", "num", "no", "nr", "record", "seq", "sequence", "line", "code", "vlan", "asn", "year", "version", "zip", "serial", "column",
];

/// Whether a number only names something (a port, a process, a row), so that its mean, its sum and its size say nothing.
pub(super) fn names_something(column: &Column) -> bool {
    let name = column.own.as_ref().unwrap_or(&column.name);
    let words = words(name);
    // Of a count of ports or records the last word is the thing that is measured.
    let counts = words
        .iter()
        .any(|word| matches!(word.as_str(), "count" | "total" | "bytes" | "packets" | "pkts" | "sum" | "per" | "rate" | "score"));
    !counts
        && (words.iter().any(|word| NAMING.contains(&word.as_str()))
            || words.iter().any(|word| {
                word.ends_with("id") && matches!(word.as_str(), "processid" | "threadid" | "eventid" | "recordid" | "sessionid" | "logonid")
            }))
}

/// Whether a column holds times as text or by its name.
pub(super) fn is_time(column: &Column) -> bool {
    let shaped = |value: &String| {
        let bytes = value.as_bytes();
        let digits = |range: std::ops::Range<usize>| bytes.get(range).is_some_and(|part| part.iter().all(u8::is_ascii_digit));
        let date = digits(0..4) && matches!(bytes.get(4), Some(b'-' | b'/')) && digits(5..7);
        let turned = digits(0..2)
            && matches!(bytes.get(2), Some(b'-' | b'/' | b'.'))
            && digits(3..5)
            && matches!(bytes.get(5), Some(b'-' | b'/' | b'.'))
            && digits(6..8);
        date || turned
    };
    column.holds == Holds::Time || (column.holds == Holds::Text && !column.examples.is_empty() && column.examples.iter().all(shaped))
}

/// Words in the names of who or what acts.
const ACTING: &[&str] = &[
    "user",
    "username",
    "account",
    "login",
    "client",
    "ip",
    "addr",
    "address",
    "host",
    "hostname",
    "computer",
    "machine",
    "device",
    "workstation",
    "vm",
    "asset",
    "endpoint",
    "agent",
    "src",
    "source",
    "node",
    "customer",
    "employee",
    "sender",
];

/// Whether a column is named like somebody or something that acts.
pub(super) fn acts(column: &Column) -> bool {
    words(column.own.as_ref().unwrap_or(&column.name)).iter().any(|word| ACTING.contains(&word.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(name: &str, holds: Holds, examples: &[&str]) -> Column {
        let examples: Vec<String> = examples.iter().map(|value| (*value).to_owned()).collect();
        Column { name: name.into(), own: None, holds, fill: 1.0, distinct: examples.len(), examples }
    }

    #[test]
    fn numbers_that_name_have_no_size() {
        for name in
            ["pid", "DestPort", "ProcessId", "process.id", "column_1", "row", "RecordNumber", "EventID", "src_port", "userId", "L7Port"]
        {
            assert!(names_something(&column(name, Holds::Number, &[])), "{name}");
        }
        for name in ["bytes", "AllowedOutFlows", "duration", "paid", "transport_time", "port_count", "records_per_s", "nodes", "idle"] {
            assert!(!names_something(&column(name, Holds::Number, &[])), "{name}");
        }
    }

    #[test]
    fn times_are_told_by_their_shape() {
        for value in ["2019-02-12 14:00:00.000", "2019/02/12", "12.02.2019 14:00", "2019-02-12T14:00:00Z"] {
            assert!(is_time(&column("End", Holds::Text, &[value])), "{value}");
        }
        for value in ["10.0.3.5", "192.168.10.1", "2019", "abc", "12-34"] {
            assert!(!is_time(&column("End", Holds::Text, &[value])), "{value}");
        }
        assert!(!is_time(&column("FlowEndTime", Holds::Text, &[])));
    }

    #[test]
    fn who_acts_is_told_by_the_name() {
        for name in ["VMName", "AccountName", "client.address", "computer"] {
            assert!(acts(&column(name, Holds::Text, &[])), "{name}");
        }
        for name in ["FlowType", "RemoteRegion", "message", "vmx"] {
            assert!(!acts(&column(name, Holds::Text, &[])), "{name}");
        }
    }
}
