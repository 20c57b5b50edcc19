//! What an experiment has to say of a log that is not read by itself: free text, and W3C logs whose `#Fields:` line is not that of their lines.

use std::{borrow::Cow, path::Path};

use ::regex::Regex as Expression;

use super::{FORMATS, clock::Clock, elff, files, head::Head, regex};
use crate::spec;

/// A format with the option that reads a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advice {
    /// The format.
    pub format: &'static str,
    /// The option of the format.
    pub option: &'static str,
    /// Its value.
    pub value: Cow<'static, str>,
    /// How the times of the group `timestamp` are written; `None` where they tell it themselves, or there is none.
    pub parse: Option<&'static str>,
    /// Whether it gives a time.
    pub timed: bool,
}

impl Advice {
    /// What is to be written into the source.
    pub fn typed(&self) -> String {
        let time = self.parse.map(|parse| format!(", `time: {{ column: timestamp, parse: '{parse}' }}`")).unwrap_or_default();
        format!("`format: {}`, `options: {{ {}: '{}' }}`{time}", self.format, self.option, self.value)
    }

    /// Writes it into a source.
    pub fn put_into(&self, source: &mut spec::Source) {
        self.format.clone_into(&mut source.format);
        let option = serde_yaml::Value::String(self.option.into());
        let mapping = serde_yaml::Mapping::from_iter([(option, serde_yaml::Value::String(self.value.clone().into_owned()))]);
        source.options = Some(spec::Entry(serde_yaml::Value::Mapping(mapping)));
        source.time = self.parse.map(|parse| spec::Time { column: "timestamp".into(), parse: parse.into(), timezone: "UTC".into() });
    }
}

/// What would read the files of a source that cannot be opened as it is; `None` where nothing is known that surely does.
pub fn advise(source: &spec::Source, base: &Path) -> Option<Advice> {
    let files = files::find(&source.path, base).ok()?;
    let head = Head::read(files.first()?, MOST_LINES).ok()?;
    match FORMATS.iter().find(|format| (format.fits)(&head)) {
        Some(format) if format.id == elff::FORMAT.id => elff::listed(std::slice::from_ref(&head)),
        Some(_) => None,
        None => free_text(&head).filter(|advice| advice.timed),
    }
}

/// How many lines a pattern is held against.
const MOST_LINES: usize = 1_000;

/// Times at the beginning of a line: a pattern, and how they are read.
const TIMES: &[(&str, Option<&str>)] = &[
    (r"\[(?<timestamp>[A-Z][a-z]{2} [A-Z][a-z]{2} +\d{1,2} [\d:.]+ \d{4})\]", None),
    (r"\[?(?<timestamp>\d{4}[-/]\d{2}[-/]\d{2}[T ]\d{2}:\d{2}:\d{2}(?:[.,]\d+)?(?:Z| ?[+-]\d{2}:?\d{2})?)\]?", None),
    (r"\[?(?<timestamp>\d{2}/[A-Z][a-z]{2}/\d{4}:\d{2}:\d{2}:\d{2} [+-]\d{4})\]?", None),
    (r"(?<timestamp>[A-Z][a-z]{2} [A-Z][a-z]{2} +\d{1,2} [\d:.]+ \d{4})", None),
    (r"\[?(?<timestamp>\d{4}\.\d{2}\.\d{2} \d{2}:\d{2}:\d{2})\]?", Some("%Y.%m.%d %H:%M:%S")),
    (r"\[?(?<timestamp>\d{2}\.\d{2}\.\d{4} \d{2}:\d{2}:\d{2})\]?", Some("%d.%m.%Y %H:%M:%S")),
    (r"\[?(?<timestamp>\d{1,2}-[A-Z][a-z]{2}-\d{4} \d{2}:\d{2}:\d{2}(?:\.\d+)?)\]?", Some("%d-%b-%Y %H:%M:%S%.f")),
    (r"(?<timestamp>\d{8}[ T-]\d{2}:\d{2}:\d{2})", Some("%Y%m%d %H:%M:%S")),
    (r"(?<timestamp>1\d{9}(?:\.\d+)?)", Some("epoch_s")),
    (r"(?<timestamp>1\d{12})", Some("epoch_ms")),
];

/// Times without their year, which no pattern can read.
const NO_YEAR: &str = r"\[?(?<when>\d{2}[./-]\d{2} \d{2}:\d{2}:\d{2})\]?";

/// What follows the time.
const TAILS: &[&str] = &[
    // Apache's error log.
    r" \[(?<level>[\w:-]+)\](?: \[pid [^\]]*\])?(?: \[(?:client|remote) (?<src_ip>[0-9A-Fa-f.:]*?)(?::\d+)?\])? (?<message>.*)$",
    // Proxifier.
    r" (?<program>\S.*?) - (?<host_port>\S+:\d+) (?:close, (?<bytes_up>\d+) bytes(?: \([^)]*\))? sent, (?<bytes_down>\d+) bytes(?: \([^)]*\))? received, lifetime (?<lifetime>\S+)|(?<message>.*))$",
    r"[ :,]+\[?(?<level>(?i:trace|debug|info|notice|warning|warn|error|err|critical|crit|fatal|alert|emerg|severe))\]?:? +(?<message>.*)$",
    r"[\s:,;-]+(?<message>.*)$",
];

/// Every pattern that may be advised.
#[cfg(test)]
pub(super) fn patterns() -> Vec<String> {
    let times = TIMES.iter().map(|(time, _)| *time).chain([NO_YEAR]);
    times.flat_map(|time| TAILS.iter().map(move |tail| format!("^{time}{tail}"))).collect()
}

/// Whether a pattern matches nearly all lines, and its time can be read in them.
fn holds(pattern: &str, parse: Option<Option<&str>>, lines: &[&str]) -> bool {
    let Ok(expression) = Expression::new(pattern) else { return false };
    let mut clock = match parse.flatten() {
        Some(parse) => {
            let time = spec::Time { column: "timestamp".into(), parse: parse.into(), timezone: "UTC".into() };
            let Ok(clock) = Clock::of(&time) else { return false };
            clock
        }
        None => Clock::auto(),
    };
    let good = |line: &&&str| {
        let Some(groups) = expression.captures(line) else { return false };
        parse.is_none() || groups.name("timestamp").is_some_and(|time| clock.read(time.as_str()).is_some())
    };
    let matched = lines.iter().filter(good).count();
    matched * 10 >= lines.len() * 9 && matched > 0
}

/// A pattern to begin with, for text of no format that is known.
pub(super) fn free_text(head: &Head) -> Option<Advice> {
    let lines: Vec<&str> = head.lines().take(MOST_LINES).collect();
    let regex = |pattern: String, parse: Option<&'static str>, timed: bool| {
        Some(Advice { format: regex::FORMAT.id, option: "pattern", value: pattern.into(), parse, timed })
    };
    for (time, parse) in TIMES {
        if holds(&format!("^{time}"), Some(*parse), &lines) {
            let pattern = TAILS.iter().map(|tail| format!("^{time}{tail}")).find(|pattern| holds(pattern, Some(*parse), &lines));
            return regex(pattern.unwrap_or_else(|| format!("^{time}(?<message>.*)$")), *parse, true);
        }
    }
    if holds(&format!("^{NO_YEAR}"), None, &lines)
        && let Some(pattern) = TAILS.iter().map(|tail| format!("^{NO_YEAR}{tail}")).find(|pattern| holds(pattern, None, &lines))
    {
        return regex(pattern, None, false);
    }
    let words = lines.iter().map(|line| line.split_ascii_whitespace().count()).min()?;
    regex(if words > 1 { r"^\s*(?<first>\S+)\s+(?<message>.*)$" } else { "^(?<message>.*)$" }.into(), None, false)
}

/// What to do with text of no format that is known.
pub(super) fn hint(head: &Head) -> String {
    let Some(advice) = free_text(head) else { return "name it with `format:`; `gonogo list formats` names them".into() };
    let mut text = format!("`gonogo list formats` names what is known; free text is read by a pattern, to begin with: {}", advice.typed());
    if advice.value.contains("(?<when>") {
        text.push_str(
            "; its times name no year, so that they are only text: write the year before them, and they are read (`sed -E 's/^(\\[?)/\\1YEAR./' IN > OUT`, with the year for YEAR)",
        );
    }
    let table = |delimiter: char| {
        let count = |line: &str| line.matches(delimiter).count();
        head.lines().next().map(count).filter(|first| *first > 1 && head.lines().take(20).all(|line| count(line) == *first))
    };
    if let Some((delimiter, count)) = [',', ';', '\t', '|'].into_iter().find_map(|delimiter| Some((delimiter, table(delimiter)?))) {
        let names: Vec<String> = (1..=count + 1).map(|n| format!("c{n}")).collect();
        let said = if delimiter == '\t' { "tab".to_owned() } else { format!("'{delimiter}'") };
        return format!(
            "if it is a table without a header, name its columns: `format: csv`, `options: {{ header: false, delimiter: {said}, columns: [{}] }}`",
            names.join(", ")
        );
    }
    text
}
