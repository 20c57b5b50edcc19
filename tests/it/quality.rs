//! A log in which everything is wrong at once: each finding on quality is there, with what it means and what to do.

use std::{collections::BTreeMap, fmt::Write as _, fs, path::Path};

use serde_json::Value;

use crate::support::{json, program};

/// Two weeks of nightly work (a zone that is wrong), with everything that can be wrong with a log.
fn log(folder: &Path) {
    let header = "#Fields: date time c-ip cs-username cs-method cs-host cs-uri-path cs-uri-query sc-status cs-bytes sc-bytes cs(Referer)\n";
    let mut days: BTreeMap<u32, Vec<String>> = BTreeMap::new();
    for day in 2..16_u32 {
        // No row at all on Sunday 8 and on Thursday 12.
        if day == 8 || day == 12 {
            continue;
        }
        for minute in (0..24 * 60).step_by(10) {
            let hour = minute / 60;
            // By day nobody works; on Wednesday 11 three hours are missing that the Wednesday before has.
            if (8..20).contains(&hour) && minute % 240 != 0 || day == 11 && (1..4).contains(&hour) {
                continue;
            }
            for user in 0..6 {
                let ip = if user < 5 { "10.0.0.1".to_owned() } else { format!("10.0.0.{}", 2 + day) };
                let name = if user == 5 { "-".to_owned() } else { format!("user-{user}") };
                // From the tenth on the product writes a referrer, and a path of its own for each row.
                let referrer = if day >= 10 { "http://portal/" } else { "-" };
                let query = if minute % 240 == 0 { "?password=hunter2&card=4111111111111111" } else { "-" };
                let mut line = String::new();
                write!(
                    line,
                    "2026-03-{day:02} {hour:02}:{:02}:{:02} {ip} {name} GET host-{}.example /p{day}-{minute}-{user} {query} 200 {} 7 {referrer}",
                    minute % 60,
                    user * 7,
                    minute % 7,
                    100 + minute
                )
                .unwrap();
                days.entry(day).or_default().push(line);
            }
        }
    }
    for (day, lines) in &mut days {
        match day {
            3 => lines[4] = "this is no row".into(),
            // A time that no clock shows, a number that is none, and bytes that are not UTF-8 (below).
            4 => {
                lines[5] = lines[5].replace("2026-03-04 ", "2026-13-44 ");
                lines[6] = lines[6].replace(" 7 ", " many ");
                lines[7] = lines[7].replace("user-", "\u{1}-");
            }
            // Late rows, and rows that came twice.
            5 => lines.reverse(),
            6 => {
                let again = lines[..40].to_vec();
                lines.extend(again);
            }
            _ => {}
        }
        let mut bytes: Vec<u8> = header.bytes().chain((lines.join("\n") + "\n").bytes()).collect();
        bytes.iter_mut().filter(|byte| **byte == 1).for_each(|byte| *byte = 0xff);
        if *day == 7 {
            bytes.truncate(bytes.len() - 40);
        }
        fs::write(folder.join(format!("day-{day:02}.log")), bytes).unwrap();
    }
    fs::copy(folder.join("day-02.log"), folder.join("day-02-copy.log")).unwrap();
}

const EXPERIMENT: &str = r#"version: 1
name: bad
use_case: { title: Everything is wrong }
sources:
  proxy: { path: day-*.log, format: elff, max_malformed: 0.5 }
  cmdb: { path: cmdb.csv }
window: { start: 2026-03-02T00:00:00, train_end: 2026-03-10T00:30:00, end: 2026-03-16, holidays: [2026-03-13], warm_up: 1d }
enrich: [{ join: cmdb, on: { user: login }, expect_match: 0.9 }]
entity: { key: [user], every: 1h }
fields:
  requests: { count: "*" }
  paths:    { distinct: path }
  up:       { sum: bytes_up }
  down:     { sum: bytes_down }
  methods:  { distinct: method }
  referred: { distinct: referrer }
  units:    { distinct: unit }
  queries:  { distinct: query }
algorithms: [ecod]
labels: { path: labels.csv, complete: true }
"#;

#[test]
fn everything_that_is_wrong_is_found_with_what_it_means_and_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    log(folder.path());
    fs::write(folder.path().join("cmdb.csv"), "login,unit\nuser-0,a\nuser-0,b\nuser-1,a\n").unwrap();
    fs::write(folder.path().join("labels.csv"), "user,start,end\nnobody,2026-03-04T01:00:00,2026-03-04T02:00:00\n").unwrap();
    fs::write(folder.path().join("bad.yaml"), EXPERIMENT).unwrap();
    let out = program().current_dir(folder.path()).args(["run", "bad.yaml", "--out", "out", "--no-cache", "--no-events"]).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let told = String::from_utf8_lossy(&out.stderr);
    assert!(told.contains("warning[W207]") && told.contains("referred (there 1 to 1)"), "a field that is never but judged: {told}");
    let run = fs::read_dir(folder.path().join("out/bad"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.join("quality.json").exists());
    let quality = json(&run.unwrap(), "quality.json");
    let findings = quality["findings"].as_array().unwrap();
    let of = |code: &str, subject: &str| -> Vec<&Value> {
        findings.iter().filter(|finding| finding["code"] == code && finding["subject"].as_str().unwrap().starts_with(subject)).collect()
    };
    let mut wrong: Vec<String> = Vec::new();
    for (code, severity, subject, said) in [
        ("W101", "note", "proxy", "day-03.log:6"),
        ("W102", "warning", "proxy", "1 rows have no time"),
        ("W104", "note", "proxy", "1 lines hold bytes"),
        ("W105", "warning", "proxy", "day-07.log"),
        ("W106", "note", "proxy.bytes_down", "1 values are not of the column's type"),
        ("W107", "warning", "proxy", "day-02.log"),
        ("W108", "note", "proxy", "earlier than the row before"),
        ("W120", "warning", "proxy", "Hours that are silent where other weeks have rows"),
        ("W121", "warning", "proxy", "1 in the training part, 1 in the judged part"),
        ("W122", "warning", "proxy", "Sunday"),
        ("W123", "note", "proxy", "1 holidays are judged, none was learned from"),
        ("W124", "warning", "proxy", "quietest hours of working days begin at 09:00"),
        ("W125", "warning", "proxy", "equal another in all columns"),
        ("W126", "warning", "proxy", "One source address has 83"),
        ("W127", "warning", "proxy.referrer", "before 2026-03-10"),
        ("W128", "note", "proxy.method", "the same value"),
        ("W129", "warning", "proxy", "password"),
        ("W130", "warning", "cmdb", "90"),
        ("W131", "note", "cmdb", "1 keys stand more than once"),
        ("W134", "note", "proxy.query", "in 8"),
        ("W135", "note", "proxy.path", "different values"),
        ("W140", "", "", "begin before `train_end`"),
        ("W141", "note", "", "in the warm-up"),
        ("W142", "warning", "labels", "no incident"),
        ("W143", "warning", "entity.key", "(17"),
        ("W150", "", "labels", "never occurs"),
    ] {
        let found = of(code, subject);
        let Some(first) = found.first() else {
            wrong.push(format!("{code} is not found"));
            continue;
        };
        let message = first["message"]["en"].as_str().unwrap();
        if !message.contains(said) || !severity.is_empty() && first["severity"] != severity {
            wrong.push(format!("{code}, a {}: {message}", first["severity"]));
        }
        for part in ["message", "consequence", "advice"] {
            for language in ["en", "fr"] {
                assert!(first[part][language].as_str().unwrap().len() > 4, "{code} has no {part} in {language}");
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let source = &quality["sources"][0];
    // The Wednesday night that lacks three hours, 01:00 UTC on.
    let gaps = source["coverage"]["gaps"].as_array().unwrap();
    assert!(gaps.iter().any(|gap| gap["start"] == 1_773_190_800_000_000_i64 && gap["hours"] == 3), "{gaps:?}");
    // Numbers that no sentence shows: fill rates, cardinality.
    assert!(source["fill"]["query"].as_f64().is_some_and(|share| (0.05..0.1).contains(&share)), "{}", source["fill"]);
    assert_eq!(source["watched"]["columns"]["user"]["distinct"], 5 + 1, "five names and one of broken bytes");
}

#[test]
fn most_rows_outside_of_the_window_are_told() {
    let folder = tempfile::tempdir().unwrap();
    log(folder.path());
    fs::remove_file(folder.path().join("day-02-copy.log")).unwrap();
    let narrow = EXPERIMENT
        .replace(
            "start: 2026-03-02T00:00:00, train_end: 2026-03-10T00:30:00, end: 2026-03-16, holidays: [2026-03-13], warm_up: 1d",
            "start: 2026-03-13, train_end: 2026-03-14, end: 2026-03-15",
        )
        .replace("enrich: [{ join: cmdb, on: { user: login }, expect_match: 0.9 }]\n", "")
        .replace("  cmdb: { path: cmdb.csv }\n", "")
        .replace("  units:    { distinct: unit }\n", "")
        .replace("labels: { path: labels.csv, complete: true }\n", "");
    fs::write(folder.path().join("bad.yaml"), &narrow).unwrap();
    let run = |yaml: &str| {
        fs::write(folder.path().join("bad.yaml"), yaml).unwrap();
        let out =
            program().current_dir(folder.path()).args(["run", "bad.yaml", "--out", "out", "--no-cache", "--no-events"]).output().unwrap();
        String::from_utf8_lossy(&out.stderr).into_owned() + &String::from_utf8_lossy(&out.stdout)
    };
    let told = run(&narrow);
    assert!(told.contains("warning[W103]: proxy:") && told.contains("lie outside the window"), "{told}");
    // Of a window in another year nothing is left; the times that are there are said.
    let told = run(&narrow.replace("2026-", "2025-"));
    assert!(told.contains("lie outside the window (the first lines are of 2026-03-02T"), "{told}");
}
