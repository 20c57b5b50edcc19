//! What a run writes, with the values of redacted columns replaced. The stages see them as they are; only what leaves them passes here.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap},
    path::PathBuf,
    sync::Arc,
};

use serde::{Serialize, de::DeserializeOwned};

use crate::{
    error::{Error, Result},
    evaluate::{Alert, Evaluation},
    fields::UnitTable,
    quality::{Finding, Quality},
    record::evidence::Evidence,
    redact::{self, Ways},
    spec::{Experiment, Redaction},
    text::Said,
    units::{FieldSummary, Part, RowKey, entity_name},
};

/// Values shorter than this are told from words only where they stand alone.
const ALONE: usize = 4;

/// What is shown in place of each value of an experiment's redacted columns. Does nothing where there are none.
#[derive(Debug, Default)]
pub struct Names {
    ways: Option<Ways>,
    /// Each entity's name as shown.
    entities: HashMap<Arc<str>, Arc<str>>,
    /// Each name and value of the key columns, and each text that an expression compares with a redacted column, as shown.
    values: HashMap<String, String>,
    /// What each pseudonym stands for.
    met: BTreeMap<String, String>,
    /// The values of key columns, for texts that hold them.
    inside: Inside,
    /// The column that clusters units, where it is redacted.
    cluster: Option<String>,
}

impl Names {
    /// The names of the units of a table.
    pub fn of(ways: Option<Ways>, table: &UnitTable, experiment: &Experiment) -> Self {
        let Some(ways) = ways else { return Self::default() };
        let cluster = experiment.evaluate.clusters.clone().filter(|column| ways.of_column(column).is_some());
        let mut names = Self { cluster, ..Self::default() };
        for (row, key) in table.rows.iter().enumerate() {
            if names.entities.contains_key(&key.entity) {
                continue;
            }
            let parts: Vec<(&String, &Arc<str>)> = table.key_columns.iter().zip(table.keys.iter().map(|values| &values[row])).collect();
            let shown: Vec<String> = parts.iter().map(|(column, value)| ways.apart(column, value)).collect();
            for ((_, value), shown) in parts.iter().zip(&shown).filter(|((column, _), _)| ways.of_column(column).is_some()) {
                names.values.insert(value.to_string(), shown.clone());
                names.met.insert(shown.clone(), value.to_string());
            }
            let shown = match &shown[..] {
                // Each row is a unit: its name is its number.
                [] => Arc::clone(&key.entity),
                [one] => one.as_str().into(),
                _ => entity_name(shown.iter().map(String::as_str)),
            };
            names.entities.insert(Arc::clone(&key.entity), shown);
        }
        for (entity, shown) in names.entities.iter().filter(|(entity, shown)| entity != shown) {
            names.values.insert(entity.to_string(), shown.to_string());
        }
        names.inside = Inside::of(names.values.iter().map(|(value, shown)| (value.as_str(), shown.as_str())), false);
        for (column, text) in redact::compared(experiment) {
            names.values.entry(text.clone()).or_insert_with(|| ways.apart(&column, &text));
        }
        names.ways = Some(ways);
        names
    }

    /// Whether anything is redacted.
    pub fn are_redacted(&self) -> bool {
        self.ways.is_some()
    }

    /// Writes, beside the key, what was replaced by what; gives the path where something is redacted.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn keep(&self) -> Result<Option<PathBuf>> {
        let names = self.met.iter().map(|(shown, value)| (value.as_str(), shown.as_str()));
        self.ways.as_ref().map(|ways| ways.keep_names(names)).transpose()
    }

    fn entity(&self, name: &str) -> String {
        self.entities.get(name).map_or_else(|| name.to_owned(), ToString::to_string)
    }

    /// A text that may hold a key column's value: an incident's name.
    pub fn holding(&self, text: &str) -> String {
        match (self.ways.is_some(), text.split_once(" @ ")) {
            (false, _) => text.to_owned(),
            // Where labels name no incident, it is named by its entity and its time.
            (true, Some((entity, time))) if self.entities.contains_key(entity) => format!("{} @ {time}", self.entity(entity)),
            _ => self.values.get(text).cloned().unwrap_or_else(|| self.inside.replaced(text)),
        }
    }

    /// A text in which values stand in quotes: an expression, a message.
    pub fn quoting(&self, text: &str) -> String {
        if self.ways.is_none() { text.to_owned() } else { quoted(text, |value| self.values.get(value).cloned()) }
    }

    fn said(&self, said: &mut Said) {
        for text in [&mut said.en, &mut said.fr] {
            *text = quoted(text, |value| Some(self.holding(value)));
        }
    }

    /// A sentence in which values stand in quotes.
    pub fn sentence(&self, mut said: Said) -> Said {
        (said.en, said.fr) = (self.quoting(&said.en), self.quoting(&said.fr));
        said
    }

    /// The same sentence without what it quotes of the logs.
    pub fn withheld(&self, error: Error) -> Error {
        if self.ways.is_none() { error } else { Error::data(withheld(&error.to_string())) }
    }

    /// A part of the experiment, with the values that its expressions quote replaced.
    ///
    /// # Errors
    /// Where it is not what it was written as.
    pub fn experiment<T: Serialize + DeserializeOwned>(&self, part: T) -> Result<T> {
        if self.ways.is_none() {
            return Ok(part);
        }
        let internal = |error: serde_json::Error| Error::Internal(error.to_string());
        let mut value = serde_json::to_value(part).map_err(internal)?;
        self.strings(&mut value);
        serde_json::from_value(value).map_err(internal)
    }

    fn strings(&self, value: &mut serde_json::Value) {
        match value {
            serde_json::Value::String(text) => *text = self.quoting(text),
            serde_json::Value::Array(items) => items.iter_mut().for_each(|item| self.strings(item)),
            serde_json::Value::Object(map) => map.values_mut().for_each(|item| self.strings(item)),
            _ => {}
        }
    }

    /// What reading found.
    pub fn quality(&self, quality: &mut Quality) {
        if self.ways.is_none() {
            return;
        }
        // A line that does not parse has no columns to redact.
        for sample in quality.sources.iter_mut().flat_map(|source| &mut source.malformed_samples) {
            (sample.text, sample.reason) = (String::new(), withheld(&sample.reason));
        }
        for Finding { code, message, .. } in &mut quality.findings {
            // Incidents without a unit: what labels alone name is in no table of names.
            if code == "W152" {
                (message.en, message.fr) = (withheld(&message.en), withheld(&message.fr));
            } else {
                self.said(message);
            }
        }
    }

    /// What fields are, in words: with the expressions that they come from.
    pub fn summaries(&self, fields: &mut [FieldSummary]) {
        for field in fields {
            field.definition = self.sentence(std::mem::take(&mut field.definition));
        }
    }

    /// The keys of units.
    pub fn rows(&self, rows: &Arc<[RowKey]>) -> Arc<[RowKey]> {
        if self.ways.is_none() {
            return Arc::clone(rows);
        }
        let shown = |row: &RowKey| RowKey { entity: self.entities.get(&row.entity).unwrap_or(&row.entity).clone(), period: row.period };
        rows.iter().map(shown).collect()
    }

    /// A part.
    pub fn part<'p>(&self, part: &'p Part) -> Cow<'p, Part> {
        let Some(ways) = &self.ways else { return Cow::Borrowed(part) };
        let mut part = part.clone();
        part.rows = self.rows(&part.rows);
        let cluster = |name: &String| match &self.cluster {
            Some(column) => ways.apart(column, name),
            None => self.entity(name),
        };
        part.clusters = part.clusters.iter().map(cluster).collect();
        for incident in part.labels.iter_mut().flat_map(|labels| &mut labels.incidents) {
            incident.id = self.holding(&incident.id);
        }
        Cow::Owned(part)
    }

    /// What was measured.
    ///
    /// # Errors
    /// As [`Names::experiment`].
    pub fn evaluation(&self, mut evaluation: Evaluation) -> Result<Evaluation> {
        for incident in &mut evaluation.incident_list {
            (incident.id, incident.entity) = (self.holding(&incident.id), self.entity(&incident.entity));
        }
        for removed in evaluation.contenders.iter_mut().filter_map(|contender| contender.removed.as_mut()) {
            removed.incidents_lost.iter_mut().for_each(|id| *id = self.holding(id));
        }
        evaluation.suppression = self.experiment(evaluation.suppression)?;
        Ok(evaluation)
    }

    /// The alerts of the pick.
    pub fn alerts(&self, alerts: &mut [Alert]) {
        for alert in alerts {
            alert.entity = self.entity(&alert.entity);
            alert.incidents.iter_mut().for_each(|id| *id = self.holding(id));
        }
    }

    /// The events behind the alerts; `keys` are the values of the key columns of each alert.
    pub fn evidence(&mut self, evidence: &mut Evidence, key_columns: &[String], keys: &[Vec<Arc<str>>]) {
        let Some(ways) = self.ways.take() else { return };
        for (events, keys) in evidence.alerts.iter_mut().zip(keys) {
            let of_keys = key_columns.iter().zip(keys).filter(|(column, _)| ways.of_column(column).is_some());
            let of_keys: Vec<(String, String)> = of_keys.map(|(column, value)| (value.to_string(), ways.apart(column, value))).collect();
            let mut of_alert = of_keys.clone();
            for (_, values) in &mut events.rows {
                let mut of_event = of_keys.clone();
                let mut open = Vec::new();
                for (column, value) in evidence.columns.iter().zip(values.iter_mut()) {
                    let Some(raw) = value.take() else { continue };
                    match ways.of_column(column) {
                        Some(way) => {
                            let shown = ways.shown(way, column, &raw);
                            of_event.push((raw, shown.clone().unwrap_or_else(|| "…".to_owned())));
                            *value = shown;
                        }
                        None => {
                            *value = Some(raw);
                            open.push((column, value));
                        }
                    }
                }
                let inside = Inside::of(of_event.iter().map(|(raw, shown)| (raw.as_str(), shown.as_str())), true);
                for (column, value) in open {
                    *value = value.take().map(|raw| beside(&ways, &of_event, &inside, column, &raw));
                }
                of_alert.extend(of_event);
            }
            if let (Some((value, _)), Some(column)) = (&mut events.destination, &evidence.destination) {
                let inside = Inside::of(of_alert.iter().map(|(raw, shown)| (raw.as_str(), shown.as_str())), true);
                *value = match ways.of_column(column) {
                    Some(way) => ways.shown(way, column, value).unwrap_or_else(|| "…".to_owned()),
                    None => beside(&ways, &of_alert, &inside, column, value),
                };
            }
            // A network stands for many.
            self.met.extend(of_alert.into_iter().filter(|(_, shown)| ways.is_pseudonym(shown)).map(|(raw, shown)| (shown, raw)));
        }
        self.ways = Some(ways);
    }
}

/// A value of a column that is shown, in an event with redacted values: without those, and itself redacted where it is a part of one.
fn beside(ways: &Ways, redacted: &[(String, String)], inside: &Inside, column: &str, value: &str) -> String {
    let part_of = |(raw, _): &(String, String)| value.len() >= ALONE && raw.to_lowercase().contains(&value.to_lowercase());
    if redacted.iter().any(part_of) {
        return ways.shown(Redaction::Pseudonym, column, value).unwrap_or_default();
    }
    inside.replaced(value)
}

/// Values to look for in texts.
#[derive(Debug, Default)]
struct Inside {
    /// By their first character: value and what is shown, the longest first.
    by_first: HashMap<char, Vec<(String, String)>>,
    /// Whether upper and lower case are the same.
    any_case: bool,
}

impl Inside {
    fn of<'a>(values: impl Iterator<Item = (&'a str, &'a str)>, any_case: bool) -> Self {
        let mut by_first: HashMap<char, Vec<(String, String)>> = HashMap::new();
        for (value, shown) in values {
            let value = if any_case { value.to_ascii_lowercase() } else { value.to_owned() };
            if let Some(first) = value.chars().next() {
                by_first.entry(first).or_default().push((value, shown.to_owned()));
            }
        }
        for values in by_first.values_mut() {
            values.sort_by(|a, b| b.0.len().cmp(&a.0.len()).then_with(|| a.cmp(b)));
            values.dedup();
        }
        Self { by_first, any_case }
    }

    /// The text with each of the values in it replaced, the longest first; a short one only where it stands alone.
    fn replaced(&self, text: &str) -> String {
        let folded = if self.any_case { Cow::Owned(text.to_ascii_lowercase()) } else { Cow::Borrowed(text) };
        let word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let alone = |at: usize, end: usize| !word(folded[..at].chars().next_back()) && !word(folded[end..].chars().next());
        let mut out = String::with_capacity(text.len());
        let mut at = 0;
        while let Some(first) = folded[at..].chars().next() {
            let fits = |value: &str| folded[at..].starts_with(value) && (value.len() >= ALONE || alone(at, at + value.len()));
            match self.by_first.get(&first).and_then(|values| values.iter().find(|(value, _)| fits(value))) {
                Some((value, shown)) => {
                    out.push_str(shown);
                    at += value.len();
                }
                None => {
                    out.push_str(&text[at..at + first.len_utf8()]);
                    at += first.len_utf8();
                }
            }
        }
        out
    }
}

/// The text with what stands in quotes, single, double or back, replaced where `shown` gives something.
fn quoted(text: &str, shown: impl Fn(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['\'', '"', '`']) {
        let quote = &rest[at..=at];
        let inner = &rest[at + 1..];
        out.push_str(&rest[..=at]);
        rest = inner;
        if let Some(end) = inner.find(quote)
            && let Some(shown) = shown(&inner[..end])
        {
            out.push_str(&shown);
            rest = &inner[end..];
            // The closing quote opens nothing.
            out.push_str(quote);
            rest = &rest[1..];
        }
    }
    out.push_str(rest);
    out
}

/// A message without what it quotes.
pub(super) fn withheld(text: &str) -> String {
    let mut parts = text.split('`');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for (index, part) in parts.enumerate() {
        out.push('`');
        out.push_str(if index % 2 == 0 { "…" } else { part });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_values_are_replaced_and_nothing_else() {
        let shown = |value: &str| (value == "ann").then(|| "user-1".to_owned());
        assert_eq!(quoted("user = 'ann' or host = 'annex' -- ann", shown), "user = 'user-1' or host = 'annex' -- ann");
        assert_eq!(quoted("when: \"user in ('ann', 'bob')\"", shown), "when: \"user in ('user-1', 'bob')\"");
        assert_eq!(quoted("it's `ann`", shown), "it's `user-1`");
        assert_eq!(quoted("no end 'ann", shown), "no end 'ann");
    }

    #[test]
    fn values_inside_texts_are_replaced_the_longest_first() {
        let inside = Inside::of([("ann", "U1"), ("annabel", "U2"), ("h.example", "H")].into_iter(), true);
        assert_eq!(inside.replaced("https://H.example/ANNABEL?u=ann&x=annex"), "https://H/U2?u=U1&x=annex");
        assert_eq!(inside.replaced("planned"), "planned", "a short value counts only where it stands alone");
    }

    #[test]
    fn a_message_keeps_its_words_and_loses_its_quotations() {
        assert_eq!(withheld("expected a time, found `ann`, in `x`"), "expected a time, found `…`, in `…`");
        assert_eq!(withheld("nothing quoted"), "nothing quoted");
    }
}
