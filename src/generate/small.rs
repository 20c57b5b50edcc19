//! A little synthetic data for each template: enough that an experiment runs, small enough that it is written at once.

use std::{fmt::Write as _, fs, path::Path};

use chrono::DateTime;

use super::{DemoOptions, alerts, chance::Chance, demo::demo, demo::pack, table};
use crate::{
    error::{Error, Result},
    observe::Silent,
};

/// What is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Small {
    /// A proxy's logs with labelled attacks, a table of machines.
    Proxy,
    /// Zeek's dns.log.
    Dns,
    /// A table of logons.
    Auth,
    /// Zeek's conn.log.
    Flows,
    /// Alerts of rules, one attack among them.
    Alerts,
    /// A plain table with outliers.
    Table,
}

const SEED: u64 = DemoOptions::SEED;
/// 2026-03-02, in seconds since 1970 UTC.
const START: i64 = 1_772_409_600;
const DAYS: i64 = 10;
const MACHINES: u64 = 30;

/// Writes it to a folder.
///
/// # Errors
/// When a file cannot be written.
pub fn write(what: Small, folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).map_err(|source| Error::io("create", folder, source))?;
    let put = |name: &str, text: String| {
        let path = folder.join(name);
        fs::write(&path, text).map_err(|source| Error::io("write", &path, source))
    };
    match what {
        Small::Proxy => {
            let options = DemoOptions { users: 40, events_per_user_day: 30.0, ..DemoOptions::committed(folder) };
            demo(&options, &Silent).map(drop)
        }
        Small::Dns => put("dns.log", dns()),
        Small::Auth => put("logons.csv", logons()),
        Small::Flows => put("conn.log", flows()),
        Small::Alerts => pack(&folder.join("alerts.csv.gz"), &alerts::csv(SEED)).map(drop),
        Small::Table => pack(&folder.join("table.csv.gz"), &table::csv(SEED)).map(drop),
    }
}

/// A Zeek log's header.
fn zeek(path: &str, fields: &str, types: &str) -> String {
    let tabs = |list: &str| list.replace(' ', "\t");
    format!(
        "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\t{path}\n#fields\t{}\n#types\t{}\n",
        tabs(fields),
        tabs(types)
    )
}

/// The moments of a machine's events of an hour, in seconds since 1970, in order.
fn moments(chance: &mut Chance, hour: i64, mean: f64) -> Vec<f64> {
    let working = matches!(hour.rem_euclid(24), 7..=17) && (hour / 24) % 7 < 5;
    let count = chance.poisson(if working { mean } else { mean / 12.0 });
    let mut found: Vec<f64> = (0..count).map(|_| (START + hour * 3_600) as f64 + chance.between(0.0, 3_600.0)).collect();
    found.sort_by(f64::total_cmp);
    found
}

/// The events of all machines, in order of time.
fn all(stream: u64, mean: f64, mut line: impl FnMut(&mut Chance, u64, i64, f64) -> String) -> String {
    let mut lines: Vec<(f64, String)> = Vec::new();
    for machine in 0..MACHINES {
        let mut chance = Chance::of(SEED, [stream, machine, 0]);
        for hour in 0..DAYS * 24 {
            for moment in moments(&mut chance, hour, mean) {
                let text = line(&mut chance, machine, hour, moment);
                lines.push((moment, text));
            }
        }
    }
    lines.sort_by(|a, b| a.0.total_cmp(&b.0));
    lines.into_iter().fold(String::new(), |text, (_, line)| text + &line)
}

/// One of many, the first ones far more often.
fn favourite(chance: &mut Chance, many: u64) -> u64 {
    ((chance.unit().powi(3)) * many as f64) as u64
}

fn dns() -> String {
    let lines = all(1, 8.0, |chance, machine, hour, moment| {
        // One machine asks for generated names in the judged part.
        let made = machine == 7 && hour > 8 * 24 && chance.happens(0.7);
        let name = if made {
            let letters: String = (0..18).map(|_| char::from(b'a' + chance.below(26) as u8)).collect();
            format!("{letters}.test")
        } else {
            let number = favourite(chance, 400);
            format!("{}.site{number}.example", ["www", "api", "cdn"][(number % 3) as usize])
        };
        let code = if made && chance.happens(0.9) || chance.happens(0.02) { (3, "NXDOMAIN") } else { (0, "NOERROR") };
        format!(
            "{moment:.6}\tC{machine}\t10.1.0.{}\t{}\t10.0.0.53\t53\tudp\t{name}\tA\t{}\t{}\n",
            machine + 10,
            40_000 + chance.below(20_000),
            code.0,
            code.1
        )
    });
    zeek(
        "dns",
        "ts uid id.orig_h id.orig_p id.resp_h id.resp_p proto query qtype_name rcode rcode_name",
        "time string addr port addr port enum string string count string",
    ) + &lines
}

fn flows() -> String {
    let lines = all(2, 10.0, |chance, machine, hour, moment| {
        // One machine scans on one afternoon of the judged part.
        let scans = machine == 11 && hour == 8 * 24 + 14;
        let place = if scans { chance.below(250) } else { favourite(chance, 120) };
        let (port, state) = if scans { (chance.below(9_000) + 1, "S0") } else { (chance.pick(&[443, 443, 443, 80, 53]), "SF") };
        let (up, down) = if scans { (0, 0) } else { (chance.size(2_000.0, 1.2), chance.size(20_000.0, 1.5)) };
        format!(
            "{moment:.6}\tC{machine}\t10.1.0.{}\t{}\t203.0.113.{place}\t{port}\ttcp\t{:.3}\t{up}\t{down}\t{state}\n",
            machine + 10,
            40_000 + chance.below(20_000),
            chance.lognormal(0.5, 1.0)
        )
    });
    zeek(
        "conn",
        "ts uid id.orig_h id.orig_p id.resp_h id.resp_p proto duration orig_bytes resp_bytes conn_state",
        "time string addr port addr port enum interval count count string",
    ) + &lines
}

fn logons() -> String {
    let lines = all(3, 1.5, |chance, machine, hour, moment| {
        // One account tries many machines on one night of the judged part.
        let moves = machine == 5 && hour >= 8 * 24;
        let target = if moves { chance.below(60) } else { (machine + favourite(chance, 3)) % 60 };
        let failed = chance.happens(if moves { 0.4 } else { 0.04 });
        let time = DateTime::from_timestamp(moment as i64, 0).map(|time| time.format("%Y-%m-%d %H:%M:%S").to_string()).unwrap_or_default();
        let mut line = String::new();
        let _ =
            writeln!(line, "{time},user{machine:02},10.1.0.{},srv{target:02},{}", machine + 10, if failed { "failure" } else { "success" });
        line
    });
    format!("time,user,src_ip,hostname,outcome\n{lines}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_every_time_and_in_order() {
        for text in [dns(), flows(), logons()] {
            assert!((2_000..60_000).contains(&text.lines().count()), "{} lines", text.lines().count());
        }
        assert_eq!(dns(), dns());
        let times: Vec<String> = logons().lines().skip(1).map(|line| line[..19].to_owned()).collect();
        assert!(times.is_sorted());
        assert_eq!(DateTime::from_timestamp(START, 0).unwrap().to_rfc3339(), "2026-03-02T00:00:00+00:00");
    }
}
