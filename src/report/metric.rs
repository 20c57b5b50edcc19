//! The measures that criteria name: what they are called, and how their values are written.

use super::view::View;
use crate::{
    decide::{Direction, Judged},
    text::{Numbers, THIN, visible_within},
};

phrases! { Names {
    fp_reduction() { en: "False alerts cut", fr: "Fausses alertes évitées" }
    recall_kept() { en: "Incidents kept", fr: "Incidents conservés" }
    recall() { en: "Incidents caught", fr: "Incidents détectés" }
    precision() { en: "True among alerts", fr: "Alertes justifiées" }
    alerts_per_day() { en: "Alerts a day", fr: "Alertes par jour" }
    alerts_per_day_p95() { en: "Alerts on a busy day", fr: "Alertes, jour chargé" }
    alerts_per_day_max() { en: "Alerts on the worst day", fr: "Alertes, pire journée" }
    alerts_per_week() { en: "Alerts a week", fr: "Alertes par semaine" }
    false_alerts_per_week() { en: "False alerts a week", fr: "Fausses alertes/semaine" }
    incidents_caught() { en: "Incidents caught", fr: "Incidents détectés" }
    incidents_missed() { en: "Incidents missed", fr: "Incidents manqués" }
    hours_to_alert() { en: "Time to first alert", fr: "Délai avant alerte" }
    payback_months() { en: "Payback", fr: "Amortissement" }
    net_present_value() { en: "Net saving", fr: "Gain net" }
    net_saving_per_year() { en: "Net saving a year", fr: "Gain net par an" }
    roi() { en: "Return on investment", fr: "Retour sur investiss." }
    chance_positive() { en: "Chance that it pays", fr: "Chance de gain" }
    hours_freed() { en: "Hours freed a week", fr: "Heures libérées/semaine" }
    labelled_alerts() { en: "Labelled alerts", fr: "Alertes étiquetées" }
    average_precision() { en: "Average precision", fr: "Précision moyenne" }
    month() { en: "months", fr: "mois" }
    one_month() { en: "month", fr: "mois" }
} }

/// In which unit a measure is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Share,
    Count,
    Months,
    Money,
    Hours,
    Plain,
}

fn known(metric: &str, say: Names) -> Option<(String, Unit)> {
    Some(match metric {
        "fp_reduction" => (say.fp_reduction(), Unit::Share),
        "recall_kept" => (say.recall_kept(), Unit::Share),
        "recall" => (say.recall(), Unit::Share),
        "precision" => (say.precision(), Unit::Share),
        "alerts_per_day" => (say.alerts_per_day(), Unit::Count),
        "alerts_per_day_p95" => (say.alerts_per_day_p95(), Unit::Count),
        "alerts_per_day_max" => (say.alerts_per_day_max(), Unit::Count),
        "alerts_per_week" => (say.alerts_per_week(), Unit::Count),
        "false_alerts_per_week" => (say.false_alerts_per_week(), Unit::Count),
        "incidents_caught" => (say.incidents_caught(), Unit::Count),
        "incidents_missed" => (say.incidents_missed(), Unit::Count),
        "hours_to_alert" => (say.hours_to_alert(), Unit::Hours),
        "payback_months" => (say.payback_months(), Unit::Months),
        "net_present_value" => (say.net_present_value(), Unit::Money),
        "net_saving_per_year" => (say.net_saving_per_year(), Unit::Money),
        "roi" => (say.roi(), Unit::Share),
        "chance_positive" => (say.chance_positive(), Unit::Share),
        "hours_per_week_freed" | "hours_freed" => (say.hours_freed(), Unit::Hours),
        "labelled_alerts" | "labels" => (say.labelled_alerts(), Unit::Count),
        "average_precision" => (say.average_precision(), Unit::Plain),
        _ => return None,
    })
}

/// What a measure is called: fewer than 24 characters.
pub(super) fn name(view: &View<'_>, metric: &str) -> String {
    known(metric, Names(view.language)).map_or_else(|| visible_within(&metric.replace('_', " "), 23).into_owned(), |(name, _)| name)
}

/// A value of a measure with its unit.
pub(super) fn value(view: &View<'_>, metric: &str, value: f64) -> String {
    written(view, metric, value, money_step(value, value))
}

/// What was asked: `≥ 40 %`.
pub(super) fn asked(view: &View<'_>, judged: &Judged) -> String {
    let sign = match judged.direction {
        Direction::AtLeast => '≥',
        Direction::AtMost => '≤',
    };
    format!("{sign}{THIN}{}", value(view, &judged.metric, judged.limit))
}

/// What was measured, rounded as its interval allows.
pub(super) fn measured(view: &View<'_>, judged: &Judged) -> Option<String> {
    let step = money_step(judged.low.unwrap_or_default(), judged.high.unwrap_or_default());
    judged.value.map(|value| written(view, &judged.metric, value, step))
}

/// The interval of what was measured: `72 to 81 %`; `None` where it is a point or has no limits.
pub(super) fn interval(view: &View<'_>, judged: &Judged) -> Option<String> {
    let numbers = view.numbers;
    let unit = known(&judged.metric, Names(view.language)).map_or(Unit::Plain, |(_, unit)| unit);
    match (judged.low, judged.high) {
        (Some(low), Some(high)) if low == high => None,
        (Some(low), Some(high)) => Some(match unit {
            Unit::Share => numbers.percent_between(low, high),
            Unit::Money => numbers.money_between(low, high, Numbers::money_step(low, judged.value.unwrap_or(low), high), &currency(view)),
            Unit::Months => {
                format!("{}{THIN}{}", numbers.to(&numbers.decimal(low, 0), &numbers.decimal(high, 0)), months(view, high.round()))
            }
            Unit::Hours => format!("{}{THIN}h", numbers.between(low, high)),
            Unit::Count => numbers.between(low, high),
            Unit::Plain => numbers.to(&numbers.significant(low, 3), &numbers.significant(high, 3)),
        }),
        // Longer than ten years is not told apart from never.
        (Some(low), None) if unit == Unit::Months => {
            Some(format!("{}{THIN}{}", numbers.to(&numbers.decimal(low, 0), &format!(">{THIN}120")), months(view, 120.0)))
        }
        (Some(low), None) => Some(format!("≥{THIN}{}", written(view, &judged.metric, low, money_step(low, low)))),
        (None, Some(high)) => Some(format!("≤{THIN}{}", written(view, &judged.metric, high, money_step(high, high)))),
        (None, None) => None,
    }
}

fn written(view: &View<'_>, metric: &str, value: f64, step: f64) -> String {
    let numbers = view.numbers;
    match known(metric, Names(view.language)).map(|(_, unit)| unit) {
        Some(Unit::Share) => numbers.percent(value),
        Some(Unit::Count) => numbers.count(value),
        Some(Unit::Months) => month_count(view, value),
        Some(Unit::Money) => numbers.money(value, step, &currency(view)),
        Some(Unit::Hours) => numbers.hours(value),
        Some(Unit::Plain) | None => numbers.significant(value, 3),
    }
}

/// A number of months: `< 1 month`, `9 months`.
pub(super) fn month_count(view: &View<'_>, count: f64) -> String {
    if count > 0.0 && count < 0.5 {
        return format!("<{THIN}1{THIN}{}", months(view, 1.0));
    }
    format!("{}{THIN}{}", view.numbers.decimal(count, 0), months(view, count.round()))
}

/// `month` or `months`.
pub(super) fn months(view: &View<'_>, count: f64) -> String {
    let say = Names(view.language);
    if count == 1.0 { say.one_month() } else { say.month() }
}

/// The rounding of an amount of money by its interval.
fn money_step(low: f64, high: f64) -> f64 {
    Numbers::money_step(low, f64::midpoint(low, high), high)
}

/// The currency of the run's money.
pub(super) fn currency(view: &View<'_>) -> String {
    view.cost.as_ref().map_or_else(
        || view.resolved.experiment.cost.as_ref().map_or_else(|| "EUR".into(), |cost| cost.currency.clone()),
        |cost| cost.currency.clone(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::Language;

    #[test]
    fn names_are_short_in_every_language() {
        let metrics = [
            "fp_reduction",
            "recall_kept",
            "recall",
            "precision",
            "alerts_per_day",
            "alerts_per_day_p95",
            "alerts_per_day_max",
            "alerts_per_week",
            "false_alerts_per_week",
            "incidents_caught",
            "incidents_missed",
            "hours_to_alert",
            "payback_months",
            "net_present_value",
            "roi",
            "chance_positive",
            "hours_freed",
            "labelled_alerts",
            "average_precision",
        ];
        for metric in metrics {
            for language in [Language::En, Language::Fr] {
                let (name, _) = known(metric, Names(language)).unwrap();
                assert!(name.chars().count() < 24, "{name}");
            }
        }
    }
}
