//! Real logs. Row counts and sums come from awk, zcat, Python's csv and json modules, run over the same files.

use super::*;

struct Sample {
    frame: DataFrame,
    quality: SourceQuality,
}

fn sample(path: &str, yaml: &str) -> Option<Sample> {
    let root = shared()?;
    let spec: spec::Source = serde_yaml::from_str(&format!("{{ path: '{path}', {yaml} }}")).unwrap();
    let source = Source::open(path, &spec, &root).unwrap();
    let (frame, quality) = read_all(&source);
    adds_up(&quality);
    assert_eq!(frame.height() as u64, quality.rows);
    Some(Sample { frame, quality })
}

#[test]
fn blue_coat() {
    // The sample's own `#Fields:` leaves out cs(User-Agent), which the lines have.
    let path = "vendor-samples/bluecoat_proxysg_elff_elastic_sample.log";
    if let Some(root) = shared() {
        let error = Source::open("s", &spec(path, "auto"), &root).unwrap_err();
        assert!(error.to_string().contains("names 23 fields, and its lines have 24"), "{error}");
        assert!(error.hint().unwrap().contains("write `options: { fields: main }`"), "{error:?}");
        assert_eq!(advise(&spec(path, "auto"), &root).unwrap().value, "main");
    }
    let Some(s) = sample(path, "format: auto, options: { fields: main }") else { return };
    assert_eq!((s.quality.format.as_str(), s.frame.height(), s.quality.header, s.quality.malformed), ("elff", 7, 6, 0));
    assert_eq!(text(&s.frame, "timestamp", 0), "1711124161000000");
    assert_eq!(text(&s.frame, "category", 0), "FastwebRes_CallCntr;Web Ads/Analytics");
    assert_eq!(text(&s.frame, "url", 5), "https://token.rubiconproject.com/khaos.json?khaos=LERH3RQR-10-H6DO");
    assert_eq!((sum(&s.frame, "bytes_up"), sum(&s.frame, "bytes_down")), (9_777.0, 7_974.0));
    assert_eq!(strings(&s.frame, "status").into_iter().flatten().collect::<Vec<_>>(), ["302", "200", "0", "200", "200", "200", "200"]);
}

#[test]
fn iis() {
    let Some(s) = sample("vendor-samples/iis_w3c_u_ex221107.log", "format: elff") else { return };
    assert_eq!((s.quality.lines, s.quality.header, s.quality.malformed), (168, 16, 0));
    assert_eq!(text(&s.frame, "path", 0), "/us");
    assert_eq!(s.frame.column("sc-substatus").unwrap().dtype(), &DataType::Int64);
}

#[test]
fn squid() {
    let Some(s) = sample("vendor-samples/squid_native_netdata_testdata.log", "format: auto, max_malformed: 0.05") else { return };
    assert_eq!((s.quality.format.as_str(), s.quality.lines, s.quality.malformed, s.frame.height()), ("squid", 500, 16, 484));
    assert_eq!(
        (s.quality.malformed_samples[0].line, s.quality.malformed_samples[0].text.as_str()),
        (1, "Unmatched! The rat the cat the dog chased killed ate the malt!")
    );
    let Some(s) = sample("vendor-samples/squid_metron.log", "format: squid") else { return };
    assert_eq!((s.frame.height(), sum(&s.frame, "bytes_down")), (2, 240_884.0));
    let Some(s) = sample("vendor-samples/squid_native_elastic_sample.log", "format: auto") else { return };
    assert_eq!(s.frame.height(), 19);
    assert_eq!(text(&s.frame, "host", 0), "login.yahoo.com");
    assert_eq!(text(&s.frame, "user", 0), "badeyek");
    assert_eq!(text(&s.frame, "timestamp", 0), "1157689312049000");
}

#[test]
fn apache() {
    let Some(s) = sample("auth-web/apache_access.log", "format: auto") else { return };
    assert_eq!((s.quality.format.as_str(), s.frame.height(), s.quality.malformed), ("combined", 10_000, 0));
    assert_eq!(text(&s.frame, "path", 0), "/presentations/logstash-monitorama-2013/images/kibana-search.png");
    assert_eq!(sum(&s.frame, "bytes_down"), 2_747_282_740.0);
    let Some(s) = sample("vendor-samples/weblog_full_netdata.log", "format: combined, max_malformed: 0.5") else { return };
    assert_eq!((s.quality.lines, s.quality.malformed), (500, 48));
    assert_eq!((text(&s.frame, "host", 0), text(&s.frame, "port", 0)), ("198.51.100.1".into(), "82".into()));
}

#[test]
fn zeek_text_and_json_give_the_same_rows() {
    let Some(tsv) = sample("zeek-http/http.tsv.log.gz", "format: auto") else { return };
    let Some(json) = sample("zeek-http/http.json.log.gz", "format: auto") else { return };
    assert_eq!((tsv.quality.format.as_str(), json.quality.format.as_str()), ("zeek", "zeek"));
    assert_eq!((tsv.frame.height(), json.frame.height()), (27_204, 27_204));
    let names: Vec<String> = tsv.frame.get_column_names().into_iter().map(ToString::to_string).collect();
    assert!(names.len() > 25, "{names:?}");
    for name in names {
        let (a, b) = (tsv.frame.column(&name).unwrap(), json.frame.column(&name).unwrap());
        let (a, b) = (a.as_materialized_series(), b.as_materialized_series());
        if !a.equals_missing(b) {
            let (a, b) = (strings(&tsv.frame, &name), strings(&json.frame, &name));
            let differing: Vec<_> = a.iter().zip(&b).filter(|(a, b)| a != b).take(3).collect();
            panic!("`{name}` differs: {differing:?}");
        }
    }
}

#[test]
fn zeek_dns_in_both_forms() {
    let Some(tsv) = sample("zeek-dns/dns.tsv.log.gz", "format: zeek") else { return };
    let Some(json) = sample("zeek-dns/dns.json.gz", "format: zeek") else { return };
    assert_eq!((tsv.frame.height(), json.frame.height()), (53_495, 53_495));
    for name in ["timestamp", "src_ip", "src_port", "dst_ip", "query", "host", "qtype", "rcode_name", "AA", "RA", "answers", "rejected"] {
        let (a, b) = (tsv.frame.column(name).unwrap(), json.frame.column(name).unwrap());
        assert_eq!(a.dtype(), b.dtype(), "{name}");
        assert!(a.as_materialized_series().equals_missing(b.as_materialized_series()), "`{name}` differs");
    }
    let Some(ssl) = sample("zeek-dns/ssl.log.gz", "format: zeek") else { return };
    assert_eq!(ssl.frame.height(), 49_444);
}

#[test]
fn zeek_rotated() {
    let Some(conn) = sample("zeek-rolling/conn.*.log.gz", "format: auto") else { return };
    assert_eq!((conn.quality.files.len(), conn.frame.height()), (2, 7_550));
    for kind in ["dns", "http", "ssl"] {
        let Some(s) = sample(&format!("zeek-rolling/{kind}.*.log.gz"), "format: zeek") else { return };
        assert!(s.frame.height() > 0 && s.quality.malformed == 0);
    }
}

#[test]
fn zeek_samples() {
    for (kind, tsv_lines, json_lines) in [("conn", 369, 50), ("dns", 63, 50), ("http", 159, 28), ("ssl", 46, 50)] {
        let Some(tsv) = sample(&format!("vendor-samples/zeek_{kind}_zat.log"), "format: auto") else { return };
        assert_eq!((tsv.quality.lines, tsv.quality.malformed), (tsv_lines, 0), "{kind}");
        let Some(json) = sample(&format!("vendor-samples/zeek_{kind}_zat.jsonl"), "format: auto") else { return };
        assert_eq!((json.quality.format.as_str(), json.quality.rows, json.quality.malformed), ("zeek", json_lines, 0), "{kind}");
    }
}

#[test]
fn alerts() {
    let Some(s) = sample("ait-alerts/santos.csv.gz", "format: csv, time: { column: time, parse: epoch_s }") else { return };
    assert_eq!((s.frame.height(), s.quality.lines, s.quality.header), (130_779, 130_780, 1));
    assert_eq!(text(&s.frame, "time", 0), "1642118409000000");
    assert_eq!(text(&s.frame, "event_label", 1), "-");
    let attacks = s.frame.clone().lazy().filter(col("event_label").neq(lit("-"))).collect().unwrap().height();
    assert_eq!(attacks, 36_874);
    let Some(s) = sample("ait-alerts/fox.csv.gz", "format: auto, time: { column: time, parse: epoch_s }") else { return };
    assert_eq!((s.quality.format.as_str(), s.frame.height()), ("csv", 473_104));
}

#[test]
fn other_delimited_and_json_samples() {
    let Some(s) = sample("paloalto/traffic.csv.gz", "format: csv, time: { column: Receive Time }") else { return };
    // The header begins with a byte order mark.
    assert_eq!((s.frame.height(), s.frame.width()), (65_532, 61));
    assert_eq!(text(&s.frame, "Domain", 0), "1");
    assert_eq!(text(&s.frame, "Serial #", 0), "001606050200");
    // Azure's flows are plain CSV; counted and summed with Python's csv module.
    let Some(s) = sample("vendor-samples/azure_net_flows_msticpy.csv", "format: auto, time: { column: FlowStartTime }") else { return };
    assert_eq!((s.quality.format.as_str(), s.frame.height(), sum(&s.frame, "TotalAllowedFlows")), ("csv", 460, 3_093.0));
}

#[test]
fn sshd() {
    // Counted by a regular expression of Python over the messages of sshd, `message repeated N times` taken N times.
    let Some(s) = sample("auth-web/auth.log", "format: auto, envelope: { year: 2017 }") else { return };
    assert_eq!((s.quality.format.as_str(), s.quality.malformed, s.frame.height()), ("sshd", 0, 2_560));
    let count = |s: &Sample, action: &str| strings(&s.frame, "action").iter().filter(|a| a.as_deref() == Some(action)).count();
    assert_eq!(
        ["failure", "disconnect", "success", "too_many_attempts", "invalid_user"].map(|a| count(&s, a)),
        [1_042, 925, 226, 189, 178]
    );
    assert_eq!(sum(&s.frame, "src_port"), 111_860_698.0);
    let failed = |s: &Sample, user: &str| {
        let (actions, users) = (strings(&s.frame, "action"), strings(&s.frame, "user"));
        actions.iter().zip(&users).filter(|(a, u)| a.as_deref() == Some("failure") && u.as_deref() == Some(user)).count()
    };
    assert_eq!((failed(&s, "root"), failed(&s, "elastic_user_0"), failed(&s, "admin")), (532, 148, 141));
    // `date -u -d '2017-03-27 13:08:09' +%s`, and of the last login.
    assert_eq!((s.quality.first, s.quality.last), (Some(1_490_620_089_000_000), Some(1_492_697_669_000_000)));
    let Some(s) = sample("auth-web/OpenSSH_2k.log", "format: sshd, envelope: { year: 2016 }") else { return };
    assert_eq!((s.frame.height(), sum(&s.frame, "src_port")), (1_148, 25_112_549.0));
    assert_eq!(["failure", "disconnect", "success", "invalid_user"].map(|a| count(&s, a)), [532, 502, 1, 113]);
}

#[test]
fn squid_native_by_its_own_logformat() {
    let path = "vendor-samples/squid_native_elastic_sample.log";
    let Some(native) = sample(path, "format: squid") else { return };
    let Some(formatted) = sample(path, "format: squid, options: { logformat: squid }") else { return };
    assert_eq!((native.frame.height(), formatted.frame.height()), (19, 19));
    for name in [
        "timestamp",
        "user",
        "src_ip",
        "method",
        "scheme",
        "host",
        "port",
        "path",
        "url",
        "status",
        "action",
        "bytes_down",
        "duration_ms",
        "mime",
        "dst_ip",
    ] {
        assert_eq!(strings(&native.frame, name), strings(&formatted.frame, name), "{name}");
    }
}

#[test]
fn apache_by_format_strings() {
    // Counts and sums by Python: the format as a regular expression. Line 8 899 is cut inside its last quotes.
    let apache = r#"log_format: '%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i"'"#;
    let nginx =
        r#"log_format: '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"'"#;
    for format in [apache, nginx] {
        let Some(s) = sample("auth-web/apache_access.log", &format!("format: combined, options: {{ {format} }}")) else { return };
        assert_eq!((s.frame.height(), s.quality.malformed), (9_999, 1));
        assert_eq!(sum(&s.frame, "bytes_down"), 2_747_282_505.0);
        assert_eq!(text(&s.frame, "path", 0), "/presentations/logstash-monitorama-2013/images/kibana-search.png");
    }
}

#[test]
fn web_gateway() {
    // Counts and sums by Python: one regular expression over each line, with `"([^"]*)"` for the quoted values, and by eye for the two lines
    // with quotes inside quotes. Of the lines that are left, seven lack the referrer, and one has neither addresses nor a request.
    let Some(root) = shared() else { return };
    let dir = tempfile::tempdir().unwrap();
    let tar = std::process::Command::new("tar")
        .arg("xzf")
        .arg(root.join("mcafee-webgateway/webgateway.tar.gz"))
        .arg("-C")
        .arg(dir.path())
        .status();
    assert!(tar.unwrap().success());
    for (part, files, rows, malformed, up, down) in
        [("benign", 2, 525, 7, 8_660.0, 0.0), ("exploit", 384, 9_454, 1, 3_790_982.0, 5_218_298.0)]
    {
        let spec = spec(&format!("{part}/*.webgateway"), "webgateway");
        let spec = spec::Source { max_malformed: serde_yaml::from_str("0.05").unwrap(), ..spec };
        let source = Source::open("s", &spec, dir.path()).unwrap();
        let (frame, q) = read_all(&source);
        adds_up(&q);
        assert_eq!((q.files.len(), frame.height(), q.malformed), (files, rows, malformed), "{part}: {:?}", q.malformed_samples);
        assert_eq!((sum(&frame, "bytes_up"), sum(&frame, "bytes_down")), (up, down), "{part}");
        if part == "exploit" {
            assert_eq!(strings(&frame, "user").into_iter().flatten().filter(|user| user == "Nico Rosberg").count(), rows);
        }
    }
    let source = Source::open("s", &spec("exploit/2014-05-01*", "auto"), dir.path()).unwrap();
    assert_eq!(source.format().id, "webgateway");
}

#[test]
fn palo_alto() {
    // Sums by Python's csv module over the columns `Bytes Sent`, `Bytes Received`, `Elapsed Time (sec)`.
    let Some(s) = sample("paloalto/traffic.csv.gz", "format: auto") else { return };
    assert_eq!((s.quality.format.as_str(), s.frame.height(), s.quality.malformed), ("paloalto", 65_532, 0));
    let sums = |frame: &DataFrame| ["bytes_up", "bytes_down", "duration_ms"].map(|name| sum(frame, name));
    assert_eq!(sums(&s.frame), [418_269_986_488.0, 23_059_124_721.0, 850_983_000.0]);
    // The same rows as syslog carries them.
    let packed = fs::File::open(shared().unwrap().join("paloalto/traffic.csv.gz")).unwrap();
    let mut lines = String::new();
    std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(packed), &mut lines).unwrap();
    let (bare, q) = read_text(lines.split_once('\n').unwrap().1.as_bytes(), "{ path: '{path}' }").unwrap();
    assert_eq!((q.format.as_str(), bare.height(), sums(&bare)), ("paloalto", 65_532, sums(&s.frame)));
    for name in ["timestamp", "src_ip", "dst_ip", "app", "rule", "session_id", "action", "protocol", "dst_port", "device"] {
        assert_eq!(strings(&bare, name), strings(&s.frame, name), "{name}");
    }
    let Some(s) = sample("paloalto/threat.csv", "format: auto") else { return };
    assert_eq!((s.quality.format.as_str(), s.frame.height(), s.quality.malformed), ("paloalto", 347, 0));
    let row = ["timestamp", "host", "path", "category", "severity", "session_id"].map(|name| text(&s.frame, name, 0));
    assert_eq!(row, ["1494357442000000", "192.168.4.200", "/", "private-ip-addresses", "informational", "49049"]);
}

#[test]
fn cisco_umbrella() {
    let Some(s) = sample("vendor-samples/cisco_umbrella_dns_elastic_sample.csv", "format: auto") else { return };
    assert_eq!((s.quality.format.as_str(), s.frame.height(), s.quality.malformed), ("umbrella", 4, 0));
    let hosts = ["www.elastic.co", "elastic.co", "eu-v20.events.data.microsoft.com", "test.com"];
    assert_eq!(strings(&s.frame, "host").into_iter().flatten().collect::<Vec<_>>(), hosts);
    let row = ["timestamp", "user", "src_ip", "action", "rcode", "blocked_categories"].map(|name| text(&s.frame, name, 1));
    assert_eq!(row, ["1595548225000000", "elasticuser", "192.168.1.1", "Blocked", "NOERROR", "BlockedCategories"]);
}

#[test]
fn zscaler() {
    // Counted and summed with Python's json and csv modules.
    let Some(s) = sample("vendor-samples/zscaler_nss_web_elastic_sample.jsonl", "format: auto") else { return };
    assert_eq!((s.quality.format.as_str(), s.frame.height()), ("zscaler", 2));
    assert_eq!((sum(&s.frame, "bytes_up"), sum(&s.frame, "bytes_down")), (1_155.0, 130.0));
    assert_eq!(
        ["timestamp", "host", "port", "src_host"].map(|name| text(&s.frame, name, 1)),
        ["1661764835000000", "www.example.com", "443", "TestMachine35"]
    );
    let Some(s) = sample("vendor-samples/zscaler_weekly_sample.csv", "format: zscaler") else { return };
    assert_eq!((s.frame.height(), s.quality.malformed, s.quality.no_time), (3_613, 0, 0));
    assert_eq!((sum(&s.frame, "bytes_up"), sum(&s.frame, "bytes_down")), (10_289_675_017.0, 8_471_643.0));
    assert_eq!(strings(&s.frame, "action").iter().filter(|action| action.as_deref() == Some("Blocked")).count(), 343);
    assert_eq!(strings(&s.frame, "status").iter().filter(|status| status.as_deref() == Some("403")).count(), 343);
    assert_eq!(strings(&s.frame, "scheme").iter().filter(|scheme| scheme.as_deref() == Some("https")).count(), 3_613);
}
