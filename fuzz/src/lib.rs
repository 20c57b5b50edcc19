//! What every fuzz target does: bytes become a file, the file a source, and the source is read to its end.

use std::{cell::RefCell, path::PathBuf};

use gonogo::{
    error::Error,
    observe::Silent,
    source::{FORMATS, ReadPlan, Source},
};

thread_local! {
    static FOLDER: RefCell<Option<tempfile::TempDir>> = const { RefCell::new(None) };
}

/// What is said of a source besides its format: options, envelopes, times, so that inputs reach what these turn on.
const SAID: &[(&str, &str)] = &[
    ("elff", "options: { fields: 'date time cs-username cs-bytes' }"),
    ("elff", "envelope: rfc5424"),
    ("squid", "options: { logformat: combined }"),
    ("squid", r#"options: { logformat: '%ts.%03tu %>a "%{User-Agent}>h" %ru %>st [%tl] %03>Hs' }"#),
    ("combined", "options: { log_format: '%v:%p %h %l %u %t \"%r\" %>s %O %D' }"),
    (
        "combined",
        "options: { log_format: '$remote_addr - $remote_user [$time_local] \"$request\" $status $body_bytes_sent $request_time' }",
    ),
    ("combined", "envelope: auto"),
    ("zscaler", r"options: { template: '%s{time}\t%s{elogin}\t%d{reqsize}\t%s{eurl}' }"),
    ("cef", "envelope: { form: rfc3164, year: 2026 }"),
    ("sshd", "envelope: { form: rfc3164, year: 2024 }"),
    ("eve", "options: { event_type: http }"),
    ("eve", "options: { event_type: flow }"),
    ("regex", "options: { pattern: '^(?<src_ip>[^ ]+) (?<bytes_up>[0-9]*) (?<url>.*)' }"),
    ("regex", "options: { pattern: '^(?<timestamp>[^|]*)[|](?<user>[^|]*)[|](?<status>.*)$' }, time: { column: timestamp }"),
    ("csv", "time: { column: t, timezone: Europe/Paris }"),
    ("csv", "time: { column: t, parse: epoch_ms }"),
    ("csv", "time: { column: t, parse: '%d/%m/%Y %H:%M:%S%.f %z' }"),
    ("csv", "envelope: { form: rfc3164, year: 2026, app: gw }"),
    ("ndjson", "time: { column: t }"),
    ("auto", "envelope: auto"),
];

/// Every way to read bytes, by its format and what is said besides; of one format where it is named.
pub fn ways(only: Option<&str>) -> Vec<(&'static str, &'static str)> {
    let plain = FORMATS.iter().map(|format| (format.id, "")).chain([("auto", "")]);
    let ways: Vec<_> = plain.chain(SAID.iter().copied()).filter(|(format, _)| only.is_none_or(|only| only == *format)).collect();
    assert!(!ways.is_empty(), "`{only:?}` is not a format");
    ways
}

/// The file that inputs are written to, one for each thread.
fn file() -> PathBuf {
    FOLDER.with_borrow_mut(|folder| {
        let folder = folder.get_or_insert_with(|| tempfile::tempdir().expect("a temporary folder"));
        folder.path().join("x.log")
    })
}

/// Reads bytes as a format. Errors are allowed; a panic of a parser, counts that do not add up, and rows that are not counted are not.
pub fn read((format, said): (&str, &str), bytes: &[u8]) {
    let path = file();
    std::fs::write(&path, bytes).expect("a file");
    let yaml = format!("{{ path: {}, format: {format}, max_malformed: 1, {said} }}", path.display());
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
