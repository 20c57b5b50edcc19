//! Problems of an experiment file, drawn into its text.

use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource, Severity as Level, SourceCode};

use crate::{
    error::{InvalidExperiment, Problem, Severity},
    text,
};

/// Draws every problem in one picture of the file, then what to do about each.
pub fn draw(invalid: &InvalidExperiment) -> String {
    let mut drawn = String::new();
    for (severity, word) in [(Severity::Error, "invalid experiment"), (Severity::Warning, "worth a look")] {
        let problems: Vec<&Problem> = invalid.problems.iter().filter(|problem| problem.severity == severity).collect();
        if problems.is_empty() {
            continue;
        }
        let count = if problems.len() == 1 { "1 problem".to_owned() } else { format!("{} problems", problems.len()) };
        let mut header = Some(format!("{word}: {count}"));
        for near in neighbourhoods(&problems, &invalid.text) {
            drawn.push_str(&picture(invalid, near, header.take(), severity));
        }
        for problem in &problems {
            if let Some(help) = &problem.help {
                let place = if problem.path.is_empty() { String::new() } else { format!(" {}", text::terminal(&problem.path)) };
                drawn.push_str(&format!("  {}{place}: {}\n", problem.code, text::terminal(help)));
            }
        }
        drawn.push('\n');
    }
    drawn
}

/// The file's text without anything a terminal would obey; as many bytes as before, so that places stay true.
fn harmless(source: &str) -> String {
    source.chars().fold(String::with_capacity(source.len()), |mut shown, c| {
        if text::is_hidden(c) && c != '\n' && c != '\t' {
            shown.extend(std::iter::repeat_n('?', c.len_utf8()))
        } else {
            shown.push(c)
        }
        shown
    })
}

/// Problems that lie within a few lines of each other, as one picture each: a file of a hundred lines is not drawn whole for two mistakes.
fn neighbourhoods<'a, 'p>(problems: &'p [&'a Problem], text: &str) -> Vec<&'p [&'a Problem]> {
    let line = |problem: &Problem| place(problem, text).0;
    problems.chunk_by(|a, b| line(b).saturating_sub(line(a)) <= 3).collect()
}

/// Longer lines are not drawn: nobody reads them, and a terminal breaks them.
const LONGEST_DRAWN: usize = 400;

/// Whether a problem stands in, above or below a line that is too long to draw.
fn is_long(problem: &Problem, text: &str) -> bool {
    let (line, _) = place(problem, text);
    text.lines().skip(line.saturating_sub(2)).take(3).any(|line| line.len() > LONGEST_DRAWN)
}

/// The line and the column of a problem, from 1.
fn place(problem: &Problem, text: &str) -> (usize, usize) {
    let before = problem.at.as_ref().and_then(|at| text.get(..at.start)).unwrap_or_default();
    (1 + before.matches('\n').count(), 1 + before.rsplit('\n').next().unwrap_or_default().chars().count())
}

/// Problems that cannot be drawn into the text, each with its place.
fn plain(invalid: &InvalidExperiment, problems: &[&Problem], header: Option<String>) -> String {
    let path = text::terminal(&invalid.path.display().to_string()).into_owned();
    let lines = problems.iter().map(|problem| {
        let (line, column) = place(problem, &invalid.text);
        format!("    {path}:{line}:{column}: {} [{}]\n", text::terminal(&problem.message), problem.code)
    });
    let header = header.map(|header| format!("  × {header}\n")).unwrap_or_default();
    format!("{header}{}", lines.collect::<String>())
}

/// One picture; without a header it goes on from the one before it.
fn picture(invalid: &InvalidExperiment, problems: &[&Problem], header: Option<String>, severity: Severity) -> String {
    if invalid.text.trim().is_empty() || problems.iter().any(|problem| is_long(problem, &invalid.text)) {
        return plain(invalid, problems, header);
    }
    let picture = Picture {
        message: header.clone().unwrap_or_default(),
        level: if severity == Severity::Error { Level::Error } else { Level::Warning },
        source: NamedSource::new(text::terminal(&invalid.path.display().to_string()), harmless(&invalid.text)),
        labels: problems.iter().map(|problem| label(problem, &invalid.text)).collect(),
    };
    let mut drawn = String::new();
    if GraphicalReportHandler::new_themed(theme()).with_context_lines(1).with_width(100).render_report(&mut drawn, &picture).is_err() {
        return problems.iter().map(|problem| format!("{problem}\n")).collect();
    }
    match (header, drawn.find("╭─[").map(|at| drawn[..at].rfind('\n').map_or(0, |line| line + 1))) {
        (None, Some(body)) => drawn.split_off(body),
        _ => drawn,
    }
}

/// Colours are left to `anstream`, which knows whether they are wanted.
fn theme() -> GraphicalTheme {
    GraphicalTheme::unicode()
}

fn label(problem: &Problem, source: &str) -> LabeledSpan {
    let mut at = problem.at.clone().unwrap_or(0..0);
    // What is missing at the end is shown at the last character: after the last line there is nothing to draw into.
    if let Some((last, c)) = source.trim_end().char_indices().next_back().filter(|(last, _)| at.start > *last) {
        at = last..last + c.len_utf8();
    }
    let mut end = at.end.min(source.len());
    // A value that runs over lines (a block) is marked at its first line only.
    if let Some(line) = source.get(at.start..end).and_then(|piece| piece.find('\n')) {
        end = at.start + line;
    }
    LabeledSpan::new(Some(format!("{} [{}]", text::terminal(&problem.message), problem.code)), at.start, end.saturating_sub(at.start))
}

#[derive(Debug)]
struct Picture {
    message: String,
    level: Level,
    source: NamedSource<String>,
    labels: Vec<LabeledSpan>,
}

impl std::fmt::Display for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Picture {}

impl Diagnostic for Picture {
    fn severity(&self) -> Option<Level> {
        Some(self.level)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }
}
