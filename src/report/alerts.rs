//! The alerts an analyst would open first, each with the fields that drove it.

use maud::{Markup, html};

use super::{causes, markup, view::View};
use crate::{evaluate::Alert, record::evidence::{Events, Evidence}, text::visible_within, units::Disposition};

phrases! { pub(super) Say {
    heading() { en: "The highest alerts, and what drove them", fr: "Les plus hautes alertes, et ce qui les a déclenchées" }
    rank() { en: "#", fr: "N°" }
    entity() { en: "Entity", fr: "Entité" }
    when() { en: "Period from", fr: "Période dès" }
    label() { en: "Label", fr: "Étiquette" }
    drivers() { en: "Driven by", fr: "En raison de" }
    rule() { en: "Rule too", fr: "Règle aussi" }
    yes() { en: "yes", fr: "oui" }
    no() { en: "no", fr: "non" }
    attack() { en: "attack", fr: "attaque" }
    benign() { en: "right, but legitimate", fr: "fondée, mais légitime" }
    false_alarm() { en: "false", fr: "fausse" }
    unknown() { en: "not labelled", fr: "non étiquetée" }
    none() { en: "—", fr: "—" }
    left_out(columns) { en: "Columns of the events that are left out, since they are named like the answer: {columns}.", fr: "Colonnes des événements omises, car leur nom annonce la réponse : {columns}." }
    events() { en: "Events", fr: "Événements" }
    shown_of(shown, count) { en: "{shown} of {count}", fr: "{shown} sur {count}" }
    time() { en: "Time", fr: "Heure" }
    rest(shown, all) { en: "The first {shown} of {all}; all of them are in alerts.csv, up to twenty events of each in events.json.", fr: "Les {shown} premières sur {all} ; toutes sont dans alerts.csv, jusqu'à vingt événements de chacune dans events.json." }
} }

section!("alerts", Body, |view| Some(Say(view.language).heading()), render);

const MOST: usize = 15;
/// How many events of an alert the page shows; `events.json` has up to twenty.
const EVENTS: usize = 10;

/// What the labels say of an alert, in words.
pub(super) fn label(view: &View<'_>, alert: &Alert) -> String {
    let say = Say(view.language);
    match (alert.disposition, &view.evaluation.labels) {
        (Some(Disposition::TruePositive), _) => say.attack(),
        (Some(Disposition::BenignTruePositive), _) => say.benign(),
        (Some(Disposition::FalsePositive), _) => say.false_alarm(),
        (None, Some(labels)) if labels.complete => say.false_alarm(),
        (None, _) => say.unknown(),
    }
}

fn row(view: &View<'_>, say: Say, alert: &Alert, evidence: Option<&Evidence>) -> Markup {
    let attack = alert.disposition == Some(Disposition::TruePositive);
    html! {
        tr {
            (markup::number(&view.numbers.integer(alert.rank), alert.rank as f64))
            th scope="row" { (visible_within(&alert.entity, 60)) }
            @if view.window().is_some() {
                td.nowrap { time datetime=(view.dates.machine(alert.start)) { (view.dates.moment(alert.start)) } }
            }
            @if view.has_labels() {
                td {
                    @if attack { strong { (label(view, alert)) } } @else { (label(view, alert)) }
                    @if !alert.incidents.is_empty() { small { (visible_within(&alert.incidents.join(", "), 60)) } }
                }
            }
            td {
                @for (index, driver) in alert.drivers.iter().take(3).enumerate() {
                    @if index > 0 { br; }
                    b { (visible_within(&driver.field, 40)) } " " (causes::driver(view, driver))
                }
                @if alert.drivers.is_empty() { (say.none()) }
            }
            @if view.baseline().is_some() { td { (if alert.in_baseline { say.yes() } else { say.no() }) } }
            @if let Some(evidence) = evidence { td.events { @if let Some(events) = view.events_of(alert) { (raw(view, say, &evidence.columns, events)) } } }
        }
    }
}

/// The most telling events of an alert, folded.
fn raw(view: &View<'_>, say: Say, columns: &[String], events: &Events) -> Markup {
    let telling = events.telling(EVENTS);
    let shown = view.numbers.integer(telling.len() as u64);
    html! {
        details {
            summary { (say.shown_of(shown, view.numbers.integer(events.count))) }
            table {
                caption { (say.events()) }
                thead { tr { th scope="col" { (say.time()) } @for name in columns { th scope="col" { (visible_within(name, 40)) } } } }
                tbody {
                    @for (time, values) in telling {
                        tr {
                            td { @if let Some(time) = time { (view.dates.moment(*time)) } }
                            @for value in values { td { (visible_within(value.as_deref().unwrap_or_default(), 80)) } }
                        }
                    }
                }
            }
        }
    }
}

/// A table of alerts, with the events behind each where the page has room for them.
pub(super) fn table(view: &View<'_>, alerts: &[Alert], with_events: bool) -> Markup {
    let say = Say(view.language);
    let evidence = view.events.as_ref().filter(|_| with_events);
    let head = html! {
        (markup::head(&say.rank(), true))
        (markup::head(&say.entity(), false))
        @if view.window().is_some() { (markup::head(&say.when(), false)) }
        @if view.has_labels() { (markup::head(&say.label(), false)) }
        (markup::head(&say.drivers(), false))
        @if view.baseline().is_some() { (markup::head(&say.rule(), false)) }
        @if evidence.is_some() { (markup::head(&say.events(), false)) }
    };
    let body = html! { @for alert in alerts { (row(view, say, alert, evidence)) } };
    let left_out = evidence.map_or(0, |evidence| evidence.answers_left_out);
    html! {
        (markup::table("alerts", &say.heading(), true, &head, &body))
        @if left_out > 0 { p.footnote { (say.left_out(view.numbers.integer(left_out))) } }
    }
}

fn render(view: &View<'_>) -> Option<Markup> {
    let say = Say(view.language);
    if view.alerts.is_empty() {
        return None;
    }
    let shown = view.alerts.len().min(MOST);
    Some(html! {
        (table(view, &view.alerts[..shown], true))
        @if view.alerts.len() > shown { p.footnote { (say.rest(shown, view.numbers.integer(view.alerts.len() as u64))) } }
    })
}
