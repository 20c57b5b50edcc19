//! Formats of named values on short texts: what each column is was worked out by hand.

use super::*;

/// 2 March 2026, 08:00 UTC.
pub(super) const EIGHT: i64 = 1_772_438_400_000_000;

pub(super) fn rows<const N: usize>(frame: &DataFrame, names: [&str; N]) -> Vec<[String; N]> {
    (0..frame.height()).map(|row| names.map(|name| text(frame, name, row))).collect()
}

pub(super) fn read(text: &str, yaml: &str) -> (DataFrame, SourceQuality) {
    let (frame, q) = read_text(text.as_bytes(), yaml).unwrap();
    adds_up(&q);
    (frame, q)
}

#[test]
fn cef() {
    let text = concat!(
        r"<134>1 2026-03-02T08:00:03Z proxy gw - - - CEF:0|Acme\|Co|Web \\ Proxy|1|100|Web \| request|5|rt=1772438400000 src=10.0.0.1 spt=50000 suser=CORP\ann dst=93.184.216.34 dpt=443 ",
        r"request=https://www.example.com:8443/a?b\=1&c=2 requestMethod=POST requestClientApplication=Mozilla/5.0 (X11) act=allowed in=700 out=30 cs1Label=Reputation cs1=very bad cs2=kept cn1=7",
        "\n",
        r"CEF:0|A|P|1|100|n|Low|rt=Mar 02 2026 09:00:01.500 +0100 duser=bob cs1=no label msg=line\nbreak",
        "\n",
        r"<13>1 2026-03-02T08:00:02.25Z h p - - - CEF:0|A|P|1|100|n|Low|src=::ffff:10.0.0.9",
        "\nCEF:0|A|P|1|100|n\n",
    );
    let (frame, q) = read(text, "{ path: '{path}', format: auto, max_malformed: 0.5, options: { types: { cn1: text } } }");
    assert_eq!((q.format.as_str(), q.rows, q.malformed), ("cef", 3, 1));
    assert_eq!(
        rows(&frame, ["timestamp", "user", "src_ip", "src_port", "method", "bytes_up", "bytes_down", "action"]),
        [
            [&EIGHT.to_string(), "CORP\\ann", "10.0.0.1", "50000", "POST", "700", "30", "allowed"].map(str::to_owned),
            [&(EIGHT + 1_500_000).to_string(), "bob", "null", "null", "null", "null", "null", "null"].map(str::to_owned),
            [&(EIGHT + 2_250_000).to_string(), "null", "10.0.0.9", "null", "null", "null", "null", "null"].map(str::to_owned),
        ]
    );
    assert_eq!(
        rows(&frame, ["scheme", "host", "port", "path", "query", "url"])[0],
        ["https", "www.example.com", "8443", "/a", "?b=1&c=2", "https://www.example.com:8443/a?b=1&c=2"]
    );
    assert_eq!(
        rows(&frame, ["deviceVendor", "deviceProduct", "name", "Reputation", "cs1", "cs2", "cn1", "msg"])[..2],
        [
            ["Acme|Co", "Web \\ Proxy", "Web | request", "very bad", "null", "kept", "7", "null"],
            ["A", "P", "n", "null", "no label", "null", "null", "line\nbreak"]
        ]
    );
    let (frame, _) = read(text, "{ path: '{path}', format: cef, max_malformed: 0.5, options: { in: down } }");
    assert_eq!(rows(&frame, ["bytes_up", "bytes_down"])[0], ["30", "700"]);
}

#[test]
fn leef() {
    let text = concat!(
        "<13>Mar  2 08:00:00 gw LEEF:1.0|Acme|Proxy|1|web|devTime=2026-03-02T09:00:00+0100\tdevTimeFormat=yyyy-MM-dd'T'HH:mm:ssZ\tusrName=ann\tsrc=10.0.0.1\turl=http://a.example/x?y=1\tsrcBytes=700\tdstBytes=30\tstatus=200\tnew=a=b\n",
        "LEEF:2.0|Acme|Proxy|1|web|^|devTime=1772438401000^usrName=bob^cat=News^method=GET\n",
        "LEEF:2.0|Acme|Proxy|1|web|x7C|devTime=Mar 02 2026 08:00:02|usrName=eve\n",
        "LEEF:2.0|Acme|Proxy|1|web|\n",
        "LEEF:2.0|Acme|Proxy|1|web|^|word^a=1\n",
    );
    let (frame, q) = read(text, "{ path: '{path}', format: auto, max_malformed: 0.5 }");
    assert_eq!((q.format.as_str(), q.rows, q.no_time, q.malformed), ("leef", 3, 1, 1));
    assert_eq!(
        rows(&frame, ["timestamp", "user", "method", "host", "path", "query", "bytes_up", "status", "category", "new", "eventId"]),
        [
            [&EIGHT.to_string(), "ann", "null", "a.example", "/x", "?y=1", "700", "200", "null", "a=b", "web"].map(str::to_owned),
            [&(EIGHT + 1_000_000).to_string(), "bob", "GET", "null", "null", "null", "null", "null", "News", "null", "web"]
                .map(str::to_owned),
            [&(EIGHT + 2_000_000).to_string(), "eve", "null", "null", "null", "null", "null", "null", "null", "null", "web"]
                .map(str::to_owned),
        ]
    );
    let text = "LEEF:1.0|A|P|1|web|devTime=Mar 02 2026 09:00:00;devTimeFormat=MMM dd yyyy HH:mm:ss z;src=::1\n";
    let yaml = "{ path: '{path}', format: leef, time: { column: timestamp, timezone: Europe/Paris }, options: { delimiter: ';' } }";
    assert_eq!(rows(&read(text, yaml).0, ["timestamp", "src_ip"])[0], [&EIGHT.to_string(), "::1"]);
    let error = read_text(text.as_bytes(), "{ path: '{path}', format: leef, options: { delimiter: long } }").unwrap_err();
    assert!(error.to_string().contains("`long` is not one character"), "{error}");
}

#[test]
fn fortigate() {
    let text = concat!(
        r#"<189>date=2026-03-02 time=09:00:00 devname="fw 1" eventtime=1772438400000000000 tz="+0100" logid="0000000013" type="traffic" subtype="forward" srcip=10.0.0.1 srcport=50000 dstip=93.184.216.34 dstport=443 proto=6 action="close" duration=12 sentbyte=700 rcvdbyte=30 user="ann""#,
        "\n",
        r#"date=2026-03-02 time=09:00:01 logid="0317013312" type="utm" subtype="webfilter" tz="+0100" srcip=10.0.0.2 hostname="a.example" url="/x?y=1" action="blocked" catdesc="News and Media" agent="say \"hi\"" sentbyte=5 rcvdbyte=6"#,
        "\n",
        r#"date=2026-03-02 time=08:00:02 eventtime=1772438402 logid="1" type="utm" subtype="webfilter" url="https://b.example/z""#,
        "\n",
        r#"date=2026-03-02 time=08:00:02 logid="1" type="utm" word"#,
        "\n",
    );
    let (frame, q) = read(text, "{ path: '{path}', format: auto, max_malformed: 0.5 }");
    assert_eq!((q.format.as_str(), q.rows, q.malformed), ("fortigate", 3, 1));
    assert_eq!(
        rows(
            &frame,
            [
                "timestamp",
                "user",
                "src_ip",
                "host",
                "path",
                "action",
                "bytes_up",
                "duration_ms",
                "category",
                "user_agent",
                "devname",
                "logid"
            ]
        ),
        [
            [&EIGHT.to_string(), "ann", "10.0.0.1", "null", "null", "close", "700", "12000.0", "null", "null", "fw 1", "0000000013"]
                .map(str::to_owned),
            [
                &(EIGHT + 1_000_000).to_string(),
                "null",
                "10.0.0.2",
                "a.example",
                "/x",
                "blocked",
                "5",
                "null",
                "News and Media",
                "say \"hi\"",
                "null",
                "0317013312"
            ]
            .map(str::to_owned),
            [&(EIGHT + 2_000_000).to_string(), "null", "null", "b.example", "/z", "null", "null", "null", "null", "null", "null", "1"]
                .map(str::to_owned),
        ]
    );
    let (frame, q) = read(text, "{ path: '{path}', format: fortigate, max_malformed: 0.5, options: { type: utm, subtype: webfilter } }");
    assert_eq!((frame.height(), q.filtered), (2, 1));
}

const EVE: &str = concat!(
    r#"{"timestamp":"2026-03-02T09:00:00.250000+0100","flow_id":9007199254740993,"event_type":"http","src_ip":"10.0.0.1","src_port":50000,"dest_ip":"93.184.216.34","dest_port":80,"proto":"TCP","http":{"hostname":"www.example.com","url":"/a?b=1","http_user_agent":"curl/8","http_method":"GET","http_refer":"http://r/","protocol":"HTTP/1.1","status":200,"length":1256,"http_content_type":"text/html"}}"#,
    "\n",
    r#"{"timestamp":"2026-03-02T09:00:01.000000+0100","flow_id":1,"event_type":"dns","src_ip":"10.0.0.1","src_port":5,"dest_ip":"10.0.0.53","dest_port":53,"proto":"UDP","dns":{"type":"query","id":1,"rrname":"a.example","rrtype":"A"}}"#,
    "\n",
    r#"{"timestamp":"2026-03-02T09:00:02.000000+0100","flow_id":2,"event_type":"dns","src_ip":"10.0.0.1","src_port":5,"dest_ip":"10.0.0.53","dest_port":53,"proto":"UDP","dns":{"version":3,"type":"request","queries":[{"rrname":"b.example","rrtype":"A"},{"rrname":"c.example"}]}}"#,
    "\n",
    r#"{"timestamp":"2026-03-02T09:00:03.000000+0100","flow_id":3,"event_type":"flow","src_ip":"10.0.0.1","src_port":5,"dest_ip":"1.2.3.4","dest_port":443,"proto":"TCP","app_proto":"tls","flow":{"pkts_toserver":3,"bytes_toserver":700,"bytes_toclient":30,"start":"2026-03-02T08:59:00.000000+0100","age":63}}"#,
    "\n",
    r#"{"timestamp":"2026-03-02T09:00:04.000000+0100","flow_id":4,"event_type":"alert","src_ip":"10.0.0.1","src_port":5,"dest_ip":"1.2.3.4","dest_port":443,"proto":"TCP","alert":{"action":"allowed","signature":"ET x","category":"Trojan","severity":1},"http":{"hostname":"h.example"}}"#,
    "\n",
    r#"{"timestamp":"2026-03-02T09:00:05.000000+0100","flow_id":5,"event_type":"tls","src_ip":"10.0.0.1","src_port":5,"dest_ip":"1.2.3.4","dest_port":443,"proto":"TCP","tls":{"sni":"s.example","version":"TLS 1.3"}}"#,
    "\nnot json\n",
);

#[test]
fn eve() {
    let of = |kind: &str| {
        let yaml = format!("{{ path: '{{path}}', format: auto, max_malformed: 0.5, options: {{ event_type: {kind} }} }}");
        let (frame, q) = read(EVE, &yaml);
        assert_eq!((q.format.as_str(), q.malformed, q.filtered), ("eve", 1, 6 - q.rows));
        frame
    };
    let http = of("http");
    assert_eq!(
        rows(&http, ["timestamp", "flow_id", "src_ip", "dst_ip", "host", "url", "path", "query", "status", "bytes_down", "user_agent"]),
        [[
            &(EIGHT + 250_000).to_string(),
            "9007199254740993",
            "10.0.0.1",
            "93.184.216.34",
            "www.example.com",
            "/a?b=1",
            "/a",
            "?b=1",
            "200",
            "1256",
            "curl/8"
        ]
        .map(str::to_owned)]
    );
    assert!(http.column("bytes_up").is_ok(), "flows among the first rows have it");
    assert_eq!(
        rows(&of("dns"), ["host", "query", "dns.type"]),
        [["a.example", "a.example", "query"], ["b.example", "b.example", "request"]]
    );
    assert_eq!(rows(&of("flow"), ["bytes_up", "bytes_down", "duration_ms", "app_proto"]), [["700", "30", "63000.0", "tls"]]);
    assert_eq!(rows(&of("alert"), ["action", "category", "host", "alert.severity"]), [["allowed", "Trojan", "h.example", "1"]]);
    assert_eq!(rows(&of("tls"), ["host", "tls.version"]), [["s.example", "TLS 1.3"]]);
    let error = read_text(EVE.as_bytes(), "{ path: '{path}', format: eve }").unwrap_err();
    assert!(error.to_string().contains("several kinds") && error.hint().unwrap().contains("event_type: dns"), "{error:?}");
    let error = read_text(EVE.as_bytes(), "{ path: '{path}', format: eve, options: { event_type: smtp } }").unwrap_err();
    assert!(error.to_string().contains("no record of the kind `smtp`") && error.to_string().contains("`http` (1)"), "{error}");
}

#[test]
fn ecs_nested_dotted_and_wrapped_alike() {
    let nested = r#"{"@timestamp":"2026-03-02T08:00:00.000Z","ecs":{"version":"8.0"},"user":{"name":"ann"},"source":{"ip":"10.0.0.1","bytes":900},"url":{"full":"https://a.example/x?y=1","domain":"a.example","query":"y=1"},"http":{"request":{"method":"PUT","bytes":700},"response":{"status_code":201,"bytes":30}},"event":{"action":"allow","duration":1500000},"user_agent":{"original":"ua"},"tags":["a","b"]}"#;
    let dotted = r#"{"@timestamp":"2026-03-02T08:00:00.000Z","ecs.version":"8.0","user.name":"ann","source.ip":"10.0.0.1","source.bytes":900,"url.full":"https://a.example/x?y=1","url.domain":"a.example","url.query":"y=1","http.request.method":"PUT","http.request.bytes":700,"http.response.status_code":201,"http.response.bytes":30,"event.action":"allow","event.duration":1500000,"user_agent.original":"ua","tags":["a","b"]}"#;
    let wrapped = format!("{{\"_index\":\"i\",\"_source\":{nested}}}");
    let names = [
        "timestamp",
        "user",
        "src_ip",
        "method",
        "scheme",
        "host",
        "port",
        "path",
        "query",
        "status",
        "action",
        "bytes_up",
        "bytes_down",
        "duration_ms",
    ];
    let want =
        [&EIGHT.to_string(), "ann", "10.0.0.1", "PUT", "https", "a.example", "443", "/x", "?y=1", "201", "allow", "700", "30", "1.5"]
            .map(str::to_owned);
    for line in [nested, dotted, &wrapped] {
        let (frame, q) = read(&format!("{line}\n"), "{ path: '{path}', format: auto }");
        assert_eq!(q.format, "ecs");
        assert_eq!(rows(&frame, names)[0], want, "{line}");
        assert_eq!(text(&frame, "tags", 0), "a,b");
    }
}

#[test]
fn ocsf() {
    let text = concat!(
        r#"{"class_uid":4002,"category_uid":4,"activity_id":6,"activity_name":"Post","time":1772438400123,"actor":{"user":{"name":"ann"}},"src_endpoint":{"ip":"10.0.0.1","port":50000},"dst_endpoint":{"ip":"1.2.3.4","port":443},"http_request":{"http_method":"POST","user_agent":"ua","url":{"scheme":"https","hostname":"a.example","path":"/x","query_string":"y=1","url_string":"https://a.example/x?y=1"},"length":5},"http_response":{"code":200,"length":6},"traffic":{"bytes_in":30,"bytes_out":700},"action":"Allowed"}"#,
        "\n",
        r#"{"class_uid":4002,"activity_name":"Get","time":1772438401000,"http_request":{"http_method":"GET","length":5},"http_response":{"code":200,"length":6}}"#,
        "\n",
        r#"{"class_uid":4001,"time":1772438401000}"#,
        "\n",
    );
    let (frame, q) = read(text, "{ path: '{path}', format: auto }");
    assert_eq!((q.format.as_str(), q.rows, q.filtered), ("ocsf", 2, 1));
    assert_eq!(
        rows(&frame, ["timestamp", "user", "host", "query", "port", "bytes_up", "bytes_down", "action"]),
        [
            [&(EIGHT + 123_000).to_string(), "ann", "a.example", "?y=1", "443", "700", "30", "Allowed"].map(str::to_owned),
            [&(EIGHT + 1_000_000).to_string(), "null", "null", "null", "null", "5", "6", "Get"].map(str::to_owned),
        ]
    );
}

#[test]
fn ocsf_of_names_and_logons() {
    let dns = r#"{"class_uid":4003,"time":1772438400000,"src_endpoint":{"ip":"10.0.0.2"},"query":{"hostname":"a.example","type":"A"},"rcode":"NXDomain","status":"Success"}"#;
    let (frame, q) = read(dns, "{ path: '{path}', format: ocsf, options: { class_uid: 4003 } }");
    assert_eq!((q.rows, q.unreadable.len()), (1, 0));
    assert_eq!(rows(&frame, ["src_ip", "host", "rcode", "outcome"]), [["10.0.0.2", "a.example", "NXDomain", "Success"].map(str::to_owned)]);
    let logon = r#"{"class_uid":3002,"time":1772438400000,"actor":{"user":{"name":"svc"}},"user":{"name":"bob"},"src_endpoint":{"ip":"10.0.0.9"},"dst_endpoint":{"hostname":"dc1"},"status":"Failure"}"#;
    let (frame, _) = read(logon, "{ path: '{path}', format: ocsf, options: { class_uid: 3002 } }");
    assert_eq!(rows(&frame, ["user", "host", "outcome", "status"]), [["bob", "dc1", "Failure", "null"].map(str::to_owned)]);
}

#[test]
fn windows_json_of_both_makes() {
    let text = concat!(
        r#"{"@timestamp":"2026-03-02T08:00:00.000Z","winlog":{"event_id":4625,"computer_name":"DC1","event_data":{"TargetUserName":"ann","IpAddress":"::ffff:10.0.0.1","IpPort":"50000","LogonType":"3","AuthenticationPackageName":"NTLM","WorkstationName":"PC1"}}}"#,
        "\n",
        r#"{"@timestamp":"2026-03-02T08:00:01.000Z","winlog.event_id":"4776","winlog.computer_name":"DC1","winlog.event_data.TargetUserName":"bob","winlog.event_data.Status":"0x0","winlog.event_data.Workstation":"PC2"}"#,
        "\n",
        r##"{"Event":{"#attributes":{"xmlns":"x"},"System":{"EventID":4624,"TimeCreated":{"#attributes":{"SystemTime":"2026-03-02T08:00:02.000000Z"}},"Computer":"DC2"},"EventData":{"TargetUserName":"-","SubjectUserName":"SYSTEM$","LogonType":5,"IpAddress":"-"}}}"##,
        "\n",
        r##"{"Event":{"System":{"EventID":{"#attributes":{"Qualifiers":0},"#text":4688},"TimeCreated":{"#attributes":{"SystemTime":"2026-03-02T08:00:03.000000Z"}}}}}"##,
        "\n",
    );
    let (frame, q) = read(text, "{ path: '{path}', format: auto }");
    assert_eq!(q.format, "winlog");
    assert_eq!(
        rows(&frame, ["timestamp", "event_id", "action", "user", "src_ip", "src_port", "src_host", "host", "method", "logon_type"]),
        [
            [&EIGHT.to_string(), "4625", "failure", "ann", "10.0.0.1", "50000", "PC1", "DC1", "NTLM", "3"].map(str::to_owned),
            [&(EIGHT + 1_000_000).to_string(), "4776", "success", "bob", "null", "null", "PC2", "DC1", "null", "null"].map(str::to_owned),
            [&(EIGHT + 2_000_000).to_string(), "4624", "success", "SYSTEM$", "null", "null", "null", "DC2", "null", "5"].map(str::to_owned),
            [&(EIGHT + 3_000_000).to_string(), "4688", "process", "null", "null", "null", "null", "null", "null", "null"]
                .map(str::to_owned),
        ]
    );
}
