//! What can be said without any label: shown, and never used to choose.

use maud::{Markup, html};

use super::{markup, view::View};
use crate::{
    detect::Kind,
    evaluate::{MassVolume, Measured, PairAgreement, Status},
};

phrases! { Say {
    heading() { en: "Diagnostics without labels", fr: "Diagnostics sans étiquettes" }
    agreement(pairs, correlation, overlap) {
        en: "Over {pairs} pairs of detectors the mean rank correlation of their scores is {correlation}, and {overlap} of their alerts at the budget are the same.",
        fr: "Sur {pairs} paires de détecteurs, la corrélation de rang moyenne de leurs scores est de {correlation}, et {overlap} de leurs alertes au budget sont les mêmes.",
    }
    never() {
        en: "No selection is made by anything here, neither the pick nor the verdict: published comparisons find no score without labels that picks a better detector than chance or a default isolation forest (Ma, Zhao, Zhang, Akoglu, SIGKDD Explorations 2023).",
        fr: "Rien ici ne sert à choisir, ni le candidat retenu ni le verdict : les comparaisons publiées ne trouvent aucun score sans étiquettes qui choisisse mieux que le hasard ou qu’une forêt d’isolation par défaut (Ma, Zhao, Zhang, Akoglu, SIGKDD Explorations 2023).",
    }
    curves() { en: "Mass-volume and excess-mass curves", fr: "Courbes masse-volume et d’excès de masse" }
    detector() { en: "Detector", fr: "Détecteur" }
    holds(mass) { en: "Space that holds {mass}", fr: "Espace contenant {mass}" }
    price(price) { en: "Excess at price {price}", fr: "Excès au prix {price}" }
    area() { en: "Area", fr: "Aire" }
    between(low, high) { en: "{low} to {high}", fr: "{low} à {high}" }
    how(features, of, draws, learned, judged, points) {
        en: "How tightly the lower scores enclose the units (Goix 2016): {draws} draws of {features} of the {of} features, each detector fitted anew on {learned} rows, {judged} judged rows against {points} uniform points in the box around them. Space: the least share of the box that holds so many units. Excess: the share of units held less the price times the space. Areas: of space over 90 to 100 % of the units, of excess down to 90 %; means over the draws, beneath them the least and the most. A random ranking takes as much space as units; `evaluation.json` has more of the curves.",
        fr: "À quel point les scores bas enserrent les unités (Goix 2016) : {draws} tirages de {features} des {of} caractéristiques, chaque détecteur réappris sur {learned} lignes, {judged} lignes jugées face à {points} points uniformes dans la boîte qui les entoure. Espace : la moindre part de la boîte qui contient tant d’unités. Excès : la part d’unités contenue moins le prix fois l’espace. Aires : de l’espace entre 90 et 100 % des unités, de l’excès jusqu’à 90 % ; moyennes sur les tirages, dessous le minimum et le maximum. Un classement au hasard prend autant d’espace que d’unités ; `evaluation.json` en dit plus.",
    }
    left_out(names) {
        en: "Not shown, since they cannot be fitted on so few features or rows: {names}.",
        fr: "Non montrés, faute de pouvoir apprendre sur si peu de caractéristiques ou de lignes : {names}.",
    }
    hollow(floor) {
        en: "Space below {floor} % is less than one point; where fields have long tails many detectors come there, and an area of excess ends at price 100.",
        fr: "Un espace sous {floor} % est moins d’un point ; là où les champs ont de longues queues, bien des détecteurs y viennent, et une aire d’excès s’arrête au prix 100.",
    }
} }

/// Masses from here on are shown.
const HIGH: f64 = 0.9;

section!("diagnostics", Appendix, |view| Some(Say(view.language).heading()), render);

fn agreement(view: &View<'_>, say: Say) -> Option<String> {
    let evaluation = &view.evaluation;
    let learns = |id: &str| evaluation.contender(id).is_some_and(|c| c.kind == Kind::Detector);
    let pairs: Vec<&PairAgreement> = evaluation.agreement.iter().filter(|pair| learns(&pair.a) && learns(&pair.b)).collect();
    if pairs.is_empty() {
        return None;
    }
    let mean = |of: fn(&PairAgreement) -> f64| pairs.iter().map(|pair| of(pair)).sum::<f64>() / pairs.len() as f64;
    let correlation = view.numbers.decimal(mean(|pair| pair.rank_correlation), 2);
    let overlap = view.numbers.percent(mean(|pair| pair.overlap));
    Some(say.agreement(view.numbers.integer(pairs.len() as u64), correlation, overlap))
}

/// A mean with the least and the most beneath, where draws differ.
fn area(view: &View<'_>, say: Say, [mean, least, most]: [f64; 3]) -> Markup {
    let told = |value| view.numbers.significant(value, 2);
    html! { td.n { (told(mean)) @if least < most { small { (say.between(told(least), told(most))) } } } }
}

/// One row for each contender, in the order of the experiment: the table cannot be sorted, since nothing is to be chosen by it.
fn curves(view: &View<'_>, say: Say, found: &MassVolume) -> Markup {
    let numbers = view.numbers;
    let floor = 1.0 / (found.points * found.draws).max(1) as f64;
    let space = |share: f64| numbers.percent(share.max(floor));
    let masses = || found.masses.iter().enumerate().filter(|(_, mass)| **mass >= HIGH);
    let prices = || found.prices.iter().enumerate().filter(|(_, price)| **price >= 1.0);
    let head = html! {
        (markup::head(&say.detector(), false))
        @for (_, &mass) in masses() { (markup::head(&say.holds(numbers.percent(mass)), true)) }
        (markup::head(&say.area(), true))
        @for (_, &price) in prices() { (markup::head(&say.price(numbers.significant(price, 3)), true)) }
        (markup::head(&say.area(), true))
    };
    let body = html! {
        @for of in &found.contenders {
            tr {
                th scope="row" { (view.title_of(&of.contender)) }
                @for (at, _) in masses() { td.n { (of.volume_at.get(at).map_or("—".to_owned(), |share| space(*share))) } }
                (area(view, say, of.volume_area))
                @for (at, _) in prices() { td.n { (of.excess_at.get(at).map_or("—".to_owned(), |excess| numbers.decimal(*excess, 3))) } }
                (area(view, say, of.excess_area))
            }
        }
    };
    let whole = |n: u64| numbers.integer(n);
    let how = say.how(
        whole(found.features),
        whole(found.of_features),
        whole(found.draws),
        whole(found.learned),
        whole(found.judged),
        whole(found.points),
    );
    html! {
        (markup::table("", &say.curves(), false, &head, &body))
        p.footnote {
            (markup::code_words(&how)) " " (say.hollow(numbers.significant(100.0 * floor, 1)))
            @if let Some(names) = left_out(view, found) { " " (say.left_out(names)) }
        }
    }
}

/// The detectors that gave scores in the run, and none here.
fn left_out(view: &View<'_>, found: &MassVolume) -> Option<String> {
    let learns = |contender: &&Measured| matches!(contender.kind, Kind::Detector | Kind::Ensemble) && contender.outcome == Status::Scored;
    let there = |contender: &&Measured| found.contenders.iter().any(|of| of.contender == contender.id);
    let names: Vec<String> =
        view.evaluation.contenders.iter().filter(learns).filter(|contender| !there(contender)).map(|contender| view.title(contender)).collect();
    (!names.is_empty()).then(|| names.join(", "))
}

fn render(view: &View<'_>) -> Option<Markup> {
    let say = Say(view.language);
    let agreement = agreement(view, say);
    let found = view.evaluation.mass_volume.as_ref().filter(|found| !found.contenders.is_empty());
    if agreement.is_none() && found.is_none() {
        return None;
    }
    Some(html! {
        p { @if let Some(agreement) = agreement { (agreement) " " } (say.never()) }
        @if let Some(found) = found { (curves(view, say, found)) }
    })
}
