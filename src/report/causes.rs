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
    usual(value, usual) { en: "{value} where {usual} is usual", fr: "{value} là où {usual} est habituel" }
    as_usual(value) { en: "{value}, as usual", fr: "{value}, comme d’habitude" }
    rest(count) { en: "{count} further fields", fr: "{count} autres champs" }
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
    let [value, usual] = [driver.value, driver.usual].map(|number| view.numbers.significant(number, 3));
    if value == usual { Say(view.language).as_usual(value) } else { Say(view.language).usual(value, usual) }
}

fn render(view: &View<'_>) -> Option<Markup> {
    let say = Say(view.language);
    let id = view.pick_id()?;
    let alerts: Vec<&Alert> = view.false_alerts().collect();
    if alerts.is_empty() {
        return None;
    }
    let mut by_field: BTreeMap<&str, (u64, &Alert, &Driver)> = BTreeMap::new();
    for alert in &alerts {
        if let Some(first) = alert.drivers.first() {
            by_field.entry(&first.field).and_modify(|entry| entry.0 += 1).or_insert((1, alert, first));
        }
    }
    if by_field.is_empty() {
        return Some(html! { p { (say.untold()) } });
    }
    let mut fields: Vec<_> = by_field.into_iter().collect();
    fields.sort_by(|(a, x), (b, y)| y.0.cmp(&x.0).then(a.cmp(b)));
    let most = fields.first().map_or(1, |(_, (count, ..))| *count).max(1);
    let head = html! {
        (markup::head(&say.field(), false)) (markup::head(&say.alerts(), true)) (markup::head(&say.share(), true)) th.bar-cell scope="col" aria-hidden="true" {} (markup::head(&say.example(), false))
    };
    let body = html! {
        @for (field, (count, alert, example)) in fields.iter().take(MOST) {
            tr {
                th scope="row" { (visible_within(field, 40)) }
                (markup::number(&view.numbers.integer(*count), *count as f64))
                (markup::number(&view.numbers.percent_decimals(*count as f64 / alerts.len() as f64, 0), *count as f64))
                td.bar-cell aria-hidden="true" { span.bar style=(format!("width:{}%", (*count * 100).div_ceil(most))) {} }
                td { (visible_within(&alert.entity, 40)) (markup::Shared(view.language).colon()) (driver(view, example)) }
            }
        }
    };
    let pick = view.title_of(id);
    let count = view.numbers.integer(alerts.len() as u64);
    Some(html! {
        p.lead { (if view.has_labels() { say.lead(count, pick) } else { say.lead_unlabelled(count, pick) }) }
        (markup::table("", &say.heading(), false, &head, &body))
        @if fields.len() > MOST { p.footnote { (say.rest(fields.len() - MOST)) } }
    })
}
