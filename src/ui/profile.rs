//! What a log file is, as a table: its format, its columns, what could be asked of it.

use std::fmt::Write as _;

use comfy_table::{Cell, CellAlignment, Table};
use serde_json::{Value, json};

use crate::{
    needs::{self, NEEDS},
    propose::{Column, Profile},
    text,
};

/// How many characters of an example are shown.
const SHOWN: usize = 36;

/// The profile for people. Examples are written by whoever writes to the log: they are escaped.
pub fn table(profile: &Profile) -> String {
    let files = if profile.files == 1 { "1 file".to_owned() } else { format!("{} files", profile.files) };
    let mut shown = format!(
        "{}: {} ({}), {files}, {} rows\n",
        text::terminal(&profile.path.display().to_string()),
        profile.format,
        profile.summary,
        profile.rows
    );
    if profile.malformed > 0 {
        let _ =
            writeln!(shown, "{} of {} lines do not parse ({:.1} %)", profile.malformed, profile.lines, 100.0 * profile.malformed_share());
    }
    match &profile.time {
        Some(time) => {
            let moment = |us| {
                chrono::DateTime::from_timestamp_micros(us).map(|time| time.format("%Y-%m-%d %H:%M:%S UTC").to_string()).unwrap_or_default()
            };
            let _ = writeln!(shown, "time: {}, from {} to {}", text::terminal(&time.column), moment(time.first), moment(time.last));
        }
        None => shown.push_str("no column was found to be a time: name it with `time: { column: ... }`\n"),
    }
    let mut table = Table::new();
    table.load_style(comfy_table::presets::NOTHING).set_header(["column", "holds", "filled", "different", "examples"]);
    for column in &profile.columns {
        table.add_row([
            Cell::new(name(column)),
            Cell::new(column.holds.word()),
            Cell::new(format!("{:.0} %", 100.0 * column.fill)).set_alignment(CellAlignment::Right),
            Cell::new(column.distinct).set_alignment(CellAlignment::Right),
            Cell::new(
                column
                    .examples
                    .iter()
                    .map(|value| text::visible_within(&text::terminal(value), SHOWN).into_owned())
                    .collect::<Vec<_>>()
                    .join("  "),
            ),
        ]);
    }
    let _ = write!(shown, "\nthe first {} rows:\n{}\n\n", profile.seen, table.trim_fmt());
    let met: Vec<&str> = needs::met(&profile.given).into_iter().map(|need| need.id).collect();
    let _ = writeln!(shown, "can be asked: {}", if met.is_empty() { "nothing that gonogo knows by name".into() } else { met.join(", ") });
    for need in NEEDS.iter().filter(|need| !met.contains(&need.id)) {
        if let Some(problem) = needs::check(&[need.id.to_owned()], &profile.given).first() {
            let help = problem.help.as_ref().map(|help| format!("; {help}")).unwrap_or_default();
            let _ = writeln!(shown, "  {}: {}{help}", need.id, text::terminal(&problem.message));
        }
    }
    shown
}

fn name(column: &Column) -> String {
    match &column.own {
        Some(own) => format!("{} ({})", text::visible_within(&text::terminal(own), SHOWN), column.name),
        None => text::visible_within(&text::terminal(&column.name), SHOWN).into_owned(),
    }
}

/// The profile for programs.
pub fn json(profile: &Profile) -> Value {
    let columns: Vec<Value> = profile
        .columns
        .iter()
        .map(|column| json!({ "name": column.name, "own": column.own, "holds": column.holds.word(), "fill": column.fill, "distinct": column.distinct, "examples": column.examples }))
        .collect();
    let needs: Vec<&str> = needs::met(&profile.given).into_iter().map(|need| need.id).collect();
    json!({
        "path": profile.path.display().to_string(),
        "format": profile.format,
        "files": profile.files,
        "rows": profile.rows,
        "malformed": profile.malformed,
        "first_rows": profile.seen,
        "time": profile.time.as_ref().map(|time| json!({ "column": time.column, "first": time.first, "last": time.last, "spec": time.spec })),
        "columns": columns,
        "needs_met": needs,
    })
}
