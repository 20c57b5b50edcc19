//! What if: amounts that a reader changes in the page, with the values of the run one click away. Without script it shows the run's values.

use maud::{Markup, html};
use serde_json::{Value, json};

use super::{cost, markup, metric, view::View};
use crate::{
    cost::{Levers, levers},
    decide::{Direction, Judged, Standing, judged_at},
    evaluate::Point,
    text::THIN,
};

phrases! { Say {
    heading() { en: "What if", fr: "Et si" }
    lead() {
        en: "Other amounts than those of the run, at their most likely values. The verdict stays: it was judged on what was written down beforehand.",
        fr: "D’autres montants que ceux de l’exécution, à leurs valeurs les plus probables. Le verdict reste : il a été jugé sur ce qui était écrit d’avance.",
    }
    no_script() {
        en: "Without script these are the values of the run; the page computes others where scripts may run.",
        fr: "Sans script, ce sont les valeurs de l’exécution ; la page en calcule d’autres là où les scripts sont permis.",
    }
    amount() { en: "Amount", fr: "Montant" }
    run() { en: "In the run", fr: "Dans l’exécution" }
    yours() { en: "Yours", fr: "Le vôtre" }
    result() { en: "Result", fr: "Résultat" }
    now() { en: "With yours", fr: "Avec les vôtres" }
    minutes() { en: "Minutes on a false alert", fr: "Minutes par fausse alerte" }
    hour(currency) { en: "An analyst’s hour, {currency}", fr: "Heure d’analyste, {currency}" }
    years() { en: "Horizon, years", fr: "Durée, années" }
    licence(currency) { en: "Licence a year, {currency}", fr: "Licence par an, {currency}" }
    budget(period) { en: "Budget, alerts {period}", fr: "Budget, alertes {period}" }
    option() { en: "Way of implementing it", fr: "Mise en œuvre" }
    freed() { en: "Analyst hours freed a week", fr: "Heures d’analyse libérées par semaine" }
    saving() { en: "Worth of them in a year", fr: "Leur valeur par an" }
    npv() { en: "Net saving over the horizon", fr: "Gain net sur la durée" }
    payback() { en: "Payback", fr: "Amortissement" }
    months() { en: "months", fr: "mois" }
    beyond() { en: "not within 10 years", fr: "pas en 10 ans" }
    changed() { en: "changed from the run", fr: "modifié par rapport à l’exécution" }
    reset() { en: "Back to the run", fr: "Revenir à l’exécution" }
    criterion() { en: "Criterion", fr: "Critère" }
    asked() { en: "Asked", fr: "Demandé" }
    standing() { en: "Standing", fr: "Statut" }
    holds() { en: "would hold", fr: "serait atteint" }
    fails() { en: "would not hold", fr: "ne serait pas atteint" }
    note() {
        en: "Cost lines other than the licence stay as they are. At another budget the criteria are judged on intervals from which the bias of choosing the best is not taken off; criteria on money are compared at the most likely values, without interval.",
        fr: "Les lignes de coût autres que la licence restent telles quelles. À un autre budget, les critères sont jugés sur des intervalles dont le biais du choix n’est pas retiré ; ceux sur l’argent sont comparés aux valeurs les plus probables, sans intervalle.",
    }
} }

section!("what-if", Body, |view| Some(Say(view.language).heading()), render);

/// The budgets at which the pick was evaluated, the run's own first.
fn points<'a>(view: &View<'a>) -> Vec<(u64, &'a Point)> {
    let Some((pick, point)) = view.pick() else { return Vec::new() };
    let own = view.evaluation.budget;
    let others = pick.also_at.iter().filter(|at| at.budget != own && at.point.unknown_alerts == 0);
    std::iter::once((own, point)).chain(others.map(|at| (at.budget, &at.point))).collect()
}

fn word(standing: Standing) -> &'static str {
    match standing {
        Standing::Met => "met",
        Standing::NotMet => "not-met",
        Standing::Open => "open",
    }
}

/// The measures of money that the page computes, with the name of their output.
fn money_output(metric: &str) -> Option<&'static str> {
    match metric {
        "payback_months" => Some("payback"),
        "net_present_value" => Some("npv"),
        "net_saving_per_year" => Some("net"),
        _ => None,
    }
}

/// What the script needs: the levers, and how the criteria stand at each budget.
fn data(view: &View<'_>, say: Say, levers: &Levers, best: usize, points: &[(u64, &Point)]) -> Value {
    let decision = view.resolved.experiment.decision.as_ref();
    let standings: Vec<Value> = points
        .iter()
        .enumerate()
        .map(|(index, (_, point))| {
            let judged = match decision {
                // At the run's own budget they stand as judged.
                Some(decision) if index > 0 => judged_at(&view.evaluation, decision, point),
                _ => view.decision.criteria.clone(),
            };
            let of = |wanted: &Judged| judged.iter().find(|judged| judged.metric == wanted.metric).map(|judged| word(judged.standing));
            json!(view.decision.criteria.iter().map(of).collect::<Vec<_>>())
        })
        .collect();
    let criteria: Vec<Value> = view
        .decision
        .criteria
        .iter()
        .map(|judged| json!({ "money": money_output(&judged.metric), "least": judged.direction == Direction::AtLeast, "limit": judged.limit }))
        .collect();
    let shared = markup::Shared(view.language);
    json!({
        "levers": levers, "option": best, "criteria": criteria, "standings": standings, "currency": metric::currency(view),
        "decimal": if view.language == crate::spec::Language::Fr { "," } else { "." },
        "words": {
            "met": format!("✓ {}", shared.met()), "not-met": format!("✗ {}", shared.not_met()), "open": format!("? {}", shared.open()),
            "holds": format!("✓ {}", say.holds()), "fails": format!("✗ {}", say.fails()), "months": say.months(), "beyond": say.beyond(),
        },
    })
}

fn input(name: &str, label: &str, value: f64, run: &str) -> Markup {
    let id = format!("what-if-{name}");
    html! {
        tr {
            th scope="row" { label for=(id) { (label) } }
            td.n { (run) }
            td.n { input id=(id) name=(name) type="number" min="0" step="any" value=(value) disabled; }
        }
    }
}

fn amounts(view: &View<'_>, say: Say, levers: &Levers, best: usize, points: &[(u64, &Point)]) -> Markup {
    let currency = metric::currency(view);
    let numbers = view.numbers;
    let licence = levers.options[best].licence;
    let number = |value: f64| numbers.significant(value, 4);
    let head = html! { (markup::head(&say.amount(), false)) (markup::head(&say.run(), true)) (markup::head(&say.yours(), true)) };
    let body = html! {
        (input("minutes", &say.minutes(), levers.minutes, &number(levers.minutes)))
        (input("hour", &say.hour(&currency), levers.hour, &number(levers.hour)))
        (input("years", &say.years(), levers.years, &number(levers.years)))
        (input("licence", &say.licence(&currency), licence, &number(licence)))
        tr {
            th scope="row" { label for="what-if-point" { (say.budget(super::detectors::budget_period(view))) } }
            td.n { (numbers.integer(points[0].0)) }
            td.n { select id="what-if-point" name="point" disabled {
                @for (index, (budget, _)) in points.iter().enumerate() { option value=(index) selected[index == 0] { (numbers.integer(*budget)) } }
            } }
        }
        tr {
            th scope="row" { label for="what-if-option" { (say.option()) } }
            td.n { (cost::option_name(view, &levers.options[best].name)) }
            td.n { select id="what-if-option" name="option" disabled {
                @for (index, option) in levers.options.iter().enumerate() { option value=(index) selected[index == best] { (cost::option_name(view, &option.name)) } }
            } }
        }
    };
    markup::table("", &say.heading(), false, &head, &body)
}

fn outcome(view: &View<'_>, say: Say, levers: &Levers, best: usize) -> Option<Markup> {
    let found = levers.at(&levers.unchanged(best))?;
    let numbers = view.numbers;
    let currency = metric::currency(view);
    let money = |value: f64| format!("{}{THIN}{}", numbers.significant(value, 3), symbol(&numbers.money(0.0, 1.0, &currency)));
    let payback = found.payback_months.map_or_else(|| say.beyond(), |months| metric::month_count(view.language, months));
    let row = |label: String, name: &str, value: String| html! { tr { th scope="row" { (label) } td.n { (value) } td.n { output data-out=(name) { (value) } } } };
    let head = html! { (markup::head(&say.result(), false)) (markup::head(&say.run(), true)) (markup::head(&say.now(), true)) };
    let body = html! {
        (row(say.freed(), "freed", numbers.significant(found.hours_freed, 3)))
        (row(say.saving(), "saving", money(found.saving_per_year)))
        (row(say.npv(), "npv", money(found.net_present_value)))
        (row(say.payback(), "payback", payback))
    };
    Some(markup::table("", &say.result(), false, &head, &body))
}

/// What follows the number in an amount of money.
fn symbol(nothing: &str) -> String {
    nothing.trim_start_matches(|c: char| c.is_ascii_digit() || c.is_whitespace() || c == THIN).to_owned()
}

fn criteria(view: &View<'_>, say: Say) -> Markup {
    let head = html! { (markup::head(&say.criterion(), false)) (markup::head(&say.asked(), true)) (markup::head(&say.run(), false)) (markup::head(&say.now(), false)) };
    let body = html! {
        @for judged in &view.decision.criteria {
            tr {
                th scope="row" { (metric::name(view, &judged.metric)) }
                td.n { (metric::asked(view, judged)) }
                td { (markup::standing(view, judged.standing)) }
                td { span.standing.(word(judged.standing)) data-criterion="" { (markup::standing(view, judged.standing)) } }
            }
        }
    };
    markup::table("", &say.standing(), false, &head, &body)
}

fn render(view: &View<'_>) -> Option<Markup> {
    let say = Say(view.language);
    let (report, spec) = (view.cost()?, view.resolved.experiment.cost.as_ref()?);
    let (pick, _) = view.pick()?;
    let points = points(view);
    if report.options.is_empty() || !view.is_costed(pick) {
        return None;
    }
    let all: Vec<&Point> = points.iter().map(|(_, point)| *point).collect();
    let levers = levers(spec, report, view.baseline_point()?, &all);
    let best = report.options.iter().position(|option| report.best.as_ref() == Some(&option.name)).unwrap_or(0);
    let data = data(view, say, &levers, best, &points).to_string();
    Some(html! {
        p { (say.lead()) }
        form #what-if-form autocomplete="off" data-what-if=(data) {
            p.changed hidden { strong { (say.changed()) } " " button.copy type="reset" { (say.reset()) } }
            div.pair {
                (amounts(view, say, &levers, best, &points))
                div { @if let Some(outcome) = outcome(view, say, &levers, best) { (outcome) } @if !view.decision.criteria.is_empty() { (criteria(view, say)) } }
            }
        }
        p.footnote { (say.note()) " " noscript { (say.no_script()) } }
    })
}
