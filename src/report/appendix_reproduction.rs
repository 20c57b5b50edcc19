//! Appendix A10: what it takes to get the same figures again.

use maud::{Markup, html};

use super::{markup, view::View};
use crate::text::visible_within;

phrases! { Say {
    heading() { en: "A10 Reproduction", fr: "A10 Reproduction" }
    command() { en: "Command", fr: "Commande" }
    run() { en: "Run", fr: "Exécution" }
    times() { en: "Begun, ended", fr: "Début, fin" }
    version() { en: "gonogo", fr: "gonogo" }
    machine() { en: "Machine", fr: "Machine" }
    memory() { en: "Largest memory", fr: "Mémoire maximale" }
    seed() { en: "Seed", fr: "Graine" }
    experiment() { en: "Experiment, SHA-256", fr: "Expérience, SHA-256" }
    data() { en: "Data, SHA-256", fr: "Données, SHA-256" }
    criteria() { en: "Criteria, SHA-256", fr: "Critères, SHA-256" }
    opened() { en: "Judged part opened", fr: "Partie jugée ouverte" }
    times_opened(count) { en: "{count} times, this run included", fr: "{count} fois, cette exécution comprise" }
    once() { en: "once, by this run", fr: "une fois, par cette exécution" }
    licence() { en: "Licence of the data", fr: "Licence des données" }
    licence_of(source, licence) { en: "{source}: {licence}", fr: "{source} : {licence}" }
    no_licence() { en: "not in the experiment (`sources.NAME.licence`)", fr: "absente de l’expérience (`sources.NOM.licence`)" }
    stages() { en: "Time of each stage", fr: "Durée de chaque étape" }
    stage() { en: "Stage", fr: "Étape" }
    time() { en: "Time", fr: "Durée" }
} }

section!("a10", Appendix, |view| Some(Say(view.language).heading()), render);

fn licences(view: &View<'_>, say: Say) -> String {
    let named = view.resolved.experiment.sources.iter().filter_map(|(name, source)| Some((name, source.licence.as_ref()?)));
    let told: Vec<String> = named.map(|(name, licence)| say.licence_of(visible_within(name, 40), visible_within(licence, 200))).collect();
    if told.is_empty() { say.no_licence() } else { told.join(" · ").replace('`', "'") }
}

fn render(view: &View<'_>) -> Option<Markup> {
    let say = Say(view.language);
    let manifest = &view.manifest;
    let code = |text: &str| html! { code { (visible_within(text, 1_000)) } };
    Some(html! {
        dl.facts {
            dt { (say.command()) } dd { (code(&manifest.command)) }
            dt { (say.run()) } dd { (visible_within(&manifest.run, 100)) }
            dt { (say.times()) } dd { (visible_within(&manifest.started, 40)) ", " (visible_within(manifest.finished.as_deref().unwrap_or("—"), 40)) }
            dt { (say.version()) } dd { (visible_within(&manifest.version, 60)) }
            dt { (say.machine()) } dd { (visible_within(&manifest.machine, 120)) }
            @if let Some(bytes) = manifest.peak_bytes { dt { (say.memory()) } dd { (view.numbers.bytes(bytes)) } }
            dt { (say.seed()) } dd { (manifest.seed) }
            dt { (say.experiment()) } dd { (code(&manifest.experiment_hash)) }
            @if let Some(hash) = &manifest.data_hash { dt { (say.data()) } dd { (code(hash)) } }
            @if !view.decision.criteria_hash.is_empty() { dt { (say.criteria()) } dd { (code(&view.decision.criteria_hash)) } }
            dt { (say.licence()) } dd { (markup::code_words(&licences(view, say))) }
            dt { (say.opened()) } dd { (if manifest.judged_opened <= 1 { say.once() } else { say.times_opened(manifest.judged_opened) }) }
        }
        @if !manifest.seconds.is_empty() {
            h3 { (say.stages()) }
            (markup::table("", &say.stages(), false, &html! { (markup::head(&say.stage(), false)) (markup::head(&say.time(), true)) }, &html! {
                @for (stage, seconds) in &manifest.seconds { tr { th scope="row" { (visible_within(stage, 60)) } (markup::number(&view.numbers.seconds(*seconds), *seconds)) } }
            }))
        }
    })
}
