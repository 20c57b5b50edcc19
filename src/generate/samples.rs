//! A small data set of each use case, with what is true of it: for the demonstration data, and for the templates of `init`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{DemoOptions, alerts, beacons, demo::proxy, files::put, logons, names, netflow, table};
use crate::{
    error::{Error, Result},
    observe::Silent,
};

/// A use case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sample {
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

impl Sample {
    /// Writes it to a folder.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn write(self, folder: &Path) -> Result<()> {
        fs::create_dir_all(folder).map_err(|source| Error::io("create", folder, source))?;
        let seed = DemoOptions::SEED;
        let files = match self {
            Self::Proxy => {
                let options = DemoOptions { users: 40, events_per_user_day: 30.0, ..DemoOptions::committed(folder) };
                return proxy(&options, &Silent).map(drop);
            }
            Self::Dns => dns(seed),
            Self::Auth => auth(seed),
            Self::Flows => flows(seed),
            Self::Alerts => vec![("alerts.csv.gz", alerts::csv(seed))],
            Self::Table => vec![("table.csv.gz", table::csv(seed))],
        };
        files.iter().try_for_each(|(name, text)| put(&folder.join(name), text).map(drop))
    }

    /// What lies in a folder already and would be written over.
    pub fn in_the_way(self, folder: &Path) -> Option<PathBuf> {
        self.names().iter().map(|name| folder.join(name)).find(|path| path.exists())
    }

    fn names(self) -> &'static [&'static str] {
        match self {
            Self::Proxy => &["proxy", "cmdb.csv", "labels.csv"],
            Self::Dns => &["dns.log.gz", "labels.csv", "tunnels.csv"],
            Self::Auth => &["logons.ndjson.gz", "labels.csv"],
            Self::Flows => &["flows.csv.gz", "labels.csv"],
            Self::Alerts => &["alerts.csv.gz"],
            Self::Table => &["table.csv.gz"],
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_is_written_is_known_to_be_in_the_way() {
        for sample in [Sample::Proxy, Sample::Dns, Sample::Auth, Sample::Flows, Sample::Alerts, Sample::Table] {
            let folder = tempfile::tempdir().unwrap();
            assert_eq!(sample.in_the_way(folder.path()), None);
            sample.write(folder.path()).unwrap();
            let mut there: Vec<String> =
                fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
            let mut known = sample.names().to_vec();
            there.sort_unstable();
            known.sort_unstable();
            assert_eq!(there, known, "{sample:?}");
            assert!(sample.in_the_way(folder.path()).is_some());
        }
    }

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
