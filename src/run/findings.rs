//! What reading found, as findings with their consequence for the evaluation.

use crate::{
    quality::{Finding, SourceQuality},
    said,
    text::{Numbers, Said, Shown},
};

/// What reading a source found that a user should know.
pub fn reading_findings(source: &SourceQuality) -> Vec<Finding> {
    let share = |part: u64, whole: u64, decimals: usize| {
        Shown(move |numbers: Numbers| numbers.percent_decimals(part as f64 / whole.max(1) as f64, decimals))
    };
    let finding = |code: &str, severity: &str, message: Said, consequence: Said, advice: Said| Finding {
        code: code.into(),
        severity: severity.into(),
        subject: source.name.clone(),
        message,
        consequence,
        advice,
    };
    let mut found = Vec::new();
    if source.malformed > 0 {
        let place = source
            .malformed_samples
            .first()
            .map(|sample| said!(en: ", the first in `{file}` line {line}", fr: ", la première dans `{file}` ligne {line}", file = sample.file, line = sample.line));
        found.push(finding(
            "W101",
            "warning",
            said!(
                en: "{n} of {all} lines do not parse ({share}){place}.",
                fr: "{n} lignes sur {all} sont illisibles ({share}){place}.",
                n = source.malformed,
                all = source.lines,
                share = share(source.malformed, source.lines, 2),
                place = place.unwrap_or_default(),
            ),
            said!(en: "What they said is missing from every field.", fr: "Ce qu’elles disaient manque dans tous les champs."),
            said!(
                en: "Look at the samples in quality.json; name the format or its options if they are wrong.",
                fr: "Regardez les exemples dans quality.json ; nommez le format ou ses options s’ils sont faux.",
            ),
        ));
    }
    if source.no_time > 0 {
        found.push(finding(
            "W102",
            "warning",
            said!(
                en: "{n} rows have no time that can be read ({share}).",
                fr: "{n} lignes n’ont pas de date lisible ({share}).",
                n = source.no_time,
                share = share(source.no_time, source.rows_parsed, 2),
            ),
            said!(en: "They are in no unit.", fr: "Elles ne sont dans aucune unité."),
            said!(
                en: "Say how the time is written: `time: {{ column, parse, timezone }}`.",
                fr: "Indiquez comment la date est écrite : `time: {{ column, parse, timezone }}`.",
            ),
        ));
    }
    if source.outside_window * 2 > source.rows_parsed {
        found.push(finding(
            "W103",
            "warning",
            said!(
                en: "{n} of {all} rows lie outside the window ({share}).",
                fr: "{n} lignes sur {all} sont hors de la fenêtre ({share}).",
                n = source.outside_window,
                all = source.rows_parsed,
                share = share(source.outside_window, source.rows_parsed, 0),
            ),
            said!(en: "Most of what was read was not used.", fr: "La plus grande partie de ce qui a été lu n’a pas servi."),
            said!(
                en: "Check the window and its zone, or give only the files of these days.",
                fr: "Vérifiez la fenêtre et son fuseau, ou ne donnez que les fichiers de ces jours.",
            ),
        ));
    }
    if source.invalid_utf8 > 0 {
        found.push(finding(
            "W104",
            "note",
            said!(
                en: "{n} lines hold bytes that are not UTF-8.",
                fr: "{n} lignes contiennent des octets qui ne sont pas de l’UTF-8.",
                n = source.invalid_utf8,
            ),
            said!(
                en: "Those bytes were replaced; different values may have become equal.",
                fr: "Ces octets ont été remplacés ; des valeurs différentes ont pu devenir égales.",
            ),
            said!(en: "Convert the files to UTF-8 if names matter.", fr: "Convertissez les fichiers en UTF-8 si les noms comptent."),
        ));
    }
    if !source.truncated.is_empty() {
        found.push(finding(
            "W105",
            "warning",
            said!(
                en: "Cut off in the middle of a line: {files}.",
                fr: "Coupés au milieu d’une ligne : {files}.",
                files = source.truncated.join(", "),
            ),
            said!(en: "What came after is missing.", fr: "La suite manque."),
            said!(en: "Copy the files again, or leave the day out.", fr: "Copiez à nouveau les fichiers, ou laissez ce jour de côté."),
        ));
    }
    for (column, count) in &source.unreadable {
        found.push(finding(
            "W106",
            "warning",
            said!(
                en: "{count} values of `{column}` are not of its type and became null.",
                fr: "{count} valeurs de `{column}` ne sont pas de son type et sont devenues vides.",
                count = *count,
                column = column,
            ),
            said!(
                en: "They are missing from every field that uses the column.",
                fr: "Elles manquent dans tous les champs qui utilisent cette colonne.",
            ),
            said!(
                en: "Look at the column's values; rename or derive another.",
                fr: "Regardez les valeurs de la colonne ; renommez-la ou dérivez-en une autre.",
            ),
        ));
    }
    found
}
