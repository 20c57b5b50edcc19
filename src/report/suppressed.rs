//! Alerts that rules of the experiment keep out of every queue: how many false ones, and which true ones are lost with them.

use maud::{Markup, html};

use super::{markup, view::View};
use crate::{
    evaluate::{Measured, Removed, Suppression},
    text::visible_within,
};

phrases! { Say {
    heading() { en: "Suppressed alerts", fr: "Alertes écartées" }
    lead(rules, pick, wrong, right) {
        en: "{rules} known causes are not opened by anyone, whoever raises them. Of the alerts of {pick}, {wrong} false and {right} true leave the queue that way. Every figure of this report holds with these rules.",
        fr: "{rules} causes connues ne sont ouvertes par personne, quel que soit celui qui les signale. Parmi les alertes de {pick}, {wrong} fausses et {right} vraies quittent ainsi la file. Tous les chiffres de ce rapport valent avec ces règles.",
    }
    lead_one(pick, wrong, right) {
        en: "One known cause is not opened by anyone, whoever raises it. Of the alerts of {pick}, {wrong} false and {right} true leave the queue that way. Every figure of this report holds with this rule.",
        fr: "Une cause connue n’est ouverte par personne, quel que soit celui qui la signale. Parmi les alertes de {pick}, {wrong} fausses et {right} vraies quittent ainsi la file. Tous les chiffres de ce rapport valent avec cette règle.",
    }
    afterwards() {
        en: "These rules were written when the results were known, so what they save suits this window. Run them on days that nobody has seen before you rely on it.",
        fr: "Ces règles ont été écrites une fois les résultats connus : leur gain tient à cette fenêtre. Avant de vous y fier, appliquez-les à des jours que personne n’a vus.",
    }
    refilled() {
        en: "With a budget of alerts a day, what ranks next takes the places that become free.",
        fr: "Avec un budget d’alertes par jour, ce qui vient ensuite au classement prend les places libérées.",
    }
    contender() { en: "Contender", fr: "Candidat" }
    false_out() { en: "False alerts that leave", fr: "Fausses alertes écartées" }
    true_out() { en: "True alerts lost", fr: "Vraies alertes perdues" }
    unknown_out() { en: "Unlabelled alerts that leave", fr: "Alertes sans étiquette écartées" }
    taken_in() { en: "Alerts that move up", fr: "Alertes qui prennent leur place" }
    week(unit) { en: "False alerts {unit}, without and with", fr: "Fausses alertes {unit}, sans et avec" }
    incidents() { en: "Incidents caught, without and with", fr: "Incidents détectés, sans et avec" }
    lost(names) { en: "lost: {names}", fr: "perdus : {names}" }
    rules() { en: "The rules", fr: "Les règles" }
    rule() { en: "Rule", fr: "Règle" }
    reason() { en: "Reason", fr: "Raison" }
    until() { en: "Until", fr: "Jusqu’à" }
    units() { en: "Judged units", fr: "Unités jugées" }
    of_pick() { en: "Alerts of the pick that leave", fr: "Alertes du candidat retenu écartées" }
    of_rule() { en: "Alerts of the current rule that leave", fr: "Alertes de la règle actuelle écartées" }
    always() { en: "no end", fr: "sans fin" }
} }

section!("suppressed", Body, |view| view.evaluation.suppression.as_ref().map(|_| Say(view.language).heading()), render);

fn render(view: &View<'_>) -> Option<Markup> {
    let say = Say(view.language);
    let suppression = view.evaluation.suppression.as_ref()?;
    let all: Vec<(&Measured, &Removed)> =
        view.evaluation.contenders.iter().filter_map(|contender| Some((contender, contender.removed.as_ref()?))).collect();
    let numbers = view.numbers;
    let lead = view.pick().and_then(|(pick, _)| Some((view.title(pick), pick.removed.as_ref()?))).map(|(title, removed)| {
        let (wrong, right) = (numbers.integer(removed.false_alerts), numbers.integer(removed.true_alerts));
        match suppression.rules.len() {
            1 => say.lead_one(title, wrong, right),
            n => say.lead(numbers.integer(n as u64), title, wrong, right),
        }
    });
    let unknown = all.iter().any(|(_, removed)| removed.unknown_alerts > 0);
    let head = html! {
        (markup::head(&say.contender(), false)) (markup::head(&say.false_out(), true)) (markup::head(&say.true_out(), true))
        @if unknown { (markup::head(&say.unknown_out(), true)) }
        (markup::head(&say.taken_in(), true)) (markup::head(&say.week(view.rate()), true)) (markup::head(&say.incidents(), true))
    };
    let body = html! { @for (contender, removed) in &all { (row(view, contender, removed, unknown)) } };
    Some(html! {
        @if let Some(lead) = lead { p.lead { (lead) } }
        @if suppression.afterwards { p { (say.afterwards()) } }
        (markup::table("", &say.heading(), false, &head, &body))
        p.footnote { (say.refilled()) }
        (rules(view, suppression))
    })
}

fn row(view: &View<'_>, contender: &Measured, removed: &Removed, unknown: bool) -> Markup {
    let (say, numbers) = (Say(view.language), view.numbers);
    let count = |n: u64| markup::number(&numbers.integer(n), n as f64);
    let lost: Vec<_> = removed.incidents_lost.iter().map(|id| visible_within(id, 40)).collect();
    let caught = contender.budget.as_ref().map_or(0, |point| point.incidents_caught);
    html! {
        tr {
            th scope="row" { (view.title(contender)) }
            (count(removed.false_alerts)) (count(removed.true_alerts))
            @if unknown { (count(removed.unknown_alerts)) }
            (count(removed.taken_in))
            @match (removed.false_alerts_per_week_before, contender.budget.as_ref()) {
                (Some(before), Some(point)) => (markup::number(&arrow(&numbers.count(before), &numbers.count(point.false_alerts_per_week)), point.false_alerts_per_week)),
                _ => (markup::none()),
            }
            (markup::with_interval(
                &arrow(&numbers.integer(removed.incidents_caught_before), &numbers.integer(caught)),
                (!lost.is_empty()).then(|| say.lost(lost.join(", "))),
                caught as f64,
            ))
        }
    }
}

fn arrow(before: &str, after: &str) -> String {
    format!("{before} → {after}")
}

fn rules(view: &View<'_>, suppression: &Suppression) -> Markup {
    let (say, numbers) = (Say(view.language), view.numbers);
    let of = |contender: Option<&Measured>, at: usize| contender.and_then(|c| c.removed.as_ref()).and_then(|removed| removed.by_rule.get(at).copied());
    let cell = |count: Option<u64>| count.map_or_else(markup::none, |count| markup::number(&numbers.integer(count), count as f64));
    let head = html! {
        (markup::head(&say.rule(), false)) (markup::head(&say.reason(), false)) (markup::head(&say.until(), false))
        (markup::head(&say.units(), true)) (markup::head(&say.of_pick(), true)) (markup::head(&say.of_rule(), true))
    };
    let body = html! {
        @for (at, one) in suppression.rules.iter().enumerate() {
            tr {
                th scope="row" { code { (visible_within(&one.rule.when, 200)) } }
                td { (visible_within(&one.rule.reason, 200)) }
                td { (one.rule.until.as_ref().map_or_else(|| say.always(), ToString::to_string)) }
                (cell(Some(one.units))) (cell(of(view.pick().map(|(pick, _)| pick), at))) (cell(of(view.baseline(), at)))
            }
        }
    };
    markup::table("", &say.rules(), false, &head, &body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        evaluate::SuppressedBy,
        report::{ReportInput, fixture, page},
        spec::{Language, Suppress},
    };

    fn input() -> ReportInput {
        let mut input = fixture::full();
        let rule = Suppress { when: "user = '<b>svc</b>'".into(), reason: "=backup".into(), until: Some("2026-06-30".parse().unwrap()) };
        input.evaluation.suppression = Some(Suppression { rules: vec![SuppressedBy { rule, units: 12 }], afterwards: true });
        for contender in &mut input.evaluation.contenders {
            contender.removed = Some(Removed {
                alerts: 9,
                true_alerts: 1,
                false_alerts: 8,
                unknown_alerts: 0,
                taken_in: 9,
                false_alerts_per_week_before: Some(104.0),
                incidents_caught_before: 19,
                incidents_lost: vec!["INC-<7>".into()],
                by_rule: vec![9],
            });
        }
        input
    }

    #[test]
    fn what_is_saved_and_lost_is_told_in_both_languages() {
        let mut input = input();
        let english = page(&input);
        assert!(english.contains("8 false and 1 true leave the queue that way"));
        assert!(english.contains("written when the results were known") && english.contains("lost: INC-&lt;7&gt;"));
        assert!(english.contains("user = '&lt;b&gt;svc&lt;/b&gt;'") && !english.contains("<b>svc"));
        input.resolved.experiment.report.language = Language::Fr;
        assert!(page(&input).contains("Alertes écartées"));
        assert!(!page(&fixture::full()).contains("id=\"suppressed\""));
    }
}
