//! Labels from a CSV file: the entity's key columns, `start`, `end`, and optionally `incident`, `kind`, `disposition`.

use std::{collections::BTreeSet, fs::File, io::Read, path::Path};

use chrono_tz::Tz;
use hashbrown::HashMap;

use super::Gathered;
use crate::{
    error::{Error, Result},
    parts::Units,
    quality::Finding,
    said,
    spec::Moment,
    text::{Said, similar},
    units::{Disposition, Incident, Labels},
};

const DISPOSITIONS: [(&str, Disposition); 3] = [
    ("true_positive", Disposition::TruePositive),
    ("benign_true_positive", Disposition::BenignTruePositive),
    ("false_positive", Disposition::FalsePositive),
];
/// How many places a message names.
const SHOWN: usize = 5;

/// The rows of a label file.
#[derive(Debug, Clone, PartialEq)]
pub struct LabelFile {
    name: String,
    key_columns: Vec<String>,
    without: Vec<String>,
    rows: Vec<Row>,
}

#[derive(Debug, Clone, PartialEq)]
struct Row {
    line: u64,
    /// For each key column of the entity: the value it must have; `None`: any.
    key: Vec<Option<String>>,
    start: i64,
    end: i64,
    incident: Option<String>,
    kind: Option<String>,
    disposition: Disposition,
}

impl LabelFile {
    /// Reads a CSV file, plain or gzip.
    ///
    /// # Errors
    /// As [`LabelFile::parse`], and when the file cannot be read.
    pub fn read(path: &Path, key_columns: &[String], zone: Tz) -> Result<Self> {
        let name = path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned());
        let mut bytes = Vec::new();
        File::open(path).and_then(|mut file| file.read_to_end(&mut bytes)).map_err(|error| Error::io("read", path, error))?;
        if bytes.starts_with(&[0x1f, 0x8b]) {
            let mut text = Vec::new();
            flate2::read::MultiGzDecoder::new(&bytes[..]).read_to_end(&mut text).map_err(|error| Error::io("decompress", path, error))?;
            bytes = text;
        }
        Self::parse(&bytes, &name, key_columns, zone)
    }

    /// Reads the text of a CSV file; times without an offset are read in `zone`.
    ///
    /// A key column that the file does not have matches every value; so does an empty cell, where another key cell of the row is not.
    ///
    /// # Errors
    /// When a column is missing, or rows cannot be used: each is named with its line.
    pub fn parse(bytes: &[u8], name: &str, key_columns: &[String], zone: Tz) -> Result<Self> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(bytes);
        let header = reader.headers().map_err(|error| unreadable(name, &error))?.clone();
        if header.is_empty() {
            return Err(Error::data_hint(
                format!("`{name}` is empty"),
                "expected a header with the entity's key columns, `start`, and `end`",
            ));
        }
        let columns = Columns::of(&header, name, key_columns)?;
        let (mut rows, mut wrong) = (Vec::new(), Vec::new());
        for (index, record) in reader.records().enumerate() {
            match record {
                Ok(record) => {
                    let line = record.position().map_or(index as u64 + 2, csv::Position::line);
                    match columns.row(&record, line, zone) {
                        Ok(row) => rows.push(row),
                        Err(message) => wrong.push(format!("line {line}: {message}")),
                    }
                }
                // After a row of another width the reader goes on; after anything else it would stand still.
                Err(error) if matches!(error.kind(), csv::ErrorKind::UnequalLengths { .. } | csv::ErrorKind::Utf8 { .. }) => {
                    let line = error.position().map_or(index as u64 + 2, csv::Position::line);
                    let message = if matches!(error.kind(), csv::ErrorKind::Utf8 { .. }) {
                        "is not UTF-8"
                    } else {
                        "has another number of cells than the header"
                    };
                    wrong.push(format!("line {line}: {message}"));
                }
                Err(error) => return Err(unreadable(name, &error)),
            }
        }
        if !wrong.is_empty() {
            let more = if wrong.len() > SHOWN { format!("; and {} more", wrong.len() - SHOWN) } else { String::new() };
            let list = wrong.iter().take(SHOWN).cloned().collect::<Vec<_>>().join("; ");
            return Err(Error::data_hint(
                format!("`{name}`: {} of {} labels cannot be used: {list}{more}", wrong.len(), wrong.len() + rows.len()),
                "mend or remove these lines: a label that is left out in silence turns an attack into a benign unit",
            ));
        }
        Ok(Self { name: name.to_owned(), key_columns: key_columns.to_vec(), without: columns.without(key_columns), rows })
    }

    /// How many labels it has.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// How many incidents overlap a part of the window, half open: no more than these can have units there.
    pub fn incidents_between(&self, start: i64, end: i64) -> usize {
        let inside = self.rows.iter().filter(|row| row.disposition == Disposition::TruePositive && row.start < end && start < row.end);
        inside.map(|row| row.as_incident().id).collect::<BTreeSet<_>>().len()
    }

    /// Labels the units: one is labelled by each row that names its entity and overlaps its period.
    ///
    /// # Errors
    /// When the units have other key columns than those the file was read for.
    pub fn label(&self, units: &Units<'_>, complete: bool) -> Result<(Labels, Vec<Finding>)> {
        if units.key_columns != self.key_columns {
            return Err(Error::Internal(format!("labels were read for {:?}, units have {:?}", self.key_columns, units.key_columns)));
        }
        let mut exact: HashMap<Vec<&str>, Vec<usize>> = HashMap::new();
        let mut partial = Vec::new();
        for (index, row) in self.rows.iter().enumerate() {
            match row.key.iter().map(Option::as_deref).collect::<Option<Vec<&str>>>() {
                Some(key) => exact.entry(key).or_default().push(index),
                None => partial.push(index),
            }
        }
        let mut gathered = Gathered::new(units.len());
        let mut fits = vec![(false, false); self.rows.len()];
        let mut key = Vec::new();
        for unit in 0..units.len() {
            key.clear();
            key.extend(units.keys.iter().map(|column| &*column[unit]));
            let (start, end) = units.span(unit);
            let known = exact.get(&key).map(Vec::as_slice).unwrap_or_default();
            for &index in known.iter().chain(&partial) {
                let row = &self.rows[index];
                if !row.key.iter().zip(&key).all(|(wanted, value)| wanted.as_deref().is_none_or(|wanted| wanted == *value)) {
                    continue;
                }
                fits[index].0 = true;
                if start < row.end && row.start < end {
                    fits[index].1 = true;
                    gathered.dispose(unit, row.disposition);
                    if row.disposition == Disposition::TruePositive {
                        gathered.attach(unit, row.as_incident());
                    }
                }
            }
        }
        let caught: Vec<String> = gathered.incidents.keys().cloned().collect();
        Ok((gathered.finish(complete), self.findings(&fits, &caught)))
    }

    fn findings(&self, fits: &[(bool, bool)], with_units: &[String]) -> Vec<Finding> {
        let mut found = Vec::new();
        let mut add = |code: &str, severity: &str, message: Said, consequence: Said, advice: Said| {
            found.push(Finding { code: code.into(), severity: severity.into(), subject: "labels".into(), message, consequence, advice });
        };
        let lines = |chosen: &dyn Fn(usize) -> bool| -> Vec<u64> {
            (0..self.rows.len()).filter(|index| chosen(*index)).map(|index| self.rows[index].line).collect()
        };
        let unknown = lines(&|index| !fits[index].0);
        if !unknown.is_empty() {
            add(
                "W150",
                "warning",
                said!(
                    en: "{n} of {all} labels name an entity that never occurs ({places}).",
                    fr: "{n} étiquettes sur {all} nomment une entité qui n’apparaît jamais ({places}).",
                    n = unknown.len(),
                    all = self.rows.len(),
                    places = places(&self.name, &unknown),
                ),
                said!(
                    en: "They label nothing; the attacks they name count as if they had not been.",
                    fr: "Elles n’étiquettent rien ; les attaques qu’elles nomment comptent comme si elles n’avaient pas eu lieu.",
                ),
                said!(
                    en: "Compare how labels and logs write the entity: case, domain, blanks.",
                    fr: "Comparez l’écriture de l’entité dans les étiquettes et les journaux : casse, domaine, espaces.",
                ),
            );
        }
        let idle = lines(&|index| fits[index].0 && !fits[index].1);
        if !idle.is_empty() {
            add(
                "W151",
                "warning",
                said!(
                    en: "{n} of {all} labels name a time in which their entity has no unit ({places}).",
                    fr: "{n} étiquettes sur {all} nomment un moment où leur entité n’a pas d’unité ({places}).",
                    n = idle.len(),
                    all = self.rows.len(),
                    places = places(&self.name, &idle),
                ),
                said!(en: "They label nothing.", fr: "Elles n’étiquettent rien."),
                said!(
                    en: "Compare the zone of the labels' times with that of the logs, and the window with the labels.",
                    fr: "Comparez le fuseau des étiquettes à celui des journaux, et la fenêtre aux étiquettes.",
                ),
            );
        }
        let mut lost: Vec<String> =
            self.rows.iter().filter(|row| row.disposition == Disposition::TruePositive).map(|row| row.as_incident().id).collect();
        lost.sort();
        lost.dedup();
        lost.retain(|id| with_units.binary_search(id).is_err());
        if !lost.is_empty() {
            let shown: Vec<String> = lost.iter().take(SHOWN).map(|id| format!("`{id}`")).collect();
            let more = if lost.len() > SHOWN { ", ..." } else { "" };
            add(
                "W152",
                "warning",
                match &shown[..] {
                    [only] => said!(en: "One incident has no unit: {id}.", fr: "Un incident n’a pas d’unité : {id}.", id = only),
                    _ => said!(
                        en: "{n} incidents have no unit: {shown}{more}.",
                        fr: "{n} incidents n’ont pas d’unité : {shown}{more}.",
                        n = lost.len(),
                        shown = shown.join(", "),
                        more = more,
                    ),
                },
                said!(
                    en: "No contender can catch them, and they are in no figure: detection is reported of the incidents that left events.",
                    fr: "Aucun candidat ne peut les détecter, et ils ne sont dans aucun chiffre : la détection porte sur les incidents qui ont laissé des événements.",
                ),
                said!(
                    en: "Say so where the result is presented, or add the source that saw them.",
                    fr: "Dites-le en présentant le résultat, ou ajoutez la source qui les a vus.",
                ),
            );
        }
        if self.without.len() == self.key_columns.len() && !self.rows.is_empty() {
            add(
                "W153",
                "warning",
                said!(
                    en: "the labels name no entity: each labels every unit in its time.",
                    fr: "les étiquettes ne nomment pas d’entité : chacune étiquette toutes les unités de son moment.",
                ),
                said!(
                    en: "Units that have nothing to do with the attack count as attacks.",
                    fr: "Des unités sans rapport avec l’attaque comptent comme des attaques.",
                ),
                said!(en: "Add the columns of `entity.key` to the labels.", fr: "Ajoutez les colonnes de `entity.key` aux étiquettes."),
            );
        }
        found
    }
}

impl Row {
    fn as_incident(&self) -> Incident {
        Incident { id: self.incident.clone().unwrap_or_else(|| format!("line {}", self.line)), kind: self.kind.clone(), start: self.start }
    }
}

fn places(name: &str, lines: &[u64]) -> Said {
    let shown: Vec<String> = lines.iter().take(SHOWN).map(u64::to_string).collect();
    let more = if lines.len() > SHOWN { ", ..." } else { "" };
    said!(en: "{name}, line {lines}{more}", fr: "{name}, ligne {lines}{more}", name = name, lines = shown.join(", "), more = more)
}

fn unreadable(name: &str, error: &csv::Error) -> Error {
    Error::data_hint(
        format!("`{name}` is no CSV file of labels: {error}"),
        "expected a header with the entity's key columns, `start`, and `end`",
    )
}

/// Where the header has which column.
struct Columns {
    keys: Vec<Option<usize>>,
    start: usize,
    end: usize,
    incident: Option<usize>,
    kind: Option<usize>,
    disposition: Option<usize>,
}

impl Columns {
    fn of(header: &csv::StringRecord, name: &str, key_columns: &[String]) -> Result<Self> {
        let find = |wanted: &str| header.iter().position(|column| column == wanted);
        let written = || header.iter().map(|column| format!("`{column}`")).collect::<Vec<_>>().join(", ");
        let needed = |wanted: &str| {
            find(wanted)
                .ok_or_else(|| Error::data_hint(format!("`{name}` has no column `{wanted}`"), format!("its columns are {}", written())))
        };
        let known = ["start", "end", "incident", "kind", "disposition"];
        let free: Vec<&str> =
            header.iter().filter(|column| !known.contains(column) && !key_columns.iter().any(|key| key == column)).collect();
        for key in key_columns.iter().filter(|key| find(key).is_none()) {
            // A misspelt key would match every entity.
            if let Some(near) = similar(key, free.iter().copied()).first() {
                let hint = format!("rename its column `{near}` to `{key}`, or to something else if it is not the entity");
                return Err(Error::data_hint(format!("`{name}` has no column `{key}`, but `{near}`"), hint));
            }
        }
        Ok(Self {
            keys: key_columns.iter().map(|key| find(key)).collect(),
            start: needed("start")?,
            end: needed("end")?,
            incident: find("incident"),
            kind: find("kind"),
            disposition: find("disposition"),
        })
    }

    fn without(&self, key_columns: &[String]) -> Vec<String> {
        self.keys.iter().zip(key_columns).filter(|(place, _)| place.is_none()).map(|(_, key)| key.clone()).collect()
    }

    fn row(&self, record: &csv::StringRecord, line: u64, zone: Tz) -> Result<Row, String> {
        let cell = |place: usize| record.get(place).unwrap_or_default();
        let optional = |place: Option<usize>| place.map(cell).filter(|text| !text.is_empty()).map(str::to_owned);
        let key: Vec<Option<String>> = self.keys.iter().map(|place| optional(*place)).collect();
        if self.keys.iter().any(Option::is_some) && key.iter().all(Option::is_none) {
            return Err("names no entity".into());
        }
        let moment = |what: &str, place: usize| {
            let text = cell(place);
            text.parse::<Moment>()
                .map(|moment| moment.micros(zone))
                .map_err(|error| if text.is_empty() { format!("`{what}` is empty") } else { error })
        };
        let (start, end) = (moment("start", self.start)?, moment("end", self.end)?);
        if end <= start {
            return Err(format!("ends (`{}`) before it starts (`{}`)", cell(self.end), cell(self.start)));
        }
        let disposition = match optional(self.disposition) {
            None => Disposition::TruePositive,
            Some(text) => disposition(&text)?,
        };
        Ok(Row { line, key, start, end, incident: optional(self.incident), kind: optional(self.kind), disposition })
    }
}

fn disposition(text: &str) -> Result<Disposition, String> {
    DISPOSITIONS.iter().find(|(name, _)| *name == text).map(|(_, disposition)| *disposition).ok_or_else(|| {
        let near = similar(text, DISPOSITIONS.iter().map(|(name, _)| *name));
        let help = near.first().map_or_else(
            || "expected `true_positive`, `benign_true_positive`, or `false_positive`".to_owned(),
            |near| format!("did you mean `{near}`?"),
        );
        format!("unknown disposition `{text}`: {help}")
    })
}
