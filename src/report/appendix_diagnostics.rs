//! What can be said without any label: shown, and never used to choose.

use maud::{Markup, html};

use super::view::View;
use crate::{detect::Kind, evaluate::PairAgreement};

phrases! { Say {
    heading() { en: "Diagnostics without labels", fr: "Diagnostics sans étiquettes" }
    agreement(pairs, correlation, overlap) {
        en: "Over {pairs} pairs of detectors the mean rank correlation of their scores is {correlation}, and {overlap} of their alerts at the budget are the same.",
        fr: "Sur {pairs} paires de détecteurs, la corrélation de rang moyenne de leurs scores est de {correlation}, et {overlap} de leurs alertes au budget sont les mêmes.",
    }
    never() {
        en: "None of this chose the pick or entered the verdict: published comparisons find no score without labels that picks a better detector than chance or a default isolation forest (Ma, Zhao, Zhang, Akoglu, SIGKDD Explorations 2023).",
        fr: "Rien de cela n’a choisi le candidat retenu ni pesé sur le verdict : les comparaisons publiées ne trouvent aucun score sans étiquettes qui choisisse mieux que le hasard ou qu’une forêt d’isolation par défaut (Ma, Zhao, Zhang, Akoglu, SIGKDD Explorations 2023).",
    }
} }

section!("diagnostics", Appendix, |view| Some(Say(view.language).heading()), render);

fn render(view: &View<'_>) -> Option<Markup> {
    let say = Say(view.language);
    let evaluation = &view.evaluation;
    let learns = |id: &str| evaluation.contender(id).is_some_and(|c| c.kind == Kind::Detector);
    let pairs: Vec<&PairAgreement> = evaluation.agreement.iter().filter(|pair| learns(&pair.a) && learns(&pair.b)).collect();
    if pairs.is_empty() {
        return None;
    }
    let mean = |of: fn(&PairAgreement) -> f64| pairs.iter().map(|pair| of(pair)).sum::<f64>() / pairs.len() as f64;
    let correlation = view.numbers.decimal(mean(|pair| pair.rank_correlation), 2);
    let overlap = view.numbers.percent(mean(|pair| pair.overlap));
    Some(html! {
        p { (say.agreement(view.numbers.integer(pairs.len() as u64), correlation, overlap)) " " (say.never()) }
    })
}
