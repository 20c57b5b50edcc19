//! What would be missed and what would be gained: never a reduction without its price.

use maud::{Markup, html};

use super::{markup, view::View};
use crate::{detect::Kind, evaluate::IncidentOutcome, text::visible_within};

phrases! { Say {
    heading() { en: "What we would miss, what we would gain", fr: "Ce que nous manquerions, ce que nous gagnerions" }
    heading_alone() { en: "What we would miss", fr: "Ce que nous manquerions" }
    lost(pick) { en: "Caught today, missed by {pick}", fr: "Détectés aujourd’hui, manqués par {pick}" }
    gained(pick) { en: "Missed today, found by {pick}", fr: "Manqués aujourd’hui, trouvés par {pick}" }
    missed(pick) { en: "Missed by {pick}", fr: "Manqués par {pick}" }
    both(count) { en: "{count} incidents are missed by the current rule and by the pick alike.", fr: "{count} incidents échappent à la règle actuelle comme au candidat retenu." }
    both_one() { en: "One incident is missed by the current rule and by the pick alike.", fr: "Un incident échappe à la règle actuelle comme au candidat retenu." }
    shared(count) { en: "{count} incidents are caught by both.", fr: "{count} incidents sont détectés par les deux." }
    shared_one() { en: "One incident is caught by both.", fr: "Un incident est détecté par les deux." }
    nothing_lost() { en: "Nothing: every incident that the current rule catches is caught.", fr: "Rien : tous les incidents détectés par la règle actuelle le sont." }
    nothing_missed() { en: "Nothing: every incident is caught.", fr: "Rien : tous les incidents sont détectés." }
    nothing_gained() { en: "Nothing that the current rule does not find.", fr: "Rien que la règle actuelle ne trouve déjà." }
    incident() { en: "Incident", fr: "Incident" }
    began() { en: "Began", fr: "Début" }
    entity() { en: "Entity", fr: "Entité" }
    also() { en: "Also caught by", fr: "Détecté aussi par" }
    nobody() { en: "no other", fr: "aucun autre" }
    more(count) { en: "and {count} more, in evaluation.json", fr: "et {count} de plus, dans evaluation.json" }
} }

section!(
    "missed",
    Body,
    |view| Some(if view.baseline().is_some() { Say(view.language).heading() } else { Say(view.language).heading_alone() }),
    render
);

const MOST: usize = 10;

fn list(view: &View<'_>, say: Say, title: &str, none: &str, incidents: &[&IncidentOutcome]) -> Markup {
    let timed = view.window().is_some();
    let catchers = |incident: &IncidentOutcome| {
        // The heading tells of the rule and of the pick; controls catch by chance.
        let told = |id: &str| {
            view.evaluation.contender(id).is_some_and(|c| matches!(c.kind, Kind::Control | Kind::Baseline) || view.is_pick(c))
        };
        let others: Vec<String> = incident.caught_by.iter().filter(|id| !told(id)).map(|id| view.title_of(id)).collect();
        match others.len() {
            0 => say.nobody(),
            n if n > 4 => format!("{} +{}", others[..4].join(", "), n - 4),
            _ => others.join(", "),
        }
    };
    let head = html! {
        (markup::head(&say.incident(), false))
        @if timed { (markup::head(&say.began(), false)) }
        (markup::head(&say.entity(), false))
        (markup::head(&say.also(), false))
    };
    let body = html! {
        @for incident in incidents.iter().take(MOST) {
            tr {
                th scope="row" {
                    (visible_within(&incident.id, 40))
                    @if let Some(kind) = &incident.kind { small { (visible_within(&kind.replace('_', " "), 40)) } }
                }
                @if timed { td.nowrap { time datetime=(view.dates.machine(incident.start)) { (view.dates.moment(incident.start)) } } }
                td { (visible_within(&incident.entity, 60)) }
                td { (catchers(incident)) }
            }
        }
    };
    html! {
        h3 { (title) @if !incidents.is_empty() { (markup::Shared(view.language).colon()) (view.numbers.integer(incidents.len() as u64)) } }
        @if incidents.is_empty() { p { (none) } } @else {
            (markup::table("", title, false, &head, &body))
            @if incidents.len() > MOST { p.footnote { (say.more(incidents.len() - MOST)) } }
        }
    }
}

fn render(view: &View<'_>) -> Option<Markup> {
    let say = Say(view.language);
    let (pick, _) = view.pick()?;
    let all = &view.evaluation.incident_list;
    if all.is_empty() {
        return None;
    }
    let by = |incident: &IncidentOutcome, id: &str| incident.caught_by.iter().any(|caught| caught == id);
    let name = view.title(pick);
    let Some(rule) = view.baseline() else {
        let missed: Vec<&IncidentOutcome> = all.iter().filter(|incident| !by(incident, &pick.id)).collect();
        return Some(list(view, say, &say.missed(&name), &say.nothing_missed(), &missed));
    };
    let of = |ruled: bool, picked: bool| -> Vec<&IncidentOutcome> {
        all.iter().filter(|incident| by(incident, &rule.id) == ruled && by(incident, &pick.id) == picked).collect()
    };
    let shared = of(true, true).len();
    let both = of(false, false).len();
    Some(html! {
        p {
            @if shared > 0 { (if shared == 1 { say.shared_one() } else { say.shared(view.numbers.integer(shared as u64)) }) " " }
            @if both > 0 { (if both == 1 { say.both_one() } else { say.both(view.numbers.integer(both as u64)) }) }
        }
        (list(view, say, &say.lost(&name), &say.nothing_lost(), &of(true, false)))
        (list(view, say, &say.gained(&name), &say.nothing_gained(), &of(false, true)))
    })
}
