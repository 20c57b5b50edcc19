//! All that can be said of an experiment without its data.

use chrono_tz::Tz;

use crate::{
    baseline::Baseline,
    cost, decide, detect,
    error::Problem,
    fields, inject, labels, needs, redact, said, source,
    spec::{Entry, Experiment, How, Source},
    sql, suppress,
    text::did_you_mean,
};

use self::window::window;

mod evaluation;
mod window;

/// The version of the experiment file that this gonogo reads.
pub const VERSION: u32 = 1;

/// Studies that can be asked for.
pub const STUDIES: &[&str] = &["learning_curve", "ageing", "peers_ablation", "sensitivity", "stability", "calibration"];

/// Says everything that is wrong with an experiment of the right shape.
pub fn check(experiment: &Experiment) -> Vec<Problem> {
    let mut problems = Vec::new();
    basics(experiment, &mut problems);
    problems.extend(needs::unknown(&experiment.use_case.needs));
    sources(experiment, &mut problems);
    window(experiment, &mut problems);
    expressions(experiment, &mut problems);
    joins(experiment, &mut problems);
    label_source(experiment, &mut problems);
    evaluation::evaluation(experiment, &mut problems);
    criteria(experiment, &mut problems);
    problems.extend(redact::check(experiment));
    problems.extend(experiment.cost.iter().flat_map(|cost| cost::check(cost, experiment.window.is_some())));
    match fields::FieldSet::read(experiment) {
        Ok(set) => {
            problems.extend(suppress::check(experiment, set.names()));
            unit_rule(experiment, set.names(), &mut problems);
        }
        Err(found) => problems.extend(found),
    }
    history(experiment, &mut problems);
    injection(experiment, &mut problems);
    // That there is none was said.
    if !experiment.algorithms.is_empty()
        && let Err(found) = detect::contenders(&experiment.algorithms, None)
    {
        problems.extend(found);
    }
    problems
}

fn basics(experiment: &Experiment, problems: &mut Vec<Problem>) {
    if experiment.version != VERSION {
        let help = if experiment.version > VERSION { "a newer gonogo reads it" } else { "write `version: 1`" };
        problems.push(
            Problem::error("E010", "version", format!("version {} is not known; this gonogo reads version {VERSION}", experiment.version))
                .help(help),
        );
    }
    let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if experiment.name.is_empty() || experiment.name.len() > 80 || !experiment.name.chars().all(good) || experiment.name.starts_with('.') {
        problems.push(
            Problem::error("E011", "name", "the name must be 1 to 80 letters, digits, `-`, `_`, `.`, and not begin with `.`")
                .help("it names the folder under reports/; a free text goes to `use_case.title`"),
        );
    }
    if experiment.fields.is_empty() {
        problems.push(Problem::error("E013", "fields", "there is no field").help("for example `requests: { count: \"*\" }`"));
    }
    if experiment.algorithms.is_empty() {
        problems.push(Problem::error("E012", "algorithms", "there is no algorithm").help("for example `[isolation-forest, ecod, kmeans]`"));
    }
}

fn sources(experiment: &Experiment, problems: &mut Vec<Problem>) {
    for (name, source) in &experiment.sources {
        place_of_rows(name, source, experiment, problems);
        if source.format != "auto" && !source::FORMATS.iter().any(|format| format.id == source.format) {
            let known = source::FORMATS.iter().map(|format| format.id);
            let problem = Problem::error("E023", format!("sources.{name}.format"), format!("unknown format `{}`", source.format));
            problems.push(problem.help(did_you_mean(&source.format, known).unwrap_or_else(|| "`gonogo list formats` lists them".into())));
        }
        if let Some(time) = &source.time {
            zone(&time.timezone, &format!("sources.{name}.time.timezone"), problems);
        }
        if let Some(named) = source.envelope.as_ref().and_then(|envelope| envelope.timezone.as_deref()) {
            zone(named, &format!("sources.{name}.envelope.timezone"), problems);
        }
    }
    if let Err(message) = experiment.events_sources() {
        problems.push(Problem::error("E023", if experiment.events.is_empty() { "sources" } else { "events" }, message));
    }
}

/// A source is files, or a table in an engine, which aggregates all of the events.
fn place_of_rows(name: &str, source: &Source, experiment: &Experiment, problems: &mut Vec<Problem>) {
    let mut wrong = |option: &str, message: &str, help: &str| {
        problems.push(Problem::error("E051", format!("sources.{name}.{option}"), message).help(help));
    };
    if source.engine.is_none() {
        if source.path.is_empty() {
            wrong("path", "`path` is missing", "name a file, a glob, or a folder of Parquet; or `engine`, `url` and `table`");
        }
        for (option, given) in [("url", source.url.is_some()), ("table", source.table.is_some()), ("deadline", source.deadline.is_some())] {
            if given {
                wrong(option, &format!("`{option}` goes with `engine` only"), "add `engine: spark`, or take it out");
            }
        }
        return;
    }
    let url = source.url.as_deref().unwrap_or_default();
    if !url.starts_with("sc://") {
        wrong(
            "url",
            "an engine needs the address it listens on",
            "for example `url: sc://host:15002`, with TLS `sc://host:15002/;use_ssl=true`",
        );
    }
    if source.table.as_deref().unwrap_or_default().is_empty() {
        wrong("table", "an engine needs a table", "for example `table: catalog.schema.proxy`");
    }
    if source.time.as_ref().is_none_or(|time| time.column.is_empty()) {
        wrong("time", "an engine needs to know where the time is", "for example `time: { column: ts }`");
    }
    let of_files = [
        ("path", !source.path.is_empty()),
        ("format", source.format != "auto"),
        ("envelope", source.envelope.is_some()),
        ("options", source.options.is_some()),
    ];
    for (option, given) in of_files {
        if given {
            wrong(option, &format!("`{option}` is of files, and this source is a table"), "take it out");
        }
    }
    if url.to_ascii_lowercase().contains("token") {
        // Not at the address itself, whose line would be shown.
        let problem = Problem::error("E051", "sources", format!("a token stands in the address of `{name}`"));
        problems.push(problem.help("take it out, and set it in the environment: SPARK_CONNECT_AUTHENTICATE_TOKEN"));
    }
    let mut refuse = |path: &str, message: &str, help: &str| problems.push(Problem::error("E051", path, message).help(help));
    if experiment.sources.len() > 1 {
        refuse("sources", "an engine gives all of the events: it is neither stacked nor joined with other sources", "join in a view there");
    }
    if experiment.entity.is_none() {
        refuse("entity", "an engine aggregates by `entity` and `window`", "add `entity: { key: [user], every: 1h }` and a `window`");
    }
    if !experiment.inject.is_empty() {
        refuse(
            "inject",
            "behaviour is planted into events that are read, and an engine gives units",
            "plant it into an export of a few days",
        );
    }
    if !experiment.use_case.needs.is_empty() {
        refuse(
            "use_case.needs",
            "needs are checked on first rows, which an engine does not send",
            "take `needs` out; `gonogo check` names columns that are missing",
        );
    }
}

fn zone(name: &str, path: &str, problems: &mut Vec<Problem>) -> Option<Tz> {
    let zone = name.parse().ok();
    if zone.is_none() {
        let near = did_you_mean(name, chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name()));
        problems.push(
            Problem::error("E015", path, format!("unknown time zone `{name}`"))
                .help(near.unwrap_or_else(|| "names are such as `Europe/Paris`, `UTC`".into())),
        );
    }
    zone
}

fn expressions(experiment: &Experiment, problems: &mut Vec<Problem>) {
    let mut parse = |path: String, text: &str| {
        if let Err(error) = sql::Expression::parse(text) {
            let problem = Problem::error("E016", path, error.to_string());
            problems.push(problem.help_if(error.hint()));
        }
    };
    for (name, source) in &experiment.sources {
        if let Some(filter) = &source.filter {
            parse(format!("sources.{name}.where"), filter);
        }
    }
    for (name, text) in &experiment.derive {
        parse(format!("derive.{name}"), text);
    }
    if let Some(baseline) = &experiment.baseline {
        for (key, text) in [("rule", &baseline.rule), ("events", &baseline.events)] {
            if let Some(text) = text {
                parse(format!("baseline.{key}"), text);
            }
        }
        match (&baseline.rule, &baseline.events) {
            (None, None) => problems.push(
                Problem::error("E018", "baseline", "`rule` or `events` is missing").help("for example `rule: \"bytes_up > 50000000\"`"),
            ),
            (Some(_), Some(_)) => problems.push(Problem::error("E018", "baseline.events", "give `rule` or `events`, not both")),
            _ => {}
        }
    }
}

/// A rule over units may name fields and key columns only; which there are is known before anything is read, but where the data
/// name them.
fn unit_rule(experiment: &Experiment, fields: Option<Vec<&str>>, problems: &mut Vec<Problem>) {
    let Some(fields) = fields else { return };
    let Some(rule) = experiment.baseline.as_ref().and_then(|baseline| baseline.rule.as_deref()) else { return };
    let Ok(rule) = sql::Expression::parse(rule) else { return };
    let keys = experiment.entity.iter().flat_map(|entity| entity.key.iter().map(String::as_str));
    if let Err(error) = rule.lower_condition(&Baseline::env(experiment.zone(), fields.iter().copied(), keys)) {
        let problem = Problem::error("E018", "baseline.rule", error.to_string());
        problems.push(problem.help_if(error.hint()));
    }
}

fn joins(experiment: &Experiment, problems: &mut Vec<Problem>) {
    for (index, join) in experiment.enrich.iter().enumerate() {
        if !experiment.sources.contains_key(&join.join) {
            let problem = Problem::error("E017", format!("enrich[{index}].join"), format!("there is no source `{}`", join.join));
            let known = || experiment.sources.keys().map(String::as_str);
            let all = || format!("the sources are `{}`; name a side table there too", known().collect::<Vec<_>>().join("`, `"));
            problems.push(problem.help(did_you_mean(&join.join, known()).unwrap_or_else(all)));
        }
        if join.on.is_empty() {
            problems
                .push(Problem::error("E017", format!("enrich[{index}].on"), "there is no key").help("for example `on: { src_ip: ip }`"));
        }
        if matches!(join.how, How::Cidr | How::Prefix) && join.on.len() > 1 {
            problems.push(
                Problem::error("E017", format!("enrich[{index}].on"), "networks and prefixes are looked up by one column")
                    .help("leave one pair in `on`, or make one column of several in `derive`"),
            );
        }
        if let Some(name) = join.once.iter().find(|name| !join.take.is_empty() && !join.take.contains(name)) {
            problems.push(Problem::error("E017", format!("enrich[{index}].once"), format!("`{name}` is not among what is taken")));
        }
        for (option, given) in [("time", join.time.is_some()), ("within", join.within.is_some())] {
            if given && join.how != How::Nearest {
                problems.push(
                    Problem::error("E017", format!("enrich[{index}].{option}"), format!("`{option}` goes with `how: nearest` only"))
                        .help("add `how: nearest`, or take it out"),
                );
            }
        }
    }
}

fn label_source(experiment: &Experiment, problems: &mut Vec<Problem>) {
    let Some(source) = &experiment.labels else { return };
    match (&source.path, &source.column) {
        (None, None) => {
            problems.push(
                Problem::error("E019", "labels", "`path` or `column` is missing").help("`path: labels.csv`, or `column:` of the events"),
            );
        }
        (Some(_), Some(_)) => problems.push(Problem::error("E019", "labels.column", "give `path` or `column`, not both")),
        (Some(_), None) if experiment.entity.is_none() => {
            problems.push(Problem::error("E019", "labels.path", "a label file names entities and times: it needs `entity` and `window`"));
        }
        _ => {}
    }
    let hidden = labels::columns_hidden(source);
    for (index, key) in experiment.entity.iter().flat_map(|entity| entity.key.iter().enumerate()) {
        if hidden.contains(key) {
            problems.push(Problem::error(
                "E019",
                format!("entity.key[{index}]"),
                format!("`{key}` is a label column: nothing may be built from it"),
            ));
        }
    }
}

fn criteria(experiment: &Experiment, problems: &mut Vec<Problem>) {
    let Some(decision) = &experiment.decision else { return };
    let known = || decide::METRICS.iter().map(|metric| metric.id);
    for (index, criterion) in decision.require.iter().enumerate() {
        let path = format!("decision.require[{index}]");
        if !known().any(|id| id == criterion.metric) {
            let problem = Problem::error("E020", format!("{path}.metric"), format!("unknown metric `{}`", criterion.metric));
            problems
                .push(problem.help(did_you_mean(&criterion.metric, known()).unwrap_or_else(|| "`gonogo list metrics` lists them".into())));
        }
        match (criterion.at_least, criterion.at_most) {
            (None, None) => problems.push(Problem::error("E020", &path, "`at_least` or `at_most` is missing")),
            (Some(_), Some(_)) => {
                problems.push(Problem::error("E020", format!("{path}.at_most"), "give `at_least` or `at_most`, not both"))
            }
            (Some(limit), None) | (None, Some(limit)) if !limit.is_finite() => {
                problems.push(Problem::error("E020", &path, "the limit must be a finite number"));
            }
            _ => {}
        }
    }
    if let Some(prefer) = &decision.prefer
        && !known().any(|id| id == prefer)
    {
        let problem = Problem::error("E020", "decision.prefer", format!("unknown metric `{prefer}`"));
        problems.push(problem.help(did_you_mean(prefer, known()).unwrap_or_else(|| "`gonogo list metrics` lists them".into())));
    }
}

/// Behaviour is planted into the judged part of a window, on entities.
fn injection(experiment: &Experiment, problems: &mut Vec<Problem>) {
    if !experiment.inject.is_empty() && experiment.window.is_none() {
        problems.push(Problem::error("E402", "inject", "behaviour is planted at times: it needs `entity` and `window`"));
    }
    problems.extend(inject::read(&experiment.inject).err().into_iter().flatten());
}

/// Two days, or a third of a shorter training part.
fn warm_up(experiment: &Experiment) -> String {
    let seconds = experiment.window_micros().map_or(i64::MAX, |(start, train_end, _)| (train_end - start) / 3_000_000);
    match seconds {
        172_800.. => "2d".into(),
        7_200.. => format!("{}h", seconds / 3_600),
        _ => format!("{}m", (seconds / 60).max(1)),
    }
}

/// First-seen fields need a past: without a warm-up everything is new at the window's start.
fn history(experiment: &Experiment, problems: &mut Vec<Problem>) {
    let looks_back = |entry: &Entry| ["unseen", "since"].iter().any(|kind| entry.0.get(kind).is_some());
    let names: Vec<String> = experiment.fields.iter().filter(|(_, entry)| looks_back(entry)).map(|(name, _)| format!("`{name}`")).collect();
    if !names.is_empty() && experiment.window.as_ref().is_some_and(|window| window.warm_up.is_none()) {
        let names = names.join(", ");
        problems.push(
            Problem::warning(
                "W030",
                "window",
                said!(
                    en: "without `warm_up` everything is new at the beginning to what looks back: {names}",
                    fr: "sans `warm_up`, tout est nouveau au début pour ce qui regarde en arrière : {names}",
                    names = names,
                ),
            )
            .help(format!("add `warm_up: {}` so that what comes first is not learned from", warm_up(experiment))),
        );
    }
}
