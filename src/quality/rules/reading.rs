//! What failed while reading: lines, times, values, files.

use super::{NOTE, Rule, WARNING, Writer};
use crate::text::visible_within;

pub(super) fn reading(w: &mut Writer<'_>) {
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
    for (column, share) in source.fill.iter().filter(|(_, share)| (f64::MIN_POSITIVE..0.1).contains(*share)) {
        let shown = w.numbers.percent(*share);
        w.add(
            &Rule {
                code: "W134",
                severity: NOTE,
                consequence: [
                    "What fields of it tell holds for few units; the others get what stands for no value.",
                    "Ce que ses champs disent ne vaut que pour peu d’unités ; les autres reçoivent ce qui tient lieu de valeur absente.",
                ],
                advice: [
                    "Check what the product writes there, and when; take another column if it is not meant to be empty.",
                    "Vérifier ce que le produit y écrit, et quand ; prendre une autre colonne si celle-ci ne devrait pas être vide.",
                ],
            },
            Some(column),
            [format!("The column has a value in {shown} of the rows."), format!("La colonne a une valeur dans {shown} des lignes.")],
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

pub(super) fn files(w: &mut Writer<'_>) {
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
