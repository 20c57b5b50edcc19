//! From a bare log file to a first experiment: what format it is, which columns it fills, and what could be asked of it.

use std::path::{Path, PathBuf};

use polars::prelude::{DataFrame, DataType};

pub use self::experiment::{experiment, name_of};
use crate::{
    error::{Error, Result},
    needs::Given,
    observe::Observer,
    source::{Advice, ReadPlan, Source, advise, no_text},
    spec,
    sql::url_host,
};

mod answers;
mod experiment;
mod fields;
mod names;
mod sense;
pub mod templates;
mod times;
mod writing;
mod years;

/// How many first rows columns are told by.
const FIRST: usize = 5_000;
/// How many times are kept to cut the window by.
const TIMES: usize = 100_000;
/// How many different values of a column are shown.
const EXAMPLES: usize = 3;

/// What is known of a log file.
#[derive(Debug)]
pub struct Profile {
    /// As it was named.
    pub path: PathBuf,
    /// How many files that is.
    pub files: usize,
    /// The format that fits.
    pub format: &'static str,
    /// What the format is.
    pub summary: &'static str,
    /// Its columns, in their order.
    pub columns: Vec<Column>,
    /// What its format has to be told, where it does not read the file by itself.
    pub advice: Option<Advice>,
    /// Columns that are proposed to be derived, and of what.
    pub derived: Vec<(String, &'static str)>,
    /// The year of its first line, where its times have none; told by the date of the file.
    pub year: Option<u16>,
    /// The time, where there is one.
    pub time: Option<Time>,
    /// How many first rows the columns were told by.
    pub seen: u64,
    /// All rows.
    pub rows: u64,
    /// Lines that do not parse.
    pub malformed: u64,
    /// Lines that should be rows.
    pub lines: u64,
    /// What questions could be asked.
    pub given: Given,
}

/// What the first rows tell of a column.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Its name, after the renaming that is proposed.
    pub name: String,
    /// Its name in the file, where a canonical one is proposed instead.
    pub own: Option<String>,
    /// What it holds.
    pub holds: Holds,
    /// The share of first rows that have a value.
    pub fill: f64,
    /// How many different values the first rows have.
    pub distinct: usize,
    /// Some of them, as they are: not yet escaped.
    pub examples: Vec<String>,
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// Text.
    Text,
    /// Numbers.
    Number,
    /// True or false.
    Truth,
    /// Times.
    Time,
    /// Lists and the like.
    Other,
}

impl Holds {
    /// In a word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Number => "number",
            Self::Truth => "true or false",
            Self::Time => "time",
            Self::Other => "nested",
        }
    }
}

/// The time of the rows.
#[derive(Debug, Clone)]
pub struct Time {
    /// The column.
    pub column: String,
    /// What an experiment has to say of it; `None` where the format knows.
    pub spec: Option<spec::Time>,
    /// The first, in microseconds since 1970 UTC.
    pub first: i64,
    /// The last.
    pub last: i64,
    /// Some of all times, evenly spread over the rows, sorted.
    pub some: Vec<i64>,
}

/// Looks at a log file: recognises its format, reads its first rows, and the times of all.
///
/// # Errors
/// When there is no such file, no format fits it, or it cannot be read.
pub fn profile(path: &Path, observer: &dyn Observer) -> Result<Profile> {
    let mut spec = source_spec(path)?;
    let mut advice = None;
    let mut source = match Source::open("events", &spec, Path::new(".")) {
        Ok(source) => source,
        Err(error) => {
            // What an author would be told to write is written.
            let found = advise(&spec, Path::new(".")).ok_or(error)?;
            found.put_into(&mut spec);
            advice = Some(found);
            Source::open("events", &spec, Path::new("."))?
        }
    };
    let mut first = source.first_rows(FIRST, None)?;
    if first.height() == 0
        && let Some(year) = years::guess(&spec, &source)
    {
        spec.envelope = Some(spec::Envelope { year: Some(year), ..spec::Envelope::default() });
        source = Source::open("events", &spec, Path::new("."))?;
        first = source.first_rows(FIRST, None)?;
    }
    if source.time().is_none()
        && let Some(time) = times::guess(&spec, &first)
    {
        spec.time = Some(time);
        source = Source::open("events", &spec, Path::new("."))?;
        first = source.first_rows(FIRST, None)?;
    }
    if first.height() == 0 {
        return Err(Error::data_hint(
            format!("`{}` has no row that can be read", path.display()),
            "`gonogo list formats` names the formats",
        ));
    }
    let whole = ReadPlan { columns: Some(source.time().map(str::to_owned).into_iter().collect()), ..ReadPlan::default() };
    observer.event(crate::observe::Event::Started { stage: "Reading", total: Some(source.disk_bytes()) });
    let mut some = Sampled { every: 1, passed: 0, times: Vec::new() };
    let quality = source.read(&whole, observer, &mut |batch| source.time().map_or(Ok(()), |time| some.add(&batch, time)))?;
    some.times.sort_unstable();
    observer.event(crate::observe::Event::Finished { stage: "Reading", summary: format!("{} rows", quality.rows) });
    let mut columns = columns(&first);
    let derived = host_in_url(&columns, &first);
    columns.extend(derived.clone());
    let time = match (source.time(), quality.first, quality.last) {
        (Some(column), Some(first), Some(last)) => {
            Some(Time { column: column.to_owned(), spec: spec.time.clone(), first, last, some: some.times })
        }
        _ => None,
    };
    let given = Given {
        format: source.format().id.into(),
        fill: columns.iter().map(|column| (column.name.clone(), column.fill)).collect(),
        rows: first.height() as u64,
        step: source.clock_step(&first),
        joined: Vec::new(),
    };
    Ok(Profile {
        path: path.to_owned(),
        files: source.files().len(),
        format: source.format().id,
        summary: source.format().summary,
        columns,
        advice,
        derived: derived.map(|host| (host.name, "url_host(url)")).into_iter().collect(),
        year: spec.envelope.and_then(|envelope| envelope.year),
        time,
        seen: first.height() as u64,
        rows: quality.rows,
        malformed: quality.malformed,
        lines: quality.lines - quality.header,
        given,
    })
}

/// Times of rows, each so-many-eth, so that no more than a bounded number is kept.
struct Sampled {
    every: u64,
    passed: u64,
    times: Vec<i64>,
}

impl Sampled {
    fn add(&mut self, batch: &DataFrame, time: &str) -> Result<()> {
        let engine = |error: polars::prelude::PolarsError| Error::Internal(error.to_string());
        let times = batch.column(time).and_then(|times| times.cast(&DataType::Int64)).map_err(engine)?;
        for time in times.i64().map_err(engine)?.iter() {
            if self.passed.is_multiple_of(self.every) {
                self.times.extend(time);
            }
            self.passed += 1;
        }
        while self.times.len() > TIMES {
            let mut keep = false;
            self.times.retain(|_| {
                keep = !keep;
                keep
            });
            self.every *= 2;
        }
        Ok(())
    }
}

impl Profile {
    /// A column by its proposed name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// The share of lines that do not parse.
    pub fn malformed_share(&self) -> f64 {
        if self.lines == 0 { 0.0 } else { self.malformed as f64 / self.lines as f64 }
    }
}

/// A source as an experiment would name it, lenient with malformed lines: they are counted and shown.
fn source_spec(path: &Path) -> Result<spec::Source> {
    let named = path.to_str().ok_or_else(|| no_text(path))?;
    let mapping = serde_json::json!({ "path": named, "format": "auto", "max_malformed": 0.5 });
    serde_json::from_value(mapping).map_err(|error| Error::Internal(format!("a source without options: {error}")))
}

fn columns(first: &DataFrame) -> Vec<Column> {
    let taken: Vec<&str> = first.columns().iter().map(|column| column.name().as_str()).collect();
    let fill = |column: &polars::prelude::Column| {
        if column.is_empty() { 0.0 } else { (column.len() - column.null_count()) as f64 / column.len() as f64 }
    };
    // Of several columns for one name the fullest, and of those the first.
    let fullest = |name: &str| {
        let likely = first.columns().iter().filter(|column| names::canonical(column.name()) == Some(name));
        likely.fold(None, |best: Option<&polars::prelude::Column>, column| match best {
            Some(best) if fill(best) >= fill(column) => Some(best),
            _ => Some(column),
        })
    };
    first
        .columns()
        .iter()
        .map(|column| {
            let own = column.name().to_string();
            let canonical = names::canonical(&own)
                .filter(|name| !taken.contains(name) && fullest(name).is_some_and(|best| best.name() == column.name()));
            let name = canonical.map_or_else(|| own.clone(), str::to_owned);
            let (distinct, examples) = values(column);
            Column { own: canonical.map(|_| own), name, holds: holds(column.dtype()), fill: fill(column), distinct, examples }
        })
        .collect()
}

/// The host that stands in the URL, where no column is the host.
fn host_in_url(columns: &[Column], first: &DataFrame) -> Option<Column> {
    if columns.iter().any(|column| matches!(column.name.as_str(), "host" | "domain" | "dst_host") && column.fill > 0.0) {
        return None;
    }
    let url = columns.iter().find(|column| column.name == "url" && column.holds == Holds::Text)?;
    let urls = first.column(url.own.as_ref().unwrap_or(&url.name)).ok()?.str().ok()?;
    let hosts: polars::prelude::StringChunked = urls.iter().map(|url| url.and_then(url_host)).collect();
    let hosts = polars::prelude::IntoColumn::into_column(hosts);
    let filled = hosts.len() - hosts.null_count();
    let (distinct, examples) = values(&hosts);
    let name = "host".to_owned();
    // A column of that name without a value stands in the way.
    let free = filled > 0 && !columns.iter().any(|column| column.name == name);
    free.then(|| Column { name, own: None, holds: Holds::Text, fill: filled as f64 / hosts.len() as f64, distinct, examples })
}

fn holds(dtype: &DataType) -> Holds {
    match dtype {
        DataType::String => Holds::Text,
        DataType::Boolean => Holds::Truth,
        DataType::Datetime(..) | DataType::Date => Holds::Time,
        number if number.is_primitive_numeric() => Holds::Number,
        _ => Holds::Other,
    }
}

/// How many different values, and the first of them.
fn values(column: &polars::prelude::Column) -> (usize, Vec<String>) {
    let Ok(text) = column.cast(&DataType::String) else { return (0, Vec::new()) };
    let Ok(text) = text.str() else { return (0, Vec::new()) };
    let mut seen = std::collections::BTreeSet::new();
    let mut examples = Vec::new();
    for value in text.iter().flatten() {
        if seen.insert(value) && examples.len() < EXAMPLES {
            examples.push(value.to_owned());
        }
    }
    (seen.len(), examples)
}
