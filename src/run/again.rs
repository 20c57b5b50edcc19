//! Judges a saved run again, with what a review found in place of the labels it had or with other rules that suppress alerts; the earlier results
//! are kept beside the new ones.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{
    alerts::{alerts, histogram},
    money::money,
    pipeline::rendered,
    rule::name_rule,
    stages::pick_id,
    state::State,
};
use crate::{
    decide,
    error::{Error, Result},
    evaluate::{self, Alert, Input, Reviewed},
    record::folder::{replace, replace_json},
    report::ReportInput,
    units::Part,
};

/// The results that a second judgement replaces.
const RESULTS: [&str; 13] = [
    "resolved.json",
    "evaluation.json",
    "decision.json",
    "cost.json",
    "false_alerts.json",
    "alerts.json",
    "histogram.json",
    "events.json",
    "report.html",
    "summary.md",
    "appendix.md",
    "alerts.csv",
    "earlier.json",
];
/// Where earlier results are kept, below the run folder: `results-0` as the run ended, `results-1` as the first import left them, ...
const EARLIER: &str = "review/results";

/// What an evaluation of a saved run is made from; `judged` carries the labels.
pub fn input<'a>(saved: &'a ReportInput, state: &'a State, judged: &'a Part, review: Option<&'a Reviewed>) -> Input<'a> {
    let experiment = &saved.resolved.experiment;
    Input {
        training: &state.training,
        judged,
        in_sample: state.in_sample,
        scores: &state.table,
        baseline: state.baseline.as_ref().map(|(training, judged)| (training.as_slice(), judged.as_slice())),
        baseline_title: experiment.baseline.as_ref().map_or("", |baseline| baseline.title.as_str()),
        review,
        suppressed: state.suppressed.as_ref(),
        settings: &experiment.evaluate,
        decision: experiment.decision.as_ref(),
        seed: saved.manifest.seed,
    }
}

/// Judges again, and writes results and report into the run folder; gives the folder in which the earlier ones are kept.
///
/// # Errors
/// When a file cannot be written or a figure cannot be drawn.
pub fn judge(
    run: &Path,
    mut saved: ReportInput,
    state: &State,
    judged: &Part,
    reviewed: Option<&Reviewed>,
) -> Result<(ReportInput, PathBuf)> {
    let input = input(&saved, state, judged, reviewed);
    let mut evaluation = evaluate::evaluate(&input);
    // What was counted on uniform points took fits, and hangs neither on labels nor on what is suppressed.
    evaluation.mass_volume.clone_from(&saved.evaluation.mass_volume);
    let experiment = &saved.resolved.experiment;
    let cost = money(experiment.cost.as_ref(), saved.manifest.seed, state.work, &evaluation);
    let mut decision = decide::decide(&evaluation, cost.as_ref(), experiment.decision.as_ref());
    name_rule(&mut decision, &evaluation, &state.table, &state.matrices);
    let pick = pick_id(&decision, &evaluation);
    let alerts: Vec<Alert> =
        pick.as_deref().map_or_else(Vec::new, |id| alerts(id, &input, &state.matrices)).into_iter().map(|(_, alert)| alert).collect();
    let false_alerts = decision.pick.as_deref().and_then(|id| evaluate::false_alerts(&input, id));
    let histogram = pick.as_deref().and_then(|id| histogram(id, &evaluation, &input));
    saved.events = saved.events.take().and_then(|events| events.following(&saved.alerts, &alerts));
    (saved.evaluation, saved.decision, saved.cost, saved.alerts, saved.histogram) = (evaluation, decision, cost, alerts, histogram);

    let earlier = keep_earlier(run)?;
    replace_json(run, "evaluation.json", &saved.evaluation)?;
    replace_json(run, "decision.json", &saved.decision)?;
    replace_json(run, "alerts.json", &saved.alerts)?;
    replace_json(run, "histogram.json", &saved.histogram)?;
    match &saved.cost {
        Some(cost) => replace_json(run, "cost.json", cost)?,
        None => remove(&run.join("cost.json"))?,
    }
    replace_json(run, "resolved.json", &saved.resolved)?;
    // Cells of a sample are no counts: there are none, and a later run cannot be compared with them in pairs.
    match &false_alerts {
        Some(false_alerts) => replace_json(run, "false_alerts.json", false_alerts)?,
        None => remove(&run.join("false_alerts.json"))?,
    }
    // The logs are not read again: alerts that were not shown before have no events.
    match &saved.events {
        Some(events) => replace_json(run, "events.json", events)?,
        None => remove(&run.join("events.json"))?,
    }
    // A run that was moved has no neighbours; what was compared when it ended no longer holds for it.
    let reports = run.parent().and_then(Path::parent);
    saved.earlier = reports.and_then(|reports| super::earlier::earlier(reports, &saved, false_alerts));
    match &saved.earlier {
        Some(earlier) => replace_json(run, "earlier.json", earlier)?,
        None => remove(&run.join("earlier.json"))?,
    }
    for (name, bytes) in rendered(&saved)? {
        replace(run, &name, &bytes)?;
    }
    Ok((saved, earlier))
}

/// Copies the results to a folder of their own.
fn keep_earlier(run: &Path) -> Result<PathBuf> {
    let free = |n: &usize| !run.join(format!("{EARLIER}-{n}")).exists();
    let number = (0..).find(free).unwrap_or_default();
    let folder = run.join(format!("{EARLIER}-{number}"));
    fs::create_dir_all(&folder).map_err(|error| Error::io("create", &folder, error))?;
    for name in RESULTS.iter().filter(|name| run.join(name).is_file()) {
        fs::copy(run.join(name), folder.join(name)).map_err(|error| Error::io("copy", run.join(name), error))?;
    }
    Ok(folder)
}

fn remove(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Error::io("remove", path, error)),
        _ => Ok(()),
    }
}
