//! What the hours with rows tell: silences, days, weekdays, nights.

use chrono::DateTime;

use super::{NOTE, Rule, WARNING, Writer};
use crate::quality::Coverage;

pub(super) fn covered(w: &mut Writer<'_>, coverage: &Coverage) {
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
