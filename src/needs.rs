//! What a question needs of the logs: which columns, how precise a time, which join. Checked before anything runs.
//!
//! The first reason for a failed proof of concept is data that could never have answered the question. `use_case.needs` names the questions;
//! each is one entry of [`NEEDS`], held against the columns that the format gives and that the first rows really fill.

use std::collections::BTreeMap;

use crate::{
    error::Problem,
    text::{Said, did_you_mean},
};

pub use self::{answers::names_the_answer, known::NEEDS};

mod answers;
mod known;
mod remedies;

/// A question that logs may or may not be able to answer.
#[derive(Debug)]
pub struct Need {
    /// Its name in `use_case.needs`.
    pub id: &'static str,
    /// What is asked, as it stands in "... cannot be evaluated".
    pub title: &'static str,
    /// What it is about.
    pub doc: &'static str,
    /// What must be there.
    pub columns: &'static [Part],
    /// The longest step of the clock that still tells it, in seconds.
    pub step: Option<f64>,
    /// What a joined table must bring, where no column of the events does.
    pub join: Option<&'static str>,
}

/// One thing that must be known of an event.
#[derive(Debug)]
pub struct Part {
    /// What it is, in words: `upload bytes`.
    pub what: &'static str,
    /// The canonical columns that tell it; any one is enough.
    pub any: &'static [&'static str],
    /// Whether the question has no answer without it; else the answer is only weaker.
    pub must: bool,
}

/// Columns that tell who someone's peers are.
const GROUP: &[&str] = &["department", "team", "group", "role", "job_title", "site", "business_unit", "auth_group", "device_type"];

/// What the sources can tell, as far as the first rows show it.
#[derive(Debug, Default)]
pub struct Given {
    /// The format of the events.
    pub format: String,
    /// The columns of the events, joined and derived ones among them, each with the share of the first rows that have a value.
    pub fill: BTreeMap<String, f64>,
    /// How many first rows were looked at.
    pub rows: u64,
    /// The largest step that all their times are multiples of, in seconds: 60 for a clock that counts minutes.
    pub step: Option<f64>,
    /// Columns that joined tables bring.
    pub joined: Vec<String>,
}

impl Need {
    /// What it is and what it takes, for `explain`.
    pub fn documentation(&self) -> String {
        let mut text = format!("{}\n\nIt takes\n", self.doc);
        for part in self.columns {
            let weight = if part.must { "" } else { " (helps, not required)" };
            text.push_str(&format!("  {}: {}{weight}\n", part.what, ticked(part.any.iter().copied(), " or ")));
        }
        if let Some(step) = self.step {
            text.push_str(&format!("  a clock that counts {}\n", span(step)));
        }
        if let Some(join) = self.join {
            text.push_str(&format!("  {join}: one of {}, or a table joined in `enrich`\n", ticked(GROUP.iter().copied(), ", ")));
        }
        text
    }

    fn check(&self, path: &str, given: &Given, problems: &mut Vec<Problem>) {
        problems.extend(self.columns.iter().filter_map(|part| self.columns_of(part, path, given)));
        problems.extend(self.clock(path, given));
        problems.extend(self.joined(path, given));
    }

    /// What is wrong with the columns that tell a part: there are none, or they are empty, or too often so.
    fn columns_of(&self, part: &Part, path: &str, given: &Given) -> Option<Problem> {
        let there: Vec<(&str, f64)> = part.any.iter().filter_map(|name| Some((*name, *given.fill.get(*name)?))).collect();
        let best = there.iter().map(|(_, fill)| *fill).fold(0.0, f64::max);
        let names = || ticked(there.iter().map(|(name, _)| *name), ", ");
        let rows = given.rows;
        let (is_error, message) = if there.is_empty() {
            let message =
                format!("{} {} no {}: {}", possessive(&given.format), gives(&given.format), part.what, self.consequence(part.must));
            let all = ticked(part.any.iter().copied(), ", ");
            let french = format!("aucune des colonnes {all} pour `{}` : la réponse sera moins bonne", self.id);
            (part.must, Said::of(message, french))
        } else if rows > 0 && best == 0.0 {
            let message = format!("{} is empty in the first {rows} rows: {}", names(), self.consequence(part.must));
            let french = format!("{} vide dans les {rows} premières lignes : la réponse à `{}` sera moins bonne", names(), self.id);
            (part.must && rows >= ENOUGH, Said::of(message, french))
        } else if rows > 0 && part.must && best < HALF {
            let share = 100.0 * best;
            let message = format!("only {share:.0} % of the first {rows} rows have {}: the others are lost to {}", names(), self.title);
            let french = format!("{share:.0} % seulement des {rows} premières lignes ont {}, que demande `{}`", names(), self.id);
            (false, Said::of(message, french))
        } else {
            return None;
        };
        // A host that stands in the URL is one step away.
        let in_url = part.any.contains(&"host") && given.fill.get("url").is_some_and(|fill| *fill > 0.0);
        Some(told(is_error, path, message, if in_url { IN_URL.to_owned() } else { remedies::remedy(part, &given.format) }))
    }

    fn clock(&self, path: &str, given: &Given) -> Option<Problem> {
        let (step, found) = (self.step?, given.step?);
        let message = format!("the clock counts {}: too coarse for {}, {} at most", span(found), self.title, span(step));
        let help = "log times with seconds or milliseconds, or take the need out";
        (found > step).then(|| told(true, path, Said::same(message), help.into()))
    }

    fn joined(&self, path: &str, given: &Given) -> Option<Problem> {
        let join = self.join?;
        let known = !given.joined.is_empty() || GROUP.iter().any(|name| given.fill.contains_key(*name));
        let message = format!("nothing tells {join}: {}", self.consequence(true));
        let help = "join a table of people or machines: `enrich: [{ join: cmdb, on: { user: login }, take: [department] }]`";
        (!known).then(|| told(true, path, Said::same(message), help.into()))
    }

    fn consequence(&self, must: bool) -> String {
        if must { format!("{} cannot be evaluated", self.title) } else { format!("the answer on {} will be weaker", self.title) }
    }
}

/// Fewer first rows than this do not show that a column is always empty.
const ENOUGH: u64 = 1_000;
const HALF: f64 = 0.5;
/// What to do where no column is the host, and one is the URL.
const IN_URL: &str = "it stands in `url`: `derive: { host: url_host(url) }`";

/// What the sources lack for what the use case needs; unknown needs are told by [`unknown`].
pub fn check(needs: &[String], given: &Given) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (index, id) in needs.iter().enumerate() {
        if let Some(need) = find(id) {
            need.check(&format!("use_case.needs[{index}]"), given, &mut problems);
        }
    }
    problems
}

/// The needs that no entry of [`NEEDS`] knows.
pub fn unknown(needs: &[String]) -> Vec<Problem> {
    let unknown = needs.iter().enumerate().filter(|(_, id)| find(id).is_none());
    unknown
        .map(|(index, id)| {
            let help = did_you_mean(id, NEEDS.iter().map(|need| need.id)).unwrap_or_else(|| "`gonogo list needs` lists them".into());
            Problem::error("E040", format!("use_case.needs[{index}]"), format!("unknown need `{id}`")).help(help)
        })
        .collect()
}

/// Which needs columns of these names could meet, all but those that take a join.
pub fn met(given: &Given) -> Vec<&'static Need> {
    let meets = |need: &&Need| {
        let mut problems = Vec::new();
        need.check("", given, &mut problems);
        problems.is_empty()
    };
    NEEDS.iter().filter(meets).collect()
}

/// Finds a need by its name.
pub fn find(id: &str) -> Option<&'static Need> {
    NEEDS.iter().find(|need| need.id == id)
}

fn told(error: bool, path: &str, message: Said, help: String) -> Problem {
    let problem = if error { Problem::error("E041", path, message.en) } else { Problem::warning("W041", path, message) };
    problem.help(help)
}

fn ticked<'a>(names: impl Iterator<Item = &'a str>, between: &str) -> String {
    names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(between)
}

/// A length of time in words, for a clock's step.
fn span(seconds: f64) -> String {
    match seconds {
        s if s >= 86_400.0 => "days".into(),
        s if s >= 3_600.0 => "hours".into(),
        s if s >= 60.0 => "minutes".into(),
        s if s >= 1.0 => "seconds".into(),
        _ => "less than seconds".into(),
    }
}

fn possessive(format: &str) -> String {
    match format {
        "squid" => "Squid's native format".into(),
        "combined" => "the common and combined formats".into(),
        "" => "the events".into(),
        other => format!("this `{other}` source"),
    }
}

fn gives(format: &str) -> &'static str {
    if matches!(format, "combined" | "") { "have" } else { "has" }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(format: &str, columns: &[(&str, f64)]) -> Given {
        Given {
            format: format.into(),
            fill: columns.iter().map(|(name, fill)| ((*name).to_owned(), *fill)).collect(),
            rows: 1_000,
            step: Some(0.001),
            joined: Vec::new(),
        }
    }

    fn say(needs: &[&str], given: &Given) -> Vec<(&'static str, String)> {
        let needs: Vec<String> = needs.iter().map(|need| (*need).to_owned()).collect();
        check(&needs, given)
            .into_iter()
            .map(|problem| (problem.code, format!("{problem}; {}", problem.help.as_deref().unwrap_or_default())))
            .collect()
    }

    #[test]
    fn squid_cannot_tell_uploads() {
        let squid = given("squid", &[("user", 0.9), ("src_ip", 1.0), ("host", 1.0), ("bytes_down", 1.0)]);
        let said = say(&["exfiltration_volume"], &squid);
        assert_eq!(said.len(), 1);
        assert_eq!(said[0].0, "E041");
        assert!(said[0].1.contains("Squid's native format has no upload bytes: exfiltration by volume cannot be evaluated"), "{said:?}");
        assert!(said[0].1.contains("%>st"), "{said:?}");
        assert!(say(&["new_destinations", "denied_traffic"], &given("squid", &[("user", 1.0), ("host", 1.0), ("status", 1.0)])).is_empty());
    }

    #[test]
    fn empty_columns_are_no_columns() {
        let mut elff = given("elff", &[("user", 1.0), ("host", 1.0), ("bytes_up", 0.0)]);
        let said = say(&["exfiltration_volume"], &elff);
        assert!(said[0].0 == "E041" && said[0].1.contains("`bytes_up` is empty in the first 1000 rows"), "{said:?}");
        elff.rows = 10;
        assert_eq!(say(&["exfiltration_volume"], &elff)[0].0, "W041", "ten rows show little");
        let seldom = given("elff", &[("user", 1.0), ("host", 1.0), ("bytes_up", 0.2)]);
        let said = say(&["exfiltration_volume"], &seldom);
        assert!(said[0].0 == "W041" && said[0].1.contains("only 20 % of the first 1000 rows"), "{said:?}");
    }

    #[test]
    fn a_host_that_stands_in_the_url_is_derived() {
        let said = say(&["generated_domains"], &given("csv", &[("user", 1.0), ("url", 1.0), ("status", 1.0)]));
        assert!(said.len() == 1 && said[0].1.ends_with("it stands in `url`: `derive: { host: url_host(url) }`"), "{said:?}");
        assert!(say(&["new_destinations"], &given("csv", &[("user", 1.0), ("url", 1.0)])).is_empty());
        let said = say(&["generated_domains"], &given("csv", &[("user", 1.0), ("url", 0.0), ("status", 1.0)]));
        assert!(!said[0].1.contains("url_host"), "{said:?}");
    }

    #[test]
    fn clocks_and_joins_are_checked() {
        let mut flows = given("csv", &[("src_ip", 1.0), ("dst_ip", 1.0), ("bytes_up", 1.0)]);
        assert!(say(&["beaconing"], &flows).is_empty());
        flows.step = Some(60.0);
        assert!(say(&["beaconing"], &flows)[0].1.contains("the clock counts minutes: too coarse for beaconing, seconds at most"));
        assert!(say(&["peer_comparison"], &flows)[0].1.contains("`department`"));
        flows.joined.push("department".into());
        assert!(say(&["peer_comparison"], &flows).is_empty());
    }

    #[test]
    fn what_only_helps_is_a_warning() {
        let dns = given("zeek", &[("src_ip", 1.0), ("host", 1.0)]);
        assert_eq!(say(&["generated_domains"], &dns)[0].0, "W041");
        assert!(met(&dns).iter().any(|need| need.id == "new_destinations"));
        assert!(!met(&dns).iter().any(|need| need.id == "exfiltration_volume"));
    }

    #[test]
    fn names_are_unique_and_mistakes_are_guessed() {
        let mut ids: Vec<&str> = NEEDS.iter().map(|need| need.id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), NEEDS.len());
        let problems = unknown(&["beconing".into(), "beaconing".into()]);
        assert_eq!(problems.len(), 1);
        assert_eq!(problems[0].help.as_deref(), Some("did you mean `beaconing`?"));
    }
}
