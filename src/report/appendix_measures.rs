//! Appendix A6: every measure at every cut, and how its interval is made.

use maud::{Markup, html};

use super::{markup, metric, view::View};
use crate::{
    decide::Judged,
    evaluate::{Estimate, Measured, Point, Question, Status},
    text::visible_within,
};

phrases! { Say {
    heading() { en: "A6 Measures", fr: "A6 Mesures" }
    detector() { en: "Detector", fr: "Détecteur" }
    cut() { en: "Cut", fr: "Seuil" }
    alerts() { en: "Alerts a day", fr: "Alertes par jour" }
    busy() { en: "Busy day", fr: "Jour chargé" }
    worst(count) { en: "worst {count}", fr: "pire {count}" }
    truth() { en: "True", fr: "Vraies" }
    legitimate() { en: "Legitimate", fr: "Légitimes" }
    wrong() { en: "False", fr: "Fausses" }
    unknown() { en: "Unknown", fr: "Inconnues" }
    caught() { en: "Incidents", fr: "Incidents" }
    reduction() { en: "False alerts cut", fr: "Fausses alertes évitées" }
    kept() { en: "Incidents kept", fr: "Incidents conservés" }
    delay() { en: "Delay", fr: "Délai" }
    ap() { en: "Average precision", fr: "Précision moyenne" }
    auc() { en: "ROC-AUC", fr: "AUC ROC" }
    at_budget(count) { en: "budget {count}", fr: "budget {count}" }
    as_it_is() { en: "as it is", fr: "telle quelle" }
    equal() { en: "equal detection (looking back)", fr: "à détection égale (rétrospectif)" }
    prospective() { en: "the same cut, set beforehand", fr: "le même seuil, fixé d’avance" }
    at_recall() { en: "What is saved where a given share of today’s incidents is kept", fr: "Ce qui est évité en conservant une part donnée des incidents actuels" }
    share_kept() { en: "Incidents kept", fr: "Incidents conservés" }
    ranking() { en: "How well each ranks all units", fr: "Qualité du classement de toutes les unités" }
    by_chance() { en: "By chance", fr: "Par hasard" }
    controls() { en: "The same criteria for the controls", fr: "Les mêmes critères pour les témoins" }
    measure() { en: "Measure", fr: "Mesure" }
    asked() { en: "Asked", fr: "Demandé" }
    measured() { en: "Measured", fr: "Mesuré" }
    interval() { en: "Interval", fr: "Intervalle" }
    status() { en: "Status", fr: "Statut" }
    methods() { en: "How the intervals of the pick are made", fr: "Comment sont faits les intervalles du candidat retenu" }
    method() { en: "Method", fr: "Méthode" }
    question() { en: "Answers", fr: "Répond à" }
    window() { en: "this window", fr: "cette fenêtre" }
    weeks() { en: "weeks to come", fr: "les semaines à venir" }
    note() { en: "Note", fr: "Remarque" }
    formulas() { en: "What each measure is", fr: "Ce qu’est chaque mesure" }
    formula() { en: "Formula", fr: "Formule" }
    f_reduction() { en: "1 − false alerts of the contender / false alerts of the current rule, both a week at their cut", fr: "1 − fausses alertes du candidat / fausses alertes de la règle actuelle, par semaine, chacun à son seuil" }
    f_kept() { en: "incidents caught by both / incidents caught by the current rule; an incident is caught where any of its units is raised", fr: "incidents détectés par les deux / incidents détectés par la règle actuelle ; un incident est détecté dès qu’une de ses unités est levée" }
    f_busy() { en: "95th percentile over the periods of the budget, empty ones included", fr: "95e centile sur les périodes du budget, vides comprises" }
    f_delay() { en: "median over the incidents caught: hours from the incident’s start to the end of its first raised unit", fr: "médiane sur les incidents détectés : heures du début de l’incident à la fin de sa première unité levée" }
    f_ap() { en: "sum over the ranks of precision × gain of recall, ties as one rank (Davis, Goadrich 2006); by chance: the share of attack units", fr: "somme sur les rangs de précision × gain de rappel, ex æquo en un rang (Davis, Goadrich 2006) ; par hasard : la part des unités d’attaque" }
    f_auc() { en: "chance that an attack unit scores above another, ties counted half (Hanley, McNeil 1982)", fr: "probabilité qu’une unité d’attaque ait un score supérieur à une autre, ex æquo comptés moitié (Hanley, McNeil 1982)" }
    bias(kept, ratio) {
        en: "Choosing the best flatters it: {kept} of the incidents kept and {ratio} of the logarithm of the false-alert ratio were taken off its lower limits.",
        fr: "Choisir le meilleur le flatte : {kept} des incidents conservés et {ratio} du logarithme du rapport de fausses alertes ont été retirés de ses bornes.",
    }
    coverage(confidence) {
        en: "A {confidence} interval is right that often on average over contenders and windows; it is no promise for each. The equal-detection cut hangs on the weakest incident and has no interval for the weeks to come.",
        fr: "Un intervalle à {confidence} est juste à cette fréquence en moyenne sur candidats et fenêtres ; ce n’est pas une promesse pour chacun. Le seuil à détection égale dépend de l’incident le plus faible et n’a pas d’intervalle pour les semaines à venir.",
    }
} }

section!("a6", Appendix, |view| Some(Say(view.language).heading()), render);

fn estimate(view: &View<'_>, estimate: Option<&Estimate>) -> Markup {
    match estimate {
        Some(estimate) => markup::with_interval(&view.numbers.percent(estimate.value), markup::share_interval(view, Some(estimate)), estimate.value),
        None => markup::none(),
    }
}

fn point(view: &View<'_>, contender: &Measured, cut: &str, point: &Point) -> Markup {
    let numbers = view.numbers;
    let worst = Some(Say(view.language).worst(numbers.count(point.alerts_per_day_max)));
    let count = |value: u64| markup::number(&numbers.integer(value), value as f64);
    html! {
        tr class=[view.is_pick(contender).then_some("pick")] {
            th scope="row" { (view.title(contender)) }
            td { (cut) }
            (markup::number(&numbers.count(point.alerts_per_day), point.alerts_per_day))
            (markup::with_interval(&numbers.count(point.alerts_per_day_p95), worst, point.alerts_per_day_p95))
            (count(point.true_alerts)) (count(point.benign_true_alerts)) (count(point.false_alerts)) (count(point.unknown_alerts)) (count(point.incidents_caught))
            (estimate(view, point.fp_reduction.as_ref()))
            (estimate(view, point.recall_kept.as_ref()))
            @match point.hours_to_alert { Some(hours) => (markup::number(&numbers.hours(hours), hours)), None => (markup::none()) }
        }
    }
}

fn points(view: &View<'_>, say: Say) -> Markup {
    let head = html! {
        (markup::head(&say.detector(), false)) (markup::head(&say.cut(), false))
        @for name in [say.alerts(), say.busy(), say.truth(), say.legitimate(), say.wrong(), say.unknown(), say.caught(), say.reduction(), say.kept(), say.delay()] {
            (markup::head(&name, true))
        }
    };
    let body = html! {
        @for contender in view.evaluation.contenders.iter().filter(|contender| contender.outcome == Status::Scored) {
            @if let Some(at) = &contender.budget {
                @let cut = if contender.kind == crate::detect::Kind::Baseline { say.as_it_is() } else { say.at_budget(view.evaluation.budget) };
                (point(view, contender, &cut, at))
            }
            @for at in &contender.also_at { (point(view, contender, &say.at_budget(at.budget), &at.point)) }
            @if let Some(at) = &contender.equal_detection { (point(view, contender, &say.equal(), at)) }
            @if let Some(at) = &contender.prospective { (point(view, contender, &say.prospective(), at)) }
        }
    };
    markup::table("", &say.heading(), true, &head, &body)
}

fn at_recall(view: &View<'_>, say: Say) -> Option<Markup> {
    let rows: Vec<_> = view.evaluation.contenders.iter().filter_map(|c| c.at_recall.as_ref().map(|at| (c, at))).collect();
    if rows.is_empty() {
        return None;
    }
    let head = html! { (markup::head(&say.detector(), false)) (markup::head(&say.share_kept(), true)) (markup::head(&say.reduction(), true)) (markup::head(&say.note(), false)) };
    let body = html! {
        @for (contender, at) in rows {
            tr class=[view.is_pick(contender).then_some("pick")] {
                th scope="row" { (view.title(contender)) }
                (markup::number(&view.numbers.percent(at.recall), at.recall))
                (estimate(view, Some(&at.fp_reduction)))
                td { @if let Some(note) = &at.fp_reduction.note { (markup::told(view, note)) } }
            }
        }
    };
    Some(html! { h3 { (say.at_recall()) } (markup::table("", &say.at_recall(), true, &head, &body)) })
}

fn ranking(view: &View<'_>, say: Say) -> Option<Markup> {
    let ranked: Vec<&Measured> = view.evaluation.contenders.iter().filter(|c| c.average_precision.is_some() || c.roc_auc.is_some()).collect();
    if ranked.is_empty() {
        return None;
    }
    let cell = |value: Option<f64>| match value {
        Some(value) => markup::number(&view.numbers.significant(value, 3), value),
        None => markup::none(),
    };
    let head = html! { (markup::head(&say.detector(), false)) (markup::head(&say.ap(), true)) (markup::head(&say.by_chance(), true)) (markup::head(&say.auc(), true)) };
    let body = html! {
        @for contender in ranked {
            tr class=[view.is_pick(contender).then_some("pick")] { th scope="row" { (view.title(contender)) } (cell(contender.average_precision)) (cell(contender.prevalence)) (cell(contender.roc_auc)) }
        }
    };
    Some(html! { h3 { (say.ranking()) } (markup::table("", &say.ranking(), true, &head, &body)) })
}

fn controls(view: &View<'_>, say: Say) -> Option<Markup> {
    let controls = &view.decision.controls;
    if controls.is_empty() {
        return None;
    }
    let head = html! {
        (markup::head(&say.detector(), false)) (markup::head(&say.measure(), false)) (markup::head(&say.asked(), true)) (markup::head(&say.measured(), true))
        (markup::head(&say.interval(), true)) (markup::head(&say.status(), false))
    };
    let row = |judged: &Judged| {
        html! {
            tr {
                th scope="row" { (view.title_of(&judged.contender)) }
                td { (metric::name(view, &judged.metric)) }
                td.n { (metric::asked(view, judged)) }
                td.n { (metric::measured(view, judged).unwrap_or_else(|| "—".into())) }
                td.n { (metric::interval(view, judged).unwrap_or_else(|| "—".into())) }
                td { (markup::standing(view, judged.standing)) }
            }
        }
    };
    Some(html! { h3 { (say.controls()) } (markup::table("", &say.controls(), false, &head, &html! { @for judged in controls { (row(judged)) } })) })
}

fn methods(view: &View<'_>, say: Say) -> Option<Markup> {
    let (_, point) = view.pick()?;
    let all = [
        ("fp_reduction", &point.fp_reduction),
        ("recall_kept", &point.recall_kept),
        ("recall", &point.recall),
        ("precision", &point.precision_interval),
        ("false_alerts_per_week", &point.false_alerts_per_week_interval),
    ];
    let head = html! { (markup::head(&say.measure(), false)) (markup::head(&say.method(), false)) (markup::head(&say.question(), false)) (markup::head(&say.note(), false)) };
    let body = html! {
        @for (name, estimate) in all {
            @if let Some(estimate) = estimate {
                tr {
                    th scope="row" { (metric::name(view, name)) }
                    td { (markup::told(view, &estimate.method)) }
                    td { (match estimate.question { Question::ThisWindow => say.window(), Question::WeeksToCome => say.weeks() }) }
                    td { @if let Some(note) = &estimate.note { (markup::told(view, note)) } }
                }
            }
        }
    };
    Some(html! { h3 { (say.methods()) } (markup::table("", &say.methods(), false, &head, &body)) })
}

fn formulas(say: Say) -> Markup {
    let head = html! { (markup::head(&say.measure(), false)) (markup::head(&say.formula(), false)) };
    let all = [
        (say.reduction(), say.f_reduction()),
        (say.kept(), say.f_kept()),
        (say.busy(), say.f_busy()),
        (say.delay(), say.f_delay()),
        (say.ap(), say.f_ap()),
        (say.auc(), say.f_auc()),
    ];
    let body = html! { @for (name, formula) in &all { tr { th scope="row" { (name) } td { (formula) } } } };
    html! { h3 { (say.formulas()) } (markup::table("", &say.formulas(), false, &head, &body)) }
}

fn render(view: &View<'_>) -> Option<Markup> {
    let say = Say(view.language);
    Some(html! {
        (points(view, say))
        @if let Some(at_recall) = at_recall(view, say) { (at_recall) }
        @if let Some(ranking) = ranking(view, say) { (ranking) }
        @if let Some(controls) = controls(view, say) { (controls) }
        @if let Some(methods) = methods(view, say) { (methods) }
        (formulas(say))
        @if let Some(pick) = &view.evaluation.pick {
            p.footnote { (say.bias(view.numbers.percent(pick.bias_recall_kept), view.numbers.significant(pick.bias_log_ratio, 2))) }
        }
        p.footnote { (say.coverage(visible_within(&view.confidence(), 20))) }
    })
}
