//! What was asked, what was measured: one row a criterion.

use maud::{Markup, html};

use super::{markup, metric, view::View};
use crate::decide::{Judged, Standing};

phrases! { Say {
    heading() { en: "What was asked, what was measured", fr: "Ce qui était demandé, ce qui a été mesuré" }
    criterion() { en: "Criterion", fr: "Critère" }
    asked() { en: "Asked", fr: "Demandé" }
    measured() { en: "Measured", fr: "Mesuré" }
    interval(confidence) { en: "{confidence} interval", fr: "Intervalle {confidence}" }
    status() { en: "Status", fr: "Statut" }
    frozen(hash, pick) {
        en: "Written down before the run (fingerprint {hash}) and judged on {pick} alone; met or not met only where the whole interval says so.",
        fr: "Fixés avant l’exécution (empreinte {hash}) et jugés sur {pick} seul ; atteint ou non atteint seulement si tout l’intervalle le dit.",
    }
    none() {
        en: "No criteria were given, so there is nothing to judge by. Write down before the next run what would convince you, for example:",
        fr: "Aucun critère n’a été donné, il n’y a donc rien à juger. Écrivez avant la prochaine exécution ce qui vous convaincrait, par exemple :",
    }
    unjudged() { en: "No contender could be judged.", fr: "Aucun candidat n’a pu être jugé." }
    no_interval() { en: "as counted", fr: "compté" }
} }

section!("criteria", Front, |view| Some(Say(view.language).heading()), render);

const EXAMPLE: &str = "decision:\n  require:\n    - { metric: fp_reduction, at_least: 0.40 }\n    - { metric: recall_kept, at_least: 0.90 }";

fn row(view: &View<'_>, say: Say, judged: &Judged) -> Markup {
    let measured = metric::measured(view, judged).unwrap_or_else(|| "—".into());
    let interval = metric::interval(view, judged).unwrap_or_else(|| if judged.value.is_some() { say.no_interval() } else { "—".into() });
    html! {
        tr {
            th scope="row" { (metric::name(view, &judged.metric)) }
            td.n { (metric::asked(view, judged)) }
            td.n { (measured) small.inline-interval { (interval) } }
            td.n.interval { (interval) }
            td { (markup::standing(view, judged.standing)) }
        }
        @if let (Standing::Open, Some(needs)) = (judged.standing, &judged.needs) {
            tr.needs { td colspan="5" { (markup::sentence(view, needs)) } }
        }
    }
}

fn render(view: &View<'_>) -> Option<Markup> {
    let say = Say(view.language);
    let decision = &view.decision;
    if decision.criteria.is_empty() {
        let asked = view.resolved.experiment.decision.as_ref().is_some_and(|decision| !decision.require.is_empty());
        return Some(if asked { html! { p { (say.unjudged()) } } } else { html! { p { (say.none()) } (markup::snippet(EXAMPLE)) } });
    }
    let head = html! {
        (markup::head(&say.criterion(), false))
        (markup::head(&say.asked(), true))
        (markup::head(&say.measured(), true))
        th.n.interval scope="col" { (say.interval(view.confidence())) }
        (markup::head(&say.status(), false))
    };
    let body = html! { @for judged in &decision.criteria { (row(view, say, judged)) } };
    let fingerprint: String = decision.criteria_hash.chars().filter(char::is_ascii_alphanumeric).take(8).collect();
    let pick = view.pick_id().map(|id| view.title_of(id)).unwrap_or_default();
    Some(html! {
        (markup::table("criteria", &say.heading(), false, &head, &body))
        p.footnote { (say.frozen(fingerprint, pick)) }
    })
}
