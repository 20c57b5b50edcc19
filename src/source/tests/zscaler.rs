//! Feeds of Zscaler in their three forms.

use super::{
    events::{EIGHT, read, rows},
    *,
};

const NAMES: [&str; 13] = [
    "timestamp",
    "user",
    "src_ip",
    "method",
    "host",
    "path",
    "query",
    "status",
    "action",
    "bytes_up",
    "bytes_down",
    "user_agent",
    "category",
];

/// What two events are in every form.
fn wanted() -> Vec<[String; 13]> {
    vec![
        [
            &EIGHT.to_string(),
            "ann@x.example",
            "10.0.0.1",
            "POST",
            "a.example",
            "/x",
            "?y=1",
            "200",
            "Allowed",
            "700",
            "30",
            "Mozilla/5.0 (X11)",
            "News",
        ]
        .map(str::to_owned),
        [
            &(EIGHT + 1_000_000).to_string(),
            "null",
            "10.0.0.2",
            "CONNECT",
            "b.example",
            "null",
            "null",
            "null",
            "Blocked",
            "0",
            "65",
            "null",
            "null",
        ]
        .map(str::to_owned),
    ]
}

#[test]
fn the_same_events_in_three_forms() {
    let json = concat!(
        r#"{ "sourcetype" : "zscalernss-web", "event" :{"time":"Mon Mar 02 08:00:00 2026","login":"ann@x.example","eurl":"a.example/x?y=1","action":"Allowed","reqsize":"700","respsize":"30","urlcat":"News","cip":"10.0.0.1","reqmethod":"POST","respcode":"200","ua":"Mozilla/5.0 (X11)","riskscore":"7"}}"#,
        "\n",
        r#"{ "sourcetype" : "zscalernss-web", "event" :{"time":"Mon Mar 02 08:00:01 2026","login":"None","eurl":"b.example:443","action":"Blocked","reqsize":0,"respsize":65,"urlcat":"Other","cip":"10.0.0.2","reqmethod":"CONNECT","respcode":"NA","ua":"Unknown","riskscore":"0"}}"#,
        "\n{broken\n",
    );
    let (frame, q) = read(json, "{ path: '{path}', max_malformed: 0.5 }");
    assert_eq!((q.format.as_str(), q.rows, q.malformed), ("zscaler", 2, 1));
    assert_eq!(rows(&frame, NAMES), wanted());
    assert_eq!(rows(&frame, ["riskscore", "port"]), [["7", "null"], ["0", "443"]]);

    let csv = concat!(
        "\"Mon Mar 02 08:00:00 2026\",\"ann@x.example\",\"HTTP\",\"a.example/x?y=1\",\"Allowed\",\"App\",\"Class\",\"700\",\"30\",\"0\",\"5\",\"Business\",\"IT\",\"News\",\"None\",\"None\",\"7\",\"None\",\"None\",\"Paris\",\"Unknown\",\"10.0.0.1\",\"1.2.3.4\",\"POST\",\"200\",\"Mozilla/5.0 (X11)\",\"None\",\"None\",\"None\",\"Other\",\"None\",\"adm\",\"pc1\"\n",
        "\"Mon Mar 02 08:00:01 2026\",\"None\",\"SSL\",\"b.example:443\",\"Blocked\",\"App\",\"Class\",\"0\",\"65\",\"0\",\"5\",\"Business\",\"IT\",\"Other\",\"None\",\"None\",\"0\",\"None\",\"None\",\"Paris\",\"Unknown\",\"10.0.0.2\",\"1.2.3.4\",\"CONNECT\",\"NA\",\"Unknown\"\n",
        "\"Mon Mar 02 08:00:01 2026\",\"short\"\n",
    );
    let (frame, q) = read(csv, "{ path: '{path}', max_malformed: 0.5 }");
    assert_eq!((q.format.as_str(), q.rows, q.malformed), ("zscaler", 2, 1));
    assert_eq!(rows(&frame, NAMES), wanted());
    assert_eq!(rows(&frame, ["src_host", "duration_ms", "mime"]), [["pc1", "5.0", "null"], ["null", "5.0", "null"]]);

    let tabs = concat!(
        "Mon Mar 02 09:00:00 2026\tann%40x.example\t10.0.0.1\tPOST\ta.example/x?y=1\t200\tAllowed\t700\t30\tMozilla/5.0%20(X11)\tNews\n",
        "Mon Mar 02 09:00:01 2026\tNone\t10.0.0.2\tCONNECT\tb.example:443\tNA\tBlocked\t0\t65\tUnknown\tOther\n",
        "Mon Mar 02 09:00:01 2026\tNone\n",
    );
    let template = r"%s{time}\t%s{elogin}\t%s{cip}\t%s{reqmethod}\t%s{eurl}\t%s{respcode}\t%s{action}\t%d{reqsize}\t%d{respsize}\t%s{eua}\t%s{urlcat}\n";
    let (frame, q) = read(
        tabs,
        &format!(
            "{{ path: '{{path}}', format: zscaler, max_malformed: 0.5, options: {{ template: '{template}', timezone: Europe/Paris }} }}"
        ),
    );
    assert_eq!((q.rows, q.malformed), (2, 1));
    assert_eq!(rows(&frame, NAMES), wanted());
}

#[test]
fn times_of_feeds() {
    let of = |template: &str, line: &str| {
        let (frame, _) =
            read(&format!("{line}\n"), &format!("{{ path: '{{path}}', format: zscaler, options: {{ template: '{template}' }} }}"));
        (text(&frame, "timestamp", 0), text(&frame, "user", 0))
    };
    let want = (EIGHT.to_string(), "ann".to_owned());
    assert_eq!(
        of(
            r"%d{yy}-%02d{mth}-%02d{dd} %02d{hh}:%02d{mm}:%02d{ss}\treason=%s{reason}\tuser=%s{login}",
            "2026-03-02 08:00:00\treason=x y\tuser=ann"
        ),
        want
    );
    assert_eq!(of("\"%s{time}\",\"%d{epochtime}\",\"%s{login}\"", "\"Mon Mar 02 11:00:00 2026\",\"1772438400\",\"ann\""), want);
    let error = |template: &str| {
        read_text(b"x\n", &format!("{{ path: '{{path}}', format: zscaler, options: {{ template: '{template}' }} }}")).unwrap_err()
    };
    assert!(error(r"%s{time}\t%s").to_string().contains("a `%` names no field at character 11"), "{}", error(r"%s{time}\t%s"));
    assert!(error(r#"\{"time":"%s{time}"\}"#).to_string().contains("it writes JSON"));
    assert!(error(r"%s{login}\t%s{url}").to_string().contains("not `zscaler`"));
    // An epoch is preferred in JSON as well.
    let json = "{\"time\":\"Mon Mar 02 11:00:00 2026\",\"epochtime\":\"1772438400\",\"login\":\"ann\",\"reqsize\":1,\"respsize\":2}\n";
    let (frame, q) = read(json, "{ path: '{path}' }");
    assert_eq!((q.format.as_str(), rows(&frame, ["timestamp", "bytes_up"])), ("zscaler", vec![[EIGHT.to_string(), "1".into()]]));
}
