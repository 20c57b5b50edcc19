//! The window, its parts, and the periods of the entity.

use chrono_tz::Tz;

use super::zone;
use crate::{
    calendar::Calendar,
    error::Problem,
    spec::{Alerts, Duration, Experiment, Window},
};

/// Says what is wrong with the window and the entity.
pub(super) fn window(experiment: &Experiment, problems: &mut Vec<Problem>) {
    let Some(window) = &experiment.window else {
        if experiment.entity.is_some() {
            problems.push(
                Problem::error("E014", "entity", "`entity` needs a `window`")
                    .help("add `window: { start: ..., train_end: ..., end: ... }`"),
            );
        }
        return;
    };
    let Some(entity) = &experiment.entity else {
        problems.push(Problem::error("E014", "window", "`window` needs an `entity`").help("add `entity: { key: [user], every: 1h }`"));
        return;
    };
    let before = problems.len();
    if entity.key.is_empty() {
        problems.push(Problem::error("E014", "entity.key", "there is no key column").help("for example `key: [user]`"));
    }
    if entity.every.count == 0 || entity.every.seconds() < 1.0 {
        problems.push(Problem::error("E014", "entity.every", "a period must be longer than nothing"));
    }
    let Some(zone) = zone(&window.timezone, "window.timezone", problems) else { return };
    let (start, train_end, end) = (window.start.micros(zone), window.train_end.micros(zone), window.end.micros(zone));
    if train_end <= start {
        problems.push(
            Problem::error(
                "E014",
                "window.train_end",
                format!("the training part is empty: `train_end` {} is not after `start` {}", window.train_end, window.start),
            )
            .help("put `train_end` between `start` and `end`"),
        );
    }
    if end <= train_end {
        problems.push(
            Problem::error(
                "E014",
                "window.end",
                format!("the judged part is empty: `end` {} is not after `train_end` {}", window.end, window.train_end),
            )
            .help("put `end` after `train_end`"),
        );
    }
    if (end - start) as f64 / 1e6 > 10.0 * 365.0 * 86_400.0 {
        problems.push(Problem::error("E014", "window.end", "the window is longer than ten years").help("check the year"));
    }
    if let Some(warm_up) = window.warm_up
        && warm_up.seconds() * 1e6 >= (train_end - start) as f64
    {
        problems.push(
            Problem::error("E014", "window.warm_up", "the warm-up takes the whole training part")
                .help("make it shorter, or the training part longer"),
        );
    }
    if problems.len() == before {
        whole_periods(window, entity.every, zone, problems);
    }
    for (index, day) in window.holidays.iter().enumerate() {
        if chrono::NaiveDate::parse_from_str(day, "%Y-%m-%d").is_err() {
            problems.push(Problem::error("E014", format!("window.holidays[{index}]"), format!("`{day}` is not a day such as 2026-03-09")));
        }
    }
    let per = experiment.evaluate.alerts.per;
    if per.count == 0 {
        problems.push(Problem::error("E022", "evaluate.alerts.per", "a budget period must be longer than nothing"));
    } else if per.seconds() < entity.every.seconds() {
        let every = entity.every;
        // A day is what holds where nothing is written, and then there is no place of it in the file.
        let path = if per == Alerts::default().per { "entity.every" } else { "evaluate.alerts.per" };
        let message = format!("the budget period ({per}) is shorter than the unit's period ({every})");
        problems.push(
            Problem::error("E022", path, message).help(format!("make it at least as long: `evaluate: {{ alerts: {{ per: {every} }} }}`")),
        );
    }
}

/// Units begin and end within their part: a part that is shorter than a period has none.
fn whole_periods(window: &Window, every: Duration, zone: Tz, problems: &mut Vec<Problem>) {
    let (start, train_end, end) = (window.start.micros(zone), window.train_end.micros(zone), window.end.micros(zone));
    let periods = Calendar::new(zone, start, every);
    let learned_from = window.learned_from(zone);
    // The first period that begins at a moment or after it.
    let first = |moment: i64| {
        let period = periods.period_of(moment);
        if periods.start_of(period) < moment { period + 1 } else { period }
    };
    let of_training = first(learned_from);
    if periods.end_of(of_training) > train_end {
        let after = if learned_from > start { " after the warm-up" } else { "" };
        problems.push(
            Problem::error("E014", "entity.every", format!("no whole period of {every} lies in the training part{after}"))
                .help("make the period shorter, or the training part longer"),
        );
    }
    if periods.start_of(first(train_end)) >= end {
        problems.push(
            Problem::error("E014", "entity.every", format!("no period of {every} begins in the judged part"))
                .help("make the period shorter, or let `train_end` fall on the beginning of one"),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(String, &'static str, String)> {
        let rest = "name: x\nuse_case: { title: t }\nsources: {}\nfields: {}\nalgorithms: []\n";
        let mut problems = vec![Problem::error("E013", "fields", "another problem, found before")];
        window(&serde_yaml::from_str(&format!("{rest}{text}")).unwrap(), &mut problems);
        problems
            .into_iter()
            .skip(1)
            .map(|problem| (problem.path, problem.code, problem.help.map(String::from).unwrap_or_default()))
            .collect()
    }

    #[test]
    fn a_part_without_a_whole_period_is_told_whatever_else_is_wrong() {
        let days = |every: &str| {
            format!("window: {{ start: 2026-03-02, train_end: 2026-03-04, end: 2026-03-05 }}\nentity: {{ key: [user], every: {every} }}\n")
        };
        assert_eq!(found(&days("1h")), []);
        let of_every = |problem: &(String, &'static str, String)| problem.0 == "entity.every";
        let told = found(&days("3d"));
        assert!(told.len() == 3 && told.iter().all(of_every), "{told:?}");
        assert_eq!(told.iter().map(|problem| problem.1).collect::<Vec<_>>(), ["E014", "E014", "E022"]);
        assert_eq!(told[2].2, "make it at least as long: `evaluate: { alerts: { per: 3d } }`");
        let per = found(&format!("{}evaluate: {{ alerts: {{ per: 2h }} }}\n", days("3h")));
        assert_eq!((per[0].0.as_str(), per[0].1), ("evaluate.alerts.per", "E022"));
    }

    #[test]
    fn moments_have_an_order_and_days_a_form() {
        let of = |window: &str| {
            found(&format!("window: {{ {window} }}\nentity: {{ key: [user], every: 1h }}\n"))
                .into_iter()
                .map(|problem| problem.0)
                .collect::<Vec<_>>()
        };
        assert_eq!(of("start: 2026-03-04, train_end: 2026-03-03, end: 2026-03-02"), ["window.train_end", "window.end"]);
        assert_eq!(of("start: 2006-03-04, train_end: 2026-03-03, end: 2026-03-05"), ["window.end"]);
        assert_eq!(of("start: 2026-03-02, train_end: 2026-03-03, end: 2026-03-04, warm_up: 1d"), ["window.warm_up"]);
        assert_eq!(
            of("start: 2026-03-02, train_end: 2026-03-03, end: 2026-03-04, holidays: [2026-03-02, 9 March]"),
            ["window.holidays[1]"]
        );
    }
}
