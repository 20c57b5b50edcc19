//! What every fuzz target does: bytes become a file, the file a source, and the source is read to its end.

use std::{cell::RefCell, path::PathBuf};

use gonogo::{
    error::Error,
    observe::Silent,
    source::{ReadPlan, Source},
};

thread_local! {
    static FOLDER: RefCell<Option<tempfile::TempDir>> = const { RefCell::new(None) };
}

/// The file that inputs are written to, one for each thread.
fn file() -> PathBuf {
    FOLDER.with_borrow_mut(|folder| {
        let folder = folder.get_or_insert_with(|| tempfile::tempdir().expect("a temporary folder"));
        folder.path().join("x.log")
    })
}

/// Reads bytes as a format. Errors are allowed; a panic of a parser, counts that do not add up, and rows that are not counted are not.
pub fn read(format: &str, bytes: &[u8]) {
    let path = file();
    std::fs::write(&path, bytes).expect("a file");
    let yaml = format!("{{ path: {}, format: {format}, max_malformed: 1 }}", path.display());
    let spec = serde_yaml::from_str(&yaml).expect("a source");
    let read = Source::open("fuzz", &spec, path.parent().expect("a folder"))
        .and_then(|source| source.read_table(&ReadPlan { threads: 1, ..ReadPlan::default() }, &Silent));
    match read {
        Ok((frame, q)) => {
            assert_eq!(q.lines, q.header + q.malformed + q.rows_parsed, "every line is a row or a counted failure");
            assert_eq!(q.rows_parsed, q.filtered + q.no_time + q.outside_window + q.rows);
            assert_eq!(frame.height() as u64, q.rows);
        }
        Err(Error::Internal(message)) => panic!("{message}"),
        Err(_) => {}
    }
}
