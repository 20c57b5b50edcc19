//! EVTX files: `tests/fixtures/evtx/security.evtx`, whose maker says what is in it and how it was checked, whole and damaged.

use std::io::Write as _;

use super::{events::rows, *};

const FILE: &[u8] = include_bytes!("../../../tests/fixtures/evtx/security.evtx");
/// Where the chunks begin, and the first record of the first.
const CHUNKS: [usize; 2] = [4_096, 4_096 + 65_536];
const RECORD: usize = CHUNKS[0] + 512;

fn read(bytes: &[u8], allowed: f64) -> Result<(DataFrame, SourceQuality)> {
    let read = read_text(bytes, &format!("{{ path: '{{path}}', format: auto, max_malformed: {allowed} }}"));
    if let Ok((_, q)) = &read {
        adds_up(q);
    }
    read
}

/// What the samples say of lines that were lost.
fn lost(bytes: &[u8]) -> (u64, String) {
    let (_, q) = read(bytes, 1.0).unwrap();
    (q.rows, q.malformed_samples.iter().map(|sample| sample.text.as_str()).collect::<Vec<_>>().join("\n"))
}

#[test]
fn events_of_two_chunks() {
    let (frame, q) = read(FILE, 0.0).unwrap();
    assert_eq!((q.format.as_str(), q.rows, q.malformed), ("winlog", 6, 0));
    let names = ["timestamp", "event_id", "action", "user", "src_ip", "src_port", "src_host", "host", "method", "logon_type"];
    // 2026-03-02 08:00 UTC.
    let eight = 1_772_438_400_000_000_i64;
    let row = |micros: i64, rest: [&str; 9]| -> [String; 10] {
        std::array::from_fn(|i| if i == 0 { (eight + micros).to_string() } else { rest[i - 1].into() })
    };
    let host = "DC01.corp.example";
    assert_eq!(
        rows(&frame, names),
        [
            row(250_000, ["4624", "success", "ann", "10.0.0.7", "50123", "PC-7", host, "Kerberos", "3"]),
            row(5_000_001, ["4625", "failure", "bob", "null", "50123", "PC-8", host, "Kerberos", "2"]),
            row(60_000_000, ["4624", "success", "bérénice", "10.0.0.9", "50123", "PC-9", host, "Kerberos", "10"]),
            row(3_600_000_000, ["4776", "failure", "carl", "null", "null", "PC-10", host, "null", "null"]),
            row(3_601_000_000, ["4634", "logoff", "ann", "null", "null", "null", host, "null", "3"]),
            row(3_602_000_000, ["1102", "null", "root", "null", "null", "null", host, "null", "null"]),
        ]
    );
}

#[test]
fn a_file_that_is_packed_once_more_gives_the_same_events() {
    let (plain, q) = read(FILE, 0.0).unwrap();
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gz.write_all(FILE).unwrap();
    let gz = gz.finish().unwrap();
    for packed in [&gz, &zstd::stream::encode_all(FILE, 3).unwrap()] {
        let (frame, packed) = read(packed, 0.0).unwrap();
        assert!(frame.equals_missing(&plain));
        assert_eq!((packed.format.as_str(), packed.rows, packed.malformed), (q.format.as_str(), q.rows, 0));
    }
    let error = read(&gz[..gz.len() / 2], 1.0).unwrap_err().to_string();
    assert!(error.contains("x.log` (gzip) is cut short"), "{error}");
    // What is in it ends too early, what it is packed in does not.
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gz.write_all(&FILE[..CHUNKS[1] - 7]).unwrap();
    let error = read(&gz.finish().unwrap(), 1.0).unwrap_err().to_string();
    assert!(error.contains("is cut short"), "{error}");
}

#[test]
fn a_file_that_is_cut_short_is_an_error_with_its_place() {
    for (cut, at) in [(CHUNKS[1], CHUNKS[1]), (FILE.len() - 1, FILE.len() - 1), (RECORD + 100, RECORD + 100), (8, 8), (4_096, 4_096)] {
        let error = read(&FILE[..cut], 1.0).unwrap_err().to_string();
        assert!(error.contains("x.log` (evtx) is cut short") && error.contains(&format!("at byte {at} ")), "{cut}: {error}");
    }
}

#[test]
fn damage_is_counted_with_its_place() {
    // A value of the first chunk: the letters of `ann`.
    let ann: Vec<u8> = "ann".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let value = FILE.windows(6).position(|bytes| bytes == ann).unwrap();
    let mut damaged = FILE.to_vec();
    damaged[value] = b'x';
    let (rows, text) = lost(&damaged);
    assert_eq!((rows, text.lines().count()), (6, 1));
    assert!(text.starts_with("evtx: byte 4096: a chunk whose checksum does not fit"), "{text}");
    // Of a file that was not closed, checksums are old.
    damaged[120] |= 1;
    assert_eq!(lost(&damaged), (6, String::new()));

    let mut damaged = FILE.to_vec();
    damaged[120] |= 1;
    damaged[CHUNKS[0]] = 0;
    let (rows, text) = lost(&damaged);
    assert_eq!((rows, text.as_str()), (3, "evtx: byte 4096: a chunk that does not begin with `ElfChnk`: its events are lost"));

    let mut damaged = FILE.to_vec();
    damaged[120] |= 1;
    damaged[RECORD] = b'x';
    let (rows, text) = lost(&damaged);
    assert_eq!(rows, 3);
    assert!(text.starts_with(&format!("evtx: byte {RECORD}: an event that is damaged")), "{text}");

    // The mark after the fragment header of the first event.
    let mut damaged = FILE.to_vec();
    damaged[120] |= 1;
    damaged[RECORD + 24 + 4] = 0x1f;
    let (rows, text) = lost(&damaged);
    assert_eq!(rows, 5);
    assert!(text.starts_with(&format!("evtx: byte {RECORD}: event 101 cannot be read: a mark")), "{text}");
    // By default so much is too much.
    assert!(read_text(&damaged, "{ path: '{path}', format: winlog }").unwrap_err().to_string().contains("event 101 cannot be read"));
}

#[test]
fn a_chunk_that_lost_its_end_says_so() {
    let mut short = FILE.to_vec();
    // The chunk says that its records end after the first, and its checksum is not looked at.
    let size = u32::from_le_bytes(short[RECORD + 4..RECORD + 8].try_into().unwrap());
    short[CHUNKS[0] + 48..CHUNKS[0] + 52].copy_from_slice(&(512 + size).to_le_bytes());
    short[CHUNKS[0] + 120] |= 4;
    let (rows, text) = lost(&short);
    assert_eq!(rows, 4);
    assert!(text.contains("a chunk that ends with event 101, and should end with 103"), "{text}");
}

#[test]
fn templates_inside_themselves_end() {
    // The definition of the first template begins with an instance of itself, again and again.
    let mut hostile = FILE.to_vec();
    hostile[120] |= 1;
    let definition = u32::from_le_bytes(hostile[RECORD + 24 + 4 + 6..][..4].try_into().unwrap());
    let body = CHUNKS[0] + definition as usize + 24;
    let mut instance = vec![0x0c, 1, 0, 0, 0, 0];
    instance.extend(definition.to_le_bytes());
    instance.extend(0u32.to_le_bytes());
    for place in 0..40 {
        hostile[body + place * instance.len()..][..instance.len()].copy_from_slice(&instance);
    }
    let (rows, text) = lost(&hostile);
    assert!(rows < 6 && text.contains("too deep inside each other"), "{rows} {text}");
}

proptest! {
    #[test]
    fn whatever_the_bytes_nothing_panics(places in prop::collection::vec((4_096usize..8_192, any::<u8>()), 1..20)) {
        let mut bytes = FILE.to_vec();
        bytes[120] |= 1;
        for (place, byte) in places {
            bytes[place] = byte;
        }
        let (_, q) = read(&bytes, 1.0).unwrap();
        prop_assert!(q.rows >= 3, "the second chunk is whole");
    }
}

/// Files of a folder, where it is said, read as another reader reads them: `GONOGO_EVTX=FOLDER`, `FILE.evtx` beside `FILE.rows` with their number.
#[test]
fn real_files_where_there_are_some() {
    let Ok(folder) = std::env::var("GONOGO_EVTX") else {
        // Past the test runner, which keeps what a test that passes prints to itself.
        let _ = std::io::Write::write_all(&mut std::io::stderr(), b"skipped: no GONOGO_EVTX\n");
        return;
    };
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "evtx") {
            let rows: u64 = fs::read_to_string(path.with_extension("rows")).unwrap().trim().parse().unwrap();
            let (frame, q) = read(&fs::read(&path).unwrap(), 0.0).unwrap();
            println!("{}: {} rows, {:?}", path.display(), q.rows, frame.get_column_names());
            assert_eq!(q.rows, rows, "{}", path.display());
        }
    }
}
