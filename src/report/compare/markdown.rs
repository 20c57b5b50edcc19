//! Comparisons as Markdown, for a merge request.

use std::fmt::Write as _;

use super::{Cell, Written, portfolio_header, portfolio_rows, written};
use crate::{
    compare::{Comparison, Entry},
    spec::Language,
    text::markdown_text,
};

/// A comparison as Markdown.
pub fn comparison_md(comparison: &Comparison, language: Language) -> String {
    let written = written(comparison, language);
    let mut text = format!("## {}\n\n{}\n\n", markdown_text(&written.title), markdown_text(&written.subtitle));
    for banner in &written.banners {
        let _ = writeln!(text, "> {}\n", markdown_text(banner));
    }
    table(&written, &mut text);
    changes(&written, &mut text);
    if let Some(worse) = &written.worse {
        let _ = writeln!(text, "**{}**\n", markdown_text(worse));
    }
    let _ = writeln!(text, "{}", markdown_text(&written.understanding));
    text
}

fn table(written: &Written, text: &mut String) {
    let heads: Vec<String> = std::iter::once(&written.measure).chain(&written.labels).map(|label| markdown_text(label)).collect();
    let _ = writeln!(text, "| {} |\n| --- |{}", heads.join(" | "), " ---: |".repeat(written.labels.len()));
    for row in &written.rows {
        let cells: Vec<String> = row.cells.iter().map(cell).collect();
        let name = markdown_text(&row.name);
        let name = if row.required { format!("**{name}**") } else { name };
        let _ = writeln!(text, "| {name} | {} |", cells.join(" | "));
    }
    text.push('\n');
}

fn cell(cell: &Cell) -> String {
    let interval = cell.interval.as_ref().map(|interval| format!(" ({})", markdown_text(interval))).unwrap_or_default();
    let step = cell.step.as_ref().map(|(_, word, difference)| format!("<br>**{}** {}", markdown_text(word), markdown_text(difference)));
    format!("{}{interval}{}", markdown_text(&cell.value), step.unwrap_or_default())
}

fn changes(written: &Written, text: &mut String) {
    if written.changes.is_empty() {
        return;
    }
    let _ = writeln!(text, "### {}\n", markdown_text(&written.changed));
    for (label, lines) in &written.changes {
        let _ = writeln!(text, "**{}**\n", markdown_text(label));
        for [group, path, change] in lines {
            let line = if path.is_empty() {
                markdown_text(group)
            } else {
                format!("{}, {}: {}", markdown_text(group), markdown_text(path), markdown_text(change))
            };
            let _ = writeln!(text, "- {line}");
        }
        text.push('\n');
    }
}

/// A portfolio as Markdown.
pub fn portfolio_md(entries: &[Entry], language: Language) -> String {
    let mut text = String::new();
    let header = portfolio_header(language).map(|head| markdown_text(&head));
    let _ = writeln!(text, "| {} |\n|{}", header.join(" | "), " --- |".repeat(header.len()));
    for row in portfolio_rows(entries, language) {
        let _ = writeln!(text, "| {} |", row.cells().map(|cell| markdown_text(&cell)).join(" | "));
    }
    text
}
