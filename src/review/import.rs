//! Dispositions come back: CSV as the sheet, the page or a spreadsheet writes it. Every row is checked; what cannot be used is named, all of it.

use std::{collections::BTreeMap, path::PathBuf};

use super::Given;
use crate::{
    error::{Error, Result},
    text::visible_within,
    units::Disposition,
};

/// How many rows a message names.
const SHOWN: usize = 20;

/// What came back in some files.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Returned {
    pub given: Vec<Given>,
    pub blank: usize,
}

/// Reads files; `case_of` tells the case of a row's id.
pub(super) fn read(files: &[PathBuf], analyst: Option<&str>, case_of: &dyn Fn(&str) -> Option<u32>) -> Result<Returned> {
    let (mut all, mut wrong) = (Returned::default(), Vec::new());
    for path in files {
        let bytes = std::fs::read(path).map_err(|error| Error::io("read", path, error))?;
        let name = path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned());
        let stem = path.file_stem().map_or_else(|| "analyst".to_owned(), |stem| stem.to_string_lossy().into_owned());
        let (found, mistakes) = parse(&bytes, &name, analyst.unwrap_or(&stem), case_of)?;
        all.given.extend(found.given);
        all.blank += found.blank;
        wrong.extend(mistakes);
    }
    if wrong.is_empty() {
        return Ok(all);
    }
    let more = if wrong.len() > SHOWN { format!("; and {} more", wrong.len() - SHOWN) } else { String::new() };
    let list = wrong.iter().take(SHOWN).cloned().collect::<Vec<_>>().join("; ");
    let rows = if wrong.len() == 1 { "1 row".to_owned() } else { format!("{} rows", wrong.len()) };
    Err(Error::data_hint(
        format!("{rows} cannot be used: {list}{more}"),
        "mend these rows and import the files again: nothing was taken in, and nothing is lost",
    ))
}

/// Reads the text of one file; `unnamed` is the analyst of rows that name none. Gives what can be used, and a line for each row that cannot.
///
/// # Errors
/// When it is no table with the columns `id` and `disposition`.
pub(super) fn parse(bytes: &[u8], name: &str, unnamed: &str, case_of: &dyn Fn(&str) -> Option<u32>) -> Result<(Returned, Vec<String>)> {
    if bytes.starts_with(b"PK") {
        return Err(Error::data_hint(format!("`{name}` is a workbook"), "save its first sheet as CSV (\"CSV UTF-8\") and import that"));
    }
    let text = decoded(bytes);
    if text.trim().is_empty() {
        return Err(Error::data_hint(format!("`{name}` is empty"), "give a sheet that `gonogo review` drew, with its verdicts filled in"));
    }
    let delimiter = delimiter(&text);
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).delimiter(delimiter).flexible(true).from_reader(text.as_bytes());
    let header = reader.headers().map_err(|error| unreadable(name, &error))?.clone();
    let place = |wanted: &str| header.iter().position(|column| column.eq_ignore_ascii_case(wanted));
    let needed = |wanted: &str| {
        place(wanted).ok_or_else(|| {
            let known: Vec<String> = header.iter().take(12).map(|column| format!("`{}`", visible_within(column, 40))).collect();
            let hint = format!("its columns are {}; give a sheet that `gonogo review` drew, saved as CSV", known.join(", "));
            Error::data_hint(format!("`{name}` has no column `{wanted}`"), hint)
        })
    };
    let (id, disposition) = (needed("id")?, needed("disposition")?);
    let (incident, note, analyst) = (place("incident"), place("note"), place("analyst"));
    let (mut found, mut wrong) = (Returned::default(), Vec::new());
    let mut seen: BTreeMap<(u32, String), (u64, Disposition)> = BTreeMap::new();
    for record in reader.records() {
        let record = record.map_err(|error| unreadable(name, &error))?;
        let line = record.position().map_or(0, csv::Position::line);
        let cell = |place: usize| record.get(place).unwrap_or_default();
        let optional = |place: Option<usize>| place.map(cell).filter(|text| !text.is_empty()).map(unquoted);
        if record.iter().all(str::is_empty) {
            continue;
        }
        let place = || format!("{name}, line {line}");
        let Some(case) = case_of(cell(id)) else {
            wrong.push(format!("{}: `{}` is no row of this run's sheets", place(), visible_within(cell(id), 40)));
            continue;
        };
        if cell(disposition).is_empty() {
            found.blank += 1;
            continue;
        }
        let Some(disposition) = word(cell(disposition)) else {
            wrong.push(format!(
                "{}: unknown disposition `{}`: expected `true_positive`, `benign_true_positive`, `false_positive`, or nothing",
                place(),
                visible_within(cell(disposition), 40)
            ));
            continue;
        };
        let incident = optional(incident);
        if incident.is_some() && disposition != Disposition::TruePositive {
            wrong.push(format!("{}: names an incident, but is no `true_positive`", place()));
            continue;
        }
        let analyst = optional(analyst).unwrap_or_else(|| unnamed.to_owned());
        if let Some((first, before)) = seen.insert((case, analyst.clone()), (line, disposition))
            && before != disposition
        {
            wrong.push(format!("{}: says otherwise of the same row than line {first}", place()));
            continue;
        }
        found.given.push(Given { case, analyst, disposition, incident, note: optional(note) });
    }
    Ok((found, wrong))
}

fn unreadable(name: &str, error: &csv::Error) -> Error {
    Error::data_hint(
        format!("`{name}` is no CSV table: {error}"),
        "expected the sheet as it was drawn, with its columns `id` and `disposition`",
    )
}

/// UTF-8 with or without a mark, else one byte a character, as older spreadsheets write.
fn decoded(bytes: &[u8]) -> String {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    std::str::from_utf8(bytes).map_or_else(|_| bytes.iter().map(|byte| char::from(*byte)).collect(), str::to_owned)
}

/// What the header is separated by: spreadsheets take the one of their country.
fn delimiter(text: &str) -> u8 {
    let header = text.lines().next().unwrap_or_default();
    let count = |c: char| header.matches(c).count();
    [(',', b','), (';', b';'), ('\t', b'\t')].into_iter().rev().max_by_key(|(c, _)| count(*c)).map_or(b',', |(_, byte)| byte)
}

/// A cell without the apostrophe that keeps it from being a formula.
fn unquoted(text: &str) -> String {
    match text.strip_prefix('\'') {
        Some(rest) if rest.trim_start().starts_with(['=', '+', '-', '@']) => rest.to_owned(),
        _ => text.to_owned(),
    }
}

fn word(text: &str) -> Option<Disposition> {
    match text.to_lowercase().replace([' ', '-'], "_").as_str() {
        "true_positive" | "tp" => Some(Disposition::TruePositive),
        "benign_true_positive" | "btp" => Some(Disposition::BenignTruePositive),
        "false_positive" | "fp" => Some(Disposition::FalsePositive),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case_of(id: &str) -> Option<u32> {
        id.strip_prefix("row-").and_then(|number| number.parse().ok())
    }

    fn read_text(text: &str) -> (Returned, Vec<String>) {
        parse(text.as_bytes(), "sheet.csv", "sheet", &case_of).unwrap()
    }

    #[test]
    fn rows_come_back_whatever_the_spreadsheet_made_of_them() {
        let (found, wrong) = read_text(
            "id,entity,disposition,incident,note,analyst\nrow-1,alice,true_positive,INC-7,\"a, b\",ann\nrow-2,bob,,,,ann\nrow-3,carol,FP,,'=1+1,\n",
        );
        assert_eq!(wrong, Vec::<String>::new());
        assert_eq!((found.given.len(), found.blank), (2, 1));
        assert_eq!(found.given[0].incident.as_deref(), Some("INC-7"));
        assert_eq!((found.given[1].analyst.as_str(), found.given[1].note.as_deref()), ("sheet", Some("=1+1")));
        // Semicolons, a mark, capitals, an empty last line; one byte a character.
        let (found, wrong) =
            parse(b"\xef\xbb\xbfID;Disposition;Note\r\nrow-4;Benign true positive;\xe9t\xe9\r\n;;\r\n", "x.csv", "x", &case_of).unwrap();
        assert_eq!(
            (found.given[0].disposition, found.given[0].note.as_deref(), wrong.len()),
            (Disposition::BenignTruePositive, Some("été"), 0)
        );
    }

    #[test]
    fn every_row_that_cannot_be_used_is_named() {
        let (found, wrong) = read_text(
            "id,disposition,incident,analyst\nrow-1,maybe,,\nelse,false_positive,,\nrow-2,false_positive,INC,\nrow-3,fp,,a\nrow-3,tp,,a\nrow-4,fp,,a\n",
        );
        assert_eq!(found.given.len(), 2);
        let told = wrong.join("\n");
        for part in [
            "line 2: unknown disposition `maybe`",
            "line 3: `else` is no row",
            "line 4: names an incident",
            "line 6: says otherwise of the same row than line 5",
        ] {
            assert!(told.contains(part), "{told}");
        }
        assert_eq!(wrong.len(), 4);
    }

    #[test]
    fn what_is_no_sheet_is_refused() {
        assert!(parse(b"a,b\n1,2\n", "x.csv", "x", &case_of).unwrap_err().to_string().contains("no column `id`"));
        assert!(parse(b"PK\x03\x04", "x.xlsx", "x", &case_of).unwrap_err().to_string().contains("workbook"));
        assert!(parse(b"", "x.csv", "x", &case_of).is_err());
    }
}
