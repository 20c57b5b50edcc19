//! The year of times that have none: the latest that puts no first line after the date of the file.

use std::path::Path;

use chrono::{DateTime, Datelike, Utc};
use polars::prelude::DataType;

use crate::{source::Source, spec};

/// The year of the first line of a source that gives no rows for lack of one; nothing where that is not why, or the file has no date.
pub(super) fn guess(spec: &spec::Source, source: &Source) -> Option<u16> {
    let modified: DateTime<Utc> = source.files().first()?.metadata().ok()?.modified().ok()?.into();
    let this = u16::try_from(modified.year()).ok()?;
    [this, this.checked_sub(1)?].into_iter().find(|year| {
        let envelope = spec::Envelope { year: Some(*year), ..spec.envelope.clone().unwrap_or_default() };
        first(&spec::Source { envelope: Some(envelope), ..spec.clone() }).is_some_and(|first| first <= modified.timestamp_micros())
    })
}

/// The time of the first row, in microseconds since 1970 UTC.
fn first(spec: &spec::Source) -> Option<i64> {
    let source = Source::open("events", spec, Path::new(".")).ok()?;
    let rows = source.first_rows(1, None).ok()?;
    // polars' own `get` ends in a panic where there is no row.
    rows.column(source.time()?).ok()?.cast(&DataType::Int64).ok()?.i64().ok()?.iter().next().flatten()
}

#[cfg(test)]
mod tests {
    use std::{fs::File, time::Duration};

    use super::*;

    #[test]
    fn no_first_line_lies_after_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("auth.log");
        std::fs::write(&path, "Dec 31 23:00:00 web1 sshd[1]: Invalid user ann from 10.0.0.1\n").unwrap();
        let spec: spec::Source = serde_yaml::from_str(&format!("{{ path: {} }}", path.display())).unwrap();
        // 1 January 2026, and the evening of the day before.
        for (modified, year) in [(1_767_225_600, 2025), (1_767_223_800, 2025), (1_767_220_200, 2024)] {
            let file = File::options().append(true).open(&path).unwrap();
            file.set_modified(std::time::UNIX_EPOCH + Duration::from_secs(modified)).unwrap();
            let source = Source::open("events", &spec, Path::new(".")).unwrap();
            assert_eq!(guess(&spec, &source), Some(year), "{modified}");
        }
        for no_row in ["a,b\n1,2\n", "#Fields: date time c-ip\n", "#Fields: date time c-ip\n2026-02-30 08:00:00 10.0.0.1\n"] {
            std::fs::write(&path, no_row).unwrap();
            let source = Source::open("events", &spec, Path::new(".")).unwrap();
            assert_eq!(guess(&spec, &source), None, "{no_row}");
        }
    }
}
