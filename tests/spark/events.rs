//! Hard events: nulls, ties, extreme numbers, NaN, both changes of the clock, names of mixed case in several scripts.

use std::{fs, path::Path};

use polars::prelude::*;
use polars_io::parquet::write::ParquetWriter;
use rand::{Rng, SeedableRng, seq::SliceRandom};
use rand_xoshiro::Xoshiro256PlusPlus;

/// Days around a change of Berlin's clock.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    start: &'static str,
    train_end: &'static str,
    end: &'static str,
}

pub const CLOCKS: [(&str, Clock); 2] = [
    ("spring", Clock { start: "2026-03-26", train_end: "2026-03-28", end: "2026-03-31" }),
    ("autumn", Clock { start: "2026-10-22", train_end: "2026-10-24", end: "2026-10-27" }),
];

/// The quick question on many events.
pub const PLAIN: &str = "window: { start: 2026-03-02, train_end: 2026-03-05, end: 2026-03-08, timezone: Europe/Berlin }
entity: { key: [user], every: 1h }
fields:
  requests: { count: '*' }
  up: { sum: bytes }
  typical: { mean: bytes }
  hosts: { distinct: host }
  spread: { entropy: host }
  new: { unseen: host, by: user }
  since: { since: host, by: user }
  rare: { rarity: host }
  refused: { share: 'status = 403' }
";

/// An experiment on a source.
pub fn experiment(source: &str, rest: &str) -> String {
    let window = if rest.contains("window:") {
        ""
    } else {
        "window: { start: 2026-10-22, train_end: 2026-10-24, end: 2026-10-27 }\nentity: { key: [user], every: 1h }\n"
    };
    format!("version: 1\nname: lake\nuse_case: {{ title: t }}\nsources: {{ lake: {{ {source} }} }}\n{window}algorithms: [ecod]\n{rest}")
}

/// Fields of every kind and scope, over several grains.
pub fn questions(clock: Clock) -> Vec<String> {
    let window = format!(
        "window: {{ start: {}, train_end: {}, end: {}, timezone: Europe/Berlin, holidays: [{}] }}\n",
        clock.start, clock.train_end, clock.end, clock.train_end
    );
    let fields = "fields:
  requests: { count: '*' }
  with_host: { count: host }
  sum: { sum: bytes }
  sum_small: { sum: small }
  sum_ratio: { sum: score }
  mean: { mean: bytes }
  mean_score: { mean: score }
  median: { median: bytes }
  median_score: { median: score }
  least: { min: bytes }
  most: { max: score }
  std: { std: small }
  std_score: { std: score }
  q90: { quantile: bytes, q: 0.9 }
  q1: { quantile: score, q: 0.013 }
  hosts: { distinct: host }
  scores: { distinct: score }
  spread: { entropy: host }
  refused: { share: 'status >= 400' }
  kept: { ratio: [small, bytes] }
  posts: { sum: small, where: \"method = 'POST'\" }
  posts_typical: { median: small, where: \"method = 'POST'\" }
  no_such: { mean: small, where: 'false' }
  new: { unseen: host, by: user }
  new_anywhere: { unseen: host }
  new_in_training: { unseen: host, by: user, scope: training }
  new_by_method: { unseen: host, by: [user, method] }
  new_posts: { unseen: host, by: user, where: \"method <> 'GET'\" }
  since: { since: host, by: user }
  since_least: { since: host, by: user, agg: min }
  since_anyone: { since: host, agg: mean }
  rare: { rarity: host }
  rare_so_far: { rarity: host, scope: so_far }
  rare_in_training: { rarity: host, scope: training, agg: mean }
  rare_least: { rarity: host, agg: min, where: 'status < 400' }
  of_method: { distinct: user, at: [method] }
  of_method_rare: { rarity: host, at: [method], scope: so_far }
  of_method_new: { unseen: host, by: method, at: [method] }
  of_all: { sum: small, at: [zone, method] }
  off: { calendar: off_hours, from: 7, to: 19 }
  night: { calendar: night }
  weekend: { calendar: weekend }
  holiday: { calendar: holiday }
  own: { versus: self, of: requests }
  peers: { versus: peers, of: sum_small, group: zone }
  told: { sum: doubled }
  worded: { share: wordy }
";
    let derive = "derive:
  doubled: 'small * 2 - 7 / 2'
  wordy: \"lower(host) like '%ä_%' or host ilike 'Ab%' or length(trim(host)) > 5 or contains(host, '\\\\') or amount > 10\"
";
    let rule = "baseline: { title: Large or refused, events: \"bytes > 1000000 or status = 403\" }\n";
    let labels = "labels: { column: verdict, benign: ['', ok], incident: story, complete: true }\n";
    let key = |key: &str, every: &str, more: &str| format!("entity: {{ key: [{key}], every: {every}{more} }}\n");
    let mut questions = vec![
        format!("{window}{}{derive}{fields}{rule}{labels}", key("user", "1h", "")),
        format!("{window}{}{derive}{fields}{rule}{labels}evaluate: {{ clusters: zone }}\n", key("user, method", "1d", ", min_events: 3")),
    ];
    let expressions = [
        "ln(small) > 1",
        "sqrt(score) < 3",
        "power(small, 2) > 100",
        "abs(score) >= 1.5",
        "floor(score) = 0",
        "ceil(score) > 1",
        "round(score) = 2",
        "small % 7 = 3",
        "score / small > 0.1",
        "amount between 1 and 12",
        "amount = 100",
        "upper(host) = 'ÄB.EXAMPLE'",
        "lower(host) = 'straße.example'",
        "starts_with(host, 'a')",
        "ends_with(host, 'e')",
        "host like '%.e_ample'",
        "host ilike '%ÄB%'",
        "substr(host, 2, 3) = 'b.e'",
        "replace(host, '.', '-') = 'ab-example'",
        "trim(host) = 'space'",
        "host || method = 'ab.examplePOST'",
        "coalesce(host, method) > 'g'",
        "greatest(small, status) > 300",
        "least(small, score) < 0",
        "nullif(status, 200) is null",
        "status in (200, 403, null)",
        "host is null",
        "not (status = 200)",
        "hour(ts) < 4",
        "minute(ts) >= 30",
        "weekday(ts) = 7",
        "day(ts) > 25",
        "month(ts) = 10",
        "year(ts) = 2026",
        "date(ts) = '2026-10-25'",
        "epoch(ts) % 2 = 0",
        "ts >= '2026-10-25T02:30'",
        "case when status = 200 then small when status = 403 then 5 end > 4",
        "cast(amount as integer) = 12",
        "cast(small as varchar) = '5'",
        "flag",
        "flag or status = 200",
        "cast(status as double) > 300",
        "host = 'q''uote\\' or host = '`back`'",
        "-small < 3",
    ];
    let shares: String = expressions
        .iter()
        .enumerate()
        .map(|(index, text)| format!("  e{index}: {{ share: {} }}\n", serde_json::Value::String((*text).to_owned())))
        .collect();
    questions.push(format!("{window}{}fields:\n{shares}", key("user", "6h", "")));
    questions
}

fn moment(day: &str) -> i64 {
    let day: chrono::NaiveDate = day.parse().unwrap();
    day.and_time(chrono::NaiveTime::MIN).and_utc().timestamp_micros()
}

/// Writes a few thousand events as Parquet.
pub fn write(folder: &Path, clock: Clock, seed: u64) {
    const ROWS: usize = 4_000;
    const USERS: [&str; 8] = ["Ann", "ann", "Äb", "äb", "ß · x", "b'o\"b\\", "Ελένη", ""];
    const HOSTS: [&str; 12] = [
        "ab.example",
        "AB.example",
        "äb.example",
        "straße.example",
        "STRASSE.example",
        "q'uote\\",
        "`back`",
        " space ",
        "a",
        "z.e",
        "😀.example",
        "\u{1}ctl",
    ];
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    let (from, to) = (moment(clock.start) - 2 * 3_600_000_000, moment(clock.end));
    let rng = &mut rng;
    let maybe = |rng: &mut Xoshiro256PlusPlus| rng.gen_range(0..12) > 0;
    let whole = [0, 1, -1, 5, i64::MAX, i64::MIN, 1 << 53, (1 << 53) + 1];
    let real = [0.0, -0.0, 1.5, 2.5, -2.5, 0.1, 1e300, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e-300];
    const AMOUNTS: [&str; 11] = ["12", "12.0", "1e2", "", "abc", "-3", ".5", "7.", "0x1", "NaN", "+4"];
    let mut column = |name: &str, values: &mut dyn FnMut(&mut Xoshiro256PlusPlus) -> AnyValue<'static>| {
        let values: Vec<AnyValue<'static>> = (0..ROWS).map(|_| if maybe(rng) { values(rng) } else { AnyValue::Null }).collect();
        Series::from_any_values(name.into(), &values, false).unwrap().into_column()
    };
    let text = |of: &'static [&'static str]| move |rng: &mut Xoshiro256PlusPlus| AnyValue::String(of.choose(rng).unwrap());
    let mut columns = vec![
        // Whole seconds now and then, so that moments tie, and lie on the edges of periods.
        column("ts", &mut |rng| {
            let us = rng.gen_range(from..to);
            AnyValue::Int64(if rng.gen_bool(0.3) { us.div_euclid(3_600_000_000) * 3_600_000_000 } else { us })
        }),
        column("user", &mut text(&USERS)),
        column("host", &mut text(&HOSTS)),
        column("method", &mut text(&["GET", "POST", "CONNECT"])),
        column("zone", &mut text(&["north", "South", "Süd"])),
        column("amount", &mut text(&AMOUNTS)),
        column("verdict", &mut text(&["ok", "ok", "ok", "ok", "ok", "ok", "exfil", "scan"])),
        column("story", &mut text(&["one", "two", ""])),
        column("bytes", &mut |rng| {
            AnyValue::Int64(if rng.gen_bool(0.1) { *whole.choose(rng).unwrap() } else { rng.gen_range(-50..5_000_000) })
        }),
        column("small", &mut |rng| AnyValue::Int32(rng.gen_range(-5..40))),
        column("status", &mut |rng| AnyValue::Int64(*[200, 200, 403, 404].choose(rng).unwrap())),
        column("score", &mut |rng| {
            AnyValue::Float64(if rng.gen_bool(0.2) { *real.choose(rng).unwrap() } else { rng.gen_range(-3.0..3.0) })
        }),
        column("flag", &mut |rng| AnyValue::Boolean(rng.gen_bool(0.4))),
    ];
    let time = columns[0].cast(&DataType::Datetime(TimeUnit::Microseconds, Some(TimeZone::UTC))).unwrap();
    columns[0] = time;
    fs::create_dir_all(folder).unwrap();
    let mut frame = DataFrame::new(ROWS, columns).unwrap();
    ParquetWriter::new(fs::File::create(folder.join("events.parquet")).unwrap()).finish(&mut frame).unwrap();
}

/// Makes a table of so many events of the same users, hosts and hours.
pub fn many(name: &str, events: u64) -> String {
    format!(
        "CREATE TABLE {name} USING parquet AS SELECT
           timestamp_micros(1772406000000000 + pmod(xxhash64(id, 1), 518400) * 1000000) AS ts,
           concat('user', pmod(xxhash64(id, 2), 60)) AS user,
           concat('host', pmod(xxhash64(id, 3), 40), '.example') AS host,
           CAST(pmod(xxhash64(id, 4), 1000000) AS BIGINT) AS bytes,
           CASE WHEN pmod(xxhash64(id, 5), 20) = 0 THEN 403 ELSE 200 END AS status
         FROM range({events})"
    )
}
