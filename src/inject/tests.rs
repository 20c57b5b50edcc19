//! What is planted is what was asked for, and nothing else differs.

use polars::prelude::*;

use super::*;
use crate::spec::Entry;

const START: i64 = 1_772_406_000_000_000;

fn entries(text: &str) -> Vec<Entry> {
    serde_yaml::from_str(text).unwrap()
}

fn events() -> DataFrame {
    let users: Vec<String> = (0..400).map(|i| format!("u{}", i % 40)).collect();
    let hosts: Vec<String> =
        (0..400).map(|i| if i % 3 == 0 { "mail.example.org".into() } else { format!("h{}.example.org", i % 7) }).collect();
    let times: Vec<i64> = (0..400_i64).map(|i| START + i * 1_000_000_000).collect();
    let times = Int64Chunked::from_vec("timestamp".into(), times).into_series();
    let times = times.cast(&DataType::Datetime(TimeUnit::Microseconds, Some(TimeZone::UTC))).unwrap();
    let mut frame = df!("user" => users, "host" => hosts, "bytes_up" => vec![100_i64; 400], "department" => vec!["sales"; 400]).unwrap();
    frame.with_column(times.into_column()).unwrap();
    frame
}

fn templates(judged: (i64, i64)) -> Templates {
    let mut templates = Templates::new("timestamp", judged, 7);
    let frame = events();
    let units: Vec<u32> = (0..400).map(|i| i % 40).collect();
    // The sample does not depend on the sizes of batches.
    for (begin, end) in [(0, 150), (150, 151), (151, 400)] {
        let part = frame.slice(begin as i64, end - begin);
        templates.push(&part, &part, &["user".into()], &units[begin..end]).unwrap();
    }
    templates
}

fn planted(text: &str) -> Vec<World> {
    let judged = (START, START + 7 * DAY);
    worlds(&read(&entries(text)).unwrap(), &templates(judged), (START - 7 * DAY, START), &|unit| unit == 3, 7).unwrap()
}

fn sum(events: &DataFrame) -> i64 {
    events.column("bytes_up").unwrap().i64().unwrap().iter().flatten().sum()
}

#[test]
fn exfiltration_sends_the_volume_that_was_asked_for_from_each_entity_once() {
    let worlds = planted("[{ behaviour: exfiltration, bytes_per_day: [10MB, 1GB], copies: 5 }]");
    assert_eq!(worlds.len(), 2);
    for (world, volume) in worlds.iter().zip([10_000_000, 1_000_000_000]) {
        let events = &world.judged.events;
        assert_eq!((world.sites.len(), events.height()), (5, 50));
        assert_eq!(sum(events), 5 * volume);
        let users = events.column("user").unwrap().str().unwrap();
        let users: std::collections::BTreeSet<_> = users.iter().flatten().collect();
        assert_eq!(users.len(), 5, "each copy on an entity of its own");
        assert!(!users.contains("u3"), "a unit that holds a real attack is avoided");
        let hosts = events.column("host").unwrap().str().unwrap();
        assert!(hosts.iter().flatten().all(|host| host.ends_with(".example")));
        // What is no part of the behaviour is as in the entity's own events.
        assert!(events.column("department").unwrap().str().unwrap().iter().all(|d| d == Some("sales")));
        assert!(world.training.is_none());
    }
    assert_eq!(worlds[0].sites, worlds[1].sites, "strengths differ in strength alone");
}

#[test]
fn a_popular_destination_is_one_that_entities_contact() {
    let worlds = planted("[{ behaviour: exfiltration, bytes_per_day: 10MB, copies: 5, destination: popular }]");
    assert!(worlds[0].judged.events.column("host").unwrap().str().unwrap().iter().flatten().all(|host| host.ends_with("example.org")));
}

#[test]
fn a_beacon_keeps_its_period_within_its_jitter() {
    let worlds = planted("[{ behaviour: beacon, period: 10m, jitter: 0.1, copies: 1 }]");
    let times = super::templates::times(&worlds[0].judged.events, "timestamp").unwrap();
    assert_eq!(times.len(), 144);
    let gaps = times.windows(2).map(|pair| (pair[1].unwrap() - pair[0].unwrap()) as f64 / 6e8);
    assert!(gaps.into_iter().all(|gap| (0.9..=1.1).contains(&gap)));
}

#[test]
fn poison_goes_into_the_training_part_with_the_same_host() {
    let worlds = planted("[{ behaviour: slow_drip, bytes_per_day: 24kB, copies: 2, poison: true }]");
    let (judged, training) = (&worlds[0].judged, worlds[0].training.as_ref().unwrap());
    let first = |planted: &Planted| planted.events.column("host").unwrap().str().unwrap().get(0).map(str::to_owned);
    assert_eq!(first(judged), first(training));
    let times = super::templates::times(&training.events, "timestamp").unwrap();
    assert!(times.iter().flatten().all(|time| (START - 7 * DAY..START).contains(time)));
    assert_eq!(sum(&judged.events), 2 * 3 * 24_000);
}

#[test]
fn a_share_of_the_entities_uses_a_new_application() {
    let worlds = planted("[{ behaviour: new_application, users: [0.1, 0.5] }]");
    assert_eq!(worlds.iter().map(|world| world.sites.len()).collect::<Vec<_>>(), [4, 20]);
    let hosts = worlds[1].judged.events.column("host").unwrap().str().unwrap();
    assert_eq!(hosts.iter().flatten().collect::<std::collections::BTreeSet<_>>().len(), 1, "one host for all");
}

#[test]
fn a_holiday_leaves_out_a_share_of_the_entities_for_a_day() {
    let injected = read(&entries("[{ behaviour: holiday, away: 0.5 }]")).unwrap();
    let away = Away::all(&injected, (START, START + DAY), 7);
    assert_eq!(away.len(), 1);
    let left = away[0].apply(&events(), &["user".into()], "timestamp").unwrap();
    let inside = 87;
    assert!(left.height() < 400 && left.height() >= 400 - inside, "{} of 400 events left; {inside} fall on the day", left.height());
    assert!(planted("[{ behaviour: holiday, away: 0.5 }]").is_empty(), "nothing is planted");
}

#[test]
fn the_same_seed_plants_the_same_events() {
    let text =
        "[{ behaviour: dns_tunnel, queries_per_day: 50, copies: 3 }, { behaviour: generated_domains, domains_per_day: 9, copies: 2 }]";
    let (first, second) = (planted(text), planted(text));
    for (a, b) in first.iter().zip(&second) {
        assert!(a.judged.events.equals_missing(&b.judged.events));
    }
    assert_eq!(first[0].judged.events.height(), 150);
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    let problems =
        |text: &str| read(&entries(text)).unwrap_err().iter().map(|p| (p.code, p.path.clone(), p.message.clone())).collect::<Vec<_>>();
    assert_eq!(problems("[{ behaviour: exfiltratoin }]")[0].1, "inject[0].behaviour");
    assert_eq!(problems("[7]")[0].0, "E401");
    assert!(problems("[{ behaviour: beacon, perod: 1m }]")[0].2.contains("perod"));
    assert_eq!(problems("[{ behaviour: new_application, users: 0.4, benign: false }]")[0].1, "inject[0].benign");
    assert_eq!(problems("[{ behaviour: holiday, away: 0.4, poison: true }]")[0].1, "inject[0].poison");
    assert_eq!(problems("[{ behaviour: exfiltration, bytes_per_day: [], copies: 5 }]")[0].1, "inject[0].bytes_per_day");
    let injected = read(&entries("[{ behaviour: exfiltration, bytes_per_day: 1MB, set: { vendor: x } }]")).unwrap();
    let column = |name: &str| (name == "host").then_some(DataType::String);
    let missing: Vec<String> = injected[0].missing(0, &column, &[]).into_iter().map(|p| p.path).collect();
    assert_eq!(missing, ["inject[0]", "inject[0].set.vendor"]);
    assert_eq!(problems("[{ behaviour: beacon, period: 1x }]")[0].1, "inject[0].period");
    assert!(problems("[{ behaviour: beacon, period: 1x }]")[0].2.contains("`1x` is not a duration"));
    assert_eq!(problems("[{ behaviour: beacon, period: 2d, over: 1d }]")[0].1, "inject[0].period");
    assert_eq!(problems("[{ behaviour: dns_tunnel, queries_per_day: 5, over: 30d }]")[0].1, "inject[0].over");
    assert_eq!(problems("[{ behaviour: exfiltration, bytes_per_day: 5B }]")[0].1, "inject[0].bytes_per_day");
    assert_eq!(problems("[{ behaviour: slow_drip, bytes_per_day: 1MB, uploads_per_day: 0 }]")[0].1, "inject[0].uploads_per_day");
}

#[test]
fn what_would_fill_the_memory_is_refused_before_anything_is_read() {
    let refused = |text: &str| read(&entries(text)).unwrap_err()[0].message.clone();
    for text in [
        "[{ behaviour: dns_tunnel, queries_per_day: 100000000000, copies: 1 }]",
        "[{ behaviour: password_guessing, attempts: [10, 18446744073709551615] }]",
        "[{ behaviour: exfiltration, bytes_per_day: 1GB, uploads: 10000, copies: 10000 }]",
        "[{ behaviour: beacon, period: 1s, over: 10y, copies: 1 }]",
        "[{ behaviour: slow_drip, bytes_per_day: 1GB, over: 366d, uploads_per_day: 1000 }]",
        "[{ behaviour: new_application, users: 1, requests_per_day: 10000 }]",
        "[{ behaviour: exfiltration, bytes_per_day: [1GB, 2GB, 3GB], uploads: 10000, copies: 70 }]",
    ] {
        assert!(refused(text).ends_with("events would be planted, and at most 2000000 are"), "{text}: {}", refused(text));
    }
    let half = "{ behaviour: exfiltration, bytes_per_day: 1GB, uploads: 10000, copies: 150 }";
    assert!(read(&entries(&format!("[{half}]"))).is_ok());
    assert_eq!(read(&entries(&format!("[{half}, {half}]"))).unwrap_err()[0].path, "inject[1]", "all entries are held together");
    assert!(read(&entries("[{ behaviour: new_application, users: [0.1, 0.4, 1] }]")).is_ok());
    let many = ["1MB"; 51].join(", ");
    assert_eq!(refused(&format!("[{{ behaviour: exfiltration, bytes_per_day: [{many}] }}]")), "takes at most 50 values, found 51");
}

#[test]
fn what_is_set_fits_its_column_and_leaves_the_entity_alone() {
    let injected = |set: &str| read(&entries(&format!("[{{ behaviour: exfiltration, bytes_per_day: 1MB, set: {{ {set} }} }}]"))).unwrap();
    let column = |name: &str| events().column(name).ok().map(|column| column.dtype().clone());
    let wrong = |set: &str| injected(set)[0].missing(0, &column, &["user", "timestamp"]).into_iter().map(|p| p.message).collect::<Vec<_>>();
    assert_eq!(wrong("department: legal, bytes_up: 7"), Vec::<String>::new());
    assert_eq!(wrong("bytes_up: many"), ["`many` is no value of `bytes_up`, which holds i64"]);
    assert_eq!(wrong("user: u1").len() + wrong("timestamp: \"2026-03-02\"").len(), 2);
    assert_eq!(read(&entries("[{ behaviour: beacon, period: 1m, set: { host: [a] } }]")).unwrap_err()[0].path, "inject[0].set");
    let worlds = planted("[{ behaviour: exfiltration, bytes_per_day: 1MB, copies: 2, set: { bytes_up: 7 } }]");
    assert_eq!(sum(&worlds[0].judged.events), 2 * 10 * 7);
}

#[test]
fn a_volume_is_planted_whole_however_short_the_part() {
    let half_a_day = (START, START + DAY / 2);
    let injected = read(&entries("[{ behaviour: exfiltration, bytes_per_day: 10MB, over: 1d, copies: 3 }]")).unwrap();
    let worlds = worlds(&injected, &templates(half_a_day), (START - DAY, START), &|_| false, 7).unwrap();
    assert_eq!(sum(&worlds[0].judged.events), 3 * 10_000_000);
}

#[test]
fn a_name_is_asked_for_in_the_column_that_holds_names() {
    let queries = |host: bool| -> Vec<String> {
        let mut frame = events().lazy().with_column(lit("a=1").alias("query")).collect().unwrap();
        if !host {
            frame.drop_in_place("host").unwrap();
        }
        let mut templates = Templates::new("timestamp", (START, START + 7 * DAY), 7);
        templates.push(&frame, &frame, &["user".into()], &vec![0; frame.height()]).unwrap();
        let injected = read(&entries("[{ behaviour: generated_domains, domains_per_day: 3, copies: 1 }]")).unwrap();
        let worlds = worlds(&injected, &templates, (START - DAY, START), &|_| false, 7).unwrap();
        worlds[0].judged.events.column("query").unwrap().str().unwrap().iter().flatten().map(str::to_owned).collect()
    };
    assert!(queries(false).iter().all(|query| query.ends_with(".example")), "what DNS logs call a query");
    assert_eq!(queries(true), ["", "", ""], "the query of a URL");
}
