//! Four numbers that stand for the rest: alerts, incidents, time, money.

use maud::{Markup, html};

use super::{cost, markup::share_interval, view::View};
use crate::{
    cost::Range,
    text::{Numbers, THIN},
};

phrases! { Say {
    heading() { en: "In four numbers", fr: "En quatre chiffres" }
    false_alerts(rate) { en: "False alerts{rate}", fr: "Fausses alertes{rate}" }
    alerts(rate) { en: "Alerts{rate}", fr: "Alertes{rate}" }
    not_known() { en: "not known", fr: "inconnu" }
    no_rule() { en: "no current rule to compare with", fr: "pas de règle actuelle à comparer" }
    no_labels() { en: "without labels, which are false is not known", fr: "sans étiquettes, on ignore lesquelles sont fausses" }
    caught() { en: "Incidents still caught", fr: "Incidents encore détectés" }
    caught_alone() { en: "Incidents caught", fr: "Incidents détectés" }
    kept_point(share) { en: "{share} of those caught today", fr: "{share} de ceux détectés aujourd’hui" }
    no_incident() { en: "no incident in the judged part", fr: "aucun incident dans la partie jugée" }
    needs_labels() { en: "needs labels", fr: "demande des étiquettes" }
    freed() { en: "Analyst time freed", fr: "Temps d’analyse libéré" }
    added() { en: "Analyst time added", fr: "Temps d’analyse ajouté" }
    a_week(hours) { en: "{hours} a week", fr: "{hours}/semaine" }
    hours(from, to) { en: "from {from} to {to} a week", fr: "de {from} à {to} par semaine" }
    add_cost() { en: "add `cost` to the experiment", fr: "ajoutez `cost` à l’expérience" }
    no_week() { en: "takes a `window`: money is counted by the week", fr: "demande une `window` : l’argent se compte par semaine" }
    not_costed() { en: "takes a current rule and labels", fr: "demande une règle actuelle et des étiquettes" }
    saving(years) { en: "Net saving over {years} years", fr: "Gain net sur {years} ans" }
    saving_year() { en: "Net saving over 1 year", fr: "Gain net sur 1 an" }
    saving_plain() { en: "Net saving", fr: "Gain net" }
    after(option) { en: "{option}, all costs paid", fr: "{option}, tous coûts payés" }
    worth() { en: "a year of freed hours; add `cost.options`", fr: "d’heures libérées par an ; ajoutez `cost.options`" }
} }

section!("figures", Front, |_| None, render);

struct Tile {
    name: String,
    before: Option<String>,
    value: String,
    note: Markup,
}

impl Tile {
    fn render(&self) -> Markup {
        html! {
            div {
                dt { (self.name) }
                dd.value { @if let Some(before) = &self.before { span.from { (before) } " → " } (self.value) }
                dd.note { (self.note) }
            }
        }
    }
}

fn alerts(view: &View<'_>, say: Say) -> Tile {
    let numbers = view.numbers;
    let labelled = view.has_labels();
    let name = if labelled { say.false_alerts(view.rate()) } else { say.alerts(view.rate()) };
    let Some((_, point)) = view.pick() else { return Tile { name, before: None, value: "—".into(), note: html! { (say.not_known()) } } };
    let of = |point: &crate::evaluate::Point| if labelled { point.false_alerts_per_week } else { view.alerts(point) };
    let rule = view.baseline_point();
    let note = match (rule, &point.fp_reduction) {
        _ if !labelled => html! { (say.no_labels()) },
        (None, _) => html! { (say.no_rule()) },
        (Some(rule), reduction) => {
            let change = if rule.false_alerts_per_week > 0.0 { Some(point.false_alerts_per_week / rule.false_alerts_per_week - 1.0) } else { None };
            let whole = |share: f64| format!("{}{THIN}%", numbers.signed(100.0 * share));
            let limits = reduction.as_ref().and_then(|estimate| estimate.low.zip(estimate.high)).filter(|(low, high)| low != high);
            html! {
                @if let Some(change) = change { b { (numbers.signed_percent(change)) } }
                @if let Some((low, high)) = limits { " (" (numbers.to(&numbers.signed(-100.0 * high), &whole(-low))) ")" }
            }
        }
    };
    Tile { name, before: rule.map(|rule| numbers.count(of(rule))), value: numbers.count(of(point)), note }
}

/// An interval in brackets that does not break.
fn bracketed(interval: Option<String>) -> Markup {
    html! { @if let Some(interval) = interval { " " span.nowrap { "(" (interval) ")" } } }
}


fn incidents(view: &View<'_>, say: Say) -> Tile {
    let rule = view.baseline_point();
    let name = if rule.is_some() { say.caught() } else { say.caught_alone() };
    let unknown = |note: String| Tile { name: name.clone(), before: None, value: "—".into(), note: html! { (note) } };
    let all = view.evaluation.incidents;
    let Some((_, point)) = view.pick() else { return unknown(say.not_known()) };
    if !view.has_labels() {
        return unknown(say.needs_labels());
    }
    if all == 0 {
        return unknown(say.no_incident());
    }
    let estimate = if rule.is_some() { point.recall_kept.as_ref() } else { point.recall.as_ref() };
    let note = html! {
        @if let Some(estimate) = estimate {
            @let share = view.numbers.percent(estimate.value);
            (if rule.is_some() { say.kept_point(share) } else { share }) (bracketed(share_interval(view, Some(estimate))))
        }
    };
    Tile { name, before: None, value: view.numbers.of(point.incidents_caught, all), note }
}

/// Why there is no money to show.
fn no_cost(view: &View<'_>, say: Say) -> Markup {
    let why = match view.resolved.experiment.cost {
        Some(_) if view.evaluation.judged_days <= 0.0 => say.no_week(),
        Some(_) => say.not_costed(),
        None => say.add_cost(),
    };
    super::markup::code_words(&why)
}

fn time(view: &View<'_>, say: Say) -> Tile {
    let numbers = view.numbers;
    let Some(cost) = &view.cost else {
        return Tile { name: say.freed(), before: None, value: "—".into(), note: no_cost(view, say) };
    };
    let freed = cost.hours_per_week_freed.base;
    Tile {
        name: if freed < -0.05 { say.added() } else { say.freed() },
        before: None,
        value: say.a_week(numbers.hours(freed.abs())),
        note: html! { (say.hours(numbers.hours(cost.hours_per_week_before.base), numbers.hours(cost.hours_per_week_after.base))) },
    }
}

fn money(view: &View<'_>, say: Say) -> Tile {
    let numbers = view.numbers;
    let Some(cost) = &view.cost else { return Tile { name: say.saving_plain(), before: None, value: "—".into(), note: no_cost(view, say) } };
    let shown = |range: Range| {
        let step = Numbers::money_step(range.low, range.base, range.high);
        (numbers.money(range.base, step, &cost.currency), numbers.money_between(range.low, range.high, step, &cost.currency))
    };
    let name = if cost.horizon_years == 1.0 { say.saving_year() } else { say.saving(numbers.count(cost.horizon_years)) };
    match cost::best(view) {
        Some(option) => {
            let (value, range) = shown(option.npv);
            Tile { name, before: None, value, note: html! { (say.after(cost::option_name(view, &option.name))) (bracketed(Some(range))) } }
        }
        None => Tile { name: say.saving_plain(), before: None, value: shown(cost.saving_per_year).0, note: super::markup::code_words(&say.worth()) },
    }
}

fn tiles(view: &View<'_>) -> [Tile; 4] {
    let say = Say(view.language);
    [alerts(view, say), incidents(view, say), time(view, say), money(view, say)]
}

/// Name, value and note of each, for whoever does not write markup.
pub(super) fn texts(view: &View<'_>) -> Vec<[String; 3]> {
    let before = |tile: &Tile| tile.before.as_ref().map_or_else(String::new, |before| format!("{before} → "));
    tiles(view).into_iter().map(|tile| [tile.name.clone(), format!("{}{}", before(&tile), tile.value), plain(&tile.note)]).collect()
}

/// The text of our own markup.
fn plain(markup: &Markup) -> String {
    let mut text = String::new();
    for piece in markup.0.split('<') {
        text.push_str(piece.split_once('>').map_or(piece, |(_, after)| after));
    }
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}

fn render(view: &View<'_>) -> Option<Markup> {
    Some(html! {
        h2.hidden-heading { (Say(view.language).heading()) }
        dl.tiles { @for tile in tiles(view) { (tile.render()) } }
    })
}
