//! A hostile event as a device would write it, in every format that is read.

use std::{fs, path::Path};

use polars::prelude::*;
use polars_io::prelude::ParquetWriter;
use serde_json::json;

/// A format with a log in it.
pub struct Log {
    /// Its id, and which of its forms.
    pub id: &'static str,
    /// What else the experiment says of the source.
    pub source: &'static str,
    /// The columns that hold what an attacker may write; the first is the entity.
    pub columns: &'static [&'static str],
    header: &'static str,
    /// The record of a day in March 2026 at eight in the morning.
    record: fn(u32, &str) -> String,
}

impl Log {
    /// Writes a file with an event of each text on each day.
    pub fn write(&self, path: &Path, texts: &[String], days: &[u32]) {
        if self.id == "parquet" {
            let (mut times, mut values) = (Vec::new(), Vec::new());
            for (day, text) in events(texts, days) {
                times.push(format!("2026-03-{day:02}T08:00:00Z"));
                values.push(text);
            }
            let mut frame = df!("time" => times, "user" => &values, "host" => &values, "agent" => &values).unwrap();
            ParquetWriter::new(fs::File::create(path).unwrap()).finish(&mut frame).unwrap();
            return;
        }
        let mut bytes = self.header.as_bytes().to_vec();
        events(texts, days).for_each(|(day, text)| bytes.extend((self.record)(day, text).into_bytes()));
        // Lines that are no record are quoted where they are counted.
        bytes.extend(b"torn \x1b]52;c;x\x07\xff\xfe\xe2\x80\xae<img src=x onerror=document.title='owned'>\n");
        fs::write(path, bytes).unwrap();
    }
}

/// Some texts more often than others; what is very long on the last day alone.
fn events<'a>(texts: &'a [String], days: &'a [u32]) -> impl Iterator<Item = (u32, &'a str)> {
    let often = |at: usize, text: &str, last: bool| match text.len() {
        0..1_000 => 1 + at % 3,
        _ => usize::from(last),
    };
    days.iter().flat_map(move |day| {
        let of_day =
            move |(at, text): (usize, &'a String)| std::iter::repeat_n((*day, text.as_str()), often(at, text, days.last() == Some(day)));
        texts.iter().enumerate().flat_map(of_day)
    })
}

/// What a record of one line cannot hold, and no device writes as it is.
fn line(text: &str) -> String {
    text.replace(['\n', '\r'], " ")
}

fn cell(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

fn row<const N: usize>(cells: [&str; N]) -> String {
    format!("{}\n", cells.map(cell).join(","))
}

/// With a backslash before quotes and backslashes, as Apache, FortiGate and others write.
fn escaped(text: &str) -> String {
    line(text).replace('\\', "\\\\").replace('"', "\\\"")
}

fn percent(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02x}")).collect()
}

/// A text in Zeek's lines: what separates is written as `\xNN`.
fn zeek(text: &str) -> String {
    text.chars().map(|c| if c < ' ' || c == '\\' { format!("\\x{:02x}", u32::from(c)) } else { c.to_string() }).collect()
}

fn object(value: &serde_json::Value) -> String {
    format!("{value}\n")
}

/// The fields of a PAN-OS threat log, with a text at these places.
fn threat(day: u32, text: &str) -> String {
    let time = format!("2026/03/{day:02} 08:00:00");
    let cells: Vec<String> = (0..63)
        .map(|place| match place {
            1 | 6 | 21 => time.clone(),
            3 => "THREAT".into(),
            4 => "url".into(),
            7 | 8 => "10.0.0.1".into(),
            11 | 12 | 14 | 31 | 33 | 41 | 46 | 49 => cell(&line(text)),
            22 => "7".into(),
            _ => "0".into(),
        })
        .collect();
    format!("{}\n", cells.join(","))
}

/// Every format, in the forms that carry texts differently.
pub const LOGS: &[Log] = &[
    Log { id: "parquet", source: "time: { column: time }", columns: &["user", "host", "agent"], header: "", record: |_, _| String::new() },
    Log {
        id: "elff",
        source: "",
        columns: &["user", "host", "user_agent", "category"],
        header: "#Software: </script><script>x\x1b[31m\n#Fields: date time cs-username cs-host cs(User-Agent) cs-categories\n",
        record: |day, text| {
            let text = cell(&line(text));
            format!("2026-03-{day:02} 08:00:00 {text} {text} {text} {text}\n")
        },
    },
    Log {
        id: "zeek",
        source: "",
        columns: &["user", "host", "user_agent", "path"],
        header: "#separator \\x09\n#path\thttp\n#fields\tts\tuid\tid.orig_h\thost\turi\tuser_agent\tusername\n#types\ttime\tstring\taddr\tstring\tstring\tstring\tstring\n",
        record: |day, text| {
            let (text, time) = (zeek(text), 1_772_265_600 + 86_400 * day);
            format!("{time}.000000\tC1\t10.0.0.1\t{text}\t{text}\t{text}\t{text}\n")
        },
    },
    Log {
        id: "zeek",
        source: "",
        columns: &["user", "host", "user_agent", "path"],
        header: "",
        record: |day, text| {
            object(
                &json!({ "ts": format!("2026-03-{day:02}T08:00:00Z"), "uid": "C1", "id.orig_h": "10.0.0.1", "host": text, "uri": text, "user_agent": text, "username": text }),
            )
        },
    },
    Log {
        id: "squid",
        source: "",
        columns: &["user", "url", "mime"],
        header: "",
        record: |day, text| {
            let (user, time) = (percent(text), 1_772_265_600 + 86_400 * day);
            let url = line(text).replace(' ', "%20");
            format!("{time}.000      1 10.0.0.1 TCP_MISS/200 10 GET http://a.example/{url} {user} DIRECT/10.0.0.2 {url}\n")
        },
    },
    Log {
        id: "combined",
        source: "",
        columns: &["user", "path", "user_agent"],
        header: "",
        record: |day, text| {
            let (text, user) = (escaped(text), line(text).replace(['"', '['], "("));
            format!("10.0.0.1 - {user} [{day:02}/Mar/2026:08:00:00 +0000] \"GET /{text} HTTP/1.1\" 200 5 \"{text}\" \"{text}\"\n")
        },
    },
    Log {
        id: "webgateway",
        source: "",
        columns: &["user", "user_agent", "category"],
        header: "#time_stamp \"auth_user\" src_ip status_code \"req_line\" \"categories\" \"user_agent\"\n",
        record: |day, text| {
            let text = escaped(text);
            format!(
                "[{day:02}/Mar/2026:08:00:00 +0000] \"{text}\" 10.0.0.1 200 \"GET http://a.example/{text} HTTP/1.1\" \"{text}\" \"{text}\"\n"
            )
        },
    },
    Log { id: "paloalto", source: "", columns: &["user", "url", "user_agent", "rule"], header: "", record: threat },
    Log {
        id: "umbrella",
        source: "",
        columns: &["user", "host", "identities", "category"],
        header: "",
        record: |day, text| {
            let (text, time) = (line(text), format!("2026-03-{day:02} 08:00:00"));
            row([&time, &text, &text, "10.0.0.1", "10.0.0.2", "Allowed", "1 (A)", "NOERROR", &text, &text, &text, &text, &text])
        },
    },
    Log {
        id: "zscaler",
        source: "",
        columns: &["user", "url", "user_agent", "category"],
        header: "",
        record: |day, text| {
            let time = ["Mon", "Tue", "Wed", "Thu"][(day as usize - 2) % 4];
            let time = format!("{time} Mar {day:02} 08:00:00 2026");
            object(
                &json!({ "sourcetype": "zscalernss-web", "event": { "time": time, "login": text, "eurl": format!("a.example/{text}"), "action": "Allowed",
                "reqsize": 1, "respsize": 2, "urlcat": text, "cip": "10.0.0.1", "reqmethod": "GET", "respcode": "200", "ua": text } }),
            )
        },
    },
    Log {
        id: "cef",
        source: "",
        columns: &["user", "user_agent", "name", "Label"],
        header: "",
        record: |day, text| {
            let (name, text) = (
                escaped(text).replace('|', "\\|"),
                text.replace('\\', "\\\\").replace('=', "\\=").replace('\n', "\\n").replace('\r', "\\r"),
            );
            format!(
                "CEF:0|A|P|1|100|{name}|5|rt=Mar {day:02} 2026 08:00:00 suser={text} requestClientApplication={text} cs1Label=Label cs1={text}\n"
            )
        },
    },
    Log {
        id: "leef",
        source: "",
        columns: &["user", "url", "category"],
        header: "",
        record: |day, text| {
            let text = line(text).replace('\t', " ");
            format!(
                "LEEF:1.0|A|P|1|web|devTime=2026-03-{day:02}T08:00:00+0000\tdevTimeFormat=yyyy-MM-dd'T'HH:mm:ssZ\tusrName={text}\turl=http://a.example/{text}\tcat={text}\n"
            )
        },
    },
    Log {
        id: "fortigate",
        source: "",
        columns: &["user", "host", "user_agent", "devname"],
        header: "",
        record: |day, text| {
            let text = escaped(text);
            format!(
                "date=2026-03-{day:02} time=08:00:00 tz=\"+0000\" logid=\"1\" type=\"utm\" subtype=\"webfilter\" user=\"{text}\" hostname=\"{text}\" agent=\"{text}\" devname=\"{text}\"\n"
            )
        },
    },
    Log {
        id: "sshd",
        source: "envelope: { year: 2026 }",
        columns: &["user"],
        header: "",
        record: |day, text| {
            format!("Mar {day:>2} 08:00:00 web1 sshd[10]: Failed password for invalid user {} from 10.0.0.1 port 5 ssh2\n", line(text))
        },
    },
    Log {
        id: "eve",
        source: "options: { event_type: http }",
        columns: &["src_ip", "host", "user_agent", "path"],
        header: "",
        record: |day, text| {
            object(
                &json!({ "timestamp": format!("2026-03-{day:02}T08:00:00.000000+0000"), "flow_id": 1, "event_type": "http", "src_ip": text, "dest_ip": "10.0.0.2",
                "proto": "TCP", "http": { "hostname": text, "url": text, "http_user_agent": text, "http_method": "GET", "status": 200, "length": 1 } }),
            )
        },
    },
    Log {
        id: "ocsf",
        source: "",
        columns: &["user", "host", "user_agent"],
        header: "",
        record: |day, text| {
            let time = 1_000_u64 * (1_772_265_600 + 86_400 * u64::from(day));
            object(&json!({ "class_uid": 4002, "activity_name": text, "time": time, "actor": { "user": { "name": text } },
                "http_request": { "http_method": "GET", "user_agent": text, "url": { "hostname": text, "url_string": text } } }))
        },
    },
    Log {
        id: "winlog",
        source: "",
        columns: &["user", "src_host", "method", "host"],
        header: "",
        record: |day, text| {
            object(&json!({ "@timestamp": format!("2026-03-{day:02}T08:00:00.000Z"), "winlog": { "event_id": 4625, "computer_name": text,
                "event_data": { "TargetUserName": text, "WorkstationName": text, "AuthenticationPackageName": text, "IpAddress": "10.0.0.1" } } }))
        },
    },
    Log {
        id: "ecs",
        source: "",
        columns: &["user", "host", "user_agent", "tags"],
        header: "",
        record: |day, text| {
            object(
                &json!({ "@timestamp": format!("2026-03-{day:02}T08:00:00Z"), "ecs.version": "8.0", "user.name": text, "url": { "full": text, "domain": text },
                "user_agent.original": text, "tags": [text, text] }),
            )
        },
    },
    Log {
        id: "ndjson",
        source: "time: { column: time }",
        columns: &["user", "a.b", "tags"],
        header: "",
        record: |day, text| {
            object(&json!({ "time": format!("2026-03-{day:02}T08:00:00Z"), "user": text, "a": { "b": text, text: text }, "tags": [text] }))
        },
    },
    Log {
        id: "nfdump",
        source: "",
        columns: &["src_ip", "dst_ip", "proto", "flg"],
        header: "ts,te,td,sa,da,sp,dp,pr,flg,ipkt,ibyt\n",
        record: |day, text| {
            let text = line(text).replace([',', '"'], ";");
            format!("2026-03-{day:02} 08:00:00,2026-03-{day:02} 08:00:01,1.0,{text},{text},5,443,{text},{text},1,100\n")
        },
    },
    Log {
        id: "windows-csv",
        source: "options: { date_format: '%Y-%m-%d %H:%M:%S' }",
        columns: &["user", "Source", "Task Category"],
        header: "Keywords,Date and Time,Source,Event ID,Task Category\n",
        record: |day, text| {
            let message = format!("An account failed to log on.\n\nAccount Name:\t\t{}\nLogon Type:\t3", line(text));
            row([text, &format!("2026-03-{day:02} 08:00:00"), text, "4625", text, &message])
        },
    },
    Log {
        id: "regex",
        source: "time: { column: time }, options: { pattern: '^(?<time>\\S+Z) (?<user>.*) <> (?<host>.*)$' }",
        columns: &["user", "host"],
        header: "",
        record: |day, text| format!("2026-03-{day:02}T08:00:00Z {0} <> {0}\n", line(text)),
    },
    Log {
        id: "csv",
        source: "time: { column: time }",
        columns: &["user", "=1+1", "<img src=x onerror=document.title='owned'>"],
        header: "time,user,=1+1,<img src=x onerror=document.title='owned'>,\"\u{1b}]52;c;x\u{7}\u{202e}\"\n",
        record: |day, text| row([&format!("2026-03-{day:02}T08:00:00Z"), text, text, text, text]),
    },
];
