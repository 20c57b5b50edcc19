//! What reading found, as sentences in every language: what was seen, what it means for the evaluation, what to do.
//!
//! The rules are gone through once for each language, since numbers and lists are written differently in each.

use chrono::DateTime;

use super::{Coverage, Finding, SourceQuality, Watched};
use crate::{
    spec::Language,
    text::{Numbers, Said, visible_within},
};

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

fn told(source: &SourceQuality, language: Language) -> Vec<Told> {
    let mut writer = Writer { source, language, numbers: Numbers::new(language), found: Vec::new() };
    reading(&mut writer);
    files(&mut writer);
    if let Some(coverage) = &source.coverage {
        covered(&mut writer, coverage);
    }
    if let Some(watched) = &source.watched {
        rows(&mut writer, watched);
    }
    writer.found
}

fn reading(w: &mut Writer<'_>) {
    let source = w.source;
    if source.malformed > 0 {
        let place = |before: &str| {
            source.malformed_samples.first().map(|s| format!("{before} {}:{} ({})", s.file, s.line, s.reason)).unwrap_or_default()
        };
        let of = source.lines - source.header.min(source.lines);
        let (bad, all, share) = (w.n(source.malformed), w.n(of), w.part(source.malformed, of));
        let many = source.malformed * 1_000 > source.lines;
        w.add(
            &Rule {
                code: "W101",
                severity: if many { WARNING } else { NOTE },
                consequence: ["What they said is missing from every field.", "Ce qu’elles disaient manque à tous les champs."],
                advice: [
                    "Look at the samples in quality.json; name the format or its options if they are wrong.",
                    "Regarder les exemples dans quality.json ; préciser le format ou ses options s’ils sont faux.",
                ],
            },
            None,
            [
                format!("{bad} of {all} lines do not parse ({share}){}.", place(", the first is")),
                format!("{bad} lignes sur {all} sont illisibles ({share}){}.", place(", la première est")),
            ],
        );
    }
    if source.no_time > 0 {
        let (bad, share) = (w.n(source.no_time), w.part(source.no_time, source.rows_parsed));
        w.add(
            &Rule {
                code: "W102",
                severity: WARNING,
                consequence: ["They are in no unit.", "Elles n’entrent dans aucune unité."],
                advice: [
                    "Say how the time is written: `time: { column, parse, timezone }`.",
                    "Dire comment la date est écrite : `time: { column, parse, timezone }`.",
                ],
            },
            None,
            [format!("{bad} rows have no time that can be read ({share})."), format!("{bad} lignes n’ont pas de date lisible ({share}).")],
        );
    }
    if source.outside_window * 2 > source.rows_parsed {
        let (out, all, share) = (w.n(source.outside_window), w.n(source.rows_parsed), w.part(source.outside_window, source.rows_parsed));
        w.add(
            &Rule {
                code: "W103",
                severity: WARNING,
                consequence: ["Most of what was read was not used.", "La plupart de ce qui a été lu n’a pas servi."],
                advice: [
                    "Check the window and its zone, or give only the files of these days.",
                    "Vérifier la fenêtre et son fuseau, ou ne donner que les fichiers de ces jours.",
                ],
            },
            None,
            [
                format!("{out} of {all} rows lie outside the window ({share})."),
                format!("{out} lignes sur {all} sont hors de la fenêtre ({share})."),
            ],
        );
    }
    if source.invalid_utf8 > 0 {
        let bad = w.n(source.invalid_utf8);
        w.add(
            &Rule {
                code: "W104",
                severity: NOTE,
                consequence: [
                    "Those bytes were replaced; different values may have become equal.",
                    "Ces octets ont été remplacés ; des valeurs différentes ont pu devenir égales.",
                ],
                advice: ["Convert the files to UTF-8 if names matter.", "Convertir les fichiers en UTF-8 si les noms comptent."],
            },
            None,
            [
                format!("{bad} lines hold bytes that are not UTF-8."),
                format!("{bad} lignes contiennent des octets qui ne sont pas de l’UTF-8."),
            ],
        );
    }
    for (column, count) in &source.unreadable {
        let bad = w.n(*count);
        w.add(
            &Rule {
                code: "W106",
                severity: if *count * 100 > source.rows { WARNING } else { NOTE },
                consequence: [
                    "They are missing from every field that uses the column.",
                    "Elles manquent à tous les champs qui utilisent la colonne.",
                ],
                advice: [
                    "Look at the column's values; fix its type in the source's options, or derive another.",
                    "Regarder les valeurs de la colonne ; fixer son type dans les options de la source, ou en dériver une autre.",
                ],
            },
            Some(column),
            [
                format!("{bad} values are not of the column's type and became null."),
                format!("{bad} valeurs ne sont pas du type de la colonne et ont été vidées."),
            ],
        );
    }
    if source.rows > 0 && source.out_of_order * 100 > source.rows {
        let share = w.part(source.out_of_order, source.rows);
        w.add(
            &Rule {
                code: "W108",
                severity: NOTE,
                consequence: [
                    "Fields do not depend on the order, but a collector that mixes sources may also have delivered late or lost rows.",
                    "Les champs ne dépendent pas de l’ordre, mais un collecteur qui mélange les sources a pu aussi livrer en retard ou perdre des lignes.",
                ],
                advice: ["Ask how the files are collected, and compare a day with its source.", "Demander comment les fichiers sont collectés, et comparer un jour à sa source."],
            },
            None,
            [format!("{share} of the rows are earlier than the row before them."), format!("{share} des lignes précèdent dans le temps la ligne d’avant.")],
        );
    }
}

fn files(w: &mut Writer<'_>) {
    let source = w.source;
    let named = |paths: &[String]| {
        let shown: Vec<String> = paths.iter().take(5).map(|path| visible_within(path, 80).into_owned()).collect();
        format!("{}{}", shown.join(", "), if paths.len() > 5 { ", …" } else { "" })
    };
    if !source.truncated.is_empty() {
        let list = named(&source.truncated);
        w.add(
            &Rule {
                code: "W105",
                severity: WARNING,
                consequence: [
                    "What came after is missing: those hours look quieter than they were.",
                    "La suite manque : ces heures paraissent plus calmes qu’elles ne l’étaient.",
                ],
                advice: [
                    "Copy the files again once they are complete, or leave the day out.",
                    "Recopier les fichiers une fois complets, ou laisser ce jour de côté.",
                ],
            },
            None,
            [
                format!("Files end in the middle of a line or of a packed stream: {list}."),
                format!("Des fichiers s’arrêtent au milieu d’une ligne ou d’un flux compressé : {list}."),
            ],
        );
    }
    let mut twice: Vec<String> = Vec::new();
    for (index, file) in source.files.iter().enumerate() {
        if let Some(other) = source.files[..index].iter().find(|other| other.sha256 == file.sha256 && other.bytes > 0) {
            twice.push(format!("{} = {}", other.path, file.path));
        }
    }
    if !twice.is_empty() {
        let list = named(&twice);
        w.add(
            &Rule {
                code: "W107",
                severity: WARNING,
                consequence: [
                    "Their events count twice in every sum and count.",
                    "Leurs événements comptent double dans toutes les sommes et tous les comptes.",
                ],
                advice: ["Take one of them out of the source's `path`.", "Retirer l’un d’eux du `path` de la source."],
            },
            None,
            [format!("Files are the same, byte for byte: {list}."), format!("Des fichiers sont identiques à l’octet près : {list}.")],
        );
    }
}

fn covered(w: &mut Writer<'_>, coverage: &Coverage) {
    if !coverage.gaps.is_empty() {
        let hours = w.n(coverage.gaps.iter().map(|gap| gap.hours).sum());
        let worst = &coverage.gaps[0];
        let at = DateTime::from_timestamp_micros(worst.start).map(|time| time.format("%Y-%m-%d %H:%M UTC").to_string()).unwrap_or_default();
        let (long, rows) = (w.n(worst.hours), w.n(worst.expected));
        w.add(
            &Rule {
                code: "W120",
                severity: WARNING,
                consequence: [
                    "Silence looks like calm: what happened in these hours can neither be learned nor caught.",
                    "Le silence ressemble au calme : ce qui s’est passé pendant ces heures ne peut être ni appris ni détecté.",
                ],
                advice: [
                    "Fetch the missing logs, or move the window so that these hours lie outside.",
                    "Récupérer les journaux manquants, ou déplacer la fenêtre pour que ces heures soient dehors.",
                ],
            },
            None,
            [
                format!("Hours that are silent where other weeks have rows: {hours}. The longest stretch lost, from {at}: {long} h, about {rows} rows."),
                format!("Heures muettes là où d’autres semaines ont des lignes : {hours}. La plus grosse perte, à partir du {at} : {long} h, environ {rows} lignes."),
            ],
        );
    }
    let [training, judged] = coverage.empty_days;
    if training + judged > 0 {
        let (a, b) = (w.n(training), w.n(judged));
        w.add(
            &Rule {
                code: "W121",
                severity: WARNING,
                consequence: [
                    "The window promises more days than there are data: rates per week are too low.",
                    "La fenêtre promet plus de jours qu’il n’y a de données : les taux par semaine sont trop bas.",
                ],
                advice: ["Shorten the window to the days with data.", "Raccourcir la fenêtre aux jours qui ont des données."],
            },
            None,
            [
                format!("Days without any row: {a} in the training part, {b} in the judged part."),
                format!("Jours sans aucune ligne : {a} dans la partie d’apprentissage, {b} dans la partie jugée."),
            ],
        );
    }
    let [trained, seen] = coverage.weekdays;
    let new: Vec<usize> = (0..7).filter(|&day| trained[day] == 0 && seen[day] > 0).collect();
    if !new.is_empty() && trained.iter().any(|days| *days > 0) {
        let list = |names: [&str; 7]| new.iter().map(|&day| names[day]).collect::<Vec<_>>().join(", ");
        w.add(
            &Rule {
                code: "W122",
                severity: WARNING,
                consequence: [
                    "What is usual on such a day was never learned, and will look unusual.",
                    "Ce qui est habituel un tel jour n’a jamais été appris et paraîtra inhabituel.",
                ],
                advice: [
                    "Let the training part hold at least one whole week.",
                    "Laisser à la partie d’apprentissage au moins une semaine entière.",
                ],
            },
            None,
            [
                format!(
                    "Judged and never learned from: {}.",
                    list(["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"])
                ),
                format!(
                    "Jugés sans jamais avoir été appris : {}.",
                    list(["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"])
                ),
            ],
        );
    }
    if coverage.holidays[1] > coverage.holidays[0] && coverage.holidays[0] == 0 {
        let days = w.n(coverage.holidays[1]);
        w.add(
            &Rule {
                code: "W123",
                severity: NOTE,
                consequence: [
                    "No holiday was learned from: calm or odd hours of these days may be called unusual.",
                    "Aucun jour férié n’a été appris : le calme ou les heures étranges de ces jours peuvent être dits inhabituels.",
                ],
                advice: ["Read the alerts of these days apart.", "Lire à part les alertes de ces jours."],
            },
            None,
            [
                format!("{days} holidays are judged, none was learned from."),
                format!("{days} jours fériés sont jugés, aucun n’a été appris."),
            ],
        );
    }
    // Most of what people do lies between 07:00 and 20:00, whatever the country: six quiet hours that begin there are no night.
    if let (Some(from), Some(share)) = (coverage.quiet_from, coverage.night_share)
        && (7..=15).contains(&from)
        && share < 0.15
    {
        w.add(
            &Rule {
                code: "W124",
                severity: WARNING,
                consequence: ["If the zone is wrong, days begin at the wrong hour and every field on hours is shifted.", "Si le fuseau est faux, les jours commencent à la mauvaise heure et tout champ horaire est décalé."],
                advice: ["Check `time.timezone` of the source and `window.timezone`.", "Vérifier `time.timezone` de la source et `window.timezone`."],
            },
            None,
            [
                format!("The six quietest hours of working days begin at {from:02}:00: by day, where work would be expected."),
                format!("Les six heures les plus calmes des jours ouvrés commencent à {from:02}:00 : en plein jour, où l’on attendrait du travail."),
            ],
        );
    }
}

fn rows(w: &mut Writer<'_>, watched: &Watched) {
    if let Some(share) = watched.duplicates.filter(|share| *share > 0.01) {
        let shown = w.numbers.percent(share);
        w.add(
            &Rule {
                code: "W125",
                severity: if share > 0.05 { WARNING } else { NOTE },
                consequence: ["Counts and sums are too high where a row was delivered twice.", "Comptes et sommes sont trop élevés là où une ligne a été livrée deux fois."],
                advice: [
                    "Ask whether a relay or an overlap of files delivers rows twice; a clock of whole seconds makes some rows equal that are not the same.",
                    "Demander si un relais ou un recouvrement de fichiers livre des lignes deux fois ; une horloge à la seconde rend égales des lignes distinctes.",
                ],
            },
            None,
            [
                format!("{shown} of the rows equal another in all columns that were read, the time included."),
                format!("{shown} des lignes sont égales à une autre dans toutes les colonnes lues, date comprise."),
            ],
        );
    }
    if let Some(share) = watched.top_source.filter(|share| *share > 0.5 && watched.first_rows >= 100) {
        let (shown, sources, rows) = (w.numbers.percent(share), w.n(watched.sources), w.n(watched.first_rows));
        w.add(
            &Rule {
                code: "W126",
                severity: WARNING,
                consequence: [
                    "If that is a proxy or a gateway, everyone behind it is one entity, and nobody's behaviour can be told.",
                    "S’il s’agit d’un proxy ou d’une passerelle, tous ceux qui sont derrière ne font qu’une entité, et le comportement de personne ne se distingue.",
                ],
                advice: [
                    "Take the logs before that hop, or make the user (or `X-Forwarded-For`) the entity.",
                    "Prendre les journaux avant ce relais, ou faire de l’utilisateur (ou de `X-Forwarded-For`) l’entité.",
                ],
            },
            None,
            [
                format!("One source address has {shown} of the first {rows} rows ({sources} addresses in all)."),
                format!("Une seule adresse source a {shown} des {rows} premières lignes ({sources} adresses en tout)."),
            ],
        );
    }
    for change in &watched.changes {
        let (before, after, day) = (w.numbers.percent(change.before), w.numbers.percent(change.after), change.day.clone());
        w.add(
            &Rule {
                code: "W127",
                severity: WARNING,
                consequence: [
                    "Fields of this column mean something else before and after: detectors will take the change for an anomaly.",
                    "Les champs de cette colonne n’ont pas le même sens avant et après : les détecteurs prendront le changement pour une anomalie.",
                ],
                advice: ["Move the window to one side of the change, or leave the column out.", "Placer la fenêtre d’un seul côté du changement, ou laisser la colonne de côté."],
            },
            Some(&change.column),
            [
                format!("Filled in {before} of the rows before {day}, in {after} from then on."),
                format!("Renseignée dans {before} des lignes avant le {day}, dans {after} à partir de là."),
            ],
        );
    }
    for (column, held) in watched.columns.iter().filter(|(_, held)| held.distinct <= 1) {
        let empty = held.distinct == 0;
        w.add(
            &Rule {
                code: "W128",
                severity: NOTE,
                consequence: ["It tells no unit from another.", "Elle ne distingue aucune unité d’une autre."],
                advice: [
                    "Leave it out, or check that the format names the columns rightly.",
                    "La laisser de côté, ou vérifier que le format nomme bien les colonnes.",
                ],
            },
            Some(column),
            if empty {
                ["The column is empty in every row.".into(), "La colonne est vide dans toutes les lignes.".into()]
            } else {
                [
                    "The column has the same value in every row that has one.".into(),
                    "La colonne a la même valeur dans toutes les lignes renseignées.".into(),
                ]
            },
        );
    }
    if !watched.sensitive.is_empty() {
        let rows = w.n(watched.first_rows);
        let list = |names: &dyn Fn(&str) -> String| {
            let kinds = watched.sensitive.iter().map(|(kind, count)| format!("{} ({})", names(kind), w.numbers.integer(*count)));
            kinds.collect::<Vec<_>>().join(", ")
        };
        let (en, fr) = (list(&str::to_owned), list(&french));
        w.add(
            &Rule {
                code: "W129",
                severity: WARNING,
                consequence: [
                    "They are in the logs whether or not a field reads them; no field of this report shows a URL's query by itself.",
                    "Ils sont dans les journaux, qu’un champ les lise ou non ; aucun champ de ce rapport ne montre de lui-même la requête d’une URL.",
                ],
                advice: ["Tell the owner of the application, keep these files inside, and build no field on `query` or `url`.", "Prévenir le responsable de l’application, garder ces fichiers en interne et ne bâtir aucun champ sur `query` ou `url`."],
            },
            None,
            [
                format!("URLs in the first {rows} rows hold secrets or personal data: {en}."),
                format!("Des URL des {rows} premières lignes contiennent des secrets ou des données personnelles : {fr}."),
            ],
        );
    }
}

/// A kind of secret, in French.
fn french(kind: &str) -> String {
    match kind {
        "password" => "mot de passe",
        "token" => "jeton",
        "key" => "clé",
        "session" => "session",
        "e-mail address" => "adresse électronique",
        "telephone number" => "numéro de téléphone",
        "identity number" => "numéro d’identité",
        "account number" => "numéro de compte",
        "card number" => "numéro de carte",
        other => other,
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::quality::{Change, FileRead, Gap, Held};

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
                columns: BTreeMap::from([("x".into(), Held { distinct: 1, top: 1.0 })]),
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
                "W101", "W102", "W103", "W104", "W106", "W108", "W105", "W107", "W120", "W121", "W122", "W123", "W124", "W125", "W126",
                "W127", "W128", "W129"
            ]
        );
        for said in found.iter().flat_map(|finding| [&finding.message, &finding.consequence, &finding.advice]) {
            assert!(said.en != said.fr && said.en.ends_with('.') && said.fr.ends_with('.'), "{said:?}");
        }
        assert!(found[10].message.en.contains("Saturday, Sunday") && found[10].message.fr.contains("samedi, dimanche"));
        assert!(found[17].message.en.contains("token (12)") && found[17].message.fr.contains("jeton (12)"));
    }
}
