//! All contenders side by side: the rule in place first, the pick marked, what failed with its reason.

use maud::{Markup, html};

use super::{markup, view::View};
use crate::{
    detect::Kind,
    evaluate::{Measured, Point, Status},
};

phrases! { Say {
    heading() { en: "All detectors side by side", fr: "Tous les détecteurs côte à côte" }
    detector() { en: "Detector", fr: "Détecteur" }
    false_alerts(rate) { en: "False alerts{rate}", fr: "Fausses alertes{rate}" }
    alerts(rate) { en: "Alerts{rate}", fr: "Alertes{rate}" }
    change() { en: "Change", fr: "Écart" }
    caught() { en: "Incidents caught", fr: "Incidents détectés" }
    kept() { en: "Kept of today’s", fr: "Conservés" }
    recall() { en: "Share caught", fr: "Part détectée" }
    precision() { en: "True among alerts", fr: "Alertes justifiées" }
    overlap() { en: "Overlap with rule", fr: "Communes avec la règle" }
    time() { en: "Time to run", fr: "Temps de calcul" }
    standing() { en: "Standing", fr: "Statut" }
    current() { en: "current rule", fr: "règle actuelle" }
    judged() { en: "judged", fr: "jugé" }
    control() { en: "control", fr: "témoin" }
    best_control() { en: "best single field", fr: "meilleur champ seul" }
    failed() { en: "failed", fr: "échec" }
    skipped() { en: "skipped", fr: "ignoré" }
    no_reason() { en: "no reason given", fr: "sans raison donnée" }
    at_budget(budget, period) { en: "At a budget of {budget} alerts {period}", fr: "À un budget de {budget} alertes {period}" }
    at_threshold(budget, period) {
        en: "At the threshold that filled {budget} alerts {period} in the training part",
        fr: "Au seuil qui remplissait {budget} alertes {period} dans la partie d’apprentissage",
    }
    note(at) {
        en: "{at}; the current rule as it is. Small figures are intervals. Only the pick is judged; controls need no machine learning and show what it has to beat.",
        fr: "{at} ; la règle actuelle telle quelle. Les petits chiffres sont des intervalles. Seul le candidat retenu est jugé ; les témoins se passent d’apprentissage et montrent ce qu’il faut dépasser.",
    }
    beats_field(pick, field, points, interval) {
        en: "{pick} keeps more of the incidents than {field}: {points} percentage points ({interval}).",
        fr: "{pick} conserve plus d’incidents que {field} : {points} points de pourcentage ({interval}).",
    }
    matches_field(pick, field, points, interval) {
        en: "{pick} is not shown to keep more of the incidents than {field}: {points} percentage points ({interval}).",
        fr: "Il n’est pas établi que {pick} conserve plus d’incidents que {field} : {points} points de pourcentage ({interval}).",
    }
    per(period) { en: "per {period}", fr: "par {period}" }
    in_all() { en: "in all", fr: "au total" }
    day() { en: "day", fr: "jour" }
    week() { en: "week", fr: "semaine" }
} }

section!("detectors", Body, |view| Some(Say(view.language).heading()), render);

/// Where every contender is cut.
fn at(view: &View<'_>, say: Say) -> String {
    let (budget, period) = (view.numbers.integer(view.evaluation.budget), budget_period(view));
    if view.fixed_threshold() { say.at_threshold(budget, period) } else { say.at_budget(budget, period) }
}

/// The budget period in words: `per day`, `in all` without time.
pub(super) fn budget_period(view: &View<'_>) -> String {
    let say = Say(view.language);
    if view.window().is_none() {
        return say.in_all();
    }
    let per = view.resolved.experiment.evaluate.alerts.per;
    say.per(match per.to_string().as_str() {
        "1d" => say.day(),
        "1w" => say.week(),
        other => other.to_owned(),
    })
}

fn tag(view: &View<'_>, say: Say, contender: &Measured) -> Markup {
    let text = match contender.kind {
        Kind::Baseline => say.current(),
        Kind::Control if view.evaluation.best_field.as_deref() == Some(contender.id.as_str()) => say.best_control(),
        Kind::Control => say.control(),
        _ if view.is_pick(contender) => {
            return html! { @match view.standing() { Some(standing) => (markup::standing(view, standing)), None => span.tag.pick { (say.judged()) } } };
        }
        _ => return html! { span.soft { "—" } },
    };
    html! { span.tag { (text) } }
}

fn scored(view: &View<'_>, say: Say, contender: &Measured, point: &Point) -> Markup {
    let numbers = view.numbers;
    let labelled = view.has_labels();
    let pick = view.is_pick(contender);
    // The pick shows what is judged: its limits with the bias of the choice taken off.
    let judged = if pick { view.pick().map_or(point, |(_, judged)| judged) } else { point };
    let weekly = if labelled { point.false_alerts_per_week } else { view.alerts(point) };
    let interval = judged.false_alerts_per_week_interval.as_ref().filter(|_| labelled).and_then(|e| e.low.zip(e.high)).filter(|(a, b)| a != b);
    let change = view
        .baseline_point()
        .filter(|rule| labelled && contender.kind != Kind::Baseline && rule.false_alerts_per_week > 0.0)
        .map(|rule| point.false_alerts_per_week / rule.false_alerts_per_week - 1.0);
    let kept = if view.baseline().is_some() { judged.recall_kept.as_ref() } else { judged.recall.as_ref() };
    html! {
        tr class=[pick.then_some("pick")] {
            th scope="row" { (view.title(contender)) }
            (markup::with_interval(&numbers.count(weekly), interval.map(|(low, high)| numbers.between(low, high)), weekly))
            @match change { Some(change) => (markup::number(&numbers.signed_percent(change), change)), None => (markup::none()) }
            @if labelled && view.evaluation.incidents > 0 {
                (markup::number(&numbers.of(point.incidents_caught, view.evaluation.incidents), point.incidents_caught as f64))
            } @else { (markup::none()) }
            @match kept.filter(|_| labelled && (contender.kind != Kind::Baseline || view.baseline().is_none())) {
                Some(kept) => (markup::with_interval(&numbers.percent(kept.value), markup::share_interval(view, Some(kept)), kept.value)),
                None => (markup::none()),
            }
            @match point.precision.filter(|_| labelled) {
                Some(share) => (markup::with_interval(&numbers.percent(share), markup::share_interval(view, judged.precision_interval.as_ref()), share)),
                None => (markup::none()),
            }
            @match contender.agreement.filter(|_| contender.kind != Kind::Baseline) {
                Some(share) => (markup::number(&numbers.percent(share), share)),
                None => (markup::none()),
            }
            @if matches!(contender.kind, Kind::Baseline | Kind::Control) { (markup::none()) } @else {
                (markup::number(&numbers.seconds(contender.fit_seconds + contender.score_seconds), contender.fit_seconds + contender.score_seconds))
            }
            td { (tag(view, say, contender)) }
        }
    }
}

/// How the pick stands against the best rule on one field: the paired difference, the bias of the choice taken off.
fn against_field(view: &View<'_>, say: Say) -> Option<String> {
    let field = view.title_of(view.evaluation.best_field.as_deref()?);
    let (pick, _) = view.pick()?;
    let difference = view.evaluation.pick.as_ref()?.better_than_field.as_ref()?;
    let points = |share: f64| view.numbers.signed(share * 100.0);
    let (low, high) = difference.low.zip(difference.high)?;
    let text = (view.title(pick), &field, points(difference.value), view.numbers.to(&points(low), &points(high)));
    Some(if low > 0.0 { say.beats_field(text.0, text.1, text.2, text.3) } else { say.matches_field(text.0, text.1, text.2, text.3) })
}

fn unscored(view: &View<'_>, say: Say, contender: &Measured) -> Markup {
    let word = if contender.outcome == Status::Failed { say.failed() } else { say.skipped() };
    html! {
        tr {
            th scope="row" { (view.title(contender)) }
            td colspan="7" {
                (word) (markup::Shared(view.language).colon())
                @match &contender.reason { Some(reason) => (markup::prose(view, reason)), None => (say.no_reason()) }
            }
            td { span.tag { (word) } }
        }
    }
}

fn render(view: &View<'_>) -> Option<Markup> {
    let say = Say(view.language);
    if view.evaluation.contenders.is_empty() {
        return None;
    }
    let labelled = view.has_labels();
    let head = html! {
        (markup::head(&say.detector(), false))
        (markup::head(&if labelled { say.false_alerts(view.rate()) } else { say.alerts(view.rate()) }, true))
        (markup::head(&say.change(), true))
        (markup::head(&say.caught(), true))
        (markup::head(&if view.baseline().is_some() { say.kept() } else { say.recall() }, true))
        (markup::head(&say.precision(), true))
        (markup::head(&say.overlap(), true))
        (markup::head(&say.time(), true))
        (markup::head(&say.standing(), false))
    };
    let body = html! {
        @for contender in &view.evaluation.contenders {
            @match (&contender.budget, contender.outcome) {
                (Some(point), Status::Scored) => (scored(view, say, contender, point)),
                _ => (unscored(view, say, contender)),
            }
        }
    };
    Some(html! {
        (markup::table("wide", &say.heading(), true, &head, &body))
        @if let Some(against) = against_field(view, say) { p.footnote { (against) } }
        p.footnote { (say.note(at(view, say))) }
    })
}
