//! Columns that hold the answer, by their names: what an analyst or a benchmark said of a row. A detector that sees one finds what it was told.

/// Words in the names of such columns.
const WORDS: &[&str] = &["label", "labels", "attack", "malicious", "anomaly", "anomalous", "outlier", "truth", "disposition"];
/// Whole names of such columns.
const NAMES: &[&str] = &["class", "target", "y"];

/// Whether a column is named like one that holds the answer.
pub fn names_the_answer(column: &str) -> bool {
    let name = column.to_lowercase();
    NAMES.contains(&name.as_str()) || name.split(|c: char| !c.is_alphanumeric()).any(|word| WORDS.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_is_told_by_its_name() {
        for name in ["label", "event_label", "time_label", "Class", "attack.cat", "is_malicious", "ground_truth"] {
            assert!(names_the_answer(name), "{name}");
        }
        for name in ["user", "event_class", "attacker_ip", "labelled_by_host", "target_user", "host", "short"] {
            assert!(!names_the_answer(name), "{name}");
        }
    }
}
