//! The end of a run on the terminal: the contenders side by side, the criteria, the verdict, where the report is.

use std::{fmt::Write as _, path::Path};

use comfy_table::{Cell, CellAlignment, Table};
use serde::Serialize;

use super::{BOLD, CYAN, GREEN, RED, RESET, YELLOW};
use crate::{
    decide::{Decision, Direction, Judged, METRICS, Standing, Verdict},
    detect::Kind,
    evaluate::{Evaluation, Measured, Point, Status},
    report::ReportInput,
    run::pipeline::Finished,
    spec::Language,
    text::{self, Numbers},
};

/// What a program reads of a finished run, on stdout with `--format json`.
#[derive(Debug, Serialize)]
pub struct Outcome<'a> {
    run: String,
    verdict: Verdict,
    pick: Option<&'a str>,
    report: String,
    warnings: Vec<&'a crate::observe::Warning>,
}

/// The outcome of a run for a program.
pub fn outcome(finished: &Finished) -> Outcome<'_> {
    Outcome {
        run: finished.path.display().to_string(),
        verdict: finished.saved.decision.verdict,
        pick: finished.saved.decision.pick.as_deref(),
        report: finished.path.join("report.html").display().to_string(),
        warnings: finished.saved.manifest.warnings.iter().collect(),
    }
}

/// The outcome of a run for a person.
pub fn table(finished: &Finished) -> String {
    let saved = &finished.saved;
    let numbers = Numbers::new(Language::En);
    let mut shown = String::new();
    let experiment = &saved.resolved.experiment;
    let iteration = experiment.iteration.as_ref().map(|label| format!(" · {label}")).unwrap_or_default();
    let _ = writeln!(shown, "{BOLD}{}{}{RESET}", text::terminal(&experiment.use_case.title), text::terminal(&iteration));
    if saved.manifest.synthetic {
        let _ = writeln!(shown, "{YELLOW}synthetic demonstration data{RESET}: nothing below says anything about a real network");
    }
    if saved.evaluation.in_sample {
        let _ = writeln!(shown, "{YELLOW}in sample{RESET}: fitted and judged on the same rows");
    }
    let _ = writeln!(shown, "\n{}\n", contenders(saved, numbers));
    if let Some(suppressed) = suppressed(saved) {
        let _ = writeln!(shown, "{suppressed}");
    }
    let criteria = criteria(&saved.decision, numbers);
    if !criteria.is_empty() {
        let _ = writeln!(shown, "{criteria}\n");
    }
    let _ = writeln!(shown, "{}: {}", verdict(saved.decision.verdict), text::terminal(&saved.decision.because.en));
    if let Some(rule) = &saved.decision.rule {
        let _ = writeln!(shown, "Rule: {}", text::terminal(rule));
    }
    for next in &saved.decision.next {
        let _ = writeln!(shown, "Next: {}", text::terminal(&next.en));
    }
    let _ = writeln!(shown, "Report: {CYAN}{}{RESET}", finished.path.join("report.html").display());
    shown
}

/// The command to type after a run below `out`: more truth where it is incomplete, else what changed, else the report.
pub fn next(finished: &Finished, out: &Path) -> String {
    let run = text::shell_word(&finished.path.display().to_string());
    let saved = &finished.saved;
    let read = saved.resolved.experiment.labels.as_ref().is_none_or(|labels| !labels.complete);
    match &saved.earlier {
        _ if read && saved.decision.verdict == Verdict::Inconclusive => format!("gonogo review {run} --plan"),
        Some(_) => format!("gonogo compare {} --out {}", saved.manifest.experiment, text::shell_word(&out.display().to_string())),
        None => format!("gonogo report {run} --open"),
    }
}

/// What rules of `suppress` take out of each queue, and what is lost with it; `None` where there are none.
pub(crate) fn suppressed(saved: &ReportInput) -> Option<String> {
    let suppression = saved.evaluation.suppression.as_ref()?;
    let numbers = Numbers::new(Language::En);
    let rules = suppression.rules.len();
    let mut shown = format!("Suppressed by {rules} {}; every figure holds with them\n", if rules == 1 { "rule" } else { "rules" });
    for contender in &saved.evaluation.contenders {
        let Some(removed) = &contender.removed else { continue };
        let _ = write!(
            shown,
            "    {}: false alerts that leave: {}, true ones lost: {}, others that move up: {}",
            text::terminal(&contender.title),
            numbers.integer(removed.false_alerts),
            numbers.integer(removed.true_alerts),
            numbers.integer(removed.taken_in)
        );
        if removed.unknown_alerts > 0 {
            let _ = write!(shown, ", without a label: {}", numbers.integer(removed.unknown_alerts));
        }
        if !removed.incidents_lost.is_empty() {
            let lost: Vec<_> = removed.incidents_lost.iter().map(|id| text::terminal(id)).collect();
            let _ = write!(shown, "; {RED}incidents lost{RESET}: {}", lost.join(", "));
        }
        shown.push('\n');
    }
    if suppression.afterwards {
        let _ = writeln!(
            shown,
            "{YELLOW}These rules were written when the results were known{RESET}: they suit this window. Run them on days that nobody has seen."
        );
    }
    Some(shown)
}

pub(crate) fn verdict(verdict: Verdict) -> String {
    match verdict {
        Verdict::Go => format!("{GREEN}GO{RESET}"),
        Verdict::NoGo => format!("{RED}NO-GO{RESET}"),
        Verdict::Inconclusive => format!("{YELLOW}INCONCLUSIVE{RESET}"),
    }
}

fn contenders(saved: &ReportInput, numbers: Numbers) -> String {
    let evaluation = &saved.evaluation;
    let labelled = evaluation.labels.is_some();
    let by_time = evaluation.judged_days > 0.0;
    let mut table = Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    let per = if by_time { "/wk" } else { "" };
    let mut header = vec!["", "Contender"].into_iter().map(str::to_owned).collect::<Vec<_>>();
    header.push(format!("Alerts{per}"));
    if labelled {
        header.extend([format!("False alerts{per}"), "Change".to_owned(), "Incidents".to_owned(), "ROC-AUC".to_owned()]);
    }
    header.push(String::new());
    table.set_header(header.into_iter().map(Cell::new));
    for contender in &evaluation.contenders {
        table.add_row(row(saved, contender, labelled, by_time, numbers));
    }
    for index in 2..if labelled { 7 } else { 3 } {
        if let Some(column) = table.column_mut(index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.trim_fmt()
}

fn row(saved: &ReportInput, contender: &Measured, labelled: bool, by_time: bool, numbers: Numbers) -> Vec<Cell> {
    let evaluation = &saved.evaluation;
    let picked = saved.decision.pick.as_deref() == Some(contender.id.as_str());
    let mut cells = vec![if picked { "▸" } else { "" }.to_owned(), text::terminal(&contender.title).into_owned()];
    match &contender.budget {
        Some(point) => {
            let alerts = if by_time { point.alerts_per_day * 7.0 } else { point.alerts as f64 };
            cells.push(numbers.count(alerts));
            if labelled {
                cells.extend(measures(evaluation, contender, point, by_time, numbers));
            }
        }
        None => cells.extend(std::iter::repeat_n("—".to_owned(), if labelled { 5 } else { 1 })),
    }
    let remark = match contender.outcome {
        Status::Scored if contender.kind == Kind::Baseline => "current rule".to_owned(),
        Status::Scored if contender.kind == Kind::Control => "control".to_owned(),
        Status::Scored => String::new(),
        Status::Failed | Status::Skipped => format!("failed: {}", contender.reason.as_deref().unwrap_or("no reason given")),
    };
    cells.push(text::terminal(&remark).into_owned());
    cells.into_iter().map(Cell::new).collect()
}

fn measures(evaluation: &Evaluation, contender: &Measured, point: &Point, by_time: bool, numbers: Numbers) -> [String; 4] {
    let false_alerts = if by_time { numbers.count(point.false_alerts_per_week) } else { numbers.integer(point.false_alerts) };
    let interval = point.false_alerts_per_week_interval.as_ref().filter(|_| by_time);
    let false_alerts = match interval.and_then(|estimate| Some((estimate.low?, estimate.high?))) {
        Some((low, high)) => format!("{false_alerts}  ({} – {})", numbers.count(low), numbers.count(high)),
        None => false_alerts,
    };
    [
        false_alerts,
        point.fp_reduction.as_ref().map_or_else(|| "—".to_owned(), |estimate| numbers.signed_percent(-estimate.value)),
        format!("{} of {}", point.incidents_caught, evaluation.incidents),
        contender.roc_auc.map_or_else(|| "—".to_owned(), |area| numbers.decimal(area, 3)),
    ]
}

fn criteria(decision: &Decision, numbers: Numbers) -> String {
    decision.criteria.iter().map(|judged| criterion(judged, numbers)).collect::<Vec<_>>().join("\n")
}

fn criterion(judged: &Judged, numbers: Numbers) -> String {
    let (mark, word) = match judged.standing {
        Standing::Met => (format!("{GREEN}✓{RESET}"), "met"),
        Standing::NotMet => (format!("{RED}✗{RESET}"), "not met"),
        Standing::Open => (format!("{YELLOW}?{RESET}"), "open"),
    };
    let share = METRICS.iter().any(|metric| metric.id == judged.metric && metric.unit == "share");
    let number = |value: f64| if share { numbers.percent(value) } else { numbers.significant(value, 3) };
    let asked = format!("{} {}", if judged.direction == Direction::AtLeast { "≥" } else { "≤" }, number(judged.limit));
    let value = judged.value.map_or_else(|| "not measured".to_owned(), number);
    let interval = match (judged.low, judged.high) {
        (Some(low), Some(high)) if low < high => format!(" ({} – {})", number(low), number(high)),
        (Some(low), None) => format!(" (at least {})", number(low)),
        (None, Some(high)) => format!(" (at most {})", number(high)),
        _ => String::new(),
    };
    format!("  {mark} {:<24} {asked:<10} {value}{interval}  {word}", judged.metric)
}
