//! Planted attacks and benign changes: what would be caught, from which strength on, and which change would flood the team.

use maud::{Markup, html};

use super::{figure, markup, view::View};
use crate::{
    evaluate::planted::{AtStrength, BehaviourOutcome, Detection},
    text::visible_within,
};

phrases! { pub(super) Say {
    heading() { en: "Planted attacks and benign changes", fr: "Attaques simulées et changements bénins" }
    at_budget(budget) { en: "at {budget} alerts per period", fr: "à {budget} alertes par période" }
    at_threshold(budget) { en: "at the threshold that fills {budget} alerts per period in the training part", fr: "au seuil qui remplit {budget} alertes par période dans la partie d’apprentissage" }
    lead(at) {
        en: "Known behaviour was planted into copies of the judged logs, each at random places and strengths; {at} this is what would be caught. These figures are never added to those of real incidents.",
        fr: "Un comportement connu a été inséré dans des copies des journaux jugés, à des endroits tirés au sort et à plusieurs intensités ; voici ce qui serait détecté {at}. Ces chiffres ne sont jamais ajoutés à ceux des incidents réels.",
    }
    told() {
        en: "Planted behaviour is simpler than a real attack: what is missed here would be missed in earnest, what is caught here may still escape.",
        fr: "Un comportement simulé est plus simple qu’une attaque réelle : ce qui échappe ici échapperait pour de bon ; ce qui est détecté ici peut encore échapper.",
    }
    weakest(pick, behaviour, strength) {
        en: "{pick} catches at least half of the planted {behaviour} from {strength} on.",
        fr: "{pick} détecte au moins la moitié des cas simulés « {behaviour} » à partir de {strength}.",
    }
    never(pick, behaviour) {
        en: "At no strength that was tried is it beyond noise that {pick} catches half of the planted {behaviour}, and more of it than a random order does.",
        fr: "À aucune des intensités essayées, il n’est établi au-delà du bruit que {pick} détecte la moitié des cas simulés « {behaviour} », et davantage qu’un ordre aléatoire.",
    }
    caption() { en: "Planted attacks: copies caught, by strength", fr: "Attaques simulées : cas détectés, par intensité" }
    behaviour() { en: "Behaviour", fr: "Comportement" }
    strength() { en: "Strength", fr: "Intensité" }
    anyway() { en: "Raised anyway", fr: "Levés de toute façon" }
    anyway_note() {
        en: "“Raised anyway” counts the places at which the pick raises the real case without the plant.",
        fr: "« Levés de toute façon » compte les endroits où le candidat retenu lève déjà le cas réel, sans l’insertion.",
    }
    poisoned(caught, copies) { en: "{caught} of {copies} if planted in training too", fr: "{caught} sur {copies} si inséré aussi dans l’apprentissage" }
    hidden(count) { en: "{count} hidden by suppress rules", fr: "{count} cachés par les règles d’exclusion" }
    hides(rule, count, all, share) {
        en: "The suppress rule {rule} hides {count} of {all} planted attack units ({share}): nobody would open such an attack.",
        fr: "La règle d’exclusion {rule} cache {count} des {all} unités d’attaques simulées ({share}) : qui attaque ainsi n’est ouvert par personne.",
    }
    hides_none(count) {
        en: "None of the {count} planted attack units is hidden by a suppress rule.",
        fr: "Aucune des {count} unités d’attaques simulées n’est cachée par une règle d’exclusion.",
    }
    written_later() {
        en: "The suppress rules were written after this was planted: what they would hide of it is not known. Run the experiment with them to see it.",
        fr: "Les règles d’exclusion ont été écrites après ces insertions : on ne sait pas ce qu’elles en cacheraient. Relancez l’expérience avec elles pour le voir.",
    }
    storms() { en: "Benign changes: further alerts that they cause", fr: "Changements bénins : alertes supplémentaires causées" }
    storm_lead() {
        en: "A benign change is no attack: every alert below is a false one that the team would see when the change comes.",
        fr: "Un changement bénin n’est pas une attaque : chaque alerte ci-dessous est une fausse alerte que l’équipe verrait lors du changement.",
    }
    worst(count) { en: "worst period {count}", fr: "pire période {count}" }
    looks_forward() {
        en: "Planting into the judged part changed the training part: some field looks forward. Do not trust this run before that field is found.",
        fr: "L’insertion dans la partie jugée a modifié la partie d’apprentissage : un champ regarde vers l’avenir. Ne vous fiez pas à cette exécution avant d’avoir trouvé ce champ.",
    }
    exfiltration() { en: "exfiltration", fr: "exfiltration" }
    slow_drip() { en: "slow drip", fr: "fuite lente" }
    beacon() { en: "beacon", fr: "balise" }
    dns_tunnel() { en: "DNS tunnel", fr: "tunnel DNS" }
    generated_domains() { en: "generated domains", fr: "domaines générés" }
    password_guessing() { en: "password guessing", fr: "essais de mots de passe" }
    new_application() { en: "new application", fr: "nouvelle application" }
    backup_job() { en: "backup job", fr: "sauvegarde" }
    holiday() { en: "holiday", fr: "jour férié" }
    new_destination() { en: "new destination", fr: "destination nouvelle" }
    popular_destination() { en: "popular destination", fr: "destination populaire" }
    daily(text) { en: "{text} a day", fr: "{text} par jour" }
    of_users(text) { en: "{text} of entities", fr: "{text} des entités" }
    attempts(text) { en: "{text} attempts", fr: "{text} essais" }
    every(text) { en: "every {text}", fr: "toutes les {text}" }
} }

section!("planted", Body, |view| view.injection.as_ref().map(|_| Say(view.language).heading()), render);

/// What a behaviour is called.
pub(super) fn name(say: Say, behaviour: &BehaviourOutcome) -> String {
    let name = match behaviour.behaviour.as_str() {
        "exfiltration" => say.exfiltration(),
        "slow_drip" => say.slow_drip(),
        "beacon" => say.beacon(),
        "dns_tunnel" => say.dns_tunnel(),
        "generated_domains" => say.generated_domains(),
        "password_guessing" => say.password_guessing(),
        "new_application" => say.new_application(),
        "backup_job" => say.backup_job(),
        "holiday" => say.holiday(),
        other => visible_within(other, 30).into_owned(),
    };
    match behaviour.note.as_deref() {
        Some("new destination") => format!("{name}, {}", say.new_destination()),
        Some("popular destination") => format!("{name}, {}", say.popular_destination()),
        _ => name,
    }
}

/// How strong it was planted, in words.
pub(super) fn strength(say: Say, behaviour: &BehaviourOutcome, at: &AtStrength) -> String {
    let text = visible_within(&at.text, 24);
    match behaviour.parameter.as_str() {
        "users" | "away" => say.of_users(text),
        "attempts" => say.attempts(text),
        "period" => say.every(text.trim_start_matches("every ")),
        _ => say.daily(text),
    }
}

/// Where copies are caught: among the highest of each period, or from a fixed threshold on.
fn at(view: &View<'_>, say: Say, budget: u64) -> String {
    let budget = view.numbers.integer(budget);
    if view.fixed_threshold() { say.at_threshold(budget) } else { say.at_budget(budget) }
}

fn render(view: &View<'_>) -> Option<Markup> {
    let injection = view.injection.as_ref()?;
    let say = Say(view.language);
    let (changes, attacks): (Vec<&BehaviourOutcome>, Vec<&BehaviourOutcome>) = injection.behaviours.iter().partition(|b| b.benign);
    Some(html! {
        @if !injection.fields_look_back { p.lead { strong { (say.looks_forward()) } } }
        p.lead { (say.lead(at(view, say, injection.budget))) " " (say.told()) }
        @if !attacks.is_empty() {
            @if let Some(chart) = markup::chart(view, figure::PLANTED) { (chart) }
            ul.plain {
                @for sentence in weakest(view, say, &attacks) { li { (sentence) } }
                @for sentence in hides(view, say, &attacks) { li { (sentence) } }
            }
            (detection_table(view, say, &attacks))
            p.footnote { (say.anyway_note()) }
        }
        @if !changes.is_empty() {
            p { (say.storm_lead()) }
            (storm_table(view, say, &changes))
        }
    })
}

/// From which strength on the pick catches each attack.
fn weakest(view: &View<'_>, say: Say, attacks: &[&BehaviourOutcome]) -> Vec<String> {
    let Some(id) = view.pick_id() else { return Vec::new() };
    let of = |attack: &&BehaviourOutcome| {
        let found = attack.detectable.iter().find(|d| d.contender == id)?;
        let text = found.strength.as_ref().and_then(|text| attack.strengths.iter().find(|at| at.text == *text));
        Some(match text {
            Some(at) => say.weakest(view.title_of(id), name(say, attack), strength(say, attack, at)),
            None => say.never(view.title_of(id), name(say, attack)),
        })
    };
    attacks.iter().filter_map(of).collect()
}

/// What rules of `suppress` hide of the planted attacks.
fn hides(view: &View<'_>, say: Say, attacks: &[&BehaviourOutcome]) -> Vec<String> {
    let Some(suppression) = &view.evaluation.suppression else { return Vec::new() };
    if suppression.afterwards {
        return vec![say.written_later()];
    }
    let strengths = || attacks.iter().flat_map(|attack| &attack.strengths);
    let units: u64 = strengths().map(|at| at.units).sum();
    let numbers = view.numbers;
    let sentences: Vec<String> = suppression
        .rules
        .iter()
        .enumerate()
        .filter_map(|(at, one)| {
            let hidden: u64 = strengths().filter_map(|strength| strength.suppressed.get(at)).sum();
            let share = numbers.percent(hidden as f64 / units.max(1) as f64);
            let rule = visible_within(&one.rule.when, 120);
            (hidden > 0).then(|| say.hides(rule, numbers.integer(hidden), numbers.integer(units), share))
        })
        .collect();
    if sentences.is_empty() { vec![say.hides_none(numbers.integer(units))] } else { sentences }
}

/// The contenders that have a column: the rule, the pick, chance and the best field, then as many others as fit.
fn columns(view: &View<'_>, has: &dyn Fn(&str) -> bool) -> Vec<String> {
    const MOST: usize = 6;
    let evaluation = &view.evaluation;
    let first = ["baseline"].into_iter().chain(view.pick_id()).chain(["random"]).chain(evaluation.best_field.as_deref());
    let mut ids: Vec<String> = Vec::new();
    for id in first.chain(evaluation.contenders.iter().map(|c| c.id.as_str())) {
        if has(id) && !ids.iter().any(|other| other == id) && ids.len() < MOST {
            ids.push(id.to_owned());
        }
    }
    ids
}

fn title(view: &View<'_>, id: &str) -> String {
    if id == "baseline" { view.baseline().map_or_else(|| id.to_owned(), |baseline| view.title(baseline)) } else { view.title_of(id) }
}

fn detection_table(view: &View<'_>, say: Say, attacks: &[&BehaviourOutcome]) -> Markup {
    let all = || attacks.iter().flat_map(|attack| attack.strengths.iter());
    let ids = columns(view, &|id| all().any(|at| at.detections.iter().any(|d| d.contender == id)));
    let head = html! {
        (markup::head(&say.behaviour(), false)) (markup::head(&say.strength(), false))
        @for id in &ids { (markup::head(&title(view, id), true)) }
        (markup::head(&say.anyway(), true))
    };
    let cell = |at: &AtStrength, detection: Option<&Detection>, id: &str| {
        let Some(found) = detection else { return markup::none() };
        let mut small = view.numbers.percent_between(found.low, found.high);
        if let Some(poisoned) = at.poisoned.iter().find(|d| d.contender == id) {
            let caught = say.poisoned(view.numbers.integer(poisoned.caught), view.numbers.integer(at.copies));
            small = format!("{small} · {caught}");
        }
        if found.hidden > 0 {
            small = format!("{small} · {}", say.hidden(view.numbers.integer(found.hidden)));
        }
        markup::with_interval(&view.numbers.of(found.caught, at.copies), Some(small), found.caught as f64)
    };
    let body = html! {
        @for attack in attacks {
            @for at in &attack.strengths {
                tr {
                    th scope="row" { (name(say, attack)) }
                    td { (strength(say, attack, at)) }
                    @for id in &ids { (cell(at, at.detections.iter().find(|d| d.contender == *id), id)) }
                    @match view.pick_id().and_then(|id| at.detections.iter().find(|d| d.contender == id)) {
                        Some(found) => (markup::number(&view.numbers.integer(found.already), found.already as f64)),
                        None => (markup::none()),
                    }
                }
            }
        }
    };
    markup::table("", &say.caption(), false, &head, &body)
}

fn storm_table(view: &View<'_>, say: Say, changes: &[&BehaviourOutcome]) -> Markup {
    let all = || changes.iter().flat_map(|change| change.strengths.iter());
    let ids = columns(view, &|id| id != "random" && all().any(|at| at.storms.iter().any(|s| s.contender == id)));
    let head = html! {
        (markup::head(&say.behaviour(), false)) (markup::head(&say.strength(), false))
        @for id in &ids { (markup::head(&title(view, id), true)) }
    };
    let body = html! {
        @for change in changes {
            @for at in &change.strengths {
                tr {
                    th scope="row" { (name(say, change)) }
                    td { (strength(say, change, at)) }
                    @for id in &ids {
                        @match at.storms.iter().find(|s| s.contender == *id) {
                            Some(storm) => (markup::with_interval(&view.numbers.integer(storm.alerts), Some(say.worst(view.numbers.integer(storm.worst))), storm.alerts as f64)),
                            None => (markup::none()),
                        }
                    }
                }
            }
        }
    };
    markup::table("", &say.storms(), false, &head, &body)
}

#[cfg(test)]
mod tests {
    use crate::{
        evaluate::{SuppressedBy, Suppression},
        report::{ReportInput, fixture, page},
        spec::{Language, Suppress},
    };

    /// Planted attacks of which the rule hides so many units at each of three strengths.
    fn hidden(units: [u64; 3], afterwards: bool) -> ReportInput {
        let mut input = fixture::full();
        let rule = Suppress { when: "night > <0.5>".into(), reason: "backup".into(), until: None };
        input.evaluation.suppression = Some(Suppression { rules: vec![SuppressedBy { rule, units: 12 }], afterwards });
        for (strength, units) in input.injection.as_mut().unwrap().behaviours[0].strengths.iter_mut().zip(units) {
            (strength.units, strength.suppressed) = (40, vec![units]);
            strength.detections.iter_mut().for_each(|detection| detection.hidden = units / 10);
        }
        input
    }

    #[test]
    fn what_a_rule_hides_of_planted_attacks_is_told() {
        let mut input = hidden([0, 10, 20], false);
        let english = page(&input);
        assert!(english.contains("The suppress rule night &gt; &lt;0.5&gt; hides 30 of 120 planted attack units (25"));
        assert!(english.contains("): nobody would open such an attack."));
        assert!(english.contains("2 hidden by suppress rules") && !english.contains("0 hidden by suppress rules"));
        input.resolved.experiment.report.language = Language::Fr;
        assert!(page(&input).contains("cache 30 des 120 unités d’attaques simulées"));
        assert!(page(&hidden([0; 3], false)).contains("None of the 120 planted attack units is hidden by a suppress rule."));
        let later = page(&hidden([0, 10, 20], true));
        assert!(later.contains("were written after this was planted") && !later.contains("planted attack units ("));
        assert!(!page(&fixture::full()).contains("hidden by"));
    }
}
