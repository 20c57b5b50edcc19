//! What reading found, as sentences in every language: what was seen, what it means for the evaluation, what to do.
//!
//! The rules are gone through once for each language, since numbers and lists are written differently in each.

use super::{Finding, SourceQuality, Stacked};
use crate::{
    said,
    spec::Language,
    text::{Numbers, Said},
};

mod covered;
mod reading;
mod rows;

/// A finding's code, its severity, and what it means and advises, in English and in French.
struct Rule {
    code: &'static str,
    severity: &'static str,
    consequence: [&'static str; 2],
    advice: [&'static str; 2],
}

const WARNING: &str = "warning";
const NOTE: &str = "note";

/// A finding in one language.
struct Told {
    code: &'static str,
    severity: &'static str,
    subject: String,
    texts: [String; 3],
}

/// Writes findings of one source.
struct Writer<'a> {
    source: &'a SourceQuality,
    language: Language,
    numbers: Numbers,
    found: Vec<Told>,
}

impl Writer<'_> {
    fn add(&mut self, rule: &Rule, subject: Option<&str>, message: [String; 2]) {
        let at = usize::from(self.language == Language::Fr);
        let [en, fr] = message;
        let subject = subject.map_or_else(|| self.source.name.clone(), |column| format!("{}.{column}", self.source.name));
        let message = if at == 0 { en } else { fr };
        let texts = [message, rule.consequence[at].into(), rule.advice[at].into()];
        self.found.push(Told { code: rule.code, severity: rule.severity, subject, texts });
    }

    fn n(&self, count: u64) -> String {
        self.numbers.integer(count)
    }

    fn part(&self, count: u64, whole: u64) -> String {
        self.numbers.percent(count as f64 / whole.max(1) as f64)
    }
}

/// What is wrong with a source, or worth knowing, in the order of the codes.
pub fn findings(source: &SourceQuality) -> Vec<Finding> {
    let (en, fr) = (told(source, Language::En), told(source, Language::Fr));
    let both = en.into_iter().zip(fr).map(|(en, fr)| {
        let [message, consequence, advice] = en.texts;
        let [message_fr, consequence_fr, advice_fr] = fr.texts;
        Finding {
            code: en.code.into(),
            severity: en.severity.into(),
            subject: en.subject,
            message: Said::of(message, message_fr),
            consequence: Said::of(consequence, consequence_fr),
            advice: Said::of(advice, advice_fr),
        }
    });
    both.collect()
}

/// Rows that more than one of several stacked sources have; nothing where they are few.
pub fn logged_twice(stacked: &Stacked) -> Option<Finding> {
    let share = stacked.duplicates.filter(|share| *share >= 0.001)?;
    let shown = |language| Numbers::new(language).percent(share);
    let columns = stacked.columns.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    Some(Finding {
        code: "W133".into(),
        severity: if share >= 0.01 { WARNING } else { NOTE }.into(),
        subject: stacked.sources.join(" + "),
        message: said!(
            en: "{en} of the rows are in more than one of the stacked sources: the same second, and the same {columns}.",
            fr: "{fr} des lignes sont dans plus d’une des sources empilées : même seconde, et mêmes {columns}.",
            en = shown(Language::En),
            fr = shown(Language::Fr),
        ),
        consequence: said!(
            en: "If they are the same events logged twice, as by proxies in a chain, counts and volumes are too high.",
            fr: "Si ce sont les mêmes événements journalisés deux fois, comme par des proxys en chaîne, les nombres et les volumes sont trop élevés.",
        ),
        advice: said!(
            en: "Keep one of them with `where` (such as all but the requests of the other proxy), or read one source only.",
            fr: "N’en garder qu’un avec `where` (par exemple tout sauf les requêtes de l’autre proxy), ou ne lire qu’une source.",
        ),
    })
}

fn told(source: &SourceQuality, language: Language) -> Vec<Told> {
    let mut writer = Writer { source, language, numbers: Numbers::new(language), found: Vec::new() };
    reading::reading(&mut writer);
    reading::files(&mut writer);
    if let Some(coverage) = &source.coverage {
        covered::covered(&mut writer, coverage);
    }
    if let Some(watched) = &source.watched {
        rows::rows(&mut writer, watched);
    }
    writer.found
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::quality::{Change, Coverage, FileRead, Gap, Held, Watched};

    #[test]
    fn nothing_wrong_is_no_finding() {
        let source = SourceQuality { lines: 10, header: 1, rows_parsed: 9, rows: 9, ..SourceQuality::default() };
        assert!(findings(&source).is_empty());
    }

    fn bad() -> SourceQuality {
        let file = |path: &str| FileRead { path: path.into(), bytes: 1, sha256: "x".into(), ..FileRead::default() };
        SourceQuality {
            name: "proxy".into(),
            lines: 1_000,
            malformed: 10,
            no_time: 1,
            outside_window: 900,
            rows_parsed: 990,
            rows: 89,
            out_of_order: 9,
            invalid_utf8: 1,
            unreadable: BTreeMap::from([("port".into(), 3)]),
            // Neither an empty column nor one that is filled well is worth a word here.
            fill: BTreeMap::from([("user".into(), 0.03), ("none".into(), 0.0), ("host".into(), 0.9)]),
            truncated: vec!["a.gz".into()],
            files: vec![file("a"), file("b")],
            coverage: Some(Coverage {
                gaps: vec![Gap { start: 0, hours: 3, expected: 300 }],
                empty_days: [1, 0],
                weekdays: [[1, 1, 1, 1, 1, 0, 0], [1, 0, 0, 0, 0, 1, 1]],
                holidays: [0, 1],
                quiet_from: Some(10),
                night_share: Some(0.01),
                ..Coverage::default()
            }),
            watched: Some(Watched {
                duplicates: Some(0.2),
                columns: BTreeMap::from([
                    ("x".into(), Held { distinct: 1, top: 1.0, texts: 0 }),
                    ("path".into(), Held { distinct: 950, top: 0.01, texts: 1_000 }),
                ]),
                changes: vec![Change { column: "mime".into(), day: "2026-03-04".into(), before: 0.0, after: 0.9 }],
                top_source: Some(0.97),
                sources: 2,
                first_rows: 5_000,
                sensitive: BTreeMap::from([("token".into(), 12)]),
                ..Watched::default()
            }),
            ..SourceQuality::default()
        }
    }

    #[test]
    fn every_finding_is_said_in_both_languages() {
        let found = findings(&bad());
        let codes: Vec<&str> = found.iter().map(|finding| finding.code.as_str()).collect();
        assert_eq!(
            codes,
            [
                "W101", "W102", "W103", "W104", "W106", "W134", "W108", "W105", "W107", "W120", "W121", "W122", "W123", "W124", "W125",
                "W126", "W127", "W128", "W135", "W129"
            ]
        );
        for said in found.iter().flat_map(|finding| [&finding.message, &finding.consequence, &finding.advice]) {
            assert!(said.en != said.fr && said.en.ends_with('.') && said.fr.ends_with('.'), "{said:?}");
        }
        assert!(found[11].message.en.contains("Saturday, Sunday") && found[11].message.fr.contains("samedi, dimanche"));
        assert!(found[19].message.en.contains("token (12)") && found[19].message.fr.contains("jeton (12)"));
    }
}
