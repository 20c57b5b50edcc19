//! Each format on short texts, with values worked out by hand.

use super::*;

#[test]
fn elff_two_spaces_quotes_and_changing_fields() {
    let text = concat!(
        "#Software: SGOS 6.7\r\n#Fields: date time c-ip cs-username cs(User-Agent) cs(Referer) sc-status cs-host x-own\r\n",
        "2026-03-02 08:00:00 10.0.0.1 alice \"Mozilla/5.0  (X11)\" -  200 a.example 1\r\n",
        "2026-03-02 08:00:01 10.0.0.2 - \"say \"\"hi\"\"\" http://r/  - b.example -\r\n",
        "#Fields: time date sc-status cs-username\r\n",
        "09:00:00 2026-03-02 407 bob\r\n",
        "\r\n",
        "09:00:00 2026-03-02 407\r\n",
        "99:00:00 2026-03-02 407 eve\r\n",
    );
    let (frame, q) = read_text(text.as_bytes(), "{ path: '{path}', format: auto, max_malformed: 0.5 }").unwrap();
    adds_up(&q);
    assert_eq!((q.lines, q.header, q.malformed, q.no_time, q.rows), (9, 4, 1, 1, 3));
    assert_eq!((q.malformed_samples[0].line, q.malformed_samples[0].text.as_str()), (8, "09:00:00 2026-03-02 407"));
    let row = |i| ["timestamp", "user", "user_agent", "status", "host", "x-own", "url"].map(|name| text_of(&frame, name, i));
    assert_eq!(row(0), ["1772438400000000", "alice", "Mozilla/5.0  (X11)", "200", "a.example", "1", "a.example"]);
    assert_eq!(row(1), ["1772438401000000", "null", "say \"hi\"", "null", "b.example", "null", "b.example"]);
    assert_eq!(row(2), ["1772442000000000", "bob", "null", "407", "null", "null", "null"]);
    assert!(!q.synthetic);
}

fn text_of(frame: &DataFrame, name: &str, row: usize) -> String {
    super::text(frame, name, row)
}

#[test]
fn elff_times_in_a_zone_and_generated_data() {
    let text = b"#Software: gonogo demo generator\n#Fields: date time cs-username\n2026-07-01 12:00:00 a\n";
    let (frame, q) = read_text(text, "{ path: '{path}', format: elff, time: { column: timestamp, timezone: Europe/Paris } }").unwrap();
    assert_eq!(text_of(&frame, "timestamp", 0), "1782900000000000", "two hours before noon UTC");
    assert!(q.synthetic);
}

#[test]
fn iis_lines_with_stray_quotes() {
    let text = b"#Fields: date time cs-uri-stem cs-uri-query sc-status\n2026-03-02 08:00:00 /a \"><script> 404\n2026-03-02 08:00:00 /b q=\"x 200\n";
    let (frame, _) = read_text(text, "{ path: '{path}', format: elff }").unwrap();
    assert_eq!((text_of(&frame, "query", 0), text_of(&frame, "status", 1)), ("\"><script>".into(), "200".into()));
}

#[test]
fn iis_user_agents_and_times_in_brackets() {
    let text = concat!(
        "#Software: Microsoft Internet Information Services 10.0\n#Fields: date time cs(User-Agent) cs-uri-query\n2026-03-02 08:00:00 Mozilla/5.0+(X11) a+b\n",
        "#Software: SGOS 7\n#Fields: gmttime c-ip cs(User-Agent)\n[02/Mar/2026:08:00:01 GMT] 10.0.0.1 a+b\n[02/03/2026:09:00:02 +0100] 10.0.0.2 -\n[02/03/2026] 10.0.0.2 -\n",
    );
    let (frame, q) = read_text(text.as_bytes(), "{ path: '{path}', format: elff, max_malformed: 0.5 }").unwrap();
    adds_up(&q);
    assert_eq!((q.rows, q.malformed), (3, 1));
    let row = |i| ["timestamp", "user_agent", "query", "src_ip"].map(|name| text_of(&frame, name, i));
    assert_eq!(row(0), ["1772438400000000", "Mozilla/5.0 (X11)", "a+b", "null"]);
    assert_eq!(row(1), ["1772438401000000", "a+b", "null", "10.0.0.1"]);
    assert_eq!(row(2), ["1772438402000000", "null", "null", "10.0.0.2"]);
    // A block of its own knows the software that was named before it.
    let long = format!(
        "#Software: Microsoft Internet Information Services 10.0\n#Fields: date time cs(User-Agent)\n{}",
        "2026-03-02 08:00:00 a+b\n".repeat(60_000)
    );
    let (frame, _) = read_text(long.as_bytes(), "{ path: '{path}', format: elff }").unwrap();
    assert_eq!(text_of(&frame, "user_agent", 59_999), "a b");
}

#[test]
fn squid_lines() {
    let text = concat!(
        "1461576382.642    161 127.0.0.1 TCP_MISS/200 103701 GET http://www.cnn.com/a?b DOM%5cann DIRECT/199.27.79.73 text/html\n",
        "1461576382.643     -1 127.0.0.1 NONE_NONE/000 0 CONNECT x.org:8443 - HIER_NONE/- - [User-Agent: x] [a]\n",
        "1461576382.644      1 127.0.0.1 TCP_DENIED/403 10 GET http://a.b/c d e - HIER_NONE/- text/html\n",
    );
    let (frame, q) = read_text(text.as_bytes(), "{ path: '{path}', format: auto }").unwrap();
    assert_eq!((q.format.as_str(), q.rows), ("squid", 3));
    let row =
        |i| ["user", "action", "status", "host", "port", "path", "query", "duration_ms", "dst_ip"].map(|name| text_of(&frame, name, i));
    assert_eq!(row(0), ["DOM\\ann", "TCP_MISS", "200", "www.cnn.com", "80", "/a", "?b", "161.0", "199.27.79.73"]);
    assert_eq!(row(1), ["null", "NONE_NONE", "0", "x.org", "8443", "null", "null", "-1.0", "null"]);
    assert_eq!(text_of(&frame, "url", 2), "http://a.b/c d e");
}

#[test]
fn combined_lines() {
    let text = concat!(
        "www.x.org:443 10.0.0.1 - ann smith [10/Oct/2000:13:55:36 -0700] \"GET /a?b=1 HTTP/1.1\" 200 - \"-\" \"say \\\"hi\\\"\"\n",
        "10.0.0.1 - ann smith [10/Oct/2000:13:55:36 -0700] \"\\x16\\x03\" 400 166\n",
        "10.0.0.1 - - [10/Oct/2000:13:55:36 -0700] \"CONNECT a.b:443 HTTP/1.1\" 200 5 \"http://r/\" \"ua\" 0.123\n",
        "10.0.0.1 - - [10/Foo/2000:13:55:36 -0700] \"GET / HTTP/1.1\" 200 5\n",
    );
    let (frame, q) = read_text(text.as_bytes(), "{ path: '{path}', format: auto }").unwrap();
    adds_up(&q);
    assert_eq!((q.format.as_str(), q.rows, q.no_time), ("combined", 3, 1));
    let row = |i| ["timestamp", "user", "method", "host", "path", "query", "bytes_down", "user_agent"].map(|name| text_of(&frame, name, i));
    assert_eq!(row(0), ["971211336000000", "ann smith", "GET", "www.x.org", "/a", "?b=1", "0", "say \"hi\""]);
    assert_eq!(row(1), ["971211336000000", "ann smith", "null", "null", "null", "null", "166", "null"]);
    assert_eq!(row(2)[2..5], ["CONNECT", "a.b", "null"]);
}

#[test]
fn csv_types_nulls_and_quotes() {
    let text = "\u{feff}time;n;x;id;flag;text;\n1772438400;1;1.5;007;true;\"a;b\nc\";z\n1772438401;;2;08;False;-;\n\ntime;n;x;id;flag;text;\n1772438402;x;-;9;true;\"\";\n";
    let (frame, q) = read_text(text.as_bytes(), "{ path: '{path}', format: csv, time: { column: time, parse: epoch_s } }").unwrap();
    adds_up(&q);
    let types: Vec<String> = frame.columns().iter().map(|c| c.dtype().to_string()).collect();
    // One `x` among whole numbers makes text.
    assert_eq!(types, ["datetime[μs, UTC]", "str", "f64", "str", "bool", "str", "str"]);
    assert_eq!(frame.get_column_names_owned()[6], "column_7");
    assert_eq!((q.lines, q.header, q.rows), (6, 3, 3));
    assert_eq!(
        (text_of(&frame, "text", 0), text_of(&frame, "text", 1), text_of(&frame, "text", 2)),
        ("a;b\nc".into(), "-".into(), "null".into())
    );
    assert_eq!(text_of(&frame, "x", 2), "null");
}

#[test]
fn csv_options() {
    let yaml = "{ path: '{path}', format: csv, options: { header: false, columns: [a, b], delimiter: tab, nulls: ['-'], types: { b: text }, ragged: true } }";
    let (frame, q) = read_text(b"1\t2\n-\t3\textra\n4\n", yaml).unwrap();
    assert_eq!((q.rows, q.malformed), (3, 0));
    assert_eq!(strings(&frame, "a"), [Some("1".into()), None, Some("4".into())]);
    assert_eq!(strings(&frame, "b"), [Some("2".into()), Some("3".into()), None]);
    let error = read_text(b"a,b\n1,2\n", "{ path: '{path}', format: csv, options: { delimeter: ',' } }").unwrap_err();
    assert!(error.to_string().contains("options.delimeter: unknown field"), "{error}");
    let error = read_text(b"t,b\n1772438400,2\n", "{ path: '{path}', format: csv, time: { column: t } }").unwrap_err();
    assert!(error.hint().unwrap().contains("epoch_s"), "{error:?}");
}

#[test]
fn csv_lines_are_numbered_in_the_text() {
    let text = b"a,b\n\"x\ny\",1\n1\n2,2\n\"open,3\n";
    let (_, q) = read_text(text, "{ path: '{path}', format: csv, max_malformed: 1 }").unwrap();
    adds_up(&q);
    let samples: Vec<(u64, &str)> = q.malformed_samples.iter().map(|s| (s.line, s.reason.as_str())).collect();
    assert_eq!(samples, [(4, "expected 2 fields, found 1"), (6, "a quote is not closed")]);
}

#[test]
fn ndjson_flattens_and_types() {
    let text = concat!(
        "{\"_source\":{\"@timestamp\":\"2026-03-02T08:00:00Z\",\"user\":{\"name\":\"a\"},\"n\":1,\"f\":1,\"big\":18446744073709551615}}\n",
        "{\"_source\":{\"@timestamp\":\"2026-03-02T09:00:00+01:00\",\"user\":{\"name\":null},\"n\":\"7\",\"f\":2.5,\"tags\":[\"x\",\"y\"]}}\n",
        "not json\n",
    );
    let yaml = "{ path: '{path}', format: ndjson, max_malformed: 0.5, time: { column: '@timestamp' }, options: { unwrap: _source, types: { n: int, seldom: int } }, rename: { user.name: user } }";
    let (frame, q) = read_text(text.as_bytes(), yaml).unwrap();
    adds_up(&q);
    assert_eq!((q.rows, q.malformed), (2, 1));
    let row = |i| ["@timestamp", "user", "n", "f", "big", "tags", "seldom"].map(|name| text_of(&frame, name, i));
    assert_eq!(row(0), ["1772438400000000", "a", "1", "1.0", "18446744073709551615", "null", "null"]);
    assert_eq!(row(1), ["1772438400000000", "null", "7", "2.5", "null", "x,y", "null"]);
}

#[test]
fn zeek_escapes_intervals_and_headers() {
    let text = concat!(
        "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tconn\n",
        "#fields\tts\tuid\tid.orig_h\tduration\torig_bytes\tlocal_orig\ttags\n#types\ttime\tstring\taddr\tinterval\tcount\tbool\tset[string]\n",
        "1714420737.556099\tC1\t10.0.0.1\t3.028503\t700\tT\ta\\x2cb\\\\\n",
        "#close\t2024-04-29-17-00-00\n",
        "#fields\tuid\tts\tid.orig_h\n#types\tstring\ttime\taddr\n",
        "C2\t1714420738.000001\t-\n",
        "C3\t1714420738.000001\n",
    );
    let (frame, q) = read_text(text.as_bytes(), "{ path: '{path}', format: auto, max_malformed: 0.5 }").unwrap();
    adds_up(&q);
    assert_eq!((q.format.as_str(), q.rows, q.malformed), ("zeek", 2, 1));
    let row = |i| ["timestamp", "uid", "src_ip", "duration_ms", "bytes_up", "local_orig", "tags"].map(|name| text_of(&frame, name, i));
    assert_eq!(row(0), ["1714420737556099", "C1", "10.0.0.1", "3028.503", "700", "true", "a,b\\"]);
    assert_eq!(row(1), ["1714420738000001", "C2", "null", "null", "null", "null", "null"]);
}

#[test]
fn zeek_logs_of_any_type_in_both_forms() {
    // A log of types that http, conn, dns and ssl do not have, with other separators.
    let text = concat!(
        "#separator |\n#set_separator|;\n#empty_field|EMPTY\n#unset_field|~\n#path|files\n",
        "#fields|ts|fuid|uid|id.orig_h|id.orig_p|source|analyzers|seen|timedout|sizes|duration\n",
        "#types|time|string|string|addr|port|enum|set[string]|count|bool|vector[count]|interval\n",
        "1772438400.000001|F1|C1|10.0.0.1|5|HTTP|MD5;SHA1|18446744073|T|1;2|0.250000\n",
        "1772438401.500000|F2|C2|2001:db8::1|6|a\\x7cb|EMPTY|0|F|~|~\n",
        "#close|2026-03-02-09-00-00\n",
    );
    let json = concat!(
        r#"{"ts":1772438400.000001,"fuid":"F1","uid":"C1","id.orig_h":"10.0.0.1","id.orig_p":5,"source":"HTTP","analyzers":["MD5","SHA1"],"seen":18446744073,"timedout":true,"sizes":[1,2],"duration":0.25}"#,
        "\n",
        r#"{"ts":1772438401.5,"fuid":"F2","uid":"C2","id.orig_h":"2001:db8::1","id.orig_p":6,"source":"a|b","analyzers":[],"seen":0,"timedout":false}"#,
        "\n",
    );
    let (a, q) = read_text(text.as_bytes(), "{ path: '{path}', format: auto }").unwrap();
    adds_up(&q);
    assert_eq!((q.format.as_str(), q.header, q.malformed), ("zeek", 8, 0));
    let (b, q) = read_text(json.as_bytes(), "{ path: '{path}', format: auto }").unwrap();
    assert_eq!(q.format, "zeek");
    assert!(a.equals_missing(&b), "{a:?} {b:?}");
    let row =
        |i| ["src_ip", "src_port", "source", "analyzers", "seen", "timedout", "sizes", "duration_ms"].map(|name| text_of(&a, name, i));
    assert_eq!(row(0), ["10.0.0.1", "5", "HTTP", "MD5,SHA1", "18446744073", "true", "1,2", "250.0"]);
    assert_eq!(row(1), ["2001:db8::1", "6", "a|b", "null", "0", "false", "null", "null"]);
}

#[test]
fn wrong_formats_say_what_it_looks_like() {
    let squid = b"1461576382.642    161 127.0.0.1 TCP_MISS/200 103701 GET http://www.cnn.com/ - DIRECT/199.27.79.73 text/html\n";
    for format in ["elff", "combined", "zeek", "ndjson", "parquet"] {
        let error = read_text(squid, &format!("{{ path: '{{path}}', format: {format} }}")).unwrap_err();
        assert!(error.to_string().contains("its first line is `1461576382.642"), "{error}");
        assert!(error.hint().unwrap().contains("`format: squid`"), "{format}: {error:?}");
    }
    let error = read_text(squid, "{ path: '{path}', format: sqid }").unwrap_err();
    assert_eq!(error.hint(), Some("did you mean `squid`?"));
    assert!(read_text(b"", "{ path: '{path}' }").unwrap_err().to_string().contains("is empty"));
    assert!(read_text(b"free text\n", "{ path: '{path}' }").unwrap_err().to_string().contains("of no format that is known"));
}

#[test]
fn missing_columns_are_errors_with_near_names() {
    let csv = b"user,host,bytes\na,b,1\n";
    let error = |more: &str| read_text(csv, &format!("{{ path: '{{path}}', format: csv, {more} }}")).unwrap_err();
    assert_eq!(error("require: [hosts]").hint(), Some("did you mean `host`?"));
    assert_eq!(error("time: { column: bites }").to_string(), "source `s`: there is no time column `bites`");
    assert_eq!(error("rename: { nothing: x }").hint(), Some("it has `user`, `host`, `bytes`"));
    assert!(error("rename: { user: host }").to_string().contains("two columns the name `host`"));
}

#[test]
fn a_file_without_the_header_of_the_others_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("a.csv"), "user,n\na,1\n").unwrap();
    fs::write(dir.path().join("b.csv"), "b,2\nc,3\n").unwrap();
    let error = Source::open("s", &spec("*.csv", "csv"), dir.path()).unwrap_err().to_string();
    assert!(error.contains("no column in common") && error.contains("begins with `b,2`"), "{error}");
    let error = read_text(
        b"#Fields: date time\n2026-03-02 08:00:00\n",
        "{ path: '{path}', format: elff, time: { column: timestamp, parse: epoch_s } }",
    );
    assert!(error.unwrap_err().to_string().contains("has no meaning for `elff`"));
}

#[test]
fn every_format_documents_itself() {
    for format in FORMATS {
        let text = format.documentation();
        for heading in ["# Layout", "# Traps", "# Columns"] {
            assert!(text.contains(heading), "{} lacks {heading}", format.id);
        }
        for (column, _) in format.columns {
            assert!(text.contains(&format!("`{column}`")), "{} does not name {column}", format.id);
        }
        for (own, canonical, _) in format.names {
            assert!(
                text.contains(&format!("`{own}`")) && text.contains(&format!("\n- `{canonical}`: `")),
                "{} does not tell {own}",
                format.id
            );
        }
        assert!(serde_json::to_string(&(format.schema)()).unwrap().contains("Options"));
    }
}

#[test]
fn parquet_by_row_groups_with_window() {
    use polars_io::parquet::write::ParquetWriter;
    let dir = tempfile::tempdir().unwrap();
    let times: Vec<i64> = (0..1_000).map(|i| 1_772_438_400_000 + i * 1_000).collect();
    let users: Vec<Option<String>> = (0..1_000).map(|i| (i % 3 > 0).then(|| format!("u{i}"))).collect();
    for (name, from) in [("b.parquet", 500), ("a.parquet", 0)] {
        let mut frame =
            polars::df!("t" => &times[from..from + 500], "user" => &users[from..from + 500], "n" => (0..500i32).collect::<Vec<_>>())
                .unwrap();
        ParquetWriter::new(fs::File::create(dir.path().join(name)).unwrap()).with_row_group_size(Some(100)).finish(&mut frame).unwrap();
    }
    let spec: spec::Source = serde_yaml::from_str("{ path: '.', time: { column: t, parse: epoch_ms } }").unwrap();
    let source = Source::open("p", &spec, dir.path()).unwrap();
    assert_eq!((source.format().id, source.time()), ("parquet", Some("t")));
    let plan = ReadPlan { window: Some((times[10] * 1_000, times[990] * 1_000)), ..ReadPlan::default() };
    let (frame, q) = source.read_table(&plan, &Silent).unwrap();
    adds_up(&q);
    assert_eq!((q.lines, q.outside_window, q.rows), (1_000, 20, 980));
    assert_eq!((text_of(&frame, "user", 0), text_of(&frame, "t", 979)), ("u10".into(), (times[989] * 1_000).to_string()));
    assert_eq!(frame.column("n").unwrap().dtype(), &DataType::Int64);
    assert_eq!(q.files.len(), 2);
}

#[test]
fn a_damaged_footer_of_parquet_ends_in_an_error() {
    use polars_io::parquet::write::ParquetWriter;
    let dir = tempfile::tempdir().unwrap();
    let mut frame = polars::df!("user" => ["ann", "bob", "ann"], "bytes" => [1i64, 2, 3], "up" => [true, false, true]).unwrap();
    let path = dir.path().join("x.parquet");
    ParquetWriter::new(fs::File::create(&path).unwrap()).finish(&mut frame).unwrap();
    let whole = fs::read(&path).unwrap();
    let footer = u32::from_le_bytes(whole[whole.len() - 8..whole.len() - 4].try_into().unwrap()) as usize;
    let spec: spec::Source = serde_yaml::from_str("{ path: x.parquet, format: parquet }").unwrap();
    let mut told = 0;
    for place in whole.len() - 8 - footer..whole.len() - 8 {
        for flipped in [0x01, 0x02, 0x04, 0x10] {
            let mut damaged = whole.clone();
            damaged[place] ^= flipped;
            fs::write(&path, damaged).unwrap();
            // Where polars ends in a panic, and where it ends in an error.
            told += usize::from(Source::open("s", &spec, dir.path()).is_err_and(|error| error.to_string().contains("it is damaged")));
        }
    }
    assert!(told > 0, "no flip meets what is guarded against");
}

#[test]
fn damaged_page_headers_of_parquet_end_in_an_error_before_polars_sees_them() {
    use polars_io::parquet::write::{ParquetCompression, ParquetWriter};
    let dir = tempfile::tempdir().unwrap();
    let rows = 300_i64;
    let mut frame = polars::df!(
        "user" => (0..rows).map(|i| format!("user-{}", i % 7)).collect::<Vec<_>>(),
        "bytes" => (0..rows).collect::<Vec<_>>(),
        "up" => (0..rows).map(|i| (i % 3 > 0).then_some(i % 2 == 0)).collect::<Vec<_>>()
    )
    .unwrap();
    let path = dir.path().join("x.parquet");
    ParquetWriter::new(fs::File::create(&path).unwrap()).with_compression(ParquetCompression::Uncompressed).finish(&mut frame).unwrap();
    let whole = fs::read(&path).unwrap();
    let spec: spec::Source = serde_yaml::from_str("{ path: x.parquet, format: parquet }").unwrap();
    let source = Source::open("s", &spec, dir.path()).unwrap();
    assert_eq!(source.read_table(&ReadPlan::default(), &Silent).unwrap().1.rows, 300);
    // The number of values of a page, in the compact protocol: 300 is 600 in zigzag, 0xd8 0x04; its lowest bit is the sign.
    let places: Vec<usize> = (5..whole.len() - 1).filter(|at| whole[*at - 1] == 0x15 && whole[*at..*at + 2] == [0xd8, 0x04]).collect();
    let mut told = Vec::new();
    for place in places {
        for (at, flipped) in [(place, 0x01), (place, 0x02), (place + 1, 0x78)] {
            let mut damaged = whole.clone();
            damaged[at] ^= flipped;
            fs::write(&path, &damaged).unwrap();
            let read = source.read_table(&ReadPlan::default(), &Silent);
            if let Err(error) = read {
                told.push(error.to_string());
            }
        }
    }
    assert!(told.iter().filter(|told| told.contains("it is damaged, it names")).count() >= 9, "three columns: {told:?}");
    assert!(told.iter().any(|told| told.contains("a page of -301 values")), "{told:?}");
}

/// `narrow.parquet` was written by pyarrow 25: numbers of 8, 16 and 32 bits, dictionaries of text and of numbers, a structure.
#[test]
fn narrow_numbers_and_dictionaries_of_parquet_are_read() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let spec: spec::Source = serde_yaml::from_str("{ path: narrow.parquet, time: { column: t } }").unwrap();
    let source = Source::open("s", &spec, &folder).unwrap();
    let names: Vec<&str> = source.columns().iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["t", "i8", "i16", "u8", "u16", "u32", "user", "code", "day", "large", "nested.a"]);
    let (frame, quality) = read_all(&source);
    assert_eq!((quality.rows, quality.no_time), (6, 0));
    let shown =
        |name: &str| strings(&frame, name).into_iter().map(|value| value.unwrap_or_else(|| "null".into())).collect::<Vec<_>>().join(" ");
    // Wall-clock eight o'clock that pyarrow took for UTC, shown in Paris: the moment is the same.
    assert_eq!(text(&frame, "t", 1), "1772438401000000");
    for (name, values) in [
        ("i8", "-128 127 null 0 1 -1"),
        ("i16", "-32768 32767 null 0 1 -1"),
        ("u8", "0 255 null 1 2 3"),
        ("u16", "0 65535 null 1 2 3"),
        ("u32", "0 4294967295 null 1 2 3"),
        ("code", "7 8 null 7 7 9"),
        ("user", "ann bob null ann ann eve"),
        ("large", "x null y x x z"),
    ] {
        assert_eq!(shown(name), values, "{name}");
    }
    assert_eq!(frame.column("i8").unwrap().dtype(), &DataType::Int64);
}

/// `ocsf.parquet` was written by `ocsf.py` beside it, with pyarrow 25.
#[test]
fn values_inside_of_structures_of_parquet_are_columns() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let yaml = "{ path: ocsf.parquet, time: { column: time, parse: epoch_ms }, rename: { src_endpoint.ip: src_ip, http_request.url.hostname: host } }";
    let spec: spec::Source = serde_yaml::from_str(yaml).unwrap();
    let source = Source::open("s", &spec, &folder).unwrap();
    let (frame, quality) = read_all(&source);
    assert_eq!((quality.lines, quality.rows), (4, 4));
    let shown =
        |name: &str| strings(&frame, name).into_iter().map(|value| value.unwrap_or_else(|| "null".into())).collect::<Vec<_>>().join(" ");
    let expected = [
        ("activity_id", "3 3 null -1"),
        ("metadata.version", "1.1.0 1.1.0 null null"),
        ("metadata.product.name", "Proxy null null Proxy"),
        ("src_ip", "10.0.0.7 null 10.0.0.8 null"),
        ("src_endpoint.port", "50000 null null 1"),
        ("src_endpoint.location.country", "FR null null null"),
        ("http_request.http_method", "GET POST null null"),
        ("host", "example.org null null example.net"),
        ("http_request.url.port", "443 null null null"),
        // Always there where `traffic` is.
        ("traffic.bytes_out", "100 null 0 7"),
    ];
    for (name, values) in expected {
        assert_eq!(shown(name), values, "{name}");
    }
    // Lists and maps are left out.
    let names: BTreeSet<&str> = source.columns().iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, expected.iter().map(|(name, _)| *name).chain(["time"]).collect());
    // Of columns inside of structures only those that are asked for are read.
    let plan = ReadPlan { columns: Some(["host".to_owned()].into()), ..ReadPlan::default() };
    let (narrow, _) = source.read_table(&plan, &Silent).unwrap();
    assert_eq!(narrow.get_column_names(), ["time", "host"]);
    assert_eq!(strings(&narrow, "host"), strings(&frame, "host"));
}
