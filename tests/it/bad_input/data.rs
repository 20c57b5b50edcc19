//! Logs, labels and reference data that are not what the experiment says.

use std::{io::Write as _, path::Path};

use super::{Case, TABLE, change, write};

/// What is wrong, how it comes about, what is typed.
pub const CASES: &[Case] = &[
    ("no such log", |at| change(at, "path: log.csv", "path: nothing.csv"), "run x.yaml"),
    ("a pattern that matches nothing", |at| change(at, "path: log.csv", "path: '*.gz'"), "run x.yaml"),
    ("a pattern that is none", |at| change(at, "path: log.csv", "path: '[.csv'"), "run x.yaml"),
    ("a folder", |at| change(at, "path: log.csv", "path: ."), "run x.yaml"),
    ("an empty log", |at| write(at, "log.csv", ""), "run x.yaml"),
    ("a header and no row", |at| write(at, "log.csv", "time,user,host,bytes,label\n"), "run x.yaml"),
    ("line breaks only", |at| write(at, "log.csv", "\n\n\n\n"), "run x.yaml"),
    (
        "a picture",
        |at| write(at, "log.csv", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89"),
        "run x.yaml",
    ),
    ("a spreadsheet", |at| write(at, "log.csv", b"PK\x03\x04\x14\0\0\0\x08\0xl/workbook.xml"), "run x.yaml"),
    ("UTF-16", |at| write(at, "log.csv", utf16(TABLE)), "run x.yaml"),
    ("NUL bytes", |at| write(at, "log.csv", vec![0_u8; 4096]), "run x.yaml"),
    ("another format", |at| change(at, "format: csv", "format: elff"), "run x.yaml"),
    ("JSON in place of CSV", |at| write(at, "log.csv", "{\"time\": \"2026-03-02T10:00:00Z\", \"user\": \"ann\"}\n"), "run x.yaml"),
    ("CSV in place of JSON", |at| change(at, "format: csv", "format: ndjson"), "run x.yaml"),
    ("CSV in place of Parquet", |at| change(at, "format: csv", "format: parquet"), "run x.yaml"),
    ("another delimiter", |at| write(at, "log.csv", TABLE.replace(',', "~")), "run x.yaml"),
    ("no header", |at| write(at, "log.csv", TABLE.split_once('\n').map_or("", |(_, rows)| rows)), "run x.yaml"),
    (
        "a column twice, of which one is meant",
        |at| {
            write(at, "log.csv", TABLE.replacen("host", "user", 1));
            change(at, "sum: bytes", "distinct: host");
        },
        "run x.yaml",
    ),
    ("rows of unequal length", |at| write(at, "log.csv", format!("{TABLE}{}", "only,three,cells\n".repeat(3))), "run x.yaml"),
    ("a quote too few", |at| write(at, "log.csv", TABLE.replacen("a.example", "\"a.example", 1)), "run x.yaml"),
    ("no such time column", |at| change(at, "column: time", "column: tiem"), "run x.yaml"),
    ("times of another form", |at| write(at, "log.csv", TABLE.replace("2026-03-0", "Mon 03/0")), "run x.yaml"),
    ("a form that the times have not", |at| change(at, "column: time", "column: time, parse: '%d.%m.%Y'"), "run x.yaml"),
    ("a form that is none", |at| change(at, "column: time", "column: time, parse: '%Q'"), "run x.yaml"),
    ("another year", |at| write(at, "log.csv", TABLE.replace("2026", "2025")), "run x.yaml"),
    ("nothing before the cut", |at| change(at, "train_end: 2026-03-03", "train_end: 2026-03-02T09:00:00Z"), "run x.yaml"),
    ("a gzip file cut short", |at| packed(at, |bytes| bytes.truncate(bytes.len() / 2)), "run x.yaml"),
    (
        "a gzip file with a bit turned",
        |at| {
            packed(at, |bytes| {
                let at = bytes.len() - 6;
                bytes[at] ^= 1;
            })
        },
        "run x.yaml",
    ),
    (
        "numbers that are words",
        |at| write(at, "log.csv", TABLE.replace(",5,", ",five,").replace(",7,", ",n/a,").replace(",900,", ",many,")),
        "run x.yaml",
    ),
    (
        "a filter that leaves nothing",
        |at| change(at, "time: { column: time }", "time: { column: time }, where: \"user = 'zoe'\""),
        "run x.yaml",
    ),
    ("no label column", |at| change(at, "column: label", "column: lable"), "run x.yaml"),
    ("labels without a file", |at| labels(at, None), "run x.yaml"),
    ("an empty label file", |at| labels(at, Some("")), "run x.yaml"),
    ("labels without their columns", |at| labels(at, Some("who,when\nann,2026-03-03\n")), "run x.yaml"),
    (
        "a label that ends before it begins",
        |at| labels(at, Some("user,start,end,label\nann,2026-03-03T10:00:00Z,2026-03-03T09:00:00Z,1\n")),
        "run x.yaml",
    ),
    ("labels of an unknown entity", |at| labels(at, Some("user,start,end\nzoe,2026-03-03T10:00:00Z,2026-03-03T11:00:00Z\n")), "run x.yaml"),
    ("labels of another time form", |at| labels(at, Some("user,start,end\nann,yesterday,today\n")), "run x.yaml"),
    ("reference data without the key", |at| cmdb(at, "owner,site\nann,Lyon\n"), "run x.yaml"),
    ("reference data without a row", |at| cmdb(at, "user,site\n"), "run x.yaml"),
];

fn utf16(text: &str) -> Vec<u8> {
    "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}

/// The log packed, and the packed bytes spoilt.
fn packed(at: &Path, spoil: fn(&mut Vec<u8>)) {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
    packer.write_all(TABLE.as_bytes()).unwrap();
    let mut bytes = packer.finish().unwrap();
    spoil(&mut bytes);
    write(at, "log.csv.gz", bytes);
    change(at, "path: log.csv", "path: log.csv.gz");
}

fn labels(at: &Path, text: Option<&str>) {
    change(at, "column: label, benign: [0], complete: true", "path: labels.csv, complete: true");
    if let Some(text) = text {
        write(at, "labels.csv", text);
    }
}

fn cmdb(at: &Path, text: &str) {
    write(at, "cmdb.csv", text);
    change(at, "sources: {", "sources: { cmdb: { path: cmdb.csv, format: csv },");
    change(at, "baseline:", "enrich: [{ join: cmdb, on: { user: user } }]\nbaseline:");
}
