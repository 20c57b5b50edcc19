//! Why the false alarms: which fields drove what turned out to be nothing.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::{markup, view::View};
use crate::{
    evaluate::{Alert, Driver},
    text::visible_within,
};

phrases! { Say {
    heading() { en: "Why the false alarms", fr: "Pourquoi les fausses alertes" }
    heading_unlabelled() { en: "Why the alerts", fr: "Pourquoi les alertes" }
    lead(count, pick) { en: "The field that drove each of the {count} highest-scored false alerts of {pick} the most:", fr: "Le champ qui a le plus pesé dans chacune des {count} fausses alertes les mieux classées de {pick} :" }
    lead_unlabelled(count, pick) { en: "The field that drove each of the {count} highest-scored alerts of {pick} the most:", fr: "Le champ qui a le plus pesé dans chacune des {count} alertes les mieux classées de {pick} :" }
    field() { en: "Field", fr: "Champ" }
    alerts() { en: "Alerts", fr: "Alertes" }
    share() { en: "Share", fr: "Part" }
    example() { en: "Example", fr: "Exemple" }
    compared(value, own, peers) { en: "{value}; itself usually {own}, others then {peers}", fr: "{value} ; lui-même d’habitude {own}, les autres alors {peers}" }
    peers_only(value, peers) { en: "{value}; others then {peers}", fr: "{value} ; les autres alors {peers}" }
    own_only(value, own) { en: "{value}; itself usually {own}", fr: "{value} ; lui-même d’habitude {own}" }
    usual(value, usual) { en: "{value} where {usual} is usual", fr: "{value} là où {usual} est habituel" }
    as_usual(value) { en: "{value}, as usual", fr: "{value}, comme d’habitude" }
    destination() { en: "Mostly to", fr: "Surtout vers" }
    exclusion(place, field, removed, all) {
        en: "One exclusion, {place} where {field} is what stands out, would remove {removed} of these {all} false alerts. Whether it may be excluded is for the security team to say: an attacker could go there too.",
        fr: "Une seule exclusion, {place} quand {field} est ce qui ressort, supprimerait {removed} de ces {all} fausses alertes. C’est à l’équipe sécurité de dire si elle est permise : un attaquant pourrait y aller aussi."
    }
    rest(count) { en: "{count} further causes", fr: "{count} autres causes" }
    untold() { en: "This detector cannot say which fields drove its scores.", fr: "Ce détecteur ne peut pas dire quels champs ont déterminé ses scores." }
} }

section!(
    "causes",
    Body,
    |view| Some(if view.has_labels() { Say(view.language).heading() } else { Say(view.language).heading_unlabelled() }),
    render
);

const MOST: usize = 6;

/// What a driver was, beside what is usual.
pub(super) fn driver(view: &View<'_>, driver: &Driver) -> String {
    let say = Say(view.language);
    let written = |number: f64| view.numbers.significant(number, 3);
    let value = written(driver.value);
    match (driver.own.map(written), driver.peers.map(written)) {
        (Some(own), Some(peers)) if own == value && peers == value => say.as_usual(value),
        (Some(own), Some(peers)) => say.compared(value, own, peers),
        (Some(own), None) => say.own_only(value, own),
        (None, Some(peers)) => say.peers_only(value, peers),
        (None, None) if written(driver.usual) == value => say.as_usual(value),
        (None, None) => say.usual(value, written(driver.usual)),
    }
}

/// Alerts that the same thing drove: one field, and where most of their events went to.
struct Cause<'a> {
    field: &'a str,
    destination: Option<&'a str>,
    alerts: u64,
    example: (&'a Alert, &'a Driver),
}

/// The causes of some alerts, those of most alerts first. Where a field's alerts do not go to one place more than once, they are one cause.
fn causes<'a>(view: &'a View<'_>, alerts: &[&'a Alert]) -> Vec<Cause<'a>> {
    let mut groups: BTreeMap<(&str, Option<&str>), Cause<'a>> = BTreeMap::new();
    let destination = |alert: &Alert| view.events_of(alert).and_then(|events| events.destination.as_ref()).map(|(name, _)| name.as_str());
    let mut together: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for alert in alerts {
        if let (Some(driver), Some(place)) = (alert.drivers.first(), destination(alert)) {
            *together.entry((driver.field.as_str(), place)).or_insert(0) += 1;
        }
    }
    for alert in alerts {
        let Some(driver) = alert.drivers.first() else { continue };
        let place = destination(alert).filter(|place| together.get(&(driver.field.as_str(), *place)).is_some_and(|count| *count > 1));
        let first = Cause { field: &driver.field, destination: place, alerts: 0, example: (alert, driver) };
        groups.entry((driver.field.as_str(), place)).or_insert(first).alerts += 1;
    }
    let mut causes: Vec<Cause<'a>> = groups.into_values().collect();
    causes.sort_by(|a, b| b.alerts.cmp(&a.alerts).then(a.field.cmp(b.field)).then(a.destination.cmp(&b.destination)));
    causes
}

fn render(view: &View<'_>) -> Option<Markup> {
    let say = Say(view.language);
    let id = view.pick_id()?;
    let alerts: Vec<&Alert> = view.false_alerts().collect();
    if alerts.is_empty() {
        return None;
    }
    let causes = causes(view, &alerts);
    let most = match causes.first() {
        Some(cause) => cause.alerts.max(1),
        None => return Some(html! { p { (say.untold()) } }),
    };
    let placed = causes.iter().any(|cause| cause.destination.is_some());
    let head = html! {
        (markup::head(&say.field(), false))
        @if placed { (markup::head(&say.destination(), false)) }
        (markup::head(&say.alerts(), true)) (markup::head(&say.share(), true)) th.bar-cell scope="col" aria-hidden="true" {} (markup::head(&say.example(), false))
    };
    let body = html! {
        @for cause in causes.iter().take(MOST) {
            tr {
                th scope="row" { (visible_within(cause.field, 40)) }
                @if placed { td { (visible_within(cause.destination.unwrap_or("—"), 60)) } }
                (markup::number(&view.numbers.integer(cause.alerts), cause.alerts as f64))
                (markup::number(&view.numbers.percent_decimals(cause.alerts as f64 / alerts.len() as f64, 0), cause.alerts as f64))
                td.bar-cell aria-hidden="true" { span.bar style=(format!("width:{}%", (cause.alerts * 100).div_ceil(most))) {} }
                td { (visible_within(&cause.example.0.entity, 40)) (markup::Shared(view.language).colon()) (driver(view, cause.example.1)) }
            }
        }
    };
    let pick = view.title_of(id);
    let count = view.numbers.integer(alerts.len() as u64);
    let exclusion = causes.iter().find(|cause| cause.destination.is_some() && view.has_labels());
    Some(html! {
        p.lead { (if view.has_labels() { say.lead(count, pick) } else { say.lead_unlabelled(count, pick) }) }
        (markup::table("", &say.heading(), false, &head, &body))
        @if let Some(Cause { field, destination: Some(place), alerts: removed, .. }) = exclusion {
            p { (say.exclusion(visible_within(place, 60), visible_within(field, 40), view.numbers.integer(*removed), view.numbers.integer(alerts.len() as u64))) }
        }
        @if causes.len() > MOST { p.footnote { (say.rest(causes.len() - MOST)) } }
    })
}
