//! Formats of vendors and those written by a format string, on short texts with values worked out by hand.

use super::*;

fn read(text: &str, format: &str, options: &str) -> Result<(DataFrame, SourceQuality)> {
    read_text(text.as_bytes(), &format!("{{ path: '{{path}}', format: {format}, max_malformed: 0.5, options: {{ {options} }} }}"))
}

fn row<const N: usize>(frame: &DataFrame, at: usize, names: [&str; N]) -> [String; N] {
    names.map(|name| text(frame, name, at))
}

#[test]
fn squid_with_a_logformat() {
    let lines = concat!(
        "1461576382.642    161 127.0.0.1 pc.example TCP_MISS/200 700 103701 GET http://www.cnn.com/a?b DOM%5cann HIER_DIRECT/199.27.79.73 \"Mozilla \\\"5\\\"\" text/html\n",
        "1461576382.007     -1 127.0.0.1 - NONE_NONE/000 39 0 CONNECT x.org:8443 - HIER_NONE/- \"-\" - [User-Agent: x] [a b]\n",
        "no line of it\n",
    );
    let options = "logformat: '%ts.%03tu %6tr %>a %>A %Ss/%03>Hs %>st %<st %rm %ru %[un %Sh/%<a \"%{User-Agent}>h\" %mt'";
    let (frame, q) = read(lines, "squid", options).unwrap();
    adds_up(&q);
    assert_eq!((q.rows, q.malformed), (2, 1));
    let names =
        ["timestamp", "duration_ms", "src_host", "bytes_up", "bytes_down", "host", "port", "path", "user", "dst_ip", "user_agent", "mime"];
    let want = [
        "1461576382642000",
        "161.0",
        "pc.example",
        "700",
        "103701",
        "www.cnn.com",
        "80",
        "/a",
        "DOM\\ann",
        "199.27.79.73",
        "Mozilla \"5\"",
        "text/html",
    ];
    assert_eq!(row(&frame, 0, names), want);
    let want = ["1461576382007000", "-1.0", "null", "39", "0", "x.org", "8443", "null", "null", "null", "null", "null"];
    assert_eq!(row(&frame, 1, names), want);
    assert_eq!(row(&frame, 0, ["action", "status", "hierarchy", "peer"]), ["TCP_MISS", "200", "HIER_DIRECT", "199.27.79.73"]);
}

#[test]
fn formats_that_squid_defines() {
    let native = "1461576382.642    161 127.0.0.1 TCP_MISS/200 103701 GET http://www.cnn.com/a?b DOM%5cann DIRECT/199.27.79.73 text/html\n";
    let (by_name, _) = read(native, "squid", "logformat: squid").unwrap();
    let (by_hand, _) = read(native, "squid", "").unwrap();
    for name in ["timestamp", "user", "src_ip", "method", "url", "host", "status", "action", "bytes_down", "duration_ms", "mime", "dst_ip"]
    {
        assert_eq!(text(&by_name, name, 0), text(&by_hand, name, 0), "{name}");
    }
    let line =
        "10.0.0.1 - ann [10/Oct/2000:13:55:36 -0700] \"GET http://a.b/c d HTTP/1.1\" 200 2326 \"http://r/\" \"ua\" TCP_MISS:HIER_DIRECT\n";
    let (frame, q) = read(line, "squid", "logformat: combined").unwrap();
    assert_eq!(q.malformed, 0);
    let names = ["timestamp", "url", "protocol", "bytes_down", "referrer", "user_agent", "action", "hierarchy"];
    assert_eq!(row(&frame, 0, names), ["971211336000000", "http://a.b/c d", "1.1", "2326", "http://r/", "ua", "TCP_MISS", "HIER_DIRECT"]);
    for (name, line) in [
        ("common", "10.0.0.1 - - [10/Oct/2000:13:55:36 -0700] \"GET http://a.b/ HTTP/1.1\" 200 2326 TCP_MISS:HIER_DIRECT\n"),
        ("referrer", "971211336.000 10.0.0.1 http://r/ http://a.b/\n"),
        ("useragent", "10.0.0.1 [10/Oct/2000:13:55:36 -0700] \"ua\"\n"),
    ] {
        let (frame, _) = read(line, "squid", &format!("logformat: {name}")).unwrap();
        assert_eq!(row(&frame, 0, ["timestamp", "src_ip"]), ["971211336000000", "10.0.0.1"], "{name}");
    }
}

#[test]
fn apache_with_a_format() {
    let line = "10.0.0.1 - ann smith [10/Oct/2000:13:55:36 -0700] \"POST /a?b=1 HTTP/1.1\" 200 512 700 \"http://r/\" \"say \\\"hi\\\"\" 1500 abc\n";
    let options = "log_format: '%h %l %u %t \"%r\" %>s %O %I \"%{Referer}i\" \"%{User-Agent}i\" %D %{session}C'";
    let (frame, _) = read(line, "combined", options).unwrap();
    let names =
        ["timestamp", "user", "method", "path", "query", "status", "bytes_down", "bytes_up", "user_agent", "duration_ms", "session"];
    assert_eq!(
        row(&frame, 0, names),
        ["971211336000000", "ann smith", "POST", "/a", "?b=1", "200", "512", "700", "say \"hi\"", "1.5", "abc"]
    );
    let options =
        "log_format: 'LogFormat \"%{%Y-%m-%d %H:%M:%S}t.%{msec_frac}t %v:%p %a \\\"%m %U%%\\\" %B\" mine', timezone: Europe/Paris";
    let (frame, _) = read("2026-07-01 12:00:00.250 www.x.org:443 10.0.0.1 \"GET /a%\" 0\n", "combined", options).unwrap();
    assert_eq!(row(&frame, 0, ["timestamp", "host", "port", "path", "bytes_down"]), ["1782900000250000", "www.x.org", "443", "/a", "0"]);
}

#[test]
fn nginx_with_a_format() {
    let options = "log_format: \"log_format main '$remote_addr - $remote_user [$time_local] \\\"$request\\\" ' '$status ${body_bytes_sent} $request_length $request_time $upstream_response_time $host \\\"$http_user_agent\\\"';\"";
    let line =
        "10.0.0.1 - - [10/Oct/2000:13:55:36 -0700] \"GET /a?b HTTP/2.0\" 200 512 700 0.123 0.1, 0.02 www.x.org \"say \\x22hi\\x22\"\n";
    let (frame, _) = read(line, "combined", options).unwrap();
    let names =
        ["timestamp", "user", "method", "host", "path", "bytes_down", "bytes_up", "duration_ms", "upstream_response_time", "user_agent"];
    assert_eq!(
        row(&frame, 0, names),
        ["971211336000000", "null", "GET", "www.x.org", "/a", "512", "700", "123.0", "0.1, 0.02", "say \"hi\""]
    );
}

#[test]
fn wrong_format_strings_say_where() {
    let error = |format: &str, options: &str| read("x\n", format, options).unwrap_err().to_string();
    assert!(error("squid", "logformat: '%ts %Q'").contains("options.logformat: there is no code of Squid at character 5 (`%Q`)"));
    assert!(error("squid", "logformat: '%ts %{User-Agent>h'").contains("a brace is not closed at character 6"));
    assert!(error("squid", "logformat: '%ts %rm%ru'").contains("`ru` follows `rm` with nothing between them"));
    assert!(error("combined", "log_format: '%t %'").contains("there is no code of Apache at character 4"));
    assert!(error("combined", "log_format: '$msec ${a'").contains("a `$` names no variable at character 7"));
    assert!(error("squid", "logformat: 'plain'").contains("names 0 fields"));
    assert!(
        error("squid", "logformat: '%>a %ru'").contains("is not `squid`") || error("squid", "logformat: '%>a'").contains("names no time")
    );
    assert!(error("squid", "logformat: squid").contains("no line has the fields of the format string"));
}

#[test]
fn web_gateway_headers_change() {
    let lines = concat!(
        "#time_stamp \"auth_user\" src_ip status_code \"req_line\" \"categories\" \"rep_level\" bytes_to_client bytes_from_client own\n",
        "[01/Mar/2026:08:00:00 +0100] \"DOM\\ann\" 10.0.0.1 200 \"GET http://a.b/x?y HTTP/1.1\" \"News, Blogs\" \"low risk \" 512 700 z\n",
        "#time_stamp \"auth_user\" src_ip bytes_from_client\n",
        "[01/Mar/2026:08:00:01 +0100] \"-\" 10.0.0.2 5\n",
        "[01/Mar/2026:08:00:01 +0100] \"-\" 10.0.0.2 5 6 7 8 \"\n",
    );
    let (frame, q) = read(lines, "auto", "").unwrap();
    adds_up(&q);
    assert_eq!((q.format.as_str(), q.rows, q.header, q.malformed), ("webgateway", 3, 2, 0));
    let names = ["timestamp", "user", "src_ip", "host", "query", "bytes_up", "bytes_down", "category", "own"];
    assert_eq!(row(&frame, 0, names), ["1772348400000000", "DOM\\ann", "10.0.0.1", "a.b", "?y", "700", "512", "News, Blogs", "z"]);
    assert_eq!(row(&frame, 1, names), ["1772348401000000", "null", "10.0.0.2", "null", "null", "5", "null", "null", "null"]);
}

#[test]
fn regex_with_named_groups() {
    let lines = "== start\n2026-03-02 08:00:00 10.0.0.1 ann http://a.b/x?y 12 0.5\n2026-03-02 08:00:01 - - c.d:443 N/A x\nbad\n";
    let options = "pattern: '^(?<when>\\S+ \\S+) (?<src_ip>\\S+) (?<user>\\S+) (?<url>\\S+) (?<bytes_up>\\S+) (?<load>\\S+)$', skip: '^==', nulls: ['N/A'], types: { load: float }";
    let yaml = format!(
        "{{ path: '{{path}}', format: regex, max_malformed: 0.5, time: {{ column: when, timezone: Europe/Paris }}, options: {{ {options} }} }}"
    );
    let (frame, q) = read_text(lines.as_bytes(), &yaml).unwrap();
    adds_up(&q);
    assert_eq!((q.rows, q.header, q.malformed, q.unreadable["load"]), (2, 1, 1, 1));
    let names = ["timestamp", "src_ip", "user", "host", "port", "path", "bytes_up", "load"];
    assert_eq!(row(&frame, 0, names), ["1772434800000000", "10.0.0.1", "ann", "a.b", "80", "/x", "12", "0.5"]);
    assert_eq!(row(&frame, 1, names), ["1772434801000000", "null", "null", "c.d", "443", "null", "null", "null"]);
    let error = |options: &str| read("a\n", "regex", options).unwrap_err();
    assert!(error("pattern: '(?<a>x'").to_string().contains("options.pattern: regex parse error"), "{}", error("pattern: '(?<a>x'"));
    assert!(error("pattern: '(?<a>x)'").to_string().contains("no line of its beginning matches"));
    assert!(error("pattern: 'x'").to_string().contains("0 named groups"));
    assert!(error("pattern: '(?<a>(\\w{1,1000}){1,1000})'").to_string().contains("too large"));
    assert!(error("pattern: '(?<a>.)', types: { b: int }").to_string().contains("no group (in `options.types`) `b`"));
}

#[test]
fn palo_alto_lines_of_any_version() {
    let common = |kind: &str, sub: &str| {
        format!(
            "1,2026/03/02 08:00:01,0011,{kind},{sub},1,2026/03/02 08:00:00,10.0.0.1,192.0.2.7,,,rule1,dom\\ann,,web,vsys1,in,out,e1,e2,log,2026/03/02 08:00:01,77,1,5000,443,0,0,0x0,tcp,allow"
        )
    };
    let url = format!(
        "{},\"a.b/x,y?z\",(9999),news,informational,client-to-server,1,0x0,FR,US,0,text/html,0,,,1,\"ua, 1\",,,http://r/\n",
        common("THREAT", "url")
    );
    let traffic = format!("{},900,700,200,9,2026/03/02 07:59:50,10,news,0,1,0x0,FR,US,0,4,5,aged-out\n", common("TRAFFIC", "end"));
    let later = format!(
        "{},900,700,200,9,2026/03/02 07:59:50,10,news,0,1,0x0,FR,US,0,4,5,aged-out,0,0,0,0,,dev,from-policy,{}\n",
        common("TRAFFIC", "end"),
        "x,".repeat(60)
    );
    let (frame, q) = read(&[&url, &traffic, &later, "1,2,3\n"].map(String::from).concat(), "auto", "timezone: Europe/Paris").unwrap();
    adds_up(&q);
    assert_eq!((q.format.as_str(), q.rows, q.malformed), ("paloalto", 3, 1));
    let names = ["timestamp", "user", "host", "path", "query", "bytes_up", "duration_ms", "user_agent", "session_id", "mime", "device"];
    assert_eq!(
        row(&frame, 0, names),
        ["1772434800000000", "dom\\ann", "a.b", "/x,y", "?z", "null", "null", "ua, 1", "77", "text/html", "null"]
    );
    assert_eq!(
        row(&frame, 1, names),
        ["1772434800000000", "dom\\ann", "null", "null", "null", "700", "10000.0", "null", "77", "null", "null"]
    );
    assert_eq!(text(&frame, "device", 2), "dev");
    // By the start of the session, which URLs do not have.
    let by_start = "{ path: '{path}', format: paloalto, time: { column: start_time }, options: { timezone: Europe/Paris } }";
    let (frame, q) = read_text([url, traffic].concat().as_bytes(), by_start).unwrap();
    assert_eq!((q.rows, q.no_time, text(&frame, "timestamp", 0).as_str()), (1, 1, "1772434790000000"));
    assert_eq!(text(&frame, "generated_time", 0), "2026/03/02 08:00:00");
}

#[test]
fn umbrella_web_rows_of_any_version() {
    let first = "\"2026-03-02 08:00:00\",\"PC1\",\"10.0.0.1\",\"192.0.2.1\",\"192.0.2.7\",\"\",\"ALLOWED\",\"http://a.b/x.js\",\"www.r.org\",\"ua (x, y)\",\"200\",\"562\",\"1489\",\"\",\"\",\"Search Engines\"";
    let later = format!("{first},\"\",\"\",\"\",\"\",\"\",\"Roaming Computers\",\"\",\"PC1,Site\",\"Roaming Computers,Sites\",\"GET\"");
    let (frame, q) = read(&format!("{first}\n{later}\n\"2026\",1\n"), "auto", "").unwrap();
    adds_up(&q);
    assert_eq!((q.format.as_str(), q.rows, q.malformed), ("umbrella", 2, 1));
    let names = [
        "timestamp",
        "user",
        "src_ip",
        "dst_ip",
        "host",
        "status",
        "bytes_up",
        "bytes_down",
        "referrer",
        "user_agent",
        "method",
        "identities",
    ];
    let want = ["1772438400000000", "PC1", "10.0.0.1", "192.0.2.7", "a.b", "200", "562", "1489", "www.r.org", "ua (x, y)", "null", "null"];
    assert_eq!(row(&frame, 0, names), want);
    assert_eq!(row(&frame, 1, ["method", "identities"]), ["GET", "PC1,Site"]);
}
