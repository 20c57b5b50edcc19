//! What a person, or a program, sees of a command: progress and messages on stderr, data on stdout.

use std::{
    collections::BTreeMap,
    io::{IsTerminal, Write},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use self::pace::Pace;
use crate::{
    error::{Error, InvalidExperiment, Severity},
    observe::{Event, Observer},
    text,
};

pub mod compare;
pub mod diagnostics;
mod pace;
pub mod profile;
pub mod summary;

/// Whether the user asked to stop (Ctrl-C).
static STOPPED: AtomicBool = AtomicBool::new(false);

/// Lets Ctrl-C end the run cleanly; a second one ends the process at once.
pub fn listen_for_interrupt() {
    // Without a handler (a second call, or no signals) Ctrl-C ends the process: the run folder is then left as `*.partial` all the same.
    let _ = ctrlc::set_handler(|| {
        if STOPPED.swap(true, Ordering::SeqCst) {
            std::process::exit(130);
        }
        eprintln!("stopping ... (once more to stop at once)");
    });
}

/// How much is said on stderr.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verbosity {
    /// Errors only.
    Quiet,
    /// Progress, stages, warnings.
    Normal,
}

/// Shows a run on the terminal: bars where there is one, a line per stage where there is none.
pub struct Terminal {
    bars: MultiProgress,
    live: bool,
    verbosity: Verbosity,
    open: Mutex<BTreeMap<String, ProgressBar>>,
    /// How scoring goes, since when.
    pace: Mutex<Option<(Instant, Pace)>>,
}

impl Terminal {
    /// Makes one for stderr. Bars are drawn only where stderr is a terminal and `progress` is wanted.
    pub fn new(verbosity: Verbosity, progress: bool) -> Self {
        let live = progress && verbosity > Verbosity::Quiet && std::io::stderr().is_terminal();
        let target = if live { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        Self { bars: MultiProgress::with_draw_target(target), live, verbosity, open: Mutex::default(), pace: Mutex::default() }
    }

    fn line(&self, line: &str) {
        if self.verbosity == Verbosity::Quiet {
            return;
        }
        let line = &*text::lines(line);
        // A closed stderr ends nothing.
        let _ = if self.live { self.bars.println(line) } else { writeln!(anstream::stderr(), "{line}") };
    }

    fn start(&self, stage: &str, total: Option<u64>) {
        if stage == SCORING {
            *self.pace.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), Pace::default()));
        }
        if !self.live {
            return;
        }
        let bar = match total {
            Some(total) => ProgressBar::new(total).with_style(style(match stage {
                "Reading" => "{prefix:<11}{bar:32.cyan} {bytes}/{total_bytes}  {eta}",
                SCORING => "{prefix:<11}{bar:32.cyan} {percent:>3} %  {msg}",
                _ => "{prefix:<11}{bar:32.cyan} {pos}/{len}  {eta}",
            })),
            None => ProgressBar::new_spinner().with_style(style("{prefix:<11}{spinner} {elapsed}")),
        };
        self.add(stage, bar);
    }

    fn add(&self, key: &str, bar: ProgressBar) {
        let bar = self.bars.add(bar.with_prefix(key.to_owned()));
        bar.enable_steady_tick(std::time::Duration::from_millis(120));
        self.open.lock().unwrap_or_else(PoisonError::into_inner).insert(key.to_owned(), bar);
    }

    fn with_bar(&self, key: &str, change: impl FnOnce(&ProgressBar)) {
        if let Some(bar) = self.open.lock().unwrap_or_else(PoisonError::into_inner).get(key) {
            change(bar);
        }
    }

    fn close(&self, key: &str) {
        if let Some(bar) = self.open.lock().unwrap_or_else(PoisonError::into_inner).remove(key) {
            bar.finish_and_clear();
            self.bars.remove(&bar);
        }
    }

    fn advance(&self, stage: &str, by: u64) {
        self.with_bar(stage, |bar| bar.inc(by));
        if stage == SCORING {
            self.pace(|pace| pace.advance(by));
        }
    }

    /// Notes how scoring goes, and tells it where a terminal does not show it anyway.
    fn pace(&self, note: impl FnOnce(&mut Pace)) {
        let mut kept = self.pace.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((began, pace)) = kept.as_mut() else { return };
        note(pace);
        let gone = began.elapsed();
        if self.live {
            let left = pace.left(gone);
            drop(kept);
            return self.with_bar(SCORING, |bar| bar.set_message(left));
        }
        let line = pace.line(gone);
        drop(kept);
        if let Some(line) = line {
            self.line(&line);
        }
    }

    fn end_of_scoring(&self) {
        let ended = self.pace.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(line) = ended.filter(|_| !self.live).and_then(|(began, pace)| pace.end(began.elapsed())) {
            self.line(&line);
        }
    }

    fn detector(&self, id: &str, fraction: f64, seeds: usize) {
        self.pace(|pace| pace.contender(id, fraction));
        if fraction >= 1.0 {
            return self.close(id);
        }
        if !self.live {
            return;
        }
        if !self.open.lock().unwrap_or_else(PoisonError::into_inner).contains_key(id) {
            // One that waits between its seeds has no rate to go by.
            let template = if seeds > 1 {
                "  {prefix:<26}{bar:15.green} {percent:>3} %"
            } else {
                "  {prefix:<26}{bar:15.green} {percent:>3} %  {eta}"
            };
            self.add(id, ProgressBar::new(1000).with_style(style(template)));
        }
        self.with_bar(id, |bar| bar.set_position((fraction * 1000.0) as u64));
    }
}

/// The stage whose progress is told by contender and as a whole.
const SCORING: &str = "Scoring";

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("━╸─")
}

impl Observer for Terminal {
    fn event(&self, event: Event) {
        match event {
            Event::Started { stage, total } => self.start(stage, total),
            Event::Advanced { stage, by } => self.advance(stage, by),
            Event::Finished { stage, summary } => {
                self.close(stage);
                if stage == SCORING {
                    self.end_of_scoring();
                }
                if summary.is_empty() {
                    return;
                }
                self.line(&format!("{stage:<11}{}", text::terminal(&summary)));
            }
            Event::Detector { id, fraction, seeds } => self.detector(&id, fraction, seeds),
            Event::Warning(warning) => {
                self.line(&format!("{YELLOW}warning[{}]{RESET}: {}", warning.code, text::terminal(&warning.message.en)));
            }
        }
    }

    fn cancelled(&self) -> bool {
        STOPPED.load(Ordering::SeqCst)
    }
}

/// Colours; `anstream` takes them out where they are not wanted.
pub const GREEN: &str = "\x1b[1;32m";
/// See [`GREEN`].
pub const RED: &str = "\x1b[1;31m";
/// See [`GREEN`].
pub const YELLOW: &str = "\x1b[1;33m";
/// See [`GREEN`].
pub const CYAN: &str = "\x1b[36m";
/// See [`GREEN`].
pub const BOLD: &str = "\x1b[1m";
/// See [`GREEN`].
pub const RESET: &str = "\x1b[0m";

/// Tells an error on stderr: what, where, and what to do.
pub fn tell(error: &Error) {
    let mut out = anstream::stderr().lock();
    // A closed stderr leaves nobody to tell.
    let _ = match error {
        Error::Experiment(invalid) => write!(out, "{}", text::lines(&diagnostics::draw(invalid))),
        Error::Interrupted => writeln!(out, "{YELLOW}interrupted{RESET}: what was written is kept in the folder that ends in `.partial`"),
        _ => writeln!(out, "{RED}error{RESET}: {}", text::terminal(&error.to_string())),
    };
    if let Some(hint) = error.hint() {
        let _ = writeln!(out, "\n{CYAN}hint{RESET}: {}", text::terminal(hint));
    }
}

/// Says how many problems of each severity there are: `2 errors, 1 warning`.
pub fn counts(invalid: &InvalidExperiment) -> String {
    let errors = invalid.problems.iter().filter(|problem| problem.severity == Severity::Error).count();
    let warnings = invalid.problems.len() - errors;
    let plural = |n: usize, word: &str| if n == 1 { format!("1 {word}") } else { format!("{n} {word}s") };
    match (errors, warnings) {
        (errors, 0) => plural(errors, "error"),
        (0, warnings) => plural(warnings, "warning"),
        (errors, warnings) => format!("{}, {}", plural(errors, "error"), plural(warnings, "warning")),
    }
}
