//! How text and numbers are shown: log content made harmless for pages, tables and terminals; numbers, money and times as a language writes them.
//!
//! Log fields are written by attackers. What is shown of them goes through [`visible`] first, and through the escaping of the medium after:
//! maud in the page, [`csv_cell`] in tables, [`markdown_code`] in Markdown, [`terminal`] on the terminal.

pub use self::{
    dates::Dates,
    escape::{csv_cell, csv_number, is_hidden, lines, markdown_code, markdown_text, shell_word, terminal, visible, visible_within},
    json::{json_line, json_pretty},
    near::{did_you_mean, nearest, similar},
    numbers::{MINUS, Numbers, THIN},
    said::{Said, Shown, Tell, french, sentence},
};

/// The comment at the head of a file of source, from which the documentation is made.
pub fn head_comment(source: &str) -> String {
    let lines = source.lines().map_while(|line| line.strip_prefix("//!"));
    lines.map(|line| line.strip_prefix(' ').unwrap_or(line)).collect::<Vec<_>>().join("\n")
}

mod dates;
mod escape;
mod json;
mod near;
mod numbers;
mod said;
