//! What reading found, as sentences: what was seen, what it means for the evaluation, what to do.

use crate::{
    quality::{Finding, SourceQuality},
    said,
    text::Said,
};

/// The findings of one source, the worst first.
pub fn findings(quality: &SourceQuality) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut add = |code: &str, severity: &str, message: Said, consequence: Said, advice: Said| {
        found.push(Finding { code: code.into(), severity: severity.into(), subject: quality.name.clone(), message, consequence, advice });
    };
    if !quality.truncated.is_empty() {
        add(
            "W110",
            "warning",
            match quality.truncated.len() {
                1 => {
                    said!(en: "1 file ends in the middle: {list}", fr: "1 fichier s’arrête au milieu : {list}", list = list(&quality.truncated))
                }
                n => {
                    said!(en: "{n} files end in the middle: {list}", fr: "{n} fichiers s’arrêtent au milieu : {list}", n = n, list = list(&quality.truncated))
                }
            },
            said!(
                en: "Events at the end of these files are missing; what was logged then looks quieter than it was.",
                fr: "Les événements de la fin de ces fichiers manquent ; ce moment paraît plus calme qu’il ne l’était.",
            ),
            said!(en: "Copy the files again once they are complete.", fr: "Copiez à nouveau les fichiers une fois complets."),
        );
    }
    if quality.malformed > 0 {
        let records = quality.lines - quality.header;
        add(
            "W111",
            if quality.malformed * 1_000 > records { "warning" } else { "note" },
            said!(en: "{n} of {records} lines do not parse", fr: "{n} lignes sur {records} sont illisibles", n = quality.malformed, records = records),
            said!(en: "What these lines tell is not in the evaluation.", fr: "Ce que disent ces lignes n’est pas dans l’évaluation."),
            said!(
                en: "Look at the samples; name another format or option where they show a pattern.",
                fr: "Regardez les exemples ; s’ils se ressemblent, nommez un autre format ou une option.",
            ),
        );
    }
    if quality.no_time > 0 {
        add(
            "W112",
            "warning",
            said!(en: "{n} rows have no time that can be read", fr: "{n} lignes n’ont pas de date lisible", n = quality.no_time),
            said!(
                en: "They belong to no period and were left out.",
                fr: "Elles n’appartiennent à aucune période et ont été laissées de côté.",
            ),
            said!(
                en: "Say how times are written with `time: {{ parse: ... }}`.",
                fr: "Indiquez comment les dates sont écrites avec `time: {{ parse: ... }}`.",
            ),
        );
    }
    for (column, n) in &quality.unreadable {
        add(
            "W113",
            if *n * 100 > quality.rows { "warning" } else { "note" },
            said!(
                en: "{n} values of `{column}` are not of its type and have no value",
                fr: "{n} valeurs de `{column}` ne sont pas de son type et restent vides",
                n = *n,
                column = column,
            ),
            said!(
                en: "Fields built from this column count these rows as having none.",
                fr: "Les champs tirés de cette colonne comptent ces lignes comme n’en ayant pas.",
            ),
            said!(
                en: "Fix the column's type in the source's `options: {{ types: ... }}`, or leave the column out.",
                fr: "Corrigez le type de la colonne dans `options: {{ types: ... }}` de la source, ou laissez la colonne de côté.",
            ),
        );
    }
    if quality.invalid_utf8 > 0 {
        add(
            "W114",
            "note",
            said!(
                en: "{n} lines hold bytes that are not UTF-8",
                fr: "{n} lignes contiennent des octets qui ne sont pas de l’UTF-8",
                n = quality.invalid_utf8,
            ),
            said!(
                en: "These bytes were replaced by one sign: values that differ only there count as one.",
                fr: "Ces octets ont été remplacés par un même signe : les valeurs qui ne diffèrent que là comptent pour une.",
            ),
            said!(
                en: "Convert the files, where names with such letters matter.",
                fr: "Convertissez les fichiers si les noms qui portent de telles lettres comptent.",
            ),
        );
    }
    if !quality.trailing_bytes.is_empty() {
        add(
            "W115",
            "note",
            said!(
                en: "bytes after the packed text: {list}",
                fr: "octets après le texte compressé : {list}",
                list = list(&quality.trailing_bytes),
            ),
            said!(en: "They were left out, as `gzip` does.", fr: "Ils ont été laissés de côté, comme le fait `gzip`."),
            said!(en: "Check that the files were copied whole.", fr: "Vérifiez que les fichiers ont été copiés en entier."),
        );
    }
    found
}

fn list(paths: &[String]) -> Said {
    let shown: Vec<String> = paths.iter().take(5).map(|p| format!("`{p}`")).collect();
    match paths.len().saturating_sub(5) {
        0 => Said::same(shown.join(", ")),
        more => said!(en: "{shown} and {more} more", fr: "{shown} et {more} autres", shown = shown.join(", "), more = more),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_wrong_is_no_finding() {
        assert!(findings(&SourceQuality { lines: 10, header: 1, rows_parsed: 9, rows: 9, ..SourceQuality::default() }).is_empty());
    }

    #[test]
    fn what_is_wrong_is_said_with_numbers() {
        let quality = SourceQuality {
            name: "proxy".into(),
            lines: 101,
            header: 1,
            malformed: 2,
            truncated: vec!["a.gz".into()],
            unreadable: [("port".to_owned(), 3)].into(),
            ..SourceQuality::default()
        };
        let messages: Vec<String> = findings(&quality).into_iter().map(|f| f.message.en).collect();
        assert_eq!(
            messages,
            [
                "1 file ends in the middle: `a.gz`",
                "2 of 100 lines do not parse",
                "3 values of `port` are not of its type and have no value"
            ]
        );
    }
}
