//! Logs that are not read by themselves: what their owners are told works when it is typed.

use super::*;

/// Reads a text as the advice says.
fn advised(text: &str) -> (Advice, DataFrame, SourceQuality) {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("x.log"), text).unwrap();
    let mut spec = spec("x.log", "auto");
    let error = Source::open("s", &spec, dir.path()).unwrap_err();
    let advice = advise(&spec, dir.path()).unwrap();
    assert!(error.hint().unwrap().contains(&advice.typed()), "{error:?}");
    advice.put_into(&mut spec);
    let (frame, quality) = Source::open("s", &spec, dir.path()).unwrap().read_table(&ReadPlan::default(), &Silent).unwrap();
    (advice, frame, quality)
}

#[test]
fn free_text_with_times_is_read_as_the_hint_says() {
    let (_, frame, quality) = advised(
        "[Sun Dec 04 04:47:44 2005] [notice] workerEnv.init() ok\n\
         [Sun Dec 04 04:51:08 2005] [error] [client 10.1.2.3] Directory index forbidden\n\
         [Mon Mar 02 08:09:10.123456 2026] [core:info] [pid 7:tid 9] [client 2001:db8::1:4433] AH00128: no file\n",
    );
    assert_eq!((quality.rows, quality.no_time), (3, 0));
    assert_eq!(strings(&frame, "src_ip"), [None, Some("10.1.2.3".into()), Some("2001:db8::1".into())]);
    assert_eq!(text(&frame, "level", 2), "core:info");
    let (_, frame, quality) =
        advised("2026-03-02 08:09:10,978 INFO [main] org.example: started\n2026-03-02 08:09:11,000 WARN [main] org.example: slow, very\n");
    assert_eq!((quality.rows, text(&frame, "level", 1).as_str()), (2, "WARN"));
    assert_eq!(text(&frame, "timestamp", 0), "1772438950978000");
    let (advice, frame, quality) = advised(
        "[2026.03.02 08:09:10] chrome.exe - www.example.com:443 open through proxy p.example.com:8080 HTTPS\n\
         [2026.03.02 08:09:11] One Drive.exe *64 - www.example.com:443 close, 1190 bytes (1.16 KB) sent, 1671 bytes (1.63 KB) received, lifetime 00:02\n",
    );
    assert_eq!((advice.parse, quality.rows), (Some("%Y.%m.%d %H:%M:%S"), 2));
    assert_eq!(strings(&frame, "program"), [Some("chrome.exe".into()), Some("One Drive.exe *64".into())]);
    assert_eq!(
        (strings(&frame, "host")[1].as_deref(), sum(&frame, "bytes_up"), sum(&frame, "bytes_down")),
        (Some("www.example.com"), 1_190.0, 1_671.0)
    );
    let (advice, _, quality) = advised("1772438950.123 first thing\n1772438951.5 second thing\n");
    assert_eq!((advice.parse, quality.rows, quality.no_time), (Some("epoch_s"), 2, 0));
}

#[test]
fn every_pattern_that_is_advised_is_taken_by_the_format() {
    for pattern in super::super::advice::patterns() {
        let yaml =
            serde_yaml::to_string(&serde_json::json!({ "path": "x", "format": "regex", "options": { "pattern": pattern } })).unwrap();
        let spec: spec::Source = serde_yaml::from_str(&yaml).unwrap();
        let setup = Setup { options: spec.options.as_ref(), time: None, format: "regex" };
        assert!((regex::FORMAT.build)(&setup).is_ok(), "{pattern}");
    }
}

#[test]
fn text_without_a_time_is_told_a_pattern_to_begin_with() {
    let hint = |text: &str| read_text(text.as_bytes(), "{ path: '{path}' }").unwrap_err().hint().unwrap().to_owned();
    let said = hint("[10.30 16:49:06] chrome.exe - proxy.example.org:5070 open through proxy\n");
    assert!(said.contains("format: regex") && said.contains("(?<host_port>") && said.contains("name no year"), "{said}");
    assert!(hint("hello world\nthis is text\n").contains(r"(?<first>\S+)\s+(?<message>.*)$"));
    // Rows without a header are no header.
    let said = hint("2026-03-02 08:00:00,ann,10\n2026-03-02 08:00:01,bob,20\n");
    assert!(said.contains("header: false, delimiter: ',', columns: [c1, c2, c3]"), "{said}");
    let (frame, _) = read_text(
        b"2026-03-02 08:00:00,ann,10\n",
        "{ path: '{path}', format: csv, options: { header: false, delimiter: ',', columns: [c1, c2, c3] } }",
    )
    .unwrap();
    assert_eq!((frame.height(), text(&frame, "c2", 0).as_str()), (1, "ann"));
}

const CONN: &str = "#separator \\x09\n#path\tconn\n#fields\tts\tuid\tid.orig_h\tconn_state\n#types\ttime\tstring\taddr\tstring\n1772438950.0\tC1\t10.0.0.1\tSF\n";
const DNS: &str = "#separator \\x09\n#path\tdns\n#fields\tts\tuid\tid.orig_h\tquery\n#types\ttime\tstring\taddr\tstring\n1772438950.0\tC1\t10.0.0.1\texample.com\n";

#[test]
fn several_logs_of_zeek_are_no_source() {
    let opened = |files: &[(&str, &str)]| {
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in files {
            fs::write(dir.path().join(name), text).unwrap();
        }
        Source::open("s", &spec("*.log", "auto"), dir.path()).map(drop)
    };
    let error = opened(&[("conn.log", CONN), ("dns.log", DNS)]).unwrap_err();
    assert!(error.to_string().contains("of 2 logs of Zeek") && error.to_string().contains("`dns.log`"), "{error}");
    assert!(error.hint().unwrap().contains("`events: [conn, dns]`"), "{error:?}");
    assert!(opened(&[("all.log", &format!("{CONN}{DNS}"))]).is_err(), "one behind the other");
    let json = |log: &str, sign: &str| format!("{{\"ts\": 1772438950.0, \"uid\": \"C1\"{log}, \"{sign}\": 1}}\n");
    assert!(opened(&[("a.log", &json("", "conn_state")), ("b.log", &json("", "trans_id"))]).is_err(), "JSON, by its fields");
    assert!(
        opened(&[("a.log", &json(", \"_path\": \"x509\"", "a")), ("b.log", &json(", \"_path\": \"smtp\"", "b"))]).is_err(),
        "JSON, by `_path`"
    );
    // What is one log: a field more after an update, another name by a filter, a stream of all logs in each file.
    opened(&[
        ("a.log", CONN),
        (
            "b.log",
            &CONN.replace("conn_state\n", "conn_state\tlocal_orig\n").replace("\tstring\n", "\tstring\tbool\n").replace("SF\n", "SF\tT\n"),
        ),
    ])
    .unwrap();
    opened(&[("a.log", CONN), ("b.log", &CONN.replace("#path\tconn", "#path\tconn_eth1"))]).unwrap();
    let stream = json(", \"_path\": \"conn\"", "a") + &json(", \"_path\": \"dns\"", "b");
    opened(&[("a.log", &stream), ("b.log", &json(", \"_path\": \"dns\"", "b"))]).unwrap();
}

#[test]
fn archives_are_called_so_with_what_to_type() {
    let told = |bytes: &[u8]| {
        let error = read_text(bytes, "{ path: '{path}' }").unwrap_err();
        (error.to_string(), error.hint().unwrap().to_owned())
    };
    // The header of a tar archive of one file, as ustar writes it.
    let mut tar = vec![0_u8; 1_024];
    tar[..8].copy_from_slice(b"logs/a.l");
    tar[257..263].copy_from_slice(b"ustar\0");
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    std::io::Write::write_all(&mut packed, &tar).unwrap();
    for bytes in [tar, packed.finish().unwrap()] {
        let (said, hint) = told(&bytes);
        assert!(said.contains("it is a tar archive") && hint.contains("tar -xf ") && hint.contains("path: logs/*"), "{said} {hint}");
    }
    let (said, hint) = told(b"PK\x03\x04\x14\0\0\0\x08\0name.log");
    assert!(said.contains("it is a ZIP archive") && hint.contains("unzip "), "{said} {hint}");
    let (said, hint) = told(b"PK\x03\x04\x14\0\0\0\x08\0[Content_Types].xml");
    assert!(said.contains("a spreadsheet") && hint.contains("save a spreadsheet as CSV"), "{said} {hint}");
    assert!(told(b"\xfd7zXZ\0\0\x04").1.contains("xz -dk "));
    assert!(told(b"7z\xbc\xaf\x27\x1c\0\x04").0.contains("7z archive"));
}

#[test]
fn a_header_that_lacks_a_name_is_told_before_any_row() {
    let error = read_text(b"#Fields: date time c-ip sc-status\n2026-03-02 08:00:00 10.0.0.1 GET 200\n", "{ path: '{path}' }").unwrap_err();
    assert!(error.to_string().contains("names 4 fields, and its lines have 5"), "{error}");
    assert!(error.hint().unwrap().contains("name all 5 fields"), "{error:?}");
    // Where some lines fit, the others are malformed and counted.
    let text = b"#Fields: date time c-ip sc-status\n2026-03-02 08:00:00 10.0.0.1 GET 200\n2026-03-02 08:00:00 10.0.0.1 200\n";
    let (_, quality) = read_text(text, "{ path: '{path}', max_malformed: 0.5 }").unwrap();
    assert_eq!((quality.rows, quality.malformed), (1, 1));
}
