//! Scaling up: what this run measured of the questions that are asked before production, and what it cannot say.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::{markup, metric, view::View};
use crate::{
    cost::{self, Spent, Stage, StageWork},
    spec::Duration,
    text::{Numbers, visible_within},
};

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
    studied(studies) { en: "Studied in this run, each in a section of its own: {studies}.", fr: "Étudié dans cette exécution, chaque étude dans sa section : {studies}." }
    unstudied() { en: "How the result depends on the length of training and on its age was not studied: add `evaluate.study`.", fr: "L’effet de la longueur et de l’âge de l’apprentissage n’a pas été étudié : ajoutez `evaluate.study`." }
    machines() { en: "Infrastructure", fr: "Infrastructure" }
    memory(bytes, machine) { en: "The run took at most {bytes} of memory on {machine}.", fr: "L’exécution a pris au plus {bytes} de mémoire sur {machine}." }
    stage(name, seconds, law) { en: "{name}: {seconds} ({law})", fr: "{name} : {seconds} ({law})" }
    by_events() { en: "grows with the events", fr: "croît avec les événements" }
    by_lessons() { en: "at most with the square of the units learned from, which are bounded by a sample", fr: "au plus avec le carré des unités apprises, bornées par un échantillon" }
    by_units() { en: "grows with the units", fr: "croît avec les unités" }
    computing() { en: "Computing in a year of production", fr: "Calcul dans une année de production" }
    stage_name() { en: "Stage", fr: "Étape" }
    law() { en: "How it grows", fr: "Croissance" }
    here() { en: "Took here", fr: "Ici" }
    times() { en: "Times a year", fr: "Fois par an" }
    as_measured() { en: "Hours, as measured", fr: "Heures, mesuré" }
    as_counted() { en: "Hours, as counted", fr: "Heures, compté" }
    all() { en: "All", fr: "Total" }
    within(measured, money, low, high) {
        en: "As measured here: {measured} processor hours a year, {money} with their memory. The money above counts {low} to {high} hours, from the counted work and the seconds that such work takes on machines fast and slow: no verdict hangs on a clock.",
        fr: "Selon les mesures d’ici : {measured} heures de processeur par an, {money} avec leur mémoire. Les montants plus haut comptent de {low} à {high} heures, d’après le travail compté et les secondes qu’il prend sur des machines rapides ou lentes : aucun verdict ne dépend d’une horloge.",
    }
    beyond(net) {
        en: "That is more than the money counts: with the hours measured here the best option’s net saving would be {net}.",
        fr: "C’est plus que ce que comptent les montants : avec les heures mesurées ici, le gain net de la meilleure option serait de {net}.",
    }
    too_large(most) {
        en: "The price of a processor hour holds {most} GB of memory; this run took more.",
        fr: "Le prix de l’heure de processeur comprend {most} Go de mémoire ; cette exécution en a pris plus.",
    }
    cpu_note() {
        en: "Reading and fields in processor seconds of all cores (fewer where parsed logs came from the cache); learning and scoring of the pick by the wall clock.",
        fr: "Lecture et champs en secondes de processeur, tous cœurs (moins si les journaux déjà lus venaient du cache) ; apprentissage et scores du retenu à l’horloge.",
    }
    memory_law() { en: "Memory grows with units, entities and distinct values, not with events; it was measured at this size only.", fr: "La mémoire croît avec les unités, les entités et les valeurs distinctes, non avec les événements ; elle n’a été mesurée qu’à cette taille." }
    skills() { en: "Skills", fr: "Compétences" }
    upkeep(sources, joins, fields) { en: "To be kept up, besides the reading of alerts: sources ({sources}), joins ({joins}), fields ({fields}); whoever does it must know the logs, not the mathematics.", fr: "À entretenir, outre la lecture des alertes : sources ({sources}), jointures ({joins}), champs ({fields}) ; il faut connaître les journaux plutôt que les mathématiques." }
    people() { en: "How many people that takes a run cannot measure; the cost lines say what was assumed.", fr: "Combien de personnes cela demande, une exécution ne peut le mesurer ; les lignes de coût disent ce qui est supposé." }
    reading() { en: "Reading, fields", fr: "Lecture, champs" }
    fitting() { en: "Learning", fr: "Apprentissage" }
    scoring() { en: "Scoring", fr: "Scores" }
    days(count) { en: "{count} days", fr: "{count} jours" }
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
    let sources = view.quality.of_events(&view.resolved.experiment);
    let days = view.window().map_or(0.0, |[start, _, end]| (end - start) as f64 / 86_400e6);
    Volume {
        events: sources.iter().map(|source| source.rows).sum::<u64>() as f64,
        text_bytes: sources.iter().flat_map(|source| &source.files).map(|file| file.text_bytes).sum::<u64>() as f64,
        days,
    }
}

/// The seconds of a stage, whatever the case of its name.
fn seconds(view: &View<'_>, stage: &str) -> Option<f64> {
    of_stage(&view.manifest.seconds, stage)
}

fn cpu_seconds(view: &View<'_>, stage: &str) -> Option<f64> {
    of_stage(&view.manifest.cpu_seconds, stage)
}

fn of_stage(seconds: &BTreeMap<String, f64>, stage: &str) -> Option<f64> {
    seconds.iter().find(|(name, _)| name.eq_ignore_ascii_case(stage)).map(|(_, seconds)| *seconds)
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

/// A length of time in words: `1 month`, `7 days`.
fn period(view: &View<'_>, say: Say, length: Duration) -> String {
    let days = length.as_days();
    if days >= 28.0 { metric::month_count(view.language, days / 30.0) } else { say.days(view.numbers.count(days)) }
}

fn retraining(view: &View<'_>, say: Say) -> Vec<String> {
    let numbers = view.numbers;
    let Some((pick, _)) = view.pick() else { return Vec::new() };
    let mut told = Vec::new();
    if let Some(days) = view.days_learned_from() {
        let units = numbers.integer(view.evaluation.units.training);
        told.push(say.learned(units, numbers.count(days), numbers.seconds(pick.fit_seconds)));
    }
    let drifts: Vec<f64> = view.fields.iter().filter_map(|field| field.drift).collect();
    if !drifts.is_empty() && view.evaluation.judged_days > 0.0 {
        let (shifted, days) = (drifts.iter().filter(|drift| **drift > SHIFTED).count(), numbers.count(view.evaluation.judged_days));
        told.push(if shifted > 0 { say.drift(shifted, drifts.len(), days) } else { say.stable(drifts.len(), days) });
    }
    let production = view.resolved.experiment.cost.as_ref().and_then(|cost| cost.production.as_ref());
    told.extend(production.and_then(|production| production.retrain_every).map(|every| say.asked(period(view, say, every))));
    let studies: Vec<String> = view.resolved.experiment.evaluate.study.iter().map(|study| format!("`{}`", visible_within(study, 40))).collect();
    told.push(if studies.is_empty() { say.unstudied() } else { say.studied(studies.join(", ")) });
    told
}

fn infrastructure(view: &View<'_>, say: Say) -> Vec<String> {
    let numbers = view.numbers;
    let mut told = Vec::new();
    if let Some(bytes) = view.manifest.peak_bytes {
        told.push(say.memory(numbers.bytes(bytes), visible_within(&view.manifest.machine, 80)));
        told.push(say.memory_law());
    }
    // Without costs nothing is projected, and the stages are told as they are.
    if view.cost().is_none_or(|cost| cost.computing.is_empty()) {
        told.extend(spent(view).iter().map(|spent| say.stage(named(say, spent.stage), numbers.seconds(spent.seconds), law(say, spent.stage))));
    }
    told
}

/// What each stage of production took here: reading in processor seconds where the system tells them.
fn spent(view: &View<'_>) -> Vec<Spent> {
    let reading: f64 = ["reading", "fields"].iter().filter_map(|stage| cpu_seconds(view, stage).or_else(|| seconds(view, stage))).sum();
    let mut spent = vec![Spent { stage: Stage::Reading, seconds: reading }];
    if let Some((pick, _)) = view.pick() {
        spent.push(Spent { stage: Stage::Fitting, seconds: pick.fit_seconds });
        spent.push(Spent { stage: Stage::Scoring, seconds: pick.score_seconds });
    }
    spent
}

fn named(say: Say, stage: Stage) -> String {
    match stage {
        Stage::Reading => say.reading(),
        Stage::Fitting => say.fitting(),
        Stage::Scoring => say.scoring(),
    }
}

fn law(say: Say, stage: Stage) -> String {
    match stage {
        Stage::Reading => say.by_events(),
        Stage::Fitting => say.by_lessons(),
        Stage::Scoring => say.by_units(),
    }
}

/// What this run took, projected by the law of each stage, beside what the money counts.
fn computing(view: &View<'_>, say: Say) -> Option<Markup> {
    let cost = view.cost().filter(|cost| !cost.computing.is_empty())?;
    let numbers = view.numbers;
    let spent = spent(view);
    let (measured, counted) = (cost::projected(&cost.computing, &spent), cost::hours(&cost.computing));
    let short = |value: f64| numbers.significant(value, 2);
    let money = |value: f64| super::cost::amount(view, value, Numbers::money_step(value, value, value), &cost.currency);
    let head = html! {
        (markup::head(&say.stage_name(), false)) (markup::head(&say.law(), false)) (markup::head(&say.here(), true)) (markup::head(&say.times(), true))
        (markup::head(&say.as_measured(), true)) (markup::head(&say.as_counted(), true))
    };
    let row = |stage: &StageWork| {
        let took = spent.iter().filter(|spent| spent.stage == stage.stage);
        let seconds: f64 = took.map(|spent| spent.seconds).sum();
        let hours = cost::projected(&[*stage], &spent);
        html! {
            tr {
                th scope="row" { (named(say, stage.stage)) }
                td { (law(say, stage.stage)) }
                (markup::number(&numbers.seconds(seconds), seconds))
                (markup::number(&short(stage.times), stage.times))
                (markup::number(&short(hours), hours))
                (markup::number(&numbers.to(&short(stage.hours.low), &short(stage.hours.high)), stage.hours.high))
            }
        }
    };
    let body = html! {
        @for stage in &cost.computing { (row(stage)) }
        tr.total { th scope="row" { (say.all()) } td {} td {} td {} (markup::number(&short(measured), measured)) (markup::number(&numbers.to(&short(counted.low), &short(counted.high)), counted.high)) }
    };
    let mut told = vec![say.within(short(measured), money(measured * cost.cpu_hour.base), short(counted.low), short(counted.high))];
    if let Some(best) = super::cost::best(view).filter(|_| measured > counted.high) {
        told.push(say.beyond(money(best.npv.base - cost.present_of_yearly((measured - counted.base) * cost.cpu_hour.base))));
    }
    if view.manifest.peak_bytes.is_some_and(|bytes| bytes as f64 > cost::CPU_HOUR_MEMORY * 1e9) {
        told.push(say.too_large(short(cost::CPU_HOUR_MEMORY)));
    }
    Some(html! {
        h3 { (say.computing()) }
        (markup::table("", &say.computing(), false, &head, &body))
        ul.plain.facts { @for sentence in &told { li { (sentence) } } }
        p.footnote { (say.cpu_note()) }
    })
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
            div { (part(&say.retrain(), &retraining(view, say))) (part(&say.machines(), &infrastructure(view, say))) }
        }
        @if let Some(computing) = computing(view, say) { (computing) }
    })
}

#[cfg(test)]
mod tests {
    use crate::report::{fixture, page};

    #[test]
    fn the_warm_up_is_not_learned_from() {
        let mut input = fixture::full();
        let of = |input: &_, days: u64| page(input).contains(&format!("units of {days} days; fitting took"));
        assert!(of(&input, 10));
        input.resolved.experiment.window.as_mut().unwrap().warm_up = Some("2d".parse().unwrap());
        assert!(of(&input, 8) && page(&input).contains("8 days to learn from, 4 judged"));
    }
}
