//! Envelopes: the header of syslog around the lines of any text format.
//!
//! # Layout
//! RFC 3164: `<PRI>Mmm dd hh:mm:ss host tag[pid]: message`, where `<PRI>`, host and tag may be missing, and the time may have a year or be an ISO 8601
//! one. RFC 5424: `<PRI>1 time host app process id [data] message`. The count of bytes that a TCP transport puts before either is passed over, and so
//! is a second header that a relay put around the first. `envelope: auto`, the default of all formats but `regex`, takes either off where most of the
//! first lines have one; `rfc3164` or `rfc5424` fixes the form, and lines without it are malformed; `none` leaves lines as they stand. The long
//! form is `envelope: { form: rfc3164, app: nginx, year: 2026, timezone: Europe/Paris }`.
//!
//! # Traps
//! - A time of RFC 3164 has no year. `year` names that of the first line of each file: it goes on where the months begin again, also from December to
//!   January. Without it the year is the one that comes nearest to the middle of the window. Nor has it a zone: `timezone`, else that of the
//!   source's `time`.
//! - `app` keeps the messages of one program (the tag, or the third field of RFC 5424); those of others are counted as filtered out.
//! - A message is one line: a quote that is not closed in it makes it malformed, whatever the next line holds.
//! - Structured data in brackets (RFC 5424) are left out. A line of `auto` that has no header is read as it stands.
//! - The sender is the machine that logged, often a relay. It is not `host`, which in web logs is where a request went.
//!
//! # Columns
//! `syslog_host` and `syslog_app` beside those of the format; `host` for `sshd`, whose lines are a machine's own. `timestamp` is the format's own time; where
//! a line has none that can be read, or the format knows none, it is the envelope's.

use std::collections::HashMap;

use super::{
    clock::Clock,
    columns::{Around, Column, Kind, Rows},
    head::Head,
    layout::{Layout, Reason, lines},
    tally::{Malformed, SAMPLES, cut},
};
use crate::{
    error::{Error, Result},
    spec::{self, EnvelopeForm},
};

use self::{
    header::{Form, Header, parse},
    years::{Turn, Years},
};

pub(super) mod header;
mod years;

/// The columns that an envelope gives: sender and program.
const SENDER: &str = "syslog_host";
const APP: &str = "syslog_app";
/// The name of the sender where the lines are a machine's own.
const OWN_HOST: &str = "host";

/// What an experiment says of the headers before the lines of a source, checked.
#[derive(Debug, Clone)]
pub(super) struct Envelope {
    form: EnvelopeForm,
    app: Option<String>,
    years: Years,
    clock: Clock,
}

impl Envelope {
    /// The envelope of files with these beginnings; `None` where they have none. `own` says that the format wants whole lines unless told otherwise.
    ///
    /// # Errors
    /// Where the zone is none, or no first line has the header that the experiment says they have.
    pub(super) fn of(spec: &spec::Source, own: bool, heads: &[Head]) -> Result<Option<Self>> {
        let said = spec.envelope.clone().unwrap_or_else(|| spec::Envelope {
            form: if own { EnvelopeForm::None } else { EnvelopeForm::Auto },
            ..spec::Envelope::default()
        });
        let zone = said.timezone.or_else(|| spec.time.as_ref().map(|time| time.timezone.clone())).unwrap_or_else(|| "UTC".into());
        let clock = Clock::of(&spec::Time { column: "timestamp".into(), parse: "auto".into(), timezone: zone })?;
        let found = Self { form: said.form, app: said.app, years: Years { given: said.year.map(i64::from), near: None }, clock };
        let first = heads.iter().find(|head| head.lines().next().is_some());
        Ok(match said.form {
            EnvelopeForm::None => None,
            EnvelopeForm::Auto => first.is_some_and(|head| head.mostly(|line| found.header(line).is_some())).then_some(found),
            EnvelopeForm::Rfc3164 | EnvelopeForm::Rfc5424 => {
                if let Some(head) = first
                    && !heads.iter().flat_map(Head::lines).any(|line| found.header(line).is_some())
                {
                    return Err(Error::data_hint(
                        format!(
                            "`{}`: no first line has a header of {}; the first is `{}`",
                            head.path.display(),
                            found.name(),
                            head.first_line()
                        ),
                        "write `envelope: auto` for a header of either form, `envelope: none` where there is none",
                    ));
                }
                Some(found)
            }
        })
    }

    fn name(&self) -> &'static str {
        if self.form == EnvelopeForm::Rfc3164 { "RFC 3164" } else { "RFC 5424" }
    }

    /// The header of a line, where it has one of the form.
    fn header<'a>(&self, line: &'a str) -> Option<Header<'a>> {
        parse(line).filter(|header| match self.form {
            EnvelopeForm::Rfc3164 => header.form == Form::Rfc3164,
            EnvelopeForm::Rfc5424 => header.form == Form::Rfc5424,
            EnvelopeForm::Auto | EnvelopeForm::None => true,
        })
    }

    fn keeps(&self, header: &Header<'_>) -> bool {
        self.app.as_deref().is_none_or(|app| header.app == Some(app))
    }

    /// What becomes of a line.
    fn open<'a>(&self, line: &'a str, own: bool) -> Opened<'a> {
        match self.header(line) {
            Some(header) if self.keeps(&header) => Opened::Message(header),
            Some(header) => Opened::Other(header),
            None if self.form == EnvelopeForm::Auto && !own && self.app.is_none() => Opened::Bare(line),
            None => Opened::Bad,
        }
    }

    /// The beginning of a file as its format sees it. With `tags` the program stands before each message, as in a machine's own log.
    pub(super) fn opened(&self, head: &Head, tags: bool) -> Head {
        let mut text = String::with_capacity(head.text.len());
        for line in head.lines() {
            match self.open(line, tags) {
                Opened::Message(header) if tags => header.write_tagged(&mut text),
                Opened::Message(header) => text.push_str(header.message),
                Opened::Bare(line) => text.push_str(line),
                Opened::Other(_) | Opened::Bad => continue,
            }
            text.push('\n');
        }
        Head { path: head.path.clone(), text, whole: head.whole, enveloped: Some(head.text.clone()) }
    }

    /// A layout inside this envelope.
    pub(super) fn around(self, inner: Box<dyn Layout>) -> Box<dyn Layout> {
        Box::new(Enveloped { envelope: self, inner })
    }
}

/// A line without its header.
enum Opened<'a> {
    Message(Header<'a>),
    /// Of a program that was not asked for.
    Other(Header<'a>),
    /// Without a header, read as it stands.
    Bare(&'a str),
    Bad,
}

/// A layout whose lines stand in envelopes.
struct Enveloped {
    envelope: Envelope,
    inner: Box<dyn Layout>,
}

/// The messages of a block, and the lines that hold none.
#[derive(Default)]
struct Messages {
    text: String,
    around: Around,
    /// The line that each message stands in.
    outer: Vec<u64>,
    lines: u64,
    blank: u64,
    other: u64,
    malformed: u64,
    samples: Vec<Malformed>,
    ends_malformed: bool,
}

impl Messages {
    /// Goes on to the next line.
    fn next(&mut self, malformed: bool) {
        self.lines += 1;
        self.ends_malformed = malformed;
    }

    fn malformed(&mut self, reason: impl Into<Reason>, line: &str) {
        self.malformed += 1;
        if self.samples.len() < SAMPLES {
            self.samples.push(Malformed { line: self.lines, reason: reason.into(), text: cut(line) });
        }
        self.next(true);
    }

    /// Counts a line that gives no message.
    fn without_message(&mut self, opened: &Opened<'_>, line: &str, envelope: &Envelope) {
        if matches!(opened, Opened::Other(_)) {
            self.other += 1;
        } else if line.trim().is_empty() {
            self.blank += 1;
        } else {
            let form = if envelope.form == EnvelopeForm::Auto { "syslog" } else { envelope.name() };
            return self.malformed(format!("no header of {form}"), line);
        }
        self.next(false);
    }
}

impl Enveloped {
    /// The state of the years, and the preamble of the format.
    fn parted<'a>(&self, preamble: &'a str) -> (Turn, &'a str) {
        match preamble.split_once('\n') {
            Some((years, inner)) => (Turn::resumed(self.envelope.years, years), inner),
            None => (Turn::new(self.envelope.years), ""),
        }
    }

    /// Takes the headers of a block off.
    fn messages(&self, block: &str, turn: &mut Turn, inner: &str) -> Messages {
        let (own, mut clock) = (self.inner.machines_own(), self.envelope.clock.clone());
        let mut found = Messages { text: String::with_capacity(block.len()), ..Messages::default() };
        let mut known: HashMap<(Option<&str>, Option<&str>), usize> = HashMap::new();
        let mut last = ((None, None), 0);
        for line in lines(block) {
            let opened = self.envelope.open(line, own);
            let time = match &opened {
                Opened::Message(header) | Opened::Other(header) => turn.moment(&header.time, &mut clock),
                Opened::Bare(_) | Opened::Bad => None,
            };
            let from = found.text.len();
            let names = match &opened {
                Opened::Message(header) => {
                    if own {
                        header.write_tagged(&mut found.text)
                    } else {
                        found.text.push_str(header.message)
                    }
                    (header.host, header.app)
                }
                Opened::Bare(line) => {
                    found.text.push_str(line);
                    (None, None)
                }
                Opened::Other(_) | Opened::Bad => {
                    found.without_message(&opened, line, &self.envelope);
                    continue;
                }
            };
            found.text.push('\n');
            if self.inner.cut(inner, &found.text.as_bytes()[from..]) < found.text.len() - from {
                found.text.truncate(from);
                found.malformed("a quote is not closed in the message", line);
                continue;
            }
            if last.0 != names || found.outer.is_empty() {
                let place = *known.entry(names).or_insert_with(|| {
                    found.around.names.push([names.0, names.1].map(|name| name.map(str::to_owned)));
                    found.around.names.len() - 1
                });
                last = (names, place);
            }
            found.around.lines.push((time, last.1));
            found.outer.push(found.lines);
            found.next(false);
        }
        found
    }

    /// The columns of the envelope by their names in the source.
    fn names(&self) -> Vec<(&'static str, usize)> {
        if self.inner.machines_own() { vec![(OWN_HOST, 0)] } else { vec![(SENDER, 0), (APP, 1)] }
    }
}

impl Layout for Enveloped {
    fn columns(&self, heads: &[Head]) -> Result<Vec<Column>> {
        if let Some(head) = heads.first()
            && let Some(app) = &self.envelope.app
            && heads.iter().all(|head| head.lines().next().is_none())
        {
            return Err(Error::data_hint(
                format!("`{}`: none of its first lines is of the program `{app}` (`envelope.app`)", head.path.display()),
                "the program is the tag before the message, without `[...]` and colon; leave `app` out to read all",
            ));
        }
        let mut columns = self.inner.columns(heads)?;
        if self.inner.time().is_none() {
            columns.insert(0, Column::new("timestamp", "syslog_time", Kind::Time));
        }
        for (name, _) in self.names() {
            if !columns.iter().any(|column| column.name == name) {
                columns.push(Column::new(name, name, Kind::Text));
            }
        }
        Ok(columns)
    }

    fn time(&self) -> Option<&str> {
        Some(self.inner.time().unwrap_or("timestamp"))
    }

    fn near(&mut self, moment: i64) -> bool {
        self.envelope.years.near = Some(moment);
        self.envelope.years.given.is_none()
    }

    fn carry(&self, preamble: &mut String, block: &[u8]) {
        let (mut turn, inner) = self.parted(preamble);
        let messages = self.messages(&String::from_utf8_lossy(block), &mut turn, inner);
        let mut inner = inner.to_owned();
        self.inner.carry(&mut inner, messages.text.as_bytes());
        *preamble = format!("{}\n{inner}", turn.state());
    }

    fn read(&self, preamble: &str, block: &str, rows: &mut Rows<'_>) {
        let (mut turn, inner) = self.parted(preamble);
        let mut messages = self.messages(block, &mut turn, inner);
        messages.around.slots =
            rows.slots().filter_map(|(slot, c)| self.names().iter().find(|(n, _)| *n == c.name).map(|(_, at)| (slot, *at))).collect();
        rows.enclose(std::mem::take(&mut messages.around));
        self.inner.read(inner, &messages.text, rows);
        let tally = &mut rows.tally;
        let ends_malformed =
            messages.ends_malformed || tally.ends_malformed() && messages.outer.last().is_some_and(|last| last + 1 == messages.lines);
        tally.in_lines(&messages.outer);
        tally.rows_parsed += messages.other;
        tally.filtered += messages.other;
        tally.header += messages.blank;
        tally.beside(messages.other + messages.blank, messages.malformed, messages.samples, ends_malformed);
    }
}
