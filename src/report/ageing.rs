//! How long a fitted detector lasts.

use super::{figure, study::section, view::View};
use crate::evaluate::study::{Study, StudyPoint, StudyValue};

phrases! { Say {
    heading() { en: "How soon must it learn again?", fr: "Quand faut-il réapprendre ?" }
    days(pick, fitted, budget, first, last, most) {
        en: "Fitted on the first {fitted} days with a threshold that gives {budget} alerts a day there, {pick} raises {first} on the first day after, {last} on the last, {most} on the busiest.",
        fr: "Ajusté sur les {fitted} premiers jours, avec un seuil qui y donne {budget} alertes par jour, {pick} en lève {first} le premier jour suivant, {last} le dernier, {most} le jour le plus chargé.",
    }
    steady(days) {
        en: "Over {days} days the number of alerts never stays outside half and twice of what was meant: nothing here asks for learning more often.",
        fr: "Sur {days} jours, le nombre d’alertes ne reste jamais hors de l’intervalle entre la moitié et le double du prévu : rien ici n’oblige à réapprendre plus souvent.",
    }
    decays(day) {
        en: "From day {day} on the mean is outside half and twice of what was meant: learn again at least every {day} days, or set the threshold anew.",
        fr: "À partir du jour {day}, la moyenne sort de l’intervalle entre la moitié et le double du prévu : réapprendre au moins tous les {day} jours, ou refixer le seuil.",
    }
} }

section!(
    "ageing",
    Body,
    |view| view.studies.as_ref()?.get("ageing").map(|_| Say(view.language).heading()),
    render
);

fn render(view: &View<'_>) -> Option<maud::Markup> {
    section(view, "ageing", figure::AGEING, sentences)
}

/// The first day from which on the mean number of alerts is outside half and twice of what was meant.
fn decay(alerts: &[f64], meant: f64) -> Option<usize> {
    (0..alerts.len()).find(|&from| {
        let mean = alerts[from..].iter().sum::<f64>() / (alerts.len() - from) as f64;
        let now = alerts[from];
        [mean, now].iter().all(|value| *value > 2.0 * meant) || [mean, now].iter().all(|value| *value < meant / 2.0)
    })
}

fn sentences(view: &View<'_>, study: &Study, points: &[(&StudyPoint, &StudyValue)]) -> Option<String> {
    let say = Say(view.language);
    let [fitted, meant] = study.about.as_slice() else { return None };
    let meant: f64 = meant.parse().ok()?;
    let alerts: Vec<f64> = points.iter().filter_map(|(_, value)| value.alerts_per_day).collect();
    let (first, last) = (alerts.first()?, alerts.last()?);
    let most = alerts.iter().copied().fold(0.0, f64::max);
    let name = view.title_of(&points.first()?.1.contender);
    let count = |value: &f64| view.numbers.count(*value);
    let days = say.days(name, fitted, count(&meant), count(first), count(last), count(&most));
    let end = match decay(&alerts, meant) {
        Some(from) => say.decays(&points[from].0.label),
        None => say.steady(alerts.len()),
    };
    Some(format!("{days} {end}"))
}

#[cfg(test)]
mod tests {
    use super::decay;

    #[test]
    fn decay_begins_where_the_rest_is_outside_half_and_twice() {
        assert_eq!(decay(&[20.0, 22.0, 18.0, 30.0], 20.0), None);
        assert_eq!(decay(&[20.0, 22.0, 50.0, 60.0], 20.0), Some(2));
        assert_eq!(decay(&[20.0, 22.0, 5.0, 6.0], 20.0), Some(2));
        assert_eq!(decay(&[90.0, 20.0, 19.0, 21.0], 20.0), None, "one bad day is no decay");
        assert_eq!(decay(&[], 20.0), None);
    }
}
