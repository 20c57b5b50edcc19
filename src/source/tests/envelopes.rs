//! Text formats in the envelopes of syslog.

use super::{
    events::{EIGHT, read, rows},
    *,
};

/// A line of each format that syslog carries, and the columns that tell it from others.
const LINES: &[(&str, &str, &str, &[(&str, &str)])] = &[
    (
        "combined",
        "",
        r#"10.0.0.1 - ann [02/Mar/2026:08:00:00 +0000] "GET /a HTTP/1.1" 200 5 "-" "ua""#,
        &[("user", "ann"), ("path", "/a"), ("bytes_down", "5")],
    ),
    (
        "squid",
        "",
        "1772438400.000    161 10.0.0.1 TCP_MISS/200 700 GET http://a.example/x ann HIER_DIRECT/1.2.3.4 text/html",
        &[("user", "ann"), ("host", "a.example")],
    ),
    (
        "cef",
        "",
        "CEF:0|A|P|1|100|n|Low|rt=1772438400000 suser=ann dhost=a.example in=7",
        &[("user", "ann"), ("host", "a.example"), ("bytes_up", "7")],
    ),
    ("leef", "", "LEEF:1.0|A|P|1|web|devTime=1772438400000\tusrName=ann\tsrcBytes=7", &[("user", "ann"), ("bytes_up", "7")]),
    (
        "fortigate",
        "",
        r#"date=2026-03-02 time=08:00:00 logid="1" type="utm" user="ann" hostname="a.example" sentbyte=7"#,
        &[("user", "ann"), ("host", "a.example"), ("bytes_up", "7")],
    ),
    (
        "paloalto",
        "",
        "1,2026/03/02 08:00:00,1,TRAFFIC,end,1,2026/03/02 08:00:00,10.0.0.1,1.2.3.4,,,r,d\\ann,,web,v,a,b,i,o,l,t,77,1,5,443,0,0,0x0,tcp,allow,9,7,2,2,2026/03/02 08:00:00,1,any,0,1,0x0",
        &[("user", "d\\ann"), ("bytes_up", "7"), ("session_id", "77")],
    ),
    ("ndjson", ", time: { column: t }", r#"{"t":"2026-03-02T08:00:00Z","user":"ann"}"#, &[("user", "ann")]),
    ("elff", ", options: { fields: 'date time cs-username cs-bytes' }", "2026-03-02 08:00:00 ann 7", &[("user", "ann"), ("bytes_up", "7")]),
    ("csv", ", options: { header: false, columns: [user, said] }", "ann,\"a, b\"", &[("user", "ann"), ("said", "a, b")]),
];

#[test]
fn formats_read_the_same_in_any_envelope() {
    let headers = [
        "<134>Mar  2 08:00:00 gw ",
        "Mar  2 08:00:00 gw app[12]: ",
        "2026-03-02T09:00:00+01:00 gw app: ",
        "<34>1 2026-03-02T08:00:00Z gw app 12 ID [a@1 b=\"]\"] \u{feff}",
        "<13>Mar  2 08:00:07 relay <189>Mar  2 08:00:00 gw ",
    ];
    for (format, options, line, want) in LINES {
        for header in headers {
            for envelope in ["", ", envelope: { year: 2026 }"] {
                let text = format!("{header}{line}\n").repeat(3);
                let short = header.contains("Mar  2");
                let (frame, q) = read(&text, &format!("{{ path: '{{path}}', format: {format}{envelope}{options} }}"));
                let timed = *format != "csv" || !short || !envelope.is_empty();
                assert_eq!((q.rows, q.no_time), if timed { (3, 0) } else { (0, 3) }, "{format} {header}");
                if timed {
                    let time = frame.columns().iter().find(|c| c.dtype() == &columns::time_dtype()).unwrap().name().to_string();
                    let got: Vec<String> = std::iter::once(time.as_str())
                        .chain(want.iter().map(|(name, _)| *name))
                        .map(|name| text_of(&frame, name))
                        .collect();
                    let mut wanted = vec![EIGHT.to_string()];
                    wanted.extend(want.iter().map(|(_, value)| (*value).to_owned()));
                    assert_eq!(got, wanted, "{format} {header}");
                    let app = if header.contains("app") { "app" } else { "null" };
                    assert_eq!(
                        (text_of(&frame, "syslog_host"), text_of(&frame, "syslog_app")),
                        ("gw".into(), app.into()),
                        "{format} {header}"
                    );
                }
            }
        }
    }
}

fn text_of(frame: &DataFrame, name: &str) -> String {
    super::text(frame, name, 2)
}

#[test]
fn formats_are_recognised_inside() {
    for (format, _, line, _) in LINES.iter().filter(|(_, options, ..)| options.is_empty()) {
        let (_, q) = read(&format!("<34>1 2026-03-02T08:00:00Z gw app 12 - - {line}\n"), "{ path: '{path}' }");
        assert_eq!(&q.format, format);
    }
}

#[test]
fn bad_lines_other_programs_and_blank_lines_are_counted() {
    let text = concat!(
        "<13>Mar  2 08:00:00 gw web: ann,1\n",
        "no header here\n",
        "\n",
        "<13>Mar  2 08:00:01 gw cron: x\n",
        "<13>Mar  2 08:00:02 gw web: \"open,2\n",
        "<13>Mar  2 08:00:03 gw web: bob,3\n",
        "<13>Mar  2 08:00:04 gw web: eve,4,5\n",
        "<34>1 2026-03-02T08:00:05Z gw web 1 - - eve,6",
    );
    let yaml = |form: &str| {
        format!(
            "{{ path: '{{path}}', format: csv, max_malformed: 0.9, envelope: {{ form: {form}, app: web, year: 2026 }}, options: {{ header: false, columns: [user, n] }} }}"
        )
    };
    let (frame, q) = read(text, &yaml("rfc3164"));
    assert_eq!((q.lines, q.header, q.filtered, q.malformed, q.rows), (8, 1, 1, 4, 2));
    assert_eq!(rows(&frame, ["timestamp", "user", "n"])[1], [&(EIGHT + 3_000_000).to_string(), "bob", "3"]);
    let samples: Vec<(u64, &str)> = q.malformed_samples.iter().map(|s| (s.line, s.reason.as_str())).collect();
    assert_eq!(
        samples,
        [
            (2, "no header of RFC 3164"),
            (5, "a quote is not closed in the message"),
            (7, "expected 2 fields, found 3"),
            (8, "no header of RFC 3164")
        ]
    );
    assert_eq!(q.truncated, ["x.log"], "the last line is malformed and has no end");
    let (_, q) = read(text, &yaml("auto"));
    assert_eq!((q.lines, q.malformed, q.rows, q.truncated.len()), (8, 3, 3, 0));
    let error = read_text(text.as_bytes(), "{ path: '{path}', format: csv, envelope: { app: webb } }").unwrap_err().to_string();
    assert!(error.contains("none of its first lines is of the program `webb`"), "{error}");
}

#[test]
fn years_go_on_from_december_to_january_in_every_format() {
    let line = |day: &str, user: &str| format!("<13>{day} 23:00:00 gw web: {user},1\n");
    let text = [line("Dec 30", "a"), line("Dec 31", "b"), line("Jan  1", "c"), line("Feb 28", "d")].concat();
    let yaml = "{ path: '{path}', format: csv, envelope: { year: 2025 }, options: { header: false, columns: [user, n] } }";
    let (frame, _) = read(&text, yaml);
    let days: Vec<i64> = strings(&frame, "timestamp")
        .len()
        .checked_sub(4)
        .map(|_| frame.column("timestamp").unwrap().cast(&DataType::Int64).unwrap())
        .unwrap()
        .i64()
        .unwrap()
        .iter()
        .flatten()
        .map(|t| t / 86_400_000_000)
        .collect();
    // 2025-12-30, 2025-12-31, 2026-01-01, 2026-02-28 (Python: (date(...) - date(1970, 1, 1)).days).
    assert_eq!(days, [20_452, 20_453, 20_454, 20_512]);
}

#[test]
fn a_sender_that_is_not_where_requests_went() {
    let text = "<13>Mar  2 08:00:00 relay CEF:0|A|P|1|100|n|Low|rt=1772438400000 suser=ann\n";
    let (frame, _) = read(text, "{ path: '{path}' }");
    assert_eq!(rows(&frame, ["host", "syslog_host"]), [["null", "relay"]]);
    let (frame, _) = read(text, "{ path: '{path}', rename: { host: asked, syslog_host: host } }");
    assert_eq!(rows(&frame, ["host"]), [["relay"]]);
    // A pattern is written for whole lines, unless an envelope is named.
    let (frame, _) = read(text, "{ path: '{path}', format: regex, options: { pattern: '^<(?<pri>[0-9]+)>.* (?<all>.*)$' } }");
    assert!(frame.column("syslog_host").is_err() && super::text(&frame, "pri", 0) == "13");
    let (frame, _) = read(text, "{ path: '{path}', format: regex, envelope: { year: 2026 }, options: { pattern: '^(?<all>CEF.*)$' } }");
    assert_eq!(rows(&frame, ["timestamp", "syslog_host"]), [[&EIGHT.to_string(), "relay"]]);
}

#[test]
fn wrong_envelopes_say_what_the_first_line_is() {
    let error = read_text(b"a,b\n1,2\n", "{ path: '{path}', format: csv, envelope: rfc5424 }").unwrap_err();
    assert!(error.to_string().contains("no first line has a header of RFC 5424; the first is `a,b`"), "{error}");
    let error = read_text(b"a,b\n1,2\n", "{ path: '{path}', format: csv, envelope: { form: auto, timezone: Mars } }").unwrap_err();
    assert!(error.to_string().contains("`Mars` is not a time zone"), "{error}");
}
