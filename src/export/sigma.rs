//! The best single field at its cut as a Sigma correlation rule: what the team could write today without machine learning. Counts, sums and
//! numbers of distinct values of plain columns are expressible; what looks back, compares with peers, or narrows its events by SQL is not, and
//! is said. Rules of `suppress` on key columns become a Sigma filter beside it. Names of columns become those of Sigma's taxonomy for proxy and web server logs; elsewhere they stay as they are, to be mapped by
//! the pipeline of the backend.

use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};

use super::{Exported, Target, write};
use crate::{decide::{Direction, FieldRule}, error::{Error, Result}, spec::Experiment, experiment::load::hex};

mod suppressed;

pub(super) const TARGET: Target = Target {
    id: "sigma",
    summary: "the best single field as a Sigma rule, known alerts as a filter",
    source: include_str!("sigma.rs"),
    folder: None,
    next: "sigma convert, with the backend of your SIEM; measure the rule as the new `baseline`",
    write: rule,
};

/// Canonical columns in Sigma's taxonomy for proxy and web server logs.
const TAXONOMY: &[(&str, &str)] = &[
    ("user", "cs-username"),
    ("src_ip", "c-ip"),
    ("host", "cs-host"),
    ("method", "cs-method"),
    ("status", "sc-status"),
    ("bytes_up", "cs-bytes"),
    ("bytes_down", "sc-bytes"),
    ("user_agent", "c-useragent"),
    ("url", "c-uri"),
    ("path", "cs-uri-stem"),
    ("referrer", "cs-referer"),
    ("dst_ip", "dst_ip"),
];

/// How a field is expressed: Sigma's correlation type, and the column that it counts or sums.
struct Correlation {
    kind: &'static str,
    column: Option<String>,
}

fn rule(exported: &Exported<'_>, folder: &Path) -> Result<Vec<PathBuf>> {
    let experiment = &exported.saved.resolved.experiment;
    let filter = filter(experiment)?;
    let mut written = Vec::new();
    match threshold(exported) {
        Ok(text) => written.push(write(&folder.join(format!("{}.yml", experiment.name)), text)?),
        Err(_) if filter.is_some() => {}
        Err(why) => {
            let hint = "`gonogo export RUN --to csv` takes everything";
            return Err(Error::data_hint(format!("nothing can be expressed in Sigma: {why}"), hint));
        }
    }
    if let Some(text) = filter {
        written.push(write(&folder.join(format!("{}-suppress.yml", experiment.name)), text)?);
    }
    Ok(written)
}

/// The document of the best single field, or why there is none.
fn threshold(exported: &Exported<'_>) -> std::result::Result<String, String> {
    let experiment = &exported.saved.resolved.experiment;
    let rule = exported.saved.decision.field_rule.as_ref().ok_or("the run has no best single field with a cut")?;
    let correlation = correlation(exported, &rule.field)?;
    let entity = experiment.entity.as_ref().ok_or("without `entity` there is nothing to group by")?;
    let (name, source) = experiment.events_source()?;
    let every = timespan(&entity.every.to_string()).ok_or_else(|| format!("it has no timespan of `{}`", entity.every))?;
    Ok(document(exported, rule, &correlation, &entity.key, &every, (name, source)))
}

/// The document of what is suppressed, where there are rules that Sigma can say.
fn filter(experiment: &Experiment) -> Result<Option<String>> {
    let (Some(entity), false) = (&experiment.entity, experiment.suppress.is_empty()) else { return Ok(None) };
    let (name, source) = experiment.events_source().map_err(Error::data)?;
    let logsource = logsource(&source.format);
    let named = |column: &str| named(column, logsource.0);
    Ok(suppressed::filter(&experiment.suppress, &entity.key, &named).map(|filter| {
        let mut text = format!("# Known alerts of {}, kept out of the queue.\n", comment(&experiment.name));
        let _ = writeln!(text, "title: {}", quoted(&format!("Known alerts of {}", experiment.name)));
        let _ = writeln!(text, "id: {}", uuid(&["suppress", &experiment.name, name]));
        let _ = writeln!(text, "logsource:\n  {}: {}", logsource.0, quoted(&logsource.1));
        text + &filter
    }))
}

/// The name of a column in Sigma's taxonomy, where the kind of log source has one.
fn named(column: &str, logsource: &str) -> String {
    match TAXONOMY.iter().find(|(canonical, _)| *canonical == column) {
        Some((_, sigma)) if logsource == "category" => (*sigma).to_owned(),
        _ => column.to_owned(),
    }
}

/// How the field is computed, where Sigma can say it.
fn correlation(exported: &Exported<'_>, field: &str) -> std::result::Result<Correlation, String> {
    let experiment = &exported.saved.resolved.experiment;
    let entry = experiment.fields.get(field).and_then(|entry| entry.0.as_mapping()).ok_or_else(|| format!("`{field}` is not defined by itself"))?;
    let text = |key: &str| entry.get(key).and_then(serde_yaml::Value::as_str).map(str::to_owned);
    if let Some(option) = ["where", "at"].into_iter().find(|option| entry.contains_key(*option)) {
        return Err(format!("`{field}` has `{option}`, which a correlation has not"));
    }
    let plain = |column: String| {
        if experiment.derive.contains_key(&column) { Err(format!("`{column}` is derived by SQL")) } else { Ok(Some(column)) }
    };
    match (text("count"), text("sum"), text("distinct")) {
        (Some(all), _, _) if all == "*" => Ok(Correlation { kind: "event_count", column: None }),
        (_, Some(column), _) => Ok(Correlation { kind: "value_sum", column: plain(column)? }),
        (_, _, Some(column)) => Ok(Correlation { kind: "value_count", column: plain(column)? }),
        _ => Err(format!("`{field}` is neither the number of events, nor a sum, nor a number of distinct values")),
    }
}

fn document(
    exported: &Exported<'_>,
    rule: &FieldRule,
    correlation: &Correlation,
    key: &[String],
    every: &str,
    (name, source): (&str, &crate::spec::Source),
) -> String {
    let experiment = &exported.saved.resolved.experiment;
    let logsource = logsource(&source.format);
    let named = |column: &str| named(column, logsource.0);
    let group: Vec<String> = key.iter().map(|column| quoted(&named(column))).collect();
    let base = format!("{}-events", experiment.name);
    let mut text = String::new();
    let _ = writeln!(text, "# Made by gonogo {} from run {}.", comment(&exported.saved.manifest.version), comment(&exported.saved.manifest.run));
    let _ = writeln!(text, "# The best single field at the cut of the budget: {}.", comment(&rule.to_string()));
    if let Some(filter) = &source.filter {
        let _ = writeln!(text, "# The experiment reads only events with: {}. Add it to the selection.", comment(filter));
    }
    let _ = writeln!(text, "title: {}", quoted(&format!("Events of {}", experiment.name)));
    let _ = writeln!(text, "id: {}", uuid(&["events", &experiment.name, name]));
    let _ = writeln!(text, "name: {}", quoted(&base));
    let _ = writeln!(text, "status: experimental\nlogsource:\n  {}: {}", logsource.0, quoted(&logsource.1));
    let _ = writeln!(text, "detection:\n  selection:\n    {}: '*'\n  condition: selection", group.first().cloned().unwrap_or_default());
    let _ = writeln!(text, "---\ntitle: {}", quoted(&experiment.use_case.title));
    let _ = writeln!(text, "id: {}", uuid(&["rule", &exported.saved.manifest.experiment, &exported.saved.manifest.run]));
    let _ = writeln!(text, "status: experimental\ndescription: {}", quoted(&exported.saved.decision.because.en));
    if !experiment.use_case.attack.is_empty() {
        let tags: Vec<String> = experiment.use_case.attack.iter().map(|id| quoted(&format!("attack.{}", id.to_lowercase()))).collect();
        let _ = writeln!(text, "tags: [{}]", tags.join(", "));
    }
    let operator = if rule.direction == Direction::AtLeast { "gte" } else { "lte" };
    let _ = writeln!(text, "correlation:\n  type: {}\n  rules:\n    - {}\n  group-by: [{}]\n  timespan: {every}", correlation.kind, quoted(&base), group.join(", "));
    let _ = writeln!(text, "  condition:\n    {operator}: {}", limit(rule));
    if let Some(column) = &correlation.column {
        let _ = writeln!(text, "    field: {}", quoted(&named(column)));
    }
    text.push_str("level: medium\n");
    text
}

/// A length of time as Sigma writes it: seconds, minutes, hours, days.
fn timespan(every: &str) -> Option<String> {
    let unit = every.trim_start_matches(|c: char| c.is_ascii_digit());
    let count: u64 = every.strip_suffix(unit)?.parse().ok()?;
    match unit {
        "s" | "m" | "h" | "d" => Some(every.to_owned()),
        "w" => Some(format!("{}d", 7 * count)),
        _ => None,
    }
}

/// Sigma's limits are whole numbers: rounded so that every unit that was raised still is.
fn limit(rule: &FieldRule) -> f64 {
    match rule.direction {
        Direction::AtLeast => rule.limit.floor(),
        Direction::AtMost => rule.limit.ceil(),
    }
}

fn logsource(format: &str) -> (&'static str, String) {
    match format {
        "elff" | "squid" | "zscaler" | "webgateway" => ("category", "proxy".into()),
        "combined" => ("category", "webserver".into()),
        other => ("product", other.to_owned()),
    }
}

/// A text as a single-quoted YAML scalar on one line.
fn quoted(text: &str) -> String {
    let line: String = crate::text::visible(text).into_owned();
    format!("'{}'", line.replace('\'', "''"))
}

fn comment(text: &str) -> String {
    crate::text::visible(text).into_owned()
}

/// A stable id in the form of a UUID (version 8, RFC 9562: a hash of our own).
fn uuid(parts: &[&str]) -> String {
    let hash = hex(&Sha256::digest(parts.join("\0").as_bytes()));
    format!("{}-{}-8{}-8{}-{}", &hash[..8], &hash[8..12], &hash[13..16], &hash[17..20], &hash[20..32])
}
