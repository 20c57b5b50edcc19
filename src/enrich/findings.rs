//! What joins found, as sentences.

use crate::{
    quality::{Finding, JoinQuality},
    said,
    text::{Numbers, Said, Shown},
};

/// What the joins found wrong: too few matches, keys that stand more than once.
pub fn findings(joins: &[JoinQuality]) -> Vec<Finding> {
    let mut found = Vec::new();
    for join in joins {
        let rate = if join.events == 0 { 1.0 } else { join.matched as f64 / join.events as f64 };
        let finding = |code: &str, severity: &str, message: Said, consequence: Said, advice: Said| Finding {
            code: code.into(),
            severity: severity.into(),
            subject: join.source.clone(),
            message,
            consequence,
            advice,
        };
        let expected = join.expected.unwrap_or(0.0);
        if rate < expected || join.matched == 0 && join.events > 0 {
            found.push(finding(
                "W130",
                "warning",
                said!(
                    en: "{rate} of {events} events found a row of `{table}` ({expected} expected)",
                    fr: "{rate} de {events} événements ont trouvé une ligne de `{table}` ({expected} attendus)",
                    rate = Shown(|numbers: Numbers| numbers.percent_decimals(rate, 1)),
                    events = join.events,
                    table = join.source,
                    expected = Shown(|numbers: Numbers| numbers.percent_decimals(expected, 0)),
                ),
                said!(
                    en: "Fields built from the joined columns know nothing of the other events.",
                    fr: "Les champs tirés des colonnes jointes ne savent rien des autres événements.",
                ),
                said!(
                    en: "Compare how both sides write the key, and the days that the side table covers.",
                    fr: "Comparez l’écriture de la clé des deux côtés, et les jours que couvre la table jointe.",
                ),
            ));
        }
        let of_keys = join.keys_matched as f64 / join.keys.max(1) as f64;
        if rate >= expected && join.keys >= 10 && of_keys < expected.max(0.5) {
            found.push(finding(
                "W132",
                "note",
                said!(
                    en: "{share} of {keys} different keys found a row of `{table}`",
                    fr: "{share} de {keys} clés différentes ont trouvé une ligne de `{table}`",
                    share = Shown(|numbers: Numbers| numbers.percent_decimals(of_keys, 1)),
                    keys = join.keys,
                    table = join.source,
                ),
                said!(
                    en: "Most events are covered, many entities are not: the quiet ones are compared with nobody.",
                    fr: "La plupart des événements sont couverts, beaucoup d’entités ne le sont pas : les discrètes ne sont comparées à personne.",
                ),
                said!(
                    en: "List the keys without a row, and ask who owns the side table.",
                    fr: "Listez les clés sans ligne, et demandez à qui tient la table jointe.",
                ),
            ));
        }
        if join.duplicate_keys > 0 {
            found.push(finding(
                "W131",
                "note",
                said!(
                    en: "{n} keys stand more than once in `{table}`",
                    fr: "{n} clés figurent plus d’une fois dans `{table}`",
                    n = join.duplicate_keys,
                    table = join.source,
                ),
                said!(en: "Of rows with the same key the first was taken.", fr: "De plusieurs lignes de même clé, la première a été prise."),
                said!(
                    en: "Leave one row for each key, or add a column to `on`.",
                    fr: "Laissez une ligne par clé, ou ajoutez une colonne à `on`.",
                ),
            ));
        }
    }
    found
}
