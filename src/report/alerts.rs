//! The alerts an analyst would open first, each with the fields that drove it.

use maud::{Markup, html};

use super::{causes, markup, view::View};
use crate::{evaluate::Alert, text::visible_within, units::Disposition};

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
    rest(shown, all) { en: "The first {shown} of {all}; all of them are in alerts.csv.", fr: "Les {shown} premières sur {all} ; toutes sont dans alerts.csv." }
} }

section!("alerts", Body, |view| Some(Say(view.language).heading()), render);

const MOST: usize = 15;

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

fn row(view: &View<'_>, say: Say, alert: &Alert) -> Markup {
    let attack = alert.disposition == Some(Disposition::TruePositive);
    html! {
        tr {
            (markup::number(&view.numbers.integer(alert.rank), alert.rank as f64))
            th scope="row" { (visible_within(&alert.entity, 60)) }
            @if view.window().is_some() {
                td.nowrap data-v=(alert.start) { time datetime=(view.dates.machine(alert.start)) { (view.dates.moment(alert.start)) } }
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
        }
    }
}

/// A table of alerts.
pub(super) fn table(view: &View<'_>, alerts: &[Alert]) -> Markup {
    let say = Say(view.language);
    let head = html! {
        (markup::head(&say.rank(), true))
        (markup::head(&say.entity(), false))
        @if view.window().is_some() { (markup::head(&say.when(), false)) }
        @if view.has_labels() { (markup::head(&say.label(), false)) }
        (markup::head(&say.drivers(), false))
        @if view.baseline().is_some() { (markup::head(&say.rule(), false)) }
    };
    let body = html! { @for alert in alerts { (row(view, say, alert)) } };
    markup::table("alerts", &say.heading(), true, &head, &body)
}

fn render(view: &View<'_>) -> Option<Markup> {
    let say = Say(view.language);
    if view.alerts.is_empty() {
        return None;
    }
    let shown = view.alerts.len().min(MOST);
    Some(html! {
        (table(view, &view.alerts[..shown]))
        @if view.alerts.len() > shown { p.footnote { (say.rest(shown, view.numbers.integer(view.alerts.len() as u64))) } }
    })
}
