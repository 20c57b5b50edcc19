//! What reading found, as findings with their consequence for the evaluation.

use crate::quality::{Finding, SourceQuality};

/// What reading a source found that a user should know.
pub fn reading_findings(source: &SourceQuality) -> Vec<Finding> {
    let share = |part: u64, whole: u64| 100.0 * part as f64 / whole.max(1) as f64;
    let finding = |code: &str, severity: &str, message: String, consequence: &str, advice: &str| Finding {
        code: code.into(),
        severity: severity.into(),
        subject: source.name.clone(),
        message,
        consequence: consequence.into(),
        advice: advice.into(),
    };
    let mut found = Vec::new();
    if source.malformed > 0 {
        let place = source
            .malformed_samples
            .first()
            .map(|sample| format!(", the first in {} line {} ({})", sample.file, sample.line, sample.reason));
        found.push(finding(
            "W101",
            "warning",
            format!(
                "{} of {} lines do not parse ({:.2} %){}.",
                source.malformed,
                source.lines,
                share(source.malformed, source.lines),
                place.unwrap_or_default()
            ),
            "What they said is missing from every field.",
            "Look at the samples in quality.json; name the format or its options if they are wrong.",
        ));
    }
    if source.no_time > 0 {
        found.push(finding(
            "W102",
            "warning",
            format!("{} rows have no time that can be read ({:.2} %).", source.no_time, share(source.no_time, source.rows_parsed)),
            "They are in no unit.",
            "Say how the time is written: `time: { column, parse, timezone }`.",
        ));
    }
    if source.outside_window * 2 > source.rows_parsed {
        found.push(finding(
            "W103",
            "warning",
            format!(
                "{} of {} rows lie outside the window ({:.0} %).",
                source.outside_window,
                source.rows_parsed,
                share(source.outside_window, source.rows_parsed)
            ),
            "Most of what was read was not used.",
            "Check the window and its zone, or give only the files of these days.",
        ));
    }
    if source.invalid_utf8 > 0 {
        found.push(finding(
            "W104",
            "note",
            format!("{} lines hold bytes that are not UTF-8.", source.invalid_utf8),
            "Those bytes were replaced; different values may have become equal.",
            "Convert the files to UTF-8 if names matter.",
        ));
    }
    if !source.truncated.is_empty() {
        found.push(finding(
            "W105",
            "warning",
            format!("{} end in the middle of a line: {}.", plural(source.truncated.len()), source.truncated.join(", ")),
            "What came after is missing.",
            "Copy the files again, or leave the day out.",
        ));
    }
    for (column, count) in &source.unreadable {
        found.push(finding(
            "W106",
            "warning",
            format!("{count} values of `{column}` are not of its type and became null."),
            "They are missing from every field that uses the column.",
            "Look at the column's values; rename or derive another.",
        ));
    }
    found
}

fn plural(files: usize) -> String {
    if files == 1 { "1 file".into() } else { format!("{files} files") }
}
