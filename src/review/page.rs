//! A sheet as one page that works without network: one case at a time, verdicts by key, saved to a CSV file that `--import` reads.

use maud::{DOCTYPE, PreEscaped, html};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::rows::Sheet;
use crate::{report::base64, spec::Language, text::Numbers};

const STYLE: &str = include_str!("assets/review.css");
const SCRIPT: &str = include_str!("assets/review.js");

/// The page's words: how to work, the names of what is asked, in one language.
fn words(language: Language) -> [&'static str; 22] {
    match language {
        Language::En => [
            "Review sheet",
            "Keys: 1 attack · 2 right but legitimate · 3 false · 0 clear · ← → move · I incident · N note · S save. The order is random, and nothing tells what raised a row.",
            "Attack",
            "Right, but legitimate",
            "False",
            "Clear",
            "Incident",
            "Note",
            "Analyst",
            "Save to a file",
            "read",
            "Field",
            "Here",
            "Own usual",
            "Peers",
            "Previous",
            "Next",
            "Entity",
            "From",
            "units",
            "Some of its events",
            "Time",
        ],
        Language::Fr => [
            "Feuille de relecture",
            "Touches : 1 attaque · 2 fondée mais légitime · 3 fausse · 0 effacer · ← → naviguer · I incident · N note · S enregistrer. L’ordre est aléatoire, et rien ne dit qui a levé une ligne.",
            "Attaque",
            "Fondée, mais légitime",
            "Fausse",
            "Effacer",
            "Incident",
            "Note",
            "Analyste",
            "Enregistrer dans un fichier",
            "lues",
            "Champ",
            "Ici",
            "Habituel pour elle",
            "Les autres",
            "Précédente",
            "Suivante",
            "Entité",
            "Dès",
            "unités",
            "Quelques-uns de ses événements",
            "Moment",
        ],
    }
}

/// The page.
pub(super) fn page(sheet: &Sheet) -> String {
    let w = words(sheet.language);
    let numbers = Numbers::new(sheet.language);
    let shown = |value: f64| numbers.significant(value, 4);
    let rows: Vec<_> = sheet
        .rows
        .iter()
        .map(|row| {
            let values: Vec<_> = row.values.iter().map(|v| [shown(v.value), v.own.map_or("—".to_owned(), shown), shown(v.peers)]).collect();
            json!({ "id": row.id, "entity": row.entity, "from": row.from, "to": row.to, "units": row.units, "values": values,
                "events": row.events, "count": row.event_count })
        })
        .collect();
    let data = json!({ "run": sheet.run, "sheet": sheet.number, "timed": sheet.timed, "fields": sheet.fields, "columns": sheet.event_columns, "rows": rows });
    // Inside a script element nothing may look like its end.
    let data = data.to_string().replace('<', "\\u003c").replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029");
    let policy = format!(
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
        base64(&Sha256::digest(SCRIPT.as_bytes()))
    );
    let language = if sheet.language == Language::En { "en" } else { "fr" };
    html! {
        (DOCTYPE)
        html lang=(language) {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="referrer" content="no-referrer";
                title { (w[0]) " " (sheet.number) " · " (sheet.title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header {
                    h1 { (w[0]) " " (sheet.number) " · " (sheet.title) }
                    p { (w[1]) }
                    div.bar {
                        label { (w[8]) " " input #analyst type="text" maxlength="60" autocomplete="off"; }
                        span { output #count { "0" } " / " (sheet.rows.len()) " " (w[10]) }
                        button #save type="button" { (w[9]) }
                    }
                }
                main #case {
                    div.bar {
                        button #back type="button" { "← " (w[15]) }
                        span #place {}
                        button #next type="button" { (w[16]) " →" }
                    }
                    h2 { span.soft { (w[17]) } " " span #entity {} }
                    p #when data-from=(w[18]) data-units=(w[19]) {}
                    div.choices role="radiogroup" {
                        button type="button" data-word="true_positive" { kbd { "1" } " " (w[2]) }
                        button type="button" data-word="benign_true_positive" { kbd { "2" } " " (w[3]) }
                        button type="button" data-word="false_positive" { kbd { "3" } " " (w[4]) }
                        button type="button" data-word="" { kbd { "0" } " " (w[5]) }
                    }
                    div.bar {
                        label { (w[6]) " " input #incident type="text" maxlength="100" autocomplete="off"; }
                        label.wide { (w[7]) " " input #note type="text" maxlength="400" autocomplete="off"; }
                    }
                    table { thead { tr { th { (w[11]) } th { (w[12]) } th { (w[13]) } th { (w[14]) } } } tbody #fields {} }
                    @if !sheet.event_columns.is_empty() {
                        section #behind {
                            h3 { (w[20]) span.soft #events-of {} }
                            @if !sheet.left_out.is_empty() { p.soft { (sheet.left_out) } }
                            div.wide { table { thead { tr { th { (w[21]) } @for column in &sheet.event_columns { th { (column) } } } } tbody #events {} } }
                        }
                    }
                }
                script type="application/json" id="data" { (PreEscaped(data)) }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    }
    .into_string()
}
