//! What could make the result wrong, each with the number behind it.

use super::{Caveat, cases::Truth, frame::Frame, intervals::clopper_pearson, two_way::MIN_DAYS};
use crate::{
    said,
    text::{Numbers, Said, Shown},
};

/// Fewer incidents than this cannot show a share of 0.8 even with none missed (at a confidence of 0.90).
const FEW_INCIDENTS: usize = 14;
/// Where entities are this unequal the intervals cover 85 to 90 % instead of 88 to 98 % (lognormal sizes with a spread of 1.5).
const UNEQUAL: f64 = 4.0;

/// Everything that a reader should bear in mind. `overfilling` names the contenders whose threshold opens more than the budget, of `candidates` that could
/// be chosen.
pub(super) fn caveats(frame: &Frame<'_>, overfilling: &[&str], candidates: usize) -> Vec<Caveat> {
    let mut found = Vec::new();
    let mut add = |code: &str, message: Said| found.push(Caveat { code: code.into(), message });
    if frame.input.in_sample {
        add(
            "in-sample",
            said!(
                en: "Every unit was scored by detectors that had learned from it: results on new data may be worse.",
                fr: "Chaque unité a reçu son score de détecteurs qui l’avaient apprise : les résultats sur de nouvelles données peuvent être moins bons.",
            ),
        );
    }
    if let Some(labels) = &frame.input.judged.labels {
        incidents(frame, &mut add);
        let unknown = frame.judged.truth.iter().filter(|t| **t == Truth::Unknown).count();
        if !labels.complete && unknown > 0 {
            let share = unknown as f64 / frame.judged.n.max(1) as f64;
            add(
                "unlabelled",
                said!(
                    en: "{unknown} of {all} judged cases ({share}) have no label.",
                    fr: "{unknown} cas jugés sur {all} ({share}) n’ont pas d’étiquette.",
                    unknown = unknown,
                    all = frame.judged.n,
                    share = percent(share, 0),
                ),
            );
        }
    }
    if let Some(rules) = frame.input.suppressed.filter(|rules| rules.afterwards) {
        add(
            "suppressed-afterwards",
            said!(
                en: "The {n} rules that suppress alerts were written when the results were known: what they save suits this window.",
                fr: "Les {n} règles qui écartent des alertes ont été écrites une fois les résultats connus : leur gain tient à cette fenêtre.",
                n = rules.rules.len(),
            ),
        );
    }
    overfilled(overfilling, candidates, &mut add);
    if frame.has_time {
        days(frame, &mut add);
        entities(frame, &mut add);
    }
    if !frame.input.in_sample {
        contamination(frame, &mut add);
    }
    found
}

/// What became of contenders that no threshold holds to the budget.
fn overfilled(overfilling: &[&str], candidates: usize, add: &mut impl FnMut(&str, Said)) {
    if overfilling.is_empty() {
        return;
    }
    let then = if overfilling.len() < candidates {
        said!(en: "not chosen, since others hold it", fr: "ils ne sont pas retenus, d’autres le respectant")
    } else {
        said!(en: "the choice is among them all the same, since none holds it", fr: "le choix se fait pourtant entre eux, aucun ne le respectant")
    };
    add(
        "overfilled-budget",
        said!(
            en: "Too many cases of the training part share one score for a threshold to hold the budget there ({names}): {then}.",
            fr: "Trop de cas de la partie d’apprentissage partagent un même score pour qu’un seuil y respecte le budget ({names}) : {then}.",
            names = overfilling.join(", "),
            then = then,
        ),
    );
}

fn percent(share: f64, decimals: usize) -> Shown<impl Fn(Numbers) -> String> {
    Shown(move |numbers: Numbers| numbers.percent_decimals(share, decimals))
}

fn incidents(frame: &Frame<'_>, add: &mut impl FnMut(&str, Said)) {
    let n = frame.counted.iter().filter(|c| **c).count();
    let of = if frame.has_kept() {
        said!(en: "incidents that the current rule catches", fr: "incidents que la règle actuelle détecte")
    } else {
        said!(en: "incidents", fr: "incidents")
    };
    match n {
        0 => add(
            "no-incidents",
            said!(
                en: "There is no labelled incident in the judged part: nothing can be said about what is caught.",
                fr: "La partie jugée ne contient aucun incident étiqueté : on ne peut rien dire de ce qui est détecté.",
            ),
        ),
        1 => add(
            "single-campaign",
            said!(
                en: "There is 1 of the {of}: what is caught is a reading of one campaign, not evidence about others.",
                fr: "Il n’y a qu’un des {of} : ce qui est détecté se lit pour cette campagne, sans valoir pour d’autres.",
                of = of,
            ),
        ),
        2..FEW_INCIDENTS => {
            let low = clopper_pearson(n as f64, n as f64, frame.confidence).0;
            add(
                "few-incidents",
                said!(
                    en: "There are {n} {of}: even with none missed, no more than {low} caught could be shown.",
                    fr: "Il y a {n} {of} : même sans en manquer aucun, on ne pourrait établir plus de {low} de détection.",
                    n = n,
                    of = of,
                    low = percent(low, 0),
                ),
            );
        }
        _ => {}
    }
    let mut holding: Vec<u32> =
        (0..frame.judged.incidents()).filter(|&i| frame.counted[i]).map(|i| frame.judged.cluster_of_incident(i)).collect();
    holding.sort_unstable();
    holding.dedup();
    if n >= 4 && holding.len() * 2 <= n {
        let holding = holding.len();
        let on = match holding {
            1 => said!(en: "1 entity", fr: "1 entité"),
            _ => said!(en: "{n} entities", fr: "{n} entités", n = holding),
        };
        add(
            "clustered-incidents",
            said!(
                en: "The {n} {of} lie on {on}: they are not independent, and the intervals may be too narrow.",
                fr: "Les {n} {of} portent sur {on} : ils ne sont pas indépendants, et les intervalles peuvent être trop étroits.",
                n = n,
                of = of,
                on = on,
            ),
        );
    }
}

fn days(frame: &Frame<'_>, add: &mut impl FnMut(&str, Said)) {
    let days = frame.judged.days;
    if days < MIN_DAYS {
        let days = match days {
            1 => said!(en: "1 day", fr: "1 jour"),
            _ => said!(en: "{n} days", fr: "{n} jours", n = days),
        };
        add(
            "no-interval",
            said!(
                en: "The judged part has {days}: for the weeks to come an interval takes at least {least}.",
                fr: "La partie jugée compte {days} : pour les semaines à venir, un intervalle en demande au moins {least}.",
                days = days,
                least = MIN_DAYS,
            ),
        );
    }
    let length = frame.input.judged.days();
    if length < 7.0 - 1e-6 {
        let names = Said::join(&weekdays(frame), ", ");
        let lasts = if (length - 1.0).abs() < 0.05 {
            said!(en: "1 day", fr: "1 jour")
        } else {
            said!(en: "{n} days", fr: "{n} jours", n = Shown(|numbers: Numbers| numbers.count(length)))
        };
        add(
            "few-days",
            said!(
                en: "The judged part has {lasts} and speaks only for {names}.",
                fr: "La partie jugée compte {lasts} et ne parle que pour : {names}.",
                lasts = lasts,
                names = names,
            ),
        );
    }
}

/// The weekdays of the judged part, Monday first. Half a day after a local midnight the UTC date is the local one, from UTC-11 to UTC+12.
fn weekdays(frame: &Frame<'_>) -> Vec<Said> {
    let names = [
        said!(en: "Monday", fr: "lundi"),
        said!(en: "Tuesday", fr: "mardi"),
        said!(en: "Wednesday", fr: "mercredi"),
        said!(en: "Thursday", fr: "jeudi"),
        said!(en: "Friday", fr: "vendredi"),
        said!(en: "Saturday", fr: "samedi"),
        said!(en: "Sunday", fr: "dimanche"),
    ];
    let mut seen = [false; 7];
    for period in &frame.input.judged.budget_periods {
        let mut hours = 12.0_f64.min(period.days * 12.0);
        while hours < period.days * 24.0 {
            let day = (period.start + (hours * 3.6e9) as i64).div_euclid(86_400_000_000);
            // 1970-01-01 was a Thursday.
            seen[(day + 3).rem_euclid(7) as usize] = true;
            hours += 24.0;
        }
    }
    names.into_iter().zip(seen).filter(|(_, seen)| *seen).map(|(name, _)| name).collect()
}

fn entities(frame: &Frame<'_>, add: &mut impl FnMut(&str, Said)) {
    let entities = frame.judged.clusters;
    if entities < super::two_way::MIN_CLUSTERS {
        let least = super::two_way::MIN_CLUSTERS;
        add(
            "few-entities",
            said!(
                en: "The judged part has {entities} entities: an interval for the weeks to come takes at least {least}.",
                fr: "La partie jugée compte {entities} entités : un intervalle pour les semaines à venir en demande au moins {least}.",
                entities = entities,
                least = least,
            ),
        );
    }
    let cells = match &frame.baseline {
        Some(base) if base.false_cells.total > 0.0 => base.false_cells.clone(),
        _ => frame.all_cells(&vec![true; frame.judged.n]),
    };
    let inequality = cells.inequality();
    if inequality > UNEQUAL && entities > 1 {
        let largest = cells.by_cluster.iter().copied().fold(0.0, f64::max) / cells.total;
        add(
            "unequal-entities",
            said!(
                en: "Entities are very unequal (the largest of {entities} holds {largest} of the alerts): intervals cover less than stated, 85 to 90 of 100 where 90 are asked.",
                fr: "Les entités sont très inégales (la plus grande des {entities} porte {largest} des alertes) : les intervalles sont moins sûrs qu’annoncé, 85 à 90 fois sur 100 au lieu de 90.",
                entities = entities,
                largest = percent(largest, 0),
            ),
        );
    }
}

fn contamination(frame: &Frame<'_>, add: &mut impl FnMut(&str, Said)) {
    let training = &frame.input.training;
    let attacks = (0..training.case_of.len()).filter(|&unit| super::cases::unit_truth(training, unit) == Truth::True).count();
    if attacks > 0 {
        let (incidents, units) = (frame.training.incidents(), training.case_of.len());
        let share = attacks as f64 / units as f64;
        add(
            "contaminated-training",
            said!(
                en: "The training part holds attacks ({attacks} of {units} units, {share}, of {incidents} incidents): detectors learned them as usual.",
                fr: "La partie d’apprentissage contient des attaques ({attacks} unités sur {units}, {share}, de {incidents} incidents) : les détecteurs les ont apprises comme habituelles.",
                attacks = attacks,
                units = units,
                share = percent(share, 2),
                incidents = incidents,
            ),
        );
    }
}
