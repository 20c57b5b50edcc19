//! Fields where the logs lie: the same units from Spark as from files.
//!
//! `GONOGO_SPARK=.../pyspark cargo test --release --features spark --test spark` starts a Spark of its own on the loopback and ends it. One test, since
//! one server serves all of it, and its workers are killed at the end.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::result_large_err, reason = "the error is the client's")]

mod events;
mod server;

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use gonogo::{error::Error, experiment::load, fields::UnitTable, observe::Silent, run::gather};
use server::{Server, kill};

/// The units of an experiment.
fn units(text: &str, folder: &Path) -> Result<gather::Gathered, Error> {
    let path = folder.join("experiment.yaml");
    fs::write(&path, text).unwrap();
    let loaded = load::load(&path, &[]).unwrap_or_else(|error| panic!("{error}: {error:#?}\n{text}"));
    gather::gather(&loaded, 1, None, &Silent)
}

/// The first unit of every field that differs, so that one run shows all there is to mend.
fn differences(here: &UnitTable, there: &UnitTable, what: &str) -> Vec<String> {
    assert_eq!(here.len(), there.len(), "{what}: units");
    assert_eq!(here.rows, there.rows, "{what}: keys");
    assert_eq!((&here.starts, &here.ends, &here.events), (&there.starts, &there.ends, &there.events), "{what}");
    assert_eq!((here.no_entity, here.below_min_events), (there.no_entity, there.below_min_events), "{what}");
    assert_eq!(here.attributes, there.attributes, "{what}");
    assert_eq!(here.fields.len(), there.fields.len());
    let mut wrong = Vec::new();
    for (mine, theirs) in here.fields.iter().zip(&there.fields) {
        assert_eq!((&mine.name, &mine.definition, mine.fill), (&theirs.name, &theirs.definition, theirs.fill));
        let equal = |a: &Option<f64>, b: &Option<f64>| match (a, b) {
            (Some(a), Some(b)) => (a - b).abs() <= 1e-9 * a.abs().max(1.0),
            (a, b) => a == b,
        };
        let differ: Vec<usize> = (0..here.len()).filter(|&row| !equal(&mine.values[row], &theirs.values[row])).collect();
        if let Some(&row) = differ.first() {
            let (a, b) = (mine.values[row], theirs.values[row]);
            let also = differ.len() - 1;
            wrong.push(format!(
                "{what}: {} ({}) of {:?} and {also} more: {a:?} here, {b:?} there",
                mine.name, mine.definition.en, here.rows[row]
            ));
        }
    }
    wrong
}

/// Runs an experiment on files and on the table that lies on them, and compares everything.
#[must_use]
fn compared(server: &Server, files: &Path, table: &str, rest: &str, what: &str) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let local = format!("path: {}/*.parquet, format: parquet, time: {{ column: ts }}", files.display());
    let remote = format!("engine: spark, url: '{}', table: \"{table}\", time: {{ column: ts }}", server.url);
    let here = units(&events::experiment(&local, rest), folder.path()).unwrap_or_else(|error| panic!("{what}: {error} {:?}", error.hint()));
    let there =
        units(&events::experiment(&remote, rest), folder.path()).unwrap_or_else(|error| panic!("{what}: {error} {:?}", error.hint()));
    let mut wrong = differences(&here.table, &there.table, what);
    let (ours, theirs) = (&here.quality.sources[0], &there.quality.sources[0]);
    let same = [
        ("what the rule flags", here.baseline == there.baseline),
        ("labels and cases judged", here.parts.judged == there.parts.judged),
        ("labels and cases of training", here.parts.training == there.parts.training),
        ("rows", ours.rows == theirs.rows),
        ("rows by the hour", ours.per_hour == theirs.per_hour),
        ("first and last", (ours.first, ours.last) == (theirs.first, theirs.last)),
    ];
    wrong.extend(same.iter().filter(|(_, same)| !same).map(|(name, _)| format!("{what}: {name}")));
    wrong
}

fn sql(server: &Server, text: &str) {
    let session = spark_connect::SparkSession::builder().remote(&server.url).get_or_create().unwrap();
    session.conf().set("spark.sql.session.timeZone", "UTC").unwrap();
    session.sql(text).and_then(|frame| frame.collect()).unwrap_or_else(|error| panic!("{text}: {}", error.message()));
}

/// The peak memory of a whole run, in bytes, by the program itself.
fn peak(text: &str, folder: &Path) -> u64 {
    let (file, out) = (folder.join("growth.yaml"), tempfile::tempdir().unwrap());
    fs::write(&file, text).unwrap();
    let (code, told) = program(&["run", file.to_str().unwrap(), "--out", out.path().to_str().unwrap(), "--format", "json"], None);
    assert_eq!(code, Some(0), "{told}");
    let told: serde_json::Value =
        serde_json::from_str(told.lines().collect::<String>().as_str()).unwrap_or_else(|error| panic!("{error}: {told}"));
    let run = fs::read(Path::new(told["run"].as_str().unwrap()).join("run.json")).unwrap();
    serde_json::from_slice::<serde_json::Value>(&run).unwrap()["peak_bytes"].as_u64().unwrap()
}

/// The exit code of the program, and what it says: its data, or its errors where it gives none.
fn program(arguments: &[&str], token: Option<&str>) -> (Option<i32>, String) {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_gonogo"));
    command.args(arguments).env("NO_COLOR", "1").stdin(std::process::Stdio::null());
    if let Some(token) = token {
        command.env("SPARK_CONNECT_AUTHENTICATE_TOKEN", token);
    }
    let output = command.output().unwrap();
    let said = if output.stdout.is_empty() { output.stderr } else { output.stdout };
    (output.status.code(), String::from_utf8_lossy(&said).into_owned())
}

#[test]
fn spark_gives_the_same_units() {
    let mut server = Server::start();
    let folder = server.folder.path().to_owned();

    by_hand(&server, &folder);

    // Small tables of hard values, over both changes of the clock.
    let mut wrong = Vec::new();
    for (name, clock) in events::CLOCKS {
        let files = folder.join(name);
        events::write(&files, clock, 7);
        sql(&server, &format!("CREATE TABLE {name} USING parquet LOCATION '{}'", files.display()));
        for (index, rest) in events::questions(clock).iter().enumerate() {
            // Hours are elapsed time, which spring does not change, and expressions are the same all year: minutes are saved.
            if name == "spring" && index != 1 {
                continue;
            }
            wrong.extend(compared(&server, &files, name, rest, &format!("{name}, question {index}")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));

    // Two million events, then four and sixteen times as many over the same users and periods.
    let mut sizes = Vec::new();
    for (name, times) in [("once", 1), ("fourfold", 4), ("sixteenfold", 16)] {
        sql(&server, &events::many(name, times * 125_000));
        let files = folder.join("warehouse").join(name);
        let text =
            events::experiment(&format!("engine: spark, url: '{}', table: {name}, time: {{ column: ts }}", server.url), events::PLAIN);
        let there = units(&text, &folder).unwrap();
        sizes.push((there.table.len(), there.quality.sources[0].files[0].bytes, peak(&text, &folder)));
        if times == 16 {
            assert_eq!(there.quality.sources[0].rows, 2_000_000);
            assert_eq!(compared(&server, &files, name, events::PLAIN, "two million events"), Vec::<String>::new());
        }
    }
    println!("unit rows, bytes that came back and peak memory for 1, 4 and 16 times the events: {sizes:?}");
    let flat = |a: u64, b: u64| (a as f64 / b as f64 - 1.0).abs() < 0.1;
    let first = sizes[0];
    assert!(sizes.iter().all(|(units, bytes, peak)| *units == first.0 && flat(*bytes, first.1) && flat(*peak, first.2)), "{sizes:?}");

    // A worker's process killed in the middle: equal values, and the log says that it was lost.
    let text =
        events::experiment(&format!("engine: spark, url: '{}', table: sixteenfold, time: {{ column: ts }}", server.url), events::PLAIN);
    let whole = units(&text, &folder).unwrap();
    let (place, lost) = (tempfile::tempdir().unwrap(), server.lost());
    let again = std::thread::scope(|scope| {
        let asked = scope.spawn(|| units(&text, place.path()));
        std::thread::sleep(Duration::from_millis(1500));
        assert!(!asked.is_finished(), "the queries ended before anything was killed");
        let executors = server.executors();
        // The newest one of its worker: an older one beside it would be ending already.
        kill(*executors.last().expect("a process that computes on a worker"));
        asked.join().unwrap()
    });
    assert_eq!(differences(&whole.table, &again.unwrap().table, "one executor killed"), Vec::<String>::new());
    assert!(server.lost_more_than(lost), "nothing was lost:\n{}", server.log());

    refusals(&server, &folder);

    // All of them killed: an error at the deadline, not silence.
    server.kill_workers();
    let started = Instant::now();
    let remote = format!("engine: spark, url: '{}', table: sixteenfold, time: {{ column: ts }}, deadline: 10s", server.url);
    let error = units(&events::experiment(&remote, events::PLAIN), &folder).err().unwrap();
    assert!(error.to_string().contains("no answer from"), "{error}");
    assert_eq!(error.exit_code() as u8, 1);
    assert!(started.elapsed() < Duration::from_secs(60), "{:?}", started.elapsed());
}

/// Eight events whose fields were computed by hand.
fn by_hand(server: &Server, folder: &Path) {
    sql(
        server,
        "CREATE TABLE hand USING parquet AS SELECT timestamp_seconds(1772406000 + s) AS ts, user, host, CAST(bytes AS BIGINT) AS bytes
         FROM VALUES (0, 'b', 'x', 1), (10, 'b', 'x', 2), (20, 'b', 'y', 6), (30, 'b', NULL, NULL), (40, 'a', NULL, NULL), (3600, 'b', 'y', 0),
           (50, NULL, 'x', 99), (345600, 'a', 'z', 7) AS t(s, user, host, bytes)",
    );
    let rest = "window: { start: 2026-03-02, train_end: 2026-03-05, end: 2026-03-08, timezone: Europe/Berlin }\nentity: { key: [user], every: 1h }
fields: { n: { count: '*' }, sum: { sum: bytes }, mean: { mean: bytes }, median: { median: bytes }, std: { std: bytes }, q90: { quantile: bytes, q: 0.9 },
  hosts: { distinct: host }, entropy: { entropy: host }, new: { unseen: host, by: user }, since: { since: host, by: user }, rare: { rarity: host } }\n";
    let source = format!("engine: spark, url: '{}', table: hand, time: {{ column: ts }}", server.url);
    let table = units(&events::experiment(&source, rest), folder).unwrap().table;
    // The same times as whole seconds of 32 bits, which a million times themselves would not fit into.
    sql(server, "CREATE TABLE hand_seconds USING parquet AS SELECT CAST(unix_seconds(ts) AS INT) AS ts, user, host, bytes FROM hand");
    let seconds = format!("engine: spark, url: '{}', table: hand_seconds, time: {{ column: ts, parse: epoch_s }}", server.url);
    let of_seconds = units(&events::experiment(&seconds, rest), folder).unwrap().table;
    assert_eq!(differences(&table, &of_seconds, "seconds"), Vec::<String>::new());
    let rows: Vec<(&str, i64)> = table.rows.iter().map(|row| (&*row.entity, row.period)).collect();
    assert_eq!(rows, [("a", 0), ("b", 0), ("b", 1), ("a", 96)]);
    assert_eq!(table.no_entity, 1);
    let entropy = 3f64.ln() - 2.0 * 2f64.ln() / 3.0;
    let wanted = [
        ("n", [Some(1.0), Some(4.0), Some(1.0), Some(1.0)]),
        ("sum", [Some(0.0), Some(9.0), Some(0.0), Some(7.0)]),
        ("mean", [None, Some(3.0), Some(0.0), Some(7.0)]),
        ("median", [None, Some(2.0), Some(0.0), Some(7.0)]),
        ("std", [None, Some(7f64.sqrt()), None, None]),
        ("q90", [None, Some(5.2), Some(0.0), Some(7.0)]),
        ("hosts", [Some(0.0), Some(2.0), Some(1.0), Some(1.0)]),
        ("entropy", [None, Some(entropy), Some(0.0), Some(0.0)]),
        ("new", [Some(0.0), Some(2.0), Some(0.0), Some(1.0)]),
        ("since", [None, None, Some(3580.0 / 3600.0), None]),
        // Of two users that are there, one uses each host; of one, the one.
        ("rare", [None, Some(2f64.ln()), Some(0.0), Some(0.0)]),
    ];
    for (name, wanted) in wanted {
        for (row, (found, wanted)) in table.field(name).unwrap().values.iter().zip(wanted).enumerate() {
            let equal = match (found, wanted) {
                (Some(found), Some(wanted)) => (found - wanted).abs() < 1e-12,
                (found, wanted) => *found == wanted,
            };
            assert!(equal, "{name} of {:?}: {found:?}, by hand {wanted:?}", rows[row]);
        }
    }
}

/// What must be told before anything runs, and what a wrong address says.
fn refusals(server: &Server, folder: &Path) {
    let told = |source: &str, rest: &str| {
        let error = units(&events::experiment(source, rest), folder).err().unwrap();
        let Error::Experiment(invalid) = &error else { return format!("{error} | {}", error.hint().unwrap_or_default()) };
        invalid.problems.iter().map(|problem| format!("{} {problem}", problem.code)).collect::<Vec<_>>().join("\n")
    };
    let table = |name: &str| format!("engine: spark, url: '{}', table: {name}, time: {{ column: ts }}", server.url);
    let fields =
        "fields: { rhythm: { regularity: host }, names: { surprise: host }, kinds: { category: method }, far: { count: hosst } }\n";
    let refused = told(&table("autumn"), fields);
    for said in ["fields.rhythm.regularity", "fields.names.surprise", "fields.kinds.category", "unknown column `hosst`"] {
        assert!(refused.contains(said), "{said} in\n{refused}");
    }
    let hidden = told(&table("autumn"), "report: { redact: { usr: pseudonym } }\nfields: { n: { count: '*' } }\n");
    assert!(hidden.contains("the events have no column `usr`"), "{hidden}");
    assert!(told(&table("nowhere"), events::PLAIN).contains("look at `table`"), "{}", told(&table("nowhere"), events::PLAIN));
    if server::token().is_some() {
        let file = folder.join("credentials.yaml");
        fs::write(&file, events::experiment(&table("autumn"), events::PLAIN)).unwrap();
        let (code, said) = program(&["run", file.to_str().unwrap(), "--out", folder.to_str().unwrap()], Some("wrong-token"));
        assert_eq!(code, Some(1), "{said}");
        assert!(said.contains("SPARK_CONNECT_AUTHENTICATE_TOKEN") && !said.contains("wrong-token"), "{said}");
    } else {
        let _ = std::io::Write::write_all(
            &mut std::io::stderr(),
            b"skipped: wrong credentials, since SPARK_CONNECT_AUTHENTICATE_TOKEN is not set\n",
        );
    }
    let (file, started) = (folder.join("asked.yaml"), Instant::now());
    fs::write(&file, events::experiment(&table("sixteenfold"), events::PLAIN)).unwrap();
    let (code, sql) = program(&["run", file.to_str().unwrap(), "--dry-run"], None);
    assert_eq!(code, Some(0), "{sql}");
    assert!(sql.starts_with("-- 8640 unit rows would come back") && sql.contains("-- field new\nWITH r AS (SELECT "), "{sql}");
    let closed = told("engine: spark, url: 'sc://127.0.0.1:9', table: t, time: { column: ts }, deadline: 15s", events::PLAIN);
    assert!(closed.contains("127.0.0.1:9"), "{closed}");
    assert!(started.elapsed() < Duration::from_secs(60), "{:?}", started.elapsed());
}
