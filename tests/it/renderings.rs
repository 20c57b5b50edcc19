//! The same events in other formats give the same matrix: ELFF as the generator writes it, and Squid, CSV and syslog as written here.

use std::{fmt::Write as _, fs, io::Read as _, path::Path};

use crate::support::{json, root, run_json};

/// Days of the demonstration logs, and of them the clients whose address ends in a multiple of five: what suffices.
const DAYS: [&str; 3] = ["2026-03-02", "2026-03-03", "2026-03-04"];

/// An event by the names of its fields.
struct Event<'a> {
    line: &'a str,
    fields: Vec<&'a str>,
}

/// The fields of a line, split at spaces outside quotes.
fn split(line: &str) -> Vec<&str> {
    let (mut fields, mut rest) = (Vec::new(), line);
    while !rest.is_empty() {
        let (field, after) = match rest.strip_prefix('"') {
            Some(inside) => inside.split_once('"').unwrap(),
            None => rest.split_once(' ').unwrap_or((rest, "")),
        };
        fields.push(field);
        rest = after.trim_start_matches(' ');
    }
    fields
}

fn day(day: &str) -> String {
    let file = fs::File::open(root().join(format!("datasets/proxy/proxy-{day}.log.gz"))).unwrap();
    let mut text = String::new();
    flate2::read::MultiGzDecoder::new(file).read_to_string(&mut text).unwrap();
    text
}

/// Calls for each kept event.
fn each<'a>(text: &'a str, mut write: impl FnMut(&Event<'a>, &dyn Fn(&str) -> &'a str)) {
    let names = split(text.lines().find_map(|line| line.strip_prefix("#Fields: ")).unwrap());
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let event = Event { line, fields: split(line) };
        let get = |name: &str| event.fields[names.iter().position(|other| *other == name).unwrap()];
        let last: u32 = get("c-ip").rsplit('.').next().unwrap().parse().unwrap();
        if last.is_multiple_of(5) {
            write(&event, &get);
        }
    }
}

fn header(text: &str) -> &str {
    text.lines().find(|line| line.starts_with("#Fields: ")).unwrap()
}

fn elff(text: &str) -> String {
    let mut out = format!("{}\n", header(text));
    each(text, |event, _| {
        let _ = writeln!(out, "{}", event.line);
    });
    out
}

/// The lines without their header, each in an envelope of RFC 5424.
fn syslog(text: &str) -> String {
    let mut out = String::new();
    each(text, |event, _| {
        let _ = writeln!(out, "<134>1 2026-03-02T00:00:00Z proxy7 sgos 1 - - {}", event.line);
    });
    out
}

/// Names are percent-encoded, as Squid writes them.
fn encoded(text: &str) -> String {
    text.bytes()
        .map(|b| if b.is_ascii_alphanumeric() || b"-._@".contains(&b) { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect()
}

const LOGFORMAT: &str = r#"%ts.%03tu %6tr %>a %Ss/%03>Hs %>st %<st %rm %ru %[un %mt "%{User-Agent}>h""#;

fn seconds(date: &str, time: &str) -> i64 {
    chrono::NaiveDateTime::parse_from_str(&format!("{date} {time}"), "%Y-%m-%d %H:%M:%S").unwrap().and_utc().timestamp()
}

fn squid(text: &str) -> String {
    let mut out = String::new();
    each(text, |_, get| {
        let dash = |name: &str| Some(get(name)).filter(|value| *value != "-").unwrap_or_default();
        let (scheme, host, port) = (get("cs-uri-scheme"), get("cs-host"), get("cs-uri-port"));
        let url = if get("cs-method") == "CONNECT" {
            format!("{host}:{port}")
        } else {
            format!("{scheme}://{host}:{port}{}{}", dash("cs-uri-path"), dash("cs-uri-query"))
        };
        let user = if get("cs-username") == "-" { "-".into() } else { encoded(get("cs-username")) };
        let _ = writeln!(
            out,
            "{}.000 {:>6} {} TCP_MISS/{:0>3} {} {} {} {url} {user} {} \"{}\"",
            seconds(get("date"), get("time")),
            get("time-taken"),
            get("c-ip"),
            get("sc-status"),
            get("cs-bytes"),
            get("sc-bytes"),
            get("cs-method"),
            get("rs(Content-Type)"),
            get("cs(User-Agent)"),
        );
    });
    out
}

fn csv(text: &str) -> String {
    let mut out = "when,login,src_ip,method,host,status,bytes_up,bytes_down,user_agent\n".to_owned();
    each(text, |_, get| {
        let dash = |name: &str| Some(get(name)).filter(|value| *value != "-").unwrap_or_default();
        let _ = writeln!(
            out,
            "{},{},{},{},{},{},{},{},\"{}\"",
            seconds(get("date"), get("time")),
            dash("cs-username"),
            get("c-ip"),
            get("cs-method"),
            dash("cs-host"),
            dash("sc-status"),
            get("cs-bytes"),
            get("sc-bytes"),
            dash("cs(User-Agent)"),
        );
    });
    out
}

/// How the renderings are read.
const ELFF: &str = "format: elff";
const CSV: &str =
    "format: csv, time: { column: when, parse: epoch_s }, rename: { login: user, when: timestamp }, options: { types: { bytes_up: int } }";

fn sources(list: &[(&str, &str, &str)]) -> String {
    list.iter().map(|(name, path, how)| format!("  {name}: {{ path: '{path}', {how} }}\n")).collect()
}

/// Runs the experiment on these sources; the matrix of both parts, and the run's folder.
fn matrix(folder: &Path, name: &str, sources: &str, more: &str) -> ([Vec<u8>; 2], std::path::PathBuf) {
    let text = format!(
        "name: {name}\nuse_case: {{ title: Renderings }}\nsources:\n{sources}{more}\n\
         window: {{ start: 2026-03-02, train_end: 2026-03-04, end: 2026-03-05 }}\n\
         derive: {{ domain: \"registered_domain(host)\", upload: \"method in ('POST', 'PUT')\" }}\n\
         entity: {{ key: [user], every: 1h }}\n\
         fields:\n  requests: {{ count: '*' }}\n  up: {{ sum: bytes_up, scale: log }}\n  down: {{ sum: bytes_down }}\n  uploads: {{ count: '*', where: upload }}\n  \
         hosts: {{ distinct: host }}\n  new_domains: {{ unseen: domain, by: user }}\n  rare: {{ rarity: domain, agg: max }}\n  agents: {{ distinct: user_agent }}\n  \
         clients: {{ distinct: src_ip }}\n  refused: {{ share: 'status = 403' }}\n  night: {{ share: 'hour(timestamp) < 6' }}\n  beacon: {{ regularity: host, agg: max }}\n\
         algorithms: [ecod]\n"
    );
    let path = folder.join(format!("{name}.yaml"));
    fs::write(&path, text).unwrap();
    let (code, told) = run_json(&path, folder, &["--no-events"]);
    assert_eq!(code, 0, "{told}");
    let run = root().join(told["run"].as_str().unwrap());
    (["training", "judged"].map(|part| fs::read(run.join(format!("state/{part}.parquet"))).unwrap()), run)
}

#[test]
fn the_same_events_in_any_format_give_the_same_matrix() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path();
    for name in DAYS {
        let text = day(name);
        let write = |format: &str, text: String| fs::write(folder.join(format!("{format}-{name}.log")), text).unwrap();
        write("elff", elff(&text));
        write("squid", squid(&text));
        write("csv", csv(&text));
        write("syslog", syslog(&text));
    }
    let logformat = format!("format: squid, options: {{ logformat: '{LOGFORMAT}' }}");
    let fields = header(&day(DAYS[0])).trim_start_matches("#Fields: ").to_owned();
    let headless = format!("format: elff, envelope: rfc5424, options: {{ fields: '{fields}' }}");
    let (want, run) = matrix(folder, "elff", &sources(&[("proxy", "elff-*.log", ELFF)]), "");
    let rows = json(&run, "quality.json")["sources"][0]["rows"].as_u64().unwrap();
    assert!(rows > 5_000, "{rows}");
    for (name, path, how) in
        [("squid", "squid-*.log", logformat.as_str()), ("csv", "csv-*.log", CSV), ("syslog", "syslog-*.log", &headless)]
    {
        let (got, run) = matrix(folder, name, &sources(&[("proxy", path, how)]), "");
        assert_eq!(json(&run, "quality.json")["sources"][0]["rows"].as_u64(), Some(rows), "{name}");
        assert!(got == want, "{name} gives another matrix");
    }

    // A day of each, stacked.
    let list = [("a", "elff-2026-03-02.log", ELFF), ("b", "squid-2026-03-03.log", &logformat), ("c", "csv-2026-03-04.log", CSV)];
    let (got, run) = matrix(folder, "stacked", &sources(&list), "events: [a, b, c]");
    assert!(got == want, "three formats under each other give another matrix");
    let quality = json(&run, "quality.json");
    assert_eq!(quality["sources"].as_array().unwrap().iter().map(|source| source["rows"].as_u64().unwrap()).sum::<u64>(), rows);
    assert_eq!((quality["stacked"]["sources"].as_array().unwrap().len(), quality["stacked"]["duplicates"].as_f64()), (3, Some(0.0)));
    assert!(quality["stacked"]["columns"].as_array().unwrap().iter().any(|column| column == "bytes_up"));

    // The same day twice: each of its rows is in both.
    let list = [("a", "elff-*.log", ELFF), ("b", "squid-2026-03-03.log", &logformat)];
    let (got, run) = matrix(folder, "twice", &sources(&list), "events: [a, b]");
    assert!(got != want);
    let quality = json(&run, "quality.json");
    let twice = quality["sources"][1]["rows"].as_f64().unwrap() * 2.0 / (rows as f64 + quality["sources"][1]["rows"].as_f64().unwrap());
    let found = quality["stacked"]["duplicates"].as_f64().unwrap();
    assert!((found - twice).abs() < 0.02, "{found}, expected {twice}");
    assert!(quality["findings"].as_array().unwrap().iter().any(|finding| finding["code"] == "W133" && finding["subject"] == "a + b"));
}

#[test]
fn what_cannot_be_stacked_is_refused_before_anything_is_read() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(dir.path().join(name), text).unwrap();
    write("a.csv", "t,user,n\n2026-03-02T08:00:00Z,ann,1\n2026-03-03T08:00:00Z,ann,2\n");
    write("b.csv", "t,login,n\n2026-03-02T08:00:00Z,ann,1\n2026-03-03T08:00:00Z,bob,2\n");
    write("c.csv", "t,user,n\n2026-03-02T08:00:00Z,ann,x\n2026-03-03T08:00:00Z,bob,y\n");
    let check = |b: &str, events: &str| {
        let text = format!(
            "name: x\nuse_case: {{ title: X }}\nsources:\n  a: {{ path: a.csv, format: csv, time: {{ column: t }} }}\n  b: {{ {b} }}\n{events}\n\
             window: {{ start: 2026-03-02, train_end: 2026-03-03, end: 2026-03-04 }}\nentity: {{ key: [user], every: 1h }}\n\
             fields: {{ n: {{ count: '*' }}, s: {{ sum: n }} }}\nalgorithms: [ecod]\n"
        );
        let path = dir.path().join("x.yaml");
        fs::write(&path, text).unwrap();
        let (_, stdout, _) = crate::support::told(&crate::support::gonogo(&["check", path.to_str().unwrap(), "--format", "json"]));
        stdout
    };
    let timed = |path: &str| format!("path: {path}, format: csv, time: {{ column: t }}");
    for (b, events, code, says) in [
        (timed("b.csv"), "", "E023", "stack them: `events: [a, b]`"),
        (timed("b.csv"), "events: [a, c]", "E023", "there is no such source"),
        (timed("b.csv"), "events: [a]", "E023", "neither among `events` nor joined"),
        (timed("b.csv"), "events: [a, b]", "E031", "source `b` has no `user`"),
        (timed("c.csv"), "events: [a, b]", "E030", "column `n` is a number in source `a` and text in `b`"),
        ("path: c.csv, format: csv".into(), "events: [a, b]", "E030", "source `b` has no time"),
        (format!("{}, rename: {{ t: when }}", timed("c.csv")), "events: [a, b]", "E030", "the time is `t` in source `a` and `when` in `b`"),
        (format!("{}, rename: {{ n: source }}", timed("c.csv")), "events: [a, b]", "E030", "has a column `source`"),
    ] {
        let said = check(&b, events);
        assert!(said.contains(code) && said.contains(says), "{b} {events}: {said}");
    }
    let said = check(&format!("{}, rename: {{ login: user }}", timed("b.csv")), "events: [a, b]");
    // Two rows make no units to compare, which is told for itself.
    assert!(!said.replace("\"E032", "").contains("\"E0"), "{said}");
}
