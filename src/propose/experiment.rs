//! A first experiment on a log file, as commented text.

use std::{
    fmt::Write as _,
    path::{Component, Path, PathBuf},
};

use chrono::DateTime;

use super::{
    Column, Holds, Profile,
    answers::{is_answer, labels},
    fields::fields,
    sense::{acts, is_time},
    writing::{comment, quoted},
};
use crate::needs::{self, NEEDS};

const SECOND: i64 = 1_000_000;
const HOUR: i64 = 3_600 * SECOND;
pub(super) const DAY: i64 = 24 * HOUR;

/// Who could be scored, the best first.
const ENTITIES: &[&str] = &["user", "src_ip", "src_host", "hostname", "host_name", "host", "dst_ip"];
/// The share of lines that an experiment leaves out without asking.
const MALFORMED: f64 = 0.01;

/// What an experiment on this file is called.
pub fn name_of(path: &Path) -> String {
    let stem = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let stem = stem.split('.').next().unwrap_or_default();
    let plain: String = stem.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c.to_ascii_lowercase() } else { '-' }).collect();
    let plain = plain.trim_matches('-');
    if plain.is_empty() { "first-look".into() } else { plain.chars().take(60).collect() }
}

/// The text of an experiment on a file, to be put into `folder`.
pub fn experiment(profile: &Profile, folder: &Path) -> String {
    let plan = Plan::of(profile);
    let mut text = String::new();
    head(profile, &mut text);
    question(profile, &mut text);
    source(profile, folder, &mut text);
    if let Some(frame) = &plan.frame {
        frame.write(&mut text);
    }
    fields(profile, &plan, &mut text);
    rest(profile, &plan, &mut text);
    text
}

/// Times and entity of the experiment.
pub(super) struct Plan<'a> {
    pub(super) frame: Option<Frame<'a>>,
}

/// The window, who is scored in it, and how often.
pub(super) struct Frame<'a> {
    pub(super) start: i64,
    train_end: i64,
    pub(super) end: i64,
    every: i64,
    warm_up: i64,
    entity: &'a str,
}

impl<'a> Plan<'a> {
    fn of(profile: &'a Profile) -> Self {
        Self { frame: Frame::of(profile) }
    }

    pub(super) fn entity(&self) -> Option<&str> {
        self.frame.as_ref().map(|frame| frame.entity)
    }
}

impl<'a> Frame<'a> {
    /// `None` where there is no time that passes, or nobody to score: then each row is a unit.
    fn of(profile: &'a Profile) -> Option<Self> {
        let time = profile.time.as_ref()?;
        let entity = entity(profile)?;
        let at = |share: f64| time.some.get((share * time.some.len() as f64) as usize).copied().unwrap_or(time.last);
        // A few rows from another time must not stretch the window.
        let (first, last) = if (at(0.98) - at(0.02)) * 3 < time.last - time.first { (at(0.02), at(0.98)) } else { (time.first, time.last) };
        let span = last - first;
        // Long enough that some forty periods pass, and no longer than an hour.
        let every =
            [HOUR, 15 * 60 * SECOND, 5 * 60 * SECOND, 60 * SECOND, 10 * SECOND, SECOND].into_iter().find(|every| span / every >= 40)?;
        let grain = if span >= 4 * DAY { DAY } else { every };
        let start = first.div_euclid(grain) * grain;
        let end = (last.div_euclid(grain) + 1) * grain;
        let grains = (end - start) / grain;
        // Seven tenths of the time; of less than some days, of the rows, which come in bursts.
        let cut = if grain == DAY { grains * 7 / 10 } else { (at(0.7) - start).div_euclid(grain) + 1 };
        let trained = cut.clamp(1, grains - 1);
        let train_end = start + trained * grain;
        let learned_from = |warm_up: i64| time.some.iter().filter(|time| (start + warm_up..train_end).contains(time)).count();
        let quarter = if grain == DAY { DAY } else { (trained / 4).max(1) * grain };
        let trained_rows = learned_from(0);
        // Once it is taken off, something must be left to learn from.
        let warm_up = if learned_from(quarter) * 2 >= trained_rows { quarter } else { every };
        Some(Self { start, train_end, end, every, warm_up, entity: entity.name.as_str() })
    }

    fn write(&self, text: &mut String) {
        let moment =
            |us: i64| DateTime::from_timestamp_micros(us).map(|time| time.format("%Y-%m-%dT%H:%M:%SZ").to_string()).unwrap_or_default();
        let _ = write!(
            text,
            "window:                               # half open; the first part is learned from, the second is judged\n  \
             start: {}\n  train_end: {}\n  end: {}\n  warm_up: {}                        # what is new in it is not learned from: at first everything is new\n  \
             # timezone: Europe/Paris            # the zone in which days begin; UTC where nothing is said\n\
             entity: {{ key: [{}], every: {} }}   # one unit is one {} in {}\n\n",
            moment(self.start),
            moment(self.train_end),
            moment(self.end),
            length(self.warm_up),
            quoted(self.entity),
            length(self.every),
            comment(self.entity),
            length(self.every),
        );
    }
}

/// A length as experiments write it.
fn length(us: i64) -> String {
    let seconds = us / SECOND;
    [(86_400, "d"), (3_600, "h"), (60, "m")]
        .into_iter()
        .find(|(unit, _)| seconds % unit == 0)
        .map_or_else(|| format!("{seconds}s"), |(unit, name)| format!("{}{name}", seconds / unit))
}

fn entity(profile: &Profile) -> Option<&Column> {
    let filled = |column: &&Column| column.fill >= 0.5 && column.holds != Holds::Time && !is_time(column) && !is_answer(column);
    let usable = |column: &&Column| column.distinct >= 2 && filled(column);
    // Any text that comes again and again.
    let again = |column: &&Column| column.holds == Holds::Text && column.distinct as u64 * 3 <= profile.seen;
    let named = || ENTITIES.iter().filter_map(|name| profile.column(name));
    let columns = || profile.columns.iter();
    named()
        .find(usable)
        .or_else(|| columns().filter(usable).find(|column| again(column) && acts(column)))
        // One machine alone: its periods are compared with each other.
        .or_else(|| named().find(|column| filled(column) && column.distinct == 1))
        .or_else(|| columns().filter(usable).find(again))
}

/// Fewer rows than this make no experiment.
const FEW: u64 = 20;

fn head(profile: &Profile, text: &mut String) {
    let _ = write!(
        text,
        "# yaml-language-server: $schema=experiment.schema.json\n# $schema: experiment.schema.json\n\
         # A first experiment on {} ({}), written by `gonogo init --from`.\n\
         # {}. What it cannot know is marked TO SAY: your question, your rule, your labels, your costs.\n\
         version: 1\nname: {}                # names the folder below reports/\n",
        comment(&profile.path.display().to_string()),
        profile.format,
        if profile.rows < FEW {
            format!("{} rows are too few to learn from and to judge: name more logs", profile.rows)
        } else {
            "It runs as it is".to_owned()
        },
        name_of(&profile.path),
    );
}

fn question(profile: &Profile, text: &mut String) {
    let met: Vec<&str> = needs::met(&profile.given).into_iter().map(|need| need.id).collect();
    let _ = write!(
        text,
        "use_case:\n  title: First look at {} logs   # TO SAY: the question in a few words\n  # question: Which users send data to places that neither they nor their peers ever do?\n  \
         # What these logs can answer, as far as their first {} rows show; `gonogo explain need:ID` says what each takes.\n  needs: [{}]\n",
        profile.format,
        profile.seen,
        met.join(", "),
    );
    for need in NEEDS {
        let lacks = needs::check(&[need.id.to_owned()], &profile.given);
        if let Some(problem) = lacks.iter().find(|problem| problem.severity == crate::error::Severity::Error) {
            let _ = writeln!(text, "  # not {}: {}", need.id, comment(&problem.message));
        }
    }
    text.push('\n');
}

fn source(profile: &Profile, folder: &Path, text: &mut String) {
    let _ = write!(
        text,
        "sources:\n  events:\n    path: {}\n    format: {}              # `gonogo explain format:{}` tells its layout and traps\n",
        quoted(&relative(&profile.path, folder).display().to_string()),
        profile.format,
        profile.format,
    );
    if let Some(year) = profile.year {
        let _ =
            writeln!(text, "    envelope: {{ year: {year} }}      # that of the first line, by the date of the file: the lines have none");
    }
    if let Some(advice) = &profile.advice {
        let _ = writeln!(
            text,
            "    options: {{ {}: '{}' }}   # TO SAY: a beginning, look whether the columns are right",
            advice.option,
            advice.value.replace('\'', "''")
        );
    }
    if let Some(time) = profile.time.as_ref().and_then(|time| time.spec.as_ref()) {
        let _ = writeln!(
            text,
            "    time: {{ column: {}, parse: {}, timezone: {} }}   # the zone of times that name none",
            quoted(&time.column),
            quoted(&time.parse),
            time.timezone
        );
    }
    let renamed: Vec<String> =
        profile.columns.iter().filter_map(|column| Some(format!("{}: {}", quoted(column.own.as_ref()?), column.name))).collect();
    if !renamed.is_empty() {
        let _ = writeln!(text, "    rename: {{ {} }}", renamed.join(", "));
    }
    if profile.malformed_share() > MALFORMED {
        let share = ((profile.malformed_share() * 100.0).ceil() / 100.0 + 0.01).min(1.0);
        let _ = writeln!(
            text,
            "    max_malformed: {share:.2}             # {} of {} lines do not parse: look at them first",
            profile.malformed, profile.lines
        );
    }
    text.push('\n');
    if !profile.derived.is_empty() {
        text.push_str("derive:                               # columns made of others\n");
        for (name, of) in &profile.derived {
            let _ = writeln!(text, "  {name}: {of}");
        }
        text.push('\n');
    }
}

/// The way from the folder to the file.
fn relative(path: &Path, folder: &Path) -> PathBuf {
    let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let (path, folder) = (absolute(path), absolute(folder));
    let (to, from): (Vec<Component<'_>>, Vec<Component<'_>>) = (path.components().collect(), folder.components().collect());
    let common = to.iter().zip(&from).take_while(|(a, b)| a == b).count();
    // Only the root in common: another place of the machine is better said whole.
    if common <= 1 {
        return path;
    }
    let mut way: PathBuf = from[common..].iter().map(|_| Component::ParentDir).collect();
    way.extend(&to[common..]);
    way
}

fn rest(profile: &Profile, plan: &Plan<'_>, text: &mut String) {
    let (per, budget) = match &plan.frame {
        Some(frame) if frame.end - frame.train_end >= DAY => ("1d".to_owned(), 20),
        Some(frame) => (length(if frame.end - frame.train_end >= HOUR { HOUR.max(frame.every) } else { frame.every }), 5),
        None => ("1d".to_owned(), 20),
    };
    let rule = if plan.frame.is_some() {
        "# TO SAY: the rule in place today. Without it nothing is compared, only ranked.\n# baseline: { title: Current rule, rule: \"events > 1000\" }\n\n"
    } else {
        ""
    };
    let labels = labels(profile);
    let _ = write!(
        text,
        "{rule}algorithms: [isolation-forest, kmeans, ecod]   # `gonogo list methods` has more\n\n\
         # TO SAY: what is known of the truth. Without it alerts are ranked, and the verdict stays open.\n\
         {labels}\n\
         evaluate: {{ alerts: {{ budget: {budget}, per: {per} }} }}   # TO SAY: how many alerts the team can open\n\n\
         # TO SAY: what would be enough, frozen before the run. `gonogo list metrics` has more.\n\
         # decision: {{ require: [ {{ metric: fp_reduction, at_least: 0.40 }}, {{ metric: recall_kept, at_least: 0.90 }} ] }}\n"
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_lengths() {
        assert_eq!(name_of(Path::new("/x/Proxy 2026.log.gz")), "proxy-2026");
        assert_eq!(name_of(Path::new("...")), "first-look");
        for (us, text) in [(DAY, "1d"), (2 * HOUR, "2h"), (90 * SECOND, "90s"), (15 * 60 * SECOND, "15m")] {
            assert_eq!(length(us), text);
        }
    }

    #[test]
    fn the_way_to_the_file_is_relative() {
        assert_eq!(relative(Path::new("/a/b/c.log"), Path::new("/a/x")), Path::new("../b/c.log"));
        assert_eq!(relative(Path::new("/a/b/c.log"), Path::new("/a/b")), Path::new("c.log"));
        assert_eq!(relative(Path::new("/a/c.log"), Path::new("/z")), Path::new("/a/c.log"));
    }
}
