//! What can be said without any label: shown, and never used to choose.

use maud::{Markup, html};

use super::{markup, view::View};
use crate::{
    detect::Kind,
    evaluate::{Enclosure, MassVolume, Measured, PairAgreement, Status},
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
    mass_volume() { en: "Mass-volume curves: the least share of space that holds so many units", fr: "Courbes masse-volume : la moindre part de l’espace qui contient tant d’unités" }
    excess_mass() { en: "Excess-mass curves: units held less the price of the space that holds them", fr: "Courbes d’excès de masse : unités contenues moins le prix de l’espace qui les contient" }
    detector() { en: "Detector", fr: "Détecteur" }
    holds(mass) { en: "{mass} of units", fr: "{mass} des unités" }
    price(price) { en: "price {price}", fr: "prix {price}" }
    area_volume() { en: "Area, 90 to 100 %", fr: "Aire, 90 à 100 %" }
    area_excess() { en: "Area, down to 90 %", fr: "Aire, jusqu’à 90 %" }
    between(low, high) { en: "{low} to {high}", fr: "{low} à {high}" }
    how(features, of, draws, learned, judged, points) {
        en: "How tightly the lower scores enclose the units (Goix 2016): {draws} draws of {features} of the {of} features, each detector fitted anew on {learned} rows, {judged} judged rows against {points} uniform points in the box around them, whose volume is 1. Means over the draws, beneath an area its least and its most. A detector that encloses more tightly has small areas in the first table and large ones in the second; a random ranking takes as much volume as mass.",
        fr: "À quel point les scores bas enserrent les unités (Goix 2016) : {draws} tirages de {features} des {of} caractéristiques, chaque détecteur réappris sur {learned} lignes, {judged} lignes jugées face à {points} points uniformes dans la boîte qui les entoure, de volume 1. Moyennes sur les tirages, sous une aire son minimum et son maximum. Un détecteur qui enserre mieux a de petites aires dans le premier tableau et de grandes dans le second ; un classement au hasard prend autant de volume que de masse.",
    }
    left_out(names) {
        en: "Not shown, since they cannot be fitted on so few features or rows: {names}.",
        fr: "Non montrés, faute de pouvoir apprendre sur si peu de caractéristiques ou de lignes : {names}.",
    }
    hollow(floor) {
        en: "A volume below {floor} is less than one point; where fields have long tails most detectors are there, and an area of excess mass then ends at price 100.",
        fr: "Un volume sous {floor} est moins d’un point ; là où les champs ont de longues queues, la plupart des détecteurs y sont, et une aire d’excès de masse s’arrête alors au prix 100.",
    }
} }

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
    markup::with_interval(&told(mean), (least < most).then(|| say.between(told(least), told(most))), mean)
}

/// One row for each contender: its points of a curve, and the area below it.
fn curve(
    view: &View<'_>,
    (caption, points, area_name): (&str, &[String], &str),
    found: &MassVolume,
    cells: impl Fn(&Enclosure) -> Markup,
) -> Markup {
    let say = Say(view.language);
    let head = html! {
        (markup::head(&say.detector(), false))
        @for name in points { (markup::head(name, true)) }
        (markup::head(area_name, true))
    };
    let body = html! {
        @for of in &found.contenders {
            tr { th scope="row" { (view.title_of(&of.contender)) } (cells(of)) }
        }
    };
    markup::table("", caption, true, &head, &body)
}

fn curves(view: &View<'_>, say: Say, found: &MassVolume) -> Markup {
    let numbers = view.numbers;
    let floor = 1.0 / (found.points * found.draws).max(1) as f64;
    let volume = |share: f64| if share < floor { format!("< {}", numbers.percent(floor)) } else { numbers.percent(share) };
    let masses: Vec<String> = found.masses.iter().map(|&mass| say.holds(numbers.percent(mass))).collect();
    let prices: Vec<String> = found.prices.iter().map(|&price| say.price(numbers.significant(price, 3))).collect();
    let whole = |n: u64| numbers.integer(n);
    html! {
        h3 { (say.mass_volume()) }
        (curve(view, (&say.mass_volume(), &masses, &say.area_volume()), found, |of| html! {
            @for &share in &of.volume_at { (markup::number(&volume(share), share)) }
            (area(view, say, of.volume_area))
        }))
        h3 { (say.excess_mass()) }
        (curve(view, (&say.excess_mass(), &prices, &say.area_excess()), found, |of| html! {
            @for &excess in &of.excess_at { (markup::number(&numbers.decimal(excess, 3), excess)) }
            (area(view, say, of.excess_area))
        }))
        p.footnote {
            (say.how(whole(found.features), whole(found.of_features), whole(found.draws), whole(found.learned), whole(found.judged), whole(found.points)))
            " " (say.hollow(numbers.percent(floor)))
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
