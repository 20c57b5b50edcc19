//! `gonogo run --dry-run` on files: what a run would read, build and need.

use std::{fmt::Write as _, path::Path};

use super::{Format, Global, next, print, print_json};
use crate::{
    error::{ExitCode, Result},
    experiment::load::Loaded,
    observe::{Event, Observer, Warning},
    run::{
        estimate::{Estimate, estimate},
        pipeline::Options,
    },
    said,
    spec::Language,
    text::{Numbers, Shown, shell_word},
};

/// Memory that other programs and the system should be left.
const LEFT_FREE: f64 = 0.9;

/// Estimates, and prints that. Warns where a run would not fit.
///
/// # Errors
/// As [`estimate`].
pub(super) fn print_estimate(loaded: &Loaded, options: &Options, file: &Path, global: &Global) -> Result<ExitCode> {
    let terminal = global.terminal();
    let estimate = estimate(loaded, options, &terminal)?;
    match global.format {
        Format::Human => print(&human(&estimate))?,
        Format::Json => print_json(&estimate)?,
        Format::Markdown => return Err(Format::none_of("run --dry-run")),
    }
    for warning in does_not_fit(&estimate, options.max_memory) {
        terminal.event(Event::Warning(warning));
    }
    // Without units to learn from or to judge, a run would end in an error: what is wrong is for `check` to say.
    let verb = if estimate.training_units == 0 || estimate.judged_units == 0 { "check" } else { "run" };
    next(&format!("gonogo {verb} {}", shell_word(&file.display().to_string())), global)?;
    Ok(ExitCode::Done)
}

/// What to say where a run would need more memory than there is, or than it may hold.
fn does_not_fit(estimate: &Estimate, most: Option<u64>) -> Vec<Warning> {
    let bytes = |bytes: u64| Shown(move |numbers: Numbers| numbers.bytes(bytes));
    let needed = estimate.peak_bytes;
    let more_than_allowed = most.filter(|most| needed > *most).map(|most| Warning {
        code: "W206".into(),
        message: said!(
            en: "about {needed} of memory would be needed, more than the {most} of `--max-memory`: the run would be ended",
            fr: "il faudrait environ {needed} de mémoire, plus que les {most} de `--max-memory` : l’exécution serait arrêtée",
            needed = bytes(needed),
            most = bytes(most),
        ),
    });
    let available = estimate.available_bytes.filter(|available| needed as f64 > LEFT_FREE * *available as f64);
    let more_than_there_is = available.map(|available| Warning {
        code: "W205".into(),
        message: said!(
            en: "about {needed} of memory would be needed, and this machine has {available} left: take a longer `entity.every`, a shorter `window`, fewer `fields` or `algorithms`",
            fr: "il faudrait environ {needed} de mémoire, et il en reste {available} sur cette machine : prenez un `entity.every` plus long, une `window` plus courte, moins de `fields` ou d’`algorithms`",
            needed = bytes(needed),
            available = bytes(available),
        ),
    });
    more_than_allowed.into_iter().chain(more_than_there_is).collect()
}

fn human(estimate: &Estimate) -> String {
    let numbers = Numbers::new(Language::En);
    let about = |value: u64| numbers.significant(value as f64, 2);
    let mut text = String::from("What a run would take, estimated; within a factor of two as a rule\n\n");
    for source in &estimate.sources {
        let _ = writeln!(
            text,
            "{:<10}{}, {}; looked at {}: about {} rows, {} of them used",
            crate::text::terminal(&source.name),
            if source.files == 1 { "1 file".to_owned() } else { format!("{} files", numbers.integer(source.files)) },
            numbers.bytes(source.disk_bytes),
            numbers.percent(source.seen),
            about(source.rows),
            numbers.percent(source.in_window),
        );
    }
    let _ = writeln!(
        text,
        "units     about {}: {} to learn from, {} to judge; {} features\n",
        about(estimate.units),
        about(estimate.training_units),
        about(estimate.judged_units),
        numbers.integer(estimate.features)
    );
    let stages: Vec<String> = estimate.memory.iter().map(|stage| format!("{} {}", stage.stage, numbers.bytes(stage.bytes))).collect();
    let available = estimate.available_bytes.map(|bytes| format!("; {} are left", numbers.bytes(bytes))).unwrap_or_default();
    let _ = writeln!(text, "memory    about {}{available}\n          {}", numbers.bytes(estimate.peak_bytes), stages.join(" · "));
    let stages: Vec<String> = estimate.seconds.iter().map(|stage| format!("{} {}", stage.stage, numbers.seconds(stage.seconds))).collect();
    let _ = writeln!(text, "time      about {}\n          {}", numbers.seconds(estimate.total_seconds), stages.join(" · "));
    let mut slowest: Vec<_> = estimate.contenders.iter().collect();
    slowest.sort_by(|a, b| b.seconds.total_cmp(&a.seconds).then_with(|| a.id.cmp(&b.id)));
    let slowest: Vec<String> =
        slowest.iter().take(4).map(|one| format!("{} {}", crate::text::terminal(&one.id), numbers.seconds(one.seconds))).collect();
    if !slowest.is_empty() {
        let _ = writeln!(text, "slowest   {}", slowest.join(" · "));
    }
    for note in &estimate.notes {
        let _ = writeln!(text, "note      {}", crate::text::terminal(note));
    }
    text
}
