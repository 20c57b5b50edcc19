//! What contenders and amounts are called: people read names, not identifiers.

use super::{cost, view::View};
use crate::{
    detect::Kind,
    evaluate::{FIELD_PREFIX, Measured},
    spec::Language,
};

phrases! { Say {
    current_rule() { en: "Current rule", fr: "Règle actuelle" }
    random() { en: "Random order", fr: "Ordre aléatoire" }
    alone(field) { en: "{field} alone", fr: "{field} seul" }
    mean_rank() { en: "Mean rank", fr: "Rang moyen" }
    default_ensemble() { en: "Default ensemble", fr: "Ensemble par défaut" }
    isolation_forest() { en: "Isolation forest", fr: "Forêt d’isolation" }
    extended_isolation_forest() { en: "Ext. isolation forest", fr: "Forêt d’isolation ét." }
    knn() { en: "Nearest neighbours", fr: "Voisins les plus proches" }
    lof() { en: "Local outlier factor", fr: "Facteur local (LOF)" }
    pca() { en: "Principal components", fr: "Composantes princip." }
    kmeans() { en: "K-means", fr: "K-moyennes" }
    gmm() { en: "Gaussian mixture", fr: "Mélange gaussien" }
    ocsvm() { en: "One-class SVM", fr: "SVM à une classe" }
    mad() { en: "Robust z-score", fr: "Score z robuste" }
    mcd() { en: "Robust covariance", fr: "Covariance robuste" }
    autoencoder() { en: "Autoencoder", fr: "Auto-encodeur" }

    false_alerts() { en: "False alerts a week, with today’s rule", fr: "Fausses alertes par semaine, règle actuelle" }
    fp_reduction() { en: "False alerts cut", fr: "Fausses alertes évitées" }
    minutes_false() { en: "Minutes on a false alert", fr: "Minutes par fausse alerte" }
    minutes_legitimate() { en: "Minutes on a right but legitimate alert", fr: "Minutes par alerte fondée mais légitime" }
    minutes_true() { en: "Minutes on an attack", fr: "Minutes par attaque" }
    analyst_hour() { en: "An analyst’s hour", fr: "Heure d’analyste" }
    cpu_hour() { en: "An hour of one processor with its memory", fr: "Heure d’un processeur avec sa mémoire" }
    initial() { en: "once", fr: "une fois" }
    yearly() { en: "each year", fr: "par an" }
    licence() { en: "Licence", fr: "Licence" }
    maintenance() { en: "Maintenance", fr: "Maintenance" }
    hardware() { en: "Hardware", fr: "Matériel" }
    computing_hours() { en: "Processor hours", fr: "Heures de processeur" }
    computing() { en: "Computing", fr: "Calcul" }
    talent() { en: "Experts’ time", fr: "Temps d’experts" }
    talent_days() { en: "Experts’ days", fr: "Jours d’experts" }
    integration() { en: "Integration", fr: "Intégration" }
    integration_days() { en: "Days of integration", fr: "Jours d’intégration" }
    day() { en: "A day of an expert", fr: "Journée d’expert" }
    ingest() { en: "Ingested volume", fr: "Volume ingéré" }
    ingest_gb_day() { en: "Gigabytes ingested a day", fr: "Gigaoctets ingérés par jour" }
    per_gb() { en: "Price of a gigabyte", fr: "Prix du gigaoctet" }
} }

/// A contender's name: as the experiment gives it, else that of its method in words.
pub(super) fn contender(language: Language, measured: &Measured) -> String {
    let say = Say(language);
    let given = measured.title.trim();
    match measured.kind {
        Kind::Baseline if given == "Current rule" => say.current_rule(),
        Kind::Control if measured.id.starts_with(FIELD_PREFIX) => say.alone(measured.id.trim_start_matches(FIELD_PREFIX)),
        Kind::Control if measured.id == "random" => say.random(),
        _ if given.is_empty() || (given == measured.id && measured.id == measured.method) => method(say, &measured.method),
        _ => given.to_owned(),
    }
}

fn method(say: Say, id: &str) -> String {
    match id {
        "isolation-forest" => say.isolation_forest(),
        "extended-isolation-forest" => say.extended_isolation_forest(),
        "mean-rank" => say.mean_rank(),
        "default" => say.default_ensemble(),
        "knn" => say.knn(),
        "lof" => say.lof(),
        "pca" => say.pca(),
        "kmeans" => say.kmeans(),
        "gmm" => say.gmm(),
        "ocsvm" => say.ocsvm(),
        "mad" => say.mad(),
        "mcd" => say.mcd(),
        "autoencoder" => say.autoencoder(),
        "inne" => "iNNE".into(),
        "ecod" | "copod" | "hbos" | "dbscan" | "optics" | "hdbscan" | "loda" | "cblof" => id.to_uppercase(),
        other => other.to_owned(),
    }
}

/// An amount's name from its key: `triage_minutes.false_positive`, `siem_feature.yearly.licence`.
pub(super) fn amount(view: &View<'_>, key: &str) -> String {
    let say = Say(view.language);
    let key = key.strip_prefix("options.").unwrap_or(key);
    match key {
        "false_alerts_per_week" => return say.false_alerts(),
        "fp_reduction" => return say.fp_reduction(),
        "triage_minutes.false_positive" => return say.minutes_false(),
        "triage_minutes.benign_true_positive" => return say.minutes_legitimate(),
        "triage_minutes.true_positive" => return say.minutes_true(),
        _ => {}
    }
    match key.split('.').collect::<Vec<_>>()[..] {
        [option, when @ ("initial" | "yearly"), line] => {
            let when = if when == "initial" { say.initial() } else { say.yearly() };
            format!("{} ({}, {when})", self::line(view, line), cost::option_name(view, option))
        }
        _ => line(view, key),
    }
}

/// A cost line's name in words.
pub(super) fn line(view: &View<'_>, key: &str) -> String {
    let say = Say(view.language);
    match key {
        "analyst_hour" => say.analyst_hour(),
        "cpu_hour" => say.cpu_hour(),
        "licence" => say.licence(),
        "maintenance" => say.maintenance(),
        "hardware" => say.hardware(),
        "computing" => say.computing(),
        "computing_hours" => say.computing_hours(),
        "talent" => say.talent(),
        "talent_days" => say.talent_days(),
        "integration" => say.integration(),
        "integration_days" => say.integration_days(),
        "day" => say.day(),
        "ingest" => say.ingest(),
        "ingest_gb_day" => say.ingest_gb_day(),
        "per_gb" => say.per_gb(),
        other => crate::text::visible_within(&other.replace('_', " "), 60).into_owned(),
    }
}
