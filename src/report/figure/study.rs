//! Studies: the pick's value at each point with its interval, the other contenders as grey dots.

use super::{
    Chart,
    drawing::{Axis, Drawing, Ink, Shape, Side},
};
use crate::{
    evaluate::study::{Study, StudyValue},
    report::view::View,
    text::visible_within,
};

phrases! { Say {
    caught() { en: "Incidents caught at the budget", fr: "Incidents détectés au budget" }
    overlap() { en: "Alerts that are the same as in the run", fr: "Alertes identiques à celles de l’exécution" }
    alerts() { en: "Alerts a day at the threshold set before", fr: "Alertes par jour au seuil fixé auparavant" }
    training_days() { en: "Training days", fr: "Jours d’apprentissage" }
    days_after() { en: "Days after the last one that was learned from", fr: "Jours après le dernier jour appris" }
    fields() { en: "Fields that know the mass of users", fr: "Champs qui connaissent la masse des utilisateurs" }
    factor() { en: "Main parameter, as a multiple of what it is", fr: "Paramètre principal, en multiple de sa valeur" }
    luck() { en: "What was different", fr: "Ce qui était différent" }
    title_days(pick) { en: "{pick}, by the number of days it learned from", fr: "{pick}, selon le nombre de jours appris" }
    title_ageing(pick) { en: "{pick}, day by day after it was fitted", fr: "{pick}, jour après jour après l’ajustement" }
    title_fields(pick) { en: "{pick}, with and without the fields that know the mass of users", fr: "{pick}, avec et sans les champs qui connaissent la masse des utilisateurs" }
    title_factor(pick) { en: "{pick}, with its main parameter halved and doubled", fr: "{pick}, avec son paramètre principal divisé par deux et doublé" }
    title_luck(pick) { en: "{pick}, with other seeds and with days left out", fr: "{pick}, avec d’autres graines et des jours retirés" }
    with() { en: "with", fr: "avec" }
    without() { en: "without", fr: "sans" }
} }

const WIDTH: f64 = 900.0;
const HEIGHT: f64 = 300.0;
const LEFT: f64 = 66.0;
const RIGHT: f64 = 880.0;
const TOP: f64 = 34.0;
const BOTTOM: f64 = 240.0;

/// What is drawn of a value, with its interval.
type Read = fn(&StudyValue) -> Option<(f64, Option<(f64, f64)>)>;

fn recall(value: &StudyValue) -> Option<(f64, Option<(f64, f64)>)> {
    value.recall.as_ref().map(|recall| (recall.value, recall.low.zip(recall.high)))
}

fn overlap(value: &StudyValue) -> Option<(f64, Option<(f64, f64)>)> {
    value.overlap.map(|share| (share, None))
}

fn alerts(value: &StudyValue) -> Option<(f64, Option<(f64, f64)>)> {
    value.alerts_per_day.map(|count| (count, None))
}

/// More training days.
pub(super) fn learning_curve(view: &View<'_>) -> Option<Chart> {
    let say = Say(view.language);
    chart(view, "learning_curve", "learning-curve", |pick| say.title_days(pick), say.training_days())
}

/// Days after the fit.
pub(super) fn ageing(view: &View<'_>) -> Option<Chart> {
    let say = Say(view.language);
    chart(view, "ageing", "ageing", |pick| say.title_ageing(pick), say.days_after())
}

/// With and without the mass of users.
pub(super) fn peers_ablation(view: &View<'_>) -> Option<Chart> {
    let say = Say(view.language);
    chart(view, "peers_ablation", "peers-ablation", |pick| say.title_fields(pick), say.fields())
}

/// Other parameters.
pub(super) fn sensitivity(view: &View<'_>) -> Option<Chart> {
    let say = Say(view.language);
    chart(view, "sensitivity", "sensitivity", |pick| say.title_factor(pick), say.factor())
}

/// Other luck.
pub(super) fn stability(view: &View<'_>) -> Option<Chart> {
    let say = Say(view.language);
    chart(view, "stability", "stability", |pick| say.title_luck(pick), say.luck())
}

fn chart(view: &View<'_>, id: &str, name: &'static str, title: impl Fn(String) -> String, caption: String) -> Option<Chart> {
    let say = Say(view.language);
    let study = view.studies.as_ref()?.get(id).filter(|study| !study.points.is_empty())?;
    let values = || study.points.iter().flat_map(|point| &point.values);
    let (read, axis_title): (Read, String) = if values().any(|value| alerts(value).is_some()) {
        (alerts, say.alerts())
    } else if values().any(|value| recall(value).is_some()) && id != "stability" {
        (recall, say.caught())
    } else {
        (overlap, say.overlap())
    };
    let shares = !axis_title.eq(&say.alerts());
    let highest = values().filter_map(read).map(|(value, _)| value).fold(0.0, f64::max);
    let y = Axis::linear(0.0, if shares { 1.0 } else { highest * 1.08 }, BOTTOM, TOP);
    let mut drawing = Drawing::new(WIDTH, HEIGHT);
    for tick in y.ticks(4) {
        let text = if shares { view.numbers.percent(tick) } else { view.numbers.count(tick) };
        drawing.line((LEFT, y.place(tick)), (RIGHT, y.place(tick)), Ink::Grid, 1.0);
        drawing.text((LEFT - 10.0, y.place(tick)), text, Side::End, Ink::Soft, 12.0);
    }
    drawing.text((4.0, TOP - 20.0), axis_title, Side::Start, Ink::Soft, 12.0);
    drawing.text((f64::midpoint(LEFT, RIGHT), BOTTOM + 46.0), caption, Side::Middle, Ink::Soft, 12.0);
    let described = points(view, study, read, &y, shares, &mut drawing);
    let pick = view.pick_id().map_or_else(|| "—".to_owned(), |id| view.title_of(id));
    Some(Chart { name, title: title(pick), description: described.join("; "), drawing })
}

/// Draws the points from left to right, and tells the pick's.
fn points(view: &View<'_>, study: &Study, read: Read, y: &Axis, shares: bool, drawing: &mut Drawing) -> Vec<String> {
    let say = Say(view.language);
    let step = (RIGHT - LEFT) / study.points.len() as f64;
    let pick = view.pick_id();
    let mut path = Vec::new();
    let mut described = Vec::new();
    for (index, point) in study.points.iter().enumerate() {
        let x = LEFT + step * (index as f64 + 0.5);
        let label = match point.label.as_str() {
            "with" => say.with(),
            "without" => say.without(),
            other => visible_within(other, ((step / 6.5) as usize).max(3)).into_owned(),
        };
        drawing.text((x, BOTTOM + 18.0), label.clone(), Side::Middle, Ink::Soft, 12.0);
        for value in point.values.iter().filter(|value| Some(value.contender.as_str()) != pick) {
            if let Some((share, _)) = read(value) {
                drawing.marker((x, y.place(share)), Shape::Ring, 3.5, Ink::Other);
            }
        }
        let Some((value, interval)) = point.values.iter().find(|value| Some(value.contender.as_str()) == pick).and_then(read) else {
            continue;
        };
        if let Some((low, high)) = interval {
            drawing.line((x, y.place(low)), (x, y.place(high)), Ink::Accent, 2.0);
        }
        path.push((x, y.place(value)));
        let told = if shares { view.numbers.percent(value) } else { view.numbers.count(value) };
        described.push(format!("{label}{}{told}", crate::report::markup::Shared(view.language).colon()));
    }
    drawing.path(path.clone(), Ink::Accent, 2.5);
    for at in path {
        drawing.marker(at, Shape::Circle, 5.0, Ink::Accent);
    }
    described
}
