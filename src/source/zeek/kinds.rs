//! Whether files are of one log of Zeek: `conn.log` and `dns.log` side by side would be a table of everything and nothing.

use std::collections::BTreeMap;

use super::LOGS;
use crate::{
    error::Error,
    source::head::Head,
};

/// The logs that the beginning of a file is of: what `#path` says, or a field that only one log has; with the names of its fields.
fn logs(head: &Head) -> Vec<(String, Vec<String>)> {
    let mut found: Vec<(String, Vec<String>)> = Vec::new();
    let mut path = None;
    for line in head.lines() {
        let said = |key: &str| line.strip_prefix(key).map(|rest| rest.trim_start_matches(['\t', ' ', ',']));
        if let Some(named) = said("#path") {
            path = Some(named.trim().to_owned());
        } else if let Some(fields) = said("#fields") {
            found.extend(path.take().map(|path| (path, fields.split(['\t', ' ', ',']).map(str::to_owned).collect())));
        }
    }
    found.extend(of_objects(head));
    found
}

/// The log of JSON lines, told by `_path` or by the field that only one log has; `None` where they do not agree, as in a stream of all logs.
fn of_objects(head: &Head) -> Option<(String, Vec<String>)> {
    let mut log: Option<String> = None;
    let mut fields: Vec<String> = Vec::new();
    for line in head.lines().filter(|line| line.starts_with('{')).take(FIRST) {
        let object: serde_json::Map<String, serde_json::Value> = serde_json::from_str(line).ok()?;
        let said = object.get("_path").and_then(serde_json::Value::as_str);
        let sign = LOGS.iter().zip(NAMED).find(|((sign, _), _)| object.contains_key(*sign)).map(|(_, name)| name);
        if let Some(name) = said.or(sign) {
            if log.as_deref().is_some_and(|log| log != name) {
                return None;
            }
            log = Some(name.to_owned());
        }
        fields.extend(object.into_iter().map(|(name, _)| name));
    }
    fields.sort();
    fields.dedup();
    Some((log?, fields))
}

/// How many objects of a file are looked at.
const FIRST: usize = 50;
/// What the logs of [`LOGS`] are called.
const NAMED: [&str; 4] = ["http", "conn", "dns", "ssl"];

/// The error of files that are of several logs: another name and other fields.
pub(super) fn mixed(heads: &[Head]) -> Option<Error> {
    let mut first: Option<(&Head, String, Vec<String>)> = None;
    let mut others: BTreeMap<String, String> = BTreeMap::new();
    for head in heads {
        for (log, fields) in logs(head) {
            match &first {
                None => first = Some((head, log, fields)),
                // A filter may write one log under two names, and a version add a field to a log.
                Some((_, name, known)) if *name != log && *known != fields => {
                    others.entry(log).or_insert_with(|| head.path.display().to_string());
                }
                Some(_) => {}
            }
        }
    }
    let (head, log, _) = first?;
    let (other, path) = others.first_key_value()?;
    let count = others.len() + 1;
    Some(Error::data_hint(
        format!("its files are of {count} logs of Zeek: `{}` is {}, `{path}` is {}", head.path.display(), log_name(&log), log_name(other)),
        "make one source of each (`conn: { path: logs/conn*.log.gz, format: zeek }`, `dns: { path: logs/dns*.log.gz, format: zeek }`); `events: [conn, dns]` stacks them where one \
         table of both is meant, and `enrich` joins one to the other",
    ))
}

/// The name of a log as its file is called.
fn log_name(log: &str) -> String {
    format!("`{log}.log`")
}
