//! The measures that criteria name: what they are called, and how their values are written.

use super::view::View;
use crate::{
    decide::{Direction, Judged},
    spec::Language,
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
    points() { en: "points", fr: "points" }
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

/// How measures are written in a language and a currency.
pub(super) struct Pen {
    /// The language of names and units.
    pub language: Language,
    /// How its numbers are written.
    pub numbers: Numbers,
    /// What money is in.
    pub currency: String,
}

impl Pen {
    /// Writes in a language and a currency.
    pub(super) fn new(language: Language, currency: &str) -> Self {
        Self { language, numbers: Numbers::new(language), currency: currency.to_owned() }
    }

    fn of(view: &View<'_>) -> Self {
        Self { language: view.language, numbers: view.numbers, currency: currency(view) }
    }

    /// What a measure is called: fewer than 24 characters.
    pub(super) fn name(&self, metric: &str) -> String {
        known(metric, Names(self.language)).map_or_else(|| visible_within(&metric.replace('_', " "), 23).into_owned(), |(name, _)| name)
    }

    fn unit(&self, metric: &str) -> Unit {
        known(metric, Names(self.language)).map_or(Unit::Plain, |(_, unit)| unit)
    }

    /// A value of a measure with its unit, money rounded to a step.
    fn written(&self, metric: &str, value: f64, step: f64) -> String {
        let numbers = self.numbers;
        match self.unit(metric) {
            Unit::Share => numbers.percent(value),
            Unit::Count => numbers.count(value),
            Unit::Months => month_count(self.language, value),
            Unit::Money => numbers.money(value, step, &self.currency),
            Unit::Hours => numbers.hours(value),
            Unit::Plain => numbers.significant(value, 3),
        }
    }

    /// A value of a measure with its unit, rounded as its interval allows.
    pub(super) fn value(&self, metric: &str, value: f64, low: Option<f64>, high: Option<f64>) -> String {
        self.written(metric, value, money_step(low.unwrap_or_default(), high.unwrap_or_default()))
    }

    /// A difference of a measure with its sign, and its interval: `+14 points (−2.3 to +28 points)`.
    pub(super) fn difference(&self, metric: &str, value: f64, low: f64, high: f64) -> String {
        let numbers = self.numbers;
        let sign = |value: f64| if value > 0.0 { "+" } else { "" };
        let (written, unit): (Box<dyn Fn(f64) -> String>, String) = match self.unit(metric) {
            Unit::Share => {
                let points = move |value: f64| numbers.decimal(100.0 * value, usize::from(value.abs() < 0.1));
                (Box::new(move |value| format!("{}{}", sign(value), points(value))), format!("{THIN}{}", Names(self.language).points()))
            }
            Unit::Money => {
                let step = Numbers::money_step(low, value, high);
                let currency = self.currency.clone();
                (Box::new(move |value| format!("{}{}", sign(value), numbers.money(value, step, &currency))), String::new())
            }
            Unit::Count | Unit::Months | Unit::Hours | Unit::Plain => (Box::new(move |value| numbers.signed(value)), String::new()),
        };
        format!("{}{unit} ({}{unit})", written(value), numbers.to(&written(low), &written(high)))
    }

    /// The interval of a measure: `72 to 81 %`; `None` where it is a point or has no limits.
    pub(super) fn interval(&self, metric: &str, value: Option<f64>, low: Option<f64>, high: Option<f64>) -> Option<String> {
        let (numbers, unit) = (self.numbers, self.unit(metric));
        match (low, high) {
            (Some(low), Some(high)) if low == high => None,
            (Some(low), Some(high)) => Some(match unit {
                Unit::Share => numbers.percent_between(low, high),
                Unit::Money => numbers.money_between(low, high, Numbers::money_step(low, value.unwrap_or(low), high), &self.currency),
                Unit::Months => {
                    let months = months(self.language, high.round());
                    format!("{}{THIN}{months}", numbers.to(&numbers.decimal(low, 0), &numbers.decimal(high, 0)))
                }
                Unit::Hours => format!("{}{THIN}h", numbers.between(low, high)),
                Unit::Count => numbers.between(low, high),
                Unit::Plain => numbers.to(&numbers.significant(low, 3), &numbers.significant(high, 3)),
            }),
            // Longer than ten years is not told apart from never.
            (Some(low), None) if unit == Unit::Months => {
                let months = months(self.language, 120.0);
                Some(format!("{}{THIN}{months}", numbers.to(&numbers.decimal(low, 0), &format!(">{THIN}120"))))
            }
            (Some(low), None) => Some(format!("≥{THIN}{}", self.written(metric, low, money_step(low, low)))),
            (None, Some(high)) => Some(format!("≤{THIN}{}", self.written(metric, high, money_step(high, high)))),
            (None, None) => None,
        }
    }
}

/// What a measure is called: fewer than 24 characters.
pub(super) fn name(view: &View<'_>, metric: &str) -> String {
    Pen::of(view).name(metric)
}

/// A value of a measure with its unit.
pub(super) fn value(view: &View<'_>, metric: &str, value: f64) -> String {
    Pen::of(view).written(metric, value, money_step(value, value))
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
    judged.value.map(|value| Pen::of(view).value(&judged.metric, value, judged.low, judged.high))
}

/// The interval of what was measured: `72 to 81 %`; `None` where it is a point or has no limits.
pub(super) fn interval(view: &View<'_>, judged: &Judged) -> Option<String> {
    Pen::of(view).interval(&judged.metric, judged.value, judged.low, judged.high)
}

/// A number of months: `< 1 month`, `9 months`.
pub(super) fn month_count(language: Language, count: f64) -> String {
    if count > 0.0 && count < 0.5 {
        return format!("<{THIN}1{THIN}{}", months(language, 1.0));
    }
    format!("{}{THIN}{}", Numbers::new(language).decimal(count, 0), months(language, count.round()))
}

/// `month` or `months`.
pub(super) fn months(language: Language, count: f64) -> String {
    let say = Names(language);
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
