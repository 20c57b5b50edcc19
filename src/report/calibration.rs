//! Thresholds with a bound on how many cases that are no attack reach them.

use maud::{Markup, html};

use super::{markup, view::View};
use crate::evaluate::conformal::Calibrated;

phrases! { Say {
    heading() { en: "What can be promised of a threshold?", fr: "Que peut-on promettre d’un seuil ?" }
    lead(fitted, days, cases, margin, confidence) {
        en: "Detectors learned from {fitted} days, and {days} further days with {cases} cases, which they had not seen, set the threshold that fills the budget. With {confidence} confidence the share of such cases that reach a threshold is at most {margin} points above what those days showed, at every threshold at once.",
        fr: "Les détecteurs ont appris sur {fitted} jours ; {days} autres jours, avec {cases} cas qu’ils n’avaient pas vus, ont fixé le seuil qui remplit le budget. Avec une confiance de {confidence}, la part de tels cas qui atteignent un seuil dépasse d’au plus {margin} points ce que ces jours ont montré, à tous les seuils à la fois.",
    }
    condition(decisions) {
        en: "That holds for cases that are exchangeable with those days (no drift, no dependence between days of one entity); the judged part shows whether it was so. A share means little without the {decisions} cases that are decided each day.",
        fr: "Cela vaut pour des cas échangeables avec ceux de ces jours (ni dérive, ni dépendance entre les jours d’une entité) ; la partie jugée montre si c’était le cas. Une part ne dit rien sans les {decisions} cas tranchés chaque jour.",
    }
    caption() { en: "Threshold that fills the budget: share of cases that are no attack and reach it", fr: "Seuil qui remplit le budget : part des cas sans attaque qui l’atteignent" }
    detector() { en: "Detector", fr: "Détecteur" }
    rate() { en: "Calibration days", fr: "Jours d’étalonnage" }
    bound() { en: "At most", fr: "Au plus" }
    observed() { en: "Judged part", fr: "Partie jugée" }
    discoveries(level) { en: "Raised at {level} false", fr: "Levés à {level} de faux" }
    wrong(count) { en: "{count} of them false", fr: "dont {count} faux" }
    broken(count) {
        en: "In the judged part {count} of the detectors exceed their bound: the days are not alike, and the promise does not hold there.",
        fr: "Dans la partie jugée, {count} des détecteurs dépassent leur borne : les jours ne se ressemblent pas, et la promesse n’y tient pas.",
    }
    kept() { en: "In the judged part every detector keeps its bound.", fr: "Dans la partie jugée, chaque détecteur respecte sa borne." }
} }

section!(
    "calibration",
    Body,
    |view| view.studies.as_ref()?.calibration.as_ref().map(|_| Say(view.language).heading()),
    render
);

fn render(view: &View<'_>) -> Option<Markup> {
    let say = Say(view.language);
    let calibration = view.studies.as_ref()?.calibration.as_ref()?;
    let numbers = view.numbers;
    let percent = |share: f64| numbers.percent_decimals(share, 1);
    let broken = calibration.contenders.iter().filter(|one| one.observed > one.bound).count();
    let lead = say.lead(
        numbers.integer(calibration.fitted_days),
        numbers.integer(calibration.calibration_days),
        numbers.integer(calibration.cases),
        numbers.decimal(calibration.margin * 100.0, 1),
        view.confidence(),
    );
    let levels: Vec<f64> = calibration.contenders.first().map(|one| one.discoveries.iter().map(|d| d.level).collect()).unwrap_or_default();
    let head = html! {
        (markup::head(&say.detector(), false)) (markup::head(&say.rate(), true)) (markup::head(&say.bound(), true)) (markup::head(&say.observed(), true))
        @for level in &levels { (markup::head(&say.discoveries(numbers.percent(*level)), true)) }
    };
    let row = |one: &Calibrated| html! {
        tr {
            th scope="row" { (view.title_of(&one.contender)) }
            (markup::number(&percent(one.rate), one.rate)) (markup::number(&percent(one.bound), one.bound)) (markup::number(&percent(one.observed), one.observed))
            @for found in &one.discoveries {
                (markup::with_interval(&numbers.integer(found.raised), found.wrong.filter(|_| found.raised > 0).map(|wrong| say.wrong(numbers.integer(wrong))), found.raised as f64))
            }
        }
    };
    let body = html! { @for one in &calibration.contenders { (row(one)) } };
    Some(html! {
        p.lead { (lead) }
        p { (say.condition(numbers.count(calibration.decisions_per_day))) " " (if broken > 0 { say.broken(broken) } else { say.kept() }) }
        (markup::table("", &say.caption(), false, &head, &body))
    })
}
