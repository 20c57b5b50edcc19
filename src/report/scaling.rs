//! Scaling up: what this run measured of the questions that are asked before production, and what it cannot say.

use maud::{Markup, html};

use super::{markup, view::View};
use crate::text::visible_within;

phrases! { Say {
    heading() { en: "Scaling up", fr: "Passage à l’échelle" }
    lead() {
        en: "What this run measured of the questions that are asked before production. Where it measured nothing, it says so.",
        fr: "Ce que cette exécution a mesuré des questions posées avant la mise en production. Là où elle n’a rien mesuré, elle le dit.",
    }
    volumes() { en: "Volumes and pre-processing", fr: "Volumes et pré-traitement" }
    volume(events, gigabytes, bytes) { en: "{events} events a day were read, {gigabytes} of text a day, {bytes} an event.", fr: "{events} événements lus par jour, {gigabytes} de texte par jour, {bytes} par événement." }
    untimed(events) { en: "{events} rows were read; without time, nothing a day can be given.", fr: "{events} lignes lues ; sans date, rien ne peut être donné par jour." }
    speed(rate) { en: "Reading, joining and making the fields went at {rate} events a second.", fr: "Lecture, jointures et calcul des champs : {rate} événements par seconde." }
    lost(share) { en: "{share} of the lines could not be used: no parser for them, no time, or outside the window.", fr: "{share} des lignes n’ont pas pu servir : illisibles, sans date ou hors de la fenêtre." }
    production(events, factor) { en: "In production: {events} events a day, {factor} times as many as here.", fr: "En production : {events} événements par jour, {factor} fois plus qu’ici." }
    no_production() { en: "How many events a day there are in production is not in the experiment (`cost.production.events_per_day`): nothing is projected.", fr: "Le nombre d’événements par jour en production n’est pas dans l’expérience (`cost.production.events_per_day`) : rien n’est projeté." }
    often() { en: "How often to score", fr: "À quelle fréquence calculer les scores" }
    every(period, units, seconds) { en: "Once each {period}, when a period of the entities ends: scoring {units} units took {seconds} here.", fr: "Une fois par {period}, à la fin d’une période des entités : {units} unités ont demandé {seconds} ici." }
    delay(hours) { en: "From the start of an incident to the alert it took {hours} in the middle.", fr: "Du début d’un incident à l’alerte, il a fallu {hours} en médiane." }
    retrain() { en: "How often to retrain, and on how much", fr: "À quelle fréquence réapprendre, et sur combien" }
    learned(units, days, seconds) { en: "Learned from {units} units of {days} days; fitting took {seconds}.", fr: "Apprentissage sur {units} unités de {days} jours, en {seconds}." }
    drift(count, all, days) { en: "{count} of {all} fields had shifted (PSI above 0.25) within the {days} days judged: retrain at least that often, or look at why.", fr: "{count} champs sur {all} se sont déplacés (PSI au-dessus de 0,25) en {days} jours jugés : réapprenez au moins aussi souvent, ou cherchez pourquoi." }
    stable(all, days) { en: "None of {all} fields had shifted (PSI above 0.25) within the {days} days judged: nothing here calls for retraining more often; longer was not seen.", fr: "Aucun des {all} champs ne s’est déplacé (PSI au-dessus de 0,25) en {days} jours jugés : rien ici n’exige de réapprendre plus souvent ; au-delà, rien n’a été vu." }
    asked(period) { en: "The costs count on learning anew every {period}.", fr: "Les coûts comptent un nouvel apprentissage tous les {period}." }
    studied(studies) { en: "Studied in this run: {studies}; see that section.", fr: "Étudié dans cette exécution : {studies} ; voir cette section." }
    unstudied() { en: "How the result depends on the length of training and on its age was not studied: add `evaluate.study`.", fr: "L’effet de la longueur et de l’âge de l’apprentissage n’a pas été étudié : ajoutez `evaluate.study`." }
    machines() { en: "Infrastructure", fr: "Infrastructure" }
    memory(bytes, machine) { en: "The run took at most {bytes} of memory on {machine}.", fr: "L’exécution a pris au plus {bytes} de mémoire sur {machine}." }
    stage(name, seconds, law) { en: "{name}: {seconds} ({law})", fr: "{name} : {seconds} ({law})" }
    by_events() { en: "grows with the events", fr: "croît avec les événements" }
    by_units() { en: "grows with the units; fitting is bounded by a sample", fr: "croît avec les unités ; l’apprentissage est borné par un échantillon" }
    by_draws() { en: "grows with the cases judged", fr: "croît avec les cas jugés" }
    projected(seconds) { en: "At the production volume a day’s logs would take about {seconds} on a machine like this one, if units grow as events do.", fr: "Au volume de production, les journaux d’une journée demanderaient environ {seconds} sur une machine comme celle-ci, si les unités croissent comme les événements." }
    memory_law() { en: "Memory grows with units, entities and distinct values, not with events; it was measured at this size only.", fr: "La mémoire croît avec les unités, les entités et les valeurs distinctes, non avec les événements ; elle n’a été mesurée qu’à cette taille." }
    skills() { en: "Skills", fr: "Compétences" }
    upkeep(sources, joins, fields) { en: "To be kept up: {sources} sources, {joins} joins, {fields} fields, and the reading of alerts; whoever does it must know the logs, not the mathematics.", fr: "À entretenir : {sources} sources, {joins} jointures, {fields} champs, et la lecture des alertes ; il faut connaître les journaux plutôt que les mathématiques." }
    people() { en: "How many people that takes a run cannot measure; the cost lines say what was assumed.", fr: "Combien de personnes cela demande, une exécution ne peut le mesurer ; les lignes de coût disent ce qui est supposé." }
    reading() { en: "Reading", fr: "Lecture" }
    fields() { en: "Fields", fr: "Champs" }
    scoring() { en: "Scoring", fr: "Scores" }
    judging() { en: "Judging", fr: "Jugement" }
    day() { en: "day", fr: "jour" }
    hour() { en: "hour", fr: "heure" }
} }

section!("scaling", Body, |view| Some(Say(view.language).heading()), render);

/// The PSI above which a field is read as shifted.
const SHIFTED: f64 = 0.25;

/// What was read, and over how many days.
struct Volume {
    events: f64,
    text_bytes: f64,
    days: f64,
}

fn volume(view: &View<'_>) -> Volume {
    let sources = &view.quality.sources;
    let days = view.window().map_or(0.0, |[start, _, end]| (end - start) as f64 / 86_400e6);
    Volume {
        events: sources.iter().map(|source| source.rows).sum::<u64>() as f64,
        text_bytes: sources.iter().flat_map(|source| &source.files).map(|file| file.text_bytes).sum::<u64>() as f64,
        days,
    }
}

/// The seconds of a stage, whatever the case of its name.
fn seconds(view: &View<'_>, stage: &str) -> Option<f64> {
    view.manifest.seconds.iter().find(|(name, _)| name.eq_ignore_ascii_case(stage)).map(|(_, seconds)| *seconds)
}

fn volumes(view: &View<'_>, say: Say, found: &Volume) -> Vec<String> {
    let numbers = view.numbers;
    let whole = |value: f64| numbers.significant(value, 3);
    let mut told = Vec::new();
    if found.days > 0.0 && found.events > 0.0 {
        let bytes = |value: f64| numbers.bytes(value as u64);
        told.push(say.volume(whole(found.events / found.days), bytes(found.text_bytes / found.days), bytes(found.text_bytes / found.events)));
    } else {
        told.push(say.untimed(whole(found.events)));
    }
    let spent: f64 = ["reading", "fields"].iter().filter_map(|stage| seconds(view, stage)).sum();
    if spent > 0.0 {
        told.push(say.speed(whole(found.events / spent)));
    }
    let lines: u64 = view.quality.sources.iter().map(|source| source.lines - source.header.min(source.lines)).sum();
    let lost: u64 = view.quality.sources.iter().map(|source| source.malformed + source.no_time + source.outside_window).sum();
    if lines > 0 && lost > 0 {
        told.push(say.lost(numbers.percent(lost as f64 / lines as f64)));
    }
    told.push(match factor(view, found) {
        Some((events, factor)) => say.production(whole(events), numbers.significant(factor, 2)),
        None => say.no_production(),
    });
    told
}

/// Events a day in production, and how many times as many as here that is.
fn factor(view: &View<'_>, found: &Volume) -> Option<(f64, f64)> {
    let events = view.resolved.experiment.cost.as_ref()?.production.as_ref()?.events_per_day?;
    (found.days > 0.0 && found.events > 0.0).then(|| (events, events * found.days / found.events))
}

fn scoring(view: &View<'_>, say: Say) -> Vec<String> {
    let Some((pick, point)) = view.pick() else { return Vec::new() };
    let mut told = Vec::new();
    if let Some(entity) = &view.resolved.experiment.entity {
        let period = match entity.every.to_string().as_str() {
            "1d" => say.day(),
            "1h" => say.hour(),
            other => other.to_owned(),
        };
        told.push(say.every(period, view.numbers.integer(view.evaluation.units.judged), view.numbers.seconds(pick.score_seconds)));
    }
    told.extend(point.hours_to_alert.map(|hours| say.delay(view.numbers.hours(hours))));
    told
}

fn retraining(view: &View<'_>, say: Say) -> Vec<String> {
    let numbers = view.numbers;
    let Some((pick, _)) = view.pick() else { return Vec::new() };
    let mut told = Vec::new();
    if let Some([start, middle, _]) = view.window() {
        let days = (middle - start) as f64 / 86_400e6;
        let units = numbers.integer(view.evaluation.units.training);
        told.push(say.learned(units, numbers.count(days), numbers.seconds(pick.fit_seconds)));
    }
    let drifts: Vec<f64> = view.fields.iter().filter_map(|field| field.drift).collect();
    if !drifts.is_empty() && view.evaluation.judged_days > 0.0 {
        let (shifted, days) = (drifts.iter().filter(|drift| **drift > SHIFTED).count(), numbers.count(view.evaluation.judged_days));
        told.push(if shifted > 0 { say.drift(shifted, drifts.len(), days) } else { say.stable(drifts.len(), days) });
    }
    let production = view.resolved.experiment.cost.as_ref().and_then(|cost| cost.production.as_ref());
    told.extend(production.and_then(|production| production.retrain_every).map(|every| say.asked(every)));
    let studies: Vec<String> = view.resolved.experiment.evaluate.study.iter().map(|study| format!("`{}`", visible_within(study, 40))).collect();
    told.push(if studies.is_empty() { say.unstudied() } else { say.studied(studies.join(", ")) });
    told
}

fn infrastructure(view: &View<'_>, say: Say, found: &Volume) -> Vec<String> {
    let numbers = view.numbers;
    let mut told = Vec::new();
    if let Some(bytes) = view.manifest.peak_bytes {
        told.push(say.memory(numbers.bytes(bytes), visible_within(&view.manifest.machine, 80)));
        told.push(say.memory_law());
    }
    let laws = [
        ("reading", say.reading(), say.by_events()),
        ("fields", say.fields(), say.by_events()),
        ("scoring", say.scoring(), say.by_units()),
        ("judging", say.judging(), say.by_draws()),
    ];
    let known = laws.into_iter().filter_map(|(stage, name, law)| Some((seconds(view, stage)?, name, law)));
    told.extend(known.map(|(seconds, name, law)| say.stage(name, numbers.seconds(seconds), law)));
    if let Some((_, factor)) = factor(view, found) {
        // Every stage up to scoring is run on a day's logs; each grows in proportion.
        let spent: f64 = ["reading", "fields"].iter().filter_map(|stage| seconds(view, stage)).sum();
        let score = view.pick().map_or(0.0, |(pick, _)| pick.score_seconds) / view.evaluation.judged_days.max(1.0);
        told.push(say.projected(numbers.seconds((spent / found.days + score) * factor)));
    }
    told
}

fn part(title: &str, sentences: &[String]) -> Markup {
    html! {
        @if !sentences.is_empty() {
            h3 { (title) }
            ul.plain.facts { @for sentence in sentences { li { (markup::code_words(sentence)) } } }
        }
    }
}

fn render(view: &View<'_>) -> Option<Markup> {
    let say = Say(view.language);
    if view.quality.sources.is_empty() {
        return None;
    }
    let found = volume(view);
    let counted = |count: usize| view.numbers.integer(count as u64);
    let upkeep = say.upkeep(counted(view.quality.sources.len()), counted(view.quality.joins.len()), counted(view.fields.len()));
    Some(html! {
        p { (say.lead()) }
        div.pair {
            div { (part(&say.volumes(), &volumes(view, say, &found))) (part(&say.often(), &scoring(view, say))) (part(&say.skills(), &[upkeep, say.people()])) }
            div { (part(&say.retrain(), &retraining(view, say))) (part(&say.machines(), &infrastructure(view, say, &found))) }
        }
    })
}
