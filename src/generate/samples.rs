//! The use cases other than the proxy's, each with a small log and what is true of it: for the demonstration data, and for the templates of `init`.

use std::{fs, path::Path};

use super::{
    DemoOptions, alerts, beacons,
    demo::{pack, proxy},
    logons, names, netflow, table,
};
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
    /// Logons as winlogbeat sends them.
    Auth,
    /// Flows of nfdump.
    Flows,
    /// Alerts of rules, one attack among them.
    Alerts,
    /// A plain table with outliers.
    Table,
}

/// Writes it to a folder.
///
/// # Errors
/// When a file cannot be written.
pub fn write(what: Small, folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).map_err(|source| Error::io("create", folder, source))?;
    let seed = DemoOptions::SEED;
    let files = match what {
        Small::Proxy => {
            let options = DemoOptions { users: 40, events_per_user_day: 30.0, ..DemoOptions::committed(folder) };
            return proxy(&options, &Silent).map(drop);
        }
        Small::Dns => dns(seed),
        Small::Auth => auth(seed),
        Small::Flows => flows(seed),
        Small::Alerts => vec![("alerts.csv.gz", alerts::csv(seed))],
        Small::Table => vec![("table.csv.gz", table::csv(seed))],
    };
    files.iter().try_for_each(|(name, text)| put(&folder.join(name), text).map(drop))
}

/// The texts of a use case by the names of their files.
type Files = Vec<(&'static str, String)>;

fn beaconing(seed: u64) -> Files {
    let (log, labels) = beacons::logs(seed);
    vec![("conn.log.gz", log), ("labels.csv", labels)]
}

fn dns(seed: u64) -> Files {
    let names::Logs { text, labels, tunnels } = names::logs(seed);
    vec![("dns.log.gz", text), ("labels.csv", labels), ("tunnels.csv", tunnels)]
}

fn auth(seed: u64) -> Files {
    let (log, labels) = logons::logs(seed);
    vec![("logons.ndjson.gz", log), ("labels.csv", labels)]
}

fn flows(seed: u64) -> Files {
    let (log, labels) = netflow::logs(seed);
    vec![("flows.csv.gz", log), ("labels.csv", labels)]
}

/// The files of all use cases but the proxy's, below the folder of each.
pub(super) fn all(seed: u64) -> Vec<(String, String)> {
    let mut files = vec![("alerts/alerts.csv.gz".to_owned(), alerts::csv(seed)), ("table.csv.gz".to_owned(), table::csv(seed))];
    for (folder, of_it) in [("beaconing", beaconing(seed)), ("dns", dns(seed)), ("auth", auth(seed)), ("flows", flows(seed))] {
        files.extend(of_it.into_iter().map(|(name, text)| (format!("{folder}/{name}"), text)));
    }
    files
}

/// Writes a text, packed where its name says so; how many bytes that took.
pub(super) fn put(path: &Path, text: &str) -> Result<u64> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(|source| Error::io("create", folder, source))?;
    }
    if path.extension().is_some_and(|extension| extension == "gz") {
        return pack(path, text);
    }
    fs::write(path, text).map_err(|source| Error::io("write", path, source))?;
    Ok(text.len() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The moments at which incidents begin, by whether they lie in the first week.
    fn incidents(labels: &str) -> (usize, usize) {
        let mut first: Vec<(&str, &str)> = Vec::new();
        for line in labels.lines().skip(1) {
            let cells: Vec<&str> = line.rsplit(',').collect();
            let [disposition, _, id, _, start, ..] = cells[..] else { panic!("{line}") };
            assert_eq!(id.is_empty(), disposition == "benign_true_positive", "{line}");
            if !id.is_empty() && first.iter().all(|(known, _)| *known != id) {
                first.push((id, start));
            }
        }
        let learned = first.iter().filter(|(_, start)| *start < "2026-03-09").count();
        (learned, first.len() - learned)
    }

    #[test]
    fn logs_are_in_order_and_of_two_weeks_with_incidents_in_both() {
        for (name, text) in all(1) {
            let stem = name.rsplit('/').next().unwrap();
            match stem {
                "labels.csv" | "tunnels.csv" => {
                    let (learned, judged) = incidents(&text);
                    assert!(learned >= 2 && judged >= 8, "{name}: {learned}, {judged}");
                }
                "conn.log.gz" | "dns.log.gz" | "logons.ndjson.gz" | "flows.csv.gz" => {
                    let rows: Vec<&str> = text.lines().filter(|line| line.starts_with(['1', '2', '{'])).collect();
                    assert!((4_000..20_000).contains(&rows.len()), "{name}: {} rows", rows.len());
                    assert!(rows.is_sorted_by_key(|row| row[..34.min(row.len())].split(['\t', ',']).next().unwrap()), "{name}");
                }
                _ => {}
            }
        }
    }
}
