//! A sheet as CSV and as a workbook that a spreadsheet opens: the same columns, no cell a formula.

use std::fmt::Write as _;

use rust_xlsxwriter::{Color, DataValidation, DocProperties, ExcelDateTime, Format, FormatBorder, Workbook, Worksheet, XlsxError};

use super::rows::{Row, Sheet, Value};
use crate::{
    error::{Error, Result},
    text::{csv_cell, csv_number, visible_within},
};

/// What a disposition may be.
pub(super) const DISPOSITIONS: [&str; 3] = ["true_positive", "benign_true_positive", "false_positive"];
/// The columns before the fields.
const FIXED: [&str; 9] = ["id", "entity", "from", "to", "units", "disposition", "incident", "note", "analyst"];
/// Where the disposition stands among them.
const DISPOSITION: usize = 5;

fn header(sheet: &Sheet) -> Vec<String> {
    let fields = sheet.fields.iter().flat_map(|field| [field.clone(), format!("{field}, own usual"), format!("{field}, peers")]);
    FIXED.iter().map(|name| (*name).to_owned()).chain(fields).collect()
}

fn numbers(row: &Row) -> impl Iterator<Item = Option<f64>> + '_ {
    row.values.iter().flat_map(|Value { value, own, peers }| [Some(*value), *own, Some(*peers)])
}

/// The sheet as CSV.
pub(super) fn csv(sheet: &Sheet) -> String {
    let mut text = header(sheet).iter().map(|name| csv_cell(name)).collect::<Vec<_>>().join(",");
    text.push_str("\r\n");
    for row in &sheet.rows {
        let _ = write!(text, "{},{},{},{},{},,,,", row.id, csv_cell(&row.entity), row.from, row.to, row.units);
        for number in numbers(row) {
            let _ = write!(text, ",{}", number.map(csv_number).unwrap_or_default());
        }
        text.push_str("\r\n");
    }
    text
}

/// The sheet as a workbook: the header stays in view, dispositions are chosen from a list, a second sheet says what they mean.
///
/// # Errors
/// When the workbook cannot be made, which would be a bug.
pub(super) fn xlsx(sheet: &Sheet) -> Result<Vec<u8>> {
    workbook(sheet).map_err(|error| Error::Internal(format!("workbook: {error}")))
}

fn workbook(sheet: &Sheet) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    // No clock: the same sheet gives the same bytes.
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&ExcelDateTime::from_ymd(2000, 1, 1)?));
    let head = Format::new().set_bold().set_text_wrap().set_border_bottom(FormatBorder::Thin).set_background_color(Color::RGB(0xEE_EE_EE));
    let answer = Format::new().set_background_color(Color::RGB(0xFF_F7_D6)).set_border(FormatBorder::Hair);
    let page = workbook.add_worksheet().set_name(format!("sheet {}", sheet.number))?;
    for (column, name) in (0..).zip(header(sheet)) {
        page.write_string_with_format(0, column, name, &head)?;
        page.set_column_width(column, width(column))?;
    }
    for (line, row) in (1..).zip(&sheet.rows) {
        row_of(page, line, row, &answer)?;
    }
    let last = sheet.rows.len().max(1) as u32;
    let choice = DataValidation::new()
        .allow_list_strings(&DISPOSITIONS)?
        .set_error_title("Disposition")?
        .set_error_message("true_positive, benign_true_positive, false_positive, or nothing")?;
    page.add_data_validation(1, DISPOSITION as u16, last, DISPOSITION as u16, &choice)?;
    page.set_freeze_panes(1, 2)?;
    page.autofilter(0, 0, last, header(sheet).len() as u16 - 1)?;
    printed(page)?;
    if !sheet.event_columns.is_empty() {
        events_of(workbook.add_worksheet(), sheet, &head)?;
    }
    let guide = workbook.add_worksheet().set_name("guide")?;
    guide.set_column_width(0, 110)?;
    for (line, text) in (0..).zip(guidance(sheet)) {
        guide.write_string(line, 0, text)?;
    }
    workbook.save_to_buffer()
}

fn row_of(page: &mut Worksheet, line: u32, row: &Row, answer: &Format) -> Result<(), XlsxError> {
    // Texts are written as texts: nothing in them is a formula.
    for (column, text) in (0..).zip([&row.id, &row.entity, &row.from, &row.to]) {
        page.write_string(line, column, visible_within(text, 2_000).into_owned())?;
    }
    page.write_number(line, 4, row.units as f64)?;
    for column in DISPOSITION as u16..FIXED.len() as u16 {
        page.write_blank(line, column, answer)?;
    }
    for (column, number) in (FIXED.len() as u16..).zip(numbers(row)) {
        if let Some(number) = number.filter(|number| number.is_finite()) {
            page.write_number(line, column, number)?;
        }
    }
    Ok(())
}

/// The events behind the rows, told by their ids.
fn events_of(page: &mut Worksheet, sheet: &Sheet, head: &Format) -> Result<(), XlsxError> {
    page.set_name("events")?;
    for (column, name) in (0..).zip(event_header(sheet)) {
        page.write_string_with_format(0, column, name, head)?;
        page.set_column_width(column, width(column + 1))?;
    }
    for (line, cells) in (1..).zip(event_lines(sheet)) {
        for (column, cell) in (0..).zip(cells) {
            page.write_string(line, column, cell)?;
        }
    }
    page.set_freeze_panes(1, 2)?;
    printed(page)
}

/// On paper a row stays on one page, below its header.
fn printed(page: &mut Worksheet) -> Result<(), XlsxError> {
    page.set_landscape();
    page.set_print_fit_to_pages(1, 0);
    page.set_repeat_rows(0, 0)?;
    Ok(())
}

fn event_header(sheet: &Sheet) -> impl Iterator<Item = &str> {
    ["id", "entity", "time"].into_iter().chain(sheet.event_columns.iter().map(String::as_str))
}

fn event_lines(sheet: &Sheet) -> impl Iterator<Item = impl Iterator<Item = &str>> {
    sheet.rows.iter().flat_map(|row| {
        row.events.iter().map(move |(time, values)| {
            [row.id.as_str(), row.entity.as_str(), time.as_str()].into_iter().chain(values.iter().map(String::as_str))
        })
    })
}

/// The events behind the rows as CSV; `None` where the run kept none.
pub(super) fn events_csv(sheet: &Sheet) -> Option<String> {
    let line = |cells: &mut dyn Iterator<Item = &str>| cells.map(csv_cell).collect::<Vec<_>>().join(",") + "\r\n";
    let lines = || std::iter::once(line(&mut event_header(sheet))).chain(event_lines(sheet).map(|mut cells| line(&mut cells)));
    (!sheet.event_columns.is_empty()).then(|| lines().collect())
}

fn width(column: u16) -> f64 {
    match column {
        1 | 7 => 32.0,
        2 | 3 => 22.0,
        5 => 22.0,
        0 | 4 => 10.0,
        _ => 14.0,
    }
}

fn guidance(sheet: &Sheet) -> Vec<String> {
    let lines = match sheet.language {
        crate::spec::Language::En => [
            "true_positive: an attack. Name its incident where you can: rows of one attack take the same name.",
            "benign_true_positive: rightly raised, but legitimate (an authorised transfer, a planned test).",
            "false_positive: nothing. Leave the cell empty where you cannot tell: the row is offered again.",
            "The order is random, and nothing tells what raised a row. Beside each field stand the entity's own median and the median of all.",
            "Save as CSV, then: gonogo review RUN --import FILE. Do not change the column id.",
        ],
        crate::spec::Language::Fr => [
            "true_positive : une attaque. Nommez son incident si possible : les lignes d’une même attaque portent le même nom.",
            "benign_true_positive : alerte fondée, mais légitime (transfert autorisé, test planifié).",
            "false_positive : rien. Laissez la cellule vide en cas de doute : la ligne sera proposée à nouveau.",
            "L’ordre est aléatoire, et rien ne dit qui a levé une ligne. À côté de chaque champ : la médiane de l’entité, puis celle de toutes.",
            "Enregistrez en CSV, puis : gonogo review RUN --import FICHIER. Ne modifiez pas la colonne id.",
        ],
    };
    let left_out = Some(sheet.left_out.clone()).filter(|said| !said.is_empty());
    std::iter::once(format!("{} · {} · {}", sheet.title, sheet.run, sheet.number)).chain(lines.map(str::to_owned)).chain(left_out).collect()
}
