//! What it would cost and save: hours, options, years, and the amounts on which the answer hangs.

use maud::{Markup, html};

use super::{figure, markup, metric, names, view::View};
use crate::{
    cost::{CostReport, OptionCost, Range, Sensitivity},
    text::{Numbers, THIN, visible_within},
};

phrases! { Say {
    heading() { en: "What it would cost", fr: "Ce que cela coûterait" }
    none() {
        en: "The experiment names no costs, so nothing can be said of money. To compare what it costs with what it saves, add for example:",
        fr: "L’expérience n’indique aucun coût, on ne peut donc rien dire de l’argent. Pour comparer coûts et économies, ajoutez par exemple :",
    }
    uncounted() {
        en: "The experiment names costs, but nothing can be counted: it takes a current rule to compare with, and labels for every alert.",
        fr: "L’expérience indique des coûts, mais rien ne peut être compté : il faut une règle actuelle à comparer et une étiquette pour chaque alerte.",
    }
    timeless() {
        en: "The experiment names costs, but nothing can be counted: money is counted by the week, and rows without a `window` have no time.",
        fr: "L’expérience indique des coûts, mais rien ne peut être compté : l’argent se compte par semaine, et sans `window` les lignes n’ont pas de date.",
    }
    hours() { en: "Analysts’ time", fr: "Temps d’analyse" }
    time() { en: "Time", fr: "Temps" }
    line() { en: "Each week", fr: "Par semaine" }
    before() { en: "With today’s rule", fr: "Avec la règle actuelle" }
    after(pick) { en: "With {pick}", fr: "Avec {pick}" }
    freed() { en: "Freed", fr: "Libéré" }
    worth() { en: "Worth of the freed hours in a year", fr: "Valeur annuelle des heures libérées" }
    options() { en: "Ways of implementing it", fr: "Façons de le mettre en œuvre" }
    option() { en: "Option", fr: "Option" }
    initial() { en: "Once", fr: "Une fois" }
    yearly() { en: "Each year", fr: "Par an" }
    npv(years) { en: "Net saving, {years} years", fr: "Gain net sur {years} ans" }
    payback() { en: "Payback", fr: "Amortissement" }
    roi() { en: "Return", fr: "Rendement" }
    break_even() { en: "Pays from a cut of", fr: "Rentable dès une baisse de" }
    chance() { en: "Chance that it pays", fr: "Chance de gain" }
    best() { en: "best", fr: "meilleure" }
    beyond() { en: "not within 10 years", fr: "pas en 10 ans" }
    discounted(rate, range) {
        en: "Net saving: what the freed hours are worth less all costs, in today’s money at {rate} a year. {range}",
        fr: "Gain net : valeur des heures libérées moins tous les coûts, en argent d’aujourd’hui à {rate} par an. {range}",
    }
    ranges(confidence) { en: "Small figures: lowest and highest of what was given; of what was computed, the limits within which {confidence} of the draws lie.", fr: "Petits chiffres : minimum et maximum de ce qui est donné ; pour ce qui est calculé, les bornes de {confidence} des tirages." }
    years(option) { en: "Year by year: {option}", fr: "Année par année : {option}" }
    year() { en: "Year", fr: "Année" }
    cost() { en: "Cost", fr: "Coût" }
    saving() { en: "Saving", fr: "Économie" }
    net() { en: "Net", fr: "Solde" }
    hinge() { en: "What the answer hangs on", fr: "Ce dont dépend la réponse" }
    assumption() { en: "Assumption", fr: "Hypothèse" }
    value() { en: "Taken as", fr: "Valeur prise" }
    moves() { en: "Net saving between its ends", fr: "Gain net entre ses extrêmes" }
    flips() { en: "Flips at", fr: "Bascule à" }
    assumed(ends) { en: "{ends}, assumed", fr: "{ends}, supposé" }
    never() { en: "does not flip", fr: "ne bascule pas" }
    defaults() { en: "Amounts that the experiment does not give, and where they come from", fr: "Montants que l’expérience ne donne pas, et d’où ils viennent" }
    amount() { en: "Amount", fr: "Montant" }
    source() { en: "Source", fr: "Source" }
    lines(option) { en: "All cost lines: {option}", fr: "Toutes les lignes de coût : {option}" }
    name() { en: "Line", fr: "Ligne" }
    paid() { en: "Paid", fr: "Payé" }
    how() { en: "How it was reached", fr: "Mode de calcul" }
    once_tag() { en: "once", fr: "une fois" }
    yearly_tag() { en: "each year", fr: "par an" }
    build() { en: "Build in house", fr: "Développement interne" }
    product() { en: "Buy a product", fr: "Achat d’un produit" }
    siem_feature() { en: "SIEM feature", fr: "Fonction du SIEM" }
    label_initial() { en: "At the start", fr: "Au départ" }
    label_total() { en: "Total", fr: "Total" }
    label_present() { en: "In today’s money", fr: "En argent d’aujourd’hui" }
    label_year(number) { en: "Year {number}", fr: "Année {number}" }
} }

section!("cost", Body, |view| Some(Say(view.language).heading()), render);

const EXAMPLE: &str = "cost:\n  analyst_hour: 65\n  triage_minutes: { false_positive: [10, 20, 30] }\n  options:\n    build: { initial: { talent_days: 60, day: 650 }, yearly: { maintenance: 12000 } }";

/// The option with the highest net present value.
pub(super) fn best<'a>(view: &View<'a>) -> Option<&'a OptionCost> {
    let cost: &'a CostReport = view.cost()?;
    cost.best.as_ref().and_then(|best| cost.options.iter().find(|option| option.name == *best)).or(cost.options.first())
}

/// An option's name in words.
pub(super) fn option_name(view: &View<'_>, name: &str) -> String {
    let say = Say(view.language);
    match name {
        "build" => say.build(),
        "product" => say.product(),
        "siem_feature" => say.siem_feature(),
        other => visible_within(&other.replace('_', " "), 28).into_owned(),
    }
}

/// The name of the contender whose alerts are counted.
fn contender(view: &View<'_>, cost: &CostReport) -> String {
    match view.pick() {
        Some((pick, _)) if view.is_costed(pick) => view.title(pick),
        _ => view.title_of(&cost.contender),
    }
}

fn money(view: &View<'_>, cost: &CostReport, range: Range) -> String {
    amount(view, range.base, Numbers::money_step(range.low, range.base, range.high), &cost.currency)
}

/// An amount of money; what is there and less than one unit is not called nothing.
pub(super) fn amount(view: &View<'_>, value: f64, step: f64, currency: &str) -> String {
    if value > 0.0 && value < 1.0 && step <= 1.0 {
        return format!("<{THIN}{}", view.numbers.money(1.0, 1.0, currency));
    }
    view.numbers.money(value, step, currency)
}

fn money_interval(view: &View<'_>, cost: &CostReport, range: Range) -> Option<String> {
    let step = Numbers::money_step(range.low, range.base, range.high);
    let shown = |value: f64| view.numbers.money(value, step, &cost.currency);
    // Ends that are written alike are no range.
    (shown(range.low) != shown(range.high)).then(|| view.numbers.money_between(range.low, range.high, step, &cost.currency))
}

fn sum(lines: &[crate::cost::Line]) -> Range {
    lines.iter().fold(Range { low: 0.0, base: 0.0, high: 0.0 }, |sum, line| Range {
        low: sum.low + line.amount.low,
        base: sum.base + line.amount.base,
        high: sum.high + line.amount.high,
    })
}

fn money_cell(view: &View<'_>, cost: &CostReport, range: Range) -> Markup {
    markup::with_interval(&money(view, cost, range), money_interval(view, cost, range), range.base)
}

fn hours(view: &View<'_>, say: Say, cost: &CostReport) -> Markup {
    let numbers = view.numbers;
    let cell = |range: Range| {
        let interval = (range.low != range.high).then(|| numbers.between(range.low.min(range.high), range.low.max(range.high)));
        markup::with_interval(&numbers.hours(range.base), interval, range.base)
    };
    let row = |name: String, range: Range, class: Option<&str>| html! { tr class=[class] { th scope="row" { (name) } (cell(range)) } };
    let body = html! {
        (row(say.before(), cost.hours_per_week_before, None))
        (row(say.after(contender(view, cost)), cost.hours_per_week_after, None))
        (row(say.freed(), cost.hours_per_week_freed, Some("total")))
        tr { th scope="row" { (say.worth()) } (money_cell(view, cost, cost.saving_per_year)) }
    };
    let head = html! { (markup::head(&say.line(), false)) (markup::head(&say.time(), true)) };
    html! { div { h3 { (say.hours()) } (markup::table("", &say.hours(), false, &head, &body)) } }
}

fn payback(view: &View<'_>, say: Say, option: &OptionCost) -> (String, Option<String>, f64) {
    let numbers = view.numbers;
    match option.payback_months {
        Some(months) => {
            let text = metric::month_count(view.language, months);
            let interval = match (option.payback_low, option.payback_high) {
                (Some(low), Some(high)) if low.round() != high.round() => Some(numbers.to(&numbers.decimal(low, 0), &numbers.decimal(high, 0))),
                (Some(low), None) => Some(numbers.to(&numbers.decimal(low, 0), &format!(">{THIN}120"))),
                _ => None,
            };
            (text, interval, months)
        }
        None => (say.beyond(), None, f64::INFINITY),
    }
}

fn options(view: &View<'_>, say: Say, cost: &CostReport) -> Markup {
    let numbers = view.numbers;
    let head = html! {
        (markup::head(&say.option(), false))
        (markup::head(&say.initial(), true))
        (markup::head(&say.yearly(), true))
        (markup::head(&say.npv(numbers.count(cost.horizon_years)), true))
        (markup::head(&say.payback(), true))
        (markup::head(&say.roi(), true))
        (markup::head(&say.break_even(), true))
        (markup::head(&say.chance(), true))
    };
    let body = html! {
        @for option in &cost.options {
            @let best = cost.best.as_deref() == Some(option.name.as_str());
            tr class=[best.then_some("pick")] {
                th scope="row" { (option_name(view, &option.name)) @if best { " " span.tag.pick { (say.best()) } } }
                (money_cell(view, cost, sum(&option.initial)))
                (money_cell(view, cost, sum(&option.yearly)))
                (money_cell(view, cost, option.npv))
                @let (text, interval, by) = payback(view, say, option);
                (markup::with_interval(&text, interval, by))
                @match option.roi { Some(roi) => (markup::number(&numbers.signed_percent(roi), roi)), None => (markup::none()) }
                @match option.break_even_reduction { Some(share) => (markup::number(&numbers.percent(share), share)), None => (markup::none()) }
                (markup::number(&numbers.percent(rounded(option.chance_positive)), option.chance_positive))
            }
        }
    };
    html! {
        h3 { (say.options()) }
        (markup::table("", &say.options(), true, &head, &body))
        p.footnote { (say.discounted(numbers.percent(cost.discount_rate), say.ranges(view.confidence()))) }
    }
}

/// A chance from draws carries no more than whole per cents.
fn rounded(chance: f64) -> f64 {
    (chance * 100.0).round() / 100.0
}

fn year_label(say: Say, label: &str) -> String {
    match label {
        "initial" => say.label_initial(),
        "total" => say.label_total(),
        "present value" => say.label_present(),
        other => match other.strip_prefix("year ") {
            Some(number) if number.chars().all(|c| c.is_ascii_digit()) => say.label_year(number),
            _ => visible_within(other, 40).into_owned(),
        },
    }
}

fn years(view: &View<'_>, say: Say, cost: &CostReport, option: &OptionCost) -> Markup {
    let caption = say.years(option_name(view, &option.name));
    let largest = option.table.iter().flat_map(|row| [row.cost.abs(), row.saving.abs()]).fold(0.0, f64::max);
    let step = Numbers::money_step(largest, largest, largest);
    let cell = |value: f64| markup::number(&view.numbers.money(value, step, &cost.currency), value);
    let head = html! { (markup::head(&say.year(), false)) (markup::head(&say.cost(), true)) (markup::head(&say.saving(), true)) (markup::head(&say.net(), true)) };
    let body = html! {
        @for row in &option.table {
            tr class=[(row.label == "total").then_some("total")] { th scope="row" { (year_label(say, &row.label)) } (cell(row.cost)) (cell(row.saving)) (cell(row.saving - row.cost)) }
        }
    };
    html! { div { h3 { (caption) } (markup::table("", &caption, false, &head, &body)) } }
}

fn hinge(view: &View<'_>, say: Say, cost: &CostReport) -> Option<Markup> {
    if cost.sensitivity.is_empty() {
        return None;
    }
    let numbers = view.numbers;
    let row = |amount: &Sensitivity| {
        let (low, high) = (amount.npv_at_low.min(amount.npv_at_high), amount.npv_at_low.max(amount.npv_at_high));
        let step = Numbers::money_step(low, f64::midpoint(low, high), high);
        let share = amount.name == "fp_reduction";
        let value = |value: f64| if share { numbers.percent((value * 100.0).round() / 100.0) } else { numbers.significant(value, if value.abs() < 100.0 { 2 } else { 3 }) };
        let ends = numbers.to(&value(amount.low), &value(amount.high));
        let ends = if amount.assumed { say.assumed(ends) } else { ends };
        html! {
            tr {
                th scope="row" { (names::amount(view, &amount.name)) }
                (markup::with_interval(&value(amount.base), Some(ends), amount.base))
                (markup::number(&numbers.money_between(low, high, step, &cost.currency), high - low))
                @match amount.flips_at {
                    Some(at) => (markup::number(&value(at), at)),
                    None => td.n { (say.never()) },
                }
            }
        }
    };
    let head = html! { (markup::head(&say.assumption(), false)) (markup::head(&say.value(), true)) (markup::head(&say.moves(), true)) (markup::head(&say.flips(), true)) };
    let body = html! { @for amount in cost.sensitivity.iter().take(6) { (row(amount)) } };
    Some(html! { h3 { (say.hinge()) } (markup::table("", &say.hinge(), true, &head, &body)) })
}

fn lines(view: &View<'_>, say: Say, cost: &CostReport, option: &OptionCost) -> Markup {
    let caption = say.lines(option_name(view, &option.name));
    let head = html! { (markup::head(&say.name(), false)) (markup::head(&say.paid(), false)) (markup::head(&say.amount(), true)) (markup::head(&say.how(), false)) };
    let part = |lines: &[crate::cost::Line], tag: String| {
        html! {
            @for line in lines {
                tr {
                    th scope="row" { (names::line(view, &line.name)) }
                    td { span.tag { (tag) } }
                    (money_cell(view, cost, line.amount))
                    td { @if let Some(how) = &line.how { (markup::told(view, how)) } }
                }
            }
        }
    };
    let body = html! { (part(&option.initial, say.once_tag())) (part(&option.yearly, say.yearly_tag())) };
    html! { details { summary { (caption) } (markup::table("", &caption, false, &head, &body)) } }
}

fn defaults(view: &View<'_>, say: Say, cost: &CostReport) -> Option<Markup> {
    if cost.defaults.is_empty() {
        return None;
    }
    let numbers = view.numbers;
    let shown = |range: Range| {
        if range.low == range.high { numbers.significant(range.base, 3) } else { [range.low, range.base, range.high].map(|v| numbers.significant(v, 3)).join(" / ") }
    };
    let head = html! { (markup::head(&say.amount(), false)) (markup::head(&say.value(), true)) (markup::head(&say.source(), false)) };
    let body = html! {
        @for default in &cost.defaults {
            tr { th scope="row" { (names::amount(view, &default.name)) } td.n { (shown(default.value)) } td { (markup::told(view, &default.source)) } }
        }
    };
    Some(html! { h3 { (say.defaults()) } (markup::table("", &say.defaults(), false, &head, &body)) })
}

fn render(view: &View<'_>) -> Option<Markup> {
    let say = Say(view.language);
    let Some(cost) = &view.cost else {
        return Some(match view.resolved.experiment.cost {
            Some(_) if view.evaluation.judged_days <= 0.0 => html! { p { (markup::code_words(&say.timeless())) } },
            Some(_) => html! { p { (say.uncounted()) } },
            None => html! { p { (say.none()) } (markup::snippet(EXAMPLE)) },
        });
    };
    Some(html! {
        @if !cost.options.is_empty() { (options(view, say, cost)) }
        div.pair {
            (hours(view, say, cost))
            @if let Some(option) = best(view) { (years(view, say, cost, option)) }
        }
        @if let Some(chart) = markup::chart(view, figure::MONEY) { (chart) }
        @if let Some(hinge) = hinge(view, say, cost) { (hinge) }
        @if let Some(defaults) = defaults(view, say, cost) { (defaults) }
        @for option in &cost.options { (lines(view, say, cost, option)) }
    })
}
