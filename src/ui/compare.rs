//! Comparisons on the terminal.

use std::fmt::Write as _;

use comfy_table::{Cell, CellAlignment, Table};

use super::{BOLD, GREEN, RED, RESET, YELLOW};
use crate::{
    compare::Word,
    report::compare::{PortfolioRow, Written},
    text,
};

/// A comparison for a person.
pub fn comparison(written: &Written) -> String {
    let mut shown = format!("{BOLD}{}{RESET}\n{}\n\n", text::terminal(&written.title), text::terminal(&written.subtitle));
    for banner in &written.banners {
        let _ = writeln!(shown, "{YELLOW}!{RESET} {}", text::terminal(banner));
    }
    let _ = writeln!(shown, "\n{}\n", table(written));
    if !written.changes.is_empty() {
        let _ = writeln!(shown, "{BOLD}{}{RESET}", written.changed);
    }
    for (label, lines) in &written.changes {
        let _ = writeln!(shown, "  {}", text::terminal(label));
        for [group, path, change] in lines {
            let _ = writeln!(shown, "    {}", text::terminal([group.as_str(), path, change].join("  ").trim_end()));
        }
    }
    if steps(written).next().is_some() {
        let _ = writeln!(shown, "{BOLD}{}{RESET}", text::terminal(&written.against));
    }
    for (measure, word, difference) in steps(written) {
        let colour = match word.0 {
            Word::Better => GREEN,
            Word::Worse => RED,
            Word::NoChange | Word::WithinNoise => "",
        };
        let reset = if colour.is_empty() { "" } else { RESET };
        let _ = writeln!(shown, "  {measure}: {colour}{}{reset}  {}", word.1, text::terminal(difference));
    }
    if let Some(worse) = &written.worse {
        let _ = writeln!(shown, "\n{RED}{}{RESET}", text::terminal(worse));
    }
    shown
}

/// The newest step of each measure.
fn steps(written: &Written) -> impl Iterator<Item = (&str, (Word, &str), &str)> {
    written.rows.iter().filter_map(|row| {
        let (word, text, difference) = row.cells.last()?.step.as_ref()?;
        Some((row.name.as_str(), (*word, text.as_str()), difference.as_str()))
    })
}

fn table(written: &Written) -> String {
    let mut table = Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    table.set_header(std::iter::once(&written.measure).chain(&written.labels).map(|label| Cell::new(text::terminal(label))));
    for row in &written.rows {
        let name = if row.required { format!("{} *", row.name) } else { row.name.clone() };
        let cells = row.cells.iter().map(|cell| {
            let interval = cell.interval.as_ref().map(|interval| format!(" ({interval})")).unwrap_or_default();
            let word = cell.step.as_ref().map(|(_, word, _)| format!("\n{word}")).unwrap_or_default();
            format!("{}{interval}{word}", text::terminal(&cell.value))
        });
        table.add_row(std::iter::once(name).chain(cells).map(Cell::new).collect::<Vec<_>>());
    }
    for index in 1..=written.labels.len() {
        if let Some(column) = table.column_mut(index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.trim_fmt()
}

/// Several use cases for a person.
pub fn portfolio(header: &[String], rows: Vec<PortfolioRow>) -> String {
    let mut table = Table::new();
    table.load_style(comfy_table::presets::NOTHING).set_header(header.iter().map(Cell::new));
    table.add_rows(rows.into_iter().map(|row| row.cells().map(|cell| Cell::new(text::terminal(&cell))).to_vec()));
    format!("{}\n", table.trim_fmt())
}
