//! What reading found, as sentences: what was seen, what it means for the evaluation, what to do.

use crate::quality::{Finding, SourceQuality};

/// The findings of one source, the worst first.
pub fn findings(quality: &SourceQuality) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut add = |code: &str, severity: &str, message: String, consequence: &str, advice: &str| {
        found.push(Finding {
            code: code.into(),
            severity: severity.into(),
            subject: quality.name.clone(),
            message,
            consequence: consequence.into(),
            advice: advice.into(),
        });
    };
    if !quality.truncated.is_empty() {
        add(
            "W110",
            "warning",
            format!("{} in the middle: {}", count(quality.truncated.len(), "file ends", "files end"), list(&quality.truncated)),
            "Events at the end of these files are missing; what was logged then looks quieter than it was.",
            "Copy the files again once they are complete.",
        );
    }
    if quality.malformed > 0 {
        let records = quality.lines - quality.header;
        add(
            "W111",
            if quality.malformed * 1_000 > records { "warning" } else { "note" },
            format!("{} of {records} lines do not parse", quality.malformed),
            "What these lines tell is not in the evaluation.",
            "Look at the samples; name another format or option where they show a pattern.",
        );
    }
    if quality.no_time > 0 {
        add(
            "W112",
            "warning",
            format!("{} rows have no time that can be read", quality.no_time),
            "They belong to no period and were left out.",
            "Say how times are written with `time: { parse: ... }`.",
        );
    }
    for (column, n) in &quality.unreadable {
        add(
            "W113",
            if *n * 100 > quality.rows { "warning" } else { "note" },
            format!("{n} values of `{column}` are not of its type and have no value"),
            "Fields built from this column count these rows as having none.",
            "Fix the column's type in the source's `options: { types: ... }`, or leave the column out.",
        );
    }
    if quality.invalid_utf8 > 0 {
        add(
            "W114",
            "note",
            format!("{} lines hold bytes that are not UTF-8", quality.invalid_utf8),
            "These bytes were replaced by one sign: values that differ only there count as one.",
            "Convert the files, where names with such letters matter.",
        );
    }
    if !quality.trailing_bytes.is_empty() {
        add(
            "W115",
            "note",
            format!("{} bytes after the packed text: {}", count(quality.trailing_bytes.len(), "file has", "files have"), list(&quality.trailing_bytes)),
            "They were left out, as `gzip` does.",
            "Check that the files were copied whole.",
        );
    }
    found
}

fn count(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

fn list(paths: &[String]) -> String {
    let shown: Vec<String> = paths.iter().take(5).map(|p| format!("`{p}`")).collect();
    let more = if paths.len() > 5 { format!(" and {} more", paths.len() - 5) } else { String::new() };
    format!("{}{more}", shown.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_wrong_is_no_finding() {
        assert!(findings(&SourceQuality { lines: 10, header: 1, rows_parsed: 9, rows: 9, ..SourceQuality::default() }).is_empty());
    }

    #[test]
    fn what_is_wrong_is_said_with_numbers() {
        let quality = SourceQuality {
            name: "proxy".into(),
            lines: 101,
            header: 1,
            malformed: 2,
            truncated: vec!["a.gz".into()],
            unreadable: [("port".to_owned(), 3)].into(),
            ..SourceQuality::default()
        };
        let messages: Vec<String> = findings(&quality).into_iter().map(|f| f.message).collect();
        assert_eq!(messages, ["1 file ends in the middle: `a.gz`", "2 of 100 lines do not parse", "3 values of `port` are not of its type and have no value"]);
    }
}
