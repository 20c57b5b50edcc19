//! `evaluate`: the budget, what is one case, confidence, studies.

use super::STUDIES;
use crate::{
    error::Problem,
    said,
    spec::{Experiment, Group, Unit},
    text::did_you_mean,
};

/// Says what is wrong with how an experiment is judged.
pub(super) fn evaluation(experiment: &Experiment, problems: &mut Vec<Problem>) {
    let evaluate = &experiment.evaluate;
    if evaluate.alerts.budget == Some(0) {
        problems.push(
            Problem::error("E022", "evaluate.alerts.budget", "a budget of 0 alerts catches nothing")
                .help("give the alerts that the team can open per period"),
        );
    }
    if !(0.5..1.0).contains(&evaluate.confidence.get()) {
        problems.push(Problem::error("E022", "evaluate.confidence", "the confidence must be from 0.5 to below 1").help("0.90 is usual"));
    }
    if evaluate.prevalence.is_some_and(|share| share.get() <= 0.0 || share.get() >= 1.0) {
        problems.push(
            Problem::error("E022", "evaluate.prevalence", "the prevalence must be above 0 and below 1")
                .help("for example 0.0001: one unit in ten thousand is an attack"),
        );
    }
    if evaluate.repeats == 0 || evaluate.repeats > 100 {
        problems.push(Problem::error("E022", "evaluate.repeats", "`repeats` must be from 1 to 100"));
    }
    if evaluate.alerts.group.per.count == 0 || evaluate.alerts.group.per.unit == Unit::Second {
        problems.push(Problem::error("E022", "evaluate.alerts.group", "alerts must be grouped within a minute at least"));
    }
    // What is not written is a day, and gives way to a shorter budget period.
    let (group, per) = (evaluate.alerts.group.per, evaluate.alerts.per);
    if evaluate.alerts.group != Group::default() && group.seconds() > per.seconds() {
        problems.push(
            Problem::warning(
                "W035",
                "evaluate.alerts.group",
                said!(
                    en: "a case ends with its budget period: alerts are grouped within {per}, not within {group}",
                    fr: "un cas s’arrête avec sa période de budget : les alertes sont regroupées sur {per}, non sur {group}",
                    per = per.to_string(),
                    group = group.to_string(),
                ),
            )
            .help(format!("make `per` as long (`per: {group}`, with the budget of that time), or group within {per}")),
        );
    }
    let keys: Vec<&str> = experiment.entity.iter().flat_map(|entity| entity.key.iter().map(String::as_str)).collect();
    for column in &evaluate.alerts.group.by {
        if !keys.contains(&column.as_str()) {
            problems.push(
                Problem::error("E022", "evaluate.alerts.group", format!("`{column}` is no key column of the entity"))
                    .help(format!("one of {}", keys.join(", "))),
            );
        }
    }
    for (index, study) in evaluate.study.iter().enumerate() {
        if !STUDIES.contains(&study.as_str()) {
            let problem = Problem::error("E022", format!("evaluate.study[{index}]"), format!("unknown study `{study}`"));
            problems.push(
                problem.help(did_you_mean(study, STUDIES.iter().copied()).unwrap_or_else(|| format!("one of {}", STUDIES.join(", ")))),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(evaluate: &str) -> Vec<(String, &'static str)> {
        let text = format!("name: x\nuse_case: {{ title: t }}\nsources: {{}}\nfields: {{}}\nalgorithms: []\nevaluate: {evaluate}\n");
        let mut problems = Vec::new();
        evaluation(&serde_yaml::from_str(&text).unwrap(), &mut problems);
        problems.into_iter().map(|problem| (problem.path, problem.code)).collect()
    }

    #[test]
    fn a_case_that_would_outlast_its_budget_period_is_told() {
        let group = |code| vec![("evaluate.alerts.group".to_owned(), code)];
        assert_eq!(codes("{ alerts: { group: 2d } }"), group("W035"));
        assert_eq!(codes("{ alerts: { per: 1h, group: 4h } }"), group("W035"));
        assert_eq!(codes("{ alerts: { group: 0h } }"), group("E022"));
        for fine in ["{}", "{ alerts: { group: 1h } }", "{ alerts: { per: 1w, group: 2d } }", "{ alerts: { per: 1h } }"] {
            assert_eq!(codes(fine), [], "{fine}");
        }
    }
}
