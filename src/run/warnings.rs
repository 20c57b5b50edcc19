//! What the user is warned of while a run goes on; kept in its manifest.

use super::gather::Gathered;
use crate::{
    decide,
    detect::{self, Outcome, ScoreTable},
    error::{Error, Result},
    experiment::load::Loaded,
    observe::{Event, Observer, Warning},
    record::Manifest,
    said,
    text::{Numbers, Said, Shown},
    units::FieldSummary,
};

/// Warns of each algorithm that failed, and says whether there was one.
///
/// # Errors
/// When no algorithm gave scores.
pub fn warn_of_failures(table: &ScoreTable, manifest: &mut Manifest, observer: &dyn Observer) -> Result<bool> {
    let mut failed = Vec::new();
    let mut alive = false;
    for column in table.columns.iter().filter(|column| column.kind != detect::Kind::Control) {
        match &column.outcome {
            Outcome::Scored(_) => alive = true,
            Outcome::Failed { reason } | Outcome::Skipped { reason } => failed.push(format!("{}: {reason}", column.id)),
        }
    }
    for message in &failed {
        warn(
            manifest,
            observer,
            "W201",
            said!(en: "an algorithm failed: {message}", fr: "un algorithme a échoué : {message}", message = message),
        );
    }
    if !alive {
        return Err(Error::data_hint(
            format!("no algorithm gave scores ({})", failed.join("; ")),
            "see the reasons above; try `isolation-forest`",
        ));
    }
    Ok(!failed.is_empty())
}

/// Warns that the clock was set back since an earlier run, or stood wrong then.
pub fn warn_of_the_clock(manifest: &mut Manifest, observer: &dyn Observer) {
    let Some(after) = manifest.after.clone() else { return };
    let said = said!(
        en: "the clock says {now}, before an earlier run began ({after}): one of the two was wrong. Runs stand in the order in which they were made",
        fr: "l’horloge indique {now}, avant le début d’une exécution antérieure ({after}) : l’une des deux était fausse. Les exécutions sont rangées dans l’ordre où elles ont été faites",
        now = manifest.started,
        after = after,
    );
    warn(manifest, observer, "W204", said);
}

/// Warns that the alerts stand without their events.
pub fn warn_of_events(error: &Error, manifest: &mut Manifest, observer: &dyn Observer) {
    let said = said!(
        en: "the events behind the alerts could not be read: {error}",
        fr: "les événements à l’origine des alertes n’ont pas pu être lus : {error}",
        error = error.to_string(),
    );
    warn(manifest, observer, "W202", said);
}

/// Warns of what reading found.
pub fn warn_of_quality(gathered: &Gathered, manifest: &mut Manifest, observer: &dyn Observer) {
    for finding in gathered.quality.findings.iter().filter(|finding| finding.severity == "warning") {
        let said = said!(
            en: "{subject}: {message} {consequence}",
            fr: "{subject} : {message} {consequence}",
            subject = finding.subject,
            message = finding.message.sentence(),
            consequence = finding.consequence,
        );
        warn(manifest, observer, &finding.code, said);
    }
}

/// Warns of fields that no detector sees, since they never differ where it learns, though they do where it judges.
pub fn warn_of_fields(summaries: &[FieldSummary], manifest: &mut Manifest, observer: &dyn Observer) {
    let moves = |field: &&FieldSummary| {
        let ([low, .., high], [least, .., most]) = (field.quantiles, field.judged_quantiles);
        field.dropped.is_some() && (least < low || most > high)
    };
    let fields: Vec<&FieldSummary> = summaries.iter().filter(moves).collect();
    if fields.is_empty() {
        return;
    }
    let told = |field: &FieldSummary| {
        let [least, .., most] = field.judged_quantiles;
        let range = Shown(move |numbers: Numbers| numbers.to(&numbers.significant(least, 3), &numbers.significant(most, 3)));
        said!(en: "{name} (there {range})", fr: "{name} (là {range})", name = field.name, range = range)
    };
    let named = Said::join(&fields.iter().map(|field| told(field)).collect::<Vec<_>>(), ", ");
    let said = said!(
        en: "fields that differ in the judged part and never in the training part are left out: {named}. No detector can weigh them; what they show is missed. Lengthen the training part, or hold them against a limit in `baseline`",
        fr: "des champs qui varient dans la partie jugée et jamais dans la partie d’apprentissage sont laissés de côté : {named}. Aucun détecteur ne peut en tenir compte ; ce qu’ils montrent échappe. Allongez la partie d’apprentissage, ou comparez-les à une limite dans `baseline`",
        named = named,
    );
    warn(manifest, observer, "W207", said);
}

/// Says before the work which criteria the incidents and days at hand cannot settle, whatever a detector does.
pub fn warn_of_what_cannot_be_settled(loaded: &Loaded, gathered: &Gathered, manifest: &mut Manifest, observer: &dyn Observer) {
    let Some(decision) = &loaded.experiment.decision else { return };
    let part = &gathered.parts.judged;
    let flagged = |unit: usize| gathered.baseline.as_ref().is_none_or(|(_, judged)| judged[unit]);
    let caught = part.labels.as_ref().map(|labels| {
        let of = labels.incidents_of.iter().enumerate().filter(|(unit, _)| flagged(*unit)).flat_map(|(_, incidents)| incidents);
        of.collect::<std::collections::BTreeSet<_>>().len() as u64
    });
    let confidence = loaded.experiment.evaluate.confidence.get();
    for problem in decide::settle_warnings(&decision.require, caught, Some(part.days()), confidence) {
        warn(manifest, observer, problem.code, problem.said());
    }
}

fn warn(manifest: &mut Manifest, observer: &dyn Observer, code: &str, message: Said) {
    let warning = Warning { code: code.to_owned(), message };
    observer.event(Event::Warning(warning.clone()));
    manifest.warnings.push(warning);
}
