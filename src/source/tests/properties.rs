//! What holds for any input: nothing panics, counts add up, rows do not depend on files, blocks, batches, or threads.

use std::io::Write;

use super::*;

/// The formats, and the options that those have which need some.
fn formats() -> Vec<(&'static str, &'static str)> {
    let options = |id| match id {
        "eve" => ", options: { event_type: http }",
        "regex" => ", options: { pattern: '^(?<src_ip>[^ ]+) (?<url>.*)' }",
        _ => "",
    };
    let formatted = [
        ("squid", ", options: { logformat: combined }"),
        ("squid", ", options: { logformat: squid }"),
        ("zscaler", ", options: { template: '%s{time}\\t%s{elogin}\\t%d{reqsize}' }"),
        ("elff", ", envelope: rfc5424, options: { fields: 'date time cs-username' }"),
        ("csv", ", envelope: { form: rfc3164, year: 2026, app: gw }"),
        ("combined", ", envelope: auto"),
        ("combined", ", options: { log_format: '%h %l %u %t \"%r\" %>s %b' }"),
        ("auto", ""),
    ];
    FORMATS.iter().map(|format| (format.id, options(format.id))).chain(formatted).collect()
}

/// Lines that are nearly of some format.
fn line() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("#Fields: date time c-ip cs-username sc-status cs-bytes".to_owned()),
        Just("#Fields: time date cs-uri".to_owned()),
        Just("#separator \\x09".to_owned()),
        Just("#fields\tts\tuid\tid.orig_h\turi".to_owned()),
        "2026-0[1-9]-0[0-9] [0-2][0-9]:00:00 10.0.0.[0-9] (-|[a-c]|\"[a ]{0,3}\"?) (-|200|x)  [0-9]{1,3}",
        "[12][0-9]{9}\\.[0-9]{3}  [0-9]{1,4} 10.0.0.1 TCP_MISS/[0-9]{3} [0-9]{1,4} GET http://a/[a-c?]{0,3} - DIRECT/[0-9-] -",
        "10.0.0.1 - (-|[a-c]) \\[[0-3][0-9]/Mar/2026:08:00:00 \\+0[0-9]00\\] \"GET /[a\\\\\"]{0,3} HTTP/1.1\" [0-9]{3} (-|[0-9]{1,3})",
        "[12][0-9]{9}\\.[0-9]{1,7}\tC[0-9]\t(-|10.0.0.1)\t/[a\\\\x?0-9]{0,6}",
        "\\{\"ts\":[0-9]{1,10},\"uid\":\"[a-c\\\\]{0,3}\",\"a\":\\{\"b\":[0-9]{1,20}\\}\\}",
        "[a-c0-9\"]{0,4},[0-9]{0,3},[a\"]{0,2}",
        "Mon Mar 0[0-9] 08:00:00 2026\t(None|a%4[0-9x])\t[0-9]{0,3}",
        "\\{\"event\":\\{\"(time|epochtime)\":\"Mon Mar 0[1-9] 08:00:00 2026\",\"reqsize\":\"?[0-9]{1,3}\"?,\"respsize\":1\\}\\}?",
        "\\[[0-3][0-9]/Mar/2026:08:00:00 \\+0[0-9]00\\] \"[a\\\\\"]{0,3}\" 10.0.0.1 [0-9]{3} \"GET http://a/ HTTP/1.1\" \"[a\"]{0,2}\" \"-\" \"-\" [0-9x]{1,3} \"a\" \"-\" \"0\"",
        Just("#time_stamp \"auth_user\" src_ip bytes_from_client".to_owned()),
        "1,,,(TRAFFIC|THREAT|Type),[a,\"]{0,40}(,[0-9]?){20,60}",
        "\"2026-03-02 08:00:0[0-9]\"(,\"[a0-9,]{0,3}\"){4}(,\"[A-Z]{0,4}\"){3}(,\"?[0-9\"]{0,3}\"?){0,8}",
        "(<13>x )?CEF:0\\|[ab\\\\|]{1,3}\\|b\\|c\\|d\\|e\\|5\\|(rt=17[0-9]{11} )?[a-c]{1,2}=[a-c =\\\\]{0,6}",
        "LEEF:[12].0\\|a\\|b\\|c\\|d\\|(\\^\\||x5E\\|)?devTime=17[0-9]{11}[\t^][a-c]=[a-c=]{0,4}",
        "date=2026-03-0[1-9] time=08:00:00 logid=1 type=(utm|\"utm\") [a-c]=(\"[a \\\\\"]{0,4}\"?|[a-c]{0,3})",
        "Mar +[0-9]{1,2} 08:00:00 h sshd\\[1\\]: (Failed password for|message repeated [0-9]{1,4} times: \\[ Invalid user) [a-c ]{0,4} from 1.2.3.4( port [0-9a]{1,4})?\\]?",
        "\\{\"timestamp\":\"2026-03-02T08:00:0[0-9]\\+0100\",\"event_type\":\"(http|dns)\",\"flow_id\":[0-9]{1,20},\"http\":\\{\"length\":[0-9-]{1,4}\\}\\}",
        "\\{\"(class_uid\":4002,\"time|@timestamp\":\"2026-03-02\",\"event.duration)\":[0-9]{1,20}\\}",
        "\\{\"Event\":\\{\"System\":\\{\"EventID\":(4625|\\{\"#text\":4625\\})\\}\\}\\}",
        Just("ts,te,td,sa,da,sp,dp,pr,ibyt".to_owned()),
        "2026-03-02 08:00:00,x,1.[0-9],1.1.1.1,1.1.1.2,[0-9]{1,3},53,UDP,[0-9a]{1,4},?|Summary",
        Just("Keywords,Date and Time,Source,Event ID,Task Category".to_owned()),
        "Audit,2026-03-0[0-9] 08:00:00,S,46(24|x),L,(\"Account Name:\ta\"\"|\"Logon Type: 3\"|x)",
        "(<13>)?(1 )?(Mar  2 08:00:0[0-9]|2026-03-02T08:00:00Z) h (gw(\\[1\\])?: |gw 1 - - )?(10.0.0.1 - - \\[10/Mar/2026:08:00:00 \\+0000\\] \"GET / HTTP/1.1\" 200 1|a,\"?b|2026-03-02 08:00:00 ann)",
        ".{0,40}",
    ]
}

fn document() -> impl Strategy<Value = Vec<u8>> {
    let end = prop::sample::select(vec!["\n", "\r\n", "\n\n", ""]);
    let lines = prop::collection::vec((line(), end), 0..30);
    prop_oneof![
        4 => lines.prop_map(|lines| lines.into_iter().flat_map(|(line, end)| [line.into_bytes(), end.as_bytes().to_vec()].concat()).collect()),
        1 => prop::collection::vec(any::<u8>(), 0..300),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_input_panics_and_counts_add_up(text in document(), (format, options) in prop::sample::select(formats()), packed in 0u8..3) {
        let bytes = match packed {
            0 => text,
            1 => { let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast()); gz.write_all(&text).unwrap(); gz.finish().unwrap() }
            _ => zstd::stream::encode_all(&text[..], 1).unwrap(),
        };
        let yaml = format!("{{ path: '{{path}}', format: {format}, max_malformed: 1{options} }}");
        match read_text(&bytes, &yaml) {
            Ok((frame, q)) => {
                adds_up(&q);
                prop_assert_eq!(frame.height() as u64, q.rows);
                prop_assert!(q.malformed_samples.len() as u64 == q.malformed.min(5));
            }
            Err(Error::Internal(message)) => prop_assert!(false, "{}", message),
            Err(_) => {}
        }
    }

    #[test]
    fn damaged_packed_files_do_not_panic(text in document(), at in 0usize..400, byte in any::<u8>(), cut in 0usize..400) {
        let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gz.write_all(b"a,b\n1,2\n").unwrap();
        gz.write_all(&text).unwrap();
        let mut bytes = gz.finish().unwrap();
        let at = at % bytes.len();
        bytes[at] = byte;
        bytes.truncate(bytes.len().max(cut) - cut.min(bytes.len() / 2));
        if let Ok((_, q)) = read_text(&bytes, "{ path: '{path}', format: csv, max_malformed: 1 }") {
            adds_up(&q);
        }
    }

    #[test]
    fn rows_do_not_depend_on_files_batches_and_threads(
        lines in prop::collection::vec("2026-03-0[1-3] 0[0-9]:00:00 [a-c] [0-9]{1,3}|bad", 1..60),
        splits in prop::collection::vec(0usize..60, 0..4),
        chunk_rows in 1usize..20,
        threads in 1usize..5,
    ) {
        let whole = read_split(&lines, &[], 65_536, 1);
        let split = read_split(&lines, &splits, chunk_rows, threads);
        prop_assert_eq!(whole, split);
    }
}

/// The rows of lines spread over files, as text, and the counts; the sizes of batches are checked.
fn read_split(lines: &[String], splits: &[usize], chunk_rows: usize, threads: usize) -> (Vec<String>, u64, u64) {
    let dir = tempfile::tempdir().unwrap();
    let mut bounds: Vec<usize> = splits.iter().map(|s| s % (lines.len() + 1)).chain([0, lines.len()]).collect();
    bounds.sort_unstable();
    for (i, pair) in bounds.windows(2).enumerate() {
        let text = format!("#Fields: date time cs-username cs-bytes\n{}\n", lines[pair[0]..pair[1]].join("\n"));
        fs::write(dir.path().join(format!("{i:02}.log")), text).unwrap();
    }
    let spec: spec::Source = serde_yaml::from_str("{ path: '*.log', format: elff, max_malformed: 1 }").unwrap();
    let source = Source::open("s", &spec, dir.path()).unwrap();
    let plan = ReadPlan { chunk_rows, threads, ..ReadPlan::default() };
    let (mut rows, mut sizes) = (Vec::new(), Vec::new());
    let q = source
        .read(&plan, &Silent, &mut |frame| {
            sizes.push(frame.height());
            for i in 0..frame.height() {
                rows.push(["timestamp", "user", "bytes_up"].map(|name| text(&frame, name, i)).join(" "));
            }
            Ok(())
        })
        .unwrap();
    adds_up(&q);
    assert!(sizes.iter().rev().skip(1).all(|n| *n == chunk_rows) && sizes.last().is_none_or(|n| *n <= chunk_rows), "{sizes:?}");
    (rows, q.malformed, q.rows)
}

/// A log of more than one block, so that block boundaries fall into lines, quotes and header changes.
fn long_log(lines: usize) -> String {
    let mut text = String::from("#Fields: date time cs-username cs(User-Agent) cs-bytes\n");
    for i in 0..lines {
        if i == lines / 2 {
            text.push_str("#Fields: cs-bytes date time cs-username cs(User-Agent)\n");
        }
        let (time, user, agent) = (
            format!("2026-03-02 {:02}:{:02}:{:02}", i / 3_600 % 24, i / 60 % 60, i % 60),
            format!("user{}", i % 97),
            format!("\"Agent  {} (é)\"", i % 13),
        );
        if i < lines / 2 {
            text.push_str(&format!("{time} {user} {agent}  {i}\n"));
        } else {
            text.push_str(&format!("{i} {time} {user} {agent}\n"));
        }
    }
    text
}

#[test]
fn blocks_are_cut_between_lines_and_headers_are_carried() {
    let lines = 80_000;
    let text = long_log(lines);
    assert!(text.len() > 3 * 1024 * 1024);
    let (frame, q) = read_text(text.as_bytes(), "{ path: '{path}', format: elff }").unwrap();
    adds_up(&q);
    assert_eq!((q.rows, q.header, q.malformed), (lines as u64, 2, 0));
    let bytes = frame.column("bytes_up").unwrap().i64().unwrap();
    assert!(bytes.iter().flatten().eq(0..lines as i64), "in order");
    assert_eq!(super::text(&frame, "user_agent", 40_000), format!("Agent  {} (é)", 40_000 % 13));
}

#[test]
fn csv_records_span_blocks() {
    let mut text = String::from("n,text\n");
    for i in 0..40_000 {
        text.push_str(&format!("{i},\"line one of {i}\nline \"\"two\"\", and more of it, so that blocks end inside\"\n"));
    }
    let (frame, q) = read_text(text.as_bytes(), "{ path: '{path}', format: csv }").unwrap();
    adds_up(&q);
    assert_eq!((q.rows, q.malformed, q.lines), (40_000, 0, 40_001));
    assert!(frame.column("n").unwrap().i64().unwrap().iter().flatten().eq(0..40_000));
    assert!(super::text(&frame, "text", 39_999).contains("line \"two\""));
}

#[test]
fn a_record_without_end_is_one_malformed_line() {
    let text = format!("#Fields: date time cs-username\n2026-03-02 08:00:00 a\n{}\n2026-03-02 08:00:01 b\n", "x".repeat(9 * 1024 * 1024));
    let (_, q) = read_text(text.as_bytes(), "{ path: '{path}', format: elff, max_malformed: 0.5 }").unwrap();
    adds_up(&q);
    assert_eq!((q.rows, q.malformed), (2, 1));
    assert_eq!(q.malformed_samples[0].line, 3);
    assert_eq!(q.malformed_samples[0].text.len(), 200);
    let text = format!("a,b\n1,\"open\n{}", "2,3\n".repeat(2 * 1024 * 1024));
    let (_, q) = read_text(text.as_bytes(), "{ path: '{path}', format: csv, max_malformed: 0.5 }").unwrap();
    adds_up(&q);
    assert_eq!((q.rows, q.malformed), (2 * 1024 * 1024, 1));
}

#[test]
fn truncated_files_are_found() {
    let text = "#Fields: date time cs-username\n2026-03-02 08:00:00 a\n2026-03-02 08:00:0";
    let (_, q) = read_text(text.as_bytes(), "{ path: '{path}', format: elff, max_malformed: 0.6 }").unwrap();
    assert_eq!((q.rows, q.malformed, q.truncated.as_slice()), (1, 1, &["x.log".to_owned()][..]));
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gz.write_all(long_log(5_000).as_bytes()).unwrap();
    let gz = gz.finish().unwrap();
    let error = read_text(&gz[..gz.len() - 20], "{ path: '{path}', format: elff }").unwrap_err().to_string();
    assert!(error.contains("x.log` (gzip) is cut short: it ends at byte"), "{error}");
}

#[test]
fn too_many_columns_are_refused_at_once() {
    let many = |sign: &str| (0..20_000).map(|i| format!("{sign}{i}")).collect::<Vec<_>>();
    let pairs = |between: &str| many("k").iter().map(|k| format!("{k}=1")).collect::<Vec<_>>().join(between);
    for (format, text) in [
        ("csv", format!("{}\n1", many("c").join(","))),
        ("csv", format!("{}\n1", vec!["same"; 20_000].join(","))),
        ("ndjson", format!("{{{}}}", many("k").iter().map(|k| format!("\"{k}\":1")).collect::<Vec<_>>().join(","))),
        ("fortigate", format!("date=2026-03-02 {}", pairs(" "))),
        ("leef", format!("LEEF:1.0|a|b|c|d|{}", pairs("\t"))),
    ] {
        let error =
            read_text(format!("{text}\n").as_bytes(), &format!("{{ path: '{{path}}', format: {format} }}")).unwrap_err().to_string();
        assert!(error.contains("more than 4096 columns"), "{format}: {}", super::super::tally::cut(&error));
    }
    for (format, text) in [
        ("elff", format!("#Fields: date time {}\n2026-03-02 08:00:00 x", many("f").join(" "))),
        ("cef", format!("CEF:0|a|b|c|d|e|5|{}", pairs(" "))),
        ("zeek", format!("#separator \\x09\n#fields\tts\t{}", many("f").join("\t"))),
    ] {
        assert!(read_text(format!("{text}\n").as_bytes(), &format!("{{ path: '{{path}}', format: {format} }}")).is_err(), "{format}");
    }
}

#[test]
fn bytes_that_are_not_utf8_are_replaced_and_counted() {
    let text = b"#Fields: date time cs-username\n2026-03-02 08:00:00 \xff\xfea\n2026-03-02 08:00:01 b\n";
    let (frame, q) = read_text(text, "{ path: '{path}', format: elff }").unwrap();
    assert_eq!((q.invalid_utf8, q.rows), (1, 2));
    assert_eq!(super::text(&frame, "user", 0), "\u{fffd}\u{fffd}a");
}

#[test]
fn window_filter_columns_and_statistics() {
    let text = "user,n,t\na,1,2026-03-02T08:00:00Z\nb,,2026-03-02T10:30:00Z\na,3,2026-03-02T09:00:00Z\nc,4,never\nd,5,2026-03-03\n";
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("x.csv"), text).unwrap();
    let spec: spec::Source = serde_yaml::from_str("{ path: x.csv, format: csv, time: { column: t } }").unwrap();
    let source = Source::open("s", &spec, dir.path()).unwrap();
    let start = 1_772_438_400_000_000;
    let keep = |frame: &DataFrame| Ok(frame.column("user").unwrap().str().unwrap().iter().map(|u| Some(u != Some("x"))).collect());
    let plan = ReadPlan {
        columns: Some(["n".to_owned()].into()),
        window: Some((start, start + 3 * 3_600_000_000)),
        filter: Some(RowFilter { columns: ["user".to_owned()].into(), keep: &keep }),
        ..ReadPlan::default()
    };
    let (frame, q) = source.read_table(&plan, &Silent).unwrap();
    adds_up(&q);
    assert_eq!(frame.get_column_names_owned(), ["n", "t"]);
    assert_eq!((q.rows, q.no_time, q.outside_window, q.filtered, q.out_of_order), (3, 1, 1, 0, 1));
    assert_eq!((q.first, q.last, q.per_hour.as_slice()), (Some(start), Some(start + 9_000_000_000), &[1, 1, 1][..]));
    assert!((q.fill["n"] - 2.0 / 3.0).abs() < 1e-12 && q.fill["t"] == 1.0 && !q.fill.contains_key("user"));
    let none = |frame: &DataFrame| Ok(BooleanChunked::full("x".into(), false, frame.height()));
    let plan = ReadPlan { filter: Some(RowFilter { columns: BTreeSet::new(), keep: &none }), ..ReadPlan::default() };
    let (frame, q) = source.read_table(&plan, &Silent).unwrap();
    adds_up(&q);
    assert_eq!((frame.shape(), q.filtered), ((0, 3), 4));
    let plan = ReadPlan { columns: Some(["m".to_owned()].into()), ..ReadPlan::default() };
    assert!(source.read_table(&plan, &Silent).unwrap_err().to_string().contains("there is no column `m`"));
}

#[test]
fn reading_stops_when_asked() {
    struct Impatient;
    impl Observer for Impatient {
        fn event(&self, _: Event) {}
        fn cancelled(&self) -> bool {
            true
        }
    }
    let dir = tempfile::tempdir().unwrap();
    for i in 0..20 {
        fs::write(dir.path().join(format!("{i}.log")), long_log(5_000)).unwrap();
    }
    let source = Source::open("s", &spec("*.log", "elff"), dir.path()).unwrap();
    assert!(matches!(source.read_table(&ReadPlan::default(), &Impatient), Err(Error::Interrupted)));
    let mut calls = 0;
    let failed = source.read(&ReadPlan { chunk_rows: 10, ..ReadPlan::default() }, &Silent, &mut |_| {
        calls += 1;
        Err(Error::data("enough"))
    });
    assert!(failed.is_err() && calls == 1);
}

#[test]
fn too_many_malformed_lines_end_early_with_samples() {
    let mut text = long_log(30_000);
    text.insert_str(text.find('\n').unwrap() + 1, &"bad\u{1b}[31m\n".repeat(20_000));
    let error = read_text(text.as_bytes(), "{ path: '{path}', format: elff }").unwrap_err().to_string();
    assert!(error.contains("are malformed") && error.contains("x.log:2: expected 5 fields") && !error.contains('\u{1b}'), "{error}");
}

#[test]
fn advanced_bytes_are_those_on_disk() {
    struct Sum(std::sync::atomic::AtomicU64);
    impl Observer for Sum {
        fn event(&self, event: Event) {
            if let Event::Advanced { by, .. } = event {
                self.0.fetch_add(by, std::sync::atomic::Ordering::Relaxed);
            }
        }
    }
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("a.log"), long_log(30_000)).unwrap();
    fs::write(dir.path().join("b.log"), long_log(3)).unwrap();
    let source = Source::open("s", &spec("*.log", "elff"), dir.path()).unwrap();
    let sum = Sum(0.into());
    source.read_table(&ReadPlan::default(), &sum).unwrap();
    assert_eq!(sum.0.into_inner(), source.disk_bytes());
}

#[test]
fn text_that_is_named_like_the_time_is_no_time() {
    // Found by fuzzing: a column of text was taken for that of the times, and the frame's columns were of different lengths.
    let text = b"{\"timestamp\":\"x\",\"uid\":\"C1\",\"id.orig_h\":\"10.0.0.1\"}\n";
    let error = read_text(text, "{ path: '{path}', format: zeek, max_malformed: 1 }").unwrap_err();
    assert!(!matches!(error, Error::Internal(_)) && error.to_string().contains("time column"), "{error}");
}
