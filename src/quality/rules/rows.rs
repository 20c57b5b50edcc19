//! What the rows themselves tell: duplicates, one source behind all, columns that come and go, secrets.

use super::{NOTE, Rule, WARNING, Writer};
use crate::quality::Watched;

pub(super) fn rows(w: &mut Writer<'_>, watched: &Watched) {
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
    for (column, held) in watched.columns.iter().filter(|(_, held)| held.texts >= 1_000 && held.distinct * 10 > held.texts * 9) {
        let (distinct, texts) = (w.n(held.distinct), w.n(held.texts));
        w.add(
            &Rule {
                code: "W135",
                severity: NOTE,
                consequence: [
                    "Nothing repeats: `unseen` and `rarity` call everything new, `distinct` counts rows, and no category is large enough.",
                    "Rien ne se répète : `unseen` et `rarity` disent tout nouveau, `distinct` compte les lignes, et aucune catégorie n’est assez grande.",
                ],
                advice: [
                    "Make a coarser value of it in `derive` (`registered_domain(host)`, the beginning of a path), or take its length.",
                    "En tirer une valeur plus grossière dans `derive` (`registered_domain(host)`, le début d’un chemin), ou sa longueur.",
                ],
            },
            Some(column),
            [format!("{distinct} different values in {texts} rows."), format!("{distinct} valeurs différentes dans {texts} lignes.")],
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
