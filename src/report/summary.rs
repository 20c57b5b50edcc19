//! The short form, for a merge request or a mail.

use std::fmt::Write as _;

use super::{metric, page, verdict, view::View};
use crate::{decide::Standing, detect::Kind, evaluate::Status, text::markdown_text};

phrases! { Say {
    criterion() { en: "Criterion", fr: "Critère" }
    asked() { en: "Asked", fr: "Demandé" }
    measured() { en: "Measured", fr: "Mesuré" }
    interval(confidence) { en: "{confidence} interval", fr: "Intervalle {confidence}" }
    status() { en: "Status", fr: "Statut" }
    met() { en: "✓ Met", fr: "✓ Atteint" }
    not_met() { en: "✗ Not met", fr: "✗ Non atteint" }
    open() { en: "? Not settled", fr: "? Non tranché" }
    detector() { en: "Detector", fr: "Détecteur" }
    false_alerts(rate) { en: "False alerts{rate}", fr: "Fausses alertes{rate}" }
    alerts(rate) { en: "Alerts{rate}", fr: "Alertes{rate}" }
    caught() { en: "Incidents caught", fr: "Incidents détectés" }
    current() { en: "current rule", fr: "règle actuelle" }
    judged() { en: "judged", fr: "jugé" }
    control() { en: "control", fr: "témoin" }
    failed() { en: "failed", fr: "échec" }
    synthetic() { en: "Synthetic demonstration data.", fr: "Données de démonstration synthétiques." }
    in_sample() { en: "In sample: fitted and scored on the same rows.", fr: "Sans données à part : apprentissage et évaluation sur les mêmes lignes." }
    run(run) { en: "Run {run}", fr: "Exécution {run}" }
    next() { en: "Next", fr: "Ensuite" }
} }

/// The verdict, the criteria and the contenders.
pub(super) fn markdown(view: &View<'_>) -> String {
    let say = Say(view.language);
    let mut text = String::new();
    let word = page::word(view);
    let _ = writeln!(text, "## {word} — {}\n", markdown_text(&verdict::advice(view)));
    let _ = writeln!(text, "**{}**\n", markdown_text(&view.use_case()));
    let notes = [(view.manifest.synthetic, say.synthetic()), (view.evaluation.in_sample, say.in_sample())];
    for (_, note) in notes.into_iter().filter(|(applies, _)| *applies) {
        let _ = writeln!(text, "> {note}\n");
    }
    let _ = writeln!(text, "{} {}\n", markdown_text(&verdict::gain(view)), markdown_text(&verdict::reason(view)));
    criteria(view, say, &mut text);
    contenders(view, say, &mut text);
    if !view.decision.next.is_empty() {
        let _ = writeln!(text, "{}:\n", say.next());
        for (index, step) in view.decision.next.iter().enumerate() {
            let _ = writeln!(text, "{}. {}", index + 1, markdown_text(step.told(view.language)));
        }
        text.push('\n');
    }
    let _ = writeln!(text, "{}", say.run(markdown_text(&view.manifest.run)));
    text
}

fn criteria(view: &View<'_>, say: Say, text: &mut String) {
    if view.decision.criteria.is_empty() {
        return;
    }
    let _ = writeln!(
        text,
        "| {} | {} | {} | {} | {} |\n| --- | ---: | ---: | ---: | --- |",
        say.criterion(),
        say.asked(),
        say.measured(),
        say.interval(view.confidence()),
        say.status()
    );
    for judged in &view.decision.criteria {
        let status = match judged.standing {
            Standing::Met => say.met(),
            Standing::NotMet => say.not_met(),
            Standing::Open => say.open(),
        };
        let measured = metric::measured(view, judged).unwrap_or_else(|| "—".into());
        let interval = metric::interval(view, judged).unwrap_or_else(|| "—".into());
        let name = markdown_text(&metric::name(view, &judged.metric));
        let _ = writeln!(text, "| {name} | {} | {measured} | {interval} | {status} |", metric::asked(view, judged));
    }
    text.push('\n');
}

fn contenders(view: &View<'_>, say: Say, text: &mut String) {
    let labelled = view.has_labels();
    let alerts = if labelled { say.false_alerts(view.rate()) } else { say.alerts(view.rate()) };
    let _ = writeln!(text, "| {} | {alerts} | {} | |\n| --- | ---: | ---: | --- |", say.detector(), say.caught());
    for contender in &view.evaluation.contenders {
        let name = markdown_text(&view.title(contender));
        let tag = match contender.kind {
            Kind::Baseline => say.current(),
            Kind::Control => say.control(),
            _ if view.is_pick(contender) => format!("**{}**", say.judged()),
            _ => String::new(),
        };
        match (&contender.budget, contender.outcome) {
            (Some(point), Status::Scored) => {
                let weekly = if labelled { point.false_alerts_per_week } else { view.alerts(point) };
                let known = labelled && view.evaluation.incidents > 0;
                let caught = if known { view.numbers.of(point.incidents_caught, view.evaluation.incidents) } else { "—".into() };
                let _ = writeln!(text, "| {name} | {} | {caught} | {tag} |", view.numbers.count(weekly));
            }
            _ => {
                let reason = contender.reason.as_deref().map(markdown_text).unwrap_or_default();
                let _ = writeln!(text, "| {name} | — | — | {}: {reason} |", say.failed());
            }
        }
    }
    text.push('\n');
}
